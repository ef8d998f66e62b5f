// What can be asked: one table that names every request, who may make it and in which states, and its handler.
// authorise runs first in the same transaction, for reads and writes alike; no handler can forget it.
#ifndef THIDUA_COMMANDS_DISPATCH_H
#define THIDUA_COMMANDS_DISPATCH_H

#include "server/ledger/writer.h"

// What the daemon knows of itself, for ping, stats and boards of the past; filled by the loop's side before it asks.
struct live_numbers {
    int64_t started_ms, uptime_ms; // by the wall clock; by the monotonic one
    uint32_t connections, unauthenticated, watchers;
    uint64_t requests;
    uint64_t refusals[PB__STATUS__INTERNAL + 1];
    uint64_t store_used, store_bound;
    int64_t commit_age_ms;      // of the commit under way; 0: none is
    bool unconfirmed, draining; // the accounts of a restored backup; the daemon, before it ends
    struct writer_numbers writer;
    int64_t unsettled_ms; // of the view that is asked: from then on there may be entries that it does not show
};

// Where a long answer goes on; all zero at its first frame. Belongs to the connection.
struct cursor {
    uint64_t seq;
    uint64_t position;
    uint32_t period; // the one the answer began with; 0: not chosen yet
    void *kept;      // what else the handler goes on with, from malloc; freed by cursor_release
    bool begun;
    bool *holds; // what it keeps from others until cursor_release; NULL: nothing
};
void cursor_release(struct cursor *cursor);

// Bytes shared by many answers: a packed Response without its id.
struct shared_bytes {
    unsigned references; // of the loop's thread only
    size_t size;
    uint8_t bytes[];
};
void shared_bytes_release(struct shared_bytes *shared); // frees the last reference; NULL is accepted

struct read_answer {
    Pb__Response *response;      // in the arena; more is set where the cursor goes on
    struct shared_bytes *shared; // or this, with a reference for the caller
    bool later;                  // or neither: to be asked again once commands_source.done has been called
    bool again;                  // or neither: a slice of the work is done, to be asked again in the next turn
};

// What backups are made from, and who is told (on a thread of its own) when one is ready.
struct commands_source {
    struct store *store;
    void (*done)(void *ctx);
    void *ctx;
};

// The reading side's memory between requests (boards already encoded, a backup). One for the loop's thread.
struct commands;
struct commands *commands_new(const struct commands_source *source);
void commands_free(struct commands *commands);

enum command_kind {
    COMMAND_UNKNOWN,    // not in the table
    COMMAND_CONNECTION, // hello, authenticate: the connection's own
    COMMAND_READ,
    COMMAND_WRITE,
    COMMAND_WATCH, // a read that is answered by the feed, if command_read finds nothing against it
};
enum command_kind command_kind(const Pb__Request *request);

// Answers a read (or the next frame of one). Never fails: a refusal is an answer. *reason names it, NULL when OK. A
// watch it refuses, or answers without saying anything; the cursor's period is then the one to be watched.
struct read_answer command_read(struct commands *commands, const struct view *view, const struct actor *actor,
                                int64_t now_ms, const struct live_numbers *live, const Pb__Request *request,
                                struct cursor *cursor, struct arena *arena, const char **reason);

// The writer's functions, backed by the same table. Has no state.
extern const struct writer_handlers command_writer_handlers;

// The account behind a token, if it may be used at `now_ms`; else a problem. Takes the same time for an unknown id.
bool identity_account(const struct view *view, const Pb__Authenticate *authenticate, int64_t now_ms,
                      struct account *account, struct problems *problems);

#endif
