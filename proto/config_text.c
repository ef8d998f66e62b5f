#include "proto/config_text.h"

#include <stdbool.h>
#include <string.h>

// Without the byte order mark, and each CRLF made a line feed.
static void drop_marks(char *text, size_t size) {
    size_t from = size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0, to = 0;
    for (; from < size; from++)
        if (text[from] != '\r' || from + 1 == size || text[from + 1] != '\n')
            text[to++] = text[from];
    text[to] = 0;
}

// From an opening quotation mark to behind the closing one.
static char *skip_quoted(char *at) {
    char mark = *at++;
    while (*at && *at != mark)
        at += *at == '\\' && at[1] ? 2 : 1;
    return *at ? at + 1 : at;
}

static char *blank(char *at, const char *end) {
    for (; at < end; at++)
        if (*at != '\n')
            *at = ' ';
    return at;
}

// Within an unquoted word, slashes begin nothing: a path may hold them.
static bool opens(const char *text, const char *at) {
    return at == text || strchr(" \t\n={}()+,\"'", at[-1]);
}

static int line_of(const char *text, const char *at) {
    int line = 1;
    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

int config_text_clean(char *text, size_t size) {
    drop_marks(text, size);
    for (char *at = text; *at;) {
        bool slash = *at == '/' && opens(text, at);
        if (*at == '"' || *at == '\'') {
            at = skip_quoted(at);
        } else if (*at == '#' || (slash && at[1] == '/')) {
            at = blank(at, at + strcspn(at, "\n"));
        } else if (slash && at[1] == '*') {
            const char *end = strstr(at + 2, "*/");
            if (!end)
                return line_of(text, at);
            at = blank(at, end + 2);
        } else {
            at++;
        }
    }
    return 0;
}
