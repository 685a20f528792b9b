from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    CurrencyMismatchError,
    InvalidValueError,
    Money,
    PriceMatch,
    PricePosition,
    WrongTypeError,
)
from crmcore.interop.hypothesis import monies, price_matches, price_positions
from tests.support.refusals import refused
from tests.support.replay import replay


def euro(amount: Any) -> Money:
    """Make euros."""
    return Money(amount, "EUR")


def fraction(money: Money) -> Fraction:
    """Return the amount as a fraction."""
    return Fraction(money.amount)


class TestPricePosition:
    @given(price_positions())
    def test_by_hand(self, position: PricePosition) -> None:
        """The rank is one more than the number of cheaper rivals, and both comparisons equal exact fractions."""
        own, theirs = fraction(position.own), [fraction(price) for _, price in position.rivals]
        lowest, mean = min(theirs), sum(theirs, Fraction(0)) / len(theirs)
        assert position.above_cheapest is not None
        assert position.above_mean is not None

        assert sorted([own, *theirs]).index(own) + 1 == position.rank
        assert len(theirs) + 1 == position.of
        assert position.cheapest == next(rival for rival in position.rivals if fraction(rival[1]) == lowest)
        assert own - lowest == fraction(position.above_cheapest)
        assert abs(own - mean - fraction(position.above_mean)) < Fraction(1, 10**39)
        for share, base in ((position.above_cheapest_share, lowest), (position.above_mean_share, mean)):
            assert (share is None) == (base == 0)
            assert share is None or abs((own - base) / base - Fraction(share)) < Fraction(1, 10**20)
        replay(position.explain())

    @given(price_positions(), st.randoms(use_true_random=False))
    def test_order_plays_no_part(self, position: PricePosition, chance: Any) -> None:
        """The order of the rivals changes neither the rank nor the comparisons."""
        shuffled = PricePosition(own=position.own, rivals=chance.sample(position.rivals, len(position.rivals)))

        assert (position.rank, position.mean, position.above_cheapest) == (
            shuffled.rank,
            shuffled.mean,
            shuffled.above_cheapest,
        )

    def test_ties(self) -> None:
        """Equal prices share the better rank; of two cheapest rivals the first given is named."""
        position = PricePosition(own=euro(5), rivals={"north": euro(5), "south": euro("5.00"), "east": euro(9)})

        assert position.cheapest is not None
        assert (1, "north") == (position.rank, position.cheapest[0])

    def test_no_rivals(self) -> None:
        """Without rivals the rank is 1 of 1, and every comparison is None."""
        alone = PricePosition(own=euro(5), rivals={})

        assert (1, 1) == (alone.rank, alone.of)
        assert alone == PricePosition(own=euro(5), rivals=iter([]))
        assert [None] * 6 == [
            alone.cheapest,
            alone.mean,
            alone.above_cheapest,
            alone.above_cheapest_share,
            alone.above_mean,
            alone.above_mean_share,
        ]
        replay(alone.explain())

    def test_pairs(self) -> None:
        """Pairs and a mapping give the same position."""
        rivals = {"north": euro(5), "south": euro(6)}

        assert PricePosition(own=euro(5), rivals=rivals) == PricePosition(own=euro(5), rivals=iter(rivals.items()))

    @pytest.mark.parametrize(
        ("own", "rivals", "error", "message"),
        [
            (5, {}, WrongTypeError, "wrong_type: own"),
            (euro(-1), {}, InvalidValueError, ""),
            (euro(5), {"north": 5}, WrongTypeError, "wrong_type: rivals[0]"),
            (euro(5), {"north": euro(-5)}, InvalidValueError, ""),
            (euro(5), {"north": Money(5, "USD")}, CurrencyMismatchError, ""),
            (euro(5), {" ": euro(5)}, InvalidValueError, "empty_text: rivals[0]"),
            (euro(5), {7: euro(5)}, WrongTypeError, "not_a_text: rivals[0]"),
            (euro(5), [("a", euro(5)), ("a", euro(6))], InvalidValueError, "not_unique: rivals[1]"),
            (euro(5), [euro(5)], WrongTypeError, "wrong_number_of_parts: rivals[0]"),
            (euro(5), [("a",)], WrongTypeError, "wrong_number_of_parts: rivals[0]"),
            (euro(5), "north", WrongTypeError, "one_for_several: rivals"),
            (euro(5), None, WrongTypeError, "one_for_several: rivals"),
        ],
    )
    def test_refuses(self, own: Any, rivals: Any, error: type[Exception], message: str) -> None:
        """Prices are money >= 0 in one currency, and each rival has a name."""
        with refused(error, message):
            PricePosition(own=own, rivals=rivals)


class TestPriceMatch:
    def test_a_subclass_loses_no_check(self) -> None:
        """A subclass with its own `__attrs_post_init__`, which calls nothing, still refuses a floor of 1."""

        @attrs.frozen(kw_only=True)
        class Offer(PriceMatch):
            def __attrs_post_init__(self) -> None:
                """Check nothing."""

        with refused(InvalidValueError, "margin_floor_of_one: margin_floor"):
            Offer(own=euro(1), asked=euro(1), unit_cost=euro(1), margin_floor=1)

    @given(price_matches())
    def test_by_hand(self, answer: PriceMatch) -> None:
        """The offer is the asked price, raised to the floor price, and never above one's own price."""
        own, asked, cost = (fraction(price) for price in (answer.own, answer.asked, answer.unit_cost))
        floor = cost / (1 - Fraction(answer.margin_floor))
        offer = own if asked >= own else asked if asked >= floor else min(own, floor)

        assert abs(offer - fraction(answer.offer)) < Fraction(1, 10**39)
        assert answer.matched == (asked >= min(own, floor))
        assert abs(max(Fraction(0), offer - asked) - fraction(answer.shortfall)) < Fraction(1, 10**39)
        assert answer.offer + answer.given_up == answer.own
        assert answer.offer == answer.unit_cost + answer.profit
        assert (answer.margin is None) == (not answer.offer)
        replay(answer.explain())

    @given(price_matches())
    def test_floor_holds(self, answer: PriceMatch) -> None:
        """A reduced price leaves the margin floor, to the twentieth decimal."""
        if answer.given_up and answer.margin is not None:
            assert answer.margin >= answer.margin_floor - Decimal("1E-20")

    @given(monies(low=1, high=1000), st.integers(0, 99))
    def test_equality_is_allowed(self, own: Money, percent: int) -> None:
        """The floor price itself is given, however many decimals it has."""
        floor = Decimal(percent) / 100
        answer = PriceMatch(own=own, asked=own * (1 - floor), unit_cost=own * (1 - floor) ** 2, margin_floor=floor)

        assert answer.matched
        assert min(answer.asked, own) == answer.offer

    @pytest.mark.parametrize(
        ("asked", "floor", "matched", "offer"),
        [
            ("95", "0.2", True, "95"),
            ("90", "0.2", True, "90"),
            ("89.99", "0.2", False, "90"),
            ("100", "0.2", True, "100"),
            ("120", "0.2", True, "100"),
            ("0", "0.2", False, "90"),
            ("72", "0", True, "72"),
            ("95", "0.5", False, "100"),
            ("100", "0.5", True, "100"),
        ],
    )
    def test_examples(self, asked: str, floor: str, matched: bool, offer: str) -> None:
        """With a price of 100 and a cost of 72, asked price and floor decide the offer."""
        answer = PriceMatch(own=euro(100), asked=euro(asked), unit_cost=euro(72), margin_floor=floor)

        assert (matched, euro(offer)) == (answer.matched, answer.offer)

    def test_sold_below_cost(self) -> None:
        """A price of one's own below the cost is offered unchanged, and the profit is below 0."""
        answer = PriceMatch(own=euro(50), asked=euro(40), unit_cost=euro(72))

        assert (euro(50), euro(-22), False) == (answer.offer, answer.profit, answer.matched)
        assert Decimal("-0.44") == answer.margin

    def test_for_nothing(self) -> None:
        """A piece without a cost may be given away, and its margin is None."""
        answer = PriceMatch(own=euro(5), asked=euro(0), unit_cost=euro(0))

        assert (euro(0), None, True) == (answer.offer, answer.margin, answer.matched)

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"own": 100}, WrongTypeError, "wrong_type: own"),
            ({"asked": Money(90, "USD")}, CurrencyMismatchError, ""),
            ({"unit_cost": euro(-1)}, InvalidValueError, ""),
            ({"asked": euro(-1)}, InvalidValueError, ""),
            ({"margin_floor": 1}, InvalidValueError, "margin_floor_of_one: margin_floor"),
            ({"margin_floor": "1.2"}, InvalidValueError, "not_a_share: margin_floor"),
            ({"margin_floor": "20 %"}, InvalidValueError, "not_a_number: margin_floor"),
            ({"margin_floor": None}, WrongTypeError, "wrong_number_type: margin_floor"),
            ({"margin_floor": "0." + "9" * 50}, InvalidValueError, ""),
        ],
    )
    def test_refuses(self, values: dict[str, Any], error: type[Exception], message: str) -> None:
        """Amounts are money >= 0 in one currency, and the floor is below 1."""
        usual: dict[str, Any] = {"own": euro(100), "asked": euro(90), "unit_cost": euro(72)}
        with refused(error, message):
            PriceMatch(**{**usual, **values})
