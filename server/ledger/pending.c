// Rows that a batch changes often are written once, at its end.

#include <search.h>
#include <stdlib.h>

#include "server/ledger/ledger_state.h"
#include "server/ledger/rows.h"

struct sheet_node {
    uint64_t key; // period and unit
    struct sheet sheet;
};

struct period_node {
    uint64_t key;
    struct period_row row;
};

// Both kinds of nodes begin with their key.
static int compare(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static void *find(void *const *tree, uint64_t key) {
    void *const *node = tfind(&key, tree, compare);
    return node ? *node : NULL;
}

static void *add(struct ledger *ledger, void **tree, uint64_t key, size_t size) {
    void *node = find(tree, key);
    if (node)
        return node;
    node = malloc(size); // a sheet has room for more than it holds: it is not cleared
    if (node)
        *(uint64_t *)node = key;
    if (node && tsearch(node, tree, compare))
        return node;
    free(node);
    store_fail(ledger->writing.txn, STORE_FATAL, "out of memory");
    return NULL;
}

static uint64_t sheet_key(uint32_t period, uint32_t unit) {
    return (uint64_t)period << 32 | unit;
}

const struct sheet *pending_sheet(const struct ledger *ledger, uint32_t period, uint32_t unit) {
    struct sheet_node *node = find(&ledger->sheets, sheet_key(period, unit));
    return node ? &node->sheet : NULL;
}

const struct period_row *pending_period(const struct ledger *ledger, uint32_t number) {
    struct period_node *node = find(&ledger->periods, number);
    return node ? &node->row : NULL;
}

struct sheet *pending_add_sheet(struct ledger *ledger, uint32_t period, uint32_t unit) {
    struct sheet_node *node = add(ledger, &ledger->sheets, sheet_key(period, unit), sizeof *node);
    return node ? &node->sheet : NULL;
}

struct period_row *pending_add_period(struct ledger *ledger, uint32_t number) {
    struct period_node *node = add(ledger, &ledger->periods, number, sizeof *node);
    if (node)
        node->row.number = number;
    return node ? &node->row : NULL;
}

static void write_sheet(const void *tree_node, VISIT visit, void *txn) {
    if (visit != postorder && visit != leaf)
        return;
    const struct sheet_node *node = *(const struct sheet_node *const *)tree_node;
    uint8_t key[KEY_SHEET], row[ROW_SHEET_MAX];
    store_put(txn, STORE_SHEETS, key_of_sheet((uint32_t)(node->key >> 32), (uint32_t)node->key, key),
              row_from_sheet(&node->sheet, row));
}

static void write_period(const void *tree_node, VISIT visit, void *txn) {
    if (visit != postorder && visit != leaf)
        return;
    const struct period_node *node = *(const struct period_node *const *)tree_node;
    uint8_t key[4], row[ROW_PERIOD_MAX];
    store_put(txn, STORE_PERIODS, key_of_number((uint32_t)node->key, key), row_from_period(&node->row, row));
}

enum store_status pending_flush(struct ledger *ledger) {
    twalk_r(ledger->sheets, write_sheet, ledger->writing.txn);
    twalk_r(ledger->periods, write_period, ledger->writing.txn);
    pending_clear(ledger);
    return store_fault(ledger->writing.txn);
}

void pending_clear(struct ledger *ledger) {
    tdestroy(ledger->sheets, free);
    tdestroy(ledger->periods, free);
    ledger->sheets = ledger->periods = NULL;
}
