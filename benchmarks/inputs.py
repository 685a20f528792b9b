"""What the benchmarks build records from and count: generated, the same in every run, no object used twice.

Of ten moments eight are good, one is bad and one neutral; one in ten weighs more or less than an ordinary one.
Customers buy ten times each within a thousand days; one purchase in fifty is a refund, and two in three have a cost.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from typing import Final

from crmcore import MomentOfTruth, Money, Purchase, Valence, instant

START: Final = instant("2024-01-01")
SPAN: Final = timedelta(days=1000)

_PRIME: Final = 7919  # its multiples run through all customers, in an order that does not help a cache
_OTHER_PRIME: Final = 99_991  # what repeats by it is independent of the customer
_VALENCES: Final = (*(Valence.GOOD,) * 8, Valence.BAD, Valence.NEUTRAL)
_ORDINARY: Final = Decimal(1)
_SEVERITIES: Final = tuple(map(Decimal, ("0.5", "1.5", "2", "3", "5")))


def instants(n: int, tz: tzinfo = UTC) -> list[datetime]:
    """Return n instants in a zone, evenly spread; the same ones in every zone."""
    return [(START + SPAN * number / n).astimezone(tz) for number in range(n)]


def customer_ids(n: int, customers: int, first: int = 0) -> list[int]:
    """Return n ids of as many customers as named, numbered from the first."""
    return [first + number * _PRIME % customers for number in range(n)]


def names(what: str, n: int) -> list[str]:
    """Return n names, two hundred of them different."""
    different = [f"{what} {number}" for number in range(200)]
    return [different[number * _PRIME % 200] for number in range(n)]


def valences(n: int) -> list[Valence]:
    """Return n valences, most of them good."""
    return [_VALENCES[number % _OTHER_PRIME % 10] for number in range(n)]


def severities(n: int) -> list[Decimal]:
    """Return n severities, one in ten of them not 1, for good, bad and neutral moments alike."""
    return [
        _SEVERITIES[number // 100 % 5] if number // 10 % _OTHER_PRIME % 10 == number % 10 else _ORDINARY
        for number in range(n)
    ]


def amounts(n: int) -> list[Decimal]:
    """Return n amounts with two decimals, from -20.00 to 979.90."""
    return [Decimal(number * _PRIME % _OTHER_PRIME - 2000).scaleb(-2) for number in range(n)]


def monies(n: int) -> list[Money]:
    """Return n amounts in one currency."""
    return [Money(amount, "EUR") for amount in amounts(n)]


@cache
def ordinary_moments(n: int, customers: int) -> list[MomentOfTruth]:
    """Return n moments that weigh one each."""
    return [
        MomentOfTruth(valence=valence, at=at, customer_id=customer)
        for valence, at, customer in zip(valences(n), instants(n), customer_ids(n, customers), strict=True)
    ]


@cache
def weighed_moments(n: int, customers: int, tz: tzinfo = UTC) -> list[MomentOfTruth]:
    """Return n moments, one in ten of which weighs more or less than one."""
    return [
        MomentOfTruth(valence=valence, at=at, customer_id=customer, severity=severity)
        for valence, at, customer, severity in zip(
            valences(n), instants(n, tz), customer_ids(n, customers), severities(n), strict=True
        )
    ]


@cache
def purchases(n: int, first_customer: int = 0) -> list[Purchase]:
    """Return n purchases of a tenth as many customers, two in three with a cost."""
    return [
        Purchase(customer_id=customer, at=at, amount=amount, cost=cost if number % 3 else None)
        for number, (customer, at, amount, cost) in enumerate(
            zip(customer_ids(n, n // 10, first_customer), instants(n), monies(n), monies(n), strict=True)
        )
    ]
