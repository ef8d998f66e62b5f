// The folder of a store: what must hold before LMDB may touch the files in it.
#ifndef THIDUA_LEDGER_FOLDER_H
#define THIDUA_LEDGER_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOLDER_DATA    "data.mdb"
#define FOLDER_READERS "lock.mdb"
#define FOLDER_LOCK    "lock"

// Writes what is wrong, where, and what to do into `error`. Always returns false.
bool folder_complain(char *error, size_t error_size, const char *format, ...) __attribute__((format(printf, 3, 4)));

// What to do about an errno.
const char *folder_hint(int cause);

// Whether the folder is one, lies on a file system of this machine, and is nobody else's to write in.
bool folder_check(const char *folder, char *error, size_t error_size);

// Locks the folder against a second daemon until the descriptor is closed. -1: `error` names the holder.
int folder_lock(const char *folder, char *error, size_t error_size);

// Whether a daemon holds that lock now.
bool folder_in_use(const char *folder);

// Gives LMDB's table of readers its blocks on disk: mapped and sparse it is SIGBUS on a full disk.
bool folder_allocate_readers(const char *folder, size_t size, char *error, size_t error_size);

// Whether the data file may be opened: it is there, or may be made (*fresh). An empty one is what a disk has lost.
bool folder_check_data(const char *folder, bool writable, bool *fresh, char *error, size_t error_size);

// The size of the data file; -1: there is none.
int64_t folder_data_size(const char *folder);

// Opens a new data file, only for the owner. -1: errno says why.
int folder_create_data(const char *folder);
void folder_remove_data(const char *folder);

// Removes a store's files and the folder itself, if nothing else is in it.
void folder_drop(const char *folder);

// Makes the entries of the folder durable. False: errno says why.
bool folder_sync(const char *folder);

// Asks `judge` in a child process, which may die of what it reads: that is a no. Before the process has threads.
bool folder_judge(bool (*judge)(const char *folder, uint64_t size), const char *folder, uint64_t size);

#endif
