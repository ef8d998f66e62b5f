#include "proto/problems.h"

#include <string.h>

// A refusal whose arena is used up still names its reason: these need no memory. Nothing writes to them.
static const Pb__Problem plain_problems[REASON_COUNT] = {
#define REASON(code, status, text, hint)                                                                               \
    [REASON_##code] = {.base = PROTOBUF_C_MESSAGE_INIT(&pb__problem__descriptor), .reason = #code},
#include "proto/reasons.def"
#undef REASON
};
static const Pb__Problem *const plain_lists[REASON_COUNT] = {
#define REASON(code, status, text, hint) [REASON_##code] = &plain_problems[REASON_##code],
#include "proto/reasons.def"
#undef REASON
};

void problems_init(struct problems *problems, struct arena *arena) {
    *problems = (struct problems){.arena = arena};
}

static bool set_argument(struct arena *arena, Pb__Argument *wire, const struct argument *argument) {
    pb__argument__init(wire);
    wire->name = arena_strdup(arena, argument->name);
    switch (argument->kind) {
    case ARGUMENT_TEXT:
        wire->value_case = PB__ARGUMENT__VALUE_TEXT;
        wire->text = arena_strdup(arena, argument->text ? argument->text : "");
        return wire->name && wire->text;
    case ARGUMENT_NUMBER:
        wire->value_case = PB__ARGUMENT__VALUE_NUMBER;
        wire->number = argument->number;
        break;
    case ARGUMENT_POINTS:
        wire->value_case = PB__ARGUMENT__VALUE_POINTS_CP;
        wire->points_cp = argument->number;
        break;
    case ARGUMENT_TIME:
        wire->value_case = PB__ARGUMENT__VALUE_TIME_MS;
        wire->time_ms = argument->number;
        break;
    }
    return wire->name != NULL;
}

static void set_arguments(struct arena *arena, Pb__Problem *wire, const struct argument *arguments, size_t count) {
    Pb__Argument *storage = count ? arena_alloc(arena, count * sizeof *storage) : NULL;
    Pb__Argument **list = storage ? arena_alloc(arena, count * sizeof *list) : NULL;
    if (!list)
        return;
    for (size_t i = 0; i < count; i++) {
        if (!set_argument(arena, &storage[i], &arguments[i]))
            return;
        list[i] = &storage[i];
    }
    wire->arguments = list;
    wire->n_arguments = count;
}

static bool make_room(struct problems *problems) {
    if (problems->listed < problems->room)
        return true;
    size_t room = problems->room ? problems->room * 2 : 4;
    struct problem *list = problems->arena ? arena_alloc(problems->arena, room * sizeof *list) : NULL;
    if (!list)
        return false;
    if (problems->listed > 0)
        memcpy(list, problems->list, problems->listed * sizeof *list);
    problems->list = list;
    problems->room = room;
    return true;
}

bool problem_add(struct problems *problems, enum reason reason, const struct argument *arguments, size_t n_arguments) {
    if (problems->count == 0)
        problems->first = reason;
    problems->count++;
    // Once one could not be listed, later ones are not either: the list is a beginning, without gaps.
    if (problems->listed == PROBLEMS_MAX || problems->listed + 1 < problems->count || !make_room(problems))
        return false;
    struct problem *added = &problems->list[problems->listed++];
    added->reason = reason;
    pb__problem__init(&added->wire);
    added->wire.reason = reason_entry(reason)->code;
    set_arguments(problems->arena, &added->wire, arguments, n_arguments);
    return false;
}

Pb__Status problems_status(const struct problems *problems) {
    return problems->count ? reason_entry(problems->first)->status : PB__STATUS__OK;
}

static Pb__Problem *more_problems(struct arena *arena, size_t count) {
    Pb__Problem *more = arena_alloc(arena, sizeof *more);
    if (!more)
        return NULL;
    pb__problem__init(more);
    more->reason = reason_entry(REASON_MORE_PROBLEMS)->code;
    set_arguments(arena, more, (const struct argument[]){arg_number("value", (int64_t)count)}, 1);
    return more;
}

void problems_answer(const struct problems *problems, Pb__Response *response) {
    response->has_status = true;
    response->status = problems_status(problems);
    response->n_problems = 0;
    response->problems = NULL;
    if (problems->count == 0)
        return;
    Pb__Problem **list =
        problems->listed ? arena_alloc(problems->arena, (problems->listed + 1) * sizeof(Pb__Problem *)) : NULL;
    if (!list) {
        response->problems = (Pb__Problem **)(uintptr_t)&plain_lists[problems->first];
        response->n_problems = 1;
        return;
    }
    size_t count = problems->listed;
    for (size_t i = 0; i < count; i++)
        list[i] = &problems->list[i].wire;
    if (problems->count > problems->listed) {
        list[count] = more_problems(problems->arena, problems->count - problems->listed);
        count += list[count] != NULL;
    }
    response->problems = list;
    response->n_problems = count;
}
