from __future__ import annotations

from typing import Any

import pytest

from crmcore import (
    Audit,
    ChecklistAnswer,
    InvalidValueError,
    Verdict,
    WrongTypeError,
)
from crmcore.journeys.micro_moments import readiness
from tests.support.refusals import refused

PARTS = ["night", "morning", "afternoon", "evening"]


class TestReadiness:
    def test_around_the_clock(self) -> None:
        """Each item stands in each part of the day; advertising only with a service area."""
        everywhere, here = readiness(), readiness(service_area="Riga")
        items = ["mobile_site", "reviews_watched", "prices_watched", "local_ads"]

        assert [f"{item}/{part}" for part in PARTS for item in items[:3]] == [item.id for item in everywhere.items]
        assert [f"{item}/{part}" for part in PARTS for item in items] == [item.id for item in here.items]
        assert all(item.id == f"{str(item.id).partition('/')[0]}/{item.group}" for item in here.items)
        assert {("micro_moments", "Ready for micro-moments")} == {(one.id, one.name) for one in (everywhere, here)}
        assert all("Riga" in item.text for item in here.items if str(item.id).startswith("local_ads"))

    def test_hours(self) -> None:
        """The parts of the day follow one another from midnight to midnight."""
        texts = [item.text for item in readiness().items if str(item.id).startswith("mobile_site")]

        assert ["From 0 to 6", "From 6 to 12", "From 12 to 18", "From 18 to 24"] == [
            text.partition(" o'clock")[0] for text in texts
        ]

    def test_coverage(self) -> None:
        """An audit by group shows the gap at night."""
        answers = [
            ChecklistAnswer(item_id=item.id, verdict=Verdict.UNMET if item.group == "night" else Verdict.MET)
            for item in readiness().items
        ]
        by_part = Audit.by_group(readiness(), answers)

        assert PARTS == list(by_part)
        assert [0, 1, 1, 1] == [audit.share_met for audit in by_part.values()]
        assert ["night"] * 3 == [str(gap.item_id).partition("/")[2] for gap in readiness().gaps(answers)]

    @pytest.mark.parametrize(
        ("area", "error"), [("", InvalidValueError), (" ", InvalidValueError), (7, WrongTypeError)]
    )
    def test_area(self, area: Any, error: type[Exception]) -> None:
        """A service area must not be empty."""
        with refused(error, ": service_area"):
            readiness(service_area=area)
