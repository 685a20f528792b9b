"""A generated log of what customers of a shop did, the same in every run, and how it is written and read.

A tenth as many customers as events visit fifteen touchpoints. They go round in loops, turn back, come again days later
and mostly leave; about one customer in six buys. Rows are in order of time, as a server writes them. Only the standard
library is imported here: peers read the log in environments without crmcore.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

COLUMNS: Final = ["customer_id", "touchpoint", "timestamp"]
FUNNEL: Final = ("catalog", "product", "cart", "checkout", "purchase")
GOAL: Final = FUNNEL[-1]

LogRow = tuple[str, str, datetime]

_FIRST: Final = 1_704_067_200  # the beginning of 2024
_DAY: Final = 86_400
_ONWARD: Final = {
    "": "search 30 ad 22 newsletter 16 friend 8 home 24",
    "search": "product 34 home 28 opinions 10 catalog 8 search 6",
    "ad": "product 30 home 30 catalog 10 ad 4",
    "newsletter": "catalog 34 product 26 cart 8 newsletter 4",
    "friend": "home 40 product 30 opinions 10",
    "home": "catalog 48 product 16 home 6 account 8 help 6",
    "catalog": "product 54 catalog 18 home 8 cart 4",
    "product": "cart 26 catalog 24 opinions 16 product 10 home 4",
    "opinions": "product 58 opinions 12 catalog 10",
    "cart": "checkout 36 product 16 catalog 16 account 10 cart 6",
    "account": "checkout 34 home 20 cart 14 account 10 help 8",
    "checkout": "payment 58 cart 16 account 8 help 6",
    "payment": "purchase 66 payment 10 checkout 10 help 4",
    "purchase": "review 18 home 16 help 10 newsletter 10",
    "review": "home 20 newsletter 10",
    "help": "home 24 product 16 checkout 12 help 14",
}
"""Of a hundred customers, how many go where next; the rest leave."""


def generated(n: int) -> Iterator[LogRow]:
    """Yield n events: customer, touchpoint and instant."""
    for at, customer, touchpoint in sorted(_events(n)):
        yield f"c{customer:07}", touchpoint, datetime.fromtimestamp(at, UTC)


def write(path: Path, n: int) -> None:
    """Write n events."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows((who, touchpoint, f"{at:%Y-%m-%dT%H:%M:%SZ}") for who, touchpoint, at in generated(n))


def read(path: Path) -> Iterator[LogRow]:
    """Yield the rows of a log: customer, touchpoint and instant; further columns are left out."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for customer_id, touchpoint, at, *_ in rows:
            yield customer_id, touchpoint, datetime.fromisoformat(at)


def _events(n: int) -> list[tuple[int, int, str]]:
    """Return when, who and where: every customer visits once, then some again, until there are enough events."""
    chance = Random(n)  # noqa: S311 - generated data, not secret
    onward = {place: _hundred(weights) for place, weights in _ONWARD.items()}
    customers = n // 10
    clock = [_FIRST + chance.randrange(300 * _DAY) for _ in range(customers)]
    events: list[tuple[int, int, str]] = []
    visit = 0
    while len(events) < n:
        customer = visit if visit < customers else chance.randrange(customers)
        at = clock[customer] + (0 if visit < customers else chance.randrange(_DAY // 24, 20 * _DAY))
        place = onward[""][chance.randrange(100)]
        while place:
            events.append((at, customer, place))
            at += 1 + int(chance.expovariate(1 / 90))
            place = onward[place][chance.randrange(100)]
        clock[customer] = at
        visit += 1
    return events[:n]


def _hundred(weights: str) -> list[str]:
    """Return a place for each of a hundred customers; the empty one is none."""
    words = weights.split()
    places = [place for place, weight in zip(words[::2], words[1::2], strict=True) for _ in range(int(weight))]
    return places + [""] * (100 - len(places))
