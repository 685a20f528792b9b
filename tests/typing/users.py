"""Users, as they would want to write it; type checkers read it, nothing here is run."""

# ruff: noqa: T201 - users print what they find

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypedDict

from crmcore import (
    Balance,
    Customer,
    Deficits,
    Id,
    Inactivity,
    JourneyMap,
    Journeys,
    JourneyStep,
    MomentOfTruth,
    Money,
    Period,
    Purchase,
    Retention,
    TallyBy,
    TimeUnit,
    Valence,
    attribution,
    instant,
    journey_maps,
    lifetime_value,
    render,
)


def web_service(moments: list[MomentOfTruth]) -> dict[str, object]:
    """Moments in, counts and ratios out as one flat object."""
    return dict(Balance.of(moments, ratio=12).row())


def notebook() -> None:
    """What is a book buyer worth, and may 40 000 be spent on winning one?"""
    roubles = partial(Money, currency="RUB")
    worth = lifetime_value.simple(average_order=roubles(1000), orders_per_year=6, years=5)
    guard = worth.guard(roubles(40_000))
    print(worth.explain(), guard.allowed, guard.excess.quantized(0), guard.years_needed)
    monthly = Retention("0.95", TimeUnit.MONTH)
    print(monthly.to(TimeUnit.YEAR).churn, monthly.half_life)
    for caution in worth.cautions:
        print(caution.severity, caution.advice)


@dataclass
class OrderRow:
    """A row of somebody's database."""

    pk: int
    buyer: int
    total: Decimal
    currency: str
    created: datetime


def batch_job(orders: Iterable[OrderRow], usd_to_eur: Decimal) -> Money:
    """Rows with numeric keys in two currencies, worth in one."""

    def in_euros(row: OrderRow) -> Money:
        amount = Money(row.total, row.currency)
        return amount if row.currency == "EUR" else amount.exchanged("EUR", rate=usd_to_eur)

    purchases = (Purchase(customer_id=row.buyer, at=row.created, amount=in_euros(row), id=row.pk) for row in orders)
    return lifetime_value.historic(purchases, currency="EUR").value


def untyped_rows(orders: Iterable[Any]) -> list[Purchase]:
    """The same from objects that no type checker knows."""
    return [Purchase(customer_id=row.buyer, at=row.created, amount=Money(row.total, row.currency)) for row in orders]


def dashboard(moments: Iterable[MomentOfTruth]) -> list[dict[str, object]]:
    """A table by touchpoint and year, with what its total hides."""
    by = Balance.by(moments, lambda moment: (moment.touchpoint_id, moment.at.year))
    hidden = Deficits.of(by)
    if hidden.worst is not None:
        touchpoint, year = hidden.worst
        print(hidden.count, "of", hidden.groups, "in deficit, worst", touchpoint, year)
    return [{"touchpoint": touchpoint, "year": year, **row.row()} for (touchpoint, year), row in by.items()]


def stream(events: Iterator[MomentOfTruth]) -> dict[Id, Balance]:
    """One moment at a time; the state is a record for each customer."""
    state: dict[Id, Balance] = {}
    for moment in events:
        if moment.customer_id is not None:
            state[moment.customer_id] = state.get(moment.customer_id, Balance()) + Balance.of([moment])
    return state


def shards(parts: Iterable[list[MomentOfTruth]]) -> tuple[Balance, TallyBy[Valence, Balance]]:
    """Workers count, the results add."""
    counted = [Balance.by(part, lambda moment: moment.valence) for part in parts]
    together = sum(counted, start=TallyBy[Valence, Balance]())
    return Balance.total(together.values()), together


def shop(rows: Iterable[tuple[str, str, str]]) -> Decimal | None:
    """A file of dates and amounts; who has fallen silent?"""
    purchases = [Purchase(customer_id=who, at=instant(day), amount=Money(paid, "USD")) for who, day, paid in rows]
    silence = Inactivity.of(purchases, as_of=instant("1998-06-30"), churned_after=timedelta(days=180))
    return silence.rate


def report(customers: list[Customer], purchases: list[Purchase], year: int) -> dict[str, Money]:
    """What each segment brought in a year."""
    segments = {customer.id: min(customer.segments, default="") for customer in customers}
    period = Period.year(year)
    bought = [purchase for purchase in purchases if purchase.at in period]
    by = lifetime_value.HistoricValue.by(bought, lambda record: segments.get(record.customer_id or "", ""))
    return {segment: worth.value for segment, worth in by.items()}


class Judgement(TypedDict):
    """What a form sends."""

    mood: str
    day: date
    weight: str


def form(answers: Iterable[Judgement]) -> Balance:
    """From plain words to members, by the enum's own constructor."""
    return Balance.of(
        MomentOfTruth(valence=Valence(answer["mood"]), at=instant(answer["day"]), severity=answer["weight"])
        for answer in answers
    )


def consultant(log: Iterable[tuple[str, str, datetime]], worth: Money) -> str:
    """A list of steps and a log; findings in words, and a picture."""
    plan = JourneyMap(
        name="buy a paint",
        steps=[
            JourneyStep(name="see the ad", phase="before", touchpoint_ids=["ad"]),
            JourneyStep(name="ask for the aisle", phase="purchase", touchpoint_ids=["assistant"], emotion=-1),
            JourneyStep(name="return a can", phase="after", touchpoint_ids=["desk"], optional=True),
        ],
    )
    for finding in journey_maps.lint(plan):
        print(finding.message)
    journeys = Journeys.of(log)
    held = journey_maps.compare(plan, journeys)
    for finding in journey_maps.review(held):
        print(finding.advice)
    for stake in journey_maps.value_at_risk(held, worth=worth):
        print(stake.step, stake.value)
    earned = attribution.markov(attribution.outcomes(journeys, goal="assistant"))
    for touchpoint, credit in earned.credits:
        print(touchpoint, credit)
    return str(render.journey_map(plan, held))
