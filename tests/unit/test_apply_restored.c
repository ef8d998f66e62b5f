// Branches: what a restored backup does to the rows.
#include "server/ledger/rows.h"
#include "tests/unit/restored_events.h"

enum { FIRST = 0x1e, SECOND = 0xb2, THIRD = 0xb3 }; // what the ids of the branches are made of

static void found(struct world *world) {
    begin(world);
    applied(world, founded(world));
    applied(world, noted(world, "x")); // 2
}

static void assert_branch(const struct view *view, uint8_t fill, uint64_t first, uint64_t last) {
    struct branch branch, there;
    uint8_t id[16];
    memset(id, fill, sizeof id);
    assert_true(view_branch(view, id, &branch));
    assert_memory_equal(branch.id, id, sizeof id);
    assert_true(branch.first == first && branch.last == last);
    assert_true(view_branch_at(view, first, &there));
    assert_memory_equal(there.id, id, sizeof id);
    assert_true(view_branch_at(view, last, &there));
    assert_memory_equal(there.id, id, sizeof id);
}

static void assert_no_branch(const struct view *view, uint8_t fill) {
    struct branch branch;
    uint8_t id[16];
    memset(id, fill, sizeof id);
    assert_false(view_branch(view, id, &branch));
    assert_null(view_fault(view));
}

static void a_ledger_begins_with_one_branch(void **in) {
    struct world *world = *in;
    found(world);
    assert_branch(writing(world), FIRST, 1, UINT64_MAX);
    assert_no_branch(writing(world), SECOND);
    assert_true(view_unconfirmed(writing(world)) == 0);
}

static void restoring_begins_another(void **in) {
    struct world *world = *in;
    uint8_t ledger[16], branch[16];
    found(world);
    applied(world, restored(world, SECOND)); // 3
    for (int pass = 0; pass < 2; pass++) {
        const struct view *view = pass == 0 ? writing(world) : reading(world);
        assert_branch(view, FIRST, 1, 2);
        assert_branch(view, SECOND, 3, UINT64_MAX);
        assert_no_branch(view, THIRD);
        assert_true(view_ledger_id(view, ledger, branch));
        assert_int_equal(ledger[0], FIRST);
        assert_int_equal(branch[15], SECOND);
        assert_true(view_unconfirmed(view) == 3);
        if (pass == 0)
            commit(world);
    }
    ledger_read_end(world->ledger);
}

static void it_may_be_restored_again_and_again(void **in) {
    struct world *world = *in;
    found(world);
    applied(world, restored(world, SECOND)); // 3
    for (int i = 0; i < 300; i++)
        applied(world, noted(world, "x"));
    applied(world, restored(world, THIRD)); // 304
    assert_branch(writing(world), FIRST, 1, 2);
    assert_branch(writing(world), SECOND, 3, 303);
    assert_branch(writing(world), THIRD, 304, UINT64_MAX);
    assert_true(view_unconfirmed(writing(world)) == 304);
}

static void what_cannot_be_a_branch_fails(void **in) {
    struct world *world = *in;
    found(world);
    commit(world);
    for (int wrong = 0; wrong < 4; wrong++) {
        begin(world);
        Pb__Event event = restored(world, wrong == 3 ? FIRST : SECOND);
        event.restored->branch.len -= wrong == 0;
        event.restored->from_seq -= wrong == 1;
        event.restored->from_seq += wrong == 2;
        refused_by_apply(world, event,
                         wrong == 0   ? "without an id"
                         : wrong == 3 ? "has been there before"
                                      : "does not end with entry");
        ledger_abort(world->ledger);
    }
    begin(world);
    applied(world, restored(world, SECOND));
    refused_by_apply(world, restored(world, FIRST), "has been there before");
}

static void accounts_are_confirmed_once(void **in) {
    struct world *world = *in;
    found(world);
    refused_by_apply(world, accounts_confirmed(world, 0, 0), "no accounts of entry 0 wait");
    ledger_abort(world->ledger);
    found(world);
    applied(world, invited(world, 1, 0xc0, false)); // 3
    applied(world, restored(world, SECOND));        // 4
    commit(world);
    begin(world);
    refused_by_apply(world, accounts_confirmed(world, 3, 1), "no accounts of entry 3 wait");
    ledger_abort(world->ledger);
    begin(world);
    refused_by_apply(world, accounts_confirmed(world, 4, 2), "there are 1 accounts, not 2");
    ledger_abort(world->ledger);
    begin(world);
    applied(world, accounts_confirmed(world, 4, 1));
    assert_true(view_unconfirmed(writing(world)) == 0);
    assert_branch(writing(world), SECOND, 4, UINT64_MAX);
    refused_by_apply(world, accounts_confirmed(world, 4, 1), "no accounts of entry 4 wait");
}

// The next restoring asks again.
static void each_restoring_is_confirmed_by_itself(void **in) {
    struct world *world = *in;
    found(world);
    applied(world, restored(world, SECOND)); // 3
    applied(world, accounts_confirmed(world, 3, 0));
    applied(world, restored(world, THIRD)); // 5
    assert_true(view_unconfirmed(writing(world)) == 5);
    refused_by_apply(world, accounts_confirmed(world, 3, 0), "no accounts of entry 3 wait");
}

static void damage(struct world *world, struct span key) {
    begin(world);
    store_put(ledger_txn(world->ledger), STORE_META, key, span_text("?"));
    assert_int_equal(ledger_commit(world->ledger), STORE_OK);
}

static void bad_rows_are_damage(void **in) {
    struct world *world = *in;
    struct branch branch;
    uint8_t key[KEY_PAST];
    found(world);
    applied(world, restored(world, SECOND)); // 3
    commit(world);
    damage(world, key_of_text("unconfirmed"));
    const struct view *view = reading(world);
    assert_true(view_unconfirmed(view) == 0);
    assert_non_null(strstr(view_fault(view), "meta"));
    ledger_read_end(world->ledger);
    ledger_free(world->ledger);
    world->ledger = ledger_new(world->store, NULL);
    damage(world, key_of_past(2, key));
    view = reading(world);
    assert_false(view_branch_at(view, 1, &branch));
    assert_non_null(strstr(view_fault(view), "meta"));
    ledger_read_end(world->ledger);
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(a_ledger_begins_with_one_branch),
        T(restoring_begins_another),
        T(it_may_be_restored_again_and_again),
        T(what_cannot_be_a_branch_fails),
        T(accounts_are_confirmed_once),
        T(each_restoring_is_confirmed_by_itself),
        T(bad_rows_are_damage),
    };
    return cmocka_run_group_tests_name("restored", tests, NULL, NULL);
}
