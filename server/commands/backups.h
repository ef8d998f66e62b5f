// Backups for those who ask: one at a time.
#ifndef THIDUA_COMMANDS_BACKUPS_H
#define THIDUA_COMMANDS_BACKUPS_H

#include "server/commands/dispatch.h"

struct backups;

struct backups *backups_new(const struct commands_source *source); // NULL: out of memory

// Waits for a copy that is under way. NULL is accepted.
void backups_free(struct backups *backups);

#endif
