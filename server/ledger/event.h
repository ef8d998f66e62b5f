// What is said of a sheet by an event, whichever it is: one table.
#ifndef THIDUA_LEDGER_EVENT_H
#define THIDUA_LEDGER_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/thidua.pb-c.h"

// "score_set"; "unknown" for an event of a newer program.
const char *event_name(const Pb__Event *event);

// The sheet of the unit once the event has been applied; NULL: the event does not change it, or only signs it.
const Pb__SheetAfter *event_after(const Pb__Event *event, uint32_t unit);

// The period that the event belongs to; 0: none.
uint32_t event_period(const Pb__Event *event);

// The unit that the event is about; 0: none, or several.
uint32_t event_unit(const Pb__Event *event);

// Whether the event is about the unit, alone or among others.
bool event_concerns(const Pb__Event *event, uint32_t unit);

#endif
