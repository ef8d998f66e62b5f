// Lines of a sheet as requests name them and as answers list them.
#ifndef THIDUA_COMMANDS_LINES_H
#define THIDUA_COMMANDS_LINES_H

#include "server/commands/context.h"

// The leaf with this code, which is assigned to the context's unit. False with a problem.
bool line_leaf(struct context *context, const char *code, size_t *leaf);

// The same for one of several: `given` (by leaf) keeps what has been named, and a leaf named again is a problem.
bool line_leaf_once(struct context *context, const char *code, bool *given, size_t *leaf);

// Whether the column lacks the points of a leaf that is assigned to the unit.
bool line_pending(const struct period *period, size_t unit, const int32_t *points_cp, size_t leaf);

// The lines of an event of the context's period as an answer lists them. NULL: the arena is used up.
Pb__LineReply **line_replies(struct context *context, Pb__LineSet *const *lines, size_t count);

#endif
