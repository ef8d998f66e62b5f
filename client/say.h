// What is told to people, and to programs with -o json, on standard error.
#ifndef THIDUA_CLIENT_SAY_H
#define THIDUA_CLIENT_SAY_H

#include <jansson.h>

#include "client/exit_status.h"
#include "client/options.h"

// One thing that is wrong.
struct complaint {
    const char *status; // "FAILED_PRECONDITION"
    const char *reason; // "PERIOD_LOCKED"
    char *message;      // malloced
    char *hint;         // malloced; NULL or empty: none
    json_t *arguments;  // of the reason; NULL: none
};

// Complaints that were listened to instead of being said: see struct options. The texts of status and reason are their
// own too.
struct heard {
    struct complaint *complaints;
    size_t count;
};

// Says them after all; the message of the first, "" where there is none; forgets them.
void heard_say(const struct options *options, const struct heard *heard);
const char *heard_message(const struct heard *heard);
void heard_forget(struct heard *heard);

// Says all of them in one go: "thidua: MESSAGE (REASON)" and the hint, or one JSON object.
void say_complaints(const struct options *options, const struct complaint *complaints, size_t count);
void complaint_free(struct complaint *complaint);

// Says one that this program has found itself; `hint` may be NULL. Returns `exit_status`.
int say_error(const struct options *options, int exit_status, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// The same with a reason of its own.
int say_reason(const struct options *options, int exit_status, const char *reason, const char *hint, const char *format,
               ...) __attribute__((format(printf, 5, 6)));

// One such complaint for each line of `text`.
int say_lines(const struct options *options, int exit_status, const char *hint, const char *text);

// A warning or a notice; silent with -q.
void say_warning(const struct options *options, const char *format, ...) __attribute__((format(printf, 2, 3)));

// What to do next, for people: silent with -q, and where programs read.
void say_notice(const struct options *options, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The text with every control character made a question mark, so that it cannot steer a terminal. Free it.
char *say_harmless(const char *text);

#endif
