"""The journey map as tables of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.model.journey import JourneyMap
from crmcore.model.touchpoint import Touchpoint
from crmcore.primitives import checks
from crmcore.render._document import one_line
from crmcore.render._journey_words import Story, story

if TYPE_CHECKING:
    from crmcore.journeys.journey_maps import Conformance

_COLUMNS: Final = 6
_ACTIVE: Final = frozenset(
    "\\`*_{}[]<>#|~$&!^@="
)  # what Markdown, or a page that adds to it, takes for more than a sign
_TURNING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@attrs.frozen
class Markdown:
    """A text of Markdown.

    Examples:
        >>> from crmcore import JourneyMap, JourneyStep, render
        >>> table = render.journey_table(JourneyMap(name="pay", steps=[JourneyStep(name="queue", phase="purchase")]))
        >>> str(table) == table.text
        True

    A notebook shows it by itself.

    Attributes:
        text: The text.

    Raises:
        WrongTypeError: The text is no str.
    """

    text: str = attrs.field(repr=lambda text: f"<{len(text)} characters>")

    def __attrs_post_init__(self) -> None:
        checks.as_text(self.text, "text")

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
) -> Markdown:
    """A journey map as Markdown: a table for each phase, its steps side by side, a row for each thing said of them.

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

    A phase of more than six steps has several tables. It says what `render.journey_map` draws, with the same rows; what
    Markdown might take for more than a sign is written by its number.

    Args:
        journey_map: The map.
        conformance: What `journey_maps.compare` found when it held journeys against this map.
        touchpoints: What the touchpoints are called, and by what channel they are met; of others the id is shown.

    Raises:
        InvalidValueError: Two touchpoints of one id.
        PolicyMismatchError: The comparison is of another map.
        WrongTypeError: A value of the wrong type.
    """
    told = story(journey_map, conformance, touchpoints)
    blocks = [f"**{_shown(told.journey_map.name)}**"]
    if told.facts:
        blocks.append("\n".join(f"- {name}: {_shown(words)}" for name, words in told.facts))
    for _, places in groupby(range(len(told.journey_map.steps)), lambda place: told.journey_map.steps[place].phase):
        phase = list(places)
        blocks += [
            "\n".join(_table(told, phase[start : start + _COLUMNS], continued=start > 0))
            for start in range(0, len(phase), _COLUMNS)
        ]
    blocks += filter(None, (_shown(told.summary), "\n".join(f"- {_shown(way)}" for way in told.told_ways_back())))
    return Markdown("\n\n".join(blocks) + "\n")


def _table(told: Story, places: list[int], *, continued: bool) -> Iterator[str]:
    """Some steps of one phase."""
    steps = told.journey_map.steps
    phase = f"{steps[places[0]].phase}{' (continued)' if continued else ''}"
    yield _line(phase, *(f"{place + 1}. {steps[place].name}" for place in places))
    yield f"|{' --- |' * (len(places) + 1)}"
    for lane in told.lanes:
        cells = [" · ".join(note.told for note in lane.cells[place]) for place in places]
        if any(cells):
            yield _line(lane.title, *cells)


def _line(*cells: str) -> str:
    return f"| {' | '.join(map(_shown, cells))} |"


def _shown(words: str) -> str:
    """Words on one line, and nothing but words: no markup, no address, nothing that turns the line round."""
    told = one_line(words)
    return "".join(
        f"&#{ord(sign)};"
        if sign in _ACTIVE
        or sign in _TURNING
        or (sign == ":" and told[place + 1 : place + 2].strip())
        or (sign == "." and told[max(place - 3, 0) : place].lower() == "www")
        else sign
        for place, sign in enumerate(told)
    )
