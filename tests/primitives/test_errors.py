from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest

from crmcore import (
    Balance,
    Customer,
    DayCount,
    Discount,
    Finding,
    Money,
    Period,
    Retention,
    Severity,
    TallyBy,
    TimeUnit,
    elapsed,
    instant,
    tenure,
)
from crmcore.primitives import errors
from crmcore.primitives.checks import show
from crmcore.primitives.errors import CrmcoreError
from crmcore.primitives.explanation import Explanation
from crmcore.primitives.proportions import (
    Interval,
    TwoProportions,
    rule_of_three,
    two_proportions,
    wilson,
    zero_event_bound,
)
from crmcore.value.lifetime_value import LifetimeValue

ALL = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, CrmcoreError)]


class TestErrors:
    @pytest.mark.parametrize("cls", ALL)
    def test_each_is_a_builtin_too(self, cls: type[CrmcoreError]) -> None:
        """Each error is also the builtin error that a caller would catch."""
        builtin = {
            "WrongTypeError": TypeError,
            "UnknownNameError": KeyError,
            "DivergenceError": ArithmeticError,
            "CrmcoreError": Exception,
        }

        assert issubclass(cls, builtin.get(cls.__name__, ValueError))

    @pytest.mark.parametrize("cls", ALL)
    def test_each_pickles_with_its_operands(self, cls: type[CrmcoreError]) -> None:
        """Message and operands survive pickling."""
        error = cls("share must be a fraction, got 2", "share", Decimal(2))
        for copied in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
            assert cls is type(copied)
            assert "share must be a fraction, got 2" == str(copied)
            assert ("share", Decimal(2)) == copied.operands

    def test_one_without_a_message(self) -> None:
        """A bare error has no text and no operands."""
        assert ("", ()) == (str(CrmcoreError()), CrmcoreError().operands)


class Colour(Enum):
    RED = 1


class Lawless(date):
    """A date whose `isoformat` raises."""

    def isoformat(self) -> str:  # noqa: D102 - date's
        raise KeyError


class TestShown:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (5, "5"),
            (10**30, "1" + "0" * 30),
            (-(10**31), "an int of 103 bits"),
            pytest.param(10**5000, "an int of 16610 bits", id="10**5000"),
            (True, "True"),
            (None, "None"),
            (0.1, "0.1"),
            (Decimal("1E+5"), "Decimal('1E+5')"),
            ("abc", "'abc'"),
            ("a" * 40, "'" + "a" * 40 + "'"),
            ("a" * 41, "'" + "a" * 39 + "..."),
            pytest.param("a" * 10**6, "'" + "a" * 39 + "...", id="a million letters"),
            (date(2026, 1, 2), "2026-01-02"),
            (Lawless(2026, 1, 2), "Lawless"),
            (TimeUnit.DAY, "<TimeUnit.DAY: 'day'>"),
            (Colour.RED, "an object of type Colour"),
            ([1] * 10**6, "an object of type list"),
            (Money(1, "EUR"), "an object of type Money"),
        ],
    )
    def test_values_are_short_and_safe(self, value: Any, expected: str) -> None:
        """`show` gives numbers, texts and times up to a length, and only the type of anything else."""
        assert expected == show(value)


AT = instant("2026-01-01")
EARLIER = instant("2025-01-01")
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - naive on purpose
UNWRITABLE = datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))
EURO = Money(1, "EUR")
DAILY = Retention("0.9", TimeUnit.DAY)
FINDING: dict[str, Any] = {"rule": "r", "severity": Severity.INFO, "message": "m"}

REFUSALS: list[tuple[Callable[..., object], tuple[Any, ...], dict[str, Any], str, tuple[object, ...]]] = [
    (Money, (1.5, "EUR"), {}, "amount must not be a float (1.5): ", ("amount", 1.5)),
    (Money, ("1" * 201, "EUR"), {}, "amount must be a number of at most 200 characters", ("amount",)),
    (Money, ("abc", "EUR"), {}, "amount must be a number, got 'abc'; ", ("amount", "abc")),
    (Money, (None, "EUR"), {}, "amount must be a Decimal, an int or a str, got None", ("amount",)),
    (Money, ("NaN", "EUR"), {}, "amount must be a finite number, got 'NaN'", ("amount",)),
    (Money, (float("-inf"), "EUR"), {}, "amount must be a finite number, got -inf", ("amount", float("-inf"))),
    (Money, (Decimal("1" * 1001), "EUR"), {}, "amount must have at most 1000 digits", ("amount",)),
    (
        Money,
        ("1e31", "EUR"),
        {},
        "amount must be at most 10^30 with at most 40 decimals, got Decimal('1E+31'); ",
        ("amount", Decimal("1E+31")),
    ),
    (Money, (10**31, "EUR"), {}, "amount must be at most 10^30 in size, got an int of 103 bits", ("amount",)),
    (Money, (1, 5), {}, "currency must be a str, got an object of type int", ("currency",)),
    (
        Money,
        (1, "eur"),
        {},
        "currency must be three capital letters such as 'EUR' (ISO 4217), got 'eur'; write 'EUR'",
        ("eur",),
    ),
    (Money.estimated, (None, "EUR"), {}, "amount must be a Decimal, an int, a float or a str, got None", ("amount",)),
    (Money.total, (EURO,), {}, "monies must be several Moneys, such as a list, got an object", ("monies",)),
    (EURO.__mul__, (None,), {}, "factor must be a Decimal, ", ("factor",)),
    (EURO.__truediv__, (None,), {}, "divisor must be a Decimal, ", ("divisor",)),
    (EURO.__truediv__, (0,), {}, "cannot divide money by zero", (Decimal(0),)),
    (EURO.exchanged, ("USD",), {"rate": None}, "rate must be a Decimal, ", ("rate",)),
    (EURO.exchanged, ("USD",), {"rate": 0}, "rate must be > 0, got Decimal('0')", ("rate", Decimal(0))),
    (EURO.exchanged, (5,), {"rate": 1}, "currency must be a str, ", ("currency",)),
    (EURO.allocate, ([-1],), {}, "weight must be >= 0, got Decimal('-1')", ("weight", Decimal(-1))),
    (EURO.split, (None,), {}, "parts must be a whole number (int), got None", ("parts",)),
    (EURO.split, (0,), {}, "parts must be > 0, got 0", (0,)),
    (EURO.split, (1,), {"digits": None}, "digits must be a whole number (int), got None", ("digits",)),
    (EURO.quantized, (41,), {}, "digits must be from 0 to 40, got 41", (41,)),
    (
        EURO.quantized,
        (),
        {"rounding": "up"},
        (
            "rounding must be one of ROUND_05UP, ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, "
            "ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, got 'up'"
        ),
        ("up",),
    ),
    (
        Money(2, "EUR").__mul__,
        (10**30,),
        {},
        "the result must be at most 10^30, got Decimal('2000000000000000000000000000000')",
        (Decimal("2E+30"),),
    ),
    (Retention, (2, TimeUnit.MONTH), {}, "share must be a fraction from 0 to 1, got Decimal('2')", ("share", 2)),
    *(
        (Retention, (given, TimeUnit.MONTH), {}, f"share must be a fraction from 0 to 1, got {shown}", ("share", value))
        for given, shown, value in [
            (95, "Decimal('95'); 95 per cent is '0.95'", 95),
            ("2.50", "Decimal('2.50'); 2.50 per cent is '0.025'", Decimal("2.5")),
            (100, "Decimal('100'); 100 per cent is '1'", 100),
            (101, "Decimal('101'); 5 per cent is '0.05'", 101),
            (-1, "Decimal('-1'); 5 per cent is '0.05'", -1),
        ]
    ),
    (Retention, (None, TimeUnit.MONTH), {}, "share must be a Decimal, an int, a float or a str, got None", ("share",)),
    (
        Retention,
        ("0.9", 12),
        {},
        "per must be a member of TimeUnit (DAY, WEEK, MONTH, QUARTER, YEAR), got 12",
        ("per",),
    ),
    (Retention.from_churn, (None, TimeUnit.DAY), {}, "churn must be a Decimal, an int, a float or", ("churn",)),
    (Retention.from_half_life, (None, TimeUnit.DAY), {}, "half-life must be a Decimal, an int or", ("half-life",)),
    (DAILY.to, ("week",), {}, "unit must be a member of TimeUnit (", ("unit",)),
    (DAILY.to, (TimeUnit.MONTH,), {}, "a day and a month have no fixed ratio; ", ("day", "month")),
    (DAILY.to, (TimeUnit.WEEK,), {"day_count": 365}, "day_count must be a member of DayCount (", ("day_count",)),
    (
        DAILY.to,
        (TimeUnit.MONTH,),
        {"day_count": DayCount.ACTUAL_ACTUAL},
        "actual/actual years differ in length, ",
        ("actual/actual",),
    ),
    (DAILY.survivors, (None, 1), {}, "customers must be a Decimal, an int or a str, got None", ("customers",)),
    (DAILY.survivors, (1, None), {}, "periods must be a Decimal, an int or a str, got None", ("periods",)),
    (Discount, (None, TimeUnit.DAY), {}, "rate must be a Decimal, an int, a float or a str, got None", ("rate",)),
    (Discount, (-1, TimeUnit.DAY), {}, "rate must be > -1, got Decimal('-1')", (Decimal(-1),)),
    (Discount, (0, 12), {}, "per must be a member of TimeUnit (", ("per",)),
    (elapsed, ("2026", AT), {}, "start must be an aware datetime, got '2026'; a date or", ("start",)),
    (elapsed, (AT, 5), {}, "end must be an aware datetime, got 5", ("end",)),
    (elapsed, (AT, NAIVE), {}, "end must carry a time zone, got naive 2026-01-01T00:00:00; ", ("end", NAIVE)),
    (elapsed, (UNWRITABLE, AT), {}, "start is not a time that UTC can express, from the year 1", ("start",)),
    (tenure, (AT, AT), {"day_count": 365}, "day_count must be a member of DayCount (ACTUAL_365, ", ("day_count",)),
    (
        tenure,
        (AT, EARLIER),
        {},
        "the end must not lie before the start, got 2026-01-01T00:00:00+00:00 to 2025-01-01T00:00:00+00:00",
        (AT, EARLIER),
    ),
    (instant, ("x",), {}, "moment must be ISO 8601, got 'x'; write it as '2026-03-01' or ", ("x",)),
    (instant, (5,), {}, "moment must be a str, a date or a datetime, got 5; write it as '2026-03-01' or ", ()),
    (
        instant,
        ("2026-01-01",),
        {"tz": 5},
        "tz must be a tzinfo such as zoneinfo.ZoneInfo('Europe/Riga'), got 5",
        ("tz",),
    ),
    (instant, (UNWRITABLE,), {}, "moment is not a time that UTC can express, ", ("moment",)),
    (instant, (date.min,), {"tz": UNWRITABLE.tzinfo}, "moment is not a time that UTC can express, ", ("moment",)),
    (
        Period,
        (AT, EARLIER),
        {},
        "a period must end after it starts, got 2026-01-01T00:00:00+00:00 to 2025-01-01T00:00:00+00:00",
        (AT, EARLIER),
    ),
    (Period.year, (None,), {}, "year must be a whole number (int), got None", ("year",)),
    (Period.quarter, (2026, None), {}, "quarter must be a whole number (int), got None", ("quarter",)),
    (Period.quarter, (2026, 5), {}, "quarter must be from 1 to 4, got 5", (5,)),
    (Period.month, (2026, None), {}, "month must be a whole number (int), got None", ("month",)),
    (Period.month, (2026, 13), {}, "no month can be made of year 2026, month 13", (2026, 13)),
    (Period.day, (5,), {}, "day must be a date, got 5", ("day",)),
    (Period.year(2026).__contains__, (5,), {}, "moment must be an aware datetime, got 5", ("moment",)),
    (Period.year(2026).overlaps, (5,), {}, "other must be a Period, got 5", ("other",)),
    (Period.year(2026).split, (5,), {}, "unit must be a member of TimeUnit (", ("unit",)),
    (Interval, (1.0, 0.0), {}, "bounds must be finite and in order, got 1.0 and 0.0", (1.0, 0.0)),
    (wilson, (3, 2), {}, "successes must be at most n, got 3 of 2", (3, 2)),
    (wilson, (-1, 2), {}, "successes must be >= 0, got -1", ("successes", -1)),
    (wilson, (1, 2.5), {}, "n must be a whole number (int), got 2.5", ("n",)),
    (wilson, (0, 1), {"confidence": 2}, "confidence must lie between 0 and 1, got Decimal('2')", ("confidence", 2)),
    (
        wilson,
        (0, 1),
        {"confidence": 99},
        "confidence must lie between 0 and 1, got Decimal('99'); 99 per cent is '0.99'",
        ("confidence", 99),
    ),
    (
        wilson,
        (0, 1),
        {"confidence": 100},
        "confidence must lie between 0 and 1, got Decimal('100'); 95 per cent is 0.95",
        ("confidence", 100),
    ),
    (wilson, (0, 1), {"confidence": None}, "confidence must be a Decimal, an int, a float or", ("confidence",)),
    (zero_event_bound, (None,), {}, "n must be a whole number (int), got None", ("n",)),
    (rule_of_three, (None,), {}, "n must be a whole number (int), got None", ("n",)),
    (two_proportions, (3, (1, 2)), {}, "before must be a pair, successes and n, got 3", ("before",)),
    (two_proportions, ((1, 2), 3), {}, "after must be a pair, successes and n, got 3", ("after",)),
    (TwoProportions, (), {"before": (1, 2), "after": 3}, "after must be a pair, successes and n, got 3", ("after",)),
    (Explanation, ("text",), {}, "terms must be several Terms, such as a list, got 'text'", ("terms",)),
    (Explanation, ([1],), {}, "each of terms must be a Term, got 1", ("each of terms",)),
    (Explanation([]).__getitem__, ("price",), {}, "no line is named 'price'; ", ("price",)),
    (
        LifetimeValue,
        (),
        {"value": EURO, "explanation": 5},
        "explanation must be an Explanation, got 5",
        ("explanation",),
    ),
    (Finding, (), {**FINDING, "severity": 5}, "severity must be a member of Severity (INFO, ", ("severity",)),
    (Finding, (), {**FINDING, "evidence": 5}, "evidence must be several pairs, such as a list, got 5; ", ("evidence",)),
    (Customer, (), {"id": 1, "segments": "a"}, "segments must be several texts, such as a list of str", ("segments",)),
    (Customer, (), {"id": 1, "segments": [5]}, "each of segments must be a str, got an", ("each of segments",)),
    (Customer, (), {"id": 1, "segments": [""]}, "none of segments may be empty", ("segments",)),
    (Balance.total, (5,), {}, "tallies must be several Balances, such as a list, got 5; ", ("tallies",)),
    (TallyBy, ({1: 1},), {}, "every value must be a Tally, got 1", ("every value",)),
]


class TestRefusals:
    @pytest.mark.parametrize(("function", "args", "named", "message", "operands"), REFUSALS)
    def test_say_what_is_wrong_and_hand_it_on(
        self,
        function: Callable[..., object],
        args: tuple[Any, ...],
        named: dict[str, Any],
        message: str,
        operands: tuple[object, ...],
    ) -> None:
        """The message begins with the name of the argument and shows the value; the operands are on the error."""
        with pytest.raises(CrmcoreError) as caught:
            function(*args, **named)

        assert message == str(caught.value)[: len(message)]
        assert operands == caught.value.operands
