"""Movements of monthly revenue from columns, against the loop one would write over them, and against pandas.

The columns are lists of plain values: customer, price, unit, start and end of each subscription. The loop checks
nothing and keeps bare sums in Decimal; pandas converts the prices to floats.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from benchmarks.harness import Row, Run, benchmark
from benchmarks.inputs import SPAN, customer_ids, instants
from crmcore import Period, RevenueMovements, Subscription, Table, TimeUnit, instant

MARCH: Final = Period(instant("2025-03-01"), instant("2025-04-01"))
PRICES: Final = tuple(Decimal(price).scaleb(-2) for price in (990, 1990, 4900, 9900, 120_00))
MONTHS: Final = {TimeUnit.MONTH: 1, TimeUnit.YEAR: 12}
NAMES: Final = ("start", "new", "reactivation", "expansion", "contraction", "churn")
ZERO: Final = Decimal(0)
NEVER: Final = instant("9999-01-01")

Columns = dict[str, list[Any]]


@cache
def columns(n: int) -> Columns:
    """Return n subscriptions: of eleven customers nine have one and two have three; half of them have ended."""
    single = n * 3 // 5
    return {
        "customer_id": [*range(single), *customer_ids(n - single, max(1, (n - single) // 3), single)],
        "price": [PRICES[number % 5] for number in range(n)],
        "every": [TimeUnit.YEAR if number % 7 == 0 else TimeUnit.MONTH for number in range(n)],
        "started": (starts := instants(n)),
        "ended": [at + SPAN / (2 + number % 17) if number % 2 else None for number, at in enumerate(starts)],
    }


def read(given: Columns) -> Table[Subscription]:
    """Read subscriptions from columns."""
    return Table(Subscription, given, currency="EUR")


def loop(given: Columns) -> tuple[Decimal, ...]:  # noqa: C901 - one pass, as one writes it by hand
    """Add up the movements in a loop."""
    opens, closes = MARCH.start, MARCH.end
    before: dict[int, Decimal] = {}
    after: dict[int, Decimal] = {}
    known: set[int] = set()
    for customer, price, every, start, end in zip(*given.values(), strict=True):
        monthly = price / MONTHS[every]
        if start < opens:
            known.add(customer)
            if end is None or end >= opens:
                before[customer] = before.get(customer, ZERO) + monthly
        if start < closes and (end is None or end >= closes):
            after[customer] = after.get(customer, ZERO) + monthly
    new = reactivation = expansion = contraction = churn = ZERO
    for customer, now in after.items():
        was = before.get(customer)
        if was is None:
            if customer in known:
                reactivation += now
            else:
                new += now
        elif now > was:
            expansion += now - was
        else:
            contraction += was - now
    for customer, was in before.items():
        if customer not in after:
            churn += was
    return sum(before.values(), ZERO), new, reactivation, expansion, contraction, churn


def by_pandas(given: Columns) -> tuple[Decimal, ...]:
    """Add up the movements with pandas, from the same columns."""
    pandas = import_module("pandas")
    frame = pandas.DataFrame(
        {
            "customer": given["customer_id"],
            "monthly": pandas.Series(given["price"]).astype(float),
            "months": pandas.Series(given["every"]).map(MONTHS),
            "started": pandas.to_datetime(given["started"], utc=True),
            "ended": pandas.to_datetime(given["ended"], utc=True),
        }
    )
    frame["monthly"] /= frame["months"]

    def paid(edge: datetime) -> Any:  # noqa: ANN401 - a series
        runs = (frame["started"] < edge) & (frame["ended"].isna() | (frame["ended"] >= edge))
        return frame["monthly"].where(runs, 0.0).groupby(frame["customer"], sort=False).sum()

    was, now = paid(MARCH.start), paid(MARCH.end)
    known = (frame["started"] < MARCH.start).groupby(frame["customer"], sort=False).any()
    came, change = (was == 0) & (now > 0), now - was
    stays = (was > 0) & (now > 0)
    sums = (
        was.sum(),
        now[came & ~known].sum(),
        now[came & known].sum(),
        change[stays & (change > 0)].sum(),
        -change[stays & (change < 0)].sum(),
        was[(was > 0) & (now == 0)].sum(),
    )
    return tuple(Decimal(float(amount)) for amount in sums)


def round_all(found: RevenueMovements | tuple[Decimal, ...]) -> list[Decimal]:
    """Return the amounts, rounded so that floats agree."""
    amounts = [getattr(found, name).amount for name in NAMES] if isinstance(found, RevenueMovements) else [*found]
    return [round(amount, 2) for amount in amounts]


def count(given: Columns) -> RevenueMovements:
    """Read the columns and count their movements."""
    return RevenueMovements.of(read(given), MARCH)


@benchmark
def movements_from_columns(run: Run) -> Iterator[Row]:
    """Count the movements of a month from columns, with and without reading them, against a loop and pandas."""
    given = columns(run.n)
    table = read(given)
    yield run.race(
        "RevenueMovements.of of a table / loop",
        partial(RevenueMovements.of, table, MARCH),
        partial(loop, given),
        form=round_all,
        other_form=round_all,
        aim=1.5,
    )
    if find_spec("pandas"):
        yield run.race(
            "Table and RevenueMovements.of / pandas",
            partial(count, given),
            partial(by_pandas, given),
            form=round_all,
            other_form=round_all,
            aim=1,
            note="both from columns of Python values",
        )
    else:
        yield Row(name="Table and RevenueMovements.of / pandas", ours=0, other=None, note="pandas is not installed")
