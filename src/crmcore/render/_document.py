"""The parts of every SVG picture: the document, its colours, its scales and its texts."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import ceil, floor, log10
from typing import Final, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._currencies import UNITS
from crmcore.primitives._decimals import cut_decimals, plain
from crmcore.primitives._kinds import is_a
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.money import Money
from crmcore.primitives.record import Record
from crmcore.render._style import write_style
from crmcore.render._widths import cut, is_right_to_left, measure, wrap

WIDTH: Final = 760
MARGIN: Final = 18
TOP: Final = 58
TITLE_SIZE: Final = 16
_SMALLEST_STEP: Final = 1e-9
_PALEST, _DEEPEST = 0.06, 0.5  # the opacity of a box for a share of 0 and of 1, on which a text is legible
_RADIUS: Final = {"band": 4, "step": 6, "worst": 6}  # of the corners of a box


@attrs.frozen
class Svg(Record):
    """A picture, as the text of an SVG document.

    Examples:
        >>> from crmcore import render
        >>> from crmcore.primitives.proportions import Interval
        >>> picture = render.intervals({"desk": (0.05, Interval(0.02, 0.11))}, title="Failures")
        >>> str(picture).startswith("<svg "), str(picture) == picture.text
        (True, True)

    A notebook shows it by itself.

    Attributes:
        text: The document. Write it as UTF-8.
    """

    text: str = attrs.field(repr=lambda text: f"<{len(text)} characters>")

    def __str__(self) -> str:
        return self.text

    def _repr_svg_(self) -> str:
        return self.text


@attrs.frozen
class Scale:
    """A linear scale from values to coordinates."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the coordinate of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def choose_ticks(low: float, high: float) -> list[float]:
    """Return round numbers that cover a range, in about five steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / 5
    if rough < _SMALLEST_STEP:
        rough = 0.2
    size = 10.0 ** floor(log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough * 0.999)
    first = floor(low / step + 1e-9)
    return [step * number for number in range(first, max(1, first + 1, ceil(high / step - 1e-9)) + 1)]


def count_decimals(ticks: Sequence[float]) -> int:
    """Return the number of decimals that the labels of the ticks need."""
    return max(0, -floor(log10(ticks[1] - ticks[0]) + 1e-9))


def use_minus_sign(number: str) -> str:
    """Replace the hyphens of a written number by minus signs."""
    return number.replace("-", "\N{MINUS SIGN}")


def write_label(label: object, unknown: str) -> str:
    """Write a label of any type; for None it is the word for unknown."""
    if label is None:
        return unknown
    if is_a(label, tuple):
        return ", ".join(write_label(part, unknown) for part in cast("tuple[object, ...]", label))
    return plain(label) if is_a(label, Decimal) else str(label)


def escape(text: str) -> str:
    """Escape a text for XML."""
    return replace_non_xml(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def replace_non_xml(text: str) -> str:
    """Replace each character that XML does not allow by the replacement character."""
    return "".join(
        character if character in "\t\n\r" or _is_in_xml(character) else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def join_lines(text: str) -> str:
    """Put a text on one line, without characters that HTML reads as others when they are written by number."""
    line = replace_non_xml(" ".join(text.split()))
    return "".join("\N{REPLACEMENT CHARACTER}" if "\x7f" <= character <= "\x9f" else character for character in line)


def _is_in_xml(character: str) -> bool:
    return " " <= character <= "\ud7ff" or "\ue000" <= character <= "\ufffd" or character >= "\U00010000"


def n(number: float) -> str:
    """Write a coordinate, with at most one decimal."""
    return f"{number:.1f}".removesuffix(".0")


def draw_text(x: float, y: float, text: str, kind: str, anchor: str, *, backwards: bool | None = None) -> str:
    """Draw a text at a place, which is its left side (start), its middle or its right side (end).

    Right-to-left text keeps the same side at the place. `backwards` says that it is such a text; by default the text
    itself decides.
    """
    direction = ""
    if is_right_to_left(text) if backwards is None else backwards:
        anchor = {"start": "end", "end": "start"}.get(anchor, anchor)
        direction = ' direction="rtl"'
    place = f'x="{n(x)}" y="{n(y)}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}{direction}>{escape(text)}</text>'


def draw_label(x: float, y: float, text: str, kind: str, anchor: str) -> str:
    """Draw a text on a ground of the colour of the page, so that lines below it do not cross it."""
    wide = measure(text) + 4
    left = x - 2 - {"start": 0.0, "middle": (wide - 4) / 2, "end": wide - 4}[anchor]
    ground = f'<rect class="under" x="{n(left)}" y="{n(y - 11)}" width="{n(wide)}" height="15" rx="3"/>'
    return f"{ground}{draw_text(x, y, text, kind, anchor)}"


def draw_line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """Draw a straight line."""
    return f'<path class="{kind}" d="M{n(x1)} {n(y1)}L{n(x2)} {n(y2)}"/>'


def draw_dot(kind: str, x: float, y: float) -> str:
    """Draw a dot."""
    return f'<circle class="{kind}" cx="{n(x)}" cy="{n(y)}" r="4"/>'


def draw_box(kind: str, x: float, y: float, wide: float, high: float, *, share: float | None = None) -> str:
    """Draw a rectangle; the colour of the cell of a heat map is the stronger, the nearer its share is to 1."""
    place = f'x="{n(x)}" y="{n(y)}" width="{n(wide)}" height="{n(high)}"'
    filled = "" if share is None else f' fill-opacity="{_PALEST + (_DEEPEST - _PALEST) * share:.2f}"'
    return f'<rect class="{kind}" {place} rx="{_RADIUS.get(kind, 1)}"{filled}/>'


def draw_diamond(kind: str, x: float, y: float, size: float) -> str:
    """Draw a diamond around a point."""
    points = f"{n(x)},{n(y - size)} {n(x + size)},{n(y)} {n(x)},{n(y + size)} {n(x - size)},{n(y)}"
    return f'<polygon class="{kind}" points="{points}"/>'


def write_percent(share: float | Decimal) -> str:
    """Write a share to a tenth of a per cent, or to one significant digit if that would show zero."""
    share = float(share)
    return use_minus_sign(f"{100 * share:.1f}%" if not share or abs(share) >= 0.0005 else f"{100 * share:.1g}%")


def write_money(money: Money) -> str:
    """Write an amount, rounded to the decimals of its currency; of one without a number of decimals, cut off at ten."""
    known = UNITS.get(money.currency) is not None
    number = f"{money.quantized().amount:,f}" if known else cut_decimals(money.amount, ",")
    return use_minus_sign(f"{number} {money.currency}")


def write_number(tick: float, ticks: Sequence[float]) -> str:
    """Write a number below or beside a scale."""
    return use_minus_sign(f"{tick:,.{count_decimals(ticks)}f}" if abs(tick) < 1e9 else f"{tick:.3g}")


def draw_notes(notes: Iterable[str], x: float, y: float, room: float, kind: str = "soft") -> tuple[list[str], float]:
    """Draw texts below one another in lines that fit, and return them with their lower end."""
    parts: list[str] = []
    for note in notes:
        for line in wrap(note, room, bold=kind == "bad", most=4):
            y += 16
            parts.append(draw_text(x, y, line, kind, "start", backwards=False))
    return parts, y


def draw_cautions(cautions: Iterable[Finding], x: float, y: float, room: float) -> tuple[list[str], list[str], float]:
    """Draw each caution once, and return them with their sentences and their lower end."""
    parts: list[str] = []
    told: list[str] = []
    for message, severity in dict.fromkeys((caution.message, caution.severity) for caution in cautions):
        drawn, y = draw_notes([message], x, y, room, "soft" if severity is Severity.INFO else "bad")
        parts += drawn
        told.append(f"{message}.")
    return parts, told, y


def build_document(
    title: str,
    about: str,
    height: float,
    parts: Iterable[str],
    *,
    width: float = WIDTH,
    style: str = "",
    heading: bool = True,
) -> Svg:
    """Build the document: title and description for those who do not see it, colours, page, and the parts.

    Args:
        title: The title.
        about: What the picture shows, in words.
        height: The height of the page.
        parts: What is drawn.
        width: The width of the page.
        style: The rules that the picture adds to the style sheet.
        heading: Whether to draw the title above the parts; a picture may have a heading among its parts.
    """
    text = checks.as_text(title, "title")
    size = f'width="{n(width)}" height="{n(height)}"'
    box = f'viewBox="0 0 {n(width)} {n(height)}"'
    head = draw_text(MARGIN, 30, cut(text, width - 2 * MARGIN, TITLE_SIZE, bold=True), "title", "start")
    lines = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="crmcore" role="img" {size} {box}>',
        f"<title>{escape(text)}</title>",
        f"<desc>{escape(about)}</desc>",
        f"<style>{write_style(style)}</style>",
        f'<rect class="page" {size} rx="8"/>',
        *([head] if heading else []),
        *parts,
        "</svg>",
        "",
    )
    return Svg("\n".join(lines))
