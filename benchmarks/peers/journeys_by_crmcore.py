"""What crmcore answers, from a list of rows in memory whose instants are parsed.

With the arguments `log.csv rows 1` it packs the log, asks everything once and tells time and memory; with
`packed.pickle packed 1` it does the same for journeys packed already, with `log.csv rows 10` for ten times as many
customers.
"""

import json
import pickle
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from functools import partial
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import cast

from benchmarks.harness import milliseconds, peak_bytes
from benchmarks.journey_log import FUNNEL, GOAL, LogRow, read
from benchmarks.peers.answering import STEPS, Question, counted, digest, rounded, serve
from crmcore import (
    DwellTime,
    Flow,
    Funnel,
    Id,
    Interaction,
    Journeys,
    StepMatrix,
    Table,
    TallyBy,
    Visits,
    attribution,
    paths,
)
from crmcore.journeys.attribution import Attribution, Outcome
from crmcore.journeys.paths import Edge

_WEEK = timedelta(days=7)
_HALF_HOUR = timedelta(minutes=30)


def everything(journeys: Journeys) -> object:
    """Ask all of paths, and attribution of order one."""
    return (
        Flow.of(journeys),
        paths.variants(journeys),
        paths.visits(journeys, goal=GOAL),
        Funnel.of(journeys, FUNNEL),
        StepMatrix.of(journeys, steps=STEPS),
        paths.dwell_times(journeys),
        journeys.sessions(_HALF_HOUR),
        attribution.markov(attribution.outcomes(journeys, GOAL, first_only=True)),
    )


def questions(log: Path) -> Mapping[str, Question]:
    """Return what answers each question, with the form of the answer."""
    rows = [*read(log)]
    columns: object = dict(zip(("customer_id", "touchpoint_id", "at"), zip(*rows, strict=True), strict=True))
    with suppress(ImportError):
        columns = import_module("pandas").DataFrame(columns)
    journeys = Journeys.of(rows)
    cut = partial(attribution.outcomes, journeys, GOAL, first_only=True)
    outcomes = cut()
    time_decay = partial(attribution.time_decay, journeys, GOAL, half_life=_WEEK, first_only=True)
    rules = (attribution.first, attribution.last, attribution.linear, attribution.position, attribution.shapley)
    return {
        "table": (lambda: Journeys.of(Table(Interaction, columns)), attrgetter("visits")),
        "rows": (partial(Journeys.of, rows), attrgetter("visits")),
        "flow": (partial(Flow.of, journeys), _flow),
        "variants": (partial(paths.variants, journeys), _variants),
        "rework": (partial(paths.visits, journeys), _rework),
        "distance": (partial(paths.visits, journeys), _rework),
        "loops": (partial(paths.visits, journeys), partial(_without_loops, journeys)),
        "matrix": (partial(StepMatrix.of, journeys, steps=STEPS), _matrix),
        "funnel": (partial(Funnel.of, journeys, FUNNEL), _reached),
        "sessions": (partial(journeys.sessions, _HALF_HOUR), len),
        "dwell": (partial(paths.dwell_times, journeys), _dwell),
        "outcomes": (cut, _outcomes),
        "markov": (partial(attribution.markov, outcomes), _removal_effects),
        **{rule.__name__: (partial(rule, outcomes), _credits) for rule in rules},
        "log_markov": (lambda: attribution.markov(cut()), _removal_effects),
        "log_first": (lambda: attribution.first(cut()), _credits),
        "log_last": (lambda: attribution.last(cut()), _credits),
        "log_time_decay": (time_decay, _credits),
        "everything": (partial(everything, journeys), lambda _: None),
        "shards": (partial(_each, _shards(journeys, 10)), lambda _: None),
    }


def _each(shards: list[Journeys]) -> object:
    return [everything(shard) for shard in shards]


def dump(path: Path, rows: Iterable[LogRow]) -> None:
    """Pack rows and write them to a file, for another process to begin with."""
    path.write_bytes(pickle.dumps(Journeys.of(rows)))


def _shards(journeys: Journeys, number: int) -> list[Journeys]:
    """Return as many parts, cut by customer."""
    group = {customer: place % number for place, customer in enumerate(journeys.customer_ids)}
    return [*journeys.apart(group.__getitem__).values()]


def _flow(found: Flow) -> object:
    return counted((pair, edge.count) for pair, edge in found.edges.items())


def _variants(found: TallyBy[tuple[Id, ...], Edge]) -> object:
    return digest((path, edge.count) for path, edge in found.items())


def _rework(found: TallyBy[Id, Visits]) -> object:
    return counted(((place,), visits.repeated) for place, visits in found.items())


def _without_loops(journeys: Journeys, found: TallyBy[Id, Visits]) -> object:
    """Return the flow without as many self-loops as the visits count."""
    flow = Flow.of(journeys)
    return counted(
        (pair, edge.count - (found[pair[0]].self_loops if pair[0] is not None and pair[0] == pair[1] else 0))
        for pair, edge in flow.edges.items()
    )


def _matrix(found: StepMatrix) -> object:
    return sorted(
        [step, str(place), round(float(Decimal(edge.count) / found.journeys), 9)]
        for (step, place), edge in found.cells.items()
        if place is not None
    )


def _reached(found: Funnel) -> object:
    return [step.reached for step in found.steps]


def _dwell(found: TallyBy[Id, DwellTime]) -> object:
    return rounded({str(place): dwelt.seconds for place, dwelt in found.items()})


def _outcomes(found: TallyBy[tuple[Id, ...], Outcome]) -> object:
    """Return conversions, and all paths that had a touch."""
    return [
        sum(outcome.conversions for outcome in found.values()),
        sum(outcome.paths for path, outcome in found.items() if path),
    ]


def _removal_effects(found: Attribution) -> object:
    return rounded({str(place): effect for place, effect in found.removal_effects})


def _credits(found: Attribution) -> object:
    return rounded({str(place): credit for place, credit in found.credits})


def _once(kind: str, log: Path, times: int) -> None:
    """Pack or unpack once, ask everything once, and print what it cost as JSON."""
    found: list[Journeys] = []

    def ready() -> None:
        if kind == "packed":
            found.append(cast("Journeys", pickle.loads(log.read_bytes())))  # noqa: S301 - we wrote it ourselves
        else:
            found.append(Journeys.of(_renamed(log, times)))

    packing = milliseconds(ready)
    (journeys,) = found
    asking = milliseconds(partial(everything, journeys))
    mebibytes = peak_bytes() / 2**20
    print(json.dumps({"packing": packing, "asking": asking, "visits": journeys.visits, "mebibytes": mebibytes}))


def _renamed(log: Path, times: int) -> Iterator[LogRow]:
    """Yield the log several times, each time with other customers."""
    for time in range(times):
        for customer_id, touchpoint, at in read(log):
            yield (f"{customer_id}-{time}" if time else customer_id), touchpoint, at


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _once(sys.argv[2], Path(sys.argv[1]), int(sys.argv[3]))
    else:
        serve("crmcore", questions)
