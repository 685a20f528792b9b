from __future__ import annotations

from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, strategies as st

from crmcore import (
    Bonus,
    Employee,
    ExpiryRule,
    Interaction,
    MeasureKind,
    MomentOfTruth,
    Money,
    Occasion,
    Period,
    Playbook,
    PlaybookCoverage,
    Reading,
    Recurrence,
    Scale,
    Situation,
    StaffFactors,
    SubjectKind,
    Task,
    TaskKind,
    TimeUnit,
    Training,
    TrainingTopic,
    UpdateReach,
    Valence,
    Validity,
    instant,
    staff,
)
from crmcore.interop.hypothesis import bonuses, days, playbook_coverages, playbooks, update_reaches, validities
from crmcore.primitives.errors import InvalidValueError, UnknownNameError
from tests.support.refusals import refused
from tests.support.replay import replay

DAY = instant("2026-03-02")
NEXT = instant("2026-03-03")
PAVEL = Employee(id="pavel", role="seller")
FACTORS = (MeasureKind.WILLINGNESS, MeasureKind.EMPATHY, MeasureKind.TRAINING, MeasureKind.EMPOWERMENT)


def reading(kind: MeasureKind, value: int, **fields: Any) -> Reading:
    """A reading of an employee, of Pavel on a scale from 1 to 5 unless another one is given."""
    usual: dict[str, Any] = {
        "subject_kind": SubjectKind.EMPLOYEE,
        "subject_id": "pavel",
        "scale": Scale.RATING_1_5,
        "at": DAY,
    }
    return Reading(kind=kind, value=value, **{**usual, **fields})


def check(topic: TrainingTopic | str, passed: bool | None, **fields: Any) -> Training:
    """A check of Pavel on 2 March."""
    usual: dict[str, Any] = {"employee_id": "pavel", "on": DAY.date()}
    return Training(topic=topic, passed=passed, **{**usual, **fields})


def update(employee: str, **fields: Any) -> Task:
    """An update on the new model that was told on 2 March."""
    usual: dict[str, Any] = {"kind": TaskKind.STAFF_UPDATE, "about_id": "new model", "done_at": DAY}
    return Task(due=DAY, employee_id=employee, **{**usual, **fields})


def rules(*employees: Employee, **inputs: Any) -> list[str]:
    """The rules that something breaks on 3 March."""
    given_: dict[str, Any] = {"as_of": NEXT, **inputs}
    return [finding.rule for finding in staff.lint(employees or [PAVEL], **given_)]


class TestFactors:
    def test_the_latest_reading_counts(self) -> None:
        """Of several readings of a factor the latest counts, in any order; one after the reference date does not."""
        readings = [
            reading(MeasureKind.EMPATHY, 5, at=NEXT),
            reading(MeasureKind.EMPATHY, 1),
            reading(MeasureKind.EMPATHY, 3, at=NEXT + timedelta(days=1)),
        ]
        for given_ in (readings, readings[::-1]):
            assert staff.factors(given_, ["pavel"], as_of=NEXT)["pavel"].empathy == 1

    def test_readings_of_one_instant_are_averaged(self) -> None:
        """Two sources at the latest instant count half each."""
        readings = [reading(MeasureKind.EMPATHY, 2), reading(MeasureKind.EMPATHY, 4)]

        assert staff.factors(readings, ["pavel"], as_of=DAY)["pavel"].empathy == Decimal("0.5")

    def test_other_readings_are_left_out(self) -> None:
        """Other measures, other subjects and other employees say nothing of Pavel."""
        readings = [
            reading(MeasureKind.KNOWLEDGE, 5),
            reading(MeasureKind.EMPATHY, 5, subject_id="olga"),
            reading(MeasureKind.EMPATHY, 5, subject_id=None),
            reading(MeasureKind.EMPATHY, 5, subject_kind=SubjectKind.TOUCHPOINT),
        ]

        assert staff.factors(readings, ["pavel"], as_of=DAY) == {"pavel": StaffFactors(employee_id="pavel")}

    def test_low_may_be_good(self) -> None:
        """On a scale on which a low number is good, the lowest is 1."""
        found = staff.factors([reading(MeasureKind.TRAINING, 1, scale=Scale.EFFORT_1_5)], ["pavel"], as_of=DAY)

        assert found["pavel"].training == 1

    def test_a_value_needs_a_scale(self) -> None:
        """A number without a scale says nothing."""
        readings = [reading(MeasureKind.EMPATHY, 2), reading(MeasureKind.EMPATHY, 2, scale=None)]
        with refused(InvalidValueError, "factor_without_a_scale: readings[1]"):
            staff.factors(readings, ["pavel"], as_of=DAY)

    def test_lowest_and_missing(self) -> None:
        """The lowest known factor is the first of equals; all unknown have none."""
        some = StaffFactors(employee_id=1, empathy="0.2", training="0.2")

        assert some.lowest is MeasureKind.EMPATHY
        assert some.missing == (MeasureKind.WILLINGNESS, MeasureKind.EMPOWERMENT)
        assert some.value_of(MeasureKind.TRAINING) == Decimal("0.2")
        assert some.value_of(MeasureKind.TRUST) is None
        assert StaffFactors(employee_id=1).lowest is None
        assert StaffFactors(employee_id=1).missing == FACTORS


class TestValidity:
    @given(validities(), st.lists(days(), max_size=4))
    def test_agrees_with_a_walk(self, validity: Validity, passed: list[date]) -> None:
        """It is valid from the last pass until the day before it ends, and the order of the passes does not matter."""
        if any(day.year > 9900 for day in passed):
            return
        until = validity.until(passed)

        assert until == validity.until(passed[::-1])
        assert (until is None) is (not passed)
        if until is not None:
            assert until > max(passed)
            assert validity.is_valid(passed, on=max(passed))
            assert not validity.is_valid(passed, on=until)
            assert validity.is_valid(passed, on=until - timedelta(days=1))

    @given(days(), st.integers(1, 36))
    def test_months_are_those_of_the_calendar(self, day: date, months: int) -> None:
        """One pass is valid for so many calendar months."""
        if day.year > 9900:
            return
        expected = day + relativedelta(months=months)

        assert Validity(rule=ExpiryRule.FROM_CHECK, months=months).until([day]) == expected
        assert Validity(rule=ExpiryRule.FROM_EXPIRY, months=months, window_days=9).until([day]) == expected

    def test_a_pass_in_the_future_does_not_count_yet(self) -> None:
        """Valid on a day is what was passed until then."""
        year = Validity(rule=ExpiryRule.FROM_CHECK, months=12)

        assert not year.is_valid([date(2026, 3, 2)], on=date(2026, 3, 1))

    def test_an_early_pass_counts_from_its_own_day(self) -> None:
        """A pass before the window counts from its own day, even if that ends sooner."""
        year = Validity(rule=ExpiryRule.FROM_EXPIRY, months=12, window_days=60)
        passed = [date(2025, 6, 10), date(2026, 5, 20), date(2026, 5, 25)]

        assert year.until(passed) == date(2027, 5, 25)

    @pytest.mark.parametrize(
        "validity",
        [
            Validity(rule=ExpiryRule.FROM_CHECK, months=12),
            Validity(rule=ExpiryRule.FIXED_DAY, fixed=Occasion(name="new year", month=1, day=1)),
        ],
    )
    def test_the_calendar_ends(self, validity: Validity) -> None:
        """A pass on the last day of the calendar has no end."""
        with refused(InvalidValueError, "valid_beyond_the_calendar: passed"):
            validity.until([date.max])


class TestPlan:
    def test_one_task_for_each_day_and_employee(self) -> None:
        """The tasks name topic, employee and owner, and planning again gives the same."""
        monthly = Recurrence(first=date(2026, 1, 31), unit=TimeUnit.MONTH, at="09:00", zone=UTC)
        spring = Period(instant("2026-02-01"), instant("2026-04-01"))
        tasks = staff.plan(monthly, spring, ["pavel", 7], topic="drills", owner_id="olga")

        assert [(task.due.month, task.due.day, task.employee_id) for task in tasks] == [
            (2, 28, "pavel"),
            (2, 28, 7),
            (3, 31, "pavel"),
            (3, 31, 7),
        ]
        assert {(task.kind, task.about_id, task.owner_id) for task in tasks} == {("training", "drills", "olga")}
        assert tasks == staff.plan(monthly, spring, ["pavel", 7], topic="drills", owner_id="olga")
        with refused(InvalidValueError, "not_unique: employee_ids[1]"):
            staff.plan(monthly, spring, ["pavel", "pavel"], topic="drills")


class TestPlaybookCoverage:
    @given(st.lists(playbooks(), max_size=6))
    def test_covered_and_missing_are_all_pairs(self, books: list[Playbook]) -> None:
        """Every pair is either covered or missing, however the playbooks are ordered or repeated."""
        roles = ["courier", "seller", "operator"]
        cases = list(dict.fromkeys(book.situation for book in books))
        coverage = PlaybookCoverage.of(books, roles=roles, situations=cases)

        assert coverage == PlaybookCoverage.of([*books[::-1], *books], roles=roles, situations=cases)
        assert coverage.covered + len(coverage.missing) == coverage.pairs == len(roles) * len(cases)
        assert set(coverage.pairs_covered) == {(book.role, book.situation) for book in books}
        assert (coverage.share is None) is (not cases)
        assert coverage.roles_without_guide == tuple(
            role for role in roles if role not in {book.role for book in books}
        )

    def test_a_name_is_listed(self) -> None:
        """A playbook of a role that is not listed is refused."""
        book = Playbook(role="seler", situation=Situation.QUESTION)
        with refused(UnknownNameError, "playbook_of_an_unknown_name: roles[0]"):
            PlaybookCoverage.of([book], roles=["seller"], situations=[Situation.QUESTION])

    @given(playbook_coverages())
    def test_explains_itself(self, coverage: PlaybookCoverage) -> None:
        """Every line of the explanation follows from those above it."""
        replay(coverage.explain())


class TestReach:
    def test_counts_each_pair_once(self) -> None:
        """Told twice is told; told later, cancelled or not at all is untold; others are outside."""
        tasks = [
            update("pavel"),
            update("pavel"),
            update("olga", done_at=NEXT),
            update("ivan", done_at=None, cancelled_at=DAY),
            update("who left"),
        ]
        both = [update("pavel"), update("olga")]

        assert UpdateReach.of(both, ["pavel", "olga", "ivan"], as_of=DAY) == UpdateReach(told=2, untold=1)
        assert UpdateReach.of(tasks, ["pavel", "olga", "ivan"], as_of=DAY) == UpdateReach(told=1, untold=2, outside=1)
        assert UpdateReach.of([], ["pavel"], as_of=DAY).rate is None
        assert UpdateReach.of([], ["pavel"], as_of=DAY).interval() is None

    def test_pieces_of_news_add_up(self) -> None:
        """The rows of the pieces of news add up to the whole."""
        tasks = [update("pavel"), update("olga", about_id="new law"), update("pavel", about_id="new law", done_at=None)]
        by = UpdateReach.by(tasks, ["pavel", "olga"], lambda task: task.about_id, as_of=DAY)

        assert by.total == UpdateReach.of(tasks, ["pavel", "olga"], as_of=DAY)
        assert by["new law"] == UpdateReach(told=1, untold=1)
        with refused(InvalidValueError, "not_unique: employee_ids[1]"):
            UpdateReach.of(tasks, ["pavel", "pavel"], as_of=DAY)
        with refused(InvalidValueError, "not_unique: employee_ids[1]"):
            UpdateReach.by(tasks, ["pavel", "pavel"], lambda task: task.about_id, as_of=DAY)

    @given(update_reaches())
    def test_explains_itself(self, reach: UpdateReach) -> None:
        """Every line of the explanation follows from those above it."""
        replay(reach.explain())


class TestBonus:
    @pytest.mark.parametrize(
        ("experience", "share"), [(None, None), (29, "0"), (30, "0"), (40, "0.5"), (50, "1"), (51, "1")]
    )
    def test_share(self, experience: int | None, share: str | None) -> None:
        """Nothing up to the threshold, all from the target on, a straight line in between, unknown if unknown."""
        bonus = Bonus(experience=experience, threshold=30, target=50, full=Money(1000, "EUR"))

        assert (None if share is None else Decimal(share)) == bonus.share
        assert (None if share is None else Money(Decimal(share) * 1000, "EUR")) == bonus.value
        assert (experience in {29, 51}) is bonus.explain()["share"].formula.startswith("max")

    @given(bonuses())
    def test_explains_itself(self, bonus: Bonus) -> None:
        """Every line of the explanation follows from those above it."""
        replay(bonus.explain())


JANUARY, FEBRUARY = Period.month(2026, 1), Period.month(2026, 2)


def moments(*given_: tuple[Valence, str], employee: str | None = "pavel") -> list[MomentOfTruth]:
    """Moments of one employee."""
    return [MomentOfTruth(valence=valence, at=instant(day), employee_id=employee) for valence, day in given_]


class TestAdvise:
    def test_a_deficit_in_each_period(self) -> None:
        """Two deficits in a row are advice to review; one is not."""
        twice = moments((Valence.BAD, "2026-01-02"), (Valence.BAD, "2026-02-02"))
        found = staff.advise(twice, [FEBRUARY, JANUARY])

        assert [finding.rule for finding in found] == ["repeated_deficit"]
        assert dict(found[0].evidence)["value"] == -24
        assert staff.advise(twice[:1], [JANUARY, FEBRUARY]) == ()

    def test_a_gain_in_each_period(self) -> None:
        """Two gains in a row are advice to praise; a month without good moments is not."""
        twice = moments((Valence.GOOD, "2026-01-02"), (Valence.GOOD, "2026-02-02"))

        assert [finding.rule for finding in staff.advise(twice, [JANUARY, FEBRUARY])] == ["steady_gain"]
        assert staff.advise(twice[:1], [JANUARY, FEBRUARY]) == ()

    def test_only_the_last_periods_count(self) -> None:
        """A bad January is over if only the last period is asked for."""
        found = staff.advise(
            moments((Valence.BAD, "2026-01-02"), (Valence.GOOD, "2026-02-02")), [JANUARY, FEBRUARY], in_a_row=1
        )

        assert [finding.rule for finding in found] == ["steady_gain"]

    def test_never_decides(self) -> None:
        """The severity is information, and no advice is to part."""
        found = staff.advise(moments((Valence.BAD, "2026-01-02")), [JANUARY], in_a_row=1)

        assert [finding.severity.value for finding in found] == ["info"]
        assert "decide nothing by a number" in found[0].advice

    def test_the_unknown_employee_is_left_out(self) -> None:
        """Moments of an unknown employee are about no employee."""
        assert staff.advise(moments((Valence.BAD, "2026-01-02"), employee=None), [JANUARY], in_a_row=1) == ()

    def test_needs_enough_periods(self) -> None:
        """Two in a row need two periods."""
        with refused(InvalidValueError, "too_few_periods: periods"):
            staff.advise([], [JANUARY])


class TestLint:
    def test_without_inputs_no_rule_runs(self) -> None:
        """A rule without its input does not run."""
        assert rules() == []

    def test_factor_missing(self) -> None:
        """A factor without a reading is named; with all four there is none."""
        readings = [reading(kind, 3) for kind in FACTORS]

        assert rules(readings=readings) == []
        assert rules(readings=readings[1:]) == ["factor_missing"]

    def test_faces_customers_untrained(self) -> None:
        """An employee who meets customers needs trainings in complaints and in emotions; a failed check is none."""
        contact = [Interaction(touchpoint_id="till", at=DAY, employee_id="pavel")]
        done = [check(TrainingTopic.COMPLAINTS, None), check(TrainingTopic.EMOTION, True)]

        assert rules(interactions=contact, trainings=done) == []
        assert rules(interactions=contact, trainings=done[:1]) == ["faces_customers_untrained"]
        [found] = staff.lint([PAVEL], as_of=NEXT, interactions=contact, trainings=done[:1])
        assert found.subject == "pavel"
        assert rules(interactions=[], trainings=[]) == []
        assert rules(interactions=contact) == []
        late = [Interaction(touchpoint_id="till", at=NEXT + timedelta(days=1), employee_id="pavel")]
        assert rules(interactions=late, trainings=[]) == []

    def test_needs_training(self) -> None:
        """A failed last check names the method, and how many failed after it."""
        failed = check("tills", False, method="lecture")
        others = [check("tills", True, method="lecture", employee_id="olga")]
        (finding,) = staff.lint([PAVEL], as_of=NEXT, trainings=[failed, *others])

        assert finding.rule == "needs_training"
        assert dict(finding.evidence) == {"method": "lecture", "failed": 1, "checked": 2}
        again = check("tills", True, on=NEXT.date(), method="lecture")
        assert rules(trainings=[failed, again]) == []
        assert rules(trainings=[again, failed]) == []
        assert rules(trainings=[check("tills", None)]) == []
        assert rules(trainings=[check("tills", False, employee_id="who left")]) == []

    def test_method_unknown(self) -> None:
        """A failed check without a method asks for the method."""
        assert rules(trainings=[check("tills", False)]) == ["method_unknown"]
        assert rules(trainings=[check("tills", False, method="drill")]) == ["needs_training"]

    def test_a_check_in_the_future_is_left_out(self) -> None:
        """What happens after the reference date has not happened yet."""
        assert rules(trainings=[check("tills", False, on=date(2026, 4, 1))]) == []

    def test_training_expired(self) -> None:
        """On the first day on which it is no longer valid it is expired, and not on the day before."""
        month = {"tills": Validity(rule=ExpiryRule.FROM_CHECK, months=1)}
        passed = [check("tills", True)]

        assert rules(trainings=passed, validity=month, as_of=instant("2026-04-01T23:59")) == []
        assert rules(trainings=passed, validity=month, as_of=instant("2026-04-02")) == ["training_expired"]
        assert rules(trainings=passed, validity={}, as_of=instant("2026-04-02")) == []
        left = [check("tills", True, employee_id="who left")]
        assert rules(trainings=left, validity=month, as_of=instant("2026-04-02")) == []

    def test_topic_without_training(self) -> None:
        """A validity of a topic that no training has is perhaps a slip."""
        month = {"tils": Validity(rule=ExpiryRule.FROM_CHECK, months=1)}

        assert rules(trainings=[check("tills", True)], validity=month) == ["topic_without_training"]
        assert rules(trainings=[check("tils", True)], validity=month) == []
        assert rules(validity=month) == []

    def test_role_without_guide(self) -> None:
        """A role of an employee needs a playbook; an employee without a role does not."""
        book = Playbook(role="seller", situation=Situation.QUESTION, weak="At the back.", strong="Aisle 10.")

        assert rules(playbooks=[book]) == []
        assert rules(playbooks=[]) == ["role_without_guide"]
        assert rules(Employee(id=1), playbooks=[]) == []

    @pytest.mark.parametrize(("weak", "strong"), [("At the back.", ""), ("", "Aisle 10.")])
    def test_no_model_answer(self, weak: str, strong: str) -> None:
        """A playbook needs both answers."""
        book = Playbook(role="seller", situation=Situation.QUESTION, weak=weak, strong=strong)

        assert rules(playbooks=[book]) == ["no_model_answer"]
        both = Playbook(role="seller", situation=Situation.QUESTION, weak="At the back.", strong="Aisle 10.")
        assert rules(playbooks=[both]) == []

    def test_solution_not_taught(self) -> None:
        """A playbook names its topic, and an employee of the role learned it."""
        named = Playbook(role="seller", situation="late parcel", weak="-", strong="+", taught_by="parcels")
        unnamed = Playbook(role="seller", situation="late parcel", weak="-", strong="+")
        learned = [check("parcels", True)]

        assert rules(playbooks=[named], trainings=learned) == []
        assert rules(playbooks=[named], trainings=[]) == ["solution_not_taught"]
        assert rules(playbooks=[unnamed], trainings=learned) == ["solution_not_taught"]
        assert rules(Employee(id="pavel"), playbooks=[named], trainings=learned) == ["solution_not_taught"]

    def test_assumed_to_know(self) -> None:
        """An update that others heard and an employee did not."""
        assert rules(updates=[update("pavel")]) == []
        assert rules(updates=[update("olga")]) == ["assumed_to_know"]
        assert rules(updates=[update("olga", about_id=None)]) == ["assumed_to_know"]
        assert rules(updates=[update("olga", kind=TaskKind.BRIEFING)]) == []
        assert rules(updates=[update("olga", done_at=NEXT + timedelta(days=1))]) == []
