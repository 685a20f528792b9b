"""The causes of feedback with their cumulative share, as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT
from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Scale,
    Svg,
    build_document,
    draw_box,
    draw_cautions,
    draw_label,
    draw_line,
    draw_notes,
    draw_text,
    escape,
    n,
    write_percent,
)
from crmcore.render._widths import cut, measure
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.voice.handling import Pareto

_ROW: Final = 28
_LABEL: Final = 182
_MOST: Final = 12
_STYLE: Final = """
.crmcore .vital { fill: $line; opacity: 0.6 }
.crmcore .other { fill: $edge }
.crmcore .curve { stroke: $ink; stroke-width: 1.5 }
.crmcore .point { fill: $ink }
"""


@attrs.frozen
class _Row:
    """A cause, or several rare ones together."""

    label: str
    count: int
    share: Decimal
    cumulative: Decimal
    is_vital: bool

    def write(self) -> str:
        """Write the count and the share."""
        return f"{self.count:,} ({write_percent(self.share)})"

    def describe(self, say: Words) -> str:
        """Write the row as a sentence."""
        together = say("{share} with those before", share=write_percent(self.cumulative))
        return f"{self.label}: {self.write()}, {together}."


def pareto(
    causes: Pareto,
    /,
    *,
    most: int = _MOST,
    title: str = "Causes and their cumulative share",
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw a Pareto chart: a bar for the share of each cause, a line for the cumulative share, and the cut.

    Examples:
        >>> from crmcore import Pareto, render
        >>> causes = Pareto(counts={"price": 10, "quality": 45, "delivery": 25, "staff": 15, "other": 5})
        >>> picture = render.pareto(causes, title="Why customers complain")
        >>> "quality: 45 (45.0%), 45.0% with those before." in str(picture)
        True

    The most frequent cause is at the top, and both bars and line share one scale, from 0 to 100%. The vital few, which
    together reach the cut, have the darker bars.

    Args:
        causes: The causes.
        most: The number of causes to draw, >= 1; the others are drawn as one. The vital few are drawn in any case.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InvalidValueError: `most` is below 1.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    from crmcore.voice.handling import Pareto  # noqa: PLC0415 - a picture loads the room it is of, not all of them

    given = checks.as_instance(causes, Pareto, "causes")
    limit = checks.as_count(most, "most", least=1)
    say = as_words(words)
    rows = _list_rows(given, max(limit, len(given.vital_few)), say)
    left, right, bottom = 214, WIDTH - 126, TOP + 14 + _ROW * len(rows)
    across = Scale(0.0, 1.0, left, right)
    parts = [
        *(draw_line("grid", across.at(tick / 5), TOP + 6, across.at(tick / 5), bottom) for tick in range(6)),
        *(draw_text(across.at(tick / 5), bottom + 18, f"{20 * tick}%", "soft", "middle") for tick in range(6)),
    ]
    if not rows:
        parts.append(draw_text((left + right) / 2, TOP + 12, say("no causes"), "soft", "middle"))
    middles = [TOP + 10 + _ROW * (place + 0.5) for place in range(len(rows))]
    for row, y in zip(rows, middles, strict=True):
        parts += _draw_row(row, y, across, say)
    cut_told = say("cut {share}", share=write_percent(given.cut))
    at = across.at(float(given.cut))
    parts += [
        draw_line("mark", at, TOP + 2, at, bottom),
        *_draw_curve(rows, middles, across),
        draw_label(at, TOP - 4, cut_told, "bad", "middle"),
        *_draw_legend(say, left, bottom + 42),
    ]
    unknown = [say("{count} of unknown cause", count=f"{given.unknown:,}")] if given.unknown else []
    notes, below = draw_notes(unknown, MARGIN, bottom + 48, WIDTH - 2 * MARGIN)
    cautions, told, below = draw_cautions(given.cautions, MARGIN, below, WIDTH - 2 * MARGIN)
    about = [
        *(row.describe(say) for row in rows),
        *([] if rows else [f"{say('no causes')}."]),
        *(f"{text}." for text in (cut_told, *unknown)),
        *told,
    ]
    return build_document(title, " ".join(about), below + 14, [*parts, *notes, *cautions], style=_STYLE)


def _list_rows(causes: Pareto, most: int, say: Words) -> list[_Row]:
    """List the rows; more causes than `most` become one row, unless it would be of a single cause."""
    rows = [
        _Row(bar.cause, bar.count, bar.share, bar.cumulative_share, bar.is_vital)
        for bar in causes.bars
        if bar.share is not None and bar.cumulative_share is not None
    ]
    rest = rows[most:]
    if len(rest) > 1:
        label = say("{count} more causes", count=f"{len(rest):,}")
        share = EXACT.subtract(1, rows[most - 1].cumulative)
        rows[most:] = [_Row(label, sum(row.count for row in rest), share, rest[-1].cumulative, is_vital=False)]
    return rows


def _draw_row(row: _Row, y: float, across: Scale, say: Words) -> Iterator[str]:
    """Draw a bar with its cause and its figures."""
    yield f"<g><title>{escape(row.describe(say))}</title>"
    yield draw_text(across.start - 14, y + 4, cut(row.label, _LABEL), "", "end")
    wide = across.at(float(row.share)) - across.start
    yield draw_box("vital" if row.is_vital else "other", across.start, y - 9, wide, 18)
    yield draw_text(across.end + 16, y + 4, row.write(), "", "start")
    yield "</g>"


def _draw_curve(rows: Sequence[_Row], middles: Sequence[float], across: Scale) -> Iterator[str]:
    """Draw the line of the cumulative share, with a dot for each row."""
    points = [(across.at(float(row.cumulative)), y) for row, y in zip(rows, middles, strict=True)]
    if points:
        yield f'<path class="curve" d="M{"L".join(f"{n(x)} {n(y)}" for x, y in points)}"/>'
    for x, y in points:
        yield f'<circle class="point" cx="{n(x)}" cy="{n(y)}" r="3"/>'


def _draw_legend(say: Words, x: float, y: float) -> Iterator[str]:
    """Draw the colours with their names."""
    for kind, word in (("vital", "vital few"), ("other", "other causes"), ("curve", "cumulative share")):
        name = cut(say(word), 120)
        if kind == "curve":
            yield draw_line(kind, x, y - 4, x + 12, y - 4)
        else:
            yield draw_box(kind, x, y - 10, 12, 12)
        yield draw_text(x + 18, y, name, "soft", "start")
        x += 18 + measure(name) + 18
