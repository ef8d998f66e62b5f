#include "client/output/xlsx_unit.h"

#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/value.h"
#include "client/words.h"

enum { ROW_TITLE, ROW_HEAD, ROW_NOTE, ROW_HEADER, ROW_FIRST };
enum { COL_MAX = 2 }; // where the maximum stands, in the footer the period's total

struct field {
    struct column column;
    double width;
    const char *figures; // the object with what the column adds up to; "": the sheet's own total; NULL: it does not
};

static const struct column head[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"sheet", N_("Sheet"), CELL_WORD, EVERYWHERE, NULL},
    {"sheet_revision", N_("Hand-in"), CELL_COUNT, IF_SAID, NULL},
    {"late", N_("Late"), CELL_LATE, IF_SAID, NULL},
    {"until", N_("Own deadline"), CELL_TIME, IF_SAID, NULL},
    {"hold", N_("On hold"), CELL_TEXT, IF_SAID, NULL},
    {"awards", N_("Nominated for"), CELL_TEXTS, IF_SAID, NULL},
};

static const struct field lines[] = {
    {{"criterion", N_("Criterion"), CELL_CODE, EVERYWHERE, NULL}, 11, NULL},
    {{"title", N_("Title"), CELL_TEXT, EVERYWHERE, NULL}, 44, NULL},
    {{"max", N_("Max"), CELL_POINTS, EVERYWHERE, NULL}, 9, NULL},
    {{"points", N_("Self-scored"), CELL_POINTS, EVERYWHERE, NULL}, 14, ""},
    {{"actual", N_("Actual"), CELL_AMOUNT, EVERYWHERE, NULL}, 20, NULL},
    {{"note", N_("Note"), CELL_TEXT, EVERYWHERE, NULL}, 30, NULL},
    {{"evidence", N_("Evidence"), CELL_EVIDENCE, EVERYWHERE, NULL}, 36, NULL},
    {{"revision", N_("Revision"), CELL_COUNT, EVERYWHERE, NULL}, 9, NULL},
    {{"appraised", N_("Appraised"), CELL_POINTS, EVERYWHERE, NULL}, 14, "appraised"},
    {{"appraised_reason", N_("Reason of the appraisal"), CELL_TEXT, EVERYWHERE, NULL}, 30, NULL},
    {{"deducted", N_("Deducted"), CELL_POINTS, EVERYWHERE, NULL}, 10, NULL},
    {{"final", N_("Final"), CELL_POINTS, EVERYWHERE, NULL}, 14, "final"},
    {{"explanation", N_("Explanation"), CELL_TEXT, EVERYWHERE, NULL}, 30, NULL},
};

// Below the lines, in the same columns.
static const struct column adjustments[] = {
    {"criterion", N_("Criterion"), CELL_CODE, EVERYWHERE, NULL}, {"reason", N_("Reason"), CELL_TEXT, EVERYWHERE, NULL},
    {"points", N_("Points"), CELL_POINTS, EVERYWHERE, NULL},     {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"time", N_("Time"), CELL_TIME, EVERYWHERE, NULL},           {"actor", N_("Actor"), CELL_CODE, EVERYWHERE, NULL},
};

#define COUNT(list) ((lxw_col_t)(sizeof(list) / sizeof(*(list))))

// ---- above the lines ----

static char *head_text(const json_t *sheet, char mark) {
    char *text = must_strdup("");
    for (lxw_col_t i = 0; i < COUNT(head); i++) {
        if (head[i].where == IF_SAID && !cell_says(sheet, &head[i]))
            continue;
        char *value = cell_text(sheet, &head[i], STYLE_TABLE, mark);
        char *longer = must_format("%s%s%s: %s", text, *text ? " · " : "", _(head[i].header), value);
        free(value);
        free(text);
        text = longer;
    }
    return text;
}

static void write_head(struct page *page, const json_t *sheet, bool steady) {
    const char *name = json_string_value(json_object_get(sheet, "name"));
    char *text = head_text(sheet, page->book->mark);
    page_text(page, ROW_TITLE, 0, LOOK_TITLE, name ? name : "");
    page_text(page, ROW_HEAD, 0, LOOK_PLAIN, text);
    free(text);
    if (json_is_true(json_object_get(sheet, "differs")))
        page_text(page, ROW_NOTE, 0, LOOK_WARNING,
                  steady
                      ? _("The sheet as it stands now; the summary has the last hand-in.")
                      : _("The period went on while it was read: this sheet is not the one that the summary adds up."));
    for (lxw_col_t col = 0; col < COUNT(lines); col++) {
        page_text(page, ROW_HEADER, col, LOOK_HEADER, _(lines[col].column.header));
        page_width(page, col, lines[col].width);
    }
    worksheet_freeze_panes(page->sheet, ROW_FIRST, 1);
}

// ---- the lines ----

static void write_line(struct page *page, lxw_row_t row, const json_t *line) {
    bool assigned = !json_is_false(json_object_get(line, "assigned"));
    for (lxw_col_t col = 0; col < COUNT(lines); col++) {
        const struct field *field = &lines[col];
        bool none = json_is_null(json_object_get(line, field->column.key));
        if (field->figures && !*field->figures && none && !assigned)
            page_text(page, row, col, LOOK_TEXT, _("not assigned"));
        else
            page_cell(page, row, col, line, &field->column);
    }
}

// ---- what they add up to ----

struct sums {
    int64_t base, bonus, deduction, total; // hundredths; base below 0: there is none
};

static struct sums sums_of(const json_t *sheet, const char *figures) {
    int64_t most = value_points_of(sheet, "maximum", INT64_MAX);
    const json_t *from = json_object_get(sheet, figures);
    struct sums sums = {.base = *figures ? value_points_of(from, "base", -1) : value_points_of(sheet, "total", -1)};
    sums.bonus = value_points_of(from, "bonus", 0);
    sums.deduction = value_points_of(from, "deduction", 0);
    sums.total = (sums.base < most ? sums.base : most) + sums.bonus - sums.deduction;
    return sums;
}

static void write_sums(struct page *page, lxw_row_t row, lxw_col_t col, const struct sums *sums) {
    char first[LXW_MAX_CELL_NAME_LENGTH], last[LXW_MAX_CELL_NAME_LENGTH], most[LXW_MAX_CELL_NAME_LENGTH];
    char base[LXW_MAX_CELL_NAME_LENGTH], bonus[LXW_MAX_CELL_NAME_LENGTH], deduction[LXW_MAX_CELL_NAME_LENGTH];
    lxw_rowcol_to_cell(first, ROW_FIRST, col);
    lxw_rowcol_to_cell(last, row - 1, col);
    lxw_rowcol_to_cell_abs(most, row, COL_MAX, 1, 1);
    lxw_rowcol_to_cell(base, row, col);
    lxw_rowcol_to_cell(bonus, row + 1, col);
    lxw_rowcol_to_cell(deduction, row + 2, col);
    char *sum = must_format("=ROUND(SUM(%s:%s),2)", first, last);
    char *total = must_format("=ROUND(MIN(%s,%s)+%s-%s,2)", base, most, bonus, deduction);
    page_formula(page, row, col, sum, sums->base);
    page_points(page, row + 1, col, LOOK_POINTS, sums->bonus);
    page_points(page, row + 2, col, LOOK_POINTS, sums->deduction);
    page_formula(page, row + 3, col, total, sums->total);
    free(sum);
    free(total);
}

static lxw_row_t write_footer(struct page *page, lxw_row_t row, const json_t *sheet) {
    static const char *const labels[] = {N_("Base"), N_("Bonus"), N_("Deduction that counts"), N_("Total")};
    for (lxw_row_t i = 0; i < COUNT(labels); i++)
        page_text(page, row + i, 1, LOOK_LABEL, _(labels[i]));
    page_points(page, row, COL_MAX, LOOK_SUM, value_points_of(sheet, "maximum", -1));
    for (lxw_col_t col = 0; col < COUNT(lines); col++) {
        if (!lines[col].figures)
            continue;
        struct sums sums = sums_of(sheet, lines[col].figures);
        if (sums.base >= 0 && row > ROW_FIRST)
            write_sums(page, row, col, &sums);
        else
            for (lxw_row_t i = 0; i < COUNT(labels); i++)
                page_points(page, row + i, col, LOOK_SUM, -1);
    }
    return row + COUNT(labels);
}

// ---- bonus and deductions ----

static void write_adjustment(struct page *page, lxw_row_t row, const json_t *adjustment) {
    for (lxw_col_t col = 0; col < COUNT(adjustments); col++)
        page_cell(page, row, col, adjustment, &adjustments[col]);
    if (json_is_null(json_object_get(adjustment, "criterion")))
        page_text(page, row, 0, LOOK_TEXT, _("bonus"));
}

static void write_adjustments(struct page *page, lxw_row_t row, const json_t *list) {
    size_t i;
    json_t *adjustment;
    if (!json_array_size(list))
        return;
    page_text(page, row++, 0, LOOK_TITLE, _("Bonus and deductions"));
    for (lxw_col_t col = 0; col < COUNT(adjustments); col++)
        page_text(page, row, col, LOOK_HEADER, _(adjustments[col].header));
    json_array_foreach(list, i, adjustment) write_adjustment(page, ++row, adjustment);
}

void xlsx_unit(struct page *page, const json_t *sheet, bool steady) {
    lxw_row_t row = ROW_FIRST;
    size_t i;
    json_t *line;
    write_head(page, sheet, steady);
    json_array_foreach(json_object_get(sheet, "lines"), i, line) write_line(page, row++, line);
    row = write_footer(page, row, sheet);
    write_adjustments(page, row + 1, json_object_get(sheet, "adjustments"));
}
