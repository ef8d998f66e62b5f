#include "server/net/identity.h"

#include <errno.h>
#include <grp.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/frame.h"
#include "proto/version.h"
#include "server/key.h"

struct admin_group admin_group_find(const char *name) {
    struct admin_group found = {0};
    struct group group, *result = NULL;
    size_t size = 64 * 1024; // a group of some thousand members
    char *buffer = malloc(size);
    if (buffer && name && getgrnam_r(name, &group, buffer, size, &result) == 0 && result)
        found = (struct admin_group){.exists = true, .gid = group.gr_gid};
    free(buffer);
    return found;
}

// The supplementary groups that the peer had when it connected.
static bool in_groups(evutil_socket_t fd, gid_t gid) {
    gid_t few[64], *groups = few;
    socklen_t size = sizeof few;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0) {
        if (errno != ERANGE || !(groups = malloc(size)))
            return false;
        if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0)
            size = 0;
    }
    bool found = false;
    for (size_t i = 0; i < size / sizeof *groups && !found; i++)
        found = groups[i] == gid;
    if (groups != few)
        free(groups);
    return found;
}

void identity_of_peer(evutil_socket_t fd, struct admin_group group, struct identity *identity, uid_t *uid) {
    struct ucred peer = {.uid = (uid_t)-1, .gid = (gid_t)-1};
    socklen_t size = sizeof peer;
    bool known = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid != (uid_t)-1;
    *uid = peer.uid;
    if (!known)
        return;
    if (peer.uid == 0 || peer.uid == geteuid() || (group.exists && (peer.gid == group.gid || in_groups(fd, group.gid))))
        identity->actor = (struct actor){.role = PB__ROLE__ADMIN, .local = true, .uid = peer.uid};
}

size_t identity_frame_limit(const struct identity *identity) {
    if (!identity_known(identity))
        return FRAME_LIMIT_UNAUTHENTICATED;
    bool central = identity->actor.local || identity->actor.role == PB__ROLE__COUNCIL;
    return central ? FRAME_LIMIT_CENTRAL : FRAME_LIMIT_OFFICE;
}

size_t identity_budget(const struct identity *identity) {
    return identity_known(identity) ? MESSAGE_BUDGET : MESSAGE_BUDGET_UNAUTHENTICATED;
}

static bool defect(struct problems *problems, const char *what) {
    return problem(problems, REASON_DEFECT, arg_text("value", what));
}

static bool faulty(const struct view *view, struct problems *problems) {
    const char *row = view_fault(view);
    if (row)
        problem(problems, REASON_ROW_DAMAGED, arg_text("row", row));
    return row != NULL;
}

static bool fill_hello(const struct introduction *introduction, const struct view *view, int64_t now_ms,
                       struct arena *arena, Pb__HelloReply *reply) {
    uint8_t ledger[LEDGER_ID_SIZE], branch[LEDGER_ID_SIZE];
    if (!view_ledger_id(view, ledger, branch))
        return false;
    pb__hello_reply__init(reply);
    reply->has_version = reply->has_ledger = reply->has_branch = reply->has_time_ms = reply->has_pin = true;
    reply->version = MESSAGE_VERSION;
    reply->program = "thiduad " THIDUA_VERSION;
    reply->ledger = (ProtobufCBinaryData){sizeof ledger, arena_copy(arena, ledger, sizeof ledger)};
    reply->branch = (ProtobufCBinaryData){sizeof branch, arena_copy(arena, branch, sizeof branch)};
    reply->time_ms = now_ms;
    reply->pin = (ProtobufCBinaryData){KEY_PIN_SIZE, arena_copy(arena, introduction->pin, KEY_PIN_SIZE)};
    reply->public_ = introduction->public_at;
    return reply->ledger.data && reply->branch.data && reply->pin.data;
}

bool identity_hello(const struct introduction *introduction, const struct view *view, const Pb__Hello *hello,
                    int64_t now_ms, struct arena *arena, Pb__Response *response, struct problems *problems) {
    if (hello->version_min > MESSAGE_VERSION || hello->version_max < MESSAGE_VERSION)
        return problem(problems, REASON_VERSION_UNSUPPORTED, arg_number("limit", MESSAGE_VERSION));
    Pb__HelloReply *reply = arena_alloc(arena, sizeof *reply);
    bool filled = reply && fill_hello(introduction, view, now_ms, arena, reply);
    if (faulty(view, problems))
        return false;
    if (!filled)
        return defect(problems, "the answer to hello could not be made");
    response->body_case = PB__RESPONSE__BODY_HELLO;
    response->hello = reply;
    return true;
}

static void adopt(struct identity *identity, const struct account *account) {
    identity->actor = (struct actor){.account = account->number, .role = account->role, .unit = account->unit};
    memcpy(identity->actor.verifier, account->verifier, sizeof identity->actor.verifier);
    identity->expires_ms = account->expires_ms;
}

static bool fill_account(const struct account *account, const struct view *view, struct arena *arena,
                         Pb__AuthenticateReply *reply) {
    pb__authenticate_reply__init(reply);
    reply->has_account = reply->has_role = reply->has_expires_ms = true;
    reply->account = account->number;
    reply->role = account->role;
    reply->expires_ms = account->expires_ms;
    reply->label = account->label[0] ? arena_strdup(arena, account->label) : NULL;
    const Pb__UnitDefinition *unit = account->unit ? view_unit(view, account->unit, arena) : NULL;
    reply->unit = unit ? unit->id : NULL;
    return (reply->unit || !account->unit) && (reply->label || !account->label[0]);
}

bool identity_authenticate(struct identity *identity, const struct view *view, const Pb__Authenticate *authenticate,
                           int64_t now_ms, struct arena *arena, Pb__Response *response, struct problems *problems) {
    struct account account;
    if (!identity_account(view, authenticate, now_ms, &account, problems))
        return false;
    Pb__AuthenticateReply *reply = arena_alloc(arena, sizeof *reply);
    bool filled = reply && fill_account(&account, view, arena, reply);
    if (faulty(view, problems))
        return false;
    if (!filled)
        return defect(problems, "the account could not be read");
    adopt(identity, &account);
    response->body_case = PB__RESPONSE__BODY_AUTHENTICATE;
    response->authenticate = reply;
    return true;
}

bool identity_enrolled(struct identity *identity, const struct view *view, const uint8_t *frame, size_t size,
                       struct arena *arena) {
    size_t prefix, body;
    struct account account;
    if (frame_look(frame, size, size, size, &prefix, &body) != FRAME_READY)
        return false;
    const Pb__Response *response = message_unpack_response(arena, frame + prefix, body);
    if (!response || response->body_case != PB__RESPONSE__BODY_ENROL || !response->enrol)
        return false;
    if (!view_account(view, response->enrol->account, &account) || !account.enrolled || account.revoked)
        return false;
    adopt(identity, &account);
    return true;
}

const char *identity_lost(const struct identity *identity, const struct view *view, int64_t now_ms) {
    struct account account;
    if (identity->actor.account == 0)
        return NULL;
    if (!view_account(view, identity->actor.account, &account))
        return view_fault(view) ? NULL : "the account is gone";
    if (account.revoked)
        return "the account was revoked";
    if (CRYPTO_memcmp(account.verifier, identity->actor.verifier, sizeof account.verifier) != 0)
        return "the account's token was replaced";
    return account.expires_ms <= now_ms ? "the account's token expired" : NULL;
}
