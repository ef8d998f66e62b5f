// Names that are near a mistyped one, for "did you mean". Compared byte by byte, the case of ASCII letters apart: fold
// Vietnamese text first.
#ifndef THIDUA_PROTO_NEAR_H
#define THIDUA_PROTO_NEAR_H

#include <stddef.h>

enum {
    NEAR_LONGEST = 64, // bytes of a word that is compared
    NEAR_MANY = 3,     // where more are equally near none is worth naming
};

struct near {
    const char *word;            // as it was typed
    const char *best[NEAR_MANY]; // what the nearest names stand for
    size_t count;                // of them; more than NEAR_MANY: too many
    size_t least;                // how far they are from the word
    size_t limit;                // how far a name may be
};

// Letters to change, add, drop or swap to get from one word to the other; most + 1 where that is more than `most`.
size_t near_distance(const char *from, const char *to, size_t most);

// Nothing found yet; `word` is borrowed.
void near_init(struct near *near, const char *word);

// Compares the word with a name of what `stands_for` is the text (borrowed; the same text is kept once). A name that
// holds the word as whole words is near too.
void near_try(struct near *near, const char *name, const char *stands_for);

// Those found, joined by ", "; empty where there is none, or too many, or no room.
const char *near_text(const struct near *near, char *out, size_t size);

#endif
