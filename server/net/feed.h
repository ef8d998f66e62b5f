// The feed: those who watch a board. A change goes out to all of them at most every 250 ms, encoded once for all who
// see the same; whoever has not taken the last one yet misses it, and gets the whole board once there is room. So a
// watcher costs what its connection does and a struct, however slow it is.
#ifndef THIDUA_NET_FEED_H
#define THIDUA_NET_FEED_H

#include "server/net/connection.h"

enum {
    FEED_INTERVAL_MS = 250,       // from one round of changes to the next
    FEED_SILENCE_MS = 10 * 1000,  // after which there is a sign of life
    FEED_WATCHERS_A_TURN = 500,   // served before others have their turn
    FEED_LOOKING_A_TURN_MS = 5,   // of making boards, likewise
    FEED_LAST_WORD_MS = 1 * 1000, // for a watcher to take the reason why its watch ends
};

struct feed;

// NULL: out of memory.
struct feed *feed_new(struct server *server);
void feed_free(struct feed *feed); // once nobody watches; NULL is accepted

// From now on the connection watches `period` as its request `id` asks, and gets the board as the view has it. May
// close the connection.
void feed_join(struct connection *connection, const struct view *view, uint32_t period, uint64_t id,
               const Pb__Watch *watch);

// The connection watches no more. Harmless where it does not.
void feed_leave(struct connection *connection);

// Ends the watch because the server stops, says so, and with it the connection.
void feed_end(struct connection *connection);

// To be called when output of a watcher has gone out.
void feed_resume(struct connection *connection);

// To be called when there may be something new in the store.
void feed_changed(struct feed *feed);

// To be called every UPKEEP_TICK_MS.
void feed_beat(struct feed *feed);

#endif
