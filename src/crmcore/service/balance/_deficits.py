"""The groups in deficit, which a total of several balances hides."""

from collections.abc import Hashable, Mapping
from decimal import Decimal
from typing import Annotated, Final, Generic, TypeVar, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ZERO, plain_repr
from crmcore.primitives._results import Result
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import InconsistentCountsError, WrongTypeError
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import KeyGuard
from crmcore.primitives.record import NON_NEGATIVE, SUM, Kind, maybe_number, number
from crmcore.service.balance._balance import Balance

__all__ = ["Deficits"]

_G = TypeVar("_G", bound=Hashable)
_K = TypeVar("_K", bound=Hashable)


def _as_sum(value: object, name: str) -> Decimal:
    result = checks.as_decimal(value, name)
    checks.check_not_below(result, 0, name)
    return result


_DEFICIT: Final = Kind(_as_sum, pattern=NON_NEGATIVE.pattern)


@attrs.frozen(kw_only=True)
class Deficits(Result, Generic[_K]):
    """The groups whose bad moments are not offset. A total of the groups hides them.

    Examples:
        >>> from crmcore import Balance, Deficits, TallyBy
        >>> team = TallyBy({"alice": Balance(good=24, bad=1), "bob": Balance(good=3, bad=1), "carol": Balance(good=20)})
        >>> team.total.value  # positive, although the group of bob is in deficit
        Decimal('23')
        >>> Deficits.of(team)
        Deficits(groups=3, count=1, sum=Decimal('9'), worst='bob', lowest=Decimal('-9'), unknown=None)

    The balance of the key None, such as that of unknown customers, is not a group. It is reported separately in
    `unknown`.

    Attributes:
        groups: The number of groups.
        count: The number of groups in deficit.
        sum: The sum of their deficits. The surplus of other groups does not reduce it.
        worst: The group with the lowest balance, the first of equals; None if there are no groups.
        lowest: The balance of that group; None if there are no groups.
        unknown: The balance of the key None; None if there is no such key.

    Raises:
        InconsistentCountsError: `count` exceeds `groups`, `worst` or `lowest` is given without groups or missing with
            groups, or `lowest` does not fit `sum` and `count`.
    """

    groups: int
    count: int
    sum: Annotated[Decimal, _DEFICIT] = attrs.field(converter=number, repr=plain_repr)
    worst: _K | None
    lowest: Annotated[Decimal, SUM] | None = attrs.field(converter=maybe_number, repr=plain_repr)
    unknown: Annotated[Decimal, SUM] | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)

    def _check(self) -> None:
        super()._check()
        KeyGuard().check([self.worst])
        if self.count > self.groups:
            raise InconsistentCountsError(
                "more_deficits_than_groups",
                f"count must be at most groups, got {self.count} of {self.groups}",
                field="count",
                operands=(self.count, self.groups),
            )
        if (self.worst is None) is bool(self.groups) or (self.lowest is None) is bool(self.groups):
            raise InconsistentCountsError(
                "worst_without_groups",
                f"worst and lowest must both be given if groups > 0, and neither otherwise, got {self.groups} groups",
                field="worst" if (self.worst is None) is bool(self.groups) else "lowest",
                operands=(self.groups,),
            )
        deepest = ZERO if self.lowest is None else EXACT.max(ZERO, EXACT.minus(self.lowest))
        if not EXACT.multiply(deepest, min(self.count, 1)) <= self.sum <= EXACT.multiply(deepest, self.count) or (
            bool(deepest) is not bool(self.count)
        ):
            raise InconsistentCountsError(
                "lowest_against_sum",
                f"lowest must fit sum and count, got {show(self.lowest)}, {show(self.sum)} and {self.count}",
                field="lowest",
                operands=(self.lowest, self.sum, self.count),
            )

    @classmethod
    def of(cls, balances: Mapping[_G, Balance], /) -> "Deficits[_G]":
        """Find the groups in deficit in a mapping such as ``Balance.by`` returns.

        Raises:
            PolicyMismatchError: The balances have different ratios.
        """
        if not isinstance(balances, Mapping):
            raise WrongTypeError(
                "not_a_mapping_of_balances",
                f"balances must be a mapping of balances, got {describe(balances)}",
                field="balances",
                advice="give what Balance.by(...) returns",
            )
        worst: _G | None = None
        lowest: Decimal | None = None
        unknown: Decimal | None = None
        total = ZERO
        groups = count = 0
        first: Balance | None = None
        for place, (group, balance) in enumerate(balances.items()):
            value = checks.as_instance(balance, Balance, f"balances[{place}]").value
            first = first or balance
            if balance.ratio != first.ratio:
                Balance.total((balance, first))  # raises, and names the two ratios
            if group is None:
                unknown = value
                continue
            groups += 1
            if lowest is None or value < lowest:
                worst, lowest = group, value
            if value < 0:
                total = EXACT.subtract(total, value)
                count += 1
        kind = cast("type[Deficits[_G]]", cls)
        return kind(groups=groups, count=count, sum=total, worst=worst, lowest=lowest, unknown=unknown)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read it: that everything is under the key None, so there is no group."""
        if self.groups or self.unknown is None:
            return ()
        return (
            Finding(
                rule="no_group_is_known",
                severity=Severity.WARNING,
                subject="groups",
                message="all moments are under the key None, so there is no group that could be in deficit",
                advice="look whether the key reads the right field",
            ),
        )
