"""Hooks that let a converter of cattrs write this library's records as JSON, and read them again.

Needs cattrs: ``pip install crmcore[cattrs]``.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Final, TypeVar, Union, get_args, get_origin

from crmcore.interop import _json
from crmcore.primitives import checks
from crmcore.primitives.ids import Id
from crmcore.primitives.record import kind_of
from crmcore.primitives.tally import TallyBy

if TYPE_CHECKING:
    from cattrs.converters import BaseConverter

__all__ = ["configure"]

_C = TypeVar("_C", bound="BaseConverter")
_PLAIN: Final = {bool, int, float, str, Decimal, NoneType}


def configure(converter: _C, /) -> _C:
    """Register hooks on a converter, and return it.

    Exact numbers, instants, dates, durations and zones become texts, an id that is a UUID its text, and tallies by key
    a list of pairs. The constructor of a record checks what is read. A record, its fields and its collections are
    cattrs' own business, so its options work as for other classes.

    Examples:
        >>> import cattrs.preconf.json
        >>> from crmcore import Money, Purchase, instant
        >>> converter = configure(cattrs.preconf.json.make_converter())
        >>> book = Purchase(customer_id=7, at=instant("2026-03-02"), amount=Money("19.90", "EUR"))
        >>> text = converter.dumps(book)
        >>> converter.loads(text, Purchase) == book
        True
    """
    for kind in (date, datetime, timedelta, tzinfo):
        converter.register_unstructure_hook(kind, _json.WRITE[kind])
        converter.register_structure_hook(kind, _read_text)
    converter.register_unstructure_hook(Decimal, _json.WRITE[Decimal])
    converter.register_structure_hook(Decimal, _read_decimal)
    converter.register_structure_hook_func(_is_fraction, _read_fraction)
    converter.register_structure_hook_func(_is_plain_union, _read_plain)
    converter.register_unstructure_hook_func(_is_plain_union, partial(_write_plain, converter))
    converter.register_structure_hook_func(_is_several, partial(_read_several, converter))
    converter.register_structure_hook_func(_is_tally_by, partial(_read_tally_by, converter))
    converter.register_unstructure_hook_func(_is_tally_by, partial(_write_tally_by, converter))
    return converter


def _read_text(value: object, kind: type[Any]) -> object:
    return checks.as_instance(_json.parse(value, kind, kind.__name__), kind, kind.__name__)


def _read_decimal(value: object, _: type) -> Decimal:
    return _json.read_decimal(value, "the number", floats=False)


def _is_fraction(kind: Any) -> bool:  # noqa: ANN401 - a type
    """Return whether a type is a share or a rate, which may be a number of JSON."""
    declared = kind_of(kind)
    return declared is not None and declared.floats


def _read_fraction(value: object, _: type) -> Decimal:
    return _json.read_decimal(value, "the number", floats=True)


def _is_plain_union(kind: Any) -> bool:  # noqa: ANN401 - a type
    return kind == Id or (get_origin(kind) in (Union, UnionType) and set(get_args(kind)) <= _PLAIN)


def _read_plain(value: object, kind: Any) -> object:  # noqa: ANN401 - a type
    """Return a value that JSON can hold as it is, and an exact number if only that fits: the record checks it."""
    kinds = get_args(kind)
    if Decimal in kinds and (int if isinstance(value, int | float) else str) not in kinds and value is not None:
        return _read_decimal(value, Decimal)
    return value


def _write_plain(converter: BaseConverter, value: object) -> object:
    if isinstance(value, str | int | float | NoneType):
        return value
    return converter.unstructure(value) if isinstance(value, Decimal) else str(value)


def _is_several(kind: Any) -> bool:  # noqa: ANN401 - a type
    return get_origin(kind) is frozenset or (get_origin(kind) is tuple and get_args(kind)[1:] == (...,))


def _read_several(converter: BaseConverter, values: Any, kind: Any) -> object:  # noqa: ANN401 - a type
    """Read a collection. A text is refused, which cattrs would split into letters, and so is a mapping."""
    member = get_args(kind)[0]
    read = converter.get_structure_hook(member)
    return get_origin(kind)(read(value, member) for value in checks.iterate(values, "the list", "item"))


def _is_tally_by(kind: Any) -> bool:  # noqa: ANN401 - a type
    return (get_origin(kind) or kind) is TallyBy


def _read_tally_by(converter: BaseConverter, value: Any, kind: Any) -> TallyBy[Any, Any]:  # noqa: ANN401 - a type
    pairs: Any = list[tuple[get_args(kind)]]  # type: ignore[misc] # known only at run time
    return TallyBy(converter.structure(value, pairs))


def _write_tally_by(converter: BaseConverter, value: TallyBy[Any, Any]) -> object:
    return [[converter.unstructure(key), converter.unstructure(tally)] for key, tally in value.items()]
