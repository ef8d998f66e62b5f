// What could not be sent yet: shown, sent, dropped.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/agree.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/refusal.h"
#include "client/spool_send.h"
#include "client/verbs.h"

enum { REFUSAL_BUDGET = 16 * 1024 * 1024 };

static const struct column columns[] = {
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL}, {"state", N_("State"), CELL_CODE, EVERYWHERE, NULL},
    {"verb", N_("Verb"), CELL_CODE, EVERYWHERE, NULL},     {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},     {"lines", N_("Lines"), CELL_LIST, IF_SAID, NULL},
    {"total", N_("Total"), CELL_POINTS, IF_SAID, NULL},    {"since", N_("Since"), CELL_TIME, EVERYWHERE, NULL},
    {"reason", N_("Reason"), CELL_CODE, IF_SAID, NULL},    {"message", N_("What was said"), CELL_TEXT, IF_SAID, NULL},
    {"file", N_("File"), CELL_CODE, IN_CSV, NULL},         {0},
};

static const struct column run_columns[] = {
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL},
    {"state", N_("State"), CELL_CODE, EVERYWHERE, NULL},
    {"verb", N_("Verb"), CELL_CODE, EVERYWHERE, NULL},
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"reason", N_("Reason"), CELL_CODE, IF_SAID, NULL},
    {"message", N_("What was said"), CELL_TEXT, IF_SAID, NULL},
    {0},
};

static const struct section sections[] = {{"rows", NULL, columns}, {0}};
static const struct section run_sections[] = {{"rows", NULL, run_columns}, {0}};
static const struct report report = {.sections = sections};
static const struct report run_report = {.sections = run_sections};

// ---- the profile's spool, which needs no server ----

struct place {
    struct profile profile;
    struct spool spool;
    struct spool_list list;
};

static int open_place(const struct client *client, struct place *place) {
    *place = (struct place){.spool = {.sending = -1}};
    profile_init(&place->profile, &client->options);
    char *wrong = profile_read(&place->profile);
    if (wrong)
        say_warning(&client->options, "%s", wrong);
    free(wrong);
    spool_open(&place->spool, &place->profile);
    if (!place->spool.folder)
        return say_error(&client->options, EXIT_CONFIGURATION, NULL,
                         _("there is no place for a spool: neither XDG_STATE_HOME nor HOME is set"));
    spool_read(&place->spool, &place->list);
    return EXIT_DONE;
}

static void close_place(struct place *place) {
    spool_list_free(&place->list);
    spool_free(&place->spool);
    profile_free(&place->profile);
}

// ---- list ----

// The refusal in the reader's language.
static void put_refusal(const struct client *client, json_t *row, const struct place *place,
                        const struct spool_entry *entry) {
    struct arena *arena = must(arena_new(REFUSAL_BUDGET));
    struct heard heard = {0};
    struct options options = client->options;
    const Pb__Response *refusal = spool_refusal(&place->spool, entry, arena);
    const Pb__Problem *problem = refusal && refusal->n_problems ? refusal->problems[0] : NULL;
    options.heard = &heard;
    if (problem && problem->reason && !strcmp(problem->reason, SPOOL_BEHIND)) {
        const char *on = problem->n_arguments ? problem->arguments[0]->text : "?";
        say_reason(&options, EXIT_REFUSED, SPOOL_BEHIND, NULL, _("it builds on submission %s, which was not recorded"),
                   on);
    } else if (refusal) {
        refusal_say(&options, refusal);
    }
    put(row, "reason", value_text(heard.count ? heard.complaints[0].reason : NULL));
    put(row, "message", value_text(heard.count ? heard_message(&heard) : NULL));
    heard_forget(&heard);
    arena_free(arena);
}

static void put_item(json_t *row, const struct spool_item *item) {
    int64_t total_cp = spool_item_number(item, "total_cp", -1), time_ms = spool_item_number(item, "time_ms", 0);
    put(row, "verb", value_text(spool_item_text(item, "verb")));
    put(row, "period", value_text(spool_item_period(item)));
    put(row, "unit", value_text(spool_item_text(item, "unit")));
    put(row, "lines", spool_item_lines(item));
    put(row, "total", value_points(total_cp >= 0, total_cp));
    put(row, "since", value_time(time_ms != 0, time_ms));
}

static json_t *row_of(const struct client *client, const struct place *place, const struct spool_entry *entry) {
    json_t *row = json_object();
    bool foreign = !entry->wrong && spool_item_number(&entry->item, "account", 0) != place->profile.account;
    for (const struct column *column = columns; column->key; column++)
        put(row, column->key, json_null());
    put(row, "id", value_text(*entry->id ? entry->id : NULL));
    put(row, "state", value_text(entry->wrong ? "damaged" : entry->parked ? "parked" : "waiting"));
    put(row, "file", value_text(entry->name));
    if (!entry->wrong)
        put_item(row, &entry->item);
    if (entry->wrong) {
        put(row, "reason", value_text("SPOOL_DAMAGED"));
        put(row, "message", value_text(entry->wrong));
    } else if (entry->parked) {
        put_refusal(client, row, place, entry);
    } else if (foreign) {
        put(row, "reason", value_text("SPOOL_ACCOUNT"));
        put(row, "message", value_text(_("it was kept by another account, and only that one sends it")));
    }
    return row;
}

// The words are for the table alone: to programs the codes say it.
static void add_words(json_t *rows) {
    static const struct word {
        const char *code, *word;
    } words[] = {{"waiting", N_("waiting")},           {"parked", N_("parked")},   {"damaged", N_("damaged")},
                 {"acknowledged", N_("acknowledged")}, {"dropped", N_("dropped")}, {0}};
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        const char *state = json_string_value(json_object_get(row, "state"));
        for (const struct word *word = words; state && word->code; word++)
            if (!strcmp(word->code, state)) {
                put(row, "state", value_text(_(word->word)));
                break;
            }
    }
}

static int show(struct client *client, const struct report *how, json_t *rows) {
    json_t *answer = json_object();
    if (client->options.output == OUTPUT_TABLE)
        add_words(rows);
    put(answer, "rows", rows);
    int exit_status = client_show(client, how, answer);
    json_decref(answer);
    return exit_status;
}

int run_spool_list(struct client *client) {
    struct place place;
    json_t *rows = json_array();
    int exit_status = open_place(client, &place);
    for (size_t i = 0; i < place.list.count; i++)
        append(rows, row_of(client, &place, &place.list.entries[i]));
    exit_status = exit_status ? exit_status : show(client, &report, rows);
    if (exit_status == EXIT_CONFIGURATION)
        json_decref(rows);
    close_place(&place);
    return exit_status;
}

// ---- flush ----

// Those that are still in line once the run has ended.
static void append_waiting(const struct place *place, json_t *rows) {
    for (size_t i = 0; i < place->list.count; i++) {
        const struct spool_entry *entry = &place->list.entries[i];
        if (!spool_waits(&place->spool, entry))
            continue;
        json_t *row = json_object();
        for (const struct column *column = run_columns; column->key; column++)
            put(row, column->key, json_null());
        put_item(row, &entry->item);
        put(row, "id", value_text(entry->id));
        put(row, "state", value_text("waiting"));
        append(rows, row);
    }
}

static int send_all(struct client *client, struct place *place) {
    struct spool_run run = {.client = client, .spool = &place->spool};
    spool_run(&run);
    spool_list_free(&place->list);
    spool_read(&place->spool, &place->list);
    append_waiting(place, run.rows);
    heard_say(&client->options, &run.why);
    int exit_status = show(client, &run_report, json_incref(run.rows));
    bool unreached = run.exit_status == EXIT_NOT_REACHED || run.exit_status == EXIT_UNKNOWN;
    if (!exit_status)
        exit_status = unreached ? EXIT_SPOOLED : run.exit_status ? run.exit_status : run.refused;
    spool_run_free(&run);
    return exit_status;
}

int run_spool_flush(struct client *client) {
    struct place place;
    int exit_status = open_place(client, &place);
    if (!exit_status)
        exit_status = spool_any(&place.spool) ? send_all(client, &place) : show(client, &run_report, json_array());
    close_place(&place);
    return exit_status;
}

// ---- drop ----

static const struct spool_entry *find(const struct place *place, const char *name) {
    const struct spool_entry *entry = spool_find(&place->list, name);
    for (size_t i = 0; i < place->list.count && !entry; i++)
        if (!strcmp(place->list.entries[i].name, name))
            entry = &place->list.entries[i];
    return entry;
}

static int confirm(const struct client *client) {
    return agree_ask(client, _("Drop it? It may have been recorded already if it was sent; it will not be sent again."),
                     _("a request is not dropped without being asked about"), _("nothing was dropped"));
}

static int say_failed(const struct client *client, const struct place *place) {
    return say_error(&client->options, EXIT_NO_OUTPUT, NULL, _("the spool %s cannot be changed: %s"),
                     place->spool.folder, strerror(errno));
}

// What builds on it cannot be sent any more either.
static int remove_entry(const struct client *client, const struct place *place, const struct spool_entry *entry) {
    int held = spool_hold(&place->spool), exit_status = EXIT_DONE;
    for (size_t i = 0; i < place->list.count && held >= 0 && *entry->id; i++) {
        const struct spool_entry *other = &place->list.entries[i];
        if (!spool_waits(&place->spool, other) || !spool_item_behind(&other->item, entry->id))
            continue;
        if (!spool_park_behind(&place->spool, other, entry->id))
            exit_status = say_failed(client, place);
        else
            say_warning(&client->options, _("submission %s builds on it and is parked"), other->id);
    }
    if (!exit_status && (held < 0 || !spool_remove(&place->spool, entry)))
        exit_status = say_failed(client, place);
    spool_let_go(held);
    return exit_status;
}

static int drop(struct client *client, struct place *place, const struct spool_entry *entry) {
    json_t *row = row_of(client, place, entry), *rows = json_array();
    int exit_status = remove_entry(client, place, entry);
    put(row, "state", value_text("dropped"));
    append(rows, row);
    if (!exit_status)
        return show(client, &report, rows);
    json_decref(rows);
    return exit_status;
}

static int say_none(const struct client *client, const char *name) {
    return say_error(&client->options, EXIT_REFUSED, _("List them: thidua spool list"),
                     _("there is no “%s” in the spool"), name);
}

static int drop_asked(struct client *client, struct place *place, const char *name) {
    if (!find(place, name))
        return say_none(client, name);
    int exit_status = confirm(client);
    if (exit_status)
        return exit_status;
    if (!spool_may_send(&place->spool))
        return say_error(&client->options, EXIT_NOT_REACHED, _("Try again in a moment."),
                         _("another process is sending what waits"));
    spool_list_free(&place->list); // another process may have sent it meanwhile
    spool_read(&place->spool, &place->list);
    const struct spool_entry *entry = find(place, name);
    return entry ? drop(client, place, entry) : say_none(client, name);
}

int run_spool_drop(struct client *client) {
    struct place place;
    int exit_status = open_place(client, &place);
    if (!exit_status)
        exit_status = drop_asked(client, &place, client_operand(client, 0));
    close_place(&place);
    return exit_status;
}
