#include "client/memory.h"
#include "client/output/value.h"
#include "client/verbs.h"

static const struct column columns[] = {
    {"account", N_("Account"), CELL_CODE, EVERYWHERE, NULL}, {"role", N_("Role"), CELL_WORD, EVERYWHERE, NULL},
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},       {"state", N_("State"), CELL_WORD, EVERYWHERE, NULL},
    {"created", N_("Created"), CELL_TIME, EVERYWHERE, NULL}, {"expires", N_("Expires"), CELL_TIME, EVERYWHERE, NULL},
    {"label", N_("Label"), CELL_TEXT, EVERYWHERE, NULL},     {0},
};

static const struct section sections[] = {{"rows", NULL, columns}, {0}};
static const struct report report = {.sections = sections};

static json_t *row_shape(const Pb__Account *row) {
    json_t *object = must(json_object());
    put(object, "account", value_account(row->has_account, row->account));
    put(object, "role", value_enum(&pb__role__descriptor, row->has_role, (int)row->role));
    put(object, "unit", value_text(row->unit));
    put(object, "label", value_text(row->label));
    put(object, "state", value_enum(&pb__account_state__descriptor, row->has_state, (int)row->state));
    put(object, "created", value_time(row->has_created_ms, row->created_ms));
    put(object, "expires", value_time(row->has_expires_ms, row->expires_ms));
    return object;
}

static json_t *shape(struct client *client, const Pb__Response *response) {
    json_t *object = must(json_object()), *list = must(json_array());
    (void)client;
    for (size_t i = 0; i < response->accounts->n_rows; i++)
        append(list, row_shape(response->accounts->rows[i]));
    put(object, "rows", list);
    return object;
}

int run_admin_accounts(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__AccountsQuery query = PB__ACCOUNTS_QUERY__INIT;
    request.body_case = PB__REQUEST__BODY_ACCOUNTS;
    request.accounts = &query;
    return client_ask(client, &request, PB__RESPONSE__BODY_ACCOUNTS, shape, &report);
}
