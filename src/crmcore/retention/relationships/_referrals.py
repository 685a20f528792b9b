"""What referrals are worth, and what was paid for them."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Decimal
from typing import Self, TypeVar

import attrs

from crmcore.model.customer import Customer
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import group_by, iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.money import Money, add_up, as_code, same_currency
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["Referrals"]

_K = TypeVar("_K", bound=Hashable)
_Monies = Mapping[Id, Money]


@attrs.frozen(kw_only=True)
class Referrals(Tally):
    """Customers whom others referred, what they are worth, and the rewards. Records of disjoint customers can be added.

    Examples:
        >>> from crmcore import Customer, Money, Referrals
        >>> customers = [
        ...     Customer(id="anna"),
        ...     Customer(id="ben", referred_by_id="anna"),
        ...     Customer(id="cleo", referred_by_id="anna"),
        ... ]
        >>> found = Referrals.of(
        ...     customers,
        ...     {"ben": Money(120, "EUR"), "cleo": Money(60, "EUR")},
        ...     rewards={"ben": Money(10, "EUR"), "cleo": Money(10, "EUR")},
        ... )
        >>> found.referred, found.net_value, found.referred_share
        (2, Money('160', 'EUR'), Decimal('0.6666666666666666666666666666666667'))

    The value is that of all referred customers. Some of them would have come anyway; for those the referral was worth
    only the cost of acquisition that it saved. So give that cost as their value.

    Attributes:
        customers: All customers.
        referred: Those whom another customer referred.
        of_unknown_value: The referred customers without a value; they add nothing to `value`.
        value: What the other referred customers are worth.
        rewards: What was paid for referrals.

    Raises:
        CurrencyMismatchError: Value and rewards are in two currencies.
        InconsistentCountsError: More customers are referred, or of unknown value, than there are.

    Source: Kumar, Petersen and Leone 2007, How Valuable Is Word of Mouth?, Harvard Business Review 85(10):139-146.
    """

    ratios = ("referred_share", "net_value", "value_per_referral")

    customers: int = 0
    referred: int = 0
    of_unknown_value: int = 0
    value: Money
    rewards: Money

    def _check(self) -> None:
        super()._check()
        same_currency(self.value, self.rewards, "rewards")
        for name, whole in (("referred", "customers"), ("of_unknown_value", "referred")):
            part, total = getattr(self, name), getattr(self, whole)
            if part > total:
                raise InconsistentCountsError(
                    "more_referred_than_customers",
                    f"{name} must be at most {whole}, got {part} of {total}",
                    field=name,
                    operands=(part, total),
                )

    @classmethod
    def of(
        cls,
        customers: Iterable[Customer],
        values: _Monies,
        /,
        *,
        rewards: _Monies | None = None,
        currency: str | None = None,
    ) -> Self:
        """Count referred customers and add up their value, in a single pass; the order does not matter.

        Args:
            customers: The customers; the referred ones have `Customer.referred_by_id`.
            values: What each customer is worth, by their id, such as from `HistoricValue.by`; others are left out.
            rewards: What was paid for each referral, by the id of the customer who was referred.
            currency: The currency; needed only if there may be no amounts.

        Raises:
            CurrencyMismatchError: The amounts are in two currencies.
            InvalidValueError: There are no amounts and no currency is given.
        """
        found = list(iterate_once(customers, Customer, "customers"))
        paid = {} if rewards is None else _as_monies(rewards, "rewards")
        return cls._add_up(found, _as_monies(values, "values"), paid, currency)

    @classmethod
    def by(
        cls,
        customers: Iterable[Customer],
        values: _Monies,
        key: Callable[[Customer], _K],
        /,
        *,
        rewards: _Monies | None = None,
        currency: str | None = None,
    ) -> TallyBy[_K, Self]:
        """Count as `of` does, for each value of a key, such as the customer who referred them.

        Examples:
            >>> from crmcore import Customer, Money, Referrals
            >>> customers = [Customer(id="ben", referred_by_id="anna"), Customer(id="dan", referred_by_id="eva")]
            >>> worth = {"ben": Money(120, "EUR"), "dan": Money(5, "EUR")}
            >>> by_ambassador = Referrals.by(customers, worth, lambda customer: customer.referred_by_id)
            >>> {who: str(found.value) for who, found in by_ambassador.items()}
            {'anna': '120 EUR', 'eva': '5 EUR'}

        Args:
            customers: The customers.
            values: What each customer is worth, by their id; others are left out.
            key: Returns the key of a customer.
            rewards: What was paid for each referral, by the id of the customer who was referred.
            currency: The currency; needed only if there may be no amounts.

        Raises:
            CurrencyMismatchError: The amounts are in two currencies.
            InvalidValueError: There are no amounts and no currency is given.
        """
        worth = _as_monies(values, "values")
        paid = {} if rewards is None else _as_monies(rewards, "rewards")
        if currency is not None:
            as_code(currency)
        code = next((money.currency for money in (*worth.values(), *paid.values())), currency)
        groups = group_by(customers, key, Customer, "customers", "lambda customer: customer.referred_by_id")
        return TallyBy({group: cls._add_up(members, worth, paid, code) for group, members in groups.items()})

    @classmethod
    def _add_up(
        cls, customers: list[Customer], worth: dict[Id, Money], paid: dict[Id, Money], currency: str | None
    ) -> Self:
        referred = [customer.id for customer in customers if customer.referred_by_id is not None]
        values = [worth[one] for one in referred if one in worth]
        rewards = [paid[one] for one in referred if one in paid]
        code = add_up([*values, *rewards], currency)[1]
        return cls(
            customers=len(customers),
            referred=len(referred),
            of_unknown_value=len(referred) - len(values),
            value=Money.total(values, currency=code),
            rewards=Money.total(rewards, currency=code),
        )

    @property
    def referred_share(self) -> Decimal | None:
        """The share of all customers who were referred, ``referred / customers``; None if there are no customers."""
        return ratio(self.referred, self.customers)

    @property
    def net_value(self) -> Money:
        """What the referrals are worth less the rewards, ``value - rewards``."""
        return self.value - self.rewards

    @property
    def value_per_referral(self) -> Money | None:
        """The mean value of a referred customer; None if no value is known."""
        known = self.referred - self.of_unknown_value
        return self.value / known if known else None

    def explain(self) -> Explanation:
        """Return how the figures come about, line by line."""
        return Explanation(
            (
                term("customers", self.customers, "customers"),
                term("referred", self.referred, "customers"),
                term("of_unknown_value", self.of_unknown_value, "customers"),
                term("referred_share", self.referred_share, "", "referred / customers"),
                term("value", self.value),
                term("rewards", self.rewards),
                term("net_value", self.net_value, "", "value - rewards"),
                *(
                    []
                    if self.value_per_referral is None
                    else [
                        term("value_per_referral", self.value_per_referral, "", "value / (referred - of_unknown_value)")
                    ]
                ),
            ),
            source="Kumar, Petersen and Leone 2007, Harvard Business Review 85(10):139-146",
        )


def _as_monies(given: _Monies, name: str) -> dict[Id, Money]:
    checks.check_mapping(given, name, "ids and amounts")
    return {own: checks.as_instance(money, Money, name) for own, money in given.items()}
