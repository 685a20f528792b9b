"""Ordered levels of loyalty, the states of a customer without one, and the rules that read a number as a level."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Self

import attrs

from crmcore.model.reading import LoyaltyLevel, Reading, SubjectKind
from crmcore.model.survey import Scale, check_on_scale, find_ends
from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, PolicyMismatchError
from crmcore.primitives.record import Label, Record, between, several

__all__ = ["LEVELS", "LevelReader", "LevelRule", "NoLevel", "as_levels", "as_rules", "check_levels"]

LEVELS: Final[tuple[str, ...]] = tuple(LoyaltyLevel)
"""The three levels of the source articles, best first: loyal, satisfied, aggrieved."""


class NoLevel(StrEnum):
    """Why a customer has no level. Neither state is ever counted as satisfied, nor as a customer who left.

    Attributes:
        UNKNOWN: No reading gives the customer a level.
        UNREAD: The customer had a level, but was not read again in time: every reading is older than the window.
    """

    UNKNOWN = "unknown"
    UNREAD = "unread"


def as_levels(levels: Iterable[str], name: str = "levels") -> tuple[str, ...]:
    """Return an ordered vocabulary of levels, best first."""
    found = tuple(
        checks.as_label(level, LoyaltyLevel, f"{name}[{place}]")
        for place, level in enumerate(checks.iterate(levels, name, "level"))
    )
    check_levels(found, name)
    return found


def check_levels(levels: tuple[str, ...], name: str) -> None:
    """Check that there are at least two levels, all different, and none with the name of a `NoLevel`."""
    checks.check_unique(levels, name, "a level")
    if len(levels) < _FEWEST:
        raise InvalidValueError(
            "too_few_levels",
            f"{name} must be at least {_FEWEST}, got {len(levels)}",
            field=name,
            operands=(len(levels),),
        )
    for place, level in enumerate(levels):
        if level in _NOT_LEVELS:
            raise InvalidValueError(
                "state_as_a_level",
                f"{name} must not have the name of a state without a level, got {show(level)}",
                field=name,
                record=place,
                advice="leave it out: customers without a level are counted apart",
                operands=(level,),
            )


_FEWEST: Final = 2
_NOT_LEVELS: Final = frozenset(state.value for state in NoLevel)


@attrs.frozen(kw_only=True)
class LevelRule(Record):
    """How the numbers of a scale are read as levels: a policy, which a company may replace by its own.

    Examples:
        >>> from crmcore import LevelRule, Scale
        >>> [LevelRule.NPS.level(answer).value for answer in (9, 8, 7, 6)]
        ['loyal', 'satisfied', 'satisfied', 'aggrieved']
        >>> [LevelRule.CSAT.level(answer).value for answer in (5, 4, 3, 2)]
        ['loyal', 'satisfied', 'satisfied', 'aggrieved']
        >>> faces = Scale("faces", low=1, high=4, higher_is_better=True)
        >>> LevelRule(scale=faces, levels=("fan", "guest", "critic", "lost"), cuts=(4, 3, 2)).level(2)
        'critic'

    Attributes:
        scale: The scale, which must have numbers and say which end is better.
        cuts: For each level but the last, best level first, the worst number that still belongs to it. A number equal
            to a cut belongs to the better level.
        levels: The levels, best first.
        NPS: 9 and 10 are loyal, 7 and 8 satisfied, 0 to 6 aggrieved.
        CSAT: 5 of 5 is loyal, 3 and 4 are satisfied, 1 and 2 aggrieved.

    Raises:
        InconsistentCountsError: There is not one cut for each level but the last.
        InvalidValueError: Fewer than two levels, a level twice, or one named as a `NoLevel`; a scale of words or
            without a better end; a cut off the scale, or cuts that do not go from the better to the worse end.

    Source: Reichheld 2003, Harvard Business Review 81(12):46-54 (the groups of the Net Promoter Score); Jones and
    Sasser 1995, Why Satisfied Customers Defect, Harvard Business Review 73(6):88-99 (only the completely satisfied are
    loyal).
    """

    scale: Scale
    cuts: tuple[Annotated[int, between(-(10**6), 10**6)], ...] = attrs.field(converter=several)
    levels: tuple[Label[LoyaltyLevel], ...] = attrs.field(default=LEVELS, converter=several)

    NPS: ClassVar["LevelRule"]
    CSAT: ClassVar["LevelRule"]

    def _check(self) -> None:
        super()._check()
        check_levels(self.levels, "levels")
        low, high, _ = find_ends(self.scale, "scale")
        if len(self.cuts) != len(self.levels) - 1:
            raise InconsistentCountsError(
                "cuts_of_other_levels",
                f"cuts must be {len(self.levels) - 1}, one for each level but the last, got {len(self.cuts)}",
                field="cuts",
                operands=(len(self.levels) - 1, len(self.cuts)),
            )
        for place, cut in enumerate(self.cuts):
            if not low <= cut <= high:
                raise InvalidValueError(
                    "cut_off_the_scale",
                    f"cuts must be from {low} to {high} on the scale {self.scale}, got {cut}",
                    field="cuts",
                    record=place,
                    operands=(cut, self.scale),
                )
            if place and self._is_at_least(cut, self.cuts[place - 1]):
                raise InvalidValueError(
                    "cuts_out_of_order",
                    f"cuts must go from the better to the worse end, got {cut} after {self.cuts[place - 1]}",
                    field="cuts",
                    record=place,
                    operands=(cut, self.cuts[place - 1]),
                )

    def _is_at_least(self, value: Decimal | int, cut: int) -> bool:
        return value >= cut if self.scale.higher_is_better else value <= cut

    @classmethod
    def top_box(cls, scale: Scale, /) -> Self:
        """Return the rule of three levels for any scale: the best step is loyal, steps below the middle aggrieved.

        Examples:
            >>> from crmcore import LevelRule, Scale
            >>> LevelRule.top_box(Scale.SATISFACTION_1_7).cuts, LevelRule.top_box(Scale.EFFORT_1_5).cuts
            ((7, 4), (1, 3))

        Args:
            scale: The scale, of at least three steps. The middle step of an odd number is satisfied.

        Raises:
            InvalidValueError: The scale has two steps, has no numbers or does not say which end is better.
        """
        checks.as_instance(scale, Scale, "scale")
        low, high = scale.low or 0, scale.high or 0
        if scale.higher_is_better:
            return cls(scale=scale, cuts=(high, -(-(low + high) // 2)))
        return cls(scale=scale, cuts=(low, (low + high) // 2))

    def level(self, value: Decimal | int | str, /) -> str:
        """Return the level of a number.

        Raises:
            InvalidValueError: The number is not on the scale.
        """
        return self.levels[self.rank(value)]

    def rank(self, value: Decimal | int | str, /) -> int:
        """Return the place of the level of a number; 0 is the best level.

        Raises:
            InvalidValueError: The number is not on the scale.
        """
        number = checks.as_exact(value, "value")
        check_on_scale(number, self.scale, "value")
        for place, cut in enumerate(self.cuts):
            if self._is_at_least(number, cut):
                return place
        return len(self.cuts)


LevelRule.NPS = LevelRule(scale=Scale.RECOMMEND_0_10, cuts=(9, 7))
LevelRule.CSAT = LevelRule(scale=Scale.SATISFACTION_1_5, cuts=(5, 3))

_RULES: Final = (
    LevelRule.NPS,
    LevelRule.CSAT,
    LevelRule.top_box(Scale.SATISFACTION_1_7),
    LevelRule.top_box(Scale.SATISFACTION_1_10),
)

# Their public home, whichever room loads them first: pickles name it.
NoLevel.__module__ = LevelRule.__module__ = "crmcore.voice.loyalty"


def as_rules(rules: Iterable[LevelRule] | None, levels: tuple[str, ...]) -> tuple[LevelRule, ...]:
    """Return rules that have these levels, one for each scale; the usual ones if none are given."""
    if rules is None:
        return _RULES if levels == LEVELS else ()
    found = tuple(checks.iterate_records(rules, LevelRule, "rules"))
    checks.check_unique([rule.scale for rule in found], "rules", "a scale")
    for place, rule in enumerate(found):
        if rule.levels != levels:
            raise PolicyMismatchError(
                "rule_of_other_levels",
                f"rules must have the levels {', '.join(levels)}, got {', '.join(rule.levels)}",
                field="rules",
                record=place,
                advice="give the same levels to both",
                operands=(levels, rule.levels),
            )
    return found


class LevelReader:
    """Reads the level of a reading of a customer, by the same rules in each room."""

    def __init__(self, rules: Iterable[LevelRule] | None) -> None:
        self._rules: Mapping[Scale | None, LevelRule] = {rule.scale: rule for rule in as_rules(rules, LEVELS)}

    def read(self, reading: Reading) -> LoyaltyLevel | None:
        """Return the level, or None if no rule reads the number or if the number is not about a customer."""
        if reading.value is None:
            return reading.level
        rule = self._rules.get(reading.scale) if reading.subject_kind is SubjectKind.CUSTOMER else None
        return None if rule is None else LoyaltyLevel(rule.levels[rule.rank(reading.value)])
