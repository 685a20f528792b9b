"""Adding up money: `Money.total` against a loop that checks the currency, and against the builtin `sum`."""

from collections.abc import Iterator
from functools import partial

from benchmarks.harness import Row, Run, benchmark
from benchmarks.inputs import monies
from benchmarks.peers import loops
from crmcore import Money


@benchmark
def money_total(run: Run) -> Iterator[Row]:
    """Add up all amounts."""
    amounts = monies(run.n)
    ours = partial(Money.total, amounts)
    yield run.race("Money.total / loop", ours, partial(loops.total, amounts), aim=2, note="it checks the currency too")
    by_sum = partial(sum, amounts, start=Money.zero("EUR"))
    yield run.race("Money.total / sum", ours, by_sum, note="which makes a Money of every step")
