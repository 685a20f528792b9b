"""The balance after each moment."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import attrs

from crmcore.model.moment import MomentOfTruth, Valence
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import EXACT, ONE, UP, ZERO, plain_repr
from crmcore.primitives._results import Cell, Result
from crmcore.primitives.grouping import is_repeated
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import check_not_after, in_utc
from crmcore.primitives.record import POSITIVE, SUM, number, several
from crmcore.service.balance._balance import Balance

__all__ = ["Ledger", "LedgerBuilder", "LedgerEntry"]


@attrs.frozen(kw_only=True)
class LedgerEntry(Result):
    """A line of a ledger.

    Examples:
        >>> from crmcore import Ledger, MomentOfTruth, Valence, instant
        >>> bad = MomentOfTruth(valence=Valence.BAD, at=instant("2026-03-02"))
        >>> Ledger(moments=[bad]).entries[0].value
        Decimal('-12')

    Attributes:
        moment: The moment.
        value: The balance after it.
    """

    moment: MomentOfTruth
    value: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)

    def _list_cells(self) -> dict[str, Cell]:
        moment = self.moment
        return {"at": moment.at, "valence": moment.valence, "severity": moment.severity, "value": self.value}


@attrs.define(eq=False)
class _Figures:
    """The figures that follow from the moments of a ledger. The trough is the lowest point of the present deficit."""

    values: list[Decimal] = attrs.field(factory=list[Decimal])
    good: Decimal = ZERO
    bad: Decimal = ZERO
    neutral: int = 0
    value: Decimal = ZERO
    lowest: Decimal | None = None
    lowest_at: datetime | None = None
    trough: Decimal = ZERO
    trough_at: datetime | None = None
    repaid_at: datetime | None = None

    def add(self, moment: MomentOfTruth, ratio: Decimal) -> None:
        """Add the next moment."""
        before = value = self.value
        at, severity = moment.at, moment.severity
        if moment.valence is Valence.GOOD:
            self.good = EXACT.add(self.good, severity)
            value = EXACT.add(before, severity)
            if before < 0 <= value:
                self.repaid_at = at
        elif moment.valence is Valence.BAD:
            self.bad = EXACT.add(self.bad, severity)
            value = EXACT.subtract(before, ratio if severity is ONE else EXACT.multiply(ratio, severity))
        else:
            self.neutral += 1
        self.value = value
        self.values.append(value)
        if self.lowest is None or value < self.lowest:
            self.lowest, self.lowest_at = value, at
        if value < 0 and (before >= 0 or value <= self.trough):
            self.trough, self.trough_at = value, at


class _WithFigures:
    """The slot for the figures of a ledger, which are not fields: they follow from the moments."""

    __module__ = "crmcore.service.balance"  # `help` shows it as a base of Ledger
    __slots__ = ("_figures",)

    _figures: _Figures


@attrs.frozen(kw_only=True, repr=False)
class Ledger(_WithFigures, Result):
    """The balance over time: moments of truth in order, and the balance after each.

    Examples:
        >>> from crmcore import Ledger, MomentOfTruth, Valence, instant
        >>> march = Ledger(
        ...     moments=[
        ...         MomentOfTruth(valence=Valence.GOOD if day % 10 else Valence.BAD, at=instant(f"2026-03-{day:02}"))
        ...         for day in range(8, 28)
        ...     ]
        ... )
        >>> march
        Ledger(moments=20, value=Decimal('-6'), lowest=Decimal('-13'))
        >>> march.lowest_at.isoformat(), march.repaid_at
        ('2026-03-20T00:00:00+00:00', None)
        >>> march.days_to_repay(as_of=instant("2026-03-27"))  # at one good moment a day
        Decimal('6')
        >>> [entry.value for entry in march.entries][:4]
        [Decimal('1'), Decimal('2'), Decimal('-10'), Decimal('-9')]

    The weight of a moment is its severity, at any age. A balance with a half-life or a window also changes on days
    without moments; ``Balance.of`` counts it as of a day.

    The moments may be given in any order. The ledger sorts them by instant, and keeps the given order of moments with
    one instant. A moment with an id counts once, even if it is given twice. Moments without an id all count. To collect
    moments as they come, use a `LedgerBuilder`.

    Attributes:
        moments: The moments, in order.
        ratio: How many good moments offset one bad moment, > 0. Twelve is the convention of the source articles (see
            ``docs/why.md``), not a measurement.

    Raises:
        InconsistentCountsError: Two different moments have one id.
    """

    ratios = ("value", "deficit", "lowest", "lowest_at", "repaid_at")

    moments: tuple[MomentOfTruth, ...] = attrs.field(default=(), converter=several)
    ratio: Annotated[Decimal, POSITIVE] = attrs.field(default=Decimal(12), converter=number)

    def _check(self) -> None:
        super()._check()
        seen: dict[Id, MomentOfTruth] = {}
        moments = [moment for place, moment in enumerate(self.moments) if _is_new(moment, seen, place)]
        moments.sort(key=lambda moment: in_utc(moment.at))
        figures = _Figures()
        for moment in moments:
            figures.add(moment, self.ratio)
        checks.set_field(self, "moments", tuple(moments))
        checks.set_field(self, "_figures", figures)

    def __repr__(self) -> str:
        size, lowest = len(self.moments), plain_repr(self.lowest)
        return f"Ledger(moments={size}, value={plain_repr(self.value)}, lowest={lowest})"

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """The lines. Each access builds them again, so keep the result if you need it often."""
        return tuple(map(_build_line, self.moments, self._figures.values))

    def rows(self, *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each moment: its instant, valence and severity, and the balance after it.

        Args:
            plain: Whether cells are plain, as `Tally.row` says.
        """
        checks.as_instance(plain, bool, "plain")
        return [entry.row(plain=True) if plain else entry.row() for entry in self.entries]

    def _list_rows(self) -> list[dict[str, Any]]:
        return self.rows(plain=False)

    @property
    def value(self) -> Decimal:
        """The balance after the last moment; 0 if there are no moments."""
        return self._figures.value

    @property
    def deficit(self) -> Decimal:
        """How far the balance lies below 0."""
        return EXACT.max(ZERO, EXACT.minus(self.value))

    @property
    def balance(self) -> Balance:
        """The moments counted, as ``Balance.of`` counts them."""
        figures = self._figures
        return Balance(good=figures.good, bad=figures.bad, neutral=figures.neutral, ratio=self.ratio)

    @property
    def lowest(self) -> Decimal | None:
        """The lowest balance after any moment; None if there are no moments."""
        return self._figures.lowest

    @property
    def lowest_at(self) -> datetime | None:
        """When the balance was first at its lowest; None if there are no moments."""
        return self._figures.lowest_at

    @property
    def repaid_at(self) -> datetime | None:
        """When the last deficit was repaid; None if there is a deficit now, or never was one."""
        return None if self.value < 0 else self._figures.repaid_at

    def days_to_repay(self, *, as_of: datetime, pace: Decimal | int | str | None = None) -> Decimal | None:
        """Return the days from `as_of` until the deficit is repaid, to 34 digits, rounded up, or 0 without a deficit.

        Without `pace`, the pace is the rise of the balance since the last time it was at the lowest point of the
        present deficit, divided by the days from then until `as_of`. The result is None if the balance has not risen,
        or if no time has passed since, so that there is no pace.

        Args:
            as_of: The reference date, not before the last moment.
            pace: How much the balance gains a day, > 0.

        Raises:
            InvalidValueError: A moment lies after `as_of`.
        """
        now = in_utc(checks.as_instant(as_of, "as_of"))
        if self.moments:
            check_not_after(now, self.moments[-1].at, "moments", len(self.moments) - 1)
        if pace is not None:
            return _round_up(self.deficit, checks.as_positive(pace, "pace"))
        figures = self._figures
        if not self.deficit or figures.trough_at is None:
            return ZERO
        gained = EXACT.subtract(self.value, figures.trough)
        passed = _clock.microseconds(now - in_utc(figures.trough_at))
        if not gained or not passed:
            return None
        return _round_up(EXACT.multiply(self.deficit, passed), EXACT.multiply(gained, _clock.MICROSECONDS_A_DAY))


class LedgerBuilder:
    """A collector of moments of truth, in any order, that makes a ledger of them on request.

    Examples:
        >>> from crmcore import LedgerBuilder, MomentOfTruth, Valence, instant
        >>> calls = LedgerBuilder(ratio=5)
        >>> calls.add(MomentOfTruth(valence=Valence.GOOD, at=instant("2026-03-03")))
        >>> calls.add(MomentOfTruth(valence=Valence.BAD, at=instant("2026-03-02")))  # a late one
        >>> calls.ledger()
        Ledger(moments=2, value=Decimal('-4'), lowest=Decimal('-5'))

    Adding a moment takes constant time, whatever its instant. Making a ledger walks over all moments. A builder is
    mutable and not thread-safe; the ledgers it makes are immutable.

    Args:
        moments: The first moments.
        ratio: How many good moments offset one bad moment.

    Raises:
        InconsistentCountsError: Two different moments have one id.
    """

    __slots__ = ("_moments", "_ratio", "_seen")

    def __init__(self, moments: Iterable[MomentOfTruth] = (), *, ratio: Decimal | int | str = 12) -> None:
        self._ratio = checks.as_positive(ratio, "ratio")
        self._moments: list[MomentOfTruth] = []
        self._seen: dict[Id, MomentOfTruth] = {}
        for moment in checks.iterate_records(moments, MomentOfTruth, "moments"):
            self.add(moment)

    def __repr__(self) -> str:
        return f"LedgerBuilder(moments={len(self._moments)})"

    def add(self, moment: MomentOfTruth, /) -> None:
        """Add a moment. A moment that is already there, with the same id, changes nothing.

        Raises:
            InconsistentCountsError: A different moment has the same id.
        """
        if _is_new(checks.as_instance(moment, MomentOfTruth, "moment"), self._seen):
            self._moments.append(moment)

    def ledger(self) -> Ledger:
        """Return the ledger of the moments so far."""
        return Ledger(moments=self._moments, ratio=self._ratio)


def _round_up(numerator: Decimal, denominator: Decimal) -> Decimal:
    return EXACT.add(UP.divide(numerator, denominator), ZERO)


def _is_new(moment: MomentOfTruth, seen: dict[Id, MomentOfTruth], place: int | None = None) -> bool:
    """Record a moment by its id, and return whether it is new. A moment without an id is always new."""
    return moment.id is None or not is_repeated(moment, seen, "moments", place)


def _build_line(moment: MomentOfTruth, value: Decimal) -> LedgerEntry:
    # 3x as fast as the constructor, whose checks the ledger has made already: benchmarks/subjects/ledgering.py
    entry = object.__new__(LedgerEntry)
    checks.set_field(entry, "moment", moment)
    checks.set_field(entry, "value", value)
    return entry
