// period load, period advance and sign: what changes a period as a whole.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/value.h"
#include "client/period_file.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"state", N_("State"), CELL_WORD, EVERYWHERE, NULL},
    {"hash", N_("Hash"), CELL_CODE, EVERYWHERE, NULL},
    {"board_hash", N_("Final board's hash"), CELL_CODE, IF_SAID, NULL},
    {"voided", N_("Signatures voided"), CELL_LIST, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL},
    {"board_hash", N_("Final board's hash"), CELL_CODE, IN_CSV, NULL},
    {0},
};

static const struct column sign_head[] = {
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL}, {"unit", N_("Signed by"), CELL_CODE, EVERYWHERE, NULL},
    {"hash", N_("Hash"), CELL_CODE, EVERYWHERE, NULL},     {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL}, {0},
};

static const struct report report = {.head = head};
static const struct report sign_report = {.head = sign_head};

static json_t *write_shape(struct client *client, const Pb__PeriodWriteReply *reply) {
    json_t *object = client_written(client, reply->has_seq, reply->seq);
    put(object, "period", value_text(reply->period));
    put(object, "state", value_enum(&pb__period_state__descriptor, reply->has_state, (int)reply->state));
    put(object, "hash", value_bytes(&reply->hash));
    put(object, "voided", value_texts(reply->n_voided, reply->voided));
    put(object, "board_hash", value_bytes(&reply->board_hash));
    return object;
}

static json_t *load_shape(struct client *client, const Pb__Response *response) {
    return write_shape(client, response->period_load);
}

static json_t *advance_shape(struct client *client, const Pb__Response *response) {
    return write_shape(client, response->period_advance);
}

static json_t *sign_shape(struct client *client, const Pb__Response *response) {
    const Pb__SignReply *reply = response->sign;
    json_t *object = client_written(client, reply->has_seq, reply->seq);
    put(object, "period", value_text(reply->period));
    put(object, "unit", value_text(reply->unit));
    put(object, "hash", value_bytes(&reply->hash));
    return object;
}

int run_period_load(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__PeriodLoad load = PB__PERIOD_LOAD__INIT;
    struct conf_errors errors = {0};
    size_t size;
    const char *path = client_operand(client, 0);
    char *text = conf_read(path, &size);
    if (!text)
        return say_error(&client->options, EXIT_NO_INPUT, NULL, _("%s cannot be read: %s"), path, strerror(errno));
    load.definition = period_file_parse(client->arena, strcmp(path, "-") ? path : "<stdin>", text, size, &errors);
    free(text);
    if (!load.definition) {
        say_lines(&client->options, EXIT_REFUSED, _("Correct the file; nothing was sent."), errors.text);
        free(errors.text);
        return EXIT_REFUSED;
    }
    request.body_case = PB__REQUEST__BODY_PERIOD_LOAD;
    request.period_load = &load;
    return client_ask(client, &request, PB__RESPONSE__BODY_PERIOD_LOAD, load_shape, &report);
}

static int say_states(const struct client *client, const char *state) {
    char *names = enum_names(&pb__period_state__descriptor, PB__PERIOD_STATE__SIGNED, PB__PERIOD_STATE__REOPENED);
    char *hint = must_format(_("The states are: %s"), names);
    say_error(&client->options, EXIT_USAGE, hint, _("a period does not advance to “%s”"), state);
    free(hint);
    free(names);
    return EXIT_USAGE;
}

// What the year asks for once the period has come to a state.
static const struct {
    const char *state, *next;
    bool command; // it ends in one, to which the period is added
} steps[] = {
    {"signed", N_("Next, when the scoring begins: thidua period advance scoring"), true},
    {"scoring", N_("The units score and hand in now; see who has: thidua status"), true},
    {"appraisal",
     N_("The leader and the city appraise now: thidua appraise UNIT CODE=POINTS; then the council: thidua "
        "finalize --all"),
     true},
    {"finalized", N_("The council nominates now: thidua nominate UNIT AWARD; then: thidua period advance published"),
     true},
    {"published", N_("Everybody sees the final board now. When objections are closed: thidua period advance locked"),
     true},
    {"locked", N_("Write the final board's hash into the minutes: whoever has the journal can compute it again."),
     false},
    {"reopened", N_("Correct what the decision names, make it final again, then: thidua period advance locked"), true},
};

static void next(struct client *client, const json_t *answer) {
    const char *state = json_string_value(json_object_get(answer, "state"));
    const char *period = json_string_value(json_object_get(answer, "period"));
    for (size_t i = 0; state && i < sizeof(steps) / sizeof(*steps); i++) {
        bool adds = steps[i].command && period;
        if (!strcmp(state, steps[i].state))
            say_notice(&client->options, "%s%s%s", _(steps[i].next), adds ? " -p " : "", adds ? period : "");
    }
}

int run_period_advance(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__PeriodAdvance advance = PB__PERIOD_ADVANCE__INIT;
    int state;
    if (!enum_find(&pb__period_state__descriptor, client_operand(client, 0), &state) ||
        state == PB__PERIOD_STATE__DRAFT)
        return say_states(client, client_operand(client, 0));
    int exit_status = client_may_say(client, "decision", _("Give its number: --decision NO"), &advance.decision);
    if (!exit_status)
        exit_status = client_may_say(client, "reason", _("Say why: --reason TEXT"), &advance.reason);
    if (exit_status)
        return exit_status;
    if (!client_period(client, &advance.period))
        return EXIT_REFUSED;
    advance.has_state = true;
    advance.state = (Pb__PeriodState)state;
    request.body_case = PB__REQUEST__BODY_PERIOD_ADVANCE;
    request.period_advance = &advance;
    return client_ask_next(client, &request, PB__RESPONSE__BODY_PERIOD_ADVANCE, advance_shape, &report, next);
}

int run_sign(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Sign sign = PB__SIGN__INIT;
    if (!client_period(client, &sign.period))
        return EXIT_REFUSED;
    request.body_case = PB__REQUEST__BODY_SIGN;
    request.sign = &sign;
    return client_ask(client, &request, PB__RESPONSE__BODY_SIGN, sign_shape, &sign_report);
}
