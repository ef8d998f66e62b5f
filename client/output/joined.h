// Several texts in one cell, joined by " | ". A run of bars between spaces that stands in a text itself is written with
// one bar more, so that it does not part it.
#ifndef THIDUA_CLIENT_OUTPUT_JOINED_H
#define THIDUA_CLIENT_OUTPUT_JOINED_H

#define JOINED_BY " | "

// The text as it stands among others; free it.
char *joined_write(const char *text);

// The text that was written so, in place.
void joined_read(char *text);

#endif
