"""Which causes make up most of the feedback."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Self, TypeVar, cast

import attrs

from crmcore.model.feedback import Feedback
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, plain, plain_repr, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import group_by, iterate_once
from crmcore.primitives.record import SHARE, Name, fraction
from crmcore.primitives.tally import POLICY, Tally, TallyBy

__all__ = ["Pareto", "ParetoBar"]

_K = TypeVar("_K", bound=Hashable)
_CUT: Final = Decimal("0.8")
_Counts = tuple[tuple[str, int], ...]


def _list_pairs(counts: Mapping[str, int] | Iterable[tuple[str, int]]) -> _Counts:
    """Accept a mapping or pairs; the record reads the pairs itself."""
    pairs = cast("Mapping[str, int]", counts).items() if isinstance(counts, Mapping) else counts
    return cast("_Counts", pairs)


@attrs.frozen(kw_only=True)
class ParetoBar(Result):
    """A cause, how often it occurred, and its share together with the more frequent ones.

    Examples:
        >>> from crmcore import Pareto
        >>> bar = Pareto(counts={"delivery": 3, "price": 1}).bars[1]
        >>> bar.cause, bar.share, bar.cumulative_share, bar.is_vital
        ('price', Decimal('0.25'), Decimal('1'), True)

    Attributes:
        cause: The cause.
        count: How often it occurred.
        share: Its share of all known causes, to 34 digits; None if no cause is known.
        cumulative_share: The share of the causes from the most frequent one to this one; None if no cause is known.
        is_vital: Whether it is one of the vital few.
    """

    cause: Name
    count: int
    share: Annotated[Decimal, SHARE] | None = attrs.field(default=None, repr=plain_repr)
    cumulative_share: Annotated[Decimal, SHARE] | None = attrs.field(default=None, repr=plain_repr)
    is_vital: bool = False


@attrs.frozen(kw_only=True)
class Pareto(Tally):
    """Number of pieces of feedback by their cause. Records of disjoint feedback can be added.

    Examples:
        >>> from crmcore import Pareto
        >>> causes = Pareto(counts={"price": 10, "quality": 45, "delivery": 25, "staff": 15, "other": 5})
        >>> causes.vital_few, causes.vital_share
        (('quality', 'delivery', 'staff'), Decimal('0.85'))
        >>> [str(bar.cumulative_share) for bar in causes.bars]
        ['0.45', '0.7', '0.85', '0.95', '1']

    The most frequent causes come first, and equally frequent ones by their names. If the cut falls between equally
    frequent causes, only their names decide which of them are vital: `tied` lists them, and a caution says so.

    Attributes:
        counts: Pairs of a cause and how often it occurred, or a mapping; each cause once.
        cut: The share of the feedback that the vital few must reach, from 0 to 1. The custom of 0.8 is no law.
        unknown: Feedback whose cause is not known, which is in no share.

    Raises:
        InvalidValueError: A cause occurs twice in the counts.

    Source: Juran 1951, Quality Control Handbook, who named the principle after Pareto.
    """

    ratios = ("known", "causes", "vital_share")

    counts: tuple[tuple[Name, int], ...] = attrs.field(default=(), converter=_list_pairs)
    cut: Annotated[Decimal, SHARE] = attrs.field(default=_CUT, converter=fraction, repr=plain_repr, metadata=POLICY)
    unknown: int = 0

    def _check(self) -> None:
        super()._check()
        checks.check_unique([cause for cause, _ in self.counts], "counts", "a cause", "add up the counts of one cause")
        checks.set_field(self, "counts", tuple(sorted(self.counts, key=lambda pair: (-pair[1], pair[0]))))

    def _add_field(self, name: str, other: Self) -> Any:  # noqa: ANN401 # pyright: ignore[reportIncompatibleMethodOverride] - Self in both
        if name != "counts":
            return super()._add_field(name, other)
        added = dict(self.counts)
        for cause, count in other.counts:
            added[cause] = added.get(cause, 0) + count
        return added

    @classmethod
    def of(cls, feedback: Iterable[Feedback], /, *, cut: Decimal | int | str | float = _CUT) -> Self:
        """Count feedback by its cause, in a single pass. Feedback that has an id counts once.

        Examples:
            >>> from crmcore import Feedback, FeedbackKind, Pareto, instant
            >>> day = instant("2026-03-02")
            >>> complaints = [
            ...     Feedback(kind=FeedbackKind.COMPLAINT, received_at=day, cause=cause)
            ...     for cause in ("delivery", "delivery", "price", "")
            ... ]
            >>> causes = Pareto.of(complaints, cut="0.6")
            >>> causes.counts, causes.vital_few, causes.unknown
            ((('delivery', 2), ('price', 1)), ('delivery',), 1)

        Args:
            feedback: The feedback, in any order: what you want to have less of, such as complaints and problems.
            cut: The share of the feedback that the vital few must reach, from 0 to 1.
        """
        counts: dict[str, int] = {}
        unknown = 0
        for case in iterate_once(feedback, Feedback, "feedback"):
            if case.cause.strip():
                counts[case.cause] = counts.get(case.cause, 0) + 1
            else:
                unknown += 1
        return cls(counts=counts, cut=cut, unknown=unknown)

    @classmethod
    def by(
        cls,
        feedback: Iterable[Feedback],
        key: Callable[[Feedback], _K],
        /,
        *,
        cut: Decimal | int | str | float = _CUT,
    ) -> TallyBy[_K, Self]:
        """Count feedback by its cause for each value of a key, such as the channel.

        Examples:
            >>> from crmcore import Channel, Feedback, FeedbackKind, Pareto, instant
            >>> day = instant("2026-03-02")
            >>> complaints = [
            ...     Feedback(kind=FeedbackKind.COMPLAINT, received_at=day, cause=cause, channel=channel)
            ...     for cause, channel in [("price", Channel.CHAT), ("delivery", Channel.PHONE)]
            ... ]
            >>> found = Pareto.by(complaints, lambda complaint: complaint.channel)
            >>> {channel.value: causes.vital_few for channel, causes in found.items()}
            {'chat': ('price',), 'phone': ('delivery',)}

        Args:
            feedback: The feedback, in any order.
            key: Returns the key of a piece of feedback.
            cut: The share of the feedback that the vital few must reach, from 0 to 1.
        """
        groups = group_by(feedback, key, Feedback, "feedback", "lambda feedback: feedback.channel")
        return TallyBy({group: cls.of(members, cut=cut) for group, members in groups.items()})

    @property
    def known(self) -> int:
        """The number of pieces of feedback whose cause is known."""
        return sum(count for _, count in self.counts)

    @property
    def causes(self) -> int:
        """The number of causes."""
        return len(self.counts)

    @property
    def vital_few(self) -> tuple[str, ...]:
        """The fewest causes that together reach the cut, the most frequent first; exact if they just reach it."""
        return tuple(cause for cause, _ in self.counts[: self._count_vital()])

    @property
    def vital_share(self) -> Decimal | None:
        """The share of the feedback that the vital few make up; None if no cause is known."""
        return ratio(sum(count for _, count in self.counts[: self._count_vital()]), self.known)

    @property
    def tied(self) -> tuple[str, ...]:
        """The equally frequent causes between which the cut falls; empty if it falls between different counts."""
        last = self._count_vital()
        if not 0 < last < len(self.counts) or self.counts[last - 1][1] != self.counts[last][1]:
            return ()
        return tuple(cause for cause, count in self.counts if count == self.counts[last][1])

    @property
    def bars(self) -> tuple[ParetoBar, ...]:
        """The causes with their shares, the most frequent first."""
        return tuple(self._list_bars())

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """A caution if the cut falls between equally frequent causes."""
        return (_warn_of_tie(self.tied),) if self.tied else ()

    def _count_vital(self) -> int:
        """Return how many causes reach the cut, by exact counts: a sum of rounded shares may miss it."""
        needed = EXACT.multiply(self.cut, self.known)
        reached = 0
        for place, (_, count) in enumerate(self.counts):
            if reached >= needed:
                return place
            reached += count
        return len(self.counts)

    def _list_bars(self) -> Iterator[ParetoBar]:
        known, vital, reached = self.known, self._count_vital(), 0
        for place, (cause, count) in enumerate(self.counts):
            reached += count
            yield ParetoBar(
                cause=cause,
                count=count,
                share=ratio(count, known),
                cumulative_share=ratio(reached, known),
                is_vital=place < vital,
            )

    def _list_rows(self) -> Iterable[Mapping[str, object]]:
        return [bar.row() for bar in self._list_bars()]

    def explain(self) -> Explanation:
        """Return how the share of the vital few comes about, line by line."""
        vital = self.counts[: self._count_vital()]
        names = [f"count_{place}" for place in range(1, len(vital) + 1)]
        others = self.known - sum(count for _, count in vital)
        return Explanation(
            (
                *(term(name, count, f"of {cause}") for name, (cause, count) in zip(names, vital, strict=True)),
                term("others", others, "of other causes"),
                term("known", self.known, "", " + ".join([*names, "others"])),
                term("vital_share", self.vital_share, f"cut at {plain(self.cut)}", "(known - others) / known"),
                term("unknown", self.unknown),
            ),
            cautions=self.cautions,
        )


def _warn_of_tie(tied: tuple[str, ...]) -> Finding:
    return Finding(
        rule="tied_at_the_cut",
        severity=Severity.INFO,
        subject="causes",
        message=f"the cut falls between {len(tied)} equally frequent causes",
        advice="treat them alike: only their names decide which of them are vital",
        evidence=[("tied", cause) for cause in tied],
    )
