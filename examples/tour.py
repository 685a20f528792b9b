"""Compute the numbers of the source articles (see docs/why.md): value, spend, churn, moments of truth, journeys."""

from datetime import date, timedelta

from crmcore import (
    Balance,
    CashFlow,
    Churn,
    ChurnConvention,
    Cost,
    CostKind,
    Deficits,
    Discount,
    FirstMargin,
    Inactivity,
    JourneyMap,
    JourneyStep,
    Ledger,
    MomentOfTruth,
    Money,
    Period,
    Purchase,
    Retention,
    Subscription,
    TimeUnit,
    Valence,
    cashflow,
    instant,
    journey_maps,
    lifetime_value,
)
from crmcore.retention.churn import HalfLifeBenchmark

START = instant("2026-03-02T10:15")


def rub(amount: int) -> Money:
    """Return an amount in roubles, the currency of the source articles."""
    return Money(amount, "RUB")


def heading(text: str) -> None:
    """Print the heading of a section."""
    print(f"\n{text}\n{'-' * len(text)}")


def show_lifetime_value() -> None:
    """Show what a book buyer is worth, and whether a planned spend is too high."""
    heading("1. What is a book buyer worth?")
    print("An average order is 1000 RUB. The customer orders six times a year and stays five years.\n")
    buyer = lifetime_value.simple(average_order=rub(1000), orders_per_year=6, years=5)
    print(buyer.explain())
    for caution in buyer.cautions:
        print(f"  {caution}")

    print("\nMay the company spend 40 000 RUB to win this customer?\n")
    guard = buyer.guard(rub(40_000))
    print(guard.explain())
    print("\nYes." if guard.allowed else f"\nNo, that is {guard.excess} too much.")
    print(f"The customer must stay {guard.years_needed:.2f} years, {guard.extra_years_needed:.2f} years longer.")


def show_retention_and_plans() -> None:
    """Show what keeping customers is worth, and compare a short-term plan with a long-term plan."""
    heading("2. Cut one tree or grow a whole garden?")
    print("A subscriber brings 100 RUB a year. 80 % of the subscribers stay each year. The discount is 10 % a year.\n")
    retention, discount = Retention("0.8", TimeUnit.YEAR), Discount("0.1", TimeUnit.YEAR)
    subscriber = lifetime_value.constant_retention(
        margin=rub(100), retention=retention, discount=discount, first_margin=FirstMargin.INCLUDED
    )
    print(subscriber.explain())
    if subscriber.elasticity is not None:
        print(f"\nIf retention rises by 1 %, the value rises by {subscriber.elasticity.retention:.1f} %.")

    tree = [CashFlow(date(2026, 1, 1), rub(1000))]
    garden = [CashFlow(date(year, 1, 1), rub(-500 if year == 2026 else 400)) for year in range(2026, 2037)]
    choice = cashflow.compare(tree, garden, discount=discount)
    print("\nTree: receive 1000 RUB now. Garden: pay 500 RUB now and receive 400 RUB a year for ten years.")
    print(f"The garden is worth {choice.lead.quantized()} more. It leads from {choice.crossed_on} on.")


def show_historic_value() -> None:
    """Show what a customer brought in five years."""
    heading("3. What has a customer brought so far?")
    purchases = [
        Purchase(customer_id="a", at=instant(f"{year}-06-01"), amount=rub(40_000)) for year in range(2021, 2026)
    ]
    costs = [
        Cost(customer_id="a", at=instant("2021-01-01"), amount=rub(60_000), kind=CostKind.ACQUISITION),
        Cost(customer_id="a", at=instant("2023-01-01"), amount=rub(40_000), kind=CostKind.SERVICE),
    ]
    print(
        "Purchases: 40 000 RUB in each of five years. Costs: 60 000 RUB to win and 40 000 RUB to serve the customer.\n"
    )
    print(lifetime_value.historic(purchases, costs).explain())


def show_half_life_and_inactivity() -> None:
    """Show which churn rates follow from a half-life of three years, and which customers stopped buying."""
    heading("4. How fast do customers leave?")
    print("The source articles say: the average small business loses half its customers in three years. That is:\n")
    yearly = Retention.from_half_life(3, TimeUnit.YEAR)
    print(f"churn a year   {yearly.churn:.2%}")
    print(f"churn a month  {yearly.to(TimeUnit.MONTH).churn:.2%} (not {yearly.churn / 12:.2%}, a twelfth of 20.63%)")
    print(f"Of 1000 customers, {yearly.survivors(1000, 5):.0f} remain after five years.")

    purchases = [
        Purchase(customer_id=customer, at=instant(day), amount=rub(500))
        for customer, day in [
            ("anna", "2026-02-20"),
            ("boris", "2025-07-01"),
            ("carla", "2025-12-30"),
            ("anna", "2025-01-05"),
        ]
    ]
    inactivity = Inactivity.of(
        purchases, as_of=START, churned_after=timedelta(days=180), at_risk_after=timedelta(days=60)
    )
    print("\nWithout contracts, customers count as lost after 180 days without a purchase, as at risk after 60 days:\n")
    print(inactivity.explain())


def show_churn_conventions() -> None:
    """Show the churn of a book club in one month, by each of the published definitions."""
    heading("5. Which churn rate?")
    print("A book club has 40 members. In March five leave and ten join. One of the ten leaves again in March.\n")
    memberships = [("2025-06-01", None)] * 35 + [("2025-06-01", "2026-03-10")] * 5 + [("2026-03-05", None)] * 9
    memberships.append(("2026-03-05", "2026-03-20"))
    club = [
        Subscription(
            customer_id=number,
            price=rub(300),
            every=TimeUnit.MONTH,
            started=instant(start),
            ended=None if end is None else instant(end),
        )
        for number, (start, end) in enumerate(memberships)
    ]
    march = Churn.of(club, Period.month(2026, 3))
    for convention in ChurnConvention:
        print(f"{convention.replace('_', ' '):26}{march.rate_by(convention):.1%}")
    bounds, retention = march.interval(), march.retention()
    if bounds is not None and retention is not None:
        print(f"\n95 % confidence interval of the first rate: {bounds.low:.1%} to {bounds.high:.1%}")
        print(f"If every month is like this: {HalfLifeBenchmark(retention=retention)}")


def show_balance() -> None:
    """Show the balance of good and bad answers of three employees."""
    heading('6. "Somewhere at the back", or "in aisle 10, let me take you there"?')
    shifts = {"olga": "gggggggggggg", "pavel": "gggggb", "rita": "gggggggggggggggggggggggggggggggg"}
    answers = [
        MomentOfTruth(valence=Valence.GOOD if answer == "g" else Valence.BAD, at=START, employee_id=employee)
        for employee, letters in shifts.items()
        for answer in letters
    ]
    print("A customer asks where the paint is. One answer is a good moment of truth, the other is a bad one.")
    print("The source articles say: twelve good moments offset one bad moment. Here twelve is a parameter.\n")
    by_employee = Balance.by(answers, lambda moment: moment.employee_id)
    for employee, balance in by_employee.items():
        needed = f", {balance.good_needed} good moments needed" if balance.good_needed else ""
        print(f"{employee:6} {balance.good:>3} good {balance.bad:>2} bad  balance {balance.value:>4}{needed}")
    total = Balance.total(by_employee.values())
    print(f"\nThe balance of all three is {total.value}. It looks fine, but it hides a deficit.")
    deficits = Deficits.of(by_employee)
    print(f"{deficits.count} of {deficits.groups} employees has a deficit: {deficits.worst}, by {deficits.sum}.")


def show_ledger() -> None:
    """Show the balance of one employee after each day, and when it is zero again."""
    heading("7. How long does it take to offset a bad moment?")
    pavel = [
        MomentOfTruth(valence=Valence.BAD if answer == "b" else Valence.GOOD, at=START + number * timedelta(days=1))
        for number, answer in enumerate("gggbgggg")
    ]
    ledger = Ledger(moments=pavel)
    print("Pavel's moments, one a day, and the balance after each:\n")
    for entry in ledger.entries:
        print(f"{entry.moment.at:%Y-%m-%d}  {entry.moment.valence:4}  {entry.value:>3}")
    today = pavel[-1].at
    days = ledger.days_to_repay(as_of=today)
    print(
        f"\nThe lowest balance is {ledger.lowest}. The deficit is now {ledger.deficit}, which takes {days} more days."
    )
    better = [MomentOfTruth(valence=Valence.GOOD, at=today + number * timedelta(days=1)) for number in range(1, 6)]
    ledger = Ledger(moments=[*pavel, *better])
    print(f"After five more good days the balance is {ledger.value}. It was repaid on {ledger.repaid_at:%Y-%m-%d}.")


def show_drop_off() -> None:
    """Show where customers leave between the advertisement and the till."""
    heading("8. Where do customers leave?")
    steps = [("see the ad", "ad"), ("ask for the aisle", "assistant"), ("pay", "till"), ("return a can", "desk")]
    plan = JourneyMap(
        name="Buy a paint",
        goal_step="pay",
        steps=[
            JourneyStep(name=name, phase="visit", touchpoint_ids=[touchpoint], optional=name == "return a can")
            for name, touchpoint in steps
        ],
    )
    paths = {"ad assistant till": 31, "ad assistant": 19, "ad till": 4, "ad": 24, "ad assistant till desk": 2}
    rows = [
        (f"{number}, {path}", touchpoint, START + timedelta(minutes=10 * visit))
        for path, customers in paths.items()
        for number in range(customers)
        for visit, touchpoint in enumerate(path.split())
    ]
    conformance = journey_maps.compare(plan, rows)
    print(f"Of {conformance.journeys} customers who saw the advertisement, {conformance.reached} paid.\n")
    for step in conformance.steps:
        print(f"{step.step:18} came {step.came:>2}  left before paying {step.left:>2}  skipped it {step.skipped:>2}")
    worth = lifetime_value.simple(average_order=rub(1000), orders_per_year=6, years=5).value
    first = journey_maps.value_at_risk(conformance, worth=worth)[0]
    print("\nThe source articles say: start with one step. The step with the highest value at risk is")
    print(f"{first.step!r}: up to {first.value} are lost there.")


if __name__ == "__main__":
    show_lifetime_value()
    show_retention_and_plans()
    show_historic_value()
    show_half_life_and_inactivity()
    show_churn_conventions()
    show_balance()
    show_ledger()
    show_drop_off()
