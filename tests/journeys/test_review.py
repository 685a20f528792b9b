from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from crmcore import (
    AbandonReason,
    Conformance,
    CrmcoreError,
    Finding,
    Id,
    InconsistentCountsError,
    Interaction,
    InvalidValueError,
    JourneyMap,
    JourneyStep,
    Money,
    Severity,
    TallyBy,
    WrongTypeError,
)
from crmcore.interop.hypothesis import conformances, monies, values_at_risk
from crmcore.journeys.journey_maps import Backtrack, OffMap, ValueAtRisk, compare, review, value_at_risk
from tests.support.logs import START, interactions, rows_of
from tests.support.refusals import refused
from tests.support.replay import replay

EURO = Money(1, "EUR")


def a_map(*names: str, optional: str = "", **values: Any) -> JourneyMap:
    """Build a map of steps, each with a phase and a touchpoint of its own name."""
    return JourneyMap(
        name="map",
        steps=[JourneyStep(name=name, phase=name, touchpoint_ids=[name], optional=name in optional) for name in names],
        **values,
    )


def found(journey_map: JourneyMap, *paths: str) -> list[tuple[str, str]]:
    """Return the rule and the subject of each finding."""
    return [(finding.rule, finding.subject) for finding in review(compare(journey_map, rows_of(*paths)))]


def only(journey_map: JourneyMap, rule: str, *paths: str) -> Finding:
    """Return the only finding of a rule."""
    (finding,) = [one for one in review(compare(journey_map, rows_of(*paths))) if one.rule == rule]
    return finding


class TestReview:
    def test_customers_leave(self) -> None:
        """`customers_leave` names the step at which journeys end without reaching the goal."""
        assert Finding(
            rule="customers_leave",
            severity=Severity.WARNING,
            subject="b",
            message="3 journeys came to this step, and 2 of them left here without reaching the goal",
            advice="ask these customers why",
            evidence=[("journeys", 4), ("came", 3), ("left", 2)],
        ) == only(a_map(*"abc"), "customers_leave", "abc", "ab", "ab", "xc")

    def test_a_single_customer_leaves(self) -> None:
        """A single journey is described in the singular."""
        finding = only(a_map(*"abc"), "customers_leave", "a")

        assert "1 journey came to this step and left here without reaching the goal" == finding.message

    def test_nobody_leaves_after_the_goal(self) -> None:
        """A journey that reached the goal does not leave, whatever follows on the map."""
        assert [] == found(a_map(*"abc", goal_step="b"), "ab", "abc")
        assert [("customers_leave", "a")] == found(a_map(*"abc", goal_step="b"), "a")

    def test_contact_abandoned(self) -> None:
        """`contact_abandoned` names the step at which visits were abandoned."""
        rows = [
            Interaction(customer_id=1, touchpoint_id="a", at=START, abandoned=AbandonReason.QUEUE),
            Interaction(customer_id=1, touchpoint_id="a", at=START),
        ]
        (finding,) = review(compare(a_map("a"), rows))

        assert ("contact_abandoned", "a", "1 of 2 visits were abandoned") == (
            finding.rule,
            finding.subject,
            finding.message,
        )
        assert (("journeys", 1), ("visits", 2), ("abandoned", 1)) == finding.evidence

    def test_step_skipped(self) -> None:
        """`step_skipped` names a step that is not optional and that journeys went past."""
        finding = only(a_map(*"abc"), "step_skipped", "ac", "abc", "ab")

        assert ("b", "1 journey skipped this step and completed a later one") == (finding.subject, finding.message)
        assert (("journeys", 3), ("came", 2), ("skipped", 1)) == finding.evidence
        assert [] == found(a_map(*"abc", optional="b"), "ac", "abc")

    def test_skipped_without_loss(self) -> None:
        """`skipped_without_loss` names a step without which journeys reach the goal at least as often."""
        finding = only(a_map(*"abcd"), "skipped_without_loss", "acd", "acd", "abcd", "abc")

        assert (Severity.INFO, "b", "100% of those that never came reached the goal, 50% of those that came") == (
            finding.severity,
            finding.subject,
            finding.message,
        )
        assert (
            ("journeys", 4),
            ("came", 2),
            ("reached", 1),
            ("without", 2),
            ("reached_without", 2),
        ) == finding.evidence

    def test_skipped_without_loss_where_both_do_as_well(self) -> None:
        """Reaching the goal equally often is enough for `skipped_without_loss`."""
        assert ("skipped_without_loss", "b") in found(a_map(*"abcd"), "acd", "abcd")

    def test_the_goal_itself_is_never_unnecessary(self) -> None:
        """The goal step never gets `skipped_without_loss`, even if no journey reaches it."""
        rows = [
            *interactions(rows_of("ac")),
            Interaction(customer_id=9, touchpoint_id="b", at=START, abandoned=AbandonReason.QUEUE),
        ]
        rules = [finding.rule for finding in review(compare(a_map(*"abc", goal_step="b"), rows))]

        assert "step_skipped" in rules
        assert "skipped_without_loss" not in rules

    def test_skipped_with_loss(self) -> None:
        """There is no `skipped_without_loss` with a loss, for an optional step, or after the goal."""
        silent = [
            (a_map(*"abc"), ("ac", "a", "abc")),
            (a_map(*"abc", optional="b"), ("ac", "abc")),
            (a_map(*"abc", goal_step="a"), ("ac", "abc")),
            (a_map(*"abc"), ("a", "abc")),
            (a_map(*"abc"), ("ac",)),
        ]

        for journey_map, paths in silent:
            assert "skipped_without_loss" not in [rule for rule, _ in found(journey_map, *paths)]

    def test_step_repeated(self) -> None:
        """`step_repeated` names the step to which journeys come again after completing it."""
        finding = only(a_map("a"), "step_repeated", "aaa", "aa", "a")

        assert ("a", "2 journeys came again after they had completed it") == (finding.subject, finding.message)
        assert (("journeys", 3), ("repeats", 3), ("repeated", 2)) == finding.evidence

    def test_out_of_order(self) -> None:
        """`out_of_order` names the step to which journeys come first after a later step."""
        finding = only(
            JourneyMap(name="m", steps=[JourneyStep(name=name, phase="p", touchpoint_ids=[name]) for name in "ab"]),
            "out_of_order",
            "ba",
            "ab",
        )

        assert ("a", "1 journey came to it only after a later step") == (finding.subject, finding.message)
        assert (("journeys", 2), ("out_of_order", 1)) == finding.evidence

    def test_turns_back(self) -> None:
        """`turns_back` names a backtrack that is not a loop of the map, with its cost."""
        finding = only(a_map(*"abc"), "turns_back", "abab", "aba", "abc")

        assert ("b -> a", "2 journeys turned back from b to a, 1 of 2 times for good") == (
            finding.subject,
            finding.message,
        )
        assert (("count", 2), ("journeys", 2), ("returned", 1), ("days", Decimal("0.125"))) == finding.evidence
        assert "turns_back" not in [rule for rule, _ in found(a_map(*"abc", loops=[("b", "a")]), "abab", "aba")]

    def test_off_map(self) -> None:
        """`off_map` names touchpoints that the map does not have, those of most journeys first."""
        findings = review(compare(a_map("a"), rows_of("yxa", "xxa", "zza", [1, "1", "a"])))

        assert [("x", 3), ("z", 2), ("1", 1), ("y", 1), ("1", 1)] == [
            (one.subject, dict(one.evidence)["visits"]) for one in findings
        ]
        assert "2 journeys came to a touchpoint that the map does not have" == findings[0].message

    def test_order(self) -> None:
        """What loses most journeys is first, then what concerns most; equals stand as the map has them."""
        assert [
            ("customers_leave", "a"),  # 3 lost
            ("turns_back", "b -> a"),  # 2 lost
            ("turns_back", "c -> b"),  # 1 of 2 lost
            ("turns_back", "c -> a"),  # 1 of 1 lost
            ("step_repeated", "a"),  # concerns 3
            ("step_repeated", "b"),  # concerns 2
            ("step_repeated", "c"),
            ("off_map", "x"),
        ] == found(a_map(*"abcd"), "abcba", "abca", "abax", "abcbcd")

    @given(conformances())
    def test_order_by_hand(self, held: Conformance) -> None:
        """Each finding loses at least as many journeys as the next, or as many and concerns at least as many."""

        def stake(finding: Finding) -> tuple[bool, int, int]:
            counts: Any = dict(finding.evidence)
            failed = {step.step: step.failed for step in held}
            lost = 0
            if finding.rule == "customers_leave":
                lost = counts["left"]
            elif finding.rule == "contact_abandoned":
                lost = failed[finding.subject]
            elif finding.rule == "turns_back":
                lost = counts["count"] - counts["returned"]
            concerns = {
                "customers_leave": "left",
                "contact_abandoned": "abandoned",
                "step_skipped": "skipped",
                "skipped_without_loss": "without",
                "step_repeated": "repeated",
                "out_of_order": "out_of_order",
                "turns_back": "journeys",
                "off_map": "journeys",
            }[finding.rule]
            return finding.severity is Severity.INFO, -lost, -counts[concerns]

        stakes = [stake(finding) for finding in review(held)]

        assert sorted(stakes) == stakes

    def test_no_word_stands_at_every_finding(self) -> None:
        """Five steps that are repeated do not say five times what came first."""
        held = compare(a_map(*"abcde"), rows_of("aabbccddee"))

        assert ["step_repeated"] * 5 == [finding.rule for finding in review(held)]
        assert not [finding for finding in review(held) if "first" in f"{finding.message} {finding.advice}"]

    def test_cautions_travel(self) -> None:
        """The cautions of a comparison belong to every value at risk."""
        held = compare(a_map(*"ab", "check out"), rows_of("a", ["a", "checkot"]))

        assert [
            ("b", "look whether the name is right"),
            ("check out", "perhaps 'checkot' is meant"),
        ] == [(caution.subject, caution.advice) for caution in held.cautions]
        assert {held.cautions} == {stake.cautions for stake in value_at_risk(held, worth=EURO)}

    def test_at_least(self) -> None:
        """A finding of a smaller share of all journeys is left out; one of exactly that share is kept."""
        held = compare(a_map(*"abc"), rows_of(*["abc"] * 6, "ab", "ab", "a", "abxc"))

        assert {"a", "b", "x"} == {finding.subject for finding in review(held)}
        assert {"b"} == {finding.subject for finding in review(held, at_least="0.2")}
        assert () == review(held, at_least=0.21)
        assert () == review(held, at_least=1)

    @pytest.mark.parametrize("share", [-0.1, 1.1, "x", None])
    def test_at_least_is_a_share(self, share: Any) -> None:
        """`at_least` must be from 0 to 1."""
        with pytest.raises(CrmcoreError, match="at_least must be"):
            review(Conformance(journey_map=a_map("a")), at_least=share)

    def test_nothing_counted_is_nothing_found(self) -> None:
        """Backtracks and off-map touchpoints with counts of 0 give no finding."""
        silent = Conformance(
            journey_map=a_map(*"ab"),
            backtracks=TallyBy({("b", "a"): Backtrack()}),
            off_map=TallyBy[Id, OffMap]([("x", OffMap())]),
        )

        assert () == review(silent)

    @given(conformances())
    def test_every_finding_has_evidence(self, held: Conformance) -> None:
        """Every finding has advice, evidence and a message."""
        for finding in review(held):
            assert finding.advice
            assert finding.evidence
            assert finding.message[0].isalnum()

    @pytest.mark.parametrize("value", [None, 5, [], a_map("a")])
    def test_takes_a_conformance(self, value: Any) -> None:
        """A value that is not a conformance is refused."""
        with refused(WrongTypeError, "wrong_type: conformance"):
            review(value)
        with refused(WrongTypeError, "wrong_type: conformance"):
            value_at_risk(value, worth=EURO)


class TestAtStake:
    def test_most_first(self) -> None:
        """The step that most journeys leave at is first, equals in map order; steps without a loss are left out."""
        held = compare(a_map(*"abcd"), rows_of("a", "ab", "ab", "abc", "abcd"))

        assert (
            ValueAtRisk(step="b", came=4, left=2, worth=EURO),
            ValueAtRisk(step="a", came=5, left=1, worth=EURO),
            ValueAtRisk(step="c", came=2, left=1, worth=EURO),
        ) == value_at_risk(held, worth=EURO)

    @given(conformances(), monies(low=0))
    def test_all_that_dropped_is_at_stake(self, held: Conformance, worth: Money) -> None:
        """The values at risk add up to all journeys that left, times the worth."""
        stakes = value_at_risk(held, worth=worth)

        assert held.dropped == sum(stake.left for stake in stakes)
        assert worth * held.dropped == Money.total([stake.value for stake in stakes], currency="EUR")
        assert sorted(stakes, key=lambda stake: -stake.left) == list(stakes)

    def test_nobody_left(self) -> None:
        """Without journeys that left there is no value at risk, and a wrong worth is still refused."""
        held = Conformance(journey_map=a_map("a"))

        assert () == value_at_risk(held, worth=EURO)
        with refused(WrongTypeError, "wrong_type: worth"):
            value_at_risk(held, worth=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of which currency?
        with pytest.raises(InvalidValueError, match="worth must be >= 0"):
            value_at_risk(held, worth=-EURO)

    def test_worth_nothing(self) -> None:
        """With a worth of 0 every value is 0, and the order is by the journeys that left."""
        held = compare(a_map(*"abc"), rows_of("a", "ab", "ab"))

        assert [("b", Money(0, "EUR")), ("a", Money(0, "EUR"))] == [
            (stake.step, stake.value) for stake in value_at_risk(held, worth=Money(0, "EUR"))
        ]


class TestValueAtRisk:
    @given(values_at_risk())
    def test_value_and_explanation(self, stake: ValueAtRisk) -> None:
        """The value is left times worth; every explanation replays, and the interval contains the drop-off."""
        replay(stake.explain())
        interval = stake.interval()

        assert stake.worth * stake.left == stake.value
        assert (interval is None) == (stake.drop_off is None) == (stake.came == 0)
        assert interval is None or stake.drop_off is None or stake.drop_off in interval

    def test_by_hand(self) -> None:
        """15 journeys that left, worth 200 EUR each, are a value at risk of 3000 EUR."""
        till = ValueAtRisk(step="pay", came=85, left=15, worth=Money(200, "EUR"))

        assert Money(3000, "EUR") == till.value
        assert "3000  EUR       = left * worth" in str(till.explain()).splitlines()[-1]

    @pytest.mark.parametrize(
        ("values", "error", "broken"),
        [
            ({"step": ""}, InvalidValueError, "empty_text: step"),
            ({"step": 5}, WrongTypeError, "not_a_text: step"),
            ({"came": -1}, InvalidValueError, "too_small: came"),
            ({"left": True}, WrongTypeError, "wrong_number_type: left"),
            ({"left": float("nan")}, WrongTypeError, "wrong_number_type: left"),
            ({"left": 2}, InconsistentCountsError, "more_left_than_came: left['pay']"),
            ({"worth": 5}, WrongTypeError, "wrong_type: worth"),
            ({"worth": -EURO}, InvalidValueError, ": worth"),
        ],
    )
    def test_refuses_nonsense(self, values: dict[str, Any], error: type[CrmcoreError], broken: str) -> None:
        """A wrong value is refused, and the error names it."""
        usual: dict[str, Any] = {"step": "pay", "came": 1, "left": 1, "worth": EURO}
        with refused(error, broken):
            ValueAtRisk(**{**usual, **values})
