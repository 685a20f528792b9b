from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import Customer, InvalidValueError, LeapRule, Occasion, WrongTypeError
from crmcore.interop.hypothesis import occasions
from tests.support.hostile import Index
from tests.support.refusals import breaks

YEARS = st.integers(1, 9999)
RULES = st.sampled_from(LeapRule)


def kept(month: int, day: int, leap_rule: LeapRule = LeapRule.FEBRUARY_28) -> Occasion:
    """Build an occasion on a day."""
    return Occasion(name="birthday", month=month, day=day, leap_rule=leap_rule)


class TestOccasion:
    @pytest.mark.parametrize(("month", "day"), [(2, 30), (4, 31)])
    def test_no_year_has_such_a_day(self, month: int, day: int) -> None:
        """A day that no year has is refused."""
        with breaks("day_of_no_month", "day") as caught:
            kept(month, day)
        assert (day, month) == caught.value.operands

    @pytest.mark.parametrize(
        ("month", "day", "field"),
        [(0, 1, "month"), (13, 1, "month"), (10**30, 1, "month"), (1, 0, "day"), (1, 32, "day"), (1, 10**30, "day")],
    )
    def test_no_calendar_has_such_a_day(self, month: int, day: int, field: str) -> None:
        """A month outside 1 to 12 and a day outside 1 to 31 are refused."""
        with breaks("out_of_range", field):
            kept(month, day)

    def test_name_is_not_empty(self) -> None:
        """An empty name is refused."""
        with pytest.raises(InvalidValueError, match="name must not be empty"):
            Occasion(name="", month=1, day=1)

    @pytest.mark.parametrize("value", [1.0, True, "1", None])
    @pytest.mark.parametrize("field", ["month", "day"])
    def test_day_is_counted(self, field: str, value: Any) -> None:
        """Month and day must be whole numbers."""
        values: dict[str, Any] = {"name": "birthday", "month": 1, "day": 1, field: value}

        with pytest.raises(WrongTypeError, match=f"{field} must be "):
            Occasion(**values)

    def test_numbers_of_other_libraries(self) -> None:
        """Whole numbers of another library become ints."""
        values: dict[str, Any] = {"month": Index(2), "day": Index(29)}
        occasion = Occasion(name="birthday", **values)

        assert kept(2, 29) == occasion
        assert (int, int) == (type(occasion.month), type(occasion.day))


class TestOn:
    @given(occasions(), YEARS)
    def test_comes_on_its_day(self, occasion: Occasion, year: int) -> None:
        """Every day but 29 February occurs on itself, in every year and under every rule."""
        if (occasion.month, occasion.day) != (2, 29):
            assert date(year, occasion.month, occasion.day) == occasion.on(year)

    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            (LeapRule.FEBRUARY_28, date(2027, 2, 28)),
            (LeapRule.MARCH_1, date(2027, 3, 1)),
            (LeapRule.LEAP_YEARS_ONLY, None),
        ],
    )
    def test_leap_day(self, rule: LeapRule, expected: date | None) -> None:
        """29 February occurs on itself in a leap year and as its rule says in any other."""
        assert expected == kept(2, 29, rule).on(2027)
        assert date(2028, 2, 29) == kept(2, 29, rule).on(2028)
        assert expected is None or expected.replace(year=1900) == kept(2, 29, rule).on(1900)

    @pytest.mark.parametrize("year", [0, 10_000, 10**30])
    @pytest.mark.parametrize("occasion", [kept(2, 29), kept(5, 1), kept(2, 29, LeapRule.LEAP_YEARS_ONLY)])
    def test_calendar_has_an_end(self, occasion: Occasion, year: int) -> None:
        """A year outside 1 to 9999 is refused."""
        with pytest.raises(InvalidValueError, match="year must be from 1 to 9999, got "):
            occasion.on(year)

    def test_year_is_counted(self) -> None:
        """A year must be a whole number."""
        text: Any = "2026"

        with pytest.raises(WrongTypeError, match="year must be "):
            kept(5, 1).on(text)
        with breaks("out_of_range", "year"):
            kept(5, 1).on(-1)


class TestNext:
    @given(occasions(), st.dates(date(1, 1, 1), date(9990, 12, 31)))
    def test_is_the_first_from_then_on(self, occasion: Occasion, day: date) -> None:
        """`next` is the first occurrence on or after the day."""
        following = occasion.next(day)
        between = (occasion.on(year) for year in range(day.year, following.year + 1))

        assert following >= day
        assert following == occasion.on(following.year)
        assert [following] == [kept_on for kept_on in between if kept_on is not None and day <= kept_on <= following]

    @given(occasions(), st.dates(date(1, 1, 1), date(9980, 12, 31)))
    def test_comes_again(self, occasion: Occasion, day: date) -> None:
        """`next` of an occurrence is itself; the one after it is at most 1 year later, or 8 for leap years only."""
        following = occasion.next(day)
        again = occasion.next(following + timedelta(days=1))

        assert following == occasion.next(following)
        assert again.year - following.year <= (8 if occasion.leap_rule is LeapRule.LEAP_YEARS_ONLY else 1)

    def test_leap_days_that_a_century_leaves_out(self) -> None:
        """2100 is not a leap year, so the leap day after 29 February 2096 is in 2104."""
        assert date(2104, 2, 29) == kept(2, 29, LeapRule.LEAP_YEARS_ONLY).next(date(2096, 3, 1))
        assert date(2097, 2, 28) == kept(2, 29).next(date(2096, 3, 1))

    @pytest.mark.parametrize(
        ("occasion", "day"),
        [
            (kept(1, 1), date(9999, 1, 2)),
            (kept(2, 29, LeapRule.LEAP_YEARS_ONLY), date(9996, 3, 1)),
        ],
    )
    def test_calendar_ends(self, occasion: Occasion, day: date) -> None:
        """An error is raised if the calendar ends before the next occurrence."""
        with breaks("no_further_occurrence", "day"):
            occasion.next(day)

    def test_last_day_of_the_calendar(self) -> None:
        """An occasion may occur on the last day of the calendar."""
        assert date.max == kept(12, 31).next(date(9999, 1, 1))

    @pytest.mark.parametrize("day", [datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01", None, 2026])
    def test_day_is_a_date(self, day: Any) -> None:
        """A datetime is refused where a date is expected."""
        with pytest.raises(WrongTypeError, match="day must be a date, got "):
            kept(5, 1).next(day)


class TestCustomersOccasions:
    @given(st.lists(occasions(), max_size=3))
    def test_are_kept_in_the_order_given(self, days: list[Occasion]) -> None:
        """The occasions of a customer come from any iterable and keep their order."""
        assert tuple(days) == Customer(id=1, occasions=iter(days)).occasions

    @pytest.mark.parametrize("value", [kept(1, 1), "birthday", [date(2026, 1, 1)], None])
    def test_are_occasions(self, value: Any) -> None:
        """A single occasion and a date are refused where several occasions are expected."""
        with pytest.raises(WrongTypeError, match="occasions"):
            Customer(id=1, occasions=value)
