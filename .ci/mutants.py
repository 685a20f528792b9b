"""Break the code of a room on purpose and say which changes no test notices: ``make mutants ROOM=value/pricing``.

A room is a module or a folder of `src/crmcore`; without one every room is tried, which takes a day. With ``PART=7``
only the mutants whose number ends in 7 are tried: a tenth of them, the same tenth each time.

Mutmut makes the mutants. A survivor counts against the room unless only the words of a text were changed, or unless
it is listed in `mutants_accepted.txt` with the reason why no test could notice it.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parent.parent
WORK: Final = ROOT / ".cache" / "mutants"
ACCEPTED: Final = ROOT / ".ci" / "mutants_accepted.txt"
LEAST: Final = 0.95
"""The share of mutants that the tests have to notice."""
KILLED: Final = {1, 3, 24, 36, 152, 255, -9, -24}
"""The exit codes of a worker whose tests failed, or never ended."""
UNTRIED: Final = None
ALSO: Final = [
    "tests/golden",
    "tests/test_docstrings.py",
    "tests/model/test_refusals.py",
    "tests/model/test_hostile.py",
    "tests/interop/test_figures.py",
]
"""Tests of every room: worked cases, examples, refusals, and figures that come back from JSON."""


def rooms() -> Iterator[str]:
    """Every module and package of the wings and floors, such as ``value/pricing``."""
    source = ROOT / "src" / "crmcore"
    for floor in sorted(
        path for path in source.iterdir() if path.is_dir() and path.name not in {"interop", "__pycache__"}
    ):
        for path in sorted(floor.iterdir()):
            if path.suffix == ".py" and path.stem != "__init__":
                yield f"{floor.name}/{path.stem}"
            elif path.is_dir() and path.name != "__pycache__":
                yield f"{floor.name}/{path.name}"


def settings(room: str) -> str:
    """The part of pyproject.toml that mutmut reads."""
    wing = room.partition("/")[0]
    source = ROOT / "src" / "crmcore" / room
    mutate = [f"src/crmcore/{room}/*"] if source.is_dir() else [f"src/crmcore/{room}.py"]
    tests = [f"tests/{wing}", *(path for path in ALSO if not path.startswith(f"tests/{wing}/"))]
    lines = {
        "source_paths": ["src/crmcore"],
        "only_mutate": mutate,
        "do_not_mutate": ["*/__init__.py"],
        "process_isolation": "forkserver",  # Hypothesis objects to two runs in one process
        "pytest_add_cli_args_test_selection": tests,
        "pytest_add_cli_args": ["-m", "not slow"],
    }
    return "[tool.mutmut]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())


def prepare(room: str) -> Path:
    """A copy of the project whose settings are about one room."""
    folder = WORK / room.replace("/", ".")
    shutil.rmtree(folder, ignore_errors=True)
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True)  # noqa: S607  # the git of the developer
    for name in files.stdout.decode().split("\n"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    project = folder / "pyproject.toml"
    project.write_text(project.read_text(encoding="utf-8") + "\n" + settings(room), encoding="utf-8")
    return folder


class Blank(ast.NodeTransformer):
    """Take the words out of texts that are sentences, or parts of one."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        """Blank a text with a space in it."""
        return ast.Constant("") if isinstance(node.value, str) and " " in node.value.strip("X") else node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        """Write None as the empty text where a row of an explanation takes either for no unit."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "term":
            none = [isinstance(argument, ast.Constant) and argument.value is None for argument in node.args]
            node.args = [ast.Constant("") if empty else arg for empty, arg in zip(none, node.args, strict=True)]
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        """Blank the words of an f-string and keep what it fills in."""
        values = [value for value in node.values if not isinstance(value, ast.Constant)]
        return ast.JoinedStr([self.visit(value) for value in values])


def bare(code: str) -> str:
    """The code of a function without the words of its texts."""
    return ast.dump(Blank().visit(ast.parse(code)))


def functions(room: str, folder: Path, name: str) -> tuple[str, str, str]:
    """The function before and after, and the lines that differ, as mutmut tells them."""
    shown = subprocess.run(
        [Path(sys.executable).parent / "mutmut", "show", name], cwd=folder, check=True, capture_output=True, text=True
    ).stdout
    lines = [line for line in shown.splitlines()[1:] if not line.startswith(("---", "+++", "@@"))]
    before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
    after = "\n".join(line[1:] for line in lines if not line.startswith("-"))
    changed = " => ".join(" ".join(line[1:].split()) for line in lines if line.startswith(("-", "+")))
    return before, after, f"{room}: {name.rpartition('__mutmut_')[0].rpartition('.')[2]}: {changed}"


def is_wording(before: str, after: str) -> bool:
    """Whether only the words of a text were changed."""
    try:
        return bare(before) == bare(after)
    except SyntaxError:  # a part of a function that is no code by itself
        return False


def read_accepted() -> set[str]:
    """The survivors that no test could notice; each stands under the reason."""
    lines = ACCEPTED.read_text(encoding="utf-8").splitlines() if ACCEPTED.exists() else []
    return {line for line in lines if line and not line.startswith("#")}


def try_room(room: str, part: str) -> bool:
    """Run the mutants of a room, print the survivors and the score, and say whether the score is good enough."""
    folder = prepare(room)
    environment = os.environ | {"HYPOTHESIS_PROFILE": "mutants"}
    command = [str(Path(sys.executable).parent / "mutmut"), "run", *([f"*__mutmut_*{part}"] if part else [])]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    found: dict[str, int | None] = {}
    for meta in (folder / "mutants").rglob("*.meta"):
        found |= json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    tried = {name: code for name, code in found.items() if code is not UNTRIED}
    if not tried:
        print(f"{room}: no mutant was tried\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}")
        return False
    accepted, killed, wording, equal = read_accepted(), 0, 0, 0
    for name, code in sorted(tried.items()):
        if code in KILLED:
            killed += 1
            continue
        before, after, told = functions(room, folder, name)
        if is_wording(before, after):
            wording += 1
        elif told in accepted:
            equal += 1
        else:
            print(f"  survived ({code}): {told}")
    counted = len(tried) - wording - equal
    share = killed / counted if counted else 1
    print(
        f"{room}: {killed} of {counted} noticed ({share:.1%}); besides, {wording} changed words, {equal} accepted",
        flush=True,
    )
    return share >= LEAST


if __name__ == "__main__":
    wanted, last_digit = os.environ.get("ROOM", ""), os.environ.get("PART", "")
    judged = [try_room(room, last_digit) for room in ([wanted] if wanted else rooms())]
    sys.exit(not all(judged))
