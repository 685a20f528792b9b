"""Whether the review of relationships grows in step with the customers."""

from collections.abc import Iterator, Sequence

from benchmarks.harness import Row, Run, benchmark
from benchmarks.inputs import START
from benchmarks.subjects.growing import grown
from crmcore import (
    Customer,
    Finding,
    Interaction,
    Period,
    Purpose,
    Relationship,
    Segment,
    Task,
    TaskKind,
    relationships,
)

YEAR = Period.year(2026)
TEA = Segment(name="tea", types=["automated_services"])


def customers(n: int) -> list[Customer]:
    """Return n customers, two in three of whom another one referred."""
    return [
        Customer(
            id=number,
            segments=["tea"],
            interests=["green"],
            referred_by_id=number - 1 if number % 3 else None,
            manager_id=number % 50,
        )
        for number in range(n)
    ]


def review(some: Sequence[Customer]) -> tuple[Finding, ...]:
    """Review customers, each with a relationship, an offer and a contact."""
    ties = [Relationship(customer_id=one.id, types=["long_term"]).assign(one.manager_id, at=START) for one in some]
    offers = [
        Task(kind=TaskKind.OFFER, due=START, done_at=START, customer_id=one.id, relates_to="green") for one in some
    ]
    news = [
        Interaction(touchpoint_id=1, at=START, customer_id=one.id, purpose=Purpose.INFORM, employee_id=7)
        for one in some
    ]
    return relationships.review(
        some, segments=[TEA], relationships=ties, tasks=offers, interactions=news, as_of=YEAR.end, period=YEAR
    )


@benchmark
def relationship_review(run: Run) -> Iterator[Row]:
    """Review all customers."""
    yield from grown(run, "relationships.review", review, customers(run.n))
