"""What happened to feedback is the same in every room, whichever of the fields and methods of the record told it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    UTC,
    Actor,
    CaseState,
    Complacency,
    Feedback,
    FeedbackKind,
    IllegalTransitionError,
    InvalidValueError,
    Loops,
    LoyaltyLevel,
    MeasureKind,
    Period,
    Reading,
    RepeatReports,
    ResolutionReading,
    Reviews,
    Standings,
    SubjectKind,
    TimeByParty,
    Valence,
    WaitStart,
    balance,
    follow_ups,
    handling,
    instant,
    loyalty,
    render,
)
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    History = tuple[tuple[CaseState, datetime, Actor | None], ...]

START: Final = instant("2026-03-02")
HOUR: Final = timedelta(hours=1)
MESSAGE, OPEN, RESOLVED, CLOSED = CaseState.MESSAGE, CaseState.OPEN, CaseState.RESOLVED, CaseState.CLOSED
CUSTOMER, EMPLOYEE = Actor.CUSTOMER, Actor.EMPLOYEE
AS_OF: Final = START + 100 * HOUR
LEVELS: Final = [
    Reading(subject_kind=SubjectKind.CUSTOMER, subject_id=7, kind=MeasureKind.LOYALTY, level=level, at=at)
    for level, at in [
        (LoyaltyLevel.AGGRIEVED, START - HOUR),
        (LoyaltyLevel.SATISFIED, START + 3 * HOUR),
        (LoyaltyLevel.LOYAL, START + 90 * HOUR),
    ]
]
ACTS: Final = st.sampled_from(
    [
        *((MESSAGE, by) for by in Actor),
        (MESSAGE, EMPLOYEE),
        (OPEN, CUSTOMER),
        (RESOLVED, None),
        (CLOSED, None),
        (CaseState.WAITING_ON_CUSTOMER, EMPLOYEE),
    ]
)
KINDS: Final = st.sampled_from([FeedbackKind.QUESTION, FeedbackKind.PROBLEM, FeedbackKind.REVIEW])


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Draw what happened, each at an hour of its own."""
    hours = sorted(draw(st.sets(st.integers(0, 40), max_size=6)))
    return tuple((state, START + hour * HOUR, by) for hour, (state, by) in zip(hours, iter_acts(draw), strict=False))


def iter_acts(draw: st.DrawFn) -> Iterator[tuple[CaseState, Actor | None]]:
    """Yield what happened, as often as it is asked for."""
    while True:
        yield draw(ACTS)


def received(kind: FeedbackKind = FeedbackKind.QUESTION, **fields: Any) -> Feedback:
    """Return feedback to which nothing happened, unless a field says so."""
    least: dict[str, Any] = {"id": "f", "kind": kind, "received_at": START, "customer_id": 7}
    return Feedback(**least | fields)


def tell(record: Feedback, history: History, *, short: bool) -> Feedback:
    """Return feedback whose acts are told one after the other, by `answered` and `resolved` where that is possible."""
    for state, at, by in history:
        if short and state is MESSAGE and by is EMPLOYEE and record.answered_at is None:
            record = record.answered(at)
        elif short and state is RESOLVED and record.resolved_at is None:
            record = record.resolved(at)
        else:
            record = record.entered(state, at, by=by)
    return record


def read(record: Feedback, at: datetime) -> dict[str, Any]:
    """Return what every room says about one piece of feedback."""
    cases, march = [record], Period.month(2026, 3)
    target = timedelta(hours=4)
    after = attrs.evolve(received(record.kind), id="later", cause="login", received_at=START + 50 * HOUR)
    first = attrs.evolve(record, cause="login")
    standings = Standings.of(LEVELS, as_of=AS_OF)
    return {
        "record": (record.state, record.answered_at, record.resolved_at, record.timeline),
        "first": [
            handling.first_response(record, as_of=at, since=since, count_bots=bots)
            for since in (WaitStart.RECEIPT, WaitStart.LAST_REOPENING)
            for bots in (True, False)
        ],
        "next": [
            handling.next_responses(record, as_of=at, since=since)
            for since in (WaitStart.FIRST_UNANSWERED, WaitStart.LAST_UNANSWERED)
        ],
        "resolution": [handling.resolution(record, reading, as_of=at, paused_in=[]) for reading in ResolutionReading],
        "reopenings": handling.reopenings(record, as_of=at),
        "clock": handling.clock(record, as_of=at, paused_in=[]),
        "due": handling.due(record, target, as_of=at, paused_in=[]),
        "loops": Loops.of(cases, as_of=at, target=target),
        "reviews": Reviews.of(cases, as_of=at),
        "time": TimeByParty.of(cases, as_of=at),
        "unanswered": handling.unanswered_questions(cases, [], as_of=at),
        "again": RepeatReports.of([first, after]),
        "replies": follow_ups.replies(cases, march, tz=UTC),
        "moments": balance.moments_from(cases, lambda _: Valence.BAD),
        "change": loyalty.change_after_reply([attrs.evolve(record, valence=Valence.BAD)], LEVELS, as_of=at),
        "rest": Complacency.of(standings, high_from=0, quiet_after=target, feedback=cases),
        "picture": render.timeline(record, as_of=at, paused_in=[]),
    }


class TestEveryWay:
    @given(KINDS, histories(), st.integers(0, 45))
    def test_every_room_says_the_same(self, kind: FeedbackKind, history: History, hours: int) -> None:
        """`entered`, `answered` and `resolved`, and the history given at once, tell the same."""
        at = START + hours * HOUR
        told = read(tell(received(kind), history, short=False), at)

        assert told == read(tell(received(kind), history, short=True), at)
        assert told == read(received(kind, history=history), at)

    @given(KINDS, histories(), st.integers(0, 45))
    def test_the_fields_say_the_same(self, kind: FeedbackKind, history: History, hours: int) -> None:
        """An answer and a resolution given as fields, and left out of the history, are told as those in the history."""
        whole, at = received(kind, history=history), START + hours * HOUR
        states = [entry for entry in history if entry[0] is not MESSAGE]
        lone = len(states) == 1 and states[0] == (RESOLVED, whole.resolved_at, None)
        left_out = {entry for entry in history if entry == (MESSAGE, whole.answered_at, EMPLOYEE)}
        rest = [entry for entry in history if entry not in left_out and not (lone and entry in states)]
        fields = {"answered_at": whole.answered_at, "resolved_at": whole.resolved_at}

        assert read(whole, at) == read(received(kind, history=rest, **fields), at)

    @given(histories())
    def test_an_answer_may_be_told_late(self, history: History) -> None:
        """`answered` after everything else tells the same as in its turn."""
        silent = tuple(entry for entry in history if entry[0] is not MESSAGE or entry[2] is not EMPLOYEE)
        answer = START + timedelta(hours=10, minutes=30)
        late = received(history=silent).answered(answer)
        entry = (MESSAGE, answer, EMPLOYEE)
        in_turn = received(history=sorted([*silent, entry], key=lambda one: one[1]))

        assert read(in_turn, AS_OF) == read(late, AS_OF)


class TestTheRecord:
    def test_an_answer_outlives_the_customer(self) -> None:
        """An answer told by `answered` stays when the customer writes back, or wrote before."""
        asked = received().entered(MESSAGE, START + HOUR, by=CUSTOMER)
        answered = asked.answered(START + 24 * HOUR).entered(MESSAGE, START + 48 * HOUR, by=CUSTOMER)

        assert handling.first_response(answered, as_of=AS_OF).hours == 24
        [wait] = handling.next_responses(answered, as_of=AS_OF, since=WaitStart.FIRST_UNANSWERED)
        assert (wait.started_at, wait.ended) == (START + 48 * HOUR, False)

    def test_a_resolution_outlives_the_reopening(self) -> None:
        """A resolution told by `resolved` is in the history once the feedback is open again."""
        again = received().resolved(START + 24 * HOUR).entered(OPEN, START + 72 * HOUR, by=CUSTOMER)

        assert [state for state, _, _ in again.history] == [RESOLVED, OPEN]
        assert (again.resolved_at, again.state, handling.reopenings(again, as_of=AS_OF)) == (None, OPEN, 1)

    def test_the_earlier_answer_counts(self) -> None:
        """A message of an employee before `answered_at` is the first answer."""
        talk = [(MESSAGE, START + HOUR, EMPLOYEE)]

        assert received(history=talk, answered_at=START + 2 * HOUR).answered_at == START + HOUR
        assert received(history=talk, answered_at=START).answered_at == START

    def test_a_resolution_before_the_closing_counts(self) -> None:
        """The first resolution is the one at `resolved_at`, also if the history only says when it was closed."""
        closed = received(resolved_at=START + HOUR).entered(CLOSED, START + 2 * HOUR)

        assert [(state, at) for state, at, _ in closed.timeline] == [
            (RESOLVED, START + HOUR),
            (CLOSED, START + 2 * HOUR),
        ]

    @pytest.mark.parametrize(("first", "second"), [(RESOLVED, OPEN), (OPEN, RESOLVED)])
    def test_a_resolution_at_an_instant_with_two_states(self, first: CaseState, second: CaseState) -> None:
        """A resolution that the history tells at the instant of `resolved_at` is told once."""
        at = START + HOUR
        record = received(history=[(first, at, None), (second, at, None), (CLOSED, at + HOUR, None)], resolved_at=at)

        assert record.timeline == record.history

    def test_refuses_to_open_before_the_resolution(self) -> None:
        """A state that opens the feedback again is not before the resolution."""
        with refused(InvalidValueError, "not_in_order_of_time: history[1]"):
            received().resolved(START + 2 * HOUR).entered(OPEN, START + HOUR)

    def test_refuses_a_second_telling(self) -> None:
        """What a history tells cannot be told again."""
        record = received(history=[(MESSAGE, START, EMPLOYEE), (CLOSED, START, None)])
        with refused(IllegalTransitionError, "already_set: answered_at"):
            record.answered(START)
        with refused(IllegalTransitionError, "already_set: resolved_at"):
            record.resolved(START)

    def test_a_reply_and_a_recovery_by_the_history(self) -> None:
        """The parts of a reply and the recovery need an answer and a resolution, which a history can tell."""
        history = [(MESSAGE, START, EMPLOYEE), (RESOLVED, START, None)]

        assert received(history=history, reply=["thanks"], recovered=True).recovered is True
