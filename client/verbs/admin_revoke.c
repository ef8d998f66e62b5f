#include "client/memory.h"
#include "client/output/value.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"account", N_("Revoked"), CELL_CODE, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL},
    {0},
};

static const struct report report = {.head = head};

static json_t *shape(struct client *client, const Pb__Response *response) {
    const Pb__RevokeReply *reply = response->revoke;
    json_t *object = must(json_object());
    char id[UUID_TEXT];
    put(object, "seq", value_count(reply->has_seq, reply->seq));
    put(object, "id", value_text(uuid_text(id, client->id)));
    put(object, "account", value_account(reply->has_account, reply->account));
    return object;
}

int run_admin_revoke(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Revoke revoke = PB__REVOKE__INIT;
    revoke.account = client_account(client, client_operand(client, 0));
    if (!revoke.account)
        return EXIT_USAGE;
    revoke.has_account = true;
    request.body_case = PB__REQUEST__BODY_REVOKE;
    request.revoke = &revoke;
    return client_ask(client, &request, PB__RESPONSE__BODY_REVOKE, shape, &report);
}
