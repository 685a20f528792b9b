"""What it costs that customers leave at a step."""

from decimal import Decimal

import attrs

from crmcore.journeys.journey_maps._conformance import Conformance
from crmcore.primitives import checks, money, proportions
from crmcore.primitives._decimals import ratio
from crmcore.primitives._results import Result
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding
from crmcore.primitives.money import Money
from crmcore.primitives.proportions import Interval
from crmcore.primitives.record import Name, several

__all__ = ["ValueAtRisk", "value_at_risk"]


@attrs.frozen(kw_only=True)
class ValueAtRisk(Result):
    """The value at risk at a step: how many customers leave there without the goal, and what they would be worth.

    Examples:
        >>> from crmcore import Money
        >>> from crmcore.journeys.journey_maps import ValueAtRisk
        >>> ValueAtRisk(step="pay", came=85, left=15, worth=Money(200, "EUR")).value
        Money('3000', 'EUR')

    The value is an upper limit: it assumes that every customer who left would otherwise have reached the goal.

    Attributes:
        step: The name of the step.
        came: Journeys that came to the step.
        left: Journeys that ended there without the goal.
        worth: What a customer who reaches the goal is worth, >= 0.
        cautions: Those of the comparison.

    Raises:
        InconsistentCountsError: More journeys left than came.
        InvalidValueError: An empty name.
    """

    ratios = ("drop_off", "value")

    step: Name
    came: int
    left: int
    worth: Money
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several, repr=False)

    def _check(self) -> None:
        super()._check()
        if self.left > self.came:
            raise InconsistentCountsError(
                "more_left_than_came",
                f"left must be at most came={self.came}, got {self.left}",
                field="left",
                record=self.step,
                operands=(self.left, self.came),
            )
        money.as_non_negative(self.worth, "worth")

    @property
    def value(self) -> Money:
        """The value at risk, ``left * worth``."""
        return self.worth * self.left

    @property
    def drop_off(self) -> Decimal | None:
        """The share of the journeys that came and left, ``left / came``; None if none came."""
        return ratio(self.left, self.came)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the drop-off, or None if no journey came."""
        return proportions.wilson(self.left, self.came, confidence=confidence)

    def explain(self) -> Explanation:
        """Explain the value, line by line."""
        return Explanation(
            (
                term("came", self.came, "journeys"),
                term("left", self.left, "journeys"),
                term("drop_off", self.drop_off, "", "left / came"),
                term("worth", self.worth),
                term("value", self.value, "", "left * worth"),
            ),
            cautions=self.cautions,
        )


def value_at_risk(conformance: Conformance, /, *, worth: Money) -> tuple[ValueAtRisk, ...]:
    """Return the steps at which customers leave, the one with the most value at risk first: improve it first.

    Examples:
        >>> from crmcore import JourneyMap, JourneyStep, Money, instant, journey_maps
        >>> paint = JourneyMap(
        ...     name="buy a paint",
        ...     steps=[
        ...         JourneyStep(name=name, phase="shop", touchpoint_ids=[name]) for name in ("choose", "queue", "pay")
        ...     ],
        ... )
        >>> visited = {"anna": ["choose", "queue", "pay"], "ben": ["choose", "queue"], "zoe": ["choose", "queue"]}
        >>> rows = [
        ...     (customer, touchpoint, instant(f"2026-03-0{day}"))
        ...     for customer, path in visited.items()
        ...     for day, touchpoint in enumerate(path, 1)
        ... ]
        >>> first = journey_maps.value_at_risk(journey_maps.compare(paint, rows), worth=Money(40, "EUR"))[0]
        >>> first.step, first.left, first.value
        ('queue', 2, Money('80', 'EUR'))

    Args:
        conformance: What `compare` counted.
        worth: What a customer who reaches the goal is worth, >= 0, as `lifetime_value.simple` gives it. If groups
            differ in worth, count them separately with `Journeys.apart`.

    Returns:
        The steps at which at least one journey left, by value, equals in the order of the map.
    """
    steps = checks.as_instance(conformance, Conformance, "conformance").steps
    money.as_non_negative(worth, "worth")
    cautions = conformance.cautions
    values = [
        ValueAtRisk(step=step.step, came=step.came, left=step.left, worth=worth, cautions=cautions)
        for step in steps
        if step.left
    ]
    return tuple(sorted(values, key=lambda value: -value.left))
