"""The value of a customer from a survival curve, beside the value under a constant rate."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import attrs

from crmcore.primitives import checks, money
from crmcore.primitives._decimals import DEEP, ONE, RATIO, WIDE, ZERO, ratio, round_to_finest
from crmcore.primitives._kinds import is_a
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.money import Money, round_money, same_currency
from crmcore.primitives.rates import Discount, Retention, TimeUnit
from crmcore.value.lifetime_value._promotion import COUNTED_TO_A_HORIZON
from crmcore.value.lifetime_value._result import Elasticity, LifetimeValue
from crmcore.value.lifetime_value._retention import FirstMargin

if TYPE_CHECKING:
    from crmcore.retention.survival import Survival

__all__ = ["SurvivalValue", "from_survival"]


@attrs.frozen(kw_only=True)
class SurvivalValue(Result):
    """A value from a survival curve, and what one constant rate in the place of the curve would make of it.

    Examples:
        >>> from crmcore import Discount, FirstMargin, Money, TimeUnit, lifetime_value
        >>> found = lifetime_value.from_survival(
        ...     margin=Money(100, "EUR"),
        ...     survival=["1", "0.631", "0.468", "0.382", "0.326"],
        ...     discount=Discount("0.1", TimeUnit.YEAR),
        ...     first_margin=FirstMargin.INCLUDED,
        ... )
        >>> found.worth.value.quantized(), found.constant.value.quantized(), found.difference.quantized()
        (Money('247.01', 'EUR'), Money('270.56', 'EUR'), Money('-23.55', 'EUR'))

    Attributes:
        worth: The value from the curve, up to its end.
        constant: The value over the same periods at the one rate that leaves the same share at the end. None if the
            curve has no period.
        retention: That rate. None if the curve has no period.

    Raises:
        CurrencyMismatchError: The values are in two currencies.
        InconsistentCountsError: Only one of `constant` and `retention` is given.
    """

    ratios = ("value", "constant_value", "difference")

    worth: LifetimeValue
    constant: LifetimeValue | None = None
    retention: Retention | None = None

    def _check(self) -> None:
        super()._check()
        if (self.constant is None) is not (self.retention is None):
            raise InconsistentCountsError(
                "constant_value_without_rate",
                "constant and retention must be given together or not at all",
                field="retention",
            )
        if self.constant is not None:
            same_currency(self.worth.value, self.constant.value, "constant")

    @property
    def value(self) -> Money:
        """The value from the curve."""
        return self.worth.value

    @property
    def constant_value(self) -> Money | None:
        """The value at the constant rate. None if the curve has no period."""
        return None if self.constant is None else self.constant.value

    @property
    def difference(self) -> Money | None:
        """The value from the curve less that at the constant rate. None if the curve has no period."""
        return None if self.constant is None else self.worth.value - self.constant.value

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What the value from the curve leaves out."""
        return self.worth.cautions

    def explain(self) -> Explanation:
        """Explain the difference line by line."""
        if self.constant is None or self.retention is None:
            return Explanation([term("value", self.value)], cautions=self.cautions)
        return Explanation(
            (
                term("value", self.value),
                term("retention", self.retention.share, f"per {self.retention.per.value}"),
                term("constant_value", self.constant.value),
                term("difference", self.difference, "", "value - constant_value"),
            ),
            cautions=self.cautions,
        )


def from_survival(
    *,
    margin: Money | Iterable[Money],
    survival: "Survival | Iterable[Decimal | int | str | float]",
    discount: Discount,
    first_margin: FirstMargin,
    acquisition_cost: Money | None = None,
) -> SurvivalValue:
    """Return the value of a new customer from the shares of customers who are still there after each period.

    Customers who leave early leave first, so the rate at which the others are kept rises. One rate in the place of the
    curve is too high at first and too low later.

    Examples:
        >>> from crmcore import Discount, FirstMargin, Money, TimeUnit, lifetime_value
        >>> found = lifetime_value.from_survival(
        ...     margin=[Money(100, "EUR"), Money(120, "EUR")],
        ...     survival=[1, "0.6", "0.5"],
        ...     discount=Discount("0.1", TimeUnit.YEAR),
        ...     first_margin=FirstMargin.INCLUDED,
        ... )
        >>> print(found.worth.explain())
        discount                  0.1  per year
        margin_1                  100  EUR
        survival_1                  1
        margin_2                  120  EUR
        survival_2                0.6
        margin_3                  120  EUR
        survival_3                0.5
        value_1                   100  EUR       = margin_1 * survival_1
        value_2     165.4545454545...  EUR       = value_1 + margin_2 * survival_2 / (1 + discount) ** 1
        value       215.0413223140...  EUR       = value_2 + margin_3 * survival_3 / (1 + discount) ** 2
        caution: counted_to_a_horizon: what customers bring after the horizon is left out

    Args:
        margin: What a customer who is still there brings in one period, or the margins of the first period that counts,
            the second and so on. The last one is also that of every later period.
        survival: The share of customers who are still there at the start, which is 1, after one period, after two and
            so on. It does not rise. Or a `Survival`, whose curve is read at each whole unit of its time; if it does not
            say its unit, that is taken for the unit of the discount, with a caution.
        discount: The rate of discount per period; its unit is the period of the curve.
        first_margin: When the first margin is received. There is no default, because the forms differ in value.
        acquisition_cost: What winning the customer costs. It is subtracted.

    Raises:
        CurrencyMismatchError: The amounts are in several currencies.
        InvalidValueError: The curve does not begin with 1 or rises, or there is no margin. A `Survival` counts in
            another unit than the discount, or has no lifetimes.

    Source: Fader and Hardie 2010, Customer-base valuation in a contractual setting: the perils of ignoring
    heterogeneity, Marketing Science 29(1):85-93: ``E(CLV) = sum(m S(t) / (1 + d) ** t)``.
    """
    checks.as_instance(discount, Discount, "discount")
    shares = _as_curve(survival, discount.per)
    margins = _as_margins(margin)
    if not margins:
        raise InvalidValueError("no_margin", "margin must have at least one amount", field="margin")
    for place, amount in enumerate(margins):
        same_currency(margins[0], amount, "margin", place)
    form = checks.as_member(first_margin, FirstMargin, "first_margin")
    cost = None if acquisition_cost is None else money.as_non_negative(acquisition_cost, "acquisition_cost", margins[0])
    worth = _value(shares, margins, discount, form, cost, cautions=_warn(survival, discount.per))
    periods = len(shares) - 1
    if not periods:
        return SurvivalValue(worth=worth)
    kept = RATIO.plus(WIDE.power(shares[-1], WIDE.divide(1, periods))) if shares[-1] else ZERO
    even = [ONE, *(DEEP.power(kept, period) for period in range(1, periods + 1))]
    return SurvivalValue(
        worth=worth,
        constant=_value(even, margins, discount, form, cost),
        retention=Retention(kept, discount.per),
    )


def _as_curve(survival: "Survival | Iterable[Decimal | int | str | float]", unit: TimeUnit) -> list[Decimal]:
    """Return the shares after each period."""
    if not isinstance(survival, Iterable):
        from crmcore.retention.survival import Survival  # noqa: PLC0415 - only an estimated curve needs it

        if isinstance(survival, Survival):
            return _read_curve(survival, unit)
    shares = [
        checks.as_share(share, f"survival[{place}]")
        for place, share in enumerate(checks.iterate(survival, "survival", "share"))
    ]
    if not shares or shares[0] != ONE:
        raise InvalidValueError(
            "curve_does_not_begin_with_one",
            f"survival must begin with 1, the share at the start, got {show(shares[0]) if shares else 'no shares'}",
            field="survival",
            advice="put 1 before the share after the first period",
            operands=tuple(shares[:1]),
        )
    for place, (before, after) in enumerate(pairwise(shares), 1):
        if after > before:
            raise InvalidValueError(
                "curve_rises",
                f"survival must not rise, got {show(after)} after {show(before)}",
                field="survival",
                operands=(before, after),
                record=place,
            )
    return shares


def _read_curve(survival: "Survival", unit: TimeUnit) -> list[Decimal]:
    """Return the shares of an estimated curve at whole units of time, up to the longest known time."""
    if survival.unit is not None and survival.unit is not unit:
        raise InvalidValueError(
            "curve_in_another_unit",
            f"discount must be per {survival.unit}, as the curve counts, got per {unit}",
            field="discount",
            advice=f"write discount.to(TimeUnit.{survival.unit.name})",
            operands=(survival.unit, unit),
        )
    periods = int(max(survival.times, default=ZERO))
    checks.check_size(periods, "survival")
    _, *later = [survival.at(period).survival for period in range(periods + 1)]  # who leaves at once was there, too
    return [ONE, *(share for share in later if share is not None)]


def _as_margins(margin: object) -> tuple[Money, ...]:
    """Return one margin or several as several."""
    if is_a(margin, Iterable):
        return checks.as_tuple(cast("object", margin), Money, "margin")
    return (checks.as_instance(margin, Money, "margin"),)


def _warn(survival: object, unit: TimeUnit) -> tuple[Finding, ...]:
    """Say that the unit of a curve is not known, and so nothing checks it against that of the discount."""
    if isinstance(survival, Iterable) or cast("Survival", survival).unit is not None:
        return ()
    return (
        Finding(
            rule="curve_without_unit",
            severity=Severity.WARNING,
            subject="survival",
            message="the curve does not say its unit of time, so it is taken for that of the discount",
            advice="name it where the curve is counted: unit=TimeUnit.MONTH",
            evidence=[("unit", unit.value)],
        ),
    )


def _value(
    shares: list[Decimal],
    margins: tuple[Money, ...],
    discount: Discount,
    form: FirstMargin,
    cost: Money | None,
    *,
    cautions: tuple[Finding, ...] = (),
) -> LifetimeValue:
    """Return the value from a curve, with a line for each period."""
    due, currency = DEEP.add(ONE, discount.rate), margins[0].currency
    renews, late = form is FirstMargin.EXCLUDED, form is not FirstMargin.INCLUDED
    counted = shares[1:] if renews else shares
    given = [term("discount", discount.rate, f"per {discount.per.value}")]
    sums: list[Term] = []
    total, before = ZERO, ""
    for place, share in enumerate(counted):
        amount = margins[min(place, len(margins) - 1)].amount
        wait, number = place + late, place + 1
        worth = DEEP.multiply(amount, share)
        total = DEEP.add(total, DEEP.divide(worth, DEEP.power(due, wait)) if wait else worth)
        given += [Term(f"margin_{number}", amount, currency), term(f"survival_{number}", round_to_finest(share))]
        formula = f"margin_{number} * survival_{number}" + (f" / (1 + discount) ** {wait}" if wait else "")
        sums.append(Term(f"value_{number}", RATIO.plus(total), currency, before + formula))
        before = f"value_{number} + "
    gross = round_money(total, currency)
    value = gross if cost is None else gross - cost
    if cost is not None:
        given.append(term("acquisition_cost", cost))
        last = term("value", value, "", f"{before.removesuffix(' + ') or '0'} - acquisition_cost")
    elif sums:
        *sums, ended = sums
        last = term("value", value, "", ended.formula)
    else:
        last = term("value", value)
    return LifetimeValue(
        value=value,
        acquisition_cost=cost,
        truncated=True,
        elasticity=Elasticity(margin=ratio(total, value.amount)),
        cautions=(*cautions, COUNTED_TO_A_HORIZON),
        explanation=Explanation((*given, *sums, last)),
    )
