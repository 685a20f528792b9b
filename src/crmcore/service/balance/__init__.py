"""Whether the good moments make up for the bad ones, and for which customers they do not.

The source articles (see ``docs/why.md``) say that twelve good moments offset one bad moment. Twelve is a convention and
not a measurement. This is what is known of the number:

- The source articles credit Richard Normann, who brought the "moment of truth" into service management, and Jan Carlzon
  made it known (*Moments of Truth*, 1987). No text by Normann was found that gives the number twelve.
- Other texts credit Ruby Newell-Legner, *Understanding Customers*: "It takes 12 positive experiences to make up for one
  unresolved negative experience". The texts that quote it name no data, no sample and no method.
- Gottman's 5:1 is often quoted beside it. It was measured on couples who discuss a conflict, not on customers.

So twelve is the default of the parameter `ratio`, and you can choose your own.
"""

from typing import TYPE_CHECKING

from crmcore.primitives._lazy import load_on_use

if TYPE_CHECKING:  # for type checkers, which cannot follow the table below
    from crmcore.service.balance._balance import Balance
    from crmcore.service.balance._deficits import Deficits
    from crmcore.service.balance._failure_rate import BalanceVerdict, FailureRate
    from crmcore.service.balance._from_feedback import moments_from
    from crmcore.service.balance._ledger import Ledger, LedgerBuilder, LedgerEntry
    from crmcore.service.balance._planning import (
        all_good_probability,
        break_even_failure_rate,
        break_even_share,
        expected,
        required_good_rate,
    )

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

if not TYPE_CHECKING:
    __getattr__, __dir__ = load_on_use(
        __name__,
        {
            "_balance": "Balance",
            "_deficits": "Deficits",
            "_failure_rate": "BalanceVerdict FailureRate",
            "_from_feedback": "moments_from",
            "_ledger": "Ledger LedgerBuilder LedgerEntry",
            "_planning": "all_good_probability break_even_failure_rate break_even_share expected required_good_rate",
        },
    )
