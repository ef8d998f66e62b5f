// An exported journal (what `thidua audit -o ndjson` prints, one entry a line), read line by line and verified as
// proto/README.md says. Its memory is that of one line.
#ifndef THIDUA_PROTO_EXPORT_H
#define THIDUA_PROTO_EXPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "proto/thidua.pb-c.h"

enum { EXPORT_HASH = 32 };

// What counts in a line.
struct export_line {
    uint64_t seq;
    const char *record, *prev, *hash; // base64; hexadecimal
};

// Takes a line's JSON apart, which is left to the caller and the library it has for that. False: it is not an object
// with these four. What `line` points to stays until the next call with this `ctx`.
typedef bool export_split(void *ctx, const char *text, size_t size, struct export_line *line);

// An entry whose place in the chain is proved; valid until the next one is read.
struct export_entry {
    uint64_t seq;
    const uint8_t *record;
    size_t size;
    const uint8_t *hash;    // EXPORT_HASH bytes
    const Pb__Entry *entry; // the record decoded
};

enum export_result {
    EXPORT_ENTRY,
    EXPORT_END,        // after at least one entry
    EXPORT_DAMAGED,    // export_fault says how
    EXPORT_UNREADABLE, // errno says why
};

struct export_reader;

// Reads `in`, which stays the caller's. NULL: out of memory.
struct export_reader *export_open(FILE *in, export_split *split, void *ctx);
void export_close(struct export_reader *reader);

// The next entry: the first is number 1, and each follows the one before. Not to be called again after another result.
enum export_result export_next(struct export_reader *reader, struct export_entry *entry);

// What is wrong with an export.
struct export_fault {
    const char *text; // English; {seq} stands for the line's entry, {last} for the one before
    const char *hint; // what to do next
};

const struct export_fault *export_fault(const struct export_reader *reader);

// The line that was read last, from 1; 0: none.
uint64_t export_line_number(const struct export_reader *reader);

// Writes the fault's text, or the translation of it, with its numbers; cut at `size`. Returns `out`.
char *export_fault_text(const struct export_reader *reader, const char *text, char *out, size_t size);

#endif
