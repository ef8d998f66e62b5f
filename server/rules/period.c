#include "server/rules/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/message.h"
#include "proto/near.h"
#include "proto/text.h"
#include "server/rules/tree.h"

enum {
    CANDIDATES_SIZE = 512, // bytes of the list of candidates in a refusal
    GUESSES_MOST = 8,      // problems of one request for which what was meant is looked for
};

struct number {
    uint32_t number;
    size_t unit;
};

struct period_index {
    struct tree tree;
    struct names keys;      // ids and aliases
    struct names written;   // names as they stand
    struct names folded;    // folds of ids, aliases and names
    struct number *numbers; // sorted
    uint32_t *assigned;     // leaves by unit index
    char **folds;
    size_t n_folds;
};

// ---- making ----

static const Pb__PeriodDefinition *copy_definition(const Pb__PeriodDefinition *definition) {
    size_t size = pb__period_definition__get_packed_size(definition);
    uint8_t *bytes = malloc(size + 1);
    if (bytes == NULL)
        return NULL;
    pb__period_definition__pack(definition, bytes);
    const Pb__PeriodDefinition *copy = pb__period_definition__unpack(NULL, size, bytes);
    free(bytes);
    return copy;
}

static int compare_numbers(const void *left, const void *right) {
    const struct number *a = left, *b = right;
    return (a->number > b->number) - (a->number < b->number);
}

static bool take_numbers(struct period *period, const uint32_t *unit_numbers) {
    size_t count = period->n_units;
    period->unit_numbers = calloc(count + 1, sizeof *period->unit_numbers);
    period->index->numbers = calloc(count + 1, sizeof *period->index->numbers);
    if (period->unit_numbers == NULL || period->index->numbers == NULL)
        return false;
    for (size_t unit = 0; unit < count; unit++) {
        period->unit_numbers[unit] = unit_numbers[unit];
        period->index->numbers[unit] = (struct number){.number = unit_numbers[unit], .unit = unit};
    }
    qsort(period->index->numbers, count, sizeof *period->index->numbers, compare_numbers);
    return true;
}

static bool add_fold(struct period_index *index, const char *text, size_t unit) {
    if (text == NULL) // no alias
        return true;
    char *fold = text_fold(text);
    if (fold == NULL)
        return false;
    index->folds[index->n_folds++] = fold;
    names_add(&index->folded, fold, unit);
    return true;
}

static bool index_units(struct period *period) {
    struct period_index *index = period->index;
    size_t count = period->n_units;
    index->folds = calloc(3 * count + 1, sizeof *index->folds);
    if (index->folds == NULL || !names_init(&index->keys, 2 * count, strcmp) ||
        !names_init(&index->written, count, strcmp) || !names_init(&index->folded, 3 * count, strcmp))
        return false;
    for (size_t unit = 0; unit < count; unit++) {
        const Pb__UnitDefinition *definition = period_unit(period, unit);
        names_add(&index->keys, definition->id, unit);
        names_add(&index->keys, definition->alias, unit);
        names_add(&index->written, definition->name, unit);
        if (!add_fold(index, definition->id, unit) || !add_fold(index, definition->alias, unit) ||
            !add_fold(index, definition->name, unit))
            return false;
    }
    names_sort(&index->keys, true);
    names_sort(&index->written, true);
    names_sort(&index->folded, true);
    return true;
}

static int unit_by_key(const struct period *period, const char *key) {
    const struct name *name = key != NULL ? names_find(&period->index->keys, key, NULL) : NULL;
    return name != NULL ? (int)name->index : -1;
}

static bool build_criteria(struct period *period) {
    struct tree *tree = &period->index->tree;
    if (!tree_build(tree, period->definition))
        return false;
    period->criteria = calloc(period->n_criteria + 1, sizeof *period->criteria);
    period->leaves = calloc(period->n_criteria + 1, sizeof *period->leaves);
    if (period->criteria == NULL || period->leaves == NULL)
        return false;
    for (size_t i = 0; i < period->n_criteria; i++) {
        bool is_leaf = !tree->has_items[i];
        if (is_leaf)
            period->leaves[period->n_leaves] = i;
        period->criteria[i] = (struct criterion){
            .definition = period->definition->criteria[i],
            .parent = tree->parent[i],
            .leaf = is_leaf ? (int)period->n_leaves++ : -1,
        };
    }
    return true;
}

static bool take_from(struct period *period, struct criterion *criterion, const Pb__CriterionDefinition *from) {
    if (from->n_not_assigned == 0)
        return true;
    if (criterion->assigned == NULL) {
        criterion->assigned = malloc(period->n_units + 1);
        if (criterion->assigned == NULL)
            return false;
        memset(criterion->assigned, true, period->n_units + 1);
    }
    for (size_t i = 0; i < from->n_not_assigned; i++) {
        int unit = unit_by_key(period, from->not_assigned[i]);
        if (unit >= 0)
            criterion->assigned[unit] = false;
    }
    return true;
}

static bool take_targets(struct period *period, struct criterion *criterion) {
    const Pb__CriterionDefinition *definition = criterion->definition;
    if (definition->n_targets == 0)
        return true;
    criterion->targets = calloc(period->n_units + 1, sizeof *criterion->targets);
    if (criterion->targets == NULL)
        return false;
    for (size_t i = 0; i < definition->n_targets; i++) {
        int unit = unit_by_key(period, definition->targets[i]->unit);
        if (unit >= 0)
            criterion->targets[unit] = definition->targets[i]->value;
    }
    return true;
}

static bool assign(struct period *period) {
    for (size_t i = 0; i < period->n_criteria; i++) {
        struct criterion *criterion = &period->criteria[i];
        for (int above = (int)i; above >= 0; above = period->criteria[above].parent) {
            if (!take_from(period, criterion, period->criteria[above].definition))
                return false;
        }
        if (!take_targets(period, criterion))
            return false;
    }
    return true;
}

static bool count_assigned(struct period *period) {
    period->index->assigned = calloc(period->n_units + 1, sizeof *period->index->assigned);
    if (period->index->assigned == NULL)
        return false;
    for (size_t leaf = 0; leaf < period->n_leaves; leaf++) {
        for (size_t unit = 0; unit < period->n_units; unit++)
            period->index->assigned[unit] += period_assigned(period, unit, leaf);
    }
    return true;
}

static bool stands_under(const struct period *period, int criterion, int above) {
    while (criterion >= 0 && criterion != above)
        criterion = period->criteria[criterion].parent;
    return criterion == above;
}

static bool take_tie_break(struct period *period, const char *text) {
    int above = tree_find(&period->index->tree, text);
    struct tie_break *tie_break = &period->tie_breaks[period->n_tie_breaks];
    tie_break->deduction = names_compare_codes(text, "deduction") == 0;
    tie_break->leaves = calloc(period->n_leaves + 1, sizeof *tie_break->leaves);
    if (tie_break->leaves == NULL)
        return false;
    period->n_tie_breaks++;
    for (size_t leaf = 0; above >= 0 && leaf < period->n_leaves; leaf++) {
        if (stands_under(period, (int)period->leaves[leaf], above))
            tie_break->leaves[tie_break->n_leaves++] = leaf;
    }
    return true;
}

static bool take_tie_breaks(struct period *period) {
    const Pb__PeriodDefinition *definition = period->definition;
    period->tie_breaks = calloc(definition->n_tie_breaks + 1, sizeof *period->tie_breaks);
    if (period->tie_breaks == NULL)
        return false;
    for (size_t i = 0; i < definition->n_tie_breaks; i++) {
        if (!take_tie_break(period, definition->tie_breaks[i]))
            return false;
    }
    return true;
}

static bool fill(struct period *period, const Pb__PeriodDefinition *definition, const uint32_t *unit_numbers) {
    period->index = calloc(1, sizeof *period->index);
    period->definition = copy_definition(definition);
    if (period->index == NULL || period->definition == NULL || !message_hash(&period->definition->base, period->hash))
        return false;
    period->n_units = period->definition->n_units;
    period->n_criteria = period->definition->n_criteria;
    if (!take_numbers(period, unit_numbers) || !index_units(period) || !build_criteria(period) || !assign(period) ||
        !count_assigned(period) || !take_tie_breaks(period))
        return false;
    period->leader = unit_by_key(period, period->definition->leader);
    period->deputy = unit_by_key(period, period->definition->deputy);
    return true;
}

struct period *period_compile(uint32_t number, uint32_t rules, const Pb__PeriodDefinition *definition,
                              const uint32_t *unit_numbers) {
    struct period *period = calloc(1, sizeof *period);
    if (period == NULL)
        return NULL;
    period->number = number;
    period->rules = rules;
    if (!fill(period, definition, unit_numbers)) {
        period_free(period);
        return NULL;
    }
    return period;
}

static void index_free(struct period_index *index) {
    if (index == NULL)
        return;
    for (size_t i = 0; i < index->n_folds; i++)
        free(index->folds[i]);
    free(index->folds);
    names_free(&index->keys);
    names_free(&index->written);
    names_free(&index->folded);
    tree_free(&index->tree);
    free(index->numbers);
    free(index->assigned);
    free(index);
}

void period_free(struct period *period) {
    if (period == NULL)
        return;
    for (size_t i = 0; i < period->n_tie_breaks; i++)
        free(period->tie_breaks[i].leaves);
    free(period->tie_breaks);
    for (size_t i = 0; period->criteria != NULL && i < period->n_criteria; i++) {
        free(period->criteria[i].assigned);
        free(period->criteria[i].targets);
    }
    free(period->criteria);
    free(period->leaves);
    free(period->unit_numbers);
    index_free(period->index);
    if (period->definition != NULL)
        pb__period_definition__free_unpacked((Pb__PeriodDefinition *)period->definition, NULL);
    free(period);
}

// ---- asking ----

const Pb__UnitDefinition *period_unit(const struct period *period, size_t unit) {
    return period->definition->units[unit];
}

const Pb__CriterionDefinition *period_leaf(const struct period *period, size_t leaf) {
    return period->criteria[period->leaves[leaf]].definition;
}

int period_unit_by_number(const struct period *period, uint32_t number) {
    struct number key = {.number = number};
    const struct number *found = bsearch(&key, period->index->numbers, period->n_units, sizeof key, compare_numbers);
    return found != NULL ? (int)found->unit : -1;
}

static void unit_ambiguous(const struct period *period, const char *text, const struct name *candidates, size_t count,
                           struct problems *problems) {
    char ids[CANDIDATES_SIZE] = "";
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        const char *id = period_unit(period, candidates[i].index)->id;
        if (length + strlen(id) + sizeof ", , …" > sizeof ids) {
            snprintf(ids + length, sizeof ids - length, ", …");
            break;
        }
        length += (size_t)snprintf(ids + length, sizeof ids - length, "%s%s", i == 0 ? "" : ", ", id);
    }
    problem(problems, REASON_UNIT_AMBIGUOUS, arg_text("unit", text), arg_text("value", ids));
}

// The refusal names what may have been meant.
static void unit_unknown(const struct period *period, const char *text, const char *fold, struct problems *problems) {
    char ids[CANDIDATES_SIZE];
    struct near near;
    near_init(&near, fold);
    const struct names *names = &period->index->folded;
    for (size_t i = 0; problems->count < GUESSES_MOST && i < names->count; i++)
        near_try(&near, names->list[i].text, period_unit(period, names->list[i].index)->id);
    if (*near_text(&near, ids, sizeof ids))
        problem(problems, REASON_UNIT_UNKNOWN, arg_text("unit", text), arg_text("near", ids));
    else
        problem(problems, REASON_UNIT_UNKNOWN, arg_text("unit", text));
}

static int unit_by_fold(const struct period *period, const char *text, struct problems *problems) {
    char *fold = text_fold(text);
    if (fold == NULL) {
        problem_plain(problems, REASON_BUSY);
        return -1;
    }
    size_t count = 0;
    const struct name *found = fold[0] != '\0' ? names_find(&period->index->folded, fold, &count) : NULL;
    if (count > 1)
        unit_ambiguous(period, text, found, count, problems);
    else if (found == NULL)
        unit_unknown(period, text, fold, problems);
    free(fold);
    return found != NULL && count == 1 ? (int)found->index : -1;
}

int period_unit_by_name(const struct period *period, const char *text, struct problems *problems) {
    int unit = unit_by_key(period, text);
    if (unit >= 0)
        return unit;
    size_t count = 0;
    const struct name *written = names_find(&period->index->written, text, &count);
    if (count == 1)
        return (int)written->index;
    return unit_by_fold(period, text, problems);
}

static void criterion_unknown(const struct period *period, const char *code, struct problems *problems) {
    char codes[CANDIDATES_SIZE];
    struct near near;
    near_init(&near, code);
    for (size_t i = 0; problems->count < GUESSES_MOST && i < period->n_leaves; i++)
        near_try(&near, period_leaf(period, i)->code, period_leaf(period, i)->code);
    const char *id = period->definition->id;
    if (*near_text(&near, codes, sizeof codes))
        problem(problems, REASON_CRITERION_UNKNOWN, arg_text("criterion", code), arg_text("period", id),
                arg_text("near", codes));
    else
        problem(problems, REASON_CRITERION_UNKNOWN, arg_text("criterion", code), arg_text("period", id));
}

int period_leaf_by_code(const struct period *period, const char *code, struct problems *problems) {
    int criterion = tree_find(&period->index->tree, code);
    if (criterion < 0) {
        criterion_unknown(period, code, problems);
        return -1;
    }
    if (period->criteria[criterion].leaf < 0)
        problem(problems, REASON_CRITERION_HAS_ITEMS,
                arg_text("criterion", period->criteria[criterion].definition->code));
    return period->criteria[criterion].leaf;
}

bool period_assigned(const struct period *period, size_t unit, size_t leaf) {
    const bool *assigned = period->criteria[period->leaves[leaf]].assigned;
    return assigned == NULL || assigned[unit];
}

size_t period_assigned_count(const struct period *period, size_t unit) {
    return period->index->assigned[unit];
}
