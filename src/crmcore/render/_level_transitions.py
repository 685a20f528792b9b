"""The moves of customers between levels of loyalty, as a picture."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.render._base_over_time import name_level
from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Svg,
    build_document,
    draw_box,
    draw_cautions,
    draw_notes,
    draw_text,
    escape,
    write_percent,
)
from crmcore.render._widths import cut, measure
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.voice.loyalty import LevelTransitions

_LABELS: Final = 150  # the room of the names of the rows
_HEAD: Final = TOP + 24
_ROW: Final = 50
_WIDEST: Final = 140.0  # of a cell
_STYLE: Final = """
.crmcore .cell { fill: $back }
.crmcore .improved { fill: $good }
.crmcore .unmoved { fill: $line }
.crmcore .worsened { fill: $bad }
"""


@attrs.frozen
class _Cell:
    """How many customers went from a row to a column, and their share of those of the row whose move is known."""

    told: str
    count: int
    share: Decimal | None = None
    kind: str = ""

    def describe(self) -> str:
        """Write the move as a sentence."""
        return f"{self.told}: {self.count:,}." if self.share is None else f"{self.told}: {self._write()}."

    def _write(self) -> str:
        return f"{write_percent(self.share or 0)} ({self.count:,})"


def level_transitions(
    moved: "LevelTransitions",
    /,
    *,
    title: str = "Moves between levels",
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw a table of the moves between levels: a row for each level before, a column for each level after.

    Examples:
        >>> from crmcore import LevelTransitions, render
        >>> moved = LevelTransitions(counts=((72, 15, 5), (16, 56, 16), (2, 6, 24)), left=(8, 12, 48))
        >>> picture = render.level_transitions(moved, title="From winter to spring")
        >>> "satisfied to aggrieved: 16.0% (16)." in str(picture), "aggrieved, left: 60.0% (48)." in str(picture)
        (True, True)

    A cell has the share of the customers of its row who moved there or left, and their number. The higher the share,
    the stronger the colour: one for a better level, one for the same, one for a worse level and for leaving. Below are
    the customers who arrived, and on the right those who were not read again; they are in no share.

    Args:
        moved: The moves, such as one value of `LevelTransitions.over`, or the total of all.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    from crmcore.voice.loyalty import LevelTransitions  # noqa: PLC0415 - a picture loads the room it is of

    counted = checks.as_instance(moved, LevelTransitions, "moved")
    say = as_words(words)
    names = [name_level(level, say) for level in counted.levels]
    rows = _list_rows(counted, names, say)
    heads = [*names, say("left"), *([say("not read again")] if any(counted.unread) else [])]
    left = MARGIN + _LABELS
    wide = min((WIDTH - MARGIN - left) / len(heads), _WIDEST)
    parts = [
        draw_text(left - 14, _HEAD - 10, cut(say("before"), _LABELS - 14), "soft", "end"),
        draw_text(left, TOP - 4, cut(say("after"), 2 * wide), "soft", "start"),
        *(
            draw_text(left + (place + 0.5) * wide, _HEAD - 10, cut(name, wide - 6, bold=True), "strong", "middle")
            for place, name in enumerate(heads)
        ),
    ]
    for place, (name, cells) in enumerate(rows):
        y = _HEAD + place * _ROW
        parts.append(draw_text(left - 14, y + _ROW / 2 + 4, cut(name, _LABELS - 14, bold=True), "strong", "end"))
        for column, cell in enumerate(cells):
            parts += _draw_cell(cell, left + column * wide, y, wide)
    end: float = _HEAD + len(rows) * _ROW
    without = f"{counted.unknown:,}"
    notes = [say("{count} without a level at either time", count=without)] if counted.unknown else []
    noted, end = draw_notes(notes, MARGIN, end + 6, WIDTH - 2 * MARGIN)
    warned, warnings, end = draw_cautions(counted.cautions, MARGIN, end, WIDTH - 2 * MARGIN)
    told = [
        *(cell.describe() for _, cells in rows for cell in cells),
        *(f"{note}." for note in notes),
        *warnings,
    ]
    return build_document(title, " ".join(told), end + 14, [*parts, *noted, *warned], style=_STYLE)


def _list_rows(moved: "LevelTransitions", names: list[str], say: Words) -> list[tuple[str, list[_Cell]]]:
    """List the rows of the table with their names: levels before, those who arrived, those without a level before."""
    rows: list[tuple[str, list[_Cell]]] = []
    for place, before in enumerate(names):
        counts, left = moved.counts[place], moved.left[place]
        whole = sum(counts) + left
        cells = [
            _Cell(say("{start} to {end}", start=before, end=after), count, ratio(count, whole), _name_kind(place, at))
            for at, (after, count) in enumerate(zip(names, counts, strict=True))
        ]
        cells.append(_Cell(f"{before}, {say('left')}", left, ratio(left, whole), "worsened"))
        if any(moved.unread):
            cells.append(_Cell(f"{before}, {say('not read again')}", moved.unread[place]))
        rows.append((before, cells))
    for name, counts in ((say("arrived"), moved.arrived), (say("no level before"), moved.found)):
        if any(counts):
            cells = [_Cell(f"{name}, {after}", count) for after, count in zip(names, counts, strict=True)]
            rows.append((name, cells))
    return rows


def _name_kind(before: int, after: int) -> str:
    """Name the style of a move by the places of its levels, of which 0 is the best."""
    if before == after:
        return "unmoved"
    return "improved" if after < before else "worsened"


def _draw_cell(cell: _Cell, x: float, y: float, wide: float) -> Iterator[str]:
    """Draw a cell with its share and its count."""
    yield f"<g><title>{escape(cell.describe())}</title>"
    yield draw_box("cell", x + 1, y + 1, wide - 2, _ROW - 2)
    count = f"{cell.count:,}"
    middle = x + wide / 2
    if cell.share is None:
        yield draw_text(middle, y + _ROW / 2 + 4, cut(count, wide - 4), "soft", "middle")
    else:
        yield draw_box(cell.kind, x + 1, y + 1, wide - 2, _ROW - 2, share=float(cell.share))
        share = write_percent(cell.share)
        if measure(share, bold=True) <= wide - 4:
            yield draw_text(middle, y + _ROW / 2 - 2, share, "strong", "middle")
        yield draw_text(middle, y + _ROW / 2 + 15, cut(count, wide - 4), "", "middle")
    yield "</g>"
