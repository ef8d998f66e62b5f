// Which answers leave a line in the log: refusals for want of permission or authentication, and accepted writes. A line
// has who, what and the answer as facts; never a token, a code, nor what people write.
#ifndef THIDUA_NET_NOTES_H
#define THIDUA_NET_NOTES_H

#include "server/net/connection.h"

// To be asked once for each answer. True: note_answer is to write it.
bool note_wanted(const struct connection *connection, const struct request *request);

// The view names the account's unit; NULL: it cannot be named.
void note_answer(const struct connection *connection, const struct request *request, const struct view *view);

#endif
