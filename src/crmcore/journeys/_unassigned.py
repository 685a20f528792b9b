"""Visits of unknown customers, which belong to no journey: what to know about the figures of the others."""

from crmcore.primitives.findings import Finding, Severity

__all__: list[str] = []  # for the rooms of this wing


def warn_of_unassigned(unassigned: int, assigned: int) -> tuple[Finding, ...]:
    """Return a caution if there are visits of unknown customers.

    Args:
        unassigned: The visits of unknown customers.
        assigned: The visits in journeys.
    """
    if not unassigned:
        return ()
    visits = unassigned + assigned
    return (
        Finding(
            rule="visits_without_customer",
            severity=Severity.WARNING,
            subject="customer_id",
            message=f"{unassigned:,} of {visits:,} visits ({unassigned / visits:.0%}) are of unknown customers, and in "
            "no journey",
            advice="find out who they are, or read the figures as those of the others"
            if assigned
            else "look whether the right column is read as the customer",
            evidence=[("unassigned", unassigned), ("visits", visits)],
        ),
    )
