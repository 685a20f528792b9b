"""What retentioneering answers, from a table in memory whose instants are parsed; its usage tracking is off."""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.journey_log import COLUMNS, FUNNEL, read
from benchmarks.peers.answering import STEPS, Question, counted, imported, serve


def questions(log: Path) -> Mapping[str, Question]:
    """Return what answers each question, with the form of the answer."""
    os.environ["RETENTIONEERING_NO_TRACK"] = "1"
    pandas, retentioneering = imported("pandas"), imported("retentioneering")
    table = pandas.read_csv(log)[COLUMNS]
    table["timestamp"] = pandas.to_datetime(table["timestamp"]).dt.tz_localize(None)
    schema = {"path_cols": ["customer_id"], "event_col": "touchpoint", "timestamp_col": "timestamp"}

    rows = [(customer_id, touchpoint, at.replace(tzinfo=None)) for customer_id, touchpoint, at in read(log)]
    pack = partial(retentioneering.Eventstream, schema=schema)
    ready = pack(table)
    return {
        "table": (partial(pack, table), lambda found: len(found.df)),
        "rows": (lambda: pack(pandas.DataFrame(rows, columns=COLUMNS)), lambda found: len(found.df)),
        "flow": (lambda: ready.transition_graph_data(edge_weight="count"), _flow),
        "loops": (
            lambda: ready.collapse_events(loops=True).transition_graph_data(edge_weight="count"),
            _flow,
        ),
        "matrix": (lambda: ready.step_matrix_data(max_steps=STEPS), _matrix),
        "funnel": (
            lambda: ready.funnel_data(steps=[*FUNNEL]),
            lambda found: [int(step["unique_paths"]) for step in found["steps"]],
        ),
        "sessions": (
            lambda: ready.split_sessions(timeout="30m"),
            lambda found: int(found.df["session_id"].nunique()),
        ),
    }


def _flow(found: Any) -> object:  # noqa: ANN401 - a pandas table, which comes untyped
    names = {name: None if str(name) in {"path_start", "path_end"} else str(name) for name in [*found.index, *found]}
    return counted(
        ((names[start], names[end]), int(count))
        for start, row in found.iterrows()
        for end, count in row.items()
        if not (names[start] is None and names[end] is None)
    )


def _matrix(found: Any) -> object:  # noqa: ANN401 - the same
    return sorted(
        [int(step), str(place), round(float(share), 9)]
        for place, row in found.iterrows()
        if place not in {"path_start", "path_end"}
        for step, share in row.items()
        if step and share
    )


if __name__ == "__main__":
    serve("retentioneering", questions)
