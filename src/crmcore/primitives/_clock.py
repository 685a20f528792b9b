"""Durations as exact numbers, and instants as whole microseconds since 1970 in UTC."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from crmcore.primitives._decimals import EXACT, RATIO, ZERO

MICROSECOND: Final = timedelta(microseconds=1)
DAY: Final = timedelta(days=1)
NO_TIME: Final = timedelta(0)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
LATEST: Final = datetime.max.replace(tzinfo=UTC)

MICROSECONDS_A_SECOND: Final = 1_000_000
SECONDS_A_DAY: Final = 86_400
MICROSECONDS_A_DAY: Final = SECONDS_A_DAY * MICROSECONDS_A_SECOND


def microseconds(length: timedelta) -> int:
    """Return a duration in microseconds."""
    return length // MICROSECOND


def seconds(microseconds: int) -> Decimal:
    """Convert microseconds to seconds, exactly."""
    return EXACT.divide(microseconds, MICROSECONDS_A_SECOND)


def days(microseconds: int) -> Decimal:
    """Convert microseconds to days of 24 hours, to 34 digits."""
    return EXACT.add(RATIO.divide(microseconds, MICROSECONDS_A_DAY), ZERO)


def since_epoch(instant: datetime) -> int:
    """Convert an instant to microseconds since 1970 in UTC."""
    return (instant - EPOCH) // MICROSECOND


def from_epoch(microseconds: int) -> datetime:
    """Convert microseconds since 1970 to an instant in UTC."""
    return EPOCH + timedelta(microseconds=microseconds)
