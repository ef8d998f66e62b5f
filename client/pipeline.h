// Many questions on one connection without waiting for each answer: the server takes and answers them in order.
#ifndef THIDUA_CLIENT_PIPELINE_H
#define THIDUA_CLIENT_PIPELINE_H

#include "client/session.h"

enum { PIPELINE_MOST = 64, PIPELINE_BYTES = 128 * 1024 }; // under way at once

struct pipeline {
    size_t n; // questions

    // Question `i`, called in order; the request may change with the next call. One that writes has its submission id.
    Pb__Request *(*ask)(void *ctx, size_t i);

    // Its answer, which may be a refusal; of one frame. Non-zero stops: an exit status.
    int (*answer)(void *ctx, size_t i, const Pb__Response *response);

    void *ctx;
    size_t sent, answered; // how far it came
};

// 0, or the exit status of what has been said. The session has asked nothing else that it still waits for.
int pipeline_run(struct pipeline *pipeline, struct session *session);

// Whether the answer is what was asked for and no refusal.
bool pipeline_is(const Pb__Response *response, Pb__Response__BodyCase wanted);

#endif
