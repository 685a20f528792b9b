"""Survival curves, against their definitions written out lifetime by lifetime."""

# mypy: disable-error-code="comparison-overlap"
# whole numbers stand for the Decimals that they equal

from __future__ import annotations

import pickle
from datetime import timedelta
from decimal import Decimal, FloatOperation, localcontext
from fractions import Fraction
from itertools import repeat
from math import erfc, exp, log, sqrt
from operator import attrgetter
from statistics import NormalDist
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    CrmcoreError,
    DayCount,
    Dissolution,
    DissolutionCause,
    Initiator,
    LifecycleStage,
    Lifetime,
    Money,
    Period,
    Relationship,
    Subscription,
    Survival,
    SurvivalBounds,
    Table,
    TallyBy,
    TimeUnit,
    WrongTypeError,
    instant,
)
from crmcore.interop.hypothesis import lifetimes, survivals
from crmcore.primitives.proportions import chi_squared_tail
from crmcore.retention.lifecycles import StageDuration, durations
from crmcore.retention.survival import LifeTableInterval, SurvivalStep, log_rank
from tests.support.refusals import refused
from tests.support.replay import replay

DRUG = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
ENDED = [True] * 9 + [False] * 12
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
Z = NormalDist().inv_cdf(0.975)

several = st.lists(lifetimes(id=None), min_size=1, max_size=12)
"""Lifetimes with ties, censoring and late entries."""


def at_risk(members: list[Lifetime], time: Decimal) -> Fraction:
    """Return the weight of those who entered before a time, or at the beginning, and are not gone before it."""
    return sum(
        (Fraction(one.weight) for one in members if (one.entered < time or not one.entered) and one.length >= time),
        Fraction(0),
    )


def ended(members: list[Lifetime], time: Decimal) -> Fraction:
    """Return the weight of those that ended at a time."""
    return sum((Fraction(one.weight) for one in members if one.ended and one.length == time), Fraction(0))


def end_times(members: list[Lifetime]) -> list[Decimal]:
    """Return the times at which a lifetime ended."""
    return sorted({one.length for one in members if one.ended and one.weight})


def survival_at(members: list[Lifetime], time: Decimal) -> Fraction:
    """Return the product of the shares kept, from the definition."""
    share = Fraction(1)
    for end in end_times(members):
        if end <= time:
            share *= 1 - ended(members, end) / at_risk(members, end)
    return share


def near(one: Decimal | float | None, other: Fraction | float, tolerance: float = 1e-30) -> bool:
    """Return whether two figures are equal but for rounding."""
    assert one is not None
    return abs(Fraction(one) - Fraction(other)) <= Fraction(tolerance)


class TestDefinition:
    @given(several)
    def test_steps(self, members: list[Lifetime]) -> None:
        """Every step is the product of the shares kept, with the sum of the hazards and both variances."""
        steps = Survival.of(members).steps()
        hazard = hazard_variance = variance = Fraction(0)

        assert end_times(members) == [step.time for step in steps]
        for step in steps:
            risk, gone = at_risk(members, step.time), ended(members, step.time)
            hazard += gone / risk
            hazard_variance += gone / risk**2
            survival = survival_at(members, step.time)
            assert (risk, gone) == (step.at_risk, step.ended)
            assert near(step.survival, survival)
            assert near(step.cumulative_hazard, hazard)
            assert step.hazard_standard_error == pytest.approx(sqrt(hazard_variance))
            if survival:
                variance += gone / (risk * (risk - gone))
                assert step.standard_error == pytest.approx(float(survival) * sqrt(variance))
            else:
                assert (None, None) == (step.standard_error, step.interval())

    @given(several, st.decimals(0, 120, places=1))
    def test_at(self, members: list[Lifetime], time: Decimal) -> None:
        """At any time the curve is the step before it, and what happens at that time is counted."""
        step = Survival.of(members).at(time)
        last = max(one.length for one in members)
        survival = survival_at(members, time)

        assert at_risk(members, time) == step.at_risk
        assert ended(members, time) == step.ended
        assert step.survival == Survival.of(members).share_at(time)
        if time <= last or not survival:
            assert near(step.survival, survival)
        else:
            assert (None, None, None, None) == (
                step.survival,
                step.cumulative_hazard,
                step.standard_error,
                step.hazard_standard_error,
            )

    @given(several)
    def test_every_time(self, members: list[Lifetime]) -> None:
        """The steps of every time are what `at` says of each."""
        survival = Survival.of(members)

        assert [survival.at(time) for time in survival.times] == [*survival.steps(every_time=True)]
        assert [*survival.steps()] == [step for step in survival.steps(every_time=True) if step.ended]

    @given(several, st.sampled_from(["0", "0.1", "0.25", "0.5", "0.75", "1"]))
    def test_quantile(self, members: list[Lifetime], share: str) -> None:
        """A quantile is the first time at which the exact curve is at most the share."""
        found = [time for time in end_times(members) if survival_at(members, time) <= Fraction(share)]

        assert min(found, default=None) == Survival.of(members).quantile(share).time
        assert Survival.of(members).median == Survival.of(members).quantile("0.5").time

    @pytest.mark.parametrize("method", SurvivalBounds)
    def test_quantile_says_how_it_was_bounded(self, method: SurvivalBounds) -> None:
        """A quantile keeps the method and the confidence of its bounds, which differ by them."""
        found = Survival.of_durations(DRUG, ENDED).quantile("0.7", confidence=0.9, method=method)

        assert (method, Decimal("0.9")) == (found.method, found.confidence)

    def test_a_bound_may_touch_the_share(self) -> None:
        """The plain lower bound is cut at 0 when three of five have ended, and a bound of 0 reaches the share 0."""
        survival = Survival.of_durations([1, 2, 3, 4, 5], [True, True, True, True, False])

        assert survival.quantile(0, method=SurvivalBounds.PLAIN).low == 3
        assert survival.quantile(0).low is None

    def test_lengths_of_zero(self) -> None:
        """Lifetimes may all have the length 0, as floats too."""
        assert Survival.of_durations([0, 0]) == Survival.of_durations([0.0, 0.0])

    def test_a_hazard_without_an_exponent(self) -> None:
        """A cumulative hazard of ten is written as such, not as 1E+1, and so is one of twenty."""
        one_by_one = Survival.of_durations(range(1, 21), entered=range(20))

        assert [str(number) for number in range(1, 21)] == [str(step.cumulative_hazard) for step in one_by_one.steps()]

    @pytest.mark.parametrize("method", SurvivalBounds)
    def test_a_survival_that_no_float_tells_from_one(self, method: SurvivalBounds) -> None:
        """One end in 10^17 leaves a share that is 1 as a float, and its bounds are 1 too."""
        survival = Survival.from_counts([10**17, 10**16], [1, 1])

        assert (None, None) == (survival.quantile("0.5", method=method).low, survival.quantile("0.5").high)

    def test_nothing_is_known_after_the_last_time(self) -> None:
        """Where one of two still lasts, neither the curve nor its variance is known after the last time."""
        step = Survival.of_durations([3, 3], [True, False]).at(4)

        assert (None, None, None, None) == (
            step.survival,
            step.cumulative_hazard,
            step.variance_sum,
            step.hazard_variance,
        )

    @given(several, st.decimals(0, 120, places=1))
    def test_restricted_mean(self, members: list[Lifetime], until: Decimal) -> None:
        """The restricted mean is the area under the exact curve."""
        area, before = Fraction(0), Decimal(0)
        for time in [*(time for time in end_times(members) if time < until), until]:
            area += Fraction(time - before) * (survival_at(members, before) if before else _first(members))
            before = time
        mean = Survival.of(members).restricted_mean(until)

        assert near(mean.value, area)

    @given(several)
    def test_mean_of_ended(self, members: list[Lifetime]) -> None:
        """The mean of those that ended, and the time at risk for each of them."""
        gone = [one for one in members if one.ended]
        mean = Survival.of(members).mean_of_ended()

        assert sum(one.length - one.entered for one in members) == mean.time_at_risk
        if gone:
            assert near(mean.value, Fraction(sum(one.length for one in gone)) / len(gone))
        else:
            assert (None, None) == (mean.value, mean.time_per_end)
        assert bool(mean.cautions) is (len(gone) < len(members))
        replay(mean.explain())


def _first(members: list[Lifetime]) -> Fraction:
    """Return the share kept after the time 0."""
    return survival_at(members, Decimal(0))


class TestLaws:
    @pytest.mark.parametrize("members", [2, 40, 1000])
    def test_a_tie_is_decided_exactly(self, members: int) -> None:
        """Of an even number of lifetimes, half are longer than the one in the middle, which is the median."""
        survival = Survival.of_durations(range(1, members + 1))
        staggered = Survival.of_durations(range(1, members + 1), entered=[0.5, *[0] * (members - 1)])

        assert (members // 2, members // 2) == (survival.median, staggered.median)

    def test_a_tie_among_censored_lifetimes_is_decided_exactly(self) -> None:
        """If half of those at risk end at each of twenty times, a share of 2^-20 is left at the last."""
        lengths: list[int] = []
        weights: list[int] = []
        there = 2
        for time in range(20, 0, -1):
            lengths += [time, time]
            weights += [there // 2, 1]  # half of them end, and one is last seen
            there = 2 * (there + 1)
        survival = Survival.of_durations(lengths, [True, False] * 20, weights=weights)

        assert survival.quantile(Decimal(2) ** -20).time == 20
        assert survival.quantile(Decimal(2) ** -20 - Decimal("1E-30")).time is None

    @given(st.lists(st.integers(0, 20), min_size=1), st.integers(0, 20))
    def test_without_censoring_it_is_the_empirical_curve(self, lengths: list[int], time: int) -> None:
        """If all have ended, the curve is the share of the lifetimes that are longer."""
        survival = Survival.of_durations(lengths)

        assert near(survival.at(time).survival, Fraction(sum(length > time for length in lengths), len(lengths)))
        assert sum(lengths) == survival.restricted_mean().value * len(lengths) or near(
            survival.restricted_mean().value, Fraction(sum(lengths), len(lengths))
        )

    @given(several, several)
    def test_shards_add(self, one: list[Lifetime], other: list[Lifetime]) -> None:
        """The counts of two shards add up to those of all."""
        whole = Survival.of([*one, *other])

        assert whole == Survival.of(one) + Survival.of(other) == Survival.total([Survival.of(one), Survival.of(other)])
        assert whole == Survival.of([*other, *one])
        assert hash(whole) == hash(Survival.of(one) + Survival.of(other))

    def test_weights_add_exactly(self) -> None:
        """The weights of shards add up to their last digit, whatever the precision of the caller's own decimals."""
        shards = [Survival.of([Lifetime(length=3, ended=True, weight=weight)]) for weight in ("12.25", "0.125")]
        with localcontext(prec=1):
            whole = Survival.total(shards)

        assert (Decimal("12.375"), Decimal("12.375")) == (whole.lifetimes, whole.ended[0])

    @given(several, st.decimals(0, 60, places=1), st.decimals(0, 60, places=1))
    def test_conditional(self, members: list[Lifetime], start: Decimal, more: Decimal) -> None:
        """The conditional survival is the quotient of two values of the curve."""
        survival = Survival.of(members)
        share = survival_at(members, start)
        if start >= survival.times[-1]:
            with refused(CrmcoreError, "none_lasted_so_long: time"):
                survival.conditional(start)
            return
        later = survival.conditional(start)
        if share and start + more <= survival.times[-1]:
            assert near(later.at(start + more).survival, survival_at(members, start + more) / share)
        assert all(step.time > start for step in later.steps())

    @given(several, st.integers(1, 50))
    def test_scaling(self, members: list[Lifetime], factor: int) -> None:
        """Times in another unit give the same curve at other times."""
        scaled = [attrs.evolve(one, length=one.length * factor, entered=one.entered * factor) for one in members]
        one, other = Survival.of(members), Survival.of(scaled)

        assert [step.survival for step in one.steps()] == [step.survival for step in other.steps()]
        assert (None if one.median is None else one.median * factor) == other.median

    @given(st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 4)), min_size=1))
    def test_weights_are_lifetimes(self, rows: list[tuple[int, bool, int]]) -> None:
        """A weight of three counts as three lifetimes."""
        lengths, flags, weights = zip(*rows, strict=True)
        weighted = Survival.of_durations(lengths, flags, weights=weights)
        spread = [(length, flag) for length, flag, weight in rows for _ in range(weight)]
        repeated = Survival.of_durations([length for length, _ in spread], [flag for _, flag in spread])

        assert weighted.lifetimes == repeated.lifetimes == sum(weights)
        if spread:
            assert [step.survival for step in weighted.steps()] == [step.survival for step in repeated.steps()]

    @given(survivals())
    def test_columns_and_constructor(self, survival: Survival) -> None:
        """A count from columns is the record of its fields, also pickled, and its numbers at risk are never short."""
        again = Survival(**{field.name: getattr(survival, field.name) for field in attrs.fields(Survival)})

        assert survival == again == pickle.loads(pickle.dumps(survival))
        assert survival.median == again.median
        assert survival.lifetimes == sum(survival.ended) + sum(survival.censored)


class TestColumns:
    @pytest.mark.parametrize(
        ("lengths", "times"),
        [
            ([3, 1, 3], ["1", "3"]),
            ([2.5, 0.1, 2.5], ["0.1", "2.5"]),
            ([2.5, 0.1, 7.0], ["0.1", "2.5", "7"]),
            ([Decimal("2.50"), 1, 0.5, "3"], ["0.5", "1", "2.50", "3"]),
            ([1e-17, 2.0], ["1E-17", "2"]),
            ([0.0, -0.0, 1.5], ["0", "1.5"]),
            ([10**31 // 10, 2], ["2", "1E+30"]),
        ],
    )
    def test_numbers(self, lengths: list[Any], times: list[str]) -> None:
        """Whole numbers, floats, Decimals and texts are the same times; a float means its shortest repr."""
        survival = Survival.of_durations(lengths)

        assert tuple(map(Decimal, times)) == survival.times
        assert survival == Survival.of_durations([Decimal(str(length)) for length in lengths])

    def test_durations(self) -> None:
        """Durations become numbers of a unit, and `at` takes them too."""
        waits = [timedelta(hours=36), timedelta(days=14), timedelta(days=7)]
        survival = Survival.of_durations(waits, unit=TimeUnit.WEEK)

        assert (Decimal(1), Decimal(2)) == survival.times[1:]
        assert near(survival.times[0], Fraction(3, 14))
        assert survival.at(timedelta(days=7)) == survival.at(1)
        months = Survival.of_durations(waits, unit=TimeUnit.MONTH, day_count=DayCount.ACTUAL_365)
        assert near(months.times[2], Fraction(14 * 12, 365))

    def test_flags(self) -> None:
        """Ends are true or false, 1 or 0, or booleans of other libraries; a missing value is neither."""

        class bool_:  # noqa: N801 - named as in numpy
            def item(self) -> bool:
                return True

        flags: list[Any] = [bool_(), 1, False]
        assert 2 == Survival.of_durations([1, 2, 3], flags).total_ended
        wrong: list[Any] = [None, float("nan"), "yes", 2, []]
        for flag in wrong:
            with refused(WrongTypeError, "not_a_flag: ended[1]"):
                Survival.of_durations([1, 2], [True, flag])

    @pytest.mark.parametrize(
        ("arguments", "refusal"),
        [
            ({"lengths": [1, -1]}, "too_small: lengths[1]"),
            ({"lengths": [1.0, -0.5]}, "too_small: lengths[1]"),
            ({"lengths": [1.0, float("nan")]}, "not_finite: lengths[1]"),
            ({"lengths": [float("nan"), 1.0]}, "not_finite: lengths[0]"),
            ({"lengths": [1, None]}, "wrong_number_type: lengths[1]"),
            ({"lengths": [10**31]}, "int_too_large: lengths[0]"),
            ({"lengths": [timedelta(1)]}, "durations_without_unit: unit"),
            ({"lengths": [timedelta(-1)], "unit": TimeUnit.DAY}, "duration_negative: lengths[0]"),
            ({"lengths": [timedelta(1)], "unit": TimeUnit.MONTH}, "units_without_fixed_ratio: day_count"),
            ({"lengths": [1, 2], "ended": [True]}, "columns_of_unequal_length: ended"),
            ({"lengths": [1, 2], "entered": [0]}, "columns_of_unequal_length: entered"),
            ({"lengths": [1, "x"]}, "not_a_number: lengths[1]"),
            ({"lengths": [1, 2], "entered": [0, "x"]}, "not_a_number: entered[1]"),
            ({"lengths": [1, 2], "weights": [0, "x"]}, "not_a_number: weights[1]"),
            ({"lengths": repeat(1)}, "too_many_to_collect: lengths"),
            ({"lengths": [1, 2], "weights": [1]}, "columns_of_unequal_length: weights"),
            ({"lengths": [1, 2], "weights": [1, -1]}, "too_small: weights[1]"),
            ({"lengths": [1, 2], "entered": [0, 2]}, "entered_after_its_end: entered[1]"),
            ({"lengths": [1], "unit": "day"}, "not_a_member: unit"),
        ],
    )
    def test_refusals(self, arguments: dict[str, Any], refusal: str) -> None:
        """What no lifetime can be is refused, and the error says which."""
        lengths, flags = arguments.pop("lengths"), arguments.pop("ended", None)
        with refused(CrmcoreError, refusal):
            Survival.of_durations(lengths, flags, **arguments)

    @pytest.mark.parametrize(
        "ended", [[1, 0, 0, 0, 0], [0, 1, 1, 1, 0], [0] * 5, [True] * 5, [1.0, 0.0, 1.0, 1.0, 0.0]]
    )
    @pytest.mark.parametrize("lengths", [[4.5, 1.25, 3.5, 2.75, 8.5], [4.5, 1.25, 3.5, 1.25, 8.5]])
    def test_lengths_that_all_differ(self, lengths: list[float], ended: list[Any]) -> None:
        """Lengths that all differ are counted as others are, and merged with others."""
        survival, weighed = (
            Survival.of_durations(lengths, ended),
            Survival.of_durations(lengths, ended, weights=[1] * 5),
        )

        assert (weighed.at_risk, weighed.median) == (survival.at_risk, survival.median)
        assert (weighed, weighed.steps(), weighed.cautions) == (survival, survival.steps(), survival.cautions)
        assert weighed + weighed == survival + survival

    def test_late_entry(self) -> None:
        """A late lifetime is at risk after its entry; None and 0 mean from the beginning."""
        survival = Survival.of_durations([2, 4, 4.5], entered=[None, 2, 0])

        assert (2, 2, 1) == survival.at_risk
        assert (1, 0, 0) == survival.entered
        assert survival == Survival.of([Lifetime(length=2), Lifetime(length=4, entered=2), Lifetime(length=4.5)])

    def test_weights(self) -> None:
        """Weights may be fractions; then the bounds carry a caution."""
        survival = Survival.of_durations([1, 2], weights=["0.5", "1.5"])

        assert Decimal("0.75") == survival.at(1).survival
        assert ["fractional_weights"] == [finding.rule for finding in survival.cautions]
        assert () == Survival.of_durations([1, 2], weights=[1, 3]).cautions

    def test_context_of_the_caller(self) -> None:
        """No context of the caller changes a curve."""

        def ask() -> tuple[object, ...]:
            survival = Survival.of_durations([1.25, 2.5, 3.75], [True, False, True], weights=["1.001", "2.002", 3])
            return survival.steps(), survival.at("2.5"), survival.quantile("0.9"), survival.restricted_mean(2)

        with localcontext() as context:
            context.prec = 3
            context.traps[FloatOperation] = True
            inside = ask()
        assert ask() == inside

    def test_durations_from_the_beginning(self) -> None:
        """None is the beginning, for durations as for numbers."""
        waits = [timedelta(days=3), timedelta(days=1)]

        counted = Survival.of_durations(waits, unit=TimeUnit.DAY, entered=[timedelta(days=2), None])

        assert Survival.of_durations([3, 1], unit=TimeUnit.DAY, entered=[2, None]) == counted


class TestCounts:
    def test_from_counts(self) -> None:
        """A table of counts becomes censoring and late entries in between."""
        survival = Survival.from_counts([10, 9, 12], [1, 3, "2"], times=[1, 2.5, 4], unit=TimeUnit.MONTH)

        assert survival == Survival(
            times=[1, "2.5", 4], ended=[1, 3, 2], censored=[0, 0, 10], entered=[0, 6, 0], unit=TimeUnit.MONTH
        )
        assert (10, 9, 12) == survival.at_risk
        with refused(CrmcoreError, "columns_of_unequal_length: ended"):
            Survival.from_counts([1], [])
        with refused(CrmcoreError, "columns_of_unequal_length: times"):
            Survival.from_counts([1], [1], times=[])
        with refused(CrmcoreError, "more_leave_than_entered: entered[0]"):
            Survival.from_counts([1], [2])

    def test_units_do_not_mix(self) -> None:
        """Days and weeks are not added."""
        with refused(CrmcoreError, "policies_differ: unit"):
            Survival.of_durations([1], unit=TimeUnit.DAY) + Survival.of_durations([1], unit=TimeUnit.WEEK)
        assert Survival.of_durations([1]) + Survival() == Survival.of_durations([1])

    @pytest.mark.parametrize("read", [Survival.steps, lambda one: one.at(1), lambda one: one.quantile("0.5")])
    def test_no_lifetimes(self, read: Any) -> None:
        """No curve follows from no lifetimes, which can still be counted and added."""
        for empty in (Survival(), Survival.of([]), Survival.of_durations([])):
            assert (None, 0) == (empty.median, empty.lifetimes)
            with refused(CrmcoreError, "no_lifetimes: None"):
                read(empty)
            with refused(CrmcoreError, "no_lifetimes: None"):
                empty.restricted_mean()
            with refused(CrmcoreError, "no_lifetimes: None"):
                empty.life_table(1)
            with refused(CrmcoreError, "none_lasted_so_long: time"):
                empty.conditional(0)
        assert TallyBy() == Survival.by([], attrgetter("segment"))

    def test_attributes(self) -> None:
        """A name that does not exist is missing, before and after the fields are made, and in a half-built record."""
        survival: Any = Survival.of_durations([1])
        with pytest.raises(AttributeError, match="'Survival' object has no attribute 'mode'") as caught:
            survival.mode  # noqa: B018 - it raises
        assert ("mode", survival) == (caught.value.name, caught.value.obj)
        with pytest.raises(AttributeError):
            object.__new__(Survival).times  # noqa: B018 - the same

    def test_subclass(self) -> None:
        """A class of the caller counts as this one does."""

        @attrs.frozen(kw_only=True)
        class Own(Survival):
            name: str = ""

        counts: dict[str, Any] = {"times": [1, 2], "ended": [1, 1], "censored": [0, 0], "entered": [0, 0]}
        assert Own(**counts, unit=TimeUnit.DAY) == Own.of_durations([1, 2], unit=TimeUnit.DAY)

    def test_explain(self) -> None:
        """The unit stands beside the times."""
        assert "days" in str(Survival.of_durations([1, 2], unit=TimeUnit.DAY).explain())


class TestRecords:
    def test_table(self) -> None:
        """A table is counted from its columns, as its records are."""
        columns = {"length": [1.5, 3, 4], "ended": [True, False, True], "entered": [0, 1, 0], "weight": [1, 2, 1]}
        table = Table(Lifetime, {**columns, "segment": ["a", "b", "a"]})

        assert Survival.of([*table]) == Survival.of(table)
        assert Survival.by(table, attrgetter("segment")) == Survival.by([*table], lambda one: one.segment)
        assert Survival.of(Table(Lifetime, {"length": [1, 2]})) == Survival.of_durations([1, 2])
        late = Table(Lifetime, {"length": [1, 2], "entered": [0, 2]})
        with refused(CrmcoreError, "entered_after_its_end: entered[1]"):
            Survival.of(late)

    def test_ids(self) -> None:
        """A lifetime with an id counts once."""
        member = Lifetime(length=3, id=7)

        assert 1 == Survival.of([member, member]).lifetimes
        with refused(CrmcoreError, "entered_after_its_end: entered"):
            Lifetime(length=3, entered=3)

    def test_by(self) -> None:
        """Segments keep their order, and their total is the count of all."""
        members = [Lifetime(length=n, segment="ab"[n % 2], ended=n < 4) for n in range(1, 7)]
        by = Survival.by(members, lambda member: member.segment, unit=TimeUnit.MONTH)

        assert ["b", "a"] == [*by]
        assert Survival.of(members, unit=TimeUnit.MONTH) == by.total
        assert [Decimal(3), Decimal(3)] == [row["lifetimes"] for row in by.rows(plain=False)]

    def test_stays(self) -> None:
        """Stays at stages are lifetimes, in days or weeks."""
        history = [
            (LifecycleStage.EXPLORATION, instant("2024-01-01")),
            (LifecycleStage.AWARENESS, instant("2024-02-05")),
        ]
        stays = durations([Relationship(customer_id=7, history=history)], as_of=instant("2024-05-01"))

        assert (35, 86) == Survival.of_stays(stays).times
        assert (1, 0) == Survival.of_stays(stays).ended
        by = Survival.by_stays(stays, lambda stay: stay.stage, unit=TimeUnit.WEEK)
        assert 5 == by[LifecycleStage.EXPLORATION].median
        assert Survival(unit=TimeUnit.DAY) == Survival.of_stays([])
        with refused(CrmcoreError, "wrong_type: stays[0]"):
            Survival.of_stays([StageDuration])  # type: ignore[list-item] # pyright: ignore[reportArgumentType] - what is tested


def plan(customer_id: object, start: str, end: str | None, **more: Any) -> Subscription:
    """Return a subscription."""
    return Subscription(
        customer_id=customer_id,  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - an id
        price=Money(9, "EUR"),
        every=TimeUnit.MONTH,
        started=instant(start),
        ended=None if end is None else instant(end),
        **more,
    )


class TestContracts:
    def test_subscriptions(self) -> None:
        """A customer counts once, until they first leave; what is still there is censored."""
        plans = [
            plan("a", "2026-01-01", "2026-01-11"),
            plan("a", "2026-01-11", "2026-01-31"),  # goes on without a gap
            plan("a", "2026-02-20", None),  # came back, which is not a longer stay
            plan("b", "2026-01-01", "2026-04-01"),  # an end that is not known yet
            plan("c", "2026-02-27", None),
            plan("d", "2026-03-05", None),  # has not begun
            plan("e", "2026-01-30", "2026-03-01"),  # ends at the reference date
        ]
        survival = Survival.of_subscriptions(plans, as_of=instant("2026-03-01"))

        assert (2, 30, 59) == survival.times
        assert (0, 2, 0) == survival.ended
        assert (1, 0, 1) == survival.censored
        assert TimeUnit.DAY is survival.unit
        joined = Survival.of_subscriptions(plans, as_of=instant("2026-03-01"), gap_tolerance=timedelta(days=20))
        assert (0, 1, 0) == joined.ended

    def test_late_entries(self) -> None:
        """If records begin late, those who left before are unknown, and those who were there enter late."""
        plans = [
            plan("a", "2025-12-01", "2026-02-01"),
            plan("b", "2025-12-22", None),
            plan("c", "2026-01-01", None),
            plan("gone", "2025-12-01", "2026-01-01"),
        ]
        survival = Survival.of_subscriptions(plans, since=instant("2026-01-01"), as_of=instant("2026-03-01"))

        assert (10, 31, 59, 62, 69) == survival.times
        assert (1, 1, 0, 0, 0) == survival.entered
        for since in ("2026-03-01", "2026-04-01"):
            with refused(CrmcoreError, "observed_for_no_time: since"):
                Survival.of_subscriptions(plans, since=instant(since), as_of=instant("2026-03-01"))

    def test_by_subscriptions(self) -> None:
        """Segments of customers, with pauses that count as an end if asked."""
        pause = Period(instant("2026-01-11"), instant("2026-01-21"))
        plans = [plan("a", "2026-01-01", None, pauses=[pause]), plan("b", "2026-01-01", None)]
        by = Survival.by_subscriptions(
            plans,
            lambda one: one.customer_id,
            as_of=instant("2026-03-01"),
            paused_is_lost=True,
            unit=TimeUnit.WEEK,
        )

        assert ["a", "b"] == [*by]
        assert (1, 0) == (by["a"].total_ended, by["b"].total_ended)
        assert by.total == Survival.of_subscriptions(
            plans, as_of=instant("2026-03-01"), paused_is_lost=True, unit=TimeUnit.WEEK
        )

    def test_relationships(self) -> None:
        """A relationship lasts to its first dissolution; one without a beginning is left out, and counted as such."""
        dissolved = Dissolution(
            at=instant("2026-01-11"), cause=DissolutionCause.BETTER_OFFER, initiator=Initiator.CUSTOMER
        )
        first = Relationship(customer_id=7).enter(LifecycleStage.EXPLORATION, at=instant("2026-01-01"))
        ended_early = first.dissolve(dissolved)
        unknown = Relationship(customer_id=8).dissolve(dissolved)
        lasting = attrs.evolve(first, customer_id=9)
        empty = Relationship(customer_id=10)
        survival = Survival.of_relationships([ended_early, unknown, lasting, empty], as_of=instant("2026-03-01"))

        assert ((10, 59), (1, 0), (0, 1), 1) == (
            survival.times,
            survival.ended,
            survival.censored,
            survival.left_out,
        )
        assert ["lifetimes_without_beginning"] == [finding.rule for finding in survival.cautions]
        by = Survival.by_relationships([ended_early, unknown], lambda one: one.customer_id, as_of=instant("2026-03-01"))
        assert {7: (1, 0), 8: (0, 1)} == {key: (one.lifetimes, one.left_out) for key, one in by.items()}


class TestBounds:
    def test_methods(self) -> None:
        """The three methods, from their formulas."""
        step = Survival.of_durations(DRUG, ENDED).at(23)
        survival = float(step.survival or 0)
        error = Z * (step.standard_error or 0)
        sigma = error / survival

        for method, low, high in (
            (SurvivalBounds.PLAIN, survival - error, survival + error),
            (SurvivalBounds.LOG, survival * exp(-sigma), survival * exp(sigma)),
            (
                SurvivalBounds.LOG_LOG,
                survival ** exp(-sigma / log(survival)),
                survival ** exp(sigma / log(survival)),
            ),
        ):
            bounds = step.interval(method=method)
            assert bounds is not None
            assert (low, high) == pytest.approx((bounds.low, bounds.high))

    def test_edges(self) -> None:
        """Bounds stay between 0 and 1: both are 1 before the first end, and there are none at 0."""
        survival = Survival.of_durations([1, 2, 3], [True, True, True])

        assert [(1.0, 1.0)] * 3 == [_pair(survival.at(0).interval(method=method)) for method in SurvivalBounds]
        assert [None] * 3 == [survival.at(3).interval(method=method) for method in SurvivalBounds]
        assert (0.0, 1.0) == _pair(survival.at(2).interval(method=SurvivalBounds.PLAIN, confidence=0.99999))
        assert 1.0 == _pair(survival.at(1).interval(method=SurvivalBounds.LOG))[1]
        nearly = attrs.evolve(survival.at(1), survival="0.9999999999", variance_sum=0.5)
        assert (0.0, 1.0) == _pair(nearly.interval())

    def test_median(self) -> None:
        """The bounds of the median are where those of the curve cross one half."""
        median = Survival.of_durations(DRUG, ENDED).quantile("0.5")
        assert (23, 13, None) == (median.time, median.low, median.high)
        median = Survival.of_durations(PLACEBO).quantile("0.5", confidence=0.9)
        assert (8, 4, 11, Decimal("0.9")) == (median.time, median.low, median.high, median.confidence)
        none = Survival.of_durations([5, 8, 12], [False] * 3).quantile("0.5")
        assert (None, None, None) == (none.time, none.low, none.high)
        with refused(CrmcoreError, "quantile_outside_its_bounds: time"):
            attrs.evolve(median, low=9)

    def test_tie(self) -> None:
        """A curve that is exactly one half is at most one half, however many roundings led there."""
        for size in range(2, 40, 2):
            assert size // 2 == Survival.of_durations(range(1, size + 1)).median
        tied = Survival.of_durations([1, 1, 2, 3, 3, 4], [True, False, True, True, False, True])
        assert 3 == tied.quantile("0.5").time

    def test_third(self) -> None:
        """A share just below a third is not reached by a curve of exactly a third, and one just above is."""
        survival = Survival.of_durations([1, 2, 3])
        below, above = Decimal("0." + "3" * 40), Decimal("0." + "3" * 39 + "4")

        assert 3 == survival.quantile(below).time
        assert 2 == survival.quantile(above).time


def _pair(bounds: Any) -> tuple[float, float]:
    return bounds.low, bounds.high


class TestReadings:
    def test_restricted_mean(self) -> None:
        """Beyond the last time the mean carries a caution, unless the curve is 0 there."""
        survival = Survival.of_durations([2, 4, 4, 6], [True, True, False, False])

        assert () == survival.restricted_mean().cautions
        assert ["mean_beyond_last_time"] == [finding.rule for finding in survival.restricted_mean(7).cautions]
        assert () == Survival.of_durations([1, 2]).restricted_mean(7).cautions
        assert Decimal("1.5") == Survival.of_durations([1, 2]).restricted_mean(7).value
        assert 0 == survival.restricted_mean(0).value
        assert ["mean_beyond_last_time"] == [
            finding.rule for finding in Survival.of_durations([3], [False]).restricted_mean(4).cautions
        ]
        assert 14 == Survival.of_durations([10, 20], unit=TimeUnit.DAY).restricted_mean(timedelta(days=18)).value
        mean = survival.restricted_mean(6)
        assert mean.interval() is not None
        assert (None, None) == (
            attrs.evolve(mean, variance=None).interval(),
            attrs.evolve(mean, variance=None).standard_error,
        )
        with refused(CrmcoreError, "mean_above_its_limit: value"):
            attrs.evolve(mean, value=7)

    def test_life_table(self) -> None:
        """Intervals contain their start; the censored count for half."""
        table = Survival.of_durations([0, 5, 10, 10, 35], [True, False, True, False, True]).life_table(10)

        assert [(0, 10, 5, 1, 1), (10, 20, 3, 1, 1), (20, 30, 1, 0, 0), (30, 40, 1, 1, 0)] == [
            (row.start, row.end, row.at_start, row.ended, row.censored) for row in table
        ]
        assert near(table[0].survival, 1 - Fraction(1) / Fraction(9, 2))
        assert 0 == table[3].survival
        assert None is LifeTableInterval(at_start=0, ended=0).survival
        assert "exposed" in str(table[0].explain())
        for refusal, changes in (
            ("more_leave_than_were_there: at_start", {"ended": 6}),
            ("interval_without_length: end", {"end": 0}),
        ):
            with refused(CrmcoreError, refusal):
                attrs.evolve(table[0], **changes)
        with refused(CrmcoreError, "life_table_of_late_entries: None"):
            Survival.of_durations([2, 4], entered=[0, 3]).life_table(1)
        with refused(CrmcoreError, "too_many_intervals: width"):
            Survival.of_durations([10]).life_table("0.0001")

    def test_empty_risk_set(self) -> None:
        """If all at risk end before others enter, the curve falls to 0 too early, and says so."""
        survival = Survival.of_durations([2, 9, 9], [True, True, False], entered=[0, 5, 5])

        assert ["risk_set_emptied"] == [finding.rule for finding in survival.cautions]
        assert 0 == survival.at(7).survival == survival.at(100).survival
        assert () == survival.conditional(5).cautions
        assert Decimal("0.5") == survival.conditional(5).at(9).survival
        assert 0 == survival.at(4).at_risk

    def test_all_censored(self) -> None:
        """If none has ended, the curve is 1 as far as it is known."""
        survival = Survival.of_durations([5, 8, 12], [False] * 3)

        assert ((), 1, None) == (survival.steps(), survival.at(12).survival, survival.median)
        assert 12 == survival.restricted_mean().value

    def test_step_counts(self) -> None:
        """More cannot leave than were at risk."""
        with refused(CrmcoreError, "more_leave_than_are_at_risk: at_risk"):
            SurvivalStep(
                time=1,
                at_risk=1,
                ended=1,
                censored=1,
                survival=0,
                cumulative_hazard=1,
                variance_sum=None,
                hazard_variance=1.0,
            )
        step = Survival.of_durations([1]).at(2)
        assert None is step.hazard
        with refused(CrmcoreError, "not_an_estimate: hazard_variance"):
            attrs.evolve(step, hazard_variance=-1.0)

    @pytest.mark.parametrize(
        ("fields", "refusal"),
        [
            ({"times": [1], "ended": []}, "survival_columns_differ: times"),
            ({"times": [2, 2]}, "times_do_not_ascend: times[1]"),
            ({"times": [1, 2], "entered": [1, 0]}, "more_leave_than_entered: entered[0]"),
        ],
    )
    def test_fields(self, fields: dict[str, Any], refusal: str) -> None:
        """The columns fit one another."""
        size = len(fields["times"])
        columns: dict[str, Any] = {"ended": [1] * size, "censored": [0] * size, "entered": [0] * size}
        if "entered" in fields:
            columns["ended"] = [1, 0]
        with refused(CrmcoreError, refusal):
            Survival(**{**columns, **fields})


class TestLogRank:
    def test_two_segments(self) -> None:
        """The test of the remission times, from its formulas."""
        drug, placebo = Survival.of_durations(DRUG, ENDED), Survival.of_durations(PLACEBO)
        test = log_rank({"drug": drug, "placebo": placebo})
        expected = variance = Fraction(0)
        members = [
            [Lifetime(length=n, ended=flag) for n, flag in zip(lengths, flags, strict=True)]
            for lengths, flags in ((DRUG, ENDED), (PLACEBO, [True] * 21))
        ]
        for time in end_times([*members[0], *members[1]]):
            mine, other = (at_risk(one, time) for one in members)
            gone, there = sum(ended(one, time) for one in members), mine + other
            expected += gone * mine / there
            if there > 1:
                variance += gone * (there - gone) * mine * other / (there**2 * (there - 1))
        statistic = float((9 - expected) ** 2 / variance)

        assert (9, 21) == test.observed
        assert pytest.approx(float(expected)) == test.expected[0]
        assert pytest.approx(statistic) == test.statistic
        assert pytest.approx(erfc(sqrt(statistic / 2))) == test.p_value

    def test_more_segments(self) -> None:
        """The order of segments does not matter, and three have two degrees of freedom."""
        segments = [Survival.of_durations([n, n + 3, 9 - n, 12]) for n in range(1, 5)]
        for number in (3, 4):
            test = log_rank(dict(enumerate(segments[:number])))
            back = log_rank(dict(enumerate(segments[:number][::-1])))
            assert number - 1 == test.degrees
            assert test.statistic is not None
            assert pytest.approx(test.statistic) == back.statistic
            assert back.p_value is not None
            assert pytest.approx(test.p_value) == back.p_value
        three = log_rank(dict(enumerate(segments[:3])))
        assert three.statistic is not None
        assert pytest.approx(exp(-three.statistic / 2)) == three.p_value

    @pytest.mark.parametrize(
        ("degrees", "statistic"), [(1, 3.84146), (2, 5.99146), (3, 7.81473), (4, 9.48773), (9, 16.9190)]
    )
    def test_tail(self, degrees: int, statistic: float) -> None:
        """The upper tail is that of the published table: Abramowitz and Stegun 1964, table 26.8."""
        assert pytest.approx(0.05, rel=1e-5) == chi_squared_tail(statistic, degrees)

    def test_no_difference(self) -> None:
        """Equal segments have the statistic 0; without a common risk set there is none."""
        same = Survival.of_durations([1, 2, 3])

        assert (0.0, 1.0) == (log_rank({1: same, 2: same}).statistic, log_rank({1: same, 2: same}).p_value)
        apart = log_rank({1: Survival.of_durations([1, 2]), 2: Survival.of_durations([9], entered=[5])})
        assert (None, None) == (apart.statistic, apart.p_value)

    def test_refusals(self) -> None:
        """Segments have lifetimes, one unit and whole weights, and are at least two."""
        one = Survival.of_durations([1, 2])
        for refusal, segments in (
            ("fewer_than_two_segments: segments", {1: one}),
            ("segment_without_lifetimes: segments[1]", {1: one, 2: Survival()}),
            ("segments_of_two_units: segments[1]", {1: one, 2: Survival.of_durations([1], unit=TimeUnit.DAY)}),
            ("log_rank_of_fractional_weights: segments[0]", {1: Survival.of_durations([1], weights=["0.5"])}),
        ):
            with refused(CrmcoreError, refusal):
                log_rank(segments)
        with refused(CrmcoreError, "log_rank_of_unequal_segments: expected"):
            attrs.evolve(log_rank({1: one, 2: one}), expected=[1.0])


@pytest.mark.parametrize("questions", [(199, 3, 70, 150, 128), (3, 64, 63, 199), (65, 65, 1)])
def test_questions_in_any_order(questions: tuple[int, ...]) -> None:
    """The share at a time is the same whatever was asked before, also far along a long curve."""
    survival = Survival.of_durations(range(1, 201), [length % 3 > 0 for length in range(1, 201)])
    for time in questions:
        expected = Fraction(1)
        for length in range(1, time + 1):
            if length % 3:
                expected *= Fraction(200 - length, 201 - length)
        share = survival.share_at(time)
        assert share is not None
        assert abs(Fraction(share) - expected) < Fraction(1, 10**33)
        assert survival.quantile(share).time is not None
