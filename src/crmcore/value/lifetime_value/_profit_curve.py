"""Profits that change with the age of the customer."""

from decimal import Decimal
from typing import Annotated

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import DEEP, ONE, WIDE, ZERO, plain_repr
from crmcore.primitives._results import Result
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.money import Money, round_money, same_currency
from crmcore.primitives.rates import Discount, Retention
from crmcore.primitives.record import NON_NEGATIVE, number
from crmcore.value.lifetime_value._inputs import check_same_unit
from crmcore.value.lifetime_value._promotion import COUNTED_TO_A_HORIZON
from crmcore.value.lifetime_value._result import LifetimeValue
from crmcore.value.lifetime_value._retention import CONSTANT_RETENTION

__all__ = ["ProfitCurve"]


@attrs.frozen(kw_only=True)
class ProfitCurve(Result):
    """The profit from a customer by their age: it rises with the square of time to a turn, then towards a ceiling.

    Examples:
        >>> from crmcore import Discount, Money, Retention, TimeUnit
        >>> from crmcore.value.lifetime_value import ProfitCurve
        >>> curve = ProfitCurve(start=Money(20, "EUR"), growth=Money(4, "EUR"), turn=5, rise=Money(300, "EUR"))
        >>> curve.at(2), curve.at(6).quantized()
        (Money('36', 'EUR'), Money('309.64', 'EUR'))
        >>> kept, waiting = Retention("0.75", TimeUnit.YEAR), Discount("0.2", TimeUnit.YEAR)
        >>> curve.value(retention=kept, discount=waiting, periods=8).value.quantized()
        Money('129.02', 'EUR')
        >>> curve.value(retention=kept, discount=waiting, periods=8, continuous=True).value.quantized()
        Money('115.83', 'EUR')

    The profit at age t is ``growth * t ** 2 + start`` up to the turn, and then
    ``growth * turn ** 2 + start + rise * (1 - exp(turn - t))``.

    Attributes:
        start: The profit of a period from a new customer.
        growth: How fast the profit grows before the turn.
        turn: The age at which growth begins to slow down, in periods.
        rise: How far the profit still rises after the turn.

    Raises:
        CurrencyMismatchError: The amounts are in several currencies.

    Source: Berger and Nasr 1998, Customer lifetime value: marketing models and applications, Journal of Interactive
    Marketing 12(1):17-30, cases 3 (at the end of each period) and 4 (continuous).
    """

    start: Money
    growth: Money
    turn: Annotated[Decimal, NON_NEGATIVE] = attrs.field(converter=number, repr=plain_repr)
    rise: Money

    def _check(self) -> None:
        super()._check()
        same_currency(self.start, self.growth, "growth")
        same_currency(self.start, self.rise, "rise")

    def at(self, age: Decimal | int | str, /) -> Money:
        """Return the profit of a period from a customer of an age, in periods."""
        return round_money(self._find(checks.as_non_negative(age, "age")), self.start.currency)

    def value(
        self, *, retention: Retention, discount: Discount, periods: int, continuous: bool = False
    ) -> LifetimeValue:
        """Return the discounted profits of a customer who stays with the same probability in every period.

        Args:
            retention: The share of customers kept from one period to the next.
            discount: The rate of discount per period, in the same unit of time.
            periods: The horizon. The profits at the ages from 0 up to it are added.
            continuous: Whether profits flow all the time, so that they are integrated instead of added.

        Raises:
            InvalidValueError: Retention and discount are per different units of time, or the result exceeds 10^30.
        """
        check_same_unit(retention, discount)
        horizon = checks.as_size(periods, "periods")
        flows = checks.as_instance(continuous, bool, "continuous")
        carried = DEEP.divide(retention.share, DEEP.add(ONE, discount.rate))
        if flows:
            total = self._integrate(carried, horizon) if carried else ZERO
        else:
            total = self._find(ZERO)
            for age in range(1, horizon + 1):
                total = DEEP.add(total, DEEP.multiply(self._find(Decimal(age)), DEEP.power(carried, age)))
        value = round_money(total, self.start.currency)
        unit = retention.per.value
        return LifetimeValue(
            value=value,
            truncated=True,
            cautions=(CONSTANT_RETENTION, COUNTED_TO_A_HORIZON),
            explanation=Explanation(
                (
                    term("start", self.start, f"/{unit}"),
                    term("growth", self.growth, f"/{unit}"),
                    term("turn", self.turn, f"{unit}s"),
                    term("rise", self.rise, f"/{unit}"),
                    term("retention", retention.share, f"per {unit}"),
                    term("discount", discount.rate, f"per {unit}"),
                    term("periods", horizon, f"{unit}s"),
                    term("value", value),
                )
            ),
        )

    def explain(self) -> Explanation:
        """Explain the profits before, at and after the turn."""
        return Explanation(
            (
                term("start", self.start),
                term("growth", self.growth),
                term("turn", self.turn, "periods"),
                term("rise", self.rise),
                term("at_turn", self.at(self.turn), "", "growth * turn ** 2 + start"),
                term("ceiling", self.at(self.turn) + self.rise, "", "at_turn + rise"),
            )
        )

    def _find(self, age: Decimal) -> Decimal:
        early = min(age, self.turn)
        profit = DEEP.add(DEEP.multiply(self.growth.amount, DEEP.multiply(early, early)), self.start.amount)
        if age <= self.turn:
            return profit
        left = WIDE.exp(WIDE.subtract(self.turn, age))
        return DEEP.add(profit, DEEP.multiply(self.rise.amount, DEEP.subtract(ONE, left)))

    def _integrate(self, carried: Decimal, horizon: int) -> Decimal:
        """Return the integral of profit times ``carried ** t``, in closed form."""
        log = WIDE.ln(carried)
        turn = min(self.turn, Decimal(horizon))
        square = _integrate_powers(log, ZERO, turn, squared=True)
        early = DEEP.add(
            DEEP.multiply(self.growth.amount, square),
            DEEP.multiply(self.start.amount, _integrate_powers(log, ZERO, turn)),
        )
        if horizon <= self.turn:
            return early
        top = DEEP.add(self._find(self.turn), self.rise.amount)
        late = DEEP.multiply(top, _integrate_powers(log, turn, Decimal(horizon)))
        fading = DEEP.multiply(WIDE.exp(turn), _integrate_powers(WIDE.subtract(log, ONE), turn, Decimal(horizon)))
        return DEEP.subtract(DEEP.add(early, late), DEEP.multiply(self.rise.amount, fading))


def _integrate_powers(log: Decimal, start: Decimal, end: Decimal, *, squared: bool = False) -> Decimal:
    """Return the integral of ``exp(log * t)``, or of ``t ** 2 * exp(log * t)``, between two ages."""

    def antiderivative(t: Decimal) -> Decimal:
        if not log:
            return DEEP.divide(DEEP.power(t, 3), 3) if squared else t
        grown = WIDE.exp(WIDE.multiply(log, t))
        if not squared:
            return DEEP.divide(grown, log)
        first, second = DEEP.divide(DEEP.multiply(t, t), log), DEEP.divide(DEEP.multiply(2, t), DEEP.power(log, 2))
        bracket = DEEP.add(DEEP.subtract(first, second), DEEP.divide(2, DEEP.power(log, 3)))
        return DEEP.multiply(grown, bracket)

    return DEEP.subtract(antiderivative(end), antiderivative(start))
