#include "client/memory.h"
#include "client/output/value.h"
#include "client/verbs.h"
#include "client/verbs/shapes.h"

static const struct column head[] = {
    {"account", N_("Account"), CELL_CODE, EVERYWHERE, NULL}, {"role", N_("Role"), CELL_WORD, EVERYWHERE, NULL},
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},       {"expires", N_("Expires"), CELL_TIME, EVERYWHERE, NULL},
    {"label", N_("Label"), CELL_TEXT, EVERYWHERE, NULL},     {0},
};

static const struct report report = {.head = head};

json_t *whoami_shape(struct client *client, const Pb__Response *response) {
    const Pb__AuthenticateReply *reply = response->whoami;
    json_t *object = must(json_object());
    (void)client;
    put(object, "account", value_account(reply->has_account, reply->account));
    put(object, "role", value_enum(&pb__role__descriptor, reply->has_role, (int)reply->role));
    put(object, "unit", value_text(reply->unit));
    put(object, "expires", value_time(reply->has_expires_ms, reply->expires_ms));
    put(object, "label", value_text(reply->label));
    return object;
}

int run_whoami(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Whoami whoami = PB__WHOAMI__INIT;
    request.body_case = PB__REQUEST__BODY_WHOAMI;
    request.whoami = &whoami;
    return client_ask(client, &request, PB__RESPONSE__BODY_WHOAMI, whoami_shape, &report);
}
