// A column of numbers as people write them: which mark is that of the decimals, and which that of the thousands, is
// found over the whole column and never guessed for a cell.
#ifndef THIDUA_CLIENT_IMPORT_NUMBER_COLUMN_H
#define THIDUA_CLIENT_IMPORT_NUMBER_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct number_column {
    char mark;         // of the column; 0: no cell shows one
    const char *text;  // the first cell that shows it; borrowed
    size_t line;       // of that cell
    const char *other; // the first cell that shows another mark; NULL: none does, and the column can be read
    size_t other_line;
};

// Looks at a cell of points (12,5 or 12.5), or of whole figures (1.234.567, 1,234,567 or 1 234 567).
void points_column_see(struct number_column *column, const char *text, size_t line);
void figures_column_see(struct number_column *column, const char *text, size_t line);

enum figure_verdict {
    FIGURE_GOOD,
    FIGURE_NOT_WHOLE,
    FIGURE_NEGATIVE,
    FIGURE_AMBIGUOUS, // 1.234 in a column that does not show elsewhere what its marks mean
    FIGURE_TOO_LARGE, // more than the type carries
};

// Reads a whole figure of a column whose mark at the thousands is known.
enum figure_verdict figure_parse(const struct number_column *column, const char *text, int64_t *figure);

// What is wrong, for people; empty for FIGURE_GOOD.
const char *figure_complaint(enum figure_verdict verdict);

#endif
