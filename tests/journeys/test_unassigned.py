"""Visits of unknown customers: no calculator leaves them out in silence."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, strategies as st

from crmcore import ConversionTimes, Funnel, JourneyMap, Journeys, JourneyStep, instant, journey_maps

if TYPE_CHECKING:
    from collections.abc import Callable

DAY: Final = instant("2026-03-02")
MAP: Final = JourneyMap(
    name="buy",
    steps=[
        JourneyStep(name="look", phase="before", touchpoint_ids=["web"]),
        JourneyStep(name="pay", phase="purchase", touchpoint_ids=["till"]),
    ],
)
LATER: Final[Any] = {"within": timedelta(days=7), "as_of": DAY + timedelta(days=9)}
TALLIES: Final[list[Callable[[Any], Any]]] = [
    lambda log: Funnel.of(log, ["web", "till"]),
    lambda log: Funnel.of(log, ["web", "till"], **LATER),
    lambda log: journey_maps.compare(MAP, log),
    lambda log: journey_maps.compare(MAP, log, **LATER),
]


def times(log: Any) -> Any:
    """Return the times of a log, which do not add."""
    return ConversionTimes.of(log, ["web", "till"], as_of=LATER["as_of"])


KNOWN: Final = [("a", "web", DAY), ("a", "till", DAY)]
UNKNOWN: Final = [(None, "web", DAY + timedelta(hours=hour)) for hour in range(9)]


@pytest.mark.parametrize("count", [*TALLIES, times])
class TestUnassigned:
    def test_a_part_of_the_visits(self, count: Any) -> None:
        """A caution says how many visits are in no journey, and what share of all visits they are."""
        [caution] = count(UNKNOWN + KNOWN).cautions

        assert "visits_without_customer" == caution.rule
        assert "9 of 11 visits (82%) are of unknown customers, and in no journey" == caution.message
        assert "find out who they are, or read the figures as those of the others" == caution.advice

    def test_all_of_the_visits(self, count: Any) -> None:
        """If all visits are unassigned, the wrong column may be read as the customer."""
        rules = {caution.rule: caution.advice for caution in count(UNKNOWN).cautions}

        assert rules["visits_without_customer"] == "look whether the right column is read as the customer"

    def test_none_of_the_visits(self, count: Any) -> None:
        """Without unknown customers there is no caution."""
        assert count(KNOWN).cautions == ()


@given(st.lists(st.sampled_from(KNOWN + UNKNOWN), unique=True), st.integers(0, 11))
def test_shards_add(rows: list[Any], cut: int) -> None:
    """Visits of unknown customers add, as those in journeys do, and are those of the log."""
    one = [row for place, row in enumerate(rows) if row[0] == "a" or place < cut]
    other = [row for place, row in enumerate(rows) if row[0] is None and place >= cut]
    log = Journeys.of(rows)
    for count in TALLIES:
        whole, total = count(rows), count(one) + count(other)

        assert (log.visits, log.unassigned) == (whole.assigned, whole.unassigned)
        assert (total.assigned, total.unassigned) == (whole.assigned, whole.unassigned)
