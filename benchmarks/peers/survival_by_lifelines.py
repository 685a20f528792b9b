"""What lifelines answers about lifetimes: `curves` all that can be compared, the other questions only what is timed.

The file is JSON: samples of the columns `lengths` and `ended`, and, where there are any, `entered` and `weights`.
"""

import json
import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.peers.answering import Question, imported, serve

Sample = dict[str, list[Any]]


def questions(file: Path) -> Mapping[str, Question]:
    """Return what answers each question, with the form of the answer."""
    samples: list[Sample] = json.loads(file.read_text(encoding="utf-8"))
    lifelines, statistics = imported("lifelines"), imported("lifelines.statistics")
    utils = imported("lifelines.utils")
    times = samples[0].get("times", [])

    def fit() -> tuple[float, list[float]]:
        curve = lifelines.KaplanMeierFitter().fit(samples[0]["lengths"], samples[0]["ended"])
        return float(curve.median_survival_time_), [*map(float, curve.predict(times))]

    def compare() -> list[tuple[float, float]]:
        plain = [sample for sample in samples if {*sample} == {"lengths", "ended"}]
        groups = [plain[place : place + 2 + place % 4] for place in range(len(plain) - 5)]
        return [*map(partial(_compare, statistics), groups)]

    return {
        "curve": (fit, lambda found: found),
        "curves": (lambda: [*map(partial(_describe, lifelines, utils), samples)], lambda found: found),
        "log_ranks": (compare, lambda found: found),
    }


def _describe(lifelines: Any, utils: Any, sample: Sample) -> object:  # noqa: ANN401 - lifelines comes untyped
    """Return all that is estimated from a sample, at the times at which a lifetime ended."""
    array = imported("numpy").array
    more = {"entry": sample.get("entered"), "weights": array(sample["weights"]) if "weights" in sample else None}
    try:
        curve = lifelines.KaplanMeierFitter().fit(sample["lengths"], sample["ended"], **more)
    except imported("lifelines.exceptions").StatError:  # it refuses a curve that falls to 0 before others enter
        return None
    hazard = lifelines.NelsonAalenFitter(nelson_aalen_smoothing=False).fit(sample["lengths"], sample["ended"], **more)
    times = sorted({length for length, ended in zip(sample["lengths"], sample["ended"], strict=True) if ended})
    bounds = curve.confidence_interval_
    medians = utils.median_survival_times(bounds)
    return {
        "times": times,
        "survival": [_plain(curve.survival_function_.iloc[:, 0][time]) for time in times],
        "low": [_plain(bounds.iloc[:, 0][time]) for time in times],
        "high": [_plain(bounds.iloc[:, 1][time]) for time in times],
        "hazard": [_plain(hazard.cumulative_hazard_.iloc[:, 0][time]) for time in times],
        "median": [_plain(curve.median_survival_time_), *(_plain(medians.iloc[0, place]) for place in (0, 1))],
        "quantiles": [_plain(curve.percentile(share)) for share in (0.9, 0.7, 0.25)],
        "mean": _plain(utils.restricted_mean_survival_time(curve, t=max(sample["lengths"]))),
    }


def _compare(statistics: Any, group: list[Sample]) -> tuple[float, float]:  # noqa: ANN401 - lifelines comes untyped
    """Return the statistic of the log-rank test of a few samples, and its p-value."""
    found = statistics.multivariate_logrank_test(
        [length for sample in group for length in sample["lengths"]],
        [place for place, sample in enumerate(group) for _ in sample["lengths"]],
        [ended for sample in group for ended in sample["ended"]],
    )
    return float(found.test_statistic), float(found.p_value)


def _plain(number: Any) -> float | None:  # noqa: ANN401 - a number of numpy
    return float(number) if math.isfinite(number) else None


if __name__ == "__main__":
    serve("lifelines", questions)
