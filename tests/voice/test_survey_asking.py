"""Tests of whom to ask, when, and how much of the company the feedback covers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    AskEvent,
    AskLimit,
    AskPurpose,
    Feedback,
    FeedbackKind,
    Interaction,
    InvalidValueError,
    Invitation,
    InvitationOutcome,
    LoyaltyLevel,
    MeasureKind,
    Money,
    Question,
    Reading,
    Response,
    Scale,
    SubjectKind,
    Survey,
    WrongTypeError,
    instant,
    surveys,
)
from crmcore.interop.hypothesis import ask_limits
from crmcore.primitives.errors import CurrencyMismatchError
from crmcore.voice.surveys import AskDecision
from tests.support.refusals import refused

DAY = instant("2026-03-02")
HOUR = timedelta(hours=1)
DAYS_30 = timedelta(days=30)
INVITED, ANSWERED, EITHER = AskEvent


def happened(hours: int, event: AskEvent = INVITED, survey: str = "nps", customer: Any = 7) -> Invitation | Response:
    """Return an invitation or a response some hours before the day."""
    at = DAY - hours * HOUR
    if event is INVITED:
        return Invitation(survey_id=survey, at=at, customer_id=customer)
    return Response(survey_id=survey, at=at, answers=[], customer_id=customer)


def decide(history: Any, *limits: Any, **others: Any) -> AskDecision:
    """Decide about customer 7 and the survey "nps" as of the day."""
    usual: dict[str, Any] = {"customer_id": 7, "survey_id": "nps", "as_of": DAY, "limits": limits}
    return surveys.may_ask(history, **{**usual, **others})


class TestMayAsk:
    @given(
        st.lists(
            st.tuples(st.integers(-100, 5000), st.sampled_from([INVITED, ANSWERED]), st.sampled_from(["nps", "csat"])),
            max_size=8,
        ),
        st.lists(ask_limits(), max_size=3),
    )
    def test_first_instant_at_which_no_limit_forbids(
        self, rows: list[tuple[int, AskEvent, str]], limits: list[AskLimit]
    ) -> None:
        """A walk through all hours finds the same first instant; the limits that forbid it now are named."""
        decision = decide([happened(*row) for row in rows], *limits)
        past = [row for row in rows if row[0] >= 0]

        def forbids(limit: AskLimit, hours_ahead: int) -> bool:
            counted = [
                row
                for row in past
                if limit.counts in (row[1], EITHER)
                and (row[2] == "nps" or not limit.same_survey)
                and (row[0] + hours_ahead) * HOUR < limit.within
            ]
            return len(counted) >= limit.at_most

        waits = next(hours for hours in range(24 * 366) if not any(forbids(limit, hours) for limit in limits))
        assert DAY + waits * HOUR == decision.allowed_from
        assert tuple(limit for limit in limits if forbids(limit, 0)) == decision.blocked_by
        assert decision.allowed is (not waits)

    def test_others_do_not_matter(self) -> None:
        """Invitations of other or unknown customers, of exempt surveys and after the day count for nothing."""
        rest = AskLimit(within=timedelta(days=30))
        history = [
            *(happened(5, customer="7"), happened(5, customer=None), happened(5, survey="order"), happened(-5)),
        ]

        assert decide(history, rest, exempt=["order"]).allowed
        assert not decide(history, rest).allowed
        assert decide(history, rest, survey_id="order", exempt=["order"]).allowed

    def test_answers_of_unknown_customers_are_a_caution(self) -> None:
        """A limit on answers cannot see anonymous answers, and says so; a limit on invitations need not."""
        anonymous = happened(5, ANSWERED, customer=None)

        assert ["anonymous_answers"] == [
            one.rule for one in decide([anonymous], AskLimit(within=DAYS_30, counts=ANSWERED)).cautions
        ]
        assert () == decide([anonymous], AskLimit(within=DAYS_30)).cautions

    def test_many_customers_at_once(self) -> None:
        """Each of many customers gets the decision that they get alone, in their order."""
        history = [happened(5, customer=number) for number in range(0, 10, 2)]
        rest = AskLimit(within=DAYS_30)
        decisions = surveys.may_ask_each(history, range(10), survey_id="nps", as_of=DAY, limits=[rest])

        assert list(range(10)) == list(decisions)
        assert {number: decide(history, rest, customer_id=number) for number in range(10)} == decisions
        assert [1, 3, 5, 7, 9] == [number for number, decision in decisions.items() if decision.allowed]

    def test_end_of_the_calendar(self) -> None:
        """A rest that ends after the last day of the calendar ends on it."""
        decision = decide([happened(5)], AskLimit(within=timedelta(days=999_999_999)))

        assert 9999 == decision.allowed_from.year

    @pytest.mark.parametrize(
        ("call", "error", "broken"),
        [
            (lambda: decide([5]), WrongTypeError, "wrong_type: history[0]"),
            (lambda: decide([], AskLimit(within=timedelta(0))), InvalidValueError, "duration_not_positive: within"),
            (lambda: decide([], AskLimit(within=DAYS_30, at_most=0)), InvalidValueError, "too_small: at_most"),
            (lambda: decide([], 30), WrongTypeError, "wrong_type: limits[0]"),
            (lambda: decide([], customer_id=""), InvalidValueError, "empty_id: customer_ids[0]"),
            (lambda: decide([], as_of=DAY.replace(tzinfo=None)), InvalidValueError, "naive_instant: as_of"),
            (
                lambda: AskDecision(as_of=DAY, allowed_from=DAY - HOUR),
                InvalidValueError,
                "allowed_at_another_time: allowed_from",
            ),
        ],
    )
    def test_wrong_input(self, call: Any, error: type[Exception], broken: str) -> None:
        """What is no history, no limit, no customer or no instant is refused."""
        with refused(error, broken):
            call()


class TestCadence:
    @given(st.integers(0, 1000))
    def test_clamped(self, hours: int) -> None:
        """Three gaps, but neither below a month nor above a year."""
        assert min(max(3 * hours * HOUR, DAYS_30), timedelta(days=365)) == surveys.cadence(hours * HOUR)

    def test_policies(self) -> None:
        """The multiple may be a fraction; the longest wait may not be below the shortest."""
        assert timedelta(days=45) == surveys.cadence(DAYS_30, multiple="1.5")
        with refused(InvalidValueError, "longest_below_shortest: longest"):
            surveys.cadence(None, shortest=timedelta(days=9), longest=timedelta(days=8))
        with refused(WrongTypeError, "not_a_duration: mean_gap"):
            surveys.cadence(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - three what?

    def test_of_interactions(self) -> None:
        """The mean gap is from the first to the last interaction; one interaction, or an unknown customer, has none."""
        rows = [("anna", 0), ("anna", 40), ("anna", 20), ("ben", 3), ("cleo", 5), ("cleo", 5), (None, 7)]
        visits = [
            Interaction(touchpoint_id="shop", at=DAY + timedelta(days=day), customer_id=name) for name, day in rows
        ]

        assert {"anna": 60, "ben": 365, "cleo": 30} == {
            name: wait.days for name, wait in surveys.cadences(visits).items()
        }


def judge(customer: Any, level: LoyaltyLevel | None, days: int = 0, **fields: Any) -> Reading:
    """Return a level of loyalty some days after the day."""
    usual: dict[str, Any] = {
        "subject_kind": SubjectKind.CUSTOMER,
        "subject_id": customer,
        "kind": MeasureKind.LOYALTY,
        "level": level,
        "at": DAY + timedelta(days=days),
    }
    return Reading(**{**usual, **fields})


LOYAL, SATISFIED, AGGRIEVED = LoyaltyLevel


class TestWhomToAsk:
    READINGS = (
        judge("anna", LOYAL),
        judge("ben", AGGRIEVED),
        judge("cleo", AGGRIEVED),
        judge("cleo", LOYAL, 1),
        judge("dan", LOYAL),
        judge("dan", AGGRIEVED),
        judge("eve", SATISFIED),
        judge("anna", AGGRIEVED, 9),
        judge(None, LOYAL),
        judge("fay", None, value=9, scale=Scale.RATING_0_10),
        judge("shop", LOYAL, subject_kind=SubjectKind.TOUCHPOINT),
    )

    def ask(self, purpose: AskPurpose, **others: Any) -> tuple[Any, ...]:
        """Return whom to ask five days after the day."""
        usual: dict[str, Any] = {"purpose": purpose, "as_of": DAY + timedelta(days=5)}
        return surveys.whom_to_ask(self.READINGS, **{**usual, **others})

    def test_by_purpose(self) -> None:
        """The last level counts, the worse of two at one instant; later ones are not there yet."""
        assert ("anna", "cleo") == self.ask(AskPurpose.NEEDS)
        assert ("ben", "dan") == self.ask(AskPurpose.CAUSES)
        assert ("anna", "ben", "dan") == self.ask(AskPurpose.CAUSES, as_of=DAY + timedelta(days=9))

    def test_the_most_valuable_first(self) -> None:
        """The most valuable come first, those of unknown worth last; at most so many are asked."""
        worth = {"cleo": Money(-5, "EUR"), "ben": Money(7, "EUR")}

        assert ("cleo", "anna") == self.ask(AskPurpose.NEEDS, worth=worth)
        assert ("cleo",) == self.ask(AskPurpose.NEEDS, worth=worth, at_most=1)
        assert ("anna", "cleo") == self.ask(AskPurpose.NEEDS, worth={})
        with refused(CurrencyMismatchError):
            self.ask(AskPurpose.NEEDS, worth={**worth, "anna": Money(5, "USD")})


class TestCoverage:
    def test_processes_customers_and_depth(self) -> None:
        """Processes are covered by questions, customers by invitations and answers, feedback by what became of it."""
        survey = Survey(
            id="q1",
            questions=[
                Question(id=number, text="?", scale=Scale.RATING_1_5, about_id=about)
                for number, about in enumerate(["delivery", None, "lobby"])
            ],
        )
        covered = surveys.coverage(
            processes=["delivery", "returns", "delivery"],
            customers=["anna", "ben", "cleo", "dan"],
            surveys=[survey],
            invitations=[
                Invitation(survey_id="q1", at=DAY, customer_id=name, outcome=outcome)
                for name, outcome in [
                    ("anna", InvitationOutcome.COMPLETE),
                    ("ben", InvitationOutcome.REFUSAL),
                    ("zoe", InvitationOutcome.PARTIAL),
                ]
            ],
            responses=[Response(survey_id="q1", at=DAY, answers=[], customer_id=name) for name in ("cleo", None)],
            feedback=[
                Feedback(kind=FeedbackKind.COMPLAINT, received_at=DAY, cause="delivery").acted_on(DAY).announced(DAY),
                Feedback(kind=FeedbackKind.IDEA, received_at=DAY),
            ],
        )

        assert (("returns",), Decimal("0.5")) == (covered.missing_processes, covered.process_share)
        assert (Decimal("0.5"), Decimal("0.5")) == (covered.invited_share, covered.answered_share)
        assert [Decimal("0.5")] * 3 == [covered.cause_share, covered.acted_on_share, covered.announced_share]

    def test_nothing(self) -> None:
        """Of no processes, customers and feedback, no share is known."""
        nothing = surveys.coverage()

        assert [None] * 6 == [
            *(nothing.process_share, nothing.invited_share, nothing.answered_share),
            *(nothing.cause_share, nothing.acted_on_share, nothing.announced_share),
        ]
