"""The weight of the good moments compared with that of the bad ones."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Annotated, Self, TypeVar

import attrs

from crmcore.primitives import _clock
from crmcore.primitives._decimals import EXACT, ONE, ZERO, plain_repr, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.periods import by_utc
from crmcore.primitives.record import NON_NEGATIVE, POSITIVE, SHARE, fraction, number
from crmcore.primitives.tally import POLICY, Tally, TallyBy

if TYPE_CHECKING:
    from crmcore.model.moment import MomentOfTruth
    from crmcore.primitives.explanation import Explanation
    from crmcore.service.balance._counting import Sums
    from crmcore.service.balance._weighing import Weigher

__all__ = ["Balance"]

_K = TypeVar("_K", bound=Hashable)


@attrs.frozen(kw_only=True)
class Balance(Tally):
    """Weight of good and bad moments; `ratio` good ones offset one bad one. Records of disjoint moments can be added.

    Examples:
        >>> from crmcore import Balance
        >>> monday = Balance(good=30, bad=3)
        >>> monday.value, monday.deficit, monday.good_needed
        (Decimal('-6'), Decimal('6'), 6)
        >>> print(monday.explain())
        good                      30  moments
        bad                        3  moments
        ratio                     12  good for one bad
        value                     -6  moments           = good - ratio * bad
        deficit                    6  moments           = max(0, -value)
        good_needed                6  moments           = ceil(deficit)
        coverage     0.8333333333...                    = good / (ratio * bad)

    Attributes:
        good: The weight of the good moments. It is their number if each has the weight one.
        bad: The weight of the bad moments.
        neutral: The number of neutral moments, which do not have a weight.
        ratio: How many good moments offset one bad moment, > 0. Twelve is the convention of the source articles (see
            ``docs/why.md``), not a measurement.
        as_of: The reference date that `window` and `half_life` count back from.
        window: How far back a moment counts, in whole days, the oldest day included.
        half_life: The age at which a moment has half its weight.
        resolved_weight: The weight of a resolved bad moment as a share of that of an unresolved one, 0 to 1.

    Raises:
        InvalidValueError: `window` or `half_life` is given without `as_of`, or `window` is not a number of whole days.

    Source: the source articles, which credit R. Normann; other texts credit R. Newell-Legner, Understanding Customers.
    No study is known.
    """

    ratios = ("value", "deficit", "is_offset", "coverage", "positivity", "good_needed")

    good: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ZERO, converter=number, repr=plain_repr)
    bad: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ZERO, converter=number, repr=plain_repr)
    neutral: int = 0
    ratio: Annotated[Decimal, POSITIVE] = attrs.field(
        default=Decimal(12), converter=number, repr=plain_repr, metadata=POLICY
    )
    as_of: datetime | None = attrs.field(default=None, eq=by_utc, metadata=POLICY)
    window: timedelta | None = attrs.field(default=None, metadata=POLICY)
    half_life: timedelta | None = attrs.field(default=None, metadata=POLICY)
    resolved_weight: Annotated[Decimal, SHARE] = attrs.field(
        default=ONE, converter=fraction, repr=plain_repr, metadata=POLICY
    )

    def _check(self) -> None:
        super()._check()
        if self.as_of is None and (self.window is not None or self.half_life is not None):
            name = "half_life" if self.window is None else "window"
            raise InvalidValueError(
                "no_date_to_count_back_from",
                f"as_of must be given with {name}, which counts back from it",
                field="as_of",
                advice="give it with as_of=...",
            )
        if self.window is not None and self.window % _clock.DAY:
            raise InvalidValueError(
                "window_not_whole_days",
                f"window must be whole days, got {show(self.window)}",
                field="window",
                operands=(self.window,),
            )

    @classmethod
    def of(
        cls,
        moments: Iterable["MomentOfTruth"],
        /,
        *,
        ratio: Decimal | int | str = 12,
        as_of: datetime | None = None,
        window: timedelta | None = None,
        half_life: timedelta | None = None,
        resolved_weight: Decimal | int | str | float = 1,
    ) -> Self:
        """Count moments of truth, in a single pass; the order does not matter. A moment that has an id counts once.

        Examples:
            >>> from crmcore import Balance, MomentOfTruth, Valence, instant
            >>> day = instant("2026-03-02")
            >>> Balance.of(
            ...     [MomentOfTruth(valence=Valence.GOOD, at=day), MomentOfTruth(valence=Valence.BAD, at=day)]
            ... ).value
            Decimal('-11')

        Args:
            moments: The moments. The weight of each is its severity.
            ratio: How many good moments offset one bad moment.
            as_of: The reference date. A moment after it is an error.
            window: How far back a moment counts, in whole days of age, the oldest day included.
            half_life: The age at which a moment has half its weight: ``severity * 0.5 ** (age / half_life)``.
            resolved_weight: The weight of a resolved bad moment as a share of that of an unresolved one.

        Raises:
            InvalidValueError: A moment lies after `as_of`.
            InconsistentCountsError: Two different moments have one id.
        """
        from crmcore.service.balance import _counting  # noqa: PLC0415 - a balance of ready sums needs no moments

        rules = cls(ratio=ratio, as_of=as_of, window=window, half_life=half_life, resolved_weight=resolved_weight)
        return rules._with(_counting.count(moments, rules._build_weigher()))

    @classmethod
    def by(
        cls,
        moments: Iterable["MomentOfTruth"],
        key: Callable[["MomentOfTruth"], _K],
        /,
        *,
        ratio: Decimal | int | str = 12,
        as_of: datetime | None = None,
        window: timedelta | None = None,
        half_life: timedelta | None = None,
        resolved_weight: Decimal | int | str | float = 1,
    ) -> TallyBy[_K, Self]:
        """Count moments of truth for each value of a key, in a single pass; the order does not matter.

        A moment that has an id counts once. A key of None, such as the customer of a moment whose customer is unknown,
        has its own row.

        Examples:
            >>> from crmcore import Balance, MomentOfTruth, Valence, instant
            >>> moments = [
            ...     MomentOfTruth(valence=valence, at=instant("2026-03-02"), employee_id=employee_id)
            ...     for employee_id, valence in [("anna", Valence.GOOD), ("bob", Valence.BAD), ("anna", Valence.GOOD)]
            ... ]
            >>> balances = Balance.by(moments, lambda moment: moment.employee_id)
            >>> {employee_id: balance.value for employee_id, balance in balances.items()}
            {'anna': Decimal('2'), 'bob': Decimal('-12')}

        Args:
            moments: The moments. The weight of each is its severity.
            key: Returns the key of a moment, such as its customer or employee.
            ratio: How many good moments offset one bad moment.
            as_of: The reference date. A moment after it is an error.
            window: How far back a moment counts, in whole days of age, the oldest day included. A key whose moments all
                lie outside the window has an empty row.
            half_life: The age at which a moment has half its weight: ``severity * 0.5 ** (age / half_life)``.
            resolved_weight: The weight of a resolved bad moment as a share of that of an unresolved one.

        Raises:
            InvalidValueError: A moment lies after `as_of`.
            InconsistentCountsError: Two different moments have one id.
        """
        from crmcore.service.balance import _counting  # noqa: PLC0415 - a balance of ready sums needs no moments

        rules = cls(ratio=ratio, as_of=as_of, window=window, half_life=half_life, resolved_weight=resolved_weight)
        rows = _counting.count_by(moments, key, rules._build_weigher())
        return TallyBy({group: rules._with(sums) for group, sums in rows.items()})

    def _build_weigher(self) -> "Weigher | None":
        """Return the weigher of these policies, or None if every moment weighs its severity."""
        from crmcore.service.balance._weighing import Weigher  # noqa: PLC0415 - only counting needs it

        if self.as_of is None and self.resolved_weight == ONE:
            return None
        return Weigher(
            as_of=self.as_of, window=self.window, half_life=self.half_life, resolved_weight=self.resolved_weight
        )

    def _with(self, sums: "Sums") -> Self:
        """Return the balance of sums that were counted under these policies, which are checked already."""
        if type(self) is not Balance:  # a subclass has fields of its own
            return attrs.evolve(self, good=sums.all_good, bad=sums.all_bad, neutral=sums.neutral)
        # 4x as fast as the constructor at 20,000 groups: benchmarks/subjects/counting.py
        balance = object.__new__(type(self))
        put = object.__setattr__
        put(balance, "good", sums.all_good)
        put(balance, "bad", sums.all_bad)
        put(balance, "neutral", sums.neutral)
        put(balance, "ratio", self.ratio)
        put(balance, "as_of", self.as_of)
        put(balance, "window", self.window)
        put(balance, "half_life", self.half_life)
        put(balance, "resolved_weight", self.resolved_weight)
        return balance

    @property
    def value(self) -> Decimal:
        """The good weight minus `ratio` times the bad weight. Balances of disjoint moments can be added."""
        return EXACT.subtract(self.good, EXACT.multiply(self.ratio, self.bad))

    @property
    def deficit(self) -> Decimal:
        """How far the balance lies below 0. Deficits cannot be added: a sum of balances hides them, see `Deficits`."""
        return EXACT.max(ZERO, EXACT.minus(self.value))

    @property
    def is_offset(self) -> bool:
        """Whether the good moments make up for the bad ones; True if there are no moments."""
        return self.value >= 0

    @property
    def coverage(self) -> Decimal | None:
        """The good weight as a share of the good weight needed, ``good / (ratio * bad)``; None if `bad` is 0."""
        return ratio(self.good, EXACT.multiply(self.ratio, self.bad))

    @property
    def positivity(self) -> Decimal | None:
        """The good weight for each unit of bad weight, ``good / bad``; None if `bad` is 0."""
        return ratio(self.good, self.bad)

    @property
    def good_needed(self) -> int:
        """The number of further good moments of weight one that would offset the bad ones."""
        return int(self.deficit.to_integral_value(ROUND_CEILING, EXACT))

    def explain(self) -> "Explanation":
        """Return how the balance comes about, line by line."""
        from crmcore.primitives.explanation import Explanation, term, term_in_days  # noqa: PLC0415 - loaded on use

        policies = [
            term_in_days(name, getattr(self, name), self.as_of)
            for name in ("window", "half_life")
            if getattr(self, name)
        ]
        if self.resolved_weight != ONE:
            policies.append(term("resolved_weight", self.resolved_weight))
        return Explanation(
            (
                *policies,
                term("good", self.good, "moments"),
                term("bad", self.bad, "moments"),
                term("ratio", self.ratio, "good for one bad"),
                term("value", self.value, "moments", "good - ratio * bad"),
                term("deficit", self.deficit, "moments", "max(0, -value)"),
                term("good_needed", self.good_needed, "moments", "ceil(deficit)"),
                term("coverage", self.coverage, "", "good / (ratio * bad)"),
            )
        )
