// A file of rows and cells (CSV: comma, semicolon or tab), as an office program or this one writes it. Cells come
// as the server takes text: UTF-8 in NFC, no control character but the line ends that stood inside quotes (as \n).
#ifndef THIDUA_CLIENT_IMPORT_TABLE_FILE_H
#define THIDUA_CLIENT_IMPORT_TABLE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "client/import/findings.h"
#include "proto/arena.h"

enum { TABLE_FILE_MOST = 64 * 1024 * 1024, TABLE_ROWS_MOST = 1024 * 1024, TABLE_WIDTH_MOST = 64 };

struct file_row {
    size_t line;        // of the file, where the row begins
    size_t n;           // cells that it has
    const char **cells; // the first of them, as many as the header has at most
    size_t finding;     // number of the finding about one of its cells; 0: none
};

struct table_file {
    struct arena *arena; // where the cells are
    char separator;
    struct file_row header;
    size_t n_rows;
    struct file_row *rows; // without rows whose cells are all empty
};

// Reads the file, or standard input for "-". False: `findings` says why nothing of it can be used. A finding about a
// cell of a row leaves the others usable. table_file_free either way.
bool table_file_read(struct table_file *table, const char *path, struct findings *findings);

// The same of bytes that are followed by a zero.
bool table_file_parse(struct table_file *table, const char *bytes, size_t size, struct findings *findings);

void table_file_free(struct table_file *table);

#endif
