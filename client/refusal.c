#include "client/refusal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "client/instant.h"
#include "client/language.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/points.h"
#include "client/say.h"
#include "client/words.h"
#include "proto/reasons.h"

// The arguments of one problem as people read them.
struct texts {
    const Pb__Problem *problem;
    char **texts;
};

static const int exits[] = {
    [PB__STATUS__OK] = EXIT_PROTOCOL, // a refusal that is none
    [PB__STATUS__UNAUTHENTICATED] = EXIT_NOT_PERMITTED,
    [PB__STATUS__PERMISSION_DENIED] = EXIT_NOT_PERMITTED,
    [PB__STATUS__INVALID_ARGUMENT] = EXIT_REFUSED,
    [PB__STATUS__NOT_FOUND] = EXIT_REFUSED,
    [PB__STATUS__CONFLICT] = EXIT_CONFLICT,
    [PB__STATUS__FAILED_PRECONDITION] = EXIT_REFUSED,
    [PB__STATUS__RESOURCE_EXHAUSTED] = EXIT_NOT_REACHED,
    [PB__STATUS__UNAVAILABLE] = EXIT_NOT_REACHED,
    [PB__STATUS__INTERNAL] = EXIT_DEFECT,
};

// Reasons whose exit status is not that of their status.
static const struct exception {
    const char *reason;
    int exit_status;
} exceptions[] = {
    {"PERIOD_NOT_CHOSEN", EXIT_USAGE}, {"VERSION_UNSUPPORTED", EXIT_PROTOCOL}, {"FRAME_BAD", EXIT_PROTOCOL},
    {"MESSAGE_BAD", EXIT_PROTOCOL},    {"NOT_CANONICAL", EXIT_PROTOCOL},       {"UNKNOWN_FIELD", EXIT_PROTOCOL},
    {"NO_BODY", EXIT_PROTOCOL},
};

int refusal_exit(const Pb__Response *response) {
    const char *reason = response->n_problems ? response->problems[0]->reason : NULL;
    for (size_t i = 0; reason && i < sizeof(exceptions) / sizeof(*exceptions); i++)
        if (!strcmp(exceptions[i].reason, reason))
            return exceptions[i].exit_status;
    if (response->status < 0 || (size_t)response->status >= sizeof(exits) / sizeof(*exits))
        return EXIT_PROTOCOL;
    return exits[response->status];
}

// Reasons whose "state" and "needed" are words of another kind than a period's state, or whose "value" is such a word.
static const struct kind {
    const char *reason, *kind;
    bool value;
} kinds[] = {
    {"ROLE_NOT_PERMITTED", "role", false}, {"SHEET_STATE", "sheet", false},
    {"ADVANCE_NOT_FINAL", "sheet", false}, {"FINALIZE_NOT_HANDED_IN", "sheet", false},
    {"ADVANCE_NOT_NEXT", "state", true},
};

// Roles and states are said in words; other texts stand as they are.
static char *words_of(const Pb__Problem *problem, const Pb__Argument *argument) {
    const char *name = argument->name ? argument->name : "", *text = argument->text ? argument->text : "";
    struct kind kind = {.kind = "state"};
    for (size_t i = 0; problem->reason && i < sizeof(kinds) / sizeof(*kinds); i++)
        if (!strcmp(kinds[i].reason, problem->reason))
            kind = kinds[i];
    if (!strcmp(name, "role"))
        return language_words("role", text);
    bool word = !strcmp(name, "needed") || !strcmp(name, "state") || (kind.value && !strcmp(name, "value"));
    return word ? language_words(kind.kind, text) : must_strdup(text);
}

// Deadlines travel as the first instant that is late, and are read as the last one in time.
static int64_t time_as_read(const Pb__Problem *problem, const Pb__Argument *argument) {
    static const char *const deadlines[] = {"UNTIL_NOT_LATER", "UNTIL_PASSED", "DEADLINE_PASSED"};
    for (size_t i = 0; problem->reason && i < sizeof(deadlines) / sizeof(*deadlines); i++)
        if (!strcmp(deadlines[i], problem->reason))
            return instant_last_second(argument->time_ms);
    return argument->time_ms;
}

static char *argument_text(const struct options *options, const Pb__Problem *problem, const Pb__Argument *argument) {
    char text[INSTANT_TEXT];
    switch (argument->value_case) {
    case PB__ARGUMENT__VALUE_TEXT:
        return words_of(problem, argument);
    case PB__ARGUMENT__VALUE_NUMBER:
        return must_format("%" PRId64, argument->number);
    case PB__ARGUMENT__VALUE_POINTS_CP:
        return must_strdup(points_for_people(text, argument->points_cp, options_mark(options)));
    case PB__ARGUMENT__VALUE_TIME_MS:
        return must_strdup(instant_for_people(text, time_as_read(problem, argument)));
    default:
        return must_strdup("?");
    }
}

static json_t *argument_value(const Pb__Problem *problem, const Pb__Argument *argument) {
    switch (argument->value_case) {
    case PB__ARGUMENT__VALUE_TEXT:
        return value_text(argument->text);
    case PB__ARGUMENT__VALUE_NUMBER:
        return value_number(true, argument->number);
    case PB__ARGUMENT__VALUE_POINTS_CP:
        return value_points(true, argument->points_cp);
    case PB__ARGUMENT__VALUE_TIME_MS:
        return value_time(true, time_as_read(problem, argument));
    default:
        return json_null();
    }
}

static const char *look_up(void *ctx, const char *name) {
    const struct texts *texts = ctx;
    for (size_t i = 0; i < texts->problem->n_arguments; i++)
        if (texts->problem->arguments[i]->name && !strcmp(texts->problem->arguments[i]->name, name))
            return texts->texts[i];
    return NULL;
}

static char *fill_in(const char *template, struct texts *texts) {
    size_t size = reason_format(NULL, 0, template, look_up, texts);
    char *text = must_alloc(size + 1);
    reason_format(text, size + 1, template, look_up, texts);
    return text;
}

// Reasons that read otherwise where an argument is 0.
static const struct rewording {
    const char *reason, *argument;
    const char *text, *hint; // NULL: as ever
} rewordings[] = {
    {"PERIOD_NOT_CHOSEN", "count", N_("No period is named, and none is open to this account."), NULL},
    {"AT_BEFORE", "value", N_("Nothing had been recorded by then; {period} was defined by entry {limit}."),
     N_("Name a later time: --at TIME")},
};

static bool is_zero(const Pb__Problem *problem, const char *name) {
    for (size_t i = 0; i < problem->n_arguments; i++) {
        const Pb__Argument *argument = problem->arguments[i];
        if (argument->name && !strcmp(argument->name, name))
            return argument->value_case == PB__ARGUMENT__VALUE_NUMBER && !argument->number;
    }
    return false;
}

// The reason's texts, as they are for these arguments.
static struct reason_entry entry_of(const Pb__Problem *problem, const struct reason_entry *known) {
    struct reason_entry entry = *known;
    for (size_t i = 0; i < sizeof(rewordings) / sizeof(*rewordings); i++) {
        const struct rewording *rewording = &rewordings[i];
        if (strcmp(rewording->reason, problem->reason) || !is_zero(problem, rewording->argument))
            continue;
        entry.text = rewording->text;
        entry.hint = rewording->hint ? rewording->hint : entry.hint;
    }
    return entry;
}

// A reason of a newer server: its arguments say what there is to say.
static char *without_template(const struct texts *texts) {
    char *text = must_strdup(_("the server refuses this"));
    for (size_t i = 0; i < texts->problem->n_arguments; i++) {
        const char *name = texts->problem->arguments[i]->name;
        char *longer = must_format("%s%s %s=%s", text, i ? "," : ":", name ? name : "?", texts->texts[i]);
        free(text);
        text = longer;
    }
    return text;
}

// What was perhaps meant is the better hint.
static char *hint_of(const struct reason_entry *entry, struct texts *texts) {
    const char *near = look_up(texts, "near");
    if (near && *near)
        return must_format(_("Did you mean: %s"), near);
    return entry && *entry->hint ? fill_in(_(entry->hint), texts) : NULL;
}

void refusal_complaint(const struct options *options, const Pb__Response *response, const Pb__Problem *problem,
                       struct complaint *complaint) {
    const struct reason_entry *known = problem->reason ? reason_by_code(problem->reason) : NULL;
    struct reason_entry entry = known ? entry_of(problem, known) : (struct reason_entry){0};
    struct texts texts = {.problem = problem, .texts = must_alloc(problem->n_arguments * sizeof(char *))};
    complaint->status = status_name(response->status);
    complaint->reason = problem->reason ? problem->reason : "UNKNOWN";
    complaint->arguments = must(json_object());
    for (size_t i = 0; i < problem->n_arguments; i++) {
        const Pb__Argument *argument = problem->arguments[i];
        texts.texts[i] = argument_text(options, problem, argument);
        put(complaint->arguments, argument->name ? argument->name : "?", argument_value(problem, argument));
    }
    complaint->message = known ? fill_in(_(entry.text), &texts) : without_template(&texts);
    complaint->hint = hint_of(known ? &entry : NULL, &texts);
    for (size_t i = 0; i < problem->n_arguments; i++)
        free(texts.texts[i]);
    free(texts.texts);
}

static void say_bare(const struct options *options, const Pb__Response *response) {
    struct complaint complaint = {.status = status_name(response->status), .reason = status_name(response->status)};
    complaint.message = must_strdup(_("the server refuses this and gives no reason"));
    say_complaints(options, &complaint, 1);
    complaint_free(&complaint);
}

int refusal_say(const struct options *options, const Pb__Response *response) {
    size_t count = response->n_problems;
    struct complaint *complaints = must_alloc(count * sizeof(*complaints));
    for (size_t i = 0; i < count; i++)
        refusal_complaint(options, response, response->problems[i], &complaints[i]);
    if (count)
        say_complaints(options, complaints, count);
    else
        say_bare(options, response);
    for (size_t i = 0; i < count; i++)
        complaint_free(&complaints[i]);
    free(complaints);
    return refusal_exit(response);
}
