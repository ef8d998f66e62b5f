// What one run of the program is: its command line, and the means that verbs share.
#ifndef THIDUA_CLIENT_CLIENT_H
#define THIDUA_CLIENT_CLIENT_H

#include <jansson.h>

#include "client/arguments.h"
#include "client/bystander.h"
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
    struct arena *arena;         // what requests are made of
    char **argv;                 // of the program
    uint8_t id[UUID_SIZE];       // the submission id of this run, if it writes
    bool asks;                   // this run only asks, although its verb writes
    bool no_flush;               // sessions are opened without sending first what waits in the spool
    struct bystander *bystander; // seen to while a session waits; NULL: nothing is
    const char *unsure;          // what to do when the answer to this write is lost; NULL: send it again with its id
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

// Text of a flag that the verb cannot do without, as client_text; `hint` says how it is given. 0, or the exit status of
// what has been said. client_reason is that of --reason.
int client_needs(struct client *client, const char *flag, const char *hint, const char **wire);
int client_reason(struct client *client, const char **reason);

// The same of a flag that may be left out, but not given without text.
int client_may_say(struct client *client, const char *flag, const char *hint, const char **wire);

// CODE=VALUE cut in two, the code as client_text. 0, or the exit status of what has been said.
int client_pair(struct client *client, const char *text, const char **code, const char **value);

// Points as people write them, in hundredths; `what` names them. 0, or the exit status of what has been said.
int client_points(const struct client *client, const char *what, const char *text, int32_t *points_cp);

// The number given with --if-revision. 0, or the exit status of what has been said.
int client_revision(const struct client *client, protobuf_c_boolean *has, uint32_t *revision);

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

// The same as client_ask, and then what to do next, which `next` says with say_notice.
typedef void client_next(struct client *client, const json_t *answer);
int client_ask_next(struct client *client, Pb__Request *request, Pb__Response__BodyCase wanted, client_shape *shape,
                    const struct report *report, client_next *next);

// The shape of a write's answer, begun with its entry and submission id.
json_t *client_written(const struct client *client, bool has_seq, uint64_t seq);

// Shows an answer that was gathered.
int client_show(struct client *client, const struct report *report, const json_t *answer);

// The submission id of a request that writes.
void client_submit(struct client *client, Pb__Request *request);

// The command to run again, quoted for a shell, with the submission id. Free it.
char *client_resend(const struct client *client);

#endif
