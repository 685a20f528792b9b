"""How JSON writes the values that it has no form for: exact numbers, instants, dates, durations, zones.

Numbers are texts, because a JSON number loses digits. Times are ISO 8601. A zone is
its name in the time zone database or its offset.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

import attrs

from crmcore.primitives import _clock, checks
from crmcore.primitives._bounds import MOST_DIGITS
from crmcore.primitives._decimals import plain
from crmcore.primitives.checks import at_fault, describe, show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.periods import in_utc

_MINUTE: Final = timedelta(minutes=1)
_PARTS: Final = re.compile(
    r"(?P<sign>[+-]?)P(?=.)(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,12})H)?(?:(?P<minutes>\d{1,12})M)?(?:(?P<seconds>\d{1,15}(?:\.\d{1,6}0*)?)S)?)?",
    re.ASCII,
)
_SECONDS: Final = r"\d{1,12}(\.\d{1,6}0*)?S"
_TIME: Final = rf"T(\d{{1,8}}H(\d{{1,10}}M)?({_SECONDS})?|\d{{1,10}}M({_SECONDS})?|{_SECONDS})"
DURATION: Final = rf"^[+-]?P((\d{{1,7}}W(\d{{1,8}}D)?|[0-8]?\d{{1,8}}D)({_TIME})?|{_TIME})$"
"""The pattern of a duration, without years and months, which differ in length. No match is too long for a timedelta."""


_OFFSET: Final = r"[+-]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{6})?)?"
ZONE: Final = rf"^([A-Za-z][A-Za-z0-9_+/-]{{0,99}}|{_OFFSET})$"
"""The pattern of the name of a zone."""


@attrs.frozen
class Form:
    """How a type is written as text.

    Attributes:
        format: The format that JSON Schema knows, if it knows one.
        example: A text, for errors.
        parse: Reads a text, or raises a ValueError.
        write: Writes a value.
        pattern: The pattern of the texts, if the format has not got one.
    """

    format: str | None
    example: str
    parse: Callable[[str], Any]
    write: Callable[[Any], str]
    pattern: str | None = None


def _parse_duration(text: str) -> timedelta:
    found = _PARTS.fullmatch(text)
    if found is None:
        raise ValueError(text)
    parts = {name: Decimal(part) for name, part in found.groupdict().items() if part and name != "sign"}
    seconds = int(parts.pop("seconds", Decimal(0)) * _clock.MICROSECONDS_A_SECOND)
    length = timedelta(microseconds=seconds, **{name: int(part) for name, part in parts.items()})
    return -length if found["sign"] == "-" else length


def _write_duration(duration: timedelta) -> str:
    """Write a duration in days and seconds, which every reader understands in the same way."""
    sign, size = ("-", -duration) if duration < _clock.NO_TIME else ("", duration)
    part = f".{size.microseconds:06}" if size.microseconds else ""
    return f"{sign}P{size.days}D" + (f"T{size.seconds}{part}S" if size % _clock.DAY else "")


def _write_instant(moment: datetime) -> str:
    """Write an instant; in UTC if its offset is not in whole minutes, which RFC 3339 cannot write."""
    is_whole = not cast("timedelta", moment.utcoffset()) % _MINUTE
    return (moment if is_whole else in_utc(moment)).isoformat()


def _parse_zone(text: str) -> tzinfo:
    if re.fullmatch(_OFFSET, text):
        size = datetime.fromisoformat(f"1970-01-01T{text[1:]}+00:00") - _clock.EPOCH
        return timezone(-size if text[0] == "-" else size)
    if not re.fullmatch(ZONE, text):
        raise ValueError(text)
    return UTC if text == "UTC" else ZoneInfo(text)


def _write_zone(zone: tzinfo) -> str:
    name = _clock.find_zone_name(zone)
    if name is None:
        raise InvalidValueError(
            "zone_without_name",
            f"zone must have a name to be written, got an object of type {type(zone).__name__}",
            field="zone",
            advice="take zoneinfo.ZoneInfo(...)",
        )
    return name


FORMS: Final[dict[type, Form]] = {
    date: Form("date", "2026-03-01", date.fromisoformat, date.isoformat),
    datetime: Form("date-time", "2026-03-01T12:00:00+01:00", datetime.fromisoformat, _write_instant),
    timedelta: Form("duration", "P30D", _parse_duration, _write_duration, DURATION),
    tzinfo: Form(None, "Europe/Riga", _parse_zone, _write_zone, ZONE),
}


def parse(value: object, kind: type, name: str) -> object:
    """Return the date, instant, duration or zone of a text, and any other value as it is.

    A zone is looked up in the time zone database of the machine.

    Raises:
        InvalidValueError: The text is not ISO 8601, or no zone has that name.
    """
    form = FORMS[kind]
    if not isinstance(value, str):
        return value
    try:
        return form.parse(value)
    except (KeyError, OSError, ValueError, OverflowError):  # a folder of zones is no zone
        if kind is tzinfo:
            raise InvalidValueError(
                "unknown_zone",
                f"{name} must be the name of a time zone such as {form.example}, or an offset, got {describe(value)}",
                **at_fault(name),
                operands=(describe(value),),
            ) from None
        raise InvalidValueError(
            "not_iso_8601",
            f"{name} must be ISO 8601 such as {form.example}, got {describe(value)}",
            **at_fault(name),
            operands=(describe(value),),
        ) from None


def check_exact(value: object, name: str) -> None:
    """Refuse a JSON number where an exact number is due. It is written as a text, whether it has a fraction or not.

    Raises:
        WrongTypeError: The value is a number of JSON.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise WrongTypeError(
            "number_not_as_text",
            f"{name} must be a text such as '20.50', because a number of JSON is not exact, got {show(value)}",
            **at_fault(name),
            operands=(value,),
        )


def read_decimal(value: object, name: str, *, floats: bool) -> Decimal:
    """Return an exact number of any size; see `check_exact`."""
    if not floats:
        check_exact(value, name)
    return checks.as_decimal(value, name, floats=floats)


def _write_decimal(number: Decimal) -> str:
    """Write a number without an exponent, which the patterns of the schemas leave out, unless it is out of bounds."""
    return f"{number:f}" if -MOST_DIGITS <= number.adjusted() <= MOST_DIGITS else plain(number)


WRITE: Final[dict[type, Callable[[Any], str]]] = {
    Decimal: _write_decimal,
    **{kind: form.write for kind, form in FORMS.items()},
}
"""How each of these types is written."""
