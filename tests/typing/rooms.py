"""What type checkers see of the nouns, the tallies and the rooms; nothing here is run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, assert_type

import crmcore
from crmcore import (
    PUBLISHED_SEGMENTS,
    AbandonedContacts,
    AbandonReason,
    Activeness,
    AgeRule,
    Balance,
    BalanceVerdict,
    Buying,
    CashFlow,
    ChangeRule,
    Checklist,
    Churn,
    ChurnConvention,
    ChurnMoment,
    Cohort,
    CohortReading,
    CohortTriangle,
    ContactArea,
    Cost,
    CostKind,
    Customer,
    CustomerEquity,
    CustomerKind,
    Deficits,
    Discount,
    FailureRate,
    Feedback,
    Finding,
    FirstMargin,
    FreePlanRule,
    HalfLifeBenchmark,
    HistoricValue,
    Id,
    Inactivity,
    Interaction,
    JourneyMap,
    Ledger,
    LedgerBuilder,
    MomentOfTruth,
    MomentTiming,
    Money,
    OrderRule,
    Payback,
    PercentileMethod,
    Period,
    PriceMatch,
    PricePosition,
    ProfitCurve,
    Purchase,
    ReactivationRule,
    RefundRule,
    Relationship,
    Retention,
    RetentionMix,
    RevenueChurn,
    RevenueDefinition,
    RevenueMovements,
    RevenuePolicy,
    RfmTable,
    SegmentRule,
    SegmentTable,
    Subscription,
    Survival,
    Tally,
    TallyBy,
    TenureRule,
    TimeUnit,
    Touchpoint,
    Valence,
    ValueMix,
    cashflow,
    churn,
    inactivity,
    journey_maps,
    lifetime_value,
    micro_moments,
    render,
)
from crmcore.primitives.explanation import Explanation
from crmcore.primitives.proportions import Interval, TwoProportions
from crmcore.primitives.tally import Cell, PlainCell
from crmcore.render import Svg
from crmcore.retention.inactivity import InactivityThreshold
from crmcore.retention.revenue import recurring_revenue
from crmcore.service.balance import (
    LedgerEntry,
    all_good_probability,
    break_even_failure_rate,
    break_even_share,
    expected,
    moments_from,
    required_good_rate,
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
from crmcore.value.rfm import PurchaseSummary, RfmScore, RfmScores, quantile_scores


def customers(day: datetime) -> None:
    """A customer needs an id, and takes segments from any iterable of texts."""
    anna = Customer(id=7)
    assert_type(anna.id, Id)
    assert_type(anna.segments, frozenset[str])
    assert_type(anna.since, datetime | None)
    assert_type(anna.kind, CustomerKind)
    Customer(
        id="a",
        kind=CustomerKind.ORGANIZATION,
        name="Anna",
        segments=["tea"],
        since=day,
        manager_id=3,
    )
    Customer(id="a", segments={"tea": 1}.keys())
    Customer()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - whose?
    Customer(7)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword
    Customer(id=7.0)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - an id is never a float
    Customer(id=7, kind="person")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due
    Customer(id=7, since="2020-01-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - an instant is due
    anna.name = "Anna"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue] - frozen


def moments(day: datetime, resolved: datetime | None) -> None:
    """A moment needs its valence and its instant; the rest is optional."""
    moment = MomentOfTruth(valence=Valence.BAD, at=day, severity="2.5", resolved_at=resolved)
    assert_type(moment.severity, Decimal)
    assert_type(moment.customer_id, Id | None)
    assert_type(moment.timing, MomentTiming | str | None)
    assert_type(moment.is_resolved, bool)
    MomentOfTruth(valence="good", at=day)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due
    MomentOfTruth(valence=Valence.GOOD, at="2026-03-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - an instant is due
    MomentOfTruth(valence=Valence.GOOD, at=date(2026, 3, 1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a date is no instant
    MomentOfTruth(valence=Valence.GOOD)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - when?
    MomentOfTruth(valence=Valence.GOOD, at=day, severity=2.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - exact
    moment.customer_id + "x"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression] - opaque


def purchases(day: datetime, price: Money) -> None:
    """A purchase is paid in money, and so is a cost."""
    bought = Purchase(customer_id=7, at=day, amount=price, cost=None, reason="a gift")
    assert_type(bought.margin, Money)
    assert_type(bought.cost, Money | None)
    spent = Cost(amount=price, at=day, customer_id=None, kind=CostKind.SERVICE, note="")
    assert_type(spent.customer_id, Id | None)
    Purchase(customer_id=7, at=day, amount=9.99)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of which currency?
    Purchase(customer_id=None, at=day, amount=price)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - somebody bought it
    Cost(amount=price, at=day, kind="service")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due


def tallies(balance: Balance, balances: list[Balance], worth: HistoricValue) -> None:
    """Records of one class add, by hand, by `total` and by `sum`; records of two do not."""
    assert_type(balance + balance, Balance)
    assert_type(Balance.total(balances), Balance)
    assert_type(Balance.total(iter(balances)), Balance)
    assert_type(HistoricValue.total([worth]), HistoricValue)
    assert_type(sum(balances, start=Balance()), Balance)
    assert_type(balance.row(), dict[str, Cell])
    assert_type(balance.row(plain=True), dict[str, PlainCell])
    assert_type(TallyBy({"a": balance}).rows(("a", "b"), plain=False), list[dict[str, Any]])
    assert_type(balance.explain(), Explanation)
    assert_type(balance.explain().rows(), list[dict[str, Any]])
    balance.row(True)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue] - by name
    either: Tally = balance
    assert_type(either.row(), dict[str, Cell])
    balance + worth  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression] - two classes
    balance + 1  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression] - one of what?
    Balance.total([worth])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - two classes


def balances(found: Iterable[MomentOfTruth], day: datetime) -> None:
    """A balance counts moments; apart by a key, the key's type is kept."""
    balance = Balance.of(found, ratio="7.5", as_of=day, window=timedelta(days=30), half_life=None, resolved_weight=0.5)
    assert_type(balance, Balance)
    assert_type(balance.value, Decimal)
    assert_type(balance.deficit, Decimal)
    assert_type(balance.is_offset, bool)
    assert_type(balance.coverage, Decimal | None)
    assert_type(balance.positivity, Decimal | None)
    assert_type(balance.good_needed, int)
    assert_type(Balance(good=30, bad="3", neutral=2, ratio=Decimal(12)), Balance)
    by = Balance.by(found, lambda moment: moment.valence)
    assert_type(by, TallyBy[Valence, Balance])
    assert_type(by[Valence.GOOD], Balance)
    assert_type(by.total, Balance | None)
    assert_type(by + by, TallyBy[Valence, Balance])
    assert_type(dict(by), dict[Valence, Balance])
    assert_type(Balance.by(found, lambda moment: moment.customer_id), TallyBy[Id | None, Balance])
    assert_type(Balance.by(found, lambda m: (m.touchpoint_id, m.at.year)), TallyBy[tuple[Id | None, int], Balance])
    assert_type(TallyBy({"desk": balance}), TallyBy[str, Balance])
    hidden = Deficits.of(by)
    assert_type(hidden, Deficits[Valence])
    assert_type(hidden.worst, Valence | None)
    assert_type(hidden.sum, Decimal)
    assert_type(hidden.unknown, Decimal | None)


def ledgers(found: Iterable[MomentOfTruth], day: datetime, moment: MomentOfTruth) -> None:
    """A builder makes ledgers; what may be unknown says so."""
    builder = LedgerBuilder(found, ratio="7.5")
    builder.add(moment)
    assert_type(builder.ledger(), Ledger)
    book = Ledger(moments=found, ratio="7.5")
    assert_type(book, Ledger)
    assert_type(book.moments, tuple[MomentOfTruth, ...])
    assert_type(book.entries, tuple[LedgerEntry, ...])
    assert_type(book.entries[0].value, Decimal)
    assert_type(book.balance, Balance)
    assert_type(book.value, Decimal)
    assert_type(book.lowest, Decimal | None)
    assert_type(book.lowest_at, datetime | None)
    assert_type(book.repaid_at, datetime | None)
    assert_type(book.days_to_repay(as_of=day), Decimal | None)
    assert_type(book.days_to_repay(as_of=day, pace="0.5"), Decimal | None)
    assert_type(render.ledger(book), Svg)
    LedgerBuilder(found, 5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - five what?
    Ledger(moments=found, ratio=0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - exact
    book.days_to_repay(as_of=day, pace=0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - exact
    book.days_to_repay()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - from when?
    assert book.nonsense  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] - not there
    book.ratio = Decimal(5)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue] - frozen


def standings(found: Iterable[MomentOfTruth], voices: Iterable[Feedback]) -> None:
    """A failure rate has bounds, or none; a rule may leave feedback out."""
    by = FailureRate.by(found, lambda moment: moment.employee_id)
    assert_type(by, TallyBy[Id | None, FailureRate])
    rate = FailureRate.of(found)
    assert_type(rate.rate, Decimal | None)
    assert_type(rate.interval(), Interval | None)
    assert_type(rate.verdict(ratio="7.5", confidence=0.9), BalanceVerdict)
    assert_type(expected(100, p_good=0.9, p_bad="0.1"), Decimal)
    assert_type(all_good_probability("0.9", 10), Decimal)
    assert_type(break_even_share(12), Decimal)
    assert_type(break_even_failure_rate("7.5"), Decimal)
    assert_type(required_good_rate(neutral_share=0.2), Decimal)
    assert_type(moments_from(voices, lambda one: one.valence), tuple[MomentOfTruth, ...])
    assert_type(render.intervals({who: (one.rate, one.interval()) for who, one in by.items()}), Svg)
    assert_type(render.intervals([("desk", (0.5, None))], marks={"half": Decimal("0.5")}), Svg)
    FailureRate(good=0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - whole
    moments_from(voices, lambda one: one.kind)  # type: ignore[arg-type, return-value]  # pyright: ignore[reportArgumentType] - no valence
    render.intervals({"desk": 0.5})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - bounds?
    expected(100, p_good=0.9)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - and how many bad?


def balances_refuse(found: Iterable[MomentOfTruth], day: datetime, bought: list[Purchase]) -> None:
    """Weights are exact, durations are timedeltas, and only moments are counted."""
    Balance(good=0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - exact
    Balance(30, 3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - which is which?
    Balance.of(found, ratio=12.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - exact
    Balance.of(found, as_of=day, window=30)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - 30 what?
    Balance.of(bought)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - purchases
    Balance.by(found)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by what?
    Balance.by(found, lambda moment: moment.mood)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownLambdaType, reportUnknownMemberType] - not there
    Balance().coverage + 1  # type: ignore[operator]  # pyright: ignore[reportOptionalOperand, reportUnusedExpression] - None
    Balance().good = Decimal(1)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue] - frozen
    TallyBy({"desk": 3})  # type: ignore[type-var]  # pyright: ignore[reportArgumentType] - a number is no tally
    TallyBy({"desk": Balance()})["phone"] = Balance()  # type: ignore[index]  # pyright: ignore[reportIndexIssue] - read-only


def silence(bought: list[Purchase], day: datetime, quarter: timedelta) -> None:
    """Customers are judged on one day, by durations."""
    judged = Inactivity.of(bought, as_of=day, churned_after=quarter, at_risk_after=timedelta(days=30))
    assert_type(judged, Inactivity)
    assert_type(judged.rate, Decimal | None)
    assert_type(judged.customers, int)
    by = Inactivity.by(bought, lambda purchase: purchase.amount.currency, as_of=day, churned_after=quarter)
    assert_type(by, TallyBy[str, Inactivity])
    statuses = inactivity.status_of(bought, as_of=day, churned_after=quarter)
    assert_type(statuses, dict[Id, Activeness])
    Inactivity.of(bought, churned_after=quarter)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - on which day?
    Inactivity.of(bought, as_of=day, churned_after=90)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - 90 what?


def leaving(plans: list[Subscription], known: Iterator[Relationship], bought: list[Purchase], march: Period) -> None:
    """One record answers by convention; apart by a key, the key's type is kept."""
    churned = Churn.of(plans, march, paused_is_lost=True)
    assert_type(churned, Churn)
    assert_type(churned.rate, Decimal | None)
    assert_type(churned.rate_by(ChurnConvention.PERSON_TIME), Decimal | None)
    assert_type(churned.retention(), Retention | None)
    assert_type(churned.retention(TimeUnit.MONTH), Retention | None)
    assert_type(churned.interval(confidence=0.9), Interval | None)
    assert_type(churned.zero_event_bound(), float | None)
    assert_type(churned.compared_to(churned), TwoProportions | None)
    assert_type(churned + churned, Churn)
    assert_type(Churn.by(plans, march, lambda plan: plan.every), TallyBy[TimeUnit, Churn])
    months = Churn.over(plans, (month for month in march.split(TimeUnit.MONTH)), gap_tolerance=timedelta(days=1))
    assert_type(months, TallyBy[Period, Churn])
    assert_type(months[march].rate, Decimal | None)
    assert_type(Churn.over_relationships(known, [march]), TallyBy[Period, Churn])
    assert_type(Churn.over_purchases(bought, {march}, churned_after=timedelta(days=90)), TallyBy[Period, Churn])
    assert_type(Churn.of_relationships(known, march), Churn)
    assert_type(Churn.by_relationships(known, march, lambda one: one.manager_id), TallyBy[Id | None, Churn])
    assert_type(Churn.of_purchases(bought, march, churned_after=timedelta(days=90)), Churn)
    assert_type(
        Churn.by_purchases(bought, march, lambda one: one.customer_id, churned_after=timedelta(days=90)),
        TallyBy[Id, Churn],
    )
    assert_type(Churn.from_counts(start=200, end=220, joined=60, exposure_days="6000.5"), Churn)
    days = churn.daily(plans, march)
    assert_type(days, TallyBy[date, Churn])
    assert_type(churn.sum_of_daily(days), Decimal | None)
    assert_type(churn.compounded_daily({1: RevenueChurn.of(plans, march)}), Decimal | None)
    assert_type(churn.average_daily(days), Decimal | None)
    assert_type(churn.lint(plans, march), tuple[Finding, ...])
    revenue = RevenueChurn.of(plans, march, currency="EUR")
    assert_type(revenue.rate, Decimal | None)
    assert_type(revenue.lost, Money)
    assert_type(RevenueChurn.by(plans, march, lambda plan: plan.id), TallyBy[Id | None, RevenueChurn])
    moved = RevenueMovements.of(plans, march, policy=RevenueDefinition.STRIPE.policy)
    assert_type(moved.net_churn_by(ReactivationRule.LEFT_OUT), Decimal | None)
    assert_type(moved.restated_since(moved), Money)
    assert_type(RevenueMovements.by(plans, march, lambda plan: plan.id), TallyBy[Id | None, RevenueMovements])
    assert_type(RevenueMovements.over(plans, [march]), TallyBy[Period, RevenueMovements])
    paid = {7: Money(1, "EUR")}
    assert_type(RevenueMovements.between(paid, paid, paid_before=[7, "a"]), RevenueMovements)
    assert_type(RevenueMovements.from_amounts(start=Money(1, "EUR")).end, Money)
    policy = RevenuePolicy(
        changes=ChangeRule.EACH, churn_moment=ChurnMoment.WHEN_ENDED, free_plans=FreePlanRule.CONTRACTION
    )
    assert_type(recurring_revenue(plans, march.start, policy=policy), Money)
    assert_type(plans[0].monthly_price, Money)
    assert_type(churn.HalfLifeBenchmark(retention=Retention("0.9", TimeUnit.MONTH), years="2.5"), HalfLifeBenchmark)


def returning(seen: list[tuple[Id, datetime]], bought: list[Purchase], day: datetime) -> None:
    """Cohorts are counted from pairs and from purchases, by the month or by a key."""
    assert_type(Cohort.by(seen, as_of=day), TallyBy[str, Cohort])
    assert_type(Cohort.by(seen, lambda _: 7, as_of=day, acquired={7: day}, ages=[0, (1, 7)]), TallyBy[int, Cohort])
    assert_type(Cohort.by_purchases(bought, as_of=day, step=TimeUnit.WEEK), TallyBy[str, Cohort])
    by_days = Cohort.by_purchases(bought, lambda one: one, as_of=day, age_rule=AgeRule.ELAPSED, step=TimeUnit.DAY)
    assert_type(by_days, TallyBy[Id, Cohort])
    assert_type(Cohort.from_counts([9, 5]).rates_by(CohortReading.ON_OR_AFTER), tuple[Decimal | None, ...])
    assert_type(CohortTriangle(by_days, of_revenue=True).whole, tuple[Decimal | None, ...])
    Cohort.by(seen)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue] - known up to when?


def leaving_refuses(plans: list[Subscription], march: Period, bought: list[Purchase]) -> None:
    """What is counted, in which period and by which convention is typed."""
    Churn.of(plans)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - when?
    Churn.of(bought, march)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - purchases
    Churn.of_purchases(bought, march)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - gone after what silence?
    Churn.of_purchases(bought, march, churned_after=90)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - 90 what?
    Churn.over(plans, march)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - several periods are due
    Churn.over(plans, ["2026-03"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - a text is no period
    Churn.over_purchases(bought, [march])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - gone after what silence?
    Churn.by(plans, march)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by what?
    Churn(start=1.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - heads are whole
    Churn.from_counts(lost=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - of how many?
    Churn().rate_by("person_time")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due
    Churn().rate + 1  # type: ignore[operator]  # pyright: ignore[reportOptionalOperand, reportUnusedExpression] - None
    RevenueMovements.of(plans, march, policy=RevenueDefinition.STRIPE)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - its policy is due
    RevenueMovements.from_amounts(churn=Money(1, "EUR"))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - of how much?
    RevenueChurn(start=100, lost=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of which currency?
    churn.average_daily({1: RevenueChurn.of(plans, march)})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType] - heads


def gaps(bought: list[Purchase]) -> None:
    """Gaps come by customer, and a threshold takes them so or all together."""
    found = inactivity.purchase_gaps(bought)
    assert_type(found, dict[Id, tuple[int, ...]])
    threshold = inactivity.inactivity_threshold(found, percentile=0.9, method=PercentileMethod.LINEAR)
    assert_type(threshold, InactivityThreshold)
    assert_type(threshold.value, Decimal | None)
    assert_type(threshold.silence, timedelta | None)
    assert_type(threshold.cautions, tuple[Finding, ...])
    inactivity.inactivity_threshold([1, "2.5", Decimal(3)], percentile="0.9")
    inactivity.inactivity_threshold([1.5], percentile=0.9)  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - exact
    inactivity.inactivity_threshold(found)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - which percentile?


def lifetime(bought: list[Purchase], costs: Iterator[Cost], price: Money) -> None:
    """Values are made by functions, and answer further questions themselves."""
    worth = lifetime_value.simple(
        average_order=price,
        orders_per_year="6.5",
        years=5,
        gross_margin=0.4,
        acquisition_cost=price,
        service_cost=[price, price],
    )
    assert_type(worth, LifetimeValue)
    assert_type(worth.value, Money)
    assert_type(worth.years, Decimal | None)
    assert_type(worth.yearly, tuple[Money, ...])
    assert_type(worth.cautions, tuple[Finding, ...])
    assert_type(worth.explain(), Explanation)
    assert_type(worth.ratio_to(price), ValueRatio)
    assert_type(worth.ratio_to(price).value, Decimal | None)
    guard = worth.guard(price)
    assert_type(guard, SpendGuard)
    assert_type(guard.allowed, bool)
    assert_type(guard.excess, Money)
    assert_type(guard.headroom, Money)
    assert_type(guard.years_needed, Decimal | None)
    assert_type(guard.extra_years_needed, Decimal | None)
    assert_type(LifetimeValue(value=price), LifetimeValue)
    assert_type(lifetime_value.historic(bought, costs, currency="EUR"), HistoricValue)
    assert_type(lifetime_value.historic(bought).value, Money)
    by = HistoricValue.by(bought, lambda record: record.customer_id, costs=costs)
    assert_type(by, TallyBy[Id | None, HistoricValue])


def lifetime_forms(price: Money, kept: Retention, waiting: Discount, bought: list[Purchase]) -> None:
    """Every form gives the same result; what data may be silent on is optional."""
    worth = lifetime_value.constant_retention(
        margin=price, retention=kept, discount=waiting, first_margin=FirstMargin.INCLUDED, growth=0.05, periods=5
    )
    assert_type(worth, LifetimeValue)
    assert_type(worth.residual, Money | None)
    assert_type(worth.elasticity, Elasticity | None)
    assert_type(worth.change_from(worth).cautions, tuple[Finding, ...])
    assert_type(lifetime_value.from_churn(revenue=price, retention=kept), LifetimeValue | None)
    assert_type(
        lifetime_value.break_even_retention(
            target=price, margin=price, discount=waiting, first_margin=FirstMargin.EXCLUDED
        ),
        Retention | None,
    )
    paid = Payback(acquisition_cost=price, margin=price, retention=kept)
    assert_type(paid, Payback)
    assert_type(paid.periods, Decimal | None)
    assert_type(paid.payment_index, int | None)
    mix = ValueMix.of({"loyal": (50, worth), "new": (50, worth)})
    assert_type(mix, ValueMix[str])
    assert_type(mix.value, Money | None)
    assert_type(mix.segments, TallyBy[str, SegmentValue])
    assert_type(ValueMix.by({1: price}, lambda who: who > 0), ValueMix[bool])
    assert_type(mix.since(mix), MixShift[str, str])
    assert_type(mix.since(mix).from_mix, Money)
    groups = RetentionMix.of([(1, kept), ("2.5", kept)])
    assert_type(groups.pooled, Retention)
    assert_type(groups.mean_lifetime, Decimal | None)
    by = Buying.by(bought, lambda one: one.customer_id, tenure=TenureRule.FIRST_TO_LAST)
    assert_type(by, TallyBy[Id, Buying])
    assert_type(by["a"].order_rule, OrderRule)
    assert_type(by[1].simple(years=5), LifetimeValue | None)
    assert_type(cashflow.npv([CashFlow(date(2026, 1, 1), price)], discount=waiting), PresentValue)
    flows = lifetime_value.expected_flows(margin=price, retention=kept, first=date(2026, 1, 1), periods=5)
    assert_type(flows, tuple[CashFlow, ...])
    assert_type(cashflow.npv_periodic([price], discount=waiting), PresentValue)
    plans = cashflow.compare(flows, [], discount=waiting)
    assert_type(plans, PlanComparison)
    assert_type(plans.crossed_on, date | None)
    lifetime_value.constant_retention(margin=price, retention=kept, discount=waiting)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - which form?
    lifetime_value.constant_retention(
        margin=price,
        retention=0.8,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - per what?
        discount=waiting,
        first_margin=FirstMargin.INCLUDED,
    )
    ValueMix.of({"loyal": price})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType] - of how many?
    Buying.of(bought)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - from when to when?
    CashFlow("2026-01-01", price)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a text is no day


def lifetime_helpers(price: Money, kept: Retention, waiting: Discount) -> None:
    """What a form needs can be computed, and what it must reach can be solved for."""
    assert_type(lifetime_value.one_time(order=price, gross_margin=0.4), LifetimeValue)
    assert_type(lifetime_value.acquisition_cost(spend=price, new_customers=5), Money | None)
    assert_type(lifetime_value.orders_per_year("1.5", TimeUnit.MONTH), Decimal)
    assert_type(lifetime_value.residual(margin=price, retention=kept, discount=waiting, renewed=True), LifetimeValue)
    assert_type(
        lifetime_value.break_even_margin(
            target=price, retention=kept, discount=waiting, first_margin=FirstMargin.EXCLUDED
        ),
        Money | None,
    )
    assert_type(lifetime_value.break_even_price(target=price, orders_per_year="6.5", years=5), Money | None)
    lifetime_value.acquisition_cost(spend=price, new_customers=1.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - heads are whole


def recency(bought: Iterable[Purchase], at: datetime, price: Money) -> None:
    """Summaries of purchases, their grades and their segments."""
    table = RfmTable.of(bought, as_of=at, unit=TimeUnit.WEEK, refund_rule=RefundRule.LEFT_OUT)
    assert_type(table, RfmTable)
    assert_type(table.by_customer()["a"], PurchaseSummary)
    assert_type(table.summaries[0].frequency, int)
    assert_type(table.summaries[0].T, Decimal)
    assert_type(table.summaries[0].monetary_value, Money | None)
    assert_type(table + table, RfmTable)
    graded = table.scores(quantiles=4)
    assert_type(graded, RfmScores)
    assert_type(graded.scores[0], RfmScore)
    assert_type(graded.grid(), TallyBy[tuple[int, int], SegmentValue])
    best = SegmentRule(name="best", recency=(4, 4), frequency=(3, 4), monetary=(1, 4))
    segments = SegmentTable(rules=[best], quantiles=4)
    assert_type(segments.find(4, 4, 4), str)
    assert_type(PUBLISHED_SEGMENTS, SegmentTable)
    assert_type(graded.segments(segments), ValueMix[str])
    assert_type(quantile_scores([1, "2.5", Decimal(3)]), tuple[int, ...])
    RfmTable.of(bought)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - until when?
    quantile_scores([1.5])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - exact


def depth(price: Money, kept: Retention, waiting: Discount, mix: ValueMix[str]) -> None:
    """Values that follow behaviour."""
    worth = lifetime_value.promoted(margin=price, promotion=price, retention=0.7, discount=waiting, years=6)
    assert_type(worth, LifetimeValue)
    assert_type(lifetime_value.expected_buyers(["0.3", 0.2], periods=4), tuple[Decimal, ...])
    assert_type(
        lifetime_value.migration(margin=price, promotion=price, repurchase=["0.3"], discount=waiting, periods=3),
        LifetimeValue,
    )
    states = lifetime_value.state_values({1: {1: "0.5", 2: "0.5"}, 2: {2: 1}}, {1: price, 2: price}, discount=waiting)
    assert_type(states, dict[int, LifetimeValue])
    equity = CustomerEquity.of(mix, acquired=[(5, price), (6, worth)], discount=waiting)
    assert_type(equity, CustomerEquity[str])
    assert_type(equity.value, Money | None)
    costs = lifetime_value.cost_by_tenure(acquisition_cost=price, service_cost=[price], years=3)
    assert_type(costs, tuple[Money, ...])
    curve = ProfitCurve(start=price, growth=price, turn="2.5", rise=price)
    assert_type(curve.at(3), Money)
    assert_type(curve.value(retention=kept, discount=waiting, periods=5, continuous=True), LifetimeValue)
    found = lifetime_value.from_survival(
        margin=price, survival=[1, "0.5"], discount=waiting, first_margin=FirstMargin.INCLUDED
    )
    assert_type(found, SurvivalValue)
    assert_type(found.difference, Money | None)
    estimated = Survival.of_durations([1, 2], unit=TimeUnit.YEAR)
    lifetime_value.from_survival(margin=price, survival=estimated, discount=waiting, first_margin=FirstMargin.INCLUDED)
    rate = cashflow.internal_rate([CashFlow(date(2026, 1, 1), price)])
    assert_type(rate, InternalRate)
    assert_type(rate.discount, Discount | None)
    assert_type(rate.value, Decimal | None)
    lifetime_value.from_survival(margin=price, survival=[1], discount=waiting)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - which form?


def lifetime_refuses(worth: LifetimeValue, price: Money) -> None:
    """A number is no money, a float no exact number, and arguments go by name."""
    lifetime_value.simple(price, 6, 5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - which is which?
    lifetime_value.simple(average_order=1000, orders_per_year=6, years=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of which currency?
    lifetime_value.simple(average_order=price, orders_per_year=6.5, years=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - exact
    lifetime_value.simple(average_order=price, orders_per_year=6)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - how long?
    lifetime_value.simple(average_order=price, orders_per_year=6, years=5, service_cost=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of which currency?
    worth.guard(40_000)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of which currency?
    worth.ratio_to(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the same
    worth.guard(price).years_needed + 1  # type: ignore[operator]  # pyright: ignore[reportOptionalOperand, reportUnusedExpression] - None


def journeys(plan: JourneyMap, places: set[Touchpoint], met: Iterator[Interaction], price: Money) -> None:
    """What maps lack are findings, contacts given up add, and prices are money."""
    assert_type(journey_maps.lint(plan, touchpoints=places, reviewed=iter(ContactArea)), tuple[Finding, ...])
    assert_type(journey_maps.controlled_share(plan, places), Decimal | None)
    assert_type(journey_maps.obstacle_agreement(plan), Decimal | None)
    assert_type(journey_maps.touchpoints_from([], customers={"customer"}), tuple[Touchpoint, ...])
    assert_type(AbandonedContacts.of(met), AbandonedContacts)
    by = AbandonedContacts.by(met, lambda one: one.touchpoint_id)
    assert_type(by, TallyBy[Id, AbandonedContacts])
    assert_type(by[1].rate, Decimal | None)
    assert_type(by[1].interval(confidence=0.9), Interval | None)
    assert_type(by[1].by_reason, tuple[tuple[AbandonReason, int], ...])
    assert_type(micro_moments.readiness(service_area="Riga"), Checklist)
    position = PricePosition(own=price, rivals={"north": price})
    assert_type(position.rivals, tuple[tuple[str, Money], ...])
    assert_type(PricePosition(own=price, rivals=iter([("north", price)])).cheapest, tuple[str, Money] | None)
    answer = PriceMatch(own=price, asked=price, unit_cost=price, margin_floor=0.2)
    assert_type(answer, PriceMatch)
    assert_type(answer.offer, Money)
    assert_type(answer.margin, Decimal | None)
    journey_maps.lint(plan, reviewed=["staff"])  # an area of their own
    journey_maps.touchpoints_from([])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - who is the customer?
    AbandonedContacts(5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword
    PricePosition(own=price, rivals={"north": 5})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of which currency?
    PriceMatch(price, price, price)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - which is which?
    _ = position.mean.amount  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess] - None


def face() -> None:
    """A name that the face does not offer is an error, as in any module; what is not hidden is typed."""
    crmcore.nonsense()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] - not there
    assert_type(crmcore.Money(1, "EUR"), Money)
    assert_type(crmcore.__version__, str)
    from crmcore import Nonsense  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType] - not there

    del Nonsense
