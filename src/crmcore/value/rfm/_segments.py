"""Tables that name the customers of each combination of grades."""

from typing import Annotated, Any, Final

import attrs

from crmcore.primitives import checks
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.record import Name, between, several

__all__ = ["PUBLISHED_SEGMENTS", "SegmentRule", "SegmentTable"]

_GRADE: Final = between(1, 9)


@attrs.frozen(kw_only=True)
class SegmentRule(Result):
    """A name for the customers whose grades all lie in three ranges.

    Examples:
        >>> from crmcore.value.rfm import SegmentRule
        >>> SegmentRule(name="lost", recency=(1, 1), frequency=(1, 5), monetary=(1, 5)).matches(1, 4, 2)
        True

    Attributes:
        name: The name of the segment.
        recency: The lowest and the highest grade of recency.
        frequency: The lowest and the highest grade of frequency.
        monetary: The lowest and the highest grade of the spend.

    Raises:
        InvalidValueError: A lowest grade is above the highest.
    """

    name: Name
    recency: tuple[Annotated[int, _GRADE], Annotated[int, _GRADE]]
    frequency: tuple[Annotated[int, _GRADE], Annotated[int, _GRADE]]
    monetary: tuple[Annotated[int, _GRADE], Annotated[int, _GRADE]]

    def _check(self) -> None:
        super()._check()
        for name in ("recency", "frequency", "monetary"):
            low, high = getattr(self, name)
            if low > high:
                raise InvalidValueError(
                    "range_of_grades_reversed",
                    f"{name} must be the lowest and the highest grade, got {low} and {high}",
                    field=name,
                    operands=(low, high),
                )

    def matches(self, recency: int, frequency: int, monetary: int) -> bool:
        """Return whether three grades from 1 to 9 all lie in the ranges."""
        for name, grade in (("recency", recency), ("frequency", frequency), ("monetary", monetary)):
            checks.as_whole(grade, name, 1, 9)
        return self._covers(recency, frequency, monetary)

    def _covers(self, *grades: int) -> bool:
        ranges = (self.recency, self.frequency, self.monetary)
        return all(low <= grade <= high for grade, (low, high) in zip(grades, ranges, strict=True))


@attrs.frozen(kw_only=True)
class SegmentTable(Result):
    """Names of segments by grades: the first rule that matches decides, and what matches none has a name too.

    Examples:
        >>> from crmcore.value.rfm import PUBLISHED_SEGMENTS
        >>> PUBLISHED_SEGMENTS.find(5, 5, 5), PUBLISHED_SEGMENTS.find(1, 4, 5), PUBLISHED_SEGMENTS.find(2, 1, 5)
        ('champions', 'cant_lose_them', 'others')
        >>> PUBLISHED_SEGMENTS.cells, PUBLISHED_SEGMENTS.unmatched_cells, PUBLISHED_SEGMENTS.unreached
        (125, 10, ())

    Attributes:
        rules: The rules, in the order in which they are tried.
        quantiles: The number of grades, from 2 to 9.
        others: The name of what no rule matches.

    Raises:
        InvalidValueError: A rule has a grade above `quantiles`, or the name of the others is that of a rule.
    """

    ratios = ("cells", "unmatched_cells")

    rules: tuple[SegmentRule, ...] = attrs.field(converter=several)
    quantiles: Annotated[int, between(2, 9)] = 5
    others: Name = "others"

    def _check(self) -> None:
        super()._check()
        for place, rule in enumerate(self.rules):
            highest = max(rule.recency[1], rule.frequency[1], rule.monetary[1])
            if highest > self.quantiles:
                raise InvalidValueError(
                    "rule_above_quantiles",
                    f"rules must have grades up to {self.quantiles}, got {highest} in {show(rule.name)}",
                    field="rules",
                    operands=(highest, self.quantiles),
                    record=place,
                )
        if any(rule.name == self.others for rule in self.rules):
            raise InvalidValueError(
                "others_named_like_a_rule",
                f"others must differ from the names of the rules, got {show(self.others)}",
                field="others",
                operands=(self.others,),
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all segments, each once, and that of the others."""
        return (*dict.fromkeys(rule.name for rule in self.rules), self.others)

    @property
    def cells(self) -> int:
        """The number of combinations of grades."""
        return self.quantiles**3

    @property
    def unmatched(self) -> tuple[tuple[int, int, int], ...]:
        """The combinations that no rule matches."""
        return tuple(
            cell for cell in self._list_cells_of_grades() if not any(rule.matches(*cell) for rule in self.rules)
        )

    @property
    def unmatched_cells(self) -> int:
        """The number of combinations that no rule matches."""
        return len(self.unmatched)

    @property
    def unreached(self) -> tuple[str, ...]:
        """The rules that never decide, because earlier rules match all that they match."""
        deciding = {id(self._find_rule(*cell)) for cell in self._list_cells_of_grades()}
        return tuple(rule.name for rule in self.rules if id(rule) not in deciding)

    def find(self, recency: int, frequency: int, monetary: int) -> str:
        """Return the segment of three grades.

        Raises:
            InvalidValueError: A grade is below 1 or above `quantiles`.
        """
        for name, grade in (("recency", recency), ("frequency", frequency), ("monetary", monetary)):
            checks.as_whole(grade, name, 1, self.quantiles)
        rule = self._find_rule(recency, frequency, monetary)
        return self.others if rule is None else rule.name

    def _find_rule(self, recency: int, frequency: int, monetary: int) -> SegmentRule | None:
        return next((rule for rule in self.rules if rule._covers(recency, frequency, monetary)), None)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - of the same module

    def _list_cells_of_grades(self) -> list[tuple[int, int, int]]:
        grades = range(1, self.quantiles + 1)
        return [(one, two, three) for one in grades for two in grades for three in grades]

    def _list_rows(self) -> list[dict[str, Any]]:
        return [
            {name: str(getattr(rule, name)) for name in ("name", "recency", "frequency", "monetary")}
            for rule in self.rules
        ]


def _rule(name: str, *ranges: tuple[int, int]) -> SegmentRule:
    return SegmentRule(name=name, recency=ranges[0], frequency=ranges[1], monetary=ranges[2])


PUBLISHED_SEGMENTS: Final = SegmentTable(
    rules=[
        _rule("champions", (5, 5), (5, 5), (5, 5)),
        _rule("potential_loyalist", (3, 5), (3, 5), (2, 5)),
        _rule("loyal_customers", (2, 4), (2, 4), (2, 4)),
        _rule("promising", (3, 4), (1, 3), (3, 5)),
        _rule("new_customers", (4, 5), (1, 3), (1, 5)),
        _rule("cant_lose_them", (1, 2), (3, 4), (4, 5)),
        _rule("at_risk", (1, 2), (2, 5), (4, 5)),
        _rule("need_attention", (1, 3), (3, 5), (3, 5)),
        _rule("about_to_sleep", (2, 3), (1, 3), (1, 4)),
        _rule("lost", (1, 1), (1, 5), (1, 5)),
    ]
)
"""The table that the R package `rfm` (version 0.3, `rfm_segment`) gives as its example. It leaves out 10 of the 125
combinations of grades, which are named ``others`` here."""
