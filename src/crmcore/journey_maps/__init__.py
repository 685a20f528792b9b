"""Journey maps: what is wrong with the plan, where does it come from, and what did customers do of it?

A map is drawn up step by step, or found from the company's processes. Then `lint` says what it lacks, and what nobody
in the company has in hand.
"""

from crmcore.journey_maps._abandoned import AbandonedContacts
from crmcore.journey_maps._lint import controlled_share, lint, obstacle_agreement
from crmcore.journey_maps._processes import touchpoints_from

__all__ = ["AbandonedContacts", "controlled_share", "lint", "obstacle_agreement", "touchpoints_from"]
