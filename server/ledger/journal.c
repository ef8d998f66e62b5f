#include "server/ledger/journal.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static struct span key_of_seq(uint64_t seq, uint8_t out[8]) {
    store_key_u64(out, seq);
    return (struct span){out, 8};
}

static enum store_status take_entry(struct store_txn *txn, struct span key, struct span value,
                                    struct journal_entry *entry) {
    if (key.size != 8 || value.size < JOURNAL_HASH)
        return store_damaged(txn, STORE_JOURNAL, key, "too short");
    entry->seq = store_key_get_u64(key.bytes);
    entry->record = (struct span){value.bytes + JOURNAL_HASH, value.size - JOURNAL_HASH};
    memcpy(entry->hash, value.bytes, JOURNAL_HASH);
    return STORE_OK;
}

enum store_status journal_local_read(struct store_txn *txn, uint64_t seq, struct journal_entry *entry) {
    uint8_t bytes[8];
    struct span key = key_of_seq(seq, bytes), value;
    enum store_status status = store_get(txn, STORE_JOURNAL, key, &value);
    return status == STORE_OK ? take_entry(txn, key, value, entry) : status;
}

enum store_status journal_local_tip(struct store_txn *txn, struct journal_tip *tip) {
    struct span key, value;
    struct journal_entry entry = {0};
    *tip = (struct journal_tip){0};
    enum store_status status = store_last(txn, STORE_JOURNAL, &key, &value);
    if (status == STORE_ABSENT)
        return STORE_OK;
    if (status == STORE_OK)
        status = take_entry(txn, key, value, &entry);
    if (status != STORE_OK)
        return status;
    tip->seq = entry.seq;
    memcpy(tip->hash, entry.hash, JOURNAL_HASH);
    return STORE_OK;
}

enum store_status journal_local_append(struct store_txn *txn, const struct journal_entry *entry) {
    uint8_t key[8];
    size_t size = JOURNAL_HASH + entry->record.size;
    uint8_t *value = malloc(size);
    if (!value)
        return store_fail(txn, STORE_FATAL, "out of memory");
    memcpy(value, entry->hash, JOURNAL_HASH);
    memcpy(value + JOURNAL_HASH, entry->record.bytes, entry->record.size);
    enum store_status status =
        store_append(txn, STORE_JOURNAL, key_of_seq(entry->seq, key), (struct span){value, size});
    free(value);
    return status;
}

bool journal_hash(const uint8_t prev[JOURNAL_HASH], struct span record, uint8_t hash[JOURNAL_HASH]) {
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool done = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) && EVP_DigestUpdate(ctx, prev, JOURNAL_HASH) &&
                EVP_DigestUpdate(ctx, record.bytes, record.size) && EVP_DigestFinal_ex(ctx, hash, NULL);
    EVP_MD_CTX_free(ctx);
    return done;
}
