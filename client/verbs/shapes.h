// The shapes of CLI.md that more than one verb makes, each in the file of the verb that it belongs to.
#ifndef THIDUA_CLIENT_VERBS_SHAPES_H
#define THIDUA_CLIENT_VERBS_SHAPES_H

#include "client/client.h"

// Of one frame of an answer: see client_shape.
json_t *totals_shape(struct client *client, const Pb__Response *response);
json_t *status_shape(struct client *client, const Pb__Response *response);
json_t *sheet_shape(struct client *client, const Pb__Response *response);
json_t *period_shape(struct client *client, const Pb__Response *response);
json_t *whoami_shape(struct client *client, const Pb__Response *response);
json_t *submit_shape(struct client *client, const Pb__Response *response);

// Prints what submit_shape has made, as submit does. An exit status.
int submit_show(struct client *client, const json_t *receipt);

// What -p, --column and --at ask for. 0, or the exit status of what has been said.
int totals_query(struct client *client, Pb__TotalsQuery *query);

// For people: that the board is provisional, or of the past. Free it. NULL: neither.
char *totals_note(const json_t *board);

#endif
