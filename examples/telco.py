"""A phone company's customers: 7,043 of them, who left in the last month, by contract and by tenure, with bounds.

The table is IBM's sample data "Telco customer churn", a CSV that many sites hand out:
``python examples/telco.py path/to/Telco-Customer-Churn.csv``. It has no dates: tenure is in months, and whoever is
marked as churned left within the last month.
"""

import csv
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from dateutil.relativedelta import relativedelta

from crmcore import Churn, Id, Money, Period, RevenueChurn, Subscription, TimeUnit
from crmcore.retention.churn import HalfLifeBenchmark

MONTH = Period.month(2026, 3)  # any month does: it stands for the file's last one
LEFT = MONTH.start + relativedelta(days=14)
BANDS = (12, 24, 48, 72)


def subscription(row: Mapping[str, str]) -> Subscription:
    """A customer of so many months at the month's start; one of none has joined in the month."""
    months = int(row["tenure"])
    return Subscription(
        customer_id=row["customerID"],
        price=Money(row["MonthlyCharges"], "USD"),
        every=TimeUnit.MONTH,
        started=MONTH.start - relativedelta(months=months),
        ended=LEFT if row["Churn"] == "Yes" else None,
    )


def band(months: int) -> str:
    """The band of a tenure."""
    upper = next(upper for upper in BANDS if months <= upper)
    return f"up to {upper} months"


def show(title: str, groups: Mapping[str, Churn]) -> None:
    """Print a table of churn with its bounds."""
    print(f"\n{title:16} {'start':>6} {'lost':>6} {'rate':>7}  bounds at 95 per cent")
    for name, churn in groups.items():
        rate, bounds = churn.rate, churn.interval()
        if rate is not None and bounds is not None:
            print(f"{name:16} {churn.start:6,} {churn.lost:6,} {rate:7.1%}  {bounds.low:.1%} to {bounds.high:.1%}")


def main(path: Path) -> None:
    """Count, check against the file, and show."""
    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    plans = [subscription(row) for row in rows]
    contract = {row["customerID"]: row["Contract"] for row in rows}
    tenure: dict[Id, str] = {row["customerID"]: band(int(row["tenure"])) for row in rows}

    by_contract = Churn.by(plans, MONTH, lambda plan: contract[str(plan.customer_id)])
    by_tenure = Churn.by(plans, MONTH, lambda plan: tenure[plan.customer_id])
    whole = Churn.of(plans, MONTH)
    in_file = len(rows), sum(row["Churn"] == "Yes" for row in rows)
    if (whole.start + whole.joined, whole.lost) != in_file or not whole == by_contract.total == by_tenure.total:
        raise SystemExit("the totals do not agree with the file")
    print(f"{in_file[0]:,} customers, {in_file[1]:,} of them lost, as the file says; {whole.joined} have just joined")

    show("contract", dict(sorted(by_contract.items())))
    show("tenure", {band(upper): by_tenure[band(upper)] for upper in BANDS if band(upper) in by_tenure})
    show("all", {"": whole})

    names = sorted(by_contract)
    for one, other in pairwise(names):
        shift = by_contract[other].compared_to(by_contract[one])
        if shift is not None:
            bounds = shift.interval()
            print(
                f"\n{other} less {one}: {shift.difference:+.1%}, from {bounds.low:+.1%} to {bounds.high:+.1%}", end=""
            )

    revenue = RevenueChurn.of(plans, MONTH)
    if revenue.lost != Money.total((plan.price for plan in plans if plan.ended), currency="USD"):
        raise SystemExit("the lost revenue does not agree with the file")
    if revenue.logo_rate is not None and revenue.revenue_rate is not None:
        print(f"\n\nof the customers {revenue.logo_rate:.1%} left, of the revenue {revenue.revenue_rate:.1%}")
        print(f"({revenue.lost} of {revenue.start} a month)")
    retention = whole.retention()
    if retention is not None:
        print(f"\nif every month were so: {HalfLifeBenchmark(retention=retention)}")
        print("(it will not be: the longer they stay, the fewer leave, so that each tenure needs a rate of its own)")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
