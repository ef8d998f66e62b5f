#include <string.h>

#include "client/memory.h"
#include "client/output/reflect.h"
#include "client/output/value.h"
#include "client/verbs.h"
#include "client/verbs/shapes.h"

static const struct column head[] = {
    {"id", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"name", N_("Name"), CELL_TEXT, EVERYWHERE, NULL},
    {"cluster", N_("Cluster"), CELL_CODE, EVERYWHERE, NULL},
    {"year", N_("Year"), CELL_COUNT, EVERYWHERE, NULL},
    {"state", N_("State"), CELL_WORD, EVERYWHERE, NULL},
    {"total", N_("Total"), CELL_POINTS, EVERYWHERE, NULL},
    {"bonus_cap", N_("Bonus cap"), CELL_POINTS, EVERYWHERE, NULL},
    {"deadline", N_("Deadline"), CELL_TIME, EVERYWHERE, NULL},
    {"deadline_passed", N_("Passed"), CELL_FLAG, EVERYWHERE, NULL},
    {"hard_close", N_("Closes hard"), CELL_FLAG, EVERYWHERE, NULL},
    {"visibility", N_("Visibility"), CELL_WORD, EVERYWHERE, NULL},
    {"leader", N_("Leader"), CELL_CODE, EVERYWHERE, NULL},
    {"deputy", N_("Deputy"), CELL_CODE, EVERYWHERE, NULL},
    {"tie_breaks", N_("Tie-breaks"), CELL_RULES, EVERYWHERE, NULL},
    {"legal_basis", N_("Legal basis"), CELL_TEXT, EVERYWHERE, NULL},
    {"hash", N_("Hash"), CELL_CODE, EVERYWHERE, NULL},
    {"board_hash", N_("Final board's hash"), CELL_CODE, IF_SAID, NULL},
    {0},
};

static const struct column criteria[] = {
    {"code", N_("Code"), CELL_CODE, EVERYWHERE, NULL},
    {"title", N_("Title"), CELL_TEXT, EVERYWHERE, NULL},
    {"provenance", N_("Provenance"), CELL_WORD, EVERYWHERE, NULL},
    {"max", N_("Max"), CELL_POINTS, EVERYWHERE, NULL},
    {"step", N_("Step"), CELL_POINTS, EVERYWHERE, NULL},
    {"formula", N_("Formula"), CELL_WORD, EVERYWHERE, NULL},
    {"not_assigned", N_("Not assigned"), CELL_LIST, EVERYWHERE, NULL},
    {0},
};

static const struct column targets[] = {
    {"criterion", N_("Criterion"), CELL_CODE, EVERYWHERE, NULL},
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"value", N_("Target"), CELL_AMOUNT, EVERYWHERE, NULL},
    {"label", N_("Measured in"), CELL_TEXT, IF_SAID, NULL},
    {0},
};

static const struct column bands[] = {
    {"criterion", N_("Criterion"), CELL_CODE, EVERYWHERE, NULL},
    {"from_percent", N_("From percent of the target"), CELL_POINTS, EVERYWHERE, NULL},
    {"points", N_("Points"), CELL_POINTS, EVERYWHERE, NULL},
    {0},
};

static const struct column units[] = {
    {"id", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"name", N_("Name"), CELL_TEXT, EVERYWHERE, NULL},
    {"alias", N_("Alias"), CELL_CODE, EVERYWHERE, NULL},
    {"kind", N_("Kind"), CELL_CODE, EVERYWHERE, NULL},
    {"parent", N_("Parent"), CELL_CODE, EVERYWHERE, NULL},
    {"valid_from", N_("From"), CELL_DATE, IF_SAID, NULL},
    {"valid_to", N_("Until"), CELL_DATE, IF_SAID, NULL},
    {"signed", N_("Signed"), CELL_FLAG, EVERYWHERE, NULL},
    {0},
};

static const struct column classes[] = {
    {"id", N_("Class"), CELL_CODE, EVERYWHERE, NULL},
    {"name", N_("Name"), CELL_TEXT, EVERYWHERE, NULL},
    {"from", N_("From"), CELL_POINTS, EVERYWHERE, NULL},
    {0},
};

static const struct column extensions[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"until", N_("Own deadline"), CELL_TIME, EVERYWHERE, NULL},
    {"passed", N_("Passed"), CELL_FLAG, EVERYWHERE, NULL},
    {0},
};

static const struct section sections[] = {
    {"criteria", N_("Criteria"), criteria},
    {"targets", N_("Targets"), targets},
    {"bands", N_("Bands"), bands},
    {"units", N_("Units"), units},
    {"classes", N_("Classes"), classes},
    {"extensions", N_("Extensions"), extensions},
    {0},
};

static const struct report report = {.head = head, .sections = sections, .whole = true};

static bool has_signed(const Pb__PeriodReply *reply, const char *unit) {
    for (size_t i = 0; unit && i < reply->n_signed_; i++)
        if (!strcmp(reply->signed_[i], unit))
            return true;
    return false;
}

json_t *period_shape(struct client *client, const Pb__Response *response) {
    const Pb__PeriodReply *reply = response->period;
    json_t *object = reply->definition ? reflect_all(&reply->definition->base) : must(json_object()), *unit;
    json_t *list = must(json_array());
    size_t i;
    (void)client;
    for (i = 0; i < reply->n_extensions; i++)
        append(list, reflect_all(&reply->extensions[i]->base));
    put(object, "state", value_enum(&pb__period_state__descriptor, reply->has_state, (int)reply->state));
    put(object, "deadline_passed", value_flag(reply->has_deadline_passed && reply->deadline_passed));
    put(object, "hash", value_bytes(&reply->hash));
    put(object, "seq", value_count(reply->has_seq, reply->seq));
    put(object, "board_hash", value_bytes(&reply->board_hash));
    put(object, "extensions", list);
    json_array_foreach(json_object_get(object, "units"), i, unit)
        put(unit, "signed", value_flag(has_signed(reply, json_string_value(json_object_get(unit, "id")))));
    return object;
}

// For the table, of which every row stands by itself: what the criteria hold under this key.
static void gather_of_criteria(json_t *answer, const char *key) {
    json_t *criterion, *row, *all = must(json_array());
    size_t i, j;
    json_array_foreach(json_object_get(answer, "criteria"), i, criterion) {
        json_array_foreach(json_object_get(criterion, key), j, row) {
            put(row, "criterion", json_incref(json_object_get(criterion, "code")));
            append(all, json_incref(row));
        }
    }
    put(answer, key, all);
}

static int ask(struct client *client, Pb__Request *request) {
    json_t *answer;
    int exit_status = client_gather(client, request, PB__RESPONSE__BODY_PERIOD, period_shape, &report, &answer);
    if (!exit_status && client->options.output == OUTPUT_TABLE) {
        gather_of_criteria(answer, "targets");
        gather_of_criteria(answer, "bands");
    }
    if (!exit_status)
        exit_status = client_show(client, &report, answer);
    json_decref(answer);
    return exit_status;
}

static int name_the_operand(struct client *client) {
    if (client_operand(client, 0) && client->options.period && arguments_given(&client->arguments, "period"))
        return say_error(&client->options, EXIT_USAGE, NULL, _("the period is named twice"));
    if (client_operand(client, 0))
        client->options.period = client_operand(client, 0);
    return EXIT_DONE;
}

int run_period_show(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__PeriodQuery query = PB__PERIOD_QUERY__INIT;
    int exit_status = name_the_operand(client);
    if (exit_status)
        return exit_status;
    if (!client_period(client, &query.period))
        return EXIT_REFUSED;
    request.body_case = PB__REQUEST__BODY_PERIOD;
    request.period = &query;
    return ask(client, &request);
}
