"""What callers, files and exports get wrong is refused before it is used, whether or not the call would need it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import repeat
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from crmcore import (
    Cohort,
    CrmcoreError,
    Customer,
    InvalidValueError,
    Money,
    PracticeShare,
    Purchase,
    Referrals,
    RevenueChurn,
    Survival,
    WrongTypeError,
)
from crmcore.retention.inactivity import inactivity_threshold
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Callable

ANNA = Customer(id=7, manager_id="vera")
EURO: Any = Money(10, "EUR")
ANYTHING: Any = object()
ENDLESS: Any = repeat(1)
NOTHING: Any = repeat(None)


def _referred(**given: Any) -> object:
    return Referrals.by([ANNA], {7: EURO}, lambda one: one.id, **given)


CASES: list[tuple[Callable[[], object], type[CrmcoreError], str]] = [
    (lambda: inactivity_threshold({7: NOTHING}, percentile=1), WrongTypeError, "wrong_number_type: gaps[0]"),
    (lambda: inactivity_threshold({7: ENDLESS}, percentile=1), InvalidValueError, "too_many_to_collect: gaps[0]"),
    (lambda: inactivity_threshold(ENDLESS, percentile=1), InvalidValueError, "too_many_to_collect: gaps"),
    (lambda: inactivity_threshold([1, -1], percentile=1), InvalidValueError, "too_small: gaps[1]"),
    (lambda: RevenueChurn.from_amounts(start=EURO, lost=ANYTHING, end=EURO), WrongTypeError, "wrong_type: lost"),
    (lambda: _referred(rewards=0), WrongTypeError, "not_a_mapping: rewards"),
    (lambda: _referred(currency=ANYTHING), WrongTypeError, "not_a_text: currency"),
    (lambda: Referrals.of([ANNA], {}, rewards=ANYTHING, currency="EUR"), WrongTypeError, "not_a_mapping: rewards"),
    (
        lambda: PracticeShare.of([ANNA, EURO], lambda one: one.manager_id is not None),
        WrongTypeError,
        "wrong_type: records[1]",
    ),
    (
        lambda: PracticeShare.by([ANNA, EURO], lambda one: one.manager_id, lambda _: True),
        WrongTypeError,
        "wrong_type: records[1]",
    ),
]


@pytest.mark.parametrize("place", range(len(CASES)))
def test_is_refused_with_its_name(place: int) -> None:
    """The error names the argument."""
    call, error, broken = CASES[place]
    with refused(error, broken):
        call()


def test_a_cohort_at_the_end_of_the_calendar() -> None:
    """A zone ahead of UTC has no such day."""
    last = datetime.max.replace(tzinfo=UTC)
    bought = Purchase(customer_id=7, at=last, amount=EURO)
    with refused(InvalidValueError):
        Cohort.by_purchases([bought], as_of=last, tz=ZoneInfo("Asia/Tokyo"), ages=1)


def test_nothing_at_risk_is_no_lifetime() -> None:
    """Empty columns are a count of nothing."""
    assert Survival.from_counts((), ()).times == ()
