"""Count a night's moments from a database in several processes: ``python examples/night.py``.

Each process opens the database itself, reads the moments of its customers and returns their tallies. What the processes
are sent is ids, and what they return is counts: no record is pickled.

Needs SQLAlchemy. It writes a database of 20,000 moments into a temporary folder first.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from crmcore import Balance, Id, MomentOfTruth, TallyBy, Valence, instant
from crmcore.interop.sqlalchemy import TYPES, to_record

CUSTOMERS = 1_000
SHARD = 250
NIGHT = instant("2026-03-02T22:00")


class Base(DeclarativeBase):
    """The base class of the tables."""

    type_annotation_map = TYPES


class MomentRow(Base):
    """A moment of truth."""

    __tablename__ = "moments"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(index=True)
    at: Mapped[datetime]
    valence: Mapped[Valence]


def fill(url: str) -> None:
    """Write a night's moments: every fifteenth is bad."""
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.execute(
            insert(MomentRow),
            [
                {
                    "customer_id": number % CUSTOMERS,
                    "at": NIGHT + timedelta(seconds=number),
                    "valence": Valence.BAD if number % 15 == 0 else Valence.GOOD,
                }
                for number in range(20 * CUSTOMERS)
            ],
        )
        session.commit()
    engine.dispose()


def read_moments(session: Session, first: int, last: int) -> Iterator[MomentOfTruth]:
    """Yield the moments of some customers, a thousand rows at a time."""
    query = select(MomentRow).where(MomentRow.customer_id.between(first, last))
    for row in session.scalars(query.execution_options(yield_per=1000)):
        yield to_record(MomentOfTruth, row)


def count_shard(url: str, first: int) -> TallyBy[Id | None, Balance]:
    """Count the balance of each customer of one shard."""
    engine = create_engine(url)
    with Session(engine) as session:
        moments = read_moments(session, first, first + SHARD - 1)
        balances = Balance.by(moments, lambda moment: moment.customer_id)
    engine.dispose()
    return balances


def main() -> None:
    """Count the night in two processes, and print what it was like."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'night.db'}"
        fill(url)
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            shards = pool.map(partial(count_shard, url), range(0, CUSTOMERS, SHARD))
            night = sum(shards, start=TallyBy[Id | None, Balance]())
    total = Balance.total(night.values())
    deficits = [customer for customer, balance in night.items() if balance.value < 0]
    print(f"{len(night):,} customers, {total.good:,} good and {total.bad:,} bad moments")
    print(f"{len(deficits):,} customers have a deficit")


if __name__ == "__main__":
    main()
