#include "server/net/output.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>

#include "proto/frame.h"

size_t output_waiting(const struct connection *connection) {
    return evbuffer_get_length(bufferevent_get_output(connection->stream));
}

void output_judge(struct connection *connection) {
    size_t output = output_waiting(connection);
    if (output > OUTPUT_HIGH)
        connection->output_full = true;
    else if (output < OUTPUT_LOW)
        connection->output_full = false;
}

static void on_output(struct evbuffer *output, const struct evbuffer_cb_info *info, void *arg) {
    (void)output;
    struct connection *connection = arg;
    if (info->n_deleted > 0 || info->orig_size == 0)
        connection->progress_at = clock_monotonic_ms();
}

bool output_watch(struct connection *connection) {
    return evbuffer_add_cb(bufferevent_get_output(connection->stream), on_output, connection) != NULL;
}

void output_unwatch(struct connection *connection) {
    evbuffer_remove_cb(bufferevent_get_output(connection->stream), on_output, connection);
}

static void free_frame(const void *frame, size_t size, void *arg) {
    (void)size, (void)arg;
    free((void *)(uintptr_t)frame);
}

static bool has_room(struct connection *connection) {
    // What is shared is counted whole until its last byte is out, and so may be more than what waits.
    size_t waiting = output_waiting(connection);
    if (waiting <= connection->shared || waiting - connection->shared <= OUTPUT_MAX)
        return true;
    connection_close(connection, LOG_NOTE, "does not read its answers");
    return false;
}

enum { COPY_MOST = 8 * 1024 }; // what is larger goes into the output by reference

void output_send(struct connection *connection, uint8_t *frame, size_t size) {
    if (connection->state != CONNECTION_OPEN || !has_room(connection)) {
        free(frame);
        return;
    }
    struct evbuffer *output = bufferevent_get_output(connection->stream);
    int added = size > COPY_MOST ? evbuffer_add_reference(output, frame, size, free_frame, NULL)
                                 : evbuffer_add(output, frame, size);
    if (size <= COPY_MOST || added != 0)
        free(frame);
    if (added != 0)
        connection_close(connection, LOG_ERROR, "out of memory");
    else
        output_judge(connection);
}

// A shared response on its way out of one connection.
struct loan {
    struct connection *connection;
    struct shared_bytes *shared;
};

static void give_back(const void *bytes, size_t size, void *arg) {
    (void)bytes;
    struct loan *loan = arg;
    loan->connection->shared -= size;
    shared_bytes_release(loan->shared);
    connection_release(loan->connection);
    free(loan);
}

static bool lend(struct connection *connection, struct shared_bytes *shared) {
    struct evbuffer *output = bufferevent_get_output(connection->stream);
    struct loan *loan = malloc(sizeof *loan);
    if (loan)
        *loan = (struct loan){.connection = connection, .shared = shared};
    if (!loan || evbuffer_add_reference(output, shared->bytes, shared->size, give_back, loan) != 0) {
        free(loan);
        return false;
    }
    connection->shared += shared->size;
    connection_hold(connection);
    return true;
}

size_t output_id_field(uint8_t field[OUTPUT_ID_FIELD], uint64_t id) {
    size_t size = 0;
    field[size++] = 1 << 3;
    for (; id >= 0x80; id >>= 7)
        field[size++] = (uint8_t)(id | 0x80);
    field[size++] = (uint8_t)id;
    return size;
}

void output_send_joined(struct connection *connection, const uint8_t *front, size_t front_size,
                        struct shared_bytes *shared) {
    if (connection->state != CONNECTION_OPEN || !has_room(connection)) {
        shared_bytes_release(shared);
        return;
    }
    struct evbuffer *output = bufferevent_get_output(connection->stream);
    uint8_t prefix[FRAME_PREFIX_MAX];
    size_t rest = shared ? shared->size : 0, prefix_size = frame_prefix(prefix, front_size + rest);
    bool copied = rest <= COPY_MOST;
    bool added = evbuffer_add(output, prefix, prefix_size) == 0 && evbuffer_add(output, front, front_size) == 0;
    if (added && rest > 0)
        added = copied ? evbuffer_add(output, shared->bytes, rest) == 0 : lend(connection, shared);
    if (copied || !added)
        shared_bytes_release(shared);
    if (!added)
        connection_close(connection, LOG_ERROR, "out of memory");
    else
        output_judge(connection);
}

void output_send_shared(struct connection *connection, uint64_t id, struct shared_bytes *shared) {
    uint8_t field[OUTPUT_ID_FIELD];
    output_send_joined(connection, field, output_id_field(field, id), shared);
}
