// The daemon's own log, on standard error: with syslog's <N> in front where systemd's journal listens there, else with
// the time. Control characters in what is written become '?'. Never give it a token, a code or a key, nor what people
// write.
#ifndef THIDUA_LOG_H
#define THIDUA_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

// syslog's numbers.
enum log_level { LOG_ERROR = 3, LOG_WARN = 4, LOG_NOTE = 5, LOG_INFORM = 6, LOG_TRACE = 7 };

enum { LOG_LIMITED_PER_SECOND = 20 };

// Kinds of lines that are counted apart, so that strangers cannot keep what accounts do out of the log.
enum log_cause { LOG_BY_PEERS, LOG_BY_ACCOUNTS, LOG_OF_WRITES, LOG_CAUSES };

// What a line is about, for programs to read.
enum log_field { LOG_UNIT, LOG_ACCOUNT, LOG_VERB, LOG_STATUS, LOG_REASON, LOG_SEQ, LOG_FIELDS };

enum { LOG_FIELD_MAX = 128 }; // bytes of a value

struct log_facts {
    const char *values[LOG_FIELDS]; // NULL: the line has no such field
};

// Gives a line to the journal, as sd_journal_sendv does. Negative: it was not taken.
typedef int log_sender(const struct iovec *fields, int count);

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

// Whether such a line is to be written now: false where the level is not wanted, or where LOG_LIMITED_PER_SECOND have
// been written, and then it is counted. For lines that take work to make; log_facts writes them.
bool log_admit(struct log *log, enum log_cause cause, enum log_level level);

// Writes a line with its facts: as fields of their own (THIDUA_UNIT=…) to systemd's journal, if standard error leads
// there; else at the end of the line (unit=…).
void log_facts(struct log *log, enum log_level level, const struct log_facts *facts, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// From now on lines with facts go to `sender`. NULL: at the end of the line, to standard error.
void log_set_sender(struct log *log, log_sender *sender);

// Says how many lines were left out, if any were in a second that is over. To be called now and then.
void log_settle(struct log *log);

#endif
