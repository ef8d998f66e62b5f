#include "server/commands/boards.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 256, SLOTS_PAST = 64 }; // boards kept at most; another one of the same slot takes its place

struct slot {
    struct board_key key;
    struct shared_bytes *bytes;
};

struct boards {
    struct slot slots[SLOTS + SLOTS_PAST];
};

struct boards *boards_new(void) {
    return calloc(1, sizeof(struct boards));
}

void shared_bytes_release(struct shared_bytes *shared) {
    if (shared && --shared->references == 0)
        free(shared);
}

void boards_free(struct boards *boards) {
    if (!boards)
        return;
    for (size_t i = 0; i < SLOTS + SLOTS_PAST; i++)
        shared_bytes_release(boards->slots[i].bytes);
    free(boards);
}

static struct slot *slot_of(struct boards *boards, const struct board_key *key) {
    uint32_t mixed = key->period * 31u + key->unit * 7u + (uint32_t)key->column * 5u + (uint32_t)key->sight;
    mixed += key->explain ? 128 : 0;
    return &boards->slots[key->past ? SLOTS + (mixed + key->seq) % SLOTS_PAST : mixed % SLOTS];
}

static bool same(const struct board_key *a, const struct board_key *b) {
    return a->period == b->period && a->unit == b->unit && a->seq == b->seq && a->column == b->column &&
           a->sight == b->sight && a->explain == b->explain && a->past == b->past;
}

struct shared_bytes *boards_find(struct boards *boards, const struct board_key *key) {
    struct slot *slot = slot_of(boards, key);
    if (!slot->bytes || !same(&slot->key, key))
        return NULL;
    slot->bytes->references++;
    return slot->bytes;
}

struct shared_bytes *boards_keep(struct boards *boards, const struct board_key *key, const Pb__Response *response) {
    size_t size = pb__response__get_packed_size(response);
    struct shared_bytes *bytes = malloc(sizeof *bytes + size);
    if (!bytes)
        return NULL;
    bytes->size = pb__response__pack(response, bytes->bytes);
    bytes->references = 2; // the slot's and the caller's
    struct slot *slot = slot_of(boards, key);
    shared_bytes_release(slot->bytes);
    *slot = (struct slot){.key = *key, .bytes = bytes};
    return bytes;
}
