// The journal asked for by unit and by actor, however far apart its entries lie.
#include "tests/unit/reads.h"

static Pb__AuditQuery about(const char *unit, const char *actor) {
    Pb__AuditQuery query = PB__AUDIT_QUERY__INIT;
    query.unit = unit;
    query.actor = actor;
    return query;
}

static const Pb__Entry *entry_in(struct office *office, const Pb__AuditRow *row) {
    const Pb__Entry *entry = (const Pb__Entry *)protobuf_c_message_unpack(
        &pb__entry__descriptor, arena_allocator(office->world.arena), row->record.len, row->record.data);
    assert_non_null(entry);
    return entry;
}

// All frames' entries by number; whatever is left out between them, each row's hashes are the journal's own.
static size_t list(struct office *office, Pb__AuditQuery query, uint64_t *seqs, size_t room) {
    struct cursor cursor = {0};
    unsigned turns = 0;
    size_t count = 0;
    for (bool more = true; more;) {
        const Pb__Response *response = read_next(office, AUDITOR, ASK(AUDIT, &query), &cursor, &turns);
        assert_ok(response);
        more = response->more;
        assert_true(!more || response->audit->n_rows > 0); // no empty frame on the way
        for (size_t i = 0; i < response->audit->n_rows; i++) {
            const Pb__AuditRow *row = response->audit->rows[i];
            uint8_t hash[32];
            assert_true(journal_hash(row->prev.data, (struct span){row->record.data, row->record.len}, hash));
            assert_memory_equal(row->hash.data, hash, 32);
            assert_true(count < room);
            seqs[count++] = entry_in(office, row)->seq;
        }
    }
    return count;
}

static void assert_lists(struct office *office, Pb__AuditQuery query, const uint64_t *expected, size_t count) {
    uint64_t seqs[256];
    assert_int_equal(list(office, query, seqs, 256), count);
    assert_memory_equal(seqs, expected, count * sizeof *seqs);
}
#define ASSERT_LISTS(office, query, ...)                                                                               \
    assert_lists(office, query, (const uint64_t[]){__VA_ARGS__},                                                       \
                 sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

// ---- by unit ----

// What is said of the unit, whoever says it, and what its accounts do.
static void entries_of_a_unit(void **state) {
    struct office *office = *state;
    name_leaders(office);
    open_scoring(office);
    uint64_t since = last_seq(office);
    full_sheet(office, BA_DINH_HEAD, 2000); // + 1 to + 3
    full_sheet(office, DONG_DA_HEAD, 2250); // + 4 to + 6
    full_sheet(office, HOANG_MAI_HEAD, 2500);
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__APPRAISAL));
    uint64_t judged = last_seq(office);
    assert_ok(APPRAISE(office, DONG_DA_HEAD, "quan-ba-dinh", "thiếu", gives("TC4", 2400))); // + 1: of two units
    confirm(office, "quan-dong-da", 2250);                                                  // + 2, + 3
    confirm(office, "quan-hoang-mai", 2500);
    assert_ok(FINALIZE(office, NULL, "quan-dong-da", "quan-hoang-mai")); // + 5: of two units
    Pb__AuditQuery query = about("ba dinh", NULL);
    query.has_since = true;
    query.since = since;
    ASSERT_LISTS(office, query, since + 1, since + 2, since + 3, judged + 1);
    query = about("quan-dong-da", NULL);
    query.has_since = true;
    query.since = judged;
    ASSERT_LISTS(office, query, judged + 1, judged + 2, judged + 3, judged + 5);
    query.unit = "quan-hoang-mai";
    ASSERT_LISTS(office, query, judged + 4, judged + 5);
    query.unit = "quan-tay-ho";
    assert_refused(read_as(office, AUDITOR, ASK(AUDIT, &query)), PB__STATUS__NOT_FOUND, "UNIT_UNKNOWN");
}

static void a_row_names_its_unit(void **state) {
    struct office *office = *state;
    name_leaders(office);
    open_judging(office);
    assert_ok(APPRAISE(office, DONG_DA_HEAD, "quan-ba-dinh", "thiếu", gives("TC4", 2400)));
    Pb__AuditQuery query = PB__AUDIT_QUERY__INIT;
    query.has_since = true;
    query.since = last_seq(office) - 2;
    const Pb__Response *response = read_as(office, CITY, ASK(AUDIT, &query));
    assert_int_equal(response->audit->n_rows, 2);
    assert_null(response->audit->rows[0]->unit);                         // the council's step
    assert_string_equal(response->audit->rows[1]->unit, "quan-ba-dinh"); // not the judge's
}

// ---- by actor ----

static void entries_of_an_actor(void **state) {
    struct office *office = *state;
    int64_t wake_ms;
    open_scoring(office);
    uint64_t since = last_seq(office);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 100)));
    assert_ok(SCORE(office, BA_DINH_OFFICER, points("TC4", 150)));
    assert_ok(invite(office, "quan-ba-dinh", PB__ROLE__OFFICER, 900));
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 200)));
    assert_int_equal(pass_time(office, office->world.fixture.definition->deadline_ms, &wake_ms), 1);
    Pb__AuditQuery query = about(NULL, "account:5"); // the head
    query.has_since = true;
    query.since = since;
    ASSERT_LISTS(office, query, since + 1, since + 4);
    query.actor = "account:4";
    ASSERT_LISTS(office, query, since + 2);
    query.actor = "local:1000";
    ASSERT_LISTS(office, query, since + 3);
    query.actor = "daemon";
    ASSERT_LISTS(office, query, since + 5);
    query.actor = "local:0";
    assert_lists(office, query, NULL, 0);
    query.actor = "account:4";
    query.unit = "quan-dong-da";
    assert_lists(office, query, NULL, 0); // both are asked for
    query.unit = "quan-ba-dinh";
    ASSERT_LISTS(office, query, since + 2);
}

static void actors_that_are_none(void **state) {
    static const char *const wrong[] = {"5",        "account:", "account:0",  "account:05",         "account:-5",
                                        "local:",   "local:x",  "Daemon",     "account:4294967296", "account:5 ",
                                        "local:00", "daemons",  "account:+5", "quan-ba-dinh"};
    struct office *office = *state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Pb__AuditQuery query = about(NULL, wrong[i]);
        const Pb__Response *response = read_as(office, AUDITOR, ASK(AUDIT, &query));
        assert_refused(response, PB__STATUS__INVALID_ARGUMENT, "FIELD_VALUE");
        assert_told(response, 0, "field", "audit.actor");
        assert_told(response, 0, "value", wrong[i]);
    }
}

// ---- far apart ----

enum { FAR = 4500 }; // more than two turns' looks

static void entries_far_apart_are_found(void **state) {
    struct office *office = *state;
    open_scoring(office);
    uint64_t first = SCORE(office, DONG_DA_HEAD, points("TC4", 100))->score->seq;
    for (int i = 0; i < FAR; i++)
        append_own(office, noted(&office->world, "-"));
    uint64_t last = SCORE(office, DONG_DA_HEAD, points("TC4", 150))->score->seq;
    Pb__AuditQuery query = about("quan-dong-da", "account:7");
    query.has_since = true;
    query.since = first - 1;
    struct cursor cursor = {0};
    unsigned turns = 0;
    const Pb__Response *response = read_next(office, CITY, ASK(AUDIT, &query), &cursor, &turns);
    assert_int_equal(response->audit->n_rows, 1);
    assert_int_equal(turns, 1);
    assert_true(response->more);
    assert_ok(SCORE(office, DONG_DA_HEAD, points("TC4", 200))); // for a later question
    response = read_next(office, CITY, ASK(AUDIT, &query), &cursor, &turns);
    assert_true(turns > 2);
    assert_int_equal(response->audit->n_rows, 1);
    assert_int_equal(entry_in(office, response->audit->rows[0])->seq, last);
    assert_false(response->more);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(entries_of_a_unit),    OFFICE_TEST(a_row_names_its_unit),        OFFICE_TEST(entries_of_an_actor),
        OFFICE_TEST(actors_that_are_none), OFFICE_TEST(entries_far_apart_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
