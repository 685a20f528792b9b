"""Summaries of purchases against lifetimes, on random purchases with several a day, single customers and holdouts.

It runs where lifetimes is installed, or where LIFETIMES_PYTHON names the Python of an environment that has it.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers.answering import Contestant
from crmcore import UTC, Purchase, RfmTable, Table, TimeUnit, instant

PYTHON = os.environ.get("LIFETIMES_PYTHON") or (sys.executable if find_spec("lifetimes") else "")
BEGIN = date(2020, 1, 1)
END = "2021-02-10"
UNITS: dict[str, dict[str, Any]] = {
    "D": {},
    "W": {"unit": TimeUnit.WEEK, "calendar": True},
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not PYTHON, reason="lifetimes is not installed, and LIFETIMES_PYTHON names no Python that has it"
    ),
]


def _draw(seed: int) -> dict[str, Any]:
    """Return purchases of few or many customers, at hours of few or many days."""
    chance = random.Random(seed)
    size = chance.choice([1, 2, 5, 20, 60, 300])
    customers, days = chance.choice([1, max(1, size // 4), size]), chance.choice([3, 60, 400])
    rows: list[list[Any]] = [
        [
            f"c{chance.randrange(customers)}",
            f"{BEGIN + timedelta(chance.randrange(days))}T{chance.randrange(24):02}:30:00",
            chance.randrange(1, 90_000) / 100,
        ]
        for _ in range(size)
    ]
    until = min(row[1] for row in rows)[:10] if seed % 7 == 0 else str(BEGIN + timedelta(chance.randrange(1, days)))
    return {"rows": rows, "end": END, "until": until}


SAMPLES = [_draw(seed) for seed in range(200)]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return what lifetimes says of each sample."""
    file: Path = tmp_path_factory.mktemp("lifetimes") / "samples.json"
    file.write_text(json.dumps(SAMPLES), encoding="utf-8")
    contestant = Contestant("lifetimes", PYTHON, file, "rfm")
    try:
        return contestant.answer("summaries")
    finally:
        contestant.close()


def _read(sample: dict[str, Any]) -> Table[Purchase]:
    customer_ids, at, amounts = zip(*sample["rows"], strict=True)
    columns = {"customer_id": customer_ids, "at": at, "amount": [f"{amount:.2f}" for amount in amounts]}
    return Table(Purchase, columns, currency="USD", tz=UTC)


def _number(money: Any) -> float:
    return 0.0 if money is None else float(money.amount)


class TestAgainstLifetimes:
    @pytest.mark.parametrize("place", range(len(SAMPLES)))
    def test_sample(self, answers: Any, place: int) -> None:
        """Frequency, recency, T and monetary value are the same by day and by week."""
        purchases = _read(SAMPLES[place])
        for unit, options in UNITS.items():
            ours = {
                row.customer_id: [row.frequency, float(row.recency), float(row.T), _number(row.monetary_value)]
                for row in RfmTable.of(purchases, as_of=instant(END), **options).summaries
            }
            theirs = answers[place][unit]
            assert ours.keys() == theirs.keys()
            for customer, row in ours.items():
                assert row == pytest.approx(theirs[customer], rel=1e-9, abs=1e-9), (unit, customer)

    @pytest.mark.parametrize("place", range(len(SAMPLES)))
    def test_holdout(self, answers: Any, place: int) -> None:
        """The parts before and after the day of calibration are the same, but for the mean of a day with several.

        lifetimes divides what a customer paid in the holdout by the purchases, we by the orders.
        """
        sample, theirs = SAMPLES[place], answers[place]["holdout"]
        if theirs is None:
            pytest.skip("lifetimes refuses a holdout without purchases")
        ours = RfmTable.of(_read(sample), as_of=instant(sample["until"]), holdout_until=instant(END))
        bought_at = Counter((customer, at[:10]) for customer, at, _ in sample["rows"])
        several = {customer for (customer, day), count in bought_at.items() if count > 1 and day >= sample["until"]}

        assert {row.customer_id for row in ours.summaries} == theirs.keys()
        for row in ours.summaries:
            frequency, recency, t, value, later, later_value, duration = theirs[row.customer_id]
            assert (row.frequency, float(row.recency), float(row.T)) == (frequency, recency, t)
            assert (row.holdout_orders, float(row.holdout_duration or 0)) == (later, duration)
            assert _number(row.monetary_value) == pytest.approx(value, rel=1e-9, abs=1e-9)
            if row.customer_id not in several:
                assert _number(row.holdout_monetary_value) == pytest.approx(later_value, rel=1e-9, abs=1e-9)
