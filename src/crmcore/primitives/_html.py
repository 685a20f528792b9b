"""Small tables of HTML for notebooks: accessible, escaped, in the colours of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Final

from crmcore.primitives._decimals import cut_decimals
from crmcore.primitives._kinds import is_a
from crmcore.primitives.money import Money

if TYPE_CHECKING:
    from crmcore.primitives.findings import Finding

__all__: list[str] = []  # for the library alone

SHOWN: Final = 10
"""How many rows of a table are shown."""

_LONGEST: Final = 200
_TABLE: Final = "border-collapse:collapse;margin:0 0 .5em"
_CAPTION: Final = "caption-side:top;text-align:left;font-weight:bold;color:inherit;padding:.2em 0"
_LEFT: Final = "text-align:left;vertical-align:top;padding:.2em .6em"
_RIGHT: Final = "text-align:right;vertical-align:top;padding:.2em .6em"
_ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
_NUMBERS: Final = int | float | Decimal | Money


def write_facts(caption: str, facts: Mapping[str, object]) -> str:
    """Write names and values as a table of two columns."""
    lines = [_write_line([name, value], [_LEFT, _LEFT]) for name, value in facts.items() if value != ""]
    return _write_table(caption, [], lines)


def write_rows(
    caption: str, rows: Sequence[Mapping[str, object]], *, size: int | None = None, most: int = SHOWN
) -> str:
    """Write the first rows of a table, and say how many more there are; a column that is empty in all is left out."""
    first = rows[:most]
    names = dict.fromkeys(name for row in first for name in row)
    cells = {name: [row[name] for row in first if row[name] is not None and row[name] != ""] for name in names}
    columns = [name for name in names if cells[name]]
    styles = [_align(cells[name][0]) for name in columns]
    lines = [_write_line([row[name] for name in columns], styles) for row in first]
    more = (len(rows) if size is None else size) - len(first)
    if more:
        lines.append(f'<tr><td colspan="{len(columns)}" style="{_LEFT}">{more:,} more</td></tr>')
    head = [f'<th scope="col" style="{style}">{_text(name)}</th>' for name, style in zip(columns, styles, strict=True)]
    return _write_table(caption, head, lines)


def join(parts: Iterable[str], cautions: Sequence[Finding] = ()) -> str:
    """Join tables, with the cautions below them."""
    lines = [f"<li>{_text(str(caution))}</li>" for caution in cautions[:SHOWN]]
    if len(cautions) > SHOWN:
        lines.append(f"<li>{len(cautions) - SHOWN:,} more</li>")
    notes = [f'<p style="margin:0">Cautions:</p><ul style="margin:0 0 .5em">{"".join(lines)}</ul>'] if lines else []
    return f"<div>{''.join([*parts, *notes])}</div>"


def _write_table(caption: str, head: list[str], lines: list[str]) -> str:
    named = f'<caption style="{_CAPTION}">{_text(caption)}</caption>' if caption else ""
    columns = f"<thead><tr>{''.join(head)}</tr></thead>" if head else ""
    return f'<table style="{_TABLE}">{named}{columns}<tbody>{"".join(lines)}</tbody></table>'


def _write_line(values: Sequence[object], styles: Sequence[str]) -> str:
    first = f'<th scope="row" style="{styles[0]}">{_text(_show(values[0]))}</th>'
    others = [
        f'<td style="{style}">{_text(_show(value))}</td>' for value, style in zip(values[1:], styles[1:], strict=True)
    ]
    return f"<tr>{first}{''.join(others)}</tr>"


def _align(value: object) -> str:
    return _RIGHT if is_a(value, _NUMBERS) and not is_a(value, bool) else _LEFT


def _show(value: object) -> str:  # noqa: PLR0911 - one return for each kind of value
    """Return a value as a reader wants it: numbers with commas and at most ten decimals, None as a dash."""
    if value is None:
        return "-"
    if is_a(value, Enum):
        return str(value.value)
    if is_a(value, bool | str | timedelta):
        return str(value)
    if is_a(value, int):
        return f"{value:,}"
    if is_a(value, Decimal):
        return cut_decimals(value, ",")
    if is_a(value, Money):
        return f"{cut_decimals(value.amount, ',')} {value.currency}"
    if is_a(value, float):
        return f"{value:.6g}"
    if is_a(value, date):
        return value.isoformat()
    return str(value)


def _text(value: str) -> str:
    return (value if len(value) <= _LONGEST else f"{value[:_LONGEST]}...").translate(_ESCAPED)
