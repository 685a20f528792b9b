"""Sharing conversions out by how long before them a touch was."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from crmcore.journeys.attribution._outcomes import Cut, Worth
from crmcore.journeys.attribution._result import Attribution, tidy
from crmcore.journeys.attribution._rules import Read, result, total
from crmcore.journeys.log import JourneyRecords
from crmcore.primitives import checks
from crmcore.primitives._decay import Decay
from crmcore.primitives._decimals import DEEP, ONE, WIDE, ZERO, sums
from crmcore.primitives.ids import Id
from crmcore.primitives.money import Money

__all__ = ["time_decay"]

_FINE: Final = Decimal("1E-80")
"""To what a touch's share is rounded: so finely that sums of shares are exact and their order plays no part."""


def time_decay(
    journeys: JourneyRecords,
    /,
    goal: Id,
    *,
    half_life: timedelta,
    channels: Iterable[Id] | None = None,
    first_only: bool = False,
    worth: Worth | None = None,
) -> Attribution:
    """Share each conversion among the touches of its way, the less the longer ago they were.

    A touch weighs ``0.5 ** (time before the conversion / half_life)``, by real instants, and the weights of a way are
    taken as shares of their sum. With a very long half-life all touches weigh the same, as in `linear`.

    Examples:
        >>> from crmcore import instant
        >>> log = [
        ...     ("anna", "search", instant("2026-03-01")),
        ...     ("anna", "social", instant("2026-03-08")),
        ...     ("anna", "email", instant("2026-03-15")),
        ...     ("anna", "purchase", instant("2026-03-15")),
        ... ]
        >>> earned = time_decay(log, "purchase", half_life=timedelta(days=7), worth=Money(70, "EUR"))
        >>> earned.split()
        (('email', Money('40.00', 'EUR')), ('social', Money('20.00', 'EUR')), ('search', Money('10.00', 'EUR')))

    Args:
        journeys: What customers did, as for `outcomes`.
        goal: The touchpoint whose visit is the conversion.
        half_life: The time after which a touch weighs half; seven days are the custom of web analytics.
        channels: As for `outcomes`.
        first_only: As for `outcomes`.
        worth: As for `outcomes`.

    Raises:
        CurrencyMismatchError: As for `outcomes`.
        InvalidValueError: As for `outcomes`, or a half-life of nought or less.
        WrongTypeError: As for `outcomes`.
    """
    decay = Decay(checks.as_duration(half_life, "half_life"))
    cut = Cut(journeys, goal, channels=channels, first_only=first_only, worth=worth)
    earned: defaultdict[str, list[Decimal]] = defaultdict(list)
    amounts: defaultdict[str, list[Decimal]] = defaultdict(list)
    values: list[Money] = []
    unattributed = 0
    for (way, times), value in zip(cut.timed(), cut.worths(), strict=False):
        if not way:
            unattributed += 1
            continue
        values.append(value)
        for letter, share in zip(way, _shares(times, decay), strict=True):
            earned[letter].append(share)
            if value:
                amounts[letter].append(DEEP.quantize(DEEP.multiply(share, value.amount), _FINE))
    converted, left = cut.words()
    letters = cut.journeys.letters
    used = {*"".join(converted), *"".join(left)}
    found = Read(
        touchpoints={one for one, letter in letters.items() if letter in used},
        converted=[],
        conversions=len(values),
        unattributed=unattributed,
        value=total(values or ([worth * 0] if isinstance(worth, Money) else [])),
    )
    return result("time_decay", found, _added(earned, letters), _added(amounts, letters))


def _shares(times: tuple[int, ...], decay: Decay) -> list[Decimal]:
    """The share of each touch: as only shares count, the last touch weighs one, however long before the end it was."""
    if len(times) == 1:
        return [ONE]
    weights = [decay.share_left(times[-1] - time) for time in times]
    whole = ZERO
    for weight in weights:
        whole = WIDE.add(whole, weight)
    return [WIDE.quantize(WIDE.divide(weight, whole), _FINE) for weight in weights]


def _added(lists: Mapping[str, list[Decimal]], letters: Mapping[Id, str]) -> dict[Id, Decimal]:
    """The sum for each touchpoint."""
    added = dict(zip(lists, sums(lists.values()), strict=True))
    return {one: tidy(added[letter]) for one, letter in letters.items() if letter in added}
