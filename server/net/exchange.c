#include "server/net/exchange.h"

#include <stdlib.h>

#include "proto/frame.h"
#include "server/ledger/writer.h"
#include "server/net/feed.h"
#include "server/net/notes.h"
#include "server/net/numbers.h"
#include "server/net/output.h"

// One go at a connection. Its reads share one view, which ends with it.
struct turn {
    struct connection *connection;
    const struct view *view;
    unsigned left; // requests that may still be taken or answered
    bool sliced;   // a slice of an answer's work is done: the next one is for the next turn
};

static const struct view *view_of(struct turn *turn) {
    struct server *server = turn->connection->server;
    if (turn->view)
        return turn->view;
    server->live.unsettled_ms = writer_unsettled_ms(server->writer); // first: the view may show more, never less
    turn->view = ledger_read_begin(server->ledger);
    return turn->view;
}

// ---- refusals ----

static void answer(struct connection *connection, struct request *request, Pb__Response *response) {
    if (!request_answer(request, response))
        connection_close(connection, LOG_ERROR, "out of memory");
}

static void refuse_with(struct connection *connection, struct request *request, const struct problems *problems) {
    Pb__Response response;
    pb__response__init(&response);
    problems_answer(problems, &response);
    request->job.reason = problems->count ? reason_entry(problems->first)->code : NULL;
    answer(connection, request, &response);
}

static void refuse(struct connection *connection, struct request *request, enum reason reason,
                   const struct argument *arguments, size_t n_arguments) {
    struct arena *scratch = connection->server->scratch;
    struct problems problems;
    arena_reset(scratch);
    problems_init(&problems, scratch);
    problem_add(&problems, reason, arguments, n_arguments);
    refuse_with(connection, request, &problems);
}

static void refuse_plain(struct connection *connection, struct request *request, enum reason reason) {
    refuse(connection, request, reason, NULL, 0);
}

static void refuse_text(struct connection *connection, struct request *request, enum reason reason, const char *name,
                        const char *text) {
    refuse(connection, request, reason, &(struct argument){.name = name, .kind = ARGUMENT_TEXT, .text = text}, 1);
}

// ---- writes: into the writer's queue at once, their answers when it is their turn ----

// False: there is no room for it now.
static bool submit(struct connection *connection, struct request *request) {
    struct server *server = connection->server;
    int64_t stalled_ms = writer_commit_age_ms(server->writer);
    if (server->draining) {
        refuse_plain(connection, request, REASON_SHUTTING_DOWN);
    } else if (stalled_ms >= WRITER_STALL_MS) {
        struct argument seconds = arg_number("value", stalled_ms / 1000);
        refuse(connection, request, REASON_DISK_STALLED, &seconds, 1);
    } else if (writer_submit(server->writer, &request->job)) {
        request->state = REQUEST_IN_WRITER;
        request->owner = connection;
        connection_hold(connection);
    } else {
        return false;
    }
    return true;
}

static void wait_for_room(struct connection *connection) {
    struct server *server = connection->server;
    connection->in_stuck = true;
    connection->next_stuck = NULL;
    *server->stuck_end = connection;
    server->stuck_end = &connection->next_stuck;
    connection_hold(connection);
}

static void begin_write(struct connection *connection, struct request *request) {
    bool enrols = request->body->body_case == PB__REQUEST__BODY_ENROL;
    if (!identity_known(&connection->identity) && !enrols) {
        refuse_plain(connection, request, REASON_NOT_AUTHENTICATED); // strangers have no part of the writer's time
        return;
    }
    struct job *job = &request->job;
    if (!message_digest(request->body, job->digest)) {
        connection_close(connection, LOG_ERROR, "out of memory");
        return;
    }
    job->actor = connection->identity.actor;
    job->request = request->body;
    job->arena = request->arena;
    job->owner = request;
    connection->barred = enrols;
    if (!submit(connection, request))
        wait_for_room(connection);
}

// The one whose write found no room has it as its last request: none was taken after it.
bool exchange_retry(struct connection *connection) {
    struct request *last = connection->queue.first;
    while (last->next)
        last = last->next;
    return submit(connection, last);
}

void exchange_take_back(struct job *job) {
    struct request *request = job->owner;
    struct connection *connection = request->owner;
    if (request->abandoned) {
        request_free(request);
    } else {
        request->state = REQUEST_ANSWERED;
        request->owner = NULL;
        connection_ready(connection);
    }
    connection_release(connection);
}

// ---- reads and the connection's own: when all before them is answered ----

static const struct live_numbers *live_numbers(struct server *server, const Pb__Request *request) {
    return request->body_case == PB__REQUEST__BODY_STATS ? numbers_read(server) : &server->live;
}

static void keep_answer(struct connection *connection, struct request *request, const struct read_answer *made) {
    if (made->shared) {
        request->shared = made->shared;
        request->job.status = PB__STATUS__OK;
        request->state = REQUEST_ANSWERED;
    } else if (made->response) {
        answer(connection, request, made->response);
    } else {
        refuse_text(connection, request, REASON_DEFECT, "value", "a read was not answered");
    }
}

static struct read_answer ask(struct turn *turn, struct request *request) {
    struct connection *connection = turn->connection;
    struct server *server = connection->server;
    arena_reset(server->scratch);
    return command_read(server->commands, turn->view, &connection->identity.actor, clock_wall_ms(),
                        live_numbers(server, request->body), request->body, &request->cursor, server->scratch,
                        &request->job.reason);
}

// One frame of the answer. True: another follows.
static bool read_step(struct turn *turn, struct request *request) {
    struct connection *connection = turn->connection;
    struct server *server = connection->server;
    struct read_answer made = ask(turn, request);
    server->fetching = made.later ? connection : server->fetching;
    turn->sliced = made.again;
    if (made.later || made.again)
        return false;
    bool more = !made.shared && made.response && made.response->has_more && made.response->more;
    keep_answer(connection, request, &made);
    return more && request->state == REQUEST_ANSWERED && request->job.status == PB__STATUS__OK;
}

static void send_answer(struct connection *connection, struct request *request) {
    if (request->watched)
        return;
    if (request->shared)
        output_send_shared(connection, request->id, request->shared);
    else if (request->job.frame)
        output_send(connection, request->job.frame, request->job.frame_size);
    else
        connection_close(connection, LOG_ERROR, "out of memory");
    request->shared = NULL;
    request->job.frame = NULL;
}

// A long answer goes on as long as the output is low; then the request waits at the front.
static void run_read(struct turn *turn, struct request *request) {
    struct connection *connection = turn->connection;
    if (!view_of(turn)) {
        refuse_text(connection, request, REASON_DEFECT, "value", "the store cannot be read");
        return;
    }
    while (connection->state == CONNECTION_OPEN && turn->left > 0 && output_waiting(connection) < OUTPUT_LOW) {
        turn->left--;
        if (!read_step(turn, request))
            return;
        send_answer(connection, request);
        request->state = REQUEST_WAITING;
    }
}

// What is not refused is answered by the feed, now and from now on.
static void run_watch(struct turn *turn, struct request *request) {
    struct connection *connection = turn->connection;
    connection->barred = false;
    if (!view_of(turn)) {
        refuse_text(connection, request, REASON_DEFECT, "value", "the store cannot be read");
        return;
    }
    struct read_answer made = ask(turn, request);
    request->watched = made.response && made.response->status == PB__STATUS__OK;
    if (!request->watched) {
        keep_answer(connection, request, &made);
        return;
    }
    request->state = REQUEST_ANSWERED;
    feed_join(connection, turn->view, request->cursor.period, request->id, request->body->watch);
}

static void run_own(struct turn *turn, struct request *request) {
    struct connection *connection = turn->connection;
    struct server *server = connection->server;
    struct identity *identity = &connection->identity;
    const char *own = server->own_public[0] ? server->own_public : NULL;
    struct introduction introduction = {.pin = server->parts.key->pin,
                                        .public_at = server->public_at ? server->public_at : own};
    bool hello = request->body->body_case == PB__REQUEST__BODY_HELLO;
    Pb__Response response;
    struct problems problems;
    arena_reset(server->scratch);
    problems_init(&problems, server->scratch);
    pb__response__init(&response);
    response.has_status = true;
    if (!view_of(turn))
        problem(&problems, REASON_DEFECT, arg_text("value", "the store cannot be read"));
    else if (hello)
        identity_hello(&introduction, turn->view, request->body->hello, clock_wall_ms(), server->scratch, &response,
                       &problems);
    else if (identity_authenticate(identity, turn->view, request->body->authenticate, clock_wall_ms(), server->scratch,
                                   &response, &problems))
        connection_identified(connection);
    if (problems.count > 0)
        refuse_with(connection, request, &problems);
    else
        answer(connection, request, &response);
}

// ---- the front of the queue ----

static bool authenticates(const struct request *request) {
    return request->body && (request->body->body_case == PB__REQUEST__BODY_AUTHENTICATE ||
                             request->body->body_case == PB__REQUEST__BODY_ENROL);
}

// What an answered authentication means for the connection; its frame has not been sent yet.
static void after_authentication(struct turn *turn, const struct request *request) {
    struct connection *connection = turn->connection;
    struct arena *scratch = connection->server->scratch;
    const struct job *job = &request->job;
    connection->barred = false;
    if (job->status == PB__STATUS__UNAUTHENTICATED) {
        // Who claims to be another and fails must not go on as who it was: local administration, say.
        if (identity_known(&connection->identity))
            connection_end(connection, LOG_NOTE, "authentication as another account failed");
        else if (++connection->identity.failures >= IDENTITY_FAILURES_MAX)
            connection_end(connection, LOG_NOTE, "authentication failed too often");
        return;
    }
    if (request->body->body_case != PB__REQUEST__BODY_ENROL || job->status != PB__STATUS__OK || !job->frame)
        return;
    arena_reset(scratch);
    if (view_of(turn) && identity_enrolled(&connection->identity, turn->view, job->frame, job->frame_size, scratch))
        connection_identified(connection);
    else
        connection_end(connection, LOG_NOTE, "the account it enrolled is gone");
}

static void note(struct turn *turn, const struct request *request) {
    struct connection *connection = turn->connection;
    Pb__Status status = request->job.status;
    if (status > PB__STATUS__OK && status <= PB__STATUS__INTERNAL)
        connection->server->live.refusals[status]++;
    if (note_wanted(connection, request))
        note_answer(connection, request, view_of(turn));
}

static void finish(struct turn *turn) {
    struct connection *connection = turn->connection;
    struct request *request = request_queue_pop(&connection->queue);
    if (authenticates(request))
        after_authentication(turn, request);
    note(turn, request);
    send_answer(connection, request);
    request_free(request);
}

static void run(struct turn *turn, struct request *request) {
    enum command_kind kind = command_kind(request->body);
    if (kind == COMMAND_READ)
        run_read(turn, request);
    else if (kind == COMMAND_CONNECTION)
        run_own(turn, request);
    else if (kind == COMMAND_WATCH)
        run_watch(turn, request);
    // else a write that found no room in the writer's queue yet
}

static void answer_front(struct turn *turn) {
    struct connection *connection = turn->connection;
    while (connection->state == CONNECTION_OPEN && connection->queue.first && !connection->output_full &&
           turn->left > 0 && !turn->sliced) {
        struct request *request = connection->queue.first;
        if (request->state == REQUEST_WAITING)
            run(turn, request);
        if (connection->state != CONNECTION_OPEN || request->state != REQUEST_ANSWERED)
            return;
        finish(turn);
    }
}

// ---- frames ----

static void route(struct connection *connection, struct request *request) {
    if (connection->server->draining) {
        connection->busy_at_end = true;
        refuse_plain(connection, request, REASON_SHUTTING_DOWN);
        return;
    }
    switch (command_kind(request->body)) {
    case COMMAND_UNKNOWN:
        refuse_text(connection, request, REASON_UNKNOWN_FIELD, "field", message_request_name(request->body));
        break;
    case COMMAND_CONNECTION:
        if (request->body->has_submission)
            refuse_plain(connection, request, REASON_ID_ON_READ);
        else
            connection->barred = authenticates(request);
        break;
    case COMMAND_READ:
        break;
    case COMMAND_WATCH:
        connection->barred = true;
        break;
    case COMMAND_WRITE:
        begin_write(connection, request);
        break;
    }
}

static void take_request(struct connection *connection, const uint8_t *bytes, size_t size) {
    struct request *request = request_new(identity_budget(&connection->identity));
    if (!request) {
        connection_close(connection, LOG_ERROR, "out of memory");
        return;
    }
    struct problems problems;
    problems_init(&problems, request->arena);
    request->body = message_unpack_request(request->arena, bytes, size, &request->id, &problems);
    connection->server->live.requests++;
    request_queue_push(&connection->queue, request);
    if (request->body)
        route(connection, request);
    else
        refuse_with(connection, request, &problems);
}

// Where the next frame begins is not known any more: this one answer, then the end.
static void refuse_frame(struct connection *connection, enum frame_verdict verdict, size_t body, size_t limit) {
    struct request *request = request_new(MESSAGE_BUDGET_UNAUTHENTICATED);
    if (!request) {
        connection_close(connection, LOG_ERROR, "out of memory");
        return;
    }
    const struct argument sizes[] = {arg_number("value", (int64_t)body), arg_number("limit", (int64_t)limit)};
    request_queue_push(&connection->queue, request);
    if (verdict == FRAME_TOO_LONG)
        refuse(connection, request, REASON_FRAME_TOO_LONG, sizes, 2);
    else
        refuse_plain(connection, request, REASON_FRAME_BAD);
    connection_end(connection, LOG_INFORM,
                   verdict == FRAME_TOO_LONG ? "sent a frame that is too long" : "sent a bad frame");
}

// False: the next frame is not there yet.
static bool take_frame(struct connection *connection) {
    struct evbuffer *input = bufferevent_get_input(connection->stream);
    size_t available = evbuffer_get_length(input), limit = identity_frame_limit(&connection->identity);
    size_t prefix = 0, body = 0;
    uint8_t front[FRAME_PREFIX_MAX];
    ev_ssize_t peeked = evbuffer_copyout(input, front, sizeof front);
    if (peeked <= 0)
        return false;
    enum frame_verdict verdict = frame_look(front, (size_t)peeked, available, limit, &prefix, &body);
    if (verdict == FRAME_PARTIAL) {
        if (connection->frame_until == 0)
            connection->frame_until = clock_monotonic_ms() + CONNECTION_FRAME_MS;
        return false;
    }
    connection->frame_until = 0;
    if (verdict != FRAME_READY) {
        refuse_frame(connection, verdict, body, limit);
        return true;
    }
    const uint8_t *bytes = evbuffer_pullup(input, (ev_ssize_t)(prefix + body));
    if (bytes)
        take_request(connection, bytes + prefix, body);
    else
        connection_close(connection, LOG_ERROR, "out of memory");
    evbuffer_drain(input, prefix + body);
    return true;
}

static bool may_take(const struct connection *connection) {
    return connection->state == CONNECTION_OPEN && !connection->ending && !connection->barred && !connection->watcher &&
           !connection->in_stuck && !connection->output_full && !request_queue_full(&connection->queue);
}

static bool take_frames(struct turn *turn) {
    bool taken = false;
    while (may_take(turn->connection) && turn->left > 0 && take_frame(turn->connection)) {
        turn->left--;
        taken = true;
    }
    return taken;
}

// A watcher has nothing more to say but that it goes, and there is nothing that it must still be told.
static void conclude_watch(struct connection *connection) {
    if (connection->peer_done)
        connection_close(connection, LOG_TRACE, "closed by the peer");
    else if (evbuffer_get_length(bufferevent_get_input(connection->stream)) > 0)
        connection_end(connection, LOG_INFORM, "sent more after its watch had begun");
    else if (connection->server->draining)
        feed_end(connection);
    else
        feed_resume(connection);
}

// Nothing more comes from the peer, or nothing more is wanted: all frames that were there have been taken.
static void conclude(struct connection *connection) {
    if (connection->watcher) {
        conclude_watch(connection);
        return;
    }
    if (!may_take(connection)) {
        connection->frame_until = 0; // the delay is not the peer's
        return;
    }
    if (connection->peer_done)
        connection_end(connection, LOG_TRACE, "closed by the peer");
    else if (connection->server->draining && !connection->queue.first)
        connection_end(connection, LOG_TRACE, "the server is stopping");
}

void exchange_advance(struct connection *connection) {
    struct turn turn = {.connection = connection, .left = EXCHANGE_TURN};
    do {
        answer_front(&turn);
    } while (take_frames(&turn));
    if (turn.view)
        ledger_read_end(connection->server->ledger);
    if (connection->state != CONNECTION_OPEN)
        return;
    if (turn.left == 0 || turn.sliced)
        connection_ready(connection);
    if (turn.left > 0)
        conclude(connection);
    connection_settle(connection);
}
