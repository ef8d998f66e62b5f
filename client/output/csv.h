// Rows of a csv file as RFC 4180 has them.
#ifndef THIDUA_CLIENT_OUTPUT_CSV_H
#define THIDUA_CLIENT_OUTPUT_CSV_H

#include <stddef.h>
#include <stdio.h>

// Writes one record; a cell is quoted where it has to be.
void csv_record(FILE *out, const char *const *cells, size_t n, char separator);

#endif
