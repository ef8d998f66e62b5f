// The hash of a final board against texts written by hand; their hashes are sha256sum's.
#include <stdio.h>

#include "server/rules/final_board.h"
#include "tests/unit/definition.h"

// Four units; TC1 with the items TC1.1 and TC1.2, TC2. Equal totals are told apart by fewer deductions.
static struct period *period_of_four(struct fixture *fixture) {
    fixture_begin(fixture);
    add_unit(fixture, "quan-ba-dinh", "ba-dinh", "Ba Đình");
    add_unit(fixture, "quan-dong-da", NULL, "Đống Đa");
    add_unit(fixture, "quan-hoang-mai", NULL, "Hoàng Mai");
    add_unit(fixture, "quan-long-bien", NULL, "Long Biên");
    add_criterion(fixture, "TC1", 4000);
    add_criterion(fixture, "TC1.1", 1500);
    add_criterion(fixture, "TC1.2", 2500);
    add_criterion(fixture, "TC2", 6000);
    add_tie_break(fixture, "deduction");
    struct period *period = compiled(fixture);
    for (size_t i = 0; i < sizeof period->hash; i++) // in place of the definition's own, to be written by hand
        period->hash[i] = (uint8_t)(0xa0 + i);
    return period;
}

static void drop(struct fixture *fixture, struct period *period) {
    period_free(period);
    fixture_end(fixture);
}

static struct figures column(const struct period *period, int32_t bonus_cp, int32_t first, int32_t second,
                             int32_t third, int32_t deducted_cp) {
    struct figures figures;
    int32_t deducted[PERIOD_CRITERIA_MAX] = {deducted_cp};
    figures_blank(&figures, period->n_leaves);
    figures.bonus_cp = bonus_cp;
    figures.points_cp[0] = first;
    figures.points_cp[1] = second;
    figures.points_cp[2] = third;
    figures_settle(period, &figures, deducted);
    return figures;
}

static void hex_of(const struct period *period, const struct figures *columns, char hex[2 * BOARD_HASH + 1]) {
    const struct figures *list[] = {&columns[0], &columns[1], &columns[2], &columns[3]};
    uint8_t hash[BOARD_HASH];
    assert_true(final_board_hash(period, list, hash));
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)hash[i]);
}

// thidua-board 1
// period hn-cum-1-2022
// definition a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf
// criteria TC1.1 TC1.2 TC2
// unit quan-ba-dinh 2 9000 500 500 9000 1000 2000 6000
// unit quan-dong-da 3 5000 0 0 5000 - 0 5000
// unit quan-hoang-mai 1 9000 0 0 9000 1500 2500 5000
// unit quan-long-bien - - 100 0 - - - -
static void a_board_has_the_hash_of_its_text(void **state) {
    struct fixture fixture;
    char hex[2 * BOARD_HASH + 1];
    struct period *period = period_of_four(&fixture);
    const struct figures columns[] = {
        column(period, 500, 1000, 2000, 6000, 500), // ranked after the one that lost nothing
        column(period, 0, POINTS_NONE, 0, 5000, 300),
        column(period, 0, 1500, 2500, 5000, 0),
        column(period, 100, POINTS_NONE, POINTS_NONE, POINTS_NONE, 0),
    };
    (void)state;
    hex_of(period, columns, hex);
    assert_string_equal(hex, "a197bbc928c3dad4879c15f3ec36e8a35fb98393f8ebb0a690db6437ae30486b");
    drop(&fixture, period);
}

// The same with a rank shared, and the period's total as the cap:
// unit quan-ba-dinh 1 12000 0 0 10000 2000 4000 6000
// unit quan-dong-da 1 10000 0 0 10000 1500 2500 6000
// unit quan-hoang-mai 3 0 0 0 0 0 0 0
// unit quan-long-bien - - 0 0 - - - -
static void a_shared_rank_and_zero_are_told_as_they_are(void **state) {
    struct fixture fixture;
    char hex[2 * BOARD_HASH + 1];
    struct period *period = period_of_four(&fixture);
    const struct figures columns[] = {
        column(period, 0, 2000, 4000, 6000, 0),
        column(period, 0, 1500, 2500, 6000, 0),
        column(period, 0, 0, 0, 0, 700),
        column(period, 0, POINTS_NONE, POINTS_NONE, POINTS_NONE, 0),
    };
    (void)state;
    hex_of(period, columns, hex);
    assert_string_equal(hex, "7194fbdf45a8c54a77c4368a8796048d3e9b12048b84f204d70fdeb01c03299c");
    drop(&fixture, period);
}

static void any_figure_changes_the_hash(void **state) {
    struct fixture fixture;
    char before[2 * BOARD_HASH + 1], after[2 * BOARD_HASH + 1];
    struct period *period = period_of_four(&fixture);
    struct figures columns[4];
    (void)state;
    for (size_t i = 0; i < 4; i++)
        columns[i] = column(period, 0, 1000, 2000, 5000, 0);
    hex_of(period, columns, before);
    int32_t *const figures[] = {&columns[3].base_cp,      &columns[3].bonus_cp,     &columns[3].deduction_cp,
                                &columns[3].total_cp,     &columns[0].points_cp[0], &columns[1].points_cp[1],
                                &columns[2].points_cp[2], &columns[3].points_cp[2]};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        ++*figures[i];
        hex_of(period, columns, after);
        assert_string_not_equal(before, after);
        --*figures[i];
    }
    period->hash[31] ^= 1;
    hex_of(period, columns, after);
    assert_string_not_equal(before, after);
    drop(&fixture, period);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_board_has_the_hash_of_its_text),
        cmocka_unit_test(a_shared_rank_and_zero_are_told_as_they_are),
        cmocka_unit_test(any_figure_changes_the_hash),
    };
    return cmocka_run_group_tests_name("final board", tests, NULL, NULL);
}
