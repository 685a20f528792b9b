"""What crmcore answers, from a list of rows in memory whose instants are parsed.

python -m benchmarks.journeys_by_crmcore log.csv                  answer what is asked on standard input
python -m benchmarks.journeys_by_crmcore log.csv rows 1           pack the log, ask everything, tell time and memory
python -m benchmarks.journeys_by_crmcore packed.pickle packed 1   the same of journeys that are packed already
python -m benchmarks.journeys_by_crmcore log.csv rows 10          the same of ten times as many customers
"""

import json
import pickle
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import cast

from benchmarks.journey_log import LogRow, read
from benchmarks.journeys_asked import FUNNEL, GOAL, STEPS, Question, counted, digest, rounded, serve
from benchmarks.measuring import peak_bytes
from benchmarks.timing import milliseconds
from crmcore import DwellTime, Flow, Funnel, Id, Journeys, StepMatrix, TallyBy, Visits, attribution, paths
from crmcore.journeys.attribution import Attribution, Outcome
from crmcore.journeys.paths import Edge

_WEEK = timedelta(days=7)
_HALF_HOUR = timedelta(minutes=30)


def everything(journeys: Journeys) -> object:
    """All of paths, and attribution of order one."""
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
    """Each with its answer's form."""
    rows = [*read(log)]
    journeys = Journeys.of(rows)
    cut = partial(attribution.outcomes, journeys, GOAL, first_only=True)
    ways = cut()
    time_decay = partial(attribution.time_decay, journeys, GOAL, half_life=_WEEK, first_only=True)
    rules = (attribution.first, attribution.last, attribution.linear, attribution.position, attribution.shapley)
    return {
        "table": (partial(Journeys.of, rows), attrgetter("visits")),
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
        "markov": (partial(attribution.markov, ways), _removal_effects),
        **{rule.__name__: (partial(rule, ways), _credits) for rule in rules},
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
    """As many parts, cut by customer."""
    group = {customer: place % number for place, customer in enumerate(journeys.customer_ids)}
    return [*journeys.apart(group.__getitem__).values()]


def _flow(found: Flow) -> object:
    return counted((pair, edge.count) for pair, edge in found.edges.items())


def _variants(found: TallyBy[tuple[Id, ...], Edge]) -> object:
    return digest((way, edge.count) for way, edge in found.items())


def _rework(found: TallyBy[Id, Visits]) -> object:
    return counted(((place,), visits.repeated) for place, visits in found.items())


def _without_loops(journeys: Journeys, found: TallyBy[Id, Visits]) -> object:
    """The flow, in which what loops back on itself is taken off as often as the visits say."""
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
    """Conversions, and all that had a touch."""
    return [sum(one.conversions for one in found.values()), sum(one.paths for way, one in found.items() if way)]


def _removal_effects(found: Attribution) -> object:
    return rounded({str(place): effect for place, effect in found.removal_effects})


def _credits(found: Attribution) -> object:
    return rounded({str(place): credit for place, credit in found.credits})


def _once(kind: str, log: Path, times: int) -> None:
    """Pack or unpack once, ask everything once, and print what it cost as JSON."""
    found: list[Journeys] = []

    def ready() -> None:
        if kind == "packed":
            found.append(cast("Journeys", pickle.loads(log.read_bytes())))  # noqa: S301 - our own, of a moment ago
        else:
            found.append(Journeys.of(_renamed(log, times)))

    packing = milliseconds(ready)
    (journeys,) = found
    asking = milliseconds(partial(everything, journeys))
    mebibytes = peak_bytes() / 2**20
    print(json.dumps({"packing": packing, "asking": asking, "visits": journeys.visits, "mebibytes": mebibytes}))


def _renamed(log: Path, times: int) -> Iterator[LogRow]:
    """The log so many times, each time of other customers."""
    for time in range(times):
        for customer_id, touchpoint, at in read(log):
            yield (f"{customer_id}-{time}" if time else customer_id), touchpoint, at


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _once(sys.argv[2], Path(sys.argv[1]), int(sys.argv[3]))
    else:
        serve("crmcore", "crmcore", questions)
