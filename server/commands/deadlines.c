#include "server/commands/deadlines.h"

#include "server/commands/sheet_after.h"
#include "server/rules/workflow.h"

// Before scoring the period's deadline decides nothing yet, and what is published is open to all and closed for good.
enum {
    PERIOD_WAITS = IN_STATE(PB__PERIOD_STATE__SCORING) | IN_STATE(PB__PERIOD_STATE__APPRAISAL) |
                   IN_STATE(PB__PERIOD_STATE__FINALIZED) | IN_STATE(PB__PERIOD_STATE__REOPENED),
    UNITS_WAIT = PERIOD_WAITS | IN_STATE(PB__PERIOD_STATE__SIGNED), // for their own
};

struct deadline deadline_of(const struct period *period, const struct period_row *row, const struct sheet *sheet) {
    if (sheet->until_ms != 0)
        return (struct deadline){.at_ms = sheet->until_ms, .passed = sheet->until_passed};
    return (struct deadline){.at_ms = period->definition->deadline_ms, .passed = row->deadline_passed};
}

// The search for what is owed: an event, or else the next instant.
struct search {
    const struct view *view;
    int64_t now_ms;
    struct arena *arena;
    Pb__DeadlinePassed *passed; // NULL: memory has run out
    int64_t next_ms;
};

// Whether the deadline is due; if not, it may be the next one.
static bool is_due(struct search *search, int64_t deadline_ms) {
    if (deadline_ms > search->now_ms && deadline_ms < search->next_ms)
        search->next_ms = deadline_ms;
    return deadline_ms <= search->now_ms;
}

static bool found(struct search *search, uint32_t period, int64_t deadline_ms) {
    Pb__DeadlinePassed *passed = arena_alloc(search->arena, sizeof *passed);
    search->passed = passed;
    if (!passed)
        return true;
    pb__deadline_passed__init(passed);
    passed->has_period = passed->has_deadline_ms = true;
    passed->period = period;
    passed->deadline_ms = deadline_ms;
    return true;
}

static bool period_owes(struct search *search, const struct period *period, const struct period_row *row) {
    const Pb__PeriodDefinition *definition = period->definition;
    if (row->deadline_passed || !(PERIOD_WAITS & IN_STATE(row->state)) || !definition->has_deadline_ms ||
        !is_due(search, definition->deadline_ms) || !found(search, period->number, definition->deadline_ms))
        return false;
    if (search->passed) {
        search->passed->has_replaces = true;
        search->passed->replaces = row->own_seq;
    }
    return true;
}

static bool unit_found(struct search *search, const struct period *period, uint32_t unit, const struct sheet *sheet) {
    struct problems problems;
    struct context context = {
        .view = search->view, .arena = search->arena, .problems = &problems, .period = period, .unit = -1};
    problems_init(&problems, search->arena);
    found(search, period->number, sheet->until_ms);
    Pb__SheetAfter *after = sheet_after(&context, sheet);
    if (!search->passed || !after) {
        search->passed = NULL;
        return true;
    }
    search->passed->has_unit = true;
    search->passed->unit = unit;
    search->passed->after = after;
    return true;
}

// Only the first one is looked at, however many there are.
static bool units_owe(struct search *search, const struct period *period, const struct period_row *row) {
    struct sheet sheet;
    uint32_t unit;
    int64_t until_ms;
    bool waits = row->extended > 0 && (UNITS_WAIT & IN_STATE(row->state));
    return waits && view_next_deadline(search->view, period->number, &unit, &until_ms) && is_due(search, until_ms) &&
           view_sheet(search->view, period, unit, &sheet) && unit_found(search, period, unit, &sheet);
}

static bool owes(struct search *search, uint32_t number) {
    struct period_row row;
    if (!view_period_row(search->view, number, &row) || !(UNITS_WAIT & IN_STATE(row.state)) ||
        (row.deadline_passed && row.extended == 0))
        return false;
    const struct period *period = view_period(search->view, number);
    return period && (period_owes(search, period, &row) || units_owe(search, period, &row));
}

bool deadlines_due(void *ctx, const struct view *view, int64_t now_ms, struct arena *arena, Pb__Event *event,
                   int64_t *wake_ms) {
    (void)ctx;
    struct search search = {.view = view, .now_ms = now_ms, .arena = arena, .next_ms = INT64_MAX};
    uint32_t last = view_last_period(view), number = 1;
    while (number <= last && !owes(&search, number))
        number++;
    *wake_ms = number <= last ? now_ms : search.next_ms; // what is owed and could not be made is owed again
    if (!search.passed)
        return false;
    event->body_case = PB__EVENT__BODY_DEADLINE_PASSED;
    event->deadline_passed = search.passed;
    return true;
}
