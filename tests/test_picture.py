"""The pictures of the documentation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.parametrize("script", ["guide_pictures.py", "model_picture.py"])
def test_picture_is_the_codes(script: str) -> None:
    """The pictures in the documentation are what the code draws today."""
    checked = subprocess.run([sys.executable, DOCS / script, "--check"], check=False, capture_output=True, text=True)

    assert (0, "") == (checked.returncode, checked.stderr)
