"""What callers, files and exports get wrong is refused before it is used, whether or not the call would need it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import count, repeat
from typing import TYPE_CHECKING, Any

import pytest

from crmcore import (
    UTC,
    Activity,
    AuditScores,
    CompensationFund,
    ContactLimit,
    CrmcoreError,
    Customer,
    Deficits,
    ExpiryRule,
    Interaction,
    InvalidValueError,
    Mix,
    Money,
    Period,
    Recurrence,
    TimeUnit,
    Training,
    TrainingTopic,
    Validity,
    WrongTypeError,
    communication,
    follow_ups,
    instant,
    programme,
    recovery,
    staff,
)
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = instant("2026-03-02")
MARCH: Any = Period.month(2026, 3)
MET = Interaction(touchpoint_id="mail", at=DAY, customer_id="anna", purpose="news")
FUND = CompensationFund(opening=Money(100, "EUR"))
PLAN = programme.schedule([Activity(id="map", days=20)])
ANNA = Customer(id=7, manager_id="vera")
WEEKLY = Recurrence(first=DAY.date(), unit=TimeUnit.WEEK, at="10:00", zone=UTC)
LONG: Any = "x" * 1_000_000
ANYTHING: Any = object()


def _worst(key: object) -> object:
    return Deficits(groups=1, count=1, sum=1, worst=key, lowest=-1)


def _mapped(owners: object) -> object:
    given: Any = owners
    return communication.lint([MET], owners=given)


def _valid(validity: object) -> object:
    given: Any = validity
    return staff.lint([], as_of=DAY, trainings=[Training(employee_id=1, topic="tea", on=DAY.date())], validity=given)


def _asked(cadences: object) -> object:
    given: Any = cadences
    return follow_ups.feedback_requests([ANNA], [], given, MARCH)


CASES: list[tuple[Callable[[], object], type[CrmcoreError], str]] = [
    (lambda: _mapped(LONG), WrongTypeError, "not_a_mapping: owners"),
    (lambda: _mapped(repeat(None)), WrongTypeError, "not_a_mapping: owners"),
    (lambda: _mapped({"mail": None}), WrongTypeError, "not_an_id: owners"),
    (lambda: _mapped({("mail",): "eva"}), WrongTypeError, "not_an_id: owners"),
    (lambda: _valid(LONG), WrongTypeError, "not_a_mapping: validity"),
    (lambda: _valid(0), WrongTypeError, "not_a_mapping: validity"),
    (lambda: _valid({"tea": 3}), WrongTypeError, "wrong_type: validity"),
    (lambda: _valid({5: Validity(rule=ExpiryRule.FROM_EXPIRY, months=3)}), WrongTypeError, "not_a_text: validity"),
    (lambda: FUND.available(ANYTHING), WrongTypeError, "not_an_id: case_id"),
    (lambda: FUND.available(LONG), InvalidValueError, "text_too_long: case_id"),
    (lambda: _worst([]), WrongTypeError, "key_not_hashable: key"),
    (lambda: _worst(Decimal("NaN")), InvalidValueError, "missing_key: key"),
    (lambda: PLAN[ANYTHING], WrongTypeError, "not_an_id: activity_id"),
    (lambda: AuditScores.of_scores(repeat(None)), InvalidValueError, "too_many_to_collect: scores"),
    (lambda: AuditScores.of_scores(count()), InvalidValueError, "not_a_share: scores[2]"),
    (lambda: Mix.of([MET], lambda one: one.purpose).share(ANYTHING), WrongTypeError, "not_a_text: kind"),
    (lambda: Mix.of([MET], lambda one: one.purpose).share(""), InvalidValueError, "empty_text: kind"),
    (lambda: Mix.of([], lambda one: one.purpose).interval(ANYTHING), WrongTypeError, "not_a_text: kind"),
    (lambda: recovery.lint([], as_of=DAY, hours=ANYTHING), WrongTypeError, "wrong_type: hours"),
    (lambda: _asked({7: None}), WrongTypeError, "not_a_duration: cadences"),
    (lambda: _asked({8: 30}), WrongTypeError, "not_a_duration: cadences"),
    (lambda: _asked({ANYTHING: timedelta(30)}), WrongTypeError, "not_an_id: cadences"),
    (
        lambda: ContactLimit(within=timedelta(1)).find_end(ANYTHING, DAY),
        WrongTypeError,
        "one_for_several: times",
    ),
]


@pytest.mark.parametrize("place", range(len(CASES)))
def test_is_refused_with_its_name(place: int) -> None:
    """The error names the argument."""
    call, error, broken = CASES[place]
    with refused(error, broken):
        call()


@pytest.mark.parametrize(
    "plan",
    [
        lambda period: follow_ups.feedback_requests([ANNA], [], {}, period),
        lambda period: follow_ups.promised([], period),
        lambda period: follow_ups.after([], {"call": 1}, period, tz=UTC),
        lambda period: follow_ups.meetings(
            Recurrence(first=DAY.date(), unit=TimeUnit.WEEK, at="10:00", zone=UTC), period, about_id=1
        ),
    ],
)
def test_planners_need_a_period(plan: Callable[[Any], object]) -> None:
    """None does not mean all time."""
    with refused(WrongTypeError, "wrong_type: period"):
        plan(None)


def test_a_topic_of_a_validity_may_be_a_text() -> None:
    """The text of a member is the member."""
    checked = Training(employee_id=1, topic=TrainingTopic.COMPLAINTS, on=DAY.date(), passed=True)
    given: Any = {"complaints": Validity(rule=ExpiryRule.FROM_EXPIRY, months=3)}
    assert staff.lint([], as_of=DAY, trainings=[checked], validity=given) == ()
