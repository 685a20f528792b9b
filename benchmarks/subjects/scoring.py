"""Scoring answers: `Nps` against `collections.Counter`, from plain numbers and from responses."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, partial

from benchmarks.harness import Row, Run, benchmark
from benchmarks.inputs import instants
from crmcore import Nps, Question, Response, Scale

_PRIME = 7919
_FRIEND = Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10)


@cache
def scores(n: int) -> list[int]:
    """Return n answers from 0 to 10."""
    return [number * _PRIME % 1009 % 11 for number in range(n)]


@cache
def responses(n: int) -> list[Response]:
    """Return n responses with three answers, of which the second one is scored."""
    return [
        Response(survey_id="spring", at=at, answers=(("easy", 5), ("nps", score), ("why", "")))
        for at, score in zip(instants(n), scores(n), strict=True)
    ]


def count_answers(given: Iterable[Response]) -> Counter[int | str | None]:
    """Count the answers without any check."""
    return Counter(response.answer("nps") for response in given)


def groups_of(nps: Nps) -> tuple[int, int, int]:
    """Return the counts of a score."""
    return nps.promoters, nps.passives, nps.detractors


def groups_in(counter: Counter[int | str | None]) -> tuple[int, int, int]:
    """Return the groups of a counter."""
    return (
        sum(counter[step] for step in (9, 10)),
        sum(counter[step] for step in (7, 8)),
        sum(counter[step] for step in range(7)),
    )


@benchmark
def nps_of_scores(run: Run) -> Iterator[Row]:
    """Count plain numbers."""
    ours, other = partial(Nps.of_scores, scores(run.n)), partial(Counter[int | str | None], scores(run.n))
    yield run.race("Nps.of_scores / Counter", ours, other, form=groups_of, other_form=groups_in, aim=2)


@benchmark
def nps_of_responses(run: Run) -> Iterator[Row]:
    """Count the answers in responses."""
    given = responses(run.n)
    ours, other = partial(Nps.of, given, _FRIEND), partial(count_answers, given)
    yield run.race("Nps.of / Counter of answers", ours, other, form=groups_of, other_form=groups_in, aim=2)
