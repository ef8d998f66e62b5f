#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/suggest.h"
#include "client/usage.h"
#include "client/verbs.h"

static const struct verb *find(const char *name, size_t length) {
    for (const struct verb *verb = verbs; verb->name; verb++)
        if (strlen(verb->name) == length && !memcmp(verb->name, name, length))
            return verb;
    return NULL;
}

static bool is_group(const char *word) {
    size_t n = strlen(word);
    for (const struct verb *verb = verbs; verb->name; verb++)
        if (!strncmp(verb->name, word, n) && verb->name[n] == ' ')
            return true;
    return false;
}

static int say_unknown(const struct client *client, const char *first, const char *second) {
    bool group = second && is_group(first);
    char *hint = suggest_verb(verbs, group ? first : NULL, group ? second : first);
    say_error(&client->options, EXIT_USAGE, hint, _("there is no verb “%s%s%s”"), first, second ? " " : "",
              second ? second : "");
    free(hint);
    return EXIT_USAGE;
}

int run_help(struct client *client) {
    const char *first = client_operand(client, 0), *second = client_operand(client, 1);
    char *name = must_format("%s%s%s", first ? first : "", second ? " " : "", second ? second : "");
    const struct verb *verb = find(name, strlen(name));
    free(name);
    if (!first)
        usage_program(stdout);
    else if (verb)
        usage_verb(stdout, verb);
    else if (!second && is_group(first))
        usage_group(stdout, first);
    else
        return say_unknown(client, first, second);
    return listing_flush(&client->options, stdout);
}
