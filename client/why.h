// Why a row of the board stands where it stands, in words for people.
#ifndef THIDUA_CLIENT_WHY_H
#define THIDUA_CLIENT_WHY_H

#include <jansson.h>

// What sets the row apart from the one above it, by its "why"; `rows` are all of the board, `mark` stands before
// decimals. Free it. NULL: the row does not say.
char *why_text(const json_t *row, const json_t *rows, char mark);

#endif
