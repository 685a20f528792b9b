"""No calculator lets an error of arithmetic escape that is not ours, and none runs on, whatever the numbers are."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import EnumType
from functools import partial
from random import Random
from typing import Any, Final

import pytest

import crmcore
from crmcore import CrmcoreError, Discount, Money, Period, Retention, TimeUnit
from tests.support.walk import public_names

_NUMBERS: Final[list[Any]] = [
    *(0, 1, -1, 10**30, -(10**30), Decimal("1E-40"), Decimal("0.5"), Decimal("1E-1000"), 1 - Decimal("1E-40")),
    *(Decimal("9E+999"), Decimal("1E-999999"), Decimal("1E+999999"), "0." + 190 * "3"),
]
_FLOATS: Final[list[Any]] = [0.0, 1.0, 5e-324, 1.7976931348623157e308, 1 - 2.0**-53, 0.95]
_COUNTS: Final[list[Any]] = [0, 1, 2, 7, 10**9, 10**30, 10**5000]
_EURO: Final = [Money(1, "EUR"), Money(0, "EUR"), Money(10**30, "EUR"), Money("1E-40", "EUR"), Money(-(10**30), "EUR")]
_RETENTIONS: Final = [Retention(share, TimeUnit.YEAR) for share in (0, 1, "0.8", "1E-1000", "0." + 40 * "9")]
_DISCOUNTS: Final = [Discount(rate, TimeUnit.YEAR) for rate in (0, "0.1", "-0.99999", "9E+999", "1E-1000")]
_CONFIDENCES: Final[list[Any]] = [0.95, 1e-12, 1 - 1e-12, 0.9999999999999999, 1e-300]
_MOST_CALLS: Final = 40


_CHOICES: Final[dict[str, list[Any]]] = {
    "Decimal": _NUMBERS,
    "float": _FLOATS,
    "int": _COUNTS,
    "bool": [False, True],
    "Money": _EURO,
    "Retention": _RETENTIONS,
    "Discount": _DISCOUNTS,
    "None": [None],
    "TimeUnit": [*TimeUnit],
    "date": [date(2026, 1, 1)],
    "datetime": [datetime(2026, 1, 1, tzinfo=UTC)],
    "Period": [Period.year(2026)],
}


def _choices(annotation: str, name: str) -> list[Any] | None:
    """Return extremes for an annotation; None if nothing is known of it."""
    if name == "confidence":
        return _CONFIDENCES
    found: list[Any] = []
    for part in annotation.split(" | "):
        several = re.fullmatch(r"(?:Iterable|Sequence)\[(.*)\]", part)
        if several:
            found += [[one, one] for one in _choices(several[1], name) or ()]
        elif part == "str":
            found += ["EUR", "JPY", "XXX"] if name == "currency" else ["x"]
        else:
            enum = getattr(crmcore, part, None) if part.isidentifier() else None
            found += [*enum] if isinstance(enum, EnumType) else _CHOICES.get(part, [])
    return found or None


def _is_numeric(annotation: str) -> bool:
    return bool(re.search(r"\b(Decimal|float|int|Money|Retention|Discount)\b", annotation))


def _list_callables() -> dict[str, Callable[..., Any]]:
    """Every public function, constructor and alternative constructor with a numeric argument that can be called."""
    found: dict[str, Callable[..., Any]] = {}
    for name, value in public_names().items():
        if name.startswith("crmcore.render"):
            continue
        calls: dict[str, Any] = {name: value}
        if inspect.isclass(value):
            if issubclass(value, BaseException):
                continue
            calls |= {
                f"{name}.{member}": getattr(value, member)
                for member, kind in vars(value).items()
                if isinstance(kind, classmethod) and not member.startswith("_")
            }
        found |= {key: call for key, call in calls.items() if _parameters(call) is not None}
    return found


def _annotation(parameter: inspect.Parameter) -> str:
    hint = parameter.annotation
    return hint.__name__ if isinstance(hint, type) else str(hint)


def _parameters(call: Any) -> list[tuple[inspect.Parameter, list[Any]]] | None:
    """Return the parameters of a callable with their extremes; None if one that is required has none."""
    try:
        signature = inspect.signature(call)
    except (TypeError, ValueError):
        return None
    found: list[tuple[inspect.Parameter, list[Any]]] = []
    numeric = False
    for parameter in signature.parameters.values():
        hint = re.sub(r"(\w+\.)+", "", _annotation(parameter))
        choices = _choices(hint, parameter.name)
        if choices is None:
            if parameter.default is parameter.empty:
                return None
            continue
        if parameter.default is not parameter.empty and not _is_numeric(hint):
            continue
        numeric = numeric or _is_numeric(hint)
        if parameter.default is not parameter.empty:
            choices = [parameter.default, *choices]
        found.append((parameter, choices))
    return found if numeric else None


CALLABLES: Final = _list_callables()


def _list_calls(call: Any) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """Each extreme beside the first choices of the others, then some of their product, the same in every run."""
    parameters = _parameters(call)
    assert parameters is not None
    first = [min(2, len(choices) - 1) for _, choices in parameters]
    rows = [first]
    for place, (_, choices) in enumerate(parameters):
        rows += [[*first[:place], number, *first[place + 1 :]] for number in range(len(choices))]
    random = Random(7)
    rows += [[random.randrange(len(choices)) for _, choices in parameters] for _ in range(_MOST_CALLS)]
    for row in rows:
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for (parameter, choices), number in zip(parameters, row, strict=True):
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD) and not named:
                positional.append(choices[number])
            else:
                named[parameter.name] = choices[number]
        yield positional, named


def use(result: Any) -> None:
    """Read whatever a result offers: its properties, its explanation, its row and its texts."""
    repr(result)
    str(result)
    if not type(result).__module__.startswith("crmcore."):
        return
    names = [name for name, member in inspect.getmembers(type(result)) if isinstance(member, property)]
    for name in names:
        if not name.startswith("_"):
            _ours(partial(getattr, result, name))
    for name in ("explain", "row", "interval", "rows"):
        method = getattr(result, name, None)
        if callable(method) and all(
            parameter.default is not parameter.empty for parameter in inspect.signature(method).parameters.values()
        ):
            str(_ours(method))


def _ours(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except CrmcoreError:
        return None


class TestExtremes:
    def test_calculators_are_found(self) -> None:
        """The walk finds functions, constructors and alternative constructors."""
        short = {name.rpartition("crmcore.")[2] for name in CALLABLES}
        assert {
            "primitives.rates.Retention.from_churn",
            "primitives.proportions.zero_event_bound",
            "primitives.money.Money.estimated",
            "value.lifetime_value.constant_retention",
        } <= short
        assert len(CALLABLES) > 60

    @pytest.mark.parametrize("name", CALLABLES)
    def test_no_error_of_arithmetic_escapes(self, name: str) -> None:
        """Whatever the numbers are, the answer or the error is ours, and so is all that can be read of the answer."""
        for positional, named in _list_calls(CALLABLES[name]):
            try:
                result = CALLABLES[name](*positional, **named)
            except CrmcoreError:
                continue
            use(result)
