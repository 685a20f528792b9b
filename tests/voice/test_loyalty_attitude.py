from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from statistics import fmean, stdev
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from crmcore import (
    Attitudes,
    CustomerFigure,
    CustomerType,
    Feedback,
    FeedbackKind,
    ImpressionFactor,
    InvalidValueError,
    LadderStep,
    LevelChange,
    LoyaltyLevel,
    LoyaltyReason,
    MeasureKind,
    Money,
    OutcomeRate,
    Reading,
    SubjectKind,
    WrongTypeError,
    instant,
    loyalty,
)
from crmcore.primitives.errors import UnknownNameError
from crmcore.primitives.proportions import wilson
from crmcore.voice.loyalty import customer_type, ladder_step, rates_by_factor
from tests.support.refusals import refused

LOYAL, SATISFIED, AGGRIEVED = LoyaltyLevel
ANSWERS = (True, False, None)
MAYBE = st.sampled_from(ANSWERS)
NOW = instant("2026-04-01")
ONE: Any = 1


def day(number: int) -> Any:
    """Return a day of March."""
    return instant(f"2026-03-{number:02}")


class TestCustomerType:
    def test_all_answers(self) -> None:
        """Feeling and doing are two axes; whether others are told splits only the two corners where they agree."""
        found = {
            case: customer_type(satisfied=case[0], loyal=case[1], tells_others=case[2])
            for case in product(ANSWERS, repeat=3)
        }

        assert {case: kind for case, kind in found.items() if None not in case[:2]} == {
            (True, True, True): CustomerType.APOSTLE,
            (True, True, False): CustomerType.LOYALIST,
            (True, True, None): CustomerType.APOSTLE_OR_LOYALIST,
            **{(True, False, tells): CustomerType.MERCENARY for tells in ANSWERS},
            **{(False, True, tells): CustomerType.HOSTAGE for tells in ANSWERS},
            (False, False, True): CustomerType.TERRORIST,
            (False, False, False): CustomerType.DEFECTOR,
            (False, False, None): CustomerType.DEFECTOR_OR_TERRORIST,
        }
        assert {kind for case, kind in found.items() if None in case[:2]} == {None}

    def test_refuses_levels(self) -> None:
        """An answer is yes, no or unknown."""
        with refused(WrongTypeError, "wrong_type: satisfied"):
            customer_type(satisfied=ONE, loyal=True)


class TestAttitudes:
    @given(st.dictionaries(st.integers(0, 9), st.tuples(MAYBE, MAYBE, MAYBE)))
    def test_counts_each_customer_once(self, answers: dict[int, tuple[Any, Any, Any]]) -> None:
        """Every customer is in one count, and parts of a customer base add to the whole."""
        columns = [{one: row[axis] for one, row in answers.items()} for axis in range(3)]
        whole = Attitudes.of(satisfied=columns[0], loyal=columns[1], tells_others=columns[2])
        parts = Attitudes.by(
            lambda one: one in {1, 2, 3}, satisfied=columns[0], loyal=columns[1], tells_others=columns[2]
        )

        assert whole.known + whole.unknown == len(answers)
        assert whole.loyal == sum(row[1] is True and row[0] is not None for row in answers.values())
        assert whole == Attitudes.total(parts.values())
        assert whole.interval() == wilson(whole.hostages, whole.loyal)

    def test_customers_in_one_mapping_are_unknown(self) -> None:
        """A customer whose doing or feeling is missing has no type."""
        counted = Attitudes.of(satisfied={"a": True}, loyal={"b": True})

        assert (counted.unknown, counted.known, counted.rate, counted.unknown_share) == (2, 0, None, Decimal(1))
        assert counted.cautions == ()
        assert Attitudes().unknown_share is None

    def test_refuses_a_wrong_answer(self) -> None:
        """The error says which customer has no answer."""
        with refused(WrongTypeError, "wrong_type: loyal[0]"):
            Attitudes.of(satisfied={}, loyal={"a": ONE})


class TestExplanations:
    @pytest.mark.parametrize(
        ("counted", "values"),
        [
            (Attitudes(apostles=1, hostages=3), {"loyal": 4, "rate": Decimal("0.75")}),
            (OutcomeRate(yes=1, no=3, unknown=4), {"rate": Decimal("0.25"), "unknown_share": Decimal("0.5")}),
            (CustomerFigure.of({1: 3, 2: 5, 3: None}, unit="EUR"), {"sum": 8, "mean": 4}),
            (LevelChange(improved=1, worse=3), {"rate": Decimal("0.25"), "worse_share": Decimal("0.75")}),
        ],
    )
    def test_end_with_the_figures(self, counted: Any, values: dict[str, Any]) -> None:
        """Every explanation ends with what it explains, and a table of a notebook shows it."""
        found = {term.name: term.value for term in counted.explain().terms}

        assert values == {name: found[name] for name in values}


class TestLadder:
    @pytest.mark.parametrize(
        ("purchases", "came", "recommends", "step"),
        [
            (0, False, True, LadderStep.PROSPECT),
            (0, True, True, LadderStep.SHOPPER),
            (1, False, False, LadderStep.CUSTOMER),
            (2, True, False, LadderStep.CUSTOMER),
            (3, True, False, LadderStep.CLIENT),
            (1, True, True, LadderStep.ADVOCATE),
        ],
    )
    def test_steps(self, purchases: int, came: bool, recommends: bool, step: LadderStep) -> None:
        """A client has at least as many purchases as the policy says; an advocate has bought."""
        assert step is ladder_step(purchases, client_from=3, came=came, recommends=recommends)

    def test_refuses_a_client_of_one_purchase(self) -> None:
        """A client buys again."""
        with refused(InvalidValueError, ": client_from"):
            ladder_step(1, client_from=1)


class TestReasons:
    def test_only_some_bind(self) -> None:
        """What holds those who want to leave are the costs of leaving and the lack of a choice."""
        assert [reason.value for reason in LoyaltyReason if reason.binds] == ["switching_cost", "no_choice"]

    def test_counts_each_reason_once_for_a_customer(self) -> None:
        """A text and its member are one reason; customers without a reason are apart."""
        found = rates_by_factor(
            {"a": ["people", LoyaltyReason.PEOPLE, "free parking"], "b": [ImpressionFactor.STAFF], "c": []},
            {"a": True, "c": False},
        )

        assert {label: (row.yes, row.no, row.unknown) for label, row in found.items()} == {
            "people": (1, 0, 0),
            "free parking": (1, 0, 0),
            "staff": (0, 0, 1),
            None: (0, 1, 0),
        }
        assert isinstance(next(iter(found)), LoyaltyReason)

    def test_refuses_an_empty_reason(self) -> None:
        """A reason says something."""
        with refused(InvalidValueError, ": factors[0]"):
            rates_by_factor({"a": [""]}, {})


class TestOutcomeRate:
    @given(st.dictionaries(st.integers(0, 9), MAYBE), st.dictionaries(st.integers(0, 9), st.sampled_from("ab")))
    def test_groups_add_up(self, outcomes: dict[int, Any], groups: dict[int, str]) -> None:
        """The rows of a table add up to the whole, those of customers without a group included."""
        table = OutcomeRate.by(outcomes, groups.get)

        assert OutcomeRate.of(outcomes) == OutcomeRate.total(table.values())
        assert set(table) == {groups.get(one) for one in outcomes}

    def test_compares_two_groups(self) -> None:
        """The difference is this rate minus the other one."""
        good, poor = OutcomeRate(yes=8, no=2), OutcomeRate(yes=3, no=7, unknown=5)
        change = good.compared_to(poor)

        assert change is not None
        assert change.difference == Decimal("0.5")
        assert good.compared_to(OutcomeRate(unknown=3)) is None
        assert (OutcomeRate().rate, OutcomeRate().unknown_share, OutcomeRate().interval()) == (None, None, None)

    def test_refuses_a_wrong_outcome(self) -> None:
        """An outcome is yes, no or unknown."""
        with refused(WrongTypeError, "wrong_type: outcomes[1]"):
            OutcomeRate.of({"a": True, "b": ONE})


class TestCustomerFigure:
    @example([Decimal(1), None, Decimal(3)])
    @given(st.lists(st.none() | st.decimals(-1000, 1000, places=2), max_size=8))
    def test_mean_and_bounds_are_those_of_the_figures(self, figures: list[Decimal | None]) -> None:
        """The sum and the squares give the mean exactly, and the interval of the sample."""
        known = [figure for figure in figures if figure is not None]
        found = CustomerFigure.of(dict(enumerate(figures)), unit="points")
        bounds = found.interval()

        assert (found.known, found.unknown) == (len(known), len(figures) - len(known))
        assert (found.mean is None) is not bool(known)
        assert (bounds is None) is (len(known) < 2)
        if bounds is not None:
            margin = 1.959963984540054 * stdev(map(float, known)) / len(known) ** 0.5
            assert bounds.low == pytest.approx(fmean(map(float, known)) - margin, abs=1e-9)
            assert bounds.width == pytest.approx(2 * margin, abs=1e-6)
            assert found.mean == pytest.approx(Decimal(str(fmean(map(float, known)))), abs=Decimal("1E-9"))

    def test_groups_add_up(self) -> None:
        """Rows add to the whole, as sums and squares do."""
        tenure = {"a": timedelta(days=30), "b": timedelta(hours=36), "c": None}
        table = CustomerFigure.by(tenure, {"a": "loyal"}.get, unit="days")

        assert table["loyal"].mean == 30
        assert table.total == CustomerFigure.of(tenure, unit="days")
        whole = CustomerFigure.of(tenure, unit="days")
        assert (whole.sum, whole.known, whole.unknown) == (Decimal("31.5"), 2, 1)

    def test_no_customers(self) -> None:
        """Without figures there is no mean."""
        empty = CustomerFigure.of({}, unit="EUR")

        assert (empty.mean, empty.unknown_share, empty.interval()) == (None, None, None)

    @pytest.mark.parametrize(
        ("figure", "unit", "broken"),
        [
            (Money(5, "EUR"), "USD", "figure_in_another_unit: figures[0]"),
            (timedelta(days=1), "hours", "figure_in_another_unit: figures[0]"),
            ("NaN", "EUR", ": figures[0]"),
        ],
    )
    def test_refuses_another_unit(self, figure: Any, unit: str, broken: str) -> None:
        """Units never mix."""
        with refused(InvalidValueError, broken):
            CustomerFigure.of({"a": figure}, unit=unit)

    def test_refuses_squares_that_cannot_be(self) -> None:
        """The squares are at least the square of the sum over the customers, exactly."""
        third = Fraction(1, 3)
        assert CustomerFigure(unit="EUR", known=3, sum=1, squares="0.34").mean == pytest.approx(Decimal(float(third)))
        wrong: list[dict[str, Any]] = [{"known": 3, "sum": 1, "squares": "0.33"}, {"sum": 1}, {"squares": 1}]
        for fields in wrong:
            with refused(InvalidValueError, "squares_too_small: squares"):
                CustomerFigure(unit="EUR", **fields)


class TestLevelChange:
    def test_counts_pairs(self) -> None:
        """Better is nearer to the first level; a missing level is in no share."""
        pairs = [("c", "a"), ("a", "c"), ("b", "b"), (None, "a"), ("a", None)]
        counted = LevelChange.of(pairs, levels=("a", "b", "c"))

        assert counted == LevelChange(improved=1, same=1, worse=1, unread=2)
        assert (counted.rate, counted.worse_share) == (counted.worse_share, counted.rate)
        assert counted.unread_share == Decimal("0.4")
        assert counted.interval() == wilson(1, 3)

    def test_no_customers(self) -> None:
        """Without customers who were read twice there is no rate, and no comparison."""
        empty = LevelChange()

        assert (empty.rate, empty.worse_share, empty.unread_share, empty.interval()) == (None, None, None, None)
        assert empty.compared_to(LevelChange(improved=1)) is None

    def test_refuses_another_level(self) -> None:
        """The error says which pair has a level that is not in the scale."""
        with refused(UnknownNameError, "level_not_in_the_scale: changes[1]"):
            LevelChange.of([("loyal", "loyal"), ("loyal", "fan")])


def read(customer: str, level: LoyaltyLevel, at: Any) -> Reading:
    """Return a reading of a level."""
    return Reading(subject_kind=SubjectKind.CUSTOMER, subject_id=customer, kind=MeasureKind.LOYALTY, level=level, at=at)


def complain(customer: str | None, at: Any, answered: Any = None, kind: FeedbackKind = FeedbackKind.COMPLAINT) -> Any:
    """Return a feedback."""
    return Feedback(kind=kind, customer_id=customer, received_at=at, answered_at=answered)


class TestChangeAfterReply:
    def test_before_and_after(self) -> None:
        """Before is the last level by the feedback; after is the first level after the reply, the worst if tied."""
        readings = [
            read("a", LOYAL, day(1)),
            read("a", AGGRIEVED, day(5)),
            read("a", LOYAL, day(7)),
            read("a", SATISFIED, day(9)),
            read("a", LOYAL, day(9)),
            read("a", LOYAL, day(10)),
        ]
        found = loyalty.change_after_reply([complain("a", day(5), day(7))], readings, as_of=NOW)

        assert found[True] == LevelChange(improved=1)
        assert found[False] == LevelChange()

    def test_first_negative_feedback_counts(self) -> None:
        """A customer counts once, by their first negative feedback; praise and unknown customers do not count."""
        readings = [read("a", SATISFIED, day(1)), read("a", AGGRIEVED, day(4)), read("a", LOYAL, day(8))]
        feedback = [
            complain("a", day(6), day(7)),
            complain("a", day(2)),
            complain("a", day(1), day(1), FeedbackKind.PRAISE),
            complain(None, day(1)),
        ]
        found = loyalty.change_after_reply(feedback, readings, as_of=NOW)

        assert (found[True], found[False]) == (LevelChange(), LevelChange(worse=1))

    def test_two_at_one_instant(self) -> None:
        """Of two at one instant the one that was answered first counts, whatever their order."""
        readings = [read("a", AGGRIEVED, day(1)), read("a", LOYAL, day(8))]
        both = [complain("a", day(2)), complain("a", day(2), day(7))]

        for feedback in (both, both[::-1]):
            found = loyalty.change_after_reply(feedback, readings, as_of=NOW)
            assert (found[True], found[False]) == (LevelChange(improved=1), LevelChange())

    def test_what_is_later_is_not_seen(self) -> None:
        """A reply after the reference date is no reply yet, and a later reading is not seen."""
        readings = [read("a", AGGRIEVED, day(1)), read("a", LOYAL, day(9)), read("b", LOYAL, day(1))]
        feedback = [complain("a", day(2), day(8)), complain("c", day(9))]
        found = loyalty.change_after_reply(feedback, readings, as_of=day(7))

        assert (found[True], found[False]) == (LevelChange(), LevelChange(unread=1))
