#include "server/ledger/seal.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

static const char *const table_names[STORE_TABLES] = {
    [STORE_META] = "meta",         [STORE_JOURNAL] = "journal", [STORE_SUBMISSIONS] = "submissions",
    [STORE_ACCOUNTS] = "accounts", [STORE_INVITES] = "invites", [STORE_UNITS] = "units",
    [STORE_NAMES] = "names",       [STORE_PERIODS] = "periods", [STORE_DEFINITIONS] = "definitions",
    [STORE_SHEETS] = "sheets",     [STORE_LINES] = "lines",     [STORE_DEADLINES] = "deadlines",
};

const char *store_table_name(enum store_table table) {
    return table_names[table];
}

const char *store_row_name(enum store_table table, struct span key, char out[STORE_ROW_NAME]) {
    int n = snprintf(out, STORE_ROW_NAME, "%s ", table_names[table]);
    for (size_t i = 0; i < key.size && n + 6 < STORE_ROW_NAME; i++)
        n += snprintf(out + n, STORE_ROW_NAME - (size_t)n, "%02x", key.bytes[i]);
    if ((size_t)n < strlen(table_names[table]) + 1 + 2 * key.size)
        snprintf(out + n, STORE_ROW_NAME - (size_t)n, "...");
    return out;
}

enum store_status store_damaged(struct store_txn *txn, enum store_table table, struct span key, const char *what) {
    char row[STORE_ROW_NAME], text[STORE_ROW_NAME + 64];
    snprintf(text, sizeof text, "%s: %s", store_row_name(table, key, row), what);
    return store_fail(txn, STORE_DAMAGED, text);
}

static uint32_t checksum(enum store_table table, struct span key, struct span content) {
    uint8_t number = (uint8_t)table;
    uLong crc = crc32(0, &number, 1);
    crc = crc32_z(crc, key.bytes, key.size);
    return (uint32_t)(content.size ? crc32_z(crc, content.bytes, content.size) : crc);
}

void seal_row(enum store_table table, struct span key, struct span content, uint8_t *out) {
    store_key_u32(out, checksum(table, key, content));
    if (content.size)
        memcpy(out + SEAL_SIZE, content.bytes, content.size);
}

bool unseal_row(enum store_table table, struct span key, struct span sealed, struct span *content) {
    if (sealed.size < SEAL_SIZE)
        return false;
    *content = (struct span){sealed.bytes + SEAL_SIZE, sealed.size - SEAL_SIZE};
    return store_key_get_u32(sealed.bytes) == checksum(table, key, *content);
}

// ---- keys ----

void store_key_u16(uint8_t *out, uint16_t value) {
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
}

void store_key_u32(uint8_t *out, uint32_t value) {
    store_key_u16(out, (uint16_t)(value >> 16));
    store_key_u16(out + 2, (uint16_t)value);
}

void store_key_u64(uint8_t *out, uint64_t value) {
    store_key_u32(out, (uint32_t)(value >> 32));
    store_key_u32(out + 4, (uint32_t)value);
}

uint32_t store_key_get_u32(const uint8_t *in) {
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

uint64_t store_key_get_u64(const uint8_t *in) {
    return (uint64_t)store_key_get_u32(in) << 32 | store_key_get_u32(in + 4);
}
