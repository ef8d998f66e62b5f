// Boards already encoded, of now and of the past: once for each period, column, view and sequence, and sent to all who
// ask.
#ifndef THIDUA_COMMANDS_BOARDS_H
#define THIDUA_COMMANDS_BOARDS_H

#include "server/commands/dispatch.h"

struct boards;

struct boards *boards_new(void); // NULL: out of memory
void boards_free(struct boards *boards);

// Which board: what decides its content. `seq` is the entry after which it stood so, `unit` is 0 where all who share
// the view see the same.
struct board_key {
    uint32_t period;
    uint32_t unit;
    uint64_t seq;
    int column;
    int sight;
    bool explain;
    bool past; // kept apart, so that those who look back do not displace what everybody asks for
};

// The encoding kept for the key, with a reference for the caller; NULL: there is none.
struct shared_bytes *boards_find(struct boards *boards, const struct board_key *key);

// Packs the response, keeps it for the key (in place of an older one) and returns it with a reference for the caller.
// NULL: out of memory.
struct shared_bytes *boards_keep(struct boards *boards, const struct board_key *key, const Pb__Response *response);

#endif
