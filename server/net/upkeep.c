#include "server/net/upkeep.h"

#include "server/ledger/writer.h"
#include "server/net/connection.h"
#include "server/net/feed.h"
#include "server/net/numbers.h"
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

static void tell_status(struct server *server) {
    char line[NUMBERS_LINE_MAX];
    numbers_line(numbers_read(server), line);
    service_status(line);
}

// ---- the clock ----

static void warn_of_leap(struct server *server, int64_t leap_ms, const char *since) {
    int64_t length_ms = leap_ms < 0 ? -leap_ms : leap_ms;
    log_write(server->parts.log, LOG_WARN,
              "the clock has leapt %s by %lld.%03lld s %s; entries keep their order, and what has closed stays closed",
              leap_ms < 0 ? "back" : "forward", (long long)(length_ms / 1000), (long long)(length_ms % 1000), since);
}

// Where the clock reads earlier than at the last entry, it went back while nobody watched.
static void compare_with_journal(struct server *server) {
    const struct view *view = ledger_read_begin(server->ledger);
    if (!view)
        return;
    arena_reset(server->scratch);
    const Pb__Entry *last = view_seq(view) ? view_entry(view, view_seq(view), server->scratch, NULL) : NULL;
    int64_t behind_ms = last ? last->time_ms - clock_wall_ms() : 0;
    if (behind_ms >= UPKEEP_LEAP_MS)
        warn_of_leap(server, -behind_ms, "since the last entry");
    ledger_read_end(server->ledger);
}

static void watch_clock(struct server *server, int64_t now) {
    int64_t ahead_ms = clock_wall_ms() - now, leap_ms = ahead_ms - server->clock.ahead_ms;
    if (!server->clock.compared)
        compare_with_journal(server);
    if (leap_ms >= UPKEEP_LEAP_MS || leap_ms <= -UPKEEP_LEAP_MS)
        warn_of_leap(server, leap_ms, "since the last second");
    server->clock.compared = true;
    server->clock.ahead_ms = ahead_ms;
}

static void tell_steps_back(struct server *server) {
    uint64_t steps = writer_numbers(server->writer).clock_steps_back, told = server->clock.steps_back;
    server->clock.steps_back = steps;
    if (steps > told)
        log_write(server->parts.log, LOG_WARN,
                  "%llu entries were written while the clock read earlier than at the entry before",
                  (unsigned long long)(steps - told));
}

// ---- by the tick ----

static bool is_due(int64_t *at, int64_t now, int64_t every) {
    if (now < *at)
        return false;
    *at = now + every;
    return true;
}

void upkeep_run(struct server *server) {
    int64_t now = clock_monotonic_ms(), watchdog_ms = service_watchdog_ms();
    log_settle(server->parts.log);
    watch_clock(server, now);
    tell_steps_back(server);
    feed_beat(server->feed);
    if (watchdog_ms > 0 && is_due(&server->due.watchdog_at, now, watchdog_ms / 3))
        feed_watchdog(server);
    if (is_due(&server->due.status_at, now, UPKEEP_STATUS_MS))
        tell_status(server);
    if (is_due(&server->due.sweep_at, now, UPKEEP_SWEEP_MS))
        upkeep_sweep(server);
    if (is_due(&server->due.readers_at, now, UPKEEP_READERS_MS))
        store_clear_dead_readers(server->parts.store);
    if (is_due(&server->due.space_at, now, UPKEEP_SPACE_MS))
        warn_of_space(server);
}
