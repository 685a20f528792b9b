"""Features by how much they please and how much their absence annoys, as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import hypot
from typing import TYPE_CHECKING, Final, TypeVar, cast

import attrs

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
    draw_dot,
    draw_label,
    draw_line,
    draw_text,
    escape,
    write_label,
    write_percent,
)
from crmcore.render._widths import cut
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.primitives.proportions import Interval
    from crmcore.voice.expectations import Kano

_K = TypeVar("_K")

_LEFT: Final = 76.0
_SIDE: Final = 360.0
_LEGEND: Final = 474.0
_ROW: Final = 54
_NEAR: Final = 14
"""Dots that are nearer than this share their number."""
_NAMES: Final = {
    "must_be": "must be",
    "one_dimensional": "one-dimensional",
    "attractive": "attractive",
    "indifferent": "indifferent",
    "reverse": "reverse",
    "questionable": "questionable",
}
_STYLE: Final = """
.crmcore .range { stroke: $soft; opacity: 0.6 }
.crmcore .half { fill: $back }
"""


def kano_plane(
    features: Mapping[_K, Kano] | Iterable[tuple[_K, Kano]],
    /,
    *,
    title: str = "What pleases, and what must be there",
    confidence: float = 0.95,
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw features on the Kano plane: how much each pleases, against how much its absence annoys.

    Examples:
        >>> from crmcore import Kano, render
        >>> waves = {
        ...     "pool 2022": Kano(attractive=52, one_dimensional=20, must_be=8, indifferent=20),
        ...     "pool 2026": Kano(attractive=12, one_dimensional=26, must_be=54, indifferent=8),
        ... }
        >>> picture = render.kano_plane(waves)
        >>> "pool 2026: must be, pleases 38.0%, annoys 80.0%." in str(picture)
        True

    Upwards is `Kano.better`, to the right `Kano.worse` without its sign. The thin lines are Wilson's bounds of both.
    Each quarter of the plane is one of the four categories; the category of a feature is its most frequent one, and may
    be that of another quarter. Features that lie close together share a number.

    Args:
        features: The counts of each feature, as a mapping, such as a `TallyBy`, or as pairs; the order is kept. A label
            of None is shown as "unknown". A feature without coefficients is listed as "no data".
        title: The title above the picture.
        confidence: How often the bounds are meant to contain the true shares.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    from crmcore.voice.expectations import Kano  # noqa: PLC0415 - a picture loads the room it is of, not all of them

    checks.as_confidence(confidence)
    say = as_words(words)
    points: list[_Point] = []
    pairs = cast("Iterable[object]", features.items() if isinstance(features, Mapping) else features)
    for place, pair in enumerate(checks.iterate(pairs, "features", "pair of a label and counts")):
        label, counted = checks.as_pair(pair, f"features[{place}]", "a label and counts")
        counted = checks.as_instance(counted, Kano, f"features[{place}]")
        points.append(_Point.of(write_label(label, say("unknown")), counted, confidence))
    top = TOP + 26.0
    across, up = Scale(0.0, 1.0, _LEFT, _LEFT + _SIDE), Scale(0.0, 1.0, top + _SIDE, top)
    drawn = [point for point in points if point.better is not None]
    parts = _draw_plane(across, up, say)
    for point in drawn:
        parts += point.draw_bounds(across, up)
    for x, y, numbers in _gather(points, across, up):
        parts += [
            "<g>",
            *(f"<title>{escape(points[number].describe(say))}</title>" for number in numbers[:1]),
            draw_dot("dot", x, y),
            draw_label(x + 8, y - 7, ", ".join(str(number + 1) for number in numbers), "strong", "start"),
            "</g>",
        ]
    y = top
    for number, point in enumerate(points):
        parts += [
            draw_text(_LEGEND, y + 10, str(number + 1), "strong", "start"),
            draw_text(
                _LEGEND + 26, y + 10, cut(point.label, WIDTH - MARGIN - _LEGEND - 26, bold=True), "strong", "start"
            ),
            *(
                draw_text(_LEGEND + 26, y + 26 + 16 * line, cut(text, WIDTH - MARGIN - _LEGEND - 26), "soft", "start")
                for line, text in enumerate(point.tell(say))
            ),
        ]
        y += _ROW
    bottom = max(y, top + _SIDE + 44)
    cautions = [
        attrs.evolve(caution, message=f"{point.label}: {caution.message}")
        for point in points
        for caution in point.counted.cautions
    ]
    warned, warnings, bottom = draw_cautions(cautions, MARGIN, bottom, WIDTH - 2 * MARGIN)
    told = [point.describe(say) for point in points] or [f"{say('no data')}."]
    return build_document(title, " ".join([*told, *warnings]), bottom + 16, [*parts, *warned], style=_STYLE)


@attrs.frozen
class _Point:
    label: str
    counted: Kano
    better: float | None
    worse: float | None
    better_bounds: Interval | None
    worse_bounds: Interval | None

    @classmethod
    def of(cls, label: str, counted: Kano, confidence: float) -> _Point:
        better, worse = counted.better, counted.worse
        return cls(
            label,
            counted,
            None if better is None else float(better),
            None if worse is None else -float(worse),
            counted.better_interval(confidence=confidence),
            counted.worse_interval(confidence=confidence),
        )

    def tell(self, say: Words) -> list[str]:
        """Write the category and both coefficients, as far as they are known."""
        category = self.counted.category
        told = [] if category is None else [say(_NAMES[category.value])]
        if self.better is None or self.worse is None:
            return [*told, say("no data")]
        better, worse = write_percent(self.better), write_percent(self.worse)
        return [*told, say("pleases {better}, annoys {worse}", better=better, worse=worse)]

    def describe(self, say: Words) -> str:
        """Write a sentence."""
        return f"{self.label}: {', '.join(self.tell(say))}."

    def draw_bounds(self, across: Scale, up: Scale) -> list[str]:
        """Draw a cross of both intervals."""
        better, worse = self.better_bounds, self.worse_bounds
        assert better is not None  # noqa: S101 - a feature with coefficients has bounds
        assert worse is not None  # noqa: S101 - the same
        x, y = across.at(self.worse or 0.0), up.at(self.better or 0.0)
        return [
            draw_line("range", across.at(-worse.high), y, across.at(-worse.low), y),
            draw_line("range", x, up.at(better.low), x, up.at(better.high)),
        ]


def _gather(points: list[_Point], across: Scale, up: Scale) -> list[tuple[float, float, list[int]]]:
    """Return the places of the dots, each with the numbers of the features that lie there or close by."""
    places: list[tuple[float, float, list[int]]] = []
    for number, point in enumerate(points):
        if point.better is None or point.worse is None:
            continue
        x, y = across.at(point.worse), up.at(point.better)
        near = next((one for one in places if hypot(one[0] - x, one[1] - y) < _NEAR), None)
        if near is None:
            places.append((x, y, [number]))
        else:
            near[2].append(number)
    return places


def _draw_plane(across: Scale, up: Scale, say: Words) -> list[str]:
    """Draw the four quarters with their names, and the two axes."""
    left, right, top, bottom = across.at(0), across.at(1), up.at(1), up.at(0)
    middle, centre = across.at(0.5), up.at(0.5)
    half = _SIDE / 2
    parts = [draw_box("half", left, top, half, half), draw_box("half", middle, centre, half, half)]
    for share in (0.0, 0.5, 1.0):
        parts += [
            draw_line("grid", across.at(share), top, across.at(share), bottom),
            draw_line("grid", left, up.at(share), right, up.at(share)),
            draw_text(across.at(share), bottom + 18, write_percent(share), "soft", "middle"),
            draw_text(left - 10, up.at(share) + 4, write_percent(share), "soft", "end"),
        ]
    for name, x, y, anchor in (
        ("attractive", left + 8, top + 18, "start"),
        ("one-dimensional", right - 8, top + 18, "end"),
        ("indifferent", left + 8, bottom - 10, "start"),
        ("must be", right - 8, bottom - 10, "end"),
    ):
        parts.append(draw_text(x, y, cut(say(name), half - 16), "soft", anchor))
    return [
        *parts,
        draw_text(left, top - 10, cut(say("pleases if it is there"), _SIDE, bold=True), "strong", "start"),
        draw_text(right, bottom + 36, cut(say("annoys if it is missing"), _SIDE, bold=True), "strong", "end"),
    ]
