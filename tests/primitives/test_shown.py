"""Values and texts in messages: nothing that is shown raises, breaks the line or has no end."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, NoReturn

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Balance,
    CrmcoreError,
    Customer,
    Finding,
    Interaction,
    InvalidValueError,
    JourneyMap,
    Journeys,
    JourneyStep,
    Money,
    Retention,
    Severity,
    TallyBy,
    TimeUnit,
    paths,
    render,
    tenure,
)
from crmcore.journeys import journey_maps
from crmcore.journeys.paths import FunnelStep
from crmcore.primitives import checks
from crmcore.primitives._shown import LONGEST, as_sentence, name_of
from crmcore.primitives.explanation import Explanation, Term
from tests.support.pictures import parsed, said

HUGE = "x" * 1_000_000
LONG = "x" * 10_000  # Hypothesis warns of drawn values whose repr is longer than 30,000
AT = datetime(2026, 3, 2, tzinfo=UTC)
FORGED = "anna\ncaution: none: all is well"
ODD = [FORGED, "a\r\x1b[31mred", "\u202eright to left", "\ud800", "\u2028line", "\x85next", "a\x00b", LONG]
odd_texts = st.text(min_size=1, max_size=40).filter(str.strip) | st.sampled_from(ODD)


def _fail(*_: object) -> NoReturn:
    """Raise what no special method should."""
    raise RuntimeError("mine")


fail: Any = _fail


class Meta(type):
    """A class of classes that hides their names."""

    def __getattribute__(cls, name: str) -> Any:
        if name in ("__name__", "__qualname__", "__mro__", "__module__"):
            fail()
        return super().__getattribute__(name)

    __repr__ = fail
    __str__ = fail
    __instancecheck__ = fail
    __subclasscheck__ = fail


class Hidden(metaclass=Meta):
    """An object of a class that hides its name."""


class Liar:
    """An object that raises whatever it is asked."""

    __class__ = property(fail)  # pyright: ignore[reportIncompatibleMethodOverride] - a lie
    __repr__ = fail
    __str__ = fail
    __format__ = fail
    __getattr__ = fail
    __len__ = fail
    __hash__ = fail
    __bool__ = fail


def claims(kind: type) -> object:
    """Return an object that claims to be of another class."""
    return type("Claims", (), {"__class__": property(lambda _: kind)})()


def of(base: type, *values: Any) -> Any:
    """Return an object of a subclass whose methods raise."""
    names = ("__repr__", "__str__", "__format__", "__abs__", "__len__", "__getitem__", "__gt__", "isoformat")
    return type("Own", (base,), dict.fromkeys((*names, "bit_length", "__int__", "__index__"), fail))(*values)


class Recursive:
    """An object whose `repr` never ends."""

    def __repr__(self) -> str:
        return repr(self)


class NotText:
    """An object whose `repr` is not a text."""

    def __repr__(self) -> Any:
        return 5


class Colour(Enum):
    """An enum of the caller."""

    RED = ("red",)
    LONG = HUGE
    FORGED = FORGED


class Secretive(Enum):
    """An enum whose members raise whatever they are asked."""

    MEMBER = 1


Secretive.__getattribute__ = fail  # type: ignore[method-assign] # only now, because Enum itself asks its members


class Level(IntEnum):
    """The same, of numbers."""

    HIGH = 3


class Zone(tzinfo):
    """A zone that raises."""

    utcoffset = dst = tzname = fail


class Undated(date):
    """A date whose text is none."""

    def isoformat(self) -> Any:
        """Return no text."""
        return 5


HOSTILE = [
    Hidden(),
    Hidden,
    Liar(),
    Recursive(),
    NotText(),
    *map(claims, (int, str, float, Decimal, datetime, Enum, timedelta, type(None))),
    of(str, HUGE),
    of(int, 10**5000),
    of(int, 7),
    of(float, 0.5),
    of(Decimal, "1.5"),
    of(timedelta, 5),
    of(datetime, 2026, 3, 2),
    of(date, 2026, 3, 2),
    Undated(2026, 3, 2),
    datetime(2026, 3, 2, tzinfo=Zone()),
    object.__new__(Colour),
    Colour.RED,
    Colour.LONG,
    Colour.FORGED,
    object.__new__(Secretive),
    Level.HIGH,
    type("a\nb", (), {})(),
    type(HUGE, (), {})(),
    Decimal("1E+999999"),
    Decimal("sNaN"),
    10**5000,
    -(10**5000),
    HUGE,
    FORGED,
    "\ud800",
]


class TestShow:
    @pytest.mark.parametrize("place", range(len(HOSTILE)))
    @pytest.mark.parametrize("shown", [checks.show, checks.describe])
    def test_never_raises(self, shown: Any, place: int) -> None:
        """It answers a short text on one line, whatever lies about its class."""
        text = shown(HOSTILE[place])
        assert type(text) is str
        assert text.isprintable()
        assert 0 < len(text) < 130

    def test_asks_for_the_real_class(self) -> None:
        """What claims to be a number is shown as what it is."""
        assert checks.show(claims(int)) == "an object of type Claims"
        assert checks.show(of(int, 7)) == "7"
        assert checks.show(of(str, "a")) == "'a'"
        assert checks.show(Hidden()) == "an object of type Hidden"
        assert name_of(Hidden) == "Hidden"

    def test_what_is_known(self) -> None:
        """Numbers, ids, times and members are shown as they are."""
        values = [
            7,
            True,
            None,
            0.5,
            Decimal("1E+2"),
            "a",
            AT,
            date(2026, 3, 2),
            timedelta(1),
            Level.HIGH,
        ]
        assert [checks.show(value) for value in values] == [
            "7", "True", "None", "0.5", "1E+2", "'a'", "2026-03-02T00:00:00+00:00", "2026-03-02",
            "datetime.timedelta(days=1)", "HIGH",
        ]  # fmt: skip
        assert checks.show(-(10**31)) == "an int of 103 bits"
        assert checks.show(Undated(2026, 3, 2)) == "Undated"

    def test_a_text_in_the_wrong_place_is_shown_by_its_length(self) -> None:
        """It may be anything, also personal."""
        assert checks.describe("Anna") == "a text of 4 characters"
        assert checks.describe("A") == "a text of 1 character"
        assert checks.describe(of(str, "Anna")) == "a text of 4 characters"
        assert checks.describe(Severity.INFO) == "info"
        assert checks.describe(7) == "7"


class TestSentence:
    @given(odd_texts)
    def test_is_one_line_with_an_end(self, text: str) -> None:
        """Any text becomes a printable one, and a second time changes nothing."""
        shown = as_sentence(text)
        assert shown.isprintable()
        assert (
            as_sentence(shown) == shown[: LONGEST - 3] + "..." if len(shown) > LONGEST else as_sentence(shown) == shown
        )
        assert shown.encode()

    def test_what_is_printable_stays(self) -> None:
        """A text in any script is itself; a backslash too."""
        for text in ("a\\nb", "мир", "漢字", "é 🎉"):
            assert as_sentence(text) is text

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("abcdef", "abcdef"),
            ("abcdefg", "abc..."),
            ("a\nbcd", "a\\nbcd"),
            ("\\'\"\n", "\\'\"\\n"),
            ("ab\ncde", "ab\\..."),
            ("\n\n\n\n", "\\n\\..."),
        ],
    )
    def test_an_end_takes_three_characters(self, text: str, shown: str) -> None:
        """A text that is too long, as it is or with its escapes, ends with three dots where the last letters were."""
        assert shown == as_sentence(text, 6)

    def test_of_names(self) -> None:
        """The name of a class has at most eighty characters."""
        assert ["x" * 80, f"{'x' * 77}..."] == [name_of(type("x" * number, (), {})) for number in (80, 81)]

    def test_of_errors(self) -> None:
        """Message and advice of an error are on one line, and have an end."""
        error = InvalidValueError("rule", f"no {FORGED}", advice=HUGE)
        assert str(error).isprintable()
        assert error.args == (error.message,) == ("no anna\\ncaution: none: all is well",)
        assert len(error.advice) == LONGEST
        assert str(pickle.loads(pickle.dumps(error))) == str(error)

    @given(odd_texts, odd_texts.filter(lambda name: len(name) <= LONGEST))
    def test_of_findings(self, text: str, name: str) -> None:
        """A finding is one line; its row keeps the evidence and the subject as they are."""
        finding = Finding(
            rule=name, severity=Severity.INFO, subject=text, message=text, advice=text, evidence=[(name, text)]
        )
        assert str(finding).isprintable()
        assert finding.message.isprintable()
        assert finding.advice.isprintable()
        assert max(len(finding.message), len(finding.advice)) <= LONGEST
        assert (finding.subject, finding.evidence) == (text, ((name, text),))
        assert finding.row()["evidence"] == f"{name} {text}"
        assert attrs.evolve(finding) == finding == pickle.loads(pickle.dumps(finding))

    @given(odd_texts.filter(lambda name: len(name) <= LONGEST), odd_texts)
    def test_of_explanations(self, name: str, text: str) -> None:
        """An explanation has a line for each term, one for the source and one for each caution, and no more."""
        caution = Finding(rule=name, severity=Severity.INFO, message=text)
        lines = Explanation([Term(name, 1, text, text), Term(f"{name} 2", None)], source=text, cautions=[caution])
        printed = str(lines).split("\n")
        assert len(printed) == 3 + bool(text)
        assert all(line.isprintable() for line in printed)
        assert str(lines[name]).isprintable()
        assert [row["name"] for row in lines.rows()] == [name, f"{name} 2"]


MISTAKES = [
    lambda text: Money(text, "EUR"),
    lambda text: Money(5, text),
    lambda text: Money(5, "EUR").quantized(rounding=text),
    lambda text: format(Money(5, "EUR"), text),
    lambda text: Retention(text, TimeUnit.YEAR),
    lambda text: Customer(id=1, kind=text),
    lambda text: Customer(id=text, referred_by_id=text),
    lambda text: Interaction(touchpoint_id=1, at=text),
    lambda text: Balance.of([text]),
    lambda text: Balance.by([], text),
    lambda text: TallyBy({text: Balance()})[f"{text}!"],
    lambda text: TallyBy({text: Balance()}).rows([text, text]),
    lambda text: Explanation([Term(text, 1)])["?"],
    lambda text: Explanation([Term("a", 1)])[text],
    lambda text: Explanation([Term(text, 1), Term(text, 1)]),
    lambda text: tenure(text, AT),
    lambda text: paths.Funnel.of([(1, text, AT)], [text, f"{text}?"], optional=["?"]),
    lambda text: FunnelStep(name=text, touchpoint_ids=[]),
    lambda text: a_map(text).step("?"),
    lambda text: a_map("a").step(text),
    lambda text: attrs.evolve(a_map(text), loops=[("?", text)]),
    lambda text: attrs.evolve(a_map("a"), goal_step=text),
    lambda text: Journeys.of([(1, text, AT), text]),
]


def a_map(name: str) -> JourneyMap:
    """Build a map of one step."""
    return JourneyMap(name=name, steps=[JourneyStep(name=name, phase=name, touchpoint_ids=[name])])


class TestMistakes:
    @pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
    @pytest.mark.parametrize("mistake", MISTAKES, ids=range(len(MISTAKES)))
    def test_have_one_line_and_an_end(self, mistake: Any, text: str) -> None:
        """An error about a text of the caller neither breaks the line nor repeats a million characters."""
        with pytest.raises(CrmcoreError) as caught:
            mistake(text)

        assert str(caught.value).isprintable()
        assert len(str(caught.value)) <= 2 * LONGEST + 2


class TestPictures:
    @pytest.mark.parametrize("text", ODD[:-1], ids=range(len(ODD) - 1))
    def test_have_no_forged_line(self, text: str) -> None:
        """A name with a line break adds no line to Markdown, to Mermaid or to an SVG."""
        plain, odd = a_map("anna"), a_map(text)
        assert str(render.journey_table(odd)).count("\n") == str(render.journey_table(plain)).count("\n")
        assert str(render.mermaid_journey(odd)).count("\n") == str(render.mermaid_journey(plain)).count("\n")
        assert [line for line in said(parsed(render.journey_map(odd)), "text") if "\n" in line] == []

    @pytest.mark.parametrize("text", ODD[:-1], ids=range(len(ODD) - 1))
    def test_findings_of_a_map_are_lines(self, text: str) -> None:
        """A finding about a step or a touchpoint of that name is one line."""
        visits = Journeys.of([(1, text, AT), (1, "till", AT + timedelta(hours=1)), (2, f"{text}?", AT)])
        held = journey_maps.compare(a_map(text), visits)
        for finding in (*journey_maps.review(held), *journey_maps.lint(a_map(text)), *held.cautions):
            assert str(finding).isprintable()
