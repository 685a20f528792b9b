"""Build records of any classes with the fields of ours, and tell what each costs; `built_by_*.py` name the classes."""

import gc
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.harness import milliseconds, resident_bytes
from benchmarks.inputs import amounts, customer_ids, instants, names, valences
from crmcore import FeedbackKind


def purchases(make: Callable[..., object], n: int, monies: Sequence[object]) -> Callable[[], list[object]]:
    """Prepare the building of purchases from money made beforehand."""
    given = (customer_ids(n, n // 10), instants(n), monies, list(range(n)))
    return lambda: [
        make(customer_id=customer, at=at, amount=amount, id=number)
        for customer, at, amount, number in zip(*given, strict=True)
    ]


def purchases_of_raw_values(
    make: Callable[..., object], n: int, money: Callable[[Any, str], object]
) -> Callable[[], list[object]]:
    """Prepare the building of purchases, each with its money, from numbers and texts."""
    given = (customer_ids(n, n // 10), instants(n), amounts(n), list(range(n)))
    return lambda: [
        make(customer_id=customer, at=at, amount=money(amount, "EUR"), id=number)
        for customer, at, amount, number in zip(*given, strict=True)
    ]


def moneys(make: Callable[..., object], n: int) -> Callable[[], list[object]]:
    """Prepare the building of money."""
    given = amounts(n)
    return lambda: [make(amount=amount, currency="EUR") for amount in given]


def feedback(make: Callable[..., object], n: int) -> Callable[[], list[object]]:
    """Prepare the building of feedback."""
    kinds = list(FeedbackKind)
    given = ([kinds[number % len(kinds)] for number in range(n)], instants(n), customer_ids(n, n // 10))
    return lambda: [
        make(kind=kind, received_at=at, customer_id=customer) for kind, at, customer in zip(*given, strict=True)
    ]


def responses(make: Callable[..., object], n: int) -> Callable[[], list[object]]:
    """Prepare the building of answers to a survey."""
    given = ([(("nps", number % 11),) for number in range(n)], instants(n), customer_ids(n, n // 10))
    return lambda: [
        make(survey_id="may", at=at, answers=answers, customer_id=customer)
        for answers, at, customer in zip(*given, strict=True)
    ]


def moments(make: Callable[..., object], n: int) -> Callable[[], list[object]]:
    """Prepare the building of moments of truth."""
    given = (valences(n), instants(n), customer_ids(n, n // 10), names("touchpoint", n), names("employee", n))
    return lambda: [
        make(valence=valence, at=at, customer_id=customer, touchpoint_id=touchpoint, employee_id=employee)
        for valence, at, customer, touchpoint, employee in zip(*given, strict=True)
    ]


def interactions(make: Callable[..., object], n: int) -> Callable[[], list[object]]:
    """Prepare the building of interactions."""
    given = (names("touchpoint", n), instants(n), customer_ids(n, n // 10))
    return lambda: [
        make(touchpoint_id=touchpoint, at=at, customer_id=customer)
        for touchpoint, at, customer in zip(*given, strict=True)
    ]


def journeys(make: Callable[..., object], n: int, interaction: Callable[..., object]) -> Callable[[], list[object]]:
    """Prepare the building of journeys from three interactions each, made beforehand."""
    times = zip(names("touchpoint", 3 * n), instants(3 * n), strict=True)
    made = [interaction(touchpoint_id=touchpoint, at=at) for touchpoint, at in times]
    given = (list(range(n)), list(zip(made[::3], made[1::3], made[2::3], strict=True)))
    return lambda: [make(customer_id=customer, interactions=three) for customer, three in zip(*given, strict=True)]


def measure(
    classes: dict[str, Any],
    monies: Callable[[int], Sequence[object]],
    money: Callable[[Any, str], object],
) -> None:
    """Build the objects named on the command line once, and print the cost of one as JSON.

    Args:
        classes: The classes to build, by name.
        monies: Makes that many amounts of money beforehand.
        money: Makes an amount for a purchase while the clock runs: a money, or what the class makes one of.
    """
    name, n = sys.argv[1], int(sys.argv[2])
    name, _, option = name.partition(" ")
    make = classes[name]
    match name:
        case "Purchase":
            build = purchases_of_raw_values(make, n, money) if option == "raw" else purchases(make, n, monies(n))
        case "Money":
            build = moneys(make, n)
        case "Feedback":
            build = feedback(make, n)
        case "Response":
            build = responses(make, n)
        case "MomentOfTruth":
            build = moments(make, n)
        case "Interaction":
            build = interactions(make, n)
        case _:
            n //= 10
            build = journeys(make, n, classes["Interaction"])
    kept: list[list[object]] = []
    gc.collect()
    if option:
        gc.disable()
    before = resident_bytes()
    spent = milliseconds(lambda: kept.append(build()))
    print(json.dumps({"nanoseconds": 1e6 * spent / n, "bytes": (resident_bytes() - before) / n}))
