#include "client/client.h"

#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/value.h"
#include "client/points.h"
#include "client/session.h"
#include "client/spool_ask.h"
#include "proto/text.h"

// ---- the command line ----

static bool refuse_text(const struct client *client, const char *what, const char *why) {
    say_error(&client->options, EXIT_REFUSED, _("Write it as UTF-8 text on one line."), "%s %s", what, why);
    return false;
}

bool client_text(struct client *client, const char *what, const char *text, const char **wire) {
    *wire = NULL;
    if (!text)
        return true;
    char *normal = text_normalize(text);
    if (!normal)
        return refuse_text(client, what, _("is not UTF-8 text"));
    *wire = must(arena_strdup(client->arena, normal));
    free(normal);
    if (text_judge(*wire, strlen(*wire)) == TEXT_CONTROL)
        return refuse_text(client, what, _("holds a line break or another control character"));
    return true;
}

bool client_period(struct client *client, const char **period) {
    return client_text(client, "--period", client->options.period, period);
}

const char *client_operand(const struct client *client, size_t index) {
    return index < client->arguments.n_operands ? client->arguments.operands[index] : NULL;
}

const char *client_flag(const struct client *client, const char *name) {
    return arguments_value(&client->arguments, name);
}

int client_needs(struct client *client, const char *flag, const char *hint, const char **wire) {
    const char *text = client_flag(client, flag);
    if (!text || !text[strspn(text, " ")])
        return say_error(&client->options, EXIT_USAGE, hint, _("--%s is missing"), flag);
    char *name = must_format("--%s", flag);
    bool good = client_text(client, name, text, wire);
    free(name);
    return good ? EXIT_DONE : EXIT_REFUSED;
}

int client_may_say(struct client *client, const char *flag, const char *hint, const char **wire) {
    *wire = NULL;
    return arguments_given(&client->arguments, flag) ? client_needs(client, flag, hint, wire) : EXIT_DONE;
}

int client_reason(struct client *client, const char **reason) {
    return client_needs(client, "reason", _("Say why: --reason TEXT"), reason);
}

int client_pair(struct client *client, const char *text, const char **code, const char **value) {
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return say_error(&client->options, EXIT_USAGE, _("Write a criterion's code and its points: TC1=12,5"),
                         _("“%s” is not CODE=VALUE"), text);
    *value = equals + 1;
    char *before = must(arena_strdup(client->arena, text));
    before[equals - text] = 0;
    return client_text(client, text, before, code) ? EXIT_DONE : EXIT_REFUSED;
}

int client_points(const struct client *client, const char *what, const char *text, int32_t *points_cp) {
    enum points_verdict verdict = points_parse(text, points_cp);
    if (verdict == POINTS_GOOD)
        return EXIT_DONE;
    return say_error(&client->options, EXIT_REFUSED, _("Write points as 12,5 or 12.5."), "%s: “%s” %s", what, text,
                     points_complaint(verdict));
}

int client_revision(const struct client *client, protobuf_c_boolean *has, uint32_t *revision) {
    const char *text = client_flag(client, "if-revision");
    size_t n = text ? strspn(text, "0123456789") : 0;
    *has = text != NULL;
    if (!text)
        return EXIT_DONE;
    if (!n || n > 10 || text[n] || strtoll(text, NULL, 10) > UINT32_MAX)
        return say_error(&client->options, EXIT_USAGE, NULL, _("--if-revision takes a number, not “%s”"), text);
    *revision = (uint32_t)strtoul(text, NULL, 10);
    return EXIT_DONE;
}

uint32_t client_account(const struct client *client, const char *text) {
    const char *number = strncmp(text, "account:", 8) ? text : text + 8;
    size_t n = strspn(number, "0123456789");
    unsigned long long value = n && n <= 10 && !number[n] ? strtoull(number, NULL, 10) : 0;
    if (value && value <= UINT32_MAX)
        return (uint32_t)value;
    say_error(&client->options, EXIT_USAGE, _("List the accounts: thidua admin accounts"),
              _("“%s” is not the number of an account"), text);
    return 0;
}

// ---- sending again ----

static char *quoted(const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=.,:/_+-@%";
    if (*word && strspn(word, plain) == strlen(word))
        return must_strdup(word);
    char *out = must_alloc(4 * strlen(word) + 3), *at = out;
    *at++ = '\'';
    for (; *word; word++) {
        if (*word == '\'')
            at = stpcpy(at, "'\\''");
        else
            *at++ = *word;
    }
    *at = '\'';
    return out;
}

char *client_resend(const struct client *client) {
    char id[UUID_TEXT];
    char *line =
        client->options.has_id ? must_strdup("thidua") : must_format("thidua --id %s", uuid_text(id, client->id));
    for (char **word = client->argv + 1; *word; word++) {
        char *next = quoted(*word), *longer = must_format("%s %s", line, next);
        free(next);
        free(line);
        line = longer;
    }
    return line;
}

// ---- asking ----

struct gathering {
    struct client *client;
    client_shape *shape;
    const char *rows; // the key of the list that further frames add to
    json_t *answer;
    const Pb__Request *request;
    struct session *session; // NULL: not that of this program's own question
};

static int gather(void *ctx, const Pb__Response *response) {
    struct gathering *gathering = ctx;
    if (gathering->session && response->body_case == PB__RESPONSE__BODY_SHEET)
        spool_saw_sheet(gathering->client, gathering->session, gathering->request, response);
    json_t *part = gathering->shape(gathering->client, response);
    if (!gathering->answer) {
        gathering->answer = part;
        return EXIT_DONE;
    }
    json_t *rows = gathering->rows ? json_object_get(gathering->answer, gathering->rows) : NULL;
    if (rows && json_array_extend(rows, json_object_get(part, gathering->rows)))
        must(NULL);
    json_decref(part);
    return EXIT_DONE;
}

void client_submit(struct client *client, Pb__Request *request) {
    request->has_submission = true;
    request->submission = (ProtobufCBinaryData){.len = UUID_SIZE, .data = client->id};
}

int client_gather(struct client *client, Pb__Request *request, Pb__Response__BodyCase wanted, client_shape *shape,
                  const struct report *report, json_t **answer) {
    struct gathering gathering = {.client = client, .shape = shape, .request = request};
    gathering.rows = report->sections ? report->sections->rows : NULL;
    int exit_status;
    if (client->arguments.verb->writes && !client->asks) {
        client_submit(client, request);
        exit_status = spool_ask(client, request, wanted, gather, &gathering);
    } else {
        exit_status = session_open(client, &gathering.session);
        if (!exit_status)
            exit_status = session_ask(gathering.session, request, wanted, gather, &gathering);
        session_close(gathering.session);
    }
    *answer = gathering.answer;
    if (exit_status) {
        json_decref(*answer);
        *answer = NULL;
    }
    return exit_status;
}

int client_show(struct client *client, const struct report *report, const json_t *answer) {
    report_print(&client->options, stdout, report, answer);
    return listing_flush(&client->options, stdout);
}

int client_ask_next(struct client *client, Pb__Request *request, Pb__Response__BodyCase wanted, client_shape *shape,
                    const struct report *report, client_next *next) {
    json_t *answer;
    int exit_status = client_gather(client, request, wanted, shape, report, &answer);
    if (!exit_status)
        exit_status = client_show(client, report, answer);
    if (!exit_status && next)
        next(client, answer);
    json_decref(answer);
    return exit_status;
}

int client_ask(struct client *client, Pb__Request *request, Pb__Response__BodyCase wanted, client_shape *shape,
               const struct report *report) {
    return client_ask_next(client, request, wanted, shape, report, NULL);
}

json_t *client_written(const struct client *client, bool has_seq, uint64_t seq) {
    char id[UUID_TEXT];
    json_t *object = must(json_object());
    put(object, "seq", value_count(has_seq, seq));
    put(object, "id", value_text(uuid_text(id, client->id)));
    return object;
}
