"""Which ideas customers want, and which of their causes are new."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self, TypeVar

import attrs

from crmcore.model.feedback import Feedback, Vote, VoteChoice
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.record import Name, at_least, several
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["IdeaVotes", "NewCauses", "RankedIdea", "new_causes", "rank_ideas"]

_I = TypeVar("_I", bound=Id)


@attrs.frozen(kw_only=True)
class IdeaVotes(Tally):
    """Number of votes on ideas, each voter's last word. Records of disjoint voters can be added.

    Examples:
        >>> from crmcore import IdeaVotes
        >>> IdeaVotes(votes_for=20, votes_against=5).rate, IdeaVotes().rate
        (Decimal('0.8'), None)

    Records of disjoint ideas can be added too.

    Attributes:
        votes_for: The votes in favour.
        votes_against: The votes against.
        anonymous: How many of these votes are of unknown voters, each of whom counts as another one.

    Raises:
        InconsistentCountsError: More votes are anonymous than there are.
    """

    ratios = ("votes", "rate")

    votes_for: int = 0
    votes_against: int = 0
    anonymous: int = 0

    def _check(self) -> None:
        super()._check()
        if self.anonymous > self.votes:
            raise InconsistentCountsError(
                "more_anonymous_than_votes",
                f"anonymous must be at most the number of votes, got {self.anonymous} of {self.votes}",
                field="anonymous",
                operands=(self.anonymous, self.votes),
            )

    @classmethod
    def of(
        cls,
        votes: Iterable[Vote],
        /,
        *,
        merged: Mapping[_I, Id] | None = None,
        as_of: datetime | None = None,
    ) -> Self:
        """Count votes: the last word of each voter on each idea. A withdrawn vote counts for nothing.

        Examples:
            >>> from crmcore import IdeaVotes, Vote, VoteChoice, instant
            >>> votes = [
            ...     Vote(idea_id="dark", voter_id="ann", at=instant("2026-03-02"), choice=VoteChoice.AGAINST),
            ...     Vote(idea_id="dark", voter_id="ann", at=instant("2026-03-05"), choice=VoteChoice.FOR),
            ... ]
            >>> IdeaVotes.of(votes)
            IdeaVotes(votes_for=1, votes_against=0, anonymous=0)

        Args:
            votes: The votes, in any order. Of two votes at one instant, the one that is given last came last.
            merged: The original of each duplicate. A vote on the duplicate is one on the original, and a voter on both
                counts once, by their last word on either. None merges nothing.
            as_of: The reference date; later votes are left out. None counts all.
        """
        return cls.total(cls.by_idea(votes, merged=merged, as_of=as_of).values())

    @classmethod
    def by_idea(
        cls,
        votes: Iterable[Vote],
        /,
        *,
        merged: Mapping[_I, Id] | None = None,
        as_of: datetime | None = None,
    ) -> TallyBy[Id, Self]:
        """Count the votes on each idea. An idea whose votes are all withdrawn has a row of zeros.

        Examples:
            >>> from crmcore import IdeaVotes, Vote, VoteChoice, instant
            >>> day = instant("2026-03-02")
            >>> votes = [
            ...     Vote(idea_id=idea, voter_id=voter, at=day, choice=VoteChoice.FOR)
            ...     for idea, voter in [("dark", "ann"), ("night", "ann"), ("night", "bob")]
            ... ]
            >>> found = IdeaVotes.by_idea(votes, merged={"night": "dark"})
            >>> {idea: row.votes_for for idea, row in found.items()}
            {'dark': 2}

        Args:
            votes: The votes, in any order. Of two votes at one instant, the one that is given last came last.
            merged: The original of each duplicate, which may itself be a duplicate of another idea. An idea
                without votes changes nothing.
            as_of: The reference date; later votes are left out. None counts all.

        Raises:
            InvalidValueError: Ideas in `merged` are duplicates of one another in a circle.
        """
        originals: dict[Id, Id] = {} if merged is None else _find_originals(merged)
        reference = None if as_of is None else in_utc(checks.as_instant(as_of, "as_of"))
        last: dict[Id, dict[Id | tuple[int], tuple[datetime, VoteChoice]]] = {}
        for place, vote in enumerate(iterate_once(votes, Vote, "votes")):
            at = in_utc(vote.at)
            if reference is not None and at > reference:
                continue
            words = last.setdefault(originals.get(vote.idea_id, vote.idea_id), {})
            voter = (place,) if vote.voter_id is None else vote.voter_id
            if voter not in words or words[voter][0] <= at:
                words[voter] = at, vote.choice
        return TallyBy({idea: cls._count(words) for idea, words in last.items()})

    @classmethod
    def _count(cls, words: Mapping[Id | tuple[int], tuple[datetime, VoteChoice]]) -> Self:
        """Count the last words of the voters; the key of an unknown voter is a tuple."""
        choices = [choice for _, choice in words.values()]
        return cls(
            votes_for=choices.count(VoteChoice.FOR),
            votes_against=choices.count(VoteChoice.AGAINST),
            anonymous=sum(
                isinstance(voter, tuple) and choice is not VoteChoice.WITHDRAWN for voter, (_, choice) in words.items()
            ),
        )

    @property
    def votes(self) -> int:
        """The number of votes, ``votes_for + votes_against``."""
        return self.votes_for + self.votes_against

    @property
    def rate(self) -> Decimal | None:
        """The share of the votes in favour, to 34 digits; None without votes."""
        return ratio(self.votes_for, self.votes)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None without votes."""
        return wilson(self.votes_for, self.votes, confidence=confidence)

    def explain(self) -> Explanation:
        """Return how the rate comes about, line by line."""
        return Explanation(
            (
                term("votes_for", self.votes_for, "votes"),
                term("votes_against", self.votes_against, "votes"),
                term("anonymous", self.anonymous, "votes"),
                term("votes", self.votes, "votes", "votes_for + votes_against"),
                term("rate", self.rate, "", "votes_for / votes"),
            )
        )


def _find_originals(merged: Mapping[_I, Id]) -> dict[Id, Id]:
    """Return the last original of each duplicate."""
    checks.check_mapping(merged, "merged", "the original of each duplicate")
    steps = {as_id(one, "merged"): as_id(other, "merged") for one, other in merged.items()}
    originals: dict[Id, Id] = {}
    for duplicate in steps:
        found, path = duplicate, dict[Id, None]()
        while found in steps and found not in originals:
            if found in path:
                raise InvalidValueError(
                    "merged_in_a_circle",
                    f"merged must lead to an original, but {show(duplicate)} leads to itself or to a circle",
                    field="merged",
                    operands=(duplicate,),
                    record=duplicate,
                )
            path[found] = None
            found = steps[found]
        originals.update(dict.fromkeys(path, originals.get(found, found)))  # path compression: linear in the merges
    return originals


@attrs.frozen(kw_only=True)
class RankedIdea(Result):
    """The place of an idea among others by its votes.

    Examples:
        >>> from crmcore.voice.handling import RankedIdea
        >>> idea = RankedIdea(idea_id="dark mode", rank=1, votes_for=9, votes_against=1)
        >>> idea.votes, idea.lower_bound
        (10, None)

    Attributes:
        idea_id: The id of the idea.
        rank: Its place, from 1 on. Tied ideas have the same, and the next places are then left out.
        votes_for: The votes in favour.
        votes_against: The votes against.
        interval: The Wilson score interval of the share in favour; None without votes.
        is_tied: Whether another idea has the same rank.
    """

    ratios = ("votes", "lower_bound")

    idea_id: Id
    rank: Annotated[int, at_least(1)]
    votes_for: int = 0
    votes_against: int = 0
    interval: Interval | None = None
    is_tied: bool = False

    @property
    def votes(self) -> int:
        """The number of votes, ``votes_for + votes_against``."""
        return self.votes_for + self.votes_against

    @property
    def lower_bound(self) -> float | None:
        """The lower bound of the share in favour, by which ideas rank; None without votes."""
        return None if self.interval is None else self.interval.low


def rank_ideas(ideas: Mapping[_I, IdeaVotes], /, *, confidence: float = 0.95) -> tuple[RankedIdea, ...]:
    """Rank ideas by the lower bound of the Wilson interval of their share in favour, the best first.

    A single vote in favour does not lead: its share is 1, but its lower bound is 0.21. Equal bounds rank by the votes
    in favour. Ideas that are equal in both are tied, and stand in the order of the text of their ids, which ranks
    nothing. Ideas without votes come last.

    Examples:
        >>> from crmcore import IdeaVotes, handling
        >>> ideas = {"newcomer": IdeaVotes(votes_for=1), "loved": IdeaVotes(votes_for=60, votes_against=5)}
        >>> [(idea.idea_id, round(idea.lower_bound, 2)) for idea in handling.rank_ideas(ideas)]
        [('loved', 0.83), ('newcomer', 0.21)]

    Args:
        ideas: The votes of each idea, such as those of `IdeaVotes.by_idea`.
        confidence: The confidence of the two-sided interval.

    Source: Wilson 1927, Journal of the American Statistical Association 22:209-212; Miller 2009, How Not To Sort By
    Average Rating.
    """
    checks.check_mapping(ideas, "ideas", "the votes of each idea")
    level = checks.as_confidence(confidence)
    rows: list[tuple[tuple[float, int], str, Id, IdeaVotes, Interval | None]] = []
    for given, value in ideas.items():
        idea, votes = as_id(given, "ideas"), checks.as_instance(value, IdeaVotes, "ideas")
        bounds = votes.interval(confidence=level)
        score = 1.0 if bounds is None else -bounds.low, -votes.votes_for
        rows.append((score, str(idea), idea, votes, bounds))
    rows.sort(key=lambda row: row[:2])
    first: dict[tuple[float, int], int] = {}
    for place, row in enumerate(rows, 1):
        first.setdefault(row[0], place)
    sizes = Counter(row[0] for row in rows)
    return tuple(
        RankedIdea(
            idea_id=idea,
            rank=first[score],
            votes_for=votes.votes_for,
            votes_against=votes.votes_against,
            interval=bounds,
            is_tied=sizes[score] > 1,
        )
        for score, _, idea, votes, bounds in rows
    )


@attrs.frozen(kw_only=True)
class NewCauses(Result):
    """The causes that occurred in a period, and which of them for the first time. They do not add.

    Examples:
        >>> from crmcore import Period
        >>> from crmcore.voice.handling import NewCauses
        >>> NewCauses(period=Period.month(2026, 3), new=["delivery"], known=4).number
        1

    Attributes:
        period: The period.
        new: The causes that were not reported before, in the order in which they came.
        known: The number of the other causes in the period.
    """

    ratios = ("number",)

    period: Period
    new: tuple[Name, ...] = attrs.field(default=(), converter=several)
    known: int = 0

    @property
    def number(self) -> int:
        """The number of new causes."""
        return len(self.new)


def new_causes(
    feedback: Iterable[Feedback], periods: Iterable[Period], /, *, known: Iterable[str] = ()
) -> tuple[NewCauses, ...]:
    """Find the causes that are reported in each period for the first time: the pain points that you did not know.

    Examples:
        >>> from crmcore import Feedback, FeedbackKind, Period, TimeUnit, handling, instant
        >>> reports = [
        ...     Feedback(kind=FeedbackKind.PROBLEM, received_at=instant(day), cause=cause)
        ...     for day, cause in [("2026-01-20", "login"), ("2026-02-03", "login"), ("2026-02-09", "price")]
        ... ]
        >>> months = Period.quarter(2026, 1).split(TimeUnit.MONTH)
        >>> [(found.new, found.known) for found in handling.new_causes(reports, months)]
        [(('login',), 0), (('price',), 1), ((), 0)]

    Args:
        feedback: The feedback, in any order, from the beginning: what came before the periods is no longer new in
            them. Feedback without a cause is left out.
        periods: The periods, in any order.
        known: Causes that are known anyway.
    """
    wanted = checks.as_tuple(periods, Period, "periods")
    old = {checks.as_nonempty_text(cause, "known") for cause in checks.iterate(known, "known", "cause")}
    cases = [(in_utc(case.received_at), case.cause) for case in iterate_once(feedback, Feedback, "feedback")]
    found = sorted((at, cause) for at, cause in cases if cause.strip())
    instants, first = [at for at, _ in found], dict[str, datetime]()
    for at, cause in found:
        first.setdefault(cause, at)
    results: list[NewCauses] = []
    for period in wanted:
        start, end = (bisect_left(instants, in_utc(bound)) for bound in (period.start, period.end))
        seen = dict.fromkeys(cause for _, cause in found[start:end])
        new = [cause for cause in seen if first[cause] in period and cause not in old]
        results.append(NewCauses(period=period, new=new, known=len(seen) - len(new)))
    return tuple(results)
