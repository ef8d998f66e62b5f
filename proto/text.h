// Vietnamese text: what is accepted, how names are compared, how wide they stand on a screen.
#ifndef THIDUA_PROTO_TEXT_H
#define THIDUA_PROTO_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum text_verdict {
    TEXT_OK,
    TEXT_NOT_UTF8,
    TEXT_NOT_NFC, // letters and marks apart, as macOS writes file names
    TEXT_CONTROL, // a control character, line breaks included
};

// Judges `size` bytes as they stand.
enum text_verdict text_judge(const char *text, size_t size);

// The text as the server accepts it: NFC, no-break spaces made spaces. Free it. NULL: not UTF-8, or out of memory.
char *text_normalize(const char *text);

// The key under which names are compared: marks, tone placement, case and đ/d do not count ("Đống Đa" is "dong da"),
// runs of spaces, hyphens and underscores are one space. Free it. NULL: not UTF-8, or out of memory.
char *text_fold(const char *text);

// Columns that the text takes on a terminal; marks of their own take none. Bytes that are not UTF-8 count one each.
size_t text_width(const char *text);

// Bytes of the longest beginning that fits `columns` and does not cut a letter from its marks.
size_t text_fit(const char *text, size_t columns);

#endif
