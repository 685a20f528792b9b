"""A service of FastAPI with records as bodies, lists, parts, responses and rows."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from types import SimpleNamespace
from typing import Annotated, Any
from uuid import UUID

import attrs
import httpx2
import pytest
from fastapi import Body, FastAPI, Request
from fastapi.responses import JSONResponse
from hypothesis import given, settings, strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel, ValidationError, field_validator

from crmcore import (
    Balance,
    Channel,
    CrmcoreError,
    Customer,
    Feedback,
    Inactivity,
    InvalidValueError,
    MomentOfTruth,
    Money,
    Occasion,
    Period,
    Purchase,
    Relationship,
    Response,
    Retention,
    Scale,
    Subscription,
    Tally,
    TallyBy,
    Touchpoint,
    Valence,
    Visits,
    instant,
)
from crmcore.interop.pydantic import Part, Schema, adapter, error_details
from crmcore.primitives.tally import Cell
from tests.support.contracts import RECORDS, document
from tests.support.strategies import VALUES

AT = "2026-03-02T10:15:00+02:00"
EURO = {"amount": "20", "currency": "EUR"}
DOLLAR = {"amount": "20", "currency": "USD"}
SECRET = "Anna Kalnina"
TALLIES = [cls for cls in RECORDS if issubclass(cls, Tally)]
FEWER = settings(max_examples=max(settings().max_examples // 4, 3))  # of each tally, for there are many

NewPurchase = Annotated[dict[str, Any], Part(Purchase, without=["id", "customer_id"])]
Change = Annotated[dict[str, Any], Part(Purchase, without=["id"], optional=True)]


class Order(BaseModel):
    """A model of the service, with records in its fields and checks of its own."""

    customer: Customer
    purchases: list[Purchase] = []
    tags: dict[str, Touchpoint] = {}
    limit: Money | None = None

    @field_validator("purchases")
    @classmethod
    def check_total(cls, purchases: list[Purchase]) -> list[Purchase]:
        """Add up the purchases, which raises an error of the library if they are in two currencies."""
        Money.total((purchase.amount for purchase in purchases), currency="EUR")
        return purchases


class Visit(BaseModel):
    """A model whose own check raises errors that mention records."""

    operand: str

    @field_validator("operand")
    @classmethod
    def refuse(cls, operand: str) -> str:
        """Raise an error with an operand of a kind."""
        raise InvalidValueError("no_such_visit", "the visit must exist", operands=(OPERANDS[operand],), record=(1, "a"))


OPERANDS: dict[str, object] = {
    "money": Money(5, "EUR"),
    "period": Period.month(2026, 3),
    "scale": Scale.RATING_1_5,
    "customer": Customer(id=1, name=SECRET),
    "rows": (Balance(good=1), TallyBy({"a": Balance(good=1)})),
    "object": object(),
    "nan": float("nan"),
}


def _change(customer_id: int, changes: Change) -> Purchase:
    old = Purchase(id=1, customer_id=customer_id, at=instant("2026-03-02"), amount=Money(20, "EUR"))
    return attrs.evolve(old, **changes)


def _answer(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CrmcoreError)
    return JSONResponse({"detail": [error_details(error, "body")]}, status_code=422)


@cache
def service() -> FastAPI:
    """A service with a route for each use of a record."""
    app = FastAPI()
    app.add_exception_handler(CrmcoreError, _answer)

    @app.post("/customers")
    def add_customer(customer: Annotated[Customer, Body()]) -> Customer:
        return customer

    @app.post("/moments")
    def count(moments: list[MomentOfTruth]) -> dict[str, Cell]:
        return Balance.of(moments).row()

    @app.post("/orders")
    def order(order: Order) -> Order:
        return order

    @app.post("/visits")
    def visit(visit: Visit) -> None:
        raise AssertionError(visit)

    @app.post("/customers/{customer_id}/purchases")
    def add_purchase(customer_id: int, body: NewPurchase) -> Purchase:
        return Purchase(id=1, customer_id=customer_id, **body)

    @app.patch("/customers/{customer_id}/purchases/1")
    def change_purchase(customer_id: int, changes: Change) -> Purchase:
        return _change(customer_id, changes)

    @app.post("/sum")
    def add(amounts: list[Money]) -> Money:
        return Money.total(amounts, currency="EUR")

    _add_more(app)
    return app


def _add_more(app: FastAPI) -> None:
    @app.post("/retention")
    def read_retention(retention: Annotated[Retention, Body()]) -> Retention:
        return retention

    @app.get("/touchpoints")
    def touchpoints() -> Annotated[TallyBy[str, Balance], Schema]:
        return TallyBy({"desk": Balance(good=3)})

    @app.post("/rest")
    def rest(
        feedback: Feedback, response: Response, relationship: Relationship, subscription: Subscription, day: Occasion
    ) -> list[Feedback | Response]:
        raise AssertionError(feedback, response, relationship, subscription, day)


def call(app: FastAPI, method: str, path: str, **content: Any) -> httpx2.Response:
    """The answer of a service; an error that it does not handle is raised."""

    async def answer() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.request(method, path, **content)

    return asyncio.run(answer())


def post(path: str, body: object) -> httpx2.Response:
    """What the service answers to a body."""
    return call(service(), "POST", path, json=body)


def lines(answer: httpx2.Response) -> list[tuple[list[int | str], str]]:
    """Where the errors of an answer stand, and their types."""
    assert 422 == answer.status_code, answer.text
    return [(line["loc"], line["type"]) for line in answer.json()["detail"]]


class TestBodies:
    def test_a_record(self) -> None:
        """A record comes and goes, with what it has by default."""
        answer = post("/customers", {"id": 7, "segments": ["b", "a"], "source": "a friend"})

        assert 200 == answer.status_code
        assert {**document(Customer), "id": 7, "segments": ["a", "b"], "source": "a friend"} == answer.json()

    def test_a_list(self) -> None:
        """A list of records is a body."""
        answer = post("/moments", [{"valence": "good", "at": AT}, {"valence": "bad", "at": AT}])

        assert ("1", "1", "-11") == tuple(answer.json()[name] for name in ("good", "bad", "value"))

    def test_records_in_a_model(self) -> None:
        """Records, lists and dicts of records are fields of a model, without a mark."""
        body = {
            "customer": {"id": 7},
            "purchases": [{"customer_id": 7, "at": AT, "amount": EURO}],
            "tags": {"desk": {"id": "d", "channel": "kiosk"}},
            "limit": EURO,
        }
        answer = post("/orders", body)

        assert "kiosk" == answer.json()["tags"]["desk"]["channel"]
        assert EURO == answer.json()["limit"] == answer.json()["purchases"][0]["amount"]

    def test_tallies_by_key(self) -> None:
        """Tallies by key are answered as pairs."""
        ((key, balance),) = call(service(), "GET", "/touchpoints").json()

        assert ("desk", "3") == (key, balance["good"])


class TestErrors:
    def test_places_and_rules(self) -> None:
        """Each line has the place of the field and the rule; advice for Python is left out."""
        body = {"id": "", "kind": "firm", "contacts": [{"name": " "}], "since": "2026-03-02T10:15:00"}
        answer = post("/customers", body)

        assert [
            (["body", "id"], "empty_id"),
            (["body", "kind"], "not_a_member"),
            (["body", "since"], "naive_instant"),
            (["body", "contacts", 0, "name"], "empty_text"),
        ] == lines(answer)
        assert "replace(" not in answer.text

    def test_between_fields(self) -> None:
        """A rule that spans fields stands at the field to change, of a record in a model too."""
        purchase = {"customer_id": 7, "at": AT, "amount": EURO, "cost": DOLLAR}

        assert [(["body", "purchases", 0, "cost"], "cost_in_another_currency")] == lines(
            post("/orders", {"customer": {"id": 7}, "purchases": [purchase]})
        )

    @pytest.mark.parametrize("amount", [20, 20.0, 20.5, 2e20])
    def test_a_number_is_no_amount(self, amount: float) -> None:
        """A JSON number is refused as an amount, whether it has a fraction or not."""
        answer = post("/sum", [{"amount": amount, "currency": "EUR"}])

        assert [(["body", 0, "amount"], "number_not_as_text")] == lines(answer)

    @pytest.mark.parametrize("share", [1, 0.5, "0.5"])
    def test_a_number_is_a_share(self, share: float | str) -> None:
        """A share may be a number, whole or not."""
        assert str(share) == post("/retention", {"share": share, "per": "month"}).json()["share"]

    def test_in_a_validator(self) -> None:
        """An error of the library in a validator of one's own is a line of a 422."""
        purchases = [{"customer_id": 7, "at": AT, "amount": amount} for amount in (EURO, DOLLAR)]
        answer = post("/orders", {"customer": {"id": 7}, "purchases": purchases})

        assert [(["body", "purchases"], "value_error")] == lines(answer)
        assert "cannot" in answer.json()["detail"][0]["msg"]

    @pytest.mark.parametrize("operand", OPERANDS)
    def test_in_a_validator_with_operands(self, operand: str) -> None:
        """Whatever the error mentions, the answer is a 422 without personal data."""
        answer = post("/visits", {"operand": operand})

        assert [(["body", "operand"], "value_error")] == lines(answer)
        assert SECRET not in answer.text

    def test_in_the_route(self) -> None:
        """An error that a route raises becomes a line with `error_details`."""
        answer = post("/sum", [EURO, DOLLAR])

        assert [(["body", "monies"], "two_currencies")] == lines(answer)
        assert {"operands": ["EUR", "USD"], "record": 1} == answer.json()["detail"][0]["ctx"]

    @pytest.mark.parametrize("operand", [name for name in OPERANDS if name != "nan"])
    def test_details_are_json(self, operand: str) -> None:
        """The line of an error is JSON, whatever the error mentions."""
        error = InvalidValueError("x", "y", operands=(OPERANDS[operand],), record=(1, UUID(int=1)))

        assert SECRET not in json.dumps(error_details(error))

    def test_personal_data_stay_out(self) -> None:
        """An answer about a personal field, or about another one, does not show it."""
        for body in ({"id": 7, "name": [SECRET]}, {"id": "", "name": SECRET}, [SECRET], SECRET):
            answer = post("/customers", body)

            assert 422 == answer.status_code
            assert SECRET not in json.dumps([line for line in answer.json()["detail"] if line["loc"] != ["body"]])


class TestParts:
    def test_unknown_fields(self) -> None:
        """A part leaves out only what the record has."""
        with pytest.raises(InvalidValueError) as caught:
            Part(Purchase, without=["id", "shop"])

        assert ("without_unknown_fields", "without") == (caught.value.rule, caught.value.field)

    def test_without_an_id(self) -> None:
        """The server gives the id, and the record checks the rest."""
        answer = post("/customers/7/purchases", {"at": AT, "amount": EURO})

        assert (1, 7, EURO) == tuple(answer.json()[name] for name in ("id", "customer_id", "amount"))

    @pytest.mark.parametrize(
        ("body", "place", "rule"),
        [
            ({"at": AT}, ["body", "amount"], "missing"),
            ({"at": AT, "amount": EURO, "id": 8}, ["body", "id"], "extra_forbidden"),
            ({"at": "2026-03-02T10:15:00", "amount": EURO}, ["body", "at"], "naive_instant"),
            ({"at": AT, "amount": EURO, "cost": DOLLAR}, ["body", "cost"], "cost_in_another_currency"),
        ],
    )
    def test_what_a_part_refuses(self, body: object, place: list[str], rule: str) -> None:
        """A part refuses what the record refuses, and the field that it leaves out; between fields the record does."""
        assert [(place, rule)] == lines(post("/customers/7/purchases", body))

    @pytest.mark.parametrize("change", [{}, {"reason": "sale"}, {"cost": EURO}, {"at": AT, "amount": EURO}])
    def test_a_change(self, change: dict[str, Any]) -> None:
        """What a patch leaves out stays as it is, also where the record has a default."""
        answer = call(service(), "PATCH", "/customers/7/purchases/1", json=change)

        assert change == {name: answer.json()[name] for name in change}
        assert "20" == answer.json()["amount"]["amount"]

    @pytest.mark.parametrize(
        ("change", "place", "rule"),
        [
            ({"cost": DOLLAR}, ["body", "cost"], "cost_in_another_currency"),
            ({"amount": None}, ["body", "amount"], "model_attributes_type"),
            ({"amount": {"amount": 1, "currency": "EUR"}}, ["body", "amount", "amount"], "number_not_as_text"),
        ],
    )
    def test_what_a_change_refuses(self, change: object, place: list[str], rule: str) -> None:
        """A patch loses no check of a field and none between fields, and cannot empty what must be given."""
        assert [(place, rule)] == lines(call(service(), "PATCH", "/customers/7/purchases/1", json=change))


class TestRows:
    @pytest.mark.parametrize("cls", [pytest.param(cls, id=cls.__name__) for cls in TALLIES])
    @given(data=st.data())
    @FEWER
    def test_rows_of_every_tally(self, cls: type[Tally], data: st.DataObject) -> None:
        """A row of any tally can be answered, and each cell keeps its kind."""
        row = data.draw(VALUES[cls]).row()
        answer = call(_row_service(row), "GET", "/row")

        assert 200 == answer.status_code
        assert {name: kind_of_cell(value) for name, value in row.items()} == {
            name: type(value) for name, value in answer.json().items()
        }

    def test_cells(self) -> None:
        """A bool stays a bool, and exact numbers, money and times are written as in a record."""
        row = {**Visits(goal=UUID(int=7)).row(), **Inactivity(as_of=instant("2026-03-02")).row()}
        cells: dict[str, Cell] = {
            "yes": True,
            "n": 1,
            "x": Decimal("0.5"),
            "half": 0.5,
            "worth": Money(20, "EUR"),
            "none": None,
        }
        times: dict[str, Cell] = {"at": datetime(2026, 3, 2, tzinfo=UTC), "long": timedelta(days=3)}
        read = call(_row_service({**row, **cells, **times}), "GET", "/row").json()

        assert {"yes": True, "n": 1, "x": "0.5", "half": 0.5, "worth": EURO, "none": None} == {
            name: read[name] for name in cells
        }
        assert read["yes"] is True
        assert ("2026-03-02T00:00:00Z", "P3D") == (read["at"], read["long"])
        assert str(UUID(int=7)) == read["goal"]


def kind_of_cell(value: Cell) -> type:
    """The type of a cell as JSON has it."""
    kinds: dict[type, type] = {Money: dict, Decimal: str, datetime: str, timedelta: str}
    return next(
        (kind for cls, kind in kinds.items() if isinstance(value, cls)), str if isinstance(value, str) else type(value)
    )


def _row_service(row: dict[str, Cell]) -> FastAPI:
    app = _row_app()
    app.state.row = row
    return app


@cache
def _row_app() -> FastAPI:
    app = FastAPI()

    @app.get("/row")
    def answer() -> dict[str, Cell]:
        row: dict[str, Cell] = app.state.row
        return row

    return app


class TestFromAttributes:
    def test_a_row_of_an_orm(self) -> None:
        """An object with the attributes of a record is read, and records inside it too; what else it has is left."""
        row = SimpleNamespace(
            customer_id=7,
            at=datetime(2026, 3, 2, tzinfo=UTC),
            amount=SimpleNamespace(amount=Decimal(20), currency="EUR"),
            shop="Riga",
        )
        purchase = adapter(Purchase).validate_python(row, from_attributes=True)

        assert Purchase(customer_id=7, at=instant("2026-03-02"), amount=Money(20, "EUR")) == purchase

    def test_nulls(self) -> None:
        """A NULL of a database is no text."""
        row = SimpleNamespace(id="k1", name=None, channel="email")
        touchpoint = adapter(Touchpoint).validate_python(row, from_attributes=True)

        assert ("", Channel.EMAIL) == (touchpoint.name, touchpoint.channel)

    def test_in_a_model(self) -> None:
        """A model that reads attributes reads those of its records too."""

        class Row(BaseModel, from_attributes=True):
            customer: Customer
            purchases: list[Purchase]

        purchase = SimpleNamespace(customer_id=7, at=instant("2026-03-02"), amount=Money(20, "EUR"))
        read = Row.model_validate(SimpleNamespace(customer=SimpleNamespace(id=7), purchases=[purchase]))

        assert (Customer(id=7), Money(20, "EUR")) == (read.customer, read.purchases[0].amount)

    def test_rules_between_fields(self) -> None:
        """A rule between attributes is reported at the one to change, without the object."""
        money = (SimpleNamespace(amount="5", currency=code) for code in ("EUR", "USD"))
        row = SimpleNamespace(
            customer_id=7, at=instant("2026-03-02"), amount=next(money), cost=next(money), note=SECRET
        )
        with pytest.raises(ValidationError) as caught:
            adapter(Purchase).validate_python(row, from_attributes=True)
        (line,) = caught.value.errors()

        assert (("cost",), "cost_in_another_currency") == (line["loc"], line["type"])
        assert SECRET not in str(line)

    def test_errors(self) -> None:
        """A wrong attribute is reported at its place."""
        row = SimpleNamespace(valence=Valence.GOOD, at=date(2026, 3, 2))
        with pytest.raises(ValueError, match="not_an_instant"):
            adapter(MomentOfTruth).validate_python(row, from_attributes=True)


class TestOpenApi:
    def test_is_valid(self) -> None:
        """The document of the service is OpenAPI."""
        OpenAPIV31SpecValidator(service().openapi()).validate()

    def test_one_name(self) -> None:
        """A record that is read and written alike has one name, and only what may come as a number has two."""
        names = set(service().openapi()["components"]["schemas"])
        twins = {name.removesuffix("-Input") for name in names if name.endswith("-Input")}

        assert {"Customer", "Purchase", "Money", "MomentOfTruth", "Scale", "Feedback"} <= names
        assert {"Retention"} == twins

    def test_every_record(self) -> None:
        """A service that takes and answers every record has a valid document, where a share alone makes two names."""
        app = FastAPI()
        for cls in RECORDS:
            _add_routes(app, cls)
        described = app.openapi()

        OpenAPIV31SpecValidator(described).validate()
        assert [] == [
            name
            for name, schema in described["components"]["schemas"].items()
            if name.endswith("-Input")
            and schema == described["components"]["schemas"][name.replace("-Input", "-Output")]
        ]


def _add_routes(app: FastAPI, cls: Any) -> None:
    marked: Any = Annotated

    def echo(body: Any) -> Any:
        return body

    echo.__annotations__ = {"body": marked[cls, Body()], "return": cls}
    app.post(f"/{cls.__name__}")(echo)
