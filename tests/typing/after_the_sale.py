"""What mypy and pyright infer of follow-ups, and what they must refuse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import assert_type

from crmcore import (
    UTC,
    Customer,
    Feedback,
    Finding,
    Id,
    Interaction,
    LevelRule,
    Period,
    Promises,
    Purchase,
    Reach,
    Recurrence,
    TallyBy,
    Task,
    TaskKind,
    TaskOutcome,
    WeekendRule,
    follow_ups,
    render,
)
from crmcore.interop import hypothesis
from crmcore.service.follow_ups import Neglect

Planned = tuple[Task, ...]


def planning(
    sales: Iterator[Purchase], said: list[Feedback], met: list[Interaction], month: Period, riga: tzinfo, day: datetime
) -> None:
    """Planners take iterables and return tasks."""
    steps = {TaskKind.THANK_YOU: 1}
    own = {"tour": 1, TaskKind.CALL: 2}
    assert_type(follow_ups.after_purchase(sales, {**own}, month, tz=riga, weekend=WeekendRule.AFTER), Planned)
    assert_type(follow_ups.after([*said, *met], own, month, tz=riga, already=[]), Planned)
    assert_type(follow_ups.promised(met, month), Planned)
    assert_type(follow_ups.talks(said, month, days=2, tz=riga, rules=[LevelRule.NPS]), Planned)
    assert_type(follow_ups.replies(said, month, purchases=sales, tz=riga), Planned)
    assert_type(follow_ups.hand_offs(said, {"delivery": 7}, month, kind=TaskKind.OPPORTUNITY, tz=riga), Planned)
    assert_type(follow_ups.after_purchase(sales, steps, month, tz=riga), Planned)
    assert_type(follow_ups.back_in_stock(said, about_id=1, at=day, units=2, days=3, tz=riga), Planned)
    follow_ups.after_purchase(sales, steps, month)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - in which zone?
    follow_ups.after([month], own, month, tz=riga)  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - no happening


def dates(
    customers: Iterable[Customer], met: list[Interaction], month: Period, riga: tzinfo, weekly: Recurrence
) -> None:
    """Dates bring tasks too."""
    assert_type(follow_ups.occasions(customers, month, hour="09:00", tz=riga, kind="gift"), Planned)
    assert_type(
        follow_ups.outreach(customers, {"call": -1}, about_id=1, at=month.start, tz=riga, interests=["tea"]), Planned
    )
    assert_type(follow_ups.meetings(weekly, month, about_id="x", customer_id=7), Planned)
    assert_type(follow_ups.feedback_requests(customers, met, {7: timedelta(days=30)}, month), Planned)
    assert_type(follow_ups.assign([], customers), Planned)
    follow_ups.occasions(customers, month, hour=9, tz=riga)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a time is due


def done(customers: list[Customer], tasks: list[Task], month: Period, day: datetime) -> None:
    """What became of tasks."""
    assert_type(follow_ups.outcome(tasks[0], as_of=day), TaskOutcome)
    assert_type(follow_ups.overdue(tasks, as_of=day), Planned)
    assert_type(Promises.of(iter(tasks), as_of=day).rate, Decimal | None)
    assert_type(Promises.by(tasks, lambda task: task.owner_id, as_of=day), TallyBy[Id | None, Promises])
    assert_type(Reach.of(customers, tasks, kinds=["tour"], period=month).missed, int)
    assert_type(
        Reach.by(customers, tasks, lambda one: one.manager_id, kinds=["tour"], period=month), TallyBy[Id | None, Reach]
    )
    found = follow_ups.neglected(customers, [], as_of=day, days=60, tasks=tasks)
    assert_type(found, tuple[Neglect, ...])
    assert_type(found[0].never, bool)
    assert_type(follow_ups.review(tasks, as_of=day, routes={"delivery": 7}, stale_days=9), tuple[Finding, ...])
    assert_type(render.calendar(tasks, month, as_of=day, tz=UTC), render.Svg)
    assert_type(render.calendar_table(tasks, month, as_of=day, tz=UTC), render.Markdown)
    follow_ups.review(tasks)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - as of when?
    Promises.of(tasks)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - as of when?


def strategies() -> None:
    """The strategies of the room."""
    assert_type(hypothesis.promises().example(), Promises)
    assert_type(hypothesis.reaches().example(), Reach)
    assert_type(hypothesis.neglects().example(), Neglect)
