// One unit's sheet, as the caller may see it: the unit's own points, what they were judged to be, and what was said.
#include <stdlib.h>

#include "server/commands/said.h"
#include "server/commands/sheet_after.h"
#include "server/commands/sheet_entries.h"
#include "server/rules/points.h"

// ---- the lines as the caller sees them: the way back to a hand-in may be long, and is gone in slices ----

// For each leaf the entry of its score; those from `leaf` on are still on their way back.
struct found {
    uint64_t until;
    size_t leaf;
    uint64_t seqs[];
};

static bool line_at(struct context *context, size_t leaf, struct line *line) {
    *line = (struct line){.points_cp = POINTS_NONE};
    return view_line(context->view, context->period->number, context->unit_number, leaf, line) ||
           !view_fault(context->view);
}

static struct found *begin(struct context *context, uint64_t until) {
    size_t n_leaves = context->period->n_leaves;
    struct found *found = malloc(sizeof *found + n_leaves * sizeof *found->seqs);
    struct line line;
    if (!found) {
        problem(context->problems, REASON_DEFECT, arg_text("value", "out of memory"));
        return NULL;
    }
    *found = (struct found){.until = until};
    for (size_t leaf = 0; leaf < n_leaves; leaf++)
        found->seqs[leaf] = line_at(context, leaf, &line) ? line.seq : 0;
    return found;
}

static bool step_back(struct walk *walk, size_t leaf, uint64_t *seq) {
    const Pb__Entry *entry = walk_to_one(walk, *seq, PB__EVENT__BODY_SCORE_SET);
    const Pb__LineSet *set = entry ? score_of_leaf(entry, leaf) : NULL;
    return set ? walk_back(walk, seq, set->replaces) : walk_lost(walk);
}

// False: failed, or context->again.
static bool find_entries(struct walk *walk, struct found *found) {
    for (; found->leaf < walk->context->period->n_leaves; found->leaf++) {
        while (found->seqs[found->leaf] > found->until) {
            walk->context->again = !walk_goes_on(walk);
            if (walk->context->again || !step_back(walk, found->leaf, &found->seqs[found->leaf]))
                return false;
        }
    }
    return true;
}

// Begins anew where the unit has handed in once more meanwhile. NULL: failed, or context->again.
static const struct found *find_lines(struct walk *walk, struct cursor *cursor) {
    struct context *context = walk->context;
    uint64_t until = sees_current(context) ? UINT64_MAX : context->sheet.handed_seq;
    struct found *found = cursor->kept;
    if (found && found->until != until)
        cursor_release(cursor);
    if (!cursor->kept)
        cursor->kept = begin(context, until);
    found = cursor->kept;
    return found && find_entries(walk, found) ? found : NULL;
}

// ---- a line ----

static Pb__Evidence *copy_evidence(struct walk *walk, const Pb__Evidence *evidence) {
    CONTEXT_NEW(walk->context, copy, Pb__Evidence, pb__evidence__init);
    if (!copy)
        return NULL;
    copy->number = said_copy(walk, evidence->number);
    copy->date = said_copy(walk, evidence->date);
    copy->title = said_copy(walk, evidence->title);
    return copy;
}

// A line's own documents, else those of the whole score.
static bool fill_evidence(struct walk *walk, Pb__SheetLine *line, const Pb__ScoreSet *score, const Pb__LineSet *set) {
    Pb__Evidence *const *list = set->n_evidence ? set->evidence : score->evidence;
    size_t count = set->n_evidence ? set->n_evidence : score->n_evidence;
    line->evidence = CONTEXT_LIST(walk->context, Pb__Evidence *, count);
    for (line->n_evidence = 0; line->evidence && line->n_evidence < count; line->n_evidence++)
        if (!(line->evidence[line->n_evidence] = copy_evidence(walk, list[line->n_evidence])))
            return false;
    return line->evidence != NULL;
}

// Copies what is shown: the entries of all lines together may be far more than that.
static bool fill_score(struct walk *walk, Pb__SheetLine *line, const Pb__Entry *entry, size_t leaf) {
    const Pb__LineSet *set = score_of_leaf(entry, leaf);
    if (!set)
        return walk_lost(walk);
    const Pb__ScoreSet *score = entry->event->score_set;
    line->has_points_cp = line->has_revision = true;
    line->points_cp = set->points_cp;
    line->revision = set->revision;
    line->has_actual = set->has_actual;
    line->actual = set->actual;
    line->note = said_copy(walk, note_of_line(score, set));
    return fill_evidence(walk, line, score, set);
}

// Each entry is read once, however many lines it has set.
static bool fill_scores(struct walk *walk, const Pb__SheetReply *reply, const struct found *found) {
    for (size_t leaf = 0; leaf < reply->n_lines; leaf++) {
        uint64_t seq = found->seqs[leaf];
        if (!seq || reply->lines[leaf]->has_points_cp)
            continue;
        const Pb__Entry *entry = walk_to_one(walk, seq, PB__EVENT__BODY_SCORE_SET);
        for (size_t other = leaf; entry && other < reply->n_lines; other++)
            if (found->seqs[other] == seq && !fill_score(walk, reply->lines[other], entry, other))
                return false;
        if (!entry)
            return false;
    }
    return true;
}

static bool fill_words(struct walk *walk, Pb__SheetLine *out, const struct line *line) {
    const Pb__Entry *entry;
    if (line->appraised_seq) {
        if (!(entry = walk_to_one(walk, line->appraised_seq, PB__EVENT__BODY_LINES_APPRAISED)))
            return false;
        out->appraised_reason = said_copy(walk, entry->event->lines_appraised->reason);
    }
    if (line->explained_seq) {
        if (!(entry = walk_to_one(walk, line->explained_seq, PB__EVENT__BODY_LINE_EXPLAINED)))
            return false;
        out->explanation = said_copy(walk, entry->event->line_explained->text);
    }
    return true;
}

static bool fill_judgement(struct walk *walk, Pb__SheetLine *out, size_t leaf) {
    const struct sheet *sheet = &walk->context->sheet;
    struct line line;
    if (!line_at(walk->context, leaf, &line))
        return false;
    out->has_appraised_cp = sheet->appraised.points_cp[leaf] != POINTS_NONE;
    out->appraised_cp = sheet->appraised.points_cp[leaf];
    out->has_appraised_revision = line.appraised_revision != 0;
    out->appraised_revision = line.appraised_revision;
    out->has_final_cp = sheet->final.points_cp[leaf] != POINTS_NONE;
    out->final_cp = sheet->final.points_cp[leaf];
    out->has_deducted_cp = sheet->deducted_cp[leaf] != 0;
    out->deducted_cp = sheet->deducted_cp[leaf];
    return fill_words(walk, out, &line);
}

static Pb__SheetLine *sheet_line(struct walk *walk, size_t leaf) {
    struct context *context = walk->context;
    const Pb__CriterionDefinition *criterion = period_leaf(context->period, leaf);
    CONTEXT_NEW(context, line, Pb__SheetLine, pb__sheet_line__init);
    if (!line)
        return NULL;
    line->criterion = criterion->code;
    line->title = criterion->title;
    line->has_max_cp = line->has_assigned = true;
    line->max_cp = criterion->max_cp;
    line->assigned = period_assigned(context->period, (size_t)context->unit, leaf);
    return fill_judgement(walk, line, leaf) ? line : NULL;
}

// ---- the sheet ----

static void fill_head(struct context *context, Pb__SheetReply *reply) {
    const struct sheet *sheet = &context->sheet;
    bool current = sees_current(context);
    int32_t total_cp = current ? sheet->self_total_cp : sheet->handed_total_cp;
    reply->period = context->period->definition->id;
    reply->unit = period_unit(context->period, (size_t)context->unit)->id;
    reply->name = period_unit(context->period, (size_t)context->unit)->name;
    reply->has_state = reply->has_sheet_revision = reply->has_seq = reply->has_late = reply->has_of_cp = true;
    reply->state = sheet->state;
    reply->sheet_revision = sheet->sheet_revision;
    reply->has_total_cp = total_cp != POINTS_NONE;
    reply->total_cp = total_cp;
    reply->seq = current ? sheet->seq : sheet->handed_seq;
    reply->late = sheet->late;
    reply->has_late_ms = sheet->late;
    reply->late_ms = sheet->late_ms;
    reply->has_until_ms = sheet->until_ms != 0;
    reply->until_ms = sheet->until_ms;
    reply->of_cp = context->period->definition->total_cp;
    reply->has_max_cp = true;
    reply->max_cp = points_most(context->period, (size_t)context->unit);
}

// Why the unit is on hold, and why it has its sheet back.
static bool fill_reasons(struct walk *walk, Pb__SheetReply *reply) {
    const struct sheet *sheet = &walk->context->sheet;
    const Pb__Entry *entry;
    if (sheet->held_seq) {
        if (!(entry = walk_to_one(walk, sheet->held_seq, PB__EVENT__BODY_HELD)))
            return false;
        reply->hold = said_copy(walk, entry->event->held->reason);
    }
    if (sheet->returned_seq && sheet->state == PB__SHEET_STATE__RETURNED) {
        if (!(entry = walk_to_one(walk, sheet->returned_seq, PB__EVENT__BODY_SHEET_RETURNED)))
            return false;
        reply->return_reason = said_copy(walk, entry->event->sheet_returned->reason);
    }
    return true;
}

static bool fill_judgements(struct walk *walk, Pb__SheetReply *reply) {
    struct context *context = walk->context;
    const struct sheet *sheet = &context->sheet;
    reply->appraised = figures_reply(context, &sheet->appraised);
    reply->final = figures_reply(context, &sheet->final);
    return fill_reasons(walk, reply) &&
           adjustments_of(walk, sheet->adjusted_seq, &reply->n_adjustments, &reply->adjustments) &&
           awards_of(walk, sheet->nominated_seq, &reply->n_awards, &reply->awards);
}

static Pb__SheetReply *sheet_reply(struct walk *walk, const struct found *found) {
    struct context *context = walk->context;
    size_t n_leaves = context->period->n_leaves;
    CONTEXT_NEW(context, reply, Pb__SheetReply, pb__sheet_reply__init);
    if (!reply || !(reply->lines = CONTEXT_LIST(context, Pb__SheetLine *, n_leaves)))
        return NULL;
    fill_head(context, reply);
    for (; reply->n_lines < n_leaves; reply->n_lines++)
        if (!(reply->lines[reply->n_lines] = sheet_line(walk, reply->n_lines)))
            return NULL;
    return fill_scores(walk, reply, found) && fill_judgements(walk, reply) ? reply : NULL;
}

void sheet_show(struct context *context, struct cursor *cursor, Pb__Response *response) {
    struct walk walk;
    const struct found *found = walk_begin(&walk, context, WALK_ENTRIES) ? find_lines(&walk, cursor) : NULL;
    Pb__SheetReply *reply = found ? sheet_reply(&walk, found) : NULL;
    walk_end(&walk);
    if (!context->again)
        cursor_release(cursor);
    if (!reply)
        return;
    response->body_case = PB__RESPONSE__BODY_SHEET;
    response->sheet = reply;
}
