from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from itertools import product
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore.interop.hypothesis import feedbacks
from crmcore.model.feedback import Actor, CaseState, Feedback, FeedbackKind, ReplyPart, Request
from crmcore.model.moment import Valence
from crmcore.model.survey import Scale
from crmcore.model.touchpoint import Channel
from crmcore.primitives.errors import IllegalTransitionError, InvalidValueError, WrongTypeError
from tests.support.hostile import Index
from tests.support.refusals import breaks
from tests.support.voice_strategies import NUMBERED, bounds, later

AT = datetime(2026, 3, 2, 10, 15, tzinfo=timezone(timedelta(hours=2)))
HOUR = timedelta(hours=1)
SECRET = "Anna Kalnina, +371 200 000 00"
ENUMS: list[type[Enum]] = [Actor, CaseState, FeedbackKind, ReplyPart, Request]
EVENTS = ["answered", "resolved", "acted_on", "announced"]


REVIEW = Feedback(kind=FeedbackKind.REVIEW, received_at=AT)


def complaint(**values: Any) -> Feedback:
    """Build a complaint with the required fields and the given ones."""
    least: dict[str, Any] = {"kind": FeedbackKind.COMPLAINT, "received_at": AT}
    return Feedback(**{**least, **values})


class TestRefusals:
    def test_nothing_is_announced_before_it_is_done(self) -> None:
        """`announced_at` may equal `acted_on_at` but not be before it; without `acted_on_at` it is not compared."""
        done_at = AT + 2 * HOUR
        with breaks("too_early", "announced_at") as caught:
            complaint(acted_on_at=done_at, announced_at=AT + HOUR)
        assert (AT + HOUR, done_at) == caught.value.operands

        assert done_at == complaint(acted_on_at=done_at, announced_at=done_at).announced_at
        assert AT == complaint(announced_at=AT).announced_at

    @pytest.mark.parametrize("field", ["answered_at", "resolved_at", "acted_on_at", "announced_at"])
    @pytest.mark.parametrize(
        "early", [AT - timedelta(microseconds=1), AT.astimezone(UTC) - HOUR, AT.astimezone(timezone(5 * HOUR)) - HOUR]
    )
    @pytest.mark.parametrize("received_at", [AT, AT.astimezone(UTC)])
    def test_nothing_happens_before_the_receipt(self, field: str, early: datetime, received_at: datetime) -> None:
        """An instant before `received_at` is refused, by UTC and not by the wall clock."""
        values: dict[str, Any] = {field: early}
        with breaks("too_early", field) as caught:
            complaint(received_at=received_at, **values)
        assert (early, received_at) == caught.value.operands

    @pytest.mark.parametrize(
        ("values", "rule", "field"),
        [
            ({"rating": 4}, "rating_without_scale", "scale"),
            ({"scale": Scale.RATING_1_5}, "scale_without_number", "scale"),
            ({"rating": 4, "scale": Scale.OPEN}, "number_on_a_scale_of_words", "scale"),
            ({"reply": [ReplyPart.THANKS]}, "reply_without_answer", "reply"),
            ({"recovered": True}, "recovered_but_not_resolved", "recovered"),
            ({"recovered": False}, "recovered_but_not_resolved", "recovered"),
        ],
    )
    def test_fields_go_together(self, values: dict[str, Any], rule: str, field: str) -> None:
        """A field without the one that it needs is refused."""
        with breaks(rule, field):
            complaint(**values)


class TestEnums:
    @pytest.mark.parametrize("enum", ENUMS)
    def test_every_member_is_described(self, enum: type[Enum]) -> None:
        """The docstring of the enum describes every member."""
        assert [member.name for member in enum if f"\n    {member.name}: " not in (inspect.getdoc(enum) or "")] == []


class TestFeedback:
    def test_defaults(self) -> None:
        """By default an unknown field is None or empty, the severity is 1 and there are no votes."""
        record = complaint()
        known = {"kind": FeedbackKind.COMPLAINT, "received_at": AT, "severity": Decimal(1)}
        empty = {"category": "", "cause": "", "text": "", "votes_for": 0, "votes_against": 0}
        several = {"reply": frozenset[Any](), "history": ()}

        assert {name: (known | empty | several).get(name) for name in attrs.fields_dict(Feedback)} == attrs.asdict(
            record
        )

    def test_the_text_stays_out_of_repr(self) -> None:
        """The text, the category and the cause may be personal and are not in `repr`."""
        record = complaint(text=SECRET, category="delivery", cause="delay")

        assert [word for word in (SECRET, "delivery", "delay") if word in repr(record)] == []

    def test_numbers_are_exact(self) -> None:
        """Numbers are kept as exact Decimals and ints, whatever type is given."""
        review = complaint(severity="2.5", rating="4.5", scale=Scale.RATING_1_5, votes_for=Index(3))

        assert (Decimal("2.5"), Decimal("4.5"), 3) == (review.severity, review.rating, review.votes_for)
        assert int is type(review.votes_for)
        assert complaint().severity is complaint(severity="1.0").severity
        assert "rating=Decimal('4.5')" in repr(review)

    @pytest.mark.parametrize("scale", NUMBERED)
    def test_a_rating_lies_on_its_scale(self, scale: Scale) -> None:
        """A rating may be at either end of its scale and need not be whole; outside the scale it is refused."""
        low, high = bounds(scale)
        for fitting in (low, low + Decimal("0.5"), high):
            assert fitting == complaint(rating=fitting, scale=scale).rating
        for beyond in (low - Decimal("0.5"), high + Decimal("0.5")):
            with breaks("not_on_the_scale", "rating"):
                complaint(rating=beyond, scale=scale)

    def test_a_reply_comes_from_any_iterable(self) -> None:
        """The reply comes from any iterable; order and repetition do not matter, and `repr` is always the same."""
        parts = [ReplyPart.THANKS, ReplyPart.APOLOGY, ReplyPart.THANKS]
        answered = complaint(answered_at=AT, reply=parts)

        assert answered == complaint(answered_at=AT, reply=iter(reversed(parts)))
        assert answered != complaint(answered_at=AT, reply=())
        assert "reply=frozenset({<ReplyPart.APOLOGY: 'apology'>, <ReplyPart.THANKS: 'thanks'>})" in repr(answered)

    @given(feedbacks())
    def test_equality_goes_through_utc(self, feedback: Feedback) -> None:
        """Two records with the same instants in different zones are equal."""
        zone = timezone(timedelta(hours=-7))
        moved: dict[str, Any] = {
            name: value.astimezone(zone)
            for name, value in attrs.asdict(feedback, recurse=False).items()
            if isinstance(value, datetime)
        }
        there = attrs.evolve(feedback, **moved)

        assert feedback == there
        assert hash(feedback) == hash(there)


class TestIsPublic:
    @pytest.mark.parametrize("channel", Channel)
    def test_the_channel_decides(self, channel: Channel) -> None:
        """Social networks, review sites and forums are public unless `public` says otherwise."""
        public = channel in {Channel.SOCIAL_NETWORK, Channel.REVIEW_SITE, Channel.FORUM}

        assert public is complaint(channel=channel).is_public
        assert not complaint(channel=channel, public=False).is_public
        assert complaint(channel=channel, public=True).is_public

    def test_without_a_channel_it_is_unknown(self) -> None:
        """Without a channel `is_public` is the value of `public`."""
        assert complaint().is_public is None
        assert complaint(public=False).is_public is False
        assert complaint(public=True).is_public is True

    def test_a_channel_of_ones_own_does_not_decide(self) -> None:
        """With a text of the caller's own as channel `is_public` is the value of `public`."""
        assert complaint(channel="town crier").is_public is None
        assert complaint(channel="town crier", public=True).is_public is True
        assert complaint(channel="forum").is_public is True


class TestIsNegative:
    @pytest.mark.parametrize(("kind", "valence"), [*product(FeedbackKind, Valence)])
    def test_the_valence_decides(self, kind: FeedbackKind, valence: Valence) -> None:
        """A valence decides, whatever the kind."""
        assert (valence is Valence.BAD) is Feedback(kind=kind, received_at=AT, valence=valence).is_negative

    @pytest.mark.parametrize("kind", FeedbackKind)
    def test_without_valence_the_kind_decides(self, kind: FeedbackKind) -> None:
        """Without a valence, complaints and problems are negative, praise is not, and other kinds are unknown."""
        expected = {FeedbackKind.COMPLAINT: True, FeedbackKind.PROBLEM: True, FeedbackKind.PRAISE: False}.get(kind)

        assert expected is Feedback(kind=kind, received_at=AT).is_negative

    @given(st.integers(-9, 9), st.integers(1, 9), st.sampled_from([True, False, None]), st.data())
    def test_without_both_the_rating_decides(
        self, low: int, length: int, higher_is_better: bool | None, data: st.DataObject
    ) -> None:
        """A rating in the worse half of its scale is negative, its middle is not; the better end has to be known."""
        scale = Scale(low=low, high=low + length, higher_is_better=higher_is_better)
        rating = data.draw(st.fractions(low, low + length, max_denominator=4).filter(lambda one: one.denominator != 3))
        given_rating = Decimal(rating.numerator) / rating.denominator
        record = Feedback(kind=FeedbackKind.REVIEW, received_at=AT, rating=given_rating, scale=scale)
        from_worst = rating - low if higher_is_better else low + length - rating

        assert record.is_negative is (None if higher_is_better is None else from_worst < Fraction(length, 2))

    def test_stars(self) -> None:
        """One and two stars of five are negative; the kind and the valence decide first."""
        stars = [attrs.evolve(REVIEW, rating=rating, scale=Scale.RATING_1_5) for rating in range(1, 6)]
        assert [True, True, False, False, False] == [one.is_negative for one in stars]
        assert attrs.evolve(stars[4], kind=FeedbackKind.COMPLAINT).is_negative is True
        assert attrs.evolve(stars[0], valence=Valence.NEUTRAL).is_negative is False


class TestEvents:
    @pytest.mark.parametrize("event", EVENTS)
    @given(data=st.data())
    def test_makes_a_new_record(self, event: str, data: st.DataObject) -> None:
        """An event sets its instant and leaves all other fields unchanged."""
        field = f"{event}_at"
        none: dict[str, Any] = {"announced_at": None, "told_at": None, field: None}
        if event == "resolved":
            none["recovered"] = None
        before = attrs.evolve(data.draw(feedbacks(history=())), reply=(), **none)
        at = data.draw(later(before.received_at if before.acted_on_at is None else before.acted_on_at))
        happened: dict[str, Any] = {field: at}

        assert attrs.evolve(before, **happened) == getattr(before, event)(at)
        assert attrs.evolve(before, **happened) == getattr(before, event)(at=at)
        assert getattr(before, field) is None

    @pytest.mark.parametrize("event", EVENTS)
    def test_happens_once(self, event: str) -> None:
        """An event that has already happened raises an error."""
        before = getattr(complaint(), event)(AT)
        with breaks("already_set", f"{event}_at", kind=IllegalTransitionError) as caught:
            getattr(before, event)(AT + HOUR)
        assert (AT,) == caught.value.operands
        assert f"attrs.evolve(..., {event}_at=...)" in caught.value.advice

    @pytest.mark.parametrize("event", EVENTS)
    def test_not_before_the_receipt(self, event: str) -> None:
        """An event before `received_at` is refused, as in the constructor."""
        with pytest.raises(InvalidValueError, match=f"{event}_at must not be before received_at"):
            getattr(complaint(), event)(AT - HOUR)

    def test_told(self) -> None:
        """The customer is told once, and not before the company acted."""
        acted = complaint().acted_on(AT + HOUR)
        assert AT + HOUR == acted.told(AT + HOUR).told_at
        with breaks("already_set", "told_at", kind=IllegalTransitionError):
            acted.told(AT + HOUR).told(AT + HOUR)
        with pytest.raises(InvalidValueError, match="told_at must not be before acted_on_at"):
            acted.told(AT)

    def test_answered_with_a_reply(self) -> None:
        """`answered` takes the parts of the reply."""
        reply = frozenset({ReplyPart.THANKS, ReplyPart.SOLUTION})

        assert reply == complaint().answered(AT, reply=[ReplyPart.SOLUTION, ReplyPart.THANKS]).reply

    @pytest.mark.parametrize("recovered", [True, False, None])
    def test_resolved_takes_whether_they_confirmed(self, recovered: bool | None) -> None:
        """`resolved` sets `recovered`."""
        assert recovered is complaint().resolved(AT, recovered=recovered).recovered


class TestHistory:
    def test_a_message_of_an_employee_answers(self) -> None:
        """The first message of an employee sets `answered_at`; one of a bot, the system or the customer does not."""
        record = complaint()
        for hours, by in enumerate((Actor.CUSTOMER, Actor.BOT, Actor.SYSTEM)):
            record = record.entered(CaseState.MESSAGE, AT + hours * HOUR, by=by)
            assert record.answered_at is None
        for hours in (4, 5):
            record = record.entered(CaseState.MESSAGE, AT + hours * HOUR, by=Actor.EMPLOYEE)
            assert AT + 4 * HOUR == record.answered_at
        assert record.state is None

    def test_open_again(self) -> None:
        """A state in which it is over sets `resolved_at` once; another one empties it, and a message does not."""
        record = complaint().entered(CaseState.RESOLVED, AT + HOUR).entered(CaseState.CLOSED, AT + 2 * HOUR)
        record = record.entered(CaseState.MESSAGE, AT + 3 * HOUR, by=Actor.CUSTOMER)
        assert (CaseState.CLOSED, AT + HOUR) == (record.state, record.resolved_at)
        assert record.entered(CaseState.ON_HOLD, AT + 4 * HOUR).resolved_at is None

    def test_resolved_closes_an_open_history(self) -> None:
        """`resolved` adds an entry to a history that is open, in order of time."""
        record = complaint().entered(CaseState.OPEN, AT).resolved(AT + HOUR)
        assert record.history[-1] == (CaseState.RESOLVED, AT + HOUR, None)
        early = complaint().entered(CaseState.MESSAGE, AT + HOUR, by=Actor.CUSTOMER).resolved(AT)
        assert [state for state, _, _ in early.history] == [CaseState.RESOLVED, CaseState.MESSAGE]
        written = attrs.evolve(complaint(), history=[(CaseState.MESSAGE, AT, Actor.BOT)])
        assert written.resolved(AT + HOUR).state is CaseState.RESOLVED

    @pytest.mark.parametrize(
        ("entry", "given"), [((CaseState.OPEN, AT), "2 parts"), (AT, "an object of type datetime")]
    )
    def test_an_entry_has_three_parts(self, entry: Any, given: str) -> None:
        """A history of pairs is refused, and the error names the three parts of an entry."""
        with breaks("wrong_number_of_parts", "history", 1, WrongTypeError) as caught:
            complaint(history=[(CaseState.OPEN, AT, None), entry])
        assert f"tuple of 3, (CaseState, datetime, Actor or None), got {given}" in str(caught.value)

    def test_two_zones_are_equal(self) -> None:
        """A history compares by its instants in UTC."""
        away = AT.astimezone(timezone(timedelta(hours=5)))
        assert complaint().entered(CaseState.OPEN, AT) == complaint().entered(CaseState.OPEN, away)
