// A small file in libConfuse's syntax, read strictly: a key or section given twice, an unknown key or a wrong value
// is an error with file and line. A byte order mark and CRLF are accepted.
#ifndef THIDUA_CLIENT_CONF_H
#define THIDUA_CLIENT_CONF_H

#include <confuse.h>
#include <stdbool.h>
#include <stddef.h>

// The errors found so far, one a line. Free the text.
struct conf_errors {
    char *text; // NULL: none
};

// Tables of options are made of these, of CFG_SEC and, at their end, of CONF_END. A value is kept as text; `take`
// is conf_take or a function that calls it first and then judges the value, with cfg_error.
#define CONF_TEXT(name, take) __CFG_STR(name, 0, CFGF_NODEFAULT, 0, (cfg_callback_t)(take))
#define CONF_LIST(name, take) __CFG_STR_LIST(name, 0, CFGF_NODEFAULT, 0, (cfg_callback_t)(take))

// Takes a value as it stands. Non-zero: the key was given before, or the text is not acceptable.
int conf_take(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result);

// libConfuse hands no context to its error function, but a section's options are copies of the table's: the last one,
// whose name no file can set, leads to where the errors go.
#define CONF_SINK "\n"
#define CONF_END(errors)                                                                                               \
    CONF_TEXT(CONF_EOF, conf_take_end),                                                                                \
        {.name = CONF_SINK, .type = CFGT_PTR, .flags = CFGF_NODEFAULT, .simple_value = {.ptr = (void **)(errors)}},    \
        CFG_END()

// libConfuse takes a section that the file does not close for a whole one. This key, put behind the file's last line,
// must therefore be met outside all sections.
#define CONF_EOF "\n\n"
int conf_take_end(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result);

// Parses text of `size` bytes that came from `name`; changes it. NULL: `errors`, to which the table's end leads, has
// been added to. Else free it with cfg_free.
cfg_t *conf_parse(cfg_opt_t *options, const char *name, char *text, size_t size, struct conf_errors *errors);

// Adds an error that parsing could not see.
void conf_add_error(struct conf_errors *errors, const char *name, int line, const char *what);

// The text of a key, or NULL where the file does not have it.
const char *conf_text(cfg_t *cfg, const char *key);

// Reads the whole file, or standard input for "-"; malloced, with a zero after its end. NULL: errno says why.
char *conf_read(const char *path, size_t *size);

#endif
