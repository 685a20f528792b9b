"""Customers who have one group each."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, cast

import narwhals as nw

from crmcore.interop.frames._frame import Rows, group
from crmcore.interop.frames._statistics import Row, key_of
from crmcore.primitives.checks import show
from crmcore.primitives.errors import CurrencyMismatchError, InconsistentCountsError

SEVERAL: Final = "in_several_groups"
"""The column that tells whether customers have rows in several groups."""


def mark_several(customers: Rows, keys: Sequence[str]) -> Rows:
    """Tell which customers are in several groups. There is a row for each group of a customer."""
    if not keys:
        return customers
    counted: Any = group(customers.select(*keys, "customer_id"), ["customer_id"], groups=nw.len())
    joined: Any = customers.join(counted, on="customer_id", how="inner")
    return cast("Rows", joined.with_columns((nw.col("groups") > 1).alias(SEVERAL)))


def check_one_group(rows: Sequence[Row], by: Sequence[str]) -> None:
    """Refuse customers who are in several groups, and would count twice."""
    for row in rows:
        if row.get(SEVERAL):
            raise InconsistentCountsError(
                "customer_in_several_groups",
                f"a customer must have one value of {', '.join(by)}, got several, such as {show(key_of(row, by))}",
                field="by",
                advice="a customer would count twice: group by a column of the customer, or keep one of their keys",
                operands=tuple(row[name] for name in by),
            )


def find_currency(rows: Sequence[Row], field: str, own: str | None) -> str:
    """Return the one currency of the amounts of a field in all rows."""
    codes = list(dict.fromkeys(row.get(f"{field}_currency") or own or "" for row in rows))
    if len(codes) > 1:
        raise CurrencyMismatchError(
            "counted_in_two_currencies",
            f"{field} must be in one currency, {codes[0]}, got {codes[1]}",
            field=field,
            advice="convert them in the engine, or count each currency by itself",
            operands=tuple(codes[:2]),
        )
    return codes[0] if codes else ""


def as_number(cell: Any) -> Decimal:  # noqa: ANN401 - a number
    """Read a sum; a missing one is 0."""
    return Decimal(cell or 0)
