// admin invite and admin rotate: the code is made here, the server is told its hash alone.
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "client/address.h"
#include "client/hex.h"
#include "client/instant.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/session.h"
#include "client/verbs.h"

#define TTL_DEFAULT "72h"

static const struct column head[] = {
    {"account", N_("Account"), CELL_CODE, EVERYWHERE, NULL}, {"role", N_("Role"), CELL_WORD, EVERYWHERE, NULL},
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},       {"expires", N_("Expires"), CELL_TIME, EVERYWHERE, NULL},
    {"line", N_("Invitation"), CELL_CODE, EVERYWHERE, NULL}, {0},
};

static const struct report report = {.head = head};

struct invitation {
    struct client *client;
    uint8_t code[CODE_SIZE];
    char *line; // for the office to paste
    json_t *answer;
};

static int take(void *ctx, const Pb__Response *response) {
    struct invitation *invitation = ctx;
    const Pb__InviteReply *reply = response->invite;
    char id[UUID_TEXT];
    json_t *object = invitation->answer = must(json_object());
    put(object, "seq", value_count(reply->has_seq, reply->seq));
    put(object, "id", value_text(uuid_text(id, invitation->client->id)));
    put(object, "account", value_account(reply->has_account, reply->account));
    put(object, "role", value_enum(&pb__role__descriptor, reply->has_role, (int)reply->role));
    put(object, "unit", value_text(reply->unit));
    put(object, "expires", value_time(reply->has_expires_ms, reply->expires_ms));
    put(object, "line", value_text(invitation->line));
    return EXIT_DONE;
}

// The address that offices reach the server by: --host, else what the server says of itself.
static int choose_host(struct client *client, const Pb__HelloReply *hello, const char **host) {
    struct address address;
    const char *given = client_flag(client, "host");
    *host = given ? given : hello->public_;
    if (!*host || !**host)
        return say_error(&client->options, EXIT_CONFIGURATION,
                         _("Give --host HOST:PORT, or set public in thiduad.conf."),
                         _("the server does not know the address by which offices reach it"));
    const char *wrong = address_from_text(&address, *host);
    if (!wrong && address.kind != ADDRESS_TLS)
        wrong = _("offices need HOST:PORT");
    address_free(&address);
    return wrong ? say_error(&client->options, given ? EXIT_USAGE : EXIT_CONFIGURATION, NULL, "%s: %s", *host, wrong)
                 : EXIT_DONE;
}

static int make_line(struct invitation *invitation, const Pb__HelloReply *hello) {
    const struct options *options = &invitation->client->options;
    char pin[2 * PIN_SIZE + 1], code[2 * CODE_SIZE + 1];
    const char *host;
    int exit_status = choose_host(invitation->client, hello, &host);
    if (exit_status)
        return exit_status;
    if (hello->pin.len != PIN_SIZE)
        return say_error(options, EXIT_CONFIGURATION, _("Let it listen with TLS: listen in thiduad.conf."),
                         _("the server has no key of its own, so nothing could be enrolled"));
    invitation->line = must_format("thidua enrol %s:%s:%s", host, hex_encode(pin, hello->pin.data, PIN_SIZE),
                                   hex_encode(code, invitation->code, CODE_SIZE));
    explicit_bzero(code, sizeof(code));
    return EXIT_DONE;
}

static int show(struct client *client, const struct invitation *invitation) {
    char text[INSTANT_TEXT];
    int64_t expires;
    const char *iso = json_string_value(json_object_get(invitation->answer, "expires"));
    if (client->options.output != OUTPUT_TABLE)
        return client_show(client, &report, invitation->answer);
    printf("%s\n", invitation->line);
    if (iso && instant_from_iso(iso, &expires))
        say_warning(&client->options, _("account %s; the line can be used once, until %s"),
                    json_string_value(json_object_get(invitation->answer, "account")),
                    instant_for_people(text, expires));
    return listing_flush(&client->options, stdout);
}

static int converse(struct invitation *invitation, Pb__Request *request) {
    struct client *client = invitation->client;
    struct session *session;
    int exit_status = session_open(client, &session);
    const Pb__HelloReply *hello = exit_status ? NULL : session_hello(session, &exit_status);
    if (hello)
        exit_status = make_line(invitation, hello);
    if (!exit_status)
        exit_status = session_ask(session, request, PB__RESPONSE__BODY_INVITE, take, invitation);
    session_close(session);
    return exit_status ? exit_status : show(client, invitation);
}

static int send_invite(struct client *client, Pb__Invite *invite) {
    struct invitation invitation = {.client = client};
    Pb__Request request = PB__REQUEST__INIT;
    uint8_t hash[DIGEST_SIZE];
    const char *ttl = client_flag(client, "ttl");
    if (!duration_parse(ttl ? ttl : TTL_DEFAULT, &invite->ttl_ms))
        return say_error(&client->options, EXIT_USAGE, _("Write a number and s, m, h or d: --ttl 72h"),
                         _("--ttl: “%s” is no length of time"), ttl);
    if (RAND_bytes(invitation.code, CODE_SIZE) != 1)
        return say_error(&client->options, EXIT_DEFECT, NULL, _("the system gives no random bytes"));
    SHA256(invitation.code, CODE_SIZE, hash);
    invite->has_ttl_ms = true;
    invite->has_code_hash = true;
    invite->code_hash = (ProtobufCBinaryData){.len = DIGEST_SIZE, .data = hash};
    request.body_case = PB__REQUEST__BODY_INVITE;
    request.invite = invite;
    client_submit(client, &request);
    client->unsure = _("Invite again: the code that may have been made is known to nobody.");
    int exit_status = converse(&invitation, &request);
    json_decref(invitation.answer);
    free(invitation.line);
    explicit_bzero(&invitation, sizeof(invitation));
    return exit_status;
}

int run_admin_invite(struct client *client) {
    Pb__Invite invite = PB__INVITE__INIT;
    const char *unit = client_operand(client, 0), *role = client_flag(client, "role");
    int found;
    if (!role)
        return say_error(&client->options, EXIT_USAGE, _("Give one: --role officer|head|city|council|auditor"),
                         _("no role is given"));
    if (!enum_find(&pb__role__descriptor, role, &found) || found == PB__ROLE__ADMIN)
        return say_error(&client->options, EXIT_USAGE, _("The roles are: officer, head, city, council, auditor"),
                         _("“%s” is not a role that can be invited"), role);
    if (!client_text(client, "UNIT", strcmp(unit, "-") ? unit : NULL, &invite.unit) ||
        !client_text(client, "--label", client_flag(client, "label"), &invite.label))
        return EXIT_REFUSED;
    invite.has_role = true;
    invite.role = (Pb__Role)found;
    return send_invite(client, &invite);
}

int run_admin_rotate(struct client *client) {
    Pb__Invite invite = PB__INVITE__INIT;
    invite.replaces = client_account(client, client_operand(client, 0));
    if (!invite.replaces)
        return EXIT_USAGE;
    invite.has_replaces = true;
    return send_invite(client, &invite);
}
