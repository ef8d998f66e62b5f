#include <inttypes.h>
#include <stdlib.h>

#include "client/hex.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/verbs.h"
#include "client/verbs/shapes.h"

static const struct column head[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"total", N_("Total"), CELL_POINTS, EVERYWHERE, NULL},
    {"sheet_revision", N_("Hand-in"), CELL_COUNT, EVERYWHERE, NULL},
    {"time", N_("Time"), CELL_TIME, EVERYWHERE, NULL},
    {"late", N_("Late"), CELL_LATE, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL},
    {"hash", N_("Hash"), CELL_CODE, IN_CSV, NULL},
    {"receipt", N_("Receipt, to keep"), CELL_CODE, EVERYWHERE, NULL},
    {"late_seconds", N_("Late by"), CELL_SECONDS, IN_CSV, NULL},
    {0},
};

static const struct report report = {.head = head};

static char *receipt_line(const Pb__SubmitReply *reply) {
    char branch[2 * LEDGER_ID_SIZE + 1], hash[2 * DIGEST_SIZE + 1];
    if (reply->branch.len != LEDGER_ID_SIZE || reply->hash.len != DIGEST_SIZE)
        return NULL;
    hex_encode(branch, reply->branch.data, LEDGER_ID_SIZE);
    hex_encode(hash, reply->hash.data, DIGEST_SIZE);
    return must_format("thidua-receipt:1:%s:%" PRIu64 ":%" PRId64 ":%s", branch, reply->seq, reply->time_ms, hash);
}

json_t *submit_shape(struct client *client, const Pb__Response *response) {
    const Pb__SubmitReply *reply = response->submit;
    json_t *object = must(json_object());
    char id[UUID_TEXT], *receipt = receipt_line(reply);
    put(object, "seq", value_count(reply->has_seq, reply->seq));
    put(object, "time", value_time(reply->has_time_ms, reply->time_ms));
    put(object, "unit", value_text(reply->unit));
    put(object, "sheet_revision", value_count(reply->has_sheet_revision, reply->sheet_revision));
    put(object, "total", value_points(reply->has_total_cp, reply->total_cp));
    put(object, "late", value_flag(reply->has_late && reply->late));
    put(object, "hash", value_bytes(&reply->hash));
    put(object, "receipt", value_text(receipt));
    put(object, "id", value_text(uuid_text(id, client->id)));
    put(object, "period", value_text(reply->period));
    put(object, "replayed", value_flag(reply->has_replayed && reply->replayed));
    put(object, "late_seconds", value_seconds(reply->has_late_ms, reply->late_ms));
    free(receipt);
    return object;
}

int submit_show(struct client *client, const json_t *receipt) {
    return client_show(client, &report, receipt);
}

int run_submit(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Submit submit = PB__SUBMIT__INIT;
    if (!client_period(client, &submit.period))
        return EXIT_REFUSED;
    request.body_case = PB__REQUEST__BODY_SUBMIT;
    request.submit = &submit;
    return client_ask(client, &request, PB__RESPONSE__BODY_SUBMIT, submit_shape, &report);
}
