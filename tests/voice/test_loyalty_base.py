from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    BaseDistribution,
    CrmcoreError,
    InconsistentCountsError,
    InvalidValueError,
    LevelTransitions,
    LoyaltyLevel,
    MeasureKind,
    Nps,
    Period,
    PolicyMismatchError,
    Reading,
    Scale,
    Standings,
    SubjectKind,
    UnknownNameError,
    WrongTypeError,
)
from crmcore.interop.hypothesis import level_transitions
from crmcore.voice import loyalty
from crmcore.voice.loyalty import _chains
from tests.support.refusals import refused

MONTHS = [Period.month(2026, month) for month in (1, 2, 3)]
LEVELS = tuple(LoyaltyLevel)
MOVED = LevelTransitions(counts=((72, 15, 5), (16, 56, 16), (2, 6, 24)), left=(8, 12, 48))
ANY_DISTRIBUTION: Any = BaseDistribution
ANY_TRANSITIONS: Any = LevelTransitions
few = st.integers(0, 4)
tables = st.integers(2, 4).flatmap(
    lambda size: st.lists(st.lists(few, min_size=size + 1, max_size=size + 1), min_size=size, max_size=size)
)
"""Counts of an open base, with many zeros: a column for each level, and one for the leavers."""
states = st.dictionaries(st.integers(0, 9), st.sampled_from((*LEVELS, None, "unknown", "unread")))


def read(customer_id: int | None, level: str | None, at: datetime) -> Reading:
    """Return a reading of a customer's level; if that is None, stars that no rule reads."""
    if level is None:
        return Reading(
            subject_kind=SubjectKind.CUSTOMER,
            subject_id=customer_id,
            kind=MeasureKind.SATISFACTION,
            value=2,
            scale=Scale.SATISFACTION_1_5,
            at=at,
        )
    return Reading(
        subject_kind=SubjectKind.CUSTOMER,
        subject_id=customer_id,
        kind=MeasureKind.LOYALTY,
        level=LoyaltyLevel(level),
        at=at,
    )


def name_levels(table: list[list[int]]) -> list[str]:
    """Return a name for each level of a table."""
    return [f"level {place}" for place in range(len(table))]


def build_moves(table: list[list[int]]) -> LevelTransitions:
    """Return the moves of an open base."""
    return LevelTransitions(
        counts=[row[:-1] for row in table], left=[row[-1] for row in table], levels=name_levels(table)
    )


histories = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from([*LEVELS, None]),
        st.integers(-20, 99).map(lambda days: MONTHS[0].start + timedelta(days=days)),
    ),
    max_size=25,
)
leavings = st.dictionaries(
    st.integers(0, 6), st.integers(-5, 99).map(lambda days: MONTHS[0].start + timedelta(days=days, hours=1)), max_size=4
)


def find_states(
    history: list[tuple[int, LoyaltyLevel | None, datetime]], gone: dict[int, datetime], period: Period
) -> dict[int, str]:
    """Return the state of each customer at the end of a period, by looking at each customer alone."""
    found: dict[int, str] = {}
    for customer in {one for one, _, at in history if at < period.end}:
        every = [(at, level) for one, level, at in history if one == customer and at < period.end]
        if customer in gone and max(at for at, _ in every) <= gone[customer] < period.end:
            continue
        mine = [(at, LEVELS.index(level)) for at, level in every if level is not None]
        if mine:
            at, rank = max(mine)
            found[customer] = LEVELS[rank] if at in period else "unread"
        else:
            found[customer] = "unknown"
    return found


class TestBaseDistribution:
    def test_without_level(self) -> None:
        """Customers without a level are in no share, and never satisfied."""
        base = BaseDistribution.of({1: "loyal", 2: "aggrieved", 3: None, 4: "unknown", 5: "unread"})

        assert (base.counts, base.unknown, base.unread) == ((1, 0, 1), 2, 1)
        assert (base.known, base.customers) == (2, 5)
        assert base.score == 0
        assert base.share("satisfied") == 0
        assert [finding.rule for finding in base.cautions] == ["most_customers_without_a_level"]

    def test_no_customers(self) -> None:
        """A base without customers has no shares, no score and no bounds."""
        base = BaseDistribution()

        assert base.counts == (0, 0, 0)
        assert {base.shares, base.score, base.known_share, base.interval(), base.share("loyal")} == {None}
        assert base.share_interval("loyal") is None
        assert base.shift_from(BaseDistribution(counts=(1, 0, 0))) is None
        assert base.cautions == ()

    def test_standings(self) -> None:
        """The states of standings are counted as they are."""
        readings = [read(1, "loyal", MONTHS[0].start), read(2, "aggrieved", MONTHS[2].start)]
        stand = Standings.of(readings, as_of=MONTHS[2].end, window=timedelta(days=40), customers=[1, 2, 3])
        base = BaseDistribution.of(stand.states)

        assert (base.counts, base.unread, base.unknown) == ((0, 0, 1), 1, 1)

    @given(st.tuples(few, few, few))
    def test_interval(self, counts: tuple[int, int, int]) -> None:
        """The bounds of the score are those of a Net Promoter Score with the same counts."""
        base = BaseDistribution(counts=counts)
        nps = Nps(promoters=counts[0], passives=counts[1], detractors=counts[2])
        bounds, expected = base.interval(), nps.interval()

        assert base.score == nps.score
        if expected is None:
            assert bounds is None
        else:
            assert bounds is not None
            assert (bounds.low, bounds.high) == pytest.approx((expected.low, expected.high))

    def test_add(self) -> None:
        """Disjoint customers add; two periods and two vocabularies do not."""
        january = BaseDistribution(counts=(1, 2, 3), period=MONTHS[0])

        assert (january + january).counts == (2, 4, 6)
        with refused(PolicyMismatchError, "policies_differ: period"):
            january + BaseDistribution(period=MONTHS[1])
        with refused(PolicyMismatchError, "policies_differ: levels"):
            BaseDistribution() + BaseDistribution(levels=("fan", "guest", "foe"))
        with refused(PolicyMismatchError, "levels_differ: levels"):
            BaseDistribution().shift_from(BaseDistribution(levels=("fan", "foe")))

    @pytest.mark.parametrize(
        ("make", "rule"),
        [
            (lambda: ANY_DISTRIBUTION.of({1: "loyl"}), "no_such_level: states"),
            (lambda: ANY_DISTRIBUTION.of({1: 7}), "no_such_level: states"),
            (lambda: ANY_DISTRIBUTION.of({1: []}), "level_not_hashable: states"),
            (lambda: ANY_DISTRIBUTION.of([1]), "not_a_mapping: states"),
            (lambda: BaseDistribution().share("fan"), "no_such_level: level"),
            (lambda: BaseDistribution(counts=(1, 2)), "counts_of_other_levels: counts"),
            (lambda: BaseDistribution.over([], [MONTHS[0], Period.quarter(2026, 1)]), "periods_overlap: periods"),
        ],
    )
    def test_refusals(self, make: Any, rule: str) -> None:
        """A wrong level, wrong counts and periods that overlap are refused."""
        with refused(CrmcoreError, rule):
            make()

    def test_nearest_level(self) -> None:
        """The error names the level that was probably meant."""
        with pytest.raises(UnknownNameError, match="did you mean loyal"):
            BaseDistribution().share("loyl")
        with pytest.raises(UnknownNameError, match="an unknown level is None"):
            ANY_DISTRIBUTION.of({1: float("nan")})
        with pytest.raises(UnknownNameError, match="give the levels with levels"):
            BaseDistribution().share("fan")

    def test_rows(self) -> None:
        """There is a row for each level and for each state without one."""
        base = BaseDistribution(counts=(3, 0, 1), unread=2)

        assert base.rows()[0] == {"level": "loyal", "count": 3, "share": 0.75}
        assert base.rows(plain=False)[2]["share"] == Decimal("0.25")
        assert [row["count"] for row in base.rows()] == [3, 0, 1, 2, 0]
        assert BaseDistribution().rows()[0]["share"] is None
        assert "aggrieved" in base._repr_html_()

    @given(histories, leavings)
    def test_over(self, history: list[tuple[int, LoyaltyLevel | None, datetime]], gone: dict[int, datetime]) -> None:
        """In one pass over all readings, each period has the states that each customer has alone."""
        base = BaseDistribution.over([read(*row) for row in history], MONTHS, gone=gone, rules=[])

        for period in MONTHS:
            assert base[period] == BaseDistribution.of(find_states(history, gone, period), period=period)

    def test_left_out(self) -> None:
        """Readings of unknown customers and of other subjects are left out; without a rule, a customer is unknown."""
        at = MONTHS[0].start
        stars = read(1, None, at)
        desk = Reading(subject_kind=SubjectKind.TOUCHPOINT, subject_id=1, kind=MeasureKind.PERCEPTION, value=2, at=at)

        base = BaseDistribution.over([read(None, "loyal", at), desk, stars], MONTHS[:1])
        assert base[MONTHS[0]].counts == (0, 0, 1)
        without_rule = BaseDistribution.over([desk, stars, read(2, "loyal", at)], MONTHS[:1], rules=[])[MONTHS[0]]
        assert (without_rule.known, without_rule.unknown, without_rule.unread) == (1, 1, 0)
        assert len(BaseDistribution.over([stars], [])) == 0

    def test_same_instant(self) -> None:
        """Of readings at one instant the worst counts, in either order."""
        at = MONTHS[0].start
        pair = [read(1, "loyal", at), read(1, "aggrieved", at)]

        for given_ in (pair, pair[::-1]):
            assert BaseDistribution.over(given_, MONTHS[:1])[MONTHS[0]].counts == (0, 0, 1)


class TestLevelTransitions:
    @given(states, states, st.sets(st.integers(0, 11)))
    def test_of(self, before: dict[int, Any], after: dict[int, Any], gone: set[int]) -> None:
        """Each customer is counted once, in the place that both states and the departure give."""
        gone = {one for one in gone if after.get(one) not in LEVELS}
        moved = LevelTransitions.of(before, after, gone=gone)
        cells: Counter[Any] = Counter()
        for one in {*before, *after, *gone}:
            was = before[one] if before.get(one) in LEVELS else "none" if one in before else "absent"
            now = "left" if one in gone else after[one] if after.get(one) in LEVELS else "none"
            cells[was, now] += 1

        assert moved.counts == tuple(tuple(cells[was, now] for now in LEVELS) for was in LEVELS)
        assert moved.arrived == tuple(cells["absent", now] for now in LEVELS)
        assert moved.found == tuple(cells["none", now] for now in LEVELS)
        assert moved.left == tuple(cells[was, "left"] for was in LEVELS)
        assert moved.unread == tuple(cells[was, "none"] for was in LEVELS)
        assert (moved.unknown, moved.arrived_unknown) == (cells["none", "none"], cells["absent", "none"])
        assert (moved.left_unknown, moved.passed) == (cells["none", "left"], cells["absent", "left"])
        assert moved.before == len(before)
        assert moved.after == len({*before, *after} - gone)

    @given(histories, leavings)
    def test_over(self, history: list[tuple[int, LoyaltyLevel | None, datetime]], gone: dict[int, datetime]) -> None:
        """Each step agrees with the states at its ends, and no customer is lost on the way."""
        readings = [read(*row) for row in history]
        moved = LevelTransitions.over(readings, MONTHS, gone=gone, rules=[])
        base = BaseDistribution.over(readings, MONTHS, gone=gone, rules=[])

        assert list(moved) == MONTHS[1:]
        for earlier, later in pairwise(MONTHS):
            before, after = (find_states(history, gone, period) for period in (earlier, later))
            away = [one for one in before if one not in after]
            away += [
                one
                for one, at in gone.items()
                if one not in before and one not in after and earlier.end <= at < later.end
            ]
            assert moved[later] == LevelTransitions.of(before, after, gone=away)
            assert moved[later].before == base[earlier].customers
            assert moved[later].after == base[later].customers

    def test_gone(self) -> None:
        """A customer who is gone but has a level is refused; one who was never there is reported."""
        with refused(InconsistentCountsError, "gone_with_a_level: gone[1]"):
            LevelTransitions.of({1: "loyal"}, {1: "loyal"}, gone=[1])

        moved = LevelTransitions.of({1: "loyal"}, {1: "loyal"}, gone=[2])
        assert moved.passed == 1
        assert "gone_without_being_there" in [finding.rule for finding in moved.cautions]

    def test_came_back(self) -> None:
        """A customer who is read after leaving has arrived again."""
        readings = [read(1, "loyal", MONTHS[0].start), read(1, "aggrieved", MONTHS[2].start)]
        moved = LevelTransitions.over(readings, MONTHS, gone={1: MONTHS[1].start})

        assert moved[MONTHS[1]].left == (1, 0, 0)
        assert moved[MONTHS[2]].arrived == (0, 0, 1)

    def test_cautions(self) -> None:
        """A level without moves, and many who were not read again, are reported."""
        rules = [finding.rule for finding in LevelTransitions(left=(1, 0, 0), unread=(5, 0, 0)).cautions]

        assert rules == ["level_without_moves", "most_not_read_again"]
        assert LevelTransitions().cautions == ()
        assert MOVED.cautions == ()

    @given(tables)
    def test_stochastic(self, table: list[list[int]]) -> None:
        """Each known row of both matrices adds up to 1; a row of zeros is no row."""
        moved = build_moves(table)

        for matrix, rows in ((moved.matrix, moved.counts), (moved.open_matrix, table)):
            for shares, counts in zip(matrix, rows, strict=True):
                assert (shares is None) is (sum(counts) == 0)
                if shares is not None:
                    assert abs(sum(map(Fraction, shares), Fraction(-1))) < Fraction(1, 10**32)
        assert moved.improved + moved.same + moved.worsened == moved.moves

    @given(tables)
    def test_add(self, table: list[list[int]]) -> None:
        """The moves of disjoint customers, and of one period after the other, add cell by cell."""
        moved = build_moves(table)

        assert (moved + moved).counts == tuple(tuple(2 * count for count in row) for row in moved.counts)
        assert LevelTransitions.total([moved, moved]).left == tuple(2 * count for count in moved.left)

    def test_share(self) -> None:
        """A share is of those whose move is known, those who left included."""
        assert MOVED.share("loyal", None) == Decimal("0.08")
        assert MOVED.share("loyal", "loyal") == Decimal("0.72")
        bounds = MOVED.share_interval("loyal", None)
        assert bounds is not None
        assert Decimal("0.08") in bounds
        assert LevelTransitions().share("loyal", None) is None
        assert LevelTransitions().share_interval("loyal", "loyal") is None
        with refused(UnknownNameError, "no_such_level: after"):
            MOVED.share("loyal", "lost")

    def test_shift(self) -> None:
        """The shift of the same customers is that of the two margins of the table."""
        shifts = MOVED.shift()

        assert shifts is not None
        n = MOVED.moves
        for place, level in enumerate(LEVELS):
            before, after = sum(MOVED.counts[place]), sum(row[place] for row in MOVED.counts)
            difference = shifts[level].difference
            assert difference is not None
            assert abs(Fraction(difference) - Fraction(after - before, n)) < Fraction(1, 10**33)
        assert LevelTransitions().shift() is None

    def test_rows(self) -> None:
        """There is a row for each cell, for those who left or arrived and for those without a level at a time."""
        rows = MOVED.rows()

        assert len(rows) == 3 * 5 + 5 + 4
        assert rows[3] == {"before": "loyal", "after": None, "count": 8, "share": 0.08}
        assert MOVED.rows(plain=False)[0]["share"] == Decimal("0.72")
        assert LevelTransitions().rows()[0]["share"] is None
        assert "aggrieved" in MOVED._repr_html_()

    @given(level_transitions())
    def test_rows_hold_everybody(self, moved: LevelTransitions) -> None:
        """The counts of all rows are the customers before and those who arrived, and every cell has its row."""
        rows = {(row["before"], row["after"]): row["count"] for row in moved.rows()}
        places = [(str(level), place) for place, level in enumerate(moved.levels)]

        assert moved.before + sum(moved.arrived) + moved.arrived_unknown == sum(rows.values())
        for level, place in places:
            assert moved.counts[place] == tuple(rows[level, after] for after, _ in places)
            assert (moved.left[place], moved.unread[place]) == (rows[level, None], rows[level, "unread"])
            assert (moved.arrived[place], moved.found[place]) == (rows[None, level], rows["unknown", level])
        assert (moved.left_unknown, moved.unknown) == (rows["unknown", None], rows["unknown", "unknown"])
        assert moved.arrived_unknown == rows[None, "unknown"]

    def test_in_a_notebook(self) -> None:
        """A notebook shows a row for each level before, and leaves out no cell."""
        moved = LevelTransitions.of({"a": "loyal", "b": "loyal", "c": "loyal"}, {"a": "aggrieved"})
        shown = moved._list_rows()

        assert [*map(str, LEVELS), "unknown", "arrived"] == [row["before"] for row in shown]
        assert (0, 0, 1, 0, 2) == tuple(shown[0].values())[1:]
        assert " more<" not in moved._repr_html_()

    @pytest.mark.parametrize(
        ("make", "rule"),
        [
            (lambda: LevelTransitions(counts=((1, 2, 3),)), "counts_of_other_levels: counts"),
            (lambda: LevelTransitions(counts=((1,), (1,), (1,))), "counts_of_other_levels: counts"),
            (lambda: LevelTransitions(left=(1,)), "counts_of_other_levels: left"),
            (lambda: ANY_TRANSITIONS.of({1: "loyl"}, {}), "no_such_level: before"),
            (lambda: ANY_TRANSITIONS.of({}, [1]), "not_a_mapping: after"),
            (lambda: MOVED.chance_to_reach("lost"), "no_such_level: level"),
        ],
    )
    def test_refusals(self, make: Any, rule: str) -> None:
        """Counts that do not fit the levels, and unknown levels, are refused."""
        with refused(CrmcoreError, rule):
            make()


class TestLongRun:
    @given(tables)
    def test_stationary(self, table: list[list[int]]) -> None:
        """A stationary share is the only solution of share @ matrix = share, and exact."""
        rows = _chains.divide_rows([row[:-1] for row in table])
        found = _chains.find_stationary(rows)
        if found is None:
            assert None in rows or len(_chains.find_closed_classes(rows)) != 1
            return
        matrix = [row for row in rows if row is not None]
        size = len(matrix)
        assert sum(found) == 1
        assert found == [sum(found[i] * matrix[i][j] for i in range(size)) for j in range(size)]
        system = np.vstack([np.array(matrix, dtype=float).T - np.eye(size), np.ones(size)])
        assert np.linalg.matrix_rank(system) == size
        expected = np.linalg.lstsq(system, np.array([0.0] * size + [1.0]), rcond=None)[0]
        assert list(map(float, found)) == pytest.approx(list(expected), abs=1e-9)

    @given(tables)
    def test_periods_to_leave(self, table: list[list[int]]) -> None:
        """The expected time is 1 plus that of the level after; it has no bound only if a customer may never leave."""
        rows = _chains.divide_rows(table)
        found = _chains.find_periods_to_leave(rows)
        for row, periods in zip(rows, found, strict=True):
            if periods is not None:
                assert row is not None
                assert periods == 1 + sum(share * (found[place] or 0) for place, share in enumerate(row[:-1]))
                assert all(found[place] is not None for place, share in enumerate(row[:-1]) if share)
            elif row is not None and row[-1] != 1:
                assert any(found[place] is None for place, share in enumerate(row[:-1]) if share)

    @given(tables, st.integers(0, 3))
    def test_chance_to_reach(self, table: list[list[int]], place: int) -> None:
        """The chance is what a long projection finds, if the level is made to hold on to its customers."""
        place %= len(table)
        rows = _chains.divide_rows(table)
        found = _chains.find_chances(rows, place)
        size = len(table)
        if None in rows:
            rows = [
                [Fraction(1 if i == j else 0) for j in range(size + 1)] if r is None else r for i, r in enumerate(rows)
            ]
        matrix = np.eye(size + 1)
        for level, row in enumerate(rows):
            if level != place and row is not None:
                matrix[level] = [float(share) for share in row]
        limit = np.linalg.matrix_power(matrix, 2**40)
        for level, chance in enumerate(found):
            if chance is not None:
                assert float(chance) == pytest.approx(limit[level, place], abs=1e-6)

    def test_two_closed_classes(self) -> None:
        """If two levels hold on to their customers, the stationary share depends on the start, and is None."""
        moved = LevelTransitions(counts=((9, 0, 0), (1, 5, 1), (0, 0, 3)))

        assert moved.stationary() is None
        assert moved.closed_classes() == (("loyal",), ("aggrieved",))
        assert moved.periods_at_level() == {"loyal": None, "satisfied": Decimal("3.5"), "aggrieved": None}

    def test_no_moves(self) -> None:
        """Without moves nothing is known of the long run, except that a level is reached from itself."""
        moved = LevelTransitions()

        assert moved.stationary() is None
        assert moved.closed_classes() == ()
        assert set(moved.periods_to_leave().values()) == {None}
        assert set(moved.periods_at_level().values()) == {None}
        assert moved.chance_to_reach("loyal") == {"loyal": 1, "satisfied": None, "aggrieved": None}


class TestProject:
    @given(tables, st.data(), st.integers(0, 6))
    def test_no_customer_is_lost(self, table: list[list[int]], data: st.DataObject, periods: int) -> None:
        """Customers now and leavers are those at the start and arrivals; each figure is the exact one to 34 digits."""
        sizes = data.draw(st.lists(few, min_size=len(table), max_size=len(table)))
        arrivals = data.draw(st.lists(few, min_size=len(table), max_size=len(table)))
        ahead = loyalty.project(build_moves(table), sizes, periods=periods, arrivals=arrivals)
        now, left, lost = [Fraction(size) for size in sizes], Fraction(0), False
        for _ in range(periods):
            ends = [*map(Fraction, arrivals), left]
            for size, row in zip(now, table, strict=True):
                lost |= bool(size and not sum(row))
                ends = [
                    end + (size * count / sum(row) if sum(row) else 0) for end, count in zip(ends, row, strict=True)
                ]
            *now, left = ends
        if lost:
            assert ahead is None
            return
        assert ahead is not None
        for exact, found in zip([*now, left], [*ahead.counts, ahead.left], strict=True):
            assert abs(exact - Fraction(found)) <= exact / 10**33
        balance = Fraction(ahead.start) + Fraction(ahead.arrived) - Fraction(ahead.left) - Fraction(ahead.customers)
        assert abs(balance) < Fraction(1, 10**28)
        assert ahead.periods == periods

    def test_long_run(self) -> None:
        """After many periods the shares of those who stay are the stationary ones."""
        moved = LevelTransitions(counts=MOVED.counts)
        ahead = loyalty.project(moved, [1, 0, 0], periods=400)

        assert ahead is not None
        assert ahead.shares is not None
        assert list(map(float, ahead.shares)) == pytest.approx(list(map(float, (moved.stationary() or {}).values())))

    def test_distribution(self) -> None:
        """Of a distribution, the customers without a level are left out and counted."""
        ahead = loyalty.project(MOVED, BaseDistribution(counts=(60, 30, 10), unread=5, unknown=2), periods=0)

        assert ahead is not None
        assert ahead.counts == tuple(map(Decimal, (60, 30, 10)))
        assert ahead.unprojected == 7
        assert [finding.rule for finding in ahead.cautions] == ["customers_not_projected"]
        assert ahead.rows() == [{"period": 0, "at_loyal": 60.0, "at_satisfied": 30.0, "at_aggrieved": 10.0}]
        assert "at_loyal" in ahead._repr_html_()

    def test_empty(self) -> None:
        """A base without customers has no shares, and needs no moves."""
        ahead = loyalty.project(LevelTransitions(), [0, 0, 0], periods=3)

        assert ahead is not None
        assert ahead.shares is None
        assert ahead.cautions == ()

    @pytest.mark.parametrize(
        ("make", "rule"),
        [
            (lambda: loyalty.project(MOVED, [1, 2], periods=1), "sizes_of_other_levels: customers"),
            (lambda: loyalty.project(MOVED, [1, 2, 3], periods=1, arrivals=[1]), "sizes_of_other_levels: arrivals"),
            (
                lambda: loyalty.project(MOVED, BaseDistribution(levels=("fan", "foe")), periods=1),
                "levels_differ: levels",
            ),
            (lambda: loyalty.BaseProjection(path=[]), "path_of_other_levels: path"),
            (lambda: loyalty.BaseProjection(path=[[1, 2]]), "path_of_other_levels: path"),
            (lambda: loyalty.BaseProjection(path=[[3, 0, 0], [1, 1, 0]]), "customers_lost_on_the_way: left"),
        ],
    )
    def test_refusals(self, make: Any, rule: str) -> None:
        """Sizes that do not fit the levels are refused."""
        with refused(CrmcoreError, rule):
            make()

    @pytest.mark.parametrize("sizes", [[-1, 0, 0], [0.5, 0, 0]])
    def test_wrong_sizes(self, sizes: Any) -> None:
        """A size below zero, or a float, is refused."""
        with pytest.raises((InvalidValueError, WrongTypeError)):
            loyalty.project(MOVED, sizes, periods=1)
