"""The captions of a journey map: the texts of its picture, of the picture's description and of its table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.model.journey import JourneyMap, JourneyStep
from crmcore.model.moment import MicroMomentKind
from crmcore.model.touchpoint import Channel, Ownership, Touchpoint
from crmcore.primitives import checks
from crmcore.primitives.errors import PolicyMismatchError
from crmcore.primitives.ids import Id
from crmcore.render._document import use_minus_sign

if TYPE_CHECKING:
    from crmcore.journeys.journey_maps import Conformance, StepConformance

FEELINGS: Final = {-2: "very bad", -1: "bad", 0: "neutral", 1: "good", 2: "very good"}
_MOST_BACKTRACKS: Final = 20
_MOST_OFF_MAP: Final = 5


@attrs.frozen
class Caption:
    """One text about a step, and a detail of it such as its source or its channel."""

    text: str
    detail: str = ""

    @property
    def full(self) -> str:
        """The text with the detail in brackets."""
        return f"{self.text} ({self.detail})" if self.detail else self.text


@attrs.frozen
class Lane:
    """The captions of every step about one subject, in the order of the steps."""

    key: str
    title: str
    cells: tuple[tuple[Caption, ...], ...]


@attrs.frozen
class BacktrackCaption:
    """The caption of a backtrack for which the map has no loop."""

    start: str
    end: str
    count: int
    journeys: int

    @property
    def full(self) -> str:
        """The caption as a sentence."""
        backtracks, journeys = write_count(self.count, "backtrack"), write_count(self.journeys, "journey")
        return f"{backtracks} from {self.start} to {self.end}, in {journeys}."


@attrs.frozen
class MapCaptions:
    """A journey map and its conformance, checked, with their captions."""

    journey_map: JourneyMap
    conformance: Conformance | None
    places: Mapping[str, int]
    lanes: tuple[Lane, ...]

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Actor, scenario and goal, as far as they are known."""
        journey_map = self.journey_map
        facts = (("Actor", journey_map.actor), ("Scenario", journey_map.scenario), ("Goal", journey_map.goal))
        return tuple((name, text) for name, text in facts if text.strip())

    @property
    def backtracks(self) -> tuple[BacktrackCaption, ...]:
        """The backtracks for which the map has no loop, the most frequent first."""
        if self.conformance is None:
            return ()
        found = [
            BacktrackCaption(start, end, backtrack.count, backtrack.journeys)
            for (start, end), backtrack in self.conformance.backtracks.items()
            if (start, end) not in self.journey_map.loops and backtrack.count
        ]
        return tuple(sorted(found, key=lambda back: (-back.count, self.places[back.start], self.places[back.end])))

    @property
    def most_exits(self) -> frozenset[str]:
        """The step at which the most journeys ended without reaching the goal; several steps if they are equal."""
        steps = () if self.conformance is None else self.conformance.steps
        most = max((step.left for step in steps), default=0)
        return frozenset(step.step for step in steps if step.left == most and most)

    @property
    def summary(self) -> str:
        """The totals over all journeys; empty without a conformance."""
        if self.conformance is None:
            return ""
        found = self.conformance
        if not found.journeys:
            return "No journeys."
        summary = (
            f"{write_count(found.journeys, 'journey')}: {write_share(found.reached, found.journeys)} reached the goal, "
            f"{write_share(found.following, found.journeys)} did not deviate from the map, "
            f"{write_share(found.dropped, found.journeys)} left before the goal, "
            f"{write_share(found.elsewhere, found.journeys)} reached no step."
        )
        off_map = sorted(found.off_map.items(), key=lambda item: -item[1].journeys)
        if off_map:
            named = ", ".join(
                f"{touchpoint_id} ({write_count(visits.journeys, 'journey')})"
                for touchpoint_id, visits in off_map[:_MOST_OFF_MAP]
            )
            rest = f" and {len(off_map) - _MOST_OFF_MAP} more" if len(off_map) > _MOST_OFF_MAP else ""
            summary = f"{summary} Off the map: {named}{rest}."
        return summary

    def list_backtracks(self) -> Iterator[str]:
        """List the backtracks as sentences; rare ones are only counted."""
        backtracks = self.backtracks
        yield from (backtrack.full for backtrack in backtracks[:_MOST_BACKTRACKS])
        if backtracks[_MOST_BACKTRACKS:]:
            yield f"And {write_count(len(backtracks) - _MOST_BACKTRACKS, 'rarer backtrack')}."

    def describe(self) -> str:
        """Describe the whole map in sentences, step by step."""
        journey_map = self.journey_map
        steps, phases = write_count(len(journey_map.steps), "step"), write_count(len(journey_map.phases), "phase")
        parts = [f"A journey map of {steps} in {phases}."]
        parts += [f"{name}: {_end_sentence(text)}" for name, text in self.facts]
        for place, step in enumerate(journey_map.steps):
            parts.append(f"{place + 1}. {step.name}, in the phase {step.phase}.")
            parts += [
                f"{lane.title}: {_end_sentence('; '.join(caption.full for caption in lane.cells[place]))}"
                for lane in self.lanes
                if lane.cells[place]
            ]
        parts.append(self.summary)
        parts += self.list_backtracks()
        return " ".join(" ".join(parts).split())


def caption_map(
    journey_map: JourneyMap,
    conformance: Conformance | None,
    touchpoints: Iterable[Touchpoint],
) -> MapCaptions:
    """Check a map, its conformance and its touchpoints, and write the captions."""
    checks.as_instance(journey_map, JourneyMap, "journey_map")
    known = index_touchpoints(touchpoints, "touchpoints")
    if conformance is not None:
        from crmcore.journeys.journey_maps import Conformance  # noqa: PLC0415 - a picture loads the room it is of, not all

        if checks.as_instance(conformance, Conformance, "conformance").journey_map != journey_map:
            raise PolicyMismatchError(
                "conformance_of_another_map",
                "conformance must be that of the map to draw",
                field="conformance",
                advice="compare the journeys with this map",
            )
    steps = journey_map.steps
    counts = conformance.steps if conformance is not None and conformance.journeys else (None,) * len(steps)
    captions = [
        {key: tuple(cell) for key, cell in _caption_step(step, journey_map, known, count)}
        for step, count in zip(steps, counts, strict=True)
    ]
    lanes = (Lane(key, title, tuple(cells.get(key, ()) for cells in captions)) for key, title in _TITLES.items())
    places = {step.name: place for place, step in enumerate(steps)}
    return MapCaptions(journey_map, conformance, places, tuple(lane for lane in lanes if any(lane.cells)))


def index_touchpoints(touchpoints: Iterable[Touchpoint], name: str) -> dict[Id, Touchpoint]:
    """Return touchpoints by their ids, which must be unique."""
    known = checks.as_tuple(touchpoints, Touchpoint, name)
    checks.check_unique([touchpoint.id for touchpoint in known], name, "an id")
    return {touchpoint.id: touchpoint for touchpoint in known}


def name_touchpoint(touchpoint_id: Id, touchpoint: Touchpoint | None) -> str:
    """Return the name of a touchpoint, or its id if it has no name."""
    return str(touchpoint_id) if touchpoint is None else touchpoint.name.strip() or str(touchpoint_id)


_TITLES: Final = {
    "marks": "Marks",
    "loops": "Loops",
    "goal": "Goal",
    "action": "Action",
    "thought": "Thought",
    "expectation": "Expectation",
    "touchpoints": "Touchpoint",
    "emotion": "Emotion",
    "moments": "Moments",
    "messages": "Messages",
    "frontstage": "Front stage",
    "backstage": "Back stage",
    "support_process": "Support",
    "pains": "Pains",
    "opportunities": "Opportunities",
    "owner": "Owner",
    "metric": "Metric",
    "journeys": "Journeys",
}
_PLAIN: Final = ("goal", "action", "thought", "expectation", "frontstage", "backstage", "support_process", "metric")
"""The lanes that show a text field of the step as it is."""


def _caption_step(
    step: JourneyStep, journey_map: JourneyMap, known: Mapping[Id, Touchpoint], count: StepConformance | None
) -> Iterator[tuple[str, list[Caption]]]:
    """Write the captions of a step, lane by lane."""
    yield "marks", [Caption(mark) for mark in _list_marks(step, journey_map)]
    yield "loops", [Caption(f"back to {end}") for start, end in journey_map.loops if start == step.name]
    for key in _PLAIN:
        text: str = getattr(step, key)
        yield key, [Caption(text)] if text.strip() else []
    yield (
        "touchpoints",
        [_caption_touchpoint(touchpoint_id, known.get(touchpoint_id)) for touchpoint_id in step.touchpoint_ids],
    )
    yield "emotion", [] if step.emotion is None else [Caption(write_emotion(step.emotion), FEELINGS[step.emotion])]
    yield "moments", list(_caption_moments(step))
    yield "messages", [Caption(message, topic) for topic, message in step.messages]
    yield "owner", [] if step.owner_id is None else [Caption(str(step.owner_id))]
    for key in ("pains", "opportunities"):
        yield (
            key,
            [
                Caption(insight.text, ", ".join(filter(None, (insight.source or "", insight.evidence.strip()))))
                for insight in getattr(step, key)
            ],
        )
    yield "journeys", [] if count is None else list(_caption_counts(step, count))


def _list_marks(step: JourneyStep, journey_map: JourneyMap) -> Iterator[str]:
    if step.optional:
        yield "optional"
    if step.necessity is not None:
        yield step.necessity.value
    if step.name == journey_map.goal_step:
        yield "goal reached"


def _caption_touchpoint(touchpoint_id: Id, touchpoint: Touchpoint | None) -> Caption:
    """Write the name of a touchpoint, with its channel and its owner if the company does not own it."""
    details: list[str] = []
    if touchpoint is not None and touchpoint.channel is not None:
        channel = touchpoint.channel
        details.append(channel.replace("_", " ") if isinstance(channel, Channel) else channel)
    if touchpoint is not None and touchpoint.ownership is not Ownership.OWNED:
        details.append(touchpoint.ownership.value)
    return Caption(name_touchpoint(touchpoint_id, touchpoint), ", ".join(details))


def _caption_moments(step: JourneyStep) -> Iterator[Caption]:
    if step.moment_of_truth:
        yield Caption("moment of truth" if step.timing is None else f"{step.timing} moment of truth")
    kinds = [f"to {kind.value}" for kind in MicroMomentKind if kind in step.micro_moments]
    if kinds:
        yield Caption(f"wants {', '.join(kinds)}", "micro-moment" if len(kinds) == 1 else "micro-moments")


def _caption_counts(step: JourneyStep, count: StepConformance) -> Iterator[Caption]:
    """Write what journeys did at a step; the share of those who left is that of the journeys that reached the step."""
    if not step.touchpoint_ids:
        yield Caption("no touchpoint, so not visible in journeys")
        return
    yield Caption(f"{write_share(count.completed, count.journeys)} completed")
    for number, what in (
        (count.failed, "failed"),
        (count.skipped, "skipped"),
        (count.repeated, "repeated"),
        (count.out_of_order, "out of order"),
    ):
        if number:
            yield Caption(f"{number:,} {what}")
    if count.abandoned:
        yield Caption(f"{write_count(count.abandoned, 'visit')} abandoned")
    if count.left:
        yield Caption(f"{count.left:,} left ({_write_percent(count.left, count.came)} of those who reached it)")


def write_emotion(emotion: int) -> str:
    """Write an emotion with its sign."""
    return use_minus_sign(f"{emotion:+d}") if emotion else "0"


def write_share(number: int, whole: int) -> str:
    """Write a number with its share of the whole."""
    return f"{number:,} ({_write_percent(number, whole)})"


def _write_percent(number: int, whole: int) -> str:
    return f"{100 * (number / whole):.1f}".removesuffix(".0") + "%"


def write_count(number: int, noun: str) -> str:
    """Write a number with a noun in the singular or the plural."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _end_sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…", "。")) else f"{text}."
