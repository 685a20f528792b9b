from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    AbandonedContacts,
    AbandonReason,
    InconsistentCountsError,
    Interaction,
    InvalidValueError,
    WrongTypeError,
)
from crmcore.interop.hypothesis import abandoned_contacts, interactions
from crmcore.primitives.proportions import wilson
from tests.support.refusals import refused
from tests.support.replay import replay


class TestAbandonedContacts:
    @given(st.lists(interactions(id=None), max_size=12))
    def test_by_hand(self, met: list[Interaction]) -> None:
        """Every contact counts, and every abandoned one under its reason."""
        counted = AbandonedContacts.of(iter(met))
        reasons = Counter(one.abandoned for one in met)

        assert len(met) == counted.contacts
        assert {reason: getattr(counted, reason.value) for reason in AbandonReason} == {
            reason: reasons[reason] for reason in AbandonReason
        }
        assert counted.abandoned == len(met) - reasons[None]

    @given(st.lists(interactions(id=None), max_size=12), st.integers(0, 12))
    def test_shards(self, met: list[Interaction], cut: int) -> None:
        """The counts of two parts add up to the count of all contacts."""
        assert AbandonedContacts.of(met) == AbandonedContacts.of(met[:cut]) + AbandonedContacts.of(met[cut:])

    @given(st.lists(interactions(id=None), max_size=12))
    def test_by_key(self, met: list[Interaction]) -> None:
        """Each group counts as if it were alone, and the groups add up to the whole."""
        apart = AbandonedContacts.by(met, lambda one: one.touchpoint_id)

        assert list(dict.fromkeys(one.touchpoint_id for one in met)) == list(apart)
        assert (apart.total or AbandonedContacts()) == AbandonedContacts.of(met)
        for place, counted in apart.items():
            assert counted == AbandonedContacts.of(one for one in met if one.touchpoint_id == place)

    @given(abandoned_contacts())
    def test_rate(self, counted: AbandonedContacts) -> None:
        """The rate is within its bounds, has an explanation, and is None without contacts."""
        if counted.contacts:
            assert counted.rate is not None
            assert 0 <= counted.rate <= 1
            assert counted.interval() == wilson(counted.abandoned, counted.contacts)
        else:
            assert (None, None) == (counted.rate, counted.interval())
        assert counted.abandoned == sum(count for _, count in counted.by_reason)
        replay(counted.explain())

    @given(abandoned_contacts(contacts=10**6))
    def test_of_given_contacts(self, counted: AbandonedContacts) -> None:
        """The strategy takes counts that are given to it."""
        assert 10**6 == counted.contacts

    def test_example(self) -> None:
        """20 of 200 contacts were abandoned on a Saturday."""
        saturday = AbandonedContacts(contacts=200, queue=14, stock_out=5, website=0, premises=1)

        assert Decimal("0.1") == saturday.rate
        assert [AbandonReason.QUEUE, AbandonReason.STOCK_OUT, AbandonReason.PREMISES] == [
            reason for reason, _ in saturday.by_reason
        ]
        assert {"abandoned": 20, "rate": Decimal("0.1")}.items() <= saturday.row().items()
        assert (wilson(20, 200, confidence=0.9)) == saturday.interval(confidence=0.9)

    def test_equals_by_name(self) -> None:
        """Reasons with the same count are sorted by name."""
        assert ["other", "queue"] == [
            reason.value for reason, _ in AbandonedContacts(contacts=2, queue=1, other=1).by_reason
        ]

    @pytest.mark.parametrize(
        ("counts", "error"),
        [
            ({"contacts": 1, "queue": 1, "other": 1}, InconsistentCountsError),
            ({"queue": 1}, InconsistentCountsError),
            ({"contacts": -1}, InvalidValueError),
            ({"contacts": 3, "website": -1}, InvalidValueError),
            ({"contacts": 1.5}, WrongTypeError),
            ({"contacts": True}, WrongTypeError),
        ],
    )
    def test_counts_must_agree(self, counts: dict[str, Any], error: type[Exception]) -> None:
        """More abandoned contacts than contacts are refused, and so are bad counts."""
        with pytest.raises(error):
            AbandonedContacts(**counts)

    @pytest.mark.parametrize("met", [["till"], [None], None, "till"])
    def test_takes_interactions(self, met: Any) -> None:
        """An item that is not an interaction is refused."""
        with pytest.raises(WrongTypeError):
            AbandonedContacts.of(met)

    def test_key(self) -> None:
        """The name of a field is not a key."""
        with refused(WrongTypeError, "not_a_function: key"):
            AbandonedContacts.by([], "touchpoint_id")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a text
