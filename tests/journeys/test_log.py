from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import IntEnum
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    AbandonReason,
    CrmcoreError,
    Interaction,
    InvalidValueError,
    Journey,
    Journeys,
    NaiveInstantError,
    WrongTypeError,
)
from crmcore.interop.hypothesis import ids, instants, interactions, journey_logs, journeys
from crmcore.journeys import _codec
from crmcore.primitives.periods import in_utc
from tests.support.hostile import Index

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = tuple[Any, Any, datetime]


class Visit(NamedTuple):
    """A row with named parts."""

    who: str
    where: str
    when: datetime


def at(hours: int) -> datetime:
    """Return the instant so many hours after the first."""
    return AT + hours * HOUR


def rows(*, known: bool = False) -> st.SearchStrategy[list[Row]]:
    """Rows of a few customers, many of them at one instant."""
    customers = ids() if known else st.none() | ids()
    few = st.sampled_from([at(hours) for hours in range(4)])
    return st.lists(st.tuples(customers, ids(), few | instants()), max_size=12)


def read(log: Journeys) -> list[tuple[Any, tuple[Any, ...], tuple[int, ...]]]:
    """Return the customer, the touchpoints and the times of each journey, whatever the letters."""
    return list(zip(log.customer_ids, log.decode(log.paths), log.times, strict=True))


def pack_by_hand(given_rows: list[Row]) -> list[tuple[Any, tuple[Any, ...], tuple[int, ...]]]:
    """Return the same by sorting the rows of each customer."""
    by_customer: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in given_rows:
        if row[0] is not None:
            by_customer[row[0]].append(row)
    packed: list[tuple[Any, tuple[Any, ...], tuple[int, ...]]] = []
    for customer_id, visits in by_customer.items():
        visits.sort(key=lambda row: in_utc(row[2]))
        times = tuple((row[2] - EPOCH) // MICROSECOND for row in visits)
        packed.append((customer_id, tuple(row[1] for row in visits), times))
    return packed


class TestRows:
    @given(rows())
    def test_by_hand(self, given_rows: list[Row]) -> None:
        """Each known customer has one journey, in order of UTC; visits of unknown customers are unassigned."""
        log = Journeys.of(iter(given_rows))

        assert pack_by_hand(given_rows) == read(log)
        assert len(given_rows) == log.visits + log.unassigned
        assert log.unassigned == sum(row[0] is None for row in given_rows)
        assert len(log) == log.customers == len({row[0] for row in given_rows} - {None})
        assert list(dict.fromkeys(row[1] for row in given_rows)) == list(log.touchpoint_ids)

    @given(rows(), st.randoms(use_true_random=False))
    def test_late_rows_find_their_place(self, given_rows: list[Row], chance: Any) -> None:
        """The order given matters only for visits of one instant."""
        log = Journeys.of(chance.sample(given_rows, len(given_rows)))

        assert Counter(log.rows()) == Counter(
            (customer_id, touchpoint_id, in_utc(when))
            for customer_id, touchpoint_id, when in given_rows
            if customer_id is not None
        )
        for times in log.times:
            assert list(times) == sorted(times)

    def test_ties_stay_as_given(self) -> None:
        """Visits of one instant stay in the order given, also in two time zones."""
        there = AT.astimezone(ZoneInfo("Europe/Riga"))
        log = Journeys.of([("anna", "till", at(1)), ("anna", "shelf", there), ("anna", "door", AT)])

        assert [("anna", ("shelf", "door", "till"))] == [row[:2] for row in read(log)]

    @given(rows(known=True))
    def test_come_back(self, given_rows: list[Row]) -> None:
        """The rows of a log, packed again, give the same log."""
        log = Journeys.of(given_rows)

        assert read(log) == read(Journeys.of(log.rows()))
        assert all(row[2].tzinfo is UTC for row in log.rows())

    @given(rows(known=True), st.integers(1, 3))
    def test_shards(self, given_rows: list[Row], count: int) -> None:
        """Parts cut by customer hold the journeys of the whole."""
        shards = [Journeys.of(row for row in given_rows if hash(row[0]) % count == n) for n in range(count)]
        whole = {row[0]: row for row in read(Journeys.of(given_rows))}

        assert whole == {row[0]: row for shard in shards for row in read(shard)}

    @pytest.mark.parametrize("kind", [list, tuple, Visit._make])
    def test_kinds_of_rows(self, kind: Any) -> None:
        """A row is a tuple, a named tuple or a list, and all may be mixed."""
        odd = [("ben", "shelf", AT), kind(("anna", "till", at(1))), ("anna", "shelf", AT)]

        assert ["ben", "anna"] == list(Journeys.of(odd).customer_ids)
        assert ("shelf", "till") == read(Journeys.of(odd))[1][1]

    def test_many(self) -> None:
        """Tens of thousands of rows are packed as a few are."""
        many = [(n % 701, n % 13, AT + (n * 7919 % 10_007) * HOUR) for n in range(40_000)]

        assert pack_by_hand(many) == read(Journeys.of(many))

    def test_none(self) -> None:
        """Without rows there is no journey."""
        assert Journeys() == Journeys.of([])
        assert (0, 0, 0) == (len(Journeys.of([])), Journeys.of([]).visits, Journeys.of([]).customers)
        assert "Journeys(<0 journeys, 0 visits, 0 touchpoints>)" == repr(Journeys())

    def test_ids_are_opaque(self) -> None:
        """A number and a text are two customers; a member of an enum is the number it equals."""

        class Member(IntEnum):
            ANNA = 1

        log = Journeys.of([(1, "a", AT), ("1", "a", AT), (Member.ANNA, "b", AT)])

        assert ((1, "1"), ("AB", "A")) == (log.customer_ids, log.paths)


class TestDuplicates:
    ROWS = (("anna", "till", AT), ("anna", "shelf", AT), ("anna", "till", AT), (None, "till", AT), (None, "till", AT))

    def test_count_twice(self) -> None:
        """A row given twice counts twice."""
        log = Journeys.of(self.ROWS)

        assert (("ABA",), 0, 2) == (log.paths, log.duplicates, log.unassigned)

    def test_distinct(self) -> None:
        """With `distinct`, equal rows count once, at the position of the first, except for unknown customers."""
        log = Journeys.of(self.ROWS, distinct=True)

        assert (("AB",), 1, 2) == (log.paths, log.duplicates, log.unassigned)

    @given(rows())
    def test_distinct_by_hand(self, given_rows: list[Row]) -> None:
        """Rows with the same instant in two zones are the same."""
        once = list({(who, where, in_utc(when)): (who, where, when) for who, where, when in given_rows[::-1]}.values())
        log = Journeys.of(given_rows, distinct=True)

        assert sorted(map(repr, Journeys.of(once[::-1]).rows())) == sorted(map(repr, log.rows()))
        assert log.duplicates == sum(row[0] is not None for row in given_rows) - log.visits

    def test_given_up_once(self) -> None:
        """Of two rows that are the same, one of them abandoned, one abandoned visit remains."""
        calm = Interaction(touchpoint_id="line", at=AT, customer_id=7)
        cross = attrs.evolve(calm, abandoned=AbandonReason.QUEUE)

        assert ((0, 0),) == Journeys.of([calm, cross], distinct=True).abandoned
        assert ((0, 1),) == Journeys.of([calm, cross]).abandoned

    @pytest.mark.parametrize("records", [[], Journeys()])
    def test_is_a_truth_value(self, records: Any) -> None:
        """`distinct` must be a bool."""
        with pytest.raises(WrongTypeError, match="distinct must be a bool"):
            Journeys.of(records, distinct="yes")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a text


class TestRecords:
    @given(st.lists(interactions(), max_size=8))
    def test_interactions(self, visits: list[Interaction]) -> None:
        """Interactions are packed as their rows are, and abandoned ones are marked."""
        log = Journeys.of(visits)
        abandoned = sum(one.abandoned is not None for one in visits if one.customer_id is not None)

        assert read(Journeys.of((one.customer_id, one.touchpoint_id, one.at) for one in visits)) == read(log)
        assert abandoned == len(log.abandoned)

    @given(st.lists(journeys(), max_size=5))
    def test_journeys(self, several: list[Journey]) -> None:
        """Each journey stays a journey of its own, also if it is empty or of an unknown customer."""
        log = Journeys.of(several)
        abandoned = [
            (number, place)
            for number, one in enumerate(several)
            for place, visit in enumerate(one)
            if visit.abandoned is not None
        ]

        assert [(one.customer_id, one.touchpoint_ids) for one in several] == [row[:2] for row in read(log)]
        assert abandoned == list(log.abandoned)
        assert log.unassigned == 0

    def test_mixed(self) -> None:
        """Records of all kinds may be mixed; journeys stand first."""
        visits = Interaction(touchpoint_id="site", at=at(2), customer_id="anna", abandoned=AbandonReason.WEBSITE)
        log = Journeys.of([("anna", "till", at(1)), visits, Journey(customer_id="anna", interactions=[visits]), visits])

        assert ("B", "ABB") == log.paths
        assert ((0, 0), (1, 1), (1, 2)) == log.abandoned
        assert (2, 1) == (len(log), log.customers)

    @given(journey_logs())
    def test_packed(self, log: Journeys) -> None:
        """Packed journeys are returned unchanged."""
        assert log is Journeys.of(log)

    def test_subclass(self) -> None:
        """A subclass makes packed journeys its own."""

        class Shop(Journeys):
            pass

        log = Journeys.of([("anna", "till", AT)])

        assert Shop is type(Shop.of(log))
        assert log.paths == Shop.of(log).paths


class _Nowhere(tzinfo):
    def utcoffset(self, _: datetime | None, /) -> timedelta | None:
        raise RuntimeError("no such place")

    def dst(self, _: datetime | None, /) -> timedelta | None:
        raise NotImplementedError

    def tzname(self, _: datetime | None, /) -> str | None:
        raise NotImplementedError


class _NotATime(datetime):
    """Like pandas.NaT: a datetime by type, no time by nature."""

    def utcoffset(self) -> Any:
        raise ValueError("NaT")


class _Stamp(datetime):
    """Like pandas.Timestamp: a datetime of another library."""


class TestRefusals:
    @pytest.mark.parametrize(
        ("row", "error", "message"),
        [
            (("anna", "till"), WrongTypeError, "a row of a customer, a touchpoint and an instant"),
            (("anna", "till", AT, 5), WrongTypeError, "a row of a customer, a touchpoint and an instant"),
            ((), WrongTypeError, "a row of a customer, a touchpoint and an instant"),
            ("abc", WrongTypeError, "or an Interaction, or a Journey, got 'abc'"),
            (None, WrongTypeError, "or an Interaction, or a Journey, got None"),
            ((True, "till", AT), WrongTypeError, "the customer of every row must be a str or an int, got True"),
            ((1.0, "till", AT), WrongTypeError, "the customer of every row must be a str or an int, got 1.0"),
            ((Index(1), "till", AT), WrongTypeError, r"convert it with int\(\.\.\.\)"),
            (([], "till", AT), WrongTypeError, "the customer of every row must be"),
            (("", "till", AT), InvalidValueError, "the customer of every row must not be empty; an unknown one is No"),
            (("anna", True, AT), WrongTypeError, "the touchpoint of every row must be a str or an int, got True"),
            (("anna", None, AT), WrongTypeError, "the touchpoint of every row must be a str or an int, got None"),
            ((None, None, AT), WrongTypeError, "the touchpoint of every row must be a str or an int, got None"),
            (("anna", [], AT), WrongTypeError, "the touchpoint of every row must be"),
            (("anna", "", AT), InvalidValueError, "the touchpoint of every row must not be empty"),
            (("anna", "till", AT.replace(tzinfo=None)), NaiveInstantError, "must carry a time zone"),
            (("anna", "till", date(2026, 3, 2)), WrongTypeError, "must be an aware datetime"),
            (("anna", "till", "2026-03-02T10:00Z"), WrongTypeError, "must be an aware datetime"),
            (("anna", "till", 1772446500), WrongTypeError, "must be an aware datetime"),
            (("anna", "till", None), WrongTypeError, "must be an aware datetime"),
            (("anna", "till", _NotATime(2026, 3, 2)), InvalidValueError, "not a time that UTC can express"),
            (("anna", "till", AT.replace(tzinfo=_Nowhere())), InvalidValueError, "not a time that UTC can express"),
            (
                ("anna", "till", datetime(1, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo"))),
                InvalidValueError,
                "not a time that UTC can express",
            ),
        ],
    )
    @pytest.mark.parametrize("before", [0, 1, 20_000])
    def test_rows(self, row: Any, error: type[Exception], message: str, before: int) -> None:
        """A wrong row is refused with an error of the library, at any position."""
        good = [(n, "till", AT) for n in range(before)]
        with pytest.raises(error, match=message) as caught:
            Journeys.of([*good, row])

        assert isinstance(caught.value, CrmcoreError)

    @pytest.mark.parametrize("records", [None, 5, "anna", {"anna": "till"}, ("anna", "till", AT), ["anna"]])
    def test_records(self, records: Any) -> None:
        """A single row, a text and a mapping are refused."""
        with pytest.raises(WrongTypeError):
            Journeys.of(records)

    def test_datetimes_of_others(self) -> None:
        """A datetime of another library is accepted, and so are the first and the last instant."""
        stamp = _Stamp(2026, 3, 2, 10, tzinfo=UTC)
        ends = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
        log = Journeys.of([("anna", "till", stamp), *(("anna", "shelf", end) for end in ends)])

        assert [ends[0], AT, ends[1]] == [when for _, _, when in log.rows()]

    def test_summer_time(self) -> None:
        """The two instants of a repeated hour are told apart, and the order is that of UTC."""
        riga = ZoneInfo("Europe/Riga")
        first, second = (datetime(2026, 10, 25, 3, 30, fold=fold, tzinfo=riga) for fold in (0, 1))
        log = Journeys.of([("anna", "second", second), ("anna", "first", first)])

        assert [("anna", "first", in_utc(first)), ("anna", "second", in_utc(second))] == list(log.rows())

    def test_too_many_touchpoints(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """More touchpoints than letters are refused."""
        monkeypatch.setattr(_codec, "MOST_LETTERS", 3)
        few = [("anna", n, AT) for n in range(4)]

        assert 3 == len(Journeys.of(few[:3]).touchpoint_ids)
        with pytest.raises(InvalidValueError, match="there must be at most 3 different touchpoints"):
            Journeys.of(few)


class TestLetters:
    @pytest.mark.parametrize("count", [1, 190, 191, 192, 300, 60_000])
    def test_leave_latin(self, count: int) -> None:
        """Each of many touchpoints has its own letter, which UTF-8 can encode."""
        log = Journeys.of(("anna", n, AT) for n in range(count))

        assert count == len(set(log.paths[0])) == len(log.touchpoint_ids)
        assert list(range(count)) == [where for _, where, _ in log.rows()]
        assert log.paths[0].encode().decode() == log.paths[0]
        assert log == attrs.evolve(log)

    @pytest.mark.parametrize("number", [0, 25, 0xD800 - 66, 0xD800 - 65, 0xD800, _codec.MOST_LETTERS - 1])
    def test_there_and_back(self, number: int) -> None:
        """A letter gives its number again, and is not a surrogate."""
        letter = _codec.letter(number)

        assert number == _codec.number(letter)
        assert not 0xD800 <= ord(letter) < 0xE000

    def test_last(self) -> None:
        """The last letter is the last code point of Unicode."""
        assert chr(0x10FFFF) == _codec.letter(_codec.MOST_LETTERS - 1)

    def test_by_touchpoint(self) -> None:
        """Each touchpoint has the letter of its position."""
        assert {"till": "A", 7: "B"} == _codec.letters(("till", 7))


class TestSessions:
    @given(journey_logs(), st.timedeltas(MICROSECOND, timedelta(days=3)))
    def test_by_hand(self, log: Journeys, gap: timedelta) -> None:
        """A journey is cut exactly where a pause is longer than the gap, and all visits are kept."""
        cut = log.sessions(gap)
        expected: list[tuple[Any, tuple[int, ...]]] = []
        for customer_id, times in zip(log.customer_ids, log.times, strict=True):
            session = [*times[:1]]
            for before, time in pairwise(times):
                if time - before > gap // MICROSECOND:
                    expected.append((customer_id, tuple(session)))
                    session = []
                session.append(time)
            expected.append((customer_id, tuple(session)))

        assert expected == list(zip(cut.customer_ids, cut.times, strict=True))
        assert list(log.rows()) == list(cut.rows())
        assert len(log.abandoned) == len(cut.abandoned)
        assert cut == attrs.evolve(cut)
        assert cut == cut.sessions(gap)

    def test_given_up(self) -> None:
        """An abandoned visit is marked in its session."""
        visits = [
            Interaction(touchpoint_id="site", at=at(n), customer_id=7, abandoned=AbandonReason.WEBSITE if n else None)
            for n in (0, 5, 6)
        ]

        assert ((1, 0), (1, 1)) == Journeys.of(visits).sessions(HOUR).abandoned

    @pytest.mark.parametrize(
        ("gap", "error"), [(timedelta(0), InvalidValueError), (-HOUR, InvalidValueError), (30, WrongTypeError)]
    )
    def test_gap(self, gap: Any, error: type[Exception]) -> None:
        """A gap must be a time above zero."""
        with pytest.raises(error, match="gap"):
            Journeys().sessions(gap)


class TestApart:
    @given(journey_logs())
    def test_parts_are_the_whole(self, log: Journeys) -> None:
        """Every journey is in one part, unchanged; unassigned visits and duplicates are in none."""
        parts = log.apart(lambda customer_id: customer_id)

        assert sorted(map(repr, read(log))) == sorted(repr(row) for part in parts.values() for row in read(part))
        assert len(log.abandoned) == sum(len(part.abandoned) for part in parts.values())
        for customer_id, part in parts.items():
            assert {customer_id} == set(part.customer_ids)
            assert (0, 0) == (part.unassigned, part.duplicates)
            assert part == attrs.evolve(part)

    def test_key(self) -> None:
        """A key must be a function."""
        with pytest.raises(WrongTypeError, match="key must be a function"):
            Journeys().apart("segment")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a text


class TestDecode:
    LOG = Journeys(touchpoint_ids=["shelf", "till"])

    @pytest.mark.parametrize("paths", [["AC"], ["A", "?"], [1], None])
    def test_other_letters_are_refused(self, paths: Any) -> None:
        """A letter without a touchpoint is an error that says which letters there are."""
        with pytest.raises(InvalidValueError, match="paths must be texts of the letters of 2 touchpoint_ids"):
            self.LOG.decode(paths)

    def test_a_lone_text_is_refused(self) -> None:
        """A single path goes into a list."""
        with pytest.raises(WrongTypeError, match="paths must be several texts, such as a list, got 'AB'"):
            self.LOG.decode("AB")


class TestParts:
    LOG = Journeys.of([("anna", "till", at(1)), ("anna", "shelf", at(0)), ("ben", "shelf", at(0))])

    def test_repr(self) -> None:
        """The repr of a log is short, however long the log is."""
        assert "Journeys(<2 journeys, 3 visits, 2 touchpoints>)" == repr(self.LOG)
        assert "Journeys(<0 journeys, 0 visits, 1 touchpoint, 2 unassigned visits>)" == repr(
            Journeys.of([(None, "a", AT)] * 2)
        )
        assert "Journeys(<1,000 journeys, 1,000 visits, 1 touchpoint>)" == repr(
            Journeys.of((n, "till", AT) for n in range(1000))
        )

    @pytest.mark.parametrize(
        ("parts", "error", "message"),
        [
            ({"paths": ("AC", "B")}, InvalidValueError, "paths must contain only letters of the 2 touchpoint_ids"),
            ({"paths": ("A@", "B")}, InvalidValueError, "paths must contain only letters of the 2 touchpoint_ids"),
            ({"paths": ("BA",)}, InvalidValueError, "times must have a time for each letter of paths"),
            ({"paths": ("BA", "BB")}, InvalidValueError, "times must have a time for each letter of paths"),
            ({"customer_ids": ("anna",)}, InvalidValueError, "customer_ids a customer for each path"),
            ({"customer_ids": ("anna", "")}, InvalidValueError, "each of customer_ids must not be empty"),
            ({"touchpoint_ids": ("till", None)}, WrongTypeError, "each of touchpoint_ids must be a str or an int"),
            (
                {"touchpoint_ids": ("till", "till")},
                InvalidValueError,
                "touchpoint_ids must each have an id of their own, 'till' comes",
            ),
            ({"touchpoint_ids": (1, True)}, WrongTypeError, "each of touchpoint_ids must be a str or an int"),
            ({"times": ((2, 1), (0,))}, InvalidValueError, "times must not decrease within a journey"),
            ({"times": ((0, 0.5), (0,))}, WrongTypeError, "times must be whole microseconds"),
            ({"times": ((0, True), (0,))}, WrongTypeError, "times must be whole microseconds"),
            ({"times": ((0, 10**18), (0,))}, InvalidValueError, "times must lie in the years 1 to 9999"),
            ({"times": ((-(10**18), 0), (0,))}, InvalidValueError, "times must lie in the years 1 to 9999"),
            ({"times": (0, 1)}, WrongTypeError, "times must be several list of times"),
            (
                {"abandoned": [(0, 2)]},
                InvalidValueError,
                "abandoned must name visits that exist, got visit 2 of journey 0",
            ),
            (
                {"abandoned": [(2, 0)]},
                InvalidValueError,
                "abandoned must name visits that exist, got visit 0 of journey 2",
            ),
            ({"abandoned": [(0, -1)]}, InvalidValueError, "each of abandoned must be >= 0"),
            ({"abandoned": [(0,)]}, WrongTypeError, "each of abandoned must be a pair"),
            ({"abandoned": [0, 1]}, WrongTypeError, "each of abandoned must be a pair"),
            ({"unassigned": -1}, InvalidValueError, "unassigned must be >= 0"),
            ({"duplicates": 0.5}, WrongTypeError, "duplicates must be a whole number"),
        ],
    )
    def test_must_fit(self, parts: dict[str, Any], error: type[Exception], message: str) -> None:
        """Parts that do not fit together are refused."""
        with pytest.raises(error, match=message):
            attrs.evolve(self.LOG, **parts)

    def test_given_up_in_order(self) -> None:
        """Abandoned visits are sorted, each once."""
        odd: Any = [(1, 0), [0, 1], (1, 0)]

        assert ((0, 1), (1, 0)) == attrs.evolve(self.LOG, abandoned=odd).abandoned
