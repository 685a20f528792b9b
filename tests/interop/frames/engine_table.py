"""What each engine can do, by trying it. ``python -m tests.interop.frames.engine_table`` writes the page anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from operator import attrgetter
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa

from crmcore import (
    UTC,
    Balance,
    BaseDistribution,
    Churn,
    Cohort,
    CrmcoreError,
    Csat,
    Flow,
    HistoricValue,
    Inactivity,
    Interaction,
    LevelTransitions,
    MomentOfTruth,
    Money,
    Nps,
    Period,
    Purchase,
    RevenueMovements,
    RfmTable,
    Scale,
    Subscription,
    TimeUnit,
    Valence,
    instant,
)
from crmcore.interop import frames
from tests.face.documents import ROOT
from tests.interop.frames.engines import ENGINES, Engine

PAGE: Final = ROOT / "docs" / "guides" / "engine_table.md"
MARCH: Final = Period.month(2026, 3)
NOON: Final = instant("2026-03-02T12:00")
LATER: Final = NOON + timedelta(days=9)
MONTH_BEFORE: Final = NOON - timedelta(days=30)
AS_OF: Final = MARCH.end
SILENCE: Final = timedelta(days=25)
ROWS: Final = pa.table(
    {
        "customer_id": ["anna", "ben", "anna", None],
        "touchpoint_id": ["ad", "ad", "shop", "shop"],
        "at": pa.array([NOON] * 4, pa.timestamp("us", tz="UTC")),
        "amount": pa.array([3, 4, 5, 6]).cast(pa.decimal128(21, 2)),
        "row": [1, 2, 3, 4],
        "paid_at": pa.array([MONTH_BEFORE, NOON, LATER, LATER], pa.timestamp("us", tz="UTC")),
        "score": [9, 3, None, 4],
        "level": ["loyal", "aggrieved", None, "loyal"],
        "level_after": ["aggrieved", "aggrieved", "loyal", "unread"],
    }
)
MOMENTS: Final = pa.table(
    {
        "employee_id": ["zoe", "zoe", "tom", None],
        "at": pa.array([NOON, LATER, NOON, NOON], pa.timestamp("us", tz="UTC")),
        "valence": ["good", "bad", "good", "neutral"],
        "severity": pa.array([2, 1, None, 1]).cast(pa.decimal128(21, 2)),
    }
)
PLANS: Final = pa.table(
    {
        "customer_id": ["anna", "anna", "ben", None],
        "price": pa.array([20, 30, 120, 9]).cast(pa.decimal128(21, 2)),
        "every": ["month", "month", "year", "month"],
        "started": pa.array([MONTH_BEFORE, NOON, NOON, NOON], pa.timestamp("us", tz="UTC")),
        "ended": pa.array([NOON, None, LATER, None], pa.timestamp("us", tz="UTC")),
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
  wall times in the zone of its session only: set that one, and let the column carry a zone.
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


def _open_purchases(engine: Engine) -> frames.Frame[Purchase]:
    return frames.Frame(Purchase, engine.make(ROWS), at="paid_at", currency="EUR")


def _open_plans(engine: Engine) -> frames.Frame[Subscription]:
    return frames.Frame(Subscription, engine.make(PLANS), currency="EUR")


PURCHASES: Final = [
    Purchase(customer_id=who, at=at, amount=Money(paid, "EUR"))
    for who, at, paid in (("anna", MONTH_BEFORE, 3), ("ben", NOON, 4), ("anna", LATER, 5))
]
SUBSCRIPTIONS: Final = [
    Subscription(customer_id=who, price=Money(price, "EUR"), every=every, started=started, ended=ended)
    for who, price, every, started, ended in (
        ("anna", 20, TimeUnit.MONTH, MONTH_BEFORE, NOON),
        ("anna", 30, TimeUnit.MONTH, NOON, None),
        ("ben", 120, TimeUnit.YEAR, NOON, LATER),
    )
]


def _try_balance(engine: Engine) -> bool:
    rows = (("zoe", "good", NOON, 2), ("zoe", "bad", LATER, 1), ("tom", "good", NOON, 1), (None, "neutral", NOON, 1))
    records = [
        MomentOfTruth(employee_id=who, valence=Valence(valence), at=at, severity=severity)
        for who, valence, at, severity in rows
    ]
    found = _read(engine, frames.balance(frames.Frame(MomentOfTruth, engine.make(MOMENTS)), by="employee_id"))
    return bool(dict(found) == dict(Balance.by(records, attrgetter("employee_id"))))


def _try_churn(engine: Engine) -> bool:
    return bool(_read(engine, frames.churn(_open_plans(engine), MARCH)) == Churn.of(SUBSCRIPTIONS, MARCH))


def _try_cohorts(engine: Engine) -> bool:
    found = _read(engine, frames.cohorts(_open_purchases(engine), as_of=AS_OF, ages=2))
    return bool(found == Cohort.by_purchases(PURCHASES, as_of=AS_OF, ages=2))


def _try_csat(engine: Engine) -> bool:
    scale = Scale(low=0, high=10, higher_is_better=True)
    found = _read(engine, frames.csat(engine.make(ROWS), "score", scale))
    return bool(found == Csat.of_scores([9, 3, None, 4], scale))


def _try_flow(engine: Engine) -> bool:
    visits = frames.Frame(Interaction, engine.make(ROWS))
    expected = Flow.of([("anna", "ad", NOON), ("ben", "ad", NOON), ("anna", "shop", NOON)])
    return bool(_read(engine, frames.flow(visits, sequence="row")) == expected)


def _try_historic_value(engine: Engine) -> bool:
    found = _read(engine, frames.historic_value(_open_purchases(engine), by="customer_id"))
    return bool(dict(found) == dict(HistoricValue.by(PURCHASES, attrgetter("customer_id"))))


def _try_inactivity(engine: Engine) -> bool:
    found = _read(engine, frames.inactivity(_open_purchases(engine), as_of=AS_OF, churned_after=SILENCE))
    return bool(found == Inactivity.of(PURCHASES, as_of=AS_OF, churned_after=SILENCE))


def _try_level_changes(engine: Engine) -> bool:
    before, after = engine.make(ROWS.select(["row", "level"])), ROWS.select(["row", "level_after"])
    after = engine.make(after.rename_columns(["row", "level"]).slice(1))
    gone = engine.make(ROWS.select(["row"]).slice(0, 1))
    found = _read(engine, frames.level_changes(before, after, gone=gone, customer_id="row"))
    was = {1: "loyal", 2: "aggrieved", 3: None, 4: "loyal"}
    return bool(found == LevelTransitions.of(was, {2: "aggrieved", 3: "loyal", 4: "unread"}, gone=[1]))


def _try_level_distribution(engine: Engine) -> bool:
    found = _read(engine, frames.level_distribution(engine.make(ROWS), customer_id="row"))
    return bool(found == BaseDistribution.of({1: "loyal", 2: "aggrieved", 3: None, 4: "loyal"}))


def _try_nps(engine: Engine) -> bool:
    return bool(_read(engine, frames.nps(engine.make(ROWS), "score")) == Nps.of_scores([9, 3, None, 4]))


def _try_purchase_churn(engine: Engine) -> bool:
    found = _read(engine, frames.purchase_churn(_open_purchases(engine), MARCH, churned_after=SILENCE))
    return bool(found == Churn.of_purchases(PURCHASES, MARCH, churned_after=SILENCE))


def _try_revenue_movements(engine: Engine) -> bool:
    found = _read(engine, frames.revenue_movements(_open_plans(engine), MARCH))
    return bool(found == RevenueMovements.of(SUBSCRIPTIONS, MARCH, currency="EUR"))


def _try_rfm(engine: Engine) -> bool:
    found = _read(engine, frames.rfm(_open_purchases(engine), as_of=AS_OF))
    return bool(found.by_customer() == RfmTable.of(PURCHASES, as_of=AS_OF).by_customer())


def _try_no_rows(engine: Engine) -> bool:
    purchases = frames.Frame(Purchase, engine.make(ROWS.slice(0, 0)), currency="EUR")
    return bool(_read(engine, frames.historic_value(purchases)).value == Money.zero("EUR"))


def _try_zone(engine: Engine) -> bool:
    purchases = frames.Frame(Purchase, engine.make(ROWS), currency="EUR", tz=UTC)
    return purchases.local("at", ZoneInfo("Europe/Riga")) is not None


TRIALS: Final[dict[str, Callable[[Engine], bool]]] = {
    "`balance`": _try_balance,
    "`churn`": _try_churn,
    "`cohorts`": _try_cohorts,
    "`csat`": _try_csat,
    "`flow`": _try_flow,
    "`historic_value`": _try_historic_value,
    "`inactivity`": _try_inactivity,
    "`level_changes`": _try_level_changes,
    "`level_distribution`": _try_level_distribution,
    "`nps`": _try_nps,
    "`purchase_churn`": _try_purchase_churn,
    "`revenue_movements`": _try_revenue_movements,
    "`rfm`": _try_rfm,
    "a table without rows": _try_no_rows,
    "wall times in any zone": _try_zone,
}


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
