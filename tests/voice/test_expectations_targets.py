from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from statistics import pvariance
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Audit,
    Checklist,
    ChecklistAnswer,
    Consistency,
    ConstancyDrift,
    ContactArea,
    ExperienceTarget,
    InconsistentCountsError,
    InvalidValueError,
    LoyaltyLevel,
    MeasureKind,
    Period,
    Reading,
    Scale,
    SubjectKind,
    TargetAttainment,
    TargetState,
    Verdict,
    WrongTypeError,
    instant,
)
from crmcore.interop.hypothesis import consistencies, experience_targets, readings as any_readings
from crmcore.voice.expectations import TargetResult, attainments, constancy, lint_targets, spoilers
from tests.support.refusals import refused
from tests.support.replay import replay

MAY = Period.month(2026, 5)
NUMBERS = any_readings(scale=None, level=None, value=5, kind=st.sampled_from(MeasureKind))
BEFORE, LATER = instant("2026-04-20"), instant("2026-07-01")


def reading(value: Any, day: str = "2026-05-10", **fields: Any) -> Reading:
    """A reading of trust in the company."""
    usual: dict[str, Any] = {"subject_kind": SubjectKind.COMPANY, "kind": MeasureKind.TRUST, "at": instant(day)}
    return Reading(value=value, **{**usual, **fields})


def target(level: Any = 8, **fields: Any) -> ExperienceTarget:
    """A target of trust for May."""
    usual: dict[str, Any] = {"kind": MeasureKind.TRUST, "period": MAY, "set_at": BEFORE}
    return ExperienceTarget(level=level, **{**usual, **fields})


def states(targets: list[ExperienceTarget], readings: list[Reading], as_of: Any = LATER) -> list[str]:
    """What became of targets."""
    return [result.state.value for result in attainments(targets, readings, as_of=as_of)]


class TestConsistency:
    def test_weakest_link(self) -> None:
        """The mean is good, the weakest is not; those that are level are all named."""
        found = Consistency(scores={"web": 9, "phone": 5, "desk": 9, "queue": 5})

        assert (Decimal(5), ("phone", "queue"), Decimal(7)) == (found.value, found.weakest, found.mean)
        replay(found.explain())
        replay(Consistency(scores={"web": 9}).explain())
        replay(Consistency(scores=[]).explain())

    @pytest.mark.parametrize(("floor", "below"), [(5, ()), ("5.01", ("phone",)), (10, ("web", "phone"))])
    def test_below(self, floor: Any, below: Any) -> None:
        """A score of exactly the floor is good enough."""
        assert below == Consistency(scores={"web": 9, "phone": 5}).below(floor)

    def test_nothing(self) -> None:
        """Nothing is known of nothing."""
        found = Consistency(scores=[])

        assert [None] * 5 == [getattr(found, name) for name in ("value", "mean", "range", "variance", "coverage")]
        assert ((), (), (), ()) == (found.weakest, found.unread, found.unexpected, found.cautions)

    @given(consistencies())
    def test_variance(self, found: Consistency) -> None:
        """The variance is that of the population."""
        scores = [score for _, score in found.scores]

        if scores:
            assert found.variance is not None
            assert abs(found.variance - pvariance(scores)) <= Decimal("1E-20")

    def test_contact_areas(self) -> None:
        """Each of the seven areas that has no reading is named, and so is a name that is none of them."""
        areas = ["staff", "staff", "premises", "stuff", ""]
        readings = [reading(number, aspect=area) for number, area in enumerate(areas)]
        found = Consistency.of(readings, lambda one: one.aspect, expected=ContactArea)

        assert (("staff", Decimal("0.5")), ("premises", Decimal(2)), ("stuff", Decimal(3))) == found.scores
        assert (5, ("stuff",), 1) == (len(found.unread), found.unexpected, found.unassigned)
        assert [
            "expected_without_a_score",
            "score_of_an_unexpected_name",
            "readings_without_a_place",
        ] == [caution.rule for caution in found.cautions]

    def test_touchpoints(self) -> None:
        """A reading of an unknown touchpoint is in no score; low effort is a high score."""
        effort: dict[str, Any] = {"kind": MeasureKind.EFFORT, "scale": Scale.EFFORT_1_5}
        readings = [reading(n, subject_id=name, **effort) for n, name in [(1, "desk"), (5, "phone"), (3, None)]]
        found = Consistency.of(readings, lambda one: one.subject_id)

        assert (("phone",), Decimal(1), 1) == (found.weakest, found.value, found.unassigned)

    def test_refusals(self) -> None:
        """An id has one score."""
        with refused(InvalidValueError, "not_unique: scores[1]"):
            Consistency(scores=[("web", 5), ("web", 6)])
        with refused(InvalidValueError, "not_unique: expected[1]"):
            Consistency(scores=[], expected=["web", "web"])

    def test_spoilers(self) -> None:
        """Every detail belongs to one of the seven contact areas."""
        assert {item.group for item in spoilers().items} <= {area.value for area in ContactArea}
        assert 6 == Audit.of(spoilers(), []).unanswered


class TestTargets:
    @pytest.mark.parametrize(("value", "state"), [("7.99", "missed"), (8, "attained"), ("8.01", "attained")])
    def test_the_level_attains(self, value: Any, state: str) -> None:
        """A mean of exactly the level attains the target."""
        assert [state] == states([target()], [reading(value)])

    def test_exact_at_a_tie(self) -> None:
        """The mean is compared exactly: a third is below its 40 decimals rounded up."""
        thirds = [reading(n) for n in (0, 0, 1)]

        assert ["missed"] == states([target(f"0.{'3' * 39}4")], thirds)
        assert ["attained"] == states([target(f"0.{'3' * 40}")], thirds)

    @pytest.mark.parametrize(
        ("set_at", "state"),
        [("2026-05-01", "attained"), ("2026-05-01T00:00:01", "set_too_late"), ("2026-06-10", "set_too_late")],
    )
    def test_set_after_the_fact(self, set_at: str, state: str) -> None:
        """A target that is set after the start of its period is not attained, whatever is measured."""
        assert [state] == states([target(set_at=instant(set_at))], [reading(9)])

    @pytest.mark.parametrize(
        ("as_of", "state"), [("2026-04-20", "open"), ("2026-05-31T23:59", "open"), ("2026-06-01", "attained")]
    )
    def test_open_until_the_end(self, as_of: str, state: str) -> None:
        """A target is open until its period ends, also if the level is reached."""
        assert [state] == states([target()], [reading(9)], instant(as_of))

    def test_what_is_later_has_not_happened(self) -> None:
        """Readings after the reference date are not counted, and targets that are set after it are left out."""
        found = attainments([target()], [reading(9), reading(1, "2026-05-20")], as_of=instant("2026-05-15"))

        assert (1, Decimal(9)) == (found[0].readings, found[0].achieved)
        assert [] == states([target()], [], instant("2026-04-19"))

    def test_which_readings(self) -> None:
        """A reading counts in its period, for its own subject, kind and aspect."""
        readings = [
            reading(1, "2026-04-30T23:59"),
            reading(1, "2026-06-01"),
            reading(1, aspect="staff"),
            reading(1, kind=MeasureKind.HONESTY),
            reading(1, subject_kind=SubjectKind.PRODUCT, subject_id="tea"),
        ]

        assert ["unmeasured"] == states([target()], readings)
        assert "achieved" == [line.name for line in attainments([target()], [], as_of=LATER)[0].explain()][-1]
        assert [1] == [result.readings for result in attainments([target()], [*readings, reading(9)], as_of=LATER)]

    def test_low_is_better(self) -> None:
        """On a scale where low is better, the mean must not exceed the level."""
        effort: dict[str, Any] = {"kind": MeasureKind.EFFORT, "scale": Scale.EFFORT_1_5}
        (found,) = attainments([target(2, **effort)], [reading(1, **effort), reading(2, **effort)], as_of=LATER)

        assert (TargetState.ATTAINED, Decimal("0.5")) == (found.state, found.value)
        replay(found.explain())
        assert "level - achieved" == found.explain()["value"].formula
        assert ["missed"] == states([target(2, **effort)], [reading(3, **effort)])

    def test_refusals(self) -> None:
        """What a target measures has its scale, and is a number."""
        level = Reading(
            subject_kind=SubjectKind.COMPANY, kind=MeasureKind.LOYALTY, at=MAY.start, level=LoyaltyLevel.LOYAL
        )
        with refused(InvalidValueError, "target_on_another_scale: readings[1]"):
            attainments([target()], [reading(8), reading(8, scale=Scale.RATING_1_10)], as_of=LATER)
        with refused(InvalidValueError, "level_for_a_target: readings[0]"):
            attainments([target(kind=MeasureKind.LOYALTY)], [level], as_of=LATER)
        with refused(InvalidValueError, "not_on_the_scale: level"):
            target(11, scale=Scale.RATING_1_10)
        with refused(InconsistentCountsError, "sum_without_readings: total"):
            TargetResult(target=target(), total=1, readings=0, as_of=LATER)

    def test_rate(self) -> None:
        """A target that was set too late counts as not attained; unmeasured and open ones are in no rate."""
        targets = [
            target(aspect="a"),
            target(9, aspect="a"),
            target(1, aspect="a", set_at=instant("2026-06-02")),
            target(aspect="b"),
            target(aspect="a", period=Period.year(2027)),
        ]
        results = attainments(targets, [reading(8, aspect="a")], as_of=LATER)
        counted = TargetAttainment.of(results)

        assert TargetAttainment(attained=1, missed=1, set_too_late=1, unmeasured=1, open=1) == counted
        assert Decimal(1) / 3 - Decimal(counted.rate or 0) < Decimal("1E-20")
        assert ["targets_not_measured"] == [caution.rule for caution in counted.cautions]
        replay(counted.explain())
        assert counted == TargetAttainment.by(results, lambda one: one.target.aspect).total

    def test_no_targets(self) -> None:
        """Without targets there is no rate."""
        assert (None, ()) == (TargetAttainment.of([]).rate, TargetAttainment().cautions)
        with refused(WrongTypeError, "wrong_type: results[0]"):
            TargetAttainment.of([target()])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - nothing is measured

    @given(st.lists(experience_targets(), max_size=5), st.lists(NUMBERS, max_size=5))
    def test_every_target_counts_once(self, targets: list[ExperienceTarget], readings: list[Reading]) -> None:
        """No target that is set by the reference date is lost."""
        as_of = instant("2040-01-01")

        assert len(targets) == sum(
            getattr(TargetAttainment.of(attainments(targets, readings, as_of=as_of)), state.value)
            for state in TargetState
        )


class TestLintTargets:
    def test_set_too_late(self) -> None:
        """A target that is set after the start of its period is an error, named by its id."""
        (finding,) = lint_targets([target(set_at=instant("2026-05-02"), id="trust")])

        assert ("target_set_too_late", "target trust") == (finding.rule, finding.subject)

    @pytest.mark.parametrize(("first", "second", "found"), [(8, 8, 1), (8, "7.9", 1), (8, "8.1", 0)])
    def test_bar(self, first: Any, second: Any, found: int) -> None:
        """The next target of the same measure asks for more, in whatever order they are given."""
        later = target(second, period=Period.month(2026, 6))

        assert found == len(lint_targets([later, target(first)]))

    def test_low_is_better(self) -> None:
        """Where low is better, the next target is lower."""
        effort: dict[str, Any] = {"kind": MeasureKind.EFFORT, "scale": Scale.EFFORT_1_5}
        may, june = target(2, **effort), target(3, period=Period.month(2026, 6), **effort)

        assert ["bar_not_raised"] == [finding.rule for finding in lint_targets([may, june])]
        assert () == lint_targets([may, target(1, period=Period.month(2026, 6), **effort)])

    def test_other_measures(self) -> None:
        """Targets of other measures and on other scales are not compared."""
        assert () == lint_targets([target(), target(aspect="staff"), target(5, scale=Scale.RATING_1_5)])


def answers(verdicts: Mapping[str, Verdict | None], subject: Any = None) -> list[ChecklistAnswer]:
    """The answers of an audit."""
    return [ChecklistAnswer(item_id=item, verdict=verdict, subject_id=subject) for item, verdict in verdicts.items()]


class TestConstancyDrift:
    @pytest.mark.parametrize(
        ("was", "now", "change"),
        [
            (Verdict.MET, Verdict.MET, "kept"),
            (Verdict.MET, Verdict.UNMET, "broken"),
            (Verdict.UNMET, Verdict.MET, "restored"),
            (Verdict.UNMET, Verdict.UNMET, "missing"),
            (Verdict.MET, None, "unknown"),
            (None, Verdict.MET, "unknown"),
            (Verdict.MET, Verdict.NOT_APPLICABLE, "unknown"),
            (Verdict.NOT_APPLICABLE, Verdict.UNMET, "unknown"),
        ],
    )
    def test_changes(self, was: Verdict | None, now: Verdict | None, change: str) -> None:
        """What becomes of an item is one of five."""
        drift = ConstancyDrift.of(constancy(), answers({"staff": was}), answers({"staff": now}))

        assert ConstancyDrift(unknown=4) + ConstancyDrift(**{change: 1}) == drift

    def test_subjects(self) -> None:
        """Each shop is compared with itself; a shop of one audit alone is unknown."""
        staff = {"staff": Verdict.MET}
        before = [*answers(staff, "Riga"), *answers(staff, "Rome")]
        after = [*answers({"staff": Verdict.UNMET}, "Riga"), *answers(staff, "Kyiv")]
        by = ConstancyDrift.by(constancy(), before, after, lambda answer: answer.subject_id)

        assert {"Riga": (1, 4), "Rome": (0, 5), "Kyiv": (0, 5)} == {
            shop: (row.broken, row.unknown) for shop, row in by.items()
        }
        assert ConstancyDrift.of(constancy(), before, after) == by.total

    def test_one_audit(self) -> None:
        """Without an earlier audit everything is unknown; without any there is nothing."""
        drift = ConstancyDrift.of(constancy(), [], answers({"staff": Verdict.MET}, "Riga"))

        assert (5, None, ["items_not_comparable"]) == (drift.unknown, drift.rate, [one.rule for one in drift.cautions])
        assert ConstancyDrift() == ConstancyDrift.of(constancy(), [], [])
        assert () == ConstancyDrift().cautions
        replay(drift.explain())

    def test_rate(self) -> None:
        """The drift is a share of what was met."""
        drift = ConstancyDrift(kept=3, broken=1, restored=7, missing=2)

        assert (Decimal("0.25"), 13) == (drift.rate, drift.compared)

    def test_refusals(self) -> None:
        """An item must be on the checklist."""
        with refused(InvalidValueError, "item_not_on_the_checklist: answers[0]"):
            ConstancyDrift.of(constancy(), [], answers({"tea": Verdict.MET}))
        with refused(WrongTypeError, "wrong_type: checklist"):
            ConstancyDrift.of([], [], [])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - no checklist
        with refused(WrongTypeError, "wrong_type: after[0]"):
            ConstancyDrift.of(Checklist(id="c", items=[]), [], [5])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - no answer

    def test_five_questions(self) -> None:
        """There are five questions."""
        assert 5 == len(constancy().items)
