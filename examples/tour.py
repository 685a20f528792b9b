"""The source documents' own numbers as one story: worth, spending, leaving, churn, moments, journeys."""

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

BOOKSHOP_DAY = instant("2026-03-02T10:15")


def rub(amount: int) -> Money:
    """Roubles, the documents' currency."""
    return Money(amount, "RUB")


def heading(text: str) -> None:
    """Open a chapter."""
    print(f"\n{text}\n{'-' * len(text)}")


def worth() -> None:
    """Tell the book buyer's worth, and what must not be spent on him."""
    heading("1. What is a book buyer worth?")
    print("He orders for 1000 on average, six times a year, and stays five years.\n")
    buyer = lifetime_value.simple(average_order=rub(1000), orders_per_year=6, years=5)
    print(buyer.explain())
    for caution in buyer.cautions:
        print(f"  {caution}")

    print("\nMay 40 000 be spent on winning him?\n")
    guard = buyer.guard(rub(40_000))
    print(guard.explain())
    print(f"\nNo: {guard.excess} too much." if not guard.allowed else "Yes.")
    print(f"He would have to stay {guard.years_needed:.2f} years, {guard.extra_years_needed:.2f} more than he does.")


def patience() -> None:
    """Tell what keeping customers is worth, and when a garden beats a tree."""
    heading("2. Fell the tree or grow a garden?")
    print("A subscriber brings 100 a year. Four in five stay each year; waiting a year costs a tenth.\n")
    kept, waiting = Retention("0.8", TimeUnit.YEAR), Discount("0.1", TimeUnit.YEAR)
    subscriber = lifetime_value.constant_retention(
        margin=rub(100), retention=kept, discount=waiting, first_margin=FirstMargin.INCLUDED
    )
    print(subscriber.explain())
    if subscriber.elasticity is not None:
        print(f"\nOne per cent more of them kept is {subscriber.elasticity.retention:.1f} per cent more value.")

    tree = [CashFlow(date(2026, 1, 1), rub(1000))]
    garden = [CashFlow(date(year, 1, 1), rub(-500 if year == 2026 else 400)) for year in range(2026, 2037)]
    choice = cashflow.compare(tree, garden, discount=waiting)
    print("\nTake 1000 now, or put in 500 and reap 400 a year for ten years?")
    print(f"The garden is worth {choice.lead.quantized()} more, and leads from {choice.crossed_on} on.")


def history() -> None:
    """Tell what five years with a customer have brought."""
    heading("3. What has a customer brought so far?")
    purchases = [
        Purchase(customer_id="a", at=instant(f"{year}-06-01"), amount=rub(40_000)) for year in range(2021, 2026)
    ]
    costs = [
        Cost(customer_id="a", at=instant("2021-01-01"), amount=rub(60_000), kind=CostKind.ACQUISITION),
        Cost(customer_id="a", at=instant("2023-01-01"), amount=rub(40_000), kind=CostKind.SERVICE),
    ]
    print("Five years of 40 000 each; 60 000 to win him, 40 000 to serve him.\n")
    print(lifetime_value.historic(purchases, costs).explain())


def leaving() -> None:
    """Tell what losing half the customers in three years means for a year and a month."""
    heading("4. How fast do customers leave?")
    print("The average small business, say the documents, loses half its customers in three years.\n")
    yearly = Retention.from_half_life(3, TimeUnit.YEAR)
    print(f"a year   {yearly.churn:.2%}")
    print(f"a month  {yearly.to(TimeUnit.MONTH).churn:.2%}  (a twelfth of the year's would be {yearly.churn / 12:.2%})")
    print(f"of 1000 customers, left after five years: {yearly.survivors(1000, 5):.0f}")

    purchases = [
        Purchase(customer_id=who, at=instant(day), amount=rub(500))
        for who, day in [
            ("anna", "2026-02-20"),
            ("boris", "2025-07-01"),
            ("carla", "2025-12-30"),
            ("anna", "2025-01-05"),
        ]
    ]
    silence = Inactivity.of(
        purchases, as_of=BOOKSHOP_DAY, churned_after=timedelta(days=180), at_risk_after=timedelta(days=60)
    )
    print("\nWithout contracts nobody gives notice. Silent for 180 days counts as gone, for 60 as at risk:\n")
    print(silence.explain())


def churning() -> None:
    """Tell one month of a book club, and three numbers that are all called its churn."""
    heading("5. Which churn?")
    print("A book club of 40. In March five leave, ten join, and one of the ten leaves again.\n")
    stays = [("2025-06-01", None)] * 35 + [("2025-06-01", "2026-03-10")] * 5 + [("2026-03-05", None)] * 9
    stays.append(("2026-03-05", "2026-03-20"))
    club = [
        Subscription(
            customer_id=number,
            price=rub(300),
            every=TimeUnit.MONTH,
            started=instant(start),
            ended=None if end is None else instant(end),
        )
        for number, (start, end) in enumerate(stays)
    ]
    march = Churn.of(club, Period.month(2026, 3))
    for convention in ChurnConvention:
        print(f"{convention.replace('_', ' '):26}{march.rate_by(convention):.1%}")
    bounds, retention = march.interval(), march.retention()
    if bounds is not None and retention is not None:
        print(f"\nThe first, with 95 per cent confidence: {bounds.low:.1%} to {bounds.high:.1%}.")
        print(f"If it lasts: {HalfLifeBenchmark(retention=retention)}.")


def moments() -> None:
    """Tell two answers in a shop, and what they weigh."""
    heading('6. "Somewhere at the back", or "aisle 10, let me take you there"')
    shifts = {"olga": "gggggggggggg", "pavel": "gggggb", "rita": "gggggggggggggggggggggggggggggggg"}
    answers = [
        MomentOfTruth(valence=Valence.GOOD if answer == "g" else Valence.BAD, at=BOOKSHOP_DAY, employee_id=who)
        for who, given in shifts.items()
        for answer in given
    ]
    print(
        "A customer asks where the paint is. One assistant walks him to aisle 10; another says: somewhere at the back."
    )
    print("Twelve good moments offset one bad, say the documents: a convention, and here a parameter.\n")
    by_employee = Balance.by(answers, lambda moment: moment.employee_id)
    for who, balance in by_employee.items():
        needed = f", {balance.good_needed} good ones short" if balance.good_needed else ""
        print(f"{who:6} {balance.good:>3} good {balance.bad:>2} bad  balance {balance.value:>4}{needed}")
    print(
        f"\nall together: balance {by_employee.total.value if by_employee.total else 0}. All is well, says the total."
    )
    hidden = Deficits.of(by_employee)
    print(f"What it hides: {hidden.count} of {hidden.groups} in deficit, {hidden.worst} by {hidden.sum}.")


def repaying() -> None:
    """Tell how a bad answer is made good, day by day."""
    heading("7. How long does a bad answer last?")
    start = BOOKSHOP_DAY
    pavel = [
        MomentOfTruth(valence=Valence.BAD if answer == "b" else Valence.GOOD, at=start + number * timedelta(days=1))
        for number, answer in enumerate("gggbgggg")
    ]
    book = Ledger(moments=pavel)
    print("Pavel's answers, one a day, and the balance after each:\n")
    for entry in book.entries:
        print(f"{entry.moment.at:%Y-%m-%d}  {entry.moment.valence:4}  {entry.value:>3}")
    today = pavel[-1].at
    days = book.days_to_repay(as_of=today)
    print(f"\nlowest {book.lowest}; {book.deficit} to go, at his pace {days} days.")
    better = [MomentOfTruth(valence=Valence.GOOD, at=today + number * timedelta(days=1)) for number in range(1, 6)]
    book = Ledger(moments=[*pavel, *better])
    print(f"Five good days later: {book.value}, made good on {book.repaid_at:%Y-%m-%d}.")


def journeying() -> None:
    """Tell where customers get lost on the way from the advertisement to the till."""
    heading("8. Where do they get lost?")
    steps = [("see the ad", "ad"), ("ask for the aisle", "assistant"), ("pay", "till"), ("return a can", "desk")]
    plan = JourneyMap(
        name="Buy a paint",
        goal_step="pay",
        steps=[
            JourneyStep(name=name, phase="visit", touchpoint_ids=[touchpoint], optional=name == "return a can")
            for name, touchpoint in steps
        ],
    )
    ways = {"ad assistant till": 31, "ad assistant": 19, "ad till": 4, "ad": 24, "ad assistant till desk": 2}
    rows = [
        (f"{number}, {way}", touchpoint, BOOKSHOP_DAY + timedelta(minutes=10 * visit))
        for way, many in ways.items()
        for number in range(many)
        for visit, touchpoint in enumerate(way.split())
    ]
    held = journey_maps.compare(plan, rows)
    print(f"Of {held.journeys} who saw the advertisement {held.reached} paid.\n")
    for step in held.steps:
        print(f"{step.step:18} came {step.came:>2}  left short of the till {step.left:>2}  went past {step.skipped:>2}")
    worth_of_one = lifetime_value.simple(average_order=rub(1000), orders_per_year=6, years=5).value
    first = journey_maps.value_at_risk(held, worth=worth_of_one)[0]
    print(f"\nBegin with one step, say the documents: {first.step}, where up to {first.value} go astray.")


if __name__ == "__main__":
    worth()
    patience()
    history()
    leaving()
    churning()
    moments()
    repaying()
    journeying()
