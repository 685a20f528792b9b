"""Moments of truth made from feedback."""

from collections.abc import Callable, Iterable

from crmcore.model.feedback import Feedback
from crmcore.model.moment import MomentOfTruth, Valence
from crmcore.primitives import checks
from crmcore.primitives.grouping import enumerate_once

__all__ = ["moments_from"]


def moments_from(
    feedback: Iterable[Feedback], rule: Callable[[Feedback], Valence | None], /
) -> tuple[MomentOfTruth, ...]:
    """Return the moments of truth described in feedback, by your own rule.

    You decide what makes a complaint a bad moment; the library infers nothing. A moment keeps the ids in its feedback,
    including the feedback's own id, its severity and its instant. A bad moment is resolved when the feedback was
    resolved. If you already have a moment of the same contact (the same `interaction_id`), leave one of them out.

    Examples:
        >>> from crmcore import Feedback, FeedbackKind, Valence, instant
        >>> from crmcore.service.balance import moments_from
        >>> inbox = [
        ...     Feedback(kind=FeedbackKind.COMPLAINT, received_at=instant("2026-03-02"), touchpoint_id="desk", id=1),
        ...     Feedback(kind=FeedbackKind.QUESTION, received_at=instant("2026-03-03"), id=2),
        ... ]
        >>> moments = moments_from(inbox, lambda piece: Valence.BAD if piece.is_negative else piece.valence)
        >>> [(moment.valence.value, moment.touchpoint_id, moment.id) for moment in moments]
        [('bad', 'desk', 1)]

    Args:
        feedback: The pieces of feedback, in any order. The moments keep the order.
        rule: Returns the valence of a piece of feedback, or None to leave it out.
    """
    checks.check_callable(rule, "rule", "lambda feedback: feedback.valence")
    moments: list[MomentOfTruth] = []
    for place, piece in enumerate_once(feedback, Feedback, "feedback"):
        valence = rule(piece)
        if valence is not None:
            moments.append(_build_moment(piece, checks.as_member(valence, Valence, f"rule[{place}]")))
    return tuple(moments)


def _build_moment(feedback: Feedback, valence: Valence) -> MomentOfTruth:
    return MomentOfTruth(
        valence=valence,
        at=feedback.received_at,
        customer_id=feedback.customer_id,
        touchpoint_id=feedback.touchpoint_id,
        employee_id=feedback.employee_id,
        interaction_id=feedback.interaction_id,
        severity=feedback.severity,
        resolved_at=feedback.resolved_at if valence is Valence.BAD else None,
        id=feedback.id,
    )
