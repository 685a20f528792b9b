"""What customers did, a million events of a hundred thousand of them: each question against those who answer it too.

    python benchmarks/run.py journeying --peer pm4py=PYTHON --peer retentioneering=PYTHON --peer mam=PYTHON

The peers are pm4py, retentioneering and marketing-attribution-models (`mam`), which the group `bench-journeys` of
pyproject.toml installs together. They bring a hundred packages, so that they best get an environment of their own,
whose Python each `--peer` names; without one the peer is looked for in ours, and where it is not, its rows say so. With
`--log FILE` the questions are asked of a log of yours in place of the one made up in `journey_log.py`: a CSV with a
header, customer, touchpoint and instant first.

Each library reads the log into a process of its own. Then all answer the same question by turns, and their times
are compared only once their answers agree. Time is CPU time: a peer that works in several threads pays for all of them.
What a peer answers beyond or short of the library, the note says.
"""

import argparse
import atexit
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TypedDict

import attrs

from benchmarks import journey_log
from benchmarks.journey_log import read
from benchmarks.journeys_asked import ROOT, Contestant
from benchmarks.journeys_by_crmcore import dump
from benchmarks.measuring import ROUNDS, Row, main, turns

FROM_LOG = "from packed journeys, from a polars table"
FROM_WAYS = "from ready outcomes, from a ready MAM"
PEERS = ("pm4py", "retentioneering", "mam")


@attrs.frozen(kw_only=True)
class Options:
    """What the command line asks for."""

    peers: dict[str, str]
    log: Path | None
    ten_million: bool

    @staticmethod
    def taken() -> "Options":
        """Take them off the command line, and leave what `main` reads."""
        parser = argparse.ArgumentParser(add_help=False)
        parser.add_argument("--peer", action="append", default=[])
        parser.add_argument("--log", type=Path)
        parser.add_argument("--ten-million", action="store_true")
        found, sys.argv[1:] = parser.parse_known_args()
        peers = dict(peer.partition("=")[::2] for peer in found.peer)
        if strangers := set(peers) - set(PEERS):
            parser.error(f"no peer is named {', '.join(sorted(strangers))}; there are {', '.join(PEERS)}")
        return Options(peers=peers, log=found.log, ten_million=found.ten_million)


class Cost(TypedDict):
    """What one process spent on a log."""

    packing: float
    asking: float
    visits: int
    mebibytes: float


@cache
def options() -> Options:
    """The options, taken once."""
    return Options.taken()


@cache
def folder() -> Path:
    """A folder that goes when we go."""
    temporary = TemporaryDirectory()
    atexit.register(temporary.cleanup)
    return Path(temporary.name)


@cache
def log(n: int) -> Path:
    """The log that was named, or one made up."""
    if named := options().log:
        return named
    path = folder() / "log.csv"
    journey_log.write(path, n)
    return path


@cache
def contestant(name: str, n: int) -> Contestant:
    """Started when it is first asked."""
    started = Contestant(name, options().peers.get(name, sys.executable), log(n))
    atexit.register(started.close)
    return started


def compared(  # noqa: PLR0917 - a line of a table
    n: int, question: str, ours: str, others: dict[str, str], aim: str = "< 1", note: str = "", *, same: bool = True
) -> Iterator[Row]:
    """Ask one question of ourselves and of all peers that know it, by turns."""
    us = contestant("crmcore", n)
    peers = {name: contestant(name, n) for name in others}
    present = {name: peer for name, peer in peers.items() if peer.version is not None}
    for name, peer in present.items():
        if same and peer.answer(question) != us.answer(question):
            sys.exit(f"{name} and the library answer {question} differently, so that their times do not compare")
    own, *measured = turns(*(partial(one.time, question) for one in (us, *present.values())), rounds=ROUNDS)
    times = dict(zip(present, map(median, measured), strict=True))
    for name, call in others.items():
        told = note or f"{name} {peers[name].version}" if name in present else f"{name} is not installed"
        yield Row(name=f"{ours} / {call}", ours=median(own), other=times.get(name), unit="ms", aim=aim, note=told)


def packing(n: int) -> Iterator[Row]:
    """Rows into the form in which questions are asked of them."""
    peers = {"pm4py": "DataFrame, format_dataframe", "retentioneering": "DataFrame, Eventstream"}
    yield from compared(n, "rows", "Journeys.of", peers, note="from a list of rows with datetimes")
    peers = {"pm4py": "format_dataframe", "retentioneering": "Eventstream"}
    note = "ours from a list of rows, theirs from a DataFrame"
    yield from compared(n, "table", "Journeys.of", peers, aim="-", note=note)


def transitions(n: int) -> Iterator[Row]:
    """From where to where, with starts and ends; ours tells also in how many journeys."""
    peers = {"pm4py": "discover_dfg", "retentioneering": "transition_graph_data"}
    return compared(n, "flow", "Flow.of", peers, aim="≤ 0.25")


def variants(n: int) -> Iterator[Row]:
    """Whole ways."""
    return compared(n, "variants", "paths.variants", {"pm4py": "get_variants"}, aim="≤ 0.25")


def loops(n: int) -> Iterator[Row]:
    """Loops and returns."""
    ours = "paths.visits"
    peers = {"retentioneering": "collapse_events(loops), transitions"}
    yield from compared(n, "loops", ours, peers, aim="≤ 0.25", note="ours tells returns, starts, ends too")
    peers = {"pm4py": "rework, minimum self-distances"}
    yield from compared(n, "distance", ours, peers, aim="≤ 0.25", note="distances against self-loops and returns")
    note = "rework alone, one of our seven figures"
    yield from compared(n, "rework", ours, {"pm4py": "rework"}, aim="≤ 0.25", note=note)


def matrix(n: int) -> Iterator[Row]:
    """Who is where at the first fifteen visits."""
    return compared(n, "matrix", "StepMatrix.of", {"retentioneering": "step_matrix_data"})


def funnel(n: int) -> Iterator[Row]:
    """Five steps, one after the other."""
    return compared(n, "funnel", "Funnel.of", {"retentioneering": "funnel_data"})


def sessions(n: int) -> Iterator[Row]:
    """Cut at half an hour of silence."""
    return compared(n, "sessions", "Journeys.sessions", {"retentioneering": "split_sessions"})


def dwelling(n: int) -> Iterator[Row]:
    """How long until the next visit."""
    note = "ours by touchpoint, exactly; pm4py's by transition, with quantiles"
    return compared(n, "dwell", "paths.dwell_times", {"pm4py": "discover_performance_dfg"}, note=note)


def removal(n: int) -> Iterator[Row]:
    """Markov removal effects, exactly: from the log in its form, then from ways that are cut already."""
    ours = "attribution.outcomes, markov"
    yield from compared(n, "log_markov", ours, {"mam": "cut, MAM, run_markov"}, aim="≤ 0.25", note=FROM_LOG)
    yield from compared(n, "outcomes", "attribution.outcomes", {"mam": "cut, MAM"}, note=FROM_LOG)
    yield from compared(n, "markov", "attribution.markov", {"mam": "run_markov"}, aim="≤ 0.25", note=FROM_WAYS)


def rules(n: int) -> Iterator[Row]:
    """Attribution by rule, and by Shapley's value."""
    for question, ours, theirs in (
        ("log_first", "attribution.outcomes, first", "cut, MAM, run_first_click"),
        ("log_last", "attribution.outcomes, last", "cut, MAM, run_last_click"),
        ("log_time_decay", "attribution.time_decay", "cut, MAM, run_time_decay"),
    ):
        yield from compared(n, question, ours, {"mam": theirs}, note=FROM_LOG)
    for question, theirs in (
        ("first", "run_first_click"),
        ("last", "run_last_click"),
        ("linear", "run_linear"),
        ("position", "run_position_based"),
    ):
        yield from compared(n, question, f"attribution.{question}", {"mam": theirs}, note=FROM_WAYS)
    note = f"{FROM_WAYS}; MAM's is another game, of at most 4 touchpoints"
    yield from compared(n, "shapley", "attribution.shapley", {"mam": "run_shapley"}, note=note, same=False)


def once(kind: str, path: Path, times: int = 1) -> Cost:
    """What a process of its own spends on a log: packing it, then asking everything of it."""
    command = (sys.executable, "-m", "benchmarks.journeys_by_crmcore", str(path), kind, str(times))
    answer: Cost = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    return answer


def together(n: int) -> Iterator[Row]:
    """All of paths and attribution of order one, in time and in memory."""
    packed = folder() / "packed.pickle"
    dump(packed, read(log(n)))
    from_packed, from_rows = turns(partial(once, "packed", packed), partial(once, "rows", log(n)), rounds=3)
    for name, aim, note, costs in (
        ("all of paths and attribution.markov", "≤ 1500", "from packed journeys", from_packed),
        ("the same", "-", "just after packing", from_rows),
    ):
        asking = median(cost["asking"] for cost in costs)
        yield Row(name=name, ours=asking, other=None, unit="ms", aim=aim, note=note)
    for name, aim, note, costs in (
        ("memory at most, of the whole process", "≤ 350", "from packed journeys, unpickled", from_packed),
        ("the same", "-", "with packing, row by row from a file", from_rows),
    ):
        peak = max(cost["mebibytes"] for cost in costs)
        yield Row(name=name, ours=peak, other=None, unit="MiB", aim=aim, note=note)


def growth(n: int) -> Iterator[Row]:
    """Whether time grows in step with the log: the same events in one piece and in ten."""
    us = contestant("crmcore", n)
    whole, shards = turns(partial(us.time, "everything"), partial(us.time, "shards"), rounds=ROUNDS)
    note = "the same customers in one log and in ten"
    yield Row(
        name=f"everything on {n:,} / on {n // 10:,}",
        ours=1e6 / n * median(whole),
        other=1e6 / n * median(shards),
        unit="ns",
        aim="≈ 1",
        note=f"per event; {note}",
    )
    if options().ten_million:
        small, large = once("rows", log(n)), once("rows", log(n), 10)
        note = f"per event; other customers, the same ways; at most {large['mebibytes']:,.0f} MiB"
        for name, ours, other in (
            ("Journeys.of", large["packing"], small["packing"]),
            ("everything", large["asking"], small["asking"]),
        ):
            yield Row(
                name=f"{name} on {large['visits']:,} / on {small['visits']:,}",
                ours=1e6 * ours / large["visits"],
                other=1e6 * other / small["visits"],
                unit="ns",
                aim="≈ 1",
                note=note,
            )


if __name__ == "__main__":
    options()
    main(
        packing,
        transitions,
        variants,
        loops,
        matrix,
        funnel,
        sessions,
        dwelling,
        removal,
        rules,
        together,
        growth,
    )
