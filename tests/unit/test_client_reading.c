// What people read of a year that is decided: which points they are, what they are out of, and why.
#include "tests/unit/client_run.h"

static void assert_silent(const char *text, const char *part) {
    if (strstr(text, part))
        fail_msg("“%s” should not be in: %s", part, text);
}

// ---- the board ----

static const Pb__BoardRow no_row = PB__BOARD_ROW__INIT;

// Two units of a locked period; the second has less that it can reach.
struct board {
    Pb__Response answer;
    Pb__Board board;
    Pb__BoardRow rows[2], *list[2];
    Pb__Why why;
    uint8_t hash[2];
};

static void make_board(struct board *made, Pb__Column column) {
    static const Pb__Board no_board = PB__BOARD__INIT;
    static const Pb__Response no_answer = PB__RESPONSE__INIT;
    static const Pb__Why no_why = PB__WHY__INIT;
    *made = (struct board){.answer = no_answer, .board = no_board, .why = no_why, .hash = {0xab, 0xcd}};
    made->answer.body_case = PB__RESPONSE__BODY_TOTALS;
    made->answer.totals = &made->board;
    made->board.period = "p";
    made->board.has_state = made->board.has_column = made->board.has_board_hash = true;
    made->board.state = PB__PERIOD_STATE__LOCKED;
    made->board.column = column;
    made->board.board_hash = (ProtobufCBinaryData){.len = sizeof(made->hash), .data = made->hash};
    made->board.n_rows = 2;
    made->board.rows = made->list;
    for (size_t i = 0; i < 2; i++) {
        made->rows[i] = no_row;
        made->rows[i].unit = i ? "b" : "a";
        made->rows[i].name = i ? "Đống Đa" : "Hoàng Mai";
        made->rows[i].has_base_cp = made->rows[i].has_max_cp = true;
        made->rows[i].base_cp = 5790;
        made->rows[i].max_cp = i ? 8000 : 10000;
        made->list[i] = &made->rows[i];
    }
    made->rows[1].why = &made->why;
    made->why.above = "a";
    made->why.by = "TC2";
    made->why.has_own_cp = made->why.has_above_cp = true;
    made->why.own_cp = 500;
    made->why.above_cp = 600;
}

static void who_reads_other_points_than_the_final_ones_knows_it(void **state) {
    static const struct {
        Pb__Column column;
        Pb__PeriodState state;
        const char *says, *silent;
    } cases[] = {
        {PB__COLUMN__SELF, PB__PERIOD_STATE__LOCKED, "THE SELF-SCORED POINTS", "hash"},
        {PB__COLUMN__SELF, PB__PERIOD_STATE__FINALIZED, "--column final", "hash"},
        {PB__COLUMN__SELF, PB__PERIOD_STATE__PUBLISHED, "--column final", "hash"},
        {PB__COLUMN__COLUMN_APPRAISED, PB__PERIOD_STATE__REOPENED, "THE APPRAISED POINTS", "hash"},
        {PB__COLUMN__COLUMN_FINAL, PB__PERIOD_STATE__LOCKED, "Final board's hash  abcd\n", "--column"},
        {PB__COLUMN__SELF, PB__PERIOD_STATE__APPRAISAL, "Period", "--column"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct board board;
        struct run run;
        make_board(&board, cases[i].column);
        board.board.state = cases[i].state;
        RUN(&run, &board.answer, "totals");
        assert_says(run.out, cases[i].says);
        assert_silent(run.out, cases[i].silent);
        finish(&run);
        RUN(&run, &board.answer, "totals", "-ojson");
        assert_says(run.out,
                    cases[i].column == PB__COLUMN__COLUMN_FINAL ? "\"board_hash\":\"abcd\"" : "\"board_hash\":null");
        finish(&run);
    }
}

static void percentages_are_exact(void **state) {
    static const struct {
        int32_t base_cp, max_cp;
        const char *percent;
    } cases[] = {{5790, 8000, "72.38"}, {5789, 8000, "72.36"}, {1, 30000, "0"},     {3, 20000, "0.02"},
                 {1, 3, "33.33"},       {2, 3, "66.67"},       {9000, 9000, "100"}, {INT32_MAX, INT32_MAX, "100"}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct board board;
        struct run run;
        char expected[64];
        make_board(&board, PB__COLUMN__SELF);
        board.rows[0].base_cp = cases[i].base_cp;
        board.rows[0].max_cp = cases[i].max_cp;
        RUN(&run, &board.answer, "totals", "-ojson");
        snprintf(expected, sizeof(expected), "\"percent\":%s,\"why\":null}", cases[i].percent);
        assert_says(run.out, expected);
        finish(&run);
    }
}

static void a_percentage_stands_where_units_can_reach_other_points(void **state) {
    struct board board;
    struct run run;
    (void)state;
    make_board(&board, PB__COLUMN__SELF);
    RUN(&run, &board.answer, "totals");
    assert_says(run.out, " Base      %  ");
    assert_says(run.out, "57.90  72.38  ");
    finish(&run);
    board.rows[1].max_cp = 10000;
    RUN(&run, &board.answer, "totals");
    assert_silent(run.out, "%");
    finish(&run);
    board.rows[1].has_base_cp = board.rows[0].has_max_cp = false;
    RUN(&run, &board.answer, "totals", "-ojson");
    assert_says(run.out, "\"max\":null,\"percent\":null,");
    assert_says(run.out, "\"max\":100,\"percent\":null,");
    finish(&run);
}

static void csv_says_why_where_it_is_asked(void **state) {
    struct board board;
    struct run run;
    (void)state;
    make_board(&board, PB__COLUMN__SELF);
    RUN(&run, &board.answer, "totals", "-ocsv");
    assert_says(run.out, ",class\r\n");
    finish(&run);
    RUN(&run, &board.answer, "totals", "-ocsv", "--explain");
    assert_says(run.out, ",class,why\r\n");
    assert_says(run.out, ",above=a by=TC2 own=5 above_points=6\r\n");
    finish(&run);
    RUN(&run, &board.answer, "totals", "--excel", "--explain");
    assert_says(run.out, ";Class;Why\r\n");
    assert_says(run.out, ";tied on total with Hoàng Mai, but Hoàng Mai has more points in TC2: 6.00 > 5.00\r\n");
    finish(&run);
}

// ---- the sheet ----

static void a_sheet_says_what_it_is_out_of(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__SheetReply reply = PB__SHEET_REPLY__INIT;
    Pb__SheetLine given = PB__SHEET_LINE__INIT, missing = PB__SHEET_LINE__INIT, other = PB__SHEET_LINE__INIT;
    Pb__SheetLine *lines[] = {&given, &missing, &other};
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_SHEET;
    answer.sheet = &reply;
    reply.has_of_cp = reply.has_max_cp = true;
    reply.of_cp = 10000;
    reply.max_cp = 8750;
    reply.return_reason = "số liệu không khớp";
    reply.n_lines = 3;
    reply.lines = lines;
    given.criterion = "TC1";
    missing.criterion = "TC2";
    other.criterion = "TC3";
    given.has_assigned = given.assigned = missing.has_assigned = missing.assigned = given.has_points_cp = true;
    given.points_cp = 1250;
    RUN(&run, &answer, "sheet");
    assert_says(run.out, "Maximum            87.50; the period's total is 100.00\n");
    assert_says(run.out, "Returned because   số liệu không khớp\n");
    assert_says(run.out, "TC1        —        —         12.50  ");
    assert_says(run.out, "TC2        —        —             —  ");
    assert_says(run.out, "TC3        —        —  not assigned  ");
    finish(&run);
    reply.max_cp = 10000;
    RUN(&run, &answer, "sheet");
    assert_says(run.out, "Maximum            100.00\n");
    finish(&run);
    RUN(&run, &answer, "sheet", "-ojson");
    assert_says(run.out, "\"maximum\":100,");
    assert_says(run.out, "\"max\":100,\"return_reason\":\"số liệu không khớp\"}");
    finish(&run);
}

// ---- the period ----

static void what_is_signed_can_be_read(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__PeriodReply reply = PB__PERIOD_REPLY__INIT;
    Pb__PeriodDefinition definition = PB__PERIOD_DEFINITION__INIT;
    Pb__UnitDefinition unit = PB__UNIT_DEFINITION__INIT, *units[] = {&unit};
    Pb__CriterionDefinition criterion = PB__CRITERION_DEFINITION__INIT, *criteria[] = {&criterion};
    Pb__Target target = PB__TARGET__INIT, *targets[] = {&target};
    Pb__Band band = PB__BAND__INIT, *bands[] = {&band};
    const char *tie_breaks[] = {"deduction", "TC1"};
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_PERIOD;
    answer.period = &reply;
    reply.definition = &definition;
    definition.n_units = definition.n_criteria = criterion.n_targets = criterion.n_bands = 1;
    definition.units = units;
    definition.criteria = criteria;
    definition.n_tie_breaks = 2;
    definition.tie_breaks = tie_breaks;
    unit.id = target.unit = "quan-ba-dinh";
    unit.valid_to = "2025-06-30";
    criterion.code = "TC1";
    criterion.targets = targets;
    criterion.bands = bands;
    target.has_value = band.has_from_percent_cp = band.has_points_cp = true;
    target.value = 500000000;
    target.label = "đồng";
    band.from_percent_cp = 9500;
    band.points_cp = 1500;
    RUN(&run, &answer, "period", "show");
    assert_says(run.out, "fewer deductions, TC1\n");
    assert_says(
        run.out,
        "\nTargets\nCriterion  Unit               Target  Measured in\nTC1        quan-ba-dinh  500,000,000  đồng\n");
    assert_says(
        run.out,
        "\nBands\nCriterion  From percent of the target  Points\nTC1                             95.00   15.00\n");
    assert_says(run.out, "Until       Signed\n");
    assert_says(run.out, "30/06/2025  no\n");
    assert_silent(run.out, "From  Until");
    finish(&run);
    RUN(&run, &answer, "period", "show", "-ojson");
    assert_says(run.out, "\"targets\":[{\"unit\":\"quan-ba-dinh\",\"value\":500000000,\"label\":\"đồng\"}]");
    assert_silent(run.out, "\"criterion\"");
    finish(&run);
}

// ---- what was done ----

static void history_says_what_it_was(void **state) {
    static const Pb__HistoryRow none = PB__HISTORY_ROW__INIT;
    static const char *const events[] = {"sheets_finalized", "adjusted", "adjusted", "extended", "sheet_submitted"};
    enum { N = sizeof(events) / sizeof(*events) };
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__HistoryReply reply = PB__HISTORY_REPLY__INIT;
    Pb__HistoryRow list[N], *rows[N];
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_HISTORY;
    answer.history = &reply;
    reply.n_rows = N;
    reply.rows = rows;
    for (size_t i = 0; i < N; i++) {
        list[i] = none;
        list[i].event = events[i];
        rows[i] = &list[i];
    }
    list[0].has_final_total_cp = list[1].has_points_cp = list[2].has_points_cp = true;
    list[0].final_total_cp = 9150;
    list[1].points_cp = 150;
    list[2].points_cp = 50;
    list[2].criterion = "TC2";
    list[3].has_until_ms = list[4].has_late_ms = true;
    list[3].until_ms = 1796058000000;
    list[4].late_ms = 61000;
    RUN(&run, &answer, "history");
    assert_says(run.out, "sheets_finalized  final total 91.50          ");
    assert_says(run.out, "adjusted          bonus 1.50                 ");
    assert_says(run.out, "adjusted          deduction 0.50             TC2");
    assert_says(run.out, "extended          until 30/11/2026 23:59:59  ");
    assert_says(run.out, "sheet_submitted   late by 00:01:01           ");
    finish(&run);
    RUN(&run, &answer, "history", "-ojson");
    assert_says(run.out, "\"late_seconds\":61,\"until\":null,\"final_total\":null}");
    assert_silent(run.out, "\"what\"");
    finish(&run);
}

// The entry of an event, as audit gets it.
static Pb__AuditRow audit_row(uint8_t bytes[256], Pb__Event *event) {
    Pb__AuditRow row = PB__AUDIT_ROW__INIT;
    Pb__Entry entry = PB__ENTRY__INIT;
    entry.event = event;
    row.has_record = true;
    row.record = (ProtobufCBinaryData){.len = pb__entry__pack(&entry, bytes), .data = bytes};
    return row;
}

static void audit_says_what_it_was(void **state) {
    enum { N = 5 };
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__AuditReply reply = PB__AUDIT_REPLY__INIT;
    Pb__AuditRow list[N], *rows[N];
    uint8_t bytes[N][256];
    Pb__Event event = PB__EVENT__INIT;
    Pb__Held held = PB__HELD__INIT;
    Pb__PeriodAdvanced advanced = PB__PERIOD_ADVANCED__INIT;
    Pb__Extended extended = PB__EXTENDED__INIT;
    Pb__Adjusted adjusted = PB__ADJUSTED__INIT;
    struct run run;
    (void)state;
    event.body_case = PB__EVENT__BODY_HELD;
    event.held = &held;
    held.has_lift = held.lift = true;
    list[0] = audit_row(bytes[0], &event);
    event.body_case = PB__EVENT__BODY_PERIOD_ADVANCED;
    event.period_advanced = &advanced;
    advanced.has_state = true;
    advanced.state = PB__PERIOD_STATE__REOPENED;
    advanced.decision = "12/QĐ";
    list[1] = audit_row(bytes[1], &event);
    event.body_case = PB__EVENT__BODY_EXTENDED;
    event.extended = &extended;
    extended.has_until_ms = true;
    extended.until_ms = 1796058000000;
    list[2] = audit_row(bytes[2], &event);
    event.body_case = PB__EVENT__BODY_ADJUSTED;
    event.adjusted = &adjusted;
    adjusted.has_points_cp = true;
    adjusted.points_cp = 150;
    list[3] = audit_row(bytes[3], &event);
    adjusted.has_leaf = true;
    list[4] = audit_row(bytes[4], &event);
    answer.body_case = PB__RESPONSE__BODY_AUDIT;
    answer.audit = &reply;
    reply.n_rows = N;
    reply.rows = rows;
    for (size_t i = 0; i < N; i++)
        rows[i] = &list[i];
    RUN(&run, &answer, "audit");
    assert_says(run.out, "hold_lifted      —\n");
    assert_says(run.out, "period_advanced  reopened (12/QĐ)\n");
    assert_says(run.out, "extended         until 30/11/2026 23:59:59\n");
    assert_says(run.out, "adjusted         bonus 1.50\n");
    assert_says(run.out, "adjusted         deduction 1.50\n");
    finish(&run);
    RUN(&run, &answer, "audit", "-ocsv");
    assert_begins(run.out, "seq,time,actor,role,unit,event,id,detail,record,prev,hash\r\n");
    assert_says(run.out, ",held,");
    finish(&run);
    RUN(&run, &answer, "audit", "-ojson");
    assert_says(run.out, "\"event\":\"held\"");
    assert_silent(run.out, "hold_lifted");
    finish(&run);
}

// ---- what a write says ----

static void a_deduction_says_where_less_counts(void **state) {
    Pb__Response written = PB__RESPONSE__INIT, read = PB__RESPONSE__INIT;
    Pb__AdjustReply adjust = PB__ADJUST_REPLY__INIT;
    Pb__SheetReply sheet = PB__SHEET_REPLY__INIT;
    Pb__SheetLine line = PB__SHEET_LINE__INIT, *lines[] = {&line};
    struct run run;
    (void)state;
    written.body_case = PB__RESPONSE__BODY_ADJUST;
    written.adjust = &adjust;
    adjust.period = "p";
    adjust.unit = "a";
    adjust.criterion = line.criterion = "TC2";
    read.body_case = PB__RESPONSE__BODY_SHEET;
    read.sheet = &sheet;
    sheet.n_lines = 1;
    sheet.lines = lines;
    line.has_deducted_cp = line.has_appraised_cp = true;
    line.deducted_cp = 150;
    line.appraised_cp = 100;
    RUN_TWO(&run, &written, &read, "deduct", "a", "TC2", "0,5", "--reason", "x");
    assert_int_equal(run.exit_status, EXIT_DONE);
    assert_string_equal(run.err,
                        "thidua: Of the 1.50 deducted from TC2 so far 1.00 count: at most its appraised points.\n");
    finish(&run);
    line.appraised_cp = 150;
    RUN_TWO(&run, &written, &read, "deduct", "a", "TC2", "0,5", "--reason", "x");
    assert_string_equal(run.err, "");
    finish(&run);
    RUN(&run, &written, "deduct", "a", "TC2", "0,5", "--reason", "x");
    assert_int_equal(run.exit_status, EXIT_DONE);
    assert_string_equal(run.err, "");
    finish(&run);
}

static void finalize_says_whom_it_closed(void **state) {
    Pb__Response status = PB__RESPONSE__INIT, written = PB__RESPONSE__INIT;
    Pb__StatusReply reply = PB__STATUS_REPLY__INIT;
    Pb__StatusRow one = PB__STATUS_ROW__INIT, two = PB__STATUS_ROW__INIT, three = PB__STATUS_ROW__INIT;
    Pb__StatusRow *rows[] = {&one, &two, &three};
    Pb__FinalizeReply finalize = PB__FINALIZE_REPLY__INIT;
    Pb__FinalRow a = PB__FINAL_ROW__INIT, b = PB__FINAL_ROW__INIT, *final[] = {&a, &b};
    struct run run;
    (void)state;
    status.body_case = PB__RESPONSE__BODY_STATUS_ROWS;
    status.status_rows = &reply;
    reply.n_rows = 3;
    reply.rows = rows;
    one.unit = a.unit = "a";
    two.unit = b.unit = "b";
    three.unit = "c";
    one.has_sheet = two.has_sheet = three.has_sheet = true;
    one.sheet = PB__SHEET_STATE__APPRAISED;
    two.sheet = PB__SHEET_STATE__SHEET_DRAFT;
    three.sheet = PB__SHEET_STATE__NONE;
    written.body_case = PB__RESPONSE__BODY_FINALIZE;
    written.finalize = &finalize;
    finalize.n_rows = 2;
    finalize.rows = final;
    RUN_TWO(&run, &status, &written, "finalize", "a", "b", "--reason", "không nộp", "--if-seq", "57");
    assert_int_equal(run.exit_status, EXIT_DONE);
    assert_true(run.request->finalize->has_if_seq);
    assert_int_equal(run.request->finalize->if_seq, 57);
    assert_says(run.err, "thidua: Closed as they stood, without a hand-in: b\n");
    finish(&run);
    RUN(&run, &written, "finalize", "a", "b");
    assert_silent(run.err, "Closed");
    finish(&run);
}

static void a_return_tells_the_way_back(void **state) {
    Pb__Response answer = PB__RESPONSE__INIT;
    Pb__SheetWriteReply reply = PB__SHEET_WRITE_REPLY__INIT;
    struct run run;
    (void)state;
    answer.body_case = PB__RESPONSE__BODY_RETURN_SHEET;
    answer.return_sheet = &reply;
    reply.unit = "quan-ba-dinh";
    RUN(&run, &answer, "return", "ba-dinh", "--reason", "x");
    assert_says(run.err, "thidua period extend quan-ba-dinh --until T --reason TEXT\n");
    finish(&run);
}

// ---- refusals ----

static void refuse(Pb__Response *answer, Pb__Problem *problem, const char *reason, size_t n, Pb__Argument **arguments) {
    static Pb__Problem *problems[1];
    static const Pb__Response none = PB__RESPONSE__INIT;
    static const Pb__Problem no_problem = PB__PROBLEM__INIT;
    *answer = none;
    *problem = no_problem;
    problems[0] = problem;
    answer->status = PB__STATUS__FAILED_PRECONDITION;
    answer->n_problems = 1;
    answer->problems = problems;
    problem->reason = reason;
    problem->n_arguments = n;
    problem->arguments = arguments;
}

static void refusals_say_what_is_so(void **state) {
    Pb__Response answer;
    Pb__Problem problem;
    Pb__Argument zero = PB__ARGUMENT__INIT, text = PB__ARGUMENT__INIT, *arguments[] = {&zero, &text};
    struct run run;
    (void)state;
    refuse(&answer, &problem, "PERIOD_NOT_CHOSEN", 2, arguments);
    zero.name = "count";
    zero.value_case = PB__ARGUMENT__VALUE_NUMBER;
    text.name = "periods";
    text.value_case = PB__ARGUMENT__VALUE_TEXT;
    text.text = "none";
    RUN(&run, &answer, "totals");
    assert_int_equal(run.exit_status, EXIT_USAGE);
    assert_says(run.err, "No period is named, and none is open to this account. (PERIOD_NOT_CHOSEN)");
    finish(&run);
    zero.number = 2;
    text.text = "a, b";
    RUN(&run, &answer, "totals");
    assert_says(run.err, "No period is named, and 2 are open to this account: a, b.");
    finish(&run);
    refuse(&answer, &problem, "AT_BEFORE", 2, arguments);
    zero.name = "value";
    zero.number = 0;
    RUN(&run, &answer, "totals", "--at", "2020-01-01");
    assert_says(run.err, "Nothing had been recorded by then");
    assert_says(run.err, "Name a later time");
    finish(&run);
    refuse(&answer, &problem, "DEADLINE_PASSED", 1, arguments);
    zero.name = "time";
    zero.value_case = PB__ARGUMENT__VALUE_TIME_MS;
    zero.time_ms = 1796058000000;
    RUN(&run, &answer, "totals");
    assert_says(run.err, "passed on 30/11/2026 23:59:59.");
    finish(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_reads_other_points_than_the_final_ones_knows_it),
        cmocka_unit_test(percentages_are_exact),
        cmocka_unit_test(a_percentage_stands_where_units_can_reach_other_points),
        cmocka_unit_test(csv_says_why_where_it_is_asked),
        cmocka_unit_test(a_sheet_says_what_it_is_out_of),
        cmocka_unit_test(what_is_signed_can_be_read),
        cmocka_unit_test(history_says_what_it_was),
        cmocka_unit_test(audit_says_what_it_was),
        cmocka_unit_test(a_deduction_says_where_less_counts),
        cmocka_unit_test(finalize_says_whom_it_closed),
        cmocka_unit_test(a_return_tells_the_way_back),
        cmocka_unit_test(refusals_say_what_is_so),
    };
    run_alone();
    return cmocka_run_group_tests_name("what people read", tests, NULL, NULL);
}
