// A snapshot as one page that needs nothing else: no script, nothing from elsewhere, readable on a phone and on a wall,
// printed on A4 as the consolidated table with places for signatures.
#ifndef THIDUA_CLIENT_OUTPUT_HTML_H
#define THIDUA_CLIENT_OUTPUT_HTML_H

#include <stdio.h>

#include "client/snapshot.h"

// Writes it. Above 0, `refresh_s` has the page loaded again after so many seconds. Check `out` for errors.
void html_write(FILE *out, const struct snapshot *snapshot, const struct options *options, int refresh_s);

#endif
