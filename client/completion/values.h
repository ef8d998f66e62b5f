// What can stand where the verb table names a value: "ROLE" is one of the roles, "FILE" a file.
#ifndef THIDUA_CLIENT_COMPLETION_VALUES_H
#define THIDUA_CLIENT_COMPLETION_VALUES_H

#include <stdbool.h>

#include "client/arguments.h"

struct values {
    bool file;   // the name of a file, and nothing is listed
    char *words; // parted by spaces; empty where nothing can be listed. Free it
};

// Of a flag's value, or of an operand as the usage names it ("[UNIT]", "bash|zsh|fish").
struct values values_of(const char *name);

// Of all operands of the verb: what the first of them that lists anything lists.
struct values values_of_operands(const struct verb *verb);

#endif
