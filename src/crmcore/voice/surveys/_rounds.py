"""A round of a survey: who was invited, who answered in time, and what they answered."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Self

import attrs

from crmcore.model.survey import Invitation, Question, Response
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import Period, by_utc, elapsed, in_utc
from crmcore.primitives.tally import POLICY
from crmcore.voice.surveys._counting import count_responses
from crmcore.voice.surveys._counts import AnswerCounts

__all__ = ["RoundConvention", "SurveyRound"]


class RoundConvention(StrEnum):
    """To which period an answer belongs that comes later than its invitation.

    Attributes:
        BY_INVITATION: To the period of its invitation, whenever it comes. Only so is there a response rate.
        BY_ANSWER: To the period in which it comes, whenever the customer was invited.
    """

    BY_INVITATION = "by_invitation"
    BY_ANSWER = "by_answer"


@attrs.frozen(kw_only=True)
class SurveyRound(AnswerCounts):
    """Number of invitations and answers of a round. Records of disjoint customers in one period can be added.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import Invitation, Nps, Period, Question, Response, Scale, SurveyRound, instant
        >>> friend = Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10)
        >>> invitations = [
        ...     Invitation(survey_id="q1", at=instant("2026-01-10"), customer_id=name)
        ...     for name in ("anna", "ben", "zoe")
        ... ]
        >>> responses = [
        ...     Response(survey_id="q1", at=instant(day), answers=[("nps", 9)], customer_id=name)
        ...     for name, day in [("anna", "2026-01-12"), ("ben", "2026-02-20")]
        ... ]
        >>> january = SurveyRound.of_round(
        ...     invitations,
        ...     responses,
        ...     friend,
        ...     period=Period.month(2026, 1),
        ...     as_of=instant("2026-03-01"),
        ...     open_for=timedelta(days=14),
        ... )
        >>> january.invited, january.in_time, january.late, january.open, january.silent
        (3, 1, 1, 0, 1)
        >>> Nps.of_counts(january).score
        Decimal('100')

    Late answers are counted, but not scored.

    Attributes:
        scale: The scale of the answers, with numbers.
        counts: The number of answers in time at each step, from the lowest to the highest.
        unanswered: The number of responses in time that leave the question out.
        not_applicable: The number of responses in time that mark it as not applicable.
        invited: The number of invitations of the round; by answer, the number of its responses.
        in_time: The number of responses in time.
        late: The number of responses that came too late.
        open: The number of invitations that may still be answered in time.
        unmatched: The number of responses in the period that belong to no invitation: of unknown or uninvited
            customers, or a second response to one invitation.
        period: The period of the invitations or, by answer, of the responses.
        convention: To which period an answer belongs.
        as_of: The reference date. What is later has not happened yet.
        open_for: The time in which an answer is in time, in elapsed hours; None for no limit.

    Raises:
        InconsistentCountsError: There are not as many counts as the scale has steps.
    """

    ratios = ("answered", "score", "silent", "response_rate")

    invited: int = 0
    in_time: int = 0
    late: int = 0
    open: int = 0
    unmatched: int = 0
    period: Period | None = attrs.field(default=None, metadata=POLICY)
    convention: RoundConvention = attrs.field(default=RoundConvention.BY_INVITATION, metadata=POLICY)
    as_of: datetime | None = attrs.field(default=None, eq=by_utc, metadata=POLICY)
    open_for: timedelta | None = attrs.field(default=None, metadata=POLICY)

    @classmethod
    def of_round(
        cls,
        invitations: Iterable[Invitation],
        responses: Iterable[Response],
        question: Question,
        /,
        *,
        period: Period,
        as_of: datetime,
        open_for: timedelta | None = None,
        convention: RoundConvention = RoundConvention.BY_INVITATION,
    ) -> Self:
        """Match responses with invitations, and count those of a period.

        A response belongs to the last invitation of the same customer to the same survey that is not after it. Records
        that have an id count once.

        Args:
            invitations: The invitations, in any order, also of other periods.
            responses: The responses, in any order, also of other periods.
            question: The question whose answers are counted.
            period: The period, half-open.
            as_of: The reference date. What is later has not happened yet.
            open_for: The time in which an answer is in time, in elapsed hours; an answer after exactly this time is.
            convention: To which period an answer belongs.

        Raises:
            InvalidValueError: An answer is not on the scale of the question.
        """
        checks.as_instance(question, Question, "question")
        checks.as_instance(period, Period, "period")
        now = in_utc(checks.as_instant(as_of, "as_of"))
        limit = None if open_for is None else checks.as_duration(open_for, "open_for")
        by_answer = checks.as_member(convention, RoundConvention, "convention") is RoundConvention.BY_ANSWER
        asked = [one for one in iterate_once(invitations, Invitation, "invitations") if in_utc(one.at) <= now]
        given = [one for one in iterate_once(responses, Response, "responses") if in_utc(one.at) <= now]
        first, unmatched = _match(asked, given)
        counted = {"unmatched": sum(one.at in period for one in unmatched)}
        scored: list[Response] = []
        if by_answer:
            scored += [one for one in given if one.at in period]
            counted |= {"invited": len(scored), "in_time": len(scored)}
        else:
            counted |= {"invited": 0, "late": 0, "open": 0}
            for invitation, response in zip(asked, first, strict=True):
                if invitation.at not in period:
                    continue
                counted["invited"] += 1
                waited = elapsed(in_utc(invitation.at), now if response is None else in_utc(response.at))
                if limit is not None and waited > limit:
                    counted["late"] += response is not None
                elif response is None:
                    counted["open"] += 1
                else:
                    scored.append(response)
            counted["in_time"] = len(scored)
        steps = count_responses(scored, question)
        return cls(
            scale=question.scale,
            counts=steps.steps,
            unanswered=steps.unanswered,
            not_applicable=steps.not_applicable,
            period=period,
            convention=convention,
            as_of=as_of,
            open_for=open_for,
            **counted,
        )

    @property
    def silent(self) -> int:
        """The number of invitations that were not answered and no longer can be in time."""
        return self.invited - self.in_time - self.late - self.open

    @property
    def response_rate(self) -> Decimal | None:
        """The answers in time over the invitations; None by answer, or if there are no invitations.

        Invitations that are still open are in the denominator, so the rate may yet rise.
        """
        by_answer = self.convention is RoundConvention.BY_ANSWER
        return None if by_answer else ratio(self.in_time, self.invited)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read it: open invitations, and responses without an invitation."""
        found: list[Finding] = []
        if self.open:
            found.append(
                Finding(
                    rule="round_still_open",
                    severity=Severity.INFO,
                    subject="invitations",
                    message=f"{self.open} of {self.invited} invitations may still be answered in time",
                    advice="count again when the round is over",
                    evidence=[("open", self.open)],
                )
            )
        if self.unmatched and self.convention is RoundConvention.BY_INVITATION:
            found.append(
                Finding(
                    rule="responses_without_invitation",
                    severity=Severity.WARNING,
                    subject="responses",
                    message=f"{self.unmatched} responses in the period belong to no invitation, and are not counted",
                    advice="count anonymous responses by answer",
                    evidence=[("responses", self.unmatched)],
                )
            )
        return (*found, *AnswerCounts.cautions.__get__(self))

    def explain(self) -> Explanation:
        """Return how the response rate comes about, line by line."""
        names = ("invited", "in_time", "late", "open")
        rate = self.response_rate
        return Explanation(
            (
                *(term(name, getattr(self, name)) for name in names),
                term("silent", self.silent, "", "invited - in_time - late - open"),
                *([] if rate is None else [term("response_rate", rate, "", "in_time / invited")]),
                *(line for line in AnswerCounts.explain(self)),
            ),
            cautions=self.cautions,
        )


def _match(invitations: list[Invitation], responses: list[Response]) -> tuple[list[Response | None], list[Response]]:
    """Return the first response to each invitation, and the responses that belong to none."""
    places: defaultdict[tuple[Id, Id], list[tuple[datetime, int]]] = defaultdict(list)
    for place, invitation in enumerate(invitations):
        if invitation.customer_id is not None:
            places[invitation.customer_id, invitation.survey_id].append((in_utc(invitation.at), place))
    for row in places.values():
        row.sort()
    first: list[Response | None] = [None] * len(invitations)
    unmatched: list[Response] = []
    for response in sorted(responses, key=lambda one: in_utc(one.at)):
        row = [] if response.customer_id is None else places.get((response.customer_id, response.survey_id), [])
        number = bisect_right(row, in_utc(response.at), key=lambda entry: entry[0])
        if not number or first[row[number - 1][1]] is not None:
            unmatched.append(response)
        else:
            first[row[number - 1][1]] = response
    return first, unmatched
