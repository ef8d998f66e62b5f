#include "client/output/xlsx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/provenance.h"
#include "client/output/value.h"
#include "client/output/xlsx_check.h"
#include "client/output/xlsx_names.h"
#include "client/output/xlsx_unit.h"
#include "client/verbs/shapes.h"

enum { ROW_TITLE, ROW_PERIOD, ROW_MOMENT, ROW_NOTE, ROW_HEADER, ROW_MAXIMUM, ROW_FIRST };
enum { COL_RANK, COL_NAME, COL_CRITERIA };
enum { AFTER_BASE, AFTER_BONUS, AFTER_DEDUCTION, AFTER_TOTAL }; // columns behind the criteria

struct field {
    struct column column;
    double width;
};

static const struct field before[] = {
    {{"rank", N_("Rank"), CELL_COUNT, EVERYWHERE, NULL}, 7},
    {{"name", N_("Unit"), CELL_TEXT, EVERYWHERE, NULL}, 24},
};

static const struct field after[] = {
    {{"base", N_("Base"), CELL_POINTS, EVERYWHERE, NULL}, 13},
    {{"bonus", N_("Bonus"), CELL_POINTS, EVERYWHERE, NULL}, 13},
    {{"deduction", N_("Deduction"), CELL_POINTS, EVERYWHERE, NULL}, 12},
    {{"total", N_("Total"), CELL_POINTS, EVERYWHERE, NULL}, 12},
    {{"class", N_("Class"), CELL_TEXT, EVERYWHERE, NULL}, 24},
    {{"sheet", N_("Sheet"), CELL_WORD, EVERYWHERE, NULL}, 16},
    {{"remarks", N_("Remarks"), CELL_TEXT, IF_SAID, NULL}, 40},
};

#define COUNT(list)     ((lxw_col_t)(sizeof(list) / sizeof(*(list))))
#define CRITERION_WIDTH 9

struct summary {
    struct page page;
    const struct snapshot *snapshot;
    const json_t *rows, *codes; // codes: an object whose keys they are
    lxw_col_t n_codes;
};

// ---- the head of the summary ----

static void write_title(struct summary *summary) {
    const struct snapshot *snapshot = summary->snapshot;
    char *moment = provenance_moment(snapshot), *note = totals_note(snapshot->board);
    page_text(&summary->page, ROW_TITLE, 0, LOOK_TITLE, provenance_title(snapshot));
    page_text(&summary->page, ROW_PERIOD, 0, LOOK_PLAIN, provenance_period(snapshot));
    page_text(&summary->page, ROW_MOMENT, 0, LOOK_PLAIN, moment);
    if (note)
        page_text(&summary->page, ROW_NOTE, 0, LOOK_WARNING, note);
    free(moment);
    free(note);
}

static void write_header_cell(struct summary *summary, lxw_col_t col, const char *text, double width) {
    page_text(&summary->page, ROW_HEADER, col, LOOK_HEADER, text);
    page_text(&summary->page, ROW_MAXIMUM, col, LOOK_HEADER, "");
    page_width(&summary->page, col, width);
}

static void write_maximum(struct summary *summary, lxw_col_t col, int64_t maximum_cp) {
    if (maximum_cp >= 0)
        page_points(&summary->page, ROW_MAXIMUM, col, LOOK_MAXIMUM, maximum_cp);
}

static void write_header(struct summary *summary) {
    lxw_col_t col = 0, end = (lxw_col_t)(COL_CRITERIA + summary->n_codes);
    const char *code;
    json_t *value;
    for (lxw_col_t i = 0; i < COUNT(before); i++)
        write_header_cell(summary, col++, _(before[i].column.header), before[i].width);
    json_object_foreach((json_t *)summary->codes, code, value) {
        write_header_cell(summary, col, code, CRITERION_WIDTH);
        write_maximum(summary, col++, value_points_of(snapshot_criterion(summary->snapshot, code), "max", -1));
    }
    for (lxw_col_t i = 0; i < COUNT(after); i++)
        write_header_cell(summary, col++, _(after[i].column.header), after[i].width);
    page_text(&summary->page, ROW_MAXIMUM, COL_NAME, LOOK_HEADER, _("Maximum"));
    write_maximum(summary, (lxw_col_t)(end + AFTER_BASE), value_points_of(summary->snapshot->period, "total", -1));
    write_maximum(summary, (lxw_col_t)(end + AFTER_BONUS), value_points_of(summary->snapshot->period, "bonus_cap", -1));
}

// ---- rows ----

// Base and total as what they are made of, where they are there.
static void write_sums(struct summary *summary, lxw_row_t row, const json_t *values) {
    lxw_col_t end = (lxw_col_t)(COL_CRITERIA + summary->n_codes);
    int64_t base_cp = value_points_of(values, "base", -1), total_cp = value_points_of(values, "total", -1);
    char first[LXW_MAX_CELL_NAME_LENGTH], last[LXW_MAX_CELL_NAME_LENGTH], most[LXW_MAX_CELL_NAME_LENGTH];
    char base[LXW_MAX_CELL_NAME_LENGTH], bonus[LXW_MAX_CELL_NAME_LENGTH], deduction[LXW_MAX_CELL_NAME_LENGTH];
    if (base_cp < 0 || total_cp < 0 || value_points_of(values, "bonus", -1) < 0 ||
        value_points_of(values, "deduction", -1) < 0)
        return;
    lxw_rowcol_to_cell(first, row, COL_CRITERIA);
    lxw_rowcol_to_cell(last, row, (lxw_col_t)(end - 1));
    lxw_rowcol_to_cell(base, row, (lxw_col_t)(end + AFTER_BASE));
    lxw_rowcol_to_cell_abs(most, ROW_MAXIMUM, (lxw_col_t)(end + AFTER_BASE), 1, 1);
    lxw_rowcol_to_cell(bonus, row, (lxw_col_t)(end + AFTER_BONUS));
    lxw_rowcol_to_cell(deduction, row, (lxw_col_t)(end + AFTER_DEDUCTION));
    char *sum = must_format("=ROUND(SUM(%s:%s),2)", first, last);
    char *total = must_format("=ROUND(MIN(%s,%s)+%s-%s,2)", base, most, bonus, deduction);
    page_formula(&summary->page, row, (lxw_col_t)(end + AFTER_BASE), sum, base_cp);
    page_formula(&summary->page, row, (lxw_col_t)(end + AFTER_TOTAL), total, total_cp);
    free(sum);
    free(total);
}

static void write_row(struct summary *summary, lxw_row_t row, const json_t *values) {
    const json_t *criteria = json_object_get(values, "criteria");
    lxw_col_t col = 0;
    const char *code;
    json_t *value;
    for (lxw_col_t i = 0; i < COUNT(before); i++)
        page_cell(&summary->page, row, col++, values, &before[i].column);
    json_object_foreach((json_t *)summary->codes, code, value)
        page_points(&summary->page, row, col++, LOOK_POINTS, value_points_of(criteria, code, -1));
    for (lxw_col_t i = 0; i < COUNT(after); i++)
        page_cell(&summary->page, row, col++, values, &after[i].column);
    write_sums(summary, row, values);
}

static void write_summary(struct book *book, json_t *names, const struct snapshot *snapshot) {
    char *name = worksheet_name(names, _("Summary"));
    struct summary summary = {.page = page_new(book, name), .snapshot = snapshot};
    summary.rows = json_object_get(snapshot->board, "rows");
    summary.codes = json_object_get(json_array_get(summary.rows, 0), "criteria");
    summary.n_codes = (lxw_col_t)json_object_size(summary.codes);
    size_t i;
    json_t *values;
    free(name);
    write_title(&summary);
    write_header(&summary);
    json_array_foreach(summary.rows, i, values) write_row(&summary, (lxw_row_t)(ROW_FIRST + i), values);
    worksheet_freeze_panes(summary.page.sheet, ROW_FIRST, COL_CRITERIA);
    if (worksheet_repeat_rows(summary.page.sheet, ROW_HEADER, ROW_MAXIMUM))
        book->error = book->error ? book->error : LXW_ERROR_PARAMETER_VALIDATION;
}

// ---- the other worksheets ----

static void write_units(struct book *book, json_t *names, const struct snapshot *snapshot) {
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(snapshot->board, "rows"), i, row) {
        const char *unit = json_string_value(json_object_get(row, "unit"));
        const char *title = json_string_value(json_object_get(row, "name"));
        const json_t *sheet = json_object_get(snapshot->sheets, unit ? unit : "");
        if (!sheet)
            continue;
        char *name = worksheet_name(names, title ? title : unit);
        struct page page = page_new(book, name);
        xlsx_unit(&page, sheet, snapshot->steady);
        free(name);
    }
}

static void write_provenance(struct book *book, json_t *names, const struct snapshot *snapshot,
                             const struct options *options) {
    static const struct column value = {"value", "", CELL_COUNT, EVERYWHERE, NULL};
    char *name = worksheet_name(names, _("Provenance"));
    struct page page = page_new(book, name);
    json_t *facts = provenance(snapshot, options, false), *fact;
    size_t i;
    free(name);
    page_width(&page, 0, 34);
    page_width(&page, 1, 72);
    json_array_foreach(facts, i, fact) {
        page_text(&page, (lxw_row_t)i, 0, LOOK_LABEL, json_string_value(json_object_get(fact, "label")));
        page_cell(&page, (lxw_row_t)i, 1, fact, &value);
    }
    json_decref(facts);
}

// ---- the whole ----

static void write_properties(struct book *book, const struct snapshot *snapshot) {
    char *title = worksheet_text(provenance_title(snapshot)), *subject = worksheet_text(provenance_period(snapshot));
    lxw_doc_properties properties = {.title = title, .subject = subject, .author = CLIENT_PROGRAM};
    lxw_error error = workbook_set_properties(book->workbook, &properties);
    book->error = book->error ? book->error : error;
    free(title);
    free(subject);
}

static char *why_not(lxw_error error) {
    bool system = error == LXW_ERROR_CREATING_XLSX_FILE || error == LXW_ERROR_CREATING_TMPFILE ||
                  error == LXW_ERROR_ZIP_FILE_OPERATION;
    return system && errno ? must_format("%s (%s)", strerror(errno), lxw_strerror(error))
                           : must_strdup(lxw_strerror(error));
}

char *xlsx_write(const struct snapshot *snapshot, const struct options *options, const char *path) {
    struct book book;
    json_t *names = worksheet_names();
    if (!book_begin(&book, path, options_mark(options)))
        must(NULL);
    write_properties(&book, snapshot);
    write_summary(&book, names, snapshot);
    write_units(&book, names, snapshot);
    write_provenance(&book, names, snapshot, options);
    json_decref(names);
    errno = 0;
    lxw_error error = book_end(&book);
    if (error)
        return why_not(error);
    return xlsx_is_whole(path) ? NULL : must_strdup(_("it could not be written to its end; is a disk full?"));
}
