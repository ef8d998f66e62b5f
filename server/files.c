#include "server/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool make_one(const char *path) {
    struct stat st;
    if (mkdir(path, 0700) == 0)
        return true;
    return errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool folder_make(const char *folder, char *error, size_t error_size) {
    char path[PATH_MAX];
    size_t length = strlen(folder);
    if (length >= sizeof path) {
        snprintf(error, error_size, "%s: the path is too long", folder);
        return false;
    }
    memcpy(path, folder, length + 1);
    bool made = true;
    for (char *slash = strchr(path + 1, '/'); slash && made; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        made = make_one(path);
        *slash = '/';
    }
    if (made && make_one(path))
        return true;
    snprintf(error, error_size, "%s: the folder cannot be made: %s", folder, strerror(errno));
    return false;
}

static bool write_all(int fd, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

static bool write_beside(int folder, const char *name, mode_t mode, const void *bytes, size_t size) {
    unlinkat(folder, name, 0); // left by a process that was killed
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return false;
    bool done = write_all(fd, bytes, size) && fsync(fd) == 0;
    return close(fd) == 0 && done;
}

bool file_replace(const char *folder, const char *name, mode_t mode, const void *bytes, size_t size, char *error,
                  size_t error_size) {
    char beside[NAME_MAX];
    snprintf(beside, sizeof beside, "%s.new", name);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done =
        fd >= 0 && write_beside(fd, beside, mode, bytes, size) && renameat(fd, beside, fd, name) == 0 && fsync(fd) == 0;
    if (!done)
        snprintf(error, error_size, "%s/%s cannot be written: %s", folder, name, strerror(errno));
    if (fd >= 0)
        close(fd);
    return done;
}
