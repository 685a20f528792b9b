"""Mixes of customers: values and retentions by segment, weighted by the customers in each."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Generic, Self, TypeVar, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import DEEP, EXACT, RATIO, ZERO, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import CrmcoreError, InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import KeyGuard
from crmcore.primitives.money import Money, round_money, same_currency
from crmcore.primitives.rates import Retention
from crmcore.primitives.record import NON_NEGATIVE, several
from crmcore.primitives.tally import Tally, TallyBy
from crmcore.value.lifetime_value._history import HistoricValue
from crmcore.value.lifetime_value._result import LifetimeValue

__all__ = ["MixShift", "RetentionMix", "SegmentValue", "ValueMix"]

_K = TypeVar("_K", bound=Hashable)
_G = TypeVar("_G", bound=Hashable)
_L = TypeVar("_L", bound=Hashable)


@attrs.frozen(kw_only=True)
class SegmentValue(Tally):
    """Number and combined value of the customers in a segment. Records of disjoint customers can be added.

    Examples:
        >>> from crmcore import Money
        >>> from crmcore.value.lifetime_value import SegmentValue
        >>> SegmentValue(customers=50, combined=Money(50_000, "RUB")).value
        Money('1000', 'RUB')

    Attributes:
        customers: The number of customers, >= 0.
        combined: Their combined value.

    Raises:
        InconsistentCountsError: There are no customers, but a combined value.
    """

    ratios = ("value",)

    customers: int
    combined: Money

    def _check(self) -> None:
        super()._check()
        if self.combined and not self.customers:
            raise InconsistentCountsError(
                "value_without_customers",
                f"combined must be 0 if customers is 0, got {self.combined}",
                field="combined",
                advice="count the customers",
                operands=(self.combined,),
            )

    @property
    def value(self) -> Money | None:
        """The average value of a customer. None if there are no customers."""
        return self.combined / self.customers if self.customers else None

    def explain(self) -> Explanation:
        """Explain the average line by line."""
        value = None if self.value is None else self.value.amount
        return Explanation(
            (
                term("customers", self.customers, "customers"),
                term("combined", self.combined),
                Term("value", value, self.combined.currency, "combined / customers"),
            )
        )


@attrs.frozen(kw_only=True)
class ValueMix(Result, Generic[_K]):
    """The average value of customers, with the mix of segments behind it.

    Examples:
        >>> from crmcore import Money, ValueMix
        >>> base = ValueMix.of({"one book": (50, Money(1000, "RUB")), "loyal": (50, Money(30_000, "RUB"))})
        >>> base.value
        Money('15500', 'RUB')
        >>> print(base.explain())
        customers_1       50  customers of one book
        value_1         1000  RUB
        customers_2       50  customers of loyal
        value_2        30000  RUB
        customers        100  customers              = customers_1 + customers_2
        combined     1550000  RUB                    = customers_1 * value_1 + customers_2 * value_2
        value          15500  RUB                    = combined / customers

    Compute each segment first, then average. The product of average orders, years and margins is not the average of the
    products. Before you compare the averages of two different mixes, use `since`: it separates the change of the mix
    from the change of the values.

    Attributes:
        rows: Pairs of a segment's name and its `SegmentValue`, each name once.
        cautions: What the values assume or leave out, each once, whichever segment it comes from.

    Raises:
        CurrencyMismatchError: The values are in two currencies.
        InvalidValueError: A segment comes twice.

    Source: the source articles (see why.md), which compute each segment separately; P. Fader and B. Hardie on
        averaging.
    """

    ratios = ("customers", "combined", "value")

    rows: tuple[tuple[_K, SegmentValue], ...] = attrs.field(converter=several, eq=frozenset)
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several, eq=frozenset, repr=False)

    def _check(self) -> None:
        super()._check()
        checks.check_unique([name for name, _ in self.rows], "rows", "a segment")
        if self.rows:
            first = self.rows[0][1].combined
            for place, (_, segment) in enumerate(self.rows):
                same_currency(first, segment.combined, "rows", place)

    @classmethod
    def of(cls, segments: Mapping[_G, tuple[int, Money | LifetimeValue]], /) -> "ValueMix[_G]":
        """Build the mix from each segment's number of customers and average value.

        Args:
            segments: By segment, a pair of the number of customers and the value of one of them. Both are needed,
                because the average of two segments depends on their sizes.

        Raises:
            CurrencyMismatchError: The values are in two currencies.
            WrongTypeError: A segment has no value, such as the None of `Buying.simple`.
        """
        checks.check_mapping(segments, "segments", "segment to customers and value")
        return cast("type[ValueMix[_G]]", cls)(
            rows=tuple((name, _build_segment(name, pair)) for name, pair in segments.items()),
            cautions=_collect_cautions(value for _, value in segments.values()),
        )

    @classmethod
    def by(
        cls, values: Mapping[_L, Money | LifetimeValue | HistoricValue], key: Callable[[_L], _G], /
    ) -> "ValueMix[_G]":
        """Build the mix from the value of each customer and a key for their segment.

        Examples:
            >>> from crmcore import Money, ValueMix
            >>> worth = {"anna": Money(900, "EUR"), "bob": Money(100, "EUR"), "carl": Money(300, "EUR")}
            >>> mix = ValueMix.by(worth, lambda customer_id: "loyal" if customer_id == "anna" else "new")
            >>> mix.segments["new"].value
            Money('200', 'EUR')

        Args:
            values: The value of each customer by id, such as ``HistoricValue.by`` returns.
            key: Returns the segment of a customer from their id in `values`.

        Raises:
            CurrencyMismatchError: The values are in two currencies.
            InvalidValueError: A key of `values` is None, such as that of costs without a customer.
        """
        checks.check_mapping(values, "values", "customer to value")
        checks.check_callable(key, "key", "lambda customer_id: segment_of[customer_id]")
        segments: dict[_G, list[Money]] = {}
        guard = KeyGuard(segments)
        for customer_id, value in values.items():
            if customer_id is None:
                raise InvalidValueError(
                    "value_of_unknown_customer",
                    "values must each have the id of a customer, got an empty one, which would count as a customer",
                    field="values",
                    advice="leave it out, or spread its value over the others first",
                )
            segment = key(customer_id)
            guard.admit(segment)
            segments.setdefault(segment, []).append(_as_money(value, "values", customer_id))
        return cast("type[ValueMix[_G]]", cls)(
            rows=tuple(
                (name, SegmentValue(customers=len(monies), combined=Money.total(monies)))
                for name, monies in segments.items()
            ),
            cautions=_collect_cautions(values.values()),
        )

    def _list_rows(self) -> list[dict[str, Any]]:
        return self.segments.rows("segment", plain=False)

    @property
    def segments(self) -> TallyBy[_K, SegmentValue]:
        """The segments by name."""
        return TallyBy(self.rows)

    def __add__(self, other: "ValueMix[_G]", /) -> "ValueMix[_K | _G]":
        """Add the mixes of disjoint customers."""
        if not isinstance(other, ValueMix):
            return NotImplemented
        return ValueMix(rows=tuple((self.segments + other.segments).items()), cautions=_collect_cautions((self, other)))

    @property
    def customers(self) -> int:
        """The number of all customers."""
        return sum(segment.customers for _, segment in self.rows)

    @property
    def combined(self) -> Money | None:
        """The combined value of all customers. None if there are no segments, because the currency is then unknown."""
        return Money.total(segment.combined for _, segment in self.rows) if self.rows else None

    @property
    def value(self) -> Money | None:
        """The average value of a customer, with equal weight for each. None if there are no customers."""
        return self.combined / self.customers if self.combined is not None and self.customers else None

    @property
    def losing(self) -> tuple[_K, ...]:
        """The segments with a value below 0, which the average hides."""
        return tuple(name for name, segment in self.rows if segment.combined.amount < 0)

    def share(self, segment: _K, /) -> Decimal | None:
        """Return the share of customers in a segment, to 34 digits, or None if there are no customers.

        Raises:
            InvalidValueError: The mix has no such segment.
        """
        found = self.segments.get(segment)
        if found is None:
            raise InvalidValueError(
                "no_such_segment",
                f"segment must be one of the {len(self.rows)} of the mix, got {show(segment)}",
                field="segment",
                advice="list them with .segments",
                operands=(segment,),
            )
        return ratio(found.customers, self.customers)

    def since(self, before: "ValueMix[_G]", /) -> "MixShift[_G, _K]":
        """Compare with an earlier mix, to separate a change of the values from a change of the mix."""
        return MixShift(before=before, after=self)

    def explain(self) -> Explanation:
        """Explain the average segment by segment."""
        lines: list[Term] = []
        customers: list[str] = []
        parts: list[str] = []
        for number, (name, segment) in enumerate(self.rows, 1):
            label = f"customers of {name}" if isinstance(name, str) else "customers"
            lines.append(Term(f"customers_{number}", segment.customers, label))
            customers.append(f"customers_{number}")
            if segment.value is not None:
                lines.append(term(f"value_{number}", segment.value))
                parts.append(f"customers_{number} * value_{number}")
        if self.combined is None:
            return Explanation([Term("customers", 0, "customers"), Term("value", None)], cautions=self.cautions)
        average = None if self.value is None else self.value.amount
        return Explanation(
            (
                *lines,
                Term("customers", self.customers, "customers", " + ".join(customers)),
                term("combined", self.combined, "", " + ".join(parts)),
                Term("value", average, self.combined.currency, "combined / customers"),
            ),
            cautions=self.cautions,
        )


@attrs.frozen(kw_only=True)
class MixShift(Result, Generic[_K, _G]):
    """The change of an average value, split into the change of the segments' values and that of their shares.

    Examples:
        >>> from crmcore import Money, ValueMix
        >>> before = ValueMix.of({"small": (87, Money(93, "EUR")), "large": (263, Money(73, "EUR"))})
        >>> after = ValueMix.of({"small": (270, Money(87, "EUR")), "large": (80, Money(69, "EUR"))})
        >>> shift = after.since(before)
        >>> [money.quantized() for money in (shift.difference, shift.from_values, shift.from_mix)]
        [Money('4.91', 'EUR'), Money('-5.02', 'EUR'), Money('9.93', 'EUR')]
        >>> shift.is_reversal  # every segment fell, and the average rose
        True

    Each change is weighted by the mean of before and after. So the two parts add up to the difference, and only change
    their sign if the mixes are swapped. A segment in only one of the mixes counts as a change of the mix.

    Attributes:
        before: The earlier mix.
        after: The later mix.

    Raises:
        CurrencyMismatchError: The mixes are in two currencies.
        InvalidValueError: A mix has no customers.

    Source: Kitagawa 1955, Components of a difference between two rates, JASA 50:1168-1194. The reversal is Simpson's
    paradox (Charig and others 1986).
    """

    ratios = ("difference", "from_mix", "from_values", "is_reversal")

    before: ValueMix[_K]
    after: ValueMix[_G]

    def _check(self) -> None:
        super()._check()
        for name, mix in (("before", self.before), ("after", self.after)):
            if mix.value is None:
                raise InvalidValueError(
                    "mix_without_customers", f"{name} must have customers, got a mix without any", field=name
                )
        same_currency(self._value_before, self._value_after, "after")

    @property
    def difference(self) -> Money:
        """The average after minus the average before."""
        return self._value_after - self._value_before

    @property
    def from_values(self) -> Money:
        """The part of the difference that comes from changes of the segments' values."""
        total = ZERO
        for name, earlier, later in self._common:
            shares = DEEP.add(_find_share(self.before, name), _find_share(self.after, name))
            total = DEEP.add(total, DEEP.divide(DEEP.multiply(shares, _find_change(earlier, later)), 2))
        return round_money(total, self._value_before.currency)

    @property
    def from_mix(self) -> Money:
        """The part of the difference that comes from changes of the segments' shares."""
        return self.difference - self.from_values

    @property
    def is_reversal(self) -> bool:
        """Whether the average moved in the opposite direction to every segment that both mixes have."""
        before, after = (
            SegmentValue(customers=mix.customers, combined=cast("Money", mix.combined))
            for mix in (self.before, self.after)
        )
        changed = _compare(before, after)
        up = changed > 0
        changes = [_compare(earlier, later) for _, earlier, later in self._common]
        return bool(changed and changes) and all(change < 0 if up else change > 0 for change in changes)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """A caution if there is a reversal, followed by those of the two mixes."""
        given = _collect_cautions((self.before, self.after))
        if not self.is_reversal:
            return given
        return (
            Finding(
                rule="simpson_reversal",
                severity=Severity.WARNING,
                subject="value",
                message="the average moved in one direction and every segment in the other, because the mix changed",
                advice="show the segments, and judge each separately",
            ),
            *given,
        )

    def explain(self) -> Explanation:
        """Explain the difference segment by segment."""
        lines: list[Term] = []
        changes: list[str] = []
        for number, (name, earlier, later) in enumerate(self._common, 1):
            label = f"of {name}" if isinstance(name, str) else ""
            lines += [
                Term(f"share_before_{number}", RATIO.plus(_find_share(self.before, name)), label),
                Term(f"share_after_{number}", RATIO.plus(_find_share(self.after, name)), label),
                term(f"value_before_{number}", earlier.value),
                term(f"value_after_{number}", later.value),
            ]
            changes.append(
                f"(share_before_{number} + share_after_{number}) / 2 * (value_after_{number} - value_before_{number})"
            )
        return Explanation(
            (
                *lines,
                term("value_before", self._value_before),
                term("value_after", self._value_after),
                term("from_values", self.from_values, "", " + ".join(changes)),
                term("difference", self.difference, "", "value_after - value_before"),
                term("from_mix", self.from_mix, "", "difference - from_values"),
            ),
            cautions=self.cautions,
        )

    @property
    def _value_before(self) -> Money:
        return cast("Money", self.before.value)

    @property
    def _value_after(self) -> Money:
        return cast("Money", self.after.value)

    @property
    def _common(self) -> list[tuple[_K, SegmentValue, SegmentValue]]:
        """The segments in which both mixes have customers, with their values before and after."""
        later = cast("Mapping[object, SegmentValue]", self.after.segments)
        return [
            (name, segment, later[name])
            for name, segment in self.before.rows
            if name in later and segment.customers and later[name].customers
        ]


@attrs.frozen(kw_only=True)
class RetentionMix(Result):
    """Groups of customers who leave at different rates, and their retention as a whole.

    Examples:
        >>> from crmcore import Retention, RetentionMix, TimeUnit
        >>> loyal, fickle = Retention("0.95", TimeUnit.MONTH), Retention("0.75", TimeUnit.MONTH)
        >>> mix = RetentionMix.of([(1, loyal), (1, fickle)])
        >>> mix.mean_lifetime
        Decimal('12')
        >>> mix.pooled.mean_lifetime  # of the average rate, which no group has
        Decimal('6.666666666666666666666666666666667')
        >>> [kept.share for kept in mix.by_period(2)]  # it rises, although no group's rate changes
        [Decimal('0.85'), Decimal('0.8617647058823529411764705882352941')]

    Attributes:
        groups: For each group its weight, which is a number or a share of customers, and its retention.

    Raises:
        InvalidValueError: No weight is above 0, or the retentions are per different units of time.

    Source: Fader and Hardie 2010, Customer-base valuation in a contractual setting: the perils of ignoring
    heterogeneity.
    """

    ratios = ("mean_lifetime",)

    groups: tuple[tuple[Annotated[Decimal, NON_NEGATIVE], Retention], ...] = attrs.field(converter=several)

    def _check(self) -> None:
        super()._check()
        if not any(weight for weight, _ in self.groups):
            raise InvalidValueError("no_group_with_weight", "groups must have a weight > 0", field="groups")
        units = sorted({retention.per.value for _, retention in self.groups})
        if len(units) > 1:
            raise InvalidValueError(
                "groups_of_several_units",
                f"groups must have the same unit of time, got {', '.join(units)}",
                field="groups",
                advice="convert with .to(...)",
                operands=tuple(units),
            )

    @classmethod
    def of(cls, groups: Iterable[tuple[Decimal | int | str, Retention]], /) -> Self:
        """Build the mix from pairs of a weight, which is a number or a share of customers, and a retention."""
        return cls(groups=cast("tuple[tuple[Decimal, Retention], ...]", groups))

    @property
    def pooled(self) -> Retention:
        """The share of all customers that is kept over the first period. Later periods differ, see `by_period`."""
        return cast("Retention", self.by_period(1)[0])

    @property
    def mean_lifetime(self) -> Decimal | None:
        """The mean lifetime of a customer in periods: the mean of the groups' lifetimes, not that of their mean rate.

        None if a group with a weight never leaves.
        """
        total = weights = ZERO
        for weight, retention in self.groups:
            if weight and not retention.churn:
                return None
            if weight:
                total = DEEP.add(total, DEEP.divide(weight, retention.churn))
                weights = DEEP.add(weights, weight)
        return ratio(total, weights)

    def by_period(self, periods: int, /) -> tuple[Retention | None, ...]:
        """Return the share of the remaining customers that is kept over each period; None once no customers remain.

        It rises from period to period although no group's retention changes, because the groups with a low retention
        leave first.

        Args:
            periods: The number of periods, at most 100,000.
        """
        unit = self.groups[0][1].per
        left = [weight for weight, _ in self.groups]
        kept: list[Retention | None] = []
        for _ in range(checks.as_size(periods, "periods")):
            before = _sum(left)
            left = [
                DEEP.multiply(number, retention.share) for number, (_, retention) in zip(left, self.groups, strict=True)
            ]
            share = ratio(_sum(left), before)
            kept.append(None if share is None else Retention(share, unit))
        return tuple(kept)


def _build_segment(name: object, pair: object) -> SegmentValue:
    try:
        number, value = _as_number_and_value(pair, f"segments[{show(name)}]")
    except CrmcoreError as error:
        error.record = name
        raise
    return SegmentValue(customers=number, combined=_as_money(value, "segments", name) * number)


def _as_number_and_value(pair: object, place: str) -> tuple[int, object]:
    customers, value = checks.as_pair(
        pair,
        place,
        "the number of customers and the value of one of them",
        advice="the average depends on the numbers, so say how many each has",
    )
    return checks.as_count(customers, f"{place}.customers"), value


def _as_money(value: object, name: str, key: object) -> Money:
    if isinstance(value, LifetimeValue | HistoricValue):
        return value.value
    if not isinstance(value, Money):
        empty = value is None
        raise WrongTypeError(
            "neither_money_nor_value",
            f"{name} must each have a Money or a LifetimeValue, got {'an empty one' if empty else describe(value)} for "
            f"{show(key)}",
            field=name,
            advice="if no customer bought twice, Buying.simple() is None: use Buying.one_order()" if empty else "",
            operands=(key,),
            record=key,
        )
    return value


def _collect_cautions(values: Iterable[object]) -> tuple[Finding, ...]:
    """Return the cautions of several values, each once, in the order in which they first occur."""
    return tuple(dict.fromkeys(caution for value in values for caution in getattr(value, "cautions", ())))


def _find_share(mix: ValueMix[_K], name: object) -> Decimal:
    return DEEP.divide(cast("Mapping[object, SegmentValue]", mix.segments)[name].customers, mix.customers)


def _find_change(earlier: SegmentValue, later: SegmentValue) -> Decimal:
    """Return the change of the average value of a segment."""
    before = DEEP.divide(earlier.combined.amount, earlier.customers)
    return DEEP.subtract(DEEP.divide(later.combined.amount, later.customers), before)


def _compare(earlier: SegmentValue, later: SegmentValue) -> Decimal:
    """Return a number with the sign of the change of the average value, from exact products instead of quotients."""
    return EXACT.subtract(
        EXACT.multiply(later.combined.amount, earlier.customers),
        EXACT.multiply(earlier.combined.amount, later.customers),
    )


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for number in numbers:
        total = DEEP.add(total, number)
    return total
