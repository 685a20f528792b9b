"""User code on relationships as they are practised; mypy and pyright read it, and it never runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_type

from crmcore import (
    Customer,
    Feedback,
    Finding,
    Id,
    Interaction,
    Money,
    Period,
    Persona,
    PracticeShare,
    Purchase,
    Reading,
    Referrals,
    Relationship,
    RelationshipType,
    Segment,
    TallyBy,
    Task,
    relationships,
)
from crmcore.primitives.proportions import Interval
from crmcore.retention.relationships import TOOLS_BY_TYPE, RelationshipQuality


def decided(segments: Iterator[Segment], company: Persona, vera: Persona, price: Money) -> None:
    """What is decided about relationships is checked."""
    assert_type(relationships.value_overlap(company, vera), Decimal | None)
    assert_type(
        relationships.lint(
            segments,
            personas=[vera],
            company=company,
            broadcasts={"honesty": ["blog"]},
            tools_by_type={**TOOLS_BY_TYPE, RelationshipType.SELF_SERVICE: ["kiosk"]},
            least_overlap="0.5",
            trials={"cup": (price, price)},
        ),
        tuple[Finding, ...],
    )
    relationships.lint(segments, company="We")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a portrait


def practised(
    customers: list[Customer],
    ties: list[Relationship],
    bought: list[Purchase],
    met: list[Interaction],
    owed: list[Task],
    said: list[Feedback],
    read: Iterator[Reading],
    now: datetime,
    year: Period,
) -> None:
    """What is practised is counted and reviewed."""
    month = timedelta(days=30)
    assert_type(PracticeShare.of(customers, lambda one: one.manager_id is not None), PracticeShare)
    assert_type(
        PracticeShare.by(customers, lambda one: str(one.source), lambda one: bool(one.interests)),
        TallyBy[str, PracticeShare],
    )
    assert_type(PracticeShare().rate, Decimal | None)
    assert_type(PracticeShare().interval(confidence=0.9), Interval | None)
    assert_type(relationships.peer_solved(said), PracticeShare)
    assert_type(relationships.engaged(bought, met, within=month, as_of=now), PracticeShare)
    assert_type(relationships.offers_taken(owed, bought, within=month, as_of=now), PracticeShare)
    assert_type(relationships.anticipated(owed, said, kinds=["tour"]), PracticeShare)
    assert_type(relationships.continuity(ties, year), PracticeShare)
    assert_type(relationships.manager_tenures(ties, as_of=now), dict[Id, timedelta])
    assert_type(relationships.quality(read, as_of=now), dict[Id, RelationshipQuality])
    assert_type(RelationshipQuality(trust="0.5").score, Decimal | None)
    assert_type(relationships.review(customers, relationships=ties, as_of=now, period=year), tuple[Finding, ...])
    relationships.engaged(bought, met, as_of=now)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - how soon?
    relationships.review(customers)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - as of when?


def referred(customers: list[Customer], worth: dict[Id, Money]) -> None:
    """Referrals are money."""
    found = Referrals.of(customers, worth, rewards=worth, currency="EUR")
    assert_type(found, Referrals)
    assert_type(found.net_value, Money)
    assert_type(found.value_per_referral, Money | None)
    assert_type(Referrals.by(customers, worth, lambda one: one.referred_by_id), TallyBy[Id | None, Referrals])
    Referrals.of(customers)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - worth what?
