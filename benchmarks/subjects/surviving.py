"""Survival curves of a million lifetimes, whole numbers and continuous, against lifelines, scikit-survival and a loop.

    python -m benchmarks surviving --peer lifelines=PYTHON --peer sksurv=PYTHON

The group `bench-survival` of pyproject.toml installs the peers. Give them an environment of their own and name its
Python with `--peer`. Otherwise a peer is looked for in this environment; if it is not installed, its rows say so.

All count plain columns of Python and read the median and the curve at twenty times. Ours is exact; the others compute
in floats. lifelines also finds the bounds of the whole curve.
"""

import atexit
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.harness import Row, Run, benchmark, check_agree, milliseconds
from benchmarks.peers import loops
from benchmarks.peers.answering import Contestant
from crmcore import Survival

TIMES = [*range(5, 105, 5)]
PEERS = ("lifelines", "sksurv")


@cache
def columns(n: int, *, continuous: bool) -> tuple[list[float], list[bool]]:
    """Return lengths and whether each ended, seven of ten."""
    chance = random.Random(1)  # noqa: S311 - data
    lengths: list[float] = [chance.expovariate(0.01) if continuous else chance.randint(0, 2000) for _ in range(n)]
    return lengths, [chance.random() < 0.7 for _ in range(n)]


@cache
def folder() -> Path:
    """Return a folder that is deleted when this process ends."""
    temporary = TemporaryDirectory()
    atexit.register(temporary.cleanup)
    return Path(temporary.name)


def contestant(name: str, run: Run, lengths: list[float], ended: list[bool]) -> Contestant:
    """Start a peer with the columns."""
    file = folder() / "lifetimes.json"
    file.write_text(json.dumps([{"lengths": lengths, "ended": ended, "times": TIMES}]), encoding="utf-8")
    return Contestant(name, dict(run.peers).get(name, sys.executable), file, "survival")


def answer(lengths: list[float], ended: list[bool]) -> tuple[object, Sequence[object]]:
    """Return the median and the curve at the times."""
    survival = Survival.of_durations(lengths, ended)
    return survival.median, [survival.share_at(time) for time in TIMES]


def rounded(found: tuple[object, Sequence[object]]) -> list[str]:
    """Return an answer to the digits on which exact numbers and floats agree."""
    median, shares = found
    return [f"{float(str(number)):.9g}" for number in (median, *shares)]


@benchmark
def whole_numbers(run: Run) -> Iterator[Row]:
    """Count lifetimes of up to two thousand days."""
    yield from race(run, "whole days", *columns(run.n, continuous=False))


@benchmark
def continuous(run: Run) -> Iterator[Row]:
    """Count lifetimes no two of which are equal."""
    yield from race(run, "continuous", *columns(run.n, continuous=True))


def race(run: Run, kind: str, lengths: list[float], ended: list[bool]) -> Iterator[Row]:
    """Compare with the loop and with each peer."""
    ours = partial(answer, lengths, ended)
    loop: Callable[[], tuple[object, Sequence[object]]] = partial(loops.survival, lengths, ended, TIMES)
    yield run.race(f"Survival, {kind} / loop", ours, loop, form=rounded, other_form=rounded, aim=1.5)
    for name in PEERS:
        peer = contestant(name, run, lengths, ended)
        try:
            if peer.version is None:
                time = milliseconds(ours)
                yield Row(name=f"Survival, {kind} / {name}", ours=time, other=None, note="the peer is not installed")
                continue
            check_agree(f"Survival, {kind} / {name}", rounded(ours()), rounded(peer.answer("curve")))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a pair
            mine, theirs = run.medians(partial(milliseconds, ours), partial(peer.time, "curve"))
            yield Row(name=f"Survival, {kind} / {name}", ours=mine, other=theirs, aim=1, note=peer.version)
        finally:
            peer.close()
