"""Adding up money: `Money.total` against a loop that checks the currency, and against the builtin `sum`.

All add the same objects to the same amount. The loop adds in Python's default decimal context, which rounds at 28
digits without a word; the library's never rounds.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from benchmarks.inputs import monies
from benchmarks.measuring import Row, agree, main, race
from crmcore import Money


def total_by_hand(amounts: list[Money]) -> Money:
    """What `Money.total` adds."""
    currency = amounts[0].currency
    total = Decimal(0)
    for money in amounts:
        if money.currency != currency:
            raise ValueError(f"cannot add {money.currency} to {currency}")
        total += money.amount
    return Money(total, currency)


def by_sum(amounts: list[Money]) -> Money:
    """What `Money.total` adds, by adding money to money."""
    return sum(amounts, start=Money.zero("EUR"))


def money_total(n: int) -> Iterator[Row]:
    """The total of all amounts."""
    amounts = monies(n)
    for name, way, aim, note in (
        ("loop", total_by_hand, "≤ 2", "it checks the currency too"),
        ("sum", by_sum, "-", "which makes a Money of every step"),
    ):
        agree(Money.total(amounts), way(amounts))
        ours, other = race(partial(Money.total, amounts), partial(way, amounts))
        yield Row(name=f"Money.total / {name}", ours=ours, other=other, unit="ms", aim=aim, note=note)


if __name__ == "__main__":
    main(money_total)
