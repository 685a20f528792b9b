from __future__ import annotations

import copy
import itertools
import pickle
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import Balance, Ledger, LedgerBuilder, MomentOfTruth, Valence, instant
from crmcore.interop.hypothesis import ledgers, moments
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, NaiveInstantError, WrongTypeError
from crmcore.service.balance import LedgerEntry
from tests.support.refusals import refused

GOOD, NEUTRAL, BAD = Valence
DAY = timedelta(days=1)
START = instant("2026-03-01")

without_ids = moments(id=None)
apart = st.lists(without_ids, max_size=15, unique_by=lambda one: one.at)


def course(text: str, **more: Any) -> list[MomentOfTruth]:
    """Return one moment a day: ``g`` is good, ``n`` neutral and ``b`` bad."""
    valences = {"g": GOOD, "n": NEUTRAL, "b": BAD}
    return [
        MomentOfTruth(valence=valences[letter], at=START + number * DAY, **more) for number, letter in enumerate(text)
    ]


def ledger(moments: Iterable[MomentOfTruth], **more: Any) -> Ledger:
    """Return a ledger that is built at once."""
    return Ledger(moments=moments, **more)


def grown(given: list[MomentOfTruth], ratio: int = 12) -> Ledger:
    """Return a ledger of moments that are added one by one."""
    builder = LedgerBuilder(ratio=ratio)
    for one in given:
        builder.add(one)
    return builder.ledger()


def by_hand(given: list[MomentOfTruth], ratio: int) -> list[Fraction]:
    """Return the balance after each moment, in exact fractions."""
    signs = {GOOD: 1, NEUTRAL: 0, BAD: -ratio}
    return list(itertools.accumulate(signs[one.valence] * Fraction(one.severity) for one in given))


class TestLedger:
    @given(st.lists(without_ids, max_size=15), st.integers(1, 20))
    def test_is_a_running_sum(self, given: list[MomentOfTruth], ratio: int) -> None:
        """Each entry has the balance after its moment, in order of instants; the lowest is the first of equals."""
        book = ledger(iter(given), ratio=ratio)
        ordered = sorted(given, key=lambda one: one.at)
        values = by_hand(ordered, ratio)

        assert tuple(ordered) == book.moments == tuple(entry.moment for entry in book.entries)
        assert values == [Fraction(entry.value) for entry in book.entries]
        assert (values[-1] if values else 0) == Fraction(book.value)
        assert (min(values) if values else None) == book.lowest
        assert (ordered[values.index(min(values))].at if values else None) == book.lowest_at

    @given(st.lists(without_ids, max_size=15))
    def test_ends_where_the_balance_is(self, given: list[MomentOfTruth]) -> None:
        """The last value equals that of `Balance.of`, in any order of the moments."""
        book = ledger(given)
        counted = Balance.of(given)

        assert counted == book.balance
        assert (counted.value, counted.deficit) == (book.value, book.deficit)

    @given(apart, st.randoms(use_true_random=False))
    def test_order_of_input_does_not_matter(self, given: list[MomentOfTruth], random: Any) -> None:
        """The moments are ordered by instant, whether built at once or added one by one."""
        shuffled = given.copy()
        random.shuffle(shuffled)

        assert ledger(given) == ledger(shuffled) == grown(shuffled) == grown(given)
        assert ledger(given).entries == grown(shuffled).entries

    @given(st.lists(without_ids, max_size=15))
    def test_growing_is_building(self, given: list[MomentOfTruth]) -> None:
        """Moments added one by one give the same ledger and figures as all at once; ties keep their order."""
        one, other = grown(given), ledger(given)

        assert (one, hash(one), repr(one)) == (other, hash(other), repr(other))
        for name in ("entries", "value", "deficit", "balance", "lowest", "lowest_at", "repaid_at"):
            assert getattr(one, name) == getattr(other, name)

    @given(st.lists(without_ids, max_size=8), without_ids)
    def test_a_builder_changes_no_ledger(self, given: list[MomentOfTruth], more: MomentOfTruth) -> None:
        """A later moment changes the next ledger, not the one already made."""
        builder = LedgerBuilder(given)
        before = builder.ledger()
        builder.add(more)

        assert ledger(given) == before
        assert ledger([*given, more]) == builder.ledger()
        assert f"LedgerBuilder(moments={len(given) + 1})" == repr(builder)

    @pytest.mark.parametrize(
        ("text", "lowest", "day", "repaid"),
        [
            ("", None, None, None),
            ("ggg", 1, 0, None),
            ("n", 0, 0, None),
            ("b", -12, 0, None),
            ("gb", -11, 1, None),
            ("b" + "g" * 11, -12, 0, None),
            ("b" + "g" * 12, -12, 0, 12),
            ("b" + "g" * 12 + "nn", -12, 0, 12),
            ("b" + "g" * 12 + "b", -12, 0, None),
            ("b" + "g" * 12 + "b" + "g" * 12, -12, 0, 25),
            ("g" * 12 + "b", 0, 12, None),
        ],
    )
    def test_knows_when(self, text: str, lowest: int | None, day: int | None, repaid: int | None) -> None:
        """The lowest point is the first of equals; `repaid_at` is the end of the last deficit, if there is none now."""
        book = ledger(course(text))

        assert lowest == book.lowest
        assert (None if day is None else START + day * DAY) == book.lowest_at
        assert (None if repaid is None else START + repaid * DAY) == book.repaid_at

    def test_of_nothing(self) -> None:
        """An empty ledger has the value 0."""
        book = ledger([])

        assert (Ledger(), (), Decimal(0), Decimal(0)) == (book, book.entries, book.value, book.deficit)
        assert Decimal(0) == book.days_to_repay(as_of=START)

    def test_a_ratio_of_ones_own(self) -> None:
        """Another ratio gives another ledger."""
        given = course("gggggb")

        assert (Decimal(0), Decimal(-7)) == (ledger(given, ratio=5).value, ledger(given).value)
        assert ledger(given, ratio=5) != ledger(given)
        with pytest.raises(InvalidValueError, match="ratio must be > 0"):
            ledger(given, ratio=0)


class TestLateAndRepeated:
    def test_late_moments_stand_where_they_belong(self) -> None:
        """A late moment changes the balances after it, and possibly the lowest point."""
        first, *rest = course("bg" + "g" * 11)
        book = grown([*rest, first])

        assert ledger([first, *rest]) == book
        assert (Decimal(-12), START, START + 12 * DAY) == (book.lowest, book.lowest_at, book.repaid_at)

    def test_the_last_of_a_tie_stands_last(self) -> None:
        """Moments of one instant, in any zones, keep the given order."""
        here = MomentOfTruth(valence=BAD, at=START)
        there = MomentOfTruth(valence=GOOD, at=instant("2026-03-01T02:00+02:00"))

        assert [Decimal(-12), Decimal(-11)] == [entry.value for entry in grown([here, there]).entries]
        assert [Decimal(1), Decimal(-11)] == [entry.value for entry in ledger([there, here]).entries]

    def test_an_id_counts_once(self) -> None:
        """A moment with an id counts once, even if it is given twice; moments without an id all count."""
        bad = MomentOfTruth(valence=BAD, at=START, id="b")
        good = MomentOfTruth(valence=GOOD, at=START + DAY, id=0)
        book = ledger([bad, good, bad, attrs.evolve(good)])

        assert (bad, good) == book.moments
        assert book == grown([bad, good, bad, good])
        assert (book, hash(book)) == (ledger([bad, good]), hash(ledger([bad, good])))
        assert 4 == len(ledger(course("gg") * 2).moments)

    def test_two_of_one_id_are_refused(self) -> None:
        """Two different moments with one id are refused, and the id is in the message."""
        bad = MomentOfTruth(valence=BAD, at=START, id="call 17")
        for other in (attrs.evolve(bad, resolved_at=START), attrs.evolve(bad, at=START + DAY)):
            with refused(InconsistentCountsError, "two_records_of_one_id: moments[1]"):
                ledger([bad, other])
            builder = LedgerBuilder([bad])
            with refused(InconsistentCountsError, "two_records_of_one_id: moments['call 17']"):
                builder.add(other)
            assert ledger([bad]) == builder.ledger()

    def test_other_types_are_named(self) -> None:
        """An item that is not a moment is refused."""
        with refused(WrongTypeError, "wrong_type: moments[0]"):
            Ledger(moments=[5])
        with refused(WrongTypeError, "one_for_several: moments"):
            Ledger(moments=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(WrongTypeError, match="moment must be a MomentOfTruth, got 5"):
            LedgerBuilder().add(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(WrongTypeError, match="moments must be several MomentOfTruths"):
            LedgerBuilder(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(InvalidValueError, match="ratio must be > 0"):
            LedgerBuilder(ratio=0)


class TestLength:
    def test_a_long_one_is_as_good_as_a_short_one(self) -> None:
        """Hash, equality, copies, pickling and deletion do not recurse."""
        given = course("gggggggggggggb" * 2000)
        book = grown(given)

        assert book == pickle.loads(pickle.dumps(book)) == copy.deepcopy(book) == ledger(given)
        assert hash(book) == hash(ledger(given))
        assert "Ledger(moments=28000, value=Decimal('2000'), lowest=Decimal('1'))" == repr(book)
        del book

    def test_nothing_can_be_changed(self) -> None:
        """Neither a field nor a figure can be set."""
        book = ledger(course("gb"))
        for name in ("moments", "ratio", "value", "_figures"):
            with pytest.raises(AttributeError):
                setattr(book, name, None)

    def test_no_other_attribute(self) -> None:
        """An unknown attribute is an AttributeError."""
        with pytest.raises(AttributeError, match="'Ledger' object has no attribute 'nonsense'"):
            _ = ledger([]).nonsense  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


class TestDaysToRepay:
    @pytest.mark.parametrize(
        ("text", "as_of", "expected"),
        [
            ("ggg", 3, 0),
            ("b" + "g" * 6, 6, 6),  # six gained in six days, six to go
            ("b" + "g" * 6, 12, 12),  # six idle days halve the pace
            ("b", 0, None),
            ("b", 5, None),  # nothing gained
            ("b" + "g" * 12 + "b" + "ggg", 16, 9),  # only the present deficit counts
            ("bb" + "g" * 24 + "b" + "ggg", 30, 12),  # also after a deeper one that ended at 0
            ("bbggg" + "n", 5, 28),  # of two bad ones, since the second
            ("bgb" + "ggg", 5, 20),
        ],
    )
    def test_at_the_pace_observed(self, text: str, as_of: int, expected: int | None) -> None:
        """The pace is the rise of the balance since the lowest point of the present deficit."""
        assert expected == ledger(course(text)).days_to_repay(as_of=START + as_of * DAY)

    @given(ledgers(), st.integers(1, 1000), st.integers(0, 10**9))
    def test_at_a_pace_given(self, book: Ledger, pace: int, microseconds: int) -> None:
        """With a pace, the result is deficit over pace, at any reference date."""
        as_of = instant("2040-01-01") + timedelta(microseconds=microseconds)
        days = book.days_to_repay(as_of=as_of, pace=pace)

        assert days is not None
        assert abs(Fraction(days) - Fraction(book.deficit) / pace) <= Fraction(days) / 10**33

    @given(ledgers(), st.integers(0, 10**12))
    def test_at_the_pace_observed_it_is_the_formula(self, book: Ledger, microseconds: int) -> None:
        """The result is deficit over gain a day, in exact fractions and by an independent computation."""
        as_of = instant("2040-01-01") + timedelta(microseconds=microseconds)
        values = [Fraction(entry.value) for entry in book.entries]
        start = max((number for number in range(len(values)) if values[number] >= 0), default=-1) + 1
        days = book.days_to_repay(as_of=as_of)
        if start == len(values):
            assert Decimal(0) == days
            return
        deepest = min(values[start:])
        last = max(number for number in range(start, len(values)) if values[number] == deepest)
        passed = Fraction((as_of - book.moments[last].at.astimezone(as_of.tzinfo)) // timedelta(microseconds=1))
        gained = values[-1] - deepest
        if not gained:
            assert days is None
        else:
            assert days is not None
            expected = -values[-1] * passed / gained / Fraction(86_400_000_000)
            assert abs(Fraction(days) - expected) <= expected / 10**33

    def test_without_time_there_is_no_pace(self) -> None:
        """A balance that rose at the instant of its lowest point has no pace: None, and not 0 days."""
        moments = [MomentOfTruth(valence=valence, at=START) for valence in (Valence.BAD, Valence.GOOD)]

        assert Ledger(moments=moments).days_to_repay(as_of=START) is None

    def test_of_an_earlier_day_it_is_an_error(self) -> None:
        """A reference date before the last moment is refused, in any zone."""
        book = ledger(course("bg"))

        assert Decimal(11) == book.days_to_repay(as_of=instant("2026-03-02T01:00+01:00"))
        with refused(InvalidValueError, "after_reference_date: moments[1]"):
            book.days_to_repay(as_of=START, pace=1)
        with pytest.raises(NaiveInstantError, match="as_of must carry a time zone"):
            book.days_to_repay(as_of=datetime(2026, 4, 1))  # noqa: DTZ001
        with refused(InvalidValueError, "not_positive: pace"):
            book.days_to_repay(as_of=START + DAY, pace=0)


class TestEntry:
    def test_is_checked(self) -> None:
        """An entry holds a moment and a number."""
        (moment,) = course("g")

        assert LedgerEntry(moment=moment, value="1.0") == ledger([moment]).entries[0]
        assert "value=Decimal('1'))" == repr(ledger([moment]).entries[0])[-19:]
        with pytest.raises(WrongTypeError, match="moment must be a MomentOfTruth"):
            LedgerEntry(moment=5, value=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(WrongTypeError, match="value must not be a float"):
            LedgerEntry(moment=moment, value=0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
