"""A shop's real log: 69,659 purchases of 23,570 customers, from the file to what they are worth and who fell silent.

The log is CDNOW's (Fader and Hardie), customers who first bought in the first quarter of 1997. It travels inside the
wheel of the `lifetimes` package: ``python examples/cdnow.py path/to/lifetimes.whl`` (a plain text file does as well).
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
AS_OF = instant("1998-07-01")  # the day after the log ends
SILENT = timedelta(days=180)
MARGIN = Decimal("0.3")  # an assumption, to be replaced by the shop's own
SPEND = Money(50, "USD")  # what somebody proposes to spend on winning one more such customer


@contextmanager
def stage(name: str) -> Generator[None]:
    """Print how long a stage took."""
    start = time.process_time()
    yield
    print(f"  [{name}: {time.process_time() - start:.2f} s of processor time]")


def lines(path: Path) -> list[list[str]]:
    """Read customer, date, number of discs and dollars from the log, or from the wheel it travels in."""
    if is_zipfile(path):
        with ZipFile(path) as wheel:
            text = wheel.read(MEMBER).decode()
    else:
        text = path.read_text()
    return [line.split() for line in text.splitlines() if line.split()[0].isdigit()]


def purchases_from(rows: list[list[str]]) -> list[Purchase]:
    """Turn the file's words into purchases."""
    days = {word: instant(word) for word in {date for _, date, _, _ in rows}}
    return [
        Purchase(customer_id=customer, at=days[date], amount=Money(dollars, "USD"))
        for customer, date, _, dollars in rows
    ]


def share(part: int, whole: int) -> str:
    """A share in per cent."""
    return f"{part:>6,} of {whole:,} ({part / whole:.1%})"


def silences(purchases: list[Purchase]) -> None:
    """Tell which silences are unusual, and who left by one in a quarter."""
    with stage("how long a silence is unusual"):
        gaps = purchase_gaps(purchases)
        thresholds = [inactivity_threshold(gaps, percentile=percentile) for percentile in ("0.5", "0.8", "0.9", "0.95")]
    print("days between two purchases that a share of the gaps do not exceed, pooled over all who came back:")
    for threshold in thresholds:
        print(f"  {threshold.percentile:>6.0%}  {threshold.value} days")
    for caution in thresholds[-1].cautions:
        print(f"  {caution}")

    with stage("who left in the last quarter"):
        quarter = Period.quarter(1998, 2)
        left = Churn.of_purchases(purchases, quarter, churned_after=SILENT)
    print(f"\nthere until {SILENT.days} days after the last purchase; April to June 1998:")
    print(f"  there at the start {left.start:,}, lost {left.lost:,}, of them back {left.lost_and_returned:,}")
    rate, bounds = left.rate, left.interval()
    if rate is not None and bounds is not None:
        print(f"  churn {rate:.1%} in the quarter, from {bounds.low:.1%} to {bounds.high:.1%}\n")


def main(path: Path) -> None:
    """Tell the log's story stage by stage, each total checked against the file."""
    with stage("read and build"):
        rows = lines(path)
        purchases = purchases_from(rows)
    print(f"{len(purchases):,} purchases, from {purchases[0].at:%Y-%m-%d} on\n")

    with stage("historic value"):
        everything = lifetime_value.historic(purchases)
        by_customer = HistoricValue.by(purchases, lambda purchase: purchase.customer_id)
    in_file = sum(int(dollars.replace(".", "")) for *_, dollars in rows)
    if everything.revenue != Money(in_file, "USD") / 100 or by_customer.total != everything:
        raise SystemExit("the totals do not agree with the file")
    average = everything.value / len(by_customer)
    print(f"{everything.value} in all, as the file says; {average.quantized()} a customer\n")

    bought = Counter(purchase.customer_id for purchase in purchases)
    repeaters = sum(times > 1 for times in bought.values())
    print(f"bought more than once: {share(repeaters, len(bought))}\n")

    first: dict[Id, datetime] = {}
    last: dict[Id, datetime] = {}
    for purchase in purchases:
        who = purchase.customer_id
        first[who] = min(purchase.at, first.get(who, purchase.at))
        last[who] = max(purchase.at, last.get(who, purchase.at))

    with stage("who has fallen silent"):
        silent = Inactivity.by(
            purchases, lambda purchase: f"{first[purchase.customer_id]:%Y-%m}", as_of=AS_OF, churned_after=SILENT
        )
    print(f"silent for {SILENT.days} days or more on {AS_OF:%Y-%m-%d}, by month of first purchase:")
    for month, judged in sorted(silent.items()):
        print(f"  {month}  {share(judged.churned, judged.customers)}")
    if silent.total is None or silent.total.customers != len(bought):
        raise SystemExit("a customer was lost")
    print(f"  {'all':7}  {share(silent.total.churned, silent.total.customers)}\n")

    silences(purchases)

    months = {who: f"{day:%Y-%m}" for who, day in first.items()}
    counted = values(purchases, months, {who for who, times in bought.items() if times > 1})
    if counted.customers != len(bought) or counted.revenue != everything.revenue:
        raise SystemExit("a customer or a purchase was lost")


def values(purchases: list[Purchase], months: dict[Id, str], loyal: set[Id]) -> Buying:
    """Tell what customers have brought, by the month of their first purchase and by whether they came back."""
    with stage("values by first month and segment"):
        by = Buying.by(
            purchases,
            lambda purchase: (months[purchase.customer_id], purchase.customer_id in loyal),
            tenure=TenureRule.FIRST_TO_LAST,
        )
        worth = HistoricValue.by(purchases, lambda purchase: purchase.customer_id)
        mixes = {
            month: ValueMix.by(
                {who: worth[who] for who in months if months[who] == month},
                lambda who: "came back" if who in loyal else "bought once",
            )
            for month in sorted(set(months.values()))
        }
    print("brought so far by one customer, by month of first purchase:")
    for month, mix in mixes.items():
        parts = [
            f"{part.value.quantized()} of those who {name}"
            for name, part in sorted(mix.segments.items(), reverse=True)
            if part.value is not None
        ]
        each = "-" if mix.value is None else f"{mix.value.quantized()}"
        print(f"  {month}  {mix.customers:>6,} customers, {each:>10} each: {', '.join(parts)}")
    earliest, latest = min(mixes), max(mixes)
    shift = mixes[latest].since(mixes[earliest])
    print(f"  from {earliest} to {latest} {shift.difference.quantized()}, ", end="")
    print(f"of it {shift.from_values.quantized()} from values and {shift.from_mix.quantized()} from the mix\n")

    came_back = Buying.total(buying for (_, is_loyal), buying in by.items() if is_loyal)
    expected = came_back.simple(gross_margin=MARGIN)
    if expected is None:
        raise SystemExit("nobody came back")
    print(f"one who comes back, at a gross margin of {MARGIN} (assumed; tenure is first to last purchase so far):")
    print(expected.explain())
    for caution in expected.cautions:
        print(f"  {caution.rule}: {caution.message}")
    guard = expected.guard(SPEND)
    print(f"\nspend {SPEND} on winning one? {'yes' if guard.allowed else 'no'}, ", end="")
    print(f"{guard.headroom.quantized()} to spare" if guard.allowed else f"{guard.excess.quantized()} too much")
    if not guard.allowed and guard.years_needed is not None and expected.years is not None:
        print(f"he would have to stay {guard.years_needed:.2f} years instead of {expected.years:.2f}")
    return Buying.total(by.values())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    with stage("all"):
        main(Path(sys.argv[1]))
