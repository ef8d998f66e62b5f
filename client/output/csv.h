// Rows of a csv file as RFC 4180 has them.
#ifndef THIDUA_CLIENT_OUTPUT_CSV_H
#define THIDUA_CLIENT_OUTPUT_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// Writes one record; a cell is quoted where it has to be.
void csv_record(FILE *out, const char *const *cells, size_t n, char separator);

// A text that a spreadsheet would take for a formula is written with an apostrophe in front of it, and so is one that
// looks as if that had been done; csv_unguarded takes it off again. Numbers are no such text.
bool csv_needs_guard(const char *text);
const char *csv_unguarded(const char *text);

#endif
