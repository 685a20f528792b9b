"""The journey map as tables of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.model.journey import JourneyMap
from crmcore.model.touchpoint import Touchpoint
from crmcore.primitives.record import Record
from crmcore.render._captions import MapCaptions, caption_map
from crmcore.render._document import join_lines

if TYPE_CHECKING:
    from crmcore.journeys.journey_maps import Conformance

_COLUMNS: Final = 6
_ACTIVE: Final = frozenset(
    "\\`*_{}[]<>#|~$&!^@="
)  # characters that have a meaning in Markdown or in an extension of it
_BIDIRECTIONAL: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@attrs.frozen
class Markdown(Record):
    """A Markdown text.

    Examples:
        >>> from crmcore import JourneyMap, JourneyStep, render
        >>> table = render.journey_table(JourneyMap(name="pay", steps=[JourneyStep(name="queue", phase="purchase")]))
        >>> str(table) == table.text
        True

    A notebook renders it by itself.

    Attributes:
        text: The text.
    """

    text: str = attrs.field(repr=lambda text: f"<{len(text)} characters>")

    def __str__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.text


def journey_table(
    journey_map: JourneyMap,
    /,
    conformance: Conformance | None = None,
    *,
    touchpoints: Iterable[Touchpoint] = (),
    words: Mapping[str, str] | None = None,
) -> Markdown:
    """Write a journey map as Markdown: a table for each phase, with a column for each step and a row for each subject.

    Examples:
        >>> from crmcore import JourneyMap, JourneyStep, render
        >>> paint = JourneyMap(
        ...     name="buy a paint",
        ...     actor="Vera",
        ...     steps=[
        ...         JourneyStep(name="ask", phase="purchase", emotion=1, action="looks for <somebody>"),
        ...         JourneyStep(name="pay", phase="purchase", emotion=0),
        ...     ],
        ... )
        >>> print(str(render.journey_table(paint)).rstrip())
        **buy a paint**
        <BLANKLINE>
        - Actor: Vera
        <BLANKLINE>
        | purchase | 1. ask | 2. pay |
        | --- | --- | --- |
        | Marks |  | goal reached |
        | Action | looks for &#60;somebody&#62; |  |
        | Emotion | +1 (good) | 0 (neutral) |

    The content is that of `render.journey_map`, with the same rows. A phase of more than six steps has several tables.
    Characters that have a meaning in Markdown are written by number.

    Args:
        journey_map: The map.
        conformance: The result of `journey_maps.compare` for this map.
        touchpoints: The touchpoints, for their names and channels. Of a touchpoint that is not given, the id is shown.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InvalidValueError: Two touchpoints have the same id.
        PolicyMismatchError: The conformance belongs to another map.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    captions = caption_map(journey_map, conformance, touchpoints, words)
    blocks = [f"**{_escape(journey_map.name)}**"]
    if captions.facts:
        blocks.append("\n".join(f"- {_escape(name)}: {_escape(fact)}" for name, fact in captions.facts))
    for _, places in groupby(range(len(journey_map.steps)), lambda place: journey_map.steps[place].phase):
        phase = list(places)
        blocks += [
            "\n".join(_write_table(captions, phase[start : start + _COLUMNS], continued=start > 0))
            for start in range(0, len(phase), _COLUMNS)
        ]
    backtracks = "\n".join(f"- {_escape(backtrack)}" for backtrack in captions.list_backtracks())
    cautions = () if conformance is None else conformance.cautions
    notes = "\n".join(f"- {_escape(captions.say('Caution'))}: {_escape(caution.message)}" for caution in cautions)
    blocks += filter(None, (_escape(captions.summary), backtracks, notes))
    return Markdown("\n\n".join(blocks) + "\n")


def _write_table(captions: MapCaptions, places: list[int], *, continued: bool) -> Iterator[str]:
    """Write the lines of a table of some steps of one phase."""
    steps = captions.journey_map.steps
    phase = steps[places[0]].phase
    if continued:
        phase = captions.say("{phase} (continued)", phase=phase)
    yield write_row(phase, *(f"{place + 1}. {steps[place].name}" for place in places))
    yield f"|{' --- |' * (len(places) + 1)}"
    for lane in captions.lanes:
        cells = [" · ".join(caption.full for caption in lane.cells[place]) for place in places]
        if any(cells):
            yield write_row(lane.title, *cells)


def write_row(*cells: str) -> str:
    return f"| {' | '.join(map(_escape, cells))} |"


def _escape(text: str) -> str:
    """Return a text on one line without markup, links and characters that change the direction of the line."""
    line = join_lines(text)
    return "".join(
        f"&#{ord(character)};"
        if character in _ACTIVE
        or character in _BIDIRECTIONAL
        or (character == ":" and line[place + 1 : place + 2].strip())
        or (character == "." and line[max(place - 3, 0) : place].lower() == "www")
        else character
        for place, character in enumerate(line)
    )
