"""The library's own records; `building.py` runs this in a process of its own."""

from benchmarks.inputs import customer_ids, instants, monies, names, valences
from benchmarks.measuring import Build, measure_build
from crmcore import Interaction, Journey, MomentOfTruth, Purchase


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


def interactions(n: int) -> Build:
    """Prepare the building of interactions."""
    given = (names("touchpoint", n), instants(n), customer_ids(n, n // 10))
    return lambda: [
        Interaction(touchpoint_id=touchpoint, at=at, customer_id=customer)
        for touchpoint, at, customer in zip(*given, strict=True)
    ]


def journeys(n: int) -> Build:
    """Prepare the building of journeys from interactions made beforehand."""
    made = [
        Interaction(touchpoint_id=name, at=at)
        for name, at in zip(names("touchpoint", 3 * n), instants(3 * n), strict=True)
    ]
    given = (list(range(n)), zip(made[::3], made[1::3], made[2::3], strict=True))
    return lambda: [Journey(customer_id=customer, interactions=three) for customer, three in zip(*given, strict=True)]


if __name__ == "__main__":
    measure_build(purchases, moments, interactions, journeys)
