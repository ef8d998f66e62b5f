#include "client/pipeline.h"

// What is under way: the sizes of its requests, by number.
struct window {
    size_t sizes[PIPELINE_MOST];
    size_t bytes;
};

static bool has_room(const struct pipeline *pipeline, const struct window *window) {
    size_t under_way = pipeline->sent - pipeline->answered;
    return pipeline->sent < pipeline->n && under_way < PIPELINE_MOST && window->bytes < PIPELINE_BYTES;
}

static int send_next(struct pipeline *pipeline, struct session *session, struct window *window) {
    Pb__Request *request = pipeline->ask(pipeline->ctx, pipeline->sent);
    size_t size = message_frame_size(&request->base);
    window->sizes[pipeline->sent % PIPELINE_MOST] = size;
    window->bytes += size;
    return session_send(session, request, pipeline->sent++);
}

static int take_next(struct pipeline *pipeline, struct session *session, struct window *window) {
    int exit_status;
    size_t number = pipeline->answered;
    const Pb__Response *response = session_receive(session, number, number + 1 == pipeline->sent, &exit_status);
    if (!response)
        return exit_status;
    window->bytes -= window->sizes[number % PIPELINE_MOST];
    pipeline->answered++;
    return pipeline->answer(pipeline->ctx, number, response);
}

int pipeline_run(struct pipeline *pipeline, struct session *session) {
    struct window window = {.bytes = 0};
    int exit_status;
    pipeline->sent = pipeline->answered = 0;
    session_hello(session, &exit_status);
    while (!exit_status && pipeline->answered < pipeline->n)
        exit_status =
            has_room(pipeline, &window) ? send_next(pipeline, session, &window) : take_next(pipeline, session, &window);
    return exit_status;
}

bool pipeline_is(const Pb__Response *response, Pb__Response__BodyCase wanted) {
    // The bodies are pointers of one union: none is set where this one is not.
    return response->has_status && response->status == PB__STATUS__OK && response->body_case == wanted &&
           response->hello;
}
