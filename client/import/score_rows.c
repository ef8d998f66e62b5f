#include "client/import/score_rows.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "client/import/evidence.h"
#include "client/import/field_limit.h"
#include "client/import/number_column.h"
#include "client/import/score_columns.h"
#include "client/memory.h"
#include "client/output/csv.h"
#include "client/points.h"
#include "client/words.h"
#include "proto/text.h"

enum { SHOWN = 60 }; // columns of a cell that a reason shows

struct reader {
    struct score_rows *rows;
    struct score_columns columns;
    struct findings *findings;
    struct number_column points, figures;
};

// ---- what is wrong ----

static void bad(struct reader *reader, struct score_row *row, const char *hint, const char *reason) {
    size_t number = findings_add(reader->findings, FINDING_ROW, row->line, hint, "%s", reason);
    findings_place(reader->findings, number, row->unit, row->criterion);
    row->state = SCORE_ROW_BAD;
}

// Takes the reason over.
static void bad_because(struct reader *reader, struct score_row *row, const char *hint, char *reason) {
    bad(reader, row, hint, reason);
    free(reason);
}

static char *shortened(const char *text) {
    size_t n = text_fit(text, SHOWN);
    return must_format("%.*s%s", (int)n, text, text[n] ? "…" : "");
}

// "Points: “12,5x” is not a number"
static void bad_cell(struct reader *reader, struct score_row *row, enum score_column column, const char *text,
                     const char *complaint) {
    char *shown = shortened(text);
    const char *title = score_column_title(&reader->columns, &reader->rows->table, column);
    bad_because(reader, row, NULL, must_format("%s: “%s” %s", title, shown, complaint));
    free(shown);
}

static void judge_length(struct reader *reader, struct score_row *row, enum score_column column, const char *text,
                         int64_t most) {
    if (!text || (int64_t)strlen(text) <= most)
        return;
    const char *title = score_column_title(&reader->columns, &reader->rows->table, column);
    bad_because(reader, row, NULL, must_format(_("%s is longer than %lld bytes"), title, (long long)most));
}

// ---- the marks of each column ----

static void look_at_numbers(struct reader *reader) {
    const struct table_file *table = &reader->rows->table;
    bool own = reader->columns.kind == IMPORT_OWN;
    for (size_t i = 0; i < table->n_rows; i++) {
        const struct file_row *row = &table->rows[i];
        if (row->n != table->header.n)
            continue;
        points_column_see(&reader->points, score_word(&reader->columns, table, row, SCORE_POINTS), row->line);
        if (own)
            figures_column_see(&reader->figures, score_word(&reader->columns, table, row, SCORE_ACTUAL), row->line);
    }
}

static void judge_marks(struct reader *reader, const struct number_column *numbers, enum score_column column,
                        const char *format) {
    if (!numbers->other)
        return;
    const char *title = score_column_title(&reader->columns, &reader->rows->table, column);
    char *here = shortened(numbers->other), *there = shortened(numbers->text);
    char *reason = must_format(format, title, here, there, numbers->line);
    findings_add(reader->findings, FINDING_FILE, numbers->other_line,
                 _("Write the whole column in one way; which of the two it is cannot be told from a single cell."),
                 "%s", reason);
    free(reason);
    free(here);
    free(there);
}

// ---- cells ----

// A column with two marks has one finding for all of its cells.
static void read_points(struct reader *reader, struct score_row *row, const char *text) {
    if (!*text || reader->points.other)
        return;
    enum points_verdict verdict = points_parse(text, &row->points_cp);
    row->has_points = verdict == POINTS_GOOD;
    if (row->has_points && row->points_cp > field_limit(&pb__line_input__descriptor, "points_cp"))
        verdict = POINTS_TOO_LARGE;
    if (verdict != POINTS_GOOD)
        bad_cell(reader, row, SCORE_POINTS, text, points_complaint(verdict));
}

static void read_actual(struct reader *reader, struct score_row *row, const char *text) {
    if (!*text || reader->figures.other)
        return;
    enum figure_verdict verdict = figure_parse(&reader->figures, text, &row->actual);
    row->has_actual = verdict == FIGURE_GOOD;
    if (row->has_actual && row->actual > field_limit(&pb__line_input__descriptor, "actual"))
        verdict = FIGURE_TOO_LARGE;
    if (verdict != FIGURE_GOOD)
        bad_cell(reader, row, SCORE_ACTUAL, text, figure_complaint(verdict));
}

static void read_revision(struct reader *reader, struct score_row *row, const char *text) {
    size_t n = strspn(text, "0123456789");
    if (!*text)
        return;
    row->has_revision = !text[n] && n <= 10 && strtoll(text, NULL, 10) <= INT32_MAX;
    if (row->has_revision)
        row->revision = (uint32_t)strtoul(text, NULL, 10);
    else
        bad_cell(reader, row, SCORE_REVISION, text, text[n] ? _("is not a whole number") : _("is too large"));
}

static void read_note(struct reader *reader, struct score_row *row, const char *text) {
    row->note = text[strspn(text, " ")] ? csv_unguarded(text) : NULL;
    judge_length(reader, row, SCORE_NOTE, row->note, field_limit(&pb__score__descriptor, "note"));
}

static void read_evidence(struct reader *reader, struct score_row *row, const char *text) {
    char *complaint = evidence_read(reader->rows->table.arena, csv_unguarded(text), &row->evidence, &row->n_evidence);
    if (complaint)
        bad_because(reader, row, _("Write NUMBER;DATE;TITLE, and \" | \" between two documents."), complaint);
}

// ---- rows ----

static bool judge_width(struct reader *reader, struct score_row *row, const struct file_row *from) {
    size_t wanted = reader->rows->table.header.n;
    if (from->n == wanted)
        return true;
    const char *hint = from->n < wanted ? _("Write the separators of empty cells at the end of a line too.")
                                        : _("A cell that holds the separator, as 12,5 may, stands in quotation marks.");
    bad_because(reader, row, hint, must_format(_("the line has %zu cells, the first line %zu"), from->n, wanted));
    return false;
}

static void judge_names(struct reader *reader, struct score_row *row, const struct file_row *from) {
    const struct table_file *table = &reader->rows->table;
    if (!row->criterion)
        bad(reader, row, NULL, _("the line names no criterion"));
    if (!row->unit && reader->columns.kind == IMPORT_APPRAISED)
        bad(reader, row, _("Name the unit in each line, under merged cells too."), _("the line names no unit"));
    judge_length(reader, row, SCORE_CRITERION, row->criterion, field_limit(&pb__line_input__descriptor, "criterion"));
    judge_length(reader, row, SCORE_UNIT, row->unit, field_limit(&pb__sheet_query__descriptor, "unit"));
    for (size_t i = 0; i < table->header.n; i++)
        if (!*table->header.cells[i] && *from->cells[i])
            bad_because(reader, row, NULL, must_format(_("there is a value in column %zu, which has no name"), i + 1));
}

static bool scores_nothing(struct reader *reader, struct score_row *row, const struct file_row *from) {
    const struct table_file *table = &reader->rows->table;
    const struct score_columns *columns = &reader->columns;
    bool own = columns->kind == IMPORT_OWN;
    if (*score_word(columns, table, from, SCORE_POINTS) || (own && *score_word(columns, table, from, SCORE_ACTUAL)))
        return false;
    bool more = *score_word(columns, table, from, SCORE_NOTE) || *score_word(columns, table, from, SCORE_EVIDENCE);
    const char *reason = own && more ? _("the line scores nothing and is left out, with its note and evidence")
                                     : _("the line scores nothing and is left out");
    size_t number = findings_add(reader->findings, FINDING_REMARK, row->line, NULL, "%s", reason);
    findings_place(reader->findings, number, row->unit, row->criterion);
    row->state = SCORE_ROW_EMPTY;
    return true;
}

static void read_cells(struct reader *reader, struct score_row *row, const struct file_row *from) {
    const struct table_file *table = &reader->rows->table;
    const struct score_columns *columns = &reader->columns;
    read_points(reader, row, score_word(columns, table, from, SCORE_POINTS));
    if (columns->kind == IMPORT_APPRAISED)
        return;
    read_actual(reader, row, score_word(columns, table, from, SCORE_ACTUAL));
    read_revision(reader, row, score_word(columns, table, from, SCORE_REVISION));
    read_note(reader, row, score_text(columns, table, from, SCORE_NOTE));
    read_evidence(reader, row, score_cell(columns, from, SCORE_EVIDENCE));
}

static void read_row(struct reader *reader, struct score_row *row, const struct file_row *from) {
    const struct table_file *table = &reader->rows->table;
    const char *unit = score_word(&reader->columns, table, from, SCORE_UNIT);
    const char *criterion = score_word(&reader->columns, table, from, SCORE_CRITERION);
    *row = (struct score_row){.line = from->line};
    row->unit = *unit ? unit : NULL;
    row->criterion = *criterion ? criterion : NULL;
    if (from->finding) {
        findings_place(reader->findings, from->finding, row->unit, row->criterion);
        row->state = SCORE_ROW_BAD;
    }
    if (!judge_width(reader, row, from) || row->state == SCORE_ROW_BAD || scores_nothing(reader, row, from))
        return;
    judge_names(reader, row, from);
    read_cells(reader, row, from);
}

// ---- the same line twice ----

struct place {
    char *key;
    struct score_row *row;
};

static char *key_of(const struct score_row *row) {
    char *unit = must(text_fold(row->unit ? row->unit : "")), *key = must_format("%s\n%s", unit, row->criterion);
    for (char *at = key + strlen(unit); *at; at++)
        *at = (char)tolower((unsigned char)*at);
    free(unit);
    return key;
}

static int by_key(const void *left, const void *right) {
    const struct place *a = left, *b = right;
    int order = strcmp(a->key, b->key);
    return order ? order : (a->row->line > b->row->line) - (a->row->line < b->row->line);
}

// Neither counts for more: both are refused.
static void judge_pair(struct reader *reader, struct score_row *row, const struct score_row *other) {
    bad_because(reader, row, NULL,
                must_format(_("the same criterion of the same unit stands in line %zu"), other->line));
}

static void judge_duplicates(struct reader *reader) {
    struct score_rows *rows = reader->rows;
    struct place *places = must_alloc(rows->n * sizeof(*places));
    size_t n = 0;
    for (size_t i = 0; i < rows->n; i++)
        if (rows->list[i].criterion && rows->list[i].state != SCORE_ROW_EMPTY)
            places[n++] = (struct place){key_of(&rows->list[i]), &rows->list[i]};
    if (n)
        qsort(places, n, sizeof(*places), by_key);
    for (size_t i = 1, first = 0; i < n; i++) {
        if (strcmp(places[i].key, places[first].key)) {
            first = i;
            continue;
        }
        if (i == first + 1)
            judge_pair(reader, places[first].row, places[i].row);
        judge_pair(reader, places[i].row, places[first].row);
    }
    for (size_t i = 0; i < n; i++)
        free(places[i].key);
    free(places);
}

// ---- the file ----

static void read_rows(struct reader *reader) {
    struct score_rows *rows = reader->rows;
    look_at_numbers(reader);
    judge_marks(reader, &reader->points, SCORE_POINTS,
                _("%s: “%s” here and “%s” in line %zu: a column has one mark before the decimals"));
    judge_marks(reader, &reader->figures, SCORE_ACTUAL,
                _("%s: “%s” here and “%s” in line %zu: a column has one mark at the thousands"));
    rows->list = must_alloc(rows->table.n_rows * sizeof(*rows->list));
    for (rows->n = 0; rows->n < rows->table.n_rows; rows->n++)
        read_row(reader, &rows->list[rows->n], &rows->table.rows[rows->n]);
    judge_duplicates(reader);
}

static bool read_table(struct score_rows *rows, enum import_kind kind, struct findings *findings) {
    struct reader reader = {.rows = rows, .findings = findings};
    if (!score_columns_find(&reader.columns, &rows->table, kind, findings))
        return false;
    for (size_t i = 0; i < SCORE_COLUMNS; i++)
        rows->has[i] = reader.columns.at[i] != NO_COLUMN;
    if (rows->table.n_rows)
        read_rows(&reader);
    else
        findings_add(findings, FINDING_FILE, rows->table.header.line, NULL, "%s",
                     _("the file has no line besides the names of the columns"));
    return !findings_have(findings, FINDING_FILE);
}

bool score_rows_read(struct score_rows *rows, const char *path, enum import_kind kind, struct findings *findings) {
    *rows = (struct score_rows){0};
    bool good = table_file_read(&rows->table, path, findings) && read_table(rows, kind, findings);
    findings_sort(findings);
    return good;
}

bool score_rows_parse(struct score_rows *rows, const char *bytes, size_t size, enum import_kind kind,
                      struct findings *findings) {
    *rows = (struct score_rows){0};
    bool good = table_file_parse(&rows->table, bytes, size, findings) && read_table(rows, kind, findings);
    findings_sort(findings);
    return good;
}

void score_rows_free(struct score_rows *rows) {
    table_file_free(&rows->table);
    free(rows->list);
    *rows = (struct score_rows){0};
}
