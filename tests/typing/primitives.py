"""What type checkers see of the primitives; nothing here is run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any, assert_type

from crmcore import (
    UTC,
    CrmcoreError,
    DayCount,
    Discount,
    Finding,
    Money,
    OpeningHours,
    Period,
    Purchase,
    Recurrence,
    Retention,
    Severity,
    Subscription,
    Table,
    TimeUnit,
    Weekday,
    elapsed,
    instant,
    tenure,
)
from crmcore.primitives.errors import (
    CurrencyMismatchError,
    DivergenceError,
    IllegalTransitionError,
    InconsistentCountsError,
    InvalidValueError,
    NaiveInstantError,
    PolicyMismatchError,
    UnknownNameError,
    WrongTypeError,
)
from crmcore.primitives.explanation import Explanation, Term
from crmcore.primitives.periods import in_utc
from crmcore.primitives.proportions import (
    Interval,
    TwoProportions,
    clopper_pearson,
    rule_of_three,
    two_proportions,
    wilson,
    zero_event_bound,
)


def money(price: Money, other: Money, prices: list[Money], weights: Sequence[Decimal]) -> None:
    """Money is made of exact numbers, stays money under arithmetic with numbers, and becomes a ratio by name."""
    assert_type(Money("1.10", "EUR"), Money)
    assert_type(Money(Decimal(1), "EUR"), Money)
    assert_type(Money(1, currency="EUR"), Money)
    assert_type(Money.zero("EUR"), Money)
    assert_type(Money.estimated(1.5, "EUR", digits=3), Money)
    assert_type(price.amount, Decimal)
    assert_type(price.currency, str)
    assert_type(price + price - price, Money)
    assert_type(-price, Money)
    assert_type(abs(price), Money)
    assert_type(price * 2, Money)
    assert_type(Decimal("0.4") * price, Money)
    assert_type(price / 3, Money)
    assert_type(price < other, bool)
    assert_type(max(prices), Money)
    assert_type(Money.total(prices), Money)
    assert_type(Money.total(iter(prices), currency="EUR"), Money)
    assert_type(sum(prices, start=Money.zero("EUR")), Money)
    assert_type(price.ratio_to(price), Decimal | None)
    assert_type(price.quantized(), Money)
    assert_type(price.quantized(0, rounding="ROUND_UP"), Money)
    assert_type(price.split(3), tuple[Money, ...])
    assert_type(price.allocate([1, 2]), tuple[Money, ...])
    assert_type(price.allocate(weights, digits=0), tuple[Money, ...])
    assert_type(price.exchanged("USD", rate="1.08"), Money)


def money_refuses(price: Money, rate: float) -> None:
    """No float, no bare number, no money times money."""
    Money(1.5, "EUR")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - money never comes from a float
    Money(1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - nor without a currency
    price + 1  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression] - of which?
    price * rate  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression] - a float
    price * price  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression] - what unit?
    price / price  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression] - ratio_to
    assert price < 1  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue] - of which?
    price.amount = Decimal(1)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue] - frozen
    price.exchanged("USD", rate=rate)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a float
    price.exchanged("USD", "1.08")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - which number is it?


def rates(monthly: Retention, yearly: Discount) -> None:
    """Rates know their unit; shares come as any number, and a rate is not a retention."""
    assert_type(Retention("0.95", TimeUnit.MONTH), Retention)
    assert_type(Retention(0.95, per=TimeUnit.MONTH), Retention)
    assert_type(Retention.from_churn("0.05", TimeUnit.MONTH), Retention)
    assert_type(Retention.from_half_life(3, TimeUnit.YEAR), Retention)
    assert_type(monthly.share, Decimal)
    assert_type(monthly.per, TimeUnit)
    assert_type(monthly.churn, Decimal)
    assert_type(monthly.to(TimeUnit.YEAR), Retention)
    assert_type(monthly.to(TimeUnit.DAY, day_count=DayCount.ACTUAL_365), Retention)
    assert_type(monthly.half_life, Decimal | None)
    assert_type(monthly.mean_lifetime, Decimal | None)
    assert_type(monthly.mean_lifetime_continuous, Decimal | None)
    assert_type(monthly.mean_renewals, Decimal | None)
    assert_type(monthly.survivors(1000, "2.5"), Decimal)
    assert_type(Discount(0.1, TimeUnit.YEAR), Discount)
    assert_type(yearly.to(TimeUnit.MONTH).rate, Decimal)


def rates_refuse(monthly: Retention) -> None:
    """A rate without its unit, a unit as text, and arithmetic on what may be unknown."""
    Retention("0.95")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - per what?
    Retention("0.95", "month")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due
    monthly.to("year")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due
    monthly.to(TimeUnit.DAY, DayCount.ACTUAL_365)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword
    monthly.half_life * 2  # type: ignore[operator]  # pyright: ignore[reportOptionalOperand, reportUnusedExpression] - None


def instants(day: datetime, march: Period) -> None:
    """Instants are datetimes, what passed is a timedelta, tenure is a number of years."""
    assert_type(instant("2026-03-01"), datetime)
    assert_type(instant(day.date(), tz=UTC), datetime)
    assert_type(in_utc(day), datetime)
    assert_type(elapsed(day, day), timedelta)
    assert_type(tenure(day, day, day_count=DayCount.THIRTY_360), Decimal)
    assert_type(Period(day, day), Period)
    assert_type(Period.year(2026), Period)
    assert_type(Period.quarter(2026, 1, tz=UTC), Period)
    assert_type(Period.month(2026, 3), Period)
    assert_type(Period.day(day.date()), Period)
    assert_type(march.start, datetime)
    assert_type(march.length, timedelta)
    assert_type(day in march, bool)
    assert_type(march.overlaps(march), bool)
    assert_type(march.split(TimeUnit.WEEK), tuple[Period, ...])


def time_refuses(day: datetime, march: Period) -> None:
    """Text is no instant until `instant` reads it, and a unit is a member."""
    Period("2026-03-01", day)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - instant("2026-03-01")
    elapsed("2026-03-01", day)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the same
    elapsed(day.date(), day)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a date is no instant
    instant(20260301)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - neither text nor date
    instant("2026-03-01", tz="Europe/Riga")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a zone
    march.split("month")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due
    tenure(day, day, day_count="actual/365")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the same


def explanations(lines: Explanation, finding: Finding) -> None:
    """An explanation is an iterable of terms, a finding a record."""
    assert_type(Explanation([Term("a", 1)]), Explanation)
    assert_type(Explanation(iter([Term("a", None, "days")]), source="somebody"), Explanation)
    assert_type(iter(lines), Iterator[Term])
    assert_type(lines["value"].value, Decimal | int | None)
    assert_type(len(lines), int)
    assert_type(Finding(rule="r", severity=Severity.INFO, message="m", evidence=[("n", 3)]), Finding)
    assert_type(finding.severity, Severity)
    assert_type(finding.evidence, tuple[tuple[str, Decimal | int | str], ...])


def explanations_refuse() -> None:
    """A term has no float, a finding no severity in words."""
    Term("a", 1.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - exact or None
    Finding(rule="r", severity="info", message="m")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member


def proportions(interval: Interval, shift: TwoProportions) -> None:
    """Bounds are floats and counts are whole numbers; without customers there are no bounds."""
    assert_type(wilson(81, 263), Interval | None)
    assert_type(wilson(81, 263, confidence=0.9, continuity=True), Interval | None)
    assert_type(interval.low, float)
    assert_type(interval.width, float)
    assert_type(Decimal("0.3") in interval, bool)
    assert_type(clopper_pearson(81, 263, confidence=0.9), Interval | None)
    assert_type(zero_event_bound(100), float | None)
    assert_type(rule_of_three(100), Decimal | None)
    assert_type(two_proportions((20, 200), (35, 200)), TwoProportions | None)
    assert_type(shift.difference, Decimal)
    assert_type(shift.z, float | None)
    assert_type(shift.p_one_sided, float | None)
    assert_type(shift.interval(confidence=0.99), Interval)


def proportions_refuse() -> None:
    """A count is no float, and None is not unpacked in passing."""
    wilson(81.0, 263)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - heads are counted
    wilson(81, 263, 0.9)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword
    _ = wilson(81, 263).low  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess] - None
    two_proportions(20, 35)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - each with its n


def errors(error: CurrencyMismatchError) -> None:
    """Every error is the library's and a builtin too."""
    base: CrmcoreError = error
    value: ValueError = error
    kind: type[TypeError] = WrongTypeError
    wider: InvalidValueError = error
    assert_type(base.operands, tuple[object, ...])
    assert_type(value.args, tuple[Any, ...])
    assert_type(kind("said", "must be said").args, tuple[Any, ...])
    assert_type(wider.rule, str)
    assert_type(wider.field, str | None)
    values: list[type[ValueError]] = [
        IllegalTransitionError,
        InconsistentCountsError,
        NaiveInstantError,
        PolicyMismatchError,
    ]
    others: tuple[type[ArithmeticError], type[LookupError]] = (DivergenceError, UnknownNameError)
    assert_type(values, list[type[ValueError]])
    assert issubclass(others[1], LookupError)


def tables(frame: object, table: Table[Purchase]) -> None:
    """A table is a sequence of records of the class that it is read as."""
    assert_type(Table(Purchase, frame, customer_id="client", amount=("paid", "currency")), Table[Purchase])
    assert_type(Table(Purchase, frame, amount=Money(9, "EUR")), Table[Purchase])
    assert_type(Table(Subscription, frame, every=TimeUnit.MONTH), Table[Subscription])
    assert_type(table[0], Purchase)
    assert_type(table[1:], list[Purchase])
    assert_type(table.fields, tuple[str, ...])
    assert_type(table.currency("amount"), str | None)
    Table(Money, frame, at=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the name of a column
    Table(int, frame)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType] - not a record


def recurrence(weekly: Recurrence, zone: tzinfo, at: datetime, period: Period) -> None:
    """The time is a text or a time, the days of the week any iterable of members."""
    Recurrence(first=date(2026, 3, 2), unit=TimeUnit.DAY, at="09:00", zone=zone)
    Recurrence(first=date(2026, 3, 2), unit=TimeUnit.WEEK, every=2, weekdays=[Weekday.MONDAY], at=time(9), zone=zone)
    assert_type(weekly.at, str)
    assert_type(weekly.weekdays, frozenset[Weekday])
    assert_type(weekly.within(period), tuple[datetime, ...])
    assert_type(weekly.next(at), datetime | None)
    assert_type(next(iter(weekly)), datetime)
    Recurrence(first=date(2026, 3, 2), unit="day", at="09:00", zone=zone)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a text
    Recurrence(first=date(2026, 3, 2), unit=TimeUnit.DAY, zone=zone)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - no time
    weekly.within(at)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - an instant
    weekly.at = "10:00"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue] - frozen


def opening_hours(hours: OpeningHours, zone: tzinfo, at: datetime, days: list[date]) -> None:
    """Windows are pairs of texts or times, holidays any iterable, and exceptions a mapping or pairs."""
    nine_to_five = [("09:00", "17:00")]
    OpeningHours(zone=zone, monday=nine_to_five, friday=(("22:00", "06:00"),), holidays=days)
    OpeningHours(zone=zone, sunday=[(time(20), time(22))])
    OpeningHours(zone=zone, exceptions={day: [("10:00", "12:00")] for day in days})
    OpeningHours(zone=zone, exceptions=[(day, ()) for day in days])
    assert_type(hours.monday, tuple[tuple[str, str], ...])
    assert_type(hours.holidays, frozenset[date])
    assert_type(hours.exceptions, tuple[tuple[date, tuple[tuple[str, str], ...]], ...])
    assert_type(hours.elapsed(at, at), timedelta)
    assert_type(hours.due(at, timedelta(hours=8)), datetime)
    assert_type(hours.next_open(at), datetime | None)
    assert_type(hours.is_open(at), bool)
    OpeningHours(monday=nine_to_five)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - no zone
    OpeningHours(zone="Europe/Riga")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a text
    OpeningHours(zone=zone, monday=("09:00", "17:00"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a window alone
    hours.due(at, 8)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of what unit?
