// The four outputs of one description, and any message as JSON.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "client/output/csv.h"
#include "client/output/reflect.h"
#include "client/output/report.h"
#include "client/output/table.h"
#include "client/output/value.h"
#include "client/output/wrap.h"
#include "proto/text.h"
#include "proto/thidua.pb-c.h"

static const struct column head[] = {
    {"period", "Period", CELL_CODE, EVERYWHERE, NULL},
    {"seq", "Entry", CELL_COUNT, EVERYWHERE, NULL},
    {0},
};

static const struct column columns[] = {
    {"rank", "Rank", CELL_COUNT, EVERYWHERE, NULL},      {"unit", "Id", CELL_CODE, IN_CSV, NULL},
    {"name", "Unit", CELL_TEXT, EVERYWHERE, NULL},       {"criteria", NULL, CELL_SPREAD, EVERYWHERE, NULL},
    {"total", "Total", CELL_POINTS, EVERYWHERE, NULL},   {"scored", "Scored", CELL_OF, IN_TABLE, NULL},
    {"time", "Time", CELL_TIME, EVERYWHERE, NULL},       {"late", "Late", CELL_FLAG, EVERYWHERE, NULL},
    {"missing", "Missing", CELL_LIST, EVERYWHERE, NULL}, {0},
};

static char *note(const json_t *answer) {
    (void)answer;
    return strdup("PROVISIONAL");
}

static const struct section sections[] = {{"rows", NULL, columns}, {0}};
static const struct report report = {.head = head, .sections = sections, .note = note};

static json_t *row(int rank, const char *unit, const char *name, int tc1, int total, const char *missing) {
    json_t *object = json_object(), *criteria = json_object();
    const char *list[] = {missing, "TC9"};
    put(criteria, "TC1", value_points(true, tc1));
    put(criteria, "TC8", value_points(false, 0));
    put(object, "rank", value_count(rank > 0, (uint64_t)rank));
    put(object, "unit", value_text(unit));
    put(object, "name", value_text(name));
    put(object, "criteria", criteria);
    put(object, "total", value_points(total >= 0, total));
    put(object, "scored", value_count(true, 7));
    put(object, "of", value_count(true, 8));
    put(object, "time", value_time(true, 1667099564120));
    put(object, "late", value_flag(rank == 1));
    put(object, "missing", value_texts(missing ? 2 : 0, list));
    return object;
}

static json_t *answer(void) {
    json_t *object = json_object(), *rows = json_array();
    append(rows, row(1, "quan-dong-da", "Đống Đa", 1230, 9300, NULL));
    append(rows, row(0, "quan-hai-ba-trung", "=Hai; \"Bà\" Trưng", 5, -1, "TC8"));
    put(object, "period", value_text("p"));
    put(object, "seq", value_count(true, 57));
    put(object, "rows", rows);
    return object;
}

// What the report prints; free it.
static char *printed(const struct options *options, const struct report *how, json_t *what) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    report_print(options, out, how, what);
    fclose(out);
    json_decref(what);
    return text;
}

static void assert_printed(struct options options, const struct report *how, json_t *what, const char *expected) {
    char *text = printed(&options, how, what);
    assert_string_equal(text, expected);
    free(text);
}

static void a_table_is_aligned_by_what_letters_take(void **state) {
    (void)state;
    assert_printed((struct options){.output = OUTPUT_TABLE}, &report, answer(),
                   "Period  p\n"
                   "Entry   57\n"
                   "PROVISIONAL\n"
                   "\n"
                   "Rank  Unit                TC1  TC8  Total  Scored  Time                 Late  Missing\n"
                   "   1  Đống Đa           12.30    —  93.00     7/8  30/10/2022 10:12:44  yes   —\n"
                   "   —  =Hai; \"Bà\" Trưng   0.05    —      —     7/8  30/10/2022 10:12:44  no    TC8 TC9\n");
}

static void vietnamese_tables_have_a_comma(void **state) {
    struct options options = {.output = OUTPUT_TABLE, .vietnamese = true};
    char *text = printed(&options, &report, answer());
    (void)state;
    assert_non_null(strstr(text, " 12,30 "));
    free(text);
}

static void csv_is_rfc_4180_and_harmless(void **state) {
    (void)state;
    assert_printed(
        (struct options){.output = OUTPUT_CSV}, &report, answer(),
        "rank,unit,name,TC1,TC8,total,time,late,missing\r\n"
        "1,quan-dong-da,Đống Đa,12.3,,93,2022-10-30T10:12:44.120+07:00,true,\r\n"
        ",quan-hai-ba-trung,\"'=Hai; \"\"Bà\"\" Trưng\",0.05,,,2022-10-30T10:12:44.120+07:00,false,TC8 TC9\r\n");
}

static void excel_has_a_mark_semicolons_and_headers_for_people(void **state) {
    (void)state;
    assert_printed(
        (struct options){.output = OUTPUT_CSV, .excel = true}, &report, answer(),
        "\xef\xbb\xbfRank;Id;Unit;TC1;TC8;Total;Time;Late;Missing\r\n"
        "1;quan-dong-da;Đống Đa;12,3;;93;2022-10-30T10:12:44.120+07:00;yes;\r\n"
        ";quan-hai-ba-trung;\"'=Hai; \"\"Bà\"\" Trưng\";0,05;;;2022-10-30T10:12:44.120+07:00;no;TC8 TC9\r\n");
}

static void every_beginning_of_a_formula_is_guarded(void **state) {
    static const char *const texts[] = {"=1", "+1", "-1", "@x", "\tx", "\rx"};
    const struct column text = {"t", "T", CELL_TEXT, EVERYWHERE, NULL}, code = {"t", "T", CELL_CODE, EVERYWHERE, NULL};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        json_t *object = json_object();
        put(object, "t", value_text(texts[i]));
        char *guarded = cell_text(object, &text, STYLE_CSV, '.'), *plain = cell_text(object, &code, STYLE_CSV, '.');
        assert_int_equal(guarded[0], '\'');
        assert_string_equal(guarded + 1, texts[i]);
        assert_string_equal(plain, texts[i]);
        free(guarded);
        free(plain);
        json_decref(object);
    }
}

static char *amount(json_int_t value, enum style style, char mark) {
    const struct column column = {"t", "T", CELL_AMOUNT, EVERYWHERE, NULL};
    json_t *object = json_object();
    put(object, "t", json_integer(value));
    char *text = cell_text(object, &column, style, mark);
    json_decref(object);
    return text;
}

static void amounts_have_marks_at_the_thousands(void **state) {
    static const struct {
        json_int_t value;
        enum style style;
        char mark;
        const char *text;
    } cases[] = {
        {0, STYLE_TABLE, ',', "0"},
        {999, STYLE_TABLE, ',', "999"},
        {1000, STYLE_TABLE, ',', "1.000"},
        {-100000, STYLE_TABLE, ',', "-100.000"},
        {9000000000, STYLE_TABLE, '.', "9,000,000,000"},
        {INT64_MIN, STYLE_TABLE, '.', "-9,223,372,036,854,775,808"},
        {500000000, STYLE_EXCEL, ',', "500000000"},
        {500000000, STYLE_CSV, '.', "500000000"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *text = amount(cases[i].value, cases[i].style, cases[i].mark);
        assert_string_equal(text, cases[i].text);
        free(text);
    }
}

static void no_header_means_none(void **state) {
    struct options options = {.output = OUTPUT_CSV, .no_header = true};
    char *text = printed(&options, &report, answer());
    (void)state;
    assert_int_equal(strncmp(text, "1,quan-dong-da", 14), 0);
    free(text);
    options.output = OUTPUT_TABLE;
    text = printed(&options, &report, answer());
    assert_null(strstr(text, "Period"));
    assert_null(strstr(text, "Rank"));
    free(text);
}

static void json_is_the_shape_itself(void **state) {
    (void)state;
    struct options options = {.output = OUTPUT_JSON};
    char *text = printed(&options, &report, answer());
    assert_non_null(strstr(text, "{\"period\":\"p\",\"seq\":57,\"rows\":[{\"rank\":1,"));
    assert_non_null(strstr(text, "\"criteria\":{\"TC1\":12.3,\"TC8\":null},\"total\":93,"));
    assert_int_equal(text[strlen(text) - 1], '\n');
    free(text);
}

static void ndjson_is_a_line_for_each_row(void **state) {
    struct options options = {.output = OUTPUT_NDJSON};
    struct report whole = report;
    char *text = printed(&options, &report, answer()), *second = strchr(text, '\n') + 1;
    (void)state;
    assert_int_equal(strncmp(text, "{\"rank\":1,", 10), 0);
    assert_int_equal(strncmp(second, "{\"rank\":null,", 13), 0);
    assert_string_equal(strchr(second, '\n'), "\n");
    free(text);
    whole.whole = true;
    text = printed(&options, &whole, answer());
    assert_int_equal(strncmp(text, "{\"period\":", 10), 0);
    free(text);
}

static void an_empty_list_keeps_its_header(void **state) {
    json_t *object = json_object();
    (void)state;
    put(object, "rows", json_array());
    assert_printed((struct options){.output = OUTPUT_CSV}, &report, json_incref(object),
                   "rank,unit,name,total,time,late,missing\r\n");
    assert_printed((struct options){.output = OUTPUT_NDJSON}, &report, object, "");
}

static void an_answer_without_a_list_is_one_row(void **state) {
    static const struct report single = {.head = head};
    json_t *object = json_object();
    (void)state;
    put(object, "period", value_text("p"));
    put(object, "seq", value_count(false, 0));
    assert_printed((struct options){.output = OUTPUT_CSV}, &single, json_incref(object), "period,seq\r\np,\r\n");
    assert_printed((struct options){.output = OUTPUT_NDJSON}, &single, json_incref(object),
                   "{\"period\":\"p\",\"seq\":null}\n");
    assert_printed((struct options){.output = OUTPUT_TABLE}, &single, object, "Period  p\nEntry   —\n");
}

static void rows_of_many_batches_are_one_array(void **state) {
    struct options options = {.output = OUTPUT_JSON};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct listing *listing = listing_new(&options, out, head, NULL);
    (void)state;
    for (int i = 0; i < 3; i++) {
        json_t *rows = json_array();
        if (i != 1)
            append(rows, json_pack("{s:i}", "seq", i));
        listing_rows(listing, rows);
        json_decref(rows);
    }
    listing_end(listing);
    fclose(out);
    assert_string_equal(text, "[\n{\"seq\":0},\n{\"seq\":2}\n]\n");
    free(text);
}

static void long_texts_are_wrapped_at_words(void **state) {
    const char *headers[] = {"Code", "Title"};
    const bool right[] = {false, false};
    char *cells[] = {"TC1", "Hoàn thành xuất sắc các nhiệm vụ", "TC2", "khôngcókhoảngtrắng"};
    struct table table;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    (void)state;
    table_init(&table, out, 2, headers, right);
    table.screen = 20;
    table_rows(&table, cells, 2);
    table_free(&table);
    fclose(out);
    assert_string_equal(text, "Code  Title\n"
                              "TC1   Hoàn thành\n"
                              "      xuất sắc các\n"
                              "      nhiệm vụ\n"
                              "TC2   khôngcókhoảngt\n"
                              "      rắng\n");
    free(text);
}

// Batches of one row each; the text.
static char *batches(size_t screen, char *const *const rows[], size_t count) {
    const char *headers[] = {"Code", "First", "Second"};
    const bool right[] = {false, true, true};
    struct table table;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    table_init(&table, out, 3, headers, right);
    table.screen = screen;
    for (size_t i = 0; i < count; i++)
        table_rows(&table, rows[i], 1);
    table_free(&table);
    fclose(out);
    return text;
}

static void every_batch_in_blocks_has_its_headers(void **state) {
    char *const first[] = {"TC1", "12345678", "87654321"}, *const second[] = {"TC2", "1", "2"};
    char *const *const rows[] = {first, second};
    char *text = batches(16, rows, 2);
    (void)state;
    assert_string_equal(text, "Code     First\nTC1   12345678\n\nCode    Second\nTC1   87654321\n\n"
                              "Code     First\nTC2          1\n\nCode    Second\nTC2          2\n");
    free(text);
}

static void columns_that_move_have_their_headers_again(void **state) {
    char *const first[] = {"TC1", "1", "2"}, *const same[] = {"TC2", "3", "4"},
                *const wider[] = {"TC3", "1234567", "5"};
    char *const *const rows[] = {first, same, wider};
    char *text = batches(0, rows, 3);
    (void)state;
    assert_string_equal(text, "Code  First  Second\nTC1       1       2\nTC2       3       4\n\n"
                              "Code    First  Second\nTC3   1234567       5\n");
    free(text);
}

// A board of eight criteria, as wide as `screen`.
static char *board(size_t screen, size_t rows, bool decomposed) {
    static const char *const headers[] = {"Hạng", "Đơn vị", "TC1", "TC2",  "TC3",  "TC4",    "TC5",
                                          "TC6",  "TC7",    "TC8", "Điểm", "Cộng", "Thưởng", "Phiếu điểm"};
    static const bool right[] = {1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0};
    const char *unit = decomposed ? "Hai Ba\xcc\x80 Tru\xcc\x9bng" : "Hai Bà Trưng";
    char *row[] = {"1",     (char *)unit, "12,50", "11,25", "12,00", "10,75", "12,50",
                   "11,00", "12,50",      "10,50", "93,00", "1,50",  "94,50", "đã nộp phiếu"};
    enum { N = sizeof(headers) / sizeof(*headers) };
    char **cells = calloc(rows * N, sizeof(*cells)), *text = NULL;
    struct table table;
    size_t size;
    for (size_t i = 0; i < rows * N; i++)
        cells[i] = row[i % N];
    FILE *out = open_memstream(&text, &size);
    table_init(&table, out, N, (const char **)headers, right);
    table.screen = screen;
    table_rows(&table, cells, rows);
    table_free(&table);
    fclose(out);
    free(cells);
    return text;
}

static size_t count(const char *text, const char *word) {
    size_t found = 0;
    for (; (text = strstr(text, word)); text += strlen(word))
        found++;
    return found;
}

static void assert_fits(const char *text, size_t screen) {
    char *copy = strdup(text), *rest = copy;
    for (char *line; (line = strsep(&rest, "\n"));)
        assert_true(text_width(line) <= screen);
    free(copy);
}

static void a_wide_board_stands_in_blocks(void **state) {
    static const size_t screens[] = {30, 40, 80, 120, 160};
    (void)state;
    for (size_t i = 0; i < sizeof(screens) / sizeof(*screens); i++) {
        char *text = board(screens[i], 3, false);
        assert_fits(text, screens[i]);
        assert_int_equal(count(text, "12,50"), 9);
        assert_int_equal(count(text, "94,50"), 3);
        for (int criterion = 1; criterion <= 8; criterion++) {
            char code[] = {'T', 'C', (char)('0' + criterion), 0};
            assert_int_equal(count(text, code), 1);
        }
        assert_int_equal(count(text, "Hạng"), count(text, "Hai Bà") / 3); // once a block
        free(text);
    }
}

static void one_block_is_enough_where_there_is_room(void **state) {
    (void)state;
    for (size_t screen = 0; screen <= 160; screen += 160) {
        char *text = board(screen, 2, false);
        assert_int_equal(count(text, "\n"), 3);
        free(text);
    }
}

static void letters_and_marks_apart_are_aligned_alike(void **state) {
    char *together = board(0, 1, false), *apart = board(0, 1, true);
    (void)state;
    assert_int_equal(text_width(strchr(together, '\n')), text_width(strchr(apart, '\n')));
    assert_string_not_equal(together, apart);
    free(together);
    free(apart);
}

static void a_guard_comes_off_again(void **state) {
    static const char *const texts[] = {"=1", "-1/BC", "@x", "'=1", "''=1", "'quoted'", "'", "", "+84", "a=b", "12"};
    const struct column column = {"t", "T", CELL_TEXT, EVERYWHERE, NULL};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        json_t *object = json_object();
        put(object, "t", value_text(texts[i]));
        char *written = cell_text(object, &column, STYLE_CSV, '.');
        assert_null(*written ? strchr("=+-@", *written) : NULL);
        assert_string_equal(csv_unguarded(written), texts[i]);
        free(written);
        json_decref(object);
    }
}

static void a_word_too_long_for_a_line_stays_whole(void **state) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    (void)state;
    wrap_print(out, "phiếu điểm 0123456789abcdef0123456789 của đơn vị", 4, 20);
    fclose(out);
    assert_string_equal(text, "phiếu điểm\n    0123456789abcdef0123456789\n    của đơn vị\n");
    free(text);
}

static void control_characters_do_not_reach_the_terminal(void **state) {
    const struct column column = {"t", "T", CELL_TEXT, EVERYWHERE, NULL};
    json_t *object = json_object();
    (void)state;
    put(object, "t",
        value_text("a\033[2Jb\xc2\x9b"
                   "c"));
    char *text = cell_text(object, &column, STYLE_TABLE, '.');
    assert_string_equal(text, "a?[2Jb??c");
    free(text);
    json_decref(object);
}

static void points_are_exact_in_json(void **state) {
    (void)state;
    for (int points = 0; points < 20000; points++) {
        char expected[24];
        json_t *value = value_points(true, points);
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
        if (points % 100 == 0)
            snprintf(expected, sizeof(expected), "%d", points / 100);
        else if (points % 10 == 0)
            snprintf(expected, sizeof(expected), "%d.%d", points / 100, points / 10 % 10);
        else
            snprintf(expected, sizeof(expected), "%d.%02d", points / 100, points % 100);
        assert_string_equal(text, expected);
        assert_int_equal(value_hundredths(value), points);
        free(text);
        json_decref(value);
    }
}

static void a_message_shows_its_fields(void **state) {
    Pb__Event event = PB__EVENT__INIT;
    Pb__ScoreSet score = PB__SCORE_SET__INIT;
    Pb__LineSet line = PB__LINE_SET__INIT, *lines[] = {&line};
    Pb__SheetAfter after = PB__SHEET_AFTER__INIT;
    int32_t self[] = {1250, -1};
    const ProtobufCMessage *body;
    (void)state;
    line.has_points_cp = line.has_leaf = true;
    line.points_cp = 1250;
    score.n_lines = 1;
    score.lines = lines;
    score.has_late = true;
    score.after = &after;
    after.has_state = true;
    after.state = PB__SHEET_STATE__SHEET_DRAFT;
    after.n_self_cp = 2;
    after.self_cp = self;
    event.body_case = PB__EVENT__BODY_SCORE_SET;
    event.score_set = &score;
    assert_string_equal(reflect_body(&event.base, &body), "score_set");
    json_t *value = reflect(body);
    char *text = json_dumps(value, JSON_COMPACT);
    assert_string_equal(text, "{\"lines\":[{\"leaf\":0,\"points\":12.5}],\"late\":false,"
                              "\"after\":{\"state\":\"draft\",\"self\":[12.5,null]}}");
    free(text);
    json_decref(value);
}

static void all_fields_are_null_where_absent(void **state) {
    Pb__PeriodRow period = PB__PERIOD_ROW__INIT;
    (void)state;
    period.has_deadline_ms = true;
    period.deadline_ms = 1796058000000;
    json_t *value = reflect_all(&period.base);
    assert_true(json_is_null(json_object_get(value, "name")));
    assert_true(json_is_null(json_object_get(value, "units")));
    assert_string_equal(json_string_value(json_object_get(value, "deadline")), "2026-11-30T23:59:59.000+07:00");
    json_decref(value);
}

static void lateness_does_not_hide_whether(void **state) {
    Pb__SheetSubmitted submitted = PB__SHEET_SUBMITTED__INIT;
    Pb__Extended extended = PB__EXTENDED__INIT;
    (void)state;
    submitted.has_late = submitted.late = submitted.has_late_ms = true;
    submitted.late_ms = 90061120;
    json_t *value = reflect(&submitted.base);
    char *text = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(15));
    assert_string_equal(text, "{\"late\":true,\"late_seconds\":90061.12}");
    free(text);
    json_decref(value);
    extended.has_until_ms = true;
    extended.until_ms = 1796058000000;
    value = reflect(&extended.base);
    assert_string_equal(json_string_value(json_object_get(value, "until")), "2026-11-30T23:59:59.000+07:00");
    json_decref(value);
}

static const struct column said[] = {
    {"unit", "Unit", CELL_CODE, EVERYWHERE, NULL},     {"hold", "On hold", CELL_TEXT, IF_SAID, NULL},
    {"held", "Held", CELL_FLAG, IF_SAID, NULL},        {"awards", "Awards", CELL_TEXTS, IF_SAID, NULL},
    {"total", "Final", CELL_POINTS, IF_SAID, "final"}, {0},
};

static json_t *silent(void) {
    return json_pack("{s:[{s:s,s:n,s:b,s:[],s:n}]}", "rows", "unit", "a", "hold", "held", 0, "awards", "final");
}

static void columns_stay_away_until_somebody_says_something(void **state) {
    static const struct section list[] = {{"rows", NULL, said}, {0}};
    static const struct report table = {.sections = list};
    json_t *answer = silent(), *row = json_array_get(json_object_get(answer, "rows"), 0);
    (void)state;
    assert_printed((struct options){.output = OUTPUT_TABLE}, &table, json_incref(answer), "Unit\na\n");
    put(row, "hold", value_text("x"));
    put(row, "final", json_pack("{s:i}", "total", 0));
    assert_printed((struct options){.output = OUTPUT_TABLE}, &table, json_incref(answer),
                   "Unit  On hold  Final\na     x         0.00\n");
    assert_printed((struct options){.output = OUTPUT_CSV}, &table, answer, "unit\r\na\r\n");
}

static void values_stay_away_until_there_is_one(void **state) {
    static const struct report single = {.head = said};
    (void)state;
    assert_printed((struct options){.output = OUTPUT_TABLE}, &single, json_pack("{s:s}", "unit", "a"), "Unit  a\n");
    assert_printed((struct options){.output = OUTPUT_TABLE}, &single,
                   json_pack("{s:s,s:[s,s]}", "unit", "a", "awards", "Cờ", "Bằng khen"),
                   "Unit    a\nAwards  Cờ | Bằng khen\n");
}

static void assert_cell(json_t *row, const char *key, enum cell cell, enum style style, const char *expected) {
    const struct column column = {key, "T", cell, EVERYWHERE, NULL};
    char *text = cell_text(row, &column, style, '.');
    assert_string_equal(text, expected);
    free(text);
    json_decref(row);
}

static void lateness_is_read_as_a_length(void **state) {
    (void)state;
    assert_cell(json_pack("{s:b}", "late", 0), "late", CELL_LATE, STYLE_TABLE, "no");
    assert_cell(json_pack("{s:b}", "late", 1), "late", CELL_LATE, STYLE_TABLE, "yes");
    assert_cell(json_pack("{s:b,s:f}", "late", 1, "late_seconds", 0.4), "late", CELL_LATE, STYLE_TABLE,
                "yes, by 00:00:01");
    assert_cell(json_pack("{s:b,s:i}", "late", 1, "late_seconds", 90061), "late", CELL_LATE, STYLE_CSV, "true");
    assert_cell(json_pack("{s:i}", "s", 90061), "s", CELL_SECONDS, STYLE_TABLE, "1 d 01:01:01");
    assert_cell(json_pack("{s:f}", "s", 1.25), "s", CELL_SECONDS, STYLE_CSV, "1.25");
    assert_cell(json_pack("{s:f}", "s", 1.25), "s", CELL_SECONDS, STYLE_EXCEL, "1,25");
}

static void lengths_below_a_day_have_no_days(void **state) {
    (void)state;
    assert_cell(json_pack("{s:i}", "s", 86399), "s", CELL_SECONDS, STYLE_TABLE, "23:59:59");
    assert_cell(json_pack("{s:i}", "s", 86400), "s", CELL_SECONDS, STYLE_TABLE, "1 d 00:00:00");
    assert_cell(json_pack("{s:i}", "s", 15199000), "s", CELL_LENGTH, STYLE_TABLE, "04:13:19");
}

static void what_is_not_assigned_is_not_missing(void **state) {
    (void)state;
    assert_cell(json_pack("{s:n,s:b}", "p", "assigned", 0), "p", CELL_ASSIGNED, STYLE_TABLE, "not assigned");
    assert_cell(json_pack("{s:n,s:b}", "p", "assigned", 1), "p", CELL_ASSIGNED, STYLE_TABLE, "—");
    assert_cell(json_pack("{s:n,s:b}", "p", "assigned", 0), "p", CELL_POINTS, STYLE_TABLE, "—");
    assert_cell(json_pack("{s:n,s:b}", "p", "assigned", 0), "p", CELL_ASSIGNED, STYLE_CSV, "");
    assert_cell(json_pack("{s:f,s:b}", "p", 12.5, "assigned", 0), "p", CELL_ASSIGNED, STYLE_TABLE, "12.50");
}

static void tie_breaks_are_words_for_people(void **state) {
    (void)state;
    assert_cell(json_pack("{s:[s,s]}", "t", "deduction", "TC3"), "t", CELL_RULES, STYLE_TABLE, "fewer deductions, TC3");
    assert_cell(json_pack("{s:[s,s]}", "t", "deduction", "TC3"), "t", CELL_RULES, STYLE_CSV, "deduction TC3");
}

static void dates_are_turned_for_people(void **state) {
    (void)state;
    assert_cell(json_pack("{s:s}", "d", "2025-06-30"), "d", CELL_DATE, STYLE_TABLE, "30/06/2025");
    assert_cell(json_pack("{s:s}", "d", "2025-06-30"), "d", CELL_DATE, STYLE_CSV, "2025-06-30");
}

static void moves_are_marked(void **state) {
    static const struct {
        int before, after;
        const char *text;
    } moves[] = {{3, 1, "↑2"}, {1, 2, "↓1"}, {2, 2, "="}, {0, 2, "↑"}};
    (void)state;
    for (size_t i = 0; i < sizeof(moves) / sizeof(*moves); i++) {
        json_t *object = json_object();
        put(object, "rank_before", value_count(moves[i].before > 0, (uint64_t)moves[i].before));
        put(object, "rank_after", value_count(true, (uint64_t)moves[i].after));
        assert_cell(object, "rank_after", CELL_MOVE, STYLE_TABLE, moves[i].text);
    }
}

static void names_of_enums_go_both_ways(void **state) {
    char name[ENUM_NAME];
    int value;
    (void)state;
    assert_string_equal(enum_name(name, &pb__sheet_state__descriptor, PB__SHEET_STATE__SHEET_DRAFT), "draft");
    assert_string_equal(enum_name(name, &pb__column__descriptor, PB__COLUMN__COLUMN_FINAL), "final");
    assert_string_equal(enum_name(name, &pb__column__descriptor, 77), "77");
    assert_true(enum_find(&pb__column__descriptor, "appraised", &value));
    assert_int_equal(value, PB__COLUMN__COLUMN_APPRAISED);
    assert_false(enum_find(&pb__column__descriptor, "SELF", &value));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_aligned_by_what_letters_take),
        cmocka_unit_test(vietnamese_tables_have_a_comma),
        cmocka_unit_test(csv_is_rfc_4180_and_harmless),
        cmocka_unit_test(excel_has_a_mark_semicolons_and_headers_for_people),
        cmocka_unit_test(every_beginning_of_a_formula_is_guarded),
        cmocka_unit_test(amounts_have_marks_at_the_thousands),
        cmocka_unit_test(no_header_means_none),
        cmocka_unit_test(json_is_the_shape_itself),
        cmocka_unit_test(ndjson_is_a_line_for_each_row),
        cmocka_unit_test(an_empty_list_keeps_its_header),
        cmocka_unit_test(an_answer_without_a_list_is_one_row),
        cmocka_unit_test(rows_of_many_batches_are_one_array),
        cmocka_unit_test(long_texts_are_wrapped_at_words),
        cmocka_unit_test(every_batch_in_blocks_has_its_headers),
        cmocka_unit_test(columns_that_move_have_their_headers_again),
        cmocka_unit_test(a_wide_board_stands_in_blocks),
        cmocka_unit_test(one_block_is_enough_where_there_is_room),
        cmocka_unit_test(letters_and_marks_apart_are_aligned_alike),
        cmocka_unit_test(a_guard_comes_off_again),
        cmocka_unit_test(a_word_too_long_for_a_line_stays_whole),
        cmocka_unit_test(control_characters_do_not_reach_the_terminal),
        cmocka_unit_test(points_are_exact_in_json),
        cmocka_unit_test(a_message_shows_its_fields),
        cmocka_unit_test(all_fields_are_null_where_absent),
        cmocka_unit_test(lateness_does_not_hide_whether),
        cmocka_unit_test(columns_stay_away_until_somebody_says_something),
        cmocka_unit_test(values_stay_away_until_there_is_one),
        cmocka_unit_test(lateness_is_read_as_a_length),
        cmocka_unit_test(lengths_below_a_day_have_no_days),
        cmocka_unit_test(what_is_not_assigned_is_not_missing),
        cmocka_unit_test(tie_breaks_are_words_for_people),
        cmocka_unit_test(dates_are_turned_for_people),
        cmocka_unit_test(moves_are_marked),
        cmocka_unit_test(names_of_enums_go_both_ways),
    };
    return cmocka_run_group_tests_name("client output", tests, NULL, NULL);
}
