"""What a value really is decides, not what it claims, and errors hold nothing that cannot be shown and pickled."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import numpy as np
import pytest

from crmcore import (
    Channel,
    CrmcoreError,
    Customer,
    Feedback,
    FeedbackKind,
    Money,
    Purchase,
    Response,
    Table,
    WrongTypeError,
    instant,
)
from crmcore.primitives import checks
from crmcore.primitives._kinds import is_a
from crmcore.primitives._limits import Limit
from crmcore.primitives.control_charts import Homogeneity
from crmcore.primitives.explanation import Explanation
from crmcore.primitives.ids import as_id
from crmcore.primitives.proportions import Interval
from tests.support.refusals import refused

AT = instant("2026-03-02")
ARRAY: Final[Any] = np.array([1])
POINT: Final[Any] = np.array(0)
EMPTY: Final[Any] = []
ONE: Final[Any] = Decimal(1)
TEXT: Final[Any] = "2"


class _Stand:
    """An object that claims another class."""

    def __init__(self, claim: type) -> None:
        self.claim = claim

    @property  # type: ignore[misc] # it lies
    def __class__(self) -> type:  # pyright: ignore[reportIncompatibleMethodOverride] - it lies
        return self.claim


class _Silent:
    @property  # type: ignore[misc] # it raises
    def __class__(self) -> type:  # pyright: ignore[reportIncompatibleMethodOverride] - it raises
        raise LookupError


class _Whole(int):
    pass


class TestRealClass:
    """A stand-in has not what its class promises."""

    def test_a_claim_does_not_count(self) -> None:
        """Neither a claim nor an error of the caller's property reaches the check."""
        assert isinstance(_Stand(Decimal), Decimal)
        assert not is_a(_Stand(Decimal), Decimal)
        assert not is_a(_Silent(), (str, int))
        assert is_a(True, int)

    @pytest.mark.parametrize("claim", [str, Decimal, int, float, datetime, timedelta, Money])
    def test_no_check_takes_a_stand_in(self, claim: type) -> None:
        """Each check says that the type is wrong."""
        stand: Any = _Stand(claim)

        for check in (checks.as_exact, checks.as_text, checks.as_instant, checks.as_duration, as_id):
            with refused(WrongTypeError, ": x"):
                check(stand, "x")
        with refused(WrongTypeError, "wrong_type: amount"):
            Purchase(customer_id=7, at=AT, amount=stand)
        with refused(WrongTypeError, "not_money: other"):
            Money(1, "EUR") < stand  # noqa: B015 - on purpose

    @pytest.mark.parametrize("value", [np.array(5), np.array([5])])
    def test_an_array_is_no_number_and_no_id(self, value: Any) -> None:
        """It has an index, but it is not one number."""
        with refused(WrongTypeError, "wrong_number_type: x"):
            checks.as_count(value, "x")
        with refused(WrongTypeError, "not_an_id: x"):
            as_id(value, "x")

    def test_a_number_of_numpy_is_one(self) -> None:
        """It is kept as a plain one."""
        assert [int, int] == [type(checks.as_count(np.int64(5), "x")), type(as_id(np.int64(5), "x"))]

    @pytest.mark.parametrize("value", [b"ab", bytearray(b"ab"), memoryview(b"ab"), "ab"])
    def test_bytes_are_not_several_numbers(self, value: Any) -> None:
        """They are one thing, as a text is."""
        with refused(WrongTypeError, "one_for_several: weights"):
            Money(1, "EUR").allocate(value)
        with refused(WrongTypeError, "one_for_several: segments"):
            Customer(id=7, segments=value)
        with refused(WrongTypeError, "not_pairs_of_answers: answers"):
            Response(survey_id=1, at=AT, answers=value)


class TestQuestions:
    """A look-up refuses what cannot be there."""

    def test_of_an_interval(self) -> None:
        """A number lies within or not, and nothing else is asked about."""
        interval = Interval(_Whole(1), np.float64(2.5))

        assert [int, float] == [type(interval.low), type(interval.high)]
        assert [True, True, False] == [value in interval for value in (2, Decimal("2.5"), Decimal("NaN"))]
        with refused(WrongTypeError, "not_a_float: value"):
            TEXT in interval  # noqa: B015 - on purpose

    def test_of_a_response(self) -> None:
        """An id is asked for."""
        with refused(WrongTypeError, "not_an_id: question_id"):
            Response(survey_id=1, at=AT, answers=[(1, 5)]).answer(ARRAY)

    @pytest.mark.parametrize("answers", [np.array(5), 5, {1: 5}])
    def test_of_what_has_no_answers(self, answers: Any) -> None:
        """An array of no dimension only looks like a collection."""
        with refused(WrongTypeError, "not_pairs_of_answers: answers"):
            Response(survey_id=1, at=AT, answers=answers)

    def test_of_an_explanation(self) -> None:
        """A name is asked for."""
        with refused(WrongTypeError, "not_a_text: name"):
            Explanation(())[ARRAY]

    def test_of_a_table(self) -> None:
        """A place is a whole number, and data are a table."""
        rows = [{"customer_id": 7, "at": "2026-03-02", "amount": 5}]
        with refused(WrongTypeError, "not_a_place: place"):
            Table(Purchase, rows, currency="EUR", tz=UTC)[POINT]
        with refused(WrongTypeError, "one_for_several: data"):
            Table(Purchase, np.array(5))
        with refused(WrongTypeError, "not_a_table: data"):
            Table(Purchase, dict)
        with refused(WrongTypeError, "row_without_names: data[0]"):
            Table(Purchase, [dict])

    def test_of_a_limit(self) -> None:
        """Times are several."""
        with refused(WrongTypeError, "one_for_several: times"):
            Limit(within=timedelta(1)).find_end(ONE, AT)

    def test_of_a_state(self) -> None:
        """A state is checked before it is looked for."""
        feedback = Feedback(kind=FeedbackKind.PROBLEM, received_at=AT)
        with refused(WrongTypeError, "not_a_member: state"):
            feedback.entered(EMPTY, AT)

    def test_of_degrees_of_freedom(self) -> None:
        """They are bounded, because the p-value takes a step for each two."""
        with refused(CrmcoreError, "out_of_range: df"):
            Homogeneity(statistic=Decimal(1), df=10**9)


class TestOperands:
    """An error can be shown and pickled, whatever was given."""

    def test_keep_what_is_plain(self) -> None:
        """Numbers, texts, times, members and records of the library stay what they are."""
        given = (1, 0.5, True, None, "a", Decimal(1), AT, timedelta(1), Channel.PHONE, UUID(int=1), Money(1, "EUR"))

        assert (*given, given) == CrmcoreError("a_rule", "wrong", operands=(*given, given)).operands

    def test_tell_the_type_of_everything_else(self) -> None:
        """An object of the caller could not be pickled, or would be kept alive."""
        error = CrmcoreError("a_rule", "wrong", operands=(lambda: None, [1], _Whole(1), 10**5000, "x" * 5000))

        assert ["an object of type function", "an object of type list", "an object of type _Whole"] == [
            *error.operands[:3]
        ]
        assert "an int of 16610 bits" == error.operands[3]
        assert 1003 == len(str(error.operands[4]))
        assert error.operands == pickle.loads(pickle.dumps(error)).operands

    def test_are_cut_where_they_are_too_long(self) -> None:
        """A number has at most 2,000 bits, and a text a thousand characters."""
        given = (2**2000 - 1, 2**2000, -(2**2000), "x" * 1000, "x" * 1001)
        shown = (given[0], "an int of 2001 bits", "an int of 2001 bits", given[3], f"{given[3]}...")

        assert shown == CrmcoreError("a_rule", "wrong", operands=given).operands

    def test_of_a_rounding(self) -> None:
        """A mode that cannot be hashed is none."""
        with refused(CrmcoreError, "not_a_rounding: rounding"):
            Money(1, "EUR").quantized(rounding=EMPTY)
