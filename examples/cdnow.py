"""Analyse a real shop: 69,659 purchases of 23,570 customers, what they are worth and which of them stopped buying.

The purchases are those of CDNOW (Fader and Hardie): customers who first bought in the first quarter of 1997. The file
is part of the wheel of the `lifetimes` package: ``python examples/cdnow.py path/to/lifetimes.whl``. You can also pass
the text file itself.
"""

import sys
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile, is_zipfile

from crmcore import (
    Buying,
    Churn,
    HistoricValue,
    Id,
    Inactivity,
    Money,
    Period,
    Purchase,
    TenureRule,
    ValueMix,
    instant,
    lifetime_value,
)
from crmcore.retention.inactivity import inactivity_threshold, purchase_gaps

MEMBER = "lifetimes/datasets/CDNOW_master.txt"
AS_OF = instant("1998-07-01")  # the day after the last purchase
CHURNED_AFTER = timedelta(days=180)
MARGIN = Decimal("0.3")  # an assumption: use the shop's own
SPEND = Money(50, "USD")  # the planned spend to win one more customer


@contextmanager
def stage(name: str) -> Generator[None]:
    """Print the processor time that a stage takes."""
    start = time.process_time()
    yield
    print(f"  [{name}: {time.process_time() - start:.2f} s of processor time]")


def lines(path: Path) -> list[list[str]]:
    """Return the rows (customer, date, number of discs, dollars) of the text file or of the wheel that contains it."""
    if is_zipfile(path):
        with ZipFile(path) as wheel:
            text = wheel.read(MEMBER).decode()
    else:
        text = path.read_text()
    return [line.split() for line in text.splitlines() if line.split()[0].isdigit()]


def build_purchases(rows: list[list[str]]) -> list[Purchase]:
    """Return a purchase for each row."""
    days = {date: instant(date) for date in {date for _, date, _, _ in rows}}
    return [
        Purchase(customer_id=customer, at=days[date], amount=Money(dollars, "USD"))
        for customer, date, _, dollars in rows
    ]


def format_share(part: int, whole: int) -> str:
    """Return a count, the whole and the share in per cent as text."""
    return f"{part:>6,} of {whole:,} ({part / whole:.1%})"


def show_inactivity(purchases: list[Purchase]) -> None:
    """Show which gaps between purchases are unusual, and the churn of a quarter."""
    with stage("purchase gaps"):
        gaps = purchase_gaps(purchases)
        thresholds = [inactivity_threshold(gaps, percentile=percentile) for percentile in ("0.5", "0.8", "0.9", "0.95")]
    print("percentiles of the days between two purchases, for all customers who bought again:")
    for threshold in thresholds:
        print(f"  {threshold.percentile:>6.0%}  {threshold.value} days")
    for caution in thresholds[-1].cautions:
        print(f"  {caution}")

    with stage("churn of the last quarter"):
        quarter = Period.quarter(1998, 2)
        churn = Churn.of_purchases(purchases, quarter, churned_after=CHURNED_AFTER)
    print(f"\nApril to June 1998; a customer is lost {CHURNED_AFTER.days} days after the last purchase:")
    print(f"  {churn.start:,} at the start, {churn.lost:,} lost, {churn.lost_and_returned:,} of these came back")
    rate, bounds = churn.rate, churn.interval()
    if rate is not None and bounds is not None:
        print(f"  churn in the quarter {rate:.1%}, 95 % confidence interval {bounds.low:.1%} to {bounds.high:.1%}\n")


def main(path: Path) -> None:
    """Analyse the file stage by stage, and check each total."""
    with stage("read and build"):
        rows = lines(path)
        purchases = build_purchases(rows)
    print(f"{len(purchases):,} purchases since {purchases[0].at:%Y-%m-%d}\n")

    with stage("historic value"):
        everything = lifetime_value.historic(purchases)
        by_customer = HistoricValue.by(purchases, lambda purchase: purchase.customer_id)
    in_file = sum(int(dollars.replace(".", "")) for *_, dollars in rows)
    if everything.revenue != Money(in_file, "USD") / 100 or by_customer.total != everything:
        raise SystemExit("the totals differ from the file")
    average = everything.value / len(by_customer)
    print(f"{everything.value} in total, the same as in the file; {average.quantized()} per customer\n")

    counts = Counter(purchase.customer_id for purchase in purchases)
    loyal = {customer for customer, count in counts.items() if count > 1}
    print(f"bought more than once: {format_share(len(loyal), len(counts))}\n")

    first: dict[Id, datetime] = {}
    for purchase in purchases:
        customer = purchase.customer_id
        first[customer] = min(purchase.at, first.get(customer, purchase.at))
    months = {customer: f"{day:%Y-%m}" for customer, day in first.items()}

    with stage("inactivity"):
        by_month = Inactivity.by(
            purchases, lambda purchase: months[purchase.customer_id], as_of=AS_OF, churned_after=CHURNED_AFTER
        )
    print(f"no purchase for {CHURNED_AFTER.days} days or more on {AS_OF:%Y-%m-%d}, by month of first purchase:")
    for month, inactivity in sorted(by_month.items()):
        print(f"  {month}  {format_share(inactivity.churned, inactivity.customers)}")
    if by_month.total is None or by_month.total.customers != len(counts):
        raise SystemExit("a customer is missing")
    print(f"  {'all':7}  {format_share(by_month.total.churned, by_month.total.customers)}\n")

    show_inactivity(purchases)

    counted = show_values(purchases, months, loyal)
    if counted.customers != len(counts) or counted.revenue != everything.revenue:
        raise SystemExit("a customer or a purchase is missing")


def show_values(purchases: list[Purchase], months: dict[Id, str], loyal: set[Id]) -> Buying:
    """Show what customers have brought, by the month of their first purchase and by whether they bought again."""
    with stage("values by first month and segment"):
        by = Buying.by(
            purchases,
            lambda purchase: (months[purchase.customer_id], purchase.customer_id in loyal),
            tenure=TenureRule.FIRST_TO_LAST,
        )
        worth = HistoricValue.by(purchases, lambda purchase: purchase.customer_id)
        mixes = {
            month: ValueMix.by(
                {customer: worth[customer] for customer in months if months[customer] == month},
                lambda customer: "bought again" if customer in loyal else "bought once",
            )
            for month in sorted(set(months.values()))
        }
    print("value of one customer so far, by month of first purchase:")
    for month, mix in mixes.items():
        parts = [
            f"{part.value.quantized()} if they {name}"
            for name, part in sorted(mix.segments.items())
            if part.value is not None
        ]
        average = "-" if mix.value is None else f"{mix.value.quantized()}"
        print(f"  {month}  {mix.customers:>6,} customers, average {average:>10}: {', '.join(parts)}")
    earliest, latest = min(mixes), max(mixes)
    shift = mixes[latest].since(mixes[earliest])
    print(f"  change of the average from {earliest} to {latest}: {shift.difference.quantized()}, ", end="")
    print(f"{shift.from_values.quantized()} from values and {shift.from_mix.quantized()} from the mix\n")

    bought_again = Buying.total(buying for (_, is_loyal), buying in by.items() if is_loyal)
    expected = bought_again.simple(gross_margin=MARGIN)
    if expected is None:
        raise SystemExit("no customer bought again")
    print(
        f"lifetime value of a customer who buys again (assumed gross margin {MARGIN}, tenure first to last purchase):"
    )
    print(expected.explain())
    for caution in expected.cautions:
        print(f"  {caution.rule}: {caution.message}")
    guard = expected.guard(SPEND)
    print(f"\nspend {SPEND} to win such a customer? {'yes' if guard.allowed else 'no'}, ", end="")
    print(f"{guard.headroom.quantized()} remain" if guard.allowed else f"{guard.excess.quantized()} too much")
    if not guard.allowed and guard.years_needed is not None and expected.years is not None:
        print(f"the customer must stay {guard.years_needed:.2f} years instead of {expected.years:.2f}")
    return Buying.total(by.values())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    with stage("total"):
        main(Path(sys.argv[1]))
