"""Exact amounts of money, each in one currency.

An amount has at most 40 decimals, so that sums are exact and their order does not matter. Products and quotients are
exact too, unless they need more than 40 decimals. Then they are rounded half-even at the fortieth decimal.
"""

from __future__ import annotations

from decimal import (
    ROUND_05UP,
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import TYPE_CHECKING, Final, Self

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, FINEST, MOST_DECIMALS, WIDE, ZERO, ratio, round_to_finest
from crmcore.primitives.checks import show
from crmcore.primitives.errors import CurrencyMismatchError, InvalidValueError, WrongTypeError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Money"]

_new: Final = object.__new__
_set: Final = object.__setattr__
_CODE_LENGTH: Final = 3
_QUOTIENT: Final = WIDE.copy()
_QUOTIENT.prec = 400
_QUOTIENT.rounding = ROUND_05UP  # a first rounding that cannot disturb the second, to 40 decimals
_ROUNDINGS: Final = frozenset(
    {
        ROUND_05UP,
        ROUND_CEILING,
        ROUND_DOWN,
        ROUND_FLOOR,
        ROUND_HALF_DOWN,
        ROUND_HALF_EVEN,
        ROUND_HALF_UP,
        ROUND_UP,
    }
)


@attrs.frozen(repr=False, order=False)
class Money:
    """An exact amount in one currency.

    Examples:
        >>> from crmcore import Money
        >>> price = Money("19.99", "EUR")
        >>> price * 3 + Money(5, "EUR")
        Money('64.97', 'EUR')
        >>> Money(100, "EUR").split(3)
        (Money('33.34', 'EUR'), Money('33.33', 'EUR'), Money('33.33', 'EUR'))
        >>> price + Money(1, "USD")
        Traceback (most recent call last):
        ...
        crmcore.primitives.errors.CurrencyMismatchError: cannot join EUR and USD; convert one with exchanged(...)

    An amount of 0 is false. Amounts are equal if their numbers and currencies are equal: ``Money("1.10", "EUR")``
    equals ``Money("1.1", "EUR")``. Comparing amounts of two currencies with ``<`` is an error.

    Attributes:
        amount: The exact amount. When given, it must be at most 10^30 in size, with at most 40 decimals.
        currency: Three capital letters, an ISO 4217 code. Use ``XXX`` (no currency) for amounts without one.

    Raises:
        InvalidValueError: The currency is not three capital letters.
    """

    amount: Decimal = attrs.field(converter=checks.number)
    currency: str

    def __attrs_post_init__(self) -> None:
        checks.set_field(self, "amount", checks.as_exact(self.amount, "amount"))
        if type(self.currency) is not str or not _is_code(self.currency):
            checks.set_field(self, "currency", _as_code(self.currency))

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Return an amount of 0 in a currency."""
        return cls(ZERO, currency)

    @classmethod
    def estimated(cls, amount: float, currency: str, *, digits: int = 2) -> Self:
        """Return an estimate, which may be a float, rounded half-even to `digits` decimals.

        No other function makes money of a float.

        Examples:
            >>> from crmcore import Money
            >>> Money.estimated(1190.6777, "USD")
            Money('1190.68', 'USD')
        """
        number = checks.as_decimal(amount, "amount", floats=True)
        return cls(_quantize(number, digits, ROUND_HALF_EVEN), currency)

    @classmethod
    def total(cls, monies: Iterable[Money], /, *, currency: str | None = None) -> Money:
        """Return the sum of amounts in one currency, in a single pass; the order does not matter.

        Examples:
            >>> from crmcore import Money
            >>> Money.total([Money("0.1", "EUR"), Money("0.2", "EUR")])
            Money('0.3', 'EUR')

        Args:
            monies: The amounts.
            currency: The currency that all amounts must have. It is needed only if there may be no amounts.

        Raises:
            CurrencyMismatchError: The amounts have two currencies.
            InvalidValueError: There are no amounts and no currency was given.
        """
        code = None if currency is None else _as_code(currency)
        add = EXACT.add
        amount = ZERO
        for money in checks.iterate(monies, "monies", "Money"):
            try:
                other = money.currency
            except AttributeError:
                raise WrongTypeError(f"every item must be a Money, got {show(money)}") from None
            if other != code:
                if code is not None:
                    raise _build_mismatch(code, other)
                code = other
            amount = add(amount, money.amount)
        if code is None:
            raise InvalidValueError("there is nothing to add, so the currency is unknown; give it with currency=...")
        return build_money(amount, code)

    def __add__(self, other: Money, /) -> Money:
        if type(other) is not Money:
            raise _build_refusal("add", other)
        if self.currency != other.currency:
            raise _build_mismatch(self.currency, other.currency)
        return build_money(EXACT.add(self.amount, other.amount), self.currency)

    def __radd__(self, other: int, /) -> Money:
        if type(other) is int and other == 0:
            return self
        raise _build_refusal("add", other)

    def __sub__(self, other: Money, /) -> Money:
        if type(other) is not Money:
            raise _build_refusal("subtract", other)
        if self.currency != other.currency:
            raise _build_mismatch(self.currency, other.currency)
        return build_money(EXACT.subtract(self.amount, other.amount), self.currency)

    def __neg__(self) -> Money:
        return build_money(EXACT.minus(self.amount), self.currency)

    def __pos__(self) -> Money:
        return self

    def __abs__(self) -> Money:
        return build_money(EXACT.abs(self.amount), self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __mul__(self, factor: Decimal | int | str, /) -> Money:
        if isinstance(factor, Money):
            raise WrongTypeError("money times money is not money; multiply by a Decimal or an int")
        number = checks.as_exact(factor, "factor")
        return round_money(EXACT.multiply(self.amount, number), self.currency)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Decimal | int | str, /) -> Money:
        if isinstance(divisor, Money):
            raise WrongTypeError("money over money is a ratio; write this.ratio_to(other)")
        number = checks.as_exact(divisor, "divisor")
        if not number:
            raise InvalidValueError("cannot divide money by zero", number)
        return round_money(_QUOTIENT.divide(self.amount, number), self.currency)

    def __lt__(self, other: Money, /) -> bool:
        return self.amount < self._amount_to_compare(other)

    def __le__(self, other: Money, /) -> bool:
        return self.amount <= self._amount_to_compare(other)

    def __gt__(self, other: Money, /) -> bool:
        return self.amount > self._amount_to_compare(other)

    def __ge__(self, other: Money, /) -> bool:
        return self.amount >= self._amount_to_compare(other)

    def __repr__(self) -> str:
        return f"Money('{self.amount:f}', '{self.currency}')"

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def __format__(self, spec: str) -> str:
        try:
            return format(str(self), spec)
        except ValueError:
            raise InvalidValueError(
                f"money is padded like text, as in {{money:>12}}, got {show(spec)}; round it first with quantized()",
                spec,
            ) from None

    def ratio_to(self, other: Money, /) -> Decimal | None:
        """Return this amount divided by another, to 34 digits, or None if the other is 0.

        Examples:
            >>> from crmcore import Money
            >>> Money(30_000, "RUB").ratio_to(Money(40_000, "RUB"))
            Decimal('0.75')
        """
        return ratio(self.amount, self._amount_to_compare(other))

    def quantized(self, digits: int = 2, *, rounding: str = ROUND_HALF_EVEN) -> Money:
        """Return the amount rounded to `digits` decimals, half-even or by another rounding mode of `decimal`.

        Examples:
            >>> from crmcore import Money
            >>> Money("2.675", "EUR").quantized(), Money("2.675", "EUR").quantized(rounding="ROUND_DOWN")
            (Money('2.68', 'EUR'), Money('2.67', 'EUR'))
        """
        return build_money(_quantize(self.amount, digits, rounding), self.currency)

    def split(self, parts: int, *, digits: int = 2) -> tuple[Money, ...]:
        """Return `parts` amounts, as equal as the smallest unit allows. They always add up to the whole.

        The first parts get the units that are left over. If the amount has more than `digits` decimals, the first part
        keeps them; to avoid it, round the amount with `quantized` first.
        """
        number = checks.as_count(parts, "parts")
        if not number:
            raise InvalidValueError("parts must be > 0, got 0", 0)
        return self.allocate((1,) * number, digits=digits)

    def allocate(self, weights: Iterable[Decimal | int | str], *, digits: int = 2) -> tuple[Money, ...]:
        """Return amounts in proportion to weights. They always add up to the whole.

        Each part is rounded towards zero to the unit. The units left over go, one each, to the parts that lost most by
        the rounding, the earlier part first if two lost the same (Hamilton's method of the largest remainder). If the
        amount has more than `digits` decimals, the rest goes to the part with the largest weight, the first of equals.

        Examples:
            >>> from crmcore import Money
            >>> Money("0.05", "EUR").allocate([3, 7])
            (Money('0.02', 'EUR'), Money('0.03', 'EUR'))

        Raises:
            InvalidValueError: No weight is > 0.
        """
        exact = [checks.as_non_negative(weight, "weight") for weight in checks.iterate(weights, "weights", "number")]
        whole = sum(shares := _as_integers(exact))
        if not whole:
            raise InvalidValueError("at least one of weights must be > 0")
        unit = _build_unit(digits)
        units = int(EXACT.divide_int(EXACT.abs(self.amount), unit))
        floors = [units * share // whole for share in shares]
        by_loss = sorted(range(len(shares)), key=lambda i: -(units * shares[i] % whole))
        for i in by_loss[: units - sum(floors)]:
            floors[i] += 1
        signed = unit if self.amount >= 0 else EXACT.minus(unit)
        amounts = [EXACT.multiply(signed, floor) for floor in floors]
        heaviest = shares.index(max(shares))
        rest = EXACT.subtract(self.amount, EXACT.multiply(signed, units))
        if rest:
            amounts[heaviest] = EXACT.add(amounts[heaviest], rest)
        return tuple(build_money(EXACT.add(amount, ZERO), self.currency) for amount in amounts)

    def exchanged(self, currency: str, *, rate: Decimal | int | str) -> Money:
        """Return the same value in another currency.

        Examples:
            >>> from crmcore import Money
            >>> Money(100, "USD").exchanged("EUR", rate="0.92")
            Money('92.00', 'EUR')

        Args:
            currency: The new currency.
            rate: Units of the new currency for one unit of the old one, > 0.

        Raises:
            InvalidValueError: The currency stays the same and the rate is not 1.
        """
        number, code = checks.as_positive(rate, "rate"), _as_code(currency)
        if code == self.currency and number != 1:
            raise InvalidValueError(
                f"{code} to {code} has the rate 1, got {show(number)}; was it converted before?", number
            )
        return round_money(EXACT.multiply(self.amount, number), code)

    def _amount_to_compare(self, other: object) -> Decimal:
        if not isinstance(other, Money):
            raise _build_refusal("compare", other)
        if self.currency != other.currency:
            raise _build_mismatch(self.currency, other.currency, "compare")
        return other.amount


def build_money(amount: Decimal, currency: str) -> Money:
    """Return money of checked parts; a sum may exceed the bound that the constructor sets."""
    money = _new(Money)  # 3x as fast as the constructor: benchmarks/subjects/adding.py
    _set(money, "amount", amount)
    _set(money, "currency", currency)
    return money


def same_currency(one: Money, other: Money) -> None:
    """Refuse two amounts in two currencies."""
    if one.currency != other.currency:
        raise _build_mismatch(one.currency, other.currency)


def round_money(amount: Decimal, currency: str) -> Money:
    """Return a computed amount as money, with at most 40 decimals, rounded half-even if it needs more."""
    if not checks.SMALLEST <= amount <= checks.LARGEST:
        raise InvalidValueError(f"the result must be at most 10^30, got {show(amount)}", amount)
    return build_money(round_to_finest(amount), currency)


def as_non_negative(value: object, name: str, beside: Money | None = None) -> Money:
    """Return an amount of money that is >= 0 and, if `beside` is given, in its currency."""
    money = checks.as_instance(value, Money, name)
    if beside is not None:
        same_currency(beside, money)
    if money.amount < 0:
        raise InvalidValueError(f"{name} must be >= 0, got {money}", name, money)
    return money


def _quantize(amount: Decimal, digits: int, rounding: str) -> Decimal:
    if rounding not in _ROUNDINGS:
        raise InvalidValueError(
            f"rounding must be one of {', '.join(sorted(_ROUNDINGS))}, got {show(rounding)}", rounding
        )
    return EXACT.add(amount.quantize(_build_unit(digits), rounding=rounding, context=_QUOTIENT), ZERO)


def _build_unit(digits: int) -> Decimal:
    number = checks.as_count(digits, "digits")
    if number > MOST_DECIMALS:
        raise InvalidValueError(f"digits must be from 0 to {MOST_DECIMALS}, got {number}", number)
    return Decimal((0, (1,), -number))


def _as_integers(numbers: Iterable[Decimal]) -> list[int]:
    """Return whole numbers in the same proportions."""
    return [int(EXACT.divide_int(number, FINEST)) for number in numbers]


def _as_code(currency: object) -> str:
    text = checks.as_text(currency, "currency")
    if not _is_code(text):
        code = str(text).upper()
        advice = f"; write {code!r}" if _is_code(code) else ""
        raise InvalidValueError(
            f"currency must be three capital letters such as 'EUR' (ISO 4217), got {show(str(text))}{advice}", text
        )
    return str(text)


def _is_code(text: str) -> bool:
    return len(text) == _CODE_LENGTH and text.isascii() and text.isalpha() and text.isupper()


def _build_mismatch(one: str, other: str, verb: str = "join") -> CurrencyMismatchError:
    return CurrencyMismatchError(f"cannot {verb} {one} and {other}; convert one with exchanged(...)", one, other)


def _build_refusal(verb: str, other: object) -> WrongTypeError:
    return WrongTypeError(f"cannot {verb} money and {show(other)}; give it a currency: Money(amount, currency)")
