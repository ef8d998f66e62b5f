// The workbook and the page: what is escaped, what they are made of, and that a file is there as a whole or not at all.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <minizip/unzip.h>
#include <minizip/zip.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/file.h"
#include "client/memory.h"
#include "client/output/html.h"
#include "client/output/html_text.h"
#include "client/output/provenance.h"
#include "client/output/xlsx.h"
#include "client/output/xlsx_check.h"
#include "client/output/xlsx_names.h"
#include "proto/text.h"

// ---- a board of three: one with a bonus, one whose name and note are formulas, one without points ----

static const char board_text[] =
    "{'period':'p','state':'scoring','column':'appraised','seq':57,'provisional':true,'units_submitted':2,'units':3,"
    "'time':'2026-10-30T09:12:44.120+07:00','at':null,'board_hash':null,'tie_breaks':['TC1'],'rows':["
    "{'rank':1,'tied':false,'unit':'a','name':'Đống Đa','criteria':{'TC1':12.5,'TC2':30},'base':42.5,'bonus':1.5,"
    "'deduction':0.5,'total':43.5,'scored':2,'of':2,'sheet':'appraised','class':'Tốt','remarks':null},"
    "{'rank':2,'tied':true,'unit':'b','name':'=1+1','criteria':{'TC1':10,'TC2':null},'base':10,'bonus':0,"
    "'deduction':0,'total':10,'scored':1,'of':2,'sheet':'draft','class':null,'remarks':'<script>alert(1)</script>'},"
    "{'rank':null,'tied':false,'unit':'c','name':'A & \\'B\\'','criteria':{'TC1':null,'TC2':null},'base':null,"
    "'bonus':null,'deduction':null,'total':null,'scored':null,'of':null,'sheet':'none','class':null,'remarks':null}]}";

static const char period_text[] =
    "{'id':'p','name':'Năm 2026','cluster':'cum','year':2026,'total':50,'bonus_cap':5,'hash':'ab','criteria':["
    "{'code':'TC1','title':'@SUM(A1)','max':20},{'code':'TC2','title':'Hai','max':30}]}";

static const char sheets_text[] =
    "{'a':{'unit':'a','name':'Đống Đa','sheet':'appraised','sheet_revision':1,'total':42.5,'maximum':50,'late':false,"
    "'appraised':{'base':42.5,'bonus':1.5,'deduction':0.5,'total':43.5},'final':null,'adjustments':["
    "{'seq':9,'time':'2026-10-30T09:12:44.120+07:00','actor':'account:3','criterion':null,'points':1.5,'reason':'-1'}],"
    "'lines':["
    "{'criterion':'TC1','title':'@SUM(A1)','max':20,'points':12.5,'actual':1234567,'note':'=1+1','evidence':[],"
    "'revision':1,'assigned':true,'appraised':12.5,'appraised_reason':null,'deducted':0.5,'final':null,"
    "'explanation':null},"
    "{'criterion':'TC2','title':'Hai','max':30,'points':30,'actual':null,'note':null,'evidence':[],"
    "'revision':1,'assigned':true,'appraised':30,'appraised_reason':null,'deducted':null,'final':null,"
    "'explanation':null}]}}";

static json_t *read_json(const char *text) {
    char *copy = must_strdup(text);
    for (char *at = copy; *at; at++) { // 'a' stands for "a", \' for '
        if (at[0] == '\\' && at[1] == '\'')
            memmove(at, at + 1, strlen(at));
        else if (*at == '\'')
            *at = '"';
    }
    json_error_t error;
    json_t *value = json_loads(copy, 0, &error);
    if (!value)
        fail_msg("%s at %d", error.text, error.position);
    free(copy);
    return value;
}

static struct snapshot snapshot_new(void) {
    struct snapshot snapshot = {.steady = true};
    snapshot.board = read_json(board_text);
    snapshot.period = read_json(period_text);
    snapshot.sheets = read_json(sheets_text);
    snapshot.about =
        read_json("{'account':'3','role':'council','made':'2026-10-30T10:00:00.000+07:00','program':'thidua',"
                  "'without_sheet':['=1+1']}");
    return snapshot;
}

static json_t *row_of(const struct snapshot *snapshot, size_t index) {
    return json_array_get(json_object_get(snapshot->board, "rows"), index);
}

static size_t count_of(const char *text, const char *word) {
    size_t count = 0;
    while ((text = strstr(text, word))) {
        count++;
        text += strlen(word);
    }
    return count;
}

// ---- text ----

static void whatever_stands_for_a_dollar_is_escaped(void **state) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    (void)state;
    html_put(out, "<p class=\"$\">$</p>", "\"'", "<b>&\x01$");
    fclose(out);
    assert_string_equal(text, "<p class=\"&quot;&#39;\">&lt;b&gt;&amp;?$</p>");
    free(text);
}

static void worksheets_have_names_that_excel_takes(void **state) {
    static const struct {
        const char *wanted, *name;
    } cases[] = {
        {"Ba Đình", "Ba Đình"},
        {"BA ĐÌNH", "BA ĐÌNH (2)"}, // Excel does not tell them apart
        {"Ba Đình", "Ba Đình (3)"},
        {"History", "History (2)"}, // Excel's own
        {"a[b]c:d*e?f/g\\h", "a-b-c-d-e-f-g-h"},
        {"'quoted'", "quoted"},
        {"", "-"},
        {"''", "- (2)"},
        {"Đơn vị có tên rất dài vượt quá ba mươi mốt", "Đơn vị có tên rất dài vượt quá"},
        {"Đơn vị có tên rất dài vượt quá ba mươi hai", "Đơn vị có tên rất dài vượt (2)"},
        {"😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"}, // of two each
        {"tab\there\xef\xbf\xbf", "tab-here\xef\xbf\xbd"},
    };
    json_t *taken = worksheet_names();
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *name = worksheet_name(taken, cases[i].wanted);
        assert_string_equal(name, cases[i].name);
        assert_true(text_width(name) <= 31);
        free(name);
    }
    json_decref(taken);
}

// ---- the page ----

static char *page_of(const struct snapshot *snapshot, const struct options *options, int refresh_s) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    html_write(out, snapshot, options, refresh_s);
    fclose(out);
    char *page = must_strdup(text);
    free(text);
    return page;
}

static void the_page_is_one_and_harmless(void **state) {
    static const char *const never[] = {"<script", "alert(1)</", "src=", "href=", "url(", "@import", "://", "A & '"};
    struct options options = {.output = OUTPUT_TABLE};
    struct snapshot snapshot = snapshot_new();
    char *page = page_of(&snapshot, &options, 0);
    (void)state;
    for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
        assert_null(strstr(page, never[i]));
    assert_non_null(strstr(page, "<html lang=\"en\">"));
    assert_non_null(strstr(page, "&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_non_null(strstr(page, "A &amp; &#39;B&#39;"));
    assert_null(strstr(page, "refresh"));
    free(page);
    page = page_of(&snapshot, &options, 60);
    assert_non_null(strstr(page, "<meta http-equiv=\"refresh\" content=\"60\">"));
    free(page);
    snapshot_free(&snapshot);
}

// The period's total is 50: 42 of 43.5 are the base less the deduction, 1.5 the bonus.
static void a_bar_is_as_long_as_the_total(void **state) {
    struct options options = {.output = OUTPUT_TABLE, .vietnamese = true};
    struct snapshot snapshot = snapshot_new();
    char *page = page_of(&snapshot, &options, 0);
    (void)state;
    assert_int_equal(count_of(page, "<svg class=\"bar\""), 3);
    assert_int_equal(count_of(page, "<rect class=\"room\" x=\"0.00\" width=\"1000.00\""), 3);
    assert_non_null(strstr(page, "<rect class=\"points\" x=\"0.00\" width=\"840.00\""));
    assert_non_null(strstr(page, "<rect class=\"bonus\" x=\"840.00\" width=\"30.00\""));
    assert_non_null(strstr(page, "<rect class=\"points\" x=\"0.00\" width=\"200.00\""));
    assert_int_equal(count_of(page, "<rect class=\"points\""), 2);
    assert_non_null(strstr(page, ">43,50<"));
    free(page);
    snapshot_free(&snapshot);
}

static void what_is_missing_is_no_zero(void **state) {
    struct options options = {.output = OUTPUT_TABLE};
    struct snapshot snapshot = snapshot_new();
    char *page = page_of(&snapshot, &options, 0);
    char *row = strstr(page, "A &amp;"), *end = row ? strstr(row, "</tr>") : NULL;
    (void)state;
    assert_non_null(end);
    *end = 0;
    assert_int_equal(count_of(row, ">—<"), 2 + 4 + 1); // criteria, figures, class
    assert_null(strstr(row, ">0"));
    free(page);
    snapshot_free(&snapshot);
}

static void only_a_provisional_board_says_so(void **state) {
    struct options options = {.output = OUTPUT_TABLE};
    struct snapshot snapshot = snapshot_new();
    char *page = page_of(&snapshot, &options, 0);
    (void)state;
    assert_non_null(strstr(page, "PROVISIONAL"));
    free(page);
    json_object_set_new(snapshot.board, "provisional", json_false());
    page = page_of(&snapshot, &options, 0);
    assert_null(strstr(page, "PROVISIONAL"));
    assert_null(strstr(page, "class=\"note"));
    free(page);
    snapshot_free(&snapshot);
}

// ---- where it comes from ----

static const char *fact_of(const json_t *facts, const char *label) {
    size_t i;
    json_t *fact;
    json_array_foreach(facts, i, fact) if (!strcmp(json_string_value(json_object_get(fact, "label")),
                                                   label)) return json_string_value(json_object_get(fact, "value"));
    return NULL;
}

static void provenance_says_what_does_not_agree(void **state) {
    struct options options = {.output = OUTPUT_TABLE};
    struct snapshot snapshot = snapshot_new();
    json_t *facts = provenance(&snapshot, &options, false);
    (void)state;
    assert_string_equal(fact_of(facts, "Consistency"), "every figure is as of entry 57");
    assert_string_equal(fact_of(facts, "Sheets not shown to the reader"), "=1+1");
    assert_string_equal(fact_of(facts, "Final board's hash"), "—");
    assert_string_equal(fact_of(facts, "Definition's hash"), "ab");
    assert_null(fact_of(facts, "Sheets that are not those of the summary"));
    json_decref(facts);
    snapshot.steady = false;
    facts = provenance(&snapshot, &options, false);
    assert_non_null(strstr(fact_of(facts, "Consistency"), "went on"));
    json_decref(facts);
    snapshot_free(&snapshot);
}

static void figures_that_do_not_add_up_are_found(void **state) {
    static const struct {
        const char *key;
        double value;
    } wrong[] = {{"base", 42.75}, {"total", 44}, {"bonus", 2}};
    struct snapshot snapshot = snapshot_new();
    (void)state;
    assert_null(snapshot_adds_up(&snapshot));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        json_t *row = row_of(&snapshot, 0), *right = json_incref(json_object_get(row, wrong[i].key));
        json_object_set_new(row, wrong[i].key, json_real(wrong[i].value));
        assert_string_equal(snapshot_adds_up(&snapshot), "Đống Đa");
        json_object_set_new(row, wrong[i].key, right);
    }
    json_t *line = json_array_get(json_object_get(json_object_get(snapshot.sheets, "a"), "lines"), 1);
    json_object_set_new(line, "appraised", json_integer(29));
    assert_string_equal(snapshot_adds_up(&snapshot), "Đống Đa");
    snapshot_free(&snapshot);
}

// ---- the workbook ----

static char folder[] = "/tmp/thidua-export-XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    return rmdir(folder);
}

// A part of the workbook; free it.
static char *part_of(const char *path, const char *name) {
    char *text = must_alloc(1 << 20);
    unzFile archive = unzOpen64(path);
    assert_non_null(archive);
    assert_int_equal(unzLocateFile(archive, name, 1), UNZ_OK);
    assert_int_equal(unzOpenCurrentFile(archive), UNZ_OK);
    assert_true(unzReadCurrentFile(archive, text, (1 << 20) - 1) > 0);
    assert_int_equal(unzCloseCurrentFile(archive), UNZ_OK);
    unzClose(archive);
    return text;
}

static void the_workbook_calculates_and_has_no_other_formula(void **state) {
    struct options options = {.output = OUTPUT_TABLE};
    struct snapshot snapshot = snapshot_new();
    char *path = must_format("%s/a.xlsx", folder), *why = xlsx_write(&snapshot, &options, path);
    (void)state;
    assert_null(why);
    assert_true(xlsx_is_whole(path));
    char *summary = part_of(path, "xl/worksheets/sheet1.xml"), *unit = part_of(path, "xl/worksheets/sheet2.xml");
    char *strings = part_of(path, "xl/sharedStrings.xml"), *book = part_of(path, "xl/workbook.xml");
    assert_int_equal(count_of(summary, "<f>"), 4); // base and total of two units
    assert_non_null(strstr(summary, "<f>ROUND(SUM(C7:D7),2)</f><v>42.5</v>"));
    assert_non_null(strstr(summary, "<f>ROUND(MIN(E7,$E$6)+F7-G7,2)</f><v>43.5</v>"));
    assert_int_equal(count_of(unit, "<f>"), 4); // of the self-scored and the appraised column
    assert_non_null(strstr(unit, "<f>ROUND(SUM(I5:I6),2)</f><v>42.5</v>"));
    assert_non_null(strstr(unit, "<f>ROUND(MIN(I7,$C$7)+I8-I9,2)</f><v>43.5</v>"));
    assert_non_null(strstr(strings, ">=1+1<"));
    assert_non_null(strstr(book, "name=\"Summary\""));
    assert_non_null(strstr(book, "name=\"Provenance\""));
    assert_int_equal(count_of(book, "<sheet "), 3);
    char *const texts[] = {summary, unit, strings, book, path};
    unlink(path);
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        free(texts[i]);
    snapshot_free(&snapshot);
}

static void write_archive(const char *path, const char *xml) {
    zipFile archive = zipOpen64(path, APPEND_STATUS_CREATE);
    assert_non_null(archive);
    assert_int_equal(zipOpenNewFileInZip(archive, "a.xml", NULL, NULL, 0, NULL, 0, NULL, Z_DEFLATED, 6), ZIP_OK);
    assert_int_equal(zipWriteInFileInZip(archive, xml, (unsigned)strlen(xml)), ZIP_OK);
    assert_int_equal(zipCloseFileInZip(archive), ZIP_OK);
    assert_int_equal(zipClose(archive, NULL), ZIP_OK);
}

static void a_workbook_that_was_cut_is_noticed(void **state) {
    static const struct {
        const char *xml;
        bool whole;
    } cases[] = {
        {"<?xml version=\"1.0\"?>\n<sst count=\"1\"><si><t>a</t></si></sst>", true},
        {"<?xml version=\"1.0\"?>\n<a:theme xmlns:a=\"x\"><a:b/></a:theme>\n", true},
        {"<?xml version=\"1.0\"?>\n<sst count=\"1\"><si><t>a</t></si>", false},
        {"<?xml version=\"1.0\"?>\n<sst count=\"1\"><si><t>a", false},
        {"<?xml versi", false},
        {"", false},
    };
    char *path = must_format("%s/b.xlsx", folder);
    (void)state;
    assert_false(xlsx_is_whole(path));
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        write_archive(path, cases[i].xml);
        assert_int_equal(xlsx_is_whole(path), cases[i].whole);
    }
    write_archive(path, cases[0].xml);
    assert_int_equal(truncate(path, 60), 0);
    assert_false(xlsx_is_whole(path));
    unlink(path);
    free(path);
}

// ---- files ----

static mode_t mode_of(const char *path) {
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 0777;
}

static void write_file(const char *path, bool keep) {
    struct new_file file;
    assert_true(new_file_open(&file, path));
    assert_true(new_file_share(&file));
    fputs("new", file.file);
    if (keep)
        assert_true(new_file_keep(&file));
    else
        new_file_drop(&file);
}

static void a_file_is_for_others_and_replaced_as_a_whole(void **state) {
    char *path = must_format("%s/c", folder), *nowhere = must_format("%s/none/c", folder);
    struct new_file file;
    mode_t mask = umask(027);
    (void)state;
    write_file(path, true);
    assert_int_equal(mode_of(path), 0640);
    assert_int_equal(chmod(path, 0604), 0);
    write_file(path, true);
    assert_int_equal(mode_of(path), 0604);
    assert_int_equal(truncate(path, 1), 0);
    write_file(path, false);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, 1);
    assert_false(new_file_open(&file, nowhere));
    assert_false(new_file_open(&file, folder));
    umask(mask);
    unlink(path);
    free(path);
    free(nowhere);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_stands_for_a_dollar_is_escaped),
        cmocka_unit_test(worksheets_have_names_that_excel_takes),
        cmocka_unit_test(the_page_is_one_and_harmless),
        cmocka_unit_test(a_bar_is_as_long_as_the_total),
        cmocka_unit_test(what_is_missing_is_no_zero),
        cmocka_unit_test(only_a_provisional_board_says_so),
        cmocka_unit_test(provenance_says_what_does_not_agree),
        cmocka_unit_test(figures_that_do_not_add_up_are_found),
        cmocka_unit_test(the_workbook_calculates_and_has_no_other_formula),
        cmocka_unit_test(a_workbook_that_was_cut_is_noticed),
        cmocka_unit_test(a_file_is_for_others_and_replaced_as_a_whole),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
