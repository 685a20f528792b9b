"""Survival curves with their bounds and the numbers at risk, as a picture and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, PolicyMismatchError
from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Scale,
    Svg,
    build_document,
    choose_ticks,
    draw_line,
    draw_text,
    escape,
    n,
    use_minus_sign,
    write_label,
    write_number,
    write_percent,
)
from crmcore.render._table import Markdown, write_row
from crmcore.render._widths import cut
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.retention.survival import Survival, SurvivalStep

_K = TypeVar("_K")

_BOTTOM: Final = 300
_LEFT: Final = 190
_RIGHT: Final = WIDTH - 30
_ROW: Final = 18
_MOST_SEGMENTS: Final = 6
_MOST_MARKS: Final = 60
_TICKS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
_COLOURS: Final = ("line", "bad", "good")
_STYLE: Final = "".join(
    f".crmcore .curve{place} {{ stroke: ${colour}; stroke-width: 1.75{dashes} }}\n"
    f".crmcore .seen{place} {{ stroke: ${colour} }}\n"
    f".crmcore .bounds{place} {{ fill: ${colour}; opacity: 0.14 }}\n"
    for place, (colour, dashes) in enumerate(
        (colour, dashes) for dashes in ("", "; stroke-dasharray: 6 3") for colour in _COLOURS
    )
)


@attrs.frozen
class _Curve:
    """A segment as it is drawn: a step for each time, as floats."""

    label: str
    survival: Survival
    steps: tuple[SurvivalStep, ...]
    median: Decimal | None

    def describe(self, say: Words) -> str:
        """Write what ended and the median."""
        ended = say(
            "{ended} of {all} ended", ended=_write(self.survival.total_ended), all=_write(self.survival.lifetimes)
        )
        median = (
            say("the median is not reached")
            if self.median is None
            else say("the median is {time}", time=_write(self.median))
        )
        return f"{self.label}: {ended}, {median}." if self.label else f"{ended}, {median}."


def survival_curves(
    segments: Survival | Mapping[_K, Survival],
    /,
    *,
    title: str = "Survival",
    confidence: float = 0.95,
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw survival curves: steps with their bounds as bands, and below them how many are at risk.

    Examples:
        >>> from crmcore import Survival, render
        >>> months = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
        >>> curve = Survival.of_durations(months, [True] * 9 + [False] * 12)
        >>> picture = render.survival_curves({"new": curve}, title="Months until they leave, 95%")
        >>> "new: 9 of 21 ended, the median is 23." in str(picture)
        True

    A small stroke on a curve is a time at which a lifetime was last seen. A band ends where the curve falls to 0.

    Args:
        segments: One curve, or up to six by their names, such as `Survival.by` returns.
        title: The title above the picture.
        confidence: How often the bounds at one time are meant to contain the true share.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InvalidValueError: There are more than six segments, or one has no lifetimes.
        PolicyMismatchError: The segments have different units of time.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    level = checks.as_confidence(confidence)
    curves = _as_curves(segments, say)
    last = max((float(curve.survival.times[-1]) for curve in curves), default=0.0) or 1.0
    across = Scale(0.0, last, _LEFT, _RIGHT)
    up = Scale(0.0, 1.0, _BOTTOM, TOP)
    ticks = [tick for tick in choose_ticks(0.0, last) if tick <= last * (1 + 1e-9)]
    height = _BOTTOM + 62 + _ROW * (len(curves) + 1)
    parts = [
        *(draw_line("grid", _LEFT, up.at(tick), _RIGHT, up.at(tick)) for tick in _TICKS),
        *(draw_text(_LEFT - 10, up.at(tick) + 4, write_percent(tick), "soft", "end") for tick in _TICKS),
        *(
            draw_text(across.at(tick), _BOTTOM + 20, write_number(tick, choose_ticks(0.0, last)), "soft", "middle")
            for tick in ticks
        ),
        *(part for place, curve in enumerate(curves) for part in _draw_band(curve, place, across, up, level)),
        *(part for place, curve in enumerate(curves) for part in _draw_curve(curve, place, across, up, say)),
        *_draw_at_risk(curves, ticks, across, say),
    ]
    unit = _name_unit(curves, say)
    if unit:
        parts.append(draw_text(_RIGHT, _BOTTOM + 38, cut(unit, (_RIGHT - MARGIN) / 2 - 8), "soft", "end"))
    if not curves:
        parts.append(draw_text((_LEFT + _RIGHT) / 2, (TOP + _BOTTOM) / 2, say("no rows"), "soft", "middle"))
    told = " ".join(curve.describe(say) for curve in curves) or f"{say('no rows')}."
    return build_document(title, told, height, parts, style=_STYLE)


def survival_table(
    segments: Survival | Mapping[_K, Survival],
    times: Iterable[Decimal | float | str],
    /,
    *,
    confidence: float = 0.95,
    words: Mapping[str, str] | None = None,
) -> Markdown:
    """Write survival curves as a table of Markdown: at each time the share that lasts longer, with its bounds.

    Examples:
        >>> from crmcore import Survival, render
        >>> curve = Survival.of_durations([2, 4, 4, 6], [True, True, False, False])
        >>> print(str(render.survival_table({"new": curve}, [3, 6])).rstrip())
        | segment | time | at risk | survival | low | high |
        | --- | --- | --- | --- | --- | --- |
        | new | 3 | 3 | 75.0% | 12.8% | 96.1% |
        | new | 6 | 1 | 50.0% | 5.8% | 84.5% |

    Args:
        segments: One curve, or several by their names.
        times: The times.
        confidence: How often the bounds at one time are meant to contain the true share.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InvalidValueError: A segment has no lifetimes.
        PolicyMismatchError: The segments have different units of time.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    level = checks.as_confidence(confidence)
    chosen = [
        checks.as_decimal(time, f"times[{place}]", floats=True)
        for place, time in enumerate(checks.iterate_items(times, "times"))
    ]
    head = [say(word) for word in ("segment", "time", "at risk", "survival", "low", "high")]
    lines = [write_row(*head), f"|{' --- |' * len(head)}"]
    for curve in _as_curves(segments, say, most=None):
        for time in chosen:
            step = curve.survival.at(time)
            bounds = step.interval(confidence=level)
            share = say("no data") if step.survival is None else write_percent(step.survival)
            low, high = ("", "") if bounds is None else (write_percent(bounds.low), write_percent(bounds.high))
            lines.append(write_row(curve.label, _write(step.time), _write(step.at_risk), share, low, high))
    return Markdown("\n".join(lines) + "\n")


def _as_curves(segments: object, say: Words, most: int | None = _MOST_SEGMENTS) -> list[_Curve]:
    from crmcore.retention.survival import Survival  # noqa: PLC0415 - a picture loads the room it is of

    given: Mapping[Any, object] = (
        {"": segments} if isinstance(segments, Survival) else cast("Mapping[Any, object]", segments)
    )
    checks.check_mapping(given, "segments", "names to curves, such as Survival.by(...) returns")
    if most is not None and len(given) > most:
        raise InvalidValueError(
            "too_many_segments",
            f"segments must be at most {most} to be told apart, got {len(given)}",
            field="segments",
            advice="draw the largest ones, and list the others in a table",
            operands=(len(given),),
        )
    curves: list[_Curve] = []
    for place, (label, value) in enumerate(given.items()):
        counted = checks.as_instance(value, Survival, f"segments[{place}]")
        if curves and counted.unit is not curves[0].survival.unit:
            raise PolicyMismatchError(
                "curves_of_two_units",
                f"segments must have one unit of time, got {show(curves[0].survival.unit)} and {show(counted.unit)}",
                field="segments",
                record=place,
                operands=(curves[0].survival.unit, counted.unit),
            )
        curves.append(
            _Curve(write_label(label, say("unknown")), counted, counted.steps(every_time=True), counted.median)
        )
    return curves


def _name_unit(curves: list[_Curve], say: Words) -> str:
    unit = curves[0].survival.unit if curves else None
    return "" if unit is None else say(f"{unit.value}s")


def _write(number: Decimal) -> str:
    """Write a time or a count, with at most two decimals."""
    text = f"{number:,.2f}"
    return use_minus_sign(text.rstrip("0").rstrip("."))


def _trace(points: Sequence[tuple[float, float]]) -> str:
    """Return the path of a curve that falls at each point, which starts at the left; one point for each place."""
    course = ""
    x = y = ""
    for at, height in points:
        if n(height) != y:
            if n(at) != x:
                course += f"H{n(at)}"
            course += f"V{n(height)}"
            x, y = n(at), n(height)
    return course


def _draw_curve(curve: _Curve, place: int, across: Scale, up: Scale, say: Words) -> Iterator[str]:
    points = [
        (across.at(float(step.time)), up.at(float(step.survival))) for step in curve.steps if step.survival is not None
    ]
    end = across.at(float(curve.steps[-1].time))
    course = f"M{n(across.at(0.0))} {n(up.at(1.0))}{_trace(points)}H{n(end)}"
    yield f"<g><title>{escape(curve.describe(say))}</title>"
    yield f'<path class="curve{place}" d="{course}"/>'
    seen = [step for step in curve.steps if step.censored]
    if 0 < len(seen) <= _MOST_MARKS:
        strokes = "".join(
            f"M{n(across.at(float(step.time)))} {n(up.at(float(step.survival or 0)) - 4)}v8" for step in seen
        )
        yield f'<path class="seen{place}" d="{strokes}"/>'
    yield "</g>"


def _draw_band(curve: _Curve, place: int, across: Scale, up: Scale, confidence: float) -> Iterator[str]:
    """Draw the bounds as steps: along the upper one to the right, and along the lower one back."""
    lows: list[tuple[float, float]] = []
    highs: list[tuple[float, float]] = []
    end = across.at(0.0)
    for step in curve.steps:
        end = across.at(float(step.time))
        bounds = step.interval(confidence=confidence)
        if bounds is None:
            break
        lows.append((end, up.at(bounds.low)))
        highs.append((end, up.at(bounds.high)))
    if not lows:
        return
    left, top = across.at(0.0), up.at(1.0)
    lower = [(left, top), *(corner for corner in _corner(lows, top)), (end, lows[-1][1])]
    upper = [(left, top), *(corner for corner in _corner(highs, top)), (end, highs[-1][1])]
    corners = [f"{n(x)},{n(y)}" for x, y in [*upper, *reversed(lower)]]
    yield f'<polygon class="bounds{place}" points="{" ".join(corners)}"/>'


def _corner(points: list[tuple[float, float]], top: float) -> Iterator[tuple[float, float]]:
    """Yield the corners of steps."""
    before = top
    for x, y in points:
        if n(y) != n(before):
            yield x, before
            yield x, y
            before = y


def _draw_at_risk(curves: list[_Curve], ticks: list[float], across: Scale, say: Words) -> Iterator[str]:
    """Draw how many are at risk at each tick, a row for each curve, which also shows its colour."""
    y = _BOTTOM + 44.0
    if curves:
        yield draw_text(MARGIN, y, cut(say("at risk"), (_RIGHT - MARGIN) / 2 - 8), "soft", "start")
    for place, curve in enumerate(curves):
        y += _ROW
        yield draw_line(f"curve{place}", 18, y - 4, 40, y - 4)
        yield draw_text(46, y, cut(curve.label, _LEFT - 76), "", "start")
        for tick in ticks:
            at_risk = curve.survival.at(tick).at_risk
            yield draw_text(across.at(tick), y, _write(at_risk), "soft", "middle")
