"""What a caller, a file or a broken export may pass instead of a value: some sixty, each made anew for a call."""

from __future__ import annotations

import cmath
import contextlib
import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from crmcore import Money, Period, Valence


class MarkedError(Exception):
    """What the caller's own object raises; it may pass through."""


class Stranger(StrEnum):
    """An enum of the caller."""

    MEMBER = "member"


class _Text(str):
    __slots__ = ()


class _Number(int):
    pass


def _raise(*_: object, **__: object) -> Any:
    raise MarkedError


class _Raises:
    """An object with which nothing can be done."""

    __eq__ = __bool__ = __repr__ = __str__ = __len__ = __iter__ = __index__ = __float__ = __getattr__ = _raise
    __hash__ = _raise


class _EqualsNothing:
    """An object whose comparison has no truth, as that of an array."""

    def __eq__(self, other: object) -> Any:
        return self

    def __bool__(self) -> bool:
        raise ValueError("ambiguous")

    __hash__ = None  # type: ignore[assignment] # pyright: ignore[reportAssignmentType] - as list has it


class _Liar:
    """An object that claims another class."""

    def __init__(self, claim: type) -> None:
        self.claim = claim

    @property  # type: ignore[misc]  # it lies
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] - it lies
        return self.claim


class _NoClass:
    @property  # type: ignore[misc]  # it lies
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] - it lies
        return _raise()


class _LyingZone(tzinfo):
    def utcoffset(self, _: datetime | None) -> Any:
        return 5

    dst = tzname = utcoffset


class _RaisingZone(tzinfo):
    def utcoffset(self, _: datetime | None) -> Any:
        return _raise()

    dst = tzname = utcoffset


def _stop_at_once() -> Iterator[Any]:
    raise MarkedError
    yield


def _pandas(make: str) -> Any:
    import pandas as pd

    return {
        "series": lambda: pd.Series([1.5, 2.5]),
        "frame": lambda: pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
        "nat": lambda: pd.NaT,
        "na": lambda: pd.NA,
        "stamp": lambda: pd.Timestamp("2026-03-02T10:15:00.000000001Z"),
    }[make]()


def _numpy(make: str) -> Any:
    import numpy as np

    made: dict[str, Callable[[], Any]] = {
        "flat": lambda: np.array([1.0, 2.0]),
        "point": lambda: np.array(5),
        "text": lambda: np.array("EUR"),
        "float": lambda: np.float64(0.5),
        "bool": lambda: np.bool_(True),
        "when": lambda: np.datetime64("2026-03-02"),
    }
    return made[make]()


def _polars() -> Any:
    import polars as pl

    return pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})


BREAKERS: Final[dict[str, Callable[[], Any]]] = {
    "None": lambda: None,
    "True": lambda: True,
    "-1": lambda: -1,
    "0": lambda: 0,
    "10**31": lambda: 10**31,
    "10**5000": lambda: 10**5000,
    "0.5": lambda: 0.5,
    "nan": lambda: float("nan"),
    "inf": lambda: float("inf"),
    "5e-324": lambda: 5e-324,
    "complex": lambda: cmath.sqrt(-1),
    "Fraction": lambda: Fraction(1, 3),
    "Decimal NaN": lambda: Decimal("NaN"),
    "Decimal sNaN": lambda: Decimal("sNaN"),
    "Decimal Infinity": lambda: Decimal("Infinity"),
    "Decimal 1e-999999": lambda: Decimal("1e-999999"),
    "Decimal 1e999999": lambda: Decimal("1e999999"),
    "text 1e-999999": lambda: "1e-999999",
    "text 1_000": lambda: "1_000",
    "text 5 with spaces": lambda: " 5 \n",
    "text empty": lambda: "",
    "text blank": lambda: " \t\n",
    "text long": lambda: "x" * 1_000_000,
    "text control": lambda: "a\nb\x1b[31m\x00",
    "text surrogate": lambda: "a\ud800",
    "text EUR": lambda: "EUR",
    "text subclass": lambda: _Text("a b"),
    "int subclass": lambda: _Number(3),
    "bytes": lambda: b"ab",
    "bytearray": lambda: bytearray(b"ab"),
    "memoryview": lambda: memoryview(b"ab"),
    "list": lambda: [1, 2],
    "list of None": lambda: [None],
    "list of NaN": lambda: [float("nan")],
    "list of lists": lambda: [[]],
    "list of texts": lambda: ["a", "b"],
    "nested tuple": lambda: ((1, (2, (3,))), 4),
    "pair": lambda: ("a", 1),
    "set": lambda: {1, "a"},
    "mapping": lambda: {"a": 1, 2: None},
    "generator that raises": _stop_at_once,
    "endless": lambda: itertools.repeat(None),
    "endless numbers": itertools.count,
    "object": object,
    "raises always": _Raises,
    "ambiguous": _EqualsNothing,
    "claims str": lambda: _Liar(str),
    "claims Decimal": lambda: _Liar(Decimal),
    "claims datetime": lambda: _Liar(datetime),
    "claims Money": lambda: _Liar(Money),
    "no class": _NoClass,
    "NotImplemented": lambda: NotImplemented,
    "Ellipsis": lambda: ...,
    "class": lambda: dict,
    "enum class": lambda: Valence,
    "lambda None": lambda: lambda *_, **__: None,
    "lambda list": lambda: lambda *_, **__: [],
    "lambda NaN": lambda: lambda *_, **__: float("nan"),
    "lambda raises": lambda: _raise,
    "enum of another class": lambda: Stranger.MEMBER,
    "datetime naive": lambda: datetime(2026, 1, 1),  # noqa: DTZ001 - naive on purpose
    "datetime.max": lambda: datetime.max.replace(tzinfo=UTC),
    "datetime.min": lambda: datetime.min.replace(tzinfo=UTC),
    "datetime in a lying zone": lambda: datetime(2026, 1, 1, tzinfo=_LyingZone()),
    "datetime in a raising zone": lambda: datetime(2026, 1, 1, tzinfo=_RaisingZone()),
    "zone that lies": _LyingZone,
    "zone that raises": _RaisingZone,
    "date": lambda: date(2026, 1, 1),
    "date.max": lambda: date.max,
    "time": lambda: time(9, 30),
    "timedelta of a microsecond": lambda: timedelta(microseconds=1),
    "timedelta.max": lambda: timedelta.max,
    "timedelta below zero": lambda: timedelta(days=-1),
    "Money": lambda: Money("1E-40", "USD"),
    "Money huge": lambda: Money("1E+30", "JPY"),
    "Period": lambda: Period.year(9998),
    "pandas series": lambda: _pandas("series"),
    "pandas frame": lambda: _pandas("frame"),
    "pandas NaT": lambda: _pandas("nat"),
    "pandas NA": lambda: _pandas("na"),
    "pandas Timestamp": lambda: _pandas("stamp"),
    "numpy array": lambda: _numpy("flat"),
    "numpy 0-d array": lambda: _numpy("point"),
    "numpy 0-d text": lambda: _numpy("text"),
    "numpy float": lambda: _numpy("float"),
    "numpy bool": lambda: _numpy("bool"),
    "numpy datetime64": lambda: _numpy("when"),
    "polars frame": _polars,
}
"""What breaks an argument, by a name that stays the same."""


def name_of(value: object) -> str:
    """Return the name of the class of a value, whatever it claims."""
    with contextlib.suppress(Exception):
        return f"{type(value).__module__}.{type(value).__qualname__}"
    return "?"
