// A sheet as an event states it, and what events and answers about a sheet have in common.
#ifndef THIDUA_COMMANDS_SHEET_AFTER_H
#define THIDUA_COMMANDS_SHEET_AFTER_H

#include "server/commands/context.h"

// The sheet as changed, its seq still that of the entry which the event replaces. NULL: the arena is used up.
Pb__SheetAfter *sheet_after(struct context *context, const struct sheet *sheet);

// A column without its points, for an answer; NULL: it has no figures at all, or the arena is used up.
Pb__Figures *figures_reply(struct context *context, const struct figures *figures);

// The same of a column that an event states; NULL for NULL.
Pb__Figures *figures_stated(struct context *context, const Pb__Figures *figures);

// Sets the period and unit of an event's body: those of the context.
#define EVENT_ABOUT(context, body)                                                                                     \
    ((body)->has_period = (body)->has_unit = true, (body)->period = (context)->period->number,                         \
     (body)->unit = (context)->unit_number)

// Sets what every answer about a sheet begins with, from the entry and its event's body; the context has its period.
#define REPLY_ABOUT(context, reply, entry, body, known)                                                                \
    ((reply)->has_seq = (reply)->has_replayed = true, (reply)->seq = (entry)->seq,                                     \
     (reply)->period = (context)->period->definition->id, (reply)->unit = context_unit_id(context, (body)->unit),      \
     (reply)->replayed = (known))

#endif
