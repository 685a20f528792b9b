"""Journeys and paths that are still open at the reference date, counted again by hand from the definition."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

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
        """A funnel counts the journeys that came to the first step at least a window ago, and the others apart."""
        over, still_open = split_by_hand(log, within, "shelf")
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

    @given(logs.rows(), windows, st.booleans(), st.sampled_from([None, ["shelf"]]), st.sampled_from([None, UNTIL]))
    def test_outcomes(
        self, log: list[Row], within: timedelta, first_only: bool, channels: list[Id] | None, as_of: datetime | None
    ) -> None:
        """Touches too long before a conversion do not count; a path without one that began lately is open."""
        expected: defaultdict[tuple[Id, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
        values = Counter[tuple[Id, ...]]()
        for path in logs.by_customer(log).values():
            touches: list[tuple[Id, datetime]] = []
            over = False
            for touchpoint, at in path:
                if over:
                    continue
                if touchpoint == "till":
                    kept = tuple(one for one, when in touches if at - when <= within)
                    expected[kept][0] += 1
                    values[kept] += at.hour
                    touches, over = [], first_only
                elif channels is None or touchpoint in channels:
                    touches.append((touchpoint, at))
            if touches:
                is_open = as_of is not None and as_of - touches[0][1] < within
                expected[tuple(one for one, _ in touches)][2 if is_open else 1] += 1
        found = attribution.outcomes(
            log,
            "till",
            channels=channels,
            first_only=first_only,
            worth=lambda _, at: EURO * at.hour,
            within=within,
            as_of=as_of,
        )

        assert expected == {path: [one.conversions, one.nulls, one.open] for path, one in found.items()}
        assert +values == {path: one.value.amount for path, one in found.items() if one.value}
        for one in found.values():
            replay(one.explain())
        decayed = attribution.time_decay(
            log, "till", half_life=HOUR, channels=channels, first_only=first_only, within=within
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
