# pyright: basic, reportMissingImports=false
"""What the build adds to pyproject.toml: the README as the description of the package, without links that lead nowhere.

A package index shows the README without the repository around it. There a link into the repository is written as its
text, and a picture is left out. A link to the documentation leads to its home, as soon as pyproject.toml names one as
``Documentation`` in ``project.urls``.
"""

from __future__ import annotations

import re
from pathlib import Path  # noqa: TID251 - the build reads the README
from typing import Any, Final

from hatchling.metadata.plugin.interface import MetadataHookInterface  # type: ignore[import-not-found,unused-ignore] # the build has it

_LINK: Final = re.compile(r"(?P<picture>!?)\[(?P<text>[^\]]*)\]\((?!https?:|#)(?P<target>[^)]*)\)")


class Description(MetadataHookInterface):  # type: ignore[misc,unused-ignore] # the same
    """Writes the description of the package."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the description to the metadata."""
        readme = Path(self.root, "README.md").read_text(encoding="utf-8")
        home = metadata.get("urls", {}).get("Documentation", "")
        metadata["readme"] = {"content-type": "text/markdown", "text": describe(readme, home)}


def describe(readme: str, home: str) -> str:
    """Return the README with links to the home of the documentation, and no others into the repository."""

    def rewrite(link: re.Match[str]) -> str:
        picture, text, target = link["picture"], link["text"], link["target"]
        if not (home and target.startswith("docs/")):
            return "" if picture else text
        page = re.sub(r"(index)?\.md(?=$|#)", "/", target.removeprefix("docs/")).replace("//", "/")
        return f"{picture}[{text}]({home.rstrip('/')}/{page})"

    return _LINK.sub(rewrite, readme)
