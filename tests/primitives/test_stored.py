"""How pickles of records are read: what is missing, left over or invalid is refused."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from decimal import Decimal
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs
import pytest
from hypothesis import given, strategies as st

import crmcore
from crmcore import (
    BalanceVerdict,
    Channel,
    Churn,
    CrmcoreError,
    Feedback,
    FeedbackKind,
    InvalidValueError,
    Money,
    Purchase,
    Request,
    WrongTypeError,
    instant,
)
from crmcore.model import survey
from crmcore.primitives import _moved
from crmcore.primitives.record import Record
from tests.support.refusals import refused
from tests.support.strategies import VALUES

if TYPE_CHECKING:
    from collections.abc import Mapping

RECORDS: Final = sorted((cls for cls in VALUES if issubclass(cls, Record)), key=lambda cls: cls.__qualname__)
HOSTILE: Final[list[Any]] = [
    ...,
    "",
    -1,
    1.5,
    Decimal("Infinity"),
    [1],
    {"a": 1},
    b"x",
    True,
    None,
    "éx" * 200,
    (),
    Channel,
]
PROTOCOLS: Final = (4, 5)  # those below lose the fold of an instant, as Python writes them
DAY: Final = instant("2026-03-02")
every_record: Final = pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__qualname__)


def build_empty(cls: type[Any]) -> object:
    """A record without fields, which pickle then sets."""
    return object.__new__(cls)


class Stored:
    """Pickles as a record of a class would, with any state."""

    def __init__(self, cls: type, state: object) -> None:
        self.cls = cls
        self.state = state

    def __reduce__(self) -> tuple[Any, ...]:
        return build_empty, (self.cls,), self.state


def load(cls: type, state: object) -> Any:
    """Read a pickle of a record with any state."""
    return pickle.loads(pickle.dumps(Stored(cls, state)))


def outcome(build: Any) -> object:
    """What a call gives: a value, or what its error says."""
    try:
        return build()
    except CrmcoreError as error:
        return type(error), error.rule, error.field, error.message


def hold(record: Record) -> dict[str, Any]:
    """What the pickle of a record holds."""
    state: dict[str, Any] = record.__getstate__()
    return state


class TestHostilePickles:
    @every_record
    @given(data=st.data())
    def test_every_field_is_checked_as_when_built(self, cls: type[Any], data: st.DataObject) -> None:
        """A pickle with any value in a field gives what the constructor gives: a record or its error."""
        record = data.draw(VALUES[cls])
        assert record == load(cls, hold(record))
        for field in attrs.fields(cls):
            value = data.draw(st.sampled_from(HOSTILE))

            built = outcome(partial(attrs.evolve, record, **{field.alias: value}))

            assert built == outcome(partial(load, cls, hold(record) | {field.name: value}))

    @every_record
    @given(data=st.data())
    def test_an_unknown_field_is_refused(self, cls: type[Any], data: st.DataObject) -> None:
        """A pickle with a field that the record has not got is refused, whatever its name is."""
        record = data.draw(VALUES[cls])
        for name in ("shoe_size", "", "__class__", 7, None):
            with refused(InvalidValueError, "stored_with_an_unknown_field: None"):
                load(cls, hold(record) | {name: 1})

    @every_record
    @given(data=st.data())
    def test_a_missing_field_takes_its_default_or_is_refused(self, cls: type[Any], data: st.DataObject) -> None:
        """A pickle without a field is read as a call without it, and refused if the field has no default."""
        record = data.draw(VALUES[cls])
        for field in attrs.fields(cls):
            state = hold(record)
            del state[field.name]
            if field.default is attrs.NOTHING:
                with refused(InvalidValueError, f"stored_without_a_field: {field.alias}"):
                    load(cls, state)
            else:
                built = outcome(partial(attrs.evolve, record, **{field.alias: field.default}))
                assert built == outcome(partial(load, cls, state))

    @every_record
    def test_another_shape_is_refused(self, cls: type[Any]) -> None:
        """A pickle that holds no fields by their names is refused."""
        states: list[Any] = [(), (1, 2), [], "", "text", 7, ({}, {"a": 1}), True]
        for state in states:
            with refused(WrongTypeError, "stored_without_names: None"):
                load(cls, state)


class TestCopies:
    @every_record
    @given(data=st.data())
    def test_are_equal(self, cls: type[Any], data: st.DataObject) -> None:
        """Copies, deep copies, unchanged changes and pickles are equal, and so is their `repr`."""
        record = data.draw(VALUES[cls])
        pickles = [pickle.loads(pickle.dumps(record, protocol)) for protocol in PROTOCOLS]

        for copied in (copy.copy(record), copy.deepcopy(record), attrs.evolve(record), *pickles):
            assert record == copied
            assert repr(record) == repr(copied)

    def test_of_money_is_checked(self) -> None:
        """Stored money that is too large or too fine, or of no currency, is refused."""
        with refused(InvalidValueError, "too_large_or_fine: amount"):
            load(Money, {"amount": Decimal(f"{10**31}.{1:041}"), "currency": "EUR"})
        with refused(InvalidValueError, "not_a_currency: currency"):
            load(Money, {"amount": Decimal(1), "currency": "eur"})


@attrs.frozen(kw_only=True)
class Room(Record):
    """A record of a caller, in its second release."""

    name: str
    size: int = attrs.field(default=1, alias="area")
    floor: int = 0
    doors: int = attrs.field(init=False, default=0)

    _former: ClassVar[Mapping[str, str]] = {"level": "floor"}

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        object.__setattr__(self, "doors", self.size * 2)


@attrs.frozen(kw_only=True, slots=False)
class Hall(Room):
    """A record with a `__dict__`."""

    seats: int = 0


class Cellar(Room):
    """A subclass without a decorator."""


@attrs.frozen
class Attic(Room):
    """A record with pickles of its own."""

    def __getstate__(self) -> dict[str, Any]:
        return {"attic": self.name}

    def __setstate__(self, state: Any) -> None:
        super().__setstate__({"name": state["attic"]})


class TestRecordsOfCallers:
    @pytest.mark.parametrize(
        "room",
        [Room(name="a", area=3, floor=2), Hall(name="b", area=2, seats=4), Cellar(name="c", floor=-0), Attic(name="d")],
        ids=lambda room: type(room).__name__,
    )
    def test_pickle_and_copy(self, room: Room) -> None:
        """A subclass pickles with its own fields; what follows from the others is computed again."""
        for copied in (pickle.loads(pickle.dumps(room)), copy.copy(room), copy.deepcopy(room)):
            assert room == copied
            assert type(room) is type(copied)
            assert room.doors == copied.doors

    def test_hold_the_fields_that_the_constructor_takes(self) -> None:
        """A pickle has the fields by their names, and none that follows from them; one of attrs has that too."""
        assert {"name": "a", "size": 3, "floor": 0} == hold(Room(name="a", area=3))
        assert Room(name="a", area=3) == load(Room, {"name": "a", "size": 3, "floor": 0, "doors": 99})

    def test_former_names(self) -> None:
        """A field is found by the name it had before, but not by both."""
        assert Room(name="a", floor=4) == load(Room, {"name": "a", "level": 4})
        with refused(InvalidValueError, "stored_with_an_unknown_field: None"):
            load(Room, {"name": "a", "floor": 4, "level": 4})

    def test_checks_are_those_of_the_class(self) -> None:
        """A subclass refuses what its own fields may not have."""
        with refused(InvalidValueError, "too_small: seats"):
            load(Hall, {"name": "b", "seats": -1})


class TestMoved:
    def test_in_a_new_process(self) -> None:
        """A pickle of 0.1.0 is read before anything of the library is loaded, and leaves the rooms in their places."""
        question = """if True:
            import pickle
            churn = pickle.loads(b"ccrmcore.churn._counts\\nChurn\\n.")
            inactivity = pickle.loads(b"ccrmcore.churn._silence\\nInactivity\\n.")
            cash_flow = pickle.loads(b"ccrmcore.cashflow\\nCashFlow\\n.")
            import crmcore
            assert churn is crmcore.Churn and inactivity is crmcore.Inactivity and cash_flow is crmcore.CashFlow
            assert crmcore.churn is crmcore.retention.churn and crmcore.cashflow is crmcore.value.cashflow
            """
        subprocess.run([sys.executable, "-c", question], check=True, timeout=60)

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            (b"crmcore.churn._counts\nChurn", Churn),
            (b"crmcore.balance._standing\nStanding", BalanceVerdict),
            (b"crmcore.model.checklist\nAudit", crmcore.Audit),
            (b"crmcore.model.feedback\nWish", Request),
        ],
    )
    def test_old_paths(self, path: bytes, expected: type) -> None:
        """A class is found at the path that it had."""
        assert expected is pickle.loads(b"c" + path + b"\n.")
        for room, home in (("churn", "crmcore.retention.churn"), ("balance", "crmcore.service.balance")):
            assert getattr(crmcore, room) is import_module(home)

    @pytest.mark.parametrize(
        ("name", "member"),
        [
            ("CALL", Channel.PHONE),
            ("MESSENGER", Channel.CHAT),
            ("SOCIAL", Channel.SOCIAL_NETWORK),
            ("FORUM", Channel.FORUM),
        ],
    )
    def test_channels_of_feedback(self, name: str, member: Channel) -> None:
        """Members of the enum that is gone are found by text and, as Python 3.11.0 pickled them, by name."""
        former = b"ccrmcore.model.survey\nFeedbackChannel\n"
        text, by_name = name.lower().encode(), name.encode()

        assert member is pickle.loads(former + b"(V" + text + b"\ntR.")
        assert member is pickle.loads(b"cbuiltins\ngetattr\n(" + former + b"V" + by_name + b"\ntR.")
        assert member is Channel(name.lower())
        assert member == Feedback(kind=FeedbackKind.IDEA, received_at=DAY, channel=name.lower()).channel

    def test_other_texts_are_none_of_them(self) -> None:
        """A channel of the caller's own stays what it is, and what is no text is no channel."""
        assert "fax" == Feedback(kind=FeedbackKind.IDEA, received_at=DAY, channel="fax").channel
        others: list[Any] = ["fax", 7, None, ["call"]]
        for value in others:
            with pytest.raises(ValueError, match="is not a valid Channel"):
                Channel(value)

    def test_nothing_else_is_found(self) -> None:
        """Modules and names that never were are missing, as they are without pickles."""
        assert not hasattr(survey, "Wish")
        with pytest.raises(AttributeError, match=r"module 'crmcore\.model\.survey' has no attribute '__wrapped__'"):
            survey.__wrapped__  # type: ignore[attr-defined]  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]
        assert _moved.find_spec("crmcore.churn._never") is None
        for path in ("crmcore.churn._never", "crmcore.never", "crmcore.cashflow._never"):
            with pytest.raises(ModuleNotFoundError):
                pickle.loads(f"c{path}\nChurn\n.".encode())
        with pytest.raises(AttributeError):
            pickle.loads(b"ccrmcore.churn._counts\nNever\n.")
        with pytest.raises(AttributeError, match=r"module 'crmcore\.churn\._counts' has no attribute '__file__'"):
            sys.modules["crmcore.churn._counts"].__file__  # noqa: B018 - what is tried
        assert "The place of `crmcore.retention.churn` in an earlier release, for pickles." == (
            sys.modules["crmcore.churn._counts"].__doc__
        )


class TestErrors:
    def test_of_an_earlier_release(self) -> None:
        """An error of 0.1.0, which had a message and operands alone, keeps both."""
        pickled = b"ccrmcore.primitives.errors\nWrongTypeError\n(Vn must be a number\nVn\nI7\ntR."

        error = pickle.loads(pickled)

        assert (WrongTypeError, "n must be a number", ("n", 7)) == (type(error), error.message, error.operands)
        assert ("error_of_0_1_0", None, "") == (error.rule, error.field, error.advice)
        assert "n must be a number" == str(error)

    def test_rules_have_no_spaces(self) -> None:
        """An error of today needs its rule and its message, as before."""
        assert "r" == InvalidValueError("r", "a message").rule
        calls: list[Any] = [("rule",), (), ("rule", "message", 7)]
        for call in calls:
            with pytest.raises(TypeError):
                InvalidValueError(*call)
        assert "a message" == CrmcoreError("a message", "n", field="n").rule

    def test_a_purchase_names_its_field(self) -> None:
        """The error of a pickle is that of the constructor."""
        with refused(WrongTypeError, "wrong_type: amount"):
            load(Purchase, {"customer_id": 7, "at": DAY, "amount": 5})
