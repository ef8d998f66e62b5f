#include "server/net/metrics_text.h"

#include <inttypes.h>
#include <stddef.h>

#include "proto/reasons.h"

// Numbers as the daemon has them; the format's units are seconds and bytes.
enum form { COUNT_64, COUNT_32, FLAG, MILLISECONDS, ROWS };

struct family {
    const char *name, *type, *help;
    enum form form;
    size_t at; // in live_numbers
    void (*rows)(FILE *out, const struct family *family, const struct live_numbers *live, const char *version);
};

// ---- values ----

static void put_escaped(FILE *out, const char *text) {
    for (const char *c = text; *c; c++) {
        if (*c == '\\' || *c == '"')
            fputc('\\', out);
        if (*c == '\n')
            fputs("\\n", out);
        else
            fputc(*c, out);
    }
}

static void put_name(FILE *out, const char *name, const char *label, const char *value) {
    fprintf(out, "%s{%s=\"", name, label);
    put_escaped(out, value);
    fputs("\"} ", out);
}

static void put_seconds(FILE *out, uint64_t parts, unsigned in_a_second, int digits) {
    fprintf(out, "%" PRIu64 ".%0*" PRIu64, parts / in_a_second, digits, parts % in_a_second);
}

static void put_value(FILE *out, const struct family *family, const struct live_numbers *live) {
    const void *at = (const char *)live + family->at;
    switch (family->form) {
    case COUNT_64:
        fprintf(out, "%" PRIu64, *(const uint64_t *)at);
        break;
    case COUNT_32:
        fprintf(out, "%" PRIu32, *(const uint32_t *)at);
        break;
    case FLAG:
        fputs(*(const bool *)at ? "1" : "0", out);
        break;
    case MILLISECONDS:
        put_seconds(out, (uint64_t) * (const int64_t *)at, 1000, 3);
        break;
    case ROWS:
        break;
    }
}

// ---- families of several rows ----

static void put_build(FILE *out, const struct family *family, const struct live_numbers *live, const char *version) {
    (void)live;
    put_name(out, family->name, "version", version);
    fputs("1\n", out);
}

static void put_connections(FILE *out, const struct family *family, const struct live_numbers *live,
                            const char *version) {
    (void)version;
    uint32_t strangers = live->unauthenticated < live->connections ? live->unauthenticated : live->connections;
    put_name(out, family->name, "state", "authenticated");
    fprintf(out, "%" PRIu32 "\n", live->connections - strangers);
    put_name(out, family->name, "state", "unauthenticated");
    fprintf(out, "%" PRIu32 "\n", strangers);
}

static void put_refusals(FILE *out, const struct family *family, const struct live_numbers *live, const char *version) {
    (void)version;
    for (int status = PB__STATUS__UNAUTHENTICATED; status <= PB__STATUS__INTERNAL; status++) {
        put_name(out, family->name, "status", status_name((Pb__Status)status));
        fprintf(out, "%" PRIu64 "\n", live->refusals[status]);
    }
}

static void put_quantile(FILE *out, const char *name, const char *quantile, uint64_t commits, uint32_t us) {
    put_name(out, name, "quantile", quantile);
    if (commits)
        put_seconds(out, us, 1000000, 6);
    else
        fputs("NaN", out);
    fputc('\n', out);
}

static void put_commit(FILE *out, const struct family *family, const struct live_numbers *live, const char *version) {
    (void)version;
    const struct writer_numbers *writer = &live->writer;
    put_quantile(out, family->name, "0.5", writer->commits, writer->commit_p50_us);
    put_quantile(out, family->name, "0.99", writer->commits, writer->commit_p99_us);
    fprintf(out, "%s_sum ", family->name);
    put_seconds(out, writer->commits_us, 1000000, 6);
    fprintf(out, "\n%s_count %" PRIu64 "\n", family->name, writer->commits);
}

// ---- all of them ----

#define AT(field) offsetof(struct live_numbers, field)

static const struct family families[] = {
    {"thidua_build_info", "gauge", "The version that runs; always 1.", ROWS, 0, put_build},
    {"process_start_time_seconds", "gauge", "When the daemon was started, in seconds since 1970 UTC.", MILLISECONDS,
     AT(started_ms), NULL},
    {"thidua_connections", "gauge", "Open connections to the score ports and the local socket.", ROWS, 0,
     put_connections},
    {"thidua_watchers", "gauge", "Connections that watch a board.", COUNT_32, AT(watchers), NULL},
    {"thidua_requests_total", "counter", "Requests received.", COUNT_64, AT(requests), NULL},
    {"thidua_refusals_total", "counter", "Requests refused, by status.", ROWS, 0, put_refusals},
    {"thidua_entries_total", "counter", "Journal entries written since the start.", COUNT_64, AT(writer.entries), NULL},
    {"thidua_journal_seq", "gauge", "Number of the last journal entry.", COUNT_64, AT(writer.seq), NULL},
    {"thidua_batches_total", "counter", "Transactions committed since the start.", COUNT_64, AT(writer.batches), NULL},
    {"thidua_commit_seconds", "summary",
     "Time that a batch took to reach the disk. Quantiles are over all batches since the start, and up to a quarter "
     "higher than they were.",
     ROWS, 0, put_commit},
    {"thidua_commit_age_seconds", "gauge", "How long the commit under way has taken so far; 0 while there is none.",
     MILLISECONDS, AT(commit_age_ms), NULL},
    {"thidua_last_commit_timestamp_seconds", "gauge",
     "When the last commit since the start was done, in seconds since 1970 UTC; 0 while there was none.", MILLISECONDS,
     AT(writer.committed_ms), NULL},
    {"thidua_writer_queue", "gauge", "Writes that wait for the writer.", COUNT_32, AT(writer.waiting), NULL},
    {"thidua_store_used_bytes", "gauge", "Bytes of the pages that the store uses.", COUNT_64, AT(store_used), NULL},
    {"thidua_store_map_bytes", "gauge", "Bytes that the store may grow to (map_size).", COUNT_64, AT(store_bound),
     NULL},
    {"thidua_clock_steps_back_total", "counter",
     "Entries since the start that were written while the clock read earlier than at the entry before.", COUNT_64,
     AT(writer.clock_steps_back), NULL},
    {"thidua_accounts_unconfirmed", "gauge",
     "1 while the accounts of a restored backup wait to be confirmed and nobody comes in over the network, else 0.",
     FLAG, AT(unconfirmed), NULL},
};

void metrics_text(FILE *out, const struct live_numbers *live, const char *version) {
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        const struct family *family = &families[i];
        fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name, family->type);
        if (family->rows) {
            family->rows(out, family, live, version);
        } else {
            fprintf(out, "%s ", family->name);
            put_value(out, family, live);
            fputc('\n', out);
        }
    }
}
