"""The points of a control chart with its limits, as a picture."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeVar, cast

import attrs

from crmcore.primitives import checks
from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Scale,
    Svg,
    build_document,
    choose_ticks,
    draw_cautions,
    draw_diamond,
    draw_dot,
    draw_line,
    draw_text,
    escape,
    n,
    write_number,
    write_percent,
)
from crmcore.render._intervals import write_tick
from crmcore.render._rated import name_label
from crmcore.render._trend import draw_labels
from crmcore.render._widths import cut, measure
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.primitives.control_charts import ChartPoint, CusumPoint

_K = TypeVar("_K")

_BOTTOM: Final = 290
_LEFT: Final = 66
_RIGHT: Final = WIDTH - 64
_NAME: Final = 200  # the widest name of a line
_STYLE: Final = """
.crmcore .center { stroke: $soft; stroke-dasharray: 1 3 }
.crmcore .limit { stroke: $bad; stroke-dasharray: 5 3 }
.crmcore .fall { stroke: $good; stroke-width: 1.75; stroke-linejoin: round }
.crmcore .low { fill: $good }
.crmcore .observed { fill: $soft; opacity: 0.5 }
.crmcore .alarm { fill: $bad }
"""


@attrs.frozen
class _Course:
    """A line with its points, each of which may be missing, and with the places of its alarms."""

    name: str
    line: str
    dot: str
    values: tuple[float | None, ...]
    alarms: tuple[bool, ...]


@attrs.frozen
class _Drawn:
    """What a picture shows of the points of one chart."""

    courses: tuple[_Course, ...]
    limits: tuple[tuple[float | None, ...], ...]
    center: float | None
    observed: tuple[float | None, ...]

    def list_reach(self) -> list[float]:
        """List the numbers that the scale must hold."""
        lists = (*(course.values for course in self.courses), *self.limits, self.observed, (self.center,))
        return [value for values in lists for value in values if value is not None]


def control_chart(
    rows: "Mapping[_K, ChartPoint | CusumPoint] | Iterable[tuple[_K, ChartPoint | CusumPoint]]",
    /,
    *,
    title: str = "Control chart",
    as_percent: bool = True,
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw the points of a control chart with its center and its limits. An alarm is a diamond.

    Examples:
        >>> from crmcore import PChart, render
        >>> points = PChart(baseline=(60, 600)).run([(20, 200), (16, 180), (33, 190)])
        >>> picture = render.control_chart(zip(["May", "June", "July"], points), title="Unhappy")
        >>> "July: 17.4% (limits 3.5% to 16.5%), alarm." in str(picture)
        True

    An EWMA chart shows its average as the line, and what was observed as pale dots. A CUSUM chart shows one line for
    each side it watches.

    Args:
        rows: The point of each period or label, in order, as a mapping or as pairs. All are of one kind.
        title: The title above the picture.
        as_percent: Whether the values are shares. The sums of a CUSUM chart are always written as numbers.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    checks.as_instance(as_percent, bool, "as_percent")
    say = as_words(words)
    labels, points = _read_rows(rows, say)
    drawn = _read_points(points, say)
    is_share = as_percent and len(drawn.limits) != 1
    reach = drawn.list_reach()
    ticks = choose_ticks(min(reach, default=0.0), max(reach, default=0.0)) if reach else [0.0, 1.0]
    up = Scale(ticks[0], ticks[-1], _BOTTOM, TOP)
    step = (_RIGHT - _LEFT) / (len(points) or 1)
    across = Scale(0.0, 1.0, _LEFT + step / 2, _LEFT + step / 2 + step)

    def write(value: float) -> str:
        return write_percent(value) if is_share else write_number(value, [0.0, (ticks[1] - ticks[0]) / 10])

    tick_of = write_tick if is_share else write_number
    told = [_describe(label, drawn, place, write, say) for place, label in enumerate(labels)]
    parts = [
        *(draw_line("grid", _LEFT, up.at(tick), _RIGHT, up.at(tick)) for tick in ticks),
        *(draw_text(_LEFT - 10, up.at(tick) + 4, tick_of(tick, ticks), "soft", "end") for tick in ticks),
        *_draw_limits(drawn, across, up, step),
        *_draw_observed(drawn, across, up),
        *(part for course in drawn.courses for part in _draw_course(course, told, across, up)),
        *_draw_names(drawn, up, write, say),
        *draw_labels(labels, across, step, _BOTTOM + 22),
    ]
    if not points:
        parts.append(draw_text((_LEFT + _RIGHT) / 2, (TOP + _BOTTOM) / 2, say("no rows"), "soft", "middle"))
    cautions = [caution for point in points for caution in point.cautions]
    warned, warnings, end = draw_cautions(cautions, MARGIN, _BOTTOM + 32, WIDTH - 2 * MARGIN)
    about = " ".join([*told, *warnings]) or f"{say('no rows')}."
    return build_document(title, about, end + 14, [*parts, *warned], style=_STYLE)


def _read_rows(rows: object, say: Words) -> "tuple[list[str], list[ChartPoint] | list[CusumPoint]]":
    """Check rows of a label and a point, all of one kind."""
    from crmcore.primitives.control_charts import ChartPoint, CusumPoint  # noqa: PLC0415 - loaded with the first picture

    given = cast("Mapping[object, object]", rows).items() if isinstance(rows, Mapping) else rows
    labels: list[str] = []
    points: list[object] = []
    for place, row in enumerate(checks.iterate(cast("Iterable[object]", given), "rows", "row")):
        label, point = checks.as_pair(row, f"rows[{place}]", "a label and a point of a chart")
        kind = type(points[0]) if points else CusumPoint if isinstance(point, CusumPoint) else ChartPoint
        points.append(checks.as_instance(point, kind, f"rows[{place}].point"))
        labels.append(name_label(label, say))
    return labels, cast("list[ChartPoint] | list[CusumPoint]", points)


def _read_points(points: "list[ChartPoint] | list[CusumPoint]", say: Words) -> _Drawn:
    """Return the lines, the limits and the center of points."""
    if points and hasattr(points[0], "high"):
        sums = cast("list[CusumPoint]", points)
        rise = _read_course(say("sum for a rise"), "line", "dot", [(sum_.high, sum_.rise) for sum_ in sums])
        fall = _read_course(say("sum for a fall"), "fall", "low", [(sum_.low, sum_.fall) for sum_ in sums])
        courses = tuple(course for course in (rise, fall) if any(value is not None for value in course.values))
        return _Drawn(courses, (_as_floats(sum_.limit for sum_ in sums),), 0.0, ())
    shown = cast("list[ChartPoint]", points)
    course = _read_course("", "line", "dot", [(point.value, point.signal) for point in shown])
    limits = (_as_floats(point.lower for point in shown), _as_floats(point.upper for point in shown))
    observed = _as_floats(None if point.observed == point.value else point.observed for point in shown)
    return _Drawn((course,), limits, float(shown[0].center) if shown else None, observed)


def _read_course(name: str, line: str, dot: str, values: Sequence[tuple[Decimal | None, bool]]) -> _Course:
    return _Course(name, line, dot, _as_floats(value for value, _ in values), tuple(alarm for _, alarm in values))


def _as_floats(values: Iterable[Decimal | None]) -> tuple[float | None, ...]:
    return tuple(None if value is None else float(value) for value in values)


def _describe(label: str, drawn: _Drawn, place: int, write: Callable[[float], str], say: Words) -> str:
    """Write what a period shows as a sentence."""
    values = [
        f"{course.name} {write(value)}".lstrip()
        for course in drawn.courses
        if (value := course.values[place]) is not None
    ]
    limits = [write(limit) for course in drawn.limits if (limit := course[place]) is not None]
    if values and limits:
        both = len(limits) == 2
        low, high = limits[0], limits[-1]
        reach = say("limits {low} to {high}", low=low, high=high) if both else say("limit {value}", value=low)
        values[-1] += f" ({reach})"
    if any(course.alarms[place] for course in drawn.courses):
        values.append(say("alarm"))
    return f"{label}: {', '.join(values) or say('no data')}."


def _draw_limits(drawn: _Drawn, across: Scale, up: Scale, step: float) -> Iterator[str]:
    """Draw the center, and each limit as stairs, because it follows the n of the period."""
    if drawn.center is not None:
        yield draw_line("center", _LEFT, up.at(drawn.center), _RIGHT, up.at(drawn.center))
    for limits in drawn.limits:
        course, before = "", False
        for place, limit in enumerate(limits):
            if limit is not None:
                left, y = across.at(place) - step / 2, n(up.at(limit))
                course += f"{f'V{y}' if before else f'M{n(left)} {y}'}H{n(left + step)}"
            before = limit is not None
        if course:
            yield f'<path class="limit" d="{course}"/>'


def _draw_observed(drawn: _Drawn, across: Scale, up: Scale) -> Iterator[str]:
    for place, value in enumerate(drawn.observed):
        if value is not None:
            yield f'<circle class="observed" cx="{n(across.at(place))}" cy="{n(up.at(value))}" r="2.5"/>'


def _draw_course(course: _Course, told: Sequence[str], across: Scale, up: Scale) -> Iterator[str]:
    """Draw a line with a gap where a value is missing, a dot for each value and a diamond for each alarm."""
    path, before = "", False
    for place, value in enumerate(course.values):
        if value is not None:
            path += f"{'L' if before else 'M'}{n(across.at(place))} {n(up.at(value))}"
        before = value is not None
    if path:
        yield f'<path class="{course.line}" d="{path}"/>'
    radius = 4 if len(told) <= 40 else 2
    for place, value in enumerate(course.values):
        if value is not None:
            x, y = across.at(place), up.at(value)
            mark = draw_diamond("alarm", x, y, radius + 3) if course.alarms[place] else ""
            dot = mark or f'<circle class="{course.dot}" cx="{n(x)}" cy="{n(y)}" r="{radius}"/>'
            yield f"<g><title>{escape(told[place])}</title>{dot}</g>"


def _draw_names(drawn: _Drawn, up: Scale, write: Callable[[float], str], say: Words) -> Iterator[str]:
    """Write the figures of the last limits beside them, and the names of the lines above the picture."""
    for limits in drawn.limits:
        if limits and limits[-1] is not None:
            yield draw_text(_RIGHT + 6, up.at(limits[-1]) + 4, write(limits[-1]), "bad", "start")
    x = float(_LEFT)
    named = [(course.dot, course.name) for course in drawn.courses if course.name]
    if any(alarm for course in drawn.courses for alarm in course.alarms):
        named.append(("alarm", say("alarm")))
    for kind, name in named:
        yield draw_diamond(kind, x + 4, TOP - 13, 5) if kind == "alarm" else draw_dot(kind, x + 4, TOP - 13)
        yield draw_text(x + 14, TOP - 9, cut(name, _NAME), "soft", "start")
        x += 34 + measure(cut(name, _NAME))
