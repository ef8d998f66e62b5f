// The board: the rows of all units as the caller may see them, in rank order.
#ifndef THIDUA_COMMANDS_BOARD_H
#define THIDUA_COMMANDS_BOARD_H

#include "server/commands/seen.h"
#include "server/commands/walk.h"

// The board after entry `seq`, with these rows, which stand in the period's order; `explain` has it say what sets each
// row apart from the one above it. Lives in the context's arena. NULL: `seen` is, or a fault of the view or of memory.
Pb__Board *board_make(struct walk *walk, Pb__Column column, uint64_t seq, const struct seen *seen, bool explain);

// The row of the unit alone, as it stands in a board without ranks (SIGHT_OWN). NULL: as above.
Pb__BoardRow *board_row_unranked(struct context *context, size_t unit, Pb__Column column);

#endif
