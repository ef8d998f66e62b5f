// What is wrong with a request: a list of reasons with named arguments, on its way to a refusal.
#ifndef THIDUA_PROTO_PROBLEMS_H
#define THIDUA_PROTO_PROBLEMS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/arena.h"
#include "proto/reasons.h"
#include "proto/thidua.pb-c.h"

enum { PROBLEMS_MAX = 256 }; // further ones are counted; the list then ends with MORE_PROBLEMS

struct problem {
    enum reason reason;
    Pb__Problem wire;
};

struct problems {
    struct arena *arena;  // where arguments are copied; not owned
    size_t count;         // of those found, listed or not
    enum reason first;    // the one that decides the status, if count is not 0
    struct problem *list; // in the arena; NULL if memory ran out at the first
    size_t listed;        // of them: the first PROBLEMS_MAX, or fewer where memory ran out
    size_t room;
};

// An empty list whose arguments will live in `arena`.
void problems_init(struct problems *problems, struct arena *arena);

// One named argument of a problem. The text is copied.
struct argument {
    const char *name;
    enum { ARGUMENT_TEXT, ARGUMENT_NUMBER, ARGUMENT_POINTS, ARGUMENT_TIME } kind;
    const char *text;
    int64_t number;
};

static inline struct argument arg_text(const char *name, const char *text) {
    return (struct argument){.name = name, .kind = ARGUMENT_TEXT, .text = text};
}
static inline struct argument arg_number(const char *name, int64_t number) {
    return (struct argument){.name = name, .kind = ARGUMENT_NUMBER, .number = number};
}
static inline struct argument arg_points(const char *name, int64_t points_cp) {
    return (struct argument){.name = name, .kind = ARGUMENT_POINTS, .number = points_cp};
}
static inline struct argument arg_time(const char *name, int64_t time_ms) {
    return (struct argument){.name = name, .kind = ARGUMENT_TIME, .number = time_ms};
}

// Adds a problem. Always returns false, so that a check can end with `return problem(...)`. Where memory runs out the
// problem is listed without its arguments, or only counted.
bool problem_add(struct problems *problems, enum reason reason, const struct argument *arguments, size_t n_arguments);

#define problem(problems, reason, ...)                                                                                 \
    problem_add(problems, reason, (const struct argument[]){__VA_ARGS__},                                              \
                sizeof((const struct argument[]){__VA_ARGS__}) / sizeof(struct argument))
#define problem_plain(problems, reason) problem_add(problems, reason, NULL, 0)

// The status that the first problem decides; OK where there is none.
Pb__Status problems_status(const struct problems *problems);

// Makes `response` the refusal: status and problems. The response then points into the problems' arena. Where even
// the list cannot be had the status and the first reason still stand.
void problems_answer(const struct problems *problems, Pb__Response *response);

#endif
