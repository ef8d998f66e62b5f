// What entries say of a sheet beside its points, and who wrote them.
#ifndef THIDUA_COMMANDS_SAID_H
#define THIDUA_COMMANDS_SAID_H

#include "server/commands/walk.h"

enum { ACTOR_NAME_MAX = 32 };

// "account:7", "local:1000" or "daemon", into `name`; returns it.
const char *actor_name(const Pb__Actor *actor, char name[ACTOR_NAME_MAX]);

// The bonuses and deductions of a sheet, or its nominations, from the last one (the sheet's adjusted_seq or
// nominated_seq) back. False: failed, or memory is used up.
bool adjustments_of(struct walk *walk, uint64_t last, size_t *count, Pb__Adjustment ***list);
bool awards_of(struct walk *walk, uint64_t last, size_t *count, const char ***list);

// A copy of the text in the context's arena that outlives the walk's entry; NULL stays NULL.
const char *said_copy(struct walk *walk, const char *text);

#endif
