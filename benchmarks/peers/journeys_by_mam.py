"""What marketing-attribution-models answers, from a table in memory whose instants are parsed.

It takes the visits before each customer's first purchase, marked by whether there was one.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.journey_log import COLUMNS, GOAL
from benchmarks.peers.answering import Question, imported, rounded, serve


def questions(log: Path) -> Mapping[str, Question]:
    """Return what answers each question, with the form of the answer."""
    polars, mam = imported("polars"), imported("mam")
    table = polars.read_csv(log, columns=COLUMNS, try_parse_dates=True)

    def pack() -> Any:  # noqa: ANN401 - polars comes untyped here
        bought = polars.col("touchpoint") == GOAL
        before = (
            table.sort("customer_id", "timestamp")
            .with_columns(converted=bought.any().over("customer_id"), bought=bought.cum_sum().over("customer_id"))
            .filter(polars.col("bought") == 0)
        )
        return mam.MAM(
            before,
            format_type="session",
            channels_colname="touchpoint",
            journey_with_conv_colname="converted",
            datetime_colname="timestamp",
            user_id_colname="customer_id",
        )

    ready = pack()
    return {
        "outcomes": (
            pack,
            lambda found: [int(found.unified_df["has_conversion"].sum()), int(found.unified_df["weight"].sum())],
        ),
        "markov": (ready.run_markov, _removal_effects),
        "first": (ready.run_first_click, _credits),
        "last": (ready.run_last_click, _credits),
        "linear": (ready.run_linear, _credits),
        "position": (ready.run_position_based, _credits),
        "log_markov": (lambda: pack().run_markov(), _removal_effects),
        "log_first": (lambda: pack().run_first_click(), _credits),
        "log_last": (lambda: pack().run_last_click(), _credits),
        "log_time_decay": (lambda: pack().run_time_decay(half_life_hours=168.0), _credits),
        "shapley": (ready.run_shapley, lambda _: None),
    }


def _removal_effects(found: Any) -> object:  # noqa: ANN401 - marketing-attribution-models comes untyped
    return rounded(found.metadata["removal_effect"]["removal_effect"].to_dict())


def _credits(found: Any) -> object:  # noqa: ANN401 - the same
    return rounded({row["channels"]: row["attribution"] for row in found.to_polars().to_dicts()})


if __name__ == "__main__":
    serve("marketing-attribution-models", questions)
