"""Services, as they would want to write them: pydantic, FastAPI and cattrs; type checkers read it, nothing is run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, assert_type
from uuid import UUID

import attrs
import cattrs
import cattrs.preconf.json
from fastapi import Body, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, TypeAdapter, field_validator

from crmcore import (
    Balance,
    Channel,
    CrmcoreError,
    Customer,
    Id,
    InvalidValueError,
    MomentOfTruth,
    Money,
    Purchase,
    Scale,
    Tally,
    TallyBy,
    Touchpoint,
    Valence,
    instant,
)
from crmcore.interop.cattrs import configure
from crmcore.interop.pydantic import Figures, Part, Schema, adapter, error_details
from crmcore.primitives.tally import POLICY, Cell

app = FastAPI()
NewPurchase = Annotated[dict[str, Any], Part(Purchase, without=["id", "customer_id"])]
Change = Annotated[dict[str, Any], Part(Purchase, without={"id"}, optional=True)]


class Basket(BaseModel):
    """Records are types of fields without a mark."""

    customer: Customer
    purchases: list[Purchase] = []
    tags: dict[str, Touchpoint] = {}
    limit: Money | None = None
    balances: Annotated[TallyBy[str, Balance], Schema] = TallyBy()

    @field_validator("purchases")
    @classmethod
    def check_total(cls, purchases: list[Purchase]) -> list[Purchase]:
        """Add up."""
        Money.total((purchase.amount for purchase in purchases), currency="EUR")
        return purchases


def read_basket(basket: Basket) -> None:
    """Read what the fields hold."""
    assert_type(basket.customer.id, Id)
    assert_type(basket.purchases[0].margin, Money)
    assert_type(basket.tags["desk"].channel, Channel | str | None)
    assert_type(basket.balances["desk"].value, Decimal)
    Basket(customer=Customer(id=7))
    Basket(customer="Ben")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - no customer


@app.post("/customers")
def add_customer(customer: Annotated[Customer, Body()]) -> Customer:
    """Take and answer a record."""
    return attrs.evolve(customer, segments=[*customer.segments, "new"])


@app.post("/balance")
def read_balance(moments: list[MomentOfTruth]) -> dict[str, Cell]:
    """Answer a row."""
    return Balance.of(moments).row()


@app.post("/customers/{customer_id}/purchases")
def add_purchase(customer_id: UUID, body: NewPurchase) -> Purchase:
    """Take a part of a record, with the id from elsewhere."""
    return Purchase(customer_id=customer_id, **body)


@app.patch("/purchases/{number}")
def change_purchase(number: int, changes: Change) -> Purchase:
    """Change what was given."""
    old = Purchase(id=number, customer_id=7, at=instant("2026-03-02"), amount=Money(20, "EUR"))
    return attrs.evolve(old, **changes)


@app.exception_handler(CrmcoreError)
async def answer_error(request: Request, error: CrmcoreError) -> JSONResponse:
    """Answer with status 422."""
    print(request.url, error.rule, error.field, error.record, error.advice, error.operands)  # noqa: T201 - a log
    return JSONResponse({"detail": [error_details(error, "body", 0)]}, status_code=422)


def adapt() -> None:
    """An adapter knows the type that it reads."""
    purchases: TypeAdapter[list[Purchase]] = adapter(list[Purchase])
    assert_type(purchases.validate_json("[]"), list[Purchase])
    assert_type(adapter(Customer).validate_python({"id": 7}), Customer)
    assert_type(adapter(Balance, figures=True).validate_python({}), Balance)
    written: Annotated[Balance, Figures] = Balance()
    assert_type(written, Balance)
    Part(Purchase, without="id")  # a text is an iterable of letters, which the check refuses
    Part("Purchase")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - no class
    Part(Purchase, ["id"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by name


def convert() -> None:
    """A converter keeps its type."""
    converter = configure(cattrs.preconf.json.make_converter())
    text: str = converter.dumps(Customer(id=7))
    assert_type(converter.loads(text, Customer), Customer)
    assert_type(configure(cattrs.Converter()), cattrs.Converter)
    configure("json")  # type: ignore[type-var]  # pyright: ignore[reportArgumentType] - no converter


@attrs.frozen(kw_only=True)
class Member(Customer):
    """A customer with a card."""

    tier: int = 0
    card: str = ""
    joined: datetime | None = None

    def __attrs_post_init__(self) -> None:
        if self.tier and not self.card:
            raise InvalidValueError("tier_without_card", "card must not be empty for a tier", field="card")


@attrs.frozen(kw_only=True)
class Calls(Tally):
    """Number of calls. Records of disjoint calls can be added."""

    ratios = ("answered",)

    rung: int = 0
    missed: int = 0
    desk: str = attrs.field(default="", metadata=POLICY)

    @property
    def answered(self) -> int:
        """Calls that somebody answered."""
        return self.rung - self.missed


def own_fields(members: Sequence[Member]) -> None:
    """A subclass has its own fields and those of the record."""
    member = Member(id=UUID(int=7), name=None, tier=2, card="A-17", segments=["regulars"])
    assert_type(member.tier, int)
    assert_type(member.segments, frozenset[str])
    assert_type(attrs.evolve(member, tier=3), Member)
    assert_type(adapter(Member).validate_python({"id": 7}), Member)
    assert_type(Calls(rung=3) + Calls(rung=4, missed=1), Calls)
    assert_type(Calls.total(Calls(rung=one.tier) for one in members), Calls)
    Member(id=7, tier="gold")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a text
    Member(tier=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - no id


def own_words() -> None:
    """Labels are open, arithmetic is closed, ids may be UUIDs, and a text may be None."""
    kiosk = Touchpoint(id=UUID(int=1), name=None, channel="kiosk")
    assert_type(kiosk.channel, Channel | str | None)
    assert_type(kiosk.name, str)
    assert_type(kiosk.id, Id)
    Touchpoint(id=1, channel=Channel.EMAIL)
    school = Scale(low=1, high=6, higher_is_better=False)
    assert_type(school.low, int | None)
    MomentOfTruth(valence=Valence.GOOD, at=instant("2026-03-02"), customer_id=UUID(int=7))
    MomentOfTruth(valence="good", at=instant("2026-03-02"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - closed
    Touchpoint(id=1.5, channel=Channel.EMAIL)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - no id
    Touchpoint(id=1, channel=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - no word
