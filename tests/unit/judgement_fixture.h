// What those who judge do: requests of the appraisal and of the council, in the office of commands_fixture.h.
#ifndef THIDUA_TESTS_JUDGEMENT_FIXTURE_H
#define THIDUA_TESTS_JUDGEMENT_FIXTURE_H

#include "tests/unit/commands_fixture.h"

enum { TC11, TC12, TC2, TC3, TC4 }; // leaves

static inline struct sheet sheet_of(struct office *office, uint32_t unit) {
    open_writing(office);
    return sheet_now(&office->world, 1, unit);
}

static inline uint64_t last_seq(struct office *office) {
    return ledger_tip(office->world.ledger)->seq;
}

static inline const Pb__Entry *entry_of(struct office *office, uint64_t seq) {
    open_writing(office);
    const Pb__Entry *entry = view_entry(ledger_view(office->world.ledger), seq, office->world.arena, NULL);
    assert_non_null(entry);
    return entry;
}

// ---- the year ----

static inline const Pb__Response *advance_because(struct office *office, Pb__PeriodState state, const char *reason) {
    Pb__PeriodAdvance message = PB__PERIOD_ADVANCE__INIT;
    message.period = office->world.fixture.definition->id;
    message.has_state = true;
    message.state = state;
    message.decision = reason ? "12/QĐ-MTTQ" : NULL;
    message.reason = reason;
    return write_as(office, COUNCIL, ASK(PERIOD_ADVANCE, &message));
}

// Đống Đa leads, Hoàng Mai is its deputy, and 5,00 is the most that a unit may get as a bonus.
static inline void name_leaders(struct office *office) {
    Pb__PeriodDefinition *definition = office->world.fixture.definition;
    definition->leader = "quan-dong-da";
    definition->deputy = "quan-hoang-mai";
    definition->bonus_cap_cp = 500;
}

static inline void full_sheet(struct office *office, enum who who, int32_t tc12_cp) {
    fill_sheet(office, who, tc12_cp);
    assert_ok(hand_in(office, who));
}

// All sheets handed in, with 95,00 of Ba Đình, 97,50 of Đống Đa and 75,00 of Hoàng Mai.
static inline void open_judging(struct office *office) {
    name_leaders(office);
    open_scoring(office);
    full_sheet(office, BA_DINH_HEAD, 2000);
    full_sheet(office, DONG_DA_HEAD, 2250);
    full_sheet(office, HOANG_MAI_HEAD, 2500);
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__APPRAISAL));
}

// The same with the sheet of Ba Đình alone; Đống Đa has a draft and Hoàng Mai nothing.
static inline void open_judging_early(struct office *office) {
    name_leaders(office);
    open_scoring(office);
    full_sheet(office, BA_DINH_HEAD, 2000);
    assert_ok(SCORE(office, DONG_DA_HEAD, points("TC4", 100)));
    assert_ok(advance_because(office, PB__PERIOD_STATE__APPRAISAL, "họp sớm"));
}

// ---- appraisal ----

static inline Pb__AppraisedInput gives(const char *criterion, int32_t points_cp) {
    Pb__AppraisedInput line = PB__APPRAISED_INPUT__INIT;
    line.criterion = criterion;
    line.has_points_cp = true;
    line.points_cp = points_cp;
    return line;
}

static inline Pb__AppraisedInput gives_at(const char *criterion, int32_t points_cp, uint32_t revision) {
    Pb__AppraisedInput line = gives(criterion, points_cp);
    line.has_if_revision = true;
    line.if_revision = revision;
    return line;
}

static inline Pb__Appraise *appraise_of(struct office *office, const char *unit, const char *reason,
                                        const Pb__AppraisedInput *lines, size_t count) {
    Pb__Appraise *appraise = made(&office->world, sizeof *appraise);
    Pb__AppraisedInput *copy = made(&office->world, count * sizeof *copy);
    pb__appraise__init(appraise);
    appraise->unit = unit;
    appraise->reason = reason;
    appraise->lines = made(&office->world, count * sizeof *appraise->lines);
    for (; appraise->n_lines < count; appraise->n_lines++) {
        copy[appraise->n_lines] = lines[appraise->n_lines];
        appraise->lines[appraise->n_lines] = &copy[appraise->n_lines];
    }
    return appraise;
}
#define JUDGED(office, unit, reason, ...)                                                                              \
    appraise_of(office, unit, reason, (const Pb__AppraisedInput[]){__VA_ARGS__},                                       \
                sizeof((const Pb__AppraisedInput[]){__VA_ARGS__}) / sizeof(Pb__AppraisedInput))
#define APPRAISE(office, who, unit, reason, ...)                                                                       \
    write_as(office, who, ASK(APPRAISE, JUDGED(office, unit, reason, __VA_ARGS__)))
#define PREVIEW(office, who, unit, reason, ...)                                                                        \
    read_as(office, who, ASK(APPRAISE_PREVIEW, JUDGED(office, unit, reason, __VA_ARGS__)))

// Confirms every line of a sheet that fill_sheet has filled.
static inline void confirm(struct office *office, const char *unit, int32_t tc12_cp) {
    assert_ok(APPRAISE(office, CITY, unit, NULL, gives("TC1.1", 1500), gives("TC1.2", tc12_cp), gives("TC2", 2000),
                       gives("TC3", 1500)));
    if (strcmp(unit, "quan-hoang-mai") != 0)
        assert_ok(APPRAISE(office, CITY, unit, NULL, gives("TC4", 2500)));
}

static inline void confirm_all(struct office *office) {
    confirm(office, "quan-ba-dinh", 2000);
    confirm(office, "quan-dong-da", 2250);
    confirm(office, "quan-hoang-mai", 2500);
}

static inline const Pb__Response *adjust(struct office *office, const char *unit, const char *criterion,
                                         int32_t points_cp) {
    Pb__Adjust message = PB__ADJUST__INIT;
    message.unit = unit;
    message.criterion = criterion;
    message.has_points_cp = true;
    message.points_cp = points_cp;
    message.reason = "báo cáo quý chậm";
    return write_as(office, CITY, ASK(ADJUST, &message));
}

static inline const Pb__Response *give_back(struct office *office, enum who who, const char *unit) {
    Pb__ReturnSheet message = PB__RETURN_SHEET__INIT;
    message.unit = unit;
    message.reason = "thiếu minh chứng";
    return write_as(office, who, ASK(RETURN_SHEET, &message));
}

static inline const Pb__Response *explain(struct office *office, enum who who, const char *criterion) {
    Pb__Explain message = PB__EXPLAIN__INIT;
    message.criterion = criterion;
    message.text = "số liệu đã được kiểm tra lại";
    return write_as(office, who, ASK(EXPLAIN, &message));
}

// ---- the council ----

static inline Pb__Finalize *finalize_of(struct office *office, const char *reason, const char *const *units,
                                        size_t count) {
    Pb__Finalize *message = made(&office->world, sizeof *message);
    pb__finalize__init(message);
    message->reason = reason;
    message->n_units = count;
    message->units = made(&office->world, (count + 1) * sizeof *message->units);
    for (size_t i = 0; i < count; i++)
        message->units[i] = units[i];
    return message;
}
#define FINALIZE(office, reason, ...)                                                                                  \
    write_as(office, COUNCIL,                                                                                          \
             ASK(FINALIZE, finalize_of(office, reason, (const char *const[]){__VA_ARGS__},                             \
                                       sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))))
#define FINALIZE_ALL(office, reason) write_as(office, COUNCIL, ASK(FINALIZE, finalize_of(office, reason, NULL, 0)))

// All sheets confirmed and final, and the period finalized.
static inline void open_awards(struct office *office) {
    open_judging(office);
    confirm_all(office);
    assert_ok(FINALIZE_ALL(office, NULL));
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__FINALIZED));
}

static inline const Pb__Response *hold(struct office *office, const char *unit, const char *reason, bool lift) {
    Pb__Hold message = PB__HOLD__INIT;
    message.unit = unit;
    message.reason = reason;
    message.has_lift = message.lift = lift;
    return write_as(office, COUNCIL, ASK(HOLD, &message));
}

static inline const Pb__Response *nominate(struct office *office, const char *unit, const char *award) {
    Pb__Nominate message = PB__NOMINATE__INIT;
    message.unit = unit;
    message.award = award;
    return write_as(office, COUNCIL, ASK(NOMINATE, &message));
}

#endif
