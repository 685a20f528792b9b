"""Whom may we ask again, and how often?"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Final

import attrs

from crmcore.model.interaction import Interaction
from crmcore.model.survey import Invitation, Response
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import EXACT, RATIO
from crmcore.primitives._limits import Decision, Limit, find_blocking
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id, as_id, as_ids
from crmcore.primitives.periods import elapsed, in_utc
from crmcore.primitives.record import several

__all__ = ["AskDecision", "AskEvent", "AskLimit", "cadence", "cadences", "may_ask", "may_ask_each"]

_Event = tuple[datetime, "AskEvent", Id]


class AskEvent(StrEnum):
    """What a limit counts.

    Attributes:
        INVITED: Invitations. A reminder belongs to its invitation.
        ANSWERED: Responses.
        EITHER: Both.
    """

    INVITED = "invited"
    ANSWERED = "answered"
    EITHER = "either"


@attrs.frozen(kw_only=True)
class AskLimit(Limit):
    """A rule against asking too often: at most so many times within a time. A rest of 30 days is once within 30 days.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import AskEvent, AskLimit
        >>> rest = AskLimit(within=timedelta(days=30))
        >>> few = AskLimit(at_most=3, within=timedelta(days=365))
        >>> after_answers = AskLimit(within=timedelta(days=90), counts=AskEvent.ANSWERED, same_survey=True)

    Attributes:
        at_most: How many of them are allowed within the time, >= 1.
        within: The time, in elapsed hours: a day is 24 hours, also when the clocks change. After exactly this time an
            event no longer counts.
        counts: What is counted.
        same_survey: Whether only the survey to be sent is counted; by default any survey is.
    """

    counts: AskEvent = AskEvent.INVITED
    same_survey: bool = False


@attrs.frozen(kw_only=True)
class AskDecision(Decision):
    """Whether a customer may be asked, if not from when, and which limits forbid it.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import AskLimit, Invitation, instant, surveys
        >>> decision = surveys.may_ask(
        ...     [Invitation(survey_id="csat", at=instant("2026-01-05T10:00"), customer_id=7)],
        ...     customer_id=7,
        ...     survey_id="nps",
        ...     as_of=instant("2026-01-20T10:00"),
        ...     limits=[AskLimit(within=timedelta(days=30))],
        ... )
        >>> decision.allowed, decision.allowed_from.isoformat(), len(decision.blocked_by)
        (False, '2026-02-04T10:00:00+00:00', 1)

    Attributes:
        as_of: The instant of the question.
        allowed_from: The first instant at which no limit forbids it, if nothing else happens; `as_of` if it is allowed.
        blocked_by: The limits that forbid it now.
        cautions: What to know before you rely on it.

    Raises:
        InvalidValueError: It is allowed before `as_of`, or at it although a limit forbids it, or later although none
            does.
    """

    blocked_by: tuple[AskLimit, ...] = attrs.field(default=(), converter=several)
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several)


def may_ask(
    history: Iterable[Invitation | Response],
    /,
    *,
    customer_id: Id,
    survey_id: Id,
    as_of: datetime,
    limits: Iterable[AskLimit],
    exempt: Iterable[Id] = (),
) -> AskDecision:
    """Decide whether a customer may be invited to a survey: not too often, not too soon after the last time.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import AskLimit, Invitation, instant, surveys
        >>> three_a_quarter = AskLimit(at_most=3, within=timedelta(days=90))
        >>> asked = [Invitation(survey_id=n, at=instant(f"2026-0{n}-01"), customer_id=7) for n in (1, 2, 3)]
        >>> decision = surveys.may_ask(
        ...     asked, customer_id=7, survey_id=4, as_of=instant("2026-03-15"), limits=[three_a_quarter]
        ... )
        >>> decision.allowed_from.date().isoformat()
        '2026-04-01'

    Args:
        history: Invitations and responses, of all customers and in any order. What is later than `as_of` has not
            happened yet.
        customer_id: The customer.
        survey_id: The survey to be sent.
        as_of: The instant of the question.
        limits: The rules; all of them must allow it.
        exempt: Surveys that always may be sent and that no limit counts, such as a question about a running order.

    Returns:
        The decision. A limit on answers cannot see anonymous ones; a caution says so if there are any.
    """
    return may_ask_each(history, [customer_id], survey_id=survey_id, as_of=as_of, limits=limits, exempt=exempt)[
        as_id(customer_id, "customer_id")
    ]


def may_ask_each(
    history: Iterable[Invitation | Response],
    customer_ids: Iterable[Id],
    /,
    *,
    survey_id: Id,
    as_of: datetime,
    limits: Iterable[AskLimit],
    exempt: Iterable[Id] = (),
) -> dict[Id, AskDecision]:
    """Decide for each of many customers what `may_ask` decides for one, in a single pass over the history.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import AskLimit, Invitation, instant, surveys
        >>> decisions = surveys.may_ask_each(
        ...     [Invitation(survey_id="nps", at=instant("2026-03-01"), customer_id="anna")],
        ...     ["anna", "ben"],
        ...     survey_id="nps",
        ...     as_of=instant("2026-03-15"),
        ...     limits=[AskLimit(within=timedelta(days=30))],
        ... )
        >>> [name for name, decision in decisions.items() if decision.allowed]
        ['ben']

    Args:
        history: Invitations and responses, of all customers and in any order.
        customer_ids: The customers, in the order of the result.
        survey_id: The survey to be sent.
        as_of: The instant of the question.
        limits: The rules; all of them must allow it.
        exempt: Surveys that always may be sent and that no limit counts.
    """
    rules = checks.as_tuple(limits, AskLimit, "limits")
    now = in_utc(checks.as_instant(as_of, "as_of"))
    survey_id = as_id(survey_id, "survey_id")
    free = {*as_ids(exempt, "exempt")}
    events: dict[Id, list[_Event]] = {one: [] for one in as_ids(customer_ids, "customer_ids")}
    anonymous = 0
    for at, event, survey, customer in _read_history(history):
        if at > now or survey in free:
            continue
        if customer is None:
            anonymous += event is AskEvent.ANSWERED
        elif customer in events:
            events[customer].append((at, event, survey))
    blind = anonymous and any(rule.counts is not AskEvent.INVITED for rule in rules)
    cautions = (_build_caution(anonymous),) if blind else ()
    decisions: dict[Id, AskDecision] = {}
    for customer, happened in events.items():
        counted = [(rule, _list_counted(rule, happened, survey_id)) for rule in rules if survey_id not in free]
        allowed_from, blocking = find_blocking(counted, now)
        decisions[customer] = AskDecision(
            as_of=as_of, allowed_from=allowed_from or as_of, blocked_by=blocking, cautions=cautions
        )
    return decisions


def _read_history(history: Iterable[Invitation | Response]) -> Iterable[tuple[datetime, AskEvent, Id, Id | None]]:
    """Yield each record as an event, those with an id once; invitations and responses have ids of their own."""
    given: tuple[list[Invitation], list[Response]] = ([], [])
    for place, record in enumerate(checks.iterate(history, "history", "record")):
        if isinstance(record, Response):
            given[1].append(record)
        else:
            given[0].append(checks.as_instance(record, Invitation, f"history[{place}]"))
    for invitation in iterate_once(given[0], Invitation, "history"):
        yield in_utc(invitation.at), AskEvent.INVITED, invitation.survey_id, invitation.customer_id
    for response in iterate_once(given[1], Response, "history"):
        yield in_utc(response.at), AskEvent.ANSWERED, response.survey_id, response.customer_id


def _list_counted(rule: AskLimit, events: list[_Event], survey_id: Id) -> list[datetime]:
    """Return when the events were that a limit counts."""
    return [
        at
        for at, event, survey in events
        if rule.counts in {event, AskEvent.EITHER} and (survey == survey_id or not rule.same_survey)
    ]


def _build_caution(anonymous: int) -> Finding:
    return Finding(
        rule="anonymous_answers",
        severity=Severity.INFO,
        subject="history",
        message=f"{anonymous} responses name no customer, so that no limit on answers sees them",
        advice="limit invitations instead",
        evidence=[("responses", anonymous)],
    )


_SHORTEST: Final = timedelta(days=30)
_LONGEST: Final = timedelta(days=365)


def cadence(
    mean_gap: timedelta | None,
    /,
    *,
    multiple: Decimal | int | str = 3,
    shortest: timedelta = _SHORTEST,
    longest: timedelta = _LONGEST,
) -> timedelta:
    """Return how long to wait before asking a customer again, from how often they interact.

    ``multiple * mean_gap``, but not below `shortest` and not above `longest`. Three gaps, 30 and 365 days are a custom,
    not a measurement.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import surveys
        >>> surveys.cadence(timedelta(days=1)).days, surveys.cadence(timedelta(days=20)).days
        (30, 60)
        >>> surveys.cadence(None).days
        365

    Args:
        mean_gap: The mean time between two interactions; None for a customer with fewer than two.
        multiple: How many gaps to wait, > 0.
        shortest: The shortest wait.
        longest: The longest wait, not below the shortest.

    Raises:
        InvalidValueError: The longest wait is below the shortest.

    Source: the source articles, see why.md: ask the more often, the more often you meet.
    """
    factor = checks.as_positive(multiple, "multiple")
    least, most = checks.as_duration(shortest, "shortest"), checks.as_duration(longest, "longest")
    if most < least:
        raise InvalidValueError(
            "longest_below_shortest",
            f"longest must not be below shortest, got {most} and {least}",
            field="longest",
            operands=(most, least),
        )
    if mean_gap is None:
        return most
    gap = _clock.microseconds(checks.as_wait(mean_gap, "mean_gap"))
    wanted = EXACT.multiply(factor, gap)
    bounded = max(Decimal(_clock.microseconds(least)), min(Decimal(_clock.microseconds(most)), wanted))
    return timedelta(microseconds=int(bounded.to_integral_value(ROUND_HALF_EVEN, RATIO)))


def cadences(
    interactions: Iterable[Interaction],
    /,
    *,
    multiple: Decimal | int | str = 3,
    shortest: timedelta = _SHORTEST,
    longest: timedelta = _LONGEST,
) -> dict[Id, timedelta]:
    """Return the `cadence` of each customer, from the mean time between their interactions.

    Examples:
        >>> from crmcore import Interaction, instant, surveys
        >>> visits = [
        ...     Interaction(touchpoint_id="shop", at=instant(day), customer_id=name)
        ...     for name, day in [("anna", "2026-01-01"), ("anna", "2026-01-21"), ("ben", "2026-01-05")]
        ... ]
        >>> {name: wait.days for name, wait in surveys.cadences(visits).items()}
        {'anna': 60, 'ben': 365}

    Args:
        interactions: The interactions, in any order. Those of unknown customers are left out.
        multiple: How many gaps to wait, > 0.
        shortest: The shortest wait.
        longest: The longest wait; also that of a customer with a single interaction.
    """
    spans: dict[Id, tuple[datetime, datetime, int]] = {}
    for interaction in iterate_once(interactions, Interaction, "interactions"):
        at, customer_id = in_utc(interaction.at), interaction.customer_id
        if customer_id is not None:
            first, last, count = spans.get(customer_id, (at, at, 0))
            spans[customer_id] = (min(first, at), max(last, at), count + 1)
    return {
        customer_id: cadence(
            elapsed(first, last) / (count - 1) if count > 1 else None,
            multiple=multiple,
            shortest=shortest,
            longest=longest,
        )
        for customer_id, (first, last, count) in spans.items()
    }
