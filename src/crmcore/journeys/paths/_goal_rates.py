"""Whether customers reach their own goals."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from operator import attrgetter
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.journey import Journey
from crmcore.primitives import checks, proportions
from crmcore.primitives._decimals import ratio
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import KeyGuard, iterate_once
from crmcore.primitives.proportions import Interval
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["GoalRate"]

_K = TypeVar("_K", bound=Hashable)
_R = TypeVar("_R", bound="GoalRate")

_reached: Final = attrgetter("reached")


@attrs.frozen(kw_only=True)
class GoalRate(Tally):
    """Number of journeys whose customer reached their own goal. Records of disjoint journeys can be added.

    Examples:
        >>> from crmcore import GoalRate
        >>> asked = GoalRate(reached=30, missed=10, unknown=60)
        >>> asked.rate, asked.known
        (Decimal('0.75'), Decimal('0.4'))

    What matters most is that customers carry out all their own projects (source articles, see why.md). A journey whose
    outcome is unknown is not a success: it is counted separately.

    Attributes:
        reached: Journeys whose customer reached their own goal.
        missed: Journeys whose customer did not reach it.
        unknown: Journeys whose outcome is not known.
    """

    ratios = ("rate", "known")

    reached: int = 0
    missed: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, journeys: Iterable[Journey], /) -> Self:
        """Count journeys by `Journey.reached`, in a single pass; the order does not matter.

        A journey that has an id counts once, however often it is given.

        Raises:
            InconsistentCountsError: Two different journeys have one id.
        """
        return _count(cls, [*map(_reached, iterate_once(journeys, Journey, "journeys"))])

    @classmethod
    def by(cls, journeys: Iterable[Journey], key: Callable[[Journey], _K], /) -> TallyBy[_K, Self]:
        """Count journeys by a key, such as the goal.

        Examples:
            >>> from crmcore import GoalRate, Journey
            >>> journeys = [
            ...     Journey(customer_id=n, goal=goal, reached=n > 1) for n, goal in enumerate(["paint", "plant"] * 2)
            ... ]
            >>> {goal: rate.rate for goal, rate in GoalRate.by(journeys, lambda journey: journey.goal).items()}
            {'paint': Decimal('0.5'), 'plant': Decimal('0.5')}
        """
        checks.check_callable(key, "key", "lambda journey: journey.goal")
        groups: defaultdict[_K, list[bool | None]] = defaultdict(list)
        guard = KeyGuard(groups)
        kind: type | None = None
        for journey in iterate_once(journeys, Journey, "journeys"):
            group = key(journey)
            if type(group) is not kind:
                kind = guard.admit(group)
            groups[group].append(journey.reached)
        return TallyBy({group: _count(cls, outcomes) for group, outcomes in groups.items()})

    @property
    def rate(self) -> Decimal | None:
        """The share that reached the goal, ``reached / (reached + missed)``; None if no outcome is known."""
        return ratio(self.reached, self.reached + self.missed)

    @property
    def known(self) -> Decimal | None:
        """The share of the journeys whose outcome is known; None if there are no journeys."""
        return ratio(self.reached + self.missed, self.reached + self.missed + self.unknown)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None if no outcome is known."""
        return proportions.wilson(self.reached, self.reached + self.missed, confidence=confidence)

    def explain(self) -> Explanation:
        """Explain the rate, line by line."""
        return Explanation(
            (
                *(term(name, getattr(self, name), "journeys") for name in ("reached", "missed", "unknown")),
                term("known", self.known, "", "(reached + missed) / (reached + missed + unknown)"),
                term("rate", self.rate, "", "reached / (reached + missed)"),
            )
        )


def _count(cls: type[_R], outcomes: list[bool | None]) -> _R:
    return cls(reached=outcomes.count(True), missed=outcomes.count(False), unknown=outcomes.count(None))
