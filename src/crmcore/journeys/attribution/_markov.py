"""Sharing conversions out by what would be lost without a touchpoint, by a Markov chain."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import Final, cast

import attrs

from crmcore.journeys.attribution._outcomes import Outcome, Way
from crmcore.journeys.attribution._result import Attribution, tidy
from crmcore.journeys.attribution._rules import W, read, result
from crmcore.primitives import checks
from crmcore.primitives._decimals import RATIO, WIDE, ZERO
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id

__all__ = ["PathEnd", "chain", "markov"]

_START: Final = -1
_CONVERSION: Final = -2
_NULL: Final = -3

_CONTEXT: Final = WIDE.copy()
_CONTEXT.prec = 57
"""34 digits and guard digits beyond: as nothing is ever subtracted, a step costs at most a unit of the last digit."""


class PathEnd(StrEnum):
    """How a way of touchpoints ends, in a Markov chain.

    Attributes:
        CONVERSION: At the goal.
        NULL: At nothing: no conversion followed.
    """

    CONVERSION = "conversion"
    NULL = "null"


def chain(outcomes: Mapping[W, Outcome], /, *, order: int = 1) -> dict[Way, dict[Way | PathEnd, Decimal]]:
    """Tell what follows each state, as shares that add up to one: the Markov chain that `markov` reckons with.

    A state is the tuple of the last touchpoints, as many as the order says, or fewer at the beginning; the empty tuple
    is the start. A touchpoint met twice running follows itself.

    Examples:
        >>> from crmcore.journeys.attribution import Outcome
        >>> steps = chain({("search", "email"): Outcome(conversions=1), ("search",): Outcome(nulls=3)})
        >>> steps[()]
        {('search',): Decimal('1')}
        >>> steps["search",]
        {('email',): Decimal('0.25'), <PathEnd.NULL: 'null'>: Decimal('0.75')}

    Args:
        outcomes: What each way led to, as `outcomes` gives it. The empty way has no touchpoint and is left aside.
        order: How many touchpoints back the chain remembers.

    Raises:
        InvalidValueError: An order below one.
        WrongTypeError: What is no mapping of ways to an `Outcome` each.

    Source: Anderl, Becker, von Wangenheim and Schumann 2016, Mapping the customer journey, International Journal of
    Research in Marketing 33(3):457-474.
    """
    read(outcomes)
    found = _counted(outcomes, _order(order))
    names: dict[int, Way | PathEnd] = {
        _CONVERSION: PathEnd.CONVERSION,
        _NULL: PathEnd.NULL,
        **dict(enumerate(found.states)),
    }
    shares: dict[Way, dict[Way | PathEnd, Decimal]] = {}
    for state, row in found.rows.items():
        whole = sum(row.values())
        start = () if state == _START else found.states[state]
        shares[start] = {names[target]: tidy(RATIO.divide(count, whole)) for target, count in row.items()}
    return shares


def markov(outcomes: Mapping[W, Outcome], /, *, order: int = 1) -> Attribution:
    """Share conversions by removal effects: by what would be lost if a touchpoint led nowhere.

    The ways become a Markov chain: from the start through states, each the last touchpoints that were met, to a
    conversion or to nothing. To remove a touchpoint is to lead to nothing whatever would enter a state that ends in it;
    everything else stays. Its removal effect is the share of the chain's conversions that this loses. All conversions
    are then shared out in proportion to the removal effects, which do not add up to one.

    The chain is solved, not simulated: the answer is the same every time, right to 34 digits, and loops go round for
    ever. Ways that led to no conversion count: without them every touchpoint would seem sure to convert. Some programs
    share each way's conversions among its own touchpoints, in proportion to the same effects, and get other numbers.

    Examples:
        >>> from crmcore.journeys.attribution import Outcome
        >>> ways = {
        ...     ("search", "social", "email"): Outcome(conversions=1),
        ...     ("search",): Outcome(nulls=1),
        ...     ("social", "email"): Outcome(nulls=1),
        ... }
        >>> earned = markov(ways)
        >>> earned.removal_effects
        (('email', Decimal('1')), ('social', Decimal('1')), ('search', Decimal('0.5')))
        >>> earned.credits
        (('email', Decimal('0.4')), ('social', Decimal('0.4')), ('search', Decimal('0.2')))
        >>> print(earned.explain())
        order                       1  touchpoints
        probability   0.3333333333...
        removal_1                   1  of email
        removal_2                   1  of social
        removal_3                 0.5  of search
        removals                  2.5                         = removal_1 + removal_2 + removal_3
        conversions                 1  conversions
        credit_1                  0.4  conversions of email   = conversions * removal_1 / removals
        credit_2                  0.4  conversions of social  = conversions * removal_2 / removals
        credit_3                  0.2  conversions of search  = conversions * removal_3 / removals
        unattributed                0  conversions

    A chain of a higher order knows more and needs more data: of order 2 there are as many states as there are pairs of
    touchpoints that were met one after the other. The time grows with the cube of the number of states.

    Args:
        outcomes: What each way led to, as `outcomes` gives it. The empty way has no touchpoint and is left aside.
        order: How many touchpoints back the chain remembers; it may be longer than all ways.

    Raises:
        CurrencyMismatchError: The ways brought money in two currencies.
        InvalidValueError: An order below one.
        WrongTypeError: What is no mapping of ways to an `Outcome` each.

    Source: Anderl, Becker, von Wangenheim and Schumann 2016, Mapping the customer journey, International Journal of
    Research in Marketing 33(3):457-474 (the removal effect, and shares in proportion to it). Grassmann, Taksar and
    Heyman 1985, Regenerative analysis and steady state distributions for Markov chains, Operations Research
    33(5):1107-1116 (elimination without subtraction).
    """
    steps = _order(order)
    found = read(outcomes)
    counted = _counted(outcomes, steps)
    walks = sum(counted.rows[_START].values()) if counted.rows else 0
    lost = dict.fromkeys(found.touchpoints, ZERO)
    whole = ZERO
    probability = ZERO if walks else None
    if found.conversions:
        with localcontext(_CONTEXT):
            removals = _removals(counted.network(), counted.blocks())
            lost |= {one: loss / (loss + rest) for one, (loss, rest) in removals.items()}
            probability = sum(next(iter(removals.values())), ZERO) / walks
            whole = sum(lost.values(), ZERO)
    shares = {one: WIDE.divide(effect, whole) for one, effect in lost.items() if whole}
    attribution = result(
        "markov",
        found,
        {one: tidy(WIDE.multiply(share, found.conversions)) for one, share in shares.items()},
        {one: tidy(WIDE.multiply(share, found.value.amount)) for one, share in shares.items()},
    )
    return attrs.evolve(
        attribution,
        order=steps,
        conversion_probability=None if probability is None else tidy(probability),
        removal_effects=[(one, tidy(effect)) for one, effect in lost.items()] if whole else (),
    )


def _order(order: int) -> int:
    steps = checks.as_count(order, "order")
    if not steps:
        raise InvalidValueError("order must be 1 or more: how many touchpoints back the chain remembers", order)
    return steps


_Rows = dict[int, dict[int, Decimal]]
_Into = dict[int, set[int]]
_Network = tuple[_Rows, _Into]
"""How much goes from where to where, and where each state is entered from."""


@attrs.frozen
class _Counted:
    """How often what followed what; states by number."""

    states: list[Way]
    rows: dict[int, dict[int, int]]

    def blocks(self) -> dict[Id, list[int]]:
        """The states that end in each touchpoint, those met last first: a way's end goes before its beginning."""
        blocks: defaultdict[Id, list[int]] = defaultdict(list)
        for number in reversed(range(len(self.states))):
            blocks[self.states[number][-1]].append(number)
        return dict(blocks)

    def network(self) -> _Network:
        """The counts as numbers to reckon with, without the loops from a state to itself, which change no chances."""
        rows: _Rows = {}
        into: _Into = {number: set() for number in range(len(self.states))}
        for state, row in self.rows.items():
            rows[state] = {target: Decimal(count) for target, count in row.items() if target != state}
            for target in rows[state]:
                if target >= 0:
                    into[target].add(state)
        return rows, into


def _counted(outcomes: Mapping[W, Outcome], order: int) -> _Counted:
    """Count each way as often as it was gone; a state is a touchpoint while counting, or a tuple of several."""
    follow: defaultdict[Id | Way, defaultdict[Id | Way, int]] = defaultdict(lambda: defaultdict(int))
    ends: defaultdict[Id | Way, list[int]] = defaultdict(lambda: [0, 0])
    for way, outcome in outcomes.items():
        times = outcome.conversions + outcome.nulls
        if way and times:
            row = follow[()]
            for state in way if order == 1 else _states(way, order):
                row[state] += times
                row = follow[state]
            end = ends[way[-1] if order == 1 else way[-order:]]
            end[0] += outcome.conversions
            end[1] += outcome.nulls
    numbers = {state: number for number, state in enumerate(follow, _START)}
    rows = {numbers[state]: {numbers[target]: count for target, count in row.items()} for state, row in follow.items()}
    for state, counts in ends.items():
        rows[numbers[state]] |= {end: count for end, count in zip((_CONVERSION, _NULL), counts, strict=True) if count}
    states = [cast("Way", state) if order > 1 else (cast("Id", state),) for state in follow if state != ()]
    return _Counted(states, rows)


def _states(way: Way, order: int) -> tuple[Way, ...]:
    return tuple([way[max(0, end - order) : end] for end in range(1, len(way) + 1)])


def _removals(network: _Network, blocks: dict[Id, list[int]]) -> dict[Id, tuple[Decimal, Decimal]]:
    """What reaches the goal only through each touchpoint, and what reaches it past that touchpoint.

    All states but a touchpoint's own are taken out, which leaves what the start leads to first: the goal, nothing, or
    one of its states. So that this need not begin anew for each touchpoint, half of them are taken out at a time.
    """
    if len(blocks) == 1:
        ((one, states),) = blocks.items()
        start = network[0][_START]
        past = start.pop(_CONVERSION, ZERO)
        _take_out(network, states)
        return {one: (start.get(_CONVERSION, ZERO), past)}
    names = [*blocks]
    found: dict[Id, tuple[Decimal, Decimal]] = {}
    for kept, gone in (halves := (names[::2], names[1::2])), halves[::-1]:
        rows, into = network
        smaller = {state: row.copy() for state, row in rows.items()}, {state: one.copy() for state, one in into.items()}
        _take_out(smaller, [state for name in gone for state in blocks[name]])
        found |= _removals(smaller, {name: blocks[name] for name in kept})
    return found


def _take_out(network: _Network, states: Iterable[int]) -> None:
    """Take states out of a network: what entered one goes straight on to where it leads, in the same proportions.

    Every way ends, so that something always leads out of a state.
    """
    rows, into = network
    for state in states:
        row, sources = rows.pop(state), into.pop(state)
        whole = sum(row.values(), ZERO)
        for target in row:
            if target >= 0:
                into[target].discard(state)
        for source in sources:
            other = rows[source]
            part = other.pop(state) / whole
            for target, number in row.items():
                if target in other:
                    other[target] += part * number
                elif target != source:
                    other[target] = part * number
                    if target >= 0:
                        into[target].add(source)
