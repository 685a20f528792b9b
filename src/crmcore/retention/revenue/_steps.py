"""What each customer pays a month, as a function of time.

The plans of a customer are flat: ``[group, from, until, price, from, until, price, ...]``, each half-open, in UTC and
with the price of a month. A step is an instant, the amount from then on, and whether there is a customer from then on.
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from itertools import pairwise, repeat
from operator import lt
from typing import Any, Final, TypeVar

import attrs

from crmcore.model.subscription import Subscription
from crmcore.primitives import checks
from crmcore.primitives._clock import LATEST
from crmcore.primitives._decimals import EXACT, ZERO
from crmcore.primitives._monthly import per_month
from crmcore.primitives._zones import find_instant, find_wall_time
from crmcore.primitives.errors import CurrencyMismatchError
from crmcore.primitives.grouping import KeyGuard, iterate_once, two_groups
from crmcore.primitives.ids import Id
from crmcore.primitives.money import as_code
from crmcore.primitives.periods import add_step, calendar_step, in_utc
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.table import Table, as_columns
from crmcore.retention.revenue._policies import ChurnMoment, FreePlanRule, RevenuePolicy

_K = TypeVar("_K", bound=Hashable)

Plans = dict[Id, Sequence[Any]]
Step = tuple[datetime, Decimal, bool]

_PARTS: Final = 3


class _Groups:
    """The groups of customers whose plans are being collected."""

    def __init__(self, customers: Plans) -> None:
        self._customers = customers

    def __iter__(self) -> Iterator[object]:
        return (plans[0] for plans in self._customers.values())


def collect(
    subscriptions: Iterable[Subscription],
    key: Callable[[Subscription], _K],
    policy: RevenuePolicy,
    currency: str | None,
    tz: tzinfo,
) -> tuple[Plans, str | None]:
    """Collect the plans of each customer in a single pass, and the currency of all prices."""
    checks.check_callable(key, "key", "lambda subscription: segment_of[subscription.customer_id]")
    checks.as_zone(tz)
    code = None if currency is None else as_code(currency)
    table = as_columns(subscriptions, Subscription, checked=["ended"])
    if table is not None and policy.churn_moment is ChurnMoment.WHEN_ENDED:
        columns = _read_columns(table, key, code)
        if columns is not None:
            return columns
    return _collect_records(subscriptions, key, policy, code, tz)


@attrs.frozen
class Columns:
    """The columns of subscriptions whose customers can be counted without their plans one by one."""

    currency: str
    customer_ids: Sequence[Id]
    _starts: Sequence[datetime]
    _ends: Sequence[datetime | None]
    _amounts: Sequence[Decimal]
    _every: Sequence[TimeUnit]
    _intervals: Iterable[int]

    def list_paid(self, closes: datetime) -> Iterator[tuple[Id, datetime, datetime | None, Decimal]]:
        """Yield customer, start, end and price of a month of each subscription that starts before an instant."""
        month, known = TimeUnit.MONTH, dict[object, Decimal]()
        rows = zip(
            self.customer_ids, self._starts, self._ends, self._amounts, self._every, self._intervals, strict=False
        )
        for customer_id, start, end, amount, every, interval in rows:
            if start >= closes or not amount or start == end:
                continue
            if every is not month or interval > 1:
                terms = (amount, id(every), interval)
                monthly = known.get(terms)
                if monthly is None:
                    monthly = known[terms] = per_month(amount, every, interval)
                yield customer_id, start, end, monthly
            else:
                yield customer_id, start, end, amount


def read_columns(subscriptions: Iterable[Subscription], policy: RevenuePolicy, currency: str | None) -> Columns | None:
    """Return the columns of a table that can be counted under the policy without plans one by one; None otherwise."""
    table = as_columns(subscriptions, Subscription, checked=["ended"])
    usual = RevenuePolicy(reactivation=policy.reactivation, paused_is_lost=policy.paused_is_lost)
    found = None if table is None else table.currency("price")
    if table is None or policy != usual or found is None or (currency is not None and as_code(currency) != found):
        return None
    starts, customer_ids = table.column("started"), table.column("customer_id")
    ends = table.column("ended") if "ended" in table.fields else [None] * len(starts)
    if len(set(map(type, customer_ids))) > 1 or any(
        end is not None and end < start for end, start in zip(ends, starts, strict=True)
    ):
        return None
    amounts: Sequence[Any] = table.numbers("price")
    intervals = table.column("interval") if "interval" in table.fields else repeat(1)
    return Columns(found, customer_ids, starts, ends, amounts, table.column("every"), intervals)


def _collect_records(
    subscriptions: Iterable[Subscription],
    key: Callable[[Subscription], _K],
    policy: RevenuePolicy,
    code: str | None,
    tz: tzinfo,
) -> tuple[Plans, str | None]:
    customers: dict[Id, Any] = {}
    guard = KeyGuard(_Groups(customers))
    kind: type | None = None
    extended: dict[Id, list[tuple[int, datetime]]] = {}
    until_billed = policy.churn_moment is ChurnMoment.END_OF_BILLING_PERIOD
    prices: dict[object, Decimal] = {}
    for place, plan in enumerate(iterate_once(subscriptions, Subscription, "subscriptions")):
        customer_id, group, price = plan.customer_id, key(plan), plan.price
        if type(group) is not kind:
            kind = guard.admit(group)
        if price.currency != code:
            if code is not None:
                raise _build_mismatch(code, price.currency, place)
            code = price.currency
        terms = (price.amount, plan.every, plan.interval)
        monthly = prices.get(terms)
        if monthly is None:
            monthly = prices[terms] = per_month(*terms)
        start, end = in_utc(plan.started), LATEST if plan.ended is None else in_utc(plan.ended)
        plans = customers.setdefault(customer_id, [group])
        if plans[0] != group:
            raise two_groups(plans[0], group, "subscription")
        if policy.paused_is_lost and (plan.pauses or plan.paused_since is not None):
            plans.extend(_cut_out_pauses(plan, start, end, monthly))
        else:
            plans.extend((start, end, monthly))
        if until_billed and end is not LATEST and plans[-2:-1] == [end]:
            extended.setdefault(customer_id, []).append((len(plans) - 2, _find_end_of_billing(plan, start, end, tz)))
    _extend(customers, extended)
    return customers, code


def _read_columns(
    table: Table[Subscription], key: Callable[[Subscription], object], code: str | None
) -> tuple[Plans, str | None] | None:
    """Collect from a table without its records; None if its rows have to be seen one by one."""
    groups = table.keys_by(key)
    found = table.currency("price")
    if groups is None or found is None or (code is not None and found != code):
        return None
    starts = table.column("started")
    ends = [end or LATEST for end in table.column("ended")] if "ended" in table.fields else [LATEST] * len(starts)
    if any(map(lt, ends, starts)):  # the row is refused when its record is built
        return None
    KeyGuard().check(dict.fromkeys(groups))
    customer_ids, amounts = table.column("customer_id"), _read_monthly(table)
    rows = zip(groups, starts, ends, amounts, strict=True)
    customers: dict[Id, Any] = dict(zip(customer_ids, rows, strict=True))
    if len(customers) == len(customer_ids):
        return customers, found
    customers.clear()  # some have several subscriptions
    for customer_id, row in zip(customer_ids, zip(groups, starts, ends, amounts, strict=True), strict=True):
        plans = customers.get(customer_id)
        if plans is None:
            customers[customer_id] = row
            continue
        if plans[0] != row[0]:
            raise two_groups(plans[0], row[0], "subscription")
        if len(plans) == _PARTS + 1:
            customers[customer_id] = plans = [*plans]
        plans.extend(row[1:])
    return customers, found


def _read_monthly(table: Table[Subscription]) -> list[Decimal]:
    """Return the price of a month of each row; each distinct price is converted once."""
    amounts: Sequence[Any] = table.numbers("price")
    every = table.column("every")
    intervals: Sequence[int] = table.column("interval") if "interval" in table.fields else [1] * len(amounts)
    terms = [*zip(amounts, every, intervals, strict=True)]
    known = {term: per_month(*term) for term in set(terms)}
    return [known[term] for term in terms]


def _build_mismatch(code: str, other: str, place: int) -> CurrencyMismatchError:
    return CurrencyMismatchError(
        "plans_in_two_currencies",
        f"subscriptions must have prices in one currency, {code}, got {other}",
        field="subscriptions",
        advice="convert one with exchanged(...)",
        operands=(code, other),
        record=place,
    )


def _cut_out_pauses(plan: Subscription, start: datetime, end: datetime, monthly: Decimal) -> list[Any]:
    """Return what remains of a plan without its pauses."""
    bounds = [start]
    for pause in plan.pauses:
        bounds += (in_utc(pause.start), in_utc(pause.end))
    bounds.append(end if plan.paused_since is None else in_utc(plan.paused_since))
    spells = zip(bounds[::2], bounds[1::2], strict=True)
    return [part for since, until in spells if since < until for part in (since, until, monthly)]


def _find_end_of_billing(plan: Subscription, start: datetime, end: datetime, tz: tzinfo) -> datetime:
    """Return the end of the billing period in which a plan ended, by the calendar of a zone."""
    unit, interval = plan.every, plan.interval
    local = find_wall_time(start, tz) or start  # the calendar of the zone may begin a day after that of UTC
    wall = local.replace(tzinfo=None)

    def find(number: int) -> datetime:
        later = add_step(wall, calendar_step(unit, number * interval))
        at = None if later is None else find_instant(later.replace(tzinfo=tz))
        return LATEST if at is None else in_utc(at)

    number = bisect_left(range(1_000_000_000), end, key=find)
    return find(max(number, 1))


def _extend(customers: dict[Id, Any], extended: dict[Id, list[tuple[int, datetime]]]) -> None:
    """Put later ends in the place of the ends of plans, but not beyond the next start of a plan of the customer."""
    for customer_id, ends in extended.items():
        plans = customers[customer_id]
        starts = plans[1::_PARTS]
        for place, later in ends:
            end, own = plans[place], (place - 2) // _PARTS
            following = [start for number, start in enumerate(starts) if number != own and end <= start < later]
            plans[place] = min(following, default=later)


def list_steps(plans: Sequence[Any], policy: RevenuePolicy) -> list[Step]:
    """Return what a customer pays, as steps in order of time; before the first there is no customer."""
    changes: dict[datetime, tuple[Decimal, int]] = {}
    for place in range(1, len(plans), _PARTS):
        start, end, price = plans[place : place + _PARTS]
        if start < end:
            amount, number = changes.get(start, (ZERO, 0))
            changes[start] = EXACT.add(amount, price), number + 1
            amount, number = changes.get(end, (ZERO, 0))
            changes[end] = EXACT.subtract(amount, price), number - 1
    steps: list[Step] = []
    paid, running, is_customer = ZERO, 0, False
    keeps_free = policy.free_plans is FreePlanRule.CONTRACTION
    for at in sorted(changes):
        paid, running = EXACT.add(paid, changes[at][0]), running + changes[at][1]
        is_customer = paid > 0 or (keeps_free and is_customer and running > 0)
        if (paid, is_customer) != (steps[-1][1:] if steps else (ZERO, False)):
            steps.append((at, paid, is_customer))
    if policy.gap_tolerance is None:
        return steps
    gaps = {
        place
        for place, (one, other) in enumerate(pairwise(steps))
        if not one[2] and other[0] - one[0] <= policy.gap_tolerance
    }
    return [step for place, step in enumerate(steps) if place not in gaps]
