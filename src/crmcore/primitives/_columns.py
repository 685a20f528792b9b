"""The columns of a table that has been read, in the form that is fastest to count, and as the values of records."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import repeat
from typing import Any, cast

from crmcore.primitives import _clock
from crmcore.primitives.money import Money
from crmcore.primitives.record import build_records

__all__: list[str] = []  # for the table alone


class Column:
    """The values of a field, in the form that records keep."""

    def __init__(self, values: Iterable[object]) -> None:
        self._values = tuple(values)

    def __len__(self) -> int:
        return len(self._values)

    @property
    def values(self) -> tuple[Any, ...]:
        return self._values


class Amounts(Column):
    """Amounts of money: the numbers, and one currency or the currency of each row."""

    def __init__(self, amounts: Iterable[Decimal | None], codes: str | tuple[str | None, ...]) -> None:
        self.amounts = tuple(amounts)
        self._codes = codes
        self.currencies = (codes,) if isinstance(codes, str) else tuple(dict.fromkeys(filter(None, codes)))
        self._monies: tuple[Money | None, ...] | None = None

    def __len__(self) -> int:
        return len(self.amounts)

    @property
    def values(self) -> tuple[Any, ...]:
        if self._monies is None:
            codes = repeat(self._codes) if isinstance(self._codes, str) else self._codes
            if None in self.amounts:
                pairs = zip(self.amounts, codes, strict=False)
                monies = [None if amount is None else Money(amount, cast("str", code)) for amount, code in pairs]
            else:
                monies = build_records(Money, len(self.amounts), [self.amounts, codes])
            self._monies = tuple(monies)
        return self._monies


class Instants(Column):
    """Instants in microseconds since 1970, and as datetimes in UTC; each is made from the other when it is needed."""

    def __init__(
        self, microseconds: Iterable[int | None] | None, instants: Iterable[datetime | None] | None = None
    ) -> None:
        self._microseconds = None if microseconds is None else tuple(microseconds)
        self._instants = None if instants is None else tuple(instants)

    def __len__(self) -> int:
        return len(self.values if self._microseconds is None else self._microseconds)

    @property
    def microseconds(self) -> tuple[int | None, ...]:
        """The microseconds."""
        if self._microseconds is None:
            epoch, microsecond = _clock.EPOCH, _clock.MICROSECOND
            self._microseconds = tuple([None if at is None else (at - epoch) // microsecond for at in self.values])
        return self._microseconds

    def iterate_days(self) -> Iterator[int]:
        """Return an iterator over the ordinal of each day in UTC; no instant may be missing.

        An ordinal that is used at once is never one of a million in memory: 1.5x.
        """
        if self._instants is not None:  # 6x over dividing microseconds that first have to be found
            return map(datetime.toordinal, cast("tuple[datetime, ...]", self._instants))
        a_day, first = _clock.MICROSECONDS_A_DAY, _clock.EPOCH.toordinal()
        return (time // a_day + first for time in self._microseconds or () if time is not None)

    @property
    def values(self) -> tuple[Any, ...]:
        if self._instants is None:
            given = self._microseconds or ()
            self._instants = tuple([None if time is None else _clock.from_epoch(time) for time in given])
        return self._instants
