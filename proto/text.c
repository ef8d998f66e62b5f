#include "proto/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>
#include <uniwidth.h>

enum {
    NO_BREAK_SPACE = 0xa0,
    FIGURE_SPACE = 0x2007,
    NARROW_NO_BREAK_SPACE = 0x202f,
    D_WITH_STROKE = 0x110, // has no decomposition
    D_WITH_STROKE_SMALL = 0x111,
};

static bool is_plain_ascii(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (text[i] < 0x20 || text[i] > 0x7e)
            return false;
    return true;
}

// What would break a line, or turn the reading direction of what follows on a terminal.
static bool is_control(ucs4_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfeff || c == 0x2028 || c == 0x2029 ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

// Letters that stand in normal form C whatever comes before or after them.
static bool is_composed(ucs4_t c) {
    return c < 0x300 || (c >= 0x1e00 && c <= 0x1eff);
}

// False also where memory runs out: what cannot be shown to be normal is not accepted.
static bool is_nfc(const uint8_t *text, size_t size) {
    uint8_t room[4096];
    size_t length = sizeof room;
    uint8_t *normal = u8_normalize(UNINORM_NFC, text, size, room, &length);
    bool same = normal && length == size && memcmp(normal, text, size) == 0;
    if (normal != room)
        free(normal);
    return same;
}

enum text_verdict text_judge(const char *text, size_t size) {
    if (is_plain_ascii(text, size))
        return TEXT_OK;
    const uint8_t *bytes = (const uint8_t *)text;
    if (u8_check(bytes, size))
        return TEXT_NOT_UTF8;
    bool composed = true;
    for (size_t at = 0; at < size;) {
        ucs4_t c;
        at += (size_t)u8_mbtouc_unsafe(&c, bytes + at, size - at);
        if (is_control(c))
            return TEXT_CONTROL;
        composed = composed && is_composed(c);
    }
    return composed || is_nfc(bytes, size) ? TEXT_OK : TEXT_NOT_NFC;
}

static bool is_no_break_space(ucs4_t c) {
    return c == NO_BREAK_SPACE || c == FIGURE_SPACE || c == NARROW_NO_BREAK_SPACE;
}

// Writes the text with its no-break spaces replaced; it only gets shorter. Returns the new length.
static size_t plain_spaces(uint8_t *text, size_t size) {
    size_t out = 0;
    for (size_t at = 0; at < size;) {
        ucs4_t c;
        size_t length = (size_t)u8_mbtouc_unsafe(&c, text + at, size - at);
        if (is_no_break_space(c)) {
            text[out++] = ' ';
        } else {
            memmove(text + out, text + at, length);
            out += length;
        }
        at += length;
    }
    return out;
}

char *text_normalize(const char *text) {
    size_t size = strlen(text);
    if (u8_check((const uint8_t *)text, size))
        return NULL;
    size_t length = 0;
    // The terminating zero goes along, so that the result is never empty and is terminated.
    uint8_t *normal = u8_normalize(UNINORM_NFC, (const uint8_t *)text, size + 1, NULL, &length);
    if (normal)
        plain_spaces(normal, length);
    return (char *)normal;
}

static bool is_separator(ucs4_t c) {
    return c == '-' || c == '_' || c == '\t' || uc_is_general_category(c, UC_SPACE_SEPARATOR);
}

// The letter under which `c` is compared; 0: it does not count.
static ucs4_t folded(ucs4_t c) {
    if (c == D_WITH_STROKE || c == D_WITH_STROKE_SMALL)
        return 'd';
    if (c >= 0x80 && uc_is_general_category(c, UC_NON_SPACING_MARK))
        return 0;
    return uc_tolower(c);
}

// Folds decomposed text into `out`, which has room for twice its size: no letter's small form is longer than that.
static size_t fold(const uint8_t *text, size_t size, uint8_t *out) {
    size_t length = 0;
    bool gap = false;
    for (size_t at = 0; at < size;) {
        ucs4_t c;
        at += (size_t)u8_mbtouc_unsafe(&c, text + at, size - at);
        if (is_separator(c)) {
            gap = length > 0;
            continue;
        }
        c = folded(c);
        if (c == 0)
            continue;
        if (gap)
            out[length++] = ' ';
        gap = false;
        int written = u8_uctomb(out + length, c, (ptrdiff_t)(2 * size - length));
        length += written > 0 ? (size_t)written : 0;
    }
    return length;
}

char *text_fold(const char *text) {
    size_t size = strlen(text);
    if (u8_check((const uint8_t *)text, size))
        return NULL;
    uint8_t room[512];
    size_t length = sizeof room;
    uint8_t *apart = u8_normalize(UNINORM_NFD, (const uint8_t *)text, size, room, &length);
    if (!apart)
        return NULL;
    uint8_t *key = malloc(2 * length + 1);
    if (key)
        key[fold(apart, length, key)] = '\0';
    if (apart != room)
        free(apart);
    return (char *)key;
}

// The next character: its bytes and columns. A byte that is not UTF-8 is one of one column.
static size_t next_character(const uint8_t *text, size_t size, size_t *columns) {
    ucs4_t c;
    int length = u8_mbtoucr(&c, text, size);
    if (length <= 0) {
        *columns = 1;
        return 1;
    }
    int width = uc_width(c, "UTF-8");
    *columns = width > 0 ? (size_t)width : 0;
    return (size_t)length;
}

size_t text_width(const char *text) {
    size_t size = strlen(text), width = 0, columns;
    for (size_t at = 0; at < size; width += columns)
        at += next_character((const uint8_t *)text + at, size - at, &columns);
    return width;
}

size_t text_fit(const char *text, size_t columns) {
    size_t size = strlen(text), at = 0, width = 0;
    while (at < size) {
        size_t more;
        size_t length = next_character((const uint8_t *)text + at, size - at, &more);
        if (more > columns - width)
            break;
        width += more;
        at += length;
    }
    return at;
}
