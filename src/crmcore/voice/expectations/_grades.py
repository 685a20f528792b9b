"""Experiences graded against what was expected at the time."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Self, TypeVar

import attrs

from crmcore.model.reading import Reading, SubjectKind
from crmcore.model.survey import MeasureKind, Scale, find_ends
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import EXACT, plain_repr, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import KeyGuard, enumerate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import in_utc
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.record import NON_NEGATIVE, POSITIVE, maybe_number
from crmcore.primitives.tally import POLICY, Tally, TallyBy

__all__ = [
    "ExperienceGrade",
    "ExperienceGrades",
    "GradedExperience",
    "disconfirmation",
    "grade",
    "grade_each",
]

_K = TypeVar("_K", bound=Hashable)
_Thing = tuple[SubjectKind, Id, str] | tuple[SubjectKind, Id | None, str, Id]
"""What a reading judges and who judges it."""

_JUDGES: Final = frozenset({SubjectKind.CUSTOMER, SubjectKind.SEGMENT})
"""The subjects that are themselves the ones who judge."""


class ExperienceGrade(StrEnum):
    """The grade of an experience, by its distance from what was expected. The worst is first.

    Attributes:
        POOR: Worse than expected.
        NEUTRAL: As expected.
        GOOD: Better than expected.
        EXCELLENT: Much better than expected.

    Source: the source articles (see why.md) have these four grades.
    """

    POOR = "poor"
    NEUTRAL = "neutral"
    GOOD = "good"
    EXCELLENT = "excellent"


def disconfirmation(perceived: Decimal | int | str, expected: Decimal | int | str) -> Decimal:
    """Return how far an experience is above what was expected, ``perceived - expected``; below it is negative.

    Examples:
        >>> from crmcore import expectations
        >>> expectations.disconfirmation("7.5", 8)
        Decimal('-0.5')

    Args:
        perceived: What the customer experienced, on a scale on which high is good.
        expected: What the customer expected, on the same scale.

    Source: Oliver 1980, Journal of Marketing Research 17:460-469.
    """
    return EXACT.subtract(checks.as_exact(perceived, "perceived"), checks.as_exact(expected, "expected"))


def grade(
    perceived: Decimal | int | str,
    expected: Decimal | int | str,
    *,
    neutral_band: Decimal | int | str,
    excellent_from: Decimal | int | str,
) -> ExperienceGrade:
    """Return the grade of an experience against what was expected.

    The two limits are a policy, and no standard has values for them. A distance at a limit is still neutral, and
    already excellent.

    Examples:
        >>> from crmcore import expectations
        >>> [
        ...     expectations.grade(perceived, 8, neutral_band="0.25", excellent_from=1).value
        ...     for perceived in (9, "8.5", "8.25", "7.75", 6)
        ... ]
        ['excellent', 'good', 'neutral', 'neutral', 'poor']

    Args:
        perceived: What the customer experienced, on a scale on which high is good.
        expected: What the customer expected, on the same scale.
        neutral_band: The largest distance, above or below, that counts as neutral, >= 0.
        excellent_from: The least distance above that counts as excellent, > `neutral_band`.

    Raises:
        InvalidValueError: `excellent_from` is not above `neutral_band`.
    """
    band, excellent = _read_limits(neutral_band, excellent_from)
    return _grade(disconfirmation(perceived, expected), band, excellent)


def _read_limits(neutral_band: object, excellent_from: object) -> tuple[Decimal, Decimal]:
    band = checks.as_non_negative(neutral_band, "neutral_band")
    excellent = checks.as_positive(excellent_from, "excellent_from")
    _check_limits(band, excellent)
    return band, excellent


def _check_limits(band: Decimal, excellent: Decimal) -> None:
    if excellent <= band:
        raise InvalidValueError(
            "excellent_within_the_neutral_band",
            f"excellent_from must be > neutral_band, got {show(excellent)} and {show(band)}",
            field="excellent_from",
            operands=(excellent, band),
        )


def _grade(distance: Decimal, band: Decimal, excellent: Decimal) -> ExperienceGrade:
    if distance >= excellent:
        return ExperienceGrade.EXCELLENT
    if distance > band:
        return ExperienceGrade.GOOD
    return ExperienceGrade.POOR if distance < EXACT.minus(band) else ExperienceGrade.NEUTRAL


@attrs.frozen(kw_only=True)
class GradedExperience(Result):
    """An experience, the last expectation before it, and the grade.

    Examples:
        >>> from crmcore import MeasureKind, Reading, SubjectKind, expectations, instant
        >>> def read(kind, day, value):
        ...     at = instant(day)
        ...     return Reading(subject_kind=SubjectKind.CUSTOMER, subject_id=7, kind=kind, at=at, value=value)
        >>> readings = [
        ...     read(MeasureKind.EXPECTATION, "2026-01-10", 6),
        ...     read(MeasureKind.PERCEPTION, "2026-02-05", 7),
        ...     read(MeasureKind.EXPECTATION, "2026-02-20", 8),
        ... ]
        >>> [graded] = expectations.grade_each(readings, neutral_band="0.25", excellent_from=1)
        >>> graded.disconfirmation, graded.grade.value
        (Decimal('1'), 'excellent')

    Attributes:
        experience: What the customer experienced.
        expectation: The last expectation that is not after the experience; None if there is none.
        disconfirmation: How far the experience is above the expectation; None if it has no grade.
        grade: The grade; None if there is no expectation, or if it is stale.
        is_tied: Whether there are several different expectations at the instant of the last one. The most demanding
            of them is used.
    """

    ratios = ("at", "perceived", "expected", "age")

    experience: Reading
    expectation: Reading | None = None
    disconfirmation: Decimal | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)
    grade: ExperienceGrade | None = None
    is_tied: bool = False

    @property
    def at(self) -> datetime:
        """When the experience was measured."""
        return self.experience.at

    @property
    def perceived(self) -> Decimal | None:
        """What the customer experienced."""
        return self.experience.value

    @property
    def expected(self) -> Decimal | None:
        """What the customer expected last; None if there is no expectation."""
        return None if self.expectation is None else self.expectation.value

    @property
    def age(self) -> timedelta | None:
        """The time from the expectation to the experience; None if there is no expectation."""
        return None if self.expectation is None else in_utc(self.experience.at) - in_utc(self.expectation.at)

    @property
    def is_stale(self) -> bool:
        """Whether there is an expectation, and it is too old."""
        return self.expectation is not None and self.grade is None


@attrs.frozen(kw_only=True)
class ExperienceGrades(Tally):
    """Number of experiences by their grade. Records of disjoint experiences can be added.

    Examples:
        >>> from crmcore import ExperienceGrades, ExperienceGrade
        >>> graded = ExperienceGrades(poor=1, neutral=4, good=3, excellent=2, without_expectation=5)
        >>> graded.rate, graded.exceeded, graded.share(ExperienceGrade.EXCELLENT), graded.experiences
        (Decimal('0.9'), Decimal('0.5'), Decimal('0.2'), 15)

    Attributes:
        poor: The number of experiences worse than expected.
        neutral: The number of experiences as expected.
        good: The number of experiences better than expected.
        excellent: The number of experiences much better than expected.
        without_expectation: The number of experiences of known customers before which there is no expectation.
        stale: The number of experiences whose last expectation is too old.
        unknown_customers: The number of experiences of unknown customers, which have no expectation of their own.
        tied: How many of the graded experiences had several different expectations at one instant.
        neutral_band: The largest distance that counts as neutral; None if only the counts are known.
        excellent_from: The least distance that counts as excellent; None if only the counts are known.
        max_age: How old an expectation may be, in whole days; None for any age.

    Raises:
        InvalidValueError: `excellent_from` is not above `neutral_band`, or `max_age` is not a number of whole days.
    """

    ratios = ("graded", "experiences", "rate", "exceeded")

    poor: int = 0
    neutral: int = 0
    good: int = 0
    excellent: int = 0
    without_expectation: int = 0
    stale: int = 0
    unknown_customers: int = 0
    tied: int = 0
    neutral_band: Annotated[Decimal, NON_NEGATIVE] | None = attrs.field(
        default=None, converter=maybe_number, repr=plain_repr, metadata=POLICY
    )
    excellent_from: Annotated[Decimal, POSITIVE] | None = attrs.field(
        default=None, converter=maybe_number, repr=plain_repr, metadata=POLICY
    )
    max_age: timedelta | None = attrs.field(default=None, metadata=POLICY)

    def _check(self) -> None:
        super()._check()
        if self.neutral_band is not None and self.excellent_from is not None:
            _check_limits(self.neutral_band, self.excellent_from)
        _check_max_age(self.max_age)

    @classmethod
    def of(
        cls,
        readings: Iterable[Reading],
        /,
        *,
        neutral_band: Decimal | int | str,
        excellent_from: Decimal | int | str,
        max_age: timedelta | None = None,
    ) -> Self:
        """Count experiences by their grade, as `grade_each` grades them. A reading that has an id counts once.

        Examples:
            >>> from crmcore import ExperienceGrades, MeasureKind, Reading, SubjectKind, instant
            >>> def read(kind, day, value):
            ...     at = instant(day)
            ...     return Reading(subject_kind=SubjectKind.CUSTOMER, subject_id=7, kind=kind, at=at, value=value)
            >>> readings = [
            ...     read(MeasureKind.EXPECTATION, "2026-01-10", 6),
            ...     read(MeasureKind.PERCEPTION, "2026-01-05", 7),
            ...     read(MeasureKind.PERCEPTION, "2026-02-05", 7),
            ... ]
            >>> graded = ExperienceGrades.of(readings, neutral_band="0.25", excellent_from=1)
            >>> graded.excellent, graded.without_expectation
            (1, 1)

        Args:
            readings: The readings, in any order: expectations and perceptions. Readings of other kinds are left out.
            neutral_band: The largest distance, above or below, that counts as neutral, >= 0.
            excellent_from: The least distance above that counts as excellent, > `neutral_band`.
            max_age: How old an expectation may be, in whole days of age; an older one is stale. None for any age.
        """
        empty = cls(neutral_band=neutral_band, excellent_from=excellent_from, max_age=max_age)
        return empty._count(_match(readings, _read_limits(neutral_band, excellent_from), empty.max_age))

    @classmethod
    def by(
        cls,
        readings: Iterable[Reading],
        key: Callable[[Reading], _K],
        /,
        *,
        neutral_band: Decimal | int | str,
        excellent_from: Decimal | int | str,
        max_age: timedelta | None = None,
    ) -> TallyBy[_K, Self]:
        """Count experiences by their grade, for each value of a key of the experience.

        Examples:
            >>> from crmcore import ExperienceGrades, MeasureKind, Reading, SubjectKind, instant
            >>> readings = [
            ...     Reading(
            ...         subject_kind=SubjectKind.TOUCHPOINT,
            ...         subject_id=touchpoint,
            ...         customer_id=7,
            ...         kind=kind,
            ...         at=instant("2026-03-02"),
            ...         value=value,
            ...     )
            ...     for touchpoint, kind, value in [
            ...         ("desk", MeasureKind.EXPECTATION, 8),
            ...         ("desk", MeasureKind.PERCEPTION, 9),
            ...         ("phone", MeasureKind.EXPECTATION, 6),
            ...         ("phone", MeasureKind.PERCEPTION, 5),
            ...     ]
            ... ]
            >>> graded = ExperienceGrades.by(readings, lambda one: one.subject_id, neutral_band=0, excellent_from=1)
            >>> {touchpoint: row.rate for touchpoint, row in graded.items()}
            {'desk': Decimal('1'), 'phone': Decimal('0')}

        Args:
            readings: The readings, in any order: expectations and perceptions. Readings of other kinds are left out.
            key: Returns the key of an experience, such as its subject.
            neutral_band: The largest distance, above or below, that counts as neutral, >= 0.
            excellent_from: The least distance above that counts as excellent, > `neutral_band`.
            max_age: How old an expectation may be, in whole days of age; an older one is stale. None for any age.
        """
        checks.check_callable(key, "key", "lambda reading: reading.subject_id")
        empty = cls(neutral_band=neutral_band, excellent_from=excellent_from, max_age=max_age)
        matched = _match(readings, _read_limits(neutral_band, excellent_from), empty.max_age)
        groups: dict[_K, list[GradedExperience]] = {}
        guard = KeyGuard(groups)
        for one in matched:
            group = key(one.experience)
            guard.admit(group)
            groups.setdefault(group, []).append(one)
        return TallyBy({group: empty._count(row) for group, row in groups.items()})

    def _count(self, graded: Iterable[GradedExperience]) -> Self:
        """Return these policies with the counts of graded experiences."""
        counts: Counter[str] = Counter()
        for one in graded:
            if one.grade is not None:
                counts[one.grade.value] += 1
                counts["tied"] += one.is_tied
            elif one.expectation is not None:
                counts["stale"] += 1
            else:
                counts["unknown_customers" if _find_thing(one.experience) is None else "without_expectation"] += 1
        return attrs.evolve(self, **dict[str, Any](counts))

    @property
    def graded(self) -> int:
        """The number of experiences that have a grade."""
        return self.poor + self.neutral + self.good + self.excellent

    @property
    def experiences(self) -> int:
        """The number of all experiences, graded or not."""
        return self.graded + self.without_expectation + self.stale + self.unknown_customers

    @property
    def rate(self) -> Decimal | None:
        """The share of graded experiences that met or exceeded what was expected; None if none is graded."""
        return ratio(self.graded - self.poor, self.graded)

    @property
    def exceeded(self) -> Decimal | None:
        """The share of graded experiences that were better than expected; None if none is graded."""
        return ratio(self.good + self.excellent, self.graded)

    def share(self, grade: ExperienceGrade, /) -> Decimal | None:
        """Return the share of a grade among the graded experiences, or None if none is graded."""
        return ratio(self._get_count(grade), self.graded)

    def interval(self, grade: ExperienceGrade | None = None, /, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of `rate`, or of the share of a grade; None if none is graded.

        The interval takes the experiences as independent. Several experiences of one customer are not quite.

        Args:
            grade: The grade; None for `rate`.
            confidence: How often the interval is meant to contain the true share.

        Source: Wilson 1927.
        """
        count = self.graded - self.poor if grade is None else self._get_count(grade)
        return wilson(count, self.graded, confidence=confidence)

    def _get_count(self, grade: ExperienceGrade) -> int:
        counted: int = getattr(self, checks.as_member(grade, ExperienceGrade, "grade").value)
        return counted

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read the shares: experiences without a grade, and tied expectations."""
        found: list[Finding] = []
        without = self.experiences - self.graded
        if without:
            found.append(
                Finding(
                    rule="experiences_without_grade",
                    severity=Severity.INFO if self.graded else Severity.WARNING,
                    subject="readings",
                    message=f"{without} of {self.experiences} experiences have no grade",
                    advice="ask customers what they expect before the experience, and ask again when it is old",
                    evidence=[
                        ("without_expectation", self.without_expectation),
                        ("stale", self.stale),
                        ("unknown_customers", self.unknown_customers),
                    ],
                )
            )
        if self.tied:
            found.append(
                Finding(
                    rule="expectations_at_one_instant",
                    severity=Severity.INFO,
                    subject="readings",
                    message=f"{self.tied} experiences have several different expectations at one instant, of which the "
                    "most demanding is used",
                    evidence=[("tied", self.tied)],
                )
            )
        return tuple(found)

    def explain(self) -> Explanation:
        """Return how the shares come about, line by line."""
        names = ("poor", "neutral", "good", "excellent", "without_expectation", "stale", "unknown_customers")
        return Explanation(
            (
                *(term(name, getattr(self, name), "experiences") for name in names),
                term("graded", self.graded, "experiences", "poor + neutral + good + excellent"),
                term(
                    "experiences",
                    self.experiences,
                    "experiences",
                    "graded + without_expectation + stale + unknown_customers",
                ),
                term("exceeded", self.exceeded, "", "(good + excellent) / graded"),
                term("rate", self.rate, "", "(neutral + good + excellent) / graded"),
            ),
            source="Oliver 1980",
            cautions=self.cautions,
        )


def grade_each(
    readings: Iterable[Reading],
    /,
    *,
    neutral_band: Decimal | int | str,
    excellent_from: Decimal | int | str,
    max_age: timedelta | None = None,
) -> tuple[GradedExperience, ...]:
    """Grade each experience against what its customer expected at that time.

    An expectation belongs to an experience if both have the same subject, aspect and customer. The last one counts
    that is not after the experience; at the same instant it counts as before. If several different ones are the last,
    the most demanding counts. An experience of an unknown customer has no expectation.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import MeasureKind, Reading, SubjectKind, expectations, instant
        >>> def read(kind, day, value):
        ...     at = instant(day)
        ...     return Reading(subject_kind=SubjectKind.CUSTOMER, subject_id=7, kind=kind, at=at, value=value)
        >>> readings = [
        ...     read(MeasureKind.PERCEPTION, "2026-01-05", 7),
        ...     read(MeasureKind.EXPECTATION, "2026-01-10", 6),
        ...     read(MeasureKind.PERCEPTION, "2026-02-05", 7),
        ...     read(MeasureKind.PERCEPTION, "2026-09-05", 8),
        ... ]
        >>> graded = expectations.grade_each(
        ...     readings, neutral_band="0.25", excellent_from=1, max_age=timedelta(days=90)
        ... )
        >>> [(one.grade and one.grade.value, one.is_stale) for one in graded]
        [(None, False), ('excellent', False), (None, True)]

    Args:
        readings: The readings, in any order: expectations and perceptions. Readings of other kinds are left out. Those
            that have an id count once.
        neutral_band: The largest distance, above or below, that counts as neutral, >= 0.
        excellent_from: The least distance above that counts as excellent, > `neutral_band`.
        max_age: How old an expectation may be, in whole days of age; an older one is stale. None for any age.

    Returns:
        The graded experiences, in the order of their readings.

    Raises:
        InvalidValueError: `excellent_from` is not above `neutral_band`; `max_age` is not a number of whole days; an
            expectation has another scale than its experience; or the scale does not say which end is better. Without a
            scale, high is good.
    """
    limits = _read_limits(neutral_band, excellent_from)
    oldest = None if max_age is None else checks.as_duration(max_age, "max_age")
    _check_max_age(oldest)
    return tuple(_match(readings, limits, oldest))


def _check_max_age(max_age: timedelta | None) -> None:
    if max_age is not None and max_age % _clock.DAY:
        raise InvalidValueError(
            "max_age_not_whole_days",
            f"max_age must be whole days, got {show(max_age)}",
            field="max_age",
            operands=(max_age,),
        )


def _find_thing(reading: Reading) -> _Thing | None:
    """Return what a reading judges and who judges it, or None if the customer is unknown."""
    kind, subject_id, aspect, customer_id = (
        reading.subject_kind,
        reading.subject_id,
        reading.aspect,
        reading.customer_id,
    )
    if kind in _JUDGES:
        return None if subject_id is None else (kind, subject_id, aspect)
    return None if customer_id is None else (kind, subject_id, aspect, customer_id)


def _match(
    readings: Iterable[Reading], limits: tuple[Decimal, Decimal], max_age: timedelta | None
) -> list[GradedExperience]:
    expected: defaultdict[_Thing, list[tuple[datetime, Reading]]] = defaultdict(list)
    experiences: list[tuple[int, Reading]] = []
    for place, reading in enumerate_once(readings, Reading, "readings"):
        if reading.kind is MeasureKind.PERCEPTION:
            experiences.append((place, reading))
        elif reading.kind is MeasureKind.EXPECTATION:
            thing = _find_thing(reading)
            if thing is not None:
                expected[thing].append((in_utc(reading.at), reading))
    for row in expected.values():
        row.sort(key=lambda pair: pair[0])
    graded: list[GradedExperience] = []
    for place, experience in experiences:
        thing = _find_thing(experience)
        row = [] if thing is None else expected.get(thing, [])
        at = in_utc(experience.at)
        end = bisect_right(row, at, key=lambda pair: pair[0])
        if not end:
            graded.append(GradedExperience(experience=experience))
            continue
        formed = row[end - 1][0]
        last = [reading for _, reading in row[bisect_left(row, formed, key=lambda pair: pair[0]) : end]]
        graded.append(_grade_one(place, experience, last, limits, max_age))
    return graded


def _grade_one(
    place: int,
    experience: Reading,
    last: list[Reading],
    limits: tuple[Decimal, Decimal],
    max_age: timedelta | None,
) -> GradedExperience:
    """Grade an experience against its last expectations, which have one instant."""
    sign = _find_sign(experience.scale, place)
    for reading in last:
        if reading.scale != experience.scale:
            raise InvalidValueError(
                "expectation_on_another_scale",
                f"an experience must have the scale of its expectation, got {experience.scale} and {reading.scale}",
                field="readings",
                advice="convert both to one scale first",
                record=place,
                operands=(str(experience.scale), str(reading.scale)),
            )
    values = [reading.value for reading in last if reading.value is not None]
    most = max(values) if sign > 0 else min(values)
    expectation = next(reading for reading in last if reading.value == most)
    is_tied = any(value != most for value in values)
    age = in_utc(experience.at) - in_utc(expectation.at)
    if experience.value is None or (max_age is not None and age // _clock.DAY * _clock.DAY > max_age):
        return GradedExperience(experience=experience, expectation=expectation, is_tied=is_tied)
    distance = EXACT.multiply(EXACT.subtract(experience.value, most), sign)
    return GradedExperience(
        experience=experience,
        expectation=expectation,
        disconfirmation=distance,
        grade=_grade(distance, *limits),
        is_tied=is_tied,
    )


def _find_sign(scale: Scale | None, place: int) -> int:
    """Return 1 if a high number is good, and -1 if a low one is."""
    return 1 if scale is None or find_ends(scale, "readings", place)[2] else -1
