"""What customers' answers led to: the initiatives of each round."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Self

import attrs

from crmcore.model.task import Task, TaskKind
from crmcore.primitives._decimals import ratio
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id, as_ids
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["Initiatives"]


@attrs.frozen(kw_only=True)
class Initiatives(Tally):
    """Number of initiatives that rounds of questions led to. Records of disjoint rounds can be added.

    Examples:
        >>> from crmcore import Initiatives
        >>> print(Initiatives(rounds=2, open=8, done=9, cancelled=1).explain())
        rounds        2  rounds
        open          8  initiatives
        done          9  initiatives
        cancelled     1  initiatives
        initiatives  18  initiatives            = open + done + cancelled
        per_round     9  initiatives per round  = initiatives / rounds

    A round is a survey, a meeting or anything else that customers were asked in. One that led to nothing counts too.

    Attributes:
        rounds: The number of rounds.
        open: The number of initiatives that are neither done nor cancelled.
        done: The number of initiatives that are done.
        cancelled: The number of initiatives that were cancelled.
        unassigned: The number of initiatives that are about none of the rounds; they are in no other count.
    """

    ratios = ("initiatives", "per_round")

    rounds: int = 0
    open: int = 0
    done: int = 0
    cancelled: int = 0
    unassigned: int = 0

    @classmethod
    def of(cls, tasks: Iterable[Task], /, *, rounds: Iterable[Id]) -> Self:
        """Count the initiatives, the tasks of the kind `TaskKind.INITIATIVE`, that are about one of the rounds.

        Examples:
            >>> from crmcore import Initiatives, Task, TaskKind, instant
            >>> tasks = [
            ...     Task(kind=TaskKind.INITIATIVE, due=instant("2026-06-01"), about_id=about)
            ...     for about in ("spring survey", "spring survey", "online meeting", "a dream")
            ... ]
            >>> counted = Initiatives.of(tasks, rounds=["spring survey", "online meeting"])
            >>> counted.per_round, counted.unassigned
            (Decimal('1.5'), 1)

        Args:
            tasks: The tasks, in any order; `Task.about_id` is the id of the round. One that has an id counts once.
                Tasks of another kind are left out.
            rounds: The ids of the rounds, each once.
        """
        found = list(cls._count(tasks, rounds).values())
        return cls.total(found)

    @classmethod
    def by(cls, tasks: Iterable[Task], /, *, rounds: Iterable[Id]) -> TallyBy[Id | None, Self]:
        """Count as `of` does, for each round. The key None has the initiatives that are about none of the rounds.

        Args:
            tasks: The tasks, in any order.
            rounds: The ids of the rounds, each once.
        """
        return TallyBy(cls._count(tasks, rounds))

    @classmethod
    def _count(cls, tasks: Iterable[Task], rounds: Iterable[Id]) -> dict[Id | None, Self]:
        ids = as_ids(rounds, "rounds", unique=True)
        states: dict[Id | None, list[int]] = {name: [0, 0, 0] for name in ids}
        unassigned = 0
        for task in iterate_once(tasks, Task, "tasks"):
            if task.kind != TaskKind.INITIATIVE:
                continue
            if task.about_id is None or task.about_id not in states:
                unassigned += 1
            else:
                states[task.about_id][0 if task.is_open else 1 if task.cancelled_at is None else 2] += 1
        counted: dict[Id | None, Self] = {
            name: cls(rounds=1, open=left, done=done, cancelled=cancelled)
            for name, (left, done, cancelled) in states.items()
        }
        if unassigned:
            counted[None] = cls(unassigned=unassigned)
        return counted

    @property
    def initiatives(self) -> int:
        """The number of initiatives that rounds led to."""
        return self.open + self.done + self.cancelled

    @property
    def per_round(self) -> Decimal | None:
        """The initiatives per round, ``initiatives / rounds``; None if there are no rounds."""
        return ratio(self.initiatives, self.rounds)

    def explain(self) -> Explanation:
        """Return how the number per round comes about, line by line."""
        return Explanation(
            (
                term("rounds", self.rounds, "rounds"),
                term("open", self.open, "initiatives"),
                term("done", self.done, "initiatives"),
                term("cancelled", self.cancelled, "initiatives"),
                term("initiatives", self.initiatives, "initiatives", "open + done + cancelled"),
                term("per_round", self.per_round, "initiatives per round", "initiatives / rounds"),
            )
        )
