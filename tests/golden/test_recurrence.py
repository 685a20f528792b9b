from __future__ import annotations

from tests.golden.adapters import ADAPTERS


def test_optional_inputs() -> None:
    """A step of one unit need not be given."""
    inputs = {"first": "2026-03-01", "unit": "week", "count": 2}
    assert ["2026-03-01", "2026-03-08"] == ADAPTERS["recurrence.dates"](inputs)
