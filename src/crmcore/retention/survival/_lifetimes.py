"""How long something lasted: a record for tables, and the lifetimes of customers from their contracts."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, NamedTuple, Self

import attrs

from crmcore.primitives import _clock, checks
from crmcore.primitives._clock import EARLIEST
from crmcore.primitives._decimals import ONE, WIDE, ZERO, plain_repr, round_to_finest
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import in_utc
from crmcore.primitives.record import NON_NEGATIVE, Kind, Record, fraction, number, text
from crmcore.retention._spells import SpellsByCustomer, merge
from crmcore.retention.survival._columns import Given, as_time, too_late

__all__ = ["Lifetime", "Spells", "read_spells"]

LENGTH = Kind(as_time, {"minimum": 0, "maximum": 1e30}, NON_NEGATIVE.pattern, floats=True)


@attrs.frozen(kw_only=True)
class Lifetime(Record):
    """How long a customer, a contract or a stay lasted, or has lasted so far, in a unit that you choose.

    Build it for a table, or where each lifetime has a segment. Plain columns of numbers need no record:
    `Survival.of_durations`.

    Examples:
        >>> from operator import attrgetter
        >>> from crmcore import Lifetime, Survival, Table
        >>> members = {"months": [3, 8, 8, 12], "left": [True, True, False, False], "plan": ["a", "b", "a", "b"]}
        >>> table = Table(Lifetime, members, length="months", ended="left", segment="plan")
        >>> Survival.of(table).median
        Decimal('8')
        >>> {plan: survival.median for plan, survival in Survival.by(table, attrgetter("segment")).items()}
        {'a': Decimal('3'), 'b': Decimal('8')}

    Attributes:
        length: The time from the beginning to the end, or to when it was last seen. A float means its shortest repr.
        ended: Whether the end was seen. If not, the lifetime is censored: it lasts longer than `length`.
        entered: How long it had lasted when you began to watch it; 0 if you watch it from its beginning.
        weight: How many lifetimes the record stands for.
        segment: A group to compare, such as a plan or a source.
        customer_id: Whose lifetime it is.
        id: The id of the record; one that is given twice counts once.

    Raises:
        InconsistentCountsError: It was over when you began to watch it.
    """

    _ruled = frozenset({"entered"})

    length: Annotated[Decimal, LENGTH] = attrs.field(converter=fraction, repr=plain_repr)
    ended: bool = True
    entered: Annotated[Decimal, LENGTH] = attrs.field(default=ZERO, converter=fraction, repr=plain_repr)
    weight: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ONE, converter=number, repr=plain_repr)
    segment: str = attrs.field(default="", converter=text)
    customer_id: Id | None = None
    id: Id | None = None

    def _check(self) -> None:
        super()._check()
        if self.entered and self.entered >= self.length:
            raise too_late(self.entered, self.length, None)


class Spells(NamedTuple):
    """How to read lifetimes from the time that customers spent.

    Attributes:
        as_of: The reference date, at which lifetimes that still last are cut off.
        since: When the observation began; None if all customers there ever were are given.
        gap_tolerance: The longest gap that does not count as an end.
        a_unit: The microseconds of a unit of time.
    """

    as_of: datetime
    since: datetime | None
    gap_tolerance: timedelta | None
    a_unit: Decimal

    @classmethod
    def of(cls, as_of: datetime, since: datetime | None, gap_tolerance: timedelta | None, a_unit: Decimal) -> Self:
        """Check the dates and the tolerance."""
        end = in_utc(checks.as_instant(as_of, "as_of"))
        start = None if since is None else in_utc(checks.as_instant(since, "since"))
        if start is not None and start >= end:
            raise InvalidValueError(
                "observed_for_no_time",
                f"since must be before as_of, got {show(since)} and {show(as_of)}",
                field="since",
                operands=(since, as_of),
            )
        tolerance = None if gap_tolerance is None else checks.as_duration(gap_tolerance, "gap_tolerance")
        return cls(end, start, tolerance, a_unit)

    def measure(self, length: timedelta) -> Decimal:
        """Return a duration in units of time."""
        return round_to_finest(WIDE.divide(_clock.microseconds(length), self.a_unit))


def read_spells(customers: SpellsByCustomer, how: Spells) -> tuple[Given, list[object], list[object]]:
    """Return the first lifetime of each customer, their groups, and the groups of those whose beginning is unknown."""
    lengths: list[Decimal] = []
    ended: list[bool] = []
    entered: list[Decimal] = []
    groups: list[object] = []
    unknown: list[object] = []
    for flat_spells in customers.values():
        spells = merge(flat_spells, how.gap_tolerance)
        if not spells or spells[0][0] > how.as_of:  # not begun yet
            continue
        start, end = spells[0]
        if start == EARLIEST:
            unknown.append(flat_spells[0])
            continue
        if how.since is not None and end <= how.since:
            continue
        lengths.append(how.measure(min(end, how.as_of) - start))
        ended.append(end <= how.as_of)
        entered.append(ZERO if how.since is None or start >= how.since else how.measure(how.since - start))
        groups.append(flat_spells[0])
    return Given([*lengths], ended, [*entered], None), groups, unknown


def read_lifetimes(lifetimes: Iterable[Lifetime]) -> Given:
    """Return checked lifetimes as columns."""
    chosen = [*lifetimes]
    return Given(
        [lifetime.length for lifetime in chosen],
        [lifetime.ended for lifetime in chosen],
        [lifetime.entered for lifetime in chosen],
        [lifetime.weight for lifetime in chosen],
    )
