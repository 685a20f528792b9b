"""How expectations follow experiences: a better service becomes the usual one."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import DEEP, EXACT, RATIO, ZERO, plain_repr
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.record import SHARE, SUM, fraction, number, several

__all__ = ["Adaptation", "AdaptationStep", "adapt"]


@attrs.frozen(kw_only=True)
class AdaptationStep(Result):
    """One experience, the expectation before it, and the expectation after it.

    Examples:
        >>> from crmcore import expectations
        >>> [step] = expectations.adapt(5, [7], rise="0.5").steps
        >>> step.disconfirmation, step.adapted
        (Decimal('2'), Decimal('6.0'))

    Attributes:
        expected: What the customer expected before.
        perceived: What the customer experienced.
        disconfirmation: The surprise, ``perceived - expected``.
        adapted: What the customer expects after.
    """

    expected: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)
    perceived: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)
    disconfirmation: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)
    adapted: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)


@attrs.frozen(kw_only=True)
class Adaptation(Result):
    """How an expectation follows experiences, step by step.

    Examples:
        >>> from crmcore import expectations
        >>> path = expectations.adapt(5, [7, 7, 7, 7], rise="0.5")
        >>> path.value, [str(surprise) for surprise in path.disconfirmations]
        (Decimal('6.8750'), ['2', '1.0', '0.50', '0.250'])

    Attributes:
        start: The expectation before the first experience.
        rise: The share of a good surprise by which the expectation rises.
        fall: The share of a bad surprise by which it falls.
        steps: The experiences, in order.
    """

    ratios = ("value",)

    start: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)
    rise: Annotated[Decimal, SHARE] = attrs.field(converter=fraction, repr=plain_repr)
    fall: Annotated[Decimal, SHARE] = attrs.field(converter=fraction, repr=plain_repr)
    steps: tuple[AdaptationStep, ...] = attrs.field(default=(), converter=several)

    @property
    def value(self) -> Decimal:
        """The expectation after the last experience; without experiences that at the start."""
        return self.steps[-1].adapted if self.steps else self.start

    @property
    def expectations(self) -> tuple[Decimal, ...]:
        """The expectation after each experience."""
        return tuple(step.adapted for step in self.steps)

    @property
    def disconfirmations(self) -> tuple[Decimal, ...]:
        """The surprise of each experience, ``perceived - expected``."""
        return tuple(step.disconfirmation for step in self.steps)

    def _list_rows(self) -> list[dict[str, Any]]:
        return [step.row() for step in self.steps]

    def explain(self) -> Explanation:
        """Return how the expectation comes about, line by line."""
        lines: list[Term] = [term("rise", self.rise), term("fall", self.fall), term("expected_0", self.start)]
        for place, step in enumerate(self.steps, 1):
            rate = "rise" if step.disconfirmation > 0 else "fall"
            before, surprise = f"expected_{place - 1}", f"disconfirmation_{place}"
            lines += [
                term(f"perceived_{place}", step.perceived),
                term(surprise, step.disconfirmation, "", f"perceived_{place} - {before}"),
                term(f"expected_{place}", step.adapted, "", f"{before} + {rate} * {surprise}"),
            ]
        return Explanation(lines, source="exponential smoothing: Brown 1959; Oliver 1980")


def adapt(
    start: Decimal | int | str,
    perceived: Iterable[Decimal | int | str],
    *,
    rise: Decimal | int | str | float,
    fall: Decimal | int | str | float | None = None,
) -> Adaptation:
    """Return how an expectation follows experiences: after each it moves towards it by a share of the surprise.

    The same service stops to delight: with a share of one half the surprise halves each time. If the expectation rises
    faster than it falls, the bar is a ratchet.

    Examples:
        >>> from crmcore import expectations
        >>> expectations.adapt(5, [7, 4, 6], rise="0.5", fall="0.1").expectations
        (Decimal('6.0'), Decimal('5.80'), Decimal('5.900'))
        >>> expectations.adapt(5, [7, 4], rise=1, fall=0).value  # a bar that never falls
        Decimal('7')

    Args:
        start: The expectation before the first experience.
        perceived: The experiences, in order, on the same scale.
        rise: The share of a good surprise by which the expectation rises, > 0 and at most 1.
        fall: The share of a bad surprise by which it falls, from 0 to 1; None for `rise`.

    Returns:
        The path, to 34 digits. Rounding errors do not add up.

    Raises:
        InvalidValueError: `rise` is 0, or one of the shares is outside 0 to 1.

    Source: exponential smoothing, Brown 1959. The two shares are a policy; measure them if you can.
    """
    up = checks.as_share(rise, "rise")
    if not up:
        raise InvalidValueError(
            "expectation_never_rises", f"rise must be > 0, got {show(up)}", field="rise", operands=(up,)
        )
    down = up if fall is None else checks.as_share(fall, "fall")
    first = checks.as_exact(start, "start")
    expected = first
    steps: list[AdaptationStep] = []
    for place, value in enumerate(checks.iterate(perceived, "perceived", "number")):
        experienced = checks.as_exact(value, f"perceived[{place}]")
        surprise = DEEP.subtract(experienced, expected)
        adapted = DEEP.add(expected, DEEP.multiply(up if surprise > 0 else down, surprise))
        steps.append(
            AdaptationStep(
                expected=_round(expected),
                perceived=experienced,
                disconfirmation=_round(surprise),
                adapted=_round(adapted),
            )
        )
        expected = adapted
    return Adaptation(start=first, rise=up, fall=down, steps=steps)


def _round(value: Decimal) -> Decimal:
    return EXACT.add(RATIO.plus(value), ZERO)
