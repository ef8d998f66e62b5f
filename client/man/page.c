// Makes a manual page's source: copies a template of scdoc's, and puts in the place of a line @NAME@ what the
// program's own tables say, in the language given.
//
//     man-page en|vi TEMPLATE > PAGE.scd
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/exit_status.h"
#include "client/language.h"
#include "client/memory.h"
#include "client/options.h"
#include "client/refusal.h"
#include "client/verbs.h"
#include "proto/reasons.h"
#include "proto/version.h"

// What scdoc would take for its own marks is escaped.
static void put_text(const char *text) {
    for (; *text; text++) {
        if (strchr("\\*_[]|#-<>", *text))
            putchar('\\');
        putchar(*text);
    }
}

static void put_marked(const char *mark, const char *text) {
    fputs(mark, stdout);
    put_text(text);
    fputs(mark, stdout);
}

static void put_flags(const struct flag *flags, const char *indent) {
    for (; flags && flags->name; flags++) {
        fputs(indent, stdout);
        if (flags->letter)
            printf("*\\-%c*, ", flags->letter);
        char *name = must_format("--%s", flags->name);
        put_marked("*", name);
        free(name);
        if (flags->value)
            putchar(' ');
        put_text(flags->value ? flags->value : "");
        printf("\n%s\t", indent);
        put_text(_(flags->meaning));
        fputs(".\n\n", stdout);
    }
}

static void put_global_flags(void) {
    put_flags(options_flags, "");
}

static void put_verb(const struct verb *verb) {
    put_marked("*", verb->name);
    fputs(*verb->operands ? " " : "", stdout);
    put_text(verb->operands);
    fputs("\n\t", stdout);
    put_text(_(verb->summary));
    fputs(".\n\n", stdout);
    put_flags(verb->flags, "\t");
    char *example = must_format("thidua %s", verb->example);
    putchar('\t');
    put_text(_("Example:"));
    putchar(' ');
    put_text(example);
    fputs("\n\n", stdout);
    free(example);
}

static void put_verbs(void) {
    for (const struct verb *verb = verbs; verb->name; verb++)
        put_verb(verb);
}

static void put_exits(void) {
    for (const struct exit_meaning *one = exit_meanings; one->meaning; one++) {
        printf("*%d*\n\t", one->exit_status);
        put_text(_(one->meaning));
        fputs(".\n\n", stdout);
    }
}

// Reasons go by their status, and that by what the client exits with.
static void put_reasons(void) {
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        const struct reason_entry *entry = reason_entry((enum reason)reason);
        Pb__Problem problem = PB__PROBLEM__INIT, *problems[] = {&problem};
        Pb__Response response = PB__RESPONSE__INIT;
        problem.reason = entry->code;
        response.status = entry->status;
        response.n_problems = 1;
        response.problems = problems;
        put_marked("*", entry->code);
        fputs(" (", stdout);
        put_text(status_name(entry->status));
        printf(", %d)\n\t", refusal_exit(&response));
        put_text(_(entry->text));
        putchar(' ');
        put_text(*entry->hint ? _(entry->hint) : "");
        fputs("\n\n", stdout);
    }
}

static const struct table {
    const char *name;
    void (*put)(void);
} tables[] = {
    {"@flags@\n", put_global_flags},
    {"@verbs@\n", put_verbs},
    {"@exits@\n", put_exits},
    {"@reasons@\n", put_reasons},
};

static void put_line(const char *line) {
    const char *version = strstr(line, "@version@");
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
        if (!strcmp(tables[i].name, line)) {
            tables[i].put();
            return;
        }
    }
    if (version)
        printf("%.*s" THIDUA_VERSION "%s", (int)(version - line), line, version + strlen("@version@"));
    else
        fputs(line, stdout);
}

int main(int argc, char **argv) {
    char *line = NULL;
    size_t room = 0;
    FILE *template = argc == 3 ? fopen(argv[2], "re") : NULL;
    if (!template) {
        fputs("usage: man-page en|vi TEMPLATE\n", stderr);
        return EXIT_USAGE;
    }
    language_use(!strcmp(argv[1], "vi"));
    while (getline(&line, &room, template) > 0)
        put_line(line);
    free(line);
    fclose(template);
    return fflush(stdout) || ferror(stdout) ? EXIT_NO_OUTPUT : EXIT_DONE;
}
