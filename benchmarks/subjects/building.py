"""What it costs to build records: a list of them, with the garbage collector on, as a user would.

The same fields as plain attrs classes, which check nothing, and as strict frozen pydantic models are compared. Each
list is built in a process of its own (`benchmarks/peers/built_by_*.py`) from values made beforehand, money among them:
crmcore's for crmcore and attrs, an equal pydantic model for pydantic. Only "Purchase raw" makes the money while the
clock runs. Memory is what the process grows by.
"""

from collections.abc import Iterator
from functools import partial
from statistics import median

from benchmarks.harness import Row, Run, benchmark, installed, process_answer


def compared(run: Run, what: str, aim: float | None = None, memory_aim: float | None = None) -> Iterator[Row]:
    """Yield the time and memory of ours against both others."""
    builders = [builder for builder in ("crmcore", "attrs", "pydantic") if installed(builder)]
    measured = run.turns(
        *(partial(process_answer, f"benchmarks.peers.built_by_{builder}", what, run.n) for builder in builders)
    )
    costs = dict(zip(builders, measured, strict=True))
    for key, unit, title, limit, note in (
        ("nanoseconds", "ns", f"{what}(...)", aim, ""),
        ("bytes", "B", f"{what}, memory", memory_aim, ", per object and its place in a list"),
    ):
        medians = {builder: median(cost[key] for cost in rounds) for builder, rounds in costs.items()}
        ours, plain, strict = medians["crmcore"], medians["attrs"], medians.get("pydantic")
        told = f"pydantic checks types alone{note}" if strict else "pydantic is not installed"
        yield Row(name=f"{title} / pydantic", ours=ours, other=strict, unit=unit, aim=limit, note=told)
        told = f"attrs checks nothing{note}"
        yield Row(name=f"{title} / unchecked attrs", ours=ours, other=plain, unit=unit, note=told)


@benchmark
def money(run: Run) -> Iterator[Row]:
    """Build amounts of money."""
    return compared(run, "Money")


@benchmark
def purchases_with_their_money(run: Run) -> Iterator[Row]:
    """Build purchases, each with its money, from numbers and texts; the garbage collector is off."""
    return compared(run, "Purchase raw", aim=0.625)


@benchmark
def moments_without_the_collector(run: Run) -> Iterator[Row]:
    """Build moments of truth; the garbage collector is off."""
    return compared(run, "MomentOfTruth uncollected", aim=0.67)


@benchmark
def feedback(run: Run) -> Iterator[Row]:
    """Build feedback."""
    return compared(run, "Feedback")


@benchmark
def responses(run: Run) -> Iterator[Row]:
    """Build answers to a survey."""
    return compared(run, "Response")


@benchmark
def purchases(run: Run) -> Iterator[Row]:
    """Build purchases."""
    return compared(run, "Purchase", aim=0.56, memory_aim=0.17)


@benchmark
def moments(run: Run) -> Iterator[Row]:
    """Build moments of truth."""
    return compared(run, "MomentOfTruth", aim=0.63, memory_aim=0.17)


@benchmark
def interactions(run: Run) -> Iterator[Row]:
    """Build interactions."""
    return compared(run, "Interaction")


@benchmark
def journeys(run: Run) -> Iterator[Row]:
    """Build a tenth as many journeys of three interactions each; crmcore puts them in order, the others do not."""
    return compared(run, "Journey")
