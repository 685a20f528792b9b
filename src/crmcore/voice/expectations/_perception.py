"""What a company believes that customers experience, against what customers say."""

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.reading import AssessmentSource, Reading
from crmcore.model.survey import Scale, check_on_scale
from crmcore.primitives import checks
from crmcore.primitives._decimals import plain_repr, ratio
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import KeyGuard, in_one_group
from crmcore.primitives.proportions import Interval, two_proportions
from crmcore.primitives.record import maybe_number
from crmcore.primitives.tally import POLICY, Cell, Tally, TallyBy
from crmcore.voice.expectations._scoring import ends_if_low_is_better, read_values

__all__ = ["PerceptionGap"]

_K = TypeVar("_K", bound=Hashable)
_SIDES: Final = ("company", "customer")


@attrs.frozen(kw_only=True)
class PerceptionGap(Tally):
    """Number of judgements by a company and by its customers. Records of disjoint judgements can be added.

    Examples:
        >>> from crmcore import PerceptionGap
        >>> gap = PerceptionGap(company_good=80, company_judged=100, customer_good=8, customer_judged=100)
        >>> gap.value, gap.ratio
        (Decimal('0.72'), Decimal('10'))
        >>> bounds = gap.interval()
        >>> round(bounds.low, 2), round(bounds.high, 2)
        (0.61, 0.8)

    Attributes:
        company_good: The number of the company's own judgements that are good.
        company_judged: The number of the company's own judgements.
        customer_good: The number of customers' judgements that are good.
        customer_judged: The number of customers' judgements.
        unknown_source: The number of judgements that do not say whose they are. They are in no share.
        threshold: From which number on a judgement is good; None if only the counts are known.
        scale: The scale of the judgements; None if no scale is known.

    Raises:
        InconsistentCountsError: A side has more good judgements than judgements.

    Source: Allen, Reichheld, Hamilton and Markey 2005, Closing the delivery gap, Bain & Company: 80 per cent of 362
    companies believed that they deliver a superior experience, and customers said so of 8 per cent.
    """

    ratios = ("company_share", "customer_share", "value", "ratio")

    company_good: int = 0
    company_judged: int = 0
    customer_good: int = 0
    customer_judged: int = 0
    unknown_source: int = 0
    threshold: Decimal | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr, metadata=POLICY)
    scale: Scale | None = attrs.field(default=None, metadata=POLICY)

    def _check(self) -> None:
        super()._check()
        for side in _SIDES:
            good, judged = getattr(self, f"{side}_good"), getattr(self, f"{side}_judged")
            if good > judged:
                raise InconsistentCountsError(
                    "more_good_than_judged",
                    f"{side}_good must be at most {side}_judged, got {good} of {judged}",
                    field=f"{side}_good",
                    operands=(good, judged),
                )

    @classmethod
    def of(cls, readings: Iterable[Reading], /, *, threshold: Decimal | int | str) -> Self:
        """Count the readings of both sides, in a single pass. A reading that has an id counts once.

        Readings from a self-assessment are the company's own. All others are customers', unless their source is
        unknown. The bounds take each reading for another person's.

        Examples:
            >>> from crmcore import AssessmentSource, MeasureKind, PerceptionGap, Reading, Scale, SubjectKind, instant
            >>> readings = [
            ...     Reading(
            ...         subject_kind=SubjectKind.COMPANY,
            ...         kind=MeasureKind.PERCEPTION,
            ...         at=instant("2026-03-02"),
            ...         value=value,
            ...         scale=Scale.RATING_1_10,
            ...         source=source,
            ...     )
            ...     for source, value in [
            ...         (AssessmentSource.SELF_ASSESSMENT, 9),
            ...         (AssessmentSource.SURVEY, 8),
            ...         (AssessmentSource.SURVEY, 5),
            ...     ]
            ... ]
            >>> gap = PerceptionGap.of(readings, threshold=8)
            >>> gap.company_share, gap.customer_share, gap.value
            (Decimal('1'), Decimal('0.5'), Decimal('0.5'))

        Args:
            readings: The readings, in any order, of one kind and on one scale.
            threshold: The number from which on a reading is good, itself included. On a scale where low is better,
                smaller numbers are good.

        Raises:
            InvalidValueError: A reading has a level and no value, another kind or another scale than the first; or the
                threshold is not on the scale.
        """
        return cls._count(readings, in_one_group, threshold).get(None) or cls(threshold=threshold)

    @classmethod
    def by(
        cls, readings: Iterable[Reading], key: Callable[[Reading], _K], /, *, threshold: Decimal | int | str
    ) -> TallyBy[_K, Self]:
        """Count as `of` does, for each value of a key, such as the aspect or the touchpoint.

        Args:
            readings: The readings, in any order, of one kind and on one scale.
            key: Returns the key of a reading.
            threshold: The number from which on a reading is good, itself included.
        """
        checks.check_callable(key, "key", "lambda reading: reading.aspect")
        return TallyBy(cls._count(readings, key, threshold))

    @classmethod
    def _count(
        cls, readings: Iterable[Reading], key: Callable[[Reading], _K], threshold: Decimal | int | str
    ) -> dict[_K, Self]:
        least = checks.as_exact(threshold, "threshold")
        rows: dict[_K, dict[str, int]] = {}
        guard = KeyGuard(rows)
        known: type | None = None
        scale: Scale | None = None
        begun = low_is_better = False
        for _, reading, value in read_values(readings):
            if not begun:
                begun, scale = True, reading.scale
                if scale is not None:
                    check_on_scale(least, scale, "threshold")
                low_is_better = ends_if_low_is_better(reading) is not None
            group = key(reading)
            if type(group) is not known:
                known = guard.admit(group)
            row = rows.setdefault(group, {})
            if reading.source is None:
                row["unknown_source"] = row.get("unknown_source", 0) + 1
                continue
            side = _SIDES[reading.source is not AssessmentSource.SELF_ASSESSMENT]
            row[f"{side}_judged"] = row.get(f"{side}_judged", 0) + 1
            row[f"{side}_good"] = row.get(f"{side}_good", 0) + (value <= least if low_is_better else value >= least)
        return {group: cls(**row, threshold=least, scale=scale) for group, row in rows.items()}

    def _list_cells(self) -> dict[str, Cell]:
        cells = super()._list_cells()
        scale = None if self.scale is None else str(self.scale)
        names = [field.name for field in attrs.fields(type(self))]
        return {name: scale if name == "scale" else cells[name] for name in (*names, *self.ratios)}

    @property
    def company_share(self) -> Decimal | None:
        """The share of the company's judgements that are good; None if there are none."""
        return ratio(self.company_good, self.company_judged)

    @property
    def customer_share(self) -> Decimal | None:
        """The share of customers' judgements that are good; None if there are none."""
        return ratio(self.customer_good, self.customer_judged)

    @property
    def value(self) -> Decimal | None:
        """The gap, ``company_share - customer_share``; > 0 if the company thinks too well of itself.

        None if one side has no judgements.
        """
        return ratio(
            self.company_good * self.customer_judged - self.customer_good * self.company_judged,
            self.company_judged * self.customer_judged,
        )

    @property
    def ratio(self) -> Decimal | None:
        """How many times as often the company's judgement is good, ``company_share / customer_share``.

        None if no customer's judgement is good, or if the company has no judgements.
        """
        return ratio(self.company_good * self.customer_judged, self.customer_good * self.company_judged)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the interval of the gap, or None if one side has no judgements.

        Source: Newcombe 1998, Statistics in Medicine 17:873-890, method 10.
        """
        level = checks.as_confidence(confidence)
        found = two_proportions((self.customer_good, self.customer_judged), (self.company_good, self.company_judged))
        return None if found is None else found.interval(confidence=level)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read it: a side without judgements, judgements of an unknown source."""
        found = [
            Finding(
                rule="side_without_judgements",
                severity=Severity.WARNING,
                subject=side,
                message=f"there is no judgement of the {side}, so there is no gap",
                advice="ask the managers the question that customers are asked"
                if side == "company"
                else "ask customers the question that managers are asked",
            )
            for side in _SIDES
            if not getattr(self, f"{side}_judged")
        ]
        if self.unknown_source:
            found.append(
                Finding(
                    rule="judgements_of_unknown_source",
                    severity=Severity.WARNING,
                    subject="readings",
                    message=f"{self.unknown_source} judgements do not say whose they are, and are in no share",
                    advice="give each reading its source",
                    evidence=[("judgements", self.unknown_source)],
                )
            )
        return tuple(found)

    def explain(self) -> Explanation:
        """Return how the gap comes about, line by line."""
        names = ("company_good", "company_judged", "customer_good", "customer_judged")
        lines = [
            *(term(name, getattr(self, name), "judgements") for name in names),
            term("company_share", self.company_share, "", "company_good / company_judged"),
            term("customer_share", self.customer_share, "", "customer_good / customer_judged"),
        ]
        if self.value is not None:
            lines += [
                term("value", self.value, "", "company_share - customer_share"),
                term("ratio", self.ratio, "", "company_share / customer_share"),
            ]
        return Explanation(lines, cautions=self.cautions)
