"""The library as its own tests walk it."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import TYPE_CHECKING

import crmcore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def modules() -> Iterator[ModuleType]:
    """Every module but those of interop, whose extras may be missing."""
    yield crmcore
    for info in pkgutil.walk_packages(crmcore.__path__, "crmcore."):
        if not info.name.startswith("crmcore.interop"):
            yield importlib.import_module(info.name)


def home_of(value: object) -> str:
    """The public module that defines a value: what stands in a private one is its package's."""
    return str(getattr(value, "__module__", "")).partition("._")[0]


def public_names() -> dict[str, object]:
    """Every public class and function by its full name, such as ``crmcore.render.intervals``."""
    return {
        f"{module.__name__}.{name}": value
        for module in modules()
        for name in getattr(module, "__all__", ())
        if home_of(value := getattr(module, name)) == module.__name__
        and (inspect.isclass(value) or inspect.isfunction(value))
    }


def public_classes() -> list[type]:
    """Every class that a public module defines and names in its `__all__`."""
    return sorted(
        {value for value in public_names().values() if inspect.isclass(value)}, key=lambda cls: cls.__qualname__
    )


def mentioned(source: str, namespace: Mapping[str, object] | None = None) -> set[str]:
    """The full names of the public classes and functions that a source imports or finds in a namespace, and uses."""
    tree = ast.parse(source)
    known = dict(namespace or {})
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("crmcore"):
            module = importlib.import_module(node.module or "")
            known |= {alias.asname or alias.name: getattr(module, alias.name, None) for alias in node.names}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(_full_name(known.get(node.id)))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = known.get(node.value.id)
            if isinstance(owner, ModuleType):
                found.add(_full_name(getattr(owner, node.attr, None)))
    return found & set(public_names())


def _full_name(value: object) -> str:
    return f"{home_of(value)}.{getattr(value, '__name__', '')}"
