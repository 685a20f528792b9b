"""What the benchmarks build records from and count: made up, the same in every run, every object one of its own.

Of ten moments eight are good, one is bad and one neutral; one in ten weighs more or less than an ordinary one.
Customers buy ten times each within a thousand days; one purchase in fifty is a refund, and two in three have a cost.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Final

from crmcore import MomentOfTruth, Money, Purchase, Valence, instant

START: Final = instant("2024-01-01")
SPAN: Final = timedelta(days=1000)

_PRIME: Final = 7919  # its multiples run through all customers, in no order that would help a cache
_OTHER_PRIME: Final = 99_991  # whatever goes round by it has nothing to do with the customer
_VALENCES: Final = (*(Valence.GOOD,) * 8, Valence.BAD, Valence.NEUTRAL)
_ORDINARY: Final = Decimal(1)
_SEVERITIES: Final = tuple(map(Decimal, ("0.5", "1.5", "2", "3", "5")))


def instants(n: int) -> list[datetime]:
    """So many in UTC, evenly spread."""
    return [START + SPAN * number / n for number in range(n)]


def customer_ids(n: int, customers: int, first: int = 0) -> list[int]:
    """So many, of so many customers, numbered from the first."""
    return [first + number * _PRIME % customers for number in range(n)]


def names(what: str, n: int) -> list[str]:
    """So many, of two hundred different ones."""
    different = [f"{what} {number}" for number in range(200)]
    return [different[number * _PRIME % 200] for number in range(n)]


def valences(n: int) -> list[Valence]:
    """So many, most of them good."""
    return [_VALENCES[number % _OTHER_PRIME % 10] for number in range(n)]


def severities(n: int) -> list[Decimal]:
    """So many, one in ten of them not one, with good, bad and neutral moments alike."""
    return [
        _SEVERITIES[number // 100 % 5] if number // 10 % _OTHER_PRIME % 10 == number % 10 else _ORDINARY
        for number in range(n)
    ]


def amounts(n: int) -> list[Decimal]:
    """So many with two decimals, from -20.00 to 979.90."""
    return [Decimal(number * _PRIME % _OTHER_PRIME - 2000).scaleb(-2) for number in range(n)]


def monies(n: int) -> list[Money]:
    """So many amounts in one currency."""
    return [Money(amount, "EUR") for amount in amounts(n)]


@cache
def ordinary_moments(n: int, customers: int) -> list[MomentOfTruth]:
    """So many that weigh one each."""
    return [
        MomentOfTruth(valence=valence, at=at, customer_id=customer)
        for valence, at, customer in zip(valences(n), instants(n), customer_ids(n, customers), strict=True)
    ]


@cache
def weighed_moments(n: int, customers: int) -> list[MomentOfTruth]:
    """So many, one in ten of which weighs more or less than one."""
    return [
        MomentOfTruth(valence=valence, at=at, customer_id=customer, severity=severity)
        for valence, at, customer, severity in zip(
            valences(n), instants(n), customer_ids(n, customers), severities(n), strict=True
        )
    ]


@cache
def purchases(n: int, first_customer: int = 0) -> list[Purchase]:
    """So many, of a tenth as many customers, two in three with a cost."""
    return [
        Purchase(customer_id=customer, at=at, amount=amount, cost=cost if number % 3 else None)
        for number, (customer, at, amount, cost) in enumerate(
            zip(customer_ids(n, n // 10, first_customer), instants(n), monies(n), monies(n), strict=True)
        )
    ]
