"""Show the signatures of attrs classes in the reference: a Griffe extension, which mkdocs.yml names.

Griffe reads the sources and knows no attrs. This gives each attrs class the `__init__` that attrs will write: a
parameter for each field, of the type that the field's converter accepts.
"""

# ruff: noqa: INP001 - a plug-in, no package

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from griffe import (
    Attribute,
    Class,
    Expr,
    ExprCall,
    ExprKeyword,
    Extension,
    Function,
    Module,
    Parameter,
    ParameterKind,
    Parameters,
)

ATTRS = {"attrs.frozen", "attrs.define"}


def arguments(value: object) -> dict[str, str | Expr]:
    """Return the keyword arguments of a call such as ``attrs.field(default=None)``, or none of another value."""
    called = value.arguments if isinstance(value, ExprCall) else ()
    return {argument.name: argument.value for argument in called if isinstance(argument, ExprKeyword)}


def is_call_of(value: object, path: str) -> bool:
    """Whether a value is a call of a function, given by its full name."""
    return isinstance(value, ExprCall) and value.canonical_path == path


def accepted(field: Attribute, options: dict[str, str | Expr]) -> Any:  # noqa: ANN401 - an annotation of Griffe's
    """Return the type that a field accepts: its own, unless a converter says more."""
    converter = options.get("converter")
    if isinstance(converter, Expr):
        function: Any = field.modules_collection[converter.canonical_path]
        return function.parameters[0].annotation
    return field.annotation


def parameters(cls: Class, *, by_keyword: bool) -> Iterator[Parameter]:
    """Yield a parameter for each field of a class, those of its bases first."""
    kind = ParameterKind.keyword_only if by_keyword else ParameterKind.positional_or_keyword
    for base in cls.resolved_bases:
        if isinstance(base, Class) and any(str(one.callable_path) in ATTRS for one in base.decorators):
            yield from parameters(base, by_keyword=by_keyword)
    for field in cls.attributes.values():
        if field.is_alias or field.annotation is None or "instance-attribute" not in field.labels:
            continue
        options = arguments(field.value) if is_call_of(field.value, "attrs.field") else {}
        default = options.get("default") if is_call_of(field.value, "attrs.field") else field.value
        if "factory" in options:
            default = f"{options['factory']}()"
        if options.get("init") != "False":
            yield Parameter(field.name.lstrip("_"), annotation=accepted(field, options), kind=kind, default=default)


def give_signature(cls: Class) -> None:
    """Give an attrs class its `__init__`."""
    for decorator in cls.decorators:
        if str(decorator.callable_path) in ATTRS and "__init__" not in cls.members:
            by_keyword = str(arguments(decorator.value).get("kw_only")) == "True"
            own = Parameter("self", kind=ParameterKind.positional_or_keyword)
            init = Function("__init__", parameters=Parameters(own, *parameters(cls, by_keyword=by_keyword)), parent=cls)
            cls.set_member("__init__", init)


class AttrsSignatures(Extension):
    """The extension itself."""

    def on_package(self, *, pkg: Module, **_: object) -> None:
        """Walk a package once Griffe has read it all."""
        waiting: list[Module | Class] = [pkg]
        while waiting:
            holder = waiting.pop()
            if isinstance(holder, Class):
                give_signature(holder)
            waiting += [member for member in holder.members.values() if isinstance(member, Module | Class)]
