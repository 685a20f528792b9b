"""The same fields as plain attrs classes, which check nothing; `building.py` runs this in a process of its own."""

from datetime import datetime
from decimal import Decimal

import attrs

from benchmarks.inputs import customer_ids, instants, monies, names, valences
from benchmarks.measuring import Build, measure_build
from crmcore import AdviceMotive, Id, Initiative, InteractionKind, MomentTiming, Money, Purpose, Tone, Topic, Valence

ONE = Decimal(1)


@attrs.frozen(kw_only=True)
class UncheckedPurchase:
    """The fields of a purchase."""

    customer_id: Id
    at: datetime
    amount: Money
    cost: Money | None = None
    id: Id | None = None
    reason: str | None = None


@attrs.frozen(kw_only=True)
class UncheckedMoment:
    """The fields of a moment of truth."""

    valence: Valence
    at: datetime
    customer_id: Id | None = None
    touchpoint_id: Id | None = None
    employee_id: Id | None = None
    interaction_id: Id | None = None
    severity: Decimal = ONE
    resolved_at: datetime | None = None
    timing: MomentTiming | None = None
    id: Id | None = None


@attrs.frozen(kw_only=True)
class UncheckedInteraction:
    """The fields of an interaction."""

    touchpoint_id: Id
    at: datetime
    customer_id: Id | None = None
    id: Id | None = None
    initiative: Initiative | None = None
    purpose: Purpose | None = None
    employee_id: Id | None = None
    note: str = ""
    kind: InteractionKind | None = None
    advice_motive: AdviceMotive | None = None
    topic: Topic | None = None
    tone: Tone | None = None
    value_to_customer: Decimal | None = None
    value_to_company: Decimal | None = None


@attrs.frozen(kw_only=True)
class UncheckedJourney:
    """The fields of a journey."""

    customer_id: Id | None
    interactions: tuple[UncheckedInteraction, ...] = ()
    goal: str = ""
    reached: bool | None = None
    id: Id | None = None


def purchases(n: int) -> Build:
    """Prepare the building of purchases from money made beforehand."""
    given = (customer_ids(n, n // 10), instants(n), monies(n), list(range(n)))
    return lambda: [
        UncheckedPurchase(customer_id=customer, at=at, amount=amount, id=number)
        for customer, at, amount, number in zip(*given, strict=True)
    ]


def moments(n: int) -> Build:
    """Prepare the building of moments of truth."""
    given = (valences(n), instants(n), customer_ids(n, n // 10), names("touchpoint", n), names("employee", n))
    return lambda: [
        UncheckedMoment(valence=valence, at=at, customer_id=customer, touchpoint_id=touchpoint, employee_id=employee)
        for valence, at, customer, touchpoint, employee in zip(*given, strict=True)
    ]


def interactions(n: int) -> Build:
    """Prepare the building of interactions."""
    given = (names("touchpoint", n), instants(n), customer_ids(n, n // 10))
    return lambda: [
        UncheckedInteraction(touchpoint_id=touchpoint, at=at, customer_id=customer)
        for touchpoint, at, customer in zip(*given, strict=True)
    ]


def journeys(n: int) -> Build:
    """Prepare the building of journeys from interactions made beforehand."""
    made = [
        UncheckedInteraction(touchpoint_id=name, at=at)
        for name, at in zip(names("touchpoint", 3 * n), instants(3 * n), strict=True)
    ]
    given = (list(range(n)), zip(made[::3], made[1::3], made[2::3], strict=True))
    return lambda: [
        UncheckedJourney(customer_id=customer, interactions=three) for customer, three in zip(*given, strict=True)
    ]


if __name__ == "__main__":
    measure_build(purchases, moments, interactions, journeys)
