// A period file (CLI.md, "Period file") as the definition that the server is sent.
#ifndef THIDUA_CLIENT_PERIOD_FILE_H
#define THIDUA_CLIENT_PERIOD_FILE_H

#include "client/conf.h"
#include "proto/arena.h"
#include "proto/thidua.pb-c.h"

// Reads text of `size` bytes (and a zero after them) that came from `name`; changes the text. The definition lives
// in the arena; what the file leaves out has its default. NULL: `errors` says what is wrong, with file and line.
Pb__PeriodDefinition *period_file_parse(struct arena *arena, const char *name, char *text, size_t size,
                                        struct conf_errors *errors);

#endif
