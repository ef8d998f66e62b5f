// One unit's sheet, as the caller may see it, and how it came to be.
#include <stdio.h>
#include <string.h>

#include "server/commands/context.h"
#include "server/rules/period.h"

enum { ENTRIES_PER_FRAME = 64, BYTES_PER_FRAME = 256 * 1024 }; // of a history; the entry that passes it is still taken

// Others see what was last handed in; the unit itself, and those who see all, what stands now.
static bool sees_current(const struct context *context) {
    return context->sight == SIGHT_ALL || context->unit_number == context->actor->unit;
}

static const Pb__LineSet *line_in(const Pb__Entry *entry, size_t leaf) {
    if (!entry || entry->event->body_case != PB__EVENT__BODY_SCORE_SET)
        return NULL;
    const Pb__ScoreSet *set = entry->event->score_set;
    for (size_t i = 0; i < set->n_lines; i++)
        if (set->lines[i]->leaf == leaf)
            return set->lines[i];
    return NULL;
}

// The entry that set the line last; 0: none did.
static uint64_t line_seq(struct context *context, size_t leaf) {
    struct line line;
    bool stands = view_line(context->view, context->period->number, context->unit_number, leaf, &line);
    return stands ? line.seq : 0;
}

// The same among those up to `until`; walks back from the present. NULL: none did.
static const Pb__Entry *line_entry(struct context *context, size_t leaf, uint64_t until) {
    uint64_t seq = line_seq(context, leaf);
    while (seq) {
        const Pb__Entry *entry = view_entry(context->view, seq, context->arena, NULL);
        const Pb__LineSet *set = line_in(entry, leaf);
        if (!set || seq <= until)
            return set ? entry : NULL;
        seq = set->replaces;
    }
    return NULL;
}

// ---- sheet ----

static void fill_from_entry(Pb__SheetLine *line, const Pb__Entry *entry, size_t leaf) {
    const Pb__ScoreSet *score = entry->event->score_set;
    const Pb__LineSet *set = line_in(entry, leaf);
    line->has_points_cp = line->has_revision = true;
    line->points_cp = set->points_cp;
    line->revision = set->revision;
    line->has_actual = set->has_actual;
    line->actual = set->actual;
    line->note = score->note;
    line->n_evidence = score->n_evidence;
    line->evidence = score->evidence;
}

static Pb__SheetLine *sheet_line(struct context *context, size_t leaf) {
    const Pb__CriterionDefinition *criterion = period_leaf(context->period, leaf);
    uint64_t until = sees_current(context) ? UINT64_MAX : context->sheet.handed_seq;
    CONTEXT_NEW(context, line, Pb__SheetLine, pb__sheet_line__init);
    if (!line)
        return NULL;
    line->criterion = criterion->code;
    line->title = criterion->title;
    line->has_max_cp = line->has_assigned = true;
    line->max_cp = criterion->max_cp;
    line->assigned = period_assigned(context->period, (size_t)context->unit, leaf);
    const Pb__Entry *entry = line_entry(context, leaf, until);
    if (entry)
        fill_from_entry(line, entry, leaf);
    return line;
}

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
    reply->of_cp = context->period->definition->total_cp;
}

void sheet_show(struct context *context, struct cursor *cursor, Pb__Response *response) {
    (void)cursor;
    size_t n_leaves = context->period->n_leaves;
    CONTEXT_NEW(context, reply, Pb__SheetReply, pb__sheet_reply__init);
    if (!reply || !(reply->lines = CONTEXT_LIST(context, Pb__SheetLine *, n_leaves)))
        return;
    fill_head(context, reply);
    for (size_t leaf = 0; leaf < n_leaves; leaf++) {
        if (!(reply->lines[leaf] = sheet_line(context, leaf)))
            return;
        reply->n_lines++;
    }
    response->body_case = PB__RESPONSE__BODY_SHEET;
    response->sheet = reply;
}

// ---- history ----

// As audit names it; scores come from accounts alone.
static const char *actor_name(struct context *context, const Pb__Actor *actor) {
    char name[32];
    snprintf(name, sizeof name, "account:%u", (unsigned)actor->account);
    return arena_strdup(context->arena, name);
}

static Pb__HistoryRow *history_row(struct context *context, Pb__HistoryReply *reply, const Pb__Entry *entry,
                                   const char *event, const Pb__SheetAfter *after) {
    CONTEXT_NEW(context, row, Pb__HistoryRow, pb__history_row__init);
    if (!row)
        return NULL;
    row->has_seq = row->has_time_ms = row->has_account = true;
    row->seq = entry->seq;
    row->time_ms = entry->time_ms;
    row->account = entry->actor->account;
    row->actor = actor_name(context, entry->actor);
    row->has_role = entry->actor->has_role;
    row->role = entry->actor->role;
    row->event = event;
    row->has_total_cp = after->self_total_cp != POINTS_NONE;
    row->total_cp = after->self_total_cp;
    reply->rows[reply->n_rows++] = row;
    return row;
}

static void add_line(struct context *context, Pb__HistoryReply *reply, const Pb__Entry *entry, const Pb__LineSet *set) {
    const Pb__ScoreSet *score = entry->event->score_set;
    Pb__HistoryRow *row = history_row(context, reply, entry, "score_set", score->after);
    if (!row)
        return;
    row->criterion = period_leaf(context->period, set->leaf)->code;
    row->has_from_cp = set->has_from_cp;
    row->from_cp = set->from_cp;
    row->has_points_cp = row->has_revision = true;
    row->points_cp = set->points_cp;
    row->revision = set->revision;
    row->note = score->note;
}

// Adds the entry's rows; returns the entry to go on with, 0 at the beginning of the history.
static uint64_t add_entry(struct context *context, Pb__HistoryReply *reply, const Pb__Entry *entry, int leaf) {
    const Pb__LineSet *only = leaf >= 0 ? line_in(entry, (size_t)leaf) : NULL;
    if (entry->event->body_case == PB__EVENT__BODY_SHEET_SUBMITTED) {
        const Pb__SheetAfter *after = entry->event->sheet_submitted->after;
        Pb__HistoryRow *row = history_row(context, reply, entry, "sheet_submitted", after);
        if (row)
            row->has_revision = true, row->revision = after->sheet_revision;
        return after->replaces;
    }
    if (entry->event->body_case != PB__EVENT__BODY_SCORE_SET)
        return 0;
    const Pb__ScoreSet *score = entry->event->score_set;
    for (size_t i = 0; i < score->n_lines; i++)
        if (!only || score->lines[i] == only)
            add_line(context, reply, entry, score->lines[i]);
    return only ? only->replaces : score->after->replaces;
}

// All that came to be, from the present back: the line's entries, or the sheet's.
static void walk_back(struct context *context, struct cursor *cursor, Pb__HistoryReply *reply, int leaf) {
    size_t bytes = 0, counted = 0;
    if (!cursor->begun && leaf < 0)
        cursor->seq = context->sheet.seq;
    else if (!cursor->begun)
        cursor->seq = line_seq(context, (size_t)leaf);
    cursor->begun = true;
    for (int i = 0; i < ENTRIES_PER_FRAME && bytes < BYTES_PER_FRAME && cursor->seq; i++) {
        const Pb__Entry *entry = view_entry(context->view, cursor->seq, context->arena, NULL);
        if (!entry)
            return;
        cursor->seq = add_entry(context, reply, entry, leaf);
        for (; counted < reply->n_rows; counted++)
            bytes += pb__history_row__get_packed_size(reply->rows[counted]);
    }
}

// The last row takes its place among those before it: newest first, those of one entry as they came.
static void order_last(Pb__HistoryReply *reply) {
    size_t at = reply->n_rows - 1;
    Pb__HistoryRow *last = reply->rows[at];
    for (; at > 0 && reply->rows[at - 1]->seq < last->seq; at--)
        reply->rows[at] = reply->rows[at - 1];
    reply->rows[at] = last;
}

static void add_handed_line(struct context *context, Pb__HistoryReply *reply, size_t leaf) {
    const Pb__Entry *entry = line_entry(context, leaf, context->sheet.handed_seq);
    size_t before = reply->n_rows;
    if (entry)
        add_line(context, reply, entry, line_in(entry, leaf));
    if (reply->n_rows == before)
        return;
    Pb__HistoryRow *row = reply->rows[before];
    row->has_from_cp = row->has_total_cp = false; // figures of drafts
    order_last(reply);
}

// What others see: the last hand-in and the entries that set its lines. The drafts on the way there are the unit's own.
static void show_handed(struct context *context, Pb__HistoryReply *reply, int leaf) {
    const Pb__Entry *entry = view_entry(context->view, context->sheet.handed_seq, context->arena, NULL);
    if (!entry)
        return;
    if (leaf < 0)
        add_entry(context, reply, entry, leaf);
    for (size_t i = 0; i < context->period->n_leaves; i++)
        if (leaf < 0 || i == (size_t)leaf)
            add_handed_line(context, reply, i);
}

void history_show(struct context *context, struct cursor *cursor, Pb__Response *response) {
    const char *code = context->request->history->criterion;
    int leaf = code ? period_leaf_by_code(context->period, code, context->problems) : -1;
    size_t room = ENTRIES_PER_FRAME * context->period->n_leaves + 1;
    CONTEXT_NEW(context, reply, Pb__HistoryReply, pb__history_reply__init);
    if ((code && leaf < 0) || !reply || !(reply->rows = CONTEXT_LIST(context, Pb__HistoryRow *, room)))
        return;
    if (sees_current(context))
        walk_back(context, cursor, reply, leaf);
    else
        show_handed(context, reply, leaf);
    reply->period = context->period->definition->id;
    reply->unit = period_unit(context->period, (size_t)context->unit)->id;
    response->has_more = response->more = cursor->seq != 0;
    response->body_case = PB__RESPONSE__BODY_HISTORY;
    response->history = reply;
}
