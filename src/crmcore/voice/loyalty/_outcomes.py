"""What customers did, or what they are worth, for each level, grade or type of customer: tables that add."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from typing import Annotated, ClassVar, Self, TypeVar, cast

import attrs

from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import EXACT, ZERO, plain_repr, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import KeyGuard
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.money import Money
from crmcore.primitives.proportions import Interval, TwoProportions, find_quantile, two_proportions, wilson
from crmcore.primitives.record import SUM, Name, number
from crmcore.primitives.tally import POLICY, Tally, TallyBy

__all__ = ["CustomerFigure", "OutcomeRate", "read_answers"]

_C = TypeVar("_C", bound=Id)
_K = TypeVar("_K", bound=Hashable)
_T = TypeVar("_T")


def read_answers(answers: Mapping[_C, bool | None], name: str) -> dict[_C, bool | None]:
    """Return yes, no or unknown by customer, checked."""
    checks.check_mapping(answers, name, "ids to True, False or None")
    found: dict[_C, bool | None] = {}
    for place, (customer_id, answer) in enumerate(answers.items()):
        key = cast("_C", as_id(customer_id, f"{name}[{place}]"))
        found[key] = None if answer is None else checks.as_instance(answer, bool, f"{name}[{place}]")
    return found


def _group(customers: Mapping[_C, _T], key: Callable[[_C], _K]) -> dict[_K, list[_T]]:
    """Return the values of the customers of each key, in the order in which the keys first occur."""
    checks.check_callable(key, "key", "standings.states.get")
    groups: dict[_K, list[_T]] = {}
    guard = KeyGuard(groups)
    kind: type | None = None
    for customer_id, value in customers.items():
        group = key(customer_id)
        if type(group) is not kind:
            kind = guard.admit(group)
        groups.setdefault(group, []).append(value)
    return groups


@attrs.frozen(kw_only=True)
class OutcomeRate(Tally):
    """Number of customers with an outcome, such as a return. Records of disjoint customers can be added.

    By the grade of an experience it says whether a better experience brings customers back, lets them look less at
    rivals and recommend more; by recommendation, whether those who return would recommend.

    Examples:
        >>> from crmcore import OutcomeRate
        >>> grade = {"anna": "excellent", "ben": "excellent", "eva": "poor", "zoe": "poor"}
        >>> returned = {"anna": True, "ben": True, "eva": False, "zoe": None}
        >>> by_grade = OutcomeRate.by(returned, grade.get)
        >>> {name: (found.rate, found.unknown) for name, found in by_grade.items()}
        {'excellent': (Decimal('1'), 0), 'poor': (Decimal('0'), 1)}
        >>> round(by_grade["excellent"].interval().low, 2)
        0.34

    Attributes:
        yes: The customers with the outcome.
        no: The customers without it.
        unknown: The customers of whom it is not known; they are in no share.
    """

    ratios: ClassVar[tuple[str, ...]] = ("known", "rate", "unknown_share")

    yes: int = 0
    no: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, outcomes: Mapping[_C, bool | None], /) -> Self:
        """Count outcomes by customer: True, False, or None for unknown."""
        return cls._count(read_answers(outcomes, "outcomes").values())

    @classmethod
    def by(cls, outcomes: Mapping[_C, bool | None], key: Callable[[_C], _K], /) -> TallyBy[_K, Self]:
        """Count outcomes for each value of a key of the customer.

        Examples:
            >>> from crmcore import OutcomeRate
            >>> bought_again = {"anna": True, "ben": True, "zoe": False}
            >>> recommends = {"anna": True, "ben": False, "zoe": False}
            >>> {key: found.rate for key, found in OutcomeRate.by(bought_again, recommends.get).items()}
            {True: Decimal('1'), False: Decimal('0.5')}

        Args:
            outcomes: The outcome of each customer: True, False, or None for unknown.
            key: Returns the key of a customer, such as ``standings.states.get``; None for customers without one.
        """
        groups = _group(read_answers(outcomes, "outcomes"), key)
        return TallyBy({group: cls._count(found) for group, found in groups.items()})

    @classmethod
    def _count(cls, answers: Iterable[bool | None]) -> Self:
        found = list(answers)
        yes, no = found.count(True), found.count(False)
        return cls(yes=yes, no=no, unknown=len(found) - yes - no)

    @property
    def known(self) -> int:
        """The customers of whom the outcome is known, ``yes + no``."""
        return self.yes + self.no

    @property
    def rate(self) -> Decimal | None:
        """The share with the outcome, ``yes / known``; None if it is known of no customer."""
        return ratio(self.yes, self.known)

    @property
    def unknown_share(self) -> Decimal | None:
        """The share of the customers of whom it is not known; None if there are no customers."""
        return ratio(self.unknown, self.known + self.unknown)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None if the outcome is known of no customer.

        Source: Wilson 1927.
        """
        return wilson(self.yes, self.known, confidence=confidence)

    def compared_to(self, other: "OutcomeRate", /) -> TwoProportions | None:
        """Compare the rate with that of other customers, or return None if either is known of no customer.

        Args:
            other: The other customers. The difference is this rate minus theirs.
        """
        checks.as_instance(other, OutcomeRate, "other")
        return two_proportions((other.yes, other.known), (self.yes, self.known))

    def explain(self) -> Explanation:
        """Return the counts and the rate, line by line."""
        return Explanation(
            (
                term("yes", self.yes, "customers"),
                term("no", self.no, "customers"),
                term("unknown", self.unknown, "customers"),
                term("known", self.known, "customers", "yes + no"),
                term("rate", self.rate, "", "yes / known"),
                term("unknown_share", self.unknown_share, "", "unknown / (known + unknown)"),
            )
        )


@attrs.frozen(kw_only=True)
class CustomerFigure(Tally):
    """Sum of a figure of each customer, such as tenure or revenue. Records of disjoint customers can be added.

    By level it says whether loyal customers stay longer and bring more. The squares are kept so that the bounds of
    the whole follow from its parts.

    Examples:
        >>> from crmcore import CustomerFigure, Money
        >>> level = {"anna": "loyal", "ben": "loyal", "eva": "loyal", "zoe": "aggrieved"}
        >>> revenue = {"anna": Money(500, "EUR"), "ben": Money(700, "EUR"), "eva": None, "zoe": Money(90, "EUR")}
        >>> by_level = CustomerFigure.by(revenue, level.get, unit="EUR")
        >>> {name: (figure.mean, figure.unknown) for name, figure in by_level.items()}
        {'loyal': (Decimal('600'), 1), 'aggrieved': (Decimal('90'), 0)}

    Attributes:
        unit: The unit: days, the code of a currency, or any other.
        known: The customers whose figure is known.
        unknown: The customers whose figure is not known; they are in no mean.
        sum: The sum of the known figures.
        squares: The sum of their squares.

    Raises:
        InvalidValueError: A sum or squares without a customer, or squares that are too small for the sum.
    """

    ratios: ClassVar[tuple[str, ...]] = ("mean", "unknown_share")

    unit: Name = attrs.field(metadata=POLICY)
    known: int = 0
    unknown: int = 0
    sum: Annotated[Decimal, SUM] = attrs.field(default=ZERO, converter=number, repr=plain_repr)
    squares: Annotated[Decimal, SUM] = attrs.field(default=ZERO, converter=number, repr=plain_repr)

    def _check(self) -> None:
        super()._check()
        if Fraction(self.squares) * self.known < Fraction(self.sum) ** 2 or (self.squares and not self.known):
            raise InvalidValueError(
                "squares_too_small",
                "squares must be at least sum^2 / known, and zero without customers",
                field="squares",
                operands=(self.squares, self.sum, self.known),
            )

    @classmethod
    def of(cls, figures: Mapping[_C, Decimal | int | str | Money | timedelta | None], /, *, unit: str) -> Self:
        """Sum the figures of customers.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import CustomerFigure
            >>> CustomerFigure.of({"anna": timedelta(days=400), "ben": timedelta(days=200)}, unit="days").mean
            Decimal('300')

        Args:
            figures: The figure of each customer: a number, money, or a duration, which counts in days; None for
                unknown.
            unit: The unit: the code of the currency of money, ``"days"`` for durations.

        Raises:
            InvalidValueError: Money in another currency than `unit`, or a duration in another unit than days.
        """
        return cls._add(_read_figures(figures, unit).values(), unit)

    @classmethod
    def by(
        cls,
        figures: Mapping[_C, Decimal | int | str | Money | timedelta | None],
        key: Callable[[_C], _K],
        /,
        *,
        unit: str,
    ) -> TallyBy[_K, Self]:
        """Sum the figures of customers for each value of a key.

        Args:
            figures: The figure of each customer, as a number, money or a duration; None for unknown.
            key: Returns the key of a customer, such as ``standings.states.get``; None for customers without one.
            unit: The unit: the code of the currency of money, ``"days"`` for durations.
        """
        groups = _group(_read_figures(figures, unit), key)
        return TallyBy({group: cls._add(found, unit) for group, found in groups.items()})

    @classmethod
    def _add(cls, figures: Iterable[Decimal | None], unit: str) -> Self:
        given = list(figures)
        known = [figure for figure in given if figure is not None]
        total = squares = ZERO
        for figure in known:
            total, squares = EXACT.add(total, figure), EXACT.add(squares, EXACT.multiply(figure, figure))
        return cls(unit=unit, known=len(known), unknown=len(given) - len(known), sum=total, squares=squares)

    @property
    def mean(self) -> Decimal | None:
        """The mean of the known figures; None if none is known."""
        return ratio(self.sum, self.known)

    @property
    def unknown_share(self) -> Decimal | None:
        """The share of the customers whose figure is not known; None if there are no customers."""
        return ratio(self.unknown, self.known + self.unknown)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the interval of the mean by the normal approximation, or None if fewer than two figures are known.

        It suits thirty customers or more. Revenue is skewed: a few large customers make it unreliable.

        Source: the central limit theorem; the variance is that of the sample, with n - 1.
        """
        z, n = find_quantile(confidence), self.known
        if n < 2:
            return None
        variance = (Fraction(self.squares) - Fraction(self.sum) ** 2 / n) / (n - 1)
        middle, margin = float(Fraction(self.sum) / n), z * sqrt(variance / n)
        return Interval(middle - margin, middle + margin)

    def explain(self) -> Explanation:
        """Return the sum, the customers and the mean, line by line."""
        return Explanation(
            (
                term("sum", self.sum, self.unit),
                term("known", self.known, "customers"),
                term("unknown", self.unknown, "customers"),
                term("mean", self.mean, self.unit, "sum / known"),
                term("unknown_share", self.unknown_share, "", "unknown / (known + unknown)"),
            )
        )


def _read_figures(
    figures: Mapping[_C, Decimal | int | str | Money | timedelta | None], unit: str
) -> dict[_C, Decimal | None]:
    """Return exact numbers by customer."""
    checks.check_mapping(figures, "figures", "ids to numbers, money or durations")
    name = checks.as_nonempty_text(unit, "unit")
    found: dict[_C, Decimal | None] = {}
    for place, (customer_id, figure) in enumerate(figures.items()):
        at = f"figures[{place}]"
        found[cast("_C", as_id(customer_id, at))] = None if figure is None else _read_figure(figure, name, at)
    return found


def _read_figure(figure: Decimal | int | str | Money | timedelta, unit: str, name: str) -> Decimal:
    kind = type(figure)  # what an object says of its class may be wrong
    if issubclass(kind, Money):
        given, read = cast("Money", figure).currency, cast("Money", figure).amount
    elif issubclass(kind, timedelta):
        given, read = "days", _clock.days(_clock.microseconds(cast("timedelta", figure)))
    else:
        return checks.as_exact(figure, name)
    if given != unit:
        raise InvalidValueError(
            "figure_in_another_unit",
            f"figures must be in {show(unit)}, got one in {show(given)}",
            **checks.at_fault(name),
            advice=f"take unit={given!r}, or convert the figures first",
            operands=(show(given), show(unit)),
        )
    return read
