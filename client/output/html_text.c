#include "client/output/html_text.h"

#include <stdarg.h>
#include <stdlib.h>

#include "client/say.h"

static const char *reference(char letter) {
    switch (letter) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_text(FILE *out, const char *text) {
    char *harmless = say_harmless(text);
    for (const char *at = harmless; *at; at++) {
        const char *instead = reference(*at);
        if (instead)
            fputs(instead, out);
        else
            putc(*at, out);
    }
    free(harmless);
}

void html_put(FILE *out, const char *form, ...) {
    va_list texts;
    va_start(texts, form);
    for (; *form; form++) {
        if (*form == '$')
            html_text(out, va_arg(texts, const char *));
        else
            putc(*form, out);
    }
    va_end(texts);
}
