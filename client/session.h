// A conversation with the server: Hello, Authenticate and the request go out together; answers come frame by frame.
#ifndef THIDUA_CLIENT_SESSION_H
#define THIDUA_CLIENT_SESSION_H

#include "client/client.h"
#include "client/profile.h"

struct session;

// Connects as the options and the profile say, sends nothing yet. 0, or the exit status of what has been said.
// Free the session in any case.
int session_open(struct client *client, struct session **session);

// The same to this address and key, without a token.
int session_open_at(struct client *client, const struct address *address, const uint8_t *pin, struct session **session);

void session_close(struct session *session);

// The profile with which session_open would authenticate. False: with none, or something is wrong, which has been said.
// Free the profile in any case.
bool session_account(struct client *client, struct profile *profile);

// One frame of the answer, status OK, with the body that was asked for. Non-zero stops: an exit status.
typedef int session_frame(void *ctx, const Pb__Response *response);

// Asks and hands over each frame of the answer. 0, or the exit status of what has been said.
int session_ask(struct session *session, Pb__Request *request, Pb__Response__BodyCase wanted, session_frame *frame,
                void *ctx);

// The same for an answer that never ends: its frames are handed over until one stops it, the connection is lost, or
// none comes for `silence_ms`.
int session_follow(struct session *session, Pb__Request *request, Pb__Response__BodyCase wanted, session_frame *frame,
                   void *ctx, int64_t silence_ms);

// The refusal with which the last question ended, NULL where it ended otherwise; lives until the next one.
const Pb__Response *session_refusal(const struct session *session);

// For client/pipeline.c, after session_hello: sends question `number` (from 0); receives its answer, refusals too,
// which lives until the next one. `last`: no other is under way. NULL: *exit_status of what has been said.
int session_send(struct session *session, Pb__Request *request, uint64_t number);
const Pb__Response *session_receive(struct session *session, uint64_t number, bool last, int *exit_status);

// What the server has said of itself, asked for now if it has not been yet. NULL: *exit_status says why not.
const Pb__HelloReply *session_hello(struct session *session, int *exit_status);

#endif
