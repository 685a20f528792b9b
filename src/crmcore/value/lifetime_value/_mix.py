"""Mixes of customers: values and retentions by segment, weighed by the customers in each."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Decimal
from typing import Generic, Self, TypeVar, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import DEEP, RATIO, ZERO, plain_repr, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.money import Money, round_money, same_currency
from crmcore.primitives.rates import Retention
from crmcore.primitives.tally import Tally, TallyBy, check_counts
from crmcore.value.lifetime_value._history import HistoricValue
from crmcore.value.lifetime_value._result import LifetimeValue

__all__ = ["MixShift", "RetentionMix", "SegmentValue", "ValueMix"]

_K = TypeVar("_K", bound=Hashable)
_G = TypeVar("_G", bound=Hashable)
_L = TypeVar("_L", bound=Hashable)


@attrs.frozen(kw_only=True)
class SegmentValue(Tally):
    """Adds over disjoint customers: how many they are, and what they are worth together.

    Examples:
        >>> SegmentValue(customers=50, combined=Money(50_000, "RUB")).value
        Money('1000', 'RUB')

    Attributes:
        customers: How many.
        combined: What they are worth together.

    Raises:
        InconsistentCountsError: Nobody is worth something.
        InvalidValueError: A negative number of customers.
    """

    ratios = ("value",)

    customers: int
    combined: Money

    def __attrs_post_init__(self) -> None:
        check_counts(self, "customers")
        if checks.as_instance(self.combined, Money, "combined") and not self.customers:
            raise InconsistentCountsError(f"nobody cannot be worth {self.combined}; count the customers", self.combined)

    @property
    def value(self) -> Money | None:
        """What one of them is worth on average; None of nobody."""
        return self.combined / self.customers if self.customers else None

    def explain(self) -> Explanation:
        """How the average comes about."""
        value = None if self.value is None else self.value.amount
        return Explanation(
            (
                term("customers", self.customers, "customers"),
                term("combined", self.combined),
                Term("value", value, self.combined.currency, "combined / customers"),
            )
        )


@attrs.frozen(kw_only=True)
class ValueMix(Generic[_K]):
    """What customers are worth on average, and the mix of segments which that average hides.

    Examples:
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

    Compute by segment first and weigh afterwards. Averages of orders, years and margins multiplied together are not the
    average of the products; and two averages over different mixes are not to be compared before `since` has told the
    change of the mix from the change of the values.

    Attributes:
        rows: For each segment its name, and how many customers it has and what they are worth together.

    Raises:
        CurrencyMismatchError: The values are in two currencies.
        InvalidValueError: A segment stands twice.
        WrongTypeError: A row is no pair of a name and a `SegmentValue`.

    Source: the documents ("segment the customers and compute for each"); P. Fader and B. Hardie on averaging.
    """

    rows: tuple[tuple[_K, SegmentValue], ...] = attrs.field(eq=frozenset)

    def __attrs_post_init__(self) -> None:
        pairs = [_pair(row, "every row must be a pair (segment, value)") for row in _rows(self.rows)]
        for _, value in pairs:
            checks.as_instance(value, SegmentValue, "the value of every row")
        checks.set_field(self, "rows", tuple(pairs))
        if len(self.segments) < len(pairs):
            raise InvalidValueError("rows must hold each segment once; add its customers up first")
        if pairs:
            Money.total(segment.combined for _, segment in self.rows)

    @classmethod
    def of(cls, segments: Mapping[_G, tuple[int, Money | LifetimeValue]], /) -> "ValueMix[_G]":
        """From the customers of each segment and what one of them is worth.

        Args:
            segments: By segment, a pair of the number of its customers and the value of one of them. A value without
                its number is refused: the mean of two segments is not the mean of their customers.

        Raises:
            CurrencyMismatchError: The values are in two currencies.
            InvalidValueError: A negative number of customers.
            WrongTypeError: A segment is no pair of a number and a value.
        """
        if not isinstance(segments, Mapping):
            raise WrongTypeError(
                f"segments must be a mapping of segment to (customers, value), got {show(segments)}", "segments"
            )
        return cast("type[ValueMix[_G]]", cls)(
            rows=tuple((name, _segment(name, pair)) for name, pair in segments.items())
        )

    @classmethod
    def by(
        cls, values: Mapping[_L, Money | LifetimeValue | HistoricValue], key: Callable[[_L], _G], /
    ) -> "ValueMix[_G]":
        """From the value of each customer, apart by his segment.

        Examples:
            >>> worth = {"anna": Money(900, "EUR"), "bob": Money(100, "EUR"), "carl": Money(300, "EUR")}
            >>> mix = ValueMix.by(worth, lambda who: "loyal" if who == "anna" else "new")
            >>> mix.segments["new"].value
            Money('200', 'EUR')

        Args:
            values: By customer, what he is worth: such as ``HistoricValue.by`` gives.
            key: The segment of a customer, from his key in `values`.

        Raises:
            CurrencyMismatchError: The values are in two currencies.
            InvalidValueError: A row is nobody's, as that of costs which are no customer's.
            WrongTypeError: A value of the wrong type.
        """
        if not isinstance(values, Mapping):
            raise WrongTypeError(f"values must be a mapping of customer to value, got {show(values)}", "values")
        checks.check_callable(key, "key", "lambda customer_id: segment_of[customer_id]")
        found: dict[_G, list[Money]] = {}
        for customer, value in values.items():
            if customer is None:
                raise InvalidValueError(
                    "values hold a row of nobody, under None, who is no customer and would count as one; "
                    "leave it out, or spread it over the others first"
                )
            found.setdefault(key(customer), []).append(_worth(value))
        return cast("type[ValueMix[_G]]", cls)(
            rows=tuple(
                (name, SegmentValue(customers=len(monies), combined=Money.total(monies)))
                for name, monies in found.items()
            )
        )

    @property
    def segments(self) -> TallyBy[_K, SegmentValue]:
        """The segments by name."""
        return TallyBy(self.rows)

    def __add__(self, other: "ValueMix[_G]", /) -> "ValueMix[_K | _G]":
        """The mix of both, for disjoint customers."""
        if not isinstance(other, ValueMix):
            return NotImplemented
        return ValueMix(rows=tuple((self.segments + other.segments).items()))

    @property
    def customers(self) -> int:
        """All customers."""
        return sum(segment.customers for _, segment in self.rows)

    @property
    def combined(self) -> Money | None:
        """What all are worth together; None where there are no segments, and so no currency."""
        return Money.total(segment.combined for _, segment in self.rows) if self.rows else None

    @property
    def value(self) -> Money | None:
        """What one customer is worth on average, each customer counting alike; None of nobody."""
        return self.combined / self.customers if self.combined is not None and self.customers else None

    @property
    def losing(self) -> tuple[_K, ...]:
        """The segments whose customers cost more than they bring, which the average hides."""
        return tuple(name for name, segment in self.rows if segment.combined.amount < 0)

    def share(self, segment: _K, /) -> Decimal | None:
        """The share of customers in a segment, to 34 digits; None of nobody.

        Raises:
            InvalidValueError: There is no such segment.
        """
        found = self.segments.get(segment)
        if found is None:
            raise InvalidValueError(f"there is no such segment; there are {len(self.rows)}, see .segments")
        return ratio(found.customers, self.customers)

    def since(self, before: "ValueMix[_G]", /) -> "MixShift[_G, _K]":
        """What has changed since an earlier mix: the values of segments, or only who belongs to which."""
        return MixShift(before=before, after=self)

    def explain(self) -> Explanation:
        """How the average comes about, segment by segment."""
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
            return Explanation([Term("customers", 0, "customers"), Term("value", None)])
        average = None if self.value is None else self.value.amount
        return Explanation(
            (
                *lines,
                Term("customers", self.customers, "customers", " + ".join(customers)),
                term("combined", self.combined, "", " + ".join(parts)),
                Term("value", average, self.combined.currency, "combined / customers"),
            )
        )


@attrs.frozen(kw_only=True)
class MixShift(Generic[_K, _G]):
    """Why the average value changed: the values of segments, or only the shares of segments in the base.

    Examples:
        >>> before = ValueMix.of({"small": (87, Money(93, "EUR")), "large": (263, Money(73, "EUR"))})
        >>> after = ValueMix.of({"small": (270, Money(87, "EUR")), "large": (80, Money(69, "EUR"))})
        >>> shift = after.since(before)
        >>> [money.quantized() for money in (shift.difference, shift.from_values, shift.from_mix)]
        [Money('4.91', 'EUR'), Money('-5.02', 'EUR'), Money('9.93', 'EUR')]
        >>> shift.is_reversal  # every segment fell, and the average rose
        True

    Each change is weighed by the mean of before and after, so that the two parts add up
    to the difference whichever mix comes first. A segment that is in one of the two only changes the mix.

    Attributes:
        before: The earlier mix.
        after: The later one.

    Raises:
        CurrencyMismatchError: The mixes are in two currencies.
        InvalidValueError: A mix is of nobody.
        WrongTypeError: A value of the wrong type.

    Source: Kitagawa 1955, Components of a difference between two rates, JASA 50:1168-1194; the reversal is Simpson's
    paradox (Charig and others 1986).
    """

    before: ValueMix[_K]
    after: ValueMix[_G]

    def __attrs_post_init__(self) -> None:
        for name in ("before", "after"):
            if checks.as_instance(getattr(self, name), ValueMix, name).value is None:
                raise InvalidValueError(f"{name} is a mix of nobody and has no average to compare")
        same_currency(self._value_before, self._value_after)

    @property
    def difference(self) -> Money:
        """By how much the average rose."""
        return self._value_after - self._value_before

    @property
    def from_values(self) -> Money:
        """What of it comes from segments whose customers are worth more or less than before."""
        total = ZERO
        for name, one, other in self._common:
            share = DEEP.add(_share(self.before, name), _share(self.after, name))
            change = DEEP.subtract(_average(other), _average(one))
            total = DEEP.add(total, DEEP.divide(DEEP.multiply(share, change), 2))
        return round_money(total, self._value_before.currency)

    @property
    def from_mix(self) -> Money:
        """What of it comes from segments that make up more or less of the base than before."""
        return self.difference - self.from_values

    @property
    def is_reversal(self) -> bool:
        """Whether the average moved against every segment that both mixes have."""
        up = self.difference.amount > 0
        moves = [DEEP.subtract(_average(other), _average(one)) for _, one, other in self._common]
        return bool(self.difference and moves) and all(move < 0 if up else move > 0 for move in moves)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """A reversal, where there is one."""
        if not self.is_reversal:
            return ()
        return (
            Finding(
                rule="simpson_reversal",
                severity=Severity.WARNING,
                subject="value",
                message="the average moved one way and every segment the other; only the mix changed in its favour",
                advice="show the segments, and judge each by itself",
            ),
        )

    def explain(self) -> Explanation:
        """How the difference comes about, segment by segment."""
        lines: list[Term] = []
        changes: list[str] = []
        for number, (name, one, other) in enumerate(self._common, 1):
            label = f"of {name}" if isinstance(name, str) else ""
            lines += [
                Term(f"share_before_{number}", RATIO.plus(_share(self.before, name)), label),
                Term(f"share_after_{number}", RATIO.plus(_share(self.after, name)), label),
                term(f"value_before_{number}", one.value),
                term(f"value_after_{number}", other.value),
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
            )
        )

    @property
    def _value_before(self) -> Money:
        return cast("Money", self.before.value)

    @property
    def _value_after(self) -> Money:
        return cast("Money", self.after.value)

    @property
    def _common(self) -> list[tuple[_K, SegmentValue, SegmentValue]]:
        """The segments in which both mixes have customers."""
        later = cast("Mapping[object, SegmentValue]", self.after.segments)
        return [
            (name, segment, later[name])
            for name, segment in self.before.rows
            if name in later and segment.customers and later[name].customers
        ]


def _groups_repr(groups: tuple[tuple[Decimal, Retention], ...]) -> str:
    pairs = ", ".join(f"({plain_repr(weight)}, {retention!r})" for weight, retention in groups)
    return f"({pairs}{',' if len(groups) == 1 else ''})"


@attrs.frozen(kw_only=True)
class RetentionMix:
    """Groups of customers who leave at different rates, seen together.

    Examples:
        >>> from crmcore import TimeUnit
        >>> keen, flighty = Retention("0.95", TimeUnit.MONTH), Retention("0.75", TimeUnit.MONTH)
        >>> mix = RetentionMix.of([(1, keen), (1, flighty)])
        >>> mix.mean_lifetime
        Decimal('12')
        >>> mix.pooled.mean_lifetime  # of the average, which is nobody's
        Decimal('6.666666666666666666666666666666667')
        >>> [kept.share for kept in mix.by_period(2)]  # nobody changed his ways
        [Decimal('0.85'), Decimal('0.8617647058823529411764705882352941')]

    Attributes:
        groups: For each group its weight, customers or shares of them, and its retention.

    Raises:
        InvalidValueError: There is no weight above nought, or the retentions are quoted per different units.
        WrongTypeError: A group is no pair of a weight and a `Retention`.

    Source: Fader and Hardie 2010, Customer-base valuation in a contractual setting: the perils of ignoring
    heterogeneity.
    """

    groups: tuple[tuple[Decimal, Retention], ...] = attrs.field(repr=_groups_repr)

    def __attrs_post_init__(self) -> None:
        groups = tuple(_group(pair) for pair in checks.iterate(self.groups, "groups", "pair"))
        if not any(weight for weight, _ in groups):
            raise InvalidValueError("groups must hold at least one whose weight is above nought")
        if len({retention.per for _, retention in groups}) > 1:
            units = ", ".join(sorted({retention.per.value for _, retention in groups}))
            raise InvalidValueError(f"groups must be quoted per one unit of time, got {units}; convert with .to(...)")
        checks.set_field(self, "groups", groups)

    @classmethod
    def of(cls, groups: Iterable[tuple[Decimal | int | str, Retention]], /) -> Self:
        """From pairs of a weight, customers or shares of them, and a retention."""
        return cls(groups=cast("tuple[tuple[Decimal, Retention], ...]", groups))

    @property
    def pooled(self) -> Retention:
        """The share of all that is kept over the first period: the only period for which it is anybody's."""
        return cast("Retention", self.by_period(1)[0])

    @property
    def mean_lifetime(self) -> Decimal | None:
        """Periods a customer stays on average: the mean of the groups' lifetimes, never the lifetime of their mean.

        None where a group never leaves.
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
        """The share kept over each of so many periods, by all who are left; None once nobody is left.

        It rises although nobody's changes: those who leave easily have left.
        """
        unit = self.groups[0][1].per
        left = [weight for weight, _ in self.groups]
        kept: list[Retention | None] = []
        for _ in range(checks.as_count(periods, "periods")):
            before = _added(left)
            left = [
                DEEP.multiply(number, retention.share) for number, (_, retention) in zip(left, self.groups, strict=True)
            ]
            share = ratio(_added(left), before)
            kept.append(None if share is None else Retention(share, unit))
        return tuple(kept)


def _segment(name: object, pair: object) -> SegmentValue:
    customers, value = _pair(
        pair,
        "every segment must be a pair (customers, value): the mean of segments is not the mean of their customers, so "
        "say how many each has",
    )
    number = checks.as_count(customers, "customers")
    if value is None:
        raise WrongTypeError(
            f"the segment {show(name)} has no value but None; where Buying.simple() is silent, for nobody bought "
            "twice, take Buying.one_order()"
        )
    return SegmentValue(customers=number, combined=_worth(value) * number)


def _pair(pair: object, rule: str) -> tuple[object, object]:
    given = show(pair)
    items = tuple(cast("Iterable[object]", pair)) if isinstance(pair, tuple | list) else ()
    if len(items) != 2:
        raise WrongTypeError(f"{rule}; got {given}")
    return items


def _rows(rows: object) -> Iterable[object]:
    return checks.iterate(cast("Iterable[object]", rows), "rows", "pair")


def _worth(value: object) -> Money:
    if isinstance(value, LifetimeValue | HistoricValue):
        return value.value
    if not isinstance(value, Money):
        raise WrongTypeError(f"every value must be a Money or a LifetimeValue, got {show(value)}")
    return value


def _share(mix: ValueMix[_K], name: object) -> Decimal:
    return DEEP.divide(cast("Mapping[object, SegmentValue]", mix.segments)[name].customers, mix.customers)


def _average(segment: SegmentValue) -> Decimal:
    return DEEP.divide(segment.combined.amount, segment.customers)


def _group(pair: object) -> tuple[Decimal, Retention]:
    weight, retention = _pair(pair, "every group must be a pair (weight, retention)")
    return checks.as_non_negative(weight, "weight"), checks.as_instance(retention, Retention, "every retention")


def _added(numbers: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for number in numbers:
        total = DEEP.add(total, number)
    return total
