"""Hostile values for every field of every noun, derived from the declarations of the fields."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

import attrs
import pytest
from hypothesis import Phase, find, settings

from crmcore import (
    Channel,
    CrmcoreError,
    Interaction,
    Journey,
    MomentOfTruth,
    Money,
    Purchase,
    Reading,
    SubjectKind,
    Task,
    Touchpoint,
    Valence,
)
from crmcore.primitives._bounds import LARGEST_ID, LONGEST_NAME
from crmcore.primitives.ids import Id
from crmcore.primitives.record import PERSONAL, Personal, Record, hints_of, kind_of
from tests.support.hostile import Index
from tests.support.refusals import breaks
from tests.support.strategies import VALUES
from tests.support.walk import public_classes

NOUNS = [cls for cls in public_classes() if attrs.has(cls) and cls.__module__.startswith("crmcore.model.")]
FIRST = settings(database=None, phases=[Phase.generate])  # any example will do: no need to shrink it
SECRET = "Anna Kalnina, +371 200 000 00"


class Foreign(StrEnum):
    """An enum of the caller."""

    MEMBER = "member"


class _NotATime(datetime):
    """A datetime that is not a time, like pandas.NaT."""

    def utcoffset(self) -> Any:
        raise ValueError("NaT")


def forged(enum: type[Enum]) -> Enum:
    """Return an object of an enum's class that is none of its members, but equal to one."""
    first: Any = next(iter(enum))
    return str.__new__(enum, first.value) if issubclass(enum, str) else object.__new__(enum)


NOT_IDS = [
    *("", " ", "\t\n", True, 1.5, float("nan"), b"x", Foreign),
    *("x" * (LONGEST_NAME + 1), LARGEST_ID + 1, -LARGEST_ID - 1, 10**5000),
]
NOT_NUMBERS = ["x", Decimal("NaN"), Decimal("sNaN"), float("inf"), [], True, 10**5000]
NOT_SEVERAL = ["a lone text", 5, [object()], {}]
PLAIN: dict[Any, list[Any]] = {
    datetime: [datetime(2026, 1, 1), date(2026, 1, 1), "2026-01-01", _NotATime(2026, 1, 1), 1.5],  # noqa: DTZ001
    str: [5.0, SECRET.encode()],
    int: [-1.5, True, b"x", 10**31, -1],
    Decimal: [*NOT_NUMBERS, 0.5],
    Money: [5, 0.5, "5 EUR"],
    bool: [1, "yes", None],
}
"""Types, and the values that a field of the type may not have."""


def _hostile(hint: Any) -> list[Any]:
    """Return values that a field of such a type may not have."""
    args = get_args(hint)
    if get_origin(hint) in (UnionType, Union):
        if hint in (Id, Id | None):
            return [*NOT_IDS, *([] if NoneType in args else [None])]
        (some,) = set(args) - {NoneType}
        return [value for value in _hostile(some) if value is not None]
    if get_origin(hint) is Annotated:
        return _hostile_of_kind(hint)
    if get_origin(hint) in (tuple, frozenset):
        inner = [] if get_origin(args[0]) is tuple else [[value] for value in _hostile(args[0]) if _is_hashable(value)]
        return [*NOT_SEVERAL, None, *inner]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return [next(iter(hint)).value, "no member", Foreign.MEMBER, forged(hint), None]
    return [object(), *PLAIN.get(hint, [None, "text"])]


def _hostile_of_kind(hint: Any) -> list[Any]:
    kind = kind_of(hint)
    assert kind is not None
    plain = get_args(hint)[0]
    values: list[Any] = [*PLAIN.get(plain, NOT_SEVERAL), *([] if kind is PERSONAL else [None])]
    if "pattern" in kind.schema:
        values += ["", " \n"]
    longest = kind.schema.get("maxLength")
    if isinstance(longest, int):
        values.append("x" * (longest + 1))
    if "examples" in kind.schema:
        values += [Foreign.MEMBER, *map(forged, enums_of(hint))]
    low, high = kind.schema.get("minimum"), kind.schema.get("maximum")
    if plain is int:
        values = [-1.5, True, b"x", 10**31, low - 1, 10**31 if high is None else high + 1]  # type: ignore[operator] # pyright: ignore[reportOperatorIssue] - numbers
    if plain is Decimal:
        values = [*NOT_NUMBERS, None, -1, *([2, -0.5] if kind.floats else [0.5])]
    if plain is Money:
        values.append(Money(-1, "EUR"))
    return values


def enums_of(hint: Any) -> tuple[type[StrEnum], ...]:
    """Return the enum of a label, also of an optional one or of several."""
    kind = kind_of(hint)
    if kind is not None:
        return getattr(kind.read, "args", ())[-1:] if "examples" in kind.schema else ()
    return tuple(enum for arg in get_args(hint) for enum in enums_of(arg))


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except (TypeError, AttributeError):
        return False
    return True


CASES = [
    pytest.param(noun, field, value, id=f"{noun.__name__}.{field.name}-{number}")
    for noun in NOUNS
    for field in attrs.fields(noun)
    for number, value in enumerate(_hostile(hints_of(noun)[field.name]))
]


@cache
def plain(noun: Any) -> Any:
    """Return the first instance of a noun that Hypothesis finds."""
    return find(VALUES[noun], lambda _: True, settings=FIRST)


@cache
def least(noun: type) -> Any:
    """Return an instance of a noun with the required fields alone and instants in UTC: the fast path of its class."""
    full = plain(noun)
    given: dict[str, Any] = {
        field.alias: getattr(full, field.name) for field in attrs.fields(noun) if field.default is attrs.NOTHING
    }
    in_utc = {name: value.astimezone(UTC) for name, value in given.items() if isinstance(value, datetime)}
    try:
        return noun(**(given | in_utc))
    except CrmcoreError:  # a rule asks for one of several fields
        return attrs.evolve(full, **in_utc)


class TestHostile:
    def test_every_noun_is_here(self) -> None:
        """The walk finds the nouns of the model, and each is a record."""
        assert {"Customer", "Interaction", "Journey", "MomentOfTruth", "Purchase"} <= {noun.__name__ for noun in NOUNS}
        assert [noun for noun in NOUNS if not issubclass(noun, Record)] == []

    @pytest.mark.parametrize(("noun", "field", "value"), CASES)
    def test_is_refused_by_name(self, noun: type, field: Any, value: Any) -> None:
        """A hostile value raises an error that names the field and a rule, pickles and shows nothing personal."""
        for base in (plain(noun), least(noun)):
            with pytest.raises(CrmcoreError) as caught:
                attrs.evolve(base, **{field.alias: value})

            error = caught.value
            assert field.alias == error.field
            assert error.rule.isidentifier()
            assert field.alias in error.message
            assert "object at 0x" not in str(error)
            assert "Anna" not in repr(error)
            assert repr(vars(error)) == repr(vars(pickle.loads(pickle.dumps(error))))

    @pytest.mark.parametrize("noun", NOUNS)
    def test_arguments_are_named(self, noun: type) -> None:
        """The fields of a noun are keyword-only."""
        with pytest.raises(TypeError):
            noun(*(field.default for field in attrs.fields(noun)))

    @pytest.mark.parametrize("noun", NOUNS)
    def test_none_is_no_text(self, noun: type) -> None:
        """A text field takes None for no text."""
        texts = [field.alias for field in attrs.fields(noun) if hints_of(noun)[field.name] in (str, Personal)]
        base = least(noun)
        for name in texts:
            if name != "name" or noun.__name__ != "Scale":
                assert "" == getattr(attrs.evolve(base, **{name: None}), name)


ID_FIELDS = [
    pytest.param(noun, field.alias, id=f"{noun.__name__}.{field.alias}")
    for noun in NOUNS
    for field in attrs.fields(noun)
    if hints_of(noun)[field.name] in (Id, Id | None)
]


class _Text(str):
    """A text of another library, such as numpy.str_."""

    __slots__ = ()


class TestIds:
    @pytest.mark.parametrize(("noun", "field"), ID_FIELDS)
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            (UUID(int=7), UUID(int=7)),
            (Index(5), 5),
            (_Text("a b"), "a b"),
            (10, 10),
            (-1, -1),
            ("\u00a0x", "\u00a0x"),
            (LARGEST_ID, LARGEST_ID),
        ],
    )
    def test_is_kept(self, noun: type, field: str, given: Any, kept: Any) -> None:
        """Every id may be a text, a whole number or a UUID, and is kept as the plain type."""
        rest: dict[str, Any] = {}
        if noun is Task and field == "done_by_id":
            rest = {"done_at": datetime(2026, 3, 2, tzinfo=UTC), "cancelled_at": None}
        if noun is Reading:
            rest = {"subject_kind": SubjectKind.COMPANY}
        if noun is Journey:
            rest = {"interactions": ()}
        for base in (plain(noun), least(noun)):
            value = getattr(attrs.evolve(base, **rest, **{field: given}), field)
            assert kept == value
            assert type(kept) is type(value)


class TestSubclass:
    def test_loses_no_check(self) -> None:
        """A subclass of a noun that has an `__attrs_post_init__` of its own keeps every check."""

        @attrs.frozen(kw_only=True)
        class Visit(Touchpoint):
            floor: int = 0

            def __attrs_post_init__(self) -> None:
                object.__setattr__(self, "floor", self.floor + 1)

        @attrs.frozen(kw_only=True)
        class Call(Interaction):
            line: str = ""

            def __attrs_post_init__(self) -> None:
                assert self.line

        visit = Visit(id="desk", channel="phone", floor=2)
        assert (Channel.PHONE, 3) == (visit.channel, visit.floor)
        with breaks("empty_id", "id"):
            Visit(id="")
        with breaks("empty_id", "touchpoint_id"):
            Call(touchpoint_id=" ", at=datetime(2026, 3, 2, tzinfo=UTC), line="1")
        with breaks("motive_without_advice", "advice_motive"):
            Call(touchpoint_id="t", at=datetime(2026, 3, 2, tzinfo=UTC), line="1", advice_motive="duty")

    @pytest.mark.parametrize(
        ("noun", "values"),
        [
            (Purchase, {"customer_id": 7, "amount": Money(1, "EUR")}),
            (MomentOfTruth, {"valence": Valence.GOOD, "customer_id": 7}),
        ],
    )
    def test_of_a_noun_with_its_own_init(self, noun: Any, values: dict[str, Any]) -> None:
        """A subclass checks its fields and rules, changes and pickles as one of any other noun does."""

        def check(self: Any) -> None:
            assert self.customer_id == 7

        shop = attrs.field(default=0, type=int)
        longer: Any = attrs.make_class("Longer", {"shop": shop}, (noun,), frozen=True, kw_only=True)
        stricter: Any = type("Stricter", (noun,), {"__slots__": (), "__attrs_post_init__": check})
        values = {"at": datetime(2026, 3, 2, tzinfo=UTC), **values}
        assert 3 == attrs.evolve(longer(**values, shop=2), shop=3).shop
        with breaks("too_small", "shop"):
            longer(**values, shop=-1)
        with breaks("empty_id", "id"):
            longer(**values, id=" ")
        assert type(attrs.evolve(stricter(**values), id=3)) is stricter
        with pytest.raises(AssertionError):
            stricter(**values | {"customer_id": 8})
        with breaks("empty_id", "id"):
            stricter(**values, id="")
        assert pickle.loads(pickle.dumps(noun(**values))) == noun(**values)
        assert [True] * len(attrs.fields(noun)) == [field.init for field in attrs.fields(noun)]
