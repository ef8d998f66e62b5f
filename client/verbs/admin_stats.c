#include "client/memory.h"
#include "client/output/reflect.h"
#include "client/output/value.h"
#include "client/verbs.h"
#include "proto/reasons.h"

static const struct column head[] = {
    {"version", N_("Version"), CELL_TEXT, EVERYWHERE, NULL},
    {"started", N_("Started"), CELL_TIME, EVERYWHERE, NULL},
    {"uptime_ms", N_("Uptime"), CELL_LENGTH, EVERYWHERE, NULL},
    {"seq", N_("Last entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"connections", N_("Connections"), CELL_COUNT, EVERYWHERE, NULL},
    {"unauthenticated", N_("  not authenticated"), CELL_COUNT, EVERYWHERE, NULL},
    {"watchers", N_("  watching"), CELL_COUNT, EVERYWHERE, NULL},
    {"unconfirmed", N_("Accounts to be confirmed"), CELL_FLAG, IF_SAID, NULL},
    {"requests", N_("Requests"), CELL_COUNT, EVERYWHERE, NULL},
    {"entries", N_("Entries since start"), CELL_COUNT, EVERYWHERE, NULL},
    {"batches", N_("Commits"), CELL_COUNT, EVERYWHERE, NULL},
    {"commit_p50_us", N_("  p50, µs"), CELL_COUNT, EVERYWHERE, NULL},
    {"commit_p99_us", N_("  p99, µs"), CELL_COUNT, EVERYWHERE, NULL},
    {"committed", N_("  last"), CELL_TIME, EVERYWHERE, NULL},
    {"commit_age_ms", N_("  under way, ms"), CELL_AMOUNT, EVERYWHERE, NULL},
    {"queued", N_("Writes waiting"), CELL_COUNT, EVERYWHERE, NULL},
    {"file_bytes", N_("Store, bytes"), CELL_AMOUNT, EVERYWHERE, NULL},
    {"map_bytes", N_("  at most"), CELL_AMOUNT, EVERYWHERE, NULL},
    {"clock_steps_back", N_("Clock steps back"), CELL_COUNT, EVERYWHERE, NULL},
    {"refusals", N_("Refusals"), CELL_TALLY, EVERYWHERE, NULL},
    {0},
};

static const struct report report = {.head = head};

static json_t *shape(struct client *client, const Pb__Response *response) {
    const Pb__StatsReply *reply = response->stats;
    json_t *object = reflect_all(&reply->base), *refusals = must(json_object());
    (void)client;
    for (size_t i = 0; i < reply->n_refusals; i++)
        put(refusals, status_name(reply->refusals[i]->status),
            value_count(reply->refusals[i]->has_count, reply->refusals[i]->count));
    put(object, "refusals", refusals);
    return object;
}

int run_admin_stats(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__StatsQuery query = PB__STATS_QUERY__INIT;
    request.body_case = PB__REQUEST__BODY_STATS;
    request.stats = &query;
    return client_ask(client, &request, PB__RESPONSE__BODY_STATS, shape, &report);
}
