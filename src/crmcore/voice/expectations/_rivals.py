"""How far ahead of its rivals a company is, what that lead is worth, and how it changes."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.reading import Reading, SubjectKind
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, FINEST, ZERO, plain_repr, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import in_one_group
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.record import maybe_number, several
from crmcore.voice.expectations._scoring import as_pairs, divide, mean_by

__all__ = ["LeadOverTime", "MarketPosition", "RelativeAdvantage", "wallet_share", "wallet_shares"]

_K = TypeVar("_K", bound=Hashable)
_I = TypeVar("_I", bound=Id)

_UNITS: Final = 10**40
"""How many units of the 40th decimal a share of one has."""


class MarketPosition(StrEnum):
    """Where an offer stands against the standard of competitors, which is the range of what they offer.

    Attributes:
        ABOVE: Better than every rival: a point of difference.
        AT: Within the range of the rivals, its ends included: a point of parity. It wins no customer.
        BELOW: Worse than every rival.

    Source: the source articles (see docs/why.md); Keller, Sternthal and Tybout 2002, Harvard Business Review
    80(9):80-86, for points of difference and of parity.
    """

    ABOVE = "above"
    AT = "at"
    BELOW = "below"


@attrs.frozen(kw_only=True)
class RelativeAdvantage(Result):
    """The score of one's own offer against those of rivals; a high score is good.

    A customer compares with the best alternative, so the lead over the best rival counts, not that over the average.

    Examples:
        >>> from crmcore import RelativeAdvantage
        >>> shop = RelativeAdvantage(own="8.4", rivals={"north": "8.1", "south": "7.2", "east": "6.9"})
        >>> shop.value, shop.vs_mean, shop.rank, shop.position
        (Decimal('0.3'), Decimal('1.0'), 1, <MarketPosition.ABOVE: 'above'>)

    If there are no rivals, or if one's own score is unknown, every comparison is None.

    Attributes:
        own: One's own score; None if it is unknown.
        rivals: The scores of the rivals. Given as a mapping by id or as pairs of an id and a score; kept as pairs.

    Raises:
        InvalidValueError: A rival has no id or is named twice.

    Source: the source articles (see why.md): one need not outrun the bear, only the others.
    """

    ratios = ("brands", "rank", "mean_rank", "value", "vs_mean", "position")

    own: Decimal | None = attrs.field(converter=maybe_number, repr=plain_repr)
    rivals: tuple[tuple[Id, Decimal], ...] = attrs.field(converter=as_pairs)

    def _check(self) -> None:
        super()._check()
        checks.check_unique([name for name, _ in self.rivals], "rivals", "an id")

    @classmethod
    def of(cls, readings: Iterable[Reading], /) -> Self:
        """Compare the mean of the readings of the company with that of each competitor, in a single pass.

        Examples:
            >>> from crmcore import MeasureKind, Reading, RelativeAdvantage, SubjectKind, instant
            >>> day = instant("2026-03-02")
            >>> readings = [
            ...     Reading(subject_kind=kind, subject_id=name, kind=MeasureKind.SATISFACTION, at=day, value=value)
            ...     for kind, name, value in [
            ...         (SubjectKind.COMPANY, None, 8),
            ...         (SubjectKind.COMPANY, None, 7),
            ...         (SubjectKind.COMPETITOR, "north", 9),
            ...     ]
            ... ]
            >>> RelativeAdvantage.of(readings).value
            Decimal('-1.5')

        Args:
            readings: The readings of the company and of its competitors, in any order, of one kind and on one scale. On
                a scale where low is better, the numbers are turned, so that a high score is good.

        Raises:
            InvalidValueError: A reading has a level and no value, another kind or another scale than the first, a
                subject that is neither the company nor a competitor, or a competitor without an id.
        """
        return cls._compare(readings, in_one_group).get(None) or cls(own=None, rivals=())

    @classmethod
    def by(cls, readings: Iterable[Reading], key: Callable[[Reading], _K], /) -> dict[_K, Self]:
        """Compare as `of` does, for each value of a key: the differentiation by attribute.

        Examples:
            >>> from crmcore import MeasureKind, Reading, RelativeAdvantage, SubjectKind, instant
            >>> day, seen = instant("2026-03-02"), MeasureKind.PERCEPTION
            >>> readings = [
            ...     Reading(subject_kind=kind, subject_id=name, kind=seen, at=day, value=value, aspect=aspect)
            ...     for kind, name, aspect, value in [
            ...         (SubjectKind.COMPANY, None, "staff", 9),
            ...         (SubjectKind.COMPETITOR, "north", "staff", 6),
            ...         (SubjectKind.COMPANY, None, "prices", 5),
            ...         (SubjectKind.COMPETITOR, "north", "prices", 5),
            ...     ]
            ... ]
            >>> found = RelativeAdvantage.by(readings, lambda reading: reading.aspect)
            >>> {aspect: advantage.position.value for aspect, advantage in found.items()}
            {'staff': 'above', 'prices': 'at'}

        Args:
            readings: The readings of the company and of its competitors, in any order, of one kind and on one scale.
            key: Returns the key of a reading, such as its aspect.
        """
        checks.check_callable(key, "key", "lambda reading: reading.aspect")
        return cls._compare(readings, key)

    @classmethod
    def _compare(cls, readings: Iterable[Reading], key: Callable[[Reading], _K]) -> dict[_K, Self]:
        return {
            group: cls(own=means.get(None), rivals=[(name, mean) for name, mean in means.items() if name is not None])
            for group, means in mean_by(readings, key, _name_offer).items()
        }

    @property
    def brands(self) -> int:
        """The number of offers, one's own included."""
        return 1 + len(self.rivals)

    @property
    def best(self) -> tuple[Id, ...]:
        """The ids of the best rivals: several if they are level, none if there are no rivals."""
        top = max((score for _, score in self.rivals), default=None)
        return tuple(name for name, score in self.rivals if score == top)

    @property
    def value(self) -> Decimal | None:
        """The lead over the best rival; < 0 if that one is ahead. None if either is unknown."""
        if self.own is None or not self.rivals:
            return None
        return EXACT.subtract(self.own, max(score for _, score in self.rivals))

    @property
    def vs_mean(self) -> Decimal | None:
        """One's own score minus the mean of the rivals' scores. None if either is unknown."""
        if self.own is None or not self.rivals:
            return None
        return EXACT.subtract(self.own, divide(self._total, len(self.rivals)))

    @property
    def _total(self) -> Decimal:
        total = ZERO
        for _, score in self.rivals:
            total = EXACT.add(total, score)
        return total

    @property
    def rank(self) -> int | None:
        """The rank of one's own score, 1 for the best; equal scores share the better rank. None if it is unknown."""
        return None if self.own is None else 1 + self._count_better(self.own)

    @property
    def mean_rank(self) -> Decimal | None:
        """The rank with ties in the middle: two that are level on ranks 1 and 2 both have 1.5. None if unknown."""
        if self.own is None:
            return None
        level = sum(score == self.own for _, score in self.rivals)
        return ratio(2 * (1 + self._count_better(self.own)) + level, 2)

    def _count_better(self, own: Decimal) -> int:
        return sum(score > own for _, score in self.rivals)

    @property
    def position(self) -> MarketPosition | None:
        """Where the offer stands against the range of the rivals; None if either is unknown."""
        if self.own is None or not self.rivals:
            return None
        scores = [score for _, score in self.rivals]
        if self.own > max(scores):
            return MarketPosition.ABOVE
        return MarketPosition.BELOW if self.own < min(scores) else MarketPosition.AT

    def explain(self) -> Explanation:
        """Return how the lead comes about, line by line."""
        names = [f"rival_{number}" for number in range(1, self.brands)]
        lines = [
            term("own", self.own, "points"),
            *(term(name, score, "points") for name, (_, score) in zip(names, self.rivals, strict=True)),
        ]
        if self.own is not None and names:
            several = ", ".join(names)
            lines += [
                term("better", self._count_better(self.own), "rivals"),
                term("level", sum(score == self.own for _, score in self.rivals), "rivals"),
                term("rank", self.rank, "", "1 + better"),
                term("mean_rank", self.mean_rank, "", "1 + better + level / 2"),
                term("value", self.value, "points", f"own - max({several})" if len(names) > 1 else f"own - {several}"),
                term("vs_mean", self.vs_mean, "points", f"own - ({' + '.join(names)}) / {len(names)}"),
            ]
        return Explanation(lines)


def _name_offer(reading: Reading, place: int) -> Id | None:
    """Return the id of the competitor that a reading is of; None for the company itself."""
    if reading.subject_kind is SubjectKind.COMPANY:
        return None
    if reading.subject_kind is not SubjectKind.COMPETITOR:
        raise InvalidValueError(
            "neither_company_nor_competitor",
            f"readings must be of the company or of competitors, got one of a {reading.subject_kind}",
            field="readings",
            advice="leave it out, or give it the subject kind COMPANY and the aspect that it is about",
            operands=(reading.subject_kind,),
            record=place,
        )
    if reading.subject_id is None:
        raise InvalidValueError(
            "competitor_without_an_id",
            "readings must name each competitor, got one without an id",
            field="readings",
            advice="give it a subject_id, or leave it out",
            record=place,
        )
    return reading.subject_id


def wallet_share(rank: Decimal | int | str, brands: int) -> Decimal:
    """Return the share of a customer's spending that a brand of a rank gets, by the Wallet Allocation Rule.

    ``(1 - rank / (brands + 1)) * 2 / brands``

    Examples:
        >>> from crmcore.voice.expectations import wallet_share
        >>> wallet_share(1, 2), wallet_share("1.5", 2)
        (Decimal('0.6666666666666666666666666666666667'), Decimal('0.5'))

    Args:
        rank: The rank that the customer gives the brand, from 1 to `brands`; brands that are level have the mean of
            their ranks, which may end in a half.
        brands: The number of brands of the category that the customer uses, >= 1.

    Raises:
        InvalidValueError: The rank is not from 1 to `brands`, or it is neither whole nor a half.

    Source: Keiningham, Aksoy, Buoye and Cooil 2011, Harvard Business Review 89(10):29-31.
    """
    n = checks.as_count(brands, "brands", least=1)
    given = checks.as_exact(rank, "rank")
    twice = Fraction(given) * 2
    if not 1 <= given <= n or twice.denominator != 1:
        raise InvalidValueError(
            "not_a_rank",
            f"rank must be from 1 to the number of brands, whole or with a half, got {show(given)} of {n}",
            field="rank",
            advice="give brands that are level the mean of their ranks, or let wallet_shares rank them",
            operands=(given, n),
        )
    share = ratio(_weigh(int(twice), n), n * (n + 1))
    return share if share is not None else ZERO


def _weigh(twice_the_rank: int, n: int) -> int:
    """Return the share of a rank times n (n + 1), which is whole."""
    return 2 * (n + 1) - twice_the_rank


def wallet_shares(scores: Mapping[_I, Decimal | int | str], /) -> dict[_I, Decimal]:
    """Return the share of a customer's spending for each brand; the shares add up to exactly one.

    The brands are ranked by their scores. Brands that are level have the mean of their ranks. A share has at most 40
    decimals. What rounding leaves goes to the largest remainders, the first given if they are equal, so that brands
    that are level differ by one unit of the 40th decimal at most.

    Examples:
        >>> from crmcore.voice.expectations import wallet_shares
        >>> wallet_shares({"ours": 9, "north": 7, "south": 7})
        {'ours': Decimal('0.5'), 'north': Decimal('0.25'), 'south': Decimal('0.25')}

    Args:
        scores: One customer's score for each brand that they use, by the id of the brand; a high score is good. A brand
            that they do not use is left out: the rule is about one customer, not about the mean of all.

    Source: Keiningham, Aksoy, Buoye and Cooil 2011, Harvard Business Review 89(10):29-31.
    """
    checks.check_mapping(scores, "scores", "brands to scores")
    given = {as_id(name, "scores"): checks.as_exact(score, "scores") for name, score in scores.items()}
    n = len(given)
    ordered = sorted(given.values(), reverse=True)
    last = {score: place for place, score in enumerate(ordered, 1)}
    first = {score: place for place, score in zip(range(n, 0, -1), reversed(ordered), strict=True)}
    parts = [divmod(_UNITS * _weigh(first[score] + last[score], n), n * (n + 1)) for score in given.values()]
    left = _UNITS - sum(units for units, _ in parts) if parts else 0
    raised = {*sorted(range(n), key=lambda place: -parts[place][1])[:left]}
    return {
        name: EXACT.normalize(EXACT.multiply(units + (place in raised), FINEST))
        for place, (name, (units, _)) in enumerate(zip(scores, parts, strict=True))
    }


_Points = tuple[tuple[datetime, Decimal | None], ...]


def _in_utc(points: _Points) -> _Points:
    return tuple((in_utc(at), lead) for at, lead in points)


@attrs.frozen(kw_only=True)
class LeadOverTime(Result):
    """The lead over the best rival from period to period, and how much of it is left.

    A small lead is copied soon. A lead that shrinks says so before it is lost.

    Examples:
        >>> from crmcore import LeadOverTime, instant
        >>> lead = LeadOverTime(
        ...     points=[
        ...         (instant(day), points)
        ...         for day, points in [("2026-01-01", "0.2"), ("2026-02-01", "0.8"), ("2026-03-01", "0.2")]
        ...     ]
        ... )
        >>> lead.value, lead.peak, lead.eroded, lead.eroded_share
        (Decimal('0.2'), Decimal('0.8'), Decimal('0.6'), Decimal('0.75'))
        >>> lead.ahead_since == instant("2026-01-01"), lead.lost_at
        (True, None)

    Attributes:
        points: Pairs of an instant and the lead then, in order of time; None if the lead is unknown. An unknown lead
            is passed over: it ends no run.
        outside: The number of readings that lie in none of the periods.

    Raises:
        InvalidValueError: The instants are not in order of time, or one comes twice.
    """

    ratios = ("value", "peak", "peak_at", "eroded", "eroded_share", "ahead_since", "lost_at")

    points: _Points = attrs.field(converter=several, eq=_in_utc)
    outside: int = 0

    def _check(self) -> None:
        super()._check()
        for place, ((one, _), (two, _)) in enumerate(pairwise(self.points), 1):
            if in_utc(two) <= in_utc(one):
                raise InvalidValueError(
                    "leads_not_in_order",
                    f"points must be in order of time, one for each instant, got {show(two)} after {show(one)}",
                    field="points",
                    record=place,
                    advice="sort them first",
                    operands=(two, one),
                )

    @classmethod
    def of(cls, readings: Iterable[Reading], periods: Iterable[Period], /) -> Self:
        """Compare as `RelativeAdvantage.of` does in each period, in a single pass over the readings.

        The lead of a period stands at its start.

        Examples:
            >>> from crmcore import LeadOverTime, MeasureKind, Period, Reading, SubjectKind, TimeUnit, instant
            >>> readings = [
            ...     Reading(subject_kind=kind, subject_id=name, kind=MeasureKind.TRUST, at=instant(day), value=value)
            ...     for kind, name, day, value in [
            ...         (SubjectKind.COMPANY, None, "2026-01-10", 8),
            ...         (SubjectKind.COMPETITOR, "north", "2026-01-10", 5),
            ...         (SubjectKind.COMPANY, None, "2026-04-10", 8),
            ...         (SubjectKind.COMPETITOR, "north", "2026-04-10", 7),
            ...     ]
            ... ]
            >>> lead = LeadOverTime.of(readings, Period.year(2026).split(TimeUnit.QUARTER))
            >>> [points for _, points in lead.points], lead.eroded
            ([Decimal('3'), Decimal('1'), None, None], Decimal('2'))

        Args:
            readings: The readings of the company and of its competitors, in any order, of one kind and on one scale.
            periods: The periods, half-open, in order of time and without overlap; there may be gaps.

        Raises:
            InvalidValueError: A period begins before the one before it ends.
        """
        spans = checks.as_tuple(periods, Period, "periods")
        for place, (one, two) in enumerate(pairwise(spans), 1):
            if in_utc(two.start) < in_utc(one.end):
                raise InvalidValueError(
                    "periods_not_in_order",
                    f"periods must be in order of time without overlap, got {two} after {one}",
                    field="periods",
                    record=place,
                    operands=(two.start, one.end),
                )
        starts = [in_utc(span.start) for span in spans]
        outside = 0

        def place_of(reading: Reading) -> int:
            nonlocal outside
            place = bisect_right(starts, in_utc(reading.at)) - 1
            if place < 0 or reading.at not in spans[place]:
                outside += 1
                return -1
            return place

        found = RelativeAdvantage.by(readings, place_of)
        leads = [found[place].value if place in found else None for place in range(len(spans))]
        return cls(points=[*zip((span.start for span in spans), leads, strict=True)], outside=outside)

    @property
    def _known(self) -> list[tuple[datetime, Decimal]]:
        return [(at, lead) for at, lead in self.points if lead is not None]

    @property
    def value(self) -> Decimal | None:
        """The latest lead that is known; None if none is."""
        return self._known[-1][1] if self._known else None

    @property
    def peak(self) -> Decimal | None:
        """The largest lead; None if none is known."""
        return max((lead for _, lead in self._known), default=None)

    @property
    def peak_at(self) -> datetime | None:
        """The first instant of the largest lead; None if no lead is known."""
        return next((at for at, lead in self._known if lead == self.peak), None)

    @property
    def eroded(self) -> Decimal | None:
        """How far the latest lead is below the largest; None if none is known."""
        return None if self.peak is None or self.value is None else EXACT.subtract(self.peak, self.value)

    @property
    def eroded_share(self) -> Decimal | None:
        """The share of the largest lead that is lost; > 1 if a rival is ahead now. None if there never was a lead."""
        if self.peak is None or self.eroded is None or self.peak <= 0:
            return None
        return ratio(self.eroded, self.peak)

    @property
    def ahead_since(self) -> datetime | None:
        """Since when the company has been ahead without a break; None if it is not ahead now. Level is not ahead."""
        return self._find_run(ahead=True)

    @property
    def lost_at(self) -> datetime | None:
        """When the lead was last lost; None if the company is ahead now, or never was ahead."""
        was_ahead = any(lead > 0 for _, lead in self._known)
        return self._find_run(ahead=False) if was_ahead else None

    def _find_run(self, *, ahead: bool) -> datetime | None:
        """Return the start of the latest run of leads above 0, or of those not above 0, if it lasts to the end."""
        start: datetime | None = None
        for at, lead in reversed(self._known):
            if (lead > 0) is not ahead:
                break
            start = at
        return start

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read it: readings outside of the periods."""
        if not self.outside:
            return ()
        return (
            Finding(
                rule="readings_outside_the_periods",
                severity=Severity.INFO,
                subject="readings",
                message=f"{self.outside} readings lie in none of the periods, and are not compared",
                advice="add their periods if they belong to the comparison",
                evidence=[("readings", self.outside)],
            ),
        )

    def explain(self) -> Explanation:
        """Return how much of the lead is left, line by line."""
        names = [f"lead_{number}" for number in range(1, len(self._known) + 1)]
        lines = [term(name, lead, "points") for name, (_, lead) in zip(names, self._known, strict=True)]
        if names:
            peak = f"max({', '.join(names)})" if len(names) > 1 else names[0]
            lines += [
                term("value", self.value, "points", names[-1]),
                term("peak", self.peak, "points", peak),
                term("eroded", self.eroded, "points", "peak - value"),
            ]
            if self.eroded_share is not None:
                lines.append(term("eroded_share", self.eroded_share, "", "eroded / peak"))
        return Explanation(lines, cautions=self.cautions)
