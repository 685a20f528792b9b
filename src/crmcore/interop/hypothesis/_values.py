"""Strategies for the primitives, and what the others are built with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Final, ParamSpec, TypeVar, Union, cast, get_args, get_origin
from zoneinfo import ZoneInfo

import attrs
from dateutil.tz import gettz
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import Discount, Finding, Id, Money, OpeningHours, Period, Recurrence, Retention, TimeUnit, Weekday
from crmcore.primitives import _bounds
from crmcore.primitives.explanation import Explanation, Term
from crmcore.primitives.proportions import Interval, TwoProportions
from crmcore.primitives.record import (
    EXACT,
    NAME,
    NON_NEGATIVE,
    PERSONAL,
    PERSONAL_NAME,
    POSITIVE,
    SHARE,
    Kind,
    hints_of,
    kind_of,
)

Fields = dict[str, Any]
"""What to draw each field from: a strategy, or the value itself."""

LATER: Final = object()
"""In `Fields`: this field depends on others, so the strategy draws it after them."""

STRATEGIES: Final[dict[type, Callable[[], SearchStrategy[Any]]]] = {}
"""The strategy of every value class; the package fills it."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


def cached(make: Callable[_P, _T]) -> Callable[_P, _T]:
    """Let a function return the same strategies for the same arguments.

    Hypothesis validates each new strategy at its first draw, which takes longer than the draw itself: twice as fast at
    drawing a ``Conformance`` or a ``Journey``.
    """
    return cast("Callable[_P, _T]", lru_cache(maxsize=256)(make))


@cached
def text(min_size: int = 0, max_size: int = 3) -> SearchStrategy[str]:
    """Short texts of every character that UTF-8 can write, as ``st.text`` draws them.

    In a new environment it is ready in a tenth of a second. ``st.text`` first takes a second to compute a table of
    characters, and Hypothesis then reports that the input is slow.
    """
    return st.text(st.characters(exclude_categories=["Cs"]), min_size=min_size, max_size=max_size)


_NAMED_ZONES = (
    "America/Havana",  # midnight comes twice
    "America/New_York",
    "America/Sao_Paulo",  # midnight was skipped
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Europe/Berlin",
    "Pacific/Apia",  # a whole day was skipped
)
_SHORT = ("a", "b", "c")
_PAIRS = tuple(first + second for first in _SHORT for second in _SHORT)
_IDS: tuple[Id, ...] = (*range(6), *_SHORT, *_SHORT, *_SHORT, *_PAIRS, *range(6), *range(6))
"""To draw from at once: numbers as often as texts, and short ones as often as pairs."""
_FIRST = datetime(1990, 1, 1)  # noqa: DTZ001 - Hypothesis adds the zone
_LAST = datetime(2035, 12, 31)  # noqa: DTZ001 - the same


@cached
def decimals(low: int, high: int, *, places: int = 2) -> SearchStrategy[Decimal]:
    """Exact numbers from `low` to `high` with at most `places` decimals; whole numbers first."""
    whole = st.integers(low, high).map(Decimal)
    unit = 10**places
    return whole | st.integers(low * unit, high * unit).map(lambda number: Decimal(f"{number}E-{places}"))


def shares(*, places: int = 4) -> SearchStrategy[Decimal]:
    """Fractions from 0 to 1."""
    return decimals(0, 1, places=places)


@cached
def currencies() -> SearchStrategy[str]:
    """A few currencies, `XXX` (none) among them."""
    return st.sampled_from(("EUR", "RUB", "USD", "XXX"))


@cached
def monies(
    currency: str | SearchStrategy[str] = "EUR", *, low: int = -(10**6), high: int = 10**6, places: int = 2
) -> SearchStrategy[Money]:
    """Money in one currency or in those of a strategy."""
    code = st.just(currency) if isinstance(currency, str) else currency
    return st.builds(Money, decimals(low, high, places=places), code)


@cached
def ids() -> SearchStrategy[Id]:
    """A few whole numbers and short texts, so that they meet again."""
    return st.sampled_from(_IDS)


@cached
def maybe_ids() -> SearchStrategy[Id | None]:
    """None, or an id."""
    return st.sampled_from((*(None for _ in range(len(_IDS) // 2)), *_IDS))


@cached
def counts(most: int = 10**6, *, least: int = 0) -> SearchStrategy[int]:
    """Whole numbers from `least` to `most`."""
    return st.integers(least, most)


@cached
def zones() -> SearchStrategy[tzinfo]:
    """UTC first, then fixed offsets, then zones with unusual clock changes, as zoneinfo and as dateutil read them."""
    fixed = (UTC, timezone(timedelta(hours=-11)), timezone(timedelta(hours=5, minutes=45)))
    return st.sampled_from((*fixed, *map(ZoneInfo, _NAMED_ZONES), *filter(None, map(gettz, _NAMED_ZONES))))


@cached
def instants(
    *, first: datetime = _FIRST, last: datetime = _LAST, tz: SearchStrategy[tzinfo] | None = None
) -> SearchStrategy[datetime]:
    """Aware datetimes between two wall times, in any zone unless `tz` is given."""
    return st.datetimes(first, last, timezones=zones() if tz is None else tz, allow_imaginary=False)


@cached
def durations(*, longest: timedelta = timedelta(days=4000)) -> SearchStrategy[timedelta]:
    """Durations > 0."""
    return st.timedeltas(timedelta(microseconds=1), longest)


@cached
def waits(*, longest: timedelta = timedelta(days=4000)) -> SearchStrategy[timedelta]:
    """Durations >= 0."""
    return st.just(timedelta(0)) | durations(longest=longest)


@cached
def retentions() -> SearchStrategy[Retention]:
    """Retentions per any unit."""
    return st.builds(Retention, shares(), st.sampled_from(TimeUnit))


@cached
def discounts() -> SearchStrategy[Discount]:
    """Discounts per any unit."""
    return st.builds(Discount, decimals(0, 2, places=4), st.sampled_from(TimeUnit))


def later(at: datetime, duration: timedelta) -> datetime:
    """Return the instant so long after another, in its zone."""
    return (at.astimezone(UTC) + duration).astimezone(at.tzinfo)


@st.composite
def periods(
    draw: st.DrawFn, *, start: SearchStrategy[datetime] | None = None, longest: timedelta = timedelta(days=4000)
) -> Period:
    """Periods from an instant on."""
    first = draw(instants() if start is None else start)
    return Period(first, later(first, draw(durations(longest=longest))))


@cached
def days() -> SearchStrategy[date]:
    """Dates of 40 years."""
    return st.dates(date(1990, 1, 1), date(2030, 12, 31))


_QUARTERS: Final = tuple(f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(0, 60, 15))


@cached
def _windows() -> SearchStrategy[list[tuple[str, str]]]:
    """Windows that open and close at quarters of an hour, some of them over midnight."""
    return st.lists(st.tuples(st.sampled_from(_QUARTERS), st.sampled_from((*_QUARTERS, "24:00"))), max_size=2)


@st.composite
def opening_hours(draw: st.DrawFn, /, **fields: object) -> OpeningHours:
    """Calendars in any zone, with a few holidays, and exceptions on other dates."""
    dates = draw(_few_days())
    part = draw(st.integers(0, len(dates)))
    usual: Fields = {
        "zone": zones(),
        **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), _windows()),
        "holidays": dates[:part],
        "exceptions": [(day, draw(_windows())) for day in dates[part:]],
    }
    return OpeningHours(**fields_from(draw, fields, usual))


@st.composite
def recurrences(draw: st.DrawFn, /, **fields: object) -> Recurrence:
    """Recurrences in any zone, those of weeks on one day or on several."""
    usual: Fields = {
        "first": days(),
        "unit": _members(TimeUnit),
        "every": st.integers(1, 5),
        "at": st.sampled_from(_QUARTERS),
        "zone": zones(),
    }
    drawn = fields_from(draw, {name: source for name, source in fields.items() if name != "weekdays"}, usual)
    weekdays: SearchStrategy[frozenset[Weekday]] = st.just(frozenset[Weekday]())
    if drawn["unit"] is TimeUnit.WEEK:
        own = frozenset({tuple(Weekday)[cast("date", drawn["first"]).weekday()]})
        weekdays |= st.frozensets(st.sampled_from(Weekday), max_size=3).map(own.union)
    return Recurrence(**fields_from(draw, {"weekdays": fields.get("weekdays", weekdays)}, drawn))


@cached
def _few_days() -> SearchStrategy[list[date]]:
    return st.lists(days(), max_size=4, unique=True)


def fields_from(draw: st.DrawFn, given: Mapping[str, object], usual: Fields) -> Fields:
    """Draw each field from what the caller gave for it, or else from the usual source."""
    drawn: Fields = {**usual, **given}
    for name, source in drawn.items():
        if isinstance(source, SearchStrategy):
            drawn[name] = draw(source)  # pyright: ignore[reportUnknownArgumentType] - of what?
    return drawn


@cached
def fields_of(cls: type, usual: Callable[[], Fields] = dict) -> Fields:
    """Return what to draw each field of a class from: what `usual` names, else what the annotation says.

    Left out are the fields that `usual` marks as `LATER`, and those policies of a tally that have a default: tallies
    of different policies do not add, so the caller chooses a policy. A record that may be without an id is without one,
    because two different records of one id are refused wherever records are counted.
    """
    named = usual()
    hints = hints_of(cls)
    sources: Fields = {}
    for field in attrs.fields(cls):
        is_policy = field.metadata.get("policy") and field.default is not attrs.NOTHING
        if field.alias in named:
            sources[field.alias] = named.pop(field.alias)
        elif field.alias == "id" and field.default is None:
            sources["id"] = None
        elif not is_policy:
            sources[field.alias] = from_annotation(hints[field.name], f"{cls.__name__}.{field.alias}")
    if named:
        raise LookupError(f"{cls.__name__} has no field {', '.join(named)}")
    return {name: source for name, source in sources.items() if source is not LATER}


def record(cls: type[_T], given: Mapping[str, object], usual: Callable[[], Fields] = dict) -> SearchStrategy[_T]:
    """Values of a class whose fields do not depend on one another, see `fields_of`."""
    return _built(cls, given, fields_of(cls, usual))


@st.composite
def _built(draw: st.DrawFn, cls: type[_T], given: Mapping[str, object], usual: Fields) -> _T:
    return cls(**fields_from(draw, given, usual))


def from_annotation(hint: Any, field: str) -> SearchStrategy[Any]:  # noqa: ANN401 - any annotation
    """Return a strategy for the annotation of a field.

    Raises:
        TypeError: The annotation does not say enough; the strategy of the class must name a source for the field.
    """
    kinds = {*get_args(hint)} if get_origin(hint) in (UnionType, Union) else {hint}
    is_optional = NoneType in kinds
    kinds -= {NoneType}
    if kinds == {*get_args(Id)}:
        return maybe_ids() if is_optional else ids()
    kind = kinds.pop() if len(kinds) == 1 else None
    if isinstance(kind, type) and issubclass(kind, Enum):
        return maybe_of(kind) if is_optional else _members(kind)
    if kind is bool and is_optional:
        return maybe_of((False, True))
    found = _from_kind(kind, field)
    if found is None:
        raise TypeError(f"no strategy for {field} of type {hint}; name one where the strategy of its class is built")
    return maybe(found) if is_optional else found


def _from_kind(kind: Any, field: str) -> SearchStrategy[Any] | None:  # noqa: ANN401, PLR0911 - any annotation; one branch for each form
    declared = kind_of(kind)
    if declared is not None:
        return _from_declared(declared, kind, field)
    if kind in _PLAIN:
        return _PLAIN[kind]()
    if kind in STRATEGIES:
        return STRATEGIES[kind]()
    origin, members = get_origin(kind), get_args(kind)
    if origin is frozenset:
        return st.frozensets(from_annotation(members[0], field), max_size=3)
    if origin is tuple and members[1:] == (...,):
        return st.lists(from_annotation(members[0], field), max_size=3)
    if origin is tuple:
        return st.tuples(*(from_annotation(member, field) for member in members))
    return None


def _from_declared(kind: Kind, hint: Any, field: str) -> SearchStrategy[Any]:  # noqa: ANN401 - any annotation
    """Return a strategy for a kind: one of its own, or numbers between the bounds of its schema, or texts."""
    if kind in _KINDS:
        return _KINDS[kind]()
    low, high = kind.schema.get("minimum"), kind.schema.get("maximum")
    if get_args(hint)[0] is int and isinstance(low, int):
        return st.integers(low, high if isinstance(high, int) else low + 100)
    suggested = kind.schema.get("examples")
    if isinstance(suggested, list):
        return st.sampled_from(cast("list[str]", suggested)) | _names()
    raise TypeError(f"no strategy for {field}, of a kind of its own; name one where its class is built")


def _names() -> SearchStrategy[str]:
    return text(1, 8).filter(lambda name: not name.isspace())


@cached
def maybe(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """None, or what the strategy makes."""
    return st.none() | strategy


@cached
def maybe_of(values: Iterable[_T]) -> SearchStrategy[_T | None]:
    """None, or one of the values, in a single draw."""
    several = tuple(values)
    return st.sampled_from((*(None for _ in several), *several))


@cached
def words(*, shortest: int = 0) -> SearchStrategy[str]:
    """Texts of up to eight characters."""
    return text(shortest, 8)


@cached
def _members(enum: type[Enum]) -> SearchStrategy[Enum]:
    return st.sampled_from(enum)


@cached
def texts() -> SearchStrategy[frozenset[str]]:
    """A few short texts."""
    return st.frozensets(_names(), max_size=3)


_KINDS: Final[dict[Kind, Callable[[], SearchStrategy[Any]]]] = {
    EXACT: lambda: decimals(-100, 100),
    NAME: _names,
    NON_NEGATIVE: lambda: decimals(0, 100),
    PERSONAL: words,
    PERSONAL_NAME: _names,
    POSITIVE: lambda: decimals(0, 100).map(lambda number: number + 1),
    SHARE: shares,
}
"""Strategies for the kinds of the library."""

_PLAIN: Final[dict[Any, Callable[[], SearchStrategy[Any]]]] = {
    bool: st.booleans,
    date: days,
    datetime: instants,
    Decimal: lambda: decimals(0, 100),
    frozenset[str]: texts,
    int: lambda: st.integers(0, 100),
    str: words,
    timedelta: durations,
}
"""Strategies for annotations of fields without a reference to another class of the library."""


def terms() -> SearchStrategy[Term]:
    """Given lines of an explanation."""
    return record(Term, {}, _terms)


def _terms() -> Fields:
    return {
        "name": st.text("abc", min_size=1, max_size=8),
        "value": st.none() | st.integers() | decimals(-10, 10),
        "unit": text(),
        "formula": "",
    }


@cached
def explanations() -> SearchStrategy[Explanation]:
    """Explanations of given lines, with and without a caution."""
    lines = st.lists(terms(), unique_by=lambda term: term.name, max_size=4)
    return st.builds(Explanation, lines, words(), cautions=st.lists(findings(evidence=st.just(())), max_size=1))


def findings(**fields: object) -> SearchStrategy[Finding]:
    """Findings of every severity."""
    return record(Finding, fields, _findings)


def _findings() -> Fields:
    value = st.integers() | decimals(-10, 10) | st.just(Decimal("1E+5")) | text()
    return {
        "evidence": st.lists(st.tuples(_names(), value), max_size=2),
    }


@cached
def cautions() -> SearchStrategy[list[Finding]]:
    """A few findings without evidence: a number among it is read back as a text from JSON."""
    return st.lists(findings(evidence=()), max_size=2)


def intervals() -> SearchStrategy[Interval]:
    """Two bounds in order, each at most 10^300 in size."""
    bounds = st.floats(-_bounds.LARGEST_FLOAT, _bounds.LARGEST_FLOAT)
    return st.tuples(bounds, bounds).map(lambda pair: Interval(min(pair), max(pair)))


def two_proportions() -> SearchStrategy[TwoProportions]:
    """Two shares of at least one."""
    share = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
    return st.builds(TwoProportions, before=share, after=share)
