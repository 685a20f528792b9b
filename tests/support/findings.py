"""How a finding is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmcore import Finding


def write_finding(finding: Finding) -> str:
    """Write all parts of a finding on one line."""
    evidence = ", ".join(f"{label}={value}" for label, value in finding.evidence)
    severity = finding.severity.value
    return f"{finding.rule} [{severity}] {finding.subject}: {finding.message} | {finding.advice} | {evidence}"
