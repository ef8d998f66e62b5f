// Which column of a file holds what.
#ifndef THIDUA_CLIENT_IMPORT_SCORE_COLUMNS_H
#define THIDUA_CLIENT_IMPORT_SCORE_COLUMNS_H

#include "client/import/score_rows.h"

#define NO_COLUMN SIZE_MAX

struct score_columns {
    enum import_kind kind;
    size_t at[SCORE_COLUMNS]; // index in the table's rows; NO_COLUMN: the file has none
};

// Finds them in the header. False: `findings` says which is unknown, there twice, or missing.
bool score_columns_find(struct score_columns *columns, const struct table_file *table, enum import_kind kind,
                        struct findings *findings);

// The header of a column that the file has, as it stands there.
const char *score_column_title(const struct score_columns *columns, const struct table_file *table,
                               enum score_column column);

// A cell of the row on one line, without spaces around it; "" where the file has no such column. Lives in the
// table's arena. score_text keeps the spaces, score_cell the line ends too.
const char *score_word(const struct score_columns *columns, const struct table_file *table, const struct file_row *row,
                       enum score_column column);
const char *score_text(const struct score_columns *columns, const struct table_file *table, const struct file_row *row,
                       enum score_column column);
const char *score_cell(const struct score_columns *columns, const struct file_row *row, enum score_column column);

#endif
