// The daemon's own log, on standard error: with syslog's <N> in front where systemd's journal listens there, else with
// the time. Control characters in what is written become '?'. Never give it a token, a code or a key.
#ifndef THIDUA_LOG_H
#define THIDUA_LOG_H

#include <stdbool.h>
#include <stdint.h>

// syslog's numbers.
enum log_level { LOG_ERROR = 3, LOG_WARN = 4, LOG_NOTE = 5, LOG_INFORM = 6, LOG_TRACE = 7 };

enum { LOG_LIMITED_PER_SECOND = 20 };

// Kinds of lines that are counted apart, so that strangers cannot keep what accounts do out of the log.
enum log_cause { LOG_BY_PEERS, LOG_BY_ACCOUNTS, LOG_CAUSES };

struct log;

// NULL: out of memory. For one thread.
struct log *log_new(enum log_level level);
void log_free(struct log *log);

void log_set_level(struct log *log, enum log_level level);

// The level that a configuration names: error, warning, notice, info, debug. False: none of these.
bool log_level_parse(const char *name, enum log_level *level);

void log_write(struct log *log, enum log_level level, const char *format, ...) __attribute__((format(printf, 3, 4)));

// The same for what a peer can cause as often as it likes: at most LOG_LIMITED_PER_SECOND lines of a kind a second;
// those left out are counted.
void log_limited(struct log *log, enum log_cause cause, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// Says how many lines were left out, if any were in a second that is over. To be called now and then.
void log_settle(struct log *log);

#endif
