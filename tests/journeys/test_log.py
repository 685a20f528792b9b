from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import IntEnum
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID
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
from tests.support.refusals import refused

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = tuple[Any, Any, datetime]


def without_ids(journey: Journey) -> Journey:
    """The journey with interactions of no id, which count as often as they are given."""
    return attrs.evolve(journey, interactions=[attrs.evolve(one, id=None) for one in journey.interactions])


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
        with refused(WrongTypeError, "wrong_type: distinct"):
            Journeys.of(records, distinct="yes")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a text


class TestRecords:
    @given(st.lists(interactions(id=None), max_size=8))
    def test_interactions(self, visits: list[Interaction]) -> None:
        """Interactions are packed as their rows are, and abandoned ones are marked."""
        log = Journeys.of(visits)
        abandoned = sum(one.abandoned is not None for one in visits if one.customer_id is not None)

        assert read(Journeys.of((one.customer_id, one.touchpoint_id, one.at) for one in visits)) == read(log)
        assert abandoned == len(log.abandoned)

    @given(st.lists(journeys(id=None).map(without_ids), max_size=5))
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


class _Text(str):
    """A text of another library."""

    __slots__ = ()


class _Stamp(datetime):
    """Like pandas.Timestamp: a datetime of another library."""


class TestRefusals:
    @pytest.mark.parametrize(
        ("row", "error", "broken"),
        [
            (("anna", "till"), WrongTypeError, "not_a_visit: records"),
            (("anna", "till", AT, 5), WrongTypeError, "not_a_visit: records"),
            ((), WrongTypeError, "not_a_visit: records"),
            ("abc", WrongTypeError, "not_a_visit: records"),
            (None, WrongTypeError, "not_a_visit: records"),
            ((True, "till", AT), WrongTypeError, "not_an_id: records"),
            ((1.0, "till", AT), WrongTypeError, "not_an_id: records"),
            (([], "till", AT), WrongTypeError, "not_an_id: records"),
            (("", "till", AT), InvalidValueError, "empty_id: records"),
            (("anna", True, AT), WrongTypeError, "not_an_id: records"),
            (("anna", None, AT), WrongTypeError, "not_an_id: records"),
            ((None, None, AT), WrongTypeError, "not_an_id: records"),
            (("anna", [], AT), WrongTypeError, "not_an_id: records"),
            (("anna", "", AT), InvalidValueError, "empty_id: records"),
            (("anna", "till", AT.replace(tzinfo=None)), NaiveInstantError, "naive_instant: records"),
            (("anna", "till", date(2026, 3, 2)), WrongTypeError, "not_an_instant: records"),
            (("anna", "till", "2026-03-02T10:00Z"), WrongTypeError, "not_an_instant: records"),
            (("anna", "till", 1772446500), WrongTypeError, "not_an_instant: records"),
            (("anna", "till", None), WrongTypeError, "not_an_instant: records"),
            (("anna", "till", _NotATime(2026, 3, 2)), InvalidValueError, "naive_instant: records"),
            (("anna", "till", AT.replace(tzinfo=_Nowhere())), InvalidValueError, "instant_beyond_utc: records"),
            (
                ("anna", "till", datetime(1, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo"))),
                InvalidValueError,
                "instant_beyond_utc: records",
            ),
        ],
    )
    @pytest.mark.parametrize("before", [0, 1, 20_000])
    def test_rows(self, row: Any, error: type[Exception], broken: str, before: int) -> None:
        """A wrong row is refused, and the error says at which position it is."""
        good = [(n, "till", AT) for n in range(before)]
        with refused(error, f"{broken}[{before}]"):
            Journeys.of([*good, row])

    def test_ids_of_others(self) -> None:
        """A whole number of another library and a subclass of a text become plain ids; a UUID stays one."""
        customer = UUID(int=7)
        rows: list[Any] = [(Index(1), _Text("till"), AT), (customer, Index(2), AT)]
        log = Journeys.of(rows)

        assert [(1, "till"), (customer, 2)] == [row[:2] for row in log.rows()]
        assert {int, str, UUID} == {type(one) for row in log.rows() for one in row[:2]}

    @pytest.mark.parametrize("blank", ["", " ", "\t\n"])
    def test_blank_ids(self, blank: str) -> None:
        """An id of spaces is refused, and the error says in which record it is, unless journeys were given too."""
        rows: list[Any] = [("anna", "till", AT)]
        with refused(InvalidValueError, "empty_id: records[1]"):
            Journeys.of([*rows, (blank, "till", AT)])
        with refused(InvalidValueError, "empty_id: records[1]"):
            Journeys.of([*rows, ("anna", blank, AT)])
        with refused(InvalidValueError, "empty_id: records.customer_id"):
            Journeys.of([Journey(customer_id="anna"), (blank, "till", AT)])

    def test_a_subclass_loses_no_check(self) -> None:
        """A subclass with its own hook is checked too."""

        @attrs.frozen(kw_only=True)
        class Mine(Journeys):
            label: str = ""

            def __attrs_post_init__(self) -> None: ...

        with refused(InvalidValueError, "letter_without_touchpoint: paths[0]"):
            Mine(customer_ids=["anna"], paths=["A"], times=[[0]])

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
        with refused(InvalidValueError, "too_many_touchpoints: records"):
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
        with refused(WrongTypeError, "not_a_function: key"):
            Journeys().apart("segment")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a text


class TestDecode:
    LOG = Journeys(touchpoint_ids=["shelf", "till"])

    @pytest.mark.parametrize(
        ("paths", "error", "broken"),
        [
            (["AC"], InvalidValueError, "letter_without_touchpoint: paths[0]"),
            (["A", "?"], InvalidValueError, "letter_without_touchpoint: paths[1]"),
            (["A", 1], WrongTypeError, "not_a_text: paths[1]"),
            (None, WrongTypeError, "one_for_several: paths"),
        ],
    )
    def test_other_letters_are_refused(self, paths: Any, error: type[CrmcoreError], broken: str) -> None:
        """A letter without a touchpoint is an error that says which path has it."""
        with refused(error, broken):
            self.LOG.decode(paths)

    def test_no_text_is_the_empty_path(self) -> None:
        """A path of None, as a database gives an empty text, has no touchpoints."""
        paths: Any = ["AB", None]

        assert [("shelf", "till"), ()] == self.LOG.decode(paths)

    def test_a_lone_text_is_refused(self) -> None:
        """A single path goes into a list."""
        with refused(WrongTypeError, "one_for_several: paths"):
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
        ("parts", "error", "broken"),
        [
            ({"paths": ("AC", "B")}, InvalidValueError, "letter_without_touchpoint: paths[0]"),
            ({"paths": ("A@", "B")}, InvalidValueError, "letter_without_touchpoint: paths[0]"),
            ({"paths": ("BA",)}, InvalidValueError, "parts_of_different_lengths: times"),
            ({"paths": ("BA", "BB")}, InvalidValueError, "not_a_time_for_each_visit: times[1]"),
            ({"customer_ids": ("anna",)}, InvalidValueError, "parts_of_different_lengths: times"),
            ({"customer_ids": ("anna", "")}, InvalidValueError, "empty_id: customer_ids[1]"),
            ({"touchpoint_ids": ("till", None)}, WrongTypeError, "not_an_id: touchpoint_ids[1]"),
            (
                {"touchpoint_ids": ("till", "till")},
                InvalidValueError,
                "not_unique: touchpoint_ids[1]",
            ),
            ({"touchpoint_ids": (1, True)}, WrongTypeError, "not_an_id: touchpoint_ids[1]"),
            ({"times": ((2, 1), (0,))}, InvalidValueError, "times_decrease: times[0]"),
            ({"times": ((0, 0.5), (0,))}, WrongTypeError, "wrong_number_type: times[0]"),
            ({"times": ((0, True), (0,))}, WrongTypeError, "wrong_number_type: times[0]"),
            ({"times": ((0, 10**18), (0,))}, InvalidValueError, "out_of_range: times[0]"),
            ({"times": ((-(10**18), 0), (0,))}, InvalidValueError, "out_of_range: times[0]"),
            ({"times": (0, 1)}, WrongTypeError, "one_for_several: times[0]"),
            (
                {"abandoned": [(0, 2)]},
                InvalidValueError,
                "abandoned_visit_missing: abandoned[0]",
            ),
            (
                {"abandoned": [(2, 0)]},
                InvalidValueError,
                "abandoned_visit_missing: abandoned[0]",
            ),
            ({"abandoned": [(0, -1)]}, InvalidValueError, "too_small: abandoned[0]"),
            ({"abandoned": [(0,)]}, WrongTypeError, "wrong_number_of_parts: abandoned[0]"),
            ({"abandoned": [0, 1]}, WrongTypeError, "wrong_number_of_parts: abandoned[0]"),
            ({"unassigned": -1}, InvalidValueError, "too_small: unassigned"),
            ({"duplicates": 0.5}, WrongTypeError, "wrong_number_type: duplicates"),
        ],
    )
    def test_must_fit(self, parts: dict[str, Any], error: type[Exception], broken: str) -> None:
        """Parts that do not fit together are refused."""
        with refused(error, broken):
            attrs.evolve(self.LOG, **parts)

    def test_given_up_in_order(self) -> None:
        """Abandoned visits are sorted, each once."""
        odd: Any = [(1, 0), [0, 1], (1, 0)]

        assert ((0, 1), (1, 0)) == attrs.evolve(self.LOG, abandoned=odd).abandoned
