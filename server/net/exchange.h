// Requests and answers of a connection: frames are cut and unpacked, reads are answered, writes go to the writer, and
// answers go out in the order in which the requests came.
#ifndef THIDUA_NET_EXCHANGE_H
#define THIDUA_NET_EXCHANGE_H

#include "server/net/connection.h"

enum { EXCHANGE_TURN = 64 }; // requests of one connection taken or answered in one turn; then it is others' turn

// Does all that can be done for the connection now. May close it.
void exchange_advance(struct connection *connection);

// A job has come back from the writer.
void exchange_take_back(struct job *job);

// Offers the write that found the writer's queue full again. False: it is full still.
bool exchange_retry(struct connection *connection);

#endif
