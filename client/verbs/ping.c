#include "client/memory.h"
#include "client/output/value.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"time", N_("Server time"), CELL_TIME, EVERYWHERE, NULL},
    {"seq", N_("Last entry"), CELL_COUNT, EVERYWHERE, NULL},
    {0},
};

static const struct report report = {.head = head};

static json_t *shape(struct client *client, const Pb__Response *response) {
    const Pb__PingReply *reply = response->ping;
    json_t *object = must(json_object());
    (void)client;
    put(object, "time", value_time(reply->has_time_ms, reply->time_ms));
    put(object, "seq", value_count(reply->has_seq, reply->seq));
    return object;
}

int run_ping(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Ping ping = PB__PING__INIT;
    request.body_case = PB__REQUEST__BODY_PING;
    request.ping = &ping;
    return client_ask(client, &request, PB__RESPONSE__BODY_PING, shape, &report);
}
