// What goes wrong between the client and a server, said. Each call gives the exit status.
#ifndef THIDUA_CLIENT_TROUBLE_H
#define THIDUA_CLIENT_TROUBLE_H

#include "client/client.h"
#include "client/link.h"

struct trouble {
    const struct client *client;
    const char *at;     // the server's address
    const char *why;    // link_why of the connection
    bool writing;       // a write may have been taken: what has become of it is unknown
    bool authenticates; // the client says by a token who it is
};

// There is no address to connect to.
int trouble_no_server(const struct options *options);
// No connection came about.
int trouble_link(const struct trouble *trouble, enum link_verdict verdict);
// One that was there has ended.
int trouble_lost(const struct trouble *trouble, enum link_verdict verdict);
// What came over it is not this protocol's.
int trouble_not_ours(const struct trouble *trouble, const char *what);
// The server refuses.
int trouble_refusal(const struct trouble *trouble, const Pb__Response *response);

// Warns if the account's access ends soon by the clock of the server, which has said `hello`.
void trouble_expiry(const struct options *options, const Pb__AuthenticateReply *reply, const Pb__HelloReply *hello);

#endif
