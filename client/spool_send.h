// Sending what waits in the spool, in order, one after the other, each with its own submission id.
//
// How one is sent so that it is recorded once, and never over a change that nobody here knows of:
//
// 1. First as a guarded copy: the same id, and the revisions (for a hand-in: the total) that its head holds wherever
// the
//    request names none itself. The server looks the id up before it judges anything. An id that is new: the copy is
//    recorded, or is a CONFLICT because a line has moved on. An id that it knows under the copy's content: the first
//    answer again.
// 2. CONFLICT: where this account alone has moved the lines on (a run that was killed or interrupted, a write with
//    --no-spool), they are no news to it: the copy goes again with its guards where the lines stand. Else it is parked.
// 3. ID_REUSED: the id is known, and not with the copy's content: so the request had arrived before its link was cut,
// as
//    it stood then. It is sent as it stands, and gets its first answer. If that is ID_REUSED as well, it was a copy of
//    step 2 whose answer was lost: it is recorded.
// 4. Where the person chose the id (--id), so that the same command can be given again, the request goes as it stands
// if
//    the sheet still is what it was (also in step 2); else as above.
//
// What another account has changed since this device last saw it is thus never written over. A request whose lines were
// never seen here (spool_seen.h) goes unguarded, and is said to when it is kept.
//
// What is refused is parked, and with it what waits behind and builds on it: scores of the same lines, and a hand-in
// behind any score. The rest goes on. All is kept, and sending ends, where the server cannot be reached, does not
// answer, is busy or fails, does not know this device (revoked, expired), or is not the one that the request was for.
#ifndef THIDUA_CLIENT_SPOOL_SEND_H
#define THIDUA_CLIENT_SPOOL_SEND_H

#include "client/session.h"
#include "client/spool.h"

struct spool_run {
    struct client *client;
    struct spool *spool;
    bool brief;           // no longer than a person waits for something else
    const char *own;      // the id of the one whose answer is wanted, NULL: none
    session_frame *frame; // takes that answer
    void *ctx;
    // What has come of it:
    size_t sent, parked;
    int exit_status;  // why it ended; 0: nothing waits any more
    bool busy;        // another process sends
    int refused;      // exit status of the first that was parked; 0: none was
    int own_status;   // of the own one, -1: it still waits
    struct heard why; // what is to be said of exit_status
    json_t *rows;     // {"id","state","verb","period","unit","seq","reason","message"} of each that was tried
    // While it runs:
    struct client quiet; // asks in its place
    struct session *session;
    const struct spool_entry *entry;
    struct arena *arena;
    const Pb__Response *refusal; // of the last question about the entry; lives in the arena
    int64_t until_ms;
};

// Sends all that waits. Free the run in any case.
void spool_run(struct spool_run *run);
void spool_run_free(struct spool_run *run);

// Says what people should know of it: what was sent, as a notice, and each that was parked, as a warning; not of the
// own.
void spool_run_say(const struct spool_run *run);

// For session_open: whether something waits that goes before what this client asks; and sending it, for a moment where
// the verb only reads. 0, or the exit status that ends the program.
bool spool_waits_before(const struct client *client, const struct profile *profile);
int spool_flush_before(struct client *client, const struct profile *profile);

// Remembers an answer about a sheet; learns nothing where that is not possible. `named`: the question named the period.
void spool_learn(const struct spool *spool, const Pb__HelloReply *hello, const Pb__Response *response, bool named);

#endif
