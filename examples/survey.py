"""What 250 customers of a mobile phone provider answered, through scores and bounds.

    python examples/survey.py mobi.csv

The file has a row for each customer and a column for each question, answered from 1 to 10, as published by Tenenhaus,
Esposito Vinzi, Chatelin and Lauro 2005 (PLS path modeling, Computational Statistics and Data Analysis 48:159-205).
Several packages for path models have it. This example writes nothing and sends nothing.
"""

import csv
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from crmcore import (
    AnswerCounts,
    Csat,
    CsatConvention,
    Incentive,
    MeasureKind,
    Question,
    Response,
    Scale,
    Survey,
    instant,
    surveys,
)

DAY: Final = instant("2005-01-01")
OPINION: Final = Scale("opinion", low=1, high=10, higher_is_better=True)
PLEASED: Final = Scale.SATISFACTION_1_10
BLOCKS: Final = {
    "IMAG": "image",
    "CUEX": "expectations",
    "PERQ": "perceived quality",
    "PERV": "perceived value",
    "CUSA": "satisfaction",
    "CUSCO": "complaints",
    "CUSL": "loyalty",
}
"""The blocks of questions; CUSL2, on a scale of its own, is left out."""


def block_of(name: str) -> str:
    """Return the block of a column."""
    return next(block for block in BLOCKS if name.startswith(block))


def read(path: Path) -> tuple[Survey, list[Response]]:
    """Return the survey and its responses."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name and name != "CUSL2"]
    questions = [
        Question(
            id=name,
            text=name,
            scale=PLEASED if name == "CUSA1" else OPINION,
            about_id=None if name == "CUSA1" else BLOCKS[block_of(name)],
            concept=BLOCKS[block_of(name)],
        )
        for name in names
    ]
    responses = [
        Response(
            survey_id="mobi",
            at=DAY + number * timedelta(minutes=1),
            answers=[(name, int(row[name])) for name in names],
            segment="complained to" if int(row["CUSCO"]) <= COMPLAINT_LIMIT else "content with complaints",
        )
        for number, row in enumerate(rows)
    ]
    return Survey(id="mobi", questions=questions, anonymous=True, incentive=Incentive.NOTHING), responses


COMPLAINT_LIMIT: Final = 5
"""Up to this answer of CUSCO, complaints were handled badly."""


def main(path: Path) -> None:
    """Print the lint of the survey, the scores with bounds, and how much a group differs."""
    survey, responses = read(path)
    for response in responses:
        survey.check(response)
    print(f"{len(responses)} responses to {len(survey.questions)} questions")
    print()
    print("Before it was sent:")
    for finding in surveys.lint(survey):
        print(f"  {finding.rule}: {finding.message}")
    print()
    print("Mean of each question, with 95 % bounds:")
    for line in means(survey, responses):
        print(line)
    print()
    overall = next(question for question in survey.questions if question.scale.measure is MeasureKind.SATISFACTION)
    satisfied = Csat.of(responses, overall)
    for convention in CsatConvention:
        bounds = satisfied.interval(convention=convention)
        score = satisfied.rate_by(convention)
        if score is not None and bounds is not None:
            print(f"Satisfaction, {convention.value:<12} {score:7.1%}  {bounds.low:6.1%} to {bounds.high:6.1%}")
    by_segment = Csat.by(responses, lambda response: response.segment, overall)
    well, badly = (by_segment.get(name, Csat()) for name in ("content with complaints", "complained to"))
    change = well.compared_to(badly)
    if change is not None and change.p_two_sided is not None:
        print()
        print("Top two boxes, by how complaints were or would be handled:")
        print(f"  well  {well.score:7.1%} of {well.answered}")
        print(f"  badly {badly.score:7.1%} of {badly.answered}")
        bounds = change.interval()
        print(
            f"  difference {change.difference:.1%}, {bounds.low:.1%} to {bounds.high:.1%}, p = {change.p_two_sided:.1g}"
        )
    margin = surveys.margin_of_error(satisfied.positive, satisfied.answered)
    needed = surveys.sample_size(margin="0.03").n
    print()
    print(
        f"A share of {satisfied.answered} answers is exact to {margin:.1%}; to be exact to 3 % takes {needed} answers."
    )


def means(survey: Survey, responses: list[Response]) -> Iterator[str]:
    """Yield a line for each question."""
    for question in survey.questions:
        counted = AnswerCounts.of(responses, question)
        bounds = counted.interval()
        if counted.score is not None and bounds is not None:
            figures = f"{counted.score:5.2f}  {bounds.low:5.2f} to {bounds.high:5.2f}"
            yield f"  {question.id:<6} {question.concept:<18} {figures}"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
