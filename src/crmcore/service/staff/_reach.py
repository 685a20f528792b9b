"""How many of the employees who should know a piece of news were told."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Self, TypeVar

import attrs

from crmcore.model.task import Task
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import group_by, iterate_once
from crmcore.primitives.ids import Id, as_ids
from crmcore.primitives.periods import in_utc
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["UpdateReach"]

_K = TypeVar("_K", bound=Hashable)


@attrs.frozen(kw_only=True)
class UpdateReach(Tally):
    """Number of pairs of a piece of news and an employee, told and untold. Records of disjoint pairs can be added.

    Examples:
        >>> from crmcore import UpdateReach, Task, TaskKind, instant
        >>> tasks = [
        ...     Task(
        ...         kind=TaskKind.STAFF_UPDATE,
        ...         due=instant("2026-03-02"),
        ...         employee_id=name,
        ...         about_id="new model",
        ...         done_at=at,
        ...     )
        ...     for name, at in [("pavel", instant("2026-03-01")), ("olga", None)]
        ... ]
        >>> print(UpdateReach.of(tasks, ["pavel", "olga", "ivan"], as_of=instant("2026-03-05")).explain())
        told                  1  pairs
        untold                2  pairs
        rate    0.3333333333...         = told / (told + untold)

    An employee for whom there is no task is untold: do not assume that they know.

    Attributes:
        told: The number of pairs of which the task is done.
        untold: The number of pairs of which no task is done.
        outside: The number of pairs told to a person who is not among the employees; they are in no rate.
    """

    ratios = ("rate",)

    told: int = 0
    untold: int = 0
    outside: int = 0

    @classmethod
    def of(cls, tasks: Iterable[Task], employee_ids: Iterable[Id], /, *, as_of: datetime) -> Self:
        """Count who was told. A piece of news is what tasks of one kind are about (`Task.about_id`).

        Updates, briefings and the announcement of the declaration all count alike. A cancelled task counts as not told.

        Args:
            tasks: The tasks, in any order; one with an id counts once.
            employee_ids: The employees who should know, each once.
            as_of: The reference date. What is done later does not count yet.
        """
        everyone = frozenset(as_ids(employee_ids, "employee_ids", unique=True))
        return cls._count(iterate_once(tasks, Task, "tasks"), everyone, as_of)

    @classmethod
    def by(
        cls, tasks: Iterable[Task], employee_ids: Iterable[Id], key: Callable[[Task], _K], /, *, as_of: datetime
    ) -> TallyBy[_K, Self]:
        """Count as `of` does, for each value of a key. All tasks about one piece of news should have the same key.

        Examples:
            >>> from crmcore import UpdateReach, Task, TaskKind, instant
            >>> day = instant("2026-03-02")
            >>> tasks = [
            ...     Task(kind=TaskKind.STAFF_UPDATE, due=day, employee_id="pavel", about_id=news, done_at=done)
            ...     for news, done in [("new model", day), ("new law", None)]
            ... ]
            >>> by_news = UpdateReach.by(tasks, ["pavel"], lambda task: task.about_id, as_of=day)
            >>> {news: str(reach.rate) for news, reach in by_news.items()}
            {'new model': '1', 'new law': '0'}

        Args:
            tasks: The tasks, in any order; one with an id counts once.
            employee_ids: The employees who should know, each once.
            key: Returns the key of a task, such as what it is about.
            as_of: The reference date. What is done later does not count yet.
        """
        everyone = frozenset(as_ids(employee_ids, "employee_ids", unique=True))
        found = group_by(tasks, key, Task, "tasks", "lambda task: task.about_id")
        return TallyBy({group: cls._count(theirs, everyone, as_of) for group, theirs in found.items()})

    @classmethod
    def _count(cls, tasks: Iterable[Task], everyone: frozenset[Id], as_of: datetime) -> Self:
        now = in_utc(checks.as_instant(as_of, "as_of"))
        news: dict[tuple[str, Id | None], set[Id]] = {}
        outside: set[tuple[str, Id | None, Id | None]] = set()
        for task in tasks:
            piece = (task.kind, task.about_id)
            told = news.setdefault(piece, set())
            if task.done_at is None or in_utc(task.done_at) > now:
                continue
            if task.employee_id is not None and task.employee_id in everyone:
                told.add(task.employee_id)
            else:
                outside.add((*piece, task.employee_id))
        pairs = sum(map(len, news.values()))
        return cls(told=pairs, untold=len(news) * len(everyone) - pairs, outside=len(outside))

    @property
    def rate(self) -> Decimal | None:
        """The share of the pairs that were told, ``told / (told + untold)``; None if there are no pairs."""
        return ratio(self.told, self.told + self.untold)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None if there are no pairs.

        It is for an audience that is a sample of all employees; if everybody was counted, the rate is exact.

        Args:
            confidence: How often the interval is meant to contain the true share.
        """
        return wilson(self.told, self.told + self.untold, confidence=confidence)

    def explain(self) -> Explanation:
        """Return how the rate comes about, line by line."""
        return Explanation(
            (
                term("told", self.told, "pairs"),
                term("untold", self.untold, "pairs"),
                term("rate", self.rate, "", "told / (told + untold)"),
            )
        )
