"""Adapters of the golden cases of recovery: from the inputs of a case to the answer, named as in its `expected`.

An adapter turns text into the library's types, and hours into durations and back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from crmcore import (
    Authority,
    CompensationFund,
    Employee,
    Feedback,
    FeedbackKind,
    FundEntry,
    FundEntryKind,
    Money,
    OpeningHours,
    RecoveryParadox,
    RecoveryRate,
    RemedyWorth,
    instant,
    recovery,
)
from tests.golden.opening_hours_adapters import read_calendar

Inputs = dict[str, Any]

_DAY: Final = datetime(2026, 3, 2, tzinfo=UTC)


def _money(inputs: Inputs, name: str) -> Money:
    return Money(inputs[name], inputs.get("currency", "EUR"))


def _hours(hours: object) -> timedelta:
    return timedelta(microseconds=int(Fraction(str(hours)) * 3_600_000_000))


def _instant(text: str | None) -> datetime | None:
    return None if text is None else instant(text)


def _fund(inputs: Inputs) -> CompensationFund:
    currency = inputs.get("currency", "EUR")
    cap = inputs.get("cap_per_case")
    entries = [
        FundEntry(kind=FundEntryKind(kind), case_id=case, amount=Money(amount, currency), at=_DAY)
        for kind, case, amount in inputs["entries"]
    ]
    return CompensationFund(
        opening=_money(inputs, "opening"), cap_per_case=None if cap is None else Money(cap, currency), entries=entries
    )


def _fund_history(inputs: Inputs) -> dict[str, Any]:
    fund = _fund(inputs)
    return {
        "balances": [balance.amount for balance in fund.balances],
        "granted": fund.granted.amount,
        "returned": fund.returned.amount,
        "by_case": {str(case): money.amount for case, money in fund.by_case().items()},
    }


def _fund_balance(inputs: Inputs) -> object:
    entries = [["grant", place, amount] for place, amount in enumerate(inputs["paid"])]
    return _fund({**inputs, "entries": entries}).value.amount


def _worth(inputs: Inputs) -> RemedyWorth:
    cost = _money(inputs, "compensation") if "compensation" in inputs else Money.zero(inputs.get("currency", "EUR"))
    return RemedyWorth(
        value_at_risk=_money(inputs, "clv_at_risk"),
        churn_without=inputs["churn_without"],
        churn_with=inputs["churn_with"],
        cost=cost,
    )


def _worth_it(inputs: Inputs) -> dict[str, Any]:
    worth = _worth(inputs)
    return {"expected_saved": worth.saved.amount, "net": worth.value.amount, "worth": worth.is_worth_it}


def _fund_size(inputs: Inputs) -> object:
    return recovery.fund_size(
        failures=inputs["failures_expected"],
        share=inputs["share_compensated"],
        average=_money(inputs, "average_compensation"),
    ).amount


def _authority(inputs: Inputs) -> str:
    most = inputs.get("approval_limit")
    authority = Authority(
        limit=_money(inputs, "limit"), approval_limit=None if most is None else _money(inputs, "approval_limit")
    )
    return Employee(id="pavel", authority=authority).decide(_money(inputs, "amount")).value


def _silence(inputs: Inputs) -> dict[str, Any]:
    case = Feedback(
        kind=FeedbackKind.COMPLAINT,
        received_at=instant(inputs["received"]),
        resolved_at=_instant(inputs.get("closed")),
        told_at=_instant(inputs.get("told")),
    )
    quiet = recovery.silence(case, visible=map(instant, inputs["visible"]), as_of=instant(inputs["as_of"]))
    return {
        "first_visible_hours": quiet.first_visible_hours,
        "longest_silence_hours": quiet.longest_hours,
        "silent_now_hours": quiet.lasting_hours,
        "close_to_told_hours": quiet.close_to_told_hours,
    }


def _level(inputs: Inputs, received: datetime, as_of: datetime, stopped: datetime | None) -> int:
    calendar: OpeningHours | None = read_calendar(inputs) if inputs.get("calendar") else None
    return recovery.escalation(
        Feedback(kind=FeedbackKind.COMPLAINT, received_at=received),
        thresholds=map(_hours, inputs["thresholds_hours"]),
        as_of=as_of,
        hours=calendar,
        acknowledged_at=stopped,
    ).level


def _rate_by_answer(inputs: Inputs) -> dict[str, Any]:
    rate = RecoveryRate(
        failures=int(inputs["failures"]), confirmed=int(inputs["confirmed"]), denied=int(inputs["denied"])
    )
    return {
        "of_all": rate.rate,
        "of_asked": rate.rate_of_asked,
        "unasked": rate.unasked,
        "low": rate.low,
        "high": rate.high,
    }


def _rescued(inputs: Inputs) -> object:
    return recovery.rescued_value(
        detractors=int(inputs["detractors"]), rescue_rate=inputs["rescue_rate"], value=_money(inputs, "value")
    ).amount


ADAPTERS: Final[dict[str, Callable[[Inputs], Any]]] = {
    "authority.check": _authority,
    "compensation.break_even": lambda inputs: _worth(inputs).break_even.amount,
    "compensation.fund": _fund_size,
    "compensation.fund_balance": _fund_balance,
    "compensation.fund_history": _fund_history,
    "compensation.worth_it": _worth_it,
    "complaint.escalation_level": lambda inputs: _level(inputs, _DAY, _DAY + _hours(inputs["age_hours"]), None),
    "complaint.escalation_open_hours": lambda inputs: _level(
        inputs, instant(inputs["received"]), instant(inputs["as_of"]), _instant(inputs.get("stopped_at"))
    ),
    "complaint.silence": _silence,
    "recovery.paradox_check": lambda inputs: (
        RecoveryParadox(
            without_failure=inputs["satisfaction_no_failure_mean"],
            after_recovery=inputs["satisfaction_after_recovery_mean"],
        ).value
    ),
    "recovery.rate": lambda inputs: (
        RecoveryRate(failures=int(inputs["failures"]), confirmed=int(inputs["recovered"])).rate
    ),
    "recovery.rate_by_answer": _rate_by_answer,
    "rescued.value": _rescued,
}
