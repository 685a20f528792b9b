"""Cohorts below one another: their retention at each age, as a picture and as a table of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.primitives import checks
from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Svg,
    build_document,
    draw_box,
    draw_text,
    escape,
    use_minus_sign,
    write_label,
    write_percent,
)
from crmcore.render._table import Markdown, write_row
from crmcore.render._widths import cut
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.retention.cohorts import CohortTriangle

_LABELS: Final = 110  # the room of the names of the cohorts
_SIZES: Final = 70
_ROW: Final = 28
_WIDEST: Final = 90.0  # of a cell
_TITLE: Final = "Retention by cohort and age"
_STYLE: Final = """
.crmcore .cell { fill: $line }
"""


@attrs.frozen
class _Line:
    """A cohort with its size and its retention at each age, or all together."""

    label: str
    size: int
    rates: Sequence[Decimal | None]

    def describe(self, names: Sequence[str]) -> str:
        """Write the line as a sentence."""
        known = zip(names, self.rates, strict=True)
        told = ", ".join(f"{name}: {write_percent(rate)}" for name, rate in known if rate is not None)
        return f"{self.label} ({self.size:,}): {told}."


def cohort_triangle(triangle: CohortTriangle, /, *, title: str = _TITLE, words: Mapping[str, str] | None = None) -> Svg:
    """Draw cohorts as a heat map: a row for each cohort, a column for each age, the number in each cell.

    Examples:
        >>> from crmcore import Cohort, CohortTriangle, TallyBy, render
        >>> found = TallyBy({"web": Cohort.from_counts([10, 5, 4]), "shop": Cohort.from_counts([30, 12, 11])})
        >>> picture = render.cohort_triangle(CohortTriangle(found), title="Customers who are left")
        >>> "shop (30): 0: 100.0%, 1: 40.0%, 2: 36.7%." in str(picture)
        True

    If there are so many ages that the tenths of a per cent have no room, the cells show whole per cents, or colours
    alone. The text of each cell, which a browser shows under the pointer, always has the tenths.

    The higher the share, the stronger the colour; above 100% it is as strong as at 100%. A cell is empty as long as no
    member of the cohort is observed through that age. The last row is that of all cohorts together.

    Args:
        triangle: The cohorts, below one another.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    names, lines = _list_lines(triangle, say)
    left = MARGIN + _LABELS + _SIZES
    wide = min((WIDTH - MARGIN - left) / max(len(names), 1), _WIDEST)
    parts = [draw_text(left - 14, TOP + 14, cut(say("Size"), _SIZES - 14), "soft", "end")]
    for place, name in enumerate(names):
        parts.append(draw_text(left + (place + 0.5) * wide, TOP + 14, cut(name, wide - 2), "soft", "middle"))
    write = _choose_figures(lines, wide)
    for number, line in enumerate(lines):
        parts += _draw_line(line, names, TOP + 24 + number * _ROW, left, wide, write)
    bottom = TOP + 24 + len(lines) * _ROW
    if not names:
        parts.append(draw_text(WIDTH / 2, bottom + 4, say("no cohorts"), "soft", "middle"))
    about = " ".join(line.describe(names) for line in lines) if names else f"{say('no cohorts')}."
    return build_document(title, about, bottom + 20, parts, style=_STYLE)


def cohort_table(triangle: CohortTriangle, /, *, words: Mapping[str, str] | None = None) -> Markdown:
    """Write cohorts as a table of Markdown: a row for each cohort, a column for each age, and all together at last.

    Examples:
        >>> from crmcore import Cohort, CohortTriangle, TallyBy, render
        >>> found = TallyBy({"web": Cohort.from_counts([10, 5]), "shop": Cohort.from_counts([30, 12])})
        >>> print(str(render.cohort_table(CohortTriangle(found))).rstrip())
        | Cohort | Size | 0 | 1 |
        | --- | ---: | ---: | ---: |
        | web | 10 | 100.0% | 50.0% |
        | shop | 30 | 100.0% | 40.0% |
        | All | 40 | 100.0% | 42.5% |

    Args:
        triangle: The cohorts, below one another.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    names, lines = _list_lines(triangle, say)
    rows = [write_row(say("Cohort"), say("Size"), *names), f"| --- |{' ---: |' * (len(names) + 1)}"]
    for line in lines:
        rates = ("" if rate is None else write_percent(rate) for rate in line.rates)
        rows.append(write_row(line.label, f"{line.size:,}", *rates))
    return Markdown("\n".join(rows) + "\n")


def _list_lines(triangle: CohortTriangle, say: Words) -> tuple[Sequence[str], list[_Line]]:
    """Return the names of the columns, and a line for each cohort and for all together."""
    from crmcore.retention.cohorts import CohortTriangle  # noqa: PLC0415 - a picture loads the room it is of

    given = checks.as_instance(triangle, CohortTriangle, "triangle", "write CohortTriangle(Cohort.by(...))")
    lines = [
        _Line(write_label(key, say("unknown")), cohort.size, given.rates_of(cohort))
        for key, cohort in given.cohorts.items()
    ]
    return given.names, [*lines, _Line(say("All"), given.size, given.whole)]


def _choose_figures(lines: Iterable[_Line], wide: float) -> Callable[[Decimal], str]:
    """Return what writes the figures of all cells: in tenths of a per cent, whole per cents, or not at all."""
    rates = {rate for line in lines for rate in line.rates if rate is not None}
    for write in (write_percent, _write_whole_percent):
        if all(cut(write(rate), wide) == write(rate) for rate in rates):
            return write
    return lambda _: ""


def _write_whole_percent(rate: Decimal) -> str:
    """Write a rate in whole per cents; one below half a per cent is not shown as zero."""
    return "<1%" if 0 < rate < Decimal("0.005") else use_minus_sign(f"{100 * float(rate):z.0f}%")


def _draw_line(  # noqa: PLR0917 - a place
    line: _Line, names: Sequence[str], y: float, left: float, wide: float, write: Callable[[Decimal], str]
) -> Iterator[str]:
    """Draw a cohort with its cells."""
    yield draw_text(left - _SIZES - 14, y + _ROW / 2 + 4, cut(line.label, _LABELS - 14, bold=True), "strong", "end")
    yield draw_text(left - 14, y + _ROW / 2 + 4, cut(f"{line.size:,}", _SIZES - 14), "soft", "end")
    for place, (name, rate) in enumerate(zip(names, line.rates, strict=True)):
        if rate is None:
            continue
        x, told = left + place * wide, write_percent(rate)
        share = min(max(float(rate), 0.0), 1.0)
        yield f"<g><title>{escape(f'{line.label}, {name}: {told}')}</title>"
        yield draw_box("cell", x + 1, y + 1, wide - 2, _ROW - 2, share=share)
        yield draw_text(x + wide / 2, y + _ROW / 2 + 4, write(rate), "", "middle")
        yield "</g>"
