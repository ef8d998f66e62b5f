#include "server/net/notes.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/reasons.h"

// How an answer is written, if it is.
struct manner {
    bool wanted;
    enum log_cause cause;
    enum log_level level;
};

static bool is_write(const struct request *request) {
    return request->body && command_kind(request->body) == COMMAND_WRITE;
}

static struct manner manner_of(const struct connection *connection, const struct request *request) {
    bool known = identity_known(&connection->identity);
    switch (request->job.status) {
    case PB__STATUS__OK:
        return (struct manner){is_write(request) && request->job.seq > 0, LOG_OF_WRITES, LOG_INFORM};
    case PB__STATUS__PERMISSION_DENIED:
    case PB__STATUS__UNAUTHENTICATED:
        return (struct manner){true, known ? LOG_BY_ACCOUNTS : LOG_BY_PEERS, LOG_NOTE};
    default:
        return (struct manner){.wanted = false};
    }
}

bool note_wanted(const struct connection *connection, const struct request *request) {
    struct manner manner = manner_of(connection, request);
    return manner.wanted && log_admit(connection->server->parts.log, manner.cause, manner.level);
}

// The account, or the one it claims to be.
static uint32_t speaker(const struct actor *actor, const struct request *request) {
    bool claims = request->body && request->body->body_case == PB__REQUEST__BODY_AUTHENTICATE;
    return claims ? request->body->authenticate->account : actor->account;
}

static const char *unit_of(const struct connection *connection, const struct view *view) {
    struct arena *scratch = connection->server->scratch;
    uint32_t number = connection->identity.actor.unit;
    arena_reset(scratch);
    const Pb__UnitDefinition *unit = number && view ? view_unit(view, number, scratch) : NULL;
    return unit ? unit->id : NULL;
}

static const char *outcome(const struct job *job) {
    if (job->status != PB__STATUS__OK)
        return "refused";
    return job->replayed ? "accepted before" : "accepted";
}

void note_answer(const struct connection *connection, const struct request *request, const struct view *view) {
    const struct job *job = &request->job;
    bool accepted = job->status == PB__STATUS__OK;
    char account[16], seq[24];
    const struct log_facts facts = {{
        [LOG_UNIT] = unit_of(connection, view),
        [LOG_ACCOUNT] = account,
        [LOG_VERB] = request->body ? message_request_name(request->body) : "frame",
        [LOG_STATUS] = status_name(job->status),
        [LOG_REASON] = accepted ? NULL : job->reason,
        [LOG_SEQ] = accepted ? seq : NULL,
    }};
    snprintf(account, sizeof account, "%" PRIu32, speaker(&connection->identity.actor, request));
    snprintf(seq, sizeof seq, "%" PRIu64, job->seq);
    log_facts(connection->server->parts.log, manner_of(connection, request).level, &facts,
              "%s: %s from account %s of %s at %s: %s%s", outcome(job), facts.values[LOG_VERB], account,
              facts.values[LOG_UNIT] ? facts.values[LOG_UNIT] : "no unit", connection->peer, accepted ? "entry " : "",
              accepted      ? seq
              : job->reason ? job->reason
                            : "-");
}
