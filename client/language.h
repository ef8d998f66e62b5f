// The language of this run: Vietnamese from the catalogue (client/po/vi.po), or English as it stands in the code.
#ifndef THIDUA_CLIENT_LANGUAGE_H
#define THIDUA_CLIENT_LANGUAGE_H

#include <stdbool.h>

// Makes _() speak Vietnamese, on a system without a Vietnamese locale too. Numbers of the C library stay as they are.
void language_use(bool vietnamese);

// A code of the protocol's as a word for people. Its kind is a column's key: "role", "state", "sheet", "event" and so
// on; tests/lint/translations.py knows them all. The code itself in English, and where the catalogue has no word.
const char *language_word(const char *kind, const char *code);

// The same of a list joined by ", ", as refusals carry it: each word is followed by its code in parentheses, because
// that is what the command line takes. Free it.
char *language_words(const char *kind, const char *codes);

#endif
