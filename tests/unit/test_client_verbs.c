// What the verbs of the scoring year send, and what they make of the answers.
#include "tests/unit/client_run.h"

// ---- deadlines ----

static void an_extension_is_until_the_last_second(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__ExtendReply reply = PB__EXTEND_REPLY__INIT;
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_EXTEND;
    answer.extend = &reply;
    reply.has_seq = reply.has_until_ms = true;
    reply.seq = 57;
    reply.period = "p";
    reply.unit = "quan-ba-dinh";
    reply.until_ms = 1796058000000;
    RUN(&run, &answer, "period", "extend", "ba-dinh", "--until", "2026-11-30", "--reason", "lũ lụt", "-ojson", "--id",
        ID);
    assert_int_equal(run.exit_status, EXIT_DONE);
    assert_int_equal(run.request->body_case, PB__REQUEST__BODY_EXTEND);
    assert_true(run.request->has_submission);
    assert_int_equal(run.request->extend->until_ms, 1796058000000);
    assert_string_equal(run.request->extend->unit, "ba-dinh");
    assert_string_equal(run.request->extend->reason, "lũ lụt");
    assert_string_equal(run.out,
                        HEAD "\"period\":\"p\",\"unit\":\"quan-ba-dinh\",\"until\":\"2026-11-30T23:59:59.000+07:00\","
                             "\"replayed\":false}\n");
    finish(&run);
    ASSERT_USAGE("--until is missing", "period", "extend", "ba-dinh", "--reason", "x");
    ASSERT_USAGE("is no time", "period", "extend", "ba-dinh", "--until", "tomorrow", "--reason", "x");
    ASSERT_USAGE("--reason is missing", "period", "advance", "appraisal", "--reason", "");
    ASSERT_USAGE("--reason is missing", "period", "extend", "ba-dinh", "--until", "2026-11-30");
}

static void a_refused_deadline_is_read_as_it_was_written(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__Problem problem = PB__PROBLEM__INIT, *problems[] = {&problem};
    Pb__Argument time = PB__ARGUMENT__INIT, *arguments[] = {&time};
    struct run run;
    (void)state;
    answer.status = PB__STATUS__INVALID_ARGUMENT;
    answer.n_problems = problem.n_arguments = 1;
    answer.problems = problems;
    problem.arguments = arguments;
    problem.reason = "UNTIL_PASSED";
    time.name = "time";
    time.value_case = PB__ARGUMENT__VALUE_TIME_MS;
    time.time_ms = 1796058000000;
    RUN(&run, &answer, "period", "extend", "x", "--until", "2026-11-30", "--reason", "x");
    assert_int_equal(run.exit_status, EXIT_REFUSED);
    assert_says(run.err, "30/11/2026 23:59:59 has passed already. (UNTIL_PASSED)");
    finish(&run);
}

// ---- appraisal ----

static void an_appraisal_is_sent_whole(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__AppraiseReply reply = PB__APPRAISE_REPLY__INIT;
    Pb__LineReply line = PB__LINE_REPLY__INIT, *lines[] = {&line};
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_APPRAISE;
    answer.appraise = &reply;
    reply.has_seq = reply.has_pending = reply.has_total_cp = true;
    reply.seq = 57;
    reply.period = "p";
    reply.unit = "quan-ba-dinh";
    reply.total_cp = 9250;
    reply.n_lines = 1;
    reply.lines = lines;
    line.criterion = "TC3";
    line.has_points_cp = line.has_revision = true;
    line.points_cp = 1050;
    line.revision = 2;
    RUN(&run, &answer, "appraise", "ba-dinh", "TC3=10,5", "tc4=12", "--if-revision", "1", "--reason", "vì", "-ojson",
        "--id", ID);
    assert_int_equal(run.exit_status, EXIT_DONE);
    assert_int_equal(run.request->body_case, PB__REQUEST__BODY_APPRAISE);
    const Pb__Appraise *appraise = run.request->appraise;
    assert_true(run.request->has_submission);
    assert_int_equal(appraise->n_lines, 2);
    assert_string_equal(appraise->lines[0]->criterion, "TC3");
    assert_int_equal(appraise->lines[0]->points_cp, 1050);
    assert_int_equal(appraise->lines[1]->points_cp, 1200);
    assert_int_equal(appraise->lines[1]->if_revision, 1);
    assert_true(appraise->lines[0]->has_if_revision);
    assert_string_equal(appraise->reason, "vì");
    assert_string_equal(run.out,
                        HEAD "\"unit\":\"quan-ba-dinh\",\"lines\":[{\"criterion\":\"TC3\",\"points\":10.5,"
                             "\"revision\":2}],\"pending\":0,\"total\":92.5,\"replayed\":false,\"period\":\"p\"}\n");
    assert_string_equal(run.err, "");
    finish(&run);
    RUN(&run, &answer, "appraise", "ba-dinh", "TC3=10,5");
    assert_says(run.err, "thidua finalize quan-ba-dinh");
    assert_false(run.request->appraise->lines[0]->has_if_revision);
    assert_null(run.request->appraise->reason);
    finish(&run);
    RUN(&run, &answer, "appraise", "ba-dinh", "TC3=10,5", "-q");
    assert_string_equal(run.err, "");
    finish(&run);
}

static void wrong_appraisals_are_told(void **state) {
    (void)state;
    ASSERT_USAGE("CODE=VALUE", "appraise", "ba-dinh", "TC3");
    ASSERT_USAGE("--if-revision", "appraise", "ba-dinh", "TC3=1", "--if-revision", "x");
    ASSERT_USAGE("--reason is missing", "appraise", "ba-dinh", "TC3=1", "--reason", "");
    ASSERT_USAGE("--dry-run", "appraise", "ba-dinh", "TC3=1", "--dry-run", "--id", ID);
    assert_refused(EXIT_REFUSED, "TC3: “1.250”", (const char *const[]){"appraise", "ba-dinh", "TC3=1.250", NULL});
}

static void a_dry_run_only_asks(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__PreviewReply reply = PB__PREVIEW_REPLY__INIT;
    Pb__PreviewLine line = PB__PREVIEW_LINE__INIT, *lines[] = {&line};
    Pb__PreviewRow up = PB__PREVIEW_ROW__INIT, down = PB__PREVIEW_ROW__INIT, *rows[] = {&up, &down};
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_APPRAISE_PREVIEW;
    answer.appraise_preview = &reply;
    reply.has_seq = true;
    reply.seq = 57;
    reply.period = "p";
    reply.unit = "a";
    reply.n_lines = 1;
    reply.lines = lines;
    reply.n_rows = 2;
    reply.rows = rows;
    line.criterion = "TC1";
    line.has_self_cp = line.has_after_cp = true;
    line.self_cp = 1250;
    line.after_cp = 1200;
    up.unit = "a";
    up.name = "Ba Đình";
    down.unit = "b";
    down.name = "Đống Đa";
    up.has_rank_before = up.has_rank_after = up.has_total_before_cp = up.has_total_after_cp = true;
    up.rank_before = 3;
    up.rank_after = 1;
    up.total_before_cp = 9000;
    up.total_after_cp = 9350;
    down.has_rank_before = down.has_rank_after = true;
    down.rank_before = 1;
    down.rank_after = 2;
    RUN(&run, &answer, "appraise", "a", "TC1=12", "--dry-run", "-ojson");
    assert_int_equal(run.exit_status, EXIT_DONE);
    assert_int_equal(run.request->body_case, PB__REQUEST__BODY_APPRAISE_PREVIEW);
    assert_false(run.request->has_submission);
    assert_string_equal(run.out,
                        "{\"unit\":\"a\",\"seq\":57,\"lines\":[{\"criterion\":\"TC1\",\"self\":12.5,\"before\":null,"
                        "\"after\":12}],\"rows\":[{\"unit\":\"a\",\"name\":\"Ba Đình\",\"rank_before\":3,"
                        "\"rank_after\":1,\"total_before\":90,\"total_after\":93.5},{\"unit\":\"b\",\"name\":"
                        "\"Đống Đa\",\"rank_before\":1,\"rank_after\":2,\"total_before\":null,\"total_after\":null}],"
                        "\"period\":\"p\"}\n");
    finish(&run);
    RUN(&run, &answer, "appraise", "a", "TC1=12", "--dry-run", "-ocsv");
    assert_string_equal(run.out,
                        "unit,name,rank_before,rank_after,total_before,total_after\r\na,Ba Đình,3,1,90,93.5\r\n"
                        "b,Đống Đa,1,2,,\r\n");
    finish(&run);
    RUN(&run, &answer, "appraise", "a", "TC1=12", "--dry-run");
    assert_says(run.out, "DRY RUN");
    assert_says(run.out, "TC1              12.50       —  12.00\n");
    assert_says(run.out, "Ba Đình            3           1  ↑2            90.00        93.50\n");
    assert_says(run.out, "Đống Đa            1           2  ↓1                —            —\n");
    finish(&run);
}

// ---- the city's and the council's verbs ----

static void bonus_and_deduction_say_what_counts(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__AdjustReply reply = PB__ADJUST_REPLY__INIT;
    Pb__Figures figures = PB__FIGURES__INIT;
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_ADJUST;
    answer.adjust = &reply;
    reply.has_seq = reply.has_points_cp = true;
    reply.seq = 57;
    reply.unit = "a";
    reply.period = "p";
    reply.points_cp = 150;
    reply.appraised = &figures;
    figures.has_bonus_cp = figures.has_deduction_cp = figures.has_total_cp = true;
    figures.bonus_cp = 250;
    figures.deduction_cp = 100;
    figures.total_cp = 9150;
    RUN(&run, &answer, "bonus", "a", "1,5", "--reason", "cờ", "-ojson", "--id", ID);
    assert_int_equal(run.request->body_case, PB__REQUEST__BODY_ADJUST);
    assert_null(run.request->adjust->criterion);
    assert_int_equal(run.request->adjust->points_cp, 150);
    assert_string_equal(run.out, HEAD "\"unit\":\"a\",\"criterion\":null,\"points\":1.5,\"bonus\":2.5,\"deduction\":1,"
                                      "\"total\":91.5,\"replayed\":false,\"period\":\"p\"}\n");
    finish(&run);
    reply.criterion = "TC2";
    RUN(&run, &answer, "deduct", "a", "tc2", "1,5", "--reason", "chậm");
    assert_string_equal(run.request->adjust->criterion, "tc2");
    assert_string_equal(run.request->adjust->reason, "chậm");
    assert_says(run.out, "Deducted from                 TC2\n");
    assert_says(run.out, "Given                         1.50\n");
    assert_says(run.out, "Deduction that counts in all  1.00\n");
    finish(&run);
    ASSERT_USAGE("--reason is missing", "bonus", "a", "1");
    ASSERT_USAGE("--reason is missing", "deduct", "a", "TC2", "1", "--reason", " ");
    assert_refused(EXIT_REFUSED, "changes nothing", (const char *const[]){"bonus", "a", "0", "--reason", "x", NULL});
    assert_refused(EXIT_REFUSED, "negative", (const char *const[]){"bonus", "--reason", "x", "--", "a", "-1", NULL});
}

static void a_sheet_is_given_back_with_a_reason(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__SheetWriteReply reply = PB__SHEET_WRITE_REPLY__INIT;
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_RETURN_SHEET;
    answer.return_sheet = &reply;
    reply.has_seq = reply.has_state = true;
    reply.seq = 57;
    reply.unit = "a";
    reply.period = "p";
    reply.state = PB__SHEET_STATE__RETURNED;
    RUN(&run, &answer, "return", "a", "--reason", "TC3", "-ojson", "--id", ID);
    assert_string_equal(run.request->return_sheet->unit, "a");
    assert_string_equal(run.out, HEAD "\"unit\":\"a\",\"sheet\":\"returned\",\"replayed\":false,\"period\":\"p\"}\n");
    finish(&run);
    ASSERT_USAGE("--reason is missing", "return", "a");
}

static void an_explanation_names_its_line(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__ExplainReply reply = PB__EXPLAIN_REPLY__INIT;
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_EXPLAIN;
    answer.explain = &reply;
    reply.has_seq = true;
    reply.seq = 57;
    reply.unit = "a";
    reply.criterion = "TC3";
    RUN(&run, &answer, "explain", "tc3", "số liệu", "-ojson", "--id", ID);
    assert_string_equal(run.request->explain->criterion, "tc3");
    assert_string_equal(run.request->explain->text, "số liệu");
    assert_string_equal(run.out, HEAD "\"unit\":\"a\",\"criterion\":\"TC3\",\"replayed\":false,\"period\":null}\n");
    finish(&run);
    ASSERT_USAGE("empty", "explain", "TC3", " ");
}

static void sheets_are_final_by_name_or_all(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__FinalizeReply reply = PB__FINALIZE_REPLY__INIT;
    Pb__FinalRow row = PB__FINAL_ROW__INIT, none = PB__FINAL_ROW__INIT, *rows[] = {&row, &none};
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_FINALIZE;
    answer.finalize = &reply;
    reply.has_seq = reply.has_replayed = reply.replayed = true;
    reply.seq = 57;
    reply.period = "p";
    reply.n_rows = 2;
    reply.rows = rows;
    row.unit = "a";
    none.unit = "b";
    row.has_total_cp = true;
    row.total_cp = 9150;
    RUN(&run, &answer, "finalize", "a", "b", "--reason", "không nộp", "-ojson", "--id", ID);
    assert_int_equal(run.request->finalize->n_units, 2);
    assert_string_equal(run.request->finalize->units[1], "b");
    assert_string_equal(run.request->finalize->reason, "không nộp");
    assert_string_equal(run.out, HEAD
                        "\"period\":\"p\",\"rows\":[{\"unit\":\"a\",\"total\":91.5},{\"unit\":\"b\",\"total\":null}],"
                        "\"replayed\":true}\n");
    finish(&run);
    RUN(&run, &answer, "finalize", "--all", "-ocsv");
    assert_int_equal(run.request->finalize->n_units, 0);
    assert_null(run.request->finalize->reason);
    assert_false(run.request->finalize->has_if_seq);
    assert_string_equal(run.out, "unit,total\r\na,91.5\r\nb,\r\n");
    finish(&run);
    ASSERT_USAGE("no unit is named", "finalize");
    ASSERT_USAGE("beside --all", "finalize", "--all", "a");
    ASSERT_USAGE("--if-seq", "finalize", "--all", "--if-seq", "x");
    ASSERT_USAGE("--reason is missing", "finalize", "--all", "--reason", " ");
}

static void a_hold_is_put_and_lifted(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__HoldReply reply = PB__HOLD_REPLY__INIT;
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_HOLD;
    answer.hold = &reply;
    reply.has_seq = reply.has_held = reply.held = true;
    reply.seq = 57;
    reply.unit = "a";
    reply.period = "p";
    RUN(&run, &answer, "hold", "a", "--reason", "khiếu nại", "-ojson", "--id", ID);
    assert_false(run.request->hold->lift);
    assert_string_equal(run.out, HEAD "\"unit\":\"a\",\"held\":true,\"replayed\":false,\"period\":\"p\"}\n");
    finish(&run);
    reply.held = false;
    RUN(&run, &answer, "hold", "a", "--lift", "--reason", "xong");
    assert_true(run.request->hold->lift);
    assert_says(run.err, "can be nominated");
    finish(&run);
    ASSERT_USAGE("--reason is missing", "hold", "a", "--lift");
}

static void a_nomination_names_the_award(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__NominateReply reply = PB__NOMINATE_REPLY__INIT;
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_NOMINATE;
    answer.nominate = &reply;
    reply.has_seq = true;
    reply.seq = 57;
    reply.unit = "a";
    reply.period = "p";
    reply.award = "Cờ thi đua";
    RUN(&run, &answer, "nominate", "a", "Cờ thi đua", "-ojson", "--id", ID);
    assert_string_equal(run.request->nominate->award, "Cờ thi đua");
    assert_string_equal(run.out, HEAD "\"unit\":\"a\",\"award\":\"Cờ thi đua\",\"replayed\":false,\"period\":\"p\"}\n");
    finish(&run);
    ASSERT_USAGE("empty", "nominate", "a", "");
}

static void a_locked_period_prints_its_board_s_hash(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__PeriodWriteReply reply = PB__PERIOD_WRITE_REPLY__INIT;
    uint8_t hash[] = {0xab, 0xcd};
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_PERIOD_ADVANCE;
    answer.period_advance = &reply;
    reply.has_seq = reply.has_state = reply.has_board_hash = true;
    reply.seq = 57;
    reply.period = "p";
    reply.state = PB__PERIOD_STATE__LOCKED;
    reply.board_hash = (ProtobufCBinaryData){.len = sizeof(hash), .data = hash};
    RUN(&run, &answer, "period", "advance", "locked", "-ojson", "--id", ID);
    assert_string_equal(run.out, HEAD "\"period\":\"p\",\"state\":\"locked\",\"hash\":null,\"voided\":[],"
                                      "\"board_hash\":\"abcd\"}\n");
    finish(&run);
    RUN(&run, &answer, "period", "advance", "locked");
    assert_says(run.out, "Final board's hash  abcd\n");
    assert_says(run.err, "minutes");
    finish(&run);
    reply.state = PB__PERIOD_STATE__PUBLISHED;
    reply.has_board_hash = false;
    reply.board_hash.len = 0;
    RUN(&run, &answer, "period", "advance", "published");
    assert_null(strstr(run.out, "Final board's hash"));
    assert_says(run.err, "period advance locked -p p\n");
    finish(&run);
}

// ---- the board ----

static const Pb__Board no_board = PB__BOARD__INIT;
static const Pb__BoardRow no_row = PB__BOARD_ROW__INIT;
static const Pb__Why no_why = PB__WHY__INIT;

enum { ROWS = 4 };

struct board {
    Pb__Response answer;
    Pb__Board board;
    Pb__BoardRow rows[ROWS], *list[ROWS];
    Pb__Why why[ROWS];
};

// Four units: the second has less than the first, the third as much and more deductions, the fourth shares the rank.
static void make_board(struct board *made) {
    static const char *const units[] = {"a", "b", "c", "d"}, *const names[] = {"Ba Đình", "Hoàng Mai", "Đống Đa",
                                                                               "Long Biên"};
    *made = (struct board){.answer = PB__RESPONSE__INIT, .board = no_board};
    made->answer.body_case = PB__RESPONSE__BODY_TOTALS;
    made->answer.totals = &made->board;
    made->board.has_seq = made->board.has_time_ms = made->board.has_provisional = made->board.provisional = true;
    made->board.seq = 57;
    made->board.time_ms = 1667099564120;
    made->board.period = "p";
    made->board.n_rows = ROWS;
    made->board.rows = made->list;
    for (size_t i = 0; i < ROWS; i++) {
        made->rows[i] = no_row;
        made->why[i] = no_why;
        made->list[i] = &made->rows[i];
        made->rows[i].unit = units[i];
        made->rows[i].name = names[i];
        made->rows[i].why = i ? &made->why[i] : NULL;
        made->why[i].above = i ? units[i - 1] : NULL;
        made->why[i].has_own_cp = made->why[i].has_above_cp = true;
    }
    made->why[1].by = "total";
    made->why[1].own_cp = 9250;
    made->why[1].above_cp = 9300;
    made->why[2].by = "deduction";
    made->why[2].own_cp = 100;
    made->why[3].has_own_cp = made->why[3].has_above_cp = false;
}

static void a_board_says_why(void **state) {
    struct board board;
    struct run run;
    (void)state;
    make_board(&board);
    RUN(&run, &board.answer, "totals", "--explain", "-ojson");
    assert_true(run.request->totals->explain);
    assert_false(run.request->totals->has_at_seq || run.request->totals->has_at_ms);
    assert_says(run.out, "\"why\":null}");
    assert_says(run.out, "\"why\":{\"above\":\"a\",\"by\":\"total\",\"own\":92.5,\"above_points\":93}}");
    assert_says(run.out, "\"why\":{\"above\":\"c\",\"by\":null,\"own\":null,\"above_points\":null}}");
    assert_says(run.out,
                "],\"time\":\"2022-10-30T10:12:44.120+07:00\",\"at\":null,\"board_hash\":null,\"tie_breaks\":[]}");
    finish(&run);
    board.why[3].by = "TC3";
    board.why[3].has_above_cp = true;
    board.why[3].above_cp = 1250;
    RUN(&run, &board.answer, "totals", "--explain");
    assert_says(run.out, "92.50 < 93.00 of Ba Đình\n");
    assert_says(run.out, "tied on total with Hoàng Mai, but Hoàng Mai has fewer deductions: 0.00 < 1.00\n");
    assert_says(run.out, "tied on total with Đống Đa, but Đống Đa has more points in TC3: 12.50 > —\n");
    assert_says(run.out, "PROVISIONAL");
    finish(&run);
    board.why[3].by = NULL;
    board.why[1].has_own_cp = false;
    RUN(&run, &board.answer, "totals", "--explain");
    assert_says(run.out, "shares the rank with Đống Đa: nothing sets them apart\n");
    assert_says(run.out, "no points yet; Ba Đình has 93.00\n");
    finish(&run);
}

static void the_board_s_csv_keeps_its_header(void **state) {
    struct board board;
    struct run run;
    (void)state;
    make_board(&board);
    RUN(&run, &board.answer, "totals", "--at", "57", "-ocsv");
    assert_begins(run.out, "rank,unit,name,base,bonus,deduction,total,scored,of,sheet,class\r\n");
    finish(&run);
}

static void assert_asked_at(const char *at, uint64_t seq, int64_t ms, const char *echo, const char *note) {
    struct board board;
    struct run run;
    make_board(&board);
    RUN(&run, &board.answer, "totals", "--at", at, "-ojson");
    assert_int_equal(run.exit_status, EXIT_DONE);
    assert_int_equal(run.request->totals->has_at_seq, seq > 0);
    assert_int_equal(run.request->totals->has_at_ms, !seq);
    assert_int_equal(run.request->totals->at_seq, seq);
    assert_int_equal(run.request->totals->at_ms, ms);
    assert_says(run.out, echo);
    finish(&run);
    RUN(&run, &board.answer, "totals", "--at", at);
    assert_says(run.out, note);
    assert_says(run.out, "Provisional then.");
    assert_null(strstr(run.out, "PROVISIONAL"));
    finish(&run);
}

static void a_past_board_says_so(void **state) {
    (void)state;
    assert_asked_at("41", 41, 0, "\"at\":41,", "THE PAST: as it stood after entry 41.");
    assert_asked_at("2022-10-30", 0, 1667149199999, "\"at\":\"2022-10-30T23:59:59.999+07:00\",",
                    "THE PAST: as it stood on 30/10/2022 23:59:59.");
    assert_asked_at("2022-10-30T10:12:44.120+07:00", 0, 1667099564120, "\"at\":\"2022-10-30T10:12:44.120+07:00\",",
                    "30/10/2022 10:12:44.");
    ASSERT_USAGE("--at", "totals", "--at", "0");
    ASSERT_USAGE("--at", "totals", "--at", "yesterday");
}

// ---- what is read beside it ----

static void status_tells_lateness_and_holds(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__StatusReply reply = PB__STATUS_REPLY__INIT;
    Pb__StatusRow late = PB__STATUS_ROW__INIT, hidden = PB__STATUS_ROW__INIT, *rows[] = {&late, &hidden};
    const char *awards[] = {"Cờ thi đua", "Bằng khen"};
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_STATUS_ROWS;
    answer.status_rows = &reply;
    reply.n_rows = 2;
    reply.rows = rows;
    late.unit = "a";
    late.has_late = late.late = late.has_late_ms = late.has_until_ms = late.has_held = late.held = true;
    late.late_ms = 93784500;
    late.until_ms = 1796058000000;
    late.n_awards = 2;
    late.awards = awards;
    hidden.unit = "b";
    hidden.has_hidden = hidden.hidden = true;
    RUN(&run, &answer, "status", "-ojson");
    assert_says(run.out,
                "\"late\":true,\"appraised\":null,\"missing\":[],\"name\":null,\"late_seconds\":93784.5,"
                "\"until\":\"2026-11-30T23:59:59.000+07:00\",\"held\":true,\"awards\":[\"Cờ thi đua\",\"Bằng khen\"]}");
    assert_says(run.out, "\"late_seconds\":null,\"until\":null,\"held\":null,\"awards\":null}");
    finish(&run);
    RUN(&run, &answer, "status", "-ocsv");
    assert_begins(run.out, "unit,scored,of,sheet,late,appraised,missing,late_seconds,until,held,awards\r\n");
    assert_says(run.out, ",true,,,93784.5,2026-11-30T23:59:59.000+07:00,true,Cờ thi đua | Bằng khen\r\n");
    finish(&run);
    RUN(&run, &answer, "status");
    assert_says(run.out, "yes, by 1 d 02:03:05");
    assert_says(run.out, "Own deadline         On hold  Nominated for\n");
    assert_says(run.out, "30/11/2026 23:59:59  yes      Cờ thi đua | Bằng khen\n");
    finish(&run);
    reply.rows = rows + 1;
    reply.n_rows = 1;
    RUN(&run, &answer, "status");
    assert_null(strstr(run.out, "On hold"));
    finish(&run);
}

static void a_late_hand_in_says_how_late(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__SubmitReply reply = PB__SUBMIT_REPLY__INIT;
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_SUBMIT;
    answer.submit = &reply;
    reply.has_late = reply.late = reply.has_late_ms = true;
    reply.late_ms = 61000;
    RUN(&run, &answer, "submit", "-ojson");
    assert_says(run.out, "\"replayed\":false,\"late_seconds\":61}");
    finish(&run);
    RUN(&run, &answer, "submit");
    assert_says(run.out, "Late              yes, by 00:01:01\n");
    finish(&run);
}

static void make_sheet(Pb__SheetReply *reply, Pb__SheetLine *line, Pb__Adjustment adjustments[2],
                       Pb__Figures *figures) {
    reply->unit = "a";
    reply->has_total_cp = true;
    reply->total_cp = 1250;
    line->criterion = "TC3";
    line->has_points_cp = line->has_appraised_cp = line->has_deducted_cp = line->has_appraised_revision = true;
    line->points_cp = 1250;
    line->appraised_cp = 1050;
    line->appraised_revision = 1;
    line->deducted_cp = 50;
    line->appraised_reason = "thiếu";
    line->explanation = "đã bổ sung";
    adjustments[0].has_seq = adjustments[0].has_points_cp = adjustments[1].has_seq = adjustments[1].has_points_cp =
        true;
    adjustments[0].criterion = "TC3";
    adjustments[0].points_cp = 50;
    adjustments[1].points_cp = 100;
    adjustments[1].reason = "cờ";
    figures->has_base_cp = figures->has_bonus_cp = figures->has_deduction_cp = figures->has_total_cp = true;
    figures->base_cp = 1050;
    figures->bonus_cp = 100;
    figures->deduction_cp = 50;
    figures->total_cp = 1100;
}

static void a_sheet_shows_its_judgement(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__SheetReply reply = PB__SHEET_REPLY__INIT;
    Pb__SheetLine line = PB__SHEET_LINE__INIT, *lines[] = {&line};
    Pb__Adjustment adjustments[] = {PB__ADJUSTMENT__INIT, PB__ADJUSTMENT__INIT},
                   *list[] = {adjustments, adjustments + 1};
    Pb__Figures figures = PB__FIGURES__INIT;
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_SHEET;
    answer.sheet = &reply;
    reply.n_lines = 1;
    reply.lines = lines;
    RUN(&run, &answer, "sheet");
    assert_null(strstr(run.out, "Appraised"));
    assert_null(strstr(run.out, "Final"));
    assert_null(strstr(run.out, "Bonus"));
    finish(&run);
    make_sheet(&reply, &line, adjustments, &figures);
    reply.appraised = &figures;
    reply.hold = "khiếu nại";
    reply.n_adjustments = 2;
    reply.adjustments = list;
    RUN(&run, &answer, "sheet", "-ojson");
    assert_says(run.out, "\"appraised\":10.5,\"appraised_revision\":1,\"appraised_reason\":\"thiếu\",\"final\":null,"
                         "\"deducted\":0.5,\"explanation\":\"đã bổ sung\"}]");
    assert_says(run.out,
                "\"appraised\":{\"base\":10.5,\"bonus\":1,\"deduction\":0.5,\"total\":11},\"final\":null,"
                "\"adjustments\":[{\"seq\":0,\"time\":null,\"criterion\":\"TC3\",\"points\":0.5,\"reason\":null,"
                "\"actor\":null},");
    assert_says(run.out, "\"hold\":\"khiếu nại\",\"awards\":[],\"until\":null,\"late_seconds\":null,\"max\":null,"
                         "\"return_reason\":null}");
    finish(&run);
    RUN(&run, &answer, "sheet", "-ocsv");
    assert_string_equal(run.out, "unit,criterion,points,actual,note,evidence,revision\r\na,TC3,12.5,,,,\r\n");
    finish(&run);
    RUN(&run, &answer, "sheet");
    assert_says(run.out, "Appraised total        11.00\n");
    assert_null(strstr(run.out, "STILL TO APPRAISE"));
    assert_says(run.out, "On hold                khiếu nại\n");
    assert_says(run.out, "deduction  TC3          0.50  —\n");
    assert_says(run.out, "bonus      —            1.00  cờ\n");
    finish(&run);
    line.has_assigned = line.assigned = true;
    line.has_appraised_cp = false;
    RUN(&run, &answer, "sheet");
    assert_says(run.out, "STILL TO APPRAISE: 1;");
    finish(&run);
}

static void history_has_both_totals(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__HistoryReply reply = PB__HISTORY_REPLY__INIT;
    Pb__HistoryRow row = PB__HISTORY_ROW__INIT, *rows[] = {&row};
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_HISTORY;
    answer.history = &reply;
    reply.n_rows = 1;
    reply.rows = rows;
    RUN(&run, &answer, "history");
    assert_null(strstr(run.out, "Appraised total"));
    finish(&run);
    row.event = "lines_appraised";
    row.has_appraised_total_cp = true;
    row.appraised_total_cp = 9250;
    RUN(&run, &answer, "history", "-ocsv");
    assert_says(run.out, "seq,time,actor,role,event,criterion,from,points,revision,total,note,appraised_total,"
                         "late_seconds,until,final_total\r\n");
    assert_says(run.out, ",92.5,,,\r\n");
    finish(&run);
}

static void a_period_shows_extensions_and_hash(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__PeriodReply reply = PB__PERIOD_REPLY__INIT;
    Pb__Extension extension = PB__EXTENSION__INIT, *extensions[] = {&extension};
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_PERIOD;
    answer.period = &reply;
    reply.n_extensions = 1;
    reply.extensions = extensions;
    extension.unit = "a";
    extension.has_until_ms = true;
    extension.until_ms = 1796058000000;
    RUN(&run, &answer, "period", "show", "-ojson");
    assert_says(run.out,
                "\"board_hash\":null,\"extensions\":[{\"unit\":\"a\",\"until\":\"2026-11-30T23:59:59.000+07:00\","
                "\"passed\":false}]");
    finish(&run);
}

static void the_journal_is_filtered_by_unit_and_actor(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__AuditReply reply = PB__AUDIT_REPLY__INIT;
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_AUDIT;
    answer.audit = &reply;
    RUN(&run, &answer, "audit", "--unit", "ba-dinh", "--actor", "3", "--since", "9");
    assert_string_equal(run.request->audit->unit, "ba-dinh");
    assert_string_equal(run.request->audit->actor, "account:3");
    assert_int_equal(run.request->audit->since, 9);
    finish(&run);
    RUN(&run, &answer, "audit", "--actor", "local:1000");
    assert_string_equal(run.request->audit->actor, "local:1000");
    assert_null(run.request->audit->unit);
    finish(&run);
    ASSERT_USAGE("is no actor", "audit", "--actor", "hùng");
    ASSERT_USAGE("is no actor", "audit", "--actor", "account:");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_extension_is_until_the_last_second),
        cmocka_unit_test(a_refused_deadline_is_read_as_it_was_written),
        cmocka_unit_test(an_appraisal_is_sent_whole),
        cmocka_unit_test(wrong_appraisals_are_told),
        cmocka_unit_test(a_dry_run_only_asks),
        cmocka_unit_test(bonus_and_deduction_say_what_counts),
        cmocka_unit_test(a_sheet_is_given_back_with_a_reason),
        cmocka_unit_test(an_explanation_names_its_line),
        cmocka_unit_test(sheets_are_final_by_name_or_all),
        cmocka_unit_test(a_hold_is_put_and_lifted),
        cmocka_unit_test(a_nomination_names_the_award),
        cmocka_unit_test(a_locked_period_prints_its_board_s_hash),
        cmocka_unit_test(a_board_says_why),
        cmocka_unit_test(the_board_s_csv_keeps_its_header),
        cmocka_unit_test(a_past_board_says_so),
        cmocka_unit_test(status_tells_lateness_and_holds),
        cmocka_unit_test(a_late_hand_in_says_how_late),
        cmocka_unit_test(a_sheet_shows_its_judgement),
        cmocka_unit_test(history_has_both_totals),
        cmocka_unit_test(a_period_shows_extensions_and_hash),
        cmocka_unit_test(the_journal_is_filtered_by_unit_and_actor),
    };
    run_alone();
    return cmocka_run_group_tests_name("client verbs", tests, NULL, NULL);
}
