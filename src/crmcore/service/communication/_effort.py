"""For whom the company makes an effort: for new customers or for those who are there."""

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.interaction import Interaction
from crmcore.model.purchase import Cost, Purchase, find_first_purchases
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.grouping import group_by, iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.money import Money, add_up, same_currency
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["Effort", "Spend"]

_K = TypeVar("_K", bound=Hashable)


@attrs.frozen(kw_only=True)
class Spend(Tally):
    """What was spent to win customers, to serve them and to keep them. Records of disjoint costs can be added.

    Examples:
        >>> from crmcore import Money, Spend
        >>> spend = Spend(
        ...     acquisition=Money(900, "EUR"),
        ...     service=Money(250, "EUR"),
        ...     retention=Money(50, "EUR"),
        ...     compensation=Money(0, "EUR"),
        ...     other=Money(80, "EUR"),
        ... )
        >>> spend.acquisition_share
        Decimal('0.75')

    Companies that spend on advertisements and not on relationships do not earn back what winning a customer cost, the
    source articles say (see why.md). They name no share at which that begins, so none is judged here.

    Attributes:
        acquisition: What was spent to win customers, such as on advertisements.
        service: What was spent to serve them.
        retention: What was spent to keep them, such as on a loyalty programme.
        compensation: What was spent to make up for mistakes.
        other: What was spent on anything else, or on something unknown.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
    """

    ratios = ("total_spend", "acquisition_share")

    acquisition: Money
    service: Money
    retention: Money
    compensation: Money
    other: Money

    def _check(self) -> None:
        super()._check()
        for name in ("service", "retention", "compensation", "other"):
            same_currency(self.acquisition, getattr(self, name), name)

    @classmethod
    def of(cls, costs: Iterable[Cost], /, *, currency: str | None = None) -> Self:
        """Sum up costs by their kind, in a single pass; the order does not matter.

        Examples:
            >>> from crmcore import Cost, CostKind, Money, Spend, instant
            >>> costs = [
            ...     Cost(kind=kind, amount=Money(amount, "EUR"), at=instant("2026-03-02"))
            ...     for kind, amount in [(CostKind.ACQUISITION, 300), (CostKind.SERVICE, 100)]
            ... ]
            >>> Spend.of(costs).acquisition_share
            Decimal('0.75')

        Args:
            costs: The costs.
            currency: The currency of all costs; needed only if there may be none.

        Raises:
            CurrencyMismatchError: The costs are in two currencies.
            InvalidValueError: There are no costs and no currency is given.
        """
        return cls._sum(list(iterate_once(costs, Cost, "costs")), currency)

    @classmethod
    def by(cls, costs: Iterable[Cost], key: Callable[[Cost], _K], /) -> TallyBy[_K, Self]:
        """Sum up costs as `of` does, for each value of a key, such as the month.

        Examples:
            >>> from crmcore import Cost, CostKind, Money, Spend, instant
            >>> costs = [
            ...     Cost(kind=CostKind.SERVICE, amount=Money(9, "EUR"), at=instant(at))
            ...     for at in ("2026-03-02", "2026-04-06")
            ... ]
            >>> {month: str(spend.service) for month, spend in Spend.by(costs, lambda cost: cost.at.month).items()}
            {3: '9 EUR', 4: '9 EUR'}
        """
        groups = group_by(costs, key, Cost, "costs", "lambda cost: cost.at.month")
        for parts in groups.values():
            for cost in parts:  # its place among all costs is not known here
                same_currency(parts[0].amount, cost.amount, "costs")
        return TallyBy({group: cls._sum(parts, None) for group, parts in groups.items()})

    @classmethod
    def _sum(cls, costs: list[Cost], currency: str | None) -> Self:
        code = add_up([cost.amount for cost in costs], currency, "costs")[1]
        by_field = {field: [cost.amount for cost in costs if _find_field(cost) == field] for field in _FIELDS}
        return cls(**{field: Money.total(amounts, currency=code) for field, amounts in by_field.items()})

    @property
    def total_spend(self) -> Money:
        """All that was spent."""
        return Money.total(getattr(self, field) for field in _FIELDS)

    @property
    def acquisition_share(self) -> Decimal | None:
        """The share of acquisition in what was spent on acquisition, service and retention; None if that is not > 0."""
        relevant = self.acquisition + self.service + self.retention
        return self.acquisition.ratio_to(relevant) if relevant.amount > 0 else None

    def explain(self) -> Explanation:
        """Explain the share of acquisition, line by line."""
        return Explanation(
            (
                *(term(field, getattr(self, field)) for field in _FIELDS),
                term("total_spend", self.total_spend, "", " + ".join(_FIELDS)),
                *_explain_share("acquisition_share", self.acquisition_share, _SHARE),
            )
        )


_SHARE: Final = "acquisition / (acquisition + service + retention)"
_FIELDS: Final = ("acquisition", "service", "retention", "compensation", "other")


def _find_field(cost: Cost) -> str:
    return "other" if cost.kind is None else cost.kind.value


def _explain_share(name: str, share: Decimal | None, formula: str) -> list[Term]:
    """Return the line of a share of money; there is none of what is not above 0."""
    return [] if share is None else [term(name, share, "", formula)]


@attrs.frozen(kw_only=True)
class Effort(Tally):
    """Contacts with new and existing customers, and what both bought. Records of disjoint customers can be added.

    Examples:
        >>> from crmcore import Effort, Money
        >>> march = Effort(
        ...     new_contacts=90,
        ...     existing_contacts=30,
        ...     new_revenue=Money(2000, "EUR"),
        ...     existing_revenue=Money(8000, "EUR"),
        ... )
        >>> march.new_share_of_contacts, march.new_share_of_revenue
        (Decimal('0.75'), Decimal('0.2'))

    A customer is new in a period if they had not bought before it.

    Attributes:
        new_contacts: Contacts with new customers, and with people who have not bought.
        existing_contacts: Contacts with customers who bought before the period.
        unknown_contacts: Contacts with unknown people.
        new_revenue: What new customers paid, less refunds.
        existing_revenue: What existing customers paid, less refunds.

    Raises:
        CurrencyMismatchError: The two amounts are in two currencies.
    """

    ratios = ("new_share_of_contacts", "new_share_of_revenue")

    new_contacts: int = 0
    existing_contacts: int = 0
    unknown_contacts: int = 0
    new_revenue: Money
    existing_revenue: Money

    def _check(self) -> None:
        super()._check()
        same_currency(self.new_revenue, self.existing_revenue, "existing_revenue")

    @classmethod
    def of(
        cls,
        interactions: Iterable[Interaction],
        purchases: Iterable[Purchase],
        period: Period,
        /,
        *,
        currency: str | None = None,
    ) -> Self:
        """Count the contacts of a period and sum up its purchases, of new and of existing customers.

        Examples:
            >>> from crmcore import Effort, Interaction, Money, Period, Purchase, instant
            >>> bought = [
            ...     Purchase(customer_id=who, at=instant(at), amount=Money(50, "EUR"))
            ...     for who, at in [("anna", "2026-01-10"), ("anna", "2026-03-10"), ("ben", "2026-03-20")]
            ... ]
            >>> calls = [
            ...     Interaction(touchpoint_id="phone", at=instant("2026-03-05"), customer_id=who)
            ...     for who in ("ben", "ben", "eva", "anna")
            ... ]
            >>> Effort.of(calls, bought, Period.month(2026, 3)).new_share_of_contacts
            Decimal('0.75')

        Args:
            interactions: The contacts, in any order; those outside the period are left out.
            purchases: All purchases of the customers since their first, in any order.
            period: The period, half-open.
            currency: The currency of all purchases; needed only if there may be none.

        Raises:
            CurrencyMismatchError: The purchases are in two currencies.
            InvalidValueError: There are no purchases and no currency is given.
        """
        when = checks.as_instance(period, Period, "period")
        bought = list(iterate_once(purchases, Purchase, "purchases"))
        code = add_up([purchase.amount for purchase in bought], currency, "purchases")[1]
        start = in_utc(when.start)
        existing = {customer_id for customer_id, at in find_first_purchases(bought).items() if at < start}
        within = [purchase for purchase in bought if purchase.at in when]
        people = [
            contact.customer_id
            for contact in iterate_once(interactions, Interaction, "interactions")
            if contact.at in when
        ]
        known = [person for person in people if person is not None]
        there = sum(person in existing for person in known)
        return cls(
            new_contacts=len(known) - there,
            existing_contacts=there,
            unknown_contacts=len(people) - len(known),
            new_revenue=_add_up(within, lambda person: person not in existing, code),
            existing_revenue=_add_up(within, lambda person: person in existing, code),
        )

    @property
    def new_share_of_contacts(self) -> Decimal | None:
        """The share of new customers in the contacts with known people; None if there are none."""
        return ratio(self.new_contacts, self.new_contacts + self.existing_contacts)

    @property
    def new_share_of_revenue(self) -> Decimal | None:
        """The share of new customers in the revenue; None unless both amounts are >= 0 and one is above."""
        whole = self.new_revenue + self.existing_revenue
        fits = min(self.new_revenue.amount, self.existing_revenue.amount) >= 0 and whole.amount > 0
        return self.new_revenue.ratio_to(whole) if fits else None

    def explain(self) -> Explanation:
        """Explain the shares, line by line."""
        shares = self.new_share_of_contacts, self.new_share_of_revenue
        return Explanation(
            (
                term("new_contacts", self.new_contacts, "contacts"),
                term("existing_contacts", self.existing_contacts, "contacts"),
                term("unknown_contacts", self.unknown_contacts, "contacts"),
                term("new_share_of_contacts", shares[0], "", "new_contacts / (new_contacts + existing_contacts)"),
                term("new_revenue", self.new_revenue),
                term("existing_revenue", self.existing_revenue),
                *_explain_share("new_share_of_revenue", shares[1], "new_revenue / (new_revenue + existing_revenue)"),
            )
        )


def _add_up(purchases: list[Purchase], belongs: Callable[[Id], bool], currency: str) -> Money:
    return Money.total((one.amount for one in purchases if belongs(one.customer_id)), currency=currency)
