from __future__ import annotations

import copy
import pickle
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import CrmcoreError, Money
from crmcore.interop.hypothesis import currencies, monies as make_monies
from crmcore.primitives import checks
from crmcore.primitives._currencies import UNITS
from crmcore.primitives.errors import CurrencyMismatchError, InvalidValueError, WrongTypeError
from tests.support.hostile import CONTEXTS, Index
from tests.support.refusals import breaks, refused
from tests.support.strategies import decimals, monies

if TYPE_CHECKING:
    from collections.abc import Callable

EUR = "EUR"


def currencies_with_decimals() -> st.SearchStrategy[str]:
    """Return currencies with none, two, three and four decimals."""
    return st.sampled_from(("EUR", "JPY", "ISK", "KWD", "CLF"))


def exact_numbers() -> st.SearchStrategy[Any]:
    """Return numbers that are money, and some that are not, in every form in which they can be given."""
    plain = st.decimals(allow_nan=True, allow_infinity=True) | decimals(-100, 100, places=2)
    edges = st.sampled_from(
        [
            *("-0", "-0.00", "0E-40", "0E-41", "0E+5", "1E+30", "1E+29", "9.99E+29", "1E-40", "1E-41", "1E+5"),
            *("1.0E-40", "1." + "0" * 50, "0." + "9" * 40, "9" * 29 + ".99", "9" * 30 + ".99", "1E+31", "sNaN"),
        ]
    )
    numbers = plain | edges.map(Decimal)
    return (
        numbers | numbers.map(str) | st.integers(-(10**31), 10**31) | edges | st.text("0123456789_ .eE-", max_size=50)
    )


class TestConstruction:
    @pytest.mark.parametrize(
        ("amount", "expected"),
        [
            (5, "5"),
            (-5, "-5"),
            ("0.10", "0.10"),
            ("1e3", "1000"),
            ("-0", "0"),
            (Decimal("1E+2"), "100"),
            (Decimal("1E-40"), "0." + "0" * 39 + "1"),
            (10**30, "1" + "0" * 30),
            (-(10**30), "-1" + "0" * 30),
            ("0" * 199 + "7", "7"),
            (Index(7), "7"),
        ],
    )
    def test_exact_amounts_enter(self, amount: Any, expected: str) -> None:
        """Decimals, whole numbers and texts are kept exactly."""
        money = Money(amount, EUR)

        assert expected == f"{money.amount:f}"
        assert type(money.amount) is Decimal
        assert f"Money('{expected}', 'EUR')" == repr(money)
        assert f"{expected} EUR" == str(money)

    @pytest.mark.parametrize(
        "amount", [1.5, 0.0, float("nan"), float("inf"), True, None, [], b"1", 1 + 0j, Fraction(1, 2)]
    )
    def test_no_float_and_no_stranger_enters(self, amount: Any) -> None:
        """A value that is not an exact number is a wrong type, and the message says what to give."""
        infinite = str(amount) in ("nan", "inf")
        with refused(InvalidValueError if infinite else WrongTypeError, ": amount"):
            Money(amount, EUR)

    @pytest.mark.parametrize(
        "amount",
        [
            "",
            "abc",
            "1,000.50",
            "1_000",
            " 5 \n",
            "5 ",
            "12 EUR",
            "NaN",
            "sNaN",
            "Infinity",
            "-Infinity",
            "1" * 201,
            Decimal("NaN"),
            Decimal("sNaN"),
        ],
    )
    def test_what_is_no_number_is_refused(self, amount: Any) -> None:
        """A text that is not a finite number is an invalid value."""
        with pytest.raises(InvalidValueError, match="amount must be a"):
            Money(amount, EUR)

    @pytest.mark.parametrize(
        "amount",
        [
            10**30 + 1,
            "1e31",
            "1e999999999",
            "1e-41",
            "1e-999999999",
            pytest.param(10**5000, id="10**5000"),
            Decimal("1E+999999"),
        ],
    )
    def test_amounts_out_of_bounds_are_refused(self, amount: Any) -> None:
        """More than 10^30 or finer than 40 decimals is refused, quickly and with the bound in the message."""
        with pytest.raises(InvalidValueError, match=r"10\^30|digits"):
            Money(amount, EUR)

    @given(exact_numbers())
    def test_the_fast_path_means_what_the_check_means(self, amount: Any) -> None:
        """Whatever the constructor takes without a check, the check gives unchanged, to the last trailing zero."""
        try:
            expected: Any = str(checks.as_exact(amount, "amount").as_tuple())
        except InvalidValueError as error:
            expected = error.rule
        try:
            found: Any = str(Money(amount, EUR).amount.as_tuple())
        except InvalidValueError as error:
            found = error.rule

        assert expected == found

    def test_every_code_of_the_table_is_a_currency(self) -> None:
        """The table of decimals contains valid codes only, and units of 0 to 4 decimals."""
        assert all(Money(1, code).currency == code for code in UNITS)
        assert {Decimal(1), Decimal("0.01"), Decimal("0.001"), Decimal("0.0001")} == set(UNITS.values())

    @pytest.mark.parametrize("currency", ["", None, "eur", "EURO", "E1R", "ÄÖÜ", " EU"])
    def test_a_currency_is_three_capitals(self, currency: Any) -> None:
        """A currency is an ISO 4217 code."""
        with refused(InvalidValueError, "not_a_currency: currency"):
            Money(1, currency)

    @pytest.mark.parametrize(
        ("currency", "shown", "operand", "advice"),
        [
            ("eur", "'eur'", "eur", "write 'EUR'"),
            ("e1r", "'e1r'", "e1r", ""),
            ("EURO", "a text of 4 characters", "a text of 4 characters", ""),
            ("euro", "a text of 4 characters", "a text of 4 characters", ""),
        ],
    )
    def test_a_wrong_currency_is_shown_if_it_is_short(
        self, currency: str, shown: str, operand: str, advice: str
    ) -> None:
        """Three letters are shown, and written large if that is all; a longer text may be anything."""
        with refused(InvalidValueError, "not_a_currency: currency") as caught:
            Money(1, currency)

        assert f"currency must be three capital letters such as 'EUR' (ISO 4217), got {shown}" == caught.value.message
        assert ((operand,), advice) == (caught.value.operands, caught.value.advice)

    @pytest.mark.parametrize("currency", [978, b"EUR"])
    def test_a_currency_is_text(self, currency: Any) -> None:
        """A currency of another type is a wrong type."""
        with refused(WrongTypeError, "not_a_text: currency"):
            Money(1, currency)

    def test_subclasses_become_plain(self) -> None:
        """Amount and currency are kept as plain Decimal and str, whatever was given."""

        class Text(str):
            __slots__ = ()

        class Number(Decimal):
            __slots__ = ()

        money = Money(Number("1.50"), Text("EUR"))

        assert (Decimal, str) == (type(money.amount), type(money.currency))


class TestEquality:
    def test_by_number_and_currency(self) -> None:
        """Equality ignores trailing zeros, but not the currency."""
        assert Money("1.10", EUR) == Money("1.1", EUR)
        assert hash(Money("1.10", EUR)) == hash(Money("1.1", EUR))
        assert Money(1, EUR) != Money(1, "USD")
        assert Money(1, EUR) != object()

    @given(monies(currencies()))
    def test_copies_are_equal(self, money: Money) -> None:
        """Pickle, deepcopy and `repr` give the same money back."""
        assert money == pickle.loads(pickle.dumps(money))
        assert money == copy.deepcopy(money)
        assert money == eval(repr(money), {"Money": Money})

    def test_zero_is_false(self) -> None:
        """An amount of 0 is false, any other is true."""
        assert not Money.zero(EUR)
        assert not Money("-0.00", EUR)
        assert Money("0.01", EUR)
        assert Money("-0.01", EUR)


class TestColumns:
    def test_makes_the_same_money(self) -> None:
        """The columns of a composite are the arguments of the constructor."""
        money = Money("19.90", EUR)

        assert (Decimal("19.90"), EUR) == money.__composite_values__()
        assert money == Money(*money.__composite_values__())


class TestOrder:
    @given(monies(), monies())
    def test_by_amount(self, one: Money, other: Money) -> None:
        """Money of one currency is ordered by amount."""
        assert (one < other) == (one.amount < other.amount)
        assert (one <= other) == (one.amount <= other.amount)
        assert (one > other) == (one.amount > other.amount)
        assert (one >= other) == (one.amount >= other.amount)


class TestOperators:
    @pytest.mark.parametrize(
        ("operators", "join", "verb"),
        [
            (("__add__",), "join", "add"),
            (("__sub__",), "join", "subtract"),
            (("__lt__", "__le__", "__gt__", "__ge__", "ratio_to"), "compare", "compare"),
        ],
    )
    def test_take_money_of_one_currency(self, operators: tuple[str, ...], join: str, verb: str) -> None:
        """Two currencies and a bare number are refused, and the message says what cannot be done and what to do."""
        for operator in operators:
            operate = getattr(Money(1, EUR), operator)
            with refused(CurrencyMismatchError, "two_currencies: other") as caught:
                operate(Money(1, "USD"))
            assert f"cannot {join} EUR and USD; convert one with exchanged(...)" == str(caught.value)
            assert ("EUR", "USD") == caught.value.operands
            with refused(WrongTypeError, "not_money: other") as caught:
                operate(5)
            assert f"cannot {verb} money and 5; give it a currency: Money(amount, currency)" == str(caught.value)

    def test_take_money_on_the_right_too(self) -> None:
        """A number in front of money is refused as one behind it is."""
        with refused(WrongTypeError, "not_money: other") as caught:
            5 + Money(1, EUR)
        assert "cannot add money and 5; give it a currency: Money(amount, currency)" == str(caught.value)


addends = monies(low=-(10**29), high=10**29)


class TestAddition:
    @given(addends, addends, addends)
    def test_is_a_group(self, a: Money, b: Money, c: Money) -> None:
        """Addition commutes and associates, zero changes nothing, and subtraction undoes it."""
        zero = Money.zero(EUR)

        assert a + b == b + a
        assert (a + b) + c == a + (b + c)
        assert a + zero == zero + a == a
        assert (a + b) - b == a
        assert a - b == a + (-b)
        assert zero == a - a
        assert repr((a + b) + c) == repr(a + (b + c))

    @given(st.lists(monies(low=-(10**28), high=10**28), max_size=20), st.randoms(use_true_random=False))
    def test_total_is_repeated_addition_in_any_order(self, monies: list[Money], random: Any) -> None:
        """`total` equals repeated `+`, and order does not matter."""
        expected = sum(monies, start=Money.zero(EUR))
        shuffled = monies.copy()
        random.shuffle(shuffled)

        assert expected == Money.total(monies, currency=EUR)
        assert repr(Money.total(monies, currency=EUR)) == repr(Money.total(iter(shuffled), currency=EUR))

    @given(addends, addends)
    def test_is_exact(self, a: Money, b: Money) -> None:
        """A sum equals the sum of the fractions exactly."""
        assert Fraction(a.amount) + Fraction(b.amount) == Fraction((a + b).amount)
        assert Fraction(a.amount) - Fraction(b.amount) == Fraction((a - b).amount)

    @given(monies(), monies())
    def test_closes(self, a: Money, b: Money) -> None:
        """A sum beyond the bound of an amount is refused; any other is an amount that can be given."""
        for one, other in ((a, b), (a, -b)):
            if abs(Fraction(one.amount) + Fraction(other.amount)) > 10**30:
                for add, term in ((Money.__add__, other), (Money.__sub__, -other)):
                    with refused(InvalidValueError, "result_too_large: None"):
                        add(one, term)
                with refused(InvalidValueError, "result_too_large: None"):
                    Money.total([one, other])
            else:
                total = one + other
                assert total == eval(repr(total)) == attrs.evolve(total) == pickle.loads(pickle.dumps(total))
                assert total == one - -other == Money.total([one, other])

    def test_only_the_total_is_bounded(self) -> None:
        """`total` may pass the bound on its way, in any order."""
        large, one = Money(10**30, EUR), Money(1, EUR)
        assert large == Money.total([large, one, -one]) == Money.total([one, large, -one])
        with refused(InvalidValueError, "result_too_large: None"):
            Money.total([large, one])

    def test_the_builtin_sum_works(self) -> None:
        """Money adds to the int 0, with which `sum` starts, and to no other number."""
        assert Money(3, EUR) == sum([Money(1, EUR), Money(2, EUR)])
        assert Money(3, EUR) == +Money(3, EUR)

    @pytest.mark.parametrize("other", [5, 0.5, Decimal(1), "1", None, False])
    def test_a_bare_number_has_no_currency(self, other: Any) -> None:
        """Only money adds to money."""
        with refused(WrongTypeError, "not_money: other"):
            Money(1, EUR) + other
        with refused(WrongTypeError, "not_money: other"):
            Money(1, EUR) - other
        with refused(WrongTypeError, "not_money: other"):
            other + Money(1, EUR)

    def test_two_currencies_do_not_mix(self) -> None:
        """Neither `+`, `-` nor `total` joins two currencies."""
        euro, dollar = Money(1, EUR), Money(1, "USD")
        with pytest.raises(CurrencyMismatchError, match="EUR and USD"):
            euro + dollar
        with pytest.raises(CurrencyMismatchError, match="EUR and USD"):
            euro - dollar
        with pytest.raises(CurrencyMismatchError, match="EUR and USD"):
            Money.total([euro, dollar])
        with pytest.raises(CurrencyMismatchError, match="USD and EUR"):
            Money.total([euro], currency="USD")

    def test_total_of_nothing_needs_a_currency(self) -> None:
        """The total of no amounts is 0 in the given currency, and an error without one."""
        assert Money.zero(EUR) == Money.total([], currency=EUR)
        with pytest.raises(InvalidValueError, match=r"currency=\.\.\."):
            Money.total([])

    @pytest.mark.parametrize("place", [0, 1, 16_384, 20_000])
    def test_total_names_the_place(self, place: int) -> None:
        """An error says at which place the first wrong amount is, however many there are before it."""
        monies: list[Any] = [Money(1, "EUR")] * place
        with breaks("two_currencies", "monies", place + 1, CurrencyMismatchError):
            Money.total(iter([*monies, Money(1, "EUR"), Money(1, "USD"), Money(1, "USD")]))
        wrong: list[Any] = [*monies, 5, 5]
        with pytest.raises(WrongTypeError) as caught:
            Money.total(wrong)
        assert ("monies", place) == (caught.value.field, caught.value.record)

    def test_total_refuses_strangers(self) -> None:
        """An item that is not money is refused, and the message shows it."""
        with pytest.raises(WrongTypeError, match="monies must be several Moneys"):
            Money.total(Money(1, EUR))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "wrong_type: monies[1]"):
            Money.total([Money(1, EUR), 1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]


class TestProducts:
    @given(monies(low=-(10**12), high=10**12), decimals(-(10**6), 10**6, places=20))
    def test_are_right_to_forty_decimals(self, money: Money, factor: Decimal) -> None:
        """A product is exact, or rounded half-even at the fortieth decimal."""
        expected = round(Fraction(money.amount) * Fraction(factor) * 10**40)

        assert expected == Fraction((money * factor).amount) * 10**40
        assert money * factor == factor * money

    @given(monies(low=-(10**12), high=10**12), decimals(1, 10**6, places=20))
    def test_quotients_are_right_to_forty_decimals(self, money: Money, divisor: Decimal) -> None:
        """A quotient is exact, or rounded half-even at the fortieth decimal."""
        expected = round(Fraction(money.amount) / Fraction(divisor) * 10**40)

        assert expected == Fraction((money / divisor).amount) * 10**40

    @given(monies(low=-(10**29), high=10**29), monies(low=-(10**29), high=10**29))
    def test_multiplying_distributes(self, a: Money, b: Money) -> None:
        """Three times a sum is the sum of three times each."""
        assert (a + b) * 3 == a * 3 + b * 3

    def test_exact_quotients_stay_short(self) -> None:
        """A quotient that needs few decimals has few."""
        assert "Money('25', 'EUR')" == repr(Money(100, EUR) / 4)
        assert "33." + "3" * 40 == f"{(Money(100, EUR) / 3).amount:f}"

    @pytest.mark.parametrize("factor", [0.5, True, None, "x"])
    def test_factors_are_exact_numbers(self, factor: Any) -> None:
        """A float or another type as factor or divisor is refused."""
        with pytest.raises((WrongTypeError, InvalidValueError), match="factor must"):
            Money(1, EUR) * factor
        with pytest.raises((WrongTypeError, InvalidValueError), match="divisor must"):
            Money(1, EUR) / factor

    def test_money_is_no_factor(self) -> None:
        """Money times money is not money; money over money is a ratio, and the message names it."""
        euro: Any = Money(1, EUR)
        with pytest.raises(WrongTypeError, match="multiply by a Decimal or an int"):
            euro * euro
        with pytest.raises(WrongTypeError, match="ratio_to"):
            euro / euro

    def test_dividing_by_zero_is_refused(self) -> None:
        """Division by zero is refused."""
        with refused(InvalidValueError, "divided_by_zero: divisor"):
            Money(1, EUR) / 0

    def test_results_are_bounded(self) -> None:
        """A product beyond 10^30 is refused rather than rounded."""
        assert Money(10**30, EUR) == Money(10**29, EUR) * 10
        assert Money(-(10**30), EUR) == Money(-(10**29), EUR) * 10
        with pytest.raises(InvalidValueError, match=r"at most 10\^30"):
            Money(10**29, EUR) * 11
        with pytest.raises(InvalidValueError, match=r"at most 10\^30"):
            Money(-(10**29), EUR) * 11

    def test_ratio(self) -> None:
        """A ratio has 34 digits; over zero it is None."""
        assert Decimal("0." + "3" * 34) == Money(1, EUR).ratio_to(Money(3, EUR))
        assert Money(1, EUR).ratio_to(Money.zero(EUR)) is None
        with pytest.raises(WrongTypeError, match="cannot compare money and 3"):
            Money(1, EUR).ratio_to(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    @given(monies())
    def test_signs(self, money: Money) -> None:
        """Negation is an involution and the absolute amount is never negative."""
        assert money == -(-money)  # noqa: B002 - minus minus
        assert max(money, -money) == abs(money) == abs(-money)
        assert abs(money).amount >= 0


class TestRounding:
    @given(monies(), st.integers(0, 40))
    def test_moves_by_half_a_unit_at_most(self, money: Money, digits: int) -> None:
        """Quantising rounds to the nearest."""
        rounded = money.quantized(digits)

        assert abs(Fraction(rounded.amount) - Fraction(money.amount)) <= Fraction(1, 2 * 10**digits)
        assert Fraction(rounded.amount) * 10**digits == round(Fraction(money.amount) * 10**digits)

    @pytest.mark.parametrize(
        ("rounding", "expected"),
        [("ROUND_UP", "-1.3"), ("ROUND_DOWN", "-1.2"), ("ROUND_FLOOR", "-1.3"), ("ROUND_CEILING", "-1.2")],
    )
    def test_by_any_of_decimals_roundings(self, rounding: str, expected: str) -> None:
        """Each rounding mode of `decimal` can be named."""
        assert Money(expected, EUR) == Money("-1.25", EUR).quantized(1, rounding=rounding)

    def test_to_half_even_by_default(self) -> None:
        """The default is two decimals, half-even."""
        assert (Money("0.12", EUR), Money("0.14", EUR)) == (
            Money("0.125", EUR).quantized(),
            Money("0.135", EUR).quantized(),
        )
        assert "Money('0.00', 'EUR')" == repr(Money("-0.001", EUR).quantized())

    def test_bad_arguments(self) -> None:
        """An unknown rounding or a number of digits out of range is refused."""
        with pytest.raises(InvalidValueError, match="rounding must be one of ROUND_05UP, .*got 'up'"):
            Money(1, EUR).quantized(rounding="up")
        with pytest.raises(InvalidValueError, match="digits must be from 0 to 40, got 41"):
            Money(1, EUR).quantized(41)
        with refused(InvalidValueError, "out_of_range: digits"):
            Money(1, EUR).quantized(-1)

    def test_is_padded_like_text(self) -> None:
        """Without an ``f`` money is aligned like text."""
        assert "  1.50 EUR" == f"{Money('1.50', EUR):>10}"
        assert "1.50 EUR--" == f"{Money('1.50', EUR):-<10s}"
        assert "1.50 EUR" == f"{Money('1.50', EUR)}"

    @pytest.mark.parametrize(
        ("spec", "expected"),
        [
            (",.2f", "1,234,567.90 EUR"),
            (".0f", "1234568 EUR"),
            ("f", "1234567.895000 EUR"),
            (">14,.2f", "  1,234,567.90 EUR"),
            ("*<13.1f", "1234567.9**** EUR"),
            ("+.1f", "+1234567.9 EUR"),
            ("012.2f", "001234567.90 EUR"),
            (".50f", f"1234567.895{'0' * 47} EUR"),
        ],
    )
    def test_is_shown_like_a_number(self, spec: str, expected: str) -> None:
        """With an ``f`` the number is formatted, rounded half-even, and its currency follows."""
        assert expected == format(Money("1234567.895", EUR), spec)

    @pytest.mark.parametrize(
        "spec", ["%", ".2", "n", "_.2f", "#.2f", "e", "d", ",", "010", ".2g", "f2", ">5,.2", "x" * 1000]
    )
    def test_other_formats_are_refused(self, spec: str) -> None:
        """A format that would cut the text, use the locale or lose digits is refused."""
        with refused(InvalidValueError, "not_a_format: spec"):
            format(Money(1, EUR), spec)

    @given(make_monies(places=6), st.integers(0, 8))
    def test_what_is_shown_is_what_round_gives(self, money: Money, digits: int) -> None:
        """`round`, `quantized` and the format agree; without digits `round` gives whole units."""
        assert str(money.quantized(digits)) == str(round(money, digits)) == f"{money:.{digits}f}"
        assert money.quantized(0) == round(money)
        assert str(money).replace(" EUR", "") in f"{money:.40f}"

    @given(make_monies(currencies_with_decimals(), places=6))
    def test_follows_the_decimals_of_the_currency(self, money: Money) -> None:
        """What is rounded without `digits` has the decimals of its currency (ISO 4217), however it is rounded."""
        digits = {"JPY": 0, "ISK": 0, "KWD": 3, "CLF": 4}.get(money.currency, 2)

        assert money.quantized(digits) == money.quantized()
        assert str(money.quantized(digits)) == str(money.quantized())
        assert money.split(3, digits=digits) == money.split(3)
        assert money.allocate([1, 2], digits=digits) == money.allocate([1, 2])
        assert money.quantized() == Money.estimated(float(money.amount), money.currency)

    @pytest.mark.parametrize("currency", ["XXX", "XAU", "XTS", "QQQ"])
    def test_a_currency_without_decimals_asks_for_them(self, currency: str) -> None:
        """A code without a number of decimals in ISO 4217 needs `digits`."""
        money = Money("10.125", currency)
        for call in (money.quantized, lambda: money.split(2), lambda: money.allocate([1, 2])):
            with refused(InvalidValueError, "decimals_of_currency_unknown: digits"):
                call()
        with refused(InvalidValueError, "decimals_of_currency_unknown: digits"):
            Money.estimated(1.5, currency)

        assert Money("10.12", currency) == money.quantized(2) == round(money, 2)
        assert Money("1.5", currency) == Money.estimated(1.5, currency, digits=1)

    def test_estimates_are_the_one_door_for_floats(self) -> None:
        """A float is accepted as an estimate, by its shortest repr, and rounded."""
        assert "Money('0.30', 'EUR')" == repr(Money.estimated(0.1 + 0.2, EUR))
        assert Money("0.125", EUR) == Money.estimated(0.125, EUR, digits=3)
        assert Money(5, EUR) == Money.estimated(5, EUR)
        with pytest.raises(InvalidValueError, match="finite"):
            Money.estimated(float("nan"), EUR)
        with pytest.raises(InvalidValueError, match="finite"):
            Money.estimated(float("inf"), EUR)


class TestSharing:
    @given(monies(), st.integers(1, 30), st.integers(0, 40))
    def test_split_loses_and_creates_nothing(self, money: Money, parts: int, digits: int) -> None:
        """Parts add up to the whole and differ by at most one unit, except for a rest finer than the unit."""
        shares = money.split(parts, digits=digits)
        unit = Fraction(1, 10**digits)

        assert parts == len(shares)
        assert money == Money.total(shares)
        assert max(shares).amount - min(shares).amount <= Decimal(2) * Decimal(f"1E-{digits}")
        assert all(Fraction(share.amount) % unit == 0 for share in shares[1:])

    @given(
        monies(),
        st.lists(st.one_of(st.integers(0, 1000), decimals(0, 1000, places=10)), min_size=1).filter(any),
        st.integers(0, 40),
    )
    def test_allocate_loses_and_creates_nothing(self, money: Money, weights: list[Decimal | int], digits: int) -> None:
        """Parts add up to the whole, each is at most two units from its exact share, and a weight of 0 gets 0."""
        shares = money.allocate(weights, digits=digits)
        whole = sum(map(Fraction, weights))
        unit = Fraction(1, 10**digits)

        assert money == Money.total(shares)
        for share, weight in zip(shares, weights, strict=True):
            due = Fraction(money.amount) * Fraction(weight) / whole
            assert abs(Fraction(share.amount) - due) < 2 * unit
            assert weight or not share

    @given(monies(), st.lists(st.integers(0, 1000), min_size=1).filter(any), st.integers(0, 6))
    def test_allocate_is_odd_and_ignores_the_scale(self, money: Money, weights: list[int], digits: int) -> None:
        """The parts of a negated amount are the negated parts; only the proportions of the weights matter."""
        shares = money.allocate(weights, digits=digits)

        assert [-share for share in shares] == list((-money).allocate(weights, digits=digits))
        assert shares == money.allocate([weight * 7 for weight in weights], digits=digits)

    def test_leftovers_go_to_the_largest_remainders(self) -> None:
        """Hamilton's method: 10 units at 1:1:4 are 1.67, 1.67 and 6.67, and the first two get the units left over."""
        assert (Money(2, EUR), Money(2, EUR), Money(6, EUR)) == Money(10, EUR).allocate([1, 1, 4], digits=0)
        assert (Money(1, EUR), Money(2, EUR)) == Money(3, EUR).allocate([3, 4], digits=0)

    def test_a_finer_rest_stays_with_the_heaviest(self) -> None:
        """A rest finer than the unit goes to the first of the parts with the largest weight."""
        assert (Money("0.33", EUR), Money("0.675", EUR)) == Money("1.005", EUR).allocate([1, 2])
        assert (Money("0.015", EUR), Money("0.01", EUR)) == Money("0.025", EUR).split(2)

    @pytest.mark.parametrize("weights", [[], [0], [0, 0], [1, -1]])
    def test_weights_must_hold_something(self, weights: list[int]) -> None:
        """No weights, only zero weights or a negative weight are refused."""
        with pytest.raises(InvalidValueError, match="weight"):
            Money(1, EUR).allocate(weights)

    def test_weights_are_exact(self) -> None:
        """A float as a weight is refused."""
        with refused(WrongTypeError, "float_is_inexact: weights[0]"):
            Money(1, EUR).allocate([0.5, 0.5])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]

    @pytest.mark.parametrize("weights", ["123", {"a": 1}, 7])
    def test_weights_are_several(self, weights: Any) -> None:
        """A text, a mapping or a number instead of several weights is refused."""
        with pytest.raises(WrongTypeError, match="weights must be several numbers"):
            Money(1, EUR).allocate(weights)

    def test_weights_come_from_any_iterable(self) -> None:
        """Weights may be the values of a mapping, a generator, or numbers as text."""
        expected = Money(1, EUR).allocate([1, 3])

        assert expected == Money(1, EUR).allocate({"a": 1, "b": 3}.values())
        assert expected == Money(1, EUR).allocate(str(weight) for weight in (1, 3))

    def test_there_is_at_least_one_part(self) -> None:
        """The number of parts is > 0."""
        with refused(InvalidValueError, "too_small: parts"):
            Money(1, EUR).split(0)
        with pytest.raises(WrongTypeError, match="parts must be a whole number"):
            Money(1, EUR).split(2.0)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestExchange:
    def test_multiplies_by_the_rate(self) -> None:
        """The rate is the number of units of the new currency for one unit of the old."""
        assert Money("92.00", EUR) == Money(100, "USD").exchanged(EUR, rate="0.92")
        assert Money(200, EUR) == Money(100, "USD").exchanged(EUR, rate=2)

    @pytest.mark.parametrize("rate", [0, -1, "0"])
    def test_a_rate_is_above_zero(self, rate: Any) -> None:
        """A rate of 0 or less is refused."""
        with pytest.raises(InvalidValueError, match="rate must be > 0"):
            Money(1, EUR).exchanged("USD", rate=rate)

    def test_a_currency_is_its_own_at_the_rate_of_one(self) -> None:
        """A rate other than 1 within one currency is refused."""
        assert Money(5, EUR) == Money(5, EUR).exchanged(EUR, rate=1)
        with refused(InvalidValueError, "rate_within_one_currency: rate"):
            Money(5, EUR).exchanged(EUR, rate=2)

    def test_a_rate_is_exact(self) -> None:
        """A float as a rate is refused."""
        with pytest.raises(WrongTypeError, match="rate must not be a float"):
            Money(1, EUR).exchanged("USD", rate=0.92)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestRefusals:
    @pytest.mark.parametrize(
        ("call", "broken", "told"),
        [
            (
                lambda euro: euro * euro,
                "money_times_money: factor",
                "factor must be a number, got money; multiply by a Decimal or an int",
            ),
            (
                lambda euro: euro / euro,
                "money_over_money: divisor",
                "divisor must be a number, got money; write this.ratio_to(other)",
            ),
            (lambda euro: euro / 0, "divided_by_zero: divisor", "divisor must not be 0"),
            (
                lambda euro: euro * 10**30 * 2,
                "result_too_large: None",
                f"the result must be at most 10^30, got {2 * 10**30}",
            ),
            (
                lambda _: Money.estimated(2e30, EUR),
                "result_too_large: amount",
                "the result must be at most 10^30, got 2E+30",
            ),
            (
                lambda _: Money.total([]),
                "no_currency_for_nothing: currency",
                "currency must be given if there are no amounts; give it with currency=...",
            ),
            (
                lambda euro: euro.allocate([0, 0]),
                "no_positive_weight: weights",
                "at least one of weights must be > 0, got 2 of 0",
            ),
            (
                lambda euro: euro.exchanged(EUR, rate=2),
                "rate_within_one_currency: rate",
                "rate must be 1 from EUR to EUR, got 2; leave it out if the amount was converted before",
            ),
            (
                lambda _: Money(1, "XXX").split(2),
                "decimals_of_currency_unknown: digits",
                (
                    "digits must be given for XXX, which has no number of decimals in ISO 4217; "
                    "give digits=..., for example digits=2"
                ),
            ),
        ],
    )
    def test_say_what_must_hold(self, call: Callable[[Money], object], broken: str, told: str) -> None:
        """An error has its rule and its field, and says what must hold, what was given and what to do."""
        with refused(CrmcoreError, broken) as caught:
            call(Money(1, EUR))
        assert told == str(caught.value)


class TestContext:
    @given(monies(low=-(10**12), high=10**12), monies(low=-(10**12), high=10**12), st.integers(1, 7))
    def test_the_callers_context_changes_nothing(self, a: Money, b: Money, n: int) -> None:
        """Every operation gives and shows the same under every decimal context."""

        def everything() -> list[str]:
            weights: list[Decimal | int] = [n, 2, Decimal("0.5")]
            results: list[object] = [
                a + b, a - b, -b, +b, abs(b), a * n, n * a, a / n, a < b, a >= b, bool(a), a.ratio_to(b),
                a.quantized(1, rounding="ROUND_UP"), a.split(n), a.allocate(weights, digits=3),
                a.exchanged("USD", rate="1.25"), Money.total([a, b, a]), Money.estimated(0.123, EUR),
                Money(f"{a.amount:f}", EUR), Money(n, EUR), hash(a), str(b),
            ]  # fmt: skip
            return [f"{result}" if isinstance(result, str) else repr_of(result) for result in results]

        expected = everything()
        for context in CONTEXTS:
            with localcontext(context):
                assert expected == everything()

    @pytest.mark.parametrize("context", CONTEXTS)
    def test_errors_are_the_same(self, context: Any) -> None:
        """A text that is not a number is refused under every decimal context."""
        with (
            localcontext(context),
            pytest.raises(InvalidValueError, match="amount must be a number, got a text of 3 characters"),
        ):
            Money("abc", EUR)


def repr_of(result: object) -> str:
    """Return a `repr` that does not depend on the decimal context."""
    return f"{result:f}" if isinstance(result, Decimal) else repr(result)
