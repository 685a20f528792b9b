"""What customers did: each question about journeys against the peers that answer it too.

    python -m benchmarks journeying --peer pm4py=PYTHON --peer retentioneering=PYTHON --peer mam=PYTHON

The peers are pm4py, retentioneering and marketing-attribution-models (`mam`). The group `bench-journeys` of
pyproject.toml installs them together. They bring a hundred packages, so give them an environment of their own and name
its Python with `--peer`. Otherwise a peer is looked for in this environment; if it is not installed, its rows say so.
With `--log FILE` the questions are asked of a log of yours in place of the one that `journey_log.py` generates: a CSV
with a header, customer, touchpoint and instant first.

Each library reads the log into a process of its own. Then all answer the same question by turns. Their times are
compared only once their answers agree. A peer that works in several threads pays the CPU time of all of them. The note
says what a peer answers beyond or short of the library.
"""

import atexit
import sys
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import journey_log
from benchmarks.harness import Row, Run, benchmark, check_agree, process_answer
from benchmarks.journey_log import read
from benchmarks.peers.answering import Contestant
from benchmarks.peers.journeys_by_crmcore import dump

FROM_LOG = "from packed journeys, from a polars table"
FROM_OUTCOMES = "from ready outcomes, from a ready MAM"
WHOLE = "benchmarks.peers.journeys_by_crmcore"
MILLION = 1_000_000


@cache
def folder() -> Path:
    """Return a folder that is deleted when this process ends."""
    temporary = TemporaryDirectory()
    atexit.register(temporary.cleanup)
    return Path(temporary.name)


@cache
def log(run: Run) -> Path:
    """Return the log that was named, or a generated one."""
    if run.log:
        return run.log
    path = folder() / "log.csv"
    journey_log.write(path, run.n)
    return path


@cache
def contestant(name: str, run: Run) -> Contestant:
    """Start a contestant when it is first asked."""
    started = Contestant(name, dict(run.peers).get(name, sys.executable), log(run))
    atexit.register(started.close)
    return started


def compared(  # noqa: PLR0917 - a line of a table
    run: Run,
    question: str,
    ours: str,
    others: dict[str, str],
    aim: float | None = 1,
    note: str = "",
    *,
    same: bool = True,
) -> Iterator[Row]:
    """Ask one question of ourselves and of all peers that know it, by turns."""
    us = contestant("crmcore", run)
    peers = {name: contestant(name, run) for name in others}
    present = {name: peer for name, peer in peers.items() if peer.version is not None}
    for name, peer in present.items():
        if same:
            check_agree(f"{question} by {name}", us.answer(question), peer.answer(question))
    own, *their_own = run.medians(*(partial(peer.time, question) for peer in (us, *present.values())))
    times = dict(zip(present, their_own, strict=True))
    for name, call in others.items():
        told = note or f"{name} {peers[name].version}" if name in present else f"{name} is not installed"
        yield Row(name=f"{ours} / {call}", ours=own, other=times.get(name), aim=aim, note=told)


@benchmark
def packing(run: Run) -> Iterator[Row]:
    """Pack rows into the form in which questions are asked of them."""
    peers = {"pm4py": "DataFrame, format_dataframe", "retentioneering": "DataFrame, Eventstream"}
    yield from compared(run, "rows", "Journeys.of", peers, note="from a list of rows with datetimes")
    peers = {"pm4py": "format_dataframe", "retentioneering": "Eventstream"}
    note = "from a ready DataFrame of pandas; without pandas here, ours is from columns of Python values"
    yield from compared(run, "table", "Table, Journeys.of", peers, aim=0.8, note=note)


@benchmark
def transitions(run: Run) -> Iterator[Row]:
    """Count from where to where, with starts and ends; ours also tells in how many journeys."""
    peers = {"pm4py": "discover_dfg", "retentioneering": "transition_graph_data"}
    return compared(run, "flow", "Flow.of", peers, aim=0.25)


@benchmark
def variants(run: Run) -> Iterator[Row]:
    """Count whole paths."""
    return compared(run, "variants", "paths.variants", {"pm4py": "get_variants"}, aim=0.25)


@benchmark
def loops(run: Run) -> Iterator[Row]:
    """Count loops and returns."""
    ours = "paths.visits"
    peers = {"retentioneering": "collapse_events(loops), transitions"}
    yield from compared(run, "loops", ours, peers, aim=0.25, note="ours tells returns, starts, ends too")
    peers = {"pm4py": "rework, minimum self-distances"}
    yield from compared(run, "distance", ours, peers, aim=0.25, note="distances against self-loops and returns")
    note = "rework alone, one of our seven figures"
    yield from compared(run, "rework", ours, {"pm4py": "rework"}, aim=0.25, note=note)


@benchmark
def matrix(run: Run) -> Iterator[Row]:
    """Count who is where at the first fifteen visits."""
    return compared(run, "matrix", "StepMatrix.of", {"retentioneering": "step_matrix_data"})


@benchmark
def funnel(run: Run) -> Iterator[Row]:
    """Count who completes five steps, one after the other."""
    return compared(run, "funnel", "Funnel.of", {"retentioneering": "funnel_data"})


@benchmark
def sessions(run: Run) -> Iterator[Row]:
    """Cut journeys at half an hour of silence."""
    return compared(run, "sessions", "Journeys.sessions", {"retentioneering": "split_sessions"})


@benchmark
def dwelling(run: Run) -> Iterator[Row]:
    """Measure how long it is until the next visit."""
    note = "ours by touchpoint, exactly; pm4py's by transition, with quantiles"
    return compared(run, "dwell", "paths.dwell_times", {"pm4py": "discover_performance_dfg"}, note=note)


@benchmark
def removal(run: Run) -> Iterator[Row]:
    """Find Markov removal effects, exactly: from the log in its form, then from paths that are cut already."""
    ours = "attribution.outcomes, markov"
    yield from compared(run, "log_markov", ours, {"mam": "cut, MAM, run_markov"}, aim=0.25, note=FROM_LOG)
    yield from compared(run, "outcomes", "attribution.outcomes", {"mam": "cut, MAM"}, note=FROM_LOG)
    yield from compared(run, "markov", "attribution.markov", {"mam": "run_markov"}, aim=0.25, note=FROM_OUTCOMES)


@benchmark
def rules(run: Run) -> Iterator[Row]:
    """Attribute by rule, and by Shapley value."""
    for question, ours, theirs in (
        ("log_first", "attribution.outcomes, first", "cut, MAM, run_first_click"),
        ("log_last", "attribution.outcomes, last", "cut, MAM, run_last_click"),
        ("log_time_decay", "attribution.time_decay", "cut, MAM, run_time_decay"),
    ):
        yield from compared(run, question, ours, {"mam": theirs}, note=FROM_LOG)
    for question, theirs in (
        ("first", "run_first_click"),
        ("last", "run_last_click"),
        ("linear", "run_linear"),
        ("position", "run_position_based"),
    ):
        yield from compared(run, question, f"attribution.{question}", {"mam": theirs}, note=FROM_OUTCOMES)
    note = f"{FROM_OUTCOMES}; MAM's is another game, of at most 4 touchpoints"
    yield from compared(run, "shapley", "attribution.shapley", {"mam": "run_shapley"}, note=note, same=False)


@benchmark
def together(run: Run) -> Iterator[Row]:
    """Ask all of paths and attribution of order one, in time and in memory; a million packed events have limits."""
    packed = folder() / "packed.pickle"
    dump(packed, read(log(run)))
    for start, costs in zip(
        ("from packed journeys", "with packing, row by row from a file"),
        run.turns(
            partial(process_answer, WHOLE, packed, "packed", 1), partial(process_answer, WHOLE, log(run), "rows", 1)
        ),
        strict=True,
    ):
        is_limited = start == "from packed journeys" and costs[0]["visits"] == MILLION
        for name, key, unit, limit in (
            ("all of paths and attribution.markov", "asking", "ms", 1500),
            ("memory of that process", "mebibytes", "MiB", 350),
        ):
            yield Row(
                name=f"{name} / limit",
                ours=median(cost[key] for cost in costs),
                other=limit if is_limited else None,
                unit=unit,
                aim=1 if is_limited else None,
                note=start,
            )


@benchmark
def growth(run: Run) -> Iterator[Row]:
    """Compare the same events in one log and in ten: whether time grows in step with the log."""
    us = contestant("crmcore", run)
    whole, shards = run.medians(partial(us.time, "everything"), partial(us.time, "shards"))
    yield Row(name="everything in one log / in ten", ours=whole, other=shards, aim=1.2, note="the same customers")
    if run.ten_million:
        small, large = (process_answer(WHOLE, log(run), "rows", times) for times in (1, 10))
        for name, key in (("Journeys.of", "packing"), ("everything", "asking")):
            yield Row(
                name=f"{name} on {large['visits']:,} / on {small['visits']:,}",
                ours=1e6 * large[key] / large["visits"],
                other=1e6 * small[key] / small["visits"],
                unit="ns",
                aim=1.2,
                note=f"per event; other customers, the same paths; at most {large['mebibytes']:,.0f} MiB",
            )
