// What is done by the clock: the watchdog, the line of systemctl status, accounts that expire, readers that died, room
// that runs out; and an eye on the clock itself.
#ifndef THIDUA_NET_UPKEEP_H
#define THIDUA_NET_UPKEEP_H

#include "server/net/server.h"

enum {
    UPKEEP_TICK_MS = 1000,
    UPKEEP_DRAIN_TICK_MS = 20,
    UPKEEP_SWEEP_MS = 30 * 1000,
    UPKEEP_READERS_MS = 60 * 1000,
    UPKEEP_SPACE_MS = 3600 * 1000,
    UPKEEP_STATUS_MS = 5 * 1000,
    UPKEEP_LEAP_MS = 5 * 1000, // by which the wall clock leaps, seen from the monotonic one
};

// Whatever is due now.
void upkeep_run(struct server *server);

// Ends the connections of accounts that may not go on.
void upkeep_sweep(struct server *server);

#endif
