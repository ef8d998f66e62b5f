#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/reflect.h"
#include "client/output/value.h"
#include "client/verbs.h"
#include "client/verbs/shapes.h"

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

// ---- sheets that are closed without a hand-in ----

static const json_t *row_of(const json_t *answer, const char *unit) {
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(answer, "rows"), i, row) {
        const char *id = json_string_value(json_object_get(row, "unit"));
        if (id && unit && !strcmp(id, unit))
            return row;
    }
    return NULL;
}

static bool waits(const json_t *row) {
    static const char *const states[] = {"none", "draft", "returned"};
    const char *sheet = json_string_value(json_object_get(row, "sheet"));
    for (size_t i = 0; sheet && i < sizeof(states) / sizeof(*states); i++)
        if (!strcmp(sheet, states[i]))
            return true;
    return false;
}

// Who has handed in what, before anything is closed.
static int ask_status(struct client *client, const char *period, json_t **status) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__StatusQuery query = PB__STATUS_QUERY__INIT;
    query.period = period;
    request.body_case = PB__REQUEST__BODY_STATUS;
    request.status = &query;
    client->asks = true;
    int exit_status = client_gather(client, &request, PB__RESPONSE__BODY_STATUS_ROWS, status_shape, &report, status);
    client->asks = false;
    return exit_status;
}

static void say_closed(const struct client *client, const json_t *answer, const json_t *status) {
    char *names = must_strdup("");
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(answer, "rows"), i, row) {
        const char *unit = json_string_value(json_object_get(row, "unit"));
        if (!waits(row_of(status, unit)))
            continue;
        char *longer = must_format("%s%s%s", names, *names ? ", " : "", unit);
        free(names);
        names = longer;
    }
    if (*names)
        say_notice(&client->options, _("Closed as they stood, without a hand-in: %s"), names);
    free(names);
}

// ---- the verb ----

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

static int read_seq(const struct client *client, Pb__Finalize *finalize) {
    const char *text = client_flag(client, "if-seq");
    size_t n = text ? strspn(text, "0123456789") : 0;
    if (text && (!n || n > 18 || text[n]))
        return say_error(&client->options, EXIT_USAGE, _("totals names it: Entry."),
                         _("--if-seq takes the number of an entry, not “%s”"), text);
    finalize->has_if_seq = text != NULL;
    finalize->if_seq = text ? strtoull(text, NULL, 10) : 0;
    return EXIT_DONE;
}

static int ask(struct client *client, Pb__Finalize *finalize) {
    Pb__Request request = PB__REQUEST__INIT;
    json_t *answer = NULL, *status = NULL;
    bool tells = finalize->reason && client->options.output == OUTPUT_TABLE && !client->options.quiet;
    int exit_status = tells ? ask_status(client, finalize->period, &status) : EXIT_DONE;
    request.body_case = PB__REQUEST__BODY_FINALIZE;
    request.finalize = finalize;
    if (!exit_status)
        exit_status = client_gather(client, &request, PB__RESPONSE__BODY_FINALIZE, shape, &report, &answer);
    if (!exit_status)
        exit_status = client_show(client, &report, answer);
    if (!exit_status) {
        say_closed(client, answer, status);
        say_notice(&client->options, _("Once every sheet is final: thidua period advance finalized, or locked again if "
                                       "the period was reopened."));
    }
    json_decref(status);
    json_decref(answer);
    return exit_status;
}

int run_finalize(struct client *client) {
    Pb__Finalize finalize = PB__FINALIZE__INIT;
    int exit_status = name_units(client, &finalize);
    if (!exit_status)
        exit_status = read_seq(client, &finalize);
    if (!exit_status)
        exit_status = client_may_say(client, "reason", _("Say why: --reason TEXT"), &finalize.reason);
    if (exit_status)
        return exit_status;
    return client_period(client, &finalize.period) ? ask(client, &finalize) : EXIT_REFUSED;
}
