"""What the library may import and must not write, read off its syntax trees."""

from __future__ import annotations

import ast
import builtins
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAMES: Final = {
    "__future__": "annotations",
    "attrs": "NOTHING asdict define evolve exceptions field fields frozen has",
    "bisect": "bisect_left bisect_right insort",
    "collections": "Counter defaultdict deque",
    "collections.abc": (
        "Callable Collection Hashable ItemsView Iterable Iterator KeysView Mapping Sequence Set ValuesView"
    ),
    "datetime": "UTC date datetime time timedelta timezone tzinfo",
    "dateutil.relativedelta": "relativedelta",
    "decimal": (
        "Clamped Context Decimal DecimalException DivisionByZero Inexact InvalidOperation Overflow ROUND_05UP "
        "ROUND_CEILING ROUND_DOWN ROUND_FLOOR ROUND_HALF_DOWN ROUND_HALF_EVEN ROUND_HALF_UP ROUND_UP Rounded "
        "localcontext"
    ),
    "difflib": "SequenceMatcher",
    "enum": "Enum StrEnum",
    "fractions": "Fraction",
    "functools": "cached_property partial reduce wraps",
    "importlib": "import_module",
    "importlib.machinery": "ModuleSpec",
    "itertools": "accumulate chain compress count groupby islice pairwise repeat",
    "math": (
        "ceil comb cos erfc exp expm1 factorial floor fsum hypot inf isfinite isnan lcm lgamma log log10 log1p pi prod "
        "sqrt"
    ),
    "operator": "add attrgetter eq gt index is_ itemgetter lt mul not_ sub truediv",
    "re": "DOTALL Pattern compile escape fullmatch",
    "statistics": "NormalDist",
    "sys": "meta_path",
    "types": "MappingProxyType ModuleType NoneType SimpleNamespace UnionType",
    "typing": (
        "Annotated Any ClassVar Final Generic Literal NamedTuple NoReturn Protocol Self TYPE_CHECKING "
        "TypeGuard TypeVar Union cast get_args get_origin get_type_hints overload"
    ),
}
NAMES: Final = {module: frozenset(names.split()) for module, names in _NAMES.items()}
"""What the library may take from each module of others: names, because ``from enum import sys`` leads anywhere."""
THIRD_PARTY: Final = {"attrs", "dateutil.relativedelta"}
STANDARD_LIBRARY: Final = set(NAMES) - THIRD_PARTY
BUILTINS: Final = frozenset(
    {
        *("ArithmeticError", "AttributeError", "Exception", "ImportError", "KeyError", "NameError"),
        *(
            "NotImplemented",
            "OverflowError",
            "TypeError",
            "ValueError",
            "__name__",
            "abs",
            "all",
            "any",
            "bool",
            "bytearray",
        ),
        *("bytes", "callable", "chr", "classmethod", "dict", "divmod", "enumerate", "filter", "float", "format"),
        *(
            "frozenset",
            "getattr",
            "hasattr",
            "hash",
            "id",
            "int",
            "isinstance",
            "issubclass",
            "iter",
            "len",
            "memoryview",
        ),
        *("list", "map", "max", "min", "next", "object", "ord", "property", "range", "repr", "reversed", "round"),
        *("set", "setattr", "slice", "sorted", "staticmethod", "str", "sum", "super", "tuple", "type", "zip"),
    }
)
"""The built-in names that the library may use."""
DUNDERS: Final = frozenset(
    {
        *("__attrs_init__", "__attrs_post_init__", "__bases__", "__dict__", "__get__", "__getattribute__"),
        "__float__",
        *(
            "__get_pydantic_core_schema__",
            "__getitem__",
            "__init__",
            "__init_subclass__",
            "__int__",
            "__le__",
            "__len__",
        ),
        *("__members__", "__module__", "__mro__", "__name__", "__new__", "__qualname__", "__reduce__"),
        *("__repr__", "__set__", "__setattr__", "__setstate__", "__slots__", "__str__"),
    }
)
"""The attributes with two underscores that it may ask for."""
ONLY_IN_THE_FACE: Final = {"globals", "importlib", "importlib.machinery", "sys"}
FACES: Final = {"__init__.py", "primitives/_lazy.py", "primitives/_moved.py", "primitives/record.py"}
"""The files that load a module when it is first needed, or find one that moved."""

AMBIENT_METHODS: Final = {
    *("ctime", "fromtimestamp", "now", "strftime", "strptime", "today", "utcfromtimestamp", "utcnow"),
}
_KNOWN_BUILTINS: Final = {*dir(builtins), "__builtins__", "__file__", "__loader__", "__path__", "__spec__"}
_LOCALE_FORMAT: Final = re.compile(r"\{[^{}]*:[^{}]*n\}")


def sources(package: Path) -> dict[str, str]:
    """The library's modules by their path in the package; interop's files are extras, each with imports of its own."""
    paths = sorted(path for path in package.rglob("*.py") if path.relative_to(package).parts[0] != "interop")
    return {path.relative_to(package).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Every module that a source imports when it runs, wherever in it, by line."""
    tree = ast.parse(source)
    for_type_checkers = _for_type_checkers(tree)
    for node in ast.walk(tree):
        if id(node) in for_type_checkers:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, f"{'.' * node.level}{node.module or ''}"


def _for_type_checkers(tree: ast.Module) -> set[int]:
    """Return what only a type checker reads."""
    return {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }


def breaches(path: str, source: str) -> list[str]:  # noqa: C901, PLR0912 - a case for each rule
    """What a source does against the rules."""
    is_face = path in FACES
    found: list[tuple[int, str]] = []
    for line, name in imports(source):
        is_own = name.partition(".")[0] == "crmcore"
        if not is_own and (name not in STANDARD_LIBRARY | THIRD_PARTY or (name in ONLY_IN_THE_FACE and not is_face)):
            found.append((line, f"import of {name}"))
    tree = ast.parse(source)
    found += _taken(tree)
    more = {*(ONLY_IN_THE_FACE if is_face else ()), *(["vars"] if is_face or path.endswith("__init__.py") else ())}
    banned = _KNOWN_BUILTINS - BUILTINS - _bound(tree)
    zoned = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and _names_a_zone(node)}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr="astimezone") if id(node) not in zoned:
                found.append((node.lineno, "astimezone() without a zone"))
            case ast.Attribute(attr=attr) if attr in AMBIENT_METHODS:
                found.append((node.lineno, f".{attr}"))
            case ast.Attribute(attr=attr) if attr.startswith("__") and attr not in DUNDERS:
                found.append((node.lineno, f".{attr}"))
            case ast.Name(id=name, ctx=ast.Load()) if name in banned and name not in more:
                found.append((node.lineno, name))
            case ast.Global():
                found.append((node.lineno, "global"))
            case ast.Constant(value=str() as text) if _LOCALE_FORMAT.search(text):
                found.append((node.lineno, "the locale's number format"))
            case ast.Call(func=ast.Name(id="format"), args=[_, ast.Constant(value=str() as spec)]) if spec[-1:] == "n":
                found.append((node.lineno, "the locale's number format"))
            case ast.Call(func=ast.Name(id="rrule") | ast.Attribute(attr="rrule")) if not _names_a_start(node):
                found.append((node.lineno, "rrule without dtstart"))
            case ast.FormattedValue(format_spec=ast.JoinedStr() as spec) if ast.unparse(spec).rstrip("'\"")[-1:] == "n":
                found.append((node.lineno, "the locale's number format"))
            case _:
                pass
    return [f"{path}:{line}: {what}" for line, what in sorted(found)]


def _bound(tree: ast.Module) -> set[str]:
    """Return the names that a source itself gives to something."""
    return {
        *(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)),
        *(node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)),
        *(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)),
        *(
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        ),
    }


def _taken(tree: ast.Module) -> Iterator[tuple[int, str]]:  # noqa: C901 - three walks, one rule each
    """Yield the names that a source takes from modules of others and may not, and modules used as values."""
    left_out = _for_type_checkers(tree)
    nodes = [node for node in ast.walk(tree) if id(node) not in left_out]
    modules: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole, first = alias.name, alias.name.partition(".")[0]
                modules[alias.asname or first] = whole if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield from ((node.lineno, f"{node.module}.{name}") for name in _wrong_names(node.module, node.names))
    asked: set[int] = set()
    for node in nodes:
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            continue
        module = modules.get(node.value.id, "")
        if module in NAMES:
            asked.add(id(node.value))
            if node.attr not in NAMES[module] or not isinstance(node.ctx, ast.Load):
                yield node.lineno, f"{module}.{node.attr}"
        elif node.attr in _REACHABLE:
            yield node.lineno, f"{node.value.id}.{node.attr}"
    for node in nodes:
        if isinstance(node, ast.Name) and modules.get(node.id) in NAMES and id(node) not in asked:
            yield node.lineno, f"the module {node.id}"


def _wrong_names(module: str, names: list[ast.alias]) -> Iterator[str]:
    for alias in names:
        if module.partition(".")[0] == "crmcore":
            if alias.name in _REACHABLE:  # a module that another of our modules imports
                yield alias.name
        elif module in NAMES and alias.name not in NAMES[module]:
            yield alias.name


_REACHABLE: Final = {"functools", "itertools", "math", "operator", "re", "sys"}
"""Modules that the library imports, so that one of its modules leads to them."""


def _names_a_zone(call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(not (isinstance(value, ast.Constant) and value.value is None) for value in given)


def _names_a_start(call: ast.Call) -> bool:
    return any(keyword.arg == "dtstart" for keyword in call.keywords)
