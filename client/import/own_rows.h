// A unit's own scores: which rows of a file change its sheet as it stands, and to what.
#ifndef THIDUA_CLIENT_IMPORT_OWN_ROWS_H
#define THIDUA_CLIENT_IMPORT_OWN_ROWS_H

#include "client/import/import_rows.h"

// Judges every row against the sheet of unit `own`: refused, standing already, or waiting with the line that is to be
// sent, which names the revision that it replaces. What the file has no column for stays as it stands. Lines live in
// the arena and point into the sheet and the file.
void own_rows_plan(struct import_rows *rows, const struct score_rows *read, const Pb__SheetReply *sheet, int own,
                   struct arena *arena);

// The same without a sheet, for when it cannot be had: all that is good waits, unless it names another unit than the
// one whose id was last seen (NULL: none was).
void own_rows_plan_blind(struct import_rows *rows, const struct score_rows *read, const char *own, struct arena *arena);

// The sheet's total once all that waits is recorded, in hundredths; -1: no points.
int64_t own_rows_total(const struct import_rows *rows, const Pb__SheetReply *sheet);

// Whether the sheet takes scores now, as the server will judge it; the problem says why not.
bool own_rows_welcome(const Pb__PeriodReply *period, const Pb__SheetReply *sheet, struct problems *problems);

// The next waiting rows that fit one request, from *next on, in `chunk`, and how many; steps on. `most`: bytes that
// their lines may take; one always fits.
size_t own_rows_next(const struct import_rows *rows, size_t *next, size_t most, struct import_row **chunk);

#endif
