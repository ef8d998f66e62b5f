// A backup fetched from the daemon that uses a state folder, over its admin socket.
#ifndef THIDUA_FETCH_H
#define THIDUA_FETCH_H

#include <stdbool.h>
#include <stddef.h>

// The path of the admin socket of the daemon that runs on the state folder, as the daemon has noted it there.
bool fetch_find_socket(const char *state, char *path, size_t size);

// Asks the daemon behind the socket for a backup, writes it into `folder` as a store's data file and compares its
// hash. False: `error` says what is wrong, and no whole backup is there.
bool fetch_backup(const char *socket, const char *folder, char *error, size_t error_size);

#endif
