"""The four factors of an employee: willing, empathic, trained, empowered."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final

import attrs

from crmcore.model.reading import Reading, SubjectKind
from crmcore.model.survey import MeasureKind
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ZERO, plain_repr, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.grouping import enumerate_once
from crmcore.primitives.ids import Id, as_ids
from crmcore.primitives.periods import in_utc
from crmcore.primitives.record import SHARE, maybe_fraction

__all__ = ["StaffFactors", "factors"]

FACTORS: Final = (MeasureKind.WILLINGNESS, MeasureKind.EMPATHY, MeasureKind.TRAINING, MeasureKind.EMPOWERMENT)


@attrs.frozen(kw_only=True)
class StaffFactors(Result):
    """The four factors of an employee, each from 0 to 1, and those that are unknown.

    Examples:
        >>> from crmcore import StaffFactors
        >>> pavel = StaffFactors(employee_id="pavel", willingness="0.9", empathy="0.5", empowerment="0.25")
        >>> [kind.value for kind in pavel.missing], pavel.lowest.value
        (['training'], 'empowerment')

    They are not added up: a willing employee who may decide nothing cannot help.

    Attributes:
        employee_id: The employee.
        willingness: Motivation, commitment and understanding of the role; None if it is unknown.
        empathy: How well they understand the customer's feelings; None if it is unknown.
        training: How well they are trained; None if it is unknown.
        empowerment: How much they may decide, and know that they may; None if it is unknown.

    Source: the source articles, see why.md.
    """

    ratios = ("lowest",)

    employee_id: Id
    willingness: Annotated[Decimal, SHARE] | None = attrs.field(default=None, converter=maybe_fraction, repr=plain_repr)
    empathy: Annotated[Decimal, SHARE] | None = attrs.field(default=None, converter=maybe_fraction, repr=plain_repr)
    training: Annotated[Decimal, SHARE] | None = attrs.field(default=None, converter=maybe_fraction, repr=plain_repr)
    empowerment: Annotated[Decimal, SHARE] | None = attrs.field(default=None, converter=maybe_fraction, repr=plain_repr)

    def value_of(self, kind: MeasureKind, /) -> Decimal | None:
        """Return one factor by its measure, or None if it is unknown or no factor."""
        checks.as_member(kind, MeasureKind, "kind")
        found: Decimal | None = getattr(self, kind.value) if kind in FACTORS else None
        return found

    @property
    def missing(self) -> tuple[MeasureKind, ...]:
        """The factors that are unknown."""
        return tuple(kind for kind in FACTORS if self.value_of(kind) is None)

    @property
    def lowest(self) -> MeasureKind | None:
        """The lowest known factor, the first of equals; None if all are unknown."""
        known = [(value, kind) for kind in FACTORS if (value := self.value_of(kind)) is not None]
        return min(known, key=lambda pair: pair[0])[1] if known else None


def factors(readings: Iterable[Reading], employee_ids: Iterable[Id], /, *, as_of: datetime) -> dict[Id, StaffFactors]:
    """Return the four factors of each employee, by their latest readings.

    Examples:
        >>> from crmcore import MeasureKind, Reading, Scale, SubjectKind, instant, staff
        >>> readings = [
        ...     Reading(
        ...         subject_kind=SubjectKind.EMPLOYEE,
        ...         subject_id="pavel",
        ...         kind=kind,
        ...         value=value,
        ...         scale=Scale.RATING_1_5,
        ...         at=instant("2026-03-02"),
        ...     )
        ...     for kind, value in [(MeasureKind.WILLINGNESS, 5), (MeasureKind.EMPATHY, 2)]
        ... ]
        >>> found = staff.factors(readings, ["pavel"], as_of=instant("2026-04-01"))["pavel"]
        >>> found.willingness, found.empathy, [kind.value for kind in found.missing]
        (Decimal('1'), Decimal('0.25'), ['training', 'empowerment'])

    A value counts from the bad end of its scale, 0, to the good end, 1. If several readings have the latest instant,
    their mean counts. Other readings are left out: of other measures, of other employees, and after `as_of`.

    Args:
        readings: The readings, in any order; one with an id counts once.
        employee_ids: The employees, in the order of the result.
        as_of: The reference date.

    Raises:
        InvalidValueError: A reading of a factor without a scale, whose value says nothing.
    """
    now = in_utc(checks.as_instant(as_of, "as_of"))
    found: dict[Id, dict[MeasureKind, tuple[datetime, list[Decimal]]]] = {
        one: {} for one in as_ids(employee_ids, "employee_ids")
    }
    for place, reading in enumerate_once(readings, Reading, "readings"):
        at = in_utc(reading.at)
        if reading.subject_kind is not SubjectKind.EMPLOYEE or reading.kind not in FACTORS or at > now:
            continue
        if reading.subject_id is None or reading.subject_id not in found:
            continue
        value = _as_share(reading, place)
        theirs = found[reading.subject_id]
        latest, values = theirs.get(reading.kind, (at, []))
        if at > latest:
            values = []
        if at >= latest:
            theirs[reading.kind] = (at, [*values, value])
    return {
        employee: StaffFactors(
            employee_id=employee, **{kind.value: _average(values) for kind, (_, values) in theirs.items()}
        )
        for employee, theirs in found.items()
    }


def _as_share(reading: Reading, place: int) -> Decimal:
    scale, value = reading.scale, reading.value
    if scale is None or value is None or scale.low is None or scale.high is None:
        raise InvalidValueError(
            "factor_without_a_scale",
            f"readings of {reading.kind} must have a scale, got {show(value)} without one",
            field="readings",
            record=place,
            advice="give the reading its scale, such as Scale.RATING_1_5",
            operands=(reading.kind.value, value),
        )
    falls = scale.higher_is_better is False
    above = EXACT.subtract(scale.high, value) if falls else EXACT.subtract(value, scale.low)
    return ratio(above, scale.high - scale.low) or ZERO


def _average(values: list[Decimal]) -> Decimal | None:
    total = ZERO
    for value in values:
        total = EXACT.add(total, value)
    return ratio(total, len(values))
