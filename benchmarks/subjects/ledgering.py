"""The balance over time: moments that weigh less the older they are, and ledgers built at once or one by one.

The library computes ``0.5 ** (age / half_life)`` to forty decimals, the loop in Decimal to 28 digits and the loop in
floats to about 16, which order and machine may change.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial

from benchmarks.harness import Row, Run, benchmark
from benchmarks.inputs import SPAN, START, ordinary_moments
from benchmarks.peers import loops
from crmcore import Balance, Ledger, LedgerBuilder, MomentOfTruth

AS_OF = START + SPAN
HALF_LIFE = timedelta(days=180)


def aged(moments: Iterable[MomentOfTruth]) -> Balance:
    """Weigh by age."""
    return Balance.of(moments, as_of=AS_OF, half_life=HALF_LIFE)


def built(moments: Iterable[MomentOfTruth]) -> Ledger:
    """Build a ledger from all moments."""
    return Ledger(moments=moments)


def stream(moments: Iterable[MomentOfTruth]) -> Ledger:
    """Collect moments one by one, then make a ledger."""
    builder = LedgerBuilder()
    for moment in moments:
        builder.add(moment)
    return builder.ledger()


def rounded(good: Decimal | float, bad: Decimal | float) -> tuple[str, str]:
    """Return sums to as many digits as floats agree on."""
    return f"{good:.6f}", f"{bad:.6f}"


def values_of(book: Ledger) -> tuple[list[Decimal], Decimal]:
    """Return the balance after each moment and the lowest, which is at most the zero before the first."""
    return [entry.value for entry in book.entries], min(Decimal(0), book.lowest or Decimal(0))


@benchmark
def half_life(run: Run) -> Iterator[Row]:
    """Weigh moments by age."""
    moments = ordinary_moments(run.n, run.n // 10)
    yield run.race(
        "Balance.of with half_life / Decimal loop",
        partial(aged, moments),
        partial(loops.aged_balance, moments, AS_OF, HALF_LIFE),
        form=lambda balance: rounded(balance.good, balance.bad),
        other_form=lambda sums: rounded(*sums),
    )
    yield run.race(
        "Balance.of with half_life / float loop",
        partial(aged, moments),
        partial(loops.aged_balance_in_floats, moments, AS_OF, HALF_LIFE),
        form=lambda balance: rounded(balance.good, balance.bad),
        other_form=lambda sums: rounded(*sums),
    )


@benchmark
def ledger_built(run: Run) -> Iterator[Row]:
    """Build a ledger from all moments at once, and one by one."""
    moments = ordinary_moments(run.n, run.n // 10)
    for name, build in (("Ledger", built), ("LedgerBuilder", stream)):
        yield run.race(f"{name} / loop", partial(build, moments), partial(loops.ledger, moments), form=values_of)
