#include "client/session.h"

#include <stdlib.h>
#include <string.h>

#include "client/instant.h"
#include "client/memory.h"
#include "client/refusal.h"
#include "proto/frame.h"
#include "proto/reasons.h"

#define DAY_MS INT64_C(86400000)

enum {
    ID_HELLO = 1,
    ID_AUTHENTICATE,
    ID_REQUEST,
    READ_SIZE = 64 * 1024,
    FRAME_BUDGET = 512 * 1024 * 1024, // a response may unpack to several times its 16 MiB
};

struct session {
    struct client *client;
    struct address address;
    struct profile profile;
    struct link *link;
    struct arena *frame; // of the response last read
    struct arena *kept;  // of the hello reply
    const Pb__HelloReply *hello;
    uint8_t *out; // to be sent
    size_t n_out;
    uint8_t *in; // received, not yet taken
    size_t n_in, taken, room;
    bool greeted, authenticates, authenticated;
    bool writing;                // a write is on its way and not answered
    const char *tolerated;       // a refusal with this reason is not said; NULL: none is
    bool refused;                // such a one has come
    const Pb__Response *refusal; // of the last question
};

// ---- opening ----

static int say_no_server(const struct options *options) {
    return say_error(options, EXIT_NOT_REACHED,
                     _("Name a server: -s HOST:PORT, or enrol this device: thidua enrol LINE"),
                     _("no server is named, and none runs on this machine"));
}

static int choose_address(struct session *session) {
    const struct options *options = &session->client->options;
    const char *text = options->server ? options->server : session->profile.server;
    if (!text)
        return address_local(&session->address) ? EXIT_DONE : say_no_server(options);
    const char *wrong = address_from_text(&session->address, text);
    if (!wrong)
        return EXIT_DONE;
    return say_error(options, options->server ? EXIT_USAGE : EXIT_CONFIGURATION,
                     _("An address is unix:PATH, HOST:PORT or plain:HOST:PORT."), "%s: %s", text, wrong);
}

static int read_profile(struct session *session) {
    const struct options *options = &session->client->options;
    profile_init(&session->profile, options);
    char *wrong = profile_read(&session->profile);
    if (!wrong && session->profile.chosen && !session->profile.there)
        wrong = must_format(_("there is no profile %s"), session->profile.path);
    if (!wrong)
        return EXIT_DONE;
    say_error(options, EXIT_CONFIGURATION, _("A profile is made by: thidua enrol LINE --profile FILE"), "%s", wrong);
    free(wrong);
    return EXIT_CONFIGURATION;
}

// The default profile's token is not for a local socket: there the kernel says who is calling.
static bool sends_token(const struct session *session) {
    const struct profile *profile = &session->profile;
    bool from_profile = !session->client->options.server && profile->server;
    return profile->has_token && profile->account &&
           (profile->chosen || from_profile || session->address.kind == ADDRESS_TLS);
}

static int say_link(const struct session *session, enum link_verdict verdict) {
    const struct options *options = &session->client->options;
    const char *at = session->address.text, *why = link_why(session->link);
    switch (verdict) {
    case LINK_WRONG_KEY:
        return say_reason(options, EXIT_PROTOCOL, "PIN_MISMATCH",
                          _("Nothing was sent. If the server's key was renewed, ask for a new invitation."),
                          _("the key of %s is not the pinned one"), at);
    case LINK_NOT_TLS:
        return say_error(options, EXIT_PROTOCOL, _("Check the address; the server speaks TLS 1.3."),
                         _("the TLS handshake with %s failed: %s"), at, why);
    case LINK_DENIED:
        return say_error(options, EXIT_NOT_PERMITTED, _("Ask to be made a member of the administration's group."),
                         _("%s may not be used by this user: %s"), at, why);
    case LINK_INTERRUPTED:
        return say_error(options, EXIT_INTERRUPTED, NULL, _("interrupted"));
    default:
        return say_error(options, EXIT_NOT_REACHED, _("Check the address and whether the server runs, then try again."),
                         _("%s cannot be reached: %s"), at, why);
    }
}

static int start(struct session *session, const uint8_t *pin) {
    struct client *client = session->client;
    enum link_verdict verdict;
    if (session->address.kind == ADDRESS_TLS && !pin)
        return say_reason(&client->options, EXIT_PROTOCOL, "PIN_UNKNOWN",
                          _("Enrol this device with the line of its invitation: thidua enrol LINE"),
                          _("the key of %s is not known here, so nothing is sent to it"), session->address.text);
    session->link = link_open(&session->address, pin, client->options.timeout_ms, &verdict);
    return verdict == LINK_OK ? EXIT_DONE : say_link(session, verdict);
}

static struct session *session_new(struct client *client) {
    struct session *session = must_alloc(sizeof(*session));
    session->client = client;
    session->frame = must(arena_new(FRAME_BUDGET));
    session->kept = must(arena_new(MESSAGE_BUDGET));
    session->room = 2 * READ_SIZE;
    session->in = must_alloc(session->room);
    return session;
}

int session_open(struct client *client, struct session **opened) {
    struct session *session = *opened = session_new(client);
    int exit_status = read_profile(session);
    if (!exit_status)
        exit_status = choose_address(session);
    session->authenticates = !exit_status && sends_token(session);
    if (!exit_status)
        exit_status = start(session, session->profile.has_pin ? session->profile.pin : NULL);
    return exit_status;
}

bool session_account(struct client *client, struct profile *profile) {
    struct session session = {.client = client};
    bool authenticates = !read_profile(&session) && !choose_address(&session) && sends_token(&session);
    address_free(&session.address);
    *profile = session.profile;
    return authenticates;
}

int session_open_at(struct client *client, const struct address *address, const uint8_t *pin, struct session **opened) {
    struct session *session = *opened = session_new(client);
    const char *wrong = address_from_text(&session->address, address->text);
    return wrong ? say_error(&client->options, EXIT_USAGE, NULL, "%s: %s", address->text, wrong) : start(session, pin);
}

void session_close(struct session *session) {
    if (!session)
        return;
    link_close(session->link);
    arena_free(session->frame);
    arena_free(session->kept);
    address_free(&session->address);
    profile_free(&session->profile);
    free(session->out);
    free(session->in);
    free(session);
}

// ---- sending ----

static void queue(struct session *session, const Pb__Request *request) {
    size_t size = message_frame_size(&request->base);
    session->out = must_grow(session->out, session->n_out + size, 1);
    session->n_out += message_frame(&request->base, session->out + session->n_out);
}

static void queue_hello(struct session *session) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Hello hello = PB__HELLO__INIT;
    hello.has_version_min = hello.has_version_max = true;
    hello.version_min = hello.version_max = MESSAGE_VERSION;
    hello.program = CLIENT_PROGRAM;
    request.has_id = true;
    request.id = ID_HELLO;
    request.body_case = PB__REQUEST__BODY_HELLO;
    request.hello = &hello;
    queue(session, &request);
}

static void queue_authenticate(struct session *session) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Authenticate authenticate = PB__AUTHENTICATE__INIT;
    authenticate.has_account = authenticate.has_token = true;
    authenticate.account = session->profile.account;
    authenticate.token = (ProtobufCBinaryData){.len = TOKEN_SIZE, .data = session->profile.token};
    request.has_id = true;
    request.id = ID_AUTHENTICATE;
    request.body_case = PB__REQUEST__BODY_AUTHENTICATE;
    request.authenticate = &authenticate;
    queue(session, &request);
}

static void queue_greeting(struct session *session) {
    if (session->greeted)
        return;
    session->greeted = true;
    queue_hello(session);
    if (session->authenticates)
        queue_authenticate(session);
}

static int say_lost(const struct session *session, enum link_verdict verdict);

static int flush(struct session *session) {
    enum link_verdict verdict = link_write(session->link, session->out, session->n_out);
    explicit_bzero(session->out, session->n_out);
    session->n_out = 0;
    return verdict == LINK_OK ? EXIT_DONE : say_lost(session, verdict);
}

// ---- receiving ----

static int say_unknown(const struct session *session, int exit_status, const char *why) {
    const struct client *client = session->client;
    if (client->unsure)
        return say_reason(&client->options, exit_status, "OUTCOME_UNKNOWN", client->unsure,
                          _("the outcome is unknown: the request was sent, and then: %s"), why);
    char id[UUID_TEXT], *resend = client_resend(client);
    char *hint = must_format(_("Sending it again with the same id is safe: %s"), resend);
    say_reason(&client->options, exit_status, "OUTCOME_UNKNOWN", hint,
               _("the outcome of submission %s is unknown: it was sent, and then: %s"), uuid_text(id, client->id), why);
    free(hint);
    free(resend);
    return exit_status;
}

static int say_lost(const struct session *session, enum link_verdict verdict) {
    if (session->writing)
        return say_unknown(session, verdict == LINK_INTERRUPTED ? EXIT_INTERRUPTED : EXIT_UNKNOWN,
                           link_why(session->link));
    if (verdict == LINK_INTERRUPTED)
        return say_error(&session->client->options, EXIT_INTERRUPTED, NULL, _("interrupted"));
    return say_error(&session->client->options, EXIT_NOT_REACHED, _("Try again."),
                     _("the connection to %s was lost: %s"), session->address.text, link_why(session->link));
}

static int say_not_ours(const struct session *session, const char *what) {
    if (session->writing)
        return say_unknown(session, EXIT_PROTOCOL, what);
    return say_error(&session->client->options, EXIT_PROTOCOL,
                     _("Check that the address is that of thiduad, and both versions: thidua version"), "%s: %s",
                     session->address.text, what);
}

static void make_room(struct session *session) {
    if (session->in)
        memmove(session->in, session->in + session->taken, session->n_in - session->taken);
    session->n_in -= session->taken;
    session->taken = 0;
    if (session->room - session->n_in >= READ_SIZE)
        return;
    session->room *= 2;
    session->in = must_grow(session->in, session->room, 1);
}

static int receive(struct session *session) {
    size_t got;
    make_room(session);
    enum link_verdict verdict =
        link_read(session->link, session->in + session->n_in, session->room - session->n_in, &got);
    if (verdict != LINK_OK)
        return say_lost(session, verdict);
    session->n_in += got;
    return EXIT_DONE;
}

// The next response, which lives until the next call. NULL: *exit_status.
static const Pb__Response *next_response(struct session *session, int *exit_status) {
    size_t prefix, body;
    for (;;) {
        const uint8_t *bytes = session->in + session->taken;
        size_t size = session->n_in - session->taken;
        enum frame_verdict verdict =
            size ? frame_look(bytes, size, size, FRAME_LIMIT_RESPONSE, &prefix, &body) : FRAME_PARTIAL;
        if (verdict == FRAME_READY)
            break;
        *exit_status = verdict == FRAME_PARTIAL ? receive(session)
                                                : say_not_ours(session, _("the answer is not of this protocol"));
        if (*exit_status)
            return NULL;
    }
    arena_reset(session->frame);
    const Pb__Response *response = message_unpack_response(session->frame, session->in + session->taken + prefix, body);
    session->taken += prefix + body;
    link_extend(session->link, session->client->options.timeout_ms);
    *exit_status = response ? EXIT_DONE : say_not_ours(session, _("the answer is not of this protocol"));
    return response;
}

// A caller without an account meets the short limit before anything is asked about the account: what is wrong is that
// there is none.
static bool needs_account(const struct session *session, const Pb__Response *response) {
    const Pb__Problem *problem = response->n_problems ? response->problems[0] : NULL;
    if (session->authenticates || !problem || !problem->reason || strcmp(problem->reason, "FRAME_TOO_LONG") != 0)
        return false;
    for (size_t i = 0; i < problem->n_arguments; i++) {
        const Pb__Argument *argument = problem->arguments[i];
        if (argument->name && !strcmp(argument->name, "limit") && argument->value_case == PB__ARGUMENT__VALUE_NUMBER &&
            argument->number <= FRAME_LIMIT_UNAUTHENTICATED)
            return true;
    }
    return false;
}

static bool is_tolerated(const struct session *session, const Pb__Response *response) {
    const Pb__Problem *problem = response->n_problems ? response->problems[0] : NULL;
    return session->tolerated && problem && problem->reason && !strcmp(problem->reason, session->tolerated);
}

static int say_refusal(const struct session *session, const Pb__Response *response) {
    const struct reason_entry *entry = reason_entry(REASON_NOT_AUTHENTICATED);
    Pb__Problem problem = PB__PROBLEM__INIT, *problems[] = {&problem};
    Pb__Response instead = PB__RESPONSE__INIT;
    problem.reason = entry->code;
    instead.status = entry->status;
    instead.n_problems = 1;
    instead.problems = problems;
    return refusal_say(&session->client->options, needs_account(session, response) ? &instead : response);
}

// One answer's frame: of this id, or a refusal that concerns the whole connection.
static const Pb__Response *take(struct session *session, uint64_t id, int *exit_status) {
    const Pb__Response *response = next_response(session, exit_status);
    if (!response)
        return NULL;
    bool refused = !response->has_status || response->status != PB__STATUS__OK;
    bool ours = response->has_id && response->id == id;
    if (!refused && ours)
        return response;
    if (refused && (ours || !response->has_id || !response->id)) {
        session->writing = false;
        session->refusal = response;
        session->refused = ours && is_tolerated(session, response);
        *exit_status = session->refused ? EXIT_NEGATIVE : say_refusal(session, response);
    } else {
        *exit_status = say_not_ours(session, _("the answer belongs to another request"));
    }
    return NULL;
}

static int64_t server_now(const struct session *session) {
    return session->hello && session->hello->has_time_ms ? session->hello->time_ms : instant_now();
}

static void warn_of_expiry(const struct session *session, const Pb__AuthenticateReply *reply) {
    char text[INSTANT_TEXT];
    if (!reply || !reply->has_expires_ms || reply->expires_ms > server_now(session) + 30 * DAY_MS)
        return;
    say_warning(&session->client->options,
                _("warning: this device's access ends on %s; ask the administrator for: thidua admin rotate %u"),
                instant_for_people(text, reply->expires_ms), reply->account);
}

static int take_hello(struct session *session) {
    int exit_status;
    const Pb__Response *response = session->hello ? NULL : take(session, ID_HELLO, &exit_status);
    if (session->hello)
        return EXIT_DONE;
    if (!response)
        return exit_status;
    if (response->body_case != PB__RESPONSE__BODY_HELLO || !response->hello)
        return say_not_ours(session, _("the server did not say hello"));
    size_t size = pb__hello_reply__get_packed_size(response->hello);
    uint8_t *bytes = must(arena_alloc(session->kept, size ? size : 1));
    pb__hello_reply__pack(response->hello, bytes);
    session->hello = must(pb__hello_reply__unpack(arena_allocator(session->kept), size, bytes));
    return EXIT_DONE;
}

static int take_greeting(struct session *session) {
    int exit_status = take_hello(session);
    if (exit_status || !session->authenticates || session->authenticated)
        return exit_status;
    const Pb__Response *response = take(session, ID_AUTHENTICATE, &exit_status);
    if (!response)
        return exit_status;
    session->authenticated = true;
    if (response->body_case == PB__RESPONSE__BODY_AUTHENTICATE)
        warn_of_expiry(session, response->authenticate);
    return EXIT_DONE;
}

const Pb__Response *session_refusal(const struct session *session) {
    return session->refusal;
}

const Pb__HelloReply *session_hello(struct session *session, int *exit_status) {
    queue_greeting(session);
    *exit_status = session->n_out ? flush(session) : EXIT_DONE;
    if (!*exit_status)
        *exit_status = take_greeting(session);
    return *exit_status ? NULL : session->hello;
}

// ---- asking ----

// Whether the server knows who is here, by whatever way: else it says what is missing.
static int ask_whoami(struct session *session) {
    int exit_status;
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Whoami whoami = PB__WHOAMI__INIT;
    request.has_id = true;
    request.id = ID_REQUEST;
    request.body_case = PB__REQUEST__BODY_WHOAMI;
    request.whoami = &whoami;
    queue(session, &request);
    exit_status = flush(session);
    if (!exit_status)
        take(session, ID_REQUEST, &exit_status);
    return exit_status;
}

// Before authentication a server reads short requests only: a long one waits until it is known to be welcome, so that
// who may not is told that, and not that the request is long.
static int send_request(struct session *session, Pb__Request *request) {
    int exit_status = EXIT_DONE;
    request->has_id = true;
    request->id = ID_REQUEST;
    queue_greeting(session);
    bool is_long = message_frame_size(&request->base) > FRAME_LIMIT_UNAUTHENTICATED;
    if (is_long)
        session_hello(session, &exit_status);
    if (!exit_status && is_long && !session->authenticates)
        exit_status = ask_whoami(session);
    if (exit_status)
        return exit_status;
    queue(session, request);
    exit_status = flush(session);
    session->writing = !exit_status && (request->has_submission || request->body_case == PB__REQUEST__BODY_ENROL);
    return exit_status ? exit_status : take_greeting(session);
}

int session_ask(struct session *session, Pb__Request *request, Pb__Response__BodyCase wanted, session_frame *frame,
                void *ctx) {
    session->refusal = NULL;
    int exit_status = send_request(session, request);
    bool more = true;
    while (!exit_status && more) {
        const Pb__Response *response = take(session, ID_REQUEST, &exit_status);
        if (!response)
            break;
        // The bodies are pointers of one union: none is set where this one is not.
        if (response->body_case != wanted || !response->hello)
            return say_not_ours(session, _("the answer is to another question"));
        session->writing = false;
        more = response->has_more && response->more;
        exit_status = frame(ctx, response);
    }
    return exit_status;
}

int session_try(struct session *session, Pb__Request *request, Pb__Response__BodyCase wanted, session_frame *frame,
                void *ctx, const char *reason, bool *refused) {
    session->tolerated = reason;
    session->refused = false;
    int exit_status = session_ask(session, request, wanted, frame, ctx);
    session->tolerated = NULL;
    *refused = session->refused;
    return *refused ? EXIT_DONE : exit_status;
}
