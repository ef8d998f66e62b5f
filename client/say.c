#include "client/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/value.h"
#include "client/words.h"

// How this program's own complaints are named in machine output.
static const struct own {
    int exit_status;
    const char *status, *reason;
} owns[] = {
    {EXIT_USAGE, "INVALID_ARGUMENT", "USAGE"},
    {EXIT_REFUSED, "INVALID_ARGUMENT", "BAD_DATA"},
    {EXIT_NO_INPUT, "NOT_FOUND", "NO_INPUT"},
    {EXIT_NOT_REACHED, "UNAVAILABLE", "NOT_REACHED"},
    {EXIT_DEFECT, "INTERNAL", "CLIENT_DEFECT"},
    {EXIT_NO_OUTPUT, "RESOURCE_EXHAUSTED", "CANNOT_WRITE"},
    {EXIT_SPOOLED, "UNAVAILABLE", "KEPT_IN_SPOOL"},
    {EXIT_PROTOCOL, "INTERNAL", "PROTOCOL"},
    {EXIT_NOT_PERMITTED, "PERMISSION_DENIED", "NOT_PERMITTED"},
    {EXIT_CONFIGURATION, "FAILED_PRECONDITION", "CONFIGURATION"},
    {EXIT_UNKNOWN, "UNAVAILABLE", "OUTCOME_UNKNOWN"},
    {EXIT_INTERRUPTED, "UNAVAILABLE", "INTERRUPTED"},
};

static const struct own *own(int exit_status) {
    for (size_t i = 0; i < sizeof(owns) / sizeof(*owns); i++)
        if (owns[i].exit_status == exit_status)
            return &owns[i];
    return &owns[4];
}

char *say_harmless(const char *text) {
    char *copy = must_strdup(text);
    for (unsigned char *at = (unsigned char *)copy; *at; at++) {
        bool c1 = at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0;
        if (*at < 0x20 || *at == 0x7f)
            *at = '?';
        if (c1)
            at[0] = at[1] = '?';
    }
    return copy;
}

static json_t *as_json(const struct complaint *complaint) {
    json_t *object = must(json_object());
    put(object, "status", value_text(complaint->status));
    put(object, "reason", value_text(complaint->reason));
    put(object, "message", value_text(complaint->message));
    put(object, "hint", value_text(complaint->hint && *complaint->hint ? complaint->hint : NULL));
    if (complaint->arguments)
        put(object, "arguments", json_incref(complaint->arguments));
    return object;
}

static void say_json(const struct complaint *complaints, size_t count) {
    json_t *object = as_json(&complaints[0]);
    if (count > 1) {
        json_t *all = must(json_array());
        for (size_t i = 0; i < count; i++)
            if (json_array_append_new(all, as_json(&complaints[i])))
                must(NULL);
        put(object, "problems", all);
    }
    char *text = must(json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15)));
    fprintf(stderr, "%s\n", text);
    free(text);
    json_decref(object);
}

// `next` (NULL: there is none) may give the same hint, which is then said once, below it.
static void say_text(const struct complaint *complaint, const struct complaint *next) {
    char *message = say_harmless(complaint->message);
    char *reason = say_harmless(complaint->reason);
    fprintf(stderr, "thidua: %s (%s)\n", message, reason);
    free(message);
    free(reason);
    if (!complaint->hint || !*complaint->hint || (next && next->hint && !strcmp(next->hint, complaint->hint)))
        return;
    char *hint = say_harmless(complaint->hint);
    fprintf(stderr, "  %s: %s\n", _("hint"), hint);
    free(hint);
}

static void listen(struct heard *heard, const struct complaint *complaints, size_t count) {
    heard->complaints = must_grow(heard->complaints, heard->count + count, sizeof(*heard->complaints));
    for (size_t i = 0; i < count; i++)
        heard->complaints[heard->count++] =
            (struct complaint){.status = must_strdup(complaints[i].status),
                               .reason = must_strdup(complaints[i].reason),
                               .message = must_strdup(complaints[i].message),
                               .hint = complaints[i].hint ? must_strdup(complaints[i].hint) : NULL,
                               .arguments = json_incref(complaints[i].arguments)};
}

void heard_say(const struct options *options, const struct heard *heard) {
    if (heard->count)
        say_complaints(options, heard->complaints, heard->count);
}

const char *heard_message(const struct heard *heard) {
    return heard->count ? heard->complaints[0].message : "";
}

void heard_forget(struct heard *heard) {
    for (size_t i = 0; i < heard->count; i++) {
        free((char *)heard->complaints[i].status);
        free((char *)heard->complaints[i].reason);
        complaint_free(&heard->complaints[i]);
    }
    free(heard->complaints);
    *heard = (struct heard){0};
}

void say_complaints(const struct options *options, const struct complaint *complaints, size_t count) {
    if (options->heard) {
        listen(options->heard, complaints, count);
        return;
    }
    fflush(stdout);
    if (options->output == OUTPUT_JSON || options->output == OUTPUT_NDJSON) {
        say_json(complaints, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        say_text(&complaints[i], i + 1 < count ? &complaints[i + 1] : NULL);
}

void complaint_free(struct complaint *complaint) {
    free(complaint->message);
    free(complaint->hint);
    json_decref(complaint->arguments);
}

static int say_own(const struct options *options, int exit_status, const char *reason, const char *hint,
                   const char *format, va_list list) {
    struct complaint complaint = {.status = own(exit_status)->status, .reason = reason};
    if (vasprintf(&complaint.message, format, list) < 0)
        must(NULL);
    complaint.hint = hint ? must_strdup(hint) : NULL;
    say_complaints(options, &complaint, 1);
    complaint_free(&complaint);
    return exit_status;
}

int say_error(const struct options *options, int exit_status, const char *hint, const char *format, ...) {
    va_list list;
    va_start(list, format);
    say_own(options, exit_status, own(exit_status)->reason, hint, format, list);
    va_end(list);
    return exit_status;
}

int say_reason(const struct options *options, int exit_status, const char *reason, const char *hint, const char *format,
               ...) {
    va_list list;
    va_start(list, format);
    say_own(options, exit_status, reason, hint, format, list);
    va_end(list);
    return exit_status;
}

int say_lines(const struct options *options, int exit_status, const char *hint, const char *text) {
    size_t count = 0;
    struct complaint *complaints = must_alloc((strlen(text) / 2 + 1) * sizeof(*complaints));
    for (const char *line = text; *line; line += strspn(line, "\n")) {
        size_t length = strcspn(line, "\n");
        complaints[count++] = (struct complaint){.status = own(exit_status)->status,
                                                 .reason = own(exit_status)->reason,
                                                 .message = must_format("%.*s", (int)length, line),
                                                 .hint = hint ? must_strdup(hint) : NULL};
        line += length;
    }
    say_complaints(options, complaints, count);
    for (size_t i = 0; i < count; i++)
        complaint_free(&complaints[i]);
    free(complaints);
    return exit_status;
}

static void say_aside(const char *format, va_list list) {
    char *text = NULL;
    if (vasprintf(&text, format, list) < 0)
        must(NULL);
    char *harmless = say_harmless(text);
    fprintf(stderr, "thidua: %s\n", harmless);
    free(harmless);
    free(text);
}

void say_warning(const struct options *options, const char *format, ...) {
    va_list list;
    va_start(list, format);
    if (!options->quiet)
        say_aside(format, list);
    va_end(list);
}

void say_notice(const struct options *options, const char *format, ...) {
    va_list list;
    va_start(list, format);
    if (!options->quiet && options->output == OUTPUT_TABLE)
        say_aside(format, list);
    va_end(list);
}
