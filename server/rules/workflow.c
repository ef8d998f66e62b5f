#include "server/rules/workflow.h"

#include <stdio.h>

enum {
    PERIOD_STATES = PB__PERIOD_STATE__REOPENED + 1,
    SHEET_STATES = PB__SHEET_STATE__FINAL + 1,
    ROLES = PB__ROLE__ADMIN + 1,
    SET_BITS = 32,
};

static const struct {
    const char *name;
    unsigned next;
    bool provisional;
} period_states[PERIOD_STATES] = {
    [PB__PERIOD_STATE__DRAFT] = {"draft", IN_STATE(PB__PERIOD_STATE__SIGNED), true},
    [PB__PERIOD_STATE__SIGNED] = {"signed", IN_STATE(PB__PERIOD_STATE__SCORING), true},
    [PB__PERIOD_STATE__SCORING] = {"scoring", IN_STATE(PB__PERIOD_STATE__APPRAISAL), true},
    [PB__PERIOD_STATE__APPRAISAL] = {"appraisal", IN_STATE(PB__PERIOD_STATE__FINALIZED), true},
    [PB__PERIOD_STATE__FINALIZED] = {"finalized", IN_STATE(PB__PERIOD_STATE__PUBLISHED), false},
    [PB__PERIOD_STATE__PUBLISHED] = {"published", IN_STATE(PB__PERIOD_STATE__LOCKED), false},
    [PB__PERIOD_STATE__LOCKED] = {"locked", IN_STATE(PB__PERIOD_STATE__REOPENED), false},
    [PB__PERIOD_STATE__REOPENED] = {"reopened", IN_STATE(PB__PERIOD_STATE__LOCKED), true},
};

static const char *const sheet_states[SHEET_STATES] = {
    [PB__SHEET_STATE__NONE] = "none",           [PB__SHEET_STATE__SHEET_DRAFT] = "draft",
    [PB__SHEET_STATE__SUBMITTED] = "submitted", [PB__SHEET_STATE__RETURNED] = "returned",
    [PB__SHEET_STATE__APPRAISED] = "appraised", [PB__SHEET_STATE__EXPLAINED] = "explained",
    [PB__SHEET_STATE__FINAL] = "final",
};

static const char *const roles_by_number[ROLES] = {
    [PB__ROLE__OFFICER] = "officer", [PB__ROLE__HEAD] = "head",       [PB__ROLE__CITY] = "city",
    [PB__ROLE__COUNCIL] = "council", [PB__ROLE__AUDITOR] = "auditor", [PB__ROLE__ADMIN] = "admin",
};

static bool is_period_state(Pb__PeriodState state) {
    return (unsigned)state < PERIOD_STATES && period_states[state].name != NULL;
}

const char *period_state_name(Pb__PeriodState state) {
    return is_period_state(state) ? period_states[state].name : "unknown";
}

const char *sheet_state_name(Pb__SheetState state) {
    return (unsigned)state < SHEET_STATES && sheet_states[state] != NULL ? sheet_states[state] : "unknown";
}

const char *role_name(Pb__Role role) {
    return (unsigned)role < ROLES && roles_by_number[role] != NULL ? roles_by_number[role] : "unknown";
}

// NULL where the number is none.
static const char *period_state_of(unsigned number) {
    return number < PERIOD_STATES ? period_states[number].name : NULL;
}

static const char *role_of(unsigned number) {
    return number < ROLES ? roles_by_number[number] : NULL;
}

static const char *join(unsigned set, const char *(*name_of)(unsigned), char *out, size_t size) {
    size_t length = 0;
    if (size > 0)
        out[0] = '\0';
    for (unsigned i = 0; i < SET_BITS && length < size; i++) {
        const char *name = (set & IN_STATE(i)) != 0 ? name_of(i) : NULL;
        if (name != NULL)
            length += (size_t)snprintf(out + length, size - length, "%s%s", length == 0 ? "" : ", ", name);
    }
    return out;
}

const char *period_state_names(unsigned states, char *out, size_t size) {
    return join(states, period_state_of, out, size);
}

const char *role_names(unsigned roles, char *out, size_t size) {
    return join(roles, role_of, out, size);
}

bool period_may_become(Pb__PeriodState from, Pb__PeriodState to) {
    return is_period_state(to) && (period_next_states(from) & IN_STATE(to)) != 0;
}

unsigned period_next_states(Pb__PeriodState from) {
    return is_period_state(from) ? period_states[from].next : 0;
}

bool period_is_provisional(Pb__PeriodState state) {
    return !is_period_state(state) || period_states[state].provisional;
}
