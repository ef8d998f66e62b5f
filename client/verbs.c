#include "client/verbs.h"

#include <stdint.h>
#include <string.h>

#include "client/output/table.h"

static const struct flag advance_flags[] = {
    {"decision", 0, "NO", N_("number of the decision that reopens"), false},
    {"reason", 0, "TEXT", N_("why"), false},
    {0},
};

static const struct flag score_flags[] = {
    {"actual", 0, "CODE=N", N_("the actual figure of a criterion with a target"), true},
    {"note", 0, "TEXT", N_("a note to the lines given"), false},
    {"evidence", 0, "NUMBER;DATE;TITLE", N_("a document that proves them"), true},
    {"if-revision", 0, "N", N_("only if the lines stand at this revision; 0: at none"), false},
    {0},
};

static const struct flag totals_flags[] = {
    {"column", 0, "self|appraised|final", N_("whose points are added up; self"), false},
    {0},
};

static const struct flag status_flags[] = {
    {"check", 0, NULL, N_("exit 1 while anything is missing"), false},
    {0},
};

static const struct flag audit_flags[] = {
    {"since", 0, "SEQ", N_("only the entries after this one"), false},
    {0},
};

static const struct flag invite_flags[] = {
    {"role", 0, "ROLE", N_("officer, head, city, council or auditor"), false},
    {"ttl", 0, "TIME", N_("how long the code can be used; 72h"), false},
    {"label", 0, "TEXT", N_("who or what it is for"), false},
    {"host", 0, "HOST:PORT", N_("the server's address in the line"), false},
    {0},
};

static const struct flag rotate_flags[] = {
    {"ttl", 0, "TIME", N_("how long the code can be used; 72h"), false},
    {"host", 0, "HOST:PORT", N_("the server's address in the line"), false},
    {0},
};

static const struct flag enrol_flags[] = {
    {"force", 0, NULL, N_("replace a profile of another server or account"), false},
    {0},
};

#define MANY SIZE_MAX

const struct verb verbs[] = {
    {"ping", "", N_("ask whether the server answers"), "ping", NULL, 0, 0, false, run_ping},
    {"whoami", "", N_("show the account that the server sees"), "whoami -o json", NULL, 0, 0, false, run_whoami},
    {"version", "", N_("show the versions of this program and of the server"), "version", NULL, 0, 0, false,
     run_version},
    {"enrol", "LINE", N_("swap an invitation for this device's token"), "enrol diem.example.vn:22022:PIN:CODE",
     enrol_flags, 1, 1, false, run_enrol},
    {"period load", "FILE", N_("define or, while draft, redefine a period"), "period load hn-cum-1-2022.conf", NULL, 1,
     1, true, run_period_load},
    {"period list", "", N_("list the periods"), "period list", NULL, 0, 0, false, run_period_list},
    {"period show", "[ID]", N_("show a period's definition and signatures"), "period show hn-cum-1-2022", NULL, 0, 1,
     false, run_period_show},
    {"period advance", "STATE", N_("take a period to its next state"), "period advance scoring -p hn-cum-1-2022",
     advance_flags, 1, 1, true, run_period_advance},
    {"sign", "", N_("sign the commitment for this unit"), "sign -p hn-cum-1-2022", NULL, 0, 0, true, run_sign},
    {"score", "[CODE=POINTS]...", N_("record this unit's own scores, all or none"),
     "score TC1=12,5 TC2=11,75 --evidence \"15/BC-MTTQ-BTT;2022-10-20;Báo cáo năm\"", score_flags, 0, MANY, true,
     run_score},
    {"submit", "", N_("hand in this unit's sheet; prints the receipt"), "submit -o json", NULL, 0, 0, true, run_submit},
    {"sheet", "[UNIT]", N_("show a unit's sheet"), "sheet ba-dinh", NULL, 0, 1, false, run_sheet},
    {"history", "[UNIT] [CODE]", N_("show what changed in a sheet, newest first"), "history ba-dinh TC3", NULL, 0, 2,
     false, run_history},
    {"totals", "", N_("show the board"), "totals -o csv --excel", totals_flags, 0, 0, false, run_totals},
    {"status", "", N_("show who has handed in what"), "status --check", status_flags, 0, 0, false, run_status},
    {"audit", "", N_("show the journal"), "audit --since 100 -o ndjson", audit_flags, 0, 0, false, run_audit},
    {"receipt verify", "FILE", N_("ask whether the journal holds what a receipt proves"), "receipt verify receipt.txt",
     NULL, 1, 1, false, run_receipt_verify},
    {"admin invite", "UNIT|- --role ROLE", N_("make an invitation; prints the line to paste"),
     "admin invite ba-dinh --role head", invite_flags, 1, 1, true, run_admin_invite},
    {"admin rotate", "ID", N_("make an invitation that replaces an account's token"), "admin rotate 3", rotate_flags, 1,
     1, true, run_admin_rotate},
    {"admin accounts", "", N_("list the accounts"), "admin accounts", NULL, 0, 0, false, run_admin_accounts},
    {"admin revoke", "ID", N_("end an account's access"), "admin revoke 3", NULL, 1, 1, true, run_admin_revoke},
    {"admin stats", "", N_("show how the server is doing"), "admin stats", NULL, 0, 0, false, run_admin_stats},
    {"admin backup", "FILE", N_("fetch a verified copy of the store"), "admin backup /srv/thidua-backup.mdb", NULL, 1,
     1, false, run_admin_backup},
    {0},
};

enum { VERB_WIDTH = 38, FLAG_WIDTH = 38 };

static void print_verb(FILE *out, const struct verb *verb) {
    char line[80];
    snprintf(line, sizeof(line), "  %s %s", verb->name, verb->operands);
    table_pad(out, line, VERB_WIDTH);
    fprintf(out, " %s\n", _(verb->summary));
}

static void print_flags(FILE *out, const struct flag *flags) {
    for (; flags && flags->name; flags++) {
        char line[80], letter[] = {'-', flags->letter, ',', ' ', 0};
        snprintf(line, sizeof(line), "  %s--%s %s", flags->letter ? letter : "", flags->name,
                 flags->value ? flags->value : "");
        table_pad(out, line, FLAG_WIDTH);
        fprintf(out, " %s\n", _(flags->meaning));
    }
}

void usage_group(FILE *out, const char *group) {
    size_t n = strlen(group);
    fprintf(out, _("usage: thidua [GLOBAL FLAGS] %s VERB [FLAGS] [OPERANDS]\n\n"), group);
    for (const struct verb *verb = verbs; verb->name; verb++)
        if (!strncmp(verb->name, group, n) && verb->name[n] == ' ')
            print_verb(out, verb);
}

void usage_program(FILE *out) {
    fputs(_("usage: thidua [GLOBAL FLAGS] VERB [FLAGS] [OPERANDS]\n\n"), out);
    for (const struct verb *verb = verbs; verb->name; verb++)
        print_verb(out, verb);
    fputs(_("\nglobal flags:\n"), out);
    print_flags(out, options_flags);
    fputs(_("\nMore on one verb: thidua VERB --help\n"), out);
}

void usage_verb(FILE *out, const struct verb *verb) {
    fprintf(out, _("usage: thidua [GLOBAL FLAGS] %s%s%s%s\n"), verb->name, verb->flags ? _(" [FLAGS]") : "",
            *verb->operands ? " " : "", verb->operands);
    fprintf(out, "\n%s.\n", _(verb->summary));
    if (verb->flags) {
        putc('\n', out);
        print_flags(out, verb->flags);
    }
    fprintf(out, _("\nexample: thidua %s\n"), verb->example);
}
