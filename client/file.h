// A file that is either there as a whole or not at all.
#ifndef THIDUA_CLIENT_FILE_H
#define THIDUA_CLIENT_FILE_H

#include <stdbool.h>
#include <stdio.h>

struct new_file {
    FILE *file;   // write here
    char *path;   // what it will be
    char *hidden; // what it is meanwhile
};

// Makes a temporary file of mode 0600 beside `path`, which may only be a regular file. False: errno says why.
bool new_file_open(struct new_file *new_file, const char *path);

// Gives it the mode of the file that it will replace, or else what the umask leaves: it is for others to read too.
// False: errno says why.
bool new_file_share(struct new_file *new_file);

// Flushes, fsyncs, renames and fsyncs the folder. False: errno says why, and the temporary file is gone.
bool new_file_keep(struct new_file *new_file);

// Removes the temporary file.
void new_file_drop(struct new_file *new_file);

// Makes what was created, renamed or removed at `path` durable: fsyncs its folder. False: errno says why.
bool sync_folder_of(const char *path);

// Makes the folder of `path`, and those above it, of mode 0700. False: errno says why.
bool make_folder_of(const char *path);

#endif
