"""Strategies for the values of customers, and for the flows of money behind them."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import (
    Buying,
    CashFlow,
    CustomerEquity,
    Discount,
    FirstMargin,
    HistoricValue,
    Id,
    Payback,
    ProfitCurve,
    Retention,
    RetentionMix,
    TenureRule,
    TimeUnit,
    ValueMix,
    cashflow,
    lifetime_value,
)
from crmcore.interop.hypothesis._values import (
    Fields,
    cached,
    cautions,
    days,
    decimals,
    discounts,
    fields_from,
    ids,
    instants,
    maybe,
    monies,
    record,
    shares,
)
from crmcore.value.cashflow import InternalRate, PlanComparison, PresentValue
from crmcore.value.lifetime_value import (
    Elasticity,
    LifetimeValue,
    MixShift,
    SegmentValue,
    SpendGuard,
    SurvivalValue,
    ValueRatio,
)


def historic_values(**fields: object) -> SearchStrategy[HistoricValue]:
    """Revenue and cost, in euro unless all are given."""
    return record(HistoricValue, fields, _historic_values)


def _historic_values() -> Fields:
    return {"revenue_without_cost": maybe(monies())}


@st.composite
def lifetime_values(draw: st.DrawFn, /, **fields: object) -> LifetimeValue:
    """Simple values, from the arguments of ``lifetime_value.simple``."""
    return lifetime_value.simple(**fields_from(draw, fields, _lifetime_values()))


@cached
def _lifetime_values() -> Fields:
    cost = monies(low=0)
    return {
        "average_order": monies(),
        "orders_per_year": decimals(0, 400, places=3),
        "years": decimals(0, 100, places=3),
        "gross_margin": decimals(-1, 1, places=3),
        "acquisition_cost": maybe(cost),
        "service_cost": maybe(cost | st.lists(cost, min_size=1, max_size=4)),
    }


def spend_guards(**fields: object) -> SearchStrategy[SpendGuard]:
    """Values and planned spends, in euro."""
    return record(SpendGuard, fields, _spend_guards)


def _spend_guards() -> Fields:
    return {"spend": monies(low=0)}


def elasticities(**fields: object) -> SearchStrategy[Elasticity]:
    """Elasticities of a value, known or not."""
    return record(Elasticity, fields, _elasticities)


def _elasticities() -> Fields:
    change = maybe(decimals(-50, 50, places=4))
    return dict.fromkeys(("margin", "retention", "churn", "discount"), change)


def value_ratios(**fields: object) -> SearchStrategy[ValueRatio]:
    """Numbers that compare values, known or not; some have cautions."""
    return record(ValueRatio, fields, lambda: {"value": maybe(decimals(-50, 50, places=4)), "cautions": cautions()})


def paybacks(**fields: object) -> SearchStrategy[Payback]:
    """Paybacks, simple and adjusted, and those that never come; rates are per month."""
    return record(Payback, fields, _paybacks)


def _paybacks() -> Fields:
    per = st.just(TimeUnit.MONTH)
    return {
        "acquisition_cost": monies(low=0, high=10**4),
        "margin": monies(low=-10, high=10**3),
        "retention": maybe(st.builds(Retention, shares(), per)),
        "discount": maybe(st.builds(Discount, decimals(0, 1, places=4), per)),
    }


@st.composite
def segment_values(draw: st.DrawFn, /, **fields: object) -> SegmentValue:
    """Customers and their combined value, in euro."""
    people = draw(st.integers(0, 10**6))
    usual = {"customers": people, "combined": monies() if people else monies(low=0, high=0)}
    return SegmentValue(**fields_from(draw, fields, usual))


@cached
def value_mixes() -> SearchStrategy[ValueMix[Id]]:
    """Mixes of segments named by ids, in euro; some of their values have cautions."""
    pairs = st.tuples(st.integers(0, 1000), monies() | lifetime_values())
    return st.dictionaries(ids(), pairs, max_size=4).map(ValueMix.of)


def mix_shifts() -> SearchStrategy[MixShift[Id, Id]]:
    """Changes between two mixes that have customers."""
    some = value_mixes().filter(lambda mix: mix.customers > 0)
    return st.builds(MixShift[Id, Id], before=some, after=some)


@st.composite
def customer_equities(draw: st.DrawFn) -> CustomerEquity[Id]:
    """Customers there are and customers to come, in euro."""
    cohorts = draw(st.lists(st.tuples(st.integers(0, 1000), monies()), max_size=3))
    return CustomerEquity.of(draw(value_mixes()), acquired=cohorts, discount=draw(discounts()))


def profit_curves(**fields: object) -> SearchStrategy[ProfitCurve]:
    """Profits by age, in euro."""
    return record(ProfitCurve, fields, _profit_curves)


def _profit_curves() -> Fields:
    return {**dict.fromkeys(("start", "growth", "rise"), monies(low=-1000, high=1000)), "turn": decimals(0, 9)}


@st.composite
def survival_values(draw: st.DrawFn) -> SurvivalValue:
    """Values from survival curves of up to four periods, in euro."""
    left = sorted(draw(st.lists(shares(), max_size=4)), reverse=True)
    return lifetime_value.from_survival(
        margin=draw(monies()),
        survival=[1, *left],
        discount=Discount(draw(decimals(0, 1, places=4)), TimeUnit.YEAR),
        first_margin=draw(st.sampled_from(FirstMargin)),
        acquisition_cost=draw(maybe(monies(low=0))),
    )


@st.composite
def internal_rates(draw: st.DrawFn) -> InternalRate:
    """Rates per year, as many as the flows may have."""
    rates = st.builds(Discount, decimals(0, 9, places=4), st.just(TimeUnit.YEAR))
    found = draw(st.lists(rates, max_size=3))
    return InternalRate(rates=found, sign_changes=len(found) + draw(st.integers(0, 2)))


def retention_mixes(**fields: object) -> SearchStrategy[RetentionMix]:
    """Groups that leave at different rates per month."""
    return record(RetentionMix, fields, _retention_mixes)


def _retention_mixes() -> Fields:
    weights = decimals(0, 1000).filter(bool)
    retention = st.builds(Retention, shares(), st.just(TimeUnit.MONTH))
    return {"groups": st.lists(st.tuples(weights, retention), min_size=1, max_size=4)}


@st.composite
def buyings(draw: st.DrawFn, /, **fields: object) -> Buying:
    """Counts of orders by customers, from the first to the last unless another rule is given."""
    once, regulars, more = (draw(st.integers(0, 1000)) for _ in range(3))
    orders = once + 2 * regulars + (more if regulars else 0)
    rule = fields_from(draw, fields, {"tenure": st.just(TenureRule.FIRST_TO_LAST)})["tenure"]
    usual = {
        "customers": once + regulars,
        "one_time": once,
        "orders": orders,
        "orders_with_cost": st.integers(0, orders),
        "lookalikes": st.integers(0, 9),
        "revenue": monies(),
        "goods": monies(low=0),
        "acquisition": monies(low=0),
        "service": monies(low=0),
        "seconds": decimals(1, 10**9) if regulars else Decimal(0),
        "tenure": rule,
        "as_of": instants() if rule is TenureRule.FIRST_TO_AS_OF else None,
    }
    return Buying(**fields_from(draw, fields, usual))


def cash_flows(**fields: object) -> SearchStrategy[CashFlow]:
    """Money that comes and goes, in euro."""
    return record(CashFlow, fields)


@cached
def _yearly() -> SearchStrategy[Discount]:
    return st.builds(Discount, decimals(0, 1, places=4), st.just(TimeUnit.YEAR))


@st.composite
def present_values(draw: st.DrawFn, /, **fields: object) -> PresentValue:
    """Present values of dated flows, from the arguments of ``cashflow.npv``."""
    drawn = fields_from(draw, fields, _present_values())
    return cashflow.npv(drawn.pop("flows"), **drawn)


@cached
def _present_values() -> Fields:
    return {
        "flows": st.lists(cash_flows(), max_size=4),
        "discount": _yearly(),
        "as_of": maybe(days()),
        "currency": "EUR",
    }


@st.composite
def plan_comparisons(draw: st.DrawFn, /, **fields: object) -> PlanComparison:
    """Two plans, from the arguments of ``cashflow.compare``."""
    drawn = fields_from(draw, fields, _plan_comparisons())
    return cashflow.compare(drawn.pop("first"), drawn.pop("second"), **drawn)


@cached
def _plan_comparisons() -> Fields:
    plan = st.lists(cash_flows(), max_size=4)
    return {"first": plan, "second": plan, "discount": _yearly(), "currency": "EUR"}
