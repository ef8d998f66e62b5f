// Cells of a workbook: texts are texts, numbers are numbers, and what is missing is "—".
#ifndef THIDUA_CLIENT_OUTPUT_XLSX_PAGE_H
#define THIDUA_CLIENT_OUTPUT_XLSX_PAGE_H

#include <stdint.h>
#include <xlsxwriter.h>

#include "client/output/cell.h"

enum look {
    LOOK_TITLE,
    LOOK_PLAIN,
    LOOK_WARNING,
    LOOK_HEADER,
    LOOK_MAXIMUM, // below a header
    LOOK_TEXT,    // kept a text when it is edited
    LOOK_LABEL,
    LOOK_COUNT,
    LOOK_AMOUNT, // a count with marks at the thousands
    LOOK_POINTS, // two decimals, with the mark of the reader's system
    LOOK_SUM,    // points that are added up
    LOOK_MISSING,
    LOOKS
};

struct book {
    lxw_workbook *workbook;
    lxw_format *formats[LOOKS];
    char mark;       // before decimals in texts
    lxw_error error; // the first one; nothing is written after it
};

struct page {
    struct book *book;
    lxw_worksheet *sheet;
};

// Starts a workbook that will be written to `path`. False: out of memory.
bool book_begin(struct book *book, const char *path, char mark);

// Writes it, and frees it in any case.
lxw_error book_end(struct book *book);

// A landscape A4 page as wide as the sheet, of this name, which must be one that Excel takes.
struct page page_new(struct book *book, const char *name);

void page_text(struct page *page, lxw_row_t row, lxw_col_t col, enum look look, const char *text);
void page_number(struct page *page, lxw_row_t row, lxw_col_t col, enum look look, int64_t number);
void page_points(struct page *page, lxw_row_t row, lxw_col_t col, enum look look,
                 int64_t points_cp); // below 0: missing

// A formula and the points that it gives, for readers that do not calculate.
void page_formula(struct page *page, lxw_row_t row, lxw_col_t col, const char *formula, int64_t points_cp);

// The column's value in `source`, by its kind; with IF_SAID a missing one is nothing.
void page_cell(struct page *page, lxw_row_t row, lxw_col_t col, const json_t *source, const struct column *column);

void page_width(struct page *page, lxw_col_t col, double width);

#endif
