#include "client/memory.h"
#include "client/output/reflect.h"
#include "client/output/value.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL},
    {"replayed", N_("Known before"), CELL_FLAG, EVERYWHERE, NULL},
    {0},
};

static const struct column rows[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"total", N_("Final total"), CELL_POINTS, EVERYWHERE, NULL},
    {0},
};

static const struct section sections[] = {{"rows", NULL, rows}, {0}};
static const struct report report = {.head = head, .sections = sections, .whole = true};

static json_t *shape(struct client *client, const Pb__Response *response) {
    const Pb__FinalizeReply *reply = response->finalize;
    json_t *object = client_written(client, reply->has_seq, reply->seq), *list = must(json_array());
    for (size_t i = 0; i < reply->n_rows; i++)
        append(list, reflect_all(&reply->rows[i]->base));
    put(object, "period", value_text(reply->period));
    put(object, "rows", list);
    put(object, "replayed", value_flag(reply->has_replayed && reply->replayed));
    return object;
}

static void next(struct client *client, const json_t *answer) {
    (void)answer;
    say_notice(&client->options, _("Once every sheet is final: thidua period advance finalized, or locked again if the "
                                   "period was reopened."));
}

static int name_units(struct client *client, Pb__Finalize *finalize) {
    size_t count = client->arguments.n_operands;
    bool all = arguments_given(&client->arguments, "all");
    if (all == (count > 0))
        return say_error(&client->options, EXIT_USAGE,
                         _("Name the units, or give --all for all that are not final yet."),
                         all ? _("units are named beside --all") : _("no unit is named"));
    finalize->units = must(arena_alloc(client->arena, (count + 1) * sizeof(*finalize->units)));
    for (; finalize->n_units < count; finalize->n_units++)
        if (!client_text(client, "UNIT", client_operand(client, finalize->n_units),
                         &finalize->units[finalize->n_units]))
            return EXIT_REFUSED;
    return EXIT_DONE;
}

int run_finalize(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Finalize finalize = PB__FINALIZE__INIT;
    int exit_status = name_units(client, &finalize);
    if (exit_status)
        return exit_status;
    if (!client_period(client, &finalize.period) ||
        !client_text(client, "--reason", client_flag(client, "reason"), &finalize.reason))
        return EXIT_REFUSED;
    request.body_case = PB__REQUEST__BODY_FINALIZE;
    request.finalize = &finalize;
    return client_ask_next(client, &request, PB__RESPONSE__BODY_FINALIZE, shape, &report, next);
}
