"""What scikit-survival answers about lifetimes: the curve."""

import json
from collections.abc import Mapping
from pathlib import Path

from benchmarks.peers.answering import Question, imported, serve


def questions(file: Path) -> Mapping[str, Question]:
    """Return what answers each question, with the form of the answer."""
    sample = json.loads(file.read_text(encoding="utf-8"))[0]
    numpy, nonparametric = imported("numpy"), imported("sksurv.nonparametric")

    def fit() -> tuple[float, list[float]]:
        times, survival = nonparametric.kaplan_meier_estimator(sample["ended"], sample["lengths"])
        places = numpy.searchsorted(times, sample["times"], side="right") - 1
        return float(times[(survival <= 0.5).argmax()]), [*map(float, survival[places])]

    return {"curve": (fit, lambda found: found)}


if __name__ == "__main__":
    serve("scikit-survival", questions)
