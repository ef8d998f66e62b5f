// appraise: the appraised column of a unit's lines, or with --dry-run what it would change.
#include "client/memory.h"
#include "client/output/reflect.h"
#include "client/output/value.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"total", N_("Appraised total"), CELL_POINTS, EVERYWHERE, NULL},
    {"pending", N_("Still to appraise"), CELL_COUNT, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL},
    {"replayed", N_("Known before"), CELL_FLAG, EVERYWHERE, NULL},
    {0},
};

static const struct column lines[] = {
    {"criterion", N_("Criterion"), CELL_CODE, EVERYWHERE, NULL},
    {"points", N_("Appraisal"), CELL_POINTS, EVERYWHERE, NULL},
    {"revision", N_("Revision"), CELL_COUNT, EVERYWHERE, NULL},
    {0},
};

static const struct column preview_head[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {0},
};

static const struct column preview_lines[] = {
    {"criterion", N_("Criterion"), CELL_CODE, EVERYWHERE, NULL},
    {"self", N_("Self-scored"), CELL_POINTS, EVERYWHERE, NULL},
    {"before", N_("Before"), CELL_POINTS, EVERYWHERE, NULL},
    {"after", N_("After"), CELL_POINTS, EVERYWHERE, NULL},
    {0},
};

static const struct column preview_rows[] = {
    {"unit", N_("Unit"), CELL_CODE, IN_CSV, NULL},
    {"name", N_("Name"), CELL_TEXT, EVERYWHERE, NULL},
    {"rank_before", N_("Rank before"), CELL_COUNT, EVERYWHERE, NULL},
    {"rank_after", N_("Rank after"), CELL_COUNT, EVERYWHERE, NULL},
    {"rank_after", N_("Moves"), CELL_MOVE, IN_TABLE, NULL},
    {"total_before", N_("Total before"), CELL_POINTS, EVERYWHERE, NULL},
    {"total_after", N_("Total after"), CELL_POINTS, EVERYWHERE, NULL},
    {0},
};

static const struct section sections[] = {{"lines", NULL, lines}, {0}};
static const struct report report = {.head = head, .sections = sections, .whole = true};

static char *preview_note(const json_t *answer) {
    (void)answer;
    return must_strdup(_("DRY RUN: nothing has been recorded."));
}

// People read what would change and then where it leads; the list that programs get is that of the units.
static const struct section preview_for_people[] = {{"lines", NULL, preview_lines}, {"rows", NULL, preview_rows}, {0}};
static const struct section preview_for_programs[] = {{"rows", NULL, preview_rows}, {0}};
static const struct report people = {.head = preview_head, .sections = preview_for_people, .note = preview_note};
static const struct report programs = {.sections = preview_for_programs, .whole = true};

static json_t *shape(struct client *client, const Pb__Response *response) {
    const Pb__AppraiseReply *reply = response->appraise;
    json_t *object = client_written(client, reply->has_seq, reply->seq), *list = must(json_array());
    for (size_t i = 0; i < reply->n_lines; i++)
        append(list, reflect_all(&reply->lines[i]->base));
    put(object, "unit", value_text(reply->unit));
    put(object, "lines", list);
    put(object, "pending", value_count(reply->has_pending, reply->pending));
    put(object, "total", value_points(reply->has_total_cp, reply->total_cp));
    put(object, "replayed", value_flag(reply->has_replayed && reply->replayed));
    put(object, "period", value_text(reply->period));
    return object;
}

static json_t *preview_shape(struct client *client, const Pb__Response *response) {
    const Pb__PreviewReply *reply = response->appraise_preview;
    json_t *object = must(json_object()), *list = must(json_array()), *rows = must(json_array());
    (void)client;
    for (size_t i = 0; i < reply->n_lines; i++)
        append(list, reflect_all(&reply->lines[i]->base));
    for (size_t i = 0; i < reply->n_rows; i++)
        append(rows, reflect_all(&reply->rows[i]->base));
    put(object, "unit", value_text(reply->unit));
    put(object, "seq", value_count(reply->has_seq, reply->seq));
    put(object, "lines", list);
    put(object, "rows", rows);
    put(object, "period", value_text(reply->period));
    return object;
}

static void next(struct client *client, const json_t *answer) {
    const char *unit = json_string_value(json_object_get(answer, "unit"));
    const json_t *pending = json_object_get(answer, "pending");
    if (unit && json_is_integer(pending) && !json_integer_value(pending))
        say_notice(&client->options, _("Every criterion is appraised. The council makes it final: thidua finalize %s"),
                   unit);
}

static int add_line(struct client *client, Pb__Appraise *appraise, const char *text) {
    const char *code = "", *value = "";
    Pb__AppraisedInput *line = must(arena_alloc(client->arena, sizeof(*line)));
    pb__appraised_input__init(line);
    int exit_status = client_pair(client, text, &code, &value);
    if (!exit_status)
        exit_status = client_points(client, code, value, &line->points_cp);
    if (!exit_status)
        exit_status = client_revision(client, &line->has_if_revision, &line->if_revision);
    line->criterion = code;
    line->has_points_cp = true;
    appraise->lines[appraise->n_lines++] = line;
    return exit_status;
}

static int fill(struct client *client, Pb__Appraise *appraise) {
    size_t count = client->arguments.n_operands;
    int exit_status = EXIT_DONE;
    appraise->lines = must(arena_alloc(client->arena, count * sizeof(*appraise->lines)));
    for (size_t i = 1; i < count && !exit_status; i++)
        exit_status = add_line(client, appraise, client->arguments.operands[i]);
    if (!exit_status)
        exit_status = client_may_say(client, "reason", _("Say why: --reason TEXT"), &appraise->reason);
    if (exit_status)
        return exit_status;
    if (!client_period(client, &appraise->period) ||
        !client_text(client, "UNIT", client_operand(client, 0), &appraise->unit))
        return EXIT_REFUSED;
    return EXIT_DONE;
}

static int preview(struct client *client, Pb__Appraise *appraise) {
    Pb__Request request = PB__REQUEST__INIT;
    json_t *answer;
    client->asks = true;
    request.body_case = PB__REQUEST__BODY_APPRAISE_PREVIEW;
    request.appraise_preview = appraise;
    int exit_status =
        client_gather(client, &request, PB__RESPONSE__BODY_APPRAISE_PREVIEW, preview_shape, &programs, &answer);
    if (!exit_status)
        exit_status = client_show(client, client->options.output == OUTPUT_TABLE ? &people : &programs, answer);
    json_decref(answer);
    return exit_status;
}

int run_appraise(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Appraise appraise = PB__APPRAISE__INIT;
    bool dry_run = arguments_given(&client->arguments, "dry-run");
    if (dry_run && client->options.has_id)
        return say_error(&client->options, EXIT_USAGE, _("Leave one of the two out."),
                         _("--id goes with what is recorded, which --dry-run is not"));
    int exit_status = fill(client, &appraise);
    if (exit_status)
        return exit_status;
    if (dry_run)
        return preview(client, &appraise);
    request.body_case = PB__REQUEST__BODY_APPRAISE;
    request.appraise = &appraise;
    return client_ask_next(client, &request, PB__RESPONSE__BODY_APPRAISE, shape, &report, next);
}
