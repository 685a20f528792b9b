"""Rules against turning to a customer too often, for surveys and for all other contacts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

import attrs

from crmcore.primitives import _clock, checks
from crmcore.primitives._results import Result
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.periods import by_utc, in_utc
from crmcore.primitives.record import Record, at_least

_L = TypeVar("_L", bound="Limit")


@attrs.frozen(kw_only=True)
class Limit(Record):
    """At most so many times within a time.

    Attributes:
        at_most: How many of them are allowed within the time, >= 1.
        within: The time, in elapsed hours: a day is 24 hours, also when the clocks change. After exactly this time an
            event no longer counts.
    """

    at_most: Annotated[int, at_least(1)] = 1
    within: timedelta

    def find_end(self, times: Iterable[datetime], now: datetime) -> datetime | None:
        """Return when the limit stops to forbid another event, or None if it does not forbid it.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import AskLimit, instant
            >>> rest = AskLimit(within=timedelta(days=30))
            >>> rest.find_end([instant("2026-01-05")], instant("2026-02-01")).isoformat()
            '2026-02-04T00:00:00+00:00'

        Args:
            times: When the events were that it counts, none after now.
            now: The instant of the question.
        """
        given = enumerate(checks.iterate(times, "times", "instant"))
        moments = [in_utc(checks.as_instant(at, f"times[{place}]")) for place, at in given]
        return _find_end(self, moments, in_utc(checks.as_instant(now, "now")))


def _find_end(limit: Limit, times: Iterable[datetime], now: datetime) -> datetime | None:
    counted = sorted(times)
    if len(counted) < limit.at_most:
        return None
    # The last but so many: when it leaves the time, fewer than are allowed are left.
    end = _clock.add(counted[-limit.at_most], limit.within) or _clock.LATEST
    return end if end > now else None


def find_blocking(counted: Iterable[tuple[_L, Iterable[datetime]]], now: datetime) -> tuple[datetime | None, list[_L]]:
    """Return from when all limits allow another event, None for now, and those that forbid it.

    Args:
        counted: Each limit with when the events were that it counts, none after now.
        now: The instant of the question.
    """
    ends = [(limit, _find_end(limit, times, now)) for limit, times in counted]
    blocking = [(limit, end) for limit, end in ends if end is not None]
    return max((end for _, end in blocking), default=None), [limit for limit, _ in blocking]


@attrs.frozen(kw_only=True)
class Decision(Result):
    """Whether something is allowed, if not from when. A subclass has the limits that forbid it in `blocked_by`.

    Attributes:
        as_of: The instant of the question.
        allowed_from: The first instant at which no limit forbids it, if nothing else happens; `as_of` if it is allowed.
    """

    ratios = ("allowed",)

    as_of: datetime = attrs.field(eq=by_utc)
    allowed_from: datetime = attrs.field(eq=by_utc)

    def _check(self) -> None:
        super()._check()
        now, later = in_utc(self.as_of), in_utc(self.allowed_from)
        if later < now or (later > now) is self.allowed:
            raise InvalidValueError(
                "allowed_at_another_time",
                "allowed_from must be as_of unless a limit forbids it, and later if one does",
                field="allowed_from",
                operands=(self.as_of, self.allowed_from),
            )

    @property
    def allowed(self) -> bool:
        """Whether no limit forbids it at `as_of`."""
        limits: Any = self
        return not limits.blocked_by
