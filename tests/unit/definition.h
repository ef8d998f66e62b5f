// Definitions of periods for tests, built piece by piece in an arena.
#ifndef THIDUA_TESTS_DEFINITION_H
#define THIDUA_TESTS_DEFINITION_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/arena.h"
#include "proto/problems.h"
#include "server/rules/period.h"

enum { DEFINITION_ROOM = 64 * 1024 * 1024 };

struct fixture {
    struct arena *arena;
    struct problems problems;
    Pb__PeriodDefinition *definition;
};

static inline void *take(struct fixture *fixture, size_t size) {
    void *memory = arena_alloc(fixture->arena, size);
    assert_non_null(memory);
    return memory;
}

// The list with room for one more behind its `count` members.
static inline void *grown(struct fixture *fixture, void *list, size_t count) {
    if ((count & (count - 1)) != 0) // there is room up to the next power of two
        return list;
    void **larger = take(fixture, 2 * (count + 1) * sizeof *larger);
    if (count > 0)
        memcpy(larger, list, count * sizeof *larger);
    return larger;
}

static inline const char *kept(struct fixture *fixture, const char *text) {
    return text != NULL ? arena_strdup(fixture->arena, text) : NULL;
}

// A period of 100,00 points with a deadline and nothing else.
static inline void fixture_begin(struct fixture *fixture) {
    fixture->arena = arena_new(DEFINITION_ROOM);
    assert_non_null(fixture->arena);
    problems_init(&fixture->problems, fixture->arena);
    Pb__PeriodDefinition *definition = take(fixture, sizeof *definition);
    pb__period_definition__init(definition);
    definition->id = "hn-cum-1-2022";
    definition->name = "Giao ước thi đua năm 2022";
    definition->cluster = "hn-cum-1";
    definition->has_year = definition->has_total_cp = definition->has_bonus_cap_cp = true;
    definition->year = 2022;
    definition->total_cp = 10000;
    definition->has_hard_close = definition->has_visibility = definition->has_deadline_ms = true;
    definition->visibility = PB__VISIBILITY__AFTER_DEADLINE;
    definition->deadline_ms = INT64_C(1666285200000);
    fixture->definition = definition;
}

static inline void fixture_end(struct fixture *fixture) {
    arena_free(fixture->arena);
}

static inline Pb__UnitDefinition *add_unit(struct fixture *fixture, const char *id, const char *alias,
                                           const char *name) {
    Pb__PeriodDefinition *definition = fixture->definition;
    Pb__UnitDefinition *unit = take(fixture, sizeof *unit);
    pb__unit_definition__init(unit);
    unit->id = kept(fixture, id);
    unit->alias = kept(fixture, alias);
    unit->name = kept(fixture, name);
    definition->units = grown(fixture, definition->units, definition->n_units);
    definition->units[definition->n_units++] = unit;
    return unit;
}

static inline Pb__CriterionDefinition *add_criterion(struct fixture *fixture, const char *code, int32_t max_cp) {
    Pb__PeriodDefinition *definition = fixture->definition;
    Pb__CriterionDefinition *criterion = take(fixture, sizeof *criterion);
    pb__criterion_definition__init(criterion);
    criterion->code = kept(fixture, code);
    criterion->title = "Tiêu chí";
    criterion->has_provenance = criterion->has_max_cp = criterion->has_step_cp = criterion->has_formula = true;
    criterion->provenance = PB__PROVENANCE__NAMED;
    criterion->max_cp = max_cp;
    criterion->step_cp = 1;
    criterion->formula = PB__FORMULA__MANUAL;
    definition->criteria = grown(fixture, definition->criteria, definition->n_criteria);
    definition->criteria[definition->n_criteria++] = criterion;
    return criterion;
}

static inline void add_band(struct fixture *fixture, Pb__CriterionDefinition *criterion, uint32_t from_percent_cp,
                            int32_t points_cp) {
    Pb__Band *band = take(fixture, sizeof *band);
    pb__band__init(band);
    band->has_from_percent_cp = band->has_points_cp = true;
    band->from_percent_cp = from_percent_cp;
    band->points_cp = points_cp;
    criterion->bands = grown(fixture, criterion->bands, criterion->n_bands);
    criterion->bands[criterion->n_bands++] = band;
}

static inline Pb__Target *add_target(struct fixture *fixture, Pb__CriterionDefinition *criterion, const char *unit,
                                     int64_t value) {
    Pb__Target *target = take(fixture, sizeof *target);
    pb__target__init(target);
    target->unit = kept(fixture, unit);
    target->has_value = true;
    target->value = value;
    criterion->targets = grown(fixture, criterion->targets, criterion->n_targets);
    criterion->targets[criterion->n_targets++] = target;
    return target;
}

static inline void add_not_assigned(struct fixture *fixture, Pb__CriterionDefinition *criterion, const char *unit) {
    criterion->not_assigned = grown(fixture, (void *)criterion->not_assigned, criterion->n_not_assigned);
    criterion->not_assigned[criterion->n_not_assigned++] = kept(fixture, unit);
}

static inline void add_tie_break(struct fixture *fixture, const char *text) {
    Pb__PeriodDefinition *definition = fixture->definition;
    definition->tie_breaks = grown(fixture, (void *)definition->tie_breaks, definition->n_tie_breaks);
    definition->tie_breaks[definition->n_tie_breaks++] = kept(fixture, text);
}

static inline void add_class(struct fixture *fixture, const char *id, int32_t from_cp) {
    Pb__PeriodDefinition *definition = fixture->definition;
    Pb__ClassDefinition *class = take(fixture, sizeof *class);
    pb__class_definition__init(class);
    class->id = kept(fixture, id);
    class->name = "Xếp loại";
    class->has_from_cp = true;
    class->from_cp = from_cp;
    definition->classes = grown(fixture, definition->classes, definition->n_classes);
    definition->classes[definition->n_classes++] = class;
}

// The definition compiled, with unit numbers 101, 102, … in its order; period_free it.
static inline struct period *compiled(struct fixture *fixture) {
    uint32_t *numbers = take(fixture, (fixture->definition->n_units + 1) * sizeof *numbers);
    for (size_t i = 0; i < fixture->definition->n_units; i++)
        numbers[i] = 101 + (uint32_t)i;
    struct period *period = period_compile(7, RULES_CURRENT, fixture->definition, numbers);
    assert_non_null(period);
    return period;
}

// An argument of a problem as it went out; NULL: it has none of this name.
static inline const Pb__Argument *argument_of(const struct problem *problem, const char *name) {
    for (size_t i = 0; i < problem->wire.n_arguments; i++) {
        if (strcmp(problem->wire.arguments[i]->name, name) == 0)
            return problem->wire.arguments[i];
    }
    return NULL;
}

static inline void assert_text(const struct problem *problem, const char *name, const char *text) {
    const Pb__Argument *argument = argument_of(problem, name);
    assert_non_null(argument);
    assert_int_equal(argument->value_case, PB__ARGUMENT__VALUE_TEXT);
    assert_string_equal(argument->text, text);
}

static inline void assert_points(const struct problem *problem, const char *name, int64_t points_cp) {
    const Pb__Argument *argument = argument_of(problem, name);
    assert_non_null(argument);
    assert_int_equal(argument->value_case, PB__ARGUMENT__VALUE_POINTS_CP);
    assert_int_equal(argument->points_cp, points_cp);
}

#endif
