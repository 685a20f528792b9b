"""How long customers stay: survival curves from lifetimes that have ended and lifetimes that still last.

`Survival` counts lifetimes by their length. From the counts it reads the curve of Kaplan and Meier, the cumulative
hazard of Nelson and Aalen, the median with its bounds, the restricted mean, conditional survival and the life table.
`log_rank` compares the curves of segments.
"""

from typing import TYPE_CHECKING

from crmcore.primitives._lazy import load_on_use

if TYPE_CHECKING:  # for type checkers, which cannot follow the table below
    from crmcore.retention.survival._counts import Survival
    from crmcore.retention.survival._lifetimes import Lifetime
    from crmcore.retention.survival._log_rank import LogRank, log_rank
    from crmcore.retention.survival._results import (
        LifeTableInterval,
        MeanOfEnded,
        RestrictedMean,
        SurvivalBounds,
        SurvivalQuantile,
        SurvivalStep,
    )

__all__ = [
    "LifeTableInterval",
    "Lifetime",
    "LogRank",
    "MeanOfEnded",
    "RestrictedMean",
    "Survival",
    "SurvivalBounds",
    "SurvivalQuantile",
    "SurvivalStep",
    "log_rank",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = load_on_use(
        __name__,
        {
            "_counts": "Survival",
            "_lifetimes": "Lifetime",
            "_log_rank": "LogRank log_rank",
            "_results": """
                LifeTableInterval MeanOfEnded RestrictedMean SurvivalBounds SurvivalQuantile SurvivalStep
            """,
        },
    )
