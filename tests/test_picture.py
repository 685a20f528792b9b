"""The picture of the model; those of the guides are in `render/test_guides.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def test_picture_is_the_codes() -> None:
    """The picture of the model is what the code draws today."""
    script = DOCS / "model_picture.py"
    checked = subprocess.run([sys.executable, script, "--check"], check=False, capture_output=True, text=True)

    assert (0, "") == (checked.returncode, checked.stderr)
