// How far a long piece of work is, on standard error: a bar that is drawn over itself on a terminal, else a line every
// 10 %. Nothing with -q.
#ifndef THIDUA_CLIENT_PROGRESS_H
#define THIDUA_CLIENT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "client/options.h"

struct progress {
    FILE *out; // NULL: nothing is shown
    bool bar;
    size_t screen; // columns
    char mark;     // before decimals
    size_t total;
    int64_t begun_ms, drawn_ms;
    size_t tenths; // that have been said
};

void progress_begin(struct progress *progress, const struct options *options, size_t total);
void progress_step(struct progress *progress, size_t done);

// Takes the bar off the screen.
void progress_end(struct progress *progress);

// "34 %, 180 of 526, 104,2/s, 0:03 left", after `spent_ms`. Free it.
char *progress_text(size_t done, size_t total, int64_t spent_ms, char mark);

#endif
