from __future__ import annotations

import inspect
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import Money
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.explanation import Explanation, Term
from crmcore.value.lifetime_value import LifetimeValue
from tests.support.refusals import refused
from tests.support.replay import replay
from tests.support.strategies import VALUES
from tests.support.walk import public_classes

EXPLAINED = [
    cls
    for cls in public_classes()
    if inspect.isfunction(explain := getattr(cls, "explain", None))
    and cls.__name__ != "Tally"
    and len(inspect.signature(explain).parameters) == 1  # a control chart explains a period
]


class TestReplay:
    @pytest.mark.parametrize("cls", EXPLAINED)
    @given(data=st.data())
    def test_no_explanation_lies(self, cls: type, data: st.DataObject) -> None:
        """Every line of every `explain()` of the library can be computed again from the lines above it."""
        replay(data.draw(VALUES[cls]).explain())

    @pytest.mark.parametrize("cls", EXPLAINED)
    @given(data=st.data())
    def test_results_are_among_the_rows(self, cls: type, data: st.DataObject) -> None:
        """A line with the name of an attribute has the value of that attribute."""
        result = data.draw(VALUES[cls])
        for term in result.explain():
            shown = getattr(result, term.name, term.value)
            for name in ("amount", "share", "rate"):  # of money, a retention, a discount
                shown = getattr(shown, name, shown)
            assert shown == term.value

    @pytest.mark.parametrize("cls", [cls for cls in EXPLAINED if hasattr(cls, "cautions")])
    @given(data=st.data())
    def test_cautions_go_with_it(self, cls: type, data: st.DataObject) -> None:
        """What to know before a result is quoted stands under its explanation too."""
        result = data.draw(VALUES[cls])

        assert result.cautions == result.explain().cautions

    def test_a_wrong_row_is_caught(self) -> None:
        """The check itself notices a wrong value, a value without a formula and a missing name."""
        for value, formula in [(Decimal(3), "a + 1"), (Decimal(1), "1 / (a - 1)"), (None, "a + 1")]:
            with pytest.raises(AssertionError):
                replay(Explanation([Term("a", 1), Term("b", value, "", formula)]))
        with pytest.raises(KeyError):
            replay(Explanation([Term("b", 1, "", "unknown")]))

    def test_a_figure_from_elsewhere_explains_itself(self) -> None:
        """A value that was computed elsewhere is a given line."""
        assert "value  5  EUR" == str(LifetimeValue(value=Money(5, "EUR")).explain())


class TestExplanation:
    LINES = Explanation(
        [
            Term("orders", 6, "per year"),
            Term("rate", Decimal(1) / 3),
            Term("nothing", None, "", "orders / 0"),
            Term("value", Decimal("2.0"), "EUR", "orders * rate"),
        ],
        "unstaffed",
    )

    def test_text_is_aligned(self) -> None:
        """Names are left, values right, formulas last; decimals after the tenth are cut, which three dots show."""
        expected = (
            "orders                 6  per year\n"
            "rate     0.3333333333...\n"
            "nothing                -            = orders / 0\n"
            "value                2.0  EUR       = orders * rate\n"
            "source: unstaffed"
        )

        assert expected == str(self.LINES)
        assert "orders  6  per year" == str(Term("orders", 6, "per year"))
        assert "" == str(Explanation([]))

    @pytest.mark.parametrize(
        ("term", "expected"),
        [
            (Term("value", 0, "", "good - 12 * bad"), "value  0    = good - 12 * bad"),
            (Term("rate", Decimal("0.0123456789")), "rate  0.0123456789"),
            (Term("rate", Decimal("0.01234567891")), "rate  0.0123456789..."),
            (Term("customers", 12345678901), "customers  12345678901"),
        ],
    )
    def test_a_lone_row(self, term: Term, expected: str) -> None:
        """A line alone has no padding; ten decimals are shown, and whole numbers in full."""
        assert expected == str(term)

    @pytest.mark.parametrize("value", [Decimal("0.5"), Decimal("1E+5"), 5, None])
    def test_a_row_is_written_as_python_writes_it(self, value: Decimal | int | None) -> None:
        """Evaluating the `repr` gives an equal line with a number of the same type."""
        assert f"Term(name='a', value={value!r}, unit='EUR', formula='')" == repr(Term("a", value, "EUR"))

    @pytest.mark.parametrize("number", [50, 51])
    def test_a_notebook_shows_fifty_rows(self, number: int) -> None:
        """A notebook shows up to fifty lines, and says how many more there are."""
        shown = Explanation([Term(f"line {place}", place) for place in range(number)])._repr_html_()

        assert ("line 49<" in shown, "line 50<" in shown, "1 more" in shown) == (True, False, number > 50)

    def test_long_words_are_cut(self) -> None:
        """A name and a unit have at most two hundred characters, and a formula and a source a thousand."""
        line = str(Term("n" * 201, 1, "u" * 201, "f" * 1001))

        assert f"{'n' * 197}...  1  {'u' * 197}...  = {'f' * 997}..." == line
        assert f"source: {'s' * 989}..." == str(Explanation([], "s" * 1001))

    def test_rows_are_found_by_name(self) -> None:
        """A line is found by its name; the error for an unknown name lists the names."""
        assert "orders * rate" == self.LINES["value"].formula
        assert 4 == len(self.LINES)
        with refused(KeyError, "no_such_line: name"):
            self.LINES["price"]

    def test_names_are_used_once(self) -> None:
        """Two lines with one name are refused."""
        with pytest.raises(InvalidValueError, match="terms must each have a name of their own, 'a' comes twice"):
            Explanation([Term("a", 1), Term("a", 2)])

    @pytest.mark.parametrize("terms", ["text", None, 5, [1], [("a", 1)]])
    def test_terms_are_terms(self, terms: Any) -> None:
        """Only terms are lines of an explanation."""
        with refused(WrongTypeError, "wrong_type: terms[0]" if isinstance(terms, list) else "one_for_several: terms"):
            Explanation(terms)

    @pytest.mark.parametrize(
        ("values", "broken"),
        [
            (("a", "b"), "not_a_figure: value"),
            (("a", True), "not_a_figure: value"),
            (("a", 1.5), "not_a_figure: value"),
            ((1, 2), "not_a_text: name"),
            (("a", 1, 5), "not_a_text: unit"),
            (("a", 1, "", 5), "not_a_text: formula"),
        ],
    )
    def test_a_line_holds_words_and_an_exact_number(self, values: Any, broken: str) -> None:
        """A name, unit or formula is a text, and a value is a Decimal, an int or None."""
        with refused(WrongTypeError, broken):
            Term(*values)

    @pytest.mark.parametrize("value", ["NaN", "sNaN", "-Infinity"])
    def test_a_value_is_finite(self, value: str) -> None:
        """A figure that is NaN or infinite is refused; None says that it is unknown."""
        with refused(InvalidValueError, "figure_not_finite: value"):
            Term("a", Decimal(value))

    def test_a_line_has_a_name(self) -> None:
        """An empty name is refused; None for a unit or formula means none."""
        with refused(InvalidValueError, "empty_text: name"):
            Term(" ", 1)

        assert Term("a", 1) == Term("a", 1, None, None)
