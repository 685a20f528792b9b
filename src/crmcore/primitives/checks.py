"""Checks of the values that callers give: one for each kind of value, with an error that says what to do.

A function `as_x` returns the value in the form that the library keeps. A function `check_x` returns None. Classes that
are built by the million check the usual case themselves, and call these functions for everything else.
"""

import math
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, Inexact, InvalidOperation, Overflow
from enum import Enum
from itertools import islice
from typing import Annotated, Any, Final, TypeVar, cast, get_args, get_origin

from crmcore.primitives import _bounds, _clock
from crmcore.primitives._decimals import EXACT, FINEST, MOST_DECIMALS, ONE, ZERO, plain
from crmcore.primitives._kinds import is_a
from crmcore.primitives._shown import as_sentence, name_of
from crmcore.primitives.errors import InvalidValueError, NaiveInstantError, WrongTypeError

__all__: list[str] = []  # for the library alone

_E = TypeVar("_E", bound=Enum)
_T = TypeVar("_T")

LARGEST: Final = Decimal(_bounds.LARGEST)
SMALLEST: Final = Decimal(-_bounds.LARGEST)
_GATE: Final = EXACT.copy()
_GATE.prec = 30 + 1 + MOST_DECIMALS
_LONGEST_TEXT: Final = _bounds.MOST_DIGITS + 200
"""The characters of a number as a text, so that every figure is read again as it is written."""
_HUNDRED: Final = Decimal(100)
_HUNDREDTH: Final = Decimal("0.01")
_CHUNK: Final = 16_384
_SHOWN: Final = 40
_TEXTS: Final = (str, bytes, bytearray, memoryview)
_SINGLE: Final = "put a single one into a list"
_MODULES_OF_PEP_495: Final = frozenset({"zoneinfo", "zoneinfo._zoneinfo"})
_PROBES: Final = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 7, 1, tzinfo=UTC))
_LARGEST_INT: Final = _bounds.LARGEST
_GIVEN: Final = EXACT.copy()
_GIVEN.prec = _bounds.MOST_DIGITS
_NEAREST: Final = Decimal((0, (1,), _bounds.NEAREST_CONFIDENCE))


def show(value: object) -> str:  # noqa: PLR0911 - one return for each kind of value
    """Return a short and safe text of a value for a message; only the type unless it is a number, text or time.

    It raises nothing and runs no code of the caller but that of an enum, a date or a zone: it asks for the real class
    of the value, not for the one that the value claims.
    """
    kind = type(value)
    if issubclass(kind, Enum):
        return _cut(_show_member(cast("Enum", value)))
    if issubclass(kind, str):
        return _cut(repr(str.__getitem__(cast("str", value), slice(_SHOWN + 1))))
    if issubclass(kind, Decimal):
        return _cut(plain(cast("Decimal", value)))
    if issubclass(kind, date):
        return _cut(_show_date(cast("date", value)))
    if value is None or kind is bool:
        return repr(value)
    if issubclass(kind, int):
        number = int.__int__(cast("int", value))
        return f"an int of {number.bit_length()} bits" if abs(number) > _LARGEST_INT else str(number)
    if issubclass(kind, float):
        return float.__repr__(cast("float", value))
    if issubclass(kind, timedelta):
        return timedelta.__repr__(cast("timedelta", value))
    return f"an object of type {name_of(kind)}"


def describe(value: object) -> str:
    """Return a text of a value that is not what it should be, so that it may be anything, also personal.

    A text is shown by its length alone; everything else as `show` does.
    """
    kind = type(value)
    if not issubclass(kind, str) or issubclass(kind, Enum):
        return show(value)
    size = str.__len__(cast("str", value))
    return f"a text of {size} character{'' if size == 1 else 's'}"


def _cut(text: str) -> str:
    return as_sentence(text if len(text) <= _SHOWN + 2 else f"{text[:_SHOWN]}...")


def _show_member(value: Enum) -> str:
    """Return the text or the name of a member; a forged one has neither, and a caller's may raise anything."""
    try:
        text = getattr(value, "_value_", None)
        shown = text if type(text) is str else getattr(value, "_name_", None)
    except Exception:  # noqa: BLE001 - the caller's class may raise anything
        shown = None
    return shown if type(shown) is str else f"an object of type {name_of(type(value))}"


def _show_date(value: date) -> str:
    try:
        text = value.isoformat()
    except Exception:  # noqa: BLE001 - a zone of the caller may raise anything
        text = None
    return text if type(text) is str else name_of(type(value))


def set_field(record: object, name: str, value: object) -> None:
    """Set a field of a frozen record while it is built."""
    object.__setattr__(record, name, value)


def at_fault(name: str) -> dict[str, Any]:
    """Return the field and the record of an error by the name of a value, such as ``amount`` or ``moments[3].at``.

    Only a place is read as the record. A caller that names a value by a key, as ``segments['new']``, sets the record.
    """
    field, _, rest = name.partition("[")
    place = rest.partition("]")[0]
    return {"field": field or None, "record": int(place) if place.isdecimal() else None}


def as_decimal(value: object, name: str, *, floats: bool = False) -> Decimal:
    """Return a finite number as an exact Decimal; a float only if `floats` is true, by its shortest repr.

    It has at most 1,000 digits and decimals and is below 10^1000, so that exact arithmetic with it ends soon.
    """
    result = _as_finite(value, name, floats=floats)
    adjusted = result.adjusted()
    if adjusted >= 0:
        within = adjusted < _bounds.MOST_DIGITS
    else:
        exponent = result.as_tuple().exponent
        within = is_a(exponent, int) and exponent >= -_bounds.MOST_DIGITS
    if not within:
        if not result:
            return ZERO
        raise InvalidValueError(
            "beyond_figures",
            f"{name} must be below 10^{_bounds.MOST_DIGITS} in size with at most {_bounds.MOST_DIGITS} decimals, "
            f"got {show(result)}",
            **at_fault(name),
            operands=(result,),
        )
    return result


def as_figure(value: object, name: str) -> Decimal | int:
    """Return an exact number in the type that it has."""
    if is_a(value, int) and not is_a(value, bool):
        result = operator.index(value)
        as_decimal(Decimal(result), name)
        return result
    return as_decimal(value, name)


def _as_finite(value: object, name: str, *, floats: bool = False) -> Decimal:
    number = value if type(value) is Decimal else _as_number(value, name, floats=floats)
    if not number.is_finite():
        raise _build_not_finite(value, name)
    try:
        return _GIVEN.plus(number)
    except (Inexact, Overflow):
        raise _build_too_many_digits(name) from None


def _as_number(value: object, name: str, *, floats: bool) -> Decimal:
    """Return any number, or the text of one, as a Decimal."""
    if is_a(value, float):
        if not math.isfinite(value):
            raise _build_not_finite(value, name)
        if not floats:
            raise WrongTypeError(
                "float_is_inexact",
                f"{name} must not be a float, which is only an approximation, got {show(value)}",
                **at_fault(name),
                advice=f"give a Decimal, an int or a str, here {float.__repr__(value)!r}",
                operands=(value,),
            )
        value = float.__repr__(value)
    if is_a(value, str) and not is_a(value, Enum):
        if len(value) > _LONGEST_TEXT:
            raise InvalidValueError(
                "number_too_long", f"{name} must be a number of at most {_LONGEST_TEXT} characters", **at_fault(name)
            )
        try:
            return EXACT.create_decimal(value)  # unlike Decimal(...), it takes no spaces and no underscores
        except (Inexact, Overflow):
            raise _build_too_many_digits(name) from None
        except InvalidOperation:
            example = (
                "as '0.05' for 5 per cent" if floats else "as '1234.56', with a point, without separators or a unit"
            )
            raise InvalidValueError(
                "not_a_number",
                f"{name} must be a number, got {describe(value)}",
                **at_fault(name),
                advice=f"write it {example}",
                operands=(describe(value),),
            ) from None
    return value if is_a(value, Decimal) else Decimal(_as_int(value, name, "a number"))


def _build_too_many_digits(name: str) -> InvalidValueError:
    return InvalidValueError(
        "too_many_digits", f"{name} must have at most {_bounds.MOST_DIGITS} digits", **at_fault(name)
    )


def _build_not_finite(value: object, name: str) -> InvalidValueError:
    return InvalidValueError(
        "not_finite", f"{name} must be a finite number, got {show(value)}", **at_fault(name), operands=(value,)
    )


def as_exact(value: object, name: str) -> Decimal:
    """Return a number that sums keep exact: at most 10^30, with at most 40 decimals, not a float."""
    result = _as_finite(value, name)
    try:
        _GATE.quantize(result, FINEST)
    except (InvalidOperation, Inexact):
        within = False
    else:
        within = SMALLEST <= result <= LARGEST
    if not within:
        raise InvalidValueError(
            "too_large_or_fine",
            f"{name} must be at most 10^30 with at most {MOST_DECIMALS} decimals, got {show(result)}",
            **at_fault(name),
            advice="round it first, for example with Decimal.quantize",
            operands=(result,),
        )
    return EXACT.add(result, ZERO)


def as_non_negative(value: object, name: str) -> Decimal:
    """Return an exact number that is >= 0."""
    result = as_exact(value, name)
    check_not_below(result, 0, name)
    return result


def check_not_below(value: Decimal | int, least: int, name: str) -> None:
    """Refuse a number below a bound."""
    if value < least:
        raise InvalidValueError(
            "too_small", f"{name} must be >= {least}, got {show(value)}", **at_fault(name), operands=(value,)
        )


def as_positive(value: object, name: str) -> Decimal:
    """Return an exact number that is > 0."""
    result = as_exact(value, name)
    if result <= 0:
        raise InvalidValueError(
            "not_positive", f"{name} must be > 0, got {show(result)}", **at_fault(name), operands=(result,)
        )
    return result


def as_share(value: object, name: str) -> Decimal:
    """Return a share, from 0 to 1. A float means its shortest repr."""
    result = as_decimal(value, name, floats=True)
    if not ZERO <= result <= ONE:
        raise InvalidValueError(
            "not_a_share",
            f"{name} must be a fraction from 0 to 1, got {show(result)}",
            **at_fault(name),
            advice=advise_share(result, "5 per cent is '0.05'"),
            operands=(result,),
        )
    return result


def as_estimate(value: object, name: str) -> float:
    """Return a plain finite float that is >= 0, such as a standard error."""
    if type(value) is not int and not issubclass(type(value), float):
        raise WrongTypeError("estimate_not_a_float", f"{name} must be a float, got {describe(value)}", **at_fault(name))
    number = cast("float", value)
    if not 0 <= number <= _bounds.LARGEST_FLOAT:
        raise InvalidValueError(
            "not_an_estimate",
            f"{name} must be from 0 to {_bounds.LARGEST_FLOAT:.0e}, got {show(number)}",
            **at_fault(name),
            operands=(show(number),),
        )
    return float(number)


def advise_share(value: Decimal, example: str) -> str:
    """Return the advice for a share that was perhaps given in per cent: its own figures if it is above 1, to 100."""
    text = plain(value)
    if not ONE < value <= _HUNDRED or len(text) > _SHOWN:
        return example
    return f"{text} per cent is {plain(EXACT.normalize(EXACT.multiply(value, _HUNDREDTH)))!r}"


def as_confidence(value: object) -> float:
    """Return a confidence between 0 and 1 that differs from both by at least 10^-12."""
    result = as_decimal(value, "confidence", floats=True)
    if not _NEAREST <= result <= EXACT.subtract(ONE, _NEAREST):
        raise InvalidValueError(
            "not_a_confidence",
            f"confidence must lie between 0 and 1, 10^{_bounds.NEAREST_CONFIDENCE} or more from both, "
            f"got {show(result)}",
            field="confidence",
            advice="95 per cent is 0.95" if result == _HUNDRED else advise_share(result, "95 per cent is 0.95"),
            operands=(result,),
        )
    return float(result)


def find_int(value: object) -> int | None:
    """Return a whole number of any class as an int; None for anything else, such as a bool or an array of one."""
    kind = type(value)
    if kind is int:
        return cast("int", value)
    if kind is bool or any("__len__" in base.__dict__ for base in kind.__mro__):
        return None
    try:
        return operator.index(cast("Any", value))
    except TypeError:
        return None


def _as_int(value: object, name: str, wanted: str) -> int:
    result = find_int(value)
    if result is None:
        raise WrongTypeError("wrong_number_type", f"{name} must be {wanted}, got {describe(value)}", **at_fault(name))
    if abs(result) > _LARGEST_INT:
        raise InvalidValueError(
            "int_too_large", f"{name} must be at most 10^30 in size, got {show(result)}", **at_fault(name)
        )
    return result


def as_count(value: object, name: str, *, least: int = 0) -> int:
    """Return a whole number that is >= 0, or >= `least`. A bool or a float is refused."""
    result = _as_int(value, name, "a whole number")
    check_not_below(result, least, name)
    return result


def as_size(value: object, name: str, *, least: int = 0) -> int:
    """Return a whole number that says how many parts, periods or rows to make."""
    result = as_count(value, name, least=least)
    check_size(result, name)
    return result


def check_size(size: int, name: str) -> None:
    """Refuse to make more than 100,000 parts, periods or rows because an argument says so."""
    if size > _bounds.MOST_MADE:
        raise InvalidValueError(
            "too_many_to_make",
            f"{name} must ask for at most {_bounds.MOST_MADE} of them, got {show(size)}",
            **at_fault(name),
            operands=(size,),
        )


def as_whole(value: object, name: str, low: int, high: int, advice: str = "") -> int:
    """Return a whole number from `low` to `high`."""
    result = _as_int(value, name, f"a whole number from {low} to {high}")
    if not low <= result <= high:
        raise InvalidValueError(
            "out_of_range",
            f"{name} must be from {low} to {high}, got {show(result)}",
            **at_fault(name),
            advice=advice,
            operands=(result,),
        )
    return result


def as_plain_datetime(value: datetime, name: str) -> datetime:
    """Return a datetime of any class as a plain one; nanoseconds would be lost and are refused."""
    if type(value) is datetime:
        return value
    _check_not_missing(value, name)
    check_no_nanoseconds(value, getattr(value, "nanosecond", 0), name)
    return _clock.plain_datetime(value)


def _check_not_missing(value: datetime, name: str) -> None:
    if value != value:  # noqa: PLR0124 - only pandas.NaT, which is a datetime, does not equal itself
        raise InvalidValueError(
            "missing_time", f"{name} must be a time, but it is missing (NaT)", **at_fault(name), advice="drop it first"
        )


def check_no_nanoseconds(value: object, nanoseconds: int, name: str) -> None:
    """Refuse what would be lost: a datetime has whole microseconds."""
    if nanoseconds:
        raise InvalidValueError(
            "nanoseconds",
            f"{name} must be in whole microseconds, got {nanoseconds} ns more",
            **at_fault(name),
            advice="cut them off with .floor('us')",
            operands=(value,),
        )


def follows_pep_495(kind: type) -> bool:
    """Return whether a class of zones is known to give the offsets that PEP 495 demands.

    It is not cached: a cache would keep the caller's classes alive.
    """
    return kind is timezone or kind.__module__ in _MODULES_OF_PEP_495


def as_instant(value: object, name: str) -> datetime:
    """Return a plain datetime that has a time zone and lies in the years that UTC can express.

    A wall time that a zone of dateutil skips moves forward by the gap, as in a zone of zoneinfo.
    """
    if not is_a(value, datetime):
        raise WrongTypeError(
            "not_an_instant",
            f"{name} must be a date and time with a time zone, got {describe(value)}",
            **at_fault(name),
            advice="give an aware datetime, for example from instant(..., tz=...)",
        )
    moment = as_plain_datetime(value, name)
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is not None:
        _check_not_of_pytz(moment.tzinfo, name)
    try:
        settled = _settle(moment)
    except Exception as error:  # a zone of the caller may raise anything
        raise InvalidValueError(
            "instant_beyond_utc",
            f"{name} must be a time that UTC can express, from the year 1 to 9999",
            **at_fault(name),
        ) from error
    if settled is None:
        raise NaiveInstantError(
            "naive_instant",
            f"{name} must carry a time zone, got naive {show(value)}",
            **at_fault(name),
            advice="use instant(..., tz=UTC) or .replace(tzinfo=...)",
            operands=(moment,),
        )
    return settled


def _settle(moment: datetime) -> datetime | None:
    """Return a datetime as an instant that its zone does not skip, or None if it has no offset."""
    if moment.utcoffset() is None:
        return None
    there = moment.astimezone(UTC)
    if follows_pep_495(type(moment.tzinfo)):
        return moment
    plain = moment.replace(tzinfo=None)
    return moment if there.astimezone(moment.tzinfo).replace(tzinfo=None) == plain else _clock.find_instant(moment)


def as_duration(value: object, name: str) -> timedelta:
    """Return a plain timedelta that is > 0."""
    value = _as_plain_duration(value, name)
    if not value > _clock.NO_TIME:
        raise InvalidValueError(
            "duration_not_positive", f"{name} must be > 0, got {show(value)}", **at_fault(name), operands=(value,)
        )
    return value


def as_wait(value: object, name: str) -> timedelta:
    """Return a plain timedelta that is >= 0."""
    value = _as_plain_duration(value, name)
    if not value >= _clock.NO_TIME:
        raise InvalidValueError(
            "duration_negative", f"{name} must be >= 0, got {show(value)}", **at_fault(name), operands=(value,)
        )
    return value


def _as_plain_duration(value: object, name: str) -> timedelta:
    if not is_a(value, timedelta):
        if is_a(value, datetime):
            _check_not_missing(value, name)
        raise WrongTypeError(
            "not_a_duration",
            f"{name} must be a duration, got {describe(value)}",
            **at_fault(name),
            advice="give a timedelta, such as timedelta(days=30)",
        )
    if type(value) is not timedelta:
        check_no_nanoseconds(value, getattr(value, "nanoseconds", 0), name)
        value = _clock.plain_duration(value)
    return value


def as_member(value: object, enum: type[_E], name: str) -> _E:
    """Return a member of an enum. The error names the members, and the right one for its text."""
    # A forged member, made without the enum, has no name or another one's.
    if not is_a(value, enum) or enum.__members__.get(getattr(value, "name", "")) is not value:
        members = ", ".join(m.value if is_a(m.value, str) else m.name for m in enum)
        meant = [m for m in enum if type(value) is str and value.casefold() in (m.value, m.name.casefold())]
        raise WrongTypeError(
            "not_a_member",
            f"{name} must be one of {members}, got {describe(value)}",
            **at_fault(name),
            operands=(describe(value),),
            advice=f"write {enum.__name__}.{meant[0].name}, or {enum.__name__}({meant[0].value!r})" if meant else "",
        )
    return value


def as_label(value: object, enum: type[_E], name: str) -> _E | str:
    """Return a member of an enum or any other text that says something. The text of a member becomes the member."""
    if is_a(value, enum):
        return as_member(value, enum, name)
    if is_a(value, Enum):
        raise WrongTypeError(
            "label_of_another_enum",
            f"{name} must be a member of {enum.__name__} or a text, got a member of {name_of(type(value))}",
            **at_fault(name),
        )
    text = as_nonempty_text(value, name)
    try:
        return enum(text)
    except ValueError:
        return text


def as_instance(value: object, kind: type[_T], name: str, advice: str = "") -> _T:
    """Return an instance of a class of this library."""
    if type(value) is not kind and not is_a(value, kind):  # to ask first is 2x as fast
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        bare = kind.__name__ == "Money" and is_a(value, Decimal | int | float | str)
        advice = "give it a currency: Money(amount, currency)" if bare else advice
        if name.endswith("]") and hasattr(value, "keys"):
            advice = f"read rows with Table({kind.__name__}, ...)"
        raise WrongTypeError(
            "wrong_type",
            f"{name} must be {article} {kind.__name__}, got {describe(value)}",
            **at_fault(name),
            advice=advice,
        )
    return value


def iterate(values: Iterable[_T], name: str, kind: str) -> Iterator[_T]:
    """Return an iterator over the values of the caller; a single record, a text, bytes or a mapping are refused."""
    if is_a(values, Mapping):
        raise WrongTypeError(
            "mapping_for_several",
            f"{name} must be several {kind}s, got a mapping",
            **at_fault(name),
            advice="take its .values()",
        )
    columns = getattr(values, "columns", getattr(values, "column_names", None))  # of pandas, polars and pyarrow
    if columns is not None and not callable(columns):
        column = "zip two of its columns" if kind == "pair" else "take one of its columns"
        raise WrongTypeError(
            "frame_for_records",
            f"{name} must be several {kind}s, got a {name_of(type(values))}",
            **at_fault(name),
            advice=f"read it with Table({kind}, ...)" if kind[:1].isupper() else column,
        )
    cause: TypeError | None = None
    if not is_a(values, _TEXTS):
        try:
            return iter(values)
        except TypeError as error:  # also one of the caller's own `__iter__`, which the traceback then shows
            cause = error
    given = f"an object of type {name_of(type(values))}" if is_a(values, _TEXTS) else show(values)
    raise WrongTypeError(
        "one_for_several",
        f"{name} must be several {kind}s, such as a list, got {given}",
        **at_fault(name),
        advice="collect it first, with [... async for ...]" if hasattr(values, "__aiter__") else _SINGLE,
    ) from cause


def iterate_items(values: object, name: str) -> Iterator[object]:
    """Return an iterator over the items of a field; one without a length, which may be endless, ends at a million."""
    return end_at_limit(iterate(cast("Iterable[object]", values), name, "item"), values, name)


def end_at_limit(walk: Iterator[_T], values: object, name: str) -> Iterator[_T]:
    """Return an iterator over values that are all collected; without a length, they are at most a million."""
    return walk if hasattr(values, "__len__") else _end(walk, name)


def _end(walk: Iterator[_T], name: str) -> Iterator[_T]:
    yield from islice(walk, _bounds.MOST_COLLECTED)
    for _ in walk:
        raise InvalidValueError(
            "too_many_to_collect",
            f"{name} must have at most {_bounds.MOST_COLLECTED} items if it has no length",
            **at_fault(name),
            advice="make it a list first, if it is not endless",
        )


def iterate_records(values: Iterable[_T], kind: type[_T], name: str) -> Iterator[_T]:
    """Yield the records of the caller, each checked; an error says at which place the wrong one is."""
    for place, value in enumerate(iterate(values, name, kind.__name__)):
        if type(value) is not kind:
            as_instance(value, kind, f"{name}[{place}]")
        yield value


def iterate_chunks(values: Iterable[_T], name: str, kind: str) -> Iterator[list[_T]]:
    """Yield the values of the caller in lists of some thousands, because lists are faster to sum than iterators."""
    walk = iterate(values, name, kind)
    while chunk := list(islice(walk, _CHUNK)):
        yield chunk


def find_place(value: object, chunk: list[Any]) -> int:
    """Return the place of the first wrong value in a chunk; to count every value would cost a walk up to a fifth."""
    return next(place for place, one in enumerate(chunk) if one is value)


def check_callable(value: object, name: str, example: str) -> None:
    """Refuse a value that cannot be called, such as the name of an attribute instead of a key function."""
    if not callable(value):
        raise WrongTypeError(
            "not_a_function", f"{name} must be a function, such as {example}, got {describe(value)}", **at_fault(name)
        )


def check_mapping(value: object, name: str, kind: str) -> None:
    """Refuse a value that is not a mapping."""
    if not is_a(value, Mapping):
        raise WrongTypeError(
            "not_a_mapping", f"{name} must be a mapping of {kind}, got {describe(value)}", **at_fault(name)
        )


def as_tuple(values: object, kind: type[_T], name: str) -> tuple[_T, ...]:
    """Return the instances of one type in any iterable, in order."""
    return tuple(end_at_limit(iterate_records(cast("Iterable[_T]", values), kind, name), values, name))


def as_pair(value: object, name: str, parts: str, *, advice: str = "", personal: bool = False) -> tuple[object, object]:
    """Return the two parts of one entry of a collection of pairs.

    Args:
        value: The entry.
        name: What the entry is called, such as ``loops[3]``.
        parts: What the two parts are, such as ``"a name and a price"``.
        advice: What the caller can do, for the error.
        personal: Whether the entry may contain personal data; the message then shows only its type.
    """
    pair = cast("tuple[object, ...]", value)
    if not is_a(value, tuple | list) or len(pair) != 2:
        given = f"an object of type {name_of(type(pair))}" if personal else describe(pair)
        raise WrongTypeError(
            "not_a_pair",
            f"{name} must be a pair of {parts}, got {given}",
            **at_fault(name),
            advice=advice or _advise_on_parts(pair, name),
        )
    return pair[0], pair[1]


def as_parts(value: object, number: int, name: str, kinds: Iterable[object] = ()) -> tuple[object, ...]:
    """Return the parts of a value that has a fixed number of them, such as a pair.

    Args:
        value: The value.
        number: How many parts it must have.
        name: What the value is called, such as ``history[3]``.
        kinds: The annotation of each part, for the error.
    """
    parts = cast("tuple[object, ...]", value)
    is_row = is_a(value, tuple | list)
    if not is_row or len(parts) != number:
        given = f"{len(parts)} parts" if is_row else f"an object of type {name_of(type(parts))}"
        named = ", ".join(map(_name_kind, kinds))
        wanted = f"tuple of {number}, ({named})" if named else f"tuple of {number}"
        raise WrongTypeError(
            "wrong_number_of_parts",
            f"{name} must be a {wanted}, got {given}",
            **at_fault(name),
            advice=_advise_on_parts(parts, name),
        )
    return tuple(parts)


def _advise_on_parts(value: object, name: str) -> str:
    """Return what to do if one pair was given for several: its first part, such as a name, stands in its place."""
    return _SINGLE if name.endswith("[0]") and not is_a(value, tuple | list | int | float) else ""


def _name_kind(hint: object) -> str:
    """Return the name of an annotation without its package, such as ``"Actor or None"``."""
    if get_origin(hint) is Annotated:
        return _name_kind(get_args(hint)[0])
    inner = get_args(hint)
    return " or ".join(map(_name_kind, inner)) if inner else getattr(hint, "__name__", "").replace("NoneType", "None")


def check_unique(values: Sequence[object], name: str, what: str, advice: str = "") -> None:
    """Refuse a name or id that occurs twice, or that cannot be hashed and so names nothing."""
    try:
        distinct = len(set(values))
    except TypeError:
        raise WrongTypeError(
            "not_hashable", f"{name} must each have {what} that can be hashed", **at_fault(name)
        ) from None
    if distinct < len(values):
        place, twice = next(pair for pair in enumerate(values) if pair[1] in values[: pair[0]])
        raise InvalidValueError(
            "not_unique",
            f"{name} must each have {what} of their own, {show(twice)} comes twice",
            field=name,
            record=place,
            advice=advice,
            operands=(twice,),
        )


def as_date(value: object, name: str) -> date:
    """Return a date. A datetime is refused, because its day depends on a zone."""
    if is_a(value, datetime) or not is_a(value, date):
        if is_a(value, datetime):
            _check_not_missing(value, name)
        advice = "a text becomes one with date.fromisoformat(...)" if is_a(value, str) else ""
        if is_a(value, datetime):
            advice = "take the date it falls on in your time zone"
        raise WrongTypeError(
            "not_a_date", f"{name} must be a date, got {describe(value)}", **at_fault(name), advice=advice
        )
    return value if type(value) is date else _clock.plain_date(value)


def as_zone(value: object, name: str = "tz") -> tzinfo:
    """Return a time zone whose wall times mean what they say (PEP 495): the gate of every argument with a zone.

    Pass it before anything else is done: ``datetime.astimezone(None)`` means the zone of the machine.
    """
    if not is_a(value, tzinfo):
        raise WrongTypeError(
            "not_a_zone",
            f"{name} must be a time zone, got {describe(value)}",
            **at_fault(name),
            advice="give a tzinfo such as zoneinfo.ZoneInfo('Europe/Riga')",
        )
    if not follows_pep_495(type(value)):
        _check_not_of_pytz(value, name)
        _check_has_offsets(value, name)
    return value


def _check_not_of_pytz(value: tzinfo, name: str) -> None:
    """Refuse a zone of pytz.

    The zone of a datetime that came from ``pytz.timezone(...).localize`` means a fixed offset. On any other wall time
    it means local mean time, and nothing tells the two apart.
    """
    if not follows_pep_495(type(value)) and hasattr(value, "localize") and not _is_fixed(value):
        zone = getattr(value, "zone", None) or "Europe/Riga"
        raise WrongTypeError(
            "zone_of_pytz",
            f"{name} must not be in a zone of pytz, which may mean local mean time, got {zone}",
            **at_fault(name),
            advice=f"take zoneinfo.ZoneInfo({zone!r}); .astimezone(...) converts a datetime",
        )


def _is_fixed(zone: tzinfo) -> bool:
    """Return whether a zone has one offset, whatever the time."""
    try:
        return zone.utcoffset(None) is not None
    except Exception:  # noqa: BLE001 - a zone of the caller may raise anything
        return False


def _check_has_offsets(zone: tzinfo, name: str) -> None:
    """Refuse a zone that does not say how far it is from UTC, or says two things, in winter or in summer."""
    for at in _PROBES:
        try:
            knows = _knows_offset(zone, at)
        except Exception:  # noqa: BLE001 - a zone of the caller may raise anything
            knows = False
        if not knows:
            raise InvalidValueError(
                "zone_without_offsets",
                f"{name} must know its offsets from UTC, got an object of type {type(zone).__name__}",
                **at_fault(name),
                advice="give a zone such as zoneinfo.ZoneInfo('Europe/Riga')",
            )


def _knows_offset(zone: tzinfo, at: datetime) -> bool:
    """Return whether a zone has an offset at an instant in UTC, and one for the wall time at that instant."""
    there = at.astimezone(zone)
    offset = there.utcoffset()
    return offset is not None and there.replace(tzinfo=UTC) - offset == at


def as_text(value: object, name: str) -> str:
    """Return a plain str; None means no text. The message never shows the value, because it may be personal."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if not is_a(value, str):
        raise WrongTypeError(
            "not_a_text", f"{name} must be a text, got an object of type {name_of(type(value))}", **at_fault(name)
        )
    return str.__str__(value)


def as_nonempty_text(value: object, name: str) -> str:
    """Return a text that is not empty, not only spaces and not too long; it is never shown in the message."""
    text = as_text(value, name)
    if not text or text.isspace():
        raise InvalidValueError("empty_text", f"{name} must not be empty", **at_fault(name))
    check_length(text, name)
    return text


def check_length(text: str, name: str) -> None:
    """Refuse an id, a name or a label that is too long."""
    if len(text) > _bounds.LONGEST_NAME:
        raise InvalidValueError(
            "text_too_long",
            f"{name} must have at most {_bounds.LONGEST_NAME} characters, got {len(text)}",
            **at_fault(name),
            operands=(len(text),),
        )


def as_texts(values: object, name: str) -> frozenset[str]:
    """Return the texts of any iterable, none of them empty. A single text is refused, because it iterates letters."""
    given = iterate(cast("Iterable[object]", values), name, "text")
    given = end_at_limit(given, values, name)
    return frozenset(as_nonempty_text(value, f"{name}[{place}]") for place, value in enumerate(given))


def sorted_repr(values: frozenset[str]) -> str:
    """Return the `repr` of a frozenset with its members in order, the same in every process."""
    return f"frozenset({{{', '.join(map(repr, sorted(values)))}}})" if values else "frozenset()"
