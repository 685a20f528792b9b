"""Which way customers go, counted in an engine."""

from collections import Counter
from typing import Any, Final, cast

import attrs
import narwhals as nw

from crmcore.interop.frames._frame import Frame, Rows, Selection, group
from crmcore.interop.frames._statistics import Row, Statistics, build_statistics
from crmcore.journeys.paths import Edge, Flow
from crmcore.model.interaction import Interaction
from crmcore.primitives._kinds import is_a
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.ids import Id
from crmcore.primitives.tally import TallyBy

__all__ = ["flow"]

_COLUMNS: Final = ("start", "end", "ended", "count", "journeys", "ties")


def flow(interactions: Frame[Interaction], /, *, sequence: str | None = None) -> Statistics[Flow]:
    """Count from which touchpoint to which customers go, as `Flow.of` does.

    Each customer has one journey. Visits are sorted by their instants, and visits of one instant by the column that
    `sequence` names. `Statistics.read` refuses visits whose order is unknown: a list has an order, an engine has none.

    Examples:
        >>> import polars as pl
        >>> from datetime import datetime
        >>> from crmcore import UTC, Interaction
        >>> from crmcore.interop import frames
        >>> visits = pl.DataFrame(
        ...     {
        ...         "who": ["a", "a", "a", "b"],
        ...         "place": ["ad", "shop", "till", "ad"],
        ...         "at": [datetime(2026, 3, day) for day in (1, 2, 2, 1)],
        ...         "row": [1, 2, 3, 4],
        ...     }
        ... )
        >>> log = frames.Frame(Interaction, visits, customer_id="who", touchpoint_id="place", tz=UTC)
        >>> statistics = frames.flow(log, sequence="row")
        >>> flow = statistics.read(statistics.frame)
        >>> flow.share("ad", "shop"), flow.share("shop", "till")
        (Decimal('0.5'), Decimal('1'))
        >>> flow.ends["ad"], flow.ends["till"]
        (Edge(count=1, journeys=1), Edge(count=1, journeys=1))

    The frame has a row for each edge: its ``start`` and its ``end``, how often it was passed (``count``), by how many
    journeys (``journeys``), and how many of these moves are between visits whose order is unknown (``ties``). Where
    ``ended`` is true, journeys ended at ``start``, and ``end`` repeats it. Frames of disjoint customers can be put
    together before they are read.

    Args:
        interactions: Visits in any order. Those without a customer are left out.
        sequence: A column of whole numbers that orders the visits of a customer at one instant.

    Raises:
        InvalidValueError: The engine is Dask, which cannot look at the next row of a group. The guide "From a notebook
            to a cluster" shows what to do there.
        UnknownNameError: There is no column for the customer, or none that is called as `sequence` says.
        WrongTypeError: `sequence` does not name a column of whole numbers.
    """
    chosen = interactions.select(sequence, "customer_id", "touchpoint_id", "at")
    if chosen.rows.implementation.is_dask():
        raise InvalidValueError(
            "engine_without_order",
            "data must be in an engine that can look at the next row of a group, and Dask cannot",
            field="interactions",
            advice="shuffle by customer and count each partition with map_partitions",
        )
    chosen = _require_sequence(chosen, sequence)
    order = ["at", *chosen.keys]
    moves = (_pair_by_sort if is_a(chosen.rows, nw.DataFrame) else _pair_by_windows)(chosen.rows, order)
    passed: Any = group(moves, ["customer_id", "start", "end", "ended"], count=nw.len(), ties=nw.col("tie").sum())
    counted = group(
        passed, ["start", "end", "ended"], count=nw.col("count").sum(), journeys=nw.len(), ties=nw.col("ties").sum()
    )
    whole = (nw.col(name).cast(nw.Int64) for name in _COLUMNS[3:])  # DuckDB sums whole numbers to a decimal
    counted = counted.select(*_COLUMNS[:3], *whole)
    return build_statistics(attrs.evolve(chosen, by=()), counted, _COLUMNS, _finish)


def _require_sequence(chosen: Selection, sequence: str | None) -> Selection:
    """Leave out the rows without a sequence, and report them too."""
    if sequence is None:
        return chosen
    kind = chosen.rows.collect_schema()["by_0"]
    if not kind.is_integer():
        raise WrongTypeError(
            "sequence_of_wrong_type",
            f"sequence must name a column of whole numbers, got {describe(kind)}",
            field="sequence",
            advice="number the rows in the engine",
        )

    def report() -> Rows:
        unknown = chosen.rows.filter(nw.col("by_0").is_null()).select("by_0", nw.lit("sequence_missing").alias("rule"))
        counted: Any = group(unknown, ["rule"], rows=nw.len()).select("rule", nw.col("rows").cast(nw.Int64))
        parts: list[Any] = [chosen.report(), counted]
        return cast("Rows", nw.concat(parts, how="vertical"))

    return attrs.evolve(chosen, rows=chosen.rows.filter(~nw.col("by_0").is_null()), report=report)


def _pair_by_sort(rows: Any, order: list[str]) -> Rows:  # noqa: ANN401 - a frame that is not lazy
    """Set each visit beside the next row, by a sort: pyarrow has no windows, and in pandas their shift makes floats."""
    names = ["customer_id", *order, "touchpoint_id"]
    visits = rows.select(*names).sort(*names).with_row_index("place")
    following = nw.concat([visits[1:], visits[:1]], how="vertical")
    paired = visits.with_columns(*(following[name].alias(f"next_{name}") for name in names))
    is_last = (nw.col("next_customer_id") != nw.col("customer_id")) | (nw.col("place") == len(visits) - 1)
    return _name_moves(paired, is_last, nw.col("next_touchpoint_id"), order)


def _pair_by_windows(rows: Any, order: list[str]) -> Rows:  # noqa: ANN401 - a frame that is lazy
    """Set each visit beside the next one of its customer."""
    names = [*order, "touchpoint_id"]
    paired = rows.select("customer_id", *names).with_columns(
        **{f"next_{name}": nw.col(name).shift(-1).over("customer_id", order_by=names) for name in names}
    )
    is_last = nw.col("next_touchpoint_id").is_null()
    end = nw.when(is_last).then(nw.col("touchpoint_id")).otherwise(nw.col("next_touchpoint_id"))
    return _name_moves(paired, is_last, end, order)


def _name_moves(paired: Any, is_last: nw.Expr, end: nw.Expr, order: list[str]) -> Rows:  # noqa: ANN401 - a frame
    """Name what is counted; visits of one instant are sorted by their touchpoints too, so that ties have one count."""
    start = nw.col("touchpoint_id")
    is_tie = nw.all_horizontal(
        ~is_last, end != start, *(nw.col(f"next_{name}") == nw.col(name) for name in order), ignore_nulls=True
    )
    moves: Rows = paired.select(
        "customer_id",
        start.alias("start"),
        nw.when(is_last).then(start).otherwise(end).alias("end"),
        is_last.alias("ended"),
        nw.when(is_tie).then(nw.lit(1)).otherwise(nw.lit(0)).alias("tie"),
    )
    return moves


def _finish(rows: list[Row]) -> Flow:
    """Build the flow: a visit that no move leads to is the beginning of a journey."""
    edges: dict[tuple[Id | None, Id | None], Edge] = {}
    visits: Counter[Id] = Counter()
    for row in rows:
        if row["ties"]:
            raise InvalidValueError(
                "visits_of_one_instant",
                f"visits of a customer must differ in their instants, or in sequence, got {row['ties']} moves from "
                f"{show(row['start'])} to {show(row['end'])} without an order",
                field="sequence",
                advice="name a column that numbers the rows: sequence='row'",
                operands=(row["ties"], row["start"], row["end"]),
            )
        start, end = row["start"], None if row["ended"] else row["end"]
        edge = Edge(count=row["count"], journeys=row["journeys"])
        edges[start, end] = edge if (before := edges.get((start, end))) is None else before + edge
        visits[start] += edge.count
        if end is not None:
            visits[end] -= edge.count
    begun = {start: count for start, count in visits.items() if count}
    edges |= {(None, start): Edge(count=count, journeys=count) for start, count in begun.items()}
    return Flow(journeys=sum(begun.values()), edges=TallyBy(edges))
