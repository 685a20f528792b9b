"""What an engine has counted, and how it is read."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

import attrs
import narwhals as nw

from crmcore.interop.frames._frame import Rows, Selection
from crmcore.primitives._kinds import is_a
from crmcore.primitives._reading import is_missing, list_values, open_source
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.periods import in_utc
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["Statistics"]

_LARGEST: Final = 2**53
"""Up to here a float has every whole number."""
_T = TypeVar("_T")
_V = TypeVar("_V", bound=Tally)

Row = dict[str, Any]


@attrs.frozen(eq=False)
class Statistics(Generic[_T]):
    """Counts and sums in the engine that made them, and the record that they become.

    Examples:
        >>> import pandas as pd
        >>> from crmcore import UTC, Purchase
        >>> from crmcore.interop import frames
        >>> sales = pd.DataFrame({"who": [7, 8, 7], "at": pd.to_datetime(["2026-03-02"] * 3), "paid": [30, 5, 12]})
        >>> bought = frames.Frame(Purchase, sales, customer_id="who", amount="paid", currency="EUR", tz=UTC)
        >>> statistics = frames.historic_value(bought)
        >>> statistics.frame.to_dict("list")
        {'cost_known': [False], 'revenue': [47], 'cost': [0]}
        >>> str(statistics.read(statistics.frame).value)
        '47 EUR'
    """

    frame: Any
    """A frame of the engine of the data, not collected yet if the engine is lazy: one row for each group."""
    _report: Callable[[], Rows] = attrs.field(repr=False)
    _keys: tuple[str, ...]
    _measures: tuple[str, ...]
    _finish: Callable[[list[Row]], _T] = attrs.field(repr=False)

    @property
    def left_out(self) -> Any:  # noqa: ANN401 - a frame of any engine
        """A frame of the same kind: how many rows were left out (`rows`), by the rule that they break (`rule`)."""
        return self._report().to_native()

    def read(self, collected: object, /) -> _T:
        """Build the record from `frame`, which you have collected.

        Args:
            collected: What your engine makes of `frame`: a frame of pandas, polars or pyarrow, columns, or rows that
                are mappings, such as ``frame.pl()`` of DuckDB and ``frame.toPandas()`` of PySpark.

        Raises:
            InvalidValueError: It lacks a column.
            WrongTypeError: A sum is a float with a fraction, which is only near the exact sum: pandas makes them of the
                decimals of other engines, as ``frame.df()`` of DuckDB does.
            CrmcoreError: What the record says of the counts.
        """
        source = open_source(collected)
        if source.is_empty:
            return self._finish([])
        names = (*self._keys, *self._measures)
        lacking = [name for name in names if name not in source.names]
        if lacking:
            raise InvalidValueError(
                "statistics_lack_column",
                f"collected must have the columns of frame, and lacks {', '.join(lacking)}",
                field="collected",
            )
        columns = [
            [None if is_missing(cell) else cell for cell in list_values(source.get(name), name)] for name in names
        ]
        for place, name in enumerate(self._measures, start=len(self._keys)):
            columns[place] = [_as_exact(cell, name) if is_a(cell, float) else cell for cell in columns[place]]
        return self._finish([dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)])


def _as_exact(cell: float, name: str) -> int:
    """Return the whole number that pandas keeps as a float where other cells of its column are missing."""
    if not cell.is_integer() or abs(cell) > _LARGEST:
        raise WrongTypeError(
            "statistic_as_float",
            f"{name} must be an exact number, got the float {show(cell)}",
            field=name,
            advice="collect the frame as rows, or with polars or pyarrow: pandas makes floats of decimals",
            operands=(cell,),
        )
    return int(cell)


def build_statistics(
    chosen: Selection, counted: Rows, measures: Sequence[str], finish: Callable[[list[Row]], _T]
) -> Statistics[_T]:
    """Name the columns of a counted frame as the caller knows them, and join it with how it is read.

    Args:
        chosen: The rows that were counted.
        counted: The groups: its columns are the keys of `chosen`, and the measures.
        measures: The columns beside the keys.
        finish: Builds the record from rows whose columns are the caller's names and the measures.
    """
    if twice := [name for name in chosen.by if name in measures]:
        raise InvalidValueError(
            "group_named_as_statistic",
            f"by must not name a column as a statistic, got {', '.join(twice)}",
            field="by",
            advice="rename the column in the engine",
            operands=tuple(twice),
        )
    keys = (nw.col(key).alias(name) for key, name in zip(chosen.keys, chosen.by, strict=True))
    named: Any = counted.select(*keys, *measures)
    # an eager frame is counted now: until it is asked for, all its rows would stay in memory, and could be changed
    report = _keep(chosen.report()) if is_a(named, nw.DataFrame) else chosen.report
    return Statistics(named.to_native(), report, chosen.by, tuple(measures), finish)


def _keep(counted: Rows) -> Callable[[], Rows]:
    return lambda: counted


def collect(
    kind: type[_V], by: tuple[str, ...], build: Callable[[Row], _V], *, empty: Callable[[], _V] | None = None
) -> Callable[[list[Row]], Any]:
    """Return what adds up the tallies of rows: one for all, or one for each key."""

    def finish(rows: list[Row]) -> Any:  # noqa: ANN401 - a tally, or tallies by key
        if not by:
            return kind.total(map(build, rows)) if rows or empty is None else empty()
        counted: dict[Any, _V] = {}
        for row in rows:
            key = key_of(row, by)
            one = build(row)
            counted[key] = one if (before := counted.get(key)) is None else before + one
        return TallyBy(counted)

    return finish


def key_of(row: Row, by: Sequence[str]) -> Any:  # noqa: ANN401 - a value of one column, or a tuple of several
    """Return the key under which a row counts."""
    return row[by[0]] if len(by) == 1 else tuple(row[name] for name in by)


def as_instant(cell: datetime) -> datetime:
    """Return the instant of a cell; without a zone it is in UTC."""
    return cell.replace(tzinfo=UTC) if cell.tzinfo is None else in_utc(cell)
