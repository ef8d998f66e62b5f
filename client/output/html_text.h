// Text in a page: whatever comes from people or from the server is escaped on its way.
#ifndef THIDUA_CLIENT_OUTPUT_HTML_TEXT_H
#define THIDUA_CLIENT_OUTPUT_HTML_TEXT_H

#include <stdio.h>

// Writes the text with &, <, >, " and ' as references, and control characters as question marks.
void html_text(FILE *out, const char *text);

// Writes the form with each $ replaced by the next of the texts, escaped. There must be as many texts as $.
void html_put(FILE *out, const char *form, ...);

#endif
