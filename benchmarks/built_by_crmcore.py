"""The library's own records; `building.py` runs this in a process of its own."""

from benchmarks.inputs import customer_ids, instants, monies, names, valences
from benchmarks.measuring import Build, measure_build
from crmcore import MomentOfTruth, Purchase


def purchases(n: int) -> Build:
    """Prepare the building of purchases from money made beforehand."""
    given = (customer_ids(n, n // 10), instants(n), monies(n), list(range(n)))
    return lambda: [
        Purchase(customer_id=customer, at=at, amount=amount, id=number)
        for customer, at, amount, number in zip(*given, strict=True)
    ]


def moments(n: int) -> Build:
    """Prepare the building of moments of truth."""
    given = (valences(n), instants(n), customer_ids(n, n // 10), names("touchpoint", n), names("employee", n))
    return lambda: [
        MomentOfTruth(valence=valence, at=at, customer_id=customer, touchpoint_id=touchpoint, employee_id=employee)
        for valence, at, customer, touchpoint, employee in zip(*given, strict=True)
    ]


if __name__ == "__main__":
    measure_build(purchases, moments)
