"""What type checkers see of experience compared with beliefs, rivals and targets; nothing here is run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import assert_type

from crmcore import (
    Checklist,
    ChecklistAnswer,
    Consistency,
    ConstancyDrift,
    ContactArea,
    ExperienceTarget,
    Finding,
    Id,
    LeadOverTime,
    MarketPosition,
    MeasureKind,
    PerceptionGap,
    Period,
    Reading,
    RelativeAdvantage,
    TallyBy,
    TargetAttainment,
    TargetState,
    expectations,
)
from crmcore.primitives.proportions import Interval
from crmcore.voice.expectations import (
    TargetResult,
    attainments,
    constancy,
    lint_targets,
    spoilers,
    wallet_share,
    wallet_shares,
)


def believe(readings: Iterable[Reading]) -> None:
    """Compare what the company believes."""
    gap = PerceptionGap.of(readings, threshold=8)
    assert_type(gap, PerceptionGap)
    assert_type(gap.value, Decimal | None)
    assert_type(gap.ratio, Decimal | None)
    assert_type(gap.interval(confidence=0.9), Interval | None)
    assert_type(
        PerceptionGap.by(readings, lambda reading: reading.aspect, threshold="7.5"), TallyBy[str, PerceptionGap]
    )

    PerceptionGap.of(readings)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - from which number on?
    PerceptionGap(80, 100)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword


def compete(readings: Iterable[Reading], periods: Iterable[Period]) -> None:
    """Compare with rivals."""
    advantage = RelativeAdvantage(own="8.4", rivals={"north": "8.1", "south": "7"})
    assert_type(advantage.value, Decimal | None)
    assert_type(advantage.rank, int | None)
    assert_type(advantage.mean_rank, Decimal | None)
    assert_type(advantage.position, MarketPosition | None)
    assert_type(RelativeAdvantage(own=None, rivals=[("north", Decimal(8))]).best, tuple[Id, ...])
    assert_type(RelativeAdvantage.by(readings, lambda reading: reading.at), dict[datetime, RelativeAdvantage])
    assert_type(RelativeAdvantage.of(readings), RelativeAdvantage)
    assert_type(wallet_share("1.5", 3), Decimal)
    assert_type(wallet_shares({"ours": 9, "north": "7.5"}), dict[str, Decimal])
    lead = LeadOverTime.of(readings, periods)
    assert_type(lead.ahead_since, datetime | None)
    assert_type(lead.eroded_share, Decimal | None)
    assert_type(expectations.LeadOverTime(points=[]).points, tuple[tuple[datetime, Decimal | None], ...])

    wallet_share(1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - of how many brands?
    RelativeAdvantage(rivals={})  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - and your own score?


def be_constant(readings: Iterable[Reading], answers: list[ChecklistAnswer], day: datetime, month: Period) -> None:
    """Compare touchpoints, targets and audits."""
    found = Consistency.of(readings, lambda reading: reading.aspect, expected=ContactArea)
    assert_type(found.weakest, tuple[Id, ...])
    assert_type(found.below(5), tuple[Id, ...])
    assert_type(Consistency(scores={"web": 8}).variance, Decimal | None)
    assert_type(spoilers(), Checklist)
    assert_type(constancy(), Checklist)
    assert_type(ConstancyDrift.of(constancy(), answers, answers).rate, Decimal | None)
    assert_type(
        ConstancyDrift.by(constancy(), answers, answers, lambda answer: answer.item_id), TallyBy[Id, ConstancyDrift]
    )
    target = ExperienceTarget(kind=MeasureKind.TRUST, level="8.5", period=month, set_at=day)
    results = attainments([target], readings, as_of=day)
    assert_type(results, tuple[TargetResult, ...])
    assert_type(results[0].state, TargetState)
    assert_type(TargetAttainment.of(results).rate, Decimal | None)
    assert_type(TargetAttainment.by(results, lambda one: one.target.kind), TallyBy[MeasureKind, TargetAttainment])
    assert_type(lint_targets([target]), tuple[Finding, ...])

    attainments([target], readings)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - as of when?
    ConstancyDrift.of(answers, answers)  # type: ignore[call-arg, arg-type]  # pyright: ignore[reportCallIssue] - of which checklist?
    TargetAttainment.of([target])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - what was measured?
