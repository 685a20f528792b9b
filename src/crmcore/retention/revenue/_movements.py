"""Monthly recurring revenue from the start of a period to its end, movement by movement."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, localcontext
from typing import Annotated, Any, Final, Self, TypeVar

import attrs

from crmcore.model.subscription import Subscription
from crmcore.primitives import checks
from crmcore.primitives._clock import LATEST
from crmcore.primitives._decimals import EXACT, ZERO, ratio
from crmcore.primitives._lookalikes import caution_of, count_lookalikes, list_lookalikes
from crmcore.primitives.errors import CurrencyMismatchError, InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import in_one_group
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.money import NON_NEGATIVE, Money, as_non_negative, build_money, same_currency
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.tally import POLICY, Tally, TallyBy
from crmcore.retention.revenue._policies import ChangeRule, ReactivationRule, RevenuePolicy
from crmcore.retention.revenue._steps import Columns, Plans, Step, collect, list_steps, read_columns

__all__ = ["RevenueMovements", "recurring_revenue"]

_K = TypeVar("_K", bound=Hashable)
_I = TypeVar("_I", bound=Id)
_R = TypeVar("_R", bound="RevenueMovements")

_AMOUNTS: Final = ("new", "reactivation", "expansion", "contraction", "churn")
_DEFAULT: Final = RevenuePolicy()
_ONE_PLAN: Final = 4


@attrs.frozen(kw_only=True)
class RevenueMovements(Tally):
    """Monthly revenue at the start of a period, and its movements. Records of disjoint customers can be added.

    The movements lead from `start` to `end` to the last digit:
    ``start + new + reactivation + expansion - contraction - churn``. `rate` is the gross churn.

    Examples:
        >>> from crmcore import Money, RevenueMovements
        >>> march = RevenueMovements.from_amounts(
        ...     start=Money(100, "EUR"),
        ...     churn=Money(10, "EUR"),
        ...     contraction=Money(10, "EUR"),
        ...     expansion=Money(10, "EUR"),
        ...     new=Money(25, "EUR"),
        ... )
        >>> march.end
        Money('115', 'EUR')
        >>> march.gross_churn, march.net_churn, march.quick_ratio
        (Decimal('0.2'), Decimal('0.1'), Decimal('1.75'))
        >>> march.gross_retention, march.net_retention  # of the customers of the start alone
        (Decimal('0.8'), Decimal('0.9'))

    A customer is one customer, whatever the number of their subscriptions: if one of two ends, that is contraction. The
    first instant of a period belongs to the period, as in `Churn`: a plan that starts then is new, and one that ends
    then was paid at the start.

    Attributes:
        start: The monthly revenue just before the period.
        new: What customers pay who were none before.
        reactivation: What customers pay who had left and came back.
        expansion: What customers pay more.
        contraction: What customers pay less.
        churn: What customers no longer pay who left.
        kept: What is left of `start`: the sum over its customers of what they pay at the end, at most what they paid at
            the start. If only net changes count, it is ``start - contraction - churn``.
        end_of_starters: What the customers of the start pay at the end. If only net changes count, it is
            ``kept + expansion``.
        customers: Customers at the start; zero if only amounts are known.
        customers_new: Customers, or movements if each change counts, in `new`.
        customers_reactivated: Those in `reactivation`.
        customers_expanded: Those in `expansion`.
        customers_contracted: Those in `contraction`.
        customers_churned: Those in `churn`.
        lookalikes: Customers whose id is given as a text and as another type, such as "7" and 7, so that each counts as
            two; `cautions` says so.
        period: The period, or None if it is unknown.
        policy: What counts as a movement.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InconsistentCountsError: More is lost than there was, or `kept` and `end_of_starters` do not follow.
        InvalidValueError: An amount is negative.

    Source: the movements are those of ChartMogul ("MRR movements"). Gross and net retention are those of the SaaS
    Metrics Standards Board, on the closed cohort of the customers at the start. The quick ratio is by Mamoon Hamid.
    """

    ratios = (
        "end",
        "net_new",
        "rate",
        "gross_churn",
        "net_churn",
        "gross_retention",
        "net_retention",
        "quick_ratio",
        "logo_rate",
    )

    start: Annotated[Money, NON_NEGATIVE]
    new: Annotated[Money, NON_NEGATIVE]
    reactivation: Annotated[Money, NON_NEGATIVE]
    expansion: Annotated[Money, NON_NEGATIVE]
    contraction: Annotated[Money, NON_NEGATIVE]
    churn: Annotated[Money, NON_NEGATIVE]
    kept: Annotated[Money, NON_NEGATIVE]
    end_of_starters: Annotated[Money, NON_NEGATIVE]
    customers: int = 0
    customers_new: int = 0
    customers_reactivated: int = 0
    customers_expanded: int = 0
    customers_contracted: int = 0
    customers_churned: int = 0
    lookalikes: int = 0
    period: Period | None = attrs.field(default=None, metadata=POLICY)
    policy: RevenuePolicy = attrs.field(default=_DEFAULT, metadata=POLICY)

    def _check(self) -> None:
        super()._check()
        for name in (*_AMOUNTS, "kept", "end_of_starters"):
            as_non_negative(getattr(self, name), name, beside=self.start)
        net = self.policy.changes is ChangeRule.NET
        left = self.start - self.contraction - self.churn
        gone = self.customers_churned + self.customers_contracted * net
        there = self.customers + (0 if net else self.customers_new + self.customers_reactivated)
        for field, holds, rule in (
            ("churn", left.amount >= 0 or not net, "contraction + churn must be at most start"),
            ("churn", self.end.amount >= 0, "contraction + churn must be at most all that there was"),
            ("kept", self.kept == left or not net, "kept must be start - contraction - churn"),
            ("kept", self.kept <= self.start, "kept must be at most start"),
            (
                "end_of_starters",
                self.end_of_starters == self.kept + self.expansion or not net,
                "end_of_starters must be kept + expansion",
            ),
            ("end_of_starters", self.kept <= self.end_of_starters, "end_of_starters must be at least kept"),
            ("end_of_starters", self.end_of_starters <= self.end, "end_of_starters must be at most the end"),
            ("customers_churned", gone <= there, "customers_churned must be at most the customers that there were"),
        ):
            if not holds:
                amounts = {name: getattr(self, name) for name in ("start", *_AMOUNTS, "kept", "end_of_starters")}
                raise InconsistentCountsError(
                    "movements_contradict",
                    f"{rule}, got {', '.join(f'{name}={value}' for name, value in amounts.items())}, "
                    f"customers={self.customers}, customers_churned={self.customers_churned}",
                    field=field,
                    operands=(*amounts.values(), self.customers, self.customers_churned),
                )

    @classmethod
    def of(
        cls,
        subscriptions: Iterable[Subscription],
        period: Period,
        /,
        *,
        currency: str | None = None,
        policy: RevenuePolicy = _DEFAULT,
        tz: tzinfo = UTC,
    ) -> Self:
        """Count the movements of subscriptions in a period, in a single pass; the order does not matter.

        Prices are converted to a month by `Subscription.monthly_price`. A trial is a subscription with the price 0. A
        subscription that ends at the instant at which it starts is never paid.

        Examples:
            >>> from crmcore import Money, Period, RevenueDefinition, RevenueMovements, Subscription, TimeUnit, instant
            >>> plans = [
            ...     Subscription(
            ...         customer_id=customer_id,
            ...         price=Money(price, "EUR"),
            ...         every=every,
            ...         started=instant(start),
            ...         ended=None if end is None else instant(end),
            ...     )
            ...     for customer_id, price, every, start, end in [
            ...         ("a", 100, TimeUnit.MONTH, "2026-01-01", "2026-03-09"),
            ...         ("a", 1800, TimeUnit.YEAR, "2026-03-09", None),
            ...         ("b", 200, TimeUnit.MONTH, "2026-01-01", "2026-03-20"),
            ...         ("c", 80, TimeUnit.MONTH, "2026-03-02", None),
            ...         ("d", 30, TimeUnit.MONTH, "2026-03-02", "2026-03-30"),
            ...     ]
            ... ]
            >>> march = RevenueMovements.of(plans, Period.month(2026, 3))
            >>> [str(money) for money in (march.start, march.new, march.expansion, march.churn, march.end)]
            ['300 EUR', '80 EUR', '50 EUR', '200 EUR', '230 EUR']
            >>> each = RevenueMovements.of(plans, Period.month(2026, 3), policy=RevenueDefinition.STRIPE.policy)
            >>> str(each.new), str(each.churn), each.end == march.end
            ('110 EUR', '230 EUR', True)

        Args:
            subscriptions: All subscriptions of the customers, including those of other times: only earlier ones tell a
                reactivation from a new customer.
            period: The period to count, half-open, in the zone of the dates. `churn.lint` finds dates of another zone.
            currency: The currency of all prices. It is needed only if there may be no subscriptions.
            policy: What counts as a movement, such as ``RevenueDefinition.STRIPE.policy``.
            tz: The zone of the calendar in which billing periods are counted, if the policy asks for them.

        Raises:
            CurrencyMismatchError: The prices are in two currencies.
            InvalidValueError: There are no subscriptions, and no currency is given.
        """
        _check_period(period, policy)
        checks.as_zone(tz)
        columns = read_columns(subscriptions, policy, currency)
        if columns is not None:
            return build_movements(cls, _count_columns(columns, period), columns.currency, period, policy)
        plans, code = collect(subscriptions, in_one_group, policy, currency, tz)
        rows = _count(plans, period, policy)
        return build_movements(cls, rows.get(None, Sums()), _need(code), period, policy)

    @classmethod
    def by(
        cls,
        subscriptions: Iterable[Subscription],
        period: Period,
        key: Callable[[Subscription], _K],
        /,
        *,
        currency: str | None = None,
        policy: RevenuePolicy = _DEFAULT,
        tz: tzinfo = UTC,
    ) -> TallyBy[_K, Self]:
        """Count as `of` does, for each value of a key that is the same for all subscriptions of a customer.

        Raises:
            CurrencyMismatchError: The prices are in two currencies.
            InconsistentCountsError: A customer has subscriptions under two keys and would count twice.
        """
        _check_period(period, policy)
        plans, code = collect(subscriptions, key, policy, currency, tz)
        rows = _count(plans, period, policy)
        return TallyBy(
            {group: build_movements(cls, row, code, period, policy) for group, row in rows.items() if code is not None}
        )

    @classmethod
    def over(
        cls,
        subscriptions: Iterable[Subscription],
        periods: Iterable[Period],
        /,
        *,
        currency: str | None = None,
        policy: RevenuePolicy = _DEFAULT,
        tz: tzinfo = UTC,
    ) -> TallyBy[Period, Self]:
        """Count each of several periods as `of` counts one, in a single pass over the subscriptions.

        The end of a month is the start of the next one. The movements of a year are not the sum of those of its months,
        because a customer who grows and shrinks has two movements in two months and none in the year: count the year as
        one more period.

        Examples:
            >>> from crmcore import Money, Period, RevenueMovements, Subscription, TimeUnit, instant
            >>> plan = Subscription(
            ...     customer_id=7, price=Money(9, "EUR"), every=TimeUnit.MONTH, started=instant("2026-02-15")
            ... )
            >>> months = RevenueMovements.over([plan], Period.quarter(2026, 1).split(TimeUnit.MONTH))
            >>> [(str(month.start), str(month.new), str(month.end)) for month in months.values()]
            [('0 EUR', '0 EUR', '0 EUR'), ('0 EUR', '9 EUR', '9 EUR'), ('9 EUR', '0 EUR', '9 EUR')]

        Raises:
            CurrencyMismatchError: The prices are in two currencies.
            InvalidValueError: There are no subscriptions, and no currency is given.
        """
        _check_policy(policy)
        chosen = [*checks.iterate_records(periods, Period, "periods")]
        plans, code = collect(subscriptions, in_one_group, policy, currency, tz)
        known = _need(code)
        return TallyBy(
            {
                period: build_movements(cls, _count(plans, period, policy).get(None, Sums()), known, period, policy)
                for period in chosen
            }
        )

    @classmethod
    def between(
        cls,
        before: Mapping[_I, Money],
        after: Mapping[_I, Money],
        /,
        *,
        paid_before: Collection[Id] = (),
        currency: str | None = None,
        period: Period | None = None,
    ) -> Self:
        """Compare what each customer paid a month at the start and at the end. An amount of 0 is no customer.

        Examples:
            >>> from crmcore import Money, RevenueMovements
            >>> before = {"a": Money(100, "EUR"), "b": Money(200, "EUR"), "c": Money(50, "EUR")}
            >>> after = {"a": Money(150, "EUR"), "b": Money(120, "EUR"), "d": Money(80, "EUR"), "e": Money(30, "EUR")}
            >>> march = RevenueMovements.between(before, after, paid_before=["e"])
            >>> [str(money.amount) for money in (march.expansion, march.contraction, march.churn, march.reactivation)]
            ['50', '80', '50', '30']
            >>> march.gross_retention == march.kept.ratio_to(march.start)
            True

        Args:
            before: The monthly revenue of each customer at the start.
            after: That at the end.
            paid_before: Customers who had been customers at some time before the start; of those who pay at the end
                alone, they are reactivated, and the others are new.
            currency: The currency of all amounts. It is needed only if there may be no customers.
            period: The period.

        Raises:
            CurrencyMismatchError: The amounts are in two currencies.
            InvalidValueError: An amount is negative, or there are no customers, and no currency is given.
        """
        code = None if currency is None else Money.zero(currency).currency
        opening, code = _read_amounts(before, "before", code)
        closing, code = _read_amounts(after, "after", code)
        known = {
            as_id(customer_id, f"paid_before[{place}]")
            for place, customer_id in enumerate(checks.iterate(paid_before, "paid_before", "id"))
        }
        everyone = dict.fromkeys([*opening, *closing])
        sums = Sums(lookalikes=count_lookalikes(everyone))
        with localcontext(EXACT):
            for customer_id in everyone:
                start, end = opening.get(customer_id, ZERO), closing.get(customer_id, ZERO)
                sums.note_ends(start, start > 0, end, end > 0)
                sums.note_change(start, start > 0, end, end > 0, came_back=customer_id in known)
        return build_movements(cls, sums, _need(code), period, _DEFAULT)

    @classmethod
    def from_amounts(
        cls,
        *,
        start: Money,
        new: Money | None = None,
        reactivation: Money | None = None,
        expansion: Money | None = None,
        contraction: Money | None = None,
        churn: Money | None = None,
        kept: Money | None = None,
        end_of_starters: Money | None = None,
        period: Period | None = None,
        policy: RevenuePolicy = _DEFAULT,
    ) -> Self:
        """Build the record from amounts without customers; an amount that is not given is 0.

        Examples:
            >>> from crmcore import Money, RevenueMovements
            >>> march = RevenueMovements.from_amounts(start=Money(100, "EUR"), churn=Money(10, "EUR"))
            >>> march.end, march.gross_retention
            (Money('90', 'EUR'), Decimal('0.9'))

        Args:
            start: The monthly revenue just before the period.
            new: What customers pay who were none before.
            reactivation: What customers pay who came back.
            expansion: What customers pay more.
            contraction: What customers pay less.
            churn: What customers no longer pay who left.
            kept: What is left of the start; ``start - contraction - churn`` by default, and at least 0.
            end_of_starters: What the customers of the start pay at the end; ``kept + expansion`` by default, and at
                most all that is paid at the end. If each change counts, give both, because they do not follow.
            period: The period.
            policy: What counts as a movement.

        Raises:
            CurrencyMismatchError: The amounts are in two currencies.
            InconsistentCountsError: The amounts contradict one another.
            InvalidValueError: An amount is negative.
        """
        zero = Money.zero(checks.as_instance(start, Money, "start").currency)
        given = {
            "new": new,
            "reactivation": reactivation,
            "expansion": expansion,
            "contraction": contraction,
            "churn": churn,
            "kept": kept,
            "end_of_starters": end_of_starters,
        }
        amounts: dict[str, Any] = {
            name: zero if money is None else as_non_negative(money, name, beside=zero) for name, money in given.items()
        }
        if kept is None:
            amounts["kept"] = max(start - amounts["contraction"] - amounts["churn"], zero)
        if end_of_starters is None:
            won = amounts["new"] + amounts["reactivation"] + amounts["expansion"]
            end = start + won - amounts["contraction"] - amounts["churn"]
            amounts["end_of_starters"] = max(min(amounts["kept"] + amounts["expansion"], end), zero)
        return cls(start=start, **amounts, period=period, policy=policy)

    @property
    def end(self) -> Money:
        """The monthly revenue at the end, ``start + new + reactivation + expansion - contraction - churn``."""
        return self.start + self.net_new

    @property
    def net_new(self) -> Money:
        """How much the monthly revenue grew, ``new + reactivation + expansion - contraction - churn``."""
        return self.new + self.reactivation + self.expansion - self.contraction - self.churn

    @property
    def gross_churn(self) -> Decimal | None:
        """The revenue lost, ``(churn + contraction) / start``; None if there was no revenue at the start."""
        return (self.churn + self.contraction).ratio_to(self.start)

    @property
    def rate(self) -> Decimal | None:
        """The revenue lost, the same as `gross_churn`; None if there was no revenue at the start."""
        return self.gross_churn

    @property
    def net_churn(self) -> Decimal | None:
        """The revenue lost less what was won from customers, by the policy; None if there was none at the start."""
        return self.net_churn_by(self.policy.reactivation)

    def net_churn_by(self, reactivation: ReactivationRule) -> Decimal | None:
        """Return ``(churn + contraction - expansion - reactivation) / start``; None if there was no revenue.

        Below zero, customers brought more than was lost.

        Examples:
            >>> from crmcore import Money, ReactivationRule, RevenueMovements
            >>> march = RevenueMovements.from_amounts(
            ...     start=Money(100, "EUR"),
            ...     churn=Money(20, "EUR"),
            ...     expansion=Money(10, "EUR"),
            ...     reactivation=Money(5, "EUR"),
            ... )
            >>> march.net_churn_by(ReactivationRule.COUNTED), march.net_churn_by(ReactivationRule.LEFT_OUT)
            (Decimal('0.05'), Decimal('0.1'))

        Args:
            reactivation: Whether reactivation counts as won.
        """
        lost = self.churn + self.contraction - self.expansion
        return (lost - self._reactivated(reactivation)).ratio_to(self.start)

    @property
    def gross_retention(self) -> Decimal | None:
        """The revenue of the start that is left, ``kept / start``, from 0 to 1; None if there was none (GRR)."""
        return self.kept.ratio_to(self.start)

    @property
    def net_retention(self) -> Decimal | None:
        """What the customers of the start pay now, ``end_of_starters / start``; None if there was no revenue (NRR)."""
        return self.end_of_starters.ratio_to(self.start)

    @property
    def quick_ratio(self) -> Decimal | None:
        """The revenue won for each unit of it lost, by the policy; None if nothing was lost."""
        return self.quick_ratio_by(self.policy.reactivation)

    def quick_ratio_by(self, reactivation: ReactivationRule) -> Decimal | None:
        """Return ``(new + expansion + reactivation) / (churn + contraction)``; None if nothing was lost.

        Args:
            reactivation: Whether reactivation counts as won.
        """
        won = self.new + self.expansion + self._reactivated(reactivation)
        return won.ratio_to(self.churn + self.contraction)

    @property
    def logo_rate(self) -> Decimal | None:
        """The customers lost, ``customers_churned / customers``; None if there were none or they are unknown."""
        return ratio(self.customers_churned, self.customers)

    @property
    def end_customers(self) -> int:
        """The customers at the end."""
        return self.customers + self.customers_new + self.customers_reactivated - self.customers_churned

    def restated_since(self, earlier: "RevenueMovements", /) -> Money:
        """Return by how much changes with a date in the past have moved the start since an earlier count.

        A change counts at the instant at which it takes effect, whenever it was entered. One that is entered late
        changes a period that was reported already. The start of this period is then not the end that was reported.

        Examples:
            >>> from crmcore import Money, RevenueMovements
            >>> reported = RevenueMovements.from_amounts(start=Money(300, "EUR"), new=Money(20, "EUR"))
            >>> RevenueMovements.from_amounts(start=Money(310, "EUR")).restated_since(reported)
            Money('-10', 'EUR')

        Args:
            earlier: The record of the period before, as it was reported.

        Raises:
            CurrencyMismatchError: The records are in two currencies.
            InvalidValueError: The period of the earlier record does not end where this one starts.
        """
        before = checks.as_instance(earlier, RevenueMovements, "earlier")
        if before.period and self.period and in_utc(before.period.end) != in_utc(self.period.start):
            raise InvalidValueError(
                "not_the_period_before",
                f"earlier must be of the period before {self.period}, got {before.period}",
                field="earlier",
                operands=(self.period, before.period),
            )
        same_currency(self.start, before.end, "earlier")
        return self.start - before.end

    def _reactivated(self, rule: ReactivationRule) -> Money:
        counted = checks.as_member(rule, ReactivationRule, "reactivation") is ReactivationRule.COUNTED
        return self.reactivation if counted else Money.zero(self.start.currency)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What the figures count besides, and a caution if some customers have an id as a text and as another type."""
        each = (_EACH,) if self.policy.changes is ChangeRule.EACH else ()
        return (*each, *caution_of(self.lookalikes))

    def explain(self) -> Explanation:
        """Return the amounts and the rates, line by line, each rate with its formula."""
        won = "" if self.policy.reactivation is ReactivationRule.LEFT_OUT else " + reactivation"
        less = won.replace("+", "-")
        return Explanation(
            (
                *(term(name, getattr(self, name), " a month") for name in ("start", *_AMOUNTS)),
                term("end", self.end, " a month", "start + new + reactivation + expansion - contraction - churn"),
                term("gross_churn", self.gross_churn, "", "(churn + contraction) / start"),
                term("net_churn", self.net_churn, "", f"(churn + contraction - expansion{less}) / start"),
                term("quick_ratio", self.quick_ratio, "", f"(new + expansion{won}) / (churn + contraction)"),
                term("kept", self.kept, " a month"),
                term("end_of_starters", self.end_of_starters, " a month"),
                term("gross_retention", self.gross_retention, "", "kept / start"),
                term("net_retention", self.net_retention, "", "end_of_starters / start"),
                term("customers", self.customers, "customers"),
                term("customers_churned", self.customers_churned, "customers"),
                term("logo_rate", self.logo_rate, "", "customers_churned / customers"),
            ),
            cautions=self.cautions,
        )


_EACH: Final = Finding(
    rule="each_change_counts",
    severity=Severity.INFO,
    subject="gross_churn",
    message="every change within the period counts, those of customers who joined in it too",
    advice="read gross_retention and net_retention, which are of the customers of the start alone",
)


@attrs.define(eq=False)
class Sums:
    """The amounts and counts of one group so far."""

    start: Decimal = ZERO
    new: Decimal = ZERO
    reactivation: Decimal = ZERO
    expansion: Decimal = ZERO
    contraction: Decimal = ZERO
    churn: Decimal = ZERO
    kept: Decimal = ZERO
    end_of_starters: Decimal = ZERO
    customers: int = 0
    customers_new: int = 0
    customers_reactivated: int = 0
    customers_expanded: int = 0
    customers_contracted: int = 0
    customers_churned: int = 0
    lookalikes: int = 0

    def add(self, other: "Sums", number: int) -> None:
        """Add the sums of another group, as many times."""
        for field in attrs.fields(Sums):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name) * number)

    def note_ends(self, before: Decimal, was: bool, after: Decimal, now: bool) -> None:  # noqa: FBT001 - a state
        """Add what a customer pays at the start, and what is left of it at the end."""
        if was:
            self.customers += 1
            self.start += before
            if now:
                self.kept += min(before, after)
                self.end_of_starters += after

    def note_change(self, before: Decimal, was: bool, after: Decimal, now: bool, *, came_back: bool) -> None:  # noqa: FBT001 - the same
        """Add one movement of a customer."""
        if was and not now:
            self.churn += before
            self.customers_churned += 1
        elif now and not was:
            if came_back:
                self.reactivation += after
                self.customers_reactivated += 1
            else:
                self.new += after
                self.customers_new += 1
        elif after > before:
            self.expansion += after - before
            self.customers_expanded += 1
        elif after < before:
            self.contraction += before - after
            self.customers_contracted += 1


def _check_period(period: Period, policy: RevenuePolicy) -> None:
    checks.as_instance(period, Period, "period")
    _check_policy(policy)


def _check_policy(policy: RevenuePolicy) -> None:
    checks.as_instance(
        policy, RevenuePolicy, "policy", "write RevenueDefinition.STRIPE.policy, or a RevenuePolicy(...)"
    )


def _need(code: str | None) -> str:
    if code is None:
        raise InvalidValueError(
            "no_revenue_and_no_currency",
            "currency must be given if there is nothing to count",
            field="currency",
            advice="write currency='EUR'",
        )
    return code


def _read_amounts(amounts: Mapping[_I, Money], name: str, code: str | None) -> tuple[dict[Id, Decimal], str | None]:
    """Return the numbers of a mapping of customers to money, and their currency."""
    read: dict[Id, Decimal] = {}
    checks.check_mapping(amounts, name, "customers to what they pay a month")
    for customer_id, money in amounts.items():
        given = as_non_negative(money, f"{name}[{customer_id!r}]")
        if code is None:
            code = given.currency
        if given.currency != code:
            raise CurrencyMismatchError(
                "amounts_in_two_currencies",
                f"{name} must have amounts in one currency, {code}, got {given.currency}",
                field=name,
                operands=(code, given.currency),
                record=customer_id,
            )
        read[as_id(customer_id, name)] = given.amount
    return read, code


def _count(plans: Plans, period: Period, policy: RevenuePolicy) -> dict[Any, Sums]:
    """Count the movements of each group."""
    opens, closes = in_utc(period.start), in_utc(period.end)
    each = policy.changes is ChangeRule.EACH
    rows: dict[Any, Sums] = {}
    with localcontext(EXACT):  # 1.35x over EXACT.add; only plain Decimals are computed in it
        for row in plans.values():
            group = row[0]
            sums = rows.get(group)
            if sums is None:
                sums = rows[group] = Sums()
            if len(row) == _ONE_PLAN:
                _note_single(sums, row, opens, closes, each=each)
            elif len(row) > _ONE_PLAN:
                _note_steps(sums, list_steps(row, policy), opens, closes, policy)
    for customer_id in list_lookalikes(plans):
        rows[plans[customer_id][0]].lookalikes += 1
    return rows


def _count_columns(columns: Columns, period: Period) -> Sums:
    """Count the movements of all customers from columns, as `_count` does under the usual policy.

    4x as fast as to collect the plans of each customer: benchmarks/subjects/moving.py
    """
    opens, closes = in_utc(period.start), in_utc(period.end)
    before: dict[Id, Decimal] = {}
    after: dict[Id, Decimal] = {}
    known: set[Id] = set()
    sums = Sums()
    with localcontext(EXACT):  # as in `_count`
        for customer_id, start, end, monthly in columns.list_paid(closes):
            if start < opens:
                if end is None or end >= opens:
                    before[customer_id] = before.get(customer_id, ZERO) + monthly
                else:
                    known.add(customer_id)
            if end is None or end >= closes:
                after[customer_id] = after.get(customer_id, ZERO) + monthly
        for customer_id, now in after.items():
            was = before.get(customer_id, ZERO)
            sums.note_change(was, was > 0, now, True, came_back=customer_id in known)  # noqa: FBT003 - a state
            sums.note_ends(was, was > 0, now, True)  # noqa: FBT003 - the same
        for customer_id in before.keys() - after.keys():
            sums.note_change(before[customer_id], True, ZERO, False, came_back=False)  # noqa: FBT003 - the same
            sums.note_ends(before[customer_id], True, ZERO, False)  # noqa: FBT003 - the same
    return sums


def _note_single(sums: Sums, row: Sequence[Any], opens: datetime, closes: datetime, *, each: bool) -> None:
    """Count a customer with one plan."""
    _, start, end, price = row
    if start >= closes or end < opens or not price or start == end:
        return
    stays = end >= closes
    if start < opens:
        sums.customers += 1
        sums.start += price
        if stays:
            sums.kept += price
            sums.end_of_starters += price
    elif stays or each:
        sums.new += price
        sums.customers_new += 1
    if not stays and (start < opens or each):
        sums.churn += price
        sums.customers_churned += 1


def _note_steps(sums: Sums, steps: list[Step], opens: datetime, closes: datetime, policy: RevenuePolicy) -> None:
    """Count a customer with several plans."""
    each = policy.changes is ChangeRule.EACH
    amount, there = ZERO, False
    left: datetime | None = None
    for at, now, is_there in (step for step in steps if step[0] < opens):
        if there and not is_there:
            left = at
        amount, there = now, is_there
    before, was, left_before, returned = amount, there, left, LATEST
    for at, now, is_there in (step for step in steps if opens <= step[0] < closes):
        if each:
            came_back = left is not None and _is_within(left, at, policy)
            sums.note_change(amount, there, now, is_there, came_back=came_back)
        if there and not is_there:
            left = at
        if is_there and not there:
            returned = min(returned, at)
        amount, there = now, is_there
    sums.note_ends(before, was, amount, there)
    if not each:
        came_back = left_before is not None and _is_within(left_before, returned, policy)
        sums.note_change(before, was, amount, there, came_back=came_back)


def _is_within(left: datetime, returned: datetime, policy: RevenuePolicy) -> bool:
    return policy.reactivation_window is None or returned - left <= policy.reactivation_window


def build_movements(cls: type[_R], sums: Sums, currency: str, period: Period | None, policy: RevenuePolicy) -> _R:
    fields: dict[str, Any] = {field.name: getattr(sums, field.name) for field in attrs.fields(Sums)}
    for name, count in fields.items():
        if isinstance(count, Decimal):
            fields[name] = build_money(count, currency)
    return cls(**fields, period=period, policy=policy)


def recurring_revenue(
    subscriptions: Iterable[Subscription],
    at: datetime,
    /,
    *,
    currency: str | None = None,
    policy: RevenuePolicy = _DEFAULT,
    tz: tzinfo = UTC,
) -> Money:
    """Return what all customers together pay a month at an instant (MRR), each price converted to a month.

    Examples:
        >>> from crmcore import Money, Subscription, TimeUnit, instant, revenue
        >>> plans = [
        ...     Subscription(
        ...         customer_id=1, price=Money(100, "USD"), every=TimeUnit.MONTH, started=instant("2026-01-01")
        ...     ),
        ...     Subscription(
        ...         customer_id=2, price=Money(600, "USD"), every=TimeUnit.YEAR, started=instant("2026-02-01")
        ...     ),
        ... ]
        >>> revenue.recurring_revenue(plans, instant("2026-03-01"))
        Money('150', 'USD')

    Args:
        subscriptions: The subscriptions of the customers.
        at: The instant. A subscription that starts then counts, and one that ends then does not.
        currency: The currency of all prices. It is needed only if there may be no subscriptions.
        policy: From when to when a subscription is paid.
        tz: The zone of the calendar in which billing periods are counted, if the policy asks for them.

    Raises:
        CurrencyMismatchError: The prices are in two currencies.
        InvalidValueError: There are no subscriptions, and no currency is given.

    Source: Stripe Billing, metric definitions.
    """
    moment = in_utc(checks.as_instant(at, "at"))
    _check_policy(policy)
    plans, code = collect(subscriptions, in_one_group, policy, currency, tz)
    paid = ZERO
    for row in plans.values():
        for since, amount, _ in list_steps(row, policy)[::-1]:
            if since <= moment:
                paid = EXACT.add(paid, amount)
                break
    return build_money(paid, _need(code))
