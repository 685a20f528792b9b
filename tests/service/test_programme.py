"""Programmes, what they lack, their meetings, their objectives and the initiatives of each round."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Activity,
    Deliverable,
    Employee,
    Finding,
    Initiatives,
    InvalidValueError,
    KeyResult,
    Objective,
    Period,
    Programme,
    ProgrammePhase,
    Recurrence,
    Severity,
    Task,
    TaskKind,
    TimeUnit,
    UnmeasuredRule,
    Weekday,
    instant,
)
from crmcore.interop.hypothesis import instants, key_results, periods, recurrences, tasks as drawn_tasks
from crmcore.service import programme
from tests.support.refusals import refused

START: Final = instant("2026-03-02")
HORIZON: Final = Period(START, instant("2028-03-02"))
FORTNIGHT: Final = Recurrence(first=date(2026, 3, 2), unit=TimeUnit.WEEK, every=2, at="09:00", zone=UTC)
PLAN: Final = tuple(
    Activity(id=deliverable.value, days=10, after=[*after], deliverable=deliverable)
    for deliverable, after in {
        Deliverable.RULES_OF_INTERACTION: [],
        Deliverable.DECLARATION: [],
        Deliverable.SIGN_OFF: ["rules_of_interaction", "declaration"],
        Deliverable.RESPONSIBLE_PERSON: [],
        Deliverable.TOUCHPOINTS: ["sign_off", "responsible_person"],
        Deliverable.SOLVED_PROBLEMS: ["touchpoints"],
        Deliverable.SATISFACTION: ["solved_problems"],
        Deliverable.TRAINED_STAFF: ["satisfaction"],
        Deliverable.EXTRA_VALUE: ["trained_staff"],
    }.items()
)
GOOD: Final = Programme(
    goal="Customers come back.", horizon=HORIZON, responsible_id="vera", activities=PLAN, meetings=FORTNIGHT
)
STAFF: Final = (
    Employee(id="vera", reports_to_id="maria"),
    Employee(id="otto", reports_to_id="maria"),
    Employee(id="ben", reports_to_id="otto"),
    Employee(id="maria"),
    Employee(id="new", reports_to_id="gone"),
)


def lint(**changes: Any) -> list[tuple[str, str]]:
    """Return the rules and subjects of what a programme lacks that differs from a good one."""
    found = programme.lint(attrs.evolve(GOOD, **changes), employees=STAFF)
    return [(finding.rule, finding.subject) for finding in found]


def without(*names: str) -> list[Activity]:
    """Return the plan without some activities."""
    return [
        attrs.evolve(activity, after=[name for name in activity.after if name not in names])
        for activity in PLAN
        if activity.id not in names
    ]


class TestLint:
    def test_nothing_is_lacking(self) -> None:
        """A good programme has no findings, with its employees or without."""
        assert [] == lint()
        assert () == programme.lint(GOOD)

    def test_horizon(self) -> None:
        """A horizon of two years less a day is too short; the limit is the caller's."""
        short = attrs.evolve(GOOD, horizon=Period(START, instant("2028-03-01")))
        assert ["horizon_too_short"] == [finding.rule for finding in programme.lint(short)]
        assert () == programme.lint(short, months=23)
        assert ["horizon_too_short"] == [finding.rule for finding in programme.lint(GOOD, months=25)]

    def test_plan_beyond_horizon(self) -> None:
        """A plan that needs more days than the horizon has is named with its critical path."""
        long = [*PLAN, Activity(id="rest", days=732)]
        (finding,) = programme.lint(attrs.evolve(GOOD, activities=long))
        assert ("plan_beyond_horizon", ("critical", "rest")) == (finding.rule, finding.evidence[-1])
        assert [] == lint(activities=[*PLAN, Activity(id="rest", days=731)])

    @pytest.mark.parametrize(
        ("responsible_id", "expected"),
        [
            (None, [("no_responsible_person", "programme")]),
            ("gone", [("responsible_unknown", "gone")]),
            ("new", [("responsible_unknown", "gone")]),
            ("ben", [("not_reporting_to_top", "ben")]),
            ("vera", []),
            ("maria", []),
        ],
    )
    def test_responsible_person(self, responsible_id: str | None, expected: list[tuple[str, str]]) -> None:
        """An employee is responsible who is at the top or reports to it."""
        assert expected == lint(responsible_id=responsible_id)

    def test_without_employees_no_line_is_checked(self) -> None:
        """Where the employees are not given, only a missing responsible person is found."""
        assert () == programme.lint(attrs.evolve(GOOD, responsible_id="ben"))

    @pytest.mark.parametrize("name", ["rules_of_interaction", "declaration"])
    def test_documents(self, name: str) -> None:
        """Both documents are due."""
        assert [("document_missing", name)] == lint(activities=without(name))

    def test_sign_off(self) -> None:
        """The leaders' signature is due."""
        assert [("sign_off_missing", "programme")] == lint(activities=without("sign_off"))

    def test_phases(self) -> None:
        """Each phase delivers something; an activity without a deliverable does not count."""
        bare = [*without("trained_staff"), Activity(id="talks", days=1, phase=ProgrammePhase.CULTURE)]
        assert [("phase_without_deliverable", "culture")] == lint(activities=bare)
        own = [*without("trained_staff"), Activity(id=7, days=1, phase=ProgrammePhase.CULTURE, deliverable="talks")]
        assert [] == lint(activities=own)

    def test_phases_out_of_order(self) -> None:
        """An activity waits for none of a later phase; one without a phase may stand anywhere."""
        back = Activity(id="pay", days=1, after=["extra_value"], phase=ProgrammePhase.CULTURE)
        assert [("phases_out_of_order", "pay")] == lint(activities=[*PLAN, back])
        assert [] == lint(activities=[*PLAN, attrs.evolve(back, phase=None)])
        assert [] == lint(activities=[*PLAN, Activity(id=1, days=1), Activity(id=2, days=1, after=[1])])

    def test_touchpoints_come_before_satisfaction(self) -> None:
        """Satisfaction waits for the touchpoints, directly or not."""
        assert [("measured_before_touchpoints", "satisfaction")] == lint(activities=without("touchpoints"))
        apart = [attrs.evolve(one, after=[]) if one.id == "satisfaction" else one for one in PLAN]
        assert [("measured_before_touchpoints", "satisfaction")] == lint(activities=apart)

    def test_common_ancestors(self) -> None:
        """An activity that is waited for on two paths is looked at once."""
        both = [Activity(id=1, days=1, after=["touchpoints"]), Activity(id=2, days=1, after=[1, "touchpoints"])]
        late = Activity(id="again", days=1, after=[1, 2], deliverable=Deliverable.SATISFACTION)
        assert [] == lint(activities=[*PLAN, *both, late])

    @pytest.mark.parametrize(
        ("meetings", "expected"),
        [
            (None, ["no_meetings"]),
            (attrs.evolve(FORTNIGHT, first=date(2030, 1, 1)), ["no_meetings"]),
            (attrs.evolve(FORTNIGHT, every=3), ["meetings_too_rare"]),
            (attrs.evolve(FORTNIGHT, first=date(2026, 3, 17)), ["meetings_too_rare"]),
            (attrs.evolve(FORTNIGHT, first=date(2026, 3, 16)), []),
            (attrs.evolve(FORTNIGHT, unit=TimeUnit.MONTH, every=1), ["meetings_too_rare"]),
            (attrs.evolve(FORTNIGHT, weekdays=[Weekday.MONDAY, Weekday.THURSDAY]), []),
        ],
    )
    def test_meetings(self, meetings: Recurrence | None, expected: list[str]) -> None:
        """Meetings are held, from the start, at most two weeks apart."""
        assert expected == [rule for rule, _ in lint(meetings=meetings)]

    def test_the_limit_of_meetings(self) -> None:
        """The largest number of days is the caller's."""
        assert ["meetings_too_rare"] == [one.rule for one in programme.lint(GOOD, meeting_days=13)]
        assert {Severity.WARNING} == {one.severity for one in programme.lint(GOOD, meeting_days=13)}
        with refused(InvalidValueError, "too_small: meeting_days"):
            programme.lint(GOOD, meeting_days=0)

    def test_every_finding_has_advice(self) -> None:
        """Every finding says what to do."""
        found: tuple[Finding, ...] = programme.lint(Programme(goal="All", horizon=Period.month(2026, 3)))
        assert all(finding.advice for finding in found)


class TestHorizon:
    @pytest.mark.parametrize(
        ("start", "end", "months", "expected"),
        [
            ("2026-03-01", "2028-02-29", 24, False),
            ("2026-03-01", "2028-03-01", 24, True),
            ("2026-01-31", "2026-02-28", 1, True),
            ("2026-01-31", "2026-02-27", 1, False),
            ("2026-03-01", "9999-12-31", 120_000, False),
        ],
    )
    def test_reaches(self, start: str, end: str, months: int, expected: bool) -> None:
        """Months are calendar months; a short one ends with its last day."""
        assert expected is programme.reaches(Period(instant(start), instant(end)), months=months)

    def test_in_a_zone(self) -> None:
        """The clock of the zone counts: midnight in Berlin is midnight on both sides of a change of the clocks."""
        berlin = ZoneInfo("Europe/Berlin")
        horizon = Period(instant("2026-03-01", tz=berlin), instant("2026-06-01", tz=berlin))
        assert (True, False) == (
            programme.reaches(horizon, months=3, tz=berlin),
            programme.reaches(attrs.evolve(horizon, end=horizon.end - timedelta(seconds=1)), months=3, tz=berlin),
        )

    def test_refusals(self) -> None:
        """A horizon of no months, and one that begins before the calendar of the zone."""
        with refused(InvalidValueError, "too_small: months"):
            programme.reaches(HORIZON, months=0)
        early = Period(datetime.min.replace(tzinfo=UTC), START)
        with refused(InvalidValueError, "horizon_beyond_calendar: horizon"):
            programme.reaches(early, tz=timezone(timedelta(hours=-5)))

    def test_in_phase(self) -> None:
        """The activities of a phase keep the order of the plan."""
        found = GOOD.in_phase(ProgrammePhase.ASSESSMENT)
        assert ["touchpoints", "solved_problems", "satisfaction"] == [activity.id for activity in found]
        assert Decimal(70) == GOOD.schedule.length


class TestMeetings:
    def test_status(self) -> None:
        """What was done since the last meeting, what is overdue and what is open, each in order of the due dates."""
        at = instant("2026-03-30T09:00")
        given: dict[str, dict[str, Any]] = {
            "04-20": {},
            "04-10": {},
            "03-30T09:00": {},
            "03-20": {},
            "03-10": {},
            "03-11": {"cancelled_at": at},
            "03-12": {"cancelled_at": at + timedelta(1)},
            "03-13": {"done_at": instant("2026-03-16T09:00")},
            "03-14": {"done_at": instant("2026-03-16T09:01")},
            "03-15": {"done_at": at + timedelta(1)},
        }
        tasks = [
            Task(kind=TaskKind.DELIVERABLE, due=instant(f"2026-{due}"), id=due, **fields)
            for due, fields in given.items()
        ]
        report = programme.status(tasks, meetings=FORTNIGHT, as_of=at)
        assert ["03-14"] == [task.id for task in report.done]
        assert ["03-10", "03-12", "03-15", "03-20"] == [task.id for task in report.overdue]
        assert ["03-30T09:00", "04-10", "04-20"] == [task.id for task in report.open]
        assert (instant("2026-03-16T09:00"), instant("2026-04-13T09:00")) == (report.last_meeting, report.next_meeting)
        assert (1, 4, 3) == (report.done_count, report.overdue_count, report.open_count)
        assert "overdue" in report._repr_html_()

    def test_before_the_first_meeting(self) -> None:
        """Before the first meeting, everything done so far is news; the first meeting itself has none before it."""
        done = Task(kind=TaskKind.DELIVERABLE, due=START, done_at=START - timedelta(900))
        for at in (START, START + timedelta(hours=9)):
            report = programme.status([done], meetings=FORTNIGHT, as_of=at)
            assert ((done,), None) == (report.done, report.last_meeting)

    def test_done_at_this_very_instant(self) -> None:
        """What is done at the reference instant is done; a microsecond before it is not."""
        done = Task(kind=TaskKind.DELIVERABLE, due=START, done_at=START + timedelta(hours=1))
        for late, count in ((0, 1), (-1, 0)):
            at = START + timedelta(hours=1, microseconds=late)
            assert count == programme.status([done], meetings=FORTNIGHT, as_of=at).done_count

    def test_the_calendar_ends(self) -> None:
        """After the last instant there is no meeting."""
        last = datetime.max.replace(tzinfo=UTC)
        assert None is programme.status([], meetings=FORTNIGHT, as_of=last).next_meeting

    @given(recurrences(), instants())
    def test_against_a_walk(self, meetings: Recurrence, at: datetime) -> None:
        """The last meeting is the one before, as a walk from the first one finds it."""
        report = programme.status([], meetings=meetings, as_of=at)
        last = None
        for held in meetings:
            if held >= at:
                break
            last = held
        assert last == report.last_meeting

    @given(st.lists(drawn_tasks(id=None), max_size=5), instants())
    def test_no_task_is_in_two_places(self, tasks: list[Task], at: datetime) -> None:
        """Each task is in one list at most, and what is overdue is what the tasks say themselves."""
        report = programme.status(tasks, meetings=FORTNIGHT, as_of=at)
        assert len(report.done) + len(report.overdue) + len(report.open) <= len(tasks)
        assert sum(task.is_overdue(at) for task in tasks) == report.overdue_count


class TestKeyResults:
    @given(key_results())
    def test_against_fractions(self, key_result: KeyResult) -> None:
        """Progress is the share of the way, for falling targets too, and is kept between 0 and 1."""
        if key_result.current is None:
            assert (None, None, False) == (key_result.raw_progress, key_result.progress, key_result.is_measured)
            return
        way = Fraction(key_result.target) - Fraction(key_result.baseline)
        share = (Fraction(key_result.current) - Fraction(key_result.baseline)) / way
        assert key_result.raw_progress is not None
        assert key_result.progress is not None
        assert abs(Fraction(key_result.raw_progress) - share) < Fraction(1, 10**28)
        assert abs(Fraction(key_result.progress) - max(Fraction(0), min(share, Fraction(1)))) < Fraction(1, 10**28)

    @given(key_results(), periods(), instants())
    def test_expected_is_not_behind(self, key_result: KeyResult, period: Period, at: datetime) -> None:
        """What is due lies between baseline and target, and the target itself is never behind."""
        low, high = sorted((key_result.baseline, key_result.target))
        assert low <= key_result.expected(period, as_of=at) <= high
        assert False is attrs.evolve(key_result, current=key_result.target).is_behind(period, as_of=at)
        assert None is attrs.evolve(key_result, current=None).is_behind(period, as_of=at)

    def test_a_tie_is_not_behind(self) -> None:
        """A third of the way after a third of the time is not behind, though neither is a finite number."""
        quarter = Period(instant("2026-01-01"), instant("2026-01-04"))
        third = KeyResult(name="n", baseline=0, target=3, current=1)
        assert False is third.is_behind(quarter, as_of=instant("2026-01-02"))
        assert True is third.is_behind(quarter, as_of=instant("2026-01-02T00:00:00.000001"))

    def test_explain(self) -> None:
        """The explanation ends with the progress."""
        assert Decimal("0.6") == KeyResult(name="n", baseline=15, target=10, current=12).explain()["progress"].value

    def test_refusals(self) -> None:
        """A target that equals the baseline leaves no way to measure."""
        with refused(InvalidValueError, "target_equals_baseline: target"):
            KeyResult(name="n", baseline="10", target="10.00")


class TestObjectives:
    @pytest.mark.parametrize(
        ("weights", "progress", "expected"),
        [
            ((), (), (None, None)),
            ((1,), (None,), (None, Decimal(0))),
            ((0, 0), ("0.5", None), (None, None)),
            ((1, 3), ("0.5", None), (Decimal("0.5"), Decimal("0.125"))),
            ((1, 1), ("3", "-1"), (Decimal("0.5"), Decimal("0.5"))),
        ],
    )
    def test_progress(
        self, weights: tuple[int, ...], progress: tuple[str | None, ...], expected: tuple[Decimal | None, ...]
    ) -> None:
        """Weights count; what is beyond its target hides nothing; the unmeasured counts as the rule says."""
        objective = Objective(
            name="goal",
            key_results=[
                KeyResult(name="n", baseline=0, target=1, current=current, weight=weight)
                for current, weight in zip(progress, weights, strict=True)
            ],
        )
        assert expected == tuple(objective.progress_by(rule) for rule in UnmeasuredRule)
        assert progress.count(None) == len(objective.unmeasured)
        assert "baseline" in objective._repr_html_() or not weights


class TestInitiatives:
    def test_by_round(self) -> None:
        """A round without initiatives counts; what is about no round stands under None; other tasks are left out."""
        tasks = [
            Task(kind=TaskKind.INITIATIVE, due=START, about_id="spring"),
            Task(kind=TaskKind.INITIATIVE, due=START, about_id="spring", done_at=START),
            Task(kind=TaskKind.INITIATIVE, due=START, about_id="spring", cancelled_at=START),
            Task(kind=TaskKind.INITIATIVE, due=START, about_id="a dream"),
            Task(kind=TaskKind.INITIATIVE, due=START),
            Task(kind=TaskKind.CALL, due=START, about_id="spring"),
        ]
        found = Initiatives.by(tasks, rounds=["spring", "autumn"])
        assert {
            "spring": Initiatives(rounds=1, open=1, done=1, cancelled=1),
            "autumn": Initiatives(rounds=1),
            None: Initiatives(unassigned=2),
        } == dict(found)
        whole = Initiatives.of(tasks, rounds=["spring", "autumn"])
        assert (Initiatives.total(found.values()), Decimal("1.5")) == (whole, whole.per_round)
        assert whole.per_round == whole.explain()["per_round"].value
        assert (None, {}) == (Initiatives.of([], rounds=[]).per_round, dict(Initiatives.by([], rounds=[])))

    def test_rounds(self) -> None:
        """A round is named once, by an id."""
        with refused(InvalidValueError, "not_unique: rounds[1]"):
            Initiatives.of([], rounds=[1, 1])
        with refused(TypeError, "not_an_id: rounds[0]"):
            Initiatives.of([], rounds=[None])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - refused
