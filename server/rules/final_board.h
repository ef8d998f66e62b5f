// The hash of a final board, which a locked period prints in its minutes. How it is made is published in
// proto/README.md, so that anyone who holds the journal can make it again.
#ifndef THIDUA_RULES_FINAL_BOARD_H
#define THIDUA_RULES_FINAL_BOARD_H

#include "server/rules/points.h"

enum { BOARD_HASH = 32 };

// `figures` are those of the final column by unit index. The ranks in it are the period's rules'. False: out of memory.
bool final_board_hash(const struct period *period, const struct figures *const *figures, uint8_t hash[BOARD_HASH]);

#endif
