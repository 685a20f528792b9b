"""Tests of touchpoints, interactions and micro-moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs
import pytest
from hypothesis import given

from crmcore import (
    AbandonedContacts,
    AbandonReason,
    AdviceMotive,
    Channel,
    ContactArea,
    Initiative,
    Insight,
    Interaction,
    InteractionKind,
    InvalidValueError,
    JourneyMap,
    JourneyStep,
    MicroMoment,
    MicroMomentKind,
    Ownership,
    Purpose,
    Tone,
    Topic,
    Touchpoint,
    WrongTypeError,
    journey_maps,
    render,
)
from crmcore.interop.hypothesis import interactions, micro_moments, touchpoints
from crmcore.primitives.record import hints_of
from tests.model.test_hostile import enums_of, least
from tests.support.refusals import breaks
from tests.support.walk import public_classes

AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
SECRET = "Anna Kalnina, +371 200 000 00"
FULL: dict[str, Any] = {
    "touchpoint_id": "aisle 10",
    "at": AT,
    "customer_id": 7,
    "id": "i",
    "initiative": Initiative.CUSTOMER,
    "purpose": Purpose.ADVISE,
    "employee_id": "pavel",
    "note": SECRET,
    "kind": InteractionKind.SALES_SUPPORT,
    "advice_motive": AdviceMotive.HELP,
    "topic": Topic.PROBLEM,
    "tone": Tone.SCEPTICAL,
    "value_to_customer": Decimal("1.5"),
    "value_to_company": Decimal("-0.5"),
    "abandoned": AbandonReason.QUEUE,
    "promise_due": AT,
}
"""An interaction with all fields."""


def full(**values: Any) -> Interaction:
    """Build an interaction with all fields, of which some may be replaced."""
    return Interaction(**{**FULL, **values})


class TestTouchpoint:
    @given(touchpoints())
    def test_is_owned_by_default(self, touchpoint: Touchpoint) -> None:
        """By default the company owns a touchpoint."""
        assert Ownership.OWNED is Touchpoint(id=touchpoint.id).ownership

    def test_who_controls_it(self) -> None:
        """The company controls its own touchpoints and those of partners, and no others."""
        assert [Ownership.OWNED, Ownership.PARTNER] == [ownership for ownership in Ownership if ownership.is_controlled]

    def test_where_a_person_answers_at_once(self) -> None:
        """Members of `Channel` where a person answers at once are personal, and all others are not."""
        expected = [
            Channel.IN_PERSON,
            Channel.PHONE,
            Channel.VIDEO_CALL,
            Channel.CHAT,
            Channel.INTERVIEW,
            Channel.FOCUS_GROUP,
            Channel.MEETING,
            Channel.COMMITTEE,
        ]

        assert expected == [channel for channel in Channel if channel.is_personal]
        assert expected == [channel for channel in Channel if Touchpoint(id=1, channel=channel).is_personal]

    @pytest.mark.parametrize("channel", [None, "town crier"])
    def test_personal_is_unknown(self, channel: str | None) -> None:
        """Of an unknown channel and of a text of the caller's own, `is_personal` is unknown."""
        assert Touchpoint(id=1, channel=channel).is_personal is None

    @pytest.mark.parametrize("field", ["phase", "ownership"])
    def test_members(self, field: str) -> None:
        """A text is refused where arithmetic or rules go by the member."""
        text: dict[str, Any] = {field: "owned"}

        with breaks("not_a_member", field, kind=WrongTypeError):
            Touchpoint(id=1, **text)


LABELS = [
    (noun, field.name, enum)
    for noun in public_classes()
    if attrs.has(noun) and noun.__module__.startswith("crmcore.model.")
    for field in attrs.fields(noun)
    for enum in enums_of(hints_of(noun)[field.name])
]


class TestLabels:
    def test_which_fields_are_labels(self) -> None:
        """Every field that no rule or calculator goes by takes texts of the caller's own."""
        assert {
            "Customer.source",
            "Feedback.channel",
            "Feedback.reply",
            "Feedback.request",
            "Insight.source",
            "Interaction.advice_motive",
            "Interaction.kind",
            "Interaction.purpose",
            "Interaction.tone",
            "Interaction.topic",
            "Invitation.channel",
            "JourneyStep.timing",
            "MomentOfTruth.timing",
            "Reading.source",
            "Relationship.types",
            "Response.channel",
            "Segment.types",
            "Task.kind",
            "Touchpoint.channel",
            "Touchpoint.contact_area",
            "Touchpoint.kind",
        } == {f"{noun.__name__}.{name}" for noun, name, _ in LABELS}

    @pytest.mark.parametrize(("noun", "name", "enum"), LABELS)
    def test_a_label(self, noun: Any, name: str, enum: type[StrEnum]) -> None:
        """The text of a member becomes the member, and any other text stays; both are equal to their texts."""
        for member in enum:
            assert member is label(noun, name, member)
            assert member is label(noun, name, member.value)
        assert "of my own" == label(noun, name, "of my own")
        assert str is type(label(noun, name, "of my own"))


def label(noun: type, name: str, value: str) -> object:
    """Build a noun with a label, and return the label."""
    several = name in {"reply", "types"}
    rest: dict[str, Any] = {"answered_at": AT} if name == "reply" else {}
    rest |= {"purpose": Purpose.ADVISE} if name == "advice_motive" else {}
    rest |= {"moment_of_truth": True} if name == "timing" and noun is JourneyStep else {}
    kept = getattr(attrs.evolve(least(noun), **rest, **{name: [value] if several else value}), name)
    return next(iter(kept)) if several else kept


class TestOwnChannel:
    """A channel of the caller's own through tallies, lint and pictures."""

    KIOSK = Touchpoint(id="kiosk", channel="kiosk_2", kind="vending", contact_area="the street")
    MAP = JourneyMap(
        name="buy a drink",
        steps=[
            JourneyStep(
                name="pay",
                phase="purchase",
                touchpoint_ids=["kiosk"],
                pains=[Insight(text="It takes no cards.", source="a blog")],
                moment_of_truth=True,
                timing="at the kiosk",
            )
        ],
    )

    def test_is_a_key(self) -> None:
        """Own texts are keys of tallies beside members, and a member is found by its text."""
        visits = [
            Interaction(touchpoint_id=place, at=AT, abandoned=reason)
            for place, reason in (("kiosk", AbandonReason.QUEUE), ("desk", None), ("kiosk", None))
        ]
        channels = {"kiosk": self.KIOSK.channel, "desk": Channel.IN_PERSON}
        counts = AbandonedContacts.by(visits, lambda visit: channels[str(visit.touchpoint_id)])

        assert [("kiosk_2", 1, 2), (Channel.IN_PERSON, 0, 1)] == [
            (channel, row.abandoned, row.contacts) for channel, row in counts.items()
        ]
        assert counts["in_person"] == counts[Channel.IN_PERSON]

    def test_lint(self) -> None:
        """A map with labels of the caller's own is checked, and no finding is about the labels."""
        areas = [*ContactArea, "the street"]
        findings = journey_maps.lint(self.MAP, touchpoints=[self.KIOSK], reviewed=areas)

        assert findings == journey_maps.lint(self.MAP, touchpoints=[self.KIOSK], reviewed=[str(area) for area in areas])
        assert [finding for finding in findings if finding.rule == "area_not_reviewed"] == []

    def test_is_in_pictures(self) -> None:
        """Pictures show the texts."""
        picture = str(render.journey_map(self.MAP, touchpoints=[self.KIOSK]))

        for shown in ("kiosk_2", "at the kiosk moment of truth", "a blog"):
            assert shown in picture


class TestInteraction:
    def test_everything_may_be_known(self) -> None:
        """Every given value is kept."""
        assert attrs.asdict(Interaction(**FULL)) == FULL

    @pytest.mark.parametrize("field", [name for name in FULL if name not in {"touchpoint_id", "at", "purpose"}])
    def test_everything_else_may_be_unknown(self, field: str) -> None:
        """Every field but touchpoint and instant has a default."""
        default = attrs.fields_dict(Interaction)[field].default
        interaction = Interaction(**{name: value for name, value in FULL.items() if name != field})

        assert default == getattr(interaction, field)

    @given(interactions())
    def test_fast_and_slow_agree(self, interaction: Interaction) -> None:
        """An interaction in UTC equals the same one in another zone."""
        elsewhere = interaction.at.astimezone(timezone(timedelta(hours=-3)))

        assert interaction == attrs.evolve(interaction, at=interaction.at.astimezone(UTC))
        assert interaction == attrs.evolve(interaction, at=elsewhere)

    @pytest.mark.parametrize(
        "purpose", [None, "audit", *(purpose for purpose in Purpose if purpose is not Purpose.ADVISE)]
    )
    def test_motive_needs_advice(self, purpose: Purpose | str | None) -> None:
        """A motive of advice is refused unless the purpose is to advise."""
        with breaks("motive_without_advice", "advice_motive"):
            Interaction(touchpoint_id="t", at=AT, purpose=purpose, advice_motive=AdviceMotive.SELL)

    def test_advice_needs_no_motive(self) -> None:
        """An interaction to advise may have no motive."""
        assert Interaction(touchpoint_id="t", at=AT, purpose=Purpose.ADVISE).advice_motive is None

    @pytest.mark.parametrize("field", ["value_to_customer", "value_to_company"])
    def test_worth_is_exact(self, field: str) -> None:
        """The values are exact numbers and may be negative; a float is refused."""
        assert Decimal("-2.5") == getattr(full(**{field: "-2.5"}), field)
        with pytest.raises(WrongTypeError, match=field):
            full(**{field: 2.5})

    @pytest.mark.parametrize("field", ["touchpoint_id", "customer_id", "id", "employee_id"])
    def test_ids_are_not_empty(self, field: str) -> None:
        """An empty id is refused, on the fast path and on the slow one."""
        least: dict[str, Any] = {"touchpoint_id": "t", "at": AT, field: ""}

        with pytest.raises(InvalidValueError, match=f"{field} must not be empty"):
            Interaction(**least)
        with pytest.raises(InvalidValueError, match=f"{field} must not be empty"):
            full(**{field: ""})

    def test_happens_somewhere(self) -> None:
        """The touchpoint is required."""
        with breaks("not_an_id", "touchpoint_id", kind=WrongTypeError):
            full(touchpoint_id=None)

    def test_note_is_personal(self) -> None:
        """The note is neither in `repr` nor in errors."""
        with pytest.raises(WrongTypeError, match="note must be a text") as caught:
            full(note=SECRET.encode())

        assert "Anna" not in repr(caught.value)
        assert "Anna" not in repr(Interaction(**FULL))


class TestMicroMoment:
    @given(micro_moments())
    def test_may_be_unmet_or_unknown(self, moment: MicroMoment) -> None:
        """`met` may be True, False or None."""
        for met in (True, False, None):
            assert met is attrs.evolve(moment, met=met).met

    @pytest.mark.parametrize("met", [1, 0, "yes"])
    def test_met_is_a_truth_value(self, met: Any) -> None:
        """`met` must be a bool or None."""
        with pytest.raises(WrongTypeError, match="met must be a bool"):
            MicroMoment(kind=MicroMomentKind.GO, at=AT, met=met)

    @pytest.mark.parametrize("field", ["customer_id", "touchpoint_id", "interaction_id", "id"])
    def test_ids_are_not_empty(self, field: str) -> None:
        """An empty id is refused."""
        empty: dict[str, Any] = {field: ""}

        with pytest.raises(InvalidValueError, match=f"{field} must not be empty"):
            MicroMoment(kind=MicroMomentKind.GO, at=AT, **empty)
