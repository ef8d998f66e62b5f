// The bytes of a row: numbers of fixed size, most significant byte first, behind a version byte.
#ifndef THIDUA_LEDGER_RECORD_H
#define THIDUA_LEDGER_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Writes into `bytes`; what does not fit is not written, and `overrun` stays set.
struct record_writer {
    uint8_t *bytes;
    size_t room, size;
    bool overrun;
};

void record_put_u8(struct record_writer *writer, uint8_t value);
void record_put_u16(struct record_writer *writer, uint16_t value);
void record_put_u32(struct record_writer *writer, uint32_t value);
void record_put_u64(struct record_writer *writer, uint64_t value);
void record_put_i32(struct record_writer *writer, int32_t value);
void record_put_i64(struct record_writer *writer, int64_t value);
void record_put_bool(struct record_writer *writer, bool value);
void record_put_bytes(struct record_writer *writer, const void *bytes, size_t size);

// Reads from `bytes`; what is not there reads as zero, and `bad` stays set.
struct record_reader {
    const uint8_t *bytes;
    size_t left;
    bool bad;
};

uint8_t record_get_u8(struct record_reader *reader);
uint16_t record_get_u16(struct record_reader *reader);
uint32_t record_get_u32(struct record_reader *reader);
uint64_t record_get_u64(struct record_reader *reader);
int32_t record_get_i32(struct record_reader *reader);
int64_t record_get_i64(struct record_reader *reader);
bool record_get_bool(struct record_reader *reader); // anything but 0 and 1 is bad
void record_get_bytes(struct record_reader *reader, void *bytes, size_t size);

// True: all was there, and nothing is left over.
bool record_done(const struct record_reader *reader);

#endif
