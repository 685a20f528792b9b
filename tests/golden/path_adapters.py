"""Adapters of the golden cases of paths: from the inputs of a case to the answer, named as in its `expected`.

An adapter turns text into the library's types and picks fields of the answer. It computes only instants, one second
apart, for visits of which only the order is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Final

from crmcore import ConversionTimes, Flow, Funnel, Id, Journeys, StepMatrix, StepOrder, TallyBy, instant
from crmcore.journeys.paths import Edge, variants, visits

_BEGIN: Final = instant("2026-03-02")
_START: Final = "path_start"
_END: Final = "path_end"


def _path(path: Any) -> list[Id]:
    """Return a path, which is given alone or in a record."""
    if isinstance(path, dict):
        path = next(path[name] for name in ("path", "events", "touchpoints") if name in path)
    return [*path]


def _log(inputs: Any) -> Journeys:
    """Return the log of a file, of single events, or of paths by customer or in a list."""
    if isinstance(inputs, dict) and "file" in inputs:
        return Journeys.of(_file(inputs))
    if isinstance(inputs, dict) and "events" in inputs:
        return Journeys.of((case, activity, instant(at)) for case, activity, at in inputs["events"])
    paths = inputs.get("paths", inputs) if isinstance(inputs, dict) else inputs
    by_customer = paths if isinstance(paths, dict) else {str(number): path for number, path in enumerate(paths)}
    return Journeys.of(
        (customer, touchpoint, _BEGIN + timedelta(seconds=second))
        for customer, path in by_customer.items()
        for second, touchpoint in enumerate(_path(path))
    )


def _file(inputs: Any) -> Iterable[tuple[Id, Id, Any]]:
    """Yield the rows of a file in the folder `CRMCORE_DATA`, by default the current one."""
    import csv
    import os
    from pathlib import Path

    path = Path(os.environ.get("CRMCORE_DATA", "."), inputs["file"])
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield row[inputs["case"]], row[inputs["activity"]], instant(row[inputs["timestamp"]])


def _counts(by: TallyBy[Any, Edge]) -> dict[str, int]:
    return {_write(key): edge.count for key, edge in by.items()}


def _write(key: Id | tuple[Id, ...]) -> str:
    return " > ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _transitions(inputs: Any) -> dict[str, Any]:
    log = _log(inputs)
    flow, visits_by_id = Flow.of(log), visits(log)
    return {
        "cases": flow.journeys,
        "events": log.visits,
        "dfg": {
            f"{start} -> {end}": edge.count for (start, end), edge in flow.edges.items() if None not in (start, end)
        },
        "start_activities": _counts(flow.starts),
        "end_activities": _counts(flow.ends),
        "variants": _counts(variants(log)),
        "rework_cases_per_activity": {
            str(touchpoint): found.repeated for touchpoint, found in visits_by_id.items() if found.repeated
        },
        "self_loops": {
            str(touchpoint): found.self_loops for touchpoint, found in visits_by_id.items() if found.self_loops
        },
    }


def _step_matrix(inputs: Any) -> dict[str, Any]:
    log, steps = _log(inputs), inputs["max_steps"]
    matrix, numbers = StepMatrix.of(log, steps=steps), range(1, steps + 1)
    touchpoints = sorted(log.touchpoint_ids, key=str)
    starts = [1, *(0 for _ in numbers)]
    rows = [[0, *(matrix.share(number, touchpoint) for number in numbers)] for touchpoint in touchpoints]
    ends = [0, *map(matrix.ended, numbers)]
    return {
        "index": [_START, *touchpoints, _END],
        "columns": [0, *numbers],
        "values": [starts, *rows, ends],
    }


def _funnel(inputs: Any) -> dict[str, Any]:
    named = {f"step {number}": step for number, step in enumerate(inputs["steps"], 1)}
    optional = [name for name, step in named.items() if step in inputs.get("optional", ())]
    funnel = Funnel.of(_log(inputs), named, optional=optional, **_policies(inputs))
    steps = funnel.steps
    return {
        **({"excluded": funnel.excluded} if "exclude" in inputs else {}),
        **({"open": funnel.open} if "as_of" in inputs else {}),
        "unique_paths": [step.reached for step in steps],
        "conversion_rate": [step.share for step in steps],
        "step_conversion_rate": [step.share_of_previous for step in steps],
    }


def _policies(inputs: Any) -> dict[str, Any]:
    within, windows = inputs.get("within_hours"), inputs.get("step_within_hours", {})
    return {
        "order": StepOrder(inputs.get("order", "sequential")),
        "exclude": inputs.get("exclude", ()),
        "within": None if within is None else timedelta(hours=within),
        "step_within": {name: timedelta(hours=hours) for name, hours in windows.items()},
        "as_of": instant(inputs["as_of"]) if "as_of" in inputs else None,
    }


def _conversion_times(inputs: Any) -> dict[str, Any]:
    named = {f"step {number}": step for number, step in enumerate(inputs["steps"], 1)}
    times = ConversionTimes.of(_log(inputs), named, between=inputs.get("between"), **_policies(inputs))
    return {
        "lengths": [*map(str, times.lengths)],
        "converted": [*times.converted],
        "not_started": times.not_started,
        "excluded": times.excluded,
    }


ADAPTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "paths.conversion_times": _conversion_times,
    "paths.funnel": _funnel,
    "paths.step_matrix": _step_matrix,
    "paths.transitions": _transitions,
}
"""The adapter of each label."""
