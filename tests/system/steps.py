"""Random periods, and random steps of a year: what a person might do next, and what nobody should."""
from harness import pb
from model import NEXT, PERIOD_STATES
from world import ADMIN, AUDITOR, CITY, COUNCIL, NOBODY, head, officer

HOUR = 3600 * 1000
REASONS = ["vì báo cáo chậm", "theo biên bản họp cụm", "bổ sung số liệu"]
OUTSIDER = "xa-ngoai"


# ---- periods ----

def manual(code, max_cp, step_cp, **more):
    return pb.CriterionDefinition(code=code, title=f"Tiêu chí {code}", provenance=pb.NAMED, max_cp=max_cp, step_cp=step_cp,
                                  formula=pb.MANUAL, **more)


def criteria(rng, units):
    """Items under a criterion, one by figures, one in bands, one not assigned to all: 100 points in all but rarely."""
    targets = [pb.Target(unit=unit, value=rng.choice([3, 7, 200, 10**10]), label="hộ") for unit in units]
    return [
        manual("TC1", 3000, 1), manual("TC1.1", 2000, 50), manual("TC1.2", 1000, 25),
        pb.CriterionDefinition(code="TC2", title="Quỹ", provenance=pb.NAMED, max_cp=2500, step_cp=1, formula=pb.LINEAR,
                               targets=targets),
        pb.CriterionDefinition(code="TC3", title="Hộ nghèo", provenance=pb.SUGGESTED, max_cp=2000, step_cp=1, formula=pb.BANDS,
                               bands=[pb.Band(from_percent_cp=percent, points_cp=points)
                                      for percent, points in ((10000, 2000), (9500, 1500), (5000, 700))],
                               targets=targets),
        manual("TC4", 2500, 25, not_assigned=[rng.choice(units)] if rng.random() < 0.7 else []),
    ]


def random_period(rng, id_, units, now_ms):
    leader, deputy = rng.sample(units, 2)
    return pb.PeriodDefinition(
        id=id_, name=f"Kỳ {id_}", cluster="cum-thu", year=2026, total_cp=10000, bonus_cap_cp=rng.choice([0, 300, 500]),
        deadline_ms=now_ms + rng.choice([1, 2, 5]) * HOUR, hard_close=rng.random() < 0.3,
        visibility=rng.choice([pb.ALWAYS, pb.AFTER_DEADLINE, pb.AFTER_DEADLINE, pb.AFTER_PUBLICATION]),
        leader=leader if rng.random() < 0.9 else None, deputy=deputy if rng.random() < 0.8 else None,
        tie_breaks=rng.choice([[], ["deduction"], ["TC4"], ["deduction", "TC1", "TC2"]]),
        units=[pb.UnitDefinition(id=unit, name=unit.replace("-", " ").title()) for unit in units],
        criteria=criteria(rng, units),
        classes=[pb.ClassDefinition(id="tot", name="Tốt", from_cp=6000),
                 pb.ClassDefinition(id="xuat-sac", name="Xuất sắc", from_cp=8500)])


# ---- requests ----

def line_inputs(lines):
    return [pb.LineInput(criterion=line["criterion"], points_cp=line.get("points"), actual=line.get("actual"),
                         if_revision=line.get("if_revision")) for line in lines]


def body(period, step, args):
    """A step as the request that asks for it."""
    p, reason = {"period": period}, {"reason": args.get("reason")}
    of = {**p, "unit": args.get("unit")}
    make = {
        "sign": lambda: dict(sign=pb.Sign(**p)),
        "extend": lambda: dict(extend=pb.PeriodExtend(**of, **reason, until_ms=args["until_ms"])),
        "advance": lambda: dict(period_advance=pb.PeriodAdvance(**p, **reason, decision=args.get("decision"),
                                                                state=1 + PERIOD_STATES.index(args["state"]))),
        "score": lambda: dict(score=pb.Score(**p, lines=line_inputs(args["lines"]), note=args.get("note"))),
        "submit": lambda: dict(submit=pb.Submit(**p, if_total_cp=args.get("if_total"))),
        "appraise": lambda: dict(appraise=appraisal(period, args)),
        "adjust": lambda: dict(adjust=pb.Adjust(**of, **reason, criterion=args.get("criterion"), points_cp=args["points"])),
        "return": lambda: dict(return_sheet=pb.ReturnSheet(**of, **reason)),
        "explain": lambda: dict(explain=pb.Explain(**p, criterion=args["criterion"], text=args["text"])),
        "finalize": lambda: dict(finalize=pb.Finalize(**p, **reason, units=args["units"])),
        "hold": lambda: dict(hold=pb.Hold(**of, **reason, lift=args.get("lift"))),
        "nominate": lambda: dict(nominate=pb.Nominate(**of, award=args["award"])),
    }
    return make[step]()


def appraisal(period, args):
    return pb.Appraise(period=period, unit=args["unit"], reason=args.get("reason"), lines=[
        pb.AppraisedInput(criterion=line["criterion"], points_cp=line["points"], if_revision=line.get("if_revision"))
        for line in args["lines"]])


class Generator:
    """Random steps. Most are what a person might do next; some are wrong in who, whom, what or when."""

    WEIGHTS = {"sign": 3, "extend": 2, "advance": 9, "score": 14, "submit": 9, "appraise": 14, "adjust": 4, "return": 2,
               "explain": 3, "finalize": 9, "hold": 1, "nominate": 1}
    AWARDS = {**dict.fromkeys(WEIGHTS, 0.5), "hold": 10, "nominate": 10, "advance": 2}  # while the period is finalized

    def __init__(self, rng, period, haste):
        """`haste`: how often a step is taken without waiting for those before it, for a reason."""
        self.rng, self.period, self.haste = rng, period, haste
        leader = period.definition.leader
        self.usual = {
            "score": lambda: self.of_unit(officer), "submit": lambda: self.of_unit(head), "sign": lambda: self.of_unit(head),
            "explain": lambda: self.of_unit(head), "adjust": lambda: CITY,
            "appraise": lambda: rng.choice([CITY, head(leader) if leader else CITY, self.of_unit(head)]),
            "return": lambda: rng.choice([CITY, head(leader) if leader else CITY]),
        }

    def of_unit(self, role):
        return role(self.rng.choice(self.period.units))

    def anyone(self):
        unit = self.rng.choice([*self.period.units, OUTSIDER])
        return self.rng.choice([officer(unit), head(unit), CITY, COUNCIL, AUDITOR, ADMIN, NOBODY])

    def step(self):
        """(caller, step, arguments): one that the model would accept, or, now and then, any."""
        for _ in range(40 if self.rng.random() < 0.7 else 1):
            weights = self.AWARDS if self.period.state == "finalized" else self.WEIGHTS
            step = self.rng.choices(list(weights), weights.values())[0]
            caller = self.anyone() if self.rng.random() < 0.08 else self.usual.get(step, lambda: COUNCIL)()
            args = getattr(self, f"of_{step}")(caller)
            if not self.period.judge(caller, step, args):
                break
        return caller, step, args

    # -- arguments --

    def unit(self):
        return "xa-khong-co" if self.rng.random() < 0.02 else self.rng.choice(self.period.units)

    def code(self):
        code = self.rng.choice([leaf.code for leaf in self.period.leaves] * 8 + ["TC1", "TC9"])
        return code.lower() if self.rng.random() < 0.1 else code

    def reason(self, likely=0.7):
        return self.rng.choice(REASONS) if self.rng.random() < likely else None

    def points(self, leaf):
        steps = leaf.max // leaf.step
        value = self.rng.choice([steps, steps, steps - 1, self.rng.randint(0, steps)]) * leaf.step
        return value if self.rng.random() < 0.97 else self.rng.choice([value + 1, leaf.max + leaf.step])

    def of_sign(self, caller):
        return {}

    def of_extend(self, caller):
        hours = self.rng.choice([-2, 1, 3, 6, 8, 10])
        return {"unit": self.unit(), "until_ms": self.period.now + hours * HOUR + HOUR // 2, "reason": self.reason(1)}

    def of_advance(self, caller):
        if self.rng.random() < 0.8:
            state = NEXT[self.period.state][0]
        else:
            state = self.rng.choice(PERIOD_STATES)
        return {"state": state, "reason": self.reason(0.9 if state == "reopened" else self.haste),
                "decision": self.rng.choice([None, "12/QĐ-MTTQ"])}

    def of_score(self, caller):
        missing = [leaf.code for leaf in self.period.leaves
                   if caller.unit in self.period.sheets and leaf.code not in self.period.sheets[caller.unit].own]
        codes = missing if missing and self.rng.random() < 0.5 else [self.code() for _ in range(self.rng.randint(1, 3))]
        return {"lines": [self.own_line(caller, code) for code in codes], "note": self.reason(0.3)}

    def own_line(self, caller, code):
        line, leaf = {"criterion": code}, self.period.find(code)[0]
        if leaf and leaf.computed != (self.rng.random() < 0.03):
            line["actual"] = int(leaf.targets.get(caller.unit, 5) * self.rng.choice([0, 0.5, 0.94, 0.95, 1, 1, 1.3])) + \
                self.rng.randint(0, 1)
        else:
            line["points"] = self.points(leaf) if leaf else 100
        if self.rng.random() < 0.15 and caller.unit in self.period.sheets:
            line["if_revision"] = self.period.sheets[caller.unit].revisions.get(code, 0) + self.rng.choice([0, 0, 0, 1])
        return line

    def of_submit(self, caller):
        own = self.period.sheets[caller.unit].own if caller.unit in self.period.sheets else {}
        return {"if_total": self.rng.choice([None, sum(own.values()), sum(own.values()), 1])}

    def of_appraise(self, caller):
        unit = self.unit()
        sheet = self.period.sheets.get(unit)
        pending = self.period.pending(unit) if sheet else []
        codes = pending if pending and self.rng.random() < 0.6 else [self.code() for _ in range(self.rng.randint(1, 3))]
        return {"unit": unit, "lines": [self.appraised_line(sheet, code) for code in codes], "reason": self.reason()}

    def appraised_line(self, sheet, code):
        leaf, own = self.period.find(code)[0], sheet.own.get(code) if sheet else None
        agreed = own is not None and self.rng.random() < 0.6
        line = {"criterion": code, "points": own if agreed else self.points(leaf) if leaf else 100}
        if sheet and leaf and self.rng.random() < 0.15:
            line["if_revision"] = sheet.appraised_revisions.get(leaf.code, 0) + self.rng.choice([0, 0, 0, 1])
        return line

    def of_adjust(self, caller):
        if self.rng.random() < 0.4:
            return {"unit": self.unit(), "points": self.rng.choice([25, 100, 150, 301]), "reason": self.reason(1)}
        code = self.code()
        leaf = self.period.find(code)[0]
        points = self.rng.choice([1, 4, 20]) * leaf.step if leaf else 100
        return {"unit": self.unit(), "criterion": code, "points": points + (self.rng.random() < 0.05), "reason": self.reason(1)}

    def of_return(self, caller):
        return {"unit": self.unit(), "reason": self.reason(1)}

    def of_explain(self, caller):
        return {"criterion": self.code(), "text": "Đơn vị giải trình."}

    def of_finalize(self, caller):
        names = self.rng.choice([[], [], self.rng.sample(self.period.units, 1), self.rng.sample(self.period.units, 2)])
        return {"units": names * 2 if self.rng.random() < 0.03 else names, "reason": self.reason(self.haste)}

    def of_hold(self, caller):
        return {"unit": self.unit(), "reason": self.reason(1), "lift": self.rng.choice([None, True])}

    def of_nominate(self, caller):
        return {"unit": self.unit(), "award": self.rng.choice(["Cờ thi đua", "Bằng khen"])}
