"""Tests of how the company speaks with customers."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Channel,
    ContactLimit,
    Cost,
    CostKind,
    Effort,
    Initiative,
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
    instant,
)
from crmcore.interop.hypothesis import contact_limits, interactions
from crmcore.primitives.errors import CurrencyMismatchError, InvalidValueError, WrongTypeError
from crmcore.service.communication import ContactDecision, KindCount
from tests.support.refusals import refused

DAY = instant("2026-03-02T09:00")
HOUR = timedelta(hours=1)
PLACES = [
    Touchpoint(id="phone", channel=Channel.PHONE),
    Touchpoint(id="mail", channel=Channel.EMAIL),
    Touchpoint(id="stand"),
]
PERSONAL = {"phone": True, "mail": False, "stand": None, "fair": None}


def met(where: str = "mail", hours: int = 0, who: object = "anna", **others: Any) -> Interaction:
    """Return a contact so many hours after the first day begins."""
    return Interaction(touchpoint_id=where, at=DAY + hours * HOUR, customer_id=who, **others)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - any id


def rules(contacts: list[Interaction], **others: Any) -> list[tuple[str, str]]:
    """Return the rule and the subject of each finding."""
    return [(one.rule, one.subject) for one in communication.lint(contacts, **others)]


class TestMix:
    """`Mix` counts kinds, and knows what it does not know."""

    @given(st.lists(st.sampled_from([*Purpose, None]), max_size=30), st.integers(0, 30))
    def test_equals_a_plain_count_and_adds(self, purposes: list[Purpose | None], cut: int) -> None:
        """Shares are those of the known, in exact fractions, and two parts give the whole."""
        contacts = [met(purpose=purpose) for purpose in purposes]
        mix = Mix.of(contacts, lambda one: one.purpose)
        known = Counter(purpose for purpose in purposes if purpose is not None)
        assert mix.unknown == purposes.count(None)
        assert {kind: count.contacts for kind, count in mix.kinds.items()} == known
        parts = [Mix.of(part, lambda one: one.purpose) for part in (contacts[:cut], contacts[cut:])]
        assert Mix.total(parts) == mix
        if known:
            shares = [Fraction(count, known.total()) for count in known.values()]
            assert mix.top == min(known, key=lambda kind: (-known[kind], kind.value))
            assert mix.concentration is not None
            assert abs(sum(share**2 for share in shares) - Fraction(mix.concentration)) < Fraction(1, 10**30)
        else:
            assert (mix.top, mix.top_share, mix.concentration, mix.interval("sell")) == (None,) * 4

    def test_counts_by_a_key(self) -> None:
        """A contact that carries an id counts once."""
        first = met(id=1, topic="life")
        by = Mix.by([first, first, met("phone", topic="life")], lambda one: one.touchpoint_id, lambda one: one.topic)
        assert {place: mix.known for place, mix in by.items()} == {"mail": 1, "phone": 1}
        assert by["mail"].rows() == [{"kind": "life", "contacts": 1}]
        assert by["mail"]._repr_html_().count(">life</th>") == 1

    def test_a_kind_without_contacts_is_no_top(self) -> None:
        """A kind that is listed with none is not the most common."""
        mix = Mix(kinds=TallyBy({"a": KindCount(), "b": KindCount(contacts=2)}))
        assert mix.top == "b"
        assert [mix.share("a"), mix.share("c")] == [0, 0]
        assert Mix.of([met(note="x"), met()], lambda one: one.note).unknown == 1

    @pytest.mark.parametrize(
        ("call", "error", "expected"),
        [
            (lambda: Mix.of([], "purpose"), WrongTypeError, "not_a_function: kind"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - no function
            (lambda: Mix.of([met()], lambda _: []), WrongTypeError, "key_not_hashable: key"),  # type: ignore[arg-type, return-value]  # pyright: ignore[reportArgumentType] - on purpose
            (lambda: Mix.of([met()], lambda _: 7), WrongTypeError, ": kinds"),  # type: ignore[arg-type, return-value]  # pyright: ignore[reportArgumentType] - no text
        ],
    )
    def test_refuses(self, call: Any, error: type[Exception], expected: str) -> None:
        """A kind can name a group, and the unknown is not one."""
        with refused(error, expected):
            call()


class TestInOrder:
    """Streaks and first contacts read the contacts of each customer in order of time."""

    @given(st.lists(st.tuples(st.sampled_from(sorted(PERSONAL)), st.integers(0, 9), st.sampled_from(["a", "b", None]))))
    def test_streaks_equal_a_walk(self, rows: list[tuple[str, int, str | None]]) -> None:
        """The longest run without a personal contact, by its definition: every window is tried."""
        contacts = [met(where, hours, who) for where, hours, who in rows]
        expected: dict[str, int] = {}
        for who in {who for *_, who in rows if who is not None}:
            kinds = [
                PERSONAL[where]
                for where, _, _ in sorted((row for row in rows if row[2] == who), key=lambda row: row[1])
            ]
            known = [kind for kind in kinds if kind is not None]
            windows = [known[i:j] for i in range(len(known)) for j in range(i + 1, len(known) + 1)]
            expected[who] = max((len(window) for window in windows if not any(window)), default=0)
        assert communication.impersonal_streaks(contacts, PLACES) == expected

    @given(st.lists(interactions(), max_size=8))
    def test_first_contacts_are_the_earliest(self, contacts: list[Interaction]) -> None:
        """Each known customer has one, and none of theirs is earlier."""
        firsts = {one.customer_id: one for one in communication.first_contacts(contacts)}
        assert set(firsts) == {one.customer_id for one in contacts} - {None}
        assert all(firsts[one.customer_id].at <= one.at for one in contacts if one.customer_id is not None)


class TestMayContact:
    """The same kind of rule as for surveys: not too often, not too soon."""

    @given(
        st.lists(st.tuples(st.integers(-80, 0), st.sampled_from([*Purpose, None])), max_size=6),
        st.lists(contact_limits(within=st.sampled_from([HOUR, 24 * HOUR, 48 * HOUR])), max_size=3),
        st.sampled_from([*Purpose, None]),
    )
    def test_equals_a_search_hour_by_hour(
        self, rows: list[tuple[int, Purpose | None]], limits: list[ContactLimit], purpose: Purpose | None
    ) -> None:
        """It is allowed from the first hour at which every limit counts fewer than it allows."""
        history = [met(hours=hours, purpose=one) for hours, one in rows]

        def forbids(limit: ContactLimit, ahead: int) -> bool:
            if purpose is Purpose.SERVE or not (limit.purpose is None or purpose is None or limit.purpose == purpose):
                return False
            counted = [
                hours
                for hours, one in rows
                if one is not Purpose.SERVE
                and (limit.purpose is None or one is None or one == limit.purpose)
                and timedelta(hours=ahead - hours) < limit.within
            ]
            return len(counted) >= limit.at_most

        decision = communication.may_contact(history, customer_id="anna", as_of=DAY, limits=limits, purpose=purpose)
        ahead = next(hours for hours in range(100) if not any(forbids(limit, hours) for limit in limits))
        assert decision.allowed_from == DAY + ahead * HOUR
        assert decision.blocked_by == tuple(limit for limit in limits if forbids(limit, 0))

    def test_what_counts(self) -> None:
        """Not the customer's own calls, not other customers, not the future, and nothing that is exempt."""
        rest = [ContactLimit(within=48 * HOUR)]
        history = [
            met(initiative=Initiative.CUSTOMER),
            met(who="ben"),
            met(hours=1),
            met(purpose="reminder"),
        ]
        decisions = communication.may_contact_each(
            history, ["anna", "ben", "eva"], as_of=DAY, limits=rest, exempt=["reminder"]
        )
        assert [decision.allowed for decision in decisions.values()] == [True, False, True]
        assert not communication.may_contact(history, customer_id="anna", as_of=DAY, limits=rest).allowed

    @pytest.mark.parametrize(
        ("call", "error", "expected"),
        [
            (lambda: ContactLimit(within=timedelta(0)), InvalidValueError, "duration_not_positive: within"),
            (lambda: ContactLimit(within=HOUR, at_most=0), InvalidValueError, "too_small: at_most"),
            (
                lambda: ContactDecision(as_of=DAY, allowed_from=DAY - HOUR),
                InvalidValueError,
                "allowed_at_another_time: allowed_from",
            ),
            (
                lambda: communication.may_contact_each([], "anna", as_of=DAY, limits=[]),
                WrongTypeError,
                ": customer_ids",
            ),
        ],
    )
    def test_refuses(self, call: Any, error: type[Exception], expected: str) -> None:
        """A limit has a length, and a decision agrees with what forbids it."""
        with refused(error, expected):
            call()


class TestEffort:
    """For whom the company makes an effort."""

    def test_costs_by_kind(self) -> None:
        """A cost of an unknown kind is another cost, and compensation is in no share."""
        costs = [
            Cost(kind=kind, amount=Money(amount, "EUR"), at=DAY)
            for kind, amount in [
                (CostKind.ACQUISITION, 6),
                (CostKind.SERVICE, 1),
                (CostKind.RETENTION, 1),
                (CostKind.COMPENSATION, 5),
                (None, 2),
            ]
        ]
        spend = Spend.of(costs)
        assert spend.other == Money(2, "EUR")
        assert spend.total_spend == Money(15, "EUR")
        assert spend.acquisition_share == Decimal("0.75")
        assert Spend.total(Spend.by(costs, lambda cost: cost.kind).values()) == spend
        assert Spend.of([], currency="EUR").acquisition_share is None
        cents = [attrs.evolve(cost, amount=cost.amount / 100) for cost in costs]
        assert Spend.of(cents).acquisition_share == spend.acquisition_share

    def test_new_customers_have_not_bought_before(self) -> None:
        """Who only had a refund before is new too, and what is outside the period is left out."""
        march = Period.month(2026, 3)
        bought = [
            Purchase(customer_id=who, at=instant(at), amount=Money(amount, "EUR"))
            for who, at, amount in [
                ("old", "2026-02-28", 5),
                ("old", "2026-03-10", 60),
                ("new", "2026-03-01", 40),
                ("refunded", "2026-02-01", -5),
                ("refunded", "2026-03-31", 20),
                ("later", "2026-04-01", 99),
                ("first", "2026-03-03", 80),
            ]
        ]
        people = ("old", "new", "refunded", "asked", None)
        contacts = [met(who=who) for who in people] + [met(who="old", hours=24 * 40)]
        effort = Effort.of(contacts, bought, march)
        assert (effort.new_contacts, effort.existing_contacts, effort.unknown_contacts) == (3, 1, 1)
        assert effort.new_revenue == Money(140, "EUR")
        assert effort.existing_revenue == Money(60, "EUR")
        assert (effort.new_share_of_contacts, effort.new_share_of_revenue) == (Decimal("0.75"), Decimal("0.7"))

    def test_a_share_of_refunds_is_unknown(self) -> None:
        """A share of an amount below 0 would be no share."""
        euro = Money(1, "EUR")
        assert Effort(new_revenue=-euro, existing_revenue=euro * 5).new_share_of_revenue is None
        assert Effort(new_revenue=euro * 0, existing_revenue=euro * 0).new_share_of_revenue is None

    def test_refuses_two_currencies(self) -> None:
        """Currencies never mix."""
        euro, dollar = Money(1, "EUR"), Money(1, "USD")
        with pytest.raises(CurrencyMismatchError):
            Effort(new_revenue=euro, existing_revenue=dollar)
        with pytest.raises(CurrencyMismatchError):
            Spend.of([Cost(amount=euro, at=DAY), Cost(amount=dollar, at=DAY)])


class TestLint:
    """Each rule has one example that raises it and one that does not."""

    def test_mostly_selling(self) -> None:
        """At the limit is allowed; what customers began does not count."""
        sold, told = met(purpose=Purpose.SELL, who=None), met(purpose=Purpose.INFORM, who=None)
        asked = attrs.evolve(sold, initiative=Initiative.CUSTOMER)
        assert rules([sold, told, asked, met(who=None)]) == []
        assert rules([sold, sold, told]) == [("mostly_selling", "contacts")]
        assert rules([sold, told, told], most_selling="0.3") == [("mostly_selling", "contacts")]

    def test_channel_without_owner(self) -> None:
        """Somebody answers for each place where customers are met."""
        assert rules([met("phone"), met("mail"), met("mail")], owners={"phone": 7}) == [
            ("channel_without_owner", "mail")
        ]
        assert rules([met("phone")]) == []

    def test_one_sided_contact(self) -> None:
        """Both sides have a use of a contact, or it is not known."""
        fair = met(value_to_customer=1, value_to_company=1)
        assert rules([fair, met(value_to_company=5)]) == []
        assert rules([fair, met(value_to_customer=0, value_to_company=5)]) == [("one_sided_contact", "mail")]

    def test_sold_at_first_contact(self) -> None:
        """The first one only, and not if the customer came to buy."""
        sold, told = met(purpose=Purpose.SELL, hours=5), met(purpose=Purpose.INFORM)
        assert rules([sold, told]) == []
        assert rules([attrs.evolve(sold, initiative=Initiative.CUSTOMER)]) == []
        assert rules([sold, attrs.evolve(told, at=DAY + 9 * HOUR)]) == [("sold_at_first_contact", "anna")]

    def test_only_impersonal(self) -> None:
        """Up to the limit is allowed."""
        mails = [met(hours=hours) for hours in range(3)]
        assert rules(mails, touchpoints=PLACES, longest_streak=3) == []
        assert rules(mails, touchpoints=PLACES, longest_streak=2) == [("only_impersonal", "anna")]
        assert rules(mails, longest_streak=0) == []

    def test_news_by_mail_only(self) -> None:
        """One call is enough; a place that is unknown may be one."""
        news = [met(purpose=Purpose.INFORM, hours=hours) for hours in range(2)]
        assert rules(news, touchpoints=PLACES) == [("news_by_mail_only", "anna")]
        assert rules([*news, met("phone", purpose=Purpose.INFORM)], touchpoints=PLACES) == []
        assert rules([*news, met("fair", purpose=Purpose.INFORM)], touchpoints=PLACES) == []
        assert rules(news) == []

    @pytest.mark.parametrize(
        ("others", "error", "expected"),
        [
            ({"longest_streak": -1}, InvalidValueError, "too_small: longest_streak"),
            ({"most_selling": 2}, InvalidValueError, ": most_selling"),
            ({"touchpoints": "phone"}, WrongTypeError, ": touchpoints"),
        ],
    )
    def test_refuses(self, others: Any, error: type[Exception], expected: str) -> None:
        """Thresholds have a domain."""
        with refused(error, expected):
            communication.lint([], **others)


def test_moments_of_one_instant_keep_their_order() -> None:
    """Of two first contacts at one instant the one that is given first counts."""
    first, second = met("phone"), met("mail")
    assert communication.first_contacts([first, second]) == (first,)
    assert communication.first_contacts([second, first]) == (second,)
    assert isinstance(first.at, datetime)
