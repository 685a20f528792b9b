"""Sums of purchases straight from the columns of a table, without a record for each row."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from decimal import Decimal
from itertools import compress
from typing import Any, TypeVar

from crmcore.model.purchase import Purchase
from crmcore.primitives._decimals import ZERO, sums, sums_by
from crmcore.primitives.grouping import KeyGuard, in_one_group
from crmcore.primitives.table import as_columns

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
    table = as_columns(purchases, Purchase, checked=["cost"])
    if table is None:
        return None
    code, keys = table.currency("amount"), table.keys_by(key)
    amounts: Any = table.numbers("amount")  # none of them is missing
    goods = table.numbers("cost") if "cost" in table.fields else None
    if code is None or keys is None or currency not in (None, code):
        return None
    if goods is not None and table.currency("cost") != code:
        return None
    if goods is None and key is in_one_group:
        return code, ({}, {}, dict.fromkeys(keys[:1], sums([[*amounts]])[0]))
    counted = _sum(keys, amounts, goods)
    KeyGuard().check(counted[0])
    return code, counted


def _sum(keys: Sequence[_K], amounts: Sequence[Decimal], goods: Sequence[Decimal | None] | None) -> Sums[_K]:
    if goods is None:
        bare = sums_by(keys, amounts)
        return dict.fromkeys(bare, ZERO), {}, bare
    known = [cost is not None for cost in goods]
    unknown = [cost is None for cost in goods]
    paid = sums_by(compress(keys, known), compress(amounts, known))
    spent = sums_by(compress(keys, known), (cost for cost in goods if cost is not None))
    return dict.fromkeys(keys, ZERO) | paid, spent, sums_by(compress(keys, unknown), compress(amounts, unknown))
