#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/reflect.h"
#include "client/output/value.h"
#include "client/session.h"
#include "client/verbs.h"
#include "client/what.h"

static const struct column columns[] = {
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"time", N_("Time"), CELL_TIME, EVERYWHERE, NULL},
    {"actor", N_("Actor"), CELL_CODE, EVERYWHERE, NULL},
    {"role", N_("Role"), CELL_WORD, EVERYWHERE, NULL},
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"event", N_("Event"), CELL_WORD, EVERYWHERE, NULL},
    {"what", N_("In short"), CELL_TEXT, IN_TABLE, NULL},
    {"id", N_("Submission"), CELL_CODE, IN_CSV, NULL},
    {"detail", N_("Detail"), CELL_CODE, IN_CSV, NULL},
    {"record", N_("Record"), CELL_CODE, IN_CSV, NULL},
    {"prev", N_("Previous hash"), CELL_CODE, IN_CSV, NULL},
    {"hash", N_("Hash"), CELL_CODE, IN_CSV, NULL},
    {0},
};

static json_t *base64(const ProtobufCBinaryData *bytes) {
    unsigned char *text = must_alloc(bytes->len / 3 * 4 + 8);
    EVP_EncodeBlock(text, bytes->data, (int)bytes->len);
    json_t *value = value_text((const char *)text);
    free(text);
    return value;
}

static json_t *actor_value(const Pb__Actor *actor) {
    char text[32];
    if (!actor || !actor->has_role)
        return value_text("daemon");
    if (actor->account)
        snprintf(text, sizeof(text), "account:%" PRIu32, actor->account);
    else
        snprintf(text, sizeof(text), "local:%" PRIu32, actor->uid);
    return value_text(text);
}

static json_t *id_value(const ProtobufCBinaryData *submission) {
    char text[UUID_TEXT];
    return value_text(submission->len == UUID_SIZE ? uuid_text(text, submission->data) : NULL);
}

// What can be read from the entry itself; a record of a newer server may hold an event that is not known here.
static void put_entry(json_t *object, const Pb__Entry *entry, const char *unit) {
    const ProtobufCMessage *body = NULL;
    const char *event = entry->event ? reflect_body(&entry->event->base, &body) : NULL;
    bool has_role = entry->actor && entry->actor->has_role;
    put(object, "seq", value_count(entry->has_seq, entry->seq));
    put(object, "time", value_time(entry->has_time_ms, entry->time_ms));
    put(object, "actor", actor_value(entry->actor));
    put(object, "role", value_enum(&pb__role__descriptor, has_role, has_role ? (int)entry->actor->role : 0));
    put(object, "unit", value_text(unit));
    put(object, "event", value_text(event));
    put(object, "id", id_value(&entry->submission));
    put(object, "detail", body ? reflect(body) : json_null());
}

static json_t *row_shape(const Pb__AuditRow *row) {
    json_t *object = must(json_object());
    Pb__Entry *entry = pb__entry__unpack(NULL, row->record.len, row->record.data);
    Pb__Entry empty = PB__ENTRY__INIT;
    put_entry(object, entry ? entry : &empty, row->unit);
    put(object, "record", base64(&row->record));
    put(object, "prev", value_bytes(&row->prev));
    put(object, "hash", value_bytes(&row->hash));
    if (entry)
        pb__entry__free_unpacked(entry, NULL);
    return object;
}

struct showing {
    const struct options *options;
    struct listing *listing;
};

// Programs get the event by the name that the record has.
static void put_words(const struct options *options, json_t *row) {
    const json_t *detail = json_object_get(row, "detail");
    const char *event = json_string_value(json_object_get(row, "event"));
    char *what = what_text(event, detail, options_mark(options));
    put(row, "what", value_text(what));
    put(row, "event", value_text(what_event(event, detail)));
    free(what);
}

static int show_rows(void *ctx, const Pb__Response *response) {
    struct showing *showing = ctx;
    bool for_people = showing->options->output == OUTPUT_TABLE || showing->options->excel;
    json_t *rows = must(json_array());
    for (size_t i = 0; i < response->audit->n_rows; i++) {
        json_t *row = row_shape(response->audit->rows[i]);
        if (for_people)
            put_words(showing->options, row);
        append(rows, row);
    }
    listing_rows(showing->listing, rows);
    json_decref(rows);
    return ferror(stdout) ? EXIT_NO_OUTPUT : EXIT_DONE;
}

static int read_since(struct client *client, Pb__AuditQuery *query) {
    const char *text = client_flag(client, "since");
    size_t n = text ? strspn(text, "0123456789") : 0;
    if (text && (!n || n > 18 || text[n]))
        return say_error(&client->options, EXIT_USAGE, NULL, _("--since takes the number of an entry, not “%s”"), text);
    query->has_since = text != NULL;
    query->since = text ? strtoull(text, NULL, 10) : 0;
    return EXIT_DONE;
}

static bool is_number(const char *text) {
    return *text && strspn(text, "0123456789") == strlen(text);
}

// An actor as the rows name it; an account may be named as elsewhere, by its number alone.
static int read_actor(struct client *client, Pb__AuditQuery *query) {
    const char *text = client_flag(client, "actor");
    if (!text)
        return EXIT_DONE;
    bool known = is_number(text) || !strcmp(text, "daemon") || (!strncmp(text, "account:", 8) && is_number(text + 8)) ||
                 (!strncmp(text, "local:", 6) && is_number(text + 6));
    if (!known)
        return say_error(&client->options, EXIT_USAGE, _("Name one as audit does: account:3, local:1000 or daemon"),
                         _("--actor: “%s” is no actor"), text);
    char *whole = must_format(is_number(text) ? "account:%s" : "%s", text);
    query->actor = must(arena_strdup(client->arena, whole));
    free(whole);
    return EXIT_DONE;
}

static int ask(struct client *client, Pb__Request *request, struct session *session) {
    struct listing *listing = listing_new(&client->options, stdout, columns, NULL);
    struct showing showing = {.options = &client->options, .listing = listing};
    int exit_status = session_ask(session, request, PB__RESPONSE__BODY_AUDIT, show_rows, &showing);
    if (exit_status)
        listing_drop(listing);
    else
        listing_end(listing);
    if (exit_status && exit_status != EXIT_NO_OUTPUT)
        return exit_status;
    return listing_flush(&client->options, stdout);
}

int run_audit(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__AuditQuery query = PB__AUDIT_QUERY__INIT;
    struct session *session;
    int exit_status = read_since(client, &query);
    if (!exit_status)
        exit_status = read_actor(client, &query);
    if (exit_status)
        return exit_status;
    if (!client_text(client, "--unit", client_flag(client, "unit"), &query.unit))
        return EXIT_REFUSED;
    request.body_case = PB__REQUEST__BODY_AUDIT;
    request.audit = &query;
    exit_status = session_open(client, &session);
    if (!exit_status)
        exit_status = ask(client, &request, session);
    session_close(session);
    return exit_status;
}
