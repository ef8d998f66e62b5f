#include "proto/frame.h"

// The number that the varint at `bytes` stands for. Returns its length; 0: more bytes are needed; more than
// FRAME_PREFIX_MAX: it does not end where a length must.
static size_t read_varint(const uint8_t *bytes, size_t size, uint64_t *value) {
    *value = 0;
    for (size_t i = 0; i < FRAME_PREFIX_MAX; i++) {
        if (i == size)
            return 0;
        *value |= (uint64_t)(bytes[i] & 0x7f) << (7 * i);
        if (bytes[i] < 0x80)
            return i + 1;
    }
    return FRAME_PREFIX_MAX + 1;
}

enum frame_verdict frame_look(const uint8_t *bytes, size_t peeked, size_t available, size_t limit, size_t *prefix,
                              size_t *body) {
    *prefix = *body = 0;
    uint64_t value;
    size_t length = read_varint(bytes, peeked, &value);
    if (length == 0)
        return FRAME_PARTIAL;
    if (length > FRAME_PREFIX_MAX || value == 0)
        return FRAME_BAD;
    if (length > 1 && bytes[length - 1] == 0)
        return FRAME_BAD;
    *prefix = length;
    *body = value < UINT32_MAX ? (size_t)value : UINT32_MAX;
    if (value > limit)
        return FRAME_TOO_LONG;
    return available >= length && available - length >= *body ? FRAME_READY : FRAME_PARTIAL;
}

size_t frame_prefix(uint8_t prefix[FRAME_PREFIX_MAX], size_t body) {
    size_t length = 0;
    while (body >= 0x80 && length < FRAME_PREFIX_MAX - 1) {
        prefix[length++] = (uint8_t)(body | 0x80);
        body >>= 7;
    }
    prefix[length++] = (uint8_t)(body & 0x7f);
    return length;
}
