"""Register benchmarks and measure them: time, memory and whole processes.

Both sides of a comparison run by turns (ours, other, ours, other), so that whatever else the machine does slows both
alike. The median of all rounds counts. Time is CPU time with the garbage collector on. Only the standard library is
imported here: peers run this module in environments without crmcore.
"""

import gc
import json
import subprocess
import sys
import traceback
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from multiprocessing.connection import Connection
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getpagesize, getrusage
from statistics import median
from time import process_time
from typing import Any, Final, TypeVar

ROOT: Final = Path(__file__).resolve().parent.parent

_A = TypeVar("_A")
_B = TypeVar("_B")


@dataclass(frozen=True, kw_only=True)
class Size:
    """What the page "Size and speed" says of a row beside its time."""

    call: str
    rows: int
    instants: str
    mebibytes: float


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table: the cost of ours and of the other in one unit, and the highest ratio we aim for.

    `other` is None if there is nothing to compare with, such as a peer that is not installed. The note says why.
    """

    name: str
    ours: float
    other: float | None
    unit: str = "ms"
    aim: float | None = None
    note: str = ""
    size: Size | None = None

    @property
    def ratio(self) -> float | None:
        """Ours over the other: 0.5 is half the cost."""
        return None if self.other is None else self.ours / self.other

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None if there is no aim or no ratio."""
        return None if self.aim is None or self.ratio is None else self.ratio <= self.aim


@dataclass(frozen=True, kw_only=True)
class Run:
    """What the command line asks for. Each benchmark takes it."""

    n: int
    rounds: int
    peers: tuple[tuple[str, str], ...] = ()
    log: Path | None = None
    ten_million: bool = False

    def turns(self, *contestants: Callable[[], _A]) -> list[list[_A]]:
        """Return what each contestant measured in each round; they take turns."""
        measured: list[list[_A]] = [[] for _ in contestants]
        for _ in range(self.rounds):
            for contestant, measurements in zip(contestants, measured, strict=True):
                measurements.append(contestant())
        return measured

    def medians(self, *contestants: Callable[[], float]) -> list[float]:
        """Return the median of what each contestant measured; they take turns."""
        return [median(measurements) for measurements in self.turns(*contestants)]

    def race(
        self,
        name: str,
        ours: Callable[[], _A],
        other: Callable[[], _B],
        *,
        form: Callable[[_A], object] = lambda answer: answer,
        other_form: Callable[[_B], object] = lambda answer: answer,
        aim: float | None = None,
        note: str = "",
    ) -> Row:
        """Time two functions by turns, once their answers agree.

        Args:
            name: What the table says: ours / other.
            ours: Calls the library.
            other: Calls what we compare it with.
            form: Turns our answer into what is compared.
            other_form: The same for the other answer.
            aim: The highest ratio we aim for.
            note: What else the reader of the table must know.
        """
        check_agree(name, form(ours()), other_form(other()))
        our_time, other_time = self.medians(partial(milliseconds, ours), partial(milliseconds, other))
        return Row(name=name, ours=our_time, other=other_time, aim=aim, note=note)


Benchmark = Callable[[Run], Iterable[Row]]
Message = tuple[str, Row | str | None]
"""The name of a benchmark with a row of it, with why it failed, or with None once it ended well."""

_BENCHMARKS: Final[defaultdict[str, dict[str, Benchmark]]] = defaultdict(dict)


def benchmark(function: Benchmark) -> Benchmark:
    """Register a function of a module in `benchmarks/subjects` as a benchmark."""
    _BENCHMARKS[function.__module__][function.__name__] = function
    return function


def run_subject(subject: str, names: list[str], run: Run, out: "Connection[Message, Any]") -> None:
    """Run the benchmarks of a subject, or only those named, and send the rows; a failed one does not stop the rest."""
    module = f"benchmarks.subjects.{subject}"
    import_module(module)
    known = _BENCHMARKS[module]
    if not known:
        raise ValueError(f"{module} has no function with @benchmark")
    if unknown := set(names) - set(known):
        raise ValueError(
            f"no benchmark of {subject} is named {', '.join(sorted(unknown))}; there are {', '.join(known)}"
        )
    for name in names or known:
        title = f"{subject}.{name}"
        try:
            for row in known[name](run):
                out.send((title, row))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is reported and the run fails
            traceback.print_exc()
            out.send((title, repr(error)))
        else:
            out.send((title, None))


def check_agree(name: str, ours: object, other: object) -> None:
    """Raise if the answers differ, because then the times do not compare."""
    if ours != other:
        raise ValueError(f"{name}: the answers differ: {ours!r:.200} and {other!r:.200}")


def milliseconds(function: Callable[[], object]) -> float:
    """Return the CPU time of one call, with the garbage collections it causes, without the freeing of its result."""
    gc.collect()
    start = process_time()
    result = function()
    seconds = process_time() - start
    del result
    return 1e3 * seconds


def peak_mebibytes(function: Callable[[], object]) -> float:
    """Return the most memory that Python held for one call and its result, beside what was there before it."""
    gc.collect()
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def process_milliseconds(code: str) -> float:
    """Return the CPU time of a whole Python that runs the code, isolated from this folder and its environment."""
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run((sys.executable, "-I", "-W", "ignore", "-c", code), check=True)
    after = getrusage(RUSAGE_CHILDREN)
    return 1e3 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def process_answer(module: str, *arguments: object) -> Any:  # noqa: ANN401 - each module has an answer of its own kind
    """Return the JSON that a module prints when it runs in a process of its own."""
    command = (sys.executable, "-m", module, *map(str, arguments))
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def resident_bytes() -> int:
    """Return the memory this process occupies, or its peak on systems that do not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * getpagesize()
    except FileNotFoundError:
        return getrusage(RUSAGE_SELF).ru_maxrss  # in bytes, as macOS counts it


def peak_bytes() -> int:
    """Return the most memory this process ever occupied."""
    try:
        status = Path("/proc/self/status").read_text()  # unlike getrusage, it leaves the parent process out
    except FileNotFoundError:
        return getrusage(RUSAGE_SELF).ru_maxrss  # in bytes, as macOS counts it
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def installed(distribution: str) -> str | None:
    """Return the version of an installed package, or None if it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
