// receipt verify: does the journal hold the entry that a receipt proves?
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "client/conf.h"
#include "client/hex.h"
#include "client/journal_file.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/verbs.h"

#define RECEIPT_MARK "thidua-receipt:1:"

enum { BRANCH_SIZE = 16, HASH_SIZE = 32 };

struct receipt {
    uint64_t seq;
    int64_t time_ms;
    uint8_t branch[BRANCH_SIZE], hash[HASH_SIZE];
};

static const struct column head[] = {
    {"valid", N_("Valid"), CELL_FLAG, EVERYWHERE, NULL},
    {"verdict", N_("Finding"), CELL_CODE, IN_CSV, NULL},
    {"finding", N_("Finding"), CELL_TEXT, IN_TABLE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"time", N_("Time"), CELL_TIME, EVERYWHERE, NULL},
    {"event", N_("Event"), CELL_WORD, EVERYWHERE, NULL},
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"hash", N_("Hash"), CELL_CODE, EVERYWHERE, NULL},
    {"seq", N_("Export's last entry"), CELL_COUNT, IF_SAID, "export"},
    {"time", N_("Export's end"), CELL_TIME, IF_SAID, "export"},
    {"hash", N_("Export's last hash"), CELL_CODE, IF_SAID, "export"},
    {0},
};

// An export ends somewhere, and what comes later it can neither confirm nor deny.
#define BEYOND_EXPORT "beyond_export"

// Verdicts as people read them.
static const struct finding {
    const char *verdict;
    const char *server, *export; // who is asked
} findings[] = {
    {"genuine", N_("The journal holds this entry just as the receipt says."), N_("Receipt and export agree.")},
    {"no_such_entry", N_("The journal has no entry of this number."), NULL},
    {"another_entry", N_("The journal's entry of this number is another one: its hash or its time differs."),
     N_("The export's entry of this number is another one: its hash or its time differs.")},
    {"another_ledger",
     N_("The receipt was issued by another ledger, or by a part of this one that its journal knows nothing of."),
     N_("The receipt was issued by another ledger than the export's, or after a restore that is not in the export.")},
    {"lost_by_restore",
     N_("The receipt was issued after the backup from which the ledger was restored: its entry is lost and has to be "
        "handed in again."),
     N_("The receipt was issued after the backup from which the ledger was restored: its entry is lost.")},
    {BEYOND_EXPORT, NULL,
     N_("The receipt is younger than the export, which ends before its entry: it can neither confirm nor deny it. Ask "
        "a "
        "newer export, or the server.")},
};

static const struct report report = {.head = head};

// The receipt on a line of `text`, whatever else stands around it (an answer in JSON, a mail).
static bool parse(const char *text, struct receipt *receipt) {
    char branch[2 * BRANCH_SIZE + 1], hash[2 * HASH_SIZE + 1];
    const char *mark = strstr(text, RECEIPT_MARK);
    return mark &&
           sscanf(mark + strlen(RECEIPT_MARK), "%32[0-9a-fA-F]:%18" SCNu64 ":%18" SCNd64 ":%64[0-9a-fA-F]", branch,
                  &receipt->seq, &receipt->time_ms, hash) == 4 &&
           receipt->seq > 0 && strlen(branch) == 2 * BRANCH_SIZE && strlen(hash) == 2 * HASH_SIZE &&
           hex_decode(branch, receipt->branch, BRANCH_SIZE) && hex_decode(hash, receipt->hash, HASH_SIZE);
}

static int read_receipt(struct client *client, struct receipt *receipt) {
    size_t size;
    const char *path = client_operand(client, 0);
    char *text = conf_read(path, &size);
    if (!text)
        return say_error(&client->options, EXIT_NO_INPUT, NULL, _("%s cannot be read: %s"), path, strerror(errno));
    bool found = parse(text, receipt);
    free(text);
    if (found)
        return EXIT_DONE;
    return say_error(&client->options, EXIT_REFUSED,
                     _("A receipt is the one line that thidua submit printed, thidua-receipt:1:..."),
                     _("%s holds no whole receipt"), path);
}

static json_t *shape(struct client *client, const Pb__Response *response) {
    const Pb__ReceiptReply *reply = response->receipt;
    json_t *object = must(json_object());
    (void)client;
    put(object, "valid", value_flag(reply->has_verdict && reply->verdict == PB__RECEIPT_VERDICT__GENUINE));
    put(object, "verdict", value_enum(&pb__receipt_verdict__descriptor, reply->has_verdict, (int)reply->verdict));
    put(object, "export", json_null());
    put(object, "event", value_text(reply->event));
    put(object, "unit", value_text(reply->unit));
    return object;
}

static int ask_server(struct client *client, Pb__ReceiptQuery *query, json_t **answer) {
    Pb__Request request = PB__REQUEST__INIT;
    request.body_case = PB__REQUEST__BODY_RECEIPT;
    request.receipt = query;
    return client_gather(client, &request, PB__RESPONSE__BODY_RECEIPT, shape, &report, answer);
}

static json_t *export_shape(const struct journal_finding *finding) {
    ProtobufCBinaryData hash = {.len = EXPORT_HASH, .data = (uint8_t *)finding->last_hash};
    json_t *object = must(json_object());
    put(object, "seq", value_count(true, finding->last_seq));
    put(object, "time", value_time(true, finding->last_ms));
    put(object, "hash", value_bytes(&hash));
    return object;
}

// Without a server, and without a profile.
static int ask_journal(struct client *client, const char *path, const Pb__ReceiptQuery *query, json_t **answer) {
    struct journal_finding finding;
    Pb__Response response = PB__RESPONSE__INIT;
    Pb__ReceiptReply reply = PB__RECEIPT_REPLY__INIT;
    if (!strcmp(path, "-") && !strcmp(client_operand(client, 0), "-"))
        return say_error(&client->options, EXIT_USAGE, _("Give one of them as a file."),
                         _("receipt and journal cannot both be standard input"));
    int exit_status = journal_file_ask(&client->options, path, query, &finding);
    if (exit_status)
        return exit_status;
    response.receipt = &reply;
    reply.has_verdict = true;
    reply.verdict = finding.verdict;
    reply.event = finding.event;
    reply.unit = finding.unit;
    *answer = shape(client, &response);
    put(*answer, "export", export_shape(&finding));
    if (finding.verdict == PB__RECEIPT_VERDICT__NO_SUCH_ENTRY)
        put(*answer, "verdict", value_text(BEYOND_EXPORT));
    journal_finding_free(&finding);
    return EXIT_DONE;
}

// The word is for the table alone.
static void put_finding(json_t *answer) {
    const char *verdict = json_string_value(json_object_get(answer, "verdict"));
    bool export = !json_is_null(json_object_get(answer, "export"));
    for (size_t i = 0; verdict && i < sizeof(findings) / sizeof(*findings); i++) {
        const char *words = export ? findings[i].export : findings[i].server;
        if (words && !strcmp(findings[i].verdict, verdict))
            put(answer, "finding", value_text(_(words)));
    }
}

static int show(struct client *client, const struct receipt *receipt, const Pb__ReceiptQuery *query, json_t *answer) {
    bool valid = json_is_true(json_object_get(answer, "valid"));
    put(answer, "seq", value_count(true, receipt->seq));
    put(answer, "time", value_time(true, receipt->time_ms));
    put(answer, "hash", value_bytes(&query->hash));
    if (client->options.output == OUTPUT_TABLE)
        put_finding(answer);
    int exit_status = client_show(client, &report, answer);
    if (!exit_status && valid && !json_is_null(json_object_get(answer, "export")))
        say_notice(&client->options,
                   _("That they agree proves as much as the export is worth: compare its last hash with "
                     "one obtained elsewhere, as from thidua audit on the server, or from the minutes."));
    return exit_status || valid ? exit_status : EXIT_NEGATIVE;
}

int run_receipt_verify(struct client *client) {
    struct receipt receipt = {0};
    json_t *answer = NULL;
    const char *journal = client_flag(client, "journal");
    int exit_status = read_receipt(client, &receipt);
    if (exit_status)
        return exit_status;
    Pb__ReceiptQuery query = PB__RECEIPT_QUERY__INIT;
    query.has_branch = query.has_seq = query.has_time_ms = query.has_hash = true;
    query.branch = (ProtobufCBinaryData){.len = BRANCH_SIZE, .data = receipt.branch};
    query.seq = receipt.seq;
    query.time_ms = receipt.time_ms;
    query.hash = (ProtobufCBinaryData){.len = HASH_SIZE, .data = receipt.hash};
    exit_status = journal ? ask_journal(client, journal, &query, &answer) : ask_server(client, &query, &answer);
    if (!exit_status)
        exit_status = show(client, &receipt, &query, answer);
    json_decref(answer);
    return exit_status;
}
