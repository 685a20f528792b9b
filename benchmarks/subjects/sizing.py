"""How long the usual counts take, for each kind of time zone, and how much memory: the table of docs/size.md.

    python -m benchmarks sizing --full --page docs/size.md

The instants are the same in each zone, and so are the answers, which is checked first. The least of all rounds counts:
it is closest to what the call costs on a machine that does nothing else. Memory is what Python holds at most for the
call and its result, beside the records that it takes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import partial
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from benchmarks import journey_log
from benchmarks.harness import Row, Run, Size, benchmark, check_agree, milliseconds, peak_mebibytes
from benchmarks.inputs import amounts, customer_ids, instants, weighed_moments
from benchmarks.journey_log import FUNNEL, LogRow
from benchmarks.size_page import PACKED
from benchmarks.subjects.churning import MARCH, TWO_YEARS, subscriptions
from benchmarks.subjects.counting import customer_of
from benchmarks.subjects.judging import inactivity
from crmcore import (
    Balance,
    Churn,
    Funnel,
    HistoricValue,
    Id,
    Journeys,
    Money,
    Purchase,
    TimeUnit,
    paths,
)

ZONES: Final[dict[str, tzinfo]] = {
    "UTC": UTC,
    "fixed offset": timezone(timedelta(hours=1)),
    "ZoneInfo": ZoneInfo("Europe/Berlin"),
}

_A = TypeVar("_A")
_T = TypeVar("_T")


def itself(answer: object) -> object:
    """Return an answer that can be compared as it is."""
    return answer


def in_each_zone(inputs: Callable[[tzinfo], _T]) -> dict[str, _T]:
    """Return the same records in each kind of time zone."""
    return {kind: inputs(zone) for kind, zone in ZONES.items()}


def sized(
    run: Run,
    call: str,
    function: Callable[[Sequence[_T]], _A],
    records: Mapping[str, Sequence[_T]],
    form: Callable[[_A], object] = itself,
) -> Iterator[Row]:
    """Time a call on the same records in each kind of time zone, by turns."""
    calls = {kind: partial(function, some) for kind, some in records.items()}
    in_utc = form(calls["UTC"]())
    for kind, one in calls.items():
        check_agree(f"{call}, {kind}", form(one()), in_utc)
    mebibytes = peak_mebibytes(calls["UTC"])
    times = run.turns(*(partial(milliseconds, one) for one in calls.values()))
    least = dict(zip(calls, map(min, times), strict=True))
    for kind, time in least.items():
        yield Row(
            name=call if kind == "UTC" else f"{call}, {kind} / UTC",
            ours=time,
            other=None if kind == "UTC" else least["UTC"],
            note=f"{len(records[kind]):,} rows, {mebibytes:,.0f} MiB, least of all rounds",
            size=Size(call=call, rows=len(records[kind]), instants=kind, mebibytes=mebibytes),
        )


def build(columns: Sequence[tuple[Id, datetime, Decimal]]) -> list[Purchase]:
    """Build purchases from the columns of a table."""
    return [
        Purchase(customer_id=customer_id, at=at, amount=Money(amount, "EUR")) for customer_id, at, amount in columns
    ]


def columns_of(n: int, tz: tzinfo) -> list[tuple[Id, datetime, Decimal]]:
    """Return the columns of a table of purchases."""
    return [*zip(customer_ids(n, n // 10), instants(n, tz), amounts(n), strict=True)]


def buyer_of(purchase: Purchase) -> Id:
    """Return the key to count by."""
    return purchase.customer_id


def log_of(n: int, tz: tzinfo) -> list[LogRow]:
    """Return the rows of a log."""
    return [(customer_id, place, at.astimezone(tz)) for customer_id, place, at in journey_log.generated(n)]


@benchmark
def bought(run: Run) -> Iterator[Row]:
    """Build purchases, and count them by customer and for all."""
    tables = in_each_zone(partial(columns_of, run.n))
    yield from sized(run, "build `Purchase` and `Money`", build, tables, len)
    records = {kind: build(table) for kind, table in tables.items()}
    del tables
    yield from sized(run, "`HistoricValue.by` customer", lambda some: HistoricValue.by(some, buyer_of), records)
    yield from sized(run, "`Inactivity.of`", inactivity, records)


@benchmark
def judged(run: Run) -> Iterator[Row]:
    """Count moments by customer."""
    records = in_each_zone(partial(weighed_moments, run.n, run.n // 10))
    yield from sized(run, "`Balance.by` customer", lambda some: Balance.by(some, customer_of), records)
    weighed_moments.cache_clear()


@benchmark
def left(run: Run) -> Iterator[Row]:
    """Count the churn of a month and of 24 months."""
    records = in_each_zone(partial(subscriptions, run.n, 0))
    months = TWO_YEARS.split(TimeUnit.MONTH)
    yield from sized(run, "`Churn.of`, one month", lambda plans: Churn.of(plans, MARCH), records)
    yield from sized(run, "`Churn.over`, 24 months", lambda plans: Churn.over(plans, months), records)
    subscriptions.cache_clear()


@benchmark
def visited(run: Run) -> Iterator[Row]:
    """Pack a log, and ask two questions of it."""
    logs = in_each_zone(partial(log_of, run.n))
    yield from sized(run, "`Journeys.of`", Journeys.of, logs)
    journeys = Journeys.of(logs["UTC"])
    for call, function in (
        ("`paths.visits`", partial(paths.visits, journeys)),
        ("`Funnel.of`, 5 steps", partial(Funnel.of, journeys, FUNNEL)),
    ):
        mebibytes = peak_mebibytes(function)
        (times,) = run.turns(partial(milliseconds, function))
        yield Row(
            name=call,
            ours=min(times),
            other=None,
            note=f"{journeys.visits:,} rows, {mebibytes:,.0f} MiB, least of all rounds",
            size=Size(call=call, rows=journeys.visits, instants=PACKED, mebibytes=mebibytes),
        )
