"""The common part of all methods: the conversions of paths, divided among touchpoints."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from math import lcm
from operator import itemgetter
from typing import Final, TypeVar

import attrs

from crmcore.journeys.attribution._attribution import Attribution, as_digits
from crmcore.journeys.attribution._outcomes import NO_VALUE, Outcome, Path, build_cautions
from crmcore.primitives._decimals import EXACT, FINEST, MOST_DECIMALS, ZERO
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import PolicyMismatchError, WrongTypeError
from crmcore.primitives.findings import Finding
from crmcore.primitives.ids import Id, as_id, is_plain
from crmcore.primitives.money import Money
from crmcore.primitives.periods import by_utc

__all__: list[str] = []  # for the methods of this package

P = TypeVar("P", bound=Path)
"""A path; a type variable, so that a mapping with paths of str alone is accepted too."""

Numbers = dict[Id, Decimal]
Shares = list[tuple[Fraction, slice]]
Rule = Callable[[int], Shares]
"""Returns, for the number of touches of a path, the share of each touch in each part of the path."""

WHOLE: Final = Fraction(1)
_UNITS: Final = 10**MOST_DECIMALS


@attrs.frozen(kw_only=True)
class Conversions:
    """What a method needs to know of paths and their outcomes."""

    touchpoints: set[Id]
    converted: list[tuple[Path, Outcome]]
    """The paths with a touch that led to conversions."""
    count: int
    unattributed: int
    value: Money
    cautions: tuple[Finding, ...] = ()


def read_conversions(outcomes: Mapping[P, Outcome]) -> Conversions:
    """Check paths and their outcomes, and add up the conversions."""
    if not isinstance(outcomes, Mapping):
        raise WrongTypeError(
            "outcomes_not_a_mapping",
            f"outcomes must be a mapping of paths to an Outcome each, got {describe(outcomes)}",
            field="outcomes",
            advice="make them with attribution.outcomes(journeys, goal)",
        )
    wrong = ({*map(type, outcomes)} - {tuple}) | ({*map(type, outcomes.values())} - {Outcome})
    if wrong:
        place, (path, outcome) = next(
            row for row in enumerate(outcomes.items()) if type(row[1][0]) in wrong or type(row[1][1]) in wrong
        )
        raise WrongTypeError(
            "not_a_path_and_outcome",
            f"outcomes[{place}] must be an Outcome by its path, a tuple of touchpoints, got "
            f"{describe(outcome)} by {show(path)}",
            field="outcomes",
            record=place,
        )
    _check_policies(outcomes)
    touchpoints = {*chain.from_iterable(outcomes)}
    if not all(map(is_plain, touchpoints)):
        for place, path in enumerate(outcomes):
            for touch, touchpoint_id in enumerate(path):
                as_id(touchpoint_id, f"outcomes[{place}].path[{touch}]")
    all_converted = [(path, outcome) for path, outcome in outcomes.items() if outcome.conversions]
    converted: list[tuple[Path, Outcome]] = [(path, outcome) for path, outcome in all_converted if path]
    count = sum([outcome.conversions for _, outcome in converted])
    values = [outcome.value for _, outcome in converted] or [outcome.value * 0 for outcome in outcomes.values()]
    return Conversions(
        touchpoints=touchpoints,
        converted=converted,
        count=count,
        unattributed=sum([outcome.conversions for _, outcome in all_converted]) - count,
        value=add_values(values),
        cautions=_list_cautions(outcomes, touchpoints, converted=bool(all_converted)),
    )


def _list_cautions(
    outcomes: Mapping[P, Outcome], touchpoints: Collection[Id], *, converted: bool
) -> tuple[Finding, ...]:
    for first in outcomes.values():  # all have one goal and the same channels
        return build_cautions(first, touchpoints, touchpoints, converted=converted)
    return ()


def _check_policies(outcomes: Mapping[P, Outcome]) -> None:
    distinct = dict(zip(map(id, outcomes.values()), outcomes.values(), strict=True)).values()  # most paths share one
    policies = {
        (
            outcome.goal,
            outcome.channels,
            outcome.first_only,
            outcome.within,
            outcome.channel_within,
            by_utc(outcome.as_of),
        )
        for outcome in distinct
    }
    if len(policies) > 1:
        raise PolicyMismatchError(
            "outcomes_of_several_goals",
            f"outcomes must be counted for one goal, with the same channels and windows, got {len(policies)} of them",
            field="outcomes",
            advice="share the conversions of each goal out by itself",
            operands=(len(policies),),
        )


def add_values(values: Iterable[Money]) -> Money:
    """Add amounts of money; an amount of zero adds to any currency. A sum beyond 10^30 is refused."""
    amounts = [*values]
    if any(amounts):
        return Money.total(filter(None, amounts))
    currencies = {amount.currency for amount in amounts} - {NO_VALUE.currency}
    return Money.zero(*currencies) if len(currencies) == 1 else NO_VALUE


def share_out(
    method: str, conversions: Conversions, rule: Rule, select: Callable[[Path], Path] | None = None
) -> Attribution:
    """Share the conversions and the money of each path among its touches by a rule, or among the selected touches."""
    paths = [(select(path) if select else path, outcome) for path, outcome in conversions.converted]
    credits_ = _spread([(path, outcome.conversions) for path, outcome in paths], rule)
    amounts: Numbers = {}
    if conversions.value:
        amounts = _spread([(path, _count_units(outcome.value)) for path, outcome in paths], rule, _UNITS)
    return build_attribution(method, conversions, credits_, amounts)


def build_attribution(method: str, conversions: Conversions, credits_: Numbers, amounts: Numbers) -> Attribution:
    """Build the attribution; a touchpoint without credit is listed with zero."""
    return Attribution(
        method=method,
        credits=[(touchpoint_id, credits_.get(touchpoint_id, ZERO)) for touchpoint_id in conversions.touchpoints],
        conversions=conversions.count,
        unattributed=conversions.unattributed,
        value=conversions.value,
        amounts=[(touchpoint_id, amounts.get(touchpoint_id, ZERO)) for touchpoint_id in conversions.touchpoints]
        if conversions.value
        else (),
        cautions=conversions.cautions,
    )


def share_equally(length: int) -> Shares:
    """Give each touch of a path the same share."""
    return [(Fraction(1, length), slice(length))]


def _count_units(value: Money) -> int:
    return int(EXACT.divide_int(value.amount, FINEST))


def _spread(paths: list[tuple[Path, int]], rule: Rule, unit: int = 1) -> Numbers:
    """Share the weight of each path among its touches; whole numbers are added, and divided only at the end."""
    groups: defaultdict[tuple[int, int], list[Path]] = defaultdict(list)
    for path, weight in paths:
        groups[len(path), weight].append(path)
    rules = {length: rule(length) for length, _ in groups}
    sums: dict[int, list[Counter[Id]]] = {length: [Counter() for _ in parts] for length, parts in rules.items()}
    for (length, weight), alike in groups.items():
        for (_, part), part_sum in zip(rules[length], sums[length], strict=True):
            for touchpoint_id, count in Counter(chain.from_iterable(map(itemgetter(part), alike))).items():
                part_sum[touchpoint_id] += count * weight
    denominator = lcm(*(share.denominator for parts in rules.values() for share, _ in parts))
    totals: Counter[Id] = Counter()
    for length, parts in rules.items():
        for (share, _), part_sum in zip(parts, sums[length], strict=True):
            factor = share.numerator * (denominator // share.denominator)
            for touchpoint_id, count in part_sum.items():
                totals[touchpoint_id] += count * factor
    return {touchpoint_id: as_digits(number, denominator * unit) for touchpoint_id, number in totals.items()}
