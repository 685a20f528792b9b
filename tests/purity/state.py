"""What a library could change in its process without a trace in any answer: it is looked at before and after."""

from __future__ import annotations

import atexit
import builtins
import copyreg
import decimal
import gc
import locale
import os
import signal
import sys
import threading
import types
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from tests.purity.rules import STANDARD_LIBRARY, THIRD_PARTY

_CONTAINERS: Final = (dict, list, set, tuple, frozenset)
_DEEP: Final = 4
_OWN_BUSINESS: Final = {"__warningregistry__", "__cached__"}
"""What Python itself keeps in a module."""


def ambient() -> dict[str, object]:
    """Return what surrounds the library, as it can be compared."""
    context = decimal.getcontext()
    return {
        "decimal context": [getattr(context, name) for name in _CONTEXT] + [dict(context.traps)],
        "decimal default context": [getattr(decimal.DefaultContext, name) for name in _CONTEXT],
        "environment": dict(os.environ),
        "working directory": Path.cwd(),
        "path of imports": [*sys.path],
        "finders of modules": [
            id(finder)
            for finder in sys.meta_path
            if "crmcore" not in (getattr(finder, "__module__", None) or type(finder).__module__)
        ],
        "recursion limit": sys.getrecursionlimit(),
        "switch interval": sys.getswitchinterval(),
        "digits of an int": sys.get_int_max_str_digits(),
        "hooks": [*map(id, (sys.displayhook, sys.excepthook, sys.unraisablehook, threading.excepthook))],
        "traces": [sys.gettrace(), sys.getprofile()],
        "streams": [*map(id, (sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__, sys.__stderr__))],
        "warnings": [*map(repr, warnings.filters)],
        "locale": locale.setlocale(locale.LC_ALL),
        "collector": [gc.isenabled(), gc.get_threshold(), len(gc.callbacks)],
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)],
        "threads": threading.active_count(),
        "at exit": getattr(atexit, "_ncallbacks", int)(),
        "pickling": [*copyreg.dispatch_table],
        "built-ins": {name: id(value) for name, value in vars(builtins).items() if name != "_"},
        "validators of attrs": import_module("attr").validators.get_disabled(),
        **{f"module {name}": _list_names(name) for name in sorted({*STANDARD_LIBRARY, *THIRD_PARTY})},
    }


_CONTEXT: Final = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")


def _list_names(module: str) -> dict[str, int]:
    found = vars(import_module(module))
    if module == "sys":
        return {name: id(value) for name, value in found.items() if isinstance(value, types.BuiltinFunctionType)}
    return {name: id(value) for name, value in found.items() if name not in _OWN_BUSINESS}


def own(prefix: str = "crmcore") -> dict[str, object]:
    """Return what the modules, classes and functions of the library hold."""
    found: dict[str, object] = {}
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] != prefix or name.startswith(f"{prefix}.interop"):
            continue
        for key, value in sorted(vars(module).items()):
            if key in _OWN_BUSINESS or key == "__builtins__":
                continue
            found[f"{name}.{key}"] = _describe(value, _DEEP)
            if getattr(value, "__module__", None) == name or isinstance(value, type):
                found |= {f"{name}.{key}{part}": what for part, what in _look_inside(value).items()}
    return found


def _look_inside(value: Any) -> dict[str, object]:
    """Return what a class or a function of the library holds."""
    if isinstance(value, types.FunctionType):
        return {
            "()": _describe(
                [
                    value.__defaults__,
                    value.__kwdefaults__,
                    vars(value),
                    [_cell(cell) for cell in value.__closure__ or ()],
                ],
                _DEEP,
            ),
            "{}": getattr(value, "cache_info", tuple)(),
        }
    if isinstance(value, type) and value.__module__.startswith("crmcore"):
        parts = {f".{name}": one for name, one in vars(value).items() if name not in _OF_CLASSES}
        return {
            **{name: _describe(getattr(one, "__func__", one), _DEEP) for name, one in parts.items()},
            **{
                f"{name}()": _look_inside(getattr(one, "__func__", one))
                for name, one in parts.items()
                if isinstance(getattr(one, "__func__", one), types.FunctionType)
            },
        }
    if hasattr(value, "cache_info"):
        return {"{}": value.cache_info()}
    return {}


_OF_CLASSES: Final = {"__weakref__", "__dict__", "__doc__", "__abstractmethods__", "_abc_impl"}


def _cell(cell: types.CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _describe(value: object, depth: int) -> object:
    """Return what a value is and, if it is a container, what is in it."""
    if depth and isinstance(value, dict):
        return [(_describe(key, depth - 1), _describe(one, depth - 1)) for key, one in value.items()]
    if depth and isinstance(value, _CONTAINERS):
        return [_describe(one, depth - 1) for one in value]
    if isinstance(value, decimal.Context):
        return id(value), [getattr(value, name) for name in _CONTEXT], dict(value.traps)
    if isinstance(value, int | str | float | bytes | None):
        return value
    if type(value).__name__ in ("count", "cycle", "deque"):
        return repr(value)
    return id(value)


def differences(one: dict[str, object], other: dict[str, object]) -> list[str]:
    """Return the names of what is not the same."""
    return [name for name in {**one, **other} if one.get(name) != other.get(name)]
