"""What a client of an API may send, derived from the declarations: valid documents, wrong values, reachable rules."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from types import FunctionType, MethodType, ModuleType, NoneType, UnionType
from typing import Annotated, Any, Final, NamedTuple, TypeVar, Union, get_args, get_origin

import attrs
from hypothesis import Phase, find, settings
from pydantic import TypeAdapter

from crmcore import Money, TallyBy
from crmcore.interop.pydantic import adapter
from crmcore.primitives._bounds import LARGEST_FLOAT, LARGEST_ID, LONGEST_NAME, MOST_DIGITS
from crmcore.primitives.ids import Id
from crmcore.primitives.record import Kind, Record, hints_of, kind_of, read_of
from tests.face.rules import ERRORS
from tests.support.strategies import VALUES

RECORDS: Final = sorted((cls for cls in VALUES if attrs.has(cls)), key=lambda cls: cls.__qualname__)
_FIRST: Final = settings(database=None, derandomize=True, phases=[Phase.generate])
_AWAY: Final = "2026-03-02T10:15:00+02:00"


class Wrong(NamedTuple):
    """A value of JSON that a field may not have, the type of the error, and where in the field it is at fault."""

    value: object
    rule: str
    place: tuple[int | str, ...] = ()


@functools.cache
def adapted(kind: Any) -> TypeAdapter[Any]:
    """What reads and writes a type."""
    return adapter(kind)


@functools.cache
def example(cls: type) -> Any:
    """A small record of a class."""
    return find(VALUES[cls], lambda _: True, settings=_FIRST)


def document(cls: type) -> dict[str, Any]:
    """A small record of a class, as JSON."""
    written: dict[str, Any] = adapted(cls).dump_python(example(cls), mode="json")
    return written


_ID: Final = [
    *(Wrong("", "empty_id"), Wrong(" \n", "empty_id"), Wrong(True, "not_an_id"), Wrong(1.5, "not_an_id")),
    *(Wrong([], "not_an_id"), Wrong({}, "not_an_id")),
    *(Wrong((LONGEST_NAME + 1) * "x", "text_too_long"), Wrong(LARGEST_ID + 1, "id_too_large")),
]
_TEXT: Final = [Wrong(5, "not_a_text"), Wrong(True, "not_a_text"), Wrong([], "not_a_text")]
_NAME: Final = [
    *(*_TEXT, Wrong("", "empty_text"), Wrong(" \t", "empty_text")),
    Wrong((LONGEST_NAME + 1) * "x", "text_too_long"),
]
_NUMBER: Final = [
    *(Wrong(5, "number_not_as_text"), Wrong(0.5, "number_not_as_text"), Wrong(1e40, "number_not_as_text")),
    *(Wrong("x", "not_a_number"), Wrong("", "not_a_number"), Wrong("1,5", "not_a_number")),
    *(Wrong("NaN", "not_finite"), Wrong("-Infinity", "not_finite"), Wrong("9" * 1201, "number_too_long")),
    *(Wrong(True, "wrong_number_type"), Wrong([], "wrong_number_type"), Wrong(None, "wrong_number_type")),
]
_FINITE: Final = [*_NUMBER, Wrong("1E+999999999999", "too_many_digits")]
_BEYOND: Final = [Wrong(f"1E+{MOST_DIGITS}", "beyond_figures"), Wrong(f"1E-{MOST_DIGITS + 1}", "beyond_figures")]
_SUM: Final = [*_FINITE, *_BEYOND]
_EXACT: Final = [*_FINITE, Wrong("1" + 31 * "0", "too_large_or_fine"), Wrong("0." + 41 * "3", "too_large_or_fine")]
_FRACTION: Final = [
    *(wrong for wrong in _SUM if wrong.rule != "number_not_as_text"),
    Wrong(10**31, "int_too_large"),
]
_WHOLE: Final = [
    *(Wrong(0.5, "wrong_number_type"), Wrong("1", "wrong_number_type"), Wrong(True, "wrong_number_type")),
    *(Wrong(None, "wrong_number_type"), Wrong([], "wrong_number_type"), Wrong(10**31, "int_too_large")),
]
_LONG: Final = [Wrong(10**MOST_DIGITS, "beyond_figures"), Wrong(10**MOST_DIGITS + 1, "too_many_digits")]
_WALL_TIME: Final = [
    *(Wrong("9:00", "no_such_wall_time"), Wrong("25:00", "no_such_wall_time"), Wrong("09:60", "no_such_wall_time")),
    *(Wrong("09:00Z", "no_such_wall_time"), Wrong("09:00:00.5", "no_such_wall_time"), Wrong("", "no_such_wall_time")),
    *(Wrong(9, "not_a_wall_time"), Wrong(None, "not_a_wall_time"), Wrong([], "not_a_wall_time")),
]
_PLAIN: Final[dict[Any, list[Wrong]]] = {
    Any: [],
    bool: [Wrong(1, "wrong_type"), Wrong("yes", "wrong_type"), Wrong(None, "wrong_type")],
    date: [Wrong("2026-03-02T00:00:00Z", "not_iso_8601"), Wrong("2026-02-30", "not_iso_8601"), Wrong(5, "not_a_date")],
    datetime: [
        *(Wrong("yesterday", "not_iso_8601"), Wrong("2026-02-30T10:15:00Z", "not_iso_8601")),
        *(Wrong(5, "not_an_instant"), Wrong(None, "not_an_instant"), Wrong([], "not_an_instant")),
        *(Wrong("2026-03-02T10:15:00", "naive_instant"), Wrong("0001-01-01T00:00:00+14:00", "instant_beyond_utc")),
    ],
    Decimal: _EXACT,
    int: [*_WHOLE, Wrong(-1, "too_small")],
    str: _TEXT,
    timedelta: [
        *(Wrong("P1M", "not_iso_8601"), Wrong("P", "not_iso_8601"), Wrong("PT1D", "not_iso_8601")),
        *(Wrong("P0D", "duration_not_positive"), Wrong("-PT1S", "duration_not_positive")),
        *(Wrong("PT0.000S", "duration_not_positive"), Wrong(30, "not_a_duration"), Wrong([], "not_a_duration")),
    ],
    tzinfo: [
        *(Wrong("Nowhere/Land", "unknown_zone"), Wrong("../UTC", "unknown_zone"), Wrong("+24:00", "unknown_zone")),
        *(
            Wrong("Europe", "unknown_zone"),
            Wrong("", "unknown_zone"),
            Wrong(2, "not_a_zone"),
            Wrong(None, "not_a_zone"),
        ),
    ],
}
_KINDS: Final[dict[str, list[Wrong]]] = {
    "_as_answers": [
        *(Wrong({}, "not_pairs_of_answers"), Wrong("1", "not_pairs_of_answers"), Wrong(None, "not_pairs_of_answers")),
        *(Wrong([[1]], "not_a_pair", (0,)), Wrong([[1, 2, 3]], "not_a_pair", (0,)), Wrong([5], "not_a_pair", (0,))),
        Wrong(["ab"], "not_a_pair", (0,)),
        *(Wrong([["", 1]], "empty_id", (0,)), Wrong([[1, "x"], [" ", 1]], "empty_id", (1,))),
        *(Wrong([[1, None]], "not_an_answer", (0,)), Wrong([[1, True]], "not_an_answer", (0,))),
        Wrong([[1, 0.5]], "wrong_number_type", (0,)),
        *(Wrong([[True, 1]], "not_an_id", (0,)), Wrong([[1, 10**31]], "int_too_large", (0,))),
        Wrong([[(LONGEST_NAME + 1) * "x", 1]], "text_too_long", (0,)),
        Wrong([[1, 1], [LARGEST_ID + 1, 1]], "id_too_large", (1,)),
    ],
    "as_baseline": [
        *(Wrong(5, "not_a_pair"), Wrong([1], "not_a_pair"), Wrong([0.5, 1], "wrong_number_type")),
        *(Wrong([-1, 1], "too_small"), Wrong([0, 0], "empty_baseline")),
        Wrong([10**31, 1], "int_too_large"),
    ],
    "_as_bound": [
        *(Wrong(True, "not_a_float"), Wrong("1", "not_a_float"), Wrong(None, "not_a_float")),
        *(Wrong(2 * LARGEST_FLOAT, "infinite_bound"), Wrong(-2 * LARGEST_FLOAT, "infinite_bound")),
    ],
    "as_time": [
        *(*_FRACTION, Wrong("-1", "too_small")),
        *(Wrong("1" + 31 * "0", "too_large_or_fine"), Wrong("0." + 41 * "3", "too_large_or_fine")),
    ],
    "as_code": [*_TEXT, Wrong("eur", "not_a_currency"), Wrong("EURO", "not_a_currency"), Wrong("", "not_a_currency")],
    "_as_closing": [*_WALL_TIME, Wrong("24:01", "no_such_wall_time"), Wrong("24:00:01", "no_such_wall_time")],
    "_as_credit": [*_SUM, Wrong("-1", "too_small")],
    "_as_emotion": [*_WHOLE, Wrong(3, "out_of_range"), Wrong(-3, "out_of_range")],
    "as_estimate": [
        *(Wrong(True, "estimate_not_a_float"), Wrong("1", "estimate_not_a_float"), Wrong([], "estimate_not_a_float")),
        *(Wrong(-0.5, "not_an_estimate"), Wrong(2 * LARGEST_FLOAT, "not_an_estimate")),
    ],
    "_as_evidence": [
        *(Wrong(5, "not_a_pair"), Wrong(["a"], "not_a_pair"), Wrong(["", 1], "empty_text")),
        *(Wrong(["a", None], "not_evidence"), Wrong(["a", []], "not_evidence"), Wrong(["a", 0.5], "not_evidence")),
        *(Wrong([5, 1], "not_a_text"), Wrong([(LONGEST_NAME + 1) * "x", 1], "text_too_long")),
        *(Wrong(["a", wrong.value], wrong.rule) for wrong in _LONG),
    ],
    "_as_figure": [
        *(Wrong(True, "not_a_figure"), Wrong([], "not_a_figure"), Wrong(0.5, "not_a_figure")),
        *(wrong for wrong in _FINITE if isinstance(wrong.value, str)),
        *(*_BEYOND, *_LONG),
    ],
    "_as_floor": [*_FRACTION, Wrong("1", "margin_floor_of_one"), Wrong("-0.1", "not_a_share"), Wrong(2, "not_a_share")],
    "_as_group": [
        *(Wrong(5, "not_a_pair"), Wrong([1], "not_a_pair"), Wrong([0.5, 1], "wrong_number_type")),
        *(Wrong([-1, 1], "too_small"), Wrong([0, 0], "group_of_nobody")),
        Wrong([10**31, 1], "int_too_large"),
    ],
    "_as_length": [
        *(wrong for wrong in _PLAIN[timedelta] if wrong.rule == "not_iso_8601"),
        *(Wrong(30, "wrong_type"), Wrong([], "wrong_type"), Wrong("-PT1S", "length_below_zero")),
    ],
    "_as_variance": [*_SUM, Wrong("-1", "too_small")],
    "as_wall_time": [*_WALL_TIME, Wrong("24:00", "no_such_wall_time")],
    "_as_rate": [*_FRACTION, Wrong("-1", "rate_of_total_loss"), Wrong(-1.5, "rate_of_total_loss")],
    "_as_sum": [*_SUM, Wrong("-1", "too_small")],
    "_as_weight": [*_FRACTION, Wrong("0", "weight_of_zero"), Wrong(1.5, "not_a_share"), Wrong("-1", "not_a_share")],
    "as_decimal": _SUM,
    "as_exact": _EXACT,
    "as_text": _TEXT,
    "as_non_negative": [*_EXACT, Wrong("-1", "too_small"), Wrong("-0.000001", "too_small")],
    "as_nonempty_text": _NAME,
    "as_wait": [
        *(wrong for wrong in _PLAIN[timedelta] if wrong.rule == "not_iso_8601"),
        *(Wrong(30, "not_a_duration"), Wrong([], "not_a_duration"), Wrong("-PT1S", "duration_negative")),
    ],
    "as_positive": [*_EXACT, Wrong("0", "not_positive"), Wrong("-1", "not_positive"), Wrong("0.00", "not_positive")],
    "as_share": [*_FRACTION, Wrong("1.01", "not_a_share"), Wrong(-0.5, "not_a_share"), Wrong("-1", "not_a_share")],
}


def wrongs(hint: Any) -> list[Wrong]:  # noqa: PLR0911 - one branch for each kind of type
    """What a field may not have, by its annotation."""
    origin, args = get_origin(hint), get_args(hint)
    kind = kind_of(hint)
    if kind is not None:
        return _wrongs_of_kind(args[0], kind)
    if origin is Annotated:
        return wrongs(args[0])
    if origin in (Union, UnionType):
        some = [arg for arg in args if arg is not NoneType]
        inner = [Wrong(None, "not_an_id"), *_ID] if {*some} == {*get_args(Id)} else wrongs(some[0])
        return [wrong for wrong in inner if wrong.value is not None or NoneType not in args]
    if origin in (tuple, frozenset, TallyBy):
        return _wrongs_of_several(origin, args)
    if isinstance(hint, TypeVar):
        return []
    cls = origin or hint
    if isinstance(cls, type) and issubclass(cls, Enum):
        others: list[object] = ["no member", "", 5, None, [], f"{next(iter(cls)).name}_"]
        return [Wrong(value, "not_a_member") for value in others]
    if attrs.has(cls):
        return [Wrong(5, "model_type"), Wrong([], "model_type"), Wrong(None, "model_type"), *_nested(cls)]
    return _PLAIN[hint]


def _wrongs_of_kind(hint: Any, kind: Kind) -> list[Wrong]:
    read: Any = kind.read
    if not isinstance(read, functools.partial):
        if hint is Money and read.__name__ == "_read_maybe":
            return [wrong for wrong in wrongs(Money) if wrong.value is not None]
        if hint is Money:
            return [*wrongs(Money), Wrong({"amount": "-1", "currency": "EUR"}, "too_small")]
        return _KINDS[read.__name__]
    match read.func.__name__, read.args:
        case "_read_from", (int(least),):
            return [*_WHOLE, Wrong(least - 1, "too_small")]
        case "_read_between", (int(low), int(high)):
            return [*_WHOLE, Wrong(low - 1, "out_of_range"), Wrong(high + 1, "out_of_range")]
        case "_read_label", _:
            return _NAME
        case other:
            raise AssertionError(other)


def _wrongs_of_several(origin: Any, args: tuple[Any, ...]) -> list[Wrong]:
    if origin is TallyBy:
        key = _right(args[0])
        inner = [Wrong([[key, wrong.value]], wrong.rule, (0, 1, *wrong.place)) for wrong in wrongs(args[1])]
        keyed = [Wrong([[wrong.value, {}]], wrong.rule, (0, 0, *wrong.place)) for wrong in wrongs(args[0])]
        return [Wrong({}, "list_type"), Wrong("ab", "list_type"), *inner, *keyed]
    if origin is tuple and args[-1] is not ...:
        right = [_right(arg) for arg in args]
        return [
            Wrong("ab", "tuple_type"),
            Wrong(right[:-1], "missing", (len(args) - 1,)),
            Wrong([*right, 1], "too_long"),
            *(
                Wrong([*right[:place], wrong.value, *right[place + 1 :]], wrong.rule, (place, *wrong.place))
                for place, arg in enumerate(args)
                for wrong in wrongs(arg)
            ),
        ]
    inner = wrongs(args[0]) if origin is tuple or args[0] is not str else _NAME
    name = "tuple_type" if origin is tuple else "frozen_set_type"
    return [
        *(Wrong("a lone text", name), Wrong(5, name), Wrong({}, name), Wrong(None, name)),
        *(Wrong([wrong.value], wrong.rule, (0, *wrong.place)) for wrong in inner),
    ]


def _right(hint: Any) -> Any:
    """What a part of a tuple may have."""
    origin, args = get_origin(hint), get_args(hint)
    if attrs.has(origin or hint):
        return document(origin or hint)
    if origin is tuple:
        return [] if args[-1] is ... else [_right(arg) for arg in args]
    kind = kind_of(hint)
    if kind is not None and getattr(kind.read, "__name__", "") in ("as_wall_time", "_as_closing"):
        return "12:00"
    if origin in (Annotated, Union, UnionType):
        return _right(args[0])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint)).value
    return {int: 1, timedelta: "P1D", datetime: _AWAY, date: "2026-03-01"}.get(hint, "1")


def _nested(cls: type[Any]) -> Iterator[Wrong]:
    """One wrong field of a record inside: its own fields are broken one by one elsewhere."""
    for field in attrs.fields(cls):
        for wrong in wrongs(hints_of(cls)[field.name])[:1]:
            yield Wrong(document(cls) | {field.alias: wrong.value}, wrong.rule, (field.alias, *wrong.place))
            return


def reads_of(hint: Any) -> Iterator[Callable[..., Any]]:
    """The checks of an annotation, at any depth; of a record of ours only that it is one."""
    kind = kind_of(hint)
    if kind is not None:
        yield kind.read
    elif get_origin(hint) is None and (read := read_of(hint)) is not None:
        yield read
    for arg in get_args(hint):
        if not isinstance(arg, Kind):
            yield from reads_of(arg)


def checks_of(cls: type[Any]) -> list[Callable[..., Any]]:
    """The rules of a record beyond its declarations."""
    return [base.__dict__["_check"] for base in cls.__mro__ if base is not Record and "_check" in base.__dict__]


def rules_in(function: Any, cls: type[Any] | None = None) -> set[str]:
    """The rules that a function may find broken, in itself and in what it calls."""
    found: set[str] = set()
    for each in _reachable(function, cls, {}):
        for node in ast.walk(_tree(each)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                rule = node.args[0]
                assert isinstance(rule, ast.Constant)
                found.add(str(rule.value))
    return found


@functools.cache
def _tree(function: FunctionType) -> ast.AST:
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def _reachable(function: Any, cls: type[Any] | None, seen: dict[FunctionType, None]) -> dict[FunctionType, None]:
    while isinstance(function, functools.partial | MethodType):
        function = function.func if isinstance(function, functools.partial) else function.__func__
    if isinstance(function, property):
        function = function.fget
    function = inspect.unwrap(function) if callable(function) else function
    if not isinstance(function, FunctionType) or not function.__module__.startswith("crmcore") or function in seen:
        return seen
    seen[function] = None
    for node in ast.walk(_tree(function)):
        if isinstance(node, ast.Name):
            _reachable(function.__globals__.get(node.id), cls, seen)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = cls if node.value.id in ("self", "cls") else function.__globals__.get(node.value.id)
            if owner is not None and (isinstance(owner, ModuleType) or owner is cls):
                _reachable(getattr(owner, node.attr, None), cls, seen)
    return seen
