"""What to do when something went wrong: remedies and their fund, escalation, silences, causes, and recovery.

`CompensationFund` is a value with an append-only history. `RemedyWorth` compares a remedy to the lifetime value at
stake. `escalation` and `silence` read the life of one case. `CauseCoverage` counts what is done about root causes, and
`RecoveryRate` how many failures were made good. `lint` says what is wrong.
"""

from crmcore.service.recovery._causes import CauseCoverage, Incident, Policy, RootCause
from crmcore.service.recovery._fund import CompensationFund, FundEntry, FundEntryKind, RemedyKind
from crmcore.service.recovery._lint import lint
from crmcore.service.recovery._rate import RecoveryParadox, RecoveryRate
from crmcore.service.recovery._waiting import Escalation, Silence, escalation, silence
from crmcore.service.recovery._worth import RemedyWorth, fund_size, rescued_value

__all__ = [
    "CauseCoverage",
    "CompensationFund",
    "Escalation",
    "FundEntry",
    "FundEntryKind",
    "Incident",
    "Policy",
    "RecoveryParadox",
    "RecoveryRate",
    "RemedyKind",
    "RemedyWorth",
    "RootCause",
    "Silence",
    "escalation",
    "fund_size",
    "lint",
    "rescued_value",
    "silence",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
