// A board with all that belongs to it, fetched so that every figure is true at one entry of the journal; for outputs
// that are handed on.
#ifndef THIDUA_CLIENT_SNAPSHOT_H
#define THIDUA_CLIENT_SNAPSHOT_H

#include "client/client.h"

// Shapes as CLI.md has them. The board's rows have in addition "late", "late_seconds", "held" and "awards", where they
// are known, and "remarks": these in words for people, and what sets tied units apart. A sheet has "differs": its
// figures are not those of the board.
struct snapshot {
    json_t *board;  // as totals
    json_t *period; // as period show
    json_t *sheets; // as sheet, by the unit's id; NULL: not asked for, or all are of a later entry than the board
    json_t *about;  // who asked, when, of whom: "made", "at", "account", "role", "server", "pin" and so on
    bool steady;    // false: the period went on while it was read, so that the sheets may be newer than the board
};

// Asks for what -p, --column and --at say, the sheets too if they are wanted. 0, or the exit status of what has been
// said. Free the snapshot in any case.
int snapshot_take(struct client *client, bool sheets, struct snapshot *snapshot);
void snapshot_free(struct snapshot *snapshot);

// Whether points add up: on the board base is the sum of the criteria, and total what base, bonus and deduction make of
// it; on a sheet each column's base is the sum of its lines. NULL, or the name of a unit where they do not.
const char *snapshot_adds_up(const struct snapshot *snapshot);

// A criterion of the period by its code; NULL: there is none.
const json_t *snapshot_criterion(const struct snapshot *snapshot, const char *code);

#endif
