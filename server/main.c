#include <event2/event.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "proto/version.h"
#include "server/check.h"
#include "server/files.h"
#include "server/key.h"
#include "server/log.h"
#include "server/net/listener.h"
#include "server/net/metrics.h"
#include "server/net/server.h"
#include "server/options.h"
#include "server/restore.h"
#include "server/service.h"

enum { SIGNALS = 3, ERROR_MAX = 1024 };

struct daemon {
    int argc;
    char **argv;
    struct options options;
    struct log *log;
    struct store *store;
    struct journal *journal;
    struct key key;
    struct server *server;
    struct event *signals[SIGNALS];
    char error[ERROR_MAX]; // why it cannot start
};

static bool fail(struct daemon *daemon, const char *what) {
    snprintf(daemon->error, sizeof daemon->error, "%s", what);
    return false;
}

// ---- the parts, in the order in which they start ----

static bool start_log(struct daemon *daemon) {
    daemon->log = log_new(daemon->options.log_level);
    if (!daemon->log)
        return fail(daemon, "out of memory");
    log_write(daemon->log, LOG_NOTE, "thiduad %s, state in %s", THIDUA_VERSION, daemon->options.state);
    return true;
}

static bool make_folder(struct daemon *daemon) {
    return folder_make(daemon->options.state, daemon->error, sizeof daemon->error);
}

static bool open_store(struct daemon *daemon) {
    daemon->store = store_open(daemon->options.state, daemon->options.map_size, daemon->error, sizeof daemon->error);
    return daemon->store != NULL;
}

// A daemon that was killed leaves addresses behind that nobody answers on.
static bool forget_addresses(struct daemon *daemon) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/addresses", daemon->options.state);
    unlink(path);
    return true;
}

static bool open_journal(struct daemon *daemon) {
    daemon->journal = journal_open();
    return daemon->journal || fail(daemon, "out of memory");
}

static bool open_key(struct daemon *daemon) {
    char given[PATH_MAX];
    bool is_given = service_credential("thidua.key", given, sizeof given);
    if (!key_open(&daemon->key, daemon->options.state, is_given ? given : NULL, daemon->error, sizeof daemon->error))
        return false;
    if (daemon->key.made)
        log_write(daemon->log, LOG_NOTE, "a new TLS key was made in %s/tls.key", daemon->options.state);
    return true;
}

static bool make_server(struct daemon *daemon) {
    const struct server_parts parts = {
        .log = daemon->log, .store = daemon->store, .journal = daemon->journal, .key = &daemon->key};
    daemon->server = server_new(&parts, daemon->error, sizeof daemon->error);
    return daemon->server != NULL;
}

static bool start_writer(struct daemon *daemon) {
    return server_start_writer(daemon->server, daemon->error, sizeof daemon->error);
}

// Connections that the process has descriptors for, some being kept for files.
static uint32_t affordable_connections(void) {
    struct rlimit limit = {.rlim_cur = 1024};
    getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t most = limit.rlim_cur > 1000000 ? 1000000 : limit.rlim_cur;
    return (uint32_t)(most >= 256 ? most - 96 : most / 2);
}

static bool apply_settings(struct daemon *daemon, const struct options *options) {
    uint32_t affordable = affordable_connections(), wanted = options->max_connections;
    if (wanted > affordable)
        log_write(daemon->log, LOG_WARN, "max_connections is %u, and the limit of descriptors allows %u: that many",
                  wanted, affordable);
    const struct server_settings settings = {
        .public_at = options->public,
        .admin_group = options->admin_group,
        .max_connections = wanted == 0 || wanted > affordable ? affordable : wanted,
    };
    log_set_level(daemon->log, options->log_level);
    return server_apply(daemon->server, &settings) || fail(daemon, "out of memory");
}

static bool settle_settings(struct daemon *daemon) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    return apply_settings(daemon, &daemon->options);
}

// Sockets that systemd has passed stand in for the default addresses, one for metrics for that of the configuration.
static bool open_listeners(struct daemon *daemon) {
    const struct options *options = &daemon->options;
    struct service_socket passed[SERVICE_SOCKETS_MAX];
    int n_passed = service_sockets(passed, daemon->error, sizeof daemon->error);
    if (n_passed < 0)
        return false;
    int n_scores = metrics_pick(passed, n_passed);
    size_t n_own = n_scores > 0 && !options->listen_chosen ? 0 : options->n_listen;
    return listeners_open(daemon->server, options->listen, n_own, passed, n_scores, daemon->error,
                          sizeof daemon->error) &&
           metrics_open(daemon->server, options->metrics.size > 0 ? &options->metrics : NULL, passed + n_scores,
                        n_passed - n_scores, daemon->error, sizeof daemon->error);
}

static bool write_addresses(struct daemon *daemon) {
    char *text = listeners_text(daemon->server);
    bool written = text ? file_replace(daemon->options.state, "addresses", 0600, text, strlen(text), daemon->error,
                                       sizeof daemon->error)
                        : fail(daemon, "out of memory");
    free(text);
    return written;
}

// ---- signals ----

static bool same_listen(const struct options *a, const struct options *b) {
    return a->n_listen == b->n_listen && memcmp(a->listen, b->listen, a->n_listen * sizeof a->listen[0]) == 0;
}

static void tell_what_waits(struct daemon *daemon, const struct options *fresh) {
    const struct options *old = &daemon->options;
    const struct {
        const char *key;
        bool changed;
    } fixed[] = {
        {"listen", !same_listen(old, fresh)},
        {"metrics", memcmp(&old->metrics, &fresh->metrics, sizeof old->metrics) != 0},
        {"state", strcmp(old->state, fresh->state) != 0},
        {"map_size", old->map_size != fresh->map_size},
    };
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (fixed[i].changed)
            log_write(daemon->log, LOG_WARN, "%s has changed in %s; it takes effect at the next start", fixed[i].key,
                      fresh->config);
}

static void on_hangup(evutil_socket_t number, short what, void *arg) {
    (void)number, (void)what;
    struct daemon *daemon = arg;
    struct options fresh;
    service_reloading();
    if (options_read(&fresh, daemon->argc, daemon->argv) != 0) {
        log_write(daemon->log, LOG_ERROR, "%s is wrong; nothing changes", daemon->options.config);
    } else if (!apply_settings(daemon, &fresh)) {
        log_write(daemon->log, LOG_ERROR, "the configuration cannot be taken over: out of memory");
    } else {
        tell_what_waits(daemon, &fresh);
        log_write(daemon->log, LOG_NOTE, "the configuration was read again");
    }
    options_free(&fresh);
    service_ready();
}

static void on_stop(evutil_socket_t number, short what, void *arg) {
    (void)what;
    struct daemon *daemon = arg;
    log_write(daemon->log, LOG_NOTE, "stopping on %s", number == SIGINT ? "SIGINT" : "SIGTERM");
    service_stopping();
    server_drain(daemon->server);
}

static bool watch_signals(struct daemon *daemon) {
    static const struct {
        int number;
        event_callback_fn callback;
    } watched[SIGNALS] = {{SIGTERM, on_stop}, {SIGINT, on_stop}, {SIGHUP, on_hangup}};
    for (int i = 0; i < SIGNALS; i++) {
        daemon->signals[i] = evsignal_new(daemon->server->base, watched[i].number, watched[i].callback, daemon);
        if (!daemon->signals[i] || event_add(daemon->signals[i], NULL) != 0)
            return fail(daemon, "signals cannot be watched: out of memory");
    }
    return true;
}

// ---- a whole life ----

static bool start(struct daemon *daemon) {
    return start_log(daemon) && make_folder(daemon) && open_store(daemon) && forget_addresses(daemon) &&
           open_journal(daemon) && open_key(daemon) && make_server(daemon) && start_writer(daemon) &&
           settle_settings(daemon) && open_listeners(daemon) && watch_signals(daemon) && write_addresses(daemon);
}

static int live(struct daemon *daemon) {
    log_write(daemon->log, LOG_NOTE, "ready");
    service_ready();
    int status = server_run(daemon->server);
    forget_addresses(daemon);
    return status;
}

static void stop(struct daemon *daemon) {
    for (int i = 0; i < SIGNALS; i++)
        if (daemon->signals[i])
            event_free(daemon->signals[i]);
    server_free(daemon->server);
    key_close(&daemon->key);
    if (daemon->journal)
        daemon->journal->close(daemon->journal);
    if (daemon->store)
        store_close(daemon->store);
    log_free(daemon->log);
}

static int run(struct daemon *daemon) {
    int status = EX_UNAVAILABLE;
    umask(0077);
    signal(SIGPIPE, SIG_IGN);
    if (start(daemon))
        status = live(daemon);
    else if (daemon->log)
        log_write(daemon->log, LOG_ERROR, "%s", daemon->error);
    else
        fprintf(stderr, "thiduad: %s\n", daemon->error);
    stop(daemon);
    return status;
}

static int restore(const struct options *options) {
    umask(0077);
    if (options->backup)
        return restore_backup(options->backup, options->state, options->map_size, stdout);
    return restore_journal(options->journal, options->state, options->map_size, stdout);
}

static int act(struct daemon *daemon) {
    switch (daemon->options.verb) {
    case OPTIONS_RUN:
        return run(daemon);
    case OPTIONS_CHECK:
        return check_apart(daemon->options.state, stdout);
    case OPTIONS_RESTORE:
        return restore(&daemon->options);
    case OPTIONS_HELP:
        return fputs(options_usage(), stdout) < 0 ? EX_CANTCREAT : 0;
    case OPTIONS_VERSION:
        return puts("thiduad " THIDUA_VERSION) < 0 ? EX_CANTCREAT : 0;
    case OPTIONS_CHECK_CONFIG:
        return 0; // it would not have been read
    }
    return EX_SOFTWARE;
}

int main(int argc, char **argv) {
    struct daemon daemon = {.argc = argc, .argv = argv};
    int status = options_read(&daemon.options, argc, argv);
    if (status == 0)
        status = act(&daemon);
    options_free(&daemon.options);
    return status;
}
