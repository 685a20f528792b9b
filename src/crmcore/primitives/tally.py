"""Records that add.

A tally holds counts and the policies they were counted under. Counts add field by field, several in a tuple place by
place and tallies by key key by key; policies must agree. Ratios are properties, read off after the sum. The first line
of every tally's docstring says over what it adds: over disjoint events, or over disjoint customers in one period.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, ClassVar, Final, Generic, NoReturn, Self, TypeVar, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, PolicyMismatchError, WrongTypeError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.money import Money
from crmcore.primitives.periods import Period

__all__ = ["POLICY", "Cell", "Tally", "TallyBy"]

POLICY: Final[dict[str, Any]] = {"policy": True}
"""Metadata of a field that says how was counted: ``attrs.field(default=..., metadata=POLICY)``."""

Cell = int | float | str | Decimal | Money | datetime | timedelta | None
"""What a column of `Tally.row` holds."""

_LONGEST: Final = 200

_K = TypeVar("_K", bound=Hashable)
_L = TypeVar("_L", bound=Hashable)
_V = TypeVar("_V", bound="Tally")


@attrs.frozen(kw_only=True)
class Tally:
    """Base of the records that add.

    A subclass is a frozen attrs class whose fields are counts (int, Decimal or Money, nought by default) or, with the
    metadata `POLICY`, policies. It names in `ratios` the properties that `row` gives beside them.

    Examples:
        >>> @attrs.frozen(kw_only=True)
        ... class Visits(Tally):
        ...     '''Adds over disjoint visits.'''
        ...
        ...     came: int = 0
        ...     bought: int = 0
        ...     ratios = ("came_in_vain",)
        ...
        ...     @property
        ...     def came_in_vain(self) -> int:
        ...         return self.came - self.bought
        >>> monday, tuesday = Visits(came=40, bought=10), Visits(came=60, bought=30)
        >>> (monday + tuesday).row()
        {'came': 100, 'bought': 40, 'came_in_vain': 60}
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
                added[field.name] = self._sum(field.name, mine, others)
            elif _same(field, mine, others):
                added[field.name] = mine
            else:
                self._refuse(field.name, mine, others)
        return type(self)(**added)

    def __radd__(self, other: int, /) -> Self:
        if type(other) is int and other == 0:
            return self
        return NotImplemented

    @classmethod
    def _sum(cls, name: str, one: Any, other: Any) -> Any:  # noqa: ANN401 - whatever a count may be
        if isinstance(one, Decimal):
            return EXACT.add(one, other)
        if isinstance(one, tuple):
            places = tuple[Any, ...](one)  # pyright: ignore[reportUnknownArgumentType] - whatever it holds
            if len(places) != len(other):
                cls._refuse(name, f"{len(places)} of them", len(other))
            return tuple(cls._sum(name, *pair) for pair in zip(places, other, strict=True))
        return one + other

    @classmethod
    def _refuse(cls, name: str, mine: object, others: object) -> NoReturn:
        advice = (
            "periods do not add: count the longer period from the records"
            if isinstance(mine, Period) or isinstance(others, Period)
            else f"count both under one {name}"
        )
        raise PolicyMismatchError(
            f"cannot add two {cls.__name__} records of different {name}, "
            f"{_written(mine)} and {_written(others)}; {advice}",
            name,
            mine,
            others,
        )

    @classmethod
    def total(cls, tallies: Iterable[Self], /) -> Self:
        """Add them up, in any order; of none, the empty record under the default policies.

        Raises:
            PolicyMismatchError: Two records were counted under different policies.
            InvalidValueError: There are none, and an empty record of this class needs a currency or a policy.
        """
        result: Self | None = None
        for tally in checks.iterate(tallies, "tallies", cls.__name__):
            if not isinstance(tally, cls):
                raise WrongTypeError(f"every item must be a {cls.__name__}, got {show(tally)}")
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
        """Counts, policies and ratios as a flat dict: one row of a table. What holds rows of its own is left out."""
        names = [field.name for field in attrs.fields(type(self))]
        cells = {name: getattr(self, name) for name in (*names, *self.ratios)}
        return {name: _cell(value) for name, value in cells.items() if not isinstance(value, tuple | TallyBy)}

    def explain(self) -> Explanation:
        """How the figures come about, line by line; of a class that derives none, the counts themselves."""
        return Explanation(
            term(field.name, getattr(self, field.name))
            for field in attrs.fields(type(self))
            if isinstance(getattr(self, field.name), int | Decimal | Money)
        )


def _same(field: Any, mine: object, others: object) -> bool:  # noqa: ANN401 - attrs leaves its own class unnamed
    """Whether two policies agree, by the key with which the field compares."""
    return bool(field.eq_key(mine) == field.eq_key(others)) if field.eq_key else mine == others


def check_counts(tally: Tally, *names: str) -> None:
    """Check the fields that count heads or happenings: whole numbers of nought or more."""
    for name in names:
        checks.set_field(tally, name, checks.as_count(getattr(tally, name), name))


def check_sums(tally: Tally, *names: str) -> None:
    """Check the fields that add weights: exact numbers of nought or more."""
    for name in names:
        checks.set_field(tally, name, checks.as_non_negative(getattr(tally, name), name))


def check_rows(tally: Tally, name: str, kind: type[Tally]) -> None:
    """Check a field of tallies by key: of what kind they are. One tells of all, for they are of one class."""
    rows = cast("Mapping[object, Tally]", checks.as_instance(getattr(tally, name), TallyBy, name))
    for one in islice(rows.values(), 1):
        checks.as_instance(one, kind, f"every value of {name}")


def _cell(value: object) -> Cell:
    if isinstance(value, Period):
        return str(value)
    return cast("Cell", value)


def _written(policy: object) -> str:
    text = policy.isoformat() if isinstance(policy, datetime) else str(_cell(policy))
    return text if len(text) <= _LONGEST else show(policy)


class TallyBy(Mapping[_K, _V], Generic[_K, _V]):
    """Tallies by key: a read-only mapping that adds key by key, hashes and pickles.

    Keys stand in the order in which they were first seen; order plays no part in equality.

    Examples:
        >>> from crmcore import Balance
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
            raise WrongTypeError(f"every value must be of one class, for they add; got {names}")
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
        """The keys, in the order in which they were first seen."""
        return self._rows.keys()

    def values(self) -> ValuesView[_V]:
        """The tallies, in the same order."""
        return self._rows.values()

    def items(self) -> ItemsView[_K, _V]:
        """Pairs of key and tally, in the same order."""
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
        """All keys together; None where there are none."""
        values = tuple(self._rows.values())
        return type(values[0]).total(values) if values else None
