#include "client/memory.h"
#include "client/output/reflect.h"
#include "client/verbs.h"

static const struct column columns[] = {
    {"id", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"name", N_("Name"), CELL_TEXT, EVERYWHERE, NULL},
    {"cluster", N_("Cluster"), CELL_CODE, EVERYWHERE, NULL},
    {"year", N_("Year"), CELL_COUNT, EVERYWHERE, NULL},
    {"state", N_("State"), CELL_WORD, EVERYWHERE, NULL},
    {"units", N_("Units"), CELL_COUNT, EVERYWHERE, NULL},
    {"criteria", N_("Criteria"), CELL_COUNT, EVERYWHERE, NULL},
    {"deadline", N_("Deadline"), CELL_TIME, EVERYWHERE, NULL},
    {0},
};

static const struct section sections[] = {{"rows", NULL, columns}, {0}};
static const struct report report = {.sections = sections};

static json_t *shape(struct client *client, const Pb__Response *response) {
    (void)client;
    return reflect_all(&response->periods->base);
}

int run_period_list(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__PeriodsQuery query = PB__PERIODS_QUERY__INIT;
    request.body_case = PB__REQUEST__BODY_PERIODS;
    request.periods = &query;
    return client_ask(client, &request, PB__RESPONSE__BODY_PERIODS, shape, &report);
}
