"""Adapters of the golden cases of journeys: from the inputs of a case to the answer, named as in its `expected`.

An adapter turns text into the library's types and picks fields of the answer. It computes only the instants of
touches that are given as days before a conversion.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from crmcore import Id, Outcome, PathEnd, TallyBy, attribution, instant
from crmcore.journeys.attribution import Attribution

_CONVERSION: Final = instant("2026-03-02")
_GOAL: Final = "(conversion)"
_ENDS: Final = {PathEnd.CONVERSION: "(conversion)", PathEnd.NULL: "(null)"}

Paths = TallyBy[tuple[Id, ...], Outcome]


def _number(value: Any) -> Decimal:
    """Return a number as it is written."""
    return Decimal(str(value))


def _paths(inputs: Any) -> list[dict[str, Any]]:
    """Return the paths, which are given alone, beside options, or as a single path."""
    if isinstance(inputs, list):
        return inputs
    paths = inputs.get("paths", inputs)
    return paths if isinstance(paths, list) else [paths]


def _option(inputs: Any, *names: str) -> dict[str, Any]:
    """Return the options that a case names; without them the defaults of the library hold."""
    return {name: inputs[name] for name in names if name in inputs} if isinstance(inputs, dict) else {}


def _outcomes(inputs: Any) -> Paths:
    """Count each path by itself, as a path may come twice."""
    return TallyBy(
        (tuple(one["path"]), Outcome(conversions=one.get("conversions", 0), nulls=one.get("nulls", 0)))
        for one in _paths(inputs)
    )


def _credits(earned: Attribution) -> dict[Id, Decimal]:
    return dict(earned.credits)


def _markov(inputs: Any) -> dict[Id, Any]:
    outcomes, options = _outcomes(inputs), _option(inputs, "order")
    earned = attribution.markov(outcomes, **options)
    return {
        "transition_matrix": {
            _state(state): {_ENDS[to] if isinstance(to, PathEnd) else _state(to): share for to, share in row.items()}
            for state, row in attribution.chain(outcomes, **options).items()
        },
        "p_conversion": earned.conversion_probability,
        "removal_effects": dict(earned.removal_effects),
        "weights": {one: earned.share(one) for one, _ in earned.credits},
        "attributed_conversions": _credits(earned),
        **_credits(earned),
    }


def _state(state: tuple[Id, ...]) -> str:
    return " > ".join(map(str, state)) or "(start)"


def _shapley(inputs: Any) -> dict[Id, Decimal]:
    """Share paths out, or a game of coalitions, each written as the names of its players joined by plus signs."""
    game: Any = inputs.get("game", inputs.get("coalitions", inputs)) if isinstance(inputs, dict) else inputs
    if isinstance(game, list) or "paths" in game or "path" in game:
        return _credits(attribution.shapley(_outcomes(game)))
    coalitions = {_coalition(players): _number(worth) for players, worth in game.items()}
    return dict(attribution.shapley_value(coalitions))


def _coalition(names: str) -> frozenset[Id]:
    return frozenset(one.split(" (")[0].strip() for one in names.split("+") if one.strip())


def _time_decay(inputs: Any) -> dict[Id, Decimal]:
    half_life = timedelta(days=inputs["half_life_days"])
    rows = [
        (f"{number} {copy}", touchpoint, _CONVERSION - timedelta(days=days))
        for number, one in enumerate(_paths(inputs))
        for copy in range(one.get("conversions", 1))
        for touchpoint, days in zip(
            (*one["path"], _GOAL), (*one.get("days_before_conversion", inputs.get("days", ())), 0), strict=True
        )
    ]
    return _credits(attribution.time_decay(rows, _GOAL, half_life=half_life))


ADAPTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "attribution.first": lambda inputs: _credits(attribution.first(_outcomes(inputs))),
    "attribution.last": lambda inputs: _credits(attribution.last(_outcomes(inputs))),
    "attribution.last_non_direct": lambda inputs: _credits(
        attribution.last_non_direct(_outcomes(inputs), direct=inputs["direct"])
    ),
    "attribution.linear": lambda inputs: _credits(attribution.linear(_outcomes(inputs))),
    "attribution.markov": _markov,
    "attribution.position": lambda inputs: _credits(
        attribution.position(_outcomes(inputs), **_option(inputs, "first", "last"))
    ),
    "attribution.shapley": _shapley,
    "attribution.time_decay": _time_decay,
}
"""The adapter of each label."""
