from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import mpmath
import pytest
from hypothesis import given, strategies as st

from crmcore import TallyBy, instant
from crmcore.interop.hypothesis import (
    departures,
    dissolutions,
    relationships,
    stage_durations,
    stage_times,
    transitions,
)
from crmcore.model.relationship import (
    Dissolution,
    DissolutionCause,
    Initiator,
    LifecycleStage,
    Relationship,
    StageOrder,
)
from crmcore.primitives.errors import (
    CrmcoreError,
    InconsistentCountsError,
    InvalidValueError,
    NaiveInstantError,
    PolicyMismatchError,
    WrongTypeError,
)
from crmcore.retention.lifecycles import Departures, StageDuration, StageTime, Transitions, durations
from tests.support.refusals import refused
from tests.support.relationship_strategies import AWARENESS, COMMITMENT, DISSOLUTION, EXPANSION, EXPLORATION, LEGAL
from tests.support.strategies import records

DAY = timedelta(days=1)
NAIVE = datetime(2026, 6, 30)  # noqa: DTZ001 - naive on purpose
DISTANT = datetime(2100, 1, 1, tzinfo=UTC)
bases = records(relationships(), max_size=4)


def gone_through(*entries: tuple[LifecycleStage, str], **others: Any) -> Relationship:
    """Build a relationship from stages and days."""
    return Relationship(
        customer_id=others.pop("customer_id", 1),
        history=[(stage, instant(day)) for stage, day in entries],
        dissolutions=[ended(day) for stage, day in entries if stage is DISSOLUTION],
        **others,
    )


def ended(
    day: str, cause: DissolutionCause = DissolutionCause.UNKNOWN, initiator: Initiator = Initiator.UNKNOWN, **more: Any
) -> Dissolution:
    """Build a dissolution of a day."""
    return Dissolution(at=instant(day), cause=cause, initiator=initiator, **more)


ANNA = gone_through((EXPLORATION, "2024-01-01"), (AWARENESS, "2024-02-01"), (DISSOLUTION, "2024-05-01"))


class TestDurations:
    def test_days_between_entries(self) -> None:
        """A length is the days between two entries, and a stay that still lasts is left out."""
        assert (
            StageDuration(stage=EXPLORATION, length=31 * DAY, followed_by=AWARENESS, customer_id=1),
            StageDuration(stage=AWARENESS, length=90 * DAY, followed_by=DISSOLUTION, customer_id=1),
        ) == durations([ANNA])

    def test_what_lasts_is_cut_off_at_the_reference_date(self) -> None:
        """A stay that still lasts ends at the reference date, and so does a stay after a dissolution."""
        anna = gone_through((EXPLORATION, "2024-01-01"), (AWARENESS, "2024-02-01"), customer_id="a")
        cut = durations([anna, ANNA], as_of=instant("2024-05-11"))

        assert [
            ("a", EXPLORATION, Decimal(31), True),
            ("a", AWARENESS, Decimal(100), False),
            (1, EXPLORATION, Decimal(31), True),
            (1, AWARENESS, Decimal(90), True),
            (1, DISSOLUTION, Decimal(10), False),
        ] == [(stay.customer_id, stay.stage, stay.days, stay.ended) for stay in cut]

    def test_win_back_ends_the_time_apart(self) -> None:
        """A win-back ends the stay at dissolution, and exploration follows."""
        back = ANNA.reopen(at=instant("2024-05-31"))

        assert (
            StageDuration(stage=DISSOLUTION, length=30 * DAY, followed_by=EXPLORATION, customer_id=1)
            == durations([back])[-1]
        )

    def test_a_stage_entered_twice_is_two_stays(self) -> None:
        """A stage that is entered twice has two stays."""
        cooled = gone_through(
            (EXPLORATION, "2024-01-01"),
            (AWARENESS, "2024-01-02"),
            (EXPLORATION, "2024-01-04"),
            (AWARENESS, "2024-01-07"),
        )

        assert [DAY, 2 * DAY, 3 * DAY] == [stay.length for stay in durations([cooled])]

    def test_time_goes_through_utc(self) -> None:
        """A day on which the clocks go back has 25 hours."""
        history = [
            (EXPLORATION, instant("2026-10-24T12:00+02:00")),
            (AWARENESS, instant("2026-10-25T12:00+01:00")),
        ]

        assert (timedelta(hours=25),) == tuple(
            stay.length for stay in durations([Relationship(customer_id=1, history=history)])
        )

    def test_ties_take_no_time(self) -> None:
        """Two entries at the same instant have a stay of zero, and so has a reference date at the last entry."""
        tie = gone_through((EXPLORATION, "2024-01-01"), (AWARENESS, "2024-01-01"))

        assert [timedelta(0), timedelta(0)] == [
            stay.length for stay in durations([tie], as_of=instant("2024-01-01T01:00+01:00"))
        ]

    @given(bases)
    def test_stays_fill_the_time(self, base: list[Relationship]) -> None:
        """The stays of a relationship fill the time from its first entry to the reference date."""
        stays = durations(iter(base), as_of=DISTANT)
        begun = [one for one in base if one.history]

        assert sum((DISTANT - one.history[0][1].astimezone(UTC) for one in begun), timedelta(0)) == sum(
            (stay.length for stay in stays), timedelta(0)
        )
        assert [stage for one in base for stage, _ in one.history] == [stay.stage for stay in stays]
        assert len(begun) == sum(not stay.ended for stay in stays)

    @given(bases)
    def test_without_a_reference_date_what_lasts_is_left_out(self, base: list[Relationship]) -> None:
        """Without `as_of`, the result has the stays that ended and no others."""
        assert tuple(stay for stay in durations(base, as_of=DISTANT) if stay.ended) == durations(base)

    def test_of_nobody(self) -> None:
        """Without relationships, and without a history, there are no stays."""
        assert () == durations([]) == durations([Relationship(customer_id=1)], as_of=DISTANT)

    @pytest.mark.parametrize(
        ("items", "as_of", "error", "message"),
        [
            ([], NAIVE, NaiveInstantError, "naive_instant: as_of"),
            ([], "2026-06-30", WrongTypeError, "not_an_instant: as_of"),
            (
                [ANNA],
                instant("2024-04-30T23:59:59"),
                InvalidValueError,
                ("after_reference_date: relationships[0]"),
            ),
            ([1], None, WrongTypeError, "wrong_type: relationships[0]"),
            (ANNA, None, WrongTypeError, "one_for_several: relationships"),
        ],
    )
    def test_refuses_nonsense(self, items: Any, as_of: Any, error: type[CrmcoreError], message: str) -> None:
        """Wrong types, naive reference dates and entries after the reference date are refused."""
        with refused(error, message):
            durations(items, as_of=as_of)


class TestStageDuration:
    @given(stage_durations())
    def test_days(self, stay: StageDuration) -> None:
        """A day has 24 hours, to 34 digits."""
        exact = Fraction(stay.length // timedelta(microseconds=1), 86_400 * 10**6)

        assert abs(Fraction(stay.days) - exact) <= exact / 10**33
        assert (stay.followed_by is not None) is stay.ended

    def test_defaults(self) -> None:
        """By default a stay has not ended and its customer is unknown."""
        stay = StageDuration(stage=EXPLORATION, length=timedelta(0))

        assert (None, None, False, Decimal(0)) == (stay.followed_by, stay.customer_id, stay.ended, stay.days)

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"stage": "awareness"}, WrongTypeError, "not_a_member: stage"),
            ({"length": 31}, WrongTypeError, "wrong_type: length"),
            ({"length": -timedelta(microseconds=1)}, InvalidValueError, "length_below_zero: length"),
            ({"followed_by": "expansion"}, WrongTypeError, "not_a_member: followed_by"),
            ({"customer_id": ""}, InvalidValueError, "empty_id: customer_id"),
        ],
    )
    def test_refuses_nonsense(self, values: dict[str, Any], error: type[CrmcoreError], message: str) -> None:
        """A bad value is refused, and the message names the field."""
        least: dict[str, Any] = {"stage": AWARENESS, "length": DAY}
        with refused(error, message):
            StageDuration(**{**least, **values})


class TestStageTime:
    @given(st.lists(stage_durations(), max_size=20))
    def test_agrees_with_an_independent_count(self, stays: list[StageDuration]) -> None:
        """The counts and the seconds agree with a plain count, exactly."""
        time = StageTime.of(iter(stays))
        seconds = sum((Fraction(stay.length // timedelta(microseconds=1), 10**6) for stay in stays), Fraction(0))

        assert sum(stay.followed_by is not None for stay in stays) == time.ended
        assert len(stays) == time.stays == time.ended + time.lasting
        assert seconds == Fraction(time.seconds)

    @given(st.lists(stage_durations(), max_size=8), st.integers(0, 8))
    def test_shards_add_up(self, stays: list[StageDuration], cut: int) -> None:
        """Any order gives the same record, and so does adding parts."""
        whole = StageTime.of(stays)
        by = StageTime.by(reversed(stays), lambda stay: stay.stage)

        assert whole == StageTime.of(stays[:cut]) + StageTime.of(stays[cut:])
        assert (whole if stays else None) == by.total
        for stage, time in by.items():
            assert StageTime.of([stay for stay in stays if stay.stage is stage]) == time

    @given(stage_times())
    def test_ratios(self, time: StageTime) -> None:
        """Days are seconds divided by 86,400, and the mean is None if no stay ended."""
        with mpmath.workdps(60):
            days = mpmath.mpf(str(time.seconds)) / 86_400
            assert mpmath.almosteq(days, mpmath.mpf(str(time.days)), 1e-33)
            if time.ended:
                assert mpmath.almosteq(days / time.ended, mpmath.mpf(str(time.days_per_end)), 1e-33)
            else:
                assert time.days_per_end is None

    def test_those_that_last_lengthen_the_mean(self) -> None:
        """Stays that still last make the mean longer."""
        base = [
            gone_through((EXPLORATION, "2024-01-01"), (AWARENESS, "2024-01-11")),
            gone_through((EXPLORATION, "2024-01-01")),
        ]
        by = StageTime.by(durations(base, as_of=instant("2024-04-01")), lambda stay: stay.stage)
        without = StageTime.by(durations(base), lambda stay: stay.stage)

        assert (1, 1, Decimal(101), Decimal(101)) == (
            by[EXPLORATION].ended,
            by[EXPLORATION].lasting,
            by[EXPLORATION].days,
            by[EXPLORATION].days_per_end,
        )
        assert (0, 1, Decimal(81), None) == (
            by[AWARENESS].ended,
            by[AWARENESS].lasting,
            by[AWARENESS].days,
            by[AWARENESS].days_per_end,
        )
        assert Decimal(10) == without[EXPLORATION].days_per_end

    def test_a_million_long_stays_add(self) -> None:
        """The sum can be longer than a `timedelta` can be."""
        stay = StageTime.of([StageDuration(stage=COMMITMENT, length=timedelta.max)])

        assert 3 * 999_999_999 < StageTime.total([stay] * 3).days < 3 * 10**9

    def test_of_nothing(self) -> None:
        """Without stays, the time is zero and the mean is None."""
        empty = StageTime.of([])

        assert StageTime() == empty
        assert (0, Decimal(0), None) == (empty.stays, empty.days, empty.days_per_end)
        assert TallyBy() == StageTime.by([], lambda stay: stay.stage)

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"ended": -1}, InvalidValueError, "too_small: ended"),
            ({"lasting": 1.0}, WrongTypeError, "wrong_number_type: lasting"),
            ({"ended": 1, "seconds": -1}, InvalidValueError, "too_small: seconds"),
            ({"ended": 1, "seconds": 0.5}, WrongTypeError, "float_is_inexact: seconds"),
            (
                {"seconds": 5},
                InconsistentCountsError,
                "time_without_stays: seconds",
            ),
        ],
    )
    def test_ready_counts_are_checked(self, values: dict[str, Any], error: type[CrmcoreError], message: str) -> None:
        """A record built from counts obeys the same rules."""
        with refused(error, message):
            StageTime(**values)

    def test_strangers_are_named(self) -> None:
        """A value that is no stay or no function is refused, and the message names the argument."""
        stranger: Any = ANNA
        with refused(WrongTypeError, "wrong_type: stays[0]"):
            StageTime.of([stranger])
        with refused(WrongTypeError, "one_for_several: stays"):
            StageTime.of(stranger)
        with refused(WrongTypeError, "wrong_type: stays[0]"):
            StageTime.by([stranger], lambda stay: stay.stage)
        with refused(WrongTypeError, "one_for_several: stays"):
            StageTime.by(stranger, lambda stay: stay.stage)
        with refused(WrongTypeError, "not_a_function: key"):
            StageTime.by([], stranger)

    def test_explains_itself(self) -> None:
        """The explanation has a line for each value, and the source."""
        lines = str(StageTime(ended=3, lasting=1, seconds=120 * 86_400).explain()).splitlines()

        assert "days_per_end        40  days     = days / ended" == lines[5]
        assert "source: Epstein and Sobel 1953, Life Testing, JASA 48:486-502" == lines[-1]


class TestTransitions:
    @given(
        st.sampled_from(StageOrder).flatmap(lambda order: records(relationships(order=order), min_size=1, max_size=3))
    )
    def test_agrees_with_an_independent_count(self, base: list[Relationship]) -> None:
        """Every entry except the first is a move from the entry before."""
        order = base[0].order
        pairs = [(one.history[i][0], one.history[i + 1][0]) for one in base for i in range(len(one.history) - 1)]
        moves = Transitions.of(iter(base), order=order)

        assert {pair: pairs.count(pair) for pair in pairs} == {pair: n for pair, n in moves.counts if n}
        assert len(pairs) == moves.moves
        assert sum(end is DISSOLUTION for _, end in pairs) == moves.ended
        assert sum(start is DISSOLUTION for start, _ in pairs) == moves.dissolution_to_exploration

    @given(transitions())
    def test_counts_are_the_orders_moves(self, moves: Transitions) -> None:
        """`counts` has each move that the order allows once, in the order of the stages."""
        stages = moves.order.stages
        legal = [(start, end) for start in stages for end in stages if end in LEGAL[moves.order][start]]

        assert legal == [pair for pair, _ in moves.counts]
        assert moves.moves == sum(n for _, n in moves.counts)
        for (start, end), n in moves.counts:
            assert n == getattr(moves, f"{start.value}_to_{end.value}")

    @given(transitions())
    def test_kinds_of_moves_make_up_all(self, moves: Transitions) -> None:
        """Forward, back, ended and won back add up to all moves."""
        living = moves.order.stages[:4]
        counts = dict(moves.counts)

        assert sum(counts[living[i], living[i + 1]] for i in range(3)) == moves.forward
        assert sum(counts[living[i + 1], living[i]] for i in range(3)) == moves.back
        assert sum(counts[stage, DISSOLUTION] for stage in living) == moves.ended
        assert moves.moves == moves.forward + moves.back + moves.ended + moves.dissolution_to_exploration

    @given(transitions(), st.sampled_from(LifecycleStage))
    def test_shares_are_by_row(self, moves: Transitions, start: LifecycleStage) -> None:
        """The shares of the moves from one stage add up to one, and are None without such moves."""
        row = {end: n for (begun, end), n in moves.counts if begun is start}
        left = sum(row.values())

        assert left == moves.left(start)
        for end in LifecycleStage:
            share = moves.share(start, end)
            if left:
                assert share is not None
                assert abs(Fraction(share) - Fraction(row.get(end, 0), left)) <= Fraction(1, 10**34)
            else:
                assert share is None

    @given(records(relationships(order=StageOrder.AWARENESS_FIRST), max_size=4), st.integers(0, 4))
    def test_shards_add_up(self, base: list[Relationship], cut: int) -> None:
        """Any order gives the same record, and so does adding parts."""
        order = StageOrder.AWARENESS_FIRST
        whole = Transitions.of(base, order=order)
        by = Transitions.by(reversed(base), lambda one: one.manager_id, order=order)

        assert whole == Transitions.of(base[:cut], order=order) + Transitions.of(base[cut:], order=order)
        assert (whole if base else None) == by.total
        for manager, moves in by.items():
            assert Transitions.of([one for one in base if one.manager_id == manager], order=order) == moves

    def test_of_a_small_base(self) -> None:
        """The moves of five relationships give these totals and shares."""
        moves = Transitions.of(
            [
                ANNA.reopen(at=instant("2024-06-01")),
                gone_through((EXPLORATION, "2024-01-01"), (DISSOLUTION, "2024-01-02")),
                gone_through((COMMITMENT, "2024-01-01"), (EXPANSION, "2024-02-01")),
                gone_through((AWARENESS, "2024-01-01"), (EXPLORATION, "2024-02-01")),
                Relationship(customer_id=1),
            ]
        )

        assert (6, 1, 2, 2) == (moves.moves, moves.forward, moves.back, moves.ended)
        assert Decimal("0.5") == moves.share(EXPLORATION, AWARENESS) == moves.share(EXPLORATION, DISSOLUTION)
        assert Decimal(1) == moves.share(DISSOLUTION, EXPLORATION) == moves.share(COMMITMENT, EXPANSION)
        assert Decimal(0) == moves.share(EXPLORATION, COMMITMENT) == moves.share(EXPLORATION, EXPLORATION)
        assert moves.share(EXPANSION, COMMITMENT) is None
        assert 2 == moves.left(EXPLORATION) == moves.left(AWARENESS)

    def test_of_nothing(self) -> None:
        """Without moves, the shares are None."""
        for order in StageOrder:
            empty = Transitions.of([], order=order)

            assert Transitions(order=order) == empty
            assert 0 == empty.moves
            assert {None} == {empty.share(start, end) for start in LifecycleStage for end in LifecycleStage}
        assert TallyBy() == Transitions.by([], lambda one: one.id)

    def test_one_order_at_a_time(self) -> None:
        """Relationships of another order are refused, and so is adding records of two orders."""
        base = [gone_through((EXPLORATION, "2024-01-01"), order=StageOrder.AWARENESS_FIRST)]
        with refused(PolicyMismatchError, "relationship_of_another_order: relationships[0]") as caught:
            Transitions.of(base)
        assert tuple(StageOrder) == caught.value.operands
        with refused(PolicyMismatchError, "relationship_of_another_order: relationships[0]"):
            Transitions.by(base, lambda one: one.id)
        with pytest.raises(PolicyMismatchError):
            Transitions() + Transitions(order=StageOrder.AWARENESS_FIRST)

    def test_moves_of_the_other_order_are_refused(self) -> None:
        """Each order allows eleven of the thirteen moves, and refuses a count of the others."""
        names = {field.name for field in attrs.fields(Transitions) if field.name != "order"}
        for order in StageOrder:
            known = {f"{start.value}_to_{end.value}" for start, ends in LEGAL[order].items() for end in ends}
            assert (11, 13) == (len(known), len(known | names))
            for name in names:
                values: dict[str, Any] = {name: 3}
                if name in known:
                    assert 3 == Transitions(**values, order=order).moves
                else:
                    with refused(InvalidValueError, f"move_not_in_order: {name}") as caught:
                        Transitions(**values, order=order)
                    assert (3, order) == caught.value.operands

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"commitment_to_dissolution": -1}, InvalidValueError, "too_small: commitment_to_dissolution"),
            ({"expansion_to_exploration": -1}, InvalidValueError, "too_small: expansion_to_exploration"),
            ({"exploration_to_awareness": True}, WrongTypeError, "wrong_number_type: exploration_to_awareness"),
            ({"order": "awareness_first"}, WrongTypeError, "not_a_member: order"),
        ],
    )
    def test_ready_counts_are_checked(self, values: dict[str, Any], error: type[CrmcoreError], message: str) -> None:
        """A record built from counts obeys the same rules."""
        with refused(error, message):
            Transitions(**values)

    def test_strangers_are_named(self) -> None:
        """A wrong relationship, order, key or stage is refused, even without relationships."""
        stranger: Any = 1
        with refused(WrongTypeError, "wrong_type: relationships[0]"):
            Transitions.of([stranger])
        with refused(WrongTypeError, "one_for_several: relationships"):
            Transitions.of(stranger)
        with refused(WrongTypeError, "wrong_type: relationships[0]"):
            Transitions.by([stranger], lambda one: one.id)
        with refused(WrongTypeError, "one_for_several: relationships"):
            Transitions.by(stranger, lambda one: one.id)
        with refused(WrongTypeError, "not_a_function: key"):
            Transitions.by([], stranger)
        for count in (
            lambda: Transitions.of([], order=stranger),
            lambda: Transitions.by([], lambda one: one.id, order=stranger),
        ):
            with refused(WrongTypeError, "not_a_member: order"):
                count()
        with refused(WrongTypeError, "not_a_member: stage"):
            Transitions().left(stranger)
        with refused(WrongTypeError, "not_a_member: start"):
            Transitions().share(stranger, EXPLORATION)
        with refused(WrongTypeError, "not_a_member: end"):
            Transitions().share(EXPLORATION, stranger)

    def test_explains_itself(self) -> None:
        """The explanation has the counts, the totals and the shares, each with its formula."""
        explanation = Transitions(exploration_to_awareness=6, exploration_to_dissolution=2).explain()

        assert "exploration_to_awareness + exploration_to_dissolution" == explanation["left_exploration"].formula
        assert "exploration_to_awareness / left_exploration" == explanation["exploration_to_awareness_share"].formula
        assert Decimal("0.75") == explanation["exploration_to_awareness_share"].value
        assert "exploration_to_awareness + awareness_to_expansion + expansion_to_commitment" == (
            explanation["forward"].formula
        )
        assert explanation["commitment_to_dissolution_share"].value is None
        assert 11 + 4 + 5 + 11 == len(explanation)
        assert "Anderson and Goodman 1957, Ann. Math. Statist. 28:89-110" == explanation.source


class TestDepartures:
    @given(st.lists(dissolutions(), max_size=8))
    def test_agrees_with_an_independent_count(self, ends: list[Dissolution]) -> None:
        """Each dissolution counts once as a cause and once as an initiator."""
        counted = Departures.of(iter(ends))

        for cause in DissolutionCause:
            assert sum(end.cause is cause for end in ends) == getattr(counted, cause.value)
        for initiator in Initiator:
            assert sum(end.initiator is initiator for end in ends) == getattr(counted, f"{initiator.value}_initiated")
        assert sum(end.abrupt for end in ends) == counted.abrupt
        assert len(ends) == counted.dissolutions

    @given(st.lists(dissolutions(), max_size=6), st.integers(0, 6))
    def test_shards_add_up(self, ends: list[Dissolution], cut: int) -> None:
        """Any order gives the same record, and so does adding parts."""
        whole = Departures.of(ends)
        by = Departures.by(reversed(ends), lambda end: end.initiator)

        assert whole == Departures.of(ends[:cut]) + Departures.of(ends[cut:])
        assert (whole if ends else None) == by.total
        for initiator, counted in by.items():
            assert Departures.of([end for end in ends if end.initiator is initiator]) == counted

    @given(departures())
    def test_shares(self, counted: Departures) -> None:
        """A share is over all dissolutions, and None if there are none."""
        for share, part in (
            (counted.customer_initiated_share, counted.customer_initiated),
            (counted.supplier_initiated_share, counted.supplier_initiated),
            (counted.abrupt_share, counted.abrupt),
        ):
            if counted.dissolutions:
                assert share is not None
                assert abs(Fraction(share) - Fraction(part, counted.dissolutions)) <= Fraction(1, 10**34)
            else:
                assert share is None

    @given(departures())
    def test_ready_for_a_pareto_chart(self, counted: Departures) -> None:
        """The counts are sorted, equal counts by name, and add up to the whole."""
        for pairs in (counted.by_cause, counted.by_initiator):
            assert sorted(pairs, key=lambda pair: (-pair[1], pair[0].value)) == list(pairs)
            assert counted.dissolutions == sum(n for _, n in pairs)
            assert 0 not in [n for _, n in pairs]
        assert {cause: n for cause in DissolutionCause if (n := getattr(counted, cause.value))} == dict(
            counted.by_cause
        )
        assert {who: n for who in Initiator if (n := getattr(counted, f"{who.value}_initiated"))} == dict(
            counted.by_initiator
        )

    def test_of_five_dissolutions(self) -> None:
        """The shares and the sorted counts of five dissolutions."""
        ends = [
            ended("2026-01-01", DissolutionCause.DISSATISFIED, Initiator.CUSTOMER, abrupt=True),
            ended("2026-01-02", DissolutionCause.BETTER_OFFER, Initiator.CUSTOMER),
            ended("2026-01-03", DissolutionCause.NO_GROWTH, Initiator.SUPPLIER),
            ended("2026-01-04", DissolutionCause.FRAUD, Initiator.SUPPLIER, evidence="forged invoices"),
            ended("2026-01-05", DissolutionCause.DISSATISFIED, Initiator.CUSTOMER),
        ]
        counted = Departures.of(ends)

        assert (Decimal("0.6"), Decimal("0.4"), Decimal("0.2")) == (
            counted.customer_initiated_share,
            counted.supplier_initiated_share,
            counted.abrupt_share,
        )
        assert [("dissatisfied", 2), ("better_offer", 1), ("fraud", 1), ("no_growth", 1)] == [
            (cause.value, n) for cause, n in counted.by_cause
        ]
        assert ((Initiator.CUSTOMER, 3), (Initiator.SUPPLIER, 2)) == counted.by_initiator

    def test_one_name_in_two_lists_counts_in_both(self) -> None:
        """A cause and an initiator with the same value are counted in two fields."""
        counted = Departures.of([ended("2026-01-01", DissolutionCause.UNKNOWN, Initiator.MUTUAL)])

        assert (1, 0, 1, 0) == (
            counted.unknown,
            counted.unknown_initiated,
            counted.mutual_initiated,
            counted.mutual,
        )

    def test_of_nothing(self) -> None:
        """Without dissolutions, the shares are None."""
        empty = Departures.of([])

        assert Departures() == empty
        assert (0, (), (), None, None, None) == (
            empty.dissolutions,
            empty.by_cause,
            empty.by_initiator,
            empty.customer_initiated_share,
            empty.supplier_initiated_share,
            empty.abrupt_share,
        )
        assert TallyBy() == Departures.by([], lambda end: end.cause)

    def test_of_relationships(self) -> None:
        """Every dissolution of a relationship counts, even one that was followed by a win-back."""
        base = [ANNA, ANNA.reopen(at=instant("2025-01-01")).dissolve(ended("2025-02-01"))]

        assert 3 == Departures.of(end for one in base for end in one.dissolutions).unknown

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"dissatisfied": -1}, InvalidValueError, "too_small: dissatisfied"),
            ({"unknown_initiated": 1.0}, WrongTypeError, "wrong_number_type: unknown_initiated"),
            ({"abrupt": -1}, InvalidValueError, "too_small: abrupt"),
            (
                {"dissatisfied": 2, "fraud": 1, "customer_initiated": 2},
                InconsistentCountsError,
                ("causes_and_initiators_differ: unknown_initiated"),
            ),
            (
                {"unknown": 1, "unknown_initiated": 1, "abrupt": 2},
                InconsistentCountsError,
                "more_abrupt_than_dissolutions: abrupt",
            ),
        ],
    )
    def test_ready_counts_are_checked(self, values: dict[str, Any], error: type[CrmcoreError], message: str) -> None:
        """A record built from counts obeys the same rules."""
        with refused(error, message):
            Departures(**values)

    def test_strangers_are_named(self) -> None:
        """A value that is no dissolution or no function is refused, and the message names the argument."""
        stranger: Any = ANNA
        with refused(WrongTypeError, "wrong_type: dissolutions[0]"):
            Departures.of([stranger])
        with refused(WrongTypeError, "one_for_several: dissolutions"):
            Departures.of(stranger)
        with refused(WrongTypeError, "wrong_type: dissolutions[0]"):
            Departures.by([stranger], lambda end: end.cause)
        with refused(WrongTypeError, "one_for_several: dissolutions"):
            Departures.by(stranger, lambda end: end.cause)
        with refused(WrongTypeError, "not_a_function: key"):
            Departures.by([], stranger)

    def test_explains_itself(self) -> None:
        """The explanation has the counts, their sum and the shares of it."""
        explanation = Departures(unknown=2, unknown_initiated=1, customer_initiated=1, abrupt=1).explain()

        assert "customer_initiated / dissolutions" == explanation["customer_initiated_share"].formula
        assert [2, Decimal("0.5"), Decimal(0), Decimal("0.5")] == [
            explanation[name].value for name in Departures.ratios
        ]
        assert 14 + 4 == len(explanation)
