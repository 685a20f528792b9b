"""Strategies for the primitives, and what the others are built with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import Discount, Finding, Id, Money, Period, Retention, Severity, TimeUnit
from crmcore.primitives.explanation import Explanation, Term
from crmcore.primitives.proportions import Interval, TwoProportions

_NAMED_ZONES = (
    "America/Havana",  # midnight comes twice
    "America/New_York",
    "America/Sao_Paulo",  # midnight was skipped
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Europe/Berlin",
    "Pacific/Apia",  # a whole day was skipped
)
_FIRST = datetime(1990, 1, 1)  # noqa: DTZ001 - Hypothesis adds the zone
_LAST = datetime(2035, 12, 31)  # noqa: DTZ001 - the same


def decimals(low: int, high: int, *, places: int = 2) -> SearchStrategy[Decimal]:
    """Exact numbers from one whole number to another, with so many decimals at most; whole ones first."""
    whole = st.integers(low, high).map(Decimal)
    unit = 10**places
    return whole | st.integers(low * unit, high * unit).map(lambda number: Decimal(f"{number}E-{places}"))


def shares(*, places: int = 4) -> SearchStrategy[Decimal]:
    """Fractions of one."""
    return decimals(0, 1, places=places)


def currencies() -> SearchStrategy[str]:
    """A few currencies, `XXX` (none) among them."""
    return st.sampled_from(("EUR", "RUB", "USD", "XXX"))


def monies(
    currency: str | SearchStrategy[str] = "EUR", *, low: int = -(10**6), high: int = 10**6, places: int = 2
) -> SearchStrategy[Money]:
    """Money in a currency, euro unless another or a strategy of several is named."""
    code = st.just(currency) if isinstance(currency, str) else currency
    return st.builds(Money, decimals(low, high, places=places), code)


def ids() -> SearchStrategy[Id]:
    """A few whole numbers and short texts, so that they meet again."""
    return st.integers(0, 5) | st.text("abc", min_size=1, max_size=2)


def zones() -> SearchStrategy[tzinfo]:
    """UTC first, then zones with fixed offsets and those where clocks do what nobody expects."""
    fixed = (UTC, timezone(timedelta(hours=-11)), timezone(timedelta(hours=5, minutes=45)))
    return st.sampled_from((*fixed, *map(ZoneInfo, _NAMED_ZONES)))


def instants(
    *, first: datetime = _FIRST, last: datetime = _LAST, tz: SearchStrategy[tzinfo] | None = None
) -> SearchStrategy[datetime]:
    """Aware datetimes between two walls, in any zone unless a strategy of some is named."""
    return st.datetimes(first, last, timezones=zones() if tz is None else tz, allow_imaginary=False)


def durations(*, longest: timedelta = timedelta(days=4000)) -> SearchStrategy[timedelta]:
    """Time above nought."""
    return st.timedeltas(timedelta(microseconds=1), longest)


def retentions() -> SearchStrategy[Retention]:
    """Shares kept, per any unit."""
    return st.builds(Retention, shares(), st.sampled_from(TimeUnit))


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


def fields_from(draw: st.DrawFn, given: Mapping[str, object], usual: dict[str, SearchStrategy[Any]]) -> dict[str, Any]:
    """Draw each field from what the caller gave for it, or else from the usual."""
    drawn: dict[str, Any] = {}
    for name in dict.fromkeys((*usual, *given)):
        source: Any = given.get(name, usual.get(name))
        is_strategy = isinstance(source, SearchStrategy)
        drawn[name] = draw(source) if is_strategy else source  # pyright: ignore[reportUnknownArgumentType] - of what?
    return drawn


def maybe(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """None, or what the strategy makes."""
    return st.none() | strategy


def texts() -> SearchStrategy[frozenset[str]]:
    """A few short texts."""
    return st.frozensets(st.text(min_size=1, max_size=3), max_size=3)


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
    value = st.integers() | decimals(-10, 10) | st.just(Decimal("1E+5")) | st.text(max_size=3)
    usual = {
        "rule": st.text(min_size=1, max_size=8),
        "severity": st.sampled_from(Severity),
        "subject": st.text(max_size=8),
        "message": st.text(max_size=8),
        "advice": st.text(max_size=8),
        "evidence": st.lists(st.tuples(st.text(max_size=3), value), max_size=2),
    }
    return Finding(**fields_from(draw, fields, usual))


def intervals() -> SearchStrategy[Interval]:
    """Two finite bounds in order."""
    bounds = st.floats(allow_nan=False, allow_infinity=False)
    return st.tuples(bounds, bounds).map(lambda pair: Interval(min(pair), max(pair)))


def two_proportions() -> SearchStrategy[TwoProportions]:
    """Two shares of somebody."""
    share = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
    return st.builds(TwoProportions, before=share, after=share)
