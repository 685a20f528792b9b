"""Survival against lifelines, on random lifetimes with ties, censoring, late entries, weights and single customers.

It runs where lifelines is installed, or where LIFELINES_PYTHON names the Python of an environment that has it.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers.answering import Contestant
from crmcore import Survival
from crmcore.retention.survival import log_rank

PYTHON = os.environ.get("LIFELINES_PYTHON") or (sys.executable if find_spec("lifelines") else "")
Sample = dict[str, list[Any]]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not PYTHON, reason="lifelines is not installed, and LIFELINES_PYTHON names no Python that has it"
    ),
]


def _draw(seed: int) -> Sample:
    """Return lifetimes: many ties, few ties or none; some of one customer; every third sample with late entries."""
    chance = random.Random(seed)
    size = chance.choice([1, 2, 3, 5, 10, 40, 200])
    lengths: list[Any] = [
        chance.randint(1, chance.choice([4, 30])) if seed % 2 else round(chance.expovariate(0.05) + 0.01, 3)
        for _ in range(size)
    ]
    share = chance.choice([0.0, 0.2, 0.5, 1.0])
    sample = {"lengths": lengths, "ended": [chance.random() < share for _ in range(size)]}
    if seed % 3 == 0:
        sample["entered"] = [
            0 if chance.random() < 0.6 else (length // 2 if seed % 2 else round(length / 2, 3)) for length in lengths
        ]
    if seed % 5 == 0:
        sample["weights"] = [chance.randint(1, 4) for _ in range(size)]
    return sample


def _count(sample: Sample) -> Survival:
    return Survival.of_durations(
        sample["lengths"], sample["ended"], entered=sample.get("entered"), weights=sample.get("weights")
    )


SAMPLES = [_draw(seed) for seed in range(400)]


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contestant]:
    """Start lifelines with the samples."""
    file: Path = tmp_path_factory.mktemp("lifelines") / "samples.json"
    file.write_text(json.dumps(SAMPLES), encoding="utf-8")
    contestant = Contestant("lifelines", PYTHON, file, "survival")
    yield contestant
    contestant.close()


@pytest.fixture(scope="module")
def answers(peer: Contestant) -> Any:
    """Return what lifelines says of each sample."""
    return peer.answer("curves")


def _near(one: object, other: float | None) -> bool:
    if one is None or other is None:
        return one is None and other is None
    return float(one) == pytest.approx(other, rel=1e-9, abs=1e-9)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a number


class TestAgainstLifelines:
    @pytest.mark.parametrize("place", range(len(SAMPLES)))
    def test_sample(self, answers: Any, place: int) -> None:
        """Curve, bounds, hazard, quantiles and restricted mean are the same."""
        survival, theirs = _count(SAMPLES[place]), answers[place]
        steps = survival.steps()
        if theirs is None:
            pytest.skip("lifelines refuses a risk set that is empty for a while")

        assert [float(step.time) for step in steps] == theirs["times"]
        for name, ours in (
            ("survival", [step.survival for step in steps]),
            ("hazard", [step.cumulative_hazard for step in steps]),
        ):
            assert [] == [pair for pair in zip(ours, theirs[name], strict=True) if not _near(*pair)], name
        known = [place for place, step in enumerate(steps) if step.survival]
        bounds = [steps[place].interval() for place in known]
        for name in ("low", "high"):
            pairs = [(getattr(bound, name), theirs[name][place]) for bound, place in zip(bounds, known, strict=True)]
            assert [] == [pair for pair in pairs if not _near(*pair)], name
        for share, their_time in zip(
            ("0.5", "0.9", "0.7", "0.25"), [theirs["median"][0], *theirs["quantiles"]], strict=True
        ):
            if Decimal(share) not in [step.survival for step in steps]:  # where floats decide a tie by chance
                assert _near(survival.quantile(share).time, their_time), share
        if steps and steps[-1].survival:  # lifelines gives bounds where the curve is 0, we give none
            median = survival.quantile("0.5")
            assert _near(median.low, theirs["median"][1])
            assert _near(median.high, theirs["median"][2])
        if survival.at(0).at_risk:  # lifelines begins its area where the first lifetime is watched, we at 0
            assert _near(survival.restricted_mean().value, theirs["mean"])

    def test_log_rank(self, peer: Contestant) -> None:
        """The statistic and its p-value are the same for two segments and for more."""
        plain = [sample for sample in SAMPLES if {*sample} == {"lengths", "ended"}]
        theirs: Any = peer.answer("log_ranks")
        for place, (statistic, p_value) in enumerate(theirs):
            ours = log_rank(dict(enumerate(map(_count, plain[place : place + 2 + place % 4]))))
            if ours.statistic is not None:
                assert _near(ours.statistic, statistic), place
                assert _near(ours.p_value, p_value), place
