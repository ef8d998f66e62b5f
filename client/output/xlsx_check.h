// The library writes its parts to temporary files first and does not notice where a disk is full: a workbook is read
// again before it is believed.
#ifndef THIDUA_CLIENT_OUTPUT_XLSX_CHECK_H
#define THIDUA_CLIENT_OUTPUT_XLSX_CHECK_H

#include <stdbool.h>

// Whether every part of the workbook is XML to its end.
bool xlsx_is_whole(const char *path);

#endif
