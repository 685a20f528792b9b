"""Rates with their intervals, as several pictures take them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from math import inf
from typing import Final, Protocol, TypeVar, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.periods import Period
from crmcore.primitives.proportions import Interval
from crmcore.primitives.rates import TimeUnit
from crmcore.render._document import write_label, write_percent
from crmcore.render._words import Words

_K = TypeVar("_K")
Rate = Decimal | int | float | None


class Rated(Protocol):
    """A tally with a rate and its interval, such as a `Churn`."""

    @property
    def rate(self) -> Decimal | None:
        """The rate."""

    def interval(self) -> Interval | None:
        """Return the interval of the rate."""


Figures = tuple[Rate, Interval | None] | Rated
Rows = Mapping[_K, Figures] | Iterable[tuple[_K, Figures]]
_LARGEST: Final = float(checks.LARGEST)
_LENGTH: Final = {TimeUnit.YEAR: 4, TimeUnit.MONTH: 7, TimeUnit.DAY: 10}  # of the date that names a calendar period


@attrs.frozen
class Row:
    """A label with a rate and its bounds, either of which may be unknown."""

    label: str
    rate: float | None
    bounds: Interval | None

    def write(self, say: Words) -> str:
        """Write the figures of the row."""
        if self.rate is None:
            return say("no data")
        rate = write_percent(self.rate)
        if self.bounds is None:
            return rate
        low, high = write_percent(self.bounds.low).removesuffix("%"), write_percent(self.bounds.high)
        return f"{rate} ({say('{low} to {high}', low=low, high=high)})"

    def describe(self, say: Words) -> str:
        """Write the label and the figures as a sentence."""
        return f"{self.label}: {self.write(say)}."


def as_rows(rows: object, say: Words) -> list[Row]:
    """Check rows of a label and figures: a rate with an interval, or a tally that has both."""
    given = cast("Mapping[object, object]", rows).items() if isinstance(rows, Mapping) else rows
    pairs = checks.iterate(cast("Iterable[object]", given), "rows", "row")
    return [_as_row(row, f"rows[{place}]", say) for place, row in enumerate(pairs)]


def _as_row(row: object, name: str, say: Words) -> Row:
    label, figures = checks.as_pair(row, name, "a label and its figures, such as ('desk', (rate, interval))")
    if callable(getattr(figures, "interval", None)) and hasattr(figures, "rate"):
        figures = cast("Rated", figures).rate, cast("Rated", figures).interval()
    rate, bounds = checks.as_pair(
        figures,
        f"{name}.figures",
        "a rate and an Interval or None",
        advice="write (rate, interval), such as (nps.net, nps.net_interval()) or (csat.score, csat.interval())",
    )
    if bounds is not None:
        bounds = checks.as_instance(bounds, Interval, f"{name}.interval")
        for bound in (bounds.low, bounds.high):
            as_float(bound, f"{name}.interval")
    return Row(name_label(label, say), None if rate is None else as_float(rate, f"{name}.rate"), bounds)


def name_label(label: object, say: Words) -> str:
    """Write a label; a calendar period is named by its date, and None is unknown."""
    if isinstance(label, Period):
        start, unit = label.start.date(), label.unit
        if unit is TimeUnit.QUARTER:
            return f"{start.year} Q{(start.month + 2) // 3}"
        day = start.isoformat()
        return (
            day[: _LENGTH[unit]]
            if unit is not None and unit in _LENGTH
            else f"{day} \N{EN DASH} {label.end.date().isoformat()}"
        )
    return write_label(label, say("unknown"))


def as_float(value: object, name: str) -> float:
    """Check a rate: a number of at most 10^30, as a float."""
    if isinstance(value, bool) or not issubclass(type(value), Decimal | int | float):
        raise WrongTypeError(
            "not_a_rate", f"{name} must be a Decimal or a float, got {describe(value)}", **checks.at_fault(name)
        )
    given = cast("Decimal | float", value)
    number = float(given) if (given.is_finite() if isinstance(given, Decimal) else abs(given) <= _LARGEST) else inf
    if not abs(number) <= _LARGEST:
        raise InvalidValueError(
            "figure_too_large",
            f"{name} must be a number of at most 10^30, got {show(value)}",
            **checks.at_fault(name),
            operands=(show(value),),
        )
    return number


def as_marks(marks: Mapping[str, Decimal | float] | None, say: Words) -> list[tuple[str, float]]:
    """Check the rates to compare with, by their names."""
    if marks is None:
        return []
    checks.check_mapping(marks, "marks", "names to rates")
    return [
        (write_label(label, say("unknown")), as_float(rate, f"marks[{place}]"))
        for place, (label, rate) in enumerate(marks.items())
    ]
