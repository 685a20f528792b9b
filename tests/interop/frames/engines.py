"""The engines that the tests count in: each makes its frame of a table of Arrow, and collects one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from functools import cache
from itertools import count
from typing import Any, Final

import attrs
import pyarrow as pa
import pytest

from tests.support.profiles import IS_THOROUGH


@attrs.frozen
class Engine:
    """An engine under its name: how it opens, takes a table, and hands a frame over."""

    name: str
    make: Callable[[pa.Table], Any]
    collect: Callable[[Any], Any] = attrs.field(default=lambda frame: frame)


@contextmanager
def open_pandas() -> Generator[Engine]:
    """Pandas with the types of numpy: a decimal is an object, and a whole number cannot be missing."""
    import pandas as pd

    kinds = {pa.int64(): pd.Int64Dtype(), pa.string(): pd.StringDtype()}

    def make(table: pa.Table) -> Any:
        frame = table.to_pandas(types_mapper=kinds.get)
        whole = [name for name in frame if frame[name].dtype == "Int64" and not frame[name].hasnans]
        return frame.astype(dict.fromkeys(whole, "int64"))

    yield Engine("pandas", make)


@contextmanager
def open_pandas_pyarrow() -> Generator[Engine]:
    """Pandas with the types of pyarrow."""
    import pandas as pd

    yield Engine("pandas[pyarrow]", lambda table: table.to_pandas(types_mapper=pd.ArrowDtype))


@contextmanager
def open_pyarrow() -> Generator[Engine]:
    """Tables of pyarrow."""
    yield Engine("pyarrow", lambda table: table)


@contextmanager
def open_polars() -> Generator[Engine]:
    """Polars, at once."""
    import polars as pl

    yield Engine("polars", pl.DataFrame)


@contextmanager
def open_polars_lazy() -> Generator[Engine]:
    """Polars, at the end."""
    import polars as pl

    yield Engine("polars lazy", lambda table: pl.DataFrame(table).lazy(), lambda frame: frame.collect())


@contextmanager
def open_duckdb() -> Generator[Engine]:
    """DuckDB on two threads."""
    duckdb = pytest.importorskip("duckdb")
    with closing(duckdb.connect(config={"threads": 2})) as connection:
        connection.execute("set timezone = 'UTC'")
        yield Engine("duckdb", lambda table: _take(connection, table), lambda frame: frame.to_arrow_table())


def _take(connection: Any, table: pa.Table) -> Any:
    return connection.from_arrow(table)


@contextmanager
def open_ibis() -> Generator[Engine]:
    """Ibis on its own engine."""
    ibis = pytest.importorskip("ibis")
    yield Engine("ibis", ibis.memtable, lambda frame: frame.to_pyarrow())


@contextmanager
def open_sqlframe() -> Generator[Engine]:
    """SQLFrame on DuckDB."""
    pytest.importorskip("sqlframe")
    pytest.importorskip("duckdb")
    session, connection, names = _open_session()

    def make(table: pa.Table) -> Any:
        name = f"given_{next(names)}"
        connection.register(name, table)
        connection.execute(f"create table {name}_kept as select * from {name}")
        return session.table(f"{name}_kept")

    yield Engine("sqlframe", make, lambda frame: frame.toArrow())


@cache
def _open_session() -> tuple[Any, Any, Iterator[int]]:
    """Open the session of SQLFrame, of which a process has one: it keeps its first connection."""
    import duckdb
    from sqlframe.duckdb import DuckDBSession

    connection = duckdb.connect(config={"threads": 2})
    connection.execute("set timezone = 'UTC'")
    return DuckDBSession(connection), connection, count()


@contextmanager
def open_dask() -> Generator[Engine]:
    """Dask on two partitions."""
    dataframes = pytest.importorskip("dask.dataframe")
    import pandas as pd

    def make(table: pa.Table) -> Any:
        return dataframes.from_pandas(table.to_pandas(types_mapper=pd.ArrowDtype), npartitions=2)

    yield Engine("dask", make, lambda frame: frame.compute())


@contextmanager
def open_pyspark() -> Generator[Engine]:
    """PySpark on two threads of this machine."""
    sql = pytest.importorskip("pyspark.sql", reason="only the group spark installs it")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("PySpark needs Java")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }
    builder = sql.SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    try:
        yield Engine("pyspark", session.createDataFrame, lambda frame: frame.toArrow())
    finally:
        session.stop()


ENGINES: Final = {
    "pandas": open_pandas,
    "pandas-pyarrow": open_pandas_pyarrow,
    "pyarrow": open_pyarrow,
    "polars": open_polars,
    "polars-lazy": open_polars_lazy,
    "duckdb": open_duckdb,
    "ibis": open_ibis,
    "sqlframe": open_sqlframe,
    "dask": open_dask,
    "pyspark": open_pyspark,
}

SLOW: Final = {"dask": 3, "ibis": 5, "pyspark": 2, "sqlframe": 2}
"""How many tables are drawn at most for engines that take a second or more for each."""
MOST: Final = SLOW | {"duckdb": 20, "pandas": 20, "pandas-pyarrow": 20, "pyarrow": 20}
"""How many tables are drawn at most under the thorough profile. Polars draws all."""


def limit_examples(engine: str, number: int) -> int:
    """Return how many tables are drawn for an engine; the other engines have tried the same ones."""
    return min(number, MOST.get(engine, number) if IS_THOROUGH or engine not in MOST else 5)
