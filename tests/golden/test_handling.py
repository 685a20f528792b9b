from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.golden.adapters import ADAPTERS
from tests.golden.test_golden import LABELS, equals

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "handling.json").read_text(encoding="utf-8"))["cases"]


class TestCases:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']}-{case['calculator']}")
    def test_case(self, case: dict[str, Any]) -> None:
        """What the library answers is what the case expects."""
        actual = ADAPTERS[case["calculator"]](case["inputs"])
        assert equals(case["expected"], actual, case["tolerance"]), actual

    def test_labels(self) -> None:
        """Every case has a label that is served, and an id of its own."""
        assert {case["calculator"] for case in CASES} <= set(ADAPTERS) & set(LABELS)
        assert len(CASES) == len({case["id"] for case in CASES})
