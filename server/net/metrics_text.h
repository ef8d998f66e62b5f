// The daemon's numbers in Prometheus' text format (version 0.0.4).
#ifndef THIDUA_NET_METRICS_TEXT_H
#define THIDUA_NET_METRICS_TEXT_H

#include <stdio.h>

#include "server/commands/dispatch.h"

#define METRICS_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"

// Writes all of them. What cannot be written is the stream's error.
void metrics_text(FILE *out, const struct live_numbers *live, const char *version);

#endif
