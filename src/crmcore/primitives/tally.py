"""Records of counts that can be added.

A tally consists of counts and the policies of the count. Two tallies are added field by field: tuples place by place,
and a `TallyBy` key by key. Their policies must be equal. Ratios are properties, which are computed after the sum. The
first line of the docstring of a tally says which records can be added: those of disjoint events, or those of disjoint
customers in one period.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, NoReturn, Self, TypeVar, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, PolicyMismatchError, WrongTypeError
from crmcore.primitives.money import Money
from crmcore.primitives.periods import Period

if TYPE_CHECKING:
    from crmcore.primitives.explanation import Explanation

__all__ = ["POLICY", "Cell", "Tally", "TallyBy"]

POLICY: Final[dict[str, Any]] = {"policy": True}
"""The metadata of a field that is a policy of the count: ``attrs.field(default=..., metadata=POLICY)``."""

Cell = int | float | str | Decimal | Money | datetime | timedelta | None
"""The value of a column of `Tally.row`."""

_LONGEST: Final = 200

_K = TypeVar("_K", bound=Hashable)
_L = TypeVar("_L", bound=Hashable)
_V = TypeVar("_V", bound="Tally")


@attrs.frozen(kw_only=True)
class Tally:
    """The base class of records of counts that can be added.

    A subclass is a frozen attrs class. Its fields are counts (int, Decimal or Money, 0 by default) or, with the
    metadata `POLICY`, policies. Its class variable `ratios` names the properties that `row` returns beside the fields.

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

    ratios: ClassVar[tuple[str, ...]] = ()

    def __add__(self, other: Self, /) -> Self:
        if type(other) is not type(self):
            return NotImplemented
        added: dict[str, Any] = {}
        for field in attrs.fields(type(self)):
            mine, others = getattr(self, field.name), getattr(other, field.name)
            if not field.metadata.get("policy"):
                added[field.name] = self._add_values(field.name, mine, others)
            elif _is_same_policy(field, mine, others):
                added[field.name] = mine
            else:
                self._raise_mismatch(field.name, mine, others)
        return type(self)(**added)

    def __radd__(self, other: int, /) -> Self:
        if type(other) is int and other == 0:
            return self
        return NotImplemented

    @classmethod
    def _add_values(cls, name: str, one: Any, other: Any) -> Any:  # noqa: ANN401 - a count of any type
        if isinstance(one, Decimal):
            return EXACT.add(one, other)
        if isinstance(one, tuple):
            places = tuple[Any, ...](one)  # pyright: ignore[reportUnknownArgumentType] - a tuple of anything that adds
            if len(places) != len(other):
                cls._raise_mismatch(name, f"{len(places)} of them", len(other))
            return tuple(cls._add_values(name, *pair) for pair in zip(places, other, strict=True))
        return one + other

    @classmethod
    def _raise_mismatch(cls, name: str, mine: object, others: object) -> NoReturn:
        advice = (
            "periods do not add: count the longer period from the records"
            if isinstance(mine, Period) or isinstance(others, Period)
            else f"count both under one {name}"
        )
        raise PolicyMismatchError(
            f"cannot add two {cls.__name__} records of different {name}, "
            f"{_show_policy(mine)} and {_show_policy(others)}; {advice}",
            name,
            mine,
            others,
        )

    @classmethod
    def total(cls, tallies: Iterable[Self], /) -> Self:
        """Return the sum of tallies, or an empty tally with the default policies if there are none.

        Raises:
            PolicyMismatchError: Two tallies were counted under different policies.
            InvalidValueError: There are no tallies, and the class has a field without a default.
        """
        result: Self | None = None
        for tally in checks.iterate(tallies, "tallies", cls.__name__):
            checks.as_instance(tally, cls, "every item")
            result = tally if result is None else result + tally
        if result is None:
            needed = [field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING]
            if needed:
                raise InvalidValueError(
                    f"there is nothing to add, and an empty {cls.__name__} needs {', '.join(needed)}; make one yourself"
                )
            return cls()
        return result

    def row(self) -> dict[str, Cell]:
        """Return counts, policies and ratios as one row of a table, without the fields that have several values."""
        names = [field.name for field in attrs.fields(type(self))]
        cells = {name: getattr(self, name) for name in (*names, *self.ratios)}
        return {name: _as_cell(value) for name, value in cells.items() if not isinstance(value, tuple | TallyBy)}

    def explain(self) -> Explanation:
        """Return how the figures come about, line by line; a class without derived figures returns its counts."""
        from crmcore.primitives.explanation import Explanation, term  # noqa: PLC0415 - loaded on use

        return Explanation(
            term(field.name, getattr(self, field.name))
            for field in attrs.fields(type(self))
            if isinstance(getattr(self, field.name), int | Decimal | Money)
        )


def _is_same_policy(field: Any, mine: object, others: object) -> bool:  # noqa: ANN401 - attrs has no public name for its class
    """Return whether two policies are equal, by the key with which the field compares."""
    return bool(field.eq_key(mine) == field.eq_key(others)) if field.eq_key else mine == others


def check_counts(tally: Tally, *names: str) -> None:
    """Check that fields are whole numbers >= 0, and set each of them to its value as a plain int."""
    for name in names:
        checks.set_field(tally, name, checks.as_count(getattr(tally, name), name))


def check_sums(tally: Tally, *names: str) -> None:
    """Check that fields are exact numbers >= 0, and set each of them to its value as a Decimal."""
    for name in names:
        checks.set_field(tally, name, checks.as_non_negative(getattr(tally, name), name))


def check_rows(tally: Tally, name: str, kind: type[Tally]) -> None:
    """Check that a field is a `TallyBy` of one kind of tally. It sets nothing.

    All values of a `TallyBy` have one class, so this checks only the first.
    """
    rows = cast("Mapping[object, Tally]", checks.as_instance(getattr(tally, name), TallyBy, name))
    for row in islice(rows.values(), 1):
        checks.as_instance(row, kind, f"every value of {name}")


def _as_cell(value: object) -> Cell:
    if isinstance(value, Period):
        return str(value)
    return cast("Cell", value)


def _show_policy(policy: object) -> str:
    text = policy.isoformat() if isinstance(policy, datetime) else str(_as_cell(policy))
    return text if len(text) <= _LONGEST else show(policy)


class TallyBy(Mapping[_K, _V], Generic[_K, _V]):
    """A read-only mapping of tallies. Two of them are added key by key. It can be hashed and pickled.

    Keys keep the order in which they first occurred. The order does not matter for equality.

    Examples:
        >>> from crmcore import Balance, TallyBy
        >>> touchpoints = TallyBy({"desk": Balance(good=30, bad=2), "phone": Balance(good=3, bad=1)})
        >>> touchpoints["phone"].value
        Decimal('-9')
        >>> touchpoints.total.value
        Decimal('-3')
        >>> (touchpoints + TallyBy({"phone": Balance(good=9)}))["phone"].value
        Decimal('0')
    """

    __slots__ = ("_rows",)
    _rows: dict[_K, _V]

    def __init__(self, rows: Mapping[_K, _V] | Iterable[tuple[_K, _V]] = (), /) -> None:
        try:
            copied = dict(rows)
        except (TypeError, ValueError):
            raise WrongTypeError(f"rows must be a mapping, or pairs of key and tally, got {show(rows)}") from None
        kinds = {type(checks.as_instance(tally, Tally, "every value")) for tally in copied.values()}
        if len(kinds) > 1:
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            raise WrongTypeError(f"all values must have one class, got {names}; only tallies of one class can be added")
        object.__setattr__(self, "_rows", copied)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise attrs.exceptions.FrozenInstanceError

    def __delattr__(self, name: str) -> NoReturn:
        raise attrs.exceptions.FrozenInstanceError

    def __getitem__(self, key: _K, /) -> _V:
        return self._rows[key]

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
        return f"TallyBy({self._rows!r})"

    def __reduce__(self) -> tuple[Callable[..., TallyBy[_K, _V]], tuple[dict[_K, _V]]]:
        return (TallyBy, (self._rows,))

    def __add__(self, other: TallyBy[_L, _V], /) -> TallyBy[_K | _L, _V]:
        if not isinstance(other, TallyBy):
            return NotImplemented
        rows = cast("dict[_K | _L, _V]", dict(self._rows))
        for key, tally in other.items():
            mine = rows.get(key)
            rows[key] = tally if mine is None else mine + tally
        return TallyBy(rows)

    def __radd__(self, other: int, /) -> TallyBy[_K, _V]:
        if type(other) is int and other == 0:
            return self
        return NotImplemented

    @property
    def total(self) -> _V | None:
        """The sum of the tallies of all keys. None if there are no keys."""
        values = tuple(self._rows.values())
        return type(values[0]).total(values) if values else None
