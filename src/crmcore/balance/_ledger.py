"""The balance after each moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

import attrs

from crmcore.balance._counting import Balance
from crmcore.model._ids import Id
from crmcore.model.moment import MomentOfTruth, Valence
from crmcore.primitives import _entry
from crmcore.primitives._decimals import EXACT, ONE, ZERO, plain_repr, ratio
from crmcore.primitives._entry import shown
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.periods import in_utc

__all__ = ["Ledger", "LedgerEntry", "ledger"]

_MICROSECOND: Final = timedelta(microseconds=1)
_A_DAY: Final = timedelta(days=1) // _MICROSECOND


@attrs.frozen(kw_only=True)
class LedgerEntry:
    """A line of a ledger.

    Examples:
        >>> from crmcore import instant
        >>> bad = MomentOfTruth(valence=Valence.BAD, at=instant("2026-03-02"))
        >>> ledger([bad]).entries[0].value
        Decimal('-12')

    Attributes:
        moment: What happened.
        value: The balance after it.

    Raises:
        WrongTypeError: A value of the wrong type.
    """

    moment: MomentOfTruth
    value: Decimal = attrs.field(converter=_entry.number, repr=plain_repr)

    def __attrs_post_init__(self) -> None:
        _entry.of_type(self.moment, MomentOfTruth, "moment")
        _entry.replace(self, "value", _entry.finite_decimal(self.value, "value"))


def _moments(moments: Iterable[MomentOfTruth]) -> tuple[MomentOfTruth, ...]:
    return cast("tuple[MomentOfTruth, ...]", moments)


class _Grown:
    """Where a ledger keeps what follows from its moments; no part of what it is."""

    __slots__ = ("_course", "_log")

    _course: _Course
    _log: _Log


@attrs.frozen(kw_only=True, repr=False)
class Ledger(_Grown):
    """The balance as it went: moments of truth in order, and what stood after each.

    Examples:
        >>> from crmcore import instant
        >>> march = ledger(
        ...     MomentOfTruth(valence=Valence.GOOD if day % 10 else Valence.BAD, at=instant(f"2026-03-{day:02}"))
        ...     for day in range(8, 28)
        ... )
        >>> march
        Ledger(moments=20, value=Decimal('-6'), lowest=Decimal('-13'))
        >>> march.lowest_at.isoformat(), march.repaid_at
        ('2026-03-20T00:00:00+00:00', None)
        >>> march.days_to_repay(as_of=instant("2026-03-27"))  # at a good moment a day
        Decimal('6')
        >>> [entry.value for entry in march.entries][:4]
        [Decimal('1'), Decimal('2'), Decimal('-10'), Decimal('-9')]

    Every moment weighs its severity, however old. A balance that fades, or that looks back over a window, moves on days
    when nothing happens; ask ``Balance.of`` for that of a day.

    Late and repeated moments: a moment stands where its instant belongs, and of equal instants the one that was given
    first stands first. A moment with an id counts once, however often it is given; moments without one all count. Two
    different moments of one id are refused.

    `then` costs the same for the millionth moment as for the first, as long as they come in order: a ledger and those
    that grow from it share one list, of which each reads its own length. A moment that comes late costs a walk over all
    of them, and so does a second growth of the same ledger; where many come late, gather them first.

    Attributes:
        moments: The moments, in order.
        ratio: How many good ones offset one bad. Twelve is the documents' convention, not a measurement.

    Raises:
        InconsistentCountsError: Two different moments of one id.
        InvalidValueError: A ratio of nought or less.
        WrongTypeError: An item is no `MomentOfTruth`.
    """

    moments: tuple[MomentOfTruth, ...] = attrs.field(default=(), converter=_moments)
    ratio: Decimal = attrs.field(default=Decimal(12), converter=_entry.number)

    def __attrs_post_init__(self) -> None:
        given = _entry.several(self.moments, MomentOfTruth, "moments")
        _entry.replace(self, "ratio", _entry.positive(self.ratio, "ratio"))
        self._write(sorted(given, key=lambda moment: in_utc(moment.at)))
        _entry.replace(self, "moments", tuple(self._log.moments))

    def _write(self, moments: Iterable[MomentOfTruth]) -> None:
        """Enter moments that are in order, each id once."""
        log, course = _Log(), _Course(self.ratio)
        for moment in moments:
            if not log.knows(moment, course.size):
                log.enter(moment, course.after(moment), course.size - 1)
        _entry.replace(self, "_log", log)
        _entry.replace(self, "_course", course)

    if not TYPE_CHECKING:  # hidden from type checkers, which would take any name for granted

        def __getattr__(self, name: str) -> object:
            # after growth the moments are missing, after unpickling what follows from them: each is made of the other
            if name == "moments":
                moments = tuple(self._log.moments[: self._course.size])
                _entry.replace(self, "moments", moments)
                return moments
            if name in _Grown.__slots__:
                self._write(self.moments)
                return getattr(self, name)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __repr__(self) -> str:
        size, lowest = self._course.size, plain_repr(self.lowest)
        return f"Ledger(moments={size}, value={plain_repr(self.value)}, lowest={lowest})"

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """The lines, made at each call: keep them where you need them often."""
        return tuple(map(_line, self.moments, self._log.values))

    @property
    def value(self) -> Decimal:
        """The balance now; nought of no moments."""
        return self._course.value

    @property
    def deficit(self) -> Decimal:
        """How far the balance lies below nought."""
        return EXACT.max(ZERO, EXACT.minus(self.value))

    @property
    def balance(self) -> Balance:
        """The moments counted: what ``Balance.of`` says of them."""
        course = self._course
        return Balance(good=course.good, bad=course.bad, neutral=course.neutral, ratio=self.ratio)

    @property
    def lowest(self) -> Decimal | None:
        """The lowest balance after any moment; None of no moments."""
        return self._course.lowest

    @property
    def lowest_at(self) -> datetime | None:
        """When it first stood there."""
        return self._course.lowest_at

    @property
    def repaid_at(self) -> datetime | None:
        """When the last deficit was made good; None where there is one still, or never was."""
        return None if self.value < 0 else self._course.repaid_at

    def then(self, moment: MomentOfTruth, /) -> Ledger:
        """The same ledger and one moment more, put where its instant belongs; the same where it has the moment already.

        Examples:
            >>> from crmcore import instant
            >>> bad = MomentOfTruth(valence=Valence.BAD, at=instant("2026-03-02"), id="call 17")
            >>> ledger([]).then(bad).then(bad)
            Ledger(moments=1, value=Decimal('-12'), lowest=Decimal('-12'))

        Raises:
            InconsistentCountsError: There is another moment of the same id.
            WrongTypeError: It is no `MomentOfTruth`.
        """
        _entry.of_type(moment, MomentOfTruth, "moment")
        log, size = self._log, self._course.size
        if log.knows(moment, size):
            return self
        course = self._course.copy()
        if self._course.is_after(in_utc(moment.at)) or not log.enter(moment, course.after(moment), size):
            return Ledger(moments=(*self.moments, moment), ratio=self.ratio)
        grown = object.__new__(Ledger)
        _entry.replace(grown, "ratio", self.ratio)
        _entry.replace(grown, "_log", log)
        _entry.replace(grown, "_course", course)
        return grown

    def days_to_repay(self, *, as_of: datetime, pace: Decimal | int | str | None = None) -> Decimal | None:
        """The days from `as_of` until the deficit is made good at a pace, to 34 digits; nought where there is none.

        Without a pace, that at which the balance has risen since the lowest point of the present deficit, counted from
        when it last stood there until `as_of`; None where it has not risen.

        Args:
            as_of: The day of reckoning, not before the last moment.
            pace: How much the balance gains a day.

        Raises:
            InvalidValueError: A moment lies after `as_of`, or the pace is nought or less: at that it never is.
            NaiveInstantError: `as_of` has no time zone.
        """
        now = in_utc(_entry.instant(as_of, "as_of"))
        course = self._course
        if course.is_after(now):
            raise InvalidValueError(
                f"a moment lies after as_of, {shown(course.last_at)} after {shown(as_of)}; leave it out first",
                course.last_at,
                as_of,
            )
        if pace is not None:
            return ratio(self.deficit, _entry.positive(pace, "pace"))
        if not self.deficit or course.trough_at is None:
            return ZERO
        gained = EXACT.subtract(self.value, course.trough)
        passed = (now - in_utc(course.trough_at)) // _MICROSECOND
        return ratio(EXACT.multiply(self.deficit, passed), EXACT.multiply(gained, _A_DAY))


def ledger(moments: Iterable[MomentOfTruth], /, *, ratio: Decimal | int | str = 12) -> Ledger:
    """The balance after each moment, in the order in which they happened.

    Examples:
        >>> from crmcore import instant
        >>> moments = [
        ...     MomentOfTruth(valence=Valence.BAD, at=instant("2026-03-03")),
        ...     MomentOfTruth(valence=Valence.GOOD, at=instant("2026-03-02")),
        ... ]
        >>> [entry.value for entry in ledger(moments, ratio=5).entries]
        [Decimal('1'), Decimal('-4')]

    Args:
        moments: The moments, in any order, each weighing its severity.
        ratio: How many good ones offset one bad.

    Raises:
        InconsistentCountsError: Two different moments of one id.
        InvalidValueError: A ratio of nought or less.
        WrongTypeError: An item is no `MomentOfTruth`.
    """
    return Ledger(moments=moments, ratio=ratio)


def _line(moment: MomentOfTruth, value: Decimal) -> LedgerEntry:
    entry = object.__new__(LedgerEntry)
    _entry.replace(entry, "moment", moment)
    _entry.replace(entry, "value", value)
    return entry


class _Log:
    """Moments in order and the balance after each, shared by a ledger and those that grow from it.

    Whoever comes first makes it longer, which changes nothing for those who read less of it.
    """

    __slots__ = ("moments", "places", "values")

    def __init__(self) -> None:
        self.moments: list[MomentOfTruth] = []
        self.values: list[Decimal] = []
        self.places: dict[Id, int] = {}

    def knows(self, moment: MomentOfTruth, size: int) -> bool:
        """Whether the moment is among the first so many."""
        place = size if moment.id is None else self.places.get(moment.id, size)
        if place >= size:
            return False
        if self.moments[place] != moment:
            raise InconsistentCountsError(
                f"two different moments bear the id {shown(moment.id)}; keep the one that is right, or give each an id "
                "of its own",
                moment.id,
            )
        return True

    def enter(self, moment: MomentOfTruth, value: Decimal, size: int) -> bool:
        """Write a moment behind the first so many, unless others stand there already."""
        moments = self.moments
        if len(moments) != size:
            return False
        moments.append(moment)
        if moments[size] is not moment:  # another thread was quicker
            return False
        self.values.append(value)
        if moment.id is not None:
            self.places[moment.id] = size
        return True


@attrs.define(eq=False)
class _Course:
    """The figures of a ledger, moment by moment. The trough is the lowest point of the present deficit."""

    ratio: Decimal
    size: int = 0
    good: Decimal = ZERO
    bad: Decimal = ZERO
    neutral: int = 0
    value: Decimal = ZERO
    last_at: datetime | None = None
    lowest: Decimal | None = None
    lowest_at: datetime | None = None
    trough: Decimal = ZERO
    trough_at: datetime | None = None
    repaid_at: datetime | None = None

    def copy(self) -> _Course:
        return _Course(
            self.ratio,
            self.size,
            self.good,
            self.bad,
            self.neutral,
            self.value,
            self.last_at,
            self.lowest,
            self.lowest_at,
            self.trough,
            self.trough_at,
            self.repaid_at,
        )

    def is_after(self, instant: datetime) -> bool:
        """Whether the last moment lies after an instant of UTC."""
        return self.last_at is not None and in_utc(self.last_at) > instant

    def after(self, moment: MomentOfTruth) -> Decimal:
        """The balance after one moment more."""
        before = value = self.value
        at, severity = moment.at, moment.severity
        if moment.valence is Valence.GOOD:
            self.good = EXACT.add(self.good, severity)
            value = EXACT.add(before, severity)
            if before < 0 <= value:
                self.repaid_at = at
        elif moment.valence is Valence.BAD:
            self.bad = EXACT.add(self.bad, severity)
            cost = self.ratio if severity is ONE else EXACT.multiply(self.ratio, severity)
            value = EXACT.subtract(before, cost)
        else:
            self.neutral += 1
        self.size += 1
        self.value, self.last_at = value, at
        if self.lowest is None or value < self.lowest:
            self.lowest, self.lowest_at = value, at
        if value < 0 and (before >= 0 or value <= self.trough):
            self.trough, self.trough_at = value, at
        return value
