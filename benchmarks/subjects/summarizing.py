"""How often, how recently and for how much customers bought: from columns, against a loop and against lifetimes.

The loop merges the purchases of a day, adds Decimals and checks nothing. lifetimes computes in floats with pandas. It
is measured if it is installed in the environment of the benchmarks.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import partial
from importlib import import_module
from typing import Any, Final

from benchmarks.harness import Row, Run, benchmark, installed, milliseconds
from benchmarks.inputs import amounts, customer_ids, instants
from crmcore import Purchase, RfmTable, Table, instant

AS_OF: Final = instant("2027-01-01")
CUSTOMERS: Final = 20
"""Purchases of a customer."""

Columns = tuple[list[int], list[datetime], list[Decimal]]


def columns(n: int) -> Columns:
    """Return customers, instants and amounts."""
    return customer_ids(n, n // CUSTOMERS), instants(n), [abs(amount) for amount in amounts(n)]


def read(given: Columns) -> Table[Purchase]:
    """Read purchases from columns."""
    return Table(Purchase, dict(zip(("customer_id", "at", "amount"), given, strict=True)), currency="EUR")


def loop(given: Columns) -> dict[int, tuple[int, int, int, Decimal]]:
    """Return the repeat orders, recency, T and spend of each customer."""
    orders: dict[int, dict[int, Decimal]] = {}
    for customer, at, amount in zip(*given, strict=True):
        day, found = at.toordinal(), orders.get(customer)
        if found is None:
            orders[customer] = {day: amount}
        else:
            found[day] = found.get(day, Decimal(0)) + amount
    end = AS_OF.toordinal()
    return {
        customer: (len(found) - 1, max(found) - min(found), end - min(found), sum(found.values(), Decimal(0)))
        for customer, found in orders.items()
    }


def facts(table: RfmTable) -> dict[Any, tuple[int, int, int, Decimal]]:
    """Return the same of a table."""
    return {row.customer_id: (row.frequency, int(row.recency), int(row.T), row.spend.amount) for row in table.summaries}


@benchmark
def summaries(run: Run) -> Iterator[Row]:
    """Summarize purchases in memory."""
    given = columns(run.n)
    table, note = read(given), "orders of a day merged; ours makes a record of each customer"
    yield run.race(
        "RfmTable.of(table) / loop",
        partial(RfmTable.of, table, as_of=AS_OF),
        partial(loop, given),
        form=facts,
        aim=1.5,
        note=note,
    )


@benchmark
def against_lifetimes(run: Run) -> Iterator[Row]:
    """Read and summarize columns, as the peer reads a data frame."""
    given = columns(run.n)
    if installed("lifetimes") is None:
        yield Row(
            name="RfmTable.of(Table(columns)) / lifetimes",
            ours=run.medians(partial(_cost, given))[0],
            other=None,
            note="lifetimes is not installed",
        )
        return
    pandas: Any = import_module("pandas")
    summarize: Any = import_module("lifetimes.utils").summary_data_from_transaction_data
    plain = [at.replace(tzinfo=None) for at in given[1]], [float(amount) for amount in given[2]]

    def peer() -> Any:  # noqa: ANN401 - lifetimes comes untyped
        frame = pandas.DataFrame({"customer": given[0], "at": plain[0], "amount": plain[1]})
        return summarize(frame, "customer", "at", "amount", observation_period_end="2027-01-01")

    yield run.race(
        "RfmTable.of(Table(columns)) / lifetimes",
        lambda: RfmTable.of(read(given), as_of=AS_OF),
        peer,
        form=lambda table: sum(row.frequency for row in table.summaries),
        other_form=lambda found: int(found["frequency"].sum()),
        note="reading included; ours exact in Decimal, lifetimes in floats",
    )


def _cost(given: Columns) -> float:
    return milliseconds(lambda: RfmTable.of(read(given), as_of=AS_OF))
