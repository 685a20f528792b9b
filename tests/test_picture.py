"""The picture of the model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent.parent / "docs" / "model_picture.py"


def test_picture_is_the_codes() -> None:
    """The picture in the documentation is what the code draws today."""
    checked = subprocess.run([sys.executable, SCRIPT, "--check"], check=False, capture_output=True, text=True)

    assert (0, "") == (checked.returncode, checked.stderr)
