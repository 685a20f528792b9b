"""How much of a checklist is met, how much of it was checked, how well, and checklists that are ready to use.

`Audit` counts verdicts. `AuditScore` weighs the items of one review, and `AuditScores` averages the reviews. The
functions return checklists: the seven contact areas, the standards of service, the declaration, and others.
"""

from crmcore.service.audits._audit import Audit
from crmcore.service.audits._catalogue import (
    contact_areas,
    contribution,
    customers_shoes,
    declaration,
    diagnostic,
    leaders_sign_off,
    listening_and_tone,
    relationship_quality,
    service_standards,
)
from crmcore.service.audits._scores import AuditScore, AuditScores

__all__ = [
    "Audit",
    "AuditScore",
    "AuditScores",
    "contact_areas",
    "contribution",
    "customers_shoes",
    "declaration",
    "diagnostic",
    "leaders_sign_off",
    "listening_and_tone",
    "relationship_quality",
    "service_standards",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
