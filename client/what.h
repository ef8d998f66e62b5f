// What an event of the journal was in short, for people.
#ifndef THIDUA_CLIENT_WHAT_H
#define THIDUA_CLIENT_WHAT_H

#include <jansson.h>

// Of the event of this name; `said` is the event as JSON, or a row of the history. `mark` stands before decimals. Free
// it. NULL: its name says it all.
char *what_text(const char *event, const json_t *said, char mark);

// The event's name as people are told it: a hold that was lifted is recorded as a hold.
const char *what_event(const char *event, const json_t *said);

#endif
