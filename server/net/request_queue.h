// The requests of one connection, in the order sent, from unpacking to the answer.
#ifndef THIDUA_NET_REQUEST_QUEUE_H
#define THIDUA_NET_REQUEST_QUEUE_H

#include "server/commands/dispatch.h"

struct connection;

enum {
    REQUESTS_MAX = 64,               // of one connection, in flight
    REQUESTS_BYTES_MAX = 256 * 1024, // of their unpacked memory; the one that passes it is still taken
};

enum request_state {
    REQUEST_WAITING,   // for its turn, or for room in the writer's queue
    REQUEST_IN_WRITER, // the writer has its job
    REQUEST_ANSWERED,  // its frame waits for its turn to be sent
};

struct request {
    struct job job; // the answer is in it, whoever made it: frame, status, reason
    struct request *next;
    struct connection *owner; // a reference, from when the writer gets the job until it comes back
    struct arena *arena;
    const Pb__Request *body; // NULL: the frame held no request
    uint64_t id;
    size_t memory;
    enum request_state state;
    struct cursor cursor;
    struct shared_bytes *shared; // the answer, where it is one that is shared with others
    bool watched;                // the feed has begun to answer it
    bool abandoned;              // its connection does not wait for it any more
};

struct request_queue {
    struct request *first, **end;
    size_t count, bytes;
};

void request_queue_init(struct request_queue *queue);

// An empty request whose message may use `budget` bytes. NULL: out of memory.
struct request *request_new(size_t budget);
void request_free(struct request *request);

// Appends the request, once its message has been unpacked.
void request_queue_push(struct request_queue *queue, struct request *request);

// Takes the first request out, for the caller to free.
struct request *request_queue_pop(struct request_queue *queue);

// Frees all requests; those in the writer are marked abandoned and freed when they come back.
void request_queue_abandon(struct request_queue *queue);

// True: as much is in flight as a connection may have.
bool request_queue_full(const struct request_queue *queue);

// Answers the request with this response, which gets the request's id. False: out of memory.
bool request_answer(struct request *request, Pb__Response *response);

#endif
