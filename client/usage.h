// How the program, a group of verbs or one verb is used: all of it from the tables.
#ifndef THIDUA_CLIENT_USAGE_H
#define THIDUA_CLIENT_USAGE_H

#include <stdio.h>

#include "client/arguments.h"

// Each prints as wide as the terminal is, else 80 columns.
void usage_program(FILE *out);
void usage_group(FILE *out, const char *group);
void usage_verb(FILE *out, const struct verb *verb);

#endif
