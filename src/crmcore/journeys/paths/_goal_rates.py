"""Whether customers reach their own goals."""

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import Self, TypeVar

import attrs

from crmcore.model.journey import Journey
from crmcore.primitives import checks, proportions
from crmcore.primitives._decimals import ratio
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import group_by
from crmcore.primitives.proportions import Interval
from crmcore.primitives.tally import Tally, TallyBy, check_counts

__all__ = ["GoalRate"]

_K = TypeVar("_K", bound=Hashable)


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

    def __attrs_post_init__(self) -> None:
        check_counts(self, "reached", "missed", "unknown")

    @classmethod
    def of(cls, journeys: Iterable[Journey], /) -> Self:
        """Count journeys by `Journey.reached`, in a single pass; the order does not matter."""
        reached = missed = unknown = 0
        for journey in checks.iterate(journeys, "journeys", "Journey"):
            outcome = checks.as_instance(journey, Journey, "every item").reached
            if outcome is None:
                unknown += 1
            elif outcome:
                reached += 1
            else:
                missed += 1
        return cls(reached=reached, missed=missed, unknown=unknown)

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
        groups = group_by(journeys, key, Journey, "journeys", "lambda journey: journey.goal")
        return TallyBy({group: cls.of(members) for group, members in groups.items()})

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
