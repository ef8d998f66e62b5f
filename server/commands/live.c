// What the daemon says of itself.
#include "proto/version.h"
#include "server/commands/context.h"

void live_ping(struct context *context, struct cursor *cursor, Pb__Response *response) {
    (void)cursor;
    CONTEXT_NEW(context, reply, Pb__PingReply, pb__ping_reply__init);
    if (!reply)
        return;
    reply->has_time_ms = reply->has_seq = true;
    reply->time_ms = context->now_ms;
    reply->seq = view_seq(context->view);
    response->body_case = PB__RESPONSE__BODY_PING;
    response->ping = reply;
}

static bool add_refusals(struct context *context, Pb__StatsReply *reply) {
    enum { STATUSES = PB__STATUS__INTERNAL + 1 };
    if (!(reply->refusals = CONTEXT_LIST(context, Pb__StatusCount *, STATUSES)))
        return false;
    for (int status = PB__STATUS__UNAUTHENTICATED; status < STATUSES; status++) {
        CONTEXT_NEW(context, count, Pb__StatusCount, pb__status_count__init);
        if (!count)
            return false;
        count->has_status = count->has_count = true;
        count->status = (Pb__Status)status;
        count->count = context->live->refusals[status];
        reply->refusals[reply->n_refusals++] = count;
    }
    return true;
}

void live_stats(struct context *context, struct cursor *cursor, Pb__Response *response) {
    (void)cursor;
    const struct live_numbers *live = context->live;
    CONTEXT_NEW(context, reply, Pb__StatsReply, pb__stats_reply__init);
    if (!reply || !add_refusals(context, reply))
        return;
    reply->has_uptime_ms = reply->has_seq = reply->has_connections = reply->has_unauthenticated = true;
    reply->has_requests = reply->has_batches = reply->has_entries = reply->has_commit_p50_us = true;
    reply->has_commit_p99_us = reply->has_file_bytes = reply->has_map_bytes = reply->has_clock_steps_back = true;
    reply->has_watchers = reply->has_unconfirmed = true;
    reply->has_started_ms = reply->has_queued = reply->has_commits = reply->has_commits_us = true;
    reply->has_commit_age_ms = true;
    reply->has_committed_ms = live->writer.committed_ms != 0;
    reply->started_ms = live->started_ms;
    reply->queued = live->writer.waiting;
    reply->commits = live->writer.commits;
    reply->commits_us = live->writer.commits_us;
    reply->commit_age_ms = live->commit_age_ms;
    reply->committed_ms = live->writer.committed_ms;
    reply->uptime_ms = live->uptime_ms;
    reply->seq = view_seq(context->view);
    reply->connections = live->connections;
    reply->unauthenticated = live->unauthenticated;
    reply->watchers = live->watchers;
    reply->unconfirmed = view_unconfirmed(context->view) != 0;
    reply->requests = live->requests;
    reply->batches = live->writer.batches;
    reply->entries = live->writer.entries;
    reply->commit_p50_us = live->writer.commit_p50_us;
    reply->commit_p99_us = live->writer.commit_p99_us;
    reply->file_bytes = live->store_used;
    reply->map_bytes = live->store_bound;
    reply->clock_steps_back = live->writer.clock_steps_back;
    reply->version = THIDUA_VERSION;
    response->body_case = PB__RESPONSE__BODY_STATS;
    response->stats = reply;
}
