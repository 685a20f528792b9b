"""From the inputs of a golden case to what the library answers, in the words of the case's `expected`.

An adapter turns text into the library's types and picks fields of the answer. It computes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from crmcore import (
    Balance,
    CashFlow,
    Churn,
    ChurnConvention,
    Cost,
    DayCount,
    Deficits,
    Departures,
    Discount,
    Dissolution,
    DissolutionCause,
    FirstMargin,
    IllegalTransitionError,
    Initiator,
    LifecycleStage,
    MomentOfTruth,
    Money,
    Payback,
    PercentileMethod,
    Period,
    Purchase,
    Relationship,
    RelationshipType,
    Retention,
    RetentionMix,
    RevenueChurn,
    StageOrder,
    StageTime,
    Subscription,
    TallyBy,
    TimeUnit,
    Valence,
    ValueMix,
    cashflow,
    instant,
    lifetime_value,
)
from crmcore.primitives.proportions import (
    Interval,
    TwoProportions,
    rule_of_three,
    two_proportions,
    wilson,
    zero_event_bound,
)
from crmcore.retention.churn import average_daily, compounded_daily, sum_of_daily
from crmcore.retention.inactivity import inactivity_threshold, purchase_gaps, status_of
from crmcore.retention.lifecycles import durations
from crmcore.service.balance import (
    all_good_probability,
    break_even_failure_rate,
    break_even_share,
    expected,
    required_good_rate,
)
from crmcore.value.lifetime_value import LifetimeValue, SpendGuard
from tests.golden import (
    chart_adapters,
    cohort_adapters,
    communication_adapters,
    depth_adapters,
    expectation_adapters,
    follow_up_adapters,
    handling_adapters,
    journey_adapters,
    loyalty_adapters,
    loyalty_base_adapters,
    opening_hours_adapters,
    path_adapters,
    programme_adapters,
    recovery_adapters,
    recurrence_adapters,
    revenue_adapters,
    rfm_adapters,
    rivals_adapters,
    staff_adapters,
    survey_adapters,
    survival_adapters,
)

Inputs = dict[str, Any]

_DAY: Final = instant("2026-03-02")
"""When nothing depends on the day."""

_MARCH: Final = Period.month(2026, 3)
_PLENTY: Final = 1_000_000_000
"""As many customers at the start as there need be, where only departures and exposure are given."""

_DAILY: Final[dict[str, Callable[[Any], Decimal | None]]] = {
    "average_daily": average_daily,
    "compounded_daily": compounded_daily,
    "sum_of_daily": sum_of_daily,
}
_SILENCES: Final = range(-36_500, 365_000)
_DAYS: Final = range(date(1900, 1, 1).toordinal(), date(2999, 12, 31).toordinal())
"""The day on which a silence of so many days is judged stands where the silence stands."""

_UNITS: Final = {
    "1": (TimeUnit.YEAR, None),
    "4": (TimeUnit.QUARTER, None),
    "12": (TimeUnit.MONTH, None),
    "365": (TimeUnit.DAY, DayCount.ACTUAL_365),
    "360": (TimeUnit.DAY, DayCount.ACTUAL_360),
    "365.25": (TimeUnit.DAY, DayCount.ACTUAL_365_25),
}
"""So many of which make up a year, and by which day-count."""

_HALF_LIVES: Final = {
    "half_life_years": TimeUnit.YEAR,
    "half_life_quarters": TimeUnit.QUARTER,
    "half_life_months": TimeUnit.MONTH,
    "half_life_weeks": TimeUnit.WEEK,
    "half_life_days": TimeUnit.DAY,
}
_SPANS: Final = {
    "years": TimeUnit.YEAR,
    "quarters": TimeUnit.QUARTER,
    "months": TimeUnit.MONTH,
    "weeks": TimeUnit.WEEK,
    "days": TimeUnit.DAY,
    "periods": None,
}

_ORDERS: Final = {
    "seed": StageOrder.EXPLORATION_FIRST,
    "documents": StageOrder.EXPLORATION_FIRST,
    "exploration_first": StageOrder.EXPLORATION_FIRST,
    "dwyer_schurr_oh": StageOrder.AWARENESS_FIRST,
    "awareness_first": StageOrder.AWARENESS_FIRST,
}
"""Whose order of the stages it is."""


def _unit(inputs: Inputs, periods: str) -> tuple[TimeUnit, DayCount | None]:
    return _UNITS[str(inputs.get("periods_per_year", periods))]


def _money(inputs: Inputs, value: Any) -> Money:
    """An amount, or an amount and its currency."""
    if isinstance(value, list | tuple):
        amount, currency = value
        return Money(amount, currency)
    return Money(value, inputs.get("currency") or "XXX")


def _several(value: Any) -> list[Any]:
    """A list of what may be a lone amount, several, or none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _count(value: Any) -> Any:
    """A whole number that may be written as text; anything else is for the library to judge."""
    return int(value) if isinstance(value, str) else value


def _retention(inputs: Inputs, per: TimeUnit = TimeUnit.YEAR) -> Retention:
    """However the case states it: kept, lost, or the time until half are lost."""
    for name, unit in _HALF_LIVES.items():
        if name in inputs:
            return Retention.from_half_life(inputs[name], unit)
    if "retention" in inputs:
        return Retention(inputs["retention"], per)
    return Retention.from_churn(inputs["churn"], per)


def _annualise(inputs: Inputs) -> Decimal:
    unit, day_count = _unit(inputs, "12")
    return Retention.from_churn(inputs["period_churn"], unit).to(TimeUnit.YEAR, day_count=day_count).churn


def _deannualise(inputs: Inputs) -> Decimal:
    unit, day_count = _unit(inputs, "12")
    return Retention.from_churn(inputs["annual_churn"], TimeUnit.YEAR).to(unit, day_count=day_count).churn


def _from_half_life(inputs: Inputs) -> Decimal:
    retention = _retention(inputs)
    if "periods_per_year" not in inputs:
        return retention.churn
    unit, day_count = _unit(inputs, "1")
    return retention.to(unit, day_count=day_count).churn


def _complement(inputs: Inputs) -> Decimal:
    retention = _retention(inputs)
    return retention.churn if "retention" in inputs else retention.share


def _survivors(inputs: Inputs) -> Decimal:
    name, unit = next((name, unit) for name, unit in _SPANS.items() if name in inputs)
    retention = _retention(inputs, unit or TimeUnit.YEAR)
    if unit is not None:
        retention = retention.to(unit, day_count=DayCount.ACTUAL_365)
    return retention.survivors(Decimal(inputs.get("start", 1)), inputs[name])


def _periodic_rate(inputs: Inputs) -> Decimal:
    unit, day_count = _unit(inputs, "12")
    return Discount(inputs["annual_rate"], TimeUnit.YEAR).to(unit, day_count=day_count).rate


def _bounds(interval: Interval | None) -> dict[str, float] | None:
    return None if interval is None else {"low": interval.low, "high": interval.high}


def _wilson(inputs: Inputs, *, continuity: bool) -> dict[str, float] | None:
    return _bounds(
        wilson(
            _count(inputs["successes"]),
            _count(inputs["n"]),
            confidence=inputs.get("confidence", 0.95),
            continuity=continuity,
        )
    )


def _two(inputs: Inputs) -> TwoProportions | None:
    (successes, n), (successes_after, n_after) = inputs["before"], inputs["after"]
    return two_proportions((_count(successes), _count(n)), (_count(successes_after), _count(n_after)))


def _two_proportion_z(inputs: Inputs) -> dict[str, float | None] | None:
    two = _two(inputs)
    return None if two is None else {"z": two.z, "p_one_sided": two.p_one_sided, "p_two_sided": two.p_two_sided}


def _difference(inputs: Inputs, interval: Callable[..., Interval]) -> dict[str, object] | None:
    two = _two(inputs)
    if two is None:
        return None
    bounds = interval(two, confidence=inputs.get("confidence", 0.95))
    return {"difference": two.difference, "low": bounds.low, "high": bounds.high}


def _balance(inputs: Inputs, weight: Any = 12) -> Balance:
    return Balance(
        good=inputs.get("good", 0),
        bad=inputs.get("bad", 0),
        neutral=_count(inputs.get("neutral", 0)),
        ratio=inputs.get("weight", weight),
    )


def _fields(balance: Balance) -> dict[str, object]:
    return {
        "balance": balance.value,
        "deficit": balance.deficit,
        "offset": balance.is_offset,
        "coverage": balance.coverage,
        "positivity_ratio": balance.positivity,
        "good_needed": balance.good_needed,
    }


def _by_scope(inputs: Inputs) -> dict[str, object]:
    weight = inputs.get("weight", 12)
    scopes = TallyBy({name: _balance(counts, weight) for name, counts in inputs["scopes"].items()})
    total = Balance.total(scopes.values())
    return {
        **{name: balance.value for name, balance in scopes.items()},
        "total": total.value,
        "total_deficit": total.deficit,
        "sum_of_deficits": Deficits.of(scopes).sum,
    }


def _severe(valence: Valence, severities: Iterable[Any]) -> list[MomentOfTruth]:
    return [MomentOfTruth(valence=valence, at=_DAY, severity=severity) for severity in severities]


def _weighted(inputs: Inputs) -> Decimal:
    moments = [
        *_severe(Valence.GOOD, _several(inputs.get("good_severities"))),
        *_severe(Valence.NEUTRAL, _several(inputs.get("neutral_severities"))),
        *_severe(Valence.BAD, _several(inputs.get("bad_severities"))),
    ]
    return Balance.of(moments, ratio=inputs.get("weight", 12)).value


def _moment(at: str, valence: str, severity: Any = 1) -> MomentOfTruth:
    return MomentOfTruth(valence=Valence(valence), at=instant(at), severity=severity)


def _days(inputs: Inputs, name: str) -> timedelta | None:
    return timedelta(days=float(inputs[name])) if name in inputs else None


def _at_a_day(inputs: Inputs) -> Decimal:
    return Balance.of(
        [_moment(*moment) for moment in inputs["moments"]],
        ratio=inputs.get("weight", 12),
        as_of=instant(inputs["as_of"]),
        window=_days(inputs, "window_days"),
        half_life=_days(inputs, "half_life_days"),
    ).value


def _historical_net(inputs: Inputs) -> Decimal:
    revenue = [_money(inputs, amount) for amount in _several(inputs.get("revenue"))]
    cost = [_money(inputs, amount) for amount in _several(inputs.get("cost"))]
    return lifetime_value.historic(
        [Purchase(customer_id=1, at=_DAY, amount=amount) for amount in revenue],
        [Cost(amount=amount, at=_DAY) for amount in cost],
        currency=inputs.get("currency") or (None if revenue or cost else "XXX"),
    ).value.amount


def _worth(inputs: Inputs, years: Any) -> LifetimeValue:
    """The value of one customer, given or to be computed."""
    if "ltv" in inputs:
        return LifetimeValue(value=_money(inputs, inputs["ltv"]))
    acquisition = inputs.get("acquisition_cost")
    service = inputs.get("service_cost_per_year")
    return lifetime_value.simple(
        average_order=_money(inputs, inputs["average_order_value"]),
        orders_per_year=inputs["orders_per_year"],
        years=years,
        gross_margin=inputs.get("gross_margin", 1),
        acquisition_cost=None if acquisition is None else _money(inputs, acquisition),
        service_cost=None if service is None else [_money(inputs, amount) for amount in _several(service)],
    )


def _value(inputs: Inputs) -> Decimal:
    return _worth(inputs, inputs["lifespan_years"]).value.amount


def _guard(inputs: Inputs, spend: str) -> SpendGuard:
    return _worth(inputs, inputs.get("lifespan_years", 0)).guard(_money(inputs, inputs[spend]))


def _spend_guard(inputs: Inputs) -> dict[str, object]:
    guard = _guard(inputs, "planned_spend")
    return {"allowed": guard.allowed, "excess": guard.excess.amount, "headroom": guard.headroom.amount}


def _value_of(inputs: Inputs, **changes: Any) -> LifetimeValue:
    """The value under constant retention, of one customer who brings one unless the case says more."""
    acquisition = inputs.get("acquisition_cost")
    return lifetime_value.constant_retention(
        margin=_money(inputs, inputs.get("margin", 1)),
        retention=_retention(inputs | changes),
        discount=_discount(inputs),
        first_margin=FirstMargin(inputs.get("first_margin", "excluded")),
        growth=inputs.get("growth", 0),
        periods=_count(inputs["periods"]) if "periods" in inputs else None,
        acquisition_cost=None if acquisition is None else _money(inputs, acquisition),
    )


def _discount(inputs: Inputs) -> Discount:
    return Discount(inputs["discount"], TimeUnit.YEAR)


def _residual(inputs: Inputs) -> Decimal:
    """At any age: constant retention has no memory."""
    return lifetime_value.residual(
        margin=_money(inputs, inputs["margin"]),
        retention=_retention(inputs),
        discount=_discount(inputs),
        renewed=inputs["timing"] == "just_renewed_excluding_current",
    ).value.amount


def _beyond(inputs: Inputs) -> Decimal | None:
    residual = _value_of(inputs).residual
    return None if residual is None else residual.amount


def _sensitivity(inputs: Inputs) -> Decimal | None:
    before = _value_of(inputs, retention=inputs["retention_from"])
    return _value_of(inputs, retention=inputs["retention_to"]).change_from(before).value


def _elasticity(inputs: Inputs) -> Decimal | None:
    elasticity = _value_of(inputs).elasticity
    return None if elasticity is None else elasticity.retention


def _over_churn(inputs: Inputs) -> Decimal | None:
    worth = lifetime_value.from_churn(
        revenue=_money(inputs, inputs["arpa"]),
        retention=_retention(inputs, TimeUnit.MONTH),
        gross_margin=inputs.get("gross_margin", 1),
    )
    return None if worth is None else worth.value.amount


def _break_even(inputs: Inputs, target: str) -> Decimal | None:
    retention = lifetime_value.break_even_retention(
        target=_money(inputs, inputs[target]),
        margin=_money(inputs, inputs["margin"]),
        discount=_discount(inputs),
        first_margin=FirstMargin(inputs["first_margin"]),
    )
    return None if retention is None else retention.share


def _blended(inputs: Inputs) -> Decimal | None:
    cost = lifetime_value.acquisition_cost(
        spend=_money(inputs, inputs["spend"]), new_customers=_count(inputs["new_customers"])
    )
    return None if cost is None else cost.amount


def _paid_back(inputs: Inputs) -> Payback:
    """Adjusted where the case names a retention; the margin is given, or a share of the revenue."""
    margin = (
        _money(inputs, inputs["margin"])
        if "margin" in inputs
        else _worth(
            {
                **inputs,
                "average_order_value": inputs["arpa"],
                "orders_per_year": 1,
            },
            1,
        ).value
    )
    return Payback(
        acquisition_cost=_money(inputs, inputs["cac"]),
        margin=margin,
        retention=_retention(inputs) if "retention" in inputs else None,
        discount=_discount(inputs) if "discount" in inputs else None,
    )


def _mix(inputs: Inputs) -> Decimal | None:
    value = ValueMix.of(
        {
            number: (_count(segment["customers"]), _money(inputs, segment["ltv"]))
            for number, segment in enumerate(inputs["segments"])
        }
    ).value
    return None if value is None else value.amount


def _retentions(inputs: Inputs) -> RetentionMix:
    return RetentionMix.of((segment["share"], _retention(segment)) for segment in inputs["segments"])


def _by_period(inputs: Inputs) -> list[Decimal | None]:
    kept = _retentions(inputs).by_period(_count(inputs["periods"]))
    return [None if retention is None else retention.share for retention in kept]


def _by_dates(inputs: Inputs) -> Decimal:
    return cashflow.npv(
        [CashFlow(date.fromisoformat(day), _money(inputs, amount)) for day, amount in inputs["flows"]],
        discount=Discount(inputs["rate"], TimeUnit.YEAR),
        as_of=date.fromisoformat(inputs["as_of"]) if "as_of" in inputs else None,
        day_count=DayCount(inputs.get("basis", "actual/365")),
        currency=inputs.get("currency", "XXX"),
    ).value.amount


def _periodic(inputs: Inputs) -> Decimal:
    return cashflow.npv_periodic(
        [_money(inputs, amount) for amount in inputs["flows"]],
        discount=Discount(inputs["rate"], TimeUnit.YEAR),
        currency=inputs.get("currency", "XXX"),
    ).value.amount


def _once(inputs: Inputs) -> Decimal:
    return lifetime_value.one_time(
        order=_money(inputs, inputs["order_value"]), gross_margin=inputs.get("gross_margin", 1)
    ).value.amount


def _status(inputs: Inputs) -> str:
    as_of = date.fromordinal(_DAYS[_SILENCES.index(_count(inputs["days_since_last"]))])
    bought = date.fromordinal(_DAYS[_SILENCES.index(0)])
    statuses = status_of(
        [Purchase(customer_id=1, at=_midnight(bought), amount=Money.zero("XXX"))],
        as_of=_midnight(as_of),
        churned_after=timedelta(days=float(inputs["churned_days"])),
        at_risk_after=_days(inputs, "at_risk_days"),
    )
    return statuses[1].value


def _churn(inputs: Inputs) -> Decimal | None:
    convention = inputs.get("convention", "start_of_period")
    if convention in _DAILY:
        return _DAILY[convention](_churn_by_day(inputs))
    return Churn.from_counts(
        start=_count(inputs["start"]),
        lost=_count(inputs.get("churned")),
        end=_count(inputs.get("end")),
        joined=_count(inputs.get("new")),
        joined_and_lost=_count(inputs.get("joined_and_churned_in_period")),
        lost_and_returned=_count(inputs.get("churned_and_reactivated_in_period", 0)),
    ).rate_by(ChurnConvention(convention))


def _churn_by_day(inputs: Inputs) -> TallyBy[int, Churn]:
    """Each day's starters and how many of them are left; or counts of days, with all who left on the first."""
    days = [
        Churn.from_counts(start=_count(day["start"]), end=_count(day["end_of_starters"]), joined=0)
        for day in inputs.get("days", [])
    ]
    counts = [Churn(start=_count(count)) for count in inputs.get("daily_counts", [])]
    if counts:
        counts[0] = Churn(start=counts[0].start, lost=_count(inputs["churned"]))
    return TallyBy(enumerate([*days, *counts]))


def _gross(amounts: Inputs, inputs: Inputs) -> RevenueChurn:
    lost, end = (None if amounts.get(name) is None else _money(inputs, amounts[name]) for name in ("churn", "end"))
    return RevenueChurn.from_amounts(start=_money(inputs, amounts["start"]), lost=lost, end=end)


def _revenue_churn(inputs: Inputs) -> Decimal | None:
    if "days" in inputs:
        return _DAILY[inputs["convention"]](TallyBy(enumerate(_gross(day, inputs) for day in inputs["days"])))
    return _gross(inputs, inputs).rate


def _logo_and_revenue(inputs: Inputs) -> dict[str, object]:
    """A customer who pays nothing in the end left in between."""
    start, end = ({who: Decimal(amount) for who, amount in inputs[name].items()} for name in ("start_mrr", "end_mrr"))
    churn = RevenueChurn.of(
        [
            Subscription(
                customer_id=who,
                price=_money(inputs, amount),
                every=TimeUnit.MONTH,
                started=instant("2026-01-01"),
                ended=None if end.get(who) else instant("2026-03-09"),
            )
            for who, amount in start.items()
            if amount
        ],
        _MARCH,
        currency="XXX",
    )
    return {"logo": churn.logo_rate, "revenue": churn.revenue_rate}


def _exposed(inputs: Inputs) -> Churn:
    """Whatever the unit of exposure, one of it stands as a day."""
    (exposure,) = (value for name, value in inputs.items() if name.startswith("exposure_"))
    return Churn.from_counts(
        start=_PLENTY,
        lost=_count(inputs["events"]),
        exposure_days=Decimal(exposure),
        period=Period.day(_DAY.date()),
    )


def _retained(inputs: Inputs) -> Decimal | None:
    """Of those new at the end, none is among the lost."""
    kept = Churn.from_counts(
        start=_count(inputs["start"]), end=_count(inputs["end"]), joined=_count(inputs["new"]), joined_and_lost=0
    ).retention(TimeUnit.YEAR)
    return None if kept is None else kept.share


def _threshold(inputs: Inputs) -> Decimal | None:
    return inactivity_threshold(
        inputs["gaps_days"],
        percentile=inputs["percentile"],
        method=PercentileMethod(inputs.get("method", "nearest_rank")),
    ).value


def _gaps(inputs: Inputs) -> list[int]:
    bought = [Purchase(customer_id=1, at=instant(day), amount=Money.zero("XXX")) for day in inputs["dates"]]
    return list(purchase_gaps(bought).get(1, ()))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _relationship(entries: Iterable[tuple[str, datetime]], order: StageOrder) -> Relationship:
    """A relationship whose dissolutions have no known cause."""
    history = [(LifecycleStage(stage), at) for stage, at in entries]
    return Relationship(
        customer_id=1,
        history=history,
        order=order,
        dissolutions=[_end(at) for stage, at in history if stage is LifecycleStage.DISSOLUTION],
    )


def _end(at: datetime) -> Dissolution:
    return Dissolution(at=at, cause=DissolutionCause.UNKNOWN, initiator=Initiator.UNKNOWN)


def _is_allowed(inputs: Inputs) -> bool:
    """Whether the library makes the move: anew at exploration only where reactivation is said."""
    start, end = inputs.get("from"), LifecycleStage(inputs["to"])
    before = _relationship([(start, _DAY)] if start else [], _ORDERS[inputs.get("order", "seed")])
    try:
        if inputs.get("reactivation") and before.stage is LifecycleStage.DISSOLUTION:
            after = before.reopen(at=_DAY)
        elif end is LifecycleStage.DISSOLUTION:
            after = before.dissolve(_end(_DAY))
        else:
            after = before.enter(end, at=_DAY)
    except IllegalTransitionError:
        return False
    return after.stage is end


def _durations_days(inputs: Inputs) -> dict[str, Decimal]:
    entries = [(stage, instant(day)) for day, stage in inputs["entries"]]
    begins = {order.stages[0].value: order for order in StageOrder}
    usual = next((begins.get(stage) for stage, _ in entries), None) or StageOrder.EXPLORATION_FIRST
    order = _ORDERS[inputs["order"]] if "order" in inputs else usual
    as_of = instant(inputs["as_of"]) if "as_of" in inputs else None
    times = StageTime.by(durations([_relationship(entries, order)], as_of=as_of), lambda stay: stay.stage)
    return {stage.value: time.days for stage, time in times.items()}


def _types(inputs: Inputs) -> list[str]:
    of_all = inputs.get("source", "seed") not in {"seed", "documents"}
    return [one.value for one in RelationshipType if of_all or one.in_source_articles]


def _dissolution(cause: str, initiator: str, abrupt: bool = False) -> Dissolution:
    return Dissolution(
        at=_DAY,
        cause=DissolutionCause(cause),
        initiator=Initiator(initiator),
        abrupt=abrupt,
        evidence="the case says so",
    )


def _summary(inputs: Inputs) -> dict[str, object]:
    counted = Departures.of(_dissolution(*event) for event in inputs.get("events", []))
    return {
        "by_cause": dict.fromkeys(DissolutionCause, 0) | dict(counted.by_cause),
        "by_initiator": dict.fromkeys(Initiator, 0) | dict(counted.by_initiator),
        "total": counted.dissolutions,
        "customer_initiated_share": counted.customer_initiated_share,
        "supplier_initiated_share": counted.supplier_initiated_share,
        "abrupt_share": counted.abrupt_share,
    }


_OF_CASES: dict[str, Callable[[Inputs], object]] = {
    "cac.blended": _blended,
    "churn.annualise": _annualise,
    "churn.customer": _churn,
    "churn.deannualise": _deannualise,
    "churn.from_half_life": _from_half_life,
    "churn.logo_vs_revenue": _logo_and_revenue,
    "churn.person_time": lambda inputs: _exposed(inputs).rate_by(ChurnConvention.PERSON_TIME),
    "churn.revenue_gross": _revenue_churn,
    "churn.rule_of_three": lambda inputs: rule_of_three(_count(inputs["n"])),
    "churn.zero_event_upper": lambda inputs: zero_event_bound(
        _count(inputs["n"]), confidence=inputs.get("confidence", 0.95)
    ),
    "clv.constant_retention": lambda inputs: _value_of(inputs).value.amount,
    "clv.finite_horizon": lambda inputs: _value_of(inputs).value.amount,
    "clv.finite_horizon_net": lambda inputs: _value_of(inputs).value.amount,
    "clv.growing_margin": lambda inputs: _value_of(inputs).value.amount,
    "clv.margin_multiple": lambda inputs: _value_of(inputs).value.amount,
    "clv.residual_beyond_horizon": _beyond,
    "clv.residual_constant": _residual,
    "clv.retention_elasticity": _elasticity,
    "clv.sensitivity": _sensitivity,
    "dissolution.summary": _summary,
    "inactivity.percentile_threshold": _threshold,
    "inactivity.status": _status,
    "interval.wilson": lambda inputs: _wilson(inputs, continuity=False),
    "interval.wilson_cc": lambda inputs: _wilson(inputs, continuity=True),
    "lifecycle.allowed": _is_allowed,
    "lifecycle.durations_days": _durations_days,
    "lifetime.continuous_from_churn": lambda inputs: _retention(inputs).mean_lifetime_continuous,
    "lifetime.exponential_from_half_life": lambda inputs: _retention(inputs).mean_lifetime_continuous,
    "lifetime.exponential_mle": lambda inputs: _exposed(inputs).expected_lifetime,
    "lifetime.from_churn": lambda inputs: _retention(inputs).mean_lifetime,
    "lifetime.heterogeneous": lambda inputs: _retentions(inputs).mean_lifetime,
    "lifetime.renewals_from_churn": lambda inputs: _retention(inputs).mean_renewals,
    "ltv.annual_value": lambda inputs: _worth(inputs, 1).value.amount,
    "ltv.arpa_over_churn": _over_churn,
    "ltv.gross_margin": _value,
    "ltv.historical_net": _historical_net,
    "ltv.net_of_costs": _value,
    "ltv.orders_per_year": lambda inputs: lifetime_value.orders_per_year(inputs["interval_months"]),
    "ltv.required_extra_lifespan": lambda inputs: _guard(inputs, "target").extra_years_needed,
    "ltv.required_lifespan": lambda inputs: _guard(inputs, "target").years_needed,
    "ltv.segment_mix": _mix,
    "ltv.simple": _value,
    "ltv.single_purchase": _once,
    "ltv.spend_guard": _spend_guard,
    "ltv.spend_headroom": lambda inputs: _guard(inputs, "planned_spend").headroom.amount,
    "ltv.weighted_by_customers": _mix,
    "ltv_cac.ratio": lambda inputs: _worth(inputs, 0).ratio_to(_money(inputs, inputs["cac"])).value,
    "moments.all_good_probability": lambda inputs: all_good_probability(inputs["p_good"], _count(inputs["moments"])),
    "moments.balance": lambda inputs: _fields(_balance(inputs)),
    "moments.balance_by_scope": _by_scope,
    "moments.break_even_failure_rate": lambda inputs: break_even_failure_rate(inputs.get("weight", 12)),
    "moments.break_even_good_share": lambda inputs: break_even_share(inputs.get("weight", 12)),
    "moments.coverage": lambda inputs: _balance(inputs).coverage,
    "moments.decayed_balance": _at_a_day,
    "moments.expected_balance": lambda inputs: expected(
        _count(inputs["moments"]), p_good=inputs["p_good"], p_bad=inputs["p_bad"], ratio=inputs.get("weight", 12)
    ),
    "moments.good_needed": lambda inputs: _balance(inputs).good_needed,
    "moments.positivity_ratio": lambda inputs: _balance(inputs).positivity,
    "moments.required_good_rate": lambda inputs: required_good_rate(
        neutral_share=inputs["neutral_share"], ratio=inputs.get("weight", 12)
    ),
    "moments.weighted_balance": _weighted,
    "moments.windowed_balance": _at_a_day,
    "npv.by_dates": _by_dates,
    "npv.periodic": _periodic,
    "npv.periodic_rate": _periodic_rate,
    "payback.retention_adjusted": lambda inputs: _paid_back(inputs).payment_index,
    "payback.simple_months": lambda inputs: _paid_back(inputs).periods,
    "purchases.gaps_days": _gaps,
    "relationship.types": _types,
    "retention.break_even": lambda inputs: _break_even(inputs, "cac"),
    "retention.complement": _complement,
    "retention.crr": _retained,
    "retention.half_life": lambda inputs: _retention(inputs).half_life,
    "retention.mixture_by_period": _by_period,
    "retention.required_for_clv": lambda inputs: _break_even(inputs, "target_clv"),
    "retention.survivors": _survivors,
    "trend.difference_interval": lambda inputs: _difference(inputs, TwoProportions.wald_interval),
    "trend.newcombe_difference": lambda inputs: _difference(inputs, TwoProportions.interval),
    "trend.two_proportion_z": _two_proportion_z,
}

ADAPTERS: dict[str, Callable[[Inputs], object]] = dict(
    sorted(
        (
            _OF_CASES
            | cohort_adapters.ADAPTERS
            | communication_adapters.ADAPTERS
            | follow_up_adapters.ADAPTERS
            | handling_adapters.ADAPTERS
            | chart_adapters.ADAPTERS
            | depth_adapters.ADAPTERS
            | journey_adapters.ADAPTERS
            | loyalty_adapters.ADAPTERS
            | loyalty_base_adapters.ADAPTERS
            | opening_hours_adapters.ADAPTERS
            | path_adapters.ADAPTERS
            | programme_adapters.ADAPTERS
            | recovery_adapters.ADAPTERS
            | recurrence_adapters.ADAPTERS
            | revenue_adapters.ADAPTERS
            | rfm_adapters.ADAPTERS
            | rivals_adapters.ADAPTERS
            | staff_adapters.ADAPTERS
            | survey_adapters.ADAPTERS
            | survival_adapters.ADAPTERS
            | expectation_adapters.ADAPTERS
        ).items()
    )
)
"""What serves which label, in alphabetical order."""
