#include "server/net/request_queue.h"

#include <stdlib.h>

void request_queue_init(struct request_queue *queue) {
    *queue = (struct request_queue){.end = &queue->first};
}

struct request *request_new(size_t budget) {
    struct request *request = calloc(1, sizeof *request);
    if (!request)
        return NULL;
    request->arena = arena_new(budget);
    if (request->arena)
        return request;
    free(request);
    return NULL;
}

void request_free(struct request *request) {
    cursor_release(&request->cursor);
    shared_bytes_release(request->shared);
    free(request->job.frame);
    arena_free(request->arena);
    free(request);
}

void request_queue_push(struct request_queue *queue, struct request *request) {
    request->memory = sizeof *request + arena_used(request->arena);
    request->next = NULL;
    *queue->end = request;
    queue->end = &request->next;
    queue->count++;
    queue->bytes += request->memory;
}

struct request *request_queue_pop(struct request_queue *queue) {
    struct request *request = queue->first;
    queue->first = request->next;
    if (!queue->first)
        queue->end = &queue->first;
    queue->count--;
    queue->bytes -= request->memory;
    return request;
}

void request_queue_abandon(struct request_queue *queue) {
    while (queue->first) {
        struct request *request = request_queue_pop(queue);
        if (request->state == REQUEST_IN_WRITER)
            request->abandoned = true;
        else
            request_free(request);
    }
}

bool request_queue_full(const struct request_queue *queue) {
    return queue->count >= REQUESTS_MAX || queue->bytes >= REQUESTS_BYTES_MAX;
}

bool request_answer(struct request *request, Pb__Response *response) {
    response->has_id = true;
    response->id = request->id;
    size_t size = message_frame_size(&response->base);
    uint8_t *frame = malloc(size);
    if (!frame)
        return false;
    request->job.frame = frame;
    request->job.frame_size = message_frame(&response->base, frame);
    request->job.status = response->has_status ? response->status : PB__STATUS__OK;
    request->state = REQUEST_ANSWERED;
    return true;
}
