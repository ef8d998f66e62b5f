// The board as a request: from memory where it is encoded already, else made.
#include "server/commands/board.h"
#include "server/commands/boards.h"
#include "server/commands/past_rows.h"

static bool is_kept(struct context *context, struct board_key *key, uint64_t seq) {
    key->period = context->period->number;
    key->seq = seq;
    key->sight = (int)context->sight;
    key->unit = context->sight == SIGHT_OWN ? context->actor->unit : 0;
    context->shared = boards_find(context->boards, key);
    return context->shared != NULL;
}

static void keep(struct context *context, struct board_key *key, Pb__Board *board, Pb__Response *response) {
    if (!board || view_fault(context->view))
        return;
    response->body_case = PB__RESPONSE__BODY_TOTALS;
    response->totals = board;
    context->shared = boards_keep(context->boards, key, response);
}

static void show_now(struct walk *walk, struct board_key *key, Pb__Column column, Pb__Response *response) {
    struct context *context = walk->context;
    uint64_t seq = context->row.seq;
    if (!is_kept(context, key, seq))
        keep(context, key, board_make(walk, column, seq, see_all(context, column), key->explain), response);
}

static void show_past(struct walk *walk, struct cursor *cursor, struct board_key *key, Pb__Column column,
                      Pb__Response *response) {
    struct context *context = walk->context;
    uint64_t at, seq;
    if (!past_sight(walk, cursor, &at) || is_kept(context, key, at))
        return;
    const struct seen *seen = past_rows(walk, cursor, column, &seq);
    if (seen)
        keep(context, key, board_make(walk, column, seq, seen, key->explain), response);
}

void totals_show(struct context *context, struct cursor *cursor, Pb__Response *response) {
    const Pb__TotalsQuery *query = context->request->totals;
    Pb__Column column = query->has_column ? query->column : PB__COLUMN__SELF;
    struct board_key key = {.column = (int)column, .explain = query->explain};
    struct walk walk;
    if (walk_begin(&walk, context, WALK_ENTRIES)) {
        enum moment moment = past_moment(&walk, cursor);
        key.past = moment == MOMENT_PAST;
        if (moment == MOMENT_NOW)
            show_now(&walk, &key, column, response);
        else if (moment == MOMENT_PAST)
            show_past(&walk, cursor, &key, column, response);
    }
    walk_end(&walk);
    if (context->shared || context->problems->count) // the bytes hold all that the cursor does; or nothing more comes
        cursor_release(cursor);
}
