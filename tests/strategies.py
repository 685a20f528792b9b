"""Strategies for the library's types: whatever they make is valid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from crmcore import (
    Balance,
    Cost,
    CostKind,
    Customer,
    CustomerKind,
    DayCount,
    Discount,
    Explanation,
    Finding,
    HistoricValue,
    Inactivity,
    Interval,
    LifetimeValue,
    MomentOfTruth,
    MomentTiming,
    Money,
    Period,
    Purchase,
    Retention,
    Severity,
    SpendGuard,
    TallyBy,
    Term,
    TimeUnit,
    Valence,
    lifetime_value,
)
from crmcore.balance import Deficits
from crmcore.primitives.proportions import TwoProportions

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmcore import Tally

ZONES = [
    UTC,
    timezone(timedelta(hours=-11)),
    timezone(timedelta(hours=5, minutes=45)),
    *map(
        ZoneInfo,
        [
            "America/Havana",  # midnight comes twice
            "America/New_York",
            "America/Sao_Paulo",  # midnight was skipped
            "Asia/Kathmandu",
            "Australia/Lord_Howe",  # half an hour of summer time
            "Europe/Berlin",
            "Pacific/Apia",  # a whole day was skipped
        ],
    ),
]

DAY_OF_JUDGEMENT = datetime(2027, 1, 1, tzinfo=UTC)


def decimals(low: int, high: int, *, places: int = 40) -> st.SearchStrategy[Decimal]:
    """Exact numbers between two whole ones, plain ones first."""
    plain = st.builds(lambda units, cents: Decimal(f"{units}.{cents:02d}"), st.integers(low, high), st.integers(0, 99))
    unit = 10**places
    fine = st.integers(low * unit, high * unit).map(lambda number: Decimal(f"{number}E-{places}"))
    return st.one_of(st.integers(low, high).map(Decimal), plain, fine).filter(lambda number: low <= number <= high)


def currencies() -> st.SearchStrategy[str]:
    return st.sampled_from(["EUR", "RUB", "USD", "XXX"])


def monies(
    currency: str | st.SearchStrategy[str] = "EUR", *, low: int = -(10**30), high: int = 10**30
) -> st.SearchStrategy[Money]:
    code = st.just(currency) if isinstance(currency, str) else currency
    return st.builds(Money, decimals(low, high), code)


def modest_monies(currency: str = "EUR") -> st.SearchStrategy[Money]:
    return monies(currency, low=-(10**9), high=10**9)


def shares(*, places: int = 12) -> st.SearchStrategy[Decimal]:
    return decimals(0, 1, places=places)


def instants(
    *,
    first: datetime = datetime(1990, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    last: datetime = datetime(2026, 12, 31),  # noqa: DTZ001 - the same
) -> st.SearchStrategy[datetime]:
    return st.datetimes(first, last, timezones=st.sampled_from(ZONES), allow_imaginary=False)


def durations() -> st.SearchStrategy[timedelta]:
    return st.timedeltas(timedelta(microseconds=1), timedelta(days=4000))


def ids() -> st.SearchStrategy[str | int]:
    return st.one_of(st.integers(0, 5), st.text("abc", min_size=1, max_size=2))


def retentions() -> st.SearchStrategy[Retention]:
    return st.builds(Retention, shares(), st.sampled_from(TimeUnit))


def discounts() -> st.SearchStrategy[Discount]:
    return st.builds(Discount, decimals(0, 2, places=12), st.sampled_from(TimeUnit))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(instants())
    return Period(start, (start.astimezone(UTC) + draw(durations())).astimezone(start.tzinfo))


def customers() -> st.SearchStrategy[Customer]:
    return st.builds(
        Customer,
        id=ids(),
        kind=st.sampled_from(CustomerKind),
        name=st.none() | st.text(),
        segments=st.frozensets(st.text(min_size=1, max_size=3), max_size=3),
        since=st.none() | instants(),
        manager_id=st.none() | ids(),
    )


@st.composite
def moments(draw: st.DrawFn) -> MomentOfTruth:
    at = draw(instants())
    valence = draw(st.sampled_from(Valence))
    resolved_at = at.astimezone(UTC) + draw(durations()) if valence is Valence.BAD and draw(st.booleans()) else None
    return MomentOfTruth(
        valence=valence,
        at=at,
        customer_id=draw(st.none() | ids()),
        touchpoint_id=draw(st.none() | ids()),
        employee_id=draw(st.none() | ids()),
        interaction_id=draw(st.none() | ids()),
        severity=draw(st.just(Decimal(1)) | decimals(1, 1000, places=6)),
        resolved_at=resolved_at,
        timing=draw(st.none() | st.sampled_from(MomentTiming)),
        id=draw(st.none() | ids()),
    )


@st.composite
def purchases(draw: st.DrawFn, currency: str = "EUR") -> Purchase:
    return Purchase(
        customer_id=draw(ids()),
        at=draw(instants()),
        amount=draw(modest_monies(currency)),
        cost=draw(st.none() | modest_monies(currency)),
        id=draw(st.none() | ids()),
        reason=draw(st.none() | st.text()),
    )


def costs(currency: str = "EUR") -> st.SearchStrategy[Cost]:
    return st.builds(
        Cost,
        amount=modest_monies(currency),
        at=instants(),
        customer_id=st.none() | ids(),
        kind=st.none() | st.sampled_from(CostKind),
        id=st.none() | ids(),
        note=st.text(),
    )


def balances(policies: dict[str, Any] | None = None) -> st.SearchStrategy[Balance]:
    """Balances counted under one set of policies, so that they add; drawn ones where none are given."""
    counted = {"good": decimals(0, 10**6), "bad": decimals(0, 10**6), "neutral": st.integers(0, 10**6)}
    rules = {name: st.just(value) for name, value in (policies or {}).items()}
    if policies is None:
        rules = {"ratio": decimals(1, 100, places=3)}
    return st.builds(Balance, **counted, **rules)


def inactivities(policies: dict[str, Any] | None = None) -> st.SearchStrategy[Inactivity]:
    counted = {name: st.integers(0, 10**6) for name in ("active", "at_risk", "churned")}
    rules = {name: st.just(value) for name, value in (policies or {}).items()}
    return st.builds(Inactivity, **counted, **rules)


def historic_values(policies: dict[str, Any] | None = None) -> st.SearchStrategy[HistoricValue]:
    del policies
    return st.builds(HistoricValue, revenue=modest_monies(), cost=modest_monies())


TALLIES: dict[type[Tally], tuple[Callable[[dict[str, Any] | None], st.SearchStrategy[Any]], list[dict[str, Any]]]] = {
    Balance: (
        balances,
        [
            {},
            {"ratio": Decimal(5)},
            {"as_of": DAY_OF_JUDGEMENT},
            {"as_of": DAY_OF_JUDGEMENT, "window": timedelta(days=90)},
            {"as_of": DAY_OF_JUDGEMENT, "half_life": timedelta(days=90)},
            {"resolved_weight": Decimal("0.5")},
        ],
    ),
    Inactivity: (
        inactivities,
        [
            {},
            {"as_of": DAY_OF_JUDGEMENT},
            {"churned_after": timedelta(days=90)},
            {"at_risk_after": timedelta(days=30)},
        ],
    ),
    HistoricValue: (historic_values, [{}]),
}
"""For every tally: a strategy under given policies, and sets of policies of which no two add."""


@st.composite
def lifetime_values(draw: st.DrawFn) -> LifetimeValue:
    cost = monies(low=0, high=10**6)
    return lifetime_value.simple(
        average_order=draw(modest_monies()),
        orders_per_year=draw(decimals(0, 400, places=3)),
        years=draw(decimals(0, 100, places=3)),
        gross_margin=draw(decimals(-1, 1, places=3)),
        acquisition_cost=draw(st.none() | cost),
        service_cost=draw(st.none() | cost | st.lists(cost, min_size=1, max_size=4)),
    )


def spend_guards() -> st.SearchStrategy[SpendGuard]:
    return st.builds(SpendGuard, worth=lifetime_values(), spend=monies(low=0, high=10**9))


def tallies_by() -> st.SearchStrategy[TallyBy[str | int, Balance]]:
    return st.dictionaries(ids(), balances({}), max_size=4).map(TallyBy)


def terms() -> st.SearchStrategy[Term]:
    return st.builds(
        Term, name=st.text("abc", min_size=1, max_size=8), value=st.none() | st.integers() | decimals(-10, 10)
    )


def explanations() -> st.SearchStrategy[Explanation]:
    return st.lists(terms(), unique_by=lambda term: term.name, max_size=4).map(Explanation)


def findings() -> st.SearchStrategy[Finding]:
    return st.builds(
        Finding,
        rule=st.text(min_size=1),
        severity=st.sampled_from(Severity),
        subject=st.text(),
        message=st.text(),
        advice=st.text(),
        evidence=st.lists(
            st.tuples(st.text(), st.integers() | decimals(-10, 10) | st.just(Decimal("1E+5"))), max_size=2
        ),
    )


def proportions() -> st.SearchStrategy[tuple[int, int]]:
    return st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def intervals() -> st.SearchStrategy[Interval]:
    bounds = st.floats(allow_nan=False, allow_infinity=False)
    return st.tuples(bounds, bounds).map(lambda pair: Interval(min(pair), max(pair)))


def two_proportions() -> st.SearchStrategy[TwoProportions]:
    return st.builds(TwoProportions, before=proportions(), after=proportions())


def deficits() -> st.SearchStrategy[Deficits[Any]]:
    return tallies_by().map(Deficits.of)


VALUES: dict[type, st.SearchStrategy[Any]] = {
    Balance: balances(),
    Cost: costs(),
    Customer: customers(),
    Deficits: deficits(),
    Discount: discounts(),
    Explanation: explanations(),
    Finding: findings(),
    HistoricValue: historic_values(),
    Inactivity: inactivities(),
    Interval: intervals(),
    LifetimeValue: lifetime_values(),
    MomentOfTruth: moments(),
    Money: monies(currencies()),
    Period: periods(),
    Purchase: purchases(),
    Retention: retentions(),
    SpendGuard: spend_guards(),
    TallyBy: tallies_by(),
    Term: terms(),
    TwoProportions: two_proportions(),
}
"""A strategy for every public value of the library; a test walks the library and fails where one is missing."""

DAY_COUNTS = st.sampled_from([day_count for day_count in DayCount if day_count is not DayCount.ACTUAL_ACTUAL])
