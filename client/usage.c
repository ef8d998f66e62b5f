#include "client/usage.h"

#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/options.h"
#include "client/output/table.h"
#include "client/output/wrap.h"
#include "client/verbs.h"
#include "client/words.h"
#include "proto/text.h"

enum { WIDTH = 80, VERB_WIDTH = 45, FLAG_WIDTH = 38, BESIDE = 26, BELOW = 6 };

static size_t width_of(FILE *out) {
    size_t screen = table_screen(out);
    return screen ? screen : WIDTH;
}

// What a thing is called, and beside it, or below it where there is no room, what it is. Takes `name`.
static void print_pair(FILE *out, char *name, const char *meaning, size_t column) {
    size_t screen = width_of(out), used = text_width(name);
    if (used <= column && screen >= column + 1 + BESIDE) {
        table_pad(out, name, column);
        putc(' ', out);
        wrap_print(out, meaning, column + 1, screen);
    } else {
        wrap_print(out, name, BELOW, screen);
        fprintf(out, "%*s", BELOW, "");
        wrap_print(out, meaning, BELOW, screen);
    }
    free(name);
}

static void print_verb(FILE *out, const struct verb *verb) {
    print_pair(out, must_format("  %s%s%s", verb->name, *verb->operands ? " " : "", verb->operands), _(verb->summary),
               VERB_WIDTH);
}

static void print_flags(FILE *out, const struct flag *flags) {
    for (; flags && flags->name; flags++) {
        char letter[] = {'-', flags->letter, ',', ' ', 0};
        print_pair(out,
                   must_format("  %s--%s%s%s", flags->letter ? letter : "", flags->name, flags->value ? " " : "",
                               flags->value ? flags->value : ""),
                   _(flags->meaning), FLAG_WIDTH);
    }
}

static void print_line(FILE *out, char *line) {
    wrap_print(out, line, 0, width_of(out));
    free(line);
}

void usage_group(FILE *out, const char *group) {
    size_t n = strlen(group);
    print_line(out, must_format(_("usage: thidua [GLOBAL FLAGS] %s VERB [FLAGS] [OPERANDS]"), group));
    putc('\n', out);
    for (const struct verb *verb = verbs; verb->name; verb++)
        if (!strncmp(verb->name, group, n) && verb->name[n] == ' ')
            print_verb(out, verb);
    putc('\n', out);
    print_line(out, must_format(_("More on one verb: thidua %s VERB --help"), group));
}

void usage_program(FILE *out) {
    print_line(out, must_strdup(_("usage: thidua [GLOBAL FLAGS] VERB [FLAGS] [OPERANDS]")));
    putc('\n', out);
    for (const struct verb *verb = verbs; verb->name; verb++)
        print_verb(out, verb);
    fprintf(out, "\n%s\n", _("global flags:"));
    print_flags(out, options_flags);
    putc('\n', out);
    print_line(out, must_strdup(_("More on one verb: thidua VERB --help. The whole manual: man thidua")));
}

void usage_verb(FILE *out, const struct verb *verb) {
    print_line(out, must_format(_("usage: thidua [GLOBAL FLAGS] %s%s%s%s"), verb->name,
                                verb->flags ? _(" [FLAGS]") : "", *verb->operands ? " " : "", verb->operands));
    putc('\n', out);
    print_line(out, must_format("%s.", _(verb->summary)));
    if (verb->flags)
        putc('\n', out);
    print_flags(out, verb->flags);
    fprintf(out, _("\nexample: thidua %s\n"), verb->example);
    fprintf(out, "\n%s\n", _("The global flags: thidua --help"));
}
