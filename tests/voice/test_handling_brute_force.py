"""The clocks of handled feedback against a walk minute by minute, written from the definitions alone.

The walk asks the wall clock of each minute whether the desk is open, and keeps no stretches: it looks at each minute
which state was entered last. Two of the weeks have a change of the clocks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Actor,
    CaseState,
    Compliance,
    Feedback,
    FeedbackKind,
    OpeningHours,
    ResolutionReading,
    TimeByParty,
    WaitStart,
    handling,
    instant,
)
from crmcore.voice.handling import ClockState, Wait

if TYPE_CHECKING:
    from collections.abc import Iterable

BERLIN: Final = ZoneInfo("Europe/Berlin")
MINUTE: Final = timedelta(minutes=1)
LENGTH: Final = 3 * 1440
"""The minutes that a walk looks at; the last third is after every reference date."""

STARTS: Final = [instant(day) for day in ("2026-03-28T13:37Z", "2026-10-24T13:37Z", "2026-06-05T15:00Z")]
DESK: Final = OpeningHours(
    zone=BERLIN,
    friday=[("08:15", "17:00")],
    saturday=[("22:00", "05:30")],
    sunday=[("07:00", "24:00")],
    holidays=[instant("2026-06-07").date()],
)
PLACES: Final = st.sampled_from([0, 1, 120, 121, 689, 690, 1440]) | st.integers(0, 2 * 1440)
OVER: Final = (CaseState.RESOLVED, CaseState.CLOSED)
Events = list[tuple[CaseState, int, Actor]]


@st.composite
def events(draw: st.DrawFn) -> Events:
    """Draw what happens, in minutes since the receipt and in order of time; several at one minute among them."""
    places = sorted(draw(st.lists(PLACES, max_size=8)))
    return [(draw(st.sampled_from(CaseState)), place, draw(st.sampled_from(Actor))) for place in places]


def feedback(start: datetime, happened: Events, **fields: Any) -> Feedback:
    """Return a problem to which this happened."""
    history = [(state, start + place * MINUTE, by) for state, place, by in happened]
    return Feedback(kind=FeedbackKind.PROBLEM, received_at=start, history=history, **fields)


@cache
def list_open(start: datetime, *, always: bool) -> list[bool]:
    """Return whether the desk is open in each minute, by its wall clock."""
    found: list[bool] = []
    for number in range(LENGTH):
        there = (start + number * MINUTE).astimezone(BERLIN)
        day, wall, closed = there.weekday(), f"{there:%H:%M}", f"{there:%m-%d}" == "06-07"
        friday = day == 4 and "08:15" <= wall < "17:00"
        saturday = (day == 5 and wall >= "22:00") or (day == 6 and wall < "05:30" and not closed)
        found.append(always or friday or saturday or (day == 6 and wall >= "07:00" and not closed))
    return found


def list_states(happened: Events, as_of: int) -> list[CaseState]:
    """Return the state in each minute up to and including the reference date."""
    states: list[CaseState] = []
    for minute in range(as_of + 1):
        entered = [state for state, place, _ in happened if place <= minute and state is not CaseState.MESSAGE]
        states.append(entered[-1] if entered else CaseState.NEW)
    return states


def count(opened: Iterable[bool], wanted: Iterable[bool]) -> timedelta:
    """Return the open minutes that are wanted."""
    return MINUTE * sum(one and other for one, other in zip(opened, wanted, strict=False))


def known(happened: Events, as_of: int) -> Events:
    """Return what has happened."""
    return [event for event in happened if event[1] <= as_of]


def list_changes(happened: Events) -> list[tuple[bool, int]]:
    """Return each change between open (False) and over (True), with its minute."""
    changes: list[tuple[bool, int]] = [(False, 0)]
    for state, place, _ in happened:
        if state is not CaseState.MESSAGE and (state in OVER) is not changes[-1][0]:
            changes.append((state in OVER, place))
    return changes


CASES: Final = given(st.sampled_from(STARTS), events(), PLACES, st.booleans())


class TestMinutes:
    @CASES
    def test_clock_and_turns(self, start: datetime, happened: Events, as_of: int, always: bool) -> None:
        """Each open minute runs, pauses or is stopped, by the state in it."""
        case, now = feedback(start, happened, id=7), start + as_of * MINUTE
        hours = None if always else DESK
        opened, states = list_open(start, always=always), list_states(happened, as_of)
        waiting, over = CaseState.WAITING_ON_CUSTOMER, [state in OVER for state in states[:-1]]
        read = handling.clock(case, as_of=now, hours=hours)
        time = TimeByParty.of([case, case], as_of=now, hours=hours)

        assert count(opened, over) == read.stopped
        assert count(opened, [state is waiting for state in states[:-1]]) == read.paused
        assert count(opened, [state not in (*OVER, waiting) for state in states[:-1]]) == read.running
        expected = {waiting: ClockState.PAUSED} | dict.fromkeys(OVER, ClockState.STOPPED)
        assert expected.get(states[-1], ClockState.RUNNING) is read.state
        for state, seconds in (
            (CaseState.NEW, time.new_seconds),
            (CaseState.OPEN, time.open_seconds),
            (waiting, time.waiting_seconds),
            (CaseState.ON_HOLD, time.on_hold_seconds),
        ):
            assert count(opened, [one is state for one in states[:-1]]).total_seconds() == seconds

    @CASES
    def test_due(self, start: datetime, happened: Events, as_of: int, always: bool) -> None:
        """A target is due in the first minute at which the clock shows it, and never while the clock stands still."""
        case, now = feedback(start, happened), start + as_of * MINUTE
        opened, states = list_open(start, always=always), list_states(happened, as_of)
        stops = (*OVER, CaseState.WAITING_ON_CUSTOMER, CaseState.NEW)
        ticks = [  # the state at the reference date goes on
            opened[minute] and states[min(minute, as_of)] not in stops for minute in range(LENGTH)
        ]
        shown = [0]
        for tick in ticks:
            shown.append(shown[-1] + tick)
        used = shown[as_of]
        for target in {0, 1, used - 1, used, used + 1, used + 45}:
            if target < 0 or (target > shown[-1] and states[-1] not in stops):
                continue  # due after the walk
            reached = next((minute for minute, minutes in enumerate(shown) if minutes >= target), None)
            due = handling.due(
                case,
                target * MINUTE,
                as_of=now,
                hours=None if always else DESK,
                paused_in=[CaseState.WAITING_ON_CUSTOMER, CaseState.NEW],
            )

            assert MINUTE * used == due.used
            assert (None if reached is None else start + reached * MINUTE) == due.at
            assert (used > target) is due.is_over_target

    @CASES
    def test_first_response(self, start: datetime, happened: Events, as_of: int, always: bool) -> None:
        """The first message of an employee ends the wait; a reopening before it begins the wait anew."""
        case, now = feedback(start, happened), start + as_of * MINUTE
        opened = list_open(start, always=always)
        for people in ((Actor.EMPLOYEE,), (Actor.EMPLOYEE, Actor.BOT)):
            before: Events = []
            ended = None
            for event in known(happened, as_of):
                if event[0] is CaseState.MESSAGE and event[2] in people:
                    ended = event[1]
                    break
                before.append(event)
            reopened = [place for over, place in list_changes(before)[1:] if not over]
            for since, began in ((WaitStart.RECEIPT, 0), (WaitStart.LAST_REOPENING, [0, *reopened][-1])):
                wait = handling.first_response(
                    case, as_of=now, hours=None if always else DESK, count_bots=len(people) > 1, since=since
                )
                stop = as_of if ended is None else ended

                assert start + began * MINUTE == wait.started_at
                assert (None if ended is None else start + ended * MINUTE) == wait.ended_at
                assert count(opened, [began <= minute < stop for minute in range(stop)]) == wait.length

    @CASES
    def test_an_instant_instead_of_messages(
        self, start: datetime, happened: Events, answered: int, always: bool
    ) -> None:
        """`answered_at` answers as a message at the same minute does, after all that happened until then."""
        silent = [event for event in happened if event[0] is not CaseState.MESSAGE]
        place = sum(minute <= answered for _, minute, _ in silent)
        told = [*silent[:place], (CaseState.MESSAGE, answered, Actor.EMPLOYEE), *silent[place:]]
        short = feedback(start, silent, answered_at=start + answered * MINUTE)
        for since in (WaitStart.RECEIPT, WaitStart.LAST_REOPENING):
            for as_of in (answered, 2 * 1440, answered // 2):
                asked: Any = {
                    "as_of": start + as_of * MINUTE,
                    "hours": None if always else DESK,
                    "since": since,
                }
                assert handling.first_response(feedback(start, told), **asked) == handling.first_response(
                    short, **asked
                )

    @CASES
    def test_next_responses(self, start: datetime, happened: Events, as_of: int, always: bool) -> None:
        """After the first answer, the customer waits from what they do to the next answer, unless the case is over."""
        case, now = feedback(start, happened), start + as_of * MINUTE
        answers = [
            place
            for place, (state, _, by) in enumerate(known(happened, as_of))
            if state is CaseState.MESSAGE and by is Actor.EMPLOYEE
        ]
        ends = [*answers[1:], None][: len(answers)]
        first: list[tuple[int, int | None]] = []
        last: list[tuple[int, int | None]] = []
        for answer, end in zip(answers, ends, strict=True):
            between = known(happened, as_of)[answer + 1 : end]
            over = [place for place, (state, _, _) in enumerate(between) if state in OVER]
            pending = between[over[-1] + 1 :] if over else between
            asks = [minute for _, minute, by in pending if by is Actor.CUSTOMER]
            if asks:
                first.append((asks[0], None if end is None else happened[end][1]))
                last.append((asks[-1], None if end is None else happened[end][1]))
        opened = list_open(start, always=always)
        for since, expected in ((WaitStart.FIRST_UNANSWERED, first), (WaitStart.LAST_UNANSWERED, last)):
            waits = handling.next_responses(case, as_of=now, since=since, hours=None if always else DESK)

            assert [began for began, _ in expected] == [(wait.started_at - start) // MINUTE for wait in waits]
            assert [None if end is None else start + end * MINUTE for _, end in expected] == [
                wait.ended_at for wait in waits
            ]
            assert [MINUTE * sum(opened[began : as_of if end is None else end]) for began, end in expected] == [
                wait.length for wait in waits
            ]

    @CASES
    def test_resolution(self, start: datetime, happened: Events, as_of: int, always: bool) -> None:
        """From the receipt to the first or the last change to resolved or closed; closing what is resolved is none."""
        case, now = feedback(start, happened), start + as_of * MINUTE
        hours = None if always else DESK
        opened, states = list_open(start, always=always), list_states(happened, as_of)
        changes = list_changes(known(happened, as_of))
        ends = [place for over, place in changes if over]
        last = ends[-1] if changes[-1][0] else None
        ends_of = dict.fromkeys(ResolutionReading, last) | {ResolutionReading.FIRST: ends[0] if ends else None}
        left_out: dict[ResolutionReading, tuple[CaseState, ...]] = {
            ResolutionReading.NET: OVER,
            ResolutionReading.ON_CLOCK: (*OVER, CaseState.WAITING_ON_CUSTOMER),
        }
        for reading, end in ends_of.items():
            wait = handling.resolution(case, reading, as_of=now, hours=hours)
            counted = [state not in left_out.get(reading, ()) for state in states[: as_of if end is None else end]]

            assert (start, None if end is None else start + end * MINUTE) == (wait.started_at, wait.ended_at)
            assert count(opened, counted) == wait.length
        assert sum(not over for over, _ in changes) - 1 == handling.reopenings(case, as_of=now)


class TestCompliance:
    @pytest.mark.parametrize(
        ("minutes", "ended", "expected"),
        [
            (60, True, (1, 0, 0, 0)),
            (60, False, (0, 0, 0, 1)),
            (61, True, (0, 1, 0, 0)),
            (61, False, (0, 0, 1, 0)),
        ],
    )
    def test_exactly_the_target_is_in_time(self, *, minutes: int, ended: bool, expected: tuple[int, ...]) -> None:
        """A wait of exactly the target met it, or is not yet due; a minute more is a breach."""
        end = STARTS[0] + minutes * MINUTE
        wait = Wait(started_at=STARTS[0], length=minutes * MINUTE, ended_at=end if ended else None)
        found = Compliance.of([wait], target=60 * MINUTE)

        assert expected == (found.met, found.late, found.overdue, found.pending)
