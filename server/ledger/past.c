#include "server/ledger/past.h"

#include <string.h>

#include "server/ledger/event.h"
#include "server/ledger/ledger_state.h"
#include "server/ledger/rows.h"

// Always false: an entry that cannot be part of what leads to the present.
static bool damaged(const struct view *view, uint64_t seq, const char *what) {
    uint8_t key[8];
    store_key_u64(key, seq);
    store_damaged(view->txn, STORE_JOURNAL, (struct span){key, sizeof key}, what);
    return false;
}

static const Pb__Entry *read_entry(const struct view *view, uint64_t seq, struct arena *arena) {
    const Pb__Entry *entry = view_entry(view, seq, arena, NULL);
    if (!entry && !arena_exhausted(arena))
        damaged(view, seq, "missing");
    return entry;
}

// Follows a link to an older entry.
static bool go_back(const struct view *view, uint64_t *seq, uint64_t before) {
    if (before >= *seq)
        return damaged(view, *seq, "replaces what came later");
    *seq = before;
    return true;
}

// ---- sheets ----

// What a sheet was before its first score nobody has put down: it was blank, signed or not.
static uint64_t sheet_before(const Pb__Entry *entry, uint32_t unit) {
    const Pb__SheetAfter *after = event_after(entry->event, unit);
    return after ? after->replaces : 0;
}

enum past past_find_sheet(const struct view *view, uint32_t unit, uint64_t until, uint64_t *seq, unsigned *steps,
                          struct arena *arena) {
    while (*seq > until) {
        if (*steps == 0)
            return PAST_MORE;
        const Pb__Entry *entry = read_entry(view, *seq, arena);
        if (!entry || !go_back(view, seq, sheet_before(entry, unit)))
            return PAST_FAILED;
        bool room = arena_used(arena) < arena_budget(arena) / 2;
        *steps = room ? *steps - 1 : 0;
    }
    return PAST_FOUND;
}

static bool take_points(int32_t *points_cp, const int32_t *stated, size_t n_stated, size_t n_leaves) {
    if (n_stated != n_leaves)
        return false;
    memcpy(points_cp, stated, n_leaves * sizeof *points_cp);
    return true;
}

// Absent: the column is blank.
static bool take_figures(struct figures *figures, const Pb__Figures *stated, size_t n_leaves) {
    if (!stated)
        return true;
    figures->base_cp = stated->has_base_cp ? stated->base_cp : POINTS_NONE;
    figures->bonus_cp = stated->bonus_cp;
    figures->deduction_cp = stated->deduction_cp;
    figures->total_cp = stated->has_total_cp ? stated->total_cp : POINTS_NONE;
    return take_points(figures->points_cp, stated->points_cp, stated->n_points_cp, n_leaves);
}

static bool take_after(struct sheet *sheet, const Pb__SheetAfter *after) {
    size_t n_leaves = sheet->n_leaves;
    sheet->state = after->state;
    sheet->sheet_revision = after->sheet_revision;
    sheet->handed_seq = after->handed_seq;
    sheet->self_total_cp = after->self_total_cp;
    return take_points(sheet->self_cp, after->self_cp, after->n_self_cp, n_leaves) &&
           take_figures(&sheet->appraised, after->appraised, n_leaves) &&
           take_figures(&sheet->final, after->final, n_leaves) &&
           (after->n_deducted_cp == 0 ||
            take_points(sheet->deducted_cp, after->deducted_cp, after->n_deducted_cp, n_leaves));
}

// What the hand-in has put down, from its own entry.
static bool take_handed(struct sheet *sheet, const Pb__Entry *entry, uint32_t unit) {
    const Pb__SheetSubmitted *submitted = entry->event->sheet_submitted;
    const Pb__SheetAfter *after = event_after(entry->event, unit);
    if (entry->event->body_case != PB__EVENT__BODY_SHEET_SUBMITTED || !after)
        return false;
    sheet->handed_seq = entry->seq;
    sheet->late = submitted->late;
    sheet->late_ms = submitted->late_ms;
    sheet->handed_total_cp = after->self_total_cp;
    return take_points(sheet->handed_cp, after->self_cp, after->n_self_cp, sheet->n_leaves);
}

// A hand-in's entry does not know its own number when it is made: what it says is the hand-in before it.
static bool find_handed(const struct view *view, const Pb__Entry *entry, uint32_t unit, struct sheet *sheet,
                        struct arena *arena) {
    if (entry->event->body_case != PB__EVENT__BODY_SHEET_SUBMITTED && sheet->handed_seq == 0)
        return true;
    if (entry->event->body_case != PB__EVENT__BODY_SHEET_SUBMITTED)
        entry = read_entry(view, sheet->handed_seq, arena);
    return entry && (take_handed(sheet, entry, unit) || damaged(view, entry->seq, "not such a hand-in"));
}

bool past_sheet(const struct view *view, const struct period *period, uint32_t unit, uint64_t seq, struct sheet *sheet,
                struct arena *arena) {
    sheet_blank(sheet, period->n_leaves);
    if (seq == 0)
        return true;
    const Pb__Entry *entry = read_entry(view, seq, arena);
    if (!entry)
        return false;
    sheet->seq = seq;
    const Pb__SheetAfter *after = event_after(entry->event, unit);
    if (!after)
        return true;
    if (!take_after(sheet, after))
        return damaged(view, seq, "not such a sheet");
    return find_handed(view, entry, unit, sheet, arena);
}

// ---- periods ----

// The entry before it that changed the period's own row; 0: not such an entry.
static uint64_t row_before(const Pb__Event *event) {
    if (event->body_case == PB__EVENT__BODY_PERIOD_ADVANCED)
        return event->period_advanced->replaces;
    return event->body_case == PB__EVENT__BODY_DEADLINE_PASSED ? event->deadline_passed->replaces : 0;
}

// Takes over what the event says, going back: the youngest state counts.
static void take_row(struct period_row *row, const Pb__Event *event, bool *stated) {
    row->deadline_passed |= event->body_case == PB__EVENT__BODY_DEADLINE_PASSED;
    if (event->body_case != PB__EVENT__BODY_PERIOD_ADVANCED || *stated)
        return;
    const Pb__PeriodAdvanced *advanced = event->period_advanced;
    *stated = true;
    row->state = advanced->state;
    if (advanced->board_hash.len == sizeof row->board_hash)
        memcpy(row->board_hash, advanced->board_hash.data, sizeof row->board_hash);
}

static bool walk_row(const struct view *view, uint64_t seq, uint64_t until, struct period_row *row,
                     struct arena *arena) {
    bool stated = false;
    while (seq > row->definition_seq) {
        const Pb__Entry *entry = read_entry(view, seq, arena);
        if (!entry)
            return false;
        if (seq <= until) {
            row->own_seq = row->own_seq ? row->own_seq : seq;
            take_row(row, entry->event, &stated);
        }
        if (!go_back(view, &seq, row_before(entry->event)))
            return false;
    }
    if (row->own_seq == 0)
        row->own_seq = row->definition_seq;
    return seq == row->definition_seq || damaged(view, row->definition_seq, "passed over");
}

bool past_period(const struct view *view, uint32_t number, uint64_t until, struct period_row *row,
                 struct arena *arena) {
    struct period_row now;
    if (!view_period_row(view, number, &now))
        return false;
    *row =
        (struct period_row){.number = number, .state = PB__PERIOD_STATE__DRAFT, .definition_seq = now.definition_seq};
    return now.definition_seq > until || walk_row(view, now.own_seq, until, row, arena);
}

// ---- time ----

// Looks at the same entries however far the journal has grown since, but for those that are new.
uint64_t past_seq_at(const struct view *view, int64_t time_ms, struct arena *arena) {
    uint64_t last = view_seq(view), found = 0;
    for (uint64_t step = UINT64_C(1) << 63; step; step >>= 1) {
        if (step > last - found)
            continue;
        const Pb__Entry *entry = read_entry(view, found + step, arena);
        if (!entry)
            return 0;
        if (entry->time_ms <= time_ms)
            found += step;
    }
    return found;
}
