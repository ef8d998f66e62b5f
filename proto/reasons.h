// Every reason for a refusal, from one table (reasons.def): its code, status, English text and hint.
#ifndef THIDUA_PROTO_REASONS_H
#define THIDUA_PROTO_REASONS_H

#include <stddef.h>

#include "proto/thidua.pb-c.h"

enum reason {
#define REASON(code, status, text, hint) REASON_##code,
#include "proto/reasons.def"
#undef REASON
    REASON_COUNT
};

struct reason_entry {
    const char *code; // as on the wire
    Pb__Status status;
    const char *text; // English; {name} stands for an argument
    const char *hint; // what to do next; may be empty
};

// The entry of a reason; never NULL for a value of the enum.
const struct reason_entry *reason_entry(enum reason reason);

// The entry with this code, or NULL: a newer server's reason.
const struct reason_entry *reason_by_code(const char *code);

// Writes the template with its {names} replaced; `value` gives the text of a name, or NULL to leave the name as it
// stands. Returns the length that the whole text has, like snprintf.
size_t reason_format(char *out, size_t size, const char *template, const char *(*value)(void *ctx, const char *name),
                     void *ctx);

// The stable name of a status ("FAILED_PRECONDITION"); "UNKNOWN" for a number that is none.
const char *status_name(Pb__Status status);

#endif
