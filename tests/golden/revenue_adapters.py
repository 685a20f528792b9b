"""Adapters of the golden cases of monthly revenue: from the inputs of a case to the answer, in its own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from crmcore import Money, Period, RevenueMovements, RevenuePolicy, Subscription, TimeUnit, instant, revenue

Inputs = dict[str, Any]

_RETURN: Final = instant("2026-03-02")
_PLENTY: Final = Money("1E+12", "XXX")
_AMOUNTS: Final = ("start", "new", "reactivation", "expansion", "contraction", "churn")


def _money(amount: object) -> Money:
    return Money(Decimal(str(amount)), "XXX")


def _amounts(inputs: Inputs) -> RevenueMovements:
    """The amounts that the case gives; whatever the start is, the quick ratio is the same."""
    given: dict[str, Any] = {name: _money(inputs[name]) for name in _AMOUNTS if inputs.get(name) is not None}
    given.setdefault("start", _PLENTY)
    return RevenueMovements.from_amounts(**given)


def _between(inputs: Inputs, before: str, after: str) -> RevenueMovements:
    opening, closing = (
        {who: _money(amount) for who, amount in inputs[name].items() if amount is not None} for name in (before, after)
    )
    return RevenueMovements.between(
        opening, closing, paid_before=inputs.get("ever_paid_before") or (), currency=inputs.get("currency") or "XXX"
    )


def _movements(inputs: Inputs) -> dict[str, Decimal]:
    found = _between(inputs, "before", "after")
    return {name: getattr(found, name).amount for name in (*_AMOUNTS, "end", "net_new")}


def _plan(price: object, *, interval: int = 1, started: int = 0, ended: int | None = None) -> Subscription:
    return Subscription(
        customer_id=1,
        price=_money(price),
        every=TimeUnit.MONTH,
        interval=interval,
        started=_days_before(started),
        ended=None if ended is None else _days_before(ended),
    )


def _days_before(days: int) -> datetime:
    return _RETURN - timedelta(days=days)


def _normalise(inputs: Inputs) -> Decimal:
    plans: Iterable[Subscription] = (
        _plan(plan["price"], interval=int(plan["interval_months"]))
        for plan in inputs["plans"]
        for _ in range(int(plan.get("count", 1)))
    )
    return revenue.recurring_revenue(plans, _RETURN, currency="XXX").amount


def _class_of_return(inputs: Inputs) -> str:
    away, window = inputs.get("days_since_churn"), inputs.get("window_days")
    before = [] if away is None else [_plan(1, started=10_000, ended=int(away))]
    policy = RevenuePolicy(reactivation_window=None if window is None else timedelta(days=int(window)))
    found = RevenueMovements.of([*before, _plan(1)], Period.month(2026, 3), policy=policy)
    return "new" if found.customers_new else "reactivation"


ADAPTERS: Final[dict[str, Callable[[Inputs], object]]] = {
    "mrr.gross_churn": lambda inputs: _amounts(inputs).gross_churn,
    "mrr.grr": lambda inputs: _amounts(inputs).gross_retention,
    "mrr.grr_by_customer": lambda inputs: _between(inputs, "start", "end").gross_retention,
    "mrr.movements": _movements,
    "mrr.net_churn": lambda inputs: _amounts(inputs).net_churn,
    "mrr.normalise": _normalise,
    "mrr.nrr": lambda inputs: _amounts(inputs).net_retention,
    "mrr.nrr_by_customer": lambda inputs: _between(inputs, "start", "end").net_retention,
    "mrr.quick_ratio": lambda inputs: _amounts(inputs).quick_ratio,
    "mrr.reactivation_class": _class_of_return,
}
