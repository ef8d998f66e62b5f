// What one run of the program is: its command line, and the means that verbs share.
#ifndef THIDUA_CLIENT_CLIENT_H
#define THIDUA_CLIENT_CLIENT_H

#include <jansson.h>

#include "client/arguments.h"
#include "client/options.h"
#include "client/output/report.h"
#include "client/say.h"
#include "client/words.h"
#include "proto/arena.h"
#include "proto/message.h"
#include "proto/version.h"

#define CLIENT_PROGRAM "thidua " THIDUA_VERSION

struct client {
    struct options options;
    struct arguments arguments;
    struct arena *arena;   // what requests are made of
    char **argv;           // of the program
    uint8_t id[UUID_SIZE]; // the submission id of this run, if it writes
    const char *unsure;    // what to do when the answer to this write is lost; NULL: send it again with its id
};

// ---- the command line ----

// Text of the command line as the wire takes it (NFC), in the arena; NULL stays NULL. False: it cannot be text;
// that has been said, and the exit status is EXIT_REFUSED. `what` names it.
bool client_text(struct client *client, const char *what, const char *text, const char **wire);

// The period given with -p, in *period; false as client_text.
bool client_period(struct client *client, const char **period);

// Operand `index`, or NULL; and the flag's value, or NULL.
const char *client_operand(const struct client *client, size_t index);
const char *client_flag(const struct client *client, const char *name);

// The number of an account that an operand names ("3" or "account:3"); 0: it has been said that it is none
// (EXIT_USAGE).
uint32_t client_account(const struct client *client, const char *text);

// ---- asking ----

// Makes the shape of CLI.md from one frame of an answer.
typedef json_t *client_shape(struct client *client, const Pb__Response *response);

// Asks the server (a write gets the submission id), shows the answer and returns the exit status. Further frames add
// to the list of the report's first section. client_gather shows nothing and gives the shape; free it.
int client_ask(struct client *client, Pb__Request *request, Pb__Response__BodyCase wanted, client_shape *shape,
               const struct report *report);
int client_gather(struct client *client, Pb__Request *request, Pb__Response__BodyCase wanted, client_shape *shape,
                  const struct report *report, json_t **answer);

// Shows an answer that was gathered.
int client_show(struct client *client, const struct report *report, const json_t *answer);

// The submission id of a request that writes.
void client_submit(struct client *client, Pb__Request *request);

// The command to run again, quoted for a shell, with the submission id. Free it.
char *client_resend(const struct client *client);

#endif
