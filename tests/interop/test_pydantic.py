"""What `crmcore.interop.pydantic` reads, writes, refuses and describes."""

from __future__ import annotations

import doctest
import json
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings, strategies as st
from pydantic import BaseModel, PydanticSchemaGenerationError, TypeAdapter, ValidationError, validate_call

from crmcore import (
    Balance,
    Checklist,
    Cost,
    CrmcoreError,
    Customer,
    CustomerKind,
    Deficits,
    Discount,
    Finding,
    Id,
    Inactivity,
    InvalidValueError,
    MomentOfTruth,
    Money,
    Period,
    Purchase,
    Retention,
    Scale,
    Severity,
    Tally,
    TallyBy,
    TimeUnit,
    Valence,
    instant,
)
from crmcore.interop import pydantic as interop
from crmcore.interop.hypothesis import decimals, ids
from crmcore.interop.pydantic import Schema, adapter
from crmcore.model.customer import ContactPerson
from crmcore.model.journey import Journey
from crmcore.model.occasion import Occasion
from crmcore.model.subscription import Subscription
from crmcore.primitives.explanation import Explanation, Term
from crmcore.primitives.record import hints_of, is_personal
from crmcore.primitives.tally import Cell
from crmcore.value.lifetime_value import LifetimeValue
from tests.support.hostile import CONTEXTS
from tests.support.strategies import VALUES

if TYPE_CHECKING:
    from collections.abc import Callable

OUT_OF_SCOPE = {
    Finding: "its evidence may be a number or a text, and a number is written as text",
    TallyBy: "its keys may be of any type, and those of JSON are texts",
}
PLAIN = {
    frozenset[date],
    tuple[date, ...],
    tuple[Decimal, ...],
}  # what a public field of these holds, an error may show
SHOWN = {
    **{
        f"{cls}.counts": "counts are no personal data"
        for cls in (
            "AnswerCounts",
            "CustomerEffort",
            "ReturnLikelihood",
            "SurveyRound",
            "BaseDistribution",
            "LevelTransitions",
        )
    },
    **{
        f"Survival.{name}": "times and counts are no personal data"
        for name in ("times", "ended", "censored", "entered")
    },
    **{f"LogRank.{name}": "counts are no personal data" for name in ("observed", "expected")},
    **{
        f"LevelTransitions.{name}": "customers by level are counts too"
        for name in ("arrived", "left", "unread", "found")
    },
    "Interview.signals": "a member is no personal data",
    "JourneyStep.micro_moments": "a member is no personal data",
    "LevelRule.cuts": "steps of a scale are no personal data",
    "KanoDrift.history": "the same",
    **{f"NpsPanel.{name}": "nor are counts" for name in ("promoters", "passives", "detractors")},
    "Outcome.as_of": "nor is a time; the record leaves it out of its repr for brevity",
    "Outcome.first_only": "nor is yes or no",
    "Outcome.open": "nor is a count",
    "Outcome.within": "nor is a time",
    "Recurrence.weekdays": "a member is no personal data",
    "Scale.name": "nor is the name of a scale",
    "FirstAlarms.baseline": "counts are not personal",
    "PChart.baseline": "the same",
    "ShareCusumChart.baseline": "the same",
    "ShareEwmaChart.baseline": "the same",
    "TwoProportions.after": "nor are counts",
    "TwoProportions.before": "the same",
}
"""Other fields of which an error may show what was given."""
every_value = pytest.mark.parametrize(
    "cls", [pytest.param(cls, id=cls.__name__) for cls in VALUES if cls not in OUT_OF_SCOPE]
)
every_record = pytest.mark.parametrize("cls", [pytest.param(cls, id=cls.__name__) for cls in VALUES if attrs.has(cls)])
every_mode = pytest.mark.parametrize("mode", ["validation", "serialization"])

AT = instant("2026-03-02T10:15+02:00")
EURO = Money(1, "EUR")
SECRET = "Anna Kalnina"
MONEY = {"amount": "19.99", "currency": "EUR"}
PURCHASE = {"customer_id": 7, "at": "2026-03-02T10:15:00+02:00", "amount": MONEY}

FEWER = settings(max_examples=settings().max_examples // 3)  # of each record, for there are many
ODD: list[object] = [
    *(None, True, False, 0, -1, 7, 10**40, 0.5, -1e308, float("nan"), float("inf")),
    *("", "x", "1", "-1", "1E+900", "NaN", "EUR", "good", "month", "2026-03-02", "9999-12-31T23:59:59-14:00", "P1D"),
    *([], [None], [[]], [["x", 1]], ["x", "x"], [1, 0], {}, {"x": 1}, [{}], MONEY, PURCHASE, [PURCHASE]),
]
"""What JSON may hold and hardly any field expects."""


@cache
def adapted(kind: Any) -> TypeAdapter[Any]:
    """What reads and writes a type."""
    return adapter(kind)


@cache
def annotated(kind: Any) -> TypeAdapter[Any]:
    """The same as others would write it."""
    marked: Any = Annotated
    return TypeAdapter(marked[kind, Schema])


def document_of(record: Any) -> dict[str, Any]:
    """A record as JSON; a known scale is a name, which is not what is wanted here."""
    written = adapted(record.__class__).dump_python(record, mode="json")
    return {"name": written} if isinstance(written, str) else {**written}


def refusal(cls: Any, document: object) -> ValidationError:
    """The error that a document meets."""
    with pytest.raises(ValidationError) as caught:
        adapted(cls).validate_python(document)
    return caught.value


def places(error: ValidationError) -> list[tuple[int | str, ...]]:
    """Where its lines stand."""
    return [line["loc"] for line in error.errors()]


class TestThereAndBack:
    @every_value
    @given(data=st.data())
    @FEWER
    def test_comes_back(self, cls: type, data: st.DataObject) -> None:
        """What is written as JSON or taken apart into dicts is read as an equal value, and a value passes as it is."""
        value = data.draw(VALUES[cls])
        text = adapted(cls).dump_json(value)

        assert value == adapted(cls).validate_json(text)
        assert value == adapted(cls).validate_python(json.loads(text))
        assert value == adapted(cls).validate_python(adapted(cls).dump_python(value))
        assert value is adapted(cls).validate_python(value)

    @every_record
    @given(data=st.data())
    @settings(max_examples=1)
    def test_writes_every_field(self, cls: type, data: st.DataObject) -> None:
        """What is written has every field under the name that the constructor takes, personal ones among them."""
        value = data.draw(VALUES[cls])
        expected = [field.alias for field in attrs.fields(cls)]

        assert expected == list(adapted(cls).dump_python(value, mode="json"))

    @given(
        half_life=st.timedeltas(timedelta(microseconds=1)),
        days=st.integers(1, 10**6),
        as_of=st.datetimes(timezones=st.timezones(), min_value=datetime(1800, 1, 1), allow_imaginary=False),  # noqa: DTZ001 - Hypothesis adds the zone
    )
    def test_policies(self, half_life: timedelta, days: int, as_of: datetime) -> None:
        """Policies come back to the microsecond, in any zone and however old."""
        balance = Balance(good=1, as_of=as_of, half_life=half_life, window=timedelta(days=days), resolved_weight=0.25)

        assert balance == adapted(Balance).validate_json(adapted(Balance).dump_json(balance))

    @given(st.timedeltas())
    def test_durations(self, duration: timedelta) -> None:
        """Time is written in days and seconds and comes back exactly, forwards and backwards."""
        text = adapted(timedelta).dump_json(duration)

        assert duration == adapted(timedelta).validate_json(text)
        assert set("PDTS.-0123456789") >= set(json.loads(text))

    def test_offset_is_kept(self) -> None:
        """An instant is written with its own offset; its zone's name is lost."""
        moment = MomentOfTruth(valence=Valence.GOOD, at=datetime(2026, 3, 2, 10, 15, tzinfo=ZoneInfo("Europe/Riga")))

        assert "2026-03-02T10:15:00+02:00" == adapted(MomentOfTruth).dump_python(moment, mode="json")["at"]

    def test_odd_offset(self) -> None:
        """An offset of old, to the second, is written in UTC, because other programs cannot read it."""
        old = datetime(1890, 1, 1, tzinfo=ZoneInfo("Europe/Berlin"))

        assert b'"1889-12-31T23:06:32+00:00"' == adapted(datetime).dump_json(old)

    @pytest.mark.parametrize("context", CONTEXTS)
    def test_the_callers_context_changes_no_number(self, context: Any) -> None:
        """Numbers are written alike under any decimal context."""
        rate = Discount(Decimal("1E-7"), TimeUnit.DAY)
        with localcontext(context):
            assert b'{"rate":"0.0000001","per":"day"}' == adapted(Discount).dump_json(rate)

    def test_every_process_writes_the_same(self) -> None:
        """A set is written in order, whatever the hashes of its texts."""
        code = (
            "from crmcore import Customer; from crmcore.interop.pydantic import adapter; "
            "print(adapter(Customer).dump_json(Customer(id=1, segments='b a d e c'.split()), include={'segments'}))"
        )
        said = {
            subprocess.check_output([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, text=True)
            for seed in ("1", "2")
        }

        assert {"""b'{"segments":["a","b","c","d","e"]}'\n"""} == said

    def test_date(self) -> None:
        """A day is a day and no instant."""
        assert date(2026, 3, 1) == adapted(date).validate_json('"2026-03-01"')
        assert date(2026, 3, 1) == adapted(date).validate_python(date(2026, 3, 1))
        assert b'"2026-03-01"' == adapted(date).dump_json(date(2026, 3, 1))
        for other in (AT, "2026-03-01T00:00", 1, None):
            assert [()] == places(refusal(date, other))

    def test_number_among_evidence(self) -> None:
        """A finding is written, but of its evidence a number comes back as text: nothing tells the two apart."""
        finding = Finding(rule="r", severity=Severity.INFO, message="m", evidence=[("share", Decimal("0.5")), ("n", 5)])
        read = adapted(Finding).validate_json(adapted(Finding).dump_json(finding))

        assert (("share", "0.5"), ("n", 5)) == read.evidence

    def test_tally_by(self) -> None:
        """A TallyBy without type arguments has no schema; a dict of tallies has one."""
        with pytest.raises(PydanticSchemaGenerationError):
            adapter(TallyBy)

        assert b'{"a":{"met":3}}' == adapter(dict[str, Balance]).dump_json({"a": Balance(good=3)}).replace(
            adapted(Balance).dump_json(Balance(good=3)), b'{"met":3}'
        )

    def test_open_key(self) -> None:
        """A key of any type comes back where JSON has a form for it; what does not hash is none."""
        worst = {"groups": 1, "count": 1, "sum": "9", "lowest": "-9"}

        assert "bob" == adapted(Deficits).validate_python({**worst, "worst": "bob"}).worst
        assert [("worst",)] == places(refusal(Deficits, {**worst, "worst": ["a", 2026]}))


class TestReading:
    @pytest.mark.parametrize("given_id", ["1", 1, "0", 0, -1, 10**40])
    def test_ids_are_kept(self, given_id: str | int) -> None:
        """A text stays a text and a number a number."""
        read = adapted(Customer).validate_json(json.dumps({"id": given_id, "manager_id": given_id}))

        assert given_id == read.id
        assert type(given_id) is type(read.manager_id)

    @pytest.mark.parametrize("given_id", [True, 1.0, None, [], {}, ""])
    def test_no_id(self, given_id: object) -> None:
        """Neither a bool nor a float is an id, nor is an empty text."""
        assert [("id",)] == places(refusal(Customer, {"id": given_id}))

    @pytest.mark.parametrize(("amount", "expected"), [("1.10", "1.10"), ("1E+3", "1000"), ("-7", "-7")])
    def test_money(self, amount: str, expected: str) -> None:
        """An amount comes as text."""
        read = adapted(Money).validate_json(json.dumps({"amount": amount, "currency": "EUR"}))

        assert f"{expected} EUR" == str(read)

    @pytest.mark.parametrize("amount", [1.1, 1.0, 1, True, None, "", "1,10", "NaN", "1e999999999", float("inf")])
    def test_no_money(self, amount: object) -> None:
        """An amount comes neither from a number of JSON nor from anything that is not exact."""
        document = json.dumps({"amount": amount, "currency": "EUR"})

        assert [("amount",)] == places(refusal(Money, json.loads(document)))

    def test_shares_may_be_floats(self) -> None:
        """A share and a rate may come as a float, which means its shortest repr; a number of things may not."""
        read = adapted(Retention).validate_json('{"share": 0.1, "per": "month"}')

        assert Decimal("0.1") == read.share
        assert [("good",)] == places(refusal(Balance, {"good": 0.5, "resolved_weight": 0.5}))

    def test_numbers_of_explanations(self) -> None:
        """Where a number may be whole or not, a whole one stays whole."""
        read = [adapted(Term).validate_python({"name": "n", "value": value}).value for value in (5, "5", "0.5", None)]

        assert [5, Decimal(5), Decimal("0.5"), None] == read
        assert [int, Decimal] == [type(value) for value in read[:2]]

    @pytest.mark.parametrize(
        "at",
        [
            "2026-03-02T10:15:00",
            "2026-03-02",
            "yesterday",
            "1772446500",
            1772446500,
            1772446500.0,
            date(2026, 3, 2),
            datetime(2026, 3, 2),  # noqa: DTZ001 - naive on purpose
            None,
            "0001-01-01T00:00:00+14:00",
        ],
    )
    def test_no_instant(self, at: object) -> None:
        """An instant is ISO 8601 with an offset; it is guessed neither from a number nor from a day."""
        assert [("at",)] == places(refusal(Purchase, {**PURCHASE, "at": at}))

    @pytest.mark.parametrize(("text", "days"), [("P30D", 30), ("P1W", 7), ("+P1DT24H", 2), ("P1DT1440M", 2)])
    def test_durations(self, text: str, days: int) -> None:
        """A duration is ISO 8601 without months and years, which have no fixed length."""
        assert timedelta(days=days) == adapted(timedelta).validate_json(json.dumps(text))

    @pytest.mark.parametrize("text", ["P1M", "P1Y", "30", "12:30", "P", "PT", "P1D\n", "P9999999999D", "", 30, None])
    def test_no_duration(self, text: object) -> None:
        """What would have to be guessed is no duration."""
        document = {"churned_after": text, "active": 1} if text is not None else {"churned_after": []}

        assert [("churned_after",)] == places(refusal(Inactivity, document))

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("month", "2"),
            ("month", 2.0),
            ("month", True),
            ("name", 5),
            ("leap_rule", "FEBRUARY_28"),
            ("leap_rule", None),
            ("nmae", "birthday"),
        ],
    )
    def test_nothing_is_guessed(self, field: str, value: object) -> None:
        """A text is not a number, a number is not a text, a member is known by its value, a key by its name."""
        document = {"name": "birthday", "month": 2, "day": 29}

        assert [(field,)] == places(refusal(Occasion, {**document, field: value}))

    def test_reached_is_a_bool(self) -> None:
        """Yes and no are true and false, and no other words or numbers."""
        assert adapted(Journey).validate_python({"customer_id": 7, "reached": True}).reached
        for other in ("yes", 1):
            assert [("reached",)] == places(refusal(Journey, {"customer_id": 7, "reached": other}))

    def test_collections(self) -> None:
        """A list becomes a tuple or a set, at any depth; a lone text is no collection."""
        read = adapted(Customer).validate_python(
            {
                "id": 1,
                "kind": "organization",
                "segments": ["b", "a"],
                "occasions": [{"name": "jubilee", "month": 5, "day": 4}],
                "contacts": [{"name": SECRET}, ContactPerson(name="Ben")],
            }
        )
        expected = Customer(
            id=1,
            kind=CustomerKind.ORGANIZATION,
            segments=["a", "b"],
            occasions=[Occasion(name="jubilee", month=5, day=4)],
            contacts=[ContactPerson(name=SECRET), ContactPerson(name="Ben")],
        )

        assert expected == read
        assert [("segments",)] == places(refusal(Customer, {"id": 1, "segments": "ab"}))

    def test_alias(self) -> None:
        """A field is called what the constructor calls it."""
        explanation = {"terms": [{"name": "value", "value": "5"}]}
        read = adapted(LifetimeValue).validate_python({"value": {**MONEY, "amount": "5"}, "explanation": explanation})

        assert "value  5" == str(read.explain())
        assert [("_explanation",)] == places(refusal(LifetimeValue, {"value": MONEY, "_explanation": None}))

    def test_defaults_are_the_records_own(self) -> None:
        """What is left out is what the constructor takes for it."""
        document = {"valence": "good", "at": "2026-03-02T10:15:00+02:00"}

        assert MomentOfTruth(valence=Valence.GOOD, at=AT) == adapted(MomentOfTruth).validate_python(document)


class TestErrors:
    @pytest.mark.parametrize(
        ("cls", "document", "place"),
        [
            (Money, {"amount": "1", "currency": "euro"}, ("currency",)),
            (Money, {"amount": "1", "currency": "amount"}, ("currency",)),
            (Money, {"amount": "1E+31", "currency": "EUR"}, ("amount",)),
            (Retention, {"share": 5, "per": TimeUnit.YEAR}, ("share",)),
            (Discount, {"rate": -1, "per": TimeUnit.YEAR}, ("rate",)),
            (Customer, {"id": ""}, ("id",)),
            (Balance, {"neutral": -1}, ("neutral",)),
            (Balance, {"window": timedelta(days=1)}, ("as_of",)),
            (Purchase, {"customer_id": 1, "at": AT, "amount": EURO, "cost": Money(1, "USD")}, ("cost",)),
            (
                Subscription,
                {"customer_id": 1, "every": TimeUnit.DAY, "started": AT, "price": Money(-1, "EUR")},
                ("price",),
            ),
            (MomentOfTruth, {"valence": Valence.GOOD, "at": AT.replace(tzinfo=None)}, ("at",)),
            (LifetimeValue, {"value": EURO, "explanation": Explanation([Term("worth", 1)])}, ("explanation",)),
        ],
    )
    def test_own_words(self, cls: Any, document: dict[str, Any], place: tuple[str, ...]) -> None:
        """What a record's own check says is said, without the advice, with the rule as the type, at the field."""
        with pytest.raises(CrmcoreError) as own:
            cls(**document)
        (line,) = refusal(cls, document).errors()

        assert (own.value.message, own.value.rule) == (line["msg"], line["type"])
        assert place == line["loc"]

    def test_all_at_once(self) -> None:
        """Every field that cannot be read is reported, each in its place, however deep."""
        document = {
            "customer_id": 7,
            "interactions": [
                {"touchpoint_id": "desk", "at": "2026-03-02T10:15:00+02:00"},
                {"touchpoint_id": "", "at": "2026-03-02T10:15:00+02:00"},
                {"at": "2026-03-02", "tone": 5},
                {"touchpoint_id": "desk", "at": "2026-03-02T10:15:00+02:00", "value_to_customer": 0.5},
            ],
        }
        expected = {
            ("interactions", 1, "touchpoint_id"),
            ("interactions", 2, "touchpoint_id"),
            ("interactions", 2, "at"),
            ("interactions", 2, "tone"),
            ("interactions", 3, "value_to_customer"),
        }

        assert expected == set(places(refusal(Journey, document)))

    def test_braces(self) -> None:
        """A message is no template."""
        assert "{k}" in refusal(Money, {"amount": "5", "currency": "{k}"}).errors()[0]["msg"]

    def test_name(self) -> None:
        """The error is headed by the record's name."""
        assert "1 validation error for function-wrap[Purchase()]" == str(refusal(Purchase, [])).splitlines()[0]

    def test_pydantics_own_words_are_kept(self) -> None:
        """What pydantic says it still says as pydantic does, with the context of its message."""
        (line,) = refusal(Checklist, {"id": 7, "items": [5]}).errors(include_url=False)

        assert {
            "type": "model_type",
            "loc": ("items", 0),
            "msg": "Input should be a valid dictionary or instance of ChecklistItem",
            "input": "an object of type int",
            "ctx": {"class_name": "ChecklistItem"},
        } == line

    @every_record
    @given(data=st.data())
    @FEWER
    def test_nothing_else_is_raised(self, cls: type, data: st.DataObject) -> None:
        """Whatever a field of a document becomes, the answer is a record or a validation error."""
        document = document_of(data.draw(VALUES[cls]))
        for name in data.draw(st.lists(st.sampled_from([*document]), min_size=1, max_size=2)):
            document[name] = data.draw(st.sampled_from(ODD))
        try:
            read = adapted(cls).validate_json(json.dumps(document))
        except ValidationError:
            pass
        else:
            assert isinstance(read, cls)


class TestPrivacy:
    @every_record
    @pytest.mark.parametrize("make", [adapted, annotated])
    def test_no_error_shows_personal_data(self, cls: type, make: Callable[[Any], TypeAdapter[Any]]) -> None:
        """Not where a personal field is wrong, nor where another is, nor where the whole record or a part of it is."""
        fields = [field for field in attrs.fields(cls) if f"{cls.__name__}.{field.alias}" not in SHOWN]
        public = [field for field in fields if field.repr and not is_personal(hints_of(cls)[field.name])]
        personal = {field.alias: SECRET for field in fields if field not in public}
        one = {"name": SECRET, "note": SECRET, "id": []}
        documents: list[object] = [[SECRET], personal, {**personal, "nmae": SECRET}, {"nmae": SECRET}]
        documents += [SECRET] if cls is not Scale else []
        for field in fields:
            hint = hints_of(cls)[field.name]
            is_plain = field in public and hint in PLAIN
            wrongs = (
                [{"x": SECRET}, one, [one], [[one]]] if is_plain else [[SECRET], {"x": SECRET}, one, [one], [[one]]]
            )
            documents += [{**personal, field.alias: wrong} for wrong in wrongs]
            if not is_plain and hint not in (Id, Id | None) and "Scale" not in str(hint):  # errors show ids and scales
                documents.append({field.alias: SECRET})
        shown: list[str] = []
        for document in documents:
            try:
                make(cls).validate_python(document)
            except ValidationError as error:
                shown += [str(error), repr(error.errors()), error.json()]

        assert len(shown) >= 3 * 4
        assert [text for text in shown if "Anna" in text] == []

    def test_public_inputs_are_shown(self) -> None:
        """A plain value of a public field is shown, for it helps; what is not shown is named by its type."""
        error = refusal(Customer, {"id": 7, "kind": "firm", "name": 5, "segments": [3], "contacts": [{"id": 1.5}]})
        shown = {line["loc"]: line["input"] for line in error.errors()}

        assert {
            ("kind",): "a text of 4 characters",
            ("name",): "an object of type int",
            ("segments", 0): "an object of type int",
            ("contacts", 0, "name"): "an object of type dict",
            ("contacts", 0, "id"): 1.5,
        } == shown

    def test_adapter_prints_no_input(self) -> None:
        """Not even of what is no JSON at all, which pydantic refuses before any schema is asked."""
        with pytest.raises(ValidationError) as caught:
            adapted(Customer).validate_json(f'{{"id": 1, "name": "{SECRET}"')

        assert SECRET not in str(caught.value)

    def test_left_out_when_writing(self) -> None:
        """Personal fields are data and are written, unless the caller leaves them out."""
        customer = Customer(id=7, name=SECRET)

        assert SECRET == adapted(Customer).dump_python(customer)["name"]
        assert "name" not in adapted(Customer).dump_python(customer, exclude={"name"})


class Basket(BaseModel):
    """A model of somebody else's."""

    customer: Annotated[Customer | None, Schema] = None
    purchases: list[Annotated[Purchase, Schema]] = []
    records: Annotated[tuple[Purchase | Cost, ...], Schema] = ()
    unit: Annotated[Literal["day"] | TimeUnit, Schema] = "day"


@attrs.frozen
class Narrow:
    """A record of somebody else's."""

    x: int


@attrs.frozen
class Wide:
    """Another that has the same field and more."""

    x: int
    y: int | Narrow = 0


@attrs.frozen(kw_only=True)
class Edge(Tally):
    """Number of edges. Records of disjoint edges can be added."""

    count: int = 0
    time: Decimal = Decimal(0)


_NO_EDGES: TallyBy[tuple[Id | None, Id | None], Edge] = TallyBy()


@attrs.frozen(kw_only=True)
class Walked(Tally):
    """Number of customers by pairs of touchpoints. Records of disjoint customers can be added."""

    edges: TallyBy[tuple[Id | None, Id | None], Edge] = _NO_EDGES
    worth: TallyBy[str, Balance] | None = None


class TestTallyBy:
    PASSAGES = st.dictionaries(
        st.tuples(st.none() | ids(), st.none() | ids()),
        st.builds(Edge, count=st.integers(0, 9), time=decimals(0, 9)),
        max_size=4,
    )

    @given(PASSAGES)
    def test_comes_back(self, edges: dict[tuple[Id | None, Id | None], Edge]) -> None:
        """Tallies by key of named kinds are written as pairs and read as an equal value; a value passes as it is."""
        walked = Walked(edges=TallyBy(edges), worth=TallyBy({"a": Balance(good=3)}))
        text = adapted(Walked).dump_json(walked)

        assert walked == adapted(Walked).validate_json(text)
        assert walked == adapted(Walked).validate_python(json.loads(text))
        assert walked == adapted(Walked).validate_python(adapted(Walked).dump_python(walked))
        assert walked.edges is adapted(Walked).validate_python({"edges": walked.edges}).edges

    def test_form(self) -> None:
        """Each pair is a list of the key and the tally, in the order of the keys."""
        edges: dict[tuple[Id | None, Id | None], Edge] = {
            (7, None): Edge(count=2),
            ("a", 1): Edge(time=Decimal("0.5")),
        }
        walked = Walked(edges=TallyBy(edges))
        expected = [[[7, None], {"count": 2, "time": "0"}], [["a", 1], {"count": 0, "time": "0.5"}]]

        assert {"edges": expected, "worth": None} == adapted(Walked).dump_python(walked, mode="json")
        assert Walked() == adapted(Walked).validate_json("{}")

    @pytest.mark.parametrize(
        ("edges", "place"),
        [
            ({}, ("edges",)),
            ("ab", ("edges",)),
            ([[["a", "b"]]], ("edges", 0, 1)),
            ([[["a"], {}]], ("edges", 0, 0, 1)),
            ([[["a", True], {}]], ("edges", 0, 0, 1)),
            ([[["a", "b"], {"count": 0.5}]], ("edges", 0, 1, "count")),
            ([[["a", "b"], {"good": 1}]], ("edges", 0, 1, "good")),
            ([[["a", 1], {}], [["a", 1], {}]], ("edges",)),
            (TallyBy({"a": Edge()}), ("edges", 0, 0)),
            (TallyBy([(("a", 1), Balance())]), ("edges", 0, 1)),
        ],
    )
    def test_refuses(self, edges: object, place: tuple[int | str, ...]) -> None:
        """What is no list of pairs, each key once, is refused at its place."""
        assert [place] == places(refusal(Walked, {"edges": edges}))

    def test_no_error_shows_a_key(self) -> None:
        """A key may be personal."""
        for wrong in ([[SECRET, {}]], [[[SECRET, "b"], {"count": []}]], [[[SECRET, 1], {}]] * 2, [SECRET]):
            error = annotated_error(Walked, {"edges": wrong})

            assert "Anna" not in str(error) + repr(error.errors())

    @every_mode
    def test_is_described(self, mode: Any) -> None:
        """A schema says what a pair holds, and what is left out."""
        described = adapted(Walked).json_schema(mode=mode)
        pair = described["properties"]["edges"]["items"]

        assert {"$ref": "#/$defs/Edge"} == pair["prefixItems"][1]
        assert "Edge" in described["$defs"]

    def test_only_tallies_are_written(self) -> None:
        """What are no tallies by key are not written as such."""
        with pytest.warns(UserWarning, match="not a TallyBy: an object of type dict"):
            adapted(TallyBy[str, Balance]).dump_python({"a": Balance()})


def annotated_error(cls: Any, document: object) -> ValidationError:
    """The error that a document meets where no adapter of ours hides the input."""
    with pytest.raises(ValidationError) as caught:
        annotated(cls).validate_python(document)
    return caught.value


class TestMark:
    def test_in_models(self) -> None:
        """Fields of a model may be records, unions and collections of records, there and back."""
        purchase = Purchase(customer_id=7, at=AT, amount=EURO)
        cost = Cost(amount=EURO, at=AT)
        basket = Basket(customer=Customer(id=7), purchases=[purchase], records=(cost, purchase), unit=TimeUnit.WEEK)

        assert basket == Basket.model_validate_json(basket.model_dump_json())
        assert basket == Basket.model_validate(basket.model_dump())
        assert Basket() == Basket.model_validate_json(Basket().model_dump_json())

    def test_errors_in_models(self) -> None:
        """A place in a record is a place in the model; a union names the kind that it tried."""
        with pytest.raises(ValidationError) as caught:
            Basket.model_validate({"purchases": [PURCHASE, {**PURCHASE, "amount": {**MONEY, "amount": 1.1}}]})
        assert [("purchases", 1, "amount", "amount")] == places(caught.value)

        with pytest.raises(ValidationError) as caught:
            Basket.model_validate({"records": [{**PURCHASE, "customer_id": []}]})
        assert ("records", 0, "Purchase", "customer_id") in places(caught.value)

    def test_called_for(self) -> None:
        """A function called with JSON's dicts gets records, as an endpoint of FastAPI does."""

        @validate_call
        def balance(moments: list[Annotated[MomentOfTruth, Schema]]) -> Decimal:
            return Balance.of(moments).value

        given: Any = [{"valence": valence, "at": "2026-03-02T10:15Z"} for valence in ("good", "bad")]

        assert Decimal(-11) == balance(given)

    def test_marked_twice(self) -> None:
        """A type that is marked already may be marked again."""
        assert [EURO] == adapter(list[Annotated[Money, Schema]]).validate_python([{"amount": "1", "currency": "EUR"}])

    def test_union_is_written_by_kind(self) -> None:
        """A record is written with all its fields, also where an earlier kind of the union has some of them."""
        either = adapted(Narrow | Wide)

        assert {"x": 1, "y": {"x": 2}} == either.dump_python(Wide(1, Narrow(2)))
        assert Wide(1, Narrow(2)) == either.validate_json('{"x": 1, "y": {"x": 2}}')
        assert Wide(1, 2) == either.validate_json('{"x": 1, "y": 2}')

    def test_only_records_are_written(self) -> None:
        """What is no record is not written as one."""
        with pytest.warns(UserWarning, match="not a Money: an object of type Period"):
            adapted(Money).dump_python(Period.year(2026))

    def test_rows_are_written(self) -> None:
        """A row of a table is written with each cell in the form of its kind."""
        row = {**Balance(good="0.5", as_of=AT, window=timedelta(days=3)).row(), "worth": EURO}
        written = adapted(dict[str, Cell]).dump_python(row, mode="json")

        assert ["0.5", 0, "12"] == [written[name] for name in ("good", "neutral", "ratio")]
        assert ["2026-03-02T10:15:00+02:00", "P3D", None] == [
            written[name] for name in ("as_of", "window", "half_life")
        ]
        assert {"amount": "1", "currency": "EUR"} == written["worth"]


class TestJsonSchema:
    @every_record
    @every_mode
    def test_required(self, cls: type, mode: Any) -> None:
        """A record has all its fields and needs those without a default, whether it is read or written."""
        described = adapted(cls).json_schema(mode=mode)
        described = described.get("$defs", {}).get(cls.__name__, described)  # a scale is a record or a name
        needed = [field.alias for field in attrs.fields(cls) if field.default is attrs.NOTHING]

        assert [field.alias for field in attrs.fields(cls)] == list(described["properties"])
        assert needed == described.get("required", [])

    @every_record
    @every_mode
    def test_speaks_json(self, cls: type, mode: Any) -> None:
        """A schema is JSON, says what it describes, and refers to nothing that it does not define."""
        described = adapted(cls).json_schema(mode=mode)
        referred = {
            value
            for text in json.dumps(described).split('"$ref": "')[1:]
            for value in [text.partition('"')[0].removeprefix("#/$defs/")]
        }

        assert referred == set(described.get("$defs", {}))
        described = described.get("$defs", {}).get(cls.__name__, described)  # a scale is a record or a name
        assert cls.__name__ == described["title"]
        assert (cls.__doc__ or "").startswith(described["description"])

    def test_nested(self) -> None:
        """A record within a record is defined once, by its name."""
        described = adapted(Purchase).json_schema()

        assert "#/$defs/Money" == described["properties"]["amount"]["$ref"]
        assert [{"$ref": "#/$defs/Money"}, {"type": "null"}] == described["properties"]["cost"]["anyOf"]
        assert described["properties"]["cost"]["default"] is None

    def test_numbers(self) -> None:
        """Money comes as text, a share also as a number; both are written as text."""
        kinds = {
            (cls, mode): [one["type"] for one in described.get("anyOf", [described])]
            for cls, name in ((Money, "amount"), (Retention, "share"))
            for mode in ("validation", "serialization")
            for described in [adapted(cls).json_schema(mode=mode)["properties"][name]]
        }

        assert {
            (Money, "validation"): ["string"],
            (Retention, "validation"): ["number", "string"],
            (Money, "serialization"): ["string"],
            (Retention, "serialization"): ["string"],
        } == kinds

    @every_mode
    def test_forms(self, mode: Any) -> None:
        """Times, durations, days, sets and ids are described as what JSON writes for them."""
        balance = adapted(Balance).json_schema(mode=mode)["properties"]
        customer = adapted(Customer).json_schema(mode=mode)["properties"]

        assert "date-time" == balance["as_of"]["anyOf"][0]["format"]
        assert "duration" == balance["window"]["anyOf"][0]["format"]
        assert "date" == adapted(date).json_schema(mode=mode)["format"]
        assert "string" == customer["segments"]["items"]["type"]
        assert ["integer", "string"] == [kind["type"] for kind in customer["id"]["anyOf"]]

    def test_defaults(self) -> None:
        """A default is shown as JSON writes it."""
        balance = adapted(Balance).json_schema()["properties"]
        customer = adapted(Customer).json_schema()["properties"]

        assert ["12", None] == [balance["ratio"]["default"], balance["window"]["default"]]
        assert ["person", []] == [customer["kind"]["default"], customer["segments"]["default"]]


def test_examples() -> None:
    """The examples in the docstrings show what the installed library answers."""
    failed, tried = doctest.testmod(interop)

    assert (0, True) == (failed, tried > 0)


@attrs.frozen(kw_only=True)
class Member(Customer):
    """A customer with a card.

    Attributes:
        tier: How much the customer has bought, in steps.
    """

    tier: int = 0
    card: str = ""

    def __attrs_post_init__(self) -> None:
        if self.tier and not self.card:
            raise InvalidValueError("tier_without_card", "card must not be empty for a tier", field="card")
        if self.tier > 9:
            raise InvalidValueError("no_such_card", "the card must exist")


class TestOwnFields:
    @pytest.mark.parametrize(
        ("change", "place", "rule"),
        [
            ({"tier": 2}, ("card",), "tier_without_card"),
            ({"tier": 10, "card": "A-17"}, (), "no_such_card"),
            ({"tier": -1}, ("tier",), "too_small"),
            ({"card": 5}, ("card",), "not_a_text"),
            ({"id": ""}, ("id",), "empty_id"),
            ({"contacts": [{"name": "Ben"}]}, ("contacts",), "contacts_of_a_person"),
        ],
    )
    def test_errors(self, change: dict[str, object], place: tuple[str, ...], rule: str) -> None:
        """A subclass is checked by its own annotations and rules, and by all of the record's."""
        (line,) = refusal(Member, {"id": 7, **change}).errors()

        assert (place, rule) == (line["loc"], line["type"])

    def test_comes_back(self) -> None:
        """The fields of a subclass are written, read and described."""
        member = Member(id=7, tier=2, card="A-17")
        described = adapted(Member).json_schema()["properties"]

        assert member == adapted(Member).validate_json(adapted(Member).dump_json(member))
        assert (0, "How much the customer has bought, in steps.") == (
            described["tier"]["minimum"],
            described["tier"]["description"],
        )
        assert "The id of the customer" in described["id"]["description"]
