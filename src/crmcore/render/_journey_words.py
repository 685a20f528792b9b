"""What a journey map says of each step, in words: for its picture, the picture's description and the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.model.journey import JourneyMap, JourneyStep
from crmcore.model.moment import MicroMomentKind
from crmcore.model.touchpoint import Ownership, Touchpoint
from crmcore.primitives import checks
from crmcore.primitives.errors import InvalidValueError, PolicyMismatchError
from crmcore.primitives.ids import Id
from crmcore.render._document import signed

if TYPE_CHECKING:
    from crmcore.journeys.journey_maps import Conformance, StepConformance

FEELINGS: Final = {-2: "very bad", -1: "bad", 0: "neutral", 1: "good", 2: "very good"}
_MOST_WAYS_BACK: Final = 20


@attrs.frozen
class Note:
    """One thing that is said of a step, and what there is to say about it: who said so, by what channel."""

    words: str
    about: str = ""

    @property
    def told(self) -> str:
        """Both in one."""
        return f"{self.words} ({self.about})" if self.about else self.words


@attrs.frozen
class Lane:
    """What is said of every step in one respect, in the order of the steps."""

    key: str
    title: str
    cells: tuple[tuple[Note, ...], ...]


@attrs.frozen
class WayBack:
    """A way back that the map does not have."""

    start: str
    end: str
    count: int
    journeys: int

    @property
    def told(self) -> str:
        """The whole in words."""
        ways, journeys = counted(self.count, "way"), counted(self.journeys, "journey")
        return f"{ways} back from {self.start} to {self.end}, in {journeys}."


@attrs.frozen
class Story:
    """A map with what a picture of it needs, checked."""

    journey_map: JourneyMap
    conformance: Conformance | None
    places: Mapping[str, int]
    lanes: tuple[Lane, ...]

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Whose journey it is, as far as that is known, by what each is called."""
        told = self.journey_map
        facts = (("Actor", told.actor), ("Scenario", told.scenario), ("Goal", told.goal))
        return tuple((name, words) for name, words in facts if words.strip())

    @property
    def ways_back(self) -> tuple[WayBack, ...]:
        """Where journeys turned back though the map has no loop there, the most frequent way first."""
        if self.conformance is None:
            return ()
        found = [
            WayBack(start, end, back.count, back.journeys)
            for (start, end), back in self.conformance.backtracks.items()
            if (start, end) not in self.journey_map.loops and back.count
        ]
        return tuple(sorted(found, key=lambda way: (-way.count, self.places[way.start], self.places[way.end])))

    @property
    def most_left(self) -> frozenset[str]:
        """The step at which the most journeys ended short of the goal, or several of them."""
        steps = () if self.conformance is None else self.conformance.steps
        most = max((step.left for step in steps), default=0)
        return frozenset(step.step for step in steps if step.left == most and most)

    @property
    def summary(self) -> str:
        """What the journeys did all together; empty without any to hold the map against."""
        if self.conformance is None:
            return ""
        found = self.conformance
        if not found.journeys:
            return "No journeys."
        told = (
            f"{counted(found.journeys, 'journey')}: {of_all(found.reached, found.journeys)} reached the goal, "
            f"{of_all(found.following, found.journeys)} did nothing but what the map has, "
            f"{of_all(found.dropped, found.journeys)} came and left short of the goal, "
            f"{of_all(found.elsewhere, found.journeys)} came to no step."
        )
        off = sorted(found.off_map.items(), key=lambda item: -item[1].journeys)
        if off:
            named = ", ".join(f"{place} ({counted(one.journeys, 'journey')})" for place, one in off[:_MOST_OFF_MAP])
            rest = f" and {len(off) - _MOST_OFF_MAP} more" if len(off) > _MOST_OFF_MAP else ""
            told = f"{told} Off the map: {named}{rest}."
        return told

    def told_ways_back(self) -> Iterator[str]:
        """The ways back that the map does not have, in words, the rarest only counted."""
        ways = self.ways_back
        yield from (way.told for way in ways[:_MOST_WAYS_BACK])
        if ways[_MOST_WAYS_BACK:]:
            yield f"And {counted(len(ways) - _MOST_WAYS_BACK, 'rarer way')} back."

    def told(self) -> str:
        """The whole map in words, each step in its turn."""
        told = self.journey_map
        parts = [f"A journey map of {counted(len(told.steps), 'step')} in {counted(len(told.phases), 'phase')}."]
        parts += [f"{name}: {_sentence(words)}" for name, words in self.facts]
        for place, step in enumerate(told.steps):
            parts.append(f"{place + 1}. {step.name}, in the phase {step.phase}.")
            parts += [
                f"{lane.title}: {_sentence('; '.join(note.told for note in lane.cells[place]))}"
                for lane in self.lanes
                if lane.cells[place]
            ]
        parts.append(self.summary)
        parts += self.told_ways_back()
        return " ".join(" ".join(parts).split())


_MOST_OFF_MAP: Final = 5


def story(
    journey_map: JourneyMap,
    conformance: Conformance | None,
    touchpoints: Iterable[Touchpoint],
) -> Story:
    """Check what was given, and say it."""
    told = checks.as_instance(journey_map, JourneyMap, "journey_map")
    known = touchpoints_by_id(touchpoints, "touchpoints")
    if conformance is not None:
        from crmcore.journeys.journey_maps import Conformance  # noqa: PLC0415 - a picture loads the room it is of, not all

        if checks.as_instance(conformance, Conformance, "conformance").journey_map != told:
            raise PolicyMismatchError(
                "conformance is of another map; compare the journeys with the map that is drawn", "conformance"
            )
    counts = conformance.steps if conformance is not None and conformance.journeys else (None,) * len(told.steps)
    places = {step.name: place for place, step in enumerate(told.steps)}
    said = [
        {key: tuple(notes) for key, notes in _said(step, told, known, count)}
        for step, count in zip(told.steps, counts, strict=True)
    ]
    lanes = (Lane(key, title, tuple(one.get(key, ()) for one in said)) for key, title in _TITLES.items())
    return Story(told, conformance, places, tuple(lane for lane in lanes if any(lane.cells)))


def touchpoints_by_id(touchpoints: Iterable[Touchpoint], name: str) -> dict[Id, Touchpoint]:
    """Touchpoints by their ids, of which none comes twice."""
    known: dict[Id, Touchpoint] = {}
    for one in checks.as_tuple(touchpoints, Touchpoint, name):
        if one.id in known:
            raise InvalidValueError(
                f"{name} must each have an id of their own, {checks.show(one.id)} comes twice; leave one out", name
            )
        known[one.id] = one
    return known


def called(one: Id, touchpoint: Touchpoint | None) -> str:
    """What a touchpoint is called, and if nobody knows, its id."""
    return str(one) if touchpoint is None else touchpoint.name.strip() or str(one)


_TITLES: Final = {
    "marks": "Marks",
    "loops": "Ways back",
    "goal": "Goal",
    "action": "Action",
    "thought": "Thought",
    "expectation": "Expectation",
    "touchpoints": "Touchpoint",
    "emotion": "Emotion",
    "moments": "Moments",
    "messages": "Told",
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


def _said(
    step: JourneyStep, told: JourneyMap, known: Mapping[Id, Touchpoint], count: StepConformance | None
) -> Iterator[tuple[str, list[Note]]]:
    """All that is said of a step, lane by lane."""
    yield "marks", [Note(mark) for mark in _marks(step, told)]
    yield "loops", [Note(f"back to {end}") for start, end in told.loops if start == step.name]
    for key in _PLAIN:
        words: str = getattr(step, key)
        yield key, [Note(words)] if words.strip() else []
    yield "touchpoints", [_met(one, known.get(one)) for one in step.touchpoint_ids]
    yield "emotion", [] if step.emotion is None else [Note(feeling(step.emotion), FEELINGS[step.emotion])]
    yield "moments", list(_moments(step))
    yield "messages", [Note(said, topic) for topic, said in step.messages]
    yield "owner", [] if step.owner_id is None else [Note(str(step.owner_id))]
    for key in ("pains", "opportunities"):
        yield (
            key,
            [
                Note(one.text, ", ".join(filter(None, (one.source or "", one.evidence.strip()))))
                for one in getattr(step, key)
            ],
        )
    yield "journeys", [] if count is None else list(_counts(step, count))


def _marks(step: JourneyStep, told: JourneyMap) -> Iterator[str]:
    if step.optional:
        yield "optional"
    if step.necessity is not None:
        yield step.necessity.value
    if step.name == told.goal_step:
        yield "goal reached"


def _met(one: Id, touchpoint: Touchpoint | None) -> Note:
    """A touchpoint, by what channel it is met, and whose it is if not the company's."""
    about: list[str] = []
    if touchpoint is not None and touchpoint.channel is not None:
        about.append(touchpoint.channel.value.replace("_", " "))
    if touchpoint is not None and touchpoint.ownership is not Ownership.OWNED:
        about.append(touchpoint.ownership.value)
    return Note(called(one, touchpoint), ", ".join(about))


def _moments(step: JourneyStep) -> Iterator[Note]:
    if step.moment_of_truth:
        yield Note("moment of truth" if step.timing is None else f"{step.timing.value} moment of truth")
    kinds = [f"to {kind.value}" for kind in MicroMomentKind if kind in step.micro_moments]
    if kinds:
        yield Note(f"wants {', '.join(kinds)}", "micro-moment" if len(kinds) == 1 else "micro-moments")


def _counts(step: JourneyStep, count: StepConformance) -> Iterator[Note]:
    """What journeys did at a step: of all journeys, but those who left of those who came."""
    if not step.touchpoint_ids:
        yield Note("no touchpoint, so not seen in journeys")
        return
    yield Note(f"{of_all(count.completed, count.journeys)} completed")
    for number, what in (
        (count.failed, "failed"),
        (count.skipped, "skipped"),
        (count.repeated, "repeated"),
        (count.out_of_order, "out of order"),
    ):
        if number:
            yield Note(f"{number:,} {what}")
    if count.abandoned:
        yield Note(f"{counted(count.abandoned, 'visit')} given up")
    if count.left:
        yield Note(f"{count.left:,} left ({_percent(count.left, count.came)} of those who came)")


def feeling(emotion: int) -> str:
    """An emotion as it is written, with its sign."""
    return signed(f"{emotion:+d}") if emotion else "0"


def of_all(number: int, whole: int) -> str:
    """A count with its share of all."""
    return f"{number:,} ({_percent(number, whole)})"


def _percent(number: int, whole: int) -> str:
    return f"{100 * (number / whole):.1f}".removesuffix(".0") + "%"


def counted(number: int, what: str) -> str:
    """So many of them."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _sentence(words: str) -> str:
    words = words.strip()
    return words if words.endswith((".", "!", "?", "…", "。")) else f"{words}."
