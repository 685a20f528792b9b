"""Tables, as an application would want to write them with SQLAlchemy; type checkers read it, nothing is run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import assert_type

from sqlalchemy import Column, Engine, Enum, MetaData, Table, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, composite, mapped_column

from crmcore import Balance, Channel, MomentOfTruth, Money, Period, Purchase, Valence
from crmcore.interop.pydantic import adapter
from crmcore.interop.sqlalchemy import TYPES, Exact, Instant, JsonOf, by_value, to_record


class Base(DeclarativeBase):
    """The base class of all tables."""

    type_annotation_map = TYPES


class PurchaseRow(Base):
    """A purchase."""

    __tablename__ = "purchases"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]
    at: Mapped[datetime]
    channel: Mapped[str | None]
    paid: Mapped[Decimal]
    currency: Mapped[str]
    amount: Mapped[Money] = composite("paid", "currency")
    valence: Mapped[Valence] = mapped_column(by_value(Valence))
    pauses: Mapped[tuple[Period, ...]] = mapped_column(JsonOf(adapter(tuple[Period, ...])))

    def to_purchase(self) -> Purchase:
        """Return the record."""
        return to_record(Purchase, self)


table = Table("moments", MetaData(), Column("at", Instant), Column("severity", Exact), Column("v", by_value(Valence)))


def read(engine: Engine) -> None:
    """Read rows, and write a member of an enum as a text."""
    with Session(engine) as session:
        row = session.scalars(select(PurchaseRow).where(PurchaseRow.amount == Money(5, "EUR"))).one()
        row.channel = Channel.EMAIL
        row.amount = Money(6, "EUR")
        row.amount = 6  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue] - no currency
        assert_type(row.amount, Money)
        assert_type(to_record(Purchase, row), Purchase)
        assert_type(to_record(Purchase, row, id=row.customer_id), Purchase)
        to_record(PurchaseRow, row)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType] - not a record


def count(rows: Iterable[object]) -> Balance:
    """Count records as they are made."""
    assert_type(by_value(Valence), Enum)
    return Balance.of(to_record(MomentOfTruth, row) for row in rows)
