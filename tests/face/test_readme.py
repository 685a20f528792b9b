"""The README leads somewhere, in the repository and where a package index shows it."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import tomllib
from types import ModuleType
from typing import Any

import pytest

from tests.face.documents import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
LINK = re.compile(r"\[[^\]]*\]\(([^)]*)\)")
HOME = "https://docs.example/crmcore/"


@pytest.fixture
def describe(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the function of the build, without the build."""
    interface: Any = ModuleType("interface")
    interface.MetadataHookInterface = object
    for name in ("hatchling", "hatchling.metadata", "hatchling.metadata.plugin"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "hatchling.metadata.plugin.interface", interface)
    return runpy.run_path(str(ROOT / "hatch_build.py"))["describe"]


class TestLinks:
    def test_lead_to_files(self) -> None:
        """In the repository each link leads to a file or folder of it."""
        targets = LINK.findall(README)
        assert len(targets) > 20
        assert [target for target in targets if not (ROOT / target.partition("#")[0]).exists()] == []

    def test_of_the_package_lead_nowhere_else(self) -> None:
        """The description of the installed package has no link into the repository; a link is absolute or gone."""
        command = "from importlib.metadata import metadata; print(metadata('crmcore').get_payload())"
        description = subprocess.run(  # of its own process: engines of frames change how this one finds packages
            [sys.executable, "-X", "utf8", "-c", command], capture_output=True, check=True, encoding="utf-8"
        ).stdout
        assert "We lose 5 % of our customers a month" in description
        assert [target for target in LINK.findall(description) if not target.startswith("https://")] == []
        assert "the tutorial, then the guide to your question" in description

    def test_with_a_home_lead_to_pages(self, describe: Any) -> None:
        """As soon as the documentation has a home, each link to it is absolute, and its page exists."""
        targets = LINK.findall(describe(README, HOME))
        assert f"{HOME}tutorial/" in targets
        assert f"{HOME}model/" in targets
        assert f"{HOME}guides/journey-map-gone.svg" in targets
        for target in targets:
            page = ROOT / "docs" / target.removeprefix(HOME)
            assert page.is_file() or page.with_suffix(".md").is_file() or (page / "index.md").is_file()

    def test_the_home_is_that_of_the_project(self, describe: Any) -> None:
        """Without a home in pyproject.toml no link is left, and an anchor keeps its page."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert LINK.findall(describe(README, project.get("urls", {}).get("Documentation", ""))) == []
        assert describe("[a](docs/b.md#c) [d](https://e.example) ![f](docs/g.svg)", HOME) == (
            f"[a]({HOME}b/#c) [d](https://e.example) ![f]({HOME}g.svg)"
        )
        assert describe("[a](docs/b.md) ![f](docs/g.svg)", "") == "a "
