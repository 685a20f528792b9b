"""Values under constant retention: the same share of customers stays in every period."""

from datetime import date, datetime
from decimal import Decimal, Overflow
from enum import StrEnum

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import DEEP, EXACT, ONE, RATIO, ZERO, ratio, round_to_finest
from crmcore.primitives.checks import show
from crmcore.primitives.errors import DivergenceError, InvalidValueError, WrongTypeError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.money import Money, round_money
from crmcore.primitives.periods import calendar_step
from crmcore.primitives.rates import Discount, Retention, TimeUnit
from crmcore.value.cashflow import CashFlow
from crmcore.value.lifetime_value._inputs import a_cost, growth_rate, in_one_unit, margin_share
from crmcore.value.lifetime_value._result import Elasticity, LifetimeValue
from crmcore.value.lifetime_value._simple import revenue_cautions

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
    """When the first margin that counts is received; the three legitimate forms differ by whole margins.

    Attributes:
        INCLUDED: Now, from a customer just won: ``margin * (1 + d) / (1 + d - r)``. Blattberg, Steenburgh
            and Avery.
        EXCLUDED: At the first renewal, from a customer who has just paid: ``margin * r / (1 + d - r)``. Kotler and
            Keller, Lehmann and Winer, Gupta and Lehmann (their margin multiple).
        END_OF_PERIOD: At the end of the first period, from everybody: ``margin / (1 + d - r)``. Ofek, Davis.
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
    """Margins that shrink by the customers who leave, grow by themselves and are worth less the later they come."""

    margin: Decimal
    kept: Decimal
    rate: Decimal
    growth: Decimal
    first: FirstMargin

    @property
    def due(self) -> Decimal:
        """What one unit of money grows to in a period."""
        return DEEP.add(ONE, self.rate)

    @property
    def carried(self) -> Decimal:
        """What is left of a margin a period later, before discount."""
        return DEEP.multiply(self.kept, DEEP.add(ONE, self.growth))

    @property
    def gap(self) -> Decimal:
        """Above nought where the margins of all eternity have a sum."""
        return DEEP.subtract(self.due, self.carried)

    @property
    def numerator(self) -> Decimal:
        """What the sum over all eternity divides by `gap`."""
        if self.first is FirstMargin.INCLUDED:
            return DEEP.multiply(self.margin, self.due)
        return DEEP.multiply(self.margin, self.kept) if self.first is FirstMargin.EXCLUDED else self.margin

    def left(self, periods: int) -> Decimal:
        """The share of a margin that is left after so many periods, discounted."""
        try:
            return DEEP.power(DEEP.divide(self.carried, self.due), periods) if periods else ONE
        except Overflow:
            raise InvalidValueError(
                f"over {show(periods)} periods the margins grow beyond what can be written", periods
            ) from None

    def sum(self, periods: int | None) -> Decimal:
        """The margins of so many periods, or of all."""
        if periods is None:
            return DEEP.divide(self.numerator, self.gap)
        if not self.gap:
            return DEEP.multiply(DEEP.divide(self.numerator, self.due), periods)
        lost = DEEP.subtract(ONE, self.left(periods))
        return DEEP.divide(DEEP.multiply(self.numerator, lost), self.gap)

    def delay(self, periods: int | None) -> Decimal:
        """How many periods after the first the margins come on average, each weighed by what it is worth."""
        if periods is None:
            return DEEP.divide(self.carried, self.gap)
        if not self.gap:
            return DEEP.divide(periods - 1, 2)
        left = self.left(periods)
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
    """What a customer is worth who stays with the same chance in every period: his expected margins, discounted.

    Examples:
        >>> worth = constant_retention(
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

    Args:
        margin: What a customer who is still there brings in one period, net of what serving him costs; in the first
            period that counts, where it grows.
        retention: The share of customers kept from one period to the next.
        discount: What waiting one period costs, in the same unit of time.
        first_margin: When the first margin comes. There is no default, for the forms differ by a whole margin.
        growth: By which share the margin of those who stay grows from each period to the next; below nought it shrinks.
        periods: How many margins to count; all eternity unless a number is given. A value so cut is `truncated`, and
            what it leaves out is its `residual`.
        acquisition_cost: What winning the customer costs, taken off.
        observed: How many periods of data stand behind the retention; `cautions` then says which share of the value
            lies beyond them.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        DivergenceError: The margins of all eternity have no sum: those left after each period are worth as much as
            before, or more.
        InvalidValueError: Retention and discount are quoted per different units (the message converts), or a number is
            outside its domain.
        WrongTypeError: A value of the wrong type.

    Source: Fader and Hardie, Reconciling and Clarifying CLV Formulas (note 024); with growth Gupta and Lehmann,
    Managing Customers as Investments; cut short Fader and Hardie 2014 (note 033), who warn against calling that a
    lifetime value.
    """
    stream = _stream(margin, retention, discount, first_margin, growth)
    horizon = None if periods is None else checks.as_count(periods, "periods")
    if horizon is None:
        _converges(stream)
    gross = net = round_money(stream.sum(horizon), margin.currency)
    lines = _given(stream, margin, retention)
    formula = _formula(stream, horizon)
    if horizon is not None:
        lines.append(Term("periods", horizon, f"{retention.per.value}s"))
    if acquisition_cost is not None:
        net = gross - a_cost(acquisition_cost, "acquisition_cost", margin)
        lines.append(term("acquisition_cost", acquisition_cost))
        formula += " - acquisition_cost"
    lines.append(term("value", net, "", formula))
    return LifetimeValue(
        value=net,
        acquisition_cost=acquisition_cost,
        residual=_rest(stream, horizon, margin.currency),
        truncated=horizon is not None,
        elasticity=_elasticity(stream, horizon, gross, net),
        cautions=_cautions(stream, horizon, observed),
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
    """What a customer who is still here is worth from now on, whatever his age: constant retention has no memory.

    Examples:
        >>> from functools import partial
        >>> kept, waiting = Retention("0.8", TimeUnit.YEAR), Discount("0.1", TimeUnit.YEAR)
        >>> rest = partial(residual, margin=Money(100, "EUR"), retention=kept, discount=waiting)
        >>> rest(renewed=True).value.quantized()
        Money('266.67', 'EUR')
        >>> rest(renewed=False).value.quantized()
        Money('293.33', 'EUR')

    Args:
        margin: As for `constant_retention`: what he brings at the next renewal.
        retention: As for `constant_retention`.
        discount: As for `constant_retention`.
        renewed: Whether he has just renewed and the next renewal is one period away, or is just about to decide.
        growth: As for `constant_retention`.

    Raises:
        DivergenceError: As for `constant_retention`.
        InvalidValueError: As for `constant_retention`.
        WrongTypeError: As for `constant_retention`.

    Source: Fader and Hardie, on residual lifetime value: ``margin * r / (1 + d - r)`` just after a renewal, and
    ``r * margin * (1 + d) / (1 + d - r)`` just before one.
    """
    after = FirstMargin.EXCLUDED
    if checks.as_instance(renewed, bool, "renewed"):
        return constant_retention(
            margin=margin, retention=retention, discount=discount, first_margin=after, growth=growth
        )
    stream = _stream(margin, retention, discount, after, growth)
    _converges(stream)
    value = round_money(DEEP.multiply(stream.sum(None), stream.due), margin.currency)
    formula = f"(1 + discount) * {_formula(stream, None)}"
    return LifetimeValue(
        value=value,
        residual=Money.zero(margin.currency),
        elasticity=_elasticity(attrs.evolve(stream, first=FirstMargin.INCLUDED), None, value, value, renewals=1),
        cautions=_cautions(stream, None, None),
        explanation=Explanation([*_given(stream, margin, retention), term("value", value, "", formula)]),
    )


def from_churn(
    *, revenue: Money, retention: Retention, gross_margin: Decimal | int | str | float = 1
) -> LifetimeValue | None:
    """The subscription form: revenue of one customer a period, times gross margin, over the share that leaves.

    Examples:
        >>> worth = from_churn(
        ...     revenue=Money(100, "EUR"), retention=Retention.from_churn("0.02", TimeUnit.MONTH), gross_margin="0.8"
        ... )
        >>> print(worth.explain())
        revenue         100  EUR/month
        gross_margin    0.8
        churn          0.02  per month
        mean_lifetime    50  months     = 1 / churn
        value          4000  EUR        = revenue * gross_margin / churn

    It is `constant_retention` with the first margin included and no discount.

    Args:
        revenue: What one customer pays in one period of the retention (ARPA, ARPU): a month's with a month's.
        retention: The share kept over the same period; ``Retention.from_churn(...)`` takes the share lost.
        gross_margin: As for `simple`.

    Returns:
        None where nobody left: no lifetime follows from that. Report a bound, see `proportions.zero_event_bound`.

    Raises:
        InvalidValueError: A number outside its domain.
        WrongTypeError: A value of the wrong type.

    Source: standard, for example D. Skok, SaaS Metrics: ARPA times gross margin over churn.
    """
    checks.as_instance(revenue, Money, "revenue")
    churn = checks.as_instance(retention, Retention, "retention").churn
    share = margin_share(gross_margin)
    if not churn:
        return None
    unit = retention.per
    value = round_money(DEEP.divide(DEEP.multiply(revenue.amount, share), churn), revenue.currency)
    a_year = _a_year(unit)
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
        cautions=(_CONSTANT, _UNDISCOUNTED, *revenue_cautions(share), _SERVED_FOR_NOTHING),
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
    """The lowest retention at which the value of all eternity reaches a target, such as an acquisition cost.

    Examples:
        >>> break_even_retention(
        ...     target=Money(300, "EUR"),
        ...     margin=Money(100, "EUR"),
        ...     discount=Discount("0.1", TimeUnit.YEAR),
        ...     first_margin=FirstMargin.INCLUDED,
        ... )
        Retention(share=Decimal('0.7333333333333333333333333333333333'), per=<TimeUnit.YEAR: 'year'>)

    Args:
        target: The value to reach.
        margin: What a customer brings in one unit of the discount's time: a margin a month needs a discount a month.
        discount: As for `constant_retention`; the answer is in its unit of time.
        first_margin: As for `constant_retention`.
        growth: As for `constant_retention`.

    Returns:
        A retention of nought where the target is reached even if nobody stays; None where it is not reached even if
        everybody does.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InvalidValueError: A number outside its domain.
        WrongTypeError: A value of the wrong type.

    Source: the forms of `constant_retention`, solved for the retention.
    """
    checks.as_instance(target, Money, "target")
    nobody = _stream(margin, Retention(ZERO, _unit_of(discount)), discount, first_margin, growth)
    target.ratio_to(margin)  # refuses two currencies
    if nobody.sum(None) >= target.amount:
        return Retention(ZERO, discount.per)
    if nobody.margin <= 0:
        return None
    value, due, grows = target.amount, nobody.due, DEEP.add(ONE, nobody.growth)
    if first_margin is FirstMargin.EXCLUDED:
        whole = DEEP.multiply(value, due), DEEP.add(nobody.margin, DEEP.multiply(value, grows))
    elif first_margin is FirstMargin.INCLUDED:
        whole = DEEP.multiply(due, DEEP.subtract(value, nobody.margin)), DEEP.multiply(value, grows)
    else:
        whole = DEEP.subtract(DEEP.multiply(value, due), nobody.margin), DEEP.multiply(value, grows)
    share = ratio(*whole)
    return Retention(share, discount.per) if share is not None and share <= ONE else None


def break_even_margin(
    *,
    target: Money,
    retention: Retention,
    discount: Discount,
    first_margin: FirstMargin,
    growth: Decimal | int | str | float = 0,
    periods: int | None = None,
) -> Money | None:
    """The margin at which a value under constant retention equals a target, such as an acquisition cost.

    Examples:
        >>> break_even_margin(
        ...     target=Money(300, "EUR"),
        ...     retention=Retention("0.8", TimeUnit.YEAR),
        ...     discount=Discount("0.1", TimeUnit.YEAR),
        ...     first_margin=FirstMargin.INCLUDED,
        ... ).quantized()
        Money('81.82', 'EUR')

    Args:
        target: The value to reach.
        retention: As for `constant_retention`.
        discount: As for `constant_retention`.
        first_margin: As for `constant_retention`.
        growth: As for `constant_retention`.
        periods: As for `constant_retention`.

    Returns:
        None where no margin counts: nobody stays to bring one, or the horizon is nought.

    Raises:
        DivergenceError: As for `constant_retention`.
        InvalidValueError: As for `constant_retention`.
        WrongTypeError: As for `constant_retention`.
    """
    checks.as_instance(target, Money, "target")
    stream = _stream(Money(1, target.currency), retention, discount, first_margin, growth)
    horizon = None if periods is None else checks.as_count(periods, "periods")
    if horizon is None:
        _converges(stream)
    multiple = stream.sum(horizon)
    return round_money(DEEP.divide(target.amount, multiple), target.currency) if multiple else None


def expected_flows(*, margin: Money, retention: Retention, first: date, periods: int) -> tuple[CashFlow, ...]:
    """The margins that a customer just won is expected to bring, on days of the calendar, for `cashflow.npv`.

    The first comes in full, each later one times the chance that he is still there. Days step by the calendar from the
    first: months from 31 January fall on 28 February, 31 March, 30 April.

    Examples:
        >>> flows = expected_flows(
        ...     margin=Money(100, "EUR"), retention=Retention("0.8", TimeUnit.YEAR), first=date(2026, 1, 1), periods=3
        ... )
        >>> [(flow.day.isoformat(), str(flow.amount)) for flow in flows]
        [('2026-01-01', '100 EUR'), ('2027-01-01', '80.0 EUR'), ('2028-01-01', '64.00 EUR')]

    Args:
        margin: What a customer who is still there brings in one period.
        retention: The share of customers kept from one period to the next; its unit is the step.
        first: The day of the first margin.
        periods: How many margins.

    Raises:
        InvalidValueError: The calendar ends before the last of them.
        WrongTypeError: A value of the wrong type.
    """
    checks.as_instance(margin, Money, "margin")
    unit = checks.as_instance(retention, Retention, "retention").per
    if isinstance(first, datetime) or not isinstance(first, date):
        raise WrongTypeError(f"first must be a date, got {show(first)}")
    number = checks.as_count(periods, "periods")
    try:
        _ = first + calendar_step(unit, max(0, number - 1))
    except (ValueError, OverflowError):
        raise InvalidValueError(f"the calendar ends before {show(periods)} {unit.value}s have passed") from None
    flows: list[CashFlow] = []
    expected = margin.amount
    for step in range(number):
        flows.append(CashFlow(first + calendar_step(unit, step), round_money(expected, margin.currency)))
        expected = DEEP.multiply(expected, retention.share)
    return tuple(flows)


def _unit_of(discount: Discount) -> TimeUnit:
    return checks.as_instance(discount, Discount, "discount").per


def _stream(
    margin: Money, retention: Retention, discount: Discount, first_margin: FirstMargin, growth: object
) -> _Stream:
    checks.as_instance(margin, Money, "margin")
    in_one_unit(retention, discount)
    checks.as_member(first_margin, FirstMargin, "first_margin")
    return _Stream(margin.amount, retention.share, discount.rate, growth_rate(growth), first_margin)


def _converges(stream: _Stream) -> None:
    if stream.gap <= 0:
        grown = f", growing by {show(stream.growth)}" if stream.growth else ""
        raise DivergenceError(
            f"the margins of all eternity have no sum: {show(stream.kept)} kept{grown} is not below 1 + discount "
            f"{show(stream.rate)}; name a horizon with periods=..., or check the rates",
            stream.kept,
            stream.rate,
            stream.growth,
        )


def _given(stream: _Stream, margin: Money, retention: Retention) -> list[Term]:
    unit = retention.per.value
    lines = [
        term("margin", margin, f"/{unit}"),
        term("retention", stream.kept, f"per {unit}"),
        term("discount", stream.rate, f"per {unit}"),
    ]
    if stream.growth:
        lines.append(term("growth", stream.growth, f"per {unit}"))
    return lines


def _formula(stream: _Stream, periods: int | None) -> str:
    carried = "retention * (1 + growth)" if stream.growth else "retention"
    if periods is not None and not (stream.gap and periods):
        return f"{_FIRSTS[stream.first.value]} * periods"
    formula = f"{_NUMERATORS[stream.first.value]} / (1 + discount - {carried})"
    return formula if periods is None else f"{formula} * (1 - ({carried} / (1 + discount)) ** periods)"


def _rest(stream: _Stream, periods: int | None, currency: str) -> Money | None:
    """What lies beyond the horizon; None where that has no sum."""
    if periods is None:
        return Money.zero(currency)
    if stream.gap <= 0:
        return None
    return round_money(DEEP.multiply(stream.sum(None), stream.left(periods)), currency)


def _elasticity(stream: _Stream, periods: int | None, gross: Money, net: Money, *, renewals: int = 0) -> Elasticity:
    """Each margin falls by as many powers of the rates as periods pass until it comes.

    `renewals` more than the form itself counts stand before the first margin.
    """
    if not stream.margin or periods == 0:
        return Elasticity()
    share = ONE if gross == net else ratio(gross.amount, net.amount)
    if share is None:
        return Elasticity()
    delay = stream.delay(periods)
    later = DEEP.add(ONE, delay)
    renews = bool(renewals) or stream.first is FirstMargin.EXCLUDED
    renewed = later if renews else delay
    waited = delay if stream.first is FirstMargin.INCLUDED else later
    paid_for = DEEP.minus(DEEP.divide(DEEP.multiply(stream.rate, waited), stream.due))
    return Elasticity(
        margin=share,
        retention=_to_34_digits(DEEP.multiply(share, renewed)),
        churn=_to_churn(stream, periods, share, renewed) if stream.kept or not renews else None,
        discount=_to_34_digits(DEEP.multiply(share, paid_for)),
    )


def _to_churn(stream: _Stream, periods: int | None, share: Decimal, renewed: Decimal) -> Decimal:
    """The elasticity to the share lost: ``-churn / retention`` of that to the share kept, or its limit at nought."""
    lost = DEEP.subtract(ONE, stream.kept)
    if stream.kept:
        per_share = DEEP.divide(renewed, stream.kept)
    else:
        per_share = ZERO if periods == 1 else DEEP.divide(DEEP.add(ONE, stream.growth), stream.due)
    return _to_34_digits(DEEP.minus(DEEP.multiply(DEEP.multiply(share, lost), per_share)))


def _to_34_digits(number: Decimal) -> Decimal:
    return EXACT.add(RATIO.plus(number), ZERO)


def _a_year(unit: TimeUnit) -> Decimal | None:
    """How many of a unit make up a year; None of days and weeks, of which no fixed number does."""
    return None if unit in {TimeUnit.DAY, TimeUnit.WEEK} else TimeUnit.YEAR.number_of(unit)


_CONSTANT = Finding(
    rule="constant_retention",
    severity=Severity.INFO,
    subject="retention",
    message="everybody is taken to stay with the same chance in every period",
    advice="of a mixed base compute each segment by itself: those who leave soon and those who stay differ",
)
_SERVED_FOR_NOTHING = Finding(
    rule="service_cost_left_out",
    severity=Severity.INFO,
    subject="service_cost",
    message="serving the customer is counted as free",
    advice="take what serving one costs in a period off the revenue, or give constant_retention a margin net of it",
)
_UNDISCOUNTED = Finding(
    rule="not_discounted",
    severity=Severity.INFO,
    subject="value",
    message="money that comes late counts as much as money that comes now",
    advice="where lifetimes are long, take constant_retention with a discount",
)


def _cautions(stream: _Stream, periods: int | None, observed: int | None) -> tuple[Finding, ...]:
    cautions = [_CONSTANT]
    if periods is None and stream.kept == ONE:
        cautions.append(
            Finding(
                rule="nobody_leaves",
                severity=Severity.WARNING,
                subject="retention",
                message="nobody is ever taken to leave, and the value is that of a perpetuity",
                advice="count a horizon with periods=..., or take a bound on the churn in place of none at all",
            )
        )
    if observed is None:
        return tuple(cautions)
    seen = checks.as_count(observed, "observed")
    if periods is None or periods > seen:
        share = _share_beyond(stream, periods, seen)
        cautions.append(
            Finding(
                rule="beyond_the_data",
                severity=Severity.WARNING,
                subject="retention",
                message="part of the value lies beyond the periods that stand behind the retention",
                advice="state it as an assumption, or count only the periods that were seen",
                evidence=(("observed", seen), *(() if share is None else (("share_beyond", share),))),
            )
        )
    return tuple(cautions)


def _share_beyond(stream: _Stream, periods: int | None, seen: int) -> Decimal | None:
    whole = stream.sum(periods)
    return ratio(DEEP.subtract(whole, stream.sum(seen)), whole)
