#include <stdlib.h>
#include <string.h>

#include "client/completion/shells.h"
#include "client/verbs.h"

static const struct shell {
    const char *name;
    void (*print)(FILE *out);
} shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

int run_completion(struct client *client) {
    const char *name = client_operand(client, 0);
    for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++) {
        if (strcmp(shells[i].name, name) != 0)
            continue;
        shells[i].print(stdout);
        return listing_flush(&client->options, stdout);
    }
    return say_error(&client->options, EXIT_USAGE, _("One of: bash, zsh, fish"), _("“%s” is no shell that is known"),
                     name);
}
