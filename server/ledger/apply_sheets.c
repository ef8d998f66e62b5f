// A unit's own part of its sheet: scores, and the hand-in.

#include <string.h>

#include "server/ledger/apply.h"

// A line that its unit has changed waits for another appraisal.
static void unsettle_line(struct sheet *sheet, uint32_t leaf) {
    sheet->appraised.points_cp[leaf] = POINTS_NONE;
}

static bool set_line(const struct step *step, const struct change *change, const Pb__LineSet *set) {
    struct line line;
    if (!open_line(step, change, set->leaf, &line) || !follows(step, set, line.revision, line.seq, line.points_cp))
        return false;
    line.points_cp = set->points_cp;
    line.revision = set->revision;
    line.seq = step->entry->seq;
    line.has_actual = set->has_actual;
    line.actual = set->has_actual ? set->actual : 0;
    change->sheet->self_cp[set->leaf] = set->points_cp;
    unsettle_line(change->sheet, set->leaf);
    return put_line(step, change, set->leaf, &line);
}

bool apply_score_set(const struct step *step) {
    const Pb__ScoreSet *score = step->event->score_set;
    struct change change;
    if (!open_sheet(step, score->period, score->unit, &change))
        return false;
    for (size_t i = 0; i < score->n_lines; i++)
        if (!set_line(step, &change, score->lines[i]))
            return false;
    figures_settle(change.period, &change.sheet->appraised, change.sheet->deducted_cp);
    return settle_sheet(step, &change, score->after);
}

static bool hand_in(const struct step *step, const struct change *change, const Pb__SheetSubmitted *submitted) {
    struct sheet *sheet = change->sheet;
    if (submitted->late ? submitted->late_ms < 0 : submitted->late_ms != 0)
        return fail(step, "it cannot be late by %lld ms", (long long)submitted->late_ms);
    memcpy(sheet->handed_cp, sheet->self_cp, sheet->n_leaves * sizeof *sheet->self_cp);
    sheet->handed_total_cp = sheet->self_total_cp;
    sheet->handed_seq = step->entry->seq;
    sheet->late = submitted->late;
    sheet->late_ms = submitted->late_ms;
    return true;
}

bool apply_sheet_submitted(const struct step *step) {
    const Pb__SheetSubmitted *submitted = step->event->sheet_submitted;
    struct change change;
    if (!open_sheet(step, submitted->period, submitted->unit, &change))
        return false;
    if (!submitted->after || submitted->after->sheet_revision != change.sheet->sheet_revision + 1 ||
        submitted->after->state != PB__SHEET_STATE__SUBMITTED)
        return fail(step, "it does not follow hand-in %u", change.sheet->sheet_revision);
    change.sheet->sheet_revision++;
    return settle_sheet(step, &change, submitted->after) && hand_in(step, &change, submitted);
}
