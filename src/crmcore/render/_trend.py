"""A rate over time with its bounds, as a picture."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Final, TypeVar

from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Scale,
    Svg,
    build_document,
    choose_ticks,
    draw_box,
    draw_label,
    draw_line,
    draw_text,
    escape,
    n,
    write_percent,
)
from crmcore.render._intervals import list_reach, write_tick
from crmcore.render._rated import Row, Rows, as_marks, as_rows
from crmcore.render._widths import cut, measure
from crmcore.render._words import Words, as_words

_K = TypeVar("_K")

_BOTTOM: Final = 290
_LEFT: Final = 66
_RIGHT: Final = WIDTH - 64
_LABEL: Final = 120  # the widest label below the picture
_STYLE: Final = """
.crmcore .bounds { fill: $line; opacity: 0.2 }
.crmcore .whisker { stroke: $line; opacity: 0.7 }
.crmcore .missing { fill: $band }
"""


def trend(
    rows: Rows[_K],
    /,
    *,
    title: str = "Rate over time",
    marks: Mapping[str, Decimal | float] | None = None,
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw a rate over time: a line through the rates, and a band from the lower to the upper bounds.

    Examples:
        >>> from crmcore import Churn, Period, render
        >>> monthly = {
        ...     Period.month(2026, 1): Churn.from_counts(start=400, lost=12),
        ...     Period.month(2026, 2): Churn.from_counts(start=395, lost=20),
        ... }
        >>> picture = render.trend(monthly, title="Monthly churn, 95%", marks={"target": 0.04})
        >>> "2026-02: 5.1% (3.3 to 7.7%)." in str(picture)
        True

    The rows stand side by side at equal distances, in the order given. The line has a gap where the rate is unknown,
    and the place is shaded.

    Args:
        rows: The figures of each period or label, as a mapping or as pairs. Figures are a pair of a rate and an
            interval, or a tally with both, such as a `Churn`. A rate of None is shown as "no data".
        title: The title above the picture.
        marks: Rates to compare with, by their names, such as a target. Each is a line across the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InvalidValueError: A rate or a bound is not a number, or is beyond 10^30.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    drawn, lines = as_rows(rows, say), as_marks(marks, say)
    reach = list_reach(drawn, lines)
    ticks = choose_ticks(min(0.0, *reach, 0.0), max(0.0, *reach, 0.0))
    up = Scale(ticks[0], ticks[-1], _BOTTOM, TOP)
    step = (_RIGHT - _LEFT) / (len(drawn) or 1)
    across = Scale(0.0, 1.0, _LEFT + step / 2, _LEFT + step / 2 + step)
    parts = [
        *_draw_missing(drawn, across, step, say),
        *(draw_line("grid", _LEFT, up.at(tick), _RIGHT, up.at(tick)) for tick in ticks),
        *(draw_text(_LEFT - 10, up.at(tick) + 4, write_tick(tick, ticks), "soft", "end") for tick in ticks),
        *_draw_marks(lines, up),
        *_draw_bounds(drawn, across, up),
        *_draw_rates(drawn, across, up, say),
        *draw_labels([row.label for row in drawn], across, step, _BOTTOM + 22),
    ]
    if not drawn:
        parts.append(draw_text((_LEFT + _RIGHT) / 2, (TOP + _BOTTOM) / 2, say("no rows"), "soft", "middle"))
    told = [*(f"{label}: {write_percent(rate)}." for label, rate in lines), *(row.describe(say) for row in drawn)]
    return build_document(title, " ".join(told) or f"{say('no rows')}.", _BOTTOM + 42, parts, style=_STYLE)


def _draw_missing(rows: list[Row], across: Scale, step: float, say: Words) -> Iterator[str]:
    """Shade the places without a rate, and label each stretch that has room for it."""
    for unknown, stretch in groupby(enumerate(rows), lambda item: item[1].rate is None):
        places = [place for place, _ in stretch]
        if unknown:
            left, wide = across.at(places[0]) - step / 2, step * len(places)
            told = " ".join(rows[place].describe(say) for place in places)
            yield f"<g><title>{escape(told)}</title>{draw_box('missing', left, TOP, wide, _BOTTOM - TOP)}"
            label = say("no data")
            if measure(label) <= wide - 4:
                yield draw_text(left + wide / 2, TOP + 16, label, "soft", "middle")
            yield "</g>"


def _draw_marks(lines: list[tuple[str, float]], up: Scale) -> Iterator[str]:
    for label, rate in lines:
        yield draw_line("mark", _LEFT, up.at(rate), _RIGHT, up.at(rate))
        yield draw_label(_LEFT + 6, up.at(rate) - 4, cut(label, _LABEL, bold=True), "bad", "start")


def _draw_bounds(rows: list[Row], across: Scale, up: Scale) -> Iterator[str]:
    """Draw a band for each stretch of rows with bounds, and a whisker for each row."""
    runs: list[list[tuple[float, float, float]]] = [[]]
    for place, row in enumerate(rows):
        if row.rate is None or row.bounds is None:
            runs.append([])
        else:
            runs[-1].append((across.at(place), up.at(row.bounds.low), up.at(row.bounds.high)))
    for run in runs:
        if len(run) > 1:
            corners = [*((x, high) for x, _, high in run), *((x, low) for x, low, _ in reversed(run))]
            yield f'<polygon class="bounds" points="{" ".join(f"{n(x)},{n(y)}" for x, y in corners)}"/>'
        for x, low, high in run:
            yield f'<path class="whisker" d="M{n(x)} {n(low)}V{n(high)}M{n(x - 3)} {n(low)}h6M{n(x - 3)} {n(high)}h6"/>'


def _draw_rates(rows: list[Row], across: Scale, up: Scale, say: Words) -> Iterator[str]:
    """Draw a line through the rates, with a dot for each; the last one has its figure beside it."""
    course, before = "", False
    for place, row in enumerate(rows):
        if row.rate is not None:
            course += f"{'L' if before else 'M'}{n(across.at(place))} {n(up.at(row.rate))}"
        before = row.rate is not None
    if course:
        yield f'<path class="line" d="{course}"/>'
    radius = 4 if len(rows) <= 40 else 2
    for place, row in enumerate(rows):
        if row.rate is not None:
            x, y = across.at(place), up.at(row.rate)
            dot = f'<circle class="dot" cx="{n(x)}" cy="{n(y)}" r="{radius}"/>'
            yield f"<g><title>{escape(row.describe(say))}</title>{dot}</g>"
    if rows and rows[-1].rate is not None:
        x, y = across.at(len(rows) - 1), up.at(rows[-1].rate)
        yield draw_text(min(x + 9, WIDTH - MARGIN - 40), y + 4, write_percent(rows[-1].rate), "strong", "start")


def draw_labels(labels: Sequence[str], across: Scale, step: float, y: float) -> Iterator[str]:
    """Draw as many labels as fit side by side, the last one among them."""
    widest = max((measure(cut(label, _LABEL)) for label in labels), default=0.0)
    every = max(1, -int(-(widest + 12) // step))
    for place in range(len(labels) - 1, -1, -every):
        yield draw_text(across.at(place), y, cut(labels[place], _LABEL), "soft", "middle")
