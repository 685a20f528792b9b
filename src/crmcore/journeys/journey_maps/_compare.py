"""The walk that holds journeys against a map."""

from collections import defaultdict
from collections.abc import Mapping
from operator import itemgetter
from typing import Final

import attrs

from crmcore.journeys.journey_maps._conformance import Backtrack, Conformance, OffMap, StepConformance
from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.model.journey import JourneyMap
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id
from crmcore.primitives.tally import TallyBy

__all__ = ["compare"]

_MICROSECONDS: Final = 1_000_000


def compare(journey_map: JourneyMap, journeys: JourneyRecords, /) -> Conformance:
    """Hold a map against what customers did: which steps they complete, skip, fail at and repeat, and where they leave.

    A visit counts as the step that has its touchpoint. Where several steps have it, as the next of them that is not
    done yet, seen from where the customer stands; where all from there on are done, as the nearest of those; else as
    the nearest he has passed. A visit at which he gave up (`Interaction.abandoned`) does not complete the step.

    A visit to a step already done is a repeat, unless it is to another touchpoint of the step before he has gone
    elsewhere on the map, or a loop of the map led back: what it leads to, and all up to where it began, may be done
    again. A loop is known by a visit to both its steps; a way back that misses either is one of its own.

    Examples:
        >>> from crmcore import JourneyStep, instant
        >>> stay = JourneyMap(
        ...     name="a night",
        ...     steps=[
        ...         JourneyStep(name="book", phase="before", touchpoint_ids=["site", "phone"]),
        ...         JourneyStep(name="arrive", phase="stay", touchpoint_ids=["desk"]),
        ...     ],
        ... )
        >>> went = ["site", "desk", "phone", "desk"]
        >>> found = compare(stay, [("anna", one, instant(f"2026-03-0{day}")) for day, one in enumerate(went, 1)])
        >>> found.backtracks["arrive", "book"].days, found["book"].repeats, found["arrive"].repeats
        (Decimal('2'), 1, 1)

    Args:
        journey_map: The plan.
        journeys: What customers did: packed `Journeys`, rows of customer, touchpoint and instant, interactions, or
            journeys.

    Raises:
        InvalidValueError: A goal's step without a touchpoint, which no journey can be seen to reach; or as for
            `Journeys.of`.
        WrongTypeError: The first is no map, or a record is of another kind.
    """
    checks.as_instance(journey_map, JourneyMap, "journey_map")
    goal = str(journey_map.goal_step)
    if not journey_map.step(goal).touchpoint_ids:
        raise InvalidValueError(
            f"the goal's step {show(goal)} has no touchpoint at which a journey could be seen to reach it; "
            "give it one, or name another goal_step",
            "journey_map",
        )
    log = Journeys.of(journeys)
    plan = _Plan(journey_map, log.letters)
    counting = _Counting(plan)
    gave_up: defaultdict[int, set[int]] = defaultdict(set)
    for journey, visit in log.abandoned:
        gave_up[journey].add(visit)
    for number, (word, times) in enumerate(zip(log.paths, log.times, strict=True)):
        went = _Walk(plan)
        for visit, (sign, time) in enumerate(zip(word, times, strict=True)):
            places = plan.places[sign]
            if places:
                place = _next(places, went.here, went.done)
                went.visit(place, sign, time, gave_up=visit in gave_up.get(number, ()))
        counting.add(went, word, times[-1] if times else 0)
    return counting.found(journey_map, log)


class _Plan:
    """A map as the walk needs it: steps by their places, touchpoints by their letters."""

    def __init__(self, journey_map: JourneyMap, letter_of: Mapping[Id, str]) -> None:
        steps = journey_map.steps
        place_of = {step.name: place for place, step in enumerate(steps)}
        phases = journey_map.phases
        self.goal = place_of[str(journey_map.goal_step)]
        self.loops = {(place_of[start], place_of[end]) for start, end in journey_map.loops}
        self.phases = [phases.index(step.phase) for step in steps]
        self.visible = [bool(step.touchpoint_ids) for step in steps]
        self.required = [not step.optional for step in steps]
        self.needed_before = [
            max((other for other in range(place) if self.visible[other] and self.required[other]), default=-1)
            for place in range(len(steps))
        ]
        self.places: dict[str, list[int]] = {letter: [] for letter in letter_of.values()}
        for place, step in enumerate(steps):
            for touchpoint_id in step.touchpoint_ids:
                if touchpoint_id in letter_of:
                    self.places[letter_of[touchpoint_id]].append(place)


@attrs.define
class _Back:
    """A way back on which a customer is."""

    start: int
    end: int
    since: int


class _Walk:
    """One journey on its way through the map."""

    def __init__(self, plan: _Plan) -> None:
        self._plan = plan
        self.here = -1
        self.came: dict[int, int] = {}
        self.done: set[int] = set()
        self.abandoned: list[int] = []
        self.repeats: list[int] = []
        self.out_of_order: list[int] = []
        self.turned: list[_Back] = []
        self.returned: list[tuple[_Back, int]] = []
        self.follows = True
        self._left_at = 0
        self._stay: set[str] = set()
        self._rounds: list[tuple[int, int]] = []
        self._open: list[_Back] = []

    def visit(self, place: int, sign: str, time: int, *, gave_up: bool) -> None:
        """Come to a step, at a touchpoint of it."""
        is_loop = (self.here, place) in self._plan.loops
        if is_loop:
            self._rounds.append((place, self.here))
        is_excused = any(back <= place <= begun for back, begun in self._rounds)
        self._rounds = [(back, begun) for back, begun in self._rounds if place < begun]
        self._turn(place, time, is_loop=is_loop)
        if place != self.here:
            self._stay = set()
        is_elsewhere_in_step = place == self.here and sign not in self._stay
        self._stay.add(sign)
        if place in self.done and not is_excused and not is_elsewhere_in_step:
            self.repeats.append(place)
        elif place not in self.came and not is_excused and place < max(self.done, default=-1):
            self.out_of_order.append(place)
        self.came[place] = self.came.get(place, 0) + 1
        if gave_up:
            self.abandoned.append(place)
        else:
            self.done.add(place)
        self.here, self._left_at = place, time

    def _turn(self, place: int, time: int, *, is_loop: bool) -> None:
        """Note a way back that begins here, or those that end here."""
        phases = self._plan.phases
        if self.here >= 0 and phases[place] < phases[self.here]:
            back = _Back(self.here, place, self._left_at)
            self.turned.append(back)
            self._open.append(back)
            self.follows = self.follows and is_loop
        elif self._open:
            self.returned += [(back, time) for back in self._open if place >= back.start]
            self._open = [back for back in self._open if place < back.start]

    @property
    def lost(self) -> list[_Back]:
        """The ways back from which the customer did not return."""
        return self._open


@attrs.define
class _Step:
    """What is counted of one step."""

    visits: int = 0
    completed: int = 0
    failed: int = 0
    skipped: int = 0
    abandoned: int = 0
    repeats: int = 0
    repeated: int = 0
    out_of_order: int = 0
    left: int = 0
    reached: int = 0
    without: int = 0
    reached_without: int = 0


@attrs.define
class _Ways:
    """What is counted of the ways back between two steps."""

    count: int = 0
    journeys: int = 0
    returned: int = 0
    microseconds: int = 0


class _Counting:
    """Adds up journeys that have been walked."""

    def __init__(self, plan: _Plan) -> None:
        self._plan = plan
        self._steps = [_Step() for _ in plan.phases]
        self._ways: defaultdict[tuple[int, int], _Ways] = defaultdict(_Ways)
        self._off_map: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        self._following = self._reached = self._elsewhere = 0

    def add(self, went: _Walk, word: str, end: int) -> None:
        """Add a journey that has come to its end."""
        plan = self._plan
        reached = plan.goal in went.done
        furthest = max(went.done, default=-1)
        skipped = [place for place in range(furthest) if plan.visible[place] and place not in went.came]
        self._add_steps(went, skipped, reached=reached)
        self._add_ways(went, end)
        strangers = [sign for sign in set(word) if not plan.places[sign]]
        for sign in strangers:
            self._off_map[sign][0] += word.count(sign)
            self._off_map[sign][1] += 1
        self._reached += reached
        self._elsewhere += not went.came
        deviates = strangers or went.repeats or went.out_of_order or went.abandoned
        self._following += went.follows and not deviates and not any(plan.required[place] for place in skipped)

    def _add_steps(self, went: _Walk, skipped: list[int], *, reached: bool) -> None:
        steps = self._steps
        furthest = max(went.came, default=-1)
        for place, step in enumerate(steps if went.came else ()):
            if place in went.came:
                step.visits += went.came[place]
                step.completed += place in went.done
                step.failed += place not in went.done
                step.reached += reached
            elif furthest >= self._plan.needed_before[place]:
                step.without += 1
                step.reached_without += reached
        for place in skipped:
            steps[place].skipped += 1
        for place in went.abandoned:
            steps[place].abandoned += 1
        for place in went.repeats:
            steps[place].repeats += 1
        for place in set(went.repeats):
            steps[place].repeated += 1
        for place in went.out_of_order:
            steps[place].out_of_order += 1
        if went.came and not reached:
            steps[went.here].left += 1

    def _add_ways(self, went: _Walk, end: int) -> None:
        for back in went.turned:
            self._ways[back.start, back.end].count += 1
        for start, to in {(back.start, back.end) for back in went.turned}:
            self._ways[start, to].journeys += 1
        for back, time in went.returned:
            self._ways[back.start, back.end].returned += 1
            self._ways[back.start, back.end].microseconds += time - back.since
        for back in went.lost:
            self._ways[back.start, back.end].microseconds += end - back.since

    def found(self, journey_map: JourneyMap, log: Journeys) -> Conformance:
        """The record of what was counted."""
        steps, journeys = journey_map.steps, len(log)
        return Conformance(
            journey_map=journey_map,
            journeys=journeys,
            following=self._following,
            reached=self._reached,
            elsewhere=self._elsewhere,
            steps=tuple(
                StepConformance(step=step.name, optional=step.optional, journeys=journeys, **attrs.asdict(counts))
                for step, counts in zip(steps, self._steps, strict=True)
            ),
            off_map=TallyBy(
                (touchpoint_id, OffMap(visits=self._off_map[sign][0], journeys=self._off_map[sign][1]))
                for touchpoint_id, sign in log.letters.items()
                if sign in self._off_map
            ),
            backtracks=TallyBy(
                (
                    (steps[start].name, steps[end].name),
                    Backtrack(
                        count=ways.count,
                        journeys=ways.journeys,
                        returned=ways.returned,
                        seconds=EXACT.divide(ways.microseconds, _MICROSECONDS),
                    ),
                )
                for (start, end), ways in sorted(self._ways.items(), key=itemgetter(0))
            ),
        )


def _next(places: list[int], here: int, done: set[int]) -> int:
    """Which of several steps a visit counts as."""
    ahead = [place for place in places if place >= here]
    for place in ahead:
        if place not in done:
            return place
    return ahead[0] if ahead else places[-1]
