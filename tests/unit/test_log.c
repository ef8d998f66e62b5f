#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/clock.h"
#include "server/log.h"

enum { SAID_MAX = 64 * 1024 };

struct desk {
    struct log *log;
    FILE *file;    // takes standard error's place while a test speaks
    int elsewhere; // standard error meanwhile
    char said[SAID_MAX];
};

static int set_desk(void **state) {
    struct desk *desk = calloc(1, sizeof *desk);
    unsetenv("JOURNAL_STREAM");
    *state = desk;
    if (!desk || !(desk->log = log_new(LOG_INFORM)) || !(desk->file = tmpfile()))
        return -1;
    desk->elsewhere = dup(STDERR_FILENO);
    return dup2(fileno(desk->file), STDERR_FILENO) < 0 ? -1 : 0;
}

static const char *said(struct desk *desk) {
    fseek(desk->file, 0, SEEK_SET);
    size_t size = fread(desk->said, 1, sizeof desk->said - 1, desk->file);
    desk->said[size] = '\0';
    return desk->said;
}

static int clear_desk(void **state) {
    struct desk *desk = *state;
    dup2(desk->elsewhere, STDERR_FILENO);
    close(desk->elsewhere);
    fclose(desk->file);
    log_free(desk->log);
    free(desk);
    return 0;
}

static size_t lines_with(const char *text, const char *word) {
    size_t count = 0;
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        count++;
    return count;
}

// The second in which limited lines are counted, so that a test does not fall across two.
static void begin_second(void) {
    int64_t second = clock_monotonic_ms() / 1000;
    while (clock_monotonic_ms() / 1000 == second)
        usleep(1000);
}

static void what_is_below_the_level_is_not_written(void **state) {
    struct desk *desk = *state;
    log_write(desk->log, LOG_TRACE, "quiet");
    log_write(desk->log, LOG_INFORM, "loud");
    log_set_level(desk->log, LOG_WARN);
    log_write(desk->log, LOG_NOTE, "quiet");
    log_write(desk->log, LOG_WARN, "loud");
    assert_int_equal(lines_with(said(desk), "loud\n"), 2);
    assert_null(strstr(desk->said, "quiet"));
}

static void a_line_stays_one_line(void **state) {
    struct desk *desk = *state;
    char *much = malloc(10000);
    assert_non_null(much);
    memset(much, 'x', 9999);
    much[9999] = '\0';
    log_write(desk->log, LOG_NOTE, "one\ntwo\033[2Jthree %s", much);
    free(much);
    assert_int_equal(lines_with(said(desk), "\n"), 1);
    assert_int_equal(desk->said[strlen(desk->said) - 1], '\n');
    assert_non_null(strstr(desk->said, "one?two?[2Jthree xxx"));
}

static void strangers_do_not_keep_accounts_out(void **state) {
    struct desk *desk = *state;
    begin_second();
    for (int i = 0; i < 1000; i++)
        log_limited(desk->log, LOG_BY_PEERS, LOG_NOTE, "stranger");
    log_limited(desk->log, LOG_BY_ACCOUNTS, LOG_NOTE, "account");
    assert_int_equal(lines_with(said(desk), "stranger\n"), LOG_LIMITED_PER_SECOND);
    assert_int_equal(lines_with(desk->said, "account\n"), 1);
    begin_second();
    log_settle(desk->log);
    assert_non_null(strstr(said(desk), "980 more lines about connections were left out"));
    log_limited(desk->log, LOG_BY_PEERS, LOG_NOTE, "stranger");
    assert_int_equal(lines_with(said(desk), "stranger\n"), LOG_LIMITED_PER_SECOND + 1);
}

// ---- facts ----

static const struct log_facts refused = {{
    [LOG_UNIT] = "ba-dinh",
    [LOG_ACCOUNT] = "3",
    [LOG_VERB] = "score",
    [LOG_STATUS] = "PERMISSION_DENIED",
    [LOG_REASON] = "ROLE",
}};

static char sent[4096]; // the last line that went to the journal, its fields ended by newlines
static bool taken;      // whether the journal takes it

static int fake_journal(const struct iovec *fields, int count) {
    size_t size = 0;
    for (int i = 0; i < count; i++)
        size += (size_t)snprintf(sent + size, sizeof sent - size, "%.*s\n", (int)fields[i].iov_len,
                                 (const char *)fields[i].iov_base);
    return taken ? 0 : -1;
}

static void facts_stand_at_the_end_of_the_line(void **state) {
    struct desk *desk = *state;
    log_facts(desk->log, LOG_NOTE, &refused, "refused: %s", "a\tb");
    assert_int_equal(lines_with(said(desk), "\n"), 1);
    assert_non_null(strstr(desk->said, "Z refused: a?b unit=ba-dinh account=3 verb=score status=PERMISSION_DENIED "
                                       "reason=ROLE\n"));
    log_facts(desk->log, LOG_TRACE, &refused, "below the level");
    assert_int_equal(lines_with(said(desk), "\n"), 1);
}

static void facts_are_fields_of_the_journal(void **state) {
    struct desk *desk = *state;
    const struct log_facts accepted = {{[LOG_VERB] = "invite", [LOG_SEQ] = "57"}};
    taken = true;
    log_set_sender(desk->log, fake_journal);
    log_facts(desk->log, LOG_NOTE, &refused, "refused: %d\nPRIORITY=0", 1);
    assert_string_equal(sent, "MESSAGE=refused: 1?PRIORITY=0\nPRIORITY=5\nTHIDUA_UNIT=ba-dinh\nTHIDUA_ACCOUNT=3\n"
                              "THIDUA_VERB=score\nTHIDUA_STATUS=PERMISSION_DENIED\nTHIDUA_REASON=ROLE\n");
    log_facts(desk->log, LOG_INFORM, &accepted, "accepted");
    assert_string_equal(sent, "MESSAGE=accepted\nPRIORITY=6\nTHIDUA_VERB=invite\nTHIDUA_SEQ=57\n");
    assert_string_equal(said(desk), "");
}

static void what_the_journal_does_not_take_is_written(void **state) {
    struct desk *desk = *state;
    taken = false;
    log_set_sender(desk->log, fake_journal);
    log_facts(desk->log, LOG_NOTE, &refused, "refused");
    assert_non_null(strstr(said(desk), "refused unit=ba-dinh account=3 "));
}

static void facts_too_are_one_line(void **state) {
    struct desk *desk = *state;
    char much[LOG_FIELD_MAX + 100];
    memset(much, 'y', sizeof much - 1);
    much[sizeof much - 1] = '\0';
    const struct log_facts facts = {{much, much, much, "a\nb", much, much}};
    taken = true;
    log_facts(desk->log, LOG_NOTE, &facts, "%s%s%s%s%s%s%s%s", much, much, much, much, much, much, much, much);
    assert_int_equal(lines_with(said(desk), "\n"), 1);
    log_set_sender(desk->log, fake_journal);
    log_facts(desk->log, LOG_NOTE, &facts, "%s", much);
    assert_non_null(strstr(sent, "\nTHIDUA_SEQ=yyyy"));
}

static void kinds_are_admitted_apart(void **state) {
    struct desk *desk = *state;
    begin_second();
    for (int i = 0; i < LOG_LIMITED_PER_SECOND; i++)
        assert_true(log_admit(desk->log, LOG_OF_WRITES, LOG_INFORM));
    assert_false(log_admit(desk->log, LOG_OF_WRITES, LOG_INFORM));
    assert_true(log_admit(desk->log, LOG_BY_ACCOUNTS, LOG_NOTE));
    log_set_level(desk->log, LOG_NOTE);
    assert_false(log_admit(desk->log, LOG_OF_WRITES, LOG_INFORM)); // not wanted, and so not left out
    begin_second();
    log_settle(desk->log);
    assert_non_null(strstr(said(desk), "1 more lines about accepted writes were left out"));
}

static void levels_have_names(void **state) {
    (void)state;
    enum log_level level;
    assert_true(log_level_parse("debug", &level));
    assert_int_equal(level, LOG_TRACE);
    assert_true(log_level_parse("warning", &level));
    assert_int_equal(level, LOG_WARN);
    assert_false(log_level_parse("Warning", &level));
    assert_false(log_level_parse("", &level));
}

#define DESK_TEST(test) cmocka_unit_test_setup_teardown(test, set_desk, clear_desk)

int main(void) {
    const struct CMUnitTest tests[] = {
        DESK_TEST(what_is_below_the_level_is_not_written),
        DESK_TEST(a_line_stays_one_line),
        DESK_TEST(strangers_do_not_keep_accounts_out),
        DESK_TEST(facts_stand_at_the_end_of_the_line),
        DESK_TEST(facts_are_fields_of_the_journal),
        DESK_TEST(what_the_journal_does_not_take_is_written),
        DESK_TEST(facts_too_are_one_line),
        DESK_TEST(kinds_are_admitted_apart),
        cmocka_unit_test(levels_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
