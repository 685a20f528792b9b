"""Gaps between purchases, and thresholds from them."""

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

from crmcore import Id, Inactivity, Money, PercentileMethod, Purchase, instant
from crmcore.interop.hypothesis import decimals, purchases, shares, zones
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.retention.inactivity import InactivityThreshold, inactivity_threshold, purchase_gaps
from tests.support.refusals import refused
from tests.support.strategies import records

DECILES = [7, 14, 21, 29, 30, 31, 31, 47, 60, 90]


def bought(who: Id, at: str, amount: int = 1) -> Purchase:
    """Build a purchase."""
    return Purchase(customer_id=who, at=instant(at), amount=Money(amount, "EUR"))


class TestPurchaseGaps:
    @given(records(purchases(), max_size=20), zones(), st.randoms(use_true_random=False))
    def test_agrees_with_dates(self, log: list[Purchase], tz: Any, random: Any) -> None:
        """Gaps are the days between the dates of purchases, in any order of the log; refunds are left out."""
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
        """Purchases on one day of the zone count as one; a customer with a single day has no gap."""
        log = [bought("a", "2026-03-01T23:30"), bought("a", "2026-03-02T00:30"), bought("b", "2026-03-02")]

        assert {"a": (1,), "b": ()} == purchase_gaps(log)
        assert {"a": (), "b": ()} == purchase_gaps(log, tz=ZoneInfo("Europe/Riga"))

    def test_refuses_nonsense(self) -> None:
        """A wrong zone, a wrong item and a purchase without a day in the zone are refused."""
        with refused(WrongTypeError, "not_a_zone: tz"):
            purchase_gaps([], tz="Europe/Riga")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "wrong_type: purchases[0]"):
            purchase_gaps([1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
        last = Purchase(customer_id=1, at=datetime.max.replace(tzinfo=UTC), amount=Money(1, "EUR"))
        with refused(InvalidValueError, "no_day_in_calendar: purchases[0]"):
            purchase_gaps([last], tz=ZoneInfo("Asia/Kathmandu"))


class TestThreshold:
    @given(st.lists(st.integers(0, 500), min_size=1, max_size=30), shares())
    def test_nearest_rank(self, gaps: list[int], percentile: Decimal) -> None:
        """Nearest rank is the smallest gap that at least the given share does not exceed."""
        value = inactivity_threshold(gaps, percentile=percentile).value
        enough = [gap for gap in gaps if Fraction(sum(one <= gap for one in gaps), len(gaps)) >= Fraction(percentile)]

        assert min(enough) == value

    @given(st.lists(decimals(0, 500), min_size=1, max_size=30), shares())
    def test_linear(self, gaps: list[Decimal], percentile: Decimal) -> None:
        """Linear is between the two neighbours, in proportion."""
        value = inactivity_threshold(iter(gaps), percentile=percentile, method=PercentileMethod.LINEAR).value
        ordered = sorted(map(Fraction, gaps))
        place = Fraction(percentile) * (len(gaps) - 1)
        below = floor(place)
        above = min(below + 1, len(gaps) - 1)

        assert value is not None
        assert ordered[below] + (place - below) * (ordered[above] - ordered[below]) == Fraction(value)

    def test_linear_quartiles_are_the_standard_librarys(self) -> None:
        """The linear method agrees with the inclusive method of `statistics.quantiles`."""
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
        """The methods differ by days; 0 is the smallest gap and 1 the largest."""
        assert Decimal(value) == inactivity_threshold(DECILES, percentile=percentile, method=method).value

    def test_pooled_or_of_one(self) -> None:
        """A mapping is pooled over customers; the gaps of one customer give a value of their own."""
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
        """The cautions name missing silences and customers without gaps; without gaps the value is None."""
        threshold = inactivity_threshold(gaps, percentile="0.9")

        assert rules == [finding.rule for finding in threshold.cautions]
        assert (threshold.value is None) == ("no_gaps" in rules) == (threshold.silence is None)

    def test_the_silence_can_be_counted_with(self) -> None:
        """The silence is the value rounded up to a microsecond, and None if it is zero or too long."""
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
            ([-1], {}, InvalidValueError, "too_small: gaps[0]"),
            ([1.5], {}, WrongTypeError, "float_is_inexact: gaps[0]"),
            (5, {}, WrongTypeError, "one_for_several: gaps"),
            ({"a": 5}, {}, WrongTypeError, "one_for_several: gaps[0]"),
            ([], {"percentile": 90}, InvalidValueError, "not_a_share: percentile"),
            ([], {"method": "linear"}, WrongTypeError, "not_a_member: method"),
        ],
    )
    def test_refuses_nonsense(self, gaps: Any, rules: dict[str, Any], error: type[Exception], message: str) -> None:
        """Every argument is checked, even without gaps."""
        with refused(error, message):
            inactivity_threshold(gaps, **dict[str, Any](percentile="0.9") | rules)

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            (
                {"value": None},
                InconsistentCountsError,
                "threshold_without_gaps: value",
            ),
            ({"gaps": 0}, InconsistentCountsError, "threshold_without_gaps: value"),
            ({"customers": 1}, InconsistentCountsError, "customers_without_their_part: without_gaps"),
            (
                {"customers": 1, "without_gaps": 2},
                InconsistentCountsError,
                "more_without_gaps_than_customers: without_gaps",
            ),
            ({"customers": -1, "without_gaps": 0}, InvalidValueError, "too_small: customers"),
            ({"customers": 1, "without_gaps": -1}, InvalidValueError, "too_small: without_gaps"),
            ({"value": -1}, InvalidValueError, "too_small: value"),
            ({"gaps": -1}, InvalidValueError, "too_small: gaps"),
            ({"percentile": 2}, InvalidValueError, "not_a_share: percentile"),
            ({"method": 1}, WrongTypeError, "not_a_member: method"),
        ],
    )
    def test_a_ready_one_is_checked(self, values: dict[str, Any], error: type[Exception], message: str) -> None:
        """A threshold built from figures obeys the same rules."""
        with refused(error, message):
            InactivityThreshold(**dict[str, Any](value=7, percentile="0.9", gaps=3) | values)
