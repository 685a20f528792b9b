"""How long customers stay at a touchpoint before they visit the next."""

from collections import Counter, defaultdict
from decimal import Decimal
from operator import sub
from typing import Annotated

import attrs

from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.primitives import _clock
from crmcore.primitives._decimals import ZERO, plain_repr, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.ids import Id
from crmcore.primitives.record import NON_NEGATIVE, number
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["DwellTime", "dwell_times"]


@attrs.frozen(kw_only=True)
class DwellTime(Tally):
    """Number of stays at one touchpoint, and their total time. Records of disjoint journeys can be added.

    Examples:
        >>> from crmcore import DwellTime
        >>> DwellTime(stays=4, seconds=120).seconds_each
        Decimal('30')

    The last visit of a journey is not a stay: no visit follows it, so its length is unknown.

    Attributes:
        stays: Visits that another visit followed.
        seconds: The time until those next visits, in total, exact.

    Raises:
        InconsistentCountsError: Time without a stay.
    """

    ratios = ("seconds_each",)

    stays: int = 0
    seconds: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ZERO, converter=number, repr=plain_repr)

    def _check(self) -> None:
        super()._check()
        if self.seconds and not self.stays:
            raise InconsistentCountsError(
                "time_without_a_stay",
                f"stays must be > 0 if there are seconds, got 0 and {show(self.seconds)} seconds",
                field="stays",
                advice="count the stays too",
                operands=(self.seconds,),
            )

    @property
    def seconds_each(self) -> Decimal | None:
        """The mean time of a stay, ``seconds / stays``; None if `stays` is 0."""
        return ratio(self.seconds, self.stays)

    def explain(self) -> Explanation:
        """Explain the mean, line by line."""
        return Explanation(
            (
                term("stays", self.stays, "visits"),
                term("seconds", self.seconds, "seconds"),
                term("seconds_each", self.seconds_each, "seconds", "seconds / stays"),
            )
        )


def dwell_times(journeys: JourneyRecords, /) -> TallyBy[Id, DwellTime]:
    """Add up the time from each visit to the next, by the touchpoint of the first of the two.

    A pause of a night or a week says more about the customer's life than about the touchpoint. Cut the log into
    sessions first with `Journeys.sessions`.

    Examples:
        >>> from crmcore import instant, paths
        >>> clock = {"shelf": "10:00", "queue": "10:05", "till": "10:20"}
        >>> rows = [("anna", touchpoint, instant(f"2026-03-02T{time}")) for touchpoint, time in clock.items()]
        >>> times = paths.dwell_times(rows)
        >>> times["queue"].seconds_each, times["till"].stays
        (Decimal('900'), 0)

    Args:
        journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.
    """
    log = Journeys.of(journeys)
    microseconds: defaultdict[str, int] = defaultdict(int)
    for path, times in zip(log.paths, log.times, strict=True):
        for letter, stay in zip(path, map(sub, times[1:], times), strict=False):
            microseconds[letter] += stay
    visits = Counter("".join(log.paths))
    ends = Counter([path[-1] for path in log.paths if path])
    return TallyBy(
        {
            touchpoint_id: DwellTime(stays=visits[letter] - ends[letter], seconds=_clock.seconds(microseconds[letter]))
            for touchpoint_id, letter in log.letters.items()
            if visits[letter]
        }
    )
