#include "client/import/roster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/memory.h"
#include "proto/near.h"
#include "proto/text.h"

enum { NAMES = 3, CANDIDATES_SIZE = 256 }; // of a unit: id, alias, name

// "TC1.2" is an item of "TC1".
static bool has_items(const Pb__PeriodDefinition *definition, const char *code) {
    size_t length = strlen(code);
    for (size_t i = 0; i < definition->n_criteria; i++) {
        const char *other = definition->criteria[i]->code;
        if (!strncasecmp(other, code, length) && other[length] == '.')
            return true;
    }
    return false;
}

void roster_init(struct roster *roster, const Pb__PeriodDefinition *definition) {
    *roster = (struct roster){.definition = definition, .last_unit = -1};
    roster->leaves = must_alloc(definition->n_criteria * sizeof(*roster->leaves));
    for (size_t i = 0; i < definition->n_criteria; i++)
        if (!has_items(definition, definition->criteria[i]->code))
            roster->leaves[roster->n_leaves++] = definition->criteria[i];
    roster->folds = must_alloc(NAMES * definition->n_units * sizeof(*roster->folds));
    for (size_t i = 0; i < definition->n_units; i++) {
        const Pb__UnitDefinition *unit = definition->units[i];
        const char *names[NAMES] = {unit->id, unit->alias, unit->name};
        for (size_t j = 0; j < NAMES; j++)
            roster->folds[NAMES * i + j] = must(text_fold(names[j] ? names[j] : ""));
    }
}

void roster_free(struct roster *roster) {
    for (size_t i = 0; roster->definition && i < NAMES * roster->definition->n_units; i++)
        free(roster->folds[i]);
    free(roster->folds);
    free(roster->leaves);
    free(roster->last);
    *roster = (struct roster){0};
}

// ---- units ----

const char *roster_unit_id(const struct roster *roster, int unit) {
    return roster->definition->units[unit]->id;
}

static bool has_key(const struct roster *roster, size_t unit, const char *key) {
    const Pb__UnitDefinition *definition = roster->definition->units[unit];
    return !strcmp(definition->id, key) || (definition->alias && !strcmp(definition->alias, key));
}

static int by_key(const struct roster *roster, const char *key) {
    for (size_t i = 0; i < roster->definition->n_units; i++)
        if (has_key(roster, i, key))
            return (int)i;
    return -1;
}

static int by_written_name(const struct roster *roster, const char *text) {
    const Pb__PeriodDefinition *definition = roster->definition;
    int found = -1;
    for (size_t i = 0; i < definition->n_units; i++) {
        if (strcmp(definition->units[i]->name, text) != 0)
            continue;
        if (found >= 0)
            return -1;
        found = (int)i;
    }
    return found;
}

static bool is_called(const struct roster *roster, size_t unit, const char *fold) {
    for (size_t j = 0; j < NAMES; j++)
        if (*fold && !strcmp(roster->folds[NAMES * unit + j], fold))
            return true;
    return false;
}

static int unknown(const struct roster *roster, const char *text, const char *fold, struct problems *problems) {
    char ids[CANDIDATES_SIZE];
    struct near near;
    near_init(&near, fold);
    for (size_t i = 0; i < NAMES * roster->definition->n_units; i++)
        if (*roster->folds[i])
            near_try(&near, roster->folds[i], roster_unit_id(roster, (int)(i / NAMES)));
    if (*near_text(&near, ids, sizeof(ids)))
        problem(problems, REASON_UNIT_UNKNOWN, arg_text("unit", text), arg_text("near", ids));
    else
        problem(problems, REASON_UNIT_UNKNOWN, arg_text("unit", text));
    return -1;
}

static int ambiguous(const struct roster *roster, const char *text, const char *fold, struct problems *problems) {
    char ids[CANDIDATES_SIZE] = "";
    size_t used = 0;
    for (size_t i = 0; i < roster->definition->n_units; i++) {
        const char *id = roster_unit_id(roster, (int)i);
        if (!is_called(roster, i, fold))
            continue;
        if (used + strlen(id) + sizeof(", , …") > sizeof(ids)) {
            snprintf(ids + used, sizeof(ids) - used, ", …");
            break;
        }
        used += (size_t)snprintf(ids + used, sizeof(ids) - used, "%s%s", used ? ", " : "", id);
    }
    problem(problems, REASON_UNIT_AMBIGUOUS, arg_text("unit", text), arg_text("value", ids));
    return -1;
}

static int by_fold(const struct roster *roster, const char *text, struct problems *problems) {
    char *fold = must(text_fold(text));
    size_t count = 0;
    int found = -1;
    for (size_t i = 0; i < roster->definition->n_units; i++) {
        if (!is_called(roster, i, fold))
            continue;
        found = (int)i;
        count++;
    }
    if (count != 1)
        found = count ? ambiguous(roster, text, fold, problems) : unknown(roster, text, fold, problems);
    free(fold);
    return found;
}

int roster_unit(struct roster *roster, const char *text, struct problems *problems) {
    if (roster->last && roster->last_unit >= 0 && !strcmp(roster->last, text))
        return roster->last_unit;
    int unit = by_key(roster, text);
    if (unit < 0)
        unit = by_written_name(roster, text);
    if (unit < 0)
        unit = by_fold(roster, text, problems);
    free(roster->last);
    roster->last = must_strdup(text);
    roster->last_unit = unit;
    return unit;
}

// ---- criteria ----

static int no_leaf(const struct roster *roster, const char *code, struct problems *problems) {
    const Pb__PeriodDefinition *definition = roster->definition;
    char codes[CANDIDATES_SIZE];
    struct near near;
    near_init(&near, code);
    for (size_t i = 0; i < definition->n_criteria; i++)
        if (!strcasecmp(definition->criteria[i]->code, code)) {
            problem(problems, REASON_CRITERION_HAS_ITEMS, arg_text("criterion", definition->criteria[i]->code));
            return -1;
        }
    for (size_t i = 0; i < roster->n_leaves; i++)
        near_try(&near, roster->leaves[i]->code, roster->leaves[i]->code);
    if (*near_text(&near, codes, sizeof(codes)))
        problem(problems, REASON_CRITERION_UNKNOWN, arg_text("criterion", code), arg_text("period", definition->id),
                arg_text("near", codes));
    else
        problem(problems, REASON_CRITERION_UNKNOWN, arg_text("criterion", code), arg_text("period", definition->id));
    return -1;
}

int roster_leaf(const struct roster *roster, const char *code, struct problems *problems) {
    for (size_t i = 0; i < roster->n_leaves; i++)
        if (!strcasecmp(roster->leaves[i]->code, code))
            return (int)i;
    return no_leaf(roster, code, problems);
}

bool roster_assigned(const struct roster *roster, int unit, int leaf, struct problems *problems) {
    const Pb__CriterionDefinition *criterion = roster->leaves[leaf];
    for (size_t i = 0; i < criterion->n_not_assigned; i++)
        if (has_key(roster, (size_t)unit, criterion->not_assigned[i]))
            return problem(problems, REASON_CRITERION_NOT_ASSIGNED, arg_text("criterion", criterion->code),
                           arg_text("unit", roster_unit_id(roster, unit)));
    return true;
}

int64_t roster_target(const struct roster *roster, int unit, int leaf) {
    const Pb__CriterionDefinition *criterion = roster->leaves[leaf];
    for (size_t i = 0; i < criterion->n_targets; i++)
        if (has_key(roster, (size_t)unit, criterion->targets[i]->unit))
            return criterion->targets[i]->value;
    return 0;
}

bool roster_points_fit(const struct roster *roster, int leaf, int32_t points_cp, bool step, struct problems *problems) {
    const Pb__CriterionDefinition *criterion = roster->leaves[leaf];
    if (points_cp < 0 || points_cp > criterion->max_cp)
        return problem(problems, REASON_POINTS_RANGE, arg_text("criterion", criterion->code),
                       arg_points("value", points_cp), arg_points("limit", criterion->max_cp));
    if (step && criterion->step_cp > 0 && points_cp % criterion->step_cp)
        return problem(problems, REASON_POINTS_STEP, arg_text("criterion", criterion->code),
                       arg_points("value", points_cp), arg_points("limit", criterion->step_cp));
    return true;
}
