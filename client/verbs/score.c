#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/instant.h"
#include "client/memory.h"
#include "client/output/reflect.h"
#include "client/output/value.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL},
    {"late", N_("Late"), CELL_FLAG, EVERYWHERE, NULL},
    {"replayed", N_("Known before"), CELL_FLAG, EVERYWHERE, NULL},
    {0},
};

static const struct column lines[] = {
    {"criterion", N_("Criterion"), CELL_CODE, EVERYWHERE, NULL},
    {"points", N_("Points"), CELL_POINTS, EVERYWHERE, NULL},
    {"revision", N_("Revision"), CELL_COUNT, EVERYWHERE, NULL},
    {0},
};

static const struct section sections[] = {{"lines", NULL, lines}, {0}};
static const struct report report = {.head = head, .sections = sections, .whole = true};

static json_t *shape(struct client *client, const Pb__Response *response) {
    const Pb__ScoreReply *reply = response->score;
    json_t *object = client_written(client, reply->has_seq, reply->seq), *list = must(json_array());
    for (size_t i = 0; i < reply->n_lines; i++)
        append(list, reflect_all(&reply->lines[i]->base));
    put(object, "unit", value_text(reply->unit));
    put(object, "lines", list);
    put(object, "replayed", value_flag(reply->has_replayed && reply->replayed));
    put(object, "late", value_flag(reply->has_late && reply->late));
    put(object, "period", value_text(reply->period));
    return object;
}

// ---- the lines ----

// The line of this code that has no value of this kind yet, or a new one.
static Pb__LineInput *line_of(struct client *client, Pb__Score *score, const char *code, bool actual) {
    for (size_t i = 0; i < score->n_lines; i++) {
        Pb__LineInput *line = score->lines[i];
        if (!strcasecmp(line->criterion, code) && !(actual ? line->has_actual : line->has_points_cp))
            return line;
    }
    Pb__LineInput *line = must(arena_alloc(client->arena, sizeof(*line)));
    pb__line_input__init(line);
    line->criterion = code;
    score->lines[score->n_lines++] = line;
    return line;
}

static int add_points(struct client *client, Pb__Score *score, const char *text) {
    const char *code = "", *value = "";
    int32_t points = 0;
    int exit_status = client_pair(client, text, &code, &value);
    if (!exit_status)
        exit_status = client_points(client, code, value, &points);
    if (exit_status)
        return exit_status;
    Pb__LineInput *line = line_of(client, score, code, false);
    line->has_points_cp = true;
    line->points_cp = points;
    return EXIT_DONE;
}

static int add_actual(struct client *client, Pb__Score *score, const char *text) {
    const char *code = "", *value = "";
    int exit_status = client_pair(client, text, &code, &value);
    if (exit_status)
        return exit_status;
    size_t n = strspn(value, "0123456789");
    if (!n || n > 18 || value[n])
        return say_error(&client->options, EXIT_REFUSED, _("Write digits only: --actual TC3=520000000"),
                         _("%s: “%s” is not a whole number"), code, value);
    Pb__LineInput *line = line_of(client, score, code, true);
    line->has_actual = true;
    line->actual = strtoll(value, NULL, 10);
    return EXIT_DONE;
}

static int set_revision(struct client *client, Pb__Score *score) {
    protobuf_c_boolean has;
    uint32_t revision = 0;
    int exit_status = client_revision(client, &has, &revision);
    for (size_t i = 0; i < score->n_lines && !exit_status; i++) {
        score->lines[i]->has_if_revision = has;
        score->lines[i]->if_revision = revision;
    }
    return exit_status;
}

static int add_lines(struct client *client, Pb__Score *score) {
    size_t points = client->arguments.n_operands, actuals = arguments_count(&client->arguments, "actual");
    int exit_status = EXIT_DONE;
    if (!(points + actuals))
        return say_error(&client->options, EXIT_USAGE, _("Give at least one: thidua score TC1=12,5"),
                         _("no points are given"));
    score->lines = must(arena_alloc(client->arena, (points + actuals) * sizeof(*score->lines)));
    for (size_t i = 0; i < points && !exit_status; i++)
        exit_status = add_points(client, score, client->arguments.operands[i]);
    for (size_t i = 0; i < actuals && !exit_status; i++)
        exit_status = add_actual(client, score, arguments_nth(&client->arguments, "actual", i));
    return exit_status ? exit_status : set_revision(client, score);
}

// ---- the evidence ----

// The part of the text up to a semicolon, without spaces around it; NULL where nothing stands there.
static const char *next_part(struct client *client, const char **rest, bool last) {
    const char *from = *rest + strspn(*rest, " ");
    size_t n = last ? strlen(from) : strcspn(from, ";");
    *rest = from + n + (from[n] == ';');
    while (n && from[n - 1] == ' ')
        n--;
    char *part = must(arena_alloc(client->arena, n + 1));
    memcpy(part, from, n);
    return n ? part : NULL;
}

static int add_evidence(struct client *client, Pb__Evidence *evidence, const char *text) {
    const char *rest = text;
    char iso[DATE_TEXT];
    if (!client_text(client, "--evidence", next_part(client, &rest, false), &evidence->number))
        return EXIT_REFUSED;
    const char *date = next_part(client, &rest, false);
    if (!client_text(client, "--evidence", next_part(client, &rest, true), &evidence->title))
        return EXIT_REFUSED;
    if (date && !date_parse(date, iso))
        return say_error(&client->options, EXIT_REFUSED, _("Write it as 2022-10-20 or 20/10/2022."),
                         _("--evidence: “%s” is no date"), date);
    evidence->date = date ? must(arena_strdup(client->arena, iso)) : NULL;
    if (!evidence->number)
        return say_error(&client->options, EXIT_USAGE,
                         _("Write \"NUMBER;DATE;TITLE\": --evidence \"15/BC-MTTQ-BTT;2022-10-20;Báo cáo năm\""),
                         _("--evidence: “%s” begins with no document's number"), text);
    return EXIT_DONE;
}

static int add_evidences(struct client *client, Pb__Score *score) {
    size_t count = arguments_count(&client->arguments, "evidence");
    int exit_status = EXIT_DONE;
    score->evidence = must(arena_alloc(client->arena, (count + 1) * sizeof(*score->evidence)));
    for (size_t i = 0; i < count && !exit_status; i++) {
        Pb__Evidence *evidence = must(arena_alloc(client->arena, sizeof(*evidence)));
        pb__evidence__init(evidence);
        score->evidence[score->n_evidence++] = evidence;
        exit_status = add_evidence(client, evidence, arguments_nth(&client->arguments, "evidence", i));
    }
    return exit_status;
}

int run_score(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Score score = PB__SCORE__INIT;
    int exit_status = add_lines(client, &score);
    if (!exit_status)
        exit_status = add_evidences(client, &score);
    if (exit_status)
        return exit_status;
    if (!client_period(client, &score.period) ||
        !client_text(client, "--note", client_flag(client, "note"), &score.note))
        return EXIT_REFUSED;
    request.body_case = PB__REQUEST__BODY_SCORE;
    request.score = &score;
    return client_ask(client, &request, PB__RESPONSE__BODY_SCORE, shape, &report);
}
