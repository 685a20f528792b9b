"""Read the clocks of 4,580 tickets of a help desk: whose turn it was, how long answers took, what was opened again.

    python examples/helpdesk.py helpdesk.csv

Control charts say when the number of tickets a month left what it was, for each seriousness; in this file all tickets
have the same one.

The file is an event log of the help desk of an Italian software company from 2010 to 2014, published by the University
of Padova through 4TU (doi 10.4121/uuid:0c60edf1-6f83-4e75-9367-4c63b3e9d5bb), as text or compressed with gzip. It has a
row for each event. Its times have no zone; here they are read as UTC, so a ticket over a change of the clocks may be
off by an hour. "Wait" pauses the clock. This example writes nothing and sends nothing.
"""

import csv
import gzip
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import mean, stdev
from typing import Final

from crmcore import (
    Actor,
    AfterSignal,
    CaseState,
    Compliance,
    CusumChart,
    EwmaChart,
    Feedback,
    FeedbackKind,
    Period,
    ResolutionReading,
    TimeByParty,
    TimeUnit,
    handling,
)
from crmcore.voice.handling import CaseClock, ClockState, Wait

DAY: Final = timedelta(days=1)
BASELINE: Final = 12
"""The number of full months that count as stable."""
TARGETS: Final = (7 * DAY, 30 * DAY, 60 * DAY)
STATES: Final = {
    "Wait": CaseState.WAITING_ON_CUSTOMER,
    "Resolve ticket": CaseState.RESOLVED,
    "Closed": CaseState.CLOSED,
}
"""The state after an event. Any other event is work on the ticket."""

INTAKE: Final = ("Insert ticket", "Assign seriousness")
"""The events that leave a ticket new, unless an employee has worked on it before."""

_Events = list[tuple[datetime, str]]


def read(path: Path) -> list[Feedback]:
    """Return the tickets, each with its history."""
    events: dict[str, _Events] = {}
    customers: dict[str, str] = {}
    seriousness: dict[str, str] = {}
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            at = datetime.strptime(row["Complete Timestamp"], "%Y/%m/%d %H:%M:%S.%f").replace(tzinfo=UTC)
            events.setdefault(row["Case ID"], []).append((at, row["Activity"]))
            customers.setdefault(row["Case ID"], row["customer"])  # seven tickets change theirs later
            seriousness.setdefault(row["Case ID"], row["seriousness"])
    return [build_ticket(ticket, customers[ticket], seriousness[ticket], found) for ticket, found in events.items()]


def build_ticket(ticket: str, customer: str, seriousness: str, events: _Events) -> Feedback:
    """Return a ticket that was received at its first event."""
    in_order = sorted(events, key=lambda event: event[0])
    history: list[tuple[CaseState, datetime, Actor]] = []
    state = CaseState.NEW
    for at, activity in in_order:
        if state is not CaseState.NEW or activity not in INTAKE:
            state = STATES.get(activity, CaseState.OPEN)
        history.append((state, at, Actor.EMPLOYEE))
    return Feedback(
        kind=FeedbackKind.PROBLEM,
        received_at=in_order[0][0],
        customer_id=customer,
        category=seriousness,
        history=history,
        id=ticket,
    )


def add(lengths: Iterable[timedelta]) -> timedelta:
    """Return the sum of durations."""
    return sum(lengths, timedelta(0))


def show_clocks(clocks: Iterable[CaseClock]) -> None:
    """Print how long the clocks ran, paused and were stopped, and how many do at the end."""
    read_clocks = list(clocks)
    lengths: Mapping[ClockState, timedelta] = {
        ClockState.RUNNING: add(clock.running for clock in read_clocks),
        ClockState.PAUSED: add(clock.paused for clock in read_clocks),
        ClockState.STOPPED: add(clock.stopped for clock in read_clocks),
    }
    for state, length in lengths.items():
        now = sum(clock.state is state for clock in read_clocks)
        print(f"  {state.value:<8} {length.days:>9,} days {length % DAY!s:>8}  {now:>5,} at the end")


def show_waits(waits: Mapping[ResolutionReading, list[Wait]]) -> None:
    """Print how long a resolution took, by each reading, and how many met a target on the clock."""
    print("\nDays until a ticket is resolved  median    mean  longest  not yet")
    for reading, found in waits.items():
        summary = handling.summary(found)
        if summary.median_hours is not None and summary.mean_hours is not None and summary.longest_hours is not None:
            figures = (summary.median_hours / 24, summary.mean_hours / 24, summary.longest_hours / 24)
            median, mean, longest = (f"{figure:.1f}" for figure in figures)
            print(f"  {reading.value:<30} {median:>6} {mean:>7} {longest:>8} {summary.lasting:>8}")
    print("\nResolved in time, by the clock")
    for target in TARGETS:
        kept = Compliance.of(waits[ResolutionReading.ON_CLOCK], target=target)
        bounds = kept.interval()
        if kept.rate is not None and bounds is not None:
            share = f"{kept.rate:6.1%}  {bounds.low:6.1%} to {bounds.high:6.1%}"
            counts = f"{kept.met:,} met, {kept.late:,} late, {kept.overdue:,} overdue, {kept.pending:,} pending"
            print(f"  within {target.days:>2} days {share}  {counts}")


def show_months(tickets: Iterable[Feedback]) -> None:
    """Print when charts noticed that the tickets a month became more or fewer than in the first full months."""
    received = [
        (ticket.category, Period.month(ticket.received_at.year, ticket.received_at.month)) for ticket in tickets
    ]
    counts = Counter(received)
    first, last = (choose((month for _, month in received), key=lambda month: month.start) for choose in (min, max))
    months = Period(first.start, last.end).split(TimeUnit.MONTH)[1:-1]  # the first and the last may not be full
    print(f"\nTickets a month, against the first {BASELINE} full months")
    if len(months) <= BASELINE:
        print("  too few months")
        return
    for seriousness in dict.fromkeys(name for name, _ in received):
        numbers = [Decimal(counts[seriousness, month]) for month in months]
        target, sigma = mean(numbers[:BASELINE]), stdev(numbers[:BASELINE])
        print(f"  seriousness {seriousness}: {sum(numbers):,} tickets, {target:.1f} +- {sigma:.1f} a month at first")
        if sigma:
            ewma = EwmaChart(target=target, sigma=sigma)
            cusum = CusumChart(target=target, sigma=sigma, after_signal=AfterSignal.RESTART)
            later = numbers[BASELINE:]
            for name, points in (("EWMA", ewma.run(later)), ("CUSUM", cusum.run(later))):
                alarms = [(months[BASELINE + point.period], point.rise) for point in points if point.signal]
                shown = (
                    ", ".join(f"{at.start:%Y-%m} {'more' if more else 'fewer'}" for at, more in alarms[:1]) or "none"
                )
                print(f"    {name:<5}  first alarm {shown}; {len(alarms)} in {len(later)} months")


def main(path: Path) -> None:
    """Read the clocks, check the totals and print the tables."""
    tickets = read(path)
    events = sum(len(ticket.history) for ticket in tickets)
    customers = len({ticket.customer_id for ticket in tickets})
    end = max(at for ticket in tickets for _, at, _ in ticket.history)
    print(
        f"{events:,} events, {len(tickets):,} tickets, {customers:,} customers; the clocks are read at {end:%Y-%m-%d}"
    )

    clocks = [handling.clock(ticket, as_of=end) for ticket in tickets]
    on_the_clocks = add(clock.running + clock.paused + clock.stopped for clock in clocks)
    if on_the_clocks != add(end - ticket.received_at for ticket in tickets):
        raise SystemExit("the clocks differ from the time since the tickets were received")
    print()
    show_clocks(clocks)

    time = TimeByParty.of(tickets, as_of=end)
    print("\nWhose turn it was, until a ticket is resolved")
    for name, hours in (
        ("new, not taken up", time.work_hours - time.open_seconds / 3600),
        ("the company's work", time.open_seconds / 3600),
        ("the customer's turn", time.company_hours),
    ):
        print(f"  {name:<20} {hours / 24:>8,.0f} days {hours / time.hours:>6.1%}")

    show_waits(
        {
            reading: [handling.resolution(ticket, reading, as_of=end) for ticket in tickets]
            for reading in ResolutionReading
        }
    )
    again = [handling.reopenings(ticket, as_of=end) for ticket in tickets]
    share = sum(map(bool, again)) / len(tickets)
    print(f"\n{sum(again):,} reopenings, of {sum(map(bool, again)):,} tickets ({share:.1%})")
    show_months(tickets)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
