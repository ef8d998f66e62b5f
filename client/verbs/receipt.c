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
    {"valid", N_("Valid"), CELL_FLAG, EVERYWHERE, NULL}, {"verdict", N_("Finding"), CELL_WORD, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},  {"time", N_("Time"), CELL_TIME, EVERYWHERE, NULL},
    {"event", N_("Event"), CELL_WORD, EVERYWHERE, NULL}, {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"hash", N_("Hash"), CELL_CODE, EVERYWHERE, NULL},   {0},
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
    journal_finding_free(&finding);
    return EXIT_DONE;
}

static int show(struct client *client, const struct receipt *receipt, const Pb__ReceiptQuery *query, json_t *answer) {
    bool valid = json_is_true(json_object_get(answer, "valid"));
    put(answer, "seq", value_count(true, receipt->seq));
    put(answer, "time", value_time(true, receipt->time_ms));
    put(answer, "hash", value_bytes(&query->hash));
    int exit_status = client_show(client, &report, answer);
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
