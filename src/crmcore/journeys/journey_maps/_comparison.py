"""Compares journeys with a map: walks each journey through the map, and adds up what happened."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import accumulate
from operator import itemgetter

import attrs

from crmcore.journeys._names import check_spelling, list_unmatched
from crmcore.journeys._open import list_starts, read_window, split_open
from crmcore.journeys.journey_maps._conformance import Backtrack, Conformance, OffMap, StepConformance
from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.model.journey import JourneyMap
from crmcore.primitives import _clock, checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id
from crmcore.primitives.tally import TallyBy

__all__ = ["compare"]


def compare(
    journey_map: JourneyMap,
    journeys: JourneyRecords,
    /,
    *,
    within: timedelta | None = None,
    as_of: datetime | None = None,
) -> Conformance:
    """Compare a map with what customers did: which steps they complete, skip, fail at and repeat, where they leave.

    A visit counts as the step that has its touchpoint. If several steps have it, it counts as the next of them that is
    not done yet, from where the customer is. If all of those are done, it counts as the nearest ahead; if none
    is ahead, as the nearest passed. A visit at which the customer gave up (`Interaction.abandoned`) does not complete
    the step.

    A visit to a step already done is a repeat, with two exceptions. It is not a repeat if it is to another touchpoint
    of the step before the customer goes elsewhere on the map. And it is not a repeat if a loop of the map led back: the
    step that the loop leads to, and all steps up to where it began, may be done again. A loop is recognised by visits
    to both its steps; a return that misses one of them is a backtrack of its own.

    A backtrack is a move to a step of an earlier phase than that of the step before it, whether the customer was at
    that step already or comes to it for the first time, which is also out of order: either way they turn back before
    they go on. A move to an earlier step of the same phase is no backtrack; it is a repeat or out of order.

    Examples:
        >>> from crmcore import JourneyMap, JourneyStep, instant, journey_maps
        >>> stay = JourneyMap(
        ...     name="a night",
        ...     steps=[
        ...         JourneyStep(name="book", phase="before", touchpoint_ids=["site", "phone"]),
        ...         JourneyStep(name="arrive", phase="stay", touchpoint_ids=["desk"]),
        ...     ],
        ... )
        >>> path = ["site", "desk", "phone", "desk"]
        >>> rows = [("anna", touchpoint, instant(f"2026-03-0{day}")) for day, touchpoint in enumerate(path, 1)]
        >>> found = journey_maps.compare(stay, rows)
        >>> found.backtracks["arrive", "book"].days, found["book"].repeats, found["arrive"].repeats
        (Decimal('2'), 1, 1)

    A journey that began less than `within` before `as_of` may yet reach the goal, so it is open, and has not left. Open
    journeys are left out of all counts but `Conformance.open`.

    The time grows with the visits, and with the journeys times the steps of the map.

    A touchpoint of the map that no visit has is a caution of the result, because a quiet day may not have it. Another
    caution says how many visits are of unknown customers, and so in no journey. They travel into `value_at_risk`.

    Args:
        journey_map: The plan.
        journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.
        within: How long a journey may take from its first visit, to tell open journeys apart.
        as_of: The instant up to which all visits are known. `within` and `as_of` need each other.

    Raises:
        InvalidValueError: The goal step does not have a touchpoint, so visits cannot show that a journey reaches it;
            `within` without `as_of` or the other way round; or a visit after `as_of`.
        UnknownNameError: The visits have a touchpoint of the map only in other capitals, with other spaces or of
            another type.
    """
    checks.as_instance(journey_map, JourneyMap, "journey_map")
    goal = str(journey_map.goal_step)
    if not journey_map.step(goal).touchpoint_ids:
        raise InvalidValueError(
            "goal_step_cannot_be_seen",
            f"the goal step must have a touchpoint at which visits show that it is reached, {show(goal)} has none",
            field="journey_map",
            advice="give it one, or name another goal_step",
            operands=(goal,),
        )
    log = Journeys.of(journeys)
    letters = log.letters
    check_spelling(journey_map.touchpoint_ids, letters, "journey_map")
    unmatched = list_unmatched(journey_map.touchpoint_ids, letters, log.paths)
    window = read_window(within, as_of, alone=False)
    assigned, unassigned = log.visits, log.unassigned
    log, open_paths = split_open(log, list_starts(log) if as_of is not None else [], *window)
    plan = _Plan(journey_map, letters)
    counter = _Counter(plan)
    abandoned: defaultdict[int, set[int]] = defaultdict(set)
    for journey, visit in log.abandoned:
        abandoned[journey].add(visit)
    for journey, (path, times) in enumerate(zip(log.paths, log.times, strict=True)):
        walk = _Walk(plan)
        for visit, (letter, time) in enumerate(zip(path, times, strict=True)):
            positions = plan.positions[letter]
            if positions:
                position = _choose_step(positions, walk.here, walk.done)
                walk.visit(position, letter, time, gave_up=visit in abandoned.get(journey, ()))
        counter.add(walk, path, times[-1] if times else 0)
    return attrs.evolve(
        counter.build(journey_map, log),
        within=within,
        as_of=as_of,
        open=len(open_paths),
        unmatched=unmatched,
        assigned=assigned,
        unassigned=unassigned,
    )


class _Plan:
    """A map as a walk needs it: steps by their positions, touchpoints by their letters."""

    def __init__(self, journey_map: JourneyMap, letters: Mapping[Id, str]) -> None:
        steps = journey_map.steps
        position_of = {step.name: position for position, step in enumerate(steps)}
        number_of = {phase: number for number, phase in enumerate(journey_map.phases)}
        self.goal = position_of[str(journey_map.goal_step)]
        self.loops = {(position_of[start], position_of[end]) for start, end in journey_map.loops}
        self.phases = [number_of[step.phase] for step in steps]
        self.visible = [bool(step.touchpoint_ids) for step in steps]
        self.required = [not step.optional for step in steps]
        must_be_seen = [
            position if visible and required else -1
            for position, (visible, required) in enumerate(zip(self.visible, self.required, strict=True))
        ]
        self.required_before = [-1, *accumulate(must_be_seen, max)][:-1]
        self.positions: dict[str, list[int]] = {letter: [] for letter in letters.values()}
        for position, step in enumerate(steps):
            for touchpoint_id in step.touchpoint_ids:
                if touchpoint_id in letters:
                    self.positions[letters[touchpoint_id]].append(position)


@attrs.define
class _Turn:
    """A turn back to an earlier phase: from which step, to which, and when the customer left."""

    start: int
    end: int
    since: int


class _Walk:
    """One journey, walked through the map visit by visit."""

    def __init__(self, plan: _Plan) -> None:
        self._plan = plan
        self.here = -1
        self.visits: dict[int, int] = {}
        self.done: set[int] = set()
        self.furthest_done = -1
        self.abandoned: list[int] = []
        self.repeats: list[int] = []
        self.out_of_order: list[int] = []
        self.turns: list[_Turn] = []
        self.returned: list[tuple[_Turn, int]] = []
        self.follows = True
        self._left_at = 0
        self._stay: set[str] = set()
        self._open_loops: list[tuple[int, int]] = []
        self._open_turns: list[_Turn] = []

    def visit(self, position: int, letter: str, time: int, *, gave_up: bool) -> None:
        """Visit a step at one of its touchpoints."""
        is_loop = (self.here, position) in self._plan.loops
        if is_loop:
            self._open_loops.append((position, self.here))
        is_excused = any(end <= position <= start for end, start in self._open_loops)
        self._open_loops = [(end, start) for end, start in self._open_loops if position < start]
        self._note_turn(position, time, is_loop=is_loop)
        if position != self.here:
            self._stay = set()
        is_elsewhere_in_step = position == self.here and letter not in self._stay
        self._stay.add(letter)
        if position in self.done and not is_excused and not is_elsewhere_in_step:
            self.repeats.append(position)
        elif position not in self.visits and not is_excused and position < self.furthest_done:
            self.out_of_order.append(position)
        self.visits[position] = self.visits.get(position, 0) + 1
        if gave_up:
            self.abandoned.append(position)
        else:
            self.done.add(position)
            self.furthest_done = max(self.furthest_done, position)
        self.here, self._left_at = position, time

    def _note_turn(self, position: int, time: int, *, is_loop: bool) -> None:
        """Note a turn that begins here, or the turns from which the customer has now returned."""
        phases = self._plan.phases
        if self.here >= 0 and phases[position] < phases[self.here]:
            turn = _Turn(self.here, position, self._left_at)
            self.turns.append(turn)
            self._open_turns.append(turn)
            self.follows = self.follows and is_loop
        elif self._open_turns:
            self.returned += [(turn, time) for turn in self._open_turns if position >= turn.start]
            self._open_turns = [turn for turn in self._open_turns if position < turn.start]

    @property
    def lost(self) -> list[_Turn]:
        """The turns from which the customer did not return."""
        return self._open_turns


@attrs.define
class _StepCounts:
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
class _BacktrackCounts:
    """What is counted of the backtracks between two steps."""

    count: int = 0
    journeys: int = 0
    returned: int = 0
    microseconds: int = 0


class _Counter:
    """Adds up the walks of journeys."""

    def __init__(self, plan: _Plan) -> None:
        self._plan = plan
        self._steps = [_StepCounts() for _ in plan.phases]
        self._backtracks: defaultdict[tuple[int, int], _BacktrackCounts] = defaultdict(_BacktrackCounts)
        self._off_map: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        self._following = self._reached = self._elsewhere = 0

    def add(self, walk: _Walk, path: str, end: int) -> None:
        """Add the walk of a journey that ended at a time."""
        plan = self._plan
        reached = plan.goal in walk.done
        skipped = [
            position for position in range(walk.furthest_done) if plan.visible[position] and position not in walk.visits
        ]
        self._add_steps(walk, skipped, reached=reached)
        self._add_backtracks(walk, end)
        off_map = [letter for letter in set(path) if not plan.positions[letter]]
        for letter in off_map:
            self._off_map[letter][0] += path.count(letter)
            self._off_map[letter][1] += 1
        self._reached += reached
        self._elsewhere += not walk.visits
        deviates = off_map or walk.repeats or walk.out_of_order or walk.abandoned
        self._following += walk.follows and not deviates and not any(plan.required[position] for position in skipped)

    def _add_steps(self, walk: _Walk, skipped: list[int], *, reached: bool) -> None:
        steps = self._steps
        furthest = max(walk.visits, default=-1)
        for position, step in enumerate(steps if walk.visits else ()):
            if position in walk.visits:
                step.visits += walk.visits[position]
                step.completed += position in walk.done
                step.failed += position not in walk.done
                step.reached += reached
            elif furthest >= self._plan.required_before[position]:
                step.without += 1
                step.reached_without += reached
        for position in skipped:
            steps[position].skipped += 1
        for position in walk.abandoned:
            steps[position].abandoned += 1
        for position in walk.repeats:
            steps[position].repeats += 1
        for position in set(walk.repeats):
            steps[position].repeated += 1
        for position in walk.out_of_order:
            steps[position].out_of_order += 1
        if walk.visits and not reached:
            steps[walk.here].left += 1

    def _add_backtracks(self, walk: _Walk, end: int) -> None:
        for turn in walk.turns:
            self._backtracks[turn.start, turn.end].count += 1
        for pair in {(turn.start, turn.end) for turn in walk.turns}:
            self._backtracks[pair].journeys += 1
        for turn, time in walk.returned:
            self._backtracks[turn.start, turn.end].returned += 1
            self._backtracks[turn.start, turn.end].microseconds += time - turn.since
        for turn in walk.lost:
            self._backtracks[turn.start, turn.end].microseconds += end - turn.since

    def build(self, journey_map: JourneyMap, log: Journeys) -> Conformance:
        """Build the record of what was counted."""
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
                (touchpoint_id, OffMap(visits=self._off_map[letter][0], journeys=self._off_map[letter][1]))
                for touchpoint_id, letter in log.letters.items()
                if letter in self._off_map
            ),
            backtracks=TallyBy(
                (
                    (steps[start].name, steps[end].name),
                    Backtrack(
                        count=counts.count,
                        journeys=counts.journeys,
                        returned=counts.returned,
                        seconds=_clock.seconds(counts.microseconds),
                    ),
                )
                for (start, end), counts in sorted(self._backtracks.items(), key=itemgetter(0))
            ),
        )


def _choose_step(positions: list[int], here: int, done: set[int]) -> int:
    """Return which of several steps a visit counts as."""
    ahead = [position for position in positions if position >= here]
    for position in ahead:
        if position not in done:
            return position
    return ahead[0] if ahead else positions[-1]
