from __future__ import annotations

import copy
import inspect
import pickle
import re
import sys
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
from tests.support.refusals import describe, refused

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
    def test_each_pickles_with_its_parts(self, cls: type[CrmcoreError]) -> None:
        """All parts survive pickling."""
        error = cls(
            "not_a_share",
            "share must be a fraction, got 2",
            field="share",
            advice="write '0.02'",
            operands=(Decimal(2),),
            record=7,
        )
        for copied in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
            assert cls is type(copied)
            assert "share must be a fraction, got 2; write '0.02'" == str(copied)
            assert ("not_a_share", "share", (Decimal(2),), 7) == (
                copied.rule,
                copied.field,
                copied.operands,
                copied.record,
            )

    def test_parts_are_no_variables(self) -> None:
        """`vars` of an error, which FastAPI writes as JSON after a validator, is empty but for what a caller added."""
        error = CrmcoreError("a_rule", "wrong", operands=(Money(1, "EUR"),))

        assert {} == vars(error)
        error.add_note("seen")
        assert ["seen"] == copy.copy(error).__notes__

    @pytest.mark.parametrize("digits", [301, 600, 640, 700, 5000])
    def test_long_numbers_can_be_written(self, digits: int) -> None:
        """A number among the operands can be written, even where Python writes no more than 640 digits."""
        limit = sys.get_int_max_str_digits()
        sys.set_int_max_str_digits(640)
        try:
            with refused(CrmcoreError, "infinite_bound: low") as caught:
                Interval(10**digits, 1)
            assert len(repr(caught.value.operands)) < 700
        finally:
            sys.set_int_max_str_digits(limit)


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
            (Decimal("1E+5"), "1E+5"),
            ("abc", "'abc'"),
            ("a" * 40, "'" + "a" * 40 + "'"),
            ("a" * 41, "'" + "a" * 39 + "..."),
            pytest.param("a" * 10**6, "'" + "a" * 39 + "...", id="a million letters"),
            (date(2026, 1, 2), "2026-01-02"),
            (Lawless(2026, 1, 2), "Lawless"),
            (TimeUnit.DAY, "day"),
            (Colour.RED, "RED"),
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

REFUSALS: list[tuple[Callable[..., object], tuple[Any, ...], dict[str, Any], str]] = [
    (Money, (1.5, "EUR"), {}, "float_is_inexact: amount"),
    (Money, ("1" * 1201, "EUR"), {}, "number_too_long: amount"),
    (Money, ("abc", "EUR"), {}, "not_a_number: amount"),
    (Money, (None, "EUR"), {}, "wrong_number_type: amount"),
    (Money, ("NaN", "EUR"), {}, "not_finite: amount"),
    (Money, (float("-inf"), "EUR"), {}, "not_finite: amount"),
    (Money, (Decimal("1" * 1001), "EUR"), {}, "too_many_digits: amount"),
    (Money, ("1e31", "EUR"), {}, "too_large_or_fine: amount"),
    (Money, (10**31, "EUR"), {}, "int_too_large: amount"),
    (Money, (1, 5), {}, "not_a_text: currency"),
    (Money, (1, "eur"), {}, "not_a_currency: currency"),
    (Money.estimated, (None, "EUR"), {}, "wrong_number_type: amount"),
    (Money.total, (EURO,), {}, "one_for_several: monies"),
    (EURO.__mul__, (None,), {}, "wrong_number_type: factor"),
    (EURO.__truediv__, (None,), {}, "wrong_number_type: divisor"),
    (EURO.__truediv__, (0,), {}, "divided_by_zero: divisor"),
    (EURO.exchanged, ("USD",), {"rate": None}, "wrong_number_type: rate"),
    (EURO.exchanged, ("USD",), {"rate": 0}, "not_positive: rate"),
    (EURO.exchanged, (5,), {"rate": 1}, "not_a_text: currency"),
    (EURO.allocate, ([-1],), {}, "too_small: weights[0]"),
    (EURO.split, (None,), {}, "wrong_number_type: parts"),
    (EURO.split, (0,), {}, "too_small: parts"),
    (EURO.split, (1,), {"digits": "2"}, "wrong_number_type: digits"),
    (Money(1, "XXX").split, (1,), {}, "decimals_of_currency_unknown: digits"),
    (EURO.__format__, (".2",), {}, "not_a_format: spec"),
    (EURO.quantized, (41,), {}, "out_of_range: digits"),
    (EURO.quantized, (), {"rounding": "up"}, "not_a_rounding: rounding"),
    (Money(2, "EUR").__mul__, (10**30,), {}, "result_too_large: None"),
    (Retention, (2, TimeUnit.MONTH), {}, "not_a_share: share"),
    (Retention, (95, TimeUnit.MONTH), {}, "not_a_share: share"),
    (Retention, ("2.50", TimeUnit.MONTH), {}, "not_a_share: share"),
    (Retention, (100, TimeUnit.MONTH), {}, "not_a_share: share"),
    (Retention, (101, TimeUnit.MONTH), {}, "not_a_share: share"),
    (Retention, (-1, TimeUnit.MONTH), {}, "not_a_share: share"),
    (Retention, (None, TimeUnit.MONTH), {}, "wrong_number_type: share"),
    (Retention, ("0.9", 12), {}, "not_a_member: per"),
    (Retention.from_churn, (None, TimeUnit.DAY), {}, "wrong_number_type: share"),
    (Retention.from_half_life, (None, TimeUnit.DAY), {}, "wrong_number_type: periods"),
    (DAILY.to, ("week",), {}, "not_a_member: unit"),
    (DAILY.to, (TimeUnit.MONTH,), {}, "units_without_fixed_ratio: day_count"),
    (DAILY.to, (TimeUnit.WEEK,), {"day_count": 365}, "not_a_member: day_count"),
    (DAILY.to, (TimeUnit.MONTH,), {"day_count": DayCount.ACTUAL_ACTUAL}, "years_differ_in_length: day_count"),
    (DAILY.survivors, (None, 1), {}, "wrong_number_type: customers"),
    (DAILY.survivors, (1, None), {}, "wrong_number_type: periods"),
    (Discount, (None, TimeUnit.DAY), {}, "wrong_number_type: rate"),
    (Discount, (-1, TimeUnit.DAY), {}, "rate_of_total_loss: rate"),
    (Discount, (0, 12), {}, "not_a_member: per"),
    (elapsed, ("2026", AT), {}, "not_an_instant: start"),
    (elapsed, (AT, 5), {}, "not_an_instant: end"),
    (elapsed, (AT, NAIVE), {}, "naive_instant: end"),
    (elapsed, (UNWRITABLE, AT), {}, "instant_beyond_utc: start"),
    (tenure, (AT, AT), {"day_count": 365}, "not_a_member: day_count"),
    (tenure, (AT, EARLIER), {}, "end_before_start: end"),
    (instant, ("x",), {}, "not_iso: moment"),
    (instant, (5,), {}, "not_a_moment: moment"),
    (instant, ("2026-01-01",), {"tz": 5}, "not_a_zone: tz"),
    (instant, (UNWRITABLE,), {}, "instant_beyond_utc: moment"),
    (instant, (date.min,), {"tz": UNWRITABLE.tzinfo}, "instant_beyond_utc: moment"),
    (Period, (AT, EARLIER), {}, "period_reversed: end"),
    (Period.year, (None,), {}, "wrong_number_type: year"),
    (Period.quarter, (2026, None), {}, "wrong_number_type: quarter"),
    (Period.quarter, (2026, 5), {}, "out_of_range: quarter"),
    (Period.month, (2026, None), {}, "wrong_number_type: month"),
    (Period.month, (2026, 13), {}, "out_of_range: month"),
    (Period.day, (5,), {}, "not_a_date: day"),
    (Period.year(2026).__contains__, (5,), {}, "not_an_instant: moment"),
    (Period.year(2026).overlaps, (5,), {}, "wrong_type: other"),
    (Period.year(2026).split, (5,), {}, "not_a_member: unit"),
    (Interval, (1.0, 0.0), {}, "bounds_reversed: low"),
    (wilson, (3, 2), {}, "more_successes_than_trials: successes"),
    (wilson, (-1, 2), {}, "too_small: successes"),
    (wilson, (1, 2.5), {}, "wrong_number_type: n"),
    (wilson, (0, 1), {"confidence": 2}, "not_a_confidence: confidence"),
    (wilson, (0, 1), {"confidence": 99}, "not_a_confidence: confidence"),
    (wilson, (0, 1), {"confidence": 100}, "not_a_confidence: confidence"),
    (wilson, (0, 1), {"confidence": None}, "wrong_number_type: confidence"),
    (zero_event_bound, (None,), {}, "wrong_number_type: n"),
    (rule_of_three, (None,), {}, "wrong_number_type: n"),
    (two_proportions, (3, (1, 2)), {}, "not_a_pair: before"),
    (two_proportions, ((1, 2), 3), {}, "not_a_pair: after"),
    (TwoProportions, (), {"before": (1, 2), "after": 3}, "not_a_pair: after"),
    (Explanation, ("text",), {}, "one_for_several: terms"),
    (Explanation, ([1],), {}, "wrong_type: terms[0]"),
    (Explanation([]).__getitem__, ("price",), {}, "no_such_line: name"),
    (LifetimeValue, (), {"value": EURO, "explanation": 5}, "wrong_type: explanation"),
    (Finding, (), {**FINDING, "severity": 5}, "not_a_member: severity"),
    (Finding, (), {**FINDING, "evidence": 5}, "one_for_several: evidence"),
    (Customer, (), {"id": 1, "segments": "a"}, "one_for_several: segments"),
    (Customer, (), {"id": 1, "segments": [5]}, "not_a_text: segments[0]"),
    (Customer, (), {"id": 1, "segments": [""]}, "empty_text: segments[0]"),
    (Balance.total, (5,), {}, "one_for_several: tallies"),
    (TallyBy, ({1: 1},), {}, "wrong_type: rows[0]"),
]


class TestRefusals:
    @pytest.mark.parametrize(("function", "args", "named", "broken"), REFUSALS)
    def test_say_which_rule_and_which_field(
        self, function: Callable[..., object], args: tuple[Any, ...], named: dict[str, Any], broken: str
    ) -> None:
        """An error names the rule that was broken and the field or argument at fault."""
        with refused(CrmcoreError, broken):
            function(*args, **named)

    @pytest.mark.parametrize(("function", "args", "named", "broken"), REFUSALS)
    def test_tell_anyone_what_is_wrong(
        self, function: Callable[..., object], args: tuple[Any, ...], named: dict[str, Any], broken: str
    ) -> None:
        """A message is one line in lower case without a full stop, and `str` adds the advice; the error pickles."""
        with pytest.raises(CrmcoreError) as caught:
            function(*args, **named)
        error = caught.value

        assert broken == describe(error)
        assert re.fullmatch(r"[a-z_0-9+ ].*[^.;]", error.message)
        assert str(error) == (f"{error.message}; {error.advice}" if error.advice else error.message)
        again = pickle.loads(pickle.dumps(error))
        assert vars(error) == vars(again)
        assert (type(error), str(error)) == (type(again), str(again))
