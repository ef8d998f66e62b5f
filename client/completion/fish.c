#include <stdlib.h>

#include "client/completion/groups.h"
#include "client/completion/shells.h"
#include "client/completion/values.h"
#include "client/memory.h"
#include "client/options.h"
#include "client/verbs.h"
#include "client/words.h"

static void print_quoted(FILE *out, const char *text) {
    putc('\'', out);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            putc('\\', out);
        putc(*text, out);
    }
    putc('\'', out);
}

static void print_word(FILE *out, const char *after, const char *word, const char *meaning) {
    fprintf(out, "complete -c thidua -n '__thidua_is \"%s\"' -a %s -d ", after, word);
    print_quoted(out, meaning);
    putc('\n', out);
}

static void print_values(FILE *out, struct values values) {
    if (values.file)
        fputs(" -r -F", out);
    else if (*values.words)
        fprintf(out, " -x -a '%s'", values.words);
}

// Flags that take a value which cannot be listed take no file either.
static void print_flags(FILE *out, const char *condition, const struct flag *flags) {
    for (; flags && flags->name; flags++) {
        struct values values = values_of(flags->value ? flags->value : "");
        fprintf(out, "complete -c thidua%s -l %s", condition, flags->name);
        if (flags->letter)
            fprintf(out, " -s %c", flags->letter);
        if (flags->value && !values.file && !*values.words)
            fputs(" -x", out);
        print_values(out, values);
        fputs(" -d ", out);
        print_quoted(out, _(flags->meaning));
        putc('\n', out);
        free(values.words);
    }
}

static void print_operands(FILE *out, const struct verb *verb) {
    struct values values = values_of_operands(verb);
    if (values.file)
        fprintf(out, "complete -c thidua -n '__thidua_is \"%s\"' -F\n", verb->name);
    else if (*values.words)
        fprintf(out, "complete -c thidua -n '__thidua_is \"%s\"' -a '%s'\n", verb->name, values.words);
    free(values.words);
}

static void print_verb(FILE *out, const struct verb *verb) {
    char *condition = must_format(" -n '__thidua_is \"%s\"'", verb->name);
    char *group = group_begun(verb), *members = group ? group_members(group) : NULL;
    const char *second = group_member(verb);
    char *first = must_format("%.*s", second ? (int)(second - verb->name) - 1 : 0, verb->name);
    if (group)
        print_word(out, "", group, members);
    print_word(out, first, second ? second : verb->name, _(verb->summary));
    free(first);
    print_flags(out, condition, verb->flags);
    print_operands(out, verb);
    free(members);
    free(group);
    free(condition);
}

static void print_scan(FILE *out) {
    fputs("# fish completion for thidua; printed by: thidua completion fish\n"
          "function __thidua_is\n"
          "    set -l verb\n"
          "    set -l skip 0\n"
          "    for word in (commandline -opc)[2..]\n"
          "        if test $skip = 1\n"
          "            set skip 0\n"
          "            continue\n"
          "        end\n"
          "        switch $word\n"
          "            case ",
          out);
    group_print_flags(out, " ");
    fputs("\n                set skip 1\n"
          "            case '-*' help\n"
          "            case '*'\n"
          "                switch \"$verb\"\n"
          "                    case ''",
          out);
    for (const struct verb *verb = verbs; verb->name; verb++) {
        char *group = group_begun(verb);
        if (group)
            fprintf(out, " %s", group);
        free(group);
    }
    fputs("\n                        set -a verb $word\n"
          "                end\n"
          "        end\n"
          "    end\n"
          "    test \"$verb\" = \"$argv\"\n"
          "end\n"
          "complete -c thidua -f\n",
          out);
}

void completion_fish(FILE *out) {
    print_scan(out);
    print_flags(out, "", options_flags);
    for (const struct verb *verb = verbs; verb->name; verb++)
        print_verb(out, verb);
}
