"""Whether the review of what was done after the sale grows in step with the tasks, ten for each customer."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial

from benchmarks.harness import Row, Run, benchmark
from benchmarks.inputs import START
from benchmarks.subjects.growing import grown
from crmcore import UTC, Customer, Finding, Promises, Task, TaskKind, WeekendRule, follow_ups

AS_OF = START + timedelta(days=100)
KINDS = (TaskKind.PROMISE, TaskKind.SERVICE_NOTICE, TaskKind.THANK_YOU, TaskKind.HAND_OFF)


def tasks(n: int) -> list[Task]:
    """Return n tasks, one in five of them never done and one in five late."""
    dues = [START + timedelta(hours=number % 2000) for number in range(n)]
    return [
        Task(
            kind=KINDS[number % 4],
            due=due,
            customer_id=number // 10,
            owner_id="desk",
            done_at=None if number % 5 == 0 else due + timedelta(hours=number % 5 - 3),
            id=number,
        )
        for number, due in enumerate(dues)
    ]


def review(some: Sequence[Task]) -> tuple[Finding, ...]:
    """Review tasks and their customers."""
    customers = [
        Customer(id=own, since=START) for own in dict.fromkeys(task.customer_id for task in some) if own is not None
    ]
    return follow_ups.review(some, as_of=AS_OF, customers=customers, neglect_days=30, notice_days=30)


def plan_again(some: Sequence[Task]) -> tuple[Task, ...]:
    """Plan a release for the customers of tasks that were planned before."""
    customers = [Customer(id=own) for own in dict.fromkeys(task.customer_id for task in some) if own is not None]
    return follow_ups.outreach(
        customers,
        {TaskKind.NEWS_CALL: 1},
        about_id=4,
        at=START,
        tz=UTC,
        already=some,
        weekend=WeekendRule.AFTER,
    )


@benchmark
def follow_up_review(run: Run) -> Iterator[Row]:
    """Review all tasks."""
    yield from grown(run, "follow_ups.review", review, tasks(run.n))


@benchmark
def follow_up_planning(run: Run) -> Iterator[Row]:
    """Plan beside all tasks."""
    yield from grown(run, "follow_ups.outreach", plan_again, tasks(run.n))


@benchmark
def promises_of(run: Run) -> Iterator[Row]:
    """Count all tasks."""
    yield from grown(run, "Promises.of", partial(Promises.of, as_of=AS_OF), tasks(run.n))
