from __future__ import annotations

import copy
import gc
import math
import pickle
import re
import weakref
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    AbandonedContacts,
    Balance,
    Conformance,
    FailureRate,
    Finding,
    HistoricValue,
    Inactivity,
    Interaction,
    Journeys,
    MomentOfTruth,
    Money,
    Period,
    RevenuePolicy,
    Severity,
    Survival,
    Tally,
    TallyBy,
    Valence,
    instant,
)
from crmcore.interop.hypothesis import balances, tallies_by
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, PolicyMismatchError, WrongTypeError
from crmcore.primitives.explanation import Term, term
from crmcore.primitives.grouping import KeyGuard, group_by, note_groups
from crmcore.primitives.tally import POLICY, _add_up, _show_policy
from tests.support.hostile import CONTEXTS
from tests.support.refusals import refused
from tests.support.strategies import TALLIES, journey_map
from tests.support.walk import modules


@attrs.frozen(kw_only=True)
class Visits(Tally):
    """Number of visits within a period. Records of disjoint visits can be added."""

    came: int = 0
    weight: Decimal = Decimal(0)
    period: Period | None = attrs.field(default=None, metadata=POLICY)


NO_DESKS: TallyBy[str, Visits] = TallyBy()


@attrs.frozen(kw_only=True)
class Sheet(Tally):
    """Number of visits by day and by desk. Records of disjoint visits can be added."""

    by_day: tuple[Any, ...] = ()
    by_desk: TallyBy[str, Visits] = NO_DESKS
    all_told: int = 0


def subclasses() -> set[type[Tally]]:
    """Return every tally of the library; attrs builds a class with slots twice, so garbage is collected first."""
    list(modules())
    gc.collect()
    found: set[type[Tally]] = set()
    todo = [Tally]
    while todo:
        below = todo.pop().__subclasses__()
        found.update(below)
        todo.extend(below)
    return {one for one in found if one.__module__.startswith("crmcore")}


def empty(value: Any) -> Any:
    """Return an empty tally under the same policies."""
    if isinstance(value, TallyBy):
        return TallyBy[Any, Any]()
    if isinstance(value, tuple):
        return tuple(map(empty, value))
    if isinstance(value, str):  # a name beside the counts
        return value
    if not isinstance(value, Tally):
        return value * 0
    if isinstance(value, Survival):  # an empty one has no times, which are no counts
        return Survival(unit=value.unit)
    counts = [field.name for field in attrs.fields(type(value)) if not field.metadata.get("policy")]
    return attrs.evolve(value, **{name: empty(getattr(value, name)) for name in counts})


def by_class() -> list[Any]:
    """Return every tally as a parameter of a test."""
    return [pytest.param(cls, id=cls.__name__) for cls in sorted(TALLIES, key=lambda one: one.__name__)]


every_tally = pytest.mark.parametrize("cls", by_class())


def test_every_tally_of_the_library_is_here() -> None:
    """Every tally has a strategy, so that the laws below cover it."""
    assert set(TALLIES) == subclasses()


def test_every_policy_is_varied() -> None:
    """Two sets of policies differ in each policy of a tally; if not, `POLICIES` of the strategies lacks one."""
    missing = [
        f"{cls.__name__}.{field.name}"
        for cls, (_, policies) in TALLIES.items()
        for field in attrs.fields(cls)
        if field.metadata.get("policy") and len({str(rules.get(field.name, field.default)) for rules in policies}) < 2
    ]

    assert missing == []


class TestLaws:
    @every_tally
    @given(data=st.data())
    def test_adding_is_a_commutative_monoid(self, cls: type[Tally], data: st.DataObject) -> None:
        """Under one set of policies tallies associate and commute, and an empty tally changes nothing."""
        strategy, policies = TALLIES[cls]
        rules = data.draw(st.sampled_from(policies))
        a, b, c = (data.draw(strategy(**rules)) for _ in range(3))
        nothing = empty(a)

        assert (a + b) + c == a + (b + c)
        assert a + b == b + a
        assert a == a + nothing == nothing + a
        assert hash(a + b) == hash(b + a)

    @every_tally
    @given(data=st.data())
    def test_total_is_repeated_addition(self, cls: type[Tally], data: st.DataObject) -> None:
        """`total` and the builtin `sum` equal repeated `+`, in any order."""
        strategy, policies = TALLIES[cls]
        rules = data.draw(st.sampled_from(policies))
        shards = data.draw(st.lists(strategy(**rules), min_size=1, max_size=6))

        assert sum(shards) == cls.total(shards) == cls.total(iter(reversed(shards)))

    @pytest.mark.parametrize("cls", [cls for cls, (_, policies) in TALLIES.items() if len(policies) > 1])
    @given(data=st.data())
    def test_policies_must_agree(self, cls: type[Tally], data: st.DataObject) -> None:
        """Adding tallies with different policies is refused, and the message names the policy."""
        strategy, policies = TALLIES[cls]
        one, other = data.draw(st.permutations(policies))[:2]
        with pytest.raises(PolicyMismatchError, match=r"cannot add two \w+ records of different"):
            data.draw(strategy(**one)) + data.draw(strategy(**other))

    @every_tally
    @given(data=st.data())
    def test_the_callers_context_changes_nothing(self, cls: type[Tally], data: st.DataObject) -> None:
        """Sums, rows, reprs and explanations are the same under any decimal context."""
        strategy, policies = TALLIES[cls]
        rules = data.draw(st.sampled_from(policies))
        a, b = data.draw(strategy(**rules)), data.draw(strategy(**rules))

        def everything() -> list[str]:
            cells = [f"{cell:f}" if isinstance(cell, Decimal) else repr(cell) for cell in (a + b).row().values()]
            return [repr(a + b), repr(cls.total([a, b])), repr(a.explain()), str(b.explain()), *cells]

        expected = everything()
        for context in CONTEXTS:
            with localcontext(context):
                assert expected == everything()

    @every_tally
    @given(data=st.data())
    def test_a_row_holds_counts_policies_and_ratios(self, cls: type[Tally], data: st.DataObject) -> None:
        """A row holds every field with a single value and every ratio, in plain cells."""
        tally = data.draw(TALLIES[cls][0]())
        row = tally.row()
        flat = [
            field.name
            for field in attrs.fields(cls)
            if not isinstance(getattr(tally, field.name), tuple | frozenset | TallyBy | RevenuePolicy)
        ]

        assert [*flat, *cls.ratios] == list(row)
        assert all(
            isinstance(cell, int | float | str | Decimal | Money | datetime | timedelta | None) for cell in row.values()
        )
        assert {name: getattr(tally, name) for name in cls.ratios} == {name: row[name] for name in cls.ratios}

    @every_tally
    def test_the_docstring_says_which_records_can_be_added(self, cls: type[Tally]) -> None:
        """The first paragraph of a docstring says what is counted, and then which records can be added."""
        paragraph = (cls.__doc__ or "").split("\n\n")[0]

        assert re.fullmatch(r"[A-Z].+\. Records of disjoint [a-z ]+ can be added\.", paragraph)


class TestTally:
    def test_only_its_own_kind_adds(self) -> None:
        """A tally of another class, or a number other than the 0 of `sum`, is refused."""
        for other in (Visits(), 1, False, "x", None):
            with pytest.raises(TypeError):
                Balance(good=1) + other  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
            with pytest.raises(TypeError):
                other + Balance(good=1)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]

    @pytest.mark.parametrize(
        ("parts", "expected"),
        [("a", "a"), ("ab", "(ab)"), ("abc", "((ab)c)"), ("abcdefg", "(((ab)(cd))((ef)g))")],
    )
    def test_total_adds_in_pairs(self, parts: str, expected: str) -> None:
        """Sums of equally many are added, in order, so that no part is added more often than the logarithm says."""

        class Piece(NamedTuple):
            text: str

            def __add__(self, other: Any) -> Any:
                return Piece(f"({self.text}{other.text})")

        assert Piece(expected) == _add_up(map(Piece, parts))

    def test_total_of_none_is_the_empty_record(self) -> None:
        """The total of no tallies has the default policies; the message names a field without a default."""
        assert Balance() == Balance.total([])
        with refused(InvalidValueError, "total_of_nothing: tallies"):
            HistoricValue.total([])

    def test_total_refuses_strangers(self) -> None:
        """An item of another class is refused, and the message shows it."""
        with refused(WrongTypeError, "wrong_type: tallies[1]"):
            Balance.total([Balance(), 3])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]

    def test_periods_do_not_add(self) -> None:
        """Tallies of two periods do not add, and the message says to count the longer period."""
        january, february = (Visits(came=1, period=Period.month(2026, month)) for month in (1, 2))
        with pytest.raises(
            PolicyMismatchError,
            match="different period, 2026-01-01.* and 2026-02-01.*; periods do not add: count the longer period from",
        ):
            january + february
        with pytest.raises(PolicyMismatchError, match="different period, None and 2026-02-01.*: count the longer"):
            Visits() + february

        assert Visits(came=2, period=Period.month(2026, 1)) == january + january

    def test_other_policies_say_what_to_do(self) -> None:
        """The policies are the operands of the error."""
        with pytest.raises(
            PolicyMismatchError, match="different ratio, 12 and 5; count both under one ratio"
        ) as caught:
            Balance() + Balance(ratio=5)

        assert ("ratio", (Decimal(12), Decimal(5))) == (caught.value.field, caught.value.operands)

    def test_a_period_is_one_cell(self) -> None:
        """In a row a period is an ISO 8601 interval."""
        assert (
            "2026-01-01T00:00:00+00:00/2026-02-01T00:00:00+00:00"
            == Visits(period=Period.month(2026, 1)).row()["period"]
        )

    def test_without_formulas_it_explains_its_counts(self) -> None:
        """The explanation of a tally without derived figures lists its counts."""
        assert "came      3\nweight  0.5" == str(Visits(came=3, weight=Decimal("0.5")).explain())

    def test_a_line_of_money_is_its_number_and_its_currency(self) -> None:
        """The currency precedes the unit, and the formula is kept."""
        line = term("yearly", Money(5, "EUR"), " per year", "orders * price")

        assert Term("yearly", Decimal(5), "EUR per year", "orders * price") == line

    def test_decimals_add_exactly(self) -> None:
        """Weights add exactly."""
        tiny = Visits(weight=Decimal("1E-40"))
        huge = Visits(weight=Decimal(10) ** 29)

        assert Decimal("1" + "0" * 29 + "." + "0" * 39 + "1") == (huge + tiny).weight


class TestNested:
    def test_tuples_add_place_by_place(self) -> None:
        """Tuples of numbers, Decimals or tallies add place by place."""
        one = Sheet(by_day=(1, Decimal("0.1"), Visits(came=2)))
        other = Sheet(by_day=(10, Decimal("1E-40"), Visits(came=3)))

        assert (11, Decimal("0.1" + "0" * 38 + "1"), Visits(came=5)) == (one + other).by_day

    @pytest.mark.parametrize(("one", "other"), [((1, 2), (1,)), ((), (1,)), ((1,), ())])
    def test_tuples_of_different_length_do_not(self, one: tuple[int, ...], other: tuple[int, ...]) -> None:
        """Tuples of two lengths are refused; the error names the field and both lengths."""
        with pytest.raises(
            PolicyMismatchError,
            match=rf"^cannot add two Sheet records of different by_day, {len(one)} of them and {len(other)}; "
            r"count both under one by_day$",
        ) as caught:
            Sheet(by_day=one) + Sheet(by_day=other)

        assert ("by_day", (f"{len(one)} of them", len(other))) == (caught.value.field, caught.value.operands)

    def test_tuples_in_tuples(self) -> None:
        """Tallies inside a tally add, and are refused, by the same rules."""
        assert ((2, 4), (6,)) == (Sheet(by_day=((1, 2), (3,))) + Sheet(by_day=((1, 2), (3,)))).by_day
        with pytest.raises(PolicyMismatchError, match="different by_day, 2 of them and 1"):
            Sheet(by_day=((1, 2), (3,))) + Sheet(by_day=((1,), (3,)))

    def test_tallies_by_key_add_key_by_key(self) -> None:
        """A key that only one side has stays the same; an empty `TallyBy` changes nothing."""
        one, other = Sheet(by_desk=TallyBy({"a": Visits(came=1)})), Sheet(by_desk=TallyBy({"b": Visits(came=2)}))

        assert TallyBy({"a": Visits(came=1), "b": Visits(came=2)}) == (one + other).by_desk
        assert one == one + Sheet() == sum([one])
        assert TallyBy({"a": Visits(came=3)}) == Sheet.total([one, one, one]).by_desk

    def test_stand_in_no_row(self) -> None:
        """A field with several values is neither a cell of a row nor a line of the default explanation."""
        sheet = Sheet(by_day=(1,), by_desk=TallyBy({"a": Visits(came=1)}), all_told=4)

        assert {"all_told": 4} == sheet.row()
        assert "all_told  4" == str(sheet.explain())

    def test_a_long_policy_is_not_told_at_length(self) -> None:
        """A policy that is a record is in the message by its type only, and in full among the operands."""
        with pytest.raises(
            PolicyMismatchError, match="different journey_map, an object of type JourneyMap and"
        ) as caught:
            Conformance(journey_map=journey_map("a", "b", "c")) + Conformance(journey_map=journey_map("a"))

        assert journey_map("a") == caught.value.operands[1]


class TestTallyBy:
    def test_views_are_those_of_a_dict(self) -> None:
        """Keys, values and items keep the order of first occurrence, have a length, and compare like sets."""
        by = TallyBy[str, Balance]([("b", Balance(good=1)), ("a", Balance())])

        assert ["b", "a"] == list(by.keys())
        assert [Balance(good=1), Balance()] == list(by.values())
        assert [("b", Balance(good=1)), ("a", Balance())] == list(by.items())
        assert {"a", "b"} == by.keys()
        assert {"a"} == by.keys() & {"a", "c"}
        assert len(by) == len(by.keys()) == len(by.values()) == len(by.items())
        assert ("a", Balance()) in by.items()
        assert "c" not in by
        assert by.get("c") is None
        assert dict(by) == {**by}

    @given(tallies_by(), tallies_by(), tallies_by())
    def test_adds_key_by_key(
        self, a: TallyBy[Any, Balance], b: TallyBy[Any, Balance], c: TallyBy[Any, Balance]
    ) -> None:
        """`TallyBy` associates and commutes, and so do its totals."""
        assert (a + b) + c == a + (b + c)
        assert a + b == b + a
        assert a == a + TallyBy[Any, Balance]() == sum([a])
        assert set(a) | set(b) == set(a + b)
        assert hash(a + b) == hash(b + a)
        totals = [one.total for one in (a, b) if one.total is not None]
        assert (Balance.total(totals) if totals else None) == (a + b).total

    @given(tallies_by())
    def test_is_a_value(self, by: TallyBy[Any, Balance]) -> None:
        """A `TallyBy` pickles, copies, hashes, and equals the dict of its rows."""
        assert by == pickle.loads(pickle.dumps(by))
        assert by == copy.copy(by) == copy.deepcopy(by)
        assert hash(by) == hash(copy.deepcopy(by))
        assert by == dict(by)
        assert len(by) == len(dict(by))
        assert f"TallyBy({dict(by)!r})" == repr(by)

    def test_differing_ones_hash_apart(self) -> None:
        """The hashes of different `TallyBy` differ."""
        assert hash(TallyBy({"a": Balance(good=1)})) != hash(TallyBy({"a": Balance(good=2)}))

    def test_is_read_only(self) -> None:
        """Rows and attributes cannot be changed, and the rows are copied."""
        rows = {"a": Balance(good=1)}
        by = TallyBy(rows)
        rows["a"] = Balance()

        assert Balance(good=1) == by["a"]
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(by, "name", 1)  # noqa: B010 - checkers would refuse the statement
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            delattr(by, "total")
        with pytest.raises(TypeError):
            by["a"] = Balance()  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
        with refused(KeyError, "no_such_key: key"):
            by["b"]
        with refused(WrongTypeError, "key_not_hashable: key"):
            by[["a"]]  # type: ignore[index]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "key_not_hashable: key"):
            by.__contains__(["a"])
        assert "a" in by
        assert "b" not in by
        assert by.get("b") is None

    def test_keeps_the_order_of_first_sight(self) -> None:
        """Keys keep their order, also in a sum."""
        one, other = TallyBy([("b", Balance()), ("a", Balance())]), TallyBy({"c": Balance(), "a": Balance()})

        assert ["b", "a", "c"] == list(one + other)

    @given(balances(), balances())
    def test_total(self, a: Balance, b: Balance) -> None:
        """The total is the sum over all keys; None without keys."""
        assert a + b == TallyBy({1: a, 2: b}).total
        assert TallyBy[int, Balance]().total is None

    def test_holds_tallies_and_adds_its_own_kind(self) -> None:
        """Values and operands of other classes are refused."""
        with refused(WrongTypeError, "wrong_type: rows[1]"):
            TallyBy({"a": Balance(), "b": 1})  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "not_a_pair: rows[0]"):
            TallyBy([Balance()])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "one_for_several: rows"):
            TallyBy(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        mixed: list[tuple[str, Tally]] = [("a", Balance()), ("b", Inactivity())]
        ways: list[Any] = [
            lambda: TallyBy(mixed),
            lambda: TallyBy(dict(mixed)),
            lambda: TallyBy(mixed[:1]) + TallyBy(mixed[1:]),
        ]
        for build in ways:
            with refused(WrongTypeError, "two_classes_of_tallies: rows"):
                build()
        with pytest.raises(WrongTypeError, match=r"got a mapping; take its \.values\(\)"):
            Balance.total(TallyBy({"a": Balance()}))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        for other in (1, False, {"a": Balance()}, "x"):
            with pytest.raises(TypeError):
                TallyBy({"a": Balance()}) + other  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
            with pytest.raises(TypeError):
                other + TallyBy({"a": Balance()})  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]


class Channel(StrEnum):
    WEB = "web"
    SHOP = "shop"


class Source(StrEnum):
    WEB = "web"
    FRIEND = "friend"


class NotEqual:
    """A value that equals nothing, or whose comparison raises."""

    def __init__(self, error: type[Exception] | None = None) -> None:
        self.error = error

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        if self.error is not None:
            raise self.error
        return False


class Pair(NamedTuple):
    one: int
    other: float


MISSING: list[Any] = [
    math.nan,
    Decimal("NaN"),
    NotEqual(),
    NotEqual(TypeError),
    ("a", math.nan),
    (("a", (math.nan, 1)), 2),
    Pair(1, math.nan),
]
UNHASHABLE: list[Any] = [[1], {"a": 1}, {1}, ("a", [1]), Decimal("sNaN")]


def ways_to_key(*keys: Any) -> list[Any]:
    """Return calls that count a record for each key, in each way to count by a key."""
    given: dict[Any, Any] = dict(enumerate(keys))
    moments = [MomentOfTruth(valence=Valence.GOOD, at=instant("2026-01-01"), id=place) for place in given]

    contacts = [Interaction(touchpoint_id="desk", at=instant("2026-01-01"), customer_id=place) for place in given]

    def find(moment: MomentOfTruth) -> Any:
        return given[moment.id]

    def note() -> TallyBy[Any, Balance]:
        groups: dict[Any, Any] = {}
        noted = note_groups(moments, find, MomentOfTruth, "moments", "x", groups=groups, owner=lambda moment: moment.id)
        return TallyBy([(groups[moment.id], Balance(good=1)) for moment in noted])

    return [
        lambda: Balance.by(moments, find),
        lambda: Balance.by(moments, find, as_of=instant("2026-01-01")),
        lambda: FailureRate.by(moments, find),
        lambda: AbandonedContacts.by(contacts, lambda contact: given[contact.customer_id]),
        lambda: Journeys.of(contacts).apart(given.__getitem__),
        lambda: TallyBy((key, Balance(good=1)) for key in keys),
        lambda: TallyBy(
            (key, Balance.of(some)) for key, some in group_by(moments, find, MomentOfTruth, "m", "x").items()
        ),
        note,
        lambda: sum((TallyBy([(key, Balance(good=1))]) for key in keys), TallyBy[Any, Balance]()),
    ]


class TestKeys:
    @pytest.mark.parametrize("key", MISSING)
    def test_a_missing_value_is_no_key(self, key: Any) -> None:
        """NaN and whatever else does not equal itself is refused as a key, alone and in a tuple, first and later."""
        for call in (*ways_to_key(key), *ways_to_key("a", key), lambda: TallyBy({key: Balance()})):
            with refused(InvalidValueError, "missing_key: key"):
                call()

    @pytest.mark.parametrize("key", UNHASHABLE)
    def test_a_key_can_be_hashed(self, key: Any) -> None:
        """A list and its like are refused as a key."""
        for call in (*ways_to_key(key), *ways_to_key("a", key)):
            with refused(WrongTypeError, "key_not_hashable: key"):
                call()

    @pytest.mark.parametrize(
        "keys",
        [
            (Channel.WEB, Source.WEB),
            (Channel.WEB, Channel.SHOP, None, Source.FRIEND, Source.WEB),
            (Channel.WEB, "web", Source.WEB),
            ((1, Channel.WEB), (1, Source.WEB)),
            ((1, Channel.WEB), (1, "web"), (1, Source.WEB)),
            ((1, (2, Channel.WEB)), (1, (2, Source.WEB))),
        ],
    )
    def test_members_of_two_enums_never_merge(self, keys: tuple[Any, ...]) -> None:
        """Members of two enums with one text are equal; as keys of one tally they are refused."""
        for call in (*ways_to_key(*keys), *ways_to_key(*keys[::-1]), *ways_to_key(*keys * 2)):
            with refused(InvalidValueError, "keys_of_two_enums: key"):
                call()

    @pytest.mark.parametrize(
        "keys",
        [
            ("web", Channel.WEB, Source.WEB),
            ("web", Channel.SHOP, Source.WEB),
            ((1, "web"), (1, Channel.WEB), (1, Source.WEB)),
        ],
    )
    def test_a_text_belongs_to_one_enum(self, keys: tuple[Any, ...]) -> None:
        """If there are keys of two enums, a text could be a member of either, and is refused."""
        for call in ways_to_key(*keys)[:-1]:  # a sum does not know the members that a text stands for
            with refused(InvalidValueError, "keys_of_two_enums: key"):
                call()

    @pytest.mark.parametrize(
        "keys",
        [
            (Channel.WEB, Source.FRIEND, Channel.SHOP),
            (("a", Channel.WEB), ("b", Source.WEB), ("a", Channel.WEB)),
            ((Channel.WEB, Source.WEB), (Channel.SHOP, Source.WEB)),
            (("channel", Channel.WEB), ("source", Source.WEB), ("source", Source.FRIEND)),
        ],
    )
    def test_members_of_two_enums_stay_apart(self, keys: tuple[Any, ...]) -> None:
        """Members of two enums that are not equal, or stand in different keys, count apart."""
        for call in ways_to_key(*keys):
            assert len(set(keys)) == len(call())

    def test_an_enum_and_its_text_are_one_key(self) -> None:
        """The text of a member is the member, as in the fields of a record."""
        for call in (*ways_to_key(Channel.WEB, "web"), *ways_to_key("web", Channel.WEB)):
            assert 1 == len(call())

    @given(st.lists(st.tuples(st.sampled_from(["a", "b", 1, None]), balances(ratio=12)), max_size=12))
    def test_pairs_with_equal_keys_add(self, pairs: list[tuple[Any, Balance]]) -> None:
        """Building from pairs equals adding them one by one, in any order, and loses nothing."""
        by = TallyBy(pairs)

        assert by == sum((TallyBy([pair]) for pair in pairs), TallyBy[Any, Balance]()) == TallyBy(pairs[::-1])
        assert by == TallyBy(pairs[:3]) + TallyBy(pairs[3:])
        assert Balance.total([balance for _, balance in pairs]) == (by.total or Balance())

    def test_can_be_weakly_referenced(self) -> None:
        """A cache may hold a `TallyBy` weakly."""
        by = TallyBy({"a": Balance()})
        cache = weakref.WeakValueDictionary({1: by})

        assert by is cache[1]
        del by
        gc.collect()
        assert 1 not in cache

    def test_a_number_and_its_text_are_a_caution(self) -> None:
        """Keys whose texts are equal but not their types are a caution, and stay apart."""
        person = UUID(int=7)
        by: TallyBy[Any, Balance] = TallyBy({key: Balance(good=1) for key in (7, "7", "8", None, person, str(person))})

        caution = Finding(
            rule="keys_that_look_alike",
            severity=Severity.WARNING,
            subject="keys",
            message="2 keys are given as a number and as a text, such as 7",
            advice="give all ids one type",
            evidence=[("keys", 2), ("example", "7")],
        )
        assert ((caution,), 6) == (by.cautions, len(by))
        (shouted,) = TallyBy({str(person).upper(): Balance(), person: Balance()}).cautions
        assert (("keys", 1), ("example", str(person))) == shouted.evidence
        assert (
            "1 key is given as a UUID and as a text"
            in (TallyBy({person: Balance(), str(person).upper(): Balance()})).cautions[0].message
        )

    @given(tallies_by())
    def test_keys_of_one_type_are_no_caution(self, by: TallyBy[Any, Balance]) -> None:
        """Without a number and its text among the keys there is no caution."""
        texts = {key for key in by if isinstance(key, str)}

        assert any(str(key) in texts for key in by if isinstance(key, int)) == bool(by.cautions)


class TestGuard:
    @pytest.mark.parametrize("good", [("a", 1), (1, "a"), (1, 2, 3), ("a", (1, "b"))])
    def test_sees_a_missing_part_behind_good_keys(self, good: tuple[Any, ...]) -> None:
        """A key of parts that are all harmless vouches only for keys whose parts have the same types in its places."""
        for place in range(len(good)):
            wrong = (*good[:place], math.nan, *good[place + 1 :])
            with refused(InvalidValueError, "missing_key: key"):
                TallyBy({good: Balance(), wrong: Balance()})

    def test_returns_the_type_that_needs_no_check(self) -> None:
        """Texts, whole numbers and members of the one enum need no further check; parts and other enums do."""
        guard = KeyGuard()

        assert [str, int, Valence] == [guard.admit(key) for key in ("a", 7, Valence.GOOD)]
        assert [None, None] == [guard.admit(key) for key in (("a", 7), Decimal(7))]
        assert guard.admit(Severity.INFO) is None


class TestMessages:
    @pytest.mark.parametrize(
        ("policy", "shown"),
        [
            ("x" * 200, "x" * 200),
            ("x" * 201, f"'{'x' * 39}..."),
            (frozenset({"b", "a"}), "'a', 'b'"),
            (timedelta(days=1), "1 day, 0:00:00"),
            (None, "None"),
            (instant("2026-03-02"), "2026-03-02T00:00:00+00:00"),
        ],
    )
    def test_tell_a_policy_in_two_hundred_characters(self, policy: object, shown: str) -> None:
        """A policy is told as in a row, a set in order; a longer one is shown as any value is."""
        assert shown == _show_policy(policy)

    def test_tell_the_key_that_the_names_do_not_fit(self) -> None:
        """The message says how many names were given for which key."""
        with refused(InvalidValueError, "names_do_not_fit_the_key: name['a']") as caught:
            TallyBy({"a": Balance()}).rows(("country", "channel"))
        assert "name must have a name for each part of a key, got 2 for 'a'" == caught.value.message


class TestNotebook:
    def test_names_what_it_shows(self) -> None:
        """The caption says how many tallies of which class there are, or that there are none."""
        assert ">TallyBy<" in TallyBy()._repr_html_()
        assert "1 Visits" in TallyBy({"desk": Visits(came=2)})._repr_html_()


class TestGroups:
    def test_an_owner_has_one(self) -> None:
        """The message names the record in the singular, and the error the owner."""
        moments = [MomentOfTruth(valence=Valence.GOOD, at=instant("2026-01-01"), employee_id=7) for _ in range(2)]
        keys = iter("ab")
        noted = note_groups(
            *(moments, lambda _: next(keys), MomentOfTruth, "moments", "x"),
            groups={},
            owner=lambda moment: moment.employee_id,
            owner_name="employee",
        )

        assert next(noted) is moments[0]
        with refused(InconsistentCountsError, "owner_under_two_keys: key[7]") as caught:
            next(noted)
        assert "moments of one employee must have one key, got 'a' and 'b'" == caught.value.message
        assert "take a key of the employee, not of the moment" == caught.value.advice


class TestSubclasses:
    def test_equality_and_sums_agree(self) -> None:
        """A subclass equals and adds to its own class alone, keeps its fields in every sum, and counts records."""

        @attrs.frozen(kw_only=True)
        class Rated(Balance):
            """Weight of moments, and their stars. Records of disjoint moments can be added."""

            stars: int = 0

        class Plain(Balance):
            """Weight of moments. Records of disjoint moments can be added."""

        one, other = Rated(good=1, stars=2), Rated(good=1, stars=3)
        assert one != other
        assert one != Balance(good=1) != Plain(good=1)
        assert Rated(good=2, stars=5) == one + other == other + one == sum([one, other]) == Rated.total([one, other])
        assert Plain(good=2) == Plain(good=1) + Plain(good=1) == Plain.total([Plain(good=1)] * 2)
        with refused(WrongTypeError, "two_classes_of_tallies: tallies[1]"):
            Balance.total([Balance(), one])
        with refused(WrongTypeError, "two_classes_of_tallies: tallies[1]"):
            Balance.total([one, Balance()])
        moment = MomentOfTruth(valence=Valence.GOOD, at=instant("2026-01-01"))
        assert Rated(good=1) == Rated.of([moment])
        assert TallyBy({None: Rated(good=1)}) == Rated.by([moment], lambda one: one.id)

    def test_a_class_that_compares_less_than_it_adds_is_refused(self) -> None:
        """If equality left out a count, equal tallies would have different sums."""

        @attrs.frozen(kw_only=True, eq=False)
        class Blind(Balance):
            stars: int = 0

        @attrs.frozen(kw_only=True)
        class Partial(Tally):
            came: int = 0
            stars: int = attrs.field(default=0, eq=False)

        for cls in (Blind, Partial):
            with refused(WrongTypeError, "tally_compares_too_little: stars"):
                cls()

    def test_a_tally_of_ones_own_loses_no_check(self) -> None:
        """The fields of a tally with an ``__attrs_post_init__`` are checked before it."""

        @attrs.frozen(kw_only=True)
        class Doubled(Tally):
            came: int = 0
            twice: int = attrs.field(init=False, default=0)
            hidden: int = attrs.field(default=0, alias="secret")

            def __attrs_post_init__(self) -> None:
                object.__setattr__(self, "twice", 2 * self.came)

        with refused(InvalidValueError, "too_small: came"):
            Doubled(came=-1)
        with refused(InvalidValueError, "too_small: secret"):
            Doubled(secret=-1)

        assert (4, 8, 7) == attrs.astuple(Doubled(came=1, secret=3) + Doubled(came=3, secret=4))

    def test_a_post_init_of_its_own_loses_no_check(self) -> None:
        """A subclass with an ``__attrs_post_init__`` that does not call `super` is checked all the same, and first."""

        @attrs.frozen(kw_only=True)
        class Judged(Balance):
            """Weight of moments, and who judged them. Records of disjoint moments can be added."""

            judges: int = 0
            doubled: int = attrs.field(default=0, init=False, eq=False)

            def __attrs_post_init__(self) -> None:
                object.__setattr__(self, "doubled", 2 * self.judges)

        assert (6, Decimal("0.5")) == (Judged(judges=3).doubled, Judged(good="0.5").good)
        with refused(WrongTypeError, "float_is_inexact: good"):
            Judged(good=0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(InvalidValueError, "too_small: judges"):
            Judged(judges=-1)
        with refused(InvalidValueError, "no_date_to_count_back_from: as_of"):
            Judged(window=timedelta(days=1))
