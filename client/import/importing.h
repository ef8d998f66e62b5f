// One run of `import`: what it has read, what it has learned from the server, and what it tells in the end.
#ifndef THIDUA_CLIENT_IMPORT_IMPORTING_H
#define THIDUA_CLIENT_IMPORT_IMPORTING_H

#include "client/import/appraised_rows.h"
#include "client/import/own_rows.h"
#include "client/pipeline.h"

struct importing {
    struct client *client;
    enum import_kind kind;
    bool dry_run, partial, submits;
    const char *period; // that is given with -p; NULL: none
    const char *reason; // of an appraisal
    struct score_rows read;
    struct findings findings;
    struct client quiet; // asks in the client's place: what it says is heard first
    struct heard heard;
    struct session *session;
    // What the server has said; NULL: not known.
    const Pb__AuthenticateReply *who;
    const Pb__PeriodReply *about;
    const Pb__SheetReply *sheet; // of a unit's own scores
    const Pb__Board *board;      // of an appraisal
    struct roster roster;
    struct import_rows rows;
    struct appraised_units units;
    size_t refused_whole; // requests that were refused for what is no line's fault; it is in the rows' reasons
    json_t *seqs;         // {"unit","seq","id"} of each entry
    json_t *receipt;      // of the hand-in; NULL: none
};

// Connects, and asks who is calling, what the period is and what stands. 0, or the exit status of what was heard.
int importing_learn(struct importing *importing);

// Judges the rows and sends what is to be sent. 0, or the exit status of what has been said; rows that were refused
// are for importing_end to say.
int import_own(struct importing *importing);
int import_appraised(struct importing *importing);

// Sends one request; the answer lives until the next. NULL: *exit_status of what was heard.
const Pb__Response *importing_ask(struct importing *importing, Pb__Request *request, int *exit_status);

// Whether the outcome of a request that failed with `exit_status` can be settled later: not reached, or not answered.
bool importing_may_keep(int exit_status);

// Says what was heard; gives `exit_status`.
int importing_say(struct importing *importing, int exit_status);

// Notes an entry for the report.
void importing_entry(struct importing *importing, const char *unit, uint64_t seq, const uint8_t id[UUID_SIZE]);

// Prints the report and says what is wrong. The exit status of the whole run.
int importing_end(struct importing *importing, int exit_status);

#endif
