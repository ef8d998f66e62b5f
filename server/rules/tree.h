// The criteria of a definition as a tree: TC1.2 is an item of TC1. Codes are compared without case.
#ifndef THIDUA_RULES_TREE_H
#define THIDUA_RULES_TREE_H

#include "proto/thidua.pb-c.h"
#include "server/rules/names.h"

enum { TREE_DEPTH_MAX = 3 };

struct tree {
    struct names codes; // sorted
    size_t count;
    int *parent;     // by criterion index, -1: at the top, or its parent is not defined
    bool *has_items; // by criterion index
};

// False: out of memory; tree_free is then still allowed. The tree points into the definition.
bool tree_build(struct tree *tree, const Pb__PeriodDefinition *definition);
void tree_free(struct tree *tree);

// The criterion with this code, -1: none.
int tree_find(const struct tree *tree, const char *code);

// Writes the code of the criterion above `code` ("TC1" for "TC1.2") to `out`, a buffer as long as the code and its
// end. False: it stands at the top.
bool tree_code_above(const char *code, char *out);

// What an absent field means.
int32_t criterion_step(const Pb__CriterionDefinition *criterion);
Pb__Formula criterion_formula(const Pb__CriterionDefinition *criterion);

#endif
