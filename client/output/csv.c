#include "client/output/csv.h"

#include <stdbool.h>
#include <string.h>

// Who reads a cell without quotation marks may cut the spaces around it.
static bool needs_quotes(const char *text, char separator) {
    const char special[] = {separator, '"', '\r', '\n', 0};
    return strpbrk(text, special) || *text == ' ' || (*text && text[strlen(text) - 1] == ' ');
}

static void csv_cell(FILE *out, const char *text, char separator) {
    if (!needs_quotes(text, separator)) {
        fputs(text, out);
        return;
    }
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}

void csv_record(FILE *out, const char *const *cells, size_t n, char separator) {
    for (size_t i = 0; i < n; i++) {
        if (i)
            putc(separator, out);
        csv_cell(out, cells[i], separator);
    }
    fputs("\r\n", out);
}

bool csv_needs_guard(const char *text) {
    text += strspn(text, "'");
    return *text && strchr("=+-@\t\r", *text);
}

const char *csv_unguarded(const char *text) {
    return *text == '\'' && csv_needs_guard(text) ? text + 1 : text;
}
