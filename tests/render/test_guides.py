"""The pictures of the guides are what the code draws: ``python docs/guide_pictures.py`` draws them anew."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any, Final

import pytest

from crmcore.render import Svg
from tests.support.pictures import check_texts, parsed

SCRIPT: Final = Path(__file__).parents[2] / "docs" / "guide_pictures.py"
GUIDES: Final[dict[str, Any]] = runpy.run_path(str(SCRIPT))


@pytest.mark.parametrize("guide", GUIDES["PICTURES"])
def test_shows_what_is_drawn(guide: str) -> None:
    """Each file is what the code of its guide makes today, and no text of a picture stands over another."""
    for file, drawn in GUIDES["pictures"](guide):
        assert file.read_text(encoding="utf-8") == drawn, f"{file.name}: run python docs/guide_pictures.py and look"
        if file.suffix == ".svg":
            check_texts(parsed(Svg(drawn)))
