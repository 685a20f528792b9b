"""The library as its own tests walk it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING

import crmcore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


def modules() -> Iterator[ModuleType]:
    """Every module but those of interop, whose extras may be missing."""
    yield crmcore
    for info in pkgutil.walk_packages(crmcore.__path__, "crmcore."):
        if not info.name.startswith("crmcore.interop"):
            yield importlib.import_module(info.name)


def home_of(value: object) -> str:
    """The public module that defines a value: what stands in a private one is its package's."""
    return str(getattr(value, "__module__", "")).partition("._")[0]


def public_classes() -> list[type]:
    """Every class that a public module defines and names in its `__all__`."""
    found = {
        value
        for module in modules()
        for name in getattr(module, "__all__", ())
        if inspect.isclass(value := getattr(module, name)) and value.__module__.startswith("crmcore")
    }
    return sorted(found, key=lambda one: one.__qualname__)
