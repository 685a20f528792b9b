"""How long customers stay at a touchpoint before they come to the next."""

from collections import Counter, defaultdict
from decimal import Decimal
from operator import sub
from typing import Final

import attrs

from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ZERO, plain_repr, ratio
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.ids import Id
from crmcore.primitives.tally import Tally, TallyBy, check_counts, check_sums

__all__ = ["DwellTime", "dwell_times"]

_MICROSECONDS: Final = 1_000_000


@attrs.frozen(kw_only=True)
class DwellTime(Tally):
    """Adds over disjoint journeys: the time from a visit to the next, at one touchpoint.

    Examples:
        >>> DwellTime(stays=4, seconds=120).seconds_each
        Decimal('30')

    The last visit of a journey has no next, and so no time that anybody knows.

    Attributes:
        stays: Visits that another followed.
        seconds: The time until then, all together, exactly.

    Raises:
        InconsistentCountsError: Time without a stay.
        InvalidValueError: A negative number.
    """

    ratios = ("seconds_each",)

    stays: int = 0
    seconds: Decimal = attrs.field(default=ZERO, converter=checks.number, repr=plain_repr)

    def __attrs_post_init__(self) -> None:
        check_counts(self, "stays")
        check_sums(self, "seconds")
        if self.seconds and not self.stays:
            raise InconsistentCountsError("there is no stay that could have taken the seconds; count it", "stays")

    @property
    def seconds_each(self) -> Decimal | None:
        """The mean time of a stay, ``seconds / stays``; None of none."""
        return ratio(self.seconds, self.stays)

    def explain(self) -> Explanation:
        """How the mean comes about, line by line."""
        return Explanation(
            (
                term("stays", self.stays, "visits"),
                term("seconds", self.seconds, "seconds"),
                term("seconds_each", self.seconds_each, "seconds", "seconds / stays"),
            )
        )


def dwell_times(journeys: JourneyRecords, /) -> TallyBy[Id, DwellTime]:
    """The time from a visit to the next, by the touchpoint of the first.

    Over nights and weeks it says more of customers' lives than of the touchpoint: cut the log into sessions first
    (`Journeys.sessions`).

    Examples:
        >>> from crmcore import instant
        >>> clock = {"shelf": "10:00", "queue": "10:05", "till": "10:20"}
        >>> times = dwell_times(("anna", at, instant(f"2026-03-02T{time}")) for at, time in clock.items())
        >>> times["queue"].seconds_each, times["till"].stays
        (Decimal('900'), 0)

    Args:
        journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.

    Raises:
        InvalidValueError: As for `Journeys.of`.
        WrongTypeError: As for `Journeys.of`.
    """
    log = Journeys.of(journeys)
    microseconds: defaultdict[str, int] = defaultdict(int)
    for word, times in zip(log.paths, log.times, strict=True):
        for sign, time in zip(word, map(sub, times[1:], times), strict=False):
            microseconds[sign] += time
    visits = Counter("".join(log.paths))
    ends = Counter([word[-1] for word in log.paths if word])
    return TallyBy(
        {
            touchpoint_id: DwellTime(
                stays=visits[sign] - ends[sign], seconds=EXACT.divide(microseconds[sign], _MICROSECONDS)
            )
            for touchpoint_id, sign in log.letters.items()
            if visits[sign]
        }
    )
