from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from html.parser import HTMLParser
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Balance,
    Flow,
    HistoricValue,
    Journeys,
    LedgerBuilder,
    MomentOfTruth,
    Money,
    Retention,
    Segment,
    Tally,
    TallyBy,
    TimeUnit,
    Valence,
    lifetime_value,
)
from crmcore.journeys.attribution import Attribution
from crmcore.journeys.paths import Edge
from crmcore.primitives._decimals import plain_repr, shorten
from crmcore.primitives._html import SHOWN
from crmcore.primitives._reprs import LONGEST, show_record
from crmcore.primitives.explanation import Explanation, Term
from crmcore.primitives.findings import Finding, Severity
from tests.support.hostile import CONTEXTS
from tests.support.strategies import VALUES

MANY = 3000
DAY = datetime(2026, 3, 2, tzinfo=UTC)
FINDINGS = [Finding(rule=f"rule_{n}", severity=Severity.INFO, message="m" * 50) for n in range(MANY)]
VISITS = [(n, f"touchpoint {n % 500}", DAY + timedelta(seconds=n)) for n in range(MANY)]
LARGE: dict[str, Any] = {
    "attribution": Attribution(method="last", credits=[(n, 1) for n in range(MANY)], conversions=MANY),
    "explanation": Explanation([Term(f"line_{n}", n) for n in range(MANY)], cautions=FINDINGS),
    "flow": Flow.of(VISITS),
    "journeys": Journeys.of(VISITS),
    "builder": LedgerBuilder(MomentOfTruth(valence=Valence.BAD, at=DAY, id=n) for n in range(MANY)),
    "ledger": LedgerBuilder(MomentOfTruth(valence=Valence.BAD, at=DAY, id=n) for n in range(MANY)).ledger(),
    "segment": Segment(name="x" * MANY, leaves_out=[str(n) for n in range(MANY)]),
    "tallies": TallyBy({n: Balance(good=n) for n in range(MANY)}),
    "keys": TallyBy({("k" * MANY, n): Edge() for n in range(MANY)}),
    "texts": Finding(
        rule="r" * MANY, severity=Severity.INFO, subject="s" * MANY, message="m" * MANY, advice="a" * MANY
    ),
    "evidence": Finding(
        rule="r", severity=Severity.INFO, message="m", evidence=[("n" * 900, "x" * 900) for _ in range(MANY)]
    ),
}


class Tables(HTMLParser):
    """Reads the tags of a fragment and checks that they close."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.scopes: list[str] = []
        self.texts: list[str] = []
        self.feed(fragment)
        self.close()
        assert [] == self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag; a header must say of what."""
        assert tag in {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "p", "ul", "li"}
        self.open.append(tag)
        if tag == "th":
            self.scopes.append(dict(attrs)["scope"] or "")
        style = dict(attrs).get("style") or ""
        assert "background" not in style
        assert "color:" not in style.replace("color:inherit", "")

    def handle_endtag(self, tag: str) -> None:
        """Close the last tag."""
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts.append(data)


@attrs.frozen(kw_only=True)
class Sparse(Tally):
    """Number of keys. Records of disjoint keys can be added."""

    key: int = 0
    key_: int = 0
    share: float = 0.25


class TestRepr:
    @pytest.mark.parametrize("name", [*LARGE])
    def test_large_values_stay_within_a_screen(self, name: str) -> None:
        """Whatever the size of a value, its `repr` has at most 2,000 characters."""
        assert len(repr(LARGE[name])) <= LONGEST

    @pytest.mark.parametrize("cls", [pytest.param(cls, id=cls.__name__) for cls in VALUES])
    @given(data=st.data())
    def test_every_value_stays_within_a_screen(self, cls: type, data: st.DataObject) -> None:
        """The `repr` of any value has at most 2,000 characters, the same under every decimal context."""
        value = data.draw(VALUES[cls])
        expected = repr(value)
        assert len(expected) <= LONGEST
        for context in CONTEXTS:
            with localcontext(context):
                assert expected == repr(value)

    def test_small_values_are_whole(self) -> None:
        """A small value shows all it has, as the constructor takes it."""
        assert "Retention(share=Decimal('0.95'), per=<TimeUnit.MONTH: 'month'>)" == repr(
            Retention("0.95", TimeUnit.MONTH)
        )
        assert "TallyBy({'a': Edge(count=1, journeys=1)})" == repr(TallyBy({"a": Edge(count=1, journeys=1)}))
        assert "TallyBy({})" == repr(TallyBy(()))
        assert "Segment(name='tea', leaves_out=frozenset({'a'})" in repr(Segment(name="tea", leaves_out=["a"]))
        assert "terms=(Term(name='a', value=1, unit='', formula=''),)" in repr(Explanation([Term("a", 1)]))

    def test_many_keys_say_how_many(self) -> None:
        """A long table says how many rows it has and shows the first five."""
        shown = repr(LARGE["tallies"])
        assert shown.startswith("TallyBy of 3,000 Balance, first 5: {0: Balance(good=Decimal('0'), ")
        assert shown.endswith("}")
        assert 5 == shown.count("Balance(")

    def test_long_collections_say_how_many_more(self) -> None:
        """A long tuple shows its beginning and how many more there are."""
        assert "credits=((0, Decimal('1')), (1, Decimal('1'))" in repr(LARGE["attribution"])
        assert ", ... 2,995 more)" in repr(LARGE["attribution"])

    def test_numbers_are_shortened_and_whole_on_the_attribute(self) -> None:
        """A number of more than twenty decimals shows ten digits and three dots."""
        kept = Retention("0.8", TimeUnit.YEAR).to(TimeUnit.MONTH)
        assert "Retention(share=Decimal('0.9815765298...'), per=<TimeUnit.MONTH: 'month'>)" == repr(kept)
        assert 34 == len(kept.share.as_tuple().digits)
        value = HistoricValue(revenue=Money(100, "EUR") / 3, cost=Money(0, "EUR"))
        assert "revenue=Money('33.33333333...', 'EUR')" in repr(value)
        assert "Money('33.3333333333333333333333333333333333333333', 'EUR')" == repr(value.revenue)

    @pytest.mark.parametrize(
        ("number", "expected"),
        [
            ("0.12345678901234567890", "0.12345678901234567890"),
            ("0.123456789012345678901", "0.1234567890..."),
            ("-0.000000123456789012345678901", "-0.0000001234567890..."),
            ("123456789012345.123456789012345678901", "123456789012345.1..."),
            ("1.123456789012345678901E-30", "1.123456789...E-30"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
        ],
    )
    def test_digits(self, number: str, expected: str) -> None:
        """Ten significant digits remain, and at least one decimal; whole digits and exponents are never cut."""
        assert expected == shorten(number)

    def test_sets_and_wide_records(self) -> None:
        """A set shows its members, and a record that is too long with one item of each field is cut."""

        @attrs.frozen(kw_only=True)
        class Sets(Tally):
            chosen: Any = frozenset({7})

        wide = attrs.make_class("Wide", {f"field_{n}": attrs.field(default=n) for n in range(400)}, bases=(Tally,))
        assert repr(Sets()).endswith("Sets(chosen=frozenset({7}))")
        assert repr(Sets(chosen=frozenset())).endswith("Sets(chosen=frozenset())")
        assert LONGEST == len(show_record(wide()))
        assert show_record(wide()).endswith("...")

    def test_of_none(self) -> None:
        """An unknown number is None."""
        assert "None" == plain_repr(None)
        assert "Decimal('1E+5')" == plain_repr(Decimal("1E5"))

    def test_a_class_of_the_caller(self) -> None:
        """A tally of a caller is shown in the same way, and one with a `repr` of its own keeps it."""

        class Own(Sparse):  # without a decorator, as in a script
            def __repr__(self) -> str:
                return "own"

        class Below(Own):
            pass

        assert "Sparse(key=0, key_=0, share=0.25)" == repr(Sparse())
        assert ["own", "own"] == [repr(Own()), repr(Below())]
        assert "TallyBy({1: own})" == repr(TallyBy({1: Own()}))


class TestHtml:
    def test_tables_are_accessible(self) -> None:
        """A table has a caption and headers with a scope, takes the colours of the page, and says how many more."""
        shown = Tables(LARGE["tallies"]._repr_html_())
        assert "3,000 Balance" == shown.texts[0]
        assert "2,990 more" in shown.texts
        assert SHOWN == shown.scopes.count("row")
        assert {"row", "col"} == {*shown.scopes}

    def test_texts_are_escaped(self) -> None:
        """Markup in a key is text."""
        shown = TallyBy({"<script>&\"'": Edge()})._repr_html_()
        assert "&lt;script&gt;&amp;&quot;&#x27;" in shown
        assert "<script>&\"'" in Tables(shown).texts

    def test_cautions_are_shown(self) -> None:
        """The cautions of a figure stand below it."""
        worth = lifetime_value.simple(average_order=Money(40, "EUR"), orders_per_year=6, years=5)
        for result in (worth, worth.guard(Money(1, "EUR")), worth.explain()):
            assert any("revenue_not_profit" in text for text in Tables(result._repr_html_()).texts)
        assert any("look_alike" in text for text in Tables(TallyBy({7: Edge(), "7": Edge()})._repr_html_()).texts)
        assert "2,990 more" in Tables(LARGE["explanation"]._repr_html_()).texts
        assert "caution: revenue_not_profit: every order counts in full" in str(worth.explain())

    def test_values_are_readable(self) -> None:
        """Numbers have commas and ten decimals at most, None is a dash, and enums show their value."""
        shown = Tables(
            Explanation([Term("a", Decimal(1) / Decimal(3)), Term("b", None), Term("c", 12345)])._repr_html_()
        )
        assert {"0.3333333333...", "12,345"} <= {*shown.texts}
        row = Tables(Balance(as_of=DAY, window=timedelta(1))._repr_html_()).texts
        assert {"2026-03-02T00:00:00+00:00", "1 day, 0:00:00", "-"} <= {*row}
        assert "info" in Tables(FINDINGS[0]._repr_html_()).texts
        assert (
            "33.3333333333... EUR"
            in Tables(HistoricValue(revenue=Money(100, "EUR") / 3, cost=Money(0, "EUR"))._repr_html_()).texts
        )

    def test_empty_and_odd(self) -> None:
        """A table without keys, an explanation without lines, and a column with the name of the key are shown."""
        nothing: TallyBy[str, Edge] = TallyBy()
        assert "TallyBy" in Tables(nothing._repr_html_()).texts
        assert "Explanation, source: a book" in Tables(Explanation([], source="a book")._repr_html_()).texts
        assert {"key__", "(1, 2)"} <= {
            *Tables(TallyBy[tuple[int, int], Sparse]({(1, 2): Sparse()})._repr_html_()).texts
        }
        assert {"key__", "0.25"} <= {*Tables(TallyBy({1: Sparse()})._repr_html_()).texts}
        assert any(text.endswith("...") for text in Tables(LARGE["texts"]._repr_html_()).texts)
