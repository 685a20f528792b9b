"""Wall times and zones as fields of calendars: how they are read, and when two zones are equal."""

from __future__ import annotations

import re
from datetime import time, tzinfo
from typing import Annotated, Final

import attrs

from crmcore.primitives import _clock
from crmcore.primitives._kinds import is_a
from crmcore.primitives.checks import at_fault, describe
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.record import Kind

WALL_TIME: Final = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"


def as_wall_time(value: object, name: str) -> str:
    """Return a wall time from 00:00 to 23:59 as text."""
    return read_wall_time(value, name, WALL_TIME, "from 00:00 to 23:59")


def read_wall_time(value: object, name: str, pattern: str, wanted: str) -> str:
    """Return a wall time as text, with seconds only if it has any."""
    if is_a(value, time):
        value = value.isoformat()
    if not is_a(value, str):
        raise WrongTypeError(
            "not_a_wall_time",
            f"{name} must have times such as '09:00', got {describe(value)}",
            **at_fault(name),
            advice="give a text, or a datetime.time",
        )
    if not re.fullmatch(pattern, value):
        raise InvalidValueError(
            "no_such_wall_time",
            f"{name} must have times {wanted}, got {describe(value)}",
            **at_fault(name),
            advice="write it as '09:00' or '09:00:30'; the end of a day is '24:00'",
            operands=(describe(value),),
        )
    return value[:5] if value[5:] == ":00" else value[:8]


WallTime = Annotated[str, Kind(as_wall_time, {"pattern": f"^{WALL_TIME}$"})]
"""A time of the day, by the clock on the wall."""


@attrs.frozen
class _WithoutName:
    """A zone without a name: it is equal to those that it says it is equal to. Some of them cannot be hashed."""

    zone: tzinfo

    def __hash__(self) -> int:
        return 0


def by_zone(zone: tzinfo) -> str | _WithoutName:
    """Return the key by which the zones of calendars compare: ``attrs.field(eq=by_zone)``."""
    return _clock.find_zone_name(zone) or _WithoutName(zone)
