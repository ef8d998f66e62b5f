// Documents in one cell, as `sheet -o csv` writes them: NUMBER;DATE;TITLE, several parted by " | "
// (client/output/joined.h) or a line end.
#ifndef THIDUA_CLIENT_IMPORT_EVIDENCE_H
#define THIDUA_CLIENT_IMPORT_EVIDENCE_H

#include <stddef.h>

#include "proto/arena.h"
#include "proto/thidua.pb-c.h"

// Reads them into the arena. A malloced text for people if something is wrong, else NULL.
char *evidence_read(struct arena *arena, const char *text, Pb__Evidence ***list, size_t *n);

#endif
