#include "client/trouble.h"

#include <stdlib.h>
#include <string.h>

#include "client/instant.h"
#include "client/memory.h"
#include "client/refusal.h"
#include "proto/frame.h"
#include "proto/reasons.h"

#define DAY_MS INT64_C(86400000)

static int say_unknown(const struct trouble *trouble, int exit_status, const char *why) {
    const struct client *client = trouble->client;
    if (client->unsure)
        return say_reason(&client->options, exit_status, "OUTCOME_UNKNOWN", client->unsure,
                          _("the outcome is unknown: the request was sent, and then: %s"), why);
    char id[UUID_TEXT], *resend = client_resend(client);
    char *hint = must_format(_("Sending it again with the same id is safe: %s"), resend);
    say_reason(&client->options, exit_status, "OUTCOME_UNKNOWN", hint,
               _("the outcome of submission %s is unknown: it was sent, and then: %s"), uuid_text(id, client->id), why);
    free(hint);
    free(resend);
    return exit_status;
}

int trouble_no_server(const struct options *options) {
    return say_error(options, EXIT_NOT_REACHED,
                     _("Name a server: -s HOST:PORT, or enrol this device: thidua enrol LINE"),
                     _("no server is named, and none runs on this machine"));
}

int trouble_link(const struct trouble *trouble, enum link_verdict verdict) {
    const struct options *options = &trouble->client->options;
    const char *at = trouble->at, *why = trouble->why;
    switch (verdict) {
    case LINK_WRONG_KEY:
        return say_reason(options, EXIT_PROTOCOL, "PIN_MISMATCH",
                          _("Nothing was sent. If the server's key was renewed, ask for a new invitation."),
                          _("the key of %s is not the pinned one"), at);
    case LINK_NOT_TLS:
        return say_error(options, EXIT_PROTOCOL, _("Check the address; the server speaks TLS 1.3."),
                         _("the TLS handshake with %s failed: %s"), at, why);
    case LINK_DENIED:
        return say_error(options, EXIT_NOT_PERMITTED, _("Ask to be made a member of the administration's group."),
                         _("%s may not be used by this user: %s"), at, why);
    case LINK_INTERRUPTED:
        return say_error(options, EXIT_INTERRUPTED, NULL, _("interrupted"));
    default:
        return say_error(options, EXIT_NOT_REACHED, _("Check the address and whether the server runs, then try again."),
                         _("%s cannot be reached: %s"), at, why);
    }
}

int trouble_lost(const struct trouble *trouble, enum link_verdict verdict) {
    if (trouble->writing)
        return say_unknown(trouble, verdict == LINK_INTERRUPTED ? EXIT_INTERRUPTED : EXIT_UNKNOWN, trouble->why);
    if (verdict == LINK_INTERRUPTED)
        return say_error(&trouble->client->options, EXIT_INTERRUPTED, NULL, _("interrupted"));
    return say_error(&trouble->client->options, EXIT_NOT_REACHED, _("Try again."),
                     _("the connection to %s was lost: %s"), trouble->at, trouble->why);
}

int trouble_not_ours(const struct trouble *trouble, const char *what) {
    if (trouble->writing)
        return say_unknown(trouble, EXIT_PROTOCOL, what);
    return say_error(&trouble->client->options, EXIT_PROTOCOL,
                     _("Check that the address is that of thiduad, and both versions: thidua version"), "%s: %s",
                     trouble->at, what);
}

// A caller without an account meets the short limit before anything is asked about the account: what is wrong is that
// there is none.
static bool needs_account(const struct trouble *trouble, const Pb__Response *response) {
    const Pb__Problem *problem = response->n_problems ? response->problems[0] : NULL;
    if (trouble->authenticates || !problem || !problem->reason || strcmp(problem->reason, "FRAME_TOO_LONG") != 0)
        return false;
    for (size_t i = 0; i < problem->n_arguments; i++) {
        const Pb__Argument *argument = problem->arguments[i];
        if (argument->name && !strcmp(argument->name, "limit") && argument->value_case == PB__ARGUMENT__VALUE_NUMBER &&
            argument->number <= FRAME_LIMIT_UNAUTHENTICATED)
            return true;
    }
    return false;
}

int trouble_refusal(const struct trouble *trouble, const Pb__Response *response) {
    const struct reason_entry *entry = reason_entry(REASON_NOT_AUTHENTICATED);
    Pb__Problem problem = PB__PROBLEM__INIT, *problems[] = {&problem};
    Pb__Response instead = PB__RESPONSE__INIT;
    problem.reason = entry->code;
    instead.status = entry->status;
    instead.n_problems = 1;
    instead.problems = problems;
    return refusal_say(&trouble->client->options, needs_account(trouble, response) ? &instead : response);
}

void trouble_expiry(const struct options *options, const Pb__AuthenticateReply *reply, const Pb__HelloReply *hello) {
    char text[INSTANT_TEXT];
    int64_t now = hello && hello->has_time_ms ? hello->time_ms : instant_now();
    if (!reply || !reply->has_expires_ms || reply->expires_ms > now + 30 * DAY_MS)
        return;
    say_warning(options,
                _("warning: this device's access ends on %s; ask the administrator for: thidua admin rotate %u"),
                instant_for_people(text, reply->expires_ms), reply->account);
}
