"""Gaps between purchases, thresholds from them, and the documents' benchmark."""

from __future__ import annotations

import statistics
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from crmcore import HalfLifeBenchmark, Id, Inactivity, Money, PercentileMethod, Purchase, Retention, TimeUnit, instant
from crmcore.interop.hypothesis import decimals, purchases, retentions, shares, zones
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.retention.inactivity import InactivityThreshold, inactivity_threshold, purchase_gaps

DECILES = [7, 14, 21, 29, 30, 31, 31, 47, 60, 90]


def bought(who: Id, at: str, amount: int = 1) -> Purchase:
    """Make a purchase."""
    return Purchase(customer_id=who, at=instant(at), amount=Money(amount, "EUR"))


class TestPurchaseGaps:
    @given(st.lists(purchases(), max_size=20), zones(), st.randoms(use_true_random=False))
    def test_agrees_with_dates(self, log: list[Purchase], tz: Any, random: Any) -> None:
        """The days between dates on which a customer bought, whatever the order; refunds are passed over."""
        expected: dict[Id, list[int]] = {}
        for who in {one.customer_id for one in log}:
            dates = sorted(
                {one.at.astimezone(tz).date() for one in log if one.customer_id == who and one.amount.amount >= 0}
            )
            if dates:
                expected[who] = [(late - early).days for early, late in pairwise(dates)]
        shuffled = log.copy()
        random.shuffle(shuffled)

        assert expected == {who: list(gaps) for who, gaps in purchase_gaps(iter(shuffled), tz=tz).items()}

    def test_orders_of_a_day_are_one(self) -> None:
        """By the calendar of the zone; who bought on one day only stands there without a gap."""
        log = [bought("a", "2026-03-01T23:30"), bought("a", "2026-03-02T00:30"), bought("b", "2026-03-02")]

        assert {"a": (1,), "b": ()} == purchase_gaps(log)
        assert {"a": (), "b": ()} == purchase_gaps(log, tz=ZoneInfo("Europe/Riga"))

    def test_refuses_nonsense(self) -> None:
        """A zone is a tzinfo, an item a purchase, and the calendar must reach."""
        with pytest.raises(WrongTypeError, match="tz must be a tzinfo such as"):
            purchase_gaps([], tz="Europe/Riga")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(WrongTypeError, match="every item must be a Purchase"):
            purchase_gaps([1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
        last = Purchase(customer_id=1, at=datetime.max.replace(tzinfo=UTC), amount=Money(1, "EUR"))
        with pytest.raises(InvalidValueError, match="the calendar of tz has no day for 9999-12-31"):
            purchase_gaps([last], tz=ZoneInfo("Asia/Kathmandu"))


class TestThreshold:
    @given(st.lists(st.integers(0, 500), min_size=1, max_size=30), shares())
    def test_nearest_rank(self, gaps: list[int], percentile: Decimal) -> None:
        """The smallest gap that at least so large a share does not exceed."""
        value = inactivity_threshold(gaps, percentile=percentile).value
        enough = [gap for gap in gaps if Fraction(sum(one <= gap for one in gaps), len(gaps)) >= Fraction(percentile)]

        assert min(enough) == value

    @given(st.lists(decimals(0, 500), min_size=1, max_size=30), shares())
    def test_linear(self, gaps: list[Decimal], percentile: Decimal) -> None:
        """Between the neighbours, in proportion, as the definition says."""
        value = inactivity_threshold(iter(gaps), percentile=percentile, method=PercentileMethod.LINEAR).value
        ordered = sorted(map(Fraction, gaps))
        place = Fraction(percentile) * (len(gaps) - 1)
        below = floor(place)
        above = min(below + 1, len(gaps) - 1)

        assert value is not None
        assert ordered[below] + (place - below) * (ordered[above] - ordered[below]) == Fraction(value)

    def test_linear_quartiles_are_the_standard_librarys(self) -> None:
        """Its inclusive method is the same definition."""
        ours = [
            inactivity_threshold(DECILES, percentile=share, method=PercentileMethod.LINEAR).value
            for share in ("0.25", "0.5", "0.75")
        ]

        assert statistics.quantiles(map(Decimal, DECILES), n=4, method="inclusive") == ours

    @pytest.mark.parametrize(
        ("percentile", "method", "value"),
        [
            ("0.4", PercentileMethod.NEAREST_RANK, "29"),
            ("0.8", PercentileMethod.NEAREST_RANK, "47"),
            (0.9, PercentileMethod.LINEAR, "63"),
            ("0.8", PercentileMethod.LINEAR, "49.6"),
            (0, PercentileMethod.NEAREST_RANK, "7"),
            (1, PercentileMethod.NEAREST_RANK, "90"),
            (0, PercentileMethod.LINEAR, "7"),
            (1, PercentileMethod.LINEAR, "90"),
        ],
    )
    def test_the_method_matters(self, percentile: Any, method: PercentileMethod, value: str) -> None:
        """By days; the ends are the smallest and the largest gap."""
        assert Decimal(value) == inactivity_threshold(DECILES, percentile=percentile, method=method).value

    def test_pooled_or_of_one(self) -> None:
        """What `purchase_gaps` returns is pooled; one customer's gaps give a value of his own."""
        gaps = {"a": (30, 30), "b": (), "c": (7,)}
        pooled = inactivity_threshold(gaps, percentile="0.9")

        assert (Decimal(30), 3, 3, 1) == (pooled.value, pooled.gaps, pooled.customers, pooled.without_gaps)
        assert (Decimal(7), 1, None) == (
            inactivity_threshold(gaps["c"], percentile="0.9").value,
            inactivity_threshold(gaps["c"], percentile="0.9").gaps,
            inactivity_threshold(gaps["c"], percentile="0.9").customers,
        )

    @pytest.mark.parametrize(
        ("gaps", "rules"),
        [
            ({"a": (1,), "b": ()}, ["censored_gaps", "no_gap_of_their_own"]),
            ({"a": (1,)}, ["censored_gaps"]),
            ([1], ["censored_gaps"]),
            ([], ["no_gaps"]),
            ({"a": (), "b": ()}, ["no_gaps", "no_gap_of_their_own"]),
        ],
    )
    def test_says_what_it_leans_on(self, gaps: Any, rules: list[str]) -> None:
        """That silences which last are missing, and that some have no gap; without any there is no value."""
        threshold = inactivity_threshold(gaps, percentile="0.9")

        assert rules == [finding.rule for finding in threshold.cautions]
        assert (threshold.value is None) == ("no_gaps" in rules) == (threshold.silence is None)

    def test_the_silence_can_be_counted_with(self) -> None:
        """The value as the counters take it, rounded up to a microsecond; nought and beyond all time is none."""
        log = [bought("a", "2026-01-01"), bought("a", "2026-01-31"), bought("b", "2026-03-02")]
        silence = inactivity_threshold(purchase_gaps(log), percentile=1).silence

        assert timedelta(days=30) == silence
        assert silence is not None
        assert 1 == Inactivity.of(log, as_of=instant("2026-03-02"), churned_after=silence).churned
        assert timedelta(microseconds=28_801) == inactivity_threshold(["3.33341E-7"], percentile=1).silence
        assert inactivity_threshold([0], percentile=1).silence is None
        assert inactivity_threshold([10**10], percentile=1).silence is None

    @pytest.mark.parametrize(
        ("gaps", "rules", "error", "message"),
        [
            ([-1], {}, InvalidValueError, "each of gaps must be >= 0"),
            ([1.5], {}, WrongTypeError, "each of gaps must not be a float"),
            (5, {}, WrongTypeError, "gaps must be several gaps"),
            ({"a": 5}, {}, WrongTypeError, "the gaps of each customer must be several gaps"),
            ([], {"percentile": 90}, InvalidValueError, "percentile must be a fraction from 0 to 1"),
            ([], {"method": "linear"}, WrongTypeError, r"write PercentileMethod\.LINEAR"),
        ],
    )
    def test_refuses_nonsense(self, gaps: Any, rules: dict[str, Any], error: type[Exception], message: str) -> None:
        """Everything is checked, also where there are no gaps."""
        with pytest.raises(error, match=message):
            inactivity_threshold(gaps, **dict[str, Any](percentile="0.9") | rules)

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"value": None}, InconsistentCountsError, "a value needs gaps, and gaps make one; got 3 gaps"),
            ({"gaps": 0}, InconsistentCountsError, "a value needs gaps"),
            ({"customers": 1}, InconsistentCountsError, "known together or not at all"),
            ({"customers": 1, "without_gaps": 2}, InconsistentCountsError, "at most customers, got 2 of 1"),
            ({"customers": -1, "without_gaps": 0}, InvalidValueError, "customers must be >= 0"),
            ({"customers": 1, "without_gaps": -1}, InvalidValueError, "without_gaps must be >= 0"),
            ({"value": -1}, InvalidValueError, "value must be >= 0"),
            ({"gaps": -1}, InvalidValueError, "gaps must be >= 0"),
            ({"percentile": 2}, InvalidValueError, "percentile must be a fraction"),
            ({"method": 1}, WrongTypeError, "method must be a member of PercentileMethod"),
        ],
    )
    def test_a_ready_one_is_checked(self, values: dict[str, Any], error: type[Exception], message: str) -> None:
        """A result built by hand obeys the same rules."""
        with pytest.raises(error, match=message):
            InactivityThreshold(**dict[str, Any](value=7, percentile="0.9", gaps=3) | values)


class TestHalfLifeBenchmark:
    @given(retentions(), decimals(1, 100))
    def test_better_is_a_longer_half_life(self, retention: Retention, years: Decimal) -> None:
        """Whatever the unit of ours, it is compared by the year."""
        ours = HalfLifeBenchmark(retention=retention, years=years)

        assert TimeUnit.YEAR is ours.retention.per
        assert ours.is_better == (ours.churn < ours.benchmark_churn)
        if ours.half_life is not None and abs(ours.half_life - years) > Decimal("1e-25"):
            assert ours.is_better == (ours.half_life > years)
        assert abs(Fraction(ours.ratio) - Fraction(ours.churn) / Fraction(ours.benchmark_churn)) <= Fraction(1, 10**30)

    def test_the_documents_number(self) -> None:
        """Half in three years is a fifth a year; ours in one line; whoever equals it is no better."""
        documents = HalfLifeBenchmark(retention=Retention.from_half_life(3, TimeUnit.YEAR))

        assert abs(documents.benchmark_churn - Decimal("0.20629947401590026")) < Decimal("1e-16")
        assert (False, Decimal(1)) == (documents.is_better, documents.ratio)
        assert "45.96 % lost a year, half in 1.13 years; the benchmark: 20.63 % a year, half in 3 years" == str(
            HalfLifeBenchmark(retention=Retention("0.95", TimeUnit.MONTH))
        )
        assert ["folklore_benchmark"] == [finding.rule for finding in documents.cautions]

    @pytest.mark.parametrize(
        ("retention", "line"),
        [
            (
                Retention(1, TimeUnit.WEEK),
                "0.00 % lost a year, never half; the benchmark: 50.00 % a year, half in 1 years",
            ),
            (Retention(0, TimeUnit.DAY), "100.00 % lost a year, half in 0.00 years; "),
            (
                Retention(f"0.{'9' * 60}", TimeUnit.YEAR),
                "0.00 % lost a year, half in 6.931471805599453094172321214581766E+59 years; ",
            ),
        ],
    )
    def test_ends_of_the_scale(self, retention: Retention, line: str) -> None:
        """Nobody leaves, everybody does, or hardly anybody ever."""
        assert str(HalfLifeBenchmark(retention=retention, years=1)).startswith(line)

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"years": 0}, InvalidValueError, "years must be > 0"),
            ({"years": 1.5}, WrongTypeError, "years must not be a float"),
            ({"retention": "0.9"}, WrongTypeError, "retention must be a Retention"),
        ],
    )
    def test_refuses_nonsense(self, values: dict[str, Any], error: type[Exception], message: str) -> None:
        """Both are checked."""
        with pytest.raises(error, match=message):
            HalfLifeBenchmark(**dict[str, Any](retention=Retention("0.9", TimeUnit.YEAR)) | values)
