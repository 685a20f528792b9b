"""Moments of truth that feedback tells of."""

from collections.abc import Callable, Iterable

from crmcore.model.feedback import Feedback
from crmcore.model.moment import MomentOfTruth, Valence
from crmcore.primitives import checks

__all__ = ["moments_from"]


def moments_from(
    feedback: Iterable[Feedback], rule: Callable[[Feedback], Valence | None], /
) -> tuple[MomentOfTruth, ...]:
    """The moments of truth that pieces of feedback tell of, by a rule of yours.

    What makes a complaint a bad moment is for you to say; the library infers nothing. A moment has the ids of its
    feedback, the feedback's own among them, its severity and its instant; a bad one is resolved when the feedback was.
    Where the same contact is a moment already, which the `interaction_id` tells, leave one of the two out.

    Examples:
        >>> from crmcore import FeedbackKind, instant
        >>> inbox = [
        ...     Feedback(kind=FeedbackKind.COMPLAINT, received_at=instant("2026-03-02"), touchpoint_id="desk", id=1),
        ...     Feedback(kind=FeedbackKind.QUESTION, received_at=instant("2026-03-03"), id=2),
        ... ]
        >>> moments = moments_from(inbox, lambda one: Valence.BAD if one.is_negative else one.valence)
        >>> [(moment.valence.value, moment.touchpoint_id, moment.id) for moment in moments]
        [('bad', 'desk', 1)]

    Args:
        feedback: What came back, in any order, which is kept.
        rule: How each was taken; None where it tells of no moment, and so is left out.

    Raises:
        WrongTypeError: An item is no `Feedback`, or the rule gives what is no `Valence`.
    """
    checks.check_callable(rule, "rule", "lambda feedback: feedback.valence")
    moments: list[MomentOfTruth] = []
    for one in checks.iterate(feedback, "feedback", "Feedback"):
        valence = rule(checks.as_instance(one, Feedback, "every item"))
        if valence is not None:
            moments.append(_moment(one, checks.as_member(valence, Valence, "what rule gives")))
    return tuple(moments)


def _moment(feedback: Feedback, valence: Valence) -> MomentOfTruth:
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
