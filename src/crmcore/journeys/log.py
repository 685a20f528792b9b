"""The journeys of many customers, packed into one value that every question about them reads."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, repeat
from operator import attrgetter, gt, itemgetter, sub
from typing import Annotated, Final, NoReturn, Self, TypeVar, cast

import attrs

from crmcore.journeys import _codec
from crmcore.journeys._once import drop_repeated
from crmcore.model.interaction import Interaction
from crmcore.model.journey import Journey
from crmcore.primitives import _clock, checks
from crmcore.primitives._clock import EPOCH, MICROSECOND
from crmcore.primitives.checks import describe
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import KeyGuard, is_repeated
from crmcore.primitives.ids import ID_TYPES, Id, are_plain, as_id, is_plain
from crmcore.primitives.periods import in_utc
from crmcore.primitives.record import Record, between, several
from crmcore.primitives.table import Table, as_columns

__all__ = ["JourneyRecords", "Journeys"]

_J = TypeVar("_J", bound="Journeys")
_K = TypeVar("_K", bound=Hashable)

_EARLIEST: Final = _clock.since_epoch(_clock.EARLIEST)
_LATEST: Final = _clock.since_epoch(_clock.LATEST)
_REQUIRED: Final = ID_TYPES - {type(None)}
_ROW_LENGTH: Final = 3
_SHOWN: Final = 3

_first, _second, _third = itemgetter(0), itemgetter(1), itemgetter(2)
_customer: Final = attrgetter("customer_id")
_touchpoint: Final = attrgetter("touchpoint_id")
_instant: Final = attrgetter("at")
_reason: Final = attrgetter("abandoned")

_Row = tuple[Id | None, Id, datetime]


@attrs.frozen(kw_only=True, repr=False)
class Journeys(Record):
    """What many customers did, packed: a path for each journey, a letter for each visit.

    Make it with `of` from rows, interactions or journeys, then use it for as many questions as you like: it is sorted
    only once.

    Examples:
        >>> from crmcore import Journeys, instant
        >>> rows = [
        ...     ("anna", "till", instant("2026-03-02T10:40")),
        ...     ("ben", "shelf", instant("2026-03-02T11:00")),
        ...     ("anna", "shelf", instant("2026-03-02T10:15")),
        ... ]
        >>> journeys = Journeys.of(rows)
        >>> journeys
        Journeys(<2 journeys, 3 visits, 2 touchpoints>)
        >>> journeys.touchpoint_ids, journeys.paths
        (('till', 'shelf'), ('BA', 'B'))
        >>> [touchpoint_id for _, touchpoint_id, _ in journeys.rows()]
        ['shelf', 'till', 'shelf']

    If you split a log by customer, the counts of the parts add up to the counts of the whole log.

    Attributes:
        customer_ids: The customer of each journey; None is an unknown customer.
        touchpoint_ids: The touchpoints that the letters A, B, C and so on mean, in the order first seen.
        paths: Each journey as a path, a letter for each visit.
        times: The instant of each visit, in microseconds since 1970 in UTC; it never decreases within a journey.
        abandoned: The visits at which the customer gave up, as pairs of journey and visit, both counted from 0.
        unassigned: Visits of unknown customers, which do not belong to a journey.
        duplicates: Rows that `of` left out because another row was the same.

    Raises:
        InvalidValueError: Parts that do not fit together: a letter without a touchpoint, a touchpoint that comes twice,
            a path without its times or customer, times that decrease or are outside the years 1 to 9999, or an
            abandoned visit that does not exist.
        WrongTypeError: Times that are not whole microseconds.
    """

    customer_ids: tuple[Id | None, ...] = attrs.field(default=(), converter=several)
    touchpoint_ids: tuple[Id, ...] = attrs.field(default=(), converter=several)
    paths: tuple[str, ...] = attrs.field(default=(), converter=several)
    times: tuple[tuple[Annotated[int, between(_EARLIEST, _LATEST)], ...], ...] = attrs.field(
        default=(), converter=several
    )
    abandoned: tuple[tuple[int, int], ...] = attrs.field(default=(), converter=several)
    unassigned: int = 0
    duplicates: int = 0

    def _check(self) -> None:
        super()._check()
        checks.check_unique(self.touchpoint_ids, "touchpoint_ids", "an id")
        _check_letters(self.paths, len(self.touchpoint_ids))
        if not len(self.paths) == len(self.times) == len(self.customer_ids):
            raise InvalidValueError(
                "parts_of_different_lengths",
                f"customer_ids, paths and times must have one entry for each journey, got {len(self.customer_ids)}, "
                f"{len(self.paths)} and {len(self.times)}",
                field="times",
                operands=(len(self.customer_ids), len(self.paths), len(self.times)),
            )
        for journey, (path, times) in enumerate(zip(self.paths, self.times, strict=True)):
            if len(path) != len(times):
                raise InvalidValueError(
                    "not_a_time_for_each_visit",
                    f"times must have a time for each letter of paths, got {len(times)} for {len(path)}",
                    field="times",
                    record=journey,
                    operands=(len(times), len(path)),
                )
            if any(map(gt, times, times[1:])):
                raise InvalidValueError(
                    "times_decrease",
                    "times must not decrease within a journey",
                    field="times",
                    record=journey,
                    advice="make them with Journeys.of(rows)",
                )
        for place, (journey, visit) in enumerate(self.abandoned):
            if journey >= len(self.paths) or visit >= len(self.paths[journey]):
                raise InvalidValueError(
                    "abandoned_visit_missing",
                    f"abandoned must name visits that exist, got visit {visit} of journey {journey}",
                    field="abandoned",
                    record=place,
                    operands=(journey, visit),
                )
        checks.set_field(self, "abandoned", tuple(sorted({*self.abandoned})))

    @classmethod
    def of(cls, records: JourneyRecords, /, *, distinct: bool = False) -> Self:
        """Sort what customers did into one journey for each customer, from rows in any order.

        Visits are sorted by UTC. Visits of one instant keep the order in which they are given. A row that arrives late
        is inserted by its instant. A row that is given twice counts twice, unless `distinct` is true. A journey and an
        interaction that have an id count once, however often they are given. An interaction that is given by itself and
        in a journey, or in two journeys, stays where it is given first.

        Examples:
            >>> from crmcore import Journeys, instant
            >>> noon = instant("2026-03-02T12:00")
            >>> Journeys.of([("anna", "till", noon), ("anna", "till", noon)])
            Journeys(<1 journey, 2 visits, 1 touchpoint>)
            >>> Journeys.of([("anna", "till", noon), ("anna", "till", noon)], distinct=True).duplicates
            1

        Args:
            records: Rows of a customer, a touchpoint and an instant; or interactions; or journeys, each of which stays
                a journey of its own. Packed `Journeys` are returned unchanged, whatever `distinct` says.
            distinct: Whether to count rows with the same customer, touchpoint and instant once. A `Journey` keeps all
                its visits.

        Raises:
            InconsistentCountsError: Two different journeys, or two different interactions, have one id.
            InvalidValueError: More touchpoints than there are letters (over a million).
            WrongTypeError: A record that is not a row, an interaction or a journey.
        """
        checks.as_instance(distinct, bool, "distinct")
        if isinstance(records, cls):
            return records
        if isinstance(records, Journeys):
            return _build(cls, attrs.asdict(records, recurse=False))
        packing = _Packing()
        if (table := as_columns(cast("Iterable[Interaction]", records), Interaction)) is not None:
            packing.add_table(table)
            return packing.pack(cls, distinct=distinct)
        for chunk in checks.iterate_chunks(cast("Iterable[object]", records), "records", "row"):
            packing.add(chunk)
        return packing.pack(cls, distinct=distinct)

    def __len__(self) -> int:
        return len(self.paths)

    def __repr__(self) -> str:
        journeys, visits, touchpoints = len(self.paths), self.visits, len(self.touchpoint_ids)
        parts = [(journeys, "journey"), (visits, "visit"), (touchpoints, "touchpoint")]
        if self.unassigned:
            parts.append((self.unassigned, "unassigned visit"))
        counts = ", ".join(f"{count:,} {name if count == 1 else f'{name}s'}" for count, name in parts)
        return f"Journeys(<{counts}>)"

    @property
    def visits(self) -> int:
        """The number of visits in all journeys."""
        return sum(map(len, self.paths))

    @property
    def customers(self) -> int:
        """The number of different known customers."""
        return len({*self.customer_ids} - {None})

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """A caution if some customers have an id both as a number and as a text, such as 7 and "7".

        Most likely they are one customer each, from two sources, and count as two.
        """
        known = {*self.customer_ids} - {None}
        texts = {customer_id for customer_id in known if type(customer_id) is str}
        twice = sorted(str(customer_id) for customer_id in known - texts if str(customer_id) in texts) if texts else []
        if not twice:
            return ()
        return (
            Finding(
                rule="mixed_customer_ids",
                severity=Severity.WARNING,
                message=f"{len(twice):,} customers have one id as a text and as another type, so each counts as two",
                advice="give every id the same type, for example with str(...)",
                evidence=[("customers", len(twice)), *(("id", one) for one in twice[:_SHOWN])],
            ),
        )

    def rows(self) -> Iterator[tuple[Id | None, Id, datetime]]:
        """Yield every visit as a row of customer, touchpoint and instant in UTC, journey by journey."""
        for customer_id, touchpoint_ids, times in zip(
            self.customer_ids, self.decode(self.paths), self.times, strict=True
        ):
            for touchpoint_id, time in zip(touchpoint_ids, times, strict=True):
                yield customer_id, touchpoint_id, _clock.from_epoch(time)

    @property
    def letters(self) -> dict[Id, str]:
        """The letter that each touchpoint has in `paths`."""
        return _codec.letters(self.touchpoint_ids)

    def decode(self, paths: Sequence[str], /) -> list[tuple[Id, ...]]:
        """Return the touchpoints that the letters of paths mean.

        Examples:
            >>> from crmcore import Journeys
            >>> Journeys(touchpoint_ids=["shelf", "till"]).decode(["ABA", "B"])
            [('shelf', 'till', 'shelf'), ('till',)]

        Raises:
            InvalidValueError: A letter has no touchpoint in this log.
        """
        given = [*checks.end_at_limit(checks.iterate(paths, "paths", "path"), paths, "paths")]
        try:
            return _codec.decode(given, self.touchpoint_ids)
        except (KeyError, TypeError):
            texts = [checks.as_text(path, f"paths[{place}]") for place, path in enumerate(given)]
        _check_letters(texts, len(self.touchpoint_ids))
        return _codec.decode(texts, self.touchpoint_ids)

    def sessions(self, gap: timedelta) -> Self:
        """Cut each journey wherever nothing happened for longer than a gap; all visits are kept.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import Journeys, instant
            >>> hours = [instant(f"2026-03-02T{hour}:00") for hour in (10, 11, 17)]
            >>> Journeys.of(("anna", "site", hour) for hour in hours).sessions(timedelta(hours=1)).paths
            ('AA', 'A')

        Args:
            gap: The longest pause within a session, > 0. Web analytics commonly takes half an hour.
        """
        longest = _clock.microseconds(checks.as_duration(gap, "gap"))
        pieces: list[tuple[int, int, int]] = []
        for number, times in enumerate(self.times):
            start = 0
            gaps = [*map(sub, times[1:], times)]
            if gaps and max(gaps) > longest:
                for visit, pause in enumerate(gaps, 1):
                    if pause > longest:
                        pieces.append((number, start, visit))
                        start = visit
            pieces.append((number, start, len(times)))
        return self._cut(pieces, unassigned=self.unassigned, duplicates=self.duplicates)

    def apart(self, key: Callable[[Id | None], _K], /) -> dict[_K, Self]:
        """Split the journeys by a key of the customer, such as the segment, to count each part separately.

        Examples:
            >>> from crmcore import Journeys, instant
            >>> noon = instant("2026-03-02T12:00")
            >>> log = Journeys.of([("anna", "site", noon), ("ben", "shop", noon), ("zoe", "site", noon)])
            >>> {group: len(part) for group, part in log.apart({"anna": "new", "zoe": "new"}.get).items()}
            {'new': 2, None: 1}

        Unassigned visits and duplicates do not belong to a customer, so they are not in any part.
        """
        checks.check_callable(key, "key", "lambda customer_id: segments[customer_id]")
        groups: dict[_K, list[tuple[int, int, int]]] = {}
        guard = KeyGuard(groups)
        kind: type | None = None
        for number, (customer_id, path) in enumerate(zip(self.customer_ids, self.paths, strict=True)):
            group = key(customer_id)
            if type(group) is not kind:
                kind = guard.admit(group)
            groups.setdefault(group, []).append((number, 0, len(path)))
        return {group: self._cut(pieces) for group, pieces in groups.items()}

    def _cut(self, pieces: list[tuple[int, int, int]], *, unassigned: int = 0, duplicates: int = 0) -> Self:
        """Return pieces of the journeys, each given as the number of a journey, a first visit and an end."""
        abandoned: defaultdict[int, list[int]] = defaultdict(list)  # in order within each journey, as in the field
        for journey, visit in self.abandoned:
            abandoned[journey].append(visit)
        parts: dict[str, object] = {
            "customer_ids": tuple([self.customer_ids[number] for number, _, _ in pieces]),
            "touchpoint_ids": self.touchpoint_ids,
            "paths": tuple([self.paths[number][start:end] for number, start, end in pieces]),
            "times": tuple([self.times[number][start:end] for number, start, end in pieces]),
            "abandoned": tuple(
                (piece, visit - start)
                for piece, (number, start, end) in enumerate(pieces)
                if (visits := abandoned.get(number))
                for visit in visits[bisect_left(visits, start) : bisect_left(visits, end)]
            ),
            "unassigned": unassigned,
            "duplicates": duplicates,
        }
        return _build(type(self), parts)


def leave_out(log: Journeys, apart: Sequence[bool]) -> Journeys:
    """Return the journeys without some of them."""
    return log._cut(  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - a function of this module
        [(number, 0, len(path)) for number, path in enumerate(log.paths) if not apart[number]],
        unassigned=log.unassigned,
        duplicates=log.duplicates,
    )


JourneyRecords = Journeys | Iterable[tuple[Id | None, Id, datetime] | Interaction | Journey]
"""What journeys are counted from: `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys."""


class _Packing:
    """Collects records as columns of visits, with the visits of each customer, and packs them into `Journeys`."""

    def __init__(self) -> None:
        self._letters: dict[Id, str] = {}
        self._visited: list[str] = []
        self._times: list[int] = []
        self._abandoned: set[int] = set()
        self._whole: list[tuple[Id | None, list[int]]] = []
        self._by_customer: defaultdict[Id | None, list[int]] = defaultdict(list)
        self._place = 0  # of the next record among those of the caller
        self._seen_journeys: dict[Id, Journey] = {}
        self._seen_interactions: dict[Id, Interaction] = {}

    def add(self, records: Iterable[object]) -> None:
        """Add some thousands of records; consecutive records of one type are added in one step."""
        for kind, alike in groupby(records, type):
            if issubclass(kind, Journey):
                for journey in cast("Iterable[Journey]", alike):
                    self._add_journey(journey)
                    self._place += 1
            elif issubclass(kind, Interaction):
                given = [*cast("Iterable[Interaction]", alike)]
                interactions = drop_repeated(given, self._seen_interactions, "records")
                self._assign(map(_customer, interactions), self._add_interactions(interactions))
                self._place += len(given)
            elif issubclass(kind, tuple | list):
                rows = [*cast("Iterable[_Row]", alike)]
                self._add_rows(rows)
                self._place += len(rows)
            else:
                _refuse(next(alike), self._place)

    def add_table(self, table: Table[Interaction]) -> None:
        """Add the interactions of a table straight from its columns."""
        self._place = len(table)
        visits = self._add_visits(table.column("touchpoint_id"), cast("Sequence[int]", table.microseconds("at")))
        if "abandoned" in table.fields:
            reasons = table.column("abandoned")
            self._abandoned.update(visit for visit, reason in zip(visits, reasons, strict=True) if reason is not None)
        has_customers = "customer_id" in table.fields
        self._assign(table.column("customer_id") if has_customers else repeat(None, len(visits)), visits)

    def _add_journey(self, journey: Journey) -> None:
        if journey.id is not None and is_repeated(journey, self._seen_journeys, "records"):
            return
        interactions = drop_repeated(journey.interactions, self._seen_interactions, "records")
        if interactions or not journey.interactions:
            self._whole.append((journey.customer_id, [*self._add_interactions(interactions)]))

    def _add_interactions(self, interactions: Sequence[Interaction]) -> range:
        """Add interactions, which are checked already, and return the numbers of their visits."""
        times = _as_microseconds([*map(_instant, interactions)], self._place)
        visits = self._add_visits([*map(_touchpoint, interactions)], times)
        reasons = [*map(_reason, interactions)]
        if reasons.count(None) != len(reasons):
            self._abandoned.update(visit for visit, reason in zip(visits, reasons, strict=True) if reason is not None)
        return visits

    def _add_rows(self, rows: list[_Row]) -> None:
        if set(map(len, rows)) != {_ROW_LENGTH}:
            place = next(place for place, row in enumerate(rows) if len(row) != _ROW_LENGTH)
            _refuse(rows[place], self._place + place)
        customer_ids, touchpoint_ids = [*map(_first, rows)], [*map(_second, rows)]
        if not (ID_TYPES.issuperset(map(type, customer_ids)) and _REQUIRED.issuperset(map(type, touchpoint_ids))):
            for place, (customer_id, touchpoint_id) in enumerate(zip(customer_ids, touchpoint_ids, strict=True)):
                name = f"records[{self._place + place}]"
                customer_ids[place] = None if customer_id is None else as_id(customer_id, f"{name}.customer_id")
                touchpoint_ids[place] = as_id(touchpoint_id, f"{name}.touchpoint_id")
        self._assign(
            customer_ids, self._add_visits(touchpoint_ids, _as_microseconds([*map(_third, rows)], self._place))
        )

    def _assign(self, customer_ids: Iterable[Id | None], visits: range) -> None:
        """Assign each visit to its customer."""
        by_customer = self._by_customer
        for visit, customer_id in zip(visits, customer_ids, strict=True):
            by_customer[customer_id].append(visit)

    def _add_visits(self, touchpoint_ids: Sequence[Id], times: Sequence[int]) -> range:
        """Add visits to the columns, and return their numbers."""
        letters = self._letters
        for touchpoint_id in dict.fromkeys(touchpoint_ids):
            if touchpoint_id not in letters:
                if not is_plain(touchpoint_id):
                    as_id(touchpoint_id, f"records[{self._place + touchpoint_ids.index(touchpoint_id)}].touchpoint_id")
                if len(letters) == _codec.MOST_LETTERS:
                    raise InvalidValueError(
                        "too_many_touchpoints",
                        f"records must have at most {_codec.MOST_LETTERS} different touchpoints",
                        field="records",
                        advice="give similar ones one id, such as the pages of one kind",
                    )
                letters[touchpoint_id] = _codec.letter(len(letters))
        first = len(self._times)
        self._times += times
        self._visited += map(letters.__getitem__, touchpoint_ids)
        return range(first, len(self._times))

    def pack(self, cls: type[_J], *, distinct: bool) -> _J:
        """Sort the visits of each customer, and build the journeys."""
        time_of, letter_of, abandoned = self._times.__getitem__, self._visited.__getitem__, self._abandoned
        unassigned = self._by_customer.pop(None, [])
        duplicates = 0
        all_plain = are_plain(tuple(self._by_customer))
        for customer_id, visits in () if all_plain else self._by_customer.items():
            if not is_plain(customer_id):
                is_one_each = len(self._times) == self._place  # each record is one visit
                as_id(customer_id, f"records[{visits[0]}].customer_id" if is_one_each else "records.customer_id")
        for visits in self._by_customer.values() if distinct else ():
            once: dict[tuple[int, str], int] = {}
            for visit in visits:
                first = once.setdefault((time_of(visit), letter_of(visit)), visit)
                if visit in abandoned:
                    abandoned.add(first)
            duplicates += len(visits) - len(once)
            visits[:] = once.values()
        journeys = [*map(_second, self._whole), *self._by_customer.values()]
        paths: list[str] = []
        times: list[tuple[int, ...]] = []
        for visits in journeys:
            given = [*map(time_of, visits)]
            if given != (in_order := sorted(given)):
                visits.sort(key=time_of)
            paths.append("".join(map(letter_of, visits)))
            times.append(tuple(in_order))
        parts: dict[str, object] = {
            "customer_ids": (*map(_first, self._whole), *self._by_customer),
            "touchpoint_ids": tuple(self._letters),
            "paths": tuple(paths),
            "times": tuple(times),
            "abandoned": tuple(
                (journey, number)
                for journey, visits in enumerate(journeys if abandoned else ())
                for number, visit in enumerate(visits)
                if visit in abandoned
            ),
            "unassigned": len(unassigned),
            "duplicates": duplicates,
        }
        return _build(cls, parts)


def _check_letters(paths: Sequence[str], count: int) -> None:
    """Refuse paths with a letter that does not mean one of the first `count` touchpoints."""
    if not _codec.has_foreign_letter(paths, count):
        return
    place = next(place for place, path in enumerate(paths) if _codec.has_foreign_letter([path], count))
    raise InvalidValueError(
        "letter_without_touchpoint",
        f"paths must contain only letters of the {count} touchpoint_ids, A for the first",
        field="paths",
        record=place,
        operands=(count,),
    )


def _refuse(record: object, place: int) -> NoReturn:
    given = describe(record)
    if isinstance(record, tuple | list):
        items = len(cast("Sequence[object]", record))
        given = f"a row of {items} {'item' if items == 1 else 'items'}"
    raise WrongTypeError(
        "not_a_visit",
        f"records[{place}] must be a row of a customer, a touchpoint and an instant, an Interaction or a Journey, "
        f"got {given}",
        field="records",
        record=place,
        advice="write a row as ('anna', 'till', instant('2026-03-02T10:40'))",
    )


def _as_microseconds(instants: Sequence[datetime], first: int) -> list[int]:
    """Return instants as microseconds since 1970 in UTC; if they do not convert together, check each of them.

    The number of the first record is for the error.
    """
    try:
        times = [(at - EPOCH) // MICROSECOND for at in instants]
    except Exception:  # noqa: BLE001 - not a datetime, no time zone, or a caller's zone, which may raise anything
        times = []
    if times and set(map(type, instants)) == {datetime} and min(times) >= _EARLIEST and max(times) <= _LATEST:
        return times
    return [
        _clock.since_epoch(in_utc(checks.as_instant(at, f"records[{place}].at")))
        for place, at in enumerate(instants, first)
    ]


def _build(cls: type[_J], parts: dict[str, object]) -> _J:
    """Build journeys from parts that are known to fit together.

    Without the checks `of` takes two thirds of the time, and `apart` a third (60,000 journeys of 5 visits).
    """
    journeys = object.__new__(cls)
    for name, part in parts.items():
        checks.set_field(journeys, name, part)
    return journeys
