#include "server/ledger/record.h"

#include <string.h>

static void put_number(struct record_writer *writer, uint64_t value, size_t size) {
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    record_put_bytes(writer, bytes, size);
}

void record_put_u8(struct record_writer *writer, uint8_t value) {
    put_number(writer, value, 1);
}

void record_put_u16(struct record_writer *writer, uint16_t value) {
    put_number(writer, value, 2);
}

void record_put_u32(struct record_writer *writer, uint32_t value) {
    put_number(writer, value, 4);
}

void record_put_u64(struct record_writer *writer, uint64_t value) {
    put_number(writer, value, 8);
}

void record_put_i32(struct record_writer *writer, int32_t value) {
    put_number(writer, (uint32_t)value, 4);
}

void record_put_i64(struct record_writer *writer, int64_t value) {
    put_number(writer, (uint64_t)value, 8);
}

void record_put_bool(struct record_writer *writer, bool value) {
    put_number(writer, value, 1);
}

void record_put_bytes(struct record_writer *writer, const void *bytes, size_t size) {
    if (writer->overrun || writer->room - writer->size < size) {
        writer->overrun = true;
        return;
    }
    if (size)
        memcpy(writer->bytes + writer->size, bytes, size);
    writer->size += size;
}

static uint64_t get_number(struct record_reader *reader, size_t size) {
    uint8_t bytes[8];
    uint64_t value = 0;
    record_get_bytes(reader, bytes, size);
    for (size_t i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

uint8_t record_get_u8(struct record_reader *reader) {
    return (uint8_t)get_number(reader, 1);
}

uint16_t record_get_u16(struct record_reader *reader) {
    return (uint16_t)get_number(reader, 2);
}

uint32_t record_get_u32(struct record_reader *reader) {
    return (uint32_t)get_number(reader, 4);
}

uint64_t record_get_u64(struct record_reader *reader) {
    return get_number(reader, 8);
}

int32_t record_get_i32(struct record_reader *reader) {
    return (int32_t)record_get_u32(reader);
}

int64_t record_get_i64(struct record_reader *reader) {
    return (int64_t)record_get_u64(reader);
}

bool record_get_bool(struct record_reader *reader) {
    uint8_t value = record_get_u8(reader);
    reader->bad |= value > 1;
    return value == 1;
}

void record_get_bytes(struct record_reader *reader, void *bytes, size_t size) {
    if (reader->bad || reader->left < size) {
        reader->bad = true;
        memset(bytes, 0, size);
        return;
    }
    memcpy(bytes, reader->bytes, size);
    reader->bytes += size;
    reader->left -= size;
}

bool record_done(const struct record_reader *reader) {
    return !reader->bad && reader->left == 0;
}
