"""What pm4py answers, from a table in memory whose instants are parsed."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.journey_log import COLUMNS, read
from benchmarks.peers.answering import Question, counted, digest, imported, rounded, serve

_Edges = dict[tuple[str, str], int]


def questions(log: Path) -> Mapping[str, Question]:
    """Return what answers each question, with the form of the answer."""
    pandas, pm4py = imported("pandas"), imported("pm4py")
    table = pandas.read_csv(log)[COLUMNS]
    table["timestamp"] = pandas.to_datetime(table["timestamp"])
    pack = partial(pm4py.format_dataframe, case_id="customer_id", activity_key="touchpoint", timestamp_key="timestamp")
    rows = [*read(log)]
    ready = pack(table)

    def rework() -> Any:  # noqa: ANN401 - pm4py comes untyped
        return pm4py.get_rework_cases_per_activity(ready)

    def rework_and_distance() -> Any:  # noqa: ANN401 - the same
        return rework(), pm4py.get_minimum_self_distances(ready)

    return {
        "table": (partial(pack, table), len),
        "rows": (lambda: pack(pandas.DataFrame(rows, columns=COLUMNS)), len),
        "flow": (lambda: pm4py.discover_dfg(ready), _flow),
        "variants": (lambda: pm4py.get_variants(ready), lambda found: digest(found.items())),
        "rework": (rework, _rework),
        "distance": (rework_and_distance, lambda found: _rework(found[0])),
        "dwell": (lambda: pm4py.discover_performance_dfg(ready), _dwell),
    }


def _flow(found: tuple[_Edges, dict[str, int], dict[str, int]]) -> object:
    edges, starts, ends = found
    return counted(
        [
            *((pair, int(count)) for pair, count in edges.items()),
            *(((None, start), int(count)) for start, count in starts.items()),
            *(((end, None), int(count)) for end, count in ends.items()),
        ]
    )


def _rework(found: dict[str, int]) -> object:
    return counted(((touchpoint,), int(count)) for touchpoint, count in found.items())


def _dwell(found: tuple[dict[tuple[str, str], dict[str, float]], object, object]) -> object:
    seconds: dict[str, float] = {}
    for (start, _), times in found[0].items():
        seconds[start] = seconds.get(start, 0) + times["sum"]
    return rounded(seconds)


if __name__ == "__main__":
    serve("pm4py", questions)
