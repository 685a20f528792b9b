"""What type checkers see of attribution; nothing here is run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_type

from crmcore import Id, Journeys, Money, Outcome, PathEnd, TallyBy, attribution
from crmcore.journeys.attribution import Attribution

Way = tuple[Id, ...]


def ways(rows: Iterator[tuple[str, str, datetime]], packed: Journeys, price: Money) -> None:
    """Ways come from rows, plain or packed, and a conversion is worth an amount, or what a function says."""
    counted = attribution.outcomes(packed, "purchase", channels={"email"}, first_only=True, worth=price)
    assert_type(counted, TallyBy[Way, Outcome])
    assert_type(counted[()].rate, Decimal | None)
    assert_type(counted + attribution.outcomes(rows, 7, worth=lambda _who, _at: price), TallyBy[Way, Outcome])
    assert_type(type(counted).merge([counted, counted]), TallyBy[Way, Outcome])
    assert_type(counted.total, Outcome | None)
    windows = {"email": timedelta(days=7), 7: timedelta(days=1)}
    assert_type(attribution.outcomes(rows, 7, channel_within=windows), TallyBy[Way, Outcome])
    attribution.outcomes(rows, 7, channel_within={"email": 7})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType] - of what?
    attribution.outcomes(packed)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - with which goal?
    attribution.outcomes(packed, "purchase", worth=40)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of which currency?
    attribution.outcomes(packed, "purchase", worth=lambda _who: price)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - when?
    Outcome(value=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of which currency?


def methods(counted: TallyBy[Way, Outcome], packed: Journeys) -> None:
    """Each method gives an attribution; ways may be written down as they are, of texts or of numbers alone."""
    assert_type(attribution.linear(counted), Attribution)
    assert_type(attribution.last(counted), Attribution)
    assert_type(attribution.first({("email",): Outcome(conversions=1)}), Attribution)
    texts = {("email",): Outcome(conversions=1), ("email", "search"): Outcome(nulls=1)}
    assert_type(attribution.markov(texts, order=2), Attribution)
    assert_type(attribution.shapley({(1, 2): Outcome()}), Attribution)
    assert_type(attribution.position(counted, first=0.3, last="0.7"), Attribution)
    earned = attribution.time_decay(packed, "purchase", half_life=timedelta(days=7))
    assert_type(earned.credits, tuple[tuple[Id, Decimal], ...])
    assert_type(earned.split(digits=0), tuple[tuple[Id, Money], ...])
    assert_type(earned.share("email"), Decimal | None)
    assert_type(earned.conversion_probability, Decimal | None)
    assert_type(attribution.chain(texts), dict[Way, dict[Way | PathEnd, Decimal]])
    assert_type(attribution.shapley_value({frozenset({"a"}): 1}), tuple[tuple[Id, Decimal], ...])
    attribution.linear(packed)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - cut them first
    attribution.linear({"email": Outcome()})  # type: ignore[type-var]  # pyright: ignore[reportArgumentType] - a way is a tuple
    attribution.last_non_direct(counted)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - which is direct?
    attribution.time_decay(packed, "purchase")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - how fast?
    attribution.shapley_value({"a": 1})  # type: ignore[type-var]  # pyright: ignore[reportArgumentType] - a coalition is a frozenset
    earned.credits = ()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue] - frozen
