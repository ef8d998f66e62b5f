#include "client/output/joined.h"

#include <stdbool.h>
#include <string.h>

#include "client/memory.h"

// The length of the run of bars at `at`, if it could be taken for what joins; else 0.
static size_t run_of(const char *text, const char *at) {
    size_t length = strspn(at, "|");
    bool apart = at > text && at[-1] == ' ' && (at[length] == ' ' || !at[length]);
    return apart ? length : 0;
}

char *joined_write(const char *text) {
    char *out = must_alloc(2 * strlen(text) + 1), *to = out;
    for (const char *at = text; *at; at++) {
        if (run_of(text, at))
            *to++ = '|';
        *to++ = *at;
        while (*at == '|' && at[1] == '|')
            *to++ = *++at;
    }
    return out;
}

void joined_read(char *text) {
    for (char *at = text; *at; at++) {
        size_t length = run_of(text, at);
        if (length > 1)
            memmove(at, at + 1, strlen(at));
        at += length > 2 ? length - 2 : 0;
    }
}
