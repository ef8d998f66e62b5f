// The text of a file in libConfuse's syntax, made ready for the library, which takes no byte order mark and no CRLF,
// counts lines wrongly behind comments, and takes a comment that is never closed for the end of the file.
#ifndef THIDUA_PROTO_CONFIG_TEXT_H
#define THIDUA_PROTO_CONFIG_TEXT_H

#include <stddef.h>

// Takes away the mark and the carriage returns and makes comments blank; the lines stay where they are. `text` has
// `size` bytes, none of them zero, and a zero behind them. Returns 0, or the line on which a comment begins that is
// never closed.
int config_text_clean(char *text, size_t size);

#endif
