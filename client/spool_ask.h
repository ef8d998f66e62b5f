// Writes that may be kept: score, submit, import.
#ifndef THIDUA_CLIENT_SPOOL_ASK_H
#define THIDUA_CLIENT_SPOOL_ASK_H

#include "client/session.h"

// Asks as session_open and session_ask do, for any request, which has its submission id. One that may be kept
// (spool_keeps) is kept where the server cannot be reached, is busy or does not answer, and where others wait: then it
// stands in line behind them, and all are tried at once. 0; EXIT_SPOOLED once it has been said that it is kept and not
// acknowledged; or the exit status of what has been said, and then it is not kept. With --no-spool, and without an
// account (local administration), nothing is kept.
int spool_ask(struct client *client, Pb__Request *request, Pb__Response__BodyCase wanted, session_frame *frame,
              void *ctx);

// For a program that has sessions of its own, as one that sends for many units at once: keeps one request that could
// not be sent or was not answered, and says nothing unless that fails. EXIT_SPOOLED; EXIT_NOT_REACHED where nothing can
// be kept here (no account, --no-spool) or a hand-in's total is not known; or the exit status of what has been said.
// After the last one spool_kept_say says how many are kept, and why.
int spool_keep_one(struct client *client, const Pb__Request *request);
int spool_kept_say(const struct client *client, size_t count, const char *why);

// Whether anything waits, so that a new write must not overtake it.
bool spool_in_line(struct client *client);

// Remembers the answer to a sheet's question about the own unit.
void spool_saw_sheet(struct client *client, struct session *session, const Pb__Request *request,
                     const Pb__Response *response);

#endif
