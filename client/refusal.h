// A server's refusal, told to people and programs.
#ifndef THIDUA_CLIENT_REFUSAL_H
#define THIDUA_CLIENT_REFUSAL_H

#include "client/say.h"
#include "proto/thidua.pb-c.h"

// Says what the response refuses; returns the exit status that CLI.md has for it.
int refusal_say(const struct options *options, const Pb__Response *response);

// One of its problems in words; complaint_free it.
void refusal_complaint(const struct options *options, const Pb__Response *response, const Pb__Problem *problem,
                       struct complaint *complaint);

// The exit status alone.
int refusal_exit(const Pb__Response *response);

#endif
