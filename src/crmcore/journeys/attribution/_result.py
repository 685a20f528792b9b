"""Which touchpoint earned how much."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from operator import itemgetter
from typing import Final, cast

import attrs

from crmcore.journeys.attribution._outcomes import NOTHING, by_size
from crmcore.primitives import checks
from crmcore.primitives._decimals import DEEP, EXACT, ONE, RATIO, ZERO, plain, plain_repr, ratio, round_to_finest
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.money import Money

__all__ = ["Attribution"]

Pairs = tuple[tuple[Id, Decimal], ...]

_CLOSE: Final = Decimal("1E-25")
"""How far off credits may add up, for each was rounded to 34 digits."""


def _pairs(pairs: Iterable[tuple[Id, Decimal | int | str]]) -> Pairs:
    return cast("Pairs", pairs)


def _pairs_repr(pairs: Pairs) -> str:
    """The pairs' `repr`, the same under every decimal context."""
    inside = ", ".join(f"({one!r}, Decimal('{plain(number)}'))" for one, number in pairs)
    return f"({inside}{',' if len(pairs) == 1 else ''})"


def _probability(share: Decimal | int | str | float | None) -> Decimal | None:
    return cast("Decimal | None", share)


@attrs.frozen(kw_only=True)
class Attribution:
    """How the conversions are shared out among the touchpoints, by one method.

    Examples:
        >>> from crmcore import attribution
        >>> from crmcore.journeys.attribution import Outcome
        >>> ways = {
        ...     ("search",): Outcome(conversions=1, nulls=3, value=Money(50, "EUR")),
        ...     ("search", "email", "email"): Outcome(conversions=2, value=Money(50, "EUR")),
        ... }
        >>> earned = attribution.linear(ways)
        >>> earned.credit("email"), earned.share("search")
        (Decimal('1.333333333333333333333333333333333'), Decimal('0.5555555555555555555555555555555557'))
        >>> earned.split()
        (('search', Money('66.67', 'EUR')), ('email', Money('33.33', 'EUR')))
        >>> print(earned.explain())
        credit_1       1.6666666666...  conversions of search
        credit_2       1.3333333333...  conversions of email
        conversions                  3  conversions            = credit_1 + credit_2
        unattributed                 0  conversions
        amount_1      66.6666666666...  EUR of search
        amount_2      33.3333333333...  EUR of email
        value                      100  EUR                    = amount_1 + amount_2

    Attributes:
        method: The method's name.
        credits: What each touchpoint earned of the conversions, to 34 digits: most first, equals by the text of their
            ids, so that the order of journeys plays no part. Who was there and earned nothing stands with nought.
        conversions: What was shared out: conversions with a touch before them.
        unattributed: Conversions with no touch before them, which nobody earned.
        value: The money shared out; nought XXX where nobody said what a conversion brings. Nought equals nought in
            any currency.
        amounts: What each touchpoint earned of the money, in the order of `credits`, exact to 34 digits; `split` rounds
            it to whole cents. Empty where there is none.
        order: How many touchpoints back a Markov chain remembers; None of other methods.
        conversion_probability: How likely the chain leads to a conversion, ways without a touch left aside; None of
            other methods and of no ways.
        removal_effects: Which share of the conversions would be lost without each touchpoint, by a Markov chain. They
            do not add up to one. Empty of other methods and where nothing was converted, for then the data are silent.

    Raises:
        InconsistentCountsError: Credits that do not add up to the conversions, or amounts to the value.
        InvalidValueError: A negative number, an empty id, or a touchpoint that comes twice.
        WrongTypeError: A value of the wrong type.
    """

    method: str
    credits: Pairs = attrs.field(default=(), converter=_pairs, repr=_pairs_repr)
    conversions: int = 0
    unattributed: int = 0
    value: Money = attrs.field(default=NOTHING, eq=by_size)
    amounts: Pairs = attrs.field(default=(), converter=_pairs, repr=_pairs_repr)
    order: int | None = None
    conversion_probability: Decimal | None = attrs.field(default=None, converter=_probability, repr=plain_repr)
    removal_effects: Pairs = attrs.field(default=(), converter=_pairs, repr=_pairs_repr)

    def __attrs_post_init__(self) -> None:
        if not checks.as_text(self.method, "method"):
            raise InvalidValueError("method must not be empty", "method")
        for name in ("conversions", "unattributed"):
            checks.set_field(self, name, checks.as_count(getattr(self, name), name))
        if checks.as_instance(self.value, Money, "value").amount < 0:
            raise InvalidValueError(f"value must be >= 0, got {self.value}", "value", self.value)
        earned = _settled(self.credits, "credits")
        named = [(one, earned[one]) for one in sorted(earned, key=by_text)]
        checks.set_field(self, "credits", tuple(sorted(named, key=itemgetter(1), reverse=True)))
        _must_add_up(earned, Decimal(self.conversions), "credits", "conversions")
        amounts = self._beside_credits("amounts")
        _must_add_up(amounts, self.value.amount, "amounts", "value")
        for effect in self._beside_credits("removal_effects").values():
            checks.as_share(effect, "each number of removal_effects")
        if self.order is not None:
            checks.set_field(self, "order", checks.as_count(self.order, "order"))
        if self.conversion_probability is not None:
            share = checks.as_share(self.conversion_probability, "conversion_probability")
            checks.set_field(self, "conversion_probability", share)

    def _beside_credits(self, name: str) -> dict[Id, Decimal]:
        """Put the pairs of a field into the order of the credits."""
        numbers = _settled(getattr(self, name), name)
        if numbers and numbers.keys() != dict(self.credits).keys():
            raise InconsistentCountsError(f"{name} must name the touchpoints of credits, each once", name)
        checks.set_field(self, name, tuple((one, numbers[one]) for one, _ in self.credits if numbers))
        return numbers

    def credit(self, touchpoint_id: Id, /) -> Decimal:
        """How many conversions a touchpoint earned; nought where nobody met it."""
        check_id(touchpoint_id, "touchpoint_id", required=True)
        return dict(self.credits).get(touchpoint_id, ZERO)

    def share(self, touchpoint_id: Id, /) -> Decimal | None:
        """Which share of the conversions a touchpoint earned; None where there was nothing to share out."""
        return ratio(self.credit(touchpoint_id), self.conversions)

    def split(self, *, digits: int = 2) -> tuple[tuple[Id, Money], ...]:
        """The money each touchpoint earned, rounded to the unit so that it adds up to the whole.

        The units left over go to those who lost most by rounding, the earlier in `credits` first among equals.

        Raises:
            InvalidValueError: More than 40 digits, or fewer than none.
        """
        names = [one for one, _ in self.credits]
        if not self.value:
            return tuple((one, self.value) for one in names)
        size = self.value.amount.adjusted()  # taken out, for weights that are too fine would be cut off
        weights = [round_to_finest(EXACT.scaleb(amount, -size)) for _, amount in self.amounts]
        return tuple(zip(names, self.value.allocate(weights, digits=digits), strict=True))

    def explain(self) -> Explanation:
        """How the credits come about: by a chain from the removal effects, by another method as they are."""
        removals = [
            term(f"removal_{n}", effect, f"of {one}") for n, (one, effect) in enumerate(self.removal_effects, 1)
        ]
        whole = " + ".join(one.name for one in removals)
        head: list[Term] = []
        money: list[Term] = []
        if self.order is not None:
            head += [term("order", self.order, "touchpoints"), term("probability", self.conversion_probability)]
        if removals:
            head += [*removals, term("removals", _sum(dict(self.removal_effects)), "", whole)]
        if self.value:
            money = self._lines("value", "amount", self.amounts, self.value.amount, self.value.currency)
        return Explanation(
            (
                *head,
                *self._lines("conversions", "credit", self.credits, Decimal(self.conversions), "conversions"),
                term("unattributed", self.unattributed, "conversions"),
                *money,
            )
        )

    def _lines(self, whole: str, part: str, pairs: Pairs, number: Decimal, unit: str) -> list[Term]:
        """The whole and its parts: below it where they come from removal effects, or else above it."""
        parts = [Term(f"{part}_{n}", credit, f"{unit} of {one}") for n, (one, credit) in enumerate(pairs, 1)]
        if self.removal_effects:
            shares = [attrs.evolve(one, formula=f"{whole} * removal_{n} / removals") for n, one in enumerate(parts, 1)]
            return [Term(whole, number, unit), *shares]
        return [*parts, Term(whole, number, unit, " + ".join(one.name for one in parts))]


def _settled(pairs: object, name: str) -> dict[Id, Decimal]:
    """Touchpoints and their numbers, each once and none below nought."""
    settled_pairs: dict[Id, Decimal] = {}
    for pair in checks.iterate(cast("Iterable[object]", pairs), name, "pair"):
        if not isinstance(pair, tuple | list) or len(cast("tuple[object, ...]", pair)) != 2:
            raise WrongTypeError(f"each of {name} must be a pair of a touchpoint and a number", name)
        one, given = cast("tuple[Id, object]", pair)
        check_id(one, f"each touchpoint of {name}", required=True)
        number = checks.as_decimal(given, f"each number of {name}")
        if number < 0:
            raise InvalidValueError(f"each number of {name} must be >= 0, got {show(number)}", name, number)
        if one in settled_pairs:
            raise InvalidValueError(f"{name} must name each touchpoint once, got {show(one)} twice", name, one)
        settled_pairs[one] = number
    return settled_pairs


def _sum(numbers: Mapping[Id, Decimal]) -> Decimal:
    whole = ZERO
    for number in numbers.values():
        whole = DEEP.add(whole, number)
    return RATIO.plus(whole)


def _must_add_up(parts: dict[Id, Decimal], whole: Decimal, name: str, of: str) -> None:
    gap = DEEP.abs(DEEP.subtract(_sum(parts), whole))
    if gap > DEEP.multiply(_CLOSE, max(whole, ONE)):
        raise InconsistentCountsError(
            f"{name} must add up to {of}, {show(whole)}, got {show(_sum(parts))}", name, whole
        )


def by_text(one: Id) -> tuple[str, bool]:
    """What puts ids in an order that is the same everywhere, where one is needed; it means nothing."""
    return str(one), isinstance(one, int)


def digits(numerator: int, denominator: int) -> Decimal:
    """A fraction to 34 digits, without the noughts that end its decimals."""
    return tidy(RATIO.divide(Decimal(numerator), Decimal(denominator)))


def tidy(number: Decimal) -> Decimal:
    """The number to 34 digits, without the noughts that end its decimals."""
    return EXACT.add(EXACT.normalize(RATIO.plus(number)), ZERO)
