#include <stdlib.h>

#include "client/output/reflect.h"
#include "client/output/value.h"
#include "client/verbs.h"
#include "client/what.h"

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
    {"what", N_("In short"), CELL_TEXT, IF_SAID, NULL},
    {"criterion", N_("Criterion"), CELL_CODE, EVERYWHERE, NULL},
    {"from", N_("From"), CELL_POINTS, EVERYWHERE, NULL},
    {"points", N_("Points"), CELL_POINTS, EVERYWHERE, NULL},
    {"revision", N_("Revision"), CELL_COUNT, EVERYWHERE, NULL},
    {"total", N_("Total"), CELL_POINTS, EVERYWHERE, NULL},
    {"appraised_total", N_("Appraised total"), CELL_POINTS, IF_SAID, NULL},
    {"note", N_("Note"), CELL_TEXT, EVERYWHERE, NULL},
    {"appraised_total", N_("Appraised total"), CELL_POINTS, IN_CSV, NULL},
    {"late_seconds", N_("Late by"), CELL_SECONDS, IN_CSV, NULL},
    {"until", N_("Own deadline"), CELL_TIME, IN_CSV, NULL},
    {"final_total", N_("Final total"), CELL_POINTS, IN_CSV, NULL},
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

// The words are for the table alone: to programs the values say it.
static void add_words(const struct client *client, json_t *answer) {
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(answer, "rows"), i, row) {
        char *what = what_text(json_string_value(json_object_get(row, "event")), row, options_mark(&client->options));
        put(row, "what", value_text(what));
        free(what);
    }
}

static int ask(struct client *client, Pb__Request *request) {
    json_t *answer;
    int exit_status = client_gather(client, request, PB__RESPONSE__BODY_HISTORY, shape, &report, &answer);
    if (!exit_status && client->options.output == OUTPUT_TABLE)
        add_words(client, answer);
    if (!exit_status)
        exit_status = client_show(client, &report, answer);
    json_decref(answer);
    return exit_status;
}

int run_history(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__HistoryQuery query = PB__HISTORY_QUERY__INIT;
    if (!client_period(client, &query.period) || !client_text(client, "UNIT", client_operand(client, 0), &query.unit) ||
        !client_text(client, "CODE", client_operand(client, 1), &query.criterion))
        return EXIT_REFUSED;
    request.body_case = PB__REQUEST__BODY_HISTORY;
    request.history = &query;
    return ask(client, &request);
}
