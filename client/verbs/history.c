#include "client/output/reflect.h"
#include "client/output/value.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {0},
};

static const struct column rows[] = {
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"time", N_("Time"), CELL_TIME, EVERYWHERE, NULL},
    {"actor", N_("Actor"), CELL_CODE, EVERYWHERE, NULL},
    {"role", N_("Role"), CELL_WORD, EVERYWHERE, NULL},
    {"event", N_("Event"), CELL_WORD, EVERYWHERE, NULL},
    {"criterion", N_("Criterion"), CELL_CODE, EVERYWHERE, NULL},
    {"from", N_("From"), CELL_POINTS, EVERYWHERE, NULL},
    {"points", N_("Points"), CELL_POINTS, EVERYWHERE, NULL},
    {"revision", N_("Revision"), CELL_COUNT, EVERYWHERE, NULL},
    {"total", N_("Total"), CELL_POINTS, EVERYWHERE, NULL},
    {"appraised_total", N_("Appraised total"), CELL_POINTS, IF_SAID, NULL},
    {"note", N_("Note"), CELL_TEXT, EVERYWHERE, NULL},
    {"appraised_total", N_("Appraised total"), CELL_POINTS, IN_CSV, NULL},
    {0},
};

static const struct section sections[] = {{"rows", NULL, rows}, {0}};
static const struct report report = {.head = head, .sections = sections};

static json_t *shape(struct client *client, const Pb__Response *response) {
    json_t *object = reflect_all(&response->history->base), *row;
    size_t i;
    (void)client;
    json_array_foreach(json_object_get(object, "rows"), i, row) json_object_del(row, "account"); // the actor says it
    return object;
}

int run_history(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__HistoryQuery query = PB__HISTORY_QUERY__INIT;
    if (!client_period(client, &query.period) || !client_text(client, "UNIT", client_operand(client, 0), &query.unit) ||
        !client_text(client, "CODE", client_operand(client, 1), &query.criterion))
        return EXIT_REFUSED;
    request.body_case = PB__REQUEST__BODY_HISTORY;
    request.history = &query;
    return client_ask(client, &request, PB__RESPONSE__BODY_HISTORY, shape, &report);
}
