"""Each bound is stated once, in the docs as in the code, and holds wherever that kind of value stands."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Balance,
    Customer,
    Finding,
    InvalidValueError,
    Journeys,
    JourneyStep,
    Money,
    Period,
    Purchase,
    Recurrence,
    Retention,
    Severity,
    Table,
    TallyBy,
    TimeUnit,
    WrongTypeError,
    attribution,
    instant,
    lifetime_value,
)
from crmcore.primitives import _bounds
from crmcore.primitives.explanation import Explanation, Term
from crmcore.primitives.proportions import Interval
from tests.support.refusals import refused

PAGE = (Path(__file__).parent.parent / "docs" / "promises" / "bounds.md").read_text(encoding="utf-8")
DAILY = Retention("0.9", TimeUnit.DAY)
MILLENNIA = Period(instant("1000-01-01"), instant("3000-01-01"))
NOON = instant("2026-03-02T12:00")
TOO_LONG = (_bounds.LONGEST_NAME + 1) * "x"


class TestPage:
    @pytest.mark.parametrize(
        "words",
        [
            f"at most 10^{len(str(_bounds.LARGEST)) - 1} in size, {_bounds.MOST_DECIMALS} decimals",
            f"at most {_bounds.MOST_DIGITS:,} decimals and digits",
            f"below 10^{_bounds.MOST_DIGITS} in size",
            f"at least 10^{_bounds.NEAREST_CONFIDENCE} from both",
            f"at most 10^{_bounds.LARGEST_FLOAT:.0e} in size".replace("1e+", ""),
            f"at most {_bounds.MOST_ID_DIGITS} digits",
            f"at most {_bounds.LONGEST_NAME:,} characters",
            f"at most {_bounds.MOST_MADE:,}",
            f"at most {_bounds.MOST_COLLECTED:,}",
        ],
    )
    def test_states_each_bound(self, words: str) -> None:
        """The page has the numbers that the code has."""
        assert words in PAGE


class TestIds:
    @pytest.mark.parametrize(
        ("given_id", "rule"),
        [(_bounds.LARGEST_ID + 1, "id_too_large"), (-(10**4000), "id_too_large"), (TOO_LONG, "text_too_long")],
    )
    def test_are_bounded_in_tables_and_logs(self, given_id: Any, rule: str) -> None:
        """An id without end is refused where columns and rows of a log are read at once."""
        columns = {"customer_id": [given_id, given_id], "at": [NOON, NOON], "amount": [1, 1]}
        with refused(InvalidValueError, f"{rule}: customer_id[0]"):
            list(Table(Purchase, columns, currency="EUR"))
        with refused(InvalidValueError, f"{rule}: records[0]"):
            Journeys.of([(given_id, "shop", NOON)])
        with refused(InvalidValueError, f"{rule}: records[0]"):
            Journeys.of([(1, given_id, NOON)])

    @pytest.mark.parametrize("others", [[], [1, 2], ["x"]])
    @pytest.mark.parametrize("key", [10**4000, -(10**4000), ("x", 10**4000)])
    def test_keys_can_be_written(self, key: Any, others: list[Any]) -> None:
        """A number that Python refuses to write is refused as a key, alone and among numbers or texts."""
        with refused(InvalidValueError, "key_too_large: key"):
            TallyBy({one: Balance(good=1) for one in [*others[:1], key, *others[1:]]})

    def test_figures_can_be_written(self) -> None:
        """A number in an explanation or a finding has an end."""
        with refused(InvalidValueError, "beyond_figures: value"):
            Term("x", 10**5000)
        with refused(InvalidValueError, "beyond_figures: evidence[0]"):
            Finding(rule="x", severity=Severity.INFO, message="", evidence=[("x", 10**5000)])
        assert "1" + 999 * "0" == str(Explanation([Term("x", 10**999)])["x"].value)


class TestSizes:
    @pytest.mark.parametrize(
        ("call", "broken"),
        [
            (lambda: Money(1, "EUR").split(10**9), "too_many_to_make: parts"),
            (lambda: lifetime_value.RetentionMix(groups=[(1, DAILY)]).by_period(10**6), "too_many_to_make: periods"),
            (
                lambda: lifetime_value.expected_flows(
                    margin=Money(1, "EUR"), retention=DAILY, first=date(1, 1, 1), periods=10**6
                ),
                "too_many_to_make: periods",
            ),
            (lambda: MILLENNIA.split(TimeUnit.DAY), "too_many_to_make: unit"),
            (
                lambda: Recurrence(first=date(1, 1, 2), unit=TimeUnit.DAY, at="12:00", zone=UTC).within(MILLENNIA),
                "too_many_to_make: period",
            ),
        ],
    )
    def test_a_number_makes_so_many(self, call: Callable[[], object], broken: str) -> None:
        """No number, period or step makes more than the limit."""
        with refused(InvalidValueError, broken):
            call()

    def test_bad_items_without_end(self) -> None:
        """An endless iterable of what is wrong fails at its first item."""
        with refused(WrongTypeError, "wrong_number_type: weights[0]"):
            Money(1, "EUR").allocate(itertools.repeat([]))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - wrong on purpose
        with refused(WrongTypeError, "row_without_names: data[0]"):
            Table(Purchase, itertools.repeat(5))
        with refused(WrongTypeError, "wrong_type: terms[0]"):
            Explanation(itertools.repeat(5))

    def test_good_items_without_end(self) -> None:
        """An endless iterable of items that are kept ends at the limit; a list has none."""

        def names() -> Iterator[Term]:
            return itertools.repeat(Term("x", 1))

        with refused(InvalidValueError, "too_many_to_collect: terms"):
            Explanation(names())

    @pytest.mark.parametrize(
        ("name", "items", "collect"),
        [
            ("terms", [Term(letter, 1) for letter in "abcd"], Explanation),
            ("segments", ["a", "b", "c", "d"], lambda given: Customer(id=1, segments=given)),
            ("touchpoint_ids", [1, 2, 3, 4], lambda given: JourneyStep(name="a", phase="b", touchpoint_ids=given)),
            ("weights", [1, 2, 3, 4], Money(1, "EUR").allocate),
        ],
    )
    def test_the_limit_is_that_of_iterables_without_a_length(
        self, name: str, items: list[Any], collect: Callable[[object], object], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A collection that tells its length has no limit, and an iterator ends at it; here it is three."""
        monkeypatch.setattr(_bounds, "MOST_COLLECTED", 3)

        assert collect(items[:3]) == collect(iter(items[:3]))
        assert collect(items) == collect((*items,))
        with refused(InvalidValueError, f"too_many_to_collect: {name}") as caught:
            collect(iter(items))
        assert f"{name} must have at most 3 items if it has no length" == caught.value.message


class TestMagnitudes:
    @pytest.mark.parametrize("share", ["1E-999999", "1E-1001", Decimal("1E-999999")])
    def test_a_share_has_an_end(self, share: Any) -> None:
        """A share that would take a power of a million digits is refused at once."""
        with refused(InvalidValueError, "beyond_figures: first"):
            attribution.position({}, first=share)

    def test_of_an_interval(self) -> None:
        """The width of an interval is finite, and any Decimal can be looked for in it."""
        assert 2e300 == Interval(-1e300, 1e300).width
        with refused(InvalidValueError, "infinite_bound: high"):
            Interval(0, 10**301)
        assert Decimal("1E-999999") in Interval(0, 1)
        assert Decimal("1E+999999") not in Interval(0, 1)


class TestSums:
    @given(st.integers(0, 10**30), st.integers(0, 10**30))
    def test_of_tallies_close(self, one: int, other: int) -> None:
        """A sum of tallies is a tally that can be given, or is refused as such: alone, by key and in a total."""
        a, b = Balance(good=one), Balance(good=other)
        adding: list[Callable[[], Any]] = [
            lambda: a + b,
            lambda: Balance.total([a, b]),
            lambda: (TallyBy({"x": a}) + TallyBy({"x": b}))["x"],
            lambda: TallyBy([("x", a), ("x", b)])["x"],
            lambda: TallyBy({"x": a, "y": b}).total,
        ]
        for add in adding:
            if one + other > 10**30:
                with refused(InvalidValueError) as caught:
                    add()
                assert caught.value.rule in ("int_too_large", "too_large_or_fine")
            else:
                total = add()
                assert Balance(good=one + other) == total == attrs.evolve(total) == pickle.loads(pickle.dumps(total))

    @given(st.integers(-(10**30), 10**30), st.integers(-(10**30), 10**30))
    def test_of_values_close(self, one: int, other: int) -> None:
        """The sums of purchases have the bound of an amount."""
        bought = [Purchase(customer_id=7, at=NOON, amount=Money(amount, "EUR")) for amount in (one, other)]
        if abs(one + other) > 10**30:
            with refused(InvalidValueError, "result_too_large: None"):
                lifetime_value.historic(bought)
        else:
            worth = lifetime_value.historic(bought)
            assert Money(one + other, "EUR") == worth.value == attrs.evolve(worth).revenue
