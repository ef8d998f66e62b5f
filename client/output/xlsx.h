// A snapshot as a workbook: the summary, a sheet for each unit, and where the figures come from.
#ifndef THIDUA_CLIENT_OUTPUT_XLSX_H
#define THIDUA_CLIENT_OUTPUT_XLSX_H

#include "client/snapshot.h"

// Writes it to `path`, in place of what is there, and reads it again to see that it is whole. NULL, or why it is not
// written; free it.
char *xlsx_write(const struct snapshot *snapshot, const struct options *options, const char *path);

#endif
