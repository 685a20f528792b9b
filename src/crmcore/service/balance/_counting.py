"""Good against bad, counted."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.feedback import Feedback
from crmcore.model.moment import MomentOfTruth, Valence
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ONE, ZERO, plain_repr, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.explanation import Explanation, term, term_in_days
from crmcore.primitives.periods import by_utc
from crmcore.primitives.tally import POLICY, Tally, TallyBy, check_counts, check_sums
from crmcore.service.balance._weighing import Weighing

__all__ = ["Balance"]

_K = TypeVar("_K", bound=Hashable)
_B = TypeVar("_B", bound="Balance")

_DAY: Final = timedelta(days=1)


@attrs.frozen(kw_only=True)
class Balance(Tally):
    """Adds over disjoint moments of truth: good against bad, at so many good ones for one bad.

    Examples:
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
        good: The weight of the good moments; their number where all weigh one.
        bad: The weight of the bad ones.
        neutral: The number of neutral ones, which weigh nothing.
        ratio: How many good ones offset one bad. Twelve is the documents' convention, not a measurement.
        as_of: The day of reckoning that `window` and `half_life` count back from.
        window: How far back a moment counts, in whole days, the oldest day included.
        half_life: The age at which a moment weighs half.
        resolved_weight: What a resolved bad moment weighs beside an unresolved one, 0 to 1.

    Raises:
        InvalidValueError: A negative weight, a ratio of nought or less, a window or half-life without `as_of`.

    Source: the documents, which credit R. Normann; elsewhere R. Newell-Legner, Understanding Customers, is credited.
    No study is known.
    """

    ratios = ("value", "deficit", "is_offset", "coverage", "positivity", "good_needed")

    good: Decimal = attrs.field(default=ZERO, converter=checks.number, repr=plain_repr)
    bad: Decimal = attrs.field(default=ZERO, converter=checks.number, repr=plain_repr)
    neutral: int = 0
    ratio: Decimal = attrs.field(default=Decimal(12), converter=checks.number, repr=plain_repr, metadata=POLICY)
    as_of: datetime | None = attrs.field(default=None, eq=by_utc, metadata=POLICY)
    window: timedelta | None = attrs.field(default=None, metadata=POLICY)
    half_life: timedelta | None = attrs.field(default=None, metadata=POLICY)
    resolved_weight: Decimal = attrs.field(default=ONE, converter=checks.fraction, repr=plain_repr, metadata=POLICY)

    def __attrs_post_init__(self) -> None:
        check_sums(self, "good", "bad")
        check_counts(self, "neutral")
        checks.set_field(self, "ratio", checks.as_positive(self.ratio, "ratio"))
        checks.set_field(self, "resolved_weight", checks.as_share(self.resolved_weight, "resolved_weight"))
        if self.as_of is not None:
            checks.as_instant(self.as_of, "as_of")
        for name in ("window", "half_life"):
            if getattr(self, name) is not None:
                checks.as_duration(getattr(self, name), name)
                if self.as_of is None:
                    raise InvalidValueError(f"{name} counts back from a day of reckoning; name it with as_of=...")
        if self.window is not None and self.window % _DAY:
            raise InvalidValueError(f"window must be whole days, got {show(self.window)}", self.window)

    @classmethod
    def of(
        cls,
        moments: Iterable[MomentOfTruth],
        /,
        *,
        ratio: Decimal | int | str = 12,
        as_of: datetime | None = None,
        window: timedelta | None = None,
        half_life: timedelta | None = None,
        resolved_weight: Decimal | int | str | float = 1,
    ) -> Self:
        """Count moments of truth, in one pass and any order.

        Examples:
            >>> from crmcore import instant
            >>> day = instant("2026-03-02")
            >>> Balance.of(
            ...     [MomentOfTruth(valence=Valence.GOOD, at=day), MomentOfTruth(valence=Valence.BAD, at=day)]
            ... ).value
            Decimal('-11')

        Args:
            moments: The moments, each weighing its severity.
            ratio: How many good ones offset one bad.
            as_of: The day of reckoning; a moment after it is an error.
            window: How far back a moment counts: whole days of age, the oldest day included.
            half_life: The age at which a moment weighs half: ``severity * 0.5 ** (age / half_life)``.
            resolved_weight: What a resolved bad moment weighs beside an unresolved one.

        Raises:
            InvalidValueError: A moment lies after `as_of`, or a policy is outside its domain.
            WrongTypeError: An item is no `MomentOfTruth`.
        """
        rules = cls(ratio=ratio, as_of=as_of, window=window, half_life=half_life, resolved_weight=resolved_weight)
        return _filled(rules, _count(moments, rules))

    @classmethod
    def by(
        cls,
        moments: Iterable[MomentOfTruth],
        key: Callable[[MomentOfTruth], _K],
        /,
        *,
        ratio: Decimal | int | str = 12,
        as_of: datetime | None = None,
        window: timedelta | None = None,
        half_life: timedelta | None = None,
        resolved_weight: Decimal | int | str | float = 1,
    ) -> TallyBy[_K, Self]:
        """Count moments of truth apart by a key, in one pass and any order.

        A key of None, such as the customer of a moment whose customer is unknown, has a row of its own.

        Examples:
            >>> from crmcore import instant
            >>> moments = [
            ...     MomentOfTruth(valence=valence, at=instant("2026-03-02"), employee_id=who)
            ...     for who, valence in [("anna", Valence.GOOD), ("bob", Valence.BAD), ("anna", Valence.GOOD)]
            ... ]
            >>> {who: balance.value for who, balance in Balance.by(moments, lambda m: m.employee_id).items()}
            {'anna': Decimal('2'), 'bob': Decimal('-12')}

        Args:
            moments: The moments, each weighing its severity.
            key: What to count apart by.
            ratio: As for `of`.
            as_of: As for `of`.
            window: As for `of`; a key all of whose moments lie outside it has an empty row.
            half_life: As for `of`.
            resolved_weight: As for `of`.

        Raises:
            InvalidValueError: As for `of`.
            WrongTypeError: As for `of`.
        """
        rules = cls(ratio=ratio, as_of=as_of, window=window, half_life=half_life, resolved_weight=resolved_weight)
        return TallyBy({group: _filled(rules, sums) for group, sums in _count_by(moments, key, rules).items()})

    @property
    def value(self) -> Decimal:
        """Good less bad, each bad one times the ratio; balances of disjoint moments add."""
        return EXACT.subtract(self.good, EXACT.multiply(self.ratio, self.bad))

    @property
    def deficit(self) -> Decimal:
        """How far the balance lies below nought. Deficits do not add: a sum hides them, see `Deficits`."""
        return EXACT.max(ZERO, EXACT.minus(self.value))

    @property
    def is_offset(self) -> bool:
        """Whether the good moments make up for the bad ones; of no moments, they do."""
        return self.value >= 0

    @property
    def coverage(self) -> Decimal | None:
        """Which share of the good weight needed is there, ``good / (ratio * bad)``; None where nothing was bad."""
        return ratio(self.good, EXACT.multiply(self.ratio, self.bad))

    @property
    def positivity(self) -> Decimal | None:
        """Good weight for each bad, ``good / bad``; None where nothing was bad."""
        return ratio(self.good, self.bad)

    @property
    def good_needed(self) -> int:
        """How many more good moments of ordinary weight would offset the bad ones."""
        return int(self.deficit.to_integral_value(ROUND_CEILING, EXACT))

    def explain(self) -> Explanation:
        """How the balance comes about, line by line."""
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


class _Sums:
    """What has been counted so far: moments of ordinary weight by number, all others by weight.

    There is one for each group, and groups may be many: values that stand on the class cost nothing to begin with.
    """

    good: int = 0
    bad: int = 0
    neutral: int = 0
    good_weight: Decimal = ZERO
    bad_weight: Decimal = ZERO


def _count(moments: Iterable[MomentOfTruth], rules: Balance) -> _Sums:
    sums = _Sums()
    add = EXACT.add
    weighing = _weighing(rules)
    good_valence, bad_valence = Valence.GOOD, Valence.BAD
    good = bad = neutral = 0
    for moment in checks.iterate(moments, "moments", "MomentOfTruth"):
        if type(moment) is not MomentOfTruth:
            _refuse_a_stranger(moment)
        severity, valence = moment.severity, moment.valence
        if weighing is not None:
            _add(sums, moment, weighing.weight(moment))
        elif valence is good_valence:
            if severity is ONE:
                good += 1
            else:
                sums.good_weight = add(sums.good_weight, severity)
        elif valence is bad_valence:
            if severity is ONE:
                bad += 1
            else:
                sums.bad_weight = add(sums.bad_weight, severity)
        else:
            neutral += 1
    sums.good += good
    sums.bad += bad
    sums.neutral += neutral
    return sums


def _count_by(moments: Iterable[MomentOfTruth], key: Callable[[MomentOfTruth], _K], rules: Balance) -> dict[_K, _Sums]:
    checks.check_callable(key, "key", "lambda moment: moment.employee_id")
    rows: defaultdict[_K, _Sums] = defaultdict(_Sums)
    add = EXACT.add
    weighing = _weighing(rules)
    good_valence, bad_valence = Valence.GOOD, Valence.BAD
    for moment in checks.iterate(moments, "moments", "MomentOfTruth"):
        if type(moment) is not MomentOfTruth:
            _refuse_a_stranger(moment)
        sums = rows[key(moment)]
        severity, valence = moment.severity, moment.valence
        if weighing is not None:
            _add(sums, moment, weighing.weight(moment))
        elif valence is good_valence:
            if severity is ONE:
                sums.good += 1
            else:
                sums.good_weight = add(sums.good_weight, severity)
        elif valence is bad_valence:
            if severity is ONE:
                sums.bad += 1
            else:
                sums.bad_weight = add(sums.bad_weight, severity)
        else:
            sums.neutral += 1
    return rows


def _weighing(rules: Balance) -> Weighing | None:
    """What weighs the moments; None where every moment weighs its severity."""
    if rules.as_of is None and rules.resolved_weight == ONE:
        return None
    return Weighing(
        as_of=rules.as_of, window=rules.window, half_life=rules.half_life, resolved_weight=rules.resolved_weight
    )


def _refuse_a_stranger(item: object) -> None:
    """Refuse what only looks like a moment, such as a piece of feedback, which has a valence and a severity too."""
    if isinstance(item, Feedback):
        raise WrongTypeError("every item must be a MomentOfTruth, got a Feedback; make moments of it with moments_from")
    checks.as_instance(item, MomentOfTruth, "every item")


def _add(sums: _Sums, moment: MomentOfTruth, weight: Decimal | None) -> None:
    """Add a moment that was weighed; outside of the window it adds nothing."""
    if weight is None:
        return
    if moment.valence is Valence.GOOD:
        sums.good_weight = EXACT.add(sums.good_weight, weight)
    elif moment.valence is Valence.BAD:
        sums.bad_weight = EXACT.add(sums.bad_weight, weight)
    else:
        sums.neutral += 1


def _filled(rules: _B, sums: _Sums) -> _B:
    """The record of what was counted under rules that were checked when they came in."""
    balance = object.__new__(type(rules))
    put = object.__setattr__
    put(balance, "good", _together(sums.good, sums.good_weight))
    put(balance, "bad", _together(sums.bad, sums.bad_weight))
    put(balance, "neutral", sums.neutral)
    put(balance, "ratio", rules.ratio)
    put(balance, "as_of", rules.as_of)
    put(balance, "window", rules.window)
    put(balance, "half_life", rules.half_life)
    put(balance, "resolved_weight", rules.resolved_weight)
    return balance


def _together(number: int, weight: Decimal) -> Decimal:
    """Ordinary moments by number and all others by weight, without the noughts that end its decimals."""
    if not weight:
        return Decimal(number)
    return EXACT.add(EXACT.normalize(EXACT.add(weight, number)), ZERO)
