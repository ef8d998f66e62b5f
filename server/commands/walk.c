#include "server/commands/walk.h"

enum {
    ENTRY_BUDGET = 32 * 1024 * 1024, // memory of one entry, or of the two that make up a past sheet
    BYTES_OF_A_TURN = 8 * 1024 * 1024,
};

bool walk_begin(struct walk *walk, struct context *context, unsigned entries) {
    *walk = (struct walk){.context = context, .arena = arena_new(ENTRY_BUDGET), .left = entries};
    return walk->arena || problem(context->problems, REASON_DEFECT, arg_text("value", "out of memory"));
}

void walk_end(struct walk *walk) {
    arena_free(walk->arena);
}

bool walk_goes_on(const struct walk *walk) {
    return walk->left > 0 && walk->weighed < BYTES_OF_A_TURN;
}

struct arena *walk_step(struct walk *walk) {
    walk->weighed += arena_used(walk->arena);
    walk->left -= walk->left > 0;
    walk->entry = NULL;
    walk->seq = 0;
    arena_reset(walk->arena);
    return walk->arena;
}

bool walk_lost(struct walk *walk) {
    struct context *context = walk->context;
    if (!view_fault(context->view) && context->problems->count == 0)
        problem(context->problems, REASON_DEFECT, arg_text("value", "an entry cannot be read"));
    return false;
}

const Pb__Entry *walk_to_raw(struct walk *walk, uint64_t seq, struct journal_entry *raw) {
    walk->entry = view_entry(walk->context->view, seq, walk_step(walk), raw);
    walk->seq = seq;
    if (!walk->entry)
        walk_lost(walk);
    return walk->entry;
}

const Pb__Entry *walk_to(struct walk *walk, uint64_t seq) {
    return walk->entry && walk->seq == seq ? walk->entry : walk_to_raw(walk, seq, NULL);
}

const Pb__Entry *walk_to_one(struct walk *walk, uint64_t seq, Pb__Event__BodyCase body) {
    const Pb__Entry *entry = walk_to(walk, seq);
    if (!entry || entry->event->body_case == body)
        return entry;
    walk_lost(walk);
    return NULL;
}

bool walk_back(struct walk *walk, uint64_t *seq, uint64_t before) {
    if (before >= *seq)
        return walk_lost(walk);
    *seq = before;
    return true;
}
