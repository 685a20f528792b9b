"""Sharing conversions out by a rule of where in the way a touchpoint stands."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from math import lcm
from operator import itemgetter
from typing import Final, TypeVar

import attrs

from crmcore.journeys.attribution._outcomes import NOTHING, Outcome, Way
from crmcore.journeys.attribution._result import Attribution, digits
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, FINEST, MOST_DECIMALS, ZERO
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.money import Money

__all__ = ["first", "last", "last_non_direct", "linear", "position", "shapley"]

W = TypeVar("W", bound=Way)
"""A way; as a variable, so that a mapping of ways of texts alone will do."""

Numbers = dict[Id, Decimal]
_Shares = list[tuple[Fraction, slice]]
_Rule = Callable[[int], _Shares]
"""For a way of so many touches: which share each touch of which part of it earns."""

_UNITS: Final = 10**MOST_DECIMALS
_WHOLE: Final = Fraction(1)


@attrs.frozen(kw_only=True)
class Read:
    """What a method needs to know of ways and their outcomes."""

    touchpoints: set[Id]
    converted: list[tuple[Way, Outcome]]
    """The ways with a touch that led to conversions."""
    conversions: int
    unattributed: int
    value: Money


def read(outcomes: Mapping[W, Outcome]) -> Read:
    """Check ways and their outcomes, and add up what was converted."""
    if not isinstance(outcomes, Mapping):
        raise WrongTypeError(
            f"outcomes must be a mapping of ways to an Outcome each, got {show(outcomes)}; "
            "make them with attribution.outcomes(journeys, goal)"
        )
    strange = ({*map(type, outcomes)} - {tuple}) | ({*map(type, outcomes.values())} - {Outcome})
    if strange:
        names = ", ".join(sorted(kind.__name__ for kind in strange))
        raise WrongTypeError(f"outcomes must give an Outcome for each way, a tuple of touchpoints; got {names}")
    touchpoints = {*chain.from_iterable(outcomes)}
    for one in touchpoints:
        check_id(one, "each touchpoint of a way", required=True)
    all_converted = [(way, outcome) for way, outcome in outcomes.items() if outcome.conversions]
    converted: list[tuple[Way, Outcome]] = [(way, outcome) for way, outcome in all_converted if way]
    conversions = sum([outcome.conversions for _, outcome in converted])
    values = [outcome.value for _, outcome in converted] or [outcome.value * 0 for outcome in outcomes.values()]
    return Read(
        touchpoints=touchpoints,
        converted=converted,
        conversions=conversions,
        unattributed=sum([outcome.conversions for _, outcome in all_converted]) - conversions,
        value=total(values),
    )


def total(values: list[Money]) -> Money:
    """The sum, in which nought has no say about the currency where others have."""
    different = {id(value): value for value in values}
    if any(different.values()):
        alike = Counter(map(id, values))
        return Money.total(value * alike[number] for number, value in different.items() if value)
    currencies = {value.currency for value in different.values()} - {NOTHING.currency}
    return Money.zero(*currencies) if len(currencies) == 1 else NOTHING


def first(outcomes: Mapping[W, Outcome], /) -> Attribution:
    """Give each conversion to the first touch of its way.

    Examples:
        >>> from crmcore.journeys.attribution import Outcome
        >>> ways = {("search", "email"): Outcome(conversions=3, nulls=1), ("email",): Outcome(conversions=1)}
        >>> first(ways).credits
        (('search', Decimal('3')), ('email', Decimal('1')))

    Args:
        outcomes: What each way led to, as `outcomes` gives it.

    Raises:
        CurrencyMismatchError: The ways brought money in two currencies.
        WrongTypeError: What is no mapping of ways to an `Outcome` each.
    """
    return _shared("first", read(outcomes), lambda _: [(_WHOLE, slice(1))])


def last(outcomes: Mapping[W, Outcome], /) -> Attribution:
    """Give each conversion to the last touch of its way.

    Examples:
        >>> from crmcore.journeys.attribution import Outcome
        >>> ways = {("search", "email"): Outcome(conversions=3, nulls=1), ("email",): Outcome(conversions=1)}
        >>> last(ways).credits
        (('email', Decimal('4')), ('search', Decimal('0')))

    Args:
        outcomes: What each way led to, as `outcomes` gives it.

    Raises:
        CurrencyMismatchError: The ways brought money in two currencies.
        WrongTypeError: What is no mapping of ways to an `Outcome` each.
    """
    return _shared("last", read(outcomes), _last)


def last_non_direct(outcomes: Mapping[W, Outcome], /, *, direct: Id) -> Attribution:
    """Give each conversion to the last touch that is not direct; to direct only where there was nothing else.

    Examples:
        >>> from crmcore.journeys.attribution import Outcome
        >>> ways = {("search", "direct"): Outcome(conversions=3), ("direct", "direct"): Outcome(conversions=1)}
        >>> last_non_direct(ways, direct="direct").credits
        (('search', Decimal('3')), ('direct', Decimal('1')))

    Args:
        outcomes: What each way led to, as `outcomes` gives it.
        direct: The touchpoint of those who came by themselves.

    Raises:
        CurrencyMismatchError: The ways brought money in two currencies.
        InvalidValueError: An empty id.
        WrongTypeError: What is no mapping of ways to an `Outcome` each, or no id.
    """
    check_id(direct, "direct", required=True)
    return _shared(
        "last_non_direct", read(outcomes), _last, lambda way: tuple([one for one in way if one != direct]) or way
    )


def linear(outcomes: Mapping[W, Outcome], /) -> Attribution:
    """Share each conversion equally among the touches of its way; who was met twice earns twice.

    Examples:
        >>> from crmcore.journeys.attribution import Outcome
        >>> linear({("search", "search", "email"): Outcome(conversions=6)}).credits
        (('search', Decimal('4')), ('email', Decimal('2')))

    Args:
        outcomes: What each way led to, as `outcomes` gives it.

    Raises:
        CurrencyMismatchError: The ways brought money in two currencies.
        WrongTypeError: What is no mapping of ways to an `Outcome` each.
    """
    return _shared("linear", read(outcomes), _equally)


def position(
    outcomes: Mapping[W, Outcome],
    /,
    *,
    first: Decimal | int | str | float = "0.4",
    last: Decimal | int | str | float = "0.4",
) -> Attribution:
    """Give the first touch and the last a share each, and what is left to those between, equally.

    Of two touches each gets its share of the two shares together, half where both are nought; a lone touch gets all.

    Examples:
        >>> from crmcore.journeys.attribution import Outcome
        >>> ways = {("search", "social", "shop", "email"): Outcome(conversions=10)}
        >>> position(ways).credits
        (('email', Decimal('4')), ('search', Decimal('4')), ('shop', Decimal('1')), ('social', Decimal('1')))
        >>> position({("search", "email"): Outcome(conversions=10)}, first="0.3", last="0.7").credits
        (('email', Decimal('7')), ('search', Decimal('3')))

    Args:
        outcomes: What each way led to, as `outcomes` gives it.
        first: The share of the first touch. Two fifths are the custom of web analytics and no measurement.
        last: The share of the last touch.

    Raises:
        CurrencyMismatchError: The ways brought money in two currencies.
        InvalidValueError: Shares below nought or together above one.
        WrongTypeError: What is no mapping of ways to an `Outcome` each, or no number.
    """
    opening = Fraction(checks.as_share(first, "first"))
    closing = Fraction(checks.as_share(last, "last"))
    ends = opening + closing
    if ends > 1:
        raise InvalidValueError(f"first and last must be at most 1 together, got {ends}", "first", "last")

    def rule(length: int) -> _Shares:
        if length == 1:
            return [(_WHOLE, slice(1))]
        if length == 2:
            half = opening / ends if ends else Fraction(1, 2)
            return [(half, slice(1)), (1 - half, slice(1, 2))]
        return [(opening, slice(1)), ((1 - ends) / (length - 2), slice(1, -1)), (closing, slice(-1, None))]

    return _shared("position", read(outcomes), rule)


def shapley(outcomes: Mapping[W, Outcome], /) -> Attribution:
    """Share conversions by the Shapley value: what each touchpoint adds, averaged over all orders of joining.

    The worth of a coalition is here the number of conversions of the ways whose touchpoints all lie in it. Of this game
    the Shapley value is plain: each way's conversions are shared equally among its different touchpoints, however often
    and in which order they were met. Another game, in which a coalition is worth what you say, is for `shapley_value`.

    Examples:
        >>> from crmcore.journeys.attribution import Outcome
        >>> shapley({("search",): Outcome(conversions=4), ("search", "email"): Outcome(conversions=6)}).credits
        (('search', Decimal('7')), ('email', Decimal('3')))

    Args:
        outcomes: What each way led to, as `outcomes` gives it.

    Raises:
        CurrencyMismatchError: The ways brought money in two currencies.
        WrongTypeError: What is no mapping of ways to an `Outcome` each.

    Source: Shapley 1953, A Value for n-Person Games, Contributions to the Theory of Games II, 307-317 (the game is a
    sum of unanimity games, one for each way, and the value of a sum is the sum of the values).
    """
    return _shared("shapley", read(outcomes), _equally, lambda way: tuple({*way}))


def _last(length: int) -> _Shares:
    return [(_WHOLE, slice(length - 1, length))]


def _equally(length: int) -> _Shares:
    return [(Fraction(1, length), slice(length))]


def _shared(method: str, found: Read, rule: _Rule, chosen: Callable[[Way], Way] | None = None) -> Attribution:
    """Conversions and money of each way, shared out by a rule among its touches, or among those chosen of them."""
    ways = [(chosen(way) if chosen else way, outcome) for way, outcome in found.converted]
    earned = _spread([(way, outcome.conversions) for way, outcome in ways], rule)
    amounts = _spread([(way, _units(outcome.value)) for way, outcome in ways], rule, _UNITS) if found.value else {}
    return result(method, found, earned, amounts)


def result(method: str, found: Read, earned: Numbers, amounts: Numbers) -> Attribution:
    """The attribution, in which who earned nothing has a line too."""
    return Attribution(
        method=method,
        credits=[(one, earned.get(one, ZERO)) for one in found.touchpoints],
        conversions=found.conversions,
        unattributed=found.unattributed,
        value=found.value,
        amounts=[(one, amounts.get(one, ZERO)) for one in found.touchpoints] if found.value else (),
    )


def _units(value: Money) -> int:
    return int(EXACT.divide_int(value.amount, FINEST))


def _spread(ways: list[tuple[Way, int]], rule: _Rule, unit: int = 1) -> dict[Id, Decimal]:
    """What each touchpoint gets of weights, summed in whole numbers as far as that goes."""
    groups: defaultdict[tuple[int, int], list[Way]] = defaultdict(list)
    for way, weight in ways:
        groups[len(way), weight].append(way)
    rules = {length: rule(length) for length, _ in groups}
    sums: dict[int, list[Counter[Id]]] = {length: [Counter() for _ in parts] for length, parts in rules.items()}
    for (length, weight), alike in groups.items():
        for (_, part), whole in zip(rules[length], sums[length], strict=True):
            counts = Counter(chain.from_iterable(map(itemgetter(part), alike)))
            for one, count in counts.items():
                whole[one] += count * weight
    denominator = lcm(*(share.denominator for parts in rules.values() for share, _ in parts))
    totals: Counter[Id] = Counter()
    for length, parts in rules.items():
        for (share, _), whole in zip(parts, sums[length], strict=True):
            factor = share.numerator * (denominator // share.denominator)
            for one, count in whole.items():
                totals[one] += count * factor
    return {one: digits(number, denominator * unit) for one, number in totals.items()}
