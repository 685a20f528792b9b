"""Ids: which are kept as they are, and what is said of those that are none."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import pytest

from crmcore import InvalidValueError, WrongTypeError
from crmcore.primitives._bounds import LARGEST_ID, LONGEST_NAME
from crmcore.primitives.ids import Id, are_plain, as_id, as_ids, check_id, is_plain
from tests.support.refusals import refused

LONG: Final = "x" * LONGEST_NAME


class Text(str):
    __slots__ = ()


class Number(int):
    pass


class Uuid(UUID):
    pass


class TestPlain:
    @pytest.mark.parametrize("value", ["a", " a", LONG, 0, 7, -7, LARGEST_ID, -LARGEST_ID])
    def test_is_kept(self, value: Id) -> None:
        """A text and a whole number up to the bound are the same object as before."""
        assert is_plain(value)
        assert are_plain((None, value))
        assert as_id(value, "id") is value

    @pytest.mark.parametrize(
        ("value", "kept"),
        [(Text("a"), "a"), (Number(7), 7), (UUID(int=7), UUID(int=7)), (Uuid(int=7), UUID(int=7))],
    )
    def test_others_become_plain(self, value: Any, kept: Id) -> None:
        """A text, number or UUID of a class of the caller's becomes a plain one."""
        assert not is_plain(value)
        assert not are_plain(("a", value))
        assert (type(kept), kept) == (type(as_id(value, "id")), as_id(value, "id"))

    @pytest.mark.parametrize(
        ("value", "error", "rule", "must"),
        [
            (None, WrongTypeError, "not_an_id", "be a text, a whole number or a UUID, got None"),
            (True, WrongTypeError, "not_an_id", "be a text, a whole number or a UUID, got True"),
            (7.0, WrongTypeError, "not_an_id", "be a text, a whole number or a UUID, got 7.0"),
            ("", InvalidValueError, "empty_id", "not be empty"),
            (" \n", InvalidValueError, "empty_id", "not be empty"),
            (f"{LONG}x", InvalidValueError, "text_too_long", "have at most 1000 characters, got 1001"),
            (LARGEST_ID + 1, InvalidValueError, "id_too_large", "have at most 100 digits, got an int of 333 bits"),
            (-LARGEST_ID - 1, InvalidValueError, "id_too_large", "have at most 100 digits, got an int of 333 bits"),
        ],
    )
    def test_others_are_refused(self, value: Any, error: type[Exception], rule: str, must: str) -> None:
        """What is no id is not plain, and the message says what must hold."""
        assert not is_plain(value)
        assert are_plain((value,)) is (value is None)
        with refused(error, f"{rule}: ids[1]") as caught:
            as_ids(["a", value], "ids")
        assert f"ids[1] must {must}" == caught.value.message
        with refused(error, f"{rule}: id"):
            check_id(value, "id", required=True)

    def test_none_may_stand_for_no_id(self) -> None:
        """A field that may be without an id takes None, and checks anything else."""
        check_id(None, "id")
        check_id(7, "id")
        with refused(WrongTypeError, "not_an_id: id"):
            check_id(7.0, "id")


class TestSeveral:
    def test_may_have_to_differ(self) -> None:
        """An id that comes twice is refused where ids must differ, with its place."""
        assert [1, "1", 1] == as_ids([1, "1", 1], "ids")
        assert [1, "1"] == as_ids((1, "1"), "ids", unique=True)
        with refused(InvalidValueError, "not_unique: ids[2]") as caught:
            as_ids([1, "1", 1], "ids", unique=True)
        assert "ids must each have an id of their own, 1 comes twice" == caught.value.message
