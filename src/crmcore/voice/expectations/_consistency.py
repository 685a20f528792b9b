"""Whether every place where customers meet the company is as good as the others, and which one spoils them all."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final, Self

import attrs

from crmcore.model.checklist import Checklist, ChecklistItem
from crmcore.model.reading import Reading
from crmcore.model.touchpoint import ContactArea
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, RATIO, ZERO, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.ids import Id
from crmcore.primitives.record import several
from crmcore.voice.expectations._scoring import as_pairs, divide, mean_by

__all__ = ["Consistency", "spoilers"]

_SHOWN: Final = 7
"""How many names a caution lists."""

_SPOILERS: Final = (
    ("toilets", ContactArea.PREMISES, "The toilets are clean."),
    ("kitchen", ContactArea.PREMISES, "The kitchen and every room that customers can see are clean."),
    ("queues", ContactArea.SERVICES, "The wait in a queue is short."),
    ("stock", ContactArea.PRODUCTS, "What is offered is in stock."),
    ("website", ContactArea.COMMUNICATION, "The website works at the first try."),
    ("phone", ContactArea.COMMUNICATION, "A call reaches a person who can help at the first try."),
)


def spoilers() -> Checklist:
    """Return a checklist of the details that spoil a good impression wherever they fail, grouped by contact area.

    Examples:
        >>> from crmcore import Audit, ChecklistAnswer, Verdict
        >>> from crmcore.voice.expectations import spoilers
        >>> answers = [
        ...     ChecklistAnswer(item_id="toilets", verdict=Verdict.MET),
        ...     ChecklistAnswer(item_id="phone", verdict=Verdict.UNMET),
        ... ]
        >>> {area: audit.unmet for area, audit in Audit.by_group(spoilers(), answers).items()}
        {'premises': 0, 'services': 0, 'products': 0, 'communication': 1}

    The items are ``toilets``, ``kitchen``, ``queues``, ``stock``, ``website`` and ``phone``. How many customers give up
    on the way is counted by `journeys.abandonment`.

    Source: the source articles (see why.md).
    """
    return Checklist(
        id="spoilers",
        name="Details that spoil everything",
        items=[ChecklistItem(id=name, text=text, group=area.value) for name, area, text in _SPOILERS],
    )


def _name_nothing(_: Reading, __: int) -> None:
    """Return None for every reading: its key is enough."""


@attrs.frozen(kw_only=True)
class Consistency(Result):
    """The scores of several touchpoints or contact areas, and the weakest of them; a high score is good.

    A customer remembers the worst place. The mean hides it, so the headline is the lowest score.

    Examples:
        >>> from crmcore import Consistency
        >>> found = Consistency(scores={"web": 8, "phone": 5, "store": 9, "billing": 8})
        >>> found.value, found.weakest, found.mean, found.variance, found.range
        (Decimal('5'), ('phone',), Decimal('7.5'), Decimal('2.25'), Decimal('4'))
        >>> found.below(8)
        ('phone',)

    Attributes:
        scores: The score of each. Given as a mapping by id or as pairs of an id and a score; kept as pairs.
        expected: The ids that should have a score, such as the seven contact areas; empty if that is not known.
        unassigned: The number of readings that do not say where they belong.

    Raises:
        InvalidValueError: An id comes twice.

    Source: the source articles (see why.md): meet and exceed expectations consistently in seven contact areas.
    """

    ratios = ("value", "mean", "range", "variance", "coverage")

    scores: tuple[tuple[Id, Decimal], ...] = attrs.field(converter=as_pairs)
    expected: tuple[Id, ...] = attrs.field(default=(), converter=several)
    unassigned: int = 0

    def _check(self) -> None:
        super()._check()
        checks.check_unique([name for name, _ in self.scores], "scores", "an id")
        checks.check_unique(self.expected, "expected", "an id")

    @classmethod
    def of(
        cls,
        readings: Iterable[Reading],
        key: Callable[[Reading], Id | None],
        /,
        *,
        expected: Iterable[Id] = (),
    ) -> Self:
        """Take the mean of the readings of each touchpoint or contact area, in a single pass.

        Examples:
            >>> from crmcore import Consistency, ContactArea, MeasureKind, Reading, SubjectKind, instant
            >>> day, us = instant("2026-03-02"), SubjectKind.COMPANY
            >>> readings = [
            ...     Reading(subject_kind=us, kind=MeasureKind.PERCEPTION, at=day, value=value, aspect=area)
            ...     for area, value in [("staff", 9), ("premises", 4), ("staff", 8)]
            ... ]
            >>> found = Consistency.of(readings, lambda reading: reading.aspect, expected=ContactArea)
            >>> found.weakest, found.coverage
            (('premises',), Decimal('0.2857142857142857142857142857142857'))
            >>> found.unread
            ('products', 'services', 'communication', 'quality_and_prices', 'after_sale')

        Args:
            readings: The readings, in any order, of one kind and on one scale. On a scale where low is better, the
                numbers are turned, so that a high score is good.
            key: Returns the id that a reading belongs to, such as its `subject_id` or its `aspect`. None and an empty
                text are unknown.
            expected: The ids that should have readings.

        Raises:
            InvalidValueError: A reading has a level and no value, or another kind or another scale than the first.
        """
        checks.check_callable(key, "key", "lambda reading: reading.aspect")
        unassigned = 0

        def id_of(reading: Reading) -> Id | None:
            nonlocal unassigned
            name = key(reading)
            if name is None or name == "":
                unassigned += 1
                return None
            return name

        means = mean_by(readings, id_of, _name_nothing)
        return cls(
            scores=[(name, mean[None]) for name, mean in means.items() if name is not None],
            expected=expected,
            unassigned=unassigned,
        )

    @property
    def value(self) -> Decimal | None:
        """The lowest score; None if there are no scores."""
        return min((score for _, score in self.scores), default=None)

    @property
    def weakest(self) -> tuple[Id, ...]:
        """The ids with the lowest score; several if they are level."""
        return tuple(name for name, score in self.scores if score == self.value)

    @property
    def mean(self) -> Decimal | None:
        """The mean of the scores, each of the same weight; None if there are no scores."""
        return divide(self._total, len(self.scores)) if self.scores else None

    @property
    def range(self) -> Decimal | None:
        """The highest score minus the lowest; None if there are no scores."""
        highest = max((score for _, score in self.scores), default=None)
        return None if highest is None or self.value is None else EXACT.subtract(highest, self.value)

    @property
    def variance(self) -> Decimal | None:
        """The population variance of the scores; None if there are no scores."""
        n, squares = len(self.scores), ZERO
        if not n:
            return None
        for _, score in self.scores:
            squares = EXACT.add(squares, EXACT.multiply(score, score))
        total = self._total
        spread = EXACT.subtract(EXACT.multiply(squares, n), EXACT.multiply(total, total))
        return EXACT.add(RATIO.divide(spread, n * n), ZERO)

    @property
    def _total(self) -> Decimal:
        total = ZERO
        for _, score in self.scores:
            total = EXACT.add(total, score)
        return total

    @property
    def coverage(self) -> Decimal | None:
        """The share of the expected ids that have a score; None if none are expected."""
        return ratio(len(self.expected) - len(self.unread), len(self.expected))

    @property
    def unread(self) -> tuple[Id, ...]:
        """The expected ids without a score."""
        known = {name for name, _ in self.scores}
        return tuple(name for name in self.expected if name not in known)

    @property
    def unexpected(self) -> tuple[Id, ...]:
        """The ids that have a score and are not expected; none if it is not known what is expected."""
        if not self.expected:
            return ()
        return tuple(name for name, _ in self.scores if name not in self.expected)

    def below(self, floor: Decimal | int | str, /) -> tuple[Id, ...]:
        """Return the ids whose score is below a floor, in the order of the scores.

        Args:
            floor: The lowest score that is still good enough; one that has exactly this score is not below it.
        """
        least = checks.as_exact(floor, "floor")
        return tuple(name for name, score in self.scores if score < least)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read it: who has no score, who is not expected, and readings without a place."""
        found: list[Finding] = []
        for rule, names, message, advice in (
            ("expected_without_a_score", self.unread, "have no score", "measure them: one bad place spoils all"),
            ("score_of_an_unexpected_name", self.unexpected, "are not expected", "correct the name, or expect it too"),
        ):
            if names:
                found.append(
                    Finding(
                        rule=rule,
                        severity=Severity.WARNING,
                        subject="scores",
                        message=f"{len(names)} {message}: {', '.join(map(str, names[:_SHOWN]))}",
                        advice=advice,
                        evidence=[("names", len(names))],
                    )
                )
        if self.unassigned:
            found.append(
                Finding(
                    rule="readings_without_a_place",
                    severity=Severity.WARNING,
                    subject="readings",
                    message=f"{self.unassigned} readings do not say where they belong, and are in no score",
                    advice="give each reading its subject or its aspect",
                    evidence=[("readings", self.unassigned)],
                )
            )
        return tuple(found)

    def explain(self) -> Explanation:
        """Return how the figures come about, line by line."""
        names = [f"score_{number}" for number in range(1, len(self.scores) + 1)]
        lines = [term(name, score, "points") for name, (_, score) in zip(names, self.scores, strict=True)]
        if names:
            listed, n = ", ".join(names), len(names)
            highest = f"max({listed})" if n > 1 else listed
            squares = " + ".join(f"({name} - mean) ** 2" for name in names)
            lines += [
                term("value", self.value, "points", f"min({listed})" if n > 1 else listed),
                term("range", self.range, "points", f"{highest} - value"),
                term("mean", self.mean, "points", f"({' + '.join(names)}) / {n}"),
                term("variance", self.variance, "", f"({squares}) / {n}"),
            ]
        return Explanation(lines, cautions=self.cautions)
