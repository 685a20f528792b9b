"""The Shapley value: of the conversions of paths, and of any game that is given coalition by coalition."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from math import factorial
from typing import Final, TypeVar, cast

from crmcore.journeys.attribution._attribution import Attribution, tidy
from crmcore.journeys.attribution._credits import P, read_conversions, share_equally, share_out
from crmcore.journeys.attribution._outcomes import Outcome
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, RATIO, ZERO, sums
from crmcore.primitives._nearest import sort_key
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.ids import Id, as_id

__all__ = ["shapley", "shapley_value"]

_C = TypeVar("_C", bound=frozenset[Id])

_MOST_PLAYERS: Final = 16


def shapley(outcomes: Mapping[P, Outcome], /) -> Attribution:
    """Share conversions by the Shapley value: what each touchpoint adds, averaged over all orders of joining.

    Here a coalition is worth the conversions of the paths whose touchpoints all belong to it. For this game the Shapley
    value has a short form: each path's conversions are shared equally among its different touchpoints, however often
    and in whatever order they were met. For a game with other worths use `shapley_value`.

    Examples:
        >>> from crmcore import Outcome, attribution
        >>> paths = {("search",): Outcome(conversions=4), ("search", "email"): Outcome(conversions=6)}
        >>> attribution.shapley(paths).credits
        (('search', Decimal('7')), ('email', Decimal('3')))

    Args:
        outcomes: What each path led to, as `outcomes` gives it.

    Raises:
        CurrencyMismatchError: The paths brought money in two currencies.
        WrongTypeError: `outcomes` is not a mapping of paths to an `Outcome` each.

    Source: Shapley 1953, A Value for n-Person Games, Contributions to the Theory of Games II, 307-317 (the game is a
    sum of unanimity games, one for each path, and the value of a sum is the sum of the values).
    """
    return share_out("shapley", read_conversions(outcomes), share_equally, lambda path: tuple({*path}))


def shapley_value(worth: Mapping[_C, Decimal | int | str], /) -> tuple[tuple[Id, Decimal], ...]:
    """Share out what all players reach together, by what each adds, averaged over all orders of joining.

    Examples:
        >>> from crmcore import attribution
        >>> game = {("organic",): 7, ("facebook",): 6, ("organic", "facebook"): 15}
        >>> attribution.shapley_value({frozenset(coalition): worth for coalition, worth in game.items()})
        (('organic', Decimal('8')), ('facebook', Decimal('7')))

    The shares add up to what all players reach together. A share is negative if the player does harm. The players are
    in the order in which `worth` first names them, those of one coalition by the text of their ids.

    Args:
        worth: What every coalition of the players reaches by itself. The empty coalition reaches 0 and may be left out.

    Raises:
        InvalidValueError: A coalition is missing, the empty one is not worth 0, or there are over 16 players, who form
            more than 65,536 coalitions.
        WrongTypeError: `worth` is not a mapping, or a coalition is not a frozenset.

    Source: Shapley 1953, A Value for n-Person Games, Contributions to the Theory of Games II, 307-317.
    """
    game = _as_game(worth)
    players = list(dict.fromkeys(player for coalition in game for player in sorted(coalition, key=sort_key)))
    n = len(players)
    if n > _MOST_PLAYERS:
        raise InvalidValueError(
            "too_many_players",
            f"worth must have at most {_MOST_PLAYERS} players, got {n}",
            field="worth",
            advice="give similar ones one id, or share conversions with attribution.shapley(outcomes)",
            operands=(n,),
        )
    if missing := 2**n - 1 - len(game):
        raise InvalidValueError(
            "coalition_missing",
            f"worth must name each of the {2**n - 1} coalitions of {n} players, got {missing} too few",
            field="worth",
            advice="a coalition that reaches nothing is worth 0",
            operands=(missing,),
        )
    worths: list[list[Decimal]] = [[] for _ in range(n + 1)]
    worths_with: dict[tuple[Id, int], list[Decimal]] = {
        (player, size): [] for player in players for size in range(1, n + 1)
    }
    for coalition, number in game.items():
        size = len(coalition)
        worths[size].append(number)
        for player in coalition:
            worths_with[player, size].append(number)
    total = sums(worths)
    total_with = dict(zip(worths_with, sums(worths_with.values()), strict=True))
    values: list[tuple[Id, Decimal]] = []
    for player in players:
        # a coalition of s with a player counts (s - 1)! (n - s)! / n!, one of s without it minus s! (n - s - 1)! / n!
        parts = [ZERO]
        for size in range(1, n + 1):
            inside = total_with[player, size]
            parts.append(EXACT.multiply(inside, factorial(size - 1) * factorial(n - size)))
            if size < n:
                outside = EXACT.subtract(total[size], inside)
                parts.append(EXACT.multiply(outside, -factorial(size) * factorial(n - size - 1)))
        values.append((player, tidy(RATIO.divide(sums([parts])[0], factorial(n)))))
    return tuple(values)


def _as_game(worth: object) -> dict[frozenset[Id], Decimal]:
    """Check the worth of every coalition, and return those of all but the empty one."""
    if not isinstance(worth, Mapping):
        raise WrongTypeError(
            "worth_not_a_mapping",
            f"worth must be a mapping of coalitions to numbers, got {describe(worth)}",
            field="worth",
        )
    game: dict[frozenset[Id], Decimal] = {}
    for place, (coalition, given) in enumerate(cast("Mapping[object, object]", worth).items()):
        if not isinstance(coalition, frozenset):
            raise WrongTypeError(
                "coalition_not_a_frozenset",
                f"each coalition must be a frozenset of ids, got {describe(coalition)}",
                field="worth",
                record=place,
                advice="write frozenset({'email'})",
            )
        for player in cast("Iterable[object]", coalition):
            as_id(player, f"worth[{place}].player")
        number = checks.as_exact(given, f"worth[{place}]")
        if coalition:
            game[cast("frozenset[Id]", coalition)] = number
        elif number:
            raise InvalidValueError(
                "empty_coalition_has_worth",
                f"the empty coalition must be worth 0, got {show(number)}",
                field="worth",
                record=place,
                operands=(number,),
            )
    return game
