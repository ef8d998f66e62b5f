// How one unit's sheet came to be, from the present back, as the caller may see it.
#include <stdlib.h>

#include "server/commands/said.h"
#include "server/commands/sheet_entries.h"
#include "server/commands/walk.h"
#include "server/ledger/event.h"
#include "server/rules/period.h"

enum { ENTRIES_PER_FRAME = 64, BYTES_PER_FRAME = 256 * 1024 }; // that are shown; the one that passes it is still taken

// What a caller who sees only the last hand-in has been shown of it.
struct handed {
    uint64_t seq;
    bool settled[]; // leaves whose score at that hand-in has been found
};

// One frame being made.
struct frame {
    struct walk walk;
    struct context *context;
    Pb__HistoryReply *reply;
    size_t room;           // rows that it can hold
    int only;              // the leaf that is asked for, -1: all
    struct handed *handed; // NULL: the caller sees drafts too
};

// ---- rows ----

static const char *note_of(const Pb__Event *event) {
    switch (event->body_case) {
    case PB__EVENT__BODY_SCORE_SET:
        return NULL; // of each line: note_of_line
    case PB__EVENT__BODY_LINES_APPRAISED:
        return event->lines_appraised->reason;
    case PB__EVENT__BODY_ADJUSTED:
        return event->adjusted->reason;
    case PB__EVENT__BODY_SHEET_RETURNED:
        return event->sheet_returned->reason;
    case PB__EVENT__BODY_LINE_EXPLAINED:
        return event->line_explained->text;
    case PB__EVENT__BODY_SHEETS_FINALIZED:
        return event->sheets_finalized->reason;
    case PB__EVENT__BODY_HELD:
        return event->held->reason;
    case PB__EVENT__BODY_NOMINATED:
        return event->nominated->award;
    case PB__EVENT__BODY_EXTENDED:
        return event->extended->reason;
    default:
        return NULL;
    }
}

static const char *word_of(const Pb__Event *event) {
    bool lifts = event->body_case == PB__EVENT__BODY_HELD && event->held->lift;
    return lifts ? "hold_lifted" : event_name(event);
}

static void fill_totals(Pb__HistoryRow *row, const Pb__SheetAfter *after) {
    row->has_total_cp = after->self_total_cp != POINTS_NONE;
    row->total_cp = after->self_total_cp;
    row->has_appraised_total_cp = after->appraised && after->appraised->has_total_cp;
    row->appraised_total_cp = row->has_appraised_total_cp ? after->appraised->total_cp : 0;
}

// A row of the entry, in the frame; NULL: memory is used up, or the entry is not what it should be.
static Pb__HistoryRow *add_row(struct frame *frame, const Pb__Entry *entry, const Pb__SheetAfter *after) {
    char actor[ACTOR_NAME_MAX];
    CONTEXT_NEW(frame->context, row, Pb__HistoryRow, pb__history_row__init);
    if (!row || frame->reply->n_rows == frame->room || !entry->actor) {
        walk_lost(&frame->walk);
        return NULL;
    }
    row->has_seq = row->has_time_ms = row->has_account = true;
    row->seq = entry->seq;
    row->time_ms = entry->time_ms;
    row->account = entry->actor->account;
    row->actor = said_copy(&frame->walk, actor_name(entry->actor, actor));
    row->has_role = entry->actor->has_role;
    row->role = entry->actor->role;
    row->event = word_of(entry->event);
    row->note = said_copy(&frame->walk, note_of(entry->event));
    fill_totals(row, after);
    frame->reply->rows[frame->reply->n_rows++] = row;
    return row;
}

static bool add_line(struct frame *frame, const Pb__Entry *entry, const Pb__SheetAfter *after, const Pb__LineSet *set) {
    if (frame->only >= 0 && set->leaf != (uint32_t)frame->only)
        return true;
    if (set->leaf >= frame->context->period->n_leaves)
        return walk_lost(&frame->walk);
    Pb__HistoryRow *row = add_row(frame, entry, after);
    if (!row)
        return false;
    row->criterion = period_leaf(frame->context->period, set->leaf)->code;
    row->has_from_cp = set->has_from_cp;
    row->from_cp = set->from_cp;
    row->has_points_cp = row->has_revision = true;
    row->points_cp = set->points_cp;
    row->revision = set->revision;
    return true;
}

// To who sees only the last hand-in: the scores that it was made of, and no figures of the drafts on the way there.
static bool add_score(struct frame *frame, const Pb__Entry *entry, const Pb__SheetAfter *after,
                      const Pb__LineSet *set) {
    struct handed *handed = frame->handed;
    size_t before = frame->reply->n_rows;
    if (handed &&
        (entry->seq > handed->seq || set->leaf >= frame->context->period->n_leaves || handed->settled[set->leaf]))
        return true;
    if (!add_line(frame, entry, after, set))
        return false;
    if (handed)
        handed->settled[set->leaf] = true;
    for (size_t i = before; i < frame->reply->n_rows; i++) {
        Pb__HistoryRow *row = frame->reply->rows[i];
        row->note = said_copy(&frame->walk, note_of_line(entry->event->score_set, set));
        if (handed)
            row->has_from_cp = row->has_total_cp = row->has_appraised_total_cp = false;
    }
    return true;
}

static bool add_scores(struct frame *frame, const Pb__Entry *entry, const Pb__SheetAfter *after) {
    const Pb__ScoreSet *score = entry->event->score_set;
    for (size_t i = 0; i < score->n_lines; i++)
        if (!add_score(frame, entry, after, score->lines[i]))
            return false;
    return true;
}

static bool add_appraisals(struct frame *frame, const Pb__Entry *entry, const Pb__SheetAfter *after) {
    const Pb__LinesAppraised *appraised = entry->event->lines_appraised;
    size_t before = frame->reply->n_rows;
    for (size_t i = 0; i < appraised->n_lines; i++)
        if (!add_line(frame, entry, after, appraised->lines[i]))
            return false;
    for (size_t i = before; frame->handed && i < frame->reply->n_rows; i++)
        frame->reply->rows[i]->has_total_cp = false;
    return true;
}

static bool add_hand_in(struct frame *frame, const Pb__Entry *entry, const Pb__SheetAfter *after) {
    if (frame->only >= 0 || (frame->handed && entry->seq != frame->handed->seq))
        return true;
    Pb__HistoryRow *row = add_row(frame, entry, after);
    if (!row)
        return false;
    row->has_revision = true;
    row->revision = after->sheet_revision;
    row->has_late_ms = entry->event->sheet_submitted->has_late_ms;
    row->late_ms = entry->event->sheet_submitted->late_ms;
    return true;
}

static void fill_judgement(Pb__HistoryRow *row, const Pb__Event *event, const Pb__SheetAfter *after) {
    bool extends = event->body_case == PB__EVENT__BODY_EXTENDED;
    bool finalizes = event->body_case == PB__EVENT__BODY_SHEETS_FINALIZED;
    row->has_points_cp = event->body_case == PB__EVENT__BODY_ADJUSTED;
    row->points_cp = row->has_points_cp ? event->adjusted->points_cp : 0;
    row->has_until_ms = extends;
    row->until_ms = extends ? event->extended->until_ms : 0;
    row->has_final_total_cp = finalizes && after->final && after->final->has_total_cp;
    row->final_total_cp = row->has_final_total_cp ? after->final->total_cp : 0;
}

// The leaf that the event is about, -1: none.
static int leaf_of(const Pb__Event *event) {
    if (event->body_case == PB__EVENT__BODY_ADJUSTED && event->adjusted->has_leaf)
        return (int)event->adjusted->leaf;
    return event->body_case == PB__EVENT__BODY_LINE_EXPLAINED ? (int)event->line_explained->leaf : -1;
}

// Any other event: one row.
static bool add_judgement(struct frame *frame, const Pb__Entry *entry, const Pb__SheetAfter *after) {
    const Pb__Event *event = entry->event;
    int leaf = leaf_of(event);
    if (frame->only >= 0 && leaf != frame->only)
        return true;
    Pb__HistoryRow *row = add_row(frame, entry, after);
    if (!row)
        return false;
    if (leaf >= 0 && (size_t)leaf < frame->context->period->n_leaves)
        row->criterion = period_leaf(frame->context->period, (size_t)leaf)->code;
    fill_judgement(row, event, after);
    row->has_total_cp &= !frame->handed; // it may be a draft's
    return true;
}

static bool add_entry(struct frame *frame, const Pb__Entry *entry, const Pb__SheetAfter *after) {
    switch (entry->event->body_case) {
    case PB__EVENT__BODY_SCORE_SET:
        return add_scores(frame, entry, after);
    case PB__EVENT__BODY_LINES_APPRAISED:
        return add_appraisals(frame, entry, after);
    case PB__EVENT__BODY_SHEET_SUBMITTED:
        return add_hand_in(frame, entry, after);
    default:
        return add_judgement(frame, entry, after);
    }
}

// ---- the walk ----

static bool begin(struct context *context, struct cursor *cursor) {
    size_t n_leaves = context->period->n_leaves;
    if (cursor->begun)
        return true;
    cursor->begun = true;
    cursor->seq = context->sheet.seq;
    if (sees_current(context))
        return true;
    struct handed *handed = calloc(1, sizeof *handed + n_leaves * sizeof *handed->settled);
    if (!handed)
        return problem(context->problems, REASON_DEFECT, arg_text("value", "out of memory"));
    handed->seq = context->sheet.handed_seq;
    cursor->kept = handed;
    return true;
}

// What was there before the first score is no history: a signature is the period's.
static bool step_back(struct frame *frame, uint64_t *seq) {
    const Pb__Entry *entry = walk_to(&frame->walk, *seq);
    if (!entry)
        return false;
    const Pb__SheetAfter *after = event_after(entry->event, frame->context->unit_number);
    return (!after || add_entry(frame, entry, after)) && walk_back(&frame->walk, seq, after ? after->replaces : 0);
}

static bool fill_frame(struct frame *frame, uint64_t *seq) {
    size_t bytes = 0, counted = 0, entries = 0;
    while (*seq && entries < ENTRIES_PER_FRAME && bytes < BYTES_PER_FRAME && walk_goes_on(&frame->walk)) {
        if (!step_back(frame, seq))
            return false;
        entries += frame->reply->n_rows > counted;
        for (; counted < frame->reply->n_rows; counted++)
            bytes += pb__history_row__get_packed_size(frame->reply->rows[counted]);
    }
    return true;
}

// An empty frame is sent only where it is the last one.
static void show_frame(struct frame *frame, const struct cursor *cursor, Pb__Response *response) {
    struct context *context = frame->context;
    context->again = frame->reply->n_rows == 0 && cursor->seq != 0;
    if (context->again)
        return;
    frame->reply->period = context->period->definition->id;
    frame->reply->unit = period_unit(context->period, (size_t)context->unit)->id;
    response->has_more = response->more = cursor->seq != 0;
    response->body_case = PB__RESPONSE__BODY_HISTORY;
    response->history = frame->reply;
}

void history_show(struct context *context, struct cursor *cursor, Pb__Response *response) {
    const char *code = context->request->history->criterion;
    struct frame frame = {.context = context, .only = -1, .room = ENTRIES_PER_FRAME * (context->period->n_leaves + 1)};
    if (code && (frame.only = period_leaf_by_code(context->period, code, context->problems)) < 0)
        return;
    CONTEXT_NEW(context, reply, Pb__HistoryReply, pb__history_reply__init);
    if (!reply || !(reply->rows = CONTEXT_LIST(context, Pb__HistoryRow *, frame.room)) || !begin(context, cursor))
        return;
    frame.reply = reply;
    frame.handed = cursor->kept;
    if (walk_begin(&frame.walk, context, WALK_ENTRIES) && fill_frame(&frame, &cursor->seq))
        show_frame(&frame, cursor, response);
    walk_end(&frame.walk);
    if (cursor->seq == 0)
        cursor_release(cursor);
}
