"""The method that shares conversions out by what would be lost without a touchpoint, by a Markov chain."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import Final, cast

import attrs

from crmcore.journeys.attribution._attribution import Attribution, tidy
from crmcore.journeys.attribution._credits import P, build_attribution, read_conversions
from crmcore.journeys.attribution._outcomes import Outcome, Path
from crmcore.primitives import checks
from crmcore.primitives._decimals import RATIO, WIDE, ZERO
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id

__all__ = ["PathEnd", "chain", "markov"]

_START: Final = -1
_CONVERSION: Final = -2
_NULL: Final = -3
_MOST_STATES: Final = 5_000

_CONTEXT: Final = WIDE.copy()
_CONTEXT.prec = 57
"""34 digits and guard digits: nothing is ever subtracted, so each step loses at most one unit of the last digit."""


class PathEnd(StrEnum):
    """The end of a path, as a state of a Markov chain.

    Attributes:
        CONVERSION: The path led to the goal.
        NULL: No conversion followed.
    """

    CONVERSION = "conversion"
    NULL = "null"


def chain(outcomes: Mapping[P, Outcome], /, *, order: int = 1) -> dict[Path, dict[Path | PathEnd, Decimal]]:
    """Return what follows each state, as shares that add up to 1: the Markov chain that `markov` solves.

    A state is the tuple of the last touchpoints, as many as `order` says, or fewer at the beginning. The empty tuple is
    the start. A touchpoint met twice in a row follows itself.

    Examples:
        >>> from crmcore import Outcome, attribution
        >>> steps = attribution.chain({("search", "email"): Outcome(conversions=1), ("search",): Outcome(nulls=3)})
        >>> steps[()]
        {('search',): Decimal('1')}
        >>> steps["search",]
        {('email',): Decimal('0.25'), <PathEnd.NULL: 'null'>: Decimal('0.75')}

    Args:
        outcomes: What each path led to, as `outcomes` gives it. The empty path does not have a touchpoint and is left
            out.
        order: How many touchpoints back the chain remembers, >= 1.

    Raises:
        InvalidValueError: An order below 1.
        WrongTypeError: `outcomes` is not a mapping of paths to an `Outcome` each.

    Source: Anderl, Becker, von Wangenheim and Schumann 2016, Mapping the customer journey, International Journal of
    Research in Marketing 33(3):457-474.
    """
    read_conversions(outcomes)
    transitions = _count_transitions(outcomes, _as_order(order))
    names: dict[int, Path | PathEnd] = {
        _CONVERSION: PathEnd.CONVERSION,
        _NULL: PathEnd.NULL,
        **dict(enumerate(transitions.states)),
    }
    shares: dict[Path, dict[Path | PathEnd, Decimal]] = {}
    for state, row in transitions.rows.items():
        whole = sum(row.values())
        start = () if state == _START else transitions.states[state]
        shares[start] = {names[target]: tidy(RATIO.divide(count, whole)) for target, count in row.items()}
    return shares


def markov(outcomes: Mapping[P, Outcome], /, *, order: int = 1) -> Attribution:
    """Share conversions by removal effects: by what would be lost if a touchpoint led nowhere.

    The paths become a Markov chain: from the start through states, each the last touchpoints that were met, to a
    conversion or to no conversion. To remove a touchpoint is to send everything that would enter a state ending in it
    to no conversion; the rest stays. Its removal effect is the share of the chain's conversions that this loses. All
    conversions are then shared out in proportion to the removal effects, which do not add up to 1.

    The chain is solved, not simulated: the answer is the same every time, exact to 34 digits, and covers loops of any
    length. Paths without a conversion matter: without them every touchpoint would seem certain to convert. Some
    programs share each path's conversions among its own touchpoints, in proportion to the same effects, and get other
    numbers.

    Examples:
        >>> from crmcore import Outcome, attribution
        >>> paths = {
        ...     ("search", "social", "email"): Outcome(conversions=1),
        ...     ("search",): Outcome(nulls=1),
        ...     ("social", "email"): Outcome(nulls=1),
        ... }
        >>> found = attribution.markov(paths)
        >>> found.removal_effects
        (('email', Decimal('1')), ('social', Decimal('1')), ('search', Decimal('0.5')))
        >>> found.credits
        (('email', Decimal('0.4')), ('social', Decimal('0.4')), ('search', Decimal('0.2')))
        >>> print(found.explain())
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
    touchpoints that were met one after the other. Where every state leads to every other, the time grows with the cube
    of their number: half a second for a hundred states, half a minute for four hundred. Where few lead to few, some
    thousands take seconds. More than 5,000 states are refused.

    Args:
        outcomes: What each path led to, as `outcomes` gives it. The empty path does not have a touchpoint and is left
            out.
        order: How many touchpoints back the chain remembers, >= 1; it may be longer than all paths.

    Raises:
        CurrencyMismatchError: The paths brought money in two currencies.
        InvalidValueError: An order below 1, or more than 5,000 states.
        WrongTypeError: `outcomes` is not a mapping of paths to an `Outcome` each.

    Source: Anderl, Becker, von Wangenheim and Schumann 2016, Mapping the customer journey, International Journal of
    Research in Marketing 33(3):457-474 (the removal effect, and shares in proportion to it). Grassmann, Taksar and
    Heyman 1985, Regenerative analysis and steady state distributions for Markov chains, Operations Research
    33(5):1107-1116 (elimination without subtraction).
    """
    memory = _as_order(order)
    conversions = read_conversions(outcomes)
    transitions = _count_transitions(outcomes, memory)
    if len(transitions.states) > _MOST_STATES:
        raise InvalidValueError(
            "too_many_states",
            f"outcomes must have at most {_MOST_STATES:,} states of a Markov chain, got {len(transitions.states):,}",
            field="outcomes",
            advice="give similar touchpoints one id, such as the pages of one kind, or take a lower order",
            operands=(_MOST_STATES, len(transitions.states)),
        )
    paths = sum(transitions.rows[_START].values()) if transitions.rows else 0
    effects = dict.fromkeys(conversions.touchpoints, ZERO)
    whole = ZERO
    probability = ZERO if paths else None
    if conversions.count:
        with localcontext(_CONTEXT):
            removals = _split_by_touchpoint(transitions.build_network(), transitions.group_states())
            effects |= {touchpoint_id: lost / (lost + kept) for touchpoint_id, (lost, kept) in removals.items()}
            probability = sum(next(iter(removals.values())), ZERO) / paths
            whole = sum(effects.values(), ZERO)
    shares = {touchpoint_id: WIDE.divide(effect, whole) for touchpoint_id, effect in effects.items() if whole}
    attribution = build_attribution(
        "markov",
        conversions,
        {touchpoint_id: tidy(WIDE.multiply(share, conversions.count)) for touchpoint_id, share in shares.items()},
        {
            touchpoint_id: tidy(WIDE.multiply(share, conversions.value.amount))
            for touchpoint_id, share in shares.items()
        },
    )
    return attrs.evolve(
        attribution,
        order=memory,
        conversion_probability=None if probability is None else tidy(probability),
        removal_effects=[(one, tidy(effect)) for one, effect in effects.items()] if whole else (),
    )


def _as_order(order: int) -> int:
    return checks.as_count(order, "order", least=1)


_Rows = dict[int, dict[int, Decimal]]
_Sources = dict[int, set[int]]
_Network = tuple[_Rows, _Sources]
"""How much goes from each state to each other, and from which states each state is entered."""


@attrs.frozen
class _Transitions:
    """How often each state was followed by each other; states by number."""

    states: list[Path]
    rows: dict[int, dict[int, int]]

    def group_states(self) -> dict[Id, list[int]]:
        """Group the states by the touchpoint they end in, the last met first: so the end of a path goes out first."""
        groups: defaultdict[Id, list[int]] = defaultdict(list)
        for number in reversed(range(len(self.states))):
            groups[self.states[number][-1]].append(number)
        return dict(groups)

    def build_network(self) -> _Network:
        """Build the network of the counts, without loops from a state to itself, which change no probability."""
        rows: _Rows = {}
        sources: _Sources = {number: set() for number in range(len(self.states))}
        for state, row in self.rows.items():
            rows[state] = {target: Decimal(count) for target, count in row.items() if target != state}
            for target in rows[state]:
                if target >= 0:
                    sources[target].add(state)
        return rows, sources


def _count_transitions(outcomes: Mapping[P, Outcome], order: int) -> _Transitions:
    """Count each path as often as it was taken; while counting, a state of order 1 is its touchpoint, not a tuple."""
    followers: defaultdict[Id | Path, defaultdict[Id | Path, int]] = defaultdict(lambda: defaultdict(int))
    ends: defaultdict[Id | Path, list[int]] = defaultdict(lambda: [0, 0])
    for path, outcome in outcomes.items():
        times = outcome.conversions + outcome.nulls
        if path and times:
            row = followers[()]
            for state in path if order == 1 else _list_states(path, order):
                row[state] += times
                row = followers[state]
            end = ends[path[-1] if order == 1 else path[-order:]]
            end[0] += outcome.conversions
            end[1] += outcome.nulls
    numbers = {state: number for number, state in enumerate(followers, _START)}
    rows = {
        numbers[state]: {numbers[target]: count for target, count in row.items()} for state, row in followers.items()
    }
    for state, counts in ends.items():
        rows[numbers[state]] |= {end: count for end, count in zip((_CONVERSION, _NULL), counts, strict=True) if count}
    states = [cast("Path", state) if order > 1 else (cast("Id", state),) for state in followers if state != ()]
    return _Transitions(states, rows)


def _list_states(path: Path, order: int) -> tuple[Path, ...]:
    return tuple([path[max(0, end - order) : end] for end in range(1, len(path) + 1)])


def _split_by_touchpoint(network: _Network, groups: dict[Id, list[int]]) -> dict[Id, tuple[Decimal, Decimal]]:
    """Return, for each touchpoint, what reaches the goal only through it, and what reaches the goal without it.

    Divide and conquer: all states but those of one touchpoint are eliminated, which leaves what the start leads to
    first, the goal or that touchpoint. To share the work between touchpoints, half of them are eliminated at a time.
    """
    if len(groups) == 1:
        ((touchpoint_id, states),) = groups.items()
        start = network[0][_START]
        without = start.pop(_CONVERSION, ZERO)
        _eliminate(network, states)
        return {touchpoint_id: (start.get(_CONVERSION, ZERO), without)}
    names = [*groups]
    result: dict[Id, tuple[Decimal, Decimal]] = {}
    for kept, removed in (halves := (names[::2], names[1::2])), halves[::-1]:
        rows, sources = network
        copy = {state: row.copy() for state, row in rows.items()}, {state: of.copy() for state, of in sources.items()}
        _eliminate(copy, [state for name in removed for state in groups[name]])
        result |= _split_by_touchpoint(copy, {name: groups[name] for name in kept})
    return result


def _eliminate(network: _Network, states: Iterable[int]) -> None:
    """Eliminate states from a network: what entered a state goes on to where it leads, in the same proportions.

    Every path ends, so that something always leads out of a state.
    """
    rows, sources = network
    for state in states:
        row, entered_from = rows.pop(state), sources.pop(state)
        whole = sum(row.values(), ZERO)
        for target in row:
            if target >= 0:
                sources[target].discard(state)
        for source in entered_from:
            other = rows[source]
            part = other.pop(state) / whole
            for target, number in row.items():
                if target in other:
                    other[target] += part * number
                elif target != source:
                    other[target] = part * number
                    if target >= 0:
                        sources[target].add(source)
