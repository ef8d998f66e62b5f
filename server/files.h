// Folders and small files that must be there whole or not at all.
#ifndef THIDUA_FILES_H
#define THIDUA_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Makes the folder, and those above it that are missing, for the daemon's user alone. False: `error` says why.
bool folder_make(const char *folder, char *error, size_t error_size);

// Replaces folder/name by these bytes: written beside it, fsynced, renamed, the folder fsynced. False: `error` says
// why, and the old file stands.
bool file_replace(const char *folder, const char *name, mode_t mode, const void *bytes, size_t size, char *error,
                  size_t error_size);

#endif
