#include "server/commands/deadlines.h"

#include "server/rules/workflow.h"

// Before scoring a deadline may still be moved; after appraisal it has no meaning left.
enum { WAITS = IN_STATE(PB__PERIOD_STATE__SCORING) | IN_STATE(PB__PERIOD_STATE__APPRAISAL) };

static const struct period *waiting(const struct view *view, uint32_t number) {
    struct period_row row;
    if (!view_period_row(view, number, &row) || row.deadline_passed || !(WAITS & IN_STATE(row.state)))
        return NULL;
    const struct period *period = view_period(view, number);
    return period && period->definition->has_deadline_ms ? period : NULL;
}

bool deadlines_due(void *ctx, const struct view *view, int64_t now_ms, struct arena *arena, Pb__Event *event,
                   int64_t *wake_ms) {
    (void)ctx;
    *wake_ms = INT64_MAX;
    uint32_t last = view_last_period(view);
    for (uint32_t number = 1; number <= last; number++) {
        const struct period *period = waiting(view, number);
        if (!period)
            continue;
        int64_t deadline_ms = period->definition->deadline_ms;
        if (deadline_ms > now_ms) {
            if (deadline_ms < *wake_ms)
                *wake_ms = deadline_ms;
            continue;
        }
        Pb__DeadlinePassed *passed = arena_alloc(arena, sizeof *passed);
        if (!passed)
            return false;
        pb__deadline_passed__init(passed);
        passed->has_period = passed->has_deadline_ms = true;
        passed->period = number;
        passed->deadline_ms = deadline_ms;
        event->body_case = PB__EVENT__BODY_DEADLINE_PASSED;
        event->deadline_passed = passed;
        return true;
    }
    return false;
}
