// The command line cut into a verb, flags and operands, by tables. Flags may stand after operands; "--" ends them.
#ifndef THIDUA_CLIENT_ARGUMENTS_H
#define THIDUA_CLIENT_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

struct client;

// A flag; a table of them ends with one without a name.
struct flag {
    const char *name;    // "server", given as --server
    char letter;         // 's', given as -s; 0: none
    const char *value;   // what its value is called in the usage ("ADDR"); NULL: it takes none
    const char *meaning; // for the usage
    bool repeats;        // may be given more than once
};

// A verb; a table of them ends with one without a name.
struct verb {
    const char *name;     // "ping", or two words: "period load"
    const char *operands; // for the usage: "UNIT|- --role ROLE"
    const char *summary;
    const char *example; // what stands after "thidua "
    const struct flag *flags;
    size_t least, most; // operands
    bool writes;
    int (*run)(struct client *client); // returns an exit status
};

struct flag_value {
    const struct flag *flag;
    const char *value; // NULL for a flag without one
};

struct arguments {
    const struct verb *verb; // NULL: none was given
    const char *group;       // the first word where only that of a two-word verb was given
    bool help, version;      // wanted instead of what the verb does
    size_t n_operands;
    const char **operands;
    size_t n_values;
    struct flag_value *values;
    char *wrong; // what is wrong with the line, NULL if nothing is; what could be read has been read
    char *hint;
};

// Cuts the line; argv must outlive the result. Check `wrong`.
void arguments_parse(struct arguments *arguments, int argc, char **argv, const struct flag *global,
                     const struct verb *verbs);
void arguments_free(struct arguments *arguments);

// Whether the flag was given, and its value (the first, if it repeats; NULL if it was not given).
bool arguments_given(const struct arguments *arguments, const char *name);
const char *arguments_value(const struct arguments *arguments, const char *name);

// How often a flag was given, and its value number `index`.
size_t arguments_count(const struct arguments *arguments, const char *name);
const char *arguments_nth(const struct arguments *arguments, const char *name, size_t index);

#endif
