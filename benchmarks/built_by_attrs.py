"""The same fields as plain attrs classes, which check nothing; `building.py` runs this in a process of its own."""

from datetime import datetime
from decimal import Decimal

import attrs

from benchmarks.inputs import customer_ids, instants, monies, names, valences
from benchmarks.measuring import Build, measure_build
from crmcore import Id, MomentTiming, Money, Valence

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


if __name__ == "__main__":
    measure_build(purchases, moments)
