"""Journeys and paths that are still open at the reference date, counted again by hand from the definition."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Funnel,
    Id,
    InconsistentCountsError,
    InvalidValueError,
    Journey,
    JourneyMap,
    Journeys,
    JourneyStep,
    Money,
    Outcome,
    PolicyMismatchError,
    UnknownNameError,
    Visits,
    WrongTypeError,
    attribution,
    instant,
    journey_maps,
    paths,
)
from crmcore.journeys.journey_maps import Conformance
from tests.support import logs
from tests.support.logs import HOUR, START, Row
from tests.support.refusals import refused
from tests.support.replay import replay

WITHIN = 3 * HOUR
UNTIL = START + 6 * HOUR
MAP = JourneyMap(
    name="m", steps=[JourneyStep(name=str(one), phase="p", touchpoint_ids=[one]) for one in ("shelf", "till")]
)
EURO = Money(1, "EUR")

Ask = Callable[..., Any]
windows = st.integers(1, 8).map(lambda n: n * HOUR)
own_windows = st.dictionaries(st.sampled_from(["shelf", 3, "till"]), windows, max_size=2)


def split_by_hand(log: list[Row], within: timedelta, start_at: Id | None = None) -> tuple[list[Row], set[Id]]:
    """The rows of journeys that began at least a window before the end, and the customers whose journey is open."""
    still_open = set[Id]()
    for customer, path in logs.by_customer(log).items():
        began = [at for touchpoint, at in path if start_at in (None, touchpoint)]
        if began and UNTIL - min(began) < within:
            still_open.add(customer)
    return [row for row in log if row[0] not in still_open], still_open


class TestCase:
    ROWS = (
        ("old", "trial", instant("2026-01-01")),
        ("old", "paid", instant("2026-01-20")),
        ("new", "trial", instant("2026-03-25")),
    )
    WINDOW: ClassVar[dict[str, Any]] = {"within": timedelta(days=31), "as_of": instant("2026-04-01")}

    def test_funnel(self) -> None:
        """Known up to 1 April, one of one has paid whose 31 days are over, and one is still open."""
        funnel = Funnel.of(self.ROWS, ["trial", "paid"], **self.WINDOW)

        assert (Decimal(1), 1, 1) == (funnel.rate, funnel.journeys, funnel.open)
        assert [1, 1] == [step.reached for step in funnel.steps]
        assert 0 == funnel["paid"].lost

    def test_the_others(self) -> None:
        """`visits`, `compare` and `outcomes` do not count the open journey as lost either."""
        trial = paths.visits(self.ROWS, goal="paid", **self.WINDOW)["trial"]
        plan = JourneyMap(
            name="m", steps=[JourneyStep(name=one, phase="p", touchpoint_ids=[one]) for one in ("trial", "paid")]
        )
        found = journey_maps.compare(plan, self.ROWS, **self.WINDOW)
        outcome = attribution.outcomes(self.ROWS, "paid", **self.WINDOW)["trial",]

        assert (0, Decimal(0), 1, 1) == (trial.left, trial.drop_off, trial.journeys, trial.open)
        assert (Decimal(1), 0, 1, 1) == (found.rate, found.dropped, found.journeys, found.open)
        assert (1, 0, 1, Decimal(1)) == (outcome.conversions, outcome.nulls, outcome.open, outcome.rate)

    @pytest.mark.parametrize(("late", "expected"), [(timedelta(0), 0), (timedelta(microseconds=1), 1)])
    def test_tie(self, late: timedelta, expected: int) -> None:
        """A journey that began exactly a window ago is over; one microsecond later it is open."""
        rows = [("anna", "trial", self.WINDOW["as_of"] - self.WINDOW["within"] + late)]

        assert expected == Funnel.of(rows, ["trial", "paid"], **self.WINDOW).open
        assert expected == paths.visits(rows, goal="paid", **self.WINDOW)["trial"].open
        assert expected == attribution.outcomes(rows, "paid", **self.WINDOW)["trial",].open


class TestByHand:
    @given(logs.rows(), windows)
    def test_funnel(self, log: list[Row], within: timedelta) -> None:
        """A funnel counts what began at least a window ago at the first step; with nothing else, a journey is open."""
        over, still_open = split_by_hand(log, within, "shelf")
        over = [row for row in over if row[1] != "shelf" or UNTIL - row[2] >= within]
        found = Funnel.of(log, ["shelf", "till"], within=within, as_of=UNTIL)

        assert len(still_open) == found.open
        assert Funnel.of(over, ["shelf", "till"], within=within).steps == found.steps
        replay(found.explain())

    @given(logs.rows(), windows)
    def test_visits(self, log: list[Row], within: timedelta) -> None:
        """Visits are counted of the journeys that are over; at each touchpoint the open ones are counted apart."""
        over, still_open = split_by_hand(log, within)
        expected = {one: row.row() for one, row in paths.visits(over, goal="till").items()}
        opened = Counter(
            touchpoint
            for customer, path in logs.by_customer(log).items()
            if customer in still_open
            for touchpoint in {touchpoint for touchpoint, _ in path}
        )
        found = paths.visits(log, goal="till", within=within, as_of=UNTIL)

        assert opened == {one: row.open for one, row in found.items() if row.open}
        policies = {"within": within, "as_of": UNTIL}
        for one, row in found.items():
            assert {**expected.get(one, Visits(goal="till").row()), **policies, "open": opened[one]} == row.row()
            replay(row.explain())
        assert expected.keys() | opened.keys() == found.keys()

    @given(logs.rows(), windows)
    def test_compare(self, log: list[Row], within: timedelta) -> None:
        """A comparison is that of the journeys that are over, with the number of the others."""
        over, still_open = split_by_hand(log, within)
        expected = journey_maps.compare(MAP, over)
        found = journey_maps.compare(MAP, log, within=within, as_of=UNTIL)

        assert len(still_open) == found.open
        assert (expected.journeys, expected.steps, expected.off_map, expected.backtracks) == (
            found.journeys,
            found.steps,
            found.off_map,
            found.backtracks,
        )
        replay(found.explain())

    @given(
        logs.rows(),
        st.none() | windows,
        own_windows,
        st.booleans(),
        st.sampled_from([None, ["shelf"], ["shelf", 3]]),
        st.sampled_from([None, UNTIL]),
    )
    def test_outcomes(
        self,
        log: list[Row],
        within: timedelta | None,
        own: dict[Id, timedelta],
        first_only: bool,
        channels: list[Id] | None,
        as_of: datetime | None,
    ) -> None:
        """A touch counts in its own window, or else in that of all; a path one of whose touches still may is open."""
        as_of = None if within is None else as_of

        def is_in_window(touch: Id, age: timedelta) -> bool:
            window = own.get(touch, within)
            return window is None or age <= window

        expected: defaultdict[tuple[Id, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
        values = Counter[tuple[Id, ...]]()
        for path in logs.by_customer(log).values():
            touches: list[tuple[Id, datetime]] = []
            over = False
            for touchpoint, at in path:
                if over:
                    continue
                if touchpoint == "till":
                    kept = tuple(one for one, when in touches if is_in_window(one, at - when))
                    expected[kept][0] += 1
                    values[kept] += at.hour
                    touches, over = [], first_only
                elif channels is None or touchpoint in channels:
                    touches.append((touchpoint, at))
            if touches:
                moment = timedelta(microseconds=1)  # the first conversion that could still follow
                is_open = as_of is not None and any(is_in_window(one, as_of + moment - at) for one, at in touches)
                expected[tuple(one for one, _ in touches)][2 if is_open else 1] += 1
        found = attribution.outcomes(
            log,
            "till",
            channels=channels,
            first_only=first_only,
            worth=lambda _, at: EURO * at.hour,
            within=within,
            channel_within=own,
            as_of=as_of,
        )

        assert expected == {path: [one.conversions, one.nulls, one.open] for path, one in found.items()}
        assert +values == {path: one.value.amount for path, one in found.items() if one.value}
        for one in found.values():
            replay(one.explain())
        decayed = attribution.time_decay(
            log,
            "till",
            half_life=HOUR,
            channels=channels,
            first_only=first_only,
            within=within,
            channel_within=own,
        )
        assert attribution.linear(found).conversions == decayed.conversions
        assert attribution.linear(found).unattributed == decayed.unattributed

    @given(logs.rows(), logs.rows(), windows)
    def test_parts_add_up(self, one: list[Row], other: list[Row], within: timedelta) -> None:
        """The counts of two groups of customers add up to those of all, open ones too, and so do the cautions."""
        others: list[Row] = [(f"other {who}" if who else None, where, at) for who, where, at in other]
        window: dict[str, Any] = {"within": within, "as_of": UNTIL}
        for ask in ASKED:
            whole, parts = ask([*one, *others], **window), ask(one, **window) + ask(others, **window)

            assert whole == parts
            assert whole.cautions == parts.cautions


ASKED: list[Ask] = [
    lambda log, **window: Funnel.of(log, ["shelf", "till", "door"], **window),
    lambda log, **window: journey_maps.compare(MAP, log, **window),
    lambda log, **window: paths.visits(log, goal="till", **window),
    lambda log, **window: attribution.outcomes(log, "till", **window),
    lambda log, **window: attribution.outcomes(log, "till", channel_within={"shelf": HOUR}, **window),
]


class TestRules:
    @pytest.mark.parametrize("ask", ASKED)
    def test_as_of_needs_a_window(self, ask: Ask) -> None:
        """Without a window nothing says which journeys are open."""
        with refused(InvalidValueError, "as_of_without_within: within"):
            ask([], as_of=UNTIL)

    @pytest.mark.parametrize("ask", ASKED[1:3])
    def test_a_window_needs_as_of(self, ask: Ask) -> None:
        """Where the window only tells open journeys apart, it says nothing without a reference date."""
        with refused(InvalidValueError, "within_without_as_of: as_of"):
            ask([], within=WITHIN)

    @pytest.mark.parametrize("ask", ASKED)
    def test_later_visits(self, ask: Ask) -> None:
        """A visit after the reference date is refused, with its customer; one at it is not."""
        rows = [("anna", "shelf", START), ("ben", "shelf", UNTIL)]
        ask(rows, within=WITHIN, as_of=UNTIL)
        with refused(InvalidValueError, "after_reference_date: journeys['ben']"):
            ask(rows, within=WITHIN, as_of=UNTIL - timedelta(microseconds=1))

    @pytest.mark.parametrize("ask", ASKED)
    @pytest.mark.parametrize(
        ("window", "error", "broken"),
        [
            ({"within": timedelta(0), "as_of": UNTIL}, InvalidValueError, "duration_not_positive: within"),
            ({"within": 5, "as_of": UNTIL}, WrongTypeError, "not_a_duration: within"),
            ({"within": WITHIN, "as_of": UNTIL.replace(tzinfo=None)}, InvalidValueError, "naive_instant: as_of"),
            ({"within": WITHIN, "as_of": UNTIL.date()}, WrongTypeError, "not_an_instant: as_of"),
        ],
    )
    def test_refusals(self, ask: Ask, window: Any, error: type[Exception], broken: str) -> None:
        """The window is a duration and the reference date an instant."""
        with refused(error, broken):
            ask([], **window)

    @pytest.mark.parametrize("ask", ASKED)
    def test_two_reference_dates_do_not_add(self, ask: Ask) -> None:
        """What was known at two reference dates does not add; one instant in two zones does."""
        rows = [("anna", "shelf", START)]
        found = ask(rows, within=WITHIN, as_of=UNTIL)

        assert found + found == found + ask(rows, within=WITHIN, as_of=UNTIL.astimezone(ZoneInfo("Asia/Tokyo")))
        for other in ({"within": WITHIN, "as_of": UNTIL + HOUR}, {"within": HOUR, "as_of": UNTIL}):
            with pytest.raises(PolicyMismatchError):
                found + ask(rows, **other)

    def test_ready_counts(self) -> None:
        """Ready counts of open journeys need a reference date."""
        for build in (
            lambda: Visits(open=1),
            lambda: Outcome(open=1),
            lambda: Conformance(journey_map=MAP, open=1),
            lambda: Funnel(steps=Funnel.of([], ["a"]).steps, open=1),
        ):
            with refused(InconsistentCountsError, "open_without_as_of: open"):
                build()
        for build in (lambda: Visits(as_of=UNTIL), lambda: Outcome(as_of=UNTIL)):
            with refused(InvalidValueError, "as_of_without_within: within"):
                build()

    def test_a_journey_without_visits_is_not_open(self) -> None:
        """A journey that has not begun is not open."""
        assert 0 == journey_maps.compare(MAP, [Journey(customer_id="anna")], within=WITHIN, as_of=UNTIL).open

    def test_parts_keep_what_is_unassigned(self) -> None:
        """Leaving open journeys out loses nothing else."""
        log = Journeys.of([(None, "shelf", START), ("anna", "till", UNTIL)])

        assert 1 == Funnel.of(log, ["till"], within=WITHIN, as_of=UNTIL).open


class TestLookBack:
    def test_case(self) -> None:
        """With 90 days a touch of a year before the sale gets no credit; one after the sale never does."""
        rows = [
            ("u", "organic", instant("2026-08-06")),
            ("u", "purchase", instant("2022-06-08")),
            ("v", "ad", instant("2024-12-01")),
            ("v", "mail", instant("2026-02-20")),
            ("v", "purchase", instant("2026-03-01")),
        ]
        found = attribution.outcomes(rows, "purchase", within=timedelta(days=90))

        assert {(): (1, 0), ("mail",): (1, 0), ("organic",): (0, 1)} == {
            path: (one.conversions, one.nulls) for path, one in found.items()
        }

    ADS = (
        ("anna", "ad", instant("2026-03-01T12:00")),
        ("anna", "mail", instant("2026-03-02T12:00")),
        ("anna", "till", instant("2026-03-08T12:00")),
    )

    @pytest.mark.parametrize(
        ("windows", "expected"),
        [
            ({}, ("ad", "mail")),
            ({"within": timedelta(days=6)}, ("mail",)),
            ({"channel_within": {"ad": timedelta(days=7)}}, ("ad", "mail")),
            ({"channel_within": {"ad": timedelta(days=7, microseconds=-1)}}, ("mail",)),
            ({"channel_within": {"mail": timedelta(days=1)}}, ("ad",)),
            ({"within": timedelta(days=6), "channel_within": {"ad": timedelta(days=7)}}, ("ad", "mail")),
            ({"within": timedelta(days=7), "channel_within": {"ad": timedelta(days=6)}}, ("mail",)),
            ({"within": timedelta(days=1), "channel_within": {"till": timedelta(days=9)}}, ()),
        ],
    )
    def test_window_of_a_channel(self, windows: dict[str, Any], expected: tuple[Id, ...]) -> None:
        """A channel has its own window instead of that of all; a touch exactly as long ago as it still counts."""
        assert [expected] == [*attribution.outcomes(self.ADS, "till", **windows)]

    def test_before_1970(self) -> None:
        """The window of one channel limits no other, in any year."""
        log = [(who, where, at.replace(year=1950)) for who, where, at in self.ADS]

        assert [("ad",)] == [*attribution.outcomes(log, "till", channel_within={"mail": timedelta(days=1)})]

    def test_old_path_with_a_fresh_touch(self) -> None:
        """A path that began long ago is open as long as one of its touches may be in the window of a conversion."""
        rows = [("anna", "ad", instant("2025-01-01")), ("anna", "mail", instant("2026-03-30"))]
        options: dict[str, Any] = {"within": timedelta(days=30), "as_of": instant("2026-04-01")}

        def count(**more: Any) -> tuple[int, int]:
            outcome = attribution.outcomes(rows, "till", **{**options, **more})["ad", "mail"]
            return outcome.nulls, outcome.open

        assert (0, 1) == count()
        assert (1, 0) == count(channel_within={"mail": timedelta(days=2)})
        assert (0, 1) == count(channel_within={"mail": timedelta(days=2), "ad": timedelta(days=456)})

    @given(logs.rows(), windows, own_windows)
    def test_as_of_splits_the_nulls(self, log: list[Row], within: timedelta, own: dict[Id, timedelta]) -> None:
        """A reference date tells open paths from nulls, and changes no other count."""
        options: dict[str, Any] = {"within": within, "channel_within": own}
        found = attribution.outcomes(log, "till", **options, as_of=UNTIL)

        assert attribution.outcomes(log, "till", **options) == {
            path: attrs.evolve(one, nulls=one.nulls + one.open, open=0, as_of=None) for path, one in found.items()
        }

    @given(logs.rows(), windows)
    def test_one_window_for_all(self, log: list[Row], within: timedelta) -> None:
        """To give each channel the same window is to give it to all."""
        each = attribution.outcomes(log, "till", channel_within={"shelf": within, 3: within})
        whole = attribution.outcomes(log, "till", within=within)

        assert [*whole.items()] == [
            (path, attrs.evolve(one, within=within, channel_within=())) for path, one in each.items()
        ]

    @pytest.mark.parametrize(
        ("windows", "error", "broken"),
        [
            (HOUR, WrongTypeError, "channel_windows_not_a_mapping: channel_within"),
            ({"ad": None}, WrongTypeError, "not_a_duration: channel_within[0]"),
            ({"ad": HOUR, "mail": HOUR * 0}, InvalidValueError, "duration_not_positive: channel_within[1]"),
            ({"": HOUR}, InvalidValueError, "empty_id: channel_within[0]"),
            ({"Ad": HOUR}, UnknownNameError, "misspelt_touchpoint: channel_within"),
        ],
    )
    def test_refusals(self, windows: Any, error: type[Exception], broken: str) -> None:
        """Each touchpoint has a window that is a duration, and is named as the visits name it."""
        with refused(error, broken):
            attribution.outcomes(self.ADS, "till", channel_within=windows)

    def test_name_that_no_visit_has(self) -> None:
        """The window of a channel that no path has is a caution, here and in every attribution."""
        windows = {"advert": HOUR, "mail": timedelta(days=9)}
        found = attribution.outcomes(self.ADS, "till", channel_within=windows)
        decayed = attribution.time_decay(self.ADS, "till", half_life=HOUR, channel_within=windows)

        assert ["channel_not_visited"] == [one.rule for one in found.cautions]
        assert found.cautions == attribution.linear(found).cautions == decayed.cautions
        assert "advert" == found.cautions[0].subject

    def test_two_windows_do_not_add(self) -> None:
        """Counts with different windows of channels do not add; the order in which windows are given is no matter."""
        one, other = (
            attribution.outcomes(self.ADS, "till", channel_within=dict(windows))
            for windows in ([("ad", HOUR), ("mail", HOUR)], [("mail", HOUR), ("ad", HOUR)])
        )

        assert one == other
        assert 2 == (one + other)[()].conversions
        with pytest.raises(PolicyMismatchError):
            one + attribution.outcomes(self.ADS, "till", channel_within={"ad": HOUR})
        with refused(PolicyMismatchError, "outcomes_of_several_goals: outcomes"):
            attribution.linear({**one, ("x",): attribution.outcomes(self.ADS, "till")["ad", "mail"]})


class TestSplit:
    def test_without_worth(self) -> None:
        """Conversions of unknown worth are not split into nothing: the error says how to give the worth."""
        rows = [("anna", "ad", START), ("anna", "till", UNTIL)]
        with refused(InvalidValueError, "split_without_worth: value"):
            attribution.linear(attribution.outcomes(rows, "till")).split()
        with refused(InvalidValueError, "split_without_worth: value"):
            attribution.time_decay(rows, "till", half_life=HOUR).split()

    def test_with_worth(self) -> None:
        """Money of zero in a currency is split into zeros, and so is nothing if nothing converted."""
        rows = [("anna", "ad", START), ("anna", "till", UNTIL)]
        free = attribution.linear(attribution.outcomes(rows, "till", worth=EURO * 0))
        none = attribution.linear(attribution.outcomes(rows[:1], "till", worth=lambda *_: EURO))

        assert (("ad", EURO * 0),) == free.split()
        assert (("ad", Money(0, "XXX")),) == none.split()
