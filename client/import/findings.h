// What is found in a file that is read, for the verb to show: the reader itself prints nothing.
#ifndef THIDUA_CLIENT_IMPORT_FINDINGS_H
#define THIDUA_CLIENT_IMPORT_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

enum weight {
    FINDING_REMARK, // nothing is wrong, but it must be known
    FINDING_ROW,    // the row cannot be used
    FINDING_FILE,   // nothing of the file can be used
};

struct finding {
    enum weight weight;
    size_t line;            // of the file; 0: none of its lines in particular
    char *unit, *criterion; // as the row names them; NULL: it names none, or this is not about one row
    char *reason;           // for people
    const char *hint;       // what to do, for people; NULL: the reason says it
};

struct findings {
    struct finding *list;
    size_t n;
    bool no_input; // the file could not be read at all
};

// Adds a finding, not yet of a unit and criterion; its number, which begins at 1.
size_t findings_add(struct findings *findings, enum weight weight, size_t line, const char *hint, const char *format,
                    ...) __attribute__((format(printf, 5, 6)));

// Says which row finding `number` is about; either text may be NULL, and both are copied.
void findings_place(struct findings *findings, size_t number, const char *unit, const char *criterion);

// Whether any is of this weight.
bool findings_have(const struct findings *findings, enum weight weight);

// Puts them in the order of the file's lines; numbers are void from then on.
void findings_sort(struct findings *findings);

void findings_free(struct findings *findings);

#endif
