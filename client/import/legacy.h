// Vietnamese text from before Unicode: the encodings of old fonts, known by what they make of it.
#ifndef THIDUA_CLIENT_IMPORT_LEGACY_H
#define THIDUA_CLIENT_IMPORT_LEGACY_H

#include <stddef.h>

enum legacy {
    LEGACY_NONE,
    LEGACY_TCVN3, // ABC: fonts whose names begin with .Vn; one byte a letter
    LEGACY_VNI,   // fonts whose names begin with VNI-; a letter, then its mark
    LEGACY_1258,  // Windows-1258: letters, and tones of their own behind them
};

// The encoding in which bytes that are not UTF-8 read as Vietnamese.
enum legacy legacy_of_bytes(const char *bytes, size_t size);

// The same of UTF-8 text: an office program that saves text in an old font as UTF-8 makes "§èng §a" of "Đống Đa".
// Never LEGACY_1258, which such a program converts rightly. Text that could be Vietnamese as it stands is none.
enum legacy legacy_of_text(const char *text);

// Its name, and what to do about it, for people; LEGACY_NONE: for text in an encoding that is not known.
const char *legacy_name(enum legacy legacy);
const char *legacy_hint(enum legacy legacy);

#endif
