"""What it costs to build records: a million in a list, with the garbage collector on, as a user would.

Against the same fields as plain attrs classes, which check nothing, and as strict frozen pydantic models. Each million
is built in a process of its own (`built_by_crmcore.py` and its siblings) from values made beforehand, money among them:
crmcore's for crmcore and attrs, an equal pydantic model for pydantic. Memory is what the process grows by.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from statistics import median
from typing import TypedDict

from benchmarks.measuring import ROUNDS, Row, main, turns


class Cost(TypedDict):
    """What one object costs."""

    nanoseconds: float
    bytes: float


def cost(builder: str, what: str, n: int) -> Cost:
    """Build so many in a process of its own."""
    command = (sys.executable, "-m", f"benchmarks.built_by_{builder}", what, str(n))
    answer: Cost = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return answer


def compared(what: str, name: str, n: int, aim: str = "-", memory_aim: str = "-") -> Iterator[Row]:
    """Time and memory of ours against both others."""
    builders = ("crmcore", "attrs", "pydantic")
    measured = turns(*(partial(cost, builder, what, n) for builder in builders), rounds=ROUNDS)
    ours, plain, strict = (median(cost["nanoseconds"] for cost in costs) for costs in measured)
    yield Row(
        name=f"{name}(...) / pydantic", ours=ours, other=strict, unit="ns", aim=aim, note="pydantic checks types alone"
    )
    yield Row(name=f"{name}(...) / unchecked attrs", ours=ours, other=plain, unit="ns", note="which checks nothing")
    ours, plain, strict = (median(cost["bytes"] for cost in costs) for costs in measured)
    note = "growth of the process, per object and its place in a list"
    yield Row(name=f"memory of a {name} / pydantic", ours=ours, other=strict, unit="B", aim=memory_aim, note=note)
    yield Row(name=f"memory of a {name} / unchecked attrs", ours=ours, other=plain, unit="B", note=note)


def purchases(n: int) -> Iterator[Row]:
    """Build purchases."""
    return compared("purchases", "Purchase", n, aim="≤ 0.56", memory_aim="≤ 0.17")


def moments(n: int) -> Iterator[Row]:
    """Build moments of truth."""
    return compared("moments", "MomentOfTruth", n, aim="≤ 0.63", memory_aim="≤ 0.17")


def interactions(n: int) -> Iterator[Row]:
    """Build interactions."""
    return compared("interactions", "Interaction", n)


def journeys(n: int) -> Iterator[Row]:
    """Build journeys of three interactions made beforehand; crmcore puts them in order, the others do not."""
    return compared("journeys", "Journey", n // 10)


if __name__ == "__main__":
    main(purchases, moments, interactions, journeys)
