#include "proto/export.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "proto/arena.h"
#include "proto/reasons.h"

#define N_(text) text // translated by the client

enum {
    LINE_FIRST = 4096,
    LINE_MOST = 256 * 1024 * 1024,
    ENTRY_BUDGET = 64 * 1024 * 1024, // memory of one entry
    NUMBER_TEXT = 24,
};

enum fault {
    FAULT_NONE,
    FAULT_EMPTY,
    FAULT_CUT,
    FAULT_TOO_LONG,
    FAULT_NO_ENTRY,
    FAULT_HEX,
    FAULT_RECORD,
    FAULT_PARTIAL,
    FAULT_GAP,
    FAULT_ORDER,
    FAULT_PREV,
    FAULT_HASH,
    FAULT_OTHER_SEQ,
    FAULT_NO_FOUNDING,
};

#define WHOLE  N_("Export the whole journal: thidua audit -o ndjson, without --since, --unit or --actor.")
#define AGAIN  N_("Export the journal again (thidua audit -o ndjson), or take another copy of this export.")
#define FORGED N_("Take another copy of this export; what this one says cannot be trusted.")

static const struct export_fault faults[] = {
    [FAULT_NONE] = {"", ""},
    [FAULT_EMPTY] = {N_("the export holds no entry"), AGAIN},
    [FAULT_CUT] = {N_("the file ends within this line: it has been cut short"), AGAIN},
    [FAULT_TOO_LONG] = {N_("this line is longer than any entry can be"), AGAIN},
    [FAULT_NO_ENTRY] = {N_("this is no entry of a journal: no JSON object with seq, record, prev and hash"), AGAIN},
    [FAULT_HEX] = {N_("prev or hash is not 64 hexadecimal digits"), AGAIN},
    [FAULT_RECORD] = {N_("the record is not an entry in base64"), AGAIN},
    [FAULT_PARTIAL] = {N_("the export begins with entry {seq}, not with entry 1"), WHOLE},
    [FAULT_GAP] = {N_("entry {seq} stands behind entry {last}; what was between them is missing"), WHOLE},
    [FAULT_ORDER] = {N_("entry {seq} stands behind entry {last}; the lines are out of order"), AGAIN},
    [FAULT_PREV] = {N_("prev is not the hash of entry {last}"), FORGED},
    [FAULT_HASH] = {N_("the hash is not that of the record and the entry before it: one of them was changed"), FORGED},
    [FAULT_OTHER_SEQ] = {N_("the line says entry {seq}, its record another"), FORGED},
    [FAULT_NO_FOUNDING] = {N_("entry 1 does not found a ledger"), FORGED},
};

struct export_reader {
    FILE *in;
    export_split *split;
    void *ctx;
    struct arena *arena;
    char *line;
    size_t size, room;
    uint8_t *chained; // the hash before and the record: what is hashed
    char *again;      // the record encoded again
    size_t record_room;
    uint64_t number, seq, last; // of the line; the entry it says it is, and the one before
    uint8_t hash[EXPORT_HASH];  // of the entry before
    enum fault fault;
};

struct export_reader *export_open(FILE *in, export_split *split, void *ctx) {
    struct export_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return NULL;
    *reader = (struct export_reader){.in = in, .split = split, .ctx = ctx, .arena = arena_new(ENTRY_BUDGET)};
    if (reader->arena)
        return reader;
    free(reader);
    return NULL;
}

void export_close(struct export_reader *reader) {
    if (!reader)
        return;
    arena_free(reader->arena);
    free(reader->line);
    free(reader->chained);
    free(reader->again);
    free(reader);
}

static enum export_result damaged(struct export_reader *reader, enum fault fault) {
    reader->fault = fault;
    return EXPORT_DAMAGED;
}

static enum export_result out_of_memory(void) {
    errno = ENOMEM;
    return EXPORT_UNREADABLE;
}

// ---- a line ----

static bool grow_line(struct export_reader *reader) {
    size_t room = reader->room ? 2 * reader->room : LINE_FIRST;
    char *grown = realloc(reader->line, room);
    if (!grown)
        return false;
    reader->line = grown;
    reader->room = room;
    return true;
}

// EXPORT_ENTRY: there is a line, without its end.
static enum export_result read_line(struct export_reader *reader) {
    int c;
    reader->size = 0;
    errno = 0;
    while ((c = getc_unlocked(reader->in)) != EOF && c != '\n') {
        if (reader->size == LINE_MOST)
            return damaged(reader, FAULT_TOO_LONG);
        if (reader->size == reader->room && !grow_line(reader))
            return out_of_memory();
        reader->line[reader->size++] = (char)c;
    }
    if (c == EOF && ferror(reader->in))
        return EXPORT_UNREADABLE;
    if (c == EOF && reader->size == 0)
        return EXPORT_END;
    reader->number++;
    return c == EOF ? damaged(reader, FAULT_CUT) : EXPORT_ENTRY;
}

// ---- what it says ----

static bool decode_hash(const char *text, uint8_t hash[EXPORT_HASH]) {
    size_t size;
    return strlen(text) == 2 * EXPORT_HASH && OPENSSL_hexstr2buf_ex(hash, EXPORT_HASH, &size, text, '\0') == 1;
}

static bool make_record_room(struct export_reader *reader, size_t size) {
    if (size <= reader->record_room)
        return true;
    free(reader->chained);
    free(reader->again);
    reader->chained = malloc(EXPORT_HASH + size);
    reader->again = malloc(size + 1);
    reader->record_room = reader->chained && reader->again ? size : 0;
    return reader->record_room != 0;
}

// Puts the record behind the hash before it. Only what encodes to the very same text is base64: nothing is passed over.
static enum export_result decode_record(struct export_reader *reader, const char *text, size_t *size) {
    size_t length = strlen(text);
    if (length == 0 || length % 4 != 0 || length > INT_MAX)
        return damaged(reader, FAULT_RECORD);
    if (!make_record_room(reader, length))
        return out_of_memory();
    uint8_t *record = reader->chained + EXPORT_HASH;
    int decoded = EVP_DecodeBlock(record, (const uint8_t *)text, (int)length);
    int padding = (text[length - 1] == '=') + (text[length - 2] == '=');
    if (decoded < padding)
        return damaged(reader, FAULT_RECORD);
    *size = (size_t)(decoded - padding);
    EVP_EncodeBlock((uint8_t *)reader->again, record, decoded - padding);
    return strcmp(reader->again, text) == 0 ? EXPORT_ENTRY : damaged(reader, FAULT_RECORD);
}

static enum export_result check_order(struct export_reader *reader) {
    if (reader->seq == reader->last + 1)
        return EXPORT_ENTRY;
    if (reader->last == 0)
        return damaged(reader, FAULT_PARTIAL);
    return damaged(reader, reader->seq > reader->last ? FAULT_GAP : FAULT_ORDER);
}

// The chain goes on from the entry before to a record of `size` bytes, which lies behind its hash.
static enum export_result check_hash(struct export_reader *reader, const struct export_line *line, size_t size) {
    uint8_t prev[EXPORT_HASH], told[EXPORT_HASH], found[EXPORT_HASH];
    if (!decode_hash(line->prev, prev) || !decode_hash(line->hash, told))
        return damaged(reader, FAULT_HEX);
    if (memcmp(prev, reader->hash, sizeof prev) != 0)
        return damaged(reader, FAULT_PREV);
    memcpy(reader->chained, prev, sizeof prev);
    if (EVP_Digest(reader->chained, EXPORT_HASH + size, found, NULL, EVP_sha256(), NULL) != 1)
        return out_of_memory();
    if (memcmp(found, told, sizeof found) != 0)
        return damaged(reader, FAULT_HASH);
    memcpy(reader->hash, found, sizeof found);
    return EXPORT_ENTRY;
}

static bool founds(const Pb__Entry *entry) {
    return entry->event && entry->event->body_case == PB__EVENT__BODY_FOUNDED &&
           entry->event->founded->ledger.len == 16;
}

static enum export_result decode_entry(struct export_reader *reader, size_t size, struct export_entry *out) {
    const uint8_t *record = reader->chained + EXPORT_HASH;
    arena_reset(reader->arena);
    const Pb__Entry *entry = pb__entry__unpack(arena_allocator(reader->arena), size, record);
    if (!entry)
        return damaged(reader, FAULT_RECORD);
    if (entry->seq != reader->seq)
        return damaged(reader, FAULT_OTHER_SEQ);
    if (entry->seq == 1 && !founds(entry))
        return damaged(reader, FAULT_NO_FOUNDING);
    *out = (struct export_entry){reader->seq, record, size, reader->hash, entry};
    return EXPORT_ENTRY;
}

enum export_result export_next(struct export_reader *reader, struct export_entry *entry) {
    struct export_line line = {0};
    size_t size = 0;
    enum export_result result = read_line(reader);
    if (result == EXPORT_END && reader->number++ == 0)
        return damaged(reader, FAULT_EMPTY);
    if (result != EXPORT_ENTRY)
        return result;
    if (!reader->split(reader->ctx, reader->line, reader->size, &line))
        return damaged(reader, FAULT_NO_ENTRY);
    reader->seq = line.seq;
    if ((result = check_order(reader)) != EXPORT_ENTRY ||
        (result = decode_record(reader, line.record, &size)) != EXPORT_ENTRY ||
        (result = check_hash(reader, &line, size)) != EXPORT_ENTRY)
        return result;
    result = decode_entry(reader, size, entry);
    reader->last = reader->seq;
    return result;
}

// ---- what is wrong ----

const struct export_fault *export_fault(const struct export_reader *reader) {
    return &faults[reader->fault];
}

uint64_t export_line_number(const struct export_reader *reader) {
    return reader->number;
}

struct numbers {
    char seq[NUMBER_TEXT], last[NUMBER_TEXT];
};

static const char *number_text(void *ctx, const char *name) {
    const struct numbers *numbers = ctx;
    if (strcmp(name, "seq") == 0)
        return numbers->seq;
    return strcmp(name, "last") == 0 ? numbers->last : NULL;
}

char *export_fault_text(const struct export_reader *reader, const char *text, char *out, size_t size) {
    struct numbers numbers;
    snprintf(numbers.seq, sizeof numbers.seq, "%" PRIu64, reader->seq);
    snprintf(numbers.last, sizeof numbers.last, "%" PRIu64, reader->last);
    reason_format(out, size, text, number_text, &numbers);
    return out;
}
