"""crmcore: customers, what happens to them, and what follows from it, as typed values and exact calculators.

Classes and the few functions of time are importable from here; every other function stays in the room of its question
(`crmcore.lifetime_value`, `crmcore.churn`, `crmcore.balance`). A name is loaded when it is first used, so that
``import crmcore`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmcore import balance as balance
    from crmcore import churn as churn
    from crmcore import lifetime_value as lifetime_value
    from crmcore import model as model
    from crmcore import primitives as primitives
    from crmcore.balance import Balance as Balance
    from crmcore.balance import Deficits as Deficits
    from crmcore.churn import Activeness as Activeness
    from crmcore.churn import Inactivity as Inactivity
    from crmcore.lifetime_value import HistoricValue as HistoricValue
    from crmcore.lifetime_value import LifetimeValue as LifetimeValue
    from crmcore.lifetime_value import SpendGuard as SpendGuard
    from crmcore.model.customer import Customer as Customer
    from crmcore.model.customer import CustomerKind as CustomerKind
    from crmcore.model.customer import Id as Id
    from crmcore.model.moment import MomentOfTruth as MomentOfTruth
    from crmcore.model.moment import MomentTiming as MomentTiming
    from crmcore.model.moment import Valence as Valence
    from crmcore.model.purchase import Cost as Cost
    from crmcore.model.purchase import CostKind as CostKind
    from crmcore.model.purchase import Purchase as Purchase
    from crmcore.primitives.errors import (
        CrmcoreError as CrmcoreError,
    )
    from crmcore.primitives.errors import (
        CurrencyMismatchError as CurrencyMismatchError,
    )
    from crmcore.primitives.errors import (
        DivergenceError as DivergenceError,
    )
    from crmcore.primitives.errors import (
        IllegalTransitionError as IllegalTransitionError,
    )
    from crmcore.primitives.errors import (
        InconsistentCountsError as InconsistentCountsError,
    )
    from crmcore.primitives.errors import (
        InvalidValueError as InvalidValueError,
    )
    from crmcore.primitives.errors import (
        NaiveInstantError as NaiveInstantError,
    )
    from crmcore.primitives.errors import (
        PolicyMismatchError as PolicyMismatchError,
    )
    from crmcore.primitives.errors import (
        UnknownNameError as UnknownNameError,
    )
    from crmcore.primitives.errors import (
        WrongTypeError as WrongTypeError,
    )
    from crmcore.primitives.explanation import Explanation as Explanation
    from crmcore.primitives.explanation import Term as Term
    from crmcore.primitives.findings import Finding as Finding
    from crmcore.primitives.findings import Severity as Severity
    from crmcore.primitives.money import Money as Money
    from crmcore.primitives.periods import UTC as UTC
    from crmcore.primitives.periods import Period as Period
    from crmcore.primitives.periods import elapsed as elapsed
    from crmcore.primitives.periods import instant as instant
    from crmcore.primitives.periods import tenure as tenure
    from crmcore.primitives.proportions import Interval as Interval
    from crmcore.primitives.proportions import TwoProportions as TwoProportions
    from crmcore.primitives.rates import DayCount as DayCount
    from crmcore.primitives.rates import Discount as Discount
    from crmcore.primitives.rates import Retention as Retention
    from crmcore.primitives.rates import TimeUnit as TimeUnit
    from crmcore.primitives.tally import Tally as Tally
    from crmcore.primitives.tally import TallyBy as TallyBy

__all__ = [
    "UTC",
    "Activeness",
    "Balance",
    "Cost",
    "CostKind",
    "CrmcoreError",
    "CurrencyMismatchError",
    "Customer",
    "CustomerKind",
    "DayCount",
    "Deficits",
    "Discount",
    "DivergenceError",
    "Explanation",
    "Finding",
    "HistoricValue",
    "Id",
    "IllegalTransitionError",
    "Inactivity",
    "InconsistentCountsError",
    "Interval",
    "InvalidValueError",
    "LifetimeValue",
    "MomentOfTruth",
    "MomentTiming",
    "Money",
    "NaiveInstantError",
    "Period",
    "PolicyMismatchError",
    "Purchase",
    "Retention",
    "Severity",
    "SpendGuard",
    "Tally",
    "TallyBy",
    "Term",
    "TimeUnit",
    "TwoProportions",
    "UnknownNameError",
    "Valence",
    "WrongTypeError",
    "elapsed",
    "instant",
    "tenure",
]

__version__ = "0.1.0.dev0"

_HOME = {
    "Activeness": "crmcore.churn",
    "Balance": "crmcore.balance",
    "Cost": "crmcore.model.purchase",
    "CostKind": "crmcore.model.purchase",
    "CrmcoreError": "crmcore.primitives.errors",
    "CurrencyMismatchError": "crmcore.primitives.errors",
    "Customer": "crmcore.model.customer",
    "CustomerKind": "crmcore.model.customer",
    "DayCount": "crmcore.primitives.rates",
    "Deficits": "crmcore.balance",
    "Discount": "crmcore.primitives.rates",
    "DivergenceError": "crmcore.primitives.errors",
    "Explanation": "crmcore.primitives.explanation",
    "Finding": "crmcore.primitives.findings",
    "HistoricValue": "crmcore.lifetime_value",
    "Id": "crmcore.model.customer",
    "IllegalTransitionError": "crmcore.primitives.errors",
    "Inactivity": "crmcore.churn",
    "InconsistentCountsError": "crmcore.primitives.errors",
    "Interval": "crmcore.primitives.proportions",
    "InvalidValueError": "crmcore.primitives.errors",
    "LifetimeValue": "crmcore.lifetime_value",
    "MomentOfTruth": "crmcore.model.moment",
    "MomentTiming": "crmcore.model.moment",
    "Money": "crmcore.primitives.money",
    "NaiveInstantError": "crmcore.primitives.errors",
    "Period": "crmcore.primitives.periods",
    "PolicyMismatchError": "crmcore.primitives.errors",
    "Purchase": "crmcore.model.purchase",
    "Retention": "crmcore.primitives.rates",
    "Severity": "crmcore.primitives.findings",
    "SpendGuard": "crmcore.lifetime_value",
    "Tally": "crmcore.primitives.tally",
    "TallyBy": "crmcore.primitives.tally",
    "Term": "crmcore.primitives.explanation",
    "TimeUnit": "crmcore.primitives.rates",
    "TwoProportions": "crmcore.primitives.proportions",
    "UTC": "crmcore.primitives.periods",
    "UnknownNameError": "crmcore.primitives.errors",
    "Valence": "crmcore.model.moment",
    "WrongTypeError": "crmcore.primitives.errors",
    "elapsed": "crmcore.primitives.periods",
    "instant": "crmcore.primitives.periods",
    "tenure": "crmcore.primitives.periods",
}

_MODULES = ("balance", "churn", "lifetime_value", "model", "primitives")

if not TYPE_CHECKING:  # hidden from type checkers, which would take any name for granted

    def __getattr__(name: str) -> object:
        if name in _MODULES:
            return import_module(f"crmcore.{name}")
        home = _HOME.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(home), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return [*__all__, *_MODULES]
