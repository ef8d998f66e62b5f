// enrol: the token is made and saved before anything is sent, so that a lost answer costs nothing: the same line
// again sends the same token's hash, and the server gives the same answer.
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/hex.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/profile.h"
#include "client/session.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"account", N_("Account"), CELL_CODE, EVERYWHERE, NULL}, {"role", N_("Role"), CELL_WORD, EVERYWHERE, NULL},
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},       {"expires", N_("Expires"), CELL_TIME, EVERYWHERE, NULL},
    {"profile", N_("Profile"), CELL_TEXT, EVERYWHERE, NULL}, {0},
};

static const struct report report = {.head = head};

struct enrolment {
    struct client *client;
    struct profile standing; // the profile that is there
    struct profile pending;  // beside it until the answer has come
    uint8_t code[CODE_SIZE];
    json_t *answer;
};

// ---- the line ----

// Cuts the last part off after a colon; NULL: there is none.
static char *cut_last(char *line) {
    char *colon = strrchr(line, ':');
    if (colon)
        *colon++ = 0;
    return colon;
}

static bool parse_line(struct enrolment *enrolment, char *line) {
    struct profile *pending = &enrolment->pending;
    struct address address;
    const char *code = cut_last(line), *pin = code ? cut_last(line) : NULL;
    if (!pin || !hex_decode(code, enrolment->code, CODE_SIZE) || !hex_decode(pin, pending->pin, PIN_SIZE))
        return false;
    bool good = !address_from_text(&address, line) && address.kind == ADDRESS_TLS;
    address_free(&address);
    pending->has_pin = pending->has_invite = true;
    pending->server = must_strdup(line);
    SHA256(enrolment->code, CODE_SIZE, pending->invite);
    return good;
}

static char *first_line_of_input(void) {
    char *line = NULL;
    size_t room = 0;
    bool there = getline(&line, &room, stdin) >= 0;
    char *copy = must_strdup(there ? line : "");
    free(line);
    return copy;
}

// The operand, or the first line of standard input for "-"; what was pasted with it is taken off.
static char *read_line(struct client *client) {
    static const char command[] = "thidua enrol ";
    const char *operand = client_operand(client, 0);
    char *line = strcmp(operand, "-") ? must_strdup(operand) : first_line_of_input();
    size_t n = strlen(line);
    while (n && strchr(" \r\n", line[n - 1]))
        line[--n] = 0;
    if (!strncmp(line, command, strlen(command)))
        memmove(line, line + strlen(command), n - strlen(command) + 1);
    return line;
}

static int take_line(struct enrolment *enrolment) {
    char *line = read_line(enrolment->client);
    bool good = parse_line(enrolment, line);
    explicit_bzero(line, strlen(line));
    free(line);
    if (good)
        return EXIT_DONE;
    return say_error(&enrolment->client->options, EXIT_USAGE,
                     _("Paste the whole line that thidua admin invite printed: HOST:PORT:PIN:CODE"),
                     _("this is not the line of an invitation"));
}

// ---- the profile ----

static int say_profile(const struct client *client, char *wrong, const char *hint) {
    say_error(&client->options, EXIT_CONFIGURATION, hint, "%s", wrong);
    free(wrong);
    return EXIT_CONFIGURATION;
}

// A finished profile gives way to a new token of the same server only.
static int look_at_standing(struct enrolment *enrolment) {
    struct client *client = enrolment->client;
    struct profile *standing = &enrolment->standing;
    profile_init(standing, &client->options);
    if (!standing->path)
        return say_error(&client->options, EXIT_CONFIGURATION, _("Name one: --profile FILE"),
                         _("there is no place for a profile: neither XDG_CONFIG_HOME nor HOME is set"));
    bool force = arguments_given(&client->arguments, "force");
    char *wrong = force ? NULL : profile_read(standing);
    if (wrong)
        return say_profile(client, wrong, _("Mend it, name another (--profile FILE), or replace it (--force)."));
    bool other = standing->there && standing->has_pin && memcmp(standing->pin, enrolment->pending.pin, PIN_SIZE) != 0;
    if (!other)
        return EXIT_DONE;
    return say_error(&client->options, EXIT_CONFIGURATION,
                     _("Name another profile (--profile FILE), or replace it (--force)."),
                     _("%s is the profile of another server"), standing->path);
}

static bool take_token(struct profile *pending, const struct profile *known) {
    if (!known->has_token || !known->has_invite || memcmp(known->invite, pending->invite, DIGEST_SIZE) != 0)
        return false;
    memcpy(pending->token, known->token, TOKEN_SIZE);
    return true;
}

// The token that was made for this line before, or a new one; saved in any case.
static int save_token(struct enrolment *enrolment) {
    struct profile *pending = &enrolment->pending, before = {0};
    const struct options *options = &enrolment->client->options;
    pending->path = must_format("%s.pending", enrolment->standing.path);
    before.path = must_strdup(pending->path);
    free(profile_read(&before)); // what cannot be read is made anew
    bool known = take_token(pending, &before) || take_token(pending, &enrolment->standing);
    profile_free(&before);
    if (!known && RAND_bytes(pending->token, TOKEN_SIZE) != 1)
        return say_error(options, EXIT_DEFECT, NULL, _("the system gives no random bytes"));
    pending->has_token = true;
    char *wrong = profile_write(pending);
    if (!wrong)
        return EXIT_DONE;
    say_error(options, EXIT_NO_OUTPUT, _("Nothing was sent. Name another: --profile FILE"), "%s", wrong);
    free(wrong);
    return EXIT_NO_OUTPUT;
}

// ---- the exchange ----

static int take(void *ctx, const Pb__Response *response) {
    struct enrolment *enrolment = ctx;
    const Pb__EnrolReply *reply = response->enrol;
    json_t *object = enrolment->answer = must(json_object());
    enrolment->pending.account = reply->has_account ? reply->account : 0;
    put(object, "account", value_account(reply->has_account, reply->account));
    put(object, "role", value_enum(&pb__role__descriptor, reply->has_role, (int)reply->role));
    put(object, "unit", value_text(reply->unit));
    put(object, "expires", value_time(reply->has_expires_ms, reply->expires_ms));
    put(object, "seq", value_count(reply->has_seq, reply->seq));
    return EXIT_DONE;
}

static int exchange(struct enrolment *enrolment) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Enrol enrol = PB__ENROL__INIT;
    uint8_t verifier[DIGEST_SIZE];
    struct address address;
    struct session *session;
    SHA256(enrolment->pending.token, TOKEN_SIZE, verifier);
    enrol.has_code = enrol.has_verifier = true;
    enrol.code = (ProtobufCBinaryData){.len = CODE_SIZE, .data = enrolment->code};
    enrol.verifier = (ProtobufCBinaryData){.len = DIGEST_SIZE, .data = verifier};
    request.body_case = PB__REQUEST__BODY_ENROL;
    request.enrol = &enrol;
    enrolment->client->unsure = _("Run the same line again: it is safe.");
    address_from_text(&address, enrolment->pending.server);
    int exit_status = session_open_at(enrolment->client, &address, enrolment->pending.pin, &session);
    if (!exit_status)
        exit_status = session_ask(session, &request, PB__RESPONSE__BODY_ENROL, take, enrolment);
    session_close(session);
    address_free(&address);
    if (exit_status == EXIT_NOT_PERMITTED)
        unlink(enrolment->pending.path); // the code is spent or void: this token will never be anything
    return exit_status;
}

// Puts the finished profile where it belongs; beside it, if another account's stands there.
static int finish(struct enrolment *enrolment) {
    struct client *client = enrolment->client;
    struct profile *pending = &enrolment->pending, *standing = &enrolment->standing;
    bool other = standing->account && standing->account != pending->account;
    char *hidden = pending->path;
    pending->path = other ? must_format("%s.%u", standing->path, pending->account) : must_strdup(standing->path);
    char *wrong = profile_write(pending);
    if (!wrong)
        unlink(hidden);
    free(hidden);
    if (wrong)
        return say_profile(client, wrong, _("Make room and run the same line again: it is safe."));
    if (!other)
        return EXIT_DONE;
    char *hint = must_format(_("Use it with --profile %s, or move it there."), pending->path);
    say_error(&client->options, EXIT_CONFIGURATION, hint,
              _("this device is now account %u as well, but %s is the profile of account %u and stays"),
              pending->account, standing->path, standing->account);
    free(hint);
    return EXIT_CONFIGURATION;
}

static int enrol(struct enrolment *enrolment) {
    int exit_status = take_line(enrolment);
    if (!exit_status)
        exit_status = look_at_standing(enrolment);
    if (!exit_status)
        exit_status = save_token(enrolment);
    if (!exit_status)
        exit_status = exchange(enrolment);
    if (!exit_status)
        exit_status = finish(enrolment);
    if (exit_status)
        return exit_status;
    put(enrolment->answer, "profile", value_text(enrolment->pending.path));
    return client_show(enrolment->client, &report, enrolment->answer);
}

int run_enrol(struct client *client) {
    struct enrolment enrolment = {.client = client};
    int exit_status = enrol(&enrolment);
    json_decref(enrolment.answer);
    profile_free(&enrolment.standing);
    profile_free(&enrolment.pending);
    explicit_bzero(&enrolment, sizeof(enrolment));
    return exit_status;
}
