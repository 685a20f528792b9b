"""What a company believes beside what customers say, as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeVar, cast

from crmcore.primitives import checks
from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Scale,
    Svg,
    build_document,
    draw_box,
    draw_cautions,
    draw_line,
    draw_text,
    escape,
    write_percent,
)
from crmcore.render._rated import name_label
from crmcore.render._widths import cut, measure
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.voice.expectations import PerceptionGap

_K = TypeVar("_K")

_ROW: Final = 46
_BAR: Final = 13
_LABEL: Final = 182
_FIRST: Final = TOP + 18
_STYLE: Final = """
.crmcore .company { fill: $soft }
.crmcore .customer { fill: $line }
"""
_SIDES: Final = (("company", "company"), ("customer", "customers"))
"""The two sides of a gap, and the word for each."""


def gaps(
    rows: Mapping[_K, PerceptionGap] | Iterable[tuple[_K, PerceptionGap]],
    /,
    *,
    title: str = "What the company believes, and what customers say",
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw two bars for each row, the share of good judgements of the company and of customers, and the gap.

    Examples:
        >>> from crmcore import PerceptionGap, render
        >>> staff = PerceptionGap(company_good=80, company_judged=100, customer_good=8, customer_judged=100)
        >>> "72.0 points (60.7 to 79.7)" in str(render.gaps({"staff": staff}))
        True

    Args:
        rows: The gap of each label, such as the result of ``PerceptionGap.by(...)``, or pairs of both; the order is
            kept. A label of None is shown as "unknown".
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    drawn = _as_rows(rows, say)
    left, right, bottom = 214, WIDTH - 222, _FIRST + _ROW * max(1, len(drawn))
    across = Scale(0, 1, left, right)
    ticks = [step / 4 for step in range(5)]
    parts = [
        *_draw_legend(left, say),
        *(draw_line("grid", across.at(tick), _FIRST - 4, across.at(tick), bottom) for tick in ticks),
        *(draw_text(across.at(tick), bottom + 20, f"{100 * tick:.0f}%", "soft", "middle") for tick in ticks),
    ]
    if not drawn:
        parts.append(draw_text((left + right) / 2, _FIRST + 27, cut(say("no rows"), right - left), "soft", "middle"))
    for number, (label, gap) in enumerate(drawn):
        parts += _draw_row(label, gap, _FIRST + _ROW * number, across, say)
    cautions = [caution for _, gap in drawn for caution in gap.cautions]
    notes, told, end = draw_cautions(cautions, MARGIN, bottom + 26, WIDTH - 2 * MARGIN)
    about = " ".join([*(_describe(label, gap, say) for label, gap in drawn), *told])
    return build_document(title, about or f"{say('no rows')}.", end + 14, [*parts, *notes], style=_STYLE)


def _as_rows(rows: object, say: Words) -> list[tuple[str, PerceptionGap]]:
    from crmcore.voice.expectations import PerceptionGap  # noqa: PLC0415 - a picture loads the room it is of

    given = cast("Mapping[object, object]", rows).items() if isinstance(rows, Mapping) else rows
    found: list[tuple[str, PerceptionGap]] = []
    for place, row in enumerate(checks.iterate(cast("Iterable[object]", given), "rows", "row")):
        label, gap = checks.as_pair(row, f"rows[{place}]", "a label and a PerceptionGap")
        found.append((name_label(label, say), checks.as_instance(gap, PerceptionGap, f"rows[{place}]")))
    return found


def _draw_legend(x: float, say: Words) -> Iterator[str]:
    for kind, word in _SIDES:
        text = cut(say(word), _LABEL)
        yield draw_box(kind, x, TOP - 13, 10, 10)
        yield draw_text(x + 16, TOP - 4, text, "soft", "start", backwards=False)
        x += 16 + measure(text) + 20


def _draw_row(label: str, gap: PerceptionGap, y: float, across: Scale, say: Words) -> Iterator[str]:
    yield f"<g><title>{escape(_describe(label, gap, say))}</title>"
    yield draw_text(across.start - 14, y + 23, cut(label, _LABEL), "", "end")
    for number, (kind, _) in enumerate(_SIDES):
        share, top = _share_of(gap, kind), y + 5 + number * (_BAR + 2)
        if share is not None:
            yield draw_box(kind, across.start, top, across.at(float(share)) - across.start, _BAR)
        end = across.start if share is None else across.at(float(share))
        yield draw_text(end + 6, top + 11, _write(share, say), "soft", "start")
    found = _write_gap(gap, say)
    if found is not None:
        x, room = across.end + 64, WIDTH - MARGIN - across.end - 64
        yield draw_text(x, y + 16, cut(found[0], room, bold=True), "bad" if found[2] else "strong", "start")
        yield draw_text(x, y + 31, cut(found[1], room), "soft", "start")
    yield "</g>"


def _share_of(gap: PerceptionGap, side: str) -> Decimal | None:
    return gap.company_share if side == "company" else gap.customer_share


def _write(share: Decimal | None, say: Words) -> str:
    return say("no data") if share is None else write_percent(share)


def _write_gap(gap: PerceptionGap, say: Words) -> tuple[str, str, bool] | None:
    """Write a gap and its bounds, and whether it is surely above 0; None if it is unknown."""
    bounds = gap.interval()
    if gap.value is None or bounds is None:
        return None
    low, high = _write_points(bounds.low), _write_points(bounds.high)
    return say("{gap} points", gap=_write_points(gap.value)), say("{low} to {high}", low=low, high=high), bounds.low > 0


def _write_points(share: Decimal | float) -> str:
    return write_percent(share).removesuffix("%")


def _describe(label: str, gap: PerceptionGap, say: Words) -> str:
    sides = ", ".join(f"{say(word)} {_write(_share_of(gap, kind), say)}" for kind, word in _SIDES)
    found = _write_gap(gap, say)
    return f"{label}: {sides}, {say('no data') if found is None else f'{found[0]} ({found[1]})'}."
