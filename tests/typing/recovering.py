"""User code on what is done when something went wrong; mypy and pyright read it, and it never runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_type

from crmcore import (
    Authority,
    CauseCoverage,
    CompensationFund,
    Employee,
    Feedback,
    Finding,
    FundEntry,
    FundEntryKind,
    GrantDecision,
    Id,
    Incident,
    Money,
    OpeningHours,
    Policy,
    RecoveryParadox,
    RecoveryRate,
    RemedyKind,
    RemedyWorth,
    RootCause,
    TallyBy,
    Task,
    recovery,
)
from crmcore.primitives.proportions import Interval
from crmcore.service.recovery import Escalation, Silence


def fund(price: Money, now: datetime, pavel: Employee) -> None:
    """A fund is money, and each step makes another fund."""
    held = CompensationFund(opening=price, cap_per_case=price)
    held = held.grant("c1", price, at=now, remedy=RemedyKind.COUPON, by=pavel, approved_by_id="olga", to_sell=True)
    held = held.grant(7, price, at=now, remedy="a smile").take_back(7, price, at=now).top_up(price, at=now)
    assert_type(held, CompensationFund)
    assert_type(held.value, Money)
    assert_type(held.balances, tuple[Money, ...])
    assert_type(held.by_case(), dict[Id, Money])
    assert_type(held.available("c1"), Money)
    assert_type(held.entries, tuple[FundEntry, ...])
    assert_type(FundEntry(kind=FundEntryKind.TOP_UP, amount=price, at=now).case_id, Id | None)
    assert_type(pavel.decide(price, to_sell=True), GrantDecision)
    assert_type(Authority(limit=price, approval_limit=price).decide(price), GrantDecision)
    held.grant("c1", 5, at=now)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of which currency?
    held.grant("c1", price)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - when?
    held.top_up(price, at=now, case_id=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - of no case


def worth(price: Money) -> None:
    """Whether a remedy is worth it is an exact answer."""
    found = RemedyWorth(value_at_risk=price, churn_without="0.4", churn_with=0.1, cost=price)
    assert_type(found.value, Money)
    assert_type(found.is_worth_it, bool)
    assert_type(recovery.fund_size(failures=120, share=0.6, average=price), Money)
    assert_type(recovery.rescued_value(detractors=5, rescue_rate="0.25", value=price), Money)
    assert_type(Policy(category="late", harm=price, remedy=price).is_below_harm, bool)


def waiting(case: Feedback, now: datetime, hours: OpeningHours) -> None:
    """A case rises with time, and its silences are durations or unknown."""
    risen = recovery.escalation(case, thresholds=[timedelta(hours=4)], as_of=now, hours=hours, acknowledged_at=now)
    assert_type(risen, Escalation)
    assert_type(risen.next_at, datetime | None)
    quiet = recovery.silence(case, as_of=now, visible=[now], hours=hours)
    assert_type(quiet, Silence)
    assert_type(quiet.lasting_hours, Decimal | None)
    recovery.escalation(case, thresholds=[4], as_of=now)  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - four what?
    quiet.lasting_hours + 1  # type: ignore[operator]  # pyright: ignore[reportOptionalOperand, reportUnusedExpression] - None


def causes(
    cases: Iterator[Feedback], found: list[RootCause], tasks: list[Task], happened: list[Incident], now: datetime
) -> None:
    """Rates may be unknown."""
    rate = RecoveryRate.of(cases)
    assert_type(rate.high, Decimal | None)
    assert_type(rate.interval(confidence=0.9), Interval | None)
    assert_type(RecoveryRate.by(cases, lambda case: case.cause), TallyBy[str, RecoveryRate])
    assert_type(RecoveryParadox(without_failure=8, after_recovery="8.4").cautions, tuple[Finding, ...])
    coverage = CauseCoverage.of(found, actions=tasks, incidents=happened, as_of=now)
    assert_type(coverage.recurrence_rate, Decimal | None)
    assert_type(
        CauseCoverage.by(found, lambda cause: cause.category, actions=tasks, as_of=now), TallyBy[str, CauseCoverage]
    )
    assert_type(recovery.lint(happened, causes=found, actions=tasks, as_of=now), tuple[Finding, ...])
    CauseCoverage.of(found)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - as of when?
