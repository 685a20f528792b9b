"""Whether customers reach what they themselves wanted."""

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
    """Adds over disjoint journeys: how many customers reached what they themselves wanted.

    Examples:
        >>> asked = GoalRate(reached=30, missed=10, unknown=60)
        >>> asked.rate, asked.known
        (Decimal('0.75'), Decimal('0.4'))

    The chief thing, say the documents, is that customers realise all their own projects. Nobody's silence is success:
    those of whom nobody knows are counted apart.

    Attributes:
        reached: Journeys whose own goal was reached.
        missed: Journeys whose own goal was not.
        unknown: Journeys of which nobody knows.

    Raises:
        InvalidValueError: A negative count.
    """

    ratios = ("rate", "known")

    reached: int = 0
    missed: int = 0
    unknown: int = 0

    def __attrs_post_init__(self) -> None:
        check_counts(self, "reached", "missed", "unknown")

    @classmethod
    def of(cls, journeys: Iterable[Journey], /) -> Self:
        """Count by `Journey.reached`, in one pass and any order.

        Raises:
            WrongTypeError: An item is no `Journey`.
        """
        reached = missed = unknown = 0
        for journey in checks.iterate(journeys, "journeys", "Journey"):
            if (found := checks.as_instance(journey, Journey, "every item").reached) is None:
                unknown += 1
            elif found:
                reached += 1
            else:
                missed += 1
        return cls(reached=reached, missed=missed, unknown=unknown)

    @classmethod
    def by(cls, journeys: Iterable[Journey], key: Callable[[Journey], _K], /) -> TallyBy[_K, Self]:
        """Count apart by a key, such as the goal.

        Examples:
            >>> journeys = [
            ...     Journey(customer_id=n, goal=goal, reached=n > 1) for n, goal in enumerate(["paint", "plant"] * 2)
            ... ]
            >>> {goal: rate.rate for goal, rate in GoalRate.by(journeys, lambda journey: journey.goal).items()}
            {'paint': Decimal('0.5'), 'plant': Decimal('0.5')}

        Raises:
            WrongTypeError: As for `of`.
        """
        groups = group_by(journeys, key, Journey, "journeys", "lambda journey: journey.goal")
        return TallyBy({group: cls.of(found) for group, found in groups.items()})

    @property
    def rate(self) -> Decimal | None:
        """The share that reached it of those of whom it is known, ``reached / (reached + missed)``; None of none."""
        return ratio(self.reached, self.reached + self.missed)

    @property
    def known(self) -> Decimal | None:
        """The share of which it is known; None of no journeys."""
        return ratio(self.reached + self.missed, self.reached + self.missed + self.unknown)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Bounds of the rate by Wilson's score method; None of none."""
        return proportions.wilson(self.reached, self.reached + self.missed, confidence=confidence)

    def explain(self) -> Explanation:
        """How the rate comes about, line by line."""
        return Explanation(
            (
                *(term(name, getattr(self, name), "journeys") for name in ("reached", "missed", "unknown")),
                term("known", self.known, "", "(reached + missed) / (reached + missed + unknown)"),
                term("rate", self.rate, "", "reached / (reached + missed)"),
            )
        )
