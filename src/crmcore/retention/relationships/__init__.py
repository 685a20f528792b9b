"""Relationships as they are practised: how they are defined, who looks after them, and how customers take part.

`lint` checks what the company has decided: types, tools and strategy of each segment, portraits, values and where they
are told. `review` checks what is practised: managers, contact people, offers, ambassadors, co-owners. `PracticeShare`
counts how often something is practised, `Referrals` what ambassadors are worth, and `quality` measures each
relationship by trust, honesty, shared values and pleasure.
"""

from crmcore.retention.relationships._definitions import TOOLS_BY_TYPE, lint, value_overlap
from crmcore.retention.relationships._practice import (
    PracticeShare,
    anticipated,
    continuity,
    engaged,
    manager_tenures,
    offers_taken,
    peer_solved,
)
from crmcore.retention.relationships._quality import RelationshipQuality, quality
from crmcore.retention.relationships._referrals import Referrals
from crmcore.retention.relationships._review import review

__all__ = [
    "TOOLS_BY_TYPE",
    "PracticeShare",
    "Referrals",
    "RelationshipQuality",
    "anticipated",
    "continuity",
    "engaged",
    "lint",
    "manager_tenures",
    "offers_taken",
    "peer_solved",
    "quality",
    "review",
    "value_overlap",
]

for _name in __all__[1:]:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
