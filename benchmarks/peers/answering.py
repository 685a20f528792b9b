"""How contestants answer questions about journeys or lifetimes, each in a process of its own, with its own interpreter.

A contestant reads the log once. Then it takes questions by name, one a line: `time flow` answers with the milliseconds
of CPU time it takes, `answer flow` with the answer itself, in a form that all contestants share. The modules
`journeys_by_crmcore`, `survival_by_lifelines` and so on say how each finds its answers. Those of the peers import only
this module, the harness and the log, so that they run wherever their library is installed.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import IO, Any, Final

from benchmarks.harness import ROOT, installed, milliseconds

STEPS: Final = 15
DIGITS: Final = 9

Question = tuple[Callable[[], object], Callable[[Any], object]]
"""What is timed, and how its result turns into the common form of the answer."""


def counted(pairs: Iterable[tuple[Sequence[object], int]]) -> list[list[object]]:
    """Return counts by several names, in one order for all, without those that are zero."""
    return sorted(([*names, count] for names, count in pairs if count), key=str)


def digest(paths: Iterable[tuple[Sequence[object], int]]) -> str:
    """Return the same for many long names, in short."""
    return hashlib.sha256(json.dumps(counted(paths)).encode()).hexdigest()


def rounded(numbers: Mapping[str, object]) -> dict[str, float]:
    """Return numbers by name, to as many digits as all must agree on, without those that are zero."""
    pairs = ((name, float(f"{float(str(number)):.{DIGITS}g}")) for name, number in sorted(numbers.items()))
    return {name: number for name, number in pairs if number}


def imported(name: str) -> Any:  # noqa: ANN401 - the peers come untyped
    """Import a peer's module and hide whatever it prints."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        return import_module(name)


def serve(distribution: str, questions: Callable[[Path], Mapping[str, Question]]) -> None:
    """Answer what comes in, line by line, from the log named on the command line; first tell the version."""
    answers = sys.stdout
    version = installed(distribution)
    print(json.dumps(version), file=answers, flush=True)
    if version is None:
        return
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        known = questions(Path(sys.argv[1]))
    for line in sys.stdin:
        verb, name = line.split()
        run, form = known[name]
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            answer = milliseconds(run) if verb == "time" else form(run())
        print(json.dumps(answer), file=answers, flush=True)


class Contestant:
    """A process that answers."""

    def __init__(self, name: str, python: str, log: Path, subject: str = "journeys") -> None:
        self.name = name
        command = (python, "-m", f"benchmarks.peers.{subject}_by_{name}", str(log))
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        self.version: str | None = self._answer()

    def time(self, question: str) -> float:
        """Return the milliseconds it takes to answer."""
        return float(self._ask("time", question))

    def answer(self, question: str) -> object:
        """Return the answer."""
        return self._ask("answer", question)

    def close(self) -> None:
        """End the process."""
        with ExitStack() as stack:
            stack.enter_context(self._process)
            _pipe(self._process.stdin).close()

    def _ask(self, verb: str, question: str) -> Any:  # noqa: ANN401 - each question has an answer of its own kind
        print(verb, question, file=_pipe(self._process.stdin), flush=True)
        return self._answer()

    def _answer(self) -> Any:  # noqa: ANN401 - the same
        line = _pipe(self._process.stdout).readline()
        if not line:
            raise RuntimeError(f"{self.name} ended before it answered")
        return json.loads(line)


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None  # noqa: S101 - both were asked for
    return pipe
