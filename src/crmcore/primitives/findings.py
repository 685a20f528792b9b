"""What a rule noticed about a subject, and what to do about it.

The library neither logs nor warns. Its cautions are findings on the result.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import plain_repr
from crmcore.primitives.errors import InvalidValueError, WrongTypeError

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def _pairs(pairs: Iterable[tuple[str, Decimal | int | str]]) -> tuple[tuple[str, Decimal | int | str], ...]:
    return cast("tuple[tuple[str, Decimal | int | str], ...]", pairs)


def _pairs_repr(pairs: tuple[tuple[str, Decimal | int | str], ...]) -> str:
    """Return the `repr` of the pairs, the same under every decimal context."""
    shown = [f"({name!r}, {plain_repr(value) if isinstance(value, Decimal) else repr(value)})" for name, value in pairs]
    return f"({', '.join(shown)}{',' if len(shown) == 1 else ''})"


def _as_evidence(pair: object) -> tuple[str, Decimal | int | str]:
    name, value = checks.as_pair(pair, "evidence", "a name and a number or text")
    if not isinstance(name, str) or not isinstance(value, Decimal | int | str):
        raise WrongTypeError("each of evidence must be a pair of a name and a number or text")
    return name, value


@attrs.frozen(kw_only=True)
class Finding:
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
        message: What was noticed.
        advice: What to do.
        evidence: Pairs of a name and a number or text that support the message.
    """

    rule: str
    severity: Severity
    subject: str = ""
    message: str
    advice: str = ""
    evidence: tuple[tuple[str, Decimal | int | str], ...] = attrs.field(default=(), converter=_pairs, repr=_pairs_repr)

    def __attrs_post_init__(self) -> None:
        checks.as_member(self.severity, Severity, "severity")
        for name in ("rule", "subject", "message", "advice"):
            checks.as_text(getattr(self, name), name)
        checks.set_field(self, "evidence", tuple(map(_as_evidence, checks.iterate(self.evidence, "evidence", "pair"))))
        if not self.rule:
            raise InvalidValueError("rule must not be empty")

    def __str__(self) -> str:
        parts = [part for part in (self.subject, self.message) if part]
        advice = f"; {self.advice}" if self.advice else ""
        return f"{self.severity.value} {self.rule}: {': '.join(parts)}{advice}"
