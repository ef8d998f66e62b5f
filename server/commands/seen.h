// What the caller may see of a unit's row (CLI.md, "Three views"): in this one place, for whatever shows many units.
#ifndef THIDUA_COMMANDS_SEEN_H
#define THIDUA_COMMANDS_SEEN_H

#include "server/commands/context.h"

// One column of a unit's sheet as the caller may see it.
struct seen {
    bool hidden; // its figures are not for the caller's eyes
    Pb__SheetState state;
    bool handed_in;           // see sheet_stands_handed_in
    uint32_t scored, of;      // leaves with points in the column; leaves assigned
    const int32_t *points_cp; // by leaf, POINTS_NONE where it has none; NULL: hidden
    int32_t base_cp;          // POINTS_NONE: no line
    int32_t bonus_cp, deduction_cp;
    int32_t total_cp; // POINTS_NONE: no line
};

// The unit's row under the context's sight. The points are copied into the context's arena: false where it is used up.
bool see(struct context *context, size_t unit, const struct sheet *sheet, Pb__Column column, struct seen *seen);

// The rows of all units as they stand, in the period's order. NULL: a fault of the view or of memory.
struct seen *see_all(struct context *context, Pb__Column column);

// Whether the sheet is with those who judge it: handed in at some time, and not closed without that or given back.
bool sheet_stands_handed_in(const struct sheet *sheet);

// Leaves that are assigned to the unit and have points.
uint32_t count_points(const struct period *period, size_t unit, const int32_t *points_cp);

#endif
