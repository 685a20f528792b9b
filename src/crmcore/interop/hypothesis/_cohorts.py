"""Strategies for cohorts and their triangles."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from crmcore import Cohort, CohortReading, CohortTriangle, Money, TallyBy
from crmcore.interop.hypothesis._values import cached, counts, decimals, fields_from


@st.composite
def cohort_counts(draw: st.DrawFn, /, **fields: object) -> Cohort:
    """Cohorts with four columns, of which the last is a bracket; the older the members, the fewer are observed."""
    rules = fields_from(draw, fields, {"ages": ((0, 0), (1, 1), (2, 2), (3, 6)), **_rules()})
    counted: dict[str, Any] = {
        "size": draw(counts(99)),
        "lookalikes": draw(counts(9)),
        "observed": [],
        "active": [],
        "active_later": [],
    }
    for _ in rules["ages"]:
        least = [draw(st.integers(0, counted["size"])) for _ in range(3)]
        for name, count in zip(("active", "active_later", "observed"), sorted(least), strict=True):
            counted[name].append(count)
    for name in ("revenue", "first_revenue"):
        counted[name] = [Money(draw(decimals(0, 1000)), "EUR") for _ in rules["ages"]]
    return Cohort(**{**counted, **rules})


@cached
def _rules() -> dict[str, object]:
    return {}


@st.composite
def cohort_triangles(draw: st.DrawFn, /) -> CohortTriangle:
    """Triangles of up to three cohorts, of members or of revenue."""
    found = TallyBy(draw(st.dictionaries(st.sampled_from(["2026-01", "2026-02", "web"]), cohort_counts(), max_size=3)))
    return CohortTriangle(found, reading=draw(st.sampled_from(CohortReading)), of_revenue=draw(st.booleans()))
