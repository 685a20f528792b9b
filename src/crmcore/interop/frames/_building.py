"""What several calculators need: columns that are fields of no record, and records from the rows of statistics."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar, cast

import attrs
import narwhals as nw

from crmcore.interop.frames._frame import (
    TEXTS,
    Frame,
    Rows,
    Selection,
    as_names,
    check_column,
    drop_empty,
    find_missing,
    group,
    open_frame,
    select_rows,
)
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT
from crmcore.primitives._kinds import is_a
from crmcore.primitives._reading import read_members
from crmcore.primitives.errors import InvalidValueError, UnknownNameError, WrongTypeError
from crmcore.primitives.tally import Tally

_T = TypeVar("_T", bound=Tally)
_E = TypeVar("_E", bound=Enum)


def multiply(tally: _T, number: int) -> _T:
    """Return the sum of a number of equal tallies."""
    counts = {
        field.alias: _multiply(getattr(tally, field.name), number)
        for field in attrs.fields(type(tally))
        if field.init and not field.metadata.get("policy")
    }
    return cast("_T", attrs.evolve(cast("Any", tally), **counts))


def _multiply(value: Any, number: int) -> Any:  # noqa: ANN401 - a count of any type
    if is_a(value, tuple):
        parts: tuple[Any, ...] = value  # pyright: ignore[reportUnknownVariableType] - of any
        return tuple(_multiply(one, number) for one in parts)
    return EXACT.multiply(value, number) if is_a(value, Decimal) else value * number


def read_member(cell: object, enum: type[_E], name: str) -> _E:
    """Return the member of an enum that a text of a column names."""
    return cast("_E", read_members(enum)(cell, name))


def check_same_zone(frame: Frame[Any], one: str, other: str) -> None:
    """Refuse to compare two columns of instants that engines do not compare."""
    zones = [frame.zone_of(name) or "no zone" for name in (one, other)]
    if zones[0] != zones[1]:
        raise InvalidValueError(
            "columns_in_two_zones",
            f"{one} and {other} must be in one time zone, got {zones[0]} and {zones[1]}",
            field=one,
            advice="convert one in the engine",
        )


def check_same_ids(frames: Mapping[str, Rows], field: str) -> None:
    """Refuse frames of two engines, and ids of two types, which no engine joins."""
    kinds: dict[str, str] = {}
    for name, rows in frames.items():
        kind: Any = rows.collect_schema()["customer_id"]
        is_lazy = rows.implementation.is_polars() and is_a(rows, nw.LazyFrame)
        engine = f"{rows.implementation.value}{' lazy' if is_lazy else ''}"
        kinds[name] = f"{'whole numbers' if kind.is_integer() else 'texts'} in {engine}"
    if len(set(kinds.values())) > 1:
        shown = ", ".join(f"{name} with {kind}" for name, kind in kinds.items())
        raise WrongTypeError(
            "frames_do_not_join",
            f"all frames must be of one engine and have ids of one type, got {shown}",
            field=field,
            advice="convert one in the engine",
        )


def add_reports(parts: Iterable[Selection]) -> Callable[[], Rows]:
    """Return what counts the rows that were left out of several frames of one engine, when it is asked to."""
    chosen = [*parts]

    def report() -> Rows:
        reports: list[Any] = [part.report() for part in chosen]
        return group(nw.concat(reports, how="vertical"), ["rule"], rows=nw.col("rows").sum())

    return report


def select_columns(
    data: object,
    by: str | Sequence[str] | None,
    columns: Mapping[str, str],
    *,
    required: Sequence[str] = (),
    numbers: Collection[str] = (),
    once: str = "id",
    argument: str = "data",
) -> Selection:
    """Choose columns of a frame that are fields of no record, and report the rows that do not count.

    Args:
        data: The frame.
        by: The columns to group by.
        columns: The column of each name.
        required: The names without which a row does not count.
        numbers: The names of columns of whole numbers; the others are ids or texts.
        once: The name of the ids that count once, if there is one.
        argument: The argument with the frame, for the error.
    """
    every: Any = open_frame(data, argument)
    types = dict(every.collect_schema())
    groups = as_names(by, types)
    chosen: dict[str, nw.Expr] = {f"by_{place}": nw.col(name) for place, name in enumerate(groups)}
    for alias, name in columns.items():
        if not is_a(name, str) or name not in types:
            raise UnknownNameError(
                "no_such_column_of_the_frame",
                f"{alias} must be a column of the frame, got {checks.show(name)}",
                field=alias,
                advice=f"there are {', '.join([*types][:20])}",
                operands=(name,),
            )
        kind = types[name]
        is_text = kind in TEXTS
        wanted = "whole numbers" if alias in numbers else "texts or whole numbers"
        check_column(name, kind, wanted, fits=kind.is_integer() or (is_text and alias not in numbers), field=alias)
        column = nw.col(name).cast(nw.String) if is_text else nw.col(name)
        chosen[alias] = drop_empty(column) if is_text and alias == once else column
    named = every.select(*(column.alias(name) for name, column in chosen.items()))
    return select_rows(named, groups, find_missing(required), id_name=once if once in columns else None)
