// Asking a person whether something is meant.
#ifndef THIDUA_CLIENT_AGREE_H
#define THIDUA_CLIENT_AGREE_H

#include <stdbool.h>

#include "client/client.h"

// Whether there is somebody to ask: a terminal, and neither --yes nor --no-input.
bool agree_asks(const struct client *client);

// 0 with --yes, or where a person answers the question with yes. Else the exit status of what has been said:
// EXIT_USAGE with `unasked` where nobody can be asked, EXIT_NEGATIVE with `declined`.
int agree_ask(const struct client *client, const char *question, const char *unasked, const char *declined);

#endif
