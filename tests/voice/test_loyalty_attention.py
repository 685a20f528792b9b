from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    UTC,
    Complacency,
    Feedback,
    FeedbackKind,
    Interaction,
    InterviewCoverage,
    InterviewState,
    Invitation,
    LoyaltyLevel,
    MeasureKind,
    MomentOfTruth,
    Period,
    Reading,
    Scale,
    Signal,
    SignalKind,
    Standings,
    SubjectKind,
    Task,
    TaskKind,
    Tone,
    Valence,
    WrongTypeError,
    follow_ups,
    instant,
)
from crmcore.interop.hypothesis import interviews as drawn_interviews
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.proportions import wilson
from crmcore.voice.loyalty import Interview, interviews, signals_of
from tests.support.refusals import refused

LOYAL, SATISFIED, AGGRIEVED = LoyaltyLevel
NOW = instant("2026-04-01")
WEEK = timedelta(days=7)


def day(number: int) -> Any:
    """Return a day of March."""
    return instant(f"2026-03-{number:02}")


def read(customer: str, level: LoyaltyLevel, at: Any = None) -> Reading:
    """Return a reading of a level."""
    return Reading(
        subject_kind=SubjectKind.CUSTOMER, subject_id=customer, kind=MeasureKind.LOYALTY, level=level, at=at or day(1)
    )


def signal(customer: str, at: Any, kind: SignalKind = SignalKind.FEEDBACK) -> Signal:
    """Return a signal."""
    return Signal(customer_id=customer, at=at, kind=kind)


def talk(customer: str | None, at: Any, kind: TaskKind = TaskKind.CONVERSATION, **fields: Any) -> Task:
    """Return a task that was done."""
    return Task(kind=kind, customer_id=customer, due=day(1), done_at=at, **fields)


class TestSignals:
    def test_every_kind(self) -> None:
        """Negative feedback, the worst level, bad moments and contacts, and departures are signals of known people."""
        found = signals_of(
            [
                Feedback(kind=FeedbackKind.COMPLAINT, customer_id="a", received_at=day(1), id="f"),
                Feedback(kind=FeedbackKind.REVIEW, customer_id="a", received_at=day(1)),
                Feedback(kind=FeedbackKind.COMPLAINT, received_at=day(1)),
            ],
            readings=[
                read("b", AGGRIEVED),
                read("b", SATISFIED),
                Reading(
                    subject_kind=SubjectKind.CUSTOMER,
                    subject_id="c",
                    kind=MeasureKind.RECOMMENDATION,
                    value=6,
                    scale=Scale.RECOMMEND_0_10,
                    at=day(2),
                ),
            ],
            moments=[
                MomentOfTruth(valence=Valence.BAD, at=day(3), customer_id="d"),
                MomentOfTruth(valence=Valence.BAD, at=day(3)),
                MomentOfTruth(valence=Valence.GOOD, at=day(3), customer_id="d"),
            ],
            interactions=[
                Interaction(touchpoint_id="desk", at=day(3), customer_id="d", tone=Tone.ANGRY, id=4),
                Interaction(touchpoint_id="desk", at=day(3), tone=Tone.ANGRY),
                Interaction(touchpoint_id="desk", at=day(3), customer_id="d", tone=Tone.SCEPTICAL),
            ],
            departures={"e": day(4)},
        )

        assert [(one.customer_id, one.kind.value, one.about_id) for one in found] == [
            ("a", "feedback", "f"),
            ("b", "reading", None),
            ("c", "reading", None),
            ("d", "moment", None),
            ("d", "interaction", 4),
            ("e", "departure", None),
        ]
        assert signals_of() == ()

    @pytest.mark.parametrize(
        ("name", "record"),
        [
            *(("", Feedback(kind=kind, customer_id=7, received_at=day(2))) for kind in FeedbackKind),
            *(
                ("", Feedback(kind=FeedbackKind.REVIEW, customer_id=7, received_at=day(2), valence=valence))
                for valence in Valence
            ),
            *(
                (
                    "",
                    Feedback(
                        kind=FeedbackKind.REVIEW,
                        customer_id=7,
                        received_at=day(2),
                        rating=stars,
                        scale=Scale.RATING_1_5,
                    ),
                )
                for stars in range(1, 6)
            ),
            *(("moments", MomentOfTruth(valence=valence, at=day(2), customer_id=7)) for valence in Valence),
            *(
                ("interactions", Interaction(touchpoint_id="desk", at=day(2), customer_id=7, tone=tone))
                for tone in (None, "in a hurry", *Tone)
            ),
            *(
                (
                    "readings",
                    Reading(
                        subject_kind=SubjectKind.CUSTOMER,
                        subject_id=7,
                        kind=MeasureKind.LOYALTY,
                        level=level,
                        at=day(2),
                    ),
                )
                for level in LoyaltyLevel
            ),
        ],
    )
    def test_owes_the_talks_that_are_planned(self, name: str, record: Any) -> None:
        """What `follow_ups.talks` plans a talk for is a signal, so that the talk is owed and counted, and only that."""
        named: dict[str, Any] = {name: [record]}
        found = signals_of(**named) if name else signals_of([record])
        planned = follow_ups.talks([record], Period.month(2026, 3), tz=UTC)

        assert [(7, day(2))] * len(planned) == [(one.customer_id, one.at) for one in found]
        assert len(planned) == len(interviews(found, (), as_of=NOW, within=WEEK))

    def test_refuses_a_date(self) -> None:
        """A departure has an instant."""
        with refused(WrongTypeError, ": departures[0]"):
            signals_of(departures={"e": cast("Any", "2026-03-04")})


class TestInterviews:
    def test_a_talk_settles_all_earlier_signals(self) -> None:
        """Signals without a talk between them are one interview, due from the first; later ones need another talk."""
        signals = [
            signal("a", day(9)),
            signal("a", day(2)),
            signal("a", day(3), SignalKind.MOMENT),
            signal("a", day(5), SignalKind.DEPARTURE),
        ]
        found = interviews(signals, [talk("a", day(5))], as_of=NOW, within=WEEK)

        assert [(one.since, one.state, one.signals, one.is_exit) for one in found] == [
            (day(9), InterviewState.MISSED, (SignalKind.FEEDBACK,), False),
            (
                day(2),
                InterviewState.IN_TIME,
                (SignalKind.FEEDBACK, SignalKind.MOMENT, SignalKind.DEPARTURE),
                True,
            ),
        ]

    @pytest.mark.parametrize(
        ("talked", "as_of", "state"),
        [
            (day(8), NOW, InterviewState.IN_TIME),
            (day(8) + timedelta.resolution, NOW, InterviewState.LATE),
            (None, day(8), InterviewState.OPEN),
            (None, day(8) + timedelta.resolution, InterviewState.MISSED),
            (day(8), day(7), InterviewState.OPEN),
        ],
    )
    def test_limit_is_inclusive(self, talked: Any, as_of: Any, state: InterviewState) -> None:
        """A talk at the limit is in time, silence at the limit is not yet missed, and a later talk is not seen."""
        talks = [] if talked is None else [talk("a", talked)]
        (found,) = interviews([signal("a", day(1))], talks, as_of=as_of, within=WEEK)

        assert found.state is state

    def test_only_talks_with_the_customer_count(self) -> None:
        """Another task, another customer's talk, one before the signal and one that was not held settle nothing."""
        tasks = [
            talk("a", day(3), TaskKind.REPLY),
            talk("b", day(3)),
            talk(None, day(3)),
            talk("a", day(1)),
            Task(kind=TaskKind.CONVERSATION, customer_id="a", due=day(5)),
        ]
        (found,) = interviews([signal("a", day(2)), signal("z", NOW + WEEK)], tasks, as_of=NOW, within=WEEK)

        assert (found.customer_id, found.state, found.is_owed) == ("a", InterviewState.MISSED, True)

    def test_the_aggrieved_come_first(self) -> None:
        """Owed before held; then the worst level, then no level, then the better ones; then the longest waiting."""
        levels = {"l": LOYAL, "s": SATISFIED, "g": AGGRIEVED, "h": AGGRIEVED, "t": AGGRIEVED}
        standings = Standings.of([read(one, level) for one, level in levels.items()], as_of=NOW)
        signals = [signal(one, day(9 if one == "g" else 5)) for one in ("l", "s", "x", "g", "h", "t")]
        found = interviews(signals, [talk("t", day(6))], as_of=NOW, within=WEEK, standings=standings)

        assert [one.customer_id for one in found] == ["h", "g", "x", "s", "l", "t"]
        assert [one.level for one in found] == [AGGRIEVED, AGGRIEVED, None, SATISFIED, LOYAL, AGGRIEVED]

    def test_leaders(self) -> None:
        """Whom leaders spoke with is known by who did the task."""
        signals = [signal("a", day(2)), signal("b", day(2))]
        talks = [talk("a", day(3), done_by_id="boss"), talk("b", day(3), TaskKind.EXIT_INTERVIEW, done_by_id="clerk")]
        found = interviews(signals, talks, as_of=NOW, within=WEEK, leaders=["boss"])

        assert {one.customer_id: (one.by_leader, one.held_by_id) for one in found} == {
            "a": (True, "boss"),
            "b": (False, "clerk"),
        }

    @pytest.mark.parametrize(
        "fields",
        [
            {"state": InterviewState.OPEN, "held_at": NOW},
            {"state": InterviewState.LATE},
            {"state": InterviewState.MISSED, "by_leader": True},
        ],
    )
    def test_refuses_contradictions(self, fields: dict[str, Any]) -> None:
        """What was held has an instant, and only that."""
        with refused(InconsistentCountsError, "interview_held_or_not: held_at"):
            Interview(customer_id=7, since=day(1), **fields)


class TestInterviewCoverage:
    @given(st.lists(drawn_interviews(), max_size=9))
    def test_counts_each_once(self, found: list[Interview]) -> None:
        """Every interview is in one count, and the parts add up to the whole."""
        whole = InterviewCoverage.of(found)
        parts = InterviewCoverage.by(found, lambda interview: interview.is_exit)

        assert whole.due + whole.open == len(found)
        assert whole.held == sum(not one.is_owed for one in found)
        assert whole == InterviewCoverage.total(parts.values())
        assert whole.interval() == wilson(whole.in_time, whole.due)

    def test_open_ones_are_in_no_share(self) -> None:
        """What is not due yet is neither held nor missed."""
        coverage = InterviewCoverage(open=5)

        assert (coverage.rate, coverage.leader_share, coverage.due) == (None, None, 0)

    def test_explains_its_shares(self) -> None:
        """The explanation has the counts and the shares."""
        found = {term.name: term.value for term in InterviewCoverage(in_time=1, missed=1, by_leaders=1).explain().terms}

        assert (found["due"], found["leader_share"]) == (2, 1)

    def test_refuses_more_leaders_than_talks(self) -> None:
        """Leaders hold some of the interviews that were held."""
        with refused(InconsistentCountsError, "more_by_leaders_than_held: by_leaders"):
            InterviewCoverage(in_time=1, missed=9, by_leaders=2)


def rest(**fields: Any) -> Complacency:
    """Return a company with loyal customers and no action."""
    given: dict[str, Any] = {"loyal": 7, "known": 10, "as_of": NOW, "high_from": "0.7", "quiet_after": WEEK}
    return Complacency(**{**given, **fields})


class TestComplacency:
    def test_limits_are_exact(self) -> None:
        """A share of exactly the limit is high, and a silence of exactly the limit is neglect."""
        at = NOW - WEEK
        awake = at + timedelta.resolution

        assert rest(asked_at=at, answered_at=at, acted_at=at).is_complacent is True
        assert rest(asked_at=at, answered_at=awake, acted_at=at).is_complacent is False
        assert rest(loyal=1, known=3, high_from="0.3333333333333333333333333333333333").is_high is True
        assert rest(loyal=1, known=3, high_from="0.3333333333333333333333333333333334").is_high is False

    def test_cautions(self) -> None:
        """Neglect while customers are loyal is worth knowing; nothing at all for so long is a problem."""
        assert [finding.rule for finding in rest().cautions] == ["complacency"]
        assert [finding.message for finding in rest(asked_at=NOW).cautions] == [
            "many customers are loyal, and for a long time there was no answer and no action"
        ]
        assert [finding.rule for finding in rest(asked_at=NOW).cautions] == ["neglected_while_loyal"]
        assert rest(loyal=6).cautions == rest(asked_at=NOW, answered_at=NOW, acted_at=NOW).cautions == ()

    def test_explains_its_share(self) -> None:
        """The explanation has the share of loyal customers, and what is neglected."""
        found = {term.name: term.value for term in rest().explain().terms}

        assert (str(found["loyal_share"]), found["number_neglected"]) == ("0.7", 3)

    def test_no_levels(self) -> None:
        """Without a level it is not known whether loyalty is high."""
        unknown = rest(loyal=0, known=0)

        assert (unknown.loyal_share, unknown.is_high, unknown.is_complacent, unknown.cautions) == (None,) * 3 + ((),)

    def test_refuses_more_loyal_than_known(self) -> None:
        """The loyal are a part of those with a level."""
        with refused(InconsistentCountsError, "more_loyal_than_known: loyal"):
            rest(loyal=11)

    def test_finds_the_last_of_each(self) -> None:
        """Asking, answering and acting are found in invitations, feedback and tasks, by the reference date."""
        standings = Standings.of([read("a", LOYAL), read("b", AGGRIEVED)], as_of=day(20))
        complaint = Feedback(kind=FeedbackKind.COMPLAINT, received_at=day(1))
        found = Complacency.of(
            standings,
            high_from="0.5",
            quiet_after=WEEK,
            invitations=[Invitation(survey_id=1, at=day(2)), Invitation(survey_id=1, at=day(25))],
            feedback=[complaint, complaint.answered(day(3)).acted_on(day(4))],
            tasks=[
                talk("a", day(5), TaskKind.FEEDBACK_REQUEST),
                talk("a", day(6), TaskKind.REPLY),
                talk(None, day(7), TaskKind.PROCESS_CHANGE),
                talk(None, day(9), TaskKind.TRAINING),
                Task(kind=TaskKind.REPLY, due=day(9)),
            ],
        )

        assert (found.loyal, found.known, found.as_of) == (1, 2, day(20))
        assert (found.asked_at, found.answered_at, found.acted_at) == (day(5), day(6), day(7))
        assert found.is_complacent is True
        assert Complacency.of(standings, high_from=1, quiet_after=WEEK).asked_at is None
