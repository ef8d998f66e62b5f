// Verbs of two words by their first one, and which flags have a value.
#ifndef THIDUA_CLIENT_COMPLETION_GROUPS_H
#define THIDUA_CLIENT_COMPLETION_GROUPS_H

#include <stdbool.h>
#include <stdio.h>

#include "client/arguments.h"

// The second word of a verb; NULL where it has one.
const char *group_member(const struct verb *verb);

// The group of a two-word verb; NULL where the verb has one word, or one before it in the table is of the same group.
// Free it.
char *group_begun(const struct verb *verb);
bool group_has(const char *group, const struct verb *verb);

// The second words of all verbs of the group, joined by ", ". Free it.
char *group_members(const char *group);

// Prints the flags of the program and of all verbs that take a value, with their letters, `between` them.
void group_print_flags(FILE *out, const char *between);

#endif
