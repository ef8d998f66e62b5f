// Where the figures of an output that is handed on come from, in words for people; and its headings.
#ifndef THIDUA_CLIENT_OUTPUT_PROVENANCE_H
#define THIDUA_CLIENT_OUTPUT_PROVENANCE_H

#include "client/snapshot.h"

// A list of {"label", "value"}; the value is a text, or a number where it is a count. `headed`: without what stands at
// the head of a page. Free it.
json_t *provenance(const struct snapshot *snapshot, const struct options *options, bool headed);

// What the board adds up: "Summary of self-scored points".
const char *provenance_title(const struct snapshot *snapshot);

// The period's name; and one line of state, entry and time, which is to be freed.
const char *provenance_period(const struct snapshot *snapshot);
char *provenance_moment(const struct snapshot *snapshot);

#endif
