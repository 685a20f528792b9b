"""The journeys of many customers, packed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from operator import attrgetter, itemgetter, sub
from typing import Final, NoReturn, Self, TypeVar, cast

import attrs

from crmcore.journeys import _codec
from crmcore.model.interaction import Interaction
from crmcore.model.journey import Journey
from crmcore.primitives import _clock, checks
from crmcore.primitives._clock import EPOCH, MICROSECOND
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.ids import ID_TYPES, Id, check_id
from crmcore.primitives.periods import in_utc

__all__ = ["JourneyRecords", "Journeys"]

_J = TypeVar("_J", bound="Journeys")
_K = TypeVar("_K", bound=Hashable)
_T = TypeVar("_T")

_EARLIEST: Final = _clock.since_epoch(_clock.EARLIEST)
_LATEST: Final = _clock.since_epoch(_clock.LATEST)
_CUSTOMER: Final = "the customer of every row"
_TOUCHPOINT: Final = "the touchpoint of every row"
_REQUIRED: Final = ID_TYPES - {type(None)}
_WIDTH: Final = 3

_first, _second, _third = itemgetter(0), itemgetter(1), itemgetter(2)
_customer: Final = attrgetter("customer_id")
_touchpoint: Final = attrgetter("touchpoint_id")
_instant: Final = attrgetter("at")

_Row = tuple[Id | None, Id, datetime]


def _given(values: Iterable[_T]) -> tuple[_T, ...]:
    return cast("tuple[_T, ...]", values)


def _customer_ids(ids: Iterable[Id | None]) -> tuple[Id | None, ...]:
    return _given(ids)


def _touchpoint_ids(ids: Iterable[Id]) -> tuple[Id, ...]:
    return _given(ids)


def _path_texts(paths: Iterable[str]) -> tuple[str, ...]:
    return _given(paths)


def _times(times: Iterable[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    return cast("tuple[tuple[int, ...], ...]", times)


def _abandoned(places: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return _given(places)


@attrs.frozen(kw_only=True, repr=False)
class Journeys:
    """What many customers really did, packed: a path for each journey, a letter for each visit.

    Make it with `of` from rows, interactions or journeys, and ask as many questions of it as you like: each is then
    asked of what is already in order.

    Examples:
        >>> from crmcore import instant
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
        >>> [touchpoint for _, touchpoint, _ in journeys.rows()]
        ['shelf', 'till', 'shelf']

    A visit of an unknown customer is of no journey: how many there were says `unassigned`. Shards of a log are cut by
    customer: what is counted of them then adds up to what is counted of the whole.

    Attributes:
        customer_ids: Whose each journey is; None is an unknown customer.
        touchpoint_ids: Where the letters A, B, C and so on stand for, in the order first met.
        paths: Each journey as a path, a letter for each visit.
        times: When each visit was, in microseconds from 1970 in UTC; never falling within a journey.
        abandoned: The visits at which the customer gave up, as pairs of journey and visit, both counted from nought.
        unassigned: Visits of unknown customers, which belong to no journey.
        duplicates: Rows left out because another was the same, where that was asked for.

    Raises:
        InvalidValueError: Parts that do not fit together, or an empty id.
        WrongTypeError: A value of the wrong type.
    """

    customer_ids: tuple[Id | None, ...] = attrs.field(default=(), converter=_customer_ids)
    touchpoint_ids: tuple[Id, ...] = attrs.field(default=(), converter=_touchpoint_ids)
    paths: tuple[str, ...] = attrs.field(default=(), converter=_path_texts)
    times: tuple[tuple[int, ...], ...] = attrs.field(default=(), converter=_times)
    abandoned: tuple[tuple[int, int], ...] = attrs.field(default=(), converter=_abandoned)
    unassigned: int = 0
    duplicates: int = 0

    def __attrs_post_init__(self) -> None:
        for name in ("unassigned", "duplicates"):
            checks.set_field(self, name, checks.as_count(getattr(self, name), name))
        for name, required in (("customer_ids", False), ("touchpoint_ids", True)):
            ids = tuple(checks.iterate(getattr(self, name), name, "id"))
            for one in ids:
                check_id(one, f"each of {name}", required=required)
            checks.set_field(self, name, ids)
        if len(set(self.touchpoint_ids)) < len(self.touchpoint_ids):
            raise InvalidValueError("each of touchpoint_ids must come once", "touchpoint_ids")
        paths = tuple(checks.as_text(path, "each of paths") for path in checks.iterate(self.paths, "paths", "path"))
        times = tuple(
            tuple(_time(time) for time in checks.iterate(journey, "times", "list of times"))
            for journey in checks.iterate(self.times, "times", "list of times")
        )
        if _codec.foreign(paths, len(self.touchpoint_ids)):
            raise InvalidValueError(
                f"paths must be of the letters of {len(self.touchpoint_ids)} touchpoint_ids, A for the first", "paths"
            )
        if not len(paths) == len(times) == len(self.customer_ids) or [*map(len, paths)] != [*map(len, times)]:
            raise InvalidValueError(
                "times must hold a time for each letter of paths, and customer_ids a customer for each path", "times"
            )
        if any(one > other for journey in times for one, other in pairwise(journey)):
            raise InvalidValueError("times must not fall within a journey; make them with Journeys.of(rows)", "times")
        checks.set_field(self, "paths", paths)
        checks.set_field(self, "times", times)
        places = {*map(self._place, checks.iterate(self.abandoned, "abandoned", "pair"))}
        checks.set_field(self, "abandoned", tuple(sorted(places)))

    def _place(self, pair: object) -> tuple[int, int]:
        if not isinstance(pair, tuple | list) or len(cast("tuple[object, ...]", pair)) != 2:
            raise WrongTypeError(
                "each of abandoned must be a pair of a journey and a visit, counted from nought", "abandoned"
            )
        journey, visit = (checks.as_count(one, "each of abandoned") for one in cast("tuple[object, object]", pair))
        if journey >= len(self.paths) or visit >= len(self.paths[journey]):
            raise InvalidValueError(
                f"abandoned names visit {visit} of journey {journey}, which is not there", "abandoned"
            )
        return journey, visit

    @classmethod
    def of(cls, records: JourneyRecords, /, *, distinct: bool = False) -> Self:
        """Put what customers did in order: one journey for each customer, from rows in any order.

        Visits stand in order of UTC, those of one instant in the order given; a row that comes late is put where its
        instant belongs. A row that is given twice counts twice, unless `distinct` says that rows alike are one.

        Examples:
            >>> from crmcore import instant
            >>> noon = instant("2026-03-02T12:00")
            >>> Journeys.of([("anna", "till", noon), ("anna", "till", noon)])
            Journeys(<1 journey, 2 visits, 1 touchpoint>)
            >>> Journeys.of([("anna", "till", noon), ("anna", "till", noon)], distinct=True).duplicates
            1

        Args:
            records: Rows of a customer, a touchpoint and an instant; or interactions; or journeys, each of which stays
                one of its own. What is packed already passes as it is, distinct or not.
            distinct: Count rows of the same customer, touchpoint and instant once. Within a `Journey` nothing is left
                out.

        Raises:
            InvalidValueError: An empty id, or more touchpoints than there are letters (over a million).
            NaiveInstantError: An instant without a time zone.
            WrongTypeError: A record of another kind, or a value of the wrong type.
        """
        checks.as_instance(distinct, bool, "distinct")
        if isinstance(records, cls):
            return records
        if isinstance(records, Journeys):
            return _built(cls, attrs.asdict(records, recurse=False))
        packing = _Packing()
        for chunk in checks.iterate_chunks(cast("Iterable[object]", records), "records", "row"):
            packing.add(chunk)
        return packing.packed(cls, distinct=distinct)

    def __len__(self) -> int:
        return len(self.paths)

    def __repr__(self) -> str:
        journeys, visits, touchpoints = len(self.paths), self.visits, len(self.touchpoint_ids)
        parts = [(journeys, "journey"), (visits, "visit"), (touchpoints, "touchpoint")]
        if self.unassigned:
            parts.append((self.unassigned, "unassigned visit"))
        told = ", ".join(f"{count:,} {name if count == 1 else f'{name}s'}" for count, name in parts)
        return f"Journeys(<{told}>)"

    @property
    def visits(self) -> int:
        """How many visits there are, in all journeys together."""
        return sum(map(len, self.paths))

    @property
    def customers(self) -> int:
        """How many different known customers there are."""
        return len({*self.customer_ids} - {None})

    def rows(self) -> Iterator[tuple[Id | None, Id, datetime]]:
        """Every visit as a row of customer, touchpoint and instant in UTC, journey by journey."""
        for customer_id, touchpoint_ids, times in zip(
            self.customer_ids, self.decode(self.paths), self.times, strict=True
        ):
            for touchpoint_id, time in zip(touchpoint_ids, times, strict=True):
                yield customer_id, touchpoint_id, _clock.from_epoch(time)

    @property
    def letters(self) -> dict[Id, str]:
        """The letter that stands for each touchpoint in `paths`."""
        return _codec.letters(self.touchpoint_ids)

    def decode(self, paths: Sequence[str], /) -> list[tuple[Id, ...]]:
        """Return the touchpoints that paths of this log's letters stand for.

        Examples:
            >>> Journeys(touchpoint_ids=["shelf", "till"]).decode(["ABA", "B"])
            [('shelf', 'till', 'shelf'), ('till',)]
        """
        return _codec.decode(paths, self.touchpoint_ids)

    def sessions(self, gap: timedelta) -> Self:
        """The same visits, a journey cut wherever nothing happened for longer than the gap.

        Examples:
            >>> from crmcore import instant
            >>> hours = [instant(f"2026-03-02T{hour}:00") for hour in (10, 11, 17)]
            >>> Journeys.of(("anna", "site", hour) for hour in hours).sessions(timedelta(hours=1)).paths
            ('AA', 'A')

        Args:
            gap: How long a pause within a session may be, at most; half an hour is the custom of web analytics.

        Raises:
            InvalidValueError: A gap of nought or less.
            WrongTypeError: It is no timedelta.
        """
        longest = _clock.microseconds(checks.as_duration(gap, "gap"))
        pieces: list[tuple[int, int, int]] = []
        for number, times in enumerate(self.times):
            start = 0
            gaps = [*map(sub, times[1:], times)]
            if gaps and max(gaps) > longest:
                for place, pause in enumerate(gaps, 1):
                    if pause > longest:
                        pieces.append((number, start, place))
                        start = place
            pieces.append((number, start, len(times)))
        return self._cut(pieces, unassigned=self.unassigned, duplicates=self.duplicates)

    def apart(self, key: Callable[[Id | None], _K], /) -> dict[_K, Self]:
        """The journeys apart by a key of the customer, such as his segment: count each part on its own.

        Examples:
            >>> from crmcore import instant
            >>> noon = instant("2026-03-02T12:00")
            >>> log = Journeys.of([("anna", "site", noon), ("ben", "shop", noon), ("zoe", "site", noon)])
            >>> {group: len(part) for group, part in log.apart({"anna": "new", "zoe": "new"}.get).items()}
            {'new': 2, None: 1}

        Unassigned visits and duplicates are of no customer and so of no part.
        """
        checks.check_callable(key, "key", "lambda customer_id: segments[customer_id]")
        groups: dict[_K, list[tuple[int, int, int]]] = {}
        for number, (customer_id, path) in enumerate(zip(self.customer_ids, self.paths, strict=True)):
            groups.setdefault(key(customer_id), []).append((number, 0, len(path)))
        return {group: self._cut(pieces) for group, pieces in groups.items()}

    def _cut(self, pieces: list[tuple[int, int, int]], *, unassigned: int = 0, duplicates: int = 0) -> Self:
        """Pieces of the journeys: which, from where, to where."""
        abandoned: dict[int, list[int]] = {}
        for journey, visit in self.abandoned:
            abandoned.setdefault(journey, []).append(visit)
        parts: dict[str, object] = {
            "customer_ids": tuple([self.customer_ids[number] for number, _, _ in pieces]),
            "touchpoint_ids": self.touchpoint_ids,
            "paths": tuple([self.paths[number][start:end] for number, start, end in pieces]),
            "times": tuple([self.times[number][start:end] for number, start, end in pieces]),
            "abandoned": tuple(
                (place, visit - start)
                for place, (number, start, end) in enumerate(pieces)
                for visit in abandoned.get(number, ())
                if start <= visit < end
            ),
            "unassigned": unassigned,
            "duplicates": duplicates,
        }
        return _built(type(self), parts)


JourneyRecords = Journeys | Iterable[tuple[Id | None, Id, datetime] | Interaction | Journey]
"""What journeys are counted from: packed ones, rows of customer, touchpoint and instant, interactions, or journeys."""


class _Packing:
    """Journeys on the way into their packed form: columns of visits, and which visits are whose."""

    def __init__(self) -> None:
        self._letters: dict[Id, str] = {}
        self._signs: list[str] = []
        self._times: list[int] = []
        self._abandoned: set[int] = set()
        self._whole: list[tuple[Id | None, list[int]]] = []
        self._by_customer: defaultdict[Id | None, list[int]] = defaultdict(list)

    def add(self, records: Iterable[object]) -> None:
        """Take some thousands of records, those of one kind that follow one another at once."""
        for kind, alike in groupby(records, type):
            if issubclass(kind, Journey):
                for journey in cast("Iterable[Journey]", alike):
                    self._whole.append((journey.customer_id, [*self._met(journey.interactions)]))
            elif issubclass(kind, Interaction):
                interactions = [*cast("Iterable[Interaction]", alike)]
                self._shared(map(_customer, interactions), self._met(interactions))
            elif issubclass(kind, tuple | list):
                self._rows([*cast("Iterable[_Row]", alike)])
            else:
                _refuse(next(alike))

    def _met(self, interactions: Sequence[Interaction]) -> range:
        """Take interactions, which have been checked; the answer is the numbers of these visits."""
        visits = self._visits([*map(_touchpoint, interactions)], [*map(_instant, interactions)])
        self._abandoned.update(
            visit for visit, one in zip(visits, interactions, strict=True) if one.abandoned is not None
        )
        return visits

    def _rows(self, rows: list[_Row]) -> None:
        if set(map(len, rows)) != {_WIDTH}:
            _refuse(next(row for row in rows if len(row) != _WIDTH))
        customer_ids, touchpoint_ids = [*map(_first, rows)], [*map(_second, rows)]
        if not (ID_TYPES.issuperset(map(type, customer_ids)) and _REQUIRED.issuperset(map(type, touchpoint_ids))):
            for customer_id, touchpoint_id in zip(customer_ids, touchpoint_ids, strict=True):
                check_id(customer_id, _CUSTOMER)
                check_id(touchpoint_id, _TOUCHPOINT, required=True)
        self._shared(customer_ids, self._visits(touchpoint_ids, [*map(_third, rows)]))

    def _shared(self, customer_ids: Iterable[Id | None], visits: range) -> None:
        """Give each visit to its customer."""
        by_customer = self._by_customer
        for visit, customer_id in zip(visits, customer_ids, strict=True):
            by_customer[customer_id].append(visit)

    def _visits(self, touchpoint_ids: Sequence[Id], instants: Sequence[datetime]) -> range:
        letters = self._letters
        for touchpoint_id in dict.fromkeys(touchpoint_ids):
            if touchpoint_id not in letters:
                check_id(touchpoint_id, _TOUCHPOINT, required=True)
                if len(letters) == _codec.MOST_LETTERS:
                    raise InvalidValueError(
                        f"there must be at most {_codec.MOST_LETTERS} different touchpoints; put like ones together, "
                        "such as the pages of one kind"
                    )
                letters[touchpoint_id] = _codec.letter(len(letters))
        first = len(self._times)
        self._times += _microseconds(instants)
        self._signs += map(letters.__getitem__, touchpoint_ids)
        return range(first, len(self._times))

    def packed(self, cls: type[_J], *, distinct: bool) -> _J:
        """Put each customer's visits in order."""
        at, sign, gave_up = self._times.__getitem__, self._signs.__getitem__, self._abandoned
        unassigned = self._by_customer.pop(None, [])
        duplicates = 0
        if "" in self._by_customer:
            check_id("", _CUSTOMER)
        for visits in self._by_customer.values() if distinct else ():
            once: dict[tuple[int, str], int] = {}
            for visit in visits:
                first = once.setdefault((at(visit), sign(visit)), visit)
                if visit in gave_up:
                    gave_up.add(first)
            duplicates += len(visits) - len(once)
            visits[:] = once.values()
        journeys = [*map(_second, self._whole), *self._by_customer.values()]
        paths: list[str] = []
        times: list[tuple[int, ...]] = []
        for visits in journeys:
            moments = [*map(at, visits)]
            if moments != (in_order := sorted(moments)):
                visits.sort(key=at)
            paths.append("".join(map(sign, visits)))
            times.append(tuple(in_order))
        parts: dict[str, object] = {
            "customer_ids": (*map(_first, self._whole), *self._by_customer),
            "touchpoint_ids": tuple(self._letters),
            "paths": tuple(paths),
            "times": tuple(times),
            "abandoned": tuple(
                (number, place)
                for number, visits in enumerate(journeys if gave_up else ())
                for place, visit in enumerate(visits)
                if visit in gave_up
            ),
            "unassigned": len(unassigned),
            "duplicates": duplicates,
        }
        return _built(cls, parts)


def _refuse(record: object) -> NoReturn:
    raise WrongTypeError(
        "every record must be a row of a customer, a touchpoint and an instant, such as "
        f"('anna', 'till', instant('2026-03-02T10:40')), or an Interaction, or a Journey, got {show(record)}"
    )


def _microseconds(instants: Sequence[datetime]) -> list[int]:
    """The time from 1970 in UTC; where one cannot be told at once, each is looked at."""
    try:
        times = [(at - EPOCH) // MICROSECOND for at in instants]
    except Exception:  # noqa: BLE001 - no time, no zone, or a caller's zone, which may raise anything
        times = []
    if times and set(map(type, instants)) == {datetime} and min(times) >= _EARLIEST and max(times) <= _LATEST:
        return times
    return [_clock.since_epoch(in_utc(checks.as_instant(at, "the instant of every row"))) for at in instants]


def _time(time: object) -> int:
    if isinstance(time, bool) or not isinstance(time, int):
        raise WrongTypeError(f"times must be whole microseconds from 1970 in UTC, got {show(time)}", "times")
    if not _EARLIEST <= time <= _LATEST:
        raise InvalidValueError(f"times must lie in the years 1 to 9999, got {show(time)}", "times")
    return time


def _built(cls: type[_J], parts: dict[str, object]) -> _J:
    """Journeys of parts that fit together as they were made."""
    journeys = object.__new__(cls)
    for name, part in parts.items():
        checks.set_field(journeys, name, part)
    return journeys
