"""Answers on a scale, counted in an engine."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast, overload

import narwhals as nw

from crmcore.interop.frames._building import multiply, select_columns
from crmcore.interop.frames._frame import group
from crmcore.interop.frames._statistics import Row, Statistics, build_statistics, collect
from crmcore.model.survey import Scale
from crmcore.primitives import checks
from crmcore.primitives.tally import Tally, TallyBy
from crmcore.voice.surveys import Csat, Nps

__all__ = ["csat", "nps"]

_T = TypeVar("_T", bound=Tally)


@overload
def nps(data: object, score: str, /, *, id: str | None = None) -> Statistics[Nps]: ...
@overload
def nps(
    data: object, score: str, /, *, by: str | Sequence[str], id: str | None = None
) -> Statistics[TallyBy[Any, Nps]]: ...
def nps(
    data: object, score: str, /, *, by: str | Sequence[str] | None = None, id: str | None = None
) -> Statistics[Any]:
    """Count promoters, passives and detractors, as `Nps.of_scores` does.

    Examples:
        >>> import polars as pl
        >>> from crmcore.interop import frames
        >>> answers = pl.DataFrame({"segment": ["new", "old", "new", "new"], "score": [6, 10, 9, None]})
        >>> statistics = frames.nps(answers, "score", by="segment")
        >>> scores = statistics.read(statistics.frame)
        >>> scores["new"].score, scores["new"].unanswered
        (Decimal('0'), 1)

    Args:
        data: A frame of pandas, polars, pyarrow, DuckDB, Ibis, SQLFrame, PySpark or Dask, with a row for each response.
        score: The column of the scores, whole numbers from 0 to 10. A missing one is an unanswered question. Another
            number is an error when the statistics are read.
        by: One or more columns of the data whose values are the keys; several make a tuple.
        id: The column of the ids of responses, if there is one. A response counts once: equal copies are dropped, and
            rows that share an id but not the other columns are left out.

    Raises:
        InvalidValueError: A column to group by is called as a statistic.
        UnknownNameError: A column does not exist.
        WrongTypeError: It is no frame, or the scores are no whole numbers.
    """
    return _count(data, score, by, id, Nps.of_scores, scale=Scale.RECOMMEND_0_10)


@overload
def csat(
    data: object,
    score: str,
    scale: Scale,
    /,
    *,
    id: str | None = None,
    positive_boxes: int = 2,
    negative_boxes: int | None = None,
) -> Statistics[Csat]: ...
@overload
def csat(
    data: object,
    score: str,
    scale: Scale,
    /,
    *,
    by: str | Sequence[str],
    id: str | None = None,
    positive_boxes: int = 2,
    negative_boxes: int | None = None,
) -> Statistics[TallyBy[Any, Csat]]: ...
def csat(
    data: object,
    score: str,
    scale: Scale,
    /,
    *,
    by: str | Sequence[str] | None = None,
    id: str | None = None,
    positive_boxes: int = 2,
    negative_boxes: int | None = None,
) -> Statistics[Any]:
    """Count positive, neutral and negative answers, as `Csat.of_scores` does.

    Examples:
        >>> import polars as pl
        >>> from crmcore import Scale
        >>> from crmcore.interop import frames
        >>> answers = pl.DataFrame({"shop": ["a", "b", "a"], "stars": [5, 2, 4]})
        >>> statistics = frames.csat(answers, "stars", Scale.SATISFACTION_1_5, by="shop")
        >>> satisfied = statistics.read(statistics.frame)
        >>> satisfied["a"].score, satisfied["b"].score
        (Decimal('1'), Decimal('0'))

    Args:
        data: A frame of pandas, polars, pyarrow, DuckDB, Ibis, SQLFrame, PySpark or Dask, with a row for each response.
        score: The column of the answers, whole numbers on the scale. A missing one is an unanswered question. Another
            number is an error when the statistics are read.
        scale: The scale, which must say which end is better.
        by: One or more columns of the data whose values are the keys; several make a tuple.
        id: The column of the ids of responses, if there is one. A response counts once: equal copies are dropped, and
            rows that share an id but not the other columns are left out.
        positive_boxes: How many steps from the better end are positive. The default is the usual top two boxes.
        negative_boxes: How many steps from the worse end are negative; None for two, or for what a short scale leaves.

    Raises:
        InvalidValueError: The scale measures something else, does not say which end is better, or has fewer steps than
            are asked for; or a column to group by is called as a statistic.
        UnknownNameError: A column does not exist.
        WrongTypeError: It is no frame, or the answers are no whole numbers.
    """

    def read(scores: Sequence[int | None]) -> Csat:
        return Csat.of_scores(scores, scale, positive_boxes=positive_boxes, negative_boxes=negative_boxes)

    read([])  # a scale or boxes that cannot be are refused before anything is counted
    return _count(data, score, by, id, read, scale=scale)


def _count(
    data: object,
    score: str,
    by: str | Sequence[str] | None,
    id_name: str | None,
    read: Callable[[Sequence[int | None]], _T],
    *,
    scale: Scale,
) -> Statistics[Any]:
    low, high = cast("tuple[int, int]", (scale.low, scale.high))  # a scale without numbers is refused by the caller
    names = {"score": score} if id_name is None else {"score": score, "id": id_name}
    chosen = select_columns(data, by, names, numbers={"score"})
    counted = group(chosen.rows.select(*chosen.keys, "score"), [*chosen.keys, "score"], responses=nw.len())

    def build(row: Row) -> _T:
        answer = row["score"]
        known = None if answer is None else checks.as_whole(int(answer), score, low, high)
        return multiply(read([known]), int(row["responses"]))

    def empty() -> _T:
        return read([])

    return build_statistics(
        chosen, counted, ["score", "responses"], collect(type(empty()), chosen.by, build, empty=empty)
    )
