// The rest of a year in the office of commands_fixture.h: what council, city and leader do once the sheets are in.
#ifndef THIDUA_TESTS_YEAR_FIXTURE_H
#define THIDUA_TESTS_YEAR_FIXTURE_H

#include "tests/unit/commands_fixture.h"

static inline const Pb__Response *lead_on(struct office *office, Pb__PeriodState state, const char *decision,
                                          const char *reason) {
    Pb__PeriodAdvance message = PB__PERIOD_ADVANCE__INIT;
    message.period = office->world.fixture.definition->id;
    message.has_state = true;
    message.state = state;
    message.decision = decision;
    message.reason = reason;
    return write_as(office, COUNCIL, ASK(PERIOD_ADVANCE, &message));
}

static inline const Pb__Response *extend_until(struct office *office, const char *unit, int64_t until_ms) {
    Pb__PeriodExtend message = PB__PERIOD_EXTEND__INIT;
    message.period = office->world.fixture.definition->id;
    message.unit = unit;
    message.has_until_ms = true;
    message.until_ms = until_ms;
    message.reason = "Bão số 5";
    return write_as(office, COUNCIL, ASK(EXTEND, &message));
}

static inline const Pb__Response *give_back(struct office *office, enum who who, const char *unit) {
    Pb__ReturnSheet message = PB__RETURN_SHEET__INIT;
    message.period = office->world.fixture.definition->id;
    message.unit = unit;
    message.reason = "Thiếu minh chứng";
    return write_as(office, who, ASK(RETURN_SHEET, &message));
}

static inline const Pb__Response *judge_line(struct office *office, enum who who, const char *unit,
                                             const char *criterion, int32_t points_cp) {
    Pb__Appraise message = PB__APPRAISE__INIT;
    Pb__AppraisedInput line = PB__APPRAISED_INPUT__INIT, *lines[] = {&line};
    message.period = office->world.fixture.definition->id;
    message.unit = unit;
    message.lines = lines;
    message.n_lines = 1;
    message.reason = "Đối chiếu báo cáo";
    line.criterion = criterion;
    line.has_points_cp = true;
    line.points_cp = points_cp;
    return write_as(office, who, ASK(APPRAISE, &message));
}

static inline const Pb__Response *adjust_points(struct office *office, const char *unit, const char *criterion,
                                                int32_t points_cp) {
    Pb__Adjust message = PB__ADJUST__INIT;
    message.period = office->world.fixture.definition->id;
    message.unit = unit;
    message.criterion = criterion;
    message.has_points_cp = true;
    message.points_cp = points_cp;
    message.reason = "Báo cáo chậm";
    return write_as(office, CITY, ASK(ADJUST, &message));
}

// All that are not final yet; with a reason those too that were never handed in.
static inline const Pb__Response *make_final(struct office *office, const char *reason) {
    Pb__Finalize message = PB__FINALIZE__INIT;
    message.period = office->world.fixture.definition->id;
    message.reason = reason;
    return write_as(office, COUNCIL, ASK(FINALIZE, &message));
}

// The unit's own points of fill_sheet, confirmed by the city.
static inline void confirm_sheet(struct office *office, const char *unit, int32_t tc12_cp) {
    assert_ok(judge_line(office, CITY, unit, "TC1.1", 1500));
    assert_ok(judge_line(office, CITY, unit, "TC1.2", tc12_cp));
    assert_ok(judge_line(office, CITY, unit, "TC2", 2000));
    assert_ok(judge_line(office, CITY, unit, "TC3", 1500));
    if (strcmp(unit, "quan-hoang-mai") != 0)
        assert_ok(judge_line(office, CITY, unit, "TC4", 2500));
}

// Every unit has handed in: 100,00 and 95,00 and 75,00 points; the period is in appraisal.
static inline void open_appraisal(struct office *office) {
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 2500);
    fill_sheet(office, DONG_DA_HEAD, 2000);
    fill_sheet(office, HOANG_MAI_HEAD, 2500);
    assert_ok(hand_in(office, BA_DINH_HEAD));
    assert_ok(hand_in(office, DONG_DA_HEAD));
    assert_ok(hand_in(office, HOANG_MAI_HEAD));
    assert_ok(lead_on(office, PB__PERIOD_STATE__APPRAISAL, NULL, NULL));
}

// From there on to the end, as the units have scored themselves. Returns the answer to the lock.
static inline const Pb__Response *lock_year(struct office *office) {
    confirm_sheet(office, "quan-ba-dinh", 2500);
    confirm_sheet(office, "quan-dong-da", 2000);
    confirm_sheet(office, "quan-hoang-mai", 2500);
    assert_ok(make_final(office, NULL));
    assert_ok(lead_on(office, PB__PERIOD_STATE__FINALIZED, NULL, NULL));
    assert_ok(lead_on(office, PB__PERIOD_STATE__PUBLISHED, NULL, NULL));
    const Pb__Response *locked = lead_on(office, PB__PERIOD_STATE__LOCKED, NULL, NULL);
    assert_ok(locked);
    return locked;
}

#endif
