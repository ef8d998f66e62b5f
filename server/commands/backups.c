#include "server/commands/backups.h"

#include <stdlib.h>

#include "server/commands/context.h"
#include "server/ledger/backup.h"

enum { PIECE = 256 * 1024 }; // bytes of one frame

struct backups {
    struct commands_source source;
    struct backup *current; // the last one begun
    bool wanted;            // somebody is waiting for it, or reading it
};

struct backups *backups_new(const struct commands_source *source) {
    struct backups *backups = calloc(1, sizeof *backups);
    if (backups)
        backups->source = *source;
    return backups;
}

void backups_free(struct backups *backups) {
    if (!backups)
        return;
    backup_end(backups->current);
    free(backups);
}

void cursor_release(struct cursor *cursor) {
    if (cursor->holds)
        *cursor->holds = false;
    cursor->holds = NULL;
    free(cursor->kept);
    cursor->kept = NULL;
}

static bool begin(struct context *context, struct cursor *cursor) {
    struct backups *backups = context->backups;
    bool busy = backups->wanted || (backups->current && backup_state(backups->current) == BACKUP_UNDER_WAY);
    if (busy)
        return problem_plain(context->problems, REASON_BACKUP_UNDER_WAY);
    backup_end(backups->current);
    const struct commands_source *source = &backups->source;
    backups->current = backup_begin(source->store, source->done, source->ctx);
    if (!backups->current)
        return problem_plain(context->problems, REASON_BUSY);
    backups->wanted = cursor->begun = true;
    cursor->holds = &backups->wanted;
    return true;
}

static void add_facts(Pb__BackupReply *reply, const struct backup_facts *facts) {
    reply->has_size = reply->has_seq = reply->has_sha256 = true;
    reply->size = facts->size;
    reply->seq = facts->seq;
    reply->sha256.data = (uint8_t *)(uintptr_t)facts->sha256;
    reply->sha256.len = sizeof facts->sha256;
}

static void send_piece(struct context *context, struct cursor *cursor, Pb__Response *response) {
    const struct backup *backup = context->backups->current;
    const struct backup_facts *facts = backup_facts(backup);
    CONTEXT_NEW(context, reply, Pb__BackupReply, pb__backup_reply__init);
    if (!reply || !(reply->data.data = context_alloc(context, PIECE)))
        return;
    int64_t got = backup_read(backup, cursor->position, reply->data.data, PIECE);
    if (got <= 0) {
        problem(context->problems, REASON_BACKUP_FAILED, arg_text("value", "the copy cannot be read back"));
        return;
    }
    reply->has_data = true;
    reply->data.len = (size_t)got;
    cursor->position += (uint64_t)got;
    response->has_more = response->more = cursor->position < facts->size;
    if (!response->more)
        add_facts(reply, facts);
    response->body_case = PB__RESPONSE__BODY_BACKUP;
    response->backup = reply;
}

void backup_show(struct context *context, struct cursor *cursor, Pb__Response *response) {
    if (!cursor->begun && !begin(context, cursor))
        return;
    const struct backup *backup = context->backups->current;
    switch (backup_state(backup)) {
    case BACKUP_UNDER_WAY:
        context->later = true;
        break;
    case BACKUP_FAILED:
        problem(context->problems, REASON_BACKUP_FAILED, arg_text("value", backup_facts(backup)->error));
        break;
    case BACKUP_READY:
        send_piece(context, cursor, response);
        break;
    }
}
