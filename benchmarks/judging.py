"""What follows from purchases: who has fallen silent.

`Inactivity.of` runs against the loop one would write instead, over the same objects and to the same answer.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from benchmarks.inputs import SPAN, START, purchases
from benchmarks.measuring import Row, agree, main, race
from crmcore import Id, Inactivity, Purchase

ZERO = Decimal(0)
AS_OF = START + SPAN
CHURNED_AFTER = timedelta(days=60)
AT_RISK_AFTER = timedelta(days=30)


def inactivity(bought: Iterable[Purchase]) -> Inactivity:
    """Judge the customers."""
    return Inactivity.of(bought, as_of=AS_OF, churned_after=CHURNED_AFTER, at_risk_after=AT_RISK_AFTER)


def inactivity_by_hand(bought: Iterable[Purchase]) -> tuple[int, int, int]:
    """How many are active, at risk and churned by their last purchase, or by their last refund if that is all."""
    latest: dict[Id, datetime] = {}
    refunded: dict[Id, datetime] = {}
    for purchase in bought:
        seen = refunded if purchase.amount.amount < ZERO else latest
        last = seen.get(purchase.customer_id)
        if last is None or purchase.at > last:
            seen[purchase.customer_id] = purchase.at
    active = at_risk = churned = 0
    for last in (refunded | latest).values():
        silence = AS_OF - last
        if silence >= CHURNED_AFTER:
            churned += 1
        elif silence >= AT_RISK_AFTER:
            at_risk += 1
        else:
            active += 1
    return active, at_risk, churned


def inactivity_of(n: int) -> Iterator[Row]:
    """Who has fallen silent."""
    bought = purchases(n)
    answer = inactivity(bought)
    agree((answer.active, answer.at_risk, answer.churned), inactivity_by_hand(bought))
    ours, other = race(partial(inactivity, bought), partial(inactivity_by_hand, bought))
    note = f"{answer.customers:,} customers"
    yield Row(name="Inactivity.of / loop", ours=ours, other=other, unit="ms", note=note)


if __name__ == "__main__":
    main(inactivity_of)
