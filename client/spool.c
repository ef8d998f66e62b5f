#include "client/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/file.h"
#include "client/hex.h"
#include "client/memory.h"
#include "client/uuid.h"
#include "client/words.h"

#define REQUEST ".request"
#define REFUSAL ".refusal"
#define PARKED  "parked/"

enum { DIGITS = 10, FILE_MAX = 4 * 1024 * 1024, FOLDER_NAME = 8 }; // bytes of the hash that names the folder

// ---- the folder ----

// The same file has one name, by whatever way it is reached, and keeps it when it is gone.
static char *true_path(const char *path) {
    char *whole = realpath(path, NULL);
    if (whole)
        return whole;
    const char *slash = strrchr(path, '/');
    char *above = slash ? must_format("%.*s", slash == path ? 1 : (int)(slash - path), path) : must_strdup(".");
    char *real = realpath(above, NULL);
    char *joined = real ? must_format("%s/%s", real, slash ? slash + 1 : path) : must_strdup(path);
    free(above);
    free(real);
    return joined;
}

static char *folder_for(const char *base, const char *between, const char *profile) {
    uint8_t hash[SHA256_DIGEST_LENGTH];
    char name[2 * FOLDER_NAME + 1], *path = true_path(profile);
    SHA256((const uint8_t *)path, strlen(path), hash);
    free(path);
    return must_format("%s%s/thidua/spool/%s", base, between, hex_encode(name, hash, FOLDER_NAME));
}

void spool_open(struct spool *spool, const struct profile *profile) {
    const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    *spool = (struct spool){.account = profile->account, .sending = -1};
    if (profile->path && base && *base)
        spool->folder = folder_for(base, "", profile->path);
    else if (profile->path && home && *home)
        spool->folder = folder_for(home, "/.local/state", profile->path);
    if (spool->folder)
        spool->seen = must_format("%s/seen.json", spool->folder);
}

void spool_free(struct spool *spool) {
    free(spool->folder);
    free(spool->seen);
    if (spool->sending >= 0)
        close(spool->sending);
    *spool = (struct spool){.sending = -1};
}

static char *path_in(const struct spool *spool, const char *name) {
    return must_format("%s/%s", spool->folder, name);
}

// Makes the spool's folders durable too: what is kept in one that is not would be gone with it.
static bool make_folders(const struct spool *spool) {
    char *within = path_in(spool, PARKED "x"), *above = must_strdup(within);
    struct stat status;
    bool there = !stat(spool->folder, &status), made = make_folder_of(within);
    for (int levels = 0; made && !there && levels < 4 && strrchr(above, '/'); levels++) {
        *strrchr(above, '/') = 0;
        made = sync_folder_of(above);
    }
    free(above);
    free(within);
    return made;
}

// ---- locks ----

static int lock(const struct spool *spool, const char *name, int command) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char *path = path_in(spool, name);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    free(path);
    while (fd >= 0 && fcntl(fd, command, &whole)) {
        int saved = errno;
        if (saved == EINTR)
            continue;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

int spool_hold(const struct spool *spool) {
    if (!spool->folder) {
        errno = ENOENT;
        return -1;
    }
    return make_folders(spool) ? lock(spool, "folder.lock", F_OFD_SETLKW) : -1;
}

void spool_let_go(int held) {
    if (held >= 0)
        close(held);
}

bool spool_may_send(struct spool *spool) {
    if (spool->sending < 0)
        spool->sending = lock(spool, "sending.lock", F_OFD_SETLK);
    return spool->sending >= 0;
}

// ---- what is there ----

static bool ends_with(const char *name, const char *end) {
    size_t n = strlen(name), n_end = strlen(end);
    return n > n_end && !strcmp(name + n - n_end, end);
}

// NNNNNNNNNN-UUID.request; false: it is named otherwise.
static bool take_name(struct spool_entry *entry) {
    uint8_t id[UUID_SIZE];
    if (strlen(entry->name) != DIGITS + 1 + UUID_TEXT - 1 + strlen(REQUEST) ||
        strspn(entry->name, "0123456789") != DIGITS || entry->name[DIGITS] != '-')
        return false;
    memcpy(entry->id, entry->name + DIGITS + 1, UUID_TEXT - 1);
    entry->number = (unsigned)strtoul(entry->name, NULL, 10);
    if (uuid_parse(entry->id, id))
        return true;
    entry->id[0] = 0;
    return false;
}

static uint8_t *read_bytes(const char *path, size_t *size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    uint8_t *bytes = NULL;
    *size = 0;
    if (fd >= 0 && !fstat(fd, &status) && S_ISREG(status.st_mode) && status.st_size <= FILE_MAX) {
        ssize_t got;
        bytes = must_alloc((size_t)status.st_size + 1);
        while ((got = read(fd, bytes + *size, (size_t)status.st_size - *size)) > 0)
            *size += (size_t)got;
    }
    if (fd >= 0)
        close(fd);
    return bytes;
}

static void read_entry(const struct spool *spool, struct spool_entry *entry) {
    char *path = must_format("%s/%s%s", spool->folder, entry->parked ? PARKED : "", entry->name);
    uint8_t id[UUID_SIZE];
    size_t size;
    bool named = take_name(entry);
    uint8_t *bytes = read_bytes(path, &size);
    entry->wrong = bytes ? spool_item_read(&entry->item, bytes, size) : _("it cannot be read");
    if (!entry->wrong &&
        (!named || !uuid_parse(entry->id, id) || memcmp(id, entry->item.request->submission.data, UUID_SIZE) != 0))
        entry->wrong = _("its name is not that of its request");
    free(bytes);
    free(path);
}

static void read_folder(const struct spool *spool, struct spool_list *list, bool parked) {
    char *path = path_in(spool, parked ? PARKED : "");
    DIR *folder = opendir(path);
    const struct dirent *one;
    while (folder && (one = readdir(folder))) {
        if (!ends_with(one->d_name, REQUEST))
            continue;
        list->entries = must_grow(list->entries, list->count + 1, sizeof(*list->entries));
        list->entries[list->count] = (struct spool_entry){.name = must_strdup(one->d_name), .parked = parked};
        read_entry(spool, &list->entries[list->count++]);
    }
    if (folder)
        closedir(folder);
    free(path);
}

static int by_name(const void *left, const void *right) {
    return strcmp(((const struct spool_entry *)left)->name, ((const struct spool_entry *)right)->name);
}

void spool_read(const struct spool *spool, struct spool_list *list) {
    *list = (struct spool_list){0};
    if (!spool->folder)
        return;
    read_folder(spool, list, false);
    read_folder(spool, list, true);
    if (list->count)
        qsort(list->entries, list->count, sizeof(*list->entries), by_name);
}

void spool_list_free(struct spool_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->entries[i].name);
        spool_item_free(&list->entries[i].item);
    }
    free(list->entries);
    *list = (struct spool_list){0};
}

bool spool_waits(const struct spool *spool, const struct spool_entry *entry) {
    return !entry->parked && !entry->wrong && spool_item_number(&entry->item, "account", 0) == spool->account;
}

bool spool_any(const struct spool *spool) {
    struct spool_list list = {0};
    bool any = false;
    if (spool->folder)
        read_folder(spool, &list, false);
    for (size_t i = 0; i < list.count; i++)
        any |= spool_waits(spool, &list.entries[i]);
    spool_list_free(&list);
    return any;
}

const struct spool_entry *spool_find(const struct spool_list *list, const char *id) {
    for (size_t i = 0; i < list->count; i++)
        if (*list->entries[i].id && !strcasecmp(list->entries[i].id, id))
            return &list->entries[i];
    return NULL;
}

// ---- changes ----

static bool write_file(const char *path, const uint8_t *bytes, size_t size) {
    struct new_file new_file;
    if (!new_file_open(&new_file, path))
        return false;
    if (fwrite(bytes, 1, size, new_file.file) == size)
        return new_file_keep(&new_file);
    int saved = errno;
    new_file_drop(&new_file);
    errno = saved;
    return false;
}

static unsigned next_number(const struct spool *spool) {
    struct spool_list list;
    unsigned last = 0;
    spool_read(spool, &list);
    for (size_t i = 0; i < list.count; i++)
        last = list.entries[i].number > last ? list.entries[i].number : last;
    spool_list_free(&list);
    return last + 1;
}

// What a process that was killed had not finished: nobody else writes while the folder is held.
static void sweep(const struct spool *spool) {
    DIR *folder = opendir(spool->folder);
    const struct dirent *one;
    while (folder && (one = readdir(folder))) {
        const char *dot = strrchr(one->d_name, '.');
        bool unfinished =
            dot && strlen(dot) == 7 && (strstr(one->d_name, REQUEST ".") || strstr(one->d_name, ".json."));
        if (unfinished)
            unlinkat(dirfd(folder), one->d_name, 0);
    }
    if (folder)
        closedir(folder);
}

bool spool_keep(const struct spool *spool, const json_t *head, const Pb__Request *request) {
    char id[UUID_TEXT];
    size_t size;
    sweep(spool);
    uint8_t *bytes = spool_item_write(head, request, &size);
    char *path = must_format("%s/%0*u-%s" REQUEST, spool->folder, DIGITS, next_number(spool),
                             uuid_text(id, request->submission.data));
    bool kept = write_file(path, bytes, size);
    if (!kept) {
        int saved = errno;
        unlink(path); // it may be there, and not for good
        errno = saved;
    }
    free(path);
    free(bytes);
    return kept;
}

static bool unlink_synced(const char *path) {
    return (!unlink(path) || errno == ENOENT) && sync_folder_of(path);
}

bool spool_remove(const struct spool *spool, const struct spool_entry *entry) {
    char *path = must_format("%s/%s%s", spool->folder, entry->parked ? PARKED : "", entry->name);
    char *refusal = must_format("%s" REFUSAL, path);
    bool removed = unlink_synced(path);
    if (removed && entry->parked)
        unlink(refusal);
    free(refusal);
    free(path);
    return removed;
}

bool spool_park(const struct spool *spool, const struct spool_entry *entry, const Pb__Response *refusal) {
    char *from = path_in(spool, entry->name), *to = must_format("%s/" PARKED "%s", spool->folder, entry->name);
    char *beside = must_format("%s" REFUSAL, to);
    size_t size = pb__response__get_packed_size(refusal);
    uint8_t *bytes = must_alloc(size + 1);
    pb__response__pack(refusal, bytes);
    bool parked = write_file(beside, bytes, size) && !rename(from, to) && sync_folder_of(to) && sync_folder_of(from);
    free(bytes);
    free(beside);
    free(to);
    free(from);
    return parked;
}

bool spool_park_behind(const struct spool *spool, const struct spool_entry *entry, const char *on) {
    Pb__Response response = PB__RESPONSE__INIT;
    Pb__Problem problem = PB__PROBLEM__INIT, *problems[] = {&problem};
    Pb__Argument argument = PB__ARGUMENT__INIT, *arguments[] = {&argument};
    argument.name = "id";
    argument.value_case = PB__ARGUMENT__VALUE_TEXT;
    argument.text = on;
    problem.reason = SPOOL_BEHIND;
    problem.n_arguments = 1;
    problem.arguments = arguments;
    response.has_status = true;
    response.status = PB__STATUS__FAILED_PRECONDITION;
    response.n_problems = 1;
    response.problems = problems;
    return spool_park(spool, entry, &response);
}

Pb__Response *spool_refusal(const struct spool *spool, const struct spool_entry *entry, struct arena *arena) {
    char *path = must_format("%s/" PARKED "%s" REFUSAL, spool->folder, entry->name);
    size_t size;
    uint8_t *bytes = read_bytes(path, &size);
    Pb__Response *response = bytes ? message_unpack_response(arena, bytes, size) : NULL;
    free(bytes);
    free(path);
    return response;
}
