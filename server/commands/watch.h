// What watchers see: a period looked at within one transaction, by whoever watches it.
#ifndef THIDUA_COMMANDS_WATCH_H
#define THIDUA_COMMANDS_WATCH_H

#include "server/commands/pieces.h"
#include "server/commands/sight.h"

// A period as a view has it.
struct look;

struct look *look_new(void); // NULL: out of memory
void look_free(struct look *look);

// Turns to a period; what follows is about it, as long as the view lasts. False: look_refusal says why.
bool look_at(struct look *look, const struct view *view, uint32_t period);

// The last entry that changed the period or anything in it.
uint64_t look_seq(const struct look *look);

// What somebody of this unit (0: of none), the head of it or not, sees of the period now. SIGHT_NONE: look_refusal says
// why.
enum sight look_sight(struct look *look, uint32_t unit, bool head);

// The board under this sight, a reference for the caller; under SIGHT_OWN everybody's row is hidden in it. NULL: a
// fault, or out of memory.
struct pieces *look_board(struct look *look, Pb__Column column, enum sight sight);

// The unit's row as it sees it itself under SIGHT_OWN; free its bytes. Size 0: as above.
struct own_row look_own(struct look *look, Pb__Column column, uint32_t unit);

// Why the last step failed, as a response without its id. A reference for the caller; NULL: out of memory, now or then.
struct shared_bytes *look_refusal(struct look *look);

// The same of any problems.
struct shared_bytes *shared_refusal(const struct problems *problems);

#endif
