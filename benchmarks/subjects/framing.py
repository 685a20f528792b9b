"""Counting in an engine: frames of polars and DuckDB against what one would write by hand, and ten times the rows.

The native code answers the same question of the same rows: it leaves out rows that lack a field, and finds visits of
one instant that have no order. Both sides hand over a frame of the engine; nothing is read into records.
"""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from importlib import import_module
from typing import Any, Final, cast

import duckdb
import polars as pl

from benchmarks.harness import Row, Run, benchmark, installed, milliseconds
from crmcore import Interaction, Purchase, instant
from crmcore.interop import frames

POLARS_AIM: Final = 1.15
DUCKDB_AIM: Final = 1.4
LIFETIMES_AIM: Final = 0.2
AS_OF: Final = instant("2027-01-01")
LINEAR: Final = 1.3
"""What ten times the rows may cost at most, over ten times the cost."""
VISITS: Final = 10
"""Rows of a customer."""

Rows = dict[Any, tuple[Any, ...]]


def make_table(n: int) -> pl.DataFrame:
    """Return purchases and visits: n rows, ten of each customer, in an order that does not help a cache."""
    number = pl.int_range(n, dtype=pl.Int64)
    return pl.select(
        who=(number * 7919) % max(n // VISITS, 1),
        at=pl.lit(1_770_000_000_000_000) + ((number * 99_991) % n) * 1_000_000,
        paid=((number * 7919) % 99_991 - 2000).cast(pl.Decimal(18, 2)),
        place=pl.format("place {}", (number * 104_729) % 12),
        row=number,
    ).with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))


def open_duckdb(table: pl.DataFrame) -> Any:  # noqa: ANN401 - a relation
    """Return a table of DuckDB on two threads."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("set timezone = 'UTC'")
    connection.register("given", cast("Any", table).to_arrow())
    connection.execute("create table kept as select * from given")
    return connection.table("kept")


def count_values(data: object) -> Any:  # noqa: ANN401 - a frame of the engine
    """Sum up what customers have paid, with ours."""
    purchases = frames.Frame(Purchase, data, customer_id="who", amount="paid", currency="EUR")
    return frames.historic_value(purchases, by="who").frame


def count_flow(data: object) -> Any:  # noqa: ANN401 - the same
    """Count the ways of customers, with ours."""
    visits = frames.Frame(Interaction, data, customer_id="who", touchpoint_id="place")
    return frames.flow(visits, sequence="row").frame


def summarize(data: object) -> Any:  # noqa: ANN401 - the same
    """Summarize what customers have bought, with ours."""
    purchases = frames.Frame(Purchase, data, customer_id="who", amount="paid", currency="EUR")
    return frames.rfm(purchases, as_of=AS_OF).frame


def sum_in_polars(table: pl.LazyFrame) -> pl.LazyFrame:
    """Sum up what customers have paid, in polars."""
    known = table.filter(pl.all_horizontal(pl.col("who", "at", "paid").is_not_null()))
    return known.group_by("who").agg(revenue=pl.col("paid").sum())


def flow_in_polars(table: pl.LazyFrame) -> pl.LazyFrame:
    """Count the ways of customers, in polars."""
    known = table.filter(pl.all_horizontal(pl.col("who", "at", "place", "row").is_not_null()))
    following = pl.col("at", "row", "place").shift(-1).over("who", order_by=["at", "row"]).name.prefix("next_")
    moves = known.select("who", "at", "row", "place").with_columns(following)
    tie = (pl.col("at") == pl.col("next_at")) & (pl.col("row") == pl.col("next_row"))
    passed = moves.group_by("who", "place", "next_place").agg(count=pl.len(), ties=tie.sum())
    return passed.group_by("place", "next_place").agg(
        count=pl.col("count").sum(), journeys=pl.len(), ties=pl.col("ties").sum()
    )


def summarize_in_polars(table: pl.LazyFrame) -> pl.LazyFrame:
    """Summarize what customers have bought, in polars."""
    known = table.filter(pl.all_horizontal(pl.col("who", "at", "paid").is_not_null()))
    rows = known.select("who", "paid", day=pl.col("at").dt.date(), refund=pl.col("paid") < 0)
    days = rows.group_by("who", "day", "refund").agg(pl.col("paid").sum())
    order = ~pl.col("refund")
    return days.group_by("who").agg(
        orders=order.sum(),
        first=pl.col("day").filter(order).min(),
        last=pl.col("day").filter(order).max(),
        paid=pl.col("paid").sum(),
        first_spend=pl.col("paid").filter(order).sort_by(pl.col("day").filter(order)).first(),
        refunded=pl.col("paid").filter(~order).sum(),
    )


SUM_IN_SQL: Final = """
    select who, sum(paid) as revenue from given_rows
    where who is not null and "at" is not null and paid is not null group by who
"""
FLOW_IN_SQL: Final = """
    with moves as (
        select who, place, lead(place) over following as next_place,
            "at" = lead("at") over following and "row" = lead("row") over following as tie
        from given_rows where who is not null and "at" is not null and place is not null and "row" is not null
        window following as (partition by who order by "at", "row")
    ), passed as (
        select who, place, next_place, count(*) as "count", count(*) filter (where tie) as ties from moves group by all
    )
    select place, next_place, sum("count")::bigint as "count", count(*) as journeys, sum(ties)::bigint as ties
    from passed group by place, next_place
"""


def list_values(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Return the answer of either side, to be compared."""
    return sorted(frame.select("who", "revenue").rows())


def list_summaries(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Return the answer of either side, to be compared; ours has days as their ordinals, and None for no refunds."""
    if "customer_id" in frame.columns:
        days = pl.col("first", "last") - date(1970, 1, 1).toordinal()
        frame = frame.rename({"customer_id": "who"}).with_columns(days.cast(pl.Int32).cast(pl.Date))
    whole = frame.with_columns(pl.col("refunded").fill_null(0))
    return sorted(whole.select("who", "orders", "first", "last", "paid", "first_spend", "refunded").rows())


def list_flow(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Return the answer of either side, to be compared; ours says in a column of its own that a journey ended."""
    if "ended" in frame.columns:
        end = pl.when("ended").then(None).otherwise("end")
        frame = frame.select(place="start", next_place=end, count="count", journeys="journeys", ties="ties")
    return sorted(frame.rows(), key=repr)


def collect(frame: pl.LazyFrame) -> pl.DataFrame:
    """Let polars compute."""
    return frame.collect()


def compute(relation: Any) -> pl.DataFrame:  # noqa: ANN401 - a relation
    """Let DuckDB compute."""
    answer: pl.DataFrame = relation.pl()
    return answer


@benchmark
def values(run: Run) -> Iterator[Row]:
    """Sum up what each customer has paid."""
    table = make_table(run.n)
    lazy, relation = table.lazy(), open_duckdb(table)
    yield run.race(
        "frames.historic_value / polars, lazy",
        lambda: collect(count_values(lazy)),
        lambda: collect(sum_in_polars(lazy)),
        form=list_values,
        other_form=list_values,
        aim=POLARS_AIM,
    )
    yield run.race(
        "frames.historic_value / SQL of DuckDB",
        lambda: compute(count_values(relation)),
        lambda: compute(relation.query("given_rows", SUM_IN_SQL)),
        form=list_values,
        other_form=list_values,
        aim=DUCKDB_AIM,
    )


@benchmark
def flow(run: Run) -> Iterator[Row]:
    """Count from which touchpoint to which customers go."""
    table = make_table(run.n)
    lazy, relation = table.lazy(), open_duckdb(table)
    yield run.race(
        "frames.flow / polars, lazy",
        lambda: collect(count_flow(lazy)),
        lambda: collect(flow_in_polars(lazy)),
        form=list_flow,
        other_form=list_flow,
        aim=POLARS_AIM,
    )
    yield run.race(
        "frames.flow / SQL of DuckDB",
        lambda: compute(count_flow(relation)),
        lambda: compute(relation.query("given_rows", FLOW_IN_SQL)),
        form=list_flow,
        other_form=list_flow,
        aim=DUCKDB_AIM,
    )


@benchmark
def summaries(run: Run) -> Iterator[Row]:
    """Summarize how often, how recently and for how much customers bought, against the package that reads pandas.

    Both merge the purchases of a day, and return for each customer how many days they bought on, the first and the last
    one, and what later ones brought. lifetimes adds floats, counts each row and amount as an order, and returns means.
    Ours adds decimals, leaves out rows that lack a field, and takes refunds off the orders before them. A query of
    polars by hand, without that, says how much of the time is the engine's own.
    """
    table = make_table(run.n)
    lazy, name = table.lazy(), "frames.rfm in polars / lifetimes"
    yield run.race(
        "frames.rfm / polars, lazy",
        lambda: collect(summarize(lazy)),
        lambda: collect(summarize_in_polars(lazy)),
        form=list_summaries,
        other_form=list_summaries,
        aim=POLARS_AIM,
    )
    if installed("lifetimes") is None:
        cost = run.medians(partial(milliseconds, lambda: collect(summarize(lazy))))[0]
        yield Row(name=name, ours=cost, other=None, note="lifetimes is not installed")
        return
    peer: Any = import_module("lifetimes.utils").summary_data_from_transaction_data
    given: Any = cast("Any", table.with_columns(pl.col("at").dt.replace_time_zone(None), pl.col("paid").cast(float)))
    frame = given.to_pandas()
    yield run.race(
        name,
        lambda: collect(summarize(lazy)),
        lambda: peer(frame, "who", "at", "paid", observation_period_end=AS_OF.date().isoformat()),
        form=len,
        other_form=len,
        aim=LIFETIMES_AIM,
        note="floats and no refunds in lifetimes",
    )


@benchmark
def growth(run: Run) -> Iterator[Row]:
    """Count ten times the rows, over ten times the cost."""
    table, larger = make_table(run.n), make_table(10 * run.n)
    counts: dict[str, Callable[[Any], Any]] = {"historic_value": count_values, "flow": count_flow, "rfm": summarize}
    for engine, given, ten_times, take in (
        ("polars", table.lazy(), larger.lazy(), collect),
        ("DuckDB", open_duckdb(table), open_duckdb(larger), compute),
    ):
        for name, count in counts.items():
            cost, greater = run.medians(
                *(partial(milliseconds, partial(_answer, take, count, rows)) for rows in (given, ten_times))
            )
            note = f"{10 * run.n:,} rows over ten times {run.n:,}"
            yield Row(name=f"frames.{name} in {engine}, growth", ours=greater, other=10 * cost, aim=LINEAR, note=note)


def _answer(take: Callable[[Any], Any], count: Callable[[Any], Any], rows: object) -> Any:  # noqa: ANN401 - a frame
    return take(count(rows))
