from __future__ import annotations

from typing import Any

import pytest

from tests.golden.adapters import ADAPTERS
from tests.golden.test_golden import equals


class TestCases:
    @pytest.mark.parametrize(
        ("label", "inputs", "expected"),
        [
            ("opening_hours.next_open", {"at": "2026-03-02T10:00Z"}, None),
            ("opening_hours.elapsed_hours", {"start": "2026-03-02T10:00Z", "end": "2026-03-09T10:00Z"}, "0"),
            ("opening_hours.due", {"start": "2026-03-02T10:00+01:00", "hours": 0}, "2026-03-02T09:00:00+00:00"),
        ],
    )
    def test_never_open(self, label: str, inputs: dict[str, Any], expected: Any) -> None:
        """A calendar may have no windows at all."""
        assert equals(expected, ADAPTERS[label]({"calendar": {"zone": "Europe/Riga"}, **inputs}), "exact")
