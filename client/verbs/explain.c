#include <string.h>

#include "client/output/value.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"criterion", N_("Criterion"), CELL_CODE, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL},
    {"replayed", N_("Known before"), CELL_FLAG, EVERYWHERE, NULL},
    {0},
};

static const struct report report = {.head = head};

static json_t *shape(struct client *client, const Pb__Response *response) {
    const Pb__ExplainReply *reply = response->explain;
    json_t *object = client_written(client, reply->has_seq, reply->seq);
    put(object, "unit", value_text(reply->unit));
    put(object, "criterion", value_text(reply->criterion));
    put(object, "replayed", value_flag(reply->has_replayed && reply->replayed));
    put(object, "period", value_text(reply->period));
    return object;
}

static void next(struct client *client, const json_t *answer) {
    (void)answer;
    say_notice(&client->options, _("The leader or the city may now appraise it again."));
}

int run_explain(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Explain explain = PB__EXPLAIN__INIT;
    const char *text = client_operand(client, 1);
    if (!text[strspn(text, " ")])
        return say_error(&client->options, EXIT_USAGE, _("Write the explanation in quotes: thidua explain TC3 \"...\""),
                         _("the explanation is empty"));
    if (!client_period(client, &explain.period) ||
        !client_text(client, "CODE", client_operand(client, 0), &explain.criterion) ||
        !client_text(client, "TEXT", text, &explain.text))
        return EXIT_REFUSED;
    request.body_case = PB__REQUEST__BODY_EXPLAIN;
    request.explain = &explain;
    return client_ask_next(client, &request, PB__RESPONSE__BODY_EXPLAIN, shape, &report, next);
}
