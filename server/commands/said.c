#include "server/commands/said.h"

#include <stdio.h>
#include <string.h>

const char *actor_name(const Pb__Actor *actor, char name[ACTOR_NAME_MAX]) {
    if (!actor || !actor->has_role)
        snprintf(name, ACTOR_NAME_MAX, "daemon");
    else if (actor->account)
        snprintf(name, ACTOR_NAME_MAX, "account:%u", (unsigned)actor->account);
    else
        snprintf(name, ACTOR_NAME_MAX, "local:%u", (unsigned)actor->uid);
    return name;
}

const char *said_copy(struct walk *walk, const char *text) {
    return text ? arena_strdup(walk->context->arena, text) : NULL;
}

// The list with room for one more behind its `count` members; NULL: the arena is used up.
static void *with_room(struct walk *walk, void *list, size_t count) {
    if ((count & (count - 1)) != 0) // there is room up to the next power of two
        return list;
    void **larger = context_alloc(walk->context, 2 * (count + 1) * sizeof *larger);
    if (larger && count)
        memcpy(larger, list, count * sizeof *larger);
    return larger;
}

static Pb__Adjustment *adjustment(struct walk *walk, const Pb__Entry *entry) {
    struct context *context = walk->context;
    const Pb__Adjusted *adjusted = entry->event->adjusted;
    char actor[ACTOR_NAME_MAX];
    CONTEXT_NEW(context, out, Pb__Adjustment, pb__adjustment__init);
    if (!out)
        return NULL;
    out->has_seq = out->has_time_ms = out->has_points_cp = true;
    out->seq = entry->seq;
    out->time_ms = entry->time_ms;
    out->points_cp = adjusted->points_cp;
    if (adjusted->has_leaf && adjusted->leaf < context->period->n_leaves)
        out->criterion = period_leaf(context->period, adjusted->leaf)->code;
    out->reason = said_copy(walk, adjusted->reason);
    out->actor = said_copy(walk, actor_name(entry->actor, actor));
    return out;
}

bool adjustments_of(struct walk *walk, uint64_t last, size_t *count, Pb__Adjustment ***list) {
    for (uint64_t seq = last; seq != 0; ++*count) {
        const Pb__Entry *entry = walk_to_one(walk, seq, PB__EVENT__BODY_ADJUSTED);
        if (!entry || !(*list = with_room(walk, *list, *count)) || !((*list)[*count] = adjustment(walk, entry)) ||
            !walk_back(walk, &seq, entry->event->adjusted->replaces))
            return false;
    }
    return true;
}

bool awards_of(struct walk *walk, uint64_t last, size_t *count, const char ***list) {
    for (uint64_t seq = last; seq != 0; ++*count) {
        const Pb__Entry *entry = walk_to_one(walk, seq, PB__EVENT__BODY_NOMINATED);
        if (!entry || !(*list = with_room(walk, *list, *count)) ||
            !((*list)[*count] = said_copy(walk, entry->event->nominated->award)) ||
            !walk_back(walk, &seq, entry->event->nominated->replaces))
            return false;
    }
    return true;
}
