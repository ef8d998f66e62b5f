#define SD_JOURNAL_SUPPRESS_LOCATION
#include "server/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

#include "server/clock.h"

enum { LINE_MAX_BYTES = 2048 };

struct log {
    enum log_level level;
    bool for_journal;
    log_sender *sender; // of lines with facts; NULL: they go where the others do
    int64_t second;     // in which limited lines are counted
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

static int to_journal(const struct iovec *fields, int count) {
    return sd_journal_sendv(fields, count);
}

struct log *log_new(enum log_level level) {
    struct log *log = calloc(1, sizeof *log);
    if (!log)
        return NULL;
    log->level = level;
    log->for_journal = stderr_is_journal();
    log->sender = log->for_journal ? to_journal : NULL;
    return log;
}

void log_free(struct log *log) {
    free(log);
}

void log_set_sender(struct log *log, log_sender *sender) {
    log->sender = sender;
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

// ---- a line ----

struct line {
    char text[LINE_MAX_BYTES];
    size_t size;
};

// What does not fit is cut off; there is always room for a last byte.
__attribute__((format(printf, 2, 0))) static void add(struct line *line, const char *format, va_list arguments) {
    size_t room = sizeof line->text - 1 - line->size;
    int size = vsnprintf(line->text + line->size, room, format, arguments);
    size_t begin = line->size, wanted = size < 0 ? 0 : (size_t)size;
    line->size += wanted < room ? wanted : room - 1;
    for (size_t i = begin; i < line->size; i++)
        if ((unsigned char)line->text[i] < 0x20 || line->text[i] == 0x7f)
            line->text[i] = '?';
}

__attribute__((format(printf, 2, 3))) static void add_text(struct line *line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    add(line, format, arguments);
    va_end(arguments);
}

static void put(struct line *line) {
    line->text[line->size++] = '\n';
    // There is nobody to tell that standard error cannot be written to.
    if (write(STDERR_FILENO, line->text, line->size) < 0)
        return;
}

__attribute__((format(printf, 3, 0))) static void put_line(const struct log *log, enum log_level level,
                                                           const char *format, va_list arguments) {
    struct line line;
    line.size = put_front(log, level, line.text, sizeof line.text);
    add(&line, format, arguments);
    put(&line);
}

void log_write(struct log *log, enum log_level level, const char *format, ...) {
    if (level > log->level)
        return;
    va_list arguments;
    va_start(arguments, format);
    put_line(log, level, format, arguments);
    va_end(arguments);
}

static const char *const causes[LOG_CAUSES] = {
    [LOG_BY_PEERS] = "connections", [LOG_BY_ACCOUNTS] = "refusals", [LOG_OF_WRITES] = "accepted writes"};

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

bool log_admit(struct log *log, enum log_cause cause, enum log_level level) {
    if (level > log->level)
        return false;
    log_settle(log);
    bool room = log->limited[cause].written < LOG_LIMITED_PER_SECOND;
    (*(room ? &log->limited[cause].written : &log->limited[cause].left_out))++;
    return room;
}

void log_limited(struct log *log, enum log_cause cause, enum log_level level, const char *format, ...) {
    if (!log_admit(log, cause, level))
        return;
    va_list arguments;
    va_start(arguments, format);
    put_line(log, level, format, arguments);
    va_end(arguments);
}

// ---- facts ----

static const struct {
    const char *key, *journal;
} fields[LOG_FIELDS] = {
    [LOG_UNIT] = {"unit", "THIDUA_UNIT"},       [LOG_ACCOUNT] = {"account", "THIDUA_ACCOUNT"},
    [LOG_VERB] = {"verb", "THIDUA_VERB"},       [LOG_STATUS] = {"status", "THIDUA_STATUS"},
    [LOG_REASON] = {"reason", "THIDUA_REASON"}, [LOG_SEQ] = {"seq", "THIDUA_SEQ"},
};

enum { OWN_FIELDS = 2, FIELD_TEXT = LOG_FIELD_MAX + 32 };

static struct iovec whole(const char *text, size_t size) {
    return (struct iovec){.iov_base = (char *)(uintptr_t)text, .iov_len = size};
}

// False: the journal did not take it.
static bool send_facts(const struct log *log, enum log_level level, const struct log_facts *facts,
                       const struct line *message) {
    struct iovec vector[OWN_FIELDS + LOG_FIELDS];
    char priority[FIELD_TEXT], texts[LOG_FIELDS][FIELD_TEXT];
    int count = 0;
    vector[count++] = whole(message->text, message->size);
    vector[count++] = whole(priority, (size_t)snprintf(priority, sizeof priority, "PRIORITY=%d", (int)level));
    for (int i = 0; i < LOG_FIELDS; i++)
        if (facts->values[i]) {
            snprintf(texts[i], FIELD_TEXT, "%s=%.*s", fields[i].journal, LOG_FIELD_MAX, facts->values[i]);
            vector[count++] = whole(texts[i], strlen(texts[i]));
        }
    return log->sender(vector, count) >= 0;
}

static void put_facts(const struct log *log, enum log_level level, const struct log_facts *facts, const char *message) {
    struct line line;
    line.size = put_front(log, level, line.text, sizeof line.text);
    add_text(&line, "%s", message);
    for (int i = 0; i < LOG_FIELDS; i++)
        if (facts->values[i])
            add_text(&line, " %s=%.*s", fields[i].key, LOG_FIELD_MAX, facts->values[i]);
    put(&line);
}

void log_facts(struct log *log, enum log_level level, const struct log_facts *facts, const char *format, ...) {
    static const char name[] = "MESSAGE=";
    struct line message = {.size = 0};
    va_list arguments;
    if (level > log->level)
        return;
    add_text(&message, "%s", name);
    va_start(arguments, format);
    add(&message, format, arguments);
    va_end(arguments);
    if (!log->sender || !send_facts(log, level, facts, &message))
        put_facts(log, level, facts, message.text + sizeof name - 1);
}
