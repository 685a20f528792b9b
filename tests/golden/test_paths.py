from __future__ import annotations

import csv
import json
from datetime import datetime
from typing import Any

import pytest

from crmcore import Flow, Journeys
from crmcore.journeys.paths import variants
from tests.golden.path_adapters import ADAPTERS
from tests.golden.test_journeys import given


class TestForms:
    @pytest.mark.parametrize(
        "paths", [{"1": ["A", "B"], "2": ["A"]}, [["A", "B"], ["A"]], [{"path": ["A", "B"]}, {"path": ["A"]}]]
    )
    def test_paths(self, paths: Any) -> None:
        """Paths stand by customer, in a list or in records, alone or beside options."""
        for inputs in (paths, {"paths": paths}):
            assert {"A -> B": 1} == ADAPTERS["paths.transitions"](inputs)["dfg"]
        assert [2, 1] == ADAPTERS["paths.funnel"]({"paths": paths, "steps": ["A", "B"]})["unique_paths"]
        assert [2, 1] == ADAPTERS["paths.funnel"]({"paths": paths, "steps": [["A", "B"], "B"]})["unique_paths"]
        assert [2, 1, 2] == ADAPTERS["paths.funnel"](
            {"paths": [["A", "C"], ["A", "B", "C"]], "steps": ["A", "B", "C"], "optional": ["B"]}
        )["unique_paths"]


class TestMillion:
    def test_agrees_with_the_exact_graph(self) -> None:
        """Every count of the graph of a million visits is exact."""
        told = json.loads(given("bench/journey/expected_dfg_1m.json").read_text(encoding="utf-8"))
        with given("journey_1m.csv").open(encoding="utf-8", newline="") as lines:
            rows = csv.reader(lines)
            next(rows)
            log = Journeys.of((who, at, datetime.fromisoformat(time)) for who, at, time, *_ in rows)
        flow = Flow.of(log)
        pairs = {pair: one.count for pair, one in flow.edges.items() if None not in pair}

        assert (1_000_000, 100_000, 72_136) == (log.visits, flow.journeys, len(variants(log)))
        assert told["dfg"] == {f"{start}->{end}": count for (start, end), count in pairs.items()}
        assert told["start"] == {place: one.count for place, one in flow.starts.items()}
        assert told["end"] == {place: one.count for place, one in flow.ends.items()}
