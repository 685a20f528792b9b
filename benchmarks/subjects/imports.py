"""How long a fresh interpreter takes to import the library, its dependencies, and a peer.

Each import runs in a Python of its own, whose start is included on both sides. The first run of each is not counted,
because it compiles. The benchmark fails if something stays uncompiled: compiling costs many times what importing does.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from benchmarks.harness import Row, Run, benchmark, installed, process_milliseconds

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


def medians(run: Run, *statements: str) -> list[float]:
    """Return the median milliseconds of each statement, all of them compiled beforehand."""
    for statement in statements:
        process_milliseconds(statement)
        process_milliseconds(statement + UNCOMPILED)
    return run.medians(*(partial(process_milliseconds, statement) for statement in statements))


@benchmark
def floor(run: Run) -> Iterator[Row]:
    """Compare with importing the two dependencies alone."""
    more = replace(run, rounds=3 * run.rounds)  # a process start is short and varies much
    nothing, package, names, other = medians(more, NOTHING, PACKAGE, NAMES, FLOOR)
    note = f"Python's own start, {nothing:.1f} ms, is in both"
    yield Row(name=f"{PACKAGE} / attrs, dateutil.relativedelta", ours=package, other=other, aim=1, note=note)
    yield Row(name="from crmcore import 4 names / the same", ours=names, other=other, aim=1.3, note=note)


@benchmark
def peer(run: Run) -> Iterator[Row]:
    """Compare with a library that also answers what a customer is worth."""
    if installed("lifetimes"):
        names, other = medians(run, NAMES, PEER)
        note = "which brings pandas and scipy"
    else:
        (names,), other = medians(run, NAMES), None
        note = "lifetimes is not installed"
    yield Row(name=f"the same 4 names / {PEER}", ours=names, other=other, note=note)
