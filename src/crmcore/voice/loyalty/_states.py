"""The level of each customer at the end of each of several periods."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Set as AbstractSet
from datetime import datetime
from itertools import pairwise
from typing import Any

import attrs

from crmcore.model.reading import Reading, SubjectKind
from crmcore.primitives import checks
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.periods import Period, in_utc
from crmcore.voice.loyalty._levels import LevelRule, as_levels, as_rules
from crmcore.voice.loyalty._standing import RankedReadings

__all__: list[str] = []  # for the room alone

_Last = dict[Id, tuple[datetime, int]]


@attrs.frozen
class Snapshot:
    """A base at one time.

    Attributes:
        ranks: The place of the level of each customer who has one.
        base: All customers, with and without a level.
        unknown: How many of them never had one.
    """

    ranks: Mapping[Id, int]
    base: AbstractSet[Id]
    unknown: int = 0


@attrs.frozen
class Step:
    """A base at the end of a period and at the end of the one before, and who left in between."""

    period: Period
    before: Snapshot | None
    after: Snapshot
    gone: list[Id]


@attrs.frozen
class States:
    """The steps from period to period, which are made one after the other, because each is as large as the base."""

    levels: tuple[str, ...]
    periods: list[Period]
    slots: list[_Last]
    bare: list[dict[Id, datetime]]
    """The last reading without a level, for each slot and customer."""
    left: Mapping[Id, datetime]

    def __iter__(self) -> Iterator[Step]:
        seen: set[Id] = set()
        bare: set[Id] = set()  # of those who never had a level
        last: dict[Id, datetime] = {}  # of those who left at some time
        before: Snapshot | None = None
        for place, period in enumerate(self.periods):
            between, within = self.slots[2 * place : 2 * place + 2]
            others = self.bare[2 * place : 2 * place + 2]
            ranks = {customer_id: rank for customer_id, (_, rank) in within.items()}
            bare = bare.union(*others).difference(seen, between, within) if bare or any(others) else bare
            seen = seen.union(between, within)
            for slot, other in zip((between, within), others, strict=True):
                for one in self.left:
                    found = [at for at in (slot[one][0] if one in slot else None, other.get(one)) if at is not None]
                    if found:
                        last[one] = max(found)
            end = in_utc(period.end)
            away = [one for one, at in self.left.items() if at < end and (one not in last or last[one] <= at)]
            for one in away:
                ranks.pop(one, None)
            here = bare.difference(away) if away else bare
            base = seen.difference(away) if away else seen
            after = Snapshot(ranks, base | here if here else base, len(here))
            gone: list[Id] = []
            if before is not None:
                start = in_utc(self.periods[place - 1].end)
                gone = [one for one in away if one in before.base or self.left[one] >= start]
            yield Step(period, before, after, gone)
            before = after


def check_apart(periods: list[Period], name: str) -> None:
    """Check that periods in order of their start do not overlap."""
    for earlier, later in pairwise(periods):
        if earlier.overlaps(later):
            raise InvalidValueError(
                "periods_overlap",
                f"{name} must not overlap, got {earlier} and {later}",
                field=name,
                advice="count each kind of period by itself",
                operands=(earlier, later),
            )


def read_states(
    readings: Iterable[Reading],
    periods: Iterable[Period],
    *,
    levels: Iterable[str],
    rules: Iterable[LevelRule] | None,
    gone: Mapping[Any, datetime] | None,
) -> States:
    """Find the last level of each customer in each period, in a single pass over the readings."""
    names = as_levels(levels)
    given = sorted(
        dict.fromkeys(checks.iterate_records(periods, Period, "periods")), key=lambda period: in_utc(period.start)
    )
    check_apart(given, "periods")
    left = _as_left(gone)
    bounds = [in_utc(bound) for period in given for bound in (period.start, period.end)]
    slots: list[_Last] = [{} for _ in range(len(bounds) + 1)]  # the odd ones are periods, the others lie between
    bare: list[dict[Id, datetime]] = [{} for _ in slots]

    def leave_out(customer_id: Id, at: datetime) -> None:
        slot = bare[bisect_right(bounds, at)]
        slot[customer_id] = max(at, slot.get(customer_id, at))

    if given:
        ranked = RankedReadings(names, as_rules(rules, names), SubjectKind.CUSTOMER, bounds[-1])
        for customer_id, at, rank, _ in ranked.iterate(readings, leave_out):
            slot = slots[bisect_right(bounds, at)]
            known = slot.get(customer_id)
            if known is None or known[0] < at or (known[1] < rank and known[0] == at):
                slot[customer_id] = (at, rank)
    return States(names, given, slots, bare, left)


def _as_left(gone: Mapping[Any, datetime] | None) -> dict[Id, datetime]:
    if gone is None:
        return {}
    checks.check_mapping(gone, "gone", "customers to instants")
    return {
        as_id(customer_id, "gone"): in_utc(checks.as_instant(left_at, f"gone[{place}]"))
        for place, (customer_id, left_at) in enumerate(gone.items())
    }
