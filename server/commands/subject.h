// Whom and what a request is about: the period, the unit, and what the caller may see of them.
#ifndef THIDUA_COMMANDS_SUBJECT_H
#define THIDUA_COMMANDS_SUBJECT_H

#include "server/commands/context.h"

// Finds the period that the request names, or the only one open to the caller. False with a problem.
bool subject_period(struct context *context, const char *name);

// Sets the caller's own unit as the subject; false where it takes no part in the period.
bool subject_own_unit(struct context *context);

// Sets the unit that `name` means as the subject, whoever asks; false with a problem.
bool subject_any_unit(struct context *context, const char *name);

// Sets the unit that `name` means (NULL: the caller's own) as the subject; false where there is none, or where the
// caller may not see it.
bool subject_visible_unit(struct context *context, const char *name);

// Works out the caller's sight of the period; false where it is none at all.
bool subject_sight(struct context *context);

// The caller's sight of the context's period at the time of `row`, the period's row as it stands or once stood. `own`
// is the sheet of the caller's own unit at that time, of which its own deadline counts; NULL: it had none running.
enum sight sight_at(const struct context *context, const struct period_row *row, const struct sheet *own);

// Finds a registered unit of any period by id, alias or name; 0 with a problem.
uint32_t subject_registered_unit(struct context *context, const char *name);

#endif
