"""Stays of customers, counted by the periods in which they begin and end."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any, Final

import attrs
import narwhals as nw

from crmcore.interop.frames._frame import Rows, group
from crmcore.interop.frames._groups import check_one_group
from crmcore.interop.frames._instants import count_microseconds, divide_long, find_instant
from crmcore.interop.frames._statistics import Row, key_of
from crmcore.primitives import _clock, checks
from crmcore.primitives._kinds import is_a
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.periods import Period
from crmcore.primitives.tally import TallyBy
from crmcore.retention.churn import Churn

_FLAGS: Final = ("was_there", "came", "left", "is_there")
_SUMS: Final = ("days", "microseconds")
STAYS: Final = ("place", *_FLAGS, "customers", *_SUMS)
"""The columns of counted stays beside those that the caller groups by."""
_NEVER: Final = 4 * 10_000 * 366 * _clock.MICROSECONDS_A_DAY
"""After all times, in microseconds, also after those of a silence as long as the calendar."""


@attrs.frozen
class Calendar:
    """Periods, and the numbered stretches into which their edges cut time.

    An event counts in each period that it lies in. So periods that overlap are in several layers, of which each covers
    all time with stretches of its own. The periods of a layer are disjoint, and each is one stretch.
    """

    periods: list[Period]
    one: bool
    """Whether a period is asked for, and not several."""
    layers: list[list[int]]
    """The edges of each layer, in order."""
    firsts: list[int]
    """The place of the first stretch of each layer, and the one after all of them."""
    places: list[int]
    """The place of each period."""
    silence: int | None
    """The silence after which customers are gone, in microseconds; None if it is no silence that tells."""
    newcomers: list[int]
    """The edges between which customers are new, in order; their stretches have the places after the layers."""

    @classmethod
    def of(
        cls, given: Period | Iterable[Period], by: str | Sequence[str] | None, *, silence: int | None = None
    ) -> "Calendar":
        """Lay out a period, or several different ones."""
        one = is_a(given, Period)
        periods = [given] if is_a(given, Period) else checks.iterate_records(given, Period, "period")
        periods = list(dict.fromkeys(periods))
        if not one and by is not None:
            raise InvalidValueError(
                "several_periods_by_column",
                "by must be left out if there are several periods",
                field="by",
                advice="count one period by the column at a time",
            )
        bounds = [_bounds_of(period) for period in periods]
        layers: list[list[int]] = []
        layer_of: dict[tuple[int, int], int] = {}
        for opens, closes in sorted(bounds):
            number = next((place for place, edges in enumerate(layers) if edges[-1] <= opens), len(layers))
            layers += [[]] if number == len(layers) else []
            layers[number] += [closes] if layers[number][-1:] == [opens] else [opens, closes]
            layer_of[opens, closes] = number
        layers = layers or [[]]
        firsts = [*accumulate((len(edges) + 1 for edges in layers), initial=0)]
        places = [firsts[layer_of[each]] + layers[layer_of[each]].index(each[0]) + 1 for each in bounds]
        newcomers: set[int] = set()
        if silence is not None:
            newcomers = {edge for _, closes in bounds for edge in (closes - silence, closes)}
        return cls(periods, one, layers, firsts, places, silence, sorted(newcomers))

    def list_layers(self) -> Iterator[tuple[int, list[datetime]]]:
        """Yield the place of the first stretch of each layer, and its edges as instants."""
        for first, edges in zip(self.firsts, self.layers, strict=False):
            yield first, [find_instant(edge) for edge in edges]

    def find_newcomers(self, edge: int) -> int:
        """Return the place of the customers who are new from an edge on."""
        return self.firsts[-1] + bisect_right(self.newcomers, edge)


def _bounds_of(period: Period) -> tuple[int, int]:
    return count_microseconds(period.start), count_microseconds(period.end)


def find_place(time: nw.Expr, edges: Sequence[int] | Sequence[nw.Expr], first: int) -> nw.Expr:
    """Return the number of the stretch between edges that times lie in; a stretch begins with its edge."""
    if not edges:
        return nw.lit(first, nw.Int64)
    middle = len(edges) // 2
    before = find_place(time, edges[:middle], first)
    return (
        nw.when(time < edges[middle]).then(before).otherwise(find_place(time, edges[middle + 1 :], first + middle + 1))
    )


def count_stays(turns: Rows, customers: Rows | None, keys: Sequence[str], calendar: Calendar, *more: Rows) -> Rows:
    """Count the customers of each stretch by what they did in it.

    Args:
        turns: When customers came (`side` is 1) and left (-1): columns `customer_id`, `at` in microseconds and `side`.
            The stays of a customer are disjoint.
        customers: Each customer with the columns of `keys`; None if there are none.
        keys: What the customers are grouped by.
        calendar: The stretches.
        *more: Customers and places, to be counted beside the stretches.
    """
    at, side, never = nw.col("at"), nw.col("side"), nw.lit(_NEVER, nw.Int64)
    day = divide_long(at, _clock.MICROSECONDS_A_DAY)  # a sum of microseconds is beyond 64 bits
    measured: Any = turns.select(
        "customer_id",
        "at",
        first_came=nw.when(side > 0).then(at).otherwise(never),
        first_left=nw.when(side < 0).then(at).otherwise(never),
        net=side,
        days=day * side,
        microseconds=(at - day * _clock.MICROSECONDS_A_DAY) * side,
    )
    names = ("first_came", "first_left", "net", *_SUMS)
    layers = zip(calendar.layers, calendar.firsts, strict=False)
    parts: list[Any] = [
        measured.select("customer_id", *names, place=find_place(at, edges, first)) for edges, first in layers
    ]
    zero = nw.lit(0, nw.Int64)
    nothing = {"first_came": never, "first_left": never} | dict.fromkeys(("net", *_SUMS), zero)
    parts += [rows.select("customer_id", **nothing, place=nw.col("place")) for rows in more]
    each: Any = group(
        nw.concat(parts, how="vertical"),
        ["customer_id", "place"],
        first_came=nw.col("first_came").min(),
        first_left=nw.col("first_left").min(),
        **{name: nw.col(name).sum() for name in ("net", *_SUMS)},
    )

    def mark(condition: nw.Expr) -> nw.Expr:
        return nw.when(condition).then(nw.lit(1, nw.Int64)).otherwise(zero)

    came, left = nw.col("first_came"), nw.col("first_left")
    seen: Any = each.select(
        "customer_id",
        "place",
        was_there=mark(left < came),
        came=mark(came < _NEVER),
        left=mark(left < _NEVER),
        is_there=mark(left < came) + nw.col("net").cast(nw.Int64),
        **{name: nw.col(name).cast(nw.Int64) for name in _SUMS},
    )
    if customers is not None:
        joined: Any = customers.join(seen, on="customer_id", how="left")  # a key has a row without stays, too
        seen = joined.with_columns(*(nw.col(name).fill_null(0).cast(nw.Int64) for name in ("place", *_FLAGS, *_SUMS)))
    return group(
        seen,
        [*keys, "place", *_FLAGS],
        customers=nw.len(),
        **{name: nw.col(name).sum() for name in _SUMS},
    )


def read_churn(rows: Sequence[Row], by: Sequence[str], calendar: Calendar, **policies: Any) -> Any:  # noqa: ANN401 - as the fields say; a tally, or tallies by key
    """Build the record of a period, of each key, or of each of several periods.

    Args:
        rows: The rows of `count_stays`, with the names of the columns that the keys come from.
        by: Those names.
        calendar: The stretches.
        **policies: The fields that say how customers are counted.
    """
    check_one_group(rows, by)
    if not by:
        counted = TallyBy(zip(calendar.periods, _add_up(rows, calendar, policies), strict=True))
        return counted[calendar.periods[0]] if calendar.one else counted
    groups: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key_of(row, by)].append(row)
    return TallyBy({key: _add_up(members, calendar, policies)[0] for key, members in groups.items()})


def _add_up(rows: Sequence[Row], calendar: Calendar, policies: dict[str, Any]) -> list[Churn]:
    """Return the record of each period.

    Customers who were there at the start of a stretch came in an earlier one of the layer and did not leave.
    """
    places: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for row in rows:
        number = int(row["customers"])
        was, came, left, now = (bool(row[name]) for name in _FLAGS)
        places[int(row["place"])].update(
            customers=number,
            net=number * (now - was),
            joined=number * (came and not was),
            lost=number * left,
            joined_and_lost=number * (left and not was and not now),
            lost_and_returned=number * (left and now),
            moments=int(row["days"]) * _clock.MICROSECONDS_A_DAY + int(row["microseconds"]),
        )
    ends = range(calendar.firsts[-1] + len(calendar.newcomers) + 1)
    there = [*accumulate((places[place]["net"] for place in ends), initial=0)]
    new = [*accumulate((places[place]["customers"] for place in ends), initial=0)]
    found: list[Churn] = []
    for period, place in zip(calendar.periods, calendar.places, strict=True):
        opens, closes = _bounds_of(period)
        counts = places[place]
        start = there[place] - there[calendar.firsts[bisect_right(calendar.firsts, place) - 1]]
        time = start * (closes - opens) + counts["net"] * closes - counts["moments"]
        too_new = 0
        if calendar.silence is not None:
            oldest, newest = (calendar.find_newcomers(edge) for edge in (closes - calendar.silence, closes))
            too_new = new[newest] - new[oldest]
        found.append(
            Churn(
                start=start,
                joined=counts["joined"],
                lost=counts["lost"],
                joined_and_lost=counts["joined_and_lost"],
                lost_and_returned=counts["lost_and_returned"],
                too_new=too_new,
                exposure_seconds=_clock.seconds(time),
                period=period,
                **policies,
            )
        )
    return found
