"""The Shapley value of a game that is given coalition by coalition."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from math import factorial
from typing import Final, TypeVar, cast

from crmcore.journeys.attribution._result import by_text, tidy
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, RATIO, ZERO, sums
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.ids import Id, check_id

__all__ = ["shapley_value"]

_C = TypeVar("_C", bound=frozenset[Id])

_MOST_PLAYERS: Final = 16


def shapley_value(worth: Mapping[_C, Decimal | int | str], /) -> tuple[tuple[Id, Decimal], ...]:
    """Share out what everybody reaches together, by what each adds, averaged over all orders of joining.

    Examples:
        >>> game = {("organic",): 7, ("facebook",): 6, ("organic", "facebook"): 15}
        >>> shapley_value({frozenset(coalition): worth for coalition, worth in game.items()})
        (('organic', Decimal('8')), ('facebook', Decimal('7')))

    Shares add up to what all reach together. They may be below nought, of those who do harm. They stand in the order in
    which the players come in `worth`, those of one coalition by the text of their ids.

    Args:
        worth: What every coalition of the players reaches by itself. The empty one reaches nothing and may be left out.

    Raises:
        InvalidValueError: A coalition is missing, the empty one reaches something, or there are over 16 players, whose
            coalitions are more than 65,536.
        WrongTypeError: What is no mapping of frozensets of ids to numbers.

    Source: Shapley 1953, A Value for n-Person Games, Contributions to the Theory of Games II, 307-317.
    """
    game = _game(worth)
    players = list(dict.fromkeys(one for coalition in game for one in sorted(coalition, key=by_text)))
    n = len(players)
    if n > _MOST_PLAYERS:
        raise InvalidValueError(
            f"worth must be of at most {_MOST_PLAYERS} players, got {n}; put like ones together, "
            "or share conversions with attribution.shapley(outcomes)",
            n,
        )
    if missing := 2**n - 1 - len(game):
        raise InvalidValueError(
            f"worth must name each of the {2**n - 1} coalitions of {n} players; {missing} are missing, "
            "and one that reaches nothing is worth 0",
            missing,
        )
    with_one: dict[tuple[Id, int], list[Decimal]] = {(one, size): [] for one in players for size in range(1, n + 1)}
    of_size: list[list[Decimal]] = [[] for _ in range(n + 1)]
    for coalition, number in game.items():
        size = len(coalition)
        of_size[size].append(number)
        for one in coalition:
            with_one[one, size].append(number)
    whole = sums(of_size)
    found = dict(zip(with_one, sums(with_one.values()), strict=True))
    values: list[tuple[Id, Decimal]] = []
    for one in players:
        # a coalition of s with a player counts (s - 1)! (n - s)! / n!, one of s without it minus s! (n - s - 1)! / n!
        parts = [ZERO]
        for size in range(1, n + 1):
            inside = found[one, size]
            parts.append(EXACT.multiply(inside, factorial(size - 1) * factorial(n - size)))
            if size < n:
                outside = EXACT.subtract(whole[size], inside)
                parts.append(EXACT.multiply(outside, -factorial(size) * factorial(n - size - 1)))
        values.append((one, tidy(RATIO.divide(sums([parts])[0], factorial(n)))))
    return tuple(values)


def _game(worth: object) -> dict[frozenset[Id], Decimal]:
    """The worth of every coalition but the empty one, checked."""
    if not isinstance(worth, Mapping):
        raise WrongTypeError(f"worth must be a mapping of coalitions to numbers, got {show(worth)}", "worth")
    game: dict[frozenset[Id], Decimal] = {}
    for coalition, given in cast("Mapping[object, object]", worth).items():
        if not isinstance(coalition, frozenset):
            raise WrongTypeError(
                f"each coalition must be a frozenset of ids, got {show(coalition)}; write frozenset({{'email'}})"
            )
        for one in cast("Iterable[object]", coalition):
            check_id(one, "each player", required=True)
        number = checks.as_exact(given, "the worth of a coalition")
        if coalition:
            game[cast("frozenset[Id]", coalition)] = number
        elif number:
            raise InvalidValueError(f"the empty coalition must be worth nought, got {show(number)}", number)
    return game
