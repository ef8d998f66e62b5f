// What others say of a unit's sheet: appraised, adjusted, returned, finalized, held, nominated; and its answer to that.

#include "server/ledger/apply.h"

static void settle_appraised(const struct change *change) {
    figures_settle(change->period, &change->sheet->appraised, change->sheet->deducted_cp);
}

static bool appraise_line(const struct step *step, const struct change *change, const Pb__LineSet *set) {
    struct line line;
    if (!open_line(step, change, set->leaf, &line))
        return false;
    int32_t *points_cp = &change->sheet->appraised.points_cp[set->leaf];
    if (!follows(step, set, line.appraised_revision, line.appraised_seq, *points_cp))
        return false;
    *points_cp = set->points_cp;
    line.appraised_revision = set->revision;
    line.appraised_seq = step->entry->seq;
    return put_line(step, change, set->leaf, &line);
}

bool apply_lines_appraised(const struct step *step) {
    const Pb__LinesAppraised *appraised = step->event->lines_appraised;
    struct change change;
    if (!open_sheet(step, appraised->period, appraised->unit, &change))
        return false;
    for (size_t i = 0; i < appraised->n_lines; i++)
        if (!appraise_line(step, &change, appraised->lines[i]))
            return false;
    settle_appraised(&change);
    return settle_sheet(step, &change, appraised->after);
}

// Bonuses make one sum; deductions one for each leaf.
static bool adjust(const struct step *step, struct sheet *sheet, const Pb__Adjusted *adjusted) {
    if (adjusted->has_leaf && adjusted->leaf >= sheet->n_leaves)
        return fail(step, "there is no leaf %u", adjusted->leaf);
    int32_t *sum_cp = adjusted->has_leaf ? &sheet->deducted_cp[adjusted->leaf] : &sheet->appraised.bonus_cp;
    if (adjusted->points_cp <= 0 || *sum_cp > INT32_MAX - adjusted->points_cp)
        return fail(step, "%d cannot be added to %d", adjusted->points_cp, *sum_cp);
    *sum_cp += adjusted->points_cp;
    return true;
}

bool apply_adjusted(const struct step *step) {
    const Pb__Adjusted *adjusted = step->event->adjusted;
    struct change change;
    if (!open_sheet(step, adjusted->period, adjusted->unit, &change))
        return false;
    if (adjusted->replaces != change.sheet->adjusted_seq)
        return fail(step, "the last adjustment is entry %llu", (unsigned long long)change.sheet->adjusted_seq);
    change.sheet->adjusted_seq = step->entry->seq;
    change.sheet->n_adjusted++;
    if (!adjust(step, change.sheet, adjusted))
        return false;
    settle_appraised(&change);
    return settle_sheet(step, &change, adjusted->after);
}

bool apply_sheet_returned(const struct step *step) {
    const Pb__SheetReturned *returned = step->event->sheet_returned;
    struct change change;
    if (!open_sheet(step, returned->period, returned->unit, &change))
        return false;
    change.sheet->returned_seq = step->entry->seq;
    return settle_sheet(step, &change, returned->after);
}

bool apply_line_explained(const struct step *step) {
    const Pb__LineExplained *explained = step->event->line_explained;
    struct change change;
    struct line line;
    if (!open_sheet(step, explained->period, explained->unit, &change) ||
        !open_line(step, &change, explained->leaf, &line))
        return false;
    if (!explained->has_leaf || line.appraised_seq == 0)
        return fail(step, "leaf %u has not been appraised", explained->leaf);
    if (explained->replaces != line.explained_seq)
        return fail(step, "the last explanation is entry %llu", (unsigned long long)line.explained_seq);
    line.explained_seq = step->entry->seq;
    return put_line(step, &change, explained->leaf, &line) && settle_sheet(step, &change, explained->after);
}

static bool finalize(const struct step *step, uint32_t period, const Pb__FinalizedSheet *finalized) {
    struct change change;
    if (!open_sheet(step, period, finalized->unit, &change))
        return false;
    change.sheet->final = change.sheet->appraised;
    return settle_sheet(step, &change, finalized->after) &&
           (change.sheet->state == PB__SHEET_STATE__FINAL || fail(step, "unit %u is not final", finalized->unit));
}

bool apply_sheets_finalized(const struct step *step) {
    const Pb__SheetsFinalized *finalized = step->event->sheets_finalized;
    if (finalized->n_sheets == 0)
        return fail(step, "it names no unit");
    for (size_t i = 0; i < finalized->n_sheets; i++)
        if (!finalize(step, finalized->period, finalized->sheets[i]))
            return false;
    return true;
}

bool apply_held(const struct step *step) {
    const Pb__Held *held = step->event->held;
    struct change change;
    if (!open_sheet(step, held->period, held->unit, &change))
        return false;
    if (held->lift != (change.sheet->held_seq != 0))
        return fail(step, "unit %u is %s hold", held->unit, held->lift ? "not on" : "already on");
    change.sheet->held_seq = held->lift ? 0 : step->entry->seq;
    return settle_sheet(step, &change, held->after);
}

bool apply_nominated(const struct step *step) {
    const Pb__Nominated *nominated = step->event->nominated;
    struct change change;
    if (!open_sheet(step, nominated->period, nominated->unit, &change))
        return false;
    if (nominated->replaces != change.sheet->nominated_seq)
        return fail(step, "the last nomination is entry %llu", (unsigned long long)change.sheet->nominated_seq);
    change.sheet->nominated_seq = step->entry->seq;
    change.sheet->n_nominated++;
    return settle_sheet(step, &change, nominated->after);
}
