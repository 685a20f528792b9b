"""Compute the churn of a phone company: 7,043 customers, by contract and by tenure, with confidence intervals.

The table is IBM's sample data "Telco customer churn", a CSV file that many sites offer:
``python examples/telco.py path/to/Telco-Customer-Churn.csv``. It has no dates. Tenure is in months, and customers who
are marked as churned left within the last month.
"""

import csv
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from dateutil.relativedelta import relativedelta

from crmcore import Churn, Id, Money, Period, RevenueChurn, Subscription, TimeUnit
from crmcore.retention.churn import HalfLifeBenchmark

MONTH = Period.month(2026, 3)  # any month: it represents the last month of the file
LEFT = MONTH.start + relativedelta(days=14)
BANDS = (12, 24, 48, 72)


def build_subscription(row: Mapping[str, str]) -> Subscription:
    """Return a subscription that is `tenure` months old at the start of the month; tenure 0 means it starts then."""
    months = int(row["tenure"])
    return Subscription(
        customer_id=row["customerID"],
        price=Money(row["MonthlyCharges"], "USD"),
        every=TimeUnit.MONTH,
        started=MONTH.start - relativedelta(months=months),
        ended=LEFT if row["Churn"] == "Yes" else None,
    )


def find_band(months: int) -> str:
    """Return the band of a tenure."""
    upper = next(upper for upper in BANDS if months <= upper)
    return f"up to {upper} months"


def show(title: str, groups: Mapping[str, Churn]) -> None:
    """Print a table of churn rates with their confidence intervals."""
    print(f"\n{title:16} {'start':>6} {'lost':>6} {'rate':>7}  95 % confidence interval")
    for name, churn in groups.items():
        rate, bounds = churn.rate, churn.interval()
        if rate is not None and bounds is not None:
            print(f"{name:16} {churn.start:6,} {churn.lost:6,} {rate:7.1%}  {bounds.low:.1%} to {bounds.high:.1%}")


def main(path: Path) -> None:
    """Count the churn, check the totals and print the tables."""
    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    subscriptions = [build_subscription(row) for row in rows]
    contract = {row["customerID"]: row["Contract"] for row in rows}
    tenure: dict[Id, str] = {row["customerID"]: find_band(int(row["tenure"])) for row in rows}

    by_contract = Churn.by(subscriptions, MONTH, lambda subscription: contract[str(subscription.customer_id)])
    by_tenure = Churn.by(subscriptions, MONTH, lambda subscription: tenure[subscription.customer_id])
    whole = Churn.of(subscriptions, MONTH)
    in_file = len(rows), sum(row["Churn"] == "Yes" for row in rows)
    if (whole.start + whole.joined, whole.lost) != in_file or not whole == by_contract.total == by_tenure.total:
        raise SystemExit("the totals differ from the file")
    print(
        f"{in_file[0]:,} customers, {in_file[1]:,} lost, the same as in the file; {whole.joined} joined in this month"
    )

    show("contract", dict(sorted(by_contract.items())))
    show("tenure", {band: by_tenure[band] for band in map(find_band, BANDS) if band in by_tenure})
    show("all", {"": whole})

    names = sorted(by_contract)
    for before, after in pairwise(names):
        shift = by_contract[after].compared_to(by_contract[before])
        if shift is not None:
            bounds = shift.interval()
            print(f"\n{after} minus {before}: {shift.difference:+.1%}, ", end="")
            print(f"95 % confidence interval {bounds.low:+.1%} to {bounds.high:+.1%}", end="")

    revenue = RevenueChurn.of(subscriptions, MONTH)
    if revenue.lost != Money.total(
        (subscription.price for subscription in subscriptions if subscription.ended), currency="USD"
    ):
        raise SystemExit("the lost revenue differs from the file")
    if revenue.logo_rate is not None and revenue.revenue_rate is not None:
        print(f"\n\nlost: {revenue.logo_rate:.1%} of the customers and {revenue.revenue_rate:.1%} of the revenue")
        print(f"({revenue.lost} of {revenue.start} a month)")
    retention = whole.retention()
    if retention is not None:
        print(f"\nif every month is like this: {HalfLifeBenchmark(retention=retention)}")
        print("(but churn falls with tenure, so each tenure needs its own rate)")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
