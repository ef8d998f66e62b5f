#include "server/rules/workflow.h"

#include <stdio.h>

#define WHO(name)    (1u << PB__ROLE__##name)
#define PERIOD(name) IN_STATE(PB__PERIOD_STATE__##name)
#define SHEET(name)  IN_STATE(PB__SHEET_STATE__##name)
#define GUARDS(...)  .n_guards = sizeof((enum reason[]){__VA_ARGS__}) / sizeof(enum reason), .guards = {__VA_ARGS__}

enum {
    PERIOD_STATES = PB__PERIOD_STATE__REOPENED + 1,
    SHEET_STATES = PB__SHEET_STATE__FINAL + 1,
    SET_BITS = 32,

    OFFICE = WHO(OFFICER) | WHO(HEAD),
    LEADER = 1u << WHO_LEADER,
    DEPUTY = 1u << WHO_DEPUTY,
    JUDGING = PERIOD(APPRAISAL) | PERIOD(REOPENED),
    WITH_UNIT = SHEET(NONE) | SHEET(SHEET_DRAFT) | SHEET(RETURNED),
    JUDGED = SHEET(APPRAISED) | SHEET(EXPLAINED),
    NOT_FINAL = WITH_UNIT | SHEET(SUBMITTED) | JUDGED,
};

#define TO_PERIOD(name) .period_next = PB__PERIOD_STATE__##name
#define TO_SHEET(name)  .sheet_next = PB__SHEET_STATE__##name

// clang-format off
static const struct transition table[] = {
    {STEP_LOAD, WHO(ADMIN) | WHO(COUNCIL), PERIOD(DRAFT), GUARDS(REASON_PERIOD_NOT_DRAFT, REASON_DEFINITION_KIND)},
    {STEP_SIGN, WHO(HEAD), PERIOD(DRAFT), SHEET(NONE), GUARDS(REASON_ALREADY_SIGNED, REASON_DEFINITION_CHANGED)},
    {STEP_EXTEND, WHO(COUNCIL), PERIOD(SIGNED) | PERIOD(SCORING) | JUDGING, NOT_FINAL,
     GUARDS(REASON_UNTIL_PASSED, REASON_UNTIL_NOT_LATER)},

    {STEP_ADVANCE, WHO(COUNCIL), PERIOD(DRAFT), TO_PERIOD(SIGNED),
     GUARDS(REASON_ADVANCE_TITLE_UNNAMED, REASON_ADVANCE_SUM, REASON_ADVANCE_NOT_SIGNED, REASON_ADVANCE_NO_DEADLINE)},
    {STEP_ADVANCE, WHO(COUNCIL), PERIOD(SIGNED), TO_PERIOD(SCORING), GUARDS(REASON_ADVANCE_NO_DEADLINE)},
    {STEP_ADVANCE, WHO(COUNCIL), PERIOD(SCORING), TO_PERIOD(APPRAISAL), GUARDS(REASON_ADVANCE_TOO_EARLY)},
    {STEP_ADVANCE, WHO(COUNCIL), PERIOD(APPRAISAL), TO_PERIOD(FINALIZED), GUARDS(REASON_ADVANCE_NOT_FINAL)},
    {STEP_ADVANCE, WHO(COUNCIL), PERIOD(FINALIZED), TO_PERIOD(PUBLISHED)},
    {STEP_ADVANCE, WHO(COUNCIL), PERIOD(PUBLISHED), TO_PERIOD(LOCKED)},
    {STEP_ADVANCE, WHO(COUNCIL), PERIOD(LOCKED), TO_PERIOD(REOPENED), GUARDS(REASON_ADVANCE_NO_DECISION)},
    {STEP_ADVANCE, WHO(COUNCIL), PERIOD(REOPENED), TO_PERIOD(LOCKED), GUARDS(REASON_ADVANCE_NOT_FINAL)},

    {STEP_SCORE, OFFICE, PERIOD(SCORING), SHEET(NONE) | SHEET(SHEET_DRAFT), TO_SHEET(SHEET_DRAFT),
     GUARDS(REASON_DEADLINE_PASSED, REASON_REVISION_MOVED)},
    {STEP_SCORE, OFFICE, JUDGING, SHEET(RETURNED), GUARDS(REASON_DEADLINE_PASSED, REASON_REVISION_MOVED)},
    {STEP_SUBMIT, WHO(HEAD), PERIOD(SCORING), SHEET(NONE) | SHEET(SHEET_DRAFT), TO_SHEET(SUBMITTED),
     GUARDS(REASON_DEADLINE_PASSED, REASON_SHEET_INCOMPLETE, REASON_TOTAL_MOVED)},
    {STEP_SUBMIT, WHO(HEAD), JUDGING, SHEET(RETURNED), TO_SHEET(SUBMITTED),
     GUARDS(REASON_DEADLINE_PASSED, REASON_SHEET_INCOMPLETE, REASON_TOTAL_MOVED)},

    {STEP_APPRAISE, LEADER | DEPUTY | WHO(CITY), JUDGING, SHEET(SUBMITTED) | JUDGED, TO_SHEET(APPRAISED),
     GUARDS(REASON_PARTY_TO_SHEET, REASON_DEPUTY_FOR_LEADER, REASON_APPRAISAL_REASON, REASON_APPRAISAL_MOVED)},
    {STEP_ADJUST, WHO(CITY), JUDGING, NOT_FINAL,
     GUARDS(REASON_BONUS_CAP, REASON_DEDUCTION_RANGE, REASON_ADJUSTMENTS_MANY)},
    {STEP_ADJUST, WHO(CITY), JUDGING, SHEET(FINAL), TO_SHEET(APPRAISED),
     GUARDS(REASON_BONUS_CAP, REASON_DEDUCTION_RANGE, REASON_ADJUSTMENTS_MANY)},
    {STEP_RETURN, LEADER | WHO(CITY), JUDGING, SHEET(NONE) | SHEET(SHEET_DRAFT) | SHEET(SUBMITTED) | JUDGED | SHEET(FINAL),
     TO_SHEET(RETURNED), GUARDS(REASON_PARTY_TO_SHEET)},
    {STEP_EXPLAIN, WHO(HEAD), JUDGING, JUDGED, TO_SHEET(EXPLAINED), GUARDS(REASON_LINE_PENDING)},
    {STEP_FINALIZE, WHO(COUNCIL), JUDGING, SHEET(SUBMITTED) | JUDGED, TO_SHEET(FINAL),
     GUARDS(REASON_LINE_PENDING, REASON_PERIOD_MOVED)},
    {STEP_FINALIZE, WHO(COUNCIL), JUDGING, WITH_UNIT, TO_SHEET(FINAL),
     GUARDS(REASON_FINALIZE_NOT_HANDED_IN, REASON_PERIOD_MOVED)},

    {STEP_HOLD, WHO(COUNCIL), PERIOD(FINALIZED), SHEET(FINAL), GUARDS(REASON_HELD_ALREADY, REASON_NOT_HELD)},
    {STEP_NOMINATE, WHO(COUNCIL), PERIOD(FINALIZED), SHEET(FINAL),
     GUARDS(REASON_AWARD_HELD, REASON_NOMINATED_ALREADY, REASON_NOMINATIONS_MANY)},
};
// clang-format on

enum { ROWS = sizeof table / sizeof table[0] };

static const char *const steps[STEP_COUNT] = {
    [STEP_LOAD] = "period load",     [STEP_SIGN] = "sign",
    [STEP_EXTEND] = "period extend", [STEP_ADVANCE] = "period advance",
    [STEP_SCORE] = "score",          [STEP_SUBMIT] = "submit",
    [STEP_APPRAISE] = "appraise",    [STEP_ADJUST] = "bonus, deduct",
    [STEP_RETURN] = "return",        [STEP_EXPLAIN] = "explain",
    [STEP_FINALIZE] = "finalize",    [STEP_HOLD] = "hold",
    [STEP_NOMINATE] = "nominate",
};

static const struct {
    const char *name;
    bool provisional, published;
} period_states[PERIOD_STATES] = {
    [PB__PERIOD_STATE__DRAFT] = {"draft", true, false},
    [PB__PERIOD_STATE__SIGNED] = {"signed", true, false},
    [PB__PERIOD_STATE__SCORING] = {"scoring", true, false},
    [PB__PERIOD_STATE__APPRAISAL] = {"appraisal", true, false},
    [PB__PERIOD_STATE__FINALIZED] = {"finalized", false, false},
    [PB__PERIOD_STATE__PUBLISHED] = {"published", false, true},
    [PB__PERIOD_STATE__LOCKED] = {"locked", false, true},
    [PB__PERIOD_STATE__REOPENED] = {"reopened", true, true},
};

static const struct {
    const char *name;
    bool handed_in;
} sheet_states[SHEET_STATES] = {
    [PB__SHEET_STATE__NONE] = {"none", false},          [PB__SHEET_STATE__SHEET_DRAFT] = {"draft", false},
    [PB__SHEET_STATE__SUBMITTED] = {"submitted", true}, [PB__SHEET_STATE__RETURNED] = {"returned", false},
    [PB__SHEET_STATE__APPRAISED] = {"appraised", true}, [PB__SHEET_STATE__EXPLAINED] = {"explained", true},
    [PB__SHEET_STATE__FINAL] = {"final", true},
};

static const char *const names_of_who[WHO_COUNT] = {
    [PB__ROLE__OFFICER] = "officer", [PB__ROLE__HEAD] = "head",       [PB__ROLE__CITY] = "city",
    [PB__ROLE__COUNCIL] = "council", [PB__ROLE__AUDITOR] = "auditor", [PB__ROLE__ADMIN] = "admin",
    [WHO_LEADER] = "leader",         [WHO_DEPUTY] = "deputy",
};

// ---- the table ----

const struct transition *workflow_table(size_t *count) {
    *count = ROWS;
    return table;
}

const char *step_name(enum step step) {
    return (unsigned)step < STEP_COUNT ? steps[step] : "unknown";
}

unsigned step_who(enum step step) {
    unsigned who = 0;
    for (size_t i = 0; i < ROWS; i++)
        who |= table[i].step == step ? table[i].who : 0;
    return who;
}

// Any number may come in: one that is no state is in no set.
static bool in_set(unsigned set, int state) {
    return state >= 0 && state < SET_BITS && (set & (1u << state)) != 0;
}

static bool is_row(const struct transition *row, enum step step, Pb__PeriodState period) {
    return row->step == step && in_set(row->period_states, (int)period);
}

static bool has_sheet(const struct transition *row, Pb__SheetState sheet) {
    return sheet == 0 || in_set(row->sheet_states, (int)sheet);
}

const struct transition *workflow_find(enum step step, Pb__PeriodState period, Pb__SheetState sheet) {
    for (size_t i = 0; i < ROWS; i++)
        if (is_row(&table[i], step, period) && has_sheet(&table[i], sheet))
            return &table[i];
    return NULL;
}

unsigned step_period_states(enum step step, Pb__SheetState sheet) {
    unsigned states = 0;
    for (size_t i = 0; i < ROWS; i++)
        states |= table[i].step == step && has_sheet(&table[i], sheet) ? table[i].period_states : 0;
    return states;
}

unsigned step_sheet_states(enum step step, Pb__PeriodState period) {
    unsigned states = 0;
    for (size_t i = 0; i < ROWS; i++)
        states |= is_row(&table[i], step, period) ? table[i].sheet_states : 0;
    return states;
}

const struct transition *workflow_advance(Pb__PeriodState from, Pb__PeriodState to) {
    for (size_t i = 0; i < ROWS; i++)
        if (is_row(&table[i], STEP_ADVANCE, from) && table[i].period_next == (int)to)
            return &table[i];
    return NULL;
}

unsigned period_next_states(Pb__PeriodState from) {
    unsigned next = 0;
    for (size_t i = 0; i < ROWS; i++)
        next |= is_row(&table[i], STEP_ADVANCE, from) ? IN_STATE(table[i].period_next) : 0;
    return next;
}

// ---- names ----

// Each gives NULL where the number is none.
static const char *period_state_of(unsigned number) {
    return number < PERIOD_STATES ? period_states[number].name : NULL;
}

static const char *sheet_state_of(unsigned number) {
    return number < SHEET_STATES ? sheet_states[number].name : NULL;
}

static const char *who_of(unsigned number) {
    return number < WHO_COUNT ? names_of_who[number] : NULL;
}

static const char *or_unknown(const char *name) {
    return name != NULL ? name : "unknown";
}

const char *period_state_name(Pb__PeriodState state) {
    return or_unknown(period_state_of((unsigned)state));
}

const char *sheet_state_name(Pb__SheetState state) {
    return or_unknown(sheet_state_of((unsigned)state));
}

const char *role_name(Pb__Role role) {
    return or_unknown((unsigned)role <= PB__ROLE__ADMIN ? who_of((unsigned)role) : NULL);
}

static const char *join(unsigned set, const char *(*name_of)(unsigned), char *out, size_t size) {
    size_t length = 0;
    if (size > 0)
        out[0] = '\0';
    for (unsigned i = 0; i < SET_BITS && length < size; i++) {
        const char *name = (set & (1u << i)) != 0 ? name_of(i) : NULL;
        if (name != NULL)
            length += (size_t)snprintf(out + length, size - length, "%s%s", length == 0 ? "" : ", ", name);
    }
    return out;
}

const char *period_state_names(unsigned states, char *out, size_t size) {
    return join(states, period_state_of, out, size);
}

const char *sheet_state_names(unsigned states, char *out, size_t size) {
    return join(states, sheet_state_of, out, size);
}

const char *who_names(unsigned who, char *out, size_t size) {
    return join(who, who_of, out, size);
}

bool period_is_provisional(Pb__PeriodState state) {
    return period_state_of((unsigned)state) == NULL || period_states[state].provisional;
}

bool period_is_published(Pb__PeriodState state) {
    return period_state_of((unsigned)state) != NULL && period_states[state].published;
}

bool sheet_is_handed_in(Pb__SheetState state) {
    return sheet_state_of((unsigned)state) != NULL && sheet_states[state].handed_in;
}
