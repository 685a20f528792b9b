"""The public surface as text: modules, names, signatures, members. ``python -m tests.face.surface`` writes it anew."""

from __future__ import annotations

import inspect
import types
from datetime import UTC
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import crmcore
from tests.support.walk import home_of, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

SNAPSHOT: Final = Path(__file__).with_name("surface.txt")


def _default(value: object) -> str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if value is UTC:
        return "UTC"
    return str(value) if isinstance(value, Decimal) else repr(value)


def _signature(function: Any) -> str:
    """The parameters with their defaults; the annotations are the business of the type checkers."""
    shown: list[str] = []
    before: object = inspect.Parameter.POSITIONAL_ONLY
    for parameter in inspect.signature(function).parameters.values():
        if before is inspect.Parameter.POSITIONAL_ONLY and parameter.kind is not before and shown:
            shown.append("/")
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and before is not parameter.kind:
            shown.append("*")
        default = "" if parameter.default is inspect.Parameter.empty else f"={_default(parameter.default)}"
        shown.append(f"{parameter.name}{default}")
        before = parameter.kind
    if shown and before is inspect.Parameter.POSITIONAL_ONLY:
        shown.append("/")
    return f"({', '.join(shown)})"


def _members(cls: type) -> Iterator[str]:
    """What a class itself adds to what it inherits; fields stand in its signature."""
    if issubclass(cls, Enum):
        yield from (f"{name} = {member.value!r}" for name, member in cls.__members__.items())
        return
    for name, member in sorted(vars(cls).items()):
        if name.startswith("_") or isinstance(member, types.MemberDescriptorType):
            continue
        if isinstance(member, staticmethod | classmethod):
            yield f"{name}{_signature(getattr(cls, name))}"
        elif inspect.isfunction(member):
            yield f".{name}{_signature(types.MethodType(member, cls))}"
        else:
            yield f".{name}" if isinstance(member, property) else f"{name} = {member!r}"


def _lines(module: types.ModuleType) -> Iterator[str]:
    yield module.__name__
    for name in module.__all__:
        value = getattr(module, name)
        home = home_of(value) or module.__name__
        if module is crmcore:
            yield f"    {name}"
        elif home != module.__name__ and home.startswith("crmcore"):
            yield f"    {name}, from {home}"
        elif inspect.isclass(value):
            bases = ", ".join(base.__name__ for base in value.__bases__ if base not in (object, Enum))
            plain = issubclass(value, Enum | BaseException)
            yield f"    {name}{'' if plain else _signature(value)}{f' <- {bases}' if bases else ''}"
            yield from (f"        {member}" for member in _members(value))
        else:
            yield f"    {name}{_signature(value) if inspect.isfunction(value) else ''}"
    yield ""


def surface() -> str:
    """Every public name of the library, as `surface.txt` holds it."""
    public = [module for module in modules() if hasattr(module, "__all__") and "._" not in module.__name__]
    return "\n".join(line for module in public for line in _lines(module))


if __name__ == "__main__":
    SNAPSHOT.write_text(surface(), encoding="utf-8")
