"""Pricing: where a price stands among those of rivals, and whether to match one.

`PricePosition` ranks a price among named rivals. `PriceMatch` decides what to offer a customer who asks for a rival's
price.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ONE, WIDE, plain_repr
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.money import Money, as_non_negative, round_money

__all__ = ["PriceMatch", "PricePosition"]

_Named = tuple[str, Money]


def _given(rivals: Mapping[str, Money] | Iterable[_Named]) -> tuple[_Named, ...]:
    return cast("tuple[_Named, ...]", rivals)


@attrs.frozen(kw_only=True)
class PricePosition:
    """Where one's own price stands among those of named rivals.

    Examples:
        >>> position = PricePosition(
        ...     own=Money("19.90", "EUR"), rivals={"north": Money("17.90", "EUR"), "south": Money(21, "EUR")}
        ... )
        >>> position.rank, position.of, position.cheapest
        (2, 3, ('north', Money('17.90', 'EUR')))
        >>> position.above_cheapest, position.above_mean
        (Money('2.00', 'EUR'), Money('0.45', 'EUR'))

    Attributes:
        own: One's own price.
        rivals: Their prices by name, as a mapping or as pairs, for the same thing and in the same currency.

    Raises:
        CurrencyMismatchError: Prices in two currencies.
        InvalidValueError: A rival without a name or named twice, or a price below 0.
    """

    own: Money
    rivals: tuple[_Named, ...] = attrs.field(converter=_given)

    def __attrs_post_init__(self) -> None:
        as_non_negative(self.own, "own")
        given = cast("Mapping[str, Money] | tuple[_Named, ...]", self.rivals)
        given = tuple(given.items()) if isinstance(given, Mapping) else given
        rivals = tuple(self._rival(pair) for pair in checks.iterate(given, "rivals", "pair"))
        checks.check_unique([name for name, _ in rivals], "rivals", "a name")
        checks.set_field(self, "rivals", rivals)

    def _rival(self, pair: object) -> _Named:
        name, price = checks.as_pair(pair, "rivals", "a name and a price")
        if not checks.as_text(name, "each name of rivals").strip():
            raise InvalidValueError("each name of rivals must not be empty", "rivals")
        return cast("str", name), as_non_negative(price, "each price of rivals", self.own)

    @property
    def of(self) -> int:
        """How many prices there are, one's own among them."""
        return 1 + len(self.rivals)

    @property
    def rank(self) -> int:
        """One's own place, the cheapest first; equal prices share the better place."""
        return 1 + self._cheaper

    @property
    def cheapest(self) -> tuple[str, Money] | None:
        """The cheapest rival and its price, the first given of several; None without rivals."""
        return min(self.rivals, key=lambda rival: rival[1], default=None)

    @property
    def mean(self) -> Money | None:
        """The mean of the rivals' prices; None without rivals."""
        return Money.total(price for _, price in self.rivals) / len(self.rivals) if self.rivals else None

    @property
    def above_cheapest(self) -> Money | None:
        """How much one's own price is above the cheapest rival's, < 0 if it is below; None without rivals."""
        return None if self.cheapest is None else self.own - self.cheapest[1]

    @property
    def above_cheapest_share(self) -> Decimal | None:
        """`above_cheapest` as a share of the cheapest rival's price; None if that is 0, or without rivals."""
        return None if self.cheapest is None else (self.own - self.cheapest[1]).ratio_to(self.cheapest[1])

    @property
    def above_mean(self) -> Money | None:
        """How much one's own price is above the rivals' mean, < 0 if it is below; None without rivals."""
        return None if self.mean is None else self.own - self.mean

    @property
    def above_mean_share(self) -> Decimal | None:
        """`above_mean` as a share of the mean; None if that is 0, or without rivals."""
        return None if self.mean is None else (self.own - self.mean).ratio_to(self.mean)

    @property
    def _cheaper(self) -> int:
        return sum(price < self.own for _, price in self.rivals)

    def explain(self) -> Explanation:
        """How the place comes about, line by line."""
        prices = [f"rival_{number}" for number in range(1, self.of)]
        lines = [
            term("own", self.own),
            *(term(name, price) for name, (_, price) in zip(prices, self.rivals, strict=True)),
            term("cheaper", self._cheaper, "rivals"),
            term("rank", self.rank, "", "1 + cheaper"),
        ]
        if self.cheapest is not None:
            lines += [
                term(
                    "lowest_price", self.cheapest[1], "", f"min({', '.join(prices)})" if len(prices) > 1 else prices[0]
                ),
                term("above_cheapest", self.above_cheapest, "", "own - lowest_price"),
                term("above_cheapest_share", self.above_cheapest_share, "", "above_cheapest / lowest_price"),
                term("mean", self.mean, "", f"({' + '.join(prices)}) / {len(prices)}"),
                term("above_mean", self.above_mean, "", "own - mean"),
                term("above_mean_share", self.above_mean_share, "", "above_mean / mean"),
            ]
        return Explanation(lines)


@attrs.frozen(kw_only=True)
class PriceMatch:
    """What to answer a customer who shows another's price and asks for it.

    Examples:
        >>> answer = PriceMatch(
        ...     own=Money(100, "EUR"), asked=Money(85, "EUR"), unit_cost=Money(72, "EUR"), margin_floor="0.2"
        ... )
        >>> answer.matched, answer.offer, answer.shortfall
        (False, Money('90', 'EUR'), Money('5', 'EUR'))
        >>> print(answer.explain())
        own           100  EUR
        asked          85  EUR
        unit_cost      72  EUR
        margin_floor  0.2
        floor_price    90  EUR  = unit_cost / (1 - margin_floor)
        offer          90  EUR  = min(own, max(asked, floor_price))
        given_up       10  EUR  = own - offer
        shortfall       5  EUR  = max(0, offer - asked)
        profit         18  EUR  = offer - unit_cost
        margin        0.2       = profit / offer

    The offer may have more decimals than a till: round it up with ``offer.quantized(2, rounding="ROUND_CEILING")``, so
    that the floor holds.

    Attributes:
        own: One's own price.
        asked: What the customer asks for.
        unit_cost: What one costs the company, in the same terms as the prices, with or without tax.
        margin_floor: The smallest share of the price that must be left over the cost.

    Raises:
        CurrencyMismatchError: Amounts in two currencies.
        InvalidValueError: An amount below nought, or a floor that is not from 0 to below 1.
        WrongTypeError: A value of the wrong type.
    """

    own: Money
    asked: Money
    unit_cost: Money
    margin_floor: Decimal = attrs.field(default=Decimal(0), converter=checks.fraction, repr=plain_repr)

    def __attrs_post_init__(self) -> None:
        for name in ("own", "asked", "unit_cost"):
            as_non_negative(getattr(self, name), name, checks.as_instance(self.own, Money, "own"))
        floor = checks.as_share(self.margin_floor, "margin_floor")
        if floor == ONE:
            raise InvalidValueError("margin_floor must be below 1: no price is all margin", "margin_floor", floor)
        checks.set_field(self, "margin_floor", floor)
        _ = self.floor_price  # which may be too large to be money

    @property
    def floor_price(self) -> Money:
        """The lowest price that leaves the floor, ``unit_cost / (1 - margin_floor)``, to 40 decimals."""
        return round_money(WIDE.divide(self.unit_cost.amount, self._kept), self.own.currency)

    @property
    def offer(self) -> Money:
        """The price to offer: what is asked, but not below the floor, and never above one's own price."""
        if self.asked >= self.own:
            return self.own
        if EXACT.multiply(self.asked.amount, self._kept) >= self.unit_cost.amount:
            return self.asked
        return min(self.own, self.floor_price)

    @property
    def matched(self) -> bool:
        """Whether the offer is as low as what is asked."""
        return self.offer <= self.asked

    @property
    def given_up(self) -> Money:
        """How much the offer is below one's own price."""
        return self.own - self.offer

    @property
    def shortfall(self) -> Money:
        """How much the offer is above what is asked; nought where it is matched."""
        return max(Money.zero(self.own.currency), self.offer - self.asked)

    @property
    def profit(self) -> Money:
        """What the offer leaves over the cost; below nought where one's own price is below it."""
        return self.offer - self.unit_cost

    @property
    def margin(self) -> Decimal | None:
        """The same as a share of the offer; None where the offer is nought."""
        return self.profit.ratio_to(self.offer)

    @property
    def _kept(self) -> Decimal:
        return EXACT.subtract(ONE, self.margin_floor)

    def explain(self) -> Explanation:
        """How the offer comes about, line by line."""
        return Explanation(
            (
                term("own", self.own),
                term("asked", self.asked),
                term("unit_cost", self.unit_cost),
                term("margin_floor", self.margin_floor),
                term("floor_price", self.floor_price, "", "unit_cost / (1 - margin_floor)"),
                term("offer", self.offer, "", "min(own, max(asked, floor_price))"),
                term("given_up", self.given_up, "", "own - offer"),
                term("shortfall", self.shortfall, "", "max(0, offer - asked)"),
                term("profit", self.profit, "", "offer - unit_cost"),
                term("margin", self.margin, "", "profit / offer"),
            )
        )
