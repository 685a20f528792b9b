"""Strategies for what is done when something went wrong."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import (
    CauseCoverage,
    CompensationFund,
    FundEntry,
    FundEntryKind,
    Incident,
    Money,
    Policy,
    RecoveryParadox,
    RecoveryRate,
    RemedyKind,
    RemedyWorth,
    RootCause,
)
from crmcore.interop.hypothesis._values import (
    Fields,
    counts,
    decimals,
    fields_from,
    instants,
    later,
    maybe,
    maybe_ids,
    maybe_of,
    monies,
    record,
    shares,
    waits,
)
from crmcore.service.recovery import Escalation, Silence


@st.composite
def fund_entries(draw: st.DrawFn, /, **fields: object) -> FundEntry:
    """Grants, returns and top-ups, in euro unless an amount is given."""
    kinds = st.sampled_from(FundEntryKind)
    drawn = fields_from(draw, fields, {"kind": kinds, "amount": monies("EUR", low=1, high=100), "at": instants()})
    if drawn["kind"] is not FundEntryKind.TOP_UP and drawn.get("case_id") is None:
        drawn["case_id"] = draw(st.integers(1, 3))
    more = {"by_id": maybe_ids(), "approved_by_id": maybe_ids(), "remedy": maybe_of(RemedyKind)}
    return FundEntry(**fields_from(draw, drawn, more))


@st.composite
def compensation_funds(draw: st.DrawFn, /, **fields: object) -> CompensationFund:
    """Funds in euro, unless an opening is given, with up to five entries."""
    drawn = fields_from(draw, fields, {"opening": monies("EUR", low=0, high=200)})
    if "entries" not in drawn and "cap_per_case" not in drawn and draw(st.booleans()):
        drawn["cap_per_case"] = Money(draw(decimals(1, 100)), drawn["opening"].currency)
    fund = CompensationFund(**drawn)
    if "entries" in drawn:
        return fund
    at = draw(instants())
    currency = fund.opening.currency
    for _ in range(draw(st.integers(0, 5))):
        at = later(at, draw(waits()))
        case_id = draw(st.integers(1, 3))
        amount = Money(draw(decimals(1, 100)), currency)
        held = fund.by_case().get(case_id, Money.zero(currency))
        if amount <= fund.available(case_id):
            fund = fund.grant(case_id, amount, at=at)
        elif held:
            fund = fund.take_back(case_id, held, at=at)
        else:
            fund = fund.top_up(amount, at=at)
    return fund


def remedy_worths(**fields: object) -> SearchStrategy[RemedyWorth]:
    """Remedies and the lifetime value at stake, in euro unless both amounts are given."""
    return record(RemedyWorth, fields, _remedy_worths)


def _remedy_worths() -> Fields:
    euro = monies("EUR", low=0, high=1000)
    return {"value_at_risk": euro, "cost": euro, "churn_without": shares(), "churn_with": shares()}


@st.composite
def recovery_rates(draw: st.DrawFn, /, **fields: object) -> RecoveryRate:
    """Failures, of which some were asked about."""
    drawn = fields_from(draw, fields, dict.fromkeys(("confirmed", "denied"), counts()))
    asked = drawn["confirmed"] + drawn["denied"]
    return RecoveryRate(**{"failures": draw(counts(least=asked, most=asked + 1000)), **drawn})


def recovery_paradoxes(**fields: object) -> SearchStrategy[RecoveryParadox]:
    """Mean satisfactions from 0 to 10."""
    return record(RecoveryParadox, fields, _recovery_paradoxes)


def _recovery_paradoxes() -> Fields:
    mean = decimals(0, 10)
    return {"without_failure": mean, "after_recovery": mean, "failures_each": st.integers(0, 3)}


def escalations(**fields: object) -> SearchStrategy[Escalation]:
    """Levels up to three."""
    return record(Escalation, fields, _escalations)


def _escalations() -> Fields:
    return {"level": st.integers(0, 3), "elapsed": waits(), "next_at": maybe(instants())}


def silences(**fields: object) -> SearchStrategy[Silence]:
    """Silences of any length."""
    return record(Silence, fields, _silences)


def _silences() -> Fields:
    return {"longest": waits(), **dict.fromkeys(("lasting", "first_visible", "close_to_told"), maybe(waits()))}


def incidents(**fields: object) -> SearchStrategy[Incident]:
    """Incidents of any weight and harm."""
    return record(Incident, fields, _incidents)


def _incidents() -> Fields:
    return {"harm": maybe(monies("EUR", low=0, high=1000))}


def root_causes(**fields: object) -> SearchStrategy[RootCause]:
    """Root causes, solved or not."""
    return record(RootCause, fields)


def recovery_policies(**fields: object) -> SearchStrategy[Policy]:
    """Rules of the company, in euro unless both amounts are given."""
    return record(Policy, fields, _recovery_policies)


def _recovery_policies() -> Fields:
    euro = monies("EUR", low=0, high=100)
    return {"harm": euro, "remedy": euro}


@st.composite
def cause_coverages(draw: st.DrawFn, /, **fields: object) -> CauseCoverage:
    """Counts of causes and corrective actions that do not contradict."""
    drawn = fields_from(draw, fields, {"causes": counts(50), "actions": counts(100)})
    causes, actions = drawn["causes"], drawn["actions"]
    usual: Fields = {
        "with_action": draw(st.integers(0, min(causes, actions))),
        "with_prevention": draw(st.integers(0, causes)),
        **{name: draw(st.integers(0, actions)) for name in ("done", "overdue", "unowned")},
    }
    fixed = drawn.get("fixed", draw(st.integers(0, causes)))
    usual |= {"fixed": fixed, "recurred": draw(st.integers(0, fixed))}
    return CauseCoverage(**{**usual, **drawn})
