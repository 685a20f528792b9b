"""Records of counts that can be added.

A tally consists of counts and the policies of the count. Two tallies are added field by field: tuples place by place,
and a `TallyBy` key by key. Their policies must be equal. Ratios are properties, which are computed after the sum. The
first line of the docstring of a tally says which records can be added: those of disjoint events, or those of disjoint
customers in one period.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, ItemsView, Iterable, Iterator, KeysView, Mapping, Sequence, ValuesView
from datetime import datetime
from decimal import Decimal
from functools import reduce
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, NoReturn, Protocol, Self, TypeVar, cast

import attrs

from crmcore.primitives import _html, checks
from crmcore.primitives._decimals import EXACT
from crmcore.primitives._kinds import is_a
from crmcore.primitives._reprs import show_rows
from crmcore.primitives._results import Cell, PlainCell, Result, as_cell, as_plain, as_plain_row
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, PolicyMismatchError, UnknownNameError, WrongTypeError
from crmcore.primitives.grouping import KeyGuard, find_lookalikes
from crmcore.primitives.money import Money
from crmcore.primitives.periods import Period

if TYPE_CHECKING:
    from crmcore.primitives.explanation import Explanation
    from crmcore.primitives.findings import Finding

__all__ = ["POLICY", "Cell", "PlainCell", "Tally", "TallyBy"]

POLICY: Final[dict[str, Any]] = {"policy": True}
"""The metadata of a field that is a policy of the count: ``attrs.field(default=..., metadata=POLICY)``."""

_LONGEST: Final = 200

_K = TypeVar("_K", bound=Hashable)
_L = TypeVar("_L", bound=Hashable)
_V = TypeVar("_V", bound="Tally")


@attrs.frozen(kw_only=True)
class Tally(Result):
    """The base class of records of counts that can be added.

    A subclass is a frozen attrs class. Its fields are counts (int, Decimal or Money, 0 by default) or, with the
    metadata `POLICY`, policies. Its class variable `ratios` names the properties that `row` returns beside the fields.
    Two tallies are equal, and can be added, only if they have the same class. A subclass compares all the fields that
    it adds; one that does not is refused when it is first built.

    Examples:
        >>> import attrs
        >>> from crmcore import Tally
        >>> @attrs.frozen(kw_only=True)
        ... class Visits(Tally):
        ...     '''Number of visits. Records of disjoint visits can be added.'''
        ...
        ...     came: int = 0
        ...     bought: int = 0
        ...     ratios = ("left_without",)
        ...
        ...     @property
        ...     def left_without(self) -> int:
        ...         return self.came - self.bought
        >>> monday, tuesday = Visits(came=40, bought=10), Visits(came=60, bought=30)
        >>> (monday + tuesday).row()
        {'came': 100, 'bought': 40, 'left_without': 60}
        >>> Visits.total([monday, tuesday, monday])
        Visits(came=140, bought=50)
    """

    common: ClassVar[tuple[str, ...]] = ()
    """The policies that all tallies of one table share, so that tables of different ones are not added."""

    def __add__(self, other: Self, /) -> Self:
        if type(other) is not type(self):
            return NotImplemented
        added: dict[str, Any] = {}
        for field in attrs.fields(type(self)):
            if not field.init:  # it follows from the others
                continue
            mine, others = getattr(self, field.name), getattr(other, field.name)
            if not field.metadata.get("policy"):
                added[field.alias] = self._add_field(field.name, other)
            elif _is_same_policy(field, mine, others):
                added[field.alias] = mine
            else:
                self._raise_mismatch(field.name, mine, others)
        return type(self)(**added)

    def _check(self) -> None:
        cls: Any = type(self)
        if "_adds_what_it_compares" not in cls.__dict__:
            _check_class(cls)
            cls._adds_what_it_compares = True
        super()._check()

    def __radd__(self, other: int, /) -> Self:
        if type(other) is int and other == 0:
            return self
        return NotImplemented

    def _add_field(self, name: str, other: Self) -> Any:  # noqa: ANN401 - a count of any type
        """Return the sum of a field of two tallies."""
        return self._add_values(name, getattr(self, name), getattr(other, name))

    @classmethod
    def _add_values(cls, name: str, one: Any, other: Any) -> Any:  # noqa: ANN401 - a count of any type
        if is_a(one, Decimal):
            return EXACT.add(one, other)
        if is_a(one, tuple):
            places = tuple[Any, ...](one)  # pyright: ignore[reportUnknownArgumentType] - a tuple of anything that adds
            if len(places) != len(other):
                cls._raise_mismatch(name, f"{len(places)} of them", len(other))
            return tuple(cls._add_values(name, *pair) for pair in zip(places, other, strict=True))
        return one + other

    @classmethod
    def _raise_mismatch(cls, name: str, mine: object, others: object) -> NoReturn:
        advice = (
            "periods do not add: count the longer period from the records"
            if is_a(mine, Period) or is_a(others, Period)
            else f"count both under one {name}"
        )
        raise PolicyMismatchError(
            "policies_differ",
            f"cannot add two {cls.__name__} records of different {name}, {_show_policy(mine)} and "
            f"{_show_policy(others)}",
            field=name,
            advice=advice,
            operands=(mine, others),
        )

    @classmethod
    def total(cls, tallies: Iterable[Self], /) -> Self:
        """Return the sum of tallies, or an empty tally with the default policies if there are none.

        They are added in pairs, and the sums in pairs again, so that it takes time in proportion to their sizes even if
        they hold tables of different keys. The builtin `sum` would copy all the keys so far at each step.

        Raises:
            PolicyMismatchError: Two tallies were counted under different policies.
            InvalidValueError: There are no tallies, and the class has a field without a default.
        """
        result = _add_up(_iterate_one_class(tallies, cls))
        if result is None:
            needed = [field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING]
            if needed:
                raise InvalidValueError(
                    "total_of_nothing",
                    f"tallies must not be empty, because a {cls.__name__} needs {', '.join(needed)}",
                    field="tallies",
                    advice="make an empty one yourself",
                )
            return cls()
        return result

    def explain(self) -> Explanation:
        """Return how the figures come about, line by line; a class without derived figures returns its counts."""
        from crmcore.primitives.explanation import Explanation, term  # noqa: PLC0415 - loaded on use

        return Explanation(
            term(field.name, getattr(self, field.name))
            for field in attrs.fields(type(self))
            if is_a(getattr(self, field.name), int | Decimal | Money)
        )

    @classmethod
    def _list_cautions(cls, rows: Mapping[Any, Any]) -> tuple[Finding, ...]:
        """List the cautions of a table of these tallies, by default those of its rows, each once."""
        return tuple(dict.fromkeys(caution for row in rows.values() for caution in getattr(row, "cautions", ())))

    def _check_common(self, other: Tally) -> None:
        """Refuse to add two tables by a row of each."""
        for field in attrs.fields(type(self)):
            if field.name in self.common and type(other) is type(self):
                mine, others = getattr(self, field.name), getattr(other, field.name)
                if not _is_same_policy(field, mine, others):
                    self._raise_mismatch(field.name, mine, others)


class _Adds(Protocol):
    def __add__(self, other: Self, /) -> Self: ...


_A = TypeVar("_A", bound=_Adds)


def _add_up(parts: Iterable[_A]) -> _A | None:
    """Return the sum of parts, added in pairs of equally many, in their order; None if there are none."""
    sums: list[tuple[int, _A]] = []
    for part in parts:
        whole, size = part, 1
        while sums and sums[-1][0] == size:
            whole, size = sums.pop()[1] + whole, 2 * size
        sums.append((size, whole))
    return reduce(lambda later, earlier: earlier + later, [whole for _, whole in reversed(sums)]) if sums else None


def _iterate_one_class(tallies: Iterable[_V], cls: type[_V]) -> Iterator[_V]:
    kind: type[_V] | None = None
    for place, tally in enumerate(checks.iterate_records(tallies, cls, "tallies")):
        kind = kind or type(tally)
        if type(tally) is not kind:
            raise _build_two_classes([kind, type(tally)], "tallies", place)
        yield tally


def _is_same_policy(field: Any, mine: object, others: object) -> bool:  # noqa: ANN401 - attrs has no public name for its class
    """Return whether two policies are equal, by the key with which the field compares."""
    return bool(field.eq_key(mine) == field.eq_key(others)) if field.eq_key else mine == others


def _check_class(cls: Any) -> None:  # noqa: ANN401 - the class of a tally, which attrs has finished
    """Refuse a class whose equality leaves out a field that its sum adds."""
    comparing = next(base for base in cls.__mro__ if "__eq__" in base.__dict__)
    compared = {field.name for field in attrs.fields(comparing) if field.eq} if attrs.has(comparing) else None
    added = [field.name for field in attrs.fields(cls) if field.init]
    missed = [] if compared is None else [name for name in added if name not in compared]
    if missed:
        raise WrongTypeError(
            "tally_compares_too_little",
            f"a {cls.__name__} must compare all the fields that it adds, but it leaves out {', '.join(missed)}",
            field=missed[0],
            advice="decorate the class with @attrs.frozen(kw_only=True), and no field with eq=False",
            operands=tuple(missed),
        )


def _build_two_classes(classes: Iterable[type], name: str, record: object = None) -> WrongTypeError:
    names = ", ".join(sorted(cls.__name__ for cls in classes))
    return WrongTypeError(
        "two_classes_of_tallies",
        f"{name} must all have one class, got {names}",
        field=name,
        advice="only tallies of one class can be added",
        record=record,
    )


def _show_policy(policy: object) -> str:
    short = checks.show(policy)
    text = policy.isoformat() if is_a(policy, datetime) else str(as_cell(policy))
    if is_a(policy, frozenset):  # in order, the same in every process
        text = ", ".join(sorted(map(repr, cast("frozenset[object]", policy))))
    return text if len(text) <= _LONGEST else short


class TallyBy(Mapping[_K, _V], Generic[_K, _V]):
    """A read-only mapping of tallies. Two of them are added key by key. It can be hashed and pickled.

    Keys keep the order in which they first occurred. The order does not matter for equality. If a key comes twice among
    pairs, its tallies are added. Add many tables with `merge`.

    Examples:
        >>> from crmcore import Balance, TallyBy
        >>> touchpoints = TallyBy({"desk": Balance(good=30, bad=2), "phone": Balance(good=3, bad=1)})
        >>> touchpoints["phone"].value
        Decimal('-9')
        >>> touchpoints.total.value
        Decimal('-3')
        >>> (touchpoints + TallyBy({"phone": Balance(good=9)}))["phone"].value
        Decimal('0')

    Raises:
        InvalidValueError: A key is a missing value, such as NaN, or equals the member of another enum.
    """

    __slots__ = ("__weakref__", "_rows")
    _rows: dict[_K, _V]

    def __init__(self, rows: Mapping[_K, _V] | Iterable[tuple[_K, _V]] = (), /) -> None:
        guard = KeyGuard()
        copied: dict[_K, _V]
        if is_a(rows, Mapping):
            copied = dict(cast("Mapping[_K, _V]", rows))
            guard.check(list(copied))
            self._check_values(list(copied.values()))
        else:
            pairs = [_as_row(pair, place) for place, pair in enumerate(_iterate_pairs(rows))]
            guard.check([key for key, _ in pairs])
            self._check_values([tally for _, tally in pairs])
            copied = {}
            for key, tally in pairs:
                _add_row(copied, key, tally)
        object.__setattr__(self, "_rows", copied)

    @staticmethod
    def _check_values(tallies: list[_V]) -> None:
        kinds = set(map(type, tallies))
        if len(kinds) == 1 and issubclass(next(iter(kinds)), Tally):
            return
        for place, tally in enumerate(tallies):
            checks.as_instance(tally, Tally, f"rows[{place}]")
        if kinds:
            raise _build_two_classes(kinds, "rows")

    @classmethod
    def merge(cls, tables: Iterable[TallyBy[_K, _V]], /) -> TallyBy[_K, _V]:
        """Return the sum of tables, key by key, such as those of the parts of a log; an empty one if there are none.

        The builtin `sum` returns the same, but it copies all the keys so far at each step: a thousand tables of
        different keys take it hundreds of times as long.

        Examples:
            >>> from crmcore import Balance, TallyBy
            >>> days = [TallyBy({"desk": Balance(good=3)}), TallyBy({"phone": Balance(bad=1), "desk": Balance(good=1)})]
            >>> {place: balance.good for place, balance in TallyBy.merge(days).items()}
            {'desk': Decimal('4'), 'phone': Decimal('0')}

        Raises:
            InvalidValueError: A key of one table equals the member of another enum in another.
            PolicyMismatchError: Two tables were counted under different policies.
            WrongTypeError: Two tables hold tallies of different classes.
        """
        return _add_up(checks.iterate_records(tables, TallyBy, "tables")) or cls()

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise attrs.exceptions.FrozenInstanceError

    def __delattr__(self, name: str) -> NoReturn:
        raise attrs.exceptions.FrozenInstanceError

    def __getitem__(self, key: _K, /) -> _V:
        try:
            return self._rows[key]
        except (KeyError, TypeError):  # TypeError if it cannot be hashed
            pass
        KeyGuard().admit(key)
        raise UnknownNameError(
            "no_such_key",
            f"key must be one that occurs, got {show(key)}",
            field="key",
            advice="ask .get(key) if it may be missing",
            operands=(show(key),),
        )

    def __contains__(self, key: object, /) -> bool:
        try:
            return key in self._rows
        except TypeError:
            pass
        KeyGuard().admit(key)
        return False

    def __iter__(self) -> Iterator[_K]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def keys(self) -> KeysView[_K]:
        """Return the keys, in the order in which they first occurred."""
        return self._rows.keys()

    def values(self) -> ValuesView[_V]:
        """Return the tallies, in the same order."""
        return self._rows.values()

    def items(self) -> ItemsView[_K, _V]:
        """Return pairs of key and tally, in the same order."""
        return self._rows.items()

    def __hash__(self) -> int:
        return hash(frozenset(self._rows.items()))

    def __repr__(self) -> str:
        return show_rows(self._rows)

    def __reduce__(self) -> tuple[Callable[..., TallyBy[_K, _V]], tuple[dict[_K, _V]]]:
        return (TallyBy, (self._rows,))

    def __add__(self, other: TallyBy[_L, _V], /) -> TallyBy[_K | _L, _V]:
        if not is_a(other, TallyBy):
            return NotImplemented
        KeyGuard().check([*self._rows, *other])
        rows = cast("dict[_K | _L, _V]", dict(self._rows))
        self._check_values([*rows.values(), *other.values()])
        for mine, others in islice(zip(self._rows.values(), other.values(), strict=False), 1):
            mine._check_common(others)  # pyright: ignore[reportPrivateUsage] - the same
        for key, tally in other.items():
            _add_row(rows, key, tally)
        return TallyBy(rows)

    def __radd__(self, other: int, /) -> TallyBy[_K, _V]:
        if type(other) is int and other == 0:
            return self
        return NotImplemented

    def rows(self, name: str | Sequence[str] = "key", *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each key, as pandas, polars, csv, json and databases take them; all have the same columns.

        Examples:
            >>> from crmcore import FailureRate, TallyBy
            >>> calls = TallyBy({("DE", "phone"): FailureRate(good=3, bad=1), ("FR", "chat"): FailureRate()})
            >>> for row in calls.rows(("country", "channel")):
            ...     print(row)
            {'country': 'DE', 'channel': 'phone', 'good': 3, 'bad': 1, 'neutral': 0, 'judged': 4, 'rate': 0.25}
            {'country': 'FR', 'channel': 'chat', 'good': 0, 'bad': 0, 'neutral': 0, 'judged': 0, 'rate': None}

        Args:
            name: The name of the column of the key; a name for each part of it if keys are tuples of one length. Under
                one name, a tuple is the text of its parts.
            plain: Whether cells are floats, whole numbers, texts, booleans or None, as `Tally.row` says. Otherwise they
                are exact, and the key is what it is.

        Raises:
            InvalidValueError: A name is empty, comes twice or is that of another column, or there are more or fewer
                names than the parts of a key.
        """
        checks.as_instance(plain, bool, "plain")
        names = _as_names(name)
        rows = [self._build_row(names, key, tally, plain=plain) for key, tally in self._rows.items()]
        columns = dict.fromkeys(column for row in rows for column in row)
        return [{column: row.get(column) for column in columns} for row in rows]

    @staticmethod
    def _build_row(names: str | tuple[str, ...], key: object, tally: Tally, *, plain: bool) -> dict[str, Any]:
        """Return a row that begins with the key."""
        parts: tuple[object, ...] = (key,)
        if is_a(names, tuple):
            parts = _as_parts(key)
            if len(parts) != len(names):
                raise InvalidValueError(
                    "names_do_not_fit_the_key",
                    f"name must have a name for each part of a key, got {len(names)} for {checks.show(key)}",
                    field="name",
                    advice="give one name for keys that are no tuples, or tuples of several lengths",
                    operands=(len(names),),
                    record=key,
                )
        columns = (names,) if is_a(names, str) else names
        row = tally.row()
        cells: Mapping[str, object] = as_plain_row(tally, row) if plain else row
        for column in columns:
            if column in cells:
                raise InvalidValueError(
                    "name_of_another_column",
                    f"name must not be that of another column, got {checks.show(column)}",
                    field="name",
                    advice=f"the columns are {', '.join(cells)}",
                    operands=(column,),
                )
        return {**dict(zip(columns, map(as_plain, parts) if plain else parts, strict=True)), **cells}

    def _repr_html_(self) -> str:
        if not self._rows:
            return _html.join([_html.write_facts("TallyBy", {"keys": 0})])
        first = TallyBy(dict(islice(self._rows.items(), _html.SHOWN))).rows(_free_name(self._rows), plain=False)
        kind = next(type(tally).__name__ for tally in self._rows.values())
        return _html.join([_html.write_rows(f"{len(self):,} {kind}", first, size=len(self))], self.cautions)

    @property
    def total(self) -> _V | None:
        """The sum of the tallies of all keys. None if there are no keys."""
        values = tuple(self._rows.values())
        return type(values[0]).total(values) if values else None

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read it: the cautions of its rows, and keys that differ in their type alone.

        Examples:
            >>> from crmcore import Balance, TallyBy
            >>> for finding in TallyBy({7: Balance(good=1), "7": Balance(bad=1)}).cautions:
            ...     print(finding.message, finding.advice, sep="; ")
            1 key is given as a number and as a text, such as 7; give all ids one type
        """
        from crmcore.primitives.findings import Finding, Severity  # noqa: PLC0415 - loaded on use

        found: tuple[Finding, ...] = ()
        for tally in islice(self._rows.values(), 1):
            found = type(tally)._list_cautions(self._rows)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - it is here
        pairs = find_lookalikes(self._rows)
        if not pairs:
            return found
        number = "1 key is" if len(pairs) == 1 else f"{len(pairs)} keys are"
        kind = "a number" if is_a(pairs[0][0], int) else "a UUID"
        return (
            *found,
            Finding(
                rule="keys_that_look_alike",
                severity=Severity.WARNING,
                subject="keys",
                message=f"{number} given as {kind} and as a text, such as {pairs[0][0]}",
                advice="give all ids one type",
                evidence=[("keys", len(pairs)), ("example", str(pairs[0][0]))],
            ),
        )


def _as_parts(key: object) -> tuple[object, ...]:
    return cast("tuple[object, ...]", key) if is_a(key, tuple) else ()


def _as_names(name: str | Sequence[str]) -> str | tuple[str, ...]:
    """Return the names of the columns of a key: a text, or a tuple of texts that differ."""
    if is_a(name, str):
        return checks.as_nonempty_text(name, "name")
    names = [
        checks.as_nonempty_text(part, f"name[{place}]")
        for place, part in enumerate(checks.iterate(name, "name", "name"))
    ]
    checks.check_unique(names, "name", "a column")
    return tuple(names)


def _free_name(rows: Mapping[Any, Tally]) -> str:
    """Return a name for the column of the key that no other column has."""
    name = "key"
    while any(name in tally.row() for tally in islice(rows.values(), 1)):
        name += "_"
    return name


def _iterate_pairs(rows: Iterable[tuple[_K, _V]]) -> Iterator[tuple[_K, _V]]:
    return checks.iterate(rows, "rows", "pair")


def _as_row(pair: tuple[_K, _V], place: int) -> tuple[_K, _V]:
    key, tally = checks.as_pair(pair, f"rows[{place}]", "a key and a tally")
    return cast("tuple[_K, _V]", (key, tally))


def _add_row(rows: dict[_K, _V], key: _K, tally: _V) -> None:
    mine = rows.get(key)
    rows[key] = tally if mine is None else mine + tally
