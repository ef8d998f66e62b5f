#include "server/commands/past_rows.h"

#include <stdlib.h>
#include <string.h>

#include "server/commands/subject.h"
#include "server/ledger/event.h"
#include "server/ledger/past.h"

// What is known so far. One piece of memory; the points stand behind the rows.
struct remembered {
    uint64_t at;
    bool own_known;   // whether the caller's unit had a deadline of its own
    bool own_walking; // back through its sheet, to find that out
    uint64_t own_walk;
    int64_t own_until_ms; // 0: it had none, or that had passed
    size_t unit;          // the next whose row is wanted
    bool walking;
    uint64_t walk; // an entry that changed its sheet, not older than the one that is looked for
    uint64_t seq;  // the newest of those found
    int32_t *points_cp;
    struct seen rows[];
};

// False, and true in the next turn: there is no more time in this one.
static bool has_time(struct walk *walk) {
    walk->context->again = !walk_goes_on(walk);
    return !walk->context->again;
}

// ---- the moment ----

static bool find_entry(struct walk *walk, uint64_t *at) {
    struct context *context = walk->context;
    const Pb__TotalsQuery *query = context->request->totals;
    uint64_t last = view_seq(context->view);
    *at = last;
    if (query->has_at_seq && query->has_at_ms)
        return problem_plain(context->problems, REASON_AT_TWICE);
    if (query->has_at_seq && query->at_seq > last)
        return problem(context->problems, REASON_AT_AHEAD, arg_number("value", (int64_t)query->at_seq),
                       arg_number("limit", (int64_t)last));
    if (query->has_at_ms && query->at_ms > context->now_ms)
        return problem(context->problems, REASON_AT_TIME_AHEAD, arg_time("time", query->at_ms));
    if (query->has_at_ms && query->at_ms >= context->live->unsettled_ms)
        return problem(context->problems, REASON_AT_TIME_UNSETTLED, arg_time("time", query->at_ms));
    if (query->has_at_seq)
        *at = query->at_seq;
    if (query->has_at_ms)
        *at = past_seq_at(context->view, query->at_ms, walk_step(walk));
    return *at != 0 || (!view_fault(context->view) && !arena_exhausted(walk->arena)) || walk_lost(walk);
}

// A draft may be defined anew: what was there before had no points.
static bool is_defined(struct context *context, uint64_t at) {
    return context->row.definition_seq <= at ||
           problem(context->problems, REASON_AT_BEFORE, arg_text("period", context->period->definition->id),
                   arg_number("value", (int64_t)at), arg_number("limit", (int64_t)context->row.definition_seq));
}

static struct remembered *begin(const struct period *period, uint64_t at) {
    size_t rows = period->n_units * sizeof(struct seen), points = period->n_units * period->n_leaves * sizeof(int32_t);
    struct remembered *past = malloc(sizeof *past + rows + points);
    if (!past)
        return NULL;
    *past = (struct remembered){.at = at};
    past->points_cp = (int32_t *)(void *)(past->rows + period->n_units);
    return past;
}

enum moment past_moment(struct walk *walk, struct cursor *cursor) {
    struct context *context = walk->context;
    const struct remembered *past = cursor->kept;
    uint64_t at = past ? past->at : 0;
    if (!past && !find_entry(walk, &at))
        return MOMENT_NONE;
    if (!is_defined(context, at))
        return MOMENT_NONE;
    if (!past && at >= context->row.seq)
        return MOMENT_NOW;
    if (!past && !(cursor->kept = begin(context->period, at))) {
        problem(context->problems, REASON_DEFECT, arg_text("value", "out of memory"));
        return MOMENT_NONE;
    }
    return MOMENT_PAST;
}

// ---- the sight ----

// Whether the event says which deadline of its own the unit has from then on.
static bool tells_deadline(const Pb__Event *event, struct remembered *past) {
    if (event->body_case == PB__EVENT__BODY_EXTENDED)
        past->own_until_ms = event->extended->until_ms;
    return event->body_case == PB__EVENT__BODY_EXTENDED || event->body_case == PB__EVENT__BODY_DEADLINE_PASSED;
}

// False as past_sight.
static bool walk_own(struct walk *walk, struct remembered *past) {
    uint32_t unit = walk->context->actor->unit;
    while (past->own_walk != 0) {
        const Pb__Entry *entry = has_time(walk) ? walk_to(walk, past->own_walk) : NULL;
        if (!entry)
            return false;
        if (past->own_walk <= past->at && tells_deadline(entry->event, past))
            return true;
        const Pb__SheetAfter *after = event_after(entry->event, unit);
        if (!walk_back(walk, &past->own_walk, after ? after->replaces : 0))
            return false;
    }
    return true;
}

// The deadline that the caller's unit then had of its own. Only who has one now can have had one.
static bool find_own_deadline(struct walk *walk, struct remembered *past) {
    struct context *context = walk->context;
    uint32_t unit = context->actor->unit;
    if (past->own_known)
        return true;
    if (!past->own_walking && unit && period_unit_by_number(context->period, unit) >= 0) {
        if (!view_sheet(context->view, context->period, unit, &context->sheet))
            return walk_lost(walk);
        past->own_walk = context->sheet.until_ms ? context->sheet.seq : 0;
    }
    past->own_walking = true;
    past->own_known = walk_own(walk, past);
    return past->own_known;
}

bool past_sight(struct walk *walk, struct cursor *cursor, uint64_t *at) {
    struct context *context = walk->context;
    struct remembered *past = cursor->kept;
    struct period_row row;
    *at = past->at;
    if (!past_period(context->view, context->period->number, past->at, &row, walk_step(walk)))
        return walk_lost(walk);
    if (!find_own_deadline(walk, past))
        return false;
    context->row = row;
    context->sheet.until_ms = past->own_until_ms;
    context->sheet.until_passed = false;
    context->sight = sight_at(context, &row, &context->sheet);
    return context->sight != SIGHT_NONE || problem(context->problems, REASON_UNIT_NOT_IN_PERIOD,
                                                   arg_text("unit", context_unit_id(context, context->actor->unit)),
                                                   arg_text("period", context->period->definition->id));
}

// ---- the rows ----

// The entry that had changed the sheet last.
static bool find_sheet(struct walk *walk, struct remembered *past, uint32_t unit) {
    struct context *context = walk->context;
    if (!past->walking) {
        if (!view_sheet(context->view, context->period, unit, &context->sheet))
            return walk_lost(walk);
        past->walk = context->sheet.seq;
        past->walking = true;
    }
    while (has_time(walk)) {
        unsigned steps = 1; // what an entry weighs is counted here
        enum past found = past_find_sheet(context->view, unit, past->at, &past->walk, &steps, walk_step(walk));
        if (found != PAST_MORE)
            return found == PAST_FOUND || walk_lost(walk);
    }
    return false;
}

static bool find_row(struct walk *walk, struct remembered *past, Pb__Column column) {
    struct context *context = walk->context;
    const struct period *period = context->period;
    struct seen *row = &past->rows[past->unit];
    uint32_t unit = period->unit_numbers[past->unit];
    if (!find_sheet(walk, past, unit))
        return false;
    if (!past_sheet(context->view, period, unit, past->walk, &context->sheet, walk_step(walk)))
        return walk_lost(walk);
    if (!see(context, past->unit, &context->sheet, column, row))
        return false;
    if (row->points_cp) {
        int32_t *points_cp = past->points_cp + past->unit * period->n_leaves;
        row->points_cp = memcpy(points_cp, row->points_cp, period->n_leaves * sizeof *points_cp);
    }
    return true;
}

const struct seen *past_rows(struct walk *walk, struct cursor *cursor, Pb__Column column, uint64_t *seq) {
    struct remembered *past = cursor->kept;
    while (past->unit < walk->context->period->n_units) {
        if (!find_row(walk, past, column))
            return NULL;
        past->seq = past->walk > past->seq ? past->walk : past->seq;
        past->walking = false;
        past->unit++;
    }
    *seq = past->seq > walk->context->row.own_seq ? past->seq : walk->context->row.own_seq;
    return past->rows;
}
