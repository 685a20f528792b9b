"""The result of every method: which touchpoint earned how much."""

from collections.abc import Mapping
from decimal import Decimal
from operator import itemgetter
from typing import Annotated, Any, Final

import attrs

from crmcore.journeys.attribution._outcomes import NO_VALUE, as_comparable
from crmcore.primitives import checks, money
from crmcore.primitives._decimals import (
    DEEP,
    EXACT,
    MOST_DECIMALS,
    ONE,
    RATIO,
    ZERO,
    plain_repr,
    ratio,
    round_to_finest,
)
from crmcore.primitives._nearest import sort_key
from crmcore.primitives._results import Result, as_plain
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.findings import Finding
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.money import Money
from crmcore.primitives.record import NON_NEGATIVE, SHARE, Kind, Name, maybe_fraction, several

__all__ = ["Attribution"]

Pairs = tuple[tuple[Id, Decimal], ...]

_CLOSE: Final = Decimal("1E-25")
"""How much the sum of credits may differ, as each is rounded to 34 digits."""


def _as_credit(value: object, name: str) -> Decimal:
    """Return a number >= 0 of 34 digits; unlike those of the caller it may have more than 40 decimals."""
    number = checks.as_decimal(value, name)
    checks.check_not_below(number, 0, name)
    return number


CREDIT: Final = Kind(_as_credit, pattern=NON_NEGATIVE.pattern)


@attrs.frozen(kw_only=True)
class Attribution(Result):
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
        cautions: What to be careful about, such as a goal that no visit has.

    Raises:
        InconsistentCountsError: Credits that do not add up to the conversions, amounts that do not add up to the value,
            or amounts or removal effects of other touchpoints than `credits`.
        InvalidValueError: An empty method, a negative number, or a touchpoint that comes twice.
    """

    method: Name
    credits: tuple[tuple[Id, Annotated[Decimal, CREDIT]], ...] = attrs.field(default=(), converter=several)
    conversions: int = 0
    unattributed: int = 0
    value: Money = attrs.field(default=NO_VALUE, eq=as_comparable)
    amounts: tuple[tuple[Id, Annotated[Decimal, CREDIT]], ...] = attrs.field(default=(), converter=several)
    order: int | None = None
    conversion_probability: Annotated[Decimal, SHARE] | None = attrs.field(
        default=None, converter=maybe_fraction, repr=plain_repr
    )
    removal_effects: tuple[tuple[Id, Annotated[Decimal, SHARE]], ...] = attrs.field(default=(), converter=several)
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several, repr=False)

    def _check(self) -> None:
        super()._check()
        money.as_non_negative(self.value, "value")
        earned = _as_dict(self.credits, "credits")
        by_id = [(touchpoint_id, earned[touchpoint_id]) for touchpoint_id in sorted(earned, key=sort_key)]
        checks.set_field(self, "credits", tuple(sorted(by_id, key=itemgetter(1), reverse=True)))
        _check_sum(earned, Decimal(self.conversions), "credits", "conversions")
        amounts = self._sort_like_credits("amounts")
        _check_sum(amounts, self.value.amount, "amounts", "value")
        self._sort_like_credits("removal_effects")

    def _sort_like_credits(self, name: str) -> dict[Id, Decimal]:
        """Put the pairs of a field into the order of the credits, and return them as a dict."""
        numbers = _as_dict(getattr(self, name), name)
        if numbers and numbers.keys() != dict(self.credits).keys():
            raise InconsistentCountsError(
                "other_touchpoints_than_credits", f"{name} must name the touchpoints of credits, each once", field=name
            )
        pairs = tuple((touchpoint_id, numbers[touchpoint_id]) for touchpoint_id, _ in self.credits if numbers)
        checks.set_field(self, name, pairs)
        return numbers

    def credit(self, touchpoint_id: Id, /) -> Decimal:
        """Return how many conversions a touchpoint earned; 0 if no path has it.

        Each call reads all credits. To ask about many touchpoints, build ``dict(found.credits)`` once.
        """
        wanted = as_id(touchpoint_id, "touchpoint_id")
        return next((earned for one, earned in self.credits if one == wanted), ZERO)

    def share(self, touchpoint_id: Id, /) -> Decimal | None:
        """Return the share of the conversions that a touchpoint earned, or None if there were no conversions."""
        return ratio(self.credit(touchpoint_id), self.conversions)

    def split(self, *, digits: int = 2) -> tuple[tuple[Id, Money], ...]:
        """Return the money each touchpoint earned, rounded to a unit so that the parts add up to the whole.

        The units left over go to the touchpoints that lost most by rounding; among equals to the earlier in `credits`.

        Args:
            digits: The number of decimals, 0 to 40.

        Raises:
            InvalidValueError: There are conversions of an unknown worth: the value is 0 XXX.
        """
        digits = checks.as_whole(digits, "digits", 0, MOST_DECIMALS)
        if self.conversions and not self.value and self.value.currency == NO_VALUE.currency:
            raise InvalidValueError(
                "split_without_worth",
                f"value must be what the {self.conversions} conversions brought, got none",
                field="value",
                advice="give worth=Money(...) to attribution.outcomes or time_decay, or read the credits",
                operands=(self.conversions,),
            )
        touchpoint_ids = [touchpoint_id for touchpoint_id, _ in self.credits]
        if not self.value:
            return tuple((touchpoint_id, self.value) for touchpoint_id in touchpoint_ids)
        size = self.value.amount.adjusted()  # scaled away, because decimals beyond the fortieth are cut off
        weights = [round_to_finest(EXACT.scaleb(amount, -size)) for _, amount in self.amounts]
        return tuple(zip(touchpoint_ids, self.value.allocate(weights, digits=digits), strict=True))

    def rows(self, *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each touchpoint, highest credit first.

        Examples:
            >>> from crmcore import Money, Outcome, attribution
            >>> paths = {("search", "email"): Outcome(conversions=2, value=Money(50, "EUR"))}
            >>> attribution.last(paths).rows()[0]
            {'touchpoint_id': 'email', 'credit': 2.0, 'share': 1.0, 'amount': 50.0, 'currency': 'EUR'}

        A Markov chain adds the column ``removal_effect``. Without a worth, amounts and currency are None.

        Args:
            plain: Whether cells are plain, as `Tally.row` says. Otherwise numbers are Decimals.
        """
        checks.as_instance(plain, bool, "plain")
        amounts, effects = dict(self.amounts), dict(self.removal_effects)
        rows: list[dict[str, Any]] = []
        for touchpoint_id, credit in self.credits:
            row: dict[str, Any] = {
                "touchpoint_id": touchpoint_id,
                "credit": credit,
                "share": ratio(credit, self.conversions),
                "amount": amounts.get(touchpoint_id),
                "currency": self.value.currency if amounts else None,
            }
            if self.order is not None:
                row["removal_effect"] = effects.get(touchpoint_id)
            rows.append({name: as_plain(cell) for name, cell in row.items()} if plain else row)
        return rows

    def _list_rows(self) -> list[dict[str, Any]]:
        return self.rows(plain=False)

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
            ),
            cautions=self.cautions,
        )

    def _lines(self, whole: str, part: str, pairs: Pairs, number: Decimal, unit: str) -> list[Term]:
        """Return the whole and its parts: the parts below it if they come from removal effects, otherwise above it."""
        parts = [Term(f"{part}_{n}", earned, f"{unit} of {one}") for n, (one, earned) in enumerate(pairs, 1)]
        if self.removal_effects:
            shares = [attrs.evolve(one, formula=f"{whole} * removal_{n} / removals") for n, one in enumerate(parts, 1)]
            return [Term(whole, number, unit), *shares]
        return [*parts, Term(whole, number, unit, " + ".join(one.name for one in parts))]


def _as_dict(pairs: Pairs, name: str) -> dict[Id, Decimal]:
    """Return the number of each touchpoint; one that comes twice is refused."""
    checks.check_unique([touchpoint_id for touchpoint_id, _ in pairs], name, "a touchpoint")
    return dict(pairs)


def _add(numbers: Mapping[Id, Decimal]) -> Decimal:
    whole = ZERO
    for number in numbers.values():
        whole = DEEP.add(whole, number)
    return RATIO.plus(whole)


def _check_sum(parts: dict[Id, Decimal], whole: Decimal, name: str, of: str) -> None:
    gap = DEEP.abs(DEEP.subtract(_add(parts), whole))
    if gap > DEEP.multiply(_CLOSE, max(whole, ONE)):
        raise InconsistentCountsError(
            "parts_do_not_add_up",
            f"{name} must add up to {of}, {show(whole)}, got {show(_add(parts))}",
            field=name,
            operands=(whole, _add(parts)),
        )


def as_digits(numerator: int, denominator: int) -> Decimal:
    """Return a fraction to 34 digits, without trailing zeros."""
    return tidy(RATIO.divide(Decimal(numerator), Decimal(denominator)))


def tidy(number: Decimal) -> Decimal:
    """Return a number to 34 digits, without trailing zeros."""
    return EXACT.add(EXACT.normalize(RATIO.plus(number)), ZERO)
