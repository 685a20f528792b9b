"""Count where the data are: in polars, pandas, pyarrow, DuckDB, Ibis, SQLFrame, PySpark or Dask.

A `Frame` names the columns of a data frame, as a `Table` does, and leaves the rows in the engine that holds them. A
function of this room groups and sums them there. What comes out are `Statistics`: a frame of the same kind that holds
counts and sums, with a row for each key. You collect that one, as you collect any frame of your engine, and
`Statistics.read` builds the same records as from a list of objects.

    >>> import polars as pl
    >>> from crmcore import UTC, Purchase
    >>> from crmcore.interop import frames
    >>> sales = pl.LazyFrame({"client": [7, 8, 7], "day": ["2026-03-02"] * 3, "paid": ["29.90", "5", "12.50"]})
    >>> sales = sales.with_columns(pl.col("day").str.to_date(), pl.col("paid").cast(pl.Decimal(18, 2)))
    >>> bought = frames.Frame(Purchase, sales, customer_id="client", at="day", amount="paid", currency="EUR", tz=UTC)
    >>> statistics = frames.historic_value(bought, by="client")
    >>> values = statistics.read(statistics.frame.collect())
    >>> str(values[7].value), str(values[8].value)
    ('42.40 EUR', '5.00 EUR')

Nothing here reads a file, opens a connection or collects a frame, and nothing here is an engine.

Needs Narwhals: ``pip install crmcore[frames]``.
"""

from crmcore.interop.frames._answers import csat, nps
from crmcore.interop.frames._balance import balance
from crmcore.interop.frames._cohorts import cohorts
from crmcore.interop.frames._frame import Frame
from crmcore.interop.frames._journeys import flow
from crmcore.interop.frames._loyalty import level_changes, level_distribution
from crmcore.interop.frames._purchase_churn import purchase_churn
from crmcore.interop.frames._purchases import historic_value
from crmcore.interop.frames._revenue import revenue_movements
from crmcore.interop.frames._rfm import rfm
from crmcore.interop.frames._silence import inactivity
from crmcore.interop.frames._statistics import Statistics
from crmcore.interop.frames._subscriptions import churn

__all__ = [
    "Frame",
    "Statistics",
    "balance",
    "churn",
    "cohorts",
    "csat",
    "flow",
    "historic_value",
    "inactivity",
    "level_changes",
    "level_distribution",
    "nps",
    "purchase_churn",
    "revenue_movements",
    "rfm",
]
