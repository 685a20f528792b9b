"""The moment balance: do the good moments make up for the bad ones, and for whom do they not?

The documents say that twelve good moments offset one bad. That twelve is a convention and no measurement. The documents
credit it to Richard Normann, who coined the moment of truth, but no text of his that says twelve was found. Others
credit Ruby Newell-Legner, *Understanding Customers*: "It takes 12 positive experiences to make up for one unresolved
negative experience". Nobody names data, a sample or a method. Twelve is therefore the default of a parameter, because
the documents say so; five (Gottman's, of couples who quarrel) is another number one hears, and no advice either.
"""

from crmcore.balance._counting import Balance
from crmcore.balance._deficits import Deficits
from crmcore.balance._design import (
    all_good_probability,
    break_even_failure_rate,
    break_even_share,
    expected,
    required_good_rate,
)
from crmcore.balance._ledger import Ledger, LedgerEntry, ledger
from crmcore.balance._standing import FailureRate, Standing
from crmcore.balance._voice import moments_from

__all__ = [
    "Balance",
    "Deficits",
    "FailureRate",
    "Ledger",
    "LedgerEntry",
    "Standing",
    "all_good_probability",
    "break_even_failure_rate",
    "break_even_share",
    "expected",
    "ledger",
    "moments_from",
    "required_good_rate",
]
