"""What became of what was owed: outcomes, reach, neglect, and each rule of the review."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Customer,
    Feedback,
    FeedbackKind,
    Finding,
    InconsistentCountsError,
    Initiative,
    Interaction,
    InvalidValueError,
    MeasureKind,
    Money,
    Period,
    Promises,
    Purchase,
    Reach,
    Reading,
    SubjectKind,
    Task,
    TaskKind,
    TaskOutcome,
    follow_ups,
    instant,
)
from crmcore.interop.hypothesis import instants, tasks
from tests.support.refusals import refused

TODAY: Final = instant("2026-03-10")
DUE: Final = instant("2026-03-05")
SECOND: Final = timedelta(seconds=1)
ANNA: Final = Customer(id=7, manager_id="vera", since=instant("2025-03-10"), updated_at=instant("2026-03-01"))
VISIT: Final = Interaction(touchpoint_id="shop", at=instant("2026-03-01"), customer_id=7)
CHANGE: Final = Interaction(touchpoint_id="desk", at=instant("2026-03-02"), customer_id=7, id="c1")
SALE: Final = Purchase(customer_id=7, at=instant("2026-03-01"), amount=Money(5, "EUR"), id="p1")
COMPLAINT: Final = Feedback(
    kind=FeedbackKind.COMPLAINT, received_at=instant("2026-03-02"), category="delivery", id="f1"
)


def owed(kind: TaskKind | str = TaskKind.CALL, **fields: Any) -> Task:
    """Return a task for a customer, due five days ago."""
    given: dict[str, Any] = {"kind": kind, "due": DUE, "customer_id": 7, **fields}
    return Task(**given)


OF_SEVERAL: Final = {"silence_of_unknown_length", "record_of_unknown_age"}
"""Rules that count customers."""


def find(*given: Task, **fields: Any) -> list[str]:
    """Return the rules that a review finds, each for one customer, but for those that count customers."""
    asked: dict[str, Any] = {"as_of": TODAY, **fields}
    found = follow_ups.review(given, **asked)
    for finding in found:
        assert (finding.subject in {"customer 7", "customer 8"}) is (finding.rule not in OF_SEVERAL)
        assert finding.message
    return [finding.rule for finding in found]


class TestOutcome:
    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({}, TaskOutcome.OVERDUE),
            ({"due": TODAY}, TaskOutcome.PENDING),
            ({"due": TODAY - SECOND}, TaskOutcome.OVERDUE),
            ({"done_at": DUE}, TaskOutcome.KEPT),
            ({"done_at": DUE + SECOND}, TaskOutcome.LATE),
            ({"done_at": TODAY}, TaskOutcome.LATE),
            ({"done_at": TODAY + SECOND}, TaskOutcome.OVERDUE),
            ({"due": TODAY + SECOND, "done_at": TODAY}, TaskOutcome.KEPT),
            ({"due": TODAY + SECOND, "done_at": TODAY + SECOND}, TaskOutcome.PENDING),
            ({"cancelled_at": DUE}, TaskOutcome.CANCELLED),
            ({"cancelled_at": DUE + SECOND}, TaskOutcome.DROPPED),
            ({"cancelled_at": TODAY + SECOND}, TaskOutcome.OVERDUE),
            ({"due": TODAY, "cancelled_at": TODAY + SECOND}, TaskOutcome.PENDING),
        ],
    )
    def test_at_the_edges(self, fields: dict[str, Any], expected: TaskOutcome) -> None:
        """One second decides; what comes after the reference date has not happened."""
        task = owed(**fields)
        assert expected is follow_ups.outcome(task, as_of=TODAY)
        assert 1 == getattr(Promises.of([task], as_of=TODAY), expected.value)

    @given(st.lists(tasks(id=st.none()), max_size=5), instants())
    def test_agrees_with_the_task(self, several: list[Task], as_of: Any) -> None:
        """The count of the overdue is that of `Task.is_overdue`, and the parts make up the whole."""
        found = Promises.of(several, as_of=as_of)
        assert found.overdue == sum(task.is_overdue(as_of) for task in several)
        assert len(several) == found.due + found.pending + found.cancelled
        assert Promises.total(Promises.of([task], as_of=as_of) for task in several) == found


class TestPromises:
    def test_rates(self) -> None:
        """Of what was due, of what was done, and how much was done at all."""
        found = Promises(kept=2, late=1, overdue=1, dropped=1, pending=9, cancelled=9)
        assert (5, 2, Decimal("0.4"), Decimal("0.6")) == (found.due, found.broken, found.rate, found.completion)
        assert "completion" == [*found.explain()][-1].name
        interval = found.interval()
        assert interval is not None
        assert interval.low < 0.4 < interval.high

    def test_nothing_due(self) -> None:
        """Without anything due there is no rate."""
        found = Promises(pending=3)
        assert (None, None, None, None) == (found.rate, found.rate_of_done, found.completion, found.interval())

    def test_by_kind(self) -> None:
        """Hand-offs are counted apart from promises."""
        found = Promises.by([owed(), owed(TaskKind.HAND_OFF, done_at=DUE)], lambda task: task.kind, as_of=TODAY)
        assert (0, 1) == (found[TaskKind.CALL].kept, found[TaskKind.HAND_OFF].kept)

    def test_overdue(self) -> None:
        """The longest overdue first; a task that was cancelled late waits no longer."""
        given = [owed(id=1), owed(id=2, due=DUE - SECOND), owed(cancelled_at=TODAY), owed(done_at=TODAY), owed(id=3)]
        assert [2, 1, 3] == [task.id for task in follow_ups.overdue(given, as_of=TODAY)]


class TestReach:
    MARCH: Final = Period.month(2026, 3)

    def test_counts_customers(self) -> None:
        """A customer with two notices counts once; other kinds, other customers and other months do not."""
        given = [
            owed("tour", done_at=self.MARCH.start),
            owed("tour", done_at=TODAY),
            owed("tour", customer_id=8, done_at=self.MARCH.end),
            owed("call", customer_id=8, done_at=TODAY),
            owed("tour", customer_id=8),
            owed("tour", customer_id=9, done_at=TODAY),
        ]
        found = Reach.of([ANNA, Customer(id=8), ANNA], given, kinds=["tour"], period=self.MARCH)
        assert (1, 1, 2, Decimal("0.5")) == (found.reached, found.missed, found.customers, found.rate)
        interval = found.interval()
        assert interval is not None
        assert interval.low < 0.5 < interval.high
        assert ["reached", "missed", "customers", "rate"] == [term.name for term in found.explain()]

    def test_by_manager(self) -> None:
        """For each manager, and the sum over them is the whole."""
        customers = [ANNA, Customer(id=8)]
        rows = Reach.by(customers, [], lambda customer: customer.manager_id, kinds=["tour"], period=self.MARCH)
        assert {"vera", None} == set(rows)
        assert rows.total == Reach.of(customers, [], kinds=["tour"], period=self.MARCH)

    def test_no_customers(self) -> None:
        """Without customers there is no rate."""
        assert (None, None) == (Reach().rate, Reach().interval())


class TestNeglected:
    def test_contacts_of_both_kinds(self) -> None:
        """A task that is done is a contact if the customer hears from the company in it, and only then."""
        for kind, days in ((TaskKind.CALL, 5), (TaskKind.HAND_OFF, 9), ("own", 9)):
            [row] = follow_ups.neglected(
                [ANNA],
                [VISIT],
                as_of=TODAY,
                days=1,
                tasks=[owed(kind, done_at=DUE), owed(kind, done_at=TODAY + SECOND)],
            )
            assert (days, False) == (row.days, row.never)
        call = owed(TaskKind.CALL, done_at=TODAY)
        assert TODAY == follow_ups.neglected([ANNA], [VISIT], as_of=TODAY, days=0, tasks=[call])[0].last_contact_at

    def test_order(self) -> None:
        """The longest silence first, equal ones as given; the last contact counts, in any order."""
        customers = [Customer(id=own, since=instant("2026-03-01")) for own in (1, 2)]
        early = Interaction(touchpoint_id="shop", at=instant("2026-02-01"), customer_id=7)
        for visits in ([VISIT, early], [early, VISIT]):
            found = follow_ups.neglected([*customers, ANNA], visits, as_of=TODAY, days=9)
            assert [(1, 9), (2, 9), (7, 9)] == [(row.customer_id, row.days) for row in found]

    def test_unknown_lengths(self) -> None:
        """A customer of whom nothing is known, or who comes later, is left out."""
        later = Customer(id=8, since=TODAY + SECOND)
        assert () == follow_ups.neglected([Customer(id=7), later], [], as_of=TODAY, days=0)


class TestReview:
    @pytest.mark.parametrize(
        ("rule", "raising", "not_raising"),
        [
            ("promise_broken", owed(TaskKind.PROMISE), owed(TaskKind.PROMISE, done_at=DUE)),
            ("promise_broken", owed(TaskKind.PROMISE, done_at=DUE + SECOND), owed(TaskKind.PROMISE, due=TODAY)),
            ("promise_broken", owed(TaskKind.PROMISE, cancelled_at=TODAY), owed(TaskKind.PROMISE, cancelled_at=DUE)),
            ("conversation_missed", owed(TaskKind.CONVERSATION), owed(TaskKind.CONVERSATION, done_at=TODAY)),
            ("conversation_missed", owed(TaskKind.EXIT_INTERVIEW), owed(TaskKind.EXIT_INTERVIEW, due=TODAY)),
            ("question_without_reply", owed(TaskKind.REPLY), owed(TaskKind.REPLY, done_at=TODAY)),
            ("onboarding_missing", owed(TaskKind.ONBOARDING), owed(TaskKind.ONBOARDING, done_at=DUE)),
            ("manager_not_told", owed(TaskKind.CHANGE_NOTICE), owed(TaskKind.CHANGE_NOTICE, done_at=DUE)),
            (
                "hand_off_incomplete",
                owed(TaskKind.OPPORTUNITY, owner_id="sales"),
                owed(TaskKind.OPPORTUNITY, owner_id="sales", done_at=TODAY),
            ),
            ("follow_up_overdue", owed(TaskKind.THANK_YOU), owed(TaskKind.THANK_YOU, done_at=TODAY)),
            ("follow_up_overdue", owed("tour", cancelled_at=TODAY), owed("tour", cancelled_at=DUE)),
            ("hand_off_without_owner", owed(TaskKind.HAND_OFF, due=TODAY), owed(TaskKind.HAND_OFF, done_at=DUE)),
            (
                "gift_without_relation",
                owed(TaskKind.GIFT, done_at=DUE),
                owed(TaskKind.GIFT, done_at=DUE, relates_to="tea"),
            ),
        ],
    )
    def test_of_tasks(self, rule: str, raising: Task, not_raising: Task) -> None:
        """Each rule about tasks, with one that raises it and one that does not."""
        assert [rule] == find(raising)
        assert [] == find(not_raising)

    @pytest.mark.parametrize(
        ("rule", "raising", "not_raising"),
        [
            ("customer_neglected", {"neglect_days": 9}, {"neglect_days": 10}),
            (
                "silence_of_unknown_length",
                {"neglect_days": 99, "customers": [Customer(id=8)]},
                {"neglect_days": 99, "customers": [Customer(id=7)]},
            ),
            ("no_service_notice", {"notice_days": 365}, {"notice_days": 366}),
            (
                "silence_after_purchase",
                {"silence_days": 5, "purchases": [SALE]},
                {"silence_days": 10, "purchases": [SALE]},
            ),
            ("record_out_of_date", {"stale_days": 9}, {"stale_days": 10}),
            (
                "record_of_unknown_age",
                {"stale_days": 9, "customers": [Customer(id=8)]},
                {"stale_days": 9, "customers": []},
            ),
            ("manager_not_told", {"changes": [CHANGE]}, {"changes": [CHANGE], "as_of": instant("2026-03-01T12:00")}),
        ],
    )
    def test_of_customers(self, rule: str, raising: dict[str, Any], not_raising: dict[str, Any]) -> None:
        """Each rule about customers, at its threshold, which it tells, and beside it."""
        known: dict[str, Any] = {"customers": [ANNA], "interactions": [VISIT]}
        assert [rule] == find(**{**known, **raising})
        given: dict[str, Any] = {**known, "as_of": TODAY, **raising}
        [found] = follow_ups.review([], **given)
        thresholds = {value for name, value in raising.items() if name.endswith("_days")}
        assert rule in OF_SEVERAL or thresholds <= {value for _, value in found.evidence}
        assert [] == find(**{**known, **not_raising})

    def test_notices_count(self) -> None:
        """A service or a status notice that was done within the days is enough; an older or a later one is not."""
        for kind in (TaskKind.SERVICE_NOTICE, TaskKind.STATUS_NOTICE):
            assert [] == find(owed(kind, done_at=TODAY), customers=[ANNA], notice_days=5)
            assert "no_service_notice" in find(owed(kind, done_at=TODAY + SECOND), customers=[ANNA], notice_days=5)
            assert [] == find(owed(kind, done_at=DUE), customers=[ANNA], notice_days=6)
            assert ["no_service_notice"] == find(owed(kind, done_at=DUE), customers=[ANNA], notice_days=5)
        assert ["no_service_notice"] == find(customers=[Customer(id=8)], notice_days=36_525)
        assert ["no_service_notice"] == find(customers=[Customer(id=8)], notice_days=5, as_of=instant("0001-01-02"))

    @pytest.mark.parametrize(
        ("contacts", "given", "silent"),
        [
            ([Interaction(touchpoint_id="x", at=instant("2026-03-05T23:59"), customer_id=7)], [], False),
            ([Interaction(touchpoint_id="x", at=instant("2026-03-06"), customer_id=7)], [], True),
            ([Interaction(touchpoint_id="x", at=DUE, customer_id=7, initiative=Initiative.CUSTOMER)], [], True),
            ([], [owed(TaskKind.THANK_YOU, done_at=DUE)], False),
            ([], [owed(TaskKind.HAND_OFF, owner_id="x", done_at=DUE)], True),
        ],
    )
    def test_silence_after_a_purchase(self, contacts: list[Interaction], given: list[Task], silent: bool) -> None:
        """A contact by the company within the days ends it, one of the customer or within the company does not."""
        found = find(*given, purchases=[SALE], interactions=contacts, silence_days=5)
        assert silent is ("silence_after_purchase" in found)

    def test_refunds_and_young_purchases(self) -> None:
        """They owe no contact; the smallest purchase does."""
        cheap = Purchase(customer_id=7, at=instant("2026-02-01"), amount=Money("0.01", "EUR"))
        assert ["silence_after_purchase"] == find(purchases=[cheap], silence_days=10)
        refund = Purchase(customer_id=7, at=instant("2026-02-01"), amount=Money(-5, "EUR"))
        assert [] == find(purchases=[refund, SALE], silence_days=10)

    def test_misrouted(self) -> None:
        """A hand-off to another owner than the route's; not one without a route or a subject, or to the right one."""
        routes = {"delivery": "stores", "invoice": "accounts"}
        done: dict[str, Any] = {"kind": TaskKind.HAND_OFF, "done_at": DUE, "about_id": "f1", "owner_id": "accounts"}
        known: dict[str, Any] = {"feedback": [COMPLAINT], "routes": routes}
        assert ["misrouted"] == find(owed(**done), **known)
        [found] = follow_ups.review([owed(**done)], as_of=TODAY, **known)
        assert {"category": "delivery", "owner": "accounts", "route": "stores", "about": "f1"}.items() <= {
            *found.evidence
        }
        others: list[dict[str, Any]] = [
            {"owner_id": "stores"},
            {"about_id": None},
            {"about_id": "f2"},
            {"owner_id": None},
            {"kind": TaskKind.CALL},
        ]
        for fields in others:
            assert [] == find(owed(**{**done, **fields}), **known)
        assert [] == find(owed(**done), feedback=[COMPLAINT], routes={"invoice": "accounts"})
        assert [] == find(owed(**done), feedback=[COMPLAINT])

    def test_the_manager_is_told(self) -> None:
        """A notice to the customer's own manager is enough; one to somebody else is not."""
        notice: dict[str, Any] = {"kind": TaskKind.CHANGE_NOTICE, "done_at": DUE, "about_id": "c1"}
        known: dict[str, Any] = {"changes": [CHANGE], "customers": [ANNA]}
        assert [] == find(owed(**notice, owner_id="vera"), **known)
        assert [] == find(owed(**notice, owner_id="paul", employee_id="vera"), **known)
        assert ["manager_not_told"] == find(owed(**notice, owner_id="paul"), **known)
        assert ["manager_not_told"] == find(owed(**{**notice, "about_id": "c2"}, owner_id="vera"), **known)
        assert [] == find(owed(**notice), changes=[CHANGE])
        moved = Reading(
            subject_kind=SubjectKind.CUSTOMER, subject_id=7, kind=MeasureKind.LOYALTY, at=DUE, value=1, id="c1"
        )
        assert [] == find(owed(**notice, owner_id="vera"), changes=[moved], customers=[ANNA])
        unknown = Interaction(touchpoint_id="desk", at=DUE, id="c1")
        [found] = follow_ups.review([], changes=[unknown], as_of=TODAY)
        assert ("manager_not_told", "") == (found.rule, found.subject)

    def test_grace(self) -> None:
        """What is past due by the grace itself is no finding yet; what was cancelled late is one anyway."""
        assert [] == find(owed(), grace=timedelta(days=5))
        assert ["follow_up_overdue"] == find(owed(), grace=timedelta(days=5) - SECOND)
        assert ["follow_up_overdue"] == find(owed(cancelled_at=TODAY), grace=timedelta(days=99))

    def test_provenance(self) -> None:
        """A finding says its concept, its source and its threshold, and how long it lasts."""
        [found] = follow_ups.review([owed(TaskKind.PROMISE, owner_id="anna", about_id=3)], as_of=TODAY)
        assert isinstance(found, Finding)
        assert {
            "concept": "a promise is kept",
            "source": "source articles, see why.md",
            "kind": "promise",
            "due": "2026-03-05T00:00:00+00:00",
            "days": 5,
            "grace": "0:00:00",
            "about": "3",
            "owner": "anna",
        } == dict(found.evidence)
        assert "promise is 5 days overdue" == found.message

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"due": TODAY - timedelta(hours=2)}, "call is less than a day overdue"),
            ({"due": TODAY - timedelta(days=1)}, "call is 1 day overdue"),
            ({"kind": TaskKind.PROMISE, "done_at": TODAY}, "promise was done 5 days late"),
            ({"kind": TaskKind.THANK_YOU, "cancelled_at": TODAY}, "thank you was cancelled after it was due"),
        ],
    )
    def test_messages(self, fields: dict[str, Any], message: str) -> None:
        """The message says how long."""
        [found] = follow_ups.review([owed(**fields)], as_of=TODAY)
        assert message == found.message

    def test_refusals(self) -> None:
        """Thresholds are days from 1, and two different tasks of one id are refused."""
        with refused(InvalidValueError, ": neglect_days"):
            find(neglect_days=0)
        with refused(InconsistentCountsError, "two_records_of_one_id: tasks[1]"):
            find(owed(id=1), owed("tour", id=1))
