"""Reviews in public: how many have an answer, how they rate, and how much of the negative is public."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Self, TypeVar

import attrs

from crmcore.model.feedback import Feedback
from crmcore.model.survey import Scale
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import EXACT, ZERO, plain_repr, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import group_by, iterate_once
from crmcore.primitives.opening_hours import OpeningHours
from crmcore.primitives.periods import in_utc
from crmcore.primitives.proportions import Interval, TwoProportions, two_proportions, wilson
from crmcore.primitives.record import EXACT as EXACT_NUMBER, NON_NEGATIVE, SUM, Name, number
from crmcore.primitives.tally import POLICY, Tally, TallyBy
from crmcore.voice.handling._cases import as_hours
from crmcore.voice.handling._waits import first_response

__all__ = ["PROSERPIO_ZERVAS_2017", "LeakChange", "LeakShare", "ReviewEffect", "Reviews"]

_K = TypeVar("_K", bound=Hashable)


@attrs.frozen(kw_only=True)
class Reviews(Tally):
    """Number of reviews with and without an answer, and their ratings. Records of disjoint reviews can be added.

    Examples:
        >>> from crmcore import Reviews, Scale
        >>> march = Reviews(answered=60, unanswered=20, rated=2, rating_sum=9, scale=Scale.RATING_1_5)
        >>> march.rate, march.mean_rating
        (Decimal('0.75'), Decimal('4.5'))

    Attributes:
        answered: The reviews with an answer.
        unanswered: The reviews without one.
        answer_seconds: The time to the answer, added up over the answered reviews.
        rated: The reviews with a rating on the scale.
        rating_sum: The sum of these ratings.
        scale: The scale of the ratings; None if they were not read.

    Raises:
        InconsistentCountsError: More reviews are rated than there are.
    """

    ratios = ("reviews", "rate", "mean_answer_hours", "mean_rating")

    answered: int = 0
    unanswered: int = 0
    answer_seconds: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ZERO, converter=number, repr=plain_repr)
    rated: int = 0
    rating_sum: Annotated[Decimal, SUM] = attrs.field(default=ZERO, converter=number, repr=plain_repr)
    scale: Scale | None = attrs.field(default=None, metadata=POLICY)

    def _check(self) -> None:
        super()._check()
        if self.rated > self.reviews:
            raise InconsistentCountsError(
                "more_rated_than_reviews",
                f"rated must be at most the number of reviews, got {self.rated} of {self.reviews}",
                field="rated",
                operands=(self.rated, self.reviews),
            )

    @classmethod
    def of(
        cls,
        feedback: Iterable[Feedback],
        /,
        *,
        as_of: datetime,
        scale: Scale | None = None,
        hours: OpeningHours | None = None,
        count_bots: bool = False,
    ) -> Self:
        """Count reviews or comments, in a single pass. Feedback that has an id counts once.

        Examples:
            >>> from crmcore import Feedback, FeedbackKind, Reviews, Scale, instant
            >>> review = Feedback(
            ...     kind=FeedbackKind.REVIEW, received_at=instant("2026-03-02"), rating=4, scale=Scale.RATING_1_5
            ... )
            >>> answered = review.answered(instant("2026-03-03"))
            >>> found = Reviews.of([review, answered], as_of=instant("2026-03-31"), scale=Scale.RATING_1_5)
            >>> found.rate, found.mean_answer_hours, found.mean_rating
            (Decimal('0.5'), Decimal('24'), Decimal('4'))

        Args:
            feedback: The reviews, in any order. What was received after `as_of` is left out.
            as_of: The reference date; what happened later has not happened yet.
            scale: The scale on which ratings are read; None reads none.
            hours: The opening hours in which the time to answer counts; all hours if there are none.
            count_bots: Whether a message of a bot is an answer.

        Raises:
            InvalidValueError: A rating is on another scale.
        """
        reference = in_utc(checks.as_instant(as_of, "as_of"))
        calendar, wanted = as_hours(hours), None if scale is None else checks.as_instance(scale, Scale, "scale")
        answered = unanswered = microseconds = 0
        ratings: list[Decimal] = []
        for case in iterate_once(feedback, Feedback, "feedback"):
            if in_utc(case.received_at) > reference:
                continue
            wait = first_response(case, as_of=reference, hours=calendar, count_bots=count_bots)
            if wait.ended:
                answered += 1
                microseconds += _clock.microseconds(wait.length)
            else:
                unanswered += 1
            if case.rating is not None and wanted is not None:
                if case.scale != wanted:
                    raise _build_other_scale(case)
                ratings.append(case.rating)
        total = ZERO
        for rating in ratings:
            total = EXACT.add(total, rating)
        return cls(
            answered=answered,
            unanswered=unanswered,
            answer_seconds=_clock.seconds(microseconds),
            rated=len(ratings),
            rating_sum=total,
            scale=wanted,
        )

    @classmethod
    def by(
        cls,
        feedback: Iterable[Feedback],
        key: Callable[[Feedback], _K],
        /,
        *,
        as_of: datetime,
        scale: Scale | None = None,
        hours: OpeningHours | None = None,
        count_bots: bool = False,
    ) -> TallyBy[_K, Self]:
        """Count reviews for each value of a key, such as the month, which shows their trend.

        Examples:
            >>> from crmcore import Feedback, FeedbackKind, Reviews, instant
            >>> reviews = [
            ...     Feedback(kind=FeedbackKind.REVIEW, received_at=instant(day)) for day in ("2026-02-01", "2026-03-01")
            ... ]
            >>> found = Reviews.by(
            ...     reviews, lambda review: review.received_at.isoformat()[:7], as_of=instant("2026-04-01")
            ... )
            >>> {month: row.unanswered for month, row in found.items()}
            {'2026-02': 1, '2026-03': 1}

        Args:
            feedback: The reviews, in any order. What was received after `as_of` is left out.
            key: Returns the key of a review.
            as_of: The reference date; what happened later has not happened yet.
            scale: The scale on which ratings are read; None reads none.
            hours: The opening hours in which the time to answer counts; all hours if there are none.
            count_bots: Whether a message of a bot is an answer.
        """
        groups = group_by(feedback, key, Feedback, "feedback", "lambda feedback: feedback.channel")
        return TallyBy(
            {
                group: cls.of(members, as_of=as_of, scale=scale, hours=hours, count_bots=count_bots)
                for group, members in groups.items()
            }
        )

    @property
    def reviews(self) -> int:
        """The number of reviews, ``answered + unanswered``."""
        return self.answered + self.unanswered

    @property
    def rate(self) -> Decimal | None:
        """The response rate, ``answered / reviews``, to 34 digits; None without reviews."""
        return ratio(self.answered, self.reviews)

    @property
    def mean_answer_hours(self) -> Decimal | None:
        """The mean time to the answer of the answered reviews, to 34 digits; None if none is answered.

        `first_response` and `summary` return the median.
        """
        return ratio(self.answer_seconds, 3_600 * self.answered)

    @property
    def mean_rating(self) -> Decimal | None:
        """The mean rating, ``rating_sum / rated``, to 34 digits; None if none is rated."""
        return ratio(self.rating_sum, self.rated)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the response rate, or None without reviews."""
        return wilson(self.answered, self.reviews, confidence=confidence)

    def explain(self) -> Explanation:
        """Return how the rates come about, line by line."""
        return Explanation(
            (
                term("answered", self.answered, "reviews"),
                term("unanswered", self.unanswered, "reviews"),
                term("answer_seconds", self.answer_seconds, "seconds"),
                term("rated", self.rated, "reviews"),
                term("rating_sum", self.rating_sum, "points"),
                term("reviews", self.reviews, "reviews", "answered + unanswered"),
                term("rate", self.rate, "", "answered / reviews"),
                term("mean_answer_hours", self.mean_answer_hours, "hours", "answer_seconds / (3600 * answered)"),
                term("mean_rating", self.mean_rating, "points", "rating_sum / rated"),
            )
        )


def _build_other_scale(case: Feedback) -> InvalidValueError:
    return InvalidValueError(
        "rating_on_another_scale",
        "feedback must have all ratings on the scale that is counted",
        field="feedback",
        advice="count the ratings of each scale apart",
        record=case.id,
    )


@attrs.frozen(kw_only=True)
class LeakShare(Tally):
    """Number of negative pieces of feedback, public and internal. Records of disjoint feedback can be added.

    Examples:
        >>> from crmcore import LeakShare
        >>> LeakShare(public=15, internal=85).rate
        Decimal('0.15')

    Customers who complain to the company give it a chance to help before others read it. Read the share with its
    counts: fewer complaints to the company raise it, although no more is public.

    Attributes:
        public: Negative feedback that others can read.
        internal: Negative feedback that only the company can read.
        unknown: Negative feedback of which it is not known who can read it.
        unjudged: Feedback of which it is not known whether it is negative.
    """

    ratios = ("negative", "rate")

    public: int = 0
    internal: int = 0
    unknown: int = 0
    unjudged: int = 0

    @classmethod
    def of(cls, feedback: Iterable[Feedback], /) -> Self:
        """Count negative feedback by who can read it, in a single pass. Feedback that has an id counts once.

        Examples:
            >>> from crmcore import Channel, Feedback, FeedbackKind, LeakShare, instant
            >>> complaints = [
            ...     Feedback(kind=FeedbackKind.COMPLAINT, received_at=instant("2026-03-02"), channel=channel)
            ...     for channel in (Channel.PHONE, Channel.EMAIL, Channel.REVIEW_SITE, None)
            ... ]
            >>> LeakShare.of(complaints)
            LeakShare(public=1, internal=2, unknown=1, unjudged=0)

        Args:
            feedback: The feedback, in any order; what is not negative is left out.
        """
        counts: dict[bool | None, int] = {True: 0, False: 0, None: 0}
        unjudged = 0
        for case in iterate_once(feedback, Feedback, "feedback"):
            if case.is_negative:
                counts[case.is_public] += 1
            else:
                unjudged += case.is_negative is None
        return cls(public=counts[True], internal=counts[False], unknown=counts[None], unjudged=unjudged)

    @classmethod
    def by(cls, feedback: Iterable[Feedback], key: Callable[[Feedback], _K], /) -> TallyBy[_K, Self]:
        """Count negative feedback for each value of a key, such as the month, which shows the trend.

        Examples:
            >>> from crmcore import Channel, Feedback, FeedbackKind, LeakShare, instant
            >>> complaints = [
            ...     Feedback(kind=FeedbackKind.COMPLAINT, received_at=instant(day), channel=channel)
            ...     for day, channel in [("2026-02-01", Channel.PHONE), ("2026-03-01", Channel.FORUM)]
            ... ]
            >>> found = LeakShare.by(complaints, lambda complaint: complaint.received_at.isoformat()[:7])
            >>> {month: (row.public, row.internal) for month, row in found.items()}
            {'2026-02': (0, 1), '2026-03': (1, 0)}

        Args:
            feedback: The feedback, in any order; what is not negative is left out.
            key: Returns the key of a piece of feedback.
        """
        groups = group_by(feedback, key, Feedback, "feedback", "lambda feedback: feedback.category")
        return TallyBy({group: cls.of(members) for group, members in groups.items()})

    @property
    def negative(self) -> int:
        """The negative feedback of which it is known who can read it, ``public + internal``."""
        return self.public + self.internal

    @property
    def rate(self) -> Decimal | None:
        """The leak share, ``public / negative``, to 34 digits; None if there is no negative feedback."""
        return ratio(self.public, self.negative)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the leak share, or None if there is no negative feedback."""
        return wilson(self.public, self.negative, confidence=confidence)

    def compared_to(self, earlier: "LeakShare", /) -> "LeakChange":
        """Return the change since an earlier period, with the counts that made it.

        Examples:
            >>> from crmcore import LeakShare
            >>> change = LeakShare(public=15, internal=45).compared_to(LeakShare(public=15, internal=85))
            >>> change.difference, [caution.rule for caution in change.cautions]
            (Decimal('0.1'), ['leaks_no_more_in_public'])

        Args:
            earlier: The counts of the earlier period.
        """
        return LeakChange(before=checks.as_instance(earlier, LeakShare, "earlier"), after=self)

    def explain(self) -> Explanation:
        """Return how the share comes about, line by line."""
        return Explanation(
            (
                term("public", self.public, "pieces of feedback"),
                term("internal", self.internal, "pieces of feedback"),
                term("unknown", self.unknown, "pieces of feedback"),
                term("unjudged", self.unjudged, "pieces of feedback"),
                term("negative", self.negative, "pieces of feedback", "public + internal"),
                term("rate", self.rate, "", "public / negative"),
            )
        )


@attrs.frozen(kw_only=True)
class LeakChange(Result):
    """How the leak share changed from one period to another.

    Examples:
        >>> from crmcore import LeakShare
        >>> change = LeakShare(public=30, internal=70).compared_to(LeakShare(public=15, internal=85))
        >>> change.row()
        {'public_change': 15, 'internal_change': -15, 'difference': Decimal('0.15')}

    Attributes:
        before: The counts of the earlier period.
        after: The counts of the later period.
    """

    ratios = ("public_change", "internal_change", "difference")

    before: LeakShare
    after: LeakShare

    @property
    def public_change(self) -> int:
        """How many more pieces of negative feedback are public; below 0 if they are fewer."""
        return self.after.public - self.before.public

    @property
    def internal_change(self) -> int:
        """How many more pieces of negative feedback went to the company alone; below 0 if they are fewer."""
        return self.after.internal - self.before.internal

    @property
    def difference(self) -> Decimal | None:
        """The later share minus the earlier one, to 34 digits; None if one of them is None."""
        found = self.proportions
        return None if found is None else found.difference

    @property
    def proportions(self) -> TwoProportions | None:
        """The two shares with their test and the interval of their difference; None if one of the shares is None."""
        return two_proportions((self.before.public, self.before.negative), (self.after.public, self.after.negative))

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """A caution if the share rose and no more is public, or if it fell and no less is."""
        change = self.difference
        if change is None or not change or ((self.public_change > 0) == (change > 0) and self.public_change):
            return ()
        return (_warn_of_internal(self, "rose" if change > 0 else "fell", "more" if change > 0 else "less"),)


def _warn_of_internal(change: LeakChange, moved: str, amount: str) -> Finding:
    return Finding(
        rule="leaks_no_more_in_public" if amount == "more" else "leaks_no_less_in_public",
        severity=Severity.WARNING,
        subject="leak share",
        message=f"the share {moved}, but no {amount} negative feedback is public: the internal feedback changed",
        advice="read the counts; ask whether customers complain to you as easily as before",
        evidence=[("public_change", change.public_change), ("internal_change", change.internal_change)],
    )


@attrs.frozen(kw_only=True)
class ReviewEffect(Result):
    """What a study found after companies began to answer their reviews.

    Examples:
        >>> from crmcore.voice.handling import PROSERPIO_ZERVAS_2017
        >>> PROSERPIO_ZERVAS_2017.rating_change, PROSERPIO_ZERVAS_2017.volume_change
        (Decimal('0.12'), Decimal('0.12'))

    Attributes:
        source: The study.
        rating_change: The change of the mean rating, in stars of five.
        volume_change: The relative change of the number of reviews.
        setting: In which industry and how it was measured.
    """

    source: Name
    rating_change: Annotated[Decimal, EXACT_NUMBER] = attrs.field(converter=number, repr=plain_repr)
    volume_change: Annotated[Decimal, EXACT_NUMBER] = attrs.field(converter=number, repr=plain_repr)
    setting: str = ""


PROSERPIO_ZERVAS_2017: Final = ReviewEffect(
    source="Proserpio and Zervas 2017, Marketing Science 36:645-665",
    rating_change=Decimal("0.12"),
    volume_change=Decimal("0.12"),
    setting="hotels on one review site; negative reviews became fewer but longer",
)
"""The effect of answering reviews in one industry by one design. It is a reference, and no calculator uses it."""
