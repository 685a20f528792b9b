"""The gap between the service that customers perceive and the one that they expect, by dimension."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Self, TypeVar

import attrs

from crmcore.model.survey import Question, Response
from crmcore.primitives import checks
from crmcore.primitives._decimals import DEEP, EXACT, ONE, ZERO, plain_repr, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, UnknownNameError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import enumerate_once
from crmcore.primitives.record import SUM, number
from crmcore.primitives.tally import Tally, TallyBy
from crmcore.voice.expectations._answers import place_by, read_answer, read_ends

__all__ = ["ServiceDimension", "ServiceGap", "Servqual"]

_K = TypeVar("_K", bound=Hashable)
_POINTS: Final = Decimal(100)
_Items = list[tuple[str, tuple[Question, tuple[int, int, bool]], tuple[Question, tuple[int, int, bool]]]]


class ServiceDimension(StrEnum):
    """The five dimensions of service quality of SERVQUAL.

    The members are suggestions: a dimension may be any text of your own.

    Attributes:
        TANGIBLES: Premises, equipment, how the staff look.
        RELIABILITY: What was promised is done, and done right.
        RESPONSIVENESS: Help comes willingly and fast.
        ASSURANCE: The staff know their work, and inspire trust.
        EMPATHY: The customer is seen as a person.

    Source: Parasuraman, Zeithaml and Berry 1988, Journal of Retailing 64:12-40.
    """

    TANGIBLES = "tangibles"
    RELIABILITY = "reliability"
    RESPONSIVENESS = "responsiveness"
    ASSURANCE = "assurance"
    EMPATHY = "empathy"


@attrs.frozen(kw_only=True)
class ServiceGap(Tally):
    """Sums of what customers perceive and expect, over complete items. Records of disjoint responses can be added.

    An item is complete if both its halves are answered, the perception and the expectation.

    Examples:
        >>> from crmcore import ServiceGap
        >>> ServiceGap(perceived=51, expected=64, complete=10, only_expected=1).value
        Decimal('-1.3')

    Attributes:
        perceived: The sum of the perceptions of complete items; high is good.
        expected: The sum of their expectations.
        complete: The number of complete items.
        only_perceived: The number of items without the expectation.
        only_expected: The number of items without the perception.
        unanswered: The number of items without both.

    Raises:
        InconsistentCountsError: There are sums, and no complete items.
    """

    ratios = ("mean_perceived", "mean_expected", "value")

    perceived: Annotated[Decimal, SUM] = attrs.field(default=ZERO, converter=number, repr=plain_repr)
    expected: Annotated[Decimal, SUM] = attrs.field(default=ZERO, converter=number, repr=plain_repr)
    complete: int = 0
    only_perceived: int = 0
    only_expected: int = 0
    unanswered: int = 0

    def _check(self) -> None:
        super()._check()
        if not self.complete and (self.perceived or self.expected):
            name = "perceived" if self.perceived else "expected"
            raise InconsistentCountsError(
                "sums_of_no_items",
                f"{name} must be 0 without complete items, got {show(getattr(self, name))}",
                field=name,
                operands=(getattr(self, name),),
            )

    @property
    def mean_perceived(self) -> Decimal | None:
        """The mean perception; None without complete items."""
        return ratio(self.perceived, self.complete)

    @property
    def mean_expected(self) -> Decimal | None:
        """The mean expectation; None without complete items."""
        return ratio(self.expected, self.complete)

    @property
    def value(self) -> Decimal | None:
        """The gap, ``(perceived - expected) / complete``; negative if the service is below; None without items."""
        return ratio(EXACT.subtract(self.perceived, self.expected), self.complete)

    def explain(self) -> Explanation:
        """Return how the gap comes about, line by line."""
        return Explanation(
            (
                term("perceived", self.perceived),
                term("expected", self.expected),
                term("complete", self.complete, "items"),
                term("only_perceived", self.only_perceived, "items"),
                term("only_expected", self.only_expected, "items"),
                term("unanswered", self.unanswered, "items"),
                term("value", self.value, "", "(perceived - expected) / complete"),
            ),
            source="Parasuraman, Zeithaml and Berry 1988",
        )


_NO_GAPS: Final[TallyBy[str, ServiceGap]] = TallyBy()


@attrs.frozen(kw_only=True)
class Servqual(Tally):
    """Gaps between perception and expectation by dimension of service. Records of disjoint responses can be added.

    Examples:
        >>> from crmcore import ServiceGap, Servqual, TallyBy
        >>> scores = {"tangibles": ("4.1", "4.5"), "reliability": ("5.1", "6.4"), "empathy": ("5", "5.2")}
        >>> service = Servqual(
        ...     gaps=TallyBy(
        ...         {
        ...             name: ServiceGap(perceived=seen, expected=hoped, complete=1)
        ...             for name, (seen, hoped) in scores.items()
        ...         }
        ...     )
        ... )
        >>> service.gaps["reliability"].value, service.score
        (Decimal('-1.3'), Decimal('-0.6333333333333333333333333333333333'))
        >>> service.weighted({"tangibles": 20, "reliability": 50, "empathy": 30})
        Decimal('-0.79')

    Attributes:
        gaps: The gap of each dimension.

    Source: Parasuraman, Zeithaml and Berry 1988, Journal of Retailing 64:12-40.
    """

    ratios = ("score",)

    gaps: TallyBy[str, ServiceGap] = _NO_GAPS

    def _check(self) -> None:
        super()._check()
        for dimension in self.gaps:
            checks.as_nonempty_text(dimension, "gaps")

    @classmethod
    def of(cls, responses: Iterable[Response], items: Iterable[tuple[Question, Question]], /) -> Self:
        """Sum the answers to the items, by dimension. A response that has an id counts once.

        An item with one half missing is in no sum; it is counted apart. All complete items of a dimension weigh the
        same, from any customer. An item on whose scale low is good is turned: it counts ``low + high - answer``.

        Examples:
            >>> from crmcore import Question, Response, Scale, Servqual, instant
            >>> agree = Scale.AGREEMENT_1_7
            >>> slow = Scale(low=1, high=7, higher_is_better=False)
            >>> items = [
            ...     (
            ...         Question(id=f"perceived {name}", text="...", scale=scale, concept=dimension),
            ...         Question(id=f"expected {name}", text="...", scale=scale, concept=dimension),
            ...     )
            ...     for name, dimension, scale in [("on time", "reliability", agree), ("slow", "responsiveness", slow)]
            ... ]
            >>> response = Response(
            ...     survey_id="q1",
            ...     at=instant("2026-03-02"),
            ...     answers=[
            ...         ("perceived on time", 5),
            ...         ("expected on time", 7),
            ...         ("perceived slow", 3),
            ...         ("expected slow", 2),
            ...     ],
            ... )
            >>> service = Servqual.of([response], items)
            >>> {dimension: gap.value for dimension, gap in service.gaps.items()}
            {'reliability': Decimal('-2'), 'responsiveness': Decimal('-1')}

        Args:
            responses: The responses, in any order.
            items: Pairs of the question about the perception and the one about the expectation. Both have one scale,
                and their `concept` is the dimension.

        Raises:
            InvalidValueError: The questions of an item differ in scale or concept, or have no concept; a scale does not
                say which end is better; or an answer is not on it.
            WrongTypeError: An answer is a text.
        """
        read = _read_items(items)
        return cls._count(enumerate_once(responses, Response, "responses"), read)

    @classmethod
    def by(
        cls, responses: Iterable[Response], key: Callable[[Response], _K], items: Iterable[tuple[Question, Question]], /
    ) -> TallyBy[_K, Self]:
        """Sum the answers to the items by dimension, for each value of a key.

        Examples:
            >>> from crmcore import Question, Response, Scale, Servqual, instant
            >>> seen, hoped = (
            ...     Question(id=name, text="...", scale=Scale.AGREEMENT_1_7, concept="empathy") for name in ("P1", "E1")
            ... )
            >>> responses = [
            ...     Response(survey_id="q1", at=instant("2026-03-02"), answers=[("P1", n), ("E1", 6)], segment=segment)
            ...     for segment, n in [("new", 4), ("old", 7)]
            ... ]
            >>> served = Servqual.by(responses, lambda response: response.segment, [(seen, hoped)])
            >>> {segment: row.score for segment, row in served.items()}
            {'new': Decimal('-2'), 'old': Decimal('1')}

        Args:
            responses: The responses, in any order.
            key: Returns the key of a response, such as its segment.
            items: Pairs of the question about the perception and the one about the expectation.
        """
        read = _read_items(items)
        groups = place_by(responses, key)
        return TallyBy({group: cls._count(row, read) for group, row in groups.items()})

    @classmethod
    def _count(cls, placed: Iterable[tuple[int, Response]], items: _Items) -> Self:
        sums = {dimension: [0, 0, 0, 0, 0, 0] for dimension, _, _ in items}
        for place, response in placed:
            for dimension, seen, hoped in items:
                row = sums[dimension]
                perceived, expected = (read_answer(response, *half, place) for half in (seen, hoped))
                if perceived is None:
                    row[5 if expected is None else 4] += 1
                elif expected is None:
                    row[3] += 1
                else:
                    row[0] += perceived
                    row[1] += expected
                    row[2] += 1
        names = [field.name for field in attrs.fields(ServiceGap)]
        return cls(
            gaps=TallyBy(
                {dimension: ServiceGap(**dict(zip(names, row, strict=True))) for dimension, row in sums.items()}
            )
        )

    @property
    def score(self) -> Decimal | None:
        """The unweighted score, the mean of the gaps of the dimensions; None if one is unknown or there are none."""
        return self._weigh(dict.fromkeys(self.gaps, ONE), Decimal(len(self.gaps)))

    def weighted(self, weights: Mapping[str, Decimal | int | str], /) -> Decimal | None:
        """Return the score weighted by the importance of the dimensions, or None if a weighted gap is unknown.

        Examples:
            >>> from crmcore import ServiceGap, Servqual, TallyBy
            >>> service = Servqual(
            ...     gaps=TallyBy(
            ...         {"reliability": ServiceGap(perceived=5, expected=6, complete=1), "empathy": ServiceGap()}
            ...     )
            ... )
            >>> (
            ...     service.weighted({"reliability": 60, "empathy": 40}) is None,
            ...     service.weighted({"reliability": 1, "empathy": 0}),
            ... )
            (True, Decimal('-1'))

        Args:
            weights: The weight of each dimension, >= 0: points that add up to 100, or shares that add up to 1.

        Raises:
            InvalidValueError: The weights add up to neither 100 nor 1.
            UnknownNameError: A weight is of no dimension, or a dimension has no weight.

        Source: Zeithaml, Parasuraman and Berry 1990, Delivering Quality Service.
        """
        checks.check_mapping(weights, "weights", "dimensions to weights")
        read = {dimension: _read_weight(weight, dimension) for dimension, weight in weights.items()}
        for dimension in read:
            if dimension not in self.gaps:
                raise UnknownNameError(
                    "weight_of_no_dimension",
                    f"weights must be of the dimensions, {', '.join(self.gaps)}, got {show(dimension)}",
                    field="weights",
                    record=dimension,
                )
        for dimension in self.gaps:
            if dimension not in read:
                raise UnknownNameError(
                    "dimension_without_weight",
                    f"weights must have one of each dimension, without {show(dimension)}",
                    field="weights",
                    record=dimension,
                    advice="give 0 to a dimension that does not count",
                )
        whole = ZERO
        for weight in read.values():
            whole = EXACT.add(whole, weight)
        if whole not in {ONE, _POINTS}:
            raise InvalidValueError(
                "weights_do_not_add_up",
                f"weights must add up to 100 or to 1, got {show(whole)}",
                field="weights",
                operands=(whole,),
            )
        return self._weigh(read, whole)

    def _weigh(self, weights: Mapping[str, Decimal], whole: Decimal) -> Decimal | None:
        """Return the weighted mean of the gaps, rounded once; None if one of a weight > 0 is unknown."""
        total = ZERO
        for dimension, weight in weights.items():
            gap = self.gaps[dimension]
            if weight:
                if not gap.complete:
                    return None
                distance = EXACT.subtract(gap.perceived, gap.expected)
                total = DEEP.add(total, DEEP.divide(EXACT.multiply(weight, distance), gap.complete))
        return ratio(total, whole)

    def rows(self, *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each dimension.

        Args:
            plain: Whether cells are plain, as `Tally.row` says. Otherwise they are exact.
        """
        checks.as_instance(plain, bool, "plain")
        return self.gaps.rows("dimension", plain=plain)

    def _list_rows(self) -> list[dict[str, Any]]:
        return self.rows(plain=False)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read the score: dimensions without a complete item."""
        silent = [dimension for dimension, gap in self.gaps.items() if not gap.complete]
        if not silent:
            return ()
        return (
            Finding(
                rule="dimension_without_items",
                severity=Severity.WARNING,
                subject="gaps",
                message=f"no item is complete in {', '.join(silent)}, so there is no score",
                advice="read the other gaps, or give it the weight 0",
                evidence=[("dimensions", len(silent))],
            ),
        )

    def explain(self) -> Explanation:
        """Return how the score comes about, line by line."""
        names = [f"gap_{place}" for place in range(1, len(self.gaps) + 1)]
        known = bool(names) and self.score is not None
        return Explanation(
            (
                *(
                    term(name, gap.value, dimension)
                    for name, (dimension, gap) in zip(names, self.gaps.items(), strict=True)
                ),
                term("score", self.score, "", f"({' + '.join(names)}) / {len(names)}" if known else ""),
            ),
            source="Parasuraman, Zeithaml and Berry 1988",
            cautions=self.cautions,
        )


def _read_weight(weight: object, dimension: object) -> Decimal:
    return checks.as_non_negative(weight, f"weights[{dimension!r}]")


def _read_items(items: Iterable[tuple[Question, Question]]) -> _Items:
    read: _Items = []
    for place, entry in enumerate(checks.iterate(items, "items", "pair of questions")):
        name = f"items[{place}]"
        halves = checks.as_pair(entry, name, "the questions about perception and expectation")
        perceived, expected = (checks.as_instance(half, Question, name) for half in halves)
        if perceived.scale != expected.scale or perceived.concept != expected.concept or not perceived.concept:
            what = "scale" if perceived.scale != expected.scale else "concept"
            raise InvalidValueError(
                "halves_of_two_items",
                f"{name} must be two questions of one scale and one concept, its dimension, got {what} "
                f"{show(str(getattr(perceived, what)))} and {show(str(getattr(expected, what)))}",
                field="items",
                record=place,
                advice="write the dimension as the concept of both questions",
                operands=(str(getattr(perceived, what)), str(getattr(expected, what))),
            )
        read.append((perceived.concept, (perceived, read_ends(perceived, name)), (expected, read_ends(expected, name))))
    checks.check_unique([seen[0].id for _, seen, _ in read], "items", "a question about the perception")
    return read
