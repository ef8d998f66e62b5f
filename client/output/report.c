#include "client/output/report.h"

#include <stdlib.h>

#include "client/memory.h"
#include "client/output/table.h"
#include "client/output/wrap.h"
#include "client/words.h"
#include "proto/text.h"

// `rows` is a list, or the one row.
static bool anybody_says(const json_t *rows, const struct column *column) {
    size_t i;
    json_t *row;
    if (json_is_object(rows))
        return cell_says(rows, column);
    json_array_foreach(rows, i, row) if (cell_says(row, column)) return true;
    return false;
}

// The columns that a table of these rows has; free it.
static struct column *columns_for_people(const struct column *columns, const json_t *rows) {
    size_t n = 0;
    while (columns[n].key)
        n++;
    struct column *kept = must_alloc((n + 1) * sizeof(*kept)), *next = kept;
    for (; columns->key; columns++)
        if (columns->where != IN_CSV && (columns->where != IF_SAID || anybody_says(rows, columns)))
            *next++ = *columns;
    return kept;
}

static size_t widest_header(const struct column *columns) {
    size_t widest = 0;
    for (; columns->key; columns++) {
        size_t width = text_width(_(columns->header));
        widest = width > widest ? width : widest;
    }
    return widest;
}

// One value a line.
static void print_values(const struct options *options, FILE *out, const struct column *columns, const json_t *answer) {
    struct column *kept = columns_for_people(columns, answer);
    size_t width = widest_header(kept);
    for (const struct column *column = kept; column->key; column++) {
        char *text = cell_text(answer, column, STYLE_TABLE, options_mark(options));
        table_pad(out, _(column->header), width + 2);
        wrap_print(out, text, width + 2, table_screen(out));
        free(text);
    }
    free(kept);
}

static void print_sections(const struct options *options, FILE *out, const struct section *section,
                           const json_t *answer, bool apart) {
    for (; section->rows; section++) {
        const json_t *rows = json_object_get(answer, section->rows);
        if (section->title && !json_array_size(rows))
            continue;
        if (apart)
            putc('\n', out);
        if (section->title)
            fprintf(out, "%s\n", _(section->title));
        struct column *kept = columns_for_people(section->columns, rows);
        struct listing *listing = listing_new(options, out, kept, json_array_get(rows, 0));
        listing_rows(listing, rows);
        listing_end(listing);
        free(kept);
        apart = true;
    }
}

static void print_note(const struct options *options, FILE *out, const char *note) {
    fputs(options->color ? "\033[1m" : "", out);
    wrap_print(out, note, 0, table_screen(out));
    fputs(options->color ? "\033[0m" : "", out);
}

static void print_table(const struct options *options, FILE *out, const struct report *report, const json_t *answer) {
    char *note = report->note ? report->note(answer) : NULL;
    bool head = report->head && !(options->no_header && report->sections);
    if (head)
        print_values(options, out, report->head, answer);
    if (note)
        print_note(options, out, note);
    if (report->sections)
        print_sections(options, out, report->sections, answer, head || note);
    free(note);
}

static void print_rows(const struct options *options, FILE *out, const struct report *report, const json_t *answer) {
    const json_t *rows = report->sections ? json_object_get(answer, report->sections->rows) : NULL;
    const struct column *columns = report->sections ? report->sections->columns : report->head;
    struct listing *listing = listing_new(options, out, columns, rows ? json_array_get(rows, 0) : answer);
    json_t *itself = must(json_array());
    if (json_array_append(itself, (json_t *)answer))
        must(NULL);
    listing_rows(listing, rows ? rows : itself);
    listing_end(listing);
    json_decref(itself);
}

void report_print(const struct options *options, FILE *out, const struct report *report, const json_t *answer) {
    bool line = options->output == OUTPUT_JSON || (options->output == OUTPUT_NDJSON && report->whole);
    if (options->output == OUTPUT_TABLE) {
        print_table(options, out, report, answer);
    } else if (line) {
        listing_line(out, answer);
        putc('\n', out);
    } else {
        print_rows(options, out, report, answer);
    }
}
