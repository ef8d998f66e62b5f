// Reading the rows of the tables, and compiled definitions.

#include <stdlib.h>
#include <string.h>

#include "server/ledger/ledger_state.h"
#include "server/ledger/rows.h"

enum { CACHE_MAX = 512 }; // a national year has some 475 clusters, and any may be asked for

const char *view_fault(const struct view *view) {
    return store_fault(view->txn) == STORE_OK ? NULL : store_fault_text(view->txn);
}

// Reads a row; false: there is none, or the view has a fault.
static bool get(const struct view *view, enum store_table table, struct span key, struct span *row) {
    return key.size != 0 && store_get(view->txn, table, key, row) == STORE_OK;
}

// Always false.
static bool damaged(const struct view *view, enum store_table table, struct span key) {
    store_damaged(view->txn, table, key, "not such a row");
    return false;
}

// The number in the last key of a table, which begins with it.
static uint32_t last_number(const struct view *view, enum store_table table) {
    struct span key, row;
    if (store_last(view->txn, table, &key, &row) != STORE_OK)
        return 0;
    return key.size == 4 ? store_key_get_u32(key.bytes) : damaged(view, table, key);
}

// A row that is one number.
static uint32_t get_number(const struct view *view, enum store_table table, struct span key) {
    struct span row;
    if (!get(view, table, key, &row))
        return 0;
    return row.size == 4 ? store_key_get_u32(row.bytes) : damaged(view, table, key);
}

// ---- accounts ----

bool view_account(const struct view *view, uint32_t number, struct account *account) {
    uint8_t bytes[4];
    struct span key = key_of_number(number, bytes), row;
    if (!get(view, STORE_ACCOUNTS, key, &row))
        return false;
    return row_to_account(row, number, account) || damaged(view, STORE_ACCOUNTS, key);
}

bool view_account_by_code(const struct view *view, const uint8_t code_hash[32], struct account *account) {
    uint32_t number = get_number(view, STORE_INVITES, (struct span){code_hash, 32});
    return number != 0 && view_account(view, number, account);
}

uint32_t view_last_account(const struct view *view) {
    return last_number(view, STORE_ACCOUNTS);
}

// ---- units ----

uint32_t view_unit_number(const struct view *view, const char *id) {
    uint8_t key[KEY_NAME_MAX];
    return get_number(view, STORE_NAMES, key_of_name('u', id, key));
}

uint32_t view_last_unit(const struct view *view) {
    return last_number(view, STORE_UNITS);
}

const Pb__UnitDefinition *view_unit(const struct view *view, uint32_t number, struct arena *arena) {
    uint8_t bytes[4];
    struct span key = key_of_number(number, bytes), row;
    if (!get(view, STORE_UNITS, key, &row))
        return NULL;
    const Pb__UnitDefinition *unit = pb__unit_definition__unpack(arena_allocator(arena), row.size, row.bytes);
    if (!unit && !arena_exhausted(arena))
        damaged(view, STORE_UNITS, key);
    return unit;
}

// ---- periods ----

uint32_t view_period_number(const struct view *view, const char *id) {
    uint8_t key[KEY_NAME_MAX];
    return get_number(view, STORE_NAMES, key_of_name('p', id, key));
}

uint32_t view_last_period(const struct view *view) {
    return last_number(view, STORE_DEFINITIONS); // written at once, while a period's row may still be pending
}

bool view_period_row(const struct view *view, uint32_t number, struct period_row *row) {
    const struct period_row *pending = view->writing ? pending_period(view->ledger, number) : NULL;
    if (pending) {
        *row = *pending;
        return store_fault(view->txn) == STORE_OK;
    }
    uint8_t bytes[4];
    struct span key = key_of_number(number, bytes), stored;
    if (!get(view, STORE_PERIODS, key, &stored))
        return false;
    return row_to_period(stored, number, row) || damaged(view, STORE_PERIODS, key);
}

static struct period *compile(const struct view *view, struct span key, struct span row, struct arena *arena) {
    const Pb__PeriodDefined *defined = pb__period_defined__unpack(arena_allocator(arena), row.size, row.bytes);
    if (!defined && arena_exhausted(arena))
        return NULL;
    if (!defined || !defined->definition || defined->n_units != defined->definition->n_units) {
        damaged(view, STORE_DEFINITIONS, key);
        return NULL;
    }
    return period_compile(store_key_get_u32(key.bytes), defined->rules, defined->definition, defined->units);
}

static struct period *load_period(const struct view *view, uint32_t number) {
    uint8_t bytes[4];
    struct span key = key_of_number(number, bytes), row;
    if (!get(view, STORE_DEFINITIONS, key, &row)) {
        damaged(view, STORE_DEFINITIONS, key); // its period's row is there
        return NULL;
    }
    struct arena *arena = arena_new(UNPACK_BUDGET);
    struct period *period = arena ? compile(view, key, row, arena) : NULL;
    arena_free(arena);
    if (!period)
        store_fail(view->txn, STORE_FATAL, "a definition: out of memory");
    return period;
}

// Room in the cache for a definition of the period `number`: where an older one of it stood, or at the end.
static struct cached_period *cache_place(struct ledger *ledger, uint32_t number) {
    for (size_t i = 0; i < ledger->n_cache; i++)
        if (ledger->cache[i].period->number == number)
            return &ledger->cache[i];
    struct cached_period *grown = realloc(ledger->cache, (ledger->n_cache + 1) * sizeof *grown);
    if (!grown)
        return NULL;
    ledger->cache = grown;
    grown[ledger->n_cache] = (struct cached_period){0};
    return &grown[ledger->n_cache];
}

static const struct period *cache_period(const struct view *view, struct cached_period *place, uint32_t number,
                                         uint64_t definition_seq) {
    struct ledger *ledger = view->ledger;
    struct period *period = load_period(view, number);
    if (!period)
        return NULL;
    if (place->period)
        period_free(place->period);
    else
        ledger->n_cache++;
    *place = (struct cached_period){definition_seq, ++ledger->uses, period};
    return period;
}

const struct period *view_period(const struct view *view, uint32_t number) {
    struct period_row row;
    if (!view_period_row(view, number, &row))
        return NULL;
    struct cached_period *place = cache_place(view->ledger, number);
    if (!place) {
        store_fail(view->txn, STORE_FATAL, "out of memory");
        return NULL;
    }
    if (!place->period || place->definition_seq != row.definition_seq)
        return cache_period(view, place, number, row.definition_seq);
    place->used = ++view->ledger->uses;
    return place->period;
}

static void cache_drop(struct ledger *ledger, size_t i) {
    period_free(ledger->cache[i].period);
    ledger->cache[i] = ledger->cache[--ledger->n_cache];
}

void cache_trim(struct ledger *ledger) {
    while (ledger->n_cache > CACHE_MAX) {
        size_t oldest = 0;
        for (size_t i = 1; i < ledger->n_cache; i++)
            if (ledger->cache[i].used < ledger->cache[oldest].used)
                oldest = i;
        cache_drop(ledger, oldest);
    }
}

void cache_forget_after(struct ledger *ledger, uint64_t seq) {
    for (size_t i = ledger->n_cache; i-- > 0;)
        if (ledger->cache[i].definition_seq > seq)
            cache_drop(ledger, i);
}

void cache_free(struct ledger *ledger) {
    cache_forget_after(ledger, 0);
    free(ledger->cache);
}

// ---- sheets ----

bool view_line(const struct view *view, uint32_t period, uint32_t unit, size_t leaf, struct line *line) {
    uint8_t bytes[KEY_LINE];
    struct span key = key_of_line(period, unit, leaf, bytes), row;
    if (!get(view, STORE_LINES, key, &row))
        return false;
    return row_to_line(row, line) || damaged(view, STORE_LINES, key);
}

bool view_sheet(const struct view *view, const struct period *period, uint32_t unit, struct sheet *sheet) {
    const struct sheet *pending = view->writing ? pending_sheet(view->ledger, period->number, unit) : NULL;
    if (pending) {
        sheet_copy(sheet, pending);
        return store_fault(view->txn) == STORE_OK;
    }
    uint8_t bytes[KEY_SHEET];
    struct span key = key_of_sheet(period->number, unit, bytes), row;
    if (!get(view, STORE_SHEETS, key, &row)) {
        sheet_blank(sheet, period->n_leaves);
        return store_fault(view->txn) == STORE_OK;
    }
    if (row_to_sheet(row, sheet) && sheet->n_leaves == period->n_leaves)
        return true;
    return damaged(view, STORE_SHEETS, key);
}

bool view_next_deadline(const struct view *view, uint32_t period, uint32_t *unit, int64_t *until_ms) {
    uint8_t bytes[4];
    struct span prefix = key_of_number(period, bytes), key, row;
    struct store_scan *scan = store_scan_open(view->txn, STORE_DEADLINES, prefix, prefix);
    bool found = scan && store_scan_next(scan, &key, &row) == STORE_OK;
    if (found && key.size == KEY_DEADLINE) {
        *until_ms = (int64_t)store_key_get_u64(key.bytes + 4);
        *unit = store_key_get_u32(key.bytes + 12);
    } else if (found) {
        found = damaged(view, STORE_DEADLINES, key);
    }
    store_scan_close(scan);
    return found;
}

// ---- the journal ----

uint64_t view_submission(const struct view *view, const uint8_t id[16], uint32_t owner) {
    uint8_t bytes[KEY_SUBMISSION];
    struct span key = key_of_submission(id, owner, bytes), row;
    if (!get(view, STORE_SUBMISSIONS, key, &row))
        return 0;
    return row.size == 8 ? store_key_get_u64(row.bytes) : damaged(view, STORE_SUBMISSIONS, key);
}

static bool read_entry(const struct view *view, uint64_t seq, struct journal_entry *entry) {
    const struct ledger *ledger = view->ledger;
    if (view->writing && ledger->n_entries != 0 && seq >= ledger->entries[0].seq &&
        seq - ledger->entries[0].seq < ledger->n_entries) {
        *entry = ledger->entries[seq - ledger->entries[0].seq];
        return true;
    }
    return seq != 0 && journal_local_read(view->txn, seq, entry) == STORE_OK;
}

const Pb__Entry *view_entry(const struct view *view, uint64_t seq, struct arena *arena, struct journal_entry *raw) {
    struct journal_entry found;
    if (!read_entry(view, seq, &found))
        return NULL;
    if (raw)
        *raw = found;
    const Pb__Entry *entry = pb__entry__unpack(arena_allocator(arena), found.record.size, found.record.bytes);
    if (entry ? entry->seq != seq || !entry->event : !arena_exhausted(arena)) {
        uint8_t key[8];
        store_key_u64(key, seq);
        damaged(view, STORE_JOURNAL, (struct span){key, 8});
        return NULL;
    }
    return entry;
}

uint64_t view_seq(const struct view *view) {
    struct journal_tip tip;
    if (view->writing)
        return view->ledger->tip.seq;
    return journal_local_tip(view->txn, &tip) == STORE_OK ? tip.seq : 0;
}

static bool get_id(const struct view *view, const char *name, uint8_t id[16]) {
    struct span row;
    if (!get(view, STORE_META, key_of_text(name), &row))
        return false;
    if (row.size != 16)
        return damaged(view, STORE_META, key_of_text(name));
    memcpy(id, row.bytes, 16);
    return true;
}

bool view_ledger_id(const struct view *view, uint8_t ledger[16], uint8_t branch[16]) {
    return get_id(view, "ledger", ledger) && get_id(view, "branch", branch);
}
