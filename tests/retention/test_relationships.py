"""Tests of relationships as they are practised."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Actor,
    CaseState,
    ContactPerson,
    Customer,
    CustomerKind,
    Feedback,
    FeedbackKind,
    Finding,
    Interaction,
    LoyaltyLevel,
    MeasureKind,
    Money,
    Period,
    Persona,
    PracticeShare,
    Purchase,
    Purpose,
    Reading,
    Referrals,
    Relationship,
    RelationshipType,
    Scale,
    Segment,
    SubjectKind,
    Task,
    TaskKind,
    instant,
    relationships,
)
from crmcore.interop.hypothesis import customers as any_customers
from crmcore.primitives.errors import CurrencyMismatchError, InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.retention.relationships import TOOLS_BY_TYPE, RelationshipQuality
from tests.support.findings import write_finding
from tests.support.refusals import refused

DAY = instant("2026-03-02T09:00")
LATER = instant("2026-06-01")
MONTH = timedelta(days=30)
YEAR = Period.year(2026)
WE = Persona(name="We", origin="Riga", aims=["grow slowly"], interests=["books"], values=["honesty", "craft"])
SELF = Segment(name="tea", types=[RelationshipType.SELF_SERVICE], tools=["Website"], strategy="keep them")


def euro(amount: int | str) -> Money:
    """Return an amount in euro."""
    return Money(amount, "EUR")


def list_rules(findings: tuple[Finding, ...]) -> list[str]:
    """Return the rule of each finding."""
    return [finding.rule for finding in findings]


def segment(**fields: Any) -> Segment:
    """Return a segment that is well defined, apart from some fields."""
    usual: dict[str, Any] = {"name": "tea", "types": ["self_service"], "strategy": "keep them"}
    return Segment(**{**usual, **fields})


def vera(**fields: Any) -> Persona:
    """Return the persona of the segment."""
    usual: dict[str, Any] = {"name": "Vera", "segment": "tea", "values": ["honesty", "speed"]}
    return Persona(**{**usual, **fields})


DECIDED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("relationship_undefined", {"segments": [segment(types=[])]}, {}),
    ("relationship_undefined", {"segments": [segment(strategy="")]}, {}),
    ("tool_serves_no_type", {"segments": [segment(tools=["forum"])]}, {"segments": [segment(tools=["Web Site"])]}),
    ("tool_unknown", {"segments": [segment(tools=["drum"])]}, {"segments": [segment(tools=[" WEBSITE "])]}),
    ("segment_without_persona", {"personas": []}, {"personas": [vera()]}),
    ("persona_of_unknown_segment", {"personas": [vera(), vera(segment="coffee")]}, {"personas": [vera(), vera()]}),
    ("portrait_incomplete", {"company": Persona(name="We", values=["honesty"])}, {"company": WE}),
    (
        "value_without_channel",
        {"company": WE, "broadcasts": {"honesty": ["blog"], "craft": []}},
        {"company": WE, "broadcasts": {"Honesty": ["blog"], "craft": ["shop"]}},
    ),
    (
        "broadcast_of_unknown_value",
        {"company": WE, "broadcasts": {"honesty": ["blog"], "craft": ["shop"], "speed": ["blog"]}},
        {"company": WE},
    ),
    (
        "few_shared_values",
        {"company": WE, "personas": [vera()], "least_overlap": "0.34"},
        {"company": WE, "personas": [vera(values=["honesty", "craft"])], "least_overlap": 1},
    ),
    ("trial_below_its_price", {"trials": {"cup": (euro(4), euro(5))}}, {"trials": {"cup": (euro(5), euro(5))}}),
]


class TestLint:
    """`lint` checks what the company has decided."""

    @pytest.mark.parametrize(("rule", "bad", "good"), DECIDED)
    def test_each_rule_is_raised_and_is_not(self, rule: str, bad: dict[str, Any], good: dict[str, Any]) -> None:
        """One example raises the rule alone, and another one raises nothing."""
        tools = {**TOOLS_BY_TYPE, "self_service": ["website", "web site"]}
        found, calm = (
            relationships.lint(given.get("segments", [SELF]), **_without_segments(given), tools_by_type=tools)
            for given in (bad, good)
        )
        assert (list_rules(found), list_rules(calm)) == ([rule], [])
        names = [name for name, _ in found[0].evidence]
        assert names[:2] == ["concept", "source"]

    def test_a_tie_is_no_finding(self) -> None:
        """A third of the values is not below a third that is given exactly, and a threshold above it is not met."""
        twins = [vera(values=["honesty", "speed"])]
        assert relationships.value_overlap(WE, twins[0]) == Decimal("0." + 34 * "3")
        assert relationships.lint([SELF], company=WE, personas=twins, least_overlap="0.3333333333333333333333") == ()
        half = [vera(values=["honesty"])]
        assert relationships.lint([SELF], company=WE, personas=half, least_overlap="0.5") == ()

    def test_a_portrait_without_values_has_no_overlap(self) -> None:
        """It is unknown what is shared, so there is no finding."""
        blank = vera(values=[])
        assert relationships.value_overlap(WE, blank) is None
        assert relationships.lint([SELF], company=WE, personas=[blank], least_overlap=1) == ()
        assert relationships.lint([SELF], company=WE, least_overlap=1) == ()

    def test_refusals(self) -> None:
        """Two segments of one name, a price below zero and two currencies are refused."""
        with refused(InvalidValueError, "not_unique: segments[1]"):
            relationships.lint([SELF, SELF])
        with refused(InvalidValueError, "too_small: trials"):
            relationships.lint([], trials={"cup": (euro(1), euro(-1))})
        with refused(CurrencyMismatchError, "two_currencies: trials"):
            relationships.lint([], trials={"cup": (euro(1), Money(1, "USD"))})

    def test_the_catalogue_has_every_type(self) -> None:
        """Each type has tools that serve it."""
        assert list(TOOLS_BY_TYPE) == list(RelationshipType)
        assert all(TOOLS_BY_TYPE.values())


def _without_segments(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name != "segments"}


def account(number: int, **fields: Any) -> Customer:
    """Return an organisation with so many people to talk to."""
    people = [ContactPerson(name=f"person {place}") for place in range(number)]
    return Customer(id="acme", kind=CustomerKind.ORGANIZATION, contacts=people, **fields)


def customer(own: object = "anna", **fields: Any) -> Customer:
    """Return a customer."""
    return Customer(id=own, **fields)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - any id


def tie(*types: str, own: str = "anna", managers: tuple[str | None, ...] = (), **fields: Any) -> Relationship:
    """Return a relationship whose managers change at the turn of each year since 2025 and each month after."""
    relationship = Relationship(customer_id=own, types=types, **fields)
    starts = [instant("2025-01-01"), *(instant(f"2026-{month:02}-01") for month in range(2, 9))]
    for manager, at in zip(managers, starts, strict=False):
        relationship = relationship.assign(manager, at=at)
    return relationship


def task(kind: TaskKind = TaskKind.OFFER, who: str | None = "anna", done: Any = DAY, **fields: Any) -> Task:
    """Return a task that is done."""
    return Task(kind=kind, due=LATER, customer_id=who, done_at=done, **fields)


def reading(kind: MeasureKind = MeasureKind.TRUST, value: Any = 5, at: Any = DAY, **fields: Any) -> Reading:
    """Return what the customer thinks of the relationship."""
    usual: dict[str, Any] = {"subject_kind": SubjectKind.CUSTOMER, "subject_id": "anna", "scale": Scale.RATING_0_10}
    usual |= {"kind": kind, "value": value, "at": at}
    return Reading(**{**usual, **fields})


def idea(who: str = "anna", acted: Any = None, at: Any = DAY, **fields: Any) -> Feedback:
    """Return an idea of a customer."""
    return Feedback(kind=FeedbackKind.IDEA, received_at=at, customer_id=who, acted_on_at=acted, **fields)


def news(by: str | None, **fields: Any) -> Interaction:
    """Return a contact to inform the customer."""
    usual: dict[str, Any] = {"touchpoint_id": "phone", "at": DAY, "customer_id": "anna", "purpose": Purpose.INFORM}
    usual["employee_id"] = by
    return Interaction(**{**usual, **fields})


VIP = Segment(name="VIP", types=[RelationshipType.DEDICATED_PERSONAL_ASSISTANCE])
ANNA = [customer(manager_id="eva")]
MEMBER = [customer(segments=["committee"])]
REFERRED = [customer(), customer("ben", referred_by_id="anna")]
PRACTISED: list[tuple[str, list[Customer], dict[str, Any], list[Customer], dict[str, Any]]] = [
    ("single_threaded_account", [account(1)], {}, [account(2), customer()], {}),
    ("single_threaded_account", [account(0)], {}, [account(1)], {"least_contacts": 1}),
    (
        "customer_without_manager",
        [customer(segments=["VIP"])],
        {"segments": [VIP]},
        [customer(segments=["VIP"], manager_id="eva")],
        {"segments": [VIP]},
    ),
    (
        "customer_without_manager",
        [customer()],
        {"relationships": [tie("dedicated_personal_assistance")]},
        [customer(segments=["VIP"])],
        {"segments": [VIP], "relationships": [tie("self_service")]},
    ),
    (
        "managers_disagree",
        ANNA,
        {"relationships": [tie(manager_id="olga")]},
        ANNA,
        {"relationships": [tie(manager_id="eva")]},
    ),
    (
        "managers_change_often",
        [],
        {"relationships": [tie(managers=("eva", "olga"))], "period": YEAR},
        [],
        {"relationships": [tie(managers=("eva", "olga"))], "period": YEAR, "most_managers": 2},
    ),
    (
        "news_not_from_manager",
        ANNA,
        {"interactions": [news("olga"), news("olga")]},
        [*ANNA, customer("ben")],
        {"interactions": [news("eva"), news(None), news("x", purpose=Purpose.SELL), news("x", customer_id="ben")]},
    ),
    (
        "profile_missing",
        [customer()],
        {"relationships": [tie("automated_services")]},
        [customer(interests=["tea"])],
        {"relationships": [tie("automated_services")]},
    ),
    (
        "offer_not_personal",
        [customer(interests=["tea"])],
        {"tasks": [task(relates_to="coffee", id=1)]},
        [customer(interests=["tea"])],
        {"tasks": [task(relates_to=" TEA"), task(who=None), task(TaskKind.CALL), task(done=None), task(who="zoe")]},
    ),
    ("offer_not_personal", [customer(interests=["tea"])], {"tasks": [task()]}, [customer()], {"tasks": []}),
    (
        "ambassador_without_reward",
        REFERRED,
        {"tasks": [task(TaskKind.GIFT, done=None)]},
        REFERRED,
        {"tasks": [task(TaskKind.GIFT)]},
    ),
    (
        "ambassador_without_reward",
        [*REFERRED, customer("cleo", referred_by_id="anna")],
        {"tasks": [task(TaskKind.GIFT, done=instant("2027-01-01"))]},
        REFERRED,
        {},
    ),
    ("referrer_unknown", [customer(referred_by_id="zoe")], {}, [customer()], {}),
    (
        "stakes_exceed_company",
        [],
        {"relationships": [tie(stake="0.6"), tie(own="ben", stake="0.41")]},
        [],
        {"relationships": [tie(stake="0.6"), tie(own="ben", stake="0.4")]},
    ),
    (
        "co_owner_without_co_creation",
        [],
        {"relationships": [tie("self_service", stake="0.1")]},
        [],
        {"relationships": [tie("co_creation", "self_service", stake="0.1"), tie("self_service", stake=0)]},
    ),
    ("committee_without_members", [customer()], {"committee": "committee"}, [customer()], {}),
    (
        "committee_without_decisions",
        MEMBER,
        {"committee": "committee", "feedback": [idea(), idea("zoe", acted=DAY), idea(acted=instant("2027-01-01"))]},
        MEMBER,
        {"committee": "committee", "feedback": [idea(acted=DAY)]},
    ),
    (
        "relationship_weak",
        [customer()],
        {"readings": [reading(), reading(MeasureKind.PLEASURE, 9)], "least_quality": "0.51"},
        [customer()],
        {"readings": [reading()], "least_quality": "0.5"},
    ),
    (
        "segment_without_customers",
        [customer(segments=["tea"])],
        {"segments": [SELF, VIP]},
        [customer(segments=["tea"])],
        {"segments": [SELF]},
    ),
    (
        "customers_without_segment",
        [customer(segments=["tea"]), customer("ben"), customer("cleo", segments=["coffee"])],
        {"segments": [SELF]},
        [customer(segments=["coffee"])],
        {},
    ),
]


FOUND: Final = Path(__file__).with_name("relationships.txt")


def write_found() -> str:
    """Write the findings of each bad example."""
    tools = {**TOOLS_BY_TYPE, "self_service": ["website", "web site"]}
    found = [
        relationships.lint(given.get("segments", [SELF]), **_without_segments(given), tools_by_type=tools)
        for _, given, _ in DECIDED
    ]
    found += [relationships.review(bad, as_of=LATER, **given) for _, bad, given, _, _ in PRACTISED]
    return "".join(f"{write_finding(finding)}\n" for findings in found for finding in findings)


def test_findings_are_as_written_down() -> None:
    """No subject, message, advice or evidence of a finding changes unseen.

    Where the change is meant, ``python -m tests.retention.test_relationships`` writes the new ones down.
    """
    assert FOUND.read_text(encoding="utf-8") == write_found()


class TestReview:
    """`review` checks what is practised."""

    @pytest.mark.parametrize(("rule", "bad", "given", "good", "other"), PRACTISED)
    def test_each_rule_is_raised_and_is_not(
        self, rule: str, bad: list[Customer], given: dict[str, Any], good: list[Customer], other: dict[str, Any]
    ) -> None:
        """One example raises the rule alone, and another one raises nothing."""
        found = relationships.review(bad, as_of=LATER, **given)
        assert list_rules(found) == [rule]
        assert list_rules(relationships.review(good, as_of=LATER, **other)) == []
        assert [name for name, _ in found[0].evidence][:2] == ["concept", "source"]

    def test_what_comes_later_has_not_happened(self) -> None:
        """Contacts and feedback after the reference date are left out."""
        early = instant("2026-01-01")
        found = relationships.review(
            [customer(manager_id="eva", segments=["committee"])],
            as_of=early,
            interactions=[news("olga")],
            committee="committee",
            feedback=[idea(acted=DAY)],
        )
        assert [(one.rule, dict(one.evidence).get("feedback")) for one in found] == [("committee_without_decisions", 0)]

    def test_refusals(self) -> None:
        """Thresholds have bounds."""
        with refused(InvalidValueError, "too_small: least_contacts"):
            relationships.review([], as_of=DAY, least_contacts=0)
        with refused(InvalidValueError, "too_small: most_managers"):
            relationships.review([], as_of=DAY, most_managers=0)


class TestPracticeShare:
    """`PracticeShare` counts by a test, and knows what it does not know."""

    @given(st.lists(st.sampled_from([True, False, None]), max_size=30), st.integers(0, 30))
    def test_adds(self, outcomes: list[bool | None], cut: int) -> None:
        """Two parts give the whole."""
        people = [customer(number) for number in range(len(outcomes))]
        whole, *parts = (
            PracticeShare.of(some, lambda one: outcomes[int(str(one.id))])
            for some in (people, people[:cut], people[cut:])
        )
        assert whole == PracticeShare.total(parts)
        assert (whole.practised, whole.missed, whole.unknown) == tuple(map(outcomes.count, (True, False, None)))

    def test_a_record_counts_once(self) -> None:
        """A customer that is given twice counts once; records without an id count each."""
        assert PracticeShare.of([customer(), customer()], lambda _: True).practised == 1
        assert PracticeShare.of([Persona(name="Vera"), Persona(name="Vera")], lambda _: True).practised == 2
        assert PracticeShare.by([customer(), customer()], lambda one: one.id, lambda _: None)["anna"].unknown == 1

    def test_interval(self) -> None:
        """The interval is that of the known cases."""
        assert PracticeShare(unknown=3).interval() is None
        found = PracticeShare(practised=5, missed=5).interval()
        assert found is not None
        assert 0.5 in found

    def test_explain(self) -> None:
        """The explanation ends with the rate, or without one."""
        assert [line.value for line in PracticeShare(practised=1, missed=3).explain().terms][-2:] == [
            4,
            Decimal("0.25"),
        ]
        assert PracticeShare(unknown=1).explain().terms[-1].value is None

    def test_refusals(self) -> None:
        """A test that returns anything else is refused."""
        with refused(WrongTypeError, "not_an_outcome: test"):
            PracticeShare.of([customer()], lambda _: 1)  # type: ignore[arg-type, return-value]  # pyright: ignore - 1


class TestPeerSolved:
    """`peer_solved` finds who solved a question."""

    @pytest.mark.parametrize(
        ("history", "expected"),
        [
            ([(CaseState.RESOLVED, Actor.PEER)], (1, 0, 0)),
            ([(CaseState.RESOLVED, Actor.BOT)], (0, 1, 0)),
            ([(CaseState.MESSAGE, Actor.EMPLOYEE), (CaseState.RESOLVED, Actor.CUSTOMER)], (0, 1, 0)),
            (
                [
                    (CaseState.MESSAGE, Actor.EMPLOYEE),
                    (CaseState.MESSAGE, Actor.PEER),
                    (CaseState.MESSAGE, Actor.CUSTOMER),
                    (CaseState.RESOLVED, Actor.SYSTEM),
                    (CaseState.CLOSED, Actor.EMPLOYEE),
                ],
                (1, 0, 0),
            ),
            ([(CaseState.RESOLVED, None)], (0, 0, 1)),
            ([(CaseState.RESOLVED, Actor.PEER), (CaseState.OPEN, Actor.CUSTOMER)], (0, 0, 0)),
            ([(CaseState.CLOSED, Actor.EMPLOYEE)], (0, 0, 1)),
            ([], (0, 0, 0)),
        ],
    )
    def test_solver(self, history: list[tuple[CaseState, Actor | None]], expected: tuple[int, int, int]) -> None:
        """The solver resolved it, or wrote last before the customer resolved it."""
        case = Feedback(kind=FeedbackKind.QUESTION, received_at=DAY)
        for place, (state, by) in enumerate(history):
            case = case.entered(state, DAY + timedelta(hours=place), by=by)
        found = relationships.peer_solved([case])
        assert (found.practised, found.missed, found.unknown) == expected

    def test_without_a_history(self) -> None:
        """It is unknown who solved what has only an instant."""
        solved = Feedback(kind=FeedbackKind.QUESTION, received_at=DAY, resolved_at=DAY)
        assert relationships.peer_solved([solved]) == PracticeShare(unknown=1)


class TestFollowed:
    """`engaged` and `offers_taken` look for what follows."""

    def test_bounds(self) -> None:
        """The same instant does not follow, the end of the window is outside, and an open window is unknown."""
        bought = [Purchase(customer_id="anna", at=DAY, amount=euro(1))]

        def look(after: timedelta, as_of: timedelta = 2 * MONTH) -> PracticeShare:
            return relationships.engaged(bought, [news(None, at=DAY + after)], within=MONTH, as_of=DAY + as_of)

        yes, no, unknown = PracticeShare(practised=1), PracticeShare(missed=1), PracticeShare(unknown=1)
        instant_before_end = MONTH - timedelta(microseconds=1)
        assert [look(0 * MONTH), look(instant_before_end), look(MONTH)] == [no, yes, no]
        assert [look(MONTH, MONTH), look(MONTH, instant_before_end)] == [no, unknown]
        assert look(MONTH / 2, MONTH / 3) == unknown
        assert look(MONTH, -MONTH) == PracticeShare()

    def test_refunds_and_strangers(self) -> None:
        """A refund does not count, and an offer to an unknown customer is unknown."""
        refund = Purchase(customer_id="anna", at=DAY, amount=euro(-1))
        later = Purchase(customer_id="anna", at=DAY + timedelta(days=1), amount=euro(-1))
        assert relationships.engaged([refund], [], within=MONTH, as_of=LATER) == PracticeShare()
        offers = [task(), task(who=None), task(done=None), task(TaskKind.CALL)]
        found = relationships.offers_taken(offers, [later], within=MONTH, as_of=LATER)
        assert found == PracticeShare(missed=1, unknown=1)

    def test_refusals(self) -> None:
        """A window has a length."""
        with refused(InvalidValueError, "duration_not_positive: within"):
            relationships.engaged([], [], within=timedelta(), as_of=DAY)


class TestAnticipated:
    """`anticipated` compares the task with the first question."""

    def test_counts(self) -> None:
        """A question at the same instant came first; other customers and other categories do not matter."""
        asked = [idea(category="Export "), idea("ben", category="export"), idea(category="tax")]
        early, late = DAY - timedelta(days=1), DAY + timedelta(days=1)

        def look(done: Any, **fields: Any) -> PracticeShare:
            return relationships.anticipated([task(done=done, relates_to="export", **fields)], asked)

        assert look(early) == look(early, who="cleo") == look(late, who="cleo") == PracticeShare(practised=1)
        assert look(DAY) == look(late) == PracticeShare(missed=1)
        assert look(late, who=None) == PracticeShare(unknown=1)
        assert look(None) == look(DAY, kind=TaskKind.CALL) == PracticeShare()
        assert relationships.anticipated([task()], asked) == PracticeShare(unknown=1)


class TestManagers:
    """Managers change, and the history says when."""

    @pytest.mark.parametrize(
        ("managers", "expected"),
        [
            (("eva",), (1, 0, 0)),
            (("eva", "eva"), (1, 0, 0)),
            (("eva", None), (0, 1, 0)),
            ((None,), (0, 1, 0)),
            (("eva", "olga", "eva"), (0, 1, 0)),
            ((), (0, 0, 1)),
        ],
    )
    def test_continuity(self, managers: tuple[str | None, ...], expected: tuple[int, int, int]) -> None:
        """One manager all through is continuous, also if they are entered twice."""
        found = relationships.continuity([tie(managers=managers)], YEAR)
        assert (found.practised, found.missed, found.unknown) == expected

    def test_periods_are_half_open(self) -> None:
        """A change at the start is before the period, and one at the end after it; later relationships are left out."""
        changed = tie(managers=("eva", "olga"))
        at = changed.managers[1][1]
        assert relationships.continuity([changed], Period(at, LATER)).practised == 1
        assert relationships.continuity([changed], Period(instant("2025-06-01"), at)).practised == 1
        assert relationships.continuity([changed], Period.year(2024)) == PracticeShare()
        assert relationships.continuity([changed], Period.year(2025)).practised == 1

    def test_tenures(self) -> None:
        """The tenure is that of the current manager as of a date, the longest of several; some have none."""
        ties = [
            tie(managers=("eva", "eva", "olga")),
            tie(own="ben", managers=("eva", None)),
            tie(own="cleo", managers=("eva",)),
            tie(own="cleo", managers=("eva", "olga")),
            tie(own="dan"),
        ]
        found = relationships.manager_tenures(ties, as_of=LATER)
        expected = [
            ("cleo", LATER - instant("2025-01-01")),
            ("anna", LATER - instant("2026-03-01")),
        ]
        assert list(found.items()) == expected
        early = instant("2025-01-11")
        assert relationships.manager_tenures(ties[:1], as_of=early) == {"anna": timedelta(days=10)}

    def test_refusals(self) -> None:
        """The managers are in order of time, and the last one is the manager."""
        with refused(InvalidValueError, "not_in_order_of_time: managers[1]"):
            tie().assign("eva", at=DAY).assign("olga", at=instant("2020-01-01"))
        with refused(InvalidValueError, "not_the_last_manager: manager_id"):
            Relationship(customer_id=7, managers=[("eva", DAY)], manager_id="olga")


class TestQuality:
    """`quality` takes the latest reading of each measure."""

    def test_latest_of_each_measure(self) -> None:
        """Later readings replace earlier ones, of equals the last; others are left out."""
        found = relationships.quality(
            [
                reading(value=9, at=LATER),
                reading(value=2),
                reading(value=8, at=LATER),
                reading(value=0, at=instant("2027-01-01")),
                reading(MeasureKind.LOYALTY, None, level=LoyaltyLevel.LOYAL, scale=None),
                reading(MeasureKind.HONESTY, 1, scale=Scale.EFFORT_1_5, subject_kind=SubjectKind.CUSTOMER),
                reading(subject_kind=SubjectKind.COMPANY, subject_id=None, customer_id="ben", value=10),
                reading(subject_kind=SubjectKind.PRODUCT, subject_id="tea", customer_id="cleo"),
                reading(subject_id=None),
            ],
            as_of=LATER,
        )
        assert found == {
            "anna": RelationshipQuality(trust="0.8", honesty=1),
            "ben": RelationshipQuality(trust=1),
        }

    def test_unknown(self) -> None:
        """Without all measures there is no score, and without any no weakest."""
        assert (RelationshipQuality().score, RelationshipQuality().weakest) == (None, None)
        tied = RelationshipQuality(trust="0.5", honesty="0.5", shared_values=1, pleasure=1)
        assert (tied.score, tied.weakest) == (Decimal("0.75"), "trust")
        assert tied.explain().terms[-1].value == Decimal("0.75")
        assert [line.name for line in RelationshipQuality(honesty=1).explain().terms] == ["honesty"]

    @pytest.mark.parametrize("scale", [None, Scale.YES_NO])
    def test_refusals(self, scale: Scale | None) -> None:
        """A number without a better end says nothing."""
        with refused(InvalidValueError, "scale_without_a_better_end: readings[1]"):
            relationships.quality([reading(value=1, scale=scale, id=1)], as_of=LATER)


class TestReferrals:
    """`Referrals` add up, and know whose value is unknown."""

    @given(st.lists(any_customers(), max_size=8, unique_by=lambda one: one.id), st.integers(0, 8))
    def test_adds(self, people: list[Customer], cut: int) -> None:
        """Two parts give the whole, and so do the groups of a key."""
        worth = {one.id: euro(place) for place, one in enumerate(people) if place % 3}

        def count(some: list[Customer]) -> Referrals:
            return Referrals.of(some, worth, rewards=worth, currency="EUR")

        whole = count(people)
        assert whole == Referrals.total([count(people[:cut]), count(people[cut:])])
        groups = Referrals.by(people, worth, lambda one: one.referred_by_id, rewards=worth, currency="EUR")
        assert not people or Referrals.total(groups.values()) == whole
        assert whole.net_value == euro(0)

    def test_unknown(self) -> None:
        """An unknown value is not zero."""
        found = Referrals.of([customer(referred_by_id="ben")], {}, currency="EUR")
        assert found.of_unknown_value == 1
        assert found.referred_share == Decimal(1)
        assert found.value_per_referral is None
        assert "value_per_referral" not in str(found.explain())
        assert Referrals(value=euro(0), rewards=euro(0)).referred_share is None

    def test_refusals(self) -> None:
        """Counts fit, amounts are in one currency, and a currency is known."""
        with refused(InconsistentCountsError, "more_referred_than_customers: of_unknown_value"):
            Referrals(customers=1, referred=1, of_unknown_value=2, value=euro(0), rewards=euro(0))
        with refused(CurrencyMismatchError, "two_currencies: rewards"):
            Referrals(value=euro(0), rewards=Money(0, "USD"))
        with refused(InvalidValueError, "referred_by_themselves: referred_by_id"):
            customer(referred_by_id="anna")


if __name__ == "__main__":
    FOUND.write_text(write_found(), encoding="utf-8", newline="\n")
