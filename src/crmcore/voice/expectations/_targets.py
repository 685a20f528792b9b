"""Targets that are set before the measurement, and whether they are attained."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self, TypeVar

import attrs

from crmcore.model.reading import Reading, SubjectKind
from crmcore.model.survey import MeasureKind, Scale, check_on_scale
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ZERO, plain_repr, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import enumerate_once, group_by, iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import Period, by_utc, in_utc
from crmcore.primitives.record import Record, number, text
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["ExperienceTarget", "TargetAttainment", "TargetResult", "TargetState", "attainments", "lint_targets"]

_K = TypeVar("_K", bound=Hashable)
_Metric = tuple[SubjectKind, Id | None, MeasureKind, str]


class TargetState(StrEnum):
    """What became of a target.

    Attributes:
        ATTAINED: The period is over, and its mean is at the level or better.
        MISSED: The period is over, and its mean is worse than the level.
        UNMEASURED: The period is over, and nothing was measured in it.
        OPEN: The period is not over.
        SET_TOO_LATE: The target was set after the start of its period. It is not attained, whatever is measured.
    """

    ATTAINED = "attained"
    MISSED = "missed"
    UNMEASURED = "unmeasured"
    OPEN = "open"
    SET_TOO_LATE = "set_too_late"


@attrs.frozen(kw_only=True)
class ExperienceTarget(Record):
    """A level that a measure of experience shall reach in a period.

    Examples:
        >>> from crmcore import ExperienceTarget, MeasureKind, Period, instant
        >>> target = ExperienceTarget(
        ...     kind=MeasureKind.SATISFACTION,
        ...     level="4.2",
        ...     period=Period.quarter(2026, 2),
        ...     set_at=instant("2026-03-20"),
        ... )
        >>> target.is_set_in_advance
        True

    Attributes:
        kind: What is measured.
        level: The number to reach; on a scale where low is better, the number not to exceed.
        period: The period of the measurement, half-open.
        set_at: When the target was set.
        subject_kind: The kind of subject that is judged.
        subject_id: The id of the subject; None for the company itself.
        aspect: The aspect of the subject.
        scale: The scale of the number; None if no survey scale fits.
        id: The id of the target.

    Raises:
        InvalidValueError: The level is not on the scale.
    """

    kind: MeasureKind
    level: Decimal = attrs.field(converter=number, repr=plain_repr)
    period: Period
    set_at: datetime = attrs.field(eq=by_utc)
    subject_kind: SubjectKind = SubjectKind.COMPANY
    subject_id: Id | None = None
    aspect: str = attrs.field(default="", converter=text)
    scale: Scale | None = None
    id: Id | None = None

    def _check(self) -> None:
        super()._check()
        if self.scale is not None:
            check_on_scale(self.level, self.scale, "level")

    @property
    def is_set_in_advance(self) -> bool:
        """Whether the target was set no later than the start of its period."""
        return in_utc(self.set_at) <= in_utc(self.period.start)

    @property
    def low_is_better(self) -> bool:
        """Whether a smaller number is better on the scale."""
        return self.scale is not None and self.scale.higher_is_better is False


def _metric_of(record: ExperienceTarget | Reading) -> _Metric:
    return record.subject_kind, record.subject_id, record.kind, record.aspect


@attrs.frozen(kw_only=True)
class TargetResult(Result):
    """A target with what was measured.

    Examples:
        >>> from crmcore import ExperienceTarget, MeasureKind, Period, instant
        >>> from crmcore.voice.expectations import TargetResult
        >>> target = ExperienceTarget(
        ...     kind=MeasureKind.SATISFACTION,
        ...     level="4.2",
        ...     period=Period.quarter(2026, 2),
        ...     set_at=instant("2026-03-20"),
        ... )
        >>> result = TargetResult(target=target, total=328, readings=80, as_of=instant("2026-07-01"))
        >>> result.state, result.achieved, result.value
        (<TargetState.MISSED: 'missed'>, Decimal('4.1'), Decimal('-0.1'))

    Attributes:
        target: The target.
        total: The sum of the readings in the period, up to the reference date.
        readings: The number of these readings.
        as_of: The reference date.

    Raises:
        InconsistentCountsError: A sum other than 0 without readings.
    """

    ratios = ("level", "achieved", "value", "state")

    target: ExperienceTarget
    total: Decimal = attrs.field(converter=number, repr=plain_repr)
    readings: int
    as_of: datetime = attrs.field(eq=by_utc)

    def _check(self) -> None:
        super()._check()
        if self.total and not self.readings:
            raise InconsistentCountsError(
                "sum_without_readings",
                f"total must be 0 if there are no readings, got {show(self.total)}",
                field="total",
                operands=(self.total,),
            )

    @property
    def level(self) -> Decimal:
        """The level of the target."""
        return self.target.level

    @property
    def achieved(self) -> Decimal | None:
        """The mean of the readings; None if nothing was measured."""
        return ratio(self.total, self.readings)

    @property
    def value(self) -> Decimal | None:
        """By how much the mean is better than the level; < 0 if it is worse. None if nothing was measured."""
        return ratio(self._excess, self.readings)

    @property
    def _excess(self) -> Decimal:
        """Return by how much the sum is better than that of readings at the level."""
        excess = EXACT.subtract(self.total, EXACT.multiply(self.level, self.readings))
        return EXACT.minus(excess) if self.target.low_is_better else excess

    @property
    def state(self) -> TargetState:
        """What became of the target by the reference date. A mean of exactly the level attains it."""
        if not self.target.is_set_in_advance:
            return TargetState.SET_TOO_LATE
        if in_utc(self.as_of) < in_utc(self.target.period.end):
            return TargetState.OPEN
        if not self.readings:
            return TargetState.UNMEASURED
        return TargetState.ATTAINED if self._excess >= 0 else TargetState.MISSED

    def explain(self) -> Explanation:
        """Return how the result comes about, line by line."""
        lines = [
            term("level", self.level),
            term("total", self.total),
            term("readings", self.readings, "readings"),
            term("achieved", self.achieved, "", "total / readings"),
        ]
        if self.value is not None:
            formula = "level - achieved" if self.target.low_is_better else "achieved - level"
            lines.append(term("value", self.value, "", formula))
        return Explanation(lines)


def attainments(
    targets: Iterable[ExperienceTarget], readings: Iterable[Reading], /, *, as_of: datetime
) -> tuple[TargetResult, ...]:
    """Compare each target with the mean of the readings of its measure in its period.

    A reading belongs to a target if subject, kind and aspect are the same. What is later than the reference date has
    not happened yet: later readings are not counted, and targets that are set later are left out.

    Examples:
        >>> from crmcore import ExperienceTarget, MeasureKind, Period, Reading, SubjectKind, instant
        >>> from crmcore.voice.expectations import attainments
        >>> spring = Period.quarter(2026, 2)
        >>> targets = [
        ...     ExperienceTarget(kind=MeasureKind.TRUST, level=8, period=spring, set_at=instant(day))
        ...     for day in ("2026-03-20", "2026-07-02")
        ... ]
        >>> readings = [
        ...     Reading(subject_kind=SubjectKind.COMPANY, kind=MeasureKind.TRUST, at=instant(day), value=value)
        ...     for day, value in [("2026-04-10", 8), ("2026-05-10", 9)]
        ... ]
        >>> [result.state.value for result in attainments(targets, readings, as_of=instant("2026-07-10"))]
        ['attained', 'set_too_late']

    Args:
        targets: The targets, in any order. One that has an id counts once.
        readings: The readings, in any order; those that belong to no target are passed over.
        as_of: The reference date.

    Raises:
        InvalidValueError: A reading that belongs to a target has another scale, or a level and no value.
    """
    now = in_utc(checks.as_instant(as_of, "as_of"))
    given = [one for one in iterate_once(targets, ExperienceTarget, "targets") if in_utc(one.set_at) <= now]
    of_metric: dict[_Metric, list[int]] = {}
    for number_of_target, target in enumerate(given):
        of_metric.setdefault(_metric_of(target), []).append(number_of_target)
    sums = [(ZERO, 0)] * len(given)
    for place, reading in enumerate_once(readings, Reading, "readings"):
        if in_utc(reading.at) > now:
            continue
        for number_of_target in of_metric.get(_metric_of(reading), ()):
            target = given[number_of_target]
            if reading.at in target.period:
                total, n = sums[number_of_target]
                sums[number_of_target] = EXACT.add(total, _read(reading, target, place)), n + 1
    return tuple(
        TargetResult(target=target, total=total, readings=n, as_of=as_of)
        for target, (total, n) in zip(given, sums, strict=True)
    )


def _read(reading: Reading, target: ExperienceTarget, place: int) -> Decimal:
    if reading.value is None:
        raise InvalidValueError(
            "level_for_a_target",
            f"readings of what a target measures must have a value, got the level {reading.level}",
            field="readings",
            advice="give the target another kind, or leave the levels out",
            operands=(reading.level,),
            record=place,
        )
    if reading.scale != target.scale:
        raise InvalidValueError(
            "target_on_another_scale",
            f"readings must have the scale of their target, {target.scale}, got {reading.scale}",
            field="readings",
            advice="give the target the scale of its readings",
            operands=(reading.scale, target.scale),
            record=place,
        )
    return reading.value


@attrs.frozen(kw_only=True)
class TargetAttainment(Tally):
    """Number of targets by what became of them. Records of disjoint targets as of one day can be added.

    Examples:
        >>> from crmcore import TargetAttainment
        >>> year = TargetAttainment(attained=6, missed=3, set_too_late=1, unmeasured=2)
        >>> year.rate, year.decided
        (Decimal('0.6'), 10)

    Attributes:
        attained: The number of targets that are attained.
        missed: The number of targets that are missed.
        set_too_late: The number of targets that were set after the start of their period. They count as not attained.
        unmeasured: The number of targets in whose period nothing was measured. They are in no rate.
        open: The number of targets whose period is not over. They are in no rate.
    """

    ratios = ("decided", "rate")

    attained: int = 0
    missed: int = 0
    set_too_late: int = 0
    unmeasured: int = 0
    open: int = 0

    @classmethod
    def of(cls, results: Iterable[TargetResult], /) -> Self:
        """Count the results of `attainments`.

        Examples:
            >>> from crmcore import ExperienceTarget, MeasureKind, Period, TargetAttainment, expectations, instant
            >>> may = Period.month(2026, 5)
            >>> target = ExperienceTarget(kind=MeasureKind.TRUST, level=8, period=may, set_at=instant("2026-04-20"))
            >>> TargetAttainment.of(expectations.attainments([target], [], as_of=instant("2026-05-10"))).open
            1

        Args:
            results: The results, in any order, one for each target.
        """
        states = [result.state for result in checks.iterate_records(results, TargetResult, "results")]
        return cls(**{state.value: states.count(state) for state in TargetState})

    @classmethod
    def by(cls, results: Iterable[TargetResult], key: Callable[[TargetResult], _K], /) -> TallyBy[_K, Self]:
        """Count as `of` does, for each value of a key.

        Args:
            results: The results, in any order, one for each target.
            key: Returns the key of a result, such as the kind or the aspect of its target.
        """
        groups = group_by(results, key, TargetResult, "results", "lambda result: result.target.aspect")
        return TallyBy({group: cls.of(found) for group, found in groups.items()})

    @property
    def decided(self) -> int:
        """The number of targets that are attained or not, ``attained + missed + set_too_late``."""
        return self.attained + self.missed + self.set_too_late

    @property
    def rate(self) -> Decimal | None:
        """The share of targets that are attained, ``attained / decided``; None if none is decided."""
        return ratio(self.attained, self.decided)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read it: targets whose period is over and that were not measured."""
        if not self.unmeasured:
            return ()
        return (
            Finding(
                rule="targets_not_measured",
                severity=Severity.WARNING,
                subject="targets",
                message=f"{self.unmeasured} targets have no reading in their period, and are in no rate",
                advice="measure what you set a target for",
                evidence=[("targets", self.unmeasured)],
            ),
        )

    def explain(self) -> Explanation:
        """Return how the rate comes about, line by line."""
        names = [state.value for state in TargetState]
        return Explanation(
            (
                *(term(name, getattr(self, name), "targets") for name in names),
                term("decided", self.decided, "targets", "attained + missed + set_too_late"),
                term("rate", self.rate, "", "attained / decided"),
            ),
            cautions=self.cautions,
        )


def lint_targets(targets: Iterable[ExperienceTarget], /) -> tuple[Finding, ...]:
    """Return what is wrong with targets before anything is measured.

    The rules:

    - ``target_set_too_late``: a target was set after the start of its period. The result was known in part.
    - ``bar_not_raised``: a target is no higher than the one before it for the same measure, while what customers expect
      rises.

    Examples:
        >>> from crmcore import ExperienceTarget, MeasureKind, Period, instant
        >>> from crmcore.voice.expectations import lint_targets
        >>> targets = [
        ...     ExperienceTarget(
        ...         id=f"q{n}",
        ...         kind=MeasureKind.TRUST,
        ...         level=8,
        ...         period=Period.quarter(2026, n),
        ...         set_at=instant("2026-01-01"),
        ...     )
        ...     for n in (1, 2)
        ... ]
        >>> [finding.rule for finding in lint_targets(targets)]
        ['bar_not_raised']

    Args:
        targets: The targets, in any order. One that has an id counts once.

    Source: the source articles (see why.md): the bar keeps rising.
    """
    given = [*iterate_once(targets, ExperienceTarget, "targets")]
    found = [
        Finding(
            rule="target_set_too_late",
            severity=Severity.ERROR,
            subject=_name(target),
            message="the target was set after the start of its period, so it is not attained whatever is measured",
            advice="set the target of the next period before it starts",
            evidence=[
                ("set at", in_utc(target.set_at).isoformat()),
                ("start", in_utc(target.period.start).isoformat()),
            ],
        )
        for target in given
        if not target.is_set_in_advance
    ]
    before: dict[tuple[_Metric, Scale | None], ExperienceTarget] = {}
    for target in sorted(given, key=lambda one: in_utc(one.period.start)):
        last = before.get((_metric_of(target), target.scale))
        before[_metric_of(target), target.scale] = target
        if last is not None and not (target.level < last.level if target.low_is_better else target.level > last.level):
            found.append(
                Finding(
                    rule="bar_not_raised",
                    severity=Severity.INFO,
                    subject=_name(target),
                    message="the target asks for no more than the one before it, while what customers expect rises",
                    advice="compare it with what competitors offer now",
                    evidence=[("level", target.level), ("level before", last.level)],
                )
            )
    return tuple(found)


def _name(target: ExperienceTarget) -> str:
    return "a target" if target.id is None else f"target {target.id}"
