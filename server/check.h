// thiduad check: the daemon's own fsck.
#ifndef THIDUA_CHECK_H
#define THIDUA_CHECK_H

#include <stdio.h>

// Looks at every row of the store in `folder` (a copy, or a folder that no daemon uses), replays its journal into a
// scratch store under $TMPDIR, verifying the chain of hashes, and compares every derived row, both ways. Writes what
// is wrong, naming the row, and a closing line to `out`. Returns 0, or 1 where there is a problem.
int check_store(const char *folder, FILE *out);

// The same for a folder that a daemon may be using: then of a fresh backup, fetched from it over its admin socket.
int check_folder(const char *folder, FILE *out);

// check_folder in a process of its own: LMDB follows a page that is damaged wherever it points, and may die of it. Such
// a death is a problem like any other. For a process with one thread.
int check_apart(const char *folder, FILE *out);

#endif
