"""How long a fresh interpreter takes to import: the library, what it stands on, and a peer.

Each import runs in a Python of its own, and its cost is that process's user and system time, the interpreter's start
included on both sides. The first run of each is not counted: it compiles what was not yet compiled, and the benchmark
stops if something stayed uncompiled, for compiling costs many times what importing does.
"""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

from benchmarks.measuring import Row, main, turns

NOTHING = "pass"
FLOOR = "import attrs, dateutil.relativedelta"
PACKAGE = "import crmcore"
NAMES = "from crmcore import Customer, Purchase, Money, Balance"
PEER = "import lifetimes"

UNCOMPILED = """
import os, sys
specs = [module.__spec__ for module in sys.modules.values() if getattr(module, "__spec__", None)]
sys.exit(" ".join(spec.name for spec in specs if spec.cached and not os.path.exists(spec.cached)) or None)
"""


def milliseconds(code: str) -> float:
    """The CPU time of a Python that runs the code, isolated from the folder and the environment it is started in."""
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run((sys.executable, "-I", "-W", "ignore", "-c", code), check=True)
    after = getrusage(RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def medians(*statements: str, rounds: int) -> list[float]:
    """The median milliseconds of each statement, all of them compiled beforehand."""
    for statement in statements:
        milliseconds(statement)
        milliseconds(statement + UNCOMPILED)
    return [median(times) for times in turns(*(partial(milliseconds, code) for code in statements), rounds=rounds)]


def floor(_: int) -> Iterator[Row]:
    """Against the two dependencies alone."""
    nothing, package, names, other = medians(NOTHING, PACKAGE, NAMES, FLOOR, rounds=15)
    note = f"Python's own start, {nothing:.1f} ms, is in both"
    yield Row(
        name=f"{PACKAGE} / attrs, dateutil.relativedelta", ours=package, other=other, unit="ms", aim="≤ 1", note=note
    )
    yield Row(name="from crmcore import 4 names / the same", ours=names, other=other, unit="ms", aim="≤ 1.3", note=note)


def peer(_: int) -> Iterator[Row]:
    """Against a library that also answers what a customer is worth."""
    names, other = medians(NAMES, PEER, rounds=3)
    yield Row(
        name=f"the same 4 names / {PEER}", ours=names, other=other, unit="ms", note="which brings pandas and scipy"
    )


if __name__ == "__main__":
    main(floor, peer)
