#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/rules/period.h"
#include "server/rules/tree.h"

enum {
    FIELD_SIZE = 160,  // "criterion TC1.2 not_assigned"
    MARK_TAKEN = 1,    // of a unit, for one criterion: it is not assigned,
    MARK_LISTED = 2,   // and this very criterion says so
    MARK_TARGETED = 4, // it has an entry among the targets,
    MARK_TARGET = 8,   // with a value above zero
};

struct check {
    const Pb__PeriodDefinition *definition;
    struct problems *problems;
    struct names units; // ids and aliases
    struct tree tree;
    unsigned char *marks; // by unit index
};

static bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

static bool is_identifier(const char *text) {
    if (!is_lower(*text))
        return false;
    while (is_lower(*text) || (*text >= '0' && *text <= '9') || *text == '-')
        text++;
    return *text == '\0';
}

// NULL: not stated.
static void check_identifier(struct check *check, const char *field, const char *text) {
    if (text != NULL && !is_identifier(text))
        problem(check->problems, REASON_DEFINITION_NAME, arg_text("field", field), arg_text("value", text));
}

static void report_twice(struct check *check, const char *field, const char *value) {
    problem(check->problems, REASON_DEFINITION_DUPLICATE, arg_text("field", field), arg_text("value", value));
}

static void check_unique(struct check *check, const char *field, const struct names *sorted) {
    size_t run = 0;
    for (size_t i = 0; i < sorted->count; i += run) {
        run = names_run(sorted, i);
        if (run > 1)
            report_twice(check, field, sorted->list[i].text);
    }
}

// ---- units ----

// The index of the unit with this id; -1: none. An alias does not do here.
static int unit_by_id(const struct check *check, const char *id) {
    size_t count = 0;
    const struct name *found = names_find(&check->units, id, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(check->definition->units[found[i].index]->id, id) == 0)
            return (int)found[i].index;
    }
    return -1;
}

static int check_unit_named(struct check *check, const char *field, const char *id) {
    int unit = unit_by_id(check, id);
    if (unit < 0)
        problem(check->problems, REASON_DEFINITION_UNIT, arg_text("field", field), arg_text("value", id));
    return unit;
}

static void check_dates(struct check *check, const Pb__UnitDefinition *unit) {
    if (unit->valid_from == NULL || unit->valid_to == NULL)
        return;
    if (strcmp(unit->valid_to, unit->valid_from) < 0) // ISO dates: their order is that of their text
        problem(check->problems, REASON_DEFINITION_DATE_ORDER, arg_text("unit", unit->id),
                arg_text("value", unit->valid_to), arg_text("limit", unit->valid_from));
}

static void check_units(struct check *check) {
    const Pb__PeriodDefinition *definition = check->definition;
    check_unique(check, "unit", &check->units);
    for (size_t i = 0; i < definition->n_units; i++) {
        const Pb__UnitDefinition *unit = definition->units[i];
        check_identifier(check, "unit", unit->id);
        check_identifier(check, "alias", unit->alias);
        check_identifier(check, "parent", unit->parent);
        check_dates(check, unit);
    }
}

static void check_leaders(struct check *check) {
    const Pb__PeriodDefinition *definition = check->definition;
    int leader = definition->leader != NULL ? check_unit_named(check, "leader", definition->leader) : -1;
    int deputy = definition->deputy != NULL ? check_unit_named(check, "deputy", definition->deputy) : -1;
    if (leader >= 0 && leader == deputy)
        problem(check->problems, REASON_DEFINITION_LEADERS, arg_text("unit", definition->leader));
}

// ---- criteria ----

static bool is_code(const char *code) {
    size_t depth = 0;
    do {
        size_t length = strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
        if (length == 0)
            return false;
        code += length;
        depth++;
    } while (*code == '.' && *code++ != '\0');
    return *code == '\0' && depth <= TREE_DEPTH_MAX;
}

static void check_code(struct check *check, size_t criterion) {
    const char *code = check->definition->criteria[criterion]->code;
    if (!is_code(code) || names_compare_codes(code, "deduction") == 0) {
        problem(check->problems, REASON_DEFINITION_CODE, arg_text("value", code));
        return;
    }
    char above[FIELD_SIZE];
    if (strlen(code) < sizeof above && tree_code_above(code, above) && check->tree.parent[criterion] < 0)
        problem(check->problems, REASON_DEFINITION_PARENT, arg_text("criterion", code), arg_text("value", above));
}

static void check_items_sum(struct check *check, size_t criterion) {
    const Pb__PeriodDefinition *definition = check->definition;
    int64_t sum = 0;
    for (size_t i = 0; i < definition->n_criteria; i++) {
        if (check->tree.parent[i] == (int)criterion)
            sum += definition->criteria[i]->max_cp;
    }
    if (sum != definition->criteria[criterion]->max_cp)
        problem(check->problems, REASON_DEFINITION_ITEMS_SUM,
                arg_text("criterion", definition->criteria[criterion]->code), arg_points("value", sum),
                arg_points("limit", definition->criteria[criterion]->max_cp));
}

static const char *formula_name(Pb__Formula formula) {
    static const char *const names[] = {
        [PB__FORMULA__MANUAL] = "manual", [PB__FORMULA__LINEAR] = "linear", [PB__FORMULA__BANDS] = "bands"};
    return names[formula];
}

static void check_formula(struct check *check, const Pb__CriterionDefinition *criterion, bool has_items) {
    Pb__Formula formula = criterion_formula(criterion);
    const char *field = NULL;
    if (has_items && formula != PB__FORMULA__MANUAL)
        field = "its items";
    else if (formula == PB__FORMULA__LINEAR && criterion->n_bands > 0)
        field = "bands";
    if (field != NULL)
        problem(check->problems, REASON_DEFINITION_FORMULA, arg_text("criterion", criterion->code),
                arg_text("field", field), arg_text("value", formula_name(formula)));
}

static void check_bands(struct check *check, const Pb__CriterionDefinition *criterion) {
    if (criterion_formula(criterion) == PB__FORMULA__BANDS && criterion->n_bands == 0) {
        char field[FIELD_SIZE];
        snprintf(field, sizeof field, "criterion %s bands", criterion->code);
        problem(check->problems, REASON_FIELD_MISSING, arg_text("field", field));
    }
    bool fine = true;
    for (size_t i = 0; i < criterion->n_bands; i++) {
        const Pb__Band *band = criterion->bands[i];
        fine = fine && band->points_cp >= 0 && band->points_cp <= criterion->max_cp &&
               (i == 0 || band->from_percent_cp < criterion->bands[i - 1]->from_percent_cp);
    }
    if (!fine)
        problem(check->problems, REASON_DEFINITION_BANDS, arg_text("criterion", criterion->code));
}

static void mark_not_assigned(struct check *check, const Pb__CriterionDefinition *criterion) {
    char field[FIELD_SIZE];
    snprintf(field, sizeof field, "criterion %s not_assigned", criterion->code);
    for (size_t i = 0; i < criterion->n_not_assigned; i++) {
        int unit = check_unit_named(check, field, criterion->not_assigned[i]);
        if (unit < 0)
            continue;
        if ((check->marks[unit] & MARK_LISTED) != 0)
            report_twice(check, field, criterion->not_assigned[i]);
        check->marks[unit] |= MARK_TAKEN | MARK_LISTED;
    }
}

// What is said of the criteria above holds for their items; they have reported their own problems.
static void mark_above(struct check *check, int above) {
    for (; above >= 0; above = check->tree.parent[above]) {
        const Pb__CriterionDefinition *criterion = check->definition->criteria[above];
        for (size_t i = 0; i < criterion->n_not_assigned; i++) {
            int unit = unit_by_id(check, criterion->not_assigned[i]);
            if (unit >= 0)
                check->marks[unit] |= MARK_TAKEN;
        }
    }
}

static void mark_target(struct check *check, const char *code, const Pb__Target *target) {
    char field[FIELD_SIZE];
    snprintf(field, sizeof field, "criterion %s target", code);
    int unit = check_unit_named(check, field, target->unit);
    if (unit < 0)
        return;
    if ((check->marks[unit] & MARK_TARGETED) != 0)
        report_twice(check, field, target->unit);
    if ((check->marks[unit] & MARK_TAKEN) != 0) {
        snprintf(field, sizeof field, "criterion %s target and not_assigned", code);
        report_twice(check, field, target->unit);
    }
    check->marks[unit] |= MARK_TARGETED;
    if (target->value > 0)
        check->marks[unit] |= MARK_TARGET;
}

static void check_targets(struct check *check, size_t index) {
    const Pb__CriterionDefinition *criterion = check->definition->criteria[index];
    size_t n_units = check->definition->n_units;
    memset(check->marks, 0, n_units);
    mark_above(check, check->tree.parent[index]);
    mark_not_assigned(check, criterion);
    for (size_t i = 0; i < criterion->n_targets; i++)
        mark_target(check, criterion->code, criterion->targets[i]);
    if (check->tree.has_items[index] || criterion_formula(criterion) == PB__FORMULA__MANUAL)
        return;
    for (size_t unit = 0; unit < n_units; unit++) {
        if ((check->marks[unit] & (MARK_TAKEN | MARK_TARGET)) == 0)
            problem(check->problems, REASON_DEFINITION_TARGET, arg_text("criterion", criterion->code),
                    arg_text("unit", check->definition->units[unit]->id));
    }
}

static void check_criterion(struct check *check, size_t index) {
    const Pb__CriterionDefinition *criterion = check->definition->criteria[index];
    check_code(check, index);
    if (criterion->max_cp % criterion_step(criterion) != 0)
        problem(check->problems, REASON_DEFINITION_STEP, arg_text("criterion", criterion->code),
                arg_points("value", criterion->max_cp), arg_points("limit", criterion_step(criterion)));
    if (check->tree.has_items[index])
        check_items_sum(check, index);
    check_formula(check, criterion, check->tree.has_items[index]);
    check_bands(check, criterion);
    check_targets(check, index);
}

static void check_criteria(struct check *check) {
    const Pb__PeriodDefinition *definition = check->definition;
    check_unique(check, "criterion", &check->tree.codes);
    for (size_t i = 0; i < definition->n_criteria; i++)
        check_criterion(check, i);
}

// ---- tie-breaks and classes ----

static bool check_tie_breaks(struct check *check) {
    const Pb__PeriodDefinition *definition = check->definition;
    struct names names;
    if (!names_init(&names, definition->n_tie_breaks, names_compare_codes))
        return false;
    for (size_t i = 0; i < definition->n_tie_breaks; i++) {
        const char *text = definition->tie_breaks[i];
        names_add(&names, text, i);
        if (names_compare_codes(text, "deduction") != 0 && tree_find(&check->tree, text) < 0)
            problem(check->problems, REASON_DEFINITION_TIE_BREAK, arg_text("value", text));
    }
    names_sort(&names, false);
    check_unique(check, "tie_breaks", &names);
    names_free(&names);
    return true;
}

static void check_class(struct check *check, size_t index) {
    const Pb__PeriodDefinition *definition = check->definition;
    const Pb__ClassDefinition *class = definition->classes[index];
    check_identifier(check, "class", class->id);
    if (class->from_cp > definition->total_cp)
        problem(check->problems, REASON_DEFINITION_CLASS, arg_text("value", class->id),
                arg_points("points", class->from_cp), arg_points("limit", definition->total_cp));
    for (size_t i = 0; i < index; i++) {
        if (definition->classes[i]->from_cp == class->from_cp)
            problem(check->problems, REASON_DEFINITION_DUPLICATE, arg_text("field", "class from"),
                    arg_points("value", class->from_cp));
    }
}

static bool check_classes(struct check *check) {
    const Pb__PeriodDefinition *definition = check->definition;
    struct names names;
    if (!names_init(&names, definition->n_classes, strcmp))
        return false;
    for (size_t i = 0; i < definition->n_classes; i++) {
        names_add(&names, definition->classes[i]->id, i);
        check_class(check, i);
    }
    names_sort(&names, false);
    check_unique(check, "class", &names);
    names_free(&names);
    return true;
}

// ---- the whole ----

static bool check_init(struct check *check) {
    const Pb__PeriodDefinition *definition = check->definition;
    check->marks = calloc(definition->n_units + 1, 1);
    if (check->marks == NULL || !names_init(&check->units, 2 * definition->n_units, strcmp) ||
        !tree_build(&check->tree, definition))
        return false;
    for (size_t i = 0; i < definition->n_units; i++) {
        names_add(&check->units, definition->units[i]->id, i);
        names_add(&check->units, definition->units[i]->alias, i);
    }
    names_sort(&check->units, false);
    return true;
}

static bool check_all(struct check *check) {
    if (!check_init(check))
        return false;
    check_identifier(check, "id", check->definition->id);
    check_identifier(check, "cluster", check->definition->cluster);
    check_units(check);
    check_leaders(check);
    check_criteria(check);
    return check_tie_breaks(check) && check_classes(check);
}

bool period_check(const Pb__PeriodDefinition *definition, struct problems *problems) {
    struct check check = {.definition = definition, .problems = problems};
    size_t before = problems->count;
    if (!check_all(&check))
        problem_plain(problems, REASON_BUSY);
    names_free(&check.units);
    tree_free(&check.tree);
    free(check.marks);
    return problems->count == before;
}

static void check_sum(const Pb__PeriodDefinition *definition, const struct period *period, struct problems *problems) {
    int64_t sum = 0;
    for (size_t i = 0; i < period->n_criteria; i++) {
        if (period->criteria[i].parent < 0)
            sum += definition->criteria[i]->max_cp;
    }
    if (sum != definition->total_cp)
        problem(problems, REASON_ADVANCE_SUM, arg_points("value", sum), arg_points("limit", definition->total_cp));
}

bool period_ready_to_sign(const struct period *period, struct problems *problems) {
    const Pb__PeriodDefinition *definition = period->definition;
    size_t before = problems->count;
    for (size_t i = 0; i < definition->n_criteria; i++) {
        const Pb__CriterionDefinition *criterion = definition->criteria[i];
        if (criterion->has_provenance && criterion->provenance == PB__PROVENANCE__UNNAMED)
            problem(problems, REASON_ADVANCE_TITLE_UNNAMED, arg_text("criterion", criterion->code));
    }
    check_sum(definition, period, problems);
    if (!definition->has_deadline_ms)
        problem(problems, REASON_ADVANCE_NO_DEADLINE, arg_text("period", definition->id));
    return problems->count == before;
}
