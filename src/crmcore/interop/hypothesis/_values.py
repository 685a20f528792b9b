"""Strategies for the primitives, and what the others are built with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar, cast
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import (
    Discount,
    Explanation,
    Finding,
    Id,
    Interval,
    Money,
    Period,
    Retention,
    Severity,
    Term,
    TimeUnit,
    TwoProportions,
)

Fields = dict[str, Any]
"""What to draw each field from: a strategy, or the value itself."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


def cached(make: Callable[_P, _T]) -> Callable[_P, _T]:
    """Let a function return the same strategies for the same arguments.

    Hypothesis validates each new strategy at its first draw, which takes longer than the draw itself: twice as fast at
    drawing a ``Conformance`` or a ``Journey``.
    """
    return cast("Callable[_P, _T]", lru_cache(maxsize=256)(make))


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
    """Exact numbers from one whole number to another, with so many decimals at most; whole ones first."""
    whole = st.integers(low, high).map(Decimal)
    unit = 10**places
    return whole | st.integers(low * unit, high * unit).map(lambda number: Decimal(f"{number}E-{places}"))


def shares(*, places: int = 4) -> SearchStrategy[Decimal]:
    """Fractions of one."""
    return decimals(0, 1, places=places)


@cached
def currencies() -> SearchStrategy[str]:
    """A few currencies, `XXX` (none) among them."""
    return st.sampled_from(("EUR", "RUB", "USD", "XXX"))


@cached
def monies(
    currency: str | SearchStrategy[str] = "EUR", *, low: int = -(10**6), high: int = 10**6, places: int = 2
) -> SearchStrategy[Money]:
    """Money in a currency, euro unless another or a strategy of several is named."""
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
def zones() -> SearchStrategy[tzinfo]:
    """UTC first, then zones with fixed offsets and those where clocks do what nobody expects."""
    fixed = (UTC, timezone(timedelta(hours=-11)), timezone(timedelta(hours=5, minutes=45)))
    return st.sampled_from((*fixed, *map(ZoneInfo, _NAMED_ZONES)))


@cached
def instants(
    *, first: datetime = _FIRST, last: datetime = _LAST, tz: SearchStrategy[tzinfo] | None = None
) -> SearchStrategy[datetime]:
    """Aware datetimes between two walls, in any zone unless a strategy of some is named."""
    return st.datetimes(first, last, timezones=zones() if tz is None else tz, allow_imaginary=False)


@cached
def durations(*, longest: timedelta = timedelta(days=4000)) -> SearchStrategy[timedelta]:
    """Time above nought."""
    return st.timedeltas(timedelta(microseconds=1), longest)


@cached
def waits(*, longest: timedelta = timedelta(days=4000)) -> SearchStrategy[timedelta]:
    """No time, or some."""
    return st.just(timedelta(0)) | durations(longest=longest)


@cached
def retentions() -> SearchStrategy[Retention]:
    """Shares kept, per any unit."""
    return st.builds(Retention, shares(), st.sampled_from(TimeUnit))


@cached
def discounts() -> SearchStrategy[Discount]:
    """Rates of discount, per any unit."""
    return st.builds(Discount, decimals(0, 2, places=4), st.sampled_from(TimeUnit))


def later(at: datetime, duration: timedelta) -> datetime:
    """The instant so long after another, in its zone."""
    return (at.astimezone(UTC) + duration).astimezone(at.tzinfo)


@st.composite
def periods(
    draw: st.DrawFn, *, start: SearchStrategy[datetime] | None = None, longest: timedelta = timedelta(days=4000)
) -> Period:
    """Periods from an instant on."""
    first = draw(instants() if start is None else start)
    return Period(first, later(first, draw(durations(longest=longest))))


def fields_from(draw: st.DrawFn, given: Mapping[str, object], usual: Fields) -> Fields:
    """Draw each field from what the caller gave for it, or else from the usual."""
    drawn: Fields = {**usual, **given}
    for name, source in drawn.items():
        if isinstance(source, SearchStrategy):
            drawn[name] = draw(source)  # pyright: ignore[reportUnknownArgumentType] - of what?
    return drawn


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
def texts() -> SearchStrategy[frozenset[str]]:
    """A few short texts."""
    return st.frozensets(st.text(min_size=1, max_size=3), max_size=3)


@cached
def terms() -> SearchStrategy[Term]:
    """Lines of an explanation, given ones."""
    return st.builds(
        Term,
        name=st.text("abc", min_size=1, max_size=8),
        value=st.none() | st.integers() | decimals(-10, 10),
        unit=st.text(max_size=3),
    )


def explanations() -> SearchStrategy[Explanation]:
    """Explanations of given lines."""
    return st.lists(terms(), unique_by=lambda term: term.name, max_size=4).map(Explanation)


@st.composite
def findings(draw: st.DrawFn, /, **fields: object) -> Finding:
    """Findings of every severity."""
    return Finding(**fields_from(draw, fields, _findings()))


@cached
def _findings() -> Fields:
    value = st.integers() | decimals(-10, 10) | st.just(Decimal("1E+5")) | st.text(max_size=3)
    return {
        "rule": st.text(min_size=1, max_size=8),
        "severity": st.sampled_from(Severity),
        "subject": st.text(max_size=8),
        "message": st.text(max_size=8),
        "advice": st.text(max_size=8),
        "evidence": st.lists(st.tuples(st.text(max_size=3), value), max_size=2),
    }


def intervals() -> SearchStrategy[Interval]:
    """Two finite bounds in order."""
    bounds = st.floats(allow_nan=False, allow_infinity=False)
    return st.tuples(bounds, bounds).map(lambda pair: Interval(min(pair), max(pair)))


def two_proportions() -> SearchStrategy[TwoProportions]:
    """Two shares of somebody."""
    share = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
    return st.builds(TwoProportions, before=share, after=share)
