"""Finding customers who have fallen silent: `Inactivity.of` against a loop."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial

from benchmarks.harness import Row, Run, benchmark
from benchmarks.inputs import SPAN, START, purchases
from benchmarks.peers import loops
from crmcore import Inactivity, Purchase

AS_OF = START + SPAN
CHURNED_AFTER = timedelta(days=60)
AT_RISK_AFTER = timedelta(days=30)


def inactivity(bought: Iterable[Purchase]) -> Inactivity:
    """Judge the customers."""
    return Inactivity.of(bought, as_of=AS_OF, churned_after=CHURNED_AFTER, at_risk_after=AT_RISK_AFTER)


def counts_of(found: Inactivity) -> tuple[int, int, int]:
    """Return the counts of a record."""
    return found.active, found.at_risk, found.churned


@benchmark
def inactivity_of(run: Run) -> Iterator[Row]:
    """Judge the customers of all purchases."""
    bought = purchases(run.n)
    other = partial(loops.inactivity, bought, AS_OF, CHURNED_AFTER, AT_RISK_AFTER)
    note = f"{run.n // 10:,} customers"
    yield run.race("Inactivity.of / loop", partial(inactivity, bought), other, form=counts_of, note=note)
