"""The clocks of handled feedback, against a count quarter by quarter of an hour, and through the life of a case."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from crmcore import (
    UTC,
    Actor,
    CaseState,
    Compliance,
    Feedback,
    FeedbackKind,
    InconsistentCountsError,
    InvalidValueError,
    Loops,
    OpeningHours,
    ResolutionReading,
    TallyBy,
    TimeByParty,
    WaitStart,
    WrongTypeError,
    handling,
    instant,
)
from crmcore.interop.hypothesis import case_waits, feedbacks
from crmcore.voice.handling import ClockState, Wait, WaitSummary
from tests.support.refusals import refused
from tests.support.replay import replay

BERLIN: Final = ZoneInfo("Europe/Berlin")
START: Final = instant("2026-03-27T14:00Z")
"""A Friday; the clocks go forward on Sunday."""
QUARTER: Final = timedelta(minutes=15)
HOUR: Final = timedelta(hours=1)
DAY: Final = [("09:00", "12:15"), ("13:00", "17:00")]
DESK: Final = OpeningHours(zone=BERLIN, friday=DAY, sunday=[("01:00", "04:00")], monday=DAY)
STATES: Final = [state for state in CaseState if state is not CaseState.MESSAGE]
History = list[tuple[CaseState, datetime, Actor | None]]


def case(*history: tuple[CaseState, datetime, Actor | None], **fields: Any) -> Feedback:
    """Return a problem that was received at the start."""
    return Feedback(kind=FeedbackKind.PROBLEM, received_at=START, history=history, **fields)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Draw entries on quarters of an hour, several at one instant among them."""
    at, history = START, History()
    for _ in range(draw(st.integers(0, 7))):
        at += QUARTER * draw(st.integers(0, 60))
        history.append((draw(st.sampled_from(CaseState)), at, draw(st.sampled_from(Actor))))
    return history


def state_at(history: History, moment: datetime) -> CaseState:
    """Return the last state that was entered by an instant, in the plainest way."""
    found = CaseState.NEW
    for state, at, _ in history:
        if state is not CaseState.MESSAGE and at <= moment:
            found = state
    return found


def quarters(start: datetime, end: datetime, hours: OpeningHours | None) -> list[datetime]:
    """Return the beginning of each open quarter of an hour."""
    moments = [start + QUARTER * number for number in range(round((end - start) / QUARTER))]
    return [moment for moment in moments if hours is None or hours.is_open(moment)]


AS_OF = st.integers(0, 400).map(lambda number: START + QUARTER * number)
HOURS = st.sampled_from([None, DESK])
PAUSED = st.frozensets(st.sampled_from([CaseState.OPEN, CaseState.WAITING_ON_CUSTOMER, CaseState.ON_HOLD]))


class TestAgainstQuarters:
    @given(histories(), AS_OF, HOURS, PAUSED)
    def test_clock(
        self, history: History, as_of: datetime, hours: OpeningHours | None, paused: frozenset[CaseState]
    ) -> None:
        """The clock adds up the open quarters in each kind of state."""
        read = handling.clock(case(*history), as_of=as_of, hours=hours, paused_in=paused)
        states = [state_at(history, moment) for moment in quarters(START, as_of, hours)]
        over = sum(state in (CaseState.RESOLVED, CaseState.CLOSED) for state in states)
        waiting = sum(state in paused for state in states)

        assert (QUARTER * over, QUARTER * waiting) == (read.stopped, read.paused)
        assert QUARTER * (len(states) - over - waiting) == read.running
        assert (state_at(history, as_of) in paused) is (read.state is ClockState.PAUSED)

    @given(histories(), AS_OF, HOURS, PAUSED, st.integers(0, 60))
    def test_due(
        self,
        history: History,
        as_of: datetime,
        hours: OpeningHours | None,
        paused: frozenset[CaseState],
        target: int,
    ) -> None:
        """A target is due at the end of the quarter that fills it; it is not due while the clock stands still."""
        found = handling.due(case(*history), QUARTER * target, as_of=as_of, hours=hours, paused_in=paused)
        stops = paused | {CaseState.RESOLVED, CaseState.CLOSED}
        ran = [moment for moment in quarters(START, as_of, hours) if state_at(history, moment) not in stops]
        assert QUARTER * len(ran) == found.used
        if target and len(ran) >= target:
            assert ran[target - 1] + QUARTER == found.at
        elif state_at(history, as_of) in stops:
            assert found.stands_still or not target
        elif target:
            later = quarters(as_of, as_of + timedelta(days=40), hours)
            assert later[target - len(ran) - 1] + QUARTER == found.at
        assert found.is_over_target is (len(ran) > target)

    @given(histories(), AS_OF, HOURS, st.booleans(), st.sampled_from([WaitStart.RECEIPT, WaitStart.LAST_REOPENING]))
    def test_first_response(
        self, history: History, as_of: datetime, hours: OpeningHours | None, bots: bool, since: WaitStart
    ) -> None:
        """The wait lasts from the receipt, or the last reopening, to the first message that counts."""
        people = {Actor.EMPLOYEE, Actor.BOT} if bots else {Actor.EMPLOYEE}
        known = [entry for entry in history if entry[1] <= as_of]
        places = [n for n, (state, _, by) in enumerate(known) if state is CaseState.MESSAGE and by in people]
        place = places[0] if places else len(known)
        states = [(CaseState.NEW, START)] + [(s, at) for s, at, _ in known[:place] if s is not CaseState.MESSAGE]
        starts = [at for (one, _), (other, at) in pairwise(states) if one.is_over > other.is_over]
        start = starts[-1] if starts and since is WaitStart.LAST_REOPENING else START
        end = known[place][1] if places else None

        wait = handling.first_response(case(*history), as_of=as_of, hours=hours, count_bots=bots, since=since)

        assert (start, end) == (wait.started_at, wait.ended_at)
        assert QUARTER * len(quarters(start, end or as_of, hours)) == wait.length

    @given(histories(), AS_OF, HOURS)
    def test_resolution(self, history: History, as_of: datetime, hours: OpeningHours | None) -> None:
        """The four readings are the times to the first and the last resolution, with and without the rest."""
        moves = [(CaseState.NEW, START)] + [
            (s, at) for s, at, _ in history if s is not CaseState.MESSAGE and at <= as_of
        ]
        ends = [at for (one, _), (other, at) in pairwise(moves) if one.is_over < other.is_over]
        last = ends[-1] if moves[-1][0].is_over else None
        waits = {
            reading: handling.resolution(case(*history), reading, as_of=as_of, hours=hours)
            for reading in ResolutionReading
        }
        first, full, net, ran = waits.values()

        assert [ends[0] if ends else None, last, last, last] == [wait.ended_at for wait in waits.values()]
        assert QUARTER * len(quarters(START, ends[0] if ends else as_of, hours)) == first.length
        assert QUARTER * len(quarters(START, last or as_of, hours)) == full.length
        read = handling.clock(case(*history), as_of=as_of, hours=hours)
        assert (read.running, read.running + read.paused) == (ran.length, net.length)
        reopened = sum(one.is_over > other.is_over for (one, _), (other, _) in pairwise(moves))
        assert reopened == handling.reopenings(case(*history), as_of=as_of)

    @given(histories(), AS_OF, HOURS)
    def test_time_by_party(self, history: History, as_of: datetime, hours: OpeningHours | None) -> None:
        """Each open quarter is the turn of one party."""
        time = TimeByParty.of([case(*history)], as_of=as_of, hours=hours)
        states = [state_at(history, moment) for moment in quarters(START, as_of, hours)]
        ran = [900 * states.count(state) for state in STATES[:4]]

        assert ran == [time.new_seconds, time.open_seconds, time.waiting_seconds, time.on_hold_seconds]
        assert Decimal(sum(ran)) / 3600 == time.hours == time.customer_hours + time.company_hours
        assert time.work_hours == time.customer_hours - time.on_hold_hours


class TestFirstResponse:
    def test_the_instant_counts(self) -> None:
        """`answered_at` is an answer, whether the history has messages or not."""
        as_of = START + 9 * HOUR
        opened, asked = (CaseState.OPEN, START, None), (CaseState.MESSAGE, START, Actor.CUSTOMER)

        assert handling.first_response(case(opened, answered_at=START + HOUR), as_of=as_of).hours == 1
        assert handling.first_response(case(asked, answered_at=START + HOUR), as_of=as_of).hours == 1
        assert not handling.first_response(case(answered_at=START + 10 * HOUR), as_of=as_of).ended

    def test_answered_before_it_was_opened_again(self) -> None:
        """A reopening after the first answer begins no wait for it, whether the answer is an instant or a message."""
        again = case(
            (CaseState.CLOSED, START + 2 * HOUR, None),
            (CaseState.OPEN, START + 3 * HOUR, None),
            answered_at=START + HOUR,
        )
        wait = handling.first_response(again, as_of=START + 4 * HOUR, since=WaitStart.LAST_REOPENING)

        assert (HOUR, True, START) == (wait.length, wait.ended, wait.started_at)

    def test_without_a_history(self) -> None:
        """Feedback without a history is new until it is resolved."""
        as_of = START + 4 * HOUR
        resolved = case(resolved_at=START + HOUR)

        assert handling.clock(resolved, as_of=as_of).stopped == 3 * HOUR
        assert handling.clock(case(resolved_at=START + 5 * HOUR), as_of=as_of).running == 4 * HOUR
        assert handling.resolution(resolved, ResolutionReading.NET, as_of=as_of).hours == 1


class TestNextResponses:
    def test_what_asks_and_what_answers(self) -> None:
        """Only the customer asks, only after the first answer; a resolution without an answer ends the wait."""
        entries = "message/employee message/customer message/system message/bot open/customer message/employee"
        entries += " message/customer closed/employee open/customer open/employee"
        history: History = [
            (CaseState(state), START + HOUR * hour, Actor(by))
            for hour, (state, by) in enumerate(one.split("/") for one in entries.split())
        ]

        def lengths(since: WaitStart, **words: Any) -> list[Decimal]:
            waits = handling.next_responses(case(*history), as_of=START + 10 * HOUR, since=since, **words)
            return [wait.hours for wait in waits]

        assert [4, 2] == lengths(WaitStart.FIRST_UNANSWERED)
        assert [1, 2] == lengths(WaitStart.LAST_UNANSWERED)
        assert [2, 1, 2] == lengths(WaitStart.FIRST_UNANSWERED, count_bots=True)
        assert lengths(WaitStart.FIRST_UNANSWERED, hours=DESK) == [1, 0]  # the desk closes at 16:00 UTC

    def test_without_an_answer(self) -> None:
        """Without an answer there is no next one."""
        asked = (CaseState.MESSAGE, START, Actor.CUSTOMER)
        assert handling.next_responses(case(asked), as_of=START + HOUR, since=WaitStart.LAST_UNANSWERED) == ()


class TestCompliance:
    @given(st.lists(case_waits(feedback_id=None)), st.timedeltas(timedelta(0), timedelta(days=3000)))
    def test_shards_add(self, waits: list[Wait], target: timedelta) -> None:
        """The counts of two shards add up to those of all waits, and every wait is counted once."""
        whole = Compliance.of(waits, target=target)
        parts = Compliance.by(waits, lambda wait: wait.ended, target=target)

        assert len(waits) == whole.due + whole.pending
        assert Compliance.of(waits[:3], target=target) + Compliance.of(waits[3:], target=target) == whole
        assert (parts.total or whole) == whole
        assert whole.met + whole.late == sum(wait.ended for wait in waits)
        if whole.rate is not None and whole.rate_of_ended is not None:
            assert whole.rate <= whole.rate_of_ended
            bounds = whole.interval()
            assert bounds is not None
            assert whole.rate in bounds
        replay(whole.explain())

    def test_nothing_is_due(self) -> None:
        """What is not yet due is in no denominator."""
        found = Compliance(pending=3)
        assert (None, None, None) == (found.rate, found.rate_of_ended, found.interval())


class TestWaitsGivenTwice:
    def measure(self, record: Feedback) -> list[Wait]:
        """Return every wait of a piece of feedback."""
        as_of = START + 100 * HOUR
        return [
            handling.first_response(record, as_of=as_of),
            *handling.next_responses(record, as_of=as_of, since=WaitStart.FIRST_UNANSWERED),
            *(handling.resolution(record, reading, as_of=as_of) for reading in ResolutionReading),
        ]

    @given(histories())
    def test_a_wait_counts_once(self, history: History) -> None:
        """All waits of feedback count, equal ones among them, and each once however often its feedback is given."""
        waits = self.measure(case(*history, id="x"))
        counted = Compliance.of(waits, target=HOUR)

        assert len(waits) == counted.due + counted.pending
        assert counted == Compliance.of(waits + waits, target=HOUR)
        assert counted == Compliance.by(waits + waits, lambda wait: wait.length, target=HOUR).total
        assert handling.summary(waits) == handling.summary(waits + waits)

    @given(histories())
    def test_feedback_without_an_id_counts_each_time(self, history: History) -> None:
        """Two pieces of feedback without an id are two, although their waits are equal."""
        waits = self.measure(case(*history))
        once, twice = (Compliance.of(given, target=HOUR) for given in (waits, waits + waits))

        assert once + once == twice

    def test_agrees_with_loops(self) -> None:
        """Waits and loops count the same feedback, and both refuse two different pieces with one id."""
        late, quick = (case(id=name).answered(START + hours * HOUR) for name, hours in (("x", 10), ("y", 1)))
        as_of, given = START + 24 * HOUR, [late, late, quick]
        waits = [handling.first_response(one, as_of=as_of) for one in given]
        other = attrs.evolve(late, answered_at=START + HOUR)

        assert Loops.of(given, as_of=as_of, target=4 * HOUR).rate == Compliance.of(waits, target=4 * HOUR).rate
        with refused(InconsistentCountsError, "two_records_of_one_id: feedback['x']"):
            Loops.of([late, other], as_of=as_of, target=HOUR)
        with refused(InconsistentCountsError, "two_waits_of_one_measure: waits['x']"):
            Compliance.of([waits[0], handling.first_response(other, as_of=as_of)], target=HOUR)

    def test_without_a_measure(self) -> None:
        """Of waits whose measure is not known only those that are equal in everything are one."""
        one, other = (Wait(started_at=START, length=hours * HOUR, feedback_id=7) for hours in (1, 2))

        assert 2 == Compliance.of([one, one, other], target=HOUR / 2).overdue


class TestSummary:
    @given(st.lists(case_waits(feedback_id=None)))
    def test_of_ended_waits(self, waits: list[Wait]) -> None:
        """The figures are of the ended waits, and a caution says how many still last."""
        found = handling.summary(waits)
        lasting = sum(not wait.ended for wait in waits)

        assert (len(waits) - lasting, lasting) == (found.ended, found.lasting)
        assert ["waits_still_last"] * bool(lasting) == [caution.rule for caution in found.cautions]
        if found.ended:
            assert found.longest_hours == max(wait.hours for wait in waits if wait.ended)
            assert found.median_hours is not None
            assert found.longest_hours is not None
            assert found.median_hours <= found.longest_hours
        else:
            assert WaitSummary(lasting=lasting, cautions=found.cautions) == found


class TestTimeByParty:
    @given(st.lists(feedbacks(id=None), max_size=4), st.integers(0, 4))
    def test_shards_add(self, records: list[Feedback], cut: int) -> None:
        """Shards add; feedback that came after the reference date is left out."""
        as_of = instant("2010-01-01")
        whole = TimeByParty.of(records, as_of=as_of)
        kept = [one for one in records if one.received_at <= as_of]

        assert TimeByParty.of(records[:cut], as_of=as_of) + TimeByParty.of(records[cut:], as_of=as_of) == whole
        assert TimeByParty.of(kept, as_of=as_of) == whole
        by = TimeByParty.by(records, lambda one: one.category, as_of=as_of)
        assert isinstance(by, TallyBy)
        assert (by.total or whole) == whole
        replay(whole.explain())


class TestRefusals:
    def test_received_after_the_reference_date(self) -> None:
        """Feedback has no clock before its receipt."""
        with refused(InvalidValueError, "after_reference_date: feedback[7]"):
            handling.clock(case(id=7), as_of=START - HOUR)

    @pytest.mark.parametrize("state", [CaseState.RESOLVED, CaseState.CLOSED, CaseState.MESSAGE])
    def test_not_a_pause(self, state: CaseState) -> None:
        """A message is no state, and what is over does not pause."""
        with refused(InvalidValueError, "not_a_pause: paused_in"):
            handling.clock(case(), as_of=START, paused_in=[state])

    def test_another_start(self) -> None:
        """Each function has its own starts."""
        with refused(InvalidValueError, "start_of_another_wait: since"):
            handling.first_response(case(), as_of=START, since=WaitStart.LAST_UNANSWERED)
        with refused(InvalidValueError, "start_of_another_wait: since"):
            handling.next_responses(case(), as_of=START, since=WaitStart.RECEIPT)

    def test_never_due(self) -> None:
        """A desk that is never open has nothing that is due."""
        with refused(InvalidValueError, "never_due: after"):
            handling.due(case(), HOUR, as_of=START, hours=OpeningHours(zone=UTC))
        with refused(InvalidValueError, "never_due: after"):
            handling.due(case(), timedelta.max, as_of=START)

    def test_wrong_types(self) -> None:
        """Feedback is due, and a calendar."""
        anything: Any = "9 to 5"
        with refused(WrongTypeError, ": feedback"):
            handling.clock(anything, as_of=START)
        with refused(WrongTypeError, ": hours"):
            handling.clock(case(), as_of=START, hours=anything)

    def test_a_wait_does_not_end_first(self) -> None:
        """A wait ends at its start or later."""
        with refused(InvalidValueError, "wait_ends_before_it_begins: ended_at"):
            Wait(started_at=START, length=HOUR, ended_at=START - HOUR)


class Life(RuleBasedStateMachine):
    """The life of a case: whatever happens to it, its clocks agree and none runs backwards."""

    @initialize()
    def receive(self) -> None:
        """A problem comes in."""
        self.now = START
        self.case = case()
        self.last = handling.clock(self.case, as_of=START, hours=DESK)

    @rule(quarters=st.integers(0, 100))
    def wait(self, quarters: int) -> None:
        """Time passes."""
        self.now += QUARTER * quarters

    @rule(state=st.sampled_from(CaseState), by=st.sampled_from(Actor))
    def enter(self, state: CaseState, by: Actor) -> None:
        """Somebody acts."""
        self.case = self.case.entered(state, self.now, by=by)

    @invariant()
    def agrees(self) -> None:
        """The clocks add up to the open time, and to what the record says about itself."""
        read = handling.clock(self.case, as_of=self.now, hours=DESK)
        assert read.running >= self.last.running
        assert read.paused >= self.last.paused
        assert read.stopped >= self.last.stopped
        assert read.running + read.paused + read.stopped == DESK.elapsed(START, self.now)
        self.last = read

        wait = handling.first_response(self.case, as_of=self.now)
        assert wait.ended_at == self.case.answered_at
        assert wait.ended_at is None or wait.ended_at >= self.case.received_at
        loops = Loops.of([self.case], as_of=self.now, target=HOUR)
        assert loops.in_time + loops.late == wait.ended
        assert loops.resolved == (self.case.resolved_at is not None and not loops.pending)
        assert wait.length >= timedelta(0)
        full = handling.resolution(self.case, ResolutionReading.FULL, as_of=self.now)
        assert full.ended_at == self.case.resolved_at
        assert full.ended is (read.state is ClockState.STOPPED)
        is_over = self.case.state is not None and self.case.state.is_over
        assert is_over is (self.case.resolved_at is not None)


TestLife = Life.TestCase
