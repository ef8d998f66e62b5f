// Scores from a file: rows and their lines, encodings, the marks of numbers, and what `sheet -o csv` has written.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/import/evidence.h"
#include "client/import/field_limit.h"
#include "client/import/legacy.h"
#include "client/import/number_column.h"
#include "client/import/score_rows.h"
#include "client/output/report.h"
#include "client/output/value.h"
#include "client/points.h"

#define BOM "\xef\xbb\xbf"

struct reading {
    struct score_rows rows;
    struct findings findings;
    bool good;
};

static struct reading read_bytes(const char *bytes, size_t size, enum import_kind kind) {
    struct reading reading = {.good = false};
    char *copy = malloc(size + 1); // of the exact size, so that a read beyond it is seen
    memcpy(copy, bytes, size);
    copy[size] = 0;
    reading.good = score_rows_parse(&reading.rows, copy, size, kind, &reading.findings);
    free(copy);
    return reading;
}

static struct reading read_text(const char *text) {
    return read_bytes(text, strlen(text), IMPORT_OWN);
}

static void done(struct reading *reading) {
    score_rows_free(&reading->rows);
    findings_free(&reading->findings);
}

static const struct finding *find(const struct reading *reading, size_t line, const char *part) {
    for (size_t i = 0; i < reading->findings.n; i++) {
        const struct finding *finding = &reading->findings.list[i];
        if (finding->line == line && strstr(finding->reason, part))
            return finding;
    }
    for (size_t i = 0; i < reading->findings.n; i++)
        print_message("%zu: %s\n", reading->findings.list[i].line, reading->findings.list[i].reason);
    fail_msg("expected line %zu: “%s”", line, part);
    return NULL;
}

static void assert_file_refused(const char *bytes, size_t size, size_t line, const char *part) {
    struct reading reading = read_bytes(bytes, size, IMPORT_OWN);
    assert_false(reading.good);
    assert_int_equal(find(&reading, line, part)->weight, FINDING_FILE);
    done(&reading);
}

static void assert_text_refused(const char *text, size_t line, const char *part) {
    assert_file_refused(text, strlen(text), line, part);
}

// The row of that line is bad for that reason, and the file's other rows are as good as they were.
static void assert_row_refused(const char *text, size_t line, const char *part) {
    struct reading reading = read_text(text);
    assert_true(reading.good);
    assert_int_equal(find(&reading, line, part)->weight, FINDING_ROW);
    for (size_t i = 0; i < reading.rows.n; i++)
        if (reading.rows.list[i].line == line)
            assert_int_equal(reading.rows.list[i].state, SCORE_ROW_BAD);
        else
            assert_int_equal(reading.rows.list[i].state, SCORE_ROW_GOOD);
    done(&reading);
}

static void assert_points(const char *text, size_t row, int32_t points_cp) {
    struct reading reading = read_text(text);
    if (!reading.good || reading.findings.n)
        find(&reading, 0, "no findings");
    assert_true(row < reading.rows.n);
    assert_int_equal(reading.rows.list[row].state, SCORE_ROW_GOOD);
    assert_int_equal(reading.rows.list[row].points_cp, points_cp);
    done(&reading);
}

static void assert_actual(const char *text, size_t row, int64_t actual) {
    struct reading reading = read_text(text);
    if (!reading.good || reading.findings.n)
        find(&reading, 0, "no findings");
    assert_true(row < reading.rows.n && reading.rows.list[row].has_actual);
    assert_int_equal(reading.rows.list[row].actual, actual);
    done(&reading);
}

// ---- rows and cells ----

static void a_file_becomes_rows(void **state) {
    struct reading reading = read_text("unit,criterion,points,actual,note,evidence,revision\r\n"
                                       "ba-dinh,TC1,12.5,,xong,15/BC-MTTQ-BTT;2022-10-20;Báo cáo năm,3\r\n"
                                       "ba-dinh,tc3,,520000000,,,\r\n");
    (void)state;
    assert_true(reading.good);
    assert_int_equal(reading.findings.n, 0);
    assert_int_equal(reading.rows.n, 2);
    const struct score_row *first = &reading.rows.list[0], *second = &reading.rows.list[1];
    assert_int_equal(first->line, 2);
    assert_string_equal(first->unit, "ba-dinh");
    assert_string_equal(first->criterion, "TC1");
    assert_true(first->has_points && !first->has_actual && first->has_revision);
    assert_int_equal(first->points_cp, 1250);
    assert_int_equal(first->revision, 3);
    assert_string_equal(first->note, "xong");
    assert_int_equal(first->n_evidence, 1);
    assert_string_equal(first->evidence[0]->number, "15/BC-MTTQ-BTT");
    assert_string_equal(first->evidence[0]->date, "2022-10-20");
    assert_string_equal(first->evidence[0]->title, "Báo cáo năm");
    assert_int_equal(second->line, 3);
    assert_true(!second->has_points && second->has_actual && !second->has_revision);
    assert_int_equal(second->actual, 520000000);
    assert_null(second->note);
    assert_int_equal(second->n_evidence, 0);
    done(&reading);
}

static void the_header_tells_the_separator(void **state) {
    (void)state;
    assert_points("criterion,points\nTC1,12.5\n", 0, 1250);
    assert_points("criterion;points\nTC1;12,5\n", 0, 1250);
    assert_points("criterion\tpoints\nTC1\t12,5\n", 0, 1250);
    // Data that is full of another one changes nothing.
    assert_points("criterion;points;note\nTC1;12,5;a,b,c,d,e\nTC2;1,5;\"f;g\"\n", 1, 150);
    assert_points("criterion\tpoints\tevidence\nTC1\t12,5\t15/BC;2022-10-20;a,b\n", 0, 1250);
    // Nor does one inside the quotes of a header.
    assert_points("\"criterion\";\"points\"\nTC1;12,5\n", 0, 1250);
    assert_points("\"Ghi\nchú\";criterion;points\nx,y;TC1;12,5\n", 0, 1250);
    assert_text_refused("criterion points\nTC1 12\n", 1, "no comma, semicolon or tab");
    assert_text_refused("unit,criterion;points\nTC1,12;5\n", 1, "one of them parts the columns");
}

static void byte_order_mark_and_line_ends_do_not_matter(void **state) {
    (void)state;
    assert_points(BOM "criterion;points\r\nTC1;12,5\r\n", 0, 1250);
    assert_points(BOM "\"criterion\";points\nTC1;12,5", 0, 1250);
    assert_points("criterion,points\rTC1,12.5\rTC2,1\r", 1, 100);
    assert_points("\r\n\n  \r\ncriterion,points\r\n\r\nTC1,12.5\r\n   \r\n,\r\n", 0, 1250);
}

static void a_row_has_the_line_where_it_begins(void **state) {
    struct reading reading = read_text("criterion;points;note\r\n"
                                       "TC1;1;\"dòng một\r\ndòng hai\r\n\r\ndòng \"\"bốn\"\"\"\r\n"
                                       "\r\n"
                                       "TC2;2;\"\n\"\r\n"
                                       "TC3;3;x\r\n");
    (void)state;
    assert_true(reading.good);
    assert_int_equal(reading.rows.n, 3);
    assert_int_equal(reading.rows.list[0].line, 2);
    assert_string_equal(reading.rows.list[0].note, "dòng một dòng hai  dòng \"bốn\"");
    assert_int_equal(reading.rows.list[1].line, 7);
    assert_null(reading.rows.list[1].note);
    assert_int_equal(reading.rows.list[2].line, 9);
    done(&reading);
}

static void quotes_that_do_not_match_are_named(void **state) {
    (void)state;
    assert_text_refused("criterion,points,note\nTC1,1,x\nTC2,2,\"never closed\nTC3,3,y\nTC4,4,z\n", 3, "never closed");
    assert_text_refused("criterion,points,note\nTC1,1,a\"b\n", 2, "where none may");
    assert_text_refused("criterion,points,note\nTC1,1,\"a\"b\n", 2, "where none may");
    assert_text_refused("criterion,points,note\nTC1,1,\"a\nTC2,2,\"b\"\n", 3, "begins in line 2");
    assert_text_refused("criterion,note,points\nTC1,\"a\nb\",\"c\nd\"e\n", 4, "begins in line 3");
    assert_text_refused("\"criterion,points\nTC1,1\n", 1, "");
}

static void a_row_has_as_many_cells_as_the_header(void **state) {
    (void)state;
    assert_row_refused("criterion,points\nTC1,1\nTC2,12,5\nTC3,3\n", 3, "has 3 cells, the first line 2");
    assert_row_refused("criterion;points\nTC1;12,5\nTC2;1.5;x\n", 3, "has 3 cells");
    assert_row_refused("criterion,points,note\nTC1,1,\nTC2,2\n", 3, "has 2 cells, the first line 3");
    struct reading reading = read_text("unit,criterion,points\nba-dinh,TC2,12,5\n");
    const struct finding *finding = find(&reading, 2, "has 4 cells");
    assert_string_equal(finding->unit, "ba-dinh");
    assert_string_equal(finding->criterion, "TC2");
    done(&reading);
}

static void text_is_made_nfc(void **state) {
    struct reading reading = read_text("unit,criterion,points,note\nĐo\xcc\x82\xcc\x81ng\xc2\xa0"
                                       "Đa,TC1,1,a\xcc\x80\n");
    (void)state;
    assert_true(reading.good);
    assert_string_equal(reading.rows.list[0].unit, "Đống Đa");
    assert_string_equal(reading.rows.list[0].note, "\xc3\xa0");
    done(&reading);
}

static void control_characters_are_named(void **state) {
    (void)state;
    assert_row_refused("criterion,points,note\nTC1,1,x\nTC2,2,a\x01z\n", 3, "note: the text holds a tab or another");
    assert_row_refused("criterion,points,note\nTC2,2,\"a\tz\"\n", 2, "control character");
    assert_row_refused("criterion,points,note\nTC2,2,\xe2\x80\xae\n", 2, "control character");
    assert_file_refused("criterion,points\nTC1,1\0\n", 24, 2, "zero byte");
    assert_text_refused("criterion,po\x01ints\nTC1,1\n", 1, "control character");
}

static void a_file_of_another_kind_is_named(void **state) {
    static const char utf_16[] = "\xff\xfe"
                                 "c\0r\0i\0;\0p\0\n\0";
    (void)state;
    assert_file_refused(utf_16, sizeof(utf_16) - 1, 0, "UTF-16");
    assert_file_refused(utf_16 + 2, sizeof(utf_16) - 3, 0, "UTF-16");
    assert_file_refused("\xfe\xff\0c", 4, 0, "UTF-16");
    assert_file_refused("PK\003\004\024\0\006\0", 8, 0, "workbook (xlsx or ods)");
    assert_file_refused("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, 0, "workbook (xls)");
    assert_text_refused("", 0, "empty");
    assert_text_refused(BOM "\r\n \r\n", 0, "empty");
    assert_text_refused(",,,\n,\n", 0, "empty");
    assert_text_refused("criterion,points\n", 1, "no line besides");
    assert_text_refused("criterion,points,note\nTC1,1,x\nTC1,1,\xff\xfe\n", 3, "the line is not UTF-8");
}

static void what_is_too_large_is_refused(void **state) {
    enum { MOST = TABLE_FILE_MOST };
    char path[] = "/tmp/thidua-import-XXXXXX", wide[2 * TABLE_WIDTH_MOST + 32];
    struct score_rows rows;
    struct findings findings = {0};
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)MOST + 1), 0);
    assert_false(score_rows_read(&rows, path, IMPORT_OWN, &findings));
    assert_string_equal(findings.list[0].reason, "the file is larger than 64 MiB");
    assert_false(findings.no_input);
    score_rows_free(&rows);
    findings_free(&findings);
    close(fd);
    unlink(path);
    memset(wide, ',', sizeof(wide));
    memcpy(wide, "criterion,points", 16);
    wide[sizeof(wide) - 2] = '\n';
    wide[sizeof(wide) - 1] = 0;
    assert_text_refused(wide, 1, "64 at most");
}

static void a_file_is_read_from_its_path(void **state) {
    char path[] = "/tmp/thidua-import-XXXXXX";
    struct score_rows rows;
    struct findings findings = {0};
    int fd = mkstemp(path);
    (void)state;
    assert_int_equal(write(fd, "criterion,points\nTC1,7\n", 23), 23);
    close(fd);
    assert_true(score_rows_read(&rows, path, IMPORT_OWN, &findings));
    assert_int_equal(rows.list[0].points_cp, 700);
    score_rows_free(&rows);
    unlink(path);
    assert_false(score_rows_read(&rows, path, IMPORT_OWN, &findings));
    assert_true(findings.no_input);
    assert_true(strlen(findings.list[0].reason) > 0);
    score_rows_free(&rows);
    findings_free(&findings);
    assert_false(score_rows_read(&rows, "/tmp", IMPORT_OWN, &findings));
    assert_true(findings.no_input);
    score_rows_free(&rows);
    findings_free(&findings);
}

// ---- encodings from before Unicode ----

// The six districts, "Hoàn thành xuất sắc các nhiệm vụ được giao" and "thực hiện đầy đủ kế hoạch" in three encodings.
static const struct sample {
    enum legacy legacy;
    const char *text[8];
} samples[] = {
    {LEGACY_TCVN3,
     {"\xa7\xe8ng \xa7"
      "a",
      "Ba \xa7\xd7nh", "Ho\xb5ng Mai", "Ho\xb5n Ki\xd5m", "Hai B\xb5 Tr\xadng", "Long Bi\xaan",
      "Ho\xb5n th\xb5nh xu\xcat s\xbe"
      "c c\xb8"
      "c nhi\xd6m v\xf4 \xae\xad\xee"
      "c giao",
      "th\xf9"
      "c hi\xd6n \xae\xc7y \xae\xf1 k\xd5 ho\xb9"
      "ch"}},
    {LEGACY_VNI,
     {"\xd1o\xe1ng \xd1"
      "a",
      "Ba \xd1\xecnh", "Hoa\xf8ng Mai", "Hoa\xf8n Kie\xe1m", "Hai Ba\xf8 Tr\xf6ng", "Long Bie\xe2n",
      "Hoa\xf8n tha\xf8nh xua\xe1t sa\xe9"
      "c ca\xf9"
      "c nhie\xe4m vu\xef \xf1\xf6\xf4\xef"
      "c giao",
      "th\xf6\xef"
      "c hie\xe4n \xf1"
      "a\xe0y \xf1u\xfb ke\xe1 hoa\xef"
      "ch"}},
    {LEGACY_1258,
     {"\xd0\xf4\xecng \xd0"
      "a",
      "Ba \xd0i\xccnh", "Ho\xe0ng Mai", "Ho\xe0n Ki\xea\xecm", "Hai B\xe0 Tr\xfdng", "Long Bi\xean",
      "Ho\xe0n th\xe0nh xu\xe2\xect s\xe3\xec"
      "c c\xe1"
      "c nhi\xea\xf2m vu\xf2 \xf0\xfd\xf5\xf2"
      "c giao",
      "th\xfd\xf2"
      "c hi\xea\xf2n \xf0\xe2\xccy \xf0u\xd2 k\xea\xec hoa\xf2"
      "ch"}},
};
enum { SAMPLES = sizeof(samples) / sizeof(*samples), TEXTS = 8 };

// A file of scores whose notes are the sample's texts.
static void write_sample(char *out, size_t size, const struct sample *sample) {
    size_t n = (size_t)snprintf(out, size, "criterion;points;note\r\n");
    for (size_t i = 0; i < TEXTS; i++)
        n += (size_t)snprintf(out + n, size - n, "TC%zu;12,5;%s\r\n", i + 1, sample->text[i]);
}

static void files_in_old_encodings_are_refused_by_name(void **state) {
    static const char *const names[] = {"encoding TCVN3 (ABC), not UTF-8", "encoding VNI, not UTF-8",
                                        "encoding Windows-1258, not UTF-8"};
    static const char *const ways[] = {"UniKey", "UniKey", "iconv -f WINDOWS-1258 -t UTF-8"};
    char file[1024];
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        write_sample(file, sizeof(file), &samples[i]);
        struct reading reading = read_text(file);
        assert_false(reading.good);
        assert_int_equal(reading.findings.n, 1);
        assert_non_null(strstr(find(&reading, 2, names[i])->hint, ways[i]));
        done(&reading);
    }
}

static void a_single_name_is_enough(void **state) {
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sample *sample = &samples[i];
        assert_int_equal(legacy_of_bytes(sample->text[0], strlen(sample->text[0])), sample->legacy);
        assert_int_equal(legacy_of_bytes(sample->text[1], strlen(sample->text[1])), sample->legacy);
        assert_int_equal(legacy_of_bytes(sample->text[7], strlen(sample->text[7])), sample->legacy);
    }
    assert_int_equal(legacy_of_bytes("r\xe9sum\xe9 na\xefve", 12), LEGACY_NONE);
    assert_int_equal(legacy_of_bytes("\xff\xfe\x80", 3), LEGACY_NONE);
    // Capitals of VNI, and of TCVN3's fonts of capitals, in which only the plain letters are coded as such.
    assert_int_equal(legacy_of_bytes("\xd1O\xc1NG \xd1\x41", 8), LEGACY_VNI);
    assert_int_equal(legacy_of_bytes("TH\xb5NH PH\xe8 \xae\xe8NG \xae\x41", 17), LEGACY_TCVN3);
}

// What an office program makes of them when it saves as UTF-8: letters of Latin-1.
static void as_utf_8(char *out, const char *bytes) {
    for (; *bytes; bytes++) {
        uint8_t byte = (uint8_t)*bytes;
        if (byte >= 0x80)
            *out++ = (char)(0xc0 | byte >> 6);
        *out++ = (char)(byte < 0x80 ? byte : 0x80 | (byte & 0x3f));
    }
    *out = 0;
}

static void text_of_old_fonts_saved_as_utf_8_is_known(void **state) {
    char text[256];
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t k = 0; k < TEXTS; k++) {
            as_utf_8(text, samples[i].text[k]);
            assert_int_equal(legacy_of_text(text), samples[i].legacy == LEGACY_1258 ? LEGACY_NONE : samples[i].legacy);
        }
    // Small letters of TCVN3 that are capitals elsewhere.
    assert_int_equal(legacy_of_text("tù chÊm"), LEGACY_TCVN3);
    assert_row_refused("criterion,points,note\nTC1,1,Đống Đa\nTC2,2,§èng §a\n", 3,
                       "note: the text is not Unicode but in "
                       "the encoding TCVN3 (ABC)");
    assert_row_refused("criterion,points,note\nTC1,1,Ñoáng Ña\n", 2, "the encoding VNI");
    assert_text_refused("Tiªu chÝ;§iÓm;Ghi chó\nTC1;1;x\n", 1, "TCVN3 (ABC)");
}

static void unicode_is_not_taken_for_an_old_font(void **state) {
    static const char *const texts[] = {
        "Đống Đa",
        "Hoà Bình",
        "Bà Hoà",
        "tài khoá",
        "thành tích",
        "Hà Nội",
        "Señor Peña",
        "naïve café",
        "5 µm, 10 µm",
        "10 µm và",
        "§ 5, mục a",
        "Excel®",
        "m²",
        "½ ngày",
        "«Hà Nội»",
        "· an toàn",
        "São Paulo",
        "Müller",
        "El Niño",
        "ngày 5°C",
        "Côte d'Ivoire",
        "3m×4m",
        "HÀ NỘI",
        "Bình",
        "khoá",
        "plain",
        "",
        "Đà Nẵng §5",
        "Ðống Đa",
        "đúng hạn",
        "hoá đơn",
        "Tân Bình",
        "Bắc Bình",
        "vô hình",
        "hình thành",
        "Đống Đa (§èng §a)",
        "Hà Hà hoà §èng",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        if (legacy_of_text(texts[i]) != LEGACY_NONE)
            fail_msg("“%s” is taken for %s", texts[i], legacy_name(legacy_of_text(texts[i])));
}

// ---- columns ----

static void columns_come_in_any_order_and_either_language(void **state) {
    (void)state;
    assert_points("note,points,criterion\nx,12.5,TC1\n", 0, 1250);
    assert_points("Tự chấm;Tiêu chí\n12,5;TC1\n", 0, 1250);
    assert_text_refused("Thẩm định;Tiêu chí\n12,5;TC1\n", 1, "no column is called “Thẩm định”");
    assert_points("Criterion;Points\nTC1;12,5\n", 0, 1250);
    assert_points(BOM "Tiêu chí;Điểm;Lần sửa\nTC1;12,5;\n", 0, 1250);
    assert_points("TIÊU CHÍ;  điểm  ;Ghi  chú\nTC1;12,5;\n", 0, 1250);
    assert_points("Tieu chi;Diem;\"Ghi\nchú\"\nTC1;12,5;\n", 0, 1250);
    struct reading reading =
        read_text("Đơn vị;Tiêu chí;Điểm;Thực hiện;Ghi chú;Minh chứng;Lần sửa\nBa Đình;TC1;;5;;;\n");
    assert_true(reading.good);
    for (size_t i = 0; i < SCORE_COLUMNS; i++)
        assert_true(reading.rows.has[i]);
    assert_string_equal(reading.rows.list[0].unit, "Ba Đình");
    done(&reading);
}

static char *whole_file(const char *path) {
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t size = 0;
    if (!file)
        skip(); // run from another folder
    assert_true(getdelim(&text, &size, 0, file) > 0);
    fclose(file);
    return text;
}

// What `sheet --excel` prints, in the code and in the catalogue.
static void the_titles_are_those_that_sheet_prints(void **state) {
    static const char *const titles[][3] = {
        {"unit", "Unit", "Đơn vị"},
        {"criterion", "Criterion", "Tiêu chí"},
        {"points", "Self-scored", "Tự chấm"},
        {"appraised", "Appraisal", "Thẩm định"},
        {"actual", "Actual", "Thực hiện"},
        {"note", "Note", "Ghi chú"},
        {"evidence", "Evidence", "Minh chứng"},
        {"revision", "Revision", "Lần sửa"},
    };
    char *code = whole_file("client/verbs/sheet.c"), *catalogue = whole_file("client/po/vi.po"), part[128];
    (void)state;
    for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++) {
        snprintf(part, sizeof(part), "{\"%s\", N_(\"%s\"),", titles[i][0], titles[i][1]);
        if (!strstr(code, part))
            fail_msg("sheet.c does not print %s", part);
        snprintf(part, sizeof(part), "\nmsgid \"%s\"\nmsgstr \"%s\"\n", titles[i][1], titles[i][2]);
        if (!strstr(catalogue, part))
            fail_msg("not in the catalogue: %s", part);
        snprintf(part, sizeof(part), "unit;criterion;points;%s\n", titles[i][2]);
        struct reading reading = read_bytes(part, strlen(part), IMPORT_APPRAISED);
        for (size_t k = 0; k < reading.findings.n; k++)
            assert_null(strstr(reading.findings.list[k].reason, "is called"));
        done(&reading);
    }
    free(code);
    free(catalogue);
}

static void columns_that_cannot_be_used_are_named(void **state) {
    (void)state;
    assert_text_refused("criterion,points,colour\nTC1,1,red\n", 1, "no column is called “colour”");
    assert_text_refused("criterion,points,points\nTC1,1,2\n", 1, "“points” and “points” hold the same");
    assert_text_refused("criterion,points,Điểm\nTC1,1,2\n", 1, "“points” and “Điểm” hold the same");
    assert_text_refused("unit,points\nTC1,1\n", 1, "“Criterion” is missing");
    assert_text_refused("criterion,note\nTC1,1\n", 1, "neither of points nor of actual");
    assert_text_refused("TC1,12.5\nTC2,1.5\n", 1, "no column is called “TC1”");
    assert_row_refused("criterion,points,\nTC1,1,\nTC2,2,x\n", 3, "column 3, which has no name");
}

static void the_appraised_import_wants_the_unit(void **state) {
    static const char without_unit[] = "criterion,points\nTC1,1\n",
                      without_points[] = "unit,criterion,actual\na,TC1,1\n";
    static const char text[] = "unit,criterion,points,actual,note,evidence,revision\n"
                               "ba-dinh,TC1,12.5,1.234.567,x,no evidence;no date,y\n"
                               ",TC2,1,,,,\n"
                               "ba-dinh,TC3,,\"7,654,321\",z,,\n";
    (void)state;
    struct reading reading = read_bytes(without_unit, strlen(without_unit), IMPORT_APPRAISED);
    assert_false(reading.good);
    find(&reading, 1, "“Unit” is missing");
    done(&reading);
    reading = read_bytes(without_points, strlen(without_points), IMPORT_APPRAISED);
    assert_false(reading.good);
    find(&reading, 1, "“Points” is missing");
    done(&reading);
    reading = read_bytes(text, strlen(text), IMPORT_APPRAISED);
    assert_true(reading.good);
    assert_int_equal(reading.findings.n, 2);
    assert_int_equal(reading.rows.list[0].state, SCORE_ROW_GOOD);
    assert_int_equal(reading.rows.list[0].points_cp, 1250);
    assert_false(reading.rows.list[0].has_actual);
    find(&reading, 3, "names no unit");
    assert_int_equal(find(&reading, 4, "scores nothing")->weight, FINDING_REMARK);
    done(&reading);
}

// ---- numbers ----

static void decimals_are_decided_by_column(void **state) {
    (void)state;
    assert_points("criterion;points\nTC1;12,5\nTC2;7\nTC3;0,25\n", 2, 25);
    assert_points("criterion;points\nTC1;12.5\nTC2;7\nTC3;0.25\n", 2, 25);
    struct reading reading = read_text("criterion;points\nTC1;7\nTC2;12,5\nTC3;1\nTC4;12.5\nTC5;0.5\n");
    assert_false(reading.good);
    assert_int_equal(reading.findings.n, 1);
    assert_int_equal(find(&reading, 5, "points: “12.5” here and “12,5” in line 3")->weight, FINDING_FILE);
    done(&reading);
}

static void points_that_are_none_are_named(void **state) {
    (void)state;
    assert_row_refused("criterion;points\nTC1;12,5\nTC2;1.250\n", 3, "points: “1.250” is ambiguous");
    assert_row_refused("criterion;points\nTC1;12.5\nTC2;1.250\n", 3, "points: “1.250” is ambiguous");
    assert_row_refused("criterion;points\nTC1;1,250\n", 2, "is ambiguous");
    assert_row_refused("criterion;points\nTC1;12,5\nTC2;mười\n", 3, "points: “mười” is not a number");
    assert_row_refused("criterion;points\nTC1;-1\n", 2, "is negative");
    assert_row_refused("criterion;points\nTC1;0,125\n", 2, "two decimals");
    assert_row_refused("criterion;points\nTC1;100001\n", 2, "is too large");
    assert_row_refused("criterion;points\nTC1;'12,5\n", 2, "is not a number");
    assert_points("criterion;points\nTC1;\" 12,5 \"\n", 0, 1250);
    assert_points("criterion;points\nTC1;100000,00\n", 0, 10000000);
}

static void thousands_are_decided_by_column(void **state) {
    (void)state;
    assert_actual("criterion;actual\nTC1;1.234.567\nTC2;5\nTC3;1.234\n", 2, 1234);
    assert_actual("criterion;actual\nTC1;1.234\nTC3;1.234.567\n", 0, 1234);
    assert_actual("criterion;actual\nTC1;1,234,567\nTC2;12,000\n", 1, 12000);
    assert_actual("criterion;actual\nTC1;1 234 567\n", 0, 1234567);
    assert_actual("criterion;actual\nTC1;12\xc2\xa0"
                  "000\n",
                  0, 12000);
    assert_actual("criterion;actual\nTC1;1\xe2\x80\xaf"
                  "234\n",
                  0, 1234);
    assert_actual("criterion;actual\nTC1;520000000\nTC2;1.234.567\n", 0, 520000000);
    assert_actual("criterion;actual\nTC1;1000000000000000\n", 0, 1000000000000000);
    // The marks of one column say nothing about another's.
    assert_actual("criterion;points;actual\nTC1;12.5;1.234.567\n", 0, 1234567);
    struct reading reading = read_text("criterion;actual\nTC1;1.234.567\nTC2;5\nTC3;7,654,321\n");
    assert_false(reading.good);
    assert_int_equal(reading.findings.n, 1);
    find(&reading, 4, "actual: “7,654,321” here and “1.234.567” in line 2");
    done(&reading);
    assert_text_refused("criterion;actual\nTC1;1.234.567\nTC2;7 000\n", 3, "“7 000” here");
}

static void figures_that_are_none_are_named(void **state) {
    (void)state;
    assert_row_refused("criterion;actual\nTC1;5\nTC2;1.234\n", 3, "actual: “1.234” is ambiguous");
    assert_row_refused("criterion;actual\nTC1;1.234.567\nTC2;1,234\n", 3, "“1,234” is ambiguous");
    assert_row_refused("criterion;actual\nTC1;12,5\n", 2, "is not a whole number");
    assert_row_refused("criterion;actual\nTC1;0.500\n", 2, "is not a whole number");
    assert_row_refused("criterion;actual\nTC1;1.23.456\n", 2, "is not a whole number");
    assert_row_refused("criterion;actual\nTC1;1.234,567\n", 2, "is not a whole number");
    assert_row_refused("criterion;actual\nTC1;-5\n", 2, "is negative");
    assert_row_refused("criterion;actual\nTC1;1000000000000001\n", 2, "is too large");
    assert_row_refused("criterion;actual\nTC1;99999999999999999999999\n", 2, "is too large");
    assert_row_refused("criterion;points;revision\nTC1;5;1.0\n", 2, "revision: “1.0” is not a whole number");
    assert_row_refused("criterion;points;revision\nTC1;5;2147483648\n", 2, "is too large");
    assert_row_refused("criterion;points;revision\nTC1;5;18446744073709551617\n", 2, "is too large");
}

// ---- rows ----

static void a_row_without_scores_is_left_out_and_said(void **state) {
    struct reading reading = read_text("unit,criterion,points,actual,note\nu,TC1,,,\nu,TC2,1,,\nu,TC3,,,sẽ làm\n");
    (void)state;
    assert_true(reading.good);
    assert_int_equal(reading.findings.n, 2);
    assert_int_equal(reading.rows.n, 3);
    assert_int_equal(reading.rows.list[0].state, SCORE_ROW_EMPTY);
    assert_int_equal(reading.rows.list[1].state, SCORE_ROW_GOOD);
    const struct finding *finding = find(&reading, 2, "scores nothing");
    assert_string_equal(finding->reason, "the line scores nothing and is left out");
    assert_int_equal(finding->weight, FINDING_REMARK);
    assert_string_equal(finding->unit, "u");
    assert_string_equal(finding->criterion, "TC1");
    find(&reading, 4, "with its note and evidence");
    done(&reading);
}

static void every_finding_is_kept_in_order(void **state) {
    struct reading reading = read_text("unit,criterion,points,note,evidence\n"
                                       "a,TC1,x,,;;\n"
                                       "a,,y,,;2022-10-20\n"
                                       "a,TC3,1\n"
                                       "a,TC4,1,b\x01,\n"
                                       "a,TC5,1,,15/BC;2022-02-30\n"
                                       "a,TC6,,,\n");
    (void)state;
    assert_true(reading.good);
    assert_int_equal(reading.findings.n, 8);
    for (size_t i = 1; i < reading.findings.n; i++)
        assert_true(reading.findings.list[i - 1].line <= reading.findings.list[i].line);
    find(&reading, 2, "“x” is not a number");
    find(&reading, 3, "names no criterion");
    find(&reading, 3, "“y” is not a number");
    assert_string_equal(find(&reading, 3, "begins with no document's number")->unit, "a");
    find(&reading, 4, "has 3 cells");
    assert_string_equal(find(&reading, 5, "control character")->criterion, "TC4");
    find(&reading, 6, "evidence 15/BC: “2022-02-30” is no date");
    find(&reading, 7, "scores nothing");
    done(&reading);
}

static void the_same_line_twice_is_refused_both_times(void **state) {
    struct reading reading = read_text("unit,criterion,points\n"
                                       "Ba Đình,TC1,1\n"
                                       "Đống Đa,TC1,1\n"
                                       "ba dinh,tc1,2\n"
                                       "Ba Đình,TC1,3\n"
                                       "Ba Đình,TC10,3\n");
    (void)state;
    assert_true(reading.good);
    assert_int_equal(reading.findings.n, 3);
    find(&reading, 2, "stands in line 4");
    find(&reading, 4, "stands in line 2");
    find(&reading, 5, "stands in line 2");
    assert_int_equal(reading.rows.list[0].state, SCORE_ROW_BAD);
    assert_int_equal(reading.rows.list[1].state, SCORE_ROW_GOOD);
    assert_int_equal(reading.rows.list[4].state, SCORE_ROW_GOOD);
    done(&reading);
}

static void what_the_protocol_cannot_carry_is_refused_by_line(void **state) {
    char text[4096], note[2002];
    (void)state;
    memset(note, 'x', sizeof(note) - 1);
    note[sizeof(note) - 1] = 0;
    snprintf(text, sizeof(text), "criterion,points,note\nTC1,1,%s\n", note);
    assert_row_refused(text, 2, "note is longer than 2000 bytes");
    assert_row_refused("criterion,points\nTC1.2.3.4.5.6.7.8,1\n", 2, "criterion is longer than 16 bytes");
    note[501] = 0;
    snprintf(text, sizeof(text), "criterion,points,evidence\nTC1,1,1/BC;;%s\n", note);
    assert_row_refused(text, 2, "a document's title is longer than 500 bytes");
    assert_int_equal(field_limit(&pb__line_input__descriptor, "points_cp"), 10000000);
    assert_int_equal(field_limit(&pb__sheet_query__descriptor, "unit"), 200);
    assert_int_equal(field_count_limit(&pb__score__descriptor, "evidence"), 20);
}

// ---- evidence ----

static void evidence_is_read_as_it_is_written(void **state) {
    struct arena *arena = arena_new(1 << 20);
    Pb__Evidence **list;
    size_t n;
    (void)state;
    assert_null(
        evidence_read(arena, "15/BC | 16/BC;20/10/2022 | 17/BC;;a; b | c|d\n 18/BC ; 2022-10-20 ; e ", &list, &n));
    assert_int_equal(n, 5);
    assert_string_equal(list[0]->number, "15/BC");
    assert_null(list[0]->date);
    assert_null(list[0]->title);
    assert_string_equal(list[1]->date, "2022-10-20");
    assert_null(list[1]->title);
    assert_string_equal(list[2]->number, "17/BC");
    assert_null(list[2]->date);
    assert_string_equal(list[2]->title, "a; b");
    assert_string_equal(list[3]->number, "c|d");
    assert_string_equal(list[4]->number, "18/BC");
    assert_string_equal(list[4]->title, "e");
    assert_null(evidence_read(arena, "", &list, &n));
    assert_int_equal(n, 0);
    assert_null(evidence_read(arena, "\n | \n1/BC\n", &list, &n));
    assert_int_equal(n, 1);
    char *complaint =
        evidence_read(arena, "1|2\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1", &list, &n);
    assert_string_equal(complaint, "more than 20 documents are named as evidence");
    free(complaint);
    arena_free(arena);
}

// ---- what `sheet -o csv` writes ----

// Its columns and their kinds, as in client/verbs/sheet.c.
static const struct column columns[] = {
    {"unit", "Unit", CELL_CODE, IN_CSV, NULL},
    {"criterion", "Criterion", CELL_CODE, EVERYWHERE, NULL},
    {"title", "Title", CELL_TEXT, IN_TABLE, NULL},
    {"points", "Self-scored", CELL_POINTS, EVERYWHERE, NULL},
    {"actual", "Actual", CELL_AMOUNT, EVERYWHERE, NULL},
    {"note", "Note", CELL_TEXT, EVERYWHERE, NULL},
    {"evidence", "Evidence", CELL_EVIDENCE, EVERYWHERE, NULL},
    {"revision", "Revision", CELL_COUNT, EVERYWHERE, NULL},
    {0},
};
static const struct section sections[] = {{"lines", NULL, columns}, {0}};
static const struct report report = {.sections = sections};

static const struct line {
    const char *criterion;
    int32_t points_cp;
    int64_t actual; // -1: none
    const char *note, *number, *date, *title;
} lines[] = {
    {"TC1", 1250, -1, "xong", "15/BC-MTTQ-BTT", "2022-10-20", "Báo cáo \"năm\"; phần 1, 2"},
    {"TC2", 0, 1234567890123, "=SUM(A1:A9)", NULL, NULL, NULL},
    {"TC3", 25, 0, "- một; hai, ba", "-1/BC", NULL, "tiêu đề"},
    {"TC4", 10000, 12000, "+84 24", "@x", "2022-01-31", NULL},
    {"TC5", 1205, -1, "@ai 'đó'", NULL, NULL, NULL},
    {"TC6", 700, -1, "'", "16/BC", NULL, NULL},
    {"TC7", 700, -1, "nói \"thế\"", "=1", "2022-01-31", "a | b"},
    {"TC8", 700, -1, NULL, NULL, NULL, NULL},
    {"TC9", 700, -1, " hai đầu ", "1/BC", NULL, "hết |"},
    {"TC10", 700, -1, "'=1", "2/BC |", NULL, "a || b | | c;;"},
};
enum { LINES = sizeof(lines) / sizeof(*lines) };

static json_t *line_shape(const struct line *line) {
    json_t *object = json_object(), *list = json_array(), *document = json_object();
    put(document, "number", value_text(line->number));
    put(document, "date", value_text(line->date));
    put(document, "title", value_text(line->title));
    if (line->number)
        append(list, json_incref(document));
    json_decref(document);
    put(object, "unit", value_text("quan-dong-da"));
    put(object, "criterion", value_text(line->criterion));
    put(object, "title", value_text("Tiêu chí"));
    put(object, "points", value_points(true, line->points_cp));
    put(object, "actual", value_number(line->actual >= 0, line->actual));
    put(object, "note", value_text(line->note));
    put(object, "evidence", list);
    put(object, "revision", value_count(true, 7));
    return object;
}

static char *sheet_csv(bool excel) {
    struct options options = {.output = OUTPUT_CSV, .excel = excel, .vietnamese = excel};
    json_t *answer = json_object(), *list = json_array();
    char *text = NULL;
    size_t size;
    for (size_t i = 0; i < LINES; i++)
        append(list, line_shape(&lines[i]));
    put(answer, "lines", list);
    FILE *out = open_memstream(&text, &size);
    report_print(&options, out, &report, answer);
    fclose(out);
    json_decref(answer);
    return text;
}

static void assert_same_text(const char *read, const char *written) {
    if (!written)
        assert_null(read);
    else
        assert_string_equal(read, written);
}

static void assert_same_line(const struct score_row *row, const struct line *line) {
    assert_int_equal(row->state, SCORE_ROW_GOOD);
    assert_string_equal(row->unit, "quan-dong-da");
    assert_string_equal(row->criterion, line->criterion);
    assert_true(row->has_points);
    assert_int_equal(row->points_cp, line->points_cp);
    assert_int_equal(row->has_actual, line->actual >= 0);
    if (row->has_actual)
        assert_int_equal(row->actual, line->actual);
    assert_same_text(row->note, line->note);
    assert_int_equal(row->revision, 7);
    assert_int_equal(row->n_evidence, line->number != NULL);
    if (!row->n_evidence)
        return;
    assert_same_text(row->evidence[0]->number, line->number);
    assert_same_text(row->evidence[0]->date, line->date);
    assert_same_text(row->evidence[0]->title, line->title);
}

static void what_sheet_writes_is_read_back(void **state) {
    (void)state;
    for (int excel = 0; excel < 2; excel++) {
        char *text = sheet_csv(excel);
        struct reading reading = read_text(text);
        if (!reading.good || reading.findings.n)
            find(&reading, 0, "no findings");
        assert_int_equal(reading.rows.table.separator, excel ? ';' : ',');
        assert_int_equal(reading.rows.n, LINES);
        for (size_t i = 0; i < LINES; i++)
            assert_same_line(&reading.rows.list[i], &lines[i]);
        done(&reading);
        free(text);
    }
}

static void the_guard_of_formulas_is_taken_off(void **state) {
    struct reading reading =
        read_text("criterion,points,note,evidence\nTC1,1,'=A1,'-1/BC\nTC2,1,'quoted',\nTC3,1,',\n");
    (void)state;
    assert_true(reading.good);
    assert_string_equal(reading.rows.list[0].note, "=A1");
    assert_string_equal(reading.rows.list[0].evidence[0]->number, "-1/BC");
    assert_string_equal(reading.rows.list[1].note, "'quoted'");
    assert_string_equal(reading.rows.list[2].note, "'");
    done(&reading);
}

// Any beginning of a file, and any byte of it changed, ends in rows or in findings.
static void broken_files_break_nothing(void **state) {
    char *text = sheet_csv(true);
    size_t size = strlen(text);
    (void)state;
    for (size_t i = 0; i <= size; i++) {
        struct reading reading = read_bytes(text, i, IMPORT_OWN);
        assert_true(reading.good || reading.findings.n);
        done(&reading);
    }
    static const char bytes[] = {0, '"', ';', '\n', '\r', ',', '\t', '\'', (char)0xff, (char)0xe1, ' '};
    for (size_t i = 0; i < size; i++)
        for (size_t k = 0; k < sizeof(bytes); k++) {
            char old = text[i];
            text[i] = bytes[k];
            struct reading reading = read_bytes(text, size, k % 2 ? IMPORT_OWN : IMPORT_APPRAISED);
            assert_true(reading.good || reading.findings.n);
            done(&reading);
            text[i] = old;
        }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_becomes_rows),
        cmocka_unit_test(the_header_tells_the_separator),
        cmocka_unit_test(byte_order_mark_and_line_ends_do_not_matter),
        cmocka_unit_test(a_row_has_the_line_where_it_begins),
        cmocka_unit_test(quotes_that_do_not_match_are_named),
        cmocka_unit_test(a_row_has_as_many_cells_as_the_header),
        cmocka_unit_test(text_is_made_nfc),
        cmocka_unit_test(control_characters_are_named),
        cmocka_unit_test(a_file_of_another_kind_is_named),
        cmocka_unit_test(what_is_too_large_is_refused),
        cmocka_unit_test(a_file_is_read_from_its_path),
        cmocka_unit_test(files_in_old_encodings_are_refused_by_name),
        cmocka_unit_test(a_single_name_is_enough),
        cmocka_unit_test(text_of_old_fonts_saved_as_utf_8_is_known),
        cmocka_unit_test(unicode_is_not_taken_for_an_old_font),
        cmocka_unit_test(columns_come_in_any_order_and_either_language),
        cmocka_unit_test(the_titles_are_those_that_sheet_prints),
        cmocka_unit_test(columns_that_cannot_be_used_are_named),
        cmocka_unit_test(the_appraised_import_wants_the_unit),
        cmocka_unit_test(decimals_are_decided_by_column),
        cmocka_unit_test(points_that_are_none_are_named),
        cmocka_unit_test(thousands_are_decided_by_column),
        cmocka_unit_test(figures_that_are_none_are_named),
        cmocka_unit_test(a_row_without_scores_is_left_out_and_said),
        cmocka_unit_test(every_finding_is_kept_in_order),
        cmocka_unit_test(the_same_line_twice_is_refused_both_times),
        cmocka_unit_test(what_the_protocol_cannot_carry_is_refused_by_line),
        cmocka_unit_test(evidence_is_read_as_it_is_written),
        cmocka_unit_test(what_sheet_writes_is_read_back),
        cmocka_unit_test(the_guard_of_formulas_is_taken_off),
        cmocka_unit_test(broken_files_break_nothing),
    };
    return cmocka_run_group_tests_name("client import", tests, NULL, NULL);
}
