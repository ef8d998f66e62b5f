#include "server/rules/tree.h"

#include <stdlib.h>
#include <string.h>

bool tree_code_above(const char *code, char *out) {
    const char *dot = strrchr(code, '.');
    if (dot == NULL)
        return false;
    memcpy(out, code, (size_t)(dot - code));
    out[dot - code] = '\0';
    return true;
}

int tree_find(const struct tree *tree, const char *code) {
    const struct name *name = names_find(&tree->codes, code, NULL);
    return name != NULL ? (int)name->index : -1;
}

static bool find_parent(struct tree *tree, const char *code, size_t criterion) {
    char *above = calloc(1, strlen(code) + 1);
    if (above == NULL)
        return false;
    if (tree_code_above(code, above))
        tree->parent[criterion] = tree_find(tree, above);
    if (tree->parent[criterion] >= 0)
        tree->has_items[tree->parent[criterion]] = true;
    free(above);
    return true;
}

bool tree_build(struct tree *tree, const Pb__PeriodDefinition *definition) {
    size_t count = definition->n_criteria;
    *tree = (struct tree){.count = count};
    tree->parent = calloc(count + 1, sizeof *tree->parent);
    tree->has_items = calloc(count + 1, sizeof *tree->has_items);
    if (!names_init(&tree->codes, count, names_compare_codes) || tree->parent == NULL || tree->has_items == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        names_add(&tree->codes, definition->criteria[i]->code, i);
    names_sort(&tree->codes, false);
    for (size_t i = 0; i < count; i++) {
        tree->parent[i] = -1;
        if (!find_parent(tree, definition->criteria[i]->code, i))
            return false;
    }
    return true;
}

void tree_free(struct tree *tree) {
    names_free(&tree->codes);
    free(tree->parent);
    free(tree->has_items);
    *tree = (struct tree){0};
}

int32_t criterion_step(const Pb__CriterionDefinition *criterion) {
    return criterion->has_step_cp && criterion->step_cp > 0 ? criterion->step_cp : 1;
}

Pb__Formula criterion_formula(const Pb__CriterionDefinition *criterion) {
    return criterion->has_formula ? criterion->formula : PB__FORMULA__MANUAL;
}
