#!/usr/bin/python3
"""The client speaks Vietnamese or English as it is told, without a Vietnamese locale on the system."""
import os
import shutil
import tempfile

import harness
from harness import THIDUA, Cluster, ServerCase, assert_done

NONE = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}
# the environment, words of the command line, whether Vietnamese is spoken
CHOICES = [
    (NONE, [], False),
    ({**NONE, "LANG": "vi_VN.UTF-8"}, [], True),
    ({**NONE, "LANG": "vi"}, [], True),
    ({**NONE, "LANG": "vi_VN", "LC_MESSAGES": "en_US.UTF-8"}, [], False),
    ({**NONE, "LANG": "en_US.UTF-8", "LC_MESSAGES": "vi_VN"}, [], True),
    ({"LC_ALL": "C.UTF-8", "LC_MESSAGES": "vi_VN", "LANG": "vi_VN"}, [], False),
    ({**NONE, "LANG": "en", "LANGUAGE": "vi"}, [], False),
    ({**NONE, "LANG": "vi", "LANGUAGE": "en"}, [], True),
    ({**NONE, "LANG": "vi", "THIDUA_LANG": "en"}, [], False),
    ({**NONE, "LANG": "en", "THIDUA_LANG": "vi"}, [], True),
    ({**NONE, "LANG": "en", "THIDUA_LANG": ""}, [], False),
    ({**NONE, "THIDUA_LANG": "en"}, ["--lang", "vi"], True),
    ({**NONE, "THIDUA_LANG": "vi"}, ["--lang=en"], False),
]


class Choice(ServerCase):
    def speaks_vietnamese(self, env, *words, program=THIDUA):
        result = harness.run([program, *words], {**self.server.env, **env})
        self.assertIn(result.status, (0, 64))
        said = result.out + result.err
        self.assertNotEqual("cách dùng" in said or "gợi ý" in said, "usage: " in said or "hint: " in said, said)
        return "gợi ý" in said or "cách dùng" in said

    def test_choice(self):
        """--lang comes before THIDUA_LANG, that before LC_ALL, LC_MESSAGES and LANG"""
        for env, words, vietnamese in CHOICES:
            with self.subTest(env=env, words=words):
                self.assertEqual(self.speaks_vietnamese(env, *words, "--help"), vietnamese)

    def test_wrong_line(self):
        """what is wrong with a line is said in the language that the line names, wherever it does"""
        for words in (["totls", "--lang", "vi"], ["--foo", "--lang=vi"], ["--lang", "vi", "--id", "x", "ping"]):
            with self.subTest(words):
                self.assertTrue(self.speaks_vietnamese(NONE, *words))
        self.assertFalse(self.speaks_vietnamese(NONE, "totls", "--", "--lang", "vi"))

    def test_other_folder(self):
        """the catalogue is found beside the program, from any folder"""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(THIDUA, folder)
            shutil.copytree(os.path.join(os.path.dirname(THIDUA), "locale"), f"{folder}/locale")
            self.assertTrue(self.speaks_vietnamese(NONE, "--lang", "vi", "--help", program=f"{folder}/thidua"))

    def test_numbers_of_c(self):
        """what is not for people is read and written as before: seconds have a point"""
        self.assertExit(0, self.server.admin("--timeout", "2.5", "ping", lang="vi"))
        self.assertExit(64, self.server.admin("--timeout", "2,5", "ping", lang="vi"))

    def test_period_file(self):
        """what is wrong with a period file is told in Vietnamese, words of the syntax included, with file and line"""
        path = os.path.join(self.server.home, "wrong.conf")
        for text, wanted in (("maximum = 3\n", "không có mục nào tên là 'maximum'"), ("year = hai\n", "không phải là năm"),
                             ("}\n", "dấu } thừa"), ("year 2022\n", "thiếu dấu bằng sau 'year'")):
            with self.subTest(text):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                result = self.assertExit(65, self.server.admin("period", "load", path, lang="vi"))
                self.assertIn("wrong.conf:1", result.err)
                self.assertIn(wanted, result.err)


class Words(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cluster = Cluster(cls.server)
        cls.head = cls.cluster.heads["quan-ba-dinh"]
        assert_done(cls.head("score", "TC1=12,5", "--evidence", "15/BC-MTTQ-BTT;2022-10-20;Báo cáo"))

    def test_words(self):
        """roles, states and events are words in a table and codes everywhere else"""
        for words, vietnamese, code in ((["whoami"], "trưởng đơn vị", "head"), (["sheet"], "nháp", "draft"),
                                        (["period", "list"], "tự chấm", "scoring"), (["history"], "chấm điểm", "score_set")):
            with self.subTest(words):
                self.assertIn(vietnamese, assert_done(self.head(*words, lang="vi")).out)
                self.assertIn(code, assert_done(self.head(*words, lang="en")).out)
                self.assertIn(code, assert_done(self.head(*words, "-o", "json", lang="vi")).out)

    def test_dates(self):
        """a date of evidence is written as people read it, and as it was given everywhere else"""
        self.assertIn("15/BC-MTTQ-BTT;20/10/2022;Báo cáo", assert_done(self.head("sheet", lang="vi")).out)
        self.assertIn("15/BC-MTTQ-BTT;2022-10-20;Báo cáo", assert_done(self.head("sheet", "-o", "csv", lang="vi")).out)

    def test_refusal(self):
        """a refusal names role and state in words, with the code that the command line takes; the reason stays"""
        refused = self.assertExit(77, self.head("period", "advance", "appraisal", lang="vi"))
        self.assertIn("trưởng đơn vị (head)", refused.err)
        self.assertIn("(ROLE_NOT_PERMITTED)", refused.err)
        refused = self.assertExit(65, self.cluster.council("period", "advance", "published", lang="vi"))
        self.assertIn("tự chấm (scoring)", refused.err)
        json = self.assertExit(65, self.head("score", "TC1=99", "-o", "json", lang="vi")).error
        self.assertEqual((json["status"], json["reason"]), ("INVALID_ARGUMENT", "POINTS_RANGE"))
        self.assertIn("99,00 nằm ngoài khoảng", json["message"])

    def test_excel(self):
        """--excel has the headers that people see, and under them their words"""
        vietnamese = assert_done(self.head("status", "--excel", lang="vi")).out
        self.assertIn(";nháp;không;", vietnamese)
        self.assertIn(";draft;false;", assert_done(self.head("status", "-o", "csv", lang="vi")).out.replace(",", ";"))
        self.assertIn("Hạng;Đơn vị;", assert_done(self.head("totals", "--excel", lang="vi")).out)
        self.assertIn("Rank;Unit;", assert_done(self.head("totals", "--excel", lang="en")).out)


if __name__ == "__main__":
    harness.main()
