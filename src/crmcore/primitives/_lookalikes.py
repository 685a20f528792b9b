"""Customers whose id is given as a number or a UUID and as a text too, such as 7 and "7": most likely one each.

They count as two, so a count of customers that meets them has a caution. A tally keeps their number. Records of
disjoint customers can be added, and two parts that have such a customer under one type each are not disjoint: no part
can know it. So split a customer base by a key that is the same for 7 and "7".
"""

from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar, cast

from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import find_lookalikes
from crmcore.primitives.ids import Id

__all__: list[str] = []  # for the library alone

_K = TypeVar("_K", bound=Hashable)


def count_lookalikes(customer_ids: Collection[Id | None]) -> int:
    """Count the customers that are given under an id of two types."""
    return len(list_lookalikes(customer_ids))


def list_lookalikes(customer_ids: Collection[Id | None]) -> list[Id]:
    """List the ids that are not texts and whose text is another customer's id."""
    if len(set(map(type, customer_ids))) < 2:  # 20 times as fast, and nearly always so
        return []
    return [cast("Id", customer_id) for customer_id, _ in find_lookalikes(customer_ids)]


def count_lookalikes_by(group_of: Mapping[Id, _K]) -> Counter[_K]:
    """Count them by the group of the id that is not a text, so that the groups add up to the whole."""
    return Counter(group_of[id_] for id_ in list_lookalikes(group_of.keys()))


def caution_of(lookalikes: int) -> tuple[Finding, ...]:
    """Return the caution about a number of them; none if there are none."""
    if not lookalikes:
        return ()
    customers = "1 customer has" if lookalikes == 1 else f"{lookalikes:,} customers have"
    return (
        Finding(
            rule="mixed_customer_ids",
            severity=Severity.WARNING,
            subject="customers",
            message=f"{customers} one id as a text and as another type, so each counts as two",
            advice="give every id the same type, for example with str(...)",
            evidence=[("customers", lookalikes)],
        ),
    )
