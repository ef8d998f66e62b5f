// What was perhaps meant by a mistyped word of the command line.
#ifndef THIDUA_CLIENT_SUGGEST_H
#define THIDUA_CLIENT_SUGGEST_H

#include "client/arguments.h"

// Each gives a hint: the nearest verbs or flags, else where they are listed. Free it. `group` is the first word of a
// two-word verb, NULL where the word stands first; `verb` is NULL where none was given. `flag` is without its dashes.
char *suggest_verb(const struct verb *verbs, const char *group, const char *word);
char *suggest_flag(const struct flag *global, const struct verb *verb, const char *flag);

#endif
