"""Tests of touchpoints, interactions and micro-moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given

from crmcore import (
    AbandonReason,
    AdviceMotive,
    Channel,
    Initiative,
    Interaction,
    InteractionKind,
    InvalidValueError,
    MicroMoment,
    MicroMomentKind,
    Ownership,
    Purpose,
    Tone,
    Topic,
    Touchpoint,
    WrongTypeError,
)
from crmcore.interop.hypothesis import interactions, micro_moments, touchpoints

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
        """In person, phone, video call and chat are personal; all other channels are not."""
        expected = [Channel.IN_PERSON, Channel.PHONE, Channel.VIDEO_CALL, Channel.CHAT]

        assert expected == [channel for channel in Channel if channel.is_personal]

    @pytest.mark.parametrize("field", ["kind", "channel", "phase", "contact_area", "ownership"])
    def test_members(self, field: str) -> None:
        """A text is refused where an enum member is expected; every enum field but the ownership may be None."""
        text: dict[str, Any] = {field: "email"}
        unknown: dict[str, Any] = {field: None}

        with pytest.raises(WrongTypeError, match=field):
            Touchpoint(id=1, **text)
        if field != "ownership":
            assert getattr(Touchpoint(id=1, **unknown), field) is None


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

    @pytest.mark.parametrize("purpose", [None, *(purpose for purpose in Purpose if purpose is not Purpose.ADVISE)])
    def test_motive_needs_advice(self, purpose: Purpose | None) -> None:
        """A motive of advice is refused unless the purpose is to advise."""
        with pytest.raises(
            InvalidValueError, match=r"advice_motive must be None unless purpose is ADVISE; set purpose=Purpose\.ADVISE"
        ):
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
        with pytest.raises(WrongTypeError, match="touchpoint_id must be a str or an int, got None"):
            full(touchpoint_id=None)

    def test_note_is_personal(self) -> None:
        """The note is neither in `repr` nor in errors."""
        with pytest.raises(WrongTypeError, match="note must be a str") as caught:
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
