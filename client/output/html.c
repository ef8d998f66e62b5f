#include "client/output/html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/html_style.h"
#include "client/output/html_text.h"
#include "client/output/provenance.h"
#include "client/output/value.h"
#include "client/verbs/shapes.h"

enum { MANY = 10, CROWD = 22 }; // criteria that paper takes in its usual letters, and in small ones at most

struct field {
    struct column column;
    const char *class;
};

static const struct column rank = {"rank", N_("Rank"), CELL_COUNT, EVERYWHERE, NULL};

// Those behind the criteria; with IF_SAID nothing is no missing figure.
static const struct field after[] = {
    {{"base", N_("Base"), CELL_POINTS, EVERYWHERE, NULL}, "n base"},
    {{"bonus", N_("Bonus"), CELL_POINTS, EVERYWHERE, NULL}, "n bonus"},
    {{"deduction", N_("Deduction"), CELL_POINTS, EVERYWHERE, NULL}, "n deduction"},
    {{"total", N_("Total"), CELL_POINTS, EVERYWHERE, NULL}, "n total"},
    {{"class", N_("Class"), CELL_TEXT, EVERYWHERE, NULL}, "class"},
    {{"sheet", N_("Sheet"), CELL_WORD, EVERYWHERE, NULL}, "state"},
    {{"remarks", N_("Remarks"), CELL_TEXT, IF_SAID, NULL}, "remarks"},
};

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

struct page {
    FILE *out;
    const struct snapshot *snapshot;
    const json_t *rows, *codes; // codes: an object whose keys they are
    int64_t scale_cp;           // a bar of this many points is full
    char mark;
};

// ---- above the table ----

static void put_start(const struct page *page, bool vietnamese, int refresh_s) {
    html_put(page->out, "<!DOCTYPE html>\n<html lang=\"$\">\n<head>\n<meta charset=\"utf-8\">\n",
             vietnamese ? "vi" : "en");
    html_put(page->out,
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"generator\" content=\"$\">\n",
             CLIENT_PROGRAM);
    if (refresh_s > 0)
        fprintf(page->out, "<meta http-equiv=\"refresh\" content=\"%d\">\n", refresh_s);
    html_put(page->out, "<title>$ · $</title>\n<style>\n", provenance_title(page->snapshot),
             provenance_period(page->snapshot));
    fputs(html_style, page->out);
    fputs("</style>\n</head>\n<body>\n", page->out);
}

static void put_header(const struct page *page) {
    const json_t *board = page->snapshot->board;
    char *moment = provenance_moment(page->snapshot), *note = totals_note(board);
    char *handed = must_format("%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT,
                               json_integer_value(json_object_get(board, "units_submitted")),
                               json_integer_value(json_object_get(board, "units")));
    html_put(page->out, "<header>\n<div>\n<h1>$</h1>\n<p class=\"period\">$</p>\n<p class=\"moment\">$</p>\n</div>\n",
             provenance_title(page->snapshot), provenance_period(page->snapshot), moment);
    html_put(page->out, "<p class=\"handed\"><strong>$</strong> $</p>\n</header>\n", handed, _("handed in"));
    if (note)
        html_put(page->out, "<p class=\"note $\" role=\"status\">$</p>\n",
                 json_is_true(json_object_get(board, "provisional")) ? "provisional" : "past", note);
    free(handed);
    free(note);
    free(moment);
}

// ---- the table ----

static char *maximum_text(const struct page *page, const json_t *object, const char *key) {
    const struct column column = {key, "", CELL_POINTS, EVERYWHERE, NULL};
    return cell_text(object, &column, STYLE_TABLE, page->mark);
}

static void put_maximum(const struct page *page, const json_t *object, const char *key, const char *class) {
    char *text = maximum_text(page, object, key);
    html_put(page->out, "<th class=\"$\">$</th>", class, text);
    free(text);
}

// Under the names what each column can come to; the rest has one cell for both lines.
static void put_head(const struct page *page) {
    const char *code;
    json_t *value;
    fputs("<thead>\n<tr>", page->out);
    html_put(page->out, "<th scope=\"col\" rowspan=\"2\">$</th><th scope=\"col\">$</th>", _(rank.header), _("Unit"));
    json_object_foreach((json_t *)page->codes, code, value)
        html_put(page->out, "<th scope=\"col\" class=\"n c\">$</th>", code);
    for (size_t i = 0; i < COUNT(after); i++)
        html_put(page->out,
                 i < 2 ? "<th scope=\"col\" class=\"$\">$</th>" : "<th scope=\"col\" rowspan=\"2\" class=\"$\">$</th>",
                 after[i].class, _(after[i].column.header));
    html_put(page->out, "</tr>\n<tr class=\"max\"><th>$</th>", _("Maximum"));
    json_object_foreach((json_t *)page->codes, code, value)
        put_maximum(page, snapshot_criterion(page->snapshot, code), "max", "n c");
    put_maximum(page, page->snapshot->period, "total", "n base");
    put_maximum(page, page->snapshot->period, "bonus_cap", "n bonus");
    fputs("</tr>\n</thead>\n", page->out);
}

static void put_rect(const struct page *page, const char *class, int64_t from_cp, int64_t points_cp) {
    if (points_cp > 0)
        fprintf(page->out, "<rect class=\"%s\" x=\"%.2f\" width=\"%.2f\" height=\"10\"/>", class,
                1000.0 * (double)from_cp / (double)page->scale_cp, 1000.0 * (double)points_cp / (double)page->scale_cp);
}

// The total, of which the end is the bonus.
static void put_bar(const struct page *page, const json_t *row) {
    int64_t total_cp = value_points_of(row, "total", -1), bonus_cp = value_points_of(row, "bonus", -1);
    if (bonus_cp < 0 || bonus_cp > total_cp)
        bonus_cp = 0;
    char *text = maximum_text(page, row, "total");
    html_put(page->out,
             "<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"$\">",
             text);
    put_rect(page, "room", 0, page->scale_cp);
    put_rect(page, "points", 0, total_cp - bonus_cp);
    put_rect(page, "bonus", total_cp - bonus_cp, bonus_cp);
    fputs("</svg>", page->out);
    free(text);
}

static void put_cell(const struct page *page, const json_t *row, const struct field *field) {
    const struct column *column = &field->column;
    bool none = !cell_says(row, column);
    char *text = none && column->where == IF_SAID ? must_strdup("") : cell_text(row, column, STYLE_TABLE, page->mark);
    html_put(page->out, "<td class=\"$$\" data-label=\"$\">$</td>", field->class, none ? " none" : "",
             _(column->header), text);
    free(text);
}

static void put_rank(const struct page *page, const json_t *row) {
    char *text = cell_text(row, &rank, STYLE_TABLE, page->mark);
    html_put(page->out, "<td class=\"rank\">$", text);
    if (json_is_true(json_object_get(row, "tied")))
        html_put(page->out, "<small>$</small>", _("tied"));
    fputs("</td>", page->out);
    free(text);
}

static void put_row(const struct page *page, const json_t *row) {
    const char *name = json_string_value(json_object_get(row, "name")), *code;
    json_t *value;
    fputs(json_integer_value(json_object_get(row, "rank")) == 1 ? "<tr class=\"lead\">" : "<tr>", page->out);
    put_rank(page, row);
    html_put(page->out, "<th scope=\"row\">$", name ? name : "");
    put_bar(page, row);
    fputs("</th>", page->out);
    json_object_foreach(json_object_get(row, "criteria"), code, value) {
        const struct column column = {code, code, CELL_POINTS, EVERYWHERE, "criteria"};
        char *text = cell_text(row, &column, STYLE_TABLE, page->mark);
        html_put(page->out, "<td class=\"n c$\" data-label=\"$\">$</td>", json_is_null(value) ? " none" : "", code,
                 text);
        free(text);
    }
    for (size_t i = 0; i < COUNT(after); i++)
        put_cell(page, row, &after[i]);
    fputs("</tr>\n", page->out);
}

static void put_table(const struct page *page) {
    size_t n = json_object_size(page->codes), i;
    json_t *row;
    html_put(page->out, "<div class=\"board\">\n<table class=\"summary$\">\n",
             n > CROWD  ? " crowd"
             : n > MANY ? " many"
                        : "");
    put_head(page);
    fputs("<tbody>\n", page->out);
    json_array_foreach(page->rows, i, row) put_row(page, row);
    fputs("</tbody>\n</table>\n</div>\n", page->out);
    if (n > CROWD)
        html_put(
            page->out, "<p class=\"printed\">$</p>\n",
            _("The points of the single criteria do not fit on paper: they are on the screen and in the workbook."));
}

// ---- below it ----

// Those that are made of items too, which have no column.
static void put_criteria(const struct page *page) {
    size_t i;
    json_t *criterion;
    html_put(page->out, "<section>\n<h2>$</h2>\n<ul class=\"criteria\">\n", _("Criteria"));
    json_array_foreach(json_object_get(page->snapshot->period, "criteria"), i, criterion) {
        const char *code = json_string_value(json_object_get(criterion, "code"));
        const char *title = json_string_value(json_object_get(criterion, "title"));
        char *most = maximum_text(page, criterion, "max");
        html_put(page->out, "<li><b>$</b> $ <i>($)</i></li>\n", code ? code : "—", title ? title : "—", most);
        free(most);
    }
    fputs("</ul>\n</section>\n", page->out);
}

static void put_signatures(const struct page *page) {
    static const char *const who[] = {N_("Prepared by"), N_("Cluster leader"), N_("For the emulation council")};
    html_put(page->out, "<section class=\"sign\">\n<p class=\"place\">$</p>\n", _("………, date …… / …… / 20……"));
    for (size_t i = 0; i < COUNT(who); i++)
        html_put(page->out, "<div><strong>$</strong><em>$</em></div>\n", _(who[i]), _("(signature and full name)"));
    fputs("</section>\n", page->out);
}

static void put_footer(const struct page *page, const struct options *options) {
    static const struct column value = {"value", "", CELL_COUNT, EVERYWHERE, NULL};
    json_t *facts = provenance(page->snapshot, options, true), *fact;
    size_t i;
    html_put(page->out, "<footer>\n<dl aria-label=\"$\">\n", _("Provenance"));
    json_array_foreach(facts, i, fact) {
        char *text = cell_text(fact, &value, STYLE_TABLE, page->mark);
        html_put(page->out, "<div><dt>$</dt><dd>$</dd></div>\n", json_string_value(json_object_get(fact, "label")),
                 text);
        free(text);
    }
    fputs("</dl>\n</footer>\n</body>\n</html>\n", page->out);
    json_decref(facts);
}

// ---- the whole ----

static int64_t scale_of(const struct page *page) {
    int64_t scale = value_points_of(page->snapshot->period, "total", -1);
    size_t i;
    json_t *row;
    json_array_foreach(page->rows, i, row) {
        int64_t total = value_points_of(row, "total", -1);
        scale = total > scale ? total : scale;
    }
    return scale > 0 ? scale : 1;
}

void html_write(FILE *out, const struct snapshot *snapshot, const struct options *options, int refresh_s) {
    struct page page = {.out = out, .snapshot = snapshot, .mark = options_mark(options)};
    page.rows = json_object_get(snapshot->board, "rows");
    page.codes = json_object_get(json_array_get(page.rows, 0), "criteria");
    page.scale_cp = scale_of(&page);
    put_start(&page, options->vietnamese, refresh_s);
    put_header(&page);
    put_table(&page);
    put_criteria(&page);
    put_signatures(&page);
    put_footer(&page, options);
}
