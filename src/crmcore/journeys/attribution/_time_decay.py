"""The method that shares conversions out by how long before them a touch was."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from crmcore.journeys.attribution._attribution import Attribution, tidy
from crmcore.journeys.attribution._credits import Conversions, add_values, build_attribution
from crmcore.journeys.attribution._outcomes import Cutter, Worth
from crmcore.journeys.log import JourneyRecords
from crmcore.primitives import checks
from crmcore.primitives._decay import Decay
from crmcore.primitives._decimals import DEEP, ONE, WIDE, ZERO, sums
from crmcore.primitives.ids import Id
from crmcore.primitives.money import Money

__all__ = ["time_decay"]

_FINE: Final = Decimal("1E-80")
"""The unit to which shares are rounded: so fine that their sums are exact, and the order of adding does not matter."""


def time_decay(
    journeys: JourneyRecords,
    /,
    goal: Id,
    *,
    half_life: timedelta,
    channels: Iterable[Id] | None = None,
    first_only: bool = False,
    worth: Worth | None = None,
    within: timedelta | None = None,
    channel_within: Mapping[Any, timedelta] | None = None,
) -> Attribution:
    """Share each conversion among the touches of its path; the longer ago a touch was, the smaller its share.

    A touch weighs ``0.5 ** (time before the conversion / half_life)``, by elapsed time, and its share is its weight
    over the weights of the whole path. With a very long half-life all touches weigh the same, as in `linear`.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import Money, attribution, instant
        >>> log = [
        ...     ("anna", "search", instant("2026-03-01")),
        ...     ("anna", "social", instant("2026-03-08")),
        ...     ("anna", "email", instant("2026-03-15")),
        ...     ("anna", "purchase", instant("2026-03-15")),
        ... ]
        >>> found = attribution.time_decay(log, "purchase", half_life=timedelta(days=7), worth=Money(70, "EUR"))
        >>> found.split()
        (('email', Money('40.00', 'EUR')), ('social', Money('20.00', 'EUR')), ('search', Money('10.00', 'EUR')))

    Args:
        journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.
        goal: The touchpoint whose visit is the conversion.
        half_life: The time after which a touch weighs half, > 0. Web analytics commonly takes seven days.
        channels: The touchpoints that count; by default all. The goal stays the goal.
        first_only: Whether a journey ends with its first conversion, so that what comes after it is ignored.
        worth: What one conversion brings: an amount for each, or a function of the customer and the instant of the
            conversion, in UTC.
        within: How long before the conversion a touch still counts; None sets no limit.
        channel_within: The look-back windows of touchpoints for which `within` does not hold.

    Raises:
        CurrencyMismatchError: `worth` gives two currencies.
        InvalidValueError: `worth` gives a negative amount.
        UnknownNameError: The visits have the goal or a channel only in other capitals, with other spaces or of
            another type.
    """
    decay = Decay(checks.as_duration(half_life, "half_life"))
    cutter = Cutter(
        journeys,
        goal,
        channels=channels,
        first_only=first_only,
        worth=worth,
        within=within,
        channel_within=channel_within,
    )
    shares: defaultdict[str, list[Decimal]] = defaultdict(list)
    amounts: defaultdict[str, list[Decimal]] = defaultdict(list)
    values: list[Money] = []
    unattributed = 0
    for (path, times), value in zip(cutter.cut_with_times(), cutter.find_worths(), strict=False):
        if not path:
            unattributed += 1
            continue
        values.append(value)
        for letter, share in zip(path, _share_by_time(times, decay), strict=True):
            shares[letter].append(share)
            if value:
                amounts[letter].append(DEEP.quantize(DEEP.multiply(share, value.amount), _FINE))
    converted, unconverted, _ = cutter.cut()
    letters = cutter.journeys.letters
    used = {*"".join(converted), *"".join(unconverted)}
    conversions = Conversions(
        touchpoints={touchpoint_id for touchpoint_id, letter in letters.items() if letter in used},
        converted=[],
        count=len(values),
        unattributed=unattributed,
        value=add_values(values or ([worth * 0] if isinstance(worth, Money) else [])),
        cautions=cutter.list_cautions(converted, unconverted),
    )
    return build_attribution("time_decay", conversions, _add(shares, letters), _add(amounts, letters))


def _share_by_time(times: tuple[int, ...], decay: Decay) -> list[Decimal]:
    """Return the share of each touch; weights count from the last touch, as a common factor cancels out."""
    if len(times) == 1:
        return [ONE]
    weights = [decay.share_left(times[-1] - time) for time in times]
    whole = ZERO
    for weight in weights:
        whole = WIDE.add(whole, weight)
    return [WIDE.quantize(WIDE.divide(weight, whole), _FINE) for weight in weights]


def _add(numbers: Mapping[str, list[Decimal]], letters: Mapping[Id, str]) -> dict[Id, Decimal]:
    """Add the numbers of each touchpoint."""
    totals = dict(zip(numbers, sums(numbers.values()), strict=True))
    return {touchpoint_id: tidy(totals[letter]) for touchpoint_id, letter in letters.items() if letter in totals}
