// admin accounts: the list of them, and their confirmation after a restored backup.
#include "client/agree.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/verbs.h"

static const struct column columns[] = {
    {"account", N_("Account"), CELL_CODE, EVERYWHERE, NULL}, {"role", N_("Role"), CELL_WORD, EVERYWHERE, NULL},
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},       {"state", N_("State"), CELL_WORD, EVERYWHERE, NULL},
    {"created", N_("Created"), CELL_TIME, EVERYWHERE, NULL}, {"expires", N_("Expires"), CELL_TIME, EVERYWHERE, NULL},
    {"label", N_("Label"), CELL_TEXT, EVERYWHERE, NULL},     {0},
};

static const struct column head[] = {
    {"seq", N_("Entry"), CELL_COUNT, IF_SAID, NULL},
    {"id", N_("Submission"), CELL_CODE, IF_SAID, NULL},
    {0},
};

static const struct section sections[] = {{"rows", NULL, columns}, {0}};
static const struct report report = {.sections = sections};
static const struct report confirm_report = {.head = head, .sections = sections};

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

static int list(struct client *client, json_t **answer) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__AccountsQuery query = PB__ACCOUNTS_QUERY__INIT;
    request.body_case = PB__REQUEST__BODY_ACCOUNTS;
    request.accounts = &query;
    client->asks = true;
    int exit_status = client_gather(client, &request, PB__RESPONSE__BODY_ACCOUNTS, shape, &report, answer);
    client->asks = false;
    return exit_status;
}

// ---- confirming ----

static json_t *confirm_shape(struct client *client, const Pb__Response *response) {
    const Pb__AccountsConfirmReply *reply = response->accounts_confirm;
    return client_written(client, reply->has_seq, reply->seq);
}

static int send_confirmation(struct client *client, json_t *accounts) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__AccountsConfirm confirm = PB__ACCOUNTS_CONFIRM__INIT;
    json_t *answer;
    request.body_case = PB__REQUEST__BODY_ACCOUNTS_CONFIRM;
    request.accounts_confirm = &confirm;
    int exit_status =
        client_gather(client, &request, PB__RESPONSE__BODY_ACCOUNTS_CONFIRM, confirm_shape, &confirm_report, &answer);
    if (!exit_status && json_object_update(accounts, answer))
        must(NULL);
    json_decref(answer);
    return exit_status;
}

static int agree(const struct client *client) {
    return agree_ask(client,
                     _("Do all of these belong to whom they are listed for? Offices are let in with them over the "
                       "network. Those to be ended: thidua admin revoke ID"),
                     _("accounts are not confirmed without being asked about"),
                     _("the accounts are not confirmed: nobody is let in over the network yet"));
}

// A person sees the accounts before the question, a program sees them with the answer.
static int confirm(struct client *client, json_t *accounts) {
    bool asks = agree_asks(client);
    int exit_status = asks ? client_show(client, &report, accounts) : EXIT_DONE;
    if (!exit_status)
        exit_status = agree(client);
    if (!exit_status)
        exit_status = send_confirmation(client, accounts);
    if (!exit_status && !asks)
        exit_status = client_show(client, &confirm_report, accounts);
    if (!exit_status)
        say_notice(&client->options, _("The accounts are confirmed: offices are let in over the network."));
    return exit_status;
}

static int say_lone_flag(const struct client *client, const char *flag) {
    return say_error(&client->options, EXIT_USAGE, _("To confirm the accounts: thidua admin accounts --confirm"),
                     _("%s goes with --confirm"), flag);
}

int run_admin_accounts(struct client *client) {
    bool confirms = arguments_given(&client->arguments, "confirm");
    json_t *accounts;
    if (!confirms && arguments_given(&client->arguments, "yes"))
        return say_lone_flag(client, "--yes");
    if (!confirms && client->options.has_id)
        return say_lone_flag(client, "--id");
    int exit_status = list(client, &accounts);
    if (!exit_status)
        exit_status = confirms ? confirm(client, accounts) : client_show(client, &report, accounts);
    json_decref(accounts);
    return exit_status;
}
