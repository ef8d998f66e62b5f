#include "server/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/frame.h"
#include "proto/message.h"
#include "server/ledger/folder.h"

enum { LINE = 512, ROOM = FRAME_PREFIX_MAX + 1024 * 1024, BUDGET = 4 * 1024 * 1024 };

struct fetch {
    int peer, file; // -1: not open
    EVP_MD_CTX *sum;
    struct arena *arena;
    uint8_t *in;
    size_t n_in;
    uint64_t written;
    char *error;
    size_t error_size;
};

bool fetch_find_socket(const char *state, char *path, size_t size) {
    static const char kind[] = "unix:";
    char line[LINE];
    bool found = false;
    int n = snprintf(line, sizeof line, "%s/addresses", state);
    FILE *file = n > 0 && (size_t)n < sizeof line ? fopen(line, "re") : NULL;
    while (file && !found && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        found = strncmp(line, kind, sizeof kind - 1) == 0 && strlen(line) - (sizeof kind - 1) < size;
    }
    if (found)
        snprintf(path, size, "%s", line + sizeof kind - 1);
    if (file)
        fclose(file);
    return found;
}

static bool fail(const struct fetch *fetch, const char *where, const char *why) {
    return folder_complain(fetch->error, fetch->error_size, "%s: %s", where, why);
}

static bool dial(struct fetch *fetch, const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return fail(fetch, path, "too long for a socket");
    memcpy(address.sun_path, path, strlen(path));
    fetch->peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fetch->peer < 0 || connect(fetch->peer, (struct sockaddr *)&address, sizeof address) != 0)
        return fail(fetch, path, strerror(errno));
    return true;
}

static bool ask(struct fetch *fetch, const char *path) {
    uint8_t frame[64];
    Pb__Request request = PB__REQUEST__INIT;
    Pb__BackupQuery query = PB__BACKUP_QUERY__INIT;
    request.has_id = true;
    request.id = 1;
    request.body_case = PB__REQUEST__BODY_BACKUP;
    request.backup = &query;
    ssize_t size = (ssize_t)message_frame(&request.base, frame);
    return send(fetch->peer, frame, (size_t)size, MSG_NOSIGNAL) == size || fail(fetch, path, strerror(errno));
}

// The next response, or NULL with the error said.
static const Pb__Response *next(struct fetch *fetch, size_t *taken) {
    size_t prefix, body;
    enum frame_verdict verdict;
    while ((verdict = frame_look(fetch->in, fetch->n_in, fetch->n_in, ROOM - FRAME_PREFIX_MAX, &prefix, &body)) ==
           FRAME_PARTIAL) {
        ssize_t got = recv(fetch->peer, fetch->in + fetch->n_in, ROOM - fetch->n_in, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            fail(fetch, "the admin socket", got < 0 ? strerror(errno) : "the daemon has hung up; try again");
            return NULL;
        }
        fetch->n_in += (size_t)got;
    }
    arena_reset(fetch->arena);
    const Pb__Response *response =
        verdict == FRAME_READY ? message_unpack_response(fetch->arena, fetch->in + prefix, body) : NULL;
    if (!response)
        fail(fetch, "the admin socket", "what answers there is no thiduad");
    *taken = prefix + body;
    return response;
}

static bool write_all(struct fetch *fetch, ProtobufCBinaryData data) {
    size_t done = 0;
    while (done < data.len) {
        ssize_t n = write(fetch->file, data.data + done, data.len - done);
        if (n < 0 && errno != EINTR)
            return fail(fetch, "the backup cannot be written", strerror(errno));
        done += n > 0 ? (size_t)n : 0;
    }
    fetch->written += data.len;
    return EVP_DigestUpdate(fetch->sum, data.data, data.len) == 1 || fail(fetch, "the backup", "out of memory");
}

static bool is_whole(struct fetch *fetch, const Pb__BackupReply *reply) {
    uint8_t found[EVP_MAX_MD_SIZE];
    bool same = EVP_DigestFinal_ex(fetch->sum, found, NULL) == 1 && reply->has_size && reply->size == fetch->written &&
                reply->sha256.len == DIGEST_SIZE && memcmp(found, reply->sha256.data, DIGEST_SIZE) == 0;
    return same || fail(fetch, "the backup", "what arrived is not what was sent; try again");
}

static bool refused(struct fetch *fetch, const Pb__Response *response) {
    const char *code = response->n_problems ? response->problems[0]->reason : NULL;
    const struct reason_entry *entry = code ? reason_by_code(code) : NULL;
    return fail(fetch, "the daemon gives no backup", entry ? entry->text : status_name(response->status));
}

static bool take_all(struct fetch *fetch) {
    for (;;) {
        size_t taken;
        const Pb__Response *response = next(fetch, &taken);
        if (!response)
            return false;
        if (response->status != PB__STATUS__OK || response->body_case != PB__RESPONSE__BODY_BACKUP)
            return refused(fetch, response);
        if (!write_all(fetch, response->backup->data))
            return false;
        if (!response->has_more || !response->more)
            return is_whole(fetch, response->backup);
        fetch->n_in -= taken;
        memmove(fetch->in, fetch->in + taken, fetch->n_in);
    }
}

bool fetch_backup(const char *socket, const char *folder, char *error, size_t error_size) {
    struct fetch fetch = {.peer = -1, .file = folder_create_data(folder), .error = error, .error_size = error_size};
    fetch.sum = EVP_MD_CTX_new();
    fetch.arena = arena_new(BUDGET);
    fetch.in = malloc(ROOM);
    bool ready = fetch.file >= 0 && fetch.arena && fetch.in && fetch.sum &&
                 EVP_DigestInit_ex(fetch.sum, EVP_sha256(), NULL) == 1;
    bool done = ready ? dial(&fetch, socket) && ask(&fetch, socket) && take_all(&fetch)
                      : fail(&fetch, folder, "no file for the backup can be made");
    if (fetch.peer >= 0)
        close(fetch.peer);
    if (fetch.file >= 0 && close(fetch.file) != 0 && done)
        done = fail(&fetch, folder, strerror(errno));
    EVP_MD_CTX_free(fetch.sum);
    arena_free(fetch.arena);
    free(fetch.in);
    return done;
}
