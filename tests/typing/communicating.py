"""User code on how the company speaks with customers; mypy and pyright read it, and it never runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_type

from crmcore import (
    ContactLimit,
    Cost,
    Effort,
    Finding,
    Id,
    Interaction,
    Mix,
    Money,
    Period,
    Purchase,
    Purpose,
    Spend,
    TallyBy,
    Touchpoint,
    communication,
)
from crmcore.primitives.proportions import Interval
from crmcore.service.communication import ContactDecision, KindCount


def contacts(met: Iterator[Interaction], places: list[Touchpoint], now: datetime) -> None:
    """Contacts are counted by their kind, read in order, and limited."""
    mix = Mix.of(met, lambda one: one.purpose)
    assert_type(mix, Mix)
    assert_type(mix.share(Purpose.SELL), Decimal | None)
    assert_type(mix.interval("sell", confidence=0.9), Interval | None)
    assert_type(mix.kinds[Purpose.SELL], KindCount)
    assert_type(mix.concentration, Decimal | None)
    assert_type(Mix.by(met, lambda one: one.customer_id, lambda one: one.topic), TallyBy[Id | None, Mix])
    assert_type(communication.impersonal_streaks(met, places), dict[Id, int])
    assert_type(communication.first_contacts(met), tuple[Interaction, ...])
    limit = ContactLimit(within=timedelta(days=30), purpose="sell")
    decision = communication.may_contact(met, customer_id=7, as_of=now, limits=[limit], purpose=Purpose.SELL)
    assert_type(decision, ContactDecision)
    assert_type(decision.blocked_by, tuple[ContactLimit, ...])
    assert_type(
        communication.may_contact_each(met, [7], as_of=now, limits=[limit], exempt=[]), dict[Id, ContactDecision]
    )
    assert_type(communication.lint(met, touchpoints=places, owners={"desk": 7}), tuple[Finding, ...])
    Mix.of(met)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - which kinds?
    ContactLimit(within=30)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - thirty what?
    communication.may_contact(met, customer_id=7, limits=[limit])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - when?


def effort(met: list[Interaction], bought: list[Purchase], costs: Iterator[Cost], month: Period, price: Money) -> None:
    """What is spent on customers is money, and shares may be unknown."""
    assert_type(Spend.of(costs, currency="EUR"), Spend)
    assert_type(Spend.by(costs, lambda cost: cost.at.month), TallyBy[int, Spend])
    assert_type(Spend.of(costs).acquisition_share, Decimal | None)
    assert_type(Effort.of(met, bought, month).new_share_of_revenue, Decimal | None)
    assert_type(Effort(new_revenue=price, existing_revenue=price), Effort)
    Effort(new_contacts=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - in which currency?
    Spend.of(costs).acquisition_share + 1  # type: ignore[operator]  # pyright: ignore[reportOptionalOperand, reportUnusedExpression] - None
