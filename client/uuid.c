#include "client/uuid.h"

#include <openssl/rand.h>
#include <string.h>

#include "client/hex.h"

bool uuid_new(uint8_t uuid[UUID_SIZE], int64_t now_ms) {
    if (RAND_bytes(uuid, UUID_SIZE) != 1)
        return false;
    for (int i = 0; i < 6; i++)
        uuid[i] = (uint8_t)((uint64_t)now_ms >> (40 - 8 * i));
    uuid[6] = (uint8_t)(0x70 | (uuid[6] & 0x0f));
    uuid[8] = (uint8_t)(0x80 | (uuid[8] & 0x3f));
    return true;
}

bool uuid_parse(const char *text, uint8_t uuid[UUID_SIZE]) {
    char digits[2 * UUID_SIZE + 1];
    size_t n = 0;
    if (strlen(text) != UUID_TEXT - 1)
        return false;
    for (size_t i = 0; i < UUID_TEXT - 1; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen != (text[i] == '-'))
            return false;
        if (!hyphen)
            digits[n++] = text[i];
    }
    digits[n] = 0;
    return hex_decode(digits, uuid, UUID_SIZE);
}

char *uuid_text(char out[UUID_TEXT], const uint8_t uuid[UUID_SIZE]) {
    static const int parts[] = {4, 2, 2, 2, 6};
    char *at = out;
    for (size_t i = 0, from = 0; i < 5; from += (size_t)parts[i++]) {
        hex_encode(at, uuid + from, (size_t)parts[i]);
        at += 2 * parts[i];
        if (i < 4)
            *at++ = '-';
    }
    return out;
}
