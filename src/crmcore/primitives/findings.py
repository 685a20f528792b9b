"""What a rule noticed about a subject, and what to do about it.

The library neither logs nor warns. Its cautions are findings on the result.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import plain
from crmcore.primitives._kinds import is_a
from crmcore.primitives._results import Cell, Result
from crmcore.primitives._shown import LONGEST, as_sentence
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.record import NAME, Kind, Name, several, text

__all__ = ["Finding", "Severity"]


class Severity(StrEnum):
    """The severity of a finding.

    Attributes:
        INFO: Useful to know.
        WARNING: Probably a problem.
        ERROR: Certainly a problem.
    """

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _as_evidence(pair: object, name: str) -> tuple[str, Decimal | int | str]:
    label, value = checks.as_pair(pair, name, "a name and a number or text", personal=True)
    if not is_a(value, Decimal | int | str):
        raise WrongTypeError(
            "not_evidence",
            f"{name} must be a name and a number or text, got {describe(value)}",
            **checks.at_fault(name),
        )
    if is_a(value, Decimal) and not value.is_finite():
        raise InvalidValueError(
            "evidence_not_finite",
            f"{name} must be a name and a finite number, got {show(value)}",
            **checks.at_fault(name),
        )
    known = value if is_a(value, str | bool) else checks.as_figure(value, name)
    return checks.as_nonempty_text(label, name), known


_EVIDENCE: Final = Kind(
    _as_evidence,
    {"prefixItems": [{"type": "string", **NAME.schema}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}]},
)


@attrs.frozen(kw_only=True)
class Finding(Result):
    """What a rule noticed about a subject.

    Examples:
        >>> from crmcore import Finding, Severity
        >>> finding = Finding(
        ...     rule="one_time_buyer",
        ...     severity=Severity.WARNING,
        ...     subject="segment gift-buyers",
        ...     message="most customers bought once",
        ...     advice="value them apart from repeat buyers",
        ...     evidence=[("customers", 50), ("bought once", 41)],
        ... )
        >>> print(finding)
        warning one_time_buyer: segment gift-buyers: most customers bought once; value them apart from repeat buyers

    Attributes:
        rule: The name of the rule, the same in all versions.
        severity: The severity.
        subject: What the finding is about.
        message: What was noticed, on one line: as in an error, a character that is not printable is shown with a
            backslash, and more than 1,000 characters are cut.
        advice: What to do, in the same way.
        evidence: Pairs of a name and a number or text that support the message.
    """

    rule: Name
    severity: Severity
    subject: str = attrs.field(default="", converter=text)
    message: str = attrs.field(converter=text)
    advice: str = attrs.field(default="", converter=text)
    evidence: tuple[Annotated[tuple[str, Decimal | int | str], _EVIDENCE], ...] = attrs.field(
        default=(), converter=several
    )

    def _check(self) -> None:
        super()._check()
        for name in ("message", "advice"):
            checks.set_field(self, name, as_sentence(getattr(self, name)))

    def _list_cells(self) -> dict[str, Cell]:
        evidence = "; ".join(
            f"{name} {plain(value) if is_a(value, Decimal) else value}" for name, value in self.evidence
        )
        return {**super()._list_cells(), "evidence": evidence}

    def __str__(self) -> str:
        parts = [part for part in (self.subject, self.message) if part]
        advice = f"; {self.advice}" if self.advice else ""
        return as_sentence(f"{self.severity.value} {self.rule}: {': '.join(parts)}{advice}", 3 * LONGEST)
