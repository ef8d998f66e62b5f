#include "server/net/upkeep.h"

#include "server/ledger/writer.h"
#include "server/net/connection.h"
#include "server/service.h"

void upkeep_sweep(struct server *server) {
    const struct view *view = ledger_read_begin(server->ledger);
    if (!view)
        return;
    int64_t now = clock_wall_ms();
    for (struct connection *connection = server->connections, *next; connection; connection = next) {
        next = connection->next;
        const char *lost = identity_lost(&connection->identity, view, now);
        if (lost)
            connection_expel(connection, lost);
    }
    ledger_read_end(server->ledger);
}

static void warn_of_space(struct server *server) {
    uint64_t used, bound;
    store_usage(server->parts.store, &used, &bound);
    if (used >= bound / 5 * 4)
        log_write(server->parts.log, LOG_WARN,
                  "the store uses %llu of the %llu bytes of map_size; raise map_size in thiduad.conf and restart",
                  (unsigned long long)used, (unsigned long long)bound);
}

static void feed_watchdog(struct server *server) {
    if (writer_alive(server->writer))
        service_alive();
    else
        log_limited(server->parts.log, LOG_BY_PEERS, LOG_ERROR, "the writer hangs; the watchdog is not fed any more");
}

static bool is_due(int64_t *at, int64_t now, int64_t every) {
    if (now < *at)
        return false;
    *at = now + every;
    return true;
}

void upkeep_run(struct server *server) {
    int64_t now = clock_monotonic_ms(), watchdog_ms = service_watchdog_ms();
    log_settle(server->parts.log);
    if (watchdog_ms > 0 && is_due(&server->due.watchdog_at, now, watchdog_ms / 3))
        feed_watchdog(server);
    if (is_due(&server->due.sweep_at, now, UPKEEP_SWEEP_MS))
        upkeep_sweep(server);
    if (is_due(&server->due.readers_at, now, UPKEEP_READERS_MS))
        store_clear_dead_readers(server->parts.store);
    if (is_due(&server->due.space_at, now, UPKEEP_SPACE_MS))
        warn_of_space(server);
}
