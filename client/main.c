#include <signal.h>
#include <stdlib.h>

#include "client/instant.h"
#include "client/language.h"
#include "client/memory.h"
#include "client/usage.h"
#include "client/verbs.h"

enum { REQUEST_BUDGET = 64 * 1024 * 1024 };

static int say_usage(struct client *client) {
    const struct arguments *arguments = &client->arguments;
    if (arguments->wrong)
        return say_error(&client->options, EXIT_USAGE, arguments->hint, "%s", arguments->wrong);
    if (arguments->group)
        usage_group(stderr, arguments->group);
    else
        usage_program(stderr);
    return EXIT_USAGE;
}

static int say_help(struct client *client) {
    const struct arguments *arguments = &client->arguments;
    if (arguments->verb)
        usage_verb(stdout, arguments->verb);
    else if (arguments->group)
        usage_group(stdout, arguments->group);
    else
        usage_program(stdout);
    return listing_flush(&client->options, stdout);
}

static int say_version(struct client *client) {
    puts(CLIENT_PROGRAM);
    return listing_flush(&client->options, stdout);
}

static int run_verb(struct client *client) {
    if (client->options.has_id)
        for (size_t i = 0; i < UUID_SIZE; i++)
            client->id[i] = client->options.id[i];
    else if (!uuid_new(client->id, instant_now()))
        return say_error(&client->options, EXIT_DEFECT, NULL, _("the system gives no random bytes"));
    client->arena = must(arena_new(REQUEST_BUDGET));
    int exit_status = client->arguments.verb->run(client);
    arena_free(client->arena);
    return exit_status;
}

static int run(struct client *client) {
    char *wrong = options_take(&client->options, &client->arguments);
    int exit_status;
    if (!client->arguments.wrong && client->arguments.help)
        exit_status = say_help(client);
    else if (!client->arguments.wrong && client->arguments.version)
        exit_status = say_version(client);
    else if (client->arguments.wrong || (!client->arguments.verb && !wrong))
        exit_status = say_usage(client);
    else if (wrong)
        exit_status = say_error(&client->options, EXIT_USAGE, _("See: thidua --help"), "%s", wrong);
    else
        exit_status = run_verb(client);
    free(wrong);
    return exit_status;
}

// The line is read once for the language alone: what is wrong with it is then said in that language.
static void choose_language(int argc, char **argv) {
    struct arguments arguments;
    struct options options;
    arguments_parse(&arguments, argc, argv, options_flags, verbs);
    free(options_take(&options, &arguments));
    language_use(options.vietnamese);
    arguments_free(&arguments);
}

int main(int argc, char **argv) {
    struct client client = {.argv = argv};
    signal(SIGPIPE, SIG_IGN);
    choose_language(argc, argv);
    arguments_parse(&client.arguments, argc, argv, options_flags, verbs);
    int exit_status = run(&client);
    arguments_free(&client.arguments);
    return exit_status;
}
