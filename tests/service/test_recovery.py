"""Escalation, silences, causes and the recovery rate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from crmcore import (
    Actor,
    Authority,
    CaseState,
    CauseCoverage,
    CompensationFund,
    CurrencyMismatchError,
    Employee,
    Feedback,
    FeedbackKind,
    Incident,
    InconsistentCountsError,
    InvalidValueError,
    Money,
    OpeningHours,
    Policy,
    RecoveryParadox,
    RecoveryRate,
    ReplyPart,
    RootCause,
    Severity,
    Task,
    TaskKind,
    instant,
    recovery,
)
from crmcore.interop.hypothesis import feedbacks, recovery_rates
from tests.support.refusals import refused

NINE = instant("2026-03-02T09:00")  # a Monday
CENT = Money("0.01", "EUR")
ANNA = Employee(id="anna", authority=Authority(limit=Money(50, "EUR")))
HOUR = timedelta(hours=1)
DESK = OpeningHours(zone=UTC, monday=[("09:00", "17:00")], tuesday=[("09:00", "17:00")])
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
STEPS = (4 * HOUR, 8 * HOUR, 24 * HOUR)


def complaint(**fields: Any) -> Feedback:
    """Return a complaint, received on Monday at nine."""
    usual: dict[str, Any] = {"kind": FeedbackKind.COMPLAINT, "received_at": NINE, "id": "c1"}
    return Feedback(**(usual | fields))


def after(hours: float) -> datetime:
    """Return an instant some hours after the receipt."""
    return NINE + timedelta(hours=hours)


class TestEscalation:
    @pytest.mark.parametrize(("hours", "level"), [(0, 0), (3.999, 0), (4, 1), (8, 2), (23, 2), (24, 3), (999, 3)])
    def test_a_threshold_counts_from_its_very_instant(self, hours: float, level: int) -> None:
        """The level is how many thresholds have passed, in any order."""
        risen = recovery.escalation(complaint(), thresholds=reversed(STEPS), as_of=after(hours))

        assert level == risen.level
        assert (after([4, 8, 24][level]) if level < 3 else None) == risen.next_at

    def test_only_open_hours_count(self) -> None:
        """A night counts nothing; the next level is due in open hours."""
        risen = recovery.escalation(complaint(), thresholds=STEPS, as_of=after(24.5), hours=DESK)

        assert (2, Decimal("8.5")) == (risen.level, risen.elapsed_hours)
        assert instant("2026-03-09T17:00") == risen.next_at

    def test_a_company_that_is_open_no_more(self) -> None:
        """If the calendar has no more open time, no further level is due."""
        once = OpeningHours(zone=UTC, exceptions={NINE.date(): [("09:00", "14:00")]})
        risen = recovery.escalation(complaint(), thresholds=STEPS, as_of=after(30), hours=once)

        assert (1, None) == (risen.level, risen.next_at)
        end = datetime.max.replace(tzinfo=UTC)
        assert recovery.escalation(complaint(), thresholds=[timedelta.max], as_of=end).next_at is None

    def test_acknowledgement_stops_it_for_good(self) -> None:
        """Once the next level has taken it up, the case rises no further."""
        risen = recovery.escalation(complaint(), thresholds=STEPS, as_of=after(99), acknowledged_at=after(5))

        assert (1, True, None, 5 * HOUR) == (risen.level, risen.acknowledged, risen.next_at, risen.elapsed)
        later = recovery.escalation(complaint(), thresholds=STEPS, as_of=after(4), acknowledged_at=after(5))
        assert (1, False) == (later.level, later.acknowledged)
        with refused(InvalidValueError, "acknowledged_before_receipt: acknowledged_at"):
            recovery.escalation(complaint(), thresholds=STEPS, as_of=after(4), acknowledged_at=after(-1))

    def test_resolution_stops_it_until_it_is_open_again(self) -> None:
        """Time in which the matter is resolved does not count, and what is left counts after it is opened again."""
        case = complaint().entered(CaseState.RESOLVED, after(3)).entered(CaseState.OPEN, after(50))
        done = recovery.escalation(complaint(resolved_at=after(3)), thresholds=STEPS, as_of=after(60))

        assert (0, None) == (done.level, done.next_at)
        risen = recovery.escalation(case, thresholds=STEPS, as_of=after(51))
        assert (1, 4 * HOUR, after(55)) == (risen.level, risen.elapsed, risen.next_at)

    def test_it_stands_still_while_the_customer_is_due(self) -> None:
        """Waiting for the customer does not count unless asked to."""
        case = complaint().entered(CaseState.WAITING_ON_CUSTOMER, after(1))

        assert HOUR == recovery.escalation(case, thresholds=STEPS, as_of=after(9)).elapsed
        assert 9 * HOUR == recovery.escalation(case, thresholds=STEPS, as_of=after(9), paused_in=()).elapsed

    def test_as_of_is_not_before_the_receipt(self) -> None:
        """What has not been received has no level."""
        with refused(InvalidValueError, "after_reference_date: feedback['c1']"):
            recovery.escalation(complaint(), thresholds=STEPS, as_of=after(-1))
        with refused(InvalidValueError, ": thresholds[0]"):
            recovery.escalation(complaint(), thresholds=[-HOUR], as_of=after(1))


class CaseMachine(RuleBasedStateMachine):
    """A case that is worked on in any order, against a count of the hours one by one."""

    @initialize(steps=st.lists(st.integers(0, 12), max_size=4), opens=st.integers(0, 12), closes=st.integers(13, 24))
    def receive(self, steps: list[int], opens: int, closes: int) -> None:
        """A complaint, received at midnight; the company is open at the same hours on each day."""
        self.start = self.now = datetime(2026, 3, 2, tzinfo=UTC)
        self.case = Feedback(kind=FeedbackKind.COMPLAINT, received_at=self.start)
        self.steps, self.opens, self.closes = steps, opens, closes
        window = [(f"{opens:02}:00", f"{closes:02}:00")]
        week: dict[str, Any] = dict.fromkeys(_DAYS, window)
        self.hours = OpeningHours(zone=UTC, **week)
        self.taken: datetime | None = None
        self.counted = 0
        self.quiet, self.longest, self.over = 0, 0, False
        self.state = CaseState.NEW

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        """Time passes, hour by hour."""
        for _ in range(hours):
            is_open = self.opens <= self.now.hour < self.closes
            runs = not self.state.is_over and self.state is not CaseState.WAITING_ON_CUSTOMER and self.taken is None
            self.counted += is_open and runs
            self.now += HOUR

    @rule(state=st.sampled_from([state for state in CaseState if state is not CaseState.MESSAGE]))
    def enter(self, state: CaseState) -> None:
        """The case enters a state."""
        self.case, self.state = self.case.entered(state, self.now), state

    @rule(by=st.sampled_from(Actor))
    def write(self, by: Actor) -> None:
        """Somebody writes, which leaves the state as it is."""
        self.case = self.case.entered(CaseState.MESSAGE, self.now, by=by)

    @precondition(lambda self: self.taken is None)
    @rule()
    def acknowledge(self) -> None:
        """The next level takes the case up."""
        self.taken = self.now

    @invariant()
    def agrees(self) -> None:
        """Level and time are those of the count, now and for each earlier reference date they never fall."""
        risen = self.read(self.now)

        assert self.counted * HOUR == risen.elapsed
        assert sum(step <= self.counted for step in self.steps) == risen.level
        assert (self.taken is not None) is risen.acknowledged
        if risen.next_at is not None:
            assert self.read(risen.next_at).level > risen.level
            assert self.read(max(self.now, risen.next_at - timedelta(microseconds=1))).level == risen.level

    @invariant()
    def never_falls(self) -> None:
        """As time goes on, a level never falls."""
        times = [self.start + (self.now - self.start) * part / 3 for part in range(4)]

        assert all(one.level <= other.level for one, other in pairwise(map(self.read, times)))

    @invariant()
    def silence_is_within_the_time(self) -> None:
        """No silence is longer than the case, and the one that lasts is no longer than the longest."""
        quiet = recovery.silence(self.case, as_of=self.now)

        assert quiet.longest <= self.now - self.start
        assert (quiet.lasting is None) is self.state.is_over
        assert quiet.lasting is None or quiet.lasting <= quiet.longest

    def read(self, as_of: datetime) -> Any:
        """Return the escalation at an instant."""
        return recovery.escalation(
            self.case,
            thresholds=[step * HOUR for step in self.steps],
            as_of=as_of,
            hours=self.hours,
            acknowledged_at=self.taken,
        )


TestCaseMachine = CaseMachine.TestCase


class TestSilence:
    def test_the_silence_that_still_lasts_counts(self) -> None:
        """The longest silence may be the one that has not ended."""
        quiet = recovery.silence(complaint(), visible=[after(1.5), after(24)], as_of=after(96))

        assert Decimal("1.5") == quiet.first_visible_hours
        assert Decimal(72) == quiet.longest_hours == quiet.lasting_hours
        assert quiet.close_to_told_hours is None

    def test_no_word_at_all(self) -> None:
        """Without a visible action, the silence is the whole life of the case."""
        quiet = recovery.silence(complaint(resolved_at=after(5)), as_of=after(9))

        assert (5 * HOUR, None, None, None) == (quiet.longest, quiet.lasting, quiet.first_visible, quiet.close_to_told)
        assert (None, None, None) == (quiet.lasting_hours, quiet.first_visible_hours, quiet.close_to_told_hours)

    def test_what_comes_later_has_not_happened_yet(self) -> None:
        """Resolutions, tellings and actions after the reference date do not count."""
        case = complaint(resolved_at=after(50), told_at=after(60), answered_at=after(40))
        quiet = recovery.silence(case, as_of=after(30), visible=[after(31)])

        assert (30 * HOUR, 30 * HOUR, None, None) == (
            *(quiet.longest, quiet.lasting),
            *(quiet.first_visible, quiet.close_to_told),
        )

    def test_from_closing_to_telling(self) -> None:
        """A customer who knew before waits for no notice."""
        times = [
            recovery.silence(complaint(resolved_at=after(5), told_at=told), as_of=after(20)).close_to_told
            for told in (after(11.5), after(5), after(3), after(21), None)
        ]

        assert [6.5 * HOUR, 0 * HOUR, 0 * HOUR, None, None] == times

    def test_messages(self) -> None:
        """A message of an employee is visible, one of a bot only if asked to, one of the customer never."""
        case = complaint()
        for hours, by in ((1, Actor.CUSTOMER), (2, Actor.BOT), (4, Actor.EMPLOYEE)):
            case = case.entered(CaseState.MESSAGE, after(hours), by=by)

        assert 4 * HOUR == recovery.silence(case, as_of=after(5)).first_visible
        assert 2 * HOUR == recovery.silence(case, as_of=after(5), count_bots=True).first_visible

    def test_the_first_resolution_ends_it(self) -> None:
        """Closing what is resolved moves nothing; opening it again does."""
        case = complaint().entered(CaseState.RESOLVED, after(2)).entered(CaseState.CLOSED, after(30))
        again = case.entered(CaseState.OPEN, after(40))

        assert (2 * HOUR, None) == (
            recovery.silence(case, as_of=after(50)).longest,
            recovery.silence(case, as_of=after(50)).lasting,
        )
        assert 50 * HOUR == recovery.silence(again, as_of=after(50)).lasting

    def test_open_hours(self) -> None:
        """A silence can be counted in open hours."""
        assert Decimal("8.5") == recovery.silence(complaint(), as_of=after(24.5), hours=DESK).longest_hours

    def test_nothing_is_visible_before_the_receipt(self) -> None:
        """An action before the receipt is a mistake."""
        with refused(InvalidValueError, "visible_before_receipt: visible[1]"):
            recovery.silence(complaint(), as_of=after(1), visible=[after(0), after(-1)])


class TestRate:
    def test_the_unasked_are_neither(self) -> None:
        """Bounds of the rate leave open what the unasked would say."""
        rate = RecoveryRate(failures=50, confirmed=30, denied=10)

        assert (Decimal("0.6"), Decimal("0.75"), Decimal("0.8")) == (rate.rate, rate.rate_of_asked, rate.high)
        assert rate.low == rate.rate == rate.explain()["rate"].value

    def test_nothing_failed(self) -> None:
        """Of no failures nothing is known."""
        nothing = RecoveryRate()

        assert (None, None, None, None) == (nothing.rate, nothing.rate_of_asked, nothing.high, nothing.interval())

    def test_contradiction(self) -> None:
        """No more customers are asked than failed."""
        with refused(InconsistentCountsError, "more_asked_than_failures: failures"):
            RecoveryRate(failures=5, confirmed=3, denied=3)

    @given(recovery_rates())
    def test_interval_holds_both_bounds(self, rate: RecoveryRate) -> None:
        """The interval contains the worst and the best case."""
        bounds = rate.interval()
        if bounds is None or rate.high is None or rate.low is None:
            assert not rate.failures
            return

        assert bounds.low <= float(rate.low) <= float(rate.high) <= bounds.high
        assert Fraction(rate.confirmed + rate.unasked, rate.failures) - Fraction(rate.high) < Fraction(1, 10**30)

    @given(st.lists(feedbacks(), max_size=8))
    def test_counts_negative_feedback(self, cases: list[Feedback]) -> None:
        """Of praise nothing can be recovered; the parts by a key add up to the whole."""
        negative = [case for case in cases if case.is_negative]
        rate = RecoveryRate.of(iter(cases))

        assert len(negative) == rate.failures
        assert sum(case.recovered is False for case in negative) == rate.denied
        assert RecoveryRate.by(cases, lambda case: case.kind).total == rate or not cases


class TestParadox:
    def test_difference(self) -> None:
        """The observed difference comes with its caution."""
        seen = RecoveryParadox(without_failure="8.1", after_recovery="8.4")

        assert (Decimal("0.3"), True) == (seen.value, seen.is_paradox)
        assert ["satisfaction_only"] == [caution.rule for caution in seen.cautions]
        assert seen.cautions == seen.explain().cautions

    def test_a_tie_is_none(self) -> None:
        """Equal satisfaction is no paradox."""
        assert not RecoveryParadox(without_failure=8, after_recovery="8.0").is_paradox

    def test_two_failures(self) -> None:
        """After a second failure the paradox does not hold."""
        twice = RecoveryParadox(without_failure=8, after_recovery=9, failures_each=2)

        assert ["satisfaction_only", "more_than_one_failure"] == [caution.rule for caution in twice.cautions]
        assert "satisfaction_only, more_than_one_failure" == twice.row(plain=True)["cautions"]


def action(about: object = 1, **fields: Any) -> Task:
    """Return a corrective action that is due after a day."""
    usual: dict[str, Any] = {"kind": TaskKind.PROCESS_CHANGE, "about_id": about, "due": after(24), "owner_id": "eva"}
    return Task(**(usual | fields))


class TestCauses:
    def test_counts(self) -> None:
        """Causes with an action, a prevention, a fix and a recurrence; what is about something else counts nowhere."""
        causes = [
            RootCause(id=1, what="a", prevention="check", fixed_at=after(10), category="x"),
            RootCause(id=2, what="b", prevention=" ", fixed_at=after(10), category="x"),
            RootCause(id=3, what="c", fixed_at=after(999), category="y"),
        ]
        incidents = [
            Incident(id="before", at=after(10), cause_id=1),
            Incident(id="again", at=after(11), cause_id=2),
            Incident(id="earlier", at=after(5), cause_id=2),
            Incident(id="future", at=after(500), cause_id=1),
            Incident(id="other", at=after(11)),
        ]
        actions = [
            action(1, owner_id=None),
            action(1).done(after(2)),
            action(2).cancelled(after(3)),
            action(3).cancelled(after(500)),
            action(9),
            action(None),
            action(2, kind=TaskKind.REPLY),
        ]
        coverage = CauseCoverage.of(iter(causes), actions=iter(actions), incidents=iter(incidents), as_of=after(100))

        assert coverage == CauseCoverage(
            causes=3,
            with_action=2,
            with_prevention=1,
            fixed=2,
            recurred=1,
            actions=3,
            done=1,
            overdue=2,
            unowned=1,
        )
        by = CauseCoverage.by(
            causes, lambda cause: cause.category, actions=iter(actions), incidents=iter(incidents), as_of=after(100)
        )
        assert coverage == by.total
        assert Decimal("0.5") == by["x"].recurrence_rate == coverage.recurrence_rate

    def test_nothing(self) -> None:
        """Of no causes nothing is known."""
        nothing = CauseCoverage.of([], as_of=NINE)

        assert (None, None, None) == (nothing.rate, nothing.prevention_rate, nothing.recurrence_rate)
        assert nothing.explain()["rate"].value is None

    def test_contradiction(self) -> None:
        """No part is larger than its whole."""
        with refused(InconsistentCountsError, "cause_counts_contradict: recurred"):
            CauseCoverage(causes=1, fixed=1, recurred=2)


def rules(*incidents: Incident, **given: Any) -> list[tuple[str, str]]:
    """Return the rules and subjects that lint finds after a hundred hours."""
    return [(one.rule, one.subject) for one in recovery.lint(incidents, as_of=after(100), **given)]


class TestLint:
    def test_denied(self) -> None:
        """An incident is acknowledged by the reference date."""
        assert [("not_acknowledged", "1"), ("not_acknowledged", "2")] == rules(
            Incident(id=1, at=NINE),
            Incident(id=2, at=NINE, acknowledged_at=after(101)),
            Incident(id=3, at=NINE, acknowledged_at=after(-9)),
            Incident(id=4, at=after(101)),
        )

    def test_remedy_below_harm(self) -> None:
        """A case that lost 20 and got 19.99 has too little, net of what came back."""
        fund = CompensationFund(opening=Money(100, "EUR"))
        fund = fund.grant(1, Money("19.99", "EUR"), at=NINE, by=ANNA).grant(2, Money(20, "EUR"), at=NINE, by=ANNA)
        harmed = [Incident(id=n, at=NINE, acknowledged_at=NINE, harm=Money(20, "EUR")) for n in (1, 2, 3)]
        unknown = Incident(id=4, at=NINE, acknowledged_at=NINE)

        assert [("remedy_below_harm", "1"), ("remedy_below_harm", "3")] == rules(*harmed, unknown, fund=fund)
        assert [("remedy_below_harm", "1"), ("remedy_below_harm", "3")] == rules(unknown, *harmed, fund=fund)
        assert [] == rules(*harmed)
        with refused(CurrencyMismatchError, "harm_in_another_currency: incidents[9]"):
            rules(Incident(id=9, at=NINE, harm=Money(1, "USD")), fund=fund)

    def test_grants_without_authority(self) -> None:
        """Grants without an employee are one finding; a top-up, a return and a grant still to come are none of them."""
        fund = CompensationFund(opening=Money(100, "EUR")).top_up(Money(1, "EUR"), at=NINE)
        fund = fund.grant(1, CENT, at=NINE).grant(1, CENT, at=NINE).grant(2, CENT, at=NINE, by=ANNA)
        fund = fund.take_back(2, CENT, at=NINE).grant(3, CENT, at=after(101))
        found = recovery.lint(as_of=after(100), fund=fund)

        assert [("grant_without_employee", "fund", (("grants", 2), ("first case", "1")))] == [
            (finding.rule, finding.subject, finding.evidence) for finding in found
        ]

    def test_policies(self) -> None:
        """A policy gives at least the harm, and believes the customer."""
        good = Policy(category="good", harm=Money(20, "EUR"), remedy=Money(20, "EUR"))
        hard = Policy(category="hard", harm=Money(20, "EUR"), remedy=Money(19, "EUR"), customer_must_prove=True)

        assert [("remedy_below_harm", "hard"), ("customer_must_prove", "hard")] == rules(policies=[good, hard])

    @pytest.mark.parametrize(
        ("parts", "missing"),
        [
            ("refusal", ["refused_without_understanding", "refused_without_alternative"]),
            ("refusal understanding", ["refused_without_alternative"]),
            ("refusal alternative", ["refused_without_understanding"]),
            ("refusal understanding referral", []),
            ("apology", []),
        ],
    )
    def test_refusals(self, parts: str, missing: list[str]) -> None:
        """A no needs understanding, and something else instead."""
        replied = complaint().answered(after(1), reply=map(ReplyPart, parts.split()))

        assert [(rule, "c1") for rule in missing] == rules(feedback=[replied])

    def test_silence(self) -> None:
        """An open case is silent for at most as long as is allowed."""
        cases = [
            complaint(),
            complaint(id="c2", resolved_at=after(1)),
            complaint(id="c3", answered_at=after(95)),
            complaint(id="c4", received_at=after(101)),
            complaint(id=None),
        ]

        assert [("silent_too_long", "c1"), ("silent_too_long", "")] == rules(feedback=cases, longest_silence=99 * HOUR)
        assert [] == rules(feedback=cases, longest_silence=100 * HOUR) == rules(feedback=cases)

    def test_silence_in_open_hours(self) -> None:
        """With opening hours, only open time is silence: two days of eight hours until the fifth day."""
        cases = [complaint()]

        assert [("silent_too_long", "c1")] == rules(feedback=cases, longest_silence=15 * HOUR, hours=DESK)
        assert [] == rules(feedback=cases, longest_silence=16 * HOUR, hours=DESK)

    def test_causes(self) -> None:
        """A cause is prevented, acted on, and stays away."""
        causes = [
            RootCause(id=1, what="a", prevention="check"),
            RootCause(id=2, what="b", no_easy_answer=True, fixed_at=NINE),
            RootCause(id=3, what="c", prevention="check", no_easy_answer=True, fixed_at=NINE),
        ]
        again = Incident(id="i", at=after(1), acknowledged_at=NINE, cause_id=2)
        actions = [action(number, due=after(200)) for number in (1, 3)]
        found = recovery.lint([again], causes=causes, actions=actions, as_of=after(100))

        assert [("prevention_missing", "2"), ("cause_without_action", "2"), ("came_back", "2")] == [
            (one.rule, one.subject) for one in found
        ]
        assert [Severity.INFO, Severity.WARNING, Severity.WARNING] == [one.severity for one in found]

    def test_actions(self) -> None:
        """An action has an owner and is on time."""
        assert [("action_without_owner", "t"), ("action_overdue", "t")] == rules(
            actions=[action(owner_id=None, id="t")]
        )

    def test_unknown_causes(self) -> None:
        """A cause that is named and not given is reported, if causes are given at all."""
        named = Incident(id="i", at=NINE, acknowledged_at=NINE, cause_id="typo")
        given = {"actions": [action("typo", id="t", due=after(200))]}

        assert [] == rules(named, **given)
        assert [("unknown_cause", "i"), ("unknown_cause", "t")] == rules(named, **given, causes=[])
