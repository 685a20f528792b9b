"""How the benchmark of journeys asks: each contestant answers from a process of its own, with its own interpreter.

A contestant reads the log once. Then it takes questions by name, one a line: `time flow` answers with the milliseconds
of CPU time that took, `answer flow` with the answer itself, in a form that all contestants share. The modules
`journeys_by_crmcore`, `journeys_by_pm4py` and so on say how each finds its answers. They import nothing of ours but
this module and the log's, so that they run wherever their library is installed.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import IO, Any, Final

from benchmarks.timing import milliseconds

ROOT: Final = Path(__file__).resolve().parent.parent
FUNNEL: Final = ("catalog", "product", "cart", "checkout", "purchase")
GOAL: Final = FUNNEL[-1]
STEPS: Final = 15
DIGITS: Final = 9

Question = tuple[Callable[[], object], Callable[[Any], object]]
"""What is timed, and how its result becomes the common form of the answer."""


def counted(pairs: Iterable[tuple[Sequence[object], int]]) -> list[list[object]]:
    """Counts by several names, in one order for all; what was not met is left out."""
    return sorted(([*names, count] for names, count in pairs if count), key=str)


def digest(ways: Iterable[tuple[Sequence[object], int]]) -> str:
    """The same for many long names, in short."""
    return hashlib.sha256(json.dumps(counted(ways)).encode()).hexdigest()


def rounded(numbers: Mapping[str, object]) -> dict[str, float]:
    """Numbers by name, to so many digits as all must agree on; who has nothing is left out."""
    pairs = ((name, float(f"{float(str(number)):.{DIGITS}g}")) for name, number in sorted(numbers.items()))
    return {name: number for name, number in pairs if number}


def imported(name: str) -> Any:  # noqa: ANN401 - the peers come untyped
    """A peer's module, whatever it prints on being imported."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        return import_module(name)


def serve(distribution: str, module: str, questions: Callable[[Path], Mapping[str, Question]]) -> None:
    """Answer what comes in, line by line, from the log named on the command line."""
    answers = sys.stdout
    try:
        told = version(distribution) if find_spec(module) else None
    except PackageNotFoundError:
        told = None
    print(json.dumps(told), file=answers, flush=True)
    if told is None:
        return
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        known = questions(Path(sys.argv[1]))
    print(json.dumps([*known]), file=answers, flush=True)
    for line in sys.stdin:
        verb, name = line.split()
        run, form = known[name]
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            answer = milliseconds(run) if verb == "time" else form(run())
        print(json.dumps(answer), file=answers, flush=True)


class Contestant:
    """A process that answers."""

    def __init__(self, name: str, python: str, log: Path) -> None:
        self.name = name
        command = (python, "-m", f"benchmarks.journeys_by_{name}", str(log))
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        self.version: str | None = self._answer()
        self.questions: list[str] = [] if self.version is None else self._answer()

    def time(self, question: str) -> float:
        """The milliseconds it takes."""
        return float(self._ask("time", question))

    def answer(self, question: str) -> object:
        """What it answers."""
        return self._ask("answer", question)

    def close(self) -> None:
        """Let it end."""
        with ExitStack() as stack:
            stack.enter_context(self._process)
            _pipe(self._process.stdin).close()

    def _ask(self, verb: str, question: str) -> Any:  # noqa: ANN401 - each question has an answer of its own kind
        print(verb, question, file=_pipe(self._process.stdin), flush=True)
        return self._answer()

    def _answer(self) -> Any:  # noqa: ANN401 - the same
        line = _pipe(self._process.stdout).readline()
        if not line:
            sys.exit(f"{self.name} ended before it answered")
        return json.loads(line)


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None  # noqa: S101 - both were asked for
    return pipe
