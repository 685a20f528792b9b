"""The credits of several methods of attribution, side by side, as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar, cast

from crmcore.model.touchpoint import Touchpoint
from crmcore.primitives import checks
from crmcore.render._captions import index_touchpoints, name_touchpoint
from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Svg,
    build_document,
    draw_box,
    draw_cautions,
    draw_line,
    draw_notes,
    draw_text,
    escape,
    write_label,
    write_percent,
)
from crmcore.render._widths import cut
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from decimal import Decimal

    from crmcore.journeys.attribution import Attribution
    from crmcore.primitives.ids import Id

_K = TypeVar("_K")

_ROW: Final = 28
_LEFT: Final = 190
_NARROWEST: Final = 112
_FIGURE: Final = 52  # the room of a figure after its bar
_STYLE: Final = """
.crmcore .credit { fill: $line }
"""


def attributions(
    found: Mapping[_K, Attribution] | Iterable[Attribution],
    /,
    *,
    names: Iterable[Touchpoint] = (),
    most: int = 20,
    title: str = "Shares of the conversions, by method",
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw what each touchpoint earned under several methods: a column for each method, a row for each touchpoint.

    Examples:
        >>> from crmcore import Outcome, attribution, render
        >>> paths = {("search", "email"): Outcome(conversions=3, nulls=1), ("search",): Outcome(conversions=1)}
        >>> picture = render.attributions([attribution.first(paths), attribution.last(paths)])
        >>> "email: first 0.0%, last 75.0%." in str(picture)
        True

    A figure is the share of the conversions that were shared out. All bars have one scale. The touchpoint with the
    highest share of any method comes first. Rows beyond `most` are left out, and counted below the picture.

    Args:
        found: The attributions, by their labels, or one after another; then their methods are the labels.
        names: The touchpoints, for their names. Of a touchpoint that is not given, the id is shown.
        most: The largest number of touchpoints, >= 1.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InvalidValueError: Two touchpoints have the same id, or `most` is 0.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    methods = _as_methods(found, say)
    known = index_touchpoints(names, "names")
    checks.as_count(most, "most", least=1)
    rows = _rank(methods)
    column = max(_NARROWEST, (WIDTH - MARGIN - _LEFT) / max(1, len(methods)))
    right = _LEFT + column * max(1, len(methods))
    bottom = TOP + 18.0 + _ROW * min(most, len(rows))
    largest = max((share for _, shares in rows for share in shares if share is not None), default=0) or 1
    parts: list[str] = []
    for number, (label, _) in enumerate(methods):
        x = _LEFT + column * number
        parts += [
            draw_line("zero", x, TOP + 12, x, bottom),
            draw_text(x, TOP + 2, cut(label, column - 8, bold=True), "strong", "start", backwards=False),
        ]
    told: list[str] = []
    for number, (touchpoint_id, shares) in enumerate(rows[:most]):
        y = TOP + 16 + _ROW * number
        label = name_touchpoint(touchpoint_id, known.get(touchpoint_id))
        figures = [_write_share(share, say) for share in shares]
        told.append(
            f"{label}: {', '.join(f'{name} {figure}' for (name, _), figure in zip(methods, figures, strict=True))}."
        )
        parts += [
            f"<g><title>{escape(told[-1])}</title>",
            draw_text(_LEFT - 14, y + 16, cut(label, _LEFT - 14 - MARGIN), "", "end"),
        ]
        for place, (share, figure) in enumerate(zip(shares, figures, strict=True)):
            x = _LEFT + column * place
            wide = (column - _FIGURE - 10) * float(share) / float(largest) if share else 0.0
            shown = cut(figure, column - wide - 10)
            parts += [
                draw_box("credit", x, y + 4, wide, _ROW - 12),
                draw_text(x + wide + 6, y + 16, shown, "soft" if share is None else "", "start"),
            ]
        parts.append("</g>")
    notes = [] if rows else [say("no touchpoints")]
    if rows[most:]:
        several = say("{count} more touchpoints are left out", count=f"{len(rows) - most:,}")
        notes.append(several if len(rows) - most > 1 else say("1 more touchpoint is left out"))
    drawn, below = draw_notes(notes, MARGIN, bottom, right - MARGIN)
    cautions = [caution for _, one in methods for caution in one.cautions]
    warned, warnings, below = draw_cautions(cautions, MARGIN, below, right - MARGIN)
    about = " ".join([*told, *(f"{note}." for note in notes), *warnings])
    return build_document(title, about, below + 18, [*parts, *drawn, *warned], width=right + MARGIN, style=_STYLE)


def _as_methods(found: object, say: Words) -> list[tuple[str, Attribution]]:
    """Check the attributions, and return each with its label."""
    from crmcore.journeys.attribution import Attribution  # noqa: PLC0415 - a picture loads the room it is of, not all of them

    if isinstance(found, Mapping):
        return [
            (write_label(label, say("unknown")), checks.as_instance(one, Attribution, f"found[{place}]"))
            for place, (label, one) in enumerate(cast("Mapping[object, object]", found).items())
        ]
    return [(one.method, one) for one in checks.as_tuple(cast("Iterable[Attribution]", found), Attribution, "found")]


def _rank(methods: list[tuple[str, Attribution]]) -> list[tuple[Id, list[Decimal | None]]]:
    """Return the shares of each touchpoint under each method, the highest share first; equals as first seen."""
    touchpoint_ids = dict.fromkeys(touchpoint_id for _, one in methods for touchpoint_id, _ in one.credits)
    rows = [(touchpoint_id, [one.share(touchpoint_id) for _, one in methods]) for touchpoint_id in touchpoint_ids]
    return sorted(rows, key=lambda row: max(share or 0 for share in row[1]), reverse=True)


def _write_share(share: Decimal | None, say: Words) -> str:
    return say("unknown") if share is None else write_percent(share)
