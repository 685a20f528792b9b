"""The same fields as strict frozen pydantic models; `building.py` runs this in a process of its own.

They check types and no more. That an instant has a time zone and an id is not empty, crmcore checks besides.
"""

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from benchmarks.inputs import amounts, customer_ids, instants, names, valences
from benchmarks.measuring import Build, measure_build
from crmcore import Id, MomentTiming, Valence

ONE = Decimal(1)


class StrictModel(BaseModel):
    """A model that converts nothing and does not change."""

    model_config = ConfigDict(strict=True, frozen=True)


class StrictMoney(StrictModel):
    """The fields of money."""

    amount: Decimal
    currency: str


class StrictPurchase(StrictModel):
    """The fields of a purchase."""

    customer_id: Id
    at: datetime
    amount: StrictMoney
    cost: StrictMoney | None = None
    id: Id | None = None
    reason: str | None = None


class StrictMoment(StrictModel):
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
    monies = [StrictMoney(amount=amount, currency="EUR") for amount in amounts(n)]
    given = (customer_ids(n, n // 10), instants(n), monies, list(range(n)))
    return lambda: [
        StrictPurchase(customer_id=customer, at=at, amount=amount, id=number)
        for customer, at, amount, number in zip(*given, strict=True)
    ]


def moments(n: int) -> Build:
    """Prepare the building of moments of truth."""
    given = (valences(n), instants(n), customer_ids(n, n // 10), names("touchpoint", n), names("employee", n))
    return lambda: [
        StrictMoment(valence=valence, at=at, customer_id=customer, touchpoint_id=touchpoint, employee_id=employee)
        for valence, at, customer, touchpoint, employee in zip(*given, strict=True)
    ]


if __name__ == "__main__":
    measure_build(purchases, moments)
