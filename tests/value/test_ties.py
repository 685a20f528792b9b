from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from tests.support.replay import replay
from tests.support.ties import TIES


@pytest.mark.parametrize("name", TIES)
class TestTies:
    @given(st.data())
    def test_put_back_it_holds_and_one_unit_less_does_not(self, name: str, data: Any) -> None:
        """The condition holds at the answer and above, and one unit below it does not."""
        tie = data.draw(TIES[name])

        assert [tie.holds(units) for units in (-1000, -1, 0, 1, 1000)] == [False, False, True, True, True]

    @given(st.data())
    def test_explanations_replay(self, name: str, data: Any) -> None:
        """The explanation at the tie is true line by line."""
        tie = data.draw(TIES[name])

        if tie.explain is not None:
            replay(tie.explain())
