"""Counting moments of truth: how many were good and bad, and what they weigh."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from functools import partial
from itertools import compress
from operator import is_
from typing import TypeVar

from crmcore.model.moment import MomentOfTruth, Valence
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ONE, ZERO
from crmcore.primitives.errors import WrongTypeError
from crmcore.primitives.grouping import KeyGuard, in_one_group, is_repeated
from crmcore.primitives.ids import Id
from crmcore.primitives.table import Table, as_columns
from crmcore.service.balance._weighing import Weigher, find_place

_K = TypeVar("_K", bound=Hashable)


class Sums:
    """The sums so far: moments of weight one by number, all others by weight.

    There is one object for each group, and there may be many groups. Defaults on the class make a new object cheap.
    """

    good: int = 0
    bad: int = 0
    neutral: int = 0
    good_weight: Decimal = ZERO
    bad_weight: Decimal = ZERO

    def add(self, valence: Valence, weight: Decimal | None, number: int = 1) -> None:
        """Add a number of moments that weigh the same; outside the window they add nothing."""
        if weight is None:
            return
        if valence is Valence.NEUTRAL:
            self.neutral += number
            return
        weight = weight if number == 1 else EXACT.multiply(weight, number)
        if valence is Valence.GOOD:
            self.good_weight = EXACT.add(self.good_weight, weight)
        else:
            self.bad_weight = EXACT.add(self.bad_weight, weight)

    @property
    def all_good(self) -> Decimal:
        """The weight of all good moments."""
        return _add_number(self.good, self.good_weight)

    @property
    def all_bad(self) -> Decimal:
        """The weight of all bad moments."""
        return _add_number(self.bad, self.bad_weight)


def count(moments: Iterable[MomentOfTruth], weigher: Weigher | None) -> Sums:
    """Return the sums of moments. Without a weigher every moment weighs its severity."""
    sums = Sums()
    add = EXACT.add
    good_valence, bad_valence = Valence.GOOD, Valence.BAD
    if weigher is not None or isinstance(moments, Table):
        return count_by(moments, in_one_group, weigher).get(None, sums)
    good = bad = neutral = first = 0
    seen: dict[Id, MomentOfTruth] = {}
    # in lists, 1.7x as fast as `count_by` with one group, at 200,000 moments: benchmarks/subjects/counting.py
    for chunk in _list_chunks(moments):
        _check_chunk(chunk, first)
        for moment in chunk:
            if moment.id is not None and is_repeated(moment, seen, "moments"):
                continue
            severity, valence = moment.severity, moment.valence
            if valence is good_valence:
                if severity is ONE:
                    good += 1
                else:
                    sums.good_weight = add(sums.good_weight, severity)
            elif valence is bad_valence:
                if severity is ONE:
                    bad += 1
                else:
                    sums.bad_weight = add(sums.bad_weight, severity)
            else:
                neutral += 1
        first += len(chunk)
    sums.good += good
    sums.bad += bad
    sums.neutral += neutral
    return sums


def count_by(  # noqa: C901, PLR0912 - a call for each branch would cost a third of the time
    moments: Iterable[MomentOfTruth], key: Callable[[MomentOfTruth], _K], weigher: Weigher | None
) -> dict[_K, Sums]:
    """Return the sums of the moments of each key."""
    checks.check_callable(key, "key", "lambda moment: moment.employee_id")
    if weigher is None and (counted := _count_columns(moments, key)) is not None:
        return counted
    rows: defaultdict[_K, Sums] = defaultdict(Sums)
    add = EXACT.add
    good_valence, bad_valence = Valence.GOOD, Valence.BAD
    seen: dict[Id, MomentOfTruth] = {}
    guard = KeyGuard(rows)
    kind: type | None = None
    first = 0
    for chunk in _list_chunks(moments):
        for moment in chunk:
            if type(moment) is not MomentOfTruth:
                _check_is_moment(moment, chunk, first)
            if moment.id is not None and is_repeated(moment, seen, "moments"):
                continue
            group = key(moment)
            if type(group) is not kind:
                kind = guard.admit(group)
            sums = rows[group]
            severity, valence = moment.severity, moment.valence
            if weigher is not None:
                sums.add(valence, weigher.weigh(moment, chunk, first))
            elif valence is good_valence:
                if severity is ONE:
                    sums.good += 1
                else:
                    sums.good_weight = add(sums.good_weight, severity)
            elif valence is bad_valence:
                if severity is ONE:
                    sums.bad += 1
                else:
                    sums.bad_weight = add(sums.bad_weight, severity)
            else:
                sums.neutral += 1
        first += len(chunk)
    return rows


def _count_columns(moments: Iterable[MomentOfTruth], key: Callable[[MomentOfTruth], _K]) -> dict[_K, Sums] | None:
    """Return the sums of each key straight from the columns of a table; None if it has to be counted row by row."""
    table = as_columns(moments, MomentOfTruth)
    keys = None if table is None else table.keys_by(key)
    if table is None or keys is None:
        return None
    rows: dict[_K, Sums] = {group: Sums() for group in dict.fromkeys(keys)}
    KeyGuard().check(rows)
    for valence in Valence:
        chosen = [*map(partial(is_, valence), table.column("valence"))]
        if valence is Valence.NEUTRAL or "severity" not in table.fields:
            for group, number in Counter(compress(keys, chosen)).items():
                setattr(rows[group], valence.value, number)
        else:
            name = f"{valence.value}_weight"
            for group, severity in compress(zip(keys, table.column("severity"), strict=True), chosen):
                setattr(rows[group], name, EXACT.add(getattr(rows[group], name), severity))
    return rows


def _list_chunks(moments: Iterable[MomentOfTruth]) -> Iterable[list[MomentOfTruth]]:
    """Return the moments as they are if they are a list, or some thousands at a time."""
    return (moments,) if isinstance(moments, list) else checks.iterate_chunks(moments, "moments", "MomentOfTruth")


def _check_chunk(chunk: list[MomentOfTruth], first: int) -> None:
    if {*map(type, chunk)} != {MomentOfTruth}:
        for moment in chunk:
            _check_is_moment(moment, chunk, first)


def _check_is_moment(item: object, chunk: list[MomentOfTruth], first: int) -> None:
    """Refuse anything but a moment, such as a piece of feedback, which also has a valence and a severity."""
    if isinstance(item, MomentOfTruth):
        return
    from crmcore.model.feedback import Feedback  # noqa: PLC0415 - 5 ms, and only this message needs it

    place = find_place(item, chunk, first)
    if isinstance(item, Feedback):
        raise WrongTypeError(
            "feedback_for_a_moment",
            f"moments[{place}] must be a MomentOfTruth, got a Feedback",
            field="moments",
            advice="make moments of it with moments_from",
            record=place,
        )
    checks.as_instance(item, MomentOfTruth, f"moments[{place}]")


def _add_number(number: int, weight: Decimal) -> Decimal:
    """Return the weight of a number of moments of weight one and of all others, without trailing zeros."""
    if not weight:
        return Decimal(number)
    return EXACT.add(EXACT.normalize(EXACT.add(weight, number)), ZERO)
