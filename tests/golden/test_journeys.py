from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.golden.adapters import ADAPTERS

ENTRIES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "journeys.json").read_text(encoding="utf-8"))[
    "entries"
]
DATA = Path(os.environ.get("CRMCORE_DATA", "."))

AB = [
    {"path": ["A", "B"], "conversions": 2, "nulls": 1},
    {"path": ["B"], "conversions": 0, "nulls": 2},
]


def given(path: str) -> Path:
    """Return a file of the data, or skip the test."""
    if not (DATA / path).is_file():
        pytest.skip(f"{path} is not there; set CRMCORE_DATA to the folder that holds it")
    return DATA / path


def equals(expected: Any, actual: Any, tolerance: float) -> bool:
    """Return whether an answer is as expected; of a record, only the named fields count."""
    if isinstance(expected, dict):
        return all(name in actual and equals(value, actual[name], tolerance) for name, value in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(actual) and all(
            equals(one, other, tolerance) for one, other in zip(expected, actual, strict=True)
        )
    if expected is None or actual is None or isinstance(expected, str | bool):
        return bool(expected == actual)
    wanted = Decimal(str(expected))
    return abs(wanted - Decimal(actual)) <= Decimal(str(tolerance)) * max(Decimal(1), abs(wanted))


class TestEntries:
    @pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry['calculator']}-{entry['name']}")
    def test_entry(self, entry: dict[str, Any]) -> None:
        """The answer is the published one; a graph is compared in full."""
        inputs, expected = entry["inputs"], entry["expected"]
        if "file" in inputs:
            given(inputs["file"])
        actual: Any = ADAPTERS[entry["calculator"]](inputs)

        assert equals(expected, actual, entry["tolerance"]), actual
        if "dfg" in expected:
            assert expected["dfg"] == actual["dfg"]

    def test_labels(self) -> None:
        """Every label has an adapter."""
        assert {entry["calculator"] for entry in ENTRIES} <= set(ADAPTERS)

    @pytest.mark.parametrize(
        ("expected", "actual", "equal"),
        [
            ({"a": 1}, {"a": Decimal(1), "b": 2}, True),
            ({"a": 1, "b": 2}, {"a": Decimal(1)}, False),
            (0.5, Decimal("0.5000000000001"), True),
            (0.5, Decimal("0.50000000001"), False),
            (None, Decimal(0), False),
            ([1, 2], [1, 2], True),
            ([1, 2], [1], False),
            ("a", "b", False),
        ],
    )
    def test_comparison(self, expected: Any, actual: Any, equal: bool) -> None:
        """The comparison accepts equal answers and rejects others."""
        assert equal is equals(expected, actual, 1e-12)


class TestOptionalInputs:
    @pytest.mark.parametrize(
        ("label", "inputs", "expected"),
        [
            ("attribution.first", AB, {"A": 2, "B": 0}),
            ("attribution.first", {"path": ["A", "B"], "conversions": 2}, {"A": 2}),
            ("attribution.first", [*AB, *AB], {"A": 4}),
            ("attribution.last_non_direct", {"paths": AB, "direct": "B"}, {"A": 2, "B": 0}),
            ("attribution.linear", [{"path": ["a", "a", "b"], "conversions": 6}], {"a": 4, "b": 2}),
            ("attribution.position", {"paths": AB, "first": 0.3, "last": 0.7}, {"A": 0.6, "B": 1.4}),
            ("attribution.position", AB, {"A": 1, "B": 1}),
            ("attribution.shapley", {"F": "0.2", "O + F": 0.5, "O (organic)": 0.1}, {"F": 0.3, "O": 0.2}),
            ("attribution.shapley", {"game": {"": 0, "F": 1}}, {"F": 1}),
            ("attribution.shapley", {"paths": AB}, {"A": 1, "B": 1}),
            (
                "attribution.markov",
                {"paths": AB, "order": 2},
                {"p_conversion": 0.4, "removal_effects": {"A": 1, "B": 1}},
            ),
            ("attribution.markov", {"paths": AB, "order": 2}, {"transition_matrix": {"A > B": {"(null)": 1 / 3}}}),
            (
                "attribution.time_decay",
                {
                    "half_life_days": 0.5,
                    "paths": [{"path": ["A", "B"], "days_before_conversion": [1.5, 1], "conversions": 3}],
                },
                {"A": 1, "B": 2},
            ),
        ],
    )
    def test_case(self, label: str, inputs: Any, expected: Any) -> None:
        """Inputs may have options or not, and paths stand alone, in a list or beside options."""
        assert equals(expected, ADAPTERS[label](inputs), 1e-12)
