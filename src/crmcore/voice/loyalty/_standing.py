"""The level of each customer as of an instant, from readings of several sources."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Self

import attrs

from crmcore.model.reading import AssessmentSource, LoyaltyLevel, Reading, SubjectKind
from crmcore.model.survey import MeasureKind, Question, Response, Scale
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives._lookalikes import caution_of, count_lookalikes
from crmcore.primitives._results import Result
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import enumerate_once, iterate_once
from crmcore.primitives.ids import Id, as_ids
from crmcore.primitives.periods import by_utc, check_not_after, in_utc
from crmcore.primitives.record import Label, build_records, several
from crmcore.voice.loyalty._levels import LEVELS, LevelRule, NoLevel, as_levels, as_rules, check_levels

__all__ = ["Combination", "RankedReadings", "Standing", "Standings", "TieRule", "readings_of"]

_SHOWN: Final = 50


class Combination(StrEnum):
    """Which of several readings of one customer counts.

    Attributes:
        LATEST: The last one.
        WORST: The worst one within the window.
        BEST: The best one within the window.
        PRIORITY: The last one of the first source, in the order given, that has any within the window. Readings of
            sources that are not in the order do not count.
    """

    LATEST = "latest"
    WORST = "worst"
    BEST = "best"
    PRIORITY = "priority"


class TieRule(StrEnum):
    """Which of several readings at one instant counts. The order in which they are given never matters.

    Attributes:
        WORST: The one with the worst level, so that no harm is overlooked.
        BEST: The one with the best level.
    """

    WORST = "worst"
    BEST = "best"


@attrs.frozen(kw_only=True)
class Standing(Result):
    """The level of a customer as of an instant, with its source and its age.

    Examples:
        >>> from crmcore import instant
        >>> from crmcore.voice.loyalty import NoLevel, Standing
        >>> talked = Standing(
        ...     customer_id=7,
        ...     as_of=instant("2026-04-01"),
        ...     level="aggrieved",
        ...     at=instant("2026-03-02"),
        ...     source="personal_talk",
        ... )
        >>> talked.state, talked.age.days
        ('aggrieved', 30)
        >>> Standing(customer_id=8, as_of=instant("2026-04-01"), missing=NoLevel.UNKNOWN).state
        'unknown'

    Attributes:
        customer_id: The customer; or the segment, if segments were read.
        as_of: The reference date.
        level: The level; None if there is none.
        missing: Why there is no level; None if there is one.
        at: When the reading that counts was taken; for an unread customer the last reading before the window.
        source: The source of that reading.

    Raises:
        InconsistentCountsError: Both a level and a reason why there is none, or neither; a level or an unread customer
            without an instant, or an unknown customer with one.
        InvalidValueError: The reading is after the reference date.
    """

    ratios = ("state", "age")

    customer_id: Id
    as_of: datetime = attrs.field(eq=by_utc)
    level: Label[LoyaltyLevel] | None = None
    missing: NoLevel | None = None
    at: datetime | None = attrs.field(default=None, eq=by_utc)
    source: Label[AssessmentSource] | None = None

    def _check(self) -> None:
        super()._check()
        if (self.level is None) is (self.missing is None):
            raise InconsistentCountsError(
                "level_and_why_not", "either level or missing must be given, and not both", field="missing"
            )
        if (self.at is None) is not (self.missing is NoLevel.UNKNOWN):
            raise InconsistentCountsError(
                "standing_without_a_reading",
                "at must be given unless missing is unknown, and only then be left out",
                field="at",
            )
        if self.at is not None:
            check_not_after(self.as_of, self.at, "at", None)

    @property
    def state(self) -> str:
        """The level, or the state of a customer without one: unknown or unread."""
        return str(self.missing if self.level is None else self.level)

    @property
    def age(self) -> timedelta | None:
        """How old the reading is at the reference date; None if there is no reading."""
        return None if self.at is None else in_utc(self.as_of) - in_utc(self.at)


@attrs.frozen(kw_only=True)
class Standings(Result):
    """The level of each customer as of an instant, and how many are unknown or were not read again in time.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import LevelRule, MeasureKind, Reading, Scale, Standings, SubjectKind, instant
        >>> answers = [("anna", 9, "2026-01-10"), ("ben", 8, "2025-06-01"), ("anna", 3, "2026-03-02")]
        >>> readings = [
        ...     Reading(
        ...         subject_kind=SubjectKind.CUSTOMER,
        ...         subject_id=name,
        ...         kind=MeasureKind.RECOMMENDATION,
        ...         value=number,
        ...         scale=Scale.RECOMMEND_0_10,
        ...         at=instant(day),
        ...         source="nps_research",
        ...     )
        ...     for name, number, day in answers
        ... ]
        >>> stand = Standings.of(
        ...     readings,
        ...     as_of=instant("2026-04-01"),
        ...     window=timedelta(days=180),
        ...     customers=["anna", "ben", "zoe"],
        ... )
        >>> [(one.customer_id, one.state) for one in stand.standings]
        [('anna', 'aggrieved'), ('ben', 'unread'), ('zoe', 'unknown')]
        >>> print(stand.explain())
        known                        1  customers
        unread                       1  customers
        unknown                      1  customers
        customers                    3             = known + unread + unknown
        known_share    0.3333333333...             = known / customers
        unread_share   0.3333333333...             = unread / customers
        unknown_share  0.3333333333...             = unknown / customers

    Attributes:
        standings: The standing of each customer, in the order in which they were given or first read.
        as_of: The reference date. Readings after it are not seen.
        combination: Which of several readings of one customer counts.
        tie: Which of several readings at one instant counts.
        window: How old a reading may be, inclusive; None for any age.
        priority: The sources in order, best first; only with `Combination.PRIORITY`.
        levels: The levels, best first.
        read: The number of readings that were taken by the reference date and give a level.
        later: The number of readings after the reference date.
        without_level: The number of readings that give none of the levels: no rule reads their numbers.
        scales_without_rule: The names of the scales that no rule reads, in the order in which they were met.
        unlisted: The number of readings of customers who are not among those given.
        unmatched: The sources in `priority` that no reading has.

    Raises:
        InvalidValueError: An order of sources without `Combination.PRIORITY`, or that without an order.
        InconsistentCountsError: A standing with a level that is not one of the levels, or of another reference date.
    """

    ratios = ("customers", "known", "unread", "unknown", "known_share", "unread_share", "unknown_share")

    standings: tuple[Standing, ...] = attrs.field(converter=several)
    as_of: datetime = attrs.field(eq=by_utc)
    combination: Combination = Combination.LATEST
    tie: TieRule = TieRule.WORST
    window: timedelta | None = None
    priority: tuple[Label[AssessmentSource], ...] = attrs.field(default=(), converter=several)
    levels: tuple[Label[LoyaltyLevel], ...] = attrs.field(default=LEVELS, converter=several)
    read: int = 0
    later: int = 0
    without_level: int = 0
    scales_without_rule: tuple[str, ...] = attrs.field(default=(), converter=several)
    unlisted: int = 0
    unmatched: tuple[Label[AssessmentSource], ...] = attrs.field(default=(), converter=several)

    def _check(self) -> None:
        super()._check()
        check_levels(self.levels, "levels")
        checks.check_unique(self.priority, "priority", "a source")
        if (self.combination is Combination.PRIORITY) is not bool(self.priority):
            raise InvalidValueError(
                "priority_without_its_rule",
                "priority must be given if combination is priority, and only then",
                field="priority",
                advice="take combination=Combination.PRIORITY and priority=[the best source, the next, ...]",
            )
        known, as_of = {*self.levels, None}, in_utc(self.as_of)
        for place, standing in enumerate(self.standings):
            if standing.level not in known or in_utc(standing.as_of) != as_of:
                raise InconsistentCountsError(
                    "standing_of_another_count",
                    "standings must have the levels and the reference date of the whole",
                    field="standings",
                    record=place,
                )

    @classmethod
    def of(
        cls,
        readings: Iterable[Reading],
        /,
        *,
        as_of: datetime,
        window: timedelta | None = None,
        combination: Combination = Combination.LATEST,
        tie: TieRule = TieRule.WORST,
        priority: Iterable[AssessmentSource | str] = (),
        customers: Iterable[Id] | None = None,
        levels: Iterable[str] = LEVELS,
        rules: Iterable[LevelRule] | None = None,
        subject_kind: SubjectKind = SubjectKind.CUSTOMER,
    ) -> Self:
        """Return the level of each customer from readings in any order, in a single pass.

        A reading gives a level directly, or by a number on the scale of one of the rules. A reading that has an id
        counts once. Of readings with one level at one instant, the one counts whose source comes first in the alphabet.

        Examples:
            >>> from crmcore import AssessmentSource, Combination, LoyaltyLevel, MeasureKind, Reading, Standings
            >>> from crmcore import SubjectKind, instant
            >>> readings = [
            ...     Reading(
            ...         subject_kind=SubjectKind.CUSTOMER,
            ...         subject_id="anna",
            ...         kind=MeasureKind.LOYALTY,
            ...         level=level,
            ...         source=source,
            ...         at=instant(day),
            ...     )
            ...     for level, source, day in [
            ...         (LoyaltyLevel.SATISFIED, AssessmentSource.PERSONAL_TALK, "2026-02-01"),
            ...         (LoyaltyLevel.LOYAL, AssessmentSource.SURVEY, "2026-03-01"),
            ...     ]
            ... ]
            >>> for combination in (Combination.LATEST, Combination.WORST):
            ...     found = Standings.of(readings, as_of=instant("2026-04-01"), combination=combination)
            ...     print(found.standings[0].state, found.standings[0].source)
            loyal survey
            satisfied personal_talk

        Args:
            readings: Readings of customers; those of other subjects are left out.
            as_of: The reference date. A reading after it is not seen.
            window: How old a reading may be, inclusive: at the default of None, a reading never grows stale.
            combination: Which of several readings within the window counts.
            tie: Which of several readings at one instant counts.
            priority: The sources in order, best first; only with `Combination.PRIORITY`.
            customers: All customers, so that those without a reading are unknown; readings of others are left out. By
                default the customers who have a reading.
            levels: The levels, best first.
            rules: How numbers are read as levels, by their scale. By default `LevelRule.NPS`, `LevelRule.CSAT` and the
                top-box rule for satisfaction in seven and ten steps; none if you give levels of your own.
            subject_kind: The kind of subject: customers, or segments that were read as a whole.

        Raises:
            InvalidValueError: An order of sources without `Combination.PRIORITY`, or that without an order; two rules
                of one scale; a window that is not > 0.
            PolicyMismatchError: A rule has other levels.
        """
        names = as_levels(levels)
        now = in_utc(checks.as_instant(as_of, "as_of"))
        method = checks.as_member(combination, Combination, "combination")
        order = [
            checks.as_label(source, AssessmentSource, f"priority[{place}]")
            for place, source in enumerate(checks.iterate(priority, "priority", "source"))
        ]
        given = None if customers is None else dict.fromkeys(as_ids(customers, "customers"))
        ranked = RankedReadings(names, as_rules(rules, names), subject_kind, now)
        oldest = _find_oldest(now, window)
        worst = method is Combination.WORST
        by_level = worst or method is Combination.BEST
        worst = worst or (not by_level and checks.as_member(tie, TieRule, "tie") is TieRule.WORST)
        places: dict[str | None, int] = {source: -place for place, source in enumerate(order)}
        fresh: dict[Id, tuple[Any, int, Reading]] = {}
        stale: dict[Id, tuple[Any, int, Reading]] = {}
        unlisted = 0
        sources: set[str | None] = set()
        for customer_id, at, rank, reading in ranked.iterate(readings):
            if given is not None and customer_id not in given:
                unlisted += 1
                continue
            if places:
                sources.add(reading.source)
                if reading.source not in places:
                    continue
            value = rank if worst else -rank
            key: tuple[Any, ...] = (value, at) if by_level else (at, value)
            best = fresh
            if oldest is not None and at < oldest:
                best, key = stale, (at, value)
            elif places:
                key = (places[reading.source], at, value)
            known = best.get(customer_id)
            if known is None or key > known[0] or (key == known[0] and _precedes(reading, known[2])):
                best[customer_id] = (key, rank, reading)
        return cls(
            standings=_build(ranked.seen if given is None else given, fresh, stale, names, now),
            as_of=as_of,
            combination=method,
            tie=tie,
            window=window,
            priority=order,
            levels=names,
            read=ranked.read,
            later=ranked.later,
            without_level=ranked.without_level,
            scales_without_rule=ranked.list_scales_without_rule(),
            unlisted=unlisted,
            unmatched=[source for source in order if source not in sources],
        )

    @property
    def counts(self) -> tuple[int, ...]:
        """The number of customers at each level, best first; those without a level are in none."""
        found = dict.fromkeys(self.levels, 0)
        for standing in self.standings:
            if standing.level is not None:
                found[standing.level] += 1
        return tuple(found.values())

    @property
    def states(self) -> dict[Id, str]:
        """The level of each customer, or the state of a customer without one: for the key of another count."""
        return {standing.customer_id: standing.state for standing in self.standings}

    @property
    def customers(self) -> int:
        """All customers."""
        return len(self.standings)

    @property
    def known(self) -> int:
        """The customers who have a level."""
        return sum(standing.level is not None for standing in self.standings)

    @property
    def unread(self) -> int:
        """The customers whose readings are all older than the window: stale."""
        return sum(standing.missing is NoLevel.UNREAD for standing in self.standings)

    @property
    def unknown(self) -> int:
        """The customers without any reading that gives a level."""
        return sum(standing.missing is NoLevel.UNKNOWN for standing in self.standings)

    @property
    def known_share(self) -> Decimal | None:
        """The share of the customers who have a level; None if there are no customers."""
        return ratio(self.known, self.customers)

    @property
    def unread_share(self) -> Decimal | None:
        """The share of the customers whose readings are stale; None if there are no customers."""
        return ratio(self.unread, self.customers)

    @property
    def unknown_share(self) -> Decimal | None:
        """The share of the customers who have no reading; None if there are no customers."""
        return ratio(self.unknown, self.customers)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What did not match: numbers that no rule reads, customers who were not given, sources that do not occur."""
        found: list[Finding] = []
        if self.without_level:
            found.append(
                Finding(
                    rule="readings_without_a_level",
                    severity=Severity.WARNING,
                    subject="readings",
                    message="some readings give no level, because no rule reads their numbers"
                    + (f" on {', '.join(self.scales_without_rule)}" if self.scales_without_rule else ""),
                    advice="give a LevelRule for each scale",
                    evidence=[("readings", self.without_level)],
                )
            )
        if self.unlisted:
            found.append(
                Finding(
                    rule="readings_of_other_customers",
                    severity=Severity.WARNING,
                    subject="readings",
                    message="some readings are of customers who are not among those given",
                    advice="compare the ids, or give all customers",
                    evidence=[("readings", self.unlisted)],
                )
            )
        if self.unmatched:
            found.append(
                Finding(
                    rule="sources_without_readings",
                    severity=Severity.WARNING,
                    subject="priority",
                    message="some sources in the order have no readings",
                    advice="compare their names with those of the readings",
                    evidence=[("source", str(source)) for source in self.unmatched],
                )
            )
        return (*found, *caution_of(count_lookalikes([one.customer_id for one in self.standings])))

    def _list_rows(self) -> Iterable[Mapping[str, object]]:
        return [standing.row() for standing in self.standings[:_SHOWN]]

    def explain(self) -> Explanation:
        """Return the number of customers with a level and without one, and the shares of these, line by line."""
        return Explanation(
            (
                term("known", self.known, "customers"),
                term("unread", self.unread, "customers"),
                term("unknown", self.unknown, "customers"),
                term("customers", self.customers, "", "known + unread + unknown"),
                term("known_share", self.known_share, "", "known / customers"),
                term("unread_share", self.unread_share, "", "unread / customers"),
                term("unknown_share", self.unknown_share, "", "unknown / customers"),
            ),
            cautions=self.cautions,
        )


class RankedReadings:
    """The readings of customers by a reference date, each with the place of its level; and how many were left out."""

    def __init__(
        self, levels: tuple[str, ...], rules: tuple[LevelRule, ...], subject_kind: SubjectKind, now: datetime
    ) -> None:
        self._subject_kind = checks.as_member(subject_kind, SubjectKind, "subject_kind")
        self._now = now
        self._ranks: dict[str | None, int] = {level: place for place, level in enumerate(levels)}
        self._rules: dict[Scale | None, tuple[LevelRule, dict[Decimal, int]]] = {
            rule.scale: (rule, {}) for rule in rules
        }
        self._scales: dict[int, tuple[Scale | None, tuple[LevelRule, dict[Decimal, int]] | None]] = {}
        self.read = self.later = self.without_level = 0
        self.seen: dict[Id, None] = {}

    def iterate(
        self, readings: Iterable[Reading], leave_out: Callable[[Id, datetime], object] | None = None
    ) -> Iterable[tuple[Id, datetime, int, Reading]]:
        """Yield the customer, the instant in UTC, the place of the level (0 is the best) and the reading.

        `leave_out` is told of each reading that gives no level.
        """
        wanted, now, ranks, scales, seen = self._subject_kind, self._now, self._ranks, self._scales, self.seen
        for reading in iterate_once(readings, Reading, "readings"):
            customer_id = reading.subject_id
            if reading.subject_kind is not wanted or customer_id is None:
                continue
            at = reading.at
            if at.tzinfo is not UTC:
                at = in_utc(at)
            if at > now:
                self.later += 1
                continue
            seen[customer_id] = None
            value = reading.value
            if value is None:
                rank = ranks.get(reading.level)
            else:
                found = scales.get(id(reading.scale))  # its hash would take longer than the rest of the loop
                if found is None:
                    found = scales[id(reading.scale)] = (reading.scale, self._rules.get(reading.scale))
                rank = None if found[1] is None else found[1][1].get(value)
                if rank is None and found[1] is not None:
                    rank = found[1][1][value] = found[1][0].rank(value)
            if rank is None:
                self.without_level += 1
                if leave_out is not None:
                    leave_out(customer_id, at)
                continue
            self.read += 1
            yield customer_id, at, rank, reading

    def list_scales_without_rule(self) -> list[str]:
        """Return the names of the scales of the numbers that no rule reads."""
        found = [str(scale) for scale, rule in self._scales.values() if scale is not None and rule is None]
        return list(dict.fromkeys(found))


def _find_oldest(now: datetime, window: timedelta | None) -> datetime | None:
    """Return the first instant of the window; None if it has none, or if that lies before the calendar."""
    if window is None:
        return None
    length = checks.as_duration(window, "window")
    return now - length if length <= now - _clock.EARLIEST else None


def _precedes(one: Reading, other: Reading) -> bool:
    """Return whether the source of a reading comes before that of another in the alphabet; an unknown one is last."""
    return one.source is not None and (other.source is None or one.source < other.source)


def _build(
    customers: Iterable[Id],
    fresh: Mapping[Id, tuple[Any, int, Reading]],
    stale: Mapping[Id, tuple[Any, int, Reading]],
    levels: tuple[str, ...],
    now: datetime,
) -> list[Standing]:
    """Build a standing for each customer, column by column, because their fields need no further check."""
    ids = list(customers)
    found = [fresh.get(one) for one in ids]
    last = [stale.get(one) if known is None else known for one, known in zip(ids, found, strict=True)]
    missing = [
        None if known is not None else NoLevel.UNKNOWN if old is None else NoLevel.UNREAD
        for known, old in zip(found, last, strict=True)
    ]
    columns: list[Iterable[object]] = [
        ids,
        [now] * len(ids),
        [None if known is None else levels[known[1]] for known in found],
        missing,
        [None if one is None else one[2].at for one in last],
        [None if one is None else one[2].source for one in last],
    ]
    return build_records(Standing, len(ids), columns)


def readings_of(
    responses: Iterable[Response], question: Question, /, *, source: AssessmentSource | str | None = None
) -> tuple[Reading, ...]:
    """Return the answers of known customers to a question as readings of these customers.

    Anonymous responses and those without an answer give no reading.

    Examples:
        >>> from crmcore import Question, Response, Scale, Standings, instant
        >>> from crmcore.voice import loyalty
        >>> friend = Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10)
        >>> responses = [
        ...     Response(survey_id="q1", at=instant("2026-03-02"), answers=[("nps", 10)], customer_id="anna"),
        ...     Response(survey_id="q1", at=instant("2026-03-02"), answers=[("nps", 2)]),
        ... ]
        >>> readings = loyalty.readings_of(responses, friend)
        >>> [(reading.subject_id, str(reading.value), reading.source.value) for reading in readings]
        [('anna', '10', 'nps_research')]
        >>> Standings.of(readings, as_of=instant("2026-04-01")).states
        {'anna': 'loyal'}

    Args:
        responses: The responses, in any order. A response that has an id counts once.
        question: The question, with a scale that has numbers.
        source: The source of the readings. By default a survey after an interaction if the response names one, else
            Net Promoter Score research if the question asks for a recommendation, else a survey.

    Raises:
        InvalidValueError: An answer is not on the scale of the question.
        WrongTypeError: An answer is a text.
    """
    checks.as_instance(question, Question, "question")
    kind = question.scale.measure or MeasureKind.SATISFACTION
    usual = AssessmentSource.NPS_RESEARCH if kind is MeasureKind.RECOMMENDATION else AssessmentSource.SURVEY
    named = None if source is None else checks.as_label(source, AssessmentSource, "source")
    found: list[Reading] = []
    for place, response in enumerate_once(responses, Response, "responses"):
        answer = response.answer(question.id)
        if answer is None or response.customer_id is None:
            continue
        if isinstance(answer, str):
            raise WrongTypeError(
                "level_of_words",
                "responses must answer the question with a number, got a text",
                field="responses",
                record=place,
                advice="give each text a level, and make readings of these",
            )
        found.append(
            Reading(
                subject_kind=SubjectKind.CUSTOMER,
                subject_id=response.customer_id,
                kind=kind,
                at=response.at,
                value=Decimal(answer),
                scale=question.scale,
                source=named or (usual if response.interaction_id is None else AssessmentSource.INTERACTION_SURVEY),
                interaction_id=response.interaction_id,
            )
        )
    return tuple(found)
