"""How good the relationship with each customer is: trust, honesty, shared values, pleasure."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final

import attrs

from crmcore.model.reading import Reading, SubjectKind
from crmcore.model.survey import MeasureKind, find_ends
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, RATIO, plain_repr, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import in_utc
from crmcore.primitives.record import SHARE, maybe_fraction

__all__ = ["RelationshipQuality", "quality"]


@attrs.frozen(kw_only=True)
class RelationshipQuality(Result):
    """How good a relationship is by its four measures, each from 0, the worst answer, to 1, the best.

    Examples:
        >>> from crmcore.retention.relationships import RelationshipQuality
        >>> anna = RelationshipQuality(trust="0.9", honesty="1", shared_values="0.5", pleasure="0.8")
        >>> anna.score, anna.weakest
        (Decimal('0.8'), 'shared_values')
        >>> RelationshipQuality(trust="0.9").score is None
        True

    Attributes:
        trust: How much the customer trusts the company.
        honesty: How honest the two sides are with each other.
        shared_values: How many values they share.
        pleasure: How much the customer enjoys it.

    Source: the source articles, see why.md (the measures). The equal weights are a choice of this library.
    """

    ratios = ("score", "weakest")

    trust: Annotated[Decimal, SHARE] | None = attrs.field(default=None, converter=maybe_fraction, repr=plain_repr)
    honesty: Annotated[Decimal, SHARE] | None = attrs.field(default=None, converter=maybe_fraction, repr=plain_repr)
    shared_values: Annotated[Decimal, SHARE] | None = attrs.field(
        default=None, converter=maybe_fraction, repr=plain_repr
    )
    pleasure: Annotated[Decimal, SHARE] | None = attrs.field(default=None, converter=maybe_fraction, repr=plain_repr)

    @property
    def score(self) -> Decimal | None:
        """The mean of the four measures; None if one is unknown."""
        known = [value for value in (self.trust, self.honesty, self.shared_values, self.pleasure) if value is not None]
        return ratio(sum_exactly(known), len(MEASURES)) if len(known) == len(MEASURES) else None

    @property
    def weakest(self) -> str | None:
        """The name of the lowest known measure, of equals the first; None if none is known."""
        known = {name: value for name in MEASURES.values() if (value := getattr(self, name)) is not None}
        return min(known, key=known.__getitem__) if known else None

    def explain(self) -> Explanation:
        """Return the known measures and their mean, line by line."""
        known = [term(name, value) for name in MEASURES.values() if (value := getattr(self, name)) is not None]
        mean = [] if self.score is None else [term("score", self.score, "", f"({' + '.join(MEASURES.values())}) / 4")]
        return Explanation((*known, *mean))


MEASURES: Final = {
    MeasureKind.TRUST: "trust",
    MeasureKind.HONESTY: "honesty",
    MeasureKind.SHARED_VALUES: "shared_values",
    MeasureKind.PLEASURE: "pleasure",
}


def sum_exactly(numbers: Iterable[Decimal]) -> Decimal:
    """Add up numbers without rounding."""
    total = Decimal(0)
    for number in numbers:
        total = EXACT.add(total, number)
    return total


def quality(readings: Iterable[Reading], /, *, as_of: datetime) -> dict[Id, RelationshipQuality]:
    """Return how good the relationship with each customer is, by the latest reading of each measure.

    Examples:
        >>> from crmcore import MeasureKind, Reading, Scale, SubjectKind, instant, relationships
        >>> answers = [(MeasureKind.TRUST, 9), (MeasureKind.HONESTY, 10), (MeasureKind.PLEASURE, 8)]
        >>> found = relationships.quality(
        ...     [
        ...         Reading(
        ...             subject_kind=SubjectKind.CUSTOMER,
        ...             subject_id="anna",
        ...             kind=kind,
        ...             value=value,
        ...             scale=Scale.RATING_0_10,
        ...             at=instant("2026-03-02"),
        ...         )
        ...         for kind, value in answers
        ...     ],
        ...     as_of=instant("2026-06-01"),
        ... )
        >>> found["anna"].trust, found["anna"].score
        (Decimal('0.9'), None)

    A reading is of the customer who is its subject, or of the one who judges the company (`Reading.customer_id`). Those
    of other subjects and measures, of unknown customers and later than `as_of` are left out. Of two at one instant, the
    one given last counts.

    Args:
        readings: The readings, in any order.
        as_of: The reference date.

    Raises:
        InvalidValueError: A reading has no scale, or one of which the better end is not known.

    Source: the source articles, see why.md (trust, honesty, shared values and pleasure decide sales).
    """
    moment = in_utc(checks.as_instant(as_of, "as_of"))
    latest: dict[Id, dict[str, tuple[datetime, Decimal]]] = {}
    for reading in iterate_once(readings, Reading, "readings"):
        who = _find_customer(reading)
        name = MEASURES.get(reading.kind)
        at = in_utc(reading.at)
        if who is None or name is None or at > moment:
            continue
        share = _find_share(reading)
        measures = latest.setdefault(who, {})
        if name not in measures or measures[name][0] <= at:
            measures[name] = at, share
    return {
        who: RelationshipQuality(**{name: share for name, (_, share) in found.items()}) for who, found in latest.items()
    }


def _find_customer(reading: Reading) -> Id | None:
    if reading.subject_kind is SubjectKind.CUSTOMER:
        return reading.subject_id
    return reading.customer_id if reading.subject_kind is SubjectKind.COMPANY else None


def _find_share(reading: Reading) -> Decimal:
    """Return where the answer stands between the worst and the best one of its scale."""
    low, high, is_high_better = find_ends(reading.scale, "readings", reading.id)
    value = reading.value or 0  # a reading with a scale has a number
    above = EXACT.subtract(value, low) if is_high_better else EXACT.subtract(high, value)
    return RATIO.divide(above, Decimal(high - low))
