#include "client/output/wrap.h"

#include <string.h>

#include "proto/text.h"

enum { NARROWEST = 10 }; // columns beside the indentation

size_t wrap_length(const char *text, size_t width) {
    size_t length = text_fit(text, width);
    if (!text[length])
        return length;
    for (size_t i = length; i > 0; i--)
        if (text[i] == ' ')
            return i;
    if (length)
        return length;
    for (length = 1; ((unsigned char)text[length] & 0xc0) == 0x80;)
        length++;
    return length;
}

// A word that no line can hold, as a hash, stays whole: the terminal breaks it, and it can still be copied.
static size_t words_length(const char *text, size_t width) {
    size_t length = wrap_length(text, width), word = strcspn(text, " ");
    return length < word ? word : length;
}

void wrap_print(FILE *out, const char *text, size_t indent, size_t screen) {
    size_t width = screen > indent + NARROWEST ? screen - indent : NARROWEST;
    if (!screen) {
        fprintf(out, "%s\n", text);
        return;
    }
    for (;;) {
        size_t length = words_length(text, width);
        fwrite(text, 1, length, out);
        putc('\n', out);
        text += length + strspn(text + length, " ");
        if (!*text)
            return;
        fprintf(out, "%*s", (int)indent, "");
    }
}
