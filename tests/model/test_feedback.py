from __future__ import annotations

import inspect
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from itertools import product
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore.interop.hypothesis import feedbacks
from crmcore.model.feedback import Feedback, FeedbackKind, ReplyPart, Request
from crmcore.model.moment import Valence
from crmcore.model.survey import FeedbackChannel, Scale
from crmcore.primitives.errors import CrmcoreError, IllegalTransitionError, InvalidValueError, WrongTypeError
from tests.model.test_refusals import NOT_IDS, NOT_INSTANTS, REQUIRED
from tests.support.hostile import Index
from tests.support.voice_strategies import NUMBERED, bounds, later

AT = datetime(2026, 3, 2, 10, 15, tzinfo=timezone(timedelta(hours=2)))
HOUR = timedelta(hours=1)
SECRET = "Anna Kalnina, +371 200 000 00"
ENUMS: list[type[Enum]] = [FeedbackKind, ReplyPart, Request]
EVENTS = ["answered", "resolved", "acted_on", "announced"]

Refusal = tuple[Any, type[CrmcoreError], str]
NOT_TEXTS: list[Refusal] = [
    (5, WrongTypeError, "must be a str, got an object of type int"),
    (None, WrongTypeError, "must be a str, got an object of type NoneType"),
    (SECRET.encode(), WrongTypeError, "must be a str, got an object of type bytes"),
]
NOT_BOOLS: list[Refusal] = [
    (1, WrongTypeError, "must be a bool, got 1"),
    ("yes", WrongTypeError, "must be a bool, got 'yes'"),
]
NOT_COUNTS: list[Refusal] = [
    (-1, InvalidValueError, "must be >= 0, got -1"),
    (True, WrongTypeError, "must be a whole number"),
    (1.0, WrongTypeError, "must be a whole number"),
    (None, WrongTypeError, "must be a whole number"),
]
TOO_EARLY: list[Refusal] = [
    (AT - timedelta(microseconds=1), InvalidValueError, "must not be before received_at, got 2026-03-02T10:14:59"),
    (AT.astimezone(UTC) - HOUR, InvalidValueError, "must not be before received_at"),
    (AT.astimezone(timezone(5 * HOUR)) - HOUR, InvalidValueError, "must not be before received_at"),
]

FIELDS: list[tuple[str, list[Refusal]]] = [
    ("kind", [("complaint", WrongTypeError, r"must be a member of .*FeedbackKind\('complaint'\)"), *REQUIRED]),
    ("received_at", NOT_INSTANTS + REQUIRED),
    ("customer_id", NOT_IDS),
    ("channel", [("phone", WrongTypeError, r"must be a member of .*FeedbackChannel\('phone'\)")]),
    ("public", NOT_BOOLS),
    ("valence", [("bad", WrongTypeError, r"must be a member of .*Valence\('bad'\)")]),
    ("category", NOT_TEXTS),
    ("cause", NOT_TEXTS),
    (
        "severity",
        [
            (0, InvalidValueError, "must be > 0, got Decimal\\('0'\\)"),
            (0.5, WrongTypeError, r"must not be a float \(0\.5\)"),
            (None, WrongTypeError, "must be a Decimal, an int or a str, got None"),
        ],
    ),
    ("text", NOT_TEXTS),
    ("request", [("missing", WrongTypeError, r"must be a member of .*Request\('missing'\)")]),
    (
        "rating",
        [
            (4, InvalidValueError, r"must have a scale; give one, such as scale=Scale\.RATING_1_5"),
            (4.5, WrongTypeError, r"must not be a float \(4\.5\)"),
            ("many", InvalidValueError, "must be a number, got 'many'"),
        ],
    ),
    (
        "scale",
        [
            (Scale.RATING_1_5, InvalidValueError, "must be None without a rating; give both or neither"),
            ("open", WrongTypeError, r"must be a member of .*Scale\('open'\)"),
        ],
    ),
    ("votes_for", NOT_COUNTS),
    ("votes_against", NOT_COUNTS),
    ("touchpoint_id", NOT_IDS),
    ("employee_id", NOT_IDS),
    ("interaction_id", NOT_IDS),
    ("handler_id", NOT_IDS),
    ("answered_at", NOT_INSTANTS + TOO_EARLY),
    ("resolved_at", NOT_INSTANTS + TOO_EARLY),
    ("acted_on_at", NOT_INSTANTS + TOO_EARLY),
    ("announced_at", NOT_INSTANTS + TOO_EARLY),
    (
        "reply",
        [
            ("thanks", WrongTypeError, "must be several ReplyPart members, such as a list, got 'thanks'"),
            (ReplyPart.THANKS, WrongTypeError, "must be several ReplyPart members"),
            (None, WrongTypeError, "must be several ReplyPart members"),
            (["thanks"], WrongTypeError, r"each of reply must be a member of ReplyPart.*ReplyPart\('thanks'\)"),
            ([ReplyPart.THANKS], InvalidValueError, "must be empty without an answer; give answered_at too"),
        ],
    ),
    ("recovered", NOT_BOOLS),
    ("id", NOT_IDS),
]
CASES = [pytest.param(field, *case, id=f"{field}-{n}") for field, cases in FIELDS for n, case in enumerate(cases)]


def complaint(**values: Any) -> Feedback:
    """Build a complaint with the required fields and the given ones."""
    least: dict[str, Any] = {"kind": FeedbackKind.COMPLAINT, "received_at": AT}
    return Feedback(**{**least, **values})


class TestRefusals:
    @pytest.mark.parametrize(("field", "value", "error", "message"), CASES)
    def test_names_the_field_and_what_to_do(
        self, field: str, value: Any, error: type[CrmcoreError], message: str
    ) -> None:
        """An invalid value raises an error that names the field and shows no text, in UTC and in another zone."""
        for at in (AT, AT.astimezone(UTC)):
            values = {"received_at": at, field: value}
            with pytest.raises(error, match=message) as caught:
                complaint(**values)
            assert re.search(rf"\b{field}\b", str(caught.value))
            assert "Anna" not in repr(caught.value)

    def test_every_field_is_tried(self) -> None:
        """Every field is tested with invalid values."""
        assert list(attrs.fields_dict(Feedback)) == [field for field, _ in FIELDS]

    def test_nothing_is_announced_before_it_is_done(self) -> None:
        """`announced_at` may equal `acted_on_at` but not be before it; without `acted_on_at` it is not compared."""
        done_at = AT + 2 * HOUR
        message = r"^announced_at must not be before acted_on_at, got 2026-03-02T11.* and 2026-03-02T12"
        with pytest.raises(InvalidValueError, match=message) as caught:
            complaint(acted_on_at=done_at, announced_at=AT + HOUR)
        assert (AT + HOUR, done_at) == caught.value.operands

        assert done_at == complaint(acted_on_at=done_at, announced_at=done_at).announced_at
        assert AT == complaint(announced_at=AT).announced_at


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
        empty = {"category": "", "cause": "", "text": "", "votes_for": 0, "votes_against": 0, "reply": frozenset[Any]()}

        assert {name: (known | empty).get(name) for name in attrs.fields_dict(Feedback)} == attrs.asdict(record)

    def test_the_text_stays_out_of_repr(self) -> None:
        """The text may be personal and is not in `repr`; the category is."""
        record = complaint(text=SECRET, category="delivery")

        assert SECRET not in repr(record)
        assert "delivery" in repr(record)

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
            with pytest.raises(InvalidValueError, match=f"rating must be from {low} to {high} on the scale"):
                complaint(rating=beyond, scale=scale)

    def test_own_words_are_no_scale_for_a_rating(self) -> None:
        """A rating on the scale OPEN is refused."""
        with pytest.raises(InvalidValueError, match="rating must be on a scale with numbers, got open"):
            complaint(rating=4, scale=Scale.OPEN)

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
    @pytest.mark.parametrize("channel", FeedbackChannel)
    def test_the_channel_decides(self, channel: FeedbackChannel) -> None:
        """Social networks, review sites and forums are public unless `public` says otherwise."""
        public = channel in {FeedbackChannel.SOCIAL, FeedbackChannel.REVIEW_SITE, FeedbackChannel.FORUM}

        assert public is complaint(channel=channel).is_public
        assert not complaint(channel=channel, public=False).is_public
        assert complaint(channel=channel, public=True).is_public

    def test_without_a_channel_it_is_unknown(self) -> None:
        """Without a channel `is_public` is the value of `public`."""
        assert complaint().is_public is None
        assert complaint(public=False).is_public is False
        assert complaint(public=True).is_public is True


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


class TestEvents:
    @pytest.mark.parametrize("event", EVENTS)
    @given(data=st.data())
    def test_makes_a_new_record(self, event: str, data: st.DataObject) -> None:
        """An event sets its instant and leaves all other fields unchanged."""
        field = f"{event}_at"
        none: dict[str, Any] = {"announced_at": None, field: None}
        before = attrs.evolve(data.draw(feedbacks()), reply=(), **none)
        at = data.draw(later(before.received_at if before.acted_on_at is None else before.acted_on_at))
        happened: dict[str, Any] = {field: at}

        assert attrs.evolve(before, **happened) == getattr(before, event)(at)
        assert attrs.evolve(before, **happened) == getattr(before, event)(at=at)
        assert getattr(before, field) is None

    @pytest.mark.parametrize("event", EVENTS)
    def test_happens_once(self, event: str) -> None:
        """An event that has already happened raises an error."""
        before = getattr(complaint(), event)(AT)
        with pytest.raises(
            IllegalTransitionError, match=rf"{event}_at is already 2026.*attrs\.evolve\(.*{event}_at="
        ) as e:
            getattr(before, event)(AT + HOUR)
        assert (AT,) == e.value.operands

    @pytest.mark.parametrize("event", EVENTS)
    def test_not_before_the_receipt(self, event: str) -> None:
        """An event before `received_at` is refused, as in the constructor."""
        with pytest.raises(InvalidValueError, match=f"{event}_at must not be before received_at"):
            getattr(complaint(), event)(AT - HOUR)

    def test_answered_with_a_reply(self) -> None:
        """`answered` takes the parts of the reply."""
        reply = frozenset({ReplyPart.THANKS, ReplyPart.SOLUTION})

        assert reply == complaint().answered(AT, reply=[ReplyPart.SOLUTION, ReplyPart.THANKS]).reply

    @pytest.mark.parametrize(
        ("before", "given_value", "after"), [(None, True, True), (True, False, False), (False, None, False)]
    )
    def test_resolved_takes_whether_they_confirmed(
        self, before: bool | None, given_value: bool | None, after: bool | None
    ) -> None:
        """`resolved` sets `recovered` if it is given, and keeps it otherwise."""
        assert after is complaint(recovered=before).resolved(AT, recovered=given_value).recovered
