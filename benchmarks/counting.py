"""Counting moments of truth: `Balance.of` and `Balance.by` against the loops one would write instead.

Both sides run over the same objects and come to the same answer: good and bad weighed by severity in Decimal, neutral
counted. The loops check nothing and keep bare sums, where the library makes a `Balance` of them.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import partial

import attrs

from benchmarks.inputs import ordinary_moments, weighed_moments
from benchmarks.measuring import Row, agree, main, race
from crmcore import Balance, Id, MomentOfTruth, Valence


@attrs.define
class Sums:
    """Good, bad and neutral."""

    good: Decimal = Decimal(0)
    bad: Decimal = Decimal(0)
    neutral: int = 0


def sums_of(balance: Balance) -> Sums:
    """The sums in a balance."""
    return Sums(balance.good, balance.bad, balance.neutral)


def balance_by_hand(moments: Iterable[MomentOfTruth]) -> Sums:
    """What `Balance.of` counts."""
    is_good, is_bad = Valence.GOOD, Valence.BAD
    good = bad = Decimal(0)
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


def balances_by_hand(moments: Iterable[MomentOfTruth]) -> dict[Id | None, Sums]:
    """What `Balance.by` counts for each customer."""
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


def customer_of(moment: MomentOfTruth) -> Id | None:
    """The key to count by."""
    return moment.customer_id


def balance_of(n: int) -> Iterator[Row]:
    """One balance of all moments."""
    for moments, note in (
        (ordinary_moments(n, n // 10), "every moment of ordinary weight"),
        (weighed_moments(n, n // 10), "one moment in ten of a weight of its own"),
    ):
        agree(sums_of(Balance.of(moments)), balance_by_hand(moments))
        ours, other = race(partial(Balance.of, moments), partial(balance_by_hand, moments))
        yield Row(name="Balance.of / loop", ours=ours, other=other, unit="ms", aim="≤ 1.3", note=note)


def balance_by(n: int) -> Iterator[Row]:
    """A balance for each of few customers, and for each of many."""
    for customers in (200, n // 10):
        moments = weighed_moments(n, customers)
        balances = Balance.by(moments, customer_of)
        agree({customer: sums_of(balance) for customer, balance in balances.items()}, balances_by_hand(moments))
        ours, other = race(partial(Balance.by, moments, customer_of), partial(balances_by_hand, moments))
        note = f"{customers:,} customers"
        yield Row(name="Balance.by / loop", ours=ours, other=other, unit="ms", aim="≤ 1.3", note=note)


if __name__ == "__main__":
    main(balance_of, balance_by)
