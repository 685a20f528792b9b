"""Experiences graded against what was expected at the time, and how expectations adapt."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    ExperienceGrade,
    ExperienceGrades,
    InvalidValueError,
    MeasureKind,
    Reading,
    Scale,
    SubjectKind,
    WrongTypeError,
    expectations,
    instant,
)
from crmcore.interop.hypothesis import experience_grades
from crmcore.primitives.errors import PolicyMismatchError
from crmcore.primitives.proportions import wilson
from tests.support.refusals import refused

DAY = instant("2026-03-02")
LIMITS: dict[str, Any] = {"neutral_band": "0.25", "excellent_from": 1}


def read(kind: MeasureKind, day: float, value: Any, **fields: Any) -> Reading:
    """Return a reading of a customer, so many days after the first."""
    usual: dict[str, Any] = {"subject_kind": SubjectKind.CUSTOMER, "subject_id": 7}
    return Reading(**{**usual, **fields}, kind=kind, at=DAY + timedelta(days=day), value=value)


def expect(day: float, value: Any, **fields: Any) -> Reading:
    """Return an expectation."""
    return read(MeasureKind.EXPECTATION, day, value, **fields)


def perceive(day: float, value: Any, **fields: Any) -> Reading:
    """Return an experience."""
    return read(MeasureKind.PERCEPTION, day, value, **fields)


def names(readings: list[Reading], **policies: Any) -> list[str | None]:
    """Return the names of the grades."""
    graded = expectations.grade_each(readings, **{**LIMITS, **policies})
    return [None if one.grade is None else one.grade.value for one in graded]


class TestGrade:
    @given(*[st.decimals(-100, 100, places=3)] * 2, *[st.decimals(0, 10, places=3)] * 2)
    def test_is_one_of_four_by_two_limits(self, seen: Decimal, hoped: Decimal, band: Decimal, above: Decimal) -> None:
        """The four grades divide the line of distances; both limits are inclusive."""
        top = band + above + Decimal("0.001")
        distance = Fraction(seen) - Fraction(hoped)
        expected = (
            "excellent"
            if distance >= top
            else "good"
            if distance > band
            else "neutral"
            if distance >= -band
            else "poor"
        )

        assert expected == expectations.grade(seen, hoped, neutral_band=band, excellent_from=top)

    def test_refuses_limits_that_contradict(self) -> None:
        """A distance cannot be neutral and excellent."""
        with refused(InvalidValueError, "excellent_within_the_neutral_band: excellent_from"):
            expectations.grade(8, 8, neutral_band=1, excellent_from=1)
        with refused(InvalidValueError, "too_small: neutral_band"):
            expectations.grade(8, 8, neutral_band=-1, excellent_from=1)

    def test_refuses_floats(self) -> None:
        """A float is only an approximation, and a grade is exact."""
        with refused(WrongTypeError, "float_is_inexact: perceived"):
            expectations.disconfirmation(7.5, 8)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - exact


class TestExpectationAtTheTime:
    def test_later_expectation_is_not_used(self) -> None:
        """An expectation formed after the experience grades no earlier one."""
        assert names([perceive(0, 7), expect(1, 6)]) == [None]

    def test_same_instant_counts_as_before(self) -> None:
        """An expectation of the instant of the experience counts."""
        assert names([perceive(0, 7), expect(0, 6)]) == ["excellent"]

    def test_last_expectation_counts(self) -> None:
        """The bar has risen: the same service is excellent, then poor."""
        readings = [expect(0, 6), perceive(1, 7), expect(2, 8), perceive(3, 7)]

        assert names(readings) == ["excellent", "poor"]
        assert names(readings[::-1]) == ["poor", "excellent"]

    def test_stale_expectation_is_none(self) -> None:
        """An expectation older than the limit, in whole days of age, gives no grade; the oldest day is included."""
        readings = [expect(0, 7), perceive(30.99, 7), perceive(31, 7)]
        within, stale = expectations.grade_each(readings, **LIMITS, max_age=timedelta(days=30))

        assert within.grade is ExperienceGrade.NEUTRAL
        assert not within.is_stale
        assert (stale.grade, stale.disconfirmation, stale.is_stale) == (None, None, True)
        assert stale.age == timedelta(days=31)

    def test_older_expectation_does_not_stand_in(self) -> None:
        """Only the last expectation counts; the row shows it."""
        [graded] = expectations.grade_each([expect(0, 5), expect(1, 8), perceive(2, 7)], **LIMITS)

        assert (graded.expected, graded.perceived, graded.at) == (Decimal(8), Decimal(7), DAY + timedelta(days=2))
        assert graded.disconfirmation == Decimal(-1)
        assert graded.row()["grade"] == "poor"

    @pytest.mark.parametrize("values", [(6, 8), (8, 6), (8, 6, 8)])
    def test_most_demanding_of_equal_instants(self, values: tuple[int, ...]) -> None:
        """Of different expectations at one instant the most demanding counts, in any order, and it is said."""
        readings = [*(expect(0, value) for value in values), perceive(1, 7)]
        [graded] = expectations.grade_each(readings, **LIMITS)
        counted = ExperienceGrades.of(readings, **LIMITS)

        assert (graded.expected, graded.is_tied) == (Decimal(8), True)
        assert (counted.poor, counted.tied) == (1, 1)
        assert [finding.rule for finding in counted.cautions] == ["expectations_at_one_instant"]
        assert ExperienceGrades.of([*readings[:-1], perceive(9, 7)], **LIMITS, max_age=timedelta(days=1)).stale == 1
        assert names([*readings, perceive(1, "8.5")]) == ["poor", "good"]

    def test_alike_at_one_instant_is_no_tie(self) -> None:
        """The same expectation twice is no tie."""
        assert not expectations.grade_each([expect(0, 8), expect(0, 8), perceive(1, 7)], **LIMITS)[0].is_tied

    def test_low_is_good(self) -> None:
        """On a scale where low is good the distance is turned, and the lowest expectation is the most demanding."""
        scale = Scale(low=1, high=7, higher_is_better=False)
        readings = [expect(0, 3, scale=scale), expect(0, 5, scale=scale), perceive(1, 2, scale=scale)]
        [graded] = expectations.grade_each(readings, **LIMITS)

        assert (graded.disconfirmation, graded.expected) == (Decimal(1), Decimal(3))

    @pytest.mark.parametrize(
        "fields",
        [{"subject_id": 8}, {"aspect": "speed"}, {"subject_kind": SubjectKind.SEGMENT}],
        ids=lambda fields: next(iter(fields)),
    )
    def test_other_expectation_does_not_belong(self, fields: dict[str, Any]) -> None:
        """An expectation of another customer or aspect grades nothing."""
        assert names([expect(0, 6, **fields), perceive(1, 7)]) == [None]

    def test_customer_judges_a_touchpoint(self) -> None:
        """An expectation belongs to the customer who has it; that of an unknown customer to no experience."""
        desk: dict[str, Any] = {"subject_kind": SubjectKind.TOUCHPOINT, "subject_id": "desk"}
        readings = [
            expect(0, 6, **desk, customer_id=1),
            expect(0, 9, **desk, customer_id=2),
            expect(0, 9, **desk),
            perceive(1, 7, **desk, customer_id=1),
            perceive(1, 7, **desk, customer_id=2),
            perceive(1, 7, **desk, customer_id=3),
            perceive(1, 7, **desk),
        ]
        counted = ExperienceGrades.of(readings, **LIMITS)

        assert names(readings) == ["excellent", "poor", None, None]
        assert (counted.without_expectation, counted.unknown_customers) == (1, 1)

    def test_refuses_two_scales(self) -> None:
        """An expectation on another scale cannot be compared; a better end must be known."""
        unsaid = Scale(low=1, high=7)
        with refused(InvalidValueError, "expectation_on_another_scale: readings[1]"):
            names([expect(0, 6, scale=Scale.RATING_1_10), perceive(1, 7, scale=Scale.RATING_0_10)])
        with refused(InvalidValueError, "scale_without_a_better_end: readings[1]"):
            names([expect(0, 6, scale=unsaid), perceive(1, 7, scale=unsaid)])

    def test_refuses_parts_of_days(self) -> None:
        """The limit is a number of whole days, and not negative."""
        with refused(InvalidValueError, "max_age_not_whole_days: max_age"):
            names([], max_age=timedelta(hours=36))
        with refused(InvalidValueError, "max_age_not_whole_days: max_age"):
            ExperienceGrades(max_age=timedelta(hours=36))
        with refused(InvalidValueError, "duration_not_positive: max_age"):
            names([], max_age=timedelta(days=-1))

    @given(
        st.lists(
            st.tuples(
                st.sampled_from([MeasureKind.PERCEPTION, MeasureKind.EXPECTATION, MeasureKind.LOYALTY]),
                st.integers(0, 9),
                st.integers(1, 10),
                st.integers(1, 2) | st.none(),
            ),
            max_size=20,
        )
    )
    def test_agrees_with_a_search(self, rows: list[tuple[MeasureKind, int, int, int | None]]) -> None:
        """Each grade is that against the largest of the last expectations, found by search."""
        found: list[str | None] = []
        for kind, day, value, who in rows:
            if kind is not MeasureKind.PERCEPTION:
                continue
            known = [
                (then, hoped)
                for other, then, hoped, whose in rows
                if other is MeasureKind.EXPECTATION and whose == who is not None and then <= day
            ]
            then, hoped = max(known, default=(None, 0))
            fresh = then is not None and day - then <= 3
            found.append(expectations.grade(value, hoped, **LIMITS).value if fresh else None)
        readings = [read(kind, day, value, subject_id=who) for kind, day, value, who in rows]

        assert found == names(readings, max_age=timedelta(days=3))


class TestExperienceGrades:
    def test_nothing(self) -> None:
        """No readings have no shares and no bounds."""
        counted = ExperienceGrades.of([], **LIMITS)

        assert (counted.experiences, counted.rate, counted.exceeded, counted.interval()) == (0, None, None, None)
        assert counted.share(ExperienceGrade.POOR) is None
        assert counted.cautions == ()

    def test_shares_and_bounds(self) -> None:
        """Shares are of the graded experiences, with Wilson's bounds."""
        counted = ExperienceGrades(poor=1, neutral=4, good=3, excellent=2, stale=5)

        assert counted.rate == Decimal("0.9")
        assert counted.exceeded == Decimal("0.5")
        assert [counted.share(one) for one in ExperienceGrade] == [Decimal(n) / 10 for n in (1, 4, 3, 2)]
        assert counted.interval() == wilson(9, 10)
        assert counted.explain()["rate"].value == counted.rate
        assert counted.interval(ExperienceGrade.GOOD, confidence=0.9) == wilson(3, 10, confidence=0.9)

    def test_says_what_has_no_grade(self) -> None:
        """Experiences without a grade are a caution, a warning if no experience has one."""
        [some] = ExperienceGrades(poor=1, stale=2).cautions
        [every] = ExperienceGrades(without_expectation=1, unknown_customers=1).cautions

        assert (some.severity.value, some.message) == ("info", "2 of 3 experiences have no grade")
        assert (every.severity.value, every.rule) == ("warning", "experiences_without_grade")

    def test_by_key(self) -> None:
        """Groups add up to the whole, and have the same policies."""
        readings = [
            one
            for aspect, hoped, seen in [("speed", 5, 7), ("tone", 8, 7), ("speed", 9, 9)]
            for one in (
                expect(0, hoped, aspect=aspect, subject_id=hoped),
                perceive(1, seen, aspect=aspect, subject_id=hoped),
            )
        ]
        counted = ExperienceGrades.by(readings, lambda reading: reading.aspect, **LIMITS)

        assert {name: (row.poor, row.neutral, row.excellent) for name, row in counted.items()} == {
            "speed": (0, 1, 1),
            "tone": (1, 0, 0),
        }
        assert counted.total == ExperienceGrades.of(readings, **LIMITS)

    def test_repeated_reading_counts_once(self) -> None:
        """A reading that has an id counts once."""
        seen = perceive(1, 7, id=1)

        assert ExperienceGrades.of([expect(0, 7), seen, seen], **LIMITS).graded == 1

    def test_limits_do_not_mix(self) -> None:
        """Counts under two policies do not add."""
        strict = ExperienceGrades.of([], neutral_band=0, excellent_from=1)
        with refused(PolicyMismatchError, "policies_differ: neutral_band"):
            _ = strict + ExperienceGrades.of([], **LIMITS)

    @given(experience_grades())
    def test_parts_make_the_whole(self, counted: ExperienceGrades) -> None:
        """The shares of the four grades are those of the counts; all parts make the experiences."""
        shares = [counted.share(one) for one in ExperienceGrade]

        assert counted.experiences >= counted.graded
        assert (None in shares) is (counted.graded == 0)
        if counted.rate is not None:
            total = sum(Fraction(share) for share in shares[1:] if share is not None)
            assert abs(total - Fraction(counted.rate)) < Fraction(1, 10**30)


class TestAdapt:
    @given(st.integers(-9, 9), st.lists(st.integers(0, 10), max_size=8), st.integers(1, 10), st.integers(0, 10))
    def test_agrees_with_fractions(self, start: int, seen: list[int], up: int, down: int) -> None:
        """The path is exact where 34 digits hold it."""
        path = expectations.adapt(start, seen, rise=Decimal(up) / 10, fall=Decimal(down) / 10)
        expected = Fraction(start)
        for value, step in zip(seen, path.steps, strict=True):
            surprise = value - expected
            assert Fraction(step.disconfirmation) == surprise
            expected += Fraction(up if surprise > 0 else down, 10) * surprise
            assert Fraction(step.adapted) == expected
        assert path.value == expected

    def test_same_service_stops_to_delight(self) -> None:
        """The surprise shrinks to nothing, without drifting, however many steps there are."""
        path = expectations.adapt(5, [7] * 2000, rise="0.123")

        assert path.value == 7
        assert 0 <= path.disconfirmations[-1] < Decimal("1E-110")
        assert all(one >= other for one, other in zip(path.disconfirmations, path.disconfirmations[1:], strict=False))

    def test_bar_that_never_falls(self) -> None:
        """A ratchet keeps the highest experience."""
        assert expectations.adapt(5, [7, 1, 6], rise=1, fall=0).expectations == (Decimal(7),) * 3

    def test_no_experiences(self) -> None:
        """Without experiences the expectation is that at the start."""
        path = expectations.adapt("5.5", [], rise=1)

        assert (path.value, path.expectations, path.disconfirmations) == (Decimal("5.5"), (), ())

    def test_refuses_shares_outside(self) -> None:
        """The share is above 0 and at most 1."""
        with refused(InvalidValueError, "expectation_never_rises: rise"):
            expectations.adapt(5, [7], rise=0)
        with refused(InvalidValueError, ": rise"):
            expectations.adapt(5, [7], rise="1.1")
        with refused(InvalidValueError, ": fall"):
            expectations.adapt(5, [7], rise=1, fall=-1)

    def test_shows_its_steps(self) -> None:
        """A notebook shows a row for each step, and the explanation has each formula."""
        path = expectations.adapt(5, [7, 4], rise="0.5", fall="0.1")

        assert "adapted" in path._repr_html_()
        assert path.explain()["expected_2"].formula == "expected_1 + fall * disconfirmation_2"
