"""What every picture is made of: the document, its colours, its scales and its texts."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import ceil, floor, log10
from typing import Final, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import plain
from crmcore.render._widths import cut, is_right_to_left

STYLE: Final = """
.crmcore { --page: #ffffff; --ink: #1b1f24; --soft: #57606a; --edge: #d8dee4; --line: #0b62c4; --bad: #c2255c }
@media (prefers-color-scheme: dark) {
  .crmcore { --page: #14171c; --ink: #e8ebef; --soft: #a3adba; --edge: #343b45; --line: #6db1ff; --bad: #ff86ae }
}
.crmcore text { font: 12px system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: var(--ink) }
.crmcore .title { font-size: 16px; font-weight: 600 }
.crmcore .soft { fill: var(--soft) }
.crmcore .bad { fill: var(--bad); font-weight: 600 }
.crmcore .page { fill: var(--page) }
.crmcore path { fill: none }
.crmcore .below { fill: var(--bad); opacity: 0.16 }
.crmcore .grid { stroke: var(--edge) }
.crmcore .zero { stroke: var(--soft) }
.crmcore .mark { stroke: var(--bad); stroke-dasharray: 5 3 }
.crmcore .line { stroke: var(--line); stroke-width: 1.75; stroke-linejoin: round }
.crmcore .dot { fill: var(--line) }
.crmcore .deep { fill: var(--bad) }
"""
WIDTH: Final = 760
MARGIN: Final = 18
TOP: Final = 58
TITLE_SIZE: Final = 16
_SMALLEST_STEP: Final = 1e-9


@attrs.frozen
class Svg:
    """A picture, as the text of an SVG document.

    Examples:
        >>> from crmcore import render
        >>> from crmcore.primitives.proportions import Interval
        >>> picture = render.intervals({"desk": (0.05, Interval(0.02, 0.11))}, title="Failures")
        >>> str(picture).startswith("<svg "), str(picture) == picture.text
        (True, True)

    A notebook shows it by itself.

    Attributes:
        text: The document, to be written as UTF-8.

    Raises:
        WrongTypeError: The text is no str.
    """

    text: str = attrs.field(repr=lambda text: f"<{len(text)} characters>")

    def __attrs_post_init__(self) -> None:
        checks.as_text(self.text, "text")

    def __str__(self) -> str:
        return self.text

    def _repr_svg_(self) -> str:
        return self.text


@attrs.frozen
class Scale:
    """From a value to where it stands."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks_from(low: float, high: float) -> list[float]:
    """Round numbers, about five steps of 1, 2 or 5, from at most the low to at least the high."""
    rough = (high - low) / 5
    if rough < _SMALLEST_STEP:
        rough = 0.2
    size = 10.0 ** floor(log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough * 0.999)
    return [step * number for number in range(floor(low / step + 1e-9), max(1, ceil(high / step - 1e-9)) + 1)]


def decimals(ticks: Sequence[float]) -> int:
    """How many decimals tell the ticks apart."""
    return max(0, -floor(log10(ticks[1] - ticks[0]) + 1e-9))


def signed(number: str) -> str:
    """With the minus of print."""
    return number.replace("-", "\N{MINUS SIGN}")


def name_of(label: object) -> str:
    """A label of any kind as text."""
    if label is None:
        return "unknown"
    if isinstance(label, tuple):
        return ", ".join(map(name_of, cast("tuple[object, ...]", label)))
    return plain(label) if isinstance(label, Decimal) else str(label)


def escaped(text: str) -> str:
    """As XML takes it."""
    return known_to_xml(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def known_to_xml(text: str) -> str:
    """A text in which what XML knows no sign for is replaced by the sign for that."""
    return "".join(sign if sign in "\t\n\r" or _is_xml(sign) else "\N{REPLACEMENT CHARACTER}" for sign in text)


def one_line(text: str) -> str:
    """A text whose signs may be written by their numbers: on one line, and without signs that pages take for others."""
    signs = known_to_xml(" ".join(text.split()))
    return "".join("\N{REPLACEMENT CHARACTER}" if "\x7f" <= sign <= "\x9f" else sign for sign in signs)


def _is_xml(sign: str) -> bool:
    return " " <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign >= "\U00010000"


def n(number: float) -> str:
    """A place, to a tenth."""
    return f"{number:.1f}".removesuffix(".0")


def text(x: float, y: float, words: str, kind: str, anchor: str, *, backwards: bool | None = None) -> str:
    """Words that begin, end or have their middle at a place; of a script from right to left, those sides stay."""
    turned = ""
    if is_right_to_left(words) if backwards is None else backwards:
        anchor = {"start": "end", "end": "start"}.get(anchor, anchor)
        turned = ' direction="rtl"'
    place = f'x="{n(x)}" y="{n(y)}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}{turned}>{escaped(words)}</text>'


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """A straight line."""
    return f'<path class="{kind}" d="M{n(x1)} {n(y1)}L{n(x2)} {n(y2)}"/>'


def dot(kind: str, x: float, y: float) -> str:
    """A dot."""
    return f'<circle class="{kind}" cx="{n(x)}" cy="{n(y)}" r="4"/>'


def document(
    title: str, about: str, height: float, parts: Iterable[str], *, width: float = WIDTH, style: str | None = None
) -> Svg:
    """The whole: title and description for those who do not see it, colours, page, and the parts.

    A picture with a style of its own has also a heading of its own among its parts.
    """
    heading = checks.as_text(title, "title")
    size = f'width="{n(width)}" height="{n(height)}"'
    box = f'viewBox="0 0 {n(width)} {n(height)}" style="max-width: 100%; height: auto"'
    lines = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="crmcore" role="img" {size} {box}>',
        f"<title>{escaped(heading)}</title>",
        f"<desc>{escaped(about)}</desc>",
        f"<style>{STYLE}{style or ''}</style>",
        f'<rect class="page" {size} rx="8"/>',
        *(
            []
            if style
            else [text(MARGIN, 30, cut(heading, WIDTH - 2 * MARGIN, TITLE_SIZE, bold=True), "title", "start")]
        ),
        *parts,
        "</svg>",
        "",
    )
    return Svg("\n".join(lines))
