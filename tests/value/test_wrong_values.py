"""What calculators of value refuse at once: a number of periods that would make too much, and what has no end."""

from __future__ import annotations

from itertools import repeat
from typing import Any

from crmcore import InvalidValueError, Money, WrongTypeError, lifetime_value
from tests.support.refusals import refused

WON = Money(300, "EUR")


class TestSizes:
    def test_costs_by_tenure_are_bounded(self) -> None:
        """A year is made for each of at most 100,000 years."""
        with refused(InvalidValueError, "too_many_to_make: years"):
            lifetime_value.cost_by_tenure(acquisition_cost=WON, service_cost=WON, years=10**9)

    def test_costs_by_tenure_need_a_cost(self) -> None:
        """Without a cost of service there is no year to write."""
        nothing: Any = None

        with refused(WrongTypeError, "wrong_type: service_cost"):
            lifetime_value.cost_by_tenure(acquisition_cost=WON, service_cost=nothing, years=3)

    def test_periods_are_bounded(self) -> None:
        """Buyers are followed for at most 100,000 periods."""
        with refused(InvalidValueError, "too_many_to_make: periods"):
            lifetime_value.expected_buyers(["0.5", "0.2"], periods=10**9)

    def test_cohorts_are_several(self) -> None:
        """A single cohort is refused under the name of its argument."""
        single: Any = 7

        with refused(WrongTypeError, "one_for_several: acquired"):
            lifetime_value.CustomerEquity.of(lifetime_value.ValueMix.of({}), acquired=single)

    def test_cohorts_are_bounded(self) -> None:
        """Cohorts without a length end at a million."""
        endless: Any = repeat(None)

        with refused(InvalidValueError, "too_many_to_collect: acquired"):
            lifetime_value.CustomerEquity.of(lifetime_value.ValueMix.by({7: Money(9, "EUR")}, str), acquired=endless)
