"""Customers by how recently and how often they bought: a grid as a picture, and the same as a table of Markdown."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.money import Money
from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Svg,
    build_document,
    draw_box,
    draw_cautions,
    draw_text,
    escape,
    write_money,
    write_percent,
)
from crmcore.render._table import Markdown, write_row
from crmcore.render._widths import cut
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.value.rfm import RfmScores

_LABELS: Final = 150
_HEAD: Final = TOP + 24
_ROW: Final = 62
_WIDEST: Final = 140.0
_STYLE: Final = """
.crmcore .cell { fill: $back }
.crmcore .filled { fill: $good }
"""


@attrs.frozen
class _Cell:
    """The customers of two grades, their share of all, and what one of them brought."""

    recency: int
    frequency: int
    customers: int
    share: Decimal
    value: Money | None  # None if there are no customers

    def describe(self, say: Words) -> str:
        """Write the cell as a sentence."""
        place = f"{say('recency {grade}', grade=self.recency)}, {say('frequency {grade}', grade=self.frequency)}"
        paid = "" if self.value is None else f", {say('{money} each', money=write_money(self.value))}"
        return f"{place}: {self.customers:,} ({write_percent(self.share)}){paid}."


def rfm_grid(
    scores: "RfmScores",
    /,
    *,
    title: str = "Customers by recency and frequency",
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw a grid of customers: a row for each grade of frequency, the best on top, a column for each of recency.

    Examples:
        >>> from crmcore import Money, render
        >>> from crmcore.value.rfm import RfmScore, RfmScores
        >>> graded = RfmScores(
        ...     scores=[
        ...         RfmScore(customer_id=1, recency=2, frequency=2, monetary=2, spend=Money(90, "EUR")),
        ...         RfmScore(customer_id=2, recency=1, frequency=1, monetary=1, spend=Money(30, "EUR")),
        ...     ],
        ...     quantiles=2,
        ... )
        >>> picture = render.rfm_grid(graded)
        >>> "recency 2, frequency 2: 1 (50.0%), 90.00 EUR each." in str(picture)
        True

    A cell has the number of its customers, their share of all, and what one of them spent on average. The more
    customers, the stronger the colour.

    Args:
        scores: The grades of the customers.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    graded, rows = _list_rows(scores)
    left = MARGIN + _LABELS
    wide = min((WIDTH - MARGIN - left) / graded.quantiles, _WIDEST)
    most = max((cell.customers for row in rows for cell in row), default=0)
    parts: list[str] = []
    for column in range(1, graded.quantiles + 1):
        head = cut(say("recency {grade}", grade=column), wide - 6, bold=True)
        parts.append(draw_text(left + (column - 0.5) * wide, _HEAD - 10, head, "strong", "middle"))
    y: float = _HEAD
    for row in rows:
        head = cut(say("frequency {grade}", grade=row[0].frequency), _LABELS - 14, bold=True)
        parts.append(draw_text(left - 14, y + _ROW / 2 + 4, head, "strong", "end"))
        for cell in row:
            parts += _draw_cell(cell, left + (cell.recency - 1) * wide, y, wide, most, say)
        y += _ROW
    warned, warnings, y = draw_cautions(graded.cautions, MARGIN, y + 6, WIDTH - 2 * MARGIN)
    told = [cell.describe(say) for row in rows for cell in row if cell.customers] or [f"{say('no data')}."]
    return build_document(title, " ".join([*told, *warnings]), y + 14, [*parts, *warned], style=_STYLE)


def rfm_table(scores: "RfmScores", /, *, words: Mapping[str, str] | None = None) -> Markdown:
    """Write the grid of `rfm_grid` as a table of Markdown.

    Examples:
        >>> from crmcore import Money, render
        >>> from crmcore.value.rfm import RfmScore, RfmScores
        >>> one = RfmScore(customer_id=1, recency=2, frequency=1, monetary=2, spend=Money(90, "EUR"))
        >>> for line in str(render.rfm_table(RfmScores(scores=[one], quantiles=2))).splitlines()[:4]:
        ...     print(line)
        |  | recency 1 | recency 2 |
        | --- | --- | --- |
        | frequency 2 |  |  |
        | frequency 1 |  | 1 (100.0%) · 90.00 EUR |

    Args:
        scores: The grades of the customers.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    graded, rows = _list_rows(scores)
    lines = [
        write_row("", *(say("recency {grade}", grade=column) for column in range(1, graded.quantiles + 1))),
        f"|{' --- |' * (graded.quantiles + 1)}",
    ]
    for row in rows:
        cells = [_write_cell(cell) for cell in row]
        lines.append(write_row(say("frequency {grade}", grade=row[0].frequency), *cells))
    notes = [f"- {say('Caution')}: {caution.message}" for caution in graded.cautions]
    return Markdown("\n".join([*lines, *([""] if notes else []), *notes]) + "\n")


def _write_cell(cell: _Cell) -> str:
    if cell.value is None:
        return ""
    return f"{cell.customers:,} ({write_percent(cell.share)}) · {write_money(cell.value)}"


def _list_rows(scores: "RfmScores") -> tuple["RfmScores", list[list[_Cell]]]:
    """List the cells of each grade of frequency, the best first."""
    from crmcore.value.rfm import RfmScores  # noqa: PLC0415 - a picture loads the room it is of, not all of them

    graded = checks.as_instance(scores, RfmScores, "scores")
    grid = graded.grid()
    grades = range(1, graded.quantiles + 1)
    rows: list[list[_Cell]] = []
    for frequency in reversed(grades):
        cells: list[_Cell] = []
        for recency in grades:
            found = grid.get((recency, frequency))
            customers = 0 if found is None else found.customers
            share = ratio(customers, max(1, graded.customers))
            cells.append(
                _Cell(recency, frequency, customers, share or Decimal(0), None if found is None else found.value)
            )
        rows.append(cells)
    return graded, rows


def _draw_cell(cell: _Cell, x: float, y: float, wide: float, most: int, say: Words) -> list[str]:  # noqa: PLR0917 - a place
    parts = ["<g>", f"<title>{escape(cell.describe(say))}</title>", draw_box("cell", x + 1, y + 1, wide - 2, _ROW - 2)]
    if cell.value is not None:
        middle = x + wide / 2
        told = [f"{cell.customers:,}", write_percent(cell.share), write_money(cell.value)]
        parts += [
            draw_box("filled", x + 1, y + 1, wide - 2, _ROW - 2, share=cell.customers / most),
            *(
                draw_text(middle, y + 19 + 17 * line, cut(text, wide - 6), "" if line else "strong", "middle")
                for line, text in enumerate(told)
            ),
        ]
    return [*parts, "</g>"]
