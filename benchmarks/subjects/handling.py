"""The clocks of feedback: `handling.clock` with opening hours, and the next instants that are due.

The hand loop is what a caller would write without the room: it walks the states of a history that it trusts. It builds
no record, knows neither `as_of` nor names of states, and has the same calendar, so it is the floor.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from zoneinfo import ZoneInfo

from benchmarks.harness import Row, Run, benchmark, milliseconds
from benchmarks.subjects.opening import HOLIDAYS, WEEK, Clock, clocks
from crmcore import Actor, CaseState, Feedback, FeedbackKind, OpeningHours, handling

OFFICE = OpeningHours(zone=ZoneInfo("Europe/Riga"), **WEEK, holidays=HOLIDAYS)
END = datetime(2026, 7, 1, tzinfo=UTC)
PAUSED, OVER = CaseState.WAITING_ON_CUSTOMER, CaseState.RESOLVED
TARGET = timedelta(hours=16)
Lengths = tuple[timedelta, timedelta, timedelta]


@cache
def cases(n: int) -> list[Feedback]:
    """Return problems with six entries each: taken up, answered, paused, taken up again, answered, resolved."""
    return [
        Feedback(
            kind=FeedbackKind.PROBLEM,
            received_at=start,
            id=number,
            history=(
                (CaseState.OPEN, start + (end - start) / 8, Actor.EMPLOYEE),
                (CaseState.MESSAGE, start + (end - start) / 6, Actor.EMPLOYEE),
                (PAUSED, start + (end - start) / 5, Actor.EMPLOYEE),
                (CaseState.OPEN, start + (end - start) / 2, Actor.CUSTOMER),
                (CaseState.MESSAGE, start + (end - start) / 2, Actor.EMPLOYEE),
                (OVER, end, Actor.EMPLOYEE),
            ),
        )
        for number, (start, end) in enumerate(clocks(n))
    ]


def read_clocks(given: Iterable[Feedback]) -> Lengths:
    """Return the sums of all clocks."""
    running = paused = stopped = timedelta(0)
    for case in given:
        read = handling.clock(case, as_of=END, hours=OFFICE)
        running += read.running
        paused += read.paused
        stopped += read.stopped
    return running, paused, stopped


def walk_histories(given: Iterable[Feedback]) -> Lengths:
    """Return the same in a hand loop."""
    running = paused = stopped = timedelta(0)
    elapsed = OFFICE.elapsed
    for case in given:
        state, since = CaseState.NEW, case.received_at
        for entered, at, _ in (*case.history, (None, END, None)):
            if entered is CaseState.MESSAGE:
                continue
            length = elapsed(since, at)
            if state is OVER:
                stopped += length
            elif state is PAUSED:
                paused += length
            else:
                running += length
            if entered is not None:
                state, since = entered, at
    return running, paused, stopped


def find_due(starts: Iterable[Clock]) -> datetime:
    """Return the last instant that is due."""
    return max(OFFICE.due(start, TARGET) for start, _ in starts)


def count_elapsed(pairs: Iterable[Clock]) -> timedelta:
    """Return the sum of all open times."""
    return sum((OFFICE.elapsed(start, end) for start, end in pairs), timedelta(0))


@benchmark
def clocks_of_cases(run: Run) -> Iterator[Row]:
    """Read the clock of each case."""
    given = cases(run.n)
    yield run.race(
        "handling.clock / a hand loop on the same calendar",
        partial(read_clocks, given),
        partial(walk_histories, given),
        aim=2,
        note="5 stretches each; the loop checks nothing",
    )


@benchmark
def twice_as_many(run: Run) -> Iterator[Row]:
    """Time each function on half as much: linear growth is a ratio of 2."""
    half = max(run.n // 2, 1)
    pairs, given = clocks(run.n), cases(run.n)
    asks: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "handling.clock": (partial(read_clocks, given), partial(read_clocks, given[:half])),
        "OpeningHours.elapsed": (partial(count_elapsed, pairs), partial(count_elapsed, pairs[:half])),
        "OpeningHours.due": (partial(find_due, pairs), partial(find_due, pairs[:half])),
    }
    for name, (whole, part) in asks.items():
        ours, other = run.medians(partial(milliseconds, whole), partial(milliseconds, part))
        yield Row(name=f"{name} of n / of n/2", ours=ours, other=other, aim=2.3, note="linear growth is 2")
