"""What 250 customers of a mobile phone provider experienced against what they expected, and what follows from it.

    python examples/expectations.py mobi.csv

The file has a row for each customer and a column for each question, answered from 1 to 10, as published by Tenenhaus,
Esposito Vinzi, Chatelin and Lauro 2005 (PLS path modeling, Computational Statistics and Data Analysis 48:159-205).
Several packages for path models have it. This example writes nothing and sends nothing.
"""

import csv
import sys
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final

from crmcore import (
    AnswerCounts,
    ExperienceGrade,
    ExperienceGrades,
    MeasureKind,
    Question,
    Reading,
    Response,
    Scale,
    Servqual,
    SubjectKind,
    expectations,
    instant,
)

JOINED: Final = instant("2004-01-01")
ASKED: Final = JOINED + timedelta(days=365)
"""The file has no dates. Customers were asked what they had expected when they joined."""
OPINION: Final = Scale("opinion", low=1, high=10, higher_is_better=True)
BAND: Final = 0
EXCELLENT: Final = 2
"""Our policy: only the same answer is neutral, and two points more are excellent."""
COLUMNS: Final = {
    "CUEX1": "overall quality",
    "PERQ1": "overall quality",
    "CUSA1": "satisfaction",
    "CUSL1": "would stay",
    "CUSCO": "complaints handled",
}
"""What we read, and its concept."""
QUESTIONS: Final = {name: Question(id=name, text=name, scale=OPINION, concept=about) for name, about in COLUMNS.items()}
OUTCOMES: Final = ("CUSA1", "CUSL1", "CUSCO")


def read(path: Path) -> tuple[list[Response], list[Reading]]:
    """Return the responses, and the expectation and the experience of each customer as readings."""
    responses: list[Response] = []
    readings: list[Reading] = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            answers = {name: int(row[name]) for name in COLUMNS}
            responses.append(Response(survey_id="mobi", at=ASKED, answers=answers.items(), customer_id=row[""]))
            readings += [
                Reading(
                    subject_kind=SubjectKind.CUSTOMER,
                    subject_id=row[""],
                    kind=kind,
                    at=at,
                    value=answers[name],
                    scale=OPINION,
                )
                for kind, at, name in (
                    (MeasureKind.EXPECTATION, JOINED, "CUEX1"),
                    (MeasureKind.PERCEPTION, ASKED, "PERQ1"),
                )
            ]
    return responses, readings


def main(path: Path) -> None:
    """Print the grades, the gap, and what customers of each grade and each satisfaction say."""
    responses, readings = read(path)
    graded = ExperienceGrades.of(readings, neutral_band=BAND, excellent_from=EXCELLENT)
    print(f"{graded.experiences} experiences, {graded.graded} with an expectation")
    print()
    print("Grades, with 95 % bounds:")
    for grade in ExperienceGrade:
        share, bounds = graded.share(grade), graded.interval(grade)
        if share is not None and bounds is not None:
            print(f"  {grade.value:<10} {share:6.1%}  {bounds.low:6.1%} to {bounds.high:6.1%}")
    print()
    service = Servqual.of(responses, [(QUESTIONS["PERQ1"], QUESTIONS["CUEX1"])])
    for dimension, gap in service.gaps.items():
        if gap.value is not None:
            print(f"Gap of {dimension}: {gap.value:+.3f} points over {gap.complete} customers")
    print()
    of_customer = {
        one.experience.subject_id: one.grade
        for one in expectations.grade_each(readings, neutral_band=BAND, excellent_from=EXCELLENT)
        if one.grade
    }
    print("Mean answers by grade (10 is best):")
    show(responses, [grade.value for grade in ExperienceGrade], lambda one: of_customer[one.customer_id].value)
    print()
    print("Mean answers by satisfaction:")
    show(responses, ["1 to 4", "5 to 7", "8 to 10"], band_of)


def band_of(response: Response) -> str:
    """Return the band of a customer's satisfaction."""
    satisfaction = response.answer("CUSA1")
    if not isinstance(satisfaction, int):
        return "unknown"
    return "1 to 4" if satisfaction <= 4 else "5 to 7" if satisfaction <= 7 else "8 to 10"


def show(responses: list[Response], names: Iterable[str], key: Callable[[Response], str]) -> None:
    """Print a row for each group."""
    counted = {question: AnswerCounts.by(responses, key, QUESTIONS[question]) for question in OUTCOMES}
    print(f"  {'':<10} customers" + "".join(f"  {COLUMNS[question]:>18}" for question in OUTCOMES))
    for name in names:
        rows = [counted[question].get(name) for question in OUTCOMES]
        if rows[0] is not None:
            means = "".join(f"  {row.score:18.2f}" for row in rows if row is not None and row.score is not None)
            print(f"  {name:<10} {rows[0].answered:9}{means}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
