"""Between instants and the wall times of a zone: when the calendar ends, and when the zone itself fails.

A zone of the caller may raise anything, or answer None, for which Python takes the zone of the machine. When a zone is
given, `checks.as_zone` asks it about two instants; these functions refuse it at any other. Near the first and the last
day of the calendar the answer may lie beyond it: that is None, and what it means is for the calling code to say.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, NoReturn

from crmcore.primitives import _clock
from crmcore.primitives.checks import at_fault, follows_pep_495
from crmcore.primitives.errors import InvalidValueError

_SOON: Final = _clock.EARLIEST + 2 * _clock.DAY
_LATE: Final = _clock.LATEST - 2 * _clock.DAY


def find_wall_time(at: datetime, zone: tzinfo, name: str = "tz") -> datetime | None:
    """Return what the clocks of a zone show at an instant in UTC, or None if the calendar ends there.

    Args:
        at: The instant.
        zone: The zone, which has passed `checks.as_zone`.
        name: The argument with the zone, for the error.
    """
    try:
        return at.astimezone(zone)
    except Exception as error:  # noqa: BLE001 - a zone of the caller may raise anything
        if is_at_the_ends(at, error):
            return None
        refuse_zone(zone, at, name, error)


def find_instant(wall: datetime, name: str = "tz") -> datetime | None:
    """Return the instant of a wall time in its zone, or None if UTC cannot express it.

    Args:
        wall: The wall time, in a zone that has passed `checks.as_zone`.
        name: The argument with the zone, for the error.
    """
    if not follows_pep_495(type(wall.tzinfo)) and find_offset(wall, name) is None:
        refuse_zone(wall.tzinfo, wall, name, None)
    try:
        return _clock.find_instant(wall)
    except Exception as error:  # noqa: BLE001 - a zone of the caller may raise anything
        if is_at_the_ends(wall, error):
            return None
        refuse_zone(wall.tzinfo, wall, name, error)


def find_offset(wall: datetime, name: str) -> timedelta | None:
    """Return the offset of a wall time in its zone."""
    try:
        return wall.utcoffset()
    except Exception as error:  # noqa: BLE001 - a zone of the caller may raise anything
        refuse_zone(wall.tzinfo, wall, name, error)


def is_at_the_ends(at: datetime, error: Exception) -> bool:
    """Return whether an error of a conversion means that the calendar ends, not that the zone fails."""
    return isinstance(error, OverflowError | ValueError) and not _SOON <= at.replace(tzinfo=UTC) <= _LATE


def refuse_zone(zone: tzinfo | None, at: datetime, name: str, error: Exception | None) -> NoReturn:
    """Refuse a zone that fails at a time."""
    raise InvalidValueError(
        "zone_fails_at_a_time",
        f"{name} must know its offset from UTC at any time, got a zone of type {type(zone).__name__} that has none at "
        f"{at.replace(tzinfo=None).isoformat(' ')}",
        **at_fault(name),
        advice="give a zone such as zoneinfo.ZoneInfo('Europe/Riga')",
    ) from error
