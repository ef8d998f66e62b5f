// One request that is kept: its file's content, and what of the world it was made for.
//
// The file is a line "thidua-spool 1", a line of JSON (the head), the packed Request, and SHA-256 of all of that. It is
// written once and never changed, and no token is in it. The head says of the request what the wire does not:
//
//     verb, time_ms     of the command line; when it was kept
//     server, pin       where it was to go
//     ledger, branch    of the server that was last seen with this profile; absent: none was
//     account, unit     who kept it; only that account sends it
//     period            that it was meant for; absent: not known, the request then names none either
//     seq               of the sheet as it was last seen here
//     revisions         {"TC3": 2}: the revision at which each line that it writes was thought to stand
//     total_cp          of the sheet that it hands in
//     behind            ids of the kept requests that it builds on: those that write the same lines; for a hand-in all
//                       that write any
//     id_given          the submission id is the person's: --id
#ifndef THIDUA_CLIENT_SPOOL_ITEM_H
#define THIDUA_CLIENT_SPOOL_ITEM_H

#include <jansson.h>

#include "proto/arena.h"
#include "proto/message.h"

struct spool_item {
    json_t *head;
    Pb__Request *request; // lives in the arena
    struct arena *arena;
    uint8_t *packed; // the request's bytes
    size_t size;
};

// Whether this kind of request may be kept; its answer's body; the period's and the lines' place in it.
bool spool_keeps(const Pb__Request *request);
Pb__Response__BodyCase spool_answer(const Pb__Request *request);
const char **spool_period(const Pb__Request *request);

// Makes the file's content; free it.
uint8_t *spool_item_write(const json_t *head, const Pb__Request *request, size_t *size);

// Reads it. NULL, or what is wrong with it. Free the item in any case.
const char *spool_item_read(struct spool_item *item, const uint8_t *bytes, size_t size);
void spool_item_free(struct spool_item *item);

// What the head has under `key`: text (NULL: none), bytes of this size, or a number (`otherwise`: none).
const char *spool_item_text(const struct spool_item *item, const char *key);
bool spool_item_bytes(const struct spool_item *item, const char *key, uint8_t *bytes, size_t size);
int64_t spool_item_number(const struct spool_item *item, const char *key, int64_t otherwise);

// The period that it is for: as it names it, or as it was meant; NULL: not known.
const char *spool_item_period(const struct spool_item *item);

// The line that it writes with this code, in any case; NULL: none. And whether it builds on the kept request `id`.
const Pb__LineInput *spool_item_line(const struct spool_item *item, const char *code);
bool spool_item_behind(const struct spool_item *item, const char *id);

// A copy in `arena` that the server refuses with CONFLICT where the world has moved on since: with the period, the
// revisions and the total that the head holds, wherever the request itself says nothing. NULL: there is nothing to add.
Pb__Request *spool_item_guarded(const struct spool_item *item, struct arena *arena);

// Its lines for a list: ["TC1=12.5", ...].
json_t *spool_item_lines(const struct spool_item *item);

#endif
