"""Rates with their intervals, as a picture."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeVar

from crmcore.render._document import (
    TOP,
    WIDTH,
    Scale,
    Svg,
    build_document,
    choose_ticks,
    count_decimals,
    draw_dot,
    draw_line,
    draw_text,
    escape,
    n,
    use_minus_sign,
    write_percent,
)
from crmcore.render._rated import Row, Rows, as_marks, as_rows
from crmcore.render._widths import cut, measure
from crmcore.render._words import Words, as_words

_K = TypeVar("_K")

_ROW: Final = 28
_LABEL: Final = 182
_FIGURES: Final = 154  # the least room of the figures beside a row; the most is twice as much


def intervals(
    rows: Rows[_K],
    /,
    *,
    title: str = "Rates with their bounds",
    marks: Mapping[str, Decimal | float] | None = None,
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw rates with their intervals, one row for each. If two intervals overlap, their true rates may be equal.

    Examples:
        >>> from crmcore import FailureRate, render
        >>> from crmcore.service.balance import break_even_failure_rate
        >>> desks = {"ground floor": FailureRate(good=400, bad=8), "first floor": FailureRate(good=40, bad=12)}
        >>> picture = render.intervals(
        ...     desks,
        ...     title="Bad moments of those judged, 95%",
        ...     marks={"break-even": break_even_failure_rate()},
        ... )
        >>> "23.1% (12.5 to 36.8%)" in str(picture)
        True

    Args:
        rows: The figures of each label, as a mapping or as pairs; the order is kept. Figures are a pair of a rate and
            an interval, or a tally with both, such as a `Churn`. A rate of None is shown as "no data", and a label of
            None as "unknown".
        title: The title above the picture.
        marks: Rates to compare with, by their names. Each is a line across all rows.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InvalidValueError: A rate or a bound is not a number, or is beyond 10^30.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    drawn, lines = as_rows(rows, say), as_marks(marks, say)
    reach = list_reach(drawn, lines)
    ticks = choose_ticks(min(0.0, *reach, 0.0), max(0.0, *reach, 0.0))
    room = min(max(_FIGURES, *(measure(row.write(say)) for row in drawn), 0.0), 2 * _FIGURES)
    left, right, bottom = 214, WIDTH - 22 - room, TOP + 12 + _ROW * len(drawn)
    across = Scale(ticks[0], ticks[-1], left, right)
    parts = [
        *(draw_line("grid", across.at(tick), TOP, across.at(tick), bottom) for tick in ticks),
        *(draw_text(across.at(tick), bottom + 20, write_tick(tick, ticks), "soft", "middle") for tick in ticks),
        *(draw_line("mark", across.at(rate), TOP - 4, across.at(rate), bottom) for _, rate in lines),
    ]
    for number, (label, rate) in enumerate(lines):  # alternately above and below, so that neighbours do not collide
        y = bottom + 40 if number % 2 else TOP - 9
        parts.append(draw_text(across.at(rate), y, cut(label, _LABEL), "bad", "middle"))
    if not drawn:
        parts.append(draw_text((left + right) / 2, TOP + 10, say("no rows"), "soft", "middle"))
    for number, row in enumerate(drawn):
        parts += _draw_row(row, TOP + 6 + _ROW * number + _ROW / 2, across, say)
    about = " ".join(
        [*(f"{label}: {write_percent(rate)}." for label, rate in lines), *(row.describe(say) for row in drawn)]
    )
    return build_document(title, about or f"{say('no rows')}.", bottom + (38 if len(lines) < 2 else 58), parts)


def list_reach(rows: Sequence[Row], marks: Sequence[tuple[str, float]]) -> list[float]:
    """List the numbers that a scale must hold."""
    return [
        *(bound for row in rows if row.bounds for bound in (row.bounds.low, row.bounds.high)),
        *(row.rate for row in rows if row.rate is not None),
        *(rate for _, rate in marks),
    ]


def _draw_row(row: Row, y: float, across: Scale, say: Words) -> Iterator[str]:
    yield f"<g><title>{escape(row.describe(say))}</title>"
    yield draw_text(across.start - 14, y + 4, cut(row.label, _LABEL), "", "end")
    if row.rate is not None:
        if row.bounds is not None:
            low, high = across.at(row.bounds.low), across.at(row.bounds.high)
            ends = "".join(f"M{n(end)} {n(y - 4)}v8" for end in (low, high))
            yield f'<path class="line" d="M{n(low)} {n(y)}H{n(high)}{ends}"/>'
        yield draw_dot("dot", across.at(row.rate), y)
    figures = cut(row.write(say), 2 * _FIGURES)
    yield draw_text(across.end + 16, y + 4, figures, "soft" if row.rate is None else "", "start")
    yield "</g>"


def write_tick(tick: float, ticks: Sequence[float]) -> str:
    """Write a share below a scale, as a per cent."""
    return use_minus_sign(f"{100 * tick:.{max(0, count_decimals(ticks) - 2)}f}%")
