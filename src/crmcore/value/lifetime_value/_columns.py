"""Sums of purchases straight from the columns of a table, without a record for each row."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from crmcore.model.purchase import Purchase
from crmcore.primitives._decimals import EXACT, ZERO, sums
from crmcore.primitives.grouping import KeyGuard, in_one_group
from crmcore.primitives.table import Table

_K = TypeVar("_K", bound=Hashable)

Sums = tuple[dict[_K, Decimal], dict[_K, Decimal], dict[_K, Decimal]]
"""By key: the revenues with a known cost, the costs, and the revenues without."""


def sum_columns(
    purchases: Iterable[Purchase], key: Callable[[Any], _K], currency: str | None
) -> tuple[str, Sums[_K]] | None:
    """Return the currency and the sums of each key; None if the purchases must be counted one by one.

    Args:
        purchases: The purchases, which may be a table.
        key: The key; only ``attrgetter("field")`` and `in_one_group` name a column.
        currency: The currency that all amounts must have, if it is known.
    """
    if not isinstance(purchases, Table) or purchases.kind is not Purchase or not purchases.is_distinct("id"):
        return None
    code: str | None = purchases.currency("amount")
    amounts: Any = purchases.amounts("amount")  # none of them is missing
    keys = purchases.keys_by(key)
    goods: Sequence[Decimal | None] | None = None
    if "cost" in purchases.fields:
        goods = purchases.amounts("cost")
        if goods is None or purchases.currency("cost") != code:
            return None
    if code is None or amounts is None or keys is None or currency not in (None, code):
        return None
    if goods is None and key is in_one_group:
        return code, ({}, {}, dict.fromkeys(keys[:1], sums([[*amounts]])[0]))
    groups = dict.fromkeys(keys)
    KeyGuard().check(groups)
    return code, _sum(keys, amounts, goods, groups)


def _sum(
    keys: Iterable[_K], amounts: Sequence[Decimal], goods: Sequence[Decimal | None] | None, groups: Iterable[_K]
) -> Sums[_K]:
    if goods is None:
        return dict.fromkeys(groups, ZERO), {}, _add_up(zip(keys, amounts, strict=True))
    rows = [*zip(keys, amounts, goods, strict=True)]
    return (
        dict.fromkeys(groups, ZERO) | _add_up((group, amount) for group, amount, cost in rows if cost is not None),
        _add_up((group, cost) for group, _, cost in rows if cost is not None),
        _add_up((group, amount) for group, amount, cost in rows if cost is None),
    )


def _add_up(rows: Iterable[tuple[_K, Decimal]]) -> dict[_K, Decimal]:
    totals: dict[_K, Decimal] = {}
    add = EXACT.add
    for group, number in rows:
        before = totals.get(group)
        totals[group] = number if before is None else add(before, number)
    return totals
