// What a request builds on at the moment when it is kept: the sheet as it was last seen, and what waits before it.
#ifndef THIDUA_CLIENT_SPOOL_BASIS_H
#define THIDUA_CLIENT_SPOOL_BASIS_H

#include "client/client.h"
#include "client/spool.h"

// The head (spool_item.h) of a request of this profile's. `list` is what the spool holds, `seen` what was last seen.
json_t *spool_basis(const struct client *client, const struct profile *profile, const struct spool *spool,
                    const struct spool_list *list, const json_t *seen, const Pb__Request *request);

// Whether it says enough for the request to be sent without its writer: a hand-in names its total.
bool spool_basis_suffices(const Pb__Request *request, const json_t *head);

// Whether each line that it writes, as far as it names no revision itself, will be compared with the one that was seen.
bool spool_basis_guards(const Pb__Request *request, const json_t *head);

#endif
