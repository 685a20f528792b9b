"""What customers feel, apart from what they do: types of customers, the ladder, and the reasons why they stay."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Final, Self, TypeVar, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import KeyGuard
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.tally import Tally, TallyBy
from crmcore.voice.loyalty._outcomes import OutcomeRate, read_answers

__all__ = [
    "Attitudes",
    "CustomerType",
    "ImpressionFactor",
    "LadderStep",
    "LoyaltyReason",
    "customer_type",
    "ladder_step",
    "rates_by_factor",
]

_C = TypeVar("_C", bound=Id)
_K = TypeVar("_K", bound=Hashable)


class CustomerType(StrEnum):
    """The type of a customer, by what they feel and what they do.

    Attributes:
        APOSTLE: Satisfied and loyal, and tells others: the best advertisement.
        LOYALIST: Satisfied and loyal, but does not tell others.
        MERCENARY: Satisfied but not loyal: leaves for a better price.
        HOSTAGE: Loyal but not satisfied: stays because leaving is hard, and leaves once it is not.
        DEFECTOR: Neither satisfied nor loyal, but does not tell others.
        TERRORIST: Neither satisfied nor loyal, and tells others: a story spreads.
        APOSTLE_OR_LOYALIST: Satisfied and loyal; whether they tell others is not known.
        DEFECTOR_OR_TERRORIST: Neither; whether they tell others is not known.

    Source: Jones and Sasser 1995, Why Satisfied Customers Defect, Harvard Business Review 73(6):88-99.
    """

    APOSTLE = "apostle"
    LOYALIST = "loyalist"
    MERCENARY = "mercenary"
    HOSTAGE = "hostage"
    DEFECTOR = "defector"
    TERRORIST = "terrorist"
    APOSTLE_OR_LOYALIST = "apostle_or_loyalist"
    DEFECTOR_OR_TERRORIST = "defector_or_terrorist"


_BOTH: Final = {True: CustomerType.APOSTLE, False: CustomerType.LOYALIST, None: CustomerType.APOSTLE_OR_LOYALIST}
_NEITHER: Final = {
    True: CustomerType.TERRORIST,
    False: CustomerType.DEFECTOR,
    None: CustomerType.DEFECTOR_OR_TERRORIST,
}


def customer_type(
    *, satisfied: bool | None, loyal: bool | None, tells_others: bool | None = None
) -> CustomerType | None:
    """Return the type of a customer, or None if their satisfaction or their loyalty is unknown.

    Examples:
        >>> from crmcore.voice.loyalty import customer_type
        >>> customer_type(satisfied=False, loyal=True).value
        'hostage'
        >>> customer_type(satisfied=True, loyal=True, tells_others=True).value
        'apostle'

    Args:
        satisfied: Whether the customer is satisfied: what they feel. By Jones and Sasser only the completely satisfied
            are, the top box of a scale.
        loyal: Whether the customer is loyal in what they do: stays, buys again.
        tells_others: Whether the customer tells others, good or bad; None if that is unknown.

    Source: Jones and Sasser 1995, Why Satisfied Customers Defect, Harvard Business Review 73(6):88-99.
    """
    for name, answer in (("satisfied", satisfied), ("loyal", loyal), ("tells_others", tells_others)):
        if answer is not None:
            checks.as_instance(answer, bool, name)
    if satisfied is None or loyal is None:
        return None
    if satisfied is loyal:
        return (_BOTH if satisfied else _NEITHER)[tells_others]
    return CustomerType.MERCENARY if satisfied else CustomerType.HOSTAGE


@attrs.frozen(kw_only=True)
class Attitudes(Tally):
    """Number of customers of each type. Records of disjoint customers can be added.

    Hostages look loyal in every figure of retention. The rate says how many of those who stay do not want to.

    Examples:
        >>> from crmcore import Attitudes
        >>> counted = Attitudes.of(
        ...     satisfied={"anna": True, "ben": False, "eva": True, "zoe": None},
        ...     loyal={"anna": True, "ben": True, "eva": False, "zoe": True},
        ...     tells_others={"anna": True},
        ... )
        >>> counted.apostles, counted.hostages, counted.mercenaries, counted.unknown
        (1, 1, 1, 1)
        >>> counted.rate
        Decimal('0.5')
        >>> [finding.rule for finding in counted.cautions]
        ['hostages_among_the_loyal']

    Attributes:
        apostles: Satisfied and loyal, and tell others.
        loyalists: Satisfied and loyal, and do not tell others.
        apostles_or_loyalists: Satisfied and loyal; whether they tell others is not known.
        mercenaries: Satisfied, not loyal.
        hostages: Loyal, not satisfied.
        defectors: Neither, and do not tell others.
        terrorists: Neither, and tell others.
        defectors_or_terrorists: Neither; whether they tell others is not known.
        unknown: Customers whose satisfaction or loyalty is not known.

    Source: Jones and Sasser 1995, Why Satisfied Customers Defect, Harvard Business Review 73(6):88-99.
    """

    ratios: ClassVar[tuple[str, ...]] = ("known", "satisfied", "loyal", "rate", "unknown_share")

    apostles: int = 0
    loyalists: int = 0
    apostles_or_loyalists: int = 0
    mercenaries: int = 0
    hostages: int = 0
    defectors: int = 0
    terrorists: int = 0
    defectors_or_terrorists: int = 0
    unknown: int = 0

    @classmethod
    def of(
        cls,
        *,
        satisfied: Mapping[_C, bool | None],
        loyal: Mapping[_C, bool | None],
        tells_others: Mapping[_C, bool | None] | None = None,
    ) -> Self:
        """Count the customers of each type. A customer who is in one of the mappings alone is unknown.

        Args:
            satisfied: Whether each customer is satisfied, by what they say; None for unknown.
            loyal: Whether each customer is loyal, by what they do, such as bought again; None for unknown.
            tells_others: Whether each customer tells others; customers who are left out are unknown.
        """
        return cls._count(_find_types(satisfied, loyal, tells_others).values())

    @classmethod
    def by(
        cls,
        key: Callable[[_C], _K],
        /,
        *,
        satisfied: Mapping[_C, bool | None],
        loyal: Mapping[_C, bool | None],
        tells_others: Mapping[_C, bool | None] | None = None,
    ) -> TallyBy[_K, Self]:
        """Count the customers of each type for each value of a key of the customer.

        Args:
            key: Returns the key of a customer, such as ``segment_of.get``.
            satisfied: Whether each customer is satisfied; None for unknown.
            loyal: Whether each customer is loyal; None for unknown.
            tells_others: Whether each customer tells others; customers who are left out are unknown.
        """
        checks.check_callable(key, "key", "segment_of.get")
        groups: dict[_K, list[CustomerType | None]] = {}
        guard = KeyGuard(groups)
        for customer_id, kind in _find_types(satisfied, loyal, tells_others).items():
            group = key(customer_id)
            guard.admit(group)
            groups.setdefault(group, []).append(kind)
        return TallyBy({group: cls._count(kinds) for group, kinds in groups.items()})

    @classmethod
    def _count(cls, kinds: Iterable[CustomerType | None]) -> Self:
        found = list(kinds)
        return cls(
            **{name: found.count(kind) for kind, name in _FIELDS.items()},
            unknown=found.count(None),
        )

    @property
    def known(self) -> int:
        """The customers whose type is known, whether or not they tell others."""
        return self.satisfied + self.hostages + self.defectors + self.terrorists + self.defectors_or_terrorists

    @property
    def satisfied(self) -> int:
        """The satisfied customers: apostles, loyalists and mercenaries."""
        return self.apostles + self.loyalists + self.apostles_or_loyalists + self.mercenaries

    @property
    def loyal(self) -> int:
        """The customers who are loyal in what they do: apostles, loyalists and hostages."""
        return self.apostles + self.loyalists + self.apostles_or_loyalists + self.hostages

    @property
    def rate(self) -> Decimal | None:
        """The share of the loyal customers who are hostages, ``hostages / loyal``; None if no customer is loyal."""
        return ratio(self.hostages, self.loyal)

    @property
    def unknown_share(self) -> Decimal | None:
        """The share of the customers whose type is not known; None if there are no customers."""
        return ratio(self.unknown, self.known + self.unknown)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the share of hostages, or None if no customer is loyal.

        Source: Wilson 1927.
        """
        return wilson(self.hostages, self.loyal, confidence=confidence)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """A caution if some of the customers who stay are not satisfied."""
        if not self.hostages:
            return ()
        return (
            Finding(
                rule="hostages_among_the_loyal",
                severity=Severity.WARNING,
                subject="customers",
                message="some customers stay but are not satisfied, and may leave as soon as they can",
                advice="talk to them, and do not count them as loyal",
                evidence=[("hostages", self.hostages), ("loyal", self.loyal)],
            ),
        )

    def explain(self) -> Explanation:
        """Return the customers of each type and the share of hostages, line by line."""
        return Explanation(
            (
                *(term(name, getattr(self, name), "customers") for name in _FIELDS.values()),
                term("unknown", self.unknown, "customers"),
                term("loyal", self.loyal, "customers", "apostles + loyalists + apostles_or_loyalists + hostages"),
                term("rate", self.rate, "", "hostages / loyal"),
            ),
            source="Jones and Sasser 1995, Harvard Business Review 73(6):88-99",
            cautions=self.cautions,
        )


_FIELDS: Final = {
    CustomerType.APOSTLE: "apostles",
    CustomerType.LOYALIST: "loyalists",
    CustomerType.APOSTLE_OR_LOYALIST: "apostles_or_loyalists",
    CustomerType.MERCENARY: "mercenaries",
    CustomerType.HOSTAGE: "hostages",
    CustomerType.DEFECTOR: "defectors",
    CustomerType.TERRORIST: "terrorists",
    CustomerType.DEFECTOR_OR_TERRORIST: "defectors_or_terrorists",
}


def _find_types(
    satisfied: Mapping[_C, bool | None],
    loyal: Mapping[_C, bool | None],
    tells_others: Mapping[_C, bool | None] | None,
) -> dict[_C, CustomerType | None]:
    """Return the type of each customer of the two mappings."""
    feels, does = read_answers(satisfied, "satisfied"), read_answers(loyal, "loyal")
    tells = {} if tells_others is None else read_answers(tells_others, "tells_others")
    return {
        one: customer_type(satisfied=feels.get(one), loyal=does.get(one), tells_others=tells.get(one))
        for one in feels | does
    }


class LadderStep(StrEnum):
    """A step of the loyalty ladder, from the bottom up.

    Attributes:
        PROSPECT: May be interested, and has not come yet.
        SHOPPER: Came or asked, and has not bought.
        CUSTOMER: Bought.
        CLIENT: Buys regularly.
        ADVOCATE: Bought, and tells others to buy: does the marketing for the company.

    Source: Raphel and Raphel 1995, Up the Loyalty Ladder.
    """

    PROSPECT = "prospect"
    SHOPPER = "shopper"
    CUSTOMER = "customer"
    CLIENT = "client"
    ADVOCATE = "advocate"


def ladder_step(purchases: int, /, *, client_from: int, came: bool = False, recommends: bool = False) -> LadderStep:
    """Return the step of the loyalty ladder at which a customer stands.

    Examples:
        >>> from crmcore.voice.loyalty import ladder_step
        >>> ladder_step(5, client_from=3).value, ladder_step(1, client_from=3, recommends=True).value
        ('client', 'advocate')
        >>> ladder_step(0, client_from=3, came=True, recommends=True).value
        'shopper'

    Args:
        purchases: How often the customer bought, in the period of your choice.
        client_from: How many purchases make a client: a policy, which depends on the business.
        came: Whether the customer visited or asked.
        recommends: Whether the customer tells others to buy. It makes an advocate only of a customer who bought.

    Source: Raphel and Raphel 1995, Up the Loyalty Ladder, names the steps; the limits are yours.
    """
    bought = checks.as_count(purchases, "purchases")
    regular = checks.as_count(client_from, "client_from", least=2)
    checks.as_instance(came, bool, "came")
    checks.as_instance(recommends, bool, "recommends")
    if not bought:
        return LadderStep.SHOPPER if came else LadderStep.PROSPECT
    if recommends:
        return LadderStep.ADVOCATE
    return LadderStep.CLIENT if bought >= regular else LadderStep.CUSTOMER


class LoyaltyReason(StrEnum):
    """Why a customer stays.

    The members are suggestions: a text of your own is welcome too.

    Attributes:
        HABIT: Stable quality became a habit, and other suppliers feel inconvenient.
        PRICE: The price is low; a lower one elsewhere ends it.
        DESIGN: The products look good.
        EXTRAS: Extras come with it: a restaurant, a playground, delivery.
        SCALE: There is everything in one place, and no wish to go elsewhere.
        PEOPLE: The employees help and are reliable.
        QUALITY: The products and services are good.
        SWITCHING_COST: Leaving costs money, time or data.
        NO_CHOICE: There is no other supplier.

    Source: the source articles, see why.md; the last two are the barriers of Jones and Sasser 1995.
    """

    HABIT = "habit"
    PRICE = "price"
    DESIGN = "design"
    EXTRAS = "extras"
    SCALE = "scale"
    PEOPLE = "people"
    QUALITY = "quality"
    SWITCHING_COST = "switching_cost"
    NO_CHOICE = "no_choice"

    @property
    def binds(self) -> bool:
        """Whether the reason holds a customer who wants to leave, so that a dissatisfied one is a hostage."""
        return self in {LoyaltyReason.SWITCHING_COST, LoyaltyReason.NO_CHOICE}


class ImpressionFactor(StrEnum):
    """What customers like about a company: the impressions that add up to being liked.

    The members are suggestions: a text of your own is welcome too.

    Attributes:
        PRODUCT: The product.
        STAFF: The employees.
        LOCATION: The place.
        CONTENT: What the company publishes.
        SOCIAL_UPDATES: What it posts on social networks.
        INDIVIDUAL_OFFERS: Offers made for the customer alone.

    Source: the source articles, see why.md.
    """

    PRODUCT = "product"
    STAFF = "staff"
    LOCATION = "location"
    CONTENT = "content"
    SOCIAL_UPDATES = "social_updates"
    INDIVIDUAL_OFFERS = "individual_offers"


def rates_by_factor(
    factors: Mapping[_C, Iterable[str]], outcomes: Mapping[_C, bool | None], /
) -> TallyBy[str | None, OutcomeRate]:
    """Return an outcome for each reason or impression that customers name, such as being satisfied.

    A customer with several reasons counts at each of them, so the rows do not add up to the customers; two tables of
    disjoint customers add row by row. Customers who name no reason are at None: if you do not know why they buy, you
    cannot improve it.

    Examples:
        >>> from crmcore.voice import loyalty
        >>> from crmcore.voice.loyalty import LoyaltyReason
        >>> reasons = {
        ...     "anna": [LoyaltyReason.PEOPLE, LoyaltyReason.DESIGN],
        ...     "ben": [LoyaltyReason.SWITCHING_COST],
        ...     "zoe": [],
        ... }
        >>> satisfied = {"anna": True, "ben": False, "zoe": True}
        >>> for reason, found in loyalty.rates_by_factor(reasons, satisfied).items():
        ...     print(reason, found.yes, found.no)
        people 1 0
        design 1 0
        switching_cost 0 1
        None 1 0

    Args:
        factors: The reasons or impressions that each customer named; each counts once for a customer.
        outcomes: Whether each customer is satisfied, returned or recommends; customers who are left out are unknown.

    Returns:
        The outcomes by reason; those of customers without a reason are at None.
    """
    checks.check_mapping(factors, "factors", "ids to reasons")
    found = read_answers(outcomes, "outcomes")
    groups: dict[str | None, list[tuple[_C, bool | None]]] = {}
    for place, (customer_id, named) in enumerate(factors.items()):
        at = f"factors[{place}]"
        one = cast("_C", as_id(customer_id, at))
        labels = dict.fromkeys(_as_factor(label, at) for label in checks.iterate(named, at, "reason"))
        for label in labels or [None]:
            groups.setdefault(label, []).append((one, found.get(one)))
    return TallyBy({label: OutcomeRate.of(dict(pairs)) for label, pairs in groups.items()})


def _as_factor(label: str, name: str) -> str:
    """Return a reason or an impression; the text of a reason becomes the member, so that both are one row."""
    if isinstance(label, ImpressionFactor):
        return label
    return checks.as_label(label, LoyaltyReason, name)
