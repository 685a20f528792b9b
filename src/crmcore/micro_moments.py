"""Micro-moments: is the company there when somebody reaches for the phone, and what does it answer to another's price?

A customer wants something to know, go, do or buy, now, on whatever device is at hand. What he finds then settles it: a
site that can be read, what others say, what others ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final, cast

import attrs

from crmcore.model.checklist import Checklist, ChecklistItem
from crmcore.primitives import _entry
from crmcore.primitives._decimals import EXACT, ONE, WIDE, plain_repr
from crmcore.primitives._entry import shown
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.explanation import Explanation
from crmcore.primitives.money import Money, rounded, same_currency
from crmcore.primitives.tally import term

__all__ = ["PriceMatch", "PricePosition", "price_match", "price_position", "readiness"]

_Named = tuple[str, Money]

_PARTS_OF_DAY: Final = (("night", 0, 6), ("morning", 6, 12), ("afternoon", 12, 18), ("evening", 18, 24))
_PAIR: Final = 2


def readiness(*, service_area: str | None = None) -> Checklist:
    """What ought to be so around the clock, four parts of the day for each item.

    Examples:
        >>> from crmcore import Audit, ChecklistAnswer, Verdict
        >>> answers = [
        ...     ChecklistAnswer(item_id="mobile_site/evening", verdict=Verdict.MET),
        ...     ChecklistAnswer(item_id="reviews_watched/evening", verdict=Verdict.MET),
        ...     ChecklistAnswer(item_id="prices_watched/evening", verdict=Verdict.UNMET),
        ...     ChecklistAnswer(item_id="mobile_site/night", verdict=Verdict.MET),
        ... ]
        >>> for part, audit in Audit.by_group(readiness(), answers).items():
        ...     print(part, audit.met, audit.items, sep=", ")
        night, 1, 3
        morning, 0, 3
        afternoon, 0, 3
        evening, 2, 3
        >>> [gap.item_id for gap in readiness().gaps(answers)][:3]
        ['reviews_watched/night', 'prices_watched/night', 'mobile_site/morning']

    The items are ``mobile_site``, ``reviews_watched``, ``prices_watched`` and, for a service area, ``local_ads``; the
    parts, which are the groups, ``night`` from midnight to 6, ``morning`` to noon, ``afternoon`` to 18 and ``evening``.
    An id is the two together, such as ``"mobile_site/night"``.

    Args:
        service_area: Where the company serves, such as ``"Riga"``; left out, nobody asks for local advertising.

    Raises:
        InvalidValueError: An empty area.
        WrongTypeError: An area that is no text.

    Source: the documents; Google 2015, Micro-Moments: Your Guide to Winning the Shift to Mobile.
    """
    items = [
        ("mobile_site", "the site can be read and used on a telephone"),
        ("reviews_watched", "somebody sees what is written on review sites, and answers"),
        ("prices_watched", "the prices of rivals are known"),
    ]
    if service_area is not None:
        if not _entry.text(service_area, "service_area").strip():
            raise InvalidValueError("service_area must not be empty; leave it out where there is none", "service_area")
        items.append(("local_ads", f"whoever searches in {service_area} is shown an advertisement"))
    return Checklist(
        id="micro_moments",
        name="Ready for micro-moments",
        items=[
            ChecklistItem(id=f"{item}/{part}", text=f"From {start} to {end} o'clock, {text}.", group=part)
            for part, start, end in _PARTS_OF_DAY
            for item, text in items
        ],
    )


def _given(rivals: Iterable[_Named]) -> tuple[_Named, ...]:
    return cast("tuple[_Named, ...]", rivals)


@attrs.frozen(kw_only=True)
class PricePosition:
    """Where one's own price stands among those of named rivals.

    Examples:
        >>> position = price_position(
        ...     Money("19.90", "EUR"), {"north": Money("17.90", "EUR"), "south": Money(21, "EUR")}
        ... )
        >>> position.rank, position.of, position.cheapest
        (2, 3, ('north', Money('17.90', 'EUR')))
        >>> position.above_cheapest, position.above_mean
        (Money('2.00', 'EUR'), Money('0.45', 'EUR'))

    Attributes:
        own: One's own price.
        rivals: Theirs, as pairs of name and price; at least one.

    Raises:
        CurrencyMismatchError: Prices in two currencies.
        InvalidValueError: No rival, one without a name or named twice, a price below nought.
        WrongTypeError: A value of the wrong type.
    """

    own: Money
    rivals: tuple[_Named, ...] = attrs.field(converter=_given)

    def __attrs_post_init__(self) -> None:
        _price(self.own, "own", self.own)
        rivals = tuple(self._rival(pair) for pair in _entry.each(self.rivals, "rivals", "pair"))
        if not rivals:
            raise InvalidValueError("rivals must hold at least one: among none there is no position", "rivals")
        names = [name for name, _ in rivals]
        if twice := [name for name in names if names.count(name) > 1]:
            raise InvalidValueError(
                f"rivals must each have a name of their own, {shown(twice[0])} comes twice", "rivals"
            )
        _entry.replace(self, "rivals", rivals)

    def _rival(self, pair: object) -> _Named:
        if not isinstance(pair, tuple | list) or len(cast("tuple[object, ...]", pair)) != _PAIR:
            raise WrongTypeError("each of rivals must be a pair of a name and a price", "rivals")
        name, price = cast("tuple[object, object]", pair)
        if not _entry.text(name, "each name of rivals").strip():
            raise InvalidValueError("each name of rivals must not be empty", "rivals")
        return cast("str", name), _price(price, "each price of rivals", self.own)

    @property
    def of(self) -> int:
        """How many prices there are, one's own among them."""
        return 1 + len(self.rivals)

    @property
    def rank(self) -> int:
        """One's own place, the cheapest first; equal prices share the better place."""
        return 1 + self._cheaper

    @property
    def cheapest(self) -> tuple[str, Money]:
        """The cheapest rival and its price; of several, the first given."""
        return min(self.rivals, key=lambda rival: rival[1])

    @property
    def mean(self) -> Money:
        """The mean of the rivals' prices."""
        return Money.total(price for _, price in self.rivals) / len(self.rivals)

    @property
    def above_cheapest(self) -> Money:
        """How much one's own price is above the cheapest rival's; below nought where it is cheaper."""
        return self.own - self.cheapest[1]

    @property
    def above_cheapest_share(self) -> Decimal | None:
        """The same as a share of the cheapest rival's price; None where that asks nothing."""
        return self.above_cheapest.ratio_to(self.cheapest[1])

    @property
    def above_mean(self) -> Money:
        """How much one's own price is above the rivals' mean; below nought where it is below."""
        return self.own - self.mean

    @property
    def above_mean_share(self) -> Decimal | None:
        """The same as a share of their mean; None where they all ask nothing."""
        return self.above_mean.ratio_to(self.mean)

    @property
    def _cheaper(self) -> int:
        return sum(price < self.own for _, price in self.rivals)

    def explain(self) -> Explanation:
        """How the place comes about, line by line."""
        prices = [f"rival_{number}" for number in range(1, self.of)]
        return Explanation(
            [
                term("own", self.own),
                *(term(name, price) for name, (_, price) in zip(prices, self.rivals, strict=True)),
                term("cheaper", self._cheaper, "rivals"),
                term("rank", self.rank, "", "1 + cheaper"),
                term(
                    "lowest_price", self.cheapest[1], "", f"min({', '.join(prices)})" if len(prices) > 1 else prices[0]
                ),
                term("above_cheapest", self.above_cheapest, "", "own - lowest_price"),
                term("above_cheapest_share", self.above_cheapest_share, "", "above_cheapest / lowest_price"),
                term("mean", self.mean, "", f"({' + '.join(prices)}) / {len(prices)}"),
                term("above_mean", self.above_mean, "", "own - mean"),
                term("above_mean_share", self.above_mean_share, "", "above_mean / mean"),
            ]
        )


def price_position(own: Money, rivals: Mapping[str, Money] | Iterable[_Named], /) -> PricePosition | None:
    """Where one's own price stands among those of named rivals; None where there is no rival.

    Examples:
        >>> price_position(Money(20, "EUR"), {}) is None
        True
        >>> price_position(Money(20, "EUR"), [("north", Money(20, "EUR"))]).rank
        1

    Args:
        own: One's own price.
        rivals: Theirs by name, as a mapping or as pairs, in one currency with it and for the same thing.

    Raises:
        CurrencyMismatchError: Prices in two currencies.
        InvalidValueError: A rival without a name or named twice, or a price below nought.
        WrongTypeError: A value of the wrong type.
    """
    _price(own, "own", own)
    if isinstance(rivals, Mapping):
        rivals = cast("Mapping[str, Money]", rivals).items()
    pairs = [*_entry.each(rivals, "rivals", "pair")]
    return PricePosition(own=own, rivals=pairs) if pairs else None


@attrs.frozen(kw_only=True)
class PriceMatch:
    """What to answer a customer who shows another's price and asks for it.

    Examples:
        >>> answer = price_match(
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
    margin_floor: Decimal = attrs.field(default=Decimal(0), converter=_entry.fraction, repr=plain_repr)

    def __attrs_post_init__(self) -> None:
        for name in ("own", "asked", "unit_cost"):
            _price(getattr(self, name), name, self.own)
        floor = _entry.share(self.margin_floor, "margin_floor")
        if floor == ONE:
            raise InvalidValueError("margin_floor must be below 1: no price is all margin", "margin_floor", floor)
        _entry.replace(self, "margin_floor", floor)
        _ = self.floor_price  # which may be too large to be money

    @property
    def floor_price(self) -> Money:
        """The lowest price that leaves the floor, ``unit_cost / (1 - margin_floor)``, to 40 decimals."""
        return rounded(WIDE.divide(self.unit_cost.amount, self._kept), self.own.currency)

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


def price_match(
    *, own: Money, asked: Money, unit_cost: Money, margin_floor: Decimal | int | str | float = "0"
) -> PriceMatch:
    """Whether to give a customer the price that he found elsewhere, and what to offer if not.

    Examples:
        >>> price_match(
        ...     own=Money(100, "EUR"), asked=Money(90, "EUR"), unit_cost=Money(72, "EUR"), margin_floor=0.2
        ... ).matched
        True

    He stands in the shop with a rival's price on his phone ("showrooming"). What is asked is given down to the floor,
    the floor itself included; below it the offer is the floor. Where he asks for no less than one's own price, nothing
    is given up.

    Args:
        own: One's own price.
        asked: What the customer asks for.
        unit_cost: What one costs the company, in the same terms as the prices, with or without tax.
        margin_floor: The smallest share of the price that must be left over the cost; nought sells down to the cost.

    Raises:
        CurrencyMismatchError: Amounts in two currencies.
        InvalidValueError: An amount below nought, or a floor that is not from 0 to below 1.
        WrongTypeError: A value of the wrong type.

    Source: the documents (the demand); the margin is that of every ledger, ``(price - cost) / price``.
    """
    return PriceMatch(own=own, asked=asked, unit_cost=unit_cost, margin_floor=margin_floor)


def _price(value: object, name: str, own: Money) -> Money:
    price = _entry.of_type(value, Money, name)
    same_currency(own, price)
    if price.amount < 0:
        raise InvalidValueError(f"{name} must be nought or more, got {shown(price.amount)}", name)
    return price
