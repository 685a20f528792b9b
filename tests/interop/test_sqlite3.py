"""Tallies in columns of sqlite3, with the adapters and converters of the guide "From and to a database"."""

from __future__ import annotations

import re
import sqlite3
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from crmcore import Money, Tally
from tests.face.documents import ROOT
from tests.support.strategies import TALLIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmcore.primitives.tally import Cell

ADAPTERS = re.search(
    r"```python\n(import sqlite3\n.*?)```", (ROOT / "docs/guides/databases.md").read_text(encoding="utf-8"), re.DOTALL
)
COLUMNS = {
    Decimal: '"exact text"',
    datetime: '"instant text"',
    Money: '"money text"',
    timedelta: '"duration text"',
    bool: "flag",
    int: "INTEGER",
    float: "REAL",
    str: "TEXT",
}


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    """A database; the guide leaves out durations and flags."""
    assert ADAPTERS
    exec(ADAPTERS[1], {"Decimal": Decimal, "Money": Money, "datetime": datetime})
    sqlite3.register_adapter(timedelta, lambda length: str(length // timedelta(microseconds=1)))
    sqlite3.register_converter("duration", lambda text: timedelta(microseconds=int(text)))
    sqlite3.register_converter("flag", lambda text: text == b"1")
    connection = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES)
    yield connection
    connection.close()


def is_same(one: Cell, other: Cell) -> bool:
    """Whether two cells have one type and one value; a member of an enum comes back as its text."""
    return one == other and (type(one) is type(other) or isinstance(one, str))


@given(data=st.data(), cls=st.sampled_from(sorted(TALLIES, key=lambda cls: cls.__name__)))
def test_rows_of_tallies(connection: sqlite3.Connection, data: st.DataObject, cls: type[Tally]) -> None:
    """The row of a tally comes back cell by cell."""
    strategy, policies = TALLIES[cls]
    row = data.draw(strategy(**data.draw(st.sampled_from(policies)))).row()
    kinds: dict[str, Any] = {
        name: next((kind for kind in COLUMNS if isinstance(cell, kind)), str) for name, cell in row.items()
    }
    names = [f'"{name}"' for name in row]
    columns = ", ".join(f"{name} {COLUMNS[kind]}" for name, kind in zip(names, kinds.values(), strict=True))
    connection.execute(f"CREATE TABLE tallies ({columns})")
    connection.execute(f"INSERT INTO tallies VALUES ({', '.join('?' * len(names))})", [*row.values()])
    kept = connection.execute("SELECT * FROM tallies").fetchone()
    connection.execute("DROP TABLE tallies")

    assert [name for name, cell in zip(row, kept, strict=True) if not is_same(row[name], cell)] == []
