#include <string.h>

#include "client/output/value.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"award", N_("Nominated for"), CELL_TEXT, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL},
    {"replayed", N_("Known before"), CELL_FLAG, EVERYWHERE, NULL},
    {0},
};

static const struct report report = {.head = head};

static json_t *shape(struct client *client, const Pb__Response *response) {
    const Pb__NominateReply *reply = response->nominate;
    json_t *object = client_written(client, reply->has_seq, reply->seq);
    put(object, "unit", value_text(reply->unit));
    put(object, "award", value_text(reply->award));
    put(object, "replayed", value_flag(reply->has_replayed && reply->replayed));
    put(object, "period", value_text(reply->period));
    return object;
}

int run_nominate(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Nominate nominate = PB__NOMINATE__INIT;
    const char *award = client_operand(client, 1);
    if (!award[strspn(award, " ")])
        return say_error(&client->options, EXIT_USAGE, _("Name the award in quotes: thidua nominate UNIT \"...\""),
                         _("the award is empty"));
    if (!client_period(client, &nominate.period) ||
        !client_text(client, "UNIT", client_operand(client, 0), &nominate.unit) ||
        !client_text(client, "AWARD", award, &nominate.award))
        return EXIT_REFUSED;
    request.body_case = PB__REQUEST__BODY_NOMINATE;
    request.nominate = &nominate;
    return client_ask(client, &request, PB__RESPONSE__BODY_NOMINATE, shape, &report);
}
