"""How often, how recently and for how much customers bought: against a loop, lifetimes and pymc-marketing.

    python -m benchmarks summarizing --peer lifetimes=PYTHON --peer pymc=PYTHON

The groups `bench` and `bench-purchases` of pyproject.toml install the peers. Name the Python of their environments
with `--peer`. Otherwise a peer is looked for in this environment; if it is not installed, its rows say so.

All begin with the same plain columns of Python: whole numbers, instants in UTC and Decimals. The loop merges the
purchases of a day, adds Decimals and checks nothing. The peers build a frame of pandas and compute in floats. They are
timed twice: with the conversion of the columns to what they ask for, which are floats and times without a zone, and
from columns that are converted already.
"""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.harness import Row, Run, benchmark, check_agree, milliseconds
from benchmarks.inputs import amounts, customer_ids, instants
from benchmarks.peers.answering import Contestant
from crmcore import Purchase, RfmTable, Table, instant

END: Final = "2027-01-01"
AS_OF: Final = instant(END)
PEERS: Final = ("lifetimes", "pymc")
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
def against_peers(run: Run) -> Iterator[Row]:
    """Read and summarize columns, as the peers read a data frame."""
    given = columns(run.n)

    def ours() -> RfmTable:
        return RfmTable.of(read(given), as_of=AS_OF)

    with TemporaryDirectory() as folder:
        file = Path(folder) / "purchases.json"
        shown = {"customers": given[0], "at": [*map(str, given[1])], "amounts": [*map(str, given[2])], "end": END}
        file.write_text(json.dumps(shown), encoding="utf-8")
        for name in PEERS:
            peer = Contestant(name, dict(run.peers).get(name, sys.executable), file, "rfm")
            title = f"RfmTable.of(Table(columns)) / {name}"
            try:
                if peer.version is None:
                    yield Row(name=title, ours=milliseconds(ours), other=None, note="the peer is not installed")
                    continue
                check_agree(title, add_up(ours()), peer.answer("summary"))
                mine, converted, ready = run.medians(
                    partial(milliseconds, ours), partial(peer.time, "summary"), partial(peer.time, "ready")
                )
                note = f"{peer.version}, from the same columns"
                yield Row(name=title, ours=mine, other=converted, aim=1, note=note)
                yield Row(name=f"{title}, from floats", ours=mine, other=ready, note=peer.version)
            finally:
                peer.close()


def add_up(table: RfmTable) -> list[int]:
    """Return the sums of the figures, rounded so that floats agree."""
    rows = table.summaries
    value = sum(row.monetary_value.amount for row in rows if row.monetary_value is not None)
    return [
        sum(row.frequency for row in rows),
        *(round(sum(getattr(row, name) for row in rows)) for name in ("recency", "T")),
        round(value),
    ]
