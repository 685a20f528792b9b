"""Test the installed package on every CPython here that it supports, with the oldest and the newest python-dateutil."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
DATEUTILS = {"2.9.0": "python-dateutil==2.9.0", "newest": "python-dateutil"}
ASK = "import ensurepip, sys; print(sys.implementation.name, *sys.version_info[:3])"


def interpreters() -> dict[tuple[int, int], Path]:
    """Find one interpreter for each minor version: on the path, or among pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders = [Path(folder) for folder in os.get_exec_path()] + sorted(pyenv.glob("versions/*/bin"))
    names = ["python3", *(f"python3.{minor}" for minor in range(OLDEST[1], 40))]
    found: dict[tuple[int, int], tuple[int, Path]] = {}
    for path in (folder / name for folder in folders for name in names):
        if not os.access(path, os.X_OK):
            continue
        answer = subprocess.run([path, "-c", ASK], capture_output=True, text=True, check=False).stdout.split()
        if len(answer) != 4 or answer[0] != "cpython":
            continue  # a shim of a version that is not active, or a Python without venv
        major, minor, patch = map(int, answer[1:])
        if (major, minor) >= OLDEST and patch > found.get((major, minor), (-1, path))[0]:
            found[major, minor] = patch, path
    return {version: path for version, (_, path) in sorted(found.items())}


def run(*command: str | Path) -> bool:
    """Run a command at the root of the project and say whether it succeeded."""
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main() -> int:
    """Print a table and return how many of its rows failed."""
    rows: list[tuple[str, str, str]] = []
    for (major, minor), interpreter in interpreters().items():
        venv = ROOT / ".cache" / f".venv-{major}.{minor}"
        python = venv / "bin" / "python"
        pip = (python, "-m", "pip", "-qq", "install")
        shutil.rmtree(venv, ignore_errors=True)
        ready = run(interpreter, "-m", "venv", venv) and run(*pip, "--upgrade", "pip>=25.1")
        for name, requirement in DATEUTILS.items():
            print(f"\nPython {major}.{minor}, python-dateutil {name}", flush=True)
            start = time.monotonic()
            installed = ready and run(*pip, "--upgrade", "--group", "test", ".", requirement)
            passed = installed and run(python, "-m", "pytest", "-q", "--numprocesses=auto", "--dist=loadscope")
            outcome = "passed" if passed else "FAILED"
            rows.append((f"{major}.{minor}", name, f"{outcome} in {time.monotonic() - start:.0f} s"))
    print(f"\n{'Python':8}{'python-dateutil':17}outcome")
    for version, name, outcome in rows:
        print(f"{version:8}{name:17}{outcome}")
    return sum("FAILED" in outcome for _, _, outcome in rows)


if __name__ == "__main__":
    sys.exit(main())
