"""How the company speaks with customers: in person or not, to inform or to sell, how often, and at what expense.

`Mix` counts contacts by any kind, with what is unknown apart. `impersonal_streaks` and `first_contacts` read the
contacts of each customer in order. `may_contact` says whether a customer may be contacted again. `Spend` and `Effort`
compare what is done for new customers and for those who are there. `lint` says what is wrong.
"""

from crmcore.service.communication._contacts import first_contacts, impersonal_streaks
from crmcore.service.communication._effort import Effort, Spend
from crmcore.service.communication._limits import ContactDecision, ContactLimit, may_contact, may_contact_each
from crmcore.service.communication._lint import lint
from crmcore.service.communication._mix import KindCount, Mix

__all__ = [
    "ContactDecision",
    "ContactLimit",
    "Effort",
    "KindCount",
    "Mix",
    "Spend",
    "first_contacts",
    "impersonal_streaks",
    "lint",
    "may_contact",
    "may_contact_each",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
