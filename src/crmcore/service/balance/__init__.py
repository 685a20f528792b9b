"""The moment balance: do the good moments make up for the bad ones, and for whom do they not?

The documents say that twelve good moments offset one bad. That twelve is a convention and no measurement. The documents
credit it to Richard Normann, who coined the moment of truth, but no text of his that says twelve was found. Others
credit Ruby Newell-Legner, *Understanding Customers*: "It takes 12 positive experiences to make up for one unresolved
negative experience". Nobody names data, a sample or a method. Twelve is therefore the default of a parameter, because
the documents say so; five (Gottman's, of couples who quarrel) is another number one hears, and no advice either.
"""

from crmcore.service.balance._counting import Balance
from crmcore.service.balance._deficits import Deficits
from crmcore.service.balance._design import (
    all_good_probability,
    break_even_failure_rate,
    break_even_share,
    expected,
    required_good_rate,
)
from crmcore.service.balance._failure_rate import BalanceVerdict, FailureRate
from crmcore.service.balance._ledger import Ledger, LedgerBuilder, LedgerEntry
from crmcore.service.balance._voice import moments_from

__all__ = [
    "Balance",
    "BalanceVerdict",
    "Deficits",
    "FailureRate",
    "Ledger",
    "LedgerBuilder",
    "LedgerEntry",
    "all_good_probability",
    "break_even_failure_rate",
    "break_even_share",
    "expected",
    "moments_from",
    "required_good_rate",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
