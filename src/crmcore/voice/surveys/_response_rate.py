"""How many of those who were invited answered, and what the others may have hidden."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Self, TypeVar

import attrs

from crmcore.model.survey import Invitation, InvitationOutcome
from crmcore.primitives import checks
from crmcore.primitives._decimals import DEEP, ONE, ZERO, plain_repr, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import KeyGuard, in_one_group, iterate_once
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.record import SUM, number
from crmcore.primitives.tally import Tally, TallyBy

__all__ = [
    "NonresponseBounds",
    "ResponseRate",
    "ResponseRateConvention",
    "eligibility",
    "nonresponse_bias",
    "nonresponse_bounds",
]

_K = TypeVar("_K", bound=Hashable)
_NAMES: Final = tuple(outcome.value for outcome in InvitationOutcome)


class ResponseRateConvention(StrEnum):
    """AAPOR's six response rates. The odd ones count complete answers, the even ones partial answers too.

    Attributes:
        RR1: Complete answers over all invitations: the lowest rate. The default.
        RR2: Complete and partial answers over all invitations.
        RR3: Complete answers; of the invitations with an unknown outcome, only the share `e` is in the denominator.
        RR4: Complete and partial answers, with `e`.
        RR5: Complete answers; invitations with an unknown outcome are left out: the highest rate.
        RR6: Complete and partial answers; invitations with an unknown outcome are left out.

    Source: AAPOR, Standard Definitions.
    """

    RR1 = "rr1"
    RR2 = "rr2"
    RR3 = "rr3"
    RR4 = "rr4"
    RR5 = "rr5"
    RR6 = "rr6"


_WITH_PARTIAL: Final = {ResponseRateConvention.RR2, ResponseRateConvention.RR4, ResponseRateConvention.RR6}
_WITH_E: Final = {ResponseRateConvention.RR3, ResponseRateConvention.RR4}
_WITHOUT_UNKNOWN: Final = {ResponseRateConvention.RR5, ResponseRateConvention.RR6}


@attrs.frozen(kw_only=True)
class ResponseRate(Tally):
    """Number of invitations by their outcome. Records of disjoint invitations can be added.

    Examples:
        >>> from crmcore import ResponseRate, ResponseRateConvention
        >>> asked = ResponseRate(complete=100, partial=10, refusal=40, non_contact=200, unknown=50)
        >>> asked.rate
        Decimal('0.25')
        >>> asked.rate_by(ResponseRateConvention.RR4, e="0.5")
        Decimal('0.2933333333333333333333333333333333')
        >>> print(asked.explain())
        complete      100  invitations
        partial        10  invitations
        refusal        40  invitations
        non_contact   200  invitations
        other           0  invitations
        unknown        50  invitations
        invited       400  invitations  = complete + partial + refusal + non_contact + other + unknown
        rate         0.25               = complete / invited

    Attributes:
        complete: The number of complete answers (I).
        partial: The number of partial answers (P).
        refusal: The number of customers who declined or broke off (R).
        non_contact: The number of customers who were never reached (NC).
        other: The number of customers who could not answer (O).
        unknown: The number of invitations with an unknown outcome (UH, UO).

    Source: AAPOR, Standard Definitions.
    """

    ratios = ("invited", "rate")

    complete: int = 0
    partial: int = 0
    refusal: int = 0
    non_contact: int = 0
    other: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, invitations: Iterable[Invitation], /) -> Self:
        """Count invitations by their outcome, in a single pass. An invitation that has an id counts once.

        Examples:
            >>> from crmcore import Invitation, InvitationOutcome, ResponseRate, instant
            >>> invitations = [
            ...     Invitation(survey_id="q1", at=instant("2026-03-02"), customer_id=n, outcome=outcome)
            ...     for n, outcome in enumerate([InvitationOutcome.COMPLETE, InvitationOutcome.UNKNOWN])
            ... ]
            >>> ResponseRate.of(invitations).rate
            Decimal('0.5')
        """
        return cls.by(invitations, in_one_group).get(None, cls())

    @classmethod
    def by(cls, invitations: Iterable[Invitation], key: Callable[[Invitation], _K], /) -> TallyBy[_K, Self]:
        """Count invitations by their outcome for each value of a key, such as the channel.

        Examples:
            >>> from crmcore import Channel, Invitation, InvitationOutcome, ResponseRate, instant
            >>> invitations = [
            ...     Invitation(survey_id="q1", at=instant("2026-03-02"), channel=channel, outcome=outcome)
            ...     for channel, outcome in [
            ...         (Channel.EMAIL, InvitationOutcome.COMPLETE),
            ...         (Channel.PHONE, InvitationOutcome.REFUSAL),
            ...     ]
            ... ]
            >>> rates = ResponseRate.by(invitations, lambda invitation: invitation.channel)
            >>> {channel.value: row.rate for channel, row in rates.items()}
            {'email': Decimal('1'), 'phone': Decimal('0')}

        Args:
            invitations: The invitations, in any order.
            key: Returns the key of an invitation.
        """
        checks.check_callable(key, "key", "lambda invitation: invitation.channel")
        rows: defaultdict[_K, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_NAMES, 0))
        guard = KeyGuard(rows)
        kind: type | None = None
        for invitation in iterate_once(invitations, Invitation, "invitations"):
            group = key(invitation)
            if type(group) is not kind:
                kind = guard.admit(group)
            rows[group][invitation.outcome.value] += 1
        return TallyBy({group: cls(**row) for group, row in rows.items()})

    @property
    def invited(self) -> int:
        """The number of invitations."""
        return self._known + self.unknown

    @property
    def _known(self) -> int:
        """The number of invitations whose customer is known to be one who should answer."""
        return self.complete + self.partial + self.refusal + self.non_contact + self.other

    @property
    def rate(self) -> Decimal | None:
        """The lowest response rate, RR1: complete answers over all invitations; None if there are no invitations."""
        return self.rate_by(ResponseRateConvention.RR1)

    def rate_by(
        self, convention: ResponseRateConvention, /, *, e: Decimal | int | str | float | None = None
    ) -> Decimal | None:
        """Return the response rate by a convention, or None if its denominator is 0.

        Args:
            convention: One of AAPOR's six rates.
            e: The share of the unknown outcomes that are estimated to be eligible, for RR3 and RR4; see `eligibility`.

        Raises:
            InvalidValueError: RR3 or RR4 without `e`, another rate with it, or `e` is not a share.
        """
        checks.as_member(convention, ResponseRateConvention, "convention")
        if (e is not None) is not (convention in _WITH_E):
            raise InvalidValueError(
                "eligible_share_needed",
                "e must be given for RR3 and RR4, and for no other rate",
                field="e",
                advice="estimate it with surveys.eligibility(...)",
            )
        share = ONE if e is None else checks.as_share(e, "e")
        unknown = ZERO if convention in _WITHOUT_UNKNOWN else DEEP.multiply(share, self.unknown)
        answered = self.complete + (self.partial if convention in _WITH_PARTIAL else 0)
        return ratio(answered, DEEP.add(self._known, unknown))

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None if there are no invitations.

        It says how far the rate would vary if other customers of the same kind were invited. What those who did not
        answer would have said is another question: see `nonresponse_bounds`.

        Source: Wilson 1927.
        """
        return wilson(self.complete, self.invited, confidence=confidence)

    def explain(self) -> Explanation:
        """Return how the rate comes about, line by line."""
        return Explanation(
            (
                *(term(name, getattr(self, name), "invitations") for name in _NAMES),
                term("invited", self.invited, "invitations", " + ".join(_NAMES)),
                term("rate", self.rate, "", "complete / invited"),
            )
        )


def eligibility(*, eligible: int, ineligible: int) -> Decimal | None:
    """Return the share `e` of customers who should answer, among those of whom it is known; None if it is of none.

    It assumes that those with an unknown outcome are like the others (proportional allocation).

    Examples:
        >>> from crmcore import surveys
        >>> surveys.eligibility(eligible=350, ineligible=50)
        Decimal('0.875')

    Args:
        eligible: The number of invited customers who should have been invited.
        ineligible: The number of those who should not, such as closed accounts.

    Source: AAPOR, Standard Definitions; CASRO 1982.
    """
    eligible = checks.as_count(eligible, "eligible")
    return ratio(eligible, eligible + checks.as_count(ineligible, "ineligible"))


@attrs.frozen(kw_only=True)
class NonresponseBounds(Result):
    """The lowest and the highest score that all invited customers can have, whatever the silent ones think.

    Examples:
        >>> from crmcore import surveys
        >>> bounds = surveys.nonresponse_bounds("0.8", response_rate="0.3")
        >>> bounds.low, bounds.high
        (Decimal('0.24'), Decimal('0.94'))

    Attributes:
        low: The score if all the others give the lowest answer.
        high: The score if all the others give the highest answer, not below `low`.
    """

    low: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)
    high: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)

    def _check(self) -> None:
        super()._check()
        if self.low > self.high:
            raise InvalidValueError(
                "low_above_high",
                f"low must be at most high, got {show(self.low)} and {show(self.high)}",
                field="low",
                operands=(self.low, self.high),
            )


def nonresponse_bounds(
    score: Decimal | int | str,
    /,
    *,
    response_rate: Decimal | int | str | float,
    lowest: Decimal | int | str = 0,
    highest: Decimal | int | str = 1,
) -> NonresponseBounds:
    """Return the bounds of the score of all invited customers, with no assumption about those who did not answer.

    ``response_rate * score + (1 - response_rate) * lowest``, and the same with `highest`. The bounds are wide. That is
    the truth about a survey that few answer.

    Examples:
        >>> from crmcore import surveys
        >>> bounds = surveys.nonresponse_bounds(30, response_rate="0.25", lowest=-100, highest=100)
        >>> int(bounds.low), int(bounds.high)
        (-67, 82)

    Args:
        score: The score of those who answered: a share, a mean, or a Net Promoter Score.
        response_rate: The share of the invited customers who answered.
        lowest: The lowest possible score: 0 for a share, -100 for a Net Promoter Score.
        highest: The highest possible score.

    Raises:
        InvalidValueError: The score is not between the lowest and the highest.

    Source: Manski 1989, Journal of Human Resources 24:343-360.
    """
    exact = checks.as_decimal(score, "score")
    low, high = checks.as_exact(lowest, "lowest"), checks.as_exact(highest, "highest")
    share = checks.as_share(response_rate, "response_rate")
    if not low <= exact <= high:
        raise InvalidValueError(
            "score_out_of_bounds",
            f"score must be from {show(low)} to {show(high)}, got {show(exact)}",
            field="score",
            advice="for a Net Promoter Score give lowest=-100 and highest=100",
            operands=(exact, low, high),
        )
    heard, silent = DEEP.multiply(share, exact), DEEP.subtract(ONE, share)
    return NonresponseBounds(
        low=DEEP.add(heard, DEEP.multiply(silent, low)), high=DEEP.add(heard, DEEP.multiply(silent, high))
    )


def nonresponse_bias(
    *,
    response_rate: Decimal | int | str | float,
    respondent_mean: Decimal | int | str,
    nonrespondent_mean: Decimal | int | str,
) -> Decimal:
    """Return how far the mean of those who answered lies above that of all, ``(1 - response_rate) * difference``.

    Examples:
        >>> from crmcore import surveys
        >>> surveys.nonresponse_bias(response_rate="0.3", respondent_mean="8.2", nonrespondent_mean="6.9")
        Decimal('0.91')

    Args:
        response_rate: The share of the invited customers who answered.
        respondent_mean: The mean of those who answered.
        nonrespondent_mean: The mean of those who did not, such as from a follow-up by phone.

    Source: Groves 2006, Public Opinion Quarterly 70:646-675.
    """
    share = checks.as_share(response_rate, "response_rate")
    difference = DEEP.subtract(
        checks.as_exact(respondent_mean, "respondent_mean"), checks.as_exact(nonrespondent_mean, "nonrespondent_mean")
    )
    return DEEP.multiply(DEEP.subtract(ONE, share), difference)
