"""The captions of a journey map: the texts of its picture, of the picture's description and of its table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.model.journey import Insight, InsightSource, JourneyMap, JourneyStep, Necessity
from crmcore.model.moment import MicroMomentKind, MomentTiming
from crmcore.model.touchpoint import Channel, Ownership, Touchpoint
from crmcore.primitives import checks
from crmcore.primitives.errors import PolicyMismatchError
from crmcore.primitives.ids import Id
from crmcore.render._document import use_minus_sign
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.journeys.journey_maps import Backtrack, Conformance, StepConformance

_FEELINGS: Final = {-2: "very bad", -1: "bad", 0: "neutral", 1: "good", 2: "very good"}
_MOST_BACKTRACKS: Final = 20
_MOST_OFF_MAP: Final = 5


@attrs.frozen
class Caption:
    """One text about a step, a detail of it such as its source or its channel, and how to draw it."""

    text: str
    detail: str = ""
    kind: str = ""

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
    full: str


@attrs.frozen(slots=False)  # so that what every row of the picture reads is found once
class MapCaptions:
    """A journey map and its conformance, checked, with their captions."""

    journey_map: JourneyMap
    conformance: Conformance | None
    places: Mapping[str, int]
    lanes: tuple[Lane, ...]
    say: Words

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Actor, scenario and goal, as far as they are known."""
        journey_map = self.journey_map
        facts = (("Actor", journey_map.actor), ("Scenario", journey_map.scenario), ("Goal", journey_map.goal))
        return tuple((self.say(name), text) for name, text in facts if text.strip())

    @cached_property
    def loops(self) -> Mapping[str, list[tuple[str, str]]]:
        """The loops of the map that begin or end at each step, each loop once."""
        loops: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for pair in dict.fromkeys(self.journey_map.loops):
            for step in dict.fromkeys(pair):
                loops[step].append(pair)
        return loops

    @cached_property
    def backtracks(self) -> tuple[BacktrackCaption, ...]:
        """The backtracks for which the map has no loop, the most frequent first."""
        if self.conformance is None:
            return ()
        planned = {*self.journey_map.loops}
        found = [
            BacktrackCaption(start, end, backtrack.count, self._write_backtrack(start, end, backtrack))
            for (start, end), backtrack in self.conformance.backtracks.items()
            if (start, end) not in planned and backtrack.count
        ]
        return tuple(sorted(found, key=lambda back: (-back.count, self.places[back.start], self.places[back.end])))

    def _write_backtrack(self, start: str, end: str, backtrack: Backtrack) -> str:
        backtracks = self.say.count(backtrack.count, "1 backtrack", "{count} backtracks")
        journeys = self._count_journeys(backtrack.journeys)
        told = self.say(
            "{backtracks} from {start} to {end}, in {journeys}",
            backtracks=backtracks,
            start=start,
            end=end,
            journeys=journeys,
        )
        return f"{told}."

    def _count_journeys(self, number: int) -> str:
        return self.say.count(number, "1 journey", "{count} journeys")

    @cached_property
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
        found, say = self.conformance, self.say
        if not found.journeys:
            return f"{say('No journeys')}."
        shares = (
            say("{count} reached the goal", count=write_share(found.reached, found.journeys)),
            say("{count} did not deviate from the map", count=write_share(found.following, found.journeys)),
            say("{count} left before the goal", count=write_share(found.dropped, found.journeys)),
            say("{count} reached no step", count=write_share(found.elsewhere, found.journeys)),
        )
        summary = f"{self._count_journeys(found.journeys)}: {', '.join(shares)}."
        off_map = sorted(found.off_map.items(), key=lambda item: -item[1].journeys)
        if off_map:
            named = ", ".join(
                f"{touchpoint_id} ({self._count_journeys(visits.journeys)})"
                for touchpoint_id, visits in off_map[:_MOST_OFF_MAP]
            )
            rest = len(off_map) - _MOST_OFF_MAP
            if rest > 0:
                named = say("{touchpoints} and {count} more", touchpoints=named, count=f"{rest:,}")
            summary = f"{summary} {say('Off the map: {touchpoints}', touchpoints=named)}."
        return summary

    def list_backtracks(self) -> Iterator[str]:
        """List the backtracks as sentences; rare ones are only counted."""
        backtracks = self.backtracks
        yield from (backtrack.full for backtrack in backtracks[:_MOST_BACKTRACKS])
        rest = len(backtracks) - _MOST_BACKTRACKS
        if rest > 0:
            yield f"{self.say.count(rest, 'And 1 rarer backtrack', 'And {count} rarer backtracks')}."

    def describe(self) -> str:
        """Describe the whole map in sentences, step by step."""
        journey_map, say = self.journey_map, self.say
        steps = say.count(len(journey_map.steps), "1 step", "{count} steps")
        phases = say.count(len(journey_map.phases), "1 phase", "{count} phases")
        parts = [f"{say('A journey map of {steps} in {phases}', steps=steps, phases=phases)}."]
        parts += [f"{name}: {_end_sentence(text)}" for name, text in self.facts]
        for place, step in enumerate(journey_map.steps):
            parts.append(f"{place + 1}. {say('{step}, in the phase {phase}', step=step.name, phase=step.phase)}.")
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
    words: Mapping[str, str] | None,
) -> MapCaptions:
    """Check a map, its conformance, its touchpoints and the translation, and write the captions."""
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
    say = as_words(words)
    steps = journey_map.steps
    counts = conformance.steps if conformance is not None and conformance.journeys else (None,) * len(steps)
    leads_back: defaultdict[str, list[str]] = defaultdict(list)
    for start, end in dict.fromkeys(journey_map.loops):
        leads_back[start].append(end)
    captions = [
        {
            **{key: tuple(cell) for key, cell in _caption_step(step, journey_map, known, count, say)},
            "loops": tuple(Caption(say("back to {step}", step=end)) for end in leads_back.get(step.name, ())),
        }
        for step, count in zip(steps, counts, strict=True)
    ]
    lanes = (Lane(key, say(title), tuple(cells.get(key, ()) for cells in captions)) for key, title in _TITLES.items())
    places = {step.name: place for place, step in enumerate(steps)}
    return MapCaptions(journey_map, conformance, places, tuple(lane for lane in lanes if any(lane.cells)), say)


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
    step: JourneyStep,
    journey_map: JourneyMap,
    known: Mapping[Id, Touchpoint],
    count: StepConformance | None,
    say: Words,
) -> Iterator[tuple[str, list[Caption]]]:
    """Write the captions of a step, lane by lane."""
    yield "marks", list(_caption_marks(step, journey_map, say))
    for key in _PLAIN:
        text: str = getattr(step, key)
        yield key, [Caption(text)] if text.strip() else []
    yield (
        "touchpoints",
        [_caption_touchpoint(touchpoint_id, known.get(touchpoint_id), say) for touchpoint_id in step.touchpoint_ids],
    )
    yield (
        "emotion",
        [] if step.emotion is None else [Caption(write_emotion(step.emotion), say(_FEELINGS[step.emotion]))],
    )
    yield "moments", list(_caption_moments(step, say))
    yield "messages", [Caption(message, topic) for topic, message in step.messages]
    yield "owner", [] if step.owner_id is None else [Caption(str(step.owner_id))]
    for key in ("pains", "opportunities"):
        insights: tuple[Insight, ...] = getattr(step, key)
        yield key, [_caption_insight(insight, say) for insight in insights]
    yield "journeys", [] if count is None else list(_caption_counts(step, count, say))


def _caption_marks(step: JourneyStep, journey_map: JourneyMap, say: Words) -> Iterator[Caption]:
    if step.optional:
        yield Caption(say("optional"), kind="soft")
    if step.necessity is not None:
        yield Caption(say(step.necessity.value), kind="bad" if step.necessity is Necessity.UNNECESSARY else "soft")
    if step.name == journey_map.goal_step:
        yield Caption(say("goal reached"), kind="good")


def _caption_insight(insight: Insight, say: Words) -> Caption:
    """Write a pain or an opportunity with its source, unless that is the caller's own word, and its evidence."""
    source = say(insight.source.value) if isinstance(insight.source, InsightSource) else insight.source or ""
    return Caption(insight.text, ", ".join(filter(None, (source, insight.evidence.strip()))))


def _caption_touchpoint(touchpoint_id: Id, touchpoint: Touchpoint | None, say: Words) -> Caption:
    """Write the name of a touchpoint, with its channel and its owner if the company does not own it."""
    details: list[str] = []
    if touchpoint is not None and touchpoint.channel is not None:
        channel = touchpoint.channel
        details.append(say(channel.value.replace("_", " ")) if isinstance(channel, Channel) else channel)
    if touchpoint is not None and touchpoint.ownership is not Ownership.OWNED:
        details.append(say(touchpoint.ownership.value))
    return Caption(name_touchpoint(touchpoint_id, touchpoint), ", ".join(details))


def _caption_moments(step: JourneyStep, say: Words) -> Iterator[Caption]:
    if step.moment_of_truth:
        yield Caption(_write_moment(step.timing, say), kind="truth")
    kinds = [say(f"to {kind.value}") for kind in MicroMomentKind if kind in step.micro_moments]
    if kinds:
        yield Caption(
            say("wants {actions}", actions=", ".join(kinds)),
            say("micro-moment" if len(kinds) == 1 else "micro-moments"),
        )


def _write_moment(timing: MomentTiming | str | None, say: Words) -> str:
    if timing is None:
        return say("moment of truth")
    if isinstance(timing, MomentTiming):
        return say(f"{timing.value} moment of truth")
    return say("{timing} moment of truth", timing=timing)


def _caption_counts(step: JourneyStep, count: StepConformance, say: Words) -> Iterator[Caption]:
    """Write what journeys did at a step; the share of those who left is that of the journeys that reached the step."""
    if not step.touchpoint_ids:
        yield Caption(say("no touchpoint, so not visible in journeys"))
        return
    yield Caption(say("{count} completed", count=write_share(count.completed, count.journeys)))
    for number, what in (
        (count.failed, "{count} failed"),
        (count.skipped, "{count} skipped"),
        (count.repeated, "{count} repeated"),
        (count.out_of_order, "{count} out of order"),
    ):
        if number:
            yield Caption(say(what, count=f"{number:,}"))
    if count.abandoned:
        yield Caption(say.count(count.abandoned, "1 visit abandoned", "{count} visits abandoned"))
    if count.left:
        share = _write_percent(count.left, count.came)
        yield Caption(say("{count} left ({share} of those who reached it)", count=f"{count.left:,}", share=share))


def write_emotion(emotion: int) -> str:
    """Write an emotion with its sign."""
    return use_minus_sign(f"{emotion:+d}") if emotion else "0"


def write_share(number: int, whole: int) -> str:
    """Write a number with its share of the whole."""
    return f"{number:,} ({_write_percent(number, whole)})"


def _write_percent(number: int, whole: int) -> str:
    return f"{100 * (number / whole):.1f}".removesuffix(".0") + "%"


def _end_sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…", "。")) else f"{text}."
