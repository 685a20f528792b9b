"""Every public callable, called as its documentation calls it, with one argument broken at a time.

A broken call must end within a moment in a `CrmcoreError`, or in a result if the value may stand there.
``python -m tests.support.sweep`` breaks everything, prints figures, and writes each fault to ``.cache/sweep``.

The calls are those of the docstrings and of `tests/purity/expressions.py`: they run under a profile hook, which notes
the arguments that each callable was given. The broken calls run in child processes, so that a call that cannot be
interrupted is killed and counted as a hang.
"""

from __future__ import annotations
import __future__ as features

import collections.abc
import contextlib
import copy
import doctest
import inspect
import io
import itertools
import json
import math
import mmap
import os
import pickle
import re
import resource
import signal
import sys
import time
import traceback
from argparse import ArgumentParser
from collections.abc import Callable, Generator, Iterator, Mapping, Sized
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum
from itertools import islice
from pathlib import Path
from random import Random
from types import CodeType, FrameType, FunctionType, UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeVar, Union, cast, get_args, get_origin
from zoneinfo import ZoneInfo

import attrs

import crmcore
from crmcore import CrmcoreError, Money
from crmcore.primitives.record import Record, kind_of
from tests.purity.drive import AS_ROOMS, PROPS
from tests.purity.expressions import VALUES
from tests.support.breakers import BREAKERS, MarkedError, name_of
from tests.support.counters import ARGUMENTS
from tests.support.walk import modules, public_classes, public_names

ROOT: Final = Path(__file__).parents[2]
CACHE: Final = ROOT / ".cache" / "sweep"
KNOWN: Final = ROOT / "tests" / "face" / "sweep_known.txt"
"""The faults that are still there: a ratchet, which may only become shorter. ``--write`` writes it."""
LIMIT: Final = 2.0
"""Seconds of the processor after which a call is interrupted."""
SLOW: Final = 1.0
HANGS: Final = 12.0
"""Seconds of the processor after which a process is killed, because its call could not be interrupted."""
STANDS: Final = 120.0
"""Seconds of the clock after which a process is killed, although it may only have waited for the processor."""
IMPORTS: Final = 600.0
"""More seconds that a new process has until its first call: on a busy machine, to import pandas takes minutes."""
ENOUGH: Final = 3
"""Slow calls after which an argument is left alone: each costs seconds."""
MEMORY: Final = 2 << 30
LONGEST_MESSAGE: Final = 2000
OPERATORS: Final = (
    *("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__lt__", "__le__", "__eq__"),
    *("__contains__", "__getitem__", "__call__"),
)

INHERITED: Final = ("row", "rows")
"""Methods of a private base class that are alike in every class; their argument is a bool."""

WITHOUT_CALLS: Final[dict[str, str]] = {}
"""Callables for which no call is made, each with the reason."""

_NO_TEXT: Final = "None is no text, as databases give it"
DELIBERATE: Final[dict[tuple[str, str, str], str]] = {
    ("crmcore.journeys.log.Journeys.decode", "paths", "list of None"): _NO_TEXT,
    ("crmcore.journeys.log.Journeys.decode", "paths", "in it: None"): _NO_TEXT,
    **{
        ("crmcore.primitives.periods.instant", "moment", breaker): "a datetime is a date, and `tz` says what it means"
        for breaker in ("datetime naive", "datetime.max", "datetime.min")
    },
    ("crmcore.render.survival_table", "times", "numpy array"): "a float of numpy becomes the plain type",
    **{
        (f"crmcore.voice.surveys.{tally}.of_scores", "scores", missing): "a missing cell is no answer"
        for tally in ("AnswerCounts", "Csat", "Nps")
        for missing in ("in it: nan", "list of NaN", "in it: pandas NA")
    },
}
"""Accepted outside of the annotation on purpose: a callable, an argument, a breaker, and the reason."""


ALWAYS: Final[frozenset[tuple[str, str, str]]] = frozenset(
    {
        ("crmcore.primitives.explanation.Explanation", "source", "-1"),
        ("crmcore.primitives.money.Money", "amount", "text 1_000"),
        ("crmcore.primitives.money.Money", "amount", "text 5 with spaces"),
        ("crmcore.primitives.money.Money.allocate", "weights", "bytes"),
        ("crmcore.primitives.proportions.Interval.__contains__", "value", "object"),
        ("crmcore.primitives.proportions.wilson", "continuity", "text EUR"),
        ("crmcore.primitives.tally.TallyBy.__getitem__", "key", "text EUR"),
        ("crmcore.primitives.periods.tenure", "tz", "None"),
        ("crmcore.primitives.periods.in_utc", "moment", "datetime naive"),
        ("crmcore.model.task.Task.cancelled", "at", "None"),
        ("crmcore.model.task.Task.done", "at", "None"),
        ("crmcore.render.journey_map", "title", "text long"),
        ("crmcore.render.survival_table", "times", "endless"),
        ("crmcore.retention.survival.SurvivalQuantile", "share", "0.5"),
        ("crmcore.service.balance.Deficits", "worst", "claims Decimal"),
        ("crmcore.service.balance.Deficits", "worst", "datetime in a lying zone"),
        ("crmcore.value.lifetime_value.from_survival", "margin", "claims Money"),
        ("crmcore.voice.loyalty.early_warning", "weight", "5e-324"),
    }
)
"""Faults of the past, which the sample tries too: a callable, an argument and a breaker."""


class TooSlowError(BaseException):
    """A call took longer than its limit; no `except Exception` may swallow it."""


class Target(NamedTuple):
    """A public callable."""

    name: str
    owner: type | None
    attribute: str
    """The name of a method or an operator; empty for a function or a constructor."""
    function: Any
    """What has the signature and the code."""
    bound: bool
    """Whether the first argument is an instance or a class."""

    @property
    def parameters(self) -> list[inspect.Parameter]:
        """What a caller gives."""
        found = [*inspect.signature(self.function).parameters.values()]
        return found[1:] if self.bound else found


class Call(NamedTuple):
    """A call that was made: the instance or class, and the arguments by name."""

    receiver: Any
    arguments: dict[str, Any]


class Fault(NamedTuple):
    """What came of a broken call that should not."""

    kind: str
    """untyped, hang, slow, accepted or message."""
    target: str
    argument: str
    breaker: str
    error: str
    frame: str
    """The deepest frame in the library."""
    detail: str

    @property
    def key(self) -> str:
        """What the ratchet knows a fault by."""
        return f"{self.target}\t{self.argument}\t{self.kind}"


# --- the surface ---


def targets() -> dict[str, Target]:
    """Every public callable that takes an argument, by its name."""
    found: dict[str, Target] = {}
    for full, value in sorted(public_names().items()):
        if inspect.isclass(value):
            found |= {target.name: target for target in _of_class(full, value)}
        else:
            function: Any = value
            found[full] = Target(full, None, "", inspect.unwrap(function), bound=False)
    return {name: target for name, target in found.items() if target.parameters}


def _of_class(full: str, cls: Any) -> Iterator[Target]:  # noqa: C901 - one step after another
    if not issubclass(cls, Enum | BaseException) and not getattr(cls, "_is_protocol", False):
        for base in cls.__mro__:
            made = vars(base).get("__init__") or vars(base).get("__new__")
            if isinstance(made, staticmethod):
                made = made.__func__
            if isinstance(made, FunctionType):
                yield Target(full, cls, "", inspect.unwrap(made), bound=True)
                break
            if made is not None:
                break
    public = {*public_classes()}
    for name in dir(cls):
        if name.startswith("_") and name not in OPERATORS:
            continue
        home, raw = next((base, vars(base)[name]) for base in cls.__mro__ if name in vars(base))
        if home is not cls and not name.startswith("_") and (f"{home.__module__}".startswith("crmcore") is False):
            continue
        if home is not cls and (name in INHERITED or (home in public and name != "total")):
            continue
        function = inspect.unwrap(raw.__func__ if isinstance(raw, classmethod | staticmethod) else raw)
        if not isinstance(function, FunctionType) or "/crmcore/" not in function.__code__.co_filename:
            continue
        yield Target(f"{full}.{name}", cls, name, function, bound=not isinstance(raw, staticmethod))


# --- the calls ---


def harvest(every: Mapping[str, Target]) -> dict[str, list[Call]]:  # noqa: C901 - one step after another
    """Return the calls that the documentation makes, those with most arguments first."""
    by_code: dict[CodeType, list[Target]] = {}
    for target in every.values():
        by_code.setdefault(target.function.__code__, []).append(target)
    found: dict[str, list[tuple[int, int, Call]]] = {name: [] for name in every}
    order = itertools.count()

    instances: dict[type, list[Any]] = {}

    def note(frame: FrameType) -> None:
        code = frame.f_code
        place = code.co_argcount + code.co_kwonlyargcount
        for flag in (inspect.CO_VARARGS, inspect.CO_VARKEYWORDS):
            place += bool(code.co_flags & flag)
        values = {name: frame.f_locals[name] for name in code.co_varnames[:place] if name in frame.f_locals}
        if any(hasattr(type(value), "__next__") for value in values.values()):
            return
        inside = frame.f_back is not None and "/crmcore/" in frame.f_back.f_code.co_filename
        for target in by_code[code]:
            rest = dict(values)
            receiver = rest.pop(code.co_varnames[0]) if target.bound else None
            if target.owner is not None and target.bound:
                cls = receiver if isinstance(receiver, type) else type(receiver)
                if not isinstance(receiver, type) and len(instances.setdefault(cls, [])) < 12:
                    instances[cls].append(receiver)
                if cls is not target.owner:
                    continue
            if len(found[target.name]) < 40:
                if not target.attribute:
                    receiver = None
                elif not isinstance(receiver, type):
                    with contextlib.suppress(Exception):
                        receiver = copy.deepcopy(receiver) if _is_mutable(receiver) else receiver
                names = {one.name: one for one in target.parameters}
                given = sum(name in names and value is not names[name].default for name, value in rest.items())
                found[target.name].append((given - 100 * inside, -next(order), Call(receiver, rest)))

    namespace = _namespace()
    with _noting(by_code, note), contextlib.redirect_stdout(io.StringIO()):
        for name, expression in PROPS.items():
            namespace[name] = eval(expression, namespace)
        for expression in VALUES:
            with contextlib.suppress(Exception):
                _ask(eval(expression, dict(namespace)), instances)
        _run_examples()
    _add_own_calls(namespace, every, found, instances)
    chosen: dict[str, list[Call]] = {}
    for name, calls in found.items():
        calls.sort(key=lambda one: one[:2], reverse=True)
        working = (call for _, _, call in calls if _works(every[name], call))
        chosen[name] = [*islice(working, 3)] or [*islice(_guess(every[name], instances), 1)]
    return chosen


@contextlib.contextmanager
def _noting(codes: Mapping[CodeType, object], note: Callable[[FrameType], None]) -> Generator[None]:
    """Call a hook at the start of each function among the codes."""
    if sys.version_info < (3, 12):

        def profile(frame: FrameType, event: str, _: object) -> None:
            if event == "call" and frame.f_code in codes:
                note(frame)

        sys.setprofile(profile)
        try:
            yield
        finally:
            sys.setprofile(None)
        return
    monitoring = sys.monitoring

    def start(code: CodeType, _: int) -> object:
        if code not in codes:
            return monitoring.DISABLE
        note(sys._getframe(1))
        return None

    monitoring.use_tool_id(4, "sweep")
    monitoring.register_callback(4, monitoring.events.PY_START, start)
    monitoring.set_events(4, monitoring.events.PY_START)
    try:
        yield
    finally:
        monitoring.set_events(4, 0)
        monitoring.free_tool_id(4)


def _guess(target: Target, instances: Mapping[type, list[Any]]) -> Iterator[Call]:
    """Calls of what no example calls, with arguments that are known by their names."""
    owner = target.owner
    if owner is None:
        return
    if not target.attribute:
        for one in instances.get(owner, ()):
            call = Call(None, {field.alias: getattr(one, field.name) for field in attrs.fields(owner)})
            if _works(target, call):
                yield call
        return
    made = [one for one in instances.get(owner, ()) if _is_whole(one)]
    raw = inspect.getattr_static(owner, target.attribute)
    receivers = [owner] if isinstance(raw, classmethod | staticmethod) else made
    given: dict[str, list[Any]] = {
        "tallies": [[one] for one in made],
        "other": made,
        **{n: [v] for n, v in ARGUMENTS.items()},
    }
    needed = [one for one in target.parameters if one.default is one.empty and one.kind not in (2, 4)]
    for receiver in receivers:
        for values in itertools.product(*(given.get(one.name, [()]) for one in needed)):
            call = Call(receiver, {one.name: value for one, value in zip(needed, values, strict=True)})
            if _works(target, call):
                yield call


def _is_whole(value: Any) -> bool:
    with contextlib.suppress(Exception):
        repr(value)
        return True
    return False


def _is_mutable(value: object) -> bool:
    return not isinstance(value, Record | Enum | tuple | str | int | Decimal | timedelta | date)


def _works(target: Target, call: Call) -> bool:
    try:
        make(target, call, {})
    except Exception:  # noqa: BLE001 - an example may be of an error
        return False
    return True


def _namespace() -> dict[str, Any]:
    names: dict[str, Any] = {
        "Decimal": Decimal,
        "NAIVE": datetime(2026, 1, 1),  # noqa: DTZ001 - naive on purpose
        "RIGA": ZoneInfo("Europe/Riga"),
        "date": date,
        "datetime": datetime,
        "islice": islice,
        "timedelta": timedelta,
        "timezone": timezone,
    }
    for module in modules():
        names |= {public: getattr(module, public) for public in getattr(module, "__all__", ())}
    return names | {room: getattr(crmcore, room) for room in AS_ROOMS}


def _ask(value: Any, instances: dict[type, list[Any]]) -> None:
    if isinstance(value, list | tuple):
        for item in islice(value, 5):
            _ask(item, instances)
        return
    instances.setdefault(type(value), []).append(value)
    for name in ("interval", "explain", "row", "rows"):
        with contextlib.suppress(Exception):
            getattr(value, name)()


def _run_examples() -> None:
    parser = doctest.DocTestParser()
    flag = features.annotations.compiler_flag
    for module in modules():
        for text in _docstrings(module):
            own = dict(vars(module))
            flags = flag if "annotations" in own else 0
            for example in parser.get_examples(text):
                with contextlib.suppress(Exception):
                    exec(compile(example.source, module.__name__, "single", flags, dont_inherit=True), own)


def _docstrings(module: Any) -> Iterator[str]:
    lazy = [getattr(module, name) for name in getattr(module, "__all__", ())]
    for value in {id(value): value for value in (*vars(module).values(), *lazy)}.values():
        if getattr(value, "__module__", None) == module.__name__ or "._" in str(getattr(value, "__module__", "")):
            if inspect.isclass(value):
                for raw in [*vars(value).values()]:
                    member = getattr(raw, "__func__", None) or getattr(raw, "fget", None) or raw
                    yield (member.__doc__ or "") if inspect.isfunction(member) else ""
            if inspect.isclass(value) or inspect.isfunction(value):
                yield value.__doc__ or ""


OWN_CALLS: Final[dict[str, tuple[str, str]]] = {
    "crmcore.model.subscription.Subscription.resumed": ("PLANS[0].paused(DAY)", "{'at': DAY + timedelta(days=1)}"),
    "crmcore.service.balance.LedgerEntry": ("None", "{'moment': MOMENTS[0], 'value': Decimal(1)}"),
    "crmcore.service.communication.ContactLimit.find_end": (
        "ContactLimit(within=timedelta(days=30))",
        "{'times': [DAY], 'now': DAY + timedelta(days=3)}",
    ),
    "crmcore.value.lifetime_value.ValueMix.share": (
        "ValueMix.by({7: Money(9, 'EUR')}, lambda _: 'gift')",
        "{'segment': 'gift'}",
    ),
    "crmcore.value.rfm.RfmTable.__add__": ("RfmTable(as_of=DAY)", "{'other': RfmTable(as_of=DAY)}"),
    "crmcore.voice.expectations.Kano.interval": ("Kano(attractive=3)", "{'category': KanoCategory.ATTRACTIVE}"),
    "crmcore.voice.expectations.Kano.share": ("Kano(attractive=3)", "{'category': KanoCategory.ATTRACTIVE}"),
    "crmcore.primitives.tally.Tally.__add__": ("Balance(good=3)", "{'other': Balance(bad=1)}"),
    "crmcore.primitives.control_charts.EwmaChart.explain": (
        "EwmaChart(target=0, sigma=1)",
        "{'value': 1, 'after': EwmaChart(target=0, sigma=1).add(2)}",
    ),
    "crmcore.primitives.tally.Tally.total": ("Balance", "{'tallies': [Balance(good=3), Balance(bad=1)]}"),
    "crmcore.voice.loyalty.Attitudes.by": (
        "Attitudes",
        "{'key': str, 'satisfied': {7: True, 8: False}, 'loyal': {7: True, 8: True}, 'tells_others': {7: True}}",
    ),
    "crmcore.voice.loyalty.BaseDistribution.share": (
        "BaseDistribution.of({7: LoyaltyLevel.LOYAL})",
        "{'level': LoyaltyLevel.LOYAL}",
    ),
    "crmcore.voice.loyalty.BaseDistribution.share_interval": (
        "BaseDistribution.of({7: LoyaltyLevel.LOYAL})",
        "{'level': LoyaltyLevel.LOYAL}",
    ),
    "crmcore.voice.loyalty.Complacency.of": (
        "Complacency",
        "{'standings': Standings.of([TALKED], as_of=DAY), 'high_from': 0.7, 'quiet_after': timedelta(9), 'tasks': []}",
    ),
    "crmcore.voice.loyalty.LevelTransitions.share_interval": (
        "LevelTransitions.of({7: LoyaltyLevel.LOYAL}, {7: LoyaltyLevel.AGGRIEVED})",
        "{'before': LoyaltyLevel.LOYAL, 'after': LoyaltyLevel.AGGRIEVED}",
    ),
    "crmcore.voice.surveys.AnswerCounts.top_box_interval": (
        "AnswerCounts(scale=Scale.RATING_1_5, counts=[1, 2, 3, 4, 5])",
        "{'boxes': 2}",
    ),
    "crmcore.primitives.tally.Tally.__radd__": ("Balance(good=3)", "{'other': Balance(bad=1)}"),
}
"""Calls of what no example calls so that it can be called again: the receiver or nothing, and the arguments."""


def _add_own_calls(
    namespace: dict[str, Any],
    every: Mapping[str, Target],
    found: dict[str, list[Any]],
    instances: dict[type, list[Any]],
) -> None:
    for name, (receiver, arguments) in OWN_CALLS.items():
        with contextlib.suppress(Exception):
            call = Call(eval(receiver, dict(namespace)), eval(arguments, dict(namespace)))
            instances.setdefault(type(call.receiver), []).append(call.receiver)
            found[name].append((1000, 0, call))


def make(target: Target, call: Call, changed: Mapping[str, Any]) -> Any:
    """Make a call, with some arguments changed."""
    places: list[Any] = []
    named: dict[str, Any] = {}
    arguments = {**call.arguments, **changed}
    for one in target.parameters:
        if one.name not in arguments:
            continue
        value = arguments[one.name]
        if one.kind is one.VAR_POSITIONAL:
            places += value
        elif one.kind is one.VAR_KEYWORD:
            named |= value
        elif one.kind is one.POSITIONAL_ONLY or (one.kind is one.POSITIONAL_OR_KEYWORD and _has_places(target)):
            places.append(value)
        else:
            named[one.name] = value
    if not target.attribute:
        return (target.function if target.owner is None else target.owner)(*places, **named)
    receiver = call.receiver
    if _is_mutable(receiver) and not isinstance(receiver, type):
        receiver = copy.deepcopy(receiver)
    return getattr(target.owner if receiver is None else receiver, target.attribute)(*places, **named)


def _has_places(target: Target) -> bool:
    return any(one.kind is one.VAR_POSITIONAL for one in target.parameters)


# --- the domains ---


class _Names(dict[str, Any]):
    """The names of annotations, also those for type checkers only."""

    def __missing__(self, name: str) -> Any:
        if hasattr(__builtins__, name) or (isinstance(__builtins__, dict) and name in __builtins__):
            raise KeyError(name)
        return Any


def _list_names() -> _Names:
    names = _Names()
    for module in modules():
        names |= {name: value for name, value in vars(module).items() if not name.startswith("__")}
    names |= {name: getattr(collections.abc, name) for name in collections.abc.__all__}
    names |= {"datetime": datetime, "date": date, "timedelta": timedelta, "tzinfo": tzinfo, "Decimal": Decimal}
    return names


def hints(target: Target, names: _Names) -> dict[str, Any]:
    """Return the annotations of the arguments; Any for what cannot be resolved."""
    found: dict[str, Any] = {}
    for one in target.parameters:
        hint = one.annotation
        if isinstance(hint, str):
            try:
                hint = eval(hint, dict(target.function.__globals__), names)
            except Exception:  # noqa: BLE001 - an annotation that only type checkers can read
                hint = Any
        found[one.name] = Any if hint is one.empty else hint
    return found


_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,6})?\Z", re.ASCII)
_LAZY: Final = object()


def fits(hint: Any, value: Any, names: _Names) -> bool:  # noqa: C901, PLR0911, PLR0912 - one branch for each kind of type
    """Return whether a value may belong to the domain of an annotation; if in doubt, it does."""
    if isinstance(hint, str):
        try:
            hint = eval(hint, {}, names)
        except Exception:  # noqa: BLE001 - an annotation that only type checkers can read
            return True
    if hasattr(hint, "__forward_arg__"):
        return fits(hint.__forward_arg__, value, names)
    if hint is Any or hint is object:
        return True
    if isinstance(hint, TypeVar):
        return fits(hint.__bound__, value, names) if hint.__bound__ is not None else True
    if hint is None or hint is type(None):
        return value is None
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(fits(arg, value, names) for arg in args)
    if origin is Literal:
        return type(value) is str and value in args
    if origin is Annotated:
        kind = kind_of(hint)
        if kind is not None and kind.floats and type(value) in (int, float):
            return math.isfinite(value)
        if kind is not None and "examples" in kind.schema:
            return issubclass(type(value), str) and bool(value.strip())
        return fits(args[0], value, names)
    real = type(value)
    base = origin or hint
    if not isinstance(base, type):
        return True
    if base is Decimal:
        if issubclass(real, Decimal):
            return bool(value.is_finite())
        if issubclass(real, str):
            return _NUMBER.match(value) is not None
        return issubclass(real, int) and real is not bool
    if base is float:
        return real in (int, float) and math.isfinite(value)
    if base is int:
        return real is not bool and issubclass(real, int)
    if base is str:
        return issubclass(real, str)
    if base is datetime:
        return issubclass(real, datetime) and value.tzinfo is not None
    if base is date:
        return real is date
    if base is type:
        return issubclass(real, type)
    if base is collections.abc.Hashable:
        return True
    if base.__name__ == "Callable":
        return callable(value)
    if base in (tuple, frozenset, set, list) or (
        base.__module__ == "collections.abc" and not issubclass(base, Mapping)
    ):
        if issubclass(real, str | bytes | bytearray | memoryview):
            return False
        if issubclass(real, Mapping):
            return not value
        return _items_fit(base, args, value, names)
    if issubclass(base, Mapping):
        if not issubclass(real, Mapping):
            return False
        return all(
            fits(arg, item, names) for arg, items in zip(args, (value, value.values()), strict=False) for item in items
        )
    return issubclass(real, base)


def _items_fit(base: type, args: tuple[Any, ...], value: Any, names: _Names) -> bool:
    try:
        items = [*islice(cast("Any", value), 500)] if isinstance(value, Sized) else None
    except Exception:  # noqa: BLE001 - it cannot be walked
        return False
    if items is None:  # an iterator has been walked by the call
        return hasattr(type(value), "__next__")
    if base is tuple and args and args[-1] is not ...:
        return len(items) == len(args) and all(map(fits, args, items, itertools.repeat(names)))
    return not args or all(fits(args[0], item, names) for item in items)


def extremes(hint: Any, base: Any, names: _Names) -> list[Any]:
    """Return the extreme values of a domain."""
    currency = base.currency if isinstance(base, Money) else "EUR"
    found: list[Any] = []
    candidates: list[Any] = [
        *(0, 1, 10**9, 10**30, -(10**30)),
        *(Decimal(0), Decimal("1E-40"), Decimal(1), Decimal("1E+30"), Decimal("0." + "9" * 34), "1e-999999"),
        *(0.0, 5e-324, 1 - 2**-53, 1.7976931348623157e308, -1.7976931348623157e308),
        *(Money(0, currency), Money("1E-40", currency), Money("1E+30", currency), Money("-1E+30", currency)),
        *(timedelta(0), timedelta(microseconds=1), timedelta.max, timedelta.min),
        *(datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), date.max, date.min),
        *(timezone(timedelta(hours=23, minutes=59)), ZoneInfo("Pacific/Apia")),
        *((), {}, True, False, None),
    ]
    for arg in (hint, *get_args(hint)):
        if isinstance(arg, type) and issubclass(arg, Enum):
            candidates += list(arg)
    for value in candidates:
        if fits(hint, value, names) and not any(value is other for other in found):
            found.append(value)
    return [] if hint is Any or isinstance(hint, TypeVar) else found


# --- one call ---


def force(value: Any, depth: int = 0) -> None:  # noqa: C901, PLR0912 - one step after another
    """Ask a result everything that it computes late."""
    if depth > 3 or value is None or isinstance(value, str | bytes | int | float | Decimal):
        return
    if isinstance(value, list | tuple | frozenset | set) and type(value).__module__ == "builtins":
        for item in islice(value, 3):
            force(item, depth + 1)
        return
    if isinstance(value, dict):
        for item in islice(value.values(), 3):
            force(item, depth + 1)
        return
    if hasattr(type(value), "__next__"):
        for item in islice(value, 20):
            force(item, depth + 1)
        return
    if not type(value).__module__.startswith("crmcore"):
        return
    cls: Any = type(value)
    asks: list[Callable[[], Any]] = [lambda: repr(value), lambda: str(value)]
    if isinstance(value, Record):
        asks.append(lambda: hash(value))
    asks += [_getter(value, name) for name in dir(cls) if not name.startswith("_") and _is_property(cls, name)]
    for name in ("explain", "row", "rows", "interval", "_repr_html_"):
        if hasattr(cls, name):
            asks.append(_caller(value, name))
            if name in ("row", "rows"):
                asks.append(_caller(value, name, plain=True))
    for ask in asks:
        with contextlib.suppress(CrmcoreError):
            got = ask()
            if hasattr(type(got), "__next__"):
                [*islice(got, 50)]
            elif got is not value and depth < 1:
                repr(got)


def _is_property(cls: type, name: str) -> bool:
    return isinstance(inspect.getattr_static(cls, name), property)


def _getter(value: Any, name: str) -> Callable[[], Any]:
    return lambda: getattr(value, name)


def _caller(value: Any, name: str, **named: Any) -> Callable[[], Any]:
    def ask() -> Any:
        method = getattr(value, name)
        try:
            inspect.signature(method).bind(**named)
        except TypeError:
            return None
        return method(**named)

    return ask


def _interrupt(*_: object) -> None:
    raise TooSlowError


def judge(  # noqa: C901, PLR0911, PLR0912 - one end after another
    target: Target, call: Call, changed: dict[str, Any], argument: str, breaker: str, hint: Any, names: _Names
) -> Fault | None:
    """Make a broken call and say what is wrong with its end."""
    started = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
    stage = "call"
    result: Any = None
    broken: BaseException | None = None
    try:
        try:
            result = make(target, call, changed)
            stage = "late"
            force(result)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except TooSlowError as error:
        broken = error
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
        broken = error
    took = time.process_time() - started

    def fault(kind: str, error: str, frame: str, detail: str) -> Fault:
        return Fault(kind, target.name, argument, breaker, error, frame, f"{stage}: {detail[:300]}")

    if isinstance(broken, TooSlowError) or took > SLOW:
        return fault("slow", f"{took:.1f} s", _frame(broken), "")
    if isinstance(broken, MarkedError):
        return None
    if isinstance(broken, CrmcoreError):
        return _judge_message(broken, fault)
    if broken is not None:
        frame = _frame(broken)
        if not frame and isinstance(broken, TypeError) and target.attribute.startswith("__"):
            return None  # the operator of Python refused
        if isinstance(broken, IndexError) and target.attribute == "__getitem__":
            return None  # the protocol of a sequence
        if breaker in ("class", "enum class") and "Callable" in str(hint):
            return None  # a class called as a key raises what it likes
        if not frame and stage == "call" and isinstance(broken, TypeError) and "argument" in str(broken):
            return None  # the signature refused
        with contextlib.suppress(Exception):
            return fault("untyped", type(broken).__name__, frame, str(broken))
        return fault("untyped", type(broken).__name__, frame, "?")
    if (
        not target.attribute.startswith("__")
        and breaker
        and not _may_be(target, hint, changed[argument], names, argument, breaker)
    ):
        text = "?"
        with contextlib.suppress(BaseException):
            text = repr(result)
        return fault(
            "accepted",
            name_of(changed[argument]),
            target.function.__code__.co_filename.rpartition("crmcore/")[2] + ":" + target.function.__name__,
            text,
        )
    return None


def _judge_message(error: CrmcoreError, fault: Callable[..., Fault]) -> Fault | None:
    try:
        text = str(error) + repr(error.operands) + repr(error.record)
        again = pickle.loads(pickle.dumps(error))
        if str(again) != str(error):
            return fault("message", "not pickled alike", _frame(error), "")
    except Exception as other:  # noqa: BLE001 - whatever it is, it is told
        return fault("message", f"{type(other).__name__} when shown or pickled", _frame(error), str(other))
    if len(text) > LONGEST_MESSAGE:
        return fault("message", "too long", _frame(error), f"{error.rule}: {len(text)} characters")
    if any(ord(one) < 32 for one in str(error)):
        return fault("message", "control character", _frame(error), error.rule)
    return None


def _may_be(target: Target, hint: Any, value: Any, names: _Names, argument: str, breaker: str) -> bool:
    with contextlib.suppress(Exception):
        if fits(hint, value, names):
            return True
    if breaker == "None" and "str" in str(hint):
        return True  # a text field takes None for no text, as databases give it
    is_subclass = breaker.removeprefix("in it: ") in ("numpy float", "int subclass")
    if is_subclass and any(word in str(hint) for word in ("float", "floats=True")):
        return True  # a subclass of float or int becomes the plain type
    return (target.name, argument, breaker) in DELIBERATE


def _frame(error: BaseException | None) -> str:
    if error is None:
        return ""
    last = ""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if "/crmcore/" in file or file.startswith("<attrs"):
            last = (
                f"{file.rpartition('/crmcore/')[2]}:{frame.f_code.co_qualname if sys.version_info >= (3, 11) else ''}"
            )
    return last


# --- the sweep ---


class Plan(NamedTuple):
    """A broken call to make."""

    target: Target
    call: Call
    argument: str
    breaker: str
    """The name of the breaker; "in it: " before it puts it beside the items; empty for legal extremes."""
    extreme: dict[str, Any]


def changes(plan: Plan) -> dict[str, Any] | None:
    """Return the changed arguments; None if the value cannot stand there."""
    if not plan.breaker:
        return plan.extreme
    inside = plan.breaker.startswith("in it: ")
    value = BREAKERS[plan.breaker.removeprefix("in it: ")]()
    base = plan.call.arguments.get(plan.argument)
    kind = next(one.kind for one in plan.target.parameters if one.name == plan.argument)
    if kind is inspect.Parameter.VAR_POSITIONAL:
        return {plan.argument: (*base, value) if inside and base else (value,)}
    if kind is inspect.Parameter.VAR_KEYWORD:
        return {plan.argument: {**(base or {}), next(iter(base or {"x": 0})): value}}
    if not inside:
        return {plan.argument: value}
    if isinstance(base, dict):
        return {plan.argument: {**base, (next(iter(base)) if base else "x"): value}}
    return {plan.argument: [*base, value]}  # type: ignore[misc] # pyright: ignore[reportOptionalIterable] - its call gave a collection


def plans(every: Mapping[str, Target], calls: Mapping[str, list[Call]], *, sample: bool) -> Iterator[Plan]:  # noqa: C901, PLR0912 - one step after another
    """Every broken call, or a sample with each argument in it."""
    names = _list_names()
    turn = 0
    for name, target in every.items():
        some = calls[name][: 1 if sample else 2]
        domains = hints(target, names)
        for number, call in enumerate(some):
            for one in target.parameters:
                breakers = [*BREAKERS]
                base = call.arguments.get(one.name)
                if isinstance(base, list | tuple | dict | frozenset) and (base or not isinstance(base, dict)):
                    breakers += [f"in it: {breaker}" for breaker in BREAKERS]
                if number:
                    breakers = breakers[number::6]
                if sample:
                    breakers = [breakers[(turn + 29 * step) % len(breakers)] for step in range(3)]
                    turn += 7
                    breakers = [breaker for breaker in breakers if (name, one.name, breaker) not in ALWAYS]
                    breakers += [breaker for some, argument, breaker in ALWAYS if (some, argument) == (name, one.name)]
                for breaker in breakers:
                    if breaker.endswith((*_ENDLESS,)) and _fits(domains[one.name], _cut_off(breaker, base), names):
                        continue  # legal, but for its length
                    yield Plan(target, call, one.name, breaker, {})
            if number:
                continue
            single = [one.name for one in target.parameters if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
            values = {one: extremes(domains[one], call.arguments.get(one), names) for one in single}
            for argument, legal in values.items():
                for value in legal[turn % 7 :: 7] if sample else legal:
                    yield Plan(target, call, argument, "", {argument: value})
            if not sample:
                for (first, some_values), (second, others) in itertools.combinations(values.items(), 2):
                    for value, other in islice(itertools.product(some_values, others), 0, 60, 5):
                        yield Plan(target, call, f"{first}, {second}", "", {first: value, second: other})


_ENDLESS: Final[dict[str, list[Any]]] = {"endless": [None], "endless numbers": [0]}


def _fits(hint: Any, value: Any, names: _Names) -> bool:
    with contextlib.suppress(Exception):
        return fits(hint, value, names)
    return False


def _cut_off(breaker: str, base: Any) -> Any:
    """Return what an endless iterable puts into an argument, as far as one item."""
    some = _ENDLESS[breaker.removeprefix("in it: ")]
    if breaker in _ENDLESS:
        return some
    return {next(iter(base), "x"): some} if isinstance(base, dict) else [some]


def read_known() -> set[str]:
    """Return the keys of the faults that are still there."""
    return set(KNOWN.read_text(encoding="utf-8").splitlines())


def run(*, sample: bool, processes: int = 0, only: str = "", every_nth: int = 1, cache: Path = CACHE) -> dict[str, Any]:
    """Make all calls and return figures and faults.

    A sample leaves out the arguments that are known to hang or to be slow, because they cost seconds each, and tells
    of a slow call only if it had to be interrupted.
    """
    every = {name: target for name, target in targets().items() if only in name}
    calls = harvest(every)
    missing = sorted(name for name in every if not calls[name] and name not in WITHOUT_CALLS)
    every = {name: target for name, target in every.items() if calls[name]}
    todo = [*plans(every, calls, sample=sample)]
    Random(1).shuffle(todo)
    todo = todo[::every_nth]
    if sample:
        known = read_known()
        costly = {f"{plan.target.name}\t{plan.argument}" for plan in todo} & {
            line.rpartition("\t")[0] for line in known if line.endswith(("\thang", "\tslow"))
        }
        todo = [plan for plan in todo if f"{plan.target.name}\t{plan.argument}" not in costly]
    found = _share(todo, processes or min(4, os.cpu_count() or 1), cache)
    if sample:
        found = [fault for fault in found if fault.kind != "slow" or fault.frame]
    return {
        "callables": len(every),
        "arguments": sum(len(target.parameters) for target in every.values()),
        "calls": len(todo),
        "missing": missing,
        "faults": found,
    }


class State:
    """What each child works at, and since when by the clock and by its processor time.

    Each number is written at once. `struct.pack_into` writes zeros before: a parent that reads them takes the call for
    one that never ends.
    """

    def __init__(self, children: int) -> None:
        self._numbers = memoryview(mmap.mmap(-1, 3 * 8 * children)).cast("d")

    def write(self, child: int, place: int, since: float, used: float) -> None:
        """Note the place of a plan, and when a child begins with it."""
        for index, number in enumerate((place, since, used), 3 * child):
            self._numbers[index] = number

    def read(self, child: int) -> tuple[int, float, float]:
        """Return what a child works at, and since when."""
        place, since, used = self._numbers[3 * child : 3 * child + 3]
        return int(place), since, used


def _share(todo: list[Plan], number: int, cache: Path) -> list[Fault]:  # noqa: C901 - one step after another
    """Work through the plans in child processes; kill one whose call does not end."""
    cache.mkdir(parents=True, exist_ok=True)
    state = State(number)
    found: list[Fault] = []
    running: dict[int, int] = {}
    slow: collections.Counter[tuple[str, str]] = collections.Counter()
    files = [cache / f"worker-{worker}.jsonl" for worker in range(number)]
    for file in files:
        file.unlink(missing_ok=True)

    def start(worker: int, first: int) -> None:
        state.write(worker, first, time.monotonic() + IMPORTS, IMPORTS)
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            running[pid] = worker
            return
        code = 1
        try:
            _work(todo[first::number], (state, worker, first, number), files[worker], slow)
            code = 0
        except BaseException:  # noqa: BLE001 - told by the parent
            traceback.print_exc()
        finally:
            os._exit(code)

    for worker in range(number):
        start(worker, worker)
    while running:
        time.sleep(0.1)
        for pid, worker in [*running.items()]:
            place, since, used = state.read(worker)
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                del running[pid]
                if status:
                    plan = todo[place]
                    slow[plan.target.name, plan.argument] = ENOUGH
                    found.append(
                        Fault("hang", plan.target.name, plan.argument, _said(plan), f"process died: {status}", "", "")
                    )
                    if place + number < len(todo):
                        start(worker, place + number)
            elif _processor_time(pid) - used > HANGS or time.monotonic() - since > STANDS:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                del running[pid]
                plan = todo[place]
                slow[plan.target.name, plan.argument] = ENOUGH
                found.append(Fault("hang", plan.target.name, plan.argument, _said(plan), "killed", "", ""))
                if place + number < len(todo):
                    start(worker, place + number)
    for file in files:
        if file.exists():
            found += [Fault(*json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
    return found


def _processor_time(pid: int) -> float:
    """Return the seconds of the processor that a child has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _said(plan: Plan) -> str:
    if plan.breaker:
        return plan.breaker
    return "legal: " + ", ".join(repr(value)[:40] for value in plan.extreme.values())


def _work(todo: list[Plan], which: tuple[State, int, int, int], file: Path, slow: collections.Counter[Any]) -> None:
    state, worker, first, number = which
    signal.signal(signal.SIGVTALRM, _interrupt)
    names = _list_names()
    for breaker in BREAKERS.values():  # imports what takes memory of its own
        breaker()
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * 4096 if sys.platform == "linux" else 0
    if used:
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    domains: dict[str, dict[str, Any]] = {}
    with file.open("a", encoding="utf-8") as out:
        for place, plan in zip(itertools.count(first, number), todo):
            if slow[plan.target.name, plan.argument] >= ENOUGH:
                continue
            state.write(worker, place, time.monotonic(), time.process_time())
            if plan.target.name not in domains:
                domains[plan.target.name] = hints(plan.target, names)
            changed = changes(plan)
            hint = domains[plan.target.name].get(plan.argument, Any)
            if changed is not None:
                try:
                    fault = judge(plan.target, plan.call, changed, plan.argument, plan.breaker, hint, names)
                except TooSlowError:
                    continue
                if fault is not None:
                    slow[plan.target.name, plan.argument] += fault.kind == "slow"
                    said = fault._replace(breaker=_said(plan))
                    out.write(json.dumps(said, ensure_ascii=True, default=str) + "\n")
                    out.flush()


# --- the report ---


def report(result: dict[str, Any], most: int = 60) -> str:
    """Return the figures, by module and by root."""
    faults: list[Fault] = result["faults"]
    lines = [
        f"{result['callables']} callables, {result['arguments']} arguments, {result['calls']} calls",
        *(f"no call: {name}" for name in result["missing"]),
    ]
    kinds = ("untyped", "accepted", "slow", "hang", "message")
    total = collections.Counter(fault.kind for fault in faults)
    lines.append(", ".join(f"{total[kind]} {kind}" for kind in kinds))
    lines.append("")
    by_module = collections.Counter((_module(fault), fault.kind) for fault in faults)
    lines += [
        f"{module:40}" + "".join(f"{by_module[module, kind]:6} {kind}" for kind in kinds)
        for module in sorted({module for module, _ in by_module})
    ]
    for kind in kinds:
        roots: dict[tuple[str, str], list[Fault]] = {}
        for fault in faults:
            if fault.kind == kind:
                place = fault.frame or fault.target
                error = {"slow": "", "accepted": f"({fault.argument})"}.get(kind, fault.error)
                roots.setdefault((place, error), []).append(fault)
        lines += ["", f"{kind}: {len(roots)} roots"]
        for (place, error), some in sorted(roots.items(), key=lambda item: -len(item[1]))[:most]:
            one = some[0]
            lines.append(
                f"{len(some):5} {place} {error}  e.g. {one.target}({one.argument} = {one.breaker}) {one.detail[:120]!r}"
            )
    return "\n".join(lines)


def _module(fault: Fault) -> str:
    parts = fault.target.split(".")
    return ".".join(itertools.takewhile(str.islower, parts[:3]))


def main() -> int:
    """Sweep, print and write down."""
    parser = ArgumentParser()
    parser.add_argument("--sample", action="store_true", help="a few values for each argument")
    parser.add_argument("--only", default="", help="only the callables with this in their name")
    parser.add_argument("--processes", type=int, default=0)
    parser.add_argument("--every-nth", type=int, default=1, help="only a part of the calls")
    parser.add_argument("--into", type=Path, default=CACHE, help="the folder for the details")
    parser.add_argument("--write", action="store_true", help="write the faults that are still there anew")
    given = parser.parse_args()
    result = run(
        sample=given.sample, only=given.only, processes=given.processes, every_nth=given.every_nth, cache=given.into
    )
    faults: list[Fault] = result["faults"]
    with (given.into / "faults.jsonl").open("w", encoding="utf-8") as out:
        for fault in faults:
            out.write(json.dumps(fault._asdict(), default=str) + "\n")
    keys = {fault.key for fault in faults}
    known = read_known()
    new = sorted(keys - known)
    figures = {name: value for name, value in result.items() if name != "faults"} | {"new": new}
    (given.into / "figures.json").write_text(json.dumps(figures), encoding="utf-8")
    (given.into / "report.txt").write_text(report(result, 10_000), encoding="utf-8")
    print(report(result))
    print(f"\n{len(new)} new, {len(keys & known)} known of {len(known)}", *new[:50], sep="\n")
    if given.write and not given.sample:
        rest = {line for line in known if given.only not in line.partition("\t")[0]}
        KNOWN.write_text("".join(f"{key}\n" for key in sorted(keys | rest)), encoding="utf-8")
    return bool(new or result["missing"])


if __name__ == "__main__":
    sys.exit(main())
