"""Columns of a table hold the same values, whatever they were made from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, strategies as st

from crmcore import Money
from crmcore.interop.hypothesis import instants
from crmcore.primitives._columns import Amounts, Instants

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TestInstants:
    @given(st.lists(st.none() | instants(tz=st.just(UTC))))
    def test_microseconds_and_datetimes_are_the_same_times(self, times: list[datetime | None]) -> None:
        """Each is made from the other; a missing one is None in both, and days are listed where none is missing."""
        numbers = tuple(None if at is None else (at - EPOCH) // timedelta(microseconds=1) for at in times)
        of_numbers, of_times = Instants(numbers), Instants(None, times)

        assert (len(times), len(times)) == (len(of_numbers), len(of_times))
        assert (numbers, numbers) == (of_numbers.microseconds, of_times.microseconds)
        if None not in times:
            days = [at.toordinal() for at in times if at is not None]
            assert (days, days) == ([*of_numbers.iterate_days()], [*of_times.iterate_days()])
        assert (tuple(times), tuple(times)) == (of_numbers.values, of_times.values)

    def test_one_of_each(self) -> None:
        """The microsecond after the epoch, the one before it, and a missing time."""
        times = (EPOCH + timedelta(microseconds=1), None, EPOCH - timedelta(microseconds=1))

        assert times == Instants((1, None, -1)).values
        assert times == Instants(None, times).values
        assert (1, None, -1) == Instants(None, times).microseconds


class TestAmounts:
    @given(st.lists(st.none() | st.integers(-9, 9).map(Decimal)), st.booleans())
    def test_one_currency_or_that_of_each_row(self, numbers: list[Decimal | None], alike: bool) -> None:
        """A missing amount is None, and takes no currency from the next row."""
        codes = tuple("EUR" if alike or place % 2 else "USD" for place in range(len(numbers)))
        expected = tuple(
            None if number is None else Money(number, code) for number, code in zip(numbers, codes, strict=True)
        )

        assert expected == Amounts(numbers, codes).values
        if alike:
            assert expected == Amounts(numbers, "EUR").values
