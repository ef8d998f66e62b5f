// Text cut into the lines of a screen.
#ifndef THIDUA_CLIENT_OUTPUT_WRAP_H
#define THIDUA_CLIENT_OUTPUT_WRAP_H

#include <stddef.h>
#include <stdio.h>

// Bytes of `text` that stand on one line of `width` columns, broken after a word where there is one; at least one
// letter of a text that is not empty.
size_t wrap_length(const char *text, size_t width);

// Prints `text`, which begins in column `indent`, and ends the line; further lines are indented as much. `screen` is
// how many columns there are, 0: as many as it takes.
void wrap_print(FILE *out, const char *text, size_t indent, size_t screen);

#endif
