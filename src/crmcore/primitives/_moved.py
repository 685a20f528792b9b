"""Where the classes are today that the pickles of earlier releases name.

A pickle names each class by its module. A module of an earlier release that is gone is found by `find_spec`, which
`crmcore` adds to the finders of Python; a name that left a module that still exists, by the ``__getattr__`` of that
module. Only pickles need either.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final, cast

_MODULES: Final = {  # since 0.2.0
    "crmcore.balance": "crmcore.service.balance",
    "crmcore.balance._counting": "crmcore.service.balance",
    "crmcore.balance._ledger": "crmcore.service.balance",
    "crmcore.balance._standing": "crmcore.service.balance",
    "crmcore.cashflow": "crmcore.value.cashflow",
    "crmcore.churn": "crmcore.retention.churn",
    "crmcore.churn._benchmark": "crmcore.retention.churn",
    "crmcore.churn._counts": "crmcore.retention.churn",
    "crmcore.churn._gaps": "crmcore.retention.inactivity",
    "crmcore.churn._revenue": "crmcore.retention.churn",
    "crmcore.churn._silence": "crmcore.retention.inactivity",
    "crmcore.lifecycles": "crmcore.retention.lifecycles",
    "crmcore.lifetime_value": "crmcore.value.lifetime_value",
    "crmcore.lifetime_value._buying": "crmcore.value.lifetime_value",
    "crmcore.lifetime_value._history": "crmcore.value.lifetime_value",
    "crmcore.lifetime_value._mix": "crmcore.value.lifetime_value",
    "crmcore.lifetime_value._payback": "crmcore.value.lifetime_value",
    "crmcore.lifetime_value._result": "crmcore.value.lifetime_value",
    "crmcore.lifetime_value._retention": "crmcore.value.lifetime_value",
}
"""The modules that are gone, and those that have their classes."""
_NAMES: Final = {  # since 0.2.0
    "crmcore.balance._standing.Standing": "crmcore.service.balance.BalanceVerdict",
    "crmcore.model.checklist.Audit": "crmcore.service.audits.Audit",
    "crmcore.model.feedback.Wish": "crmcore.model.feedback.Request",
    "crmcore.model.survey.FeedbackChannel": "crmcore.model.touchpoint.FORMER_CHANNELS",
}
"""The classes that were renamed, or left a module that is still there."""


class _FormerModule(ModuleType):
    """A module that is gone. It gives the classes of the module that has them today."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # asked of every module by tools, such as `inspect`
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        # The import of `crmcore.churn._counts` put the former `churn` in the place of the room.
        top = self.__name__.split(".")[1]
        setattr(import_module("crmcore"), top, import_module(_MODULES[f"crmcore.{top}"]))
        return _find(_NAMES.get(f"{self.__name__}.{name}", f"{_MODULES[self.__name__]}.{name}"))


def _find(path: str) -> object:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


class _Loader:
    """Makes a module that is gone."""

    @staticmethod
    def create_module(spec: ModuleSpec) -> ModuleType:
        return _FormerModule(spec.name, f"The place of `{_MODULES[spec.name]}` in an earlier release, for pickles.")

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        pass


def find_spec(name: str) -> ModuleSpec | None:
    """Return how Python loads a module that is gone; None for any other module."""
    if name not in _MODULES:
        return None
    is_package = any(module.startswith(f"{name}.") for module in _MODULES)
    return ModuleSpec(name, cast("Any", _Loader), is_package=is_package)


def find_names_of(module: str) -> Callable[[str], object]:
    """Return the ``__getattr__`` of a module that classes have left."""

    def find(name: str) -> object:
        path = _NAMES.get(f"{module}.{name}")
        if path is None:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return _find(path)

    return find
