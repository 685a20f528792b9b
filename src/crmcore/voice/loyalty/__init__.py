"""Where customers stand: how loyal each is, since when and by which source, and what to do with each level.

`Standings` gives each customer a level from readings of several sources. `Attitudes` keeps what customers feel apart
from what they do, and finds the hostages among the loyal. `interviews` lists whom to talk to, the aggrieved first.
`LevelChange` says what became of customers after a reply.

`BaseDistribution` counts customers by their level, `LevelTransitions` their moves from period to period, and `project`
says where the base is going. `early_warning` says when a level grows.
"""

from typing import TYPE_CHECKING

from crmcore.primitives._lazy import load_on_use
from crmcore.voice.loyalty._levels import LEVELS

if TYPE_CHECKING:  # for type checkers, which cannot follow the table below
    from crmcore.voice.loyalty._attention import (
        Complacency,
        Interview,
        InterviewCoverage,
        InterviewState,
        Signal,
        SignalKind,
        interviews,
        signals_of,
    )
    from crmcore.voice.loyalty._attitude import (
        Attitudes,
        CustomerType,
        ImpressionFactor,
        LadderStep,
        LoyaltyReason,
        customer_type,
        ladder_step,
        rates_by_factor,
    )
    from crmcore.voice.loyalty._distribution import BaseDistribution
    from crmcore.voice.loyalty._levels import (
        LevelRule,
        NoLevel,
    )
    from crmcore.voice.loyalty._outcomes import (
        CustomerFigure,
        OutcomeRate,
    )
    from crmcore.voice.loyalty._projection import BaseProjection, project
    from crmcore.voice.loyalty._replies import (
        LevelChange,
        change_after_reply,
    )
    from crmcore.voice.loyalty._standing import (
        Combination,
        Standing,
        Standings,
        TieRule,
        readings_of,
    )
    from crmcore.voice.loyalty._transitions import LevelTransitions
    from crmcore.voice.loyalty._warning import EarlyWarning, early_warning

__all__ = [
    "LEVELS",
    "Attitudes",
    "BaseDistribution",
    "BaseProjection",
    "Combination",
    "Complacency",
    "CustomerFigure",
    "CustomerType",
    "EarlyWarning",
    "ImpressionFactor",
    "Interview",
    "InterviewCoverage",
    "InterviewState",
    "LadderStep",
    "LevelChange",
    "LevelRule",
    "LevelTransitions",
    "LoyaltyReason",
    "NoLevel",
    "OutcomeRate",
    "Signal",
    "SignalKind",
    "Standing",
    "Standings",
    "TieRule",
    "change_after_reply",
    "customer_type",
    "early_warning",
    "interviews",
    "ladder_step",
    "project",
    "rates_by_factor",
    "readings_of",
    "signals_of",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = load_on_use(
        __name__,
        {
            "_distribution": "BaseDistribution",
            "_projection": "BaseProjection project",
            "_transitions": "LevelTransitions",
            "_warning": "EarlyWarning early_warning",
            "_attention": """
                Complacency Interview InterviewCoverage InterviewState Signal SignalKind interviews signals_of
            """,
            "_attitude": """
                Attitudes CustomerType ImpressionFactor LadderStep LoyaltyReason customer_type ladder_step
                rates_by_factor
            """,
            "_levels": "LevelRule NoLevel",
            "_outcomes": "CustomerFigure OutcomeRate",
            "_replies": "LevelChange change_after_reply",
            "_standing": "Combination Standing Standings TieRule readings_of",
        },
    )
