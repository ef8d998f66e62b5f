#include "server/commands/pieces.h"

#include <stdlib.h>
#include <string.h>

enum { // fields of length-delimited values, or of numbers
    WATCH_REPLY_BOARD = 1 << 3 | 2,
    WATCH_REPLY_DELTA = 2 << 3 | 2,
    BOARD_DELTA_FROM_SEQ = 1 << 3,
    BOARD_DELTA_BOARD = 2 << 3 | 2,
    BOARD_ROWS = 9 << 3 | 2,
};

// ---- pieces ----

static size_t bytes_of(const Pb__Board *head, const Pb__Board *board) {
    size_t bytes = pb__board__get_packed_size(head);
    for (size_t i = 0; i < board->n_rows; i++)
        bytes += pb__board_row__get_packed_size(board->rows[i]);
    return bytes;
}

// The arrays and the bytes stand behind the pieces themselves, in the same memory.
static struct pieces *pieces_new(size_t n_rows, size_t bytes, uint8_t **behind) {
    size_t size = sizeof(struct pieces) + n_rows * (sizeof(struct span) + 2 * sizeof(uint32_t));
    struct pieces *pieces = malloc(size + bytes);
    if (!pieces)
        return NULL;
    *pieces = (struct pieces){.references = 1, .n_rows = n_rows};
    pieces->order = (uint32_t *)(void *)(pieces->rows + n_rows);
    pieces->changed = pieces->order + n_rows;
    *behind = (uint8_t *)pieces + size;
    return pieces;
}

struct pieces *pieces_make(const Pb__Board *board, uint64_t definition_seq) {
    uint8_t *at;
    Pb__Board head = *board;
    head.n_rows = 0;
    struct pieces *pieces = pieces_new(board->n_rows, bytes_of(&head, board), &at);
    if (!pieces)
        return NULL;
    pieces->seq = board->seq;
    pieces->definition_seq = definition_seq;
    pieces->head = (struct span){at, pb__board__pack(&head, at)};
    at += pieces->head.size;
    for (size_t i = 0; i < board->n_rows; i++) {
        const Pb__BoardRow *row = board->rows[i];
        pieces->order[i] = row->place;
        pieces->rows[row->place] = (struct span){at, pb__board_row__pack(row, at)};
        at += pieces->rows[row->place].size;
    }
    return pieces;
}

struct pieces *pieces_hold(struct pieces *pieces) {
    pieces->references++;
    return pieces;
}

void pieces_release(struct pieces *pieces) {
    if (!pieces || --pieces->references > 0)
        return;
    shared_bytes_release(pieces->whole);
    free(pieces);
}

struct own_row own_row_make(const Pb__BoardRow *row) {
    uint8_t *bytes = malloc(pb__board_row__get_packed_size(row));
    struct own_row own = {.place = row->place};
    if (bytes)
        own.row = (struct span){bytes, pb__board_row__pack(row, bytes)};
    return own;
}

// ---- putting them together ----

static size_t number_size(uint64_t number) {
    size_t size = 1;
    while (number >>= 7)
        size++;
    return size;
}

static uint8_t *put_number(uint8_t *at, uint64_t number) {
    for (; number >= 0x80; number >>= 7)
        *at++ = (uint8_t)(number | 0x80);
    *at++ = (uint8_t)number;
    return at;
}

static uint8_t *put_front(uint8_t *at, uint8_t field, size_t size) {
    *at++ = field;
    return put_number(at, size);
}

static uint8_t *put_bytes(uint8_t *at, struct span bytes) {
    memcpy(at, bytes.bytes, bytes.size);
    return at + bytes.size;
}

// Bytes of a length-delimited field with `size` bytes in it.
static size_t field_size(size_t size) {
    return 1 + number_size(size) + size;
}

static bool is_same(struct span a, struct span b) {
    return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

static struct span row_at(const struct pieces *pieces, const struct own_row *own, size_t place) {
    return own->row.size > 0 && own->place == place ? own->row : pieces->rows[place];
}

// A Board: the head and the rows at these places.
static size_t board_size(const struct pieces *pieces, const struct own_row *own, const uint32_t *places, size_t count) {
    size_t size = pieces->head.size;
    for (size_t i = 0; i < count; i++)
        size += field_size(row_at(pieces, own, places[i]).size);
    return size;
}

static uint8_t *put_board(uint8_t *at, const struct pieces *pieces, const struct own_row *own, const uint32_t *places,
                          size_t count) {
    at = put_bytes(at, pieces->head);
    for (size_t i = 0; i < count; i++) {
        struct span row = row_at(pieces, own, places[i]);
        at = put_bytes(put_front(at, BOARD_ROWS, row.size), row);
    }
    return at;
}

static struct shared_bytes *shared_new(size_t size) {
    struct shared_bytes *shared = malloc(sizeof *shared + size);
    if (shared)
        *shared = (struct shared_bytes){.references = 1, .size = size};
    return shared;
}

static struct shared_bytes *make_whole(const struct pieces *pieces, const struct own_row *own,
                                       const Pb__WatchReply *more) {
    size_t board = board_size(pieces, own, pieces->order, pieces->n_rows);
    struct shared_bytes *shared = shared_new(field_size(board) + pb__watch_reply__get_packed_size(more));
    if (!shared)
        return NULL;
    uint8_t *at = put_front(shared->bytes, WATCH_REPLY_BOARD, board);
    at = put_board(at, pieces, own, pieces->order, pieces->n_rows);
    pb__watch_reply__pack(more, at);
    return shared;
}

struct shared_bytes *pieces_whole(struct pieces *pieces, const struct own_row *own) {
    const Pb__WatchReply nothing = PB__WATCH_REPLY__INIT;
    if (own->row.size > 0) // of few: not kept
        return make_whole(pieces, own, &nothing);
    if (!pieces->whole)
        pieces->whole = make_whole(pieces, own, &nothing);
    if (pieces->whole)
        pieces->whole->references++;
    return pieces->whole;
}

// ---- what has changed ----

// Once for all who share the pieces.
static void compare(const struct pieces *from, struct pieces *to) {
    if (to->changes.from_seq == from->seq)
        return;
    to->changes.from_seq = from->seq;
    to->changes.count = 0;
    for (size_t i = 0; i < to->n_rows; i++)
        if (!is_same(from->rows[to->order[i]], to->rows[to->order[i]]))
            to->changed[to->changes.count++] = to->order[i];
}

struct places {
    size_t count;
    uint32_t list[];
};

// The places whose rows differ for one who has these own rows. NULL: out of memory.
static struct places *places_changed(const struct pieces *from, const struct own_row *own_from, struct pieces *to,
                                     const struct own_row *own) {
    compare(from, to);
    struct places *places = malloc(sizeof *places + (to->changes.count + 1) * sizeof places->list[0]);
    if (!places)
        return NULL;
    places->count = 0;
    bool has_own = own->row.size > 0;
    for (size_t i = 0; i < to->changes.count; i++)
        if (!has_own || to->changed[i] != own->place)
            places->list[places->count++] = to->changed[i];
    if (has_own && !is_same(row_at(from, own_from, own->place), own->row))
        places->list[places->count++] = (uint32_t)own->place;
    return places;
}

static struct shared_bytes *make_delta(uint64_t from_seq, const struct pieces *to, const struct own_row *own,
                                       const struct places *places, const Pb__WatchReply *more) {
    size_t board = board_size(to, own, places->list, places->count);
    size_t delta = 1 + number_size(from_seq) + field_size(board);
    if (delta >= board_size(to, own, to->order, to->n_rows))
        return make_whole(to, own, more);
    struct shared_bytes *shared = shared_new(field_size(delta) + pb__watch_reply__get_packed_size(more));
    if (!shared)
        return NULL;
    uint8_t *at = put_front(shared->bytes, WATCH_REPLY_DELTA, delta);
    *at++ = BOARD_DELTA_FROM_SEQ;
    at = put_front(put_number(at, from_seq), BOARD_DELTA_BOARD, board);
    at = put_board(at, to, own, places->list, places->count);
    pb__watch_reply__pack(more, at);
    return shared;
}

struct shared_bytes *pieces_step(const struct pieces *from, const struct own_row *own_from, struct pieces *to,
                                 const struct own_row *own, const Pb__WatchReply *more) {
    if (from->definition_seq != to->definition_seq || from->n_rows != to->n_rows)
        return make_whole(to, own, more);
    struct places *places = places_changed(from, own_from, to, own);
    struct shared_bytes *shared = places ? make_delta(from->seq, to, own, places, more) : NULL;
    free(places);
    return shared;
}
