#include "server/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "server/clock.h"

enum { LINE_MAX_BYTES = 2048 };

struct log {
    enum log_level level;
    bool for_journal;
    int64_t second; // in which limited lines are counted
    struct {
        unsigned written, left_out;
    } limited[LOG_CAUSES];
};

static const struct {
    const char *name;
    enum log_level level;
} levels[] = {
    {"error", LOG_ERROR}, {"warning", LOG_WARN}, {"notice", LOG_NOTE}, {"info", LOG_INFORM}, {"debug", LOG_TRACE},
};

bool log_level_parse(const char *name, enum log_level *level) {
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (strcmp(name, levels[i].name) == 0) {
            *level = levels[i].level;
            return true;
        }
    return false;
}

// JOURNAL_STREAM may be inherited by a program whose standard error goes elsewhere.
static bool stderr_is_journal(void) {
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat st;
    return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &st) == 0 &&
           st.st_dev == device && st.st_ino == inode;
}

struct log *log_new(enum log_level level) {
    struct log *log = calloc(1, sizeof *log);
    if (!log)
        return NULL;
    log->level = level;
    log->for_journal = stderr_is_journal();
    return log;
}

void log_free(struct log *log) {
    free(log);
}

void log_set_level(struct log *log, enum log_level level) {
    log->level = level;
}

static size_t put_front(const struct log *log, enum log_level level, char *line, size_t size) {
    if (log->for_journal)
        return (size_t)snprintf(line, size, "<%d>", (int)level);
    int64_t now = clock_wall_ms();
    time_t seconds = (time_t)(now / 1000);
    struct tm tm;
    char day[32];
    gmtime_r(&seconds, &tm);
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
    const char *word = level <= LOG_ERROR ? "error: " : level == LOG_WARN ? "warning: " : "";
    return (size_t)snprintf(line, size, "%s.%03dZ %s", day, (int)(now % 1000), word);
}

__attribute__((format(printf, 3, 0))) static void put(struct log *log, enum log_level level, const char *format,
                                                      va_list arguments) {
    char line[LINE_MAX_BYTES];
    size_t front = put_front(log, level, line, sizeof line - 1);
    int body = vsnprintf(line + front, sizeof line - 1 - front, format, arguments);
    size_t size = front + (body < 0 ? 0 : (size_t)body);
    if (size > sizeof line - 2)
        size = sizeof line - 2;
    for (size_t i = front; i < size; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    line[size++] = '\n';
    // There is nobody to tell that standard error cannot be written to.
    if (write(STDERR_FILENO, line, size) < 0)
        return;
}

void log_write(struct log *log, enum log_level level, const char *format, ...) {
    if (level > log->level)
        return;
    va_list arguments;
    va_start(arguments, format);
    put(log, level, format, arguments);
    va_end(arguments);
}

static const char *const causes[LOG_CAUSES] = {[LOG_BY_PEERS] = "connections", [LOG_BY_ACCOUNTS] = "refusals"};

void log_settle(struct log *log) {
    int64_t second = clock_monotonic_ms() / 1000;
    if (second == log->second)
        return;
    log->second = second;
    for (size_t i = 0; i < LOG_CAUSES; i++) {
        if (log->limited[i].left_out)
            log_write(log, LOG_NOTE, "%u more lines about %s were left out", log->limited[i].left_out, causes[i]);
        log->limited[i].written = log->limited[i].left_out = 0;
    }
}

void log_limited(struct log *log, enum log_cause cause, enum log_level level, const char *format, ...) {
    if (level > log->level)
        return;
    log_settle(log);
    if (log->limited[cause].written >= LOG_LIMITED_PER_SECOND) {
        log->limited[cause].left_out++;
        return;
    }
    log->limited[cause].written++;
    va_list arguments;
    va_start(arguments, format);
    put(log, level, format, arguments);
    va_end(arguments);
}
