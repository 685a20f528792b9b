from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import Activity, Customer, InconsistentCountsError, MeasureKind, Scale, StageOrder, SubjectKind
from tests.support.counters import Counter, counters
from tests.support.refusals import refused
from tests.support.strategies import VALUES

COUNTERS = counters()
COMPARING = {"Consistency", "LeadOverTime", "PerceptionGap", "RelativeAdvantage"}
"""The classes that compare readings, of one kind and on one scale."""
ORDER = StageOrder.EXPLORATION_FIRST
FIXED: dict[str, Any] = {"LedgerBuilder": lambda builder: builder.ledger()}


def answer(counter: Counter, given: list[Any]) -> Any:
    """Count, and turn a result that does not compare into one that does."""
    return FIXED.get(counter.name.rpartition(".")[2], lambda found: found)(counter.count(given))


def draw_named(data: Any, counter: Counter) -> list[Any]:
    """Draw records with ids of their own, in one currency, and relationships of the default order of the stages."""
    comparable = counter.name.split(".")[-2] in COMPARING or counter.name.endswith(".relationships.quality")
    drawn = [
        attrs.evolve(record, id=f"number {number}", **_find_changes(record, comparable=comparable))
        for number, record in enumerate(data.draw(st.lists(VALUES[counter.kind], max_size=5)))
    ]
    return [record for record in drawn if _fits(record)]


def _find_changes(record: Any, *, comparable: bool) -> dict[str, Any]:
    if isinstance(record, Activity):
        return {"after": ()}  # what it waits for would have to be drawn too
    if isinstance(record, Customer):  # with two occasions of one name it could not be planned for
        return {"occasions": {occasion.name: occasion for occasion in record.occasions}.values()}
    return _of_one_measure(record) if comparable else {}


def _of_one_measure(reading: Any) -> dict[str, Any]:
    value = 8 if reading.value is None else abs(reading.value) % 10
    return {
        "subject_kind": SubjectKind.COMPANY,
        "kind": MeasureKind.PERCEPTION,
        "value": value,
        "level": None,
        "scale": Scale.RATING_0_10,
    }


def _fits(record: Any) -> bool:
    money = getattr(record, "amount", getattr(record, "price", None))
    return (money is None or money.currency == "EUR") and getattr(record, "order", ORDER) is ORDER


@pytest.mark.parametrize("counter", COUNTERS, ids=lambda counter: counter.name.removeprefix("crmcore."))
class TestDuplicates:
    @given(st.data())
    def test_a_record_with_an_id_counts_once(self, counter: Counter, data: Any) -> None:
        """Records that are all given twice count as if they were given once, in every counter."""
        named = draw_named(data, counter)
        again = [attrs.evolve(record) for record in named]

        assert answer(counter, named) == answer(counter, [*named, *again])

    @given(st.data())
    def test_two_records_of_one_id_are_refused(self, counter: Counter, data: Any) -> None:
        """Two records that differ but have one id are refused, and the error names the id."""
        named = draw_named(data, counter)
        if len(named) > 1:
            other = attrs.evolve(named[1], id=named[0].id)
            if other != named[0]:
                with refused(InconsistentCountsError) as caught:
                    counter.count([named[0], other])
                assert ("two_records_of_one_id", named[0].id) == (caught.value.rule, caught.value.record)


def test_the_walk_finds_counters() -> None:
    """The walk finds the counters of every wing."""
    found = {counter.name.removeprefix("crmcore.") for counter in COUNTERS}

    assert {
        "journeys.paths.GoalRate.of",
        "retention.churn.RevenueChurn.of",
        "service.balance.Balance.by",
        "value.lifetime_value.historic",
    } <= found
