"""A second locale, which writes numbers in another way; it is built without root if none is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest

_SHOW = "import locale; locale.setlocale(locale.LC_ALL, ''); print(f'{1234567:n} {1.5:n}')"


@cache
def second_locale() -> dict[str, str]:
    """Return the variables of a process that has it. The test fails, and is not skipped, if there is none."""
    installed = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    for name in ["tr_TR.UTF-8", "de_DE.UTF-8", *installed]:
        if _writes_otherwise({"LC_ALL": name}):
            return {"LC_ALL": name}
    folder = tempfile.mkdtemp()
    if shutil.which("localedef"):
        for name in ("tr_TR", "de_DE"):
            target = Path(folder) / f"{name}.UTF-8"
            subprocess.run(["localedef", "-c", "-i", name, "-f", "UTF-8", target], capture_output=True, check=False)
            found = {"LC_ALL": f"{name}.UTF-8", "LOCPATH": folder}
            if _writes_otherwise(found):
                return found
    pytest.fail("no locale writes numbers otherwise: install one, or localedef with the sources of tr_TR")


def _writes_otherwise(variables: dict[str, str]) -> bool:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    said = subprocess.run(
        [sys.executable, "-c", _SHOW], env=inherited | variables, capture_output=True, text=True, check=False
    )
    return said.returncode == 0 and said.stdout.strip() not in ("1234567 1.5", "")
