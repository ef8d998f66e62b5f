#include "server/net/numbers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "server/ledger/writer.h"

const struct live_numbers *numbers_read(struct server *server) {
    struct live_numbers *live = &server->live;
    live->started_ms = server->started_wall_ms;
    live->uptime_ms = clock_monotonic_ms() - server->started_ms;
    live->unauthenticated = server->admission.admitted + server->admission.parked;
    live->unconfirmed = server->unconfirmed;
    live->draining = server->draining;
    live->commit_age_ms = writer_commit_age_ms(server->writer);
    live->writer = writer_numbers(server->writer);
    store_usage(server->parts.store, &live->store_used, &live->store_bound);
    return live;
}

unsigned numbers_store_percent(const struct live_numbers *live) {
    return live->store_bound ? (unsigned)(100.0 * (double)live->store_used / (double)live->store_bound) : 0;
}

// ---- the line ----

static void put_commits(FILE *out, const struct writer_numbers *writer) {
    time_t seconds = (time_t)(writer->committed_ms / 1000);
    struct tm tm;
    char day[32];
    if (writer->commits == 0) {
        fputs("; no commit since the start", out);
        return;
    }
    gmtime_r(&seconds, &tm);
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%SZ", &tm);
    fprintf(out, "; last commit at %s, 99 of 100 within %.1f ms", day, writer->commit_p99_us / 1000.0);
}

static void put_warnings(FILE *out, const struct live_numbers *live) {
    if (live->unconfirmed)
        fputs("; the accounts of a restored backup wait for thidua admin accounts --confirm", out);
    if (live->commit_age_ms >= WRITER_STALL_MS)
        fprintf(out, "; the disk has not answered for %" PRId64 " s", live->commit_age_ms / 1000);
    if (numbers_store_percent(live) >= NUMBERS_FULL_PERCENT)
        fprintf(out, "; the store is %u %% full", numbers_store_percent(live));
    if (live->writer.clock_steps_back)
        fprintf(out, "; the clock went back before %" PRIu64 " entries", live->writer.clock_steps_back);
}

void numbers_line(const struct live_numbers *live, char line[NUMBERS_LINE_MAX]) {
    memset(line, 0, NUMBERS_LINE_MAX);
    FILE *out = fmemopen(line, NUMBERS_LINE_MAX - 1, "w");
    if (!out)
        return;
    fprintf(out, "%sentry %" PRIu64 "; %" PRIu32 " connections, %" PRIu32 " watching",
            live->draining ? "stopping; " : "", live->writer.seq, live->connections, live->watchers);
    put_commits(out, &live->writer);
    put_warnings(out, live);
    fclose(out);
}
