// import: scores from a file; a unit's own, or with --appraised the appraised column of many units.
#include <stdlib.h>
#include <string.h>

#include "client/import/importing.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/spool_ask.h"
#include "client/verbs.h"

// ---- the command line ----

// Flags that do not go together, and why.
static int judge_flags(const struct client *client) {
    const struct options *options = &client->options;
    bool appraised = arguments_given(&client->arguments, "appraised");
    bool dry_run = arguments_given(&client->arguments, "dry-run");
    const char *with_own[] = {"partial", "submit"};
    for (size_t i = 0; i < 2 && appraised; i++)
        if (arguments_given(&client->arguments, with_own[i]))
            return say_error(options, EXIT_USAGE, _("Leave one of the two out."),
                             _("--%s is for a unit's own scores, which --appraised are not"), with_own[i]);
    if (!appraised && arguments_given(&client->arguments, "reason"))
        return say_error(options, EXIT_USAGE, _("Leave one of the two out."),
                         _("--reason is for appraised points: --appraised"));
    if (options->has_id && dry_run)
        return say_error(options, EXIT_USAGE, _("Leave one of the two out."),
                         _("--id goes with what is recorded, which --dry-run is not"));
    if (options->has_id && (appraised || arguments_given(&client->arguments, "submit")))
        return say_error(options, EXIT_USAGE, _("Leave --id out."),
                         _("--id names one request, and this import takes more than one"));
    return EXIT_DONE;
}

static int take_flags(struct importing *importing) {
    struct client *client = importing->client;
    int exit_status = judge_flags(client);
    bool appraised = arguments_given(&client->arguments, "appraised");
    importing->kind = appraised ? IMPORT_APPRAISED : IMPORT_OWN;
    importing->dry_run = client->asks = arguments_given(&client->arguments, "dry-run");
    importing->partial = arguments_given(&client->arguments, "partial");
    importing->submits = arguments_given(&client->arguments, "submit");
    if (!exit_status && appraised)
        exit_status = client_reason(client, &importing->reason);
    if (!exit_status && !client_period(client, &importing->period))
        exit_status = EXIT_REFUSED;
    return exit_status;
}

// ---- the file ----

static struct complaint complaint_of(const struct importing *importing, const struct finding *finding) {
    const char *path = client_operand(importing->client, 0);
    bool no_input = importing->findings.no_input;
    return (struct complaint){
        .status = no_input ? "NOT_FOUND" : "INVALID_ARGUMENT",
        .reason = no_input ? "NO_INPUT" : "BAD_DATA",
        .message = finding->line ? must_format("%s:%zu: %s", path, finding->line, finding->reason)
                                 : must_format("%s: %s", path, finding->reason),
        .hint = finding->hint ? must_strdup(finding->hint) : NULL,
    };
}

// Nothing of the file can be used: says all that was found.
static int say_findings(const struct importing *importing) {
    const struct findings *findings = &importing->findings;
    struct complaint *complaints = must_alloc(findings->n * sizeof(*complaints));
    size_t count = 0;
    for (size_t i = 0; i < findings->n; i++)
        if (findings->list[i].weight != FINDING_REMARK)
            complaints[count++] = complaint_of(importing, &findings->list[i]);
    say_complaints(&importing->client->options, complaints, count);
    for (size_t i = 0; i < count; i++)
        complaint_free(&complaints[i]);
    free(complaints);
    return findings->no_input ? EXIT_NO_INPUT : EXIT_REFUSED;
}

static void say_remarks(const struct importing *importing) {
    for (size_t i = 0; i < importing->findings.n; i++)
        if (importing->findings.list[i].weight == FINDING_REMARK && !importing->findings.list[i].line)
            say_warning(&importing->client->options, "%s", importing->findings.list[i].reason);
}

static int read_file(struct importing *importing) {
    const char *path = client_operand(importing->client, 0);
    if (!score_rows_read(&importing->read, path, importing->kind, &importing->findings))
        return say_findings(importing);
    say_remarks(importing);
    return EXIT_DONE;
}

// ---- the whole ----

// A unit's own scores can be kept without knowing what stands: where the server cannot be reached, and where others
// wait that this must not overtake.
static bool goes_to_spool(struct importing *importing, int learned) {
    if (importing->kind != IMPORT_OWN || importing->dry_run || importing->client->options.no_spool)
        return false;
    return learned ? importing_may_keep(learned) : spool_in_line(importing->client);
}

static void forget(struct importing *importing) {
    session_close(importing->session);
    importing->session = NULL;
    importing->sheet = NULL;
    importing->about = NULL;
}

static int import(struct importing *importing) {
    int exit_status = importing_learn(importing);
    bool blind = goes_to_spool(importing, exit_status);
    if (exit_status && !blind)
        return importing_say(importing, exit_status);
    if (blind)
        forget(importing);
    import_rows_init(&importing->rows, &importing->client->options, &importing->roster, &importing->read,
                     &importing->findings);
    exit_status = importing->kind == IMPORT_OWN ? import_own(importing) : import_appraised(importing);
    return importing_end(importing, exit_status);
}

int run_import(struct client *client) {
    struct importing importing = {.client = client, .seqs = must(json_array())};
    int exit_status = take_flags(&importing);
    if (!exit_status)
        exit_status = read_file(&importing);
    if (!exit_status)
        exit_status = import(&importing);
    session_close(importing.session);
    heard_forget(&importing.heard);
    appraised_units_free(&importing.units);
    import_rows_free(&importing.rows);
    roster_free(&importing.roster);
    score_rows_free(&importing.read);
    findings_free(&importing.findings);
    json_decref(importing.seqs);
    json_decref(importing.receipt);
    return exit_status;
}
