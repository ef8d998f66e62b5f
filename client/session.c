#include "client/session.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/memory.h"
#include "client/spool_send.h"
#include "client/trouble.h"
#include "proto/frame.h"

enum {
    ID_HELLO = 1,
    ID_AUTHENTICATE,
    ID_REQUEST,
    CHANCES = 3, // to go on over another connection, where a server that restarts has cut one
    CHANCE_PAUSE_MS = 100,
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
    int64_t patience_ms; // from one frame of an answer to the next
    bool greeted, authenticates, authenticated;
    bool writing;                // a write is on its way and not answered
    int chances;                 // left for the question under way
    bool cut;                    // the connection has been cut, or the server stops: there is another chance
    bool resuming;               // this connection is not the question's first
    bool unsettled;              // the write under way may have been taken before such a cut
    const uint8_t *pin;          // of the server; NULL: it is not known
    const Pb__Response *refusal; // of the last question
};

// ---- opening ----

static int choose_address(struct session *session) {
    const struct options *options = &session->client->options;
    const char *text = options->server ? options->server : session->profile.server;
    if (!text)
        return address_local(&session->address) ? EXIT_DONE : trouble_no_server(options);
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

static struct trouble trouble_of(const struct session *session) {
    return (struct trouble){.client = session->client,
                            .at = session->address.text,
                            .why = link_why(session->link),
                            .writing = session->writing,
                            .authenticates = session->authenticates};
}

// A server that does not come back is one that was lost.
static int say_link(const struct session *session, enum link_verdict verdict) {
    const struct trouble trouble = trouble_of(session);
    bool gone = session->resuming && (verdict == LINK_LOST || verdict == LINK_TIMEOUT || verdict == LINK_INTERRUPTED);
    return gone ? trouble_lost(&trouble, verdict) : trouble_link(&trouble, verdict);
}

// Takes one of the chances. False: there is none left, or it would be of no use.
static bool take_chance(struct session *session, enum link_verdict verdict) {
    if (verdict != LINK_LOST || !link_connected(session->link) || session->chances == 0)
        return false;
    session->chances--;
    return true;
}

// Where a server is being started again, its socket takes connections and keeps them waiting for it.
static void hang_up(struct session *session) {
    const struct timespec pause = {.tv_nsec = CHANCE_PAUSE_MS * 1000000L};
    link_close(session->link);
    session->link = NULL;
    session->greeted = session->authenticated = session->cut = false;
    session->hello = NULL;
    session->n_out = session->n_in = session->taken = 0;
    nanosleep(&pause, NULL);
}

static int start(struct session *session) {
    struct client *client = session->client;
    enum link_verdict verdict;
    if (session->address.kind == ADDRESS_TLS && !session->pin)
        return say_reason(&client->options, EXIT_PROTOCOL, "PIN_UNKNOWN",
                          _("Enrol this device with the line of its invitation: thidua enrol LINE"),
                          _("the key of %s is not known here, so nothing is sent to it"), session->address.text);
    for (;;) {
        session->link =
            link_open(&session->address, session->pin, client->options.timeout_ms, client->bystander, &verdict);
        if (!take_chance(session, verdict))
            return verdict == LINK_OK ? EXIT_DONE : say_link(session, verdict);
        hang_up(session);
    }
}

static struct session *session_new(struct client *client) {
    struct session *session = must_alloc(sizeof(*session));
    session->client = client;
    session->patience_ms = client->options.timeout_ms;
    session->frame = must(arena_new(FRAME_BUDGET));
    session->kept = must(arena_new(MESSAGE_BUDGET));
    session->room = 2 * READ_SIZE;
    session->in = must_alloc(session->room);
    return session;
}

static int start_first(struct session *session) {
    session->chances = CHANCES;
    int exit_status = start(session);
    session->chances = 0;
    return exit_status;
}

// Once the server is known to be there, what waits for it goes first. That has a connection of its own, and may take
// longer than a server waits for a silent one.
static int start_after_others(struct session *session) {
    int exit_status = start_first(session);
    if (exit_status || !session->authenticates || !spool_waits_before(session->client, &session->profile))
        return exit_status;
    link_close(session->link);
    session->link = NULL;
    exit_status = spool_flush_before(session->client, &session->profile);
    return exit_status ? exit_status : start_first(session);
}

int session_open(struct client *client, struct session **opened) {
    struct session *session = *opened = session_new(client);
    int exit_status = read_profile(session);
    if (!exit_status)
        exit_status = choose_address(session);
    session->authenticates = !exit_status && sends_token(session);
    session->pin = session->profile.has_pin ? session->profile.pin : NULL;
    if (!exit_status)
        exit_status = start_after_others(session);
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
    session->pin = pin;
    return wrong ? say_error(&client->options, EXIT_USAGE, NULL, "%s: %s", address->text, wrong) : start_first(session);
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

static int lost(struct session *session, enum link_verdict verdict);

static int flush(struct session *session) {
    enum link_verdict verdict = link_write(session->link, session->out, session->n_out);
    explicit_bzero(session->out, session->n_out);
    session->n_out = 0;
    return verdict == LINK_OK ? EXIT_DONE : lost(session, verdict);
}

// ---- receiving ----

// Says it, unless there is another chance.
static int lost(struct session *session, enum link_verdict verdict) {
    session->cut = take_chance(session, verdict);
    session->unsettled = session->writing;
    const struct trouble trouble = trouble_of(session);
    return session->cut ? EXIT_NOT_REACHED : trouble_lost(&trouble, verdict);
}

static int say_not_ours(const struct session *session, const char *what) {
    const struct trouble trouble = trouble_of(session);
    return trouble_not_ours(&trouble, what);
}

static int say_refusal(const struct session *session, const Pb__Response *response) {
    const struct trouble trouble = trouble_of(session);
    return trouble_refusal(&trouble, response);
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
        return lost(session, verdict);
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
    link_extend(session->link, session->patience_ms);
    *exit_status = response ? EXIT_DONE : say_not_ours(session, _("the answer is not of this protocol"));
    return response;
}

static bool is_refusal(const Pb__Response *response) {
    return !response->has_status || response->status != PB__STATUS__OK;
}

// The next answer's frame, which has to be of this id or a refusal that concerns the whole connection.
static const Pb__Response *take_any(struct session *session, uint64_t id, int *exit_status) {
    const Pb__Response *response = next_response(session, exit_status);
    if (!response || (response->has_id && response->id == id))
        return response;
    if (is_refusal(response) && !(response->has_id && response->id))
        return response;
    *exit_status = say_not_ours(session, _("the answer belongs to another request"));
    return NULL;
}

// Whether the server stops, and another chance has been taken.
static bool is_stopping(struct session *session, const Pb__Response *response) {
    const char *reason = response->n_problems ? response->problems[0]->reason : NULL;
    session->cut = reason && !strcmp(reason, "SHUTTING_DOWN") && take_chance(session, LINK_LOST);
    return session->cut;
}

// The same, a refusal being said.
static const Pb__Response *take(struct session *session, uint64_t id, int *exit_status) {
    const Pb__Response *response = take_any(session, id, exit_status);
    if (!response || !is_refusal(response))
        return response;
    session->writing = session->unsettled;
    *exit_status = EXIT_NOT_REACHED;
    if (is_stopping(session, response))
        return NULL;
    session->writing = false;
    session->refusal = response;
    *exit_status = say_refusal(session, response);
    return NULL;
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
        trouble_expiry(&session->client->options, response->authenticate, session->hello);
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
    session->writing |= !exit_status && (request->has_submission || request->body_case == PB__REQUEST__BODY_ENROL);
    return exit_status ? exit_status : take_greeting(session);
}

// `endless`: whether a frame is the last one is not for the server to say.
static int ask_once(struct session *session, Pb__Request *request, Pb__Response__BodyCase wanted, session_frame *frame,
                    void *ctx, bool endless) {
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
        session->chances = 0; // the rest would not continue what has been handed over
        more = endless || (response->has_more && response->more);
        exit_status = frame(ctx, response);
    }
    return exit_status;
}

// A read is simply asked again; a write is settled by its id, whatever has become of it.
static int ask(struct session *session, Pb__Request *request, Pb__Response__BodyCase wanted, session_frame *frame,
               void *ctx, bool endless) {
    session->chances = endless ? 0 : CHANCES;
    session->writing = session->unsettled = session->resuming = false;
    int exit_status = ask_once(session, request, wanted, frame, ctx, endless);
    while (exit_status && session->cut) {
        session->resuming = true;
        hang_up(session);
        exit_status = start(session);
        if (!exit_status)
            exit_status = ask_once(session, request, wanted, frame, ctx, endless);
    }
    session->chances = 0;
    return exit_status;
}

int session_ask(struct session *session, Pb__Request *request, Pb__Response__BodyCase wanted, session_frame *frame,
                void *ctx) {
    return ask(session, request, wanted, frame, ctx, false);
}

int session_follow(struct session *session, Pb__Request *request, Pb__Response__BodyCase wanted, session_frame *frame,
                   void *ctx, int64_t silence_ms) {
    session->patience_ms = silence_ms;
    return ask(session, request, wanted, frame, ctx, true);
}

int session_send(struct session *session, Pb__Request *request, uint64_t number) {
    request->has_id = true;
    request->id = ID_REQUEST + number;
    queue(session, request);
    int exit_status = flush(session);
    session->writing = session->writing || (!exit_status && request->has_submission);
    return exit_status;
}

const Pb__Response *session_receive(struct session *session, uint64_t number, bool last, int *exit_status) {
    const Pb__Response *response = take_any(session, ID_REQUEST + number, exit_status);
    bool ours = response && response->has_id && response->id;
    session->writing = session->writing && !(ours && last);
    if (!response || ours)
        return response;
    *exit_status = say_refusal(session, response);
    return NULL;
}
