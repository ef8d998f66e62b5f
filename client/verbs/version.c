#include "client/memory.h"
#include "client/output/value.h"
#include "client/session.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"client", N_("Client"), CELL_TEXT, EVERYWHERE, NULL},
    {"protocol", N_("Protocol"), CELL_COUNT, EVERYWHERE, NULL},
    {"server", N_("Server"), CELL_TEXT, EVERYWHERE, NULL},
    {0},
};

static const struct report report = {.head = head};

// The version of this program is known without a server; that of a server that does not answer is null, and why has
// been said on standard error.
int run_version(struct client *client) {
    struct session *session;
    const Pb__HelloReply *hello = NULL;
    int exit_status = session_open(client, &session);
    if (!exit_status)
        hello = session_hello(session, &exit_status);
    json_t *answer = must(json_object());
    put(answer, "client", value_text(CLIENT_PROGRAM));
    put(answer, "protocol", value_count(true, MESSAGE_VERSION));
    put(answer, "server", value_text(hello ? hello->program : NULL));
    session_close(session);
    exit_status = client_show(client, &report, answer);
    json_decref(answer);
    return exit_status;
}
