from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import crmcore
from tests.face.surface import SNAPSHOT, surface
from tests.walk import home_of, modules

if TYPE_CHECKING:
    from types import ModuleType

MODULES = list(modules())
PUBLIC = [module for module in MODULES if not module.__name__.rpartition(".")[2].startswith("_")]
TREE = ast.parse(Path(crmcore.__file__).read_text(encoding="utf-8"))


def _for_type_checkers() -> dict[str, str]:
    """Name and home of every import under ``if TYPE_CHECKING``; each must name itself, or it is not re-exported."""
    (block,) = [
        node
        for node in TREE.body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    ]
    homes: dict[str, str] = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        assert node.module is not None
        for alias in node.names:
            assert alias.name == alias.asname
            homes[alias.name] = node.module
    return homes


def _order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, as ruff sorts `__all__`."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def _ask_a_child(question: str) -> str:
    """What a new Python answers, in which nothing is loaded yet."""
    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True, timeout=60)
    return answer.stdout.strip()


@pytest.mark.skipif("MUTANT_UNDER_TEST" in os.environ, reason="mutmut adds names of its own")
class TestSurface:
    def test_is_as_written_down(self) -> None:
        """No public name, parameter, default or member comes, goes or changes unseen.

        Where the change is meant, ``python -m tests.face.surface`` writes the new surface down.
        """
        assert SNAPSHOT.read_text(encoding="utf-8") == surface()

    def test_notices_a_change(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The text shows a default that changes."""
        monkeypatch.setattr(crmcore.Money.quantized, "__kwdefaults__", {"rounding": "ROUND_UP"})

        assert SNAPSHOT.read_text(encoding="utf-8") != surface()

    @pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.__name__)
    def test_names_are_sorted(self, module: ModuleType) -> None:
        """Every public module names what it offers, sorted; only a package that holds nothing needs no list."""
        tree = ast.parse(inspect.getsource(module))
        holds_nothing = all(isinstance(node, ast.Expr) for node in tree.body)
        names: list[str] = getattr(module, "__all__", [])

        assert holds_nothing is not hasattr(module, "__all__")
        assert sorted(set(names), key=_order) == names
        assert [name for name in names if not hasattr(module, name)] == []

    def test_no_name_is_a_modules(self) -> None:
        """No public object is named like a module: ``from crmcore import churn`` can mean one thing only."""
        taken = {part for module in MODULES for part in module.__name__.split(".")}
        names = {name for module in PUBLIC for name in getattr(module, "__all__", ())}

        assert names & taken == set()


class TestLazyFace:
    def test_lists_agree(self) -> None:
        """`__all__`, the homes and what type checkers see are one list."""
        homes: dict[str, str] = vars(crmcore)["_HOME"]

        assert sorted(homes) == list(homes)
        assert {**dict.fromkeys(vars(crmcore)["_MODULES"], "crmcore"), **homes} == _for_type_checkers()
        assert sorted(homes) == sorted(vars(crmcore)["__all__"])

    @pytest.mark.parametrize("name", vars(crmcore)["__all__"])
    def test_name_comes_from_its_home(self, name: str) -> None:
        """A name is the very object that its home, or a private module of its home, defines and offers."""
        home = vars(crmcore)["_HOME"][name]
        value = getattr(crmcore, name)

        assert getattr(import_module(home), name) is value
        assert name in import_module(home).__all__
        if inspect.isclass(value) or inspect.isfunction(value):
            assert home == home_of(value)

    def test_classes_can_be_imported_from_it(self) -> None:
        """Every class of a room or of the model can be had from `crmcore` itself."""
        missing = {
            value.__name__
            for module in PUBLIC
            if not module.__name__.startswith("crmcore.primitives")
            for name in getattr(module, "__all__", ())
            if inspect.isclass(value := getattr(module, name)) and name not in vars(crmcore)["__all__"]
        }

        assert missing == set()

    def test_import_loads_nothing_else(self) -> None:
        """``import crmcore`` loads neither attrs nor dateutil nor any module of its own."""
        loaded = _ask_a_child("import sys, crmcore; print(*sorted(sys.modules))").split()

        assert [name for name in loaded if name.partition(".")[0] in {"attr", "attrs", "dateutil"}] == []
        assert [name for name in loaded if name.startswith("crmcore.")] == []

    @pytest.mark.parametrize(
        ("name", "rooms"),
        [
            ("Money", set[str]()),
            ("Customer", set[str]()),
            ("Relationship", set[str]()),
            ("Attribution", {"crmcore.journeys.attribution"}),
            ("Balance", {"crmcore.service.balance"}),
            ("Inactivity", {"crmcore.retention.churn"}),
            ("StageTime", {"crmcore.retention.lifecycles"}),
            ("AbandonedContacts", {"crmcore.journeys.journey_maps"}),
            ("PriceMatch", {"crmcore.journeys.micro_moments"}),
            ("CashFlow", {"crmcore.value.cashflow"}),
            ("SpendGuard", {"crmcore.value.cashflow", "crmcore.value.lifetime_value"}),
            ("Svg", {"crmcore.render"}),
        ],
    )
    def test_a_name_loads_no_other_room(self, name: str, rooms: set[str]) -> None:
        """A name loads the room it lives in and no other."""
        loaded = _ask_a_child(f"import sys; from crmcore import {name}; print(*sys.modules)").split()
        every_room = {module.__name__ for module in PUBLIC if module.__name__.count(".") == 1}
        floors = {"crmcore.interop", "crmcore.model", "crmcore.primitives"}

        assert rooms == (every_room - floors) & set(loaded)

    def test_dir(self) -> None:
        """`dir` lists the public names before any of them is loaded."""
        public = {*vars(crmcore)["__all__"], *vars(crmcore)["_MODULES"]}

        assert sorted(public) == dir(crmcore)
        assert _ask_a_child("import crmcore; print(*dir(crmcore))").split() == dir(crmcore)

    @pytest.mark.parametrize("name", vars(crmcore)["_MODULES"])
    def test_rooms_and_floors_are_attributes(self, name: str) -> None:
        """After ``import crmcore`` a room can be reached by its name, without an import of its own."""
        assert _ask_a_child(f"import crmcore; print(crmcore.{name}.__name__)") == f"crmcore.{name}"
        assert import_module(f"crmcore.{name}") is vars(crmcore)["__getattr__"](name)

    def test_every_room_is_one(self) -> None:
        """No room or floor but interop is left out."""
        top = {module.__name__.removeprefix("crmcore.") for module in MODULES if module.__name__.count(".") == 1}

        assert top - {"interop"} == set(vars(crmcore)["_MODULES"])

    def test_rooms(self) -> None:
        """The rooms and floors are these."""
        assert (
            "attribution",
            "balance",
            "cashflow",
            "churn",
            "journey_maps",
            "lifecycles",
            "lifetime_value",
            "micro_moments",
            "model",
            "paths",
            "primitives",
            "render",
        ) == vars(crmcore)["_MODULES"]

    def test_star_import(self) -> None:
        """A star import brings every public name."""
        namespace: dict[str, Any] = {}
        exec("from crmcore import *", namespace)

        assert set(vars(crmcore)["__all__"]) == set(namespace) - {"__builtins__"}

    def test_name_is_kept_once_loaded(self) -> None:
        """A name is looked up once; then it stands in the module."""
        assert _ask_a_child("import crmcore; crmcore.Money; print('Money' in vars(crmcore))") == "True"

    def test_unknown_name(self) -> None:
        """A name that is not there is an AttributeError, as in any module."""
        with pytest.raises(AttributeError, match="module 'crmcore' has no attribute 'Nonsense'"):
            _ = crmcore.Nonsense  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue] - not there

        assert not hasattr(crmcore, "_DAY")

    def test_room_can_be_imported(self) -> None:
        """``from crmcore import churn`` gives the module, though `churn` is no public name."""
        assert _ask_a_child("from crmcore import churn; print(churn.__name__)") == "crmcore.retention.churn"
