"""What the moments of truth of each employee suggest to talk about."""

from collections.abc import Iterable
from decimal import Decimal

from crmcore.model.moment import MomentOfTruth
from crmcore.primitives import checks
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import Period, in_utc

__all__ = ["advise"]


def advise(
    moments: Iterable[MomentOfTruth],
    periods: Iterable[Period],
    /,
    *,
    ratio: Decimal | int | str = 12,
    in_a_row: int = 2,
) -> tuple[Finding, ...]:
    """Return what to talk about with each employee, by the balance of their moments. It is advice, never a verdict.

    Examples:
        >>> from crmcore import MomentOfTruth, Period, Valence, instant, staff
        >>> moments = [
        ...     MomentOfTruth(valence=valence, at=instant(day), employee_id=name)
        ...     for name, valence, day in [
        ...         ("anna", Valence.GOOD, "2026-01-12"),
        ...         ("anna", Valence.GOOD, "2026-02-12"),
        ...         ("bob", Valence.BAD, "2026-01-13"),
        ...         ("bob", Valence.BAD, "2026-02-13"),
        ...     ]
        ... ]
        >>> for finding in staff.advise(moments, [Period.month(2026, 1), Period.month(2026, 2)]):
        ...     print(finding.rule, finding.subject)
        steady_gain anna
        repeated_deficit bob

    The rules, employee by employee:

    - ``steady_gain``: good moments in each of the last periods, and no deficit. Praise, or reward
      (`TaskKind.RECOGNITION`).
    - ``repeated_deficit``: a deficit in each of the last periods. Review what happened (`TaskKind.REVIEW`), look at
      the methods first, and train again (`TaskKind.TRAINING`).

    To part with an employee (`TaskKind.PARTING`) is a decision that no number makes. Moments depend on the place, the
    shift and the customers as well; compare an employee with their own earlier periods.

    Args:
        moments: The moments, in any order; one with an id counts once. Those of an unknown employee, and those in none
            of the periods, are left out.
        periods: The periods to compare, in any order.
        ratio: How many good moments offset one bad moment; twelve is the convention of the source articles.
        in_a_row: How many periods, the last ones, must agree, >= 1.

    Raises:
        InvalidValueError: Fewer periods than `in_a_row`.
    """
    from crmcore.service.balance import Balance  # noqa: PLC0415 - the other functions of the room need no balance

    wanted = checks.as_count(in_a_row, "in_a_row", least=1)
    spans = sorted(checks.iterate_records(periods, Period, "periods"), key=lambda period: in_utc(period.start))
    if len(spans) < wanted:
        raise InvalidValueError(
            "too_few_periods",
            f"periods must be at least in_a_row, got {len(spans)} and {wanted}",
            field="periods",
            operands=(len(spans), wanted),
        )
    by_employee: dict[Id, list[MomentOfTruth]] = {}
    for moment in iterate_once(moments, MomentOfTruth, "moments"):
        if moment.employee_id is not None:
            by_employee.setdefault(moment.employee_id, []).append(moment)
    found: list[Finding] = []
    for employee, theirs in by_employee.items():
        balances = [
            Balance.of([one for one in theirs if one.at in span], ratio=ratio) for span in spans[len(spans) - wanted :]
        ]
        evidence = [("periods", len(balances)), ("value", Balance.total(balances).value)]
        if all(one.deficit > 0 for one in balances):
            found.append(
                Finding(
                    rule="repeated_deficit",
                    severity=Severity.INFO,
                    subject=str(employee),
                    message=f"bad moments outweigh the good ones in each of {len(balances)} periods",
                    advice="talk about it, review the methods first, and train again; decide nothing by a number",
                    evidence=evidence,
                )
            )
        elif all(one.good > 0 and one.is_offset for one in balances):
            found.append(
                Finding(
                    rule="steady_gain",
                    severity=Severity.INFO,
                    subject=str(employee),
                    message=f"good moments outweigh the bad ones in each of {len(balances)} periods",
                    advice="praise or reward it, and tell the others how it was done",
                    evidence=evidence,
                )
            )
    return tuple(found)
