"""The result of every method: which touchpoint earned how much."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from operator import itemgetter
from typing import Final, cast

import attrs

from crmcore.journeys.attribution._outcomes import NO_VALUE, as_comparable
from crmcore.primitives import checks, money
from crmcore.primitives._decimals import DEEP, EXACT, ONE, RATIO, ZERO, plain, plain_repr, ratio, round_to_finest
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.money import Money

__all__ = ["Attribution"]

Pairs = tuple[tuple[Id, Decimal], ...]

_CLOSE: Final = Decimal("1E-25")
"""How much the sum of credits may differ, as each is rounded to 34 digits."""


def _pairs(pairs: Iterable[tuple[Id, Decimal | int | str]]) -> Pairs:
    return cast("Pairs", pairs)


def _pairs_repr(pairs: Pairs) -> str:
    """Return the `repr` of pairs, the same under every decimal context."""
    inside = ", ".join(f"({touchpoint_id!r}, Decimal('{plain(number)}'))" for touchpoint_id, number in pairs)
    return f"({inside}{',' if len(pairs) == 1 else ''})"


def _probability(share: Decimal | int | str | float | None) -> Decimal | None:
    return cast("Decimal | None", share)


@attrs.frozen(kw_only=True)
class Attribution:
    """The conversions, shared out among the touchpoints by one method.

    Examples:
        >>> from crmcore import Money, Outcome, attribution
        >>> paths = {
        ...     ("search",): Outcome(conversions=1, nulls=3, value=Money(50, "EUR")),
        ...     ("search", "email", "email"): Outcome(conversions=2, value=Money(50, "EUR")),
        ... }
        >>> found = attribution.linear(paths)
        >>> found.credit("email"), found.share("search")
        (Decimal('1.333333333333333333333333333333333'), Decimal('0.5555555555555555555555555555555557'))
        >>> found.split()
        (('search', Money('66.67', 'EUR')), ('email', Money('33.33', 'EUR')))
        >>> print(found.explain())
        credit_1       1.6666666666...  conversions of search
        credit_2       1.3333333333...  conversions of email
        conversions                  3  conversions            = credit_1 + credit_2
        unattributed                 0  conversions
        amount_1      66.6666666666...  EUR of search
        amount_2      33.3333333333...  EUR of email
        value                      100  EUR                    = amount_1 + amount_2

    Attributes:
        method: The name of the method.
        credits: What each touchpoint earned of the conversions, to 34 digits: highest first, equals by the text of
            their ids, so that the order of journeys does not matter. A touchpoint that earned nothing has credit 0.
        conversions: The conversions that were shared out: those with a touch before them.
        unattributed: Conversions without a touch before them, which no touchpoint earned.
        value: The money shared out; 0 XXX if no worth was given. Zero is equal in all currencies.
        amounts: What each touchpoint earned of the money, in the order of `credits`, exact to 34 digits; `split` rounds
            it to whole cents. Empty if `value` is zero.
        order: How many touchpoints back a Markov chain remembers; None for other methods.
        conversion_probability: How likely the chain leads to a conversion, paths without a touch left out; None for
            other methods, and if there are no paths.
        removal_effects: The share of the conversions that would be lost without each touchpoint, by a Markov chain.
            They do not add up to 1. Empty for other methods, and if nothing converted.

    Raises:
        InconsistentCountsError: Credits that do not add up to the conversions, amounts that do not add up to the value,
            or amounts or removal effects of other touchpoints than `credits`.
        InvalidValueError: An empty method, a negative number, or a touchpoint that comes twice.
    """

    method: str
    credits: Pairs = attrs.field(default=(), converter=_pairs, repr=_pairs_repr)
    conversions: int = 0
    unattributed: int = 0
    value: Money = attrs.field(default=NO_VALUE, eq=as_comparable)
    amounts: Pairs = attrs.field(default=(), converter=_pairs, repr=_pairs_repr)
    order: int | None = None
    conversion_probability: Decimal | None = attrs.field(default=None, converter=_probability, repr=plain_repr)
    removal_effects: Pairs = attrs.field(default=(), converter=_pairs, repr=_pairs_repr)

    def __attrs_post_init__(self) -> None:
        if not checks.as_text(self.method, "method"):
            raise InvalidValueError("method must not be empty", "method")
        for name in ("conversions", "unattributed"):
            checks.set_field(self, name, checks.as_count(getattr(self, name), name))
        money.as_non_negative(self.value, "value")
        earned = _as_numbers(self.credits, "credits")
        by_id = [(touchpoint_id, earned[touchpoint_id]) for touchpoint_id in sorted(earned, key=sort_key)]
        checks.set_field(self, "credits", tuple(sorted(by_id, key=itemgetter(1), reverse=True)))
        _check_sum(earned, Decimal(self.conversions), "credits", "conversions")
        amounts = self._sort_like_credits("amounts")
        _check_sum(amounts, self.value.amount, "amounts", "value")
        for effect in self._sort_like_credits("removal_effects").values():
            checks.as_share(effect, "each number of removal_effects")
        if self.order is not None:
            checks.set_field(self, "order", checks.as_count(self.order, "order"))
        if self.conversion_probability is not None:
            share = checks.as_share(self.conversion_probability, "conversion_probability")
            checks.set_field(self, "conversion_probability", share)

    def _sort_like_credits(self, name: str) -> dict[Id, Decimal]:
        """Put the pairs of a field into the order of the credits, and return them as a dict."""
        numbers = _as_numbers(getattr(self, name), name)
        if numbers and numbers.keys() != dict(self.credits).keys():
            raise InconsistentCountsError(f"{name} must name the touchpoints of credits, each once", name)
        pairs = tuple((touchpoint_id, numbers[touchpoint_id]) for touchpoint_id, _ in self.credits if numbers)
        checks.set_field(self, name, pairs)
        return numbers

    def credit(self, touchpoint_id: Id, /) -> Decimal:
        """Return how many conversions a touchpoint earned; 0 if no path has it."""
        check_id(touchpoint_id, "touchpoint_id", required=True)
        return dict(self.credits).get(touchpoint_id, ZERO)

    def share(self, touchpoint_id: Id, /) -> Decimal | None:
        """Return the share of the conversions that a touchpoint earned, or None if there were no conversions."""
        return ratio(self.credit(touchpoint_id), self.conversions)

    def split(self, *, digits: int = 2) -> tuple[tuple[Id, Money], ...]:
        """Return the money each touchpoint earned, rounded to a unit so that the parts add up to the whole.

        The units left over go to the touchpoints that lost most by rounding; among equals to the earlier in `credits`.

        Args:
            digits: The number of decimals, 0 to 40.
        """
        touchpoint_ids = [touchpoint_id for touchpoint_id, _ in self.credits]
        if not self.value:
            return tuple((touchpoint_id, self.value) for touchpoint_id in touchpoint_ids)
        size = self.value.amount.adjusted()  # scaled away, because decimals beyond the fortieth are cut off
        weights = [round_to_finest(EXACT.scaleb(amount, -size)) for _, amount in self.amounts]
        return tuple(zip(touchpoint_ids, self.value.allocate(weights, digits=digits), strict=True))

    def explain(self) -> Explanation:
        """Explain the credits: for `markov` by the removal effects, for other methods by their sum."""
        removals = [
            term(f"removal_{n}", effect, f"of {touchpoint_id}")
            for n, (touchpoint_id, effect) in enumerate(self.removal_effects, 1)
        ]
        whole = " + ".join(line.name for line in removals)
        head: list[Term] = []
        amounts: list[Term] = []
        if self.order is not None:
            head += [term("order", self.order, "touchpoints"), term("probability", self.conversion_probability)]
        if removals:
            head += [*removals, term("removals", _add(dict(self.removal_effects)), "", whole)]
        if self.value:
            amounts = self._lines("value", "amount", self.amounts, self.value.amount, self.value.currency)
        return Explanation(
            (
                *head,
                *self._lines("conversions", "credit", self.credits, Decimal(self.conversions), "conversions"),
                term("unattributed", self.unattributed, "conversions"),
                *amounts,
            )
        )

    def _lines(self, whole: str, part: str, pairs: Pairs, number: Decimal, unit: str) -> list[Term]:
        """Return the whole and its parts: the parts below it if they come from removal effects, otherwise above it."""
        parts = [Term(f"{part}_{n}", earned, f"{unit} of {one}") for n, (one, earned) in enumerate(pairs, 1)]
        if self.removal_effects:
            shares = [attrs.evolve(one, formula=f"{whole} * removal_{n} / removals") for n, one in enumerate(parts, 1)]
            return [Term(whole, number, unit), *shares]
        return [*parts, Term(whole, number, unit, " + ".join(one.name for one in parts))]


def _as_numbers(pairs: object, name: str) -> dict[Id, Decimal]:
    """Check pairs of a touchpoint and a number >= 0, each touchpoint once, and return them as a dict."""
    numbers: dict[Id, Decimal] = {}
    for pair in checks.iterate(cast("Iterable[object]", pairs), name, "pair"):
        key, value = checks.as_pair(pair, name, "a touchpoint and a number")
        check_id(key, f"each touchpoint of {name}", required=True)
        touchpoint_id = cast("Id", key)
        number = checks.as_decimal(value, f"each number of {name}")
        if number < 0:
            raise InvalidValueError(f"each number of {name} must be >= 0, got {show(number)}", name, number)
        if touchpoint_id in numbers:
            raise InvalidValueError(
                f"{name} must name each touchpoint once, {show(touchpoint_id)} comes twice", name, touchpoint_id
            )
        numbers[touchpoint_id] = number
    return numbers


def _add(numbers: Mapping[Id, Decimal]) -> Decimal:
    whole = ZERO
    for number in numbers.values():
        whole = DEEP.add(whole, number)
    return RATIO.plus(whole)


def _check_sum(parts: dict[Id, Decimal], whole: Decimal, name: str, of: str) -> None:
    gap = DEEP.abs(DEEP.subtract(_add(parts), whole))
    if gap > DEEP.multiply(_CLOSE, max(whole, ONE)):
        raise InconsistentCountsError(
            f"{name} must add up to {of}, {show(whole)}, got {show(_add(parts))}", name, whole
        )


def sort_key(touchpoint_id: Id) -> tuple[str, bool]:
    """Return what puts ids into an order that is the same everywhere; the order does not mean anything."""
    return str(touchpoint_id), isinstance(touchpoint_id, int)


def as_digits(numerator: int, denominator: int) -> Decimal:
    """Return a fraction to 34 digits, without trailing zeros."""
    return tidy(RATIO.divide(Decimal(numerator), Decimal(denominator)))


def tidy(number: Decimal) -> Decimal:
    """Return a number to 34 digits, without trailing zeros."""
    return EXACT.add(EXACT.normalize(RATIO.plus(number)), ZERO)
