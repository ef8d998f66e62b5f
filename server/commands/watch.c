#include "server/commands/watch.h"

#include <stdlib.h>

#include "server/commands/board.h"
#include "server/commands/subject.h"

enum { ARENA_BUDGET = 64 * 1024 * 1024 }; // of one step

struct look {
    struct context context;
    struct problems problems;
    struct actor actor;  // whose eyes the context has for now
    struct arena *arena; // nothing stays in it from one step to the next
};

// Nothing to say yet: what authorise has found is all that the feed needs.
void watch_begin(struct context *context, struct cursor *cursor, Pb__Response *response) {
    (void)cursor;
    CONTEXT_NEW(context, reply, Pb__WatchReply, pb__watch_reply__init);
    if (!reply)
        return;
    response->body_case = PB__RESPONSE__BODY_WATCH;
    response->watch = reply;
}

// From here on the context has these eyes, and all of the arena.
static struct context *look_as(struct look *look, enum sight sight, uint32_t unit, bool head) {
    arena_reset(look->context.arena);
    problems_init(&look->problems, look->context.arena);
    look->actor = (struct actor){.unit = unit, .role = head ? PB__ROLE__HEAD : PB__ROLE__OFFICER};
    look->context.sight = sight;
    return &look->context;
}

struct look *look_new(void) {
    struct look *look = calloc(1, sizeof *look);
    if (look && (look->arena = arena_new(ARENA_BUDGET)))
        return look;
    free(look);
    return NULL;
}

void look_free(struct look *look) {
    if (look)
        arena_free(look->arena);
    free(look);
}

bool look_at(struct look *look, const struct view *view, uint32_t period) {
    look->context = (struct context){
        .view = view, .actor = &look->actor, .arena = look->arena, .problems = &look->problems, .unit = -1};
    struct context *context = look_as(look, SIGHT_NONE, 0, false);
    context->period = view_period(view, period);
    return context->period && view_period_row(view, period, &context->row);
}

uint64_t look_seq(const struct look *look) {
    return look->context.row.seq;
}

enum sight look_sight(struct look *look, uint32_t unit, bool head) {
    struct context *context = look_as(look, SIGHT_NONE, unit, head);
    return subject_sight(context) ? context->sight : SIGHT_NONE;
}

struct pieces *look_board(struct look *look, Pb__Column column, enum sight sight) {
    struct context *context = look_as(look, sight, 0, false);
    struct pieces *pieces = NULL;
    struct walk walk;
    if (walk_begin(&walk, context, WALK_ENTRIES)) {
        const Pb__Board *board = board_make(&walk, column, context->row.seq, see_all(context, column), false);
        if (board && !view_fault(context->view))
            pieces = pieces_make(board, context->row.definition_seq);
    }
    walk_end(&walk);
    return pieces;
}

struct own_row look_own(struct look *look, Pb__Column column, uint32_t unit) {
    struct context *context = look_as(look, SIGHT_OWN, unit, false);
    int place = period_unit_by_number(context->period, unit);
    const Pb__BoardRow *row = place < 0 ? NULL : board_row_unranked(context, (size_t)place, column);
    return row && !view_fault(context->view) ? own_row_make(row) : (struct own_row){0};
}

struct shared_bytes *shared_refusal(const struct problems *problems) {
    Pb__Response response = PB__RESPONSE__INIT;
    problems_answer(problems, &response);
    size_t size = pb__response__get_packed_size(&response);
    struct shared_bytes *shared = malloc(sizeof *shared + size);
    if (!shared)
        return NULL;
    *shared = (struct shared_bytes){.references = 1, .size = size};
    pb__response__pack(&response, shared->bytes);
    return shared;
}

struct shared_bytes *look_refusal(struct look *look) {
    const char *fault = view_fault(look->context.view);
    if (fault) {
        look_as(look, SIGHT_NONE, 0, false);
        problem(&look->problems, REASON_ROW_DAMAGED, arg_text("row", fault));
    }
    return look->problems.count ? shared_refusal(&look->problems) : NULL;
}
