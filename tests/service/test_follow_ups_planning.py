"""What is planned after the sale: local hours, half-open periods, nothing twice."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crmcore import (
    UTC,
    Customer,
    Dissolution,
    DissolutionCause,
    Feedback,
    FeedbackKind,
    InconsistentCountsError,
    Initiator,
    Interaction,
    InvalidValueError,
    LifecycleStage,
    LoyaltyLevel,
    MeasureKind,
    MomentOfTruth,
    Money,
    Occasion,
    Period,
    Promises,
    Purchase,
    Reading,
    Recurrence,
    Relationship,
    SubjectKind,
    Subscription,
    Task,
    TaskKind,
    TaskOutcome,
    TimeUnit,
    Tone,
    UnknownNameError,
    Valence,
    WeekendRule,
    WrongTypeError,
    follow_ups,
    instant,
)
from tests.support.refusals import refused

BERLIN: Final = ZoneInfo("Europe/Berlin")
MARCH: Final = Period.month(2026, 3, tz=BERLIN)
STEPS: Final = {TaskKind.THANK_YOU: 1, TaskKind.SATISFACTION_CHECK: 14}
EUR: Final = Money(1, "EUR")
DAY: Final = instant("2026-03-02T10:00", tz=BERLIN)


def sale(day: str, own: int | str | None = None, *, customer_id: int = 7, amount: Money = EUR) -> Purchase:
    """Return a purchase at a time on the clock in Berlin."""
    return Purchase(customer_id=customer_id, at=instant(day, tz=BERLIN), amount=amount, id=own)


def said(own: int, kind: FeedbackKind = FeedbackKind.COMPLAINT, **fields: Any) -> Feedback:
    """Return feedback of a customer."""
    given: dict[str, Any] = {"kind": kind, "received_at": DAY, "customer_id": 7, "id": own, **fields}
    return Feedback(**given)


def shown(tasks: tuple[Task, ...]) -> list[tuple[str, Any, str]]:
    """Return what tasks are about, and when they are due in Berlin."""
    return [(str(task.kind), task.about_id, task.due.astimezone(BERLIN).isoformat()) for task in tasks]


class TestAfterPurchase:
    def test_the_hour_on_the_clock_stays(self) -> None:
        """The clocks go forward on 29 March, and the thanks are due at the same hour."""
        planned = follow_ups.after_purchase([sale("2026-03-28T15:00", 1)], {"thank_you": 1}, MARCH, tz=BERLIN)
        assert [("thank_you", 1, "2026-03-29T15:00:00+02:00")] == shown(planned)
        assert [TaskKind.THANK_YOU] == [task.kind for task in planned]

    def test_a_skipped_hour_moves_forward(self) -> None:
        """At 02:30 on 29 March there is no such hour, so it is 03:30."""
        planned = follow_ups.after_purchase([sale("2026-03-28T02:30", 1)], {"thank_you": 1}, MARCH, tz=BERLIN)
        assert [("thank_you", 1, "2026-03-29T03:30:00+02:00")] == shown(planned)

    def test_the_period_is_half_open(self) -> None:
        """A task at the start is planned, one at the end or before the start is not."""
        sales = [sale("2026-02-28T00:00", 1), sale("2026-03-31T00:00", 2), sale("2026-02-27T23:59:59", 3)]
        sales.append(sale("2025-02-28T00:00", 4))
        planned = follow_ups.after_purchase(sales, {TaskKind.THANK_YOU: 1}, MARCH, tz=BERLIN)
        assert [("thank_you", 1, "2026-03-01T00:00:00+01:00")] == shown(planned)

    @pytest.mark.parametrize(
        ("weekend", "due"),
        [(WeekendRule.KEEP, "07"), (WeekendRule.BEFORE, "06"), (WeekendRule.AFTER, "09")],
    )
    def test_weekends(self, weekend: WeekendRule, due: str) -> None:
        """Saturday, 7 March, stays, or moves to Friday or Monday; Sunday to the same days."""
        for day, days in (("2026-03-06", 1), ("2026-03-06", 2)):
            [task] = follow_ups.after_purchase([sale(day, 1)], {"call": days}, MARCH, tz=BERLIN, weekend=weekend)
            kept = "08" if days == 2 and weekend is WeekendRule.KEEP else due
            assert f"2026-03-{kept}" == task.due.astimezone(BERLIN).date().isoformat()

    def test_refunds_are_left_out(self) -> None:
        """A refund is no reason to thank; a purchase for nothing is."""
        sales = [sale("2026-03-02", 1, amount=Money(-1, "EUR")), sale("2026-03-02", 2, amount=Money(0, "EUR"))]
        planned = follow_ups.after_purchase(sales, {TaskKind.THANK_YOU: 0}, MARCH, tz=BERLIN)
        assert [2] == [task.about_id for task in planned]

    def test_in_order_of_time(self) -> None:
        """By due instant, then as given."""
        sales = [sale("2026-03-05", 1), sale("2026-03-02", 2), sale("2026-03-02", 3)]
        planned = follow_ups.after_purchase(sales, {"b": 0, "a": 0}, MARCH, tz=BERLIN)
        assert [("b", 2), ("a", 2), ("b", 3), ("a", 3), ("b", 1), ("a", 1)] == [
            (task.kind, task.about_id) for task in planned
        ]

    def test_already_planned_for_another_day(self) -> None:
        """What was planned is not planned again, whatever became of it and whenever it is due."""
        planned = follow_ups.after_purchase([sale("2026-03-02", 1)], STEPS, MARCH, tz=BERLIN)
        assert 2 == len(planned)
        moved = [attrs.evolve(planned[0], due=instant("2026-05-01")), planned[1].cancelled(DAY)]
        assert () == follow_ups.after_purchase([sale("2026-03-04", 1)], STEPS, MARCH, tz=BERLIN, already=moved)

    def test_without_an_id(self) -> None:
        """Purchases without ids are known by their due instants."""
        sales = [sale("2026-03-02"), sale("2026-03-03")]
        planned = follow_ups.after_purchase(sales, {TaskKind.THANK_YOU: 1}, MARCH, tz=BERLIN)
        assert 2 == len(planned)
        assert () == follow_ups.after_purchase(
            [*sales, sale("2026-03-02")], {TaskKind.THANK_YOU: 1}, MARCH, tz=BERLIN, already=planned
        )

    def test_the_end_of_the_calendar(self) -> None:
        """What the calendar cannot express is not planned."""
        late = Purchase(customer_id=7, at=instant("9999-12-31T12:00"), amount=EUR)
        last = Period(instant("9999-12-30"), instant("9999-12-31T23:59"))
        for zone in (UTC, ZoneInfo("Pacific/Kiritimati")):
            assert () == follow_ups.after_purchase([late], {TaskKind.THANK_YOU: 1}, last, tz=zone)
        begin = Period(instant("0001-01-01"), instant("0001-01-03"))
        early = Purchase(customer_id=7, at=instant("0001-01-01T02:00"), amount=EUR)
        assert () == follow_ups.after_purchase([early], {"call": 1}, begin, tz=ZoneInfo("Pacific/Honolulu"))

    def test_refusals(self) -> None:
        """Steps are a mapping that is not empty, of days that are whole and not negative."""
        with refused(InvalidValueError, "no_steps: steps"):
            follow_ups.after_purchase([], {}, MARCH, tz=BERLIN)
        with refused(InvalidValueError, ": steps"):
            follow_ups.after_purchase([], {"call": -1}, MARCH, tz=BERLIN)
        with refused(WrongTypeError, ": steps"):
            follow_ups.after_purchase([], ["call"], MARCH, tz=BERLIN)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - no mapping
        with refused(WrongTypeError, ": weekend"):
            follow_ups.after_purchase([], STEPS, MARCH, tz=BERLIN, weekend="after")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - no member
        with refused(InconsistentCountsError, "two_records_of_one_id: purchases[1]"):
            follow_ups.after_purchase([sale("2026-03-02", 1), sale("2026-03-03", 1)], STEPS, MARCH, tz=BERLIN)


class TestAfter:
    def test_every_kind_of_record(self) -> None:
        """Each counts from its own instant; what has not ended is left out."""
        subscription = Subscription(customer_id=7, price=EUR, every=TimeUnit.MONTH, started=instant("2025-01-01"))
        records: list[Any] = [
            said(1),
            Interaction(touchpoint_id="desk", at=DAY, customer_id=7, id=2),
            MomentOfTruth(valence=Valence.GOOD, at=DAY, customer_id=7, id=3),
            sale("2026-03-02T10:00", 4),
            Reading(subject_kind=SubjectKind.COMPANY, kind=MeasureKind.SATISFACTION, at=DAY, value=1, id=5),
            subscription,
            attrs.evolve(subscription, ended=DAY, id=6),
            Relationship(
                customer_id=7,
                history=[(LifecycleStage.AWARENESS, instant("2025-01-01")), (LifecycleStage.DISSOLUTION, DAY)],
                dissolutions=[Dissolution(at=DAY, cause=DissolutionCause.UNKNOWN, initiator=Initiator.UNKNOWN)],
                id=8,
            ),
        ]
        planned = follow_ups.after(records, {TaskKind.FEEDBACK_REQUEST: 2}, MARCH, tz=BERLIN)
        assert [1, 2, 3, 4, 5, 6, None] == [task.about_id for task in planned]
        assert {DAY + timedelta(days=2)} == {task.due for task in planned}
        assert () == follow_ups.after(records, {"feedback_request": 2}, MARCH, tz=BERLIN, already=planned)

    def test_one_id_of_two_classes(self) -> None:
        """A purchase and a contact may have one id; two different contacts may not."""
        contact = Interaction(touchpoint_id="desk", at=DAY, customer_id=8, id=1)
        records: list[Any] = [sale("2026-03-02", 1), contact, contact]
        assert 2 == len(follow_ups.after(records, {"call": 1}, MARCH, tz=BERLIN))
        with refused(InconsistentCountsError, "two_records_of_one_id: records[1]"):
            follow_ups.after([contact, attrs.evolve(contact, note="!")], {"call": 1}, MARCH, tz=BERLIN)

    def test_other_records(self) -> None:
        """A record that did not happen is refused at its place."""
        with refused(WrongTypeError, "not_a_happening: records[1]"):
            follow_ups.after([said(1), Customer(id=7)], {"call": 1}, MARCH, tz=BERLIN)  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - no happening


class TestPromised:
    def test_of_notes(self) -> None:
        """A contact with a promise makes a task of the employee; one without makes none."""
        note = Interaction(
            touchpoint_id="fair",
            at=DAY,
            customer_id=7,
            employee_id="anna",
            note="I will call.",
            promise_due=instant("2026-03-09"),
            id=1,
        )
        others = [
            Interaction(touchpoint_id="fair", at=DAY),
            attrs.evolve(note, id=2, promise_due=instant("2026-04-02")),
        ]
        [task] = follow_ups.promised([note, *others], MARCH)
        assert (
            Task(
                kind=TaskKind.PROMISE,
                due=instant("2026-03-09"),
                customer_id=7,
                owner_id="anna",
                requested_by_id="anna",
                about_id=1,
                why="I will call.",
            )
            == task
        )
        assert () == follow_ups.promised([note], MARCH, already=[task])

    def test_not_before_the_contact(self) -> None:
        """A promise is due after it was made."""
        with refused(InvalidValueError, "too_early: promise_due"):
            Interaction(touchpoint_id="fair", at=DAY, promise_due=instant("2026-03-01"))


class TestTalks:
    def test_on_every_negative_signal(self) -> None:
        """Complaints, bad moments, angry customers and aggrieved ones; not praise, purchases or unknown tones."""
        signals: list[Any] = [
            said(1),
            said(2, FeedbackKind.REVIEW, valence=Valence.BAD),
            MomentOfTruth(valence=Valence.BAD, at=DAY, customer_id=7, id=3),
            Interaction(touchpoint_id="desk", at=DAY, customer_id=7, id=4, tone=Tone.ANGRY),
            Reading(
                subject_kind=SubjectKind.CUSTOMER,
                kind=MeasureKind.LOYALTY,
                at=DAY,
                level=LoyaltyLevel.AGGRIEVED,
                subject_id=7,
                id=5,
            ),
        ]
        others: list[Any] = [
            said(11, FeedbackKind.PRAISE),
            said(12, FeedbackKind.REVIEW),
            MomentOfTruth(valence=Valence.NEUTRAL, at=DAY, customer_id=7, id=13),
            Interaction(touchpoint_id="desk", at=DAY, customer_id=7, id=14, tone=Tone.CALM),
            sale("2026-03-02", 15),
        ]
        planned = follow_ups.talks([*others, *signals], MARCH, days=2, tz=BERLIN)
        assert [1, 2, 3, 4, 5] == [task.about_id for task in planned]
        assert {(TaskKind.CONVERSATION, 7)} == {(task.kind, task.customer_id) for task in planned}

    def test_on_leaving(self) -> None:
        """A customer who left twice is asked twice; one who stays is not asked."""
        gone = Subscription(customer_id=7, price=EUR, every=TimeUnit.MONTH, started=instant("2025-01-01"), ended=DAY)
        planned = follow_ups.talks([gone, attrs.evolve(gone, ended=None, id=1)], MARCH, tz=BERLIN)
        assert [TaskKind.EXIT_INTERVIEW] == [task.kind for task in planned]


class TestReplies:
    def test_open_questions(self) -> None:
        """A question without an answer; not an answered one, not a complaint."""
        feedback = [
            said(1, FeedbackKind.QUESTION),
            said(2, FeedbackKind.QUESTION, answered_at=DAY),
            said(3, FeedbackKind.QUESTION, resolved_at=DAY),
            said(4),
        ]
        assert [1] == [task.about_id for task in follow_ups.replies(feedback, MARCH, tz=BERLIN)]

    def test_of_those_who_have_not_bought(self) -> None:
        """A purchase before the question leaves it out, one after it does not."""
        questions = [said(own, FeedbackKind.QUESTION, customer_id=own or None) for own in (0, 7, 8, 9)]
        bought = [
            sale("2026-03-01", customer_id=7),
            sale("2026-03-04", customer_id=7),
            sale("2026-03-03", customer_id=8),
        ]
        planned = follow_ups.replies(questions, MARCH, purchases=bought, tz=BERLIN)
        assert [0, 8, 9] == [task.about_id for task in planned]


class TestHandOffs:
    def test_by_category(self) -> None:
        """The route decides; without one the task has no owner."""
        records: list[Any] = [
            said(1, category="delivery", handler_id="anna"),
            said(2),
            Interaction(touchpoint_id="desk", at=DAY, topic="delivery", employee_id="bob", id=3),
            Interaction(touchpoint_id="desk", at=DAY, id=4),
        ]
        planned = follow_ups.hand_offs(records, {"delivery": "stores"}, MARCH, tz=BERLIN)
        assert [(1, "stores", "anna"), (2, None, None), (3, "stores", "bob"), (4, None, None)] == [
            (task.about_id, task.owner_id, task.requested_by_id) for task in planned
        ]

    def test_refusals(self) -> None:
        """Only feedback and contacts can be handed over, to owners with ids."""
        with refused(WrongTypeError, "not_a_happening: records[0]"):
            follow_ups.hand_offs([sale("2026-03-02")], {}, MARCH, tz=BERLIN)  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - a purchase
        with refused(WrongTypeError, ": routes"):
            follow_ups.hand_offs([], {"delivery": None}, MARCH, tz=BERLIN)  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType] - no owner


class TestOccasions:
    def test_each_year_once(self) -> None:
        """A moved or corrected day of the same year is not planned again."""
        anna = Customer(id=7, occasions=[Occasion(name="birthday", month=3, day=7)], manager_id="vera")
        period = Period(instant("2026-01-01"), instant("2028-01-01"))
        planned = follow_ups.occasions([anna], period, hour="09:00", tz=BERLIN)
        assert ["birthday 2026", "birthday 2027"] == [task.about_id for task in planned]
        assert [9, 9] == [task.due.astimezone(BERLIN).hour for task in planned]
        corrected = attrs.evolve(anna, occasions=[Occasion(name="birthday", month=3, day=9)])
        again = follow_ups.occasions([corrected], period, hour="10:00", tz=BERLIN, already=planned)
        assert () == again

    def test_gifts(self) -> None:
        """A gift relates to something, and is another kind than good wishes."""
        anna = Customer(id=7, occasions=[Occasion(name="birthday", month=3, day=7)])
        wishes = follow_ups.occasions([anna], MARCH, hour="09:00", tz=BERLIN)
        [gift] = follow_ups.occasions(
            [anna], MARCH, hour="09:00", tz=BERLIN, kind="gift", relates_to="the last purchase", already=wishes
        )
        assert (TaskKind.GIFT, "the last purchase") == (gift.kind, gift.relates_to)

    def test_the_ends_of_the_calendar(self) -> None:
        """Occasions in the year 1 and 9999 are found, and what UTC cannot express is not planned."""
        anna = Customer(
            id=7, occasions=[Occasion(name="new year", month=1, day=1), Occasion(name="end", month=12, day=31)]
        )
        first = Period(instant("0001-01-01"), instant("0001-01-02"))
        last = Period(instant("9999-12-31"), instant("9999-12-31T23:59"))
        assert 1 == len(follow_ups.occasions([anna], first, hour="09:00", tz=UTC))
        assert () == follow_ups.occasions([anna], first, hour="00:00", tz=ZoneInfo("Asia/Tokyo"))
        assert 1 == len(follow_ups.occasions([anna], last, hour="09:00", tz=UTC))
        assert () == follow_ups.occasions(
            [attrs.evolve(anna, occasions=[Occasion(name="end", month=12, day=31)])],
            Period(instant("9999-06-01"), instant("9999-12-31T23:59")),
            hour="23:00",
            tz=ZoneInfo("America/New_York"),
        )

    def test_two_of_one_name(self) -> None:
        """Two occasions of one name cannot be told apart."""
        twins = Customer(id=7, occasions=[Occasion(name="birthday", month=3, day=day) for day in (7, 8)])
        with refused(InvalidValueError, "two_occasions_of_one_name: customers[7]"):
            follow_ups.occasions([twins], MARCH, hour="09:00", tz=BERLIN)

    @given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from(WeekendRule))
    def test_never_on_a_weekend_if_asked(self, day: date, weekend: WeekendRule) -> None:
        """A moved occasion is on a working day next to the weekend, and pieces of a year plan it once."""
        anna = Customer(id=7, occasions=[Occasion(name="x", month=day.month, day=day.day)])
        planned: list[Task] = []
        for month in Period(instant(date(day.year - 1, 12, 1)), instant(date(day.year + 1, 2, 1))).split(
            TimeUnit.MONTH
        ):
            planned += follow_ups.occasions([anna], month, hour="12:00", tz=UTC, weekend=weekend)
        [task] = [task for task in planned if task.about_id == f"x {day.year}"]
        assert abs(task.due.date() - day) <= timedelta(days=0 if weekend is WeekendRule.KEEP else 2)
        assert weekend is WeekendRule.KEEP or task.due.weekday() < 5


class TestOutreach:
    CUSTOMERS: Final = (
        Customer(id=7, segments=["dentists"], interests=["history", "music"], manager_id="vera"),
        Customer(id=8, segments=["dentists", "riga"], manager_id="paul"),
        Customer(id=9, segments=["bakeries"], interests=["music"]),
    )

    def plan(self, steps: dict[TaskKind | str, int] | None = None, **fields: Any) -> tuple[Task, ...]:
        """Plan around a release."""
        return follow_ups.outreach(
            self.CUSTOMERS, steps or {TaskKind.NEWS_CALL: 0}, about_id="r4", at=DAY, tz=BERLIN, **fields
        )

    def test_all_or_some(self) -> None:
        """All customers, those of an industry, or those with an interest, each by their own manager."""
        assert [(7, "vera"), (8, "paul"), (9, None)] == [(task.customer_id, task.owner_id) for task in self.plan()]
        assert [7, 8] == [task.customer_id for task in self.plan(segments=["dentists", "riga"])]
        found = self.plan(interests=["music", "history"])
        assert [(7, "history, music"), (9, "music")] == [(task.customer_id, task.relates_to) for task in found]
        assert [7] == [task.customer_id for task in self.plan(segments=["dentists"], interests=["music"])]
        assert () == self.plan(segments=[])

    def test_before_and_after(self) -> None:
        """An invitation is due before the event, feedback after it, at the same hour."""
        planned = self.plan({TaskKind.INVITATION: -14, TaskKind.FEEDBACK_REQUEST: 28}, segments=["bakeries"])
        assert ["2026-02-16T10:00:00+01:00", "2026-03-30T10:00:00+02:00"] == [due for *_, due in shown(planned)]
        assert () == self.plan({TaskKind.INVITATION: -15}, segments=["bakeries"], already=planned)

    def test_a_name_of_no_customer(self) -> None:
        """A segment or interest that occurs nowhere is refused, with the nearest name; not without customers."""
        with refused(UnknownNameError, "name_of_no_customer: segments") as caught:
            self.plan(segments=["dentist"])
        assert "did you mean 'dentists'?" == caught.value.advice
        with refused(UnknownNameError, "name_of_no_customer: interests") as caught:
            self.plan(interests=["zzz"])
        assert "" == caught.value.advice
        assert () == follow_ups.outreach([], {"call": 0}, about_id=1, at=DAY, tz=BERLIN, segments=["dentist"])

    def test_beyond_the_calendar(self) -> None:
        """A step that the calendar cannot express is not planned; the last instant is."""
        last = instant(datetime.max.replace(tzinfo=UTC))
        anna = [Customer(id=7)]
        assert () == follow_ups.outreach(anna, {"call": 1}, about_id=1, at=last, tz=UTC)
        assert 1 == len(follow_ups.outreach(anna, {"call": 0}, about_id=1, at=last, tz=UTC))
        assert () == follow_ups.outreach(anna, {"call": 0}, about_id=1, at=last, tz=ZoneInfo("Asia/Tokyo"))


class TestBackInStock:
    ASKED: Final = (
        said(1, FeedbackKind.QUESTION, customer_id=8, received_at=instant("2026-03-02")),
        Interaction(touchpoint_id="shop", at=instant("2026-03-01"), customer_id=7),
        said(2, FeedbackKind.QUESTION, customer_id=8, received_at=instant("2026-03-03")),
        said(3, FeedbackKind.QUESTION, customer_id=9, received_at=instant("2026-03-04")),
        said(4, FeedbackKind.QUESTION, customer_id=None),
        said(5, FeedbackKind.QUESTION, customer_id=10, received_at=instant("2026-03-06")),
    )

    def plan(self, units: int, already: tuple[Task, ...] = ()) -> tuple[Task, ...]:
        """Plan for a delivery of so many units."""
        return follow_ups.back_in_stock(
            self.ASKED, about_id="d1", at=instant("2026-03-05"), units=units, days=3, tz=BERLIN, already=already
        )

    def test_as_long_as_there_are_units(self) -> None:
        """Two units are held for the first two who asked; later and unknown customers get none."""
        planned = self.plan(2)
        held = [task.customer_id for task in planned if task.kind is TaskKind.RESERVATION]
        assert ([7, 8], 4) == (held, len(planned))
        assert () == self.plan(0)
        assert 6 == len(self.plan(9))

    def test_again(self) -> None:
        """What is held stays held; a cancelled reservation gives its unit to the next customer."""
        planned = self.plan(2)
        assert () == self.plan(2, planned)
        given_up = tuple(task.cancelled(DAY) if task.customer_id == 7 else task for task in planned)
        assert {9} == {task.customer_id for task in self.plan(2, given_up)}
        assert {9} == {task.customer_id for task in self.plan(3, planned)}


class TestMeetings:
    def test_a_moved_meeting(self) -> None:
        """A meeting that was moved to another time is not planned again."""
        weekly = Recurrence(first=date(2026, 3, 2), unit=TimeUnit.WEEK, at="00:30", zone=BERLIN)
        planned = follow_ups.meetings(weekly, MARCH, about_id="x", customer_id=7)
        assert ["x 2026-03-02", "x 2026-03-09", "x 2026-03-16", "x 2026-03-23", "x 2026-03-30"] == [
            task.about_id for task in planned
        ]
        moved = [attrs.evolve(task, due=task.due + timedelta(days=1)) for task in planned]
        assert () == follow_ups.meetings(weekly, MARCH, about_id="x", customer_id=7, already=moved)


class TestFeedbackRequests:
    CUSTOMERS: Final = (
        Customer(id=7),
        Customer(id=8, since=instant("2026-01-30"), manager_id="vera"),
        Customer(id=9),
    )
    VISITS: Final = (
        Interaction(touchpoint_id="shop", at=instant("2026-02-20"), customer_id=7),
        Interaction(touchpoint_id="shop", at=instant("2026-02-10"), customer_id=7),
        Interaction(touchpoint_id="shop", at=instant("2026-03-20"), customer_id=7),
    )

    def plan(self, already: tuple[Task, ...] = ()) -> list[tuple[Any, str]]:
        """Plan for March: who is asked, and when."""
        planned = follow_ups.feedback_requests(
            self.CUSTOMERS,
            self.VISITS,
            {7: timedelta(days=30)},
            Period.month(2026, 3),
            otherwise=timedelta(days=40),
            already=already,
        )
        managers: dict[Any, Any] = {customer.id: customer.manager_id for customer in self.CUSTOMERS}
        assert [managers[task.customer_id] for task in planned] == [task.owner_id for task in planned]
        return [(task.customer_id, task.due.date().isoformat()) for task in planned]

    def test_the_last_contact_decides(self) -> None:
        """From the last contact before the period, else from when they came, else at once."""
        assert [(9, "2026-03-01"), (8, "2026-03-11"), (7, "2026-03-22")] == self.plan()

    def test_the_last_request_decides(self) -> None:
        """An open request is enough; after one that is done, the wait begins again; what is past due is due at once."""
        request = Task(kind=TaskKind.FEEDBACK_REQUEST, due=instant("2026-02-01"), customer_id=7)
        others = tuple(attrs.evolve(request, customer_id=own) for own in (8, 9))
        assert [] == self.plan((request, *others))
        assert [(7, "2026-03-12")] == self.plan((request.done(instant("2026-02-10")), *others))
        assert [(7, "2026-03-03")] == self.plan((request.cancelled(instant("2026-02-01")), *others))
        old = attrs.evolve(request, due=instant("2026-01-01"), done_at=instant("2026-01-02"))
        assert [(7, "2026-03-01")] == self.plan((old, *others))

    def test_the_end_of_the_calendar(self) -> None:
        """A wait beyond the calendar is not due."""
        assert () == follow_ups.feedback_requests(
            [Customer(id=7)], self.VISITS, {}, Period.month(2026, 3), otherwise=timedelta(days=10**7)
        )


class TestAssign:
    def test_to_the_own_manager(self) -> None:
        """Only tasks without an owner, of customers with a manager."""
        tasks = [
            Task(kind=TaskKind.CALL, due=DAY, customer_id=customer_id, owner_id=owner_id)
            for customer_id, owner_id in [(7, None), (7, "bob"), (8, None), (9, None), (None, None)]
        ]
        found = follow_ups.assign(tasks, [Customer(id=7, manager_id="vera"), Customer(id=8)])
        assert ["vera", "bob", None, None, None] == [task.owner_id for task in found]


class Desk(RuleBasedStateMachine):
    """A desk that plans month after month, does and cancels tasks, and is asked at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = instant("2026-01-01", tz=BERLIN)
        self.tasks: list[Task] = []
        self.sales: list[Purchase] = []

    def plan(self) -> tuple[Task, ...]:
        """Plan all that is owed in half a year from now."""
        period = Period(self.now, self.now + timedelta(days=180))
        anna = Customer(id=7, occasions=[Occasion(name="birthday", month=2, day=29)])
        weekly = Recurrence(first=date(2026, 1, 5), unit=TimeUnit.WEEK, at="10:00", zone=BERLIN)
        return (
            *follow_ups.after_purchase(
                self.sales, STEPS, period, tz=BERLIN, already=self.tasks, weekend=WeekendRule.AFTER
            ),
            *follow_ups.occasions([anna], period, hour="09:30", tz=BERLIN, already=self.tasks),
            *follow_ups.meetings(weekly, period, about_id="team", already=self.tasks),
            *follow_ups.feedback_requests([anna], [], {7: timedelta(days=30)}, period, already=self.tasks),
        )

    @rule(hours=st.integers(0, 24 * 40))
    def wait(self, hours: int) -> None:
        """Time goes on."""
        self.now += timedelta(hours=hours)

    @rule(hours=st.integers(0, 24 * 30))
    def sell(self, hours: int) -> None:
        """Somebody bought a while ago."""
        at = self.now - timedelta(hours=hours)
        self.sales.append(Purchase(customer_id=7, at=at, amount=EUR, id=len(self.sales)))

    @rule()
    def plan_once_more(self) -> None:
        """Plan, and then again: the second time adds nothing, and nothing is due before now."""
        planned = self.plan()
        assert all(task.due >= self.now for task in planned)
        self.tasks += planned
        assert () == self.plan()

    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        """Do or cancel an open task."""
        places = [place for place, task in enumerate(self.tasks) if task.is_open]
        if places:
            place = data.draw(st.sampled_from(places[:20]))
            task = self.tasks[place]
            self.tasks[place] = task.done(self.now) if data.draw(st.booleans()) else task.cancelled(self.now)

    @invariant()
    def each_task_has_one_outcome(self) -> None:
        """A task is never both kept and overdue, the counts add up, and the two ways to ask agree."""
        late = follow_ups.overdue(self.tasks, as_of=self.now)
        found = Promises.of(self.tasks, as_of=self.now)
        assert found.overdue == len(late) == sum(task.is_overdue(self.now) for task in self.tasks)
        assert len(self.tasks) == found.due + found.pending + found.cancelled
        for task in late:
            assert TaskOutcome.OVERDUE is follow_ups.outcome(task, as_of=self.now)
            assert not task.is_on_time

    @invariant()
    def the_hour_stays(self) -> None:
        """Meetings are at ten and good wishes at half past nine, in winter and in summer."""
        hours = {TaskKind.MEETING: (10, 0), TaskKind.OCCASION: (9, 30)}
        for task in self.tasks:
            due = task.due.astimezone(BERLIN)
            assert isinstance(task.kind, TaskKind)
            assert hours.get(task.kind, (due.hour, due.minute)) == (due.hour, due.minute)


TestDesk = Desk.TestCase
