"""Questions at a tie: where exact numbers are equal, and a rounded quotient says yes or no by chance.

A `Tie` asks whether a condition holds a number of units away from the answer of the library, or from the point where
two exact numbers are equal. It holds there and above, and does not hold one unit below. `TIES` has a strategy for each
verdict; to add one, add a function with ``@verdict``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import assume, strategies as st

from crmcore import (
    Balance,
    Discount,
    FirstMargin,
    HalfLifeBenchmark,
    Inactivity,
    Ledger,
    MomentOfTruth,
    Money,
    Payback,
    PriceMatch,
    Purchase,
    Retention,
    Task,
    TaskKind,
    TimeUnit,
    Valence,
    ValueMix,
)
from crmcore.service import balance
from crmcore.value import lifetime_value
from crmcore.value.lifetime_value import MixShift

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmcore.primitives.explanation import Explanation

FINEST = Decimal("1E-40")
DAY = timedelta(days=1)
_WIDE = Context(prec=400)
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@attrs.frozen
class Tie:
    """A condition near the point where it begins to hold.

    Attributes:
        holds: Whether the condition holds that many units above the point.
        explain: The explanation at the point, if there is one.
    """

    holds: Callable[[int], bool]
    explain: Callable[[], Explanation] | None = None


TIES: dict[str, st.SearchStrategy[Tie]] = {}
"""A strategy for each verdict of the library, by its name."""


def verdict(draw_tie: Callable[[Any], Tie]) -> Callable[[Any], Tie]:
    """Register a function that draws ties of one verdict, which has its name."""
    TIES[draw_tie.__name__] = st.composite(draw_tie)()
    return draw_tie


def euro(amount: Decimal | int | str) -> Money:
    """Make euros."""
    return Money(amount, "EUR")


def monthly(share: Decimal | str) -> Retention:
    """Make a retention per month."""
    return Retention(share, TimeUnit.MONTH)


def waiting(rate: Decimal | str) -> Discount:
    """Make a discount per month."""
    return Discount(rate, TimeUnit.MONTH)


def plus(number: Decimal, units: int) -> Decimal:
    """Add units of the last of 34 digits of a number, but of no more than 40 decimals."""
    unit = Fraction(10) ** max(-40, number.adjusted() - 33)
    if units < 0 and number == Decimal((0, (1,), number.adjusted())):  # below a power of ten the digits are finer
        unit = max(unit / 10, Fraction(FINEST))
    return exact(Fraction(number) + unit * units)


def exact(number: Fraction) -> Decimal:
    """Return a fraction of a power of ten as a Decimal."""
    digits = 0
    while number.denominator != 1:
        number, digits = number * 10, digits + 1
    return Decimal(number.numerator).scaleb(-digits, _WIDE)


shares = st.integers(1, 9).map(lambda tenths: Decimal(tenths) / 10)
rates = st.sampled_from([Decimal(rate) for rate in ("0", "0.01", "0.05", "0.1", "0.12")])
amounts = st.integers(1, 1000).map(Decimal)
forms = st.sampled_from(FirstMargin)


@verdict
def never(draw: Any) -> Tie:
    """A payback whose margins only approach the cost is never, and a cent more of margin recovers it."""
    margin, kept, rate = draw(amounts), draw(shares), draw(rates)
    limit = Fraction(margin) / (1 - Fraction(kept) / (1 + Fraction(rate)))
    assume(not 10**6 % limit.denominator)
    discount = waiting(rate) if rate else None
    cost = euro(exact(limit))

    def build(units: int) -> Payback:
        raised = plus(margin, units) if units > 0 else exact(Fraction(margin) + units * Fraction(FINEST))
        return Payback(
            acquisition_cost=cost,
            margin=euro(raised),
            retention=monthly(kept),
            discount=discount,
        )

    return Tie(lambda units: not build(units + 1).never, build(0).explain)


@verdict
def payment_index(draw: Any) -> Tie:
    """A cost that is the exact sum of so many margins takes so many payments, and a unit more takes one more."""
    margin, kept, rate, number = draw(amounts), draw(shares), draw(rates), draw(st.integers(0, 12))
    carried = Fraction(kept) / (1 + Fraction(rate))
    total = sum((Fraction(margin) * carried**power for power in range(number + 1)), Fraction(0))
    assume(not 10**30 % total.denominator)
    discount = waiting(rate) if rate else None

    def build(units: int) -> Payback:
        cost = euro(exact(total + units * Fraction(FINEST)))
        return Payback(
            acquisition_cost=cost,
            margin=euro(margin),
            retention=monthly(kept),
            discount=discount,
        )

    exactly = build(0)
    assert (number, Decimal(number + 1)) == (exactly.payment_index, exactly.periods)
    return Tie(lambda units: build(-units).payment_index in range(number + 1), exactly.explain)


@verdict
def half_of_a_margin(draw: Any) -> Tie:
    """A part of the margin that is due now takes that part of a period, whatever is kept."""
    margin, kept, part = draw(amounts), draw(shares), draw(shares)

    def build(units: int) -> Payback:
        cost = exact(Fraction(margin) * Fraction(part) - units * Fraction(FINEST))
        return Payback(acquisition_cost=euro(cost), margin=euro(margin), retention=monthly(kept))

    def takes(units: int) -> bool:
        periods = build(units).periods
        assert periods is not None
        return bool(periods <= part)

    return Tie(takes, build(0).explain)


@verdict
def is_better(draw: Any) -> Tie:
    """A retention with the half-life of the benchmark is not better, and one unit more is, in every unit of time."""
    years, (unit, number) = (
        draw(st.integers(1, 60)),
        draw(st.sampled_from([(TimeUnit.YEAR, 1), (TimeUnit.QUARTER, 4), (TimeUnit.MONTH, 12), (TimeUnit.DAY, 365)])),
    )
    equal = Retention.from_half_life(years * number, unit).share
    benchmark = HalfLifeBenchmark(retention=Retention(equal, unit), years=years)
    return Tie(
        lambda units: HalfLifeBenchmark(retention=Retention(plus(equal, units + 1), unit), years=years).is_better,
        benchmark.explain,
    )


@verdict
def allowed(draw: Any) -> Tie:
    """A spend equal to the value is allowed, and one unit more is not."""
    value = draw(amounts)
    guard = lifetime_value.LifetimeValue(value=euro(value)).guard
    return Tie(
        lambda units: guard(euro(exact(Fraction(value) - units * Fraction(FINEST)))).allowed, guard(euro(value)).explain
    )


@verdict
def break_even_retention(draw: Any) -> Tie:
    """The value at the retention covers the target, and one unit less of it does not."""
    target, margin, rate, form = draw(amounts), draw(amounts), draw(rates), draw(forms)
    growth = draw(st.sampled_from([Decimal(0), Decimal("0.02"), Decimal("-0.1")]))
    fixed: dict[str, Any] = {"discount": waiting(rate), "first_margin": form, "growth": growth, "margin": euro(margin)}
    found = lifetime_value.break_even_retention(target=euro(target), **fixed)
    assume(found is not None and 0 < found.share < 1)
    assert found is not None

    def build(units: int) -> lifetime_value.LifetimeValue:
        return lifetime_value.constant_retention(retention=monthly(plus(found.share, units)), **fixed)

    return Tie(lambda units: build(units).value.amount >= target, build(0).explain)


@verdict
def break_even_margin(draw: Any) -> Tie:
    """The value at the margin covers the target, and one unit less of it does not."""
    target, kept, rate, form = draw(amounts), draw(shares), draw(rates), draw(forms)
    periods = draw(st.none() | st.integers(1, 20))
    fixed: dict[str, Any] = {
        "retention": monthly(kept),
        "discount": waiting(rate),
        "first_margin": form,
        "periods": periods,
    }
    found = lifetime_value.break_even_margin(target=euro(target), **fixed)
    assert found is not None

    def build(units: int) -> lifetime_value.LifetimeValue:
        margin = euro(exact(Fraction(found.amount) + units * Fraction(FINEST)))
        return lifetime_value.constant_retention(margin=margin, **fixed)

    return Tie(lambda units: build(units).value.amount >= target, build(0).explain)


@verdict
def break_even_price(draw: Any) -> Tie:
    """The value at the price covers the target, and one unit less of it does not."""
    target, orders, years, margin = draw(amounts), draw(amounts), draw(amounts), draw(shares)
    fixed: dict[str, Any] = {
        "orders_per_year": orders,
        "years": years,
        "gross_margin": margin,
        "service_cost": draw(st.none() | amounts.map(euro)),
    }
    found = lifetime_value.break_even_price(target=euro(target), **fixed)
    assert found is not None

    def build(units: int) -> lifetime_value.LifetimeValue:
        price = euro(exact(Fraction(found.amount) + units * Fraction(FINEST)))
        return lifetime_value.simple(average_order=price, **fixed)

    return Tie(lambda units: build(units).value.amount >= target, build(0).explain)


@verdict
def years_needed(draw: Any) -> Tie:
    """The value over the years covers the spend, and one unit less does not."""
    spend, acquisition = draw(amounts), draw(st.none() | amounts.map(euro))
    fixed: dict[str, Any] = {
        "average_order": euro(draw(amounts)),
        "orders_per_year": draw(amounts),
        "gross_margin": draw(shares),
        "acquisition_cost": acquisition,
        "service_cost": draw(st.none() | st.lists(st.integers(0, 50).map(euro), min_size=1, max_size=4)),
    }
    guard = lifetime_value.simple(years=draw(st.integers(0, 9)), **fixed).guard(euro(spend))
    assume(all(amount.amount > 0 for amount in guard.worth.yearly))
    needed = guard.years_needed
    assert needed is not None

    def value(units: int) -> Decimal:
        return lifetime_value.simple(years=plus(needed, units), **fixed).value.amount

    return Tie(lambda units: value(units) >= spend, guard.explain)


@verdict
def extra_years_needed(draw: Any) -> Tie:
    """The value over the counted and the extra years covers the spend, also if some years cost more than they bring."""
    spend, years = draw(amounts), draw(st.integers(0, 6))
    costs = draw(st.lists(st.integers(0, 20), min_size=1, max_size=6))
    fixed: dict[str, Any] = {"average_order": euro(10), "orders_per_year": 1, "service_cost": [*map(euro, costs)]}
    guard = lifetime_value.simple(years=years, **fixed).guard(euro(spend))
    extra = guard.extra_years_needed
    assume(extra)
    assert extra is not None
    end = years + Fraction(extra)  # a year that begins there and brings a loss undoes what is just covered
    assume(end.denominator > 1 or costs[min(int(end), len(costs) - 1)] <= 10)

    def value(units: int) -> Decimal:
        longer = exact(years + Fraction(plus(extra, units)))
        return lifetime_value.simple(years=longer, **fixed).value.amount

    return Tie(lambda units: value(units) >= spend, guard.explain)


@verdict
def is_reversal(draw: Any) -> Tie:
    """An average that does not move is no reversal, and one that rises by the least amount is one."""
    low, high, some = draw(st.integers(2, 50)), draw(st.integers(60, 99)), draw(st.integers(1, 9))
    before = {"few": (some, euro(low)), "many": (10 - some, euro(high))}
    # each segment falls by 1, and the mix moves until the average is the same
    combined = some * low + (10 - some) * high
    rise = Fraction(combined, 10) - (low - 1)
    part = rise / (high - low)  # of the second segment after
    assume(0 < part < 1)

    def build(units: int) -> MixShift[str, str]:
        scale = part.denominator
        after = {
            "few": (scale - part.numerator, euro(low - 1)),
            "many": (part.numerator, euro(exact(Fraction(high - 1) + units * Fraction(FINEST)))),
        }
        return ValueMix.of(after).since(ValueMix.of(before))

    assume(build(0).difference == euro(0))
    return Tie(lambda units: build(units + 1).is_reversal, build(0).explain)


@verdict
def matched(draw: Any) -> Tie:
    """The floor price itself leaves the margin floor, and one unit less does not."""
    cost, floor = draw(amounts), draw(shares)
    fixed: dict[str, Any] = {"own": euro(10**6), "unit_cost": euro(cost), "margin_floor": floor}
    price = PriceMatch(asked=euro(0), **fixed).floor_price.amount

    def build(units: int) -> PriceMatch:
        return PriceMatch(asked=euro(exact(Fraction(price) + units * Fraction(FINEST))), **fixed)

    assert Fraction(price) * (1 - Fraction(floor)) >= cost
    return Tie(lambda units: build(units).matched, build(0).explain)


@verdict
def churned(draw: Any) -> Tie:
    """A silence of exactly the limit is churned, and a microsecond less is not."""
    silence = draw(st.integers(1, 400)) * DAY
    bought = Purchase(customer_id=1, at=NOW, amount=euro(5))

    def build(units: int) -> Inactivity:
        return Inactivity.of([bought], as_of=NOW + silence + timedelta(microseconds=units), churned_after=silence)

    return Tie(lambda units: build(units).churned == 1, build(0).explain)


@verdict
def is_offset(draw: Any) -> Tie:
    """As many good moments as the bad ones ask for offset them, and one unit less does not."""
    bad, ratio = draw(amounts), draw(shares)
    good = Fraction(bad) * Fraction(ratio)

    def build(units: int) -> Balance:
        return Balance(good=exact(good + units * Fraction(FINEST)), bad=bad, ratio=ratio)

    return Tie(lambda units: build(units).is_offset, build(0).explain)


@verdict
def break_even_share(draw: Any) -> Tie:
    """With the share of good moments there is no deficit, and with one unit less there is."""
    ratio, neutral = draw(st.integers(1, 60).map(Decimal)), draw(st.none() | shares)
    share = (
        balance.required_good_rate(neutral_share=neutral, ratio=ratio) if neutral else balance.break_even_share(ratio)
    )
    judged = 1 - Fraction(neutral or 0)

    def build(units: int) -> Balance:
        good = plus(share, units)
        return Balance(good=good, bad=exact(judged - Fraction(good)), ratio=ratio)

    return Tie(lambda units: build(units).is_offset)


@verdict
def break_even_failure_rate(draw: Any) -> Tie:
    """With the share of bad moments there is no deficit, and with one unit more there is."""
    ratio = draw(st.integers(1, 60).map(Decimal))
    share = balance.break_even_failure_rate(ratio)

    def build(units: int) -> Balance:
        bad = plus(share, -units)
        return Balance(good=exact(1 - Fraction(bad)), bad=bad, ratio=ratio)

    return Tie(lambda units: build(units).is_offset, build(0).explain)


@verdict
def days_to_repay(draw: Any) -> Tie:
    """At the pace, the days repay the deficit, and one unit less does not; it is not 0 while there is a deficit."""
    bad = MomentOfTruth(valence=Valence.BAD, at=NOW, severity=draw(amounts))
    ledger, pace = Ledger(moments=[bad]), draw(amounts)
    days = ledger.days_to_repay(as_of=NOW, pace=pace)
    assert days is not None
    return Tie(lambda units: Fraction(plus(days, units)) * Fraction(pace) >= Fraction(ledger.deficit))


@verdict
def is_overdue(draw: Any) -> Tie:
    """A task is not overdue when it is due, and is a microsecond later."""
    task = Task(kind=draw(st.sampled_from(TaskKind)), due=NOW + draw(st.integers(0, 400)) * DAY)
    return Tie(lambda units: task.is_overdue(task.due + timedelta(microseconds=units + 1)))
