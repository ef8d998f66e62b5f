// The spool: requests that could not be sent, or were not answered, one file each in a folder of its own for each
// profile, $XDG_STATE_HOME/thidua/spool/PROFILE/ (0700), PROFILE from the profile's path:
//
//     0000000001-UUID.request          waits; the number is its place in line, UUID its submission id (spool_item.h)
//     parked/NAME.request              was refused: shown, never sent again
//     parked/NAME.request.refusal      the refusal, as a packed Response
//     seen.json                        what was last seen (spool_seen.h)
//     sending.lock                     held by the one process that sends
//     folder.lock                      held while the folder is changed, never while the network is waited for
//
// Files appear whole or not at all, and on the disk before anybody is told. One is removed after its acknowledgement
// alone, or by a person. A file that cannot be read is shown and otherwise let be.
#ifndef THIDUA_CLIENT_SPOOL_H
#define THIDUA_CLIENT_SPOOL_H

#include "client/profile.h"
#include "client/spool_item.h"

struct spool {
    char *folder;     // NULL: there is no place for one (neither XDG_STATE_HOME nor HOME is set)
    char *seen;       // path of what was last seen
    uint32_t account; // of the profile; 0: none
    int sending;      // the lock, -1: not held
};

struct spool_entry {
    char *name; // of the file
    unsigned number;
    char id[UUID_TEXT]; // empty where the name has none
    bool parked;
    const char *wrong; // why it cannot be read; NULL: it was
    struct spool_item item;
};

struct spool_list {
    struct spool_entry *entries; // in line, parked ones among them
    size_t count;
};

// Where the profile's spool is, made or not. Free it in any case; that lets go of the lock.
void spool_open(struct spool *spool, const struct profile *profile);
void spool_free(struct spool *spool);

// Whether any request waits for this profile's account.
bool spool_any(const struct spool *spool);

// All that is there. Free the list.
void spool_read(const struct spool *spool, struct spool_list *list);
void spool_list_free(struct spool_list *list);

// Whether the entry is in line for this profile's account. And the one of this id, in line or parked, or NULL.
bool spool_waits(const struct spool *spool, const struct spool_entry *entry);
const struct spool_entry *spool_find(const struct spool_list *list, const char *id);

// Holds the folder while it is looked at and changed; makes it if need be. -1: errno says why. spool_let_go takes it.
int spool_hold(const struct spool *spool);
void spool_let_go(int held);

// The right to send. False: another process has it, or errno says why not (EAGAIN, EACCES: another has it).
bool spool_may_send(struct spool *spool);

// For all of these the folder is held.
// Keeps a new request at the end of the line. False: errno says why, and nothing was kept.
bool spool_keep(const struct spool *spool, const json_t *head, const Pb__Request *request);
// Takes it out of the line, or out of what is parked. False: errno says why.
bool spool_remove(const struct spool *spool, const struct spool_entry *entry);
// Puts it aside with the refusal. False: errno says why; it then still stands in line.
bool spool_park(const struct spool *spool, const struct spool_entry *entry, const Pb__Response *refusal);

// The refusal of a parked one, in the arena; NULL: it cannot be read.
Pb__Response *spool_refusal(const struct spool *spool, const struct spool_entry *entry, struct arena *arena);

// Parks it as one that builds on the kept request `on`, which was not recorded. As spool_park.
#define SPOOL_BEHIND "SPOOL_BEHIND"
bool spool_park_behind(const struct spool *spool, const struct spool_entry *entry, const char *on);

#endif
