#include "client/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/suggest.h"
#include "client/words.h"

struct parser {
    struct arguments *out;
    const struct flag *global;
    const struct verb *verbs;
    char **argv;
    int argc, at;
};

// Only the first thing that is wrong is told; the rest of the line is still read for -o and --lang.
static void wrong(struct arguments *out, char *what, char *hint) {
    if (out->wrong) {
        free(what);
        free(hint);
        return;
    }
    out->wrong = what;
    out->hint = hint;
}

static bool in_group(const struct verb *verb, const char *word) {
    size_t n = strlen(word);
    return !strncmp(verb->name, word, n) && verb->name[n] == ' ';
}

static const struct verb *find_verb(const struct verb *verbs, const char *name) {
    for (; verbs->name; verbs++)
        if (!strcmp(verbs->name, name))
            return verbs;
    return NULL;
}

static void take_verb(struct parser *parser, const char *word) {
    struct arguments *out = parser->out;
    char *name = out->group ? must_format("%s %s", out->group, word) : must_strdup(word);
    out->verb = find_verb(parser->verbs, name);
    if (!out->verb && !out->group)
        for (const struct verb *verb = parser->verbs; verb->name; verb++)
            if (in_group(verb, word))
                out->group = word;
    if (!out->verb && out->group != word)
        wrong(out, must_format(_("there is no verb “%s”"), name), suggest_verb(parser->verbs, out->group, word));
    free(name);
}

static void take_operand(struct parser *parser, const char *word) {
    struct arguments *out = parser->out;
    if (!out->verb && !out->wrong)
        take_verb(parser, word);
    else if (out->verb)
        out->operands[out->n_operands++] = word;
}

static const struct flag *find_flag(const struct flag *flags, const char *name, size_t length, char letter) {
    for (; flags && flags->name; flags++)
        if (name ? strlen(flags->name) == length && !memcmp(flags->name, name, length)
                 : letter && flags->letter == letter)
            return flags;
    return NULL;
}

static void add_value(struct arguments *out, const struct flag *flag, const char *value) {
    if (!flag->repeats && arguments_given(out, flag->name))
        wrong(out, must_format(_("--%s is given twice"), flag->name), NULL);
    out->values[out->n_values++] = (struct flag_value){.flag = flag, .value = value};
}

static void give_value(struct parser *parser, const struct flag *flag, const char *attached) {
    struct arguments *out = parser->out;
    if (!flag->value && attached)
        wrong(out, must_format(_("--%s takes no value"), flag->name), NULL);
    else if (!flag->value || attached)
        add_value(out, flag, attached);
    else if (parser->at < parser->argc)
        add_value(out, flag, parser->argv[parser->at++]);
    else
        wrong(out, must_format(_("--%s needs a value: %s"), flag->name, flag->value), NULL);
}

static void unknown_flag(struct parser *parser, const char *word) {
    char *hint = suggest_flag(parser->global, parser->out->verb, word + strspn(word, "-"));
    wrong(parser->out, must_format(_("unknown flag %s"), word), hint);
}

// Help and the version are wanted whatever operands stand beside them.
static void give_flag(struct parser *parser, const struct flag *flag, const char *attached) {
    give_value(parser, flag, attached);
    parser->out->help = parser->out->help || !strcmp(flag->name, "help");
    parser->out->version = parser->out->version || !strcmp(flag->name, "version");
}

static void take_long(struct parser *parser, const char *word) {
    const char *name = word + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const struct verb *verb = parser->out->verb;
    const struct flag *flag = find_flag(parser->global, name, length, 0);
    if (!flag && verb)
        flag = find_flag(verb->flags, name, length, 0);
    if (flag)
        give_flag(parser, flag, equals ? equals + 1 : NULL);
    else
        unknown_flag(parser, word);
}

static void take_short(struct parser *parser, const char *word) {
    const struct flag *flag = find_flag(parser->global, NULL, 0, word[1]);
    const char *attached = word[2] ? word + 2 + (word[2] == '=') : NULL;
    if (flag && (flag->value || !attached))
        give_flag(parser, flag, attached);
    else
        unknown_flag(parser, word);
}

static void check_operands(struct arguments *out) {
    const struct verb *verb = out->verb;
    if (!verb || out->help || out->version)
        return;
    if (out->n_operands < verb->least)
        wrong(out, must_format(_("%s needs more: thidua %s %s"), verb->name, verb->name, verb->operands), NULL);
    else if (out->n_operands > verb->most)
        wrong(out, must_format(_("%s does not take “%s”"), verb->name, out->operands[verb->most]),
              must_format(_("See: thidua %s --help"), verb->name));
}

void arguments_parse(struct arguments *out, int argc, char **argv, const struct flag *global,
                     const struct verb *verbs) {
    struct parser parser = {.out = out, .global = global, .verbs = verbs, .argv = argv, .argc = argc, .at = 1};
    bool flags_ended = false;
    *out = (struct arguments){
        .operands = must_alloc(sizeof(*out->operands) * (size_t)(argc + 1)),
        .values = must_alloc(sizeof(*out->values) * (size_t)(argc + 1)),
    };
    while (parser.at < argc) {
        const char *word = argv[parser.at++];
        if (flags_ended || word[0] != '-' || !word[1])
            take_operand(&parser, word);
        else if (!strcmp(word, "--"))
            flags_ended = true;
        else if (word[1] == '-')
            take_long(&parser, word);
        else
            take_short(&parser, word);
    }
    check_operands(out);
}

void arguments_free(struct arguments *arguments) {
    free(arguments->operands);
    free(arguments->values);
    free(arguments->wrong);
    free(arguments->hint);
}

const char *arguments_nth(const struct arguments *arguments, const char *name, size_t index) {
    for (size_t i = 0; i < arguments->n_values; i++)
        if (!strcmp(arguments->values[i].flag->name, name) && index-- == 0)
            return arguments->values[i].value;
    return NULL;
}

size_t arguments_count(const struct arguments *arguments, const char *name) {
    size_t count = 0;
    for (size_t i = 0; i < arguments->n_values; i++)
        count += !strcmp(arguments->values[i].flag->name, name);
    return count;
}

bool arguments_given(const struct arguments *arguments, const char *name) {
    return arguments_count(arguments, name) > 0;
}

const char *arguments_value(const struct arguments *arguments, const char *name) {
    return arguments_nth(arguments, name, 0);
}
