"""What each engine can do, by trying it. ``python -m tests.interop.frames.engine_table`` writes the page anew."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa

from crmcore import UTC, CrmcoreError, Flow, HistoricValue, Interaction, Money, Purchase, instant
from crmcore.interop import frames
from tests.face.documents import ROOT
from tests.interop.frames.engines import ENGINES, Engine

PAGE: Final = ROOT / "docs" / "guides" / "engine_table.md"
NOON: Final = instant("2026-03-02T12:00")
ROWS: Final = pa.table(
    {
        "customer_id": ["anna", "ben", "anna", None],
        "touchpoint_id": ["ad", "ad", "shop", "shop"],
        "at": pa.array([NOON] * 4, pa.timestamp("us", tz="UTC")),
        "amount": pa.array([3, 4, 5, 6]).cast(pa.decimal128(21, 2)),
        "row": [1, 2, 3, 4],
    }
)
_HEAD: Final = """\
# What each engine can do

A function of `crmcore.interop.frames` gives the same record from every engine, or refuses the engine by a rule. The
tests try each function in each engine, and compare this table with what they find.
[From a notebook to a cluster](engines.md) shows how it is used.
"""
_FOOT: Final = """\
- `flow` looks at the next row of a customer, which Dask cannot. The guide
  [From a notebook to a cluster](engines.md#dask) counts each partition instead.
- Instants that are compared with a reference date need no zone. Days, weeks and months do. An engine with a no tells
  wall times in the zone of its session only: set that one, or convert the column in the engine.
- Pandas keeps decimals as Python objects unless its types are those of pyarrow, and is slow with them.

## How to collect

Statistics come out as a frame of the engine. `Statistics.read` takes what its own method makes of it:
"""
COLLECT: Final = {
    "pandas": "",
    "pandas[pyarrow]": "",
    "pyarrow": "",
    "polars": "",
    "polars lazy": ".collect()",
    "duckdb": ".to_arrow_table()",
    "ibis": ".to_pyarrow()",
    "sqlframe": ".toArrow()",
    "dask": ".compute()",
    "pyspark": ".toArrow()",
}


def _read(engine: Engine, statistics: frames.Statistics[Any]) -> Any:
    return statistics.read(engine.collect(statistics.frame))


def _try_historic_value(engine: Engine) -> bool:
    purchases = frames.Frame(Purchase, engine.make(ROWS), currency="EUR")
    records = [Purchase(customer_id=who, at=NOON, amount=Money(paid, "EUR")) for who, paid in (("anna", 8), ("ben", 4))]
    found = _read(engine, frames.historic_value(purchases, by="customer_id"))
    return bool(dict(found) == dict(HistoricValue.by(records, attrgetter("customer_id"))))


def _try_flow(engine: Engine) -> bool:
    visits = frames.Frame(Interaction, engine.make(ROWS))
    expected = Flow.of([("anna", "ad", NOON), ("ben", "ad", NOON), ("anna", "shop", NOON)])
    return bool(_read(engine, frames.flow(visits, sequence="row")) == expected)


def _try_no_rows(engine: Engine) -> bool:
    purchases = frames.Frame(Purchase, engine.make(ROWS.slice(0, 0)), currency="EUR")
    return bool(_read(engine, frames.historic_value(purchases)).value == Money.zero("EUR"))


def _try_zone(engine: Engine) -> bool:
    purchases = frames.Frame(Purchase, engine.make(ROWS), currency="EUR", tz=UTC)
    return purchases.local("at", ZoneInfo("Europe/Riga")) is not None


TRIALS: Final[dict[str, Callable[[Engine], bool]]] = {
    "`historic_value`": _try_historic_value,
    "`flow`": _try_flow,
    "a table without rows": _try_no_rows,
    "wall times in any zone": _try_zone,
}

UNTRIED: Final = {
    "balance",
    "churn",
    "cohorts",
    "csat",
    "inactivity",
    "level_changes",
    "level_distribution",
    "nps",
    "purchase_churn",
    "revenue_movements",
    "rfm",
}
"""Functions without a trial here: their own tests compare them in every engine. Give each a trial, and take it out."""


def answer(trial: str, engine: Engine) -> str:
    """Return what an engine makes of a trial: yes, or no if it is refused."""
    try:
        assert TRIALS[trial](engine), f"{engine.name} gives another answer to {trial}"
    except CrmcoreError:
        return "no"
    return "yes"


def page(answers: dict[tuple[str, str], str]) -> str:
    """The page of the guide, from an answer for each trial and engine."""
    lines = ["| | " + " | ".join(COLLECT) + " |", "|---|" + "---|" * len(COLLECT)]
    lines += [f"| {trial} | " + " | ".join(answers[trial, name] for name in COLLECT) + " |" for trial in TRIALS]
    collected = ["| Engine | What to read |", "|---|---|"]
    collected += [f"| {name} | `statistics.frame{method}` |" for name, method in COLLECT.items()]
    return "\n".join([_HEAD, *lines, "", _FOOT, *collected, ""])


def read_page() -> dict[tuple[str, str], str]:
    """The answers that the page has."""
    text = PAGE.read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {
        (trial, name): told
        for trial, *cells in rows
        if trial in TRIALS
        for name, told in zip(COLLECT, cells, strict=True)
    }


if __name__ == "__main__":
    found: dict[tuple[str, str], str] = {}
    for open_engine in ENGINES.values():
        with open_engine() as opened:
            found |= {(trial, opened.name): answer(trial, opened) for trial in TRIALS}
    PAGE.write_text(page(found), encoding="utf-8")
