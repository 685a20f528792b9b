"""User code on survival curves; mypy and pyright read it, and it never runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import assert_type

from crmcore import (
    Finding,
    LifecycleStage,
    Lifetime,
    Relationship,
    Subscription,
    Survival,
    SurvivalBounds,
    TallyBy,
    TimeUnit,
    render,
)
from crmcore.primitives.proportions import Interval
from crmcore.render import Markdown, Svg
from crmcore.retention.lifecycles import StageDuration
from crmcore.retention.survival import (
    LifeTableInterval,
    LogRank,
    MeanOfEnded,
    RestrictedMean,
    SurvivalQuantile,
    SurvivalStep,
    log_rank,
)


def count(
    now: datetime, plans: Iterable[Subscription], clients: Iterable[Relationship], stays: Iterable[StageDuration]
) -> None:
    """Lifetimes come as columns, as records, and from what customers did."""
    assert_type(Survival.of_durations([1, 2.5, "3", Decimal(4)], [True, False, True, True]), Survival)
    assert_type(Survival.of_durations([timedelta(1)], unit=TimeUnit.DAY, entered=[None], weights=[2]), Survival)
    assert_type(Survival.of([Lifetime(length=2.5, ended=False)], unit=TimeUnit.MONTH), Survival)
    assert_type(Survival.by([Lifetime(length=1)], lambda one: one.segment), TallyBy[str, Survival])
    assert_type(Survival.from_counts([3, 2], [1, 1]), Survival)
    assert_type(Survival.of_subscriptions(plans, as_of=now, since=now), Survival)
    assert_type(Survival.by_subscriptions(plans, lambda plan: plan.every, as_of=now), TallyBy[TimeUnit, Survival])
    assert_type(Survival.of_relationships(clients, as_of=now), Survival)
    assert_type(Survival.by_relationships(clients, lambda _: 1, as_of=now), TallyBy[int, Survival])
    assert_type(Survival.of_stays(stays), Survival)
    assert_type(Survival.by_stays(stays, lambda stay: stay.stage), TallyBy[LifecycleStage, Survival])
    Survival.of_subscriptions(plans)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - until when?
    Survival.of([1, 2])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - plain numbers: of_durations
    Survival.by([], attrgetter("segment"), unit="day")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - TimeUnit.DAY


def read(survival: Survival) -> None:
    """Estimates are exact, bounds are floats, and what is not known is None."""
    assert_type(survival.median, Decimal | None)
    assert_type(survival.times, tuple[Decimal, ...])
    assert_type(survival.at_risk, tuple[Decimal, ...])
    step = survival.at(12)
    assert_type(step, SurvivalStep)
    assert_type(step.survival, Decimal | None)
    assert_type(step.standard_error, float | None)
    assert_type(step.interval(method=SurvivalBounds.PLAIN), Interval | None)
    assert_type(survival.steps(), tuple[SurvivalStep, ...])
    assert_type(survival.quantile("0.5"), SurvivalQuantile)
    assert_type(survival.quantile(0.5).high, Decimal | None)
    assert_type(survival.restricted_mean(timedelta(days=3)), RestrictedMean)
    assert_type(survival.conditional(3).life_table(1), tuple[LifeTableInterval, ...])
    assert_type(survival.mean_of_ended(), MeanOfEnded)
    assert_type(survival.cautions, tuple[Finding, ...])
    assert_type(survival + survival, Survival)
    survival.mode  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] - there is no such name  # noqa: B018 - what is tested


def compare(by: TallyBy[str, Survival]) -> None:
    """Segments are compared and drawn together."""
    test = log_rank(by)
    assert_type(test, LogRank)
    assert_type(test.p_value, float | None)
    assert_type(render.survival_curves(by, title="Plans", confidence=0.9), Svg)
    assert_type(render.survival_table(by, [1, "2.5"]), Markdown)
    log_rank([by["a"]])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - by their names
