"""How the levels of customers changed, and whether those who got a reply improved more often than the others."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar, Self

import attrs

from crmcore.model.feedback import Feedback
from crmcore.model.reading import LoyaltyLevel, Reading, SubjectKind
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.errors import UnknownNameError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import in_utc
from crmcore.primitives.proportions import Interval, TwoProportions, two_proportions, wilson
from crmcore.primitives.tally import Tally, TallyBy
from crmcore.voice.loyalty._levels import LEVELS, LevelRule, as_levels, as_rules
from crmcore.voice.loyalty._standing import RankedReadings

__all__ = ["LevelChange", "change_after_reply"]


@attrs.frozen(kw_only=True)
class LevelChange(Tally):
    """Number of customers whose level improved, stayed or became worse. Records of disjoint customers can be added.

    Examples:
        >>> from crmcore import LevelChange
        >>> replied = LevelChange(improved=24, same=10, worse=6)
        >>> silent = LevelChange(improved=9, same=15, worse=6)
        >>> shift = replied.compared_to(silent)
        >>> bounds = shift.interval()
        >>> replied.rate, silent.rate, shift.difference, round(bounds.low, 3), round(bounds.high, 3)
        (Decimal('0.6'), Decimal('0.3'), Decimal('0.3'), 0.064, 0.491)

    Attributes:
        improved: The customers whose later level is better.
        same: The customers whose later level is the same.
        worse: The customers whose later level is worse.
        unread: The customers without a level before or after; they are in no share.
    """

    ratios: ClassVar[tuple[str, ...]] = ("read", "rate", "worse_share", "unread_share")

    improved: int = 0
    same: int = 0
    worse: int = 0
    unread: int = 0

    @classmethod
    def of(cls, changes: Iterable[tuple[str | None, str | None]], /, *, levels: Iterable[str] = LEVELS) -> Self:
        """Count pairs of the level before and the level after, one pair for each customer.

        Examples:
            >>> from crmcore import LevelChange
            >>> counted = LevelChange.of([("aggrieved", "loyal"), ("loyal", "loyal"), ("satisfied", None)])
            >>> counted.improved, counted.same, counted.unread
            (1, 1, 1)

        Args:
            changes: The pairs; None for a level that is not known.
            levels: The levels, best first.

        Raises:
            UnknownNameError: A level is not one of the levels.
        """
        names = as_levels(levels)
        ranks: dict[str | None, int | None] = {None: None, **{level: place for place, level in enumerate(names)}}
        found: list[tuple[int | None, int | None]] = []
        for place, pair in enumerate(checks.iterate(changes, "changes", "pair")):
            before, after = checks.as_pair(pair, f"changes[{place}]", "a level before and a level after")
            found.append((_find_rank(before, ranks, place), _find_rank(after, ranks, place)))
        return cls._count(found)

    @classmethod
    def _count(cls, ranks: Iterable[tuple[int | None, int | None]]) -> Self:
        improved = same = worse = unread = 0
        for before, after in ranks:
            if before is None or after is None:
                unread += 1
            elif after < before:
                improved += 1
            elif after == before:
                same += 1
            else:
                worse += 1
        return cls(improved=improved, same=same, worse=worse, unread=unread)

    @property
    def read(self) -> int:
        """The customers whose level is known before and after, ``improved + same + worse``."""
        return self.improved + self.same + self.worse

    @property
    def rate(self) -> Decimal | None:
        """The share whose level improved, ``improved / read``; None if no customer was read twice."""
        return ratio(self.improved, self.read)

    @property
    def worse_share(self) -> Decimal | None:
        """The share whose level became worse, ``worse / read``; None if no customer was read twice."""
        return ratio(self.worse, self.read)

    @property
    def unread_share(self) -> Decimal | None:
        """The share of the customers who were not read before and after; None if there are no customers."""
        return ratio(self.unread, self.read + self.unread)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None if no customer was read twice.

        Source: Wilson 1927.
        """
        return wilson(self.improved, self.read, confidence=confidence)

    def compared_to(self, other: "LevelChange", /) -> TwoProportions | None:
        """Compare the rate with that of other customers, or return None if either has no customer who was read twice.

        Its `interval` gives Newcombe's bounds of the difference.

        Args:
            other: The other customers, such as those who got no reply. The difference is this rate minus theirs.
        """
        checks.as_instance(other, LevelChange, "other")
        return two_proportions((other.improved, other.read), (self.improved, self.read))

    def explain(self) -> Explanation:
        """Return the counts and the shares, line by line."""
        return Explanation(
            (
                term("improved", self.improved, "customers"),
                term("same", self.same, "customers"),
                term("worse", self.worse, "customers"),
                term("unread", self.unread, "customers"),
                term("read", self.read, "customers", "improved + same + worse"),
                term("rate", self.rate, "", "improved / read"),
                term("worse_share", self.worse_share, "", "worse / read"),
                term("unread_share", self.unread_share, "", "unread / (read + unread)"),
            )
        )


def _find_rank(level: object, ranks: dict[str | None, int | None], place: int) -> int | None:
    name = None if level is None else checks.as_label(level, LoyaltyLevel, f"changes[{place}]")
    if name not in ranks:
        raise UnknownNameError(
            "level_not_in_the_scale",
            f"changes must have levels of the scale, got {checks.show(name)}",
            field="changes",
            record=place,
            advice=f"there are {', '.join(str(known) for known in ranks if known is not None)}",
            operands=(name,),
        )
    return ranks[name]


def change_after_reply(
    feedback: Iterable[Feedback],
    readings: Iterable[Reading],
    /,
    *,
    as_of: datetime,
    levels: Iterable[str] = LEVELS,
    rules: Iterable[LevelRule] | None = None,
) -> TallyBy[bool, LevelChange]:
    """Count how levels changed after negative feedback, for customers who got a reply (True) and who did not (False).

    Each customer counts once, by their first negative feedback: from their last level by then to their first level
    after the reply, or after the feedback if there was no reply. The difference is an observation, no proof that the
    reply caused it: a company may reply to those who are easier to please.

    Examples:
        >>> from crmcore import Feedback, FeedbackKind, LoyaltyLevel, MeasureKind, Reading, SubjectKind, instant
        >>> from crmcore.voice import loyalty
        >>> levels = [
        ...     ("anna", LoyaltyLevel.AGGRIEVED, "2026-03-01"),
        ...     ("anna", LoyaltyLevel.LOYAL, "2026-03-09"),
        ...     ("ben", LoyaltyLevel.AGGRIEVED, "2026-03-01"),
        ...     ("ben", LoyaltyLevel.AGGRIEVED, "2026-03-09"),
        ... ]
        >>> readings = [
        ...     Reading(
        ...         subject_kind=SubjectKind.CUSTOMER,
        ...         subject_id=customer_id,
        ...         kind=MeasureKind.LOYALTY,
        ...         level=level,
        ...         at=instant(day),
        ...     )
        ...     for customer_id, level, day in levels
        ... ]
        >>> complaint = Feedback(kind=FeedbackKind.COMPLAINT, customer_id="anna", received_at=instant("2026-03-02"))
        >>> unanswered = Feedback(kind=FeedbackKind.COMPLAINT, customer_id="ben", received_at=instant("2026-03-02"))
        >>> changes = loyalty.change_after_reply(
        ...     [complaint.answered(instant("2026-03-03")), unanswered], readings, as_of=instant("2026-04-01")
        ... )
        >>> changes[True].improved, changes[False].same
        (1, 1)

    Args:
        feedback: Feedback in any order; only that of known customers which is negative counts.
        readings: Readings of customers, in any order. Of several at one instant the worst counts.
        as_of: The reference date. Feedback, replies and readings after it are not seen.
        levels: The levels, best first.
        rules: How numbers are read as levels, by their scale; the usual ones by default.

    Returns:
        The changes under True and under False; both keys are always there.

    Source: the source articles, see why.md.
    """
    names = as_levels(levels)
    now = in_utc(checks.as_instant(as_of, "as_of"))
    first: dict[Id, tuple[datetime, datetime | None]] = {}
    for one in iterate_once(feedback, Feedback, "feedback"):
        received = in_utc(one.received_at)
        if not one.is_negative or one.customer_id is None or received > now:
            continue
        answered = None if one.answered_at is None else in_utc(one.answered_at)
        found = (received, None if answered is None or answered > now else answered)
        known = first.get(one.customer_id)
        if known is None or (received, found[1] or _NEVER) < (known[0], known[1] or _NEVER):
            first[one.customer_id] = found
    histories: dict[Id, list[tuple[datetime, int]]] = {}
    ranked = RankedReadings(names, as_rules(rules, names), SubjectKind.CUSTOMER, now)
    for customer_id, at, rank, _ in ranked.iterate(readings):
        if customer_id in first:
            histories.setdefault(customer_id, []).append((at, rank))
    changes: dict[bool, list[tuple[int | None, int | None]]] = {True: [], False: []}
    for customer_id, (received, answered) in first.items():
        start = received if answered is None else answered
        history = sorted(histories.get(customer_id, ()))
        before = [rank for at, rank in history if at <= received]
        later = [entry for entry in history if entry[0] > start]
        after = max((rank for at, rank in later if at == later[0][0]), default=None)
        changes[answered is not None].append((before[-1] if before else None, after))
    return TallyBy({replied: LevelChange._count(found) for replied, found in changes.items()})  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - it is here


_NEVER = datetime.max.replace(tzinfo=UTC)
