"""The loops one would write instead of calling the library.

They run over the same objects and come to the same answers, but check only what a sum of money needs, the currency.
They keep bare sums where the library makes records of them. Those of attribution compute in floats.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import attrs

from crmcore import Id, MomentOfTruth, Money, Purchase, Subscription, Valence

_K = TypeVar("_K")
_ZERO = Decimal(0)


@attrs.define
class Sums:
    """Good, bad and neutral moments."""

    good: Decimal = _ZERO
    bad: Decimal = _ZERO
    neutral: int = 0


def balance(moments: Iterable[MomentOfTruth]) -> Sums:
    """Weigh good and bad by severity, count neutral."""
    is_good, is_bad = Valence.GOOD, Valence.BAD
    good = bad = _ZERO
    neutral = 0
    for moment in moments:
        valence = moment.valence
        if valence is is_good:
            good += moment.severity
        elif valence is is_bad:
            bad += moment.severity
        else:
            neutral += 1
    return Sums(good, bad, neutral)


def balances(moments: Iterable[MomentOfTruth]) -> dict[Id | None, Sums]:
    """Do the same for each customer."""
    is_good, is_bad = Valence.GOOD, Valence.BAD
    rows: dict[Id | None, Sums] = {}
    for moment in moments:
        customer_id = moment.customer_id
        sums = rows.get(customer_id)
        if sums is None:
            sums = rows[customer_id] = Sums()
        valence = moment.valence
        if valence is is_good:
            sums.good += moment.severity
        elif valence is is_bad:
            sums.bad += moment.severity
        else:
            sums.neutral += 1
    return rows


def aged_balance(moments: Iterable[MomentOfTruth], as_of: datetime, half_life: timedelta) -> tuple[Decimal, Decimal]:
    """Weigh good and bad by age as well, to Python's default of 28 digits."""
    microsecond = timedelta(microseconds=1)
    half, life = Decimal("0.5"), half_life // microsecond
    good = bad = _ZERO
    for moment in moments:
        valence = moment.valence
        if valence is not Valence.NEUTRAL:
            weight = moment.severity * half ** (Decimal((as_of - moment.at) // microsecond) / life)
            if valence is Valence.GOOD:
                good += weight
            else:
                bad += weight
    return good, bad


def aged_balance_in_floats(
    moments: Iterable[MomentOfTruth], as_of: datetime, half_life: timedelta
) -> tuple[float, float]:
    """Do the same in floats."""
    good = bad = 0.0
    for moment in moments:
        valence = moment.valence
        if valence is not Valence.NEUTRAL:
            weight = float(moment.severity) * 0.5 ** ((as_of - moment.at) / half_life)
            if valence is Valence.GOOD:
                good += weight
            else:
                bad += weight
    return good, bad


def ledger(moments: Iterable[MomentOfTruth]) -> tuple[list[Decimal], Decimal]:
    """Return the balance after each moment, in order, and the lowest."""
    value = lowest = _ZERO
    values: list[Decimal] = []
    for moment in sorted(moments, key=lambda moment: moment.at):
        if moment.valence is Valence.GOOD:
            value += moment.severity
        elif moment.valence is Valence.BAD:
            value -= 12 * moment.severity
        values.append(value)
        lowest = min(lowest, value)
    return values, lowest


def total(amounts: list[Money]) -> Money:
    """Add up money in Python's default decimal context, which rounds at 28 digits; the library never rounds."""
    currency = amounts[0].currency
    total = _ZERO
    for money in amounts:
        if money.currency != currency:
            raise ValueError(f"cannot add {money.currency} to {currency}")
        total += money.amount
    return Money(total, currency)


def historic_value(bought: list[Purchase]) -> tuple[Decimal, Decimal]:
    """Return revenue and cost."""
    currency = bought[0].amount.currency
    revenue = cost = _ZERO
    for purchase in bought:
        if purchase.amount.currency != currency:
            raise ValueError(f"cannot add {purchase.amount.currency} to {currency}")
        revenue += purchase.amount.amount
        if purchase.cost is not None:
            cost += purchase.cost.amount
    return revenue, cost


def historic_values(bought: list[Purchase]) -> dict[Id, tuple[Decimal, Decimal, Decimal]]:
    """Return revenue, cost and value of each customer."""
    currency = bought[0].amount.currency
    revenues: dict[Id, Decimal] = {}
    costs: dict[Id, Decimal] = {}
    for purchase in bought:
        if purchase.amount.currency != currency:
            raise ValueError(f"cannot add {purchase.amount.currency} to {currency}")
        customer_id = purchase.customer_id
        revenues[customer_id] = revenues.get(customer_id, _ZERO) + purchase.amount.amount
        if purchase.cost is not None:
            costs[customer_id] = costs.get(customer_id, _ZERO) + purchase.cost.amount
    return {
        customer_id: (revenue, cost := costs.get(customer_id, _ZERO), revenue - cost)
        for customer_id, revenue in revenues.items()
    }


def inactivity(
    bought: Iterable[Purchase], as_of: datetime, churned_after: timedelta, at_risk_after: timedelta
) -> tuple[int, int, int]:
    """Count who is active, at risk and churned by the last purchase, or by the last refund if there is no other."""
    latest: dict[Id, datetime] = {}
    refunded: dict[Id, datetime] = {}
    for purchase in bought:
        seen = refunded if purchase.amount.amount < _ZERO else latest
        last = seen.get(purchase.customer_id)
        if last is None or purchase.at > last:
            seen[purchase.customer_id] = purchase.at
    active = at_risk = churned = 0
    for last in (refunded | latest).values():
        silence = as_of - last
        if silence >= churned_after:
            churned += 1
        elif silence >= at_risk_after:
            at_risk += 1
        else:
            active += 1
    return active, at_risk, churned


@attrs.define
class Counts:
    """What happened to customers in a period."""

    start: int = 0
    lost: int = 0
    joined: int = 0
    joined_and_lost: int = 0
    lost_and_returned: int = 0
    exposure: timedelta = timedelta(0)


def churn(  # noqa: C901, PLR0912 - one loop, for speed
    plans: Iterable[Subscription], opens: datetime, closes: datetime, key: Callable[[Subscription], _K]
) -> dict[_K, Counts]:
    """Count customers once however many subscriptions they have; every instant is taken as UTC."""
    groups: dict[Id, _K] = {}
    spells: dict[Id, list[tuple[datetime, datetime]]] = {}
    for plan in plans:
        customer_id = plan.customer_id
        spell = plan.started, plan.ended or closes
        if customer_id in spells:
            if groups[customer_id] != key(plan):
                raise ValueError("a customer under two keys")
            spells[customer_id].append(spell)
        else:
            groups[customer_id] = key(plan)
            spells[customer_id] = [spell]
    rows: defaultdict[_K, Counts] = defaultdict(Counts)
    for customer_id, found in spells.items():
        row = rows[groups[customer_id]]
        was_there = is_there = has_left = has_come = False
        for start, end in _merged(found) if len(found) > 1 else found:
            if start < closes and end >= opens:
                if start < opens:
                    was_there = True
                else:
                    has_come = True
                if end < closes:
                    has_left = True
                else:
                    is_there = True
                row.exposure += min(end, closes) - max(start, opens)
        if was_there:
            row.start += 1
        elif has_come:
            row.joined += 1
        if has_left:
            row.lost += 1
            if is_there:
                row.lost_and_returned += 1
            elif not was_there:
                row.joined_and_lost += 1
    return dict(rows)


def _merged(found: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return a customer's spells without overlap, in order."""
    found.sort()
    apart = [found[0]]
    for start, end in found:
        if start > apart[-1][1]:
            apart.append((start, end))
        elif end > apart[-1][1]:
            apart[-1] = apart[-1][0], end
    return apart


def outcomes(journeys: Iterable[list[str]], goal: str) -> dict[tuple[str, ...], list[int]]:
    """Cut journeys at the goal and count the conversions and nulls of each path."""
    rows: dict[tuple[str, ...], list[int]] = {}
    for journey in journeys:
        path: list[str] = []
        for touchpoint in journey:
            if touchpoint == goal:
                rows.setdefault(tuple(path), [0, 0])[0] += 1
                path = []
            else:
                path.append(touchpoint)
        if path:
            rows.setdefault(tuple(path), [0, 0])[1] += 1
    return rows


def linear(rows: dict[tuple[str, ...], list[int]]) -> dict[str, float]:
    """Share the conversions of a path equally among its touches."""
    credit: dict[str, float] = defaultdict(float)
    for path, (conversions, _) in rows.items():
        if conversions:
            for touchpoint in path:
                credit[touchpoint] += conversions / len(path)
    return credit


def markov(rows: dict[tuple[str, ...], list[int]]) -> dict[str, float]:
    """Return removal effects, from a system of linear equations for each touchpoint."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for path, (conversions, nulls) in rows.items():
        if not path:
            continue
        before = ""
        for touchpoint in path:
            counts[before][touchpoint] += conversions + nulls
            before = touchpoint
        counts[before]["(conversion)"] += conversions
        counts[before]["(null)"] += nulls
    whole = _chance(counts, removed=None)
    return {touchpoint: 1 - _chance(counts, touchpoint) / whole for touchpoint in counts if touchpoint}


def _chance(counts: dict[str, dict[str, int]], removed: str | None) -> float:
    """Return the chance of a conversion if visits to the removed touchpoint lead to nothing."""
    states = [state for state in counts if state != removed]
    matrix: list[list[float]] = []
    for state in states:
        row = counts[state]
        total = sum(row.values())
        matrix.append([(state == other) - row.get(other, 0) / total for other in states])
        matrix[-1].append(row.get("(conversion)", 0) / total)
    for n, pivot in enumerate(matrix):
        for other in matrix:
            if other is not pivot and other[n]:
                factor = other[n] / pivot[n]
                for m in range(n, len(pivot)):
                    other[m] -= factor * pivot[m]
    start = states.index("")
    return matrix[start][-1] / matrix[start][start]


def survival(lengths: list[float], ended: list[bool], times: Iterable[float]) -> tuple[float | None, list[float]]:
    """Return the median lifetime and the survival at some times, in floats."""
    rows = sorted(zip(lengths, ended, strict=True))
    at_risk = len(rows)
    share, place = 1.0, 0
    steps: list[tuple[float, float]] = [(0.0, 1.0)]
    median: float | None = None
    while place < len(rows):
        time = rows[place][0]
        gone = left = 0
        while place < len(rows) and rows[place][0] == time:
            gone += rows[place][1]
            left += 1
            place += 1
        if gone:
            share *= (at_risk - gone) / at_risk
            steps.append((time, share))
            if median is None and share <= 0.5:
                median = time
        at_risk -= left
    return median, [steps[bisect_right(steps, (time, 2.0)) - 1][1] for time in times]
