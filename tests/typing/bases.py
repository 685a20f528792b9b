"""What type checkers see of a base by level, its moves, and where it is going; nothing here is run."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import assert_type

from crmcore import BaseDistribution, LevelTransitions, Period, Reading, Standings, TallyBy, loyalty
from crmcore.primitives.proportions import Interval, PairedProportions, TwoProportions
from crmcore.voice.loyalty import BaseProjection, EarlyWarning


def distributions(readings: list[Reading], months: list[Period], stand: Standings, left: dict[int, datetime]) -> None:
    """A base is counted from the state of each customer, or from readings over periods."""
    base = BaseDistribution.of({"anna": "loyal", "ben": None})
    assert_type(base, BaseDistribution)
    assert_type(base.shares, tuple[Decimal, ...] | None)
    assert_type(base.interval(confidence=0.9), Interval | None)
    assert_type(base.shift_from(base), dict[str, TwoProportions] | None)
    assert_type(BaseDistribution.over(readings, months, gone={"ben": left[7]}), TallyBy[Period, BaseDistribution])
    BaseDistribution.of(["loyal"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of which customers?
    BaseDistribution.over(readings)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - over which periods?


def moves(readings: list[Reading], months: list[Period], moved: LevelTransitions) -> None:
    """Moves are counted from two states, or over periods, and lead to a projection."""
    assert_type(LevelTransitions.of({7: "loyal"}, {7: "aggrieved"}, gone=[8]), LevelTransitions)
    assert_type(LevelTransitions.over(readings, months), TallyBy[Period, LevelTransitions])
    assert_type(moved.matrix, tuple[tuple[Decimal, ...] | None, ...])
    assert_type(moved.stationary(), dict[str, Decimal] | None)
    assert_type(moved.periods_to_leave(), dict[str, Decimal | None])
    assert_type(moved.share("loyal", None), Decimal | None)
    assert_type(moved.shift(), dict[str, PairedProportions] | None)
    assert_type(loyalty.project(moved, ["0.6", 1, 2], periods=3), BaseProjection | None)
    assert_type(loyalty.project(moved, BaseDistribution(), periods=3, arrivals=moved.arrived), BaseProjection | None)
    loyalty.project(moved, [0.6, 0.3, 0.1], periods=1)  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - exact
    moved.left = ()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue] - frozen


def warnings(base: TallyBy[Period, BaseDistribution]) -> None:
    """A warning is raised of distributions or of pairs."""
    found = loyalty.early_warning(base, baseline_periods=12, level="aggrieved")
    assert_type(found, EarlyWarning | None)
    assert_type(EarlyWarning(counts=[(1, 2)], baseline_periods=1).alarm, int | None)
    assert_type(loyalty.early_warning([(3, 200)], baseline_periods=1), EarlyWarning | None)
    loyalty.early_warning(base)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - which periods are stable?
    PairedProportions(both=1, lost=2)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - of whom?
