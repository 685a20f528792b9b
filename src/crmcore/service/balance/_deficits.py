"""What a total of several balances hides."""

from collections.abc import Hashable, Mapping
from decimal import Decimal
from typing import Generic, TypeVar, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ZERO, plain_repr
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.service.balance._counting import Balance

__all__ = ["Deficits"]

_G = TypeVar("_G", bound=Hashable)
_K = TypeVar("_K", bound=Hashable)


def _optional_number(value: Decimal | int | str | None) -> Decimal | None:
    return cast("Decimal | None", value)


@attrs.frozen(kw_only=True)
class Deficits(Generic[_K]):
    """What a total hides: the groups whose bad moments are not offset.

    Examples:
        >>> from crmcore import TallyBy
        >>> team = TallyBy({"alice": Balance(good=24, bad=1), "bob": Balance(good=3, bad=1), "carol": Balance(good=20)})
        >>> team.total.value  # all is well, says the sum
        Decimal('23')
        >>> Deficits.of(team)
        Deficits(groups=3, count=1, sum=Decimal('9'), worst='bob', lowest=Decimal('-9'), unknown=None)

    Moments whose key is None are nobody's: they stand apart, neither counted nor summed.

    Attributes:
        groups: How many groups there are.
        count: How many of them are in deficit.
        sum: Their deficits together, which no surplus of others makes good.
        worst: The group with the lowest balance, the first of equals; None of none.
        lowest: Its balance; None of none.
        unknown: The balance of the moments without a key, such as those of unknown customers; None of none.

    Raises:
        InconsistentCountsError: More groups in deficit than there are groups, or a lowest balance that does not fit the
            rest.
        InvalidValueError: A negative count or sum.
    """

    groups: int
    count: int
    sum: Decimal = attrs.field(converter=checks.number, repr=plain_repr)
    worst: _K | None
    lowest: Decimal | None = attrs.field(converter=_optional_number, repr=plain_repr)
    unknown: Decimal | None = attrs.field(default=None, converter=_optional_number, repr=plain_repr)

    def __attrs_post_init__(self) -> None:
        for name in ("groups", "count"):
            checks.set_field(self, name, checks.as_count(getattr(self, name), name))
        for name in ("sum", "lowest", "unknown"):
            value = getattr(self, name)
            if name == "sum" or value is not None:
                checks.set_field(self, name, checks.as_decimal(value, name))
        if self.sum < 0:
            raise InvalidValueError(f"sum must be >= 0, got {show(self.sum)}", "sum", self.sum)
        if self.count > self.groups:
            raise InconsistentCountsError(
                f"count must be at most the {self.groups} groups there are, got {self.count}", "count", self.count
            )
        if (self.worst is None) is bool(self.groups) or (self.lowest is None) is bool(self.groups):
            raise InconsistentCountsError(
                f"worst and lowest are those of a group: give both where there are groups, here {self.groups}",
                "groups",
                self.groups,
            )
        deepest = ZERO if self.lowest is None else EXACT.max(ZERO, EXACT.minus(self.lowest))
        if not EXACT.multiply(deepest, min(self.count, 1)) <= self.sum <= EXACT.multiply(deepest, self.count) or (
            bool(deepest) is not bool(self.count)
        ):
            raise InconsistentCountsError(
                f"lowest, {show(self.lowest)}, does not fit the sum of {self.count} deficits, {show(self.sum)}",
                "lowest",
                self.lowest,
            )

    @classmethod
    def of(cls, balances: Mapping[_G, Balance], /) -> "Deficits[_G]":
        """Read off the groups of ``Balance.by``.

        Raises:
            PolicyMismatchError: The balances were counted at different ratios.
            WrongTypeError: What was given is no mapping of balances.
        """
        if not isinstance(balances, Mapping):
            raise WrongTypeError(f"balances must be a mapping, such as Balance.by(...) returns, got {show(balances)}")
        worst: _G | None = None
        lowest: Decimal | None = None
        unknown: Decimal | None = None
        together = ZERO
        groups = count = 0
        first: Balance | None = None
        for group, balance in balances.items():
            value = checks.as_instance(balance, Balance, "every value").value
            first = first or balance
            if balance.ratio != first.ratio:
                Balance.total((balance, first))  # refuses, and says so
            if group is None:
                unknown = value
                continue
            groups += 1
            if lowest is None or value < lowest:
                worst, lowest = group, value
            if value < 0:
                together = EXACT.subtract(together, value)
                count += 1
        kind = cast("type[Deficits[_G]]", cls)
        return kind(groups=groups, count=count, sum=together, worst=worst, lowest=lowest, unknown=unknown)
