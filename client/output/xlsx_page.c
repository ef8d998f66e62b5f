#include "client/output/xlsx_page.h"

#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/value.h"
#include "client/output/xlsx_names.h"

// ---- the book ----

enum { A4 = 9, PALE = 0xF2F2F2, RED = 0xB3131B };

static const struct {
    const char *number; // Excel's format, in which a point stands for the reader's own mark
    bool bold, wrap, boxed, filled, red;
    uint8_t align;
    double size;
} looks[LOOKS] = {
    [LOOK_TITLE] = {"@", .bold = true, .size = 14},
    [LOOK_PLAIN] = {.number = "@"},
    [LOOK_WARNING] = {"@", .bold = true, .red = true},
    [LOOK_HEADER] = {"@", .bold = true, .wrap = true, .boxed = true, .filled = true, .align = LXW_ALIGN_CENTER},
    [LOOK_MAXIMUM] = {"0.00", .boxed = true, .filled = true, .align = LXW_ALIGN_RIGHT},
    [LOOK_TEXT] = {"@", .wrap = true, .boxed = true, .align = LXW_ALIGN_LEFT},
    [LOOK_LABEL] = {"@", .bold = true, .boxed = true, .wrap = true, .align = LXW_ALIGN_LEFT},
    [LOOK_COUNT] = {"0", .boxed = true, .align = LXW_ALIGN_RIGHT},
    [LOOK_AMOUNT] = {"#,##0", .boxed = true, .align = LXW_ALIGN_RIGHT},
    [LOOK_POINTS] = {"0.00", .boxed = true, .align = LXW_ALIGN_RIGHT},
    [LOOK_SUM] = {"0.00", .bold = true, .boxed = true, .align = LXW_ALIGN_RIGHT},
    [LOOK_MISSING] = {"@", .boxed = true, .align = LXW_ALIGN_RIGHT},
};

static lxw_format *format_of(lxw_workbook *workbook, enum look look) {
    lxw_format *format = must(workbook_add_format(workbook));
    format_set_num_format(format, looks[look].number);
    format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    format_set_align(format, looks[look].align);
    if (looks[look].bold)
        format_set_bold(format);
    if (looks[look].wrap)
        format_set_text_wrap(format);
    if (looks[look].boxed)
        format_set_border(format, LXW_BORDER_THIN);
    if (looks[look].filled)
        format_set_bg_color(format, PALE);
    if (looks[look].red)
        format_set_font_color(format, RED);
    if (looks[look].size > 0)
        format_set_font_size(format, looks[look].size);
    return format;
}

bool book_begin(struct book *book, const char *path, char mark) {
    *book = (struct book){.workbook = workbook_new(path), .mark = mark};
    for (int look = 0; book->workbook && look < LOOKS; look++)
        book->formats[look] = format_of(book->workbook, (enum look)look);
    return book->workbook != NULL;
}

lxw_error book_end(struct book *book) {
    lxw_error closed = workbook_close(book->workbook);
    return book->error ? book->error : closed;
}

// ---- pages ----

static void note_error(struct book *book, lxw_error error) {
    if (!book->error)
        book->error = error;
}

struct page page_new(struct book *book, const char *name) {
    struct page page = {.book = book, .sheet = must(workbook_add_worksheet(book->workbook, name))};
    worksheet_set_landscape(page.sheet);
    worksheet_set_paper(page.sheet, A4);
    worksheet_fit_to_pages(page.sheet, 1, 0);
    note_error(book, worksheet_set_footer(page.sheet, "&L&A&R&P/&N"));
    return page;
}

void page_width(struct page *page, lxw_col_t col, double width) {
    note_error(page->book, worksheet_set_column(page->sheet, col, col, width, NULL));
}

void page_text(struct page *page, lxw_row_t row, lxw_col_t col, enum look look, const char *text) {
    char *clean = worksheet_text(text);
    note_error(page->book, worksheet_write_string(page->sheet, row, col, clean, page->book->formats[look]));
    free(clean);
}

void page_number(struct page *page, lxw_row_t row, lxw_col_t col, enum look look, int64_t number) {
    note_error(page->book, worksheet_write_number(page->sheet, row, col, (double)number, page->book->formats[look]));
}

void page_points(struct page *page, lxw_row_t row, lxw_col_t col, enum look look, int64_t points_cp) {
    if (points_cp < 0)
        page_text(page, row, col, LOOK_MISSING, "—");
    else
        note_error(page->book,
                   worksheet_write_number(page->sheet, row, col, (double)points_cp / 100, page->book->formats[look]));
}

void page_formula(struct page *page, lxw_row_t row, lxw_col_t col, const char *formula, int64_t points_cp) {
    note_error(page->book, worksheet_write_formula_num(page->sheet, row, col, formula, page->book->formats[LOOK_SUM],
                                                       (double)points_cp / 100));
}

void page_cell(struct page *page, lxw_row_t row, lxw_col_t col, const json_t *source, const struct column *column) {
    const json_t *value = cell_value(source, column);
    if (!value || json_is_null(value)) {
        page_text(page, row, col, LOOK_MISSING, column->where == IF_SAID ? "" : "—");
    } else if (column->cell == CELL_POINTS && json_is_number(value)) {
        page_points(page, row, col, LOOK_POINTS, value_hundredths(value));
    } else if ((column->cell == CELL_COUNT || column->cell == CELL_AMOUNT) && json_is_integer(value)) {
        page_number(page, row, col, column->cell == CELL_COUNT ? LOOK_COUNT : LOOK_AMOUNT, json_integer_value(value));
    } else {
        char *text = cell_text(source, column, STYLE_TABLE, page->book->mark);
        page_text(page, row, col, LOOK_TEXT, text);
        free(text);
    }
}
