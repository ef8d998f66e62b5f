// A board in packed pieces, its head and each of its rows, from which whole boards and what has changed between two of
// them are put together without packing anything again. What comes out is the `board` or `delta` field of a WatchReply.
#ifndef THIDUA_COMMANDS_PIECES_H
#define THIDUA_COMMANDS_PIECES_H

#include "server/commands/dispatch.h"

struct pieces {
    unsigned references; // of the loop's thread only
    uint64_t seq;
    uint64_t definition_seq;    // places mean the same units only under one definition
    struct shared_bytes *whole; // of those who have no row of their own, once somebody needed it; NULL: not yet
    struct {
        uint64_t from_seq; // 0: not compared yet
        size_t count;
    } changes;         // since the pieces compared with last
    uint32_t *changed; // their places
    uint32_t *order;   // the places in the order of the board
    struct span head;
    size_t n_rows;
    struct span rows[]; // by place
};

// What stands in place of a row of the pieces, for one who sees only that one. `bytes` of size 0: nothing does.
struct own_row {
    size_t place;
    struct span row;
};

// The board's pieces, with one reference for the caller. Every row has its place. NULL: out of memory.
struct pieces *pieces_make(const Pb__Board *board, uint64_t definition_seq);
struct pieces *pieces_hold(struct pieces *pieces);
void pieces_release(struct pieces *pieces); // NULL is accepted

// The row packed; free its bytes. Size 0: out of memory.
struct own_row own_row_make(const Pb__BoardRow *row);

// The whole board. A reference for the caller; NULL: out of memory.
struct shared_bytes *pieces_whole(struct pieces *pieces, const struct own_row *own);

// What has to be sent to those who have the board `from`: what has changed since, or the whole board where that is not
// longer; and then the fields of `more`. Both are of one view of a period. As above.
struct shared_bytes *pieces_step(const struct pieces *from, const struct own_row *own_from, struct pieces *to,
                                 const struct own_row *own, const Pb__WatchReply *more);

#endif
