#include "client/import/score_columns.h"

#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/words.h"
#include "proto/text.h"

// As machines see them, and as people do with `sheet --excel`: whatever language this program speaks now, the file may
// have been written in the other.
static const struct title {
    enum score_column column;
    bool appraised; // only where the appraised column is read
    const char *key, *english, *vietnamese;
} titles[] = {
    {SCORE_UNIT, false, "unit", "Unit", "Đơn vị"},
    {SCORE_CRITERION, false, "criterion", "Criterion", "Tiêu chí"},
    {SCORE_POINTS, false, "points", "Self-scored", "Tự chấm"},
    {SCORE_POINTS, false, "points", "Points", "Điểm"},
    {SCORE_POINTS, true, "appraised", "Appraisal", "Thẩm định"},
    {SCORE_ACTUAL, false, "actual", "Actual", "Thực hiện"},
    {SCORE_NOTE, false, "note", "Note", "Ghi chú"},
    {SCORE_EVIDENCE, false, "evidence", "Evidence", "Minh chứng"},
    {SCORE_REVISION, false, "revision", "Revision", "Lần sửa"},
};
enum { TITLES = sizeof(titles) / sizeof(*titles) };

static char *flat(struct arena *arena, const char *text) {
    char *copy = must(arena_strdup(arena, text));
    for (char *at = copy; (at = strchr(at, '\n'));)
        *at = ' ';
    return copy;
}

static const char *trimmed(struct arena *arena, const char *text) {
    char *copy = flat(arena, text);
    copy += strspn(copy, " ");
    for (size_t n = strlen(copy); n && copy[n - 1] == ' ';)
        copy[--n] = 0;
    return copy;
}

// Marks, case and runs of spaces do not count.
static bool same_name(const char *folded, const char *name) {
    char *other = must(text_fold(name));
    bool same = !strcmp(folded, other);
    free(other);
    return same;
}

static bool is_titled(const char *folded, const struct title *title, enum import_kind kind) {
    if (title->appraised && kind != IMPORT_APPRAISED)
        return false;
    return same_name(folded, title->key) || same_name(folded, title->english) || same_name(folded, title->vietnamese) ||
           same_name(folded, _(title->english));
}

static enum score_column column_named(struct arena *arena, const char *header, enum import_kind kind) {
    char *folded = must(text_fold(trimmed(arena, header)));
    size_t i = 0;
    while (i < TITLES && !is_titled(folded, &titles[i], kind))
        i++;
    free(folded);
    return i < TITLES ? titles[i].column : SCORE_COLUMNS;
}

static bool refuse(struct findings *findings, size_t line, const char *hint, const char *format, const char *what) {
    findings_add(findings, FINDING_FILE, line, hint, format, what);
    return false;
}

static const char *known_names(void) {
    return _("The columns are unit, criterion, points, actual, note, evidence and revision, in any order: thidua sheet "
             "-o csv --excel writes such a file.");
}

static bool take_header(struct score_columns *columns, const struct table_file *table, size_t index,
                        struct findings *findings) {
    const char *header = table->header.cells[index];
    if (!*header)
        return true;
    enum score_column column = column_named(table->arena, header, columns->kind);
    if (column == SCORE_COLUMNS) {
        findings_add(findings, FINDING_FILE, table->header.line, known_names(), _("no column is called “%s”"), header);
        return false;
    }
    if (columns->at[column] != NO_COLUMN) {
        findings_add(findings, FINDING_FILE, table->header.line, NULL, _("the columns “%s” and “%s” hold the same"),
                     table->header.cells[columns->at[column]], header);
        return false;
    }
    columns->at[column] = index;
    return true;
}

static bool demand(const struct score_columns *columns, size_t line, struct findings *findings) {
    bool appraised = columns->kind == IMPORT_APPRAISED, good = true;
    const size_t *at = columns->at;
    if (at[SCORE_CRITERION] == NO_COLUMN)
        good = refuse(findings, line, known_names(), _("the column “%s” is missing"), _("Criterion"));
    if (appraised && at[SCORE_UNIT] == NO_COLUMN)
        good = refuse(findings, line, known_names(), _("the column “%s” is missing"), _("Unit"));
    if (appraised && at[SCORE_POINTS] == NO_COLUMN)
        good = refuse(findings, line, known_names(), _("the column “%s” is missing"), _("Points"));
    if (!appraised && at[SCORE_POINTS] == NO_COLUMN && at[SCORE_ACTUAL] == NO_COLUMN)
        good =
            refuse(findings, line, known_names(), "%s", _("there is a column neither of points nor of actual figures"));
    return good;
}

bool score_columns_find(struct score_columns *columns, const struct table_file *table, enum import_kind kind,
                        struct findings *findings) {
    bool good = true;
    columns->kind = kind;
    for (size_t i = 0; i < SCORE_COLUMNS; i++)
        columns->at[i] = NO_COLUMN;
    for (size_t i = 0; i < table->header.n; i++)
        good = take_header(columns, table, i, findings) && good;
    return good && demand(columns, table->header.line, findings);
}

const char *score_column_title(const struct score_columns *columns, const struct table_file *table,
                               enum score_column column) {
    return trimmed(table->arena, table->header.cells[columns->at[column]]);
}

const char *score_cell(const struct score_columns *columns, const struct file_row *row, enum score_column column) {
    return columns->at[column] < row->n ? row->cells[columns->at[column]] : "";
}

const char *score_text(const struct score_columns *columns, const struct table_file *table, const struct file_row *row,
                       enum score_column column) {
    const char *text = score_cell(columns, row, column);
    return strchr(text, '\n') ? flat(table->arena, text) : text;
}

const char *score_word(const struct score_columns *columns, const struct table_file *table, const struct file_row *row,
                       enum score_column column) {
    const char *text = score_cell(columns, row, column);
    return strpbrk(text, " \n") ? trimmed(table->arena, text) : text;
}
