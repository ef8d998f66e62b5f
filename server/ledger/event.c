#include "server/ledger/event.h"

#include <stddef.h>
#include <string.h>

// Where in an event's body period, unit and the sheet after it stand; 0: nowhere, for a body begins with its base.
struct about {
    const char *name;
    size_t period, unit, after;
};

#define PERIOD(type) .period = offsetof(type, period)
#define UNIT(type)   .unit = offsetof(type, unit)
#define SHEET(type)  PERIOD(type), UNIT(type), .after = offsetof(type, after)

static const struct about events[] = {
    [PB__EVENT__BODY_FOUNDED] = {.name = "founded"},
    [PB__EVENT__BODY_NOTED] = {.name = "noted"},
    [PB__EVENT__BODY_RESTORED] = {.name = "restored"},
    [PB__EVENT__BODY_INVITED] = {.name = "invited", UNIT(Pb__Invited)},
    [PB__EVENT__BODY_ENROLLED] = {.name = "enrolled"},
    [PB__EVENT__BODY_REVOKED] = {.name = "revoked"},
    [PB__EVENT__BODY_ACCOUNTS_CONFIRMED] = {.name = "accounts_confirmed"},
    [PB__EVENT__BODY_PERIOD_DEFINED] = {.name = "period_defined", PERIOD(Pb__PeriodDefined)},
    [PB__EVENT__BODY_PERIOD_ADVANCED] = {.name = "period_advanced", PERIOD(Pb__PeriodAdvanced)},
    [PB__EVENT__BODY_SIGNED] = {.name = "signed", PERIOD(Pb__Signed), UNIT(Pb__Signed)},
    [PB__EVENT__BODY_DEADLINE_PASSED] = {.name = "deadline_passed", SHEET(Pb__DeadlinePassed)},
    [PB__EVENT__BODY_EXTENDED] = {.name = "extended", SHEET(Pb__Extended)},
    [PB__EVENT__BODY_SCORE_SET] = {.name = "score_set", SHEET(Pb__ScoreSet)},
    [PB__EVENT__BODY_SHEET_SUBMITTED] = {.name = "sheet_submitted", SHEET(Pb__SheetSubmitted)},
    [PB__EVENT__BODY_LINES_APPRAISED] = {.name = "lines_appraised", SHEET(Pb__LinesAppraised)},
    [PB__EVENT__BODY_ADJUSTED] = {.name = "adjusted", SHEET(Pb__Adjusted)},
    [PB__EVENT__BODY_SHEET_RETURNED] = {.name = "sheet_returned", SHEET(Pb__SheetReturned)},
    [PB__EVENT__BODY_LINE_EXPLAINED] = {.name = "line_explained", SHEET(Pb__LineExplained)},
    // of several units: looked for in its list
    [PB__EVENT__BODY_SHEETS_FINALIZED] = {.name = "sheets_finalized", PERIOD(Pb__SheetsFinalized)},
    [PB__EVENT__BODY_HELD] = {.name = "held", SHEET(Pb__Held)},
    [PB__EVENT__BODY_NOMINATED] = {.name = "nominated", SHEET(Pb__Nominated)},
};

static const struct about *about(const Pb__Event *event) {
    static const struct about unknown = {.name = "unknown"};
    size_t number = (size_t)event->body_case;
    return number < sizeof events / sizeof events[0] && events[number].name ? &events[number] : &unknown;
}

// The body, whichever it is: all are pointers, in one union.
static const char *body_of(const Pb__Event *event) {
    const char *body;
    memcpy(&body, &event->founded, sizeof body);
    return body;
}

const char *event_name(const Pb__Event *event) {
    return about(event)->name;
}

// The number at that place of the body; 0: nowhere.
static uint32_t number_at(const Pb__Event *event, size_t place) {
    uint32_t number = 0;
    if (place)
        memcpy(&number, body_of(event) + place, sizeof number);
    return number;
}

uint32_t event_period(const Pb__Event *event) {
    return number_at(event, about(event)->period);
}

uint32_t event_unit(const Pb__Event *event) {
    return number_at(event, about(event)->unit);
}

static const Pb__FinalizedSheet *finalized_sheet(const Pb__Event *event, uint32_t unit) {
    if (event->body_case != PB__EVENT__BODY_SHEETS_FINALIZED)
        return NULL;
    const Pb__SheetsFinalized *finalized = event->sheets_finalized;
    for (size_t i = 0; i < finalized->n_sheets; i++)
        if (finalized->sheets[i]->unit == unit)
            return finalized->sheets[i];
    return NULL;
}

const Pb__SheetAfter *event_after(const Pb__Event *event, uint32_t unit) {
    const Pb__FinalizedSheet *finalized = finalized_sheet(event, unit);
    size_t place = about(event)->after;
    const Pb__SheetAfter *after = finalized ? finalized->after : NULL;
    if (place && unit && event_unit(event) == unit)
        memcpy(&after, body_of(event) + place, sizeof after);
    return after;
}

static bool is_listed(const uint32_t *units, size_t count, uint32_t unit) {
    for (size_t i = 0; i < count; i++)
        if (units[i] == unit)
            return true;
    return false;
}

bool event_concerns(const Pb__Event *event, uint32_t unit) {
    if (unit == 0)
        return false;
    if (event->body_case == PB__EVENT__BODY_PERIOD_DEFINED)
        return is_listed(event->period_defined->units, event->period_defined->n_units, unit) ||
               is_listed(event->period_defined->voided, event->period_defined->n_voided, unit);
    return event_unit(event) == unit || finalized_sheet(event, unit);
}
