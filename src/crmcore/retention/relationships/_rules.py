"""What the rules about relationships have in common."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import attrs

from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.ids import Id

__all__: list[str] = []  # for the room alone

SOURCE: Final = "source articles, see why.md"


@attrs.frozen
class Rule:
    """A rule: its name, the concept behind it, and what to do."""

    name: str
    concept: str
    advice: str
    severity: Severity = Severity.WARNING

    def find(self, subject: str, message: str, *evidence: tuple[str, Decimal | int | str]) -> Finding:
        """Build a finding with the provenance of the rule."""
        return Finding(
            rule=self.name,
            severity=self.severity,
            subject=subject,
            message=message,
            advice=self.advice,
            evidence=[("concept", self.concept), ("source", SOURCE), *evidence],
        )


def normalize(text: str) -> str:
    """Return a text as it compares: without differences in capitals and spaces."""
    return " ".join(text.split()).casefold()


def name_customer(customer_id: Id | None) -> str:
    """Return the subject of a finding about a customer."""
    return f"customer {customer_id}"


def list_names(names: Iterable[str]) -> str:
    """Return names in alphabetical order, for a message."""
    return ", ".join(sorted(map(str, names)))
