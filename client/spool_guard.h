// Whether what a kept request was made for still stands: questions to the server, asked in a session of the spool's.
#ifndef THIDUA_CLIENT_SPOOL_GUARD_H
#define THIDUA_CLIENT_SPOOL_GUARD_H

#include "client/session.h"
#include "client/spool_item.h"

// Whether the sheet is still what the head holds of it. False: it is not, or that could not be asked.
bool guard_stands(struct session *session, const struct spool_item *item);

// Whether `refusal`, by which the server refused `guarded` (spool_item_guarded), is a CONFLICT for nothing but lines
// that `account` alone has changed. *forgiven, and the guards are moved to where the lines stand now. 0, or the exit
// status of what kept it from asking.
int guard_forgive(struct session *session, const struct spool_item *item, uint32_t account, const Pb__Response *refusal,
                  Pb__Request *guarded, bool *forgiven);

#endif
