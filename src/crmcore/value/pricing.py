"""How a price compares with those of rivals, and whether to match one.

`PricePosition` ranks a price among named rivals. `PriceMatch` decides what to offer a customer who asks for a rival's
price.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Final, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ONE, divide_up, plain_repr
from crmcore.primitives._results import Result
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.money import Money, as_non_negative, round_money
from crmcore.primitives.record import SHARE, Kind, Name, fraction

__all__ = ["PriceMatch", "PricePosition"]

_Named = tuple[Name, Money]


def _as_pairs(rivals: Mapping[str, Money] | Iterable[tuple[str, Money]]) -> tuple[_Named, ...]:
    """Accept a mapping too; the record checks the pairs."""
    pairs = cast("Mapping[str, Money]", rivals).items() if isinstance(rivals, Mapping) else rivals
    return cast("tuple[_Named, ...]", pairs)


def _as_floor(value: object, name: str) -> Decimal:
    floor = checks.as_share(value, name)
    if floor == ONE:
        raise InvalidValueError(
            "margin_floor_of_one",
            f"{name} must be < 1, got 1, at which no price covers the cost",
            field=name,
            operands=(floor,),
        )
    return floor


_FLOOR: Final = Kind(
    _as_floor, {"minimum": 0, "exclusiveMaximum": 1}, SHARE.pattern.replace(r"|1(\.0{0,40})?", ""), floats=True
)


@attrs.frozen(kw_only=True)
class PricePosition(Result):
    """The rank of one's own price among those of named rivals.

    Examples:
        >>> from crmcore import Money, PricePosition
        >>> position = PricePosition(
        ...     own=Money("19.90", "EUR"), rivals={"north": Money("17.90", "EUR"), "south": Money(21, "EUR")}
        ... )
        >>> position.rank, position.of, position.cheapest
        (2, 3, ('north', Money('17.90', 'EUR')))
        >>> position.above_cheapest, position.above_mean
        (Money('2.00', 'EUR'), Money('0.45', 'EUR'))

    If there are no rivals, the rank is 1 of 1, and every comparison is None.

    Attributes:
        own: One's own price, >= 0.
        rivals: The rivals' prices, >= 0, for the same thing and in the same currency. Given as a mapping by name or as
            pairs of a name and a price; kept as pairs.

    Raises:
        CurrencyMismatchError: The prices are in two currencies.
        InvalidValueError: A rival has no name or is named twice, or a price is below 0.
    """

    ratios = ("rank", "of", "mean", "above_cheapest", "above_cheapest_share", "above_mean", "above_mean_share")

    own: Money
    rivals: tuple[_Named, ...] = attrs.field(converter=_as_pairs)

    def _check(self) -> None:
        super()._check()
        as_non_negative(self.own, "own")
        for place, (_, price) in enumerate(self.rivals):
            as_non_negative(price, f"rivals[{place}]", self.own)
        checks.check_unique([name for name, _ in self.rivals], "rivals", "a name")

    @property
    def of(self) -> int:
        """The number of prices, one's own included."""
        return 1 + len(self.rivals)

    @property
    def rank(self) -> int:
        """The rank of one's own price, 1 for the cheapest; equal prices share the better rank."""
        return 1 + self._cheaper

    @property
    def cheapest(self) -> tuple[str, Money] | None:
        """The name and price of the cheapest rival, the first given if several are. None if there are no rivals."""
        return min(self.rivals, key=lambda rival: rival[1], default=None)

    @property
    def mean(self) -> Money | None:
        """The mean of the rivals' prices. None if there are no rivals."""
        return Money.total(price for _, price in self.rivals) / len(self.rivals) if self.rivals else None

    @property
    def above_cheapest(self) -> Money | None:
        """One's own price minus the cheapest rival's; < 0 if it is lower. None if there are no rivals."""
        return None if self.cheapest is None else self.own - self.cheapest[1]

    @property
    def above_cheapest_share(self) -> Decimal | None:
        """`above_cheapest` as a share of the cheapest price. None if that price is 0, or if there are no rivals."""
        return None if self.cheapest is None else (self.own - self.cheapest[1]).ratio_to(self.cheapest[1])

    @property
    def above_mean(self) -> Money | None:
        """One's own price minus the rivals' mean; < 0 if it is lower. None if there are no rivals."""
        return None if self.mean is None else self.own - self.mean

    @property
    def above_mean_share(self) -> Decimal | None:
        """`above_mean` as a share of the mean. None if the mean is 0, or if there are no rivals."""
        return None if self.mean is None else (self.own - self.mean).ratio_to(self.mean)

    @property
    def _cheaper(self) -> int:
        return sum(price < self.own for _, price in self.rivals)

    def explain(self) -> Explanation:
        """Explain the rank and the comparisons line by line."""
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
class PriceMatch(Result):
    """The price to offer a customer who asks for a rival's price.

    A customer in the shop compares prices on their phone ("showrooming") and asks for the lower one. The asked price is
    given if it leaves the margin floor, the floor price itself included. Otherwise the offer is the floor price. The
    offer is never above one's own price, even if that price is below the floor price. If the customer asks for one's
    own price or more, nothing is given up.

    Examples:
        >>> from crmcore import Money, PriceMatch
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

    The offer may have more decimals than the currency. Round it up with
    ``offer.quantized(2, rounding="ROUND_CEILING")``, so that the offer is not below the floor price.

    Attributes:
        own: One's own price, >= 0.
        asked: The price the customer asks for, >= 0.
        unit_cost: What one piece costs the company, >= 0; with or without tax, as the prices are.
        margin_floor: The smallest margin allowed, as a share of the price: from 0 to below 1. With 0, the default, the
            floor price is the cost.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InvalidValueError: An amount is below 0, the floor is not from 0 to below 1, or the floor price exceeds 10^30.

    Source: the source articles (see why.md) for the request; the margin is the standard ``(price - cost) / price``.
    """

    ratios = ("matched", "offer", "floor_price", "given_up", "shortfall", "profit", "margin")

    own: Money
    asked: Money
    unit_cost: Money
    margin_floor: Annotated[Decimal, _FLOOR] = attrs.field(default=Decimal(0), converter=fraction, repr=plain_repr)

    def _check(self) -> None:
        super()._check()
        for name in ("own", "asked", "unit_cost"):
            as_non_negative(getattr(self, name), name, self.own)
        self._divide("margin_floor")  # a floor price above 10^30 is refused here, not when it is read

    @property
    def floor_price(self) -> Money:
        """The lowest price that leaves the margin floor: ``unit_cost / (1 - margin_floor)``, rounded up."""
        return self._divide()

    def _divide(self, name: str | None = None) -> Money:
        return round_money(divide_up(self.unit_cost.amount, self._kept), self.own.currency, name)

    @property
    def offer(self) -> Money:
        """The price to offer: the asked price, raised to the floor price, but never above one's own price."""
        if self.asked >= self.own:
            return self.own
        if EXACT.multiply(self.asked.amount, self._kept) >= self.unit_cost.amount:
            return self.asked
        return min(self.own, self.floor_price)

    @property
    def matched(self) -> bool:
        """Whether the offer is no higher than the asked price."""
        return self.offer <= self.asked

    @property
    def given_up(self) -> Money:
        """One's own price minus the offer."""
        return self.own - self.offer

    @property
    def shortfall(self) -> Money:
        """The offer minus the asked price; 0 if it is matched."""
        return max(Money.zero(self.own.currency), self.offer - self.asked)

    @property
    def profit(self) -> Money:
        """The offer minus the cost; negative if your own price is below the cost."""
        return self.offer - self.unit_cost

    @property
    def margin(self) -> Decimal | None:
        """The profit as a share of the offer. None if the offer is 0."""
        return self.profit.ratio_to(self.offer)

    @property
    def _kept(self) -> Decimal:
        return EXACT.subtract(ONE, self.margin_floor)

    def explain(self) -> Explanation:
        """Explain the offer line by line."""
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
