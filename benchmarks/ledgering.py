"""The balance over time: what a moment costs where its age counts, and in a ledger built at once or grown one by one.

The loops written by hand run over the same objects. That of the ageing moments computes ``0.5 ** (age / half_life)`` in
Decimal, once to the 28 digits that are Python's default and so to fewer than the library's forty decimals, and once in
floats, which order and machine may change. That of the ledger keeps the balance after each moment and the lowest.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial

from benchmarks.inputs import SPAN, START, ordinary_moments
from benchmarks.measuring import Row, agree, main, race
from crmcore import Balance, Ledger, LedgerBuilder, MomentOfTruth, Valence

AS_OF = START + SPAN
HALF_LIFE = timedelta(days=180)
ZERO = Decimal(0)


def aged(moments: Iterable[MomentOfTruth]) -> Balance:
    """Weigh by age."""
    return Balance.of(moments, as_of=AS_OF, half_life=HALF_LIFE)


def aged_by_hand(moments: Iterable[MomentOfTruth]) -> tuple[Decimal, Decimal]:
    """The same to 28 digits."""
    half, half_life, microsecond = Decimal("0.5"), HALF_LIFE // timedelta(microseconds=1), timedelta(microseconds=1)
    good = bad = ZERO
    for moment in moments:
        valence = moment.valence
        if valence is not Valence.NEUTRAL:
            weight = moment.severity * half ** (Decimal((AS_OF - moment.at) // microsecond) / half_life)
            if valence is Valence.GOOD:
                good += weight
            else:
                bad += weight
    return good, bad


def aged_by_floats(moments: Iterable[MomentOfTruth]) -> tuple[float, float]:
    """The same in floats."""
    good = bad = 0.0
    for moment in moments:
        valence = moment.valence
        if valence is not Valence.NEUTRAL:
            weight = float(moment.severity) * 0.5 ** ((AS_OF - moment.at) / HALF_LIFE)
            if valence is Valence.GOOD:
                good += weight
            else:
                bad += weight
    return good, bad


def built(moments: Iterable[MomentOfTruth]) -> Ledger:
    """Build a ledger from all moments."""
    return Ledger(moments=moments)


def stream(moments: Iterable[MomentOfTruth]) -> Ledger:
    """Grow a ledger one by one."""
    builder = LedgerBuilder()
    for moment in moments:
        builder.add(moment)
    return builder.ledger()


def ledger_by_hand(moments: Iterable[MomentOfTruth]) -> tuple[list[Decimal], Decimal]:
    """The balance after each moment, in order, and the lowest."""
    value = lowest = ZERO
    values: list[Decimal] = []
    for moment in sorted(moments, key=lambda one: one.at):
        if moment.valence is Valence.GOOD:
            value += moment.severity
        elif moment.valence is Valence.BAD:
            value -= 12 * moment.severity
        values.append(value)
        lowest = min(lowest, value)
    return values, lowest


def half_life(n: int) -> Iterator[Row]:
    """Moments that weigh less the older they are."""
    moments = ordinary_moments(n, n // 10)
    counted = aged(moments)
    agree((round(counted.good, 9), round(counted.bad, 9)), tuple(round(one, 9) for one in aged_by_hand(moments)))
    for name, by_hand in (("Decimal loop", aged_by_hand), ("float loop", aged_by_floats)):
        ours, other = race(partial(aged, moments), partial(by_hand, moments))
        note = f"{1e3 * ours / n:,.1f} µs a moment"
        yield Row(name=f"Balance.of with half_life / {name}", ours=ours, other=other, unit="ms", note=note)


def ledger_built(n: int) -> Iterator[Row]:
    """A ledger built from all, and one grown moment by moment."""
    moments = ordinary_moments(n, n // 10)
    book = built(moments)
    agree(([entry.value for entry in book.entries], min(ZERO, book.lowest or ZERO)), ledger_by_hand(moments))
    for name, build in (("Ledger", built), ("LedgerBuilder", stream)):
        ours, other = race(partial(build, moments), partial(ledger_by_hand, moments))
        note = f"{1e3 * ours / n:,.1f} µs a moment"
        yield Row(name=f"{name} / loop", ours=ours, other=other, unit="ms", note=note)


if __name__ == "__main__":
    main(half_life, ledger_built)
