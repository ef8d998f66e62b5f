#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#include "client/file.h"
#include "client/hex.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/session.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"file", N_("File"), CELL_TEXT, EVERYWHERE, NULL},
    {"size", N_("Bytes"), CELL_AMOUNT, EVERYWHERE, NULL},
    {"sha256", N_("SHA-256"), CELL_CODE, EVERYWHERE, NULL},
    {"seq", N_("Last entry"), CELL_COUNT, EVERYWHERE, NULL},
    {0},
};

static const struct report report = {.head = head};

struct backup {
    struct client *client;
    struct new_file file;
    EVP_MD_CTX *hash;
    uint64_t received, size, seq;
    bool has_size, has_seq, has_sha256;
    uint8_t sha256[DIGEST_SIZE]; // as the server says
};

static int cannot_write(const struct client *client) {
    return say_error(&client->options, EXIT_NO_OUTPUT, _("Make room, or name another file."),
                     _("%s cannot be written: %s"), client_operand(client, 0), strerror(errno));
}

static int take(void *ctx, const Pb__Response *response) {
    struct backup *backup = ctx;
    const Pb__BackupReply *reply = response->backup;
    if (reply->has_size) {
        backup->has_size = true;
        backup->size = reply->size;
    }
    if (reply->has_seq) {
        backup->has_seq = true;
        backup->seq = reply->seq;
    }
    if (reply->sha256.len == DIGEST_SIZE) {
        backup->has_sha256 = true;
        memcpy(backup->sha256, reply->sha256.data, DIGEST_SIZE);
    }
    if (!reply->data.len)
        return EXIT_DONE;
    if (EVP_DigestUpdate(backup->hash, reply->data.data, reply->data.len) != 1)
        must(NULL);
    backup->received += reply->data.len;
    size_t written = fwrite(reply->data.data, 1, reply->data.len, backup->file.file);
    return written == reply->data.len ? EXIT_DONE : cannot_write(backup->client);
}

static int compare(const struct backup *backup) {
    uint8_t found[EVP_MAX_MD_SIZE];
    unsigned size;
    bool same = EVP_DigestFinal_ex(backup->hash, found, &size) == 1 && backup->has_sha256 &&
                !memcmp(found, backup->sha256, DIGEST_SIZE) && backup->has_size && backup->size == backup->received;
    if (same)
        return EXIT_DONE;
    return say_error(&backup->client->options, EXIT_PROTOCOL, _("Nothing was kept. Try again."),
                     _("what arrived is not what the server sent"));
}

static int fetch(struct backup *backup) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__BackupQuery query = PB__BACKUP_QUERY__INIT;
    struct session *session;
    request.body_case = PB__REQUEST__BODY_BACKUP;
    request.backup = &query;
    int exit_status = session_open(backup->client, &session);
    if (!exit_status)
        exit_status = session_ask(session, &request, PB__RESPONSE__BODY_BACKUP, take, backup);
    session_close(session);
    return exit_status ? exit_status : compare(backup);
}

static int show(const struct backup *backup) {
    char hash[2 * DIGEST_SIZE + 1];
    json_t *answer = must(json_object());
    put(answer, "file", value_text(client_operand(backup->client, 0)));
    put(answer, "size", value_count(true, backup->size));
    put(answer, "sha256", value_text(hex_encode(hash, backup->sha256, DIGEST_SIZE)));
    put(answer, "seq", value_count(backup->has_seq, backup->seq));
    int exit_status = client_show(backup->client, &report, answer);
    json_decref(answer);
    return exit_status;
}

int run_admin_backup(struct client *client) {
    struct backup backup = {.client = client};
    if (!new_file_open(&backup.file, client_operand(client, 0)))
        return cannot_write(client);
    backup.hash = must(EVP_MD_CTX_new());
    if (EVP_DigestInit_ex(backup.hash, EVP_sha256(), NULL) != 1)
        must(NULL);
    int exit_status = fetch(&backup);
    if (exit_status)
        new_file_drop(&backup.file);
    else if (!new_file_keep(&backup.file))
        exit_status = cannot_write(client);
    EVP_MD_CTX_free(backup.hash);
    return exit_status ? exit_status : show(&backup);
}
