// What this device has last seen of its unit's sheets: each line's revision and points, and the entry that they stood
// after. What is kept in the spool is checked against it before it is sent, so that no change is overwritten unseen.
// It comes from the answers to sheet and score, and is no more than a memory: without it, or where the server's ledger
// has become another, nothing is known.
#ifndef THIDUA_CLIENT_SPOOL_SEEN_H
#define THIDUA_CLIENT_SPOOL_SEEN_H

#include <jansson.h>

#include "client/profile.h"
#include "client/spool_item.h"

// {"account","ledger","branch","current": period,"periods": {ID: {"unit","seq","lines": {CODE:
// {"revision","points_cp"}}}}} Read from the file; empty where there is none, or none that can be used. Never NULL.
json_t *seen_read(const char *path);
bool seen_write(const char *path, const json_t *seen);

// Forgets all that is not of this account and of this ledger. `hello` may be NULL: not known now.
void seen_settle(json_t *seen, uint32_t account, const Pb__HelloReply *hello);

// Learns from an answer. `named`: the question named the period; else it is what a request without one is about.
void seen_sheet(json_t *seen, const Pb__SheetReply *reply, bool named);
void seen_score(json_t *seen, const Pb__ScoreReply *reply);

// What is known of the period, by default of the one that a request without a name is about; NULL: nothing. Its id.
const json_t *seen_period(const json_t *seen, const char *period, const char **id);

#endif
