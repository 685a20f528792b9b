"""What the benchmarks share: taking turns, CPU time, rows.

Both sides of a comparison run by turns, ours, other, ours, other, so that whatever else the machine does weighs on both
alike. Time is CPU time, memory is resident memory, and of all rounds the median counts.
"""

import argparse
import gc
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from resource import RUSAGE_SELF, getpagesize, getrusage
from statistics import median
from time import process_time
from typing import TypeVar

import attrs

from benchmarks.timing import milliseconds

ROUNDS = 5

Build = Callable[[], Sequence[object]]

_T = TypeVar("_T")


@attrs.frozen(kw_only=True)
class Row:
    """One line of the table: what ours costs and what the other costs, in one unit; None of another that is not."""

    name: str
    ours: float
    other: float | None
    unit: str
    aim: str = "-"
    note: str


def turns(*contestants: Callable[[], _T], rounds: int) -> list[list[_T]]:
    """What each contestant measured, round by round; they take turns."""
    measured: list[list[_T]] = [[] for _ in contestants]
    for _ in range(rounds):
        for contestant, measurements in zip(contestants, measured, strict=True):
            measurements.append(contestant())
    return measured


def race(ours: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """The median milliseconds of both."""
    one, another = turns(partial(milliseconds, ours), partial(milliseconds, other), rounds=ROUNDS)
    return median(one), median(another)


def agree(ours: _T, other: _T) -> None:
    """Stop unless both ways come to the same answer."""
    if ours != other:
        sys.exit("the library and the loop written by hand answer differently, so that their times do not compare")


def resident_bytes() -> int:
    """The memory this process occupies; where the system does not say, the most it ever did."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * getpagesize()
    except FileNotFoundError:
        return getrusage(RUSAGE_SELF).ru_maxrss  # in bytes, as macOS counts it


def peak_bytes() -> int:
    """The most memory this process ever occupied; its parent's counts too where the system does not tell them apart."""
    try:
        status = Path("/proc/self/status").read_text()
    except FileNotFoundError:
        return getrusage(RUSAGE_SELF).ru_maxrss  # in bytes, as macOS counts it
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def measure_build(*makers: Callable[[int], Build]) -> None:
    """Build so many objects once, with the maker named on the command line, and print the cost of each as JSON."""
    _, name, size = sys.argv
    (build,) = (maker(int(size)) for maker in makers if maker.__name__ == name)
    gc.collect()
    before = resident_bytes()
    start = process_time()
    objects = build()
    seconds = process_time() - start
    n = len(objects)
    print(json.dumps({"nanoseconds": 1e9 * seconds / n, "bytes": (resident_bytes() - before) / n}))


def main(*benchmarks: Callable[[int], Iterable[Row]]) -> None:
    """Run the benchmarks named on the command line, or all, and print their rows as JSON for `run.py`."""
    known = {benchmark.__name__: benchmark for benchmark in benchmarks}
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    if strangers := set(arguments.names) - set(known):
        parser.error(f"no benchmark is named {', '.join(sorted(strangers))}; there are {', '.join(known)}")
    for name in arguments.names or known:
        for row in known[name](arguments.size):
            print(json.dumps(attrs.asdict(row)), flush=True)
