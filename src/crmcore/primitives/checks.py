"""Checks of the values that callers give: one for each kind of value, with an error that says what to do.

A function `as_x` returns the value in the form that the library keeps. A function `check_x` returns None. Classes that
are built by the million check the usual case themselves, and call these functions for everything else.
"""

import math
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, Inexact, InvalidOperation, Overflow
from enum import Enum
from itertools import islice
from typing import Any, Final, TypeVar, cast

from crmcore.primitives import _clock
from crmcore.primitives._decimals import EXACT, FINEST, MOST_DECIMALS, ONE, ZERO, plain
from crmcore.primitives.errors import InvalidValueError, NaiveInstantError, WrongTypeError

__all__: list[str] = []  # for the library alone

_E = TypeVar("_E", bound=Enum)
_T = TypeVar("_T")

LARGEST: Final = Decimal("1E+30")
SMALLEST: Final = Decimal("-1E+30")
_GATE: Final = EXACT.copy()
_GATE.prec = 30 + 1 + MOST_DECIMALS
_LONGEST_TEXT: Final = 200
_HUNDRED: Final = Decimal(100)
_HUNDREDTH: Final = Decimal("0.01")
_CHUNK: Final = 16_384
_SHOWN: Final = 40
_LARGEST_INT: Final = 10**30


def show(value: object) -> str:
    """Return a short and safe text of a value for a message; only the type unless it is a number, text or time."""
    if isinstance(value, int) and not isinstance(value, Enum) and abs(value) > _LARGEST_INT:
        return f"an int of {value.bit_length()} bits"
    if isinstance(value, Decimal):
        text = f"Decimal('{plain(value)}')"
    elif isinstance(value, datetime | date):
        text = _show_date(value)
    elif isinstance(value, str | int | float | timedelta) or value is None:
        text = repr(value[: _SHOWN + 1]) if type(value) is str else repr(value)
    else:
        return f"an object of type {type(value).__name__}"
    return text if len(text) <= _SHOWN + 2 else f"{text[:_SHOWN]}..."


def _show_date(value: date) -> str:
    try:
        return value.isoformat()
    except Exception:  # noqa: BLE001 - a zone of the caller may raise anything
        return type(value).__name__


def number(value: Decimal | int | str) -> Decimal:
    """Return a value unchanged; its types tell type checkers what a field accepts. The class converts it later."""
    return cast("Decimal", value)


def fraction(value: Decimal | int | str | float) -> Decimal:
    """Return a value unchanged, as `number` does; for shares and rates, which may be floats."""
    return cast("Decimal", value)


def set_field(record: object, name: str, value: object) -> None:
    """Set a field of a frozen record while it is built."""
    object.__setattr__(record, name, value)


def as_decimal(value: object, name: str, *, floats: bool = False) -> Decimal:
    """Return any finite number as an exact Decimal; a float only if `floats` is true, by its shortest repr."""
    given = value
    if isinstance(value, float):
        if not floats and not math.isfinite(value):
            raise WrongTypeError(f"{name} must be a finite number, got {value!r}", name, value)
        if not floats:
            raise WrongTypeError(
                f"{name} must not be a float ({show(value)}): a float is only an approximation; "
                f"give a Decimal, an int or a str, here {float.__repr__(value)!r}",
                name,
                value,
            )
        value = float.__repr__(value)
    if isinstance(value, str) and not isinstance(value, Enum):
        if len(value) > _LONGEST_TEXT:
            raise InvalidValueError(f"{name} must be a number of at most {_LONGEST_TEXT} characters", name)
        try:
            value = Decimal(value, EXACT)
        except InvalidOperation:
            example = (
                "as '0.05' for 5 per cent" if floats else "as '1234.56', with a point, without separators or a unit"
            )
            raise InvalidValueError(
                f"{name} must be a number, got {show(value)}; write it {example}", name, value
            ) from None
    elif not isinstance(value, Decimal):
        value = Decimal(_as_int(value, name, f"a Decimal, an int{', a float' if floats else ''} or a str"))
    if not value.is_finite():
        raise InvalidValueError(f"{name} must be a finite number, got {show(given)}", name)
    try:
        return EXACT.plus(value)
    except (Inexact, Overflow):
        raise InvalidValueError(f"{name} must have at most {EXACT.prec} digits", name) from None


def as_exact(value: object, name: str) -> Decimal:
    """Return a number that sums keep exact: at most 10^30, with at most 40 decimals, not a float."""
    result = as_decimal(value, name)
    try:
        _GATE.quantize(result, FINEST)
    except (InvalidOperation, Inexact):
        within = False
    else:
        within = SMALLEST <= result <= LARGEST
    if not within:
        raise InvalidValueError(
            f"{name} must be at most 10^30 with at most {MOST_DECIMALS} decimals, got {show(result)}; "
            f"round it first, for example with Decimal.quantize",
            name,
            result,
        )
    return EXACT.add(result, ZERO)


def as_non_negative(value: object, name: str) -> Decimal:
    """Return an exact number that is >= 0."""
    result = as_exact(value, name)
    if result < 0:
        raise InvalidValueError(f"{name} must be >= 0, got {show(result)}", name, result)
    return result


def as_positive(value: object, name: str) -> Decimal:
    """Return an exact number that is > 0."""
    result = as_exact(value, name)
    if result <= 0:
        raise InvalidValueError(f"{name} must be > 0, got {show(result)}", name, result)
    return result


def as_share(value: object, name: str) -> Decimal:
    """Return a share, from 0 to 1. A float means its shortest repr."""
    result = as_decimal(value, name, floats=True)
    if not ZERO <= result <= ONE:
        advice = advise_share(result, "5 per cent is '0.05'")
        raise InvalidValueError(f"{name} must be a fraction from 0 to 1, got {show(result)}; {advice}", name, result)
    return result


def advise_share(value: Decimal, example: str) -> str:
    """Return the advice for a share that was perhaps given in per cent: its own figures if it is above 1, to 100."""
    text = plain(value)
    if not ONE < value <= _HUNDRED or len(text) > _SHOWN:
        return example
    return f"{text} per cent is {plain(EXACT.normalize(EXACT.multiply(value, _HUNDREDTH)))!r}"


def as_confidence(value: object) -> float:
    """Return a confidence, strictly between 0 and 1."""
    result = as_decimal(value, "confidence", floats=True)
    if not ZERO < result < ONE:
        advice = "95 per cent is 0.95" if result == _HUNDRED else advise_share(result, "95 per cent is 0.95")
        raise InvalidValueError(
            f"confidence must lie between 0 and 1, got {show(result)}; {advice}", "confidence", result
        )
    return float(result)


def _as_int(value: object, name: str, wanted: str) -> int:
    if not isinstance(value, bool):
        try:
            result = operator.index(cast("Any", value))
        except TypeError:
            pass
        else:
            if abs(result) > _LARGEST_INT:
                raise InvalidValueError(f"{name} must be at most 10^30 in size, got {show(result)}", name)
            return result
    raise WrongTypeError(f"{name} must be {wanted}, got {show(value)}", name)


def as_count(value: object, name: str) -> int:
    """Return a whole number that is >= 0. A bool or a float is refused."""
    result = _as_int(value, name, "a whole number (int)")
    if result < 0:
        raise InvalidValueError(f"{name} must be >= 0, got {show(result)}", name, result)
    return result


def as_instant(value: object, name: str) -> datetime:
    """Return a datetime that has a time zone and lies in the years that UTC can express."""
    if not isinstance(value, datetime):
        advice = "; a date or a text becomes one with instant(..., tz=...)" if isinstance(value, date | str) else ""
        raise WrongTypeError(f"{name} must be an aware datetime, got {show(value)}{advice}", name)
    try:
        aware = value.utcoffset() is not None
        if aware:
            value.astimezone(UTC)
    except (
        Exception
    ) as error:  # pandas.NaT is a datetime whose utcoffset() raises, and a zone of the caller may raise anything
        raise InvalidValueError(f"{name} is not a time that UTC can express, from the year 1 to 9999", name) from error
    if not aware:
        raise NaiveInstantError(
            f"{name} must carry a time zone, got naive {show(value)}; use instant(..., tz=UTC) or .replace(tzinfo=...)",
            name,
            value,
        )
    return value


def as_duration(value: object, name: str) -> timedelta:
    """Return a timedelta that is > 0."""
    if not isinstance(value, timedelta):
        raise WrongTypeError(f"{name} must be a timedelta, got {show(value)}; write timedelta(days=...)", name)
    if not value > _clock.NO_TIME:
        raise InvalidValueError(f"{name} must be > 0, got {show(value)}", name)
    return value


def as_member(value: object, enum: type[_E], name: str) -> _E:
    """Return a member of an enum. The error names the members, and the right one for its text."""
    if not isinstance(value, enum):
        members = ", ".join(m.name for m in enum)
        meant = [m for m in enum if type(value) is str and value.casefold() in (m.value, m.name.casefold())]
        advice = f"; write {enum.__name__}.{meant[0].name}, or {enum.__name__}({meant[0].value!r})" if meant else ""
        raise WrongTypeError(f"{name} must be a member of {enum.__name__} ({members}), got {show(value)}{advice}", name)
    return value


def as_members(values: object, enum: type[_E], name: str) -> frozenset[_E]:
    """Return members of an enum, from any iterable, as a frozenset."""
    given = iterate(cast("Iterable[object]", values), name, f"{enum.__name__} member")
    return frozenset(as_member(value, enum, f"each of {name}") for value in given)


def as_instance(value: object, kind: type[_T], name: str) -> _T:
    """Return an instance of a class of this library."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        bare = kind.__name__ == "Money" and isinstance(value, Decimal | int | float | str)
        advice = "; give it a currency: Money(amount, currency)" if bare else ""
        raise WrongTypeError(f"{name} must be {article} {kind.__name__}, got {show(value)}{advice}", name)
    return value


def iterate(values: Iterable[_T], name: str, kind: str) -> Iterator[_T]:
    """Return an iterator over the values of the caller; a single record, a text or a mapping is refused."""
    if isinstance(values, Mapping):
        raise WrongTypeError(f"{name} must be several {kind}s, got a mapping; take its .values()", name)
    try:
        if not isinstance(values, str):
            return iter(values)
    except TypeError:
        pass
    raise WrongTypeError(
        f"{name} must be several {kind}s, such as a list, got {show(values)}; put a single one into a list", name
    )


def iterate_chunks(values: Iterable[_T], name: str, kind: str) -> Iterator[list[_T]]:
    """Yield the values of the caller in lists of some thousands, because lists are faster to sum than iterators."""
    walk = iterate(values, name, kind)
    while chunk := list(islice(walk, _CHUNK)):
        yield chunk


def check_callable(value: object, name: str, example: str) -> None:
    """Refuse a value that cannot be called, such as the name of an attribute instead of a key function."""
    if not callable(value):
        raise WrongTypeError(f"{name} must be a function, such as {example}, got {show(value)}", name)


def as_tuple(values: object, kind: type[_T], name: str) -> tuple[_T, ...]:
    """Return the instances of one type in any iterable, in order."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise WrongTypeError(f"{name} must be several {kind.__name__}s, such as a list, got {show(values)}", name)
    return tuple(as_instance(value, kind, f"each of {name}") for value in cast("Iterable[object]", values))


def as_pair(value: object, name: str, parts: str, *, advice: str = "", personal: bool = False) -> tuple[object, object]:
    """Return the two parts of one entry of a collection of pairs.

    Args:
        value: The entry.
        name: What the collection is called.
        parts: What the two parts are, such as ``"a name and a price"``.
        advice: What the caller can do, for the error.
        personal: Whether the entry may contain personal data; the message then shows only its type.
    """
    pair = cast("tuple[object, ...]", value)
    if not isinstance(value, tuple | list) or len(pair) != 2:
        given = f"an object of type {type(pair).__name__}" if personal else show(pair)
        hint = f"; {advice}" if advice else ""
        raise WrongTypeError(f"each of {name} must be a pair of {parts}, got {given}{hint}", name)
    return pair[0], pair[1]


def check_unique(values: Sequence[object], name: str, what: str, advice: str = "") -> None:
    """Refuse a name or id that occurs twice, or that cannot be hashed and so names nothing."""
    try:
        distinct = len(set(values))
    except TypeError:
        raise WrongTypeError(f"{name} must each have {what} that can be hashed", name) from None
    if distinct < len(values):
        twice = next(value for number, value in enumerate(values) if value in values[:number])
        hint = f"; {advice}" if advice else ""
        raise InvalidValueError(
            f"{name} must each have {what} of their own, {show(twice)} comes twice{hint}", name, twice
        )


def as_date(value: object, name: str) -> date:
    """Return a date. A datetime is refused, because its day depends on a zone."""
    if isinstance(value, datetime) or not isinstance(value, date):
        advice = "; a text becomes one with date.fromisoformat(...)" if isinstance(value, str) else ""
        if isinstance(value, datetime):
            advice = "; take the date it falls on in your time zone"
        raise WrongTypeError(f"{name} must be a date, got {show(value)}{advice}", name)
    return value


def as_zone(value: object, name: str = "tz") -> tzinfo:
    """Return a time zone."""
    if not isinstance(value, tzinfo):
        raise WrongTypeError(
            f"{name} must be a tzinfo such as zoneinfo.ZoneInfo('Europe/Riga'), got {show(value)}", name
        )
    return value


def as_text(value: object, name: str) -> str:
    """Return a str. The message never shows the value, because it may be personal."""
    if not isinstance(value, str):
        raise WrongTypeError(f"{name} must be a str, got an object of type {type(value).__name__}", name)
    return value


def as_nonempty_text(value: object, name: str) -> str:
    """Return a str that is not empty; it is never shown in the message."""
    text = as_text(value, name)
    if not text:
        raise InvalidValueError(f"{name} must not be empty", name)
    return text


def as_texts(values: object, name: str) -> frozenset[str]:
    """Return the texts of any iterable, none of them empty. A single text is refused, because it iterates letters."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise WrongTypeError(
            f"{name} must be several texts, such as a list of str, got an object of type {type(values).__name__}", name
        )
    result = frozenset(as_text(value, f"each of {name}") for value in cast("Iterable[object]", values))
    if "" in result:
        raise InvalidValueError(f"none of {name} may be empty", name)
    return result


def sorted_repr(values: frozenset[str]) -> str:
    """Return the `repr` of a frozenset with its members in order, the same in every process."""
    return f"frozenset({{{', '.join(map(repr, sorted(values)))}}})" if values else "frozenset()"
