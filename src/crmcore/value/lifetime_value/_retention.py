"""Values under constant retention: the same share of customers stays in every period."""

from datetime import date
from decimal import Decimal, Overflow
from enum import StrEnum
from fractions import Fraction
from typing import Final

import attrs

from crmcore.primitives import checks, money
from crmcore.primitives._decimals import DEEP, EXACT, ONE, RATIO, ZERO, ratio, round_to_finest
from crmcore.primitives.checks import show
from crmcore.primitives.errors import DivergenceError, InvalidValueError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.money import Money, round_money, same_currency
from crmcore.primitives.periods import add_step, calendar_step
from crmcore.primitives.rates import Discount, Retention, TimeUnit
from crmcore.value.cashflow import CashFlow
from crmcore.value.lifetime_value._inputs import as_gross_margin, as_growth, check_same_unit
from crmcore.value.lifetime_value._least import covers, find_least, find_least_amount
from crmcore.value.lifetime_value._result import Elasticity, LifetimeValue
from crmcore.value.lifetime_value._simple import find_revenue_caution

__all__ = [
    "FirstMargin",
    "break_even_margin",
    "break_even_retention",
    "constant_retention",
    "expected_flows",
    "from_churn",
    "residual",
]


class FirstMargin(StrEnum):
    """When the first margin is received: three published forms of the value, all of them right for their case.

    Without growth and horizon, `INCLUDED` exceeds `EXCLUDED` by exactly one margin. `END_OF_PERIOD` equals `INCLUDED`
    divided by ``1 + d``.

    Attributes:
        INCLUDED: Now, from a customer just won: ``margin * (1 + d) / (1 + d - r)``. Used by Blattberg; Steenburgh and
            Avery.
        EXCLUDED: At the first renewal, from a customer who has just paid: ``margin * r / (1 + d - r)``. Used by Kotler
            and Keller; Lehmann and Winer; Gupta and Lehmann (their margin multiple).
        END_OF_PERIOD: At the end of the first period, from every customer: ``margin / (1 + d - r)``. Used by Ofek;
            Davis.
    """

    INCLUDED = "included"
    EXCLUDED = "excluded"
    END_OF_PERIOD = "end_of_period"


_NUMERATORS = {
    FirstMargin.INCLUDED.value: "margin * (1 + discount)",
    FirstMargin.EXCLUDED.value: "margin * retention",
    FirstMargin.END_OF_PERIOD.value: "margin",
}
_FIRSTS = {
    FirstMargin.INCLUDED.value: "margin",
    FirstMargin.EXCLUDED.value: "margin * retention / (1 + discount)",
    FirstMargin.END_OF_PERIOD.value: "margin / (1 + discount)",
}


@attrs.frozen
class _Stream:
    """Margins that shrink as customers leave, grow by themselves, and are discounted."""

    margin: Decimal
    kept: Decimal
    rate: Decimal
    growth: Decimal
    first: FirstMargin

    @property
    def due(self) -> Decimal:
        """The factor by which an amount grows in a period at the rate of discount."""
        return DEEP.add(ONE, self.rate)

    @property
    def carried(self) -> Decimal:
        """The expected margin of a period as a share of the margin of the period before, without discount."""
        return DEEP.multiply(self.kept, DEEP.add(ONE, self.growth))

    @property
    def gap(self) -> Decimal:
        """The denominator of the sum of all margins; that sum is finite if this is above 0."""
        return DEEP.subtract(self.due, self.carried)

    @property
    def numerator(self) -> Decimal:
        """The numerator of the sum of all margins."""
        if self.first is FirstMargin.INCLUDED:
            return DEEP.multiply(self.margin, self.due)
        return DEEP.multiply(self.margin, self.kept) if self.first is FirstMargin.EXCLUDED else self.margin

    def compound(self, periods: int) -> Decimal:
        """Return the expected, discounted margin after some periods as a share of the first one."""
        try:
            return DEEP.power(DEEP.divide(self.carried, self.due), periods) if periods else ONE
        except Overflow:
            raise InvalidValueError(
                "too_many_periods",
                f"the margins are too large to compute over {show(periods)} periods",
                field="periods",
                operands=(periods,),
            ) from None

    def sum_margins(self, periods: int | None) -> Decimal:
        """Return the sum of the margins of some periods, or of all if None."""
        if periods is None:
            return DEEP.divide(self.numerator, self.gap)
        if not self.gap:
            return DEEP.multiply(DEEP.divide(self.numerator, self.due), periods)
        lost = DEEP.subtract(ONE, self.compound(periods))
        return DEEP.divide(DEEP.multiply(self.numerator, lost), self.gap)

    def average_delay(self, periods: int | None) -> Decimal:
        """Return how many periods after the first margin the margins come on average, weighted by their value."""
        if periods is None:
            return DEEP.divide(self.carried, self.gap)
        if not self.gap:
            return DEEP.divide(periods - 1, 2)
        left = self.compound(periods)
        cut = DEEP.divide(DEEP.multiply(periods, left), DEEP.subtract(ONE, left))
        return DEEP.subtract(DEEP.divide(self.carried, self.gap), cut)


def constant_retention(
    *,
    margin: Money,
    retention: Retention,
    discount: Discount,
    first_margin: FirstMargin,
    growth: Decimal | int | str | float = 0,
    periods: int | None = None,
    acquisition_cost: Money | None = None,
    observed: int | None = None,
) -> LifetimeValue:
    """Return the value of a customer who stays with the same probability in every period: the discounted margins.

    Examples:
        >>> from crmcore import Discount, FirstMargin, Money, Retention, TimeUnit, lifetime_value
        >>> worth = lifetime_value.constant_retention(
        ...     margin=Money("17.95", "USD"),
        ...     retention=Retention("0.995", TimeUnit.MONTH),
        ...     discount=Discount("0.01", TimeUnit.MONTH),
        ...     first_margin=FirstMargin.INCLUDED,
        ... )
        >>> worth.value.quantized()
        Money('1208.63', 'USD')
        >>> print(worth.explain())
        margin                  17.95  USD/month
        retention               0.995  per month
        discount                 0.01  per month
        value      1208.6333333333...  USD        = margin * (1 + discount) / (1 + discount - retention)
        caution: constant_retention: every customer is assumed to stay with the same probability in every period

    Args:
        margin: What a customer who is still there brings in one period, net of the cost of serving them. If it grows,
            the margin of the first period that counts.
        retention: The share of customers kept from one period to the next.
        discount: The rate of discount per period, in the same unit of time.
        first_margin: When the first margin is received. There is no default, because the forms differ in value.
        growth: The rate at which the margin of those who stay grows from one period to the next, >= -1; it shrinks if
            below 0.
        periods: The number of margins to count, by default all. A value with a horizon is `truncated`, and `residual`
            is what it leaves out.
        acquisition_cost: What winning the customer costs. It is subtracted.
        observed: How many periods of data the retention comes from. A caution then says which share of the value lies
            beyond them.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        DivergenceError: The sum of all margins is not finite, because ``retention * (1 + growth)`` is not below
            ``1 + discount``.
        InvalidValueError: Retention and discount are per different units of time (the message converts), or a number is
            outside its domain.

    Source: Fader and Hardie, Reconciling and Clarifying CLV Formulas (note 024). With growth: Gupta and Lehmann,
    Managing Customers as Investments. With a horizon: Fader and Hardie 2014 (note 033), who warn against calling the
    result a lifetime value.
    """
    stream = _build_stream(margin, retention, discount, first_margin, growth)
    horizon = _as_horizon(periods, stream)
    gross = net = round_money(stream.sum_margins(horizon), margin.currency)
    lines = _explain_inputs(stream, margin, retention)
    formula = _write_formula(stream, horizon)
    if horizon is not None:
        lines.append(Term("periods", horizon, f"{retention.per.value}s"))
    if acquisition_cost is not None:
        net = gross - money.as_non_negative(acquisition_cost, "acquisition_cost", margin)
        lines.append(term("acquisition_cost", acquisition_cost))
        formula += " - acquisition_cost"
    lines.append(term("value", net, "", formula))
    return LifetimeValue(
        value=net,
        acquisition_cost=acquisition_cost,
        residual=_find_residual(stream, horizon, margin.currency),
        truncated=horizon is not None,
        elasticity=_build_elasticity(stream, horizon, gross, net),
        cautions=_find_cautions(stream, horizon, observed),
        explanation=Explanation(lines),
    )


def residual(
    *,
    margin: Money,
    retention: Retention,
    discount: Discount,
    renewed: bool,
    growth: Decimal | int | str | float = 0,
) -> LifetimeValue:
    """Return the value of an existing customer from now on; under constant retention it is the same at every age.

    Examples:
        >>> from functools import partial
        >>> from crmcore import Discount, Money, Retention, TimeUnit, lifetime_value
        >>> kept, waiting = Retention("0.8", TimeUnit.YEAR), Discount("0.1", TimeUnit.YEAR)
        >>> rest = partial(lifetime_value.residual, margin=Money(100, "EUR"), retention=kept, discount=waiting)
        >>> rest(renewed=True).value.quantized()
        Money('266.67', 'EUR')
        >>> rest(renewed=False).value.quantized()
        Money('293.33', 'EUR')

    Args:
        margin: What the customer brings at the next renewal, net of the cost of serving them.
        retention: The share of customers kept from one period to the next.
        discount: The rate of discount per period, in the same unit of time.
        renewed: True if the customer has just renewed, so that the next renewal is one period away. False if it is due
            now.
        growth: The rate at which the margin grows from one period to the next, >= -1.

    Raises:
        DivergenceError: The sum of all margins is not finite, as in `constant_retention`.
        InvalidValueError: Retention and discount are per different units of time, or `growth` is below -1.

    Source: Fader and Hardie, on residual lifetime value: ``margin * r / (1 + d - r)`` just after a renewal, and
    ``r * margin * (1 + d) / (1 + d - r)`` just before one.
    """
    after = FirstMargin.EXCLUDED
    if checks.as_instance(renewed, bool, "renewed"):
        return constant_retention(
            margin=margin, retention=retention, discount=discount, first_margin=after, growth=growth
        )
    stream = _build_stream(margin, retention, discount, after, growth)
    _check_convergence(stream)
    value = round_money(DEEP.multiply(stream.sum_margins(None), stream.due), margin.currency)
    formula = f"(1 + discount) * {_write_formula(stream, None)}"
    return LifetimeValue(
        value=value,
        residual=Money.zero(margin.currency),
        elasticity=_build_elasticity(attrs.evolve(stream, first=FirstMargin.INCLUDED), None, value, value, renewals=1),
        cautions=_find_cautions(stream, None, None),
        explanation=Explanation([*_explain_inputs(stream, margin, retention), term("value", value, "", formula)]),
    )


def from_churn(
    *, revenue: Money, retention: Retention, gross_margin: Decimal | int | str | float = 1
) -> LifetimeValue | None:
    """Return the value in its subscription form: revenue of one customer a period, times gross margin, over churn.

    Examples:
        >>> from crmcore import Money, Retention, TimeUnit, lifetime_value
        >>> worth = lifetime_value.from_churn(
        ...     revenue=Money(100, "EUR"), retention=Retention.from_churn("0.02", TimeUnit.MONTH), gross_margin="0.8"
        ... )
        >>> print(worth.explain())
        revenue         100  EUR/month
        gross_margin    0.8
        churn          0.02  per month
        mean_lifetime    50  months     = 1 / churn
        value          4000  EUR        = revenue * gross_margin / churn
        caution: constant_retention: every customer is assumed to stay with the same probability in every period
        caution: not_discounted: money that comes late counts as much as money that comes now
        caution: service_cost_left_out: serving the customer is counted as free

    It is `constant_retention` with the first margin included and no discount.

    Args:
        revenue: What one customer pays in one period of the retention (ARPA, ARPU): revenue per month with a monthly
            retention.
        retention: The share kept over the same period; ``Retention.from_churn(...)`` takes the share lost.
        gross_margin: The share of the revenue that is left after the cost of goods: at most 1, below 0 for a loss.

    Returns:
        None if the churn is 0, because the lifetime is then infinite. Report a bound, see
        `proportions.zero_event_bound`.

    Raises:
        InvalidValueError: `gross_margin` is above 1, or the value exceeds 10^30.

    Source: standard, for example D. Skok, SaaS Metrics: ARPA times gross margin over churn.
    """
    checks.as_instance(revenue, Money, "revenue")
    churn = checks.as_instance(retention, Retention, "retention").churn
    share = as_gross_margin(gross_margin)
    if not churn:
        return None
    unit = retention.per
    value = round_money(DEEP.divide(DEEP.multiply(revenue.amount, share), churn), revenue.currency)
    a_year = _count_per_year(unit)
    lines = [
        term("revenue", revenue, f"/{unit.value}"),
        term("gross_margin", share),
        term("churn", churn, f"per {unit.value}"),
        term("mean_lifetime", retention.mean_lifetime, f"{unit.value}s", "1 / churn"),
        term("value", value, "", "revenue * gross_margin / churn"),
    ]
    return LifetimeValue(
        value=value,
        years=None if a_year is None else round_to_finest(DEEP.divide(ONE, DEEP.multiply(churn, a_year))),
        yearly=() if a_year is None else (revenue * share * a_year,),
        residual=Money.zero(revenue.currency),
        elasticity=Elasticity(margin=ONE, retention=RATIO.divide(retention.share, churn), churn=EXACT.minus(ONE))
        if value
        else Elasticity(),
        cautions=(CONSTANT_RETENTION, _UNDISCOUNTED, *find_revenue_caution(share), _SERVICE_LEFT_OUT),
        explanation=Explanation(lines),
    )


def break_even_retention(
    *,
    target: Money,
    margin: Money,
    discount: Discount,
    first_margin: FirstMargin,
    growth: Decimal | int | str | float = 0,
) -> Retention | None:
    """Return the lowest retention at which the value without a horizon reaches a target, such as an acquisition cost.

    Examples:
        >>> from crmcore import Discount, FirstMargin, Money, TimeUnit, lifetime_value
        >>> lifetime_value.break_even_retention(
        ...     target=Money(300, "EUR"),
        ...     margin=Money(100, "EUR"),
        ...     discount=Discount("0.1", TimeUnit.YEAR),
        ...     first_margin=FirstMargin.INCLUDED,
        ... )
        Retention(share=Decimal('0.7333333333...'), per=<TimeUnit.YEAR: 'year'>)

    Args:
        target: The value to reach.
        margin: What a customer brings in one period of the discount: a margin per month needs a discount per month.
        discount: The rate of discount; the result is in its unit of time.
        first_margin: When the first margin is received.
        growth: The rate at which the margin grows from one period to the next, >= -1.

    The share has at most 34 digits and is rounded up: with it the value reaches the target, and with one unit of the
    last digit less it does not.

    Returns:
        A retention of 0 if the target is reached even if no customer stays. None if it is not reached even if every
        customer stays.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InvalidValueError: `growth` is below -1.

    Source: the forms of `constant_retention`, solved for the retention.
    """
    checks.as_instance(target, Money, "target")
    none_kept = Retention(ZERO, checks.as_instance(discount, Discount, "discount").per)
    stream = _build_stream(margin, none_kept, discount, first_margin, growth)
    same_currency(margin, target, "target")
    if stream.sum_margins(None) >= target.amount:
        return none_kept
    paid, due, value = map(Fraction, (stream.margin, stream.due, target.amount))
    grown = Fraction(stream.growth) + 1

    def reaches(share: Fraction) -> bool:
        gap = due - share * grown
        numerator = {FirstMargin.INCLUDED: paid * due, FirstMargin.EXCLUDED: paid * share}.get(first_margin, paid)
        return gap <= 0 or covers(numerator / gap, value)

    if paid <= 0 or not reaches(Fraction(1)):
        return None
    if first_margin is FirstMargin.EXCLUDED:
        share = value * due / (paid + value * grown)
    elif first_margin is FirstMargin.INCLUDED:
        share = due * (value - paid) / (value * grown)
    else:
        share = (value * due - paid) / (value * grown)
    return Retention(min(ONE, find_least(share, reaches)), discount.per)


def break_even_margin(
    *,
    target: Money,
    retention: Retention,
    discount: Discount,
    first_margin: FirstMargin,
    growth: Decimal | int | str | float = 0,
    periods: int | None = None,
) -> Money | None:
    """Return the lowest margin at which the value under constant retention reaches a target.

    It has at most 40 decimals and is rounded up.

    Examples:
        >>> from crmcore import Discount, FirstMargin, Money, Retention, TimeUnit, lifetime_value
        >>> lifetime_value.break_even_margin(
        ...     target=Money(300, "EUR"),
        ...     retention=Retention("0.8", TimeUnit.YEAR),
        ...     discount=Discount("0.1", TimeUnit.YEAR),
        ...     first_margin=FirstMargin.INCLUDED,
        ... ).quantized()
        Money('81.82', 'EUR')

    Args:
        target: The value to reach.
        retention: The share of customers kept from one period to the next.
        discount: The rate of discount per period, in the same unit of time.
        first_margin: When the first margin is received.
        growth: The rate at which the margin grows from one period to the next, >= -1.
        periods: The number of margins to count, by default all.

    Returns:
        None if no margin counts: `periods` is 0, or the first margin comes at a renewal and the retention is 0.

    Raises:
        DivergenceError: The sum of all margins is not finite, as in `constant_retention`.
        InvalidValueError: Retention and discount are per different units of time, or a number is outside its domain.
    """
    checks.as_instance(target, Money, "target")
    stream = _build_stream(Money(1, target.currency), retention, discount, first_margin, growth)
    multiple = Fraction(stream.sum_margins(_as_horizon(periods, stream)))
    if not multiple:
        return None
    value = Fraction(target.amount)
    return round_money(
        find_least_amount(value / multiple, lambda each: covers(each * multiple, value)), target.currency
    )


def expected_flows(*, margin: Money, retention: Retention, first: date, periods: int) -> tuple[CashFlow, ...]:
    """Return the margins that a new customer is expected to bring, as dated flows for `cashflow.npv`.

    The first margin counts in full. Each later one is multiplied by the probability that the customer is still there.
    Days are calendar steps from the first: months from 31 January fall on 28 February, 31 March, 30 April.

    Examples:
        >>> from datetime import date
        >>> from crmcore import Money, Retention, TimeUnit, lifetime_value
        >>> flows = lifetime_value.expected_flows(
        ...     margin=Money(100, "EUR"), retention=Retention("0.8", TimeUnit.YEAR), first=date(2026, 1, 1), periods=3
        ... )
        >>> [(flow.day.isoformat(), str(flow.amount)) for flow in flows]
        [('2026-01-01', '100 EUR'), ('2027-01-01', '80.0 EUR'), ('2028-01-01', '64.00 EUR')]

    Args:
        margin: What a customer who is still there brings in one period.
        retention: The share of customers kept from one period to the next; its unit is the step.
        first: The day of the first margin.
        periods: The number of margins, at most 100,000.

    Raises:
        InvalidValueError: The last margin falls after the year 9999.
    """
    checks.as_instance(margin, Money, "margin")
    unit = checks.as_instance(retention, Retention, "retention").per
    checks.as_date(first, "first")
    number = checks.as_count(periods, "periods")
    if add_step(first, calendar_step(unit, max(0, number - 1))) is None:
        raise InvalidValueError(
            "last_margin_after_9999",
            f"the last margin must fall before the year 10000, got {show(periods)} {unit.value}s from {show(first)}",
            field="periods",
            operands=(number, first),
        )
    checks.check_size(number, "periods")
    flows: list[CashFlow] = []
    expected = margin.amount
    for step in range(number):
        flows.append(CashFlow(first + calendar_step(unit, step), round_money(expected, margin.currency)))
        expected = DEEP.multiply(expected, retention.share)
    return tuple(flows)


def _build_stream(
    margin: Money, retention: Retention, discount: Discount, first_margin: FirstMargin, growth: object
) -> _Stream:
    checks.as_instance(margin, Money, "margin")
    check_same_unit(retention, discount)
    checks.as_member(first_margin, FirstMargin, "first_margin")
    return _Stream(margin.amount, retention.share, discount.rate, as_growth(growth), first_margin)


def _as_horizon(periods: int | None, stream: _Stream) -> int | None:
    """Check the number of margins to count; without one, all of them must have a finite sum."""
    if periods is None:
        _check_convergence(stream)
        return None
    return checks.as_count(periods, "periods")


def _check_convergence(stream: _Stream) -> None:
    if stream.gap <= 0:
        grown, growth = (" * (1 + growth)", f", growth {show(stream.growth)}") if stream.growth else ("", "")
        raise DivergenceError(
            "sum_not_finite",
            f"retention{grown} must be below 1 + discount, or the sum of all margins is not finite, got retention "
            f"{show(stream.kept)}{growth}, discount {show(stream.rate)}",
            field="retention",
            advice="name a horizon with periods=..., or check the rates",
            operands=(stream.kept, stream.rate, stream.growth),
        )


def _explain_inputs(stream: _Stream, margin: Money, retention: Retention) -> list[Term]:
    unit = retention.per.value
    lines = [
        term("margin", margin, f"/{unit}"),
        term("retention", stream.kept, f"per {unit}"),
        term("discount", stream.rate, f"per {unit}"),
    ]
    if stream.growth:
        lines.append(term("growth", stream.growth, f"per {unit}"))
    return lines


def _write_formula(stream: _Stream, periods: int | None) -> str:
    carried = "retention * (1 + growth)" if stream.growth else "retention"
    if periods is not None and not (stream.gap and periods):
        return f"{_FIRSTS[stream.first.value]} * periods"
    formula = f"{_NUMERATORS[stream.first.value]} / (1 + discount - {carried})"
    return formula if periods is None else f"{formula} * (1 - ({carried} / (1 + discount)) ** periods)"


def _find_residual(stream: _Stream, periods: int | None, currency: str) -> Money | None:
    """Return what lies beyond the horizon, or None if its sum is not finite."""
    if periods is None:
        return Money.zero(currency)
    if stream.gap <= 0:
        return None
    return round_money(DEEP.multiply(stream.sum_margins(None), stream.compound(periods)), currency)


def _build_elasticity(
    stream: _Stream, periods: int | None, gross: Money, net: Money, *, renewals: int = 0
) -> Elasticity:
    """Return the elasticities: a margin contains one power of each rate for every period until it is received.

    `renewals` is the number of renewals before the first margin that the form itself does not count.
    """
    if not stream.margin or periods == 0:
        return Elasticity()
    if not net:
        return Elasticity(retention=ONE) if not stream.kept and gross == net else Elasticity()
    share = ONE if gross == net else RATIO.divide(gross.amount, net.amount)
    delay = stream.average_delay(periods)
    later = DEEP.add(ONE, delay)
    renews = bool(renewals) or stream.first is FirstMargin.EXCLUDED
    renewed = later if renews else delay
    waited = delay if stream.first is FirstMargin.INCLUDED else later
    paid_for = DEEP.minus(DEEP.divide(DEEP.multiply(stream.rate, waited), stream.due))
    return Elasticity(
        margin=share,
        retention=ratio(DEEP.multiply(share, renewed), 1),
        churn=_find_churn_elasticity(stream, periods, share, renewed) if stream.kept or not renews else None,
        discount=ratio(DEEP.multiply(share, paid_for), 1),
    )


def _find_churn_elasticity(stream: _Stream, periods: int | None, share: Decimal, renewed: Decimal) -> Decimal | None:
    """Return the elasticity to churn: ``-churn / retention`` times that to retention, or its limit at retention 0."""
    lost = DEEP.subtract(ONE, stream.kept)
    if stream.kept:
        per_share = DEEP.divide(renewed, stream.kept)
    else:
        per_share = ZERO if periods == 1 else DEEP.divide(DEEP.add(ONE, stream.growth), stream.due)
    return ratio(DEEP.minus(DEEP.multiply(DEEP.multiply(share, lost), per_share)), 1)


def _count_per_year(unit: TimeUnit) -> Decimal | None:
    """Return how many of a unit make up a year, or None for days and weeks, whose number is not fixed."""
    return None if unit in {TimeUnit.DAY, TimeUnit.WEEK} else TimeUnit.YEAR.number_of(unit)


CONSTANT_RETENTION: Final = Finding(
    rule="constant_retention",
    severity=Severity.INFO,
    subject="retention",
    message="every customer is assumed to stay with the same probability in every period",
    advice="compute each segment separately: customers who leave soon differ from those who stay",
)
_SERVICE_LEFT_OUT = Finding(
    rule="service_cost_left_out",
    severity=Severity.INFO,
    subject="service_cost",
    message="serving the customer is counted as free",
    advice="subtract the cost of service per period from the revenue, or give constant_retention a margin net of it",
)
_UNDISCOUNTED = Finding(
    rule="not_discounted",
    severity=Severity.INFO,
    subject="value",
    message="money that comes late counts as much as money that comes now",
    advice="use constant_retention with a discount if lifetimes are long",
)


def _find_cautions(stream: _Stream, periods: int | None, observed: int | None) -> tuple[Finding, ...]:
    cautions = [CONSTANT_RETENTION]
    if periods is None and stream.kept == ONE:
        cautions.append(
            Finding(
                rule="nobody_leaves",
                severity=Severity.WARNING,
                subject="retention",
                message="no customer is assumed to leave, so the value is that of a perpetuity",
                advice="name a horizon with periods=..., or use an upper bound of the churn instead of 0",
            )
        )
    if observed is None:
        return tuple(cautions)
    seen = checks.as_count(observed, "observed")
    if periods is None or periods > seen:
        share = _find_share_beyond(stream, periods, seen)
        cautions.append(
            Finding(
                rule="beyond_the_data",
                severity=Severity.WARNING,
                subject="retention",
                message="part of the value lies beyond the periods that the retention was observed in",
                advice="state it as an assumption, or count only the observed periods",
                evidence=(("observed", seen), *(() if share is None else (("share_beyond", share),))),
            )
        )
    return tuple(cautions)


def _find_share_beyond(stream: _Stream, periods: int | None, seen: int) -> Decimal | None:
    whole = stream.sum_margins(periods)
    return ratio(DEEP.subtract(whole, stream.sum_margins(seen)), whole)
