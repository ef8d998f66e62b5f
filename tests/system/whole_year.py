"""A year of the six districts with everything that changes a board: returns, an explanation, bonuses, deductions, ties, a
reopening. Its criteria have items, a formula, bands, and some are not assigned to all."""
from harness import PERIOD, UNITS, Case, Cluster, Server, assert_done

BA_DINH, HOANG_MAI, HOAN_KIEM, DONG_DA, HAI_BA_TRUNG, LONG_BIEN = UNITS
NAMES = ["Ba Đình", "Hoàng Mai", "Hoàn Kiếm", "Đống Đa", "Hai Bà Trưng", "Long Biên"]
TARGETS = dict(zip(UNITS, (3, 7, 500000000, 10000000000, 9, 100)))


def targets(*but):
    return "".join(f'  target "{unit}" {{ value = {value}  label = "đồng" }}\n' for unit, value in TARGETS.items() if unit not in but)


TEXT = f"""
id = "{PERIOD}"
name = "Giao ước thi đua năm 2022, Cụm thi đua số 1"
cluster = "hn-cum-1"
year = 2022
deadline = "2099-11-30"
total = "100,00"
bonus_cap = "5,00"
leader = "{BA_DINH}"
deputy = "{HOANG_MAI}"
tie_breaks = {{"deduction", "TC1"}}
{"".join(f'unit "{unit}" {{ name = "{name}" }}' + chr(10) for unit, name in zip(UNITS, NAMES))}
criterion "TC1" {{ title = "Một"  max = "30,00" }}
criterion "TC1.1" {{ title = "Mục 1.1"  max = "20,00"  step = "0,50" }}
criterion "TC1.2" {{ title = "Mục 1.2"  max = "10,00"  step = "0,25"  not_assigned = {{"{LONG_BIEN}"}} }}
criterion "TC2" {{
  title = "Vận động"
  max = "25,00"
  formula = linear
{targets()}}}
criterion "TC3" {{
  title = "Chỉ tiêu"
  max = "20,00"
  formula = bands
  bands = {{"100:20,00", "95:15,00", "50:7,25"}}
  not_assigned = {{"{HAI_BA_TRUNG}"}}
{targets(HAI_BA_TRUNG)}}}
criterion "TC4" {{ title = "Kỷ cương"  max = "25,00"  step = "0,25" }}
class "xuat-sac" {{ name = "Hoàn thành xuất sắc"  from = "90,00" }}
class "tot" {{ name = "Hoàn thành tốt"  from = "60,00" }}
"""


class YearCase(Case):
    """The year, driven through the shipped client, and its journal."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.cluster = Cluster(cls.server, text=TEXT)
        cls.heads, cls.council = cls.cluster.heads, cls.cluster.council
        cls.city = cls.server.office(None, "city")
        cls.hashes = []    # (entry, hash) of each locking
        cls.receipts = []  # of each hand-in
        cls.score()
        cls.appraise()
        cls.finish()
        cls.export = assert_done(cls.server.admin("audit", "-o", "ndjson")).out

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    @classmethod
    def score(cls):
        for unit, first, second, fourth in zip(UNITS, ("20", "20", "18,5", "17", "12", "20"),
                                               ("10", "10", "9,25", "8", "7", None), ("25", "25", "20", "22,75", "25", "0")):
            assert_done(cls.heads[unit]("score", f"TC1.1={first}", *([f"TC1.2={second}"] if second else []), f"TC4={fourth}"))
        cls.tied = cls.server.seq()
        for unit, head in cls.heads.items():
            assert_done(head("score", "--actual", f"TC2={2 if unit in (BA_DINH, DONG_DA) else 5}",
                             *(["--actual", f"TC3={3 if unit != LONG_BIEN else 96}"] if unit != HAI_BA_TRUNG else [])))
        assert_done(cls.heads[DONG_DA]("score", "--actual", "TC3=9700000000", "TC4=22"))
        for unit in UNITS[:5]:
            cls.submit(unit)

    @classmethod
    def submit(cls, unit):
        cls.receipts.append(assert_done(cls.heads[unit]("submit", "-o", "json")).json["receipt"])

    @classmethod
    def advance(cls, state, *more):
        reply = assert_done(cls.council("period", "advance", state, "-p", PERIOD, *more, "-o", "json")).json
        if state == "locked":
            cls.hashes.append((reply["seq"], reply["board_hash"]))
        return reply

    @classmethod
    def agree(cls, who, unit, **other):
        """Appraises every line of the unit's as it stands, but for those given."""
        lines = {row["criterion"]: row["points"] for row in assert_done(cls.city("sheet", unit, "-o", "json")).json["lines"]
                 if row["points"] is not None}
        lines.update(other)
        assert_done(who("appraise", unit, *[f"{code}={points:.2f}" for code, points in lines.items()], "--reason", "theo hồ sơ"))

    @classmethod
    def appraise(cls):
        cls.advance("appraisal", "--reason", "cả cụm đã họp")
        leader, deputy, city = cls.heads[BA_DINH], cls.heads[HOANG_MAI], cls.city
        assert_done(city("bonus", LONG_BIEN, "1", "--reason", "trước khi thẩm định"))
        for unit in (HOANG_MAI, HOAN_KIEM, DONG_DA):
            cls.agree(leader, unit)
        cls.agree(deputy, BA_DINH, **{"TC1.1": 19.5})
        cls.agree(city, HAI_BA_TRUNG, TC4=24.75)
        assert_done(cls.heads[HAI_BA_TRUNG]("explain", "TC4", "Quy chế đã ban hành ngày 15/3"))
        cls.agree(city, HAI_BA_TRUNG)
        assert_done(leader("return", DONG_DA, "--reason", "thiếu minh chứng TC4"))
        assert_done(cls.heads[DONG_DA]("score", "TC4=20"))
        cls.submit(DONG_DA)
        assert_done(leader("appraise", DONG_DA, "TC4=20"))
        assert_done(city("return", LONG_BIEN, "--reason", "chưa nộp"))
        cls.submit(LONG_BIEN)
        cls.agree(leader, LONG_BIEN)
        assert_done(city("bonus", HOAN_KIEM, "3", "--reason", "mô hình mới"))
        assert_done(city("bonus", HOAN_KIEM, "1,25", "--reason", "được nêu gương"))
        assert_done(city("deduct", HAI_BA_TRUNG, "TC4", "0,5", "--reason", "báo cáo chậm"))
        assert_done(city("deduct", LONG_BIEN, "TC4", "2", "--reason", "báo cáo chậm"))  # of which nothing counts: it has 0

    @classmethod
    def finish(cls):
        council, city = cls.council, cls.city
        assert_done(council("finalize", BA_DINH, HOANG_MAI))
        assert_done(city("deduct", HOANG_MAI, "TC1.1", "0,5", "--reason", "sau khi xem lại"))  # as much as the leader lost
        assert_done(council("finalize", "--all"))
        cls.advance("finalized")
        assert_done(council("hold", BA_DINH, "--reason", "đang có đơn"))
        assert_done(council("nominate", HOANG_MAI, "Cờ thi đua"))
        cls.advance("published")
        cls.advance("locked")
        cls.advance("reopened", "--decision", "12/QĐ-MTTQ", "--reason", "cộng sót điểm thưởng")
        assert_done(city("bonus", LONG_BIEN, "4", "--reason", "theo quyết định"))
        assert_done(council("finalize", LONG_BIEN))
        cls.advance("locked")
