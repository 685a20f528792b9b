"""Every public name is typed and documented: these tests name what is missing."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import attrs
import pytest

from crmcore import interop
from tests.support.walk import mentioned, modules, public_classes, public_names

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


def is_below(module: ModuleType) -> bool:
    """Whether a module is public and not `crmcore` itself."""
    return "." in module.__name__ and "._" not in module.__name__


class TestTyping:
    def test_every_public_name_is_typed(self) -> None:
        """Each public class and function is used in a file that the type checkers read."""
        used = {name for path in ROOT.glob("tests/typing/*.py") for name in mentioned(path.read_text(encoding="utf-8"))}

        assert [f"no file of tests/typing uses {name}" for name in sorted(set(public_names()) - used)] == []


class TestReference:
    def test_every_public_module_has_its_place(self) -> None:
        """Each module that offers names has a block on the page of its wing or floor."""
        offering = {module.__name__ for module in modules() if getattr(module, "__all__", ()) and is_below(module)}
        offering |= {f"crmcore.interop.{info.name}" for info in iter_modules(interop.__path__) if info.name[0] != "_"}
        blocks = {
            (path.stem, module)
            for path in REFERENCE.glob("*.md")
            for module in re.findall(r"^::: (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        }
        due = {(module.split(".")[1], module) for module in offering} - {("interop", "crmcore.interop.frames")}
        due.add(("frames", "crmcore.interop.frames"))  # on a page of its own: it has as many names as a wing

        assert [f"docs/reference/{page}.md has no block for {module}" for page, module in sorted(due - blocks)] == []
        assert sorted(blocks - due) == []

    def test_every_page_is_in_the_navigation(self) -> None:
        """Each page of the reference can be reached from the navigation."""
        navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")

        assert [path.name for path in REFERENCE.glob("*.md") if f"reference/{path.name}\n" not in navigation] == []

    def test_every_example_is_shown(self) -> None:
        """Each program of `examples` is on the page of examples."""
        page = (REFERENCE / "examples.md").read_text(encoding="utf-8")

        assert [path.name for path in ROOT.glob("examples/*.py") if f'"examples/{path.name}"\n' not in page] == []

    def test_signatures_of_attrs_classes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The reference shows for each attrs class the parameters that its constructor has."""
        griffe = pytest.importorskip("griffe", reason="only the group docs installs it")
        monkeypatch.syspath_prepend(ROOT / "docs")
        extension = import_module("attrs_signatures").AttrsSignatures()
        package = griffe.load("crmcore", extensions=griffe.load_extensions(extension))
        records = [cls for cls in public_classes() if attrs.has(cls) and attrs.fields(cls)]
        shown = {
            cls.__name__: [one.name for one in package[f"{cls.__module__}.{cls.__name__}"[8:]].parameters][1:]
            for cls in records
        }

        assert {cls.__name__: [*inspect.signature(cls).parameters] for cls in records} == shown
