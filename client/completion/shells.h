// Scripts that make a shell complete this program's words: verbs, flags, and values where they can be listed. They hold
// everything they need and ask nobody, so that pressing the tab key never waits for a server.
#ifndef THIDUA_CLIENT_COMPLETION_SHELLS_H
#define THIDUA_CLIENT_COMPLETION_SHELLS_H

#include <stdio.h>

void completion_bash(FILE *out);
void completion_zsh(FILE *out);
void completion_fish(FILE *out);

#endif
