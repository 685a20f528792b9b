"""Journeys that began less than a window ago: what they lead to is not known yet, so they are counted apart."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from crmcore.journeys.log import Journeys, leave_out
from crmcore.primitives import _clock, checks
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.periods import check_not_after, in_utc

__all__: list[str] = []  # for the rooms of this wing


def read_window(within: timedelta | None, as_of: datetime | None, *, alone: bool) -> tuple[int | None, int | None]:
    """Check a window and a reference date, and return both in microseconds.

    Args:
        within: The length of the window.
        as_of: The reference date, which needs a window.
        alone: Whether a window says something without a reference date.
    """
    length = None if within is None else _clock.microseconds(checks.as_duration(within, "within"))
    until = None if as_of is None else _clock.since_epoch(in_utc(checks.as_instant(as_of, "as_of")))
    if until is not None and length is None:
        raise InvalidValueError(
            "as_of_without_within",
            "within must be given together with as_of, because it says which journeys are still open",
            field="within",
            advice="say how long a journey may take, such as within=timedelta(days=30)",
        )
    if length is not None and until is None and not alone:
        raise InvalidValueError(
            "within_without_as_of",
            "as_of must be given together with within, because it says how far the log reaches",
            field="as_of",
            advice="name the instant up to which all visits are known",
        )
    return length, until


def check_open(count: int, as_of: int | None) -> None:
    """Refuse open journeys or paths without a reference date."""
    if count and as_of is None:
        raise InconsistentCountsError(
            "open_without_as_of",
            f"open must be 0 without as_of, got {count}",
            field="open",
            advice="name the reference date",
            operands=(count,),
        )


def check_known(log: Journeys, as_of: int) -> None:
    """Refuse a visit after the reference date."""
    for customer_id, times in zip(log.customer_ids, log.times, strict=True):
        if times and times[-1] > as_of:
            check_not_after(_clock.from_epoch(as_of), _clock.from_epoch(times[-1]), "journeys", customer_id)


def split_open(
    log: Journeys, starts: Sequence[int | None], within: int | None, as_of: int | None
) -> tuple[Journeys, list[str]]:
    """Return the journeys that began at least a window ago, and the paths of the others.

    Args:
        log: The journeys.
        starts: When each began; None if it has not begun.
        within: The window in microseconds.
        as_of: The reference date in microseconds; None if no journey counts as open.
    """
    if within is None or as_of is None:
        return log, []
    check_known(log, as_of)
    is_open = [start is not None and start > as_of - within for start in starts]
    paths = [path for path, apart in zip(log.paths, is_open, strict=True) if apart]
    return (leave_out(log, is_open) if paths else log), paths


def list_starts(log: Journeys) -> list[int | None]:
    """List when each journey began: its first visit; None if it has no visits."""
    return [times[0] if times else None for times in log.times]
