"""Customers by their level of loyalty, counted in an engine."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, overload

import narwhals as nw

from crmcore.interop.frames._building import add_reports, check_same_ids, multiply, select_columns
from crmcore.interop.frames._frame import Selection, group
from crmcore.interop.frames._statistics import Row, Statistics, build_statistics, collect
from crmcore.model._levels import LEVELS
from crmcore.primitives.periods import Period
from crmcore.primitives.tally import TallyBy
from crmcore.voice.loyalty import BaseDistribution, LevelTransitions

__all__ = ["level_changes", "level_distribution"]


@overload
def level_distribution(
    data: object,
    /,
    *,
    customer_id: str = "customer_id",
    level: str = "level",
    levels: Iterable[str] = LEVELS,
    period: Period | None = None,
) -> Statistics[BaseDistribution]: ...
@overload
def level_distribution(
    data: object,
    /,
    *,
    by: str | Sequence[str],
    customer_id: str = "customer_id",
    level: str = "level",
    levels: Iterable[str] = LEVELS,
    period: Period | None = None,
) -> Statistics[TallyBy[Any, BaseDistribution]]: ...
def level_distribution(
    data: object,
    /,
    *,
    by: str | Sequence[str] | None = None,
    customer_id: str = "customer_id",
    level: str = "level",
    levels: Iterable[str] = LEVELS,
    period: Period | None = None,
) -> Statistics[Any]:
    """Count customers by their level, as `BaseDistribution.of` does.

    Examples:
        >>> import polars as pl
        >>> from crmcore.interop import frames
        >>> states = pl.DataFrame(
        ...     {"who": ["anna", "ben", "zoe", "tom"], "level": ["loyal", "aggrieved", "unread", None]}
        ... )
        >>> statistics = frames.level_distribution(states, customer_id="who")
        >>> base = statistics.read(statistics.frame)
        >>> base.counts, base.unread, base.unknown
        ((1, 0, 1), 1, 1)

    Args:
        data: A frame of pandas, polars, pyarrow, DuckDB, Ibis, SQLFrame, PySpark or Dask, with a row for each customer.
            Equal copies of a row are dropped, and customers with several rows that differ are left out.
        by: One or more columns of the data whose values are the keys; several make a tuple.
        customer_id: The column of the customers. A row without one is left out.
        level: The column of the levels: a text of `levels`, a `NoLevel`, or nothing if the level is unknown. Another
            text is an error when the statistics are read.
        levels: The levels, best first.
        period: The period at whose end they are counted.

    Raises:
        InvalidValueError: A column to group by is called as a statistic.
        UnknownNameError: A column does not exist.
        WrongTypeError: It is no frame, or a column holds neither texts nor whole numbers.
    """
    empty = BaseDistribution(levels=levels, period=period)
    chosen = _select(data, by, {"customer_id": customer_id, "level": level})
    counted = group(chosen.rows.select(*chosen.keys, "level"), [*chosen.keys, "level"], customers=nw.len())

    def build(row: Row) -> BaseDistribution:
        one = BaseDistribution.of({0: row["level"]}, levels=empty.levels, period=period)
        return multiply(one, int(row["customers"]))

    finish = collect(BaseDistribution, chosen.by, build, empty=lambda: empty)
    return build_statistics(chosen, counted, ["level", "customers"], finish)


def level_changes(
    before: object,
    after: object,
    /,
    *,
    gone: object = None,
    customer_id: str = "customer_id",
    level: str = "level",
    levels: Iterable[str] = LEVELS,
) -> Statistics[LevelTransitions]:
    """Count customers by their level before and after, as `LevelTransitions.of` does.

    Examples:
        >>> import polars as pl
        >>> from crmcore.interop import frames
        >>> spring = pl.DataFrame({"who": ["anna", "ben", "eve"], "level": ["loyal", "loyal", "aggrieved"]})
        >>> autumn = pl.DataFrame({"who": ["anna", "ben", "zoe"], "level": ["loyal", "aggrieved", "loyal"]})
        >>> left = pl.DataFrame({"who": ["eve"]})
        >>> statistics = frames.level_changes(spring, autumn, gone=left, customer_id="who")
        >>> moved = statistics.read(statistics.frame)
        >>> moved.counts[0], moved.arrived, moved.left
        ((1, 0, 1), (1, 0, 0), (0, 0, 1))

    Args:
        before: A frame with a row for each customer of the base before. Equal copies of a row are dropped, and
            customers with several rows that differ are left out.
        after: The same after, in the same engine. A customer who is missing here and not gone was not read again.
        gone: A frame of the customers who are known to have left; None if none is known to have left.
        customer_id: The column of the customers in each frame. A row without one is left out.
        level: The column of the levels in both frames: a text of `levels`, a `NoLevel`, or nothing if the level is
            unknown. Another text is an error when the statistics are read, and so is a customer who is gone and has a
            level after.
        levels: The levels, best first.

    Raises:
        UnknownNameError: A column does not exist.
        WrongTypeError: It is no frame, or a column holds neither texts nor whole numbers.
    """
    empty = LevelTransitions(levels=levels)
    columns = {"customer_id": customer_id, "level": level}
    given = {"before": (before, columns), "after": (after, columns)}
    if gone is not None:
        given["gone"] = (gone, {"customer_id": customer_id})
    snapshots = {name: _select(frame, None, chosen, argument=name) for name, (frame, chosen) in given.items()}
    check_same_ids({name: one.rows for name, one in snapshots.items()}, "after")
    named: list[Any] = [one.rows.select("customer_id") for one in snapshots.values()]
    moved: Any = group(nw.concat(named, how="vertical"), ["customer_id"], copies=nw.len())
    for name, one in snapshots.items():
        is_in = nw.lit(1).alias(f"is_{name}")
        levels_there = [] if name == "gone" else [nw.col("level").alias(name)]
        moved = moved.join(one.rows.select("customer_id", is_in, *levels_there), on="customer_id", how="left")
    states = [f"is_{name}" for name in snapshots]
    moved = moved.with_columns(*(nw.col(name).fill_null(0) for name in states))
    keys = ["before", "after", *states]
    counted = group(moved.select(*keys), keys, customers=nw.len())

    def build(row: Row) -> LevelTransitions:
        was, now = ({0: row[name]} if row[f"is_{name}"] else {} for name in ("before", "after"))
        one = LevelTransitions.of(was, now, gone=[0] if row.get("is_gone") else [], levels=empty.levels)
        return multiply(one, int(row["customers"]))

    finish = collect(LevelTransitions, (), build, empty=lambda: empty)
    everyone = Selection(moved, add_reports(snapshots.values()), ())
    return build_statistics(everyone, counted, [*keys, "customers"], finish)


def _select(
    data: object, by: str | Sequence[str] | None, columns: Mapping[str, str], *, argument: str = "data"
) -> Selection:
    return select_columns(data, by, columns, required=["customer_id"], once="customer_id", argument=argument)
