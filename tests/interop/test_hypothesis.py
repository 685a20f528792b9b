"""What the strategies promise to those who use them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Dissolution,
    DissolutionCause,
    Initiator,
    LifecycleStage,
    MeasureKind,
    Purchase,
    Reading,
    Relationship,
    Task,
)
from crmcore.interop import hypothesis as ours

AT = datetime(2026, 3, 2, tzinfo=UTC)


class TestFields:
    @pytest.mark.parametrize(
        ("strategy", "fields"),
        [
            (ours.dissolutions, {"cause": DissolutionCause.FRAUD, "evidence": "a forged cheque"}),
            (ours.relationships, {"history": ((LifecycleStage.EXPANSION, AT),)}),
            (ours.tasks, {"done_at": AT}),
            (ours.readings, {"kind": MeasureKind.TRUST, "value": 7}),
            (ours.dissolutions, {"initiator": Initiator.SUPPLIER}),
        ],
    )
    @given(data=st.data())
    def test_what_is_given_is_kept(self, strategy: Any, fields: dict[str, Any], data: st.DataObject) -> None:
        """A field that is no strategy stays as it was given, and the rest fits it."""
        made: Dissolution | Reading | Relationship | Task = data.draw(strategy(**fields))

        assert fields == {name: getattr(made, name) for name in fields}


class TestRegister:
    @given(data=st.data())
    def test_types_are_found(self, data: st.DataObject) -> None:
        """After registering, a strategy is found by its type."""
        ours.register([Purchase])

        assert isinstance(data.draw(st.from_type(Purchase)), Purchase)
