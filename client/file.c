#include "client/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/memory.h"

// A device or a folder of that name is not to be replaced by a file.
static bool may_be_replaced(const char *path) {
    struct stat status;
    if (stat(path, &status))
        return true;
    errno = S_ISDIR(status.st_mode) ? EISDIR : EOPNOTSUPP;
    return S_ISREG(status.st_mode);
}

bool new_file_open(struct new_file *new_file, const char *path) {
    if (!may_be_replaced(path))
        return false;
    *new_file = (struct new_file){.path = must_strdup(path), .hidden = must_format("%s.XXXXXX", path)};
    int fd = mkostemp(new_file->hidden, O_CLOEXEC);
    new_file->file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (new_file->file)
        return true;
    int saved = errno;
    if (fd >= 0) {
        close(fd);
        unlink(new_file->hidden);
    }
    free(new_file->path);
    free(new_file->hidden);
    errno = saved;
    return false;
}

static char *folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash)
        return must_strdup(".");
    return slash == path ? must_strdup("/") : must_format("%.*s", (int)(slash - path), path);
}

bool sync_folder_of(const char *path) {
    char *folder = folder_of(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0)
        return false;
    bool synced = !fsync(fd);
    int saved = errno;
    close(fd);
    errno = saved;
    return synced;
}

bool new_file_share(struct new_file *new_file) {
    struct stat status;
    mode_t mask = umask(0);
    umask(mask);
    mode_t mode = stat(new_file->path, &status) ? 0666 & ~mask : status.st_mode & 0777;
    return !fchmod(fileno(new_file->file), mode);
}

bool new_file_keep(struct new_file *new_file) {
    bool good = !fflush(new_file->file) && !ferror(new_file->file) && !fsync(fileno(new_file->file));
    if (!good || rename(new_file->hidden, new_file->path)) {
        int saved = errno;
        new_file_drop(new_file);
        errno = saved;
        return false;
    }
    fclose(new_file->file);
    good = sync_folder_of(new_file->path);
    free(new_file->path);
    free(new_file->hidden);
    return good;
}

void new_file_drop(struct new_file *new_file) {
    fclose(new_file->file);
    unlink(new_file->hidden);
    free(new_file->path);
    free(new_file->hidden);
}

bool make_folder_of(const char *path) {
    char *folder = folder_of(path);
    bool made = !mkdir(folder, 0700) || errno == EEXIST;
    if (!made && errno == ENOENT && strchr(folder, '/'))
        made = make_folder_of(folder) && (!mkdir(folder, 0700) || errno == EEXIST);
    free(folder);
    return made;
}
