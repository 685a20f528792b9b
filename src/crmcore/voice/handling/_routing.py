"""Whether feedback reached somebody who can resolve it, and whether the answer had what a good one has."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Self

import attrs

from crmcore.model.feedback import Feedback, FeedbackKind, ReplyPart
from crmcore.model.purchase import Purchase, find_first_purchases
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.opening_hours import OpeningHours
from crmcore.primitives.periods import in_utc
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.tally import Tally, TallyBy
from crmcore.voice.handling._cases import as_hours, list_spans
from crmcore.voice.handling._waits import Wait, first_response

__all__ = ["Routing", "lint_reply", "unanswered_questions"]

_HELPS: Final = frozenset({ReplyPart.SOLUTION, ReplyPart.ALTERNATIVE, ReplyPart.REFERRAL})
_NEEDS_HELP: Final = frozenset({FeedbackKind.COMPLAINT, FeedbackKind.PROBLEM, FeedbackKind.QUESTION})


@attrs.frozen(kw_only=True)
class Routing(Tally):
    """Number of pieces of feedback by who handles them. Records of disjoint feedback can be added.

    Examples:
        >>> from crmcore import Routing
        >>> Routing(routed=18, misrouted=2, unassigned=5).rate
        Decimal('0.1')

    Attributes:
        routed: Handled by somebody who handles its category.
        misrouted: Handled by somebody else.
        unassigned: Without a handler so far.
        unrouted: Of a category without a route, or of none.
    """

    ratios = ("assigned", "rate")

    routed: int = 0
    misrouted: int = 0
    unassigned: int = 0
    unrouted: int = 0

    @classmethod
    def of(cls, feedback: Iterable[Feedback], routes: Mapping[str, Iterable[Id]], /) -> Self:
        """Count feedback by who handles it, in a single pass. Feedback that has an id counts once.

        Examples:
            >>> from crmcore import Feedback, FeedbackKind, Routing, instant
            >>> complaints = [
            ...     Feedback(
            ...         kind=FeedbackKind.COMPLAINT,
            ...         received_at=instant("2026-03-02"),
            ...         category=category,
            ...         handler_id=handler,
            ...     )
            ...     for category, handler in [
            ...         ("delivery", "anna"),
            ...         ("delivery", "bob"),
            ...         ("price", "bob"),
            ...         ("app", "bob"),
            ...     ]
            ... ]
            >>> Routing.of(complaints, {"delivery": ["anna"], "price": ["bob", "carl"]})
            Routing(routed=2, misrouted=1, unassigned=0, unrouted=1)

        Args:
            feedback: The feedback, in any order.
            routes: The employees who can resolve the feedback of each category. `by_category` also has a row for a
                category that no feedback has.
        """
        return cls.total(cls.by_category(feedback, routes).values())

    @classmethod
    def by_category(cls, feedback: Iterable[Feedback], routes: Mapping[str, Iterable[Id]], /) -> TallyBy[str, Self]:
        """Count feedback by who handles it for each category, those of the routes first.

        A route whose category no feedback has is a row of zeros, and a category without a route has only `unrouted`:
        compare the two if you look for a category that is written in two ways.

        Examples:
            >>> from crmcore import Feedback, FeedbackKind, Routing, instant
            >>> complaint = Feedback(
            ...     kind=FeedbackKind.COMPLAINT, received_at=instant("2026-03-02"), category="Delivery"
            ... )
            >>> found = Routing.by_category([complaint], {"delivery": ["anna"]})
            >>> {category: row.unrouted for category, row in found.items()}
            {'delivery': 0, 'Delivery': 1}

        Args:
            feedback: The feedback, in any order.
            routes: The employees who can resolve the feedback of each category.
        """
        checks.check_mapping(routes, "routes", "the employees for each category")
        able = {
            checks.as_nonempty_text(category, "routes"): frozenset(
                as_id(one, "routes") for one in checks.iterate(ids, f"routes[{category!r}]", "id of an employee")
            )
            for category, ids in routes.items()
        }
        rows = {category: dict.fromkeys(_NAMES, 0) for category in able}
        for case in iterate_once(feedback, Feedback, "feedback"):
            row = rows.setdefault(case.category, dict.fromkeys(_NAMES, 0))
            if case.category not in able:
                row["unrouted"] += 1
            elif case.handler_id is None:
                row["unassigned"] += 1
            else:
                row["routed" if case.handler_id in able[case.category] else "misrouted"] += 1
        return TallyBy({category: cls(**row) for category, row in rows.items()})

    @property
    def assigned(self) -> int:
        """The feedback of categories with a route that has a handler, ``routed + misrouted``."""
        return self.routed + self.misrouted

    @property
    def rate(self) -> Decimal | None:
        """The share of misroutes, ``misrouted / assigned``, to 34 digits; None if nothing is assigned."""
        return ratio(self.misrouted, self.assigned)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the share of misroutes, or None if nothing is assigned."""
        return wilson(self.misrouted, self.assigned, confidence=confidence)

    def explain(self) -> Explanation:
        """Return how the rate comes about, line by line."""
        return Explanation(
            (
                *(term(name, getattr(self, name), "pieces of feedback") for name in _NAMES),
                term("assigned", self.assigned, "pieces of feedback", "routed + misrouted"),
                term("rate", self.rate, "", "misrouted / assigned"),
            )
        )


_NAMES: Final = ("routed", "misrouted", "unassigned", "unrouted")


def unanswered_questions(
    feedback: Iterable[Feedback],
    purchases: Iterable[Purchase],
    /,
    *,
    as_of: datetime,
    hours: OpeningHours | None = None,
    count_bots: bool = False,
) -> tuple[Wait, ...]:
    """Find the questions without an answer of people who had not bought when they asked, the longest wait first.

    Such a person asks you and not a rival, and easily gets lost because they are no customer yet. They had bought if a
    purchase with an amount > 0 is at the receipt of the question or before it, and `follow_ups.replies` agrees.

    Examples:
        >>> from crmcore import Feedback, FeedbackKind, Money, Purchase, handling, instant
        >>> questions = [
        ...     Feedback(id=f"q{n}", kind=FeedbackKind.QUESTION, received_at=instant("2026-03-02"), customer_id=n)
        ...     for n in (1, 2)
        ... ]
        >>> bought = [Purchase(customer_id=1, at=instant("2026-03-01"), amount=Money(5, "EUR"))]
        >>> found = handling.unanswered_questions(questions, bought, as_of=instant("2026-03-05"))
        >>> [(wait.feedback_id, wait.hours) for wait in found]
        [('q2', Decimal('72'))]

    Args:
        feedback: The feedback, in any order; only questions count, also those of unknown people, who are not known to
            have bought. What was received after `as_of`, or is resolved or closed, is left out.
        purchases: The purchases, refunds among them; a question of a person who had bought by then is left out.
        as_of: The reference date; what happened later has not happened yet.
        hours: The opening hours in which the waits count; all hours if there are none.
        count_bots: Whether a message of a bot is an answer.
    """
    reference = in_utc(checks.as_instant(as_of, "as_of"))
    calendar = as_hours(hours)
    bought = find_first_purchases(iterate_once(purchases, Purchase, "purchases"))
    waits = [
        first_response(case, as_of=reference, hours=calendar, count_bots=count_bots)
        for case in iterate_once(feedback, Feedback, "feedback")
        if case.kind is FeedbackKind.QUESTION
        and in_utc(case.received_at) <= reference
        and (case.customer_id is None or bought.get(case.customer_id, _NEVER) > in_utc(case.received_at))
        and not list_spans(case, reference)[-1].state.is_over
    ]
    return tuple(sorted((wait for wait in waits if not wait.ended), key=lambda wait: wait.length, reverse=True))


_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def lint_reply(feedback: Feedback, /) -> tuple[Finding, ...]:
    """Check whether a reply has what a good one has. A reply whose parts are not known has no findings.

    Praise needs thanks. A problem that the customer found needs recognition. A complaint, a problem and a question need
    a solution, or at least an alternative or a referral.

    Examples:
        >>> from crmcore import Feedback, FeedbackKind, ReplyPart, handling, instant
        >>> problem = Feedback(kind=FeedbackKind.PROBLEM, received_at=instant("2026-03-02"))
        >>> replied = problem.answered(instant("2026-03-03"), reply=[ReplyPart.APOLOGY, ReplyPart.SOLUTION])
        >>> [finding.rule for finding in handling.lint_reply(replied)]
        ['problem_without_recognition']

    Args:
        feedback: The feedback with its reply.
    """
    case = checks.as_instance(feedback, Feedback, "feedback")
    if not case.reply:
        return ()
    subject = "feedback" if case.id is None else f"feedback {case.id}"
    findings: list[Finding] = []
    if case.kind is FeedbackKind.PRAISE and ReplyPart.THANKS not in case.reply:
        findings.append(_find("praise_without_thanks", subject, "the reply to praise has no thanks", "thank them"))
    if case.kind is FeedbackKind.PROBLEM and ReplyPart.RECOGNITION not in case.reply:
        findings.append(
            _find(
                "problem_without_recognition",
                subject,
                "the reply does not recognise that the customer found a problem",
                "praise them for it: they helped you to find it",
            )
        )
    if case.kind in _NEEDS_HELP and not case.reply & _HELPS:
        findings.append(
            _find(
                "reply_without_solution",
                subject,
                "the reply has neither a solution nor an alternative nor a referral",
                "say what happens next, and who takes care of it",
            )
        )
    return tuple(findings)


def _find(rule: str, subject: str, message: str, advice: str) -> Finding:
    return Finding(rule=rule, severity=Severity.WARNING, subject=subject, message=message, advice=advice)
