// Texts and names of worksheets as Excel takes them.
#ifndef THIDUA_CLIENT_OUTPUT_XLSX_NAMES_H
#define THIDUA_CLIENT_OUTPUT_XLSX_NAMES_H

#include <jansson.h>

// A name for a worksheet that is to be called `wanted`: at most 31 characters, none of []:*?/\, no apostrophe at either
// end, unlike every name in `taken` (an object, to which it is added), whatever the case and the marks. Free it.
char *worksheet_name(json_t *taken, const char *wanted);

// An object for it that holds the one name which Excel keeps for itself.
json_t *worksheet_names(void);

// The text without control characters, and without the two others that XML does not have. Free it.
char *worksheet_text(const char *text);

#endif
