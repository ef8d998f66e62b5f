#include "client/agree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static bool person_agrees(const char *question) {
    static const char *const words[] = {"y", "yes", "c", "có", "co", NULL};
    char line[64] = "";
    fprintf(stderr, "%s [y/N] ", question);
    if (!fgets(line, sizeof(line), stdin))
        return false;
    line[strcspn(line, "\r\n")] = 0;
    for (size_t i = 0; words[i]; i++)
        if (!strcasecmp(line, words[i]))
            return true;
    return false;
}

bool agree_asks(const struct client *client) {
    return !arguments_given(&client->arguments, "yes") && !client->options.no_input && isatty(STDIN_FILENO);
}

int agree_ask(const struct client *client, const char *question, const char *unasked, const char *declined) {
    if (arguments_given(&client->arguments, "yes"))
        return EXIT_DONE;
    if (!agree_asks(client))
        return say_error(&client->options, EXIT_USAGE, _("Say that it is meant: --yes"), "%s", unasked);
    return person_agrees(question) ? EXIT_DONE : say_error(&client->options, EXIT_NEGATIVE, NULL, "%s", declined);
}
