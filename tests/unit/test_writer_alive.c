// What the watchdog is fed by: a writer that does not come back from a commit lives, one that hangs elsewhere does not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/writer_fixture.h"

enum { HOUR_MS = 3600 * 1000 };

static atomic_int_least64_t ahead_ms; // of the kernel's monotonic clock
static atomic_bool done_blocked;      // the writer does not come back from the hand-over

int clock_gettime(clockid_t clock, struct timespec *now) {
    int rc = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_MONOTONIC)
        now->tv_sec += atomic_load(&ahead_ms) / 1000;
    return rc;
}

static void advance(int64_t ms) {
    atomic_fetch_add(&ahead_ms, ms);
}

static void done_at_last(void *ctx) {
    atomic_fetch_add(&((struct bench *)ctx)->calls, 1);
    while (atomic_load(&done_blocked))
        pause_ms(1);
}

static int setup(void **out) {
    struct bench *bench = malloc(sizeof *bench);
    char error[512];
    bench_begin(bench);
    bench->writer = writer_start(bench->store, bench->journal, &bench->handlers, done_at_last, bench, error, 512);
    assert_non_null(bench->writer);
    *out = bench;
    return 0;
}

static int teardown(void **in) {
    atomic_store(&done_blocked, false);
    bench_end(*in);
    free(*in);
    return 0;
}

static void wait_for(atomic_int *count, int least) {
    for (int tries = 0; atomic_load(count) < least; tries++) {
        assert_true(tries < 5000);
        pause_ms(1);
    }
}

static void wait_for_commit(const struct bench *bench) {
    for (int tries = 0; writer_commit_age_ms(bench->writer) == 0; tries++) {
        assert_true(tries < 5000);
        pause_ms(1);
    }
}

static void one_without_work_lives(void **in) {
    struct bench *bench = *in;
    advance(HOUR_MS);
    assert_true(writer_alive(bench->writer));
    submit(bench, "x", 1);
    collect(bench, 1);
    advance(HOUR_MS);
    assert_true(writer_alive(bench->writer));
}

static void one_stuck_outside_a_commit_does_not(void **in) {
    struct bench *bench = *in;
    atomic_store(&bench->gate_closed, true);
    submit(bench, "x", 1);
    wait_for(&bench->decisions, 1);
    advance(WRITER_HANG_MS - 5000);
    assert_true(writer_alive(bench->writer));
    advance(5000);
    assert_false(writer_alive(bench->writer));
    atomic_store(&bench->gate_closed, false);
    collect(bench, 1);
}

static void one_inside_a_commit_lives(void **in) {
    struct bench *bench = *in;
    atomic_store(&sync_blocked, true);
    submit(bench, "x", 1);
    wait_for_commit(bench);
    advance(HOUR_MS);
    assert_true(writer_alive(bench->writer));
    assert_true(writer_commit_age_ms(bench->writer) >= HOUR_MS);
    atomic_store(&sync_blocked, false);
    collect(bench, 1);
}

static void the_time_of_a_commit_counts_for_nothing_after_it(void **in) {
    struct bench *bench = *in;
    atomic_store(&done_blocked, true);
    atomic_store(&sync_blocked, true);
    submit(bench, "x", 1);
    wait_for_commit(bench);
    advance(HOUR_MS);
    int calls = atomic_load(&bench->calls);
    atomic_store(&sync_blocked, false);
    wait_for(&bench->calls, calls + 1); // the commit is over, the batch is not
    assert_int_equal(writer_commit_age_ms(bench->writer), 0);
    assert_true(writer_alive(bench->writer));
    advance(WRITER_HANG_MS);
    assert_false(writer_alive(bench->writer));
    atomic_store(&done_blocked, false);
    collect(bench, 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(one_without_work_lives),
        T(one_stuck_outside_a_commit_does_not),
        T(one_inside_a_commit_lives),
        T(the_time_of_a_commit_counts_for_nothing_after_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
