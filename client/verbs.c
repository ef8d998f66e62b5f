#include "client/verbs.h"

#include <stdint.h>

static const struct flag advance_flags[] = {
    {"decision", 0, "NO", N_("number of the decision that reopens"), false},
    {"reason", 0, "TEXT", N_("why"), false},
    {0},
};

static const struct flag extend_flags[] = {
    {"until", 0, "T", N_("the last second in time: 30/11/2026, 2026-11-30, \"30/11/2026 17:00\" or 2026-11-30T17:00"),
     false},
    {"reason", 0, "TEXT", N_("why"), false},
    {0},
};

static const struct flag reason_flags[] = {
    {"reason", 0, "TEXT", N_("why"), false},
    {0},
};

static const struct flag appraise_flags[] = {
    {"reason", 0, "TEXT", N_("why, for every line of this call; owed where points differ from the unit's own"), false},
    {"dry-run", 0, NULL, N_("record nothing; show points and ranks before and after"), false},
    {"if-revision", 0, "N", N_("only if the lines' appraisal stands at this revision; 0: at none"), false},
    {0},
};

static const struct flag finalize_flags[] = {
    {"all", 0, NULL, N_("every sheet that is not final yet"), false},
    {"reason", 0, "TEXT", N_("why a sheet that was not handed in is closed as it stands"), false},
    {"if-seq", 0, "N", N_("only if this is the last entry that changed the period, as totals names it"), false},
    {0},
};

static const struct flag hold_flags[] = {
    {"reason", 0, "TEXT", N_("why"), false},
    {"lift", 0, NULL, N_("end the hold"), false},
    {0},
};

static const struct flag score_flags[] = {
    {"actual", 0, "CODE=N", N_("the actual figure of a criterion with a target"), true},
    {"note", 0, "TEXT", N_("a note to the lines given"), false},
    {"evidence", 0, "NUMBER;DATE;TITLE", N_("a document that proves them"), true},
    {"if-revision", 0, "N", N_("only if the lines stand at this revision; 0: at none"), false},
    {0},
};

static const struct flag import_flags[] = {
    {"dry-run", 0, NULL, N_("record nothing; say what would be recorded"), false},
    {"partial", 0, NULL, N_("record the lines that are good, although others are refused"), false},
    {"submit", 0, NULL, N_("hand in the sheet once every line is recorded"), false},
    {"appraised", 0, NULL, N_("the file holds the appraised points of many units"), false},
    {"reason", 0, "TEXT", N_("why they are appraised so; goes with --appraised"), false},
    {0},
};

static const struct flag totals_flags[] = {
    {"column", 0, "self|appraised|final", N_("whose points are added up; self"), false},
    {"at", 0, "SEQ|TIME",
     N_("as it stood after this entry, or then: 30/06/2026, 2026-06-30 (at its end), \"30/06/2026 17:00\""), false},
    {"explain", 0, NULL, N_("say why each unit stands where it stands"), false},
    {0},
};

static const struct flag status_flags[] = {
    {"check", 0, NULL, N_("exit 1 while anything is missing"), false},
    {0},
};

static const struct flag audit_flags[] = {
    {"since", 0, "SEQ", N_("only the entries after this one"), false},
    {"unit", 0, "UNIT", N_("only those that concern this unit"), false},
    {"actor", 0, "ACTOR", N_("only those of this one: account:N, local:UID or daemon"), false},
    {0},
};

static const struct flag export_flags[] = {
    {"xlsx", 0, "FILE", N_("write a workbook: the summary, a sheet for each unit, where the figures come from"), false},
    {"html", 0, "FILE", N_("write a page to look at or to print"), false},
    {"column", 0, "self|appraised|final", N_("whose points are added up; self"), false},
    {"at", 0, "SEQ|TIME",
     N_("as it stood after this entry, or then: 30/06/2026, 2026-06-30 (at its end), \"30/06/2026 17:00\""), false},
    {"refresh", 0, "SECONDS", N_("have the page loaded again after this time, on a wall screen"), false},
    {0},
};

static const struct flag receipt_flags[] = {
    {"journal", 0, "FILE", N_("ask an exported journal instead of the server"), false},
    {0},
};

static const struct flag drop_flags[] = {
    {"yes", 0, NULL, N_("do not ask whether it is meant"), false},
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

static const struct flag accounts_flags[] = {
    {"confirm", 0, NULL, N_("after a restored backup: let offices in with these accounts"), false},
    {"yes", 0, NULL, N_("do not ask whether it is meant"), false},
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
    {"help", "[VERB]", N_("show how the program, or a verb, is used"), "help score", NULL, 0, 2, false, run_help},
    {"completion", "bash|zsh|fish", N_("print what makes a shell complete this program's words"),
     "completion bash > ~/.local/share/bash-completion/completions/thidua", NULL, 1, 1, false, run_completion},
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
    {"period extend", "UNIT --until T --reason TEXT", N_("give a unit a deadline of its own"),
     "period extend ba-dinh --until 2026-12-05 --reason \"lũ lụt\"", extend_flags, 1, 1, true, run_period_extend},
    {"sign", "", N_("sign the commitment for this unit"), "sign -p hn-cum-1-2022", NULL, 0, 0, true, run_sign},
    {"score", "[CODE=POINTS]...", N_("record this unit's own scores, all or none"),
     "score TC1=12,5 TC2=11,75 --evidence \"15/BC-MTTQ-BTT;2022-10-20;Báo cáo năm\"", score_flags, 0, MANY, true,
     run_score},
    {"import", "FILE.csv", N_("record scores from a file; a report for each line"), "import phieu-cham.csv --dry-run",
     import_flags, 1, 1, true, run_import},
    {"submit", "", N_("hand in this unit's sheet; prints the receipt"), "submit -o json", NULL, 0, 0, true, run_submit},
    {"sheet", "[UNIT]", N_("show a unit's sheet"), "sheet ba-dinh", NULL, 0, 1, false, run_sheet},
    {"history", "[UNIT] [CODE]", N_("show what changed in a sheet, newest first"), "history ba-dinh TC3", NULL, 0, 2,
     false, run_history},
    {"appraise", "UNIT CODE=POINTS...", N_("record the appraised points of a unit's lines, all or none"),
     "appraise ba-dinh TC1=12 TC3=10,5 --reason \"thiếu minh chứng\"", appraise_flags, 2, MANY, true, run_appraise},
    {"bonus", "UNIT POINTS --reason TEXT", N_("give a unit bonus points"),
     "bonus ba-dinh 1,5 --reason \"cờ thi đua của Thành phố\"", reason_flags, 2, 2, true, run_bonus},
    {"deduct", "UNIT CODE POINTS --reason TEXT", N_("deduct points from a unit's criterion"),
     "deduct ba-dinh TC2 0,5 --reason \"báo cáo quý II chậm\"", reason_flags, 3, 3, true, run_deduct},
    {"return", "UNIT --reason TEXT", N_("give a sheet back to its unit"),
     "return ba-dinh --reason \"TC3: số liệu không khớp\"", reason_flags, 1, 1, true, run_return},
    {"explain", "CODE TEXT", N_("explain a line of this unit that was appraised"),
     "explain TC3 \"số liệu tính đến 31/10\"", NULL, 2, 2, true, run_explain},
    {"finalize", "UNIT...|--all", N_("make the appraised points final"), "finalize --all", finalize_flags, 0, MANY,
     true, run_finalize},
    {"hold", "UNIT --reason TEXT [--lift]", N_("hold a unit's awards, or lift the hold"),
     "hold ba-dinh --reason \"đang có đơn khiếu nại\"", hold_flags, 1, 1, true, run_hold},
    {"nominate", "UNIT AWARD", N_("nominate a unit for an award"), "nominate ba-dinh \"Cờ thi đua\"", NULL, 2, 2, true,
     run_nominate},
    {"totals", "", N_("show the board"), "totals --at 2026-06-30 --explain", totals_flags, 0, 0, false, run_totals},
    {"status", "", N_("show who has handed in what"), "status --check", status_flags, 0, 0, false, run_status},
    {"export", "--xlsx FILE|--html FILE", N_("write the board to a workbook or to a page that prints"),
     "export --xlsx tong-hop.xlsx --html tong-hop.html --column final", export_flags, 0, 0, false, run_export},
    {"audit", "", N_("show the journal"), "audit --since 100 -o ndjson", audit_flags, 0, 0, false, run_audit},
    {"receipt verify", "FILE", N_("ask whether the journal holds what a receipt proves"), "receipt verify receipt.txt",
     receipt_flags, 1, 1, false, run_receipt_verify},
    {"spool list", "", N_("show what could not be sent yet, and what was refused"), "spool list", NULL, 0, 0, false,
     run_spool_list},
    {"spool flush", "", N_("send what could not be sent yet"), "spool flush", NULL, 0, 0, false, run_spool_flush},
    {"spool drop", "ID", N_("remove a request from the spool"), "spool drop 01a20b08-683e-79ec-9128-f78c8d98f680",
     drop_flags, 1, 1, false, run_spool_drop},
    {"admin invite", "UNIT|- --role ROLE", N_("make an invitation; prints the line to paste"),
     "admin invite ba-dinh --role head", invite_flags, 1, 1, true, run_admin_invite},
    {"admin rotate", "ID", N_("make an invitation that replaces an account's token"), "admin rotate 3", rotate_flags, 1,
     1, true, run_admin_rotate},
    {"admin accounts", "", N_("list the accounts, or confirm them after a restored backup"), "admin accounts",
     accounts_flags, 0, 0, true, run_admin_accounts},
    {"admin revoke", "ID", N_("end an account's access"), "admin revoke 3", NULL, 1, 1, true, run_admin_revoke},
    {"admin stats", "", N_("show how the server is doing"), "admin stats", NULL, 0, 0, false, run_admin_stats},
    {"admin backup", "FILE", N_("fetch a verified copy of the store"), "admin backup /srv/thidua-backup.mdb", NULL, 1,
     1, false, run_admin_backup},
    {0},
};
