#include "client/output/csv.h"

#include <string.h>

static void csv_cell(FILE *out, const char *text, char separator) {
    const char special[] = {separator, '"', '\r', '\n', 0};
    if (!strpbrk(text, special)) {
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
