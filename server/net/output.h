// What waits to be taken by a peer.
#ifndef THIDUA_NET_OUTPUT_H
#define THIDUA_NET_OUTPUT_H

#include "server/net/connection.h"

enum {
    OUTPUT_LOW = 64 * 1024,   // long answers go on, reading goes on
    OUTPUT_HIGH = 256 * 1024, // reading stops
    OUTPUT_MAX = 1024 * 1024, // the peer is given up; what it shares with others does not count
};

// From when the connection has a stream until it is closed: notes when output goes out. False: out of memory.
bool output_watch(struct connection *connection);
void output_unwatch(struct connection *connection);

// Bytes that wait.
size_t output_waiting(const struct connection *connection);

// Sets output_full above OUTPUT_HIGH, and clears it again below OUTPUT_LOW.
void output_judge(struct connection *connection);

// Sends a frame; takes it over. What is large is not copied. May close the connection.
void output_send(struct connection *connection, uint8_t *frame, size_t size);

// Sends a response that is shared with others, with this id put in front; takes over the reference.
void output_send_shared(struct connection *connection, uint64_t id, struct shared_bytes *shared);

#endif
