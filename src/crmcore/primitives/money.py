"""Exact amounts of money, each in one currency.

An amount has at most 40 decimals, so that sums are exact and their order does not matter. Products and quotients are
exact too, unless they need more than 40 decimals. Then they are rounded half-even at the fortieth decimal.
"""

from __future__ import annotations

import re
from decimal import (
    ROUND_05UP,
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Clamped,
    Context,
    Decimal,
    DecimalException,
    Inexact,
    InvalidOperation,
    Overflow,
    Rounded,
)
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn, Self, cast

import attrs

from crmcore.primitives import checks, record
from crmcore.primitives._currencies import UNITS
from crmcore.primitives._decimals import EXACT, FINEST, MOST_DECIMALS, WIDE, ZERO, ratio, round_to_finest
from crmcore.primitives._kinds import is_a
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import CurrencyMismatchError, InvalidValueError, WrongTypeError
from crmcore.primitives.record import Kind, Record, number

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Money"]

_new: Final = object.__new__
_PLAIN: Final = Context(
    prec=41, Emin=0, Emax=29, clamp=0, flags=[], traps=[Clamped, Inexact, InvalidOperation, Overflow, Rounded]
)
"""Below 10^30, at most 40 decimals and 41 digits; everything else raises."""
add_plain: Final = _PLAIN.add
_subtract_plain: Final = _PLAIN.subtract
read_plain: Final = _PLAIN.create_decimal
_SHORT: Final = 40
_FEW_DIGITS: Final = 29
_USUAL_DIGITS: Final = 6
_PADDED: Final = re.compile(r"(.?[<>^])?([1-9]\d*)?s?", re.DOTALL)
_NUMBER: Final = re.compile(r"(.?[<>=^])?[-+ ]?z?0?\d*,?(\.(?P<digits>\d+))?[fF]", re.DOTALL)
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


def as_code(currency: object, name: str = "currency") -> str:
    """Return the code of a currency: three capital letters."""
    text = checks.as_text(currency, name)
    if not _is_code(text):
        code = text.upper()
        given = show(text) if len(text) == _CODE_LENGTH else describe(text)  # a longer text may be anything
        raise InvalidValueError(
            "not_a_currency",
            f"{name} must be three capital letters such as 'EUR' (ISO 4217), got {given}",
            **checks.at_fault(name),
            advice=f"write {code!r}" if _is_code(code) else "",
            operands=(text if len(text) == _CODE_LENGTH else given,),
        )
    return text


def _is_code(text: str) -> bool:
    return len(text) == _CODE_LENGTH and text.isascii() and text.isalpha() and text.isupper()


CURRENCY: Final = Kind(as_code, {"pattern": "^[A-Z]{3}$"})


@attrs.frozen(repr=False, order=False)
class Money(Record):
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

    `quantized`, `split`, `allocate` and `estimated` round to the decimals of the currency (ISO 4217): none for JPY, two
    for EUR, three for KWD. Give the number of decimals yourself for a code that has none there, such as ``XXX``.

    A format with ``f`` shows the number with so many decimals, half-even: ``f"{price:,.2f}"``. Other formats align the
    text: ``f"{price:>12}"``.

    Attributes:
        amount: The exact amount. When given, it must be at most 10^30 in size, with at most 40 decimals.
        currency: Three capital letters, an ISO 4217 code. Use ``XXX`` (no currency) for amounts without one.

    Raises:
        InvalidValueError: The currency is not three capital letters.
    """

    amount: Decimal = attrs.field(converter=number)
    currency: Annotated[str, CURRENCY]

    def __init__(self, amount: Decimal | int | str, currency: str) -> None:
        given: Any = amount
        unit = UNITS.get(currency) if type(currency) is str else None
        if unit is not None:  # 4x as fast as _check: benchmarks/subjects/building.py
            kind = type(given)  # pyright: ignore[reportUnknownVariableType] - of anything
            exact = None
            try:
                if kind is Decimal:
                    usual = given and given.same_quantum(unit) and given.adjusted() < _FEW_DIGITS
                    exact = given if usual else add_plain(given, ZERO)
                elif kind is int:
                    exact = read_plain(given)
                elif kind is str and len(given) < _SHORT:
                    exact = add_plain(read_plain(given), ZERO)
            except DecimalException:
                exact = None
            if exact is not None and exact.is_finite():
                _set_amount(self, exact)
                _set_currency(self, currency)
                return
        cast("Any", self).__attrs_init__(given, currency)

    def __init_subclass__(cls) -> NoReturn:
        raise WrongTypeError(
            "money_subclassed",
            "Money must not have subclasses, because a sum could not keep what they add",
            advice="write a record that has a Money",
        )

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Return an amount of 0 in a currency."""
        return cls(ZERO, currency)

    @classmethod
    def estimated(cls, amount: float, currency: str, *, digits: int | None = None) -> Self:
        """Return an estimate, which may be a float, rounded half-even to the decimals of the currency.

        No other function makes money of a float.

        Examples:
            >>> from crmcore import Money
            >>> Money.estimated(1190.6777, "USD")
            Money('1190.68', 'USD')

        Args:
            amount: The estimate.
            currency: The currency.
            digits: Another number of decimals.
        """
        number = checks.as_decimal(amount, "amount", floats=True)
        _check_size(number, "amount")
        return cls(_quantize(number, as_code(currency), digits, ROUND_HALF_EVEN), currency)

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
        return build_sum(*add_up(monies, currency))

    def __composite_values__(self) -> tuple[Decimal, str]:
        """Return the columns of a composite of SQLAlchemy."""
        return self.amount, self.currency

    def __add__(self, other: Money, /) -> Money:
        if type(other) is not Money:
            raise _build_refusal("add", other)
        if self.currency != other.currency:
            raise _build_mismatch(self.currency, other.currency, "other")
        try:
            amount = add_plain(self.amount, other.amount)  # it refuses what is too large, and what has many digits
        except DecimalException:
            return build_sum(EXACT.add(self.amount, other.amount), self.currency)
        return build_money(amount, self.currency)

    def __radd__(self, other: int, /) -> Money:
        if type(other) is int and other == 0:
            return self
        raise _build_refusal("add", other)

    def __sub__(self, other: Money, /) -> Money:
        if type(other) is not Money:
            raise _build_refusal("subtract", other)
        if self.currency != other.currency:
            raise _build_mismatch(self.currency, other.currency, "other")
        try:
            amount = _subtract_plain(self.amount, other.amount)
        except DecimalException:
            return build_sum(EXACT.subtract(self.amount, other.amount), self.currency)
        return build_money(amount, self.currency)

    def __neg__(self) -> Money:
        return build_money(EXACT.minus(self.amount), self.currency)

    def __pos__(self) -> Money:
        return self

    def __abs__(self) -> Money:
        return build_money(EXACT.abs(self.amount), self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __mul__(self, factor: Decimal | int | str, /) -> Money:
        if is_a(factor, Money):
            raise WrongTypeError(
                "money_times_money",
                "factor must be a number, got money",
                field="factor",
                advice="multiply by a Decimal or an int",
            )
        number = checks.as_exact(factor, "factor")
        return round_money(EXACT.multiply(self.amount, number), self.currency)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Decimal | int | str, /) -> Money:
        if is_a(divisor, Money):
            raise WrongTypeError(
                "money_over_money",
                "divisor must be a number, got money",
                field="divisor",
                advice="write this.ratio_to(other)",
            )
        number = checks.as_exact(divisor, "divisor")
        if not number:
            raise InvalidValueError("divided_by_zero", "divisor must not be 0", field="divisor", operands=(number,))
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
        if _PADDED.fullmatch(spec):
            return format(str(self), spec)
        if shape := _NUMBER.fullmatch(spec):
            digits = min(int(shape["digits"] or _USUAL_DIGITS), MOST_DECIMALS)
            rounded = _quantize(self.amount, self.currency, digits, ROUND_HALF_EVEN)  # the format rounds by a context
            return f"{format(rounded, spec)} {self.currency}"
        raise InvalidValueError(
            "not_a_format",
            f"the format must align a text, such as '>12', or end with f, such as ',.2f', got {show(spec)}",
            field="spec",
            operands=(spec,),
        )

    def __round__(self, digits: int = 0, /) -> Money:
        return self.quantized(digits)

    def ratio_to(self, other: Money, /) -> Decimal | None:
        """Return this amount divided by another, to 34 digits, or None if the other is 0.

        Examples:
            >>> from crmcore import Money
            >>> Money(30_000, "RUB").ratio_to(Money(40_000, "RUB"))
            Decimal('0.75')
        """
        return ratio(self.amount, self._amount_to_compare(other))

    def quantized(self, digits: int | None = None, *, rounding: str = ROUND_HALF_EVEN) -> Money:
        """Return the amount rounded to the decimals of its currency, half-even or by another mode of `decimal`.

        Examples:
            >>> from crmcore import Money
            >>> Money("2.675", "EUR").quantized(), Money("2.675", "EUR").quantized(rounding="ROUND_DOWN")
            (Money('2.68', 'EUR'), Money('2.67', 'EUR'))
            >>> Money("2.675", "JPY").quantized(), Money("2.675", "JPY").quantized(1)
            (Money('3', 'JPY'), Money('2.7', 'JPY'))

        Args:
            digits: Another number of decimals.
            rounding: A rounding mode of `decimal`.

        Raises:
            InvalidValueError: The currency has no number of decimals in ISO 4217, and `digits` is not given.
        """
        return build_money(_quantize(self.amount, self.currency, digits, rounding), self.currency)

    def split(self, parts: int, *, digits: int | None = None) -> tuple[Money, ...]:
        """Return `parts` amounts, as equal as the smallest unit of the currency allows. They add up to the whole.

        The first parts get the units that are left over. If the amount is finer than the unit, the first part keeps
        the rest; to avoid it, round the amount with `quantized` first.

        Examples:
            >>> from crmcore import Money
            >>> [str(part.amount) for part in Money(100, "JPY").split(3)]
            ['34', '33', '33']

        Args:
            parts: The number of parts, from 1 to 100,000.
            digits: The number of decimals of the smallest unit, if it is not that of the currency.

        Raises:
            InvalidValueError: The currency has no number of decimals in ISO 4217, and `digits` is not given.
        """
        return self.allocate((1,) * checks.as_size(parts, "parts", least=1), digits=digits)

    def allocate(self, weights: Iterable[Decimal | int | str], *, digits: int | None = None) -> tuple[Money, ...]:
        """Return amounts in proportion to weights. They always add up to the whole.

        Each part is rounded towards zero to the smallest unit of the currency. The units left over go, one each, to the
        parts that lost most by the rounding, the earlier part first if two lost the same (Hamilton's method of the
        largest remainder). If the amount is finer than the unit, the rest goes to the part with the largest weight, the
        first of equals.

        Examples:
            >>> from crmcore import Money
            >>> Money("0.05", "EUR").allocate([3, 7])
            (Money('0.02', 'EUR'), Money('0.03', 'EUR'))

        Args:
            weights: The weights, >= 0.
            digits: The number of decimals of the smallest unit, if it is not that of the currency.

        Raises:
            InvalidValueError: No weight is > 0, or the currency has no number of decimals in ISO 4217 and `digits` is
                not given.
        """
        given = checks.end_at_limit(checks.iterate(weights, "weights", "number"), weights, "weights")
        exact = [checks.as_non_negative(weight, f"weights[{place}]") for place, weight in enumerate(given)]
        whole = sum(shares := _as_integers(exact))
        if not whole:
            raise InvalidValueError(
                "no_positive_weight",
                f"at least one of weights must be > 0, got {len(shares)} of 0",
                field="weights",
                operands=(len(shares),),
            )
        unit = _build_unit(self.currency, digits)
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
        number, code = checks.as_positive(rate, "rate"), as_code(currency)
        if code == self.currency and number != 1:
            raise InvalidValueError(
                "rate_within_one_currency",
                f"rate must be 1 from {code} to {code}, got {show(number)}",
                field="rate",
                advice="leave it out if the amount was converted before",
                operands=(number,),
            )
        return round_money(EXACT.multiply(self.amount, number), code)

    def _amount_to_compare(self, other: object) -> Decimal:
        if type(other) is not Money:
            raise _build_refusal("compare", other)
        if self.currency != other.currency:
            raise _build_mismatch(self.currency, other.currency, "other", verb="compare")
        return other.amount


_set_amount: Final = Money.__dict__["amount"].__set__  # 1.6x as fast as object.__setattr__
_set_currency: Final = Money.__dict__["currency"].__set__


def build_money(amount: Decimal, currency: str) -> Money:
    """Return money of checked parts."""
    money = _new(Money)  # 2x as fast as the constructor: benchmarks/subjects/adding.py
    _set_amount(money, amount)
    _set_currency(money, currency)
    return money


def build_sum(amount: Decimal, currency: str, name: str | None = None) -> Money:
    """Return a sum as money: like an amount that is given, it is at most 10^30."""
    _check_size(amount, name)
    return build_money(amount, currency)


def add_up(monies: Iterable[Money], currency: str | None, name: str = "monies") -> tuple[Decimal, str]:
    """Return the sum of amounts in one currency, which no bound limits, and the currency.

    `name` is the argument that holds the amounts, one in each of its records.
    """
    code = None if currency is None else as_code(currency)
    add = EXACT.add
    amount = ZERO
    before = 0
    for chunk in checks.iterate_chunks(monies, name, "Money"):
        for money in chunk:
            if type(money) is not Money:
                checks.as_instance(money, Money, f"{name}[{before + checks.find_place(money, chunk)}]")
            other = money.currency
            if other != code:
                if code is not None:
                    raise _build_mismatch(code, other, name, before + checks.find_place(money, chunk))
                code = other
            amount = add(amount, money.amount)
        before += len(chunk)
    if code is None:
        raise InvalidValueError(
            "no_currency_for_nothing",
            "currency must be given if there are no amounts",
            field="currency",
            advice="give it with currency=...",
        )
    return amount, code


def same_currency(one: Money, other: Money, name: str | None = None, record: int | None = None) -> None:
    """Refuse two amounts in two currencies; `name` and `record` say what the caller gave as the second one."""
    if one.currency != other.currency:
        raise _build_mismatch(one.currency, other.currency, name, record)


def round_money(amount: Decimal, currency: str, name: str | None = None) -> Money:
    """Return a computed amount as money, with at most 40 decimals, rounded half-even if it needs more.

    `name` is the field at fault if the amount is too large.
    """
    _check_size(amount, name)
    return build_money(round_to_finest(amount), currency)


def _check_size(amount: Decimal, name: str | None) -> None:
    if not checks.SMALLEST <= amount <= checks.LARGEST:
        raise InvalidValueError(
            "result_too_large",
            f"the result must be at most 10^30, got {show(amount)}",
            field=name,
            operands=(amount,),
        )


def as_non_negative(value: object, name: str, beside: Money | None = None) -> Money:
    """Return an amount of money that is >= 0 and, if `beside` is given, in its currency."""
    money = checks.as_instance(value, Money, name)
    if beside is not None and beside.currency != money.currency:
        fault = checks.at_fault(name)
        raise _build_mismatch(beside.currency, money.currency, fault["field"], fault["record"])
    checks.check_not_below(money.amount, 0, name)
    return money


NON_NEGATIVE: Final = Kind(as_non_negative, {"properties": {"amount": {"pattern": record.NON_NEGATIVE.pattern}}})
"""The kind of an amount that is >= 0."""


def _quantize(amount: Decimal, currency: str, digits: int | None, rounding: str) -> Decimal:
    if not is_a(rounding, str) or rounding not in _ROUNDINGS:
        raise InvalidValueError(
            "not_a_rounding",
            f"rounding must be one of {', '.join(sorted(_ROUNDINGS))}, got {show(rounding)}",
            field="rounding",
            operands=(rounding,),
        )
    return EXACT.add(amount.quantize(_build_unit(currency, digits), rounding=rounding, context=_QUOTIENT), ZERO)


def _build_unit(currency: str, digits: int | None) -> Decimal:
    """Return the smallest unit of a currency, or that of a number of decimals."""
    if digits is not None:
        return Decimal((0, (1,), -checks.as_whole(digits, "digits", 0, MOST_DECIMALS)))
    if currency not in UNITS:
        raise InvalidValueError(
            "decimals_of_currency_unknown",
            f"digits must be given for {currency}, which has no number of decimals in ISO 4217",
            field="digits",
            advice="give digits=..., for example digits=2",
            operands=(currency,),
        )
    return UNITS[currency]


def _as_integers(numbers: Iterable[Decimal]) -> list[int]:
    """Return whole numbers in the same proportions."""
    return [int(EXACT.divide_int(number, FINEST)) for number in numbers]


def _build_mismatch(
    one: str, other: str, name: str | None = None, record: int | None = None, verb: str = "join"
) -> CurrencyMismatchError:
    return CurrencyMismatchError(
        "two_currencies",
        f"cannot {verb} {one} and {other}",
        field=name,
        advice="convert one with exchanged(...)",
        operands=(one, other),
        record=record,
    )


def _build_refusal(verb: str, other: object) -> WrongTypeError:
    return WrongTypeError(
        "not_money",
        f"cannot {verb} money and {describe(other)}",
        field="other",
        advice="give it a currency: Money(amount, currency)",
    )
