"""How a value stands in a table of HTML."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crmcore import Finding, Money, Severity, Valence
from crmcore.primitives._html import SHOWN, join, write_facts, write_rows

CAUTION = Finding(rule="few", severity=Severity.INFO, subject="reading", message="there are few", advice="wait")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (True, "True"),
        (12345, "12,345"),
        (1234.56789, "1234.57"),
        (Decimal("12345.123456789012345"), "12,345.1234567890..."),
        (Money("12345.5", "EUR"), "12,345.5 EUR"),
        (Valence.BAD, "bad"),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, 10, 15, tzinfo=UTC), "2026-03-02T10:15:00+00:00"),
        (timedelta(days=1, hours=2), "1 day, 2:00:00"),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
        ((1, 2), "(1, 2)"),
        (200 * "x", 200 * "x"),
        (201 * "x", 200 * "x" + "..."),
    ],
)
def test_values_are_shown_as_a_reader_wants_them(value: Any, shown: str) -> None:
    """Numbers have commas and few decimals, times are as in ISO 8601, and a text is escaped and cut."""
    assert f">{shown}</td>" in write_facts("", {"fact": value})


@pytest.mark.parametrize("value", [5, 0.5, Decimal(5), Money(5, "EUR")])
def test_numbers_are_on_the_right(value: Any) -> None:
    """A column of numbers is aligned to the right, and one of truth values or texts to the left."""
    assert "text-align:right" in write_rows("", [{"number": value}])
    assert "text-align:right" not in write_rows("", [{"text": "five"}, {"text": True}])
    assert "text-align:right" not in write_rows("", [{"flag": True}])


@pytest.mark.parametrize(("size", "more"), [(SHOWN, None), (SHOWN + 1, "1 more"), (SHOWN + 2000, "2,000 more")])
def test_says_how_many_are_left_out(size: int, more: str | None) -> None:
    """A long table says how many rows it leaves out, and so does a long list of cautions; a short one does not."""
    rows = write_rows("", [{"n": place} for place in range(size)])
    cautions = join([], size * [CAUTION])

    for text in (rows, cautions):
        assert (more is not None) == (" more<" in text)
        assert f">{more or ''}" in text


def test_no_cautions() -> None:
    """Without cautions there is no list of them."""
    assert "<div>table</div>" == join(["table"])
    assert "<div>table<p" in join(["table"], [CAUTION])
