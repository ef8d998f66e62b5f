#include "server/ledger/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

// File systems of other machines: their locks and mapped pages do not keep what LMDB needs.
static const struct {
    uint32_t magic;
    const char *name;
} network_file_systems[] = {
    {0x00006969, "NFS"},   {0xff534d42, "CIFS"}, {0xfe534d42, "SMB2"},   {0x0000517b, "SMB"},  {0x01021997, "9p"},
    {0x73757245, "Coda"},  {0x5346414f, "AFS"},  {0x6b414653, "AFS"},    {0x0000564c, "NCP"},  {0x00c36400, "Ceph"},
    {0x7461636f, "OCFS2"}, {0x01161970, "GFS2"}, {0x0bd00bd0, "Lustre"}, {0x47504653, "GPFS"},
};

bool folder_complain(char *error, size_t error_size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error, error_size, format, arguments);
    va_end(arguments);
    return false;
}

const char *folder_hint(int cause) {
    switch (cause) {
    case ENOSPC:
    case EDQUOT:
        return "make room on the disk";
    case EACCES:
    case EPERM:
        return "the state folder and its files must belong to the daemon's user";
    case ENOMEM:
        return "there is no memory, or no address space for map_size";
    default:
        return "look at the disk, or restore a backup";
    }
}

static int folder_open(const char *folder) {
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

// Opens a file of the folder; -1: errno says why.
static int file_open(const char *folder, const char *name, int flags) {
    int dir = folder_open(folder);
    if (dir < 0)
        return -1;
    int fd = openat(dir, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    int cause = errno;
    close(dir);
    errno = cause;
    return fd;
}

static const char *network_name(const struct statfs *fs) {
    for (size_t i = 0; i < sizeof network_file_systems / sizeof *network_file_systems; i++)
        if (network_file_systems[i].magic == (uint32_t)fs->f_type)
            return network_file_systems[i].name;
    return NULL;
}

bool folder_check(const char *folder, char *error, size_t error_size) {
    struct stat st;
    struct statfs fs;
    if (stat(folder, &st) != 0 || statfs(folder, &fs) != 0)
        return folder_complain(error, error_size, "%s: %s; create the state folder, or name another with --state",
                               folder, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return folder_complain(error, error_size, "%s is not a folder; name another with --state", folder);
    if (st.st_mode & (S_IWGRP | S_IWOTH))
        return folder_complain(error, error_size, "%s may be written by others; close it with: chmod go-w %s", folder,
                               folder);
    const char *network = network_name(&fs);
    if (network)
        return folder_complain(error, error_size,
                               "%s lies on a network file system (%s), where the store is not safe; "
                               "keep the state folder on a disk of this machine",
                               folder, network);
    return true;
}

static bool lock_busy(const char *folder, int fd, char *error, size_t error_size) {
    char holder[16] = "";
    ssize_t n = pread(fd, holder, sizeof holder - 1, 0);
    long pid = n > 0 ? strtol(holder, NULL, 10) : 0;
    if (pid > 0)
        return folder_complain(error, error_size,
                               "%s is in use by another thiduad (process %ld); stop that one, or name another "
                               "folder with --state",
                               folder, pid);
    return folder_complain(error, error_size,
                           "%s is in use by another thiduad; stop that one, or name another folder with --state",
                           folder);
}

// The number only serves the message above: without room for it the lock holds all the same.
static void lock_sign(int fd) {
    char holder[16];
    int n = snprintf(holder, sizeof holder, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, holder, (size_t)n, 0) != n)
        errno = 0;
}

int folder_lock(const char *folder, char *error, size_t error_size) {
    int fd = file_open(folder, FOLDER_LOCK, O_RDWR | O_CREAT);
    if (fd < 0) {
        folder_complain(error, error_size, "%s/" FOLDER_LOCK ": %s; %s", folder, strerror(errno), folder_hint(errno));
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        lock_sign(fd);
        return fd;
    }
    if (errno == EWOULDBLOCK)
        lock_busy(folder, fd, error, error_size);
    else
        folder_complain(error, error_size, "%s/" FOLDER_LOCK ": cannot be locked: %s", folder, strerror(errno));
    close(fd);
    return -1;
}

bool folder_in_use(const char *folder) {
    int fd = file_open(folder, FOLDER_LOCK, O_RDONLY);
    bool used = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (fd >= 0)
        close(fd);
    return used;
}

// A tool run by root must not leave a file that the daemon's user cannot open.
static void belong_to_folder(const char *folder, int fd) {
    struct stat st;
    if (geteuid() == 0 && stat(folder, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) != 0)
        errno = 0;
}

bool folder_allocate_readers(const char *folder, size_t size, char *error, size_t error_size) {
    int fd = file_open(folder, FOLDER_READERS, O_RDWR | O_CREAT);
    if (fd < 0 && errno == EROFS)
        return true; // a copy on a read-only file system: LMDB does without
    struct stat st = {0};
    int cause = fd < 0 || fstat(fd, &st) != 0 ? errno : 0;
    if (!cause && (st.st_size < (off_t)size || st.st_blocks * 512 < st.st_size)) {
        belong_to_folder(folder, fd);
        cause = posix_fallocate(fd, 0, st.st_size < (off_t)size ? (off_t)size : st.st_size);
    }
    if (fd >= 0)
        close(fd);
    if (cause)
        folder_complain(error, error_size, "%s/" FOLDER_READERS ": %s; %s", folder, strerror(cause),
                        folder_hint(cause));
    return cause == 0;
}

int64_t folder_data_size(const char *folder) {
    int dir = folder_open(folder);
    if (dir < 0)
        return -1;
    struct stat st;
    bool there = fstatat(dir, FOLDER_DATA, &st, 0) == 0;
    close(dir);
    return there ? (int64_t)st.st_size : -1;
}

bool folder_check_data(const char *folder, bool writable, bool *fresh, char *error, size_t error_size) {
    int64_t size = folder_data_size(folder);
    *fresh = size < 0;
    if (size == 0)
        return folder_complain(error, error_size,
                               "%s/" FOLDER_DATA " is empty; restore a backup, or remove it if no daemon has ever "
                               "answered from this folder",
                               folder);
    return writable || size > 0 ||
           folder_complain(error, error_size, "%s holds no store; name the state folder of a daemon", folder);
}

int folder_create_data(const char *folder) {
    return file_open(folder, FOLDER_DATA, O_WRONLY | O_CREAT | O_EXCL);
}

void folder_remove_data(const char *folder) {
    int dir = folder_open(folder);
    if (dir < 0)
        return;
    unlinkat(dir, FOLDER_DATA, 0);
    close(dir);
}

void folder_drop(const char *folder) {
    int dir = folder_open(folder);
    if (dir >= 0) {
        unlinkat(dir, FOLDER_DATA, 0);
        unlinkat(dir, FOLDER_READERS, 0);
        unlinkat(dir, FOLDER_LOCK, 0);
        close(dir);
    }
    rmdir(folder);
}

bool folder_sync(const char *folder) {
    int dir = folder_open(folder);
    if (dir < 0)
        return false;
    bool done = fsync(dir) == 0;
    int cause = errno;
    close(dir);
    errno = cause;
    return done;
}

// What dies in the child has judged as well.
bool folder_judge(bool (*judge)(const char *folder, uint64_t size), const char *folder, uint64_t size) {
    int status = 1;
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_DUMPABLE, 0);
        _exit(freopen("/dev/null", "w", stderr) && judge(folder, size) ? 0 : 1);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return child > 0 && status == 0;
}
