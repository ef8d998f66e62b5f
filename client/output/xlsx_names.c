#include "client/output/xlsx_names.h"

#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/value.h"
#include "client/say.h"
#include "proto/text.h"

enum { NAME_MOST = 31 };

// Bytes of the longest beginning of at most `most` characters as Excel counts them: those beyond U+FFFF are two.
static size_t beginning(const char *text, size_t most) {
    size_t bytes = 0, used = 0;
    while (text[bytes]) {
        unsigned char lead = (unsigned char)text[bytes];
        size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        used += length == 4 ? 2 : 1;
        if (used > most || strnlen(text + bytes, length) < length)
            break;
        bytes += length;
    }
    return bytes;
}

char *worksheet_text(const char *text) {
    char *clean = say_harmless(text);
    for (unsigned char *at = (unsigned char *)clean; *at; at++)
        if (at[0] == 0xef && at[1] == 0xbf && (at[2] == 0xbe || at[2] == 0xbf))
            at[2] = 0xbd;
    return clean;
}

static bool is_edge(char letter) {
    return letter == ' ' || letter == '\'';
}

static char *permitted(const char *wanted) {
    char *name = worksheet_text(wanted);
    for (char *at = name; *at; at++)
        if (strchr("[]:*?/\\", *at))
            *at = '-';
    size_t first = 0, length = strlen(name);
    while (is_edge(name[first]))
        first++;
    while (length > first && is_edge(name[length - 1]))
        length--;
    char *trimmed = length > first ? must_format("%.*s", (int)(length - first), name + first) : must_strdup("-");
    free(name);
    return trimmed;
}

// What is left of the name once the suffix has its place. Free it.
static char *with_suffix(const char *name, const char *suffix) {
    size_t length = beginning(name, NAME_MOST - strlen(suffix));
    while (length && is_edge(name[length - 1]))
        length--;
    return must_format("%.*s%s", (int)length, name, suffix);
}

static char *key_of(const char *name) {
    char *key = text_fold(name);
    return key ? key : must_strdup(name);
}

static bool take(json_t *taken, const char *name) {
    char *key = key_of(name);
    bool is_free = !json_object_get(taken, key);
    if (is_free)
        put(taken, key, json_true());
    free(key);
    return is_free;
}

char *worksheet_name(json_t *taken, const char *wanted) {
    char *name = permitted(wanted), suffix[24] = "";
    for (unsigned count = 2;; count++) {
        char *whole = with_suffix(name, suffix);
        if (take(taken, whole)) {
            free(name);
            return whole;
        }
        free(whole);
        snprintf(suffix, sizeof(suffix), " (%u)", count);
    }
}

json_t *worksheet_names(void) {
    json_t *taken = must(json_object());
    put(taken, "history", json_true());
    return taken;
}
