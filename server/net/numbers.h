// What the daemon counts and measures of itself: one place where it is gathered, for stats, metrics and systemd.
#ifndef THIDUA_NET_NUMBERS_H
#define THIDUA_NET_NUMBERS_H

#include "server/net/server.h"

enum {
    NUMBERS_LINE_MAX = 400,
    NUMBERS_FULL_PERCENT = 80, // of the store's bound, from which on there is a warning
};

// Brings server->live up to date; once the writer runs.
const struct live_numbers *numbers_read(struct server *server);

// What systemctl status shows: where the journal is, who is there, how commits go, and what somebody should look after.
void numbers_line(const struct live_numbers *live, char line[NUMBERS_LINE_MAX]);

// Percent of its bound that the store uses.
unsigned numbers_store_percent(const struct live_numbers *live);

#endif
