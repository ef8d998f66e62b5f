// What waits to be taken by a peer.
#ifndef THIDUA_NET_OUTPUT_H
#define THIDUA_NET_OUTPUT_H

#include "server/net/connection.h"

enum {
    OUTPUT_LOW = 64 * 1024,   // long answers go on, reading goes on
    OUTPUT_HIGH = 256 * 1024, // reading stops
    OUTPUT_MAX = 1024 * 1024, // the peer is given up; what it shares with others does not count
    OUTPUT_ID_FIELD = 11,     // bytes of a response's id at most
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

// Sends a frame of two parts: a short one, and one that is shared with others (NULL: nothing). Takes over the
// reference. May close the connection.
void output_send_joined(struct connection *connection, const uint8_t *front, size_t front_size,
                        struct shared_bytes *shared);

// Sends a response that is shared with others, with this id put in front; as above.
void output_send_shared(struct connection *connection, uint64_t id, struct shared_bytes *shared);

// Writes the field of the id, as it stands at the front of every response; returns its size.
size_t output_id_field(uint8_t field[OUTPUT_ID_FIELD], uint64_t id);

#endif
